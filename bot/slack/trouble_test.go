package slack_test

import (
	"strings"
	"testing"
	"time"

	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
)

func TestALimitIsKeptForItsMethodAndChannelOnly(t *testing.T) {
	h := newHouse(t, slackserver.Options{NoRates: true})
	other := h.AddChannel("other", slackserver.Public, h.ann, h.Bot)
	h.start()
	h.Fail("chat.startStream", -1, slackserver.Fault{Error: "unknown_method"})
	const wait = 30
	limited := false
	h.Fault(func(c slackserver.Call) slackserver.Fault { // asked by one call at a time
		if c.Method == "chat.postMessage" && c.Params.Get("channel") == h.room && !limited {
			limited = true
			return slackserver.Fault{Status: 429, RetryAfter: wait}
		}
		return slackserver.Fault{}
	})
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.AwaitCalls("chat.postMessage", 1)
	h.Say(h.ann, other, h.Mention()+" who left?", "")
	h.finished(other, "who left?")
	h.finished(h.room, "who came?")
	var refused, next time.Time
	for _, c := range h.Calls("chat.postMessage") {
		switch {
		case c.Params.Get("channel") != h.room:
		case c.Status == 429:
			refused = c.At
		case next.IsZero():
			next = c.At
		}
	}
	if waited := next.Sub(refused); waited < wait*time.Second {
		t.Errorf("the next call came after %v", waited)
	}
}

func TestARevokedTokenEndsTheFrontEndAndSaysSo(t *testing.T) {
	for _, which := range []string{"bot", "app"} {
		t.Run(which, func(t *testing.T) {
			h := newHouse(t, slackserver.Options{})
			token := h.BotToken
			if which == "app" {
				token = h.AppToken
			}
			h.RevokeToken(token, "token_revoked")
			front := slack.New(slack.Options{
				BotToken: h.BotToken, AppToken: h.AppToken, APIURL: h.APIURL(), Handler: nobody{}, Library: library{}, Checker: checker{},
				Now: h.Clock.Now, Wait: h.Clock.Sleep,
			})
			err := front.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), "token_revoked") || front.Health().State != slack.Revoked {
				t.Errorf("got %v, health %+v", err, front.Health())
			}
		})
	}
}

func TestATokenThatIsRevokedLaterEndsTheFrontEndToo(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.RevokeToken(h.AppToken, "token_revoked")
	h.DropSocket()
	err := <-h.left
	h.leave()
	h.leave = nil
	if err == nil || !strings.Contains(err.Error(), "token_revoked") || h.front.Health().State != slack.Revoked {
		t.Errorf("got %v, health %+v", err, h.front.Health())
	}
	h.logged("level=ERROR", "the app is not let in", "token_revoked")
}

func TestAMissingScopeOfTheAppTokenIsAStateOfItsOwn(t *testing.T) {
	h := newHouse(t, slackserver.Options{AppScopes: []string{}})
	h.run()
	h.state(slack.MissingScope)
	h.logged("level=ERROR", "no socket", "state=missing_scope")
}

func TestSocketsThatBreakAgainAndAgainAreAStorm(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.state(slack.Connected)
	for range 4 {
		h.DropSocket()
		h.AwaitSockets(1)
	}
	h.state(slack.Storm)
	h.logged("level=ERROR", "sockets break as soon as they are open", "in_a_row=3")
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?") // a storm is no reason to be silent
	h.state(slack.Connected)        // a socket has lasted
	h.logged("sockets last again")
	h.Clock.Advance(2 * time.Minute)
	n := h.log.has("sockets break")
	h.DropSocket()
	h.AwaitSockets(1)
	if h.log.has("sockets break") != n {
		t.Error("one break after the storm is a storm again")
	}
}

func TestSocketModeThatIsSwitchedOffIsAskedForOnceAMinute(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	before := len(h.Calls("apps.connections.open"))
	at := h.Clock.Now()
	h.Disconnect("link_disabled")
	h.state(slack.LinkDisabled)
	h.logged("level=ERROR", "Socket Mode is switched off")
	for _, c := range h.AwaitCalls("apps.connections.open", before+3)[before:] {
		if pause := c.At.Sub(at); pause < time.Minute {
			t.Errorf("asked again after %v", pause)
		}
		at = c.At
	}
	h.EnableLink()
	h.state(slack.Connected)
}

func TestASocketThatSaysNothingIsGivenUp(t *testing.T) {
	h := newHouse(t, slackserver.Options{})
	h.Mute(true)
	h.run()
	h.state(slack.Deaf)
	h.logged("level=ERROR", "the socket is deaf")
	h.Mute(false)
	h.state(slack.Connected)
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?")
}

func TestASocketThatSlackWantsBackIsNoTrouble(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.state(slack.Connected)
	h.Clock.Advance(time.Hour) // as long as sockets live
	h.Refresh()
	h.AwaitCalls("apps.connections.open", 2)
	h.state(slack.Connected)
	h.logged("level=INFO", "Slack asks for a new socket", "reason=warning")
	if n := h.log.has("sockets break") + h.log.has("slack:", "level=ERROR"); n > 0 {
		t.Errorf("%d lines tell of trouble", n)
	}
}

func TestTooManySocketsAreSaidToBeSo(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.Disconnect("too_many_websockets")
	h.logged("level=ERROR", "more than ten sockets are open")
	h.state(slack.Connected)
}

func TestASocketThatBreaksIsOpenedAgain(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	for range 5 {
		h.DropSocket()
		h.AwaitSockets(1)
	}
	h.state(slack.Connected)
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?")
	// Each break costs a pause that grows, so that a storm does not.
	calls := h.Calls("apps.connections.open")
	last, before := calls[len(calls)-1], calls[len(calls)-2]
	if pause := last.At.Sub(before.At); pause < time.Second {
		t.Errorf("the fifth socket was opened %v after the fourth", pause)
	}
}

func TestADeafSocketIsNoticed(t *testing.T) {
	h := newHouse(t, slackserver.Options{})
	h.ping = 500 * time.Millisecond
	h.start()
	h.Deaf()
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?")
	if h.log.has("ERROR", "the socket is deaf") == 0 {
		t.Error("nothing of it is in the log")
	}
	h.state(slack.Connected)
}

func TestAStreamThatDiedIsCompletedInPlace(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.Say(h.ann, h.room, h.Mention()+" hold the door?", "")
	<-h.answers.holding
	h.AwaitMessage(h.room, "a stream", func(m slackserver.Message) bool { return m.Stream == slackserver.Streaming })
	h.Clock.Advance(10 * time.Minute)
	close(h.answers.release)
	h.finished(h.room, "hold the door?")
	if n := len(h.botMessages(h.room)); n != 1 {
		t.Errorf("got %d messages", n)
	}
}

func TestACommandThatAStartLeftIsAnsweredByTheNext(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.Slash(h.ann, h.room, "/summit", "hold on?")
	<-h.answers.holding
	h.stop()
	close(h.answers.release)
	h.start()
	<-h.answers.holding
	if m := h.finished(h.room, "hold on?"); m.Only != h.ann {
		t.Errorf("the answer is for %q", m.Only)
	}
}

func TestABotTokenThatIsRevokedMeanwhileIsToldInHealth(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.state(slack.Connected)
	h.Fail("chat.postMessage", -1, slackserver.Fault{Error: "token_revoked"})
	h.Fail("chat.startStream", -1, slackserver.Fault{Error: "token_revoked"})
	h.Fail("assistant.threads.setStatus", -1, slackserver.Fault{Error: "token_revoked"})
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.state(slack.Revoked)
	h.Heal()
	h.Say(h.ann, h.room, h.Mention()+" who left?", "")
	h.finished(h.room, "who left?")
	h.state(slack.Connected)
}
