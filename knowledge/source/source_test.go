package source_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge/extract"
	"summitbot/knowledge/source"
)

func TestEmbeddedIsTheArticleUnchanged(t *testing.T) {
	doc := source.Embedded()
	sum := sha256.Sum256(doc.Data)
	const want = "e956df6e3743ede6a41aff4fd9f56ebdb9d324968599dda82bc4b165ab4ce8b9"
	if got := hex.EncodeToString(sum[:]); got != want || doc.ID != "alaska-summit" {
		t.Errorf("document %q has SHA-256 %s, want %s", doc.ID, got, want)
	}
	doc.Data[0]++
	if source.Embedded().Data[0] == doc.Data[0] {
		t.Error("what a caller does to the data stays")
	}
}

func TestEmbeddedHas18ParagraphsUnder6Headings(t *testing.T) {
	doc := source.Embedded()
	for _, name := range []string{doc.Path, "alaska-summit.txt"} {
		text, err := extract.Read(name, doc.Data)
		if err != nil {
			t.Fatal(err)
		}
		var headings []string
		paragraphs := 0
		for _, b := range text.Blocks {
			switch b.Kind {
			case extract.Heading:
				headings = append(headings, b.Text)
			case extract.Prose:
				paragraphs++
			default:
				t.Errorf("a %s: %q", b.Kind, b.Text)
			}
		}
		want := []string{
			"Europe Moves to Support Ukraine in Washington",
			"Security Guarantees at the Center of Talks",
			"Unease in Kyiv and Frustration Among Civilians",
			"Balancing Diplomacy and Pressure",
			"Next Steps in Washington",
			"A Pivotal Moment for Ukraine and Europe",
		}
		if diff := cmp.Diff(headings, want); diff != "" || paragraphs != 18 || text.Title != "" {
			t.Errorf("%d paragraphs, want 18; title %q, want none; headings (-got +want):\n%s", paragraphs, text.Title, diff)
		}
	}
}

// tree writes files below a new folder and returns it.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("text of "+name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func ids(documents []source.Document) []string {
	var ids []string
	for _, d := range documents {
		ids = append(ids, d.ID)
	}
	return ids
}

func TestReadFindsFilesFoldersAndGlobs(t *testing.T) {
	root := tree(t, "a.md", "b.txt", "c.png", "d.log", ".hidden.md", ".git/e.md", "sub/f.md", "sub/deep/g.markdown", "sub/h")
	for _, tt := range []struct {
		name string
		path string
		want []string
	}{
		{"file", "a.md", []string{"a"}},
		{"file of any ending", "d.log", []string{"d"}},
		{"folder", ".", []string{"a", "b", "g", "f"}},
		{"folder below", "sub/", []string{"g", "f"}},
		{"glob", "*.md", []string{"a"}},
		{"glob of any ending", "*.log", []string{"d"}},
		{"glob without an ending", "*", []string{"a", "b"}},
		{"glob of all folders", "**/*.m*", []string{"a", "g", "f"}},
		{"glob of one folder", "*/*", []string{"f"}},
		{"glob with alternatives", "{a,b,sub/f}.{md,txt}", []string{"a", "b", "f"}},
		{"glob of hidden files", ".*.md", []string{"hidden"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			documents, err := source.Read(t.Context(), []source.Spec{{Path: filepath.Join(root, filepath.FromSlash(tt.path))}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ids(documents), tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestReadGivesMetadataAndData(t *testing.T) {
	root := tree(t, "one.md", "many/a b.md", "many/sub/c.txt")
	documents, err := source.Read(t.Context(), []source.Spec{
		{Path: filepath.Join(root, "one.md"), Collection: "x", Title: "One", URL: "https://example.com/1"},
		{Path: filepath.Join(root, "many"), Title: "Not all the same", URL: "https://example.com/many/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []source.Document{
		{ID: "one", Path: filepath.Join(root, "one.md"), Collection: "x", Title: "One", URL: "https://example.com/1", Data: []byte("text of one.md")},
		{ID: "a-b", Path: filepath.Join(root, "many", "a b.md"), URL: "https://example.com/many/a%20b.md", Data: []byte("text of many/a b.md")},
		{ID: "c", Path: filepath.Join(root, "many", "sub", "c.txt"), URL: "https://example.com/many/sub/c.txt", Data: []byte("text of many/sub/c.txt")},
	}
	if diff := cmp.Diff(documents, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestReadTellsApartFilesOfOneName(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []string
		specs []string
		want  []string
	}{
		{"in two folders", []string{"x/a.md", "x/sub/a.md", "x/b.md"}, []string{"x"}, []string{"a", "b", "sub/a"}},
		{"with two endings", []string{"x/a.md", "x/a.txt", "x/b.md"}, []string{"x"}, []string{"a.md", "a.txt", "b"}},
		{"both", []string{"x/a.md", "x/a.txt", "x/s/a.md"}, []string{"x"}, []string{"a.md", "a.txt", "s/a"}},
		{"marks in names", []string{"x/C# notes .md", "x/v1.2.md", "x/###.md", "x/a\tb.md"}, []string{"x"}, []string{"document", "C-notes", "a-b", "v1.2"}},
		{"made equal by cleaning", []string{"x/a b.md", "x/a-b.md"}, []string{"x"}, []string{"", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, tt.files...)
			var specs []source.Spec
			for _, s := range tt.specs {
				specs = append(specs, source.Spec{Path: filepath.Join(root, s)})
			}
			documents, err := source.Read(t.Context(), specs)
			if err != nil {
				t.Fatal(err)
			}
			got := ids(documents)
			if tt.want[0] == "" {
				if got[0] == got[1] || strings.ContainsAny(got[0]+got[1], "# ") {
					t.Errorf("ids %q", got)
				}
				return
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestReadTellsApartFilesOfOneNameInTwoRoots(t *testing.T) {
	t.Chdir(tree(t, "x/a.md", "y/a.md", "y/b.md"))
	documents, err := source.Read(t.Context(), []source.Spec{{Path: "x"}, {Path: "y"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids(documents), []string{"x/a.md", "y/a.md", "b"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestReadReadsAFileOnce(t *testing.T) {
	root := tree(t, "x/a.md", "x/b.md")
	link(t, filepath.Join(root, "x", "a.md"), filepath.Join(root, "x", "c.md"))
	documents, err := source.Read(t.Context(), []source.Spec{
		{Path: filepath.Join(root, "x", "b.md"), Collection: "first"},
		{Path: filepath.Join(root, "x", "*.md")},
		{Path: filepath.Join(root, "x", "..", "x")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids(documents), []string{"b", "a"}); diff != "" || documents[0].Collection != "first" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestReadFollowsLinksButNotInCircles(t *testing.T) {
	root := tree(t, "x/a.md", "other/b.md")
	link(t, root, filepath.Join(root, "x", "up"))
	link(t, "self.md", filepath.Join(root, "x", "self.md"))
	documents, err := source.Read(t.Context(), []source.Spec{{Path: filepath.Join(root, "x")}})
	if diff := cmp.Diff(ids(documents), []string{"a", "b"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if err == nil || !strings.Contains(err.Error(), "self.md") {
		t.Errorf("error %v does not name the link to itself", err)
	}
}

func TestReadReportsEveryProblemBesideWhatItRead(t *testing.T) {
	root := tree(t, "a.md", "b.md", "empty/c.png", "locked/d.md")
	huge := filepath.Join(root, "huge.txt")
	if err := os.WriteFile(huge, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, source.MaxSize+1); err != nil {
		t.Fatal(err)
	}
	link(t, "nowhere", filepath.Join(root, "broken.md"))
	var specs []source.Spec
	for _, name := range []string{"missing.md", "*.md", "empty", "*.tex", "[", "no/*.md", "huge.txt", strings.Repeat("n", 300)} {
		specs = append(specs, source.Spec{Path: filepath.Join(root, name)})
	}
	specs = append(specs, source.Spec{}, source.Spec{Path: os.DevNull})
	documents, err := source.Read(t.Context(), specs)
	if diff := cmp.Diff(ids(documents), []string{"a", "b"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"missing.md", "broken.md", "empty", "*.tex", "/[", "no", "huge.txt", "nnn", "without a path", os.DevNull} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q", want)
		}
	}
	for _, want := range []error{fs.ErrNotExist, source.ErrNoMatch, source.ErrTooLarge} {
		if !errors.Is(err, want) {
			t.Errorf("the error is not %v", want)
		}
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != 10 {
		t.Errorf("%d problems, want 10:\n%v", got, err)
	}
}

func TestReadGoesOnAfterAnUnreadableFolder(t *testing.T) {
	root := tree(t, "a.md", "locked/b.md", "z/c.md")
	locked := filepath.Join(root, "locked")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(locked, 0o755); err != nil {
			t.Error(err)
		}
	})
	documents, err := source.Read(t.Context(), []source.Spec{{Path: root}})
	want := []string{"a", "c"}
	if _, listing := os.ReadDir(locked); listing == nil {
		want = []string{"a", "b", "c"} // nothing is locked to the superuser
	} else if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), locked) {
		t.Errorf("error %v, want one about %s", err, locked)
	}
	if diff := cmp.Diff(ids(documents), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestWalkEndsWithItsContextAndWithItsFunction(t *testing.T) {
	root := tree(t, "a.md", "b.md")
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := source.Walk(ctx, []source.Spec{{Path: root}}, func(source.Document) error {
		seen++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen != 1 {
		t.Errorf("%d documents, error %v; want 1 and %v", seen, err, context.Canceled)
	}
	full := errors.New("disk full")
	err = source.Walk(t.Context(), []source.Spec{{Path: root}}, func(source.Document) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}
