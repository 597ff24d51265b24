package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"summitbot/bot/answer"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

const (
	// maxNeighbour is how much of a paragraph beside the cited one is shown: enough
	// to see what it is about.
	maxNeighbour = 300
	// spareView is what a dialog keeps for what is around its blocks, in bytes.
	spareView = 10 * 1000
	// spareViewBlocks are kept for the note that sources were left out.
	spareViewBlocks = 2
	// maxOwnWords is how much somebody may write of a bad answer, in characters.
	maxOwnWords = 2000
)

// The reasons why an answer was bad, as they go into bot.Feedback.
const (
	reasonParagraph = "wrong_paragraph"
	reasonMisread   = "misread"
	reasonMissing   = "missing_source"
	reasonOther     = "other"
)

// sources is the dialog with the cited paragraphs in their context. Each has the
// cited sentences in bold, in full; what is around them is shortened where the
// dialog would not hold it.
func (r renderer) sources(language string, a answer.Answer, list []opened) slack.ModalViewRequest {
	say := phrase.For(language)
	var out []slack.Block
	bytes := 0
	add := func(rows []row) bool {
		blocks := blocksOf(rows)
		size := sizeOf(blocks)
		if len(out)+len(blocks) > maxViewBlocks-spareViewBlocks || bytes+size > maxView-spareView {
			return false
		}
		out, bytes = append(out, blocks...), bytes+size
		return true
	}
	for i, o := range list {
		if add(r.standing(i+1, o, say)) || add(r.alone(i+1, o, say, phrase.NoRoom)) {
			continue
		}
		out = append(out, blocksOf([]row{smallRow(say.Text(phrase.SourcesLeftOut))})...)
		break
	}
	if len(out) == 0 {
		out = blocksOf([]row{said(say.Text(phrase.AnswerGone))})
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callSources, Title: plainText(say.Text(phrase.SourcesTitle)),
		Close: plainText(say.Text(phrase.CloseButton)), Blocks: slack.Blocks{BlockSet: out}, PrivateMetadata: headOf(line(a.ID), maxMetadata),
	}
}

// sizeOf returns how many bytes of JSON blocks are. What cannot be encoded fits
// nowhere.
func sizeOf(blocks []slack.Block) int {
	body, err := json.Marshal(blocks)
	if err != nil {
		return maxView
	}
	return len(body)
}

// standing returns a source with the paragraphs around it.
func (r renderer) standing(number int, o opened, say phrase.Catalogue) []row {
	addr, err := knowledge.ParseAddress(o.source.Address)
	if err != nil || len(o.paragraphs) == 0 {
		return r.alone(number, o, say, phrase.ParagraphGone)
	}
	rows := r.sourceHead(number, o)
	if isOlder(o.document, o.source.Revision) {
		rows = append(rows, smallRow(say.Text(phrase.ChangedSince)))
	}
	shortened := false
	for _, p := range o.paragraphs {
		sign := piece{text: fmt.Sprintf("¶%d ", p.Number)}
		if p.Number != addr.Paragraph {
			text := laidOut(p.Kind, p.Text)
			if utf8.RuneCountInString(text) > maxNeighbour {
				text, shortened = strings.TrimSpace(headOf(text, maxNeighbour))+" …", true
			}
			rows = append(rows, rowOf(sign, piece{text: text}))
			continue
		}
		sign.look = strong
		pieces := emphasised(p, o.source.Spans())
		if runesOf(pieces) > longest {
			pieces, shortened = around(pieces), true
		}
		rows = append(rows, partsOf(rowOf(append([]piece{sign}, pieces...)...))...)
	}
	if shortened {
		rows = append(rows, smallRow(say.Text(phrase.Shortened)))
	}
	return rows
}

// alone returns a source with its quotes only, and why.
func (r renderer) alone(number int, o opened, say phrase.Catalogue, why phrase.Key) []row {
	rows := append(r.sourceHead(number, o), smallRow(say.Text(why)))
	for _, q := range o.source.Quotes(line) {
		rows = append(rows, partsOf(row{form: quote, pieces: []piece{{text: q, look: strong}}})...)
	}
	return rows
}

func (r renderer) sourceHead(number int, o opened) []row {
	return partsOf(rowOf(append([]piece{{text: fmt.Sprintf("[%d] ", number), look: strong}}, r.place(o.source.Citations[0])...)...))
}

// partsOf cuts a row into such as a block holds.
func partsOf(r row) []row {
	var out []row
	now := row{form: r.form}
	for _, p := range r.pieces {
		for p.text != "" {
			part := p
			part.text = headOf(p.text, longest-now.runes())
			if part.text != "" {
				now.pieces = append(now.pieces, part)
				p.text = p.text[len(part.text):]
			}
			if p.text != "" {
				out, now = append(out, now), row{form: r.form}
			}
		}
	}
	if len(now.pieces) > 0 {
		out = append(out, now)
	}
	return out
}

func runesOf(pieces []piece) int { return row{pieces: pieces}.runes() }

// around shortens what is not cited of a paragraph that is too long: each stretch
// keeps as much at its cited ends as there is room for all of them.
func around(pieces []piece) []piece {
	cited, stretches := 0, 0
	for _, p := range pieces {
		if p.look == strong {
			cited += utf8.RuneCountInString(p.text)
		} else if p.text != "" {
			stretches++
		}
	}
	each := max(0, longest-cited) / max(1, stretches)
	var out []piece
	for i, p := range pieces {
		if n := utf8.RuneCountInString(p.text); p.look != strong && n > each {
			before, after := "", ""
			if i > 0 { // behind a cited sentence
				before = headOf(p.text, each/2)
			}
			if i < len(pieces)-1 { // before one
				after = tailOf(p.text, each/2)
			}
			p.text = strings.TrimRight(before, " ") + " … " + strings.TrimLeft(after, " ")
		}
		out = append(out, p)
	}
	return out
}

// tailOf returns the end of s, at most n characters, from the beginning of a word
// if one begins in its first half.
func tailOf(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	tail := string(runes[len(runes)-n:])
	if i := strings.IndexByte(tail, ' '); i >= 0 && i < len(tail)/2 {
		return tail[i+1:]
	}
	return tail
}

// feedback is the dialog that asks what was wrong with an answer. metadata comes
// back with it.
func (r renderer) feedback(language, metadata string) slack.ModalViewRequest {
	say := phrase.For(language)
	option := func(value string, k phrase.Key) *slack.OptionBlockObject {
		return slack.NewOptionBlockObject(value, plainText(say.Text(k)), nil)
	}
	text := slack.NewPlainTextInputBlockElement(nil, blockText)
	text.Multiline, text.MaxLength = true, maxOwnWords
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callFeedback, Title: plainText(say.Text(phrase.FeedbackTitle)),
		Submit: plainText(say.Text(phrase.SendButton)), Close: plainText(say.Text(phrase.CancelButton)), PrivateMetadata: metadata,
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock(blockReason, plainText(say.Text(phrase.FeedbackTitle)), nil, slack.NewRadioButtonsBlockElement(blockReason,
				option(reasonParagraph, phrase.ReasonParagraph), option(reasonMisread, phrase.ReasonMisread),
				option(reasonMissing, phrase.ReasonMissing), option(reasonOther, phrase.ReasonOther))).WithOptional(true),
			slack.NewInputBlock(blockText, plainText(say.Text(phrase.OwnWords)), nil, text).WithOptional(true),
		}},
	}
}
