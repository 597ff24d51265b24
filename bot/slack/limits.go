package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// Slack's limits, in characters (its documentation says so of most, and where it
// does not, a character is the safer reading) unless they say otherwise. A few
// are lower than Slack's own: nobody documents what the sum of all blocks may be.
const (
	maxText       = 3800       // text beside blocks; Slack cuts or splits somewhat above 4,000
	maxSection    = 3000       // one text of a block
	maxHeader     = 150        //
	maxBlocks     = 50         // in a message
	maxElements   = 10         // in a context block
	maxActions    = 25         // in an actions block
	maxInContext  = 5          // in a context_actions block
	maxMessage    = 11000      // all that the blocks of a message say; from 13,200 on it was seen refused
	maxViewBlocks = 100        //
	maxView       = 250 * 1000 // bytes of JSON
	maxViewTitle  = 24         // of the title and of the two buttons of a dialog
	maxMetadata   = 3000       //
	maxButton     = 75         // the words on a button, and its accessibility label
	maxValue      = 2000       // what a button says to the program
	maxID         = 255        // of blocks and actions
	maxURL        = 3000       //
	maxOption     = 75         // the words, and the value, of a choice
	maxLabel      = 2000       // of an input
)

// fault collects what is over a limit.
type fault struct{ errs []error }

func (f *fault) most(what string, got, limit int) {
	if got > limit {
		f.errs = append(f.errs, fmt.Errorf("%s: %d, and the most is %d", what, got, limit))
	}
}

func (f *fault) text(what, s string, limit int) {
	if s == "" {
		f.errs = append(f.errs, fmt.Errorf("%s: empty", what))
	}
	f.most(what, utf8.RuneCountInString(s), limit)
}

func (f *fault) object(what string, t *slack.TextBlockObject, limit int) int {
	if t == nil {
		f.errs = append(f.errs, fmt.Errorf("%s: missing", what))
		return 0
	}
	if t.Type == slack.PlainTextType && (t.Emoji == nil || *t.Emoji) {
		f.errs = append(f.errs, fmt.Errorf("%s: plain text with emoji codes read", what))
	}
	f.text(what, t.Text, limit)
	return utf8.RuneCountInString(t.Text)
}

// withinLimits says what of a message Slack would not take.
func withinLimits(m message) error {
	var f fault
	f.text("text", m.text, maxText)
	f.most("blocks", len(m.blocks), maxBlocks)
	f.most("all blocks", f.blocks(m.blocks), maxMessage)
	return errors.Join(f.errs...)
}

// viewWithinLimits says what of a dialog Slack would not take.
func viewWithinLimits(v slack.ModalViewRequest) error {
	var f fault
	f.object("title", v.Title, maxViewTitle)
	f.object("close", v.Close, maxViewTitle)
	if v.Submit != nil {
		f.object("submit", v.Submit, maxViewTitle)
	}
	f.most("private_metadata", utf8.RuneCountInString(v.PrivateMetadata), maxMetadata)
	f.most("callback_id", len(v.CallbackID), maxID)
	f.most("blocks", len(v.Blocks.BlockSet), maxViewBlocks)
	f.blocks(v.Blocks.BlockSet)
	body, err := json.Marshal(v)
	f.most("bytes", len(body), maxView)
	return errors.Join(append(f.errs, err)...)
}

// blocks checks each block, and returns how many characters they have together.
func (f *fault) blocks(blocks []slack.Block) (total int) {
	for i, b := range blocks {
		what := fmt.Sprintf("block %d (%s)", i, b.BlockType())
		f.most(what+" block_id", len(b.ID()), maxID)
		switch b := b.(type) {
		case *slack.RichTextBlock:
			n := 0
			for _, e := range b.Elements {
				n += f.rich(what, e)
			}
			f.most(what, n, maxSection)
			total += n
		case *slack.ContextBlock:
			f.most(what+" elements", len(b.ContextElements.Elements), maxElements)
			for _, e := range b.ContextElements.Elements {
				t, _ := e.(*slack.TextBlockObject)
				total += f.object(what, t, maxSection)
			}
		case *slack.ActionBlock:
			f.most(what+" elements", len(b.Elements.ElementSet), maxActions)
			f.elements(what, b.Elements.ElementSet)
		case *slack.ContextActionsBlock:
			f.most(what+" elements", len(b.Elements.ElementSet), maxInContext)
			f.elements(what, b.Elements.ElementSet)
		case *slack.InputBlock:
			total += f.object(what+" label", b.Label, maxLabel)
			f.elements(what, []slack.BlockElement{b.Element})
		case *slack.HeaderBlock:
			total += f.object(what, b.Text, maxHeader)
		case *slack.SectionBlock:
			total += f.object(what, b.Text, maxSection)
		case *slack.DividerBlock:
		default:
			f.errs = append(f.errs, fmt.Errorf("%s: no limit is known for a %T", what, b))
		}
	}
	return total
}

// rich checks one element of a rich_text block, and returns its characters.
func (f *fault) rich(what string, e slack.RichTextElement) (n int) {
	var parts []slack.RichTextSectionElement
	switch e := e.(type) {
	case *slack.RichTextSection:
		parts = e.Elements
	case *slack.RichTextQuote:
		parts = e.Elements
	default:
		f.errs = append(f.errs, fmt.Errorf("%s: no limit is known for a %T", what, e))
	}
	if len(parts) == 0 {
		f.errs = append(f.errs, fmt.Errorf("%s: an element without content", what))
	}
	for _, p := range parts {
		switch p := p.(type) {
		case *slack.RichTextSectionTextElement:
			f.text(what, p.Text, maxSection)
			n += utf8.RuneCountInString(p.Text)
		case *slack.RichTextSectionLinkElement:
			f.text(what, p.Text, maxSection)
			f.text(what+" link", p.URL, maxURL)
			n += utf8.RuneCountInString(p.Text)
		case *slack.RichTextSectionUserElement:
			f.text(what+" user", p.UserID, maxID)
			n++
		default:
			f.errs = append(f.errs, fmt.Errorf("%s: no limit is known for a %T", what, p))
		}
	}
	return n
}

func (f *fault) elements(what string, elements []slack.BlockElement) {
	for _, e := range elements {
		switch e := e.(type) {
		case *slack.ButtonBlockElement:
			f.object(what+" button", e.Text, maxButton)
			f.text(what+" accessibility_label", e.AccessibilityLabel, maxButton)
			f.text(what+" value", e.Value, maxValue)
			f.text(what+" action_id", e.ActionID, maxID)
		case *slack.FeedbackButtonsBlockElement:
			f.text(what+" action_id", e.ActionID, maxID)
			for _, b := range []*slack.FeedbackButton{e.PositiveButton, e.NegativeButton} {
				f.object(what+" button", b.Text, maxButton)
				f.text(what+" accessibility_label", b.AccessibilityLabel, maxButton)
				f.text(what+" value", b.Value, maxValue)
			}
		case *slack.RadioButtonsBlockElement:
			f.most(what+" options", len(e.Options), maxElements)
			for _, o := range e.Options {
				f.object(what+" option", o.Text, maxOption)
				f.text(what+" option value", o.Value, maxOption)
			}
		case *slack.PlainTextInputBlockElement:
			f.most(what+" max_length", e.MaxLength, maxSection)
		default:
			f.errs = append(f.errs, fmt.Errorf("%s: no limit is known for a %T", what, e))
		}
	}
}
