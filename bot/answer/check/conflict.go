package check

import (
	"slices"
	"strings"
	"unicode/utf8"

	"summitbot/bot/answer/gate"
	"summitbot/knowledge/analysis"
)

// compare turns the gate's failures into conflicts, each with what the anchor
// says instead, and tells which words of the claim conflict. A number or a name
// in whose place the anchor has none is no conflict but an addition: then the
// documents do not say so.
func (a *assessment) compare(claim *reading) (conflicting []bool) {
	conflicting = make([]bool, len(claim.words))
	for _, f := range a.verdict.Failures {
		switch f.Check {
		case gate.Number, gate.Date, gate.Unit, gate.Name, gate.Link:
			from, to := claim.locate(f.Detail, a.all)
			if from < 0 {
				a.addition = true
				continue
			}
			if f.Check == gate.Name {
				if conflicting[from] {
					continue // told with the name that it is a part of
				}
				if a.all.strength[from] == 1 && a.match.strength[from] == 0 {
					continue // what stands above names it
				}
				from, to = claim.wholeName(from, a.all)
			}
			for i := from; i < to; i++ {
				conflicting[i] = true
			}
			if f.Check == gate.Unit {
				to = from + 1
				if to < len(claim.words) && strings.TrimSpace(claim.text[claim.words[from].end:claim.words[to].start]) == "" {
					conflicting[to] = true
					to++
				}
			}
			c := Conflict{Kind: f.Check, Claim: claim.phrase(from, to)}
			var exact bool
			c.Source, exact = a.instead(claim, f.Check, from, to)
			a.exact = a.exact || exact
			a.addition = a.addition || c.Source == "" || a.told(c.Source)
			a.conflicts = append(a.conflicts, c)
		case gate.Negation:
			if c := negationOf(f.Detail, claim.text); !denied(c, claim, &a.source) {
				a.negates(c)
			}
		case gate.Subject, gate.Speaker:
			named := slices.ContainsFunc(a.conflicts, func(c Conflict) bool { return c.Kind == gate.Name })
			if who := a.other(claim, f); who != "" && !named { // a name that is not there is told already
				a.conflicts = append(a.conflicts, Conflict{Kind: f.Check, Source: who})
			}
		case gate.Quotation:
			a.conflicts = append(a.conflicts, Conflict{Kind: f.Check, Claim: f.Detail})
		case gate.Hedge:
			a.doubt = append(a.doubt, Conflict{Kind: f.Check, Source: f.Detail})
		}
	}
	return conflicting
}

// told reports whether the anchor's words stand against others already: they can
// take the place of one thing only.
func (a *assessment) told(source string) bool {
	return slices.ContainsFunc(a.conflicts, func(c Conflict) bool { return c.Source == source })
}

// negates adds a negation once.
func (a *assessment) negates(c Conflict) {
	if !slices.Contains(a.conflicts, c) {
		a.conflicts = append(a.conflicts, c)
	}
}

// other returns who does or says in the anchor what another one does in the claim,
// as it is written there, or "" if both do: "Berlin and Paris confirmed". Where
// nouns have capitals, names cannot be told from them.
func (a *assessment) other(claim *reading, f gate.Failure) string {
	if claim.lang == "de" {
		return ""
	}
	_, stems, ok := strings.Cut(f.Detail, ": ")
	if f.Check == gate.Speaker {
		_, stems, ok = strings.Cut(f.Detail, ", not ")
	}
	if !ok {
		return ""
	}
	others := strings.Fields(stems)
	is := func(w *statementWord) bool {
		return slices.Contains(others, w.stem) || slices.Contains(others, w.folded)
	}
	words := a.source.words
	for i := range words {
		if !is(&words[i]) || words[i].role != naming {
			continue
		}
		for k := max(0, i-2); k < min(len(words), i+3); k++ {
			if k != i && words[k].role == naming && !is(&words[k]) && a.source.pairs(min(i, k), max(i, k)) && claim.hasStem(words[k].stem) {
				return ""
			}
		}
		end := i + 1
		for end < len(words) && words[end].role == naming && a.source.adjoins(end) {
			end++
		}
		return a.source.phrase(i, end)
	}
	return ""
}

// pairs reports whether two words are joined as "Berlin and Paris" are.
func (r *reading) pairs(i, k int) bool {
	switch strings.Trim(r.text[r.words[i].end:r.words[k].start], " ,") {
	case "", "and", "or", "&":
		return true
	}
	return false
}

// negationOf tells a negation by the side that has it.
func negationOf(detail, claim string) Conflict {
	if words, ok := strings.CutPrefix(detail, "the source negates "); ok {
		return Conflict{Kind: gate.Negation, Source: words}
	}
	if words, ok := strings.CutPrefix(detail, "the claim negates "); ok {
		return Conflict{Kind: gate.Negation, Claim: words}
	}
	if strings.Contains(strings.ToLower(claim), strings.ToLower(detail)) {
		return Conflict{Kind: gate.Negation, Claim: detail}
	}
	return Conflict{Kind: gate.Negation, Source: detail}
}

// denied reports whether what one side negates the other denies by its verb ("to
// prevent Russia from using" is "Russia cannot use"), or by an ellipsis ("binds
// the company but not the passenger" is "does not bind the passenger").
func denied(c Conflict, claim, source *reading) bool {
	own, other, words := claim, source, c.Claim
	if c.Source != "" {
		own, other, words = source, claim, c.Source
	}
	phrase := readStatement(words, other.lang, nil)
	for i := range other.words {
		w := &other.words[i]
		reach := 0
		switch {
		case denials[w.stem] && other.lang == "en" && !own.hasStem(w.stem):
			reach = len(other.words)
		case nots[w.folded]:
			reach = ellipsis
		}
		for k := i + 1; k < min(i+1+reach, len(other.words)); k++ {
			for p := range phrase.words {
				if phrase.words[p].role != functional && phrase.words[p].same(&other.words[k], other.lang) {
					return true
				}
			}
		}
	}
	return false
}

func (r *reading) hasStem(stem string) bool {
	return slices.ContainsFunc(r.words, func(w statementWord) bool { return w.stem == stem })
}

// ellipsis is how many words behind a "not" its noun stands at the latest.
const ellipsis = 2

// denials are the stems of verbs of English that say that something is not to
// be, and of their adjectives; nots are the plain negations.
var (
	denials = stemsOf("prevent stop avoid forbid forbidden prohibit ban deny exclude refuse reject block bar preclude without")
	nots    = wordsOf("not never no nicht kein keine keinen nie pas jamais non no не нет ні ei")
)

func stemsOf(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[analysis.Stem(w, "en")] = true
	}
	return out
}

// locate finds the words of a failure in the claim; those that the source lacks
// come first. It returns -1 if there are none.
func (r *reading) locate(detail string, m match) (from, to int) {
	tokens := analysis.Tokens(detail, nil)
	if len(tokens) == 0 {
		return -1, -1
	}
	first := analysis.Fold(detail[tokens[0].Start:tokens[0].End])
	stem := analysis.Stem(first, r.lang)
	from = -1
	for i := range r.words {
		w := &r.words[i]
		if w.folded == first || w.stem == stem || w.stem == first {
			if from < 0 || m.at[from] >= 0 && m.at[i] < 0 {
				from = i
			}
		}
	}
	if from < 0 {
		return -1, -1
	}
	to = from + 1
	for _, t := range tokens[1:] {
		if to < len(r.words) && r.words[to].folded == analysis.Fold(detail[t.Start:t.End]) {
			to++
		}
	}
	return from, to
}

// wholeName returns the words around one that belong to its name and that the
// source lacks.
func (r *reading) wholeName(at int, m match) (from, to int) {
	part := func(i int) bool {
		return r.words[i].role == naming && m.strength[i] == 0
	}
	from, to = at, at+1
	for from > 0 && part(from-1) && r.adjoins(from) {
		from--
	}
	for to < len(r.words) && part(to) && r.adjoins(to) {
		to++
	}
	return from, to
}

// adjoins reports whether a word may continue the name that the one before it is
// a part of.
func (r *reading) adjoins(i int) bool {
	switch r.text[r.words[i-1].end:r.words[i].start] {
	case " ", ". ", "-", "–":
		return true
	}
	return false
}

func (r *reading) phrase(from, to int) string {
	start, end := r.words[from].start, r.words[to-1].end
	if r.words[from].role == numeral { // the sign of a currency
		if s, size := utf8.DecodeLastRuneInString(r.text[:start]); strings.ContainsRune("$€£¥₽", s) {
			start -= size
		}
	}
	if r.words[to-1].role == numeral && (strings.HasPrefix(r.text[end:], "%") || strings.HasPrefix(r.text[end:], " %")) {
		end += strings.IndexByte(r.text[end:], '%') + 1
	}
	return r.text[start:end]
}

// instead returns what the anchor says where the claim has the words from..to-1:
// what stands between the same two words, which is exact; else of what is of the
// same kind there and not in the claim, that which stands nearest; or "".
func (a *assessment) instead(claim *reading, kind gate.Kind, from, to int) (source string, exact bool) {
	if kind == gate.Unit {
		return a.measured(claim, from), false
	}
	if source = a.slot(claim, from, to); source != "" {
		return source, true
	}
	source = a.closest(claim, kind, from, to, func(run [2]int) bool { return !claim.has(&a.source, run) })
	if all, _ := claim.share(a.match, anyStatementWord); source == "" && kind != gate.Name && all >= repeats {
		// The claim has it elsewhere too, as in "ten or more, at most ten".
		source = a.closest(claim, kind, from, to, func([2]int) bool { return true })
	}
	return source, false
}

// slack is how many words more or fewer may stand in the place of some.
const slack = 2

// slot returns what the anchor has between the words that stand around from..to-1
// in the claim, if it has those close to each other and something else between.
func (a *assessment) slot(claim *reading, from, to int) string {
	s := &a.source
	for p := -1; p < len(s.words); p++ {
		if (p < 0) != (from == 0) || p >= 0 && s.words[p].folded != claim.words[from-1].folded {
			continue
		}
		for q := p + 2; q <= min(p+1+to-from+slack, len(s.words)); q++ {
			if (q == len(s.words)) != (to == len(claim.words)) || q < len(s.words) && s.words[q].folded != claim.words[to].folded {
				continue
			}
			for i := p + 1; i < q; i++ {
				if s.words[i].role != functional && !claim.hasIn(&s.words[i], [2]int{from, to}) {
					return s.phrase(p+1, q)
				}
			}
		}
	}
	return ""
}

// repeats is the share of a claim's words from which it repeats a sentence: then
// what stands in the same place is what was changed.
const repeats = 0.8

// kindred is how many words of distance a word in common makes up for.
const kindred = 20

func (r *reading) hasIn(w *statementWord, run [2]int) bool {
	return slices.ContainsFunc(r.words[run[0]:run[1]], func(o statementWord) bool { return w.same(&o, r.lang) })
}

// farthest is how many words from its place another name or number may stand: a
// clause away they are those of another statement.
const farthest = 5

// closest returns of the anchor's words of a kind those that stand nearest to
// the place of from..to-1 of the claim.
func (a *assessment) closest(claim *reading, kind gate.Kind, from, to int, of func(run [2]int) bool) string {
	best, out := nowhere, ""
	all, _ := claim.share(a.match, anyStatementWord)
	for _, run := range a.runs(claim, kind, from == 0) {
		if !of(run) {
			continue
		}
		d, near := a.distance(claim, from, to, run)
		for i := from; i < to; i++ {
			if a.source.hasIn(&claim.words[i], run) {
				d -= kindred // "31 October" rather than "1 March" for "30 October"
			}
		}
		if (all >= repeats || near <= farthest) && d < best {
			best, out = d, a.source.phrase(run[0], run[1])
		}
	}
	return out
}

// measured returns a number of the claim as the anchor states it, unit included.
func (a *assessment) measured(claim *reading, at int) string {
	for i := range a.source.words {
		if w := &a.source.words[i]; w.role == numeral && w.same(&claim.words[at], claim.lang) {
			to := i + 1
			if to < len(a.source.words) && strings.TrimSpace(a.source.text[w.end:a.source.words[to].start]) == "" {
				to++
			}
			return a.source.phrase(i, to)
		}
	}
	return ""
}

// runs returns the words of a kind that may stand in place of others, those that
// follow each other together. Of a name only the part that the claim lacks is
// one: "German Chancellor" is no other name. If the name of the claim begins it,
// the word with a capital that begins the source may be one as well.
func (a *assessment) runs(claim *reading, kind gate.Kind, begins bool) [][2]int {
	r := &a.source
	of := func(i int) bool {
		w := &r.words[i]
		switch kind {
		case gate.Number:
			return w.role == numeral
		case gate.Date:
			return w.role == numeral || w.calendar
		case gate.Name:
			capital := w.role == wording && analysis.IsCapitalised(w.surface)
			return (w.role == naming || capital && (r.lang == "de" || begins && i == 0)) && !claim.has(r, [2]int{i, i + 1})
		}
		return false
	}
	var out [][2]int
	for i := 0; i < len(r.words); {
		if !of(i) {
			i++
			continue
		}
		k := i + 1
		for k < len(r.words) && of(k) && (r.adjoins(k) || kind == gate.Date && r.text[r.words[k-1].end:r.words[k].start] == ", ") {
			k++
		}
		out = append(out, [2]int{i, k})
		i = k
	}
	return out
}

// has reports whether the claim has all words of a run of the source.
func (r *reading) has(source *reading, run [2]int) bool {
	for i := run[0]; i < run[1]; i++ {
		if !slices.ContainsFunc(r.words, func(w statementWord) bool { return w.same(&source.words[i], r.lang) }) {
			return false
		}
	}
	return true
}

// distance says how far a run of the anchor stands from where the words around
// from..to-1 of the claim stand there, in words: the nearer of the two counts
// double, since the other may stand anywhere in a sentence put another way.
func (a *assessment) distance(claim *reading, from, to int, run [2]int) (both, near int) {
	before := a.offset(claim, from-1, -1, func(at, gap int) int { return run[0] - at - gap - 1 })
	after := a.offset(claim, to, 1, func(at, gap int) int { return at - run[1] - gap })
	near = min(before, after)
	far := max(before, after)
	if far == nowhere {
		far = near // the sentence begins or ends here
	}
	both = 2*near + far
	if before < after {
		both++ // of two as near, "62 cars and 340 passengers", the noun behind tells
	}
	return both, near
}

// nowhere is farther than any word.
const nowhere = 1 << 16

// offset looks from a word of the claim in one direction for the next that the
// anchor has, and returns the least distance over all places where it has it.
func (a *assessment) offset(claim *reading, i, step int, distance func(at, gap int) int) int {
	for gap := 0; i >= 0 && i < len(claim.words); i, gap = i+step, gap+1 {
		if a.match.at[i] < 0 {
			continue
		}
		best := abs(distance(a.match.at[i], gap)) + gap
		for at := range a.source.words {
			if claim.words[i].same(&a.source.words[at], claim.lang) {
				best = min(best, abs(distance(at, gap))+gap)
			}
		}
		return best
	}
	return nowhere
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
