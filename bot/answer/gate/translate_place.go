package gate

import (
	"strings"
	"sync"

	tag "golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"summitbot/knowledge/analysis"
)

// A thing is what names of several languages name: a country by its code, or a
// line of tables/translated.txt.
type thing struct {
	key  string
	part bool // the word names it only together with others ("United")
}

// A gazetteer finds the things that a word names, in whatever language.
type gazetteer struct {
	words    map[string][]thing // folded
	prefixes map[string][]thing // a word that begins so names it
	stems    map[string]map[string][]thing
}

// gazetteerLanguages are those whose names of countries are known: as many as
// have a table.
var gazetteerLanguages = []string{"en", "de", "fr", "it", "es", "ru", "uk", "fi"}

// places is made of CLDR's names of countries, of its names of languages, which
// are the adjectives of countries in most tongues, and of the table.
var places = sync.OnceValue(func() *gazetteer {
	g := &gazetteer{words: map[string][]thing{}, prefixes: map[string][]thing{}, stems: map[string]map[string][]thing{}}
	for _, lang := range gazetteerLanguages {
		g.stems[lang] = map[string][]thing{}
		g.addRegions(lang)
	}
	tableLines("translated.txt", func(line string) {
		key, list, _ := strings.Cut(line, ":")
		for _, w := range strings.Fields(list) {
			w, part := strings.CutSuffix(w, "?")
			w, prefix := strings.CutSuffix(w, "*")
			if prefix {
				g.prefixes[analysis.Fold(w)] = append(g.prefixes[analysis.Fold(w)], thing{key, part})
			} else {
				g.words[analysis.Fold(w)] = append(g.words[analysis.Fold(w)], thing{key, part})
			}
		}
	})
	return g
})

// addRegions takes in the names of countries in a language. Of a name of several
// words only those are kept that few countries share.
func (g *gazetteer) addRegions(lang string) {
	names := display.Regions(tag.Make(lang))
	parts := map[string][]string{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			region, err := tag.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.String() != code {
				continue
			}
			name := names.Name(region)
			var words []string
			for _, tok := range analysis.Tokens(name, nil) {
				if w := analysis.Fold(name[tok.Start:tok.End]); !analysis.IsStop(w, lang) && letters(w) > 2 {
					words = append(words, w)
				}
			}
			if len(words) == 1 {
				g.addWord(words[0], lang, thing{code, false})
				continue
			}
			for _, w := range words {
				parts[w] = append(parts[w], code)
			}
		}
	}
	const few = 3
	for w, codes := range parts {
		for _, code := range codes {
			if len(codes) <= few {
				g.addWord(w, lang, thing{code, true})
			}
		}
	}
}

func (g *gazetteer) addWord(w, lang string, t thing) {
	g.words[w] = append(g.words[w], t)
	stem := analysis.Stem(w, lang)
	g.stems[lang][stem] = append(g.stems[lang][stem], t)
}

// find returns what a word names, by its form, its stem and its beginning.
func (g *gazetteer) find(w *word, lang string) []thing {
	folded := strings.ToLower(w.folded) // Fold leaves "US" its capitals
	out := append([]thing(nil), g.words[folded]...)
	out = append(out, g.stems[lang][w.stem]...)
	for i := range folded {
		if i > 0 {
			out = append(out, g.prefixes[folded[:i]]...)
		}
	}
	out = append(out, g.prefixes[folded]...)
	if lang == "de" {
		for _, side := range []string{"nord", "süd", "ost", "west", "mittel", "zentral"} {
			if rest, ok := strings.CutPrefix(folded, side); ok && letters(rest) > 3 {
				out = append(out, g.find(&word{folded: rest, stem: analysis.Stem(rest, lang)}, "")...)
			}
		}
	}
	return out
}
