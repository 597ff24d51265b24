package gate

import (
	"slices"
)

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
