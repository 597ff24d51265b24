package discordserver

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Intents are what events a session wants, as Discord's bits.
type Intents int

// The intents that the server knows events for, and those that must be switched
// on in the developer portal.
const (
	Guilds         Intents = 1 << 0
	GuildMembers   Intents = 1 << 1 // privileged
	Presences      Intents = 1 << 8 // privileged
	GuildMessages  Intents = 1 << 9
	DirectMessages Intents = 1 << 12
	MessageContent Intents = 1 << 15 // privileged

	everyPrivileged = GuildMembers | Presences | MessageContent
	// 0 to 16, 20, 21, 24 and 25 are given out.
	everyIntent Intents = 1<<17 - 1 | 1<<20 | 1<<21 | 1<<24 | 1<<25
)

// The opcodes of the gateway.
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opPresence       = 3
	opVoice          = 4
	opResume         = 6
	opReconnect      = 7
	opRequestMembers = 8
	opInvalidSession = 9
	opHello          = 10
	opHeartbeatAck   = 11
	opSoundboard     = 31
)

// The codes that the gateway closes a socket with.
const (
	closeUnknownOpcode    = 4001
	closeDecodeError      = 4002
	closeNotAuthenticated = 4003
	closeAuthentication   = 4004
	closeAlreadyIn        = 4005
	closeInvalidSeq       = 4007
	closeRateLimited      = 4008
	closeSessionTimedOut  = 4009
	closeInvalidShard     = 4010
	closeShardingRequired = 4011
	closeInvalidVersion   = 4012
	closeInvalidIntents   = 4013
	closeDisallowed       = 4014
)

var closeReasons = map[int]string{
	4000: "Unknown error.", closeUnknownOpcode: "Unknown opcode.", closeDecodeError: "Error while decoding payload.",
	closeNotAuthenticated: "Not authenticated.", closeAuthentication: "Authentication failed.", closeAlreadyIn: "Already authenticated.",
	closeInvalidSeq: "Invalid seq.", closeRateLimited: "Rate limited.", closeSessionTimedOut: "Session timed out.",
	closeInvalidShard: "Invalid shard.", closeShardingRequired: "Sharding required.", closeInvalidVersion: "Invalid API version.",
	closeInvalidIntents: "Invalid intent(s).", closeDisallowed: "Disallowed intent(s).",
}

// Identify is what a client said of itself.
type Identify struct {
	Intents  Intents
	Compress bool
	Shard    []int // nil without
	At       time.Time
	Code     int // that the socket was closed with, 0 if the session began
}

// session is what a client resumes.
type session struct {
	id      string
	intents Intents
	shard   [2]int
	seq     int64
	kept    []kept
	socket  *socket // nil while there is none
	left    time.Time
}

// kept is an event for a resume.
type kept struct {
	seq   int64
	frame []byte
}

// Guarded by Server.mu unless stated.
type socket struct {
	conn *websocket.Conn
	out  chan frame
	gone chan struct{} // closed when the connection is cut
	once sync.Once

	session  *session
	entered  bool // it sent IDENTIFY or RESUME, and may not again
	ready    bool // READY or RESUMED was sent
	compress bool
	closing  bool // a close frame is queued; what comes is ignored
	deaf     bool
	noAcks   bool
	sends    []time.Time // of the client, by the server's clock
	beat     time.Time   // last heartbeat, by the machine's clock
}

// frame is what goes out: text, or the end with a code.
type frame struct {
	text     []byte
	code     int  // 0 is text
	compress bool // the client asked for it before
}

// socketQueue is how many frames may wait for a reader. A test that needs more
// at a time has lost its client.
const socketQueue = 8192

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
		case f := <-k.out:
			if f.code != 0 {
				message := websocket.FormatCloseMessage(f.code, closeReasons[f.code])
				_ = k.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second)) // it ends either way
				// The client answers by its own close; one that does not is cut.
				end := time.AfterFunc(5*time.Second, k.cut)
				<-k.gone
				end.Stop()
				return
			}
			kind, text := websocket.TextMessage, f.text
			if f.compress && len(text) >= compressFrom {
				kind, text = websocket.BinaryMessage, deflated(text)
			}
			if err := k.conn.WriteMessage(kind, text); err != nil {
				k.cut()
				return
			}
		}
	}
}

// deflated is text in zlib's form, as clients get it that asked for compression.
func deflated(text []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(text) // to memory
	_ = z.Close()
	return b.Bytes()
}

// send queues a frame; s.mu is held.
func (s *Server) send(k *socket, f frame) {
	if k.deaf || k.closing {
		return
	}
	k.closing = f.code != 0
	f.compress = k.compress
	select {
	case k.out <- f:
	default:
		k.cut()
	}
}

// sendOp queues an operation; s.mu is held.
func (s *Server) sendOp(k *socket, op int, data any) {
	text, err := json.Marshal(map[string]any{"op": op, "d": data, "s": nil, "t": nil})
	if err != nil {
		s.t.Errorf("discordserver: op %d: %v", op, err)
		return
	}
	s.send(k, frame{text: text})
}

// closeWith ends a socket with a code; s.mu is held.
func (s *Server) closeWith(k *socket, code int) {
	s.send(k, frame{code: code})
	s.leave(k)
}

// leave takes a socket off its session, which can be resumed for a while; s.mu
// is held.
func (s *Server) leave(k *socket) {
	k.ready = false
	if x := k.session; x != nil && x.socket == k {
		x.socket = nil
		x.left = s.Clock.Now()
	}
	k.session = nil
	s.notify()
}

// end forgets a session; s.mu is held.
func (s *Server) end(x *session) {
	s.sessions = slices.DeleteFunc(s.sessions, func(other *session) bool { return other == x })
	if x.socket != nil {
		x.socket.session = nil
	}
	s.notify()
}

// alive are the sessions that can still be resumed; s.mu is held.
func (s *Server) alive() []*session {
	now := s.Clock.Now()
	s.sessions = slices.DeleteFunc(s.sessions, func(x *session) bool {
		return x.socket == nil && now.Sub(x.left) > s.limits.Session
	})
	return s.sessions
}

// emit sends an event to the sessions that want it and that the guild belongs
// to; s.mu is held.
func (s *Server) emit(kind, guild string, intent Intents, data any) {
	s.emitFor(kind, guild, intent, func(Intents) any { return data })
}

// emitFor is emit for an event that is not the same for all; s.mu is held.
// Intent 0 goes to all.
func (s *Server) emitFor(kind, guild string, intent Intents, data func(Intents) any) {
	for _, x := range slices.Clone(s.alive()) {
		if intent != 0 && x.intents&intent == 0 || !x.serves(guild) {
			continue
		}
		s.dispatch(x, kind, data(x.intents))
	}
	s.notify()
}

// serves says whether the guild is one of the session's shard. What belongs to
// none comes to shard 0.
func (x *session) serves(guild string) bool {
	id, err := strconv.ParseInt(guild, 10, 64)
	if err != nil {
		return x.shard[0] == 0
	}
	return int(id>>22)%x.shard[1] == x.shard[0]
}

// dispatch gives a session its next event; s.mu is held.
func (s *Server) dispatch(x *session, kind string, data any) {
	x.seq++
	text, err := json.Marshal(map[string]any{"op": opDispatch, "t": kind, "s": x.seq, "d": data})
	if err != nil {
		s.t.Errorf("discordserver: %s: %v", kind, err)
		return
	}
	x.kept = append(x.kept, kept{x.seq, text})
	if len(x.kept) > s.limits.Replay {
		x.kept = x.kept[1:]
	}
	if k := x.socket; k != nil && k.ready {
		s.send(k, frame{text: text})
	}
}

// serveGateway is one socket, from its handshake to its end.
func (s *Server) serveGateway(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	ended := s.ended
	if !ended {
		s.working.Add(1)
		defer s.working.Done()
	}
	s.mu.Unlock()
	if ended {
		http.Error(w, "the test is over", http.StatusServiceUnavailable)
		return
	}
	s.mu.Lock()
	refused := s.mishap(nil, AtDial)
	s.mu.Unlock()
	if refused {
		http.Error(w, "no gateway", http.StatusServiceUnavailable)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		return // the upgrader has answered
	}
	k := &socket{conn: conn, out: make(chan frame, socketQueue), gone: make(chan struct{}), beat: time.Now()}
	defer k.cut()
	var writing sync.WaitGroup
	writing.Go(k.write)
	defer writing.Wait()
	defer k.cut() // before the wait

	version, encoding := req.URL.Query().Get("v"), req.URL.Query().Get("encoding")
	s.mu.Lock()
	s.sockets = append(s.sockets, k)
	if s.ended {
		k.cut()
	}
	switch {
	case version != "9" && version != "10":
		s.closeWith(k, closeInvalidVersion)
	case encoding != "" && encoding != "json":
		s.closeWith(k, closeDecodeError)
	default:
		if !s.mishap(k, AtHello) {
			s.sendOp(k, opHello, map[string]any{"heartbeat_interval": s.limits.Heartbeat.Milliseconds(), "_trace": []any{}})
		}
	}
	s.notify()
	s.mu.Unlock()

	alive := s.watch(k)
	s.receive(k)
	alive.Stop()
	s.mu.Lock()
	s.sockets = slices.DeleteFunc(s.sockets, func(other *socket) bool { return other == k })
	s.leave(k)
	s.mu.Unlock()
}

// watch closes a socket whose heartbeats stay away. It goes by the machine's
// clock, as clients do.
func (s *Server) watch(k *socket) *time.Timer {
	interval := s.limits.Heartbeat
	var t *time.Timer
	s.mu.Lock()
	defer s.mu.Unlock()
	t = time.AfterFunc(2*interval, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if k.deaf {
			return // it does not hear that there are none
		}
		if silent := time.Since(k.beat); silent < 2*interval {
			t.Reset(2*interval - silent)
			return
		}
		if x := k.session; x != nil {
			s.end(x)
		}
		s.closeWith(k, closeSessionTimedOut)
	})
	return t
}

// receive takes what the client sends until the socket ends.
func (s *Server) receive(k *socket) {
	for {
		_, text, err := k.conn.ReadMessage()
		s.mu.Lock()
		if err != nil {
			s.said(k, err)
			s.mu.Unlock()
			return
		}
		if !k.deaf && !k.closing {
			s.take(k, text)
		}
		s.mu.Unlock()
	}
}

// said is how a client closed a socket. With 1000 and 1001 it ends its session.
func (s *Server) said(k *socket, err error) {
	closed, isClose := errors.AsType[*websocket.CloseError](err)
	if isClose && (closed.Code == websocket.CloseNormalClosure || closed.Code == websocket.CloseGoingAway) && k.session != nil {
		s.end(k.session)
	}
}

// payload is what a client sends.
type payload struct {
	Op   *int            `json:"op"`
	Data json.RawMessage `json:"d"`
}

// take is one payload of a client; s.mu is held.
func (s *Server) take(k *socket, text []byte) {
	now := s.Clock.Now()
	k.sends = slices.DeleteFunc(append(k.sends, now), func(at time.Time) bool { return now.Sub(at) >= sendsWindow })
	var p payload
	switch {
	case len(k.sends) > maxSends:
		s.closeWith(k, closeRateLimited)
		return
	case len(text) > maxPayload, json.Unmarshal(text, &p) != nil, p.Op == nil:
		s.closeWith(k, closeDecodeError)
		return
	}
	switch *p.Op {
	case opHeartbeat:
		k.beat = time.Now()
		s.heartbeats++
		if !k.noAcks {
			s.sendOp(k, opHeartbeatAck, nil)
		}
	case opIdentify:
		s.identify(k, p.Data)
	case opResume:
		s.resume(k, p.Data)
	case opPresence, opVoice, opRequestMembers, opSoundboard:
		if k.session == nil {
			s.closeWith(k, closeNotAuthenticated)
		}
	default:
		s.closeWith(k, closeUnknownOpcode)
	}
	s.notify()
}

// identify begins a session; s.mu is held.
func (s *Server) identify(k *socket, data json.RawMessage) {
	var d struct {
		Token      string          `json:"token"`
		Properties json.RawMessage `json:"properties"`
		Compress   bool            `json:"compress"`
		Shard      []int           `json:"shard"`
		Intents    *Intents        `json:"intents"`
	}
	bad := json.Unmarshal(data, &d) != nil || d.Intents == nil || len(d.Properties) == 0 || d.Shard != nil && len(d.Shard) != 2
	said := Identify{Compress: d.Compress, Shard: d.Shard, At: s.Clock.Now()}
	if d.Intents != nil {
		said.Intents = *d.Intents
	}
	shard := [2]int{0, 1}
	if len(d.Shard) == 2 {
		shard = [2]int(d.Shard)
	}
	code := 0
	switch {
	case k.entered && k.session != nil:
		code = closeAlreadyIn
	case bad:
		code = closeDecodeError
	case !s.knows(d.Token):
		code = closeAuthentication
	case shard[1] < 1 || shard[0] < 0 || shard[0] >= shard[1]:
		code = closeInvalidShard
	case shard[1] < s.shards || len(s.guilds)/shard[1] >= largeGuilds:
		code = closeShardingRequired
	case said.Intents&^everyIntent != 0:
		code = closeInvalidIntents
	case said.Intents&everyPrivileged&^s.privileged != 0:
		code = closeDisallowed
	}
	k.entered = true
	said.Code = code
	early := !s.unlimited && !s.identified.IsZero() && said.At.Sub(s.identified) < s.limits.Identify
	s.identifies = append(s.identifies, said)
	if code != 0 {
		s.closeWith(k, code)
		return
	}
	if s.startsToday() > s.limits.Starts {
		s.revoked = true // and the owner gets an e-mail
		s.closeWith(k, closeAuthentication)
		return
	}
	if early {
		// Documented as "invalid session"; that it comes a second later is ours, so
		// that a client that tries at once does not spin.
		s.Clock.AfterFunc(time.Second, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sendOp(k, opInvalidSession, false)
		})
		return
	}
	s.identified = said.At
	k.compress = d.Compress
	x := &session{id: s.secret("session"), intents: said.Intents, shard: shard, socket: k}
	if s.mishap(k, AtReady) {
		return
	}
	s.sessions = append(s.sessions, x)
	k.session, k.ready = x, true
	guilds := []any{}
	for _, g := range s.guilds {
		if !g.left && x.serves(g.id) {
			guilds = append(guilds, map[string]any{"id": g.id, "unavailable": true})
		}
	}
	s.dispatch(x, "READY", map[string]any{
		"v": 9, "user": s.me(), "guilds": guilds, "session_id": x.id, "resume_gateway_url": s.gatewayURL(),
		"shard": shard, "application": map[string]any{"id": s.App, "flags": 0}, "private_channels": []any{}, "session_type": "normal", "_trace": []any{},
	})
	if s.mishap(k, AfterReady) {
		return
	}
	if x.intents&Guilds != 0 {
		for _, g := range s.guilds {
			if !g.left && x.serves(g.id) {
				s.dispatch(x, "GUILD_CREATE", s.guildJSON(g))
			}
		}
	}
}

func (s *Server) me() any {
	j, _ := s.getMe(nil)
	return j
}

// knows says whether token is the bot's, with "Bot " before it or without.
func (s *Server) knows(token string) bool {
	return !s.revoked && (token == s.Token || token == "Bot "+s.Token)
}

// startsToday counts the sessions begun in a day, the one under way included.
func (s *Server) startsToday() int {
	n, now := 0, s.Clock.Now()
	for _, i := range s.identifies {
		if i.Code == 0 && now.Sub(i.At) < 24*time.Hour {
			n++
		}
	}
	return n
}

// resume goes on with a session; s.mu is held.
func (s *Server) resume(k *socket, data json.RawMessage) {
	var d struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     *int64 `json:"seq"`
	}
	if json.Unmarshal(data, &d) != nil {
		s.closeWith(k, closeDecodeError)
		return
	}
	switch {
	case k.session != nil:
		s.closeWith(k, closeAlreadyIn)
		return
	case !s.knows(d.Token):
		s.closeWith(k, closeAuthentication)
		return
	}
	k.entered = true
	s.resumes++
	var x *session
	for _, other := range s.alive() {
		if other.id == d.Session {
			x = other
		}
	}
	switch {
	case x == nil:
		s.sendOp(k, opInvalidSession, false)
		return
	case d.Seq == nil || *d.Seq > x.seq || *d.Seq < 0:
		s.end(x)
		s.closeWith(k, closeInvalidSeq)
		return
	case len(x.kept) > 0 && *d.Seq < x.kept[0].seq-1:
		s.end(x) // what was missed is not kept any more
		s.sendOp(k, opInvalidSession, false)
		return
	case s.mishap(k, AtReady):
		return
	}
	if x.socket != nil {
		x.socket.session = nil // the new socket takes its place
		x.socket.cut()
	}
	x.socket, k.session = k, x
	for _, event := range x.kept {
		if event.seq > *d.Seq {
			s.send(k, frame{text: event.frame})
		}
	}
	k.ready = true
	s.dispatch(x, "RESUMED", map[string]any{"_trace": []any{}})
	s.mishap(k, AfterReady)
}

// Moment is when a Mishap happens.
type Moment int

// The moments of a handshake.
const (
	AtDial     Moment = iota + 1 // the handshake of the socket is refused with 503, whatever the mishap says
	AtHello                      // in place of the hello
	AtReady                      // in place of READY or RESUMED, and no session begins
	AfterReady                   // right after it, before any GUILD_CREATE
)

// Mishap is what goes wrong in a handshake: the first of its fields that is set.
type Mishap struct {
	At        Moment
	Op        int  // 7, 9 or 11 (a heartbeat's answer, which then is followed by what is due)
	Resumable bool // of op 9
	Close     int  // code
	Drop      bool // cut without a word
	Silent    bool // nothing is sent
}

type mishapPlan struct {
	times  int
	mishap Mishap
}

// Handshake lets the next times handshakes go wrong as m says; below 0 all from
// now on.
func (s *Server) Handshake(times int, m Mishap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mishaps = append(s.mishaps, &mishapPlan{times, m})
}

// HealHandshake forgets every Handshake.
func (s *Server) HealHandshake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mishaps = nil
}

// mishap lets a handshake go wrong, if it is to at that moment. It says whether
// the handshake ends by it; s.mu is held.
func (s *Server) mishap(k *socket, at Moment) bool {
	for _, p := range s.mishaps {
		if p.times == 0 || p.mishap.At != at {
			continue
		}
		if p.times > 0 {
			p.times--
		}
		m := p.mishap
		switch {
		case at == AtDial: // there is no socket yet
		case m.Op == opReconnect:
			s.hangUp(k)
		case m.Op == opInvalidSession:
			s.invalidate(k, m.Resumable)
		case m.Op == opHeartbeatAck:
			s.sendOp(k, opHeartbeatAck, nil)
			return false
		case m.Close != 0:
			s.closeWith(k, m.Close)
		case m.Drop:
			k.cut()
		case m.Silent:
		}
		return true
	}
	return false
}

// hangUp sends op 7; s.mu is held. Events go to the session from then on, to be
// replayed. A client that does not go is cut.
func (s *Server) hangUp(k *socket) {
	s.sendOp(k, opReconnect, nil)
	s.leave(k)
	s.Clock.AfterFunc(s.limits.Goodbye, k.cut)
}

// invalidate sends op 9; s.mu is held.
func (s *Server) invalidate(k *socket, resumable bool) {
	s.sendOp(k, opInvalidSession, resumable)
	x := k.session
	k.ready = false
	if x == nil {
		return
	}
	if resumable {
		s.leave(k)
	} else {
		s.end(x)
	}
}

// open are the sockets with a session that has begun; s.mu is held.
func (s *Server) open() []*socket {
	return slices.DeleteFunc(slices.Clone(s.sockets), func(k *socket) bool { return !k.ready })
}

// each does something to every socket with a session.
func (s *Server) each(do func(*socket)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.open() {
		do(k)
	}
	s.notify()
}

// Reconnect sends op 7 to every session's socket.
func (s *Server) Reconnect() { s.each(s.hangUp) }

// Invalidate sends op 9 to every session's socket. Those that are not resumable
// end.
func (s *Server) Invalidate(resumable bool) {
	s.each(func(k *socket) { s.invalidate(k, resumable) })
}

// CloseWith closes every session's socket with a code. The codes after which
// Discord takes no resume end the sessions.
func (s *Server) CloseWith(code int) {
	s.each(func(k *socket) {
		if x := k.session; slices.Contains([]int{closeInvalidSeq, closeSessionTimedOut}, code) && x != nil {
			s.end(x)
		}
		s.closeWith(k, code)
	})
}

// DropGateway cuts every socket without a word.
func (s *Server) DropGateway() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		s.leave(k)
		k.cut()
	}
}

// Deaf turns every socket deaf: it stays open, but nothing comes by it, no
// answer to a heartbeat either, and what is sent by it is lost. The session
// goes on, for a resume by a new socket, which hears.
func (s *Server) Deaf() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		k.deaf = true
	}
}

// NoAcks leaves every heartbeat of the open sockets without an answer, as on a
// connection that is half dead; events still come by it.
func (s *Server) NoAcks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		k.noAcks = true
	}
}

// ForgetSessions makes every resume fail; open sockets are not touched.
func (s *Server) ForgetSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions = slices.DeleteFunc(s.sessions, func(x *session) bool { return x.socket == nil })
	for _, x := range s.sessions {
		x.id = s.secret("forgotten")
	}
}

// RequestHeartbeat asks every client for a heartbeat, by op 1.
func (s *Server) RequestHeartbeat() {
	s.each(func(k *socket) { s.sendOp(k, opHeartbeat, nil) })
}

// Deliver sends every session an event as it is, whatever its intents.
func (s *Server) Deliver(kind string, data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emit(kind, "", 0, data)
}

// Redeliver sends the MESSAGE_CREATE of a message once more.
func (s *Server) Redeliver(channel, id string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell("MESSAGE_CREATE", s.message(channel, id))
}

// Sockets counts the sockets whose session has begun, deaf ones included.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open())
}

// Connections counts all sockets, those in a handshake included.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// Sessions counts the sessions that have a socket or can be resumed.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.alive())
}

// Identifies returns every IDENTIFY so far.
func (s *Server) Identifies() []Identify {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.identifies)
}

// Resumes counts every RESUME so far, those that were refused included.
func (s *Server) Resumes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resumes
}

// Heartbeats counts the heartbeats so far.
func (s *Server) Heartbeats() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heartbeats
}

// AwaitReady waits until n sockets have a session that has begun.
func (s *Server) AwaitReady(n int) {
	s.t.Helper()
	s.Await("the sessions have begun", func() bool { return s.Sockets() == n })
}

func (s *Server) getGateway(*request) (any, *refusal) {
	return map[string]any{"url": s.gatewayURL()}, nil
}

func (s *Server) getGatewayBot(*request) (any, *refusal) {
	return map[string]any{
		"url": s.gatewayURL(), "shards": s.shards,
		"session_start_limit": map[string]any{
			"total": s.limits.Starts, "remaining": max(0, s.limits.Starts-s.startsToday()),
			"reset_after": (24 * time.Hour).Milliseconds(), "max_concurrency": 1,
		},
	}, nil
}
