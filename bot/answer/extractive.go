package answer

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

// Constants of the offline answerer.
const (
	// threshold is the confidence below which a question is refused. The
	// confidence is a probability, so one half; that refuses 4 to 7 % of what
	// the SQuAD and XQuAD corpora answer, and 95 % of what they do not.
	threshold = 0.5
	// searched is how many paragraphs sentences are picked from. The right one
	// is among the best five in 96.5 % of the SQuAD questions.
	searched = 5
	// shown is how many sentences an answer has at most; the margins say how far
	// below the best one's score the others may lie. Scores are logarithms of
	// odds: a sentence of another paragraph may be ten times less likely the
	// answer. One of the same paragraph may be thirty times less likely, since it
	// costs no further citation and tells the reader more of the same matter.
	shown        = 3
	margin       = 2.3
	marginBeside = 3.4
	// near is how many near misses a refusal shows.
	near = 3
)

// Extractive answers with source sentences, verbatim.
type Extractive struct {
	retriever Retriever
	now       func() time.Time
}

// NewExtractive returns an answerer over r. now is the clock.
func NewExtractive(r Retriever, now func() time.Time) *Extractive { return &Extractive{r, now} }

// Answer answers q, or refuses. It hands each claim on as soon as it is certain,
// which here is all at once; each may be nil. An error means that searching broke.
func (e *Extractive) Answer(ctx context.Context, q Question, each func(Claim)) (Answer, error) {
	started := e.now()
	r, err := e.retriever.Search(ctx, knowledge.Query{
		Text: q.Text, Context: asked(q.History), Collections: q.Collections, Limit: searched,
	})
	if err != nil {
		return Answer{}, err
	}
	a := e.from(q, r, cmp.Or(q.Language, questionLanguage(q.Text, r)))
	a.Created = started.UTC()
	a.Account.Shown = len(a.Claims)
	a.Account.Millis = float64(e.now().Sub(started).Microseconds()) / 1000
	for _, c := range a.Claims {
		if each != nil {
			each(c)
		}
	}
	return a, nil
}

// from makes an answer of what a search found, told in a language. What time it
// took is left open.
func (e *Extractive) from(q Question, r knowledge.Result, language string) Answer {
	a := Answer{
		Version: Version, ID: newID(), Question: q.Text, Language: language, Outcome: Refused, Method: Offline,
		Claims: []Claim{}, Nearest: []Nearest{}, UnknownWords: append([]string{}, r.Unknown...), Confidence: r.Confidence,
	}
	if r.Confidence >= threshold {
		for _, p := range inReadingOrder(r, best(PickSentences(r, shown))) {
			a.Claims = append(a.Claims, quote(r.Hits[p.Hit], p.Sentence))
		}
	}
	if len(a.Claims) > 0 {
		a.Outcome = Answered
		a.UnknownWords = named(q.Text, r.Language, a.UnknownWords)
	} else {
		a.Nearest = nearest(r)
	}
	if isAbroad(questionLanguage(q.Text, r), r.Languages) {
		a.UnknownWords = []string{} // they are in another language, so that says nothing
		a.Note = phrase.For(language).DocumentsIn(r.Languages[0])
	}
	a.Account = Account{Candidates: r.Candidates, Claims: len(a.Claims)}
	return a
}

// A Pick is one sentence of a result, chosen as an answer.
type Pick struct {
	Hit, Sentence int     // positions in Result.Hits and in Hit.Sentences
	Score         float64 // as in Hit.Sentences
}

// PickSentences returns the n sentences of r that answer its query best, best
// first, whether or not r is good enough to be answered from. A sentence that
// stands in several documents word for word is picked once.
func PickSentences(r knowledge.Result, n int) []Pick {
	var picks []Pick
	for i, h := range r.Hits[:min(searched, len(r.Hits))] {
		for j, score := range h.Sentences {
			picks = append(picks, Pick{i, j, score})
		}
	}
	slices.SortStableFunc(picks, func(a, b Pick) int { return cmp.Compare(b.Score, a.Score) })
	seen := map[string]bool{}
	picks = slices.DeleteFunc(picks, func(p Pick) bool {
		text := r.Hits[p.Hit].Sentence(p.Sentence)
		again := seen[text]
		seen[text] = true
		return again
	})
	return picks[:min(n, len(picks))]
}

// best cuts picks, which are in order, where they fall too far behind.
func best(picks []Pick) []Pick {
	var out []Pick
	for _, p := range picks {
		allowed := float64(margin)
		if p.Hit == picks[0].Hit {
			allowed = marginBeside
		}
		if p.Score >= picks[0].Score-allowed {
			out = append(out, p)
		}
	}
	return out
}

// inReadingOrder keeps the paragraphs in the order of their best sentence, and
// puts the sentences of each as they are read: "His government" must not come
// before the sentence that says whose.
func inReadingOrder(r knowledge.Result, picks []Pick) []Pick {
	rank := map[int]int{}
	for i, p := range picks {
		if _, ok := rank[p.Hit]; !ok {
			rank[p.Hit] = i
		}
	}
	out := slices.Clone(picks)
	slices.SortStableFunc(out, func(a, b Pick) int {
		return cmp.Or(cmp.Compare(rank[a.Hit], rank[b.Hit]), cmp.Compare(a.Sentence, b.Sentence))
	})
	return out
}

// quote makes a claim of a source sentence.
func quote(h knowledge.Hit, i int) Claim {
	return Claim{Text: h.Sentence(i), Language: h.Document.Language, Check: Full, Citations: []Citation{Cite(h, i)}}
}

// Cite makes a citation of a hit's sentence i.
func Cite(h knowledge.Hit, i int) Citation {
	s := h.Paragraph.Sentences[i]
	return Citation{
		Address: h.Address().String(), Revision: h.Document.Revision.Digest, Quote: h.Sentence(i),
		Heading: h.Paragraph.Heading(), Title: h.Document.Title, URL: h.Document.URL,
		Collection: h.Document.Collection, Start: s.Start, End: s.End,
	}
}

// nearest returns the best sentence of each of the best paragraphs.
func nearest(r knowledge.Result) []Nearest {
	out := []Nearest{}
	for _, h := range r.Hits[:min(near, len(r.Hits))] {
		if len(h.Sentences) == 0 {
			continue
		}
		best := 0
		for i, s := range h.Sentences {
			if s > h.Sentences[best] {
				best = i
			}
		}
		out = append(out, Nearest{
			Address: h.Address().String(), Heading: h.Paragraph.Heading(), Title: h.Document.Title, Text: h.Sentence(best),
		})
	}
	return out
}

// newID returns an id of 60 random bits: short ones can be guessed, and an
// answer's id is all that opens it.
func newID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the process if it cannot read
	return "a-" + strings.ToLower(base32.StdEncoding.EncodeToString(b[:])[:12])
}
