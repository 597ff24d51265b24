package slack

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"summitbot/bot"
)

const (
	// mostBody is the longest request that is read. The longest of Slack's, a dialog
	// that is sent off, are bounded by a quarter of it.
	mostBody = 1 << 20
	// mostHeader is the longest header: Slack's are some hundred bytes, and a proxy
	// adds its own.
	mostHeader = 16 << 10
	// mostAtOnce is how many requests are read at a time. Each takes less than a
	// millisecond, and Slack sends 30,000 events an hour at most; what comes above
	// is not Slack's, and Slack comes again.
	mostAtOnce = 64
	// requestTime is how long a request may take to arrive: after three seconds Slack
	// does not listen any more.
	requestTime = 3 * time.Second
	// idleTime is how long a connection is kept for the next request: longer than
	// proxies keep theirs as a rule, so that it is they who end it.
	idleTime = 2 * time.Minute
	// hangingUp is how long requests under way have at the end: to arrive, and to be
	// answered.
	hangingUp = 2 * requestTime
	// signedFor is how far the time of a signature may be from now. It is Slack's figure.
	signedFor = 5 * time.Minute
	// knownFor is how long a request is known that came already: Slack's last
	// delivery comes six minutes after the first, and what is taken again later is
	// in the journal.
	knownFor = time.Hour
	// refusedEvery is how often it is told that requests are refused.
	refusedEvery = time.Minute
)

// The headers with which Slack signs and counts its requests, and the one that asks
// it not to send a request again.
const (
	headerSignature = "X-Slack-Signature"
	headerTime      = "X-Slack-Request-Timestamp"
	headerRetry     = "X-Slack-Retry-Num"
	headerReason    = "X-Slack-Retry-Reason"
	headerNoRetry   = "X-Slack-No-Retry"
)

// scheme is how Slack signs: there is one as yet.
const scheme = "v0"

// An endpoint takes what Slack sends by HTTP: events, commands and interactions, all
// at one address, whatever its path. It speaks plain HTTP: TLS is the work of the
// proxy in front of it. Only what is signed with the app's secret, not long ago, is
// looked at.
type endpoint struct {
	*vitals // its lock is that of what stands below
	listen  string
	secret  string
	event   func(ctx context.Context, data any)
	places  chan struct{} // one for each request that is being read

	at      string // where it listens
	known   known
	refused int       // requests since that was told
	told    time.Time // when it was
}

func newEndpoint(o Options, v *vitals, event func(ctx context.Context, data any)) *endpoint {
	return &endpoint{
		vitals: v, listen: o.Listen, secret: o.SigningSecret, event: event,
		places: make(chan struct{}, mostAtOnce), known: known{now: o.Now, at: map[string]time.Time{}},
	}
}

func (e *endpoint) address() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.at
}

// run takes requests until ctx ends, and then answers those that have begun. The
// error says that it cannot listen.
func (e *endpoint) run(ctx context.Context) error {
	if e.secret == "" { // with which anybody could sign
		err := errors.New("without a signing secret nobody can tell what is Slack's")
		e.set(bot.Down, err.Error())
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", e.listen)
	if err != nil {
		if ctx.Err() != nil {
			e.set(Stopped, "")
			return ctx.Err()
		}
		e.set(bot.Down, err.Error())
		return err
	}
	working := context.WithoutCancel(ctx) // what has begun is answered
	server := &http.Server{
		Handler: e, BaseContext: func(net.Listener) context.Context { return working },
		ReadTimeout: requestTime, WriteTimeout: hangingUp, IdleTimeout: idleTime, MaxHeaderBytes: mostHeader,
		ErrorLog: slog.NewLogLogger(e.log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	e.mu.Lock()
	e.at = listener.Addr().String()
	e.mu.Unlock()
	e.set(Connected, "nothing came yet")
	e.log.InfoContext(ctx, "slack: listening", "address", e.address())
	select {
	case err := <-ended:
		e.set(bot.Down, err.Error())
		e.close(server)
		return fmt.Errorf("listen: %w", err)
	case <-ctx.Done():
	}
	e.set(Stopped, "")
	soon, stop := context.WithTimeout(working, hangingUp)
	defer stop()
	if err := server.Shutdown(soon); err != nil {
		e.log.WarnContext(ctx, "slack: requests were cut off", "error", err)
	}
	e.close(server)
	<-ended //nolint:errcheck // that it was closed
	return ctx.Err()
}

// close cuts all connections, and returns when no request is being read any more:
// none is handed on after that.
func (e *endpoint) close(server *http.Server) {
	_ = server.Close() // an error of the listener's, which is not needed any more
	for range cap(e.places) {
		e.places <- struct{}{}
	}
}

// ServeHTTP takes a request: it is acknowledged, and handed on.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		if r.Method == http.MethodGet && r.URL.Query().Get(sslCheck) == "1" {
			return // Slack looks at the certificate, and signs nothing
		}
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "this is where Slack sends what people write", http.StatusMethodNotAllowed)
		return
	}
	select {
	case e.places <- struct{}{}:
		defer func() { <-e.places }()
	default:
		http.Error(w, "too many requests at once", http.StatusServiceUnavailable)
		return
	}
	body, mark, err := e.open(w, r)
	if err != nil {
		e.refuse(w, r, err)
		return
	}
	d, err := sorted(r.Header.Get("Content-Type"), body)
	if err != nil {
		e.log.WarnContext(r.Context(), "slack: unreadable request", "error", err)
		w.Header().Set(headerNoRetry, "1") // it would be the same
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	e.take(w, r, d, mark)
}

// open reads a request and returns its body, and its signature as a mark by which it
// is known again. The error says why it is not Slack's, or not whole.
func (e *endpoint) open(w http.ResponseWriter, r *http.Request) (body []byte, mark string, err error) {
	// The time first: what is not signed at all need not be read.
	signed, err := signedAt(r.Header, e.now())
	if err != nil {
		return nil, "", err
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		return nil, "", fmt.Errorf("read: %w", err)
	}
	mark, err = verified(r.Header, e.secret, signed, body)
	return body, mark, err
}

// Why a request is not taken for one of Slack's.
var (
	errUnsigned = errors.New("it is not signed")
	errForged   = errors.New("it is not signed with slack.signing_secret")
	errStale    = errors.New("it was signed at another time")
)

// signedAt returns the time at which Slack says that it signed a request, as it is
// written there.
func signedAt(h http.Header, now time.Time) (string, error) {
	text := h.Get(headerTime)
	if text == "" || h.Get(headerSignature) == "" {
		return "", errUnsigned
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "", fmt.Errorf("%w: the time is no number", errForged)
	}
	// Compared as numbers: the difference of two times has an end.
	if ago := now.Unix() - seconds; seconds < 0 || ago > int64(signedFor/time.Second) || ago < -int64(signedFor/time.Second) {
		return "", fmt.Errorf("%w: %d seconds ago by this machine's clock", errStale, ago)
	}
	return text, nil
}

// verified returns the signature of a body, which Slack made with secret. The
// library's verifier does the same by the machine's clock only.
func verified(h http.Header, secret, signed string, body []byte) (string, error) {
	text, ok := strings.CutPrefix(h.Get(headerSignature), scheme+"=")
	given, err := hex.DecodeString(text)
	if !ok || err != nil {
		return "", errForged
	}
	if !hmac.Equal(given, signature(secret, signed, body)) {
		return "", errForged
	}
	return string(given), nil
}

// signature is what Slack makes of a body that it signs at a time.
func signature(secret, signed string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, scheme+":"+signed+":") // a hash takes everything
	_, _ = mac.Write(body)
	return mac.Sum(nil)
}

// refuse answers what is not Slack's, or not whole. That is told once a minute:
// anybody can send it, as often as they like.
func (e *endpoint) refuse(w http.ResponseWriter, r *http.Request, why error) {
	status := http.StatusUnauthorized
	if _, long := errors.AsType[*http.MaxBytesError](why); long {
		status = http.StatusRequestEntityTooLarge
		w.Header().Set(headerNoRetry, "1")
	} else if !errors.Is(why, errUnsigned) && !errors.Is(why, errForged) && !errors.Is(why, errStale) {
		status = http.StatusBadRequest // it broke off, and nobody reads this
	}
	http.Error(w, http.StatusText(status), status)
	now := e.now()
	e.mu.Lock()
	e.refused++
	n := e.refused
	tell := now.Sub(e.told) >= refusedEvery
	if tell {
		e.refused, e.told = 0, now
		if e.health.State == Connected {
			e.health.Detail = "requests are refused: " + why.Error()
		}
	}
	e.mu.Unlock()
	if tell {
		e.log.WarnContext(r.Context(), "slack: requests are refused; if they are Slack's, compare slack.signing_secret with the app's page, Basic Information > App Credentials, and see whether this machine's clock is right",
			"requests", n, "error", why)
	}
}

// sslCheck is the parameter of requests that only look at the certificate.
const sslCheck = "ssl_check"

// A delivery is what a request brings.
type delivery struct {
	id        string // of the event; "" if it has none
	data      any    // an EventsAPIEvent, a SlashCommand or an InteractionCallback; nil if there is nothing to do
	challenge string // to send back, when the address is entered on the app's page
	note      string // what is to be told of it, if nothing is to be done
	err       error  // why nothing is to be done
}

// sorted tells apart what Slack sends: events are JSON, all else comes in a form.
// The error says that it is nothing of Slack's; what nobody knows yet is a delivery
// without data.
func sorted(contentType string, body []byte) (delivery, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return delivery{}, fmt.Errorf("content type: %w", err)
	}
	switch kind {
	case "application/json":
		return eventOf(body)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return delivery{}, fmt.Errorf("form: %w", err)
		}
		return formOf(kind, form)
	}
	return delivery{}, fmt.Errorf("a body of type %s", kind)
}

// eventOf reads an event.
func eventOf(body []byte) (delivery, error) {
	var outer struct {
		Type string `json:"type"`
		ID   string `json:"event_id"`
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		return delivery{}, fmt.Errorf("event: %w", err)
	}
	e, err := slackevents.ParseEvent(body, slackevents.OptionNoVerifyToken())
	d := delivery{id: outer.ID}
	switch data := e.Data.(type) {
	case *slackevents.EventsAPIURLVerificationEvent:
		if err == nil && outer.Type == slackevents.URLVerification {
			return delivery{challenge: data.Challenge}, nil
		}
	case *slackevents.EventsAPIAppRateLimited:
		d.note = "Slack held events back: more than 30,000 in an hour"
		return d, nil
	case *slackevents.EventsAPICallbackEvent:
		if err == nil {
			d.data = e
			return d, nil
		}
	}
	d.note, d.err = "event of an unknown kind", err
	return d, nil
}

// formOf reads a command or an interaction.
func formOf(kind string, form url.Values) (delivery, error) {
	switch {
	case form.Get(sslCheck) == "1":
		return delivery{}, nil
	case form.Has("command"):
		// As the library wants it.
		r := &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(form.Encode()))}
		c, err := slack.SlashCommandParse(r)
		if err != nil {
			return delivery{}, fmt.Errorf("command: %w", err)
		}
		return delivery{data: c}, nil
	case form.Has("payload"):
		payload := []byte(form.Get("payload"))
		if !json.Valid(payload) {
			return delivery{}, errors.New("interaction: no JSON")
		}
		var i slack.InteractionCallback
		if err := json.Unmarshal(payload, &i); err != nil {
			return delivery{note: "interaction of an unknown kind", err: err}, nil
		}
		return delivery{data: i}, nil
	}
	return delivery{}, errors.New("form: neither a command nor an interaction")
}

// take acknowledges a delivery of Slack's and hands it on, if it is the first time
// that it came.
func (e *endpoint) take(w http.ResponseWriter, r *http.Request, d delivery, mark string) {
	ctx := context.WithoutCancel(r.Context()) // which ends with the request
	e.heard()
	var reply []byte
	switch {
	case d.challenge != "":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		reply = []byte(d.challenge)
		e.log.InfoContext(ctx, "slack: a challenge came, as when the address is entered on the app's page, and goes back")
	case d.data != nil:
		if payload := receipt(d.data); payload != nil {
			w.Header().Set("Content-Type", "application/json")
			reply, _ = json.Marshal(payload) // of strings
		}
		e.seen()
	case d.note != "":
		e.log.WarnContext(ctx, "slack: "+d.note, "event", d.id, "error", d.err)
	}
	if err := send(w, reply); err != nil {
		e.log.WarnContext(ctx, "slack: acknowledge", "event", d.id, "error", err)
	}
	// A command and a click have no id, and are sent once; who has caught one may send
	// it again, with its signature. An event that comes again has a new one.
	fresh := e.known.take(cmp.Or(d.id, mark))
	if n := r.Header.Get(headerRetry); n != "" {
		e.log.InfoContext(ctx, "slack: delivered again", "event", d.id, "attempt", n, "reason", r.Header.Get(headerReason), "known", !fresh)
	}
	if d.data != nil && fresh {
		e.handOn(ctx, d.data)
	}
}

// handOn does not let a fault in what is made of one delivery end in a broken
// connection, upon which Slack would send it again.
func (e *endpoint) handOn(ctx context.Context, data any) {
	defer func() {
		if p := recover(); p != nil {
			e.log.ErrorContext(ctx, "slack: panic", "what", "request", "panic", p, "stack", stack())
		}
	}()
	e.event(ctx, data)
}

// heard notes that Slack's own requests come.
func (e *endpoint) heard() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.health.State == Connected {
		e.health.Detail = ""
	}
}

// send sends a reply as a whole, before the handler ends: what is done about the
// request comes after its acknowledgement.
func send(w http.ResponseWriter, reply []byte) error {
	w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(reply); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// known are the requests that came within the last hour.
type known struct {
	now    func() time.Time
	mu     sync.Mutex
	at     map[string]time.Time
	pruned time.Time
}

// take reports whether a request is new, and knows it from then on.
func (k *known) take(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if now.Sub(k.pruned) > knownFor/4 {
		k.pruned = now
		for id, at := range k.at {
			if now.Sub(at) > knownFor {
				delete(k.at, id)
			}
		}
	}
	_, came := k.at[id]
	k.at[id] = now
	return !came
}
