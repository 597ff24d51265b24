package discord_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot/discord"
	"summitbot/bot/discord/discordserver"
)

// The traps are those of the library and of the platform: each has a test here
// that fails for a front end that steps into it.

func TestTrapAMessageWithAnUnknownComponentIsAnsweredAndKillsNothing(t *testing.T) {
	h := newHouse(t, discordserver.Options{Record: io.Discard}).start() // what is unknown is not in the API's description

	h.SayUnknown(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	h.Deliver("MESSAGE_CREATE", map[string]any{"id": "1", "channel_id": h.room}) // no author
	h.Deliver("MESSAGE_CREATE", []int{1})                                        // no message
	h.Say(h.ann, h.room, h.Mention()+" who left?")
	h.finished(h.room, "who left?")
}

func TestTrapOp7OrOp11RightAfterTheHandshakeStopsNothing(t *testing.T) {
	for _, op := range []int{7, 11} {
		for name, at := range map[string]discordserver.Moment{"hello": discordserver.AtHello, "ready": discordserver.AtReady, "after ready": discordserver.AfterReady} {
			t.Run(name, func(t *testing.T) {
				h := newHouse(t, discordserver.Options{})
				h.Handshake(1, discordserver.Mishap{At: at, Op: op})
				h.start()
				h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
				h.finished(h.room, "who came to Alaska?")
			})
		}
	}
}

func TestTrapAFatalCloseCodeEndsInWordsAndNotInALoop(t *testing.T) {
	for code, want := range map[int]string{
		4004: "Reset Token", 4010: "one shard", 4011: "2,500 servers", 4012: "newer version", 4013: "newer version", 4014: "Message Content Intent",
	} {
		t.Run(want, func(t *testing.T) {
			h := newHouse(t, discordserver.Options{Privileged: discordserver.MessageContent})
			h.run()
			h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
			identifies := len(h.Identifies())
			h.CloseWith(code)
			err := <-h.left
			h.leave()
			h.leave = nil
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Run: %v; want %q in it", err, want)
			}
			if n := len(h.Identifies()) - identifies; n != 0 {
				t.Errorf("it tried again %d times", n)
			}
			if s := h.front.Health(); s.State == discord.Connected || !strings.Contains(s.Detail, want) {
				t.Errorf("health says %+v", s)
			}
		})
	}
}

func TestTrapAnIntentThatIsNotSwitchedOnIsToldByName(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	h.options.MessageContent = true
	h.run()
	err := <-h.left
	h.leave()
	h.leave = nil
	if err == nil || !strings.Contains(err.Error(), "switch on Message Content Intent") || h.front.Health().State != discord.Disallowed {
		t.Errorf("Run: %v; health %+v", err, h.front.Health())
	}
}

func TestTrapARevokedTokenIsNotTriedAgain(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	h.RevokeToken()
	h.run()
	err := <-h.left
	h.leave()
	h.leave = nil
	if err == nil || !strings.Contains(err.Error(), "discord.token") {
		t.Errorf("Run: %v", err)
	}
	unauthorized := 0
	for _, c := range h.Calls("") {
		if c.Status == http.StatusUnauthorized {
			unauthorized++
		}
	}
	if unauthorized > 1 {
		t.Errorf("%d calls after Discord refused the token", unauthorized)
	}
}

func TestTrapASessionIsResumedAfterABreakAndMissesNothing(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	for _, breaks := range []func(){h.DropGateway, h.Reconnect, func() { h.Invalidate(true) }} {
		resumes := h.Resumes()
		breaks()
		h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
		h.Await("a resume", func() bool { return h.Resumes() > resumes })
	}
	h.Await("three answers", func() bool { return len(h.answersTo(h.room, "who came to Alaska?")) == 3 })
	if n := len(h.Identifies()); n != 1 {
		t.Errorf("%d sessions were begun", n)
	}
}

func TestTrapOp9BeginsANewSessionAfterAPause(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	before := h.Clock.Now()
	h.Invalidate(false)
	h.Await("a new session", func() bool { return len(h.Identifies()) == 2 })
	if pause := h.Identifies()[1].At.Sub(before); pause < time.Second {
		t.Errorf("it identified again after %v", pause)
	}
	h.AwaitReady(1)
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
}

func TestTrapAConnectionThatDoesNotAnswerIsGivenUp(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Deaf()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	if h.Resumes() == 0 {
		t.Error("the session was not resumed")
	}
}

func TestTrapAConnectionThatAnswersNoHeartbeatIsGivenUp(t *testing.T) {
	h := newHouse(t, discordserver.Options{Limits: discordserver.Limits{Heartbeat: 200 * time.Millisecond}}).start()
	h.NoAcks()
	h.Await("the session is resumed", func() bool { return h.Resumes() > 0 })
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	if n := len(h.Identifies()); n != 1 {
		t.Errorf("%d sessions were begun", n)
	}
}

func TestTrapAHeartbeatIsSentWhenItIsAskedFor(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	before := h.Heartbeats()
	h.RequestHeartbeat()
	h.Await("a heartbeat", func() bool { return h.Heartbeats() > before })
}

func TestTrapAPanicOverAMessageIsApologisedForOnce(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.panics.Store(true)
	id := h.Say(h.ann, h.room, h.Mention()) // help reads the library
	h.AwaitMessage(h.room, "an apology", func(m discordserver.Message) bool { return m.ReplyTo == id && m.Text() != "" })
	h.panics.Store(false)
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	if n := len(h.Answers(h.room)); n != 2 || h.log.has("level=ERROR", "panic", "stack=") == 0 {
		t.Errorf("%d messages of the bot", n)
	}
}

func TestTrapAPanicIsLoggedAndApologisedFor(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	said := h.Say(h.ben, h.room, "do not panic.")
	id := h.MessageCommand(h.ann, h.room, said, "Check against the documents")
	if m := h.AwaitAnswer(id); m.Only != h.ann || m.Text() == "" {
		t.Errorf("told %q to %q", m.Text(), m.Only)
	}
	if h.log.has("level=ERROR", "panic", "stack=", "actions.go") == 0 {
		t.Error("the stack is not in the log")
	}
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
}

func TestTrapAModalWithUnknownPartsIsRead(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	modal := h.openModal()
	h.SubmitUnknown(modal)
	h.Say(h.ann, h.room, h.Mention()+" who left?")
	h.finished(h.room, "who left?")
}

// openModal goes to the dialog that asks what was wrong with an answer.
func (h *house) openModal() string {
	h.t.Helper()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	m := h.finished(h.room, "who came to Alaska?")
	menu := h.AwaitAnswer(h.Click(h.ann, h.room, m.ID, press(h.t, m, "bad")))
	modal := h.Select(h.ann, h.room, menu.ID, press(h.t, menu, "reason"), "misread")
	h.AwaitInteraction(modal, "a dialog", func(i discordserver.Interaction) bool { return i.Modal != nil })
	return modal
}

func TestTrapASlowEditHoldsUpNobodyElse(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	slow, begun := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.Fault(func(c discordserver.Call) discordserver.Fault {
		if c.Method == http.MethodPatch && strings.Contains(string(c.Body), "who is slow?") {
			once.Do(func() { close(begun) })
			<-slow
		}
		return discordserver.Fault{}
	})
	h.Slash(h.ann, h.room, "summit", map[string]any{"question": "who is slow?"})
	<-begun
	h.Slash(h.ben, h.room, "summit", map[string]any{"question": "who is quick?"})
	h.finished(h.room, "who is quick?") // while the edit of the first is under way
	close(slow)
	h.finished(h.room, "who is slow?")
}

func TestTrapNothingThatIsSentCallsAnybody(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Say(h.ann, h.room, h.Mention()+" who is @everyone or <@"+h.ben+">?")
	h.Slash(h.ann, h.room, "summit", map[string]any{"question": "@everyone and <@" + h.ben + ">?"})
	h.Await("two answers", func() bool { return len(h.Answers(h.room)) >= 2 })
	h.Await("they are whole", func() bool {
		for _, m := range h.Answers(h.room) {
			if m.Loading || len(m.Buttons()) == 0 {
				return false
			}
		}
		return true
	})
	h.quiet(h.room)
}

func TestTrapA429IsWaitedForAndEndsWithItsContext(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Fail("POST /channels/{channel}/messages", 2, discordserver.Fault{Status: 429, RetryAfter: 1.5})
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	calls := h.Calls("POST /channels/{channel}/messages")
	if len(calls) != 3 {
		t.Fatalf("%d calls", len(calls))
	}
	for i := range 2 {
		if pause := calls[i+1].At.Sub(calls[i].At); pause < 1500*time.Millisecond {
			t.Errorf("it came again after %v", pause)
		}
	}
}

func TestTrapAGlobalLimitHoldsEverythingBack(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Fail("POST /channels/{channel}/messages", 1, discordserver.Fault{Status: 429, RetryAfter: 2, Global: true})
	other := h.AddChannel(h.Guild, "other")
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.until("the limit is heard of", func() bool { return h.log.has("discord: rate limit") > 0 })
	h.Say(h.ben, other, h.Mention()+" who left?")
	h.finished(h.room, "who came to Alaska?")
	h.finished(other, "who left?")
	var until time.Time
	for _, c := range h.Calls("POST /channels/{channel}/messages") {
		if c.Status == http.StatusTooManyRequests {
			until = c.At.Add(2 * time.Second)
		} else if c.At.Before(until) {
			t.Errorf("%s came %v too early", c.Route, until.Sub(c.At))
		}
	}
}

func TestTrap403IsNotRepeated(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Overwrite(h.room, 0, discordserver.SendMessages)
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.until("an error in the log", func() bool { return h.log.has("level=ERROR", "code 50013") > 0 })
	for _, c := range h.Calls("POST /channels/{channel}/messages") {
		if c.Taken {
			t.Errorf("taken: %s", c)
		}
	}
	if n := len(h.Calls("POST /channels/{channel}/messages")); n > 3 { // the claims, the answer, and that without its embeds
		t.Errorf("%d calls", n)
	}
}

func TestTrapAMessageThatMayHaveArrivedIsLookedForBeforeItIsSentAgain(t *testing.T) {
	for name, f := range map[string]discordserver.Fault{
		"reset": {Reset: true, Taken: true}, "500": {Status: 500, Taken: true}, "503": {Status: 503, Taken: true}, "reset before": {Reset: true}, "500 before": {Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, discordserver.Options{Limits: discordserver.Limits{Nonce: time.Nanosecond}}).start()
			h.Fail("POST /channels/{channel}/messages", 1, f)
			h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
			h.finished(h.room, "who came to Alaska?")
			for _, c := range h.Calls("POST /channels/{channel}/messages") {
				if !strings.Contains(string(c.Body), `"enforce_nonce":true`) || !strings.Contains(string(c.Body), `"nonce":"`) {
					t.Errorf("no nonce: %s", c)
				}
			}
		})
	}
}

func TestTrapAnInteractionThatWasTakenIsNotAnsweredTwice(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Fail("POST /interactions/{interaction}/{token}/callback", 1, discordserver.Fault{Reset: true, Taken: true})
	h.Slash(h.ann, h.room, "summit", map[string]any{"question": "who came to Alaska?"})
	h.finished(h.room, "who came to Alaska?")
}

func TestTrapAnAnswerLaterThanFifteenMinutesIsAMessage(t *testing.T) {
	for name, private := range map[string]bool{"public": false, "private": true} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, discordserver.Options{Limits: discordserver.Limits{Token: 20 * time.Second}}).start()
			id := h.Slash(h.ann, h.room, "summit", map[string]any{"question": "hold the door?", "private": private})
			<-h.answers.holding
			at := h.Interaction(id).At
			h.until("the token is of no use", func() bool { return h.Clock.Now().Sub(at) > 25*time.Second })
			close(h.answers.release)
			where := h.room
			if private {
				where = h.DM(h.ann)
			}
			h.AwaitMessage(where, "the answer by other ways", func(m discordserver.Message) bool {
				return strings.Contains(m.Text(), "Claim 2 of hold the door?") && len(m.Buttons()) > 0
			})
			if public := h.answersTo(h.room, "hold the door?"); !private && len(public) != 1 {
				t.Errorf("all can see %v", public)
			}
			if private {
				for _, m := range h.Answers(h.room) {
					if m.Only == "" {
						t.Errorf("all can see %q", m.Text())
					}
				}
			}
		})
	}
}

func TestTrapBotsWebhooksAndEveryoneAreNotAnswered(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	other := h.AddBot("robot")
	h.Say(other, h.room, h.Mention()+" who are you?")
	h.Post(discordserver.Post{Author: "77", Channel: h.room, Content: h.Mention() + " who hooks?", Webhook: true})
	h.Say(h.ann, h.room, "@everyone who came?")
	h.Post(discordserver.Post{Author: h.ben, Channel: h.room, Content: h.Mention(), Type: 7})
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	if n := len(h.Answers(h.room)); n != 1 {
		t.Errorf("%d messages of the bot", n)
	}
}

func TestTrapTheEndOfRunEndsTheSession(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.stop()
	h.Await("no session is left", func() bool { return h.Sessions() == 0 })
}
