package slackserver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// A Miscarriage is what the network does to one delivery by HTTP.
type Miscarriage int

// The ways in which a delivery fails.
const (
	Arrives   Miscarriage = iota
	NotSent               // no connection
	ReplyLost             // the app has it, and what it says does not come back
	Twice                 // the request comes a second time, byte for byte
)

// mostReply is how much of what an app answers is read.
const mostReply = 1 << 20

// poster is how the server reaches an app that has no sockets.
type poster struct {
	client *http.Client
	url    string // of the app; "" is Socket Mode
	fate   func(Envelope) Miscarriage
}

// SetRequestURL has the app reached at address by HTTP, and by sockets no more. As
// when somebody enters the address on the app's page, it has to send back a
// challenge first: the error says how it does not.
func (s *Server) SetRequestURL(address string) error {
	s.mu.Lock()
	challenge := s.secret("challenge")
	s.mu.Unlock()
	body, _ := json.Marshal(map[string]string{"token": "verification", "type": "url_verification", "challenge": challenge}) // of strings
	reply, err := s.roundTrip(s.t.Context(), address, "application/json", body, nil)
	if err != nil {
		return err
	}
	var told struct{ Challenge string }
	if said := string(reply.body); said != challenge && (json.Unmarshal(reply.body, &told) != nil || told.Challenge != challenge) {
		return fmt.Errorf("the challenge does not come back, but %q", said)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.http.url = address
	return nil
}

// Miscarry has the network do to each delivery by HTTP what fate says; nil lets all
// arrive.
func (s *Server) Miscarry(fate func(Envelope) Miscarriage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.http.fate = fate
}

// Sign returns the headers with which Slack signs body.
func (s *Server) Sign(body []byte) http.Header {
	signed := strconv.FormatInt(s.Clock.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.SigningSecret))
	fmt.Fprintf(mac, "v0:%s:%s", signed, body)
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", signed)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

// answer is what an app says to a request.
type answer struct {
	body    []byte
	noRetry bool
}

var errStatus = errors.New("the app answers with an error")

// roundTrip sends one signed request and reads what the app answers.
func (s *Server) roundTrip(ctx context.Context, address, contentType string, body []byte, more http.Header) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header = s.Sign(body)
	for name, values := range more {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	resp, err := s.http.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{noRetry: resp.Header.Get("X-Slack-No-Retry") == "1"}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, mostReply))
	if err == nil && (resp.StatusCode < 200 || resp.StatusCode > 299) {
		err = fmt.Errorf("%w: %s", errStatus, resp.Status)
	}
	return a, err
}

// deliverByHTTP sends e to the app and sees to what follows; s.mu is held.
func (s *Server) deliverByHTTP(e *Envelope, reason string) {
	e.Tries++
	e.Left, e.sent = false, s.Clock.Now()
	contentType, body := e.request()
	more := http.Header{}
	if e.retries() && e.attempts > 1 {
		more.Set("X-Slack-Retry-Num", strconv.Itoa(e.attempts-1))
		more.Set("X-Slack-Retry-Reason", reason)
	}
	s.notify()
	fate := Arrives
	if s.http.fate != nil {
		fate = s.http.fate(*e)
	}
	if s.ended {
		return
	}
	address := s.http.url
	ctx, cancel := context.WithCancel(s.t.Context())
	stop := s.Clock.AfterFunc(s.limits.Ack, cancel)
	s.working.Go(func() {
		defer cancel()
		defer stop()
		var a answer
		err := errors.New("no connection")
		if fate != NotSent {
			a, err = s.roundTrip(ctx, address, contentType, body, more)
		}
		if fate == Twice && err == nil {
			_, err = s.roundTrip(ctx, address, contentType, body, more) // signed in the same second, as a rule
		}
		if fate == ReplyLost {
			<-ctx.Done() // Slack waits for it until its time is over
			err = ctx.Err()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.posted(e, a, err, ctx.Err() != nil)
	})
}

// posted takes what came of a delivery; s.mu is held.
func (s *Server) posted(e *Envelope, a answer, err error, late bool) {
	defer s.notify()
	switch {
	case e.Acked:
	case err == nil:
		e.Acked, e.Lost = true, false
		e.AckPayload = a.payload()
		if e.react != nil {
			e.react(e.AckPayload)
		}
	case a.noRetry:
		e.Lost = true
	default:
		e.failed = "connection_failed"
		if late {
			e.failed = "http_timeout"
		} else if errors.Is(err, errStatus) {
			e.failed = "http_error"
		}
		e.Left = true
		s.again(e)
	}
}

// payload is the answer as it is shown: JSON, or words.
func (a answer) payload() json.RawMessage {
	if len(a.body) == 0 {
		return nil
	}
	if json.Valid(a.body) {
		return a.body
	}
	text, _ := json.Marshal(map[string]string{"text": string(a.body)}) // of strings
	return text
}

// request is the body of e, and its type.
func (e *Envelope) request() (contentType string, body []byte) {
	const form = "application/x-www-form-urlencoded"
	switch e.Type {
	case "events_api":
		return "application/json", e.Payload
	case "slash_commands":
		var fields map[string]string
		_ = json.Unmarshal(e.Payload, &fields) // a command has strings only
		values := url.Values{}
		for name, value := range fields {
			values.Set(name, value)
		}
		return form, []byte(values.Encode())
	}
	return form, []byte(url.Values{"payload": {string(e.Payload)}}.Encode())
}
