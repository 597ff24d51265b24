package slack_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"summitbot/bot/slack/slackserver"
)

// A response_url takes five messages, and this answer is longer.
func TestTheAnswerToACommandIsToldWholeHoweverLongItIs(t *testing.T) {
	const question = "what is the longest of all?"
	refused := func(c slackserver.Call) slackserver.Fault {
		if c.Method == "response_url" && c.Params.Get("blocks") != "" {
			return slackserver.Fault{Status: http.StatusBadRequest}
		}
		return slackserver.Fault{}
	}
	directs := 0
	secondFails := func(c slackserver.Call) slackserver.Fault { // asked by one call at a time
		if c.Method != "chat.postMessage" || !strings.HasPrefix(c.Params.Get("channel"), "U") {
			return slackserver.Fault{}
		}
		if directs++; directs == 2 {
			return slackserver.Fault{Status: http.StatusServiceUnavailable}
		}
		return slackserver.Fault{}
	}
	for _, tt := range []struct {
		name    string
		public  bool
		outside bool // the bot is not in the channel
		fault   func(slackserver.Call) slackserver.Fault
		ways    map[string]int // how many messages go by which, at the least
	}{
		{"in a channel", false, false, nil, map[string]int{"response_url": 4, "chat.postEphemeral": 1}},
		{"in a channel of others", false, true, nil, map[string]int{"response_url": 4, "chat.postMessage": 1}},
		{"for all in a channel of others", true, true, nil, map[string]int{"response_url": 4, "chat.postMessage": 1}},
		{"a direct message fails", false, true, secondFails, map[string]int{"response_url": 4, "chat.postMessage": 2}},
		{"blocks are refused", false, false, refused, map[string]int{"response_url": 2, "chat.postEphemeral": 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, slackserver.Options{})
			channel := h.room
			if tt.outside {
				channel = h.AddChannel("others", slackserver.Private, h.ann)
				h.Kick(channel, h.Bot)
			}
			h.defaults.Public = tt.public
			h.start()
			if tt.fault != nil {
				h.Fault(tt.fault)
			}
			h.Slash(h.ann, channel, "/summit", question)
			var told []slackserver.Message
			h.Await("the end of the answer", func() bool {
				told = nil
				for _, m := range append(h.Messages(channel), h.Messages(h.DM(h.ann))...) {
					if m.FromBot && m.By != "ack" {
						told = append(told, m)
					}
				}
				return len(told) > 0 && strings.Contains(shown(told[len(told)-1]), "Claim 40 of")
			})
			ways := map[string]int{}
			all := ""
			for _, m := range told {
				ways[m.By]++
				all += shown(m)
			}
			for i := range claimsTo(question) {
				for _, want := range []string{fmt.Sprintf("Claim %d of %s", i+1, question), fmt.Sprintf("Sentence %d of the document.", i+1)} {
					if !strings.Contains(all, want) {
						t.Errorf("%q is not told", want)
					}
				}
			}
			for way, least := range tt.ways {
				if ways[way] < least {
					t.Errorf("%d messages by %s, want %d; all are %v", ways[way], way, least, ways)
				}
			}
			if n := len(h.Calls("response_url")); n > 5 {
				t.Errorf("the response_url was used %d times", n)
			}
		})
	}
}
