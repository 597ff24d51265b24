package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/config"
	"summitbot/knowledge"
	"summitbot/knowledge/source"
	"summitbot/knowledge/sqlite"
)

func TestAFileKeepsItsIDAndANewOneTakesAFreeOne(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for _, name := range []string{"a/notes.md", "b/notes.md", "c/b/notes.md", "mine.md"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(at(name)), 0o700), os.WriteFile(at(name), []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	held := []knowledge.Document{
		{ID: "notes", Path: followed + at("a/notes.md")},
		{ID: "moved", Path: followed + at("gone/moved.md")},
		{ID: "mine", Path: at("mine.md")}, // added by hand
		{ID: "alaska"},                    // of no file
	}
	for _, tt := range []struct{ name, id, path, wantID, wantPath string }{
		{"the same file", "notes", "a/notes.md", "notes", followed + at("a/notes.md")},
		{"under another name", "a-notes", "a/notes.md", "notes", followed + at("a/notes.md")},
		{"another file of that name", "notes", "b/notes.md", "b/notes", followed + at("b/notes.md")},
		{"a file that was moved", "moved", "c/moved.md", "moved", followed + at("c/moved.md")},
		{"one that was added by hand", "mine", "mine.md", "mine", at("mine.md")},
		{"the name of a document without a file", "alaska", "a/alaska.md", "a/alaska", followed + at("a/alaska.md")},
		{"a new one", "new", "new.md", "new", followed + at("new.md")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			input := knowledge.Input{ID: tt.id, Path: at(tt.path)}
			newIntake(held, followed).place(&input)
			if input.ID != tt.wantID || input.Path != tt.wantPath {
				t.Errorf("got %q at %q, want %q at %q", input.ID, input.Path, tt.wantID, tt.wantPath)
			}
		})
	}

	t.Run("one after the other", func(t *testing.T) {
		in := newIntake(held, "")
		var got []string
		for _, path := range []string{"a/notes.md", "b/notes.md", "c/b/notes.md", "b/notes.md"} {
			input := knowledge.Input{ID: "notes", Path: at(path)}
			in.place(&input)
			got = append(got, input.ID)
		}
		if diff := cmp.Diff([]string{"notes", "b/notes", "c/b/notes", "b/notes"}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestAFreeIDIsFoundHoweverManyAreTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	in := newIntake(nil, "")
	for range 100 {
		id := in.freeID("x", "/a/x")
		if in.byID[id] != "" || !strings.HasSuffix(id, "x") {
			t.Fatalf("got %q, which is taken", id)
		}
		in.byID[id] = file
	}
}

func TestOnlyJoinedErrorsAreTakenApart(t *testing.T) {
	a, b, c := errors.New("a"), errors.New("b"), errors.New("c")
	both := fmt.Errorf("%w: %w", a, b)
	wrapped := fmt.Errorf("read: %w", errors.Join(a, b))
	for _, tt := range []struct {
		err  error
		want []error
	}{
		{nil, nil},
		{a, []error{a}},
		{errors.Join(a, errors.Join(b, nil, c)), []error{a, b, c}},
		{errors.Join(both, c), []error{both, c}},
		{wrapped, []error{wrapped}},
	} {
		if got := parts(tt.err); !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestAPartOfAStoreHasOnlyItsDocuments(t *testing.T) {
	store, err := sqlite.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	base, err := knowledge.Open(t.Context(), store, unindexed{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if _, _, err := base.Ingest(t.Context(), knowledge.Input{ID: fmt.Sprint(i), Path: "x.txt", Data: []byte("Text.")}); err != nil {
			t.Fatal(err)
		}
	}
	odd := part{store, func(id string) bool { return id[0]%2 == 1 }}
	docs, err := odd.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "3", "5", "7", "9"}, each(docs, func(d knowledge.Document) string { return d.ID })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for limit := 1; limit <= 7; limit++ {
		if diff := cmp.Diff([]string{"1", "3", "5", "7", "9"}, changed(t.Context(), t, odd, limit)); diff != "" {
			t.Errorf("limit %d: -want +got:\n%s", limit, diff)
		}
	}
}

// changed reads all changes of a store, limit at a time.
func changed(ctx context.Context, t *testing.T, store knowledge.Store, limit int) []string {
	t.Helper()
	var ids []string
	for after := int64(0); ; {
		changes, err := store.Changes(ctx, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			ids, after = append(ids, c.Document), c.Seq
		}
		if len(changes) < limit {
			return ids
		}
	}
}

// shelf is a library over the sources of one folder.
type shelf struct {
	t   *testing.T
	dir string
	lib *library
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{t: t, dir: t.TempDir()}
	s.write("docs/bread.txt", "Bread needs flour.")
	s.write("docs/cake.txt", "Cake needs eggs.")
	p := &program{stdout: io.Discard, stderr: io.Discard, now: time.Now}
	settings := config.Default()
	settings.Sources = []config.Source{{Path: s.at("docs")}, {Path: s.at("single/tea.txt")}}
	s.write("single/tea.txt", "Tea needs water.")
	lib, err := p.openLibrary(t.Context(), settings, searching)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lib.close() })
	s.lib = lib
	return s
}

func (s *shelf) at(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *shelf) write(name, text string) {
	s.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(s.at(name)), 0o700), os.WriteFile(s.at(name), []byte(text), 0o600)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) do(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// refill reads the sources again and returns what the base then holds.
func (s *shelf) refill() []string {
	s.t.Helper()
	_, err := s.lib.refill(s.t.Context(), s.lib.settings.Sources, func() {})
	s.do(err)
	docs, err := s.lib.base.Documents(s.t.Context())
	s.do(err)
	return each(docs, func(d knowledge.Document) string { return d.ID })
}

func TestWhatIsGoneIsForgottenAndWhatCannotBeReadIsNot(t *testing.T) {
	for _, tt := range []struct {
		name     string
		change   func(s *shelf)
		want     []string
		problems int
	}{
		{"nothing", func(*shelf) {}, []string{"bread", "cake", "tea"}, 0},
		{"a file is removed", func(s *shelf) { s.do(os.Remove(s.at("docs/cake.txt"))) }, []string{"bread", "tea"}, 0},
		{"the single file is removed", func(s *shelf) { s.do(os.Remove(s.at("single/tea.txt"))) }, []string{"bread", "cake"}, 1},
		{"a folder is emptied", func(s *shelf) {
			s.do(errors.Join(os.Remove(s.at("docs/cake.txt")), os.Remove(s.at("docs/bread.txt"))))
		}, []string{"tea"}, 1},
		{"a folder goes", func(s *shelf) { s.do(os.Rename(s.at("docs"), s.at("x"))) }, []string{"bread", "cake", "tea"}, 1},
		{"a folder is not mounted", func(s *shelf) {
			s.do(errors.Join(os.Rename(s.at("docs"), s.at("x")), os.Mkdir(s.at("docs"), 0o700)))
		}, []string{"bread", "cake", "tea"}, 1},
		{"a folder goes and a file elsewhere is removed", func(s *shelf) {
			s.do(errors.Join(os.Rename(s.at("docs"), s.at("x")), os.Remove(s.at("single/tea.txt"))))
		}, []string{"bread", "cake"}, 2},
		{"a file is cut to nothing and another removed", func(s *shelf) {
			s.write("docs/bread.txt", "")
			s.do(os.Remove(s.at("docs/cake.txt")))
		}, []string{"bread", "tea"}, 1},
		{"a file is renamed", func(s *shelf) { s.do(os.Rename(s.at("docs/cake.txt"), s.at("docs/torte.txt"))) }, []string{"bread", "tea", "torte"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShelf(t)
			tt.change(s)
			for range 2 { // the second time nothing changed, and all is as it was
				if diff := cmp.Diff(tt.want, s.refill()); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if got := s.lib.problems(); len(got) != tt.problems {
					t.Errorf("got %d problems, want %d: %v", len(got), tt.problems, got)
				}
			}
		})
	}
}

func TestAFolderThatComesBackIsReadAgain(t *testing.T) {
	s := newShelf(t)
	s.do(errors.Join(os.Rename(s.at("docs"), s.at("x")), os.Mkdir(s.at("docs"), 0o700)))
	s.refill()
	s.write("x/bread.txt", "Bread needs rye.")
	s.do(errors.Join(os.Remove(s.at("x/cake.txt")), os.Remove(s.at("docs")), os.Rename(s.at("x"), s.at("docs"))))
	if diff := cmp.Diff([]string{"bread", "tea"}, s.refill()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	_, text, err := s.lib.base.Passage(t.Context(), knowledge.Address{Document: "bread", Paragraph: 1}, "", 0)
	if err != nil || text[0].Text != "Bread needs rye." {
		t.Errorf("got %v, %v", text, err)
	}
}

// BenchmarkRefill measures a look at ten thousand files that did not change, and at
// as many of which one did.
func BenchmarkRefill(b *testing.B) {
	dir := b.TempDir()
	for i := range 10_000 {
		text := strings.Repeat(fmt.Sprintf("Sentence %d of this file tells of flour and of rye. ", i), 40)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.txt", i)), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	p := &program{stdout: io.Discard, stderr: io.Discard, now: time.Now}
	settings := config.Default()
	settings.DataDir, settings.Sources = b.TempDir(), []config.Source{{Path: dir}}
	lib, err := p.openLibrary(b.Context(), settings, searching)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = lib.close() }()
	refill := func(b *testing.B) {
		if _, err := lib.refill(b.Context(), settings.Sources, func() {}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("all new to the reader", func(b *testing.B) {
		for b.Loop() {
			lib.reader = new(source.Reader)
			refill(b)
		}
	})
	b.Run("one changed", func(b *testing.B) {
		refill(b)
		refill(b)
		for n := 0; b.Loop(); n++ {
			if err := os.WriteFile(filepath.Join(dir, "00001.txt"), fmt.Appendf(nil, "Edited %d times.", n), 0o600); err != nil {
				b.Fatal(err)
			}
			refill(b)
		}
	})
}
