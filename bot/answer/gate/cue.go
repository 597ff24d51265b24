package gate

import (
	"strings"

	"summitbot/knowledge/analysis"
)

// A cue is a word that negates, and what it negates.
type cue struct {
	at         int  // the word
	start, end int  // the words in its scope
	wide       bool // the whole clause: "no territory can be ceded"
	mild       bool // negates nothing by itself: the "not" of "not only ... but", the "no" of "no more than"
	bound      bool // mild, of "no more than"
	affix      bool // an affix: the word negates itself
	lexical    bool // a verb or a preposition: "prevent", "instead of"
}

// cues returns the negations of the text. The scope of one reaches from the word
// behind it to the end of its clause; one without words behind it ("others
// could not") and one that negates a noun has its whole clause.
func (t *text) cues() []cue {
	var out []cue
	for _, clause := range t.clauses {
		for i := clause[0]; i < clause[1]; i++ {
			w := &t.words[i]
			if !t.isNegation(i) {
				continue
			}
			c := cue{at: i, start: i + 1, end: clause[1], wide: t.language.words["clausewide"][w.folded] && !t.isNoLonger(i)}
			if t.isNoLonger(i) {
				c.start++
			}
			c.bound = t.isBound(i)
			c.lexical = !w.not && !t.language.words["negation"][w.folded]
			switch {
			case w.folded == "non":
				c.end = min(i+2, clause[1])
			case c.lexical && i > clause[0] && t.language.has("passive", &t.words[i-1]):
				c.wide = true // "is forbidden": its subject is what may not be
			case c.lexical:
				c.end = t.lexicalEnd(i+1, clause[1])
			}
			c.mild = c.bound || i+1 < len(t.words) && t.language.words["notreally"][t.words[i+1].folded] && t.corrects(i)
			switch {
			case c.wide && i > clause[0] && t.language.has("joiner", &t.words[i-1]):
				// "and no vehicles": what stands before it is not negated.
			case c.wide || !t.tells(c.start, c.end):
				c.start = clause[0]
			}
			out = append(out, c)
		}
	}
	return out
}

// isNoLonger reports whether the "no" at i is that of "no longer", which is a "not".
func (t *text) isNoLonger(i int) bool {
	return t.words[i].folded == "no" && i+1 < len(t.words) && t.words[i+1].folded == "longer"
}

// lexicalEnd returns where the scope of a verb or preposition that negates ends:
// before the next "and", or a clause that only describes what it negates.
func (t *text) lexicalEnd(start, end int) int {
	for i := start + 1; i < end; i++ {
		if t.language.has("joiner", &t.words[i]) || t.words[i].folded == "that" && t.lang == "en" {
			return i
		}
	}
	return end
}

// isNegation reports whether word i negates something.
func (t *text) isNegation(i int) bool {
	w := &t.words[i]
	if w.folded == "no" && t.numbered(i) {
		return false
	}
	next := ""
	if i+1 < len(t.words) {
		next = t.words[i+1].folded
	}
	switch {
	case w.not || t.language.has("negation", w) || t.language.has("denial", w):
		return true
	case t.language.words["instead"][w.folded]:
		return t.language.words["instead"][next] // "instead of", "rather than"
	case t.language.has("keeping", w):
		return t.keepsFrom(i)
	}
	return false
}

// keepsFrom reports whether the verb at i is followed by a "from" and what is
// kept from being done: "keep Ukraine from being isolated".
func (t *text) keepsFrom(i int) bool {
	const reach = 5
	for j := i + 1; j < min(i+reach, len(t.words)-1); j++ {
		if t.words[j].folded == "from" {
			return strings.HasSuffix(t.words[j+1].folded, "ing")
		}
	}
	return false
}

// corrects reports whether what follows a "not only" at i is told: without it,
// "not only" denies that it is the only one.
func (t *text) corrects(i int) bool {
	for j := i + 2; j < len(t.words); j++ {
		if t.language.words["also"][t.words[j].folded] {
			return true
		}
	}
	return false
}

// isBound reports whether the negation at i is that of "no more than" or "not
// later than", which bounds a number.
func (t *text) isBound(i int) bool {
	return i+2 < len(t.words) && t.language.words["more"][t.words[i+1].folded] && t.words[i+2].folded == "than"
}

// numbered reports whether the "no" at i is that of "No. 5".
func (t *text) numbered(i int) bool {
	return i+1 < len(t.words) && analysis.IsNumber(t.words[i+1].surface) && strings.HasPrefix(t.gap(i+1), ".")
}

// tells reports whether any of some words is a content word.
func (t *text) tells(start, end int) bool {
	for i := start; i < end; i++ {
		if t.words[i].weight > 0 {
			return true
		}
	}
	return false
}

// negated tells for every word of the text whether an odd number of cues has it
// in their scope.
func (t *text) negated(cues []cue) []bool {
	out := make([]bool, len(t.words))
	for _, c := range cues {
		if c.mild {
			continue
		}
		for i := c.start; i < c.end; i++ {
			if i != c.at {
				out[i] = !out[i]
			}
		}
	}
	return out
}

// A side is one text of a comparison, with its polarity.
type side struct {
	*text
	cues    []cue
	negated []bool
	stems   []string // the words' stems, affixes of negation cut where the other side lacks them
}

// compared prepares two texts for the comparison of their polarity.
func compared(a, b *text) (side, side) {
	x, y := newSide(a), newSide(b)
	x.cutAffixes(b)
	y.cutAffixes(a)
	return x, y
}

func newSide(t *text) side {
	s := side{text: t, cues: t.cues()}
	s.negated = t.negated(s.cues)
	for i := range t.words {
		s.stems = append(s.stems, t.words[i].stem)
	}
	return s
}

// cutAffixes takes "unacceptable" for a negated "acceptable" if the other text
// has only that: then, and only then, the affix negates.
func (s *side) cutAffixes(other *text) {
	if s.lang != "en" {
		return
	}
	for i := range s.words {
		base := affixed(s.words[i].folded)
		if base == "" || other.hasStem(s.words[i].stem) {
			continue
		}
		stem := analysis.Stem(base, s.lang)
		if !other.hasStem(stem) || s.hasStem(stem) {
			continue
		}
		s.stems[i] = stem
		s.negated[i] = !s.negated[i]
		s.cues = append(s.cues, cue{at: i, start: i, end: i + 1, affix: true})
	}
}

func (t *text) hasStem(stem string) bool {
	for i := range t.words {
		if t.words[i].stem == stem {
			return true
		}
	}
	return false
}

// affixed returns what an English word is the negation of, or "".
func affixed(folded string) string {
	for _, prefix := range []string{"un", "in", "im", "il", "ir", "dis", "non"} {
		if base, ok := strings.CutPrefix(folded, prefix); ok && len(base) >= 4 {
			return base
		}
	}
	return ""
}

// judge fails a claim if no cited sentence that its clauses are taken from
// agrees with it. Each clause is compared with the sentences that cover it best.
func judge(c *text, e *evidence, read func(c *text, clause [2]int, s *text, within [2]int) *Failure) []Failure {
	var out []Failure
	for _, clause := range c.clauses {
		var first *Failure
		agreed := false
		for _, a := range align(c, clause, e) {
			f := read(c, clause, a.text, a.clause)
			if f == nil {
				agreed = true
				break
			}
			if first == nil {
				first = f
			}
		}
		if !agreed && first != nil {
			out = append(out, *first)
		}
	}
	return out
}

// An alignment is a clause of the evidence that a clause of the claim may be
// taken from.
type alignment struct {
	text   *text
	clause [2]int
}

// alike is how close to the best a clause of the evidence must come to be taken
// for the one that the claim speaks of: only ties.
const alike = 1e-9

// align returns the clauses of the evidence that have most in common with a
// clause of the claim, by weight; among equals those with least beside it.
func align(c *text, clause [2]int, e *evidence) []alignment {
	var out []alignment
	best := 0.0
	for _, s := range e.sentences {
		for _, other := range s.clauses {
			score := kinship(c, clause, s, other)
			switch {
			case score == 0 || score < best-alike:
			case score > best+alike:
				out, best = []alignment{{s, other}}, score
			default:
				out = append(out, alignment{s, other})
			}
		}
	}
	return out
}

// kinship is the weight that two clauses share over the weight of the claim's,
// and a little less for what the other has beside it.
func kinship(c *text, clause [2]int, s *text, other [2]int) float64 {
	shared, own, beside := 0.0, 0.0, 0.0
	for i := clause[0]; i < clause[1]; i++ {
		w := &c.words[i]
		own += w.weight
		if w.weight > 0 && s.find(w, other) >= 0 {
			shared += w.weight
		}
	}
	for i := other[0]; i < other[1]; i++ {
		beside += s.words[i].weight
	}
	if shared == 0 {
		return 0
	}
	return shared/own + 0.2*shared/(own+beside-min(shared, beside))
}

// find returns a word of a range that means the same as w, or -1.
func (t *text) find(w *word, within [2]int) int {
	base := affixed(w.folded)
	for i := within[0]; i < within[1]; i++ {
		o := &t.words[i]
		if o.folded == w.folded || o.stem == w.stem || base != "" && o.folded == base || affixed(o.folded) == w.folded {
			return i
		}
		if same := analysis.Same(o.folded, t.lang); same != nil && w.capital {
			for _, s := range same {
				if s == w.folded {
					return i
				}
			}
		}
	}
	return -1
}
