package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// Discord says how to reach Discord, with an application's bot, and how the bot
// behaves there.
type Discord struct {
	Token          Secret           `yaml:"token,omitempty"`
	TokenFile      string           `yaml:"token_file,omitempty" as:"path"`
	APIURL         string           `yaml:"api_url,omitempty" as:"url"` // another server than Discord's own; below it is /api/v9
	GatewayURL     string           `yaml:"gateway_url,omitempty"`      // ws:// or wss://; "" is what the API names
	Guild          string           `yaml:"guild,omitempty"`            // where commands are registered in development; "" is everywhere
	MessageContent bool             `yaml:"message_content,omitempty"`  // the privileged intent is switched on: threads are followed
	Defaults       DiscordRules     `yaml:"defaults,omitempty"`         // in direct messages, and where nothing else is said
	Guilds         []DiscordGuild   `yaml:"guilds,omitempty"`
	Channels       []DiscordChannel `yaml:"channels,omitempty"`
}

// Set reports whether there is a bot to serve.
func (s Discord) Set() bool { return !s.Token.IsZero() }

// DiscordGuild is a guild (people say server) with rules of its own. What it
// leaves out is as the defaults say.
type DiscordGuild struct {
	Guild        string `yaml:"guild"` // its id
	DiscordRules `yaml:",inline"`
}

// DiscordChannel is a channel with rules of its own, and so are the threads in it.
// What it leaves out is as its guild's rules say, and what these leave out as the
// defaults say: which guild it is in, Discord tells when it is served.
type DiscordChannel struct {
	Channel      string `yaml:"channel"` // its id
	DiscordRules `yaml:",inline"`
}

// DiscordRules say how the bot behaves somewhere. To open a channel to all in a
// guild that is for some, name the role that has the guild's own id: all have it.
type DiscordRules struct {
	Collections []string `yaml:"collections,omitempty"` // to search in; none means all
	Answer      string   `yaml:"answer,omitempty"`      // AnswerReply or AnswerThread
	Private     *bool    `yaml:"private,omitempty"`     // a command's answer is shown to its asker only
	Roles       []string `yaml:"roles,omitempty"`       // ids; who has none of them may not ask, and none means that everyone may
	Language    string   `yaml:"language,omitempty"`    // to answer in, ISO 639-1; "" means the question's
}

// Where a question in a channel is answered.
const (
	AnswerReply  = "reply"  // by a reply to it
	AnswerThread = "thread" // in a thread that begins at it
)

var (
	// Discord's ids are numbers that have had 17 to 20 digits since it began.
	discordID = regexp.MustCompile(`^[0-9]{15,20}$`)
	gateway   = regexp.MustCompile(`^wss?://[^/?#]+`)
)

// How a person finds an id.
const whereDiscordID = "in Discord, switch on Settings > Advanced > Developer Mode; then the menu of everything has Copy ID"

// checkDiscord finds what is wrong in the section of Discord.
func (d *decoder) checkDiscord() {
	const section = "discord"
	if d.failed[section] {
		return
	}
	s := &d.config.Discord
	usual := Default().Discord // for what is written and empty
	s.Defaults.Answer = cmp.Or(s.Defaults.Answer, usual.Defaults.Answer)
	d.match(section+".gateway_url", s.GatewayURL, gateway, "write an address that begins with wss:// or ws://")
	d.match(section+".guild", s.Guild, discordID, "write the server's id; "+whereDiscordID)
	d.checkDiscordRules(section+".defaults", s.Defaults)
	at := map[string]string{} // of the ids before: where they stand
	check := func(list, key string, i int, id string, r DiscordRules) {
		path := fmt.Sprintf("%s.%s[%d]", section, list, i)
		if d.failed[path] {
			return
		}
		if id == "" {
			d.missing(path+"."+key, "write the id; "+whereDiscordID)
		}
		d.match(path+"."+key, id, discordID, "write the id, which is a number, and not the name; "+whereDiscordID)
		if other, twice := at[id]; twice && id != "" {
			d.fail(path+"."+key, "%s is the same; write all of its settings there", other)
		}
		at[id] = path
		d.checkDiscordRules(path, r)
		d.warnOfOpenMessages(path, r, s.Defaults)
	}
	for i, g := range s.Guilds {
		check("guilds", "guild", i, g.Guild, g.DiscordRules)
	}
	for i, c := range s.Channels {
		check("channels", "channel", i, c.Channel, c.DiscordRules)
	}
}

// checkDiscordRules finds what is wrong in the rules at path.
func (d *decoder) checkDiscordRules(path string, r DiscordRules) {
	if r.Answer != "" && r.Answer != AnswerReply && r.Answer != AnswerThread {
		d.fail(path+".answer", "write %s or %s, not %q", AnswerReply, AnswerThread, shorten(r.Answer))
	}
	d.match(path+".language", r.Language, language, "write a language as two small letters, such as en or de")
	for i, c := range r.Collections {
		if c == "" {
			d.missing(fmt.Sprintf("%s.collections[%d]", path, i), "write the name of a collection, or leave the line out")
		}
	}
	for i, id := range r.Roles {
		d.matchItem(path+".roles", i, id, discordID, "write a role's id; "+whereDiscordID)
	}
}

// warnOfOpenMessages warns of a place where only some people may ask, about
// documents that everybody may ask about in a direct message.
func (d *decoder) warnOfOpenMessages(path string, r, defaults DiscordRules) {
	if len(r.Roles) == 0 || len(defaults.Roles) > 0 {
		return
	}
	// Which guild a channel is in is not known here, so what it leaves out is taken to
	// be as the defaults say.
	if len(r.Collections) == 0 {
		r.Collections = defaults.Collections
	}
	open := len(defaults.Collections) == 0
	for _, c := range r.Collections {
		open = open || slices.Contains(defaults.Collections, c)
	}
	if open {
		d.warn(path, "only some people may ask here, but everyone may ask about the same documents in a direct message; name collections in discord.defaults that leave these out")
	}
}
