package discord

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
)

const (
	// discordURL is where Discord's own API is.
	discordURL = "https://discord.com"
	// apiPath is the version whose structures the library has.
	apiPath = "/api/v9"
	// callTimeout bounds one call. Discord answers within seconds or not at all.
	callTimeout = 30 * time.Second
	// mostRead is how much of an answer is read: a hundred messages at their
	// longest have less.
	mostRead = 8 << 20
	// attempts is how often one call is tried. With the pauses below that is a
	// minute, which outlasts a reset or a restart on the way.
	attempts = 8
	// firstPause is the pause after the first failure; it doubles each time.
	firstPause = 500 * time.Millisecond
	// limitedMost is how often in a row a call may be told to come later. Discord
	// says when, so that a call that was told so more often meets a limit that does
	// not end.
	limitedMost = 6
	// unsaidPause is how long to wait after a 429 that does not say.
	unsaidPause = 5 * time.Second
)

var (
	// errUncertain says that nobody knows whether Discord took a message, and that
	// it could not be looked up.
	errUncertain = errors.New("discord may or may not have taken the message")
	// errShut says that Discord refused the token: every further call would count
	// towards a ban.
	errShut = errors.New("discord refused the bot's token before")
)

// An apiError is Discord's own word that a call was not carried out.
type apiError struct {
	status  int
	code    int // Discord's, 0 if it gave none
	message string
	after   time.Duration // when a call that came too early may come
	global  bool          // no call may come before that
}

func (e *apiError) Error() string {
	if e.code != 0 {
		return fmt.Sprintf("HTTP %d: %s (code %d)", e.status, e.message, e.code)
	}
	return fmt.Sprintf("HTTP %d: %s", e.status, cmp.Or(e.message, http.StatusText(e.status)))
}

// Discord's codes that mean something to the bot.
const (
	codeUnknownChannel     = 10003
	codeUnknownMessage     = 10008
	codeUnknownWebhook     = 10015
	codeUnknownInteraction = 10062
	codeAcknowledged       = 40060
	codeMissingAccess      = 50001
	codeMissingPermissions = 50013
	codeInvalidToken       = 50027 // of an interaction
	codeInvalidForm        = 50035
	codeThreadThere        = 160004 // the message has one already
)

// codeOf returns Discord's code of an error, 0 if there is none.
func codeOf(err error) int {
	if e, is := errors.AsType[*apiError](err); is {
		return e.code
	}
	return 0
}

// statusOf returns the HTTP status of an error of Discord's, 0 of others.
func statusOf(err error) int {
	if e, is := errors.AsType[*apiError](err); is {
		return e.status
	}
	return 0
}

// limited returns when a call that was told to come later may come.
func limited(err error) (after time.Duration, ok bool) {
	if e, is := errors.AsType[*apiError](err); is && e.status == http.StatusTooManyRequests {
		return e.after, true
	}
	return 0, false
}

// uncertain reports whether a call may have been carried out though it failed:
// everything that is not Discord's own word.
func uncertain(err error) bool {
	if err == nil || errors.Is(err, errShut) {
		return false
	}
	e, is := errors.AsType[*apiError](err)
	return !is || e.status >= http.StatusInternalServerError
}

// early reports whether Discord told a call to come later.
func early(err error) bool {
	_, is := limited(err)
	return is
}

// A wait waits for d, or for the end of ctx, whose error it then returns.
type wait func(ctx context.Context, d time.Duration) error

// sleep is the wait of the real clock.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A call is one request to Discord.
type call struct {
	method string
	path   string // below the API's version, with its query
	route  string // what Discord counts together: the path without small ids
	body   any    // nil is none
	open   bool   // carries no bot token: an interaction's own is in its path
}

// A sender is the one way to Discord's REST API. It keeps to what Discord says of
// its limits, for each route and for all, tries again what may be tried again, and
// looks up whether a message stands there before it sends it a second time. The
// library's own way has a limiter that sleeps without regard to contexts, holds
// one lock over all edits of interactions, and knows no nonce.
type sender struct {
	base  string
	token string
	http  *http.Client
	now   func() time.Time
	wait  wait
	log   *slog.Logger
	doors *doors
	agent string      // what the program calls itself
	shut  atomic.Bool // Discord refused the token
	self  self
}

// self is who the bot is.
type self struct{ user, application string }

func newSender(o Options) *sender {
	return &sender{
		base: strings.TrimRight(cmp.Or(o.APIURL, discordURL), "/") + apiPath, token: o.Token,
		http: o.HTTP, now: o.Now, wait: o.Wait, log: o.Log, doors: newDoors(o.Now, o.Wait), agent: agentOf(o.PublicURL, o.Version),
	}
}

// agentOf returns what a bot calls itself: Discord demands the address of a page and
// a version, in this form, and shuts others out. The program has no page of its own,
// so that it names where this installation is, or its library.
func agentOf(public, version string) string {
	const name = " summitbot"
	version = strings.Trim(version, "()")
	if public == "" {
		return "DiscordBot (https://github.com/bwmarrin/discordgo, v" + discordgo.VERSION + ")" + strings.TrimRight(name+"/"+version, "/")
	}
	return "DiscordBot (" + public + ", " + cmp.Or(version, "0") + ")" + name
}

// try makes one request. out, if it is not nil, is filled from the answer.
func (s *sender) try(ctx context.Context, c call, out any) error {
	if s.shut.Load() && !c.open {
		return errShut
	}
	var body io.Reader
	if c.body != nil {
		text, err := json.Marshal(c.body)
		if err != nil {
			return &apiError{message: fmt.Sprintf("the request cannot be written: %v", err)}
		}
		body = bytes.NewReader(text)
	}
	ctx, stop := context.WithTimeout(ctx, callTimeout)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, c.method, s.base+c.path, body)
	if err != nil {
		return &apiError{message: err.Error()}
	}
	r.Header.Set("User-Agent", s.agent)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if !c.open {
		r.Header.Set("Authorization", "Bot "+s.token)
	}
	response, err := s.http.Do(r)
	if err != nil {
		return hidden(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read, or is given up
	text, err := io.ReadAll(io.LimitReader(response.Body, mostRead))
	s.doors.heard(c, response.Header)
	if response.StatusCode >= http.StatusMultipleChoices {
		return s.refused(c, response, text)
	}
	if err != nil {
		return hidden(err)
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}

// hidden takes the address out of an error of the network: the token of an
// interaction is in it.
func hidden(err error) error {
	type urlError interface{ Unwrap() error }
	if e, ok := err.(urlError); ok && e.Unwrap() != nil { //nolint:errorlint // only the outermost has the address
		return fmt.Errorf("no answer: %w", e.Unwrap())
	}
	return err
}

// refused makes an error of an answer.
func (s *sender) refused(c call, response *http.Response, text []byte) error {
	var said struct {
		Code       int             `json:"code"`
		Message    string          `json:"message"`
		RetryAfter float64         `json:"retry_after"` // seconds
		Global     bool            `json:"global"`
		Errors     json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(text, &said) // of what is not Discord, the status says enough
	e := &apiError{status: response.StatusCode, code: said.Code, message: said.Message, global: said.Global}
	if len(said.Errors) > 0 {
		e.message += " " + headOf(string(said.Errors), 500)
	}
	switch e.status {
	case http.StatusTooManyRequests:
		e.after = time.Duration(said.RetryAfter * float64(time.Second))
		if seconds, err := strconv.ParseFloat(response.Header.Get("Retry-After"), 64); e.after <= 0 && err == nil {
			e.after = time.Duration(seconds * float64(time.Second))
		}
		if e.after <= 0 {
			e.after = unsaidPause
		}
	case http.StatusUnauthorized:
		if !c.open {
			s.shut.Store(true)
		}
	}
	return e
}

// once makes a call, and again only while Discord says that it comes too early.
func (s *sender) once(ctx context.Context, c call, out any) error {
	for told := 1; ; told++ {
		err := s.doors.through(ctx, c, func() error { return s.try(ctx, c, out) })
		after, come := limited(err)
		if !come {
			return err
		}
		s.log.WarnContext(ctx, "discord: rate limit", "method", c.method, "route", c.route, "after", after)
		if told == limitedMost {
			return err
		}
	}
}

// repeat makes a call that may be carried out twice, until Discord answers.
func (s *sender) repeat(ctx context.Context, c call, out any) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, c, out)
		if err == nil || !uncertain(err) || attempt == attempts || ctx.Err() != nil {
			return err
		}
		s.log.WarnContext(ctx, "discord: call failed", "method", c.method, "route", c.route, "attempt", attempt, "error", err)
		if err := s.wait(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
}

// firm is the context of a call that writes. Once it is sent it is not cut: nobody
// would know what it did. callTimeout bounds it.
func firm(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
