// Package paragraph cuts the blocks of a text into numbered paragraphs, and
// paragraphs into sentences. It is pure: same text in, same numbers and
// offsets out, on every machine.
//
// Invariants. Paragraphs are numbered from 1 in reading order; headings are
// not counted but remembered as the path above each paragraph. The sentences
// of a paragraph are spans of bytes that slice its text exactly: in order, not
// overlapping, on UTF-8 boundaries, trimmed of white space, and together they
// cover every byte that is not white space. Nothing is ever rewritten.
//
// Where a sentence may end is found by the Unicode rules (UAX #29) of
// github.com/clipperhouse/uax29; whether it does end there is decided by our
// rules on top, which know abbreviations, initials, ordinals and the words
// that sentences begin with. On 2,053 runs of annotated English sentences from
// the web (WiCE) they raise precision from 0.947 to 0.992 at a recall of
// 0.997. Of 8,623 answers that stand in encyclopaedia text (SQuAD, XQuAD in
// English, German and Russian), 12 reach over the end of a sentence, and all
// but one of those are two sentences; by the Unicode rules alone 90 do. The
// rules were refined while looking at these texts, so expect a little less of
// others.
package paragraph

import (
	"strings"
	"unicode/utf8"
)

// A Block is one piece of a document, in the shape that extraction gives it.
type Block struct {
	Kind  string // "heading", "prose", "list", "quote", "table" or "code"
	Level int    // of a heading, from 1; 0 otherwise
	Text  string // items, rows and lines of code are separated by "\n"
}

// A Paragraph is one numbered block that is not a heading.
type Paragraph struct {
	Number    int      // from 1, in reading order
	Kind      string   // as in Block, never "heading"
	Headings  []string // the headings above it, outermost first; shared between paragraphs, not to be changed
	Text      string   // trimmed, valid UTF-8
	Sentences []Span   // never empty
}

// A Span is a half-open range of bytes.
type Span struct{ Start, End int }

const headingKind = "heading"

// Split numbers the blocks. A block without text is dropped, and so is a
// heading without text. A heading takes the place of the headings of its own
// and of deeper levels.
func Split(blocks []Block) []Paragraph {
	var (
		paragraphs []Paragraph
		above      path
	)
	for _, b := range blocks {
		text := strings.TrimSpace(validUTF8(b.Text))
		switch {
		case text == "":
		case b.Kind == headingKind:
			above = above.under(b.Level, text)
		default:
			paragraphs = append(paragraphs, Paragraph{
				Number:    len(paragraphs) + 1,
				Kind:      b.Kind,
				Headings:  above.texts,
				Text:      text,
				Sentences: sentencesOf(b.Kind, text),
			})
		}
	}
	return paragraphs
}

// sentencesOf cuts a paragraph by what it is: a full stop inside a row of a
// table or a line of code does not end a sentence, the row does.
func sentencesOf(kind, text string) []Span {
	if kind == "table" || kind == "code" {
		return lines(text)
	}
	return Sentences(text)
}

// A path is the chain of headings above a paragraph.
type path struct {
	levels []int
	texts  []string
}

// under returns the path below a new heading. The receiver's slices are left
// alone, since paragraphs hold them.
func (p path) under(level int, text string) path {
	keep := len(p.levels)
	for keep > 0 && p.levels[keep-1] >= level {
		keep--
	}
	return path{
		levels: append(p.levels[:keep:keep], level),
		texts:  append(p.texts[:keep:keep], strings.Join(strings.Fields(text), " ")),
	}
}

func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}
