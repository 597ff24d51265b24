package slackserver

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Envelope is something that the server delivers, by Socket Mode or by HTTP, until
// it is acknowledged.
type Envelope struct {
	ID      string
	Type    string // events_api, slash_commands or interactive
	Event   string // event id; "" unless Type is events_api
	About   string // time of the message that it is about; "" if none
	Inner   string // kind of the event (app_mention) or interaction (block_actions)
	Payload json.RawMessage

	Tries      int // deliveries so far, on sockets that were open
	Acked      bool
	AckPayload json.RawMessage // what came with the acknowledgement
	Late       bool            // acknowledged after the time for it
	Lost       bool            // given up
	Left       bool            // the socket that it was put on ended before an acknowledgement came

	on       *socket
	attempts int // tries, those included for which no socket was open
	sent     time.Time
	failed   string                        // why the last delivery by HTTP did; "" if none was
	react    func(payload json.RawMessage) // on the acknowledgement; s.mu is held
}

// retries says whether Slack sends e again: it repeats events only. People
// whose command or click goes unanswered see an error.
func (e *Envelope) retries() bool { return e.Type == "events_api" }

// socketQueue is how many frames may wait for a reader. A test that needs more
// at a time has lost its client.
const socketQueue = 4096

// socket is one connection of the app.
type socket struct {
	conn *websocket.Conn
	out  chan []byte // frames; nil is a PING
	gone chan struct{}
	once sync.Once

	// Guarded by Server.mu.
	open bool // events go to it
	deaf bool
}

// cut ends the connection without a word.
func (k *socket) cut() {
	k.once.Do(func() {
		close(k.gone)
		_ = k.conn.Close() // what it held is lost, which is the point
	})
}

// write sends what is queued, until the socket has gone.
func (k *socket) write() {
	for {
		select {
		case <-k.gone:
			return
		case frame := <-k.out:
			kind := websocket.TextMessage
			if frame == nil {
				kind = websocket.PingMessage
			}
			if err := k.conn.WriteMessage(kind, frame); err != nil {
				k.cut()
				return
			}
		}
	}
}

// send queues a frame; s.mu is held.
func (s *Server) send(k *socket, frame []byte) {
	if k.deaf {
		return
	}
	select {
	case k.out <- frame:
	default:
		k.cut()
	}
}

// sendJSON queues v as a frame; s.mu is held.
func (s *Server) sendJSON(k *socket, v map[string]any) {
	frame, err := json.Marshal(v)
	if err != nil {
		return // of maps and strings only, which always succeeds
	}
	s.send(k, frame)
}

// connectionsOpen is apps.connections.open: a URL that can be used once.
func (s *Server) connectionsOpen(r *request) *refusal {
	ticket := s.secret("t")
	s.tickets[ticket] = true
	r.reply["url"] = "ws" + strings.TrimPrefix(s.base, "http") + "/link?" +
		url.Values{"ticket": {ticket}, "app_id": {s.App}}.Encode()
	return nil
}

// debugReconnect is how long a socket lives that asked for debug_reconnects.
const debugReconnect = 360 * time.Second

// serveSocket is one socket, from its handshake to its end.
func (s *Server) serveSocket(w http.ResponseWriter, req *http.Request) {
	ticket := req.URL.Query().Get("ticket")
	s.mu.Lock()
	valid := s.tickets[ticket] && !s.ended
	delete(s.tickets, ticket)
	if valid {
		s.working.Add(1)
		defer s.working.Done()
	}
	s.mu.Unlock()
	if !valid {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // clients name Slack's
	conn, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		return // the upgrader has answered
	}
	k := &socket{conn: conn, out: make(chan []byte, socketQueue), gone: make(chan struct{}), open: true}
	defer k.cut()

	s.mu.Lock()
	refused := ""
	switch {
	case s.disabled:
		refused = "link_disabled"
	case len(s.openSockets()) >= s.limits.Sockets:
		refused = "too_many_websockets"
	}
	k.open = refused == ""
	if k.open {
		s.opened++
	}
	s.sockets = append(s.sockets, k)
	if s.ended {
		k.cut()
	}
	switch {
	case refused != "":
		s.sendJSON(k, disconnectFrame(refused))
	case !s.mute:
		s.sendJSON(k, map[string]any{
			"type": "hello", "num_connections": len(s.openSockets()),
			"connection_info": map[string]any{"app_id": s.App},
			"debug_info":      map[string]any{"host": "applink-test", "build_number": 1, "approximate_connection_time": 18060},
		})
	}
	s.notify()
	s.mu.Unlock()

	if refused == "" {
		s.keepAlive(k)
		if req.URL.Query().Get("debug_reconnects") == "true" {
			defer s.Clock.AfterFunc(debugReconnect, func() { s.hangUp(k, "refresh_requested") })()
		}
	}
	var writing sync.WaitGroup
	writing.Go(k.write)
	s.read(k)
	k.cut()
	writing.Wait()

	s.mu.Lock()
	k.open = false
	s.sockets = slices.DeleteFunc(s.sockets, func(other *socket) bool { return other == k })
	for _, e := range s.envelopes {
		e.Left = e.Left || e.on == k && !e.Acked
	}
	s.notify()
	s.mu.Unlock()
}

// read takes acknowledgements until the socket ends.
func (s *Server) read(k *socket) {
	for {
		_, frame, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		s.mu.Lock()
		if !k.deaf {
			s.acknowledge(frame)
		}
		s.mu.Unlock()
	}
}

// keepAlive sends a PING now and at every interval until k has gone.
func (s *Server) keepAlive(k *socket) {
	s.mu.Lock()
	s.send(k, nil)
	s.mu.Unlock()
	s.Clock.AfterFunc(s.limits.Ping, func() {
		select {
		case <-k.gone:
		default:
			s.keepAlive(k)
		}
	})
}

func disconnectFrame(reason string) map[string]any {
	return map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-test"}}
}

// openSockets are those that take events; s.mu is held.
func (s *Server) openSockets() []*socket {
	var open []*socket
	for _, k := range s.sockets {
		if k.open {
			open = append(open, k)
		}
	}
	return open
}

// Sockets counts the sockets that take events, deaf ones included.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.openSockets())
}

// Opened counts the sockets that took events so far.
func (s *Server) Opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// AwaitSockets waits until n sockets are open.
func (s *Server) AwaitSockets(n int) {
	s.t.Helper()
	s.Await("the sockets are open", func() bool { return s.Sockets() == n })
}

// Disconnect asks every socket to go, for reason: refresh_requested,
// link_disabled or too_many_websockets. After link_disabled the server refuses
// every socket until EnableLink.
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	s.disabled = s.disabled || reason == "link_disabled"
	sockets := s.openSockets()
	s.mu.Unlock()
	for _, k := range sockets {
		s.hangUp(k, reason)
	}
}

// EnableLink ends what Disconnect("link_disabled") began.
func (s *Server) EnableLink() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disabled = false
}

// hangUp sends k a disconnect frame. The client closes the socket, as it is
// asked to; if it does not, the server does so when the warning has run out.
func (s *Server) hangUp(k *socket, reason string) {
	s.mu.Lock()
	k.open = false
	s.sendJSON(k, disconnectFrame(reason))
	s.notify()
	s.mu.Unlock()
	s.Clock.AfterFunc(s.limits.Warning, k.cut)
}

// Refresh warns every socket, as Slack does every few hours, and asks it to go
// when the warning has run out.
func (s *Server) Refresh() {
	s.mu.Lock()
	sockets := s.openSockets()
	for _, k := range sockets {
		s.sendJSON(k, disconnectFrame("warning"))
	}
	s.mu.Unlock()
	s.Clock.AfterFunc(s.limits.Warning, func() {
		for _, k := range sockets {
			s.hangUp(k, "refresh_requested")
		}
	})
}

// DropSocket cuts every socket without a word.
func (s *Server) DropSocket() {
	s.mu.Lock()
	sockets := slices.Clone(s.sockets)
	for _, k := range sockets {
		k.open = false
	}
	s.mu.Unlock()
	for _, k := range sockets {
		k.cut()
	}
}

// Deaf turns every open socket deaf: it stays open, but neither events nor
// PINGs come by it, and what the app sends by it is lost. Slack still thinks it
// is fine and chooses it for events. New sockets hear.
func (s *Server) Deaf() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.openSockets() {
		k.deaf = true
	}
}

// Mute makes new sockets say no hello, or say it again. They send PINGs all the
// same.
func (s *Server) Mute(mute bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = mute
}

// eventScopes are the scopes without which Slack does not send an event.
var eventScopes = map[string]string{
	"app_mention": "app_mentions:read", "message.channels": "channels:history", "message.groups": "groups:history",
	"message.im": "im:history", "message.mpim": "mpim:history",
}

// emit tells the app of an event in c, if it subscribed to name, has the scope
// for it and is in c; s.mu is held.
func (s *Server) emit(c *Channel, name, about string, event map[string]any) {
	scope := eventScopes[name]
	allowed := scope == "" || slices.Contains(s.tokens[s.BotToken].scopes, scope)
	if !allowed || !slices.Contains(s.events, name) || !c.has(s.Bot) {
		return
	}
	s.emitEvent(about, event)
}

// emitEvent delivers an event; s.mu is held.
func (s *Server) emitEvent(about string, event map[string]any) string {
	id := s.secret("Ev")
	inner, _ := event["type"].(string)
	payload := map[string]any{
		"token": "verification", "team_id": s.Team, "api_app_id": s.App, "type": "event_callback",
		"event": event, "event_id": id, "event_time": s.Clock.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{"team_id": s.Team, "user_id": s.Bot, "is_bot": true, "is_enterprise_install": false}},
	}
	return s.dispatch(&Envelope{Type: "events_api", Event: id, About: about, Inner: inner}, payload)
}

// dispatch delivers e for the first time and returns its id; s.mu is held.
func (s *Server) dispatch(e *Envelope, payload map[string]any) string {
	e.ID = s.secret("env")
	e.Payload, _ = json.Marshal(payload) // of maps, strings and valid JSON only
	s.envelopes = append(s.envelopes, e)
	s.deliver(e, "")
	return e.ID
}

// deliver sends e to one of the open sockets and sees to what follows if it is
// not acknowledged; s.mu is held.
func (s *Server) deliver(e *Envelope, reason string) {
	e.attempts++
	if s.http.url != "" {
		s.deliverByHTTP(e, reason)
		return
	}
	sockets := s.openSockets()
	if len(sockets) == 0 {
		s.again(e)
		s.notify()
		return
	}
	s.nextRound++
	k := sockets[s.nextRound%len(sockets)]
	frame := map[string]any{
		"envelope_id": e.ID, "type": e.Type, "payload": e.Payload,
		"accepts_response_payload": e.Type != "events_api",
	}
	if e.retries() {
		frame["retry_attempt"] = e.attempts - 1
		frame["retry_reason"] = reason
	}
	e.Tries++
	e.on, e.Left = k, false
	e.sent = s.Clock.Now()
	s.sendJSON(k, frame)
	s.notify()
	attempt := e.attempts
	s.Clock.AfterFunc(s.limits.Ack, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !e.Acked && e.attempts == attempt {
			s.again(e)
			s.notify()
		}
	})
}

// again tries e once more after the wait that is due, or gives it up; s.mu is
// held.
func (s *Server) again(e *Envelope) {
	if !e.retries() || e.attempts > len(s.limits.Redeliver) {
		e.Lost = true
		return
	}
	s.Clock.AfterFunc(s.limits.Redeliver[e.attempts-1], func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !e.Acked {
			s.deliver(e, cmp.Or(e.failed, "timeout"))
		}
	})
}

// acknowledge takes an answer to an envelope; s.mu is held. One that is too big
// is ignored without a word, as Slack does.
func (s *Server) acknowledge(frame []byte) {
	var ack struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	if len(frame) >= maxAckBytes || json.Unmarshal(frame, &ack) != nil {
		return
	}
	for _, e := range s.envelopes {
		if e.ID != ack.ID || e.Acked {
			continue
		}
		e.Acked, e.Lost = true, false
		e.Late = s.Clock.Now().Sub(e.sent) > s.limits.Ack
		if string(ack.Payload) != "null" {
			e.AckPayload = ack.Payload
		}
		if e.react != nil && !e.Late {
			e.react(e.AckPayload)
		}
		s.notify()
		return
	}
}

// Envelopes returns what was delivered, in order; inner "" means all, otherwise
// it is the kind of an event or interaction, such as app_mention.
func (s *Server) Envelopes(inner string) []Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Envelope
	for _, e := range s.envelopes {
		if inner == "" || e.Inner == inner {
			list = append(list, *e)
		}
	}
	return list
}

// EnvelopesAbout returns what was delivered about the message of time ts.
func (s *Server) EnvelopesAbout(ts string) []Envelope {
	return slices.DeleteFunc(s.Envelopes(""), func(e Envelope) bool { return e.About != ts })
}

// AwaitAcked waits until the envelope is acknowledged, and returns it.
func (s *Server) AwaitAcked(id string) Envelope {
	s.t.Helper()
	var found Envelope
	s.Await("envelope "+id+" is acknowledged", func() bool {
		for _, e := range s.Envelopes("") {
			if e.ID == id {
				found = e
			}
		}
		return found.Acked
	})
	return found
}

// Redeliver sends an envelope once more, whether it was acknowledged or not, as
// Slack does when an acknowledgement is lost. From then on it counts as not
// acknowledged, until it is again.
func (s *Server) Redeliver(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.envelopes {
		if e.ID == id {
			e.Acked = false
			s.deliver(e, "timeout")
		}
	}
}

// UnknownEvent delivers an event of a kind that no client library knows, and
// returns the envelope's id.
func (s *Server) UnknownEvent() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emitEvent("", map[string]any{"type": "event_of_next_year", "event_ts": s.ts()})
}

// interact delivers a slash command or an interaction; s.mu is held.
func (s *Server) interact(kind, inner, about string, payload map[string]any, more map[string]any, react func(json.RawMessage)) string {
	maps.Copy(payload, more)
	return s.dispatch(&Envelope{Type: kind, Inner: inner, About: about, react: react}, payload)
}
