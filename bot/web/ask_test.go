package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/web"
)

func now() time.Time { return time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC) }

func TestAQuestionIsAnsweredAsJSON(t *testing.T) {
	h := newHouse(t)
	got := h.api("/api/ask", map[string]any{"question": asked})
	got.want(t, http.StatusOK)
	if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("Content-Type %q", kind)
	}
	if got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %q", got.Header.Get("Cache-Control"))
	}
	var a answered
	got.decode(t, &a)
	if a.Answer.Outcome != answer.Answered || len(a.Answer.Claims) == 0 || a.Answer.Claims[0].Citations[0].Address != "alaska-summit#8" || len(a.Conversation) < 13 {
		t.Errorf("got %s", got.body)
	}
	kept, err := h.journal.Answer(t.Context(), a.Answer.ID)
	if err != nil || kept.Question != asked {
		t.Errorf("the journal has %+v, %v", kept, err)
	}
}

func TestARefusalHasNearMissesAndNoCitation(t *testing.T) {
	h := newHouse(t)
	a := h.ask(refused).Answer
	if a.Outcome != answer.Refused || len(a.Claims) > 0 || len(a.Nearest) == 0 {
		t.Errorf("got %+v", a)
	}
}

// An event is one of a stream.
type event struct {
	name string
	data map[string]json.RawMessage
}

// events reads a stream. Everything in it must be an event or a comment.
func events(tb testing.TB, r io.Reader) []event {
	tb.Helper()
	var out []event
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	var e event
	for lines.Scan() {
		line := lines.Text()
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && e.name != "":
			out = append(out, e)
			e = event{}
		case line == "", strings.HasPrefix(line, ":"):
		case name == "event":
			e.name = value
		case name == "data":
			if err := json.Unmarshal([]byte(value), &e.data); err != nil {
				tb.Errorf("%v in %q", err, line)
			}
		default:
			tb.Errorf("the stream has a line %q", line)
		}
	}
	return out
}

func names(list []event) string {
	var out []string
	for _, e := range list {
		if n := len(out); n == 0 || out[n-1] != e.name {
			out = append(out, e.name)
		}
	}
	return strings.Join(out, " ")
}

func TestAnAnswerIsStreamed(t *testing.T) {
	h := newHouse(t)
	got := h.api("/api/ask", map[string]any{"question": asked}, "Accept", "text/event-stream")
	got.want(t, http.StatusOK)
	checkHardened(t, "stream", got.Header)
	if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		t.Errorf("Content-Type %q", kind)
	}
	list := events(t, strings.NewReader(got.body))
	if names(list) != "working claim answer" {
		t.Fatalf("events %q", names(list))
	}
	var a answer.Answer
	if err := json.Unmarshal(list[len(list)-1].data["answer"], &a); err != nil {
		t.Fatal(err)
	}
	var claims []answer.Claim
	for _, e := range list[1 : len(list)-1] {
		var c answer.Claim
		if err := json.Unmarshal(e.data["claim"], &c); err != nil {
			t.Fatal(err)
		}
		claims = append(claims, c)
	}
	if len(claims) != len(a.Claims) || claims[0].Text != a.Claims[0].Text {
		t.Errorf("claims %v, answer %v", claims, a.Claims)
	}
}

func TestAFailureIsStreamed(t *testing.T) {
	h := newHouse(t)
	got := h.api("/api/ask", map[string]any{"question": "crash it"}, "Accept", "text/event-stream")
	got.want(t, http.StatusOK, "event: failure", `"kind":"broken"`)
	got.without(t, "on purpose", "event: answer")
}

func TestFailuresHaveTheirStatus(t *testing.T) {
	h := newHouse(t, limited(bot.Limits{QuestionLength: 60, PerUserMinute: 3}))
	for _, tt := range []struct {
		body   string
		status int
		kind   string
	}{
		{`{"question":""}`, 400, "empty"},
		{`{"question":"   "}`, 400, "empty"},
		{`{"question":"` + strings.Repeat("long ", 30) + `"}`, 400, "too_long"},
		{`{"question":"crash"}`, 500, "broken"},
		{`{`, 400, "unreadable"}, {``, 400, "unreadable"}, {`[]`, 400, "unreadable"}, {`{"question":7}`, 400, "unreadable"}, {`{"question":"x"}{}`, 400, "unreadable"},
		{`{"question":"x","colour":"red"}`, 400, "unreadable"},
		{`{"question":"x","key":"short"}`, 400, "key"},
		{`{"question":"x","conversation":"a b c d e f g h i j k"}`, 400, "conversation"},
		{`{"question":"x","language":"english"}`, 400, "language"},
		{`{"question":"x","collections":["nothing"]}`, 400, "unknown_collection"},
		{`{"question":"one?"}`, 200, ""}, {`{"question":"two?"}`, 200, ""},
		{`{"question":"three?"}`, 429, "user_rate"},
	} {
		got := h.send(http.MethodPost, "/api/ask", tt.body, "Content-Type", "application/json")
		if got.StatusCode != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.body, got.StatusCode, tt.status, got.body)
			continue
		}
		if tt.kind != "" && got.kind(t) != tt.kind {
			t.Errorf("%s: kind %q, want %q", tt.body, got.kind(t), tt.kind)
		}
		if after := got.Header.Get("Retry-After"); (after != "") != (tt.status == 429) {
			t.Errorf("%s: Retry-After %q", tt.body, after)
		}
	}
	// A page of another site may send this type without asking first.
	h.send(http.MethodPost, "/api/ask", `{"question":"x"}`, "Content-Type", "text/plain").want(t, http.StatusUnsupportedMediaType)
}

func TestAQuestionSentAgainIsAnsweredOnce(t *testing.T) {
	h := newHouse(t)
	body := map[string]any{"question": asked, "key": "a-key-of-the-browser"}
	var first, second answered
	h.api("/api/ask", body).decode(t, &first)
	got := h.api("/api/ask", body)
	got.want(t, http.StatusOK)
	got.decode(t, &second)
	if first.Answer.ID == "" || first.Answer.ID != second.Answer.ID || first.Conversation != second.Conversation {
		t.Errorf("answers %q and %q, conversations %q and %q", first.Answer.ID, second.Answer.ID, first.Conversation, second.Conversation)
	}
	streamed := h.api("/api/ask", body, "Accept", "text/event-stream")
	streamed.want(t, http.StatusOK, first.Answer.ID, "event: answer")
	if n := h.model.times(); n != 1 {
		t.Errorf("the model was asked %d times", n)
	}
	// The key of one question is none for another.
	got = h.api("/api/ask", map[string]any{"question": "Something else?", "key": "a-key-of-the-browser"})
	got.want(t, http.StatusConflict)
	if got.kind(t) != "seen" {
		t.Errorf("kind %q", got.kind(t))
	}
	got.without(t, first.Answer.ID)
	// A question that failed has no answer, and stays so.
	h.api("/api/ask", map[string]any{"question": "crash", "key": "another-key-of-it"}).want(t, http.StatusInternalServerError)
	h.api("/api/ask", map[string]any{"question": "crash", "key": "another-key-of-it"}).want(t, http.StatusConflict)
}

func TestAQuestionSentAgainWhileItIsAnsweredWaitsForTheAnswer(t *testing.T) {
	h := newHouse(t)
	body := map[string]any{"question": "hold: " + asked, "key": "a-key-of-the-browser"}
	var both [2]answered
	var asking sync.WaitGroup
	for i := range both {
		asking.Go(func() { h.api("/api/ask", body).decode(t, &both[i]) })
	}
	<-h.model.held
	close(h.model.release)
	asking.Wait()
	if both[0].Answer.ID == "" || both[0].Answer.ID != both[1].Answer.ID {
		t.Errorf("answers %q and %q", both[0].Answer.ID, both[1].Answer.ID)
	}
	if n := h.model.times(); n != 1 {
		t.Errorf("the model was asked %d times", n)
	}
}

func TestAFollowUpLeansOnItsConversation(t *testing.T) {
	h := newHouse(t)
	first := h.ask(asked)
	h.api("/api/ask", map[string]any{"question": "And what did Putin say to it?", "conversation": first.Conversation, "key": "key-of-the-follow-up"}).want(t, http.StatusOK, first.Conversation)
	m, err := h.journal.Question(t.Context(), "web:key-of-the-follow-up")
	if err != nil || m.Conversation != first.Conversation {
		t.Fatalf("conversation %q, %v", m.Conversation, err)
	}
	a, err := h.journal.AnswerTo(t.Context(), "web:key-of-the-follow-up")
	if err != nil {
		t.Fatal(err)
	}
	_, history, err := h.journal.Message(t.Context(), a.ID)
	if err != nil || len(history) != 1 || history[0].Question != asked {
		t.Errorf("history %+v, %v", history, err)
	}
	if other := h.ask(asked); other.Conversation == first.Conversation {
		t.Error("two questions without a conversation have one")
	}
}

func TestWhoGoesAwayEndsTheQuestion(t *testing.T) {
	for _, accept := range []string{"text/event-stream", "application/json"} {
		h := newHouse(t)
		ctx, leave := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL+"/api/ask", strings.NewReader(`{"question":"hold this"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", accept)
		var asking sync.WaitGroup
		asking.Go(func() {
			response, err := h.Client().Do(r)
			if err == nil {
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
		})
		<-h.model.held
		leave()
		if text := <-h.model.gone; text != "hold this" {
			t.Errorf("%s: %q ended", accept, text)
		}
		asking.Wait()
	}
}

func TestTheAskPageWorksWithoutAScript(t *testing.T) {
	h := newHouse(t)
	page := h.get("/")
	page.want(t, http.StatusOK, "<form", `name="question"`, `method="post"`)
	if kind := page.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %q", kind)
	}
	for _, example := range []string{"Security Guarantees"} {
		page.want(t, http.StatusOK, example)
	}
	shown := h.follow(h.form("/", url.Values{"question": {asked}}))
	shown.want(t, http.StatusOK, "would not grant Ukraine NATO membership", "¶8", `name="conversation"`, "/d/alaska-summit?", "#p8")
	none := h.follow(h.form("/", url.Values{"question": {refused}}))
	none.want(t, http.StatusOK, "The documents do not say", "hotel")
	none.without(t, "#s1")
	h.form("/", url.Values{"question": {""}}).want(t, http.StatusBadRequest, "no question")
}

// follow follows a redirect, as a browser does.
func (h *house) follow(r reply) reply {
	h.t.Helper()
	if r.StatusCode != http.StatusSeeOther {
		return r
	}
	return h.get(r.Header.Get("Location"))
}

func TestWhatPeopleWriteIsNeverHTML(t *testing.T) {
	h := newHouse(t)
	const evil = `<script>alert(1)</script> "><img src=x onerror=alert(1)> 'javascript:alert(1)`
	h.put("evil", "", "Evil "+evil+" heading\nThe evil proposal of <b>Mallory</b> says "+evil+" to the quokkas of Rottnest Island on every page.\n")
	for name, got := range map[string]reply{
		"question":    h.follow(h.form("/", url.Values{"question": {evil}})),
		"answer":      h.follow(h.form("/", url.Values{"question": {"What does the evil proposal say to the quokkas of Rottnest Island?"}})),
		"source page": h.get("/d/evil"),
		"ask page":    h.get("/"),
		"address":     h.get("/d/" + url.PathEscape(evil)),
	} {
		got.without(t, "<script>alert", "<img src=x", "<b>Mallory")
		if name == "answer" || name == "source page" {
			got.want(t, http.StatusOK, "&lt;b&gt;Mallory")
		}
	}
}

func TestOnlyTheConfiguredCollectionsAreThere(t *testing.T) {
	var open []string
	h := newHouse(t, with(func(o *web.Options) { o.Collections = []string{"public"}; open = o.Collections }))
	h.put("handbook", "public", "Rules\nThe cafeteria opens at nine in the morning on weekdays.\n")
	secret := h.put("plans", "secret", "Plans\nThe submarine leaves the harbour at midnight on Tuesday.\n")
	h.get("/").without(t, "plans", "Plans", "alaska")
	for _, path := range []string{"/d/plans", "/d/alaska-summit", "/d/plans?rev=" + secret.Revision.Digest, "/api/documents/plans"} {
		got, nothing := h.get(path), h.get(strings.Replace(path, "plans", "nothing", 1))
		if got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
		if strings.Contains(path, "plans") && strings.ReplaceAll(got.body, "plans", "nothing") != nothing.body {
			t.Errorf("%s: what is not shown can be told from what is not there", path)
		}
	}
	h.get("/api/documents").without(t, "plans", "alaska")
	h.get("/d/handbook").want(t, http.StatusOK, "cafeteria")
	for _, names := range [][]string{{"secret"}, {"public", "secret"}, {"nothing"}, {""}} {
		got := h.api("/api/ask", map[string]any{"question": "When does the submarine leave?", "collections": names})
		got.want(t, http.StatusBadRequest)
		if got.kind(t) != "unknown_collection" {
			t.Errorf("%q: kind %q", names, got.kind(t))
		}
	}
	got := h.api("/api/ask", map[string]any{"question": "When does the submarine leave the harbour?"})
	got.want(t, http.StatusOK)
	got.without(t, "midnight", "plans")

	// An answer from elsewhere that cites what is not shown here is not there either.
	a, err := answer.NewExtractive(h.base, time.Now).Answer(t.Context(), answer.Question{Text: "When does the submarine leave the harbour?"}, nil)
	if err != nil || len(a.Claims) == 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	m := bot.Message{Key: "slack:1", Surface: "slack", Text: a.Question, Received: now()}
	if _, err := h.journal.Begin(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := h.journal.Finish(t.Context(), m.Key, "", nil, a); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/a/" + a.ID, "/api/answers/" + a.ID, "/a/" + a.ID + "?format=markdown"} {
		got := h.get(path)
		got.want(t, http.StatusNotFound)
		got.without(t, "submarine", "midnight")
	}
	h.api("/api/answers/"+a.ID+"/feedback", map[string]string{"verdict": "good"}).want(t, http.StatusNotFound)
	_ = open
}

func TestThePagesScriptIsGivenHTML(t *testing.T) {
	h := newHouse(t)
	told := func(question string) map[string]map[string]string {
		t.Helper()
		got := h.form("/", url.Values{"question": {question}, "conversation": {"conversation-1234"}}, "Accept", "text/event-stream")
		got.want(t, http.StatusOK)
		out := map[string]map[string]string{}
		for _, e := range events(t, strings.NewReader(got.body)) {
			out[e.name] = map[string]string{}
			for name, raw := range e.data {
				var text string
				if err := json.Unmarshal(raw, &text); err != nil {
					t.Fatal(err)
				}
				out[e.name][name] = text
			}
		}
		return out
	}
	got := told(asked)
	if got["working"]["text"] == "" || !strings.Contains(got["claim"]["html"], "would not grant") || !strings.Contains(got["answer"]["html"], "¶8") ||
		got["answer"]["conversation"] != "conversation-1234" || !strings.HasPrefix(got["answer"]["link"], "/a/a-") {
		t.Errorf("events %v", got)
	}
	if got = told("crash <b>it</b>"); got["failure"]["text"] == "" || got["answer"] != nil || strings.Contains(got["failure"]["text"], "purpose") {
		t.Errorf("events %v", got)
	}
	// The passage beside the answer.
	h.get("/d/alaska-summit?part=passage&p=8&mark=8:0-40").want(t, http.StatusOK, "<mark>", "¶7", "¶8", "¶9")
	h.get("/d/alaska-summit?part=passage&p=8").without(t, "<html", "¶6", "¶10")
}

func TestOnlyWhoAskedGoesOnInTheirConversation(t *testing.T) {
	h := newHouse(t, with(func(o *web.Options) { o.PublicURL = "https://summit.example.org" }))
	ann, ben := []string{"X-Forwarded-For", "192.0.2.1"}, []string{"X-Forwarded-For", "192.0.2.2"}
	var a answered
	h.api("/api/ask", map[string]any{"question": asked}, ann...).decode(t, &a)
	h.get("/a/"+a.Answer.ID, ann...).want(t, http.StatusOK, a.Conversation)
	h.get("/a/"+a.Answer.ID, ben...).without(t, a.Conversation)
	h.get("/api/answers/"+a.Answer.ID, ben...).without(t, a.Conversation)
}

func TestAHouseholdIsOnePerson(t *testing.T) {
	h := newHouse(t, with(func(o *web.Options) { o.PublicURL = "https://summit.example.org" }), limited(bot.Limits{PerUserMinute: 1}))
	for _, tt := range []struct {
		from   string
		status int
	}{{"2001:db8:1:2::3", 200}, {"2001:db8:1:2:ffff::9", 429}, {"2001:db8:1:3::3", 200}, {"192.0.2.1, 192.0.2.7", 200}, {"192.0.2.2, 192.0.2.7", 429}} {
		got := h.api("/api/ask", map[string]any{"question": asked}, "X-Forwarded-For", tt.from)
		if got.StatusCode != tt.status {
			t.Errorf("%s: status %d, want %d", tt.from, got.StatusCode, tt.status)
		}
	}
}
