package discord

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"

	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

const (
	// maxNeighbour is how much of a paragraph beside the cited one is shown: enough
	// to see what it is about.
	maxNeighbour = 300
	// maxExample is how long a question can be that is shown as an example.
	maxExample = 150
	// maxExamples is how many are shown.
	maxExamples = 3
)

// help tells what can be asked for, with questions that can be asked.
func (r renderer) help(language string, examples []string) message {
	say := phrase.For(language)
	rows := []row{said(say.Text(phrase.HelpIntro))}
	for _, c := range []struct {
		command string
		does    phrase.Key
	}{
		{line(r.command) + " " + say.Text(phrase.HelpQuestion), phrase.HelpAsk}, {"/sources", phrase.HelpSources}, {"/show 8", phrase.HelpShow},
	} {
		rows = append(rows, rowOf(piece{text: c.command, look: strong}, piece{text: " – " + say.Text(c.does)}))
	}
	rows = append(rows, said(say.Text(phrase.HelpElsewhere)))
	for i, e := range examples[:min(len(examples), maxExamples)] {
		if i == 0 {
			rows = append(rows, row{pieces: []piece{{text: say.Text(phrase.Examples)}}, apart: true})
		}
		rows = append(rows, quoted(cut(line(e), maxExample)))
	}
	return messageOf(rows)
}

// listed returns rows as embeds, in as few messages as hold them.
func listed(rows []row, say phrase.Catalogue) []message {
	var parts []part
	for _, e := range sheets(rows) {
		parts = append(parts, part{embeds: []*discordgo.MessageEmbed{e}})
	}
	return messagesOf(parts, say, "…")
}

// documents lists documents.
func (r renderer) documents(language string, docs []knowledge.Document) []message {
	say := phrase.For(language)
	if len(docs) == 0 {
		return []message{r.note(language, phrase.NoDocuments)}
	}
	rows := []row{rowOf(piece{text: say.Text(phrase.Documents), look: strong})}
	for _, d := range docs {
		// Without pages of our own nothing is linked, and not a source's own address.
		link := strings.TrimSuffix(r.page(knowledge.Address{Document: d.ID, Paragraph: 1}.String()), "#p1")
		title := cmp.Or(line(d.Title), line(d.ID))
		parts := []piece{{text: title, link: link}}
		if !strings.EqualFold(title, line(d.ID)) {
			parts = append(parts, piece{text: line(d.ID)})
		}
		if c := line(d.Collection); c != "" {
			parts = append(parts, piece{text: c})
		}
		parts = append(parts, piece{text: say.Paragraphs(d.Paragraphs)})
		if !d.Revision.Time.IsZero() {
			parts = append(parts, piece{text: d.Revision.Time.UTC().Format("2006-01-02")})
		}
		rows = append(rows, rowOf(separated(parts)...))
	}
	return listed(rows, say)
}

// passage shows paragraphs of doc as they stand one after the other, with their
// headings. The one numbered focus is the one that was asked for; its marks are
// spans of its text. revision is what the paragraphs are of, "" the current one.
func (r renderer) passage(language string, doc knowledge.Document, revision string, paragraphs []knowledge.Paragraph, focus int, marks []knowledge.Span) []message {
	say := phrase.For(language)
	address := knowledge.Address{Document: doc.ID, Paragraph: focus}.String()
	rows := []row{rowOf(separated(named(doc.Title, address, r.page(address)))...)}
	if isOlder(doc, revision) {
		rows = append(rows, smallRow(say.Text(phrase.ChangedSince)))
	}
	var above []string
	for _, p := range paragraphs {
		for level, h := range p.Headings {
			if level >= len(above) || !slices.Equal(p.Headings[:level+1], above[:level+1]) {
				rows = append(rows, row{pieces: []piece{{text: line(h), look: strong}}, apart: true})
			}
		}
		above = p.Headings
		sign := piece{text: fmt.Sprintf("¶%d ", p.Number)}
		if p.Number == focus {
			sign.look = strong
			rows = append(rows, rowOf(append([]piece{sign}, emphasised(p, marks)...)...))
		} else {
			rows = append(rows, rowOf(sign, piece{text: laidOut(p.Kind, p.Text)}))
		}
	}
	return listed(rows, say)
}

// noParagraph says that nothing stands at an address.
func (r renderer) noParagraph(language, address string) message {
	const enough = 200 // of what somebody typed, to know it by
	return messageOf([]row{said(phrase.For(language).NoParagraph(cut(line(address), enough)))})
}

// An opened is a source of an answer where it stands.
type opened struct {
	source     answer.Source
	document   knowledge.Document
	paragraphs []knowledge.Paragraph // of the cited revision, with neighbours; none if it cannot be shown
}

// sources shows the cited paragraphs in their context, to one person. Each has
// the cited sentences in bold, and is whole, on as many pages as it needs; only
// its neighbours are shortened.
func (r renderer) sources(language string, _ answer.Answer, list []opened) []message {
	say := phrase.For(language)
	if len(list) == 0 {
		return whispered([]message{r.note(language, phrase.AnswerGone)})
	}
	var parts []part
	for i, o := range list {
		for _, e := range r.standing(i+1, o, say) {
			parts = append(parts, part{embeds: []*discordgo.MessageEmbed{e}})
		}
	}
	return whispered(messagesOf(parts, say, "…"))
}

// standing returns a source with the paragraphs around it.
func (r renderer) standing(number int, o opened, say phrase.Catalogue) []*discordgo.MessageEmbed {
	first := o.source.Citations[0]
	addr, err := knowledge.ParseAddress(o.source.Address)
	if err != nil || len(o.paragraphs) == 0 {
		rows := []row{smallRow(say.Text(phrase.ParagraphGone))}
		for _, q := range o.source.Quotes(line) {
			rows = append(rows, row{form: quote, pieces: []piece{{text: q, look: strong}}})
		}
		return r.source(number, first, rows)
	}
	var rows []row
	if isOlder(o.document, o.source.Revision) {
		rows = append(rows, smallRow(say.Text(phrase.ChangedSince)))
	}
	shortened := false
	for _, p := range o.paragraphs {
		sign := piece{text: fmt.Sprintf("¶%d ", p.Number)}
		if p.Number == addr.Paragraph {
			sign.look = strong
			rows = append(rows, rowOf(append([]piece{sign}, emphasised(p, o.source.Spans())...)...))
			continue
		}
		text := laidOut(p.Kind, p.Text)
		if length(text) > maxNeighbour {
			text, shortened = strings.TrimSpace(headOf(text, maxNeighbour))+" …", true
		}
		rows = append(rows, rowOf(sign, piece{text: text}))
	}
	if shortened {
		rows = append(rows, smallRow(say.Text(phrase.Shortened)))
	}
	return r.source(number, first, rows)
}

// isOlder reports whether a document has changed since revision.
func isOlder(doc knowledge.Document, revision string) bool {
	return revision != "" && revision != doc.Revision.Digest
}

// emphasised cuts a paragraph's text at the borders of its marks.
func emphasised(p knowledge.Paragraph, marks []knowledge.Span) []piece {
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
			piece{text: laidOut(p.Kind, p.Text[at:m.Start])},
			piece{text: laidOut(p.Kind, p.Text[m.Start:m.End]), look: strong})
		at = m.End
	}
	return append(pieces, piece{text: laidOut(p.Kind, p.Text[at:])})
}

// laidOut returns text with the line feeds that its kind of paragraph means.
func laidOut(kind knowledge.Kind, text string) string {
	text = neutral(text)
	switch kind {
	case knowledge.List, knowledge.Table, knowledge.Code:
		return text
	}
	return strings.ReplaceAll(text, "\n", " ")
}

// within returns s moved to lie in text, between whole characters: a span of
// another revision must not break what is shown.
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

// checked shows what the documents have to say about each sentence of a text, and
// how many there are of each kind.
func (r renderer) checked(language string, report check.Report) []message {
	say := phrase.For(language)
	var rows []row
	for _, s := range report.Sentences {
		rows = append(rows, r.sentence(s, say)...)
	}
	var counts []string
	for _, c := range []struct {
		n    int
		what phrase.Key
	}{
		{report.Summary.Supported, phrase.Supported}, {report.Summary.Contradicted, phrase.Contradicted},
		{report.Summary.NotFound, phrase.NotFound}, {report.Summary.Unchecked, phrase.Unchecked},
	} {
		if c.n > 0 {
			counts = append(counts, fmt.Sprintf("%s: %d", say.Text(c.what), c.n))
		}
	}
	if len(counts) == 0 {
		return []message{r.note(language, phrase.NothingToCheck)}
	}
	return listed(append(rows, smallRow(counts...)), say)
}

// sentence returns one sentence with the verdict and its places.
func (r renderer) sentence(s check.Sentence, say phrase.Catalogue) []row {
	rows := []row{quoted(line(s.Text))}
	rows[0].apart = true
	verdict := func(k phrase.Key, why string) piece { return piece{text: say.Text(k) + why, look: strong} }
	because := ""
	for i, c := range s.Conflicts {
		because += map[bool]string{true: ": ", false: "; "}[i == 0] + difference(c, say)
	}
	switch s.Status {
	case check.Unchecked:
		return append(rows, said(say.Text(phrase.Unchecked)+": "+say.Text(idleness(s.Reason))))
	case check.Supported, check.Contradicted:
		k := phrase.Supported
		if s.Status == check.Contradicted {
			k = phrase.Contradicted
		}
		rows = append(rows, rowOf(verdict(k, because)))
		for _, c := range s.Citations {
			rows = append(rows, rowOf(r.place(c)...))
			if s.Status == check.Contradicted { // who is contradicted wants to see by what
				rows = append(rows, quoted(line(c.Quote)))
			}
		}
	default:
		rows = append(rows, rowOf(verdict(phrase.NotFound, because)))
		if n := s.Nearest; n != nil {
			near := nearMiss(*n)
			near[0].pieces = append([]piece{{text: say.Text(phrase.Nearest) + " "}}, near[0].pieces...)
			rows = append(rows, near...)
		}
	}
	return rows
}

// difference says in which point a sentence and the documents differ.
func difference(c check.Conflict, say phrase.Catalogue) string {
	claim, source := line(c.Claim), line(c.Source)
	switch {
	case c.Kind == check.Supposed:
		return say.OnlySupposed(source)
	case c.Kind == check.Misquote:
		return say.NotTheirWords(claim)
	case c.Kind == check.Negated && source != "":
		return say.TheyDeny(source)
	case c.Kind == check.Negated:
		return say.TheyDoNotDeny(claim)
	case c.Kind == check.Doer:
		return say.OtherDoer(source)
	case c.Kind == check.Teller:
		return say.OtherTeller(source)
	case source == "":
		return say.NotTold(claim)
	}
	return say.ToldOtherwise(source, claim)
}

// idleness says why a sentence was not checked.
func idleness(reason string) phrase.Key {
	switch reason {
	case check.IsQuestion:
		return phrase.IsQuestion
	case check.IsHeading:
		return phrase.IsHeading
	case check.IsGreeting:
		return phrase.IsGreeting
	}
	return phrase.StatesNothing
}

// A suggestion is a paragraph that somebody may mean who types.
type suggestion struct{ name, address string }

// choices returns suggestions as what is offered to somebody who types. Discord
// shows the names as they are, without Markdown.
func choices(list []suggestion) []*discordgo.ApplicationCommandOptionChoice {
	out := []*discordgo.ApplicationCommandOptionChoice{}
	seen := map[string]bool{}
	for _, s := range list {
		if s.address == "" || length(s.address) > maxChoice || seen[s.address] || len(out) == maxChoices {
			continue
		}
		seen[s.address] = true
		name := cmp.Or(cut(line(s.name), maxChoice), cut(line(s.address), maxChoice), "¶")
		out = append(out, &discordgo.ApplicationCommandOptionChoice{Name: name, Value: s.address})
	}
	return out
}

// threadName names a thread by the question that began it.
func threadName(text string) string {
	return cmp.Or(cut(line(text), maxThreadName), "…")
}
