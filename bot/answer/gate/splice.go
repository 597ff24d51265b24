package gate

import (
	"slices"
	"strings"
)

// Thresholds of what a clause may take from other sentences than one.
const (
	// beyond is how much of what a clause has from its sources, by weight, may
	// stand outside the sentence that has most of it and those that its pronouns
	// point to.
	beyond = 0.1
	// byChance is how much more every further sentence may have: the more are
	// cited, the more words of the claim stand in one of them by chance.
	byChance = 0.03
	// spliced is how much of a clause's wording, by weight, several sentences may
	// have beyond the one that has most, even if its pronouns point to them.
	spliced = 0.4
	// pointed is how much of a word counts as found that is no subject and stands
	// where a pronoun may point to.
	pointed = 0.8
	// spliceable is the least number of words that show that a clause was put
	// together from several sentences: fewer are chance.
	spliceable = 3
	// patch is the least number of words that are copied, not met by chance.
	patch = 4
	// most of the words of both sides of a "because" must stand in one sentence.
	mostOfBoth = 0.6
)

// checkSplices fails a clause whose words stand in several sentences, but in
// none of them: one that joins the subject of one to the predicate of another,
// or the halves of two, or two statements by a reason that no source gives.
// Words of a sentence before may be there if a pronoun of the one that has the
// rest points to it, or it leads to a list or heads a table.
func checkSplices(c *text, e *evidence, _ Options) []Failure {
	if len(e.sentences) < 2 {
		return nil
	}
	in := e.standing(c)
	reached := e.reached(c, in)
	reasons := checkReasons(c, e, in)
	for i := range e.sentences {
		e.setting(c, i, in, reached[i])
	}
	allowed := min(spliced, beyond+byChance*float64(e.cited-2))
	var out []Failure
	var subject []int
	for _, clause := range c.predications() {
		own := c.subject(clause)
		if own == nil && c.elliptical(clause) {
			own = subject // "..., but left": the subject is that of the clause before
		}
		subject = own
		share, wrong := outside(c, clause, own, in, reached)
		switch {
		case share > allowed || gain(c, clause, in, reached) > spliced || share > 0 && patched(c, clause, e):
			out = append(out, Failure{Splice, c.phrase(clause[0], clause[1])})
		case wrong:
			out = append(out, Failure{Subject, c.phrase(own[0], own[len(own)-1]+1)})
		}
	}
	return append(out, reasons...)
}

// predications returns the clauses, cut once more where a second predicate of one
// subject begins: "Kyiv has declared this | and is going to Washington".
func (t *text) predications() [][2]int {
	var out [][2]int
	for _, clause := range t.clauses {
		for i := clause[0] + 1; i+1 < clause[1]; i++ {
			if t.language.has("joiner", &t.words[i]) && t.isVerb(i+1) && t.hasVerb(clause[0], i-1) && t.elliptical([2]int{i, clause[1]}) {
				out = append(out, [2]int{clause[0], i})
				clause[0] = i
			}
		}
		out = append(out, clause)
	}
	return out
}

// standing tells for each sentence which words of the claim stand in it,
// inflected, by another name or as part of a compound.
func (e *evidence) standing(c *text) [][]bool {
	out := make([][]bool, len(e.sentences))
	for i, v := range e.sets {
		out[i] = make([]bool, len(c.words))
		for j := range c.words {
			w := &c.words[j]
			out[i][j] = w.weight > 0 && (v.holds(w, c.lang) || v.part(w))
		}
	}
	return out
}

// reached tells for each sentence how far the words of the claim stand in it, or
// in one that it points to. A pronoun stands for a subject most often: those of
// the claim's clauses may come from where it points to if the sentence does not
// name another one for the same predicate; other words count in part.
func (e *evidence) reached(c *text, in [][]bool) [][]float64 {
	out := make([][]float64, len(in))
	for i := range in {
		out[i] = make([]float64, len(c.words))
		for k, stands := range in[i] {
			if stands {
				out[i][k] = 1
			}
		}
		for _, j := range e.leads(i) {
			for k, stands := range in[j] {
				if stands {
					out[i][k] = 1
				}
			}
		}
		points := e.points(i)
		if len(points) == 0 {
			continue
		}
		for _, clause := range c.clauses {
			subject := c.subject(clause)
			if subject == nil {
				subject = leading(c, clause, in[i])
			}
			another := e.sentences[i].namesAnother(c, clause, subject, in[i])
			for k := clause[0]; k < clause[1]; k++ {
				if !slices.ContainsFunc(points, func(j int) bool { return in[j][k] }) {
					continue
				}
				switch isSubject := slices.Contains(subject, k); {
				case !isSubject:
					out[i][k] = max(out[i][k], e.pointed(i))
				case !another:
					out[i][k] = 1
				}
			}
		}
	}
	return out
}

// setting counts the words of the claim that hang on a preposition and stand in
// a sentence before i of the same paragraph: that one tells where and when.
func (e *evidence) setting(c *text, i int, in [][]bool, out []float64) {
	for j := range min(i, e.cited) {
		if e.paragraphs[i] == "" || e.paragraphs[i] != e.paragraphs[j] {
			continue
		}
		hangs := false
		for k := range c.words {
			w := &c.words[k]
			switch {
			case c.language.has("preposition", w):
				hangs = true
			case w.comma || w.hard || c.isVerb(k):
				hangs = false
			}
			if hangs && in[j][k] {
				out[k] = max(out[k], pointed)
			}
		}
	}
}

// pointed is how much such a word counts for sentence i: less, if nobody knows
// whether it stands in one paragraph with the others.
func (e *evidence) pointed(i int) float64 {
	if e.paragraphs[i] == "" {
		return pointed / 2
	}
	return pointed
}

// leading returns the content words with which a clause begins before the first
// one that stands in a sentence.
func leading(c *text, clause [2]int, in []bool) []int {
	var out []int
	for k := clause[0]; k < clause[1] && !in[k]; k++ {
		if c.words[k].weight > 0 {
			out = append(out, k)
		}
	}
	return out
}

// namesAnother reports whether the text has the predicate of a claim's clause
// with a subject of other words.
func (t *text) namesAnother(c *text, clause [2]int, subject []int, in []bool) bool {
	if len(subject) == 0 || slices.ContainsFunc(subject, func(k int) bool { return in[k] }) {
		return false
	}
	for k := subject[len(subject)-1] + 1; k < clause[1]; k++ {
		if w := &c.words[k]; w.weight == 0 || !w.lower() || !in[k] {
			continue
		}
		p := t.find(&c.words[k], [2]int{0, len(t.words)})
		if p < 0 {
			return false
		}
		theirs := t.subject(t.clauseOf(p))
		return len(theirs) > 0 && theirs[len(theirs)-1] < p
	}
	return false
}

// outside returns the least share of the words of a clause, by weight, that
// stand in the evidence but not in one sentence and where it points to. It tells
// too whether that sentence lacks all of the subject, or the predicate's head.
func outside(c *text, clause [2]int, subject []int, in [][]bool, reached [][]float64) (share float64, lacks bool) {
	known := func(j int) bool { return anywhere(in, j) }
	head := c.headOf(clause, subject)
	share = 2
	for i := range reached {
		out, total := 0.0, 0.0
		for j := clause[0]; j < clause[1]; j++ {
			if w := c.words[j].weight; w > 0 && known(j) {
				total += w
				out += w * (1 - reached[i][j])
			}
		}
		if total == 0 {
			return 0, false
		}
		apart := slices.ContainsFunc(subject, known) && !slices.ContainsFunc(subject, func(j int) bool { return reached[i][j] == 1 })
		apart = apart || head >= 0 && known(head) && reached[i][head] == 0
		s := out / total
		if apart == lacks && s < share || !apart && lacks && s < max(share, beyond) || share == 2 {
			share, lacks = s, apart
		}
	}
	return share, lacks
}

// headOf returns the first content word of a clause behind its subject that is
// no adverb, or -1.
func (t *text) headOf(clause [2]int, subject []int) int {
	if len(subject) == 0 {
		return -1
	}
	for k := subject[len(subject)-1] + 1; k < clause[1]; k++ {
		if w := &t.words[k]; w.lower() && !strings.HasSuffix(w.folded, "ly") {
			return k
		}
	}
	return -1
}

// anywhere reports whether word j stands in any sentence.
func anywhere(in [][]bool, j int) bool {
	return slices.ContainsFunc(in, func(words []bool) bool { return words[j] })
}

// points returns the sentences that the pronouns of one may point to, leads those
// that lead to it as to an item of a list or a row of a table.
func (e *evidence) points(i int) []int {
	if !e.sentences[i].refers() {
		return nil
	}
	var out []int
	for j := range min(i, e.cited) {
		if e.paragraphs[i] == e.paragraphs[j] {
			out = append(out, j)
		}
	}
	return out
}

func (e *evidence) leads(i int) []int {
	var out []int
	row := strings.Contains(e.sentences[i].raw, " | ")
	for j := range min(i, e.cited) {
		raw := e.sentences[j].raw
		if e.paragraphs[j] != e.paragraphs[i] && e.paragraphs[j] != e.before[i] {
			continue
		}
		if strings.HasSuffix(strings.TrimSpace(raw), ":") || row && strings.Contains(raw, " | ") {
			out = append(out, j)
		}
	}
	return out
}

// refers reports whether a text has a pronoun that points to another sentence.
// Of a language without a table nobody knows.
func (t *text) refers() bool {
	anaphors := t.language.words["anaphor"]
	if len(anaphors) == 0 {
		return true
	}
	for i := range t.words {
		if anaphors[t.words[i].folded] {
			return true
		}
	}
	return false
}

// subject returns the content words of a clause before its first verb, as far
// as that can be told; nil if it cannot.
func (t *text) subject(clause [2]int) []int {
	var out []int
	_, verb := t.predicateAt(clause)
	for i := clause[0]; i < clause[1]; i++ {
		if i == verb || t.isVerb(i) {
			return out
		}
		if t.words[i].weight > 0 {
			out = append(out, i)
		}
	}
	return nil
}

// isVerb reports whether word i is a verb beyond doubt: an auxiliary, or an
// English past tense.
func (t *text) isVerb(i int) bool {
	w := &t.words[i]
	return t.language.has("auxiliary", w) || t.lang == "en" && !w.capital && i > 0 && (strings.HasSuffix(w.folded, "ed") && letters(w.folded) > 4 || t.language.has("report", w))
}

// elliptical reports whether a clause has no subject of its own: "but left".
func (t *text) elliptical(clause [2]int) bool {
	i := clause[0]
	if !t.language.has("joiner", &t.words[i]) && t.words[i].folded != "but" {
		return false
	}
	for i++; i < clause[1] && (t.words[i].weight == 0 && !t.isVerb(i) && !t.language.has("pronoun", &t.words[i]) || strings.HasSuffix(t.words[i].folded, "ly")); i++ {
	}
	return i < clause[1] && t.isVerb(i)
}

// gain returns which share of a clause's wording all sentences have beyond what
// the one with most of it has.
func gain(c *text, clause [2]int, in [][]bool, reached [][]float64) float64 {
	count, total, all := 0, 0.0, 0.0
	have := make([]float64, len(in))
	for j := clause[0]; j < clause[1]; j++ {
		w := &c.words[j]
		if !w.lower() {
			continue
		}
		count++
		total += w.weight
		if anywhere(in, j) {
			all += w.weight
		}
		for i := range reached {
			have[i] += w.weight * reached[i][j]
		}
	}
	if count < spliceable {
		return 0
	}
	best := 0.0
	for _, h := range have {
		best = max(best, h)
	}
	return (all - best) / total
}

// checkReasons fails a claim that makes one sentence the reason of another, if
// no source gives reasons.
func checkReasons(c *text, e *evidence, in [][]bool) []Failure {
	if slices.ContainsFunc(e.sentences, (*text).givesReasons) {
		return nil
	}
	for i := range c.words {
		if !c.isReason(i) {
			continue
		}
		left, right := c.beside(i)
		if !slices.ContainsFunc(in, func(place []bool) bool {
			return sharedWith(c, left, in, place) >= mostOfBoth && sharedWith(c, right, in, place) >= mostOfBoth
		}) {
			return []Failure{{Splice, c.words[i].surface}}
		}
	}
	return nil
}

// isReason reports whether word i joins a statement to its reason or to what
// comes of it: "because", "so that", "led to", "as a result".
func (t *text) isReason(i int) bool {
	w := &t.words[i]
	next, last := "", ""
	if i+1 < len(t.words) {
		next = t.words[i+1].folded
	}
	if i > 0 {
		last = t.words[i-1].folded
	}
	switch {
	case t.language.words["reason"][w.folded]:
		return true
	case t.lang != "en":
		return false
	}
	return w.folded == "so" && next == "that" || w.folded == "led" && next == "to" || w.folded == "result" && last == "a" && i > 1 && t.words[i-2].folded == "as"
}

// beside returns the words on either side of word i, to the ends of its sentence.
func (t *text) beside(i int) (left, right [2]int) {
	left, right = [2]int{i, i}, [2]int{i + 1, i + 1}
	for left[0] > 0 && !t.words[left[0]].initial {
		left[0]--
	}
	for right[1] < len(t.words) && !t.words[right[1]].initial {
		right[1]++
	}
	return left, right
}

// sharedWith returns which share of the words of a range that stand anywhere
// stand in one place.
func sharedWith(c *text, words [2]int, in [][]bool, place []bool) float64 {
	have, total := 0.0, 0.0
	for j := words[0]; j < words[1]; j++ {
		if w := c.words[j].weight; w > 0 && anywhere(in, j) {
			total += w
			if place[j] {
				have += w
			}
		}
	}
	if total == 0 {
		return 1
	}
	return have / total
}

// givesReasons reports whether a text has a word that may give a reason.
func (t *text) givesReasons() bool {
	for i := range t.words {
		if w := &t.words[i]; t.language.has("reason", w) || t.language.has("reasonable", w) {
			return true
		}
	}
	return false
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
		if subject := c.subject(clause); len(subject) > 0 && subject[len(subject)-1]+1 >= rest[0]-1 {
			continue // only the subject, for which the other may have a pronoun
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
