package discordserver_test

import (
	"errors"
	"testing"

	"summitbot/bot/discord/discordserver"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"
)

func TestTheLibraryHearsAMentionAndAnswersIt(t *testing.T) {
	s := recorded(t, discordserver.Options{})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	d := library(t, s)
	heard := make(chan *discordgo.MessageCreate, 10)
	d.AddHandler(func(_ *discordgo.Session, m *discordgo.MessageCreate) { heard <- m })
	ready := make(chan *discordgo.Ready, 1)
	d.AddHandler(func(_ *discordgo.Session, r *discordgo.Ready) { ready <- r })
	online(t, s, d)
	if r := <-ready; r.Application.ID != s.App || r.User.ID != s.Bot || r.SessionID == "" {
		t.Errorf("got application %s, user %s, session %q", r.Application.ID, r.User.ID, r.SessionID)
	}

	asked := s.Say(ann, channel, s.Mention()+" how high is it?")
	m := <-heard
	if m.ID != asked || m.Content != "<@"+s.Bot+"> how high is it?" || m.Author.ID != ann || m.GuildID != s.Guild {
		t.Errorf("heard %+v", m.Message)
	}
	if len(m.Mentions) != 1 || m.Mentions[0].ID != s.Bot {
		t.Errorf("mentions are %v, want the bot", m.Mentions)
	}
	if err := d.ChannelTyping(channel); err != nil {
		t.Error(err)
	}
	sent, err := d.ChannelMessageSendComplex(channel, &discordgo.MessageSend{
		Content: "2,962 m", Reference: m.SoftReference(),
		AllowedMentions: &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if own := <-heard; own.ID != sent.ID || own.Author.ID != s.Bot || own.ReferencedMessage == nil || own.ReferencedMessage.ID != asked {
		t.Errorf("the bot's own message came as %+v", own.Message)
	}
	answers := s.Answers(channel)
	if len(answers) != 1 || answers[0].ReplyTo != asked || len(answers[0].Pings) != 0 || s.Typing(channel) != 1 {
		t.Errorf("got answers %v, typing %d times", answers, s.Typing(channel))
	}
	if _, err := d.ChannelMessageEdit(channel, sent.ID, "2,963 m"); err != nil {
		t.Error(err)
	}
	if err := d.ChannelMessageDelete(channel, sent.ID); err != nil {
		t.Error(err)
	}
	if m, _ := s.Message(channel, sent.ID); !m.Deleted || m.Edits != 1 || m.Content != "2,963 m" {
		t.Errorf("the message ended as %+v", m)
	}
}

func TestTheLibraryAnswersACommandThatItRegistered(t *testing.T) {
	s := recorded(t, discordserver.Options{})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	d := library(t, s)
	heard := make(chan *discordgo.InteractionCreate, 10)
	d.AddHandler(func(_ *discordgo.Session, i *discordgo.InteractionCreate) { heard <- i })
	online(t, s, d)
	if _, err := d.ApplicationCommandBulkOverwrite(s.App, "", []*discordgo.ApplicationCommand{{
		Name: "summit", Description: "Asks the documents",
		Options: []*discordgo.ApplicationCommandOption{
			{Type: discordgo.ApplicationCommandOptionString, Name: "question", Description: "What you want to know", Required: true},
			{Type: discordgo.ApplicationCommandOptionBoolean, Name: "private", Description: "Only you see the answer"},
		},
	}}); err != nil {
		t.Fatal(err)
	}
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "how high?", "private": true})
	i := <-heard
	data := i.ApplicationCommandData()
	if i.ID != id || i.Member.User.ID != ann || data.Name != "summit" || data.Options[0].StringValue() != "how high?" || !data.Options[1].BoolValue() {
		t.Fatalf("heard %+v", i.Interaction)
	}
	if err := d.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{
		Type: discordgo.InteractionResponseDeferredChannelMessageWithSource,
		Data: &discordgo.InteractionResponseData{Flags: discordgo.MessageFlagsEphemeral},
	}); err != nil {
		t.Fatal(err)
	}
	if m := s.Alone(ann, channel); len(m) != 1 || !m[0].Loading {
		t.Errorf("ann sees %v, want a message that loads", m)
	}
	text := "2,962 m"
	if _, err := d.InteractionResponseEdit(i.Interaction, &discordgo.WebhookEdit{Content: &text}); err != nil {
		t.Fatal(err)
	}
	if m := s.AwaitAnswer(id); m.Content != text || m.Only != ann || m.Interaction != id {
		t.Errorf("the answer is %+v", m)
	}
}

func TestTheLibraryResumesAfterADrop(t *testing.T) {
	s := recorded(t, discordserver.Options{})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	d := library(t, s)
	heard := make(chan string, 10)
	d.AddHandler(func(_ *discordgo.Session, m *discordgo.MessageCreate) { heard <- m.ID })
	gone := make(chan bool, 10)
	d.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) { gone <- true })
	online(t, s, d)
	// Its heart fails later than its ear: it would close the socket that comes next.
	s.Await("the first heartbeat", func() bool { return s.Heartbeats() > 0 })
	s.DropGateway()
	<-gone
	missed := s.Say(ann, channel, "a word")
	online(t, s, d)
	if got := <-heard; got != missed {
		t.Errorf("got message %s, want the one that was missed, %s", got, missed)
	}
	if s.Resumes() != 1 || len(s.Identifies()) != 1 {
		t.Errorf("%d resumes and %d identifies, want 1 and 1", s.Resumes(), len(s.Identifies()))
	}
}

func TestTheLibraryGetsAnEmptyMessageForAnUnknownComponent(t *testing.T) {
	s := recorded(t, discordserver.Options{})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	d := library(t, s)
	empty := make(chan bool, 1)
	d.AddHandler(func(_ *discordgo.Session, m *discordgo.MessageCreate) { empty <- m.Message == nil || m.Author == nil })
	online(t, s, d)
	s.SayUnknown(ann, channel, s.Mention()+" hello")
	if !<-empty {
		t.Error("the message has an author; the trap is gone")
	}
}

func TestTheLibrarySaysWhichErrorItGot(t *testing.T) {
	s := recorded(t, discordserver.Options{})
	channel := s.AddChannel(s.Guild, "general")
	s.SetPermissions(s.Guild, discordserver.ViewChannel)
	d := library(t, s)
	_, err := d.ChannelMessageSend(channel, "hello")
	rest, ok := errors.AsType[*discordgo.RESTError](err)
	if !ok || rest.Message == nil {
		t.Fatalf("got %v, want an error of the API", err)
	}
	if diff := cmp.Diff(discordgo.ErrCodeMissingPermissions, rest.Message.Code); diff != "" {
		t.Error(diff)
	}
}

// The calls of this test are those that a bot makes in its life. They are
// recorded, so that ./spec holds them and the server's replies against
// Discord's own description.
func TestTheLibraryMakesEveryCallOfABot(t *testing.T) {
	s := recorded(t, discordserver.Options{Privileged: discordserver.MessageContent})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	d := library(t, s)
	heard := make(chan *discordgo.InteractionCreate, 10)
	d.AddHandler(func(_ *discordgo.Session, i *discordgo.InteractionCreate) { heard <- i })
	online(t, s, d)
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	none := &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}}
	embeds := []*discordgo.MessageEmbed{{
		Title: "Height", Description: "The peak is **2,962 m** high.", URL: "https://example.com/peak", Color: 0x336699,
		Fields: []*discordgo.MessageEmbedField{{Name: "Document", Value: "peak.md", Inline: true}},
		Footer: &discordgo.MessageEmbedFooter{Text: "[1]"}, Author: &discordgo.MessageEmbedAuthor{Name: "peak.md"},
	}}
	buttons := []discordgo.MessageComponent{discordgo.ActionsRow{Components: []discordgo.MessageComponent{
		discordgo.Button{Label: "Sources", Style: discordgo.SecondaryButton, CustomID: "sources:1"},
		discordgo.Button{Label: "Open", Style: discordgo.LinkButton, URL: "https://example.com/peak"},
	}}, discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.SelectMenu{
		MenuType: discordgo.StringSelectMenu, CustomID: "why", Placeholder: "Why?",
		Options: []discordgo.SelectMenuOption{{Label: "Wrong", Value: "wrong", Description: "It is not so"}, {Label: "Old", Value: "old"}},
	}}}}
	empty := ""

	_, err := d.GatewayBot()
	must("gateway", err)
	_, err = d.User("@me")
	must("user", err)
	_, err = d.Guild(s.Guild)
	must("guild", err)
	_, err = d.GuildChannels(s.Guild)
	must("channels", err)
	_, err = d.GuildRoles(s.Guild)
	must("roles", err)
	_, err = d.GuildMember(s.Guild, s.Bot)
	must("member", err)
	_, err = d.GuildThreadsActive(s.Guild)
	must("threads", err)
	_, err = d.Channel(channel)
	must("channel", err)

	asked := s.Say(ann, channel, s.Mention()+" how high?")
	_, err = d.ChannelMessage(channel, asked)
	must("message", err)
	answer, err := d.ChannelMessageSendComplex(channel, &discordgo.MessageSend{
		Content: "2,962 m [1]", Embeds: embeds, Components: buttons, AllowedMentions: none,
		Reference: &discordgo.MessageReference{MessageID: asked, ChannelID: channel, GuildID: s.Guild},
	})
	must("answer", err)
	_, err = d.ChannelMessageEditComplex(&discordgo.MessageEdit{
		Channel: channel, ID: answer.ID, Content: &empty, Embeds: &embeds, Components: &buttons, AllowedMentions: none,
	})
	must("edit", err)
	_, err = d.RequestWithBucketID("POST", discordgo.EndpointChannelMessages(channel), map[string]any{
		"content": "2,962 m", "nonce": "0123456789abcdef01234567", "enforce_nonce": true,
		"allowed_mentions": none, "message_reference": map[string]any{"message_id": asked},
	}, discordgo.EndpointChannelMessages(channel))
	must("answer with a nonce", err)
	listed, err := d.ChannelMessages(channel, 50, "", asked, "")
	must("messages", err)
	if len(listed) != 2 {
		t.Errorf("%d messages after the question, want 2", len(listed))
	}
	thread, err := d.MessageThreadStartComplex(channel, asked, &discordgo.ThreadStart{Name: "How high?", AutoArchiveDuration: 1440})
	must("thread", err)
	_, err = d.ChannelMessageSendComplex(thread.ID, &discordgo.MessageSend{Content: "2,962 m", AllowedMentions: none})
	must("answer in the thread", err)
	_, err = d.ChannelMessages(thread.ID, 10, "", "", "")
	must("messages of the thread", err)
	_, err = d.Channel(thread.ID)
	must("thread", err)
	direct, err := d.UserChannelCreate(ann)
	must("conversation", err)
	_, err = d.ChannelMessageSend(direct.ID, "2,962 m")
	must("direct message", err)

	private := false
	contexts := []discordgo.InteractionContextType{discordgo.InteractionContextGuild, discordgo.InteractionContextBotDM}
	list := []*discordgo.ApplicationCommand{
		{Name: "show", Description: "Shows a paragraph", Options: []*discordgo.ApplicationCommandOption{{
			Type: discordgo.ApplicationCommandOptionString, Name: "paragraph", Description: "Which one", Required: true, Autocomplete: true, MaxLength: 200,
		}}, Contexts: &contexts, NSFW: &private},
		{Name: "Check", Type: discordgo.MessageApplicationCommand},
	}
	for _, guild := range []string{"", s.Guild} {
		_, err = d.ApplicationCommandBulkOverwrite(s.App, guild, list)
		must("commands", err)
		_, err = d.ApplicationCommands(s.App, guild)
		must("commands", err)
	}

	s.Autocomplete(ann, channel, "show", "paragraph", map[string]any{"paragraph": "pe"})
	i := (<-heard).Interaction
	must("choices", d.InteractionRespond(i, &discordgo.InteractionResponse{
		Type: discordgo.InteractionApplicationCommandAutocompleteResult,
		Data: &discordgo.InteractionResponseData{Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "Peak", Value: "peak.md#1"}}},
	}))
	s.MessageCommand(ann, channel, asked, "Check")
	i = (<-heard).Interaction
	must("answer to the command", d.InteractionRespond(i, &discordgo.InteractionResponse{
		Type: discordgo.InteractionResponseDeferredChannelMessageWithSource,
		Data: &discordgo.InteractionResponseData{Flags: discordgo.MessageFlagsEphemeral, AllowedMentions: none},
	}))
	_, err = d.InteractionResponse(i)
	must("deferred answer", err)
	text := "It is so."
	_, err = d.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text, Embeds: &embeds, Components: &buttons, AllowedMentions: none})
	must("edit of the deferred answer", err)
	more, err := d.FollowupMessageCreate(i, true, &discordgo.WebhookParams{
		Content: "more", Embeds: embeds, Components: buttons, AllowedMentions: none, Flags: discordgo.MessageFlagsEphemeral,
	})
	must("what follows", err)
	_, err = d.FollowupMessageEdit(i, more.ID, &discordgo.WebhookEdit{Content: &text})
	must("edit of what follows", err)
	must("deletion of what follows", d.FollowupMessageDelete(i, more.ID))
	must("deletion of the answer", d.InteractionResponseDelete(i))

	s.Select(ann, channel, answer.ID, "why", "old")
	i = (<-heard).Interaction
	must("noted", d.InteractionRespond(i, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseDeferredMessageUpdate}))

	opened := s.Click(ann, channel, answer.ID, "sources:1")
	i = (<-heard).Interaction
	must("modal", d.InteractionRespond(i, &discordgo.InteractionResponse{
		Type: discordgo.InteractionResponseModal,
		Data: &discordgo.InteractionResponseData{CustomID: "why:1", Title: "What was wrong?", Components: []discordgo.MessageComponent{
			discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.TextInput{
				CustomID: "reason", Label: "In your words", Style: discordgo.TextInputParagraph, Required: true, MaxLength: 1000,
			}}},
		}},
	}))
	s.Submit(opened, map[string]string{"reason": "it is old"})
	i = (<-heard).Interaction
	must("thanks", d.InteractionRespond(i, &discordgo.InteractionResponse{
		Type: discordgo.InteractionResponseUpdateMessage, Data: &discordgo.InteractionResponseData{Content: "Thank you.", AllowedMentions: none},
	}))
	must("typing", d.ChannelTyping(channel))
	must("deletion", d.ChannelMessageDelete(channel, answer.ID))
}
