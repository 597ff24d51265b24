package discord

import (
	"errors"
	"fmt"
	"net/url"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"
)

// Discord's limits, in characters unless they say otherwise.
const (
	maxContent     = 2000
	maxEmbeds      = 10   // in a message
	maxEmbedText   = 6000 // in all embeds of a message together
	maxTitle       = 256  // of an embed
	maxDescription = 4096 //
	maxFooter      = 2048 //
	maxRows        = 5    // of components
	maxInRow       = 5    // buttons
	maxCustomID    = 100  //
	maxLabel       = 80   // of a button
	maxOptions     = 25   // of a menu
	maxOption      = 100  // the words, and the value, of an option of a menu
	maxPlaceholder = 150  //
	maxModalTitle  = 45   //
	maxInputLabel  = 45   //
	maxInput       = 4000 //
	maxChoices     = 25   // of an autocomplete
	maxChoice      = 100  // the name, and the value
	maxThreadName  = 100  //
	maxURL         = 512  // what a button may link; nothing is said of embeds
)

// length returns how many UTF-16 code units s has. Discord does not say what it
// counts, and its programs count these; they are never fewer than characters.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// fault collects what is over a limit.
type fault struct{ errs []error }

func (f *fault) wrong(format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf(format, args...))
}

func (f *fault) most(what string, got, limit int) {
	if got > limit {
		f.wrong("%s: %d, and the most is %d", what, got, limit)
	}
}

func (f *fault) text(what, s string, limit int) {
	if s == "" {
		f.wrong("%s: empty", what)
	}
	if !utf8.ValidString(s) {
		f.wrong("%s: not UTF-8", what)
	}
	f.most(what, length(s), limit)
}

// withinLimits says what of a message Discord would not take.
func withinLimits(m message) error {
	var f fault
	if m.text() == "" && len(m.embeds) == 0 {
		f.wrong("the message is empty")
	}
	if m.text() != "" {
		f.text("content", m.text(), maxContent)
	}
	f.embeds(m.embeds)
	f.rows(m.components)
	return errors.Join(f.errs...)
}

func (f *fault) embeds(embeds []*discordgo.MessageEmbed) {
	f.most("embeds", len(embeds), maxEmbeds)
	total := 0
	for i, e := range embeds {
		what := fmt.Sprintf("embed %d", i)
		if len(e.Fields) > 0 || e.Author != nil || e.Image != nil || e.Thumbnail != nil || e.Video != nil || e.Provider != nil {
			f.wrong("%s: no limit is known for all of its parts", what)
		}
		if e.Title == "" && e.Description == "" {
			f.wrong("%s: empty", what)
		}
		f.most(what+" title", length(e.Title), maxTitle)
		f.most(what+" description", length(e.Description), maxDescription)
		f.link(what, e.URL)
		if e.Footer != nil {
			f.text(what+" footer", e.Footer.Text, maxFooter)
		}
		total += sizeOf(e)
	}
	f.most("all embeds", total, maxEmbedText)
}

func (f *fault) link(what, link string) {
	if link == "" {
		return
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		f.wrong("%s: %q is no link", what, link)
	}
	f.most(what+" link", length(link), maxURL)
}

func (f *fault) customID(what, id string, seen map[string]bool) {
	f.text(what+" custom_id", id, maxCustomID)
	if seen[id] {
		f.wrong("%s: the custom_id %q is there twice", what, id)
	}
	seen[id] = true
}

func (f *fault) rows(components []discordgo.MessageComponent) {
	f.most("rows", len(components), maxRows)
	seen := map[string]bool{}
	for i, c := range components {
		what := fmt.Sprintf("row %d", i)
		row, ok := c.(discordgo.ActionsRow)
		if !ok || len(row.Components) == 0 {
			f.wrong("%s: not a row, or an empty one: %T", what, c)
			continue
		}
		f.most(what, len(row.Components), maxInRow)
		for _, c := range row.Components {
			switch c := c.(type) {
			case discordgo.Button:
				f.text(what+" label", c.Label, maxLabel)
				f.customID(what, c.CustomID, seen)
				if c.URL != "" || c.Style == discordgo.LinkButton {
					f.wrong("%s: a button with a link", what)
				}
			case discordgo.SelectMenu:
				f.most(what+" beside a menu", len(row.Components), 1)
				f.customID(what, c.CustomID, seen)
				f.most(what+" placeholder", length(c.Placeholder), maxPlaceholder)
				f.most(what+" options", len(c.Options), maxOptions)
				if len(c.Options) == 0 {
					f.wrong("%s: a menu of nothing", what)
				}
				for _, o := range c.Options {
					f.text(what+" option", o.Label, maxOption)
					f.text(what+" option value", o.Value, maxOption)
					f.most(what+" option description", length(o.Description), maxOption)
				}
			case discordgo.TextInput:
				f.most(what+" beside an input", len(row.Components), 1)
				f.customID(what, c.CustomID, seen)
				f.text(what+" label", c.Label, maxInputLabel)
				f.most(what+" placeholder", length(c.Placeholder), maxOption)
				f.most(what+" max_length", c.MaxLength, maxInput)
			default:
				f.wrong("%s: no limit is known for a %T", what, c)
			}
		}
	}
}

// responseWithinLimits says what of a response Discord would not take.
func responseWithinLimits(r *discordgo.InteractionResponse) error {
	var f fault
	d := r.Data
	switch r.Type {
	case discordgo.InteractionResponseModal:
		f.text("custom_id", d.CustomID, maxCustomID)
		f.text("title", d.Title, maxModalTitle)
		if len(d.Components) == 0 {
			f.wrong("a dialog without inputs")
		}
		f.rows(d.Components)
	case discordgo.InteractionApplicationCommandAutocompleteResult:
		f.most("choices", len(d.Choices), maxChoices)
		for _, c := range d.Choices {
			value, _ := c.Value.(string)
			f.text("choice", c.Name, maxChoice)
			f.text("choice value", value, maxChoice)
		}
	default:
		return withinLimits(message{content: d.Content, embeds: d.Embeds, components: d.Components})
	}
	return errors.Join(f.errs...)
}
