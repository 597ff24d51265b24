package paragraph

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSplitNumbersParagraphsUnderTheirHeadings(t *testing.T) {
	got := Split([]Block{
		{Kind: "prose", Text: "  Before any heading. "},
		{Kind: "heading", Level: 1, Text: "One"},
		{Kind: "heading", Level: 2, Text: "One  and\na half"},
		{Kind: "list", Text: "a\nb"},
		{Kind: "prose", Text: " \n "},
		{Kind: "heading", Level: 3, Text: " "},
		{Kind: "heading", Level: 2, Text: "One and three quarters"},
		{Kind: "quote", Text: "He left. She stayed."},
		{Kind: "heading", Level: 1, Text: "Two"},
		{Kind: "table", Text: "Dr. A. | No. The\n\nx | y"},
		{Kind: "code", Text: "a. B\n\tc"},
	})
	want := []Paragraph{
		{Number: 1, Kind: "prose", Text: "Before any heading.", Sentences: []Span{{0, 19}}},
		{Number: 2, Kind: "list", Headings: []string{"One", "One and a half"}, Text: "a\nb", Sentences: []Span{{0, 1}, {2, 3}}},
		{Number: 3, Kind: "quote", Headings: []string{"One", "One and three quarters"}, Text: "He left. She stayed.", Sentences: []Span{{0, 8}, {9, 20}}},
		{Number: 4, Kind: "table", Headings: []string{"Two"}, Text: "Dr. A. | No. The\n\nx | y", Sentences: []Span{{0, 16}, {18, 23}}},
		{Number: 5, Kind: "code", Headings: []string{"Two"}, Text: "a. B\n\tc", Sentences: []Span{{0, 4}, {6, 7}}},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestSplitOfNothingIsNothing(t *testing.T) {
	if got := Split([]Block{{Kind: "heading", Level: 1, Text: "Alone"}, {Kind: "prose"}}); len(got) != 0 {
		t.Errorf("got %v, want no paragraph", got)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("One", 1, "prose", "He left. She stayed.", "list", "a\nb")
	f.Add("", -3, "code", "\xff\n", "heading", "x")
	f.Fuzz(func(t *testing.T, heading string, level int, kind1, text1, kind2, text2 string) {
		blocks := []Block{
			{Kind: "heading", Level: level, Text: heading},
			{Kind: kind1, Level: level, Text: text1},
			{Kind: "heading", Level: level / 2, Text: text2},
			{Kind: kind2, Text: text2},
		}
		for i, p := range Split(blocks) {
			if p.Number != i+1 {
				t.Errorf("paragraph %d has number %d", i+1, p.Number)
			}
			if p.Kind == "heading" || p.Text == "" || len(p.Sentences) == 0 || len(p.Headings) > 3 {
				t.Errorf("paragraph %+v", p)
			}
			if !utf8.ValidString(p.Text) || strings.TrimSpace(p.Text) != p.Text {
				t.Errorf("text %q", p.Text)
			}
			checkSpans(t, p.Text, p.Sentences)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	text := english()[:1200]
	blocks := []Block{{Kind: "heading", Level: 1, Text: "Summit"}}
	for range 1000 {
		blocks = append(blocks, Block{Kind: "prose", Text: text})
	}
	b.SetBytes(int64(len(text) * 1000))
	b.ReportAllocs()
	for b.Loop() {
		Split(blocks)
	}
}
