package journal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
	"summitbot/knowledge/sqlite"
)

// of returns a message of a person in a conversation.
func of(key, user, conversation, text string) bot.Message {
	m := message(key)
	m.User, m.Conversation, m.Text = user, conversation, text
	return m
}

// everything returns all texts of all tables of the journal.
func everything(t *testing.T, store *sqlite.Store) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"messages", "answers", "citations", "feedback", "spent"} {
		dump(t, &all, store, table)
	}
	return all.String()
}

// dump writes every row of a table.
func dump(t *testing.T, all *strings.Builder, store *sqlite.Store, table string) {
	t.Helper()
	rows, err := store.DB().QueryContext(t.Context(), `SELECT * FROM `+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row, at := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(all, table, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// aTrail fills a journal with what U1 did, among others, and returns what that is.
func aTrail(t *testing.T, j *journal.Journal) journal.Trail {
	t.Helper()
	ctx := t.Context()
	// Two questions of U1, one with an answer, in a thread where U2 asks further.
	finish(t, j, of("1", "U1", "T1:C1:17", "Secret one?"), nil, reply("a-1"))
	begin(t, j, of("2", "U1", "T1:C1:17", "Secret two?"))
	fail(t, j, "2", "slack:U1", 7)
	further := reply("a-3")
	further.Account.Searched = "secret one and the other"
	further.Trace.Calls[0].User = "Secret one? And the other?"
	finish(t, j, of("3", "U2", "T1:C1:17", "And the other?"), []answer.Turn{
		{Question: "Earlier?", Answer: "Earlier."}, {Question: "Secret one?", Answer: "One a-1."},
	}, further)
	// The same words in another conversation are somebody else's.
	elsewhere := reply("a-4")
	elsewhere.Account.Searched = "in the clear"
	finish(t, j, of("4", "U2", "T1:C1:18", "Later?"), []answer.Turn{{Question: "Secret one?", Answer: "Of another."}}, elsewhere)
	// One of a namesake on another surface, and one that is under way.
	namesake := of("5", "U1", "9", "Open?")
	namesake.Surface = "discord"
	finish(t, j, namesake, nil, reply("a-5"))
	underWay := of("6", "U1", "", "Secret six?")
	underWay.Token = "secret token"
	begin(t, j, underWay)
	for _, f := range []bot.Feedback{
		{Answer: "a-3", Surface: "slack", User: "U1", Verdict: bot.Bad, Text: "a secret verdict", Time: noon},
		{Answer: "a-1", Surface: "slack", User: "U2", Verdict: bot.Good, Text: "on a secret answer", Time: noon},
		{Answer: "a-3", Surface: "discord", User: "U1", Verdict: bot.Good, Time: noon},
	} {
		if err := j.Rate(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	return journal.Trail{Questions: 3, Answers: 1, Verdicts: 1, Turns: 1, Tokens: 757}
}

func TestAPersonIsForgottenWithAllThatLeansOnThem(t *testing.T) {
	store, c, ctx := database(t, file(t)), &clock{}, t.Context()
	j := start(t, store.DB(), c.now)
	want := aTrail(t, j)
	later := noon.AddDate(0, 0, 2)
	before := everything(t, store)
	told, err := j.Trail(ctx, "slack", "U1", later)
	if err != nil || told != want {
		t.Fatalf("trail %+v, error %v; want %+v", told, err, want)
	}
	if after := everything(t, store); after != before {
		t.Errorf("to look changed it (-before +after):\n%s", cmp.Diff(before, after))
	}
	done, err := j.ForgetPerson(ctx, "slack", "U1", later)
	if err != nil || done != want {
		t.Fatalf("forgot %+v, error %v; want %+v", done, err, want)
	}

	left := everything(t, store)
	for line := range strings.Lines(left) {
		// The namesake's, and the other person's words, stay.
		if strings.Contains(line, "discord") || strings.Contains(line, "Of another.") {
			continue
		}
		for _, trace := range []string{"ecret", "U1", "a-1"} {
			if strings.Contains(line, trace) {
				t.Errorf("%q is left in %s", trace, line)
			}
		}
	}
	for _, id := range []string{"a-3", "a-4", "a-5"} {
		if _, err := j.Answer(ctx, id); err != nil {
			t.Error(err)
		}
	}
	_, turns, err := j.Message(ctx, "a-3")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]answer.Turn{{Question: "Earlier?", Answer: "Earlier."}}, turns); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
	pruned := reply("a-3")
	pruned.Account.Searched, pruned.Trace = "", nil
	whole, err := j.Answer(ctx, "a-3")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pruned, whole); diff != "" {
		t.Errorf("an answer that leant on it (-want +got):\n%s", diff)
	}
	if a, err := j.Answer(ctx, "a-4"); err != nil || a.Account.Searched != "in the clear" || a.Trace == nil {
		t.Errorf("another conversation's answer lost something: %+v, %v", a, err)
	}
	// The day's budget stays spent; nobody has spent it.
	for asker, want := range map[string]int{"slack:U1": 0, "": 757, "slack:U2": 1500} {
		if total, own, err := j.Spent(ctx, noon, asker); own != want || total != 757+1500+750 || err != nil {
			t.Errorf("%q: spent %d and %d, error %v; want %d", asker, total, own, err, want)
		}
	}
	if again, err := j.ForgetPerson(ctx, "slack", "U1", later); err != nil || again != (journal.Trail{}) {
		t.Errorf("forgot once more: %+v, %v", again, err)
	}
}

func TestWhatIsForgottenIsNotAnsweredAgain(t *testing.T) {
	db, c, ctx := database(t, file(t)).DB(), &clock{}, t.Context()
	j := start(t, db, c.now)
	aTrail(t, j)
	if _, err := j.ForgetPerson(ctx, "slack", "U1", noon.AddDate(0, 0, 2)); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"1", "2", "6"} {
		if fresh, err := j.Begin(ctx, message(key)); fresh || err != nil {
			t.Errorf("%s: fresh = %v, error %v", key, fresh, err)
		}
		if m, err := j.Question(ctx, key); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("%s: got %v, %v; want ErrNotFound", key, m, err)
		}
	}
	if err := j.Finish(ctx, "6", "slack:U1", nil, reply("a-6")); !errors.Is(err, journal.ErrNotBegun) {
		t.Errorf("under way: got %v, want ErrNotBegun", err)
	}
	next := start(t, db, c.now)
	for _, u := range unfinished(t, next, "") {
		if u.Key == "1" || u.Key == "2" || u.Key == "6" {
			t.Errorf("%s is to be told", u.Key)
		}
	}
	list, err := j.Entries(ctx, journal.Filter{})
	if err != nil || len(list) != 3 {
		t.Errorf("%d are listed, %v; want 3", len(list), err)
	}
	// By age, the tombstones go too.
	if n, err := j.Before(ctx, noon.AddDate(0, 0, 90)); n != 6 || err != nil {
		t.Errorf("%d are old, %v; want 6", n, err)
	}
	if n, err := j.Forget(ctx, noon.AddDate(0, 0, 90)); n != 6 || err != nil {
		t.Errorf("forgot %d, %v; want 6", n, err)
	}
}

func TestOnlyWhatIsOlderIsForgottenOfAPerson(t *testing.T) {
	j, c := open(t)
	ctx := t.Context()
	finish(t, j, of("1", "U1", "C", "Old?"), nil, reply("a-1"))
	c.at(noon.AddDate(0, 0, 3))
	finish(t, j, of("2", "U1", "C", "New?"), nil, reply("a-2"))
	got, err := j.ForgetPerson(ctx, "slack", "U1", noon.AddDate(0, 0, 2))
	if want := (journal.Trail{Questions: 1, Answers: 1, Tokens: 750}); err != nil || got != want {
		t.Errorf("forgot %+v, error %v; want %+v", got, err, want)
	}
	if _, err := j.Answer(ctx, "a-2"); err != nil {
		t.Error(err)
	}
	if _, err := j.ForgetPerson(ctx, "slack", "", time.Now()); err == nil {
		t.Error("nobody in particular was forgotten")
	}
}
