package discord

import (
	"github.com/bwmarrin/discordgo"

	"summitbot/bot/phrase"
)

// maxOwnWords is how much somebody may write of a bad answer, in characters.
const maxOwnWords = 2000

// inputWords is what the text in the dialog is known by.
const inputWords = "text"

// reasons asks what was wrong with an answer. It comes before the dialog, because
// a dialog of discordgo holds text inputs only.
func (r renderer) reasons(language, answerID string) message {
	say := phrase.For(language)
	m := messageOf([]row{said(say.Text(phrase.FeedbackTitle))})
	m.ephemeral = true
	id := press{action: actionReason, id: answerID}.customID()
	if id == "" {
		return m
	}
	option := func(value string, k phrase.Key) discordgo.SelectMenuOption {
		return discordgo.SelectMenuOption{Label: say.Text(k), Value: value}
	}
	m.components = inRow([]discordgo.MessageComponent{discordgo.SelectMenu{
		MenuType: discordgo.StringSelectMenu, CustomID: id, Placeholder: say.Text(phrase.FeedbackTitle),
		Options: []discordgo.SelectMenuOption{
			option(reasonParagraph, phrase.ReasonParagraph), option(reasonMisread, phrase.ReasonMisread),
			option(reasonMissing, phrase.ReasonMissing), option(reasonOther, phrase.ReasonOther),
		},
	}})
	return m
}

// words is the dialog that asks for more about a bad answer, after its reason.
func (r renderer) words(language, answerID, reason string) *discordgo.InteractionResponse {
	say := phrase.For(language)
	return &discordgo.InteractionResponse{Type: discordgo.InteractionResponseModal, Data: &discordgo.InteractionResponseData{
		CustomID: press{actionWords, answerID, reason}.customID(),
		Title:    cut(say.Text(phrase.FeedbackTitle), maxModalTitle),
		Components: inRow([]discordgo.MessageComponent{discordgo.TextInput{
			CustomID: inputWords, Label: cut(say.Text(phrase.OwnWords), maxInputLabel), Style: discordgo.TextInputParagraph, MaxLength: maxOwnWords,
		}}),
		AllowedMentions: noMentions(), Embeds: []*discordgo.MessageEmbed{},
	}}
}

// wordsOf returns what was typed into the dialog.
func wordsOf(data discordgo.ModalSubmitInteractionData) string {
	for _, c := range data.Components {
		row, ok := c.(*discordgo.ActionsRow)
		if !ok {
			continue
		}
		for _, c := range row.Components {
			if input, ok := c.(*discordgo.TextInput); ok && input.CustomID == inputWords {
				return input.Value
			}
		}
	}
	return ""
}
