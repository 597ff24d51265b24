package llm

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"summitbot/bot/answer"
)

// How long and how often an endpoint is asked again.
const (
	// triesPerEndpoint counts requests that failed for a while; three ride out a
	// restart behind a load balancer, more would only add to an overload.
	triesPerEndpoint = 3
	// Pauses double from firstPause to longestPause, half of each at random, so
	// that those who failed together do not come back together.
	firstPause   = 500 * time.Millisecond
	longestPause = 8 * time.Second
	// An endpoint that asks for a longer pause is passed over: soon while another
	// one can answer, else when nobody would wait any longer.
	patienceBeforeOthers = 2 * time.Second
	patienceAtLast       = 30 * time.Second
	// largestProblem is how much of an error's body is read, in bytes.
	largestProblem = 64 << 10
)

// Why a request was given up by ourselves.
var (
	errTimeout = errors.New("timed out")
	errStalled = errors.New("stalled")
)

// A failure is one request that brought no finished completion, and what to do
// about it.
type failure struct {
	kind     error // one of answer's
	endpoint string
	status   int           // of HTTP; 0 if there was none
	what     string        // in our own words
	cause    error         // a context's or the receiver's error
	again    bool          // may pass: ask the same endpoint again
	final    bool          // not to be mended by any endpoint
	sick     bool          // counts against the endpoint
	after    time.Duration // that the endpoint asked to wait; 0 if it did not
	refused  part          // of the request
	finish   answer.Finish // of the completion, as far as there is one
	problem  problem       // as the endpoint told it; for the log only
}

func (f *failure) Error() string { return fmt.Sprintf("endpoint %q: %s", f.endpoint, f.detail()) }

// Unwrap returns the meaning, and the context's or receiver's error if any.
func (f *failure) Unwrap() []error {
	if f.cause == nil {
		return []error{f.kind}
	}
	return []error{f.kind, f.cause}
}

// err is the error that the caller of Generate sees.
func (f *failure) err() error {
	if f.kind == nil { // the receiver's own error goes back as it is
		return f.cause
	}
	return f
}

func (f *failure) detail() string {
	var b strings.Builder
	if f.kind != nil {
		b.WriteString(f.kind.Error())
	}
	if f.what != "" {
		fmt.Fprintf(&b, ": %s", f.what)
	}
	if f.status != 0 {
		fmt.Fprintf(&b, " (status %d)", f.status)
	}
	if f.cause != nil {
		fmt.Fprintf(&b, ": %v", f.cause)
	}
	return b.String()
}

// ofStatus judges a response that is not a stream.
func ofStatus(status int, after time.Duration, p problem) *failure {
	f := &failure{kind: answer.ErrRejected, status: status, problem: p}
	switch {
	case p.filtered():
		f.kind, f.what, f.final, f.finish = answer.ErrIncomplete, "the prompt was filtered", true, answer.FinishFiltered
	case status == http.StatusTooManyRequests && p.exhausted():
		f.what = "quota exhausted" // waiting does not help
	case status == http.StatusTooManyRequests, status == http.StatusConflict:
		// Alive and well, only not now: nothing against the endpoint's health.
		f.kind, f.again, f.after = answer.ErrUnavailable, true, after
	case status == http.StatusRequestTimeout, status >= 500:
		f.kind, f.again, f.sick, f.after = answer.ErrUnavailable, true, true, after
	case status >= 300 && status < 400:
		f.what = "redirected"
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		f.refused = p.refused()
	}
	return f
}

// ofStream judges an error object within a stream.
func ofStream(p problem) *failure {
	status := p.status()
	if status == 0 {
		// No number: streams fail for want of capacity, not for a bad request, which
		// would have been refused before.
		return &failure{kind: answer.ErrUnavailable, what: "error in the stream", again: true, sick: true, problem: p}
	}
	f := ofStatus(status, 0, p)
	if f.what == "" {
		f.what = "error in the stream"
	}
	return f
}

// ofTransport judges an error of the connection.
func ofTransport(err error) *failure {
	f := &failure{kind: answer.ErrUnavailable, what: "connection failed", again: true, sick: true}
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
	)
	switch {
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		f.what, f.again = "no secure connection", false
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		f.what = "connection closed"
	}
	f.problem.Message = err.Error()
	return f
}

// pauseAfter is how long to wait after the given try, the first being 1.
// jitter is in [0, 1).
func pauseAfter(f *failure, try int, jitter float64) time.Duration {
	if f.after > 0 {
		return f.after + spread(jitter)
	}
	d := min(firstPause<<(try-1), longestPause)
	return d/2 + time.Duration(jitter*float64(d/2))
}

// spread is what to add to a pause that ends for many at the same moment.
func spread(jitter float64) time.Duration { return time.Duration(jitter * float64(firstPause)) }

// retryAfter reads the header of that name, in seconds or as an HTTP date; 0 if
// there is none, or none that can be read.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	// Some endpoints send fractions, against the standard.
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if s > 0 && s < 1e9 {
			return time.Duration(s * float64(time.Second))
		}
		return 0
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// A problem is an endpoint's own account of an error. It is foreign text.
type problem struct {
	Message, Type, Code, Param string
}

// readProblem reads any of the forms in use: {"error": {...}}, {"error": "text"},
// the object alone, FastAPI's {"detail": ...}, or no JSON at all.
func readProblem(body []byte) problem {
	var o struct {
		Error, Message, Type, Code, Param, Detail json.RawMessage
	}
	if json.Unmarshal(body, &o) != nil {
		var s string
		if json.Unmarshal(body, &s) == nil {
			return problem{Message: s}
		}
		return problem{Message: string(body)}
	}
	if len(o.Error) > 0 && string(o.Error) != "null" {
		return readProblem(o.Error)
	}
	message := o.Message
	if len(message) == 0 {
		message = o.Detail
	}
	return problem{Message: scalar(message), Type: scalar(o.Type), Code: scalar(o.Code), Param: scalar(o.Param)}
}

// scalar is the text of a JSON string; anything else as it is written.
func scalar(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// status is the HTTP status that an error within a stream names, or 0.
func (p problem) status() int {
	if n, err := strconv.Atoi(p.Code); err == nil && n >= 400 && n < 600 {
		return n
	}
	switch p.Type {
	case "invalid_request_error":
		return http.StatusBadRequest
	case "rate_limit_error", "rate_limit_exceeded":
		return http.StatusTooManyRequests
	}
	return 0
}

// filtered reports whether a content filter stopped the prompt; Azure answers
// that as a bad request.
func (p problem) filtered() bool {
	return p.Code == "content_filter" || p.Code == "ResponsibleAIPolicyViolation"
}

// exhausted reports whether the account has no money left: OpenAI says so with
// the status that otherwise means "too fast".
func (p problem) exhausted() bool {
	return p.Code == "insufficient_quota" || p.Type == "insufficient_quota"
}

// stopped is the failure of a context that ended, nil if it has not. began says
// whether text had been handed on.
func stopped(ctx context.Context, began bool) *failure {
	if ctx.Err() == nil {
		return nil
	}
	kind := answer.ErrUnavailable
	if began {
		kind = answer.ErrIncomplete
	}
	return &failure{kind: kind, cause: ctx.Err(), final: true}
}
