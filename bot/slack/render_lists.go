package slack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

// help tells what can be asked for.
func (r renderer) help(language string) message {
	say := phrase.For(language)
	rows := []row{said(say.Text(phrase.HelpIntro))}
	for _, c := range []struct {
		argument string
		does     phrase.Key
	}{
		{say.Text(phrase.HelpQuestion), phrase.HelpAsk}, {"sources", phrase.HelpSources}, {"show 8", phrase.HelpShow}, {"help", phrase.HelpHelp},
	} {
		rows = append(rows, rowOf(piece{text: line(r.command) + " " + c.argument, look: strong}, piece{text: " – " + say.Text(c.does)}))
	}
	return messageOf(append(rows, said(say.Text(phrase.HelpElsewhere))))
}

// empty explains a command without a question, by questions that can be asked.
func (r renderer) empty(language string, examples []string) message {
	say := phrase.For(language)
	if len(examples) == 0 {
		return r.help(language)
	}
	rows := []row{said(say.Text(phrase.Examples))}
	for _, e := range examples {
		// An example is one line of a heading, and what is longer is none.
		rows = append(rows, rowOf(piece{text: line(r.command) + " "}, piece{text: headOf(line(e), maxHeader), look: slanted}))
	}
	return messageOf(append(rows, smallRow(line(r.command)+" help – "+say.Text(phrase.HelpHelp))))
}

// documents lists documents.
func (r renderer) documents(language string, docs []knowledge.Document) []message {
	say := phrase.For(language)
	if len(docs) == 0 {
		return []message{r.note(language, phrase.NoDocuments)}
	}
	groups := [][]row{{rowOf(piece{text: say.Text(phrase.Documents), look: strong})}}
	for _, d := range docs {
		title := cmp.Or(line(d.Title), line(d.ID))
		parts := []piece{{text: title, link: r.below("/d/", d.ID)}}
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
		groups = append(groups, []row{rowOf(separated(parts)...)})
	}
	return messagesOf(groups, "…")
}

// passage shows paragraphs of doc as they stand one after the other, with their
// headings. The one numbered focus is the one that was asked for; its marks are
// spans of its text. revision is what the paragraphs are of, "" the current one.
func (r renderer) passage(language string, doc knowledge.Document, revision string, paragraphs []knowledge.Paragraph, focus int, marks []knowledge.Span) []message {
	say := phrase.For(language)
	addr := knowledge.Address{Document: doc.ID, Paragraph: focus}
	head := []row{rowOf(separated(r.named(doc.Title, addr.String()))...)}
	if isOlder(doc, revision) {
		head = append(head, smallRow(say.Text(phrase.ChangedSince)))
	}
	groups := [][]row{head}
	var above []string
	for _, p := range paragraphs {
		var g []row
		for level, h := range p.Headings {
			if level >= len(above) || !slices.Equal(p.Headings[:level+1], above[:level+1]) {
				g = append(g, rowOf(piece{text: line(h), look: strong}))
			}
		}
		above = p.Headings
		sign := piece{text: fmt.Sprintf("¶%d ", p.Number)}
		if p.Number == focus {
			sign.look = strong
			g = append(g, rowOf(append([]piece{sign}, emphasised(p, marks)...)...))
		} else {
			g = append(g, rowOf(sign, piece{text: laidOut(p.Kind, p.Text)}))
		}
		groups = append(groups, g)
	}
	return messagesOf(groups, "…")
}

// noParagraph says that nothing stands at an address.
func (r renderer) noParagraph(language, address string) message {
	const enough = 200 // of what somebody typed, to know it by
	return messageOf([]row{said(phrase.For(language).NoParagraph(headOf(line(address), enough)))})
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
	var groups [][]row
	shown := map[string]bool{} // quotes: what contradicts a whole text is said once
	unchecked := report.Summary.Unchecked
	for _, s := range report.Sentences {
		if s.Status == check.Unchecked && !strings.ContainsFunc(s.Text, unicode.IsLetter) {
			unchecked-- // the number of a list, which nobody takes for a sentence
			continue
		}
		groups = append(groups, r.sentence(s, shown, say))
	}
	var counts []string
	for _, c := range []struct {
		n    int
		what phrase.Key
	}{
		{report.Summary.Supported, phrase.Supported}, {report.Summary.Contradicted, phrase.Contradicted},
		{report.Summary.NotFound, phrase.NotFound}, {unchecked, phrase.Unchecked},
	} {
		if c.n > 0 {
			counts = append(counts, fmt.Sprintf("%s: %d", say.Text(c.what), c.n))
		}
	}
	if len(counts) == 0 {
		return []message{r.note(language, phrase.NothingToCheck)}
	}
	return messagesOf(append(groups, []row{smallRow(counts...)}), "…")
}

// checkTooLong says that a text is longer than what is checked at once.
func (r renderer) checkTooLong(language string) message {
	return messageOf([]row{said(phrase.For(language).CheckTooLong(check.MaxBytes >> 20))})
}

// sentence returns one sentence with the verdict and its places, and what stands
// there unless it was shown.
func (r renderer) sentence(s check.Sentence, shown map[string]bool, say phrase.Catalogue) []row {
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
			// Who is contradicted wants to see by what.
			if at := c.Address + " " + c.Quote; s.Status == check.Contradicted && !shown[at] {
				shown[at] = true
				rows = append(rows, quoted(line(c.Quote)))
			}
		}
	default:
		rows = append(rows, rowOf(verdict(phrase.NotFound, because)))
		if n := s.Nearest; n != nil {
			where := append([]piece{{text: say.Text(phrase.Nearest) + " "}}, separated(append(
				[]piece{{text: paragraphSign(n.Address), look: strong}}, renderer{}.named(n.Title, n.Address)...))...)
			rows = append(rows, rowOf(where...))
			if at := n.Address + " " + n.Text; !shown[at] {
				shown[at] = true
				rows = append(rows, quoted(line(n.Text)))
			}
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

// An opened is a source of an answer where it stands.
type opened struct {
	source     answer.Source
	document   knowledge.Document
	paragraphs []knowledge.Paragraph // of the cited revision, with neighbours; none if it cannot be shown
}
