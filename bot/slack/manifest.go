package slack

import (
	"fmt"
	"strings"
)

// DefaultCommand is the slash command if nobody chose another.
const DefaultCommand = "/summit"

// checkShortcut is the callback id of the message shortcut that checks a message
// against the documents.
const checkShortcut = "check_message"

// Features are what a configuration switches on, as far as Slack has to know it.
type Features struct {
	Command       string // the slash command, with its slash; "" is DefaultCommand
	FollowThreads bool   // somewhere a thread is followed without mentions
	UserGroups    bool   // somewhere user groups decide who may ask
	RequestURL    string // where Slack sends what people write, by HTTP; "" is Socket Mode
}

// An item is a scope or an event of the manifest, and what it is there for.
type item struct{ name, why string }

// scopes returns the bot scopes that the features need. The diagnosis looks for
// the same ones.
func (f Features) scopes() []item {
	list := []item{
		{"commands", "the slash command and the message shortcut"},
		{"app_mentions:read", "questions that mention the bot"},
		{"im:history", "questions in direct messages"},
		{"chat:write", "answers"},
		{"assistant:write", "the agent view: suggested questions, status, Stop"},
		// A thread is read after a failure, so that no answer is posted twice.
		{"channels:history", "threads that the bot answers in"},
		{"groups:history", "the same in private channels"},
		{"mpim:history", "the same in group messages"},
		{"channels:read", "whether the bot is in a channel"},
		{"groups:read", "the same of private channels"},
	}
	if f.UserGroups {
		list = append(list, item{"usergroups:read", "which people may ask"})
	}
	return list
}

// events returns the bot events that the features need. Each must be one that
// package slackevents decodes: others arrive as errors.
func (f Features) events() []item {
	list := []item{
		{"app_mention", "questions that mention the bot"},
		{"message.im", "questions in direct messages"},
		{"app_home_opened", "suggested questions"},
		{"agent_session_stopped", "the Stop button"},
	}
	if f.FollowThreads {
		list = append(list,
			item{"message.channels", "threads that the bot is in, and edited questions"},
			item{"message.groups", "the same in private channels"},
			item{"message.mpim", "the same in group messages"},
		)
	}
	return list
}

// Manifest returns the manifest of an app with these features, as YAML to paste
// where Slack makes an app from one. The app-level token is not part of it, nor the
// signing secret, which Slack makes.
func Manifest(f Features) string {
	if f.Command == "" {
		f.Command = DefaultCommand
	}
	// By HTTP each of the three has an address; for this program it is one.
	address := func(key string, indent int) string {
		if f.RequestURL == "" {
			return ""
		}
		return fmt.Sprintf("%*s%s: %q\n", indent, "", key, f.RequestURL)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `display_information:
  name: Summitbot
  description: Answers from our documents, with the paragraph they came from
features:
  app_home:
    home_tab_enabled: false
    messages_tab_enabled: true            # without it nobody can write to the bot
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: summitbot
    always_online: true
  agent_view:
    agent_description: Answers questions from our documents, with the paragraphs they came from
  slash_commands:
    - command: %s
%s      description: Ask the documents
      usage_hint: "[question | help | sources | show NUMBER]"
      should_escape: false
  shortcuts:
    - name: Check against the documents
      type: message
      callback_id: %s
      description: Which sentences of a message the documents support
oauth_config:
  scopes:
    bot:
`, f.Command, address("url", 6), checkShortcut)
	writeItems(&b, f.scopes())
	fmt.Fprintf(&b, `settings:
  event_subscriptions:
%s    bot_events:
`, address("request_url", 4))
	writeItems(&b, f.events())
	fmt.Fprintf(&b, `  interactivity:
    is_enabled: true
%s  org_deploy_enabled: false
  socket_mode_enabled: %t
  token_rotation_enabled: false           # rotated tokens end after hours
`, address("request_url", 4), f.RequestURL == "")
	return b.String()
}

// writeItems writes a list below a key that is indented by four spaces.
func writeItems(b *strings.Builder, list []item) {
	const column = 30 // the longest name, and some air
	for _, i := range list {
		fmt.Fprintf(b, "      - %-*s # %s\n", column, i.name, i.why)
	}
}
