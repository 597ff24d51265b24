package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// tabWidth is how many spaces a tabulator becomes: where it would stand
	// after an indent, no stop fits.
	tabWidth = 4
	// maxMarks is how many combining marks in a row are kept. Living
	// languages need four; a tower of them paints over the lines around it.
	maxMarks = 8
)

// Neutralise returns s such that a terminal shows it and does nothing else:
// valid UTF-8 in which the only control character is the line feed. Control
// characters become their pictures (ESC is ␛), tabulators spaces. Characters
// that reorder, annotate or carry unseen text become U+FFFD, those that
// merely have no look are dropped. It is idempotent and leaves letters as
// they are.
func Neutralise(s string) string {
	if harmless(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	marks := 0
	for i, r := range s {
		switch {
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"), invisible(r):
			continue // the line feed follows; the unseen leaves nothing behind
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks <= maxMarks {
				b.WriteRune(r)
			}
			continue
		}
		marks = 0
		switch {
		case r == '\t':
			b.WriteString(strings.Repeat(" ", tabWidth))
		case r == '\u2028' || r == '\u2029':
			b.WriteByte('\n')
		case r < ' ' && r != '\n':
			b.WriteRune('␀' + r)
		case r == 0x7f:
			b.WriteRune('␡')
		case r >= 0x80 && r <= 0x9f, deceptive(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r) // a byte that is no UTF-8 comes out of range as U+FFFD
		}
	}
	return b.String()
}

// harmless reports whether s is printable ASCII, as most text is.
func harmless(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < ' ' && c != '\n') || c > '~' {
			return false
		}
	}
	return true
}

// deceptive reports whether r changes how other text is shown or smuggles text
// that is not. The left-to-right and right-to-left marks stay: they cannot
// override a letter's direction, and Hebrew and Arabic need them.
func deceptive(r rune) bool {
	switch {
	case r >= '\u202a' && r <= '\u202e', // bidirectional embeddings and overrides
		r >= '\u2066' && r <= '\u2069', // isolates
		r >= '\u206a' && r <= '\u206f', // deprecated shaping controls
		r >= '\ufff9' && r <= '\ufffb', // interlinear annotation
		r >= 0xe0000 && r <= 0xe007f:   // tags, a hidden copy of ASCII
		return true
	}
	return false
}

// invisible reports whether r has neither look nor effect in a terminal that
// wraps no lines of ours: soft hyphen, word joiner and its kin, byte order mark.
func invisible(r rune) bool {
	return r == '\u00ad' || r >= '\u2060' && r <= '\u2064' || r == '\ufeff'
}

// flow returns s as one running line: line feeds and runs of spaces become one
// space. No-break spaces stay.
func flow(s string) string {
	return strings.Join(strings.FieldsFunc(Neutralise(s), func(r rune) bool { return r == ' ' || r == '\n' }), " ")
}
