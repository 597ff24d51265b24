package journal

import (
	"fmt"
	"strings"
	"testing"

	"summitbot/knowledge"
)

func TestMigrationsAreNumberedWithoutAGap(t *testing.T) {
	list, err := readMigrations(migrations)
	if err != nil || len(list) == 0 {
		t.Fatalf("got %d, error %v", len(list), err)
	}
	for i, m := range list {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(m.name, want) {
			t.Errorf("migration %d is %s, want %s...", i+1, m.name, want)
		}
	}
}

// TestStatementsAreOfBothDatabases looks for what SQLite alone understands.
func TestStatementsAreOfBothDatabases(t *testing.T) {
	list, err := readMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		for _, word := range []string{"STRICT", "AUTOINCREMENT", "WITHOUT ROWID", "INTEGER PRIMARY KEY", "PRAGMA", "BLOB"} {
			if strings.Contains(strings.ToUpper(m.script), word) {
				t.Errorf("%s has %s", m.name, word)
			}
		}
	}
}

// FuzzParseAddress holds that addresses are read as package knowledge writes
// and reads them.
func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"alaska-summit#8", "a#b#1", "#1", "a#0", "a#-1", "a#+1", "a#1x", "a", "", "a#99999999999999999999", "ä#７"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, wantErr := knowledge.ParseAddress(s)
		document, paragraph, err := parseAddress(s)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: error %v, want %v", s, err, wantErr)
		}
		if err == nil && (document != want.Document || paragraph != want.Paragraph) {
			t.Errorf("%q: got %q and %d, want %v", s, document, paragraph, want)
		}
	})
}
