package discord_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"summitbot/bot/discord"
	"summitbot/bot/discord/discordserver"
)

func TestWhatAChannelLeavesOutIsAsItsGuildSaysAndThenAsTheDefaults(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	role := h.AddRole(h.Guild, "team")
	h.Give(h.Guild, h.ann, role)
	open := h.AddChannel(h.Guild, "open")
	h.options.Defaults = discord.Channel{Collections: []string{"public"}, Private: new(true)}
	h.options.Guilds = map[string]discord.Channel{h.Guild: {Roles: []string{role}, Collections: []string{"secret"}}}
	h.options.Channels[h.room] = discord.Channel{Private: new(false)}
	h.options.Channels[open] = discord.Channel{Roles: []string{h.Guild}, Collections: []string{"public", "secret"}}
	h.start()

	lists := func(user, channel, title string) bool {
		m := h.AwaitAnswer(h.Slash(user, channel, "sources", nil))
		return strings.Contains(m.Text(), title)
	}
	dm := h.DM(h.ben)
	for _, tt := range []struct {
		what          string
		user, channel string
		title         string
		want          bool
	}{
		{"the collections are the guild's", h.ann, h.room, "Plans", true},
		{"the guild's collections are not added to the defaults'", h.ann, h.room, "The summit", false},
		{"the roles are the guild's", h.ben, h.room, "Plans", false},
		{"a channel's own roles come before the guild's", h.ben, open, "The summit", true},
		{"a channel's own collections come before the guild's", h.ben, open, "Plans", true},
		{"a direct message has the defaults", h.ben, dm, "The summit", true},
		{"a direct message has nothing of a guild", h.ben, dm, "Plans", false},
	} {
		if got := lists(tt.user, tt.channel, tt.title); got != tt.want {
			t.Errorf("%s: %s is listed: %v", tt.what, tt.title, got)
		}
	}
	for channel, only := range map[string]string{h.room: "", open: h.ann} { // said by the channel; by the defaults alone
		id := h.Slash(h.ann, channel, "summit", map[string]any{"question": "who came to Alaska?"})
		if m := h.AwaitAnswer(id); m.Only != only {
			t.Errorf("in %s the answer is for %q, want %q", channel, m.Only, only)
		}
	}
}

func TestAThreadHasTheRulesOfItsChannel(t *testing.T) {
	h := newHouse(t, discordserver.Options{Privileged: discordserver.MessageContent})
	h.options.Guilds = map[string]discord.Channel{h.Guild: {Collections: []string{"secret"}}}
	h.options.Channels[h.room] = discord.Channel{Answer: discord.Thread, Collections: []string{"public"}}
	h.start()
	id := h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(id, "who came to Alaska?")
	if m := h.AwaitAnswer(h.Slash(h.ann, id, "sources", nil)); !strings.Contains(m.Text(), "The summit") || strings.Contains(m.Text(), "Plans") {
		t.Errorf("in the thread it lists %q", m.Text())
	}
}

// What comes within a millisecond comes in its order: each question leans on the one
// before it.
func TestQuestionsOfOneConversationAreAnsweredInTheOrderInWhichTheyCame(t *testing.T) {
	for name, direct := range map[string]bool{"direct message": true, "thread": false} {
		t.Run(name, func(t *testing.T) {
			const most = 12
			h := newHouse(t, discordserver.Options{Privileged: discordserver.MessageContent})
			h.options.Channels[h.room] = discord.Channel{Answer: discord.Thread}
			h.start()
			where := h.DM(h.ann)
			if !direct {
				where = h.Say(h.ann, h.room, h.Mention()+" who is first?")
				h.finished(where, "who is first?")
			}
			for i := range most {
				h.Say(h.ann, where, fmt.Sprintf("who is %d before?", i))
			}
			for i := range most {
				m := h.finished(where, fmt.Sprintf("who is %d before?", i))
				if want := fmt.Sprintf("Before that: who is %d before?", i-1); i > 0 && !strings.Contains(m.Text(), want) {
					t.Errorf("question %d was answered as %q", i, m.Text())
				}
			}
		})
	}
}

func TestAQuestionThatIsEditedOrDeletedAtOnceIsSo(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	for i := range 10 {
		id := h.Say(h.ann, h.room, h.Mention()+fmt.Sprintf(" who is %d?", i))
		h.Edit(h.room, id, h.Mention()+fmt.Sprintf(" who is the new %d?", i))
		gone := h.Say(h.ben, h.room, h.Mention()+fmt.Sprintf(" who is gone %d?", i))
		h.Delete(h.room, gone)
	}
	for i := range 10 {
		h.finished(h.room, fmt.Sprintf("who is the new %d?", i))
	}
	h.stop() // waits for what is under way
	if n := len(h.Answers(h.room)); n != 10 {
		t.Errorf("%d messages of the bot, for ten questions", n)
	}
}

func TestWhoAsksNothingIsToldWhatCanBeAsked(t *testing.T) {
	const intro = "Answers come from the documents alone."
	h := newHouse(t, discordserver.Options{})
	h.options.Channels[h.room] = discord.Channel{Collections: []string{"public"}, Answer: discord.Thread}
	h.start()
	id := h.Say(h.ann, h.room, h.Mention())
	m := h.AwaitMessage(h.room, "help", func(m discordserver.Message) bool { return m.ReplyTo == id })
	if !strings.Contains(m.Text(), intro) || !strings.Contains(m.Text(), "Talks 1 of summit?") || strings.Contains(m.Text(), "plans") {
		t.Errorf("told %q", m.Text())
	}
	dm := h.DM(h.ann)
	h.Say(h.ann, dm, "Hilfe!")
	h.AwaitMessage(dm, "help in a direct message", func(m discordserver.Message) bool { return m.FromBot && strings.Contains(m.Text(), intro) })
	for _, question := range []string{"help", "  ", "?"} {
		shown := h.AwaitAnswer(h.Slash(h.ben, h.room, "summit", map[string]any{"question": question}))
		if shown.Only != h.ben || !strings.Contains(shown.Text(), intro) {
			t.Errorf("%q: shown to %q: %q", question, shown.Only, shown.Text())
		}
	}
	h.Edit(h.room, id, h.Mention()+" who came to Alaska?")
	if answered := h.finished(h.room, "who came to Alaska?"); answered.ID != m.ID {
		t.Errorf("the answer is message %s, the help is %s", answered.ID, m.ID)
	}
	german := h.AddChannel(h.Guild, "german")
	h.stop()
	h.options.Channels[german] = discord.Channel{Language: "de"}
	h.run()
	h.until("connected", func() bool { return h.front.Health().State == discord.Connected })
	if shown := h.AwaitAnswer(h.Slash(h.ben, german, "summit", map[string]any{"question": "help"})); !strings.Contains(shown.Text(), "Dokumente") {
		t.Errorf("in German it says %q", shown.Text())
	}
}

func TestEveryCallNamesTheProgramAndWhereItIs(t *testing.T) {
	h := newHouse(t, discordserver.Options{})
	h.options.PublicURL, h.options.Version = "https://ask.example.org", "v1.2.3"
	h.start()
	h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	h.finished(h.room, "who came to Alaska?")
	calls := h.Calls("")
	if at := slices.IndexFunc(calls, func(c discordserver.Call) bool {
		return c.Header.Get("User-Agent") != "DiscordBot (https://ask.example.org, v1.2.3) summitbot"
	}); at >= 0 || len(calls) == 0 {
		t.Errorf("call %d of %d says %q", at, len(calls), calls[max(at, 0)].Header.Get("User-Agent"))
	}
}
