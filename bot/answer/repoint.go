package answer

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"summitbot/bot/answer/gate"
	"summitbot/knowledge/analysis"
)

// looked is how many sentences a claim is looked for in. Each look costs a fraction
// of a millisecond; a claim must be decided within five.
const looked = 5

// sure is the support from which on no other sentence is looked at: half of the good
// claims that were written for the summit article have more.
const sure = 0.85

// repoint looks for sentences of the sheet that support a claim, among those that
// share most of its words.
func (v *verifier) repoint(text, language string, cited []place) ([]place, gate.Verdict) {
	best := v.nearest(text, language, looked)
	var found []place
	var verdict gate.Verdict
	// A sentence that speaks of the matter less than the one cited must not clear a
	// claim which that one contradicts.
	own := 0.0
	if len(cited) <= maxCited {
		own = v.shared(text, cited, false)
	}
	// Nor must its neighbours lend it a name or a number that it lacks: they say them
	// of something else.
	contradicted := own >= alike && !v.onlyLacks(text, language, cited)
	try := func(at ...place) {
		at = slices.Clone(at)
		slices.SortFunc(at, byPlace)
		at = slices.Compact(at)
		switch {
		case slices.Equal(at, cited), own >= alike && v.shared(text, at, false) <= own:
			return
		case contradicted && !slices.ContainsFunc(cited, func(p place) bool { return !slices.Contains(at, p) }):
			return
		}
		if w := v.check(text, language, at); w.OK && (!verdict.OK || w.Support > verdict.Support) {
			found, verdict = at, w
		}
	}
	for _, p := range best {
		// The nearest ones come first, so a sure one is not bettered.
		if try(p); verdict.OK && verdict.Support >= sure {
			break
		}
	}
	if verdict.OK {
		return found, verdict
	}
	for _, p := range best {
		if v.shared(text, []place{p}, false) < alike || !leans(v.check(text, language, []place{p})) {
			continue
		}
		for more := range v.widened(text, []place{p}) {
			try(more...)
		}
	}
	return found, verdict
}

// onlyLacks reports whether all that is wrong with a claim is that some sentences
// have too few of its words.
func (v *verifier) onlyLacks(text, language string, at []place) bool {
	return !slices.ContainsFunc(v.check(text, language, at).Failures, func(f gate.Failure) bool {
		return f.Check != gate.Coverage && f.Check != gate.Splice && f.Check != gate.Quotation
	})
}

// preselected is how many sentences are taken apart to find the nearest: taking apart
// costs ten times as much as comparing beginnings of words.
const preselected = 16

// nearest returns the n sentences of the sheet that have most in common with a
// claim, best first.
func (v *verifier) nearest(text, language string, n int) []place {
	own := beginnings(text)
	type near struct{ index, shared int }
	var found []near
	for i, there := range v.roots() {
		shared := 0
		for root := range own {
			if there[root] {
				shared += len(root)
			}
		}
		if shared > 0 {
			found = append(found, near{i, shared})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(b.shared, a.shared) })
	found = found[:min(len(found), preselected)]
	var parsed []*gate.Parsed
	for _, f := range found {
		parsed = append(parsed, v.parsed[f.index]())
	}
	var out []place
	for _, i := range gate.Near(text, language, parsed, n) {
		out = append(out, v.places[found[i].index])
	}
	return out
}

// beginnings returns the first letters of the longer words of a text: enough to
// find candidates, whatever their endings.
func beginnings(text string) map[string]bool {
	const least, most = 3, 6
	out := map[string]bool{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(word) < least && !unicode.IsDigit(rune(word[0])) {
			continue
		}
		if len(word) > most {
			word = strings.ToValidUTF8(word[:most], "")
		}
		out[word] = true
	}
	return out
}

// shared is the share of a claim's content words that some sentences have; numbers
// says whether those count. One that a claim got wrong stands elsewhere by chance.
func (v *verifier) shared(text string, at []place, numbers bool) float64 {
	if len(at) == 0 {
		return 0
	}
	there := map[string]bool{}
	for _, p := range at {
		maps.Copy(there, stems(v.sheet.sentence(p), v.sheet.language(p)))
	}
	n, all := 0, 0
	for s := range stems(text, v.sheet.language(at[0])) {
		if !numbers && analysis.IsNumber(s) {
			continue
		}
		all++
		if there[s] {
			n++
		}
	}
	return float64(n) / float64(max(1, all))
}

// stems returns the content words of a text.
func stems(text, language string) map[string]bool {
	out := map[string]bool{}
	for _, t := range analysis.Tokens(text, nil) {
		folded := analysis.Fold(text[t.Start:t.End])
		if !analysis.IsStop(folded, language) {
			out[analysis.Stem(folded, language)] = true
		}
	}
	return out
}
