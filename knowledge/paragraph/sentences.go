package paragraph

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	// UAX #29 boundaries from tables that follow the Unicode versions, four
	// times as fast as the other maintained module (rivo/uniseg).
	"github.com/clipperhouse/uax29/v2/sentences"
)

const (
	// longSentence is the length in bytes above which a sentence is cut at
	// its semicolons: whatever is longer cannot be shown as a quote. A
	// semicolon is the only mark at which the meaning survives the cut.
	longSentence = 1500
	// reach is how far, in bytes, a rule looks at the words around a full
	// stop. It bounds the work for each stop; no abbreviation is longer.
	reach = 64
	// quiet is how many characters in a row may be neither letter nor digit
	// before the text is handed to the segmenter in two pieces: it looks
	// back over the whole of such a run at each of its characters.
	quiet = 64
)

// Sentences returns the sentences of text. A line break always ends one.
func Sentences(text string) []Span {
	spans := make([]Span, 0, len(text)/100+1)
	for line := range lineSpans(text) {
		start := line.Start
		for end := range boundaries(text[line.Start:line.End]) {
			spans = appendSentence(spans, text, start, line.Start+end)
			start = line.Start + end
		}
		spans = appendSentence(spans, text, start, line.End)
	}
	return spans
}

// lines returns the lines of text as spans, without the blank ones.
func lines(text string) []Span {
	var spans []Span
	for line := range lineSpans(text) {
		spans = appendTrimmed(spans, text, line)
	}
	return spans
}

func lineSpans(text string) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		start := 0
		for start <= len(text) {
			end := len(text)
			if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
				end = start + i
			}
			if !yield(Span{start, end}) {
				return
			}
			start = end + 1
		}
	}
}

// appendSentence adds text[start:end], cut at semicolons if it is too long.
// Each piece takes as many clauses as fit.
func appendSentence(spans []Span, text string, start, end int) []Span {
	for end-start > longSentence {
		window := text[start : start+longSentence]
		cut := strings.LastIndex(window, "; ")
		if cut < 0 {
			next := strings.Index(text[start+longSentence-1:end], "; ")
			if next < 0 {
				break
			}
			cut = longSentence - 1 + next
		}
		spans = appendTrimmed(spans, text, Span{start, start + cut + 1})
		start += cut + 1
	}
	return appendTrimmed(spans, text, Span{start, end})
}

// appendTrimmed adds s without the white space at its ends, if anything is left.
func appendTrimmed(spans []Span, text string, s Span) []Span {
	s.Start = s.End - len(strings.TrimLeftFunc(text[s.Start:s.End], unicode.IsSpace))
	s.End = s.Start + len(strings.TrimRightFunc(text[s.Start:s.End], unicode.IsSpace))
	if s.Start == s.End {
		return spans
	}
	return append(spans, s)
}

// boundaries yields the offsets inside line at which a sentence ends.
func boundaries(line string) iter.Seq[int] {
	return func(yield func(int) bool) {
		last := 0
		for candidate := range candidates(line) {
			end, ok := sentenceEnd(line, candidate)
			if !ok || end <= last {
				continue
			}
			if !yield(end) {
				return
			}
			last = end
		}
	}
}

// candidates yields where a sentence might end, in order: where the Unicode
// rules say so, where the segmenter's input was cut, and where the Unicode
// rules overlook a beginning.
func candidates(line string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for piece := range pieces(line) {
			segments := sentences.FromString(line[piece.Start:piece.End])
			for segments.Next() {
				start, end := piece.Start+segments.Start(), piece.Start+segments.End()
				for inside := range overlooked(line[start:end]) {
					if !yield(start + inside) {
						return
					}
				}
				if end < len(line) && !yield(end) {
					return
				}
			}
		}
	}
}

// pieces cuts line where more than quiet characters in a row are neither
// letter nor digit. Without this, 100 kB of closing brackets take 11 s.
func pieces(line string) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		start, run := 0, 0
		for i, r := range line {
			if isWordRune(r) {
				run = 0
				continue
			}
			if run++; run < quiet {
				continue
			}
			if i > start && !yield(Span{start, i}) {
				return
			}
			start, run = i, 0
		}
		if start < len(line) {
			yield(Span{start, len(line)})
		}
	}
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// overlooked yields where a sentence might begin inside a segment: the Unicode
// rules take a number, a word such as "iPhone" and whatever follows the
// character "…" for a continuation.
func overlooked(segment string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, at := 0, 0; ; at = i {
			space := strings.IndexByte(segment[i:], ' ')
			if space < 0 {
				return
			}
			i += space + 1
			if before := segment[max(0, i-2)]; before < utf8.RuneSelf && isWordRune(rune(before)) {
				continue // nearly always
			}
			stem := strings.TrimRightFunc(segment[at:i-1], isCloser)
			stop, _ := utf8.DecodeLastRuneInString(stem)
			if stop != '.' && stop != '…' {
				continue
			}
			next := nextWord(head(segment[i:]))
			if (next.digit || next.camel || stop == '…' && next.text != "") && !yield(i) {
				return
			}
		}
	}
}
