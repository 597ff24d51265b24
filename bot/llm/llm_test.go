package llm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/bot/answer"
)

const html = "<!DOCTYPE html>\n<html><body>502 Bad Gateway: secret-host-17</body></html>\n"

// TestGenerateHasAnOutcomeForEveryBehaviour plays what endpoints do, one row each.
func TestGenerateHasAnOutcomeForEveryBehaviour(t *testing.T) {
	type outcome struct {
		Text             string
		Finish           answer.Finish
		Prompt, Complete int
		Attempts         int
		Err              error
		Detail           string
	}
	whole := outcome{Text: "Hello, world", Finish: answer.FinishStop, Prompt: 11, Complete: 3, Attempts: 1}
	again := whole
	again.Attempts = 2
	text := func(s string) outcome {
		o := whole
		o.Text = s
		return o
	}
	noUsage := whole
	noUsage.Prompt, noUsage.Complete = 0, 0
	bad := func(err error, finish answer.Finish, attempts int, text, detail string) outcome {
		return outcome{Text: text, Finish: finish, Attempts: attempts, Err: err, Detail: detail}
	}
	const (
		unavailable = `endpoint "a": the model cannot be reached`
		incomplete  = `endpoint "a": the model's answer is incomplete`
		malformed   = `endpoint "a": the model's endpoint sent something unreadable`
		rejected    = `endpoint "a": the model's endpoint rejected the request`
	)
	role := event(map[string]any{"delta": map[string]any{"role": "assistant", "content": ""}, "index": 0, "finish_reason": nil})
	refusal := event(map[string]any{"delta": map[string]any{"refusal": "I cannot."}, "index": 0, "finish_reason": nil})
	reasoning := event(map[string]any{"delta": map[string]any{"reasoning_content": "hm"}, "index": 0, "finish_reason": nil})
	other := event(map[string]any{"delta": map[string]any{"content": "x"}, "index": 1, "finish_reason": "stop"})
	keepAlive := ": keep-alive\n\n"
	overloaded := `data: {"error":{"message":"overloaded secret-host-17","type":"server_error"}}` + "\n\n"

	for _, tt := range []struct {
		name   string
		script []step
		want   outcome
	}{
		{"a good answer", []step{stream(good())}, whole},
		{"one byte a chunk", []step{stream(strings.Split(good(), "")...)}, whole},
		{"a role, reasoning and an empty token first", []step{stream(role, reasoning, say(""), good())}, whole},
		{"a second choice is not read", []step{stream(other, good())}, whole},
		{"no usage", []step{stream(say("Hello, "), say("world"), finish("stop"), done)}, noUsage},
		{"usage that cannot be read", []step{stream(say("Hello, world"), finish("stop"), `data: {"choices":[],"usage":"none"}`+"\n\n", done)}, noUsage},
		{"300 keep-alive lines", []step{stream(strings.Repeat(keepAlive, 300), say("Hello, "), strings.Repeat(keepAlive, 300), say("world")+finish("stop")+usage+done)}, whole},
		{"lines that end in CR LF", []step{stream(strings.ReplaceAll(good(), "\n", "\r\n"))}, whole},
		{"lines that end in CR", []step{stream(strings.ReplaceAll(good(), "\n", "\r"))}, whole},
		{"no empty lines between events", []step{stream(strings.ReplaceAll(good(), "\n\n", "\n"))}, whole},
		{"an event over several lines", []step{stream(strings.ReplaceAll(good(), `,"object"`, ",\ndata: "+`"object"`))}, whole},
		{"names, ids and empty data", []step{stream("\ufeffretry: 5\nevent: message\nid: 1\ndata:\n\n" + good())}, whole},
		{"a null error in a chunk", []step{stream(strings.ReplaceAll(good(), "data: {", `data: {"error":null,`))}, whole},
		{"a letter cut between two writes", []step{stream(cutEverywhere(say("Привет") + finish("stop") + usage + done)...)}, text("Привет")},
		{"a letter cut between two tokens", []step{stream(raw("d\xd0"), raw("\xb0!"), finish("stop")+usage+done)}, text("dа!")},
		{"a pair cut between two tokens", []step{stream(raw(`\ud83d`), raw(`\ude00!`), finish("stop")+usage+done)}, text("😀!")},
		{"a broken letter", []step{stream(raw("a\xff"), raw(`\ud83d`), raw("b"), finish("stop")+usage+done)}, text("a\ufffd\ufffdb")},
		{"cut after the finish reason", []step{reset(say("Hello, world"), finish("stop"))}, noUsage},
		{"stalls after the finish reason", []step{stall(say("Hello, world"), finish("stop"))}, noUsage},
		{"an empty answer", []step{stream(finish("stop") + usage + done)}, text("")},

		{"cut at the limit", []step{stream(say("He"), finish("length"), done)}, bad(answer.ErrIncomplete, answer.FinishLength, 1, "He", incomplete+": length")},
		{"filtered", []step{stream(say("He"), finish("content_filter"), done)}, bad(answer.ErrIncomplete, answer.FinishFiltered, 1, "He", incomplete+": filtered")},
		{"a filtered prompt", []step{status(400, `{"error":{"code":"content_filter","message":"secret-host-17"}}`)}, bad(answer.ErrIncomplete, answer.FinishFiltered, 1, "", incomplete+": the prompt was filtered (status 400)")},
		{"refused", []step{stream(refusal, finish("stop"), done)}, bad(answer.ErrIncomplete, answer.FinishRefused, 1, "", incomplete+": refused")},
		{"a tool call", []step{stream(finish("tool_calls"), done)}, bad(answer.ErrMalformed, answer.FinishCut, 1, "", malformed+": unknown finish reason")},
		{"an unknown finish reason", []step{stream(say("He"), finish("because"), done)}, bad(answer.ErrMalformed, answer.FinishCut, 1, "He", malformed+": unknown finish reason")},
		{"no choices", []step{stream(event(), event(), done)}, bad(answer.ErrMalformed, "", 1, "", malformed+": no choices")},
		{"cut in the middle", []step{reset(say("He"))}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": the stream was cut")},
		{"ended without a finish reason", []step{stream(say("He"))}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": the stream was cut")},
		{"done without a finish reason", []step{stream(say("He"), done)}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": the stream was cut")},
		{"cut within an event", []step{stream(say("He"), `data: {"choi`)}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": the stream was cut")},
		{"always cut before the first token", []step{reset(role)}, bad(answer.ErrIncomplete, answer.FinishCut, 3, "", incomplete+": the stream was cut")},
		{"an empty body", []step{stream("")}, bad(answer.ErrIncomplete, answer.FinishCut, 3, "", incomplete+": the stream was cut")},
		{"an error in mid-stream", []step{stream(say("He"), overloaded)}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": error in the stream")},
		{"an error with a space", []step{stream(say("He"), strings.Replace(overloaded, `{"error"`, `{ "error"`, 1))}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": error in the stream")},
		{"an event named error", []step{stream(say("He"), "event: error\n"+overloaded)}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": error in the stream")},
		{"an event named error without JSON", []step{stream(say("He"), "event: error\ndata: secret-host-17\n\n")}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": error in the stream")},
		{"an error first, then a good answer", []step{stream(overloaded), stream(good())}, again},
		{"an error with a status, first", []step{stream(`data: {"error":{"code":401,"message":"no"}}` + "\n\n")}, bad(answer.ErrRejected, "", 1, "", rejected+": error in the stream (status 401)")},
		{"an error object as the whole body", []step{stream("{\n\"error\": {\"message\": \"m\", \"code\": 404}\n}\n")}, bad(answer.ErrRejected, "", 1, "", rejected+": error in the stream (status 404)")},
		{"HTML from a proxy, as if all were well", []step{stream(html)}, bad(answer.ErrMalformed, "", 1, "", malformed+": not a stream of events")},
		{"no JSON", []step{stream(say("He"), "data: {]\n\n")}, bad(answer.ErrMalformed, answer.FinishCut, 1, "He", malformed+": not a chunk of a completion")},
		{"JSON of another kind", []step{stream("data: 7\n\n")}, bad(answer.ErrMalformed, "", 1, "", malformed+": not a chunk of a completion")},
		{"an endless line", []step{stream("data: " + strings.Repeat("x", largestEvent+1))}, bad(answer.ErrMalformed, "", 1, "", malformed+": event too large")},

		{"401", []step{status(401, apiError("Incorrect API key provided: "+key[:8]+"****"+key[len(key)-4:], ""))}, bad(answer.ErrRejected, "", 1, "", rejected+" (status 401)")},
		{"404", []step{status(404, `{"error":"model secret-host-17 not found"}`)}, bad(answer.ErrRejected, "", 1, "", rejected+" (status 404)")},
		{"a redirection", []step{status(307, "", "Location", "http://elsewhere/v1/chat/completions")}, bad(answer.ErrRejected, "", 1, "", rejected+": redirected (status 307)")},
		{"an exhausted quota", []step{status(429, `{"error":{"code":"insufficient_quota","message":"pay"}}`)}, bad(answer.ErrRejected, "", 1, "", rejected+": quota exhausted (status 429)")},
		{"408, then good", []step{status(408, ""), stream(good())}, again},
		{"409, then good", []step{status(409, ""), stream(good())}, again},
		{"429, then good", []step{status(429, "{}"), stream(good())}, again},
		{"500, then good", []step{status(500, "{}"), stream(good())}, again},
		{"502 with HTML, then good", []step{status(502, html), stream(good())}, again},
		{"502 with HTML for ever", []step{status(502, html)}, bad(answer.ErrUnavailable, "", 3, "", unavailable+" (status 502)")},
		{"a reset connection, then good", []step{reset(), stream(good())}, again},
		{"cut before the first token, then good", []step{reset(role), stream(good())}, again},
		{"silence", []step{silent}, bad(answer.ErrUnavailable, "", 1, "", unavailable+": timed out")},
		{"keep-alive lines only", []step{stall(keepAlive, keepAlive)}, bad(answer.ErrUnavailable, "", 1, "", unavailable+": timed out")},
		{"stalls between two tokens", []step{stall(say("He"))}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "He", incomplete+": stalled")},
		{"too long as a whole", []step{slowly(25*time.Second, strings.SplitAfter(strings.Repeat(say("x"), 9), "\n\n")...)}, bad(answer.ErrIncomplete, answer.FinishCut, 1, "xxxxx", incomplete+": timed out")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				n.serve(t, "a", tt.script...)
				var log bytes.Buffer
				o := options(n.client(t), "a")
				o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				pieces, got, err := ask(t.Context(), newClient(t, o), answer.Request{})
				have := outcome{
					Text: strings.Join(pieces, ""), Finish: got.Finish, Prompt: got.PromptTokens, Complete: got.CompletionTokens,
					Attempts: got.Attempts, Err: tt.want.Err,
				}
				if err != nil {
					have.Detail = err.Error()
				}
				if diff := cmp.Diff(have, tt.want, cmpopts.EquateErrors()); diff != "" {
					t.Errorf("got (-), want (+):\n%s", diff)
				}
				if !errors.Is(err, tt.want.Err) {
					t.Errorf("got error %v, want %v", err, tt.want.Err)
				}
				if got.Endpoint != "a" || got.Model != "m" && got.Model != "m-2025" {
					t.Errorf("got endpoint %q and model %q", got.Endpoint, got.Model)
				}
				for _, secret := range []string{key, key[:8], key[len(key)-4:]} {
					if strings.Contains(log.String(), secret) || strings.Contains(have.Detail, secret) {
						t.Errorf("%q stands in the log or the error:\n%s", secret, log.String())
					}
				}
				if strings.Contains(have.Detail, "secret-host-17") {
					t.Errorf("the endpoint's own words stand in the error: %s", have.Detail)
				}
			})
		})
	}
}

// raw is say for a JSON string that is not escaped as it should be.
func raw(content string) string {
	return `data: {"choices":[{"index":0,"delta":{"content":"` + content + `"}}]}` + "\n\n"
}

// cutEverywhere cuts s into bytes.
func cutEverywhere(s string) []string {
	var parts []string
	for i := range len(s) {
		parts = append(parts, s[i:i+1])
	}
	return parts
}

func TestRetriesWaitAsLongAsTheEndpointAsks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []step
		want   []time.Duration // between the requests
	}{
		{"doubling without a word", []step{status(503, "")}, []time.Duration{250 * time.Millisecond, 500 * time.Millisecond}},
		{"seconds", []step{status(429, "", "Retry-After", "7"), stream(good())}, []time.Duration{7 * time.Second}},
		{"a fraction", []step{status(503, "", "Retry-After", "1.5"), stream(good())}, []time.Duration{1500 * time.Millisecond}},
		// The clock of a bubble starts at midnight UTC of 2000-01-01.
		{"a date", []step{status(429, "", "Retry-After", "Sat, 01 Jan 2000 00:00:09 GMT"), stream(good())}, []time.Duration{9 * time.Second}},
		{"a date gone by", []step{status(429, "", "Retry-After", "Fri, 31 Dec 1999 00:00:09 GMT"), stream(good())}, []time.Duration{250 * time.Millisecond}},
		{"nonsense", []step{status(429, "", "Retry-After", "soon"), stream(good())}, []time.Duration{250 * time.Millisecond}},
		{"longer than anybody waits", []step{status(429, "", "Retry-After", "3600"), stream(good())}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				s := n.serve(t, "a", tt.script...)
				_, _, _ = ask(t.Context(), newClient(t, options(n.client(t), "a")), answer.Request{})
				var got []time.Duration
				requests := s.got()
				for i := 1; i < len(requests); i++ {
					got = append(got, requests[i].At.Sub(requests[i-1].At))
				}
				if diff := cmp.Diff(got, tt.want); diff != "" {
					t.Errorf("got (-), want (+):\n%s", diff)
				}
			})
		})
	}
}

func TestNobodyAsksWhileTheEndpointWantsToBeLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		a := n.serve(t, "a", status(429, "", "Retry-After", "20"), stream(good()))
		n.serve(t, "b", stream(good()))
		c := newClient(t, options(n.client(t), "a", "b"))
		for i, want := range []string{"b", "b"} {
			if _, got, err := ask(t.Context(), c, answer.Request{}); err != nil || got.Endpoint != want {
				t.Errorf("request %d: got %q, %v; want %q", i, got.Endpoint, err, want)
			}
		}
		if got := len(a.got()); got != 1 {
			t.Errorf("got %d requests at the busy endpoint, want 1", got)
		}
		wait(t.Context(), 20*time.Second)
		if _, got, err := ask(t.Context(), c, answer.Request{}); err != nil || got.Endpoint != "a" {
			t.Errorf("after the pause: got %q, %v; want a", got.Endpoint, err)
		}
	})
}

func TestRetriesStopAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, "a", status(429, "", "Retry-After", "7"))
		c := newClient(t, options(n.client(t), "a"))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		started := time.Now()
		_, got, err := ask(ctx, c, answer.Request{})
		if !errors.Is(err, answer.ErrUnavailable) || got.Attempts != 1 {
			t.Errorf("got %d attempts, %v; want 1 and %v", got.Attempts, err, answer.ErrUnavailable)
		}
		if waited := time.Since(started); waited != 0 {
			t.Errorf("waited %v for what could not come in time", waited)
		}
	})
}

func TestEndedContextEndsTheRequest(t *testing.T) {
	for _, tt := range []struct {
		name string
		step step
		want error
	}{
		{"before the first token", silent, answer.ErrUnavailable},
		{"in a pause", status(429, "", "Retry-After", "10"), answer.ErrUnavailable},
		{"after it", stall(say("He")), answer.ErrIncomplete},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				n.serve(t, "a", tt.step)
				spare := n.serve(t, "b", stream(good()))
				o := options(n.client(t), "a")
				if tt.name != "in a pause" {
					o = options(n.client(t), "a", "b")
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(3*time.Second, cancel)
				started := time.Now()
				_, _, err := ask(ctx, newClient(t, o), answer.Request{})
				if !errors.Is(err, tt.want) || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want %v and %v", err, tt.want, context.Canceled)
				}
				if got := time.Since(started); got != 3*time.Second {
					t.Errorf("ended after %v, want 3s", got)
				}
				if len(spare.got()) > 0 {
					t.Error("the next endpoint was asked although nobody waits any more")
				}
			})
		})
	}
}

func TestReceiversErrorComesBackAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, "a", stream(good()))
		c := newClient(t, options(n.client(t), "a"))
		want := errors.New("seen enough")
		_, err := c.Generate(t.Context(), answer.Request{User: "Who?"}, func(string) error { return want })
		if err != want { //nolint:errorlint // the contract is the very same error
			t.Errorf("got %v, want %v", err, want)
		}
	})
}

func TestSlowReceiverIsNoStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, "a", stream(good()))
		o := options(n.client(t), "a")
		o.IdleTimeout = time.Second
		_, err := newClient(t, o).Generate(t.Context(), answer.Request{User: "Who?"}, func(string) error {
			wait(t.Context(), 10*time.Second)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestFallbackEndpointsAreTriedInOrder(t *testing.T) {
	for _, tt := range []struct {
		name     string
		a, b     step
		endpoint string
		attempts int
		want     error
		detail   string
	}{
		{"the first answers", stream(good()), stream(good()), "a", 1, nil, ""},
		{"rejected", status(401, ""), stream(good()), "b", 2, nil, ""},
		{"down", status(503, ""), stream(good()), "b", 4, nil, ""},
		{"silent", silent, stream(good()), "b", 2, nil, ""},
		{"HTML", stream(html), stream(good()), "b", 2, nil, ""},
		{"asks for patience", status(429, "", "Retry-After", "9"), stream(good()), "b", 2, nil, ""},
		{"a refusal is an answer", stream(finish("content_filter"), done), stream(good()), "a", 1, answer.ErrIncomplete,
			`endpoint "a": the model's answer is incomplete: filtered`},
		{"text was handed on", reset(say("He")), stream(good()), "a", 1, answer.ErrIncomplete,
			`endpoint "a": the model's answer is incomplete: the stream was cut`},
		{"both fail", status(401, ""), status(503, ""), "b", 4, answer.ErrUnavailable,
			`the model cannot be reached: endpoint "a": the model's endpoint rejected the request (status 401); ` +
				`endpoint "b": the model cannot be reached (status 503)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				n.serve(t, "a", tt.a)
				n.serve(t, "b", tt.b)
				_, got, err := ask(t.Context(), newClient(t, options(n.client(t), "a", "b")), answer.Request{})
				if !errors.Is(err, tt.want) || err != nil && err.Error() != tt.detail {
					t.Errorf("got error %v, want %v, %s", err, tt.want, tt.detail)
				}
				if got.Endpoint != tt.endpoint || got.Attempts != tt.attempts {
					t.Errorf("got endpoint %q after %d attempts, want %q after %d", got.Endpoint, got.Attempts, tt.endpoint, tt.attempts)
				}
			})
		})
	}
}

func TestUnreachableEndpointsAreUnavailable(t *testing.T) {
	for name, address := range map[string]string{"refused": "http://nowhere/v1", "no TLS there": "https://a/v1"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				n.serve(t, "a", stream(good()))
				o := options(n.client(t), "a")
				o.Endpoints[0].BaseURL = address
				_, _, err := ask(t.Context(), newClient(t, o), answer.Request{})
				if !errors.Is(err, answer.ErrUnavailable) || strings.Contains(err.Error(), "nowhere") {
					t.Errorf("got %v, want %v without the address", err, answer.ErrUnavailable)
				}
			})
		})
	}
}

func TestBreakerLeavesADeadEndpointAloneAndProbesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		down := status(500, "")
		s := n.serve(t, "a", down, down, down, down, down, down, stream(good()))
		c := newClient(t, options(n.client(t), "a"))
		requests := func(want int, what string) {
			t.Helper()
			if got := len(s.got()); got != want {
				t.Errorf("%s: got %d requests, want %d", what, got, want)
			}
		}
		for range 3 {
			_, _, err := ask(t.Context(), c, answer.Request{})
			if !errors.Is(err, answer.ErrUnavailable) {
				t.Errorf("got %v, want %v", err, answer.ErrUnavailable)
			}
		}
		requests(breakerFailures, "open after failures in a row")
		wait(t.Context(), breakerRest+time.Second)
		_, _, _ = ask(t.Context(), c, answer.Request{})
		requests(breakerFailures+1, "one probe, that failed")
		wait(t.Context(), breakerRest+time.Second)
		for range 3 {
			if _, _, err := ask(t.Context(), c, answer.Request{}); err != nil {
				t.Error(err)
			}
		}
		requests(breakerFailures+4, "closed again")
	})
}

func TestRejectionsDoNotOpenTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		s := n.serve(t, "a", status(401, ""))
		c := newClient(t, options(n.client(t), "a"))
		for range 2 * breakerFailures {
			_, _, _ = ask(t.Context(), c, answer.Request{})
		}
		if got := len(s.got()); got != 2*breakerFailures {
			t.Errorf("got %d requests, want %d", got, 2*breakerFailures)
		}
	})
}

func TestManyQuestionsKeepTheEndpointBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const questions, concurrency = 500, 10
		var n network
		n.serve(t, "a", func(w http.ResponseWriter, r *http.Request) {
			wait(r.Context(), time.Second)
			stream(good())(w, r)
		})
		o := options(n.client(t), "a")
		o.Concurrency = concurrency
		c := newClient(t, o)
		started := time.Now()
		errs := make(chan error, questions)
		for i := range questions {
			go func() {
				_, _, err := ask(t.Context(), c, answer.Request{Asker: fmt.Sprint(i % 7)})
				errs <- err
			}()
		}
		for range questions {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if got, want := time.Since(started), questions/concurrency*time.Second; got != want {
			t.Errorf("took %v, want %v", got, want)
		}
	})
}

func TestNewRejectsOptionsThatCannotWork(t *testing.T) {
	ok := Endpoint{Name: "a", BaseURL: "http://a/v1", Model: "m"}
	with := func(change func(*Endpoint)) Options {
		e := ok
		change(&e)
		return Options{Endpoints: []Endpoint{e}}
	}
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"no endpoint", Options{}, "no endpoint"},
		{"twice the name", Options{Endpoints: []Endpoint{ok, ok}}, `two endpoints are called "a"`},
		{"negative", Options{Endpoints: []Endpoint{ok}, Queue: -1}, "queue is negative"},
		{"no name", with(func(e *Endpoint) { e.Name = "" }), `endpoint 1 (""): no name`},
		{"no model", with(func(e *Endpoint) { e.Model = "" }), `endpoint 1 ("a"): no model`},
		{"no address", with(func(e *Endpoint) { e.BaseURL = "a/v1" }), `endpoint 1 ("a"): the base URL is not an http(s) address`},
		{"a key in the address", with(func(e *Endpoint) { e.BaseURL = "http://a/v1?key=" + key }), `endpoint 1 ("a"): the base URL has more than host and path`},
		{"a broken key", with(func(e *Endpoint) { e.APIKey = key + "\n" }), `endpoint 1 ("a"): the API key holds characters that no header can`},
		{"a broken header", with(func(e *Endpoint) { e.Headers = map[string]string{"A B": key} }), `endpoint 1 ("a"): header "A B" is not one`},
		{"a negative limit", with(func(e *Endpoint) { e.MaxTokens = -1 }), `endpoint 1 ("a"): the limit of tokens is negative`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.o)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	if _, err := New(Options{Endpoints: []Endpoint{ok}}); err != nil {
		t.Errorf("defaults: %v", err)
	}
}

func TestPrintingAnEndpointShowsNoKey(t *testing.T) {
	e := Endpoint{Name: "a", APIKey: key, Headers: map[string]string{"X-Key": key}}
	var b bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).Info("m", "endpoint", e, "options", Options{Endpoints: []Endpoint{e}})
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&b, verb, e)
		fmt.Fprintf(&b, verb, Options{Endpoints: []Endpoint{e}})
	}
	if strings.Contains(b.String(), key) || strings.Contains(b.String(), fmt.Sprintf("%x", key)) {
		t.Error(b.String())
	}
}
