package web

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks in a row are kept. Living languages need
// four; a tower of them paints over the lines around it.
const maxMarks = 8

// neutral returns the text of a page without what reorders, annotates or hides text
// in it, and without control characters: each becomes U+FFFD. The templates have none
// of them, so all that it takes out comes from documents, models or people.
func neutral(page string) string {
	if !strings.ContainsFunc(page, suspicious) {
		return page
	}
	var b strings.Builder
	b.Grow(len(page))
	marks := 0
	for _, r := range page {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks <= maxMarks {
				b.WriteRune(r)
			}
			continue
		case r != '\n' && r != '\t' && r != '\r' && unicode.IsControl(r), deceptive(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
		marks = 0
	}
	return b.String()
}

func suspicious(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Mn, unicode.Me) || r != '\n' && unicode.IsControl(r) || deceptive(r)
}

// deceptive reports whether r changes how other text is shown, or smuggles text.
func deceptive(r rune) bool {
	switch {
	case r >= '\u202a' && r <= '\u202e', // bidirectional embeddings and overrides
		r >= '\u2066' && r <= '\u206f', // isolates, deprecated shaping controls
		r >= '\ufff9' && r <= '\ufffb', // interlinear annotation
		r >= 0xe0000 && r <= 0xe007f:   // tags, a hidden copy of ASCII
		return true
	}
	return false
}
