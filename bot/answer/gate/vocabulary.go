package gate

import (
	"slices"
	"strings"

	"summitbot/knowledge/analysis"
)

// A vocabulary is what stands in some sentences, for looking up.
type vocabulary struct {
	folded   map[string]bool
	stems    map[string]bool
	same     map[string]bool // the first of the words that name the same thing
	numbers  map[string]map[string]bool
	units    map[string]bool
	dates    []date
	links    map[string]bool
	initials map[string]bool // of names of several words: "UN"
	acronyms map[string]bool // "UN", "NATO"
	capitals map[string]bool // folded words that stand with a capital
	spelling map[string]bool // see skeleton
	long     []string        // folded words of at least GramSize letters, for n-grams
	pairs    map[string]bool // neighbouring content words
}

func newVocabulary() vocabulary {
	return vocabulary{
		folded: map[string]bool{}, stems: map[string]bool{}, same: map[string]bool{}, numbers: map[string]map[string]bool{},
		units: map[string]bool{}, links: map[string]bool{}, initials: map[string]bool{}, acronyms: map[string]bool{}, capitals: map[string]bool{},
		spelling: map[string]bool{}, pairs: map[string]bool{},
	}
}

// add takes a text's words in.
func (v *vocabulary) add(t *text) {
	for i := range t.words {
		w := &t.words[i]
		if w.link {
			continue
		}
		if letters(w.folded) >= analysis.GramSize && !v.folded[w.folded] {
			v.long = append(v.long, w.folded)
		}
		v.folded[w.folded] = true
		v.stems[w.stem] = true
		if same := analysis.Same(w.folded, t.lang); same != nil {
			v.same[same[0]] = true
		}
		if u := units()[w.folded]; u != "" {
			v.units[u] = true
		}
		if w.capital {
			v.capitals[w.folded] = true
			if !w.stop && letters(w.folded) >= spellable {
				v.spelling[skeleton(w.folded)] = true
			}
			if isAcronym(w.surface) {
				v.acronyms[strings.ToLower(strings.ReplaceAll(w.surface, ".", ""))] = true
			}
		}
	}
	for _, q := range t.quantities {
		v.addNumber(q)
	}
	for _, run := range t.runs() {
		for _, initials := range run.initials() {
			v.initials[initials] = true
		}
	}
	v.dates = append(v.dates, t.dates...)
	for _, l := range t.links {
		v.links[l] = true
	}
	for _, p := range t.bigrams() {
		v.pairs[p] = true
	}
}

func (v *vocabulary) addNumber(q quantity) {
	if v.numbers[q.value] == nil {
		v.numbers[q.value] = map[string]bool{}
	}
	v.numbers[q.value][q.unit] = true
	if q.unit != "" {
		v.units[q.unit] = true
	}
}

// has reports whether a word occurs, inflected or by another name.
func (v *vocabulary) has(w *word, lang string) bool {
	if v.folded[w.folded] || v.stems[w.stem] {
		return true
	}
	same := analysis.Same(w.folded, lang)
	return same != nil && v.same[same[0]]
}

// softest is the share of a word's n-grams below which another word lends it
// nothing: "nation" and "station" share more than half.
const softest = 0.6

// strength returns how well a word is found, 0..1: a word that is not there may
// share its beginning or a part of a compound with one that is.
func (v *vocabulary) strength(w *word, lang string) float64 {
	if v.has(w, lang) {
		return 1
	}
	if w.number {
		return 0
	}
	return resembling(w.folded, v.long)
}

// resembling returns which share of a word's n-grams the best of some others
// has, or 0 if it is less than softest.
func resembling(folded string, long []string) float64 {
	if letters(folded) <= analysis.GramSize {
		return 0
	}
	var buffer [32]string
	grams := analysis.Grams(folded, buffer[:0])
	best := 0
	for _, other := range long {
		n := 0
		for _, g := range grams {
			if strings.Contains(other, g) {
				n++
			}
		}
		best = max(best, n)
	}
	if s := float64(best) / float64(len(grams)); s >= softest {
		return s
	}
	return 0
}

// bigrams returns the pairs of neighbouring content words, as stems, in order
// of the alphabet within each: "the leader of the party" is "the party leader".
func (t *text) bigrams() []string {
	var out []string
	last := -1
	for i := range t.words {
		w := &t.words[i]
		if w.hard {
			last = -1
		}
		if w.weight == 0 {
			continue
		}
		if last >= 0 {
			pair := []string{t.words[last].stem, w.stem}
			slices.Sort(pair)
			out = append(out, pair[0]+" "+pair[1])
		}
		last = i
	}
	return out
}

// words is a smaller vocabulary, of one sentence.
type words struct {
	folded, stems map[string]bool
	long          []string
}

func wordSet(t *text) words {
	v := words{folded: make(map[string]bool, len(t.words)), stems: make(map[string]bool, len(t.words))}
	for i := range t.words {
		w := &t.words[i]
		if letters(w.folded) >= analysis.GramSize && !v.folded[w.folded] {
			v.long = append(v.long, w.folded)
		}
		v.folded[w.folded] = true
		v.stems[w.stem] = true
	}
	return v
}

// part reports whether a word of the sentence shares most of w's n-grams.
func (v words) part(w *word) bool { return !w.number && resembling(w.folded, v.long) > 0 }

// holds reports whether a word stands in the sentence, inflected or as the name
// of the same country.
func (v words) holds(w *word, lang string) bool {
	if v.folded[w.folded] || v.stems[w.stem] {
		return true
	}
	for _, s := range analysis.Same(w.folded, lang) {
		if v.folded[s] {
			return true
		}
	}
	return false
}
