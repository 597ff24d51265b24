// Package rank re-ranks the candidate paragraphs of a question, scores their
// sentences as answers, and says how far the best can be trusted. It stands
// above every index engine, so that they agree.
//
// Invariants. It is pure: no I/O, no clock, the same candidates give the same
// ranking. A paragraph's score depends on the question, on the statistics of
// its words and on the paragraph with its neighbours, never on the order of the
// candidates. Every score can be explained as a sum of named addends.
package rank

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"summitbot/knowledge/analysis"
)

// A Term is one addend of a score, with its name.
type Term struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// A Ranked is one candidate after re-ranking.
type Ranked struct {
	Candidate int // position in Candidates.Paragraphs
	Score     float64
	Features  Features
	Sentences []SentenceFeatures
	Scores    []float64 // of each sentence as an answer, comparable over all candidates
	here      uint64    // terms in the paragraph, as a set
	document  uint64    // terms in any candidate of its document
}

// Features are what a paragraph's score is made of, in units of IDF unless
// said otherwise.
type Features [featureCount]float64

// The features of a paragraph.
const (
	fBM25     = iota // BM25F over text, title, headings and neighbours
	fGrams           // BM25 over character n-grams of the text
	fSentence        // words of the question in the sentence that has most of them, n-grams at half
	fWindow          // words of the question in two sentences side by side
	fNear            // neighbours of the question that stand near each other here
	fPhrase          // neighbours of the question that stand side by side here, function words included
	fCovered         // words of the question anywhere in the paragraph
	fSoft            // words of the question that are missing, by the n-grams they share with words here
	fType            // 1 if the best sentence has what the question asks for: a date, a number, a name
	fNames           // names of the question in the paragraph
	fNumbers         // numbers of the question in the paragraph
	fRarest          // the question's rarest word, if here
	fTitle           // words of the question in the document's title
	fHeading         // words of the question in the headings
	fDocument        // words of the question in any candidate of the document
	fLength          // logarithm of the number of words
	featureCount
)

var featureNames = [featureCount]string{
	"bm25f", "n-gram bm25", "best sentence", "two sentences", "proximity", "phrase", "coverage", "n-grams",
	"answer type", "names", "numbers", "rarest word", "title", "heading", "document", "length",
}

// Explain returns the addends of a score.
func (r Ranked) Explain() []Term {
	out := make([]Term, 0, featureCount)
	for i, v := range r.Features {
		if v != 0 {
			out = append(out, Term{featureNames[i], v * weights[i]})
		}
	}
	return out
}

// weights of the features: see tune.
var weights = Features{
	fBM25: .3, fGrams: .06, fSentence: .18, fWindow: .1, fNear: .1, fPhrase: .18, fCovered: .07, fSoft: .24, fType: .85,
	fNames: .08, fNumbers: .15, fRarest: .06, fTitle: .16, fHeading: .16, fDocument: .22, fLength: -.75,
}

// Rank orders the candidates, best first.
func Rank(c *Candidates) []Ranked {
	m := newMatcher(c)
	defer m.release()
	out := make([]Ranked, len(c.Paragraphs))
	covered := map[string][]float64{} // by document, of each term
	for i := range c.Paragraphs {
		out[i] = Ranked{Candidate: i}
		m.paragraph(&c.Paragraphs[i], &out[i])
		in := covered[c.Paragraphs[i].Document]
		if in == nil {
			in = make([]float64, len(c.Terms))
			covered[c.Paragraphs[i].Document] = in
		}
		for k, v := range m.sent {
			in[k] = max(in[k], v)
			if v > 0 {
				out[i].here |= 1 << k
			}
		}
	}
	for i := range out {
		for k, v := range covered[c.Paragraphs[i].Document] {
			out[i].Features[fDocument] += m.values[k] * v
			if v > 0 {
				out[i].document |= 1 << k
			}
		}
		for f, v := range out[i].Features {
			out[i].Score += v * weights[f]
		}
	}
	slices.SortFunc(out, func(a, b Ranked) int {
		p, q := &c.Paragraphs[a.Candidate], &c.Paragraphs[b.Candidate]
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(p.Document, q.Document), cmp.Compare(p.Number, q.Number))
	})
	scoreSentences(out)
	return out
}

// Constants of the paragraph's own BM25F; see RETRIEVAL, section 3.
const (
	bm25K1          = 1.2
	bm25B           = 0.4
	titleWeight     = 0.5
	headingWeight   = 0.5
	neighbourWeight = 0.2
	softWeight      = 0.3 // a word that only shares n-grams, as an occurrence
	nearWindow      = 5   // words between neighbours of the question
)

// value is what a match of the term is worth. Names and numbers tell more than
// their frequency does (RETRIEVAL, section 3).
func (t *QueryTerm) value() float64 {
	v := t.IDF * t.Weight
	if t.Word.Number {
		v *= 1.3
	} else if t.Word.Capital {
		v *= 1.15
	}
	return v
}

// CorrectionWeight is what a corrected spelling counts for against the word
// itself.
func CorrectionWeight(edits int) float64 {
	if edits > 1 {
		return 0.6
	}
	return 0.9
}

// A match is how a word of the documents stands for one of the question.
type match struct {
	term   int16   // position in Candidates.Terms, or -1
	traits traits  // of the word itself
	weight float32 // 1 the same, less for a correction, 0 if only n-grams are shared
	soft   float32 // 0..1 by shared n-grams, for a word that is not the same
	grams  int32   // position in gramIndex.lists
}

// A hit is a word of a paragraph that is one of the question's.
type hit struct {
	at   int // position in the paragraph
	term int
}

// Traits are what a word is, whatever it stands for: what sentence asks about
// every word of a hundred paragraphs, worked out once a word.
type traits uint8

const (
	isContent    traits = 1 << iota // no function word
	isNumeral                       // content, and a number
	isCapital                       // content, and capitalised
	isAsked                         // what the question asks for, unless it opens a sentence
	isAskedFirst                    // the same where it does
)

func traitsOf(w *analysis.Word, asked analysis.AnswerType) traits {
	var t traits
	set := func(is bool, trait traits) {
		if is {
			t |= trait
		}
	}
	set(!w.Stop, isContent)
	set(!w.Stop && w.Number, isNumeral)
	set(!w.Stop && w.Capital, isCapital)
	set(isOfType(w, asked, false), isAsked)
	set(isOfType(w, asked, true), isAskedFirst)
	return t
}

// is reports whether a word has one of some traits.
func (t traits) is(some traits) bool { return t&some != 0 }

// matcher finds matches, remembering them by word.
type matcher struct {
	c      *Candidates
	values []float64
	forms  map[string]map[string]formMatch // by language and stem
	stems  filter                          // of forms
	grams  gramIndex
	tables map[*analysis.Lexicon]*table
	stops  map[string][]int // positions of function words in the question
	at     [][]int          // positions of each term in the question
	words  []int16          // term of each word of the question, or -1

	// of the paragraph under way
	tf      []float64
	sent    []float64
	window  []float64
	before  []float64
	soft    []float64
	matches []match
	hits    []hit
	phrase  []float64
	last    []int
	held    []uint64 // terms in each sentence, as a set
}

type formMatch struct {
	term   int16
	weight float32
}

func newMatcher(c *Candidates) *matcher {
	n := len(c.Terms)
	m := &matcher{
		c: c, values: make([]float64, n), forms: map[string]map[string]formMatch{}, grams: newGramIndex(c),
		tables: map[*analysis.Lexicon]*table{}, stops: map[string][]int{}, at: make([][]int, n),
		tf: make([]float64, n), sent: make([]float64, n), window: make([]float64, n), before: make([]float64, n),
		soft: make([]float64, n), last: make([]int, n),
	}
	for i := range c.Terms {
		t := &c.Terms[i]
		m.values[i] = t.value()
		for _, f := range t.Forms {
			m.stems.add(f.Stem)
			byStem := m.forms[f.Lang]
			if byStem == nil {
				byStem = map[string]formMatch{}
				m.forms[f.Lang] = byStem
			}
			if old, ok := byStem[f.Stem]; !ok || old.weight < float32(f.Weight) {
				byStem[f.Stem] = formMatch{int16(i), float32(f.Weight)}
			}
		}
	}
	m.words = make([]int16, len(c.Question.Words))
	m.phrase = make([]float64, len(m.words))
	for k, w := range c.Question.Words {
		m.words[k] = -1
		if w.Stop {
			m.stops[w.Folded] = append(m.stops[w.Folded], k)
			continue
		}
		stem := analysis.Stem(w.Folded, c.Question.Lang)
		for i := range c.Terms {
			if c.Terms[i].Word.Folded == w.Folded || c.Terms[i].Forms[0].Stem == stem {
				m.words[k] = int16(i)
				m.at[i] = append(m.at[i], k)
				break
			}
		}
	}
	return m
}

// match works out how word id of a lexicon stands for a word of the question,
// and puts it into the table.
func (m *matcher) match(t *table, l *analysis.Lexicon, id uint32) {
	w := l.Word(id)
	got := match{term: -1}
	if !w.Stop {
		got = m.grams.match(w)
		if f, ok := m.form(w); ok {
			got.term, got.weight, got.soft = f.term, f.weight, 0
		}
	}
	got.traits = traitsOf(w, m.c.Question.Type)
	t.put(id, got)
}

// form finds the question's word that w is a form of. Most words are none, which
// the filter tells without a look at two maps.
func (m *matcher) form(w *analysis.Word) (f formMatch, ok bool) {
	if m.stems.has(w.Stem) {
		f, ok = m.forms[w.Lang][w.Stem]
	}
	return f, ok
}

// paragraph computes the features of p.
func (m *matcher) paragraph(p *Paragraph, out *Ranked) {
	t := m.table(p.Lexicon)
	m.matches = m.matches[:0]
	known := t.known()
	for _, id := range p.Words {
		if t.stamps[id] != known {
			m.match(t, p.Lexicon, id)
		}
		m.matches = append(m.matches, t.matches[id])
	}
	f := &out.Features
	clear(m.tf)
	clear(m.soft)
	clear(m.before)
	clear(m.phrase)
	m.held = m.held[:0]
	out.Sentences = make([]SentenceFeatures, len(p.Sentences))
	start := 0
	best := 0
	for i, end := range p.Sentences {
		s := &out.Sentences[i]
		m.sentence(p, start, end, s)
		if s[sCovered] > out.Sentences[best][sCovered] {
			best = i
		}
		f[fSentence] = max(f[fSentence], s[sCovered]+s[sSoft]/2)
		both := 0.0
		set := uint64(0)
		for k, v := range m.sent {
			both += m.values[k] * max(v, m.before[k])
			if v > 0 {
				set |= 1 << k
			}
		}
		m.held = append(m.held, set)
		f[fWindow] = max(f[fWindow], both)
		m.sent, m.before = m.before, m.sent
		start = end
	}
	m.context(out.Sentences, m.held)
	if len(out.Sentences) > 0 {
		f[fType] = out.Sentences[best][sType]
	}
	m.occurrences(t, p.Lexicon, p.Title, titleWeight, &f[fTitle])
	m.occurrences(t, p.Lexicon, p.Headings, headingWeight, &f[fHeading])
	var ignored float64
	m.occurrences(t, p.Lexicon, p.Previous, neighbourWeight, &ignored)
	m.occurrences(t, p.Lexicon, p.Next, neighbourWeight, &ignored)

	divisor := bm25K1 * (1 - bm25B + bm25B*float64(len(p.Words))/max(m.c.Length, 1))
	clear(m.sent) // now: whether each term stands in the paragraph
	for _, got := range m.matches {
		if got.term >= 0 {
			m.sent[got.term] = max(m.sent[got.term], float64(got.weight))
		}
	}
	rarest := 0.0
	for k, v := range m.values {
		tf := m.tf[k]
		f[fBM25] += v * tf * (bm25K1 + 1) / (tf + divisor)
		f[fCovered] += v * m.sent[k]
		if v > rarest {
			rarest = v
			f[fRarest] = v * m.sent[k]
		}
		if m.sent[k] == 0 {
			f[fSoft] += v * m.soft[k]
		}
		w := m.c.Terms[k].Word
		if w.Number {
			f[fNumbers] += v * m.sent[k]
		} else if w.Capital && !w.Initial {
			f[fNames] += v * m.sent[k]
		}
	}
	f[fNear] = m.near()
	f[fGrams] = m.grams.bm25(m.matches, divisor)
	for _, v := range m.phrase {
		f[fPhrase] += v
	}
	f[fLength] = math.Log(float64(len(p.Words) + 1))
}

// occurrences counts words of another field towards a paragraph, and adds the
// weight of each of the question's words that stands there to covered.
func (m *matcher) occurrences(t *table, l *analysis.Lexicon, words []uint32, weight float64, covered *float64) {
	clear(m.last)
	formless, known := t.formless(), t.known()
	for _, id := range words {
		switch t.stamps[id] {
		case formless:
			continue
		case known:
		default:
			w := l.Word(id)
			if _, ok := m.form(w); !ok || w.Stop {
				t.stamps[id] = formless
				continue
			}
			m.match(t, l, id)
		}
		got := &t.matches[id]
		if got.weight == 0 {
			continue
		}
		m.tf[got.term] += weight * float64(got.weight)
		if m.last[got.term] == 0 {
			m.last[got.term] = 1
			*covered += m.values[got.term] * float64(got.weight)
		}
	}
}

// near adds up, for neighbours among the question's content words, how close
// they come to each other: the mean of their weights over the distance.
func (m *matcher) near() float64 {
	n := len(m.values)
	if n < 2 {
		return 0
	}
	sum := 0.0
	m.hits = m.hits[:0]
	for i, got := range m.matches {
		if got.weight > 0 {
			m.hits = append(m.hits, hit{i, int(got.term)})
		}
	}
	for k := 0; k+1 < n; k++ {
		a, b := -1, -1
		closest := nearWindow + 1
		for _, h := range m.hits {
			switch h.term {
			case k:
				a = h.at
			case k + 1:
				b = h.at
			default:
				continue
			}
			if a >= 0 && b >= 0 {
				closest = min(closest, max(a-b, b-a))
			}
		}
		if closest <= nearWindow {
			sum += (m.values[k] + m.values[k+1]) / 2 / float64(closest)
		}
	}
	return sum
}
