package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// A base with an answerer over it is an Asker as it stands.
var _ Asker = struct {
	*knowledge.Base
	*answer.Extractive
}{}

// A shelf is a corpus of one-sentence paragraphs, by document. What it opens
// ranks by the share of the question's words that a paragraph holds, and
// refuses below half of them.
type shelf struct {
	documents map[string][]string
	fail      error // of every answer

	mu     sync.Mutex
	opened []string // the documents of each base, joined by commas
	open   int      // bases not closed yet
}

func (s *shelf) corpus() Corpus {
	c := Corpus{Open: s.Open}
	for _, id := range slices.Sorted(maps.Keys(s.documents)) {
		c.Documents = append(c.Documents, knowledge.Document{ID: id, Paragraphs: len(s.documents[id])})
	}
	return c
}

func (s *shelf) Open(_ context.Context, include func(string) bool) (Asker, error) {
	base := &base{shelf: s}
	for _, id := range slices.Sorted(maps.Keys(s.documents)) {
		if include(id) {
			base.documents = append(base.documents, id)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = append(s.opened, strings.Join(base.documents, ","))
	s.open++
	return base, nil
}

type base struct {
	shelf     *shelf
	documents []string
	closed    bool
}

func (b *base) Search(_ context.Context, q knowledge.Query) (knowledge.Result, error) {
	if b.closed {
		return knowledge.Result{}, errors.New("searched after it was closed")
	}
	asked := strings.Fields(strings.ToLower(strings.Trim(q.Text, "?")))
	var r knowledge.Result
	for _, id := range b.documents {
		for i, text := range b.shelf.documents[id] {
			found := 0
			for _, w := range asked {
				if containsWords(normalise(text), w) {
					found++
				}
			}
			if found == 0 {
				continue
			}
			score := float64(found) / float64(len(asked))
			r.Hits = append(r.Hits, knowledge.Hit{
				Document:  knowledge.Document{ID: id},
				Paragraph: knowledge.Paragraph{Number: i + 1, Text: text, Sentences: []knowledge.Span{{End: len(text)}}},
				Score:     score, Sentences: []float64{score},
			})
			r.Confidence = max(r.Confidence, score)
		}
	}
	slices.SortStableFunc(r.Hits, func(a, b knowledge.Hit) int { return cmp.Compare(b.Score, a.Score) })
	r.Hits = r.Hits[:min(len(r.Hits), q.Limit)]
	return r, nil
}

func (b *base) Answer(ctx context.Context, q answer.Question, _ func(answer.Claim)) (answer.Answer, error) {
	if b.shelf.fail != nil {
		return answer.Answer{}, b.shelf.fail
	}
	r, err := b.Search(ctx, knowledge.Query{Text: q.Text, Limit: 1})
	if err != nil || r.Confidence < .5 {
		return answer.Answer{Outcome: answer.Refused, Confidence: r.Confidence}, err
	}
	best := r.Hits[0]
	return answer.Answer{Outcome: answer.Answered, Confidence: r.Confidence, Claims: []answer.Claim{{
		Text: best.Paragraph.Text, Citations: []answer.Citation{{Address: best.Address().String()}},
	}}}, nil
}

func (b *base) Close() error {
	b.shelf.mu.Lock()
	defer b.shelf.mu.Unlock()
	if b.closed {
		return errors.New("closed twice")
	}
	b.closed = true
	b.shelf.open--
	return nil
}

func harbour() *shelf {
	return &shelf{documents: map[string][]string{
		"boats":  {"The Heron is a small ferry.", "The Petrel is a big ferry."},
		"people": {"Okafor commands the Heron."},
		"places": {"Ormsey lies north of Brannock.", "Brannock has one pier."},
	}}
}

func at(addresses ...string) []knowledge.Address {
	var out []knowledge.Address
	for _, s := range addresses {
		a, err := knowledge.ParseAddress(s)
		if err != nil {
			panic(err) // a test's own typing error
		}
		out = append(out, a)
	}
	return out
}

func judged() []Question {
	return []Question{
		{ID: "right", Text: "who commands the Heron?", Paragraphs: at("people#1"), Answers: []string{"Okafor"}},
		{ID: "second", Text: "is Heron a ferry?", Paragraphs: at("boats#2"), Answer: [][]string{{"petrel"}}}, // its paragraph is ranked second
		{ID: "shy", Text: "which pier does that village up there have?", Paragraphs: at("places#2")},         // 1 word of 8: refused, and found
		{ID: "unsaid", Text: "what colour has captain Okafor?", Refuse: true, Near: at("people#1")},          // 1 word of 5: refused
		{ID: "trap", Text: "is the Heron a big ferry?", Refuse: true},                                        // 5 words of 6: answered
		{ID: "either", Text: "tell me something else", OrRefuse: true, Paragraphs: at("places#1")},           // refused, not found
		{ID: "model", Text: "sum it up", Paragraphs: at("boats#1"), Needs: NeedsLLM},
	}
}

// stopped is a clock that does not go, so that latencies are 0.
func stopped() time.Time { return time.Time{} }

// figuresOf returns the figures that r has, by key, without containment,
// whose sentences are ranked elsewhere.
func figuresOf(r Report) map[string]float64 {
	out := make(map[string]float64)
	for _, f := range r.figures() {
		if f.value != nil && !strings.HasPrefix(f.key, "containment") {
			out[f.key] = *f.value
		}
	}
	return out
}

func TestRunComputesEveryFigure(t *testing.T) {
	s := harbour()
	report, results, err := Run(t.Context(), s.corpus(), judged(), Options{Now: stopped})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		"hit_at_1": 2. / 4, "hit_at_5": 3. / 4, "mrr_at_10": (1 + 1./2 + 1 + 0) / 4,
		"citation_precision": 1. / 2, "citation_recall": 1. / 3,
		// Confidences: 3/4, 4/4 (which is why "second" is answered), 1/8; negatives 1/5, 5/6.
		"refusal_auroc":     (1 + 2 + 0.) / 6,
		"refused_at_5":      0, // the threshold is the least of three positives, 1/8
		"refusal_precision": 1. / 2, "refusal_recall": 1. / 2, "false_refusal_rate": 1. / 3,
		"passed": 3, "total": 6, "p50_ms": 0, "p99_ms": 0,
	}
	if diff := gocmp.Diff(want, figuresOf(report), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if report.Skipped != (Skipped{LLM: 1}) {
		t.Errorf("skipped = %+v; want one for want of a model", report.Skipped)
	}
	why := make(map[string]string)
	for _, r := range results {
		why[r.ID] = r.Why
	}
	wantWhy := map[string]string{
		"right": "", "second": "cites none of the right paragraphs", "shy": "refused",
		"unsaid": "", "trap": "answered, where the documents do not say", "either": "",
	}
	if diff := gocmp.Diff(wantWhy, why); diff != "" {
		t.Errorf("why not passed (-want +got):\n%s", diff)
	}
	if s.open != 0 {
		t.Errorf("%d bases were left open", s.open)
	}
}

func TestRunLeavesOutTheQuestionsOwnArticles(t *testing.T) {
	questions := judged()[:3]
	for _, c := range []struct {
		name   string
		o      Options
		opened []string
	}{
		{"all", Options{}, []string{"boats,people,places"}},
		{"one article", Options{OneArticle: true}, []string{"boats", "people", "places"}},
		{"missing", Options{Missing: true}, []string{"boats,people", "boats,people,places", "boats,places", "people,places"}},
	} {
		s := harbour()
		_, results, err := Run(t.Context(), s.corpus(), questions, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		slices.Sort(s.opened)
		if diff := gocmp.Diff(c.opened, s.opened); diff != "" {
			t.Errorf("%s: bases opened (-want +got):\n%s", c.name, diff)
		}
		if s.open != 0 {
			t.Errorf("%s: %d bases were left open", c.name, s.open)
		}
		for _, r := range results {
			if r.Expected == Absent && (r.Rank != 0 || strings.Contains(strings.Join(r.Hits, " "), r.question.Paragraphs[0].Document)) {
				t.Errorf("%s: %s was found in the base %s", c.name, r.ID, r.Base)
			}
		}
	}
}

func TestRunMissingComparesEachQuestionWithItself(t *testing.T) {
	report, results, err := Run(t.Context(), harbour().corpus(), judged(), Options{Missing: true, Now: stopped})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, r := range results {
		order = append(order, r.ID+" "+r.Base)
	}
	wantOrder := []string{
		"right all", "right without people", "second all", "second without boats",
		"shy all", "shy without places", "either all", "either without places",
	}
	if diff := gocmp.Diff(wantOrder, order); diff != "" {
		t.Errorf("askings (-want +got):\n%s", diff)
	}
	// Positives 3/4, 4/4, 1/8; negatives: "the Heron" 2/4, "Heron" 1/4, and 0, 0.
	want := map[string]float64{
		"refusal_auroc": (4 + 4 + 2.) / 12, "refused_at_5": 2. / 4,
		"refusal_precision": 3. / 4, "refusal_recall": 3. / 4, "false_refusal_rate": 1. / 3,
	}
	got := figuresOf(report)
	maps.DeleteFunc(got, func(key string, _ float64) bool { _, ok := want[key]; return !ok })
	if diff := gocmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if want := (Skipped{LLM: 1, Refuse: 2}); report.Skipped != want {
		t.Errorf("skipped = %+v; want %+v", report.Skipped, want)
	}
}

func TestRunOneArticleMissingAsksAnotherArticle(t *testing.T) {
	run := func(seed uint64) (bases []string) {
		_, results, err := Run(t.Context(), harbour().corpus(), judged()[:3], Options{OneArticle: true, Missing: true, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			own := "only " + r.question.Paragraphs[0].Document
			if (r.Expected == Absent) == (r.Base == own) {
				t.Errorf("%s, %s, was asked of the base %s", r.ID, r.Expected, r.Base)
			}
			bases = append(bases, r.Base)
		}
		return bases
	}
	if diff := gocmp.Diff(run(1), run(1)); diff != "" {
		t.Errorf("the same seed chose other articles:\n%s", diff)
	}
	seen := make(map[string]bool)
	for seed := range uint64(20) {
		seen[strings.Join(run(seed), ";")] = true
	}
	if len(seen) < 2 {
		t.Error("twenty seeds chose the same articles")
	}
}

func TestRunResultsDoNotDependOnTheNumberOfWorkers(t *testing.T) {
	var questions []Question
	for i := range 60 {
		q := judged()[i%6]
		q.ID = fmt.Sprint(i)
		questions = append(questions, q)
	}
	run := func(workers int) []Result {
		last := 0
		o := Options{Workers: workers, Missing: true, Misspell: 1, Now: stopped, Progress: func(done, total int) {
			if done != last+1 || done > total {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
		}}
		_, results, err := Run(t.Context(), harbour().corpus(), questions, o)
		if err != nil {
			t.Fatal(err)
		}
		if last != len(results) {
			t.Errorf("progress ended at %d of %d", last, len(results))
		}
		return results
	}
	if diff := gocmp.Diff(run(1), run(7), cmpopts.IgnoreUnexported(Result{})); diff != "" {
		t.Errorf("results of 1 and of 7 workers differ:\n%s", diff)
	}
}

func TestRunMisspellMeasuresTheSameQuestionsUnmisspelt(t *testing.T) {
	questions := []Question{
		{ID: "name", Text: "who commands the Heron?", Paragraphs: at("people#1")},
		{ID: "nameless", Text: "has it one pier?", Paragraphs: at("places#2")},
		{ID: "first", Text: "Brannock has what?", Paragraphs: at("places#2")},
		{ID: "question word", Text: "Which has one pier?", Paragraphs: at("places#2")},
		{ID: "in small letters", Text: "and which has two?", Refuse: true},
	}
	report, results, err := Run(t.Context(), harbour().corpus(), questions, Options{Misspell: 2, Now: stopped})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Skipped{Name: 3}); report.Skipped != want {
		t.Errorf("skipped = %+v; want %+v", report.Skipped, want)
	}
	// "Brannock" is all that sets its second paragraph off from nothing: "has" still finds it.
	got := figuresOf(report)
	if got["hit_at_1_clean"] != 1 || got["hit_at_1_loss"] != got["hit_at_1_clean"]-got["hit_at_1"] {
		t.Errorf("figures = %v; want a clean hit@1 of 1 and the loss against it", got)
	}
	for _, r := range results {
		if r.Asked == r.Question || r.CleanRank == nil || *r.CleanRank != 1 {
			t.Errorf("%s: asked %q for %q, clean rank %v", r.ID, r.Asked, r.Question, r.CleanRank)
		}
	}
}

func TestRunRefusesJudgementsThatDoNotFitTheCorpus(t *testing.T) {
	questions := []Question{
		{ID: "a", File: "q.yaml", Line: 1, Paragraphs: []knowledge.Address{{Paragraph: 1}}},
		{ID: "b", File: "q.yaml", Line: 2, Paragraphs: at("boats#3")},
		{ID: "c", File: "q.yaml", Line: 3, Paragraphs: at("trains#1")},
		{ID: "d", File: "q.yaml", Line: 4, Near: at("trains#2"), Refuse: true},
	}
	_, _, err := Run(t.Context(), harbour().corpus(), questions, Options{})
	want := `q.yaml:1: question "a": a paragraph without its document: the corpus has 3 documents, so write DOCUMENT#NUMBER
q.yaml:2: question "b": there is no boats#3: that document has 2 paragraphs
q.yaml:3: question "c": the corpus has no document "trains" (and 1 more)`
	if err == nil || err.Error() != want {
		t.Errorf("error:\n%v\nwant:\n%s", err, want)
	}
}

func TestRunTakesBareNumbersForTheOnlyDocument(t *testing.T) {
	s := &shelf{documents: map[string][]string{"boats": harbour().documents["boats"]}}
	questions := []Question{{ID: "a", Text: "Petrel?", Paragraphs: []knowledge.Address{{Paragraph: 2}}}}
	for _, o := range []Options{{}, {OneArticle: true}} {
		report, _, err := Run(t.Context(), s.corpus(), questions, o)
		if err != nil || report.Passed != 1 {
			t.Errorf("passed %d, error %v; want 1", report.Passed, err)
		}
	}
	if _, _, err := Run(t.Context(), s.corpus(), questions, Options{Missing: true}); err == nil {
		t.Error("an only article could be left out")
	}
}

func TestRunStopsAtTheFirstErrorAndClosesEveryBase(t *testing.T) {
	s := harbour()
	s.fail = errors.New("the disk is gone")
	_, _, err := Run(t.Context(), s.corpus(), judged(), Options{Missing: true})
	if !errors.Is(err, s.fail) || !strings.Contains(err.Error(), `question "`) {
		t.Errorf("error = %v; want %v with the question", err, s.fail)
	}
	if s.open != 0 {
		t.Errorf("%d bases were left open", s.open)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Run(ctx, harbour().corpus(), judged(), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error of a cancelled run = %v", err)
	}

	refuses := Corpus{Documents: harbour().corpus().Documents, Open: func(context.Context, func(string) bool) (Asker, error) {
		return nil, errors.New("no space left")
	}}
	if _, _, err := Run(t.Context(), refuses, judged(), Options{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error of a base that does not open = %v", err)
	}
}

func TestRunRefusesMoreEditsThanAWordCanBear(t *testing.T) {
	for _, n := range []int{-1, 3} {
		if _, _, err := Run(t.Context(), harbour().corpus(), judged(), Options{Misspell: n}); err == nil {
			t.Errorf("Misspell %d was accepted", n)
		}
	}
}
