package discordserver_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot/discord/discordserver"
)

const postMessage = "POST /channels/{channel}/messages"

func TestACallMustSayWhoItIsAndWhatItWants(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	path := "/channels/" + channel + "/messages"
	for _, tt := range []struct {
		name, method, path, body string
		header                   []string
		status, code             int
	}{
		{"no token", "GET", path, "", []string{"Authorization", ""}, 401, 0},
		{"another token", "GET", path, "", []string{"Authorization", "Bot nonsense"}, 401, 0},
		{"a token without Bot", "GET", path, "", []string{"Authorization", s.Token}, 401, 0},
		{"no user agent", "GET", path, "", []string{"User-Agent", "curl/8"}, 403, 40333},
		{"another content type", "POST", path, `{"content":"x"}`, []string{"Content-Type", "text/plain"}, 400, 50035},
		{"no JSON", "POST", path, `{`, nil, 400, 50109},
		{"a text", "POST", path, `"x"`, nil, 400, 50109},
		{"no such path", "GET", "/nonsense", "", nil, 404, 0},
		{"no such method", "PUT", path, "", nil, 404, 0},
		{"no such interaction", "POST", "/interactions/x/y/callback", `{"type":5}`, nil, 400, 50035},
	} {
		if r := call(t, s, tt.method, tt.path, tt.body, tt.header...); r.status != tt.status || r.code() != tt.code || r.get("message") == "" {
			t.Errorf("%s: got %d %s, want %d with code %d", tt.name, r.status, r.body, tt.status, tt.code)
		}
	}
	if r := call(t, s, "GET", "/../v6/gateway", ""); r.code() != 50041 {
		t.Errorf("another version: got %d %s, want 50041", r.status, r.body)
	}
	if r := call(t, s, "GET", "/../v10/gateway", ""); r.status != 200 {
		t.Errorf("version 10: got %d %s", r.status, r.body)
	}
	s.RevokeToken()
	if r := call(t, s, "GET", path, ""); r.status != 401 {
		t.Errorf("a revoked token: got %d %s", r.status, r.body)
	}
	if s.Invalid() != 5 {
		t.Errorf("%d calls were invalid, want 5", s.Invalid())
	}
}

func TestTooManyInvalidCallsLeadToABan(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Limits: discordserver.Limits{Invalid: 3}})
	for range 4 {
		if r := call(t, s, "GET", "/users/@me", "", "Authorization", ""); r.status != 401 {
			t.Fatalf("got %d %s", r.status, r.body)
		}
	}
	if r := call(t, s, "GET", "/users/@me", ""); r.status != 429 || r.header.Get("Retry-After") != "" {
		t.Errorf("got %d %s, want a ban", r.status, r.body)
	}
}

func TestARouteIsLimitedByItsBucket(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{Stopped: true})
	general, other := s.AddChannel(s.Guild, "general"), s.AddChannel(s.Guild, "other")
	post := func(channel string) reply {
		t.Helper()
		return call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`)
	}
	for left := 4; left >= 0; left-- {
		r := post(general)
		if got := r.header.Get("X-RateLimit-Remaining"); r.status != 200 || got != strconv.Itoa(left) || r.header.Get("X-RateLimit-Limit") != "5" {
			t.Fatalf("got %d, %s left, want %d", r.status, got, left)
		}
	}
	s.Clock.Advance(1500 * time.Millisecond)
	r := post(general)
	wait, _ := r.json["retry_after"].(float64)
	if r.status != 429 || math.Abs(wait-3.5) > 0.002 || r.json["global"] != false || r.header.Get("Retry-After") != "4" || r.header.Get("X-RateLimit-Scope") != "user" {
		t.Errorf("got %d %s %v", r.status, r.body, r.header)
	}
	if r.header.Get("X-RateLimit-Bucket") == "" || r.header.Get("X-RateLimit-Reset-After") != "3.5" {
		t.Errorf("headers are %v", r.header)
	}
	if r := post(other); r.status != 200 {
		t.Errorf("another channel: got %d", r.status)
	}
	s.Clock.Advance(3500 * time.Millisecond)
	if r := post(general); r.status != 200 {
		t.Errorf("when it may again: got %d %s", r.status, r.body)
	}
	calls := s.Calls(postMessage)
	if last := calls[5]; last.Status != 429 || last.Taken {
		t.Errorf("the log says %v", last)
	}
}

func TestTheTokenOfAnInteractionIsOneBucket(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{Stopped: true})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	id, other := s.Slash(ann, channel, "summit", map[string]any{"question": "?"}), s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	for _, id := range []string{id, other} {
		if r := callback(t, s, id, `{"type":4,"data":{"content":"x"}}`); r.status != 204 || r.header.Get("X-RateLimit-Limit") != "" {
			t.Fatalf("got %d %s", r.status, r.body)
		}
	}
	for range 5 {
		call(t, s, "PATCH", webhook(s, id)+"/messages/@original", `{"content":"x"}`)
	}
	if r := call(t, s, "POST", webhook(s, id), `{"content":"x"}`); r.status != 429 {
		t.Errorf("got %d %s, want 429", r.status, r.body)
	}
	if r := call(t, s, "POST", webhook(s, other), `{"content":"x"}`); r.status != 200 {
		t.Errorf("another token: got %d %s", r.status, r.body)
	}
}

func TestAllCallsTogetherAreLimited(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{Stopped: true, Limits: discordserver.Limits{Global: 3}})
	ann := s.User("ann")
	for range 3 {
		if r := call(t, s, "GET", "/users/"+ann, ""); r.status != 200 {
			t.Fatalf("got %d %s", r.status, r.body)
		}
	}
	r := call(t, s, "GET", "/users/@me", "")
	if r.status != 429 || r.json["global"] != true || r.header.Get("X-RateLimit-Global") != "true" || r.header.Get("X-RateLimit-Scope") != "global" {
		t.Errorf("got %d %s %v", r.status, r.body, r.header)
	}
	// What interactions need is not counted.
	channel := s.AddChannel(s.Guild, "general")
	s.Clock.Advance(time.Second)
	register(t, s, "")
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	for range 3 {
		call(t, s, "GET", "/users/"+ann, "")
	}
	if r := callback(t, s, id, `{"type":5}`); r.status != 204 {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if r := call(t, s, "PATCH", webhook(s, id)+"/messages/@original", `{"content":"x"}`); r.status != 200 {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

func TestARateOfItsOwn(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{
		Stopped: true, Limits: discordserver.Limits{Rates: map[string]discordserver.Rate{postMessage: {Calls: 1, Per: time.Hour}}},
	})
	channel := s.AddChannel(s.Guild, "general")
	call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`)
	if r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`); r.status != 429 || r.header.Get("Retry-After") != "3600" {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

func TestWaitsAreToldInTheMachinesSecondsOnDemand(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{
		Speed: 100, RealWaits: true, Limits: discordserver.Limits{Rates: map[string]discordserver.Rate{postMessage: {Calls: 1, Per: time.Hour}}},
	})
	channel := s.AddChannel(s.Guild, "general")
	call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`)
	r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`)
	if wait, _ := r.json["retry_after"].(float64); wait < 1 || wait > 36 {
		t.Errorf("got %s, want an hour in hundredths", r.body)
	}
}

func TestACallFailsAsItIsTold(t *testing.T) {
	for _, tt := range []struct {
		name   string
		f      discordserver.Fault
		status int // 0: no answer came
		taken  bool
	}{
		{"reset before", discordserver.Fault{Reset: true}, 0, false},
		{"reset after", discordserver.Fault{Reset: true, Taken: true}, 0, true},
		{"500 before", discordserver.Fault{Status: 500}, 500, false},
		{"502 after", discordserver.Fault{Status: 502, Taken: true}, 502, true},
		{"429", discordserver.Fault{Status: 429, RetryAfter: 0.25}, 429, false},
		{"429 of all", discordserver.Fault{Status: 429, RetryAfter: 0.25, Global: true}, 429, false},
		{"403", discordserver.Fault{Status: 403, Code: 50013}, 403, false},
		{"slow", discordserver.Fault{Delay: time.Second}, 200, true},
		{"slow after", discordserver.Fault{Delay: time.Second, Taken: true}, 200, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := discordserver.Start(t, discordserver.Options{NoRates: true, Speed: 100})
			channel := s.AddChannel(s.Guild, "general")
			s.Fail(postMessage, 1, tt.f)
			began := s.Clock.Now()
			r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`)
			if r.status != tt.status || r.code() != tt.f.Code {
				t.Errorf("got %d %s, want %d", r.status, r.body, tt.status)
			}
			if got := len(s.Messages(channel)) == 1; got != tt.taken {
				t.Errorf("taken is %v, want %v", got, tt.taken)
			}
			if c := s.AwaitCalls(postMessage, 1)[0]; c.Taken != tt.taken || c.Status != tt.status || !strings.Contains(c.String(), `{"content":"x"}`) {
				t.Errorf("the log says %v", c)
			}
			if tt.f.Status == 429 && (r.json["retry_after"] != 0.25 || r.json["global"] != tt.f.Global) {
				t.Errorf("got %s", r.body)
			}
			if tt.f.Delay > 0 && s.Clock.Now().Sub(began) < tt.f.Delay {
				t.Error("it was not slow")
			}
			if r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`); r.status != 200 {
				t.Errorf("the next call: got %d %s", r.status, r.body)
			}
		})
	}
}

func TestFaultsAreChosenByCall(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	s.Fault(func(c discordserver.Call) discordserver.Fault {
		if c.Route == postMessage && strings.Contains(string(c.Body), "bad") {
			return discordserver.Fault{Status: 503}
		}
		return discordserver.Fault{}
	})
	for text, want := range map[string]int{"good": 200, "bad": 503} {
		if r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"`+text+`"}`); r.status != want {
			t.Errorf("%s: got %d, want %d", text, r.status, want)
		}
	}
	s.Fail("", -1, discordserver.Fault{Status: 500})
	if r := call(t, s, "GET", "/users/@me", ""); r.status != 500 {
		t.Errorf("got %d", r.status)
	}
	s.Heal()
	if r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"bad"}`); r.status != 200 {
		t.Errorf("healed: got %d", r.status)
	}
}

func TestACallIsRecordedAsOneLineWithoutSecrets(t *testing.T) {
	var out lines
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Record: &out})
	channel := s.AddChannel(s.Guild, "general")
	call(t, s, "POST", "/channels/"+channel+"/messages?x=1", `{"content":"x"}`)
	s.Fail("", 1, discordserver.Fault{Reset: true})
	call(t, s, "GET", "/users/@me", "")
	s.AwaitCalls("", 2)
	out.mu.Lock()
	defer out.mu.Unlock()
	if len(out.list) != 2 || strings.Contains(strings.Join(out.list, ""), s.Token) {
		t.Fatalf("got %q", out.list)
	}
	var line struct {
		Method, Path, Query string
		Header              map[string][]string
		Body, Reply         map[string]any
		Status              int
		Taken               bool
	}
	if err := json.Unmarshal([]byte(out.list[0]), &line); err != nil {
		t.Fatal(err)
	}
	if line.Method != "POST" || line.Path != "/channels/"+channel+"/messages" || line.Query != "x=1" || line.Body["content"] != "x" ||
		line.Status != 200 || !line.Taken || line.Reply["content"] != "x" || line.Header["Content-Type"][0] != "application/json" {
		t.Errorf("got %s", out.list[0])
	}
}

// lines keeps each Write as a line.
type lines struct {
	mu   sync.Mutex
	list []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := bytes.IndexByte(p, '\n'); n != len(p)-1 {
		l.list = append(l.list, "not one line: "+string(p))
		return len(p), nil
	}
	l.list = append(l.list, string(p))
	return len(p), nil
}
