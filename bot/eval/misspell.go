package eval

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"summitbot/knowledge"
)

// minName is the least number of letters of a name that is misspelt: with two
// edits, a shorter one can become nearly any word.
const minName = 5

// A nameFinder finds what is taken for a name in a question: a capitalised
// word of at least five letters. The first word of a question is capitalised
// anyway, so it counts only if there is no other, and only if no question has
// it in small letters.
type nameFinder struct {
	common map[string]bool // words that occur in small letters
}

func newNameFinder(questions []Question) nameFinder {
	f := nameFinder{common: make(map[string]bool)}
	for _, q := range questions {
		for _, w := range words(q.Text) {
			word := q.Text[w.Start:w.End]
			if lower := strings.ToLower(word); lower == word {
				f.common[lower] = true
			}
		}
	}
	return f
}

// draw returns one of the names in text.
func (f nameFinder) draw(text string, random *rand.Rand) (knowledge.Span, bool) {
	all := words(text)
	var names []knowledge.Span
	for i, w := range all {
		if i > 0 && isName(text[w.Start:w.End]) {
			names = append(names, w)
		}
	}
	if len(names) > 0 {
		return names[random.IntN(len(names))], true
	}
	if len(all) == 0 {
		return knowledge.Span{}, false
	}
	first := text[all[0].Start:all[0].End]
	return all[0], isName(first) && !f.common[strings.ToLower(first)]
}

func isName(word string) bool {
	letters := []rune(word)
	return len(letters) >= minName && unicode.IsUpper(letters[0])
}

// words returns the runs of letters in text.
func words(text string) []knowledge.Span {
	var out []knowledge.Span
	start := -1
	for i, r := range text {
		letter := unicode.IsLetter(r)
		switch {
		case letter && start < 0:
			start = i
		case !letter && start >= 0:
			out = append(out, knowledge.Span{Start: start, End: i})
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, knowledge.Span{Start: start, End: len(text)})
	}
	return out
}

// misspell returns word at a Damerau-Levenshtein distance (optimal string
// alignment) of exactly n edits, case ignored. Each edit is a substitution, a
// deletion, an insertion or the exchange of two neighbours, all equally likely,
// at a position drawn from the whole word, the first letter included. The
// result is capitalised as the word was.
func misspell(word string, n int, random *rand.Rand) string {
	original := []rune(strings.ToLower(word))
	shouted := strings.ToUpper(word) == word
	// Two edits can cancel each other, and an edit can change nothing (the
	// exchange of "ll"): then another is drawn. Of a word of five letters
	// far more than half of the draws are good.
	for {
		letters := slices.Clone(original)
		for range n {
			letters = edit(letters, random)
		}
		if distance(original, letters) != n {
			continue
		}
		if shouted {
			return strings.ToUpper(string(letters))
		}
		letters[0] = unicode.ToUpper(letters[0])
		return string(letters)
	}
}

// edit makes one random edit of a word of two letters or more.
func edit(word []rune, random *rand.Rand) []rune {
	switch random.IntN(4) {
	case 0:
		i := random.IntN(len(word))
		word[i] = letterLike(word[i], word, random)
	case 1:
		i := random.IntN(len(word))
		word = slices.Delete(word, i, i+1)
	case 2:
		i := random.IntN(len(word) + 1)
		word = slices.Insert(word, i, letterLike(word[min(i, len(word)-1)], word, random))
	case 3:
		i := random.IntN(len(word) - 1)
		word[i], word[i+1] = word[i+1], word[i]
	}
	return word
}

// letterLike draws a small letter of the same script as r: from the keys that
// a hand on that keyboard can hit, or from the word itself where we know no
// alphabet.
func letterLike(r rune, word []rune, random *rand.Rand) rune {
	first, last := 'a', 'z'
	switch {
	case unicode.Is(unicode.Latin, r):
	case unicode.Is(unicode.Cyrillic, r):
		first, last = 'а', 'я'
	case unicode.Is(unicode.Greek, r):
		first, last = 'α', 'ω'
	default:
		return word[random.IntN(len(word))]
	}
	return first + random.Int32N(last-first+1)
}

// distance returns the optimal string alignment distance of a and b: the least
// number of substitutions, deletions, insertions and exchanges of neighbours.
func distance(a, b []rune) int {
	before, above := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			substitute := above[j]
			if a[i] != b[j] {
				substitute++
			}
			row[j+1] = min(substitute, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
