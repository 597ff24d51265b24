package sqlite_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge"
	"summitbot/knowledge/sqlite"
	"summitbot/knowledge/storetest"
)

func TestFileStoreConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) knowledge.Store { return open(t, file(t)) })
}

func TestMemoryStoreConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) knowledge.Store { return open(t, ":memory:") })
}

func BenchmarkFileStore(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) knowledge.Store { return open(b, file(b)) })
}

func BenchmarkMemoryStore(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) knowledge.Store { return open(b, "") })
}

// file returns a path where no file is yet.
func file(tb testing.TB) string { return filepath.Join(tb.TempDir(), "base.db") }

// open opens a store, which is closed after the test at the latest.
func open(tb testing.TB, path string) *sqlite.Store {
	tb.Helper()
	store, err := sqlite.Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	return store
}

// write returns a document of n paragraphs, about 500 bytes each.
func write(id string, n int) (knowledge.Document, []knowledge.Paragraph) {
	paragraphs := make([]knowledge.Paragraph, n)
	for i := range paragraphs {
		text := fmt.Sprintf("This is paragraph %d of %s. ", i+1, id) + strings.Repeat("It goes on and on. ", 25)
		paragraphs[i] = knowledge.Paragraph{
			Number: i + 1, Kind: knowledge.Prose, Headings: []string{"Chapter", fmt.Sprint(i / 10)},
			Text: text, Sentences: []knowledge.Span{{Start: 0, End: 20}, {Start: 21, End: len(text)}},
		}
	}
	return knowledge.Document{
		ID: id, Title: "About " + id, Paragraphs: n,
		Revision: knowledge.Revision{Digest: knowledge.Digest(paragraphs), Time: time.Date(2025, 8, 18, 12, 0, 0, 0, time.UTC)},
	}, paragraphs
}

// put stores a document of n paragraphs.
func put(t *testing.T, store knowledge.Store, id string, n int) (seq int64) {
	t.Helper()
	doc, paragraphs := write(id, n)
	seq, changed, err := store.Put(t.Context(), doc, paragraphs)
	if err != nil {
		t.Fatal(err)
	}
	if !changed {
		t.Fatalf("put %q: changed is false", id)
	}
	return seq
}

// wantWhole fails the test unless the store has the document that put stores.
func wantWhole(t *testing.T, store knowledge.Store, id string, n int) {
	t.Helper()
	want, paragraphs := write(id, n)
	got, err := store.Document(t.Context(), id)
	if err != nil {
		t.Error(err)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	read, err := store.Paragraphs(t.Context(), id, "", 1, 0)
	if err != nil {
		t.Error(err)
		return
	}
	if diff := cmp.Diff(paragraphs, read); diff != "" {
		t.Errorf("paragraphs (-want +got):\n%s", diff)
	}
}

func TestEverythingSurvivesARestart(t *testing.T) {
	path := file(t)
	store := open(t, path)
	put(t, store, "a", 30)
	put(t, store, "b", 5)
	put(t, store, "b", 6)
	before, err := store.Changes(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	store = open(t, path)
	wantWhole(t, store, "a", 30)
	wantWhole(t, store, "b", 6)
	old, paragraphs := write("b", 5)
	got, err := store.Paragraphs(t.Context(), "b", old.Revision.Digest, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(paragraphs, got); diff != "" {
		t.Errorf("the earlier revision (-want +got):\n%s", diff)
	}
	after, err := store.Changes(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("changes (-before +after):\n%s", diff)
	}
}

func TestSequenceGoesOnAfterARestart(t *testing.T) {
	path := file(t)
	last := int64(0)
	for i := range 4 {
		store := open(t, path)
		seq := put(t, store, "a", 1+i)
		if seq <= last {
			t.Errorf("put: got sequence %d after %d", seq, last)
		}
		deleted, err := store.Delete(t.Context(), "a") // the highest number is now that of a deletion
		if err != nil {
			t.Fatal(err)
		}
		if deleted <= seq {
			t.Errorf("delete: got sequence %d after %d", deleted, seq)
		}
		last = deleted
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMemoryStoresAreSeparateAndEndWithClose(t *testing.T) {
	a, b := open(t, ""), open(t, ":memory:")
	put(t, a, "a", 1)
	put(t, b, "b", 1)
	wantWhole(t, a, "a", 1)
	wantWhole(t, b, "b", 1)
	if _, err := a.Document(t.Context(), "b"); !errors.Is(err, knowledge.ErrNotFound) {
		t.Errorf("got error %v, want ErrNotFound", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Documents(t.Context()); err == nil {
		t.Error("got no error from a closed store")
	}
	if err := a.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "one", "two")
	store := open(t, filepath.Join(folder, "base.db"))
	put(t, store, "a", 1)
	for name, want := range map[string]fs.FileMode{
		"":            fs.ModeDir | 0o700,
		"../":         fs.ModeDir | 0o700,
		"base.db":     0o600,
		"base.db-wal": 0o600,
		"base.db-shm": 0o600,
	} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode(); got != want {
			t.Errorf("%q: got mode %s, want %s", name, got, want)
		}
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	path := file(t)
	store := open(t, path)
	put(t, store, "a", 100)
	if _, err := store.Documents(t.Context()); err != nil { // a reading connection is open as well
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("got %v, want base.db alone", entries)
	}
}

func TestPathsMayHaveAnyCharacters(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{
		"plain.db", "./dot.db", "with space.db", "what?mode=ro&x=1.db", "a#b.db", "100%.db", "%41.db",
		"a;b'c\"d.db", "größe/中.db", "file:x.db", "a+b&c=d.db", "back\\slash.db",
	} {
		t.Run(path, func(t *testing.T) {
			store := open(t, path)
			put(t, store, "a", 1)
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(path); err != nil || info.Size() == 0 {
				t.Fatalf("the data is not in the file: %v, %v", info, err)
			}
			wantWhole(t, open(t, path), "a", 1)
		})
	}
}

func TestStoresShareAFile(t *testing.T) {
	path := file(t)
	a, b := open(t, path), open(t, path)
	last := int64(0)
	for i, store := range []*sqlite.Store{a, b, b, a, b, a} {
		seq := put(t, store, "shared", 1+i)
		if seq <= last {
			t.Errorf("got sequence %d after %d", seq, last)
		}
		last = seq
		wantWhole(t, a, "shared", 1+i)
		wantWhole(t, b, "shared", 1+i)
	}
}

func TestNewFileIsOpenedByManyAtOnce(t *testing.T) {
	path := file(t)
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			store, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer store.Close()
			doc, paragraphs := write(fmt.Sprint(i), 10)
			if _, _, err := store.Put(t.Context(), doc, paragraphs); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	store := open(t, path)
	for i := range 6 {
		wantWhole(t, store, fmt.Sprint(i), 10)
	}
}

// TestOthersKeepTablesInTheSameDatabase does what a journal does.
func TestOthersKeepTablesInTheSameDatabase(t *testing.T) {
	path := file(t)
	for _, path := range []string{path, ":memory:"} {
		t.Run(path, func(t *testing.T) {
			store := open(t, path)
			ctx := t.Context()
			if _, err := store.DB().ExecContext(ctx, `CREATE TABLE answers (id TEXT PRIMARY KEY) STRICT`); err != nil {
				t.Fatal(err)
			}
			tx, err := store.DB().BeginTx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.ExecContext(ctx, `INSERT INTO answers (id) VALUES ('a-1')`); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			put(t, store, "a", 1)
			var id string
			if err := store.DB().QueryRowContext(ctx, `SELECT id FROM answers`).Scan(&id); err != nil || id != "a-1" {
				t.Errorf("got %q, error %v, want a-1", id, err)
			}
		})
	}
	wantWhole(t, open(t, path), "a", 1)
}
