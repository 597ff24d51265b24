package discord_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"summitbot/bot"
	"summitbot/bot/discord"
	"summitbot/bot/discord/discordserver"
)

func TestAChannelCanBeAnsweredInThreads(t *testing.T) {
	h := newHouse(t, discordserver.Options{Privileged: discordserver.MessageContent})
	h.options.Channels[h.room] = discord.Channel{Answer: discord.Thread}
	h.start()
	id := h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(id, "who came to Alaska?")
	if n := len(h.Answers(h.room)); n != 0 {
		t.Errorf("%d messages stand in the channel itself", n)
	}
	h.Say(h.ann, id, "who left before?") // no mention: the thread is followed
	m := h.finished(id, "who left before?")
	if !strings.Contains(m.Text(), "Before that: who came to Alaska?") {
		t.Errorf("the thread is no conversation: %q", m.Text())
	}
	h.Say(h.ben, id, "thank you")
	h.Say(h.ann, id, "who else? <@"+h.ben+">")
	h.Say(h.ann, h.room, "who is not asked?")
	h.Say(h.ann, h.room, h.Mention()+" who is last?")
	h.AwaitMessage(h.room, "a thread for the last", func(m discordserver.Message) bool { return m.Thread != "" && m.ID != id })
	if n := h.answers.times("who is not asked?") + h.answers.times("who else?"); n != 0 {
		t.Errorf("the bot answered %d times what was not for it", n)
	}
}

func TestAReplyToAnAnswerGoesOnWithTheConversation(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	m := h.finished(h.room, "who came to Alaska?")
	h.stop()
	h.run() // the journal knows it too
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	h.Reply(h.ben, h.room, m.ID, "who left before?", true)
	if m := h.finished(h.room, "who left before?"); !strings.Contains(m.Text(), "Before that: who came to Alaska?") {
		t.Errorf("it is another conversation: %q", m.Text())
	}
}

func TestAReplyThatDoesNotPingGoesOnToo(t *testing.T) {
	h := newHouse(t, discordserver.Options{Privileged: discordserver.MessageContent}).start()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	m := h.finished(h.room, "who came to Alaska?")
	h.Reply(h.ben, h.room, m.ID, "who left before?", false)
	if m := h.finished(h.room, "who left before?"); !strings.Contains(m.Text(), "Before that: who came to Alaska?") {
		t.Errorf("it is another conversation: %q", m.Text())
	}
}

func TestAReplyToTheAnswerOfACommandGoesOnWithIt(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Slash(h.ann, h.room, "summit", map[string]any{"question": "who came to Alaska?"})
	m := h.finished(h.room, "who came to Alaska?")
	h.Reply(h.ben, h.room, m.ID, "who left before?", true)
	if m := h.finished(h.room, "who left before?"); !strings.Contains(m.Text(), "Before that: who came to Alaska?") {
		t.Errorf("it is another conversation: %q", m.Text())
	}
}

func TestTheBotsThreadIsFollowedAfterARestart(t *testing.T) {
	h := newHouse(t, discordserver.Options{Privileged: discordserver.MessageContent})
	h.options.Channels[h.room] = discord.Channel{Answer: discord.Thread}
	h.start()
	id := h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(id, "who came to Alaska?")
	h.stop()
	h.run()
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	h.Say(h.ann, id, "who left before?")
	if m := h.finished(id, "who left before?"); !strings.Contains(m.Text(), "Before that: who came to Alaska?") {
		t.Errorf("it is another conversation: %q", m.Text())
	}
}

func TestEditsOfAnAnswerThatGrowsAreThrottled(t *testing.T) {
	const text = "who came slowly?"
	for name, slash := range map[string]bool{"mention": false, "command": true} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, discordserver.Options{}).start()
			route := "PATCH /channels/{channel}/messages/{message}"
			if slash {
				route = "PATCH /webhooks/{application}/{token}/messages/@original"
				h.Slash(h.ann, h.room, "summit", map[string]any{"question": text})
			} else {
				h.Say(h.ann, h.room, h.Mention()+" "+text)
			}
			h.AwaitMessage(h.room, "the answer", buttoned)
			calls := h.Calls(route)
			if len(calls) < 3 || len(calls) > 6 {
				t.Errorf("%d edits in six seconds", len(calls))
			}
			for i := 1; i < len(calls)-1; i++ { // the last one is the answer
				if pause := calls[i].At.Sub(calls[i-1].At); pause < 1900*time.Millisecond {
					t.Errorf("edit %d came after %v", i, pause)
				}
			}
		})
	}
}

func TestAMessageIsCheckedAgainstTheDocumentsForWhoAsks(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start() // without the intent: the command brings the text
	said := h.Say(h.ben, h.room, "Nobody came. <@"+h.ann+">")
	m := h.AwaitAnswer(h.MessageCommand(h.ann, h.room, said, "Check against the documents"))
	if m.Only != h.ann || !strings.Contains(m.Text(), "Nobody came") || !strings.Contains(m.Text(), "Not in the documents") {
		t.Errorf("shown to %q: %q", m.Only, m.Text())
	}
	if len(h.Answers(h.room)) != 1 {
		t.Error("there is more")
	}
}

func TestAnotherGatewayThanTheAPINamesIsTaken(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	h.options.GatewayURL = "ws" + strings.TrimPrefix(h.URL(), "http") + "/gateway"
	h.start()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	if n := len(h.Calls("GET /gateway")); n != 0 {
		t.Errorf("the API was asked %d times", n)
	}
}

func TestSourcesAreShownToWhoAsksForThem(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	m := h.finished(h.room, "who came to Alaska?")
	shown := h.AwaitAnswer(h.Click(h.ben, h.room, m.ID, press(t, m, "sources")))
	if shown.Only != h.ben || !strings.Contains(shown.Text(), "A sentence of the document.") {
		t.Errorf("shown to %q: %q", shown.Only, shown.Text())
	}
}

// shared are the messages that show an answer to all that was given to one person.
func (h *house) shared(text string) []discordserver.Message {
	return slices.DeleteFunc(h.Answers(h.room), func(m discordserver.Message) bool { return m.Only != "" || !strings.Contains(m.Text(), text) })
}

// pressed presses a button and waits until that was answered.
func (h *house) pressed(user, channel, message, button string) {
	h.t.Helper()
	id := h.Click(user, channel, message, button)
	h.AwaitInteraction(id, "an answer to a press", func(i discordserver.Interaction) bool { return i.Type != 0 })
}

func TestAPrivateAnswerIsSharedOnceOverRestartsAndFaults(t *testing.T) {
	const follow = "POST /webhooks/{application}/{token}"
	for name, f := range map[string]discordserver.Fault{
		"no fault": {}, "taken and reset": {Reset: true, Taken: true}, "taken and 500": {Status: 500, Taken: true}, "reset": {Reset: true}, "limit": {Status: 429, RetryAfter: 1},
	} {
		for _, text := range []string{"who came to Alaska?", "a long story of whom?"} {
			t.Run(name+" "+text, func(t *testing.T) {
				h := newHouse(t, discordserver.Options{}).start()
				h.Slash(h.ann, h.room, "summit", map[string]any{"question": text, "private": true})
				last := h.AwaitMessage(h.room, "the private answer", func(m discordserver.Message) bool {
					return m.Only == h.ann && slices.ContainsFunc(m.Buttons(), func(b discordserver.Button) bool { return strings.HasPrefix(b.CustomID, "share:") })
				})
				if f != (discordserver.Fault{}) {
					h.Fail(follow, 2, f)
				}
				button := press(t, last, "share")
				h.pressed(h.ann, h.room, last.ID, button)
				whole := func() bool {
					list := h.shared("of " + text)
					return len(list) > 0 && len(list[len(list)-1].Buttons()) > 0
				}
				h.Await("it is shared", whole)
				h.pressed(h.ann, h.room, last.ID, button)
				h.stop()
				h.run()
				h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
				h.pressed(h.ann, h.room, last.ID, button)
				h.Say(h.ben, h.room, h.Mention()+" who is last?")
				h.finished(h.room, "who is last?")
				h.stop() // waits for what is under way
				told := map[string]int{}
				for _, m := range h.shared("of " + text) {
					for _, c := range claimed.FindAllString(strings.ReplaceAll(m.Content, `\`, ""), -1) {
						told[c]++
					}
				}
				if len(told) != claimsTo(text) {
					t.Errorf("%d claims are shared of %d", len(told), claimsTo(text))
				}
				for c, n := range told {
					if n != 1 {
						t.Errorf("%q is shared %d times", c, n)
					}
				}
				if first := h.shared(text)[0]; !strings.Contains(first.Text(), "<@"+h.ann+">") {
					t.Errorf("nobody shares it: %q", first.Text())
				}
				h.quiet(h.room)
			})
		}
	}
}

func TestAShareThatARestartCutShortIsCompleted(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Slash(h.ann, h.room, "summit", map[string]any{"question": "a long story of whom?", "private": true})
	last := h.AwaitMessage(h.room, "the private answer", func(m discordserver.Message) bool { return len(m.Buttons()) > 0 })
	h.Fault(func(c discordserver.Call) discordserver.Fault { // nothing comes through after the first part
		if c.Route == "POST /webhooks/{application}/{token}" && strings.Contains(string(c.Body), "Claim 5 of") {
			return discordserver.Fault{Status: 403}
		}
		return discordserver.Fault{}
	})
	h.pressed(h.ann, h.room, last.ID, press(t, last, "share"))
	h.until("an error in the log", func() bool { return h.log.has("level=ERROR", "action=share") > 0 })
	h.stop()
	h.Heal()
	h.run()
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	h.pressed(h.ann, h.room, last.ID, press(t, last, "share"))
	h.Await("it is shared", func() bool {
		list := h.shared("of a long story of whom?")
		return len(list) > 0 && len(list[len(list)-1].Buttons()) > 0
	})
	told := 0
	for _, m := range h.shared("of a long story of whom?") {
		told += len(claimed.FindAllString(strings.ReplaceAll(m.Content, `\`, ""), -1))
	}
	if told != claimsTo("long") {
		t.Errorf("%d claims are shared", told)
	}
}

func TestCollectionsBindWhatIsShownAndShared(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	open := h.AddChannel(h.Guild, "open")
	h.options.Channels[open] = discord.Channel{Collections: []string{"public"}}
	h.start()
	h.Slash(h.ann, open, "summit", map[string]any{"question": "the secret?", "private": true})
	m := h.finished(open, "the secret?")
	for _, action := range []string{"share", "sources"} {
		shown := h.AwaitAnswer(h.Click(h.ann, open, m.ID, press(t, m, action)))
		if shown.Only != h.ann || strings.Contains(shown.Text(), "Claim 1") || strings.Contains(shown.Text(), "A sentence") {
			t.Errorf("%s shows %q to %q", action, shown.Text(), shown.Only)
		}
	}
	list := h.AwaitAnswer(h.Slash(h.ann, open, "sources", nil))
	if !strings.Contains(list.Text(), "The summit") || strings.Contains(list.Text(), "Plans") {
		t.Errorf("the list shows %q", list.Text())
	}
	if shown := h.AwaitAnswer(h.Slash(h.ann, open, "show", map[string]any{"paragraph": "plans#1"})); strings.Contains(shown.Text(), "A sentence") {
		t.Errorf("a paragraph is shown: %q", shown.Text())
	}
	if shown := h.AwaitAnswer(h.Slash(h.ann, open, "show", map[string]any{"paragraph": "2"})); !strings.Contains(shown.Text(), "A sentence") {
		t.Errorf("a paragraph is not shown by its number: %q", shown.Text())
	}
	auto := h.AwaitInteraction(h.Autocomplete(h.ann, open, "show", "paragraph", map[string]any{"paragraph": "talks"}), "choices",
		func(i discordserver.Interaction) bool { return i.Choices != nil })
	var choices []struct{ Value string }
	if err := json.Unmarshal(auto.Choices, &choices); err != nil || len(choices) != 3 || choices[0].Value != "summit#1" {
		t.Errorf("choices %s, %v", auto.Choices, err)
	}
}

func TestOnlyRolesMayAsk(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	role := h.AddRole(h.Guild, "team")
	h.Give(h.Guild, h.ann, role)
	h.options.Guilds = map[string]discord.Channel{h.Guild: {Roles: []string{role}}}
	h.start()
	h.Say(h.ann, h.room, h.Mention()+" who may?")
	h.finished(h.room, "who may?")
	h.Say(h.ben, h.room, h.Mention()+" who may not?")
	told := h.AwaitAnswer(h.Slash(h.ben, h.room, "summit", map[string]any{"question": "who may not?"}))
	if told.Only != h.ben {
		t.Errorf("all can see %q", told.Text())
	}
	away := h.AwaitMessage(h.DM(h.ben), "the mention is turned away", func(m discordserver.Message) bool { return m.FromBot })
	if !strings.Contains(away.Text(), "<#"+h.room+">") {
		t.Errorf("it does not say where: %q", away.Text())
	}
	again := h.Say(h.ben, h.room, h.Mention()+" who may not?")
	h.Edit(h.room, again, h.Mention()+" who may by an edit?")
	h.Say(h.ann, h.room, h.Mention()+" who is last?")
	h.finished(h.room, "who is last?")
	h.stop() // waits for what is under way
	if n := len(h.Answers(h.DM(h.ben))); n != 1 {
		t.Errorf("it is told %d times", n)
	}
	for _, m := range h.Answers(h.room) {
		if m.Only == "" && strings.Contains(m.Text(), "may not") {
			t.Errorf("all can see %q", m.Text())
		}
	}
	if n := h.answers.times("who may by an edit?"); n != 0 {
		t.Error("an edit was answered of somebody who may not ask")
	}
	if h.answers.times("who may not?") != 0 {
		t.Error("it was answered")
	}
}

func TestAFailureIsTriedAgainInItsPlace(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Say(h.ann, h.room, h.Mention()+" break the door?")
	failed := h.AwaitMessage(h.room, "a failure", func(m discordserver.Message) bool { return m.FromBot && len(m.Buttons()) > 0 })
	h.answers.mended.Store(true)
	h.Click(h.ann, h.room, failed.ID, press(t, failed, "retry"))
	if m := h.finished(h.room, "break the door?"); m.ID != failed.ID || len(h.Answers(h.room)) != 1 {
		t.Errorf("the answer is message %s and not %s, of %d", m.ID, failed.ID, len(h.Answers(h.room)))
	}
}

func TestFeedbackIsKeptWithItsReasonAndWords(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	h.disk = make(chan struct{})
	h.start()
	modal := h.openModal()
	var opened struct {
		Components []struct {
			Components []struct {
				CustomID string `json:"custom_id"`
			}
		}
	}
	if err := json.Unmarshal(h.Interaction(modal).Modal, &opened); err != nil {
		t.Fatal(err)
	}
	h.AwaitAnswer(h.Submit(modal, map[string]string{opened.Components[0].Components[0].CustomID: "It is not so."}))
	if err := h.Clock.Sleep(t.Context(), time.Second); err != nil { // time enough to keep the words
		t.Fatal(err)
	}
	close(h.disk) // the reason, which was given before, is kept after that
	h.stop()      // waits for what is under way
	kept, err := h.journal.Feedback(context.WithoutCancel(t.Context()), "a-000000000001")
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %+v, %v", kept, err)
	}
	if f := kept[0]; f.Verdict != bot.Bad || f.Reason != "misread" || f.Text != "It is not so." || f.User != h.ann {
		t.Errorf("kept %+v", f)
	}
}

func TestAnEditedQuestionIsAnsweredAnewInPlace(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	id := h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	first := h.finished(h.room, "who came to Alaska?")
	h.Edit(h.room, id, h.Mention()+" who left Alaska?")
	if m := h.finished(h.room, "who left Alaska?"); m.ID != first.ID || len(h.Answers(h.room)) != 1 {
		t.Errorf("the new answer is %s and not %s, of %d", m.ID, first.ID, len(h.Answers(h.room)))
	}
}

func TestADeletedQuestionEndsItsAnswer(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	id := h.Say(h.ann, h.room, h.Mention()+" hold the door?")
	<-h.answers.holding
	h.AwaitMessage(h.room, "the first claim", func(m discordserver.Message) bool { return m.ReplyTo == id })
	h.Delete(h.room, id)
	h.Await("nothing stands there", func() bool { return len(h.Answers(h.room)) == 0 })
	close(h.answers.release)
}

func TestAnUnfinishedQuestionIsAnsweredAfterARestartInItsPlace(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	id := h.Say(h.ann, h.room, h.Mention()+" hold the door?")
	<-h.answers.holding
	first := h.AwaitMessage(h.room, "the first claim", func(m discordserver.Message) bool { return m.ReplyTo == id })
	h.stop()
	close(h.answers.release)
	h.run()
	if m := h.finished(h.room, "hold the door?"); m.ID != first.ID {
		t.Errorf("the answer is %s and not %s", m.ID, first.ID)
	}
}

func TestAnAnswerThatWasToldAndNotNotedIsNotToldAgain(t *testing.T) {
	for _, way := range []string{"mention", "direct", "slash", "private"} {
		t.Run(way, func(t *testing.T) {
			h := newHouse(t, discordserver.Options{}).start()
			h.dies.Store(true)
			const text = "who came to Alaska?"
			where := h.room
			switch way {
			case "mention":
				h.Say(h.ann, h.room, h.Mention()+" "+text)
			case "direct":
				where = h.DM(h.ann)
				h.Say(h.ann, where, text)
			default:
				h.Slash(h.ann, h.room, "summit", map[string]any{"question": text, "private": way == "private"})
			}
			h.finished(where, text)
			h.stop()
			h.dies.Store(false)
			h.run()
			h.until("nothing is unfinished", func() bool {
				list, err := h.journal.Unfinished(context.WithoutCancel(t.Context()), "discord")
				return err == nil && len(list) == 0 && h.front.Health().State == discord.Connected
			})
			h.stop() // waits for what is under way
			told := len(h.answersTo(where, text)) + len(h.answersTo(h.DM(h.ann), text))
			if where == h.DM(h.ann) {
				told /= 2
			}
			if told != 1 {
				t.Errorf("told %d times", told)
			}
			if way == "private" {
				h.alone()
			}
			if h.answers.times(text) != 1 {
				t.Errorf("asked %d times", h.answers.times(text))
			}
			if way == "private" {
				for _, m := range h.Answers(h.room) {
					if m.Only == "" {
						t.Errorf("all can see %q", m.Text())
					}
				}
			}
		})
	}
}

func TestMissedMentionsAreCaughtUp(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	h.stop()
	h.Say(h.ben, h.room, h.Mention()+" who was missed?")
	h.run()
	h.finished(h.room, "who was missed?")
	h.stop()
	h.run()
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	h.Say(h.ann, h.room, h.Mention()+" who is last?")
	h.finished(h.room, "who is last?")
	if n := h.answers.times("who came to Alaska?") + h.answers.times("who was missed?"); n != 2 {
		t.Errorf("two questions were asked %d times", n)
	}
}

func TestWhatIsAskedBetweenTwoSessionsIsCaughtUpOnce(t *testing.T) {
	for name, loses := range map[string]func(*house){
		"op 9":            func(h *house) { h.Invalidate(false) },
		"invalid number":  func(h *house) { h.CloseWith(4007) },
		"session is over": func(h *house) { h.ForgetSessions(); h.DropGateway() },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, discordserver.Options{}).start()
			dm := h.DM(h.ben)
			h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
			first := h.finished(h.room, "who came to Alaska?")
			h.Say(h.ben, dm, "who came with them?")
			h.finished(dm, "who came with them?")
			loses(h)
			h.ForgetSessions() // nothing of what follows is delivered
			for i := range 3 {
				h.Say(h.ann, h.room, h.Mention()+fmt.Sprintf(" who was missed as number %d?", i))
			}
			h.Reply(h.ben, h.room, first.ID, "who left before?", true)
			h.Say(h.ben, dm, "who was missed there?")
			for i := range 3 {
				h.finished(h.room, fmt.Sprintf("who was missed as number %d?", i))
			}
			if m := h.finished(h.room, "who left before?"); !strings.Contains(m.Text(), "Before that: who came to Alaska?") {
				t.Errorf("it is another conversation: %q", m.Text())
			}
			h.finished(dm, "who was missed there?")
			h.stop() // waits for what is under way
			if n := len(h.Answers(h.room)) + len(h.Answers(dm)); n != 7 {
				t.Errorf("%d messages of the bot, for seven questions", n)
			}
			if n := len(h.Identifies()); n != 2 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

func TestDirectMessagesMissedDuringARestartAreCaughtUp(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	dm := h.DM(h.ann)
	h.Say(h.ann, dm, "who came to Alaska?")
	h.finished(dm, "who came to Alaska?")
	h.stop()
	h.Say(h.ann, dm, "who was missed?")
	h.run()
	h.finished(dm, "who was missed?")
	if n := h.answers.times("who came to Alaska?") + h.answers.times("who was missed?"); n != 2 {
		t.Errorf("two questions were asked %d times", n)
	}
}

func TestCommandsAreRegisteredOnlyIfTheyDiffer(t *testing.T) {
	for name, guild := range map[string]bool{"everywhere": false, "in one guild": true} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, discordserver.Options{})
			if guild {
				h.options.Guild = h.Guild
			}
			h.start()
			h.stop()
			h.run()
			h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
			h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
			h.finished(h.room, "who came to Alaska?")
			puts := 0
			for _, c := range h.Calls("") {
				if c.Method == "PUT" {
					puts++
				}
			}
			if puts != 1 {
				t.Errorf("registered %d times", puts)
			}
			if n := len(h.Commands(h.options.Guild)); n != 4 {
				t.Errorf("%d commands", n)
			}
		})
	}
}

func TestDiagnoseSaysWhatIsMissing(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	h.Overwrite(h.room, 0, discordserver.EmbedLinks)
	access := discord.Access{Token: h.Token, APIURL: h.URL(), MessageContent: true, Channels: []string{h.room}, Guilds: []string{"123456789012345678"}}
	status := map[string]discord.Status{}
	for _, f := range discord.Diagnose(t.Context(), access) {
		status[f.Subject] = f.Status
		if f.Subject == "channel "+h.room && !strings.Contains(f.Text, "Embed Links") {
			t.Errorf("of the channel it says %q", f.Text)
		}
	}
	for subject, want := range map[string]discord.Status{
		"token": discord.Good, "message content intent": discord.Missing, "servers": discord.Good, "server 123456789012345678": discord.Missing,
		"channel " + h.room: discord.Missing, "commands": discord.Unknown,
	} {
		if status[subject] != want {
			t.Errorf("%s: %q, want %q", subject, status[subject], want)
		}
	}
	id, err := discord.ApplicationID(t.Context(), access)
	if want := "https://discord.com/oauth2/authorize?client_id=" + h.App + "&permissions=309237730304&scope=bot+applications.commands"; err != nil || discord.Invite("", id) != want {
		t.Errorf("invite %s, %v; want %s", discord.Invite("", id), err, want)
	}
	h.RevokeToken()
	if found := discord.Diagnose(t.Context(), access); len(found) != 1 || found[0].Status != discord.Missing || !strings.Contains(found[0].Fix, "discord.token") {
		t.Errorf("of a revoked token it says %+v", found)
	}
}
