package discord

import (
	"context"
	"errors"
	"strings"

	"summitbot/knowledge"
)

// examplesMost is how many example questions are offered.
const examplesMost = 3

// helpWords ask what can be asked for, in the languages that the program speaks.
var helpWords = setOf(`help hilfe aide aiuto apua ohje помощь справка допомога довідка`)

// asksHelp reports whether a text asks nothing of the documents: it is empty, as
// when somebody mentions the bot to see what it does, or asks for help.
func asksHelp(text string) bool {
	word := strings.ToLower(strings.Trim(text, " \t\n?!./"))
	return word == "" || helpWords[word]
}

// helpFor says what can be asked for at a spot, with example questions.
func (d *Discord) helpFor(ctx context.Context, q inquiry) (message, error) {
	examples, err := d.examples(ctx, q.spot)
	return d.show.help(q.asked.language, examples), err
}

// examples returns example questions: the headings of the documents that may be
// seen at a spot, the first of each document first.
func (d *Discord) examples(ctx context.Context, at spot) ([]string, error) {
	docs, err := d.documents(ctx, at)
	if err != nil {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	for _, doc := range docs {
		if doc.Paragraphs == 0 {
			continue
		}
		first := knowledge.Address{Document: doc.ID, Paragraph: 1}
		_, paragraphs, err := d.library.Passage(ctx, first, "", min(doc.Paragraphs, headingsIn))
		if errors.Is(err, knowledge.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, p := range paragraphs {
			// The outermost heading is as a rule the document's title.
			h := line(p.Heading())
			if h == "" || h == line(doc.Title) || seen[h] {
				continue
			}
			seen[h] = true
			if out = append(out, h+"?"); len(out) == examplesMost {
				return out, nil
			}
		}
	}
	return out, nil
}
