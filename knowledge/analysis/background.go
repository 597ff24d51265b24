package analysis

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
)

// background-en.tsv: how many of N paragraphs of English news and encyclopaedia
// text hold a stem, sorted by stem in byte order, made by gen from counts alone.
//
//go:embed background-en.tsv
var backgroundEnglish string

// BackgroundSize is the number of paragraphs that the background was counted
// over.
const BackgroundSize = 210957

// Background returns the share of ordinary paragraphs in a language that hold a
// stem, and whether there is a table for that language. A stem that the table
// does not have occurs in fewer than a handful.
func Background(stem, lang string) (share float64, known bool) {
	if lang != "en" {
		return 0, false
	}
	return math.Min(1, float64(backgroundCount(stem))/BackgroundSize), true
}

// backgroundCount finds a stem by bisection over the embedded lines: no table
// is built, so that a process that answers one question does not pay for it.
func backgroundCount(stem string) int {
	table := backgroundEnglish
	lo, hi := 0, len(table)
	for lo < hi {
		mid := (lo + hi) / 2
		start := strings.LastIndexByte(table[:mid], '\n') + 1
		end := start + strings.IndexByte(table[start:], '\n')
		word, count, _ := strings.Cut(table[start:end], "\t")
		switch {
		case word == stem:
			n, err := strconv.Atoi(count)
			if err != nil {
				panic(err) // embedded at build time
			}
			return n
		case word < stem:
			lo = end + 1
		default:
			hi = start
		}
	}
	return 0
}
