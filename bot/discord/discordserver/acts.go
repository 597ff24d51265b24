package discordserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Say lets user write in channel, and returns the message's id. text is as
// Discord sends it, with <@id> for mentions.
func (s *Server) Say(user, channel, text string) string {
	s.t.Helper()
	return s.Post(Post{Author: user, Channel: channel, Content: text})
}

// Reply lets user answer a message, with a ping of its author or without.
func (s *Server) Reply(user, channel, to, text string, ping bool) string {
	s.t.Helper()
	return s.Post(Post{Author: user, Channel: channel, Content: text, ReplyTo: to, NoPing: !ping})
}

// Post is a message that somebody else than the application writes.
type Post struct {
	Author     string // a user, or any id where Webhook is set
	Channel    string
	Content    string
	ReplyTo    string
	NoPing     bool // the reply does not ping
	Webhook    bool
	Embeds     json.RawMessage
	Components json.RawMessage
	Flags      int
	Nonce      string
	Type       int // such as 7, that somebody has joined; 0 is a message, or a reply
}

// Post puts p into its channel and returns the message's id.
func (s *Server) Post(p Post) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(p.Channel)
	m := &Message{
		Author: p.Author, Content: p.Content, Webhook: p.Webhook, Embeds: p.Embeds, Components: p.Components,
		Flags: p.Flags, Nonce: p.Nonce, Type: p.Type, noPing: p.NoPing,
	}
	if !p.Webhook {
		s.user(p.Author)
		s.memberSince(c, p.Author)
	}
	if c.Locked {
		s.t.Fatalf("discordserver: thread %s is locked", c.ID)
	}
	if p.ReplyTo != "" {
		s.message(p.Channel, p.ReplyTo)
		m.ReplyTo, m.Type = p.ReplyTo, typeReply
	}
	s.post(c, m)
	s.notify()
	return m.ID
}

// unknownComponent is a type that no client library of today knows.
const unknownComponent = 99

// SayUnknown lets user write a message that carries a component of a kind that
// client libraries do not know, as Discord adds them.
func (s *Server) SayUnknown(user, channel, text string) string {
	s.t.Helper()
	components := json.RawMessage(fmt.Sprintf(`[{"type":%d,"id":1}]`, unknownComponent))
	return s.Post(Post{Author: user, Channel: channel, Content: text, Components: components})
}

// message finds a message that stands or fails the test; s.mu is held.
func (s *Server) message(channel, id string) *Message {
	s.t.Helper()
	m := s.find(channel, id)
	if m == nil {
		s.t.Fatalf("discordserver: no message %s in %s", id, channel)
	}
	return m
}

// Edit lets the author of a message change it.
func (s *Server) Edit(channel, id, text string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.message(channel, id)
	m.Content = text
	m.Edits++
	m.editedAt = stamp(s.Clock.Now())
	s.tell("MESSAGE_UPDATE", m)
	s.notify()
}

// Unfurl tells the bot that a message changed although nobody edited it, as
// Discord does when it has read the links in it.
func (s *Server) Unfurl(channel, id string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell("MESSAGE_UPDATE", s.message(channel, id))
	s.notify()
}

// Delete takes a message away, as its author or a moderator does.
func (s *Server) Delete(channel, id string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(s.message(channel, id))
	s.notify()
}

// StartThread lets user begin a thread at a message, and returns its id.
func (s *Server) StartThread(user, channel, id, name string) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	thread := s.startThread(s.channel(channel), s.message(channel, id), user, name)
	s.notify()
	return thread.ID
}

// interact delivers an interaction and returns its id; s.mu is held.
func (s *Server) interact(kind int, user string, c *Channel, about *Message, data, more map[string]any) *interaction {
	u := s.user(user)
	s.memberSince(c, user)
	i := &interaction{about: about}
	i.ID, i.Token, i.Kind, i.User, i.Channel, i.At = s.snowflake(), s.secret("aW50ZXJhY3Rpb24"), kind, user, c.ID, s.Clock.Now()
	s.interactions = append(s.interactions, i)
	payload := map[string]any{
		"id": i.ID, "application_id": s.App, "type": kind, "token": i.Token, "version": 1, "data": data,
		"channel_id": c.ID, "channel": s.channelJSON(c), "app_permissions": s.rights(c).String(), "locale": u.Locale,
		"entitlements": []any{}, "attachment_size_limit": 10 << 20, "context": contextBotDM,
		"authorizing_integration_owners": map[string]any{},
	}
	if g := s.findGuild(c.Guild); g != nil {
		member := s.memberWithUser(g, user)
		member["permissions"] = (everyPermission &^ Administrator).String()
		payload["guild_id"], payload["member"], payload["guild_locale"], payload["context"] = g.id, member, "en-US", contextGuild
		payload["guild"] = map[string]any{"id": g.id, "locale": "en-US", "features": []any{}}
		payload["authorizing_integration_owners"] = map[string]any{"0": g.id}
	} else {
		payload["user"] = s.userJSON(user)
		payload["authorizing_integration_owners"] = map[string]any{"0": "0"}
	}
	maps.Copy(payload, more)
	s.emit("INTERACTION_CREATE", c.Guild, 0, payload)
	s.Clock.AfterFunc(s.limits.Callback, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		i.Failed = i.Type == 0
		s.notify()
	})
	s.notify()
	return i
}

// Slash lets user send a command in channel, and returns the interaction's id.
// options are values by name: texts, numbers, true and false.
func (s *Server) Slash(user, channel, name string, options map[string]any) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	cmd := s.chosen(c, name, commandSlash)
	for _, o := range cmd.spec.Options {
		if _, given := options[o.Name]; o.Required && !given {
			s.t.Fatalf("discordserver: /%s needs option %s", name, o.Name)
		}
	}
	i := s.interact(KindCommand, user, c, nil, s.commandData(cmd, options, ""), nil)
	i.slash = true
	return i.ID
}

// Autocomplete lets user type into the option called focused of a command, and
// returns the interaction's id.
func (s *Server) Autocomplete(user, channel, name, focused string, options map[string]any) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	cmd := s.chosen(c, name, commandSlash)
	if !slices.ContainsFunc(cmd.spec.Options, func(o optionSpec) bool { return o.Name == focused && o.Autocomplete }) {
		s.t.Fatalf("discordserver: option %s of /%s has no autocompletion", focused, name)
	}
	return s.interact(KindAutocomplete, user, c, nil, s.commandData(cmd, options, focused), nil).ID
}

// MessageCommand lets user choose a command on a message, and returns the
// interaction's id.
func (s *Server) MessageCommand(user, channel, id, name string) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.channel(channel), s.message(channel, id)
	cmd := s.chosen(c, name, commandMessage)
	data := s.commandData(cmd, nil, "")
	data["target_id"] = id
	data["resolved"] = map[string]any{"messages": map[string]any{id: s.messageJSON(m)}} // with its content
	return s.interact(KindCommand, user, c, nil, data, nil).ID
}

// chosen finds a command or fails the test; s.mu is held.
func (s *Server) chosen(c *Channel, name string, kind int) *command {
	s.t.Helper()
	cmd := s.commandFor(c, name, kind)
	if cmd == nil {
		s.t.Fatalf("discordserver: people find no command %q of type %d in channel %s", name, kind, c.ID)
	}
	return cmd
}

// commandData is a command as an interaction reports it; s.mu is held.
func (s *Server) commandData(cmd *command, options map[string]any, focused string) map[string]any {
	s.t.Helper()
	data := map[string]any{"id": cmd.id, "name": cmd.spec.Name, "type": cmd.spec.Type}
	if cmd.guild != "" {
		data["guild_id"] = cmd.guild
	}
	var list []any
	known := map[string]bool{}
	for _, o := range cmd.spec.Options {
		known[o.Name] = true
		value, given := options[o.Name]
		if !given && o.Name != focused {
			continue
		}
		if !given {
			value = ""
		}
		s.checkValue(cmd.spec.Name, o, value)
		option := map[string]any{"name": o.Name, "type": o.Type, "value": value}
		if o.Name == focused {
			option["focused"] = true
		}
		list = append(list, option)
	}
	for name := range options {
		if !known[name] {
			s.t.Fatalf("discordserver: /%s has no option %s", cmd.spec.Name, name)
		}
	}
	if list != nil {
		data["options"] = list
	}
	return data
}

// checkValue fails the test where a client would not let a person send value.
func (s *Server) checkValue(command string, o optionSpec, value any) {
	s.t.Helper()
	ok := true
	switch o.Type {
	case optionString, optionUser, optionChannel, optionRole:
		text, isText := value.(string)
		most := maxStringOption
		if o.MaxLength != nil {
			most = *o.MaxLength
		}
		ok = isText && length(text) <= most
	case optionBoolean:
		_, ok = value.(bool)
	case optionInteger:
		_, ok = value.(int)
	}
	if !ok {
		s.t.Fatalf("discordserver: /%s takes no %T %v for option %s", command, value, value, o.Name)
	}
}

// Click lets user press the button with customID in a message, and returns the
// interaction's id.
func (s *Server) Click(user, channel, id, customID string) string {
	s.t.Helper()
	return s.press(user, channel, id, customID, nil)
}

// Select lets user choose values from the menu with customID in a message, and
// returns the interaction's id.
func (s *Server) Select(user, channel, id, customID string, values ...string) string {
	s.t.Helper()
	return s.press(user, channel, id, customID, values)
}

func (s *Server) press(user, channel, id, customID string, values []string) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.channel(channel), s.message(channel, id)
	buttons := m.Buttons()
	at := slices.IndexFunc(buttons, func(b Button) bool { return b.CustomID == customID && !b.Disabled })
	if at < 0 || !m.FromBot || m.ephemeral() && m.Only != user {
		s.t.Fatalf("discordserver: user %s sees nothing to press with id %q in %s: %s", user, customID, id, m.Components)
	}
	data := map[string]any{"custom_id": customID, "component_type": buttons[at].Kind, "id": at + 1}
	if buttons[at].Kind == componentSelect {
		for _, v := range values {
			if !slices.Contains(buttons[at].Values, v) {
				s.t.Fatalf("discordserver: menu %q offers %q, not %q", customID, buttons[at].Values, v)
			}
		}
		data["values"] = values
	}
	return s.interact(KindComponent, user, c, m, data, map[string]any{"message": s.messageJSON(m)}).ID
}

// Submit lets the user of the modal that opened in answer to an interaction
// send it, and returns the new interaction's id. values are by custom_id; what
// is missing is left empty.
func (s *Server) Submit(opened string, values map[string]string) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.interactions, func(i *interaction) bool { return i.ID == opened && i.Modal != nil })
	if at < 0 {
		s.t.Fatalf("discordserver: interaction %s opened no modal", opened)
	}
	i := s.interactions[at]
	var modal struct {
		CustomID   string          `json:"custom_id"`
		Components json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(i.Modal, &modal); err != nil {
		s.t.Fatalf("discordserver: %v", err)
	}
	rows := []any{}
	known := map[string]bool{}
	for _, c := range flat(modal.Components) {
		if c.Type != componentInput {
			continue
		}
		known[c.CustomID] = true
		value := values[c.CustomID]
		required := c.Required == nil || *c.Required
		if required && value == "" || c.MaxLength != nil && length(value) > *c.MaxLength || c.MinLength != nil && value != "" && length(value) < *c.MinLength {
			s.t.Fatalf("discordserver: the modal does not take %q for %s", value, c.CustomID)
		}
		rows = append(rows, map[string]any{"type": componentRow, "id": len(rows)*2 + 1, "components": []any{
			map[string]any{"type": componentInput, "id": len(rows)*2 + 2, "custom_id": c.CustomID, "value": value},
		}})
	}
	for name := range values {
		if !known[name] {
			s.t.Fatalf("discordserver: the modal has no input %s: %s", name, i.Modal)
		}
	}
	more := map[string]any{}
	if i.about != nil {
		more["message"] = s.messageJSON(i.about)
	}
	data := map[string]any{"custom_id": modal.CustomID, "components": rows}
	submitted := s.interact(KindModal, i.User, s.channel(i.Channel), i.about, data, more)
	submitted.opener = i
	return submitted.ID
}

// SubmitUnknown lets the user of a modal send it with a component of a kind that
// client libraries do not know.
func (s *Server) SubmitUnknown(opened string) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.interactions, func(i *interaction) bool { return i.ID == opened && i.Modal != nil })
	if at < 0 {
		s.t.Fatalf("discordserver: interaction %s opened no modal", opened)
	}
	i := s.interactions[at]
	data := map[string]any{"custom_id": "unknown", "components": []any{map[string]any{"type": 18, "id": 1}}}
	submitted := s.interact(KindModal, i.User, s.channel(i.Channel), nil, data, nil)
	submitted.opener = i
	return submitted.ID
}

// Alone returns the ephemeral messages of channel that user alone sees.
func (s *Server) Alone(user, channel string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool { return m.Only != user })
}

// String is m in one line.
func (m Message) String() string {
	return fmt.Sprintf("%s by %s: %q", m.ID, m.Author, strings.Join(strings.Fields(m.Text()), " "))
}
