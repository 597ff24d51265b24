// Package terminal shows answers, search hits, passages and lists of documents
// in a terminal, and holds the conversation there. It renders and decides
// nothing: what is shown, in which order, was settled before it came here.
//
// Invariants. No byte of a document, a question or an error reaches the screen
// but through Neutralise, so no text can move the cursor, hide itself or speak
// to the terminal. The only escape sequences written are this package's own,
// and none of them is open at the end of a line. A line never ends in a space
// and never exceeds the width, except where one unbreakable thing (an address,
// a wide character) is wider.
package terminal

import (
	"fmt"
	"io"
	"strings"
)

const (
	// defaultWidth stands in where the terminal's is unknown.
	defaultWidth = 80
	// maxWidth keeps lines readable on wide terminals: long lines lose the eye.
	maxWidth = 88
	// minWidth is where wrapping stops to follow the terminal, which then
	// breaks lines itself.
	minWidth = 20
)

// Options say what the terminal can show. The zero value is plain text, 80
// columns wide.
type Options struct {
	Width      int  // columns; 0 means unknown
	Color      bool // bold, dim, underline and one colour
	Hyperlinks bool // OSC 8 links; only used together with Color
}

// A Renderer writes what people see. Each of its methods writes once, whole
// lines only, with no blank line before or after. It is not safe for
// concurrent use.
type Renderer struct {
	w     io.Writer
	width int
	color bool
	links bool
	out   strings.Builder
}

// NewRenderer returns a renderer onto w.
func NewRenderer(w io.Writer, opts Options) *Renderer {
	width := opts.Width
	if width <= 0 {
		width = defaultWidth
	}
	return &Renderer{
		w:     w,
		width: min(max(width, minWidth), maxWidth),
		color: opts.Color,
		links: opts.Color && opts.Hyperlinks,
	}
}

// Note writes one remark of the program itself, such as "The conversation is
// forgotten."
func (r *Renderer) Note(text string) error {
	r.block("", "", piece{text: text})
	return r.flush("note")
}

// flush writes what was rendered since the last flush; what names it in an error.
func (r *Renderer) flush(what string) error {
	_, err := io.WriteString(r.w, r.out.String())
	r.out.Reset()
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}

// blank ends one part of what is rendered.
func (r *Renderer) blank() { r.out.WriteByte('\n') }

// block renders pieces as one text, wrapped, behind indent. The label stands in
// the first line's indent: it is this package's own, painted, and as wide.
func (r *Renderer) block(label, indent string, pieces ...piece) {
	if !r.color {
		pieces = plainMarks(pieces)
	}
	text, runs := join(pieces)
	for i, line := range wrap(text, max(r.width-columns(indent), minWidth/2), unbreakable(runs)) {
		before := indent
		if i == 0 {
			before = label
		}
		if line.Start == line.End {
			before = strings.TrimRight(before, " ")
		}
		r.out.WriteString(before)
		r.line(text, line, runs)
		r.out.WriteByte('\n')
	}
}

// paint returns text of this package's own in a style, if there are colours.
func (r *Renderer) paint(text string, s style) string {
	if !r.color {
		return text
	}
	return s.paint(text)
}

// line renders one line of text in the styles of its runs; neighbours of one
// look are painted together.
func (r *Renderer) line(text string, line span, runs []run) {
	for i := 0; i < len(runs); {
		same, look := runs[i].span, runs[i]
		for i++; i < len(runs) && runs[i].style == look.style && runs[i].link == look.link; i++ {
			same.End = runs[i].End
		}
		part := same.intersect(line)
		if part.Start >= part.End {
			continue
		}
		words := text[part.Start:part.End]
		if r.links && look.link != "" {
			words = hyperlink(look.link, words)
		}
		r.out.WriteString(r.paint(words, look.style))
	}
}
