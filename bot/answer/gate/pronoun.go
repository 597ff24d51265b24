package gate

// Pronoun reports whether the subject of a claim, or of its first clause, is a
// pronoun that points to something outside of it, so that the claim does not
// stand alone: "He signaled a shift", "Their presence shows", "His government
// stressed", "This raised concerns", "In Kyiv, they were angry".
//
// Not caught: pronouns that point into the claim itself ("Trump said he"), an
// "it" or "there" that stands for nothing ("It is forbidden to", "It is said
// that", "There is a nurse"), and demonstratives whose noun says what is meant
// together with a phrase of its own ("those heading to Washington"). "They said"
// is caught like any other: who said it is not told. Of a language without a
// table nothing is caught.
func Pronoun(claim, lang string) bool {
	t := read(claim, lang)
	if len(t.language.words["outward"]) == 0 && len(t.language.words["outwardits"]) == 0 {
		return false
	}
	markProper([]*text{t}, Options{})
	first := t.opening()
	if first < 0 {
		return false
	}
	w := &t.words[first]
	switch {
	case t.language.words["outwardits"][w.folded]:
		return !t.namedBefore(first) // "His government"
	case !t.language.words["outward"][w.folded] || t.namedBefore(first):
		return false
	case t.language.words["expletive"][w.folded]:
		return !t.isExpletive(first)
	case t.language.words["those"][w.folded]:
		return !t.isDescribed(first)
	}
	return true
}

// opening returns the word that the claim's first clause has for a subject, as
// far as pronouns go: the first word, or the first behind a connecting word or
// an adverbial that ends in a comma. It returns -1 if the clause begins with
// something else.
func (t *text) opening() int {
	if len(t.words) == 0 {
		return -1
	}
	isPronoun := func(i int) bool {
		return t.language.words["outward"][t.words[i].folded] || t.language.words["outwardits"][t.words[i].folded]
	}
	i := 0
	for i < len(t.words)-1 && (t.language.has("introducer", &t.words[i]) || t.language.has("joiner", &t.words[i])) {
		i++ // "But he", "While they"
	}
	if isPronoun(i) {
		return i
	}
	const longest = 9
	for j := i + 1; j < min(longest, len(t.words)); j++ {
		if t.words[j].hard {
			return -1
		}
		if t.words[j].comma {
			if isPronoun(j) && (t.language.has("preposition", &t.words[0]) || t.words[0].stop || j == 1) {
				return j // "In Kyiv, they", "Still, he"
			}
			return -1
		}
	}
	return -1
}

// namedBefore reports whether a name stands before word i that a pronoun there
// may point to: "For Zelenskyy, his goal".
func (t *text) namedBefore(i int) bool {
	for j := range i {
		if t.words[j].proper && !t.inDate(j) {
			return t.language.words["outwardhe"][t.words[i].folded]
		}
	}
	return false
}

// isExpletive reports whether the pronoun at i stands for nothing: "It is
// forbidden to", "It is said that", "Es ist verboten, ... zu".
func (t *text) isExpletive(i int) bool {
	const reach = 12
	if i+1 >= len(t.words) || !t.language.has("auxiliary", &t.words[i+1]) && !t.language.words["expletiveverb"][t.words[i+1].folded] {
		return false
	}
	for j := i + 2; j < min(i+reach, len(t.words)); j++ {
		if t.language.words["complement"][t.words[j].folded] {
			return true
		}
	}
	return false
}

// isDescribed reports whether what stands behind a demonstrative at i says what
// it means: "those who", "those heading to", "Those in Kyiv".
func (t *text) isDescribed(i int) bool {
	if i+1 >= len(t.words) {
		return false
	}
	next := &t.words[i+1]
	return t.language.words["relative"][next.folded] || t.language.has("preposition", next) || len(next.folded) > 5 && t.lang == "en" && next.folded[len(next.folded)-3:] == "ing"
}

// Resolves reports whether a claim may have put a name where a sentence has a
// pronoun: it has fewer of them, or the language has no table of them.
func Resolves(claim, sentence, lang string) bool {
	c, s := read(claim, lang), read(sentence, lang)
	return s.refers() && (len(s.language.words["anaphor"]) == 0 || c.anaphors() < s.anaphors())
}

// anaphors counts the pronouns that may point to another sentence.
func (t *text) anaphors() int {
	n := 0
	for i := range t.words {
		if t.language.words["anaphor"][t.words[i].folded] {
			n++
		}
	}
	return n
}
