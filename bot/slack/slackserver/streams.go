package slackserver

import (
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// StreamState is where a streaming message stands.
type StreamState string

// The states. A message that was never streamed has none.
const (
	Streaming     StreamState = "streaming"
	Stopped       StreamState = "stopped"         // by chat.stopStream
	StoppedByUser StreamState = "stopped_by_user" // by the Stop button
	Expired       StreamState = "expired"         // Slack gave it up
)

// chunk is a part of a stream.
type chunk struct {
	Type   string          `json:"type"`
	Text   string          `json:"text"`
	ID     string          `json:"id"`
	Title  string          `json:"title"`
	Blocks json.RawMessage `json:"blocks"`
}

// streamContent reads what a call adds to a stream. need refuses a call that
// adds nothing.
func streamContent(r *request, need bool) (markdown string, chunks []json.RawMessage, why *refusal) {
	markdown = r.get("markdown_text")
	if utf8.RuneCountInString(markdown) > maxMarkdown {
		return "", nil, refuse("msg_too_long")
	}
	raw := r.get("chunks")
	switch {
	case raw == "" && markdown == "" && need:
		return "", nil, refuse("no_text")
	case raw == "":
		return markdown, nil, nil
	case markdown != "":
		return "", nil, refuse("markdown_text_conflict")
	}
	if json.Unmarshal([]byte(raw), &chunks) != nil {
		return "", nil, refuse("invalid_chunks")
	}
	for _, part := range chunks {
		var c chunk
		if json.Unmarshal(part, &c) != nil {
			return "", nil, refuse("invalid_chunks")
		}
		switch c.Type {
		case "markdown_text":
			markdown += c.Text
		case "task_update":
			if c.ID == "" || c.Title == "" {
				return "", nil, refuse("invalid_chunks")
			}
		case "plan_update":
			if c.Title == "" {
				return "", nil, refuse("invalid_chunks")
			}
		case "blocks":
			if _, why := checkBlocks(string(c.Blocks), inStream); why != nil {
				return "", nil, why
			}
		default:
			return "", nil, refuse("invalid_chunks")
		}
	}
	if utf8.RuneCountInString(markdown) > maxMarkdown {
		return "", nil, refuse("msg_too_long")
	}
	return markdown, chunks, nil
}

// startStream is chat.startStream. It takes no metadata; chat.stopStream does.
func (s *Server) startStream(r *request) *refusal {
	c, why := s.writable(r)
	if why != nil {
		return why
	}
	m := s.ownMessage(r)
	if m.ThreadTS == "" && c.Kind != Public && c.Kind != Private {
		return refuse("invalid_thread_ts") // only a channel's top level does without
	}
	if why := s.checkThread(c, m.ThreadTS); why != nil {
		return why
	}
	if c.Kind != Direct {
		switch {
		case r.get("recipient_user_id") == "":
			return refuse("missing_recipient_user_id")
		case r.get("recipient_team_id") == "":
			return refuse("missing_recipient_team_id")
		}
	}
	if user := r.get("recipient_user_id"); user != "" && s.users[user] == nil {
		return refuse("user_not_found")
	}
	if m.Markdown, m.Chunks, why = streamContent(r, false); why != nil {
		return why
	}
	m.Stream = Streaming
	m.Recipient = r.get("recipient_user_id")
	m.UnfurlLinks, m.UnfurlMedia = "false", "false" // streamed messages never unfurl
	s.post(c, m)
	m.expires = s.Clock.AfterFunc(s.limits.Stream, func() { s.expireStream(m) })
	s.thread(c.ID, m.root()).setSession("processing", s)
	r.reply["channel"] = c.ID
	r.reply["ts"] = m.TS
	return nil
}

// expireStream gives up a stream that lasted too long.
func (s *Server) expireStream(m *Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Stream == Streaming {
		m.Stream = Expired
		s.notify()
	}
}

// streamOf finds the stream that r speaks of.
func (s *Server) streamOf(r *request) (*Channel, *Message, *refusal) {
	c, m, why := s.ownOf(r, "message_not_owned_by_app")
	switch {
	case why != nil:
		return nil, nil, why
	case m.Stream == StoppedByUser:
		return nil, nil, refuse("stopped_by_user")
	case m.Stream != Streaming:
		return nil, nil, refuse("message_not_in_streaming_state")
	}
	return c, m, nil
}

// tooMuch reports whether a stream has no room for more. The limit is documented
// for one call; that it is the message's too is the stricter reading.
func tooMuch(m *Message, more string) bool {
	return utf8.RuneCountInString(m.Markdown)+utf8.RuneCountInString(more) > maxMarkdown
}

// appendStream is chat.appendStream.
func (s *Server) appendStream(r *request) *refusal {
	c, m, why := s.streamOf(r)
	if why != nil {
		return why
	}
	markdown, chunks, why := streamContent(r, true)
	if why != nil {
		return why
	}
	if tooMuch(m, markdown) {
		return refuse("msg_too_long")
	}
	m.Markdown += markdown
	m.Chunks = append(slices.Clone(m.Chunks), chunks...)
	r.reply["channel"] = c.ID
	r.reply["ts"] = m.TS
	return nil
}

// stopStream is chat.stopStream, the one call of a stream that takes blocks and
// metadata.
func (s *Server) stopStream(r *request) *refusal {
	c, m, why := s.streamOf(r)
	if why != nil {
		return why
	}
	markdown, chunks, why := streamContent(r, false)
	if why != nil {
		return why
	}
	if tooMuch(m, markdown) {
		return refuse("msg_too_long")
	}
	done := *m
	if raw := r.get("blocks"); raw != "" && raw != "null" {
		n, why := checkBlocks(raw, inMessage)
		if why != nil {
			return why
		}
		if n > 0 {
			done.Blocks = s.withIDs(raw)
		}
	}
	if why := readMetadata(r.get("metadata"), &done); why != nil {
		return why
	}
	status := "active"
	if asked := r.get("session_status"); asked != "" {
		if !slices.Contains(sessionStates, asked) {
			return refuse("invalid_arguments", "session_status: "+asked)
		}
		status = asked
	}
	done.Markdown += markdown
	done.Chunks = append(slices.Clone(m.Chunks), chunks...)
	done.Stream = Stopped
	done.expires()
	before := s.messageJSON(m, true)
	*m = done
	s.thread(c.ID, m.root()).setSession(status, s)
	s.emitChange(c, before, m)
	r.reply["channel"] = c.ID
	r.reply["ts"] = m.TS
	r.reply["message"] = s.messageJSON(m, true)
	return nil
}
