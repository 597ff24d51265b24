package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge"
)

// openForTest opens a store in a new file that waits for others only so long.
func openForTest(t *testing.T, path string, busy time.Duration) *Store {
	t.Helper()
	s, err := open(t.Context(), path, busy)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestEveryConnectionHasThePragmas(t *testing.T) {
	s := openForTest(t, filepath.Join(t.TempDir(), "base.db"), 1234*time.Millisecond)
	for _, tt := range []struct {
		name string
		db   *sql.DB
		size int
		want map[string]string
	}{
		{"writing", s.write, 1, map[string]string{
			"busy_timeout": "1234", "foreign_keys": "1", "journal_mode": "wal", "synchronous": "1", "query_only": "0",
		}},
		{"reading", s.read, 2, map[string]string{
			"busy_timeout": "1234", "foreign_keys": "1", "journal_mode": "wal", "query_only": "1",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range tt.size { // held until the end, so that each is another one
				conn, err := tt.db.Conn(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				for pragma, want := range tt.want {
					var got string
					if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil {
						t.Fatal(err)
					}
					if got != want {
						t.Errorf("%s: got %s, want %s", pragma, got, want)
					}
				}
			}
		})
	}
}

func TestReadingPoolCannotWrite(t *testing.T) {
	s := openForTest(t, filepath.Join(t.TempDir(), "base.db"), busyTimeout)
	_, err := s.read.ExecContext(t.Context(), `DELETE FROM changes`)
	if err := s.explain(err); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got error %v, want ErrReadOnly", err)
	}
}

func TestLockHeldByAnotherProcessIsReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "base.db")
	s := openForTest(t, path, 20*time.Millisecond)
	other := openForTest(t, path, busyTimeout)
	tx, err := other.write.BeginTx(t.Context(), nil) // immediate, so it holds the lock
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()

	paragraphs := []knowledge.Paragraph{{Number: 1, Text: "One."}}
	doc := knowledge.Document{ID: "a", Title: "A", Revision: knowledge.Revision{Digest: knowledge.Digest(paragraphs)}}
	_, changed, err := s.Put(t.Context(), doc, paragraphs)
	if !errors.Is(err, ErrLocked) || changed {
		t.Errorf("got changed %t, error %v, want false and ErrLocked", changed, err)
	}
	if _, err := s.Documents(t.Context()); err != nil {
		t.Errorf("reading beside a writer: %v", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := other.Put(ctx, doc, paragraphs); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting in the same process: got error %v, want context.DeadlineExceeded", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Put(t.Context(), doc, paragraphs); err != nil {
		t.Errorf("after the lock was released: %v", err)
	}
}

func TestFileLockedForGoodCannotBeOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "base.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{`CREATE TABLE t (x)`, `BEGIN EXCLUSIVE`} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := open(t.Context(), path, 20*time.Millisecond); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, error %v, want ErrLocked", s, err)
	}
}

func TestErrorsOfTheSystemAreToldByMeaning(t *testing.T) {
	file := func(err error) error {
		return fmt.Errorf("making it: %w", &fs.PathError{Op: "open", Path: "base.db", Err: err})
	}
	other := errors.New("other")
	for _, tt := range []struct {
		name   string
		err    error
		want   error
		advice string // "" means that the error is left as it is
	}{
		{"no error", nil, nil, ""},
		{"another error", other, other, ""},
		{"not found", fmt.Errorf("x: %w", knowledge.ErrNotFound), knowledge.ErrNotFound, ""},
		{"canceled", fmt.Errorf("x: %w", context.Canceled), context.Canceled, ""},
		{"no space", file(syscall.ENOSPC), ErrFull, "free some space"},
		{"no permission", file(syscall.EACCES), ErrReadOnly, "writable"},
		{"read-only file system", file(syscall.EROFS), ErrReadOnly, "writable"},
		{"not a folder", file(syscall.ENOTDIR), ErrUnavailable, "check the path"},
		{"bad row", fmt.Errorf("row: %w", errUnreadable), knowledge.ErrCorrupt, "restore a copy"},
		{"newer", fmt.Errorf("x: %w", ErrNewer), ErrNewer, "update the program"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := explain("/data/base.db", tt.err)
			if !errors.Is(got, tt.want) || !errors.Is(got, tt.err) {
				t.Errorf("got %v, want an error that is %v and %v", got, tt.want, tt.err)
			}
			if tt.advice == "" {
				if got != tt.err { //nolint:errorlint // the very same error, not one that wraps it
					t.Errorf("got %v, want %v itself", got, tt.err)
				}
				return
			}
			for _, words := range []string{"/data/base.db", tt.want.Error(), tt.advice} {
				if n := strings.Count(got.Error(), words); n != 1 {
					t.Errorf("got %q with %q %d times, want once", got, words, n)
				}
			}
		})
	}
}

func TestMigrationsAreNumberedWithoutAGap(t *testing.T) {
	list, err := readMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("there are none")
	}
	for i, m := range list {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(m.name, want) {
			t.Errorf("got %s in place %d, want %s*.sql", m.name, i+1, want)
		}
	}
}

func TestMigrationsApplyInOrderAndWholeOrNotAtAll(t *testing.T) {
	files := fstest.MapFS{
		"migrations/0001_a.sql": {Data: []byte("CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1); -- end")},
		"migrations/0002_b.sql": {Data: []byte("CREATE TABLE b (x INTEGER); INSERT INTO nowhere VALUES (1);")},
		"migrations/0003_c.sql": {Data: []byte("CREATE TABLE c (x INTEGER);")},
		"migrations/notes.txt":  {Data: []byte("not SQL")},
	}
	db, err := pool(memory, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	run := func() error {
		list, err := readMigrations(files)
		if err != nil {
			t.Fatal(err)
		}
		return migrate(t.Context(), db, list)
	}
	state := func() (state []string) {
		t.Helper()
		rows, err := db.QueryContext(t.Context(), `
			SELECT name FROM sqlite_schema WHERE name != 'knowledge_migrations'
			UNION ALL SELECT name FROM knowledge_migrations ORDER BY name`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			state = append(state, name)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return state
	}

	if err := run(); err == nil || !strings.Contains(err.Error(), "0002_b.sql") {
		t.Errorf("got error %v, want one that names 0002_b.sql", err)
	}
	if diff := cmp.Diff([]string{"0001_a.sql", "a"}, state()); diff != "" {
		t.Errorf("after the failure (-want +got):\n%s", diff)
	}
	files["migrations/0002_b.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE b (x INTEGER)")}
	for range 2 { // the second time there is nothing to do
		if err := run(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"0001_a.sql", "0002_b.sql", "0003_c.sql", "a", "b", "c"}, state()); diff != "" {
			t.Errorf("in the end (-want +got):\n%s", diff)
		}
	}
}

// FuzzReadSpans holds that readSpans takes only spans that lie in the text, in
// order, and that appendSpans writes what it took.
func FuzzReadSpans(f *testing.F) {
	f.Add(appendSpans(nil, nil), 0)
	f.Add(appendSpans(nil, []knowledge.Span{{Start: 0, End: 5}, {Start: 6, End: 300}}), 300)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 10)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		if size < 0 {
			return // no text is shorter than nothing
		}
		spans, err := readSpans(b, size)
		if err != nil {
			if !errors.Is(err, errUnreadable) {
				t.Errorf("got error %v, want errUnreadable", err)
			}
			return
		}
		end := 0
		for _, s := range spans {
			if s.Start < end || s.End <= s.Start || s.End > size {
				t.Fatalf("got %v in a text of %d bytes", spans, size)
			}
			end = s.End
		}
		again, err := readSpans(appendSpans(nil, spans), size)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(spans, again); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
