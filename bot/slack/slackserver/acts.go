package slackserver

import (
	"encoding/json"
	"maps"
	"strings"
	"unicode/utf8"
)

// Act is a command, a click or a submission on its way to the app.
type Act struct {
	Envelope    string // id
	Trigger     string
	ResponseURL string // "" where there is none
}

// Say lets user write in channel, in the thread that begins at thread unless
// that is "", and returns the message's time. The app is told as it subscribed:
// a mention in a channel comes as two events. text is as Slack sends it, with
// &amp; &lt; &gt; for what was typed and <@U…> for mentions.
func (s *Server) Say(user, channel, text, thread string) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	c.join(user)
	if why := s.checkThread(c, thread); why != nil {
		s.t.Fatalf("slackserver: %s cannot write in thread %s: %s", s.who(user), thread, why.code)
	}
	m := &Message{User: user, Text: text, ThreadTS: thread}
	s.post(c, m)
	s.notify()
	return m.TS
}

// channel finds a channel or fails the test; s.mu is held.
func (s *Server) channel(id string) *Channel {
	s.t.Helper()
	c := s.channels[id]
	if c == nil {
		s.t.Fatalf("slackserver: no channel %s", id)
	}
	return c
}

// message finds a message that stands or fails the test; s.mu is held.
func (s *Server) message(channel, ts string) *Message {
	s.t.Helper()
	m := s.find(channel, ts)
	if m == nil || m.Deleted {
		s.t.Fatalf("slackserver: no message %s in %s", ts, channel)
	}
	return m
}

// Edit lets the author of a message change it. A mention that is new comes as
// app_mention too.
func (s *Server) Edit(channel, ts, text string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.channel(channel), s.message(channel, ts)
	mentioned := strings.Contains(m.Text, s.Mention())
	before := s.messageJSON(m, true)
	m.Text = text
	m.Edits++
	m.edited = s.ts()
	s.emitChange(c, before, m)
	if !mentioned && strings.Contains(text, s.Mention()) && (c.Kind == Public || c.Kind == Private) {
		s.emitMention(c, m)
	}
	s.notify()
}

// Delete takes a message away, as its author or an administrator does.
func (s *Server) Delete(channel, ts string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.channel(channel), s.message(channel, ts)
	s.remove(c, m)
	s.notify()
}

// Slash lets user send a command, such as /summit, in channel, where the bot
// need not be. Commands do not work in threads.
func (s *Server) Slash(user, channel, command, text string) Act {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	c.join(user)
	act := Act{Trigger: s.newTrigger(user, nil), ResponseURL: s.newResponseURL(c, user, nil)}
	name := c.Name
	if c.Kind == Direct {
		name = "directmessage"
	}
	act.Envelope = s.interact("slash_commands", "slash_commands", "", map[string]any{
		"token": "verification", "team_id": s.Team, "team_domain": "summit", "api_app_id": s.App,
		"channel_id": c.ID, "channel_name": name, "user_id": user, "user_name": s.nameOf(user),
		"command": command, "text": text, "response_url": act.ResponseURL, "trigger_id": act.Trigger,
		"is_enterprise_install": "false",
	}, nil, func(payload json.RawMessage) { s.answered(act.ResponseURL, payload) })
	s.notify()
	return act
}

func (s *Server) nameOf(user string) string {
	if u := s.users[user]; u != nil {
		return u.Name
	}
	return ""
}

// answered shows what came with the acknowledgement of a command. It does not
// count as a post to the response URL.
func (s *Server) answered(address string, payload json.RawMessage) {
	u := s.replies[address[strings.LastIndex(address, "/")+1:]]
	r := &request{}
	r.Method = "ack"
	r.Params = map[string][]string{}
	if u == nil || len(payload) == 0 || fromJSON(string(payload), r.Params) != nil || len(r.Params) == 0 {
		return
	}
	_ = s.respond(u, r) // what Slack refuses here, nobody sees
}

// interaction is what all interactions have.
func (s *Server) interaction(kind, user string, act Act) map[string]any {
	return map[string]any{
		"type": kind, "token": "verification", "api_app_id": s.App, "trigger_id": act.Trigger,
		"team":      map[string]any{"id": s.Team, "domain": "summit"},
		"user":      map[string]any{"id": user, "username": s.nameOf(user), "name": s.nameOf(user), "team_id": s.Team},
		"action_ts": s.ts(), "is_enterprise_install": false, "enterprise": nil,
	}
}

// Click lets user click the element with actionID in a message. value chooses
// among several: the two buttons of a feedback element, or elements of equal
// action id; "" takes the first.
func (s *Server) Click(user, channel, ts, actionID, value string) Act {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.channel(channel), s.message(channel, ts)
	action, ok := clickable(m.Blocks, actionID, value)
	if !ok || m.ephemeral() && m.Only != user {
		s.t.Fatalf("slackserver: %s sees no element %q (value %q) in %s: %s", user, actionID, value, ts, m.Blocks)
	}
	act := Act{Trigger: s.newTrigger(user, nil), ResponseURL: s.newResponseURL(c, user, m)}
	action["action_ts"] = s.ts()
	container := map[string]any{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.ephemeral(), "is_app_unfurl": false}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	act.Envelope = s.interact("interactive", "block_actions", m.TS, s.interaction("block_actions", user, act), map[string]any{
		"container": container, "channel": map[string]any{"id": c.ID, "name": c.Name}, "message": s.messageJSON(m, true),
		"state": map[string]any{"values": map[string]any{}}, "response_url": act.ResponseURL, "actions": []any{action},
	}, nil)
	s.notify()
	return act
}

// clickable finds the element with actionID, as an action reports it.
func clickable(raw json.RawMessage, actionID, value string) (map[string]any, bool) {
	for _, b := range decodeBlocks(raw) {
		elements, _ := b["elements"].([]any)
		elements = append(elements, b["accessory"])
		for _, raw := range elements {
			e, _ := raw.(map[string]any)
			if e["action_id"] != actionID || e == nil {
				continue
			}
			action := map[string]any{"type": e["type"], "action_id": actionID, "block_id": b["block_id"]}
			buttons := []any{e}
			if e["type"] == "feedback_buttons" {
				buttons = []any{e["positive_button"], e["negative_button"]}
			}
			for _, raw := range buttons {
				button, _ := raw.(map[string]any)
				if value == "" || button["value"] == value {
					action["text"], action["value"] = button["text"], button["value"]
					return action, true
				}
			}
		}
	}
	return nil, false
}

// ClickView lets the user of a modal click the element with actionID in it.
func (s *Server) ClickView(viewID, actionID, value string) Act {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view(viewID)
	action, ok := clickable(v.Blocks, actionID, value)
	if !ok {
		s.t.Fatalf("slackserver: no element %q (value %q) in view %s: %s", actionID, value, viewID, v.Blocks)
	}
	act := Act{Trigger: s.newTrigger(v.User, v)}
	action["action_ts"] = s.ts()
	act.Envelope = s.interact("interactive", "block_actions", "", s.interaction("block_actions", v.User, act), map[string]any{
		"container": map[string]any{"type": "view", "view_id": v.ID}, "view": s.viewJSON(v), "actions": []any{action},
	}, nil)
	s.notify()
	return act
}

// view finds a modal that is open or fails the test; s.mu is held.
func (s *Server) view(id string) *View {
	s.t.Helper()
	v := s.findView(id, "")
	if v == nil {
		s.t.Fatalf("slackserver: no open view %s", id)
	}
	return v
}

// Shortcut lets user choose a message shortcut of the app on a message.
func (s *Server) Shortcut(user, channel, ts, callbackID string) Act {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.channel(channel), s.message(channel, ts)
	act := Act{Trigger: s.newTrigger(user, nil), ResponseURL: s.newResponseURL(c, user, nil)}
	act.Envelope = s.interact("interactive", "message_action", m.TS, s.interaction("message_action", user, act), map[string]any{
		"callback_id": callbackID, "channel": map[string]any{"id": c.ID, "name": c.Name}, "message_ts": m.TS,
		"message": s.messageJSON(m, true), "response_url": act.ResponseURL,
	}, nil)
	s.notify()
	return act
}

// Submit lets the user of a modal send it. values are the inputs by block and
// action id, each as view.state has it: {"type": "plain_text_input", "value": …}
// or {"type": "radio_buttons", "selected_option": {"value": …}}.
func (s *Server) Submit(viewID string, values map[string]map[string]any) Act {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view(viewID)
	act := Act{Trigger: s.newTrigger(v.User, v)}
	view := s.viewJSON(v)
	if values == nil {
		values = map[string]map[string]any{}
	}
	view["state"] = map[string]any{"values": values}
	act.Envelope = s.interact("interactive", "view_submission", "", s.interaction("view_submission", v.User, act),
		map[string]any{"view": view, "response_urls": []any{}},
		func(payload json.RawMessage) { s.submitted(v, payload) })
	s.notify()
	return act
}

// CloseView lets the user of a modal close it. The app is told if it asked for
// that.
func (s *Server) CloseView(viewID string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view(viewID)
	v.Closed = true
	if v.raw["notify_on_close"] == true {
		s.interact("interactive", "view_closed", "", s.interaction("view_closed", v.User, Act{}),
			map[string]any{"view": s.viewJSON(v), "is_cleared": false}, nil)
	}
	s.notify()
}

// OpenHome lets user open the app's tab: messages, where people talk with the
// bot, or home.
func (s *Server) OpenHome(user, tab string) {
	channel := s.DM(user)
	s.mu.Lock()
	defer s.mu.Unlock()
	event := map[string]any{"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": s.ts()}
	s.emit(s.channels[channel], "app_home_opened", "", event)
	s.notify()
}

// Stop lets user press the agent's Stop button in a thread: what streams there
// is halted, and the app is told.
func (s *Server) Stop(user, channel, thread string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	event := map[string]any{"type": "agent_session_stopped", "channel": c.ID, "thread_ts": thread, "user": user, "event_ts": s.ts()}
	var halted []string
	for _, m := range s.messages {
		if m.Channel == c.ID && m.root() == thread && m.Stream == Streaming {
			m.Stream = StoppedByUser
			m.expires()
			halted = append(halted, m.TS)
		}
	}
	if len(halted) > 0 {
		event["streaming_message_ts"] = halted
	}
	s.emit(c, "agent_session_stopped", thread, event)
	s.notify()
}

// Deliver sends the app an event as it is, whether it subscribed or not, and
// returns the envelope's id.
func (s *Server) Deliver(event map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	copied := maps.Clone(event)
	if copied["event_ts"] == nil {
		copied["event_ts"] = s.ts()
	}
	return s.emitEvent("", copied)
}

// Letters counts the characters of what people read of m: its text, what was
// streamed and its blocks.
func (m *Message) Letters() int {
	return utf8.RuneCountInString(m.Text) + utf8.RuneCountInString(m.Markdown) + utf8.RuneCountInString(m.BlockTexts())
}
