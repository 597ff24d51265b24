// Package discord is the front end for Discord, over its gateway: it needs no
// public address. Mentions, replies to the bot and direct messages are answered by
// replies or in threads, slash commands where they were given; a message command
// checks any message against the documents.
//
// Invariants. Whatever Discord delivers again, and however its calls fail, a
// question has one answer: its key is that of the message or the interaction that
// asks, which the bot's journal begins once; a message is sent with a nonce, and
// after a failure that tells nothing the channel is read before anything is sent
// again. An interaction is answered before anything else is done about it. What
// was asked privately is answered privately or not at all. Nothing is sent but by
// the sender, which keeps to Discord's limits, and nothing that is sent calls
// anybody. What a person can see, share or open is bound to the collections of the
// channel where they do it.
package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/knowledge"
)

// surface names this front end in keys and in the journal.
const surface = "discord"

// DefaultCommand is the slash command that asks.
const DefaultCommand = "summit"

// A Handler answers messages, over restarts too; *bot.Bot is one.
type Handler interface {
	bot.Handler
	Resume(ctx context.Context, m bot.Message, r bot.Responder) error
	Unfinished(ctx context.Context, surface string) ([]bot.Unfinished, error)
}

// A Library is what people can look up; *knowledge.Base is one.
type Library interface {
	Documents(ctx context.Context) ([]knowledge.Document, error)
	Passage(ctx context.Context, addr knowledge.Address, digest string, around int) (knowledge.Document, []knowledge.Paragraph, error)
}

// A Checker checks a text against the documents; *check.Checker is one.
type Checker interface {
	Check(ctx context.Context, text string, collections []string) (check.Report, error)
}

// A Record remembers answers; *journal.Journal is one.
type Record interface {
	Answer(ctx context.Context, id string) (answer.Answer, error)
	AnswerTo(ctx context.Context, key string) (answer.Answer, error)
	Question(ctx context.Context, key string) (bot.Message, error)
	Recent(ctx context.Context, surface string, since time.Time) ([]string, error)
	Rate(ctx context.Context, f bot.Feedback) error
}

// Style says where a question is answered that somebody wrote in a channel.
type Style string

// The styles.
const (
	Reply  Style = "reply"  // by a reply to its message
	Thread Style = "thread" // in a thread that begins at its message
)

// Channel is how the bot behaves in one channel. What it leaves out, by the zero
// value, is as it is for the channel's guild, and what that leaves out is as the
// defaults say. What these leave out: answers are replies, for all to see, from
// every collection, and everybody may ask.
type Channel struct {
	Collections []string // searched and shown there
	Answer      Style
	Private     *bool    // commands are answered for their asker only
	Roles       []string // ids, one of which who asks must have; a guild's own id is the role that all there have
	Language    string   // to answer in, ISO 639-1; "" means the question's
}

// Options say what a Discord is made of. Token, Handler, Library, Checker, Record
// and Now are required.
type Options struct {
	Token          string
	APIURL         string // "" is Discord's own; the API stands below it at /api/v9
	GatewayURL     string // "" is what the API names
	Guild          string // where commands are registered, at once, in development; "" is everywhere
	MessageContent bool   // the privileged intent is switched on: threads are followed
	Command        string // the slash command that asks; "" is DefaultCommand
	PublicURL      string // where /d/DOCUMENT and /a/ID are; "" means no links
	Version        string // of this program, as Discord is told; "" tells none

	Channels map[string]Channel // by id; a thread has those of its channel
	Guilds   map[string]Channel // by id, for what its channels leave out
	Defaults Channel            // for what these leave out, and of direct messages

	Handler Handler
	Library Library
	Checker Checker
	Record  Record

	HTTP *http.Client // nil means one of its own
	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error // waits for d by the clock of Now; nil is the real clock
	Log  *slog.Logger                                     // nil means none
}

// A Discord is the front end. Run it once.
type Discord struct {
	channels, guilds map[string]Channel
	defaults         Channel
	content          bool
	guild            string
	command          string
	handler          Handler
	library          Library
	checker          Checker
	record           Record
	now              func() time.Time
	wait             wait
	log              *slog.Logger
	send             *sender
	show             show
	rooms            *rooms
	threads          *threads
	gateway          *gateway
	table            *table
	door             *doorkeeper

	registered atomic.Bool // the commands are as they should be
	begun      chan struct{}
	once       sync.Once // closes begun
	answering  sync.WaitGroup
	untold     chan struct{} // one place: something could not be told, and is to be soon
}

// New returns the front end.
func New(o Options) *Discord {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: callTimeout}
	}
	if o.Wait == nil {
		o.Wait = sleep
	}
	o.Command = cmp.Or(o.Command, DefaultCommand)
	d := &Discord{
		channels: o.Channels, guilds: o.Guilds, defaults: o.Defaults, content: o.MessageContent, guild: o.Guild, command: o.Command,
		handler: o.Handler, library: o.Library, checker: o.Checker, record: o.Record,
		now: o.Now, wait: o.Wait, log: o.Log, show: newShow(o.PublicURL, "/"+o.Command),
		threads: newThreads(o.Now), table: newTable(o.Now), door: newDoorkeeper(), begun: make(chan struct{}), untold: make(chan struct{}, 1),
	}
	d.send = newSender(o)
	d.rooms = newRooms(d.send)
	d.gateway = newGateway(o, d.send, d.event)
	return d
}

// Name names the front end.
func (d *Discord) Name() string { return surface }

// Health tells how the connection to Discord is.
func (d *Discord) Health() Health { return d.gateway.Health() }

// Run answers what people ask in Discord until ctx ends, which takes no new
// question but ends no answer: Run returns when those under way have ended. The
// bot's Drain cuts them short, so call it meanwhile. The error says that Discord
// will not have this bot, so that trying again is no use.
func (d *Discord) Run(ctx context.Context) error {
	defer d.answering.Wait()
	inside, leave := context.WithCancel(ctx)
	defer leave()
	d.answering.Go(func() { d.retell(inside) })
	err := d.gateway.run(inside)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("discord: %w", err)
}

// ready takes the beginning of a session.
func (d *Discord) ready(ctx context.Context, data json.RawMessage) {
	var r struct {
		User        person `json:"user"`
		Application struct {
			ID string `json:"id"`
		} `json:"application"`
		Guilds []room `json:"guilds"`
	}
	if err := json.Unmarshal(data, &r); err != nil || r.User.ID == "" {
		d.log.ErrorContext(ctx, "discord: a session that does not say whose it is", "error", err)
		return
	}
	first := false
	d.once.Do(func() {
		first = true
		// Nothing is handled before this, and it never changes after.
		d.send.self = self{r.User.ID, cmp.Or(r.Application.ID, r.User.ID)}
		close(d.begun)
	})
	if !d.registered.Load() {
		d.do(ctx, "register the commands", func(ctx context.Context) { d.register(ctx) }, nil)
	}
	if first {
		d.do(ctx, "resume", func(ctx context.Context) { d.resume(ctx) }, nil)
	}
	// What was written while there was no session is not delivered any more.
	d.do(ctx, "catch up", func(ctx context.Context) { d.catchUp(ctx, "") }, nil)
	for _, g := range r.Guilds {
		came := d.rooms.expect(g.ID)
		d.answering.Go(func() {
			defer d.caught(ctx, "catch up", nil)
			d.arrive(ctx, g.ID, came)
		})
	}
}

// do runs work that has to end though Run is to end. A panic in it is logged, and
// sorry, if it is not nil, tells whoever waits for it.
func (d *Discord) do(ctx context.Context, what string, work, sorry func(context.Context)) {
	ctx = context.WithoutCancel(ctx)
	d.answering.Go(func() {
		defer d.caught(ctx, what, nil)
		defer d.caught(ctx, what, sorry)
		work(ctx)
	})
}

// caught ends a panic, if there is one.
func (d *Discord) caught(ctx context.Context, what string, sorry func(context.Context)) {
	p := recover()
	if p == nil {
		return
	}
	d.log.ErrorContext(ctx, "discord: panic", "what", what, "panic", p, "stack", string(debug.Stack()))
	if sorry != nil {
		sorry(ctx)
	}
}

// retell tells what could not be told, until ctx ends.
func (d *Discord) retell(ctx context.Context) {
	defer d.caught(ctx, "retell", nil)
	pause, last := retellPause, d.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.untold:
		}
		if d.now().Sub(last) > retellMostPause { // it is another trouble
			pause = retellPause
		}
		if d.wait(ctx, pause) != nil {
			return
		}
		d.resume(ctx)
		pause, last = min(2*pause, retellMostPause), d.now()
	}
}

// untold makes an error of one that is worth trying again later: unless Discord
// has said that it will not have it.
func untold(err error) error {
	if err == nil || !uncertain(err) && !early(err) && !errors.Is(err, errUncertain) {
		return err
	}
	return fmt.Errorf("%w: %w", bot.ErrUntold, err)
}
