package discord

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"summitbot/bot"
	"summitbot/bot/phrase"
)

// event takes what came over the gateway. It does not wait: what takes time is
// done beside.
func (d *Discord) event(ctx context.Context, kind string, data json.RawMessage) {
	if d.rooms.event(kind, data) {
		return
	}
	switch kind {
	case "READY":
		d.ready(ctx, data)
	case "MESSAGE_CREATE":
		if m, ok := decode[written](ctx, d, kind, data); ok {
			d.rooms.written(m.Channel, m.ID)
			d.said(ctx, m)
		}
	case "MESSAGE_UPDATE":
		if m, ok := decode[written](ctx, d, kind, data); ok {
			d.changed(ctx, m)
		}
	case "MESSAGE_DELETE":
		if m, ok := decode[written](ctx, d, kind, data); ok {
			d.deleted(ctx, m.Guild, m.Channel, m.ID)
		}
	case "MESSAGE_DELETE_BULK":
		type many struct {
			Guild   string   `json:"guild_id"`
			Channel string   `json:"channel_id"`
			IDs     []string `json:"ids"`
		}
		if m, ok := decode[many](ctx, d, kind, data); ok {
			d.deleted(ctx, m.Guild, m.Channel, m.IDs...)
		}
	case "INTERACTION_CREATE":
		if i, ok := decode[interaction](ctx, d, kind, data); ok && i.Token != "" {
			d.do(ctx, "interaction", func(ctx context.Context) { d.interact(ctx, i) }, func(ctx context.Context) { d.apologise(ctx, i) })
		}
	}
}

// decode reads an event's data.
func decode[T any](ctx context.Context, d *Discord, kind string, data json.RawMessage) (v T, ok bool) {
	if err := json.Unmarshal(data, &v); err != nil {
		d.log.ErrorContext(ctx, "discord: unreadable event", "type", kind, "error", err)
		return v, false
	}
	return v, true
}

// apologise tells somebody that what they did came to nothing.
func (d *Discord) apologise(ctx context.Context, i interaction) {
	user, _ := i.by()
	q := inquiry{asked: asked{user: user, language: languageOf(i.Locale)}}
	d.tellOne(ctx, i, d.show.note(q.asked.language, phrase.Broken))
}

// said takes a message that somebody wrote.
func (d *Discord) said(ctx context.Context, m written) {
	if m.Author == nil || m.Author.Bot || m.Webhook != "" {
		return // before anything is asked about its channel
	}
	turn := d.door.queue(m.Channel)
	d.do(ctx, "message", func(ctx context.Context) {
		defer turn.pass()
		at, err := d.rooms.spot(ctx, m.Guild, m.Channel)
		turn.enter()
		if err != nil {
			if r := routeOf(m, d.send.self.user, spot{guild: m.Guild, channel: m.Channel}); r == question {
				d.log.ErrorContext(ctx, "discord: a question in an unknown channel", "channel", m.Channel, "message", m.ID, "error", err)
			}
			return
		}
		d.heard(ctx, m, at, turn, false)
	}, func(ctx context.Context) { d.regret(ctx, m) })
}

// regret answers a message that broke something.
func (d *Discord) regret(ctx context.Context, m written) {
	if routeOf(m, d.send.self.user, spot{guild: m.Guild, channel: m.Channel}) != question {
		return
	}
	key := keyOf(m.Guild, m.Channel, m.ID)
	sorry := d.show.note(d.defaults.Language, phrase.Broken)
	if _, err := d.send.post(ctx, place{m.Channel, m.ID}, key, sorryPart, sorry, func(other written) bool {
		return other.answers() == m.ID && other.Content == sorry.text()
	}); err != nil {
		d.log.WarnContext(ctx, "discord: apologise", "key", key, "error", err)
	}
}

// sorryPart names the apology, which is no part of an answer.
const sorryPart = 99

// heard takes a message of a person, if it is for the bot. One that was missed is
// looked at after each outage until it is answered, so who may not ask was told.
func (d *Discord) heard(ctx context.Context, m written, at spot, turn *ticket, missed bool) {
	r := routeOf(m, d.send.self.user, at)
	if r == ignore {
		return
	}
	q := d.inquire(ctx, m, at)
	q.ticket, q.quiet = turn, missed
	switch r {
	case question:
		d.ask(ctx, q)
	case follows:
		q.quiet = true // it may not be meant for the bot
		if !d.content || !d.threads.known(at.channel) && !d.inThread(ctx, at) {
			return
		}
		if d.threads.toBot(at.channel, q.asked.user, q.asked.text) {
			d.ask(ctx, q)
		}
	}
}

// inThread reports whether a thread is the bot's: it began it, or the message at
// which it begins was a question.
func (d *Discord) inThread(ctx context.Context, at spot) bool {
	if at.owner != d.send.self.user {
		if _, err := d.record.Question(ctx, keyOf(at.guild, at.parent, at.channel)); err != nil {
			return false
		}
	}
	d.threads.joined(at.channel, "")
	return true
}

// changed takes the edit of a message.
func (d *Discord) changed(ctx context.Context, m written) {
	if m.Author == nil || m.Author.Bot || m.Edited == "" || m.Content == "" || d.now().Sub(timeOf(m.ID)) > editable {
		return
	}
	turn := d.door.queue(m.Channel)
	d.do(ctx, "edit", func(ctx context.Context) {
		defer turn.pass()
		turn.enter()
		d.redo(ctx, turn, keyOf(m.Guild, m.Channel, m.ID), m.Edited, d.questionOf(m))
	}, nil)
}

// deleted takes the end of messages: the answers to them end too.
func (d *Discord) deleted(ctx context.Context, guild, channel string, ids ...string) {
	turn := d.door.queue(channel)
	d.do(ctx, "deleted", func(context.Context) {
		defer turn.pass()
		turn.enter()
		for _, id := range ids {
			d.withdraw(guild, channel, id)
		}
	}, nil)
}

// lately is how far back missed questions are looked for, and in which channels:
// those where the bot spoke since.
const lately = time.Hour

// catchMost bounds how many channels are looked through after one outage, those
// first where somebody wrote last.
const catchMost = 50

// guildPatience is how long a guild's channels are waited for after a session
// began: Discord tells of them within a second, unless the connection breaks then.
const guildPatience = 5 * time.Second

// arrive catches up in a guild when its channels are known. If Discord does not
// tell of them, it is asked.
func (d *Discord) arrive(ctx context.Context, guild string, came <-chan struct{}) {
	patience, stop := context.WithCancel(ctx)
	late := make(chan struct{})
	go func() {
		defer close(late)
		_ = d.wait(patience, guildPatience) // it is over in any case
	}()
	select {
	case <-came:
	case <-late:
	}
	stop()
	<-late
	if ctx.Err() != nil {
		return
	}
	select {
	case <-came:
	default:
		if err := d.rooms.load(ctx, guild); err != nil {
			d.log.WarnContext(ctx, "discord: the channels of a guild", "guild", guild, "error", err)
			return
		}
	}
	d.catchUp(ctx, guild)
}

// catchUp answers what was asked where the bot spoke lately while there was no
// session. What was asked before is known by its key, and by its answer.
//
// guild is whose channels are looked through, "" is people's own messages.
func (d *Discord) catchUp(ctx context.Context, guild string) {
	since := d.now().Add(-lately)
	oldest := idAt(since)
	list := slices.DeleteFunc(d.rooms.list(), func(r room) bool {
		return r.Guild != guild || r.Last == "" || before(r.Last, oldest)
	})
	if guild == "" {
		list = d.withDirect(ctx, list, since)
	}
	slices.SortFunc(list, func(a, b room) int {
		switch {
		case before(b.Last, a.Last):
			return -1
		case before(a.Last, b.Last):
			return 1
		}
		return 0
	})
	if len(list) > catchMost {
		d.log.WarnContext(ctx, "discord: too many channels to look through after an outage", "channels", len(list), "looked_through", catchMost)
		list = list[:catchMost]
	}
	for _, r := range list {
		at := spot{guild: r.Guild, channel: r.ID}
		if r.thread() {
			at.parent, at.owner = r.Parent, r.Owner
		}
		if err := d.catchUpIn(ctx, at, oldest); err != nil {
			d.log.WarnContext(ctx, "discord: look for missed questions", "channel", r.ID, "error", err)
			if errors.Is(err, errShut) {
				return
			}
		}
	}
}

// withDirect adds the people's own messages where an earlier start answered lately:
// Discord tells of those channels only when somebody writes there.
func (d *Discord) withDirect(ctx context.Context, list []room, since time.Time) []room {
	keys, err := d.record.Recent(ctx, surface, since)
	if err != nil {
		d.log.ErrorContext(ctx, "discord: where people wrote lately", "error", err)
	}
	for _, key := range keys {
		parts := strings.Split(key, ":")
		if len(parts) < 4 || parts[1] != directMark || slices.ContainsFunc(list, func(r room) bool { return r.ID == parts[2] }) {
			continue
		}
		list = append(list, room{ID: parts[2], Last: strings.TrimPrefix(parts[3], slashMark)})
	}
	return list
}

// catchUpIn looks through one channel.
func (d *Discord) catchUpIn(ctx context.Context, at spot, oldest string) error {
	var asked []written
	spoke := false
	answered := map[string]bool{}
	err := d.send.read(ctx, at.channel, oldest, func(m written) bool {
		if d.send.own(m) {
			spoke = true
			answered[m.answers()] = true
			return true
		}
		if m.Thread != nil && m.Thread.Owner == d.send.self.user {
			spoke = true
			return true
		}
		if routeOf(m, d.send.self.user, at) != ignore {
			asked = append(asked, m)
		}
		return true
	})
	if err != nil && !errors.Is(err, errMany) || !spoke && !at.direct() {
		return err
	}
	for _, m := range asked {
		if answered[m.ID] || d.table.find(keyOf(at.guild, at.channel, m.ID)) != nil {
			continue
		}
		turn := d.door.queue(at.channel)
		d.do(ctx, "missed message", func(ctx context.Context) {
			defer turn.pass()
			turn.enter()
			m.Guild = at.guild
			if len(d.settings(at).Roles) > 0 {
				m.Member = &member{Roles: d.rolesOf(ctx, at, m.Author.ID)}
			}
			d.heard(ctx, m, at, turn, true)
		}, nil)
	}
	return err
}

// verdictOf makes feedback of what somebody clicked or wrote.
func (d *Discord) verdictOf(answer, user string, v bot.Verdict, reason, text string) bot.Feedback {
	return bot.Feedback{Answer: answer, Surface: surface, User: user, Verdict: v, Reason: reason, Text: text, Time: d.now()}
}

// languageOf returns the language of a locale such as "pt-BR".
func languageOf(locale string) string {
	if len(locale) < 2 {
		return ""
	}
	return locale[:2]
}
