package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Slack says how to reach Slack and how the bot behaves there. With the app's token
// it is reached by Socket Mode; with a signing secret and an address to listen at,
// Slack reaches the bot by HTTP. The bot's token is there in both.
type Slack struct {
	BotToken          Secret         `yaml:"bot_token,omitempty"` // xoxb-...
	BotTokenFile      string         `yaml:"bot_token_file,omitempty" as:"path"`
	AppToken          Secret         `yaml:"app_token,omitempty"` // xapp-...
	AppTokenFile      string         `yaml:"app_token_file,omitempty" as:"path"`
	SigningSecret     Secret         `yaml:"signing_secret,omitempty"`
	SigningSecretFile string         `yaml:"signing_secret_file,omitempty" as:"path"`
	Listen            string         `yaml:"listen,omitempty" as:"address"`  // for what Slack sends by HTTP
	RequestURL        string         `yaml:"request_url,omitempty" as:"url"` // where Slack gets to Listen; for the manifest
	APIURL            string         `yaml:"api_url,omitempty" as:"url"`     // another server than Slack's own
	Command           string         `yaml:"command,omitempty"`              // with its slash
	Defaults          SlackRules     `yaml:"defaults,omitempty"`             // in direct messages, and where a channel says nothing else
	Channels          []SlackChannel `yaml:"channels,omitempty"`
}

// Set reports whether there is an app to serve.
func (s Slack) Set() bool { return !s.BotToken.IsZero() && (!s.AppToken.IsZero() || s.HTTP()) }

// HTTP reports whether Slack reaches the bot by HTTP, and not by Socket Mode.
func (s Slack) HTTP() bool { return !s.SigningSecret.IsZero() && s.Listen != "" }

// SlackChannel is a channel with rules of its own. What it leaves out is as the
// defaults say.
type SlackChannel struct {
	// Channel is the id. A name would not do: names can be given to another
	// channel, and with the name would go what its members may read.
	Channel    string `yaml:"channel"`
	SlackRules `yaml:",inline"`
}

// SlackRules say how the bot behaves somewhere.
type SlackRules struct {
	Collections []string `yaml:"collections,omitempty"` // to search in; none means all
	Private     *bool    `yaml:"private,omitempty"`     // the command's answer is shown to its asker only
	Follow      string   `yaml:"follow,omitempty"`      // FollowThreads or FollowMentions
	Users       []string `yaml:"users,omitempty"`       // ids of who may ask; with UserGroups none means everyone
	UserGroups  []string `yaml:"user_groups,omitempty"` // ids of the groups whose members may
	Language    string   `yaml:"language,omitempty"`    // to answer in, ISO 639-1; "" means the question's
}

// What the bot answers in a thread that it has joined.
const (
	FollowThreads  = "threads"  // every question
	FollowMentions = "mentions" // those that mention it
)

// Restricted reports whether only some people may ask.
func (r SlackRules) Restricted() bool { return len(r.Users)+len(r.UserGroups) > 0 }

// Rules returns the rules of a channel that has some of its own, filled up with
// the defaults. Who may ask is taken from one of the two, never mixed.
func (s Slack) Rules(c SlackChannel) SlackRules {
	r := c.SlackRules
	if len(r.Collections) == 0 {
		r.Collections = s.Defaults.Collections
	}
	r.Private = cmp.Or(r.Private, s.Defaults.Private)
	r.Follow = cmp.Or(r.Follow, s.Defaults.Follow)
	r.Language = cmp.Or(r.Language, s.Defaults.Language)
	if !r.Restricted() {
		r.Users, r.UserGroups = s.Defaults.Users, s.Defaults.UserGroups
	}
	return r
}

var (
	// Slack's ids are capital letters and digits, the first of which says what
	// they are of; a group message is a channel too.
	slackChannel = regexp.MustCompile(`^[CG][A-Z0-9]+$`)
	slackUser    = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	slackGroup   = regexp.MustCompile(`^S[A-Z0-9]+$`)
	slackCommand = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)
	language     = regexp.MustCompile(`^[a-z]{2}$`)
)

// checkSlack finds what is wrong in the section of Slack, but for the tokens,
// which may be in files.
func (d *decoder) checkSlack() {
	const section = "slack"
	if d.failed[section] {
		return
	}
	s := &d.config.Slack
	usual := Default().Slack // for what is written and empty
	s.Command = cmp.Or(s.Command, usual.Command)
	s.Defaults.Follow = cmp.Or(s.Defaults.Follow, usual.Defaults.Follow)
	d.match(section+".command", s.Command, slackCommand, "write a slash and up to 31 small letters, digits, - or _, such as /summit")
	d.checkRules(section+".defaults", s.Defaults)
	at := map[string]string{} // of the channels before: where they stand
	for i, c := range s.Channels {
		path := fmt.Sprintf("%s.channels[%d]", section, i)
		if d.failed[path] {
			continue
		}
		const where = "in Slack, it stands at the end of the channel's details"
		if c.Channel == "" {
			d.missing(path+".channel", "write the channel's id, such as C0123ABCD; "+where)
		}
		d.match(path+".channel", c.Channel, slackChannel, "write the channel's id, such as C0123ABCD, and not its name; "+where)
		if other, twice := at[c.Channel]; twice && c.Channel != "" {
			d.fail(path+".channel", "%s is the same channel; write all of its settings there", other)
		}
		at[c.Channel] = path
		d.checkRules(path, c.SlackRules)
		d.warnOfOpenBackDoor(path, s.Rules(c), s.Defaults)
	}
}

// checkRules finds what is wrong in the rules at path.
func (d *decoder) checkRules(path string, r SlackRules) {
	if r.Follow != "" && r.Follow != FollowThreads && r.Follow != FollowMentions {
		d.fail(path+".follow", "write %s or %s, not %q", FollowThreads, FollowMentions, shorten(r.Follow))
	}
	d.match(path+".language", r.Language, language, "write a language as two small letters, such as en or de")
	for i, c := range r.Collections {
		if c == "" {
			d.missing(fmt.Sprintf("%s.collections[%d]", path, i), "write the name of a collection, or leave the line out")
		}
	}
	for i, id := range r.Users {
		d.matchItem(path+".users", i, id, slackUser, "write a person's id, such as U0123ABCD; in Slack, it is copied from the menu of the person's profile")
	}
	for i, id := range r.UserGroups {
		d.matchItem(path+".user_groups", i, id, slackGroup, "write a user group's id, such as S0123ABCD; it is the end of the group's address")
	}
}

// match notes that the setting at path, if it is there, is not as it should be.
func (d *decoder) match(path, value string, as *regexp.Regexp, instead string) {
	if value != "" && !d.failed[path] && !as.MatchString(value) {
		d.fail(path, "%s", instead)
	}
}

// matchItem is match for the i-th value of a list, which has to be there.
func (d *decoder) matchItem(path string, i int, value string, as *regexp.Regexp, instead string) {
	path = fmt.Sprintf("%s[%d]", path, i)
	if !d.failed[path] && !as.MatchString(value) {
		d.fail(path, "%s", instead)
	}
}

// warnOfOpenBackDoor warns of a channel that only some people may ask in, about
// documents that everybody may ask about in a direct message.
func (d *decoder) warnOfOpenBackDoor(path string, r, defaults SlackRules) {
	if !r.Restricted() || defaults.Restricted() {
		return
	}
	open := len(defaults.Collections) == 0
	for _, c := range r.Collections {
		open = open || slices.Contains(defaults.Collections, c)
	}
	if open {
		d.warn(path, "only some people may ask here, but everyone may ask about the same documents in a direct message; name collections in slack.defaults that leave these out")
	}
}

// checkSlackTokens finds which of the secrets is missing, or cannot be one.
func (d *decoder) checkSlackTokens() {
	s := d.config.Slack
	const bot, app, signing, listen, request = "slack.bot_token", "slack.app_token", "slack.signing_secret", "slack.listen", "slack.request_url"
	have := func(path string, secret Secret, file string) bool {
		return !secret.IsZero() || file != "" || d.failed[path] || d.failed[path+"_file"]
	}
	haveBot, haveApp := have(bot, s.BotToken, s.BotTokenFile), have(app, s.AppToken, s.AppTokenFile)
	haveSigning, haveListen := have(signing, s.SigningSecret, s.SigningSecretFile), s.Listen != "" || d.failed[listen]
	switch {
	case haveSigning && !haveListen:
		d.fail(listen, "missing; slack.signing_secret is there, and for Slack over HTTP both are needed, such as 127.0.0.1:8081 behind a proxy")
	case haveListen && !haveSigning:
		d.fail(signing, "missing; slack.listen is there, and for Slack over HTTP both are needed; the app's page has it under Basic Information > App Credentials")
	case haveSigning && haveApp:
		d.fail(app, "leave it out, or slack.signing_secret and slack.listen: Slack reaches an app by Socket Mode or by HTTP, and not by both")
	case haveSigning && !haveBot:
		d.fail(bot, "missing; slack.signing_secret is there, and both are needed")
	case haveBot && !haveApp && !haveSigning:
		d.fail(app, "missing; slack.bot_token is there, and both are needed (or, for Slack over HTTP, slack.signing_secret and slack.listen)")
	case haveApp && !haveBot:
		d.fail(bot, "missing; slack.app_token is there, and both are needed")
	}
	switch {
	case s.RequestURL == "":
	case haveApp && !haveSigning:
		d.fail(request, "leave it out, or slack.app_token: with that Slack comes by Socket Mode, and needs no address")
	case !strings.HasPrefix(s.RequestURL, "https://") && s.APIURL == "":
		d.fail(request, "write an address that begins with https://; Slack sends to no other")
	}
	d.checkToken(bot, s.BotToken, "xoxb-", "the app's page has it under OAuth & Permissions")
	d.checkToken(app, s.AppToken, "xapp-", "the app's page has it under Basic Information > App-Level Tokens")
}

// checkToken notes that a token does not begin as its kind does. Another server
// than Slack may have tokens of its own; but never does it take one for the other.
// What Print left out in their place is let through, so that it can be read.
func (d *decoder) checkToken(path string, token Secret, prefix, where string) {
	text := token.Reveal()
	known := strings.HasPrefix(text, "xoxb-") || strings.HasPrefix(text, "xapp-")
	if text == "" || text == redacted || strings.HasPrefix(text, prefix) || d.config.Slack.APIURL != "" && !known {
		return
	}
	if _, literal := d.at[path]; !literal {
		path += "_file"
	}
	d.fail(path, "not a token of this kind, which begins with %s; %s", prefix, where)
}
