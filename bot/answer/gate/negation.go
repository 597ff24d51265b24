package gate

import (
	"cmp"
	"slices"
	"strings"

	"summitbot/knowledge/analysis"
)

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
	if len(out) == 0 {
		out = checkGrafts(c, e)
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
