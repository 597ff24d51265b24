package discordserver

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Message is what stands in a channel.
type Message struct {
	ID      string
	Channel string
	Author  string
	FromBot bool // by the application under test
	Webhook bool // by a webhook that is not the application's
	Type    int

	Content         string
	Embeds          json.RawMessage // a list; nil without
	Components      json.RawMessage // a list; nil without
	AllowedMentions json.RawMessage // as sent last; nil without
	Flags           int
	Nonce           string
	ReplyTo         string   // id of the message that it answers
	Pings           []string // whom it pings: ids of users and roles, "everyone"
	Thread          string   // id of the thread that begins at it

	Only        string // the user who alone sees it; "" is everybody
	Interaction string // id of the interaction that it answers
	Loading     bool   // a deferred answer that says nothing yet
	By          string // the route that it came by; "" if a person wrote it

	Edits   int
	Deleted bool

	editedAt string
	noPing   bool // a reply of a person that does not ping
}

// The types and flags of messages that the server makes.
const (
	typeReply         = 19
	typeCommand       = 20 // the answer to a slash command
	typeThreadStarter = 21
	typeContextMenu   = 23 // the answer to a message command

	flagHasThread      = 1 << 5
	flagEphemeral      = 1 << 6
	flagLoading        = 1 << 7
	flagSuppressEmbeds = 1 << 2
	flagSilent         = 1 << 12
	flagComponentsV2   = 1 << 15
)

// ephemeral says whether one user alone sees m.
func (m *Message) ephemeral() bool { return m.Only != "" }

// Text is what people read of m: its content and all texts of its embeds.
func (m *Message) Text() string {
	var embeds []struct {
		Title, Description string
		Author             struct{ Name string }
		Footer             struct{ Text string }
		Fields             []struct{ Name, Value string }
	}
	texts := []string{m.Content}
	if json.Unmarshal(m.Embeds, &embeds) == nil {
		for _, e := range embeds {
			texts = append(texts, e.Author.Name, e.Title, e.Description)
			for _, f := range e.Fields {
				texts = append(texts, f.Name, f.Value)
			}
			texts = append(texts, e.Footer.Text)
		}
	}
	texts = slices.DeleteFunc(texts, func(t string) bool { return t == "" })
	return strings.Join(texts, "\n")
}

// Button is a component that people press, or choose from.
type Button struct {
	Kind     int // 2 a button, 3 a select menu of strings
	CustomID string
	Label    string // or the placeholder of a menu
	URL      string
	Disabled bool
	Values   []string // that a menu offers
}

// Buttons are the components of m, in order.
func (m *Message) Buttons() []Button {
	var list []Button
	for _, c := range flat(m.Components) {
		if c.Type != componentButton && c.Type != componentSelect {
			continue
		}
		b := Button{Kind: c.Type, CustomID: c.CustomID, Label: cmp.Or(c.Label, c.Placeholder), URL: c.URL, Disabled: c.Disabled}
		for _, o := range c.Options {
			b.Values = append(b.Values, o.Value)
		}
		list = append(list, b)
	}
	return list
}

// Messages returns what stands in channel, ephemeral messages included, in
// order. Deleted ones are left out.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Message
	for _, m := range s.messages {
		if m.Channel == channel && !m.Deleted {
			list = append(list, *m)
		}
	}
	return list
}

// Answers returns the bot's messages in channel.
func (s *Server) Answers(channel string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool { return !m.FromBot || m.Type == typeThreadStarter })
}

// Message returns one message, even if it was deleted.
func (s *Server) Message(channel, id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.Channel == channel && m.ID == id {
			return *m, true
		}
	}
	return Message{}, false
}

// AwaitMessage waits for a message in channel that is as is says.
func (s *Server) AwaitMessage(channel, what string, is func(Message) bool) Message {
	s.t.Helper()
	var found Message
	s.Await(what, func() bool {
		for _, m := range s.Messages(channel) {
			if is(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// find returns a message that stands; s.mu is held.
func (s *Server) find(channel, id string) *Message {
	for _, m := range slices.Backward(s.messages) {
		if m.Channel == channel && m.ID == id && !m.Deleted {
			return m
		}
	}
	return nil
}

// countIn counts the messages of a thread; s.mu is held.
func (s *Server) countIn(channel string) int {
	n := 0
	for _, m := range s.messages {
		if m.Channel == channel && !m.Deleted && !m.ephemeral() && m.Type != typeThreadStarter {
			n++
		}
	}
	return n
}

var (
	mentionForm     = regexp.MustCompile(`<@!?(\d+)>`)
	roleMentionForm = regexp.MustCompile(`<@&(\d+)>`)
)

// mentions are the users that m names or answers with a ping; s.mu is held.
func (s *Server) mentions(m *Message) []string {
	var ids []string
	add := func(id string) {
		if s.users[id] != nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, found := range mentionForm.FindAllStringSubmatch(m.Content, -1) {
		add(found[1])
	}
	if original := s.find(m.Channel, m.ReplyTo); original != nil && !m.noPing {
		add(original.Author)
	}
	return ids
}

// messageJSON is m as the API gives it, but for what hideFrom takes away; s.mu
// is held.
func (s *Server) messageJSON(m *Message) map[string]any {
	j := map[string]any{
		"id": m.ID, "channel_id": m.Channel, "type": m.Type, "content": m.Content, "author": s.userJSON(m.Author),
		"embeds": listOf(m.Embeds), "components": listOf(m.Components), "attachments": []any{},
		"mention_everyone": strings.Contains(m.Content, "@everyone") || strings.Contains(m.Content, "@here"),
		"pinned":           false, "tts": false, "timestamp": stamp(timeOf(m.ID)), "edited_timestamp": nil,
		"flags": m.Flags,
	}
	if m.FromBot {
		j["application_id"] = s.App
	}
	roles := []any{}
	for _, found := range roleMentionForm.FindAllStringSubmatch(m.Content, -1) {
		roles = append(roles, found[1])
	}
	j["mention_roles"] = roles
	mentioned := []any{}
	for _, id := range s.mentions(m) {
		mentioned = append(mentioned, s.userJSON(id))
	}
	j["mentions"] = mentioned
	if m.editedAt != "" {
		j["edited_timestamp"] = m.editedAt
	}
	if m.Webhook {
		j["webhook_id"] = m.Author
		j["author"] = map[string]any{
			"id": m.Author, "username": "Hook", "discriminator": "0000", "avatar": nil, "bot": true, "public_flags": 0, "flags": 0, "global_name": nil, "primary_guild": nil,
		}
	}
	if m.Interaction != "" {
		j["webhook_id"] = s.App
		for _, i := range s.interactions {
			if i.ID == m.Interaction {
				j["interaction_metadata"] = s.metadata(i, m)
			}
		}
	}
	if m.ReplyTo != "" {
		reference := map[string]any{"type": 0, "channel_id": m.Channel, "message_id": m.ReplyTo}
		if c := s.channels[m.Channel]; c != nil && c.Guild != "" {
			reference["guild_id"] = c.Guild
			if m.Type == typeThreadStarter {
				reference["channel_id"] = c.Parent
			}
		}
		j["message_reference"] = reference
	}
	if c := s.channels[m.Thread]; m.Thread != "" && c != nil {
		j["thread"] = s.channelJSON(c)
	}
	return j
}

// metadata says to what m is an answer: an interaction, or a modal that one
// opened; s.mu is held.
func (s *Server) metadata(i *interaction, m *Message) map[string]any {
	j := map[string]any{
		"id": i.ID, "type": i.Kind, "user": s.userJSON(i.User), "authorizing_integration_owners": map[string]any{},
	}
	if m != nil && i.Original != "" && i.Original != m.ID {
		j["original_response_message_id"] = i.Original
	}
	switch {
	case i.Kind == KindComponent:
		j["interacted_message_id"] = i.about.ID
	case i.Kind == KindModal:
		j["triggering_interaction_metadata"] = s.metadata(i.opener, nil)
	}
	return j
}

// withOriginal adds the message that m answers; s.mu is held.
func (s *Server) withOriginal(m *Message, content bool) map[string]any {
	j := s.messageJSON(m)
	if !content && s.hidden(m) {
		hide(j)
	}
	if m.Type != typeReply {
		return j
	}
	j["referenced_message"] = nil // it was deleted
	if original := s.find(m.Channel, m.ReplyTo); original != nil {
		o := s.messageJSON(original)
		if !content && s.hidden(original) {
			hide(o)
		}
		j["referenced_message"] = o
	}
	return j
}

// hidden says whether the content of m is kept from a bot without the intent
// for it; s.mu is held.
func (s *Server) hidden(m *Message) bool {
	c := s.channels[m.Channel]
	return !m.FromBot && (c == nil || c.Guild != "") && !slices.Contains(s.mentions(m), s.Bot)
}

// hide empties what only the intent for message content shows.
func hide(j map[string]any) {
	j["content"] = ""
	j["embeds"], j["components"], j["attachments"] = []any{}, []any{}, []any{}
}

// listOf is a list as JSON, empty for nil.
func listOf(raw json.RawMessage) any {
	if raw == nil {
		return []any{}
	}
	return raw
}

// eventOf is m as MESSAGE_CREATE and MESSAGE_UPDATE have it; s.mu is held.
func (s *Server) eventOf(m *Message, content bool) map[string]any {
	j := s.withOriginal(m, content)
	if m.Nonce != "" {
		j["nonce"] = m.Nonce
	}
	c := s.channels[m.Channel]
	if g := s.findGuild(c.Guild); g != nil {
		j["guild_id"] = g.id
		if _, in := g.members[m.Author]; in && !m.Webhook {
			j["member"] = s.memberJSON(g, m.Author)
		}
	}
	return j
}

// tell sends the bot's sessions an event about m; s.mu is held.
func (s *Server) tell(kind string, m *Message) {
	c := s.channels[m.Channel]
	if m.ephemeral() || !s.may(c, ViewChannel) {
		return
	}
	intent := GuildMessages
	if c.Guild == "" {
		intent = DirectMessages
	}
	if kind == "MESSAGE_DELETE" {
		j := map[string]any{"id": m.ID, "channel_id": m.Channel}
		if c.Guild != "" {
			j["guild_id"] = c.Guild
		}
		s.emit(kind, c.Guild, intent, j)
		return
	}
	with, without := s.eventOf(m, true), s.eventOf(m, false)
	s.emitFor(kind, c.Guild, intent, func(intents Intents) any {
		if intents&MessageContent != 0 {
			return with
		}
		return without
	})
}

// post puts m into its channel and tells the bot of it; s.mu is held.
func (s *Server) post(c *Channel, m *Message) {
	m.ID, m.Channel = s.snowflake(), c.ID
	s.messages = append(s.messages, m)
	if m.ephemeral() {
		return
	}
	c.lastID = m.ID
	if c.Archived {
		c.Archived = false
		s.emit("THREAD_UPDATE", c.Guild, Guilds, s.channelJSON(c))
	}
	s.tell("MESSAGE_CREATE", m)
}

// pings are whom m pings, by its content and what allowed_mentions says. Without
// it a message pings all that it names, an answer to an interaction users only.
func (s *Server) pings(c *Channel, m *Message) []string {
	var allowed struct {
		Parse       []string `json:"parse"`
		Users       []string `json:"users"`
		Roles       []string `json:"roles"`
		RepliedUser bool     `json:"replied_user"`
	}
	parse, replied := []string{"users", "roles", "everyone"}, true
	if m.Interaction != "" {
		parse = []string{"users"}
	}
	if m.AllowedMentions != nil {
		_ = json.Unmarshal(m.AllowedMentions, &allowed) // it was read before
		replied = allowed.RepliedUser
		if allowed.Parse != nil || allowed.Users != nil || allowed.Roles != nil {
			parse = allowed.Parse // null is taken as if it were not there
		}
	}
	var ids []string
	for _, found := range mentionForm.FindAllStringSubmatch(m.Content, -1) {
		if slices.Contains(parse, "users") || slices.Contains(allowed.Users, found[1]) {
			ids = append(ids, found[1])
		}
	}
	for _, found := range roleMentionForm.FindAllStringSubmatch(m.Content, -1) {
		if slices.Contains(parse, "roles") || slices.Contains(allowed.Roles, found[1]) {
			ids = append(ids, found[1])
		}
	}
	everyone := strings.Contains(m.Content, "@everyone") || strings.Contains(m.Content, "@here")
	if everyone && slices.Contains(parse, "everyone") && s.may(c, MentionEveryone) {
		ids = append(ids, "everyone")
	}
	if original := s.find(c.ID, m.ReplyTo); original != nil && replied {
		ids = append(ids, original.Author)
	}
	return ids
}

// createMessage is POST messages.
func (s *Server) createMessage(r *request) (any, *refusal) {
	c, why := s.writable(r.path("channel"))
	if why != nil {
		return nil, why
	}
	m := &Message{Author: s.Bot, FromBot: true, By: r.Route}
	f := form{}
	s.content(&f, r.fields, m, flagSuppressEmbeds|flagSilent|flagComponentsV2)
	m.Nonce = f.nonce(r.fields)
	enforce := f.boolean(r.fields, "enforce_nonce")
	s.reference(&f, c, r.fields, m)
	if why := f.refusal(); why != nil {
		return nil, why
	}
	if why := s.allowed(c, m); why != nil {
		return nil, why
	}
	if enforce && m.Nonce != "" {
		if first := s.byNonce(c, m.Nonce); first != nil {
			return s.created(first), nil
		}
	}
	m.Pings = s.pings(c, m)
	s.post(c, m)
	return s.created(m), nil
}

// created is m as the answer to the call that made it has it. Only there the
// nonce is given back: GETs do not have it.
func (s *Server) created(m *Message) map[string]any {
	j := s.withOriginal(m, true)
	if m.Nonce != "" {
		j["nonce"] = m.Nonce
	}
	return j
}

// byNonce finds the message that the bot made with a nonce a short while ago.
func (s *Server) byNonce(c *Channel, nonce string) *Message {
	for _, m := range slices.Backward(s.messages) {
		if s.Clock.Now().Sub(timeOf(m.ID)) > s.limits.Nonce {
			return nil
		}
		if m.Channel == c.ID && m.FromBot && m.Nonce == nonce {
			return m
		}
	}
	return nil
}

// reference reads message_reference into m.
func (s *Server) reference(f *form, c *Channel, fields map[string]json.RawMessage, m *Message) {
	raw, ok := fields["message_reference"]
	if !ok || string(raw) == "null" {
		return
	}
	var reference map[string]json.RawMessage
	if json.Unmarshal(raw, &reference) != nil {
		f.at("message_reference", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
		return
	}
	in := form{}
	id := in.snowflake(reference, "message_id", true)
	channel := in.snowflake(reference, "channel_id", false)
	in.snowflake(reference, "guild_id", false)
	if in.errors != nil {
		f.under("message_reference", in)
		return
	}
	must := true
	if raw, ok := reference["fail_if_not_exists"]; ok {
		must = string(raw) != "false"
	}
	if channel != "" && channel != c.ID || s.find(c.ID, id) == nil || s.find(c.ID, id).ephemeral() {
		if must {
			f.at("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
		}
		return
	}
	m.ReplyTo, m.Type = id, typeReply
}

// allowed refuses what the bot may not post in c.
func (s *Server) allowed(c *Channel, m *Message) *refusal {
	switch {
	case m.Content == "" && m.Embeds == nil && m.Components == nil:
		return refuse(400, 50006, "Cannot send an empty message")
	case m.Embeds != nil && !s.may(c, EmbedLinks):
		return errMissingRights
	case m.ReplyTo != "" && !s.may(c, ReadMessageHistory):
		return refuse(403, 160002, "Cannot reply without permission to read message history")
	}
	return nil
}

// getMessages is GET messages: the newest first.
func (s *Server) getMessages(r *request) (any, *refusal) {
	c, why := s.seen(r.path("channel"))
	if why != nil {
		return nil, why
	}
	limit, f := 50, form{}
	if text := r.Query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxMessagesAtime {
			f.at("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
		}
		limit = n
	}
	bounds := map[string]string{}
	for _, name := range []string{"around", "before", "after"} {
		if id := r.Query.Get(name); id != "" {
			bounds[name] = id
			if !snowflakeForm.MatchString(id) {
				f.at(name, "NUMBER_TYPE_COERCE", "Value \""+id+"\" is not snowflake.")
			}
		}
	}
	if len(bounds) > 1 {
		f.at("_", "BAD_REQUEST", "around, before and after are mutually exclusive")
	}
	if why := f.refusal(); why != nil {
		return nil, why
	}
	var list []*Message
	if s.may(c, ReadMessageHistory) { // without it there are none, and no error
		for _, m := range s.messages {
			if m.Channel == c.ID && !m.Deleted && !m.ephemeral() {
				list = append(list, m)
			}
		}
	}
	slices.SortFunc(list, func(a, b *Message) int { return timeAndOrder(a.ID, b.ID) })
	list = page(list, bounds, limit)
	answer := []any{}
	for _, m := range slices.Backward(list) {
		answer = append(answer, s.withOriginal(m, s.privileged&MessageContent != 0))
	}
	return answer, nil
}

// page cuts a list in order of time to limit messages: those right after an id,
// around it, before it, or the last.
func page(list []*Message, bounds map[string]string, limit int) []*Message {
	if id := bounds["after"]; id != "" {
		list = slices.DeleteFunc(list, func(m *Message) bool { return timeAndOrder(m.ID, id) <= 0 })
		return list[:min(limit, len(list))]
	}
	if id := bounds["before"]; id != "" {
		list = slices.DeleteFunc(list, func(m *Message) bool { return timeAndOrder(m.ID, id) >= 0 })
	}
	if id := bounds["around"]; id != "" {
		at := slices.IndexFunc(list, func(m *Message) bool { return timeAndOrder(m.ID, id) >= 0 })
		if at < 0 {
			at = len(list)
		}
		from := max(0, at-limit/2)
		return list[from:min(len(list), from+limit)]
	}
	return list[max(0, len(list)-limit):]
}

// messageOf finds the message of a call.
func (s *Server) messageOf(r *request) (*Channel, *Message, *refusal) {
	c, why := s.seen(r.path("channel"))
	if why != nil {
		return nil, nil, why
	}
	m := s.find(c.ID, r.path("message"))
	if m == nil || m.ephemeral() {
		return nil, nil, errUnknownMessage
	}
	return c, m, nil
}

func (s *Server) getMessage(r *request) (any, *refusal) {
	c, m, why := s.messageOf(r)
	if why != nil {
		return nil, why
	}
	if !s.may(c, ReadMessageHistory) {
		return nil, errMissingRights
	}
	return s.withOriginal(m, s.privileged&MessageContent != 0), nil
}

// editMessage is PATCH of a message: what is not given stays.
func (s *Server) editMessage(r *request) (any, *refusal) {
	c, m, why := s.messageOf(r)
	if why != nil {
		return nil, why
	}
	if !m.FromBot {
		return nil, refuse(403, 50005, "Cannot edit a message authored by another user")
	}
	if c.Locked {
		return nil, refuse(400, 50083, "Thread is archived")
	}
	changed := *m
	f := form{}
	s.content(&f, r.fields, &changed, flagSuppressEmbeds|flagComponentsV2)
	if why := f.refusal(); why != nil {
		return nil, why
	}
	if why := s.allowed(c, &changed); why != nil {
		return nil, why
	}
	s.change(c, m, changed)
	return s.withOriginal(m, true), nil
}

// change makes m what changed is, and tells the bot; s.mu is held.
func (s *Server) change(c *Channel, m *Message, changed Message) {
	changed.Edits++
	changed.editedAt = stamp(s.Clock.Now())
	changed.Loading = false
	changed.Flags &^= flagLoading
	changed.Pings = append(slices.Clone(m.Pings), s.newPings(c, m, &changed)...)
	*m = changed
	s.tell("MESSAGE_UPDATE", m)
}

// newPings are whom an edit pings: Discord does not ping on edits, but for a
// deferred answer's first text. The stricter reading counts what it would.
func (s *Server) newPings(c *Channel, m, changed *Message) []string {
	return slices.DeleteFunc(s.pings(c, changed), func(id string) bool { return slices.Contains(m.Pings, id) })
}

// deleteMessage is DELETE of a message.
func (s *Server) deleteMessage(r *request) (any, *refusal) {
	c, m, why := s.messageOf(r)
	if why != nil {
		return nil, why
	}
	if !m.FromBot && (c.Guild == "" || !s.may(c, ManageMessages)) {
		return nil, errMissingRights
	}
	s.remove(m)
	return nil, nil
}

// remove takes m away and tells the bot; s.mu is held.
func (s *Server) remove(m *Message) {
	m.Deleted = true
	s.tell("MESSAGE_DELETE", m)
}

// createThread is POST threads of a message.
func (s *Server) createThread(r *request) (any, *refusal) {
	c, m, why := s.messageOf(r)
	if why != nil {
		return nil, why
	}
	f := form{}
	name := f.text(r.fields, "name", 1, maxThreadName, true)
	if r.has("auto_archive_duration") {
		if n, ok := f.integer(r.fields, "auto_archive_duration"); ok && !slices.Contains([]int{60, 1440, 4320, 10080}, n) {
			f.at("auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of (60, 1440, 4320, 10080).")
		}
	}
	switch {
	case !s.may(c, CreatePublicThreads):
		return nil, errMissingRights
	case c.Guild == "" || c.Parent != "":
		return nil, refuse(400, 50024, "Cannot execute action on this channel type")
	case f.errors != nil:
		return nil, f.refusal()
	case m.Thread != "":
		return nil, refuse(400, 160004, "A thread has already been created for this message")
	}
	r.made = true
	return s.channelJSON(s.startThread(c, m, s.Bot, name)), nil
}

// startThread begins a thread at m; its id is that of m. s.mu is held.
func (s *Server) startThread(c *Channel, m *Message, owner, name string) *Channel {
	thread := &Channel{ID: m.ID, Guild: c.Guild, Name: name, Parent: c.ID, Owner: owner}
	s.channels[thread.ID] = thread
	m.Thread = thread.ID
	m.Flags |= flagHasThread
	if s.may(c, ViewChannel) {
		j := s.channelJSON(thread)
		j["newly_created"] = true
		s.emit("THREAD_CREATE", c.Guild, Guilds, j)
	}
	// A thread begins with a message without content that points at m.
	s.post(thread, &Message{Author: m.Author, FromBot: m.FromBot, Type: typeThreadStarter, ReplyTo: m.ID})
	s.tell("MESSAGE_UPDATE", m)
	return thread
}
