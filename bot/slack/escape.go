package slack

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What documents, models and people say reaches Slack in three forms.
//
// Blocks carry it in rich_text elements, where a format, a link or a mention is
// an element of its own and text is only text: nothing there needs escaping, so
// quotes stay what they are, to the letter. The text beside the blocks is read
// as mrkdwn, and a stream as Markdown. Neither has a documented way to write
// every sign as itself (mrkdwn knows &amp; &lt; &gt; only, and what Slack makes
// of a backslash in Markdown is not said), so a sign that could format becomes
// its look-alike there, and one that could begin a link, an emoji or a mention is
// parted from what follows by joiner.

// joiner is U+2060, the word joiner: it has no look and allows no line break, and
// no address, name or emoji contains it.
const joiner = "\u2060"

// maxMarks is how many combining marks in a row are kept. Living languages need
// four; a tower of them paints over the lines around it.
const maxMarks = 8

// lookalikes stand in for the signs that format.
var lookalikes = map[rune]rune{
	'*': '∗', // U+2217 asterisk operator
	'_': 'ˍ', // U+02CD modifier letter low macron
	'~': '∼', // U+223C tilde operator
	'`': 'ˋ', // U+02CB modifier letter grave accent
}

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

var protocol = regexp.MustCompile(`(?i)\b(mailto|tel|sms|slack):`)

// inert parts what Slack might link, replace or address from what makes it so:
// addresses with and without a scheme, emoji codes, mentions, tags.
func inert(s string) string {
	s = protocol.ReplaceAllString(strings.ReplaceAll(s, "://", ":"+joiner+"//"), "$1"+joiner+":")
	var b strings.Builder
	before := ' '
	for i, r := range s {
		rest := s[i+utf8.RuneLen(r):]
		after := first(rest)
		switch word := unicode.IsLetter(after) || unicode.IsNumber(after); {
		case r == '.' && word && (unicode.IsLetter(before) || unicode.IsNumber(before)) && (unicode.IsLetter(before) || unicode.IsLetter(after)):
			b.WriteString(joiner + "." + joiner) // a domain; a number stays whole
		case r == ':' && isCode(rest),
			r == '@' || r == '＠',
			r == '#' && word && !unicode.IsLetter(before) && !unicode.IsNumber(before), // alaska-summit#8 is to be copied, and links nothing
			r == '<' && (unicode.IsLetter(after) || strings.ContainsRune("!@#/", after)):
			b.WriteRune(r)
			if rest != "" && after != ' ' {
				b.WriteString(joiner)
			}
		default:
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

// isCode reports whether what follows a colon makes it the beginning of an emoji
// code: no space up to the next colon.
func isCode(rest string) bool {
	end := strings.IndexFunc(rest, func(r rune) bool { return r == ':' || unicode.IsSpace(r) })
	return end > 0 && rest[end] == ':'
}

// first returns the first character of s, U+FFFD if there is none.
func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// unformatted puts look-alikes for the signs that format. Those between two
// letters or two spaces do nothing and stay, as in snake_case and 3 * 4; a
// backtick formats anywhere.
func unformatted(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	before := ' '
	for i, r := range s {
		c := r
		if other, ok := lookalikes[r]; ok {
			after := ' '
			if rest := s[i+utf8.RuneLen(r):]; rest != "" {
				after = first(rest)
			}
			inside := isWord(before) && isWord(after)
			alone := i > 0 && before == ' ' && after == ' '
			if r == '`' || !inside && !alone {
				c = other
			}
		}
		b.WriteRune(c)
		before = r
	}
	return b.String()
}

// isWord reports whether a sign of format beside r is inside a word. Only letters
// of ASCII are sure: scripts without spaces have no inside.
func isWord(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// mrkdwn returns s as mrkdwn in which nothing is live.
func mrkdwn(s string) string {
	lines := strings.Split(inert(unformatted(neutral(s))), "\n")
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimSpace(l), ">") { // would quote
			l = joiner + l
		}
		lines[i] = entities.Replace(l)
	}
	return strings.Join(lines, "\n")
}

// atStart parts what means a quote, a list, a heading or a definition at the start
// of a line of Markdown from what follows.
func atStart(l string) string {
	if l == "" {
		return l
	}
	switch l[0] {
	case '>', '-', '+', '#', '=', '[', '!', ':':
		return joiner + l[:1] + joiner + l[1:]
	}
	digits := strings.TrimLeft(l, "0123456789")
	if digits != l && digits != "" && (digits[0] == '.' || digits[0] == ')') {
		return l[:len(l)-len(digits)] + joiner + digits
	}
	return l
}

// brackets are what links and images are made of in Markdown, and what tables and
// escapes are. A backslash of its own would escape, so it becomes a look-alike.
var brackets = strings.NewReplacer("](", "]"+joiner+"(", "][", "]"+joiner+"[", "]:", "]"+joiner+":", "![", "!"+joiner+"[",
	"\\", "＼", "|", "∣")

// markdown returns s as a line of Markdown in which nothing is live.
func markdown(s string) string {
	// Unlike mrkdwn it emphasises inside words too.
	s = strings.Map(func(r rune) rune {
		if other, ok := lookalikes[r]; ok {
			return other
		}
		return r
	}, line(s))
	return entities.Replace(atStart(brackets.Replace(inert(s))))
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

// ownLink is a link as linked makes it: what others say has no angle brackets left.
var ownLink = regexp.MustCompile(`<(https?://[^|<>]+)\|([^<>]*)>`)

// bare returns mrkdwn with its links written out, for where no label is read.
func bare(text string) string { return ownLink.ReplaceAllString(text, "$2 ($1)") }

// linked returns a link of the program's own in mrkdwn. Within its label | and >
// would end it.
func linked(link, label string) string {
	label = strings.NewReplacer("|", "∣", ">", "›", "<", "‹").Replace(line(label))
	link = strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E").Replace(link)
	return "<" + entities.Replace(link) + "|" + mrkdwn(label) + ">"
}
