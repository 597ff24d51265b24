package gate

import (
	"slices"
	"strings"
)

// denials is how often a text negates: surely; by words that deny something,
// which another language may put with a plain negation ("unacceptable", "nicht
// hinnehmbar"); and by words that only look like it, by their first letters.
type denials struct{ sure, lexical, shaped int }

// denials counts the negations of the words from..to-1. Where a language negates
// one thing twice (ne ... pas, никто не), the cues of a clause count once.
func (t *text) denials(from, to int) denials {
	var d denials
	last := -1
	for i := from; i < to; i++ {
		w := &t.words[i]
		switch {
		case w.not || t.language.words["negation"][w.folded] && !(w.folded == "no" && t.numbered(i)):
			if t.onlyMild(i) {
				continue
			}
			if last >= 0 && t.oneDenial(last, i) {
				last = i
				continue
			}
			last = i
			d.sure++
		case t.language.has("negative", w) || t.language.stems["negation"][w.stem]:
			d.lexical++
		case t.deniesItself(w):
			d.shaped++
		}
	}
	return d
}

// onlyMild reports whether the cue at i is that of "not only", which negates
// nothing. In Finnish the verb stands between: "ei puhuta vain".
func (t *text) onlyMild(i int) bool {
	far := i + 1
	if t.lang == "fi" {
		far++
	}
	for j := i + 1; j <= far && j < len(t.words); j++ {
		if t.language.words["notreally"][t.words[j].folded] {
			return true
		}
	}
	return false
}

// farthest is how many words may stand between the two halves of a negation.
const farthest = 5

// oneDenial reports whether the cues at i and j are halves of one negation.
func (t *text) oneDenial(i, j int) bool {
	if slices.ContainsFunc(t.words[i+1:j+1], func(w word) bool { return w.hard }) {
		return false
	}
	switch t.lang {
	case "en", "de":
		return t.language.words["clausewide"][t.words[i].folded] && t.words[j].folded == "nor"
	}
	return j-i <= farthest
}

// deniesItself reports whether a word has an affix that negates it.
func (t *text) deniesItself(w *word) bool {
	if w.capital || letters(w.folded) < 6 {
		return false
	}
	denies := false
	for i := range w.folded {
		if t.language.words["affirmative"][w.folded[:i]] {
			return false
		}
		denies = denies || i > 0 && t.language.words["negativeprefix"][w.folded[:i]] || i > 2 && t.language.words["negativesuffix"][w.folded[i:]]
	}
	return denies
}

// agrees reports whether a claim may negate as often as a sentence. Words that
// deny are set off against each other, then against plain negations that the
// other side has more; of those of the sentence none may be left over. (Else
// "hinnehmbar" were a translation of "unacceptable".)
func (d denials) agrees(source denials) bool {
	both := min(d.lexical, source.lexical)
	own, theirs := d.lexical-both, source.lexical-both
	theirs -= min(theirs, d.shaped)
	switch more := d.sure - source.sure; {
	case more > 0:
		theirs -= more
	case more < 0:
		own += more
	}
	return own >= 0 && theirs == 0
}

// wholeSentence is the share of a sentence's words that a claim must have to be
// a translation of all of it, so that each of its negations counts.
const wholeSentence = 0.6

// checkNegation fails a claim that does not negate as often as the sentence that
// it has most in common with; one of several such will do.
func (t *translation) checkNegation() []Failure {
	own := t.claim.denials(0, len(t.claim.words))
	best := 0.0
	for k := range t.evidence.sentences {
		best = max(best, t.kinship(k))
	}
	var cues []string
	for k, s := range t.evidence.sentences {
		if t.kinship(k) < best {
			continue
		}
		theirs := s.denials(0, len(s.words))
		if float64(len(t.claim.words)) < wholeSentence*float64(len(s.words)) {
			theirs = t.partDenials(k)
		}
		if own.agrees(theirs) {
			return nil
		}
		cues = append(cues, s.raw)
	}
	if len(cues) == 0 {
		return nil
	}
	return []Failure{{Negation, "negated on one side only: " + strings.Join(cues, " / ")}}
}

// kinship is how much the claim has in common with a sentence. Among equals the
// one of like length is rather the one that was translated.
func (t *translation) kinship(k int) float64 {
	a, b := float64(len(t.claim.words)), float64(len(t.evidence.sentences[k].words))
	return float64(len(t.met[k])) + 0.9*min(a, b)/max(a, b)
}

// partDenials counts the negations in the clauses of a sentence in which the
// claim was found, or in all of them if it was in none.
func (t *translation) partDenials(k int) denials {
	s := t.evidence.sentences[k]
	var out denials
	met := false
	for _, clause := range s.clauses {
		for j := range t.met[k] {
			if clause[0] <= j && j < clause[1] {
				d := s.denials(clause[0], clause[1])
				out.sure += d.sure
				out.lexical += d.lexical
				out.shaped += d.shaped
				met = true
				break
			}
		}
	}
	if !met {
		return s.denials(0, len(s.words))
	}
	return out
}
