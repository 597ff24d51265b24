package slack_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"summitbot/bot/slack/slackserver"
)

// TestEveryQuestionHasOneAnswerThroughAStorm asks 200 questions in eight channels
// while sockets break, events come twice, and one call in four fails: by a limit,
// a reset or a fault of the server, half of them after the server did what it was
// asked. The seed is fixed; what the network and the scheduler make of it is not.
func TestEveryQuestionHasOneAnswerThroughAStorm(t *testing.T) {
	const questions, rooms, failing = 200, 8, 0.25
	// The server gives an event up after six minutes, as Slack does. On a machine
	// that is busy a faster clock would make that a matter of the scheduler.
	h := newHouse(t, slackserver.Options{NoRates: true, Speed: 60})
	var channels []string
	for i := range rooms {
		channels = append(channels, h.AddChannel(fmt.Sprintf("room-%d", i), slackserver.Public, h.ann, h.ben, h.Bot))
	}
	h.start()
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(1, 2))
	roll := func() (float64, int, bool) {
		mu.Lock()
		defer mu.Unlock()
		return dice.Float64(), dice.IntN(4), dice.IntN(2) == 0
	}
	h.Fault(func(c slackserver.Call) slackserver.Fault {
		chance, kind, taken := roll()
		if chance > failing {
			return slackserver.Fault{}
		}
		switch kind {
		case 0:
			return slackserver.Fault{Status: 429, RetryAfter: 1}
		case 1:
			return slackserver.Fault{Reset: true, Taken: taken}
		case 2:
			return slackserver.Fault{Status: 503, Taken: taken}
		}
		return slackserver.Fault{Error: "internal_error", Taken: taken}
	})
	text := func(i int) string { return fmt.Sprintf("what is number %d.?", i) }
	for i := range questions {
		ts := h.Say(h.ann, channels[i%rooms], h.Mention()+" "+text(i), "")
		switch _, kind, again := roll(); {
		case i%25 == 7:
			h.DropSocket()
			h.AwaitSockets(1)
		case i%50 == 11:
			h.Refresh()
			h.AwaitSockets(1)
		case again && kind == 0:
			for _, e := range h.EnvelopesAbout(ts) {
				h.Redeliver(e.ID)
			}
		}
	}
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for i := range questions {
			if len(h.answersTo(channels[i%rooms], text(i))) > 0 {
				continue
			}
			t.Logf("question %d was asked %d times", i, h.answers.times(text(i)))
			for _, m := range h.Messages(channels[i%rooms]) {
				if !m.FromBot && strings.Contains(m.Text, text(i)) {
					for _, e := range h.EnvelopesAbout(m.TS) {
						t.Logf("  %s: tries %d, acked %v, lost %v", e.Inner, e.Tries, e.Acked, e.Lost)
					}
				}
			}
		}
	})
	for i := range questions {
		h.finished(channels[i%rooms], text(i))
	}
	h.Heal()
	for _, channel := range channels {
		for _, m := range h.Messages(channel) {
			for _, e := range h.EnvelopesAbout(m.TS) {
				h.AwaitAcked(e.ID)
			}
		}
	}
	h.stop()
	for i := range questions {
		if n := len(h.answersTo(channels[i%rooms], text(i))); n != 1 {
			t.Errorf("question %d has %d answers", i, n)
		}
	}
	for _, channel := range channels {
		if got, want := len(h.botMessages(channel)), questions/rooms; got != want {
			t.Errorf("%s: %d messages of the bot, not %d", channel, got, want)
		}
	}
}
