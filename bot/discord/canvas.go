package discord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A canvas is where an answer is shown. Its methods are called by one goroutine at
// a time.
type canvas interface {
	// working shows that work is under way, for some seconds.
	working(ctx context.Context) error
	// spare reports whether growing takes nothing away from what has to be said.
	spare() bool
	// grow shows what there is of an answer so far.
	grow(ctx context.Context, m message) error
	// finish puts parts in the place of all that stands there of this question.
	finish(ctx context.Context, parts []message) error
	// adopt finds what stands there already, by an earlier start of the program. It
	// is errGone if the question does not.
	adopt(ctx context.Context) error
	// erase takes away what stands there.
	erase(ctx context.Context) error
}

// newCanvas returns the canvas of a question.
func (d *Discord) newCanvas(q inquiry) canvas {
	c := &channelCanvas{d: d, key: q.key, at: place{q.spot.channel, q.message}, question: q.message, thread: q.thread, received: q.received, adopted: true}
	c.name = threadName(q.asked.text)
	switch {
	case q.from != nil:
		return &interactionCanvas{d: d, q: q, i: *q.from}
	case q.private && !q.spot.direct():
		c.user = q.asked.user
		fallthrough
	case q.message == "":
		c.loose = true
	}
	return c
}

// A channelCanvas is messages in a channel: replies to the question, or a thread
// at it.
type channelCanvas struct {
	d        *Discord
	key      string
	at       place
	question string // the message that asks; "" if a command did
	thread   bool   // a thread is to be begun at the question
	name     string // of the thread
	user     string // whose own messages it is, which are to be opened; "" is none
	received time.Time
	loose    bool // what stands there is known by its words only

	parts   []string // the messages that stand there already, by part
	adopted bool     // all that stands there is known
}

// open begins the thread, or opens the person's own messages.
func (c *channelCanvas) open(ctx context.Context) error {
	if c.user != "" {
		channel, err := c.d.send.direct(ctx, c.user)
		if err != nil {
			return err
		}
		c.at, c.user = place{channel: channel}, ""
	}
	if !c.thread {
		return nil
	}
	thread, err := c.d.send.startThread(ctx, c.at.channel, c.question, c.name)
	switch {
	case err == nil:
		c.at, c.thread = place{channel: thread}, false
		c.d.threads.joined(thread, "")
	case codeOf(err) == codeUnknownMessage:
		return fmt.Errorf("%w: %w", errGone, err)
	case uncertain(err) || early(err):
		return err
	default: // threads are not for the bot here, or not possible
		c.d.log.WarnContext(ctx, "discord: no thread, so a reply", "key", c.key, "error", err)
		c.thread = false
	}
	return nil
}

func (c *channelCanvas) working(ctx context.Context) error {
	if c.user != "" {
		return nil
	}
	if err := c.open(ctx); err != nil {
		return err
	}
	return c.d.send.typing(ctx, c.at.channel)
}

func (c *channelCanvas) spare() bool {
	return len(c.parts) == 0 || c.d.send.doors.spare(editCall(c.at.channel, c.parts[0], nil))
}

func (c *channelCanvas) grow(ctx context.Context, m message) error {
	if !c.adopted {
		return errUncertain
	}
	if len(c.parts) > 0 {
		return c.d.send.edit(ctx, c.at.channel, c.parts[0], m)
	}
	id, err := c.post(ctx, 0, m)
	if err == nil {
		c.parts = []string{id}
	}
	return err
}

// mine reports whether a message stands there for m, which is a part of this
// answer that is not known.
func (c *channelCanvas) mine(m message) func(written) bool {
	return func(other written) bool {
		return other.answers() == c.at.replies && other.Content == m.content && !slices.Contains(c.parts, other.ID)
	}
}

// post posts a part.
func (c *channelCanvas) post(ctx context.Context, part int, m message) (string, error) {
	if err := c.open(ctx); err != nil {
		return "", err
	}
	if c.loose && !c.adopted {
		found, err := c.d.send.find(ctx, c.at.channel, c.received, c.mine(m))
		if err != nil || found != "" {
			return found, err
		}
	}
	id, err := c.d.send.post(ctx, c.at, c.key, part, m, c.mine(m))
	if codeOf(err) == codeMissingPermissions && len(m.embeds) > 0 {
		c.d.log.WarnContext(ctx, "discord: EMBED_LINKS is missing, so the sources are left out", "channel", c.at.channel)
		m.embeds = nil
		id, err = c.d.send.post(ctx, c.at, c.key, part, m, c.mine(m))
	}
	if errors.Is(err, errUncertain) {
		c.adopted = false
	}
	return id, err
}

func (c *channelCanvas) finish(ctx context.Context, parts []message) error {
	if !c.adopted && !c.loose {
		if err := c.adopt(ctx); err != nil {
			if errors.Is(err, errGone) {
				return nil // nobody wants to hear it
			}
			return fmt.Errorf("%w: %w", errUncertain, err)
		}
	}
	var errs []error
	var stand []string
	for i, m := range parts {
		id, err := c.part(ctx, i, m)
		if errors.Is(err, errGone) {
			return nil // likewise
		}
		if id != "" {
			stand = append(stand, id)
		}
		errs = append(errs, err)
		if err != nil {
			break // a part without the one before it is of no use
		}
	}
	if errors.Join(errs...) == nil {
		for _, id := range c.parts[min(len(parts), len(c.parts)):] {
			errs = append(errs, c.d.send.remove(ctx, c.at.channel, id))
		}
		c.parts = stand
	}
	return errors.Join(errs...)
}

// part puts a part in the place of the one that stands there, or posts it.
func (c *channelCanvas) part(ctx context.Context, i int, m message) (id string, err error) {
	if i < len(c.parts) {
		err := c.d.send.edit(ctx, c.at.channel, c.parts[i], m)
		if codeOf(err) != codeUnknownMessage {
			return c.parts[i], err
		}
	}
	id, err = c.post(ctx, i+1, m)
	if id != "" && i >= len(c.parts) {
		c.parts = append(c.parts, id)
	} else if id != "" {
		c.parts[i] = id
	}
	return id, err
}

func (c *channelCanvas) adopt(ctx context.Context) error {
	c.adopted = false
	if c.loose {
		return nil // each part is looked for before it is posted
	}
	asks, err := c.d.send.message(ctx, c.at.channel, c.question)
	if c.at.replies == "" && !c.thread { // the thread's channel is not the question's
		asks, err = written{}, nil
	}
	switch {
	case codeOf(err) == codeUnknownMessage, codeOf(err) == codeUnknownChannel:
		return errGone
	case err != nil:
		return err
	}
	if c.thread && asks.Thread != nil {
		c.at, c.thread = place{channel: asks.Thread.ID}, false
	}
	var parts []string
	err = c.d.send.read(ctx, c.at.channel, c.question, func(m written) bool {
		ordinary := m.Kind == kindOrdinary || m.Kind == kindReply
		if c.d.send.own(m) && ordinary && m.answers() == c.at.replies {
			parts = append(parts, m.ID)
		}
		return true
	})
	if err != nil {
		return err
	}
	c.parts, c.adopted = parts, true
	return nil
}

func (c *channelCanvas) erase(ctx context.Context) error {
	if !c.adopted && !c.loose {
		if err := c.adopt(ctx); err != nil && !errors.Is(err, errGone) {
			return err
		}
	}
	var errs []error
	for _, id := range c.parts {
		errs = append(errs, c.d.send.remove(ctx, c.at.channel, id))
	}
	c.parts = nil
	return errors.Join(errs...)
}

// tokenLife is how long an interaction's token is used: Discord takes it for
// fifteen minutes.
const tokenLife = 14 * time.Minute

// An interactionCanvas is the answer to an interaction, which was deferred. When
// its token is of no use any more it is a message in the channel, or in the
// person's own messages if it was to be private.
type interactionCanvas struct {
	d     *Discord
	q     inquiry
	i     interaction
	later *channelCanvas // nil as long as the token is of use
}

func (c *interactionCanvas) working(context.Context) error { return nil } // Discord says so

func (c *interactionCanvas) spare() bool {
	path := original(c.i)
	return c.d.send.doors.spare(call{method: "PATCH", path: path, route: path, open: true})
}

// alive reports whether the token is of use.
func (c *interactionCanvas) alive() bool {
	return c.later == nil && c.d.now().Sub(timeOf(c.i.ID)) < tokenLife
}

func (c *interactionCanvas) grow(ctx context.Context, m message) error {
	if !c.alive() {
		return nil // the answer brings the claims
	}
	return c.d.send.editOriginal(ctx, c.i, m)
}

func (c *interactionCanvas) finish(ctx context.Context, parts []message) error {
	if !c.alive() {
		return c.otherwise(ctx, parts)
	}
	err := c.d.send.editOriginal(ctx, c.i, parts[0])
	if expired(err) {
		return c.otherwise(ctx, parts)
	}
	if err != nil {
		return err
	}
	for n, m := range parts[1:] {
		m.ephemeral = c.q.private
		err := c.follow(ctx, m)
		if expired(err) {
			return c.otherwise(ctx, parts[n+1:])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow sends one more message. What all can see is looked for before it is sent
// again; nothing can be found out about what one person sees.
func (c *interactionCanvas) follow(ctx context.Context, m message) error {
	pause := firstPause
	since := c.d.now()
	for attempt := 1; ; attempt++ {
		_, err := c.d.send.follow(ctx, c.i, m)
		if !errors.Is(err, errUncertain) || m.ephemeral || attempt == attempts {
			return err
		}
		if err := c.d.wait(ctx, pause); err != nil {
			return err
		}
		pause *= 2
		found, read := c.d.send.find(ctx, c.q.spot.channel, since, func(other written) bool { return other.Content == m.content })
		if read != nil {
			return errors.Join(err, read)
		}
		if found != "" {
			return nil
		}
	}
}

// otherwise shows parts by messages of the bot's own.
func (c *interactionCanvas) otherwise(ctx context.Context, parts []message) error {
	if c.later == nil {
		q := c.q
		q.from = nil
		c.later = c.d.newCanvas(q).(*channelCanvas)
	}
	return c.later.finish(ctx, parts)
}

func (c *interactionCanvas) adopt(context.Context) error { return nil }

func (c *interactionCanvas) erase(ctx context.Context) error {
	if c.later != nil {
		return c.later.erase(ctx)
	}
	if !c.alive() {
		return nil
	}
	return c.d.send.removeOriginal(ctx, c.i)
}
