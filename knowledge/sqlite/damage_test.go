package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge"
	"summitbot/knowledge/sqlite"
)

const pageSize = 4096 // SQLite's default, which we keep

// sound returns the bytes of a file with these documents, and their numbers of
// paragraphs.
func sound(t *testing.T) (data []byte, documents map[string]int) {
	t.Helper()
	documents = map[string]int{"a": 40, "b": 3, "c": 120, "d": 1}
	path := file(t)
	store := open(t, path)
	for _, id := range []string{"a", "b", "c", "d"} {
		put(t, store, id, documents[id])
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return read(t, path), documents
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// save writes data to a new file.
func save(t *testing.T, data []byte) (path string) {
	t.Helper()
	path = file(t)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantRefused fails the test unless opening path ends in want, with a message
// that has all of words, and leaves the file as it is.
func wantRefused(t *testing.T, path string, want error, words ...string) {
	t.Helper()
	before := read(t, path)
	store, err := sqlite.Open(t.Context(), path)
	if err == nil {
		store.Close()
	}
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
	for _, word := range append(words, path) {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("got %q, want %q in it", err, word)
		}
	}
	if !bytes.Equal(before, read(t, path)) {
		t.Error("the file was changed")
	}
}

func TestDamagedFileIsRefusedAndLeftAsItIs(t *testing.T) {
	data, _ := sound(t)
	noise := make([]byte, len(data))
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for _, tt := range []struct {
		name string
		data []byte
	}{
		{"a text", []byte(strings.Repeat("This is no database. ", 1000))},
		{"a short text", []byte("x")},
		{"random bytes", noise},
		{"zeros", make([]byte, len(data))},
		{"cut after the header", data[:100]},
		{"cut after a page", data[:pageSize]},
		{"cut by half", data[:len(data)/2]},
		{"header overwritten", splice(data, 0, noise[:100])},
		{"first page overwritten", splice(data, 0, noise[:pageSize])},
		{"schema overwritten", splice(data, 100, noise[:pageSize-100])},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantRefused(t, save(t, tt.data), knowledge.ErrCorrupt, "left as it is", "restore a copy", "ingest again")
		})
	}
}

// splice returns a copy of data with part at an offset.
func splice(data []byte, at int, part []byte) []byte {
	data = bytes.Clone(data)
	copy(data[at:], part)
	return data
}

func TestLogWithoutItsFileIsRefused(t *testing.T) {
	path := save(t, nil)
	log := bytes.Repeat([]byte("log"), 1000)
	if err := os.WriteFile(path+"-wal", log, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, path, knowledge.ErrCorrupt, "left as it is")
	if !bytes.Equal(log, read(t, path+"-wal")) {
		t.Error("the log was changed")
	}
}

func TestMissingTableIsDamage(t *testing.T) {
	path := file(t)
	store := open(t, path)
	if _, err := store.DB().ExecContext(t.Context(), `DROP TABLE paragraphs`); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, path, knowledge.ErrCorrupt, "no such table: paragraphs", "left as it is")
}

func TestMissingRowsAreDamage(t *testing.T) {
	for _, tt := range []struct{ name, statement string }{
		{"first paragraph", `DELETE FROM paragraphs WHERE key = 1 << 32 | 1`},
		{"middle paragraph", `DELETE FROM paragraphs WHERE key = 1 << 32 | 2`},
		{"last paragraph", `DELETE FROM paragraphs WHERE key = 1 << 32 | 3`},
		{"all paragraphs", `DELETE FROM paragraphs`},
		{"text changed", `UPDATE paragraphs SET text = replace(text, 'This is', 'This is not')`},
		{"heading changed", `UPDATE paragraphs SET headings = '["Other"]'`},
		{"sentences changed", `UPDATE paragraphs SET sentences = x'00'`},
		{"rows moved", `UPDATE paragraphs SET key = key + 100`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := open(t, "")
			put(t, store, "a", 3)
			if _, err := store.DB().ExecContext(t.Context(), tt.statement); err != nil {
				t.Fatal(err)
			}
			got, err := store.Paragraphs(t.Context(), "a", "", 1, 0)
			if !errors.Is(err, knowledge.ErrCorrupt) || got != nil {
				t.Errorf("got %d paragraphs, error %v, want none and ErrCorrupt", len(got), err)
			}
		})
	}
	t.Run("revision", func(t *testing.T) {
		store := open(t, "")
		put(t, store, "a", 3)
		for _, statement := range []string{`PRAGMA foreign_keys = off`, `DELETE FROM revisions`} {
			if _, err := store.DB().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		if list, err := store.Documents(t.Context()); !errors.Is(err, knowledge.ErrCorrupt) {
			t.Errorf("got %v, error %v, want ErrCorrupt", list, err)
		}
	})
}

// TestDamageNeverYieldsWrongWords damages a file in many ways, and reads all of
// it. Whatever still opens gives the words that were written, or says that they
// are damaged or gone.
func TestDamageNeverYieldsWrongWords(t *testing.T) {
	data, documents := sound(t)
	found := 0
	for seed := range uint64(120) {
		rng := rand.New(rand.NewPCG(seed, 7))
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			path := save(t, damage(rng, data))
			before := read(t, path)
			store, err := sqlite.Open(t.Context(), path)
			if err != nil {
				if !errors.Is(err, knowledge.ErrCorrupt) {
					t.Errorf("open: got error %v, want ErrCorrupt", err)
				}
				found++
				return
			}
			for id, n := range documents {
				doc, want := write(id, n)
				got, err := store.Paragraphs(t.Context(), id, doc.Revision.Digest, 1, 0)
				switch {
				case errors.Is(err, knowledge.ErrCorrupt):
					found++
				case errors.Is(err, knowledge.ErrNotFound):
				case err != nil:
					t.Errorf("got error %v, want ErrCorrupt", err)
				case !cmp.Equal(want, got):
					t.Errorf("the words of %q changed:\n%s", id, cmp.Diff(want, got))
				}
			}
			store.Close()
			if !bytes.Equal(before, read(t, path)) {
				t.Error("reading changed the file")
			}
		})
	}
	if found < 50 {
		t.Errorf("damage was found %d times: the test does not do what it is for", found)
	}
}

// damage returns a copy of data with something wrong after the first page.
func damage(rng *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	pages := len(data)/pageSize - 1
	page := func() []byte {
		n := 1 + rng.IntN(pages)
		return data[n*pageSize : (n+1)*pageSize]
	}
	switch rng.IntN(7) {
	case 0: // single bits
		for range 1 + rng.IntN(20) {
			page()[rng.IntN(pageSize)] ^= 1 << rng.IntN(8)
		}
	case 1: // a stretch of noise
		p := page()
		for i := rng.IntN(pageSize); i < pageSize; i++ {
			p[i] = byte(rng.Uint32())
		}
	case 2: // a page of zeros
		clear(page())
	case 3: // one page in the place of another
		copy(page(), page())
	case 4: // the head of a page, where its cells are listed
		p := page()
		for range 3 {
			p[rng.IntN(64)] = byte(rng.Uint32())
		}
	case 5: // a stretch in the wrong place
		from, to := page(), page()
		n := rng.IntN(pageSize)
		copy(to[n:], from[:pageSize-n])
	case 6: // the end of the last page is lost
		return data[:len(data)-1-rng.IntN(pageSize-1)]
	}
	return data
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	path := file(t)
	store := open(t, path)
	put(t, store, "a", 3)
	const newer = `INSERT INTO knowledge_migrations (version, name, time) VALUES (2, '0002_future.sql', '')`
	if _, err := store.DB().ExecContext(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, path, sqlite.ErrNewer, "number 2", "nothing was changed", "update the program")
}

func TestDatabaseOfAnotherProgramIsRefused(t *testing.T) {
	path := file(t)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, path, sqlite.ErrForeign, "nothing was changed", "another file")
}

func TestPlaceWhereNoFileCanBeIsReported(t *testing.T) {
	regular := save(t, []byte("This is a file."))
	for name, path := range map[string]string{
		"below a regular file":        filepath.Join(regular, "base.db"),
		"far below a regular file":    filepath.Join(regular, "one", "two", "base.db"),
		"a folder":                    t.TempDir(),
		"a name that is far too long": filepath.Join(t.TempDir(), strings.Repeat("x", 5000)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sqlite.Open(t.Context(), path)
			if !errors.Is(err, sqlite.ErrUnavailable) || !strings.Contains(err.Error(), path) {
				t.Errorf("got error %v, want ErrUnavailable with the path", err)
			}
		})
	}
}

func TestFullDiskKeepsWhatWasStored(t *testing.T) {
	path := file(t)
	store := open(t, path)
	put(t, store, "a", 30)
	limit := func(pages int) {
		t.Helper()
		if _, err := store.DB().ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(20)
	doc, paragraphs := write("b", 1000)
	_, changed, err := store.Put(t.Context(), doc, paragraphs)
	if !errors.Is(err, sqlite.ErrFull) || changed {
		t.Fatalf("got changed %t, error %v, want false and ErrFull", changed, err)
	}
	for _, words := range []string{"what was stored is kept", "nothing was changed", "free some space", path} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("got %q, want %q in it", err, words)
		}
	}
	wantWhole(t, store, "a", 30)
	if _, err := store.Document(t.Context(), "b"); !errors.Is(err, knowledge.ErrNotFound) {
		t.Errorf("got error %v, want ErrNotFound", err)
	}

	limit(1 << 20) // space was freed
	put(t, store, "b", 1000)
	wantWhole(t, store, "b", 1000)
}

func TestReadOnlyDatabaseIsReadAndNotWritten(t *testing.T) {
	store := open(t, file(t))
	put(t, store, "a", 3)
	if _, err := store.DB().ExecContext(t.Context(), `PRAGMA query_only = on`); err != nil {
		t.Fatal(err)
	}
	doc, paragraphs := write("b", 3)
	if _, _, err := store.Put(t.Context(), doc, paragraphs); !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("got error %v, want ErrReadOnly", err)
	}
	if _, err := store.Delete(t.Context(), "a"); !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("got error %v, want ErrReadOnly", err)
	}
	wantWhole(t, store, "a", 3)
}
