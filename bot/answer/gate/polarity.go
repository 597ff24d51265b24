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
	mild       bool // negates nothing by itself: the "not" of "not only"
	affix      bool // an affix: the word negates itself
}

// cues returns the negations of the text. The scope of one reaches from the word
// behind it to the end of its clause; one without words behind it ("others
// could not") and one that negates a noun has its whole clause.
func (t *text) cues() []cue {
	var out []cue
	for _, clause := range t.clauses {
		for i := clause[0]; i < clause[1]; i++ {
			w := &t.words[i]
			if !w.not && !t.language.has("negation", w) || w.folded == "no" && t.numbered(i) {
				continue
			}
			c := cue{at: i, start: i + 1, end: clause[1], wide: t.language.words["clausewide"][w.folded]}
			c.mild = i+1 < len(t.words) && t.language.words["notreally"][t.words[i+1].folded]
			if c.wide || !t.tells(c.start, c.end) {
				c.start = clause[0]
			}
			out = append(out, c)
		}
	}
	return out
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

// checkNegation fails a clause that negates what its source does not, or the
// other way round. "Not" elsewhere in the sentence is no matter. A claim that
// repeats a whole sentence nearly word for word must have as many negations.
func checkNegation(c *text, e *evidence, _ Options) []Failure {
	sides := map[*text][2]side{} // one comparison serves all clauses
	out := judge(c, e, func(c *text, clause [2]int, s *text, within [2]int) *Failure {
		both, ok := sides[s]
		if !ok {
			both[0], both[1] = compared(c, s)
			sides[s] = both
		}
		return readNegation(both[0], clause, both[1], within)
	})
	if len(out) == 0 {
		out = repeated(c, e, Negation, func(t *text) []int { return cuesAt(t.cues()) })
	}
	return out
}

func cuesAt(cues []cue) []int {
	var out []int
	for _, c := range cues {
		out = append(out, c.at)
	}
	return out
}

// readNegation compares a clause of the claim with one of a cited sentence.
func readNegation(claim side, clause [2]int, source side, within [2]int) *Failure {
	for _, k := range claim.cues {
		if k.mild || k.at < clause[0] || k.at >= clause[1] {
			continue
		}
		if !claim.borne(k, &source, within) {
			return &Failure{Negation, "the claim negates " + quoteWords(claim.text, k)}
		}
	}
	for _, k := range source.cues {
		if k.mild {
			continue
		}
		aligned := within[0] <= k.at && k.at < within[1]
		if !aligned && source.answered(k, &claim) {
			continue
		}
		if source.dropped(k, &claim, clause, aligned) {
			return &Failure{Negation, "the source negates " + quoteWords(source.text, k)}
		}
	}
	return nil
}

// quoteWords shows what a cue negates.
func quoteWords(t *text, k cue) string {
	start := min(k.at, k.start)
	return strings.Join(strings.Fields(t.phrase(start, max(k.at+1, min(k.end, k.at+5)))), " ")
}

// borne reports whether a negation of the claim stands in the source too: a word
// in its scope is negated there as it is here, or, if the source has none of
// them, any other word of the aligned clause is.
func (s *side) borne(k cue, source *side, within [2]int) bool {
	head := s.head(k)
	met := false
	for i := k.start; i < k.end; i++ {
		if i == k.at && !k.affix || s.words[i].weight == 0 {
			continue
		}
		found, agrees := source.polarity(s.stems[i], within, s.negated[i])
		if !found {
			found, agrees = source.polarity(s.stems[i], [2]int{0, len(source.words)}, s.negated[i])
		}
		switch {
		case !found:
		case agrees:
			return true
		case i == head && !k.wide:
			return false // the predicate decides
		default:
			met = true
		}
	}
	if met {
		return false
	}
	for _, o := range source.cues {
		if within[0] <= o.at && o.at < within[1] && !o.mild {
			return true
		}
	}
	return false
}

// answered reports whether the claim negates, in any clause, something that the
// cue does.
func (s *side) answered(k cue, claim *side) bool {
	for i := k.start; i < k.end; i++ {
		if i == k.at && !k.affix || s.words[i].weight == 0 {
			continue
		}
		if _, agrees := claim.polarity(s.stems[i], [2]int{0, len(claim.words)}, s.negated[i]); agrees {
			return true
		}
	}
	return false
}

// shares reports whether a clause of the claim has, beside the word w of the
// source, another content word of its sentence: then it speaks of the same.
func (w *word) shares(claim *text, clause [2]int, source *text) bool {
	for i := clause[0]; i < clause[1]; i++ {
		if o := &claim.words[i]; o.weight > 0 && source.hasStem(o.stem) && o.stem != w.stem {
			return true
		}
	}
	return false
}

// polarity reports whether a stem stands in a range, and whether it does so
// negated, or not, as wanted.
func (s *side) polarity(stem string, within [2]int, want bool) (found, agrees bool) {
	for i := within[0]; i < within[1]; i++ {
		if s.stems[i] == stem {
			found = true
			agrees = agrees || s.negated[i] == want
		}
	}
	return found, agrees
}

// head returns the first content word in the scope of a cue that is no adverb:
// the predicate.
func (s *side) head(k cue) int {
	if k.affix {
		return k.at
	}
	for i := k.start; i < k.end; i++ {
		w := &s.words[i]
		if i != k.at && w.weight > 0 && !(s.lang == "en" && strings.HasSuffix(w.folded, "ly")) {
			return i
		}
	}
	return -1
}

// mostly is the share of the words in the scope of a negation that a claim must
// have in order to speak of the same thing, if its predicate is another.
const mostly = 0.6

// dropped reports whether the claim's clause says what a cue of the source
// negates, and does not negate it. It must speak of most of what is negated if
// the cue stands in another clause than the one that the claim's is taken from.
func (s *side) dropped(k cue, claim *side, clause [2]int, aligned bool) bool {
	head := s.head(k)
	matched, total, headFound := 0, 0, false
	for i := k.start; i < k.end; i++ {
		if i == k.at && !k.affix || s.words[i].weight == 0 {
			continue
		}
		total++
		found, agrees := claim.polarity(s.stems[i], clause, s.negated[i])
		if !found {
			continue
		}
		if agrees && (k.wide || !headFound) {
			return false
		}
		matched++
		headFound = headFound || i == head
	}
	much := matched > 1 && float64(matched) >= mostly*float64(total)
	if k.affix {
		much = s.words[k.at].shares(claim.text, clause, s.text)
	}
	if !aligned {
		return headFound && much
	}
	return headFound && (!k.wide || matched > 1) || much
}

// nearlyAll is the share of content words that two texts have in common if one
// repeats the other.
const nearlyAll = 0.85

// repeated fails a claim that has nearly the words of a sentence, but not as
// many of some cues; unless another sentence like that agrees.
func repeated(c *text, e *evidence, kind Kind, cues func(*text) []int) []Failure {
	own := cues(c)
	var failure []Failure
	for _, s := range e.sentences {
		if likeness(c, s, anyWord) < nearlyAll {
			continue
		}
		theirs := cues(s)
		if len(own) == len(theirs) || kind == Hedge && len(own) > len(theirs) {
			return nil
		}
		t, at := s, theirs
		if len(own) > len(theirs) {
			t, at = c, own
		}
		failure = []Failure{{kind, t.words[at[0]].surface}}
	}
	return failure
}

// likeness is the share of words of a kind that two texts have in common.
func likeness(a, b *text, of func(*word) bool) float64 {
	count := map[string]int{}
	shared, total := 0, 0
	for i := range a.words {
		if w := &a.words[i]; w.weight > 0 && of(w) {
			count[a.words[i].stem]++
			total++
		}
	}
	for i := range b.words {
		if w := &b.words[i]; w.weight > 0 && of(w) {
			if count[w.stem] > 0 {
				count[w.stem]--
				shared++
			} else {
				total++
			}
		}
	}
	if total == 0 {
		return 0
	}
	return float64(shared) / float64(total)
}

// checkHedges fails a clause that states what its source only supposes or
// reports. A claim may hedge more than its source.
func checkHedges(c *text, e *evidence, _ Options) []Failure {
	out := judge(c, e, readHedge)
	if len(out) == 0 {
		out = repeated(c, e, Hedge, func(t *text) []int { return t.hedges([2]int{0, len(t.words)}) })
	}
	return out
}

func readHedge(c *text, clause [2]int, s *text, within [2]int) *Failure {
	if c.hedged(s) {
		return nil
	}
	// What stands before a hedge is stated; only what follows is supposed.
	for _, h := range s.hedges(within) {
		if c.finds(clause, s, [2]int{h + 1, within[1]}) {
			return &Failure{Hedge, s.words[h].surface}
		}
	}
	// "According to X," covers the whole sentence, ", according to X" what is
	// before it.
	for i := range s.words {
		if !s.language.words["attribution"][s.words[i].folded] || i > 0 && i != within[1] {
			continue
		}
		if c.finds(clause, s, within) {
			return &Failure{Hedge, s.words[i].surface}
		}
	}
	return nil
}

// finds reports whether a clause of c has any of the wording of a range of s.
func (t *text) finds(clause [2]int, s *text, within [2]int) bool {
	for i := within[0]; i < within[1]; i++ {
		if w := &s.words[i]; w.lower() && t.find(w, clause) >= 0 {
			return true
		}
	}
	return false
}

// hedged reports whether a claim hedges: by a hedge, or by a softer word that it
// does not simply take over from its source.
func (t *text) hedged(source *text) bool {
	for i := range t.words {
		w := &t.words[i]
		if t.isHedge(i) || t.language.has("attributed", w) || t.language.has("soft", w) && !source.hasStem(w.stem) {
			return true
		}
	}
	return false
}

// hedges returns the words in a range that hedge.
func (t *text) hedges(within [2]int) []int {
	var out []int
	for i := within[0]; i < within[1]; i++ {
		if t.isHedge(i) {
			out = append(out, i)
		}
	}
	return out
}

// isHedge reports whether word i hedges; the month of May does not.
func (t *text) isHedge(i int) bool {
	w := &t.words[i]
	if w.folded == "may" && t.lang == "en" && (t.inDate(i) || w.capital && !w.initial) {
		return false
	}
	return t.language.has("hedge", w)
}
