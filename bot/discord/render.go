package discord

import (
	"strings"
)

// A renderer makes what people see of what was answered. Its methods are pure.
type renderer struct {
	public  string // web.public_url without a slash at its end; "" means no links to pages
	command string // the slash command, as in "/summit"
}

func newRenderer(public, command string) renderer {
	return renderer{strings.TrimRight(webLink(public), "/"), command}
}

// A look is how a piece is shown.
type look int

const (
	ordinary look = iota
	strong
	slanted
)

// A piece is text in one look. What comes from elsewhere passes line or neutral
// before it becomes one.
type piece struct {
	text string
	look look
	link string // "" is none
	user string // a mention of that user, instead of text
}

// A form is what a row is.
type form int

const (
	body  form = iota
	quote      // belongs to the row above
	small
)

// A row is what begins on a line of its own.
type row struct {
	form   form
	pieces []piece
	apart  bool // a blank line stands above
}

func rowOf(pieces ...piece) row { return row{form: body, pieces: pieces} }

// said is a row of the program's own words.
func said(text string) row { return rowOf(piece{text: text}) }

// quoted is a row of words that are not the program's, under the row above.
func quoted(text string) row { return row{form: quote, pieces: []piece{{text: text}}} }

func smallRow(texts ...string) row {
	var pieces []piece
	for _, t := range texts {
		pieces = append(pieces, piece{text: t})
	}
	return row{form: small, pieces: separated(pieces)}
}

// separated puts a middle dot between pieces.
func separated(pieces []piece) []piece {
	var out []piece
	for i, p := range pieces {
		if i > 0 {
			out = append(out, piece{text: " · "})
		}
		out = append(out, p)
	}
	return out
}

// plain returns pieces as text that is not read as Markdown, such as a footer's.
func plain(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

// empty reports whether the row shows nothing.
func (r row) empty() bool {
	for _, p := range r.pieces {
		if strings.TrimSpace(p.text) != "" || p.user != "" {
			return false
		}
	}
	return true
}

// with returns r with one piece more.
func (r row) with(p piece) row {
	r.pieces = append(r.pieces[:len(r.pieces):len(r.pieces)], p)
	return r
}

// markdown returns the row as Markdown in which only its own format lives.
func (r row) markdown() string {
	var b, run strings.Builder // text is escaped in one go: signs at the border of two pieces are neighbours
	now := ordinary
	flush := func() {
		b.WriteString(formatted(run.String(), now))
		run.Reset()
	}
	for _, p := range r.pieces {
		live := p.user != "" || p.link != "" && line(p.text) != ""
		if live || p.look != now {
			flush()
			now = p.look
		}
		switch {
		case p.user != "":
			b.WriteString("<@" + p.user + ">")
		case live:
			b.WriteString(linked(p.link, line(p.text)))
		default:
			run.WriteString(p.text)
		}
	}
	flush()
	text := strings.TrimSpace(b.String())
	if text == "" {
		return ""
	}
	switch r.form {
	case quote:
		return "> " + strings.ReplaceAll(text, "\n", "\n> ")
	case small:
		return "-# " + strings.ReplaceAll(text, "\n", "\n-# ")
	}
	return text
}

// formatted returns text in a look, line by line, the spaces around it outside.
func formatted(s string, l look) string {
	sign := map[look]string{strong: "**", slanted: "*"}[l]
	if sign == "" {
		return escape(s)
	}
	lines := strings.Split(s, "\n")
	for i, t := range lines {
		core := strings.TrimSpace(t)
		if core == "" {
			continue
		}
		at := strings.Index(t, core)
		lines[i] = t[:at] + sign + escape(core) + sign + t[at+len(core):]
	}
	return strings.Join(lines, "\n")
}

// textOf returns rows as Markdown.
func textOf(rows []row) string {
	var lines []string
	for _, r := range rows {
		if t := r.markdown(); t != "" {
			if r.apart && len(lines) > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, t)
		}
	}
	return strings.Join(lines, "\n")
}
