package slackserver

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// responseURL is where the app answers a command or a click.
type responseURL struct {
	channel *Channel
	user    string
	made    time.Time
	posts   int
	target  *Message // the bot's message that replace and delete act on; nil at first for a command
}

// newResponseURL makes one and returns its address; s.mu is held.
func (s *Server) newResponseURL(c *Channel, user string, target *Message) string {
	id := s.secret("r")
	s.replies[id] = &responseURL{channel: c, user: user, made: s.Clock.Now(), target: target}
	return s.base + "/commands/" + id
}

// serveResponseURL takes a post to a response URL.
func (s *Server) serveResponseURL(w http.ResponseWriter, req *http.Request) {
	r := &request{}
	r.Method = "response_url"
	params, _, bad := parse(req)
	if payload := params.Get("payload"); payload != "" {
		bad = fromJSON(payload, params)
	}
	r.Params = params
	id := req.PathValue("id")
	s.serve(w, req, r, func() (int, string, map[string]any, http.Header) {
		no := func(status int, why *refusal) (int, string, map[string]any, http.Header) {
			return status, why.code, why.json(), http.Header{}
		}
		if bad != nil {
			return no(http.StatusBadRequest, bad)
		}
		u := s.replies[id]
		switch {
		case u == nil, s.Clock.Now().Sub(u.made) >= s.limits.ResponseURL:
			return no(http.StatusNotFound, refuse("expired_url"))
		case u.posts >= s.limits.ResponseURLPosts:
			return no(http.StatusNotFound, refuse("used_url"))
		}
		if why := s.respond(u, r); why != nil {
			return no(http.StatusBadRequest, why)
		}
		u.posts++
		return http.StatusOK, "", nil, http.Header{}
	})
}

// fromJSON spreads a JSON object over params, as parse does.
func fromJSON(raw string, params url.Values) *refusal {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &fields) != nil {
		return refuse("invalid_payload")
	}
	for name, value := range fields {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		params.Set(name, text)
	}
	return nil
}

// respond carries out one post; s.mu is held.
func (s *Server) respond(u *responseURL, r *request) *refusal {
	if r.flag("delete_original") {
		if u.target == nil || u.target.Deleted {
			return refuse("message_not_found")
		}
		s.remove(u.channel, u.target)
		return nil
	}
	// A library may send metadata that says nothing; only channels keep any.
	var meta struct {
		Type string `json:"event_type"`
	}
	if json.Unmarshal([]byte(r.get("metadata")), &meta) != nil || meta.Type == "" || r.get("response_type") != "in_channel" {
		r.Params.Del("metadata")
	}
	replace := r.flag("replace_original") && u.target != nil && !u.target.Deleted
	m := &Message{User: s.Bot, FromBot: true, By: r.Method, UnfurlLinks: r.get("unfurl_links"), UnfurlMedia: r.get("unfurl_media"), Mrkdwn: r.get("mrkdwn")}
	if replace {
		copied := *u.target
		m = &copied
		m.Text, m.Blocks, m.Markdown = "", nil, "" // replaced as a whole
	}
	if why := s.content(r, m, maxPostText); why != nil {
		return why
	}
	if replace {
		before := s.messageJSON(u.target, true)
		m.Edits++
		m.edited = s.ts()
		*u.target = *m
		if !m.ephemeral() {
			s.emitChange(u.channel, before, u.target)
		}
		return nil
	}
	switch r.get("response_type") {
	case "in_channel":
		// Only here a thread can be named, and only by who says that nothing is to be
		// replaced; otherwise it is ignored.
		if r.get("replace_original") != "false" {
			break
		}
		if why := s.checkThread(u.channel, r.get("thread_ts")); why != nil {
			return why
		}
		m.ThreadTS = r.get("thread_ts")
	case "", "ephemeral":
		m.Only = u.user
	default:
		return refuse("invalid_response_type")
	}
	s.post(u.channel, m)
	if u.target == nil {
		u.target = m
	}
	return nil
}
