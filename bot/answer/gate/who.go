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
		if w.proper && !t.inDate(i) && !t.language.has("title", w) && !t.language.has("preposition", w) {
			out = append(out, canonical(w, t.lang))
		}
	}
	return out
}

// names returns the names of a range that do not hang on a preposition, each by
// its words: those may be subjects. hanging are the others.
func (t *text) names(from, to int) (subjects, hanging []string) {
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
		for before >= from && (t.language.words["article"][t.words[before].folded] || t.words[before].possessive) {
			before--
		}
		if before >= from && t.language.has("preposition", &t.words[before]) || t.words[j-1].possessive {
			hanging = append(hanging, stems...)
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
	return out
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
	return subjects
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
		return disorder(c.order(), s.order())
	})
}

// order returns the names of the text as they stand, spellings made equal.
func (t *text) order() []string {
	out := t.nameStems(0, len(t.words))
	for i := range out {
		out[i] = skeleton(out[i])
	}
	return out
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
// one whose reporting verb stands there with another speaker only.
func checkSpeakers(c *text, e *evidence, _ Options) []Failure {
	own := c.speakers()
	if len(own) == 0 {
		return nil
	}
	spoke := map[string]bool{}
	var names []string
	for _, s := range e.sentences {
		for _, theirs := range s.speakers() {
			for _, n := range theirs {
				if !spoke[n] {
					names = append(names, n)
				}
				spoke[n], spoke[skeleton(n)] = true, true
			}
		}
	}
	var out []Failure
	for _, speaker := range own {
		said := slices.ContainsFunc(speaker, func(n string) bool {
			return spoke[n] || letters(n) >= spellable && spoke[skeleton(n)]
		})
		if !said && len(names) > 0 {
			out = append(out, Failure{Speaker, strings.Join(speaker, " ") + ", not " + strings.Join(names, " ")})
		}
	}
	return out
}

// speakers returns the names of those who say something, for each reporting
// verb and each "according to".
func (t *text) speakers() [][]string {
	var out [][]string
	for _, clause := range t.clauses {
		for i := clause[0]; i < clause[1]; i++ {
			w := &t.words[i]
			var names []string
			switch {
			case t.language.words["attribution"][w.folded]:
				names = t.nameStems(i+1, i+t.until(i))
			case t.language.has("report", w) && w.lower():
				names = t.speaker(i, clause)
			}
			if len(names) > 0 {
				out = append(out, names)
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
