package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/slack-go/slack"
)

// hookReply bounds what is read of a reply: it is "ok", or an error in a few words.
const hookReply = 64 << 10

// A hookMessage is what a response_url takes; the library's does not know that a
// text can be sent as it is.
type hookMessage struct {
	slack.WebhookMessage
	Mrkdwn *bool `json:"mrkdwn,omitempty"`
}

// hook posts to a response_url. The library's own function does not look at the
// reply, and takes for a success what Slack refuses with status 200.
func (s *sender) hook(ctx context.Context, address string, m *hookMessage) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return withoutURL(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.http.Do(r)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusTooManyRequests {
		if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
			return &slack.RateLimitedError{RetryAfter: time.Duration(n) * time.Second}
		}
	}
	if resp.StatusCode != http.StatusOK {
		return slack.StatusCodeError{Code: resp.StatusCode, Status: resp.Status}
	}
	said, err := io.ReadAll(io.LimitReader(resp.Body, hookReply))
	if err != nil {
		return err
	}
	var reply slack.SlackResponse
	switch text := string(bytes.TrimSpace(said)); {
	case text == "ok", text == "":
		return nil
	case json.Unmarshal(said, &reply) != nil:
		return fmt.Errorf("response_url: a reply that is not Slack's: %.100q", text)
	}
	return reply.Err()
}

// withoutURL returns an error of a request without its address: whoever has a
// response_url can post as the bot, so that it is for no log.
func withoutURL(err error) error {
	if e, is := errors.AsType[*url.Error](err); is {
		return e.Err
	}
	return err
}
