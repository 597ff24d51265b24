// Package slackserver is a Slack workspace for tests. It speaks the wire
// protocol over real sockets on the loopback interface: the Web API with its
// tokens, scopes, limits and errors, Socket Mode, signed requests by HTTP, response
// URLs and streaming messages. It refuses what Slack refuses, and records what it
// was sent.
//
// A test plays the people of the workspace (Say, Slash, Click, ...), makes the
// network fail (Fault, Disconnect, Deaf, ...), waits for a condition (Await)
// and looks at what people would see (Messages, Views).
//
// Facts are from docs.slack.dev unless a comment says that they were only
// observed. Where Slack's behaviour is not documented, the stricter one is
// taken.
package slackserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"summitbot/bot/fastclock"
)

// TB is what the server needs of a test. *testing.T, B and F have it.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Options of a server. The zero value is a workspace whose app has
// DefaultScopes, DefaultEvents and the agent view, in real time.
type Options struct {
	Speed     float64   // of the clock; 0 means 1, the machine's own
	Stopped   bool      // the clock moves by Clock.Advance only
	Start     time.Time // what the clock shows at first; zero means the machine's time
	Scopes    []string  // of the bot token; nil means DefaultScopes
	AppScopes []string  // of the app token; nil means connections:write
	Events    []string  // the bot events subscribed to; nil means DefaultEvents
	NoAgent   bool      // the app does not declare agent_view
	Limits    Limits
	NoRates   bool // calls are not limited by rate
	PostBurst int  // messages to one channel in as many seconds; 0 means 1
}

// DefaultScopes are the bot's scopes of an app that answers by slash command,
// mention and direct message and reads threads.
func DefaultScopes() []string {
	return []string{
		"commands", "app_mentions:read", "im:history", "chat:write", "assistant:write",
		"channels:history", "groups:history", "mpim:history", "reactions:read", "users:read",
	}
}

// DefaultEvents are the bot events of the same app.
func DefaultEvents() []string {
	return []string{
		"app_mention", "message.im", "message.channels", "message.groups", "message.mpim",
		"app_home_opened", "app_context_changed", "agent_session_stopped", "agent_session_title_changed",
	}
}

// Server is a workspace with one app installed. Its methods may be called from
// several goroutines, apart from those that fail the test.
type Server struct {
	Clock *fastclock.Clock

	BotToken string // xoxb-…
	AppToken string // xapp-…
	// SigningSecret is what the app's requests by HTTP are signed with.
	SigningSecret string

	Team  string // id of the workspace
	App   string // id of the app
	Bot   string // user id of the bot
	BotID string // B…, as messages carry it

	t         TB
	base      string // http://127.0.0.1:port
	limits    Limits
	events    []string
	agent     bool
	unlimited bool
	postBurst int
	http      poster
	working   sync.WaitGroup // the sockets' handlers, and deliveries by HTTP

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced when anything happened
	made      map[string]int
	lastMicro int64
	tokens    map[string]*token
	users     map[string]*User
	groups    map[string][]string
	channels  map[string]*Channel
	messages  []*Message // of all channels, in order of their time
	threads   map[string]*Thread
	prompts   map[string]Prompts
	views     []*View
	triggers  map[string]*trigger
	replies   map[string]*responseURL
	windows   map[string]*window
	calls     []Call
	fault     func(Call) Fault
	planned   []*plan
	sockets   []*socket
	tickets   map[string]bool
	nextRound int
	envelopes []*Envelope
	disabled  bool // Socket Mode is switched off
	mute      bool // new sockets say no hello
	opened    int  // sockets so far
	ended     bool // the test is over
}

// token is what a caller may do.
type token struct {
	app    bool
	scopes []string
	err    string // what every call answers, such as token_revoked
}

// Start starts a workspace, which ends with the test.
func Start(t TB, o Options) *Server {
	t.Helper()
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Stopped {
		o.Speed = 0
	}
	if o.Start.IsZero() {
		o.Start = time.Now()
	}
	orDefault := func(list, otherwise []string) []string {
		if list == nil {
			return otherwise
		}
		return slices.Clone(list)
	}
	s := &Server{
		Clock:     fastclock.New(o.Start, o.Speed),
		BotToken:  "xoxb-1-test",
		AppToken:  "xapp-1-test",
		Team:      "T0SUMMIT",
		App:       "A0SUMMIT",
		Bot:       "U0BOT",
		BotID:     "B0BOT",
		t:         t,
		limits:    o.Limits.withDefaults(),
		events:    orDefault(o.Events, DefaultEvents()),
		agent:     !o.NoAgent,
		unlimited: o.NoRates,
		postBurst: max(1, o.PostBurst),
		changed:   make(chan struct{}),
		made:      map[string]int{},
		users:     map[string]*User{},
		groups:    map[string][]string{},
		channels:  map[string]*Channel{},
		threads:   map[string]*Thread{},
		prompts:   map[string]Prompts{},
		triggers:  map[string]*trigger{},
		replies:   map[string]*responseURL{},
		windows:   map[string]*window{},
		tickets:   map[string]bool{},
	}
	s.SigningSecret = "the-signing-secret-of-the-test"
	s.tokens = map[string]*token{
		s.BotToken: {scopes: orDefault(o.Scopes, DefaultScopes())},
		s.AppToken: {app: true, scopes: orDefault(o.AppScopes, []string{"connections:write"})},
	}
	// One connection for each request: what breaks one does not touch another.
	s.http.client = &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.users[s.Bot] = &User{ID: s.Bot, Name: "summit", RealName: "Summit", Locale: "en-US", Bot: true}

	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("slackserver: %v", err)
	}
	s.base = "http://" + listener.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("/commands/{id}", s.serveResponseURL)
	mux.HandleFunc("/link", s.serveSocket)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) }) // ends by Close, whose error it is
	t.Cleanup(func() {
		s.Clock.Halt()
		s.mu.Lock()
		s.ended = true
		s.mu.Unlock()
		s.DropSocket()
		_ = server.Close() // connections are cut; there is nothing to finish
		running.Wait()
		s.working.Wait()
	})
	return s
}

// APIURL is what a client takes instead of https://slack.com/api/.
func (s *Server) APIURL() string { return s.base + "/api/" }

// RevokeToken makes every call with token fail with code: token_revoked,
// acmadeinactive, invalid_auth, token_expired. An empty code heals it.
func (s *Server) RevokeToken(token, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token].err = code
}

// SetScopes replaces what the bot token may do.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[s.BotToken].scopes = scopes
}

// notify wakes those who wait for a condition; s.mu is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// id makes a new identifier; s.mu is held.
func (s *Server) id(prefix string) string {
	s.made[prefix]++
	return fmt.Sprintf("%s%06d", prefix, s.made[prefix])
}

// secret is an identifier that says nothing of the next one.
func (s *Server) secret(prefix string) string {
	sum := sha256.Sum256([]byte(s.id(prefix)))
	return prefix + hex.EncodeToString(sum[:8])
}

// ts is a new message's time, unlike that of any other; s.mu is held.
func (s *Server) ts() string {
	s.lastMicro = max(s.Clock.Now().UnixMicro(), s.lastMicro+1)
	return fmt.Sprintf("%d.%06d", s.lastMicro/1e6, s.lastMicro%1e6)
}

// awaitMost is how long a condition may take. It is the machine's time: only a
// test that is about to fail waits so long.
const awaitMost = 30 * time.Second

// Await returns once condition is true, and fails the test if it never is.
// condition is asked again after everything that happens on the server.
func (s *Server) Await(what string, condition func() bool) {
	s.t.Helper()
	most := time.NewTimer(awaitMost)
	defer most.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if condition() {
			return
		}
		select {
		case <-changed:
		case <-most.C:
			s.t.Fatalf("slackserver: %s: not within %v; the server was sent:\n%s", what, awaitMost, s.transcript())
		case <-s.t.Context().Done():
			s.t.Fatalf("slackserver: %s: %v; the server was sent:\n%s", what, s.t.Context().Err(), s.transcript())
		}
	}
}

// AwaitCalls waits until method was called n times, and returns those calls.
func (s *Server) AwaitCalls(method string, n int) []Call {
	s.t.Helper()
	s.Await(fmt.Sprintf("%s is called %d times", method, n), func() bool { return len(s.Calls(method)) >= n })
	return s.Calls(method)
}

// transcript is the last calls in words, for a test that fails.
func (s *Server) transcript() string {
	calls := s.Calls("")
	var b strings.Builder
	for _, c := range calls[max(0, len(calls)-20):] {
		fmt.Fprintf(&b, "  %s\n", c)
	}
	return b.String()
}
