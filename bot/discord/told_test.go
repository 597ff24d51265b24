package discord_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"summitbot/bot/discord"
	"summitbot/bot/discord/discordserver"
	"summitbot/bot/phrase"
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
	const text = "a long story of whom?"
	h := newHouse(t, discordserver.Options{}).start()
	h.Fault(func(c discordserver.Call) discordserver.Fault {
		if c.Route == followRoute && strings.Contains(string(c.Body), "Claim 6 of") {
			return discordserver.Fault{Status: 401, Code: 50027}
		}
		return discordserver.Fault{}
	})
	h.Slash(h.ann, h.room, "summit", map[string]any{"question": text})
	h.AwaitMessage(h.room, "the end of the answer", buttoned)
	once(t, h.Answers(h.room), text)
}

// private asks a question so that only ann sees the answer.
func (h *house) private(text string) (interaction string) {
	h.t.Helper()
	return h.Slash(h.ann, h.room, "summit", map[string]any{"question": text, "private": true})
}

// alone fails the test unless one message is all that there is, and only ann sees it.
func (h *house) alone() {
	h.t.Helper()
	list := h.Answers(h.room)
	if len(list) != 1 || list[0].Only != h.ann || list[0].Loading {
		h.t.Errorf("there are %d messages: %+v", len(list), list)
	}
	if direct := h.Answers(h.DM(h.ann)); len(direct) > 0 {
		h.t.Errorf("a direct message tells it too: %q", direct[0].Text())
	}
}

func TestALongPrivateAnswerIsOneMessageWhosePagesAreTurned(t *testing.T) {
	const text = "a long story of whom?"
	h := newHouse(t, discordserver.Options{}).start()
	h.private(text)
	first := h.AwaitMessage(h.room, "the answer", buttoned)
	list := h.pages(first)
	once(t, list, text)
	for i, m := range list {
		press(t, m, "share")
		press(t, m, "sources")
		if want := phrase.For("en").Page(i+1, len(list)); !strings.HasSuffix(m.Content, want) {
			t.Errorf("page %d ends in %q", i+1, m.Content[len(m.Content)-40:])
		}
	}
	h.stop()
	h.run() // the pages are made of what the journal has
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	m := list[len(list)-1]
	for i := len(list) - 2; i >= 0; i-- {
		h.pressed(h.ann, h.room, m.ID, turned(m, true))
		if m, _ = h.Message(h.room, m.ID); m.Content != list[i].Content {
			t.Errorf("page %d has become %q", i+1, m.Content)
		}
	}
	if turned(m, true) != "" {
		t.Error("something comes before the first page")
	}
	h.alone()
}

func TestPagesOfAnAnswerThatMayNotBeSeenAnyMoreAreNotTurned(t *testing.T) {
	const text = "a long secret of whom?"
	h := newHouse(t, discordserver.Options{}).start()
	h.private(text)
	first := h.AwaitMessage(h.room, "the answer", buttoned)
	h.stop()
	h.options.Channels[h.room] = discord.Channel{Collections: []string{"public"}}
	h.run()
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	told := h.AwaitAnswer(h.Click(h.ann, h.room, first.ID, turned(first, false)))
	if told.ID == first.ID || told.Only != h.ann || told.Content != phrase.For("en").Text(phrase.NotForYou) {
		t.Errorf("the page turned to %q, for %q", told.Text(), told.Only)
	}
}

func TestPagesThatNobodyKnowsAnyMoreSaySo(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.private("a long story that cracks?")
	failed := h.AwaitMessage(h.room, "a failure", buttoned)
	list := h.pages(failed)
	once(t, list, "a long story that cracks?")
	h.stop()
	h.run() // the journal has no answer
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	told := h.AwaitAnswer(h.Click(h.ann, h.room, failed.ID, turned(list[len(list)-1], true)))
	if told.Only != h.ann || told.Content != phrase.For("en").Text(phrase.AnswerGone) {
		t.Errorf("it says %q, to %q", told.Text(), told.Only)
	}
}

const editRoute = "PATCH /webhooks/{application}/{token}/messages/@original"

// Nine edits fail, which is more than the telling of one answer makes.
func TestAnUncertainEditOfAPrivateAnswerIsMadeAgain(t *testing.T) {
	for name, f := range map[string]discordserver.Fault{
		"taken and reset": {Reset: true, Taken: true}, "reset": {Reset: true}, "taken and 500": {Status: 500, Taken: true}, "500": {Status: 500}, "limit": {Status: 429, RetryAfter: 1},
	} {
		t.Run(name, func(t *testing.T) {
			const text = "a long story of whom?"
			h := newHouse(t, discordserver.Options{Speed: 10 * speed, Limits: discordserver.Limits{Callback: 100 * patience}}).start()
			h.Fail(editRoute, 9, f)
			id := h.private(text)
			h.Await("it is told", func() bool {
				m, _ := h.Message(h.room, h.Interaction(id).Original)
				return buttoned(m) && len(h.Calls(editRoute)) > 9
			})
			m, _ := h.Message(h.room, h.Interaction(id).Original)
			once(t, h.pages(m), text)
			h.stop() // waits for what is under way
			h.alone()
		})
	}
}

func TestAPrivateAnswerStandsInItsPlaceAfterARestart(t *testing.T) {
	for name, text := range map[string]string{"nothing was told": "wait for the door?", "a claim was told": "hold the door?", "long": "hold the long door?"} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, discordserver.Options{}).start()
			id := h.private(text)
			<-h.answers.holding
			if strings.Contains(text, "hold") {
				h.AwaitMessage(h.room, "the first claim", func(m discordserver.Message) bool { return m.Interaction == id && !m.Loading })
			}
			h.stop()
			close(h.answers.release)
			h.run()
			m := h.AwaitMessage(h.room, "the answer", buttoned)
			once(t, h.pages(m), text)
			h.stop() // waits for what is under way
			h.alone()
		})
	}
}

func TestAPrivateAnswerWhoseTokenExpiredOverARestartIsADirectMessage(t *testing.T) {
	for name, told := range map[string]bool{"nobody was told": false, "it may have been told": true} {
		t.Run(name, func(t *testing.T) {
			text := map[bool]string{false: "wait for the door?", true: "who came to Alaska?"}[told]
			h := newHouse(t, discordserver.Options{Limits: discordserver.Limits{Token: 20 * time.Second}}).start()
			h.dies.Store(true)
			id := h.private(text)
			if told {
				h.AwaitMessage(h.room, "the answer", buttoned)
			} else {
				<-h.answers.holding
			}
			h.stop()
			h.dies.Store(false)
			close(h.answers.release)
			at := h.Interaction(id).At
			h.until("the token is of no use", func() bool { return h.Clock.Now().Sub(at) > 25*time.Second })
			h.run()
			m := h.AwaitMessage(h.DM(h.ann), "a direct message", buttoned)
			h.stop() // waits for what is under way
			list := h.Answers(h.DM(h.ann))
			if len(list) != 1 {
				t.Errorf("%d direct messages tell it", len(list))
			}
			if told {
				if !strings.Contains(m.Text(), phrase.For("en").Text(phrase.Untold)) {
					t.Errorf("it says %q", m.Text())
				}
				return
			}
			once(t, list, text)
		})
	}
}

func TestAFailureThatStandsThereIsNotTakenForTheAnswerOfTheNextTry(t *testing.T) {
	const text = "break and wait for the door?"
	h := newHouse(t, discordserver.Options{Limits: discordserver.Limits{Token: 20 * time.Second}}).start()
	id := h.private(text)
	failed := h.AwaitMessage(h.room, "a failure", buttoned)
	h.answers.mended.Store(true)
	h.pressed(h.ann, h.room, failed.ID, press(t, failed, "retry"))
	<-h.answers.holding
	at := h.Interaction(id).At
	h.until("the token is of no use", func() bool { return h.Clock.Now().Sub(at) > 25*time.Second })
	close(h.answers.release)
	h.AwaitMessage(h.DM(h.ann), "the answer by other ways", buttoned)
	once(t, h.Answers(h.DM(h.ann)), text)
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
			list := h.Answers(h.room)
			if way["private"] == true {
				list = h.pages(list[0])
			}
			h.stop()
			once(t, list, text)
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
