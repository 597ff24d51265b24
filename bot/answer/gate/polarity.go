package gate

import (
	"cmp"
	"slices"
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
		return readNegation(both[0], clause, both[1], within, e)
	})
	if len(out) == 0 {
		out = checkRows(c, e)
	}
	if len(out) == 0 {
		out = checkPredicates(c, e)
	}
	if len(out) == 0 {
		out = repeated(c, e, Negation, cuesBeside)
	}
	if len(out) == 0 {
		out = checkEnded(c, e)
	}
	if len(out) == 0 {
		out = checkAffixes(c, e)
	}
	return out
}

// checkEnded fails "no longer" if no cited sentence says so, or that something
// ended.
func checkEnded(c *text, e *evidence) []Failure {
	for i := range c.words {
		if !c.isNoLonger(i) {
			continue
		}
		if !slices.ContainsFunc(e.sentences, func(s *text) bool {
			return slices.ContainsFunc(s.words, func(w word) bool {
				return w.folded == "longer" || c.language.has("ended", &w)
			})
		}) {
			return []Failure{{Negation, "no longer"}}
		}
	}
	return nil
}

// checkAffixes fails a claim that repeats a sentence nearly word for word and has
// "known" where that has "unknown".
func checkAffixes(c *text, e *evidence) []Failure {
	var failure []Failure
	for _, s := range e.sentences {
		if likeness(c, s, anyWord) < nearlyAll {
			continue
		}
		changed := cmp.Or(c.lostAffix(s), s.lostAffix(c))
		if changed == "" {
			return nil
		}
		failure = []Failure{{Negation, changed}}
	}
	return failure
}

// lostAffix returns a word of s that is the negation of another one by its affix,
// which the text has more often than s, and the word itself less often; or "".
func (t *text) lostAffix(s *text) string {
	for i := range s.words {
		w := &s.words[i]
		base := affixed(w.folded)
		if base == "" || occurrences(allStems(t), w.stem) >= occurrences(allStems(s), w.stem) {
			continue
		}
		if stem := analysis.Stem(base, s.lang); occurrences(allStems(t), stem) > occurrences(allStems(s), stem) {
			return w.surface
		}
	}
	return ""
}

// allStems returns the stems of a text.
func allStems(t *text) []string {
	var out []string
	for i := range t.words {
		out = append(out, t.words[i].stem)
	}
	return out
}

// checkPredicates fails a claim that has a word that the evidence only denies: a
// clause may be most like a sentence that does not speak of it ("Instead of
// securing" in another one). It fails, too, a claim that has a word as often as
// its source, but denies it less often.
func checkPredicates(c *text, e *evidence) []Failure {
	own := newSide(c)
	ownHeads := own.heads()
	var sides []side
	for _, s := range e.sentences {
		sides = append(sides, newSide(s))
	}
	for n := range sides {
		s := &sides[n]
		for stem, denied := range s.heads() {
			told := occurrences(own.stems, stem)
			if told == 0 || told < occurrences(s.stems, stem) || ownHeads[stem] >= denied || own.deniesAny(stem) && denied < 2 {
				continue
			}
			elsewhere := slices.ContainsFunc(sides, func(o side) bool {
				found, agrees := o.polarity(stem, [2]int{0, len(o.words)}, false)
				return found && agrees
			})
			if denied > 1 || !elsewhere && len(sides) > 1 {
				return []Failure{{Negation, "the source negates " + stem}}
			}
		}
	}
	return nil
}

// heads counts the predicates of the negations by their stems.
func (s *side) heads() map[string]int {
	out := map[string]int{}
	for _, k := range s.cues {
		verbal := k.lexical || s.words[k.at].not || s.words[k.at].folded == "cannot" || k.at > 0 && s.language.has("auxiliary", &s.words[k.at-1])
		if h := s.head(k); h >= 0 && verbal && !k.mild && !k.wide && s.words[h].lower() {
			out[s.stems[h]]++
		}
	}
	return out
}

// deniesAny reports whether any occurrence of a stem is negated.
func (s *side) deniesAny(stem string) bool {
	_, denied := s.polarity(stem, [2]int{0, len(s.words)}, true)
	return denied
}

func occurrences(stems []string, stem string) int {
	n := 0
	for _, s := range stems {
		if s == stem {
			n++
		}
	}
	return n
}

// checkRows fails a claim that says of a row of a table what one of its cells
// negates: "Bicycles are carried" by "Bicycle | not carried".
func checkRows(c *text, e *evidence) []Failure {
	own := newSide(c)
	for _, s := range e.sentences {
		if !strings.Contains(s.raw, " | ") || len(s.clauses) == 0 || c.find(&s.words[0], [2]int{0, len(c.words)}) < 0 {
			continue
		}
		for _, k := range s.cues() {
			if k.mild || !s.tells(k.at+1, k.end) {
				continue
			}
			said := true
			for i := k.at + 1; i < k.end && said; i++ {
				if s.words[i].weight > 0 {
					found, negated := own.polarity(s.words[i].stem, [2]int{0, len(c.words)}, true)
					said = found && !negated
				}
			}
			if said {
				return []Failure{{Negation, "the source negates " + quoteWords(s, k)}}
			}
		}
	}
	return nil
}

// cuesBeside returns the negations of a text that count in a comparison with
// another: those that stand before a word that the other has too.
func cuesBeside(t, other *text) []int {
	var out []int
	for _, c := range t.cues() {
		if c.mild && !other.hasStem(t.words[c.at+1].stem) {
			continue // "at most" for "no more than"
		}
		if t.matters(c.at, other) {
			out = append(out, c.at)
		}
	}
	return out
}

// matters reports whether another text has the first word that tells something
// behind word i, or, if none does, all words of its clause: what else a text
// negates or hedges is no matter of the other.
func (t *text) matters(i int, other *text) bool {
	clause := t.clauseOf(i)
	for j := i + 1; j < clause[1]; j++ {
		if w := &t.words[j]; w.weight > 0 || t.language.words["notreally"][w.folded] {
			return other.hasStem(w.stem)
		}
	}
	for j := clause[0]; j < clause[1]; j++ {
		if w := &t.words[j]; j != i && w.weight > 0 && !other.hasStem(w.stem) {
			return false
		}
	}
	if t.tells(clause[0], i) {
		return true
	}
	// Nothing in the clause tells anything: "but not both". Then the words beside
	// must stand together in the other.
	if i == 0 || i+1 == len(t.words) {
		return false
	}
	for j := 1; j < len(other.words); j++ {
		if other.words[j-1].folded == t.words[i-1].folded && other.words[j].folded == t.words[i+1].folded {
			return true
		}
	}
	return other.raw == t.raw
}

// clauseOf returns the clause that word i stands in.
func (t *text) clauseOf(i int) [2]int {
	for _, c := range t.clauses {
		if i < c[1] {
			return c
		}
	}
	return [2]int{0, len(t.words)}
}

// readNegation compares a clause of the claim with one of a cited sentence.
func readNegation(claim side, clause [2]int, source side, within [2]int, e *evidence) *Failure {
	for _, k := range claim.cues {
		if k.mild || k.at < clause[0] || k.at >= clause[1] {
			continue
		}
		if !claim.borne(k, &source, within) && !claim.borneBy(k, &source, e) {
			return &Failure{Negation, "the claim negates " + quoteWords(claim.text, k)}
		}
	}
	for _, k := range source.cues {
		if k.mild {
			if source.softens(k, &claim, clause) {
				return &Failure{Negation, "the source negates " + quoteWords(source.text, k)}
			}
			continue
		}
		inside := within[0] <= k.at && k.at < within[1]
		aligned := inside || source.trails(k, within)
		if !inside && source.answered(k, &claim) {
			continue
		}
		if source.dropped(k, &claim, clause, within, aligned) {
			return &Failure{Negation, "the source negates " + quoteWords(source.text, k)}
		}
	}
	return nil
}

// softens reports whether a clause of the claim has what a mild negation of the
// source stands before, and has it without a negation: "only" for "not only",
// "more than 60" for "no more than 60".
func (s *side) softens(k cue, claim *side, clause [2]int) bool {
	told := k.at + 2
	for told < k.end && s.words[told].weight == 0 && !s.words[told].number {
		told++
	}
	if told >= k.end {
		return false
	}
	for i := clause[0]; i+1 < clause[1]; i++ {
		if claim.words[i].folded != s.words[k.at+1].folded || claim.negated[i] || i > 0 && claim.isNegation(i-1) {
			continue
		}
		for j := i + 1; j < clause[1]; j++ {
			if claim.words[j].weight > 0 || claim.words[j].number {
				if claim.stems[j] == s.stems[told] {
					return true
				}
				break
			}
		}
	}
	return false
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
	for _, o := range source.cues {
		if o.bound && slices.ContainsFunc(s.words[k.start:k.end], func(w word) bool { return w.folded == source.words[o.at+1].folded }) {
			return true // "not more than" for "no more than"
		}
		if source.isException(o) && !slices.ContainsFunc(s.cues, s.isException) && source.excepts(o, s, k) {
			return true // "not for lorries" for "except for lorries"
		}
	}
	if w := &s.words[k.at]; s.language.words["instead"][w.folded] && source.hasStem(w.stem) {
		return true // "instead of the expected push" for "what was expected to be a push has instead"
	}
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
	if k.lexical {
		return true // "ban" may be another word for what the source says
	}
	for _, o := range source.cues {
		if within[0] <= o.at && o.at < within[1] && (!o.mild || o.bound) {
			return true
		}
	}
	return false
}

// isException reports whether a cue is an "except".
func (s *side) isException(k cue) bool { return s.language.words["exception"][s.words[k.at].folded] }

// excepts reports whether what an exception of the source excepts stands in the
// scope of a cue of the other text, and nowhere else in the source.
func (s *side) excepts(k cue, other *side, o cue) bool {
	head := s.head(k)
	return head >= 0 && occurrences(s.stems, s.stems[head]) == 1 && slices.Contains(other.stems[o.start:o.end], s.stems[head])
}

// borneBy reports whether another sentence negates the predicate of a negation
// of the claim, where the one that the clause has most in common with does not
// speak of it, or the other goes on from it: "After that there is no refund."
func (s *side) borneBy(k cue, source *side, e *evidence) bool {
	head := s.head(k)
	if head < 0 {
		return false
	}
	spoken := source.hasStem(s.words[head].stem)
	for i, o := range e.sentences {
		if !o.hasStem(s.words[head].stem) || spoken && (e.paragraphs[i] == "" || !o.refers()) {
			continue
		}
		other := newSide(o)
		if _, agrees := other.polarity(s.stems[head], [2]int{0, len(o.words)}, true); agrees {
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
func (s *side) dropped(k cue, claim *side, clause, within [2]int, aligned bool) bool {
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
		if agrees && (k.wide || k.lexical || !headFound) {
			return false
		}
		matched++
		headFound = headFound || i == head
	}
	much := matched > 1 && float64(matched) >= mostly*float64(total)
	if k.affix {
		much = matched > 0 && s.words[k.at].shares(claim.text, clause, s.text)
	}
	if !aligned {
		return headFound && (much || s.within(s.clauseOf(k.at), claim, clause))
	}
	return headFound && (!k.wide || matched > 1 || matched == total) || much || matched > 0 && !headFound && s.saidBare(k, head, claim, clause, within)
}

// within reports whether a clause of the claim has all words of one of the source.
func (s *side) within(own [2]int, claim *side, clause [2]int) bool {
	n := 0
	for i := own[0]; i < own[1]; i++ {
		if s.words[i].weight == 0 {
			continue
		}
		if claim.find(&s.words[i], clause) < 0 {
			return false
		}
		n++
	}
	return n > 1
}

// trails reports whether a cue begins a clause without a subject behind another
// clause, of which it then speaks: "the oxidant, not the fuel". In a row of a
// table it speaks of the whole row.
func (t *text) trails(k cue, before [2]int) bool {
	if k.at == 0 || k.affix || k.lexical {
		return false
	}
	gap := t.gap(k.at)
	if before[1] == k.at-1 && t.language.has("joiner", &t.words[k.at-1]) {
		return true
	}
	return strings.Contains(gap, "|") || before[1] == k.at && t.words[k.at].comma && !strings.Contains(gap, "(")
}

// retold is the share of a clause's words, by weight, that its source clause has
// if it tells the same in part in other words.
const retold = 0.65

// saidBare reports whether a clause of the claim puts the predicate that a cue
// negates in another word, and negates nothing: "can rely only on trust" for
// "cannot depend solely on trust".
func (s *side) saidBare(k cue, head int, claim *side, clause, within [2]int) bool {
	if k.wide || k.affix || head < 0 || claim.hasStem(s.words[head].stem) || !s.language.has("auxiliary", &s.words[max(0, k.at-1)]) && !s.words[k.at].not && s.words[k.at].folded != "cannot" {
		return false
	}
	have, total := 0.0, 0.0
	for i := clause[0]; i < clause[1]; i++ {
		if claim.isNegation(i) || claim.negated[i] {
			return false
		}
		total += claim.words[i].weight
		if claim.words[i].weight > 0 && s.find(&claim.words[i], within) >= 0 {
			have += claim.words[i].weight
		}
	}
	return have >= retold*total
}

// nearlyAll is the share of content words that two texts have in common if one
// repeats the other.
const nearlyAll = 0.85

// repeated fails a claim that has nearly the words of a sentence, but not as
// many of some cues; unless another sentence like that agrees.
func repeated(c *text, e *evidence, kind Kind, cues func(t, other *text) []int) []Failure {
	var failure []Failure
	for _, s := range e.sentences {
		if likeness(c, s, anyWord) < nearlyAll {
			continue
		}
		own, theirs := cues(c, s), cues(s, c)
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
			count[w.key()]++
			total++
		}
	}
	for i := range b.words {
		if w := &b.words[i]; w.weight > 0 && of(w) {
			if count[w.key()] > 0 {
				count[w.key()]--
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

// key is what likeness compares words by: "two" and "2" are one.
func (w *word) key() string {
	if same := analysis.Same(w.folded, "en"); w.number && same != nil {
		return same[0]
	}
	return w.stem
}

// checkHedges fails a clause that states what its source only supposes or
// reports. A claim may hedge more than its source.
func checkHedges(c *text, e *evidence, _ Options) []Failure {
	out := judge(c, e, readHedge)
	if len(out) == 0 {
		out = repeated(c, e, Hedge, func(t, other *text) []int {
			return slices.DeleteFunc(t.hedges([2]int{0, len(t.words)}), func(i int) bool { return !t.matters(i, other) })
		})
	}
	return out
}

func readHedge(c *text, clause [2]int, s *text, within [2]int) *Failure {
	hedged := c.hedged(s)
	// What stands before a hedge is stated; only what follows is supposed.
	for _, h := range s.hedges(within) {
		if hedged && !c.bares(clause, s, h, within) {
			continue
		}
		if c.finds(clause, s, [2]int{h + 1, within[1]}) {
			return &Failure{Hedge, s.words[h].surface}
		}
	}
	if c.promises(clause) && !s.has("will") && slices.ContainsFunc(s.words[within[0]:within[1]], func(w word) bool { return s.language.words["modal"][w.folded] }) {
		return &Failure{Hedge, "will"}
	}
	if c.attributes() {
		return nil
	}
	for i := within[0]; i < within[1]; i++ {
		if s.language.has("says", &s.words[i]) && s.words[i].lower() && c.finds(clause, s, [2]int{i + 1, within[1]}) {
			return &Failure{Hedge, s.words[i].surface}
		}
	}
	if hedged {
		return nil
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

// bares reports whether a claim that hedges something has the word that the
// modal at h of the source hedges, but no hedge before it.
func (t *text) bares(clause [2]int, s *text, h int, within [2]int) bool {
	if !s.language.words["modal"][s.words[h].folded] {
		return false
	}
	next := h + 1
	for next < within[1] && s.words[next].weight == 0 {
		next++
	}
	if next == within[1] {
		return false
	}
	found := false
	for i := clause[0]; i < clause[1]; i++ {
		if t.words[i].stem != s.words[next].stem {
			continue
		}
		found = true
		for j := range i {
			if w := &t.words[j]; t.language.words["modal"][w.folded] && t.isHedge(j) || t.language.has("maybe", w) {
				return false
			}
		}
	}
	return found
}

// has reports whether any word of the text stands under a key.
func (t *text) has(key string) bool {
	return slices.ContainsFunc(t.words, func(w word) bool { return t.language.has(key, &w) })
}

// promises reports whether a range has a "will" and nothing that hedges it.
func (t *text) promises(within [2]int) bool {
	will := false
	for i := within[0]; i < within[1]; i++ {
		w := &t.words[i]
		if t.language.words["modal"][w.folded] || t.language.has("maybe", w) {
			return false
		}
		will = will || t.language.words["will"][w.folded]
	}
	return will
}

// attributes reports whether a claim says that somebody says it.
func (t *text) attributes() bool {
	for i := range t.words {
		w := &t.words[i]
		if t.language.has("report", w) || t.language.has("says", w) || t.language.has("attributing", w) || t.language.has("attributed", w) || t.language.words["attribution"][w.folded] {
			return true
		}
	}
	return false
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
		if t.softens(i, source) {
			return true
		}
	}
	return false
}

// softens reports whether word i hedges, so that what follows is not stated.
func (t *text) softens(i int, source *text) bool {
	w := &t.words[i]
	return t.isHedge(i) || t.language.has("attributed", w) || t.language.has("soft", w) && !source.hasStem(w.stem)
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
