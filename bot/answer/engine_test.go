package answer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/answer"
	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/source"
	"summitbot/knowledge/sqlite"
)

// openBase returns a base in memory with texts by id, nil meaning the article that
// ships.
func openBase(t testing.TB, texts map[string]string) *knowledge.Base {
	t.Helper()
	store, err := sqlite.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	x := index.New()
	base, err := knowledge.Open(t.Context(), store, x)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		if err := base.Close(); err != nil {
			t.Error(err)
		}
	})
	if texts == nil {
		if _, _, err := base.Ingest(t.Context(), knowledge.Input(source.Embedded())); err != nil {
			t.Fatal(err)
		}
	}
	for id, text := range texts {
		if _, _, err := base.Ingest(t.Context(), knowledge.Input{ID: id, Path: id + ".md", Data: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	return base
}

// A model is a Generator whose replies are written down, one a call; the last one
// goes on.
type model struct {
	replies  []string
	errs     []error // after the reply of the same number
	piece    int     // bytes a piece; 0 hands each reply on at once
	requests []answer.Request
}

func (m *model) Generate(ctx context.Context, r answer.Request, each func(string) error) (answer.Completion, error) {
	n := min(len(m.requests), len(m.replies)-1)
	m.requests = append(m.requests, r)
	c := answer.Completion{Endpoint: "test", Model: "scripted", Attempts: 1, PromptTokens: 100, CompletionTokens: 10}
	rest := []rune(m.replies[n])
	for len(rest) > 0 {
		k := len(rest)
		if m.piece > 0 {
			k = min(k, m.piece)
		}
		if err := each(string(rest[:k])); err != nil {
			return c, err
		}
		rest = rest[k:]
	}
	if n < len(m.errs) && m.errs[n] != nil {
		return c, m.errs[n]
	}
	c.Finish = answer.FinishStop
	return c, nil
}

// claims writes the JSON that was asked for; each claim is "text | refs".
func claims(lines ...string) string {
	var items []string
	for _, l := range lines {
		text, refs, _ := strings.Cut(l, " | ")
		var quoted []string
		for _, r := range strings.Fields(refs) {
			quoted = append(quoted, fmt.Sprintf("%q", r))
		}
		items = append(items, fmt.Sprintf(`{"text": %q, "sources": [%s]}`, text, strings.Join(quoted, ", ")))
	}
	return fmt.Sprintf(`{"answerable": true, "claims": [%s]}`, strings.Join(items, ", "))
}

// told is an answer in short: its claims with their addresses, then the drops.
func told(a answer.Answer) []string {
	out := []string{string(a.Outcome) + " " + string(a.Method)}
	if a.Error != "" {
		out = append(out, "error")
	}
	for _, c := range a.Claims {
		line := c.Text
		if c.Check != answer.Full {
			line += " (" + string(c.Check) + ")"
		}
		for _, s := range c.Citations {
			line += " [" + s.Address + ":" + s.Quote[:min(len(s.Quote), 12)] + "]"
		}
		out = append(out, line)
	}
	for _, d := range a.Account.Dropped {
		out = append(out, "dropped "+d.Reason+": "+d.Text)
	}
	return out
}

func TestClaimsPassTheGateOrDoNotShow(t *testing.T) {
	const rubio = "Marco Rubio said that a temporary ceasefire is still under consideration. | 8.2"
	const shownRubio = "Marco Rubio said that a temporary ceasefire is still under consideration. [alaska-summit#8:Secretary of]"
	for _, tt := range []struct {
		name, reply string
		want        []string
	}{
		{"a good claim", claims(rubio), []string{"answered llm", shownRubio}},
		{"in a fence, under other names", "```json\n{\"answer\": [{\"claim\": \"Marco Rubio said that a temporary ceasefire is still under consideration.\", \"citations\": [8.2]}]}\n```",
			[]string{"answered llm", shownRubio}},
		{"prose with markers", "Marco Rubio said that a temporary ceasefire is still under consideration [8.2].", []string{"answered llm", shownRubio}},
		{"prose with other markers", "Yes. Marco Rubio said that a temporary ceasefire is still under consideration.【8†source】", []string{"answered llm", shownRubio, "dropped empty: Yes."}},
		{"a yes before the statement", claims("Yes, Marco Rubio said that a temporary ceasefire is still under consideration. | 8.2"), []string{"answered llm", shownRubio}},
		{"a wrong reference is corrected", claims("Marco Rubio said that a temporary ceasefire is still under consideration. | 2.1"), []string{"answered llm", shownRubio}},
		{"a reference that does not exist", claims("Marco Rubio said that a temporary ceasefire is still under consideration. | 99.1"), []string{"answered llm", shownRubio}},
		{"the same twice", claims(rubio, rubio), []string{"answered llm", shownRubio, "dropped duplicate: Marco Rubio said that a temporary ceasefire is still under consideration."}},
		{"a heading", claims(rubio, "Next Steps in Washington | 14.1"), []string{"answered llm", shownRubio, "dropped empty: Next Steps in Washington"}},
		{"a whole paragraph is narrowed down", claims("Marco Rubio said that a temporary ceasefire is still under consideration. | 8"), []string{"answered llm", shownRubio}},
		{"a link that is in no sentence", claims(rubio, "More on Marco Rubio stands at https://example.org/rubio. | 8.2"),
			[]string{"answered llm", shownRubio, "dropped link: More on Marco Rubio stands at https://example.org/rubio."}},
	} {
		for _, piece := range []int{0, 1, 7} {
			t.Run(fmt.Sprintf("%s, %d", tt.name, piece), func(t *testing.T) {
				m := &model{replies: []string{tt.reply}, piece: piece}
				var handed []string
				a, err := answer.NewEngine(openBase(t, nil), answer.Options{Generator: m}).
					Answer(t.Context(), answer.Question{Text: "What did Marco Rubio say?"}, func(c answer.Claim) { handed = append(handed, c.Text) })
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, told(a)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				var shown []string
				for _, c := range a.Claims {
					shown = append(shown, c.Text)
				}
				if diff := cmp.Diff(shown, handed); diff != "" {
					t.Errorf("handed on, (-answer +handed):\n%s", diff)
				}
			})
		}
	}
}

func TestTheWholeCollectionIsSentIfItFits(t *testing.T) {
	m := &model{replies: []string{`{"answerable": false, "claims": []}`}}
	a, err := answer.NewEngine(openBase(t, nil), answer.Options{Generator: m}).
		Answer(t.Context(), answer.Question{Text: "What is the capital of Australia?"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.Outcome != answer.Refused || a.Method != answer.LLM || a.Account.Sent != 18 || a.Account.Calls != 1 {
		t.Errorf("got %+v", a)
	}
	if !strings.Contains(m.requests[0].User, "[18.2] Yet the meetings ahead") {
		t.Errorf("the last paragraph is not in the prompt:\n%s", m.requests[0].User)
	}
}
