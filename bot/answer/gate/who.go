package gate

import (
	"slices"
	"strings"

	"summitbot/knowledge/analysis"
)

// nameStems returns the names in a range of words by their stems, titles left out.
func (t *text) nameStems(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		w := &t.words[i]
		if i+1 < to && w.proper && t.words[i+1].capital {
			// A country that has initials: "United States" is "U.S.".
			initials := string(firstRune(w.surface)) + string(firstRune(t.words[i+1].surface))
			if same := analysis.Same(initials, t.lang); same != nil {
				out = append(out, same[0])
				i++
				continue
			}
		}
		if w.proper && !t.inDate(i) && !t.language.has("title", w) && !t.language.has("preposition", w) {
			out = append(out, canonical(w, t.lang))
		}
	}
	return out
}

// names returns the names of a range that do not hang on a preposition, each by
// its words: those may be subjects. hanging are the others.
func (t *text) names(from, to int) (subjects, hanging []string) {
	last := -1 // the word behind the last name that hangs
	for i := from; i < to; {
		if w := &t.words[i]; !w.proper {
			i++
			continue
		}
		j := i + 1
		for j < to && t.words[j].capital && t.joined(j) {
			j++
		}
		stems := t.nameStems(i, j)
		before := i - 1
		for before >= from && (t.language.words["article"][t.words[before].folded] || t.words[before].possessive || t.words[before].capital && t.joined(before+1)) {
			before--
		}
		joined := before == last && before >= from && t.language.has("joiner", &t.words[before])
		if before >= from && t.language.has("preposition", &t.words[before]) || t.words[j-1].possessive || joined {
			hanging = append(hanging, stems...)
			last = j // "in Berlin and Paris": the next one hangs on it too
		} else {
			subjects = append(subjects, stems...)
		}
		i = j
	}
	return subjects, hanging
}

// predicateAt returns the predicate that follows the subject of a clause: the
// first content word in lower case behind a name, auxiliaries and adverbs
// skipped; or -1.
func (t *text) predicateAt(clause [2]int) (name, verb int) {
	name = -1
	for i := clause[0]; i < clause[1]; i++ {
		w := &t.words[i]
		switch {
		case w.proper && !t.inDate(i):
			name = i
		case name < 0:
			if w.lower() {
				return -1, -1 // a noun comes first: it is the subject
			}
		case w.lower() && !strings.HasSuffix(w.folded, "ly"):
			if i+1 < clause[1] && t.isVerb(i+1) && t.near(i+1) {
				return -1, -1 // "the Washington agenda will": a noun
			}
			if w.folded == t.words[name].folded {
				return -1, -1
			}
			return name, i
		case t.language.has("preposition", w) || t.language.has("joiner", w) && !t.hasName(i+1, clause[1]):
			return -1, -1
		}
	}
	return -1, -1
}

func (t *text) hasName(from, to int) bool {
	return from < to && t.words[from].capital
}

// isPassive reports whether the word at i is a participle with a form of "be"
// before it.
func (t *text) isPassive(i int, clause [2]int) bool {
	for j := i - 1; j >= clause[0]; j-- {
		w := &t.words[j]
		if t.language.has("passive", w) {
			return strings.HasSuffix(t.words[i].folded, "ed") || strings.HasSuffix(t.words[i].folded, "en") || t.agent(i, clause) >= 0
		}
		if w.weight > 0 && !strings.HasSuffix(w.folded, "ly") {
			return false
		}
	}
	return false
}

// agent returns the word behind the "by" of a passive, or -1.
func (t *text) agent(i int, clause [2]int) int {
	for j := i + 1; j < min(clause[1]-1, i+8); j++ {
		if t.language.has("by", &t.words[j]) {
			return j + 1
		}
	}
	return -1
}

// checkSubjects fails a clause whose predicate has another subject in the
// source: the claim's subject stands before none of its occurrences, and another
// name does. Voice is heeded: "was attacked by Russia" has Russia for a subject.
func checkSubjects(c *text, e *evidence, _ Options) []Failure {
	var out []Failure
	for _, clause := range c.clauses {
		_, verb := c.predicateAt(clause)
		if verb < 0 || c.language.has("report", &c.words[verb]) {
			continue
		}
		own := c.doers(verb, clause)
		if len(own) == 0 {
			continue
		}
		if other := e.otherDoers(c, verb, own); other != "" {
			out = append(out, Failure{Subject, c.words[verb].surface + ": " + other})
		}
	}
	if len(out) == 0 {
		out = checkOrder(c, e)
	}
	if len(out) == 0 {
		out = checkSwaps(c, e)
	}
	return out
}

// besideVerb is how many words from a verb its subject and object are looked for.
const besideVerb = 4

// checkSwaps fails a claim in which two names have changed places around a verb
// that has an auxiliary, wherever in the sentence it stands: "that Ukraine would
// defend Western powers" for "that Western powers would defend Ukraine".
func checkSwaps(c *text, e *evidence) []Failure {
	for i := range c.words {
		left, right := c.around(i)
		if len(left) == 0 || len(right) == 0 {
			continue
		}
		swapped, agreed := "", false
		for _, s := range e.sentences {
			for j := range s.words {
				if s.words[j].stem != c.words[i].stem {
					continue
				}
				theirLeft, theirRight := s.around(j)
				agreed = agreed || overlaps(left, theirLeft) || overlaps(right, theirRight)
				if overlaps(left, theirRight) && overlaps(right, theirLeft) {
					swapped = strings.Join(theirLeft, " ")
				}
			}
		}
		if swapped != "" && !agreed {
			return []Failure{{Subject, c.words[i].surface + ": " + swapped}}
		}
	}
	return nil
}

// around returns the names on both sides of word i if it is a verb behind an
// auxiliary, in the active voice.
func (t *text) around(i int) (left, right []string) {
	at := i - 1
	for at > 0 && strings.HasSuffix(t.words[at].folded, "ly") {
		at--
	}
	if at < 1 || !t.words[i].lower() || !t.language.has("auxiliary", &t.words[at]) || t.isPassive(i, [2]int{0, len(t.words)}) {
		return nil, nil
	}
	from, to := at, i+1
	for from > max(0, at-besideVerb) && !t.parts(from-1) {
		from--
	}
	for to < min(len(t.words), i+1+besideVerb) && !t.parts(to) {
		to++
	}
	return t.nameStems(from, at), t.nameStems(i+1, to)
}

// parts reports whether another clause or phrase begins at word i.
func (t *text) parts(i int) bool {
	w := &t.words[i]
	return w.comma || w.hard || t.language.has("introducer", w) || w.stop && !w.capital && !t.language.words["article"][w.folded]
}

// doers returns the names that do what the word at verb says.
func (t *text) doers(verb int, clause [2]int) []string {
	if t.isPassive(verb, clause) {
		at := t.agent(verb, clause)
		if at < 0 {
			return nil
		}
		end := at
		for end < clause[1] && (t.words[end].capital || t.words[end].weight == 0 && end == at) {
			end++
		}
		return t.nameStems(at, end)
	}
	subjects, _ := t.names(clause[0], verb)
	if before := t.bracketed(clause[0]); len(subjects) == 0 && before > 0 && t.isVerb(clause[0]) {
		subjects, _ = t.names(t.clauseOf(before - 1)[0], before)
	}
	return subjects
}

// bracketed returns where the bracket begins that ends before word i, or 0:
// "Victoria (abbreviated as Vic) is".
func (t *text) bracketed(i int) int {
	if i == 0 || !strings.ContainsAny(t.gap(i), ")]") {
		return 0
	}
	for j := i - 1; j > 0; j-- {
		if strings.ContainsAny(t.gap(j), "([") {
			return j
		}
	}
	return 0
}

// otherDoers returns who does in the evidence what own does in the claim, or ""
// if own does it there too, or nobody knows.
func (e *evidence) otherDoers(c *text, verb int, own []string) string {
	other := ""
	for _, s := range e.sentences {
		for _, clause := range s.clauses {
			for i := clause[0]; i < clause[1]; i++ {
				if s.words[i].stem != c.words[verb].stem || s.words[i].capital {
					continue
				}
				theirs := s.doers(i, clause)
				if len(theirs) == 0 {
					if s.before(own, i) || !s.after(own, i) {
						return "" // a pronoun or a noun does it: whose, only the text before could tell
					}
					continue
				}
				_, hanging := s.names(clause[0], i)
				if overlaps(own, theirs) || overlaps(own, hanging) {
					return ""
				}
				other = strings.Join(theirs, " ")
			}
		}
	}
	return other
}

// before reports whether one of the names stands before word i, after whether
// one stands behind it.
func (t *text) before(names []string, i int) bool { return overlaps(names, t.nameStems(0, i)) }
func (t *text) after(names []string, i int) bool {
	return overlaps(names, t.nameStems(i+1, len(t.words)))
}

// overlaps reports whether two lists have a name in common, in any spelling.
func overlaps(a, b []string) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
		if letters(x) < spellable {
			continue
		}
		bones := skeleton(x)
		if slices.ContainsFunc(b, func(y string) bool { return skeleton(y) == bones }) {
			return true
		}
	}
	return false
}

// checkOrder fails a claim that repeats a sentence nearly word for word, but
// with its names in another order.
func checkOrder(c *text, e *evidence) []Failure {
	return copied(c, e, Subject, func(c, s *text) string {
		if disorder(c.order(0), s.order(0)) == "" {
			return ""
		}
		return disorder(c.order(c.front()), s.order(s.front()))
	})
}

// order returns the names of the text as they stand, spellings made equal; those
// before word front as if they stood at its end.
func (t *text) order(front int) []string {
	out := append(t.nameStems(front, len(t.words)), t.nameStems(0, front)...)
	for i := range out {
		out[i] = skeleton(out[i])
	}
	return out
}

// front returns where an adverbial at the beginning of the text ends, or 0: "In
// October 2010, ..." may as well stand at the end.
func (t *text) front() int {
	const longest = 9
	if len(t.words) == 0 || !t.language.has("preposition", &t.words[0]) && !t.language.words["attribution"][t.words[0].folded] {
		return 0
	}
	for i := 1; i < min(longest, len(t.words)); i++ {
		if t.words[i].hard {
			return 0
		}
		if t.words[i].comma {
			return i
		}
	}
	return 0
}

// copied fails a claim whose wording is nearly that of a cited sentence for what
// wrong finds; unless another sentence like that agrees.
func copied(c *text, e *evidence, kind Kind, wrong func(c, s *text) string) []Failure {
	var failure []Failure
	for _, s := range e.sentences {
		if likeness(c, s, (*word).lower) < nearlyAll || c.voice() != s.voice() || !c.inOrder(s) {
			continue
		}
		detail := wrong(c, s)
		if detail == "" {
			return nil
		}
		failure = []Failure{{kind, detail}}
	}
	return failure
}

// voice counts the agents of passives.
func (t *text) voice() int {
	n := 0
	for i := range t.words {
		if t.language.has("by", &t.words[i]) {
			n++
		}
	}
	return n
}

// inOrder reports whether the words in lower case stand in the order of s: only
// then does the order of names mean anything.
func (t *text) inOrder(s *text) bool {
	a, b := t.wording(), s.wording()
	j := 0
	missed := 0
	for _, w := range a {
		k := j
		for k < len(b) && b[k] != w {
			k++
		}
		if k == len(b) {
			missed++
			continue
		}
		j = k + 1
	}
	return float64(missed) <= (1-nearlyAll)*float64(len(a))
}

func (t *text) wording() []string {
	var out []string
	for i := range t.words {
		if t.words[i].lower() {
			out = append(out, t.words[i].stem)
		}
	}
	return out
}

// excess returns a token that a has more often than b, or "".
func excess(a, b []string) string {
	count := map[string]int{}
	for _, x := range b {
		count[x]++
	}
	for _, x := range a {
		if count[x]--; count[x] < 0 {
			return x
		}
	}
	return ""
}

// disorder returns a token of a that stands elsewhere in b, if both have the
// same ones, and "" otherwise.
func disorder(a, b []string) string {
	if len(a) != len(b) || excess(a, b) != "" {
		return ""
	}
	for i := range a {
		if a[i] != b[i] {
			return a[i]
		}
	}
	return ""
}

// checkSpeakers fails a clause that has somebody else say it than the source:
// one whose reporting verb stands there with another speaker only. Where it
// stands with none that has a name ("his government stressed"), nobody knows.
func checkSpeakers(c *text, e *evidence, _ Options) []Failure {
	own := c.sayings()
	if len(own) == 0 {
		return nil
	}
	var theirs []saying
	byVerb := map[string][]saying{}
	for _, s := range e.sentences[:e.cited] {
		for _, y := range s.sayings() {
			theirs = append(theirs, y)
			byVerb[y.verb] = append(byVerb[y.verb], y)
		}
	}
	var out []Failure
	for _, x := range own {
		same := byVerb[x.verb]
		if len(same) == 0 {
			same = theirs
		}
		if len(x.names) == 0 || len(same) == 0 || slices.ContainsFunc(same, func(y saying) bool {
			return len(y.names) == 0 || overlaps(x.names, y.names)
		}) {
			continue
		}
		var names []string
		for _, y := range same {
			names = append(names, y.names...)
		}
		out = append(out, Failure{Speaker, strings.Join(x.names, " ") + ", not " + strings.Join(names, " ")})
	}
	return out
}

// A saying is a reporting verb, or an "according to", and who says it.
type saying struct {
	verb  string // its stem
	names []string
}

// sayings returns those who say something, for each reporting verb and each
// "according to".
func (t *text) sayings() []saying {
	var out []saying
	for _, clause := range t.clauses {
		for i := clause[0]; i < clause[1]; i++ {
			w := &t.words[i]
			switch {
			case t.language.words["attribution"][w.folded]:
				out = append(out, saying{"", t.nameStems(i+1, i+t.until(i))})
			case t.language.has("report", w) && w.lower():
				out = append(out, saying{w.stem, t.speaker(i, clause)})
			}
		}
	}
	return out
}

// canonical returns what the names of one country have in common, and a name's
// stem otherwise.
func canonical(w *word, lang string) string {
	if same := analysis.Same(w.folded, lang); same != nil {
		return same[0]
	}
	return w.stem
}

// speaker returns the names of the one to whom the reporting verb at i belongs:
// those before it in its clause, the one that it is followed by and that ends
// the clause (", said Smith"), or those of the clauses before it ("Smith, the
// mayor, said").
func (t *text) speaker(i int, clause [2]int) []string {
	if names, _ := t.names(clause[0], i); len(names) > 0 {
		return names
	}
	end := i + 1
	for end < len(t.words) && t.words[end].capital && (end == i+1 || t.joined(end)) {
		end++
	}
	if end > i+1 && (end == len(t.words) || t.words[end].comma || t.words[end].hard) {
		return t.nameStems(i+1, end)
	}
	names, _ := t.names(0, i)
	return names
}
