package discord

import (
	"github.com/bwmarrin/discordgo"

	"summitbot/bot/phrase"
)

// A message is what one call shows. It is within Discord's limits.
type message struct {
	content    string // Markdown, but for the last line
	foot       string // Markdown, the last line of one that has others behind it; "" is none
	embeds     []*discordgo.MessageEmbed
	components []discordgo.MessageComponent
	ephemeral  bool             // only who asked sees it
	say        phrase.Catalogue // its language, if it is one of several
}

// text returns the content as it is sent, Markdown.
func (m message) text() string {
	if m.content == "" || m.foot == "" {
		return m.content + m.foot
	}
	return m.content + "\n" + m.foot
}

// noMentions lets nothing in a message call anybody. The list is empty and not
// nil, which would be sent as null, and null is the default: call everybody.
func noMentions() *discordgo.MessageAllowedMentions {
	return &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}}
}

// An edit has to take away what stood there, so lists are never nil.
func (m message) lists() ([]*discordgo.MessageEmbed, []discordgo.MessageComponent) {
	embeds, components := m.embeds, m.components
	if embeds == nil {
		embeds = []*discordgo.MessageEmbed{}
	}
	if components == nil {
		components = []discordgo.MessageComponent{}
	}
	return embeds, components
}

func (m message) flags() discordgo.MessageFlags {
	if m.ephemeral {
		return discordgo.MessageFlagsEphemeral
	}
	return 0
}

// send returns m as a new message of a channel, where everybody sees it: who
// sends one that is ephemeral so has a mistake.
func (m message) send() *discordgo.MessageSend {
	embeds, components := m.lists()
	return &discordgo.MessageSend{
		Content: m.text(), Embeds: embeds, Components: components, StickerIDs: []string{}, AllowedMentions: noMentions(),
	}
}

// edit returns m as the new content of a message of a channel.
func (m message) edit(channel, id string) *discordgo.MessageEdit {
	embeds, components := m.lists()
	return &discordgo.MessageEdit{
		Channel: channel, ID: id, Content: new(m.text()), Embeds: &embeds, Components: &components, AllowedMentions: noMentions(),
	}
}

// webhookEdit returns m as the new content of an interaction's answer, which is
// seen by whom it was deferred for.
func (m message) webhookEdit() *discordgo.WebhookEdit {
	embeds, components := m.lists()
	return &discordgo.WebhookEdit{Content: new(m.text()), Embeds: &embeds, Components: &components, AllowedMentions: noMentions()}
}

// followup returns m as one more answer to an interaction.
func (m message) followup() *discordgo.WebhookParams {
	embeds, components := m.lists()
	return &discordgo.WebhookParams{
		Content: m.text(), Embeds: embeds, Components: components, AllowedMentions: noMentions(), Flags: m.flags(),
	}
}

// response returns m as the first answer to an interaction.
func (m message) response() *discordgo.InteractionResponseData {
	embeds, components := m.lists()
	return &discordgo.InteractionResponseData{
		Content: m.text(), Embeds: embeds, Components: components, AllowedMentions: noMentions(), Flags: m.flags(),
	}
}

// whispered returns messages as such that only who asked sees.
func whispered(list []message) []message {
	out := make([]message, len(list))
	for i, m := range list {
		m.ephemeral = true
		out[i] = m
	}
	return out
}
