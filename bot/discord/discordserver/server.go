// Package discordserver is a Discord for tests, with one application and its
// bot. It speaks the wire protocol over real sockets on the loopback interface:
// the gateway with its sessions, intents, heartbeats and close codes; the REST
// API with its permissions, limits and errors; interactions with their tokens.
// It refuses what Discord refuses, and records what it was sent.
//
// A test plays the people (Say, Slash, Click, ...), makes the network fail
// (Fail, DropGateway, Handshake, ...), waits for a condition (Await) and looks
// at what people would see (Messages, Interaction).
//
// Facts are from Discord's documentation and its OpenAPI description unless a
// comment says that they were only observed. Where Discord's behaviour is not
// documented, the stricter one is taken.
package discordserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
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

// Options of a server. The zero value has one guild, whose bot may do what
// DefaultPermissions says, no privileged intent, and real time.
type Options struct {
	Speed       float64    // of the clock; 0 means 1, the machine's own
	Stopped     bool       // the clock moves by Clock.Advance only
	Start       time.Time  // what the clock shows at first; zero means the machine's time
	Privileged  Intents    // the privileged intents that are switched on in the developer portal
	Permissions Permission // of the bot in every guild; 0 means DefaultPermissions
	Limits      Limits
	NoRates     bool      // neither calls nor IDENTIFY are limited by rate
	RealWaits   bool      // waits are told in the machine's seconds, for a client that waits by the machine's clock
	Shards      int       // that the bot must have at least; 0 means 1
	Record      io.Writer // gets every call as one line of JSON, each by one Write; nil records none
}

// Server is a Discord with one application. Its methods may be called from
// several goroutines, apart from those that fail the test.
type Server struct {
	Clock *fastclock.Clock

	Token string // of the bot, without "Bot "
	App   string // id of the application
	Bot   string // user id of the bot; not the application's, as with old applications
	Guild string // id of the first guild

	t         TB
	base      string // http://127.0.0.1:port
	limits    Limits
	unlimited bool
	realWaits bool
	speed     float64
	shards    int
	granted   Permission
	record    io.Writer
	working   sync.WaitGroup // the sockets' handlers

	mu           sync.Mutex
	changed      chan struct{} // closed and replaced when anything happened
	made         int           // secrets so far
	lastID       int64         // of snowflakes
	revoked      bool          // the token is
	privileged   Intents
	users        map[string]*User
	guilds       []*guild
	channels     map[string]*Channel
	messages     []*Message // of all channels, in order of their ids
	interactions []*interaction
	commands     map[string][]*command // by guild; "" is global
	windows      map[string]*window
	calls        []Call
	fault        func(Call) Fault
	planned      []*plan
	mishaps      []*mishapPlan
	sockets      []*socket
	sessions     []*session
	identifies   []Identify
	identified   time.Time // when the last IDENTIFY came
	resumes      int
	heartbeats   int
	invalid      []time.Time // answers of 401, 403 and 429
	banned       bool        // by too many of them
	ended        bool        // the test is over
}

// Start starts a server, which ends with the test.
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
	if o.Permissions == 0 {
		o.Permissions = DefaultPermissions()
	}
	s := &Server{
		Clock:      fastclock.New(o.Start, o.Speed),
		Token:      "MTAw.test.token",
		t:          t,
		limits:     o.Limits.withDefaults(),
		unlimited:  o.NoRates,
		realWaits:  o.RealWaits,
		speed:      o.Speed,
		shards:     max(1, o.Shards),
		granted:    o.Permissions,
		record:     o.Record,
		privileged: o.Privileged,
		changed:    make(chan struct{}),
		users:      map[string]*User{},
		channels:   map[string]*Channel{},
		commands:   map[string][]*command{},
		windows:    map[string]*window{},
	}
	s.App, s.Bot = s.snowflake(), s.snowflake()
	s.users[s.Bot] = &User{ID: s.Bot, Name: "Summit", Bot: true, Locale: "en-US"}
	s.Guild = s.AddGuild("Summit")

	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("discordserver: %v", err)
	}
	s.base = "http://" + listener.Addr().String()
	server := &http.Server{Handler: s.mux(), ReadHeaderTimeout: time.Minute}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) }) // ends by Close, whose error it is
	t.Cleanup(func() {
		s.Clock.Halt()
		s.mu.Lock()
		s.ended = true
		s.mu.Unlock()
		s.DropGateway()
		_ = server.Close() // connections are cut; there is nothing to finish
		running.Wait()
		s.working.Wait()
	})
	return s
}

// URL is what a client takes instead of https://discord.com; the API is below
// /api/v9 and /api/v10 there.
func (s *Server) URL() string { return s.base }

// gatewayURL is where the gateway is, as GET /gateway gives it.
func (s *Server) gatewayURL() string { return "ws" + strings.TrimPrefix(s.base, "http") + "/gateway" }

// Transport sends every request to this server, whatever host it names.
func (s *Server) Transport() http.RoundTripper {
	// Its own, so that no connection outlives the server of another test.
	transport := &http.Transport{}
	s.t.Cleanup(transport.CloseIdleConnections)
	host := strings.TrimPrefix(s.base, "http://")
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		here := req.Clone(req.Context())
		here.URL.Scheme, here.URL.Host, here.Host = "http", host, ""
		return transport.RoundTrip(here)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// RevokeToken makes the bot's token one that nobody knows, as a reset in the
// developer portal does.
func (s *Server) RevokeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
}

// SetPrivileged replaces the privileged intents that are switched on in the
// developer portal.
func (s *Server) SetPrivileged(intents Intents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.privileged = intents
}

// notify wakes those who wait for a condition; s.mu is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// epoch is the first moment of Discord's ids, in milliseconds.
const epoch = 1_420_070_400_000

// snowflake makes a new id, later than all before; s.mu is held once the server
// runs.
func (s *Server) snowflake() string {
	s.lastID = max((s.Clock.Now().UnixMilli()-epoch)<<22, s.lastID+1)
	return strconv.FormatInt(s.lastID, 10)
}

// timeOf is the moment that is in an id.
func timeOf(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n>>22 + epoch)
}

// stamp is a time as Discord writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

// secret is an identifier that says nothing of the next one; s.mu is held.
func (s *Server) secret(prefix string) string {
	s.made++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", prefix, s.made))
	return prefix + hex.EncodeToString(sum[:16])
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
			s.t.Fatalf("discordserver: %s: not within %v; the server was sent:\n%s", what, awaitMost, s.transcript())
		case <-s.t.Context().Done():
			s.t.Fatalf("discordserver: %s: %v; the server was sent:\n%s", what, s.t.Context().Err(), s.transcript())
		}
	}
}

// AwaitCalls waits until route was called n times, and returns those calls.
func (s *Server) AwaitCalls(route string, n int) []Call {
	s.t.Helper()
	s.Await(fmt.Sprintf("%s is called %d times", route, n), func() bool { return len(s.Calls(route)) >= n })
	return s.Calls(route)
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
