package slackserver

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one request that the server got.
type Call struct {
	Method string     // chat.postMessage, or response_url
	Params url.Values // without the token; what was JSON stays so
	At     time.Time  // by the server's clock
	Status int        // of the answer; 0 if the connection was reset
	Error  string     // Slack's code, "" if ok
	Taken  bool       // the server did what it was asked, whatever the caller was told
}

// String is the call in one line.
func (c Call) String() string {
	outcome := strconv.Itoa(c.Status)
	if c.Status == 0 {
		outcome = "reset"
	}
	if c.Error != "" {
		outcome += " " + c.Error
	}
	params := make([]string, 0, len(c.Params))
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		value := c.Params.Get(name)
		if runes := []rune(value); len(runes) > 80 {
			value = string(runes[:80]) + "…"
		}
		params = append(params, name+"="+value)
	}
	return fmt.Sprintf("%s %s -> %s (taken: %v)", c.Method, strings.Join(params, " "), outcome, c.Taken)
}

// Calls returns what was called so far; method "" means all.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			calls = append(calls, c)
		}
	}
	return calls
}

// Fault is how a call goes wrong. The zero value is none.
type Fault struct {
	Delay      time.Duration // by the server's clock, before the call is taken; with Taken, before the answer
	Taken      bool          // the server does what it was asked, and then fails or is slow
	Reset      bool          // the connection is cut
	Status     int           // such as 429, 500, 503
	RetryAfter int           // seconds, with a 429; 0 leaves the header out
	Error      string        // Slack's code, such as fatal_error
}

// plan is a Fault for the next calls of a method.
type plan struct {
	method string
	times  int // those that are left; below 0 all
	fault  Fault
}

// Fail lets the next times calls of method fail as f says; method "" is any,
// response_url is a post to one. Below 0 means all from now on. An earlier Fail
// of the method comes first.
func (s *Server) Fail(method string, times int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned = append(s.planned, &plan{method: method, times: times, fault: f})
}

// Heal forgets every Fail and Fault.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned, s.fault = nil, nil
}

// Fault asks decide how each call fails that no Fail speaks of; nil is never.
// It is called by several goroutines at a time.
func (s *Server) Fault(decide func(Call) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = decide
}

// faultOf decides how c fails.
func (s *Server) faultOf(c Call) Fault {
	s.mu.Lock()
	for _, p := range s.planned {
		if p.times == 0 || p.method != "" && p.method != c.Method {
			continue
		}
		if p.times > 0 {
			p.times--
		}
		s.mu.Unlock()
		return p.fault
	}
	decide := s.fault
	s.mu.Unlock()
	if decide == nil {
		return Fault{}
	}
	return decide(c)
}

// request is a call that is being answered.
type request struct {
	Call
	token string
	reply map[string]any
}

// get is a parameter.
func (r *request) get(name string) string { return r.Params.Get(name) }

// flag is a parameter that is a boolean, as forms and JSON write them.
func (r *request) flag(name string) bool {
	switch r.get(name) {
	case "true", "1":
		return true
	}
	return false
}

// refusal is an error of Slack's API.
type refusal struct {
	code    string
	details []string // what exactly, as response_metadata.messages has it
	more    map[string]any
}

func refuse(code string, details ...string) *refusal { return &refusal{code: code, details: details} }

// json is the refusal as an answer. There is always an error: a client may take
// an answer without one for a success.
func (r *refusal) json() map[string]any {
	answer := map[string]any{"ok": false, "error": r.code}
	if len(r.details) > 0 {
		messages := make([]string, len(r.details))
		for i, d := range r.details {
			messages[i] = "[ERROR] " + d
		}
		answer["errors"] = r.details
		answer["response_metadata"] = map[string]any{"messages": messages}
	}
	maps.Copy(answer, r.more)
	return answer
}

// method is one of the Web API. handle is called with s.mu held and fills in
// r.reply.
type method struct {
	app    bool                                 // wants the app token
	scope  func(s *Server, r *request) []string // any of these is enough; nil needs none
	handle func(s *Server, r *request) *refusal
}

func anyScope(scopes ...string) func(*Server, *request) []string {
	return func(*Server, *request) []string { return scopes }
}

// channelScope asks for the scope that fits the conversation's kind.
func channelScope(suffix string) func(*Server, *request) []string {
	return func(s *Server, r *request) []string {
		if c := s.channels[r.get("channel")]; c != nil {
			return []string{c.Kind.scopePrefix() + ":" + suffix}
		}
		return nil
	}
}

// methods are the Web API, as far as the server knows it.
func (s *Server) method(name string) (method, bool) {
	write := anyScope("chat:write")
	m, ok := map[string]method{
		"auth.test":             {handle: (*Server).authTest},
		"apps.connections.open": {app: true, scope: anyScope("connections:write"), handle: (*Server).connectionsOpen},

		"chat.postMessage":   {scope: write, handle: (*Server).postMessage},
		"chat.postEphemeral": {scope: write, handle: (*Server).postEphemeral},
		"chat.update":        {scope: write, handle: (*Server).updateMessage},
		"chat.delete":        {scope: write, handle: (*Server).deleteMessage},
		"chat.getPermalink":  {handle: (*Server).getPermalink},
		"chat.startStream":   {scope: write, handle: (*Server).startStream},
		"chat.appendStream":  {scope: write, handle: (*Server).appendStream},
		"chat.stopStream":    {scope: write, handle: (*Server).stopStream},

		"conversations.info":    {scope: channelScope("read"), handle: (*Server).conversationInfo},
		"conversations.members": {scope: channelScope("read"), handle: (*Server).conversationMembers},
		"conversations.history": {scope: channelScope("history"), handle: (*Server).conversationHistory},
		"conversations.replies": {scope: channelScope("history"), handle: (*Server).conversationReplies},
		"users.info":            {scope: anyScope("users:read"), handle: (*Server).userInfo},
		"usergroups.users.list": {scope: anyScope("usergroups:read"), handle: (*Server).groupUsers},

		"assistant.threads.setStatus":           {scope: anyScope("assistant:write", "chat:write"), handle: (*Server).setThreadStatus},
		"assistant.threads.setTitle":            {scope: anyScope("assistant:write"), handle: (*Server).setThreadTitle},
		"assistant.threads.setSuggestedPrompts": {scope: anyScope("assistant:write"), handle: (*Server).setSuggestedPrompts},
		"agents.sessions.setStatus":             {scope: anyScope("assistant:write"), handle: (*Server).setSessionStatus},
		"agents.sessions.rename":                {scope: anyScope("assistant:write"), handle: (*Server).renameSession},

		"views.open":   {handle: (*Server).openView},
		"views.push":   {handle: (*Server).pushView},
		"views.update": {handle: (*Server).updateView},
	}[name]
	return m, ok
}

// serveAPI answers a call of the Web API.
func (s *Server) serveAPI(w http.ResponseWriter, req *http.Request) {
	r := &request{reply: map[string]any{}}
	r.Method = req.PathValue("method")
	params, tok, bad := parse(req)
	r.Params, r.token = params, tok
	s.serve(w, req, r, func() (int, string, map[string]any, http.Header) {
		header := http.Header{}
		if bad != nil {
			return http.StatusOK, bad.code, bad.json(), header
		}
		return s.answer(r, header)
	})
}

// serve records a call, lets it fail if it is to, and otherwise answers with
// what take says: status, Slack's error code, body and header. take is called
// with s.mu held.
func (s *Server) serve(w http.ResponseWriter, req *http.Request, r *request, take func() (int, string, map[string]any, http.Header)) {
	r.At = s.Clock.Now()
	f := s.faultOf(r.Call)
	if f.Delay > 0 && !f.Taken {
		if err := s.Clock.Sleep(req.Context(), f.Delay); err != nil {
			return // the caller has gone before the server took it
		}
	}
	fails := f.Reset || f.Status != 0 || f.Error != ""

	s.mu.Lock()
	var (
		status int
		code   string
		body   map[string]any
		header = http.Header{}
	)
	if !fails || f.Taken {
		status, code, body, header = take()
		r.Taken = code == "" && status == http.StatusOK
	}
	switch {
	case f.Reset:
		status = 0
	case f.Status != 0:
		status, code, body, header = f.Status, "", nil, http.Header{}
		if f.RetryAfter > 0 {
			header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
		}
	case f.Error != "":
		status, code, body = http.StatusOK, f.Error, refuse(f.Error).json()
	}
	r.Status, r.Error = status, code
	s.calls = append(s.calls, r.Call)
	s.notify()
	s.mu.Unlock()

	if f.Delay > 0 && f.Taken {
		if err := s.Clock.Sleep(req.Context(), f.Delay); err != nil {
			return // the caller has gone, and does not know that it was taken
		}
	}
	if status == 0 {
		reset(w)
		return
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	if body == nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		if status == http.StatusOK {
			_, _ = io.WriteString(w, "ok") // a caller that has gone has said so itself
		}
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // likewise
}

// reset cuts the connection, so that the caller sees ECONNRESET and no answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the end is an orderly one
	}
	_ = conn.Close()
}

// parse reads the parameters and the token of a call. Forms may carry the token
// as a parameter; JSON may not. A parameter that is an object or a list in JSON
// becomes its text, as a form would have it.
func parse(req *http.Request) (url.Values, string, *refusal) {
	bearer, _ := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	values := req.URL.Query()
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return values, bearer, refuse("invalid_json")
		}
		if len(body) > 0 {
			var fields map[string]json.RawMessage
			if json.Unmarshal(body, &fields) != nil {
				return values, bearer, refuse("invalid_json")
			}
			for name, raw := range fields {
				var text string
				if json.Unmarshal(raw, &text) != nil {
					text = string(raw)
				}
				values.Set(name, text)
			}
			values.Del("token")
		}
	case "application/x-www-form-urlencoded", "":
		if err := req.ParseForm(); err != nil {
			return values, bearer, refuse("invalid_form_data")
		}
		for name, list := range req.PostForm {
			values[name] = list
		}
	default:
		return values, bearer, refuse("invalid_post_type")
	}
	if t := values.Get("token"); t != "" {
		bearer = t
	}
	values.Del("token")
	return values, bearer, nil
}

// answer authenticates and carries out a call; s.mu is held.
func (s *Server) answer(r *request, header http.Header) (int, string, map[string]any, http.Header) {
	no := func(why *refusal) (int, string, map[string]any, http.Header) {
		return http.StatusOK, why.code, why.json(), header
	}
	m, known := s.method(r.Method)
	if !known {
		return no(&refusal{code: "unknown_method", more: map[string]any{"req_method": r.Method}})
	}
	if why := s.authenticate(m, r, header); why != nil {
		return no(why)
	}
	if wait := s.overRate(r.Method, r.get("channel")); wait > 0 {
		header.Set("Retry-After", strconv.Itoa(wait))
		return http.StatusTooManyRequests, "ratelimited", refuse("ratelimited").json(), header
	}
	if why := m.handle(s, r); why != nil {
		return no(why)
	}
	r.reply["ok"] = true
	return http.StatusOK, "", r.reply, header
}

// authenticate checks the token, its kind and its scopes.
func (s *Server) authenticate(m method, r *request, header http.Header) *refusal {
	if r.token == "" {
		return refuse("not_authed")
	}
	tok := s.tokens[r.token]
	switch {
	case tok == nil:
		return refuse("invalid_auth")
	case tok.err != "":
		return refuse(tok.err)
	case tok.app != m.app:
		return refuse("not_allowed_token_type")
	}
	header.Set("X-Oauth-Scopes", strings.Join(tok.scopes, ","))
	if m.scope == nil {
		return nil
	}
	needed := m.scope(s, r)
	if len(needed) == 0 {
		return nil
	}
	header.Set("X-Accepted-Oauth-Scopes", strings.Join(needed, ","))
	for _, scope := range needed {
		if slices.Contains(tok.scopes, scope) {
			return nil
		}
	}
	return &refusal{code: "missing_scope", more: map[string]any{
		"needed": strings.Join(needed, ","), "provided": strings.Join(tok.scopes, ","),
	}}
}

// authTest says whose token it is.
func (s *Server) authTest(r *request) *refusal {
	maps.Copy(r.reply, map[string]any{
		"url": "https://summit.slack.com/", "team": "Summit", "user": s.users[s.Bot].Name,
		"team_id": s.Team, "user_id": s.Bot, "bot_id": s.BotID, "is_enterprise_install": false,
	})
	return nil
}
