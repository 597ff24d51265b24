package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
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
	// blind reports whether the answer may stand where nobody can look any more.
	blind() bool
	// erase takes away what stands there.
	erase(ctx context.Context) error
}

// takeOver returns the canvas of a question: old, if something of the question was
// shown there, or a new one.
func (d *Discord) takeOver(old canvas, q inquiry) canvas {
	if c, ok := old.(*interactionCanvas); ok {
		c.q = q                        // whose pages are turned by its key
		c.ended = c.ended && q.resumed // what stands there of a question that is asked again is not its answer
	}
	if old == nil {
		return d.newCanvas(q)
	}
	return old
}

// newCanvas returns the canvas of a question.
func (d *Discord) newCanvas(q inquiry) canvas {
	if q.from != nil {
		return &interactionCanvas{d: d, q: q, i: *q.from, ended: q.ended}
	}
	c := &channelCanvas{d: d, key: q.key, at: place{q.spot.channel, q.message}, question: q.message, thread: q.thread, received: q.received, adopted: true}
	c.name = threadName(q.asked.text)
	switch {
	case q.private && !q.spot.direct():
		c.user, c.loose, c.hidden = q.asked.user, true, q.ended
	case q.message == "":
		c.command, c.loose, c.adopted = commandOf(q.key), true, false // its "thinking ..." stands there
	}
	return c
}

// A channelCanvas is messages in a channel: replies to the question, or a thread
// at it, or what answers a command whose token is of no use.
type channelCanvas struct {
	d        *Discord
	key      string
	at       place
	question string // the message that asks; "" if a command did
	command  string // the interaction that asks, where all can see its answer; "" if a message did
	thread   bool   // a thread is to be begun at the question
	name     string // of the thread
	user     string // whose own messages it is, which are to be opened; "" is none
	received time.Time
	loose    bool // what the bot posted there bears no mark, and is known by its words only
	hidden   bool // the answer may stand in the channel already, where only one person sees it

	parts   []string // the messages that stand there already, by part
	adopted bool     // all that stands there is known, but for what is loose
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
		return other.answers() == c.at.replies && other.Content == m.text() && !slices.Contains(c.parts, other.ID)
	}
}

// post posts a part.
func (c *channelCanvas) post(ctx context.Context, part int, m message) (string, error) {
	if err := c.open(ctx); err != nil {
		return "", err
	}
	if c.loose && c.at.replies == "" {
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
	if !c.adopted {
		if err := c.adopt(ctx); err != nil {
			if errors.Is(err, errGone) {
				return nil // nobody wants to hear it
			}
			if statusOf(err) == http.StatusForbidden {
				return err // and will not have it later
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
	switch {
	case c.command != "":
		return c.adoptCommand(ctx)
	case c.loose:
		c.adopted = true // each part is looked for before it is posted
		return nil
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

// adoptCommand finds what answers a command: its first answer, and what replies to
// that. A first answer that says nothing yet is taken away: only its interaction's
// token could fill it, and it says that work is under way until its time is over,
// and then that the bot does not respond.
func (c *channelCanvas) adoptCommand(ctx context.Context) error {
	var loading, first string
	var parts []string
	err := c.d.send.read(ctx, c.at.channel, c.command, func(m written) bool {
		switch {
		case !c.d.send.own(m):
		case m.interaction() == c.command && m.Flags&flagLoading != 0:
			loading = m.ID
		case m.interaction() == c.command || first != "" && m.answers() == first:
			first = cmp.Or(first, m.ID)
			parts = append(parts, m.ID)
		}
		return true
	})
	if err != nil {
		return err
	}
	if loading != "" {
		if err := c.d.send.remove(ctx, c.at.channel, loading); err != nil {
			return err
		}
	}
	if first != "" { // what it lacks replies to it, and so is known by that
		c.parts, c.at.replies = parts, first
	}
	c.adopted = true
	return nil
}

func (c *channelCanvas) blind() bool { return c.hidden }

func (c *channelCanvas) erase(ctx context.Context) error {
	if !c.adopted {
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

// An interactionCanvas is the answer to an interaction, which was deferred: its
// first answer. What all can see goes on in messages that follow, and what one person
// sees in pages of the same message. When the token is of no use any more it is
// messages in the channel, or in the person's own messages if it was to be private.
type interactionCanvas struct {
	d       *Discord
	q       inquiry
	i       interaction
	first   string         // the id of the first answer; "" while it is not known
	follows []string       // what follows it, by part, from the second on
	unsure  bool           // one more may stand there
	ended   bool           // the end of the answer may stand there
	dead    bool           // Discord does not take the token any more
	later   *channelCanvas // nil as long as the token is of use
}

func (c *interactionCanvas) working(context.Context) error { return nil } // Discord says so

func (c *interactionCanvas) spare() bool {
	path := original(c.i)
	return c.d.send.doors.spare(call{method: "PATCH", path: path, route: path, open: true})
}

// alive reports whether the token is of use.
func (c *interactionCanvas) alive() bool {
	return !c.dead && c.later == nil && c.d.now().Sub(timeOf(c.i.ID)) < tokenLife
}

func (c *interactionCanvas) blind() bool { return c.q.private && c.ended && !c.alive() }

func (c *interactionCanvas) grow(ctx context.Context, m message) error {
	if !c.alive() {
		return nil // the answer brings the claims
	}
	id, err := c.d.send.editOriginal(ctx, c.i, m)
	c.first = cmp.Or(c.first, id)
	return err
}

func (c *interactionCanvas) finish(ctx context.Context, parts []message) error {
	if !c.alive() {
		return c.otherwise(ctx, parts)
	}
	m := parts[0]
	if c.q.private {
		m = pageOf(parts, 0, pagesID(c.q.key))
	}
	id, err := c.d.send.editOriginal(ctx, c.i, m)
	switch {
	case expired(err):
		return c.expire(ctx, parts)
	case err != nil:
		c.ended = c.ended || uncertain(err)
		return err
	}
	c.first, c.ended = cmp.Or(c.first, id), true
	if c.q.private {
		return nil
	}
	for n, m := range parts[1:] {
		err := c.follow(ctx, n, m)
		if expired(err) {
			return c.expire(ctx, parts)
		}
		if err != nil {
			return err
		}
	}
	return c.trim(ctx, len(parts)-1)
}

// expire notes that the token is of no use any more, and shows parts otherwise,
// unless they may stand where only one person could tell.
func (c *interactionCanvas) expire(ctx context.Context, parts []message) error {
	if c.dead = true; c.blind() {
		return errUncertain
	}
	return c.otherwise(ctx, parts)
}

// trim takes away what follows beyond most messages.
func (c *interactionCanvas) trim(ctx context.Context, most int) error {
	for len(c.follows) > most {
		last := len(c.follows) - 1
		if err := c.d.send.removeFollow(ctx, c.i, c.follows[last]); err != nil && !expired(err) {
			return err
		}
		c.follows = c.follows[:last]
	}
	return nil
}

// follow puts one more message where the one of that number stands, or sends it. It
// is looked for before it is sent again: all can see it.
func (c *interactionCanvas) follow(ctx context.Context, n int, m message) error {
	if n < len(c.follows) {
		err := c.d.send.editFollow(ctx, c.i, c.follows[n], m)
		if codeOf(err) != codeUnknownMessage {
			return err
		}
		c.follows = c.follows[:n] // what stood behind it is out of place
	}
	pause := firstPause
	for attempt := 1; ; attempt++ {
		if c.unsure {
			found, err := c.d.send.find(ctx, c.q.spot.channel, timeOf(c.i.ID), c.mine(m))
			if err != nil {
				return fmt.Errorf("%w: %w", errUncertain, err)
			}
			c.unsure = false
			if found != "" {
				c.follows = append(c.follows, found)
				return nil
			}
		}
		id, err := c.d.send.follow(ctx, c.i, m)
		if err == nil {
			c.follows = append(c.follows, id)
			return nil
		}
		c.unsure = errors.Is(err, errUncertain)
		if !c.unsure || attempt == attempts {
			return err
		}
		if ended := c.d.wait(ctx, pause); ended != nil {
			return errors.Join(err, ended)
		}
		pause *= 2
	}
}

// mine reports whether a message is m, and none that is known.
func (c *interactionCanvas) mine(m message) func(written) bool {
	return func(other written) bool {
		asked := other.interaction()
		return (asked == c.i.ID || asked == "") && other.ID != c.first && other.Content == m.text() && !slices.Contains(c.follows, other.ID)
	}
}

// otherwise shows parts by messages of the bot's own. Where all can see them, they
// are put in the place of those that stand there; what one person saw stays.
func (c *interactionCanvas) otherwise(ctx context.Context, parts []message) error {
	if c.later == nil {
		q := c.q
		q.from = nil
		c.later = c.d.newCanvas(q).(*channelCanvas)
	}
	return c.later.finish(ctx, parts)
}

func (c *interactionCanvas) adopt(ctx context.Context) error {
	if c.later != nil {
		return c.later.adopt(ctx)
	}
	return nil // what stands there is known
}

func (c *interactionCanvas) erase(ctx context.Context) error {
	if c.later != nil {
		return c.later.erase(ctx)
	}
	if !c.alive() {
		return nil
	}
	return errors.Join(c.trim(ctx, 0), c.d.send.removeOriginal(ctx, c.i))
}
