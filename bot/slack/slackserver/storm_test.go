package slackserver_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack/socketmode"

	"summitbot/bot/slack/slackserver"
)

func TestWhatWasTakenStandsWhateverTheCallerWasTold(t *testing.T) {
	w := startWith(t, slackserver.Options{NoRates: true})
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	w.Fault(func(slackserver.Call) slackserver.Fault {
		mu.Lock()
		defer mu.Unlock()
		taken := random.IntN(2) == 0
		switch random.IntN(4) {
		case 0:
			return slackserver.Fault{Reset: true, Taken: taken}
		case 1:
			return slackserver.Fault{Status: 503, Taken: taken}
		case 2:
			return slackserver.Fault{Status: 429, RetryAfter: 1}
		}
		return slackserver.Fault{}
	})
	const posts, posters = 200, 8
	next := make(chan int)
	told := make([]error, posts)
	var posting sync.WaitGroup
	for range posters {
		posting.Go(func() {
			for i := range next {
				_, _, told[i] = w.api.PostMessageContext(t.Context(), w.lobby, text(fmt.Sprint(i)))
			}
		})
	}
	for i := range posts {
		next <- i
	}
	close(next)
	posting.Wait()

	stands := map[string]int{}
	for _, m := range w.Messages(w.lobby) {
		stands[m.Text]++
	}
	calls := w.Calls("chat.postMessage")
	if len(calls) != posts {
		t.Errorf("%d calls, want %d: a client repeated some by itself", len(calls), posts)
	}
	unknowing := 0
	for _, c := range calls {
		var i int
		if _, err := fmt.Sscan(c.Params.Get("text"), &i); err != nil {
			t.Fatal(err)
		}
		want := 0
		if c.Taken {
			want = 1
		}
		if got := stands[c.Params.Get("text")]; got != want {
			t.Errorf("%v: stands %d times", c, got)
		}
		switch {
		case told[i] == nil && !c.Taken:
			t.Errorf("%v: the caller was told that it came through", c)
		case told[i] != nil && c.Taken:
			unknowing++
		}
	}
	if unknowing < posts/20 {
		t.Errorf("only %d calls were taken with the caller told otherwise", unknowing)
	}
}

func TestEveryEventArrivesThroughSocketsThatEnd(t *testing.T) {
	w := startWith(t, slackserver.Options{
		NoRates: true, Speed: 1_000, Limits: slackserver.Limits{Redeliver: repeat(1_000, time.Minute)},
	})
	a := connect(t, w)
	random := rand.New(rand.NewPCG(3, 4))
	const events = 200
	go func() {
		for {
			select {
			case e := <-a.events:
				if e.Type == socketmode.EventTypeEventsAPI {
					_ = a.AckCtx(t.Context(), e.Request.EnvelopeID, nil) // it fails only when the test is over
				}
			case <-t.Context().Done():
				return
			}
		}
	}()
	said, ends := events, 0
	for i := range events {
		w.Say(w.anna, w.lobby, fmt.Sprint(i), "")
		switch random.IntN(20) {
		case 0:
			w.DropSocket()
		case 1:
			w.Disconnect("refresh_requested")
		case 2:
			w.Deaf() // what was just said is lost on the way
			w.Say(w.anna, w.lobby, "into a deaf ear", "")
			said++
			w.DropSocket()
		default:
			continue
		}
		ends++
		w.AwaitSockets(1)
	}
	w.Await("every event is acknowledged", func() bool {
		acked := 0
		for _, e := range w.Envelopes("message") {
			if e.Acked {
				acked++
			}
		}
		return acked == said
	})
	if got := len(w.Calls("apps.connections.open")); got <= ends || ends < 10 {
		t.Errorf("%d sockets in all, of which %d ended: the storm was none", got, ends)
	}
}
