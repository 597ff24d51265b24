package slackserver

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Message is what stands in a channel.
type Message struct {
	Channel  string
	TS       string
	ThreadTS string // of its thread's root; "" outside threads and for a root
	User     string
	FromBot  bool // by the app under test
	Text     string
	Markdown string          // markdown_text, or all text of a stream so far
	Blocks   json.RawMessage // a list; nil without
	Metadata json.RawMessage // nil without

	Only        string // the user who alone sees it; "" is everybody
	Hidden      bool   // an ephemeral message in a thread that nobody has replied in: Slack does not show it
	By          string // how it came: the method, response_url or ack; "" if a person wrote it
	UnfurlLinks string // as sent: "true", "false" or ""
	UnfurlMedia string
	Mrkdwn      string // as it was last sent: "false" shows Text as it is
	Stream      StreamState
	Chunks      []json.RawMessage // of a stream, all kinds, in their order
	Recipient   string            // user a stream is for

	Edits   int
	edited  string // time of the last edit
	Deleted bool

	expires func() // stops the timer of a stream
}

// ephemeral says whether one user alone sees m.
func (m *Message) ephemeral() bool { return m.Only != "" }

// BlockTexts is the text of every block and of what is in it, in order.
func (m *Message) BlockTexts() string {
	var blocks any
	if json.Unmarshal(m.Blocks, &blocks) != nil {
		return ""
	}
	var texts []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok {
				texts = append(texts, text)
			}
			for _, key := range []string{"text", "fields", "elements", "accessory", "positive_button", "negative_button", "title"} {
				walk(v[key])
			}
		}
	}
	walk(blocks)
	return strings.Join(texts, "\n")
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

// Answers returns the bot's messages of a thread in channel; thread "" is
// outside all threads.
func (s *Server) Answers(channel, thread string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool { return !m.FromBot || m.ThreadTS != thread })
}

// Message returns one message, even if it was deleted.
func (s *Server) Message(channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.find(channel, ts); m != nil {
		return *m, true
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

// find returns a message; s.mu is held.
func (s *Server) find(channel, ts string) *Message {
	for _, m := range slices.Backward(s.messages) {
		if m.Channel == channel && m.TS == ts {
			return m
		}
	}
	return nil
}

// root is the time of the thread that m is in, or that it begins.
func (m *Message) root() string {
	if m.ThreadTS != "" {
		return m.ThreadTS
	}
	return m.TS
}

// replies counts what everybody sees in the thread of root.
func (s *Server) repliesTo(channel, root string) int {
	n := 0
	for _, m := range s.messages {
		if m.Channel == channel && m.ThreadTS == root && !m.Deleted && !m.ephemeral() {
			n++
		}
	}
	return n
}

// json is m as the API gives it. Metadata is given on request only.
func (s *Server) messageJSON(m *Message, metadata bool) map[string]any {
	j := map[string]any{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": s.Team}
	if m.FromBot {
		j["bot_id"] = s.BotID
		j["app_id"] = s.App
		j["bot_profile"] = map[string]any{"id": s.BotID, "app_id": s.App, "name": s.users[s.Bot].Name, "team_id": s.Team}
	} else {
		j["client_msg_id"] = "m-" + m.TS
	}
	if m.Text == "" && m.Markdown != "" {
		j["text"] = m.Markdown // Slack renders it; the letters are the same
	}
	if m.Blocks != nil {
		j["blocks"] = m.Blocks
	}
	if m.Metadata != nil && metadata {
		j["metadata"] = m.Metadata
	}
	if m.Edits > 0 {
		j["edited"] = map[string]any{"user": m.User, "ts": m.edited}
	}
	if m.ThreadTS != "" {
		j["thread_ts"] = m.ThreadTS
		if root := s.find(m.Channel, m.ThreadTS); root != nil {
			j["parent_user_id"] = root.User
		}
	} else if n := s.repliesTo(m.Channel, m.TS); n > 0 {
		j["thread_ts"] = m.TS
		j["reply_count"] = n
	}
	if m.Deleted {
		return map[string]any{
			"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.",
			"ts": m.TS, "thread_ts": m.TS, "hidden": true,
		}
	}
	return j
}

var tsForm = regexp.MustCompile(`^\d{10}\.\d{6}$`)

// writable finds the conversation that the bot writes to. A user's id stands
// for the direct conversation with that user.
func (s *Server) writable(r *request) (*Channel, *refusal) {
	id := r.get("channel")
	if s.users[id] != nil {
		if id = s.dm(id); id == "" {
			id = s.id("D")
			s.channels[id] = &Channel{ID: id, Kind: Direct, Members: []string{s.Bot, r.get("channel")}}
		}
	}
	c := s.channels[id]
	switch {
	case c == nil, !c.has(s.Bot) && c.Kind != Public:
		return nil, refuse("channel_not_found")
	case c.Archived:
		return nil, refuse("is_archived")
	case !c.has(s.Bot):
		public := r.Method == "chat.postMessage" && slices.Contains(s.tokens[r.token].scopes, "chat:write.public")
		if !public {
			return nil, refuse("not_in_channel")
		}
	}
	return c, nil
}

// checkThread refuses a thread that is none.
func (s *Server) checkThread(c *Channel, ts string) *refusal {
	if ts == "" {
		return nil
	}
	if !tsForm.MatchString(ts) {
		return refuse("invalid_thread_ts")
	}
	root := s.find(c.ID, ts)
	switch {
	case root == nil, root.ephemeral(), root.Deleted && s.repliesTo(c.ID, ts) == 0:
		return refuse("thread_not_found")
	case root.ThreadTS != "":
		return refuse("cannot_reply_to_message") // a reply begins no thread
	}
	return nil
}

// content reads and checks what a message is to say, into m. A parameter that
// is absent leaves m as it is.
func (s *Server) content(r *request, m *Message, maxText int) *refusal {
	_, hasText := r.Params["text"]
	_, hasBlocks := r.Params["blocks"]
	if markdown := r.get("markdown_text"); markdown != "" {
		if r.get("text") != "" || r.get("blocks") != "" {
			return refuse("markdown_text_conflict")
		}
		if utf8.RuneCountInString(markdown) > maxMarkdown {
			return refuse("msg_too_long")
		}
		m.Markdown = markdown
	}
	if hasText {
		text := r.get("text")
		if utf8.RuneCountInString(text) > maxText {
			if maxText < maxPostText {
				return refuse("msg_too_long")
			}
			text = string([]rune(text)[:maxText])
		}
		m.Text = text
	}
	if hasBlocks && r.get("blocks") != "" && r.get("blocks") != "null" {
		n, why := checkBlocks(r.get("blocks"), inMessage)
		if why != nil {
			return why
		}
		m.Blocks = s.withIDs(r.get("blocks"))
		if n == 0 {
			m.Blocks = nil // an empty list takes the blocks away
		}
	}
	if why := readMetadata(r.get("metadata"), m); why != nil {
		return why
	}
	if m.Text == "" && m.Blocks == nil && m.Markdown == "" {
		return refuse("no_text")
	}
	return nil
}

// readMetadata checks metadata and keeps it in m.
func readMetadata(raw string, m *Message) *refusal {
	if raw == "" {
		return nil
	}
	var meta struct {
		Type    *string         `json:"event_type"`
		Payload json.RawMessage `json:"event_payload"`
	}
	switch {
	case json.Unmarshal([]byte(raw), &meta) != nil:
		return refuse("invalid_metadata_format")
	case meta.Type == nil && meta.Payload == nil:
		m.Metadata = nil // {} takes the metadata away
		return nil
	case meta.Type == nil, *meta.Type == "", len(meta.Payload) == 0, meta.Payload[0] != '{':
		return refuse("invalid_metadata_schema")
	case len(raw) > maxMetadataBytes:
		return refuse("metadata_too_large")
	}
	m.Metadata = json.RawMessage(raw)
	return nil
}

// withIDs gives every block an id, as Slack does.
func (s *Server) withIDs(raw string) json.RawMessage {
	var blocks []map[string]any
	if json.Unmarshal([]byte(raw), &blocks) != nil {
		return json.RawMessage(raw)
	}
	for _, b := range blocks {
		if id, _ := b["block_id"].(string); id == "" {
			b["block_id"] = s.secret("b")
		}
	}
	out, err := json.Marshal(blocks)
	if err != nil {
		return json.RawMessage(raw)
	}
	return out
}

// post puts m into its channel and tells the app of it; s.mu is held.
func (s *Server) post(c *Channel, m *Message) {
	m.Channel = c.ID
	m.TS = s.ts()
	if m.ephemeral() {
		m.Hidden = m.ThreadTS != "" && s.repliesTo(c.ID, m.ThreadTS) == 0
	}
	s.messages = append(s.messages, m)
	if m.ephemeral() {
		return // no event tells of it
	}
	if m.FromBot && m.ThreadTS != "" {
		s.thread(c.ID, m.ThreadTS).Status = "" // a reply clears it
	}
	event := s.messageJSON(m, true)
	event["channel"] = c.ID
	event["channel_type"] = c.Kind
	event["event_ts"] = m.TS
	s.emit(c, c.Kind.event(), m.TS, event)
	if c.Kind == Public || c.Kind == Private {
		if !m.FromBot && strings.Contains(m.Text, s.Mention()) {
			s.emitMention(c, m)
		}
	}
}

// emitMention sends app_mention, the twin of a channel's message; s.mu is held.
func (s *Server) emitMention(c *Channel, m *Message) {
	event := map[string]any{
		"type": "app_mention", "user": m.User, "text": m.Text, "ts": m.TS, "channel": c.ID, "event_ts": m.TS,
		"client_msg_id": "m-" + m.TS, "team": s.Team,
	}
	if m.ThreadTS != "" {
		event["thread_ts"] = m.ThreadTS
	}
	if m.Edits > 0 {
		event["edited"] = map[string]any{"user": m.User, "ts": m.edited}
	}
	s.emit(c, "app_mention", m.TS, event)
}

// emitChange tells the app that before became m; s.mu is held.
func (s *Server) emitChange(c *Channel, before map[string]any, m *Message) {
	at := s.ts()
	s.emit(c, c.Kind.event(), m.TS, map[string]any{
		"type": "message", "subtype": "message_changed", "hidden": true, "channel": c.ID, "channel_type": c.Kind,
		"ts": at, "event_ts": at, "message": s.messageJSON(m, true), "previous_message": before,
	})
}

// remove takes m away and tells the app; s.mu is held.
func (s *Server) remove(c *Channel, m *Message) {
	before := s.messageJSON(m, true)
	m.Deleted = true
	if m.expires != nil {
		m.expires()
	}
	if m.ephemeral() {
		return
	}
	at := s.ts()
	s.emit(c, c.Kind.event(), m.TS, map[string]any{
		"type": "message", "subtype": "message_deleted", "hidden": true, "channel": c.ID, "channel_type": c.Kind,
		"ts": at, "event_ts": at, "deleted_ts": m.TS, "previous_message": before,
	})
}

// postMessage is chat.postMessage.
func (s *Server) postMessage(r *request) *refusal {
	c, why := s.writable(r)
	if why != nil {
		return why
	}
	m := s.ownMessage(r)
	if why := s.checkThread(c, m.ThreadTS); why != nil {
		return why
	}
	if why := s.content(r, m, maxPostText); why != nil {
		return why
	}
	s.post(c, m)
	r.reply["channel"] = c.ID
	r.reply["ts"] = m.TS
	r.reply["message"] = s.messageJSON(m, true)
	return nil
}

// ownMessage is a new message of the bot, without content.
func (s *Server) ownMessage(r *request) *Message {
	return &Message{
		User: s.Bot, FromBot: true, By: r.Method, ThreadTS: r.get("thread_ts"),
		UnfurlLinks: r.get("unfurl_links"), UnfurlMedia: r.get("unfurl_media"), Mrkdwn: r.get("mrkdwn"),
	}
}

// postEphemeral is chat.postEphemeral.
func (s *Server) postEphemeral(r *request) *refusal {
	c, why := s.writable(r)
	if why != nil {
		return why
	}
	m := s.ownMessage(r)
	m.Only = r.get("user")
	if !c.has(m.Only) {
		return refuse("user_not_in_channel")
	}
	if why := s.checkThread(c, m.ThreadTS); why != nil {
		return why
	}
	if why := s.content(r, m, maxPostText); why != nil {
		return why
	}
	m.Metadata = nil // not among the method's parameters
	s.post(c, m)
	r.reply["message_ts"] = m.TS
	return nil
}

// ownOf finds the bot's message that r speaks of.
func (s *Server) ownOf(r *request, foreign string) (*Channel, *Message, *refusal) {
	c, why := s.writable(r)
	if why != nil {
		return nil, nil, why
	}
	m := s.find(c.ID, r.get("ts"))
	switch {
	case m == nil, m.Deleted, m.ephemeral():
		return nil, nil, refuse("message_not_found")
	case !m.FromBot:
		return nil, nil, refuse(foreign)
	}
	return c, m, nil
}

// updateMessage is chat.update. What is not given stays: blocks and metadata
// go away by an empty list and an empty object.
func (s *Server) updateMessage(r *request) *refusal {
	c, m, why := s.ownOf(r, "cant_update_message")
	if why != nil {
		return why
	}
	if m.Stream == Streaming {
		return refuse("streaming_state_conflict")
	}
	changed := *m
	changed.Mrkdwn = r.get("mrkdwn")
	if r.get("text") == "" && r.get("blocks") == "" && r.get("markdown_text") == "" && r.get("metadata") == "" {
		return refuse("no_text")
	}
	if why := s.content(r, &changed, maxUpdateText); why != nil {
		return why
	}
	if r.get("markdown_text") == "" && (r.get("text") != "" || r.get("blocks") != "") {
		changed.Markdown = "" // the new content takes its place
	}
	changed.Edits++
	changed.edited = s.ts()
	before := s.messageJSON(m, true)
	*m = changed
	s.emitChange(c, before, m)
	r.reply["channel"] = c.ID
	r.reply["ts"] = m.TS
	r.reply["text"] = m.Text
	r.reply["message"] = s.messageJSON(m, true)
	return nil
}

// deleteMessage is chat.delete.
func (s *Server) deleteMessage(r *request) *refusal {
	c, m, why := s.ownOf(r, "cant_delete_message")
	if why != nil {
		return why
	}
	s.remove(c, m)
	r.reply["channel"] = c.ID
	r.reply["ts"] = m.TS
	return nil
}

// getPermalink is chat.getPermalink.
func (s *Server) getPermalink(r *request) *refusal {
	c := s.channels[r.get("channel")]
	if c == nil {
		return refuse("channel_not_found")
	}
	m := s.find(c.ID, r.get("message_ts"))
	if m == nil || m.Deleted || m.ephemeral() {
		return refuse("message_not_found")
	}
	link := fmt.Sprintf("https://summit.slack.com/archives/%s/p%s", c.ID, strings.ReplaceAll(m.TS, ".", ""))
	if m.ThreadTS != "" {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + c.ID
	}
	r.reply["channel"] = c.ID
	r.reply["permalink"] = link
	return nil
}
