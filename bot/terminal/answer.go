package terminal

import (
	"fmt"
	"strings"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// maxNearest is how many near misses a refusal shows: more would read as an answer.
const maxNearest = 3

// noCause stands in for a failure that does not say what happened.
const noCause = "No answer was made, and its cause was not recorded. Nothing that is stored has changed. Ask again."

// Answer writes a finished answer: the claims with the numbers of their
// sources, the sources, and the account of how it was made; or the refusal; or
// the failure.
func (r *Renderer) Answer(a answer.Answer) error {
	switch a.Outcome {
	case answer.Answered:
		r.claims(a)
	case answer.Refused:
		r.refusal(a)
	default:
		r.failure(a)
	}
	r.account(a)
	return r.flush("answer")
}

func (r *Renderer) claims(a answer.Answer) {
	sources := Sources(a)
	for _, c := range a.Claims {
		r.block("", "",
			piece{text: flow(c.Text)},
			piece{text: markers(c, sources), style: accent, whole: true},
			piece{text: caveat(c.Check), style: dim})
	}
	r.blank()
	said := make(map[string]bool, len(a.Claims))
	for _, c := range a.Claims {
		said[flow(c.Text)] = true
	}
	indent := strings.Repeat(" ", len(fmt.Sprintf("[%d] ", len(sources))))
	for i, s := range sources {
		label := fmt.Sprintf("%-*s", len(indent), fmt.Sprintf("[%d]", i+1))
		first := s.Citations[0]
		r.block(r.paint(label, accent), indent,
			separated(place(first.Address, first.Heading, first.Title, webLink(first.URL)))...)
		for _, quote := range s.quotes() {
			// A claim of the offline answerer is its source sentence: it is
			// not said twice.
			if !said[quote] {
				r.block(indent, indent, piece{text: `"` + quote + `"`})
			}
		}
	}
	if len(a.UnknownWords) > 0 {
		r.blank()
		r.unknown("Not in the documents", a.UnknownWords)
	}
}

// markers returns the numbers of a claim's sources, such as " [1][3]".
func markers(c answer.Claim, sources []Source) string {
	var b strings.Builder
	for i, s := range sources {
		if s.cites(c) {
			fmt.Fprintf(&b, "[%d]", i+1)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return " " + b.String()
}

// caveat says what a claim's check did not cover.
func caveat(c answer.Check) string {
	switch c {
	case answer.Derived:
		return " (computed)"
	case answer.Translated:
		return " (translated: only names and numbers were checked)"
	}
	return ""
}

func (r *Renderer) refusal(a answer.Answer) {
	r.block("", "", piece{text: "The documents do not say.", style: bold})
	r.unknown("Not in them", a.UnknownWords)
	nearest := a.Nearest[:min(len(a.Nearest), maxNearest)]
	for i, n := range nearest {
		label := "Nearest: "
		if i > 0 {
			label = strings.Repeat(" ", len(label))
		}
		quote := piece{text: `"` + flow(n.Text) + `"`}
		where := separated(append([]piece{quote}, named(n.Title, n.Address, "")...))
		sign := piece{text: paragraphSign(n.Address) + " ", style: bold}
		r.block(label, strings.Repeat(" ", len(label)), append([]piece{sign}, where...)...)
	}
	switch len(nearest) {
	case 0:
	case 1:
		r.block("", "", piece{text: "A near miss: it does not answer the question.", style: dim})
	default:
		r.block("", "", piece{text: "Near misses: none of them answers the question.", style: dim})
	}
}

// unknown names the question's words that occur in no document.
func (r *Renderer) unknown(label string, words []string) {
	if len(words) == 0 {
		return
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + flow(w) + `"`
	}
	r.block("", "", piece{text: label + ": " + strings.Join(quoted, ", ") + "."})
}

func (r *Renderer) failure(a answer.Answer) {
	text := flow(a.Error)
	if text == "" {
		text = noCause
	}
	r.block("", "", piece{text: text, style: bold})
}

// account writes how the answer was made: why no model did if one should have,
// the question as it was searched if that was not as asked, and one small line.
func (r *Renderer) account(a answer.Answer) {
	if reason := flow(a.Error); a.Fallback && a.Outcome != answer.Failed && reason != "" {
		r.blank()
		r.block("", "", piece{text: reason})
	}
	searched, parts := flow(a.Account.Searched), accountParts(a)
	if searched != "" || len(parts) > 0 {
		r.blank()
	}
	if searched != "" {
		r.block("", "", piece{text: `searched for "` + searched + `"`, style: dim})
	}
	if len(parts) > 0 {
		r.block("", "", joined(parts, dim)...)
	}
}

func accountParts(a answer.Answer) []string {
	var parts []string
	switch {
	case a.Outcome == answer.Failed:
	case a.Method == answer.LLM:
		parts = append(parts, "with a model")
		if made := a.Account.Claims; made > 0 {
			parts = append(parts, fmt.Sprintf("%d of %s checked", a.Account.Shown, count(made, "claim")))
		}
	default:
		parts = append(parts, "from the documents, no model")
	}
	if a.Account.Millis > 0 {
		parts = append(parts, duration(a.Account.Millis))
	}
	if a.ID != "" {
		parts = append(parts, flow(a.ID))
	}
	return parts
}

// duration writes milliseconds the way people say them.
func duration(millis float64) string {
	switch {
	case millis < 1:
		return "under 1 ms"
	case millis < 999.5:
		return fmt.Sprintf("%.0f ms", millis)
	}
	return fmt.Sprintf("%.1f s", millis/1000)
}

// count returns "1 claim" or "2 claims".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// place says where a paragraph stands: its number, heading, title and the
// address that `summitbot show` takes. Its first part is never missing.
func place(address, heading, title, link string) []piece {
	parts := []piece{{text: paragraphSign(address), style: bold}}
	if heading = flow(heading); heading != "" {
		parts = append(parts, piece{text: heading})
	}
	return append(parts, named(title, address, link)...)
}

// named returns a title and an address, linked. A title that only repeats the
// document's id is left out, because the address says it.
func named(title, address, link string) []piece {
	title, address = flow(title), flow(address)
	id, _, _ := strings.Cut(address, "#")
	var parts []piece
	if title != "" && !strings.EqualFold(title, id) {
		parts = append(parts, piece{text: title, link: link})
		link = ""
	}
	if address != "" {
		parts = append(parts, piece{text: address, style: dim, link: link, whole: true})
	}
	return parts
}

// paragraphSign returns "¶8" for the address "alaska-summit#8".
func paragraphSign(address string) string {
	a, err := knowledge.ParseAddress(address)
	if err != nil {
		return "¶?" // the address itself is shown beside it
	}
	return fmt.Sprintf("¶%d", a.Paragraph)
}

// separated puts a middle dot between parts.
func separated(parts []piece) []piece {
	var out []piece
	for i, p := range parts {
		if i > 0 {
			out = append(out, piece{text: " ·", style: dim, whole: true}, piece{text: " ", style: dim})
		}
		out = append(out, p)
	}
	return out
}

// joined is separated over unbroken texts in one style.
func joined(texts []string, s style) []piece {
	parts := make([]piece, len(texts))
	for i, t := range texts {
		parts[i] = piece{text: t, style: s, whole: true}
	}
	return separated(parts)
}
