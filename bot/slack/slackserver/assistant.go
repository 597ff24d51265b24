package slackserver

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Thread is what the app told about a thread as an assistant or agent.
type Thread struct {
	Status   string   // of assistant.threads.setStatus, as people see it now
	Loading  []string // loading messages of that status
	Statuses []string // every status so far, "" for one that was cleared by a call
	Title    string
	Session  string   // of the agent's session: processing, active, suspended or closed
	Sessions []string // every state so far

	set   time.Time // when Status was set
	moved time.Time // when Session was set
}

// Prompts are suggestions in an agent's view.
type Prompts struct {
	Title   string
	Prompts []Prompt
}

// Prompt is one suggestion.
type Prompt struct {
	Title   string `json:"title"`
	Message string `json:"message"`
}

// sessionStates are those of agents.sessions.setStatus.
var sessionStates = []string{"processing", "active", "suspended", "closed"}

// Thread returns what the app told about the thread that ts begins in channel.
func (s *Server) Thread(channel, ts string) Thread {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := *s.thread(channel, ts)
	if t.Status != "" && s.Clock.Now().Sub(t.set) >= s.limits.Status {
		t.Status = "" // it has cleared itself
	}
	if t.Session == "processing" && s.Clock.Now().Sub(t.moved) >= s.limits.Session {
		t.Session = "active" // likewise
	}
	return t
}

// SuggestedPrompts returns what user is suggested in the agent's view.
func (s *Server) SuggestedPrompts(user string) Prompts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.prompts[s.dm(user)]
}

// thread finds or makes the state of a thread; s.mu is held.
func (s *Server) thread(channel, ts string) *Thread {
	key := channel + " " + ts
	if s.threads[key] == nil {
		s.threads[key] = &Thread{}
	}
	return s.threads[key]
}

// setSession moves the agent's session on, if the app is an agent.
func (t *Thread) setSession(state string, s *Server) {
	if s.agent {
		t.Session, t.moved = state, s.Clock.Now()
		t.Sessions = append(slices.Clone(t.Sessions), state)
	}
}

// threadOf finds the thread that an assistant's call speaks of.
func (s *Server) threadOf(r *request) (*Thread, *refusal) {
	r.Params.Set("channel", r.get("channel_id"))
	c, why := s.writable(r)
	r.Params.Del("channel")
	if why != nil {
		return nil, why
	}
	ts := r.get("thread_ts")
	if ts == "" {
		return nil, refuse("invalid_arguments", "missing required field: thread_ts")
	}
	if why := s.checkThread(c, ts); why != nil {
		return nil, refuse("invalid_thread_ts")
	}
	return s.thread(c.ID, ts), nil
}

// setThreadStatus is assistant.threads.setStatus. For an agent it is bridged to
// the session's state.
func (s *Server) setThreadStatus(r *request) *refusal {
	t, why := s.threadOf(r)
	if why != nil {
		return why
	}
	var loading []string
	if raw := r.get("loading_messages"); raw != "" {
		loading = strings.Split(raw, ",") // how a form carries the list
	}
	if len(loading) > maxLoadingMessages {
		return refuse("invalid_arguments", fmt.Sprintf("loading_messages: no more than %d", maxLoadingMessages))
	}
	t.Status = r.get("status")
	t.Loading = loading
	t.Statuses = append(slices.Clone(t.Statuses), t.Status)
	t.set = s.Clock.Now()
	if t.Status == "" {
		t.setSession("active", s)
	} else {
		t.setSession("processing", s)
	}
	return nil
}

// setThreadTitle is assistant.threads.setTitle.
func (s *Server) setThreadTitle(r *request) *refusal {
	t, why := s.threadOf(r)
	if why != nil {
		return why
	}
	if r.get("title") == "" {
		return refuse("invalid_arguments", "missing required field: title")
	}
	t.Title = r.get("title")
	return nil
}

// setSuggestedPrompts is assistant.threads.setSuggestedPrompts. An agent's call
// with a thread_ts is answered with ok and has no effect.
func (s *Server) setSuggestedPrompts(r *request) *refusal {
	c := s.channels[r.get("channel_id")]
	if c == nil || c.Kind != Direct {
		return refuse("channel_not_found")
	}
	p := Prompts{Title: r.get("title")}
	if json.Unmarshal([]byte(r.get("prompts")), &p.Prompts) != nil || len(p.Prompts) == 0 {
		return refuse("invalid_arguments", "missing required field: prompts")
	}
	if len(p.Prompts) > maxPrompts {
		return refuse("invalid_arguments", fmt.Sprintf("prompts: no more than %d", maxPrompts))
	}
	for _, one := range p.Prompts {
		if one.Title == "" || one.Message == "" {
			return refuse("invalid_arguments", "prompts: title and message are required")
		}
	}
	switch ts := r.get("thread_ts"); {
	case s.agent && ts != "":
		return nil
	case !s.agent:
		if why := s.checkThread(c, ts); ts == "" || why != nil {
			return refuse("invalid_thread_ts")
		}
	}
	s.prompts[c.ID] = p
	return nil
}

// setSessionStatus is agents.sessions.setStatus.
func (s *Server) setSessionStatus(r *request) *refusal {
	if !s.agent {
		return refuse("not_authorized")
	}
	t, why := s.threadOf(r)
	if why != nil {
		return why
	}
	state := r.get("status")
	if !slices.Contains(sessionStates, state) {
		return refuse("invalid_arguments", "status: "+state)
	}
	if title := r.get("title"); title != "" {
		if utf8.RuneCountInString(title) > maxSessionTitle {
			return refuse("invalid_arguments", "title: too long")
		}
		t.Title = title
	}
	t.setSession(state, s)
	r.reply["status"] = state
	r.reply["agent_status"] = state
	r.reply["title"] = t.Title
	return nil
}

// renameSession is agents.sessions.rename.
func (s *Server) renameSession(r *request) *refusal {
	if !s.agent {
		return refuse("not_authorized")
	}
	t, why := s.threadOf(r)
	if why != nil {
		return why
	}
	title := r.get("title")
	if n := utf8.RuneCountInString(title); n < 1 || n > maxSessionTitle {
		return refuse("invalid_arguments", "title: 1 to 200 characters")
	}
	t.Title = title
	r.reply["title"] = title
	return nil
}
