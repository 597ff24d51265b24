package terminal

import (
	"fmt"
	"strings"

	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

// Hits writes what a search found, best first, each with its score and its
// best sentence; with explain also the addends of the score.
func (r *Renderer) Hits(result knowledge.Result, explain bool) error {
	if len(result.Hits) == 0 {
		r.block("", "", piece{text: "Nothing found.", style: bold})
	}
	rank := len(fmt.Sprint(len(result.Hits)))
	score := 0
	for _, h := range result.Hits {
		score = max(score, len(fmt.Sprintf("%.2f", h.Score)))
	}
	indent := strings.Repeat(" ", rank+2+score+2)
	for i, h := range result.Hits {
		label := r.paint(fmt.Sprintf("%*d  ", rank, i+1), accent) + r.paint(fmt.Sprintf("%*.2f  ", score, h.Score), dim)
		r.block(label, indent, separated(place(
			h.Address().String(), h.Paragraph.Heading(), h.Document.Title, webLink(h.Document.URL)))...)
		r.block(indent, indent, piece{text: `"` + flow(bestSentence(h)) + `"`})
		if explain && len(h.Explanation) > 0 {
			r.block(indent, indent, joined(terms(h), dim)...)
		}
	}
	if len(result.Hits) > 0 {
		r.blank()
	}
	r.unknown(phrase.For("").NotInThem, result.Unknown)
	if len(result.Hits) > 0 {
		r.block("", "", joined([]string{
			count(len(result.Hits), "paragraph"),
			fmt.Sprintf("confidence %.2f", result.Confidence),
		}, dim)...)
	}
	return r.flush("hits")
}

// terms returns the addends of a hit's score, such as "bm25f 5.10".
func terms(h knowledge.Hit) []string {
	out := make([]string, len(h.Explanation))
	for i, t := range h.Explanation {
		out[i] = fmt.Sprintf("%s %.2f", flow(t.Name), t.Value)
	}
	return out
}

// bestSentence returns the hit's sentence of the highest score, the first of
// several, or the whole paragraph if its sentences were not scored.
func bestSentence(h knowledge.Hit) string {
	best := -1
	for i := range min(len(h.Sentences), len(h.Paragraph.Sentences)) {
		if best < 0 || h.Sentences[i] > h.Sentences[best] {
			best = i
		}
	}
	if best < 0 {
		return h.Paragraph.Text
	}
	s := within(h.Paragraph.Text, h.Paragraph.Sentences[best])
	return h.Paragraph.Text[s.Start:s.End]
}
