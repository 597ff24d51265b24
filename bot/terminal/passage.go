package terminal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"summitbot/knowledge"
)

// shortDigest is how much of a revision's digest is shown: 32 bits tell the
// revisions of one document apart.
const shortDigest = 8

// Passage writes paragraphs of doc as they stand one after the other, with
// their headings. The one numbered focus is full and its marks, spans of its
// text, are emphasised; its neighbours are dimmed. revision is the digest of
// the revision that the paragraphs are of, "" meaning the current one.
func (r *Renderer) Passage(doc knowledge.Document, revision string, paragraphs []knowledge.Paragraph, focus int, marks []knowledge.Span) error {
	current := doc.Revision.Digest
	older := revision != "" && revision != current
	addr := knowledge.Address{Document: doc.ID, Paragraph: focus}
	parts := named(doc.Title, addr.String(), webLink(doc.URL))
	parts[0].style = bold
	if digest := cmp.Or(revision, current); digest != "" {
		parts = append(parts, piece{text: "revision " + short(digest), style: dim, whole: true})
	}
	r.block("", "", separated(parts)...)
	if older {
		r.block("", "", piece{text: "The document has changed since: this is its text as it was cited."})
	}

	var above []string // the headings that the paragraph before stands under
	gutter := gutterWidth(paragraphs)
	indent := strings.Repeat(" ", gutter)
	for _, p := range paragraphs {
		r.blank()
		for level, h := range p.Headings {
			if level >= len(above) || !slices.Equal(p.Headings[:level+1], above[:level+1]) {
				r.block(indent, indent, piece{text: flow(h), style: bold | dimUnless(p.Number == focus)})
			}
		}
		above = p.Headings
		sign, look := " ", dim
		if p.Number == focus {
			sign, look = ">", accent
		}
		label := r.paint(fit(fmt.Sprintf("%s ¶%d", sign, p.Number), gutter), look)
		if p.Number == focus {
			r.block(label, indent, emphasise(p, marks)...)
		} else {
			r.block(label, indent, piece{text: layout(p.Kind, p.Text), style: dim})
		}
	}
	return r.flush("passage")
}

func dimUnless(lit bool) style {
	if lit {
		return 0
	}
	return dim
}

// gutterWidth returns the columns of the widest paragraph label, with space around.
func gutterWidth(paragraphs []knowledge.Paragraph) int {
	widest := 0
	for _, p := range paragraphs {
		widest = max(widest, len(fmt.Sprint(p.Number)))
	}
	return len("> ") + columns("¶") + widest + len("  ")
}

// emphasise cuts a paragraph's text at the borders of its marks.
func emphasise(p knowledge.Paragraph, marks []knowledge.Span) []piece {
	marks = slices.Clone(marks)
	slices.SortFunc(marks, func(a, b knowledge.Span) int { return cmp.Compare(a.Start, b.Start) })
	var pieces []piece
	at := 0
	for _, m := range marks {
		m = within(p.Text, m)
		m.Start = max(m.Start, at)
		if m.Start >= m.End {
			continue
		}
		pieces = append(pieces,
			piece{text: layout(p.Kind, p.Text[at:m.Start])},
			piece{text: layout(p.Kind, p.Text[m.Start:m.End]), style: marked})
		at = m.End
	}
	return append(pieces, piece{text: layout(p.Kind, p.Text[at:])})
}

// layout returns text with the line feeds that its kind of paragraph means: a
// list, a table and code have lines of their own, prose does not.
func layout(kind knowledge.Kind, text string) string {
	switch kind {
	case knowledge.List, knowledge.Table, knowledge.Code:
		return text
	}
	return strings.NewReplacer("\r\n", " ", "\n", " ").Replace(text)
}

// within returns s moved to lie in text, between whole characters. A span that
// came from elsewhere than text's own revision must not break the page.
func within(text string, s knowledge.Span) knowledge.Span {
	clamp := func(i int) int {
		i = min(max(i, 0), len(text))
		for i > 0 && i < len(text) && !utf8.RuneStart(text[i]) {
			i--
		}
		return i
	}
	start := clamp(s.Start)
	return knowledge.Span{Start: start, End: max(start, clamp(s.End))}
}

// short returns the first characters of a digest.
func short(digest string) string { return fmt.Sprintf("%.*s", shortDigest, flow(digest)) }
