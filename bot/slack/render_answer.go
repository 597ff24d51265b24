package slack

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

// maxNearest is how many near misses a refusal shows: more would read as an answer.
const maxNearest = 3

// A frame is what is around an answer where it is shown.
type frame struct {
	question string // shown above; "" if it stands there already
	by       string // the user who shares it; "" if nobody does
	private  bool   // one person alone sees it, who may share it
	key      string // of the question, to ask it again if it failed; "" offers nothing
}

// answer shows a finished answer: the claims with the numbers of their sources,
// the sources, and how it was made; or the refusal; or the failure. It is parted
// between claims if it is too long for one message, and then each part has the
// sources of its own claims, by the numbers that they have in the whole.
func (r renderer) answer(a answer.Answer, f frame) []message {
	say := phrase.For(a.Language)
	var head []row
	switch question := line(f.question); {
	case f.by != "" && question != "":
		head = []row{rowOf(piece{user: f.by}, piece{text: ": "}, piece{text: question, look: strong})}
	case f.by != "":
		head = []row{rowOf(piece{user: f.by})}
	case question != "":
		head = []row{rowOf(piece{text: question, look: strong})}
	}
	var groups [][]row
	switch a.Outcome {
	case answer.Answered:
		groups = r.claims(head, a, answer.Sources(a))
	case answer.Refused:
		groups = [][]row{append(head, refusal(a, say)...)}
	default:
		text := cmp.Or(line(a.Error), say.Text(phrase.NoCause))
		groups = [][]row{append(head, rowOf(piece{text: text, look: strong}))}
	}
	return messagesOf(append(groups, r.foot(a, say)), say.Text(phrase.Continued), r.buttons(a, f, say)...)
}

// closing shows what belongs under the claims of an answer that were streamed. If
// the answer is one message, so is this.
func (r renderer) closing(a answer.Answer) message {
	say := phrase.For(a.Language)
	rows := append(r.cited(a.Claims, a.Claims, answer.Sources(a)), r.foot(a, say)...)
	return messageOf(rows, r.buttons(a, frame{}, say)...)
}

// claims returns the claims in groups that make a message each, as far as they
// can: as many claims in a row as fit together with their sources.
func (r renderer) claims(head []row, a answer.Answer, sources []answer.Source) [][]row {
	var groups [][]row
	rows := func(from, to int) []row {
		var out []row
		if from == 0 {
			out = append(out, head...)
		}
		for _, c := range a.Claims[from:to] {
			out = append(out, r.claim(c, sources)...)
		}
		return append(out, r.cited(a.Claims[from:to], a.Claims[from:to], sources)...)
	}
	from := 0
	for to := 1; to <= len(a.Claims); to++ {
		if to == len(a.Claims) || !fits(rows(from, to+1)) {
			groups = append(groups, rows(from, to))
			from = to
		}
	}
	return groups
}

// claim returns one claim with the numbers of its sources and what its check did
// not cover.
func (r renderer) claim(c answer.Claim, sources []answer.Source) []row {
	pieces := []piece{{text: line(c.Text)}, {text: " "}}
	for i, s := range sources {
		if s.Cites(c) {
			pieces = append(pieces, piece{text: fmt.Sprintf("[%d]", i+1), link: r.page(s.Address)})
		}
	}
	rows := []row{rowOf(append(pieces, piece{text: caveat(c), look: slanted})...)}
	if c.Check == answer.Translated { // nobody checked the wording, so the original stands beside it
		for _, s := range c.Citations {
			rows = append(rows, quoted(line(s.Quote)))
		}
	}
	return rows
}

// caveat says what a claim's check did not cover, or how its number came about.
func caveat(c answer.Claim) string {
	say := phrase.For(c.Language)
	switch c.Check {
	case answer.Derived:
		return " " + say.Computed(line(c.Computed))
	case answer.Translated:
		return " (" + say.Text(phrase.Translated) + ")"
	}
	return ""
}

// cited returns the paragraphs that claims cite, each with its quotes. A quote
// that beside says already, word for word, is not said twice.
func (r renderer) cited(claims, beside []answer.Claim, sources []answer.Source) []row {
	said := map[string]bool{}
	for _, c := range beside {
		said[line(c.Text)] = true
		if c.Check == answer.Translated {
			for _, s := range c.Citations {
				said[line(s.Quote)] = true
			}
		}
	}
	var rows []row
	for i, s := range sources {
		// Only what these claims cite of it: the rest is in another part.
		var own answer.Source
		for _, c := range claims {
			for _, citation := range c.Citations {
				if s.Holds(citation) {
					own.Citations = append(own.Citations, citation)
				}
			}
		}
		if len(own.Citations) == 0 {
			continue
		}
		head := rowOf(append([]piece{{text: fmt.Sprintf("[%d] ", i+1), look: strong}}, r.place(s.Citations[0])...)...)
		head.apart = len(rows) == 0
		rows = append(rows, head)
		for _, q := range own.Quotes(line) {
			if !said[q] {
				rows = append(rows, quoted(q))
			}
		}
	}
	return rows
}

// place says where a citation stands: number, heading, title and the address
// that the command shows.
func (r renderer) place(c answer.Citation) []piece {
	parts := []piece{{text: paragraphSign(c.Address), look: strong}}
	if heading := line(c.Heading); heading != "" {
		parts = append(parts, piece{text: heading})
	}
	return separated(append(parts, r.named(c.Title, c.Address)...))
}

// named returns a title and an address, the first of them linked to the page of
// the paragraph if there are pages. A document's own address is no link: it comes
// from outside, and nobody knows what stands there now. A title that only repeats
// the document's id is left out, because the address says it.
func (r renderer) named(title, address string) []piece {
	link := r.page(address)
	title, address = line(title), line(address)
	id, _, _ := strings.Cut(address, "#")
	var parts []piece
	if title != "" && !strings.EqualFold(title, id) {
		parts = append(parts, piece{text: title, link: link})
		link = ""
	}
	if address != "" {
		parts = append(parts, piece{text: address, link: link})
	}
	return parts
}

// page returns the address of a paragraph's page, or "".
func (r renderer) page(address string) string {
	a, err := knowledge.ParseAddress(address)
	page := r.below("/d/", a.Document)
	if err != nil || page == "" {
		return ""
	}
	if a.Paragraph > firstPage { // what stands behind a # does not reach the server
		page += fmt.Sprintf("?p=%d", a.Paragraph)
	}
	return webLink(fmt.Sprintf("%s#p%d", page, a.Paragraph))
}

// firstPage is how many paragraphs of a document its page surely begins with; a long
// one is served in several.
const firstPage = 900

// below returns the address of a page that is named by an id, or "" if there are no
// pages. The dots are no names in an address, however they are escaped: they are the
// folder, and the one above it.
func (r renderer) below(path, id string) string {
	if r.public == "" || id == "." || id == ".." {
		return ""
	}
	return webLink(r.public + path + url.PathEscape(id))
}

// paragraphSign returns "¶8" for the address "alaska-summit#8".
func paragraphSign(address string) string {
	a, err := knowledge.ParseAddress(address)
	if err != nil {
		return "¶?" // the address itself is shown beside it
	}
	return fmt.Sprintf("¶%d", a.Paragraph)
}

func refusal(a answer.Answer, say phrase.Catalogue) []row {
	rows := []row{rowOf(piece{text: say.Text(phrase.NotSaid), look: strong})}
	rows = append(rows, unknown(say.NotInThem, a.UnknownWords)...)
	nearest := a.Nearest[:min(len(a.Nearest), maxNearest)]
	for i, n := range nearest {
		if i == 0 {
			rows = append(rows, said(say.Text(phrase.Nearest)))
		}
		where := []piece{{text: paragraphSign(n.Address), look: strong}}
		if heading := line(n.Heading); heading != "" {
			where = append(where, piece{text: heading})
		}
		// No link: it would make a source of what answers nothing.
		where = append(where, renderer{}.named(n.Title, n.Address)...)
		rows = append(rows, rowOf(separated(where)...), quoted(line(n.Text)))
	}
	if len(nearest) > 0 {
		rows = append(rows, smallRow(say.NearMiss(len(nearest))))
	}
	return rows
}

// unknown names the question's words that occur in no document.
func unknown(say func(words string) string, words []string) []row {
	if len(words) == 0 {
		return nil
	}
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = `"` + line(w) + `"`
	}
	return []row{said(say(strings.Join(list, ", ")))}
}

// foot returns what stands under an answer: what people should know of it, and
// in small print how it was made.
func (r renderer) foot(a answer.Answer, say phrase.Catalogue) []row {
	var rows []row
	if a.Outcome == answer.Answered {
		rows = append(rows, unknown(say.NotInDocuments, a.UnknownWords)...)
	}
	if a.Outcome != answer.Failed {
		for _, text := range []string{a.Note, a.Error} {
			if text = line(text); text != "" {
				rows = append(rows, said(text))
			}
		}
	}
	if searched := line(a.Account.Searched); searched != "" {
		rows = append(rows, smallRow(say.SearchedFor(searched)))
	}
	var parts []piece
	switch {
	case a.Outcome == answer.Failed:
	case a.Method == answer.LLM:
		if made := a.Account.Claims; made > 0 {
			parts = append(parts, piece{text: say.Checked(a.Account.Shown, made)})
		}
		parts = append(parts, piece{text: cmp.Or(line(a.Account.Model), say.Text(phrase.FromModel))})
	default:
		parts = append(parts, piece{text: say.Text(phrase.FromDocuments)})
	}
	if millis := a.Account.Millis; millis > 0 {
		parts = append(parts, piece{text: duration(millis)})
	}
	if id := line(a.ID); id != "" {
		parts = append(parts, piece{text: id, link: r.below("/a/", id)})
	}
	if len(parts) > 0 {
		rows = append(rows, row{form: small, pieces: separated(parts)})
	}
	return rows
}

// duration writes milliseconds the way people say them.
func duration(millis float64) string {
	switch {
	case millis < 1:
		return "< 1 ms"
	case millis < 999.5:
		return fmt.Sprintf("%.0f ms", millis)
	}
	return fmt.Sprintf("%.1f s", millis/1000)
}

// buttons returns the blocks of what can be done with an answer.
func (r renderer) buttons(a answer.Answer, f frame, say phrase.Catalogue) []slack.Block {
	if a.Outcome == answer.Failed {
		return retry(f.key, say)
	}
	if a.ID == "" {
		return nil // nobody kept it
	}
	var out []slack.Block
	var row []slack.BlockElement
	if a.Outcome == answer.Answered {
		row = append(row, button(actionSources, a.ID, say, phrase.SourcesButton, phrase.SourcesLabel))
	}
	if f.private {
		if a.Outcome == answer.Answered {
			row = append(row, button(actionShare, a.ID, say, phrase.ShareButton, phrase.ShareLabel))
		}
		// Nobody says that feedback buttons work in what only one person sees.
		return []slack.Block{slack.NewActionBlock("", append(row,
			button(actionGood, feedbackValue(bot.Good, a.ID), say, phrase.GoodButton, phrase.GoodLabel),
			button(actionBad, feedbackValue(bot.Bad, a.ID), say, phrase.BadButton, phrase.BadLabel))...)}
	}
	if len(row) > 0 {
		out = append(out, slack.NewActionBlock("", row...))
	}
	verdict := func(v bot.Verdict, words, label phrase.Key) *slack.FeedbackButton {
		return slack.NewFeedbackButton(plainText(say.Text(words)), feedbackValue(v, a.ID)).WithAccessibilityLabel(say.Text(label))
	}
	return append(out, slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement(actionFeedback,
		verdict(bot.Good, phrase.GoodButton, phrase.GoodLabel), verdict(bot.Bad, phrase.BadButton, phrase.BadLabel))))
}

func button(action, value string, say phrase.Catalogue, words, label phrase.Key) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(action, value, plainText(say.Text(words)))
	b.AccessibilityLabel = say.Text(label)
	return b
}

// retry returns the button that asks a question again.
func retry(key string, say phrase.Catalogue) []slack.Block {
	if key == "" || len(key) > maxValue {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", button(actionRetry, key, say, phrase.RetryButton, phrase.RetryLabel))}
}

// feedbackValue is what a feedback button says; feedbackOf reads it.
func feedbackValue(v bot.Verdict, id string) string { return string(v) + ":" + id }

// feedbackOf returns the verdict and the answer's id of a feedback button.
func feedbackOf(value string) (v bot.Verdict, id string, ok bool) {
	verdict, id, _ := strings.Cut(value, ":")
	v = bot.Verdict(verdict)
	return v, id, id != "" && (v == bot.Good || v == bot.Bad)
}

// streamed returns claims from the one at index from on as Markdown, to be
// appended to a stream that has those before.
func (r renderer) streamed(claims []answer.Claim, from int) string {
	sources := answer.Sources(answer.Answer{Claims: claims})
	var b strings.Builder
	for _, c := range claims[from:] {
		b.WriteString(markdown(c.Text) + " ")
		for i, s := range sources {
			if s.Cites(c) {
				fmt.Fprintf(&b, "[%d]", i+1)
			}
		}
		if about := strings.TrimSpace(caveat(c)); about != "" {
			b.WriteString(" " + markdown(about))
		}
		b.WriteString("\n\n")
		if c.Check == answer.Translated {
			for _, s := range c.Citations {
				b.WriteString("> " + markdown(s.Quote) + "\n\n")
			}
		}
	}
	return b.String()
}

// growing shows the claims of an answer that is not finished. fits is false if
// there are more than one message holds.
func (r renderer) growing(language string, claims []answer.Claim) (m message, ok bool) {
	var rows []row
	sources := answer.Sources(answer.Answer{Claims: claims})
	for _, c := range claims {
		rows = append(rows, r.claim(c, sources)...)
	}
	rows = append(rows, smallRow(r.status(language)))
	if !fits(rows) {
		return message{}, false
	}
	return messageOf(rows), true
}

// status says that work is under way.
func (r renderer) status(language string) string { return phrase.For(language).Text(phrase.Reading) }

// working is status as a message.
func (r renderer) working(language string) message { return messageOf([]row{said(r.status(language))}) }

// note shows one sentence of the program, such as thanks.
func (r renderer) note(language string, k phrase.Key) message {
	return messageOf([]row{said(phrase.For(language).Text(k))})
}

// told returns claims of an answer that came to no end, with their sources.
func (r renderer) told(claims []answer.Claim) [][]row {
	a := answer.Answer{Claims: claims}
	return r.claims(nil, a, answer.Sources(a))
}

// stopped shows the claims that were told before the asker stopped the answer.
func (r renderer) stopped(language string, claims []answer.Claim) []message {
	say := phrase.For(language)
	return messagesOf(append(r.told(claims), []row{said(say.Text(phrase.Stopped))}), say.Text(phrase.Continued))
}

// failed shows why there is no answer, or no more of it than the claims that were
// told: over a limit, late, broken. key is of the question.
func (r renderer) failed(language, key string, f bot.Failure, claims []answer.Claim) []message {
	say := phrase.For(language)
	text := cmp.Or(line(f.Text), say.Text(phrase.NoCause))
	var buttons []slack.Block
	if f.Retry {
		buttons = retry(key, say)
	}
	return messagesOf(append(r.told(claims), []row{said(text)}), say.Text(phrase.Continued), buttons...)
}

// lost says that nobody knows whether an answer arrived.
func (r renderer) lost(language, key string) message {
	say := phrase.For(language)
	return messageOf([]row{said(say.Text(phrase.Untold))}, retry(key, say)...)
}
