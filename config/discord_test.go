package config

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMistakesInTheSectionOfDiscord(t *testing.T) {
	const in = `
discord:
  gateway_url: https://gateway.example
  guild: my server
  defaults:
    answer: whisper
    language: English
    roles: ["@team"]
    collections: ["", a]
  guilds:
    - guild: "123456789012345678"
    - collections: [a]
  channels:
    - {channel: "#help"}
    - {channel: "123456789012345678"}
    - {chanel: "1"}
`
	const where = "in Discord, switch on Settings > Advanced > Developer Mode; then the menu of everything has Copy ID"
	const want = `summitbot.yaml:3: discord.gateway_url: write an address that begins with wss:// or ws://
summitbot.yaml:4: discord.guild: write the server's id; ` + where + `
summitbot.yaml:6: discord.defaults.answer: write reply or thread, not "whisper"
summitbot.yaml:7: discord.defaults.language: write a language as two small letters, such as en or de
summitbot.yaml:8: discord.defaults.roles[0]: write a role's id; ` + where + `
summitbot.yaml:9: discord.defaults.collections[0]: missing; write the name of a collection, or leave the line out
summitbot.yaml:12: discord.guilds[1].guild: missing; write the id; ` + where + `
summitbot.yaml:14: discord.channels[0].channel: write the id, which is a number, and not the name; ` + where + `
summitbot.yaml:15: discord.channels[1].channel: discord.guilds[0] is the same; write all of its settings there
summitbot.yaml:16: discord.channels[2].chanel: unknown key; did you mean "channel"?`
	_, _, err := Parse("summitbot.yaml", []byte(in), environment())
	if errs, ok := errors.AsType[Errors](err); !ok {
		t.Errorf("got %v, want Errors", err)
	} else if diff := cmp.Diff(want, errs.Error()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Which guild a channel is in, Discord tells when it is served: what a channel leaves
// out is filled in there.
func TestDiscordRulesKeepTheirGaps(t *testing.T) {
	const in = `
discord:
  token: ${TOKEN}
  message_content: true
  defaults: {collections: [a], roles: ["222222222222222222"], language: de}
  guilds:
    - {guild: "123456789012345677", private: false}
  channels:
    - {channel: "123456789012345678", answer: thread, private: true}
    - {channel: "123456789012345679", collections: [b], roles: ["333333333333333333"], language: fi}
`
	c, _, err := Parse("summitbot.yaml", []byte(in), environment("TOKEN=t"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Discord.Set() || !c.Discord.MessageContent {
		t.Error("the token or the intent is not there")
	}
	want := Discord{
		Token: c.Discord.Token, APIURL: c.Discord.APIURL, MessageContent: true,
		Defaults: DiscordRules{Collections: []string{"a"}, Answer: AnswerReply, Private: new(false), Roles: []string{"222222222222222222"}, Language: "de"},
		Guilds:   []DiscordGuild{{"123456789012345677", DiscordRules{Private: new(false)}}},
		Channels: []DiscordChannel{
			{"123456789012345678", DiscordRules{Answer: AnswerThread, Private: new(true)}},
			{"123456789012345679", DiscordRules{Collections: []string{"b"}, Roles: []string{"333333333333333333"}, Language: "fi"}},
		},
	}
	if diff := cmp.Diff(want, c.Discord, cmp.AllowUnexported(Secret{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAChannelForSomeOverDocumentsForAllIsWarnedOf(t *testing.T) {
	for in, want := range map[string]int{
		`discord: {channels: [{channel: "123456789012345678", roles: ["222222222222222222"]}]}`:                                                          1,
		`discord: {defaults: {collections: [a]}, channels: [{channel: "123456789012345678", collections: [b], roles: ["222222222222222222"]}]}`:          0,
		`discord: {defaults: {roles: ["222222222222222222"]}, guilds: [{guild: "123456789012345678", collections: [b], roles: ["222222222222222222"]}]}`: 0,
	} {
		_, warnings, err := Parse("summitbot.yaml", []byte(in), environment())
		if err != nil || len(warnings) != want {
			t.Errorf("%s: warnings %v, error %v", in, warnings, err)
		}
	}
}
