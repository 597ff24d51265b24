package gate

import "strings"

// covered is the least share of a claim's words, by weight, that the cited
// sentences must have. Of the supported claims that measure reads one in a
// hundred has less, of the unsupported ones one in three.
const covered = 0.4

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
