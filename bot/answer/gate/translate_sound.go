package gate

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// cyrillic writes a letter as it sounds, by the letters of sound.
var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'ґ': "g", 'д': "d", 'е': "e", 'є': "e", 'ж': "j", 'з': "z", 'и': "i", 'і': "i", 'ї': "i", 'й': "i",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ў': "v", 'ф': "f", 'х': "h", 'ц': "z", 'ч': "c", 'ш': "s",
	'щ': "s", 'ы': "i", 'э': "e", 'ю': "u", 'я': "a", 'ъ': "", 'ь': "", 'ё': "e",
}

// spoken brings the spellings of the languages with Latin letters near to one
// that follows the sound: Tschechow, Chekhov; Schröder, Shreder; Chruschtschow.
// C stands for ch and G for a soft g, which are read in several ways.
var spoken = strings.NewReplacer(
	"stle", "sl", "ew", "iu", "hn", "n", "hm", "m", "hl", "l", "hr", "r", "ay", "ei", "ai", "ei", "gia", "ja", "gio", "jo", "giu", "ju",
	"tsch", "c", "tch", "c", "shch", "s", "schtsch", "s", "sch", "s", "sh", "s", "zh", "j", "dzh", "j", "dj", "j", "dsch", "j", "kh", "h", "gh", "g", "ph", "f", "th", "t", "rh", "r", "ch", "C", "ck", "k", "qu", "kv", "q", "k",
	"ce", "se", "ci", "si", "cy", "si", "cz", "c", "c", "k", "ge", "Ge", "gi", "Gi", "gy", "Gi", "ts", "z", "tz", "z", "x", "ks", "w", "v", "y", "i", "j", "J", "eau", "o", "ou", "u", "oo", "u", "ee", "i",
)

// sound returns how a folded word sounds, roughly, in small Latin letters. Words
// of other scripts than Latin and Cyrillic stay as they are.
func sound(folded string) string {
	var b strings.Builder
	last := rune(0)
	add := func(s string) {
		for _, r := range s {
			if r != last {
				b.WriteRune(r)
			}
			last = r
		}
	}
	if strings.ContainsFunc(folded, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
		s := cyrillicGroups.Replace(folded)
		for _, r := range s {
			if latin, ok := cyrillic[r]; ok {
				add(latin)
			} else {
				add(string(r))
			}
		}
		return b.String()
	}
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(folded))
	add(spoken.Replace(plain))
	return b.String()
}

// cyrillicGroups are the letters that write one foreign sound together.
var cyrillicGroups = strings.NewReplacer("дж", "ж", "тс", "ц", "уи", "ви", "уо", "во", "уэ", "ве", "уе", "ве", "уа", "ва", "кс", "кс")

// Costs of hearing one sound for another; a whole consonant is 1.
const (
	vowelForVowel = 0.25 // Selenskyj, Zelensky
	vowelMore     = 0.35 // Aleksandr, Alexander
	cousins       = 0.3  // consonants of one family: Harry, Garri
	unsure        = 0.15 // a letter that is read in both ways
	ending        = 0.12 // a letter behind the whole of the other word: inflected
)

// families of consonants that languages take for each other.
var families = func() (out [128]int) {
	for i, f := range []string{"bp", "fv", "td", "kgh", "szcj"} {
		for _, r := range f {
			out[r] = i + 1
		}
	}
	return out
}()

func isVowel(r rune) bool { return strings.ContainsRune("aeiou", r) }

// confused is the cost of reading one sound for the other.
func confused(a, b rune) float64 {
	if a > b {
		a, b = b, a // capitals sort first
	}
	switch {
	case a == b:
		return 0
	case b >= utf8.RuneSelf:
		return 1
	case a == 'C' && (families[b] == families['s'] || families[b] == families['k']),
		a == 'G' && (families[b] == families['s'] || families[b] == families['k']),
		a == 'J' && (b == 'i' || families[b] == families['s'] || b == 'h'),
		a == 'C' && b == 'G':
		return unsure
	case isVowel(a) && isVowel(b):
		return vowelForVowel
	case families[a] != 0 && families[a] == families[b]:
		return cousins
	case a == 'u' && b == 'v', a == 'b' && b == 'v':
		return cousins
	}
	return 1
}

// more is the cost of a sound that the other word has not.
func more(r rune) float64 {
	switch {
	case isVowel(r) || r == 'h' || r == 'J':
		return vowelMore
	}
	return 0.9
}

// longestEnding is how many letters an inflection adds at most: Washington-issa
// has four sounds, of which the doubled one counts once.
const longestEnding = 4

// inflectable is the least number of sounds of a word that may be inflected.
const inflectable = 3

// longestSound is the most sounds of a word that is compared: no name is longer.
const longestSound = 24

// commonBase is the least number of sounds that two words have in common if both
// have endings of their own.
const commonBase = 5

// distance is the cost of taking one word's sound for the other's, the endings
// of either nearly free.
func distance(a, b string) float64 {
	// Sounds are mostly ASCII; whatever is not counts as several.
	x, y := []byte(a), []byte(b)
	if len(x) > longestSound || len(y) > longestSound || len(x)-len(y) > longestEnding+1 || len(y)-len(x) > longestEnding+1 {
		return math.Inf(1)
	}
	var rows [longestSound + 1][longestSound + 1]float64
	for i := range len(x) + 1 {
		for j := range len(y) + 1 {
			switch {
			case i == 0 && j == 0:
			case i == 0:
				rows[i][j] = rows[i][j-1] + more(rune(y[j-1]))
			case j == 0:
				rows[i][j] = rows[i-1][j] + more(rune(x[i-1]))
			default:
				rows[i][j] = min(rows[i-1][j-1]+confused(rune(x[i-1]), rune(y[j-1])), rows[i-1][j]+more(rune(x[i-1])), rows[i][j-1]+more(rune(y[j-1])))
			}
		}
	}
	best := rows[len(x)][len(y)]
	for k := 1; k <= longestEnding; k++ {
		if i := len(x) - k; i >= inflectable && len(y) >= inflectable {
			best = min(best, rows[i][len(y)]+ending*float64(k))
		}
		if j := len(y) - k; j >= inflectable && len(x) >= inflectable {
			best = min(best, rows[len(x)][j]+ending*float64(k))
		}
	}
	// Both may be inflected, in their own ways: Tibetan, тибетский.
	for i := max(len(x)-longestEnding, commonBase); i < len(x); i++ {
		for j := max(len(y)-longestEnding, commonBase); j < len(y); j++ {
			best = min(best, rows[i][j]+ending*float64(len(x)-i+len(y)-j))
		}
	}
	return best
}

// soundsLike reports whether two words may be one name in two languages; allowed
// is the share of the usual tolerance.
func soundsLike(a, b string, allowed float64) bool {
	x, y := firstRune(a), firstRune(b)
	switch { // Hadrian, Адриан
	case x == 'h' && isVowel(y):
		a = a[1:]
	case y == 'h' && isVowel(x):
		b = b[1:]
	default:
		if confused(x, y) > cousins {
			return false
		}
	}
	n := min(len(a), len(b))
	return n > 1 && distance(a, b) <= allowed*tolerance(n)
}

// tolerance is the cost that two spellings of one name of n sounds may have:
// none of a whole consonant, unless the name is long.
func tolerance(n int) float64 {
	switch {
	case n <= 3:
		return 0.36 // Keir, Кир
	case n == 4:
		return 0.62
	case n <= 6:
		return 0.85
	}
	return 1.15
}
