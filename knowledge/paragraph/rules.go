package paragraph

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentenceEnd judges a candidate: whether a sentence ends before line[at:],
// and where exactly, which is later than at when a note mark such as "[3]"
// stands between the full stop and the next sentence.
func sentenceEnd(line string, at int) (end int, ok bool) {
	before, after := tail(line[:at]), head(line[at:])
	if n := noteMark(before, after); n > 0 {
		return at + n, endsBetween(before[:len(before)-1], after[n:])
	}
	return at, endsBetween(before, after)
}

// endsBetween tells whether a sentence ends after before, and another one
// begins with after.
func endsBetween(before, after string) bool {
	last := strings.TrimRightFunc(before, unicode.IsSpace)
	first := strings.TrimLeftFunc(after, unicode.IsSpace)
	stem := strings.TrimRightFunc(last, isCloser)
	closing := last[len(stem):]
	stop, size := utf8.DecodeLastRuneInString(stem)
	if !isStop(stop) || first == "" {
		return false
	}
	stem = stem[:len(stem)-size]
	if len(last) == len(before) && len(first) == len(after) {
		return endsWithoutSpace(stop, closing, first)
	}
	next := nextWord(first)
	switch {
	case next.small && !next.camel:
		return false
	case closing != "" && next.digit && first[0] == '(':
		return false // a title with its year: "Fear Her!" (2006)
	case stop == '.':
		return endsAtFullStop(stem, closing, next)
	case stop == '!' && exclaimedNames[lastWord(stem)]:
		return next.starts
	}
	return true
}

// tail and head bound how much of a line a rule may look at. They never cut a
// character in two.
func tail(s string) string {
	if len(s) <= 2*reach {
		return s
	}
	i := len(s) - 2*reach
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}

func head(s string) string {
	if len(s) <= 2*reach {
		return s
	}
	i := 2 * reach
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return s[:i]
}

func isStop(r rune) bool {
	return r == '.' || r == '…' || unicode.Is(unicode.STerm, r)
}

// isCloser tells what may stand between a sentence's stop and the white space
// after it. Typographic quotes open in one language and close in another.
func isCloser(r rune) bool {
	if r < utf8.RuneSelf {
		return strings.ContainsRune(`"')]}*_`, r)
	}
	return unicode.In(r, unicode.Pe, unicode.Pf, unicode.Pi)
}

func isOpener(r rune) bool {
	if r < utf8.RuneSelf {
		return strings.ContainsRune(`"'([{*_`, r)
	}
	return r == '¿' || r == '¡' || unicode.In(r, unicode.Ps, unicode.Pi, unicode.Pf)
}

// endsWithoutSpace tells whether a sentence ends where no space follows: only
// in the scripts that are written without spaces. "example.com?q=1" and
// "Yahoo!Mail" are one word.
func endsWithoutSpace(stop rune, closing, after string) bool {
	if !strings.ContainsRune("。！？｡︒﹒﹗﹖．", stop) {
		return false
	}
	// 「行く。」と言った: the quotation is a part of the sentence around it.
	following, _ := utf8.DecodeRuneInString(after)
	return closing == "" || !strings.ContainsRune("とっなの", following)
}

// noteMark returns the length of what is left of note marks such as "[12]"
// after the first bracket, if before ends in a stop and that bracket.
func noteMark(before, after string) int {
	sentence, opened := strings.CutSuffix(before, "[")
	stop, _ := utf8.DecodeLastRuneInString(sentence)
	if !opened || !isStop(stop) {
		return 0
	}
	n := 0
	for {
		digits := len(after[n:]) - len(strings.TrimLeft(after[n:], "0123456789"))
		if digits == 0 || !strings.HasPrefix(after[n+digits:], "]") {
			return 0
		}
		n += digits + 1
		if !strings.HasPrefix(after[n:], "[") {
			return n
		}
		n++
	}
}

// endsAtFullStop judges a full stop that is followed by white space. stem is
// what stands before the stop, closing the brackets and quotes after it.
func endsAtFullStop(stem, closing string, next word) bool {
	if strings.HasSuffix(stem, ".") {
		return true // an ellipsis, and the next word is not small
	}
	last := lastWord(stem)
	lead := strings.TrimRightFunc(stem[:len(stem)-len(last)], unicode.IsSpace)
	switch classOf(last) {
	case precedes:
		return false
	case title:
		return next.starts && !next.particle
	case clock:
		return !clockWords[next.text]
	case counts:
		return !next.number
	case either:
		return next.starts && !strings.ContainsAny(closing, ")]")
	case ends:
		return true
	}
	switch {
	case isNumeral(last):
		return !isEnumerator(lead, last, next) && !isOrdinal(lead, last, next)
	case isInitial(last):
		return next.starts && !next.particle || lastWord(lead) == "War"
	case isDotted(last):
		return next.starts && !strings.ContainsAny(closing, ")]")
	case isVowelless(last):
		return next.starts
	}
	return true
}

// A word is what a rule needs to know about the word after a stop.
type word struct {
	text     string
	small    bool // begins with a small letter
	camel    bool // "iPhone"
	digit    bool // begins with a digit
	number   bool // begins with a digit, or is a Roman numeral
	starts   bool // is a function word that begins a sentence: "The", "Он"
	particle bool // begins sentences, and family names as well: "La"
}

func nextWord(after string) word {
	text := strings.TrimLeftFunc(after, isOpener)
	end := strings.IndexFunc(text, func(r rune) bool { return !isWordRune(r) })
	rest := ""
	if end >= 0 {
		text, rest = text[:end], text[end:]
	}
	first, size := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[size:])
	w := word{
		text:  text,
		small: unicode.IsLower(first),
		digit: unicode.IsDigit(first),
	}
	w.number = w.digit || isRoman(text)
	w.camel = w.small && unicode.IsUpper(second)
	// "A" before a full stop is an initial, and "No" an abbreviation.
	if !strings.HasPrefix(rest, ".") {
		w.particle = particles[text]
		w.starts = w.particle || starters[text]
	}
	return w
}

// lastWord returns the last word of s, with the marks inside it: "U.S", "R&B",
// "won't".
func lastWord(s string) string {
	i := strings.LastIndexFunc(s, func(r rune) bool {
		return !isWordRune(r) && !unicode.IsMark(r) && !strings.ContainsRune(".&'’", r)
	})
	if i >= 0 {
		_, size := utf8.DecodeRuneInString(s[i:])
		s = s[i+size:]
	}
	return strings.TrimLeft(s, ".&'’")
}

// isInitial tells whether w is one letter, as in "J. R. R. Tolkien".
func isInitial(w string) bool {
	r, size := utf8.DecodeRuneInString(w)
	return size == len(w) && unicode.IsLetter(r)
}

// isDotted tells whether w is made of short parts with full stops between
// them: "U.S", "Ph.D", "J.R.R".
func isDotted(w string) bool {
	parts := 0
	for part := range strings.SplitSeq(w, ".") {
		n := utf8.RuneCountInString(part)
		if n == 0 || n > 2 || strings.ContainsFunc(part, unicode.IsDigit) {
			return false
		}
		parts++
	}
	return parts > 1
}

// isVowelless tells whether w looks like a title that no table knows: a capital
// and up to three small letters without a vowel among them ("Sgt", "Blvd").
func isVowelless(w string) bool {
	first, size := utf8.DecodeRuneInString(w)
	rest := w[size:]
	return len(w) <= 4 && rest != "" && 'A' <= first && first <= 'Z' &&
		strings.Trim(rest, "bcdfghjklmnpqrstvwxz") == "" && !strings.ContainsRune("AEIOUY", first)
}

func isNumeral(w string) bool {
	return w != "" && (strings.Trim(w, "0123456789") == "" || isRoman(w) && len(w) > 1)
}

func isRoman(w string) bool { return w != "" && strings.Trim(w, "IVXLC") == "" }

// isEnumerator tells whether the numeral is the number of an item: "3. Open
// the valve", at the start or right after another sentence.
func isEnumerator(lead, numeral string, next word) bool {
	if len(numeral) > 3 {
		return false
	}
	if lead == "" {
		return true
	}
	before, size := utf8.DecodeLastRuneInString(lead)
	return isStop(before) && !next.starts && classOf(lastWord(lead[:len(lead)-size])) == unknown
}

// isOrdinal tells whether the full stop makes an ordinal of a number, as it
// does in German: "am 3. Oktober", "das 20. Jahrhundert".
func isOrdinal(lead, numeral string, next word) bool {
	if len(numeral) > 3 && !isRoman(numeral) || next.starts {
		return false
	}
	return ordinalNouns[next.text] || ordinalArticles[lastWord(lead)]
}
