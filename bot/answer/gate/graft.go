package gate

import (
	"iter"
	"slices"
)

const (
	graftBefore = 2 // words copied before a negation that was put in or taken out
	graftBehind = 2 // and behind it
)

// checkGrafts fails a claim that copies the words of a source but for a negation
// between them: "are never younger than" for "are younger than", and the other
// way round. Where the words stand in the sources in both ways, nobody knows.
func checkGrafts(c *text, e *evidence) []Failure {
	own := c.bare()
	var theirs []bared
	wide := false
	for _, s := range e.sentences {
		b := s.bare()
		theirs = append(theirs, b)
		wide = wide || b.wide
	}
	stands := func(b bared, i int, negated bool) bool {
		return slices.ContainsFunc(theirs, func(t bared) bool { return t.has(b, i, negated) })
	}
	for i := range own.negations() {
		if !wide && stands(own, i, false) && !stands(own, i, true) {
			return []Failure{{Negation, own.words[i]}}
		}
	}
	denies := slices.Contains(own.at, true)
	for _, t := range theirs {
		for i := range t.negations() {
			// "No car may" and "cars may not" deny the same.
			if t.wide && denies {
				continue
			}
			if own.has(t, i, false) && !own.has(t, i, true) && !stands(t, i, false) {
				return []Failure{{Negation, t.words[i]}}
			}
		}
	}
	return nil
}

// A bared is the words of a text without those that negate, and where these
// stood.
type bared struct {
	words []string
	at    []bool // whether a negation stands before each word, and behind the last
	wide  bool   // whether one of them negates a whole clause: "neither", "nobody"
}

// negations returns the places of negations with enough words around them.
func (b bared) negations() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := graftBefore; i+graftBehind <= len(b.words); i++ {
			if b.at[i] && !yield(i) {
				return
			}
		}
	}
}

// has reports whether the words around place i of another text stand here in a
// row too, with or without a negation between them.
func (b bared) has(of bared, i int, negated bool) bool {
	around := of.words[i-graftBefore : i+graftBehind]
	for j := graftBefore; j+graftBehind <= len(b.words); j++ {
		if b.at[j] == negated && slices.Equal(b.words[j-graftBefore:j+graftBehind], around) {
			return true
		}
	}
	return false
}

func (t *text) bare() bared {
	var d bared
	negated := false
	for i := 0; i < len(t.words); i++ {
		w := &t.words[i]
		if t.isNoLonger(i) {
			negated = true
			i++
			continue
		}
		d.wide = d.wide || t.language.words["clausewide"][w.folded]
		switch {
		case w.folded == "cannot":
			d.words, d.at = append(d.words, "can"), append(d.at, negated)
			negated = true
			continue
		case t.language.words["negation"][w.folded]:
			negated = true
			continue
		}
		d.words, d.at = append(d.words, w.folded), append(d.at, negated)
		negated = w.not
	}
	d.at = append(d.at, negated)
	return d
}
