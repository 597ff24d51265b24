package discord

import (
	"encoding/json"
	"strconv"
	"time"
)

// What comes from Discord is read into structures that have what is used of it.
// The library's own refuse a whole message for one component that they do not
// know, and hand on an empty one.

// A written is a message as Discord tells of it.
type written struct {
	ID        string    `json:"id"`
	Channel   string    `json:"channel_id"`
	Guild     string    `json:"guild_id"` // in events only
	Kind      int       `json:"type"`
	Content   string    `json:"content"`
	Author    *person   `json:"author"`
	Member    *member   `json:"member"`
	Webhook   string    `json:"webhook_id"`
	Mentions  []person  `json:"mentions"`
	Everyone  bool      `json:"mention_everyone"`
	Roles     []string  `json:"mention_roles"`
	Edited    string    `json:"edited_timestamp"`
	Flags     int       `json:"flags"`
	Answers   *referent `json:"message_reference"`
	Answered  *written  `json:"referenced_message"`
	Thread    *room     `json:"thread"`
	Metadata  *cause    `json:"interaction_metadata"`
	FromSlash *cause    `json:"interaction"` // what Metadata was called before

	Components json.RawMessage `json:"components"`
}

// A cause is the interaction that a message answers.
type cause struct {
	ID string `json:"id"`
}

type person struct {
	ID     string `json:"id"`
	Name   string `json:"username"`
	Global string `json:"global_name"`
	Bot    bool   `json:"bot"`
}

type member struct {
	Roles []string `json:"roles"`
	User  *person  `json:"user"`
}

type referent struct {
	Message string `json:"message_id"`
	Channel string `json:"channel_id"`
}

// answers returns the id of the message that m answers, "" if there is none.
func (m written) answers() string {
	if m.Answers == nil {
		return ""
	}
	return m.Answers.Message
}

// interaction returns the id of the interaction that m answers, "" if it answers
// none.
func (m written) interaction() string {
	switch {
	case m.Metadata != nil:
		return m.Metadata.ID
	case m.FromSlash != nil:
		return m.FromSlash.ID
	}
	return ""
}

// flagLoading marks a deferred answer that says nothing yet.
const flagLoading = 1 << 7

// The types of messages that people write.
const (
	kindOrdinary = 0
	kindReply    = 19
)

// The types of channels.
const (
	kindDirect        = 1
	kindNewsThread    = 10
	kindPublicThread  = 11
	kindPrivateThread = 12
)

// A room is a channel or a thread as Discord tells of it.
type room struct {
	ID     string `json:"id"`
	Guild  string `json:"guild_id"`
	Parent string `json:"parent_id"` // of a thread: its channel; of a channel: its category
	Owner  string `json:"owner_id"`  // who began a thread
	Kind   int    `json:"type"`
	Name   string `json:"name"`
	Last   string `json:"last_message_id"`
}

// thread reports whether the room is one.
func (r room) thread() bool {
	return r.Kind == kindNewsThread || r.Kind == kindPublicThread || r.Kind == kindPrivateThread
}

// An interaction is what somebody did with the bot other than writing.
type interaction struct {
	ID          string `json:"id"`
	Application string `json:"application_id"`
	Kind        int    `json:"type"`
	Token       string `json:"token"`
	Guild       string `json:"guild_id"`
	Channel     string `json:"channel_id"`
	Place       *struct {
		room
		Kind *int `json:"type"`
	} `json:"channel"` // that channel, as far as it is told
	Locale  string   `json:"locale"`
	Member  *member  `json:"member"` // in a guild
	User    *person  `json:"user"`   // in a direct message
	Message *written `json:"message"`
	Data    struct {
		Name     string   `json:"name"`
		Kind     int      `json:"type"`
		Target   string   `json:"target_id"`
		Options  []option `json:"options"`
		Resolved struct {
			Messages map[string]written `json:"messages"`
		} `json:"resolved"`
		CustomID   string          `json:"custom_id"`
		Values     []string        `json:"values"`
		Components json.RawMessage `json:"components"`
	} `json:"data"`
}

type option struct {
	Name    string `json:"name"`
	Value   any    `json:"value"`
	Focused bool   `json:"focused"`
}

// The types of interactions, and of the commands among them.
const (
	kindCommand      = 2
	kindComponent    = 3
	kindAutocomplete = 4
	kindModal        = 5

	commandSlash   = 1
	commandMessage = 3
)

// by returns who did it and their roles.
func (i interaction) by() (user string, roles []string) {
	switch {
	case i.Member != nil && i.Member.User != nil:
		return i.Member.User.ID, i.Member.Roles
	case i.User != nil:
		return i.User.ID, nil
	}
	return "", nil
}

// text returns the option of a name, "" if there is none.
func (i interaction) text(name string) string {
	for _, o := range i.Data.Options {
		if s, ok := o.Value.(string); ok && o.Name == name {
			return s
		}
	}
	return ""
}

// flag returns the option of a name, false if there is none.
func (i interaction) flag(name string) bool {
	for _, o := range i.Data.Options {
		if b, ok := o.Value.(bool); ok && o.Name == name {
			return b
		}
	}
	return false
}

// typed returns what was typed into a dialog: the first text in it, in whatever
// components it stands.
func typed(components json.RawMessage) string {
	var list []struct {
		Value      any             `json:"value"`
		Components json.RawMessage `json:"components"`
		Component  json.RawMessage `json:"component"`
	}
	if json.Unmarshal(components, &list) != nil {
		return ""
	}
	for _, c := range list {
		if s, ok := c.Value.(string); ok {
			return s
		}
		for _, inside := range []json.RawMessage{c.Components, json.RawMessage("[" + string(c.Component) + "]")} {
			if s := typed(inside); s != "" {
				return s
			}
		}
	}
	return ""
}

// epoch is the first millisecond of Discord's ids.
const epoch = 1_420_070_400_000

// timeOf returns when something with that id was made; the zero time for what is
// no id.
func timeOf(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(n>>22) + epoch) //nolint:gosec // 42 bits
}

// idAt returns the least id of what is made at a time.
func idAt(t time.Time) string {
	ms := t.UnixMilli() - epoch
	if ms < 0 {
		return "0"
	}
	return strconv.FormatInt(ms<<22, 10)
}

// before reports whether id a is of something that was made before b.
func before(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
