package gate

import (
	"slices"
	"strings"
)

// A seam is where words copied from one sentence meet words copied from another
// one. It takes as many to show that they were copied and not met by chance.
const (
	seamSide = 3 // words on each side
	seamBoth = 8 // words on both together
)

// checkSeams fails a claim that goes over, in the middle of a phrase, from the
// words of one cited sentence to those of another: "a dealmaker who | diplomatic
// landscape of the war". Two statements may be joined, at a comma or by a word
// that joins, the subject of one sentence may stand before the predicate of
// another, which has a pronoun for it, and what one tells may be followed by when
// and where from another; a seam elsewhere makes a statement that neither makes.
func checkSeams(c *text, e *evidence, _ Options) []Failure {
	if len(e.sentences) < 2 {
		return nil
	}
	runs := e.runs(c)
	for k := seamSide; k+seamSide <= len(c.words); k++ {
		if c.words[k].comma || c.words[k].hard || slices.ContainsFunc(runs, func(r copies) bool { return r.upTo[k] > 0 && r.from[k-1] > 1 }) {
			continue
		}
		if end := e.seam(c, runs, k); end > 0 && c.isSeam(k, end) {
			return []Failure{{Splice, c.phrase(k-1, k+1)}}
		}
	}
	return e.seamAtVerb(c, runs)
}

// seam returns where the words end that are copied from one sentence from word k
// on, if those before it are copied from another; 0 if they are not. Where one
// sentence has both, words were left out between them.
func (e *evidence) seam(c *text, runs []copies, k int) int {
	for i, a := range runs {
		left := a.upTo[k]
		if left < seamSide || !c.tells(k-left, k) {
			continue
		}
		for j, b := range runs {
			right := b.from[k]
			if i == j || right < seamSide || left+right < seamBoth || !c.tells(k, k+right) {
				continue
			}
			if e.sentences[i].longest(c, k, k+right) < seamSide && e.sentences[j].longest(c, k-left, k) < seamSide {
				return k + right
			}
		}
	}
	return 0
}

// isSeam reports whether no statement can go on at word k with the words up to
// end: because the word before asks for another one, or because a predicate
// stands on the left already and what follows is neither when or where, nor a
// predicate of its own.
func (t *text) isSeam(k, end int) bool {
	w, before := &t.words[k], &t.words[k-1]
	is := func(w *word, keys ...string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return t.language.has(key, w) })
	}
	dangling := is(before, "article", "relative", "preposition", "joiner")
	switch {
	case is(w, "joiner", "introducer", "complement"):
		return dangling || is(before, "complement") && !is(w, "joiner")
	case t.isVerb(k):
		return is(before, "article")
	case is(w, "preposition") || strings.HasSuffix(w.folded, "ly"):
		return dangling || is(before, "personal") || t.hasVerb(k, end)
	case dangling, is(before, "personal") && is(w, "article", "number"):
		return true
	}
	return t.hasPredicate(k) || is(w, "article", "number", "pronoun")
}

// hasVerb reports whether a verb beyond doubt stands in a range.
func (t *text) hasVerb(from, to int) bool {
	for i := from; i < to; i++ {
		if t.isVerb(i) {
			return true
		}
	}
	return false
}

// hasPredicate reports whether a predicate stands before word k in its clause.
func (t *text) hasPredicate(k int) bool {
	clause := t.clauseOf(k - 1)
	_, verb := t.predicateAt(clause)
	return verb >= 0 && verb < k-1 || t.hasVerb(clause[0], k-1)
}

// copies tells how the words of a claim stand in one sentence.
type copies struct {
	upTo []int // for each word, how many before it stand there in a row
	from []int // and how many from it on
}

// runs returns the copies of a claim for each sentence. It takes time by the
// product of both.
func (e *evidence) runs(c *text) []copies {
	out := make([]copies, len(e.sentences))
	for n, s := range e.sentences {
		r := copies{make([]int, len(c.words)+1), make([]int, len(c.words)+1)}
		last, row := make([]int, len(s.words)+2), make([]int, len(s.words)+2)
		for i := range c.words {
			for j := range s.words {
				row[j+1] = 0
				if c.words[i].folded == s.words[j].folded {
					row[j+1] = last[j] + 1
					r.upTo[i+1] = max(r.upTo[i+1], row[j+1])
				}
			}
			last, row = row, last
		}
		clear(last)
		clear(row)
		for i := len(c.words) - 1; i >= 0; i-- {
			for j := len(s.words) - 1; j >= 0; j-- {
				row[j] = 0
				if c.words[i].folded == s.words[j].folded {
					row[j] = last[j+1] + 1
					r.from[i] = max(r.from[i], row[j])
				}
			}
			last, row = row, last
		}
		out[n] = r
	}
	return out
}

// How many copied words around an auxiliary show that its predicate was put behind
// another subject.
const (
	verbBefore = 1 // before the auxiliary
	verbBehind = 3 // behind it
)

// seamAtVerb fails a claim that has its subject with an auxiliary from one
// cited sentence and goes on with the words behind the same auxiliary of another,
// where it belongs to somebody or something else. A pronoun there may stand for
// the claim's subject, and so may a noun that the sentence of the subject has too:
// "the city" for Fresno.
func (e *evidence) seamAtVerb(c *text, runs []copies) []Failure {
	for v := verbBefore; v+verbBehind < len(c.words); v++ {
		if !c.language.has("auxiliary", &c.words[v]) {
			continue
		}
		// One sentence goes through from the subject to behind the auxiliary.
		if slices.ContainsFunc(runs, func(r copies) bool { return r.from[v-1] > 2 }) {
			continue
		}
		for i, a := range runs {
			if a.upTo[v+1] <= verbBefore || a.from[v] > 1 {
				continue
			}
			for j, b := range runs {
				if i == j || b.from[v] <= verbBehind || b.upTo[v+1] > verbBefore {
					continue
				}
				if e.sentences[j].hasOwnSubject(c, v, b.from[v], e.sentences[i]) {
					return []Failure{{Splice, c.phrase(v-1, v+2)}}
				}
			}
		}
	}
	return nil
}

// hasOwnSubject reports whether n words of a claim from v on stand in the text
// behind a subject that is neither a pronoun nor a word of the claim before v, nor
// one of another sentence.
func (t *text) hasOwnSubject(c *text, v, n int, other *text) bool {
	for at := range t.words {
		if at+n > len(t.words) || !slices.EqualFunc(t.words[at:at+n], c.words[v:v+n], func(a, b word) bool { return a.folded == b.folded }) {
			continue
		}
		clause := t.clauseOf(at)
		tells := false
		for k := clause[0]; k < at; k++ {
			w := &t.words[k]
			if t.language.has("pronoun", w) || t.language.has("anaphor", w) || t.language.has("relative", w) {
				return false
			}
			if w.weight == 0 {
				continue
			}
			tells = true
			if c.find(w, [2]int{0, v}) >= 0 || other.find(w, [2]int{0, len(other.words)}) >= 0 {
				return false
			}
		}
		return tells
	}
	return false
}
