package journal_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
)

// uses returns each method of a journal as a call that needs its database.
func uses(j *journal.Journal) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"begin message":       func(ctx context.Context) error { _, err := j.Begin(ctx, message("new")); return err },
		"resume message":      func(ctx context.Context) error { _, err := j.Resume(ctx, "k"); return err },
		"note as told":        func(ctx context.Context) error { return j.Told(ctx, "k") },
		"note as not told":    func(ctx context.Context) error { return j.Untold(ctx, "k") },
		"message":             func(ctx context.Context) error { _, err := j.Question(ctx, "k"); return err },
		"finish message":      func(ctx context.Context) error { return j.Finish(ctx, "k", "u", nil, reply("a-2")) },
		"fail message":        func(ctx context.Context) error { return j.Fail(ctx, "k", "u", "", 1) },
		"tokens spent":        func(ctx context.Context) error { _, _, err := j.Spent(ctx, noon, "u"); return err },
		"history":             func(ctx context.Context) error { _, err := j.History(ctx, message("k"), noon, 6); return err },
		"unfinished messages": func(ctx context.Context) error { _, err := j.Unfinished(ctx, ""); return err },
		"recent messages":     func(ctx context.Context) error { _, err := j.Recent(ctx, "slack", noon); return err },
		"message of answer":   func(ctx context.Context) error { _, _, err := j.Message(ctx, "a-1"); return err },
		"answer":              func(ctx context.Context) error { _, err := j.Answer(ctx, "a-1"); return err },
		"answers that cite":   func(ctx context.Context) error { _, err := j.Citing(ctx, "alaska-summit", 8); return err },
		"feedback on answer":  func(ctx context.Context) error { _, err := j.Feedback(ctx, "a-1"); return err },
		"feedback": func(ctx context.Context) error {
			return j.Rate(ctx, bot.Feedback{Answer: "a-1", Verdict: bot.Good})
		},
		"forget": func(ctx context.Context) error { _, err := j.Forget(ctx, noon); return err },
	}
}

func TestAClosedDatabaseIsReportedWithWhatWasDone(t *testing.T) {
	store := database(t, file(t))
	j := start(t, store.DB(), time.Now)
	finish(t, j, message("1"), nil, reply("a-1"))
	begin(t, j, message("k"))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for what, use := range uses(j) {
		err := use(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), "journal: "+what) || !strings.Contains(err.Error(), "closed") {
			t.Errorf("%s: got error %v", what, err)
		}
	}
	if _, err := journal.New(t.Context(), store.DB(), time.Now); err == nil || !strings.HasPrefix(err.Error(), "open journal: ") {
		t.Errorf("opened: got error %v", err)
	}
}

func TestAContextThatEndedIsReported(t *testing.T) {
	j, _ := open(t)
	finish(t, j, message("1"), nil, reply("a-1"))
	begin(t, j, message("k"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, use := range uses(j) {
		if err := use(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v, want context.Canceled", what, err)
		}
	}
	if fresh, err := j.Begin(t.Context(), message("new")); !fresh || err != nil {
		t.Errorf("afterwards: fresh = %v, error %v", fresh, err)
	}
}

func TestAFullDatabaseKeepsWhatItHas(t *testing.T) {
	db := database(t, file(t)).DB()
	j := start(t, db, time.Now)
	begin(t, j, message("k"))
	var pages int
	if err := db.QueryRowContext(t.Context(), `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
		t.Fatal(err)
	}
	a := reply("a-1")
	a.Error = strings.Repeat("long ", 10_000)
	if err := j.Finish(t.Context(), "k", "u", nil, a); err == nil || !strings.Contains(err.Error(), "full") {
		t.Fatalf("got error %v, want that it is full", err)
	}
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, 100*pages)); err != nil {
		t.Fatal(err)
	}
	if err := j.Finish(t.Context(), "k", "u", nil, a); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

func TestADamagedFileIsReported(t *testing.T) {
	path := file(t)
	store := database(t, path)
	j := start(t, store.DB(), time.Now)
	for i := range 50 {
		finish(t, j, message(fmt.Sprint(i)), nil, reply(fmt.Sprint("a-", i)))
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	copy(data[page:], bytes.Repeat([]byte{0x5a}, len(data)-page)) // all but the schema
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := journal.New(t.Context(), db, time.Now); err == nil || !strings.Contains(err.Error(), "malformed") {
		t.Errorf("got error %v, want that it is malformed", err)
	}
}

func TestWhatWasNotWrittenHereIsNotReturned(t *testing.T) {
	for _, tt := range []struct {
		name, statement string
		use             func(context.Context, *journal.Journal) error
		want            error
	}{
		{"an answer that is no JSON", `UPDATE answers SET answer = substr(answer, 1, 100)`, readAnswer, journal.ErrCorrupt},
		{"another answer", `UPDATE answers SET answer = replace(answer, '"a-1"', '"a-2"')`, readAnswer, journal.ErrCorrupt},
		{"an answer of a newer version", `UPDATE answers SET answer = replace(answer, '"version":1', '"version":2')`, readAnswer, journal.ErrNewer},
		{"a history that is no JSON", `UPDATE messages SET history = '[{'`, readMessage, journal.ErrCorrupt},
		{"collections that are no list", `UPDATE messages SET collections = '7'`, readMessage, journal.ErrCorrupt},
		{"a time that is none", `UPDATE messages SET received = 'yesterday'`, readMessage, journal.ErrCorrupt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := database(t, "").DB()
			j := start(t, db, time.Now)
			finish(t, j, message("k"), []answer.Turn{{Question: "?"}}, reply("a-1"))
			if _, err := db.ExecContext(t.Context(), tt.statement); err != nil {
				t.Fatal(err)
			}
			if err := tt.use(t.Context(), j); !errors.Is(err, tt.want) {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
		})
	}
}

func readAnswer(ctx context.Context, j *journal.Journal) error {
	_, err := j.Answer(ctx, "a-1")
	return err
}

func readMessage(ctx context.Context, j *journal.Journal) error {
	_, _, err := j.Message(ctx, "a-1")
	return err
}

func TestAJournalOfANewerOrUnknownVersionIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, statement string
		want            error
	}{
		{"newer", `INSERT INTO journal_migrations (version, name, time) VALUES (99, '0099_later.sql', '')`, journal.ErrNewer},
		{"a gap", `UPDATE journal_migrations SET version = 0 WHERE version = 1`, journal.ErrCorrupt},
		{"none, with tables", `DELETE FROM journal_migrations`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := database(t, "").DB()
			start(t, db, time.Now)
			if _, err := db.ExecContext(t.Context(), tt.statement); err != nil {
				t.Fatal(err)
			}
			_, err := journal.New(t.Context(), db, time.Now)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestANewFileIsStartedByManyAtOnce(t *testing.T) {
	path := file(t)
	var group sync.WaitGroup
	for i := range 6 {
		store := database(t, path)
		group.Go(func() {
			j, err := journal.New(t.Context(), store.DB(), time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			begin(t, j, message(fmt.Sprint(i)))
		})
	}
	group.Wait()
	if n := len(unfinished(t, start(t, database(t, path).DB(), time.Now), "")); n != 6 {
		t.Errorf("%d messages are kept, want 6", n)
	}
}

// TestTheDatabaseIsShared keeps documents and a journal in one file, as the
// program does, and opens it again.
func TestTheDatabaseIsShared(t *testing.T) {
	path := file(t)
	for range 2 {
		store := database(t, path)
		start(t, store.DB(), time.Now)
		if _, err := store.Documents(t.Context()); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
