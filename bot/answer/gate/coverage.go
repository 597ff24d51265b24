package gate

import "strings"

// Thresholds of the wording.
const (
	// covered is the least share of a claim's words, by weight, that the cited
	// sentences must have. Of the supported claims that measure reads one in a
	// hundred has less, of the unsupported ones one in three.
	covered = 0.4
	// spliced is how much of a clause's wording, by weight, several sentences may
	// have beyond the one that has most.
	spliced = 0.4
	// spliceable is the least number of words that show that a clause was put
	// together from several sentences: fewer are chance.
	spliceable = 3
	// patch is the least number of words that are copied, not met by chance.
	patch = 4
)

// share returns which share of some words, by weight, a vocabulary has. Words
// that tell nothing count only if there are no others.
func (v *vocabulary) share(t *text, from, to int, of func(*word) bool) float64 {
	have, total := 0.0, 0.0
	for i := from; i < to; i++ {
		w := &t.words[i]
		if w.weight > 0 && of(w) {
			total += w.weight
			have += w.weight * v.strength(w, t.lang)
		}
	}
	if total == 0 {
		return -1
	}
	return have / total
}

func anyWord(*word) bool { return true }

// coverage returns the share of the claim's content words, by weight, that the
// evidence has; of all its words if it has no others; and of its characters if
// it has no words at all: then only the same text will do.
func coverage(c *text, e *evidence) float64 {
	if s := e.all.share(c, 0, len(c.words), anyWord); s >= 0 {
		return s
	}
	have := 0
	for i := range c.words {
		if c.words[i].link && len(c.links) > 0 || e.all.folded[c.words[i].folded] {
			have++
		}
	}
	if len(c.words) > 0 {
		return float64(have) / float64(len(c.words))
	}
	for _, s := range e.sentences {
		if strings.TrimSpace(s.raw) == strings.TrimSpace(c.raw) {
			return 1
		}
	}
	return 0
}

// checkCoverage fails a claim with too few words of its evidence: nothing else
// was checked of it then.
func checkCoverage(c *text, e *evidence, _ Options) []Failure {
	if s := coverage(c, e); s < covered {
		return []Failure{{Coverage, strings.Join(missing(c, e), " ")}}
	}
	return nil
}

// missing returns the content words of the claim that the evidence lacks.
func missing(c *text, e *evidence) []string {
	var out []string
	for i := range c.words {
		if w := &c.words[i]; w.weight > 0 && e.all.strength(w, c.lang) == 0 {
			out = append(out, w.surface)
		}
	}
	return out
}

// checkSplices fails a clause whose wording stands in several sentences, but in
// none of them. Names may come from another sentence, which says who "he" is.
func checkSplices(c *text, e *evidence, _ Options) []Failure {
	if len(e.sentences) < 2 {
		return nil
	}
	var single []vocabulary
	for _, s := range e.sentences {
		v := newVocabulary()
		v.add(s)
		single = append(single, v)
	}
	var out []Failure
	for _, clause := range c.clauses {
		if gain(c, clause, e, single) > spliced || patched(c, clause, e) {
			out = append(out, Failure{Splice, c.phrase(clause[0], clause[1])})
		}
	}
	return out
}

// gain returns which share of a clause's wording all sentences have beyond what
// the one with most of it has.
func gain(c *text, clause [2]int, e *evidence, single []vocabulary) float64 {
	words := 0
	for i := clause[0]; i < clause[1]; i++ {
		if c.words[i].lower() {
			words++
		}
	}
	if words < spliceable {
		return 0
	}
	best := 0.0
	for i := range single {
		best = max(best, single[i].share(c, clause[0], clause[1], (*word).lower))
	}
	return e.all.share(c, clause[0], clause[1], (*word).lower) - best
}

// patched reports whether a clause is the beginning of one sentence and the end
// of another, copied word for word: a patch is at least patch words long, and
// the sentence of the one has not the other.
func patched(c *text, clause [2]int, e *evidence) bool {
	for i, a := range e.sentences {
		head := a.run(c, clause[0], clause[1])
		if head < patch || clause[0]+head == clause[1] {
			continue
		}
		rest := [2]int{clause[0] + head, clause[1]}
		if rest[1]-rest[0] < patch || !c.tells(clause[0], rest[0]) || !c.tells(rest[0], rest[1]) {
			continue
		}
		if a.longest(c, rest[0], rest[1]) >= patch {
			continue // the same sentence goes on elsewhere: words were left out
		}
		for j, b := range e.sentences {
			if i != j && b.longest(c, rest[0], rest[1]) >= max(patch, rest[1]-rest[0]-1) {
				return !e.holds(c, clause)
			}
		}
	}
	return false
}

// holds reports whether one sentence has all words of a clause.
func (e *evidence) holds(c *text, clause [2]int) bool {
	for _, s := range e.sentences {
		if s.run(c, clause[0], clause[1]) == clause[1]-clause[0] {
			return true
		}
	}
	return false
}

// run returns how many words of c from start on stand in the text, in a row.
func (t *text) run(c *text, start, end int) int {
	best := 0
	for i := range t.words {
		n := 0
		for start+n < end && i+n < len(t.words) && t.words[i+n].folded == c.words[start+n].folded {
			n++
		}
		best = max(best, n)
	}
	return best
}

// longest returns the length of the longest row of words that c has between
// start and end and the text has too. It takes time by the product of the two,
// however often words are repeated.
func (t *text) longest(c *text, start, end int) int {
	best := 0
	last, row := make([]int, len(t.words)+1), make([]int, len(t.words)+1)
	for i := start; i < end; i++ {
		for j := range t.words {
			row[j+1] = 0
			if t.words[j].folded == c.words[i].folded {
				row[j+1] = last[j] + 1
				best = max(best, row[j+1])
			}
		}
		last, row = row, last
	}
	return best
}
