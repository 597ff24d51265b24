// Package rank re-ranks the candidate paragraphs of a question, scores their
// sentences as answers, and says how far the best can be trusted. It stands
// above every index engine, so that they agree.
//
// Invariants. It is pure: no I/O, no clock, the same candidates give the same
// ranking. A paragraph's score depends on the question, on the statistics of
// its words, on the paragraph with its neighbours and on which of the question's
// words its document's other candidates hold, never on the order of the
// candidates. Every score can be explained as a sum of named addends.
package rank

import (
	"cmp"
	"slices"
	"strings"
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

// weights of the features, fitted by knowledge/index/tune on SQuAD and XQuAD in
// three languages together and rounded where that cost nothing. Fitted on half
// of the articles they rank the other half as well. No judged corpus at hand has
// headings, so a heading counts like a title.
var weights = Features{
	fBM25: .3, fGrams: .06, fSentence: .18, fWindow: .1, fNear: .1, fPhrase: .18, fCovered: .07, fSoft: .24, fType: .85,
	fNames: .08, fNumbers: .15, fRarest: .06, fTitle: .16, fHeading: .16, fDocument: .22, fLength: -.75,
}

// Rank orders the candidates, best first.
func Rank(c *Candidates) []Ranked {
	m := newMatcher(c)
	defer m.release()
	out := make([]Ranked, len(c.Paragraphs))
	sentences := 0
	for i := range c.Paragraphs {
		sentences += len(c.Paragraphs[i].Sentences)
	}
	// One array for all: to make one for each paragraph takes longer than to fill it.
	features, scores := make([]SentenceFeatures, sentences), make([]float64, sentences)
	covered := map[string][]float64{} // by document, of each term
	for i := range c.Paragraphs {
		n := len(c.Paragraphs[i].Sentences)
		out[i] = Ranked{Candidate: i, Sentences: features[:n:n], Scores: scores[:n:n]}
		features, scores = features[n:], scores[n:]
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

// Constants of the paragraph's own BM25F. On SQuAD and XQuAD none moves hit@1 by
// more than 0.4 points when it is halved or doubled.
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
// their frequency does; on SQuAD the gain is within chance, 0.1 points.
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
