package web_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/web"
)

// serve runs the front end on a port of its own. leave ends it; left has what Run
// returned.
func (h *house) serve() (url string, leave context.CancelFunc, left chan error) {
	h.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(h.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, leave := context.WithCancel(h.t.Context())
	left = make(chan error, 1)
	go func() { left <- h.web.Serve(ctx, listener) }()
	return "http://" + listener.Addr().String(), leave, left
}

// post asks a question somewhere.
func (h *house) post(url, text, key string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, url+"/api/ask", strings.NewReader(`{"question":"`+text+`","key":"`+key+`"}`))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	return h.Client().Do(r)
}

func TestTheEndWaitsForAnswersUnderWayAndTakesNoMore(t *testing.T) {
	h := newHouse(t)
	url, leave, left := h.serve()
	// A browser opens connections for later, and says nothing on them.
	idle, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()

	type ending struct {
		status int
		body   string
		err    error
	}
	answer := make(chan ending, 1)
	go func() {
		response, err := h.post(url, "hold: "+asked, "a-key-0123456789")
		if err != nil {
			answer <- ending{err: err}
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		answer <- ending{response.StatusCode, string(body), err}
	}()
	<-h.model.held
	leave()
	await(t, "the pages take no more", func() bool { return h.web.Health().State == bot.Stopped })
	if response, err := h.post(url, asked, "another-key-0123"); err == nil {
		response.Body.Close()
		t.Errorf("a question after the end: status %d", response.StatusCode)
	}
	begun := time.Now()
	close(h.model.release)
	if got := <-answer; got.err != nil || got.status != http.StatusOK || !strings.Contains(got.body, "NATO") {
		t.Errorf("the answer under way: %+v", got)
	}
	if err := <-left; err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("the end took %s", took)
	}
}

func TestAnAnswerThatTheDrainCutsIsSaidSo(t *testing.T) {
	h := newHouse(t)
	for _, accept := range []string{"application/json", "text/event-stream"} {
		got := make(chan reply, 1)
		go func() {
			got <- h.api("/api/ask", map[string]string{"question": "hold " + accept, "key": "key-of-" + strings.ReplaceAll(accept, "/", "-")}, "Accept", accept)
		}()
		<-h.model.held
		defer func() {
			r := <-got
			if !strings.Contains(r.body, "restarting") || accept == "application/json" && r.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("%s: status %d: %s", accept, r.StatusCode, r.body)
			}
		}()
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.bot.Drain(ended); !errors.Is(err, bot.ErrCut) {
		t.Errorf("drain: %v", err)
	}
	got := h.api("/api/ask", map[string]string{"question": asked})
	got.want(t, http.StatusServiceUnavailable)
	if got.kind(t) != "restarting" {
		t.Errorf("kind %q", got.kind(t))
	}
}

func TestAQuestionThatAnEarlierStartLeftIsAnsweredUnderItsKey(t *testing.T) {
	h := newHouse(t)
	m := bot.Message{Key: "web:left-by-the-first-start", Surface: "web", Conversation: "conversation-1234", Text: asked, Received: time.Now()}
	if _, err := h.journal.Begin(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	later := h.again()
	url, leave, left := later.serve()
	response, err := later.post(url, asked, "left-by-the-first-start")
	for err == nil && response.StatusCode == http.StatusConflict { // it was not taken over yet
		response.Body.Close()
		response, err = later.post(url, asked, "left-by-the-first-start")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "NATO") || !strings.Contains(string(body), "conversation-1234") {
		t.Errorf("status %d, %v: %s", response.StatusCode, err, body)
	}
	leave()
	if err := <-left; err != nil {
		t.Error(err)
	}
	if n := later.model.times(); n != 1 {
		t.Errorf("the model was asked %d times", n)
	}
	if left, err := later.bot.Unfinished(t.Context(), "web"); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestHealthTellsWhetherPeopleCanAsk(t *testing.T) {
	h := newHouse(t)
	if got := h.web.Health(); got.State != bot.Starting || !got.LastEvent.IsZero() {
		t.Errorf("before: %+v", got)
	}
	url, leave, left := h.serve()
	h.ask(asked)
	await(t, "the pages are served", func() bool { return h.web.Health().State == bot.Connected })
	got := h.web.Health()
	if got.LastAnswer.IsZero() || h.web.Address() != strings.TrimPrefix(url, "http://") {
		t.Errorf("serving at %q: %+v", h.web.Address(), got)
	}
	// Its address is taken: the second one says so.
	other := newHouse(t, with(func(o *web.Options) { o.Listen = h.web.Address() }))
	if err := other.web.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "web.listen") || other.web.Health().State != bot.Down {
		t.Errorf("error %v, %+v", err, other.web.Health())
	}
	leave()
	if err := <-left; err != nil || h.web.Health().State != bot.Stopped {
		t.Errorf("error %v, %+v", err, h.web.Health())
	}
}

func TestALongHeadIsRefused(t *testing.T) {
	h := newHouse(t)
	url, leave, left := h.serve()
	defer func() {
		leave()
		if err := <-left; err != nil {
			t.Error(err)
		}
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Long", strings.Repeat("x", 100_000))
	response, err := h.Client().Do(r)
	if err != nil {
		return // cut while it was sent
	}
	response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestManyAskAtOnceAndEachHasItsAnswer(t *testing.T) {
	h := newHouse(t)
	questions := []string{asked, refused, "Who met whom in Alaska?"}
	ids := make([]string, 60)
	var asking sync.WaitGroup
	for i := range ids {
		asking.Go(func() {
			a := h.ask(questions[i%len(questions)])
			if a.Answer.Question != questions[i%len(questions)] || (a.Answer.Outcome == answer.Refused) != (i%len(questions) == 1) {
				t.Errorf("%d: %+v", i, a.Answer)
			}
			ids[i] = a.Answer.ID
		})
	}
	asking.Wait()
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			t.Errorf("two questions have answer %s", id)
		}
		seen[id] = true
	}
}

// await waits until what happens without a word has happened.
func await(t *testing.T, what string, happened func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.After(30 * time.Second); !happened(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}
