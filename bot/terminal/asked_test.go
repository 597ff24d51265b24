package terminal

import (
	"testing"
	"time"

	"summitbot/bot"
)

func TestWhatWasAskedIsListedWithoutWhatItCouldDoToATerminal(t *testing.T) {
	at := time.Date(2026, 3, 1, 23, 30, 0, 0, time.FixedZone("west", -3600))
	list := []Asked{
		{
			ID: "a-7f3kq2m9xw4d", Time: at, Asker: "slack:U024BE7LH", Outcome: "answered", Question: "What is a red line\nfor Putin?",
			Feedback: []bot.Feedback{
				{Surface: "slack", User: "U1", Verdict: bot.Bad, Reason: "misread", Text: "It is \x1b[31m¶9\x1b[0m, as the heading of that section says already."},
				{Surface: "web", Verdict: bot.Good},
			},
		},
		{Time: at, Asker: "terminal", Outcome: "failed", Question: "Who \x1b]8;;https://example.org\x1b\\came?", Reason: "The answer took too long."},
	}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			golden(t, "asked."+v.name, rendered(t, v.opts, func(r *Renderer) error { return r.Asked(list) }))
		})
	}
}
