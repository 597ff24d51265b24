package config

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// slackWith returns the usual section of Slack after a change.
func slackWith(change func(*Slack)) Slack {
	s := Default().Slack
	change(&s)
	return s
}

func TestMistakesInTheSectionOfSlack(t *testing.T) {
	const where = "in Slack, it stands at the end of the channel's details"
	tests := []struct {
		name string
		in   string
		want string
	}{
		{"no app token", "slack:\n  bot_token: ${BOT}\n", `summitbot.yaml:1: slack.app_token: missing; slack.bot_token is there, and both are needed (or, for Slack over HTTP, slack.signing_secret and slack.listen)`},
		{"no bot token", "slack:\n  app_token: ${APP}\n  bot_token: \"\"\n", `summitbot.yaml:3: slack.bot_token: missing; slack.app_token is there, and both are needed`},
		{"a file counts as a token", "slack:\n  app_token_file: x\n", `summitbot.yaml:1: slack.bot_token: missing; slack.app_token is there, and both are needed`},
		{"tokens in each other's place", "slack:\n  bot_token: ${APP}\n  app_token: ${BOT}\n  api_url: http://localhost/api\n", `summitbot.yaml:2: slack.bot_token: not a token of this kind, which begins with xoxb-; the app's page has it under OAuth & Permissions
summitbot.yaml:3: slack.app_token: not a token of this kind, which begins with xapp-; the app's page has it under Basic Information > App-Level Tokens`},
		{"a person's token", "slack: {bot_token: \"${PERSON}\", app_token: \"${APP}\"}\n", `summitbot.yaml:1: slack.bot_token: not a token of this kind, which begins with xoxb-; the app's page has it under OAuth & Permissions`},
		{"a token and its file", "slack:\n  bot_token: ${BOT}\n  bot_token_file: f\n  app_token: ${APP}\n", `summitbot.yaml:3: slack.bot_token_file: slack.bot_token is given too; keep one of the two`},
		{"a command without its slash", "slack:\n  command: summit\n", `summitbot.yaml:2: slack.command: write a slash and up to 31 small letters, digits, - or _, such as /summit`},
		{"rules all wrong", `
slack:
  defaults:
    follow: always
    language: English
    users: [ada, U1]
    user_groups: ["@team"]
    collections: ["", a]
    private: no
    quiet: true
`, `summitbot.yaml:4: slack.defaults.follow: write threads or mentions, not "always"
summitbot.yaml:5: slack.defaults.language: write a language as two small letters, such as en or de
summitbot.yaml:6: slack.defaults.users[0]: write a person's id, such as U0123ABCD; in Slack, it is copied from the menu of the person's profile
summitbot.yaml:7: slack.defaults.user_groups[0]: write a user group's id, such as S0123ABCD; it is the end of the group's address
summitbot.yaml:8: slack.defaults.collections[0]: missing; write the name of a collection, or leave the line out
summitbot.yaml:9: slack.defaults.private: write true or false, not "no"
summitbot.yaml:10: slack.defaults.quiet: unknown key; known here: collections, private, follow, users, user_groups, language`},
		{"channels all wrong", `
slack:
  channels:
    - collections: [a]
    - channel: help
    - channel: # help, which is a comment
    - {channel: C1, follow: thread}
    - {channel: C2, chanel: x}
    - channel: C1
    - {channell: C3}
    - C4
    - channel: D1
`, `summitbot.yaml:4: slack.channels[0].channel: missing; write the channel's id, such as C0123ABCD; ` + where + `
summitbot.yaml:5: slack.channels[1].channel: write the channel's id, such as C0123ABCD, and not its name; ` + where + `
summitbot.yaml:6: slack.channels[2].channel: missing; write the channel's id, such as C0123ABCD; ` + where + `
summitbot.yaml:7: slack.channels[3].follow: write threads or mentions, not "thread"
summitbot.yaml:8: slack.channels[4].chanel: unknown key; did you mean "channel"?
summitbot.yaml:9: slack.channels[5].channel: slack.channels[3] is the same channel; write all of its settings there
summitbot.yaml:10: slack.channels[6].channell: unknown key; did you mean "channel"?
summitbot.yaml:11: slack.channels[7]: want settings such as "channel: ...", not a single value
summitbot.yaml:12: slack.channels[8].channel: write the channel's id, such as C0123ABCD, and not its name; ` + where},
		{"channels by name", "slack:\n  channels:\n    help: {private: false}\n", `summitbot.yaml:2: slack.channels: want a list (lines that begin with "- "), not settings`},
		{"a signing secret and no address", "slack:\n  bot_token: ${BOT}\n  signing_secret: ${SIGN}\n", `summitbot.yaml:1: slack.listen: missing; slack.signing_secret is there, and for Slack over HTTP both are needed, such as 127.0.0.1:8081 behind a proxy`},
		{"an address and no signing secret", "slack:\n  bot_token: ${BOT}\n  listen: 127.0.0.1:8081\n", `summitbot.yaml:1: slack.signing_secret: missing; slack.listen is there, and for Slack over HTTP both are needed; the app's page has it under Basic Information > App Credentials`},
		{"by socket and by HTTP", "slack:\n  bot_token: ${BOT}\n  app_token: ${APP}\n  signing_secret: ${SIGN}\n  listen: 127.0.0.1:8081\n", `summitbot.yaml:3: slack.app_token: leave it out, or slack.signing_secret and slack.listen: Slack reaches an app by Socket Mode or by HTTP, and not by both`},
		{"HTTP and no bot", "slack:\n  signing_secret: ${SIGN}\n  listen: 127.0.0.1:8081\n", `summitbot.yaml:1: slack.bot_token: missing; slack.signing_secret is there, and both are needed`},
		{"an address without a certificate", "slack:\n  request_url: http://bot.example.org/slack\n", `summitbot.yaml:2: slack.request_url: write an address that begins with https://; Slack sends to no other`},
		{"an address and a socket", "slack:\n  bot_token: ${BOT}\n  app_token: ${APP}\n  request_url: https://bot.example.org/slack\n", `summitbot.yaml:4: slack.request_url: leave it out, or slack.app_token: with that Slack comes by Socket Mode, and needs no address`},
		{"an address that is none", "slack:\n  request_url: bot.example.org\n", `summitbot.yaml:2: slack.request_url: write a whole address such as https://example.org/docs, not "bot.example.org"`},
		{"pages for everybody, and nobody said so", "web:\n  listen: :8080\n", `summitbot.yaml:2: web.listen: other machines reach this address: write web.token, which they have to know, or web.public: true`},
		{"pages nowhere", "web:\n  listen: nowhere\n", `summitbot.yaml:2: web.listen: write HOST:PORT such as 127.0.0.1:8080, or off, not "nowhere"`},
		{"an empty collection", "web:\n  collections: ['']\n", `summitbot.yaml:2: web.collections[0]: missing; write the name of a collection, or leave the line out`},
		{"a log of another kind", "log:\n  level: loud\n  format: xml\n", "summitbot.yaml:2: log.level: write one of debug, info, warn, error, not \"loud\"\nsummitbot.yaml:3: log.format: write text or json, not \"xml\""},
		{"an address with a query", "web:\n  public_url: https://a/b?c=d\n", `summitbot.yaml:2: web.public_url: leave out what follows the path, from the ? or # on`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Parse("summitbot.yaml", []byte(tt.in), environment("BOT=xoxb-1", "APP=xapp-1", "PERSON=xoxp-1", "SIGN=s"))
			if err == nil {
				t.Fatal("got no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSlackOverHTTP(t *testing.T) {
	for _, tt := range []struct {
		name, in  string
		set, http bool
	}{
		{"all of it", "slack: {bot_token: '${BOT}', signing_secret: '${SIGN}', listen: '127.0.0.1:8081', request_url: 'https://bot.example.org/slack'}\n", true, true},
		{"without the address for the manifest", "slack: {bot_token: '${BOT}', signing_secret: '${SIGN}', listen: '127.0.0.1:8081'}\n", true, true},
		{"before there is an app", "slack: {request_url: 'https://bot.example.org/slack'}\n", false, false},
		{"another server", "slack: {bot_token: '${BOT}', signing_secret: '${SIGN}', listen: '127.0.0.1:8081', request_url: 'http://localhost/slack', api_url: 'http://localhost:1/api'}\n", true, true},
		{"a socket", "slack: {bot_token: '${BOT}', app_token: '${APP}'}\n", true, false},
	} {
		c, _, err := Parse("summitbot.yaml", []byte(tt.in), environment("BOT=xoxb-1", "APP=xapp-1", "SIGN=s"))
		if err != nil || c.Slack.Set() != tt.set || c.Slack.HTTP() != tt.http {
			t.Errorf("%s: set %v, http %v, %v", tt.name, c.Slack.Set(), c.Slack.HTTP(), err)
		}
	}
}

func TestAWrongTokenInAFileIsToldAtItsFile(t *testing.T) {
	dir := folder(t, map[string]string{"bot": "xapp-1", "app": "xoxb-1", "summitbot.yaml": "slack:\n  bot_token_file: bot\n  app_token_file: app\n"})
	_, _, err := Load(dir+"/summitbot.yaml", environment())
	errs, _ := errors.AsType[Errors](err)
	var got []string
	for _, e := range errs {
		got = append(got, e.Path)
	}
	if diff := cmp.Diff([]string{"slack.bot_token_file", "slack.app_token_file"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAnotherServerMayHaveTokensOfItsOwn(t *testing.T) {
	const in = `slack: {bot_token: "${A}", app_token: "${A}", api_url: "http://localhost:1/api"}`
	c, _, err := Parse("summitbot.yaml", []byte(in), environment("A=test_token"))
	if err != nil || !c.Slack.Set() {
		t.Errorf("got set %v, %v", c.Slack.Set(), err)
	}
}

func TestAChannelsRulesAreItsOwnAndElseTheDefaults(t *testing.T) {
	c, _, err := Parse("summitbot.yaml", []byte(`
slack:
  command: /docs
  defaults: {collections: [handbook], users: [U1], language: de}
  channels:
    - channel: C1
    - {channel: C2, collections: [news, hr], private: false, follow: mentions, user_groups: [S1], language: fr}
`), environment())
	if err != nil {
		t.Fatal(err)
	}
	want := []SlackRules{
		{Collections: []string{"handbook"}, Private: new(true), Follow: FollowThreads, Users: []string{"U1"}, Language: "de"},
		{Collections: []string{"news", "hr"}, Private: new(false), Follow: FollowMentions, UserGroups: []string{"S1"}, Language: "fr"},
	}
	var got []SlackRules
	for _, ch := range c.Slack.Channels {
		got = append(got, c.Slack.Rules(ch))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if c.Slack.Set() || c.Slack.Command != "/docs" {
		t.Errorf("got set %v, command %q", c.Slack.Set(), c.Slack.Command)
	}
}

func TestARestrictionThatADirectMessageGoesAroundIsWarnedOf(t *testing.T) {
	for _, tt := range []struct {
		name, defaults, channel string
		want                    bool
	}{
		{"everything is open", "{}", "{channel: C1, collections: [hr]}", false},
		{"some may ask here, everyone elsewhere", "{}", "{channel: C1, collections: [hr], users: [U1]}", true},
		{"the defaults have the collection too", "{collections: [news, hr]}", "{channel: C1, collections: [hr], user_groups: [S1]}", true},
		{"the defaults leave it out", "{collections: [news]}", "{channel: C1, collections: [hr], users: [U1]}", false},
		{"the defaults are restricted too", "{users: [U1]}", "{channel: C1, collections: [hr], users: [U2]}", false},
	} {
		in := "slack:\n  defaults: " + tt.defaults + "\n  channels:\n    - " + tt.channel + "\n"
		_, warnings, err := Parse("summitbot.yaml", []byte(in), environment())
		if err != nil {
			t.Fatal(err)
		}
		if got := len(warnings) == 1 && warnings[0].Path == "slack.channels[0]"; got != tt.want {
			t.Errorf("%s: got warnings %v", tt.name, warnings)
		}
	}
}
