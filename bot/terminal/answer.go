package terminal

import (
	"cmp"
	"fmt"
	"strings"

	"summitbot/bot/answer"
	"summitbot/bot/phrase"
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
	r.rest(a, 0)
	return r.flush("answer")
}

// rest renders an answer of which some claims stand there already.
func (r *Renderer) rest(a answer.Answer, told int) {
	say := phrase.For(a.Language)
	switch a.Outcome {
	case answer.Answered:
		r.claims(a, told, say)
	case answer.Refused:
		r.refusal(a, say)
	default:
		r.failure(a)
	}
	r.account(a, say)
}

func (r *Renderer) claims(a answer.Answer, told int, say phrase.Catalogue) {
	sources := answer.Sources(a)
	for _, c := range a.Claims[min(told, len(a.Claims)):] {
		r.claim(c, sources)
	}
	r.blank()
	said := make(map[string]bool, len(a.Claims))
	for _, c := range a.Claims {
		said[flow(c.Text)] = true
		if c.Check == answer.Translated { // the original stands under the claim
			for _, quote := range c.Citations {
				said[flow(quote.Quote)] = true
			}
		}
	}
	indent := strings.Repeat(" ", len(fmt.Sprintf("[%d] ", len(sources))))
	for i, s := range sources {
		label := fmt.Sprintf("%-*s", len(indent), fmt.Sprintf("[%d]", i+1))
		first := s.Citations[0]
		r.block(r.paint(label, accent), indent,
			separated(place(first.Address, first.Heading, first.Title, webLink(first.URL)))...)
		for _, quote := range s.Quotes(flow) {
			// A claim of the offline answerer is its source sentence: nothing
			// is said twice.
			if !said[quote] {
				r.block(indent, indent, piece{text: `"` + quote + `"`})
			}
		}
	}
	if len(a.UnknownWords) > 0 {
		r.blank()
		r.unknown(say.NotInDocuments, a.UnknownWords)
	}
}

// claim writes one claim with the numbers of its sources.
func (r *Renderer) claim(c answer.Claim, sources []answer.Source) {
	r.block("", "",
		piece{text: flow(c.Text)},
		piece{text: markers(c, sources), style: accent, whole: true},
		piece{text: caveat(c), style: dim})
	if c.Check != answer.Translated {
		return
	}
	// Nobody checked the wording, so the original stands beside it.
	const indent = "    "
	for _, quote := range c.Citations {
		r.block(indent, indent, piece{text: `"` + flow(quote.Quote) + `"`, style: dim})
	}
}

// markers returns the numbers of a claim's sources, such as " [1][3]".
func markers(c answer.Claim, sources []answer.Source) string {
	var b strings.Builder
	for i, s := range sources {
		if s.Cites(c) {
			fmt.Fprintf(&b, "[%d]", i+1)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return " " + b.String()
}

// caveat says what a claim's check did not cover, or how its number came about.
func caveat(c answer.Claim) string {
	say := phrase.For(c.Language)
	switch c.Check {
	case answer.Derived:
		return " " + say.Computed(flow(c.Computed))
	case answer.Translated:
		return " (" + say.Text(phrase.Translated) + ")"
	}
	return ""
}

func (r *Renderer) refusal(a answer.Answer, say phrase.Catalogue) {
	r.block("", "", piece{text: say.Text(phrase.NotSaid), style: bold})
	r.unknown(say.NotInThem, a.UnknownWords)
	nearest := a.Nearest[:min(len(a.Nearest), maxNearest)]
	for i, n := range nearest {
		label := say.Text(phrase.Nearest) + " "
		if i > 0 {
			label = strings.Repeat(" ", columns(label))
		}
		quote := piece{text: `"` + flow(n.Text) + `"`}
		where := separated(append([]piece{quote}, named(n.Title, n.Address, "")...))
		sign := piece{text: paragraphSign(n.Address) + " ", style: bold}
		r.block(label, strings.Repeat(" ", columns(label)), append([]piece{sign}, where...)...)
	}
	if len(nearest) > 0 {
		r.block("", "", piece{text: say.NearMiss(len(nearest)), style: dim})
	}
}

// unknown names the question's words that occur in no document.
func (r *Renderer) unknown(say func(words string) string, words []string) {
	if len(words) == 0 {
		return
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + flow(w) + `"`
	}
	r.block("", "", piece{text: say(strings.Join(quoted, ", "))})
}

func (r *Renderer) failure(a answer.Answer) {
	text := flow(a.Error)
	if text == "" {
		text = noCause
	}
	r.block("", "", piece{text: text, style: bold})
}

// account writes how the answer was made: what people should know of it, the
// question as it was searched if that was not as asked, and one small line.
func (r *Renderer) account(a answer.Answer, say phrase.Catalogue) {
	if a.Outcome != answer.Failed {
		for _, text := range []string{a.Note, a.Error} {
			if text = flow(text); text != "" {
				r.blank()
				r.block("", "", piece{text: text})
			}
		}
	}
	searched, parts := flow(a.Account.Searched), accountParts(a, say)
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

func accountParts(a answer.Answer, say phrase.Catalogue) []string {
	var parts []string
	switch {
	case a.Outcome == answer.Failed:
	case a.Method == answer.LLM:
		if made := a.Account.Claims; made > 0 {
			parts = append(parts, say.Checked(a.Account.Shown, made))
		}
		parts = append(parts, cmp.Or(flow(a.Account.Model), say.Text(phrase.FromModel)))
	default:
		parts = append(parts, say.Text(phrase.FromDocuments))
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
