package slackserver

import (
	"maps"
	"slices"
	"strconv"
)

// readable finds the conversation that r speaks of, which the bot has to see;
// member asks for membership too.
func (s *Server) readable(r *request, member bool) (*Channel, *refusal) {
	c := s.channels[r.get("channel")]
	switch {
	case c == nil, !c.has(s.Bot) && c.Kind != Public:
		return nil, refuse("channel_not_found")
	case member && !c.has(s.Bot):
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

// conversationInfo is conversations.info.
func (s *Server) conversationInfo(r *request) *refusal {
	c, why := s.readable(r, false)
	if why != nil {
		return why
	}
	info := c.json()
	info["is_member"] = c.has(s.Bot)
	if c.Kind == Direct {
		for _, m := range c.Members {
			if m != s.Bot {
				info["user"] = m
			}
		}
	}
	r.reply["channel"] = info
	return nil
}

// conversationMembers is conversations.members.
func (s *Server) conversationMembers(r *request) *refusal {
	c, why := s.readable(r, false)
	if why != nil {
		return why
	}
	from, to, next, why := page(r, len(c.Members), 100)
	if why != nil {
		return why
	}
	r.reply["members"] = slices.Clone(c.Members[from:to])
	r.reply["response_metadata"] = map[string]any{"next_cursor": next}
	return nil
}

// conversationHistory is conversations.history: what stands outside threads,
// the newest first.
func (s *Server) conversationHistory(r *request) *refusal {
	c, why := s.readable(r, true)
	if why != nil {
		return why
	}
	var list []*Message
	for _, m := range slices.Backward(s.messages) {
		if m.Channel == c.ID && m.ThreadTS == "" && s.listed(m) && inRange(r, m.TS) {
			list = append(list, m)
		}
	}
	return s.list(r, list, 100)
}

// conversationReplies is conversations.replies: a thread, its root first.
func (s *Server) conversationReplies(r *request) *refusal {
	c, why := s.readable(r, true)
	if why != nil {
		return why
	}
	root := s.find(c.ID, r.get("ts"))
	if root == nil || !s.listed(root) {
		return refuse("thread_not_found")
	}
	var list []*Message
	for _, m := range s.messages {
		switch {
		case m.Channel != c.ID || !s.listed(m):
		case m.TS == root.root():
			list = append(list, m) // always, whatever the range
		case m.ThreadTS == root.root() && inRange(r, m.TS):
			list = append(list, m)
		}
	}
	return s.list(r, list, 1000)
}

// listed says whether lists have m: ephemeral messages never, a deleted one as
// long as its thread has replies.
func (s *Server) listed(m *Message) bool {
	if m.Deleted {
		return m.ThreadTS == "" && s.repliesTo(m.Channel, m.TS) > 0
	}
	return !m.ephemeral()
}

// list answers with one page of messages.
func (s *Server) list(r *request, list []*Message, most int) *refusal {
	from, to, next, why := page(r, len(list), most)
	if why != nil {
		return why
	}
	messages := make([]map[string]any, 0, to-from)
	for _, m := range list[from:to] {
		messages = append(messages, s.messageJSON(m, r.flag("include_all_metadata")))
	}
	maps.Copy(r.reply, map[string]any{
		"messages": messages, "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next},
	})
	return nil
}

// inRange says whether ts is between oldest and latest. Times of equal length
// compare as text.
func inRange(r *request, ts string) bool {
	oldest, latest, with := r.get("oldest"), r.get("latest"), r.flag("inclusive")
	if oldest != "" && (ts < oldest || ts == oldest && !with) {
		return false
	}
	return latest == "" || ts < latest || ts == latest && with
}

// page cuts a list of n by cursor and limit.
func page(r *request, n, otherwise int) (from, to int, next string, why *refusal) {
	limit := otherwise
	if raw := r.get("limit"); raw != "" {
		asked, err := strconv.Atoi(raw)
		if err != nil || asked < 1 || asked > 1000 {
			return 0, 0, "", refuse("invalid_limit")
		}
		limit = asked
	}
	if raw := r.get("cursor"); raw != "" {
		at, err := strconv.Atoi(raw)
		if err != nil || at < 0 || at > n {
			return 0, 0, "", refuse("invalid_cursor")
		}
		from = at
	}
	to = min(n, from+limit)
	if to < n {
		next = strconv.Itoa(to)
	}
	return from, to, next, nil
}

// userInfo is users.info.
func (s *Server) userInfo(r *request) *refusal {
	u := s.users[r.get("user")]
	if u == nil {
		return refuse("user_not_found")
	}
	info := u.json(s.Team)
	if !r.flag("include_locale") {
		delete(info, "locale")
	}
	r.reply["user"] = info
	return nil
}

// groupUsers is usergroups.users.list.
func (s *Server) groupUsers(r *request) *refusal {
	members, ok := s.groups[r.get("usergroup")]
	if !ok {
		return refuse("no_such_subteam")
	}
	r.reply["users"] = slices.Clone(members)
	return nil
}
