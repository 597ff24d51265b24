package gate

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"summitbot/knowledge/analysis"
)

// CheckTranslated judges a claim, written in lang, by sentences of another
// language. Numbers, dates, units, links and quotations must stand there as
// ever; names by their sound, since each language spells them its own way, or
// by a table where they are called otherwise. The claim must share at least one
// name or number with the sentences, and negate as often as those that it has
// most in common with. Its wording is not checked, nor who does what; Support is
// the share of its names and numbers that were found.
func CheckTranslated(claim, lang string, cited []Sentence, o Options) Verdict {
	c, e := readTranslated(claim, lang, cited)
	if len(c.words) > longestClaim {
		return Verdict{Failures: []Failure{{Coverage, "too long to be checked"}}}
	}
	var failures []Failure
	numbers, failed := translatedNumbers(c, e)
	failures = append(failures, failed...)
	failures = append(failures, checkDates(c, e, o)...)
	failures = append(failures, checkLinks(c, e, o)...)
	t := newTranslation(c, e, o)
	failures = append(failures, t.unknown...)
	failures = append(failures, checkQuotations(c, e, o)...)
	missed := len(failures)
	found := numbers + len(t.names)
	for _, d := range c.dates {
		if e.all.hasDate(d) {
			found++
		}
	}
	if found == 0 {
		failures = append(failures, Failure{Coverage, "no name or number to hold it to the source"})
	} else {
		failures = append(failures, t.checkNegation()...)
	}
	v := Verdict{OK: len(failures) == 0, Failures: failures}
	if found > 0 {
		v.Support = float64(found) / float64(found+missed)
	}
	return v
}

// readTranslated takes a claim and its evidence apart, each by the rules of its
// own language.
func readTranslated(claim, lang string, cited []Sentence) (*text, *evidence) {
	plain := make([]Sentence, 0, len(cited))
	for _, s := range cited {
		s.Lang = cmp.Or(s.Lang, lang)
		s.Text = joinNumerals(s.Text, s.Lang)
		plain = append(plain, s)
	}
	return read(joinNumerals(claim, lang), lang), newEvidence(lang, plain)
}

var (
	frenchNumber = regexp.MustCompile(`(?i)\b(?:soixante|quatre[-‑]vingts?)(?:[-‑ ]et)?(?:[-‑](?:dix|onze|douze|treize|quatorze|quinze|seize|un|deux|trois|quatre|cinq|six|sept|huit|neuf))*|\bdix[-‑](?:sept|huit|neuf)`)
	apostrophe   = regexp.MustCompile(`(\p{Cyrillic})['’ʼ](\p{Cyrillic})`)
)

// joinNumerals writes a number that is several words by its spelling only as the
// one word that the tables have: quatre-vingt-dix, п'ять.
func joinNumerals(s, lang string) string {
	switch lang {
	case "fr":
		return frenchNumber.ReplaceAllStringFunc(s, func(n string) string {
			return strings.NewReplacer("-", "", "‑", "", " ", "").Replace(n)
		})
	case "uk":
		return apostrophe.ReplaceAllString(s, "$1$2")
	}
	return s
}

// translatedNumbers returns how many numbers of the claim the evidence states,
// and fails the others. Numbers have the same value in all languages; centuries
// and decades are named by several.
func translatedNumbers(c *text, e *evidence) (found int, out []Failure) {
	stated := map[string]map[string]bool{}
	add := func(value, unit string) {
		if stated[value] == nil {
			stated[value] = map[string]bool{}
		}
		stated[value][unit] = true
	}
	for _, s := range e.sentences {
		s.state(add)
	}
	for _, q := range c.quantities {
		if q.weak || q.inherited || c.inDate(q.start) {
			continue
		}
		value, unit := q.plain(), c.translatedUnit(q)
		units, ok := stated[value]
		words := c.phrase(q.start, q.end)
		switch {
		case !ok:
			out = append(out, Failure{Number, words})
		case unit == "" || units[unit] || units[""]:
			found++
		default:
			out = append(out, Failure{Unit, words + " " + unit})
		}
	}
	for i := range c.words {
		if v := c.romanAt(i); v > 0 {
			if stated[strconv.Itoa(v)] == nil {
				out = append(out, Failure{Number, c.words[i].surface})
			} else {
				found++
			}
		}
	}
	return found, out
}

// plain is the value without what marks a decade: 1990s, 1990er, 1990-х.
func (q quantity) plain() string {
	digits := strings.TrimRight(q.value, "s")
	if len(digits) >= 3 && isDigits(digits) {
		return digits
	}
	if cut := strings.IndexFunc(digits, unicode.IsDigit); cut > 0 { // km2, A380: letters may be of another alphabet
		return "#" + strings.TrimFunc(digits, unicode.IsLetter)
	}
	return digits
}

// translatedUnit is the unit of a quantity of the text. Slavic languages write
// "year" behind every year, which is no unit.
func (t *text) translatedUnit(q quantity) string {
	if v, err := strconv.Atoi(q.plain()); q.unit == "year" && err == nil && 1000 <= v && v <= 2999 {
		return ""
	}
	return q.unit
}

// state calls add with every number that the text states, in figures or in
// words, and with those that a word implies ("both").
func (t *text) state(add func(value, unit string)) {
	for _, q := range t.quantities {
		add(q.plain(), t.translatedUnit(q))
		if strings.HasSuffix(q.value, "0s") && len(q.value) == 5 {
			add(q.value[2:4], "") // die 90er
		}
		if v, err := strconv.Atoi(q.plain()); err == nil && 1 < v && v < 30 && (q.unit == "century" || t.century(q.end)) {
			add(strconv.Itoa((v-1)*100), "") // 1700-luku is the 18th century
		} else if err == nil && 1000 <= v && v < 3000 && v%100 == 0 {
			add(strconv.Itoa(v/100+1), "")
		}
	}
	for _, d := range t.dates {
		for _, n := range []int{d.year, d.day, d.month} {
			if n > 0 {
				add(strconv.Itoa(n), "")
			}
		}
	}
	for i := range t.words {
		w := &t.words[i]
		if v := t.romanAt(i); v > 0 {
			add(strconv.Itoa(v), "")
			add(strconv.Itoa((v-1)*100), "")
		}
		for end := range w.folded {
			if v := t.language.values["implied"][w.folded[:end]]; v > 0 {
				add(number{value: v}.key(), "")
			}
		}
		if v := t.language.values["implied"][w.folded]; v > 0 {
			add(number{value: v}.key(), "")
		}
	}
}

// century reports whether word i speaks of one.
func (t *text) century(i int) bool {
	return i < len(t.words) && units()[t.words[i].folded] == "century"
}

// romanAt returns the value of the Roman numeral at word i, as in "XVIIIe
// siècle", or 0. One letter is none: "I" and "C" are words.
func (t *text) romanAt(i int) int {
	s := t.words[i].surface
	end := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune("IVXLХІ", r) })
	if end < 0 {
		end = len(s)
	}
	numeral := strings.NewReplacer("Х", "X", "І", "I").Replace(s[:end]) // Cyrillic letters that look the same
	switch suffix := strings.ToLower(s[end:]); {
	case len(numeral) < 1 || len(numeral) > 6:
		return 0
	case suffix != "" && !slices.Contains([]string{"e", "er", "è", "ème", "°"}, suffix):
		return 0
	case len(numeral) == 1 && !t.century(i+1):
		return 0
	}
	values := map[byte]int{'I': 1, 'V': 5, 'X': 10, 'L': 50}
	total := 0
	for j := range len(numeral) {
		v := values[numeral[j]]
		if j+1 < len(numeral) && v < values[numeral[j+1]] {
			v = -v
		}
		total += v
	}
	if total < 1 || total > 89 {
		return 0
	}
	return total
}

// A translation is a claim with what it has in common with its evidence.
type translation struct {
	claim    *text
	evidence *evidence
	names    []int         // words of the claim that are names of the evidence
	unknown  []Failure     // words of the claim that are names of something else
	met      []map[int]int // for each sentence: which of its words, by index, a word of the claim was found in
}

// A heard word is a word of the evidence with its sound and what it names.
type heard struct {
	word   *word
	sounds []string
	things []thing
}

func newTranslation(c *text, e *evidence, o Options) *translation {
	t := &translation{claim: c, evidence: e}
	var sentences [][]heard
	for _, s := range e.sentences {
		sentences = append(sentences, s.hear())
		t.met = append(t.met, map[int]int{})
	}
	t.meetNumbers()
	own := c.hear()
	first := false // the first word may be a name
	for i := range c.words {
		w := &c.words[i]
		if w.link || c.inDate(i) || w.number {
			continue
		}
		matched, named := false, false
		for k, words := range sentences {
			if j := own[i].in(words); j >= 0 {
				matched = true
				named = named || w.capital && !w.stop && c.shared(i) && words[j].names(e.sentences[k], j)
				t.met[k][j] = i
			}
		}
		switch {
		case matched:
			if named {
				t.names = append(t.names, i)
			}
		case t.otherHalf(i) || c.looksNamed(i, own[i].things, o):
			t.unknown = append(t.unknown, Failure{Name, w.surface})
		case i == 0 && c.maySubject(i):
			first = true
		}
	}
	if first && t.lacksSubject(sentences) {
		t.unknown = append([]Failure{{Name, c.words[0].surface}}, t.unknown...)
	}
	return t
}

// maySubject reports whether a word at the beginning may be a name all the same.
func (t *text) maySubject(i int) bool {
	w := &t.words[i]
	return w.capital && !w.stop && !w.link && !w.number && letters(w.folded) >= shortestName && !t.ordinary(w) && !t.language.words["opener"][w.folded] &&
		!t.language.words["titled"][w.folded] && !t.language.has("title", w) && !(t.lang == "en" && t.everyday(w))
}

// lacksSubject reports whether the sentence that the claim has most in common
// with begins with a name that the claim has not. A word at the beginning of the
// claim that nobody knows then stands in its place: "Merz said" as "Шольц сказал".
func (t *translation) lacksSubject(sentences [][]heard) bool {
	best, at := -1.0, -1
	for k := range sentences {
		if v := t.kinship(k); v > best {
			best, at = v, k
		}
	}
	if at < 0 {
		return false
	}
	s := t.evidence.sentences[at]
	for j := range s.words {
		w := &s.words[j]
		switch {
		case w.stop || w.number || s.language.words["titled"][w.folded] || s.language.has("title", w):
		case !w.capital:
			return false // a noun comes first
		default:
			if !sentences[at][j].names(s, j) {
				return false
			}
			_, met := t.met[at][j]
			return !met
		}
	}
	return false
}

// shared reports whether word i may be a name that the claim shares with its
// evidence, rather than a title or a noun that sounds alike.
func (t *text) shared(i int) bool {
	w := &t.words[i]
	return !t.language.words["titled"][w.folded] && !t.language.has("title", w) && !(t.lang == "en" && t.everyday(w))
}

// names reports whether a word of the evidence is a name there.
func (h heard) names(t *text, i int) bool {
	return h.word.capital && t.shared(i) && (!h.word.initial && !t.language.nouns || len(h.things) > 0 || t.language.nouns && !t.ordinary(h.word) || h.word.initial && t.foreign(h.word))
}

// meetNumbers notes where the sentences state the numbers of the claim.
func (t *translation) meetNumbers() {
	for _, q := range t.claim.quantities {
		for k, s := range t.evidence.sentences {
			for _, o := range s.quantities {
				if o.plain() == q.plain() {
					t.met[k][o.start] = q.start
				}
			}
		}
	}
}

// hear returns the words of a text with their sounds.
func (t *text) hear() []heard {
	out := make([]heard, len(t.words))
	for i := range t.words {
		w := &t.words[i]
		out[i].word = w
		if w.link || w.number {
			continue
		}
		if w.stop && !isAcronym(w.surface) {
			continue
		}
		out[i].sounds = []string{sound(w.folded)}
		if s := sound(w.stem); s != out[i].sounds[0] && len(s) >= 4 {
			out[i].sounds = append(out[i].sounds, s)
		}
		out[i].things = places().find(w, t.lang)
		if same := analysis.Same(w.folded, t.lang); same != nil {
			for _, s := range same {
				out[i].things = append(out[i].things, places().words[s]...)
			}
		}
	}
	return out
}

// cognate is the least number of sounds of a word in lower case that may be
// recognised in another language: shorter ones meet by chance.
const cognate = 5

// in returns the place of a word among those of a sentence, by name or sound, or
// -1.
func (h heard) in(words []heard) int {
	for j := range words {
		if sameThing(h.things, words[j].things) {
			return j
		}
	}
	for j := range words {
		o := &words[j]
		if len(o.sounds) == 0 || len(h.sounds) == 0 {
			continue
		}
		if isAcronym(h.word.surface) || isAcronym(o.word.surface) {
			if h.sounds[0] == o.sounds[0] {
				return j
			}
			continue
		}
		allowed := 1.0
		if !o.word.capital || !h.word.capital {
			if len(o.sounds[0]) < cognate || len(h.sounds[0]) < cognate {
				continue
			}
			allowed = 0.6 // what names are spelt like by chance is another word
		}
		for _, a := range h.sounds {
			for _, b := range o.sounds {
				if soundsLike(a, b, allowed) {
					return j
				}
			}
		}
	}
	return -1
}

func sameThing(a, b []thing) bool {
	for _, x := range a {
		for _, y := range b {
			if x.key == y.key {
				return true
			}
		}
	}
	return false
}

// shortestName is the least number of letters of a word that must be found as a
// name. Shorter ones are particles too often ("van", "эль").
const shortestName = 4

// looksNamed reports whether word i of a claim, which the evidence has not, is a
// name, so that the claim is of something else. In most languages a capital
// tells; at the beginning of a sentence and in German the company and the shape
// of the word must.
func (t *text) looksNamed(i int, things []thing, o Options) bool {
	w := &t.words[i]
	if !w.capital || w.stop && !isAcronym(w.surface) || t.romanAt(i) > 0 || !isAlphabetic(firstRune(w.surface)) {
		return false
	}
	if isAcronym(w.surface) {
		return true
	}
	if letters(w.folded) < shortestName || w.initial && t.language.words["opener"][w.folded] || t.language.words["titled"][w.folded] || t.language.has("title", w) ||
		t.language.values["scale"][w.folded] > 0 || t.language.values["ordinal"][w.folded] > 0 {
		return false
	}
	if t.lang == "en" {
		return t.isName(i, o) && !t.everyday(w)
	}
	if slices.ContainsFunc(things, func(x thing) bool { return !x.part }) || o.Name != nil && o.Name(w.folded) {
		return true
	}
	if t.ordinary(w) || strings.HasPrefix(t.raw[w.end:], "- ") {
		return false
	}
	if !w.initial {
		return !t.language.nouns || !t.determined(i)
	}
	return t.foreign(w)
}

// everyday reports whether English texts have a word so often that it is no name
// but a part of one, which another language translates: Court, Battle, World.
func (t *text) everyday(w *word) bool {
	share, _ := analysis.Background(w.stem, "en")
	return share >= common && !commonNames()[w.stem] && analysis.Same(w.folded, "en") == nil
}

// ordinary reports whether a word ends as the nouns of its language do and names
// hardly ever.
func (t *text) ordinary(w *word) bool {
	if t.language.nouns && (letters(w.folded) > longestName || t.language.has("noun", w) || aVerb.MatchString(w.folded)) {
		return true
	}
	for i := range w.folded {
		if i > 2 && t.language.words["nounlike"][w.folded[i:]] || t.language.nouns && i > 1 && suffixLong(w.folded, i) && (t.language.stems["noun"][w.folded[i:]] || t.language.stems["noun"][analysis.Stem(w.folded[i:], t.lang)]) {
			return true
		}
	}
	return false
}

// aVerb matches German verbs that are used as nouns: Vertrauen.
var aVerb = regexp.MustCompile(`^(?:ver|be|ent|zer|er|ab|an|auf|aus|ein|vor|um|unter|über)\pL{3,}en$`)

// suffixLong reports whether the end of a word from byte i is long enough to be
// the noun that a compound ends with, rather than the end of a name.
func suffixLong(folded string, i int) bool {
	n := letters(folded[i:])
	return n >= 5 || n == 4 && letters(folded[:i]) >= 4
}

// longestName is the number of letters beyond which a German word with a capital
// is rather a compound than a name.
const longestName = 11

// determined reports whether an article stands before German word i, perhaps
// with adjectives between, as before nouns and seldom before a name.
func (t *text) determined(i int) bool {
	if next := i + 1; next < len(t.words) && (t.gap(next) == "-" || t.gap(next) == " " && t.words[next].capital && t.foreign(&t.words[i])) {
		return false // Fioravante-Theorie, die Hyde Design Group
	}
	if i > 0 && !t.words[i].hard && !t.words[i].comma {
		w := &t.words[i-1]
		if !w.capital && !w.stop && letters(w.folded) > 4 && inflected(w.folded) && !strings.HasSuffix(w.folded, "te") && !strings.HasSuffix(w.folded, "en") {
			return true // neue Regeln
		}
	}
	const adjectives = 3
	for j := i - 1; j >= max(0, i-1-adjectives); j-- {
		w := &t.words[j]
		if t.words[j+1].hard || t.words[j+1].comma {
			return false
		}
		if t.language.words["determiner"][w.folded] || w.number {
			return true
		}
		if w.capital && !w.initial || !inflected(w.folded) {
			return false
		}
	}
	return false
}

// inflected reports whether a German word ends as adjectives before nouns do.
func inflected(folded string) bool {
	for _, ending := range []string{"e", "en", "er", "es", "em"} {
		if strings.HasSuffix(folded, ending) {
			return true
		}
	}
	return false
}

// otherHalf reports whether word i of the claim stands directly behind a word
// that the evidence has as the first part of a longer name: then it should have
// been found too. "Mark Stoltenberg" is not Mark Rutte.
func (t *translation) otherHalf(i int) bool {
	c := t.claim
	if w := &c.words[i]; c.lang == "en" && c.everyday(w) || c.language.has("noun", w) || c.language.words["titled"][w.folded] {
		return false
	}
	if i == 0 || letters(c.words[i].folded) < shortestName || c.gap(i) != " " || !c.words[i].capital || c.words[i].initial || !c.words[i-1].capital {
		return false
	}
	for k, s := range t.evidence.sentences {
		for j, of := range t.met[k] {
			next := j + 1
			if _, met := t.met[k][next]; met {
				continue
			}
			if of == i-1 && s.words[j].capital && next < len(s.words) && s.words[next].capital && s.gap(next) == " " && !s.language.has("title", &s.words[j]) {
				return true
			}
		}
	}
	return false
}

// foreign reports whether ordinary English texts have the word, but seldom: a
// name of the news, since a German or a French noun is no English word.
func (t *text) foreign(w *word) bool {
	stem := analysis.Stem(w.folded, "en")
	share, _ := analysis.Background(stem, "en")
	return commonNames()[stem] || share > 0 && share < common && !wordLike(w.folded)
}
