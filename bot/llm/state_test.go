package llm

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/answer"
	"summitbot/bot/requestid"
)

func TestStateCountsWhatWasSentAndHowItEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		down := status(500, "")
		n.serve(t, "a", stream(good()), status(429, ""), stream(say("Hel")), down, down, down, down, down)
		n.serve(t, "b", stream(good()))
		o := options(n.client(t), "a", "b")
		c := newClient(t, o)
		for range 5 { // the fifth finds the first endpoint's breaker open
			_, _, _ = ask(t.Context(), c, answer.Request{})
		}
		want := State{Endpoints: []EndpointState{
			{
				Name: "a", Breaker: "open", Retries: 4, PromptTokens: 11, CompletionTokens: 3,
				Requests: map[Result]int64{ResultDone: 1, ResultLimited: 1, ResultIncomplete: 1, ResultUnavailable: 5},
			},
			{
				Name: "b", Breaker: "closed", PromptTokens: 33, CompletionTokens: 9, Requests: map[Result]int64{ResultDone: 3},
			},
		}}
		if diff := cmp.Diff(want, c.State()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestStateTellsWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, "a", stall())
		o := options(n.client(t), "a")
		o.Concurrency = 2
		c := newClient(t, o)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		for range 5 {
			go func() { _, _, _ = ask(ctx, c, answer.Request{}); done <- struct{}{} }()
		}
		synctest.Wait()
		if s := c.State(); s.UnderWay != 2 || s.Waiting != 3 {
			t.Errorf("%d under way, %d waiting", s.UnderWay, s.Waiting)
		}
		cancel()
		for range 5 {
			<-done
		}
		s := c.State()
		if s.UnderWay != 0 || s.Waiting != 0 || s.Endpoints[0].Requests[ResultCancelled] != 2 {
			t.Errorf("after all: %+v", s)
		}
	})
}

func TestTheEndpointIsToldTheRequestsID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		s := n.serve(t, "a", stream(good()))
		c := newClient(t, options(n.client(t), "a"))
		ctx := requestid.Start(t.Context())
		_, _, _ = ask(ctx, c, answer.Request{})
		_, _, _ = ask(t.Context(), c, answer.Request{})
		if got := s.got()[0].Header.Get(requestid.Header); got != requestid.Of(ctx) {
			t.Errorf("got %q, want %q", got, requestid.Of(ctx))
		}
		if got, there := s.got()[1].Header[requestid.Header]; there {
			t.Errorf("got %q of a request without an id", got)
		}
	})
}

func TestWhatAnEndpointRepeatsOfThePromptIsNotLogged(t *testing.T) {
	const prompt = "Sentences:\n1.1 The summit took place.\n\nQuestion: Will my neighbour Ed Miller be sacked?"
	for _, tt := range []struct{ name, message, want string }{
		{"of its own", "model gemma is not loaded", "model gemma is not loaded"},
		{"the question", "blocked: 'Will my neighbour Ed Miller be sacked?' is personal", "blocked: *** is personal"},
		{"in JSON", `bad {"content":"Question: Will my\nneighbour Ed Miller"}`, "bad ***"},
		{"in capitals", "FOUND NEIGHBOUR ED MILLER", "FOUND ***"},
		{"a word", "the question is too long", "the question is too long"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := withoutPrompt(tt.message, prompt); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := withoutPrompt("refused: 彼は明日解雇されますか", "質問: 彼は明日解雇されますか"); strings.Contains(got, "解雇") {
		t.Errorf("without spaces: %q", got)
	}
}

func FuzzWithoutPromptHidesThePrompt(f *testing.F) {
	f.Add("no: ", "Will my neighbour be sacked?")
	f.Add("\xff\xc3", "ǅ\xffİstanbul ist groß, sagt er")
	f.Fuzz(func(t *testing.T, before, prompt string) {
		if len(before) > longestMessage/2 || len(prompt) > longestMessage/2 {
			return
		}
		sent, _ := letters(prompt)
		said, _ := letters(withoutPrompt(before+" "+prompt, prompt))
		if len(sent) >= tellTale && strings.Contains(said, sent) {
			t.Errorf("%q shows %q", said, sent)
		}
	})
}
