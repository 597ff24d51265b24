// Package llm asks language models: it is answer's Generator over any endpoint
// that speaks OpenAI's chat completions.
//
// A request takes its turn (queue), goes to the endpoints in order until one
// answers (Generate), in the form that this endpoint was found to accept
// (form), and its stream is read event by event (events, chunk, joiner).
//
// Invariants. A request is never sent again after its first piece was handed
// on. A completion counts as finished only if the endpoint gave a reason for its
// end. What endpoints write in their errors goes to the log, without keys, and
// never into an error: that has a meaning (the sentinels of package answer), the
// endpoint's name and the HTTP status. What a model accepts is learnt from
// its endpoint, never guessed from its name.
//
// The clock is package time: timeouts, pauses and breakers must agree on it, and
// tests turn it with testing/synctest.
package llm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"summitbot/bot/answer"
)

// What zero fields of Options mean.
const (
	// A local model may need a minute to load and to read a long prompt.
	defaultRequestTimeout = 2 * time.Minute
	// Slow machines write two tokens a second; ten times that and more is a stall.
	defaultIdleTimeout = 30 * time.Second
	// Local servers work on four prompts at once or fewer.
	defaultConcurrency = 4
	defaultQueue       = 1000
)

// Options say which models to ask, and how hard.
type Options struct {
	Endpoints      []Endpoint    // tried in order; at least one
	RequestTimeout time.Duration // of one request up to its last token; 0 means 2 minutes
	FirstTimeout   time.Duration // of one request up to its first token; 0 means RequestTimeout
	IdleTimeout    time.Duration // between two tokens; keep-alive lines are none; 0 means 30 s
	Concurrency    int           // completions under way at once; 0 means 4
	Queue          int           // completions waiting for their turn; 0 means 1000

	HTTPClient *http.Client   // nil means one of its own; redirects are never followed
	Jitter     func() float64 // in [0, 1), safe for concurrent use; nil means random
	Log        *slog.Logger   // nil means none
}

// Client asks the models of its Options. It is safe for concurrent use.
type Client struct {
	endpoints []*endpoint
	queue     *queue
	jitter    func() float64
	log       *slog.Logger
}

var _ answer.Generator = (*Client)(nil)

// New checks the options; it does not reach out to the endpoints.
func New(o Options) (*Client, error) {
	if len(o.Endpoints) == 0 {
		return nil, errors.New("no endpoint")
	}
	for name, n := range map[string]int64{
		"request timeout": int64(o.RequestTimeout), "first timeout": int64(o.FirstTimeout),
		"idle timeout": int64(o.IdleTimeout), "concurrency": int64(o.Concurrency), "queue": int64(o.Queue),
	} {
		if n < 0 {
			return nil, fmt.Errorf("%s is negative", name)
		}
	}
	concurrency := cmp.Or(o.Concurrency, defaultConcurrency)
	limits := timeouts{
		request: cmp.Or(o.RequestTimeout, defaultRequestTimeout),
		idle:    cmp.Or(o.IdleTimeout, defaultIdleTimeout),
	}
	limits.first = cmp.Or(o.FirstTimeout, limits.request)
	c := &Client{
		queue:  newQueue(concurrency, cmp.Or(o.Queue, defaultQueue)),
		jitter: o.Jitter,
		log:    o.Log,
	}
	if c.jitter == nil {
		c.jitter = rand.Float64
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	client := httpClient(o.HTTPClient, concurrency)
	for i, e := range o.Endpoints {
		if err := e.validate(); err != nil {
			return nil, fmt.Errorf("endpoint %d (%q): %w", i+1, e.Name, err)
		}
		if slices.ContainsFunc(o.Endpoints[:i], func(other Endpoint) bool { return other.Name == e.Name }) {
			return nil, fmt.Errorf("two endpoints are called %q", e.Name)
		}
		c.endpoints = append(c.endpoints, newEndpoint(e, client, limits, c.log))
	}
	return c, nil
}

// httpClient returns base, or a new client, as one that follows no redirect:
// the prompt and the keys are for the configured host alone.
func httpClient(base *http.Client, concurrency int) *http.Client {
	var client http.Client
	if base != nil {
		client = *base
	} else {
		client.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConnsPerHost: concurrency,
			IdleConnTimeout:     90 * time.Second,
		}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// Generate implements answer.Generator. Beside one of answer's errors, the
// error of a context that ended is wrapped too.
func (c *Client) Generate(ctx context.Context, r answer.Request, each func(piece string) error) (answer.Completion, error) {
	release, err := c.queue.acquire(ctx, r.Asker)
	if err != nil {
		return answer.Completion{}, err
	}
	defer release()

	s := &sink{each: each}
	started := time.Now()
	err = c.ask(ctx, r, s)
	c.log.DebugContext(ctx, "completion", "endpoint", s.Endpoint, "model", s.Model, "finish", s.Finish,
		"attempts", s.Attempts, "prompt_tokens", s.PromptTokens, "completion_tokens", s.CompletionTokens,
		"duration", time.Since(started), "error", err)
	return s.Completion, err
}

// ask tries the endpoints in order.
func (c *Client) ask(ctx context.Context, r answer.Request, s *sink) error {
	var failures []*failure
	for i, e := range c.endpoints {
		f := c.try(ctx, e, i == len(c.endpoints)-1, r, s)
		switch {
		case f == nil:
			return nil
		case f.final || s.began:
			return f.err()
		}
		failures = append(failures, f)
	}
	return conclude(failures)
}

// Estimate tells how many tokens a text has at most, for whichever endpoint
// will answer. See Estimator.
func (c *Client) Estimate(text string) int {
	most := 0
	for _, e := range c.endpoints {
		most = max(most, e.estimator.Estimate(text))
	}
	return most
}

// try asks one endpoint, as often as that makes sense. It returns nil if the
// completion is finished.
func (c *Client) try(ctx context.Context, e *endpoint, last bool, r answer.Request, s *sink) *failure {
	patience := patienceBeforeOthers
	if last {
		patience = patienceAtLast
	}
	for tries := 1; ; {
		if rest := e.resting(time.Now()); rest > 0 {
			if f := c.pause(ctx, e, rest+spread(c.jitter()), patience); f != nil {
				return f
			}
		}
		sent, before := e.accepted().of(r), s.Attempts
		f := e.attempt(ctx, sent, r, s)
		if tries > 1 && s.Attempts > before {
			e.counts.retry()
		}
		switch {
		case f == nil || f.final || s.began:
			return f
		case f.refused != nothing && e.learn(ctx, sent, f.refused):
			continue // in another form; the number of forms is finite
		case !f.again || tries == triesPerEndpoint:
			return f
		}
		if stop := c.pause(ctx, e, pauseAfter(f, tries, c.jitter()), patience); stop != nil {
			if stop.final {
				return stop
			}
			return f // not worth the wait; f says what happened
		}
		tries++
	}
}

// pause waits, unless that takes longer than patience or than the context lasts.
func (c *Client) pause(ctx context.Context, e *endpoint, d, patience time.Duration) *failure {
	deadline, ok := ctx.Deadline()
	if d > patience || ok && time.Until(deadline) <= d {
		return &failure{kind: answer.ErrUnavailable, endpoint: e.name, what: "asked to wait"}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		f := stopped(ctx, false)
		f.endpoint = e.name
		return f
	}
}

// A sink takes what arrives for one call of Generate.
type sink struct {
	answer.Completion
	each  func(piece string) error
	began bool // a piece was handed on
}

// hand passes a piece on; the error is the receiver's.
func (s *sink) hand(piece string) error {
	if piece == "" {
		return nil
	}
	s.began = true
	return s.each(piece)
}

// conclude makes one error of what happened at each endpoint. Its meaning is the
// most hopeful of theirs: what may pass by itself comes before what someone
// must mend.
func conclude(failures []*failure) error {
	if len(failures) == 1 {
		return failures[0].err()
	}
	meaning := failures[0].kind
	for _, kind := range []error{answer.ErrUnavailable, answer.ErrIncomplete, answer.ErrMalformed, answer.ErrRejected} {
		if slices.ContainsFunc(failures, func(f *failure) bool { return errors.Is(f, kind) }) {
			meaning = kind
			break
		}
	}
	each := make([]string, len(failures))
	for i, f := range failures {
		each[i] = fmt.Sprintf("endpoint %q: %s", f.endpoint, f.detail())
	}
	return fmt.Errorf("%w: %s", meaning, strings.Join(each, "; "))
}
