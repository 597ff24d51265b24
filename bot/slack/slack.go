// Package slack is the front end for Slack: over Socket Mode, which needs no public
// address, or over HTTP, for those who cannot use that. Mentions and direct
// messages are answered in threads, the slash command privately or in the channel;
// a message shortcut checks any message against the documents.
//
// Invariants. What comes is acknowledged before anything is done about it, also
// what nobody understands; over HTTP only what Slack has signed comes in. Whatever
// Slack delivers again, and however its calls fail, a question has one answer: its
// key is that of the message that asks, which the bot's journal begins once; the
// key travels in the answer's metadata, and after a failure that tells nothing the
// thread is read before anything is posted again. Nothing is sent but by the
// sender, which keeps to Slack's limits. What a person can see, share or open is
// bound to the collections of the channel where they do it.
package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/knowledge"
)

// surface names this front end in keys and in the journal.
const surface = "slack"

// callTimeout bounds one call of the Web API. Slack answers within seconds or
// not at all.
const callTimeout = 30 * time.Second

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
	Message(ctx context.Context, id string) (bot.Message, []answer.Turn, error)
	Question(ctx context.Context, key string) (bot.Message, error)
	History(ctx context.Context, m bot.Message, since time.Time, most int) ([]answer.Turn, error)
	Rate(ctx context.Context, f bot.Feedback) error
}

// Follow says what is answered in a thread that the bot has joined.
type Follow string

// The ways to follow a thread.
const (
	FollowThreads  Follow = "threads"  // questions, with and without a mention
	FollowMentions Follow = "mentions" // mentions only
)

// Channel is how the bot behaves in one channel. The zero value answers the
// command privately, follows threads and is open to all.
type Channel struct {
	Collections []string // searched and shown there; empty means every collection
	Public      bool     // the command is answered for all in the channel
	Follow      Follow   // "" is FollowThreads
	Users       []string // ids of who may ask; with UserGroups empty, everybody may
	UserGroups  []string // ids
	Language    string   // to answer in, ISO 639-1; "" means the question's
}

// Options say what a Slack is made of. BotToken, AppToken, Handler, Library,
// Checker, Record and Now are required; with Listen and SigningSecret Slack comes
// by HTTP, and AppToken is not.
type Options struct {
	BotToken, AppToken string
	SigningSecret      string // of the app, with which Slack signs what it sends by HTTP
	Listen             string // host:port for what Slack sends by HTTP; "" is Socket Mode
	APIURL             string // "" is Slack's own
	Command            string // the slash command; "" is DefaultCommand
	PublicURL          string // where /d/DOCUMENT and /a/ID are; "" means no links

	Channels map[string]Channel // by id
	Defaults Channel            // of all other channels, and of direct messages

	Handler Handler
	Library Library
	Checker Checker
	Record  Record

	HTTP *http.Client // nil means one of its own
	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error // waits for d by the clock of Now; nil is the real clock
	Log  *slog.Logger                                     // nil means none

	// PingInterval is how long a socket may be without a ping; 0 is 30 s, twice
	// what Slack needs.
	PingInterval time.Duration
}

// An inlet is the way by which Slack reaches the front end: a socket, or an endpoint.
type inlet interface {
	// run takes what Slack sends until ctx ends, or for as long as that is of use.
	run(ctx context.Context) error
}

// A Slack is the front end. Run it once.
type Slack struct {
	channels map[string]Channel
	defaults Channel
	handler  Handler
	library  Library
	checker  Checker
	record   Record
	now      func() time.Time
	wait     wait
	log      *slog.Logger
	send     *sender
	show     show
	groups   *groups
	threads  *threads
	vitals   *vitals
	inlet    inlet

	agent, statuses atomic.Bool // what the app turned out to have
	streams         sync.Map    // timestamps of streams that this start began, with when
	answering       sync.WaitGroup
	table           *table
	door            *doorkeeper
	untold          chan struct{} // one place: something could not be told, and is to be soon
}

// New returns the front end.
func New(o Options) *Slack {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: callTimeout}
	}
	if o.Wait == nil {
		o.Wait = sleep
	}
	if o.Command == "" {
		o.Command = DefaultCommand
	}
	s := &Slack{
		channels: o.Channels, defaults: o.Defaults,
		handler: o.Handler, library: o.Library, checker: o.Checker, record: o.Record,
		now: o.Now, wait: o.Wait, log: o.Log, show: newShow(o.PublicURL, o.Command),
		table: newTable(o.Now), threads: newThreads(o.Now), door: newDoorkeeper(), untold: make(chan struct{}, 1),
	}
	s.agent.Store(true)
	s.statuses.Store(true)
	s.vitals = newVitals(o.Now, o.Log)
	var api *slack.Client
	if o.Listen != "" {
		api = newAPI(o, slack.OptionHTTPClient(o.HTTP))
		s.inlet = newEndpoint(o, s.vitals, s.event)
	} else {
		socket := newSocket(o, s.vitals, s.event)
		api, s.inlet = socket.api, socket
	}
	s.send = newSender(api, o.HTTP, o.Now, o.Wait, o.Log)
	s.send.outcome = s.vitals.called
	s.groups = newGroups(s.send, o.Now)
	return s
}

// Name names the front end.
func (s *Slack) Name() string { return surface }

// Health tells how the connection to Slack is.
func (s *Slack) Health() Health { return s.vitals.Health() }

// Address is where the front end listens for what Slack sends by HTTP; "" if it
// does not, or not yet.
func (s *Slack) Address() string {
	if e, ok := s.inlet.(*endpoint); ok {
		return e.address()
	}
	return ""
}

// Run answers what people ask in Slack until ctx ends, which takes no new
// question but ends no answer: Run returns when those under way have ended. The
// bot's Drain cuts them short, so call it meanwhile. The error says that Slack
// will not have this app, so that trying again is no use.
func (s *Slack) Run(ctx context.Context) error {
	defer s.answering.Wait()
	ctx, leave := context.WithCancel(ctx)
	defer leave() // before the wait above
	if err := s.introduce(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	s.resume(ctx)
	s.do(ctx, "retell", func(context.Context) { s.retell(ctx) })
	err := s.inlet.run(ctx)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("slack: %w", err)
}

// introduce finds out who the bot is. It waits for a Slack that does not answer.
func (s *Slack) introduce(ctx context.Context) error {
	pause := firstPause
	for {
		var who *slack.AuthTestResponse
		err := s.send.once(ctx, "auth.test", "", func() (err error) {
			who, err = s.send.api.AuthTestContext(ctx)
			if err == nil && (who.UserID == "" || who.TeamID == "") {
				err = errors.New("it does not say whose the token is")
			}
			return err
		})
		switch {
		case err == nil:
			s.send.self = self{who.TeamID, who.UserID, who.BotID}
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !uncertain(err) && !early(err):
			s.vitals.set(stateOf(err), err.Error())
			return fmt.Errorf("slack: who the bot is: %w", err)
		}
		s.vitals.set(Unreachable, err.Error())
		s.log.WarnContext(ctx, "slack: not reachable", "error", err, "again", pause)
		if err := s.wait(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, mostPause)
	}
}

// settings are those of a channel.
func (s *Slack) settings(channel string) Channel {
	if c, ok := s.channels[channel]; ok {
		return c
	}
	return s.defaults
}

// do runs work that has to end though Run is to end.
func (s *Slack) do(ctx context.Context, what string, work func(context.Context)) {
	ctx = context.WithoutCancel(ctx)
	s.answering.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				s.log.ErrorContext(ctx, "slack: panic", "what", what, "panic", p, "stack", stack())
			}
		}()
		work(ctx)
	})
}
