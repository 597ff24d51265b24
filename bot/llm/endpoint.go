package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	openai "github.com/sashabaranov/go-openai"
	// gobreaker: no dependencies, and its two-step form fits a stream, whose fate is
	// known at the first token, long before it ends.
	"github.com/sony/gobreaker/v2"
	"golang.org/x/net/http/httpguts"

	"summitbot/bot/answer"
	"summitbot/bot/requestid"
)

const (
	// azureVersion is Azure's API of a date that knows JSON schemas.
	azureVersion = "2024-10-21"
	// A breaker opens after breakerFailures failures in a row, and lets one
	// request try after breakerRest: five cannot be two unlucky questions, and
	// a quarter of a minute is what a restarting server takes.
	breakerFailures = 5
	breakerRest     = 15 * time.Second
	// afterFinish is how long the usage may take to follow the end of the text.
	afterFinish = 2 * time.Second
)

// An Endpoint is one model at one address. Printing it shows its name alone.
type Endpoint struct {
	Name            string // unique; appears in answers, errors and logs
	BaseURL         string // up to before /chat/completions, e.g. https://api.openai.com/v1; for Azure up to the host
	APIKey          string // "" sends none
	Model           string // for Azure the deployment
	Headers         map[string]string
	Azure           bool     // Azure's addresses and key header, for its dated APIs
	APIVersion      string   // of Azure; "" means 2024-10-21
	Temperature     *float64 // nil leaves it to the endpoint
	ReasoningEffort string   // "" leaves it to the endpoint
	MaxTokens       int      // of a completion; 0 leaves it to the endpoint
}

// Format implements fmt.Formatter, so that no verb prints a key.
func (e Endpoint) Format(s fmt.State, _ rune) { fmt.Fprint(s, e.Name) }

// LogValue implements slog.LogValuer, so that no log holds a key.
func (e Endpoint) LogValue() slog.Value { return slog.StringValue(e.Name) }

// MarshalJSON implements json.Marshaler, so that no JSON holds a key.
func (e Endpoint) MarshalJSON() ([]byte, error) { return json.Marshal(e.Name) }

func (e Endpoint) validate() error {
	if strings.TrimSpace(e.Name) == "" {
		return errors.New("no name")
	}
	if e.Model == "" {
		return errors.New("no model")
	}
	// The error of url.Parse repeats the address, which may hold a key.
	u, err := url.Parse(e.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("the base URL is not an http(s) address")
	}
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("the base URL has more than host and path")
	}
	if e.MaxTokens < 0 {
		return errors.New("the limit of tokens is negative")
	}
	if !httpguts.ValidHeaderFieldValue(e.APIKey) {
		return errors.New("the API key holds characters that no header can")
	}
	for name, value := range e.Headers {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Errorf("header %q is not one", name)
		}
	}
	return nil
}

// config is go-openai's, without the HTTP client.
func (e Endpoint) config() openai.ClientConfig {
	if !e.Azure {
		c := openai.DefaultConfig(e.APIKey)
		c.BaseURL = e.BaseURL
		return c
	}
	c := openai.DefaultAzureConfig(e.APIKey, e.BaseURL)
	c.APIVersion = azureVersion
	if e.APIVersion != "" {
		c.APIVersion = e.APIVersion
	}
	c.AzureModelMapperFunc = url.PathEscape // a deployment's name is taken as it is
	return c
}

// timeouts of one request.
type timeouts struct{ request, first, idle time.Duration }

// An endpoint is an Endpoint with what was learnt of it.
type endpoint struct {
	Endpoint
	name      string
	client    *http.Client
	timeouts  timeouts
	log       *slog.Logger
	breaker   *gobreaker.TwoStepCircuitBreaker[struct{}]
	estimator *Estimator
	counts    counts

	mu        sync.Mutex
	form      form      // that it is known to accept, as far as it was tried
	restUntil time.Time // it asked to be left alone
}

// errNoVerdict tells the breaker that a request says nothing about the endpoint.
var errNoVerdict = errors.New("no verdict")

func newEndpoint(e Endpoint, client *http.Client, t timeouts, log *slog.Logger) *endpoint {
	ep := &endpoint{
		Endpoint: e, name: e.Name, client: client, timeouts: t, log: log.With("endpoint", e.Name), estimator: NewEstimator(),
		form: form{usage: true, tokenLimit: oldTokenLimit, temperature: e.Temperature != nil, effort: e.ReasoningEffort != ""},
	}
	ep.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        e.Name,
		Timeout:     breakerRest,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakerFailures },
		IsExcluded:  func(err error) bool { return errors.Is(err, errNoVerdict) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			ep.log.Warn("model endpoint's circuit breaker", "from", from.String(), "to", to.String())
		},
	})
	return ep
}

// accepted is the form to ask in.
func (e *endpoint) accepted() form {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.form
}

// learn remembers that the endpoint refused p, sent in the given form. It reports
// whether there is another form to try.
func (e *endpoint) learn(ctx context.Context, sent form, p part) bool {
	next, ok := sent.without(p)
	if !ok {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	// Another request may have learnt the same meanwhile, and more.
	switch p {
	case responseFormat:
		if e.form.format >= next.format {
			return true
		}
		e.form.format = next.format
	default:
		changed, ok := e.form.without(p)
		if !ok {
			return true
		}
		e.form = changed
	}
	e.log.WarnContext(ctx, "model endpoint refuses a part of the request; it is left out from now on",
		"part", p.String(), "format", e.form.format.String())
	return true
}

// resting is how long the endpoint asked to be left alone from now on.
func (e *endpoint) resting(now time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.restUntil.Sub(now)
}

func (e *endpoint) rest(until time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if until.After(e.restUntil) {
		e.restUntil = until
	}
}

// attempt sends one request, if the breaker lets it, and reports to the breaker.
func (e *endpoint) attempt(ctx context.Context, sent form, r answer.Request, s *sink) *failure {
	s.Completion = answer.Completion{Endpoint: e.name, Model: e.Model, Attempts: s.Attempts}
	done, err := e.breaker.Allow()
	if err != nil {
		return &failure{kind: answer.ErrUnavailable, endpoint: e.name, what: "left alone after failures"}
	}
	s.Attempts++
	reported := false
	report := func(verdict error) {
		if !reported {
			reported = true
			done(verdict)
		}
	}
	f := e.ask(ctx, sent, r, s, func() { report(nil) })
	e.counts.request(f, s.Completion)
	if f == nil {
		report(nil)
		return nil
	}
	f.endpoint, s.Finish = e.name, f.finish
	switch {
	case f.sick:
		report(f)
	case f.cause != nil, f.status == http.StatusTooManyRequests:
		report(errNoVerdict)
	default:
		report(nil) // it answers, if only to say no
	}
	if f.after > 0 {
		e.rest(time.Now().Add(f.after))
	}
	if f.cause == nil {
		e.log.WarnContext(ctx, "model request failed", "error", f, "status", f.status, "code", e.redact(withoutPrompt(f.problem.Code, r.User)),
			"message", e.redact(withoutPrompt(f.problem.Message, r.User)))
	}
	return f
}

// ask sends one request and hands the pieces on. alive is called at the first
// token.
func (e *endpoint) ask(parent context.Context, sent form, r answer.Request, s *sink, alive func()) *failure {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	whole := time.AfterFunc(e.timeouts.request, func() { cancel(errTimeout) })
	defer whole.Stop()
	reading := reading{
		sink:  s,
		idle:  e.timeouts.idle,
		watch: time.AfterFunc(e.timeouts.first, func() { cancel(errTimeout) }),
		stall: func() { cancel(errStalled) },
		alive: alive,
	}
	defer func() { reading.watch.Stop() }()

	req, beside := e.request(sent, r)
	config := e.config()
	config.HTTPClient = exchange{client: e.client, headers: e.Headers, beside: beside}
	stream, err := openai.NewClientWithConfig(config).CreateChatCompletionStream(ctx, req)
	if err != nil {
		f := interrupted(parent, ctx, false)
		if f != nil {
			return f
		}
		if errors.As(err, &f) {
			return f
		}
		return &failure{kind: answer.ErrRejected, what: "the request cannot be sent", problem: problem{Message: err.Error()}}
	}
	defer func() { _ = stream.Close() }() // it was read as far as it matters

	err = reading.all(stream)
	if s.PromptTokens > 0 {
		e.estimator.Observe(textOf(req.Messages), s.PromptTokens)
	}
	return reading.verdict(err, interrupted(parent, ctx, s.began))
}

// textOf joins the messages.
func textOf(messages []openai.ChatCompletionMessage) string {
	var b strings.Builder
	for _, m := range messages {
		b.WriteString(m.Content)
		b.WriteByte('\n')
	}
	return b.String()
}

// interrupted is the failure of a request that was given up: by the caller, whose
// context is parent, or by a timeout. It is nil if it was not.
func interrupted(parent, ctx context.Context, began bool) *failure {
	if f := stopped(parent, began); f != nil {
		return f
	}
	cause := context.Cause(ctx)
	if !errors.Is(cause, errTimeout) && !errors.Is(cause, errStalled) {
		return nil
	}
	return &failure{kind: answer.ErrUnavailable, what: cause.Error(), sick: true}
}

// redact makes foreign text fit for the log: short, and without keys, which also
// headers may hold.
func (e *endpoint) redact(s string) string {
	secrets := append(slices.Collect(maps.Values(e.Headers)), e.APIKey)
	words := strings.Fields(s)
	for i, w := range words {
		if slices.ContainsFunc(secrets, func(secret string) bool { return reveals(w, secret) }) {
			words[i] = "***"
		}
	}
	return clip(strings.Join(words, " "), 300)
}

// reveals reports whether a word holds a part of a secret. Endpoints like to
// repeat the start and the end of a key; what is shorter than a key is looked
// for as a whole.
func reveals(word, secret string) bool {
	const shortestKey, end = 12, 4
	if n := len(secret); n >= shortestKey {
		return strings.Contains(word, secret[:end]) || strings.Contains(word, secret[n-end:])
	}
	return secret != "" && strings.Contains(word, secret)
}

// clip cuts s to n characters and leaves out those that do not print.
func clip(s string, n int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s))
	return string(runes[:min(n, len(runes))])
}

// A reading is one stream being read.
type reading struct {
	*sink
	watch *time.Timer // ends the request: for want of a first token, later for want of another
	idle  time.Duration
	stall func() // ends the request
	alive func() // is called at the first token

	join    joiner
	spoke   bool   // a token came
	chose   bool   // a choice came
	refused bool   // the model declined
	reason  string // the finish reason
}

// Ends of a stream.
var (
	errNoChunk   = errors.New("not a chunk of a completion")
	errNoChoices = errors.New("no choices")
	errReceiver  = errors.New("receiver")
)

// receiverError is an error of the one who receives the pieces.
type receiverError struct{ err error }

func (e receiverError) Error() string   { return errReceiver.Error() }
func (e receiverError) Unwrap() []error { return []error{errReceiver, e.err} }

// all reads the stream to its end, which is nil at [DONE] and after whatever
// follows a finish reason.
func (g *reading) all(stream *openai.ChatCompletionStream) error {
	for {
		raw, err := stream.RecvRaw()
		if g.spoke || g.reason != "" {
			g.watch.Stop() // whoever receives the pieces may take their time
		}
		if err == nil {
			err = g.take(raw)
		}
		switch {
		case errors.Is(err, errReceiver):
			return err
		case err != nil && g.reason != "", errors.Is(err, io.EOF):
			return g.hand(g.join.rest())
		case err != nil:
			return err
		}
		switch {
		case g.reason != "":
			g.watch.Reset(min(afterFinish, g.idle))
		case g.spoke:
			g.watch.Reset(g.idle)
		}
	}
}

// hand passes a piece on and marks the receiver's error as such.
func (g *reading) hand(piece string) error {
	if err := g.sink.hand(piece); err != nil {
		return receiverError{err}
	}
	return nil
}

// take reads one chunk.
func (g *reading) take(raw []byte) error {
	var c chunk
	if err := json.Unmarshal(raw, &c); err != nil {
		return errNoChunk
	}
	if c.failed() {
		return ofStream(readProblem(c.Error))
	}
	if c.Model != "" {
		g.Model = clip(c.Model, 100)
	}
	if prompt, completion, ok := c.tokens(); ok {
		g.PromptTokens, g.CompletionTokens = prompt, completion
	}
	ch, ok := c.first()
	if !ok {
		return nil
	}
	g.chose = true
	if ch.speaks() && !g.spoke {
		g.spoke = true
		g.watch.Stop()
		g.watch = time.AfterFunc(g.idle, g.stall)
		g.watch.Stop() // until it is waited for
		g.alive()
	}
	if len(ch.Delta.Refusal) > 0 {
		g.refused = true
	}
	if ch.FinishReason != "" {
		g.reason = ch.FinishReason
	}
	return g.hand(g.join.push(ch.Delta.Content))
}

// verdict judges the end of a stream: err is why reading ended, given is the
// failure of a request that was given up.
func (g *reading) verdict(err error, given *failure) *failure {
	if r, ok := errors.AsType[receiverError](err); ok {
		return &failure{cause: r.err, finish: answer.FinishCut, final: true}
	}
	if g.reason != "" {
		finish, kind := finishOf(g.reason, g.refused)
		if kind == nil {
			g.Finish = finish
			return nil
		}
		what := string(finish)
		if finish == answer.FinishCut {
			what = "unknown finish reason"
		}
		return &failure{kind: kind, what: what, finish: finish, final: errors.Is(kind, answer.ErrIncomplete)}
	}
	f := g.broken(err, given)
	if g.began {
		f.finish = answer.FinishCut
		if errors.Is(f.kind, answer.ErrUnavailable) || errors.Is(f.kind, answer.ErrRejected) {
			f.kind = answer.ErrIncomplete
		}
	}
	return f
}

// broken judges a stream that ended without a finish reason.
func (g *reading) broken(err error, given *failure) *failure {
	var f *failure
	switch {
	case given != nil:
		return given
	case errors.As(err, &f):
		return f
	case err == nil && !g.chose:
		return &failure{kind: answer.ErrMalformed, what: errNoChoices.Error(), sick: true}
	case errors.Is(err, errNoChunk), errors.Is(err, errNoEvents), errors.Is(err, errEventTooLarge):
		return &failure{kind: answer.ErrMalformed, what: err.Error(), sick: true}
	}
	return &failure{
		kind: answer.ErrIncomplete, what: "the stream was cut", finish: answer.FinishCut, again: true, sick: true,
	}
}

// An exchange sends one request of go-openai. It stands between that and the
// network because errors of go-openai keep no headers and hold the raw body, and
// its request has no room for some fields.
type exchange struct {
	client  *http.Client
	headers map[string]string
	beside  map[string]any
}

// Do implements openai.HTTPDoer. Its errors are failures; the body of a response is
// a stream of clean events.
func (x exchange) Do(req *http.Request) (*http.Response, error) {
	for name, value := range x.headers {
		req.Header.Set(name, value)
	}
	if id := requestid.Of(req.Context()); id != "" {
		req.Header.Set(requestid.Header, id) // for whoever looks after the endpoint
	}
	if err := x.complete(req); err != nil {
		return nil, err
	}
	resp, err := x.client.Do(req) //nolint:gosec // to the address of the configuration
	if err != nil {
		return nil, ofTransport(err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer resp.Body.Close()
		// What could be read of the body is enough; the status says the rest.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, largestProblem))
		return nil, ofStatus(resp.StatusCode, retryAfter(resp.Header, time.Now()), readProblem(body))
	}
	resp.Body = newEvents(resp.Body)
	return resp, nil
}

// complete puts the fields beside the request into its body.
func (x exchange) complete(req *http.Request) error {
	if len(x.beside) == 0 {
		return nil
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return err
	}
	fields, err := json.Marshal(x.beside)
	if err != nil {
		return err
	}
	// Both are objects with at least one field: {a} and {b} make {a,b}.
	body = slices.Concat(body[:len(body)-1], []byte(","), fields[1:])
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return nil
}
