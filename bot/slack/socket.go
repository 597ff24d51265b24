package slack

import (
	"context"
	"encoding/json"
	"errors"
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

// A socket is the connection to Slack: it opens sockets, acknowledges what comes
// and hands it on.
type socket struct {
	*vitals // its lock is that of what stands below
	api     *slack.Client
	event   func(ctx context.Context, data any)
	wait    wait
	ping    time.Duration

	opened  time.Time // of the newest socket
	short   int       // short-lived ones in a row
	reason  string    // of the last disconnect frame
	greeted bool      // the newest socket said hello
	ready   bool      // a socket was opened by this start
}

func newSocket(o Options, v *vitals, event func(ctx context.Context, data any)) *socket {
	s := &socket{vitals: v, event: event, wait: o.Wait, ping: o.PingInterval}
	s.api = newAPI(o, slack.OptionAppLevelToken(o.AppToken), slack.OptionHTTPClient(gatekeeper{o.HTTP, s}))
	return s
}

// newAPI returns a client of the Web API.
func newAPI(o Options, more ...slack.Option) *slack.Client {
	if o.APIURL != "" {
		more = append(more, slack.OptionAPIURL(withSlash(o.APIURL)))
	}
	return slack.New(o.BotToken, more...)
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
	return g.client.Do(r) //nolint:gosec // to the address of the configuration
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
		if s.ready {
			s.health.Reconnects++
		}
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
		s.seen()
		var payload any
		if e.Request.AcceptsResponsePayload {
			payload = receipt(e.Data)
		}
		s.ack(ctx, client, e.Request.EnvelopeID, payload)
		s.event(ctx, e.Data)
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
