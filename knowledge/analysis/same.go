package analysis

import (
	_ "embed"
	"strings"
	"sync"
)

// same/en.txt: words that name the same thing though their stems differ, a line
// each: a country and those who belong to it, a number as word and as digits.
// Country names after ISO 3166, adjectives and nouns as English uses them; only
// single words, and no word that stands on two lines.
//
//go:embed same/en.txt
var sameEnglish string

var sameWords = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(sameEnglish) {
		words := strings.Fields(line)
		for _, w := range words {
			out[w] = words
		}
	}
	return out
})

// Same returns the folded words that name the same thing as a folded word,
// itself included, or nil if none is known.
func Same(folded, lang string) []string {
	if lang != "en" {
		return nil
	}
	return sameWords()[folded]
}

// same/irregular-en.txt: inflected forms that no stemmer reduces, a line each,
// the base first. Forms that are as often a word of their own ("left", "saw",
// "found") are left out.
//
//go:embed same/irregular-en.txt
var irregularEnglish string

var irregularForms = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(irregularEnglish) {
		words := strings.Fields(line)
		for _, w := range words[1:] {
			out[w] = words[0]
		}
	}
	return out
})

// baseForm returns the base of an irregular form, or the word itself.
func baseForm(folded, lang string) string {
	if lang == "en" {
		if base, ok := irregularForms()[folded]; ok {
			return base
		}
	}
	return folded
}
