package slackserver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"summitbot/bot/slack/slackserver"
)

// A receiver takes requests of Slack's as a test says.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	got   []string // what came, with the retry's headers
	reply func(w http.ResponseWriter, body string)
}

// newReceiver starts one at which s delivers by HTTP.
func newReceiver(t *testing.T, s *slackserver.Server, reply func(w http.ResponseWriter, body string)) *receiver {
	t.Helper()
	a := &receiver{reply: reply}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		v, err := slack.NewSecretsVerifier(r.Header, s.SigningSecret)
		if err == nil {
			_, _ = v.Write(body)
			err = v.Ensure()
		}
		if err != nil {
			t.Errorf("the library does not take the signature: %v", err)
		}
		text := string(body)
		if strings.Contains(text, "url_verification") {
			_, challenge, _ := strings.Cut(text, `"challenge":"`)
			challenge, _, _ = strings.Cut(challenge, `"`)
			fmt.Fprintf(w, `{"challenge":%q}`, challenge)
			return
		}
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		a.mu.Lock()
		a.got = append(a.got, strings.TrimSpace(kind+" "+r.Header.Get("X-Slack-Retry-Num")+" "+r.Header.Get("X-Slack-Retry-Reason")))
		a.mu.Unlock()
		a.reply(w, text)
	}))
	t.Cleanup(a.Close)
	if err := s.SetRequestURL(a.URL); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *receiver) came() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.got...)
}

// quick is a workspace in which a minute is a tenth of a second.
func quick(t *testing.T) (s *slackserver.Server, ann, room string) {
	s = slackserver.Start(t, slackserver.Options{Limits: slackserver.Limits{
		Ack: 300 * time.Millisecond, Redeliver: []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond},
	}})
	ann = s.User("ann")
	return s, ann, s.AddChannel("room", slackserver.Public, ann, s.Bot)
}

// settled waits until an envelope is acknowledged or given up.
func settled(s *slackserver.Server, id string) slackserver.Envelope {
	var e slackserver.Envelope
	s.Await("a delivery's end", func() bool {
		for _, e = range s.Envelopes("") {
			if e.ID == id {
				return e.Acked || e.Lost
			}
		}
		return false
	})
	return e
}

func TestOverHTTPAnEventIsSentAgainThreeTimes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reply func(w http.ResponseWriter, body string)
		want  []string
	}{
		{"error", func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusBadGateway) }, []string{"application/json", "application/json 1 http_error", "application/json 2 http_error", "application/json 3 http_error"}},
		{"elsewhere", func(w http.ResponseWriter, _ string) {
			w.Header().Set("Location", "/")
			w.WriteHeader(http.StatusFound)
		}, []string{"application/json", "application/json 1 http_error", "application/json 2 http_error", "application/json 3 http_error"}},
		{"no connection", func(http.ResponseWriter, string) { panic(http.ErrAbortHandler) }, []string{"application/json", "application/json 1 connection_failed", "application/json 2 connection_failed", "application/json 3 connection_failed"}},
		{"not again", func(w http.ResponseWriter, _ string) {
			w.Header().Set("X-Slack-No-Retry", "1")
			w.WriteHeader(http.StatusBadRequest)
		}, []string{"application/json"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _, _ := quick(t)
			a := newReceiver(t, s, tt.reply)
			e := settled(s, s.UnknownEvent())
			if e.Acked || !e.Lost {
				t.Errorf("got %+v", e)
			}
			if diff := cmp.Diff(tt.want, a.came()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestOverHTTPAnAnswerThatComesTooLateIsNone(t *testing.T) {
	s, _, _ := quick(t)
	hold := make(chan struct{})
	var n atomic.Int32
	a := newReceiver(t, s, func(http.ResponseWriter, string) {
		if n.Add(1) == 1 {
			<-hold
		}
	})
	e := settled(s, s.UnknownEvent())
	close(hold)
	if !e.Acked || e.Tries != 2 {
		t.Errorf("got %+v", e)
	}
	if diff := cmp.Diff([]string{"application/json", "application/json 1 http_timeout"}, a.came()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestOverHTTPACommandIsSentOnce(t *testing.T) {
	s, ann, room := quick(t)
	a := newReceiver(t, s, func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusInternalServerError) })
	e := settled(s, s.Slash(ann, room, "/summit", "Who came?").Envelope)
	if e.Acked || e.Tries != 1 || len(a.came()) != 1 {
		t.Errorf("got %+v, and %q", e, a.came())
	}
}

func TestOverHTTPTheAnswerToACommandIsShown(t *testing.T) {
	for _, reply := range []string{"At once.", `{"response_type":"ephemeral","text":"At once."}`} {
		s, ann, room := quick(t)
		newReceiver(t, s, func(w http.ResponseWriter, body string) {
			if !strings.Contains(body, "text=Who+came%3F") {
				t.Errorf("the command is %s", body)
			}
			fmt.Fprint(w, reply)
		})
		s.Slash(ann, room, "/summit", "Who came?")
		s.AwaitMessage(room, "the answer", func(m slackserver.Message) bool { return m.Text == "At once." && m.Only == ann })
	}
}

func TestADeliveryByHTTPMiscarriesAsATestSays(t *testing.T) {
	for _, tt := range []struct {
		fate  slackserver.Miscarriage
		tries int
		came  []string
	}{
		{slackserver.NotSent, 2, []string{"application/json 1 connection_failed"}},
		{slackserver.ReplyLost, 2, []string{"application/json", "application/json 1 http_timeout"}},
		{slackserver.Twice, 1, []string{"application/json", "application/json"}},
	} {
		s, _, _ := quick(t)
		a := newReceiver(t, s, func(http.ResponseWriter, string) {})
		s.Miscarry(func(e slackserver.Envelope) slackserver.Miscarriage {
			if e.Tries > 1 {
				return slackserver.Arrives
			}
			return tt.fate
		})
		e := settled(s, s.UnknownEvent())
		if !e.Acked || e.Tries != tt.tries {
			t.Errorf("%d: got %+v", tt.fate, e)
		}
		if diff := cmp.Diff(tt.came, a.came()); diff != "" {
			t.Errorf("%d: -want +got:\n%s", tt.fate, diff)
		}
	}
}

func TestAnAddressThatDoesNotSendTheChallengeBackIsNotTaken(t *testing.T) {
	s, _, _ := quick(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	defer other.Close()
	if err := s.SetRequestURL(other.URL); err == nil || !strings.Contains(err.Error(), "hello") {
		t.Errorf("got %v", err)
	}
}
