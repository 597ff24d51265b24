package discord_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

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

func TestSourcesAreShownToWhoAsksForThem(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	m := h.finished(h.room, "who came to Alaska?")
	shown := h.AwaitAnswer(h.Click(h.ben, h.room, m.ID, press(t, m, "sources")))
	if shown.Only != h.ben || !strings.Contains(shown.Text(), "A sentence of the document.") {
		t.Errorf("shown to %q: %q", shown.Only, shown.Text())
	}
}

func TestAPrivateAnswerIsSharedOnce(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Slash(h.ann, h.room, "summit", map[string]any{"question": "who came to Alaska?", "private": true})
	m := h.finished(h.room, "who came to Alaska?")
	button := press(t, m, "share")
	h.AwaitAnswer(h.Click(h.ann, h.room, m.ID, button))
	second := h.Click(h.ann, h.room, m.ID, button)
	h.AwaitInteraction(second, "an answer to the second press", func(i discordserver.Interaction) bool { return i.Type != 0 })
	public := slices.DeleteFunc(h.answersTo(h.room, "who came to Alaska?"), func(m discordserver.Message) bool { return m.Only != "" })
	if len(public) != 1 || !strings.Contains(public[0].Text(), "<@"+h.ann+">") {
		t.Errorf("shared as %+v", public)
	}
	h.quiet(h.room)
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
	h.Await("the mention is turned away", func() bool { return len(h.Answers(h.room)) == 3 })
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
	h := newHouse(t, discordserver.Options{}).start()
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
	var kept []bot.Feedback
	h.until("the verdict", func() bool {
		list, err := h.journal.Feedback(context.WithoutCancel(t.Context()), "a-000000000001")
		kept = list
		return err == nil && len(list) == 1 && list[0].Text != ""
	})
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
