package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
)

// unfinished waits until n questions are answered and not noted as told, by an earlier
// start or by this one.
func (h *house) unfinished(n int) {
	h.t.Helper()
	h.Await("unfinished questions", func() bool {
		list, err := h.bot.Unfinished(h.t.Context(), "slack")
		return err == nil && len(list) == n
	})
}

func TestAnAnswerThatWasToldAndNotNotedStandsThereOnce(t *testing.T) {
	for _, where := range []string{"in a thread", "in a direct message"} {
		t.Run(where, func(t *testing.T) {
			h := newHouse(t, slackserver.Options{}).start()
			channel, text := h.room, h.Mention()+" who came?"
			if where != "in a thread" {
				channel, text = h.DM(h.ann), "who came?"
			}
			h.dies.Store(true)
			h.Say(h.ann, channel, text, "")
			first := h.finished(channel, "who came?")
			h.stop()
			h.dies.Store(false)
			h.start()
			h.unfinished(0)
			h.AwaitCalls("conversations.replies", 1)
			h.Say(h.ann, channel, strings.Replace(text, "came", "left", 1), "")
			h.finished(channel, "who left?")
			list := h.answersTo(channel, "who came?")
			if len(list) != 1 || list[0].TS != first.TS {
				t.Errorf("got %d answers, the first is at %s; want the one at %s", len(list), list[0].TS, first.TS)
			}
			if n := h.answers.times("who came?"); n != 1 {
				t.Errorf("the model was asked %d times", n)
			}
		})
	}
}

func TestAPrivateAnswerThatWasNotNotedAsToldIsToldAsLost(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.dies.Store(true)
	h.Slash(h.ann, h.room, "/summit", "who came?")
	h.finished(h.room, "who came?")
	h.stop()
	h.dies.Store(false)
	h.start()
	h.AwaitMessage(h.room, "that it may be lost", func(m slackserver.Message) bool {
		return m.Only == h.ann && strings.Contains(shown(m), "cannot be found out")
	})
	h.unfinished(0)
	if n := len(h.answersTo(h.room, "who came?")); n != 1 {
		t.Errorf("got %d answers", n)
	}
}

func TestWhatCannotBeToldWhileSlackIsAwayIsToldWhenItIsBack(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	away := func(c slackserver.Call) slackserver.Fault {
		if strings.HasPrefix(c.Method, "chat.") || strings.HasPrefix(c.Method, "conversations.") {
			return slackserver.Fault{Status: 503}
		}
		return slackserver.Fault{}
	}
	h.Fault(away)
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.unfinished(1) // it was given up, and is noted as not told
	h.Heal()
	h.Clock.Advance(2 * time.Minute)
	h.finished(h.room, "who came?")
	h.unfinished(0)
	if n := len(h.answersTo(h.room, "who came?")); n != 1 {
		t.Errorf("got %d answers", n)
	}
	if n := h.answers.times("who came?"); n != 1 {
		t.Errorf("the model was asked %d times", n)
	}
}

func TestAQuestionThatWasDeletedMeanwhileIsNotAnswered(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" hold on?", "")
	<-h.answers.holding
	h.AwaitMessage(h.room, "a stream", func(m slackserver.Message) bool { return m.Stream == slackserver.Streaming })
	h.stop()
	h.Delete(h.room, ts)
	close(h.answers.release)
	h.start()
	h.unfinished(0)
	h.Await("half an answer is gone", func() bool { return len(h.botMessages(h.room)) == 0 })
}

func TestAnEditAfterARestartIsAnsweredInPlace(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	first := h.finished(h.room, "who came?")
	h.unfinished(0)
	h.stop()
	h.start()
	h.Edit(h.room, ts, h.Mention()+" who left?")
	m := h.finished(h.room, "who left?")
	if m.TS != first.TS || len(h.botMessages(h.room)) != 1 {
		t.Errorf("the new answer does not stand in the place of the old one: %v", h.botMessages(h.room))
	}
	// What was said without a question of it is none, edited or not.
	other := h.Say(h.ann, h.room, "Lunch?", "")
	h.settle(other, 1)
	h.Edit(h.room, other, "Lunch at noon?")
	h.settle(other, 2)
	if n := h.answers.count.Load(); n != 2 {
		t.Errorf("%d questions were asked, not 2", n)
	}
}

func TestACommandCanBeTriedAgainAfterARestart(t *testing.T) {
	h := newHouse(t, slackserver.Options{Speed: clickSpeed}).start()
	h.Slash(h.ann, h.room, "/summit", "please break?")
	m := h.AwaitMessage(h.room, "the failure", func(m slackserver.Message) bool {
		return m.Only == h.ann && strings.Contains(shown(m), "something broke")
	})
	h.unfinished(0)
	h.stop()
	h.start()
	h.state(slack.Connected)
	h.Click(h.ann, h.room, m.TS, "retry", "")
	h.Await("a second failure", func() bool { return h.answers.times("please break?") == 2 })
}

func TestAnAnswerIsSharedOnceOverRestarts(t *testing.T) {
	h := newHouse(t, slackserver.Options{Speed: clickSpeed}).start()
	h.Slash(h.ann, h.room, "/summit", "who came?")
	m := h.finished(h.room, "who came?")
	shared := func() (n int) {
		for _, m := range h.answersTo(h.room, "who came?") {
			if m.Only == "" {
				n++
			}
		}
		return n
	}
	h.Click(h.ann, h.room, m.TS, "share", "")
	h.Await("the shared answer", func() bool { return shared() == 1 })
	h.unfinished(0)
	h.stop()
	h.start()
	h.state(slack.Connected)
	before := len(h.Calls("conversations.history"))
	h.Click(h.ann, h.room, m.TS, "share", "")
	h.AwaitCalls("conversations.history", before+1)
	h.stop() // waits for what is under way
	if n := shared(); n != 1 {
		t.Errorf("shared %d times", n)
	}
}

func TestAShareThatFailedCanBeTriedAgain(t *testing.T) {
	h := newHouse(t, slackserver.Options{Speed: clickSpeed}).start()
	h.Slash(h.ann, h.room, "/summit", "who came?")
	m := h.finished(h.room, "who came?")
	h.Fail("chat.postMessage", 1, slackserver.Fault{Error: "channel_is_limited_access"})
	h.Click(h.ann, h.room, m.TS, "share", "")
	h.AwaitCalls("chat.postMessage", 1)
	h.Heal()
	h.Await("the shared answer", func() bool {
		h.Click(h.ann, h.room, m.TS, "share", "")
		for _, m := range h.answersTo(h.room, "who came?") {
			if m.Only == "" {
				return true
			}
		}
		return false
	})
}

func TestAQuestionThatIsDeletedWhileItsEditIsResumedIsNotAnswered(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?")
	h.Edit(h.room, ts, h.Mention()+" hold on?")
	<-h.answers.holding
	h.stop()
	h.start()
	<-h.answers.holding // the edit, resumed
	h.Delete(h.room, ts)
	h.Await("what stood there is gone", func() bool { return len(h.botMessages(h.room)) == 0 })
	h.unfinished(0)
}

func TestPostsOfOneThreadAreAnsweredInTheirOrder(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	root := h.Say(h.ann, h.room, h.Mention()+" hold the door?", "")
	<-h.answers.holding
	var want []string
	for i := range 12 {
		text := fmt.Sprintf("who came %d?", i)
		want = append(want, text)
		h.Say(h.ann, h.room, h.Mention()+" "+text, root)
	}
	close(h.answers.release)
	h.finished(h.room, want[len(want)-1])
	var got []string
	for _, m := range h.botMessages(h.room) {
		for _, text := range want {
			if strings.Contains(shown(m), "Claim 1 of "+text) {
				got = append(got, text)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
