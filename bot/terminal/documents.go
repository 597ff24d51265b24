package terminal

import (
	"fmt"
	"slices"
	"strings"

	"summitbot/knowledge"
)

const (
	// columnGap parts the columns of a table.
	columnGap = 2
	// minTitle is the narrowest a title may get in a table before the
	// documents are listed one below the other.
	minTitle = 16
)

// Documents writes a table of documents: id, title, paragraphs, revision,
// collection and since when that revision is there (UTC). Where the table is
// wider than the terminal, each document gets lines of its own. Ids are never
// cut, so that they can be copied.
func (r *Renderer) Documents(docs []knowledge.Document) error {
	if len(docs) == 0 {
		r.block("", "", piece{text: "No documents."})
		return r.flush("documents")
	}
	if rows, widths, ok := r.table(docs); ok {
		for i, row := range rows {
			r.row(row, widths, i == 0)
		}
	} else {
		for _, d := range docs {
			r.document(d)
		}
	}
	total := 0
	for _, d := range docs {
		total += d.Paragraphs
	}
	r.blank()
	r.block("", "", joined([]string{count(len(docs), "document"), count(total, "paragraph")}, dim)...)
	return r.flush("documents")
}

// numeric is the column of the paragraphs, set flush right; title is the one
// that gives way.
const title, numeric = 1, 2

// table returns the head and the rows of docs and the columns' widths; !ok if
// they do not fit.
func (r *Renderer) table(docs []knowledge.Document) (rows [][]string, widths []int, ok bool) {
	rows = [][]string{{"ID", "TITLE", "¶", "REVISION", "COLLECTION", "SINCE"}}
	for _, d := range docs {
		rows = append(rows, []string{flow(d.ID), flow(d.Title), fmt.Sprint(d.Paragraphs),
			short(d.Revision.Digest), flow(d.Collection), day(d.Revision)})
	}
	if !slices.ContainsFunc(docs, func(d knowledge.Document) bool { return d.Collection != "" }) {
		for i, row := range rows {
			rows[i] = slices.Delete(row, 4, 5)
		}
	}
	widths = make([]int, len(rows[0]))
	used := columnGap * (len(widths) - 1)
	for col := range widths {
		for _, row := range rows {
			widths[col] = max(widths[col], columns(row[col]))
		}
		used += widths[col]
	}
	over := max(used-r.width, 0)
	wanted := widths[title]
	widths[title] -= over
	return rows, widths, over == 0 || widths[title] >= min(minTitle, wanted)
}

func (r *Renderer) row(cells []string, widths []int, head bool) {
	var b strings.Builder
	for i, cell := range cells {
		if i == numeric {
			b.WriteString(strings.Repeat(" ", widths[i]-columns(cell)) + cell)
		} else {
			b.WriteString(fit(cell, widths[i]))
		}
		b.WriteString(strings.Repeat(" ", columnGap))
	}
	text := strings.TrimRight(b.String(), " ")
	if head {
		text = r.paint(text, dim)
	}
	r.out.WriteString(text + "\n")
}

// document writes one document on lines of its own.
func (r *Renderer) document(d knowledge.Document) {
	r.block("", "", piece{text: flow(d.ID), style: bold, whole: true})
	const indent = "    "
	if t := flow(d.Title); t != "" && !strings.EqualFold(t, flow(d.ID)) {
		r.block(indent, indent, piece{text: t, link: webLink(d.URL)})
	}
	var parts []string
	for _, p := range []string{count(d.Paragraphs, "paragraph"), short(d.Revision.Digest), flow(d.Collection), day(d.Revision)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	r.block(indent, indent, joined(parts, dim)...)
}

// day returns the day of a revision, UTC, or "" if it is not known.
func day(rev knowledge.Revision) string {
	if rev.Time.IsZero() {
		return ""
	}
	return rev.Time.UTC().Format("2006-01-02")
}
