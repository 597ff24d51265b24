package gate

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"summitbot/knowledge/analysis"
)

// A word is one word of a text, with what the checks ask of it.
type word struct {
	surface    string
	folded     string
	stem       string
	start, end int // bytes in text.raw
	capital    bool
	initial    bool // begins a sentence, or what stands in quotation marks
	proper     bool // has its capital as a name, as far as can be told; see markProper
	possessive bool // "Europe's"
	stop       bool
	number     bool    // a numeral, or a number word that is part of a quantity
	link       bool    // part of a URL, an address or a mention
	comma      bool    // a comma stands before it
	hard       bool    // a stronger boundary than a comma stands before it
	not        bool    // carries a negation of its own ("n't")
	weight     float64 // how much it tells; 0 for function words
}

// A text is a claim or a cited sentence, taken apart.
type text struct {
	raw        string // punctuation normalised
	lang       string
	language   *language
	words      []word
	clauses    [][2]int // half-open ranges of words, which they cover
	quantities []quantity
	dates      []date
	links      []string
}

// typography brings the marks that writers and typesetters choose between to
// one form. It works character by character, so that a part of a text becomes
// the same part of the normalised text.
var typography = strings.NewReplacer(
	"’", "'", "‘", "'", "ʼ", "'", "＇", "'", "`", "'", "´", "'", "‛", "'",
	"“", `"`, "”", `"`, "„", `"`, "‟", `"`, "«", `"`, "»", `"`, "＂", `"`, "「", `"`, "」", `"`, "『", `"`, "』", `"`, "〝", `"`, "〞", `"`,
	"‐", "-", "‑", "-", "−", "-", "‒", "–", "―", "—",
	"\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2007", " ", "\u00ad", "", "\u200b", "", "\ufeff", "",
)

// read takes a text apart.
func read(raw, lang string) *text {
	t := &text{raw: typography.Replace(raw), lang: lang, language: languageOf(lang)}
	spans := linkSpans(t.raw)
	for _, s := range spans {
		t.links = append(t.links, linkKey(t.raw[s[0]:s[1]]))
	}
	t.readWords(spans)
	t.readQuantities()
	t.readDates()
	t.weigh()
	t.split()
	return t
}

// gap returns what stands between a word and the one before it; nothing, where
// words overlap because their script has no spaces.
func (t *text) gap(i int) string {
	if i == 0 {
		return t.raw[:t.words[0].start]
	}
	return t.raw[min(t.words[i-1].end, t.words[i].start):t.words[i].start]
}

func (t *text) readWords(links [][2]int) {
	for _, tok := range analysis.Tokens(t.raw, nil) {
		surface := t.raw[tok.Start:tok.End]
		last := len(t.words) - 1
		if last >= 0 && tok.Start == t.words[last].end+1 && t.raw[tok.Start-1] == '\'' && t.contract(&t.words[last], surface, tok.End) {
			continue
		}
		folded := analysis.Fold(surface)
		w := word{
			surface: surface, folded: folded, stem: analysis.Stem(folded, t.lang), start: tok.Start, end: tok.End,
			capital: analysis.IsCapitalised(surface), stop: analysis.IsStop(folded, t.lang), number: analysis.IsNumber(surface),
		}
		for len(links) > 0 && links[0][1] <= w.start {
			links = links[1:]
		}
		w.link = len(links) > 0 && links[0][0] < w.end
		t.words = append(t.words, w)
		t.mark(len(t.words) - 1)
	}
}

// contract joins what stands behind an apostrophe to the word before it, and
// reports whether it did.
func (t *text) contract(w *word, surface string, end int) bool {
	switch {
	case t.lang == "en" && strings.EqualFold(surface, "t") && len(w.folded) > 2 && strings.HasSuffix(w.folded, "n"):
		w.not = true
		w.folded = strings.TrimSuffix(w.folded, "n")
		switch w.folded {
		case "ca":
			w.folded = "can"
		case "wo":
			w.folded = "will"
		}
		w.stem = analysis.Stem(w.folded, t.lang)
		w.stop = true
	case t.lang == "en" && strings.EqualFold(surface, "s"):
		w.possessive = true
	default:
		return false
	}
	w.end = end
	return true
}

// mark notes what stands before word i.
func (t *text) mark(i int) {
	w, gap := &t.words[i], t.gap(i)
	if i == 0 {
		w.initial = true
		return
	}
	spaced := len(gap) > 1
	for _, r := range gap {
		switch r {
		case ',', '،', '、':
			w.comma = w.comma || spaced
		case ';', '—', '(', ')', '[', ']', '…', '\n', '|':
			w.hard = true
		case '–', ':', '/':
			w.hard = w.hard || spaced
		case '.', '!', '?', '。':
			if r == '.' && t.language.abbreviates(&t.words[i-1]) {
				continue
			}
			w.hard, w.initial = true, spaced
		case '"':
			w.initial = true
		}
	}
}

// Weights of words that no background table judges.
const (
	plain = 6.0  // a word of a language without a table: as rare as one in 400 paragraphs
	most  = 11.0 // nothing is rarer than one in 60,000
)

// weigh gives every word that tells something its weight.
func (t *text) weigh() {
	for i := range t.words {
		w := &t.words[i]
		if w.stop && !w.number || w.link {
			continue
		}
		share, known := analysis.Background(w.stem, t.lang)
		switch {
		case !known:
			w.weight = plain
		case share == 0:
			w.weight = most
		default:
			w.weight = min(most, -math.Log(share))
		}
	}
}

// joined reports whether the words i-1 and i may belong to one name.
func (t *text) joined(i int) bool {
	if i == 0 || t.words[i].comma || t.words[i].hard || t.words[i-1].possessive {
		return false
	}
	switch t.gap(i) {
	case " ", "-", ". ", ".", "'":
		return true
	}
	return false
}

// split cuts the text into clauses by light rules: at strong punctuation, before
// words that begin a clause, and at commas with at least clauseWords words on
// both sides. It never cuts behind a negation or an auxiliary, which belong to
// a predicate that is yet to come.
func (t *text) split() {
	const clauseWords = 3
	n := len(t.words)
	start := 0
	for i := 1; i < n; i++ {
		w := &t.words[i]
		cut := w.hard
		if !cut && !w.comma && (t.language.has("auxiliary", &t.words[i-1]) || t.language.has("negation", &t.words[i-1])) {
			continue
		}
		if w.folded == "but" && t.lang == "en" && !w.comma && t.language.words["total"][t.words[i-1].folded] {
			continue // "all but one"
		}
		switch {
		case cut:
		case t.language.has("introducer", w):
			cut = true
		case w.comma:
			cut = i-start >= clauseWords && t.until(i) >= clauseWords
		case t.language.has("joiner", w):
			cut = i-start >= clauseWords && t.predicates(i) && !t.isBetween(start, i)
		}
		if cut {
			t.clauses = append(t.clauses, [2]int{start, i})
			start = i
		}
	}
	if start < n {
		t.clauses = append(t.clauses, [2]int{start, n})
	}
}

// isBetween reports whether the joiner at i is that of "between A and B".
func (t *text) isBetween(start, i int) bool {
	for j := i - 1; j >= start && !t.language.has("joiner", &t.words[j]); j-- {
		if t.language.words["between"][t.words[j].folded] {
			return true
		}
	}
	return false
}

// until returns how many words stand from i to the next mark.
func (t *text) until(i int) int {
	for j := i + 1; j < len(t.words); j++ {
		if t.words[j].hard || t.words[j].comma {
			return j - i
		}
	}
	return len(t.words) - i
}

// predicates reports whether the words after a joiner at i have an auxiliary of
// their own behind a subject, as in "and Bob did not".
func (t *text) predicates(i int) bool {
	const reach = 6
	for j := i + 2; j < min(i+reach, len(t.words)); j++ {
		w := &t.words[j]
		if w.hard || w.comma || t.language.has("joiner", w) {
			return false
		}
		if t.language.has("auxiliary", w) {
			return true
		}
	}
	return i+1 < len(t.words) && t.language.has("pronoun", &t.words[i+1]) && t.until(i) > 2
}

// lower reports whether a word has no capital and no digit: what is left is the
// wording of a claim.
func (w *word) lower() bool { return !w.capital && !w.number && w.weight > 0 }

// isAlphabetic reports whether r is of a script with capitals.
func isAlphabetic(r rune) bool { return unicode.IsUpper(r) || unicode.IsLower(r) }

// letters returns the number of characters of a word.
func letters(s string) int { return utf8.RuneCountInString(s) }
