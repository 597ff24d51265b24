package discord

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"
)

const (
	// pageMost is how many messages Discord gives at once.
	pageMost = 100
	// pagesMost bounds what is read of a channel to find a message: a thousand
	// messages since a question are more than people write while it is answered.
	pagesMost = 10
	// nonceLength is what Discord takes.
	nonceLength = 25
	// archiveAfter is when Discord puts away a thread in which nothing is said, in
	// minutes.
	archiveAfter = 1440
)

var (
	// errGone says that the question does not stand there any more.
	errGone = errors.New("the question was deleted")
	// errMany says that there is more in a channel than is read.
	errMany = fmt.Errorf("read the channel: more than %d messages", pagesMost*pageMost)
)

// A place is where an answer stands, or shall.
type place struct {
	channel string
	replies string // the message that it answers there; "" is none
}

// nonceOf names a message that is to be sent once. It is the same in every
// attempt and after a restart.
func nonceOf(key string, part int, m message) string {
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(part) + "\x00" + m.text()))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:nonceLength]
}

// A posted is a new message with what the library has no fields for.
type posted struct {
	*discordgo.MessageSend
	Nonce   string `json:"nonce"`
	Enforce bool   `json:"enforce_nonce"`
}

func channelRoute(channel, rest string) string { return "/channels/" + channel + rest }

// post posts a message exactly once. Discord drops a second one of a nonce for a
// few minutes; beside that the channel is read before anything is sent again,
// where is knows what was sent. It returns the message's id.
func (s *sender) post(ctx context.Context, at place, key string, part int, m message, is func(written) bool) (id string, err error) {
	send := m.send()
	if at.replies != "" {
		send.Reference = &discordgo.MessageReference{MessageID: at.replies, ChannelID: at.channel}
	}
	route := channelRoute(at.channel, "/messages")
	c := call{method: "POST", path: route, route: route, body: posted{send, nonceOf(key, part, m), true}}
	since := s.now()
	pause := firstPause
	for attempt := 1; ; attempt++ {
		var sent written
		err = s.once(firm(ctx), c, &sent)
		if err == nil && sent.ID == "" {
			err = errors.New("discord gave no id and no error")
		}
		switch {
		case err == nil:
			return sent.ID, nil
		case at.replies != "" && codeOf(err) == codeInvalidForm && s.missing(ctx, at):
			return "", fmt.Errorf("post: %w: %w", errGone, err)
		case !uncertain(err):
			return "", fmt.Errorf("post: %w", err)
		case ctx.Err() != nil:
			return "", fmt.Errorf("post: %w: %w", errUncertain, err)
		}
		s.log.WarnContext(ctx, "discord: message may not have arrived", "channel", at.channel, "attempt", attempt, "error", err)
		if ended := s.wait(ctx, pause); ended != nil {
			return "", fmt.Errorf("post: %w: %w", errUncertain, err)
		}
		pause *= 2
		found, read := s.find(ctx, at.channel, since, is)
		switch {
		case read != nil:
			return "", fmt.Errorf("post: %w: %w: %w", errUncertain, err, read)
		case found != "":
			return found, nil
		case attempt == attempts:
			return "", fmt.Errorf("post: %w", err)
		}
	}
}

// missing reports whether the message that a place answers is gone.
func (s *sender) missing(ctx context.Context, at place) bool {
	_, err := s.message(ctx, at.channel, at.replies)
	return codeOf(err) == codeUnknownMessage
}

// skew is how far clocks may differ: a message is looked for from then on.
const skew = time.Minute

// find returns the id of the first message of the bot's that is, "" if there is
// none.
func (s *sender) find(ctx context.Context, channel string, since time.Time, is func(written) bool) (id string, err error) {
	err = s.read(ctx, channel, idAt(since.Add(-skew)), func(m written) bool {
		if !s.own(m) || !is(m) {
			return true
		}
		id = m.ID
		return false
	})
	return id, err
}

// own reports whether the bot wrote a message.
func (s *sender) own(m written) bool { return m.Author != nil && m.Author.ID == s.self.user }

// read calls each for the messages of a channel after an id, oldest first, until
// it returns false.
func (s *sender) read(ctx context.Context, channel, after string, each func(written) bool) error {
	for range pagesMost {
		var page []written
		route := channelRoute(channel, "/messages")
		path := route + "?" + url.Values{"after": {after}, "limit": {strconv.Itoa(pageMost)}}.Encode()
		if err := s.repeat(ctx, call{method: "GET", path: path, route: route}, &page); err != nil {
			return fmt.Errorf("read the channel: %w", err)
		}
		slices.SortFunc(page, func(a, b written) int {
			switch {
			case before(a.ID, b.ID):
				return -1
			case before(b.ID, a.ID):
				return 1
			}
			return 0
		})
		for _, m := range page {
			if !each(m) {
				return nil
			}
			after = m.ID
		}
		if len(page) < pageMost {
			return nil
		}
	}
	return errMany
}

// message reads one message.
func (s *sender) message(ctx context.Context, channel, id string) (m written, err error) {
	err = s.repeat(ctx, call{
		method: "GET", path: channelRoute(channel, "/messages/"+id), route: channelRoute(channel, "/messages/one"),
	}, &m)
	return m, err
}

func editCall(channel, id string, body any) call {
	return call{method: "PATCH", path: channelRoute(channel, "/messages/"+id), route: channelRoute(channel, "/messages/one"), body: body}
}

// edit puts m in the place of a message. It may be done twice.
func (s *sender) edit(ctx context.Context, channel, id string, m message) error {
	if err := s.repeat(firm(ctx), editCall(channel, id, m.edit(channel, id)), nil); err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	return nil
}

// remove deletes a message. One that is gone already is no error.
func (s *sender) remove(ctx context.Context, channel, id string) error {
	err := s.repeat(firm(ctx), call{
		method: "DELETE", path: channelRoute(channel, "/messages/"+id), route: channelRoute(channel, "/messages/one"),
	}, nil)
	if err != nil && codeOf(err) != codeUnknownMessage && codeOf(err) != codeUnknownChannel {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// typing shows for ten seconds that the bot is typing. It is not worth repeating.
func (s *sender) typing(ctx context.Context, channel string) error {
	route := channelRoute(channel, "/typing")
	c := call{method: "POST", path: route, route: route}
	if !s.doors.spare(c) {
		return nil
	}
	return s.doors.through(ctx, c, func() error { return s.try(ctx, c, nil) })
}

// startThread begins a thread at a message, or finds the one that is there, and
// returns its id, which is that of the message.
func (s *sender) startThread(ctx context.Context, channel, message, name string) (string, error) {
	var made room
	err := s.repeat(firm(ctx), call{
		method: "POST", path: channelRoute(channel, "/messages/"+message+"/threads"), route: channelRoute(channel, "/threads"),
		body: discordgo.ThreadStart{Name: name, AutoArchiveDuration: archiveAfter},
	}, &made)
	switch {
	case codeOf(err) == codeThreadThere:
		return message, nil
	case err != nil:
		return "", fmt.Errorf("thread: %w", err)
	case made.ID == "":
		return message, nil
	}
	return made.ID, nil
}

// direct returns the channel of a person's own messages with the bot.
func (s *sender) direct(ctx context.Context, user string) (string, error) {
	var r room
	err := s.repeat(ctx, call{method: "POST", path: "/users/@me/channels", route: "/users/@me/channels", body: map[string]string{"recipient_id": user}}, &r)
	if err != nil {
		return "", fmt.Errorf("direct messages: %w", err)
	}
	return r.ID, nil
}

// get reads one thing.
func (s *sender) get(ctx context.Context, path, route string, out any) error {
	return s.repeat(ctx, call{method: "GET", path: path, route: route}, out)
}

// callbackMost is how long a first answer to an interaction is tried: Discord
// waits for three seconds.
const callbackMost = 3 * time.Second

// respond gives the first answer to an interaction. Discord takes one only, so
// that one that it has already is this one.
func (s *sender) respond(ctx context.Context, i interaction, r *discordgo.InteractionResponse) error {
	path := "/interactions/" + i.ID + "/" + i.Token + "/callback"
	var body any = r
	if r.Type == discordgo.InteractionResponseModal { // the library sends with it what only messages have
		body = map[string]any{"type": r.Type, "data": map[string]any{
			"custom_id": r.Data.CustomID, "title": r.Data.Title, "components": r.Data.Components,
		}}
	}
	began := s.now()
	for attempt := 1; ; attempt++ {
		err := s.once(firm(ctx), call{method: "POST", path: path, route: path, body: body, open: true}, nil)
		if codeOf(err) == codeAcknowledged && attempt > 1 {
			return nil
		}
		if err == nil || !uncertain(err) || s.now().Sub(began) > callbackMost {
			return err
		}
		s.log.WarnContext(ctx, "discord: interaction not answered", "interaction", i.ID, "attempt", attempt, "error", err)
		if err := s.wait(ctx, firstPause/2); err != nil {
			return err
		}
	}
}

// original names an interaction's first answer. Discord counts each by itself.
func original(i interaction) string {
	return "/webhooks/" + i.Application + "/" + i.Token + "/messages/@original"
}

// editOriginal puts m in the place of the first answer to an interaction, and
// returns its id. It may be done twice.
func (s *sender) editOriginal(ctx context.Context, i interaction, m message) (id string, err error) {
	var stands written
	path := original(i)
	if err := s.repeat(firm(ctx), call{method: "PATCH", path: path, route: path, body: m.webhookEdit(), open: true}, &stands); err != nil {
		return "", fmt.Errorf("edit the answer to an interaction: %w", err)
	}
	return stands.ID, nil
}

// removeOriginal deletes the first answer to an interaction.
func (s *sender) removeOriginal(ctx context.Context, i interaction) error {
	path := original(i)
	return s.repeat(firm(ctx), call{method: "DELETE", path: path, route: path, open: true}, nil)
}

// follow gives one more answer to an interaction. What is uncertain stays so: an
// ephemeral message cannot be looked up.
func (s *sender) follow(ctx context.Context, i interaction, m message) (id string, err error) {
	path := "/webhooks/" + i.Application + "/" + i.Token
	var sent written
	err = s.once(firm(ctx), call{method: "POST", path: path + "?wait=true", route: path, body: m.followup(), open: true}, &sent)
	if uncertain(err) {
		return "", fmt.Errorf("follow up: %w: %w", errUncertain, err)
	}
	if err != nil {
		return "", fmt.Errorf("follow up: %w", err)
	}
	return sent.ID, nil
}

// followCall is about a message that follows an interaction's first answer.
func followCall(method string, i interaction, id string, body any) call {
	path := "/webhooks/" + i.Application + "/" + i.Token + "/messages/"
	return call{method: method, path: path + id, route: path, body: body, open: true}
}

// editFollow puts m in the place of a message that follows. It may be done twice.
func (s *sender) editFollow(ctx context.Context, i interaction, id string, m message) error {
	if err := s.repeat(firm(ctx), followCall("PATCH", i, id, m.webhookEdit()), nil); err != nil {
		return fmt.Errorf("edit a follow-up: %w", err)
	}
	return nil
}

// removeFollow deletes a message that follows.
func (s *sender) removeFollow(ctx context.Context, i interaction, id string) error {
	return s.repeat(firm(ctx), followCall("DELETE", i, id, nil), nil)
}

// expired reports whether an interaction's token is of no use any more.
func expired(err error) bool {
	switch codeOf(err) {
	case codeInvalidToken, codeUnknownWebhook, codeUnknownInteraction, codeUnknownMessage:
		return true
	}
	return false
}
