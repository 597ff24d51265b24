package gate

import (
	"embed"
	"path"
	"strconv"
	"strings"
	"sync"

	"summitbot/knowledge/analysis"
)

// tables/XX.txt holds the words of one language that change what a clause says,
// its months and its numbers; units.txt the units of all of them; names-en.txt
// the stems of analysis.Background that are names all the same (made by names).
//
//go:embed tables/*.txt
var tables embed.FS

// A language is what the gate knows of one. The zero language knows nothing:
// only numerals, names, links and quotations are then checked.
type language struct {
	words  map[string]map[string]bool    // by key: as written, folded
	stems  map[string]map[string]bool    // by key: stems
	values map[string]map[string]float64 // by key: as written, folded
	comma  bool                          // 3,5 is three and a half, 1.000 a thousand
	nouns  bool                          // nouns have capitals as names have
	months map[string]int
}

// has reports whether a word stands under a key.
func (l *language) has(key string, w *word) bool {
	return l.words[key][w.folded] || l.stems[key][w.stem]
}

// abbreviates reports whether a full stop behind a word is its own rather than
// the end of a sentence: "U.S.", "J. Smith", "Mr.".
func (l *language) abbreviates(w *word) bool {
	return strings.Contains(w.surface, ".") && isAcronym(w.surface) || w.capital && letters(w.surface) == 1 || l.words["abbreviation"][w.folded]
}

var languages = sync.OnceValue(func() map[string]*language {
	out := map[string]*language{}
	for _, code := range []string{"en", "de", "fr", "it", "es", "ru", "uk", "fi"} {
		out[code] = readLanguage(code)
	}
	return out
})

// tableLines calls each with the lines of a table that are no comments.
func tableLines(name string, each func(line string)) {
	data, err := tables.ReadFile(path.Join("tables", name))
	if err != nil {
		panic(err) // embedded at build time
	}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			each(line)
		}
	}
}

func readLanguage(code string) *language {
	l := &language{
		words: map[string]map[string]bool{}, stems: map[string]map[string]bool{},
		values: map[string]map[string]float64{}, months: map[string]int{},
		comma: code != "en", nouns: code == "de",
	}
	tableLines(code+".txt", func(line string) {
		key, list, _ := strings.Cut(line, ":")
		key, verbatim := strings.CutSuffix(key, "!")
		words, stems, values := map[string]bool{}, map[string]bool{}, map[string]float64{}
		for _, w := range strings.Fields(list) {
			w, number, valued := strings.Cut(w, "=")
			folded := analysis.Fold(w)
			switch {
			case valued:
				v, err := strconv.ParseFloat(number, 64)
				if err != nil {
					panic(err) // embedded at build time
				}
				values[folded] = v
			case verbatim:
				words[folded] = true
			default:
				stems[analysis.Stem(folded, code)] = true
			}
		}
		merge(l.words, key, words)
		merge(l.stems, key, stems)
		merge(l.values, key, values)
	})
	for w, m := range l.values["month"] {
		l.months[w] = int(m)
	}
	return l
}

// merge adds a table's line to what stands under its key: a key may have a line
// of stems and one of words as written.
func merge[V any](into map[string]map[string]V, key string, more map[string]V) {
	if into[key] == nil {
		into[key] = map[string]V{}
	}
	for k, v := range more {
		into[key][k] = v
	}
}

// languageOf returns what is known of a language, never nil.
func languageOf(code string) *language {
	if l := languages()[code]; l != nil {
		return l
	}
	return &language{}
}

// units maps a folded word or sign to its unit.
var units = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	tableLines("units.txt", func(line string) {
		fields := strings.Fields(line)
		for _, w := range fields[1:] {
			out[analysis.Fold(w)] = fields[0]
		}
	})
	return out
})

// commonNames are the stems that analysis.Background knows well and that are
// names nevertheless ("London").
var commonNames = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	tableLines("names-en.txt", func(line string) {
		for _, w := range strings.Fields(line) {
			out[w] = true
		}
	})
	return out
})
