package check

import (
	_ "embed"
	"math"
	"strings"
	"sync"
	"unicode/utf8"

	"summitbot/knowledge/analysis"
)

// A wordRole says what a word is to a statement.
type wordRole int

const (
	functional wordRole = iota // tells nothing by itself
	wording                    // what is said
	naming                     // a name
	numeral                    // a number
)

// A statementWord is one word of a statement.
type statementWord struct {
	surface, folded, stem string
	start, end            int // bytes of the statement
	role                  wordRole
	weight                float64 // of a claim's word: how much it tells; 0 for function words
	calendar              bool    // a month or a weekday
}

// Weights of words, as the gate has them.
const (
	unjudgedWeight = 6.0  // in a language without a table of frequencies
	mostWeight     = 11.0 // nothing is rarer than one in 60,000 paragraphs
	// rareAtStart is the share of ordinary paragraphs below which a capital at
	// the beginning of a sentence is taken for that of a name.
	rareAtStart = 1.0 / 4000
)

// A reading is a statement of the text or of the documents, taken apart.
type reading struct {
	text, lang string
	words      []statementWord
}

// readStatement takes a statement apart. names are folded words that stand with
// a capital inside sentences around it; they tell a name at the beginning.
func readStatement(text, lang string, names map[string]bool) reading {
	r := reading{text: text, lang: lang}
	for i, t := range analysis.Tokens(text, nil) {
		surface := text[t.Start:t.End]
		folded := analysis.Fold(surface)
		w := statementWord{surface: surface, folded: folded, stem: analysis.Stem(folded, lang), start: t.Start, end: t.End}
		w.calendar = analysis.IsDateWord(folded, lang) && (lang != "en" || analysis.IsCapitalised(surface))
		switch {
		case len(surface) <= 2 && behindApostrophe(text, t.Start): // the "s" of "Europe's", the "t" of "isn't"
		case analysis.IsNumber(surface) || analysis.IsNumberWord(folded, lang):
			w.role = numeral
		case analysis.IsStop(folded, lang):
		case analysis.IsCapitalised(surface) && lang != "de" && (i > 0 || names[folded] || startsWithName(&w, lang)):
			w.role = naming
		default:
			w.role = wording
		}
		r.words = append(r.words, w)
	}
	return r
}

// weigh gives the words of a claim their weights.
func (r *reading) weigh() {
	for i := range r.words {
		if w := &r.words[i]; w.role != functional {
			w.weight = statementWeight(w.stem, r.lang)
		}
	}
}

// readCapitals adds the folded words of text to those that have a capital though
// they begin no sentence, and to those that have none: the former are names
// unless they are among the latter too.
func readCapitals(text string, capitals, small map[string]bool) {
	for i, t := range analysis.Tokens(text, nil) {
		word := text[t.Start:t.End]
		switch {
		case !analysis.IsCapitalised(word):
			small[analysis.Fold(word)] = true
		case i > 0:
			capitals[analysis.Fold(word)] = true
		}
	}
}

func behindApostrophe(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return r == '\'' || r == '’'
}

// startsWithName reports whether a word that begins a sentence is a name.
func startsWithName(w *statementWord, lang string) bool {
	if analysis.Same(w.folded, lang) != nil || w.surface == strings.ToUpper(w.surface) && len(w.surface) > 1 {
		return true
	}
	share, known := analysis.Background(w.stem, lang)
	return known && share < rareAtStart
}

func statementWeight(stem, lang string) float64 {
	switch share, known := analysis.Background(stem, lang); {
	case !known:
		return unjudgedWeight
	case share == 0:
		return mostWeight
	default:
		return min(mostWeight, -math.Log(share))
	}
}

// softestMatch is the share of a word's n-grams below which another word lends
// it nothing: "nation" and "station" share more than half.
const softestMatch = 0.6

// same reports whether two words mean the same, inflected or as names of one
// country.
func (w *statementWord) same(o *statementWord, lang string) bool {
	if w.folded == o.folded || w.stem == o.stem {
		return true
	}
	for _, s := range analysis.Same(w.folded, lang) {
		if s == o.folded {
			return true
		}
	}
	return false
}

// A match says how well each word of a claim stands in a statement, and where.
type match struct {
	strength []float64
	at       []int // word of the statement, -1 for none
}

// in looks for the words of a claim in a statement. A word that is not there
// may share its beginning, or a part of a compound, with one that is.
func (r *reading) in(s *reading) match {
	m := match{make([]float64, len(r.words)), make([]int, len(r.words))}
	for i := range r.words {
		w := &r.words[i]
		m.at[i] = -1
		if w.role == functional {
			continue
		}
		for j := range s.words {
			if s.words[j].role != functional && w.same(&s.words[j], r.lang) {
				m.strength[i], m.at[i] = 1, j
				break
			}
		}
		if m.at[i] < 0 && w.role == wording {
			m.strength[i], m.at[i] = w.another(s)
		}
		if m.at[i] < 0 && w.role == wording && utf8.RuneCountInString(w.folded) > analysis.GramSize {
			m.strength[i], m.at[i] = w.resembles(s)
		}
	}
	return m
}

// synonymous is what another word for the same lends: less than the word itself,
// since none means quite the same.
const synonymous = 0.8

// another returns the first word of s that people put for w.
func (w *statementWord) another(s *reading) (float64, int) {
	line := synonyms()[w.stem]
	if line == 0 || s.lang != "en" {
		return 0, -1
	}
	for j := range s.words {
		if s.words[j].role == wording && synonyms()[s.words[j].stem] == line {
			return synonymous, j
		}
	}
	return 0, -1
}

//go:embed synonyms-en.txt
var englishSynonyms string

// synonyms maps a stem to the number of its line, from 1.
var synonyms = sync.OnceValue(func() map[string]int {
	out := map[string]int{}
	n := 0
	for line := range strings.Lines(englishSynonyms) {
		n++
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			out[analysis.Stem(w, "en")] = n
		}
	}
	return out
})

// resembles returns which share of a word's n-grams the word of s has that has
// most of them, and that word.
func (w *statementWord) resembles(s *reading) (float64, int) {
	var buffer [32]string
	grams := analysis.Grams(w.folded, buffer[:0])
	best, at := softestMatch, -1
	for j := range s.words {
		o := &s.words[j]
		if o.role == functional || o.role == numeral || len(o.folded) < analysis.GramSize {
			continue
		}
		n := 0
		for _, g := range grams {
			if strings.Contains(o.folded, g) {
				n++
			}
		}
		if share := float64(n) / float64(len(grams)); share > best || share == best && at < 0 {
			best, at = share, j
		}
	}
	if at < 0 {
		return 0, -1
	}
	return best, at
}

// joinMatches returns the better of two matches for each word, with the places
// of the first.
func joinMatches(a, b match) match {
	out := match{make([]float64, len(a.strength)), a.at}
	for i := range a.strength {
		out.strength[i] = max(a.strength[i], b.strength[i])
	}
	return out
}

// share returns which share of some of the claim's words, by weight, is matched,
// and the weight of all of them.
func (r *reading) share(m match, of func(i int) bool) (share, total float64) {
	have := 0.0
	for i := range r.words {
		if r.words[i].weight > 0 && of(i) {
			total += r.words[i].weight
			have += r.words[i].weight * m.strength[i]
		}
	}
	if total == 0 {
		return 0, 0
	}
	return have / total, total
}

// shared counts the words of a statement that some of the claim's stand in, each
// once.
func (r *reading) shared(m match, of func(i int) bool) int {
	seen := map[int]bool{}
	for i := range r.words {
		if r.words[i].role != functional && m.strength[i] == 1 && of(i) {
			seen[m.at[i]] = true
		}
	}
	return len(seen)
}

// anaphors are words by which a sentence leans on one before it, by language.
var anaphors = map[string]map[string]bool{
	"en": wordsOf("he she it they him her them his hers its their theirs this that these those such both who"),
	"de": wordsOf("er sie es ihm ihn ihnen ihr ihre ihren ihrer ihrem ihres sein seine seinen seiner seinem dies diese dieser diesem diesen dieses dessen deren"),
	"fr": wordsOf("il elle ils elles lui leur leurs son sa ses ce cet cette ces celui celle"),
	"it": wordsOf("egli lui lei essi loro suo sua suoi sue questo questa questi queste"),
	"es": wordsOf("él ella ellos ellas su sus este esta estos estas ese esa"),
	"ru": wordsOf("он она оно они его её ее их ему ей им этот эта это эти"),
	"uk": wordsOf("він вона воно вони його її їх їхній йому їй цей ця це ці"),
	"fi": wordsOf("hän he se ne hänen heidän sen niiden tämä nämä"),
}

// leans reports whether a statement may speak of something that only those
// before it name.
func (r *reading) leans() bool {
	words := anaphors[r.lang]
	for i := range r.words {
		if words[r.words[i].folded] {
			return true
		}
	}
	return false
}
