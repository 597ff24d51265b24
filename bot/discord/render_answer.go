package discord

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/bwmarrin/discordgo"

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
	share    bool   // offer to share it
	key      string // of the question, to ask it again if it failed; "" offers nothing
}

// answer shows a finished answer: the claims with the numbers of their sources,
// how it was made, and the sources; or the refusal; or the failure. It is parted
// between claims if it is too long for one message, and then each part has the
// sources of its own claims, by the numbers that they have in the whole.
func (r renderer) answer(a answer.Answer, f frame) []message {
	say := phrase.For(a.Language)
	head := headline(f)
	var parts []part
	switch a.Outcome {
	case answer.Answered:
		parts = r.claims(head, a)
	case answer.Refused:
		parts = append([]part{partOf(head...)}, refusal(a, say)...)
	default:
		text := cmp.Or(line(a.Error), say.Text(phrase.NoCause))
		parts = []part{partOf(append(head, rowOf(piece{text: text, look: strong}))...)}
	}
	return messagesOf(append(parts, partOf(r.foot(a, say)...)), say, say.Text(phrase.Continued), buttons(a, f, say)...)
}

// headline says who asked what, where that does not stand above already.
func headline(f frame) []row {
	question := piece{text: line(f.question), look: strong}
	switch {
	case f.by != "" && question.text != "":
		return []row{rowOf(piece{user: f.by}, piece{text: ": "}, question)}
	case f.by != "":
		return []row{rowOf(piece{user: f.by})}
	case question.text != "":
		return []row{rowOf(question)}
	}
	return nil
}

// claims returns the claims in parts that make a message each, as far as they
// can: as many claims in a row as fit together with their sources.
func (r renderer) claims(head []row, a answer.Answer) []part {
	sources := answer.Sources(a)
	whole := func(from, to int) part {
		var p part
		if from == 0 {
			p.rows = append(p.rows, head...)
		}
		for i, c := range a.Claims[from:to] {
			rows := claim(c, sources)
			rows[0].apart = from == 0 && i == 0
			p.rows = append(p.rows, rows...)
		}
		p.embeds = r.cited(a.Claims[from:to], sources)
		return p
	}
	var parts []part
	from := 0
	for to := 1; to <= len(a.Claims); to++ {
		if to == len(a.Claims) || !whole(from, to+1).fits() {
			parts = append(parts, whole(from, to))
			from = to
		}
	}
	return parts
}

// claim returns one claim with the numbers of its sources and what its check did
// not cover.
func claim(c answer.Claim, sources []answer.Source) []row {
	text := line(c.Text) + " "
	for i, s := range sources {
		if s.Cites(c) {
			text += fmt.Sprintf("[%d]", i+1)
		}
	}
	rows := []row{rowOf(piece{text: text}, piece{text: caveat(c), look: slanted})}
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
// that the claims say already, word for word, is not said twice.
func (r renderer) cited(claims []answer.Claim, sources []answer.Source) []*discordgo.MessageEmbed {
	said := map[string]bool{}
	for _, c := range claims {
		said[line(c.Text)] = true
		if c.Check == answer.Translated {
			for _, s := range c.Citations {
				said[line(s.Quote)] = true
			}
		}
	}
	var out []*discordgo.MessageEmbed
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
		var rows []row
		for _, q := range own.Quotes(line) {
			if !said[q] {
				rows = append(rows, quoted(q))
			}
		}
		out = append(out, r.source(i+1, s.Citations[0], rows)...)
	}
	return out
}

// source returns rows as embeds below the number and the place of a source.
func (r renderer) source(number int, c answer.Citation, rows []row) []*discordgo.MessageEmbed {
	list := sheets(rows)
	if len(list) == 0 {
		list = []*discordgo.MessageEmbed{{}}
	}
	title := fmt.Sprintf("[%d] %s", number, paragraphSign(c.Address))
	if heading := line(c.Heading); heading != "" {
		title += " · " + heading
	}
	for _, e := range list {
		e.Title = cutEscaped(title, maxTitle)
		e.URL = r.page(c.Address)
		if text := plain(separated(named(c.Title, c.Address, ""))); text != "" {
			e.Footer = &discordgo.MessageEmbedFooter{Text: cut(text, roomFooter)}
		}
	}
	return list
}

// place says where a citation stands: number, heading, title and the address
// that the command shows.
func (r renderer) place(c answer.Citation) []piece {
	parts := []piece{{text: paragraphSign(c.Address), look: strong}}
	if heading := line(c.Heading); heading != "" {
		parts = append(parts, piece{text: heading})
	}
	return separated(append(parts, named(c.Title, c.Address, r.page(c.Address))...))
}

// named returns a title and an address, the first of them linked. A title that
// only repeats the document's id is left out, because the address says it.
func named(title, address, link string) []piece {
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

func refusal(a answer.Answer, say phrase.Catalogue) []part {
	parts := []part{partOf(append([]row{rowOf(piece{text: say.Text(phrase.NotSaid), look: strong})}, unknown(say.NotInThem, a.UnknownWords)...)...)}
	nearest := a.Nearest[:min(len(a.Nearest), maxNearest)]
	for i, n := range nearest {
		var p part
		if i == 0 {
			p.rows = append(p.rows, said(say.Text(phrase.Nearest)))
		}
		p.rows = append(p.rows, nearMiss(n)...)
		if i == len(nearest)-1 {
			p.rows = append(p.rows, smallRow(say.NearMiss(len(nearest))))
		}
		parts = append(parts, p)
	}
	return parts
}

// nearMiss has no link: it would make a source of what answers nothing.
func nearMiss(n answer.Nearest) []row {
	where := []piece{{text: paragraphSign(n.Address), look: strong}}
	if heading := line(n.Heading); heading != "" {
		where = append(where, piece{text: heading})
	}
	where = append(where, named(n.Title, n.Address, "")...)
	return []row{rowOf(separated(where)...), quoted(line(n.Text))}
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
		link := ""
		if r.public != "" {
			link = r.below("/a/", id)
		}
		parts = append(parts, piece{text: id, link: link})
	}
	if len(parts) > 0 {
		rows = append(rows, row{form: small, pieces: separated(parts)})
	}
	if len(rows) > 0 {
		rows[0].apart = rows[0].form == body
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

// buttons returns what can be done with an answer, in one row.
func buttons(a answer.Answer, f frame, say phrase.Catalogue) []discordgo.MessageComponent {
	if a.Outcome == answer.Failed {
		return retry(f.key, say)
	}
	var list []discordgo.MessageComponent
	if a.Outcome == answer.Answered {
		list = button(list, press{action: actionSources, id: a.ID}, say.Text(phrase.SourcesButton))
	}
	if f.share {
		list = button(list, press{action: actionShare, id: a.ID}, say.Text(phrase.ShareButton))
	}
	list = button(list, press{action: actionGood, id: a.ID}, say.Text(phrase.GoodButton))
	list = button(list, press{action: actionBad, id: a.ID}, say.Text(phrase.BadButton))
	return inRow(list)
}

// button returns list with a button more, if what it says can be said.
func button(list []discordgo.MessageComponent, p press, label string) []discordgo.MessageComponent {
	id := p.customID()
	if id == "" {
		return list
	}
	return append(list, discordgo.Button{Label: label, Style: discordgo.SecondaryButton, CustomID: id})
}

func inRow(list []discordgo.MessageComponent) []discordgo.MessageComponent {
	if len(list) == 0 {
		return nil
	}
	return []discordgo.MessageComponent{discordgo.ActionsRow{Components: list}}
}

// retry returns the button that asks a question again.
func retry(key string, say phrase.Catalogue) []discordgo.MessageComponent {
	return inRow(button(nil, press{action: actionRetry, id: key}, say.Text(phrase.RetryButton)))
}

// growing shows the claims of an answer that is not finished. ok is false if
// there are more than one message holds.
func (r renderer) growing(language string, claims []answer.Claim) (m message, ok bool) {
	var p part
	sources := answer.Sources(answer.Answer{Claims: claims})
	for _, c := range claims {
		p.rows = append(p.rows, claim(c, sources)...)
	}
	p.rows = append(p.rows, smallRow(phrase.For(language).Text(phrase.Reading)))
	if !p.fits() {
		return message{}, false
	}
	return messageOf(p.rows), true
}

// working says that work is under way.
func (r renderer) working(language string) message { return r.note(language, phrase.Reading) }

// note shows one sentence of the program, such as thanks.
func (r renderer) note(language string, k phrase.Key) message {
	return messageOf([]row{said(phrase.For(language).Text(k))})
}

// failed shows why there is no answer, or no more of it than the claims that were
// told: over a limit, late, broken. key is of the question.
func (r renderer) failed(language, key string, f bot.Failure, claims []answer.Claim) []message {
	say := phrase.For(language)
	text := cmp.Or(line(f.Text), say.Text(phrase.NoCause))
	var again []discordgo.MessageComponent
	if f.Retry {
		again = retry(key, say)
	}
	return messagesOf(append(r.claims(nil, answer.Answer{Claims: claims}), partOf(said(text))), say, say.Text(phrase.Continued), again...)
}

// lost says that nobody knows whether an answer arrived.
func (r renderer) lost(language, key string) message {
	say := phrase.For(language)
	return messageOf([]row{said(say.Text(phrase.Untold))}, retry(key, say)...)
}
