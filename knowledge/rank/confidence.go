package rank

import (
	_ "embed"
	"encoding/json"
	"math"
	"sync"

	"summitbot/knowledge/analysis"
)

// Evidence is what the confidence in an answer is judged by. Shares are of the
// weight of all of the question's content words.
type Evidence [evidenceCount]float64

// The evidence.
const (
	eBias       = iota
	eCovered    // share of the question's words in the best paragraph
	eSentence   // share in its best sentence
	eWindow     // share in two of its sentences
	eBM25       // its BM25F over the same weight
	eGrams      // its BM25 over n-grams, likewise
	eNear       // proximity, likewise
	ePhrase     // phrases, likewise
	eSoft       // share that only n-grams support
	eDocument   // share in its document's candidates
	eMargin     // its lead over the second best, over the same weight
	eUnknown    // share that occurs in no document, in no spelling
	eCorrected  // share whose spelling was corrected
	eNames      // share of the question's names and numbers that the paragraph lacks, 0 if it has none
	eNameless   // 1 if a name or number of the question occurs in no document
	eRarest     // 1 if the paragraph has the question's rarest word
	eDateless   // 1 if a date was asked for and the best sentence has none
	eNumberless // likewise a number
	ePersonless // likewise a person or a place
	eTitle      // share that stands in its document's title
	eScore      // its score over the same weight
	eAgree      // share of the next best that are of the same document, where there are several
	eLead       // share in its document's candidates less that in the next document's
	eFew        // 1 if there are too few documents for the last two
	eApart      // its lead over the best of another document, over the same weight
	eMissing    // the weightiest word that the paragraph lacks, over the weightiest of all
	eAbsent     // likewise what all candidates of its document lack
	eOwn        // share of the question's words, each by the part of the candidates with it that are of this document
	eMean       // mean weight of the question's words
	eTypeNear   // closeness of what was asked for to the question's words in the sentence that answers best
	ePicked     // share of the question's words in that sentence
	eSentence2  // eSentence, squared
	eDocument2  // eDocument, squared
	eSize       // logarithm of the number of paragraphs searched
	eTerms      // logarithm of the number of the question's words
	evidenceCount
)

const (
	fewDocuments = 5 // below, hits agree on a document by chance
	agreeing     = 5 // how many of the best ought to agree
)

// confidence.json holds the network that judges the evidence, made by tune.
//
//go:embed confidence.json
var confidenceJSON []byte

// A Network is a logistic regression over evidence with one layer of hidden
// units beside it. A plain regression cannot say that a missing word means much
// among 1,200 paragraphs and little among ten: on one German article it told
// answerable questions from others with an AUROC of 0.94, the network of 0.99.
type Network struct {
	Mean      Evidence   `json:"mean"`      // of each piece of evidence
	Deviation Evidence   `json:"deviation"` // its standard deviation
	Hidden    []Evidence `json:"hidden"`    // weights of each hidden unit
	Output    []float64  `json:"output"`    // weight of each hidden unit
	Direct    Evidence   `json:"direct"`    // weights past the hidden units
}

// Judge returns the probability that the documents answer the question.
func (n *Network) Judge(e Evidence) float64 {
	for i := range e {
		if n.Deviation[i] > 0 {
			e[i] = (e[i] - n.Mean[i]) / n.Deviation[i]
		}
	}
	sum := e.dot(&n.Direct)
	for i := range n.Hidden {
		sum += n.Output[i] * math.Tanh(e.dot(&n.Hidden[i]))
	}
	return 1 / (1 + math.Exp(-sum))
}

func (e *Evidence) dot(w *Evidence) float64 {
	sum := 0.0
	for i, v := range w {
		sum += v * e[i]
	}
	return sum
}

var confidence = sync.OnceValue(func() *Network {
	n := &Network{}
	if err := json.Unmarshal(confidenceJSON, n); err != nil {
		panic(err) // embedded at build time
	}
	return n
})

// Confidence returns how likely the documents answer the question, from 0 to 1.
// It cannot tell a paragraph that answers from one that has all the words and
// answers something else: on the adversarial questions of SQuAD 2.0 its AUROC is 0.60.
func Confidence(c *Candidates, ranked []Ranked) float64 {
	if len(ranked) == 0 || len(c.Terms) == 0 {
		return 0
	}
	e := Collect(c, ranked)
	p := confidence().Judge(e)
	if lacksType(c, ranked) {
		p = withOdds(p, typelessOdds)
	}
	if e[eNameless] == 1 {
		p = withOdds(p, namelessOdds)
	}
	return p
}

// withOdds multiplies the odds of a probability.
func withOdds(p, factor float64) float64 { return p * factor / (1 - p + p*factor) }

// namelessOdds is what the odds are multiplied by when a name or a number of
// the question occurs in no document. That is so in 1 to 3 % of the questions
// that SQuAD and XQuAD answer and in 17 to 49 % of the others; the network has
// learned most of it, and what is left is caution: an answer about somebody
// else is worse than a refusal.
const namelessOdds = 0.05

// typelessOdds is what the odds of an answer are multiplied by when a date or a
// number was asked for and the best paragraphs have none. Of the 1,293 such
// questions of SQuAD and XQuAD that have an answer, 2 had no such paragraph
// among the best; the network cannot learn what it hardly sees.
const typelessOdds = 0.05

// typed is how many of the best paragraphs are looked at for that.
const typed = 5

// lacksType reports whether the question asks for a date or a number that none
// of the best paragraphs has.
func lacksType(c *Candidates, ranked []Ranked) bool {
	if t := c.Question.Type; t != analysis.DateAnswer && t != analysis.NumberAnswer {
		return false
	}
	for i := range ranked[:min(typed, len(ranked))] {
		for j := range ranked[i].Sentences {
			if ranked[i].Sentences[j][sType] > 0 {
				return false
			}
		}
	}
	return true
}

// Collect gathers the evidence for the best of the ranked candidates, of which
// there must be one.
func Collect(c *Candidates, ranked []Ranked) Evidence {
	top := &ranked[0]
	f := &top.Features
	e := Evidence{eBias: 1}
	total, unknown, corrected, names, rarest := 0.0, 0.0, 0.0, 0.0, 0.0
	for i := range c.Terms {
		t := &c.Terms[i]
		v := t.value()
		total += v
		rarest = max(rarest, v)
		isName := t.Word.Number || t.Word.Capital && !t.Word.Initial
		if isName {
			names += v
		}
		if t.Unknown() {
			unknown += v
			if isName {
				e[eNameless] = 1
			}
		} else if t.Corrected {
			corrected += v
		}
	}
	if total == 0 {
		return e
	}
	best := SentenceFeatures{}
	for i := range top.Sentences {
		if top.Sentences[i][sCovered] >= best[sCovered] {
			best = top.Sentences[i]
		}
	}
	e[eCovered] = f[fCovered] / total
	e[eSentence] = best[sCovered] / total
	e[eWindow] = f[fWindow] / total
	e[eBM25] = f[fBM25] / total
	e[eGrams] = f[fGrams] / total
	e[eNear] = f[fNear] / total
	e[ePhrase] = f[fPhrase] / total
	e[eSoft] = f[fSoft] / total
	e[eDocument] = f[fDocument] / total
	if len(ranked) > 1 {
		e[eMargin] = (top.Score - ranked[1].Score) / total
	}
	e[eTitle] = f[fTitle] / total
	e[eScore] = top.Score / total
	e[eSentence2] = e[eSentence] * e[eSentence]
	e[eDocument2] = e[eDocument] * e[eDocument]
	if c.Documents < fewDocuments {
		e[eFew] = 1
	} else {
		next, same, other := 0.0, 0, -1
		document := c.Paragraphs[top.Candidate].Document
		for i := range ranked {
			if c.Paragraphs[ranked[i].Candidate].Document != document {
				if other < 0 {
					other = i
				}
				next = max(next, ranked[i].Features[fDocument])
			} else if i > 0 && i < agreeing {
				same++
			}
		}
		if other >= 0 {
			e[eApart] = (top.Score - ranked[other].Score) / total
		} else {
			e[eApart] = 1
		}
		e[eLead] = (f[fDocument] - next) / total
		e[eAgree] = float64(same) / float64(agreeing-1)
	}
	for k := range c.Terms {
		v := c.Terms[k].value() / rarest
		if top.here&(1<<k) == 0 {
			e[eMissing] = max(e[eMissing], v)
		}
		if top.document&(1<<k) == 0 {
			e[eAbsent] = max(e[eAbsent], v)
		}
	}
	own := make([]float64, len(c.Terms))
	held := make([]float64, len(c.Terms))
	for i := range ranked {
		mine := c.Paragraphs[ranked[i].Candidate].Document == c.Paragraphs[top.Candidate].Document
		for k := range own {
			if ranked[i].here&(1<<k) != 0 {
				held[k]++
				if mine {
					own[k]++
				}
			}
		}
	}
	for k := range own {
		if held[k] > 0 {
			e[eOwn] += c.Terms[k].value() / total * own[k] / held[k]
		}
	}
	e[eMean] = total / float64(len(c.Terms))
	picked := 0
	for i, v := range top.Scores {
		if v > top.Scores[picked] {
			picked = i
		}
	}
	if len(top.Sentences) > 0 {
		e[eTypeNear] = top.Sentences[picked][sTypeNear]
		e[ePicked] = top.Sentences[picked][sShare]
	}
	e[eUnknown] = unknown / total
	e[eCorrected] = corrected / total
	if names > 0 {
		e[eNames] = 1 - (f[fNames]+f[fNumbers])/names
	}
	if f[fRarest] > 0 {
		e[eRarest] = 1
	}
	if f[fType] == 0 {
		switch c.Question.Type {
		case analysis.DateAnswer:
			e[eDateless] = 1
		case analysis.NumberAnswer:
			e[eNumberless] = 1
		case analysis.PersonAnswer, analysis.PlaceAnswer:
			e[ePersonless] = 1
		}
	}
	e[eSize] = math.Log(float64(1 + c.Total))
	e[eTerms] = math.Log(float64(1 + len(c.Terms)))
	return e
}

// Unknown returns the words of the question that occur in no document searched,
// as written. Names that stand side by side are one.
func Unknown(c *Candidates) []string {
	unknown := map[string]bool{}
	for i := range c.Terms {
		if t := &c.Terms[i]; t.Unknown() && !t.Word.Carried {
			unknown[t.Word.Folded] = true
		}
	}
	var out []string
	seen := map[string]bool{}
	joined := false
	for _, w := range c.Question.Words {
		if !unknown[w.Folded] {
			joined = false
			continue
		}
		again := seen[w.Folded]
		seen[w.Folded] = true
		switch {
		case again:
			joined = false
			continue
		case joined && w.Capital:
			out[len(out)-1] += " " + w.Surface
		default:
			out = append(out, w.Surface)
		}
		joined = w.Capital
	}
	return out
}
