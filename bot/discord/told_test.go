package discord_test

import (
	"slices"
	"strings"
	"testing"

	"summitbot/bot/discord"
	"summitbot/bot/discord/discordserver"
)

const followRoute = "POST /webhooks/{application}/{token}"

// claims counts how often each claim of an answer stands in a list.
func claims(list []discordserver.Message, text string) map[string]int {
	told := map[string]int{}
	for _, m := range list {
		for _, c := range claimed.FindAllStringSubmatch(strings.ReplaceAll(m.Content, `\`, ""), -1) {
			if c[2] == text {
				told[c[1]]++
			}
		}
	}
	return told
}

// once fails the test unless each claim of the answer to text stands once in list.
func once(t *testing.T, list []discordserver.Message, text string) {
	t.Helper()
	told := claims(list, text)
	if len(told) != claimsTo(text) {
		t.Errorf("%d claims stand there of %d", len(told), claimsTo(text))
	}
	for c, n := range told {
		if n != 1 {
			t.Errorf("claim %s stands there %d times", c, n)
		}
	}
}

// buttoned reports whether a message ends an answer.
func buttoned(m discordserver.Message) bool { return len(m.Buttons()) > 0 }

func TestAPublicCommandIsAnsweredAfterARestartAndNothingIsLeftThinking(t *testing.T) {
	for name, text := range map[string]string{"nothing was told": "wait for the door?", "a claim was told": "hold the door?", "long": "hold the long door?"} {
		for where, direct := range map[string]bool{"in a channel": false, "in a direct message": true} {
			t.Run(name+" "+where, func(t *testing.T) {
				h := newHouse(t, discordserver.Options{}).start()
				channel := h.room
				if direct {
					channel = h.DM(h.ann)
				}
				id := h.Slash(h.ann, channel, "summit", map[string]any{"question": text})
				<-h.answers.holding
				if strings.Contains(text, "hold") {
					h.AwaitMessage(channel, "the first claim", func(m discordserver.Message) bool { return m.Interaction == id && !m.Loading })
				}
				h.stop()
				close(h.answers.release)
				h.run()
				h.AwaitMessage(channel, "the answer", buttoned)
				h.stop()
				once(t, h.Answers(channel), text)
				for _, m := range h.Answers(channel) {
					if m.Loading {
						t.Error("it still says that the bot thinks")
					}
				}
			})
		}
	}
}

func TestAnAnswerWhoseTokenExpiresBetweenItsPartsIsToldWhole(t *testing.T) {
	for name, private := range map[string]bool{"public": false, "private": true} {
		t.Run(name, func(t *testing.T) {
			const text = "a long story of whom?"
			h := newHouse(t, discordserver.Options{}).start()
			h.Fault(func(c discordserver.Call) discordserver.Fault {
				if c.Route == followRoute && strings.Contains(string(c.Body), "Claim 6 of") {
					return discordserver.Fault{Status: 401, Code: 50027}
				}
				return discordserver.Fault{}
			})
			h.Slash(h.ann, h.room, "summit", map[string]any{"question": text, "private": private})
			end := h.room
			if private {
				end = h.DM(h.ann)
			}
			h.AwaitMessage(end, "the end of the answer", buttoned)
			list := h.Answers(h.room)
			if private {
				list = append(list, h.Answers(end)...)
				if slices.ContainsFunc(h.Answers(h.room), func(m discordserver.Message) bool { return m.Only == "" }) {
					t.Error("all can see something of it")
				}
			}
			once(t, list, text)
		})
	}
}

func TestAFollowUpOfAPrivateAnswerThatMayHaveArrivedIsToldSo(t *testing.T) {
	for name, f := range map[string]discordserver.Fault{"taken": {Reset: true, Taken: true}, "not taken": {Status: 503}} {
		t.Run(name, func(t *testing.T) {
			const text = "a long story of whom?"
			h := newHouse(t, discordserver.Options{}).start()
			h.Fault(func(c discordserver.Call) discordserver.Fault {
				if c.Route == followRoute && strings.Contains(string(c.Body), "Claim 6 of") {
					return f
				}
				return discordserver.Fault{}
			})
			id := h.Slash(h.ann, h.room, "summit", map[string]any{"question": text, "private": true})
			h.AwaitInteraction(id, "it is told", func(i discordserver.Interaction) bool {
				m, ok := h.Message(h.room, i.Original)
				return ok && strings.Contains(m.Text(), "cannot be found out")
			})
			h.stop() // waits for what is under way
			// What was known to stand there is gone; of the one nobody knows of, one remains at most.
			if left := len(h.Alone(h.ann, h.room)); left > 2 {
				t.Errorf("%d messages are left", left)
			}
			if n := len(h.Answers(h.DM(h.ann))); n != 0 {
				t.Errorf("%d direct messages tell it again", n)
			}
		})
	}
}

func TestAPublicFollowUpThatMayHaveArrivedIsLookedFor(t *testing.T) {
	for name, f := range map[string]discordserver.Fault{"taken": {Reset: true, Taken: true}, "not taken": {Status: 503}} {
		t.Run(name, func(t *testing.T) {
			const text = "a long story of whom?"
			h := newHouse(t, discordserver.Options{}).start()
			h.Fail(followRoute, 3, f)
			h.Slash(h.ann, h.room, "summit", map[string]any{"question": text})
			h.AwaitMessage(h.room, "the answer", buttoned)
			once(t, h.Answers(h.room), text)
		})
	}
}

func TestALongFailureIsTriedAgainInThePlaceOfAllItsParts(t *testing.T) {
	for name, way := range map[string]map[string]any{
		"mention": nil, "public": {"question": "a long story that cracks?"}, "private": {"question": "a long story that cracks?", "private": true},
	} {
		t.Run(name, func(t *testing.T) {
			const text = "a long story that cracks?"
			h := newHouse(t, discordserver.Options{}).start()
			if way == nil {
				h.Say(h.ann, h.room, h.Mention()+" "+text)
			} else {
				h.Slash(h.ann, h.room, "summit", way)
			}
			failed := h.AwaitMessage(h.room, "a failure", func(m discordserver.Message) bool { return m.FromBot && buttoned(m) })
			h.answers.mended.Store(true)
			h.Click(h.ann, h.room, failed.ID, press(t, failed, "retry"))
			h.AwaitMessage(h.room, "the answer", func(m discordserver.Message) bool {
				return slices.ContainsFunc(m.Buttons(), func(b discordserver.Button) bool { return strings.HasPrefix(b.CustomID, "sources:") })
			})
			h.stop()
			once(t, h.Answers(h.room), text)
		})
	}
}

func TestHealthTellsHowTheConnectionIs(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	h.run()
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	h.stop()
	if s := h.front.Health().State; s != discord.Stopped {
		t.Errorf("after the end it is %q", s)
	}
}
