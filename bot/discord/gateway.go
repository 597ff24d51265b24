package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"summitbot/bot"
)

const (
	// handshake is how long a connection has until Discord greets it and takes its
	// session: it does so within a second.
	handshake = 30 * time.Second
	// identifyPause is what Discord wants between two sessions of a bot.
	identifyPause = 5 * time.Second
	// shortLived is what a connection that was worth its opening outlives.
	shortLived = time.Minute
	// mostPause bounds the pause before a connection is opened again. Who begins more
	// than a thousand sessions in a day loses the token; so it is 720 at most.
	mostPause = 2 * time.Minute
	// A session can be gone on with for some minutes, in which a new connection has
	// to be there: what was asked in between is lost else, and to go on costs none of
	// the thousand sessions of a day.
	resumePause = 10 * time.Second
	// askedPause bounds the pause where Discord took the session on the connection
	// before, or itself wants another: an interaction waits for three seconds, so that
	// of five connections in a row that break at once the sixth has to be in time.
	askedPause = 500 * time.Millisecond
	// stormAfter is how many short-lived connections in a row are a storm.
	stormAfter = 4
	// closeToResume ends a connection and not its session, which 1000 would.
	closeToResume = 4000
	closeForGood  = 1000
	// writing bounds the sending of a few bytes, by the machine's clock.
	writing = 10 * time.Second
	// closeFrame is the type of a close frame, as WebSocket numbers them.
	closeFrame = 8
)

// A State says how the connection to Discord is.
type State = bot.State

// The states.
const (
	Starting           = bot.Starting
	Connected          = bot.Connected
	Reconnecting       = bot.Reconnecting // as Discord asks for now and then, or after a broken line
	Storm        State = "storm"          // connections break as soon as they are open
	Deaf         State = "deaf"           // a connection is open and nothing comes
	Revoked      State = "revoked"        // the token
	Disallowed   State = "disallowed"     // a privileged intent is not switched on
	Refused      State = "refused"        // Discord will not have this bot as it is
	Unreachable  State = "unreachable"    // nobody answers, or something that is not Discord
	Stopped            = bot.Stopped
)

// Health is the state of the connection.
type Health = bot.Health

// The operations of the gateway.
const (
	opDispatch     = 0
	opHeartbeat    = 1
	opIdentify     = 2
	opResume       = 6
	opReconnect    = 7
	opInvalid      = 9
	opHello        = 10
	opHeartbeatAck = 11
)

// A payload is what goes through the gateway in either direction.
type payload struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  int64           `json:"s"`
	Type string          `json:"t"`
}

// A fatal is why Discord will not have the bot, so that trying again is no use.
type fatal struct {
	state State
	code  int
	text  string
}

func (f *fatal) Error() string { return f.text }

// fatalOf says what a close code means after which nothing helps but a person.
func fatalOf(code int, content bool) *fatal {
	switch code {
	case 4004:
		return &fatal{Revoked, code, "Discord does not take the token (code 4004): in the developer portal (discord.com/developers/applications) open the application, Bot, Reset Token, and write the new one into discord.token"}
	case 4010:
		return &fatal{Refused, code, "Discord does not take the shard (code 4010): this program has one shard"}
	case 4011:
		return &fatal{Refused, code, "Discord wants this bot in several shards (code 4011), for it is in more than 2,500 servers, and this program has one: take it out of some"}
	case 4012:
		return &fatal{Refused, code, "Discord does not take version 9 of its gateway any more (code 4012): a newer version of this program is needed"}
	case 4013:
		return &fatal{Refused, code, "Discord does not know the intents that were asked for (code 4013): a newer version of this program is needed"}
	case 4014:
		text := "Discord does not allow the intents that were asked for (code 4014)"
		if content {
			text += ": in the developer portal (discord.com/developers/applications) open the application, Bot, Privileged Gateway Intents, and switch on Message Content Intent; or write message_content: false below discord"
		}
		return &fatal{Disallowed, code, text}
	}
	return nil
}

var (
	errHandshake = errors.New("the gateway did not take the session in time")
	errDeaf      = errors.New("the gateway does not answer heartbeats")
	errAsked     = errors.New("Discord asks for a new connection")
	errInvalid   = errors.New("Discord does not know the session any more")
)

// A gateway is the connection over which events come. The library's own has the
// socket's dialer for it and nothing else: it waits for itself when Discord asks
// for a new connection right after a session began, tries again for ever what
// Discord refused for good, and cannot go on with a session on a new connection
// of ours, so that what people asked meanwhile would be lost.
type gateway struct {
	token   string
	url     string // as configured; "" is asked for
	intents discordgo.Intent
	ask     func(context.Context) (string, error) // for the url
	event   func(ctx context.Context, kind string, data json.RawMessage)
	dial    func(context.Context, string) (socket, error)
	now     func() time.Time
	wait    wait
	log     *slog.Logger

	mu     sync.Mutex
	health Health
	before bool  // there was a connection before
	seq    int64 // of the last event

	// The rest belongs to run.
	session, resumeURL string
	identified         time.Time
	short              int // short-lived connections in a row
	vain               int // connections in a row that Discord did not take the session on, without wanting another
}

// A socket is a WebSocket connection; the library's dialer makes them.
type socket interface {
	ReadMessage() (kind int, text []byte, err error)
	WriteJSON(v any) error
	WriteMessage(kind int, text []byte) error
	SetWriteDeadline(t time.Time) error
	SetReadLimit(limit int64)
	SetCloseHandler(h func(code int, text string) error)
	Close() error
}

func newGateway(o Options, send *sender, event func(context.Context, string, json.RawMessage)) *gateway {
	g := &gateway{
		token: o.Token, url: o.GatewayURL, event: event, now: o.Now, wait: o.Wait, log: o.Log,
		intents: discordgo.IntentGuilds | discordgo.IntentGuildMessages | discordgo.IntentDirectMessages,
	}
	if o.MessageContent {
		g.intents |= discordgo.IntentMessageContent
	}
	g.ask = func(ctx context.Context) (string, error) {
		var answer struct {
			URL string `json:"url"`
		}
		err := send.repeat(ctx, call{method: http.MethodGet, path: "/gateway", route: "/gateway"}, &answer)
		if err == nil && answer.URL == "" {
			err = errors.New("it names no gateway")
		}
		return answer.URL, err
	}
	library, err := discordgo.New("Bot " + o.Token)
	g.dial = func(ctx context.Context, address string) (socket, error) {
		if err != nil {
			return nil, err
		}
		conn, response, err := library.Dialer.DialContext(ctx, address, nil)
		if response != nil && response.Body != nil {
			defer response.Body.Close() //nolint:errcheck // nothing is read of it
		}
		if err != nil {
			return nil, err
		}
		return conn, nil
	}
	g.set(Starting, "")
	return g
}

// Health returns the state of the connection.
func (g *gateway) Health() Health {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.health
}

func (g *gateway) set(state State, detail string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.health.State != state {
		g.health.Since = g.now()
	}
	g.health.State, g.health.Detail = state, detail
}

// arrived notes that Discord took the session.
func (g *gateway) arrived() {
	g.set(Connected, "")
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.before {
		g.health.Reconnects++
	}
	g.before = true
}

// run keeps a connection until ctx ends, or Discord will not have the bot.
func (g *gateway) run(ctx context.Context) error {
	for {
		began := g.now()
		taken, err := g.connect(ctx)
		if ctx.Err() != nil {
			g.set(Stopped, "")
			return ctx.Err()
		}
		if f, is := errors.AsType[*fatal](err); is {
			g.set(f.state, f.text)
			g.log.ErrorContext(ctx, "discord: the bot is not let in", "code", f.code, "error", f.text)
			return err
		}
		pause := g.pause(began, taken, err)
		state := Reconnecting
		switch {
		case errors.Is(err, errDeaf):
			state = Deaf
		case g.short >= stormAfter && taken:
			state = Storm
		case !taken && g.short > 1:
			state = Unreachable
		}
		g.set(state, err.Error())
		say := g.log.InfoContext
		if state != Reconnecting {
			say = g.log.ErrorContext
		}
		say(ctx, "discord: the connection ended", "state", string(state), "error", err, "again", pause)
		if g.wait(ctx, pause) != nil {
			g.set(Stopped, "")
			return ctx.Err()
		}
	}
}

// pause says how long to wait before the next connection: not at all after one
// that lived long or that Discord wanted back, and longer with each that did not.
func (g *gateway) pause(began time.Time, taken bool, err error) time.Duration {
	wanted := taken && g.session != "" || errors.Is(err, errAsked)
	if wanted || taken {
		g.vain = 0
	} else {
		g.vain++
	}
	if taken && g.now().Sub(began) >= shortLived && !errors.Is(err, errInvalid) {
		g.short = 0
		return 0
	}
	g.short++
	row, most := g.short, mostPause
	switch {
	case wanted:
		most = askedPause
	case g.session != "":
		row, most = g.vain+1, resumePause
	}
	var d time.Duration
	if row > 1 {
		d = min(firstPause/2<<min(row-2, 20), most)
	}
	if errors.Is(err, errInvalid) { // one to five seconds, by chance, so that not all come back at once
		d = max(d, time.Second+rand.N(4*time.Second)) //nolint:gosec // nobody guesses it
	}
	return d
}

// A link is one connection.
type link struct {
	socket
	write sync.Mutex
	end   context.CancelCauseFunc

	mu    sync.Mutex
	acked bool
	code  int // that Discord closed it with
}

// say sends a payload.
func (l *link) say(op int, data any) error {
	l.write.Lock()
	defer l.write.Unlock()
	if err := l.SetWriteDeadline(time.Now().Add(writing)); err != nil {
		return err
	}
	return l.WriteJSON(map[string]any{"op": op, "d": data})
}

// bye closes the connection with a code.
func (l *link) bye(code int) {
	l.write.Lock()
	defer l.write.Unlock()
	if l.SetWriteDeadline(time.Now().Add(writing)) == nil {
		_ = l.WriteMessage(closeFrame, []byte{byte(code >> 8), byte(code)}) //nolint:gosec // of 16 bits; it is closed anyway
	}
	_ = l.Close() // likewise
}

// address is where the next connection goes.
func (g *gateway) address(ctx context.Context) (string, error) {
	base := g.url
	if base == "" && g.session != "" {
		base = g.resumeURL
	}
	if base == "" {
		var err error
		if base, err = g.ask(ctx); err != nil {
			if statusOf(err) == http.StatusUnauthorized || errors.Is(err, errShut) {
				return "", fatalOf(4004, false)
			}
			return "", fmt.Errorf("where the gateway is: %w", err)
		}
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("the gateway's address: %w", err)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	q := u.Query()
	q.Set("v", "9")
	q.Set("encoding", "json")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// connect opens a connection, begins a session or goes on with it, and hands on
// what comes until the connection ends. taken says whether Discord took the
// session.
func (g *gateway) connect(ctx context.Context) (taken bool, err error) {
	address, err := g.address(ctx)
	if err != nil {
		return false, err
	}
	if g.session == "" && !g.identified.IsZero() {
		if err := g.wait(ctx, g.identified.Add(identifyPause).Sub(g.now())); err != nil {
			return false, err
		}
	}
	life, end := context.WithCancelCause(ctx)
	defer end(nil)
	dialing, stop := context.WithTimeout(life, handshake)
	conn, err := g.dial(dialing, address)
	stop()
	if err != nil {
		g.resumeURL = "" // it may be that one that is gone
		return false, fmt.Errorf("open the gateway: %w", err)
	}
	l := &link{socket: conn, end: end, acked: true}
	l.SetReadLimit(mostRead)
	l.SetCloseHandler(func(code int, _ string) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.code = code
		return nil
	})
	var beside sync.WaitGroup
	defer beside.Wait()
	defer end(nil)
	ready := make(chan struct{})
	// Whatever ends the connection's life closes it, which ends the reading.
	beside.Go(func() {
		<-life.Done()
		code := closeToResume
		if ctx.Err() != nil {
			code = closeForGood
		}
		l.bye(code)
	})
	beside.Go(func() {
		if g.wait(life, handshake) != nil {
			return
		}
		select {
		case <-ready:
		default:
			end(errHandshake)
		}
	})

	for {
		_, text, err := l.ReadMessage()
		if err != nil {
			return taken, g.ended(life, l, err)
		}
		var p payload
		if err := json.Unmarshal(text, &p); err != nil {
			g.log.WarnContext(ctx, "discord: unreadable frame", "error", err)
			continue
		}
		switch p.Op {
		case opHello:
			if err := g.greet(life, l, p.Data, &beside); err != nil {
				return taken, err
			}
		case opDispatch:
			if (p.Type == "READY" || p.Type == "RESUMED") && !taken {
				taken = true
				close(ready)
			}
			g.dispatch(ctx, p)
		case opHeartbeat:
			if err := l.say(opHeartbeat, g.last()); err != nil {
				return taken, err
			}
		case opHeartbeatAck:
			l.mu.Lock()
			l.acked = true
			l.mu.Unlock()
		case opReconnect:
			return taken, errAsked
		case opInvalid:
			var resumable bool
			if json.Unmarshal(p.Data, &resumable) != nil || !resumable {
				g.forget()
			}
			return taken, errInvalid
		}
	}
}

// forget gives up the session: the next connection begins a new one.
func (g *gateway) forget() {
	g.session, g.resumeURL = "", ""
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seq = 0
}

// ended says why a connection ended.
func (g *gateway) ended(life context.Context, l *link, err error) error {
	l.mu.Lock()
	code := l.code
	l.mu.Unlock()
	if f := fatalOf(code, g.intents&discordgo.IntentMessageContent != 0); f != nil {
		return f
	}
	switch code {
	case 4003, 4007, 4009: // not authenticated, invalid sequence, session timed out
		g.forget()
	}
	if cause := context.Cause(life); cause != nil {
		return cause
	}
	if code != 0 {
		return fmt.Errorf("closed by Discord with code %d", code)
	}
	return fmt.Errorf("the connection broke: %w", err)
}

// last is the number of the last event, as heartbeats tell it.
func (g *gateway) last() any {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seq == 0 {
		return nil
	}
	return g.seq
}

// greet answers Discord's greeting: by a heartbeat now and then, and by the
// session.
func (g *gateway) greet(ctx context.Context, l *link, data json.RawMessage, beside *sync.WaitGroup) error {
	var hello struct {
		Interval int64 `json:"heartbeat_interval"` // milliseconds
	}
	if err := json.Unmarshal(data, &hello); err != nil || hello.Interval <= 0 {
		return fmt.Errorf("the gateway's greeting says no interval: %w", cmp.Or(err, errHandshake))
	}
	interval := time.Duration(hello.Interval) * time.Millisecond
	beside.Go(func() { g.beat(ctx, l, interval) })
	if g.session != "" {
		return l.say(opResume, map[string]any{"token": g.token, "session_id": g.session, "seq": g.last()})
	}
	g.identified = g.now()
	return l.say(opIdentify, map[string]any{
		"token": g.token, "intents": int(g.intents), "compress": false,
		"properties": map[string]string{"os": runtime.GOOS, "browser": "summitbot", "device": "summitbot"},
	})
}

// beat sends heartbeats until the connection ends, and ends it if one was not
// answered when the next is due: nothing comes through it any more.
func (g *gateway) beat(ctx context.Context, l *link, interval time.Duration) {
	// The first one at a random moment, so that after an outage not all come at once.
	if g.wait(ctx, rand.N(interval)) != nil { //nolint:gosec // nobody guesses it
		return
	}
	for {
		l.mu.Lock()
		acked := l.acked
		l.acked = false
		l.mu.Unlock()
		if !acked {
			l.end(errDeaf)
			return
		}
		if err := l.say(opHeartbeat, g.last()); err != nil {
			l.end(fmt.Errorf("send a heartbeat: %w", err))
			return
		}
		if g.wait(ctx, interval) != nil {
			return
		}
	}
}

// dispatch takes an event. What it is about is handed on; what it says of the
// session is kept.
func (g *gateway) dispatch(ctx context.Context, p payload) {
	g.mu.Lock()
	g.seq = max(g.seq, p.Seq)
	g.health.LastEvent = g.now()
	g.mu.Unlock()
	switch p.Type {
	case "READY":
		var ready struct {
			Session string `json:"session_id"`
			Resume  string `json:"resume_gateway_url"`
		}
		if err := json.Unmarshal(p.Data, &ready); err != nil || ready.Session == "" {
			g.log.ErrorContext(ctx, "discord: a session begins without a name", "error", err)
		}
		g.session, g.resumeURL = ready.Session, ""
		if strings.HasPrefix(ready.Resume, "ws") {
			g.resumeURL = ready.Resume
		}
		g.mu.Lock()
		g.seq = p.Seq
		g.mu.Unlock()
		g.arrived()
		g.log.InfoContext(ctx, "discord: connected")
	case "RESUMED":
		g.arrived()
		g.log.InfoContext(ctx, "discord: connected again")
	}
	g.event(ctx, p.Type, p.Data)
}
