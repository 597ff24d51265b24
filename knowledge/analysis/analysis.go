// Package analysis turns text into terms, the same way for every index and for
// the re-ranker above them: words, folding, stop words, stems by language,
// character n-grams where there is no stemmer, and background frequencies.
//
// Invariants. Everything here is pure: the same bytes give the same terms. A
// word's term depends on its surface and a language only, never on the words
// around it. Offsets are UTF-8 bytes into the text that was given.
package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm" // the Go project's own normaliser; only non-ASCII words reach it
)

// A Token is one word of a text, by bytes.
type Token struct{ Start, End int }

// Tokens appends the words of text to dst. A word is a run of letters, marks
// and digits that does not begin with a mark; digits keep a point or comma
// between them (3.5, 1,000); letters with full stops between them are one word
// (U.S.); Han, Kana, Thai and other scripts that are written without spaces
// give one overlapping pair of characters after the other, since a pair is the
// best known unit without a dictionary.
func Tokens(text string, dst []Token) []Token {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if !isWordByte(c) {
				i++
				continue
			}
		} else if r, n := utf8.DecodeRuneInString(text[i:]); !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += n // a mark that follows no letter, as in an emoji, is no word
			continue
		} else if unspaced(r) {
			i, dst = pairs(text, i, dst)
			continue
		}
		end := wordEnd(text, i)
		if e := acronymEnd(text, i, end); e > end {
			end = e
		}
		dst = append(dst, Token{i, end})
		i = end
	}
	return dst
}

// wordEnd returns the end of the word that starts at i.
func wordEnd(text string, i int) int {
	prev := byte(0)
	for i < len(text) {
		c := text[i]
		switch {
		case c < utf8.RuneSelf && isWordByte(c):
			prev = c
			i++
		case c == '.' || c == ',':
			if !isDigit(prev) || i+1 >= len(text) || !isDigit(text[i+1]) {
				return i
			}
			prev = c
			i++
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(text[i:])
			if !isWordRune(r) || unspaced(r) {
				return i
			}
			prev = c
			i += n
		default:
			return i
		}
	}
	return i
}

// acronymEnd returns the end of single letters with full stops between them,
// such as "U.S." without the last stop, or end if there are none at i.
func acronymEnd(text string, i, end int) int {
	letters := 0
	last := end
	for {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsUpper(r) || i+n >= len(text) || text[i+n] != '.' {
			break
		}
		letters++
		last = i + n
		i += n + 1
		if i >= len(text) {
			break
		}
	}
	// "U.S" and "U.S.A" have no stop after their last letter.
	if letters >= 1 && i < len(text) {
		if r, n := utf8.DecodeRuneInString(text[i:]); unicode.IsUpper(r) && wordEnd(text, i) == i+n {
			return i + n
		}
	}
	if letters < 2 {
		return end
	}
	return last
}

// pairs appends the overlapping character pairs of an unspaced run at i. A
// character keeps the marks behind it; marks before any character are skipped.
func pairs(text string, i int, dst []Token) (int, []Token) {
	start, prev := -1, -1 // the first character and the last
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !unspaced(r) || !isWordRune(r) {
			break
		}
		switch {
		case !unicode.Is(unicode.M, r):
			if prev >= 0 {
				dst = append(dst, Token{prev, i + n})
			} else {
				start = i
			}
			prev = i
		case prev > start: // the pair that ends with this character
			dst[len(dst)-1].End = i + n
		}
		i += n
	}
	if start >= 0 && prev == start {
		dst = append(dst, Token{start, i})
	}
	return i, dst
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// unspaced reports whether r belongs to a script that is written without
// spaces between words.
func unspaced(r rune) bool {
	switch r {
	case 'ー', '\u3099', '\u309A', 'ｰ', 'ﾞ', 'ﾟ':
		return true // marks of both Kana, which Unicode gives to no script
	}
	if r < 0x0E00 {
		return false
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// Fold returns the form under which a word is looked up before stemming:
// lower case, canonical composition, full stops of an acronym and thousands
// separators gone, ordinal and plural endings of numerals cut. A short word
// in capitals that would fold to a stop word of English ("US", "WHO", "IT")
// keeps its capitals: it is an acronym, and must not vanish with the pronoun.
// A folded word of ASCII letters and digits folds to itself; in other scripts a
// letter that is replaced may combine anew with a mark behind it.
func Fold(word string) string {
	ascii, upper, plain := true, true, true
	for i := 0; i < len(word); i++ {
		c := word[i]
		switch {
		case c >= utf8.RuneSelf:
			ascii = false
		case 'A' <= c && c <= 'Z':
			plain = false
		case c == '.':
			plain = false
		default:
			upper = false
			if c < 'a' {
				plain = false
			}
		}
	}
	if !ascii {
		return foldUnicode(word)
	}
	if plain {
		return word
	}
	if isDigit(word[0]) {
		return foldNumber(word)
	}
	if upper {
		word = strings.ReplaceAll(word, ".", "")
		if 2 <= len(word) && len(word) <= 4 {
			if lower := strings.ToLower(word); lists["en"].stop[lower] {
				return word
			}
		}
	}
	return strings.ToLower(word)
}

func foldUnicode(word string) string {
	if !IsNumber(word) { // "3.5м" is not 35
		word = strings.ReplaceAll(word, ".", "")
	}
	return letters.Replace(strings.ToLower(norm.NFKC.String(word)))
}

// letters writes those without a canonical decomposition as they are written
// without their own key.
var letters = strings.NewReplacer("ё", "е", "ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ı", "i")

// foldNumber cuts thousands separators and the endings of "10th", "1990s".
func foldNumber(word string) string {
	w := strings.ToLower(word)
	digits := len(w)
	for digits > 0 && !isDigit(w[digits-1]) {
		digits--
	}
	switch w[digits:] {
	case "st", "nd", "rd", "th", "s":
		w = w[:digits]
	}
	if !strings.Contains(w, ",") {
		return w
	}
	groups := strings.Split(w, ",")
	for _, g := range groups[1:] {
		if len(g) < 3 || len(g) > 3 && g[3] != '.' {
			return w
		}
	}
	return strings.Join(groups, "")
}

// stripMarks removes accents from Latin and Greek letters. Cyrillic й and ї are
// letters of their own, so other scripts stay as they are.
func stripMarks(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return stripUnicode(s)
		}
	}
	return s
}

func stripUnicode(s string) string {
	var b strings.Builder
	latin := false
	for _, r := range norm.NFD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			if !latin {
				b.WriteRune(r)
			}
			continue
		}
		latin = unicode.In(r, unicode.Latin, unicode.Greek)
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// IsNumber reports whether a surface word is a numeral, such as 7, 3.5, 1990s.
func IsNumber(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsDigit(r)
}

// IsCapitalised reports whether a surface word starts with a capital letter.
func IsCapitalised(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}
