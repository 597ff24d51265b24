package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

// secret is the signing secret in these tests.
const secret = "a secret of eight words that nobody knows"

// A desk is an endpoint, and what came through it.
type desk struct {
	*endpoint
	taken []any
	log   bytes.Buffer
	when  time.Time
}

func newDesk() *desk {
	d := &desk{when: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return d.when }
	log := slog.New(slog.NewTextHandler(&d.log, nil))
	d.endpoint = newEndpoint(Options{SigningSecret: secret, Now: now, Log: log}, newVitals(now, log), func(_ context.Context, data any) { d.taken = append(d.taken, data) })
	d.set(Connected, "")
	return d
}

// signedBy returns a request that was signed at a time.
func signedBy(secret string, at time.Time, contentType, body string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/slack", strings.NewReader(body))
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set(headerTime, stamp)
	r.Header.Set(headerSignature, "v0="+hex.EncodeToString(mac.Sum(nil)))
	r.Header.Set("Content-Type", contentType)
	return r
}

// send has the desk serve a request.
func (d *desk) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
	event  = `{"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention","user":"U1","channel":"C1","ts":"1.2","text":"<@U0> who?"}}`
)

func TestOnlyWhatIsSignedAndNewIsTaken(t *testing.T) {
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, tt := range []struct {
		name   string
		secret string
		ago    time.Duration
		change func(*http.Request)
		want   int
	}{
		{name: "as Slack sends it", want: 200},
		{name: "almost five minutes old", ago: 5 * time.Minute, want: 200},
		{name: "almost five minutes ahead", ago: -5 * time.Minute, want: 200},
		{name: "older", ago: 5*time.Minute + time.Second, want: 401},
		{name: "further ahead", ago: -5*time.Minute - time.Second, want: 401},
		{name: "another secret", secret: "guess", want: 401},
		{name: "no secret", secret: "\x00", want: 401},
		{name: "no signature", change: set(headerSignature, ""), want: 401},
		{name: "no time", change: set(headerTime, ""), want: 401},
		{name: "a time in words", change: set(headerTime, "now"), want: 401},
		{name: "a time before all", change: set(headerTime, "-9223372036854775808"), want: 401},
		{name: "a time after all", change: set(headerTime, "9223372036854775807"), want: 401},
		{name: "a time with a sign", change: func(r *http.Request) { r.Header.Set(headerTime, "+"+r.Header.Get(headerTime)) }, want: 401},
		{name: "another scheme", change: func(r *http.Request) {
			r.Header.Set(headerSignature, "v1"+strings.TrimPrefix(r.Header.Get(headerSignature), "v0"))
		}, want: 401},
		{name: "no hexadecimal digits", change: set(headerSignature, "v0=xyz"), want: 401},
		{name: "half a signature", change: func(r *http.Request) { r.Header.Set(headerSignature, r.Header.Get(headerSignature)[:35]) }, want: 401},
		{name: "an empty signature", change: set(headerSignature, "v0="), want: 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk()
			by := secret
			if tt.secret != "" {
				by = strings.Trim(tt.secret, "\x00")
			}
			r := signedBy(by, d.when.Add(-tt.ago), asJSON, event)
			if tt.change != nil {
				tt.change(r)
			}
			w := d.send(r)
			if w.Code != tt.want || len(d.taken) != map[bool]int{true: 1}[tt.want == 200] {
				t.Errorf("got %d, and %d taken", w.Code, len(d.taken))
			}
		})
	}
}

// The library's verifier goes by the machine's clock, which stands still here.
func TestTheSignatureIsReadAsTheLibraryReadsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ago := range []time.Duration{0, time.Minute, 5 * time.Minute, 6 * time.Minute, -6 * time.Minute} {
			for _, by := range []string{secret, "guess"} {
				for _, body := range []string{"", event, "a\x00b"} {
					r := signedBy(by, time.Now().Add(-ago), asJSON, body)
					theirs := func() error {
						v, err := slack.NewSecretsVerifier(r.Header, secret)
						if err != nil {
							return err
						}
						_, _ = v.Write([]byte(body))
						return v.Ensure()
					}()
					ours := func() error {
						signed, err := signedAt(r.Header, time.Now())
						if err == nil {
							_, err = verified(r.Header, secret, signed, []byte(body))
						}
						return err
					}()
					if (theirs == nil) != (ours == nil) {
						t.Errorf("%v ago, by %q, %q: the library says %v, we say %v", ago, by, body, theirs, ours)
					}
				}
			}
		}
	})
}

func TestWhatSlackSendsIsToldApart(t *testing.T) {
	form := func(pairs ...string) string {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v.Encode()
	}
	for _, tt := range []struct {
		name, contentType, body string
		want                    string // type of what is handed on
		status                  int
		reply                   string // a part of it
	}{
		{"event", asJSON, event, "slackevents.EventsAPIEvent", 200, ""},
		{"event with a charset", asJSON + "; charset=utf-8", event, "slackevents.EventsAPIEvent", 200, ""},
		{"challenge", asJSON, `{"type":"url_verification","challenge":"3eZbrw1a"}`, "", 200, "3eZbrw1a"},
		{"unknown event", asJSON, `{"type":"event_callback","event_id":"Ev2","event":{"type":"of_next_year"}}`, "", 200, ""},
		{"no event in it", asJSON, `{"type":"event_callback","event_id":"Ev2"}`, "", 200, ""},
		{"another type", asJSON, `{"type":"of_next_year","challenge":"x"}`, "", 200, ""},
		{"held back", asJSON, `{"type":"app_rate_limited","team_id":"T1","minute_rate_limited":1518467820,"api_app_id":"A1"}`, "", 200, ""},
		{"question", asForm, form("command", "/summit", "text", "Who came?", "trigger_id", "1.2"), "slack.SlashCommand", 200, "ephemeral"},
		{"word of the command", asForm, form("command", "/summit", "text", "help"), "slack.SlashCommand", 200, ""},
		{"certificate", asForm, form("ssl_check", "1", "token", "x"), "", 200, ""},
		{"click", asForm, form("payload", `{"type":"block_actions","actions":[{"action_id":"a","block_id":"b","type":"button"}]}`), "slack.InteractionCallback", 200, ""},
		{"unreadable interaction", asForm, form("payload", `{"type":7}`), "", 200, ""},
		{"no JSON in a form", asForm, form("payload", `{`), "", 400, "unreadable"},
		{"no JSON", asJSON, `{`, "", 400, "unreadable"},
		{"a list", asJSON, `[]`, "", 400, "unreadable"},
		{"no form", asForm, `%zz`, "", 400, "unreadable"},
		{"another form", asForm, form("name", "value"), "", 400, "unreadable"},
		{"a file", "multipart/form-data; boundary=x", "--x--", "", 400, "unreadable"},
		{"no type", "", event, "", 400, "unreadable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk()
			w := d.send(signedBy(secret, d.when, tt.contentType, tt.body))
			got := ""
			if len(d.taken) > 0 {
				got = fmt.Sprintf("%T", d.taken[0])
			}
			if got != tt.want || w.Code != tt.status || !strings.Contains(w.Body.String(), tt.reply) || tt.reply == "" && w.Body.Len() > 0 {
				t.Errorf("got %s, %d %q", got, w.Code, w.Body)
			}
			if no := w.Header().Get(headerNoRetry); (no == "1") != (tt.status == 400) {
				t.Errorf("%s: %q with status %d", headerNoRetry, no, tt.status)
			}
			if length := w.Header().Get("Content-Length"); tt.status == 200 && length != strconv.Itoa(w.Body.Len()) {
				t.Errorf("length %s of %d", length, w.Body.Len())
			}
		})
	}
}

func TestTheRequestIsAnsweredBeforeItIsHandedOn(t *testing.T) {
	d := newDesk()
	w := httptest.NewRecorder()
	answered := false
	d.event = func(context.Context, any) { answered = w.Flushed }
	d.ServeHTTP(w, signedBy(secret, d.when, asForm, url.Values{"command": {"/summit"}, "text": {"Who came?"}}.Encode()))
	if !answered {
		t.Error("the work began before the answer was sent")
	}
}

func TestAPanicIsNoReasonToSendItAgain(t *testing.T) {
	d := newDesk()
	d.event = func(context.Context, any) { panic("on purpose") }
	if w := d.send(signedBy(secret, d.when, asJSON, event)); w.Code != 200 || !strings.Contains(d.log.String(), "on purpose") {
		t.Errorf("got %d, and the log %s", w.Code, &d.log)
	}
}

func TestWhatComesAgainIsHandedOnOnce(t *testing.T) {
	d := newDesk()
	again := func(contentType, body string, header ...string) {
		t.Helper()
		r := signedBy(secret, d.when, contentType, body)
		if len(header) > 0 {
			r.Header.Set(headerRetry, header[0])
			r.Header.Set(headerReason, header[1])
		}
		if w := d.send(r); w.Code != 200 {
			t.Errorf("got %d", w.Code)
		}
	}
	again(asJSON, event)
	d.when = d.when.Add(time.Minute)
	again(asJSON, event, "2", "http_timeout") // another signature, the same id
	command := url.Values{"command": {"/summit"}, "text": {"Who came?"}, "trigger_id": {"1"}}.Encode()
	again(asForm, command)
	again(asForm, command) // the same signature
	d.when = d.when.Add(time.Second)
	again(asForm, url.Values{"command": {"/summit"}, "text": {"Who came?"}, "trigger_id": {"2"}}.Encode())
	again(asJSON, strings.Replace(event, "Ev1", "Ev2", 1), "1", "connection_failed") // it did not come before
	var got []string
	for _, data := range d.taken {
		switch data := data.(type) {
		case slackevents.EventsAPIEvent:
			got = append(got, data.Data.(*slackevents.EventsAPICallbackEvent).EventID)
		case slack.SlashCommand:
			got = append(got, data.TriggerID)
		}
	}
	if diff := cmp.Diff([]string{"Ev1", "1", "2", "Ev2"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, want := range []string{"attempt=2 reason=http_timeout known=true", "attempt=1 reason=connection_failed known=false"} {
		if !strings.Contains(d.log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, &d.log)
		}
	}
}

func TestWhatCameIsForgottenAfterAWhile(t *testing.T) {
	d := newDesk()
	for i := range 1000 {
		d.known.take(strconv.Itoa(i))
	}
	d.when = d.when.Add(2 * knownFor)
	if !d.known.take("new") || len(d.known.at) != 1 {
		t.Errorf("%d requests are remembered", len(d.known.at))
	}
}

func TestRefusedRequestsAreToldOnceAMinuteAndInHealth(t *testing.T) {
	d := newDesk()
	for range 100 {
		d.send(signedBy("guess", d.when, asJSON, event))
	}
	if n := strings.Count(d.log.String(), "refused"); n == 0 || n > 2 { // the line has it twice
		t.Errorf("the log says so %d times:\n%s", n, &d.log)
	}
	if h := d.Health(); h.State != Connected || !strings.Contains(h.Detail, "slack.signing_secret") || !h.LastEvent.IsZero() {
		t.Errorf("health is %+v", h)
	}
	d.when = d.when.Add(refusedEvery)
	d.send(signedBy("guess", d.when, asJSON, event))
	if !strings.Contains(d.log.String(), "requests=100") {
		t.Errorf("the log does not count:\n%s", &d.log)
	}
	if strings.Contains(d.log.String(), secret) {
		t.Error("the secret stands in the log")
	}
	d.send(signedBy(secret, d.when, asJSON, event))
	if h := d.Health(); h.Detail != "" || !h.LastEvent.Equal(d.when) {
		t.Errorf("after a request of Slack's health is %+v", h)
	}
}

func TestOnlyPostsAreTaken(t *testing.T) {
	d := newDesk()
	for _, tt := range []struct {
		method, target string
		want           int
	}{
		{http.MethodGet, "/slack?ssl_check=1&token=x", 200},
		{http.MethodGet, "/slack", 405},
		{http.MethodHead, "/slack", 405},
		{http.MethodPut, "/slack", 405},
	} {
		if w := d.send(httptest.NewRequestWithContext(t.Context(), tt.method, tt.target, nil)); w.Code != tt.want {
			t.Errorf("%s %s: got %d, want %d", tt.method, tt.target, w.Code, tt.want)
		}
	}
}

// breaking is a body whose sender goes away.
type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, errors.New("gone") }

func TestARequestThatIsTooLongOrBreaksOffIsRefused(t *testing.T) {
	d := newDesk()
	w := d.send(signedBy(secret, d.when, asJSON, strings.Repeat(" ", mostBody-len(event))+event))
	if w.Code != 200 {
		t.Errorf("the longest request: got %d", w.Code)
	}
	w = d.send(signedBy(secret, d.when, asJSON, strings.Repeat(" ", mostBody)+event))
	if w.Code != http.StatusRequestEntityTooLarge || w.Header().Get(headerNoRetry) != "1" {
		t.Errorf("a longer one: got %d, %v", w.Code, w.Header())
	}
	r := signedBy(secret, d.when, asJSON, event)
	r.Body = http.NoBody
	if w := d.send(r); w.Code != 401 {
		t.Errorf("no body: got %d", w.Code)
	}
	r = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack", breaking{})
	r.Header = signedBy(secret, d.when, asJSON, event).Header
	if w := d.send(r); w.Code != 400 {
		t.Errorf("a body that breaks off: got %d", w.Code)
	}
	if len(d.taken) != 1 {
		t.Errorf("%d were handed on", len(d.taken))
	}
}

func TestAboveWhatIsReadAtATimeSlackIsToComeAgain(t *testing.T) {
	d := newDesk()
	for range mostAtOnce {
		d.places <- struct{}{}
	}
	if w := d.send(signedBy(secret, d.when, asJSON, event)); w.Code != http.StatusServiceUnavailable || w.Header().Get(headerNoRetry) != "" {
		t.Errorf("got %d, %v", w.Code, w.Header())
	}
	<-d.places
	if w := d.send(signedBy(secret, d.when, asJSON, event)); w.Code != 200 || len(d.taken) != 1 {
		t.Errorf("got %d, %d taken", w.Code, len(d.taken))
	}
}

// FuzzRequest: whatever comes, nothing panics and nothing is a fault of the
// program's own, and only what is signed is handed on.
func FuzzRequest(f *testing.F) {
	command := url.Values{"command": {"/summit"}, "text": {"Who came?"}, "is_enterprise_install": {"maybe"}}.Encode()
	click := url.Values{"payload": {`{"type":"block_actions","actions":[{"action_id":"a"}],"state":{"values":{}},"view":{"state":null}}`}}.Encode()
	for _, body := range []string{
		event, command, click, "", "{}", "[]", "null", "ssl_check=1", "payload=null", "payload=%5B%5D", "command",
		`{"type":"url_verification","challenge":"x"}`, `{"type":"event_callback","event":{"type":"message","blocks":[{"type":"rich_text"}],"message":{}}}`,
	} {
		for _, contentType := range []string{asJSON, asForm} {
			f.Add(http.MethodPost, contentType, body, "", "1", true)
		}
	}
	f.Add(http.MethodPost, asJSON, event, "v0=00", "x", false)
	f.Add(http.MethodGet, "", "", "", "", false)
	f.Fuzz(func(t *testing.T, method, contentType, body, signature, retry string, signed bool) {
		d := newDesk()
		r := signedBy(secret, d.when, contentType, body)
		r.Method = method
		r.Header.Set(headerRetry, retry)
		if !signed {
			r.Header.Set(headerSignature, signature)
		}
		w := d.send(r)
		if w.Code >= 500 {
			t.Errorf("got %d", w.Code)
		}
		if len(d.taken) > 0 && (!signed || w.Code != 200) {
			t.Errorf("handed on with status %d, signed %v", w.Code, signed)
		}
	})
}

func BenchmarkRequest(b *testing.B) {
	d := newDesk()
	d.event = func(context.Context, any) {}
	i := 0
	for b.Loop() {
		i++
		body := strings.Replace(event, "Ev1", "Ev"+strconv.Itoa(i), 1)
		if w := d.send(signedBy(secret, d.when, asJSON, body)); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
