package slack

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

const (
	// A socket that lives shorter than this was not worth its opening: Slack keeps
	// one for hours.
	shortLived = time.Minute
	// mostPause bounds the pause before a socket is opened again. Slack delivers
	// anew after one and five minutes and then no more: the socket has to be back.
	mostPause = 30 * time.Second
	// stormAfter is how many short-lived sockets in a row are a storm.
	stormAfter = 3
	// watch is how often the watchdog looks.
	watch = 30 * time.Second
	// deafAfter is how long a socket may be without a greeting before it is given
	// up. The library's own check is for one that is without pings.
	deafAfter = 2 * time.Minute
	// linkPause is the pause after link_disabled: somebody switched Socket Mode
	// off, and has to switch it on.
	linkPause = time.Minute
	// ackTime is how long an acknowledgement may wait for its place. Slack waits
	// for three seconds, and delivers again.
	ackTime = 3 * time.Second
)

// A State says how the connection to Slack is.
type State string

// The states.
const (
	Starting     State = "starting"
	Connected    State = "connected"
	Reconnecting State = "reconnecting" // as Slack asks for every few hours, or after a broken line
	Storm        State = "storm"        // sockets break as soon as they are open
	LinkDisabled State = "link_disabled"
	MissingScope State = "missing_scope"
	Revoked      State = "revoked"     // the token, or the app
	Unreachable  State = "unreachable" // nobody answers, or something that is not Slack
	Deaf         State = "deaf"        // a socket is open and nothing comes
	Stopped      State = "stopped"
)

// Health is the state of the connection.
type Health struct {
	State  State
	Detail string
	Since  time.Time
}

// A socket is the connection to Slack: it opens sockets, acknowledges what comes
// and hands it on.
type socket struct {
	api   *slack.Client
	event func(context.Context, socketmode.Event)
	now   func() time.Time
	wait  wait
	ping  time.Duration
	log   *slog.Logger

	mu          sync.Mutex
	health      Health
	token       Health // what is wrong with the bot's token, of the method tokenMethod; no State if nothing is
	tokenMethod string
	opened      time.Time // of the newest socket
	short       int       // short-lived ones in a row
	reason      string    // of the last disconnect frame
	greeted     bool      // the newest socket said hello
	ready       bool      // a socket was opened by this start
}

func newSocket(o Options, event func(context.Context, socketmode.Event)) *socket {
	s := &socket{event: event, now: o.Now, wait: o.Wait, ping: o.PingInterval, log: o.Log}
	options := []slack.Option{slack.OptionAppLevelToken(o.AppToken), slack.OptionHTTPClient(gatekeeper{o.HTTP, s})}
	if o.APIURL != "" {
		options = append(options, slack.OptionAPIURL(withSlash(o.APIURL)))
	}
	s.api = slack.New(o.BotToken, options...)
	s.set(Starting, "")
	return s
}

// Health returns the state of the connection. Questions may come through a socket
// while the bot's own token is not taken any more: then that is what is wrong.
func (s *socket) Health() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.health.State == Connected && s.token.State != "" {
		return s.token
	}
	return s.health
}

// essential are the methods that an app cannot do without.
var essential = map[string]bool{posting: true, "chat.update": true, "conversations.replies": true, "conversations.history": true}

// called notes what a call with the bot's token says of it.
func (s *socket) called(method string, err error) {
	state := stateOf(err)
	switch {
	case err == nil:
		state = ""
	case state != Revoked && (state != MissingScope || !essential[method]):
		return // no word of the token, or of what an app may do without
	}
	s.mu.Lock()
	before := s.token.State
	if before != state && (state != "" || method == s.tokenMethod || before == Revoked) {
		s.token, s.tokenMethod = Health{State: state, Since: s.now()}, method
		if err != nil {
			s.token.Detail = method + ": " + err.Error()
		}
	} else {
		state = before
	}
	s.mu.Unlock()
	switch {
	case state == before:
	case state == Revoked:
		s.log.Error("slack: the bot's token is not taken any more: install the app again at api.slack.com/apps, OAuth & Permissions", "method", method, "error", err)
	case state == MissingScope:
		s.log.Error("slack: the app lacks a scope; \"summitbot slack check\" says which", "method", method, "error", err)
	default:
		s.log.Info("slack: the bot's token is taken again", "method", method)
	}
}

func (s *socket) set(state State, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.health.State != state {
		s.health.Since = s.now()
	}
	s.health.State, s.health.Detail = state, detail
}

// stateOf says what an error of opening a socket means.
func stateOf(err error) State {
	switch errorOf(err) {
	case "missing_scope", "not_allowed_token_type", "no_permission":
		return MissingScope
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "app_uninstalled":
		return Revoked
	case "link_disabled", "socket_mode_disabled":
		return LinkDisabled
	}
	return Unreachable
}

// A gatekeeper delays the opening of sockets: the library opens the next one at
// once when one breaks, however fast they break.
type gatekeeper struct {
	client *http.Client
	socket *socket
}

// Do implements the client that the library wants.
func (g gatekeeper) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/apps.connections.open") {
		if err := g.socket.pause(r.Context()); err != nil {
			return nil, err
		}
	}
	return g.client.Do(r)
}

// pause waits before a socket is opened: not at all after one that lived long or
// that Slack wanted back, and longer with each one that did not.
func (s *socket) pause(ctx context.Context) error {
	s.mu.Lock()
	lived, reason := s.now().Sub(s.opened), s.reason
	s.reason = ""
	var d time.Duration
	switch {
	case !s.ready:
	case reason == "link_disabled":
		d = linkPause
	case lived >= shortLived:
		s.short = 0
	default:
		s.short++
		// One that Slack wants back early is no storm yet.
		if s.short > 1 || reason == "" {
			d = min(firstPause<<min(s.short, 20), mostPause)
		}
	}
	short := s.short
	s.mu.Unlock()
	if short >= stormAfter {
		s.set(Storm, reason)
		s.log.ErrorContext(ctx, "slack: sockets break as soon as they are open", "in_a_row", short, "again", d)
	}
	return s.wait(ctx, d)
}

// run opens sockets until ctx ends or Slack will not have the app.
func (s *socket) run(ctx context.Context) error {
	for {
		err := s.session(ctx)
		if ctx.Err() != nil {
			s.set(Stopped, "")
			return ctx.Err()
		}
		if !errors.Is(err, errDeaf) {
			s.set(stateOf(err), err.Error())
			s.log.ErrorContext(ctx, "slack: the app is not let in", "error", err)
			return err
		}
		s.log.ErrorContext(ctx, "slack: the socket is deaf and is opened anew")
	}
}

var errDeaf = errors.New("a socket is open and says nothing")

// session runs the library's client until it gives up, or is given up as deaf.
func (s *socket) session(ctx context.Context) error {
	options := []socketmode.Option{socketmode.OptionDebug(true), socketmode.OptionLog(frames{s})}
	if s.ping > 0 {
		options = append(options, socketmode.OptionPingInterval(s.ping))
	}
	client := socketmode.New(s.api, options...)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(ctx, cancel) })
	defer watching.Wait()
	defer cancel(nil)
	for {
		select {
		case e := <-client.Events:
			s.take(ctx, client, e)
		case err := <-ended:
			if cause := context.Cause(ctx); errors.Is(cause, errDeaf) {
				return cause
			}
			return err
		}
	}
}

// watch gives a session up if its socket was opened and never greeted, and ends a
// storm when a socket has lasted.
func (s *socket) watch(ctx context.Context, giveUp context.CancelCauseFunc) {
	for s.wait(ctx, watch) == nil {
		s.mu.Lock()
		lived := s.now().Sub(s.opened)
		deaf := s.ready && !s.greeted && lived > deafAfter
		calm := s.health.State == Storm && s.greeted && lived >= shortLived
		if calm {
			s.short = 0
		}
		s.mu.Unlock()
		if calm {
			s.set(Connected, "")
			s.log.InfoContext(ctx, "slack: sockets last again")
		}
		if deaf {
			s.set(Deaf, "no greeting")
			giveUp(errDeaf)
			return
		}
	}
}

// take deals with one event: it is acknowledged, and handed on.
func (s *socket) take(ctx context.Context, client *socketmode.Client, e socketmode.Event) {
	switch e.Type {
	case socketmode.EventTypeConnecting:
		if s.Health().State == Connected {
			s.set(Reconnecting, "")
		}
	case socketmode.EventTypeConnected:
		s.mu.Lock()
		s.opened, s.greeted, s.ready = s.now(), false, true
		s.mu.Unlock()
	case socketmode.EventTypeHello:
		s.mu.Lock()
		s.greeted = true
		storm := s.short >= stormAfter
		s.mu.Unlock()
		if !storm { // a storm is over when a socket has lasted
			s.set(Connected, "")
		}
		s.log.InfoContext(ctx, "slack: connected")
	case socketmode.EventTypeConnectionError:
		s.refused(ctx, e)
	case socketmode.EventTypeInvalidAuth:
		s.set(Unreachable, "there is no apps.connections.open at this address")
	case socketmode.EventTypeIncomingError:
		s.log.InfoContext(ctx, "slack: the socket broke", "error", detail(e.Data))
	case socketmode.EventTypeErrorWriteFailed:
		if failed, ok := e.Data.(*socketmode.ErrorWriteFailed); ok {
			s.log.WarnContext(ctx, "slack: acknowledgement not sent; Slack will deliver again", "envelope", failed.Response.EnvelopeID, "error", failed.Cause)
		}
	case socketmode.EventTypeErrorBadMessage:
		s.unknown(ctx, client, e)
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive:
		if e.Request == nil || e.Request.EnvelopeID == "" {
			return
		}
		s.ack(ctx, client, e.Request.EnvelopeID, receipt(e))
		s.event(ctx, e)
	}
}

// ack acknowledges an envelope.
func (s *socket) ack(ctx context.Context, client *socketmode.Client, envelope string, payload any) {
	soon, stop := context.WithTimeout(ctx, ackTime)
	defer stop()
	if err := client.AckCtx(soon, envelope, payload); err != nil {
		s.log.WarnContext(ctx, "slack: acknowledge", "envelope", envelope, "error", err)
	}
}

// unknown acknowledges by hand what the library cannot read. Nobody else does,
// and Slack would deliver it again and again.
func (s *socket) unknown(ctx context.Context, client *socketmode.Client, e socketmode.Event) {
	bad, ok := e.Data.(*socketmode.ErrorBadMessage)
	if !ok {
		return
	}
	var envelope struct {
		ID   string `json:"envelope_id"`
		Type string `json:"type"`
	}
	if err := json.Unmarshal(bad.Message, &envelope); err != nil || envelope.ID == "" {
		s.log.WarnContext(ctx, "slack: unreadable message", "error", bad.Cause)
		return
	}
	s.log.InfoContext(ctx, "slack: event of an unknown kind", "type", envelope.Type, "envelope", envelope.ID, "error", bad.Cause)
	s.ack(ctx, client, envelope.ID, nil)
}

// refused tells why no socket was opened. The library tries again.
func (s *socket) refused(ctx context.Context, e socketmode.Event) {
	failed, ok := e.Data.(*slack.ConnectionErrorEvent)
	if !ok || ctx.Err() != nil {
		return
	}
	state := stateOf(failed.ErrorObj)
	s.set(state, failed.ErrorObj.Error())
	say := s.log.WarnContext
	if state != Unreachable || failed.Attempt >= stormAfter {
		say = s.log.ErrorContext
	}
	say(ctx, "slack: no socket", "state", string(state), "error", failed.ErrorObj, "attempt", failed.Attempt, "again", failed.Backoff)
}

// frames reads in the library's log why Slack takes a socket back, and that pings
// stay away: the library tells nobody else.
type frames struct{ socket *socket }

// Output implements the library's logger.
func (f frames) Output(_ int, line string) error {
	if strings.HasPrefix(line, "Reconnecting due to ping timeout") {
		f.socket.set(Deaf, "no ping")
		f.socket.log.Error("slack: the socket is deaf: it is open and Slack's pings do not come; it is opened anew")
		return nil
	}
	frame, ok := strings.CutPrefix(line, "Received WebSocket message: ")
	if !ok || !strings.Contains(frame, `"disconnect"`) {
		return nil
	}
	var d struct{ Type, Reason string }
	if json.Unmarshal([]byte(frame), &d) != nil || d.Type != "disconnect" {
		return nil
	}
	s := f.socket
	s.mu.Lock()
	s.reason = d.Reason
	s.mu.Unlock()
	switch d.Reason {
	case "link_disabled":
		s.set(LinkDisabled, "Socket Mode is switched off for the app")
		s.log.Error("slack: Socket Mode is switched off for the app: switch it on at api.slack.com/apps, Socket Mode", "again", linkPause)
	case "too_many_websockets":
		s.set(Reconnecting, d.Reason)
		s.log.Error("slack: more than ten sockets are open for this app: is the program running elsewhere?")
	default:
		s.set(Reconnecting, d.Reason)
		s.log.Info("slack: Slack asks for a new socket", "reason", d.Reason)
	}
	return nil
}

// detail writes what the library reports with an event.
func detail(data any) string {
	if e, ok := data.(error); ok {
		return e.Error()
	}
	return ""
}

// stack is the stack of a panic.
func stack() string { return string(debug.Stack()) }
