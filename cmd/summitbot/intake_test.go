package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge"
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
