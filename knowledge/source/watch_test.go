package source_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge/source"
)

// patience is how long a change may take on a machine that has much to do; one that
// is idle needs a tenth.
const patience = 20 * time.Second

// watch starts a Watch of specs and returns what waits until it tells of a change.
func watch(t *testing.T, poll bool, paths ...string) (told func()) {
	t.Helper()
	var specs []source.Spec
	for _, p := range paths {
		specs = append(specs, source.Spec{Path: p})
	}
	changed, done := make(chan struct{}, 1), make(chan struct{})
	w := source.Watch{Specs: specs, Poll: poll, Problem: func(err error) { t.Log(err) }}
	go func() { defer close(done); w.Run(t.Context(), changed) }()
	t.Cleanup(func() { <-done })
	told = func() {
		t.Helper()
		select {
		case <-changed:
		case <-time.After(patience):
			t.Fatal("not told of the change")
		}
	}
	told() // what was before
	return told
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAWatchTellsOfEveryKindOfChange(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spec   string // below the tree
		change func(t *testing.T, at func(string) string)
	}{
		{"a file that is edited", "docs", func(t *testing.T, at func(string) string) { write(t, at("docs/a.md"), "new") }},
		{"a file that is added", "docs", func(t *testing.T, at func(string) string) { write(t, at("docs/b.md"), "new") }},
		{"a file that is removed", "docs", func(t *testing.T, at func(string) string) { must(t, os.Remove(at("docs/a.md"))) }},
		{"a file that is renamed over another, as editors do", "docs/a.md", func(t *testing.T, at func(string) string) {
			write(t, at("docs/.a.md.swp"), "new")
			must(t, os.Rename(at("docs/.a.md.swp"), at("docs/a.md")))
		}},
		{"a file in a folder that comes later", "docs", func(t *testing.T, at func(string) string) { write(t, at("docs/x/y/b.md"), "new") }},
		{"a file that a glob with ** names", "docs/**/*.md", func(t *testing.T, at func(string) string) { write(t, at("docs/sub/b.md"), "new") }},
		{"a file that a link leads to", "docs", func(t *testing.T, at func(string) string) { write(t, at("elsewhere/linked.md"), "new") }},
		{"a file in a folder that a link leads to", "docs", func(t *testing.T, at func(string) string) { write(t, at("far/away.md"), "new") }},
		{"a link that is changed for another", "current", func(t *testing.T, at func(string) string) {
			must(t, os.Symlink(at("far"), at("next")))
			must(t, os.Rename(at("next"), at("current")))
		}},
		{"a folder that is not there yet", "later/docs", func(t *testing.T, at func(string) string) { write(t, at("later/docs/a.md"), "new") }},
		{"a folder that goes", "docs", func(t *testing.T, at func(string) string) { must(t, os.Rename(at("docs"), at("gone"))) }},
	} {
		for mode, poll := range map[string]bool{"told": false, "looked for": true} {
			t.Run(tt.name+", "+mode, func(t *testing.T) {
				t.Parallel()
				root := tree(t, "docs/a.md", "docs/sub/c.md", "elsewhere/linked.md", "far/away.md", "first/a.md")
				at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
				link(t, at("elsewhere/linked.md"), at("docs/linked.md"))
				link(t, at("far"), at("docs/far"))
				link(t, at("first"), at("current"))
				told := watch(t, poll, at(tt.spec))
				tt.change(t, at)
				told()
			})
		}
	}
}

func TestAWatchGoesOnThroughRenamesAndReturns(t *testing.T) {
	root := tree(t, "docs/sub/a.md")
	at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	told := watch(t, false, at("docs"))
	for _, step := range []func(){
		func() { must(t, os.Rename(at("docs/sub"), at("docs/other"))) },
		func() { write(t, at("docs/other/a.md"), "new") },
		func() { must(t, os.Rename(at("docs"), at("away"))) },
		func() { must(t, os.Rename(at("away"), at("docs"))) },
		func() { write(t, at("docs/other/a.md"), "newer") },
		func() { must(t, os.RemoveAll(at("docs"))) },
		func() { write(t, at("docs/a.md"), "again") },
		func() { write(t, at("docs/a.md"), "and again") },
	} {
		step()
		told()
	}
}

// read walks specs with r and returns the ids that were read anew, those that were
// not, and the problem.
func read(t *testing.T, r *source.Reader, paths ...string) (fresh, kept []string, problem error) {
	t.Helper()
	var specs []source.Spec
	for _, p := range paths {
		specs = append(specs, source.Spec{Path: p})
	}
	problem = r.Walk(t.Context(), specs, func(d source.Document, isFresh bool) error {
		if isFresh != (len(d.Data) > 0) {
			t.Errorf("%s: fresh %t, with %d bytes", d.ID, isFresh, len(d.Data))
		}
		if isFresh {
			fresh = append(fresh, d.ID)
		} else {
			kept = append(kept, d.ID)
		}
		return nil
	})
	return fresh, kept, problem
}

func TestAReaderReadsAgainOnlyWhatChanged(t *testing.T) {
	root := tree(t, "a.md", "b.md")
	a, b := filepath.Join(root, "a.md"), filepath.Join(root, "b.md")
	var r source.Reader
	expect := func(wantFresh, wantKept []string) {
		t.Helper()
		fresh, kept, err := read(t, &r, root)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]string{wantFresh, wantKept}, [][]string{fresh, kept}); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
	expect([]string{"a", "b"}, nil)
	expect([]string{"a", "b"}, nil) // they are too young to be sure
	source.Settle(t, &r)
	expect([]string{"a", "b"}, nil)
	expect(nil, []string{"a", "b"})

	info, err := os.Stat(a)
	must(t, err)
	write(t, a, "TEXT OF a.md") // of the same size
	must(t, os.Chtimes(a, info.ModTime(), info.ModTime()))
	if source.TellsChangeTime {
		expect([]string{"a"}, []string{"b"}) // though its time was set back
	}
	must(t, os.Remove(b))
	_, _, err = read(t, &r, root)
	must(t, err)
	write(t, b, "text of b.md")
	expect([]string{"b"}, []string{"a"})
	r.Forget(func(path string) bool { return path != a })
	expect([]string{"a"}, []string{"b"})
}

func TestWhatVanishesIsGoneOrNotMounted(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spec   string
		change func(t *testing.T, at func(string) string)
		want   error
	}{
		{"a file that was removed", "docs/a.md", func(t *testing.T, at func(string) string) { must(t, os.Remove(at("docs/a.md"))) }, source.ErrGone},
		{"a file of a folder that went", "docs/a.md", func(t *testing.T, at func(string) string) { must(t, os.Rename(at("docs"), at("x"))) }, os.ErrNotExist},
		{"a file of another folder", "docs/a.md", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("docs"), at("x")))
			must(t, os.Mkdir(at("docs"), 0o755))
		}, os.ErrNotExist},
		{"a folder that was emptied", "docs", func(t *testing.T, at func(string) string) { must(t, os.Remove(at("docs/a.md"))) }, source.ErrNoMatch},
		{"a folder that went", "docs", func(t *testing.T, at func(string) string) { must(t, os.Rename(at("docs"), at("x"))) }, os.ErrNotExist},
		{"an empty folder in its place, as without the mount", "docs", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("docs"), at("x")))
			must(t, os.Mkdir(at("docs"), 0o755))
		}, source.ErrOther},
		{"an empty folder in place of a glob's", "docs/*.md", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("docs"), at("x")))
			must(t, os.Mkdir(at("docs"), 0o755))
		}, source.ErrOther},
		{"a glob without a file left", "docs/*.md", func(t *testing.T, at func(string) string) { must(t, os.Remove(at("docs/a.md"))) }, source.ErrNoMatch},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, "docs/a.md")
			at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
			var r source.Reader
			if _, _, err := read(t, &r, at(tt.spec)); err != nil {
				t.Fatal(err)
			}
			tt.change(t, at)
			if _, _, err := read(t, &r, at(tt.spec)); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestAWatchThatIsEndedAtItsFirstLookEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, poll := range []bool{false, true} {
		source.Watch{Specs: []source.Spec{{Path: t.TempDir()}}, Poll: poll}.Run(ctx, make(chan struct{}, 1))
	}
}
