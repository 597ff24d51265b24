package web

import (
	"cmp"
	"fmt"
	"strings"

	"summitbot/bot/answer"
	"summitbot/bot/phrase"
)

// markdown writes an answer with its citations, to be pasted elsewhere. base is the
// address that its links begin with.
func markdown(a answer.Answer, base string) string {
	say := phrase.For(a.Language)
	var b strings.Builder
	sources := answer.Sources(a)
	switch a.Outcome {
	case answer.Answered:
		for _, c := range a.Claims {
			b.WriteString(plain(c.Text))
			for i, s := range sources {
				if s.Cites(c) {
					fmt.Fprintf(&b, " [%d]", i+1)
				}
			}
			if note := claimOf(c, nil, phrase.For(c.Language)).Note; note != "" {
				b.WriteString(" *" + plain(note) + "*")
			}
			b.WriteString("\n\n")
		}
		if len(a.UnknownWords) > 0 {
			b.WriteString(plain(say.NotInDocuments(quotedList(a.UnknownWords))) + "\n\n")
		}
	case answer.Refused:
		b.WriteString(plain(say.Text(phrase.NotSaid)) + "\n\n")
		if len(a.UnknownWords) > 0 {
			b.WriteString(plain(say.NotInThem(quotedList(a.UnknownWords))) + "\n\n")
		}
	default:
		fmt.Fprintf(&b, "%s\n\n", plain(cmp.Or(a.Error, say.Text(phrase.NoCause))))
	}
	for i, s := range sources {
		v := sourceOf(i+1, s)
		place := v.Sign
		if v.Heading != "" {
			place += " · " + v.Heading
		}
		fmt.Fprintf(&b, "\\[%d\\] [%s](<%s>), %s\n", v.Number, plain(place), base+v.Link, plain(v.Title))
		for _, q := range v.Quotes {
			fmt.Fprintf(&b, "> %s\n", plain(q))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s · [%s](<%s>)\n", plain(account(a, say)), a.ID, base+"/a/"+a.ID)
	return b.String()
}

// plain writes a text so that Markdown shows it as it is: on one line, and with each
// character that could mean something in front of a backslash (CommonMark 2.4).
func plain(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if strings.ContainsRune("\\`*_[]<>#|~$&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	out := b.String()
	// At a line's beginning these would make a list or a heading.
	if out != "" && strings.ContainsRune("-+=", rune(out[0])) {
		return "\\" + out
	}
	digits := strings.TrimLeft(out, "0123456789")
	if n := len(out) - len(digits); n > 0 && digits != "" && (digits[0] == '.' || digits[0] == ')') {
		return out[:n] + "\\" + digits
	}
	return out
}
