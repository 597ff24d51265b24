package terminal

import (
	"net/url"
	"strings"
)

// A style is a set of attributes. Text keeps the terminal's own colour, so
// that nothing vanishes on a light or a dark ground. The one accent is
// magenta: of the basic colours the one about as far from black as from white.
type style uint8

const (
	bold style = 1 << iota
	dim
	underline
	accent
	// marked are the cited words of a passage. Without colours they stand
	// between »…«.
	marked
)

// parameters are the SGR parameters of each attribute, in the order of the bits.
var parameters = [...]string{"1", "2", "4", "35", "1;4"}

// paint returns text in the style, switched off at its end.
func (s style) paint(text string) string {
	var on []string
	for i, p := range parameters {
		if s&(1<<i) != 0 {
			on = append(on, p)
		}
	}
	if len(on) == 0 {
		return text
	}
	return "\x1b[" + strings.Join(on, ";") + "m" + text + "\x1b[0m"
}

// hyperlink returns text as an OSC 8 link to target.
func hyperlink(target, text string) string {
	return "\x1b]8;;" + target + "\x1b\\" + text + "\x1b]8;;\x1b\\"
}

// webLink returns raw as a link that may stand inside an escape sequence:
// absolute, http or https, only printable ASCII. Anything else is "".
func webLink(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	link := u.String()
	if strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ""
	}
	return link
}

// A piece is text in one style.
type piece struct {
	text  string
	style style
	link  string // see webLink; "" is none
	whole bool   // never broken over two lines, nor parted from the word before
}

// plainMarks puts signs around the marked pieces, for where no style can.
func plainMarks(pieces []piece) []piece {
	out := make([]piece, 0, len(pieces))
	for _, p := range pieces {
		if p.style&marked != 0 && p.text != "" {
			p.text = "»" + p.text + "«"
		}
		out = append(out, p)
	}
	return out
}

// A run is a piece by its place in the joined text.
type run struct {
	span
	style style
	link  string
	whole bool
}

// join neutralises pieces and puts them together.
func join(pieces []piece) (string, []run) {
	var text strings.Builder
	runs := make([]run, 0, len(pieces))
	for _, p := range pieces {
		start := text.Len()
		text.WriteString(Neutralise(p.text))
		runs = append(runs, run{span{start, text.Len()}, p.style, p.link, p.whole})
	}
	return text.String(), runs
}

// unbreakable returns the spans of the runs that no line may break.
func unbreakable(runs []run) []span {
	var spans []span
	for _, r := range runs {
		if r.whole {
			spans = append(spans, r.span)
		}
	}
	return spans
}
