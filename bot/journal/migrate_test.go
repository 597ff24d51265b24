package journal

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver that the program uses
)

func TestWhatEndedBeforeTellingWasNotedCountsAsTold(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "old.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	list, err := readMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), db, list[:1]); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"begun", "finished", "failed"} {
		const insert = `
			INSERT INTO messages (key, surface, conversation, channel, author, text, collections, language, trace, received,
				begun, run, resumed, state, ended, reason, history, answer)
			VALUES ($1, 'slack', '', '', '', '?', '[]', '', 0, $2, $2, 'old', 0, $1, '', '', '[]', '')`
		if _, err := db.ExecContext(t.Context(), insert, state, writeTime(time.Now())); err != nil {
			t.Fatal(err)
		}
	}
	j, err := New(t.Context(), db, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	left, err := j.Unfinished(t.Context(), "slack")
	if err != nil || len(left) != 1 || left[0].Key != "begun" || left[0].Ended {
		t.Errorf("unfinished: %v, error %v; want the one that had not ended", left, err)
	}
}
