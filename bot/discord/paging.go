package discord

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"summitbot/bot/phrase"
)

// What one person sees alone and is longer than a message is shown as pages of one
// message, which is edited: an edit can be made again when it is not known whether
// it arrived, and a message that nobody can look up cannot. The pages of an answer
// are made anew from the journal whenever one is turned, and so outlive restarts;
// those of anything else are kept for as long as its key is.

// A paging is the pages of something that is no answer.
type paging struct {
	list        []message
	collections []string // which the person could see who was shown it
}

// pagesID names the pages of what the question or press of a key is shown, in the
// channel where it stands.
func pagesID(key string) string {
	parts := strings.SplitN(key, ":", 4) // see keyOf
	return parts[len(parts)-1]
}

// keepPages keeps the pages of what is no answer.
func (d *Discord) keepPages(q inquiry, list []message) {
	e := d.table.find(q.key)
	if e == nil || len(list) < 2 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pages = &paging{list, q.asked.collections}
}

// pagesOf returns the pages that an id names, or what to say instead if they are
// gone, or not for this channel any more.
func (d *Discord) pagesOf(ctx context.Context, q inquiry, id string) (list []message, instead *message, err error) {
	key := keyOf(q.from.Guild, q.from.Channel, id)
	a, err := d.record.AnswerTo(ctx, key)
	if err != nil {
		if list := d.keptPages(q, key); len(list) > 0 {
			return list, nil, nil
		}
		return nil, new(d.show.note(q.asked.language, phrase.AnswerGone)), err
	}
	may, err := d.mayShow(ctx, q.spot, a)
	if err != nil || !may {
		return nil, new(d.show.note(a.Language, phrase.NotForYou)), err
	}
	return d.show.private(asked{text: a.Question}, baseKey(key), a), nil, nil
}

// keptPages returns what keepPages kept, unless other collections may be seen here by
// now.
func (d *Discord) keptPages(q inquiry, key string) []message {
	e := d.table.find(key)
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pages == nil || !slices.Equal(e.pages.collections, q.asked.collections) {
		return nil
	}
	return e.pages.list
}

// turn shows another page in the place of the one whose button was pressed.
func (d *Discord) turn(ctx context.Context, q inquiry, p press) error {
	list, instead, err := d.pagesOf(ctx, q, p.id)
	if instead != nil {
		d.tellOne(ctx, *q.from, *instead)
		if err != nil {
			err = fmt.Errorf("turn a page: %w", err)
		}
		return err
	}
	m := pageOf(list, p.page(), p.id)
	m.ephemeral = false // who sees a message cannot be changed, and Discord refuses the attempt
	return d.send.respond(ctx, *q.from, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseUpdateMessage, Data: m.response()})
}
