package discord

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What documents, models and people say is shown as Discord's Markdown, in
// contents and in embeds. There a backslash before any sign makes it a sign, and
// is not seen itself, so text stays what it is to the letter. It parts what is
// found by its spelling too: an address has "\://" in it, an invitation "\.".
//
// Only a mention of everybody needs more. The server looks for "@everyone" in the
// raw text, and a backslash can stand before that but not in it: before a letter
// it would be seen. So joiner stands there.

// joiner is U+2060, the word joiner: it has no look and allows no line break.
const joiner = "\u2060"

// maxMarks is how many combining marks in a row are kept. Living languages need
// four; a tower of them paints over the lines around it.
const maxMarks = 8

// neutral returns s as valid UTF-8 without control characters but the line feed,
// and without what reorders, annotates or hides text: such a character becomes
// U+FFFD, one without look or effect is dropped.
func neutral(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	marks := 0
	for i, r := range s {
		if unicode.In(r, unicode.Mn, unicode.Me) {
			if marks++; marks <= maxMarks {
				b.WriteRune(r)
			}
			continue
		}
		switch {
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"), unseen(r):
			continue
		case r == '\t':
			b.WriteByte(' ')
		case r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			b.WriteByte('\n')
		case r != '\n' && unicode.IsControl(r), deceptive(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
		marks = 0
	}
	return b.String()
}

// unseen reports whether r has neither look nor effect: soft hyphen, zero-width
// space, word joiner and its kin, byte order mark. The joiners that scripts and
// emoji need stay.
func unseen(r rune) bool {
	return r == '\u00ad' || r == '\u200b' || r >= '\u2060' && r <= '\u2064' || r == '\ufeff'
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

// line returns s as one running line.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(neutral(s), func(r rune) bool { return r == ' ' || r == '\n' }), " ")
}

// escape returns s, which is neutral, as Markdown in which nothing is live,
// wherever in a line it stands.
func escape(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	before := ' '
	start, number := true, false // nothing but spaces, or but digits, stands before in this line
	for i, r := range s {
		rest := s[i+utf8.RuneLen(r):]
		after := first(rest)
		switch r {
		case '\\', '*', '_', '~', '`', '|', '[', ']', '<', ':':
			// A colon begins emoji, and is in addresses, timestamps and commands. Most
			// do nothing, but a backslash costs little. At the end another piece follows.
			if r != ':' || after != ' ' {
				b.WriteByte('\\')
			}
		case '@':
			b.WriteByte('\\')
		case '/':
			if before == '<' { // a command
				b.WriteByte('\\')
			}
		case '>', '#', '-', '+':
			if start || before == '<' { // <#1> is a channel
				b.WriteByte('\\')
			}
		case '.', ')':
			if number || isWord(after) { // a list, or a domain
				b.WriteByte('\\')
			}
		}
		b.WriteRune(r)
		if r == '@' {
			b.WriteString(joiner)
		}
		switch {
		case r == '\n':
			start, number = true, false
		case start && r >= '0' && r <= '9', number && r >= '0' && r <= '9':
			start, number = false, true
		case start && unicode.IsSpace(r):
		default:
			start, number = false, false
		}
		before = r
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) && r != utf8.RuneError }

// first returns the first character of s, U+FFFD if there is none.
func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// webLink returns raw as a link, or "" if it is none that may be followed:
// absolute, http or https, without credentials, only printable ASCII.
func webLink(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	link := u.String()
	if len(link) > maxURL || strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ""
	}
	return link
}

// inBrackets are what would end a masked link, or its address, early.
var inBrackets = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "\\", "%5C")

// linked returns a masked link of the program's own. The angle brackets keep
// Discord from showing a preview below; the flag that does so hides the
// program's own embeds too.
func linked(link, label string) string {
	return "[" + escape(label) + "](<" + inBrackets.Replace(link) + ">)"
}
