package answer_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"summitbot/bot/answer"
	"summitbot/bot/answer/gate"
	"summitbot/knowledge"
)

// shown returns what people see of one claim of a model's output, which cites
// sentences: the output goes through the engine, which has the paragraphs of these
// sentences before it.
func shown(t *testing.T, c *shelfOfTexts, claim, lang string, cited []string) []string {
	t.Helper()
	desk := c.desk(cited, lang)
	var refs []string
	for _, text := range cited {
		refs = append(refs, desk.number(t, text))
	}
	object, err := json.Marshal(map[string]any{
		"answerable": true, "claims": []any{map[string]any{"text": claim, "sources": refs}},
	})
	if err != nil {
		t.Fatal(err)
	}
	// A second reply is of no use to the first claim, so there is none.
	m := &model{replies: []string{string(object), `{"answerable": false, "claims": []}`}}
	a, err := answer.NewEngine(desk, answer.Options{Generator: m, ContextTokens: 1 << 20}).
		Answer(t.Context(), answer.Question{Text: "?", Language: lang}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range a.Claims {
		out = append(out, c.Text)
	}
	return out
}

// A desk is the few paragraphs that a model was shown. It finds nothing.
type desk struct {
	paragraphs []knowledge.IndexDocument // of one each
	known      map[string]bool
}

// desk returns the paragraphs that sentences stand in, in reading order.
func (s *shelfOfTexts) desk(cited []string, lang string) *desk {
	out := &desk{known: s.known}
	order := map[string]int{}
	for _, text := range cited {
		order[s.place[text].paragraph] = s.place[text].order
	}
	for _, key := range slices.SortedFunc(maps.Keys(order), func(a, b string) int { return cmp.Compare(order[a], order[b]) }) {
		id, number, _ := strings.Cut(key, "#")
		n, _ := strconv.Atoi(number)
		i := slices.IndexFunc(s.texts, func(d *text) bool { return d.id == id })
		p := knowledge.Paragraph{Number: n, Kind: knowledge.Prose}
		if strings.Contains(s.texts[i].paragraphs[n-1][0], " | ") {
			p.Kind = knowledge.Table
		}
		for _, sentence := range s.texts[i].paragraphs[n-1] {
			if p.Text != "" {
				p.Text += " "
			}
			start := len(p.Text)
			p.Text += sentence
			p.Sentences = append(p.Sentences, knowledge.Span{Start: start, End: len(p.Text)})
		}
		out.paragraphs = append(out.paragraphs, knowledge.IndexDocument{
			Document: knowledge.Document{ID: id, Title: id, Language: lang}, Paragraphs: []knowledge.Paragraph{p},
		})
	}
	return out
}

// number is how the model sees a sentence numbered.
func (d *desk) number(t *testing.T, text string) string {
	for i, doc := range d.paragraphs {
		p := doc.Paragraphs[0]
		for j, s := range p.Sentences {
			if p.Text[s.Start:s.End] == text {
				return fmt.Sprintf("%d.%d", i+1, j+1)
			}
		}
	}
	t.Fatalf("%q is not on the desk", text)
	return ""
}

func (d *desk) Search(context.Context, knowledge.Query) (knowledge.Result, error) {
	return knowledge.Result{Known: func(w string) bool { return d.known[w] }}, nil
}

func (d *desk) Passage(context.Context, knowledge.Address, string, int) (knowledge.Document, []knowledge.Paragraph, error) {
	return knowledge.Document{}, nil, knowledge.ErrNotFound
}

func (d *desk) Whole(context.Context, []string, int) ([]knowledge.IndexDocument, bool, error) {
	return d.paragraphs, true, nil
}

// sentences returns what a claim cites as the gate takes it, in reading order.
func (s *shelfOfTexts) sentences(lang string, cited []string) []gate.Sentence {
	cited = slices.Clone(cited)
	slices.SortStableFunc(cited, func(a, b string) int { return cmp.Compare(s.place[a].order, s.place[b].order) })
	var out []gate.Sentence
	for _, text := range cited {
		out = append(out, gate.Sentence{Text: text, Lang: lang, Paragraph: s.place[text].paragraph})
	}
	return out
}

// seeds make every run the same. The gate was mended on lies of the first few; of
// the others it had seen none.
var seeds = []uint64{11, 31, 41, 977}

// corpora are those of the test: ours always, the others where they are.
func corpora(t *testing.T) []*shelfOfTexts {
	t.Helper()
	out := []*shelfOfTexts{ourCorpus(t)}
	for _, name := range []string{"squad2", "xquad-en"} {
		if c := sharedCorpus(t, name); c != nil {
			out = append(out, c)
		}
	}
	return out
}

// A tally counts what became of the lies of one kind.
type tally struct {
	made, shown int
	examples    []string
}

// tell makes up to n lies of a kind from a corpus. Claims are drawn at random,
// those that were written or rewritten as often as those that are verbatim.
func tell(t *testing.T, c *shelfOfTexts, kind mutation, n int, random *rand.Rand) tally {
	var out tally
	m := &liar{random, c}
	var verbatim, other []goodClaim
	for _, g := range c.good {
		switch {
		case !kind.every && g.lang != "en":
		case g.kind == "verbatim":
			verbatim = append(verbatim, g)
		default:
			other = append(other, g)
		}
	}
	told := map[string]bool{}
	for range 60 * n {
		if out.made == n {
			break
		}
		pool := other
		if len(other) == 0 || random.IntN(2) == 0 {
			pool = verbatim
		}
		g := pool[random.IntN(len(pool))]
		l := kind.make(m, g)
		if !l.isLie() || told[l.claim] {
			continue
		}
		told[l.claim] = true
		out.made++
		for _, text := range shown(t, c, l.claim, g.lang, l.cited) {
			if holds(text, l.trace) {
				out.shown++
				out.examples = append(out.examples, fmt.Sprintf("%s [%s]\n\t    of %s", l.claim, l.trace, strings.Join(l.cited, " || ")))
			}
		}
	}
	return out
}

func TestNoLieIsShown(t *testing.T) {
	all := corpora(t)
	seeds := seeds
	if len(all) == 1 {
		seeds = seeds[:1] // our own texts give every seed the same few lies
	}
	for _, seed := range seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			testLies(t, all, seed)
		})
	}
}

// testLies tells outputs lies, as many of each kind as the corpora are good for, and
// looks for them in what is shown.
func testLies(t *testing.T, all []*shelfOfTexts, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	made := 0
	sums := make([]tally, len(mutations))
	// What one corpus has no lies for, the next ones are asked for.
	for i, kind := range mutations {
		want := (outputs - made + len(mutations) - i - 1) / (len(mutations) - i)
		for j, c := range all {
			got := tell(t, c, kind, (want-sums[i].made)/(len(all)-j), random)
			sums[i].made += got.made
			sums[i].shown += got.shown
			sums[i].examples = append(sums[i].examples, got.examples...)
		}
		made += sums[i].made
	}
	t.Logf("%-28s %6s %6s %8s", "kind", "made", "shown", "share")
	for i, kind := range mutations {
		s := sums[i]
		share := float64(s.shown) / float64(max(s.made, 1))
		t.Logf("%-28s %6d %6d %7.2f%%", kind.kind, s.made, s.shown, 100*share)
		if share > kind.most && (kind.most == 0 || s.made >= tellable) {
			t.Errorf("%s: %.2f %% are shown, want at most %.0f %%; among others\n\t%s", kind.kind, 100*share, 100*kind.most, strings.Join(s.examples[:min(shownExamples, len(s.examples))], "\n\t"))
		}
		if s.made == 0 {
			t.Errorf("%s: no lie was made", kind.kind)
		}
	}
	t.Logf("%-28s %6d", "all", made)
	if len(all) == 3 && made < outputs {
		t.Errorf("%d outputs were made, want %d", made, outputs)
	}
}

// tellable is how many lies of a kind must be made to hold a share against its
// limit: of fewer, as our own texts and the race detector's few outputs give, a
// handful is chance. Where the limit is none, one is too many.
const tellable = 100

// shownExamples is how many of the lies that are shown a failure lists.
const shownExamples = 5

// leaning matches a claim whose subject stands in another one.
var leaning = regexp.MustCompile(`^(?:He|She|It|They|His|Her|Its|Their|This|That|These|Those|Such)\b`)

func TestGoodClaimsAreShown(t *testing.T) {
	const most = 0.03 // the share that may be dropped
	for _, c := range corpora(t) {
		made, dropped := map[string]int{}, map[string]int{}
		var examples []string
		total, lost, replaced := 0, 0, 0
		for _, g := range c.good {
			if g.kind == "verbatim" || leaning.MatchString(g.claim) {
				continue // a claim that begins with "It" does not stand alone, so it is none
			}
			made[g.kind]++
			total++
			switch texts := shown(t, c, g.claim, g.lang, g.cited); {
			case len(texts) == 0:
				dropped[g.kind]++
				lost++
				examples = append(examples, g.why(c))
			case !slices.Contains(texts, g.claim):
				replaced++ // by its source sentence
			}
		}
		for _, kind := range sortedKeys(made) {
			t.Logf("%-18s %-12s %5d claims, %4d dropped: %.1f %%", c.name, kind, made[kind], dropped[kind], 100*float64(dropped[kind])/float64(made[kind]))
		}
		share := float64(lost) / float64(total)
		t.Logf("%-18s %-12s %5d claims, %4d dropped: %.2f %%; of %d the source sentence is shown instead", c.name, "all", total, lost, 100*share, replaced)
		if share > most {
			t.Errorf("%s: %.2f %% of the good claims are dropped, want at most %.0f %%; among others\n\t%s", c.name, 100*share, 100*most, strings.Join(examples[:min(shownExamples, len(examples))], "\n\t"))
		}
	}
}

// why tells what the gate has against a claim.
func (g goodClaim) why(c *shelfOfTexts) string {
	v := gate.Check(g.claim, g.lang, c.sentences(g.lang, g.cited), c.options())
	return fmt.Sprintf("%s: %s %v\n\t    of %s", g.kind, g.claim, v.Failures, strings.Join(g.cited, " || "))
}
