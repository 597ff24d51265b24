package knowledge_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/knowledge"
)

func TestDigestIsTheSameForEverAndEverywhere(t *testing.T) {
	tests := []struct {
		name       string
		paragraphs []knowledge.Paragraph
		want       string
	}{
		{"nothing", nil, "6cf82c146ee1d40055a273cce1743fab65463f4c15f60d9ab5e77f62d66a2677"},
		{"one paragraph", []knowledge.Paragraph{{
			Number: 1, Kind: knowledge.Prose, Headings: []string{"Überblick", "Ziele"},
			Text: "Es regnet. Wir gehen.", Sentences: []knowledge.Span{{Start: 0, End: 10}, {Start: 11, End: 21}},
		}}, "4710df3d2bff17df2b7c84888fe336a3c6de16d483cb9d64166dd367c9081dbd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := knowledge.Digest(tt.paragraphs); got != tt.want {
				t.Errorf("got %s, want %s: stored revisions would no longer be recognised", got, tt.want)
			}
		})
	}
}

func TestDigestTellsEveryFieldAndBorderApart(t *testing.T) {
	base := func() knowledge.Paragraph {
		return knowledge.Paragraph{
			Number: 1, Kind: knowledge.Prose, Headings: []string{"a", "b"}, Text: "one two",
			Sentences: []knowledge.Span{{Start: 0, End: 3}, {Start: 4, End: 7}},
		}
	}
	edit := func(change func(p *knowledge.Paragraph)) []knowledge.Paragraph {
		p := base()
		change(&p)
		return []knowledge.Paragraph{p}
	}
	variants := map[string][]knowledge.Paragraph{
		"none":                  nil,
		"as it is":              {base()},
		"twice":                 {base(), base()},
		"empty paragraph":       {{}},
		"number":                edit(func(p *knowledge.Paragraph) { p.Number = 2 }),
		"negative number":       edit(func(p *knowledge.Paragraph) { p.Number = -1 }),
		"kind":                  edit(func(p *knowledge.Paragraph) { p.Kind = knowledge.List }),
		"no kind":               edit(func(p *knowledge.Paragraph) { p.Kind = "" }),
		"heading":               edit(func(p *knowledge.Paragraph) { p.Headings = []string{"a", "c"} }),
		"headings joined":       edit(func(p *knowledge.Paragraph) { p.Headings = []string{"ab"} }),
		"headings cut":          edit(func(p *knowledge.Paragraph) { p.Headings = []string{"ab", ""} }),
		"headings the other":    edit(func(p *knowledge.Paragraph) { p.Headings = []string{"", "ab"} }),
		"headings swapped":      edit(func(p *knowledge.Paragraph) { p.Headings = []string{"b", "a"} }),
		"one empty heading":     edit(func(p *knowledge.Paragraph) { p.Headings = []string{""} }),
		"no headings":           edit(func(p *knowledge.Paragraph) { p.Headings = nil }),
		"heading inside text":   edit(func(p *knowledge.Paragraph) { p.Headings, p.Text = []string{"a"}, "b"+p.Text }),
		"text":                  edit(func(p *knowledge.Paragraph) { p.Text = "one Two" }),
		"text with a NUL":       edit(func(p *knowledge.Paragraph) { p.Text = "one two\x00" }),
		"sentences joined":      edit(func(p *knowledge.Paragraph) { p.Sentences = []knowledge.Span{{Start: 0, End: 7}} }),
		"sentence moved":        edit(func(p *knowledge.Paragraph) { p.Sentences[1].Start = 5 }),
		"sentence shortened":    edit(func(p *knowledge.Paragraph) { p.Sentences[1].End = 6 }),
		"no sentences":          edit(func(p *knowledge.Paragraph) { p.Sentences = nil }),
		"one sentence too many": edit(func(p *knowledge.Paragraph) { p.Sentences = append(p.Sentences, knowledge.Span{}) }),
	}
	seen := make(map[string]string)
	for name, paragraphs := range variants {
		digest := knowledge.Digest(paragraphs)
		if other, ok := seen[digest]; ok {
			t.Errorf("%q and %q have one digest", name, other)
		}
		seen[digest] = name
	}
}

func TestDigestTakesNilForEmpty(t *testing.T) {
	withNil := []knowledge.Paragraph{{Number: 1, Text: "x"}}
	withEmpty := []knowledge.Paragraph{{Number: 1, Text: "x", Headings: []string{}, Sentences: []knowledge.Span{}}}
	if got, want := knowledge.Digest(withEmpty), knowledge.Digest(withNil); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzDigest looks for two unequal lists with one digest. Both are cut out of
// arbitrary strings, where the borders between fields are easily confused.
func FuzzDigest(f *testing.F) {
	f.Add("1|prose|a,b|one two|0-3", "1|prose|a|bone two|0-3")
	f.Add("1|prose||x|\n2|list||y|", "1|prose||x|\n2|list|y||")
	f.Fuzz(func(t *testing.T, a, b string) {
		left, right := cut(a), cut(b)
		equal := cmp.Equal(left, right, cmpopts.EquateEmpty())
		if got := knowledge.Digest(left) == knowledge.Digest(right); got != equal {
			t.Errorf("same digest: %t, equal: %t\n%#v\n%#v", got, equal, left, right)
		}
	})
}

// cut makes paragraphs of any string: one a line, "number|kind|heading,...|text|start-end,...".
func cut(s string) []knowledge.Paragraph {
	var paragraphs []knowledge.Paragraph
	for line := range strings.Lines(s) {
		fields := strings.SplitN(line+"||||", "|", 5)
		p := knowledge.Paragraph{Kind: knowledge.Kind(fields[1]), Text: fields[3]}
		p.Number, _ = strconv.Atoi(fields[0]) // a bad number is number 0
		if fields[2] != "" {
			p.Headings = strings.Split(fields[2], ",")
		}
		for span := range strings.SplitSeq(strings.Trim(fields[4], "|\n"), ",") {
			start, end, found := strings.Cut(span, "-")
			if !found {
				continue
			}
			var s knowledge.Span
			s.Start, _ = strconv.Atoi(start)
			s.End, _ = strconv.Atoi(end)
			p.Sentences = append(p.Sentences, s)
		}
		paragraphs = append(paragraphs, p)
	}
	return paragraphs
}
