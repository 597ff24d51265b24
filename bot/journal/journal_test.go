package journal_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
	"summitbot/knowledge/sqlite"
)

// noon is when the tests' clocks begin.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// A clock goes on by a second each time that it is read.
type clock struct{ ticks atomic.Int64 }

func (c *clock) now() time.Time {
	return noon.Add(time.Duration(c.ticks.Add(1)-1) * time.Second)
}

// at sets the clock.
func (c *clock) at(t time.Time) { c.ticks.Store(int64(t.Sub(noon) / time.Second)) }

// file returns a path where no file is yet.
func file(tb testing.TB) string { return filepath.Join(tb.TempDir(), "base.db") }

// database opens the file at path ("" is in memory) as the program does.
func database(tb testing.TB, path string) *sqlite.Store {
	tb.Helper()
	store, err := sqlite.Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	return store
}

// start starts to use the journal in db.
func start(tb testing.TB, db *sql.DB, now func() time.Time) *journal.Journal {
	tb.Helper()
	j, err := journal.New(tb.Context(), db, now)
	if err != nil {
		tb.Fatal(err)
	}
	return j
}

// open returns a journal in memory, and its clock.
func open(tb testing.TB) (*journal.Journal, *clock) {
	tb.Helper()
	c := &clock{}
	return start(tb, database(tb, "").DB(), c.now), c
}

func message(key string) bot.Message {
	return bot.Message{
		Key: key, Surface: "slack", Conversation: "T1:C1:17", Channel: "C1", User: "U1", Text: "Who, " + key + "?",
		Collections: []string{"handbook", "news"}, Language: "fi", Trace: true, Received: noon.Add(-time.Second),
	}
}

// reply returns an answer with all its fields set.
func reply(id string) answer.Answer {
	return answer.Answer{
		Version: answer.Version, ID: id, Question: "Who?", Language: "en", Created: noon, Outcome: answer.Answered, Method: answer.LLM,
		Fallback: true, Error: "the model was slow",
		Claims: []answer.Claim{
			{Text: "One " + id + ".", Check: answer.Full, Judged: true, Citations: []answer.Citation{
				{Address: "alaska-summit#8", Revision: "r1", Quote: "«One» & <two> \u2028", Heading: "H", Title: "T", URL: "https://example.org", Collection: "news", Start: 5, End: 40},
				{Address: "odd#name#11", Revision: "r2", Quote: "Two.", Start: 0, End: 4},
			}},
			{Text: "Three.", Check: answer.Derived, Citations: []answer.Citation{{Address: "alaska-summit#9", Revision: "r1", Quote: "Three.", Start: 1, End: 7}}},
		},
		Nearest:      []answer.Nearest{{Address: "alaska-summit#1", Heading: "H", Title: "T", Text: "Near."}},
		UnknownWords: []string{"Anchorage"}, Confidence: 0.1 + 0.2,
		Account: answer.Account{
			Searched: "who is it", Candidates: 18, Sent: 18, Claims: 3, Shown: 2, Repaired: 1,
			Dropped:  []answer.Drop{{Text: "Four.", Reason: "number", Detail: "4"}},
			Endpoint: "default", Model: "m", Finish: answer.FinishStop, Calls: 2, Attempts: 3, PromptTokens: 700, CompletionTokens: 50,
			FirstClaimMillis: 1.5, Millis: 2.25,
		},
		Trace: &answer.Trace{
			Calls:  []answer.Call{{Purpose: "answer", System: "s", User: "u", Output: "{}", Millis: 1}},
			Checks: []answer.ClaimCheck{{Claim: "One.", Refs: []string{"8.1"}, Verdict: "shown", Micros: 3}},
		},
	}
}

// begin begins a message, which must be fresh.
func begin(tb testing.TB, j *journal.Journal, m bot.Message) {
	tb.Helper()
	fresh, err := j.Begin(tb.Context(), m)
	if err != nil || !fresh {
		tb.Errorf("begin %q: fresh = %v, error %v", m.Key, fresh, err)
	}
}

// finish begins and finishes a message.
func finish(tb testing.TB, j *journal.Journal, m bot.Message, history []answer.Turn, a answer.Answer) {
	tb.Helper()
	begin(tb, j, m)
	if err := j.Finish(tb.Context(), m.Key, m.Surface+":"+m.User, history, a); err != nil {
		tb.Fatal(err)
	}
}

func fail(tb testing.TB, j *journal.Journal, key, asker string, tokens int) {
	tb.Helper()
	if err := j.Fail(tb.Context(), key, asker, "it broke", tokens); err != nil {
		tb.Error(err)
	}
}

// told ends a message to the last: nobody waits for it.
func told(tb testing.TB, j *journal.Journal, key string) {
	tb.Helper()
	if err := j.Told(tb.Context(), key); err != nil {
		tb.Error(err)
	}
}

func unfinished(tb testing.TB, j *journal.Journal, surface string) []bot.Unfinished {
	tb.Helper()
	list, err := j.Unfinished(tb.Context(), surface)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func TestEverythingSurvivesARestart(t *testing.T) {
	path, c, ctx := file(t), &clock{}, t.Context()
	store := database(t, path)
	j := start(t, store.DB(), c.now)
	history := []answer.Turn{{Question: "Before?", Answer: "Before."}, {Question: "Refused?"}}
	finish(t, j, message("finished"), history, reply("a-1"))
	begin(t, j, message("begun"))
	begin(t, j, message("failed"))
	fail(t, j, "failed", "slack:U1", 7)
	told(t, j, "finished")
	told(t, j, "failed")
	said := bot.Feedback{Answer: "a-1", Surface: "slack", User: "U2", Verdict: bot.Bad, Reason: "wrong source", Text: "It's ¶9.", Time: noon}
	if err := j.Rate(ctx, said); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	j = start(t, database(t, path).DB(), c.now)
	a, err := j.Answer(ctx, "a-1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(reply("a-1"), a); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	m, turns, err := j.Message(ctx, "a-1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(message("finished"), m); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(history, turns); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	feedback, err := j.Feedback(ctx, "a-1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bot.Feedback{said}, feedback); diff != "" {
		t.Errorf("feedback (-want +got):\n%s", diff)
	}
	total, own, err := j.Spent(ctx, noon, "slack:U1")
	if err != nil || total != 757 || own != 757 {
		t.Errorf("spent %d and %d, error %v; want 757", total, own, err)
	}
	if diff := cmp.Diff([]bot.Unfinished{{Message: message("begun")}}, unfinished(t, j, "")); diff != "" {
		t.Errorf("unfinished (-want +got):\n%s", diff)
	}
	for _, key := range []string{"finished", "begun", "failed"} {
		if fresh, err := j.Begin(ctx, message(key)); fresh || err != nil {
			t.Errorf("%s: fresh = %v, error %v", key, fresh, err)
		}
	}
}

func TestOfManyWhoBeginAMessageOneSucceeds(t *testing.T) {
	path := file(t)
	for _, path := range []string{path, ""} {
		t.Run("path "+path, func(t *testing.T) {
			one := database(t, path)
			journals := []*journal.Journal{start(t, one.DB(), time.Now), start(t, one.DB(), time.Now)}
			if path != "" { // another process
				journals = append(journals, start(t, database(t, path).DB(), time.Now))
			}
			var fresh atomic.Int32
			var group sync.WaitGroup
			for i := range 200 {
				group.Go(func() {
					ok, err := journals[i%len(journals)].Begin(t.Context(), message("k"))
					if err != nil {
						t.Error(err)
					}
					if ok {
						fresh.Add(1)
					}
				})
			}
			group.Wait()
			if n := fresh.Load(); n != 1 {
				t.Errorf("%d were fresh, want 1", n)
			}
		})
	}
}

func TestOfManyWhoResumeAMessageOneSucceeds(t *testing.T) {
	db := database(t, file(t)).DB()
	begin(t, start(t, db, time.Now), message("k"))
	for round := range 3 {
		j := start(t, db, time.Now)
		var took atomic.Int32
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				r, err := j.Resume(t.Context(), "k")
				if err != nil {
					t.Error(err)
				}
				if r.Times > 0 {
					took.Add(1)
					if r.Times != round+1 {
						t.Errorf("resumed %d times, want %d", r.Times, round+1)
					}
				}
			})
		}
		group.Wait()
		if n := took.Load(); n != 1 {
			t.Errorf("%d took it over, want 1", n)
		}
	}
}

func TestAMessageEndsOnceAndByWhoWorksOnIt(t *testing.T) {
	db, ctx := database(t, "").DB(), t.Context()
	first := start(t, db, time.Now)
	begin(t, first, message("k"))
	if list := unfinished(t, first, ""); len(list) > 0 {
		t.Errorf("its own work is unfinished to it: %v", list)
	}
	if r, err := first.Resume(ctx, "k"); r.Times != 0 || err != nil {
		t.Errorf("took over from itself: %v, %v", r, err)
	}
	second := start(t, db, time.Now)
	if err := second.Fail(ctx, "k", "", "", 0); !errors.Is(err, journal.ErrNotBegun) {
		t.Errorf("another's: got %v, want ErrNotBegun", err)
	}
	if r, err := second.Resume(ctx, "k"); r.Times != 1 || r.Ended || err != nil {
		t.Fatalf("resumed %v, error %v", r, err)
	}
	if list := unfinished(t, second, ""); len(list) > 0 {
		t.Errorf("taken over, but still unfinished: %v", list)
	}
	if err := first.Finish(ctx, "k", "u", nil, reply("a-1")); !errors.Is(err, journal.ErrNotBegun) {
		t.Errorf("lost: got %v, want ErrNotBegun", err)
	}
	if _, err := second.Answer(ctx, "a-1"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("the answer of one who lost it is kept: %v", err)
	}
	if total, _, err := second.Spent(ctx, time.Now(), "u"); total != 0 || err != nil {
		t.Errorf("spent %d, error %v", total, err)
	}
	if err := second.Finish(ctx, "k", "u", nil, reply("a-2")); err != nil {
		t.Fatal(err)
	}
	if err := second.Fail(ctx, "k", "", "", 0); !errors.Is(err, journal.ErrNotBegun) {
		t.Errorf("ended: got %v, want ErrNotBegun", err)
	}
	if err := second.Fail(ctx, "never begun", "", "", 0); !errors.Is(err, journal.ErrNotBegun) {
		t.Errorf("never begun: got %v, want ErrNotBegun", err)
	}
}

func TestAnAnswerIsKeptAsAWholeOrNotAtAll(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*answer.Answer)
	}{
		{"no id", func(a *answer.Answer) { a.ID = "" }},
		{"an id that is taken", func(a *answer.Answer) { a.ID = "a-1" }},
		{"no address", func(a *answer.Answer) { a.Claims[1].Citations[0].Address = "alaska-summit" }},
		{"no document", func(a *answer.Answer) { a.Claims[1].Citations[0].Address = "#1" }},
		{"no paragraph", func(a *answer.Answer) { a.Claims[1].Citations[0].Address = "a#0" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, _ := open(t)
			finish(t, j, message("1"), nil, reply("a-1"))
			begin(t, j, message("2"))
			a := reply("a-2")
			tt.change(&a)
			if err := j.Finish(t.Context(), "2", "u", nil, a); err == nil {
				t.Fatal("got no error")
			}
			if ids, err := j.Citing(t.Context(), "alaska-summit", 0); err != nil || !cmp.Equal(ids, []string{"a-1"}) {
				t.Errorf("got %v, %v", ids, err)
			}
			if _, own, err := j.Spent(t.Context(), noon, "u"); own != 0 || err != nil {
				t.Errorf("spent %d, %v", own, err)
			}
			fail(t, j, "2", "", 0) // it is still begun
		})
	}
}

func TestHistoryIsTheNewestTurnsOfTheConversation(t *testing.T) {
	j, c := open(t)
	n := 0
	add := func(change func(*bot.Message, *answer.Answer)) {
		n++
		m, a := message(fmt.Sprint(n)), reply(fmt.Sprint("a-", n))
		a.Claims = []answer.Claim{{Text: fmt.Sprint("Answer ", n, ".")}, {Text: "More."}}
		if change != nil {
			change(&m, &a)
		}
		finish(t, j, m, nil, a)
	}
	add(nil) // 1: too old
	c.at(noon.Add(time.Hour))
	add(nil) // 2: one too many
	add(func(_ *bot.Message, a *answer.Answer) { a.Outcome, a.Claims = answer.Refused, nil })
	add(func(m *bot.Message, _ *answer.Answer) { m.Collections = []string{"news", "handbook", "news"} }) // the same set
	add(func(m *bot.Message, _ *answer.Answer) { m.Collections = []string{"news"} })
	add(func(m *bot.Message, _ *answer.Answer) { m.Collections = nil })
	add(func(m *bot.Message, _ *answer.Answer) { m.Conversation = "T1:C1:18" })
	add(func(m *bot.Message, _ *answer.Answer) { m.Surface = "discord" })
	add(func(_ *bot.Message, a *answer.Answer) { a.Outcome = answer.Failed })
	begin(t, j, message("under way"))
	begin(t, j, message("failed"))
	fail(t, j, "failed", "", 0)
	add(func(m *bot.Message, _ *answer.Answer) { m.User = "U2" }) // 10: another person of the thread
	for _, tt := range []struct {
		name  string
		since time.Time
		most  int
		want  []answer.Turn
	}{
		{"the newest", noon.Add(time.Hour), 3, []answer.Turn{
			{Question: "Who, 3?"}, {Question: "Who, 4?", Answer: "Answer 4. More."}, {Question: "Who, 10?", Answer: "Answer 10. More."},
		}},
		{"all of an hour", noon.Add(time.Hour), 100, []answer.Turn{
			{Question: "Who, 2?", Answer: "Answer 2. More."}, {Question: "Who, 3?"},
			{Question: "Who, 4?", Answer: "Answer 4. More."}, {Question: "Who, 10?", Answer: "Answer 10. More."},
		}},
		{"none so late", noon.Add(2 * time.Hour), 100, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := j.History(t.Context(), message("now"), tt.since, tt.most)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestATokenIsKeptUntilItsMessageIsTold(t *testing.T) {
	c, store := &clock{}, database(t, file(t))
	j := start(t, store.DB(), c.now)
	m := message("1")
	m.Token = "42:a secret"
	begin(t, j, m)
	fail(t, j, "1", "", 0)
	next := start(t, store.DB(), c.now)
	if list := unfinished(t, next, ""); len(list) != 1 || list[0].Token != m.Token {
		t.Fatalf("unfinished: %+v", list)
	}
	if got, err := next.Question(t.Context(), "1"); err != nil || got.Token != "" {
		t.Errorf("the question is %+v, %v", got, err)
	}
	if _, err := next.Resume(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	told(t, next, "1")
	if all := everything(t, store); !strings.Contains(all, m.Text) || strings.Contains(all, "a secret") {
		t.Errorf("left:\n%s", all)
	}
}

func TestUnfinishedAreThoseOfASurfaceInOrder(t *testing.T) {
	c, db := &clock{}, database(t, "").DB()
	j := start(t, db, c.now)
	for i, surface := range []string{"slack", "discord", "slack"} {
		m := message(fmt.Sprint(9 - i))
		m.Surface = surface
		begin(t, j, m)
	}
	next := start(t, db, c.now)
	begin(t, next, message("new"))
	for surface, want := range map[string]string{"slack": "9 7", "discord": "8", "": "9 8 7", "web": ""} {
		var keys []string
		for _, m := range unfinished(t, next, surface) {
			keys = append(keys, m.Key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%q: got %q, want %q", surface, got, want)
		}
	}
}

func TestTokensAreSummedByUTCDayAndPerson(t *testing.T) {
	c, west := &clock{}, time.FixedZone("west", -8*3600)
	j := start(t, database(t, "").DB(), func() time.Time { return c.now().In(west) })
	c.at(time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC))
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			key := fmt.Sprint(i)
			begin(t, j, message(key))
			fail(t, j, key, fmt.Sprint("slack:U", i%2), 10)
		})
	}
	group.Wait()
	c.at(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	begin(t, j, message("tomorrow"))
	fail(t, j, "tomorrow", "", 5)
	for _, tt := range []struct {
		day        time.Time
		asker      string
		total, own int
	}{
		{noon, "slack:U1", 400, 200},
		{noon, "slack:U2", 400, 0},
		{noon, "", 400, 0},
		{time.Date(2026, 3, 1, 20, 0, 0, 0, west), "", 5, 5}, // the next day in UTC
		{noon.AddDate(0, 0, 7), "slack:U1", 0, 0},
	} {
		total, own, err := j.Spent(t.Context(), tt.day, tt.asker)
		if err != nil || total != tt.total || own != tt.own {
			t.Errorf("%v, %q: got %d and %d, error %v; want %d and %d", tt.day, tt.asker, total, own, err, tt.total, tt.own)
		}
	}
}

func TestCitationsAreFoundByTheirParagraph(t *testing.T) {
	j, _ := open(t)
	for i := range 3 {
		a := reply(fmt.Sprint("a-", i))
		a.Created = noon.Add(time.Duration(i) * time.Minute)
		if i == 1 {
			a.Claims = a.Claims[1:]
		}
		finish(t, j, message(fmt.Sprint(i)), nil, a)
	}
	for _, tt := range []struct {
		document  string
		paragraph int
		want      string
	}{
		{"alaska-summit", 8, "a-2 a-0"}, {"alaska-summit", 9, "a-2 a-1 a-0"}, {"alaska-summit", 0, "a-2 a-1 a-0"},
		{"odd#name", 11, "a-2 a-0"}, {"alaska-summit", 11, ""}, {"alaska", 0, ""},
	} {
		ids, err := j.Citing(t.Context(), tt.document, tt.paragraph)
		if got := strings.Join(ids, " "); err != nil || got != tt.want {
			t.Errorf("%s#%d: got %q, %v; want %q", tt.document, tt.paragraph, got, err, tt.want)
		}
	}
}

func TestFeedbackIsEachPersonsLastWord(t *testing.T) {
	j, _ := open(t)
	ctx := t.Context()
	finish(t, j, message("k"), nil, reply("a-1"))
	rate := func(surface, user string, v bot.Verdict, text string, minute int) bot.Feedback {
		f := bot.Feedback{Answer: "a-1", Surface: surface, User: user, Verdict: v, Text: text, Time: noon.Add(time.Duration(minute) * time.Minute)}
		if err := j.Rate(ctx, f); err != nil {
			t.Error(err)
		}
		return f
	}
	rate("slack", "U1", bot.Good, "", 0)
	other := rate("slack", "U2", bot.Good, "thanks", 1)
	elsewhere := rate("web", "U1", bot.Bad, "", 2)
	last := rate("slack", "U1", bot.Bad, "on second thought", 3)
	got, err := j.Feedback(ctx, "a-1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bot.Feedback{other, elsewhere, last}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := j.Rate(ctx, bot.Feedback{Answer: "a-2", Verdict: bot.Good}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("of no answer: got %v, want ErrNotFound", err)
	}
	if err := j.Rate(ctx, bot.Feedback{Answer: "a-1", Verdict: "so so"}); err == nil {
		t.Error("a verdict that is none was kept")
	}
}

func TestForgetRemovesWhatIsOldWithAllThatBelongsToIt(t *testing.T) {
	path, ctx := file(t), t.Context()
	store, c := database(t, path), &clock{}
	j := start(t, store.DB(), c.now)
	finish(t, j, message("old"), nil, reply("a-1"))
	if err := j.Rate(ctx, bot.Feedback{Answer: "a-1", Verdict: bot.Good}); err != nil {
		t.Fatal(err)
	}
	begin(t, j, message("old and never ended"))
	limit := noon.AddDate(0, 0, 90)
	c.at(limit)
	finish(t, j, message("new"), nil, reply("a-2"))
	n, err := j.Forget(ctx, limit)
	if err != nil || n != 2 {
		t.Fatalf("forgot %d messages, error %v; want 2", n, err)
	}
	if _, err := j.Answer(ctx, "a-1"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if _, err := j.Answer(ctx, "a-2"); err != nil {
		t.Error(err)
	}
	if ids, err := j.Citing(ctx, "alaska-summit", 0); err != nil || !cmp.Equal(ids, []string{"a-2"}) {
		t.Errorf("got %v, %v", ids, err)
	}
	for day, want := range map[time.Time]int{noon: 0, limit: 750} {
		if total, _, err := j.Spent(ctx, day, ""); total != want || err != nil {
			t.Errorf("%v: spent %d, %v; want %d", day, total, err, want)
		}
	}
	for table, want := range map[string]int{"messages": 1, "answers": 1, "citations": 3, "feedback": 0, "spent": 1} {
		var rows int
		if err := store.DB().QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&rows); err != nil || rows != want {
			t.Errorf("%s: %d rows, %v; want %d", table, rows, err, want)
		}
	}
	begin(t, j, message("old"))
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	j, _ := open(t)
	begin(t, j, message("k"))
	for _, id := range []string{"", "a-1"} {
		if _, err := j.Answer(t.Context(), id); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("answer %q: got %v, want ErrNotFound", id, err)
		}
		if _, _, err := j.Message(t.Context(), id); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("message of %q: got %v, want ErrNotFound", id, err)
		}
		if list, err := j.Feedback(t.Context(), id); len(list) > 0 || err != nil {
			t.Errorf("feedback on %q: got %v, %v", id, list, err)
		}
	}
}

// BenchmarkQuestion is what one question costs in the journal.
func BenchmarkQuestion(b *testing.B) {
	for name, path := range map[string]string{"memory": "", "file": file(b)} {
		b.Run(name, func(b *testing.B) {
			j := start(b, database(b, path).DB(), time.Now)
			ctx := context.Background()
			for i := 0; b.Loop(); i++ {
				m, a := message(fmt.Sprint(b.Name(), i)), reply(fmt.Sprint(b.Name(), i))
				m.Conversation = fmt.Sprint(i / 10)
				begin(b, j, m)
				if _, _, err := j.Spent(ctx, noon, "slack:U1"); err != nil {
					b.Fatal(err)
				}
				history, err := j.History(ctx, m, noon, 6)
				if err != nil {
					b.Fatal(err)
				}
				if err := j.Finish(ctx, m.Key, "slack:U1", history, a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestWhatEndedIsUnfinishedUntilItWasTold(t *testing.T) {
	db, ctx := database(t, file(t)).DB(), t.Context()
	first := start(t, db, time.Now)
	finish(t, first, message("answered"), nil, reply("a-1"))
	begin(t, first, message("failed"))
	fail(t, first, "failed", "u", 0)
	finish(t, first, message("told"), nil, reply("a-2"))
	told(t, first, "told")
	if list := unfinished(t, first, ""); len(list) > 0 {
		t.Errorf("what this start is about to tell is unfinished: %v", list)
	}

	second := start(t, db, time.Now)
	var keys []string
	for _, u := range unfinished(t, second, "slack") {
		if !u.Ended {
			t.Errorf("%s has not ended", u.Key)
		}
		keys = append(keys, u.Key)
	}
	if diff := cmp.Diff([]string{"answered", "failed"}, keys); diff != "" {
		t.Errorf("unfinished (-want +got):\n%s", diff)
	}
	r, err := second.Resume(ctx, "answered")
	if err != nil || r.Times != 1 || !r.Ended || r.Answer == nil || r.Answer.ID != "a-1" {
		t.Errorf("resumed %+v, error %v; want answer a-1", r, err)
	}
	if r, err := second.Resume(ctx, "failed"); err != nil || !r.Ended || r.Answer != nil {
		t.Errorf("resumed %+v, error %v; want no answer", r, err)
	}
	if r, err := second.Resume(ctx, "told"); err != nil || r.Times != 0 {
		t.Errorf("resumed %+v, error %v; it was told", r, err)
	}
	// By the one that lost it, it is not told.
	told(t, first, "answered")
	if list := unfinished(t, start(t, db, time.Now), ""); len(list) != 2 {
		t.Errorf("got %v, want two", list)
	}

	// What could not be told is there for every start, its own too, until it is.
	if err := second.Untold(ctx, "answered"); err != nil {
		t.Fatal(err)
	}
	if list := unfinished(t, second, ""); len(list) != 1 || list[0].Key != "answered" {
		t.Errorf("given back: got %v", list)
	}
	if r, err := second.Resume(ctx, "answered"); err != nil || r.Times != 2 || r.Answer == nil {
		t.Errorf("resumed again %+v, error %v", r, err)
	}
	told(t, second, "answered")
	if err := second.Untold(ctx, "answered"); err != nil {
		t.Fatal(err)
	}
	if list := unfinished(t, second, ""); len(list) > 0 {
		t.Errorf("told, and still unfinished: %v", list)
	}
}

func TestAMessageIsFoundByItsKey(t *testing.T) {
	j := start(t, database(t, file(t)).DB(), time.Now)
	want := message("k")
	begin(t, j, want)
	got, err := j.Question(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := j.Question(t.Context(), "other"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestAnAnswerThatCannotBeReadIsResumedAsNone(t *testing.T) {
	for name, statement := range map[string]string{
		"damaged": `UPDATE answers SET answer = '{'`,
		"newer":   `UPDATE answers SET answer = '{"version": 99, "id": "a-1"}'`,
	} {
		t.Run(name, func(t *testing.T) {
			db := database(t, file(t)).DB()
			finish(t, start(t, db, time.Now), message("k"), nil, reply("a-1"))
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
			r, err := start(t, db, time.Now).Resume(t.Context(), "k")
			if err != nil || r.Times != 1 || !r.Ended || r.Answer != nil {
				t.Errorf("resumed %+v, error %v; want an end without an answer", r, err)
			}
		})
	}
}

func TestRecentKeysAreThoseOfASurfaceSinceATime(t *testing.T) {
	at := noon
	j := start(t, database(t, file(t)).DB(), func() time.Time { return at })
	for i, key := range []string{"old", "new", "newer"} {
		at = noon.Add(time.Duration(i) * time.Hour)
		begin(t, j, message(key))
	}
	keys, err := j.Recent(t.Context(), "slack", noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"new", "newer"}, keys); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if keys, err := j.Recent(t.Context(), "discord", noon); len(keys) > 0 || err != nil {
		t.Errorf("of another surface: %v, %v", keys, err)
	}
}
