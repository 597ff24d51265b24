package web

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge"
)

func paragraphs(texts ...string) []knowledge.Paragraph {
	var out []knowledge.Paragraph
	for i, t := range texts {
		out = append(out, knowledge.Paragraph{Number: i + 1, Text: t})
	}
	return out
}

func stays(text string) part { return part{Text: text} }
func went(text string) part  { return part{Text: text, Old: true} }
func came(text string) part  { return part{Text: text, New: true} }

func TestChangesBetweenRevisions(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after []string
		want          []change
	}{
		"none": {[]string{"One.", "Two."}, []string{"One.", "Two."}, nil},
		"a paragraph that only moved down is none": {
			[]string{"One.", "Two."}, []string{"Zero.", "One.", "Two."},
			[]change{{0, 1, []part{came("Zero.")}}},
		},
		"a word": {
			[]string{"One.", "They met in Alaska on Friday.", "Three."}, []string{"One.", "They met in Anchorage on Friday.", "Three."},
			[]change{{2, 2, []part{stays("They met in "), went("Alaska"), came("Anchorage"), stays(" on Friday.")}}},
		},
		"a comma is no new word": {
			[]string{"Yes they did."}, []string{"Yes, they did."},
			[]change{{1, 1, []part{stays("Yes"), came(","), stays(" they did.")}}},
		},
		"another text is not the old one rewritten": {
			[]string{"Apples are red."}, []string{"Nobody came to dinner."},
			[]change{{1, 0, []part{went("Apples are red.")}}, {0, 1, []part{came("Nobody came to dinner.")}}},
		},
		"one went, and the next was rewritten": {
			[]string{"One.", "Gone with the wind.", "The talks took three hours.", "End."}, []string{"One.", "The talks took four hours.", "End."},
			[]change{
				{2, 0, []part{went("Gone with the wind.")}},
				{3, 2, []part{stays("The talks took "), went("three"), came("four"), stays(" hours.")}},
			},
		},
		"all went": {[]string{"One."}, nil, []change{{1, 0, []part{went("One.")}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := changesOf(paragraphs(tt.before...), paragraphs(tt.after...))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALongTextThatWasReplacedIsShownOneAfterTheOther(t *testing.T) {
	before, after := strings.Repeat("a ", 3000)+"x", strings.Repeat("b ", 3000)+"y"
	got := difference(before, after, new(mostWork))
	if want := []part{went(before), came(after)}; !cmp.Equal(want, got) {
		t.Errorf("%d parts", len(got))
	}
}

// FuzzChanges holds that the edits make up both texts, and the changes both lists.
func FuzzChanges(f *testing.F) {
	f.Add("One.\nTwo three four.\nFive.", "One.\nTwo three, four.\nSix.")
	f.Add("a\na\na\nb", "a\nb\na")
	f.Add("\xff é\u0301", "é")
	f.Fuzz(func(t *testing.T, before, after string) {
		old, now := paragraphs(strings.Split(before, "\n")...), paragraphs(strings.Split(after, "\n")...)
		changes := changesOf(old, now)
		named := [2]map[int]bool{{}, {}}
		last := [2]int{}
		for _, c := range changes {
			var was, is strings.Builder
			for _, e := range c.Parts {
				if !e.New {
					was.WriteString(e.Text)
				}
				if !e.Old {
					is.WriteString(e.Text)
				}
			}
			if c.Old > 0 && old[c.Old-1].Text != was.String() || c.New > 0 && now[c.New-1].Text != is.String() {
				t.Fatalf("change %+v does not make up the texts", c)
			}
			if c.Old > 0 && c.Old <= last[0] || c.New > 0 && c.New <= last[1] {
				t.Fatalf("change %+v is out of order", c)
			}
			last = [2]int{max(last[0], c.Old), max(last[1], c.New)}
			named[0][c.Old], named[1][c.New] = true, true
		}
		// What no change names is the same in both, in order.
		rest := func(list []knowledge.Paragraph, named map[int]bool) (texts []string) {
			for _, p := range list {
				if !named[p.Number] {
					texts = append(texts, p.Text)
				}
			}
			return texts
		}
		if diff := cmp.Diff(rest(old, named[0]), rest(now, named[1])); diff != "" {
			t.Fatal(diff)
		}
	})
}
