package gate

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"summitbot/knowledge/analysis"
)

// common is the share of ordinary paragraphs above which a word at the beginning
// of a sentence is taken for an ordinary word: one in 4,000. Names that are as
// common as that stand in commonNames.
const common = 1.0 / 4000

// isName reports whether word i of the text is a name, so that it must be found
// in what is cited. Capitals tell inside a sentence; at its beginning a word is
// a name if it is rare, or a name that everybody knows. In German, and in
// scripts without capitals, only the documents can tell.
func (t *text) isName(i int, o Options) bool {
	w := &t.words[i]
	if w.link || w.number || w.stop && !isAcronym(w.surface) || letters(w.folded) < 2 || t.inDate(i) {
		return false
	}
	first := firstRune(w.surface)
	if !isAlphabetic(first) {
		return o.Name != nil && o.Name(w.folded)
	}
	if !w.capital || t.isTitle(i) || t.language.values["scale"][w.folded] > 0 {
		return false
	}
	if _, ok := t.language.values["number"][w.folded]; ok {
		return false
	}
	if isAcronym(w.surface) || t.language.has("weekday", w) {
		return true
	}
	if t.language.nouns && w.initial && i+1 < len(t.words) && t.words[i+1].capital && t.joined(i+1) {
		return o.Name != nil && o.Name(w.folded) // an adjective before its noun
	}
	if t.language.nouns {
		return o.Name != nil && o.Name(w.folded) || o.Known != nil && !o.Known(w.folded)
	}
	if !w.initial {
		return true
	}
	if commonNames()[w.stem] && t.lang == "en" || analysis.Same(w.folded, t.lang) != nil || o.Name != nil && o.Name(w.folded) {
		return true
	}
	if t.isBareSubject(i) {
		return true
	}
	if share, ok := analysis.Background(w.stem, t.lang); ok {
		// A word that ordinary texts do not have ends like one by chance: "Tancred".
		return share == 0 || share < common && !wordLike(w.folded)
	}
	return o.Known != nil && !o.Known(w.folded)
}

// isBareSubject reports whether a word at the beginning of an English sentence
// is its subject without an article, as names are and nouns that can be counted
// are not: "Starmer might", and "States was", since a plural takes other verbs.
func (t *text) isBareSubject(i int) bool {
	w := &t.words[i]
	if t.lang != "en" || i+1 >= len(t.words) || !t.near(i+1) || wordLike(w.folded) || t.language.words["anyone"][w.folded] {
		return false
	}
	next := &t.words[i+1]
	if strings.HasSuffix(w.folded, "s") {
		return t.language.words["singular"][next.folded]
	}
	return t.language.words["auxiliary"][next.folded] || t.isVerb(i+1)
}

// isTitle reports whether word i is the title of a name that follows: "President
// Smith". Writers add and leave out titles freely. "Queen Assembly" is none.
func (t *text) isTitle(i int) bool {
	if !t.language.has("title", &t.words[i]) || i+1 >= len(t.words) || !t.words[i+1].capital || !t.joined(i+1) {
		return false
	}
	next := &t.words[i+1]
	if i > 0 && t.language.words["article"][t.words[i-1].folded] && !t.language.has("title", next) {
		return false // "the Queen Parliament": no title of a name has an article
	}
	if t.lang != "en" || t.language.has("title", next) || commonNames()[next.stem] {
		return true
	}
	share, _ := analysis.Background(next.stem, t.lang)
	return share < common
}

// markProper tells capitals of names from those that only begin a sentence, by
// what the texts do with the same word elsewhere: "Brown" is a colour, unless
// one of them has "said Brown", and "Muster" a noun if one has "muster".
func markProper(texts []*text, o Options) {
	inside, small := map[string]bool{}, map[string]bool{}
	for _, t := range texts {
		for i := range t.words {
			w := &t.words[i]
			if w.capital && !w.initial {
				inside[w.folded] = true
			}
			if !w.capital {
				small[w.folded] = true
			}
		}
	}
	for _, t := range texts {
		for i := range t.words {
			w := &t.words[i]
			if t.language.nouns {
				// Every noun has a capital: only the documents can tell.
				w.proper = w.capital && o.Name != nil && o.Name(w.folded)
				continue
			}
			w.proper = w.capital && !w.stop && !w.link && (inside[w.folded] || !small[w.folded] && t.isName(i, o))
		}
	}
}

// wordLike reports whether an English word ends as nouns, adverbs and
// participles do and names hardly ever.
func wordLike(folded string) bool {
	for _, ending := range []string{"ing", "ed", "ly", "ness", "ment", "tion", "tions", "ments", "ists", "ers", "ors", "ies", "ity", "ism", "able", "ous", "ful", "ive", "ants", "ents", "ates"} {
		if len(folded) > len(ending)+3 && strings.HasSuffix(folded, ending) {
			return true
		}
	}
	return false
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// isAcronym reports whether a surface word is two to six capitals.
func isAcronym(surface string) bool {
	n := 0
	for _, r := range surface {
		switch {
		case unicode.IsUpper(r):
			n++
		case r != '.':
			return false
		}
	}
	return 2 <= n && n <= 6
}

// A run is the words of one name of several words: "World Health Organization",
// "United States of America".
type run struct{ words []*word }

// runs returns the names of several words.
func (t *text) runs() []run {
	var out []run
	var current []*word
	flush := func() {
		if len(current) > 1 {
			out = append(out, run{current})
		}
		current = nil
	}
	for i := range t.words {
		w := &t.words[i]
		linked := t.joined(i)
		switch {
		case isAcronym(w.surface):
			flush() // it is its own initials
		case w.capital && !w.link && (linked || len(current) == 0):
			current = append(current, w)
		case w.capital && !w.link:
			flush()
			current = append(current, w)
		case linked && len(current) > 0 && t.language.words["filler"][w.folded]:
			// "of" belongs to a name only if the name goes on, which the next word tells.
		default:
			flush()
		}
	}
	flush()
	return out
}

// longestAcronym is how many words an acronym may stand for.
const longestAcronym = 6

// initials returns the acronyms that a name, or a part of it, may have.
func (r run) initials() []string {
	var out []string
	for i := range r.words {
		var b strings.Builder
		for j := i; j < min(len(r.words), i+longestAcronym); j++ {
			b.WriteRune(unicode.ToLower(firstRune(r.words[j].surface)))
			if j > i {
				out = append(out, b.String())
			}
		}
	}
	return out
}

// spellable is the least number of letters of a name that may be spelt in another
// way: shorter ones are too close to each other.
const spellable = 4

// skeleton is what the spellings of one name in another alphabet have in common:
// Zelensky, Zelenskyy, Zelenskiy; Odesa, Odessa; Filip, Philipp; Medvedyev.
func skeleton(folded string) string {
	s := spellings.Replace(folded)
	var b strings.Builder
	last := rune(0)
	for _, r := range s {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

var spellings = strings.NewReplacer(
	"y", "i", "j", "i", "ph", "f", "ck", "k", "kh", "h", "w", "v", "ä", "a", "ö", "o", "ü", "u", "é", "e", "è", "e", "á", "a", "í", "i", "ó", "o", "ú", "u", "ç", "c", "ñ", "n", "š", "s", "č", "c", "ž", "z",
)

// checkNames fails a name of the claim that no cited sentence has: inflected, as
// an adjective of its country, by its initials or in another spelling will do.
func checkNames(c *text, e *evidence, o Options) []Failure {
	var out []Failure
	explained := c.explained(&e.all)
	for i := range c.words {
		w := &c.words[i]
		if !c.isName(i, o) || explained[i] || e.all.has(w, e.lang) || e.hasSpelling(w, o) || e.hasPart(w) {
			continue
		}
		if isAcronym(w.surface) && e.all.initials[strings.ToLower(strings.ReplaceAll(w.surface, ".", ""))] {
			continue
		}
		if c.sameByInitials(w, &e.all) {
			continue
		}
		out = append(out, Failure{Name, w.surface})
	}
	if len(out) == 0 {
		out = checkBeginnings(c, e, o)
	}
	if len(out) == 0 {
		out = copied(c, e, Name, func(c, s *text) string {
			return cmp.Or(excess(c.titles(), s.titles()), excess(c.weekdays(), s.weekdays()), c.beginning(s, e, o))
		})
	}
	return out
}

// checkBeginnings fails a word with which a sentence of the claim begins and that
// takes the place of a name, or of a part of one: "Spelling added to it" for
// "Goldenson added to it", "Buddhism Bingzhi" for "Shi Bingzhi". isName may not
// take such a word for a name.
func checkBeginnings(t *text, e *evidence, o Options) []Failure {
	var out []Failure
	for i := 0; i+3 < len(t.words); i++ {
		w, next := &t.words[i], &t.words[i+1]
		if !w.initial || !w.capital || w.stop || w.number || t.isTitle(i) {
			continue
		}
		same := 2 // words behind it, to know the place
		switch {
		case e.all.has(w, e.lang):
			// "Southeast is the largest city", of one that lies in the southeast.
			if e.hasCapital(w) || !t.isBareSubject(i) {
				continue
			}
			same = 3
		case t.isName(i, o):
			continue // looked for already
		case next.capital && t.joined(i+1):
			same = 1
		}
		if slices.ContainsFunc(e.sentences, func(s *text) bool {
			return s.namesBefore(t, i+1, same) || same == 2 && s.hasWording(t) && s.namesDoer(t, i+1)
		}) {
			out = append(out, Failure{Name, w.surface})
		}
	}
	return out
}

// hasCapital reports whether a word stands with a capital in a sentence.
func (e *evidence) hasCapital(w *word) bool {
	return slices.ContainsFunc(e.sentences, func(s *text) bool {
		return slices.ContainsFunc(s.words, func(o word) bool { return o.capital && o.folded == w.folded })
	})
}

// namesBefore reports whether n words of another text from i on stand here behind
// a name that is no title and that the other text lacks.
func (t *text) namesBefore(other *text, i, n int) bool {
	for j := 1; j+n <= len(t.words); j++ {
		before := &t.words[j-1]
		if !before.capital || before.stop || n > 1 && before.initial && !before.proper || t.isTitle(j-1) || n == 1 && !t.joined(j) {
			continue
		}
		if slices.EqualFunc(t.words[j:j+n], other.words[i:i+n], func(a, b word) bool { return a.folded == b.folded && a.capital == b.capital }) &&
			(n == 1 || other.find(before, [2]int{0, len(other.words)}) < 0) {
			return true
		}
	}
	return false
}

// namesDoer reports whether somebody with a name that another text lacks does here
// what word i of it says.
func (t *text) namesDoer(other *text, i int) bool {
	if !other.words[i].lower() {
		return false
	}
	j := t.find(&other.words[i], [2]int{0, len(t.words)})
	if j < 0 || !t.words[j].lower() {
		return false
	}
	theirs := t.doers(j, t.clauseOf(j))
	return len(theirs) > 0 && !overlaps(theirs, other.nameStems(0, len(other.words)))
}

// hasWording reports whether nearly all words in lower case of another text stand
// here.
func (t *text) hasWording(other *text) bool {
	found, total := 0, 0
	for i := range other.words {
		if !other.words[i].lower() {
			continue
		}
		total++
		if t.find(&other.words[i], [2]int{0, len(t.words)}) >= 0 {
			found++
		}
	}
	return total > 0 && float64(found) >= nearlyAll*float64(total)
}

// titles returns the words with a capital that isName passes over because they
// stand before a name.
func (t *text) titles() []string {
	var out []string
	for i := range t.words {
		if w := &t.words[i]; w.capital && !w.initial && t.language.has("title", w) {
			out = append(out, w.stem)
		}
	}
	return out
}

// weekdays returns the days of the week by their stems.
func (t *text) weekdays() []string {
	var out []string
	for i := range t.words {
		if w := &t.words[i]; t.language.has("weekday", w) || t.language.words["weekday"][w.stem] { // "Wednesdays"
			out = append(out, w.stem)
		}
	}
	return out
}

// beginning returns a word with which a sentence of the claim begins and that a
// sentence otherwise alike has not, or "": isName may take "Orange" for a colour. What it does
// take for a name was looked for already.
func (t *text) beginning(s *text, e *evidence, o Options) string {
	for i := range t.words {
		w := &t.words[i]
		if !w.initial || !w.capital || w.weight == 0 || w.number || t.inDate(i) || e.all.has(w, e.lang) || t.language.words["attribution"][w.folded] || t.isTitle(i) || t.isName(i, o) {
			continue
		}
		spelt := func(o word) bool {
			return o.capital && letters(o.folded) >= spellable && skeleton(o.folded) == skeleton(w.folded)
		}
		if s.find(w, [2]int{0, len(s.words)}) < 0 && !slices.ContainsFunc(s.words, spelt) {
			return w.surface
		}
	}
	return ""
}

// explained marks the words of names whose initials the vocabulary has as an
// acronym, or as the acronym of a country's other name.
func (t *text) explained(v *vocabulary) map[int]bool {
	out := map[int]bool{}
	index := map[*word]int{}
	for i := range t.words {
		index[&t.words[i]] = i
	}
	for _, r := range t.runs() {
		for i := range r.words {
			initials := ""
			for j := i; j < min(len(r.words), i+longestAcronym); j++ {
				initials += strings.ToLower(string(firstRune(r.words[j].surface)))
				if j == i || !v.acronyms[initials] && !sameAcronym(initials, t.lang, v) {
					continue
				}
				if slices.ContainsFunc(r.words[i:j+1], func(w *word) bool { return v.capitals[w.folded] }) {
					continue // it is spelt out there too, with other words
				}
				for _, w := range r.words[i : j+1] {
					out[index[w]] = true
				}
			}
		}
	}
	return out
}

// sameAcronym reports whether the vocabulary has what an acronym stands for:
// "American" for US.
func sameAcronym(initials, lang string, v *vocabulary) bool {
	same := analysis.Same(strings.ToUpper(initials), lang)
	return same != nil && v.same[same[0]]
}

// sameByInitials reports whether a country's name stands in the vocabulary as a
// name of several words: "American" as United States.
func (t *text) sameByInitials(w *word, v *vocabulary) bool {
	for _, s := range analysis.Same(w.folded, t.lang) {
		if analysis.IsCapitalised(s) && v.initials[strings.ToLower(s)] {
			return true
		}
	}
	return false
}

// hasSpelling reports whether the evidence has a name in another spelling. One
// edit more is allowed to a word that is not known to be another name: neither
// the documents nor ordinary texts have it.
func (e *evidence) hasSpelling(w *word, o Options) bool {
	if letters(w.folded) < spellable {
		return false
	}
	if e.all.spelling[skeleton(w.folded)] {
		return true
	}
	if o.Known == nil || o.Known(w.folded) {
		return false
	}
	if share, _ := analysis.Background(w.stem, e.lang); share > 0 {
		return false
	}
	most := 1
	if letters(w.folded) >= 8 {
		most = 2 // "Quito" is two edits from "Qutb"
	}
	for _, s := range e.sentences {
		for i := range s.words {
			if o := &s.words[i]; o.capital && firstRune(o.folded) == firstRune(w.folded) && edits(w.folded, o.folded, most) <= most {
				return true
			}
		}
	}
	return false
}

// hasPart reports whether a word of a language that joins words is a part of
// one of the evidence, or made of it, as Budapester is of Budapest.
func (e *evidence) hasPart(w *word) bool {
	if languageOf(e.lang).nouns {
		return e.all.strength(w, e.lang) > 0.8
	}
	return false
}

// edits returns the number of insertions, deletions and substitutions between
// two words, or more than most.
func edits(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > most || len(y)-len(x) > most {
		return most + 1
	}
	last, row := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
		}
		last, row = row, last
	}
	return last[len(y)]
}
