// Package eval measures how well a knowledge base is found, cited and, where
// it has no answer, kept silent. People who know their documents write down
// questions with the paragraphs that answer them; Run asks each one and turns
// what came back into retrieval, citation and refusal figures.
//
// Invariants. A figure is absent, never zero, where the questions give no
// ground for it. A document that is left out was never there: the base that
// answers without it is opened without it, so that word statistics and unknown
// words are those of a base that never held it. Everything except latency is
// the same from run to run, however many workers ask.
package eval

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// An Asker is one knowledge base that can be searched and asked. It is used
// from several goroutines at once and closed when its last question is done.
type Asker interface {
	// Search returns the hits that the figures of retrieval and containment
	// are taken from.
	Search(ctx context.Context, q knowledge.Query) (knowledge.Result, error)
	// Answer answers or refuses. An error ends the run; a question that
	// merely came to nothing is an Answer whose Outcome is Failed.
	Answer(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error)
	Close() error
}

// A Corpus is the documents that the questions are about, and the way to a
// base that holds some of them.
type Corpus struct {
	// Documents lists what the full base holds. Paragraphs, where known,
	// serves to find judgements of paragraphs that do not exist.
	Documents []knowledge.Document
	// Open builds a base of the documents that include accepts, and of
	// nothing else. Several may be open at the same time.
	Open func(ctx context.Context, include func(documentID string) bool) (Asker, error)
}

// Options say which base each question is put to, and how.
type Options struct {
	// Missing asks each answerable question twice: of the full base, and of
	// the base without the question's own articles, which must refuse it.
	// Questions marked refuse are left out.
	Missing bool
	// OneArticle asks of the question's own articles alone instead of the
	// full base; with Missing, the second asking is of one other article,
	// drawn by Seed and the question's id.
	OneArticle bool
	// Misspell corrupts one name of each question by so many edits; 0 is off.
	// Questions without a name are left out.
	Misspell int
	// Seed makes every random choice.
	Seed uint64
	// LLM says that a model answers, so that questions which need one are asked.
	LLM bool
	// Workers is how many questions are asked at once; 0 means GOMAXPROCS.
	Workers int
	// Progress, if set, is told after each asking how many of all are done.
	// It is never called from two goroutines at once.
	Progress func(done, total int)
	// Now is the clock of the latencies; nil means time.Now.
	Now func() time.Time
}

// maxMisspell bounds Options.Misspell: beyond two edits, a name of five
// letters is another name.
const maxMisspell = 2

// hitsRanked is how many hits are looked at, the ten of MRR@10.
const hitsRanked = 10

// picksRanked is how many sentences containment looks at.
const picksRanked = 3

// Case says what an asking expects of the base that it is put to.
type Case string

// The cases of an asking.
const (
	Present Case = "present" // the base should answer
	Absent  Case = "absent"  // the base cannot answer, and should refuse
	Either  Case = "either"  // to answer well and to refuse are both right
)

// A Result is one question put to one base. With Options.Missing a question
// has two.
type Result struct {
	ID         string         `json:"id"`
	Question   string         `json:"question"`        // as judged
	Asked      string         `json:"asked,omitempty"` // as asked, if misspelt
	Base       string         `json:"base"`            // "all", "without X" or "only X"
	Expected   Case           `json:"expected"`
	Outcome    answer.Outcome `json:"outcome"`
	Passed     bool           `json:"passed"`
	Why        string         `json:"why,omitempty"`        // why it did not pass
	Rank       int            `json:"rank"`                 // of the first right paragraph among ten, from 1; 0 means not found
	CleanRank  *int           `json:"clean_rank,omitempty"` // Rank of the same question unmisspelt
	Contained  int            `json:"contained"`            // how many of the best sentences it takes to contain the answer; 0 means more than three
	Confidence float64        `json:"confidence"`           // of the answer
	Claims     []Claim        `json:"claims"`
	Unknown    []string       `json:"unknown_words"`
	Hits       []string       `json:"hits"`  // addresses, best first
	Picks      []Claim        `json:"picks"` // the best sentences, before any decision to refuse
	Millis     float64        `json:"ms"`    // question to finished answer
	Method     answer.Method  `json:"method"`
	Fallback   bool           `json:"fallback,omitempty"` // the model failed, or nothing that it said could be verified
	Error      string         `json:"error,omitempty"`
	Account    answer.Account `json:"account"`

	question  Question // with its addresses resolved
	citations int      // addresses cited, each counted once
	right     int      // of those, the ones among the question's paragraphs
}

// A Claim is one statement shown, with the addresses that it cites.
type Claim struct {
	Text      string   `json:"text"`
	Addresses []string `json:"addresses"`
}

// Run asks questions of corpus and returns the figures and one result for each
// asking, in the order of questions. Judgements that do not fit the corpus are
// reported together, before anything is asked.
func Run(ctx context.Context, corpus Corpus, questions []Question, o Options) (Report, []Result, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Report{}, nil, err
	}
	questions, err = resolve(questions, corpus.Documents)
	if err != nil {
		return Report{}, nil, err
	}
	plan, skipped, err := newPlan(corpus.Documents, questions, o)
	if err != nil {
		return Report{}, nil, err
	}
	results, err := plan.run(ctx, corpus, o)
	if err != nil {
		return Report{}, nil, err
	}
	return newReport(results, skipped), results, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Misspell < 0 || o.Misspell > maxMisspell {
		return o, fmt.Errorf("misspell: %d edits; want 1 or %d", o.Misspell, maxMisspell)
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// resolve gives every address its document and checks that the corpus has it.
func resolve(questions []Question, documents []knowledge.Document) ([]Question, error) {
	paragraphs := make(map[string]int, len(documents))
	for _, d := range documents {
		paragraphs[d.ID] = d.Paragraphs
	}
	type complaint struct {
		where Question
		count int
	}
	complaints := make(map[string]*complaint) // by what is wrong: one wrong name may stand in thousands of questions
	var order []string
	complain := func(q Question, what string) {
		if c, ok := complaints[what]; ok {
			c.count++
			return
		}
		complaints[what] = &complaint{where: q, count: 1}
		order = append(order, what)
	}
	full := func(q Question, addresses []knowledge.Address) []knowledge.Address {
		out := slices.Clone(addresses)
		for i, a := range out {
			if a.Document == "" {
				if len(documents) != 1 {
					complain(q, fmt.Sprintf("a paragraph without its document: the corpus has %d documents, so write DOCUMENT#NUMBER", len(documents)))
					continue
				}
				out[i].Document = documents[0].ID
			}
			n, ok := paragraphs[out[i].Document]
			switch {
			case !ok:
				complain(q, fmt.Sprintf("the corpus has no document %q", out[i].Document))
			case n > 0 && a.Paragraph > n:
				complain(q, fmt.Sprintf("there is no %s: that document has %d paragraphs", out[i], n))
			}
		}
		return out
	}
	resolved := slices.Clone(questions)
	for i, q := range resolved {
		resolved[i].Paragraphs = full(q, q.Paragraphs)
		resolved[i].Near = full(q, q.Near)
	}
	errs := make([]error, len(order))
	for i, what := range order {
		c := complaints[what]
		more := ""
		if c.count > 1 {
			more = fmt.Sprintf(" (and %d more)", c.count-1)
		}
		errs[i] = fmt.Errorf("%s: question %q: %s%s", c.where.Place(), c.where.ID, what, more)
	}
	return resolved, errors.Join(errs...)
}

// own returns the documents that q is about, sorted: those of its paragraphs,
// or those it comes near.
func (q Question) own() []string {
	addresses := q.Paragraphs
	if len(addresses) == 0 {
		addresses = q.Near
	}
	ids := make([]string, len(addresses))
	for i, a := range addresses {
		ids[i] = a.Document
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// The kinds of selection, in the words of Result.Base.
const (
	everything = "all"
	without    = "without"
	only       = "only"
)

// A selection is a set of documents: all of them, all without some, or only some.
type selection struct {
	kind      string
	documents []string // none of everything
}

func (s selection) String() string {
	if s.kind == everything {
		return s.kind
	}
	return s.kind + " " + strings.Join(s.documents, ", ")
}

func (s selection) includes(id string) bool {
	switch s.kind {
	case without:
		return !slices.Contains(s.documents, id)
	case only:
		return slices.Contains(s.documents, id)
	}
	return true
}

// An asking is one question to be put to one base.
type asking struct {
	question Question
	text     string // as asked
	expected Case
	slot     int // position of its result
}

// A plan is every asking, grouped by the base that it is put to, so that each
// base is built once.
type plan struct {
	groups []*group
	total  int
}

// A group opens its base when its first asking comes and closes it after its last.
type group struct {
	selection selection
	askings   []asking

	once  sync.Once
	asker Asker
	err   error
	left  atomic.Int64
}

// newPlan decides which question is put to which base.
func newPlan(documents []knowledge.Document, questions []Question, o Options) (*plan, Skipped, error) {
	if o.Missing && len(documents) < 2 {
		return nil, Skipped{}, errors.New("missing: to leave an article out, the corpus needs two documents or more")
	}
	ids := make([]string, len(documents))
	for i, d := range documents {
		ids[i] = d.ID
	}
	slices.Sort(ids)

	p := &plan{}
	groups := make(map[string]*group)
	add := func(s selection, q Question, text string, expected Case) {
		g, ok := groups[s.String()]
		if !ok {
			g = &group{selection: s}
			groups[s.String()] = g
			p.groups = append(p.groups, g)
		}
		g.askings = append(g.askings, asking{question: q, text: text, expected: expected, slot: p.total})
		p.total++
	}

	names := newNameFinder(questions)
	var skipped Skipped
	for _, q := range questions {
		if q.Needs == NeedsLLM && !o.LLM {
			skipped.LLM++
			continue
		}
		if o.Missing && q.Refuse {
			skipped.Refuse++
			continue
		}
		own := q.own()
		if len(own) == 0 && len(ids) == 1 {
			own = ids // whatever is asked of one document is asked about it
		}
		others := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(own, id) })
		if (o.Missing || o.OneArticle) && len(own) == 0 || o.Missing && len(others) == 0 {
			skipped.Article++
			continue
		}
		random := rand.New(rand.NewPCG(o.Seed, fingerprint(q.ID))) //nolint:gosec // the same each time is what is wanted
		text := q.Text
		if o.Misspell > 0 {
			name, ok := names.draw(text, random)
			if !ok {
				skipped.Name++
				continue
			}
			text = text[:name.Start] + misspell(text[name.Start:name.End], o.Misspell, random) + text[name.End:]
		}

		base := selection{kind: everything}
		if o.OneArticle {
			base = selection{kind: only, documents: own}
		}
		add(base, q, text, q.expects())
		switch {
		case o.Missing && o.OneArticle:
			// Drawn apart from the misspelling, so that the same article
			// stands in for a question whether or not it is misspelt.
			random := rand.New(rand.NewPCG(o.Seed+1, fingerprint(q.ID))) //nolint:gosec // the same each time is what is wanted
			add(selection{kind: only, documents: []string{others[random.IntN(len(others))]}}, q, text, Absent)
		case o.Missing:
			add(selection{kind: without, documents: own}, q, text, Absent)
		}
	}
	return p, skipped, nil
}

// expects says what a base that holds all of q's articles should do.
func (q Question) expects() Case {
	switch {
	case q.Refuse:
		return Absent
	case q.OrRefuse:
		return Either
	}
	return Present
}

// fingerprint turns an id into a number that seeds what is drawn for it.
func fingerprint(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return h.Sum64()
}

// run asks everything. The askings are dealt group by group: workers stay
// together on a large group, and spread over small ones, whose bases are then
// built side by side.
func (p *plan) run(ctx context.Context, corpus Corpus, o Options) (_ []Result, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer func() {
		for _, g := range p.groups {
			err = errors.Join(err, g.close()) // those that a failed run left open
		}
	}()

	type task struct {
		*group
		asking
	}
	tasks := make(chan task)
	results := make([]Result, p.total)
	var wg sync.WaitGroup
	var mu sync.Mutex // guards done and the calls of Progress
	done := 0
	for range min(o.Workers, p.total) {
		wg.Go(func() {
			for t := range tasks {
				result, err := t.ask(ctx, corpus, t.asking, o)
				if err != nil {
					cancel(err)
					return
				}
				results[t.slot] = result
				mu.Lock()
				done++
				if o.Progress != nil {
					o.Progress(done, p.total)
				}
				mu.Unlock()
			}
		})
	}
deal:
	for _, g := range p.groups {
		g.left.Store(int64(len(g.askings)))
		for _, a := range g.askings {
			select {
			case tasks <- task{g, a}:
			case <-ctx.Done():
				break deal
			}
		}
	}
	close(tasks)
	wg.Wait()
	return results, context.Cause(ctx)
}

func (g *group) open(ctx context.Context, corpus Corpus) (Asker, error) {
	g.once.Do(func() {
		if g.asker, g.err = corpus.Open(ctx, g.selection.includes); g.err != nil {
			g.err = fmt.Errorf("open the base %s: %w", g.selection, g.err)
		}
	})
	return g.asker, g.err
}

func (g *group) close() error {
	if g.asker == nil {
		return nil
	}
	asker := g.asker
	g.asker = nil
	if err := asker.Close(); err != nil {
		return fmt.Errorf("close the base %s: %w", g.selection, err)
	}
	return nil
}

// ask puts one question to the group's base and judges what comes back.
func (g *group) ask(ctx context.Context, corpus Corpus, a asking, o Options) (Result, error) {
	asker, err := g.open(ctx, corpus)
	if err != nil {
		return Result{}, err
	}
	q := a.question
	broken := func(err error) (Result, error) {
		return Result{}, fmt.Errorf("%s: question %q: %w", q.Place(), q.ID, err)
	}
	query := knowledge.Query{Text: a.text, Context: q.History, Collections: q.Collections, Limit: hitsRanked}

	start := o.Now()
	given, err := asker.Answer(ctx, answer.Question{Text: a.text, History: answer.Questions(q.History...), Collections: q.Collections}, nil)
	millis := float64(o.Now().Sub(start)) / float64(time.Millisecond)
	if err != nil {
		return broken(err)
	}
	found, err := asker.Search(ctx, query)
	if err != nil {
		return broken(err)
	}
	result := judge(a, found, given)
	result.Base = g.selection.String()
	result.Millis = millis
	if a.text != q.Text {
		result.Asked = a.text
		if a.expected != Absent {
			query.Text = q.Text
			clean, err := asker.Search(ctx, query)
			if err != nil {
				return broken(err)
			}
			rank := rankOf(clean.Hits, q.Paragraphs)
			result.CleanRank = &rank
		}
	}
	if g.left.Add(-1) == 0 {
		return result, g.close()
	}
	return result, nil
}

// rankOf returns the rank, from 1, of the first hit among right, or 0.
func rankOf(hits []knowledge.Hit, right []knowledge.Address) int {
	for i, h := range hits[:min(len(hits), hitsRanked)] {
		if slices.Contains(right, h.Address()) {
			return i + 1
		}
	}
	return 0
}
