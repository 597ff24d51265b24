package extract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge/extract"
	"summitbot/knowledge/paragraph"
)

// corpus returns the articles of a corpus in the folder that may stand beside
// the repository. Without it the test is skipped: everything else here runs on
// texts of our own.
func corpus(t testing.TB, name string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", name, "corpus", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no corpus %s beside the repository", name)
	}
	return files
}

// split reads a file as ingestion does.
func split(t testing.TB, name string, data []byte) (string, []paragraph.Paragraph) {
	t.Helper()
	text, err := extract.Read(name, data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var blocks []paragraph.Block
	for _, b := range text.Blocks {
		blocks = append(blocks, paragraph.Block(b))
	}
	return text.Title, paragraph.Split(blocks)
}

// Every paragraph of the corpora is one paragraph here, to the byte: none of
// the stars, underscores, brackets and numbers in them is taken for markup.
// Only the byte order marks that stand inside some of them go.
func TestReadKeepsEveryParagraphOfTheCorpora(t *testing.T) {
	for name, want := range map[string]int{"squad2": 1204, "xquad-en": 240, "xquad-de": 240, "xquad-ru": 240} {
		t.Run(name, func(t *testing.T) {
			got := 0
			for _, file := range corpus(t, name) {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				source := strings.Split(strings.TrimSpace(string(data)), "\n\n")
				title, paragraphs := split(t, file, data)
				if want := strings.TrimPrefix(source[0], "# "); title != want {
					t.Errorf("%s: title %q, want %q", file, title, want)
				}
				if len(paragraphs) != len(source)-1 {
					t.Errorf("%s: %d paragraphs, want %d", file, len(paragraphs), len(source)-1)
					continue
				}
				got += len(paragraphs)
				for i, p := range paragraphs {
					want := strings.ReplaceAll(source[i+1], "\ufeff", "")
					if diff := cmp.Diff(p.Text, want); diff != "" {
						t.Errorf("%s: paragraph %d (-got +want):\n%s", file, p.Number, diff)
					}
				}
			}
			if got != want {
				t.Errorf("%d paragraphs, want %d", got, want)
			}
		})
	}
}
