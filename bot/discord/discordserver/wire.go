package discordserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one request that the server got.
type Call struct {
	Route  string // method and path with names for ids: POST /channels/{channel}/messages
	Method string
	Path   string // below the API's version
	Query  url.Values
	Header http.Header // without what is secret
	Body   json.RawMessage
	At     time.Time // by the server's clock
	Status int       // of the answer; 0 if the connection was reset
	Code   int       // Discord's code of an error, 0 if there is none
	Taken  bool      // the server did what it was asked, whatever the caller was told
}

// String is the call in one line.
func (c Call) String() string {
	outcome := strconv.Itoa(c.Status)
	if c.Status == 0 {
		outcome = "reset"
	}
	if c.Code != 0 {
		outcome += " code " + strconv.Itoa(c.Code)
	}
	body := string(c.Body)
	if runes := []rune(body); len(runes) > 300 {
		body = string(runes[:300]) + "…"
	}
	return fmt.Sprintf("%s %s %s -> %s (taken: %v)", c.Method, c.Path, body, outcome, c.Taken)
}

// Calls returns what was called so far; route "" means all.
func (s *Server) Calls(route string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, c := range s.calls {
		if route == "" || c.Route == route {
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
	Status     int           // such as 429, 500, 502, 503
	RetryAfter float64       // seconds by the server's clock, with a 429
	Global     bool          // a 429 of all calls
	Code       int           // Discord's code; with Status
}

// plan is a Fault for the next calls of a route.
type plan struct {
	route string
	times int // those that are left; below 0 all
	fault Fault
}

// Fail lets the next times calls of route fail as f says; route "" is any.
// Below 0 means all from now on. An earlier Fail of the route comes first.
func (s *Server) Fail(route string, times int, f Fault) {
	s.t.Helper()
	if _, known := routes()[route]; !known && route != "" {
		s.t.Fatalf("discordserver: no route %q", route)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned = append(s.planned, &plan{route: route, times: times, fault: f})
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
		if p.times == 0 || p.route != "" && p.route != c.Route {
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
	names  map[string]string // ids in the path
	fields map[string]json.RawMessage
	list   []json.RawMessage // where the body is a list
	bot    bool              // it carries the bot's token
	made   bool              // the answer is 201 Created
}

// path is an id in the path.
func (r *request) path(name string) string { return r.names[name] }

// has says whether a field of the body is there and not null.
func (r *request) has(name string) bool {
	raw, ok := r.fields[name]
	return ok && string(raw) != "null"
}

// refusal is an error of Discord's API.
type refusal struct {
	status  int
	code    int
	message string
	more    map[string]any
}

func refuse(status, code int, message string) *refusal {
	return &refusal{status: status, code: code, message: message}
}

// The errors that several routes have.
var (
	errUnauthorized   = refuse(401, 0, "401: Unauthorized")
	errNotFound       = refuse(404, 0, "404: Not Found")
	errBadUserAgent   = refuse(403, 40333, "Cloudflare is blocking your request. This can often be resolved by setting a proper User Agent")
	errBanned         = refuse(429, 0, "You are being blocked from accessing our API temporarily due to exceeding our rate limits frequently.")
	errNoJSON         = refuse(400, 50109, "The request body contains invalid JSON.")
	errUnknownChannel = refuse(404, 10003, "Unknown Channel")
	errUnknownGuild   = refuse(404, 10004, "Unknown Guild")
	errUnknownMember  = refuse(404, 10007, "Unknown Member")
	errUnknownMessage = refuse(404, 10008, "Unknown Message")
	errUnknownUser    = refuse(404, 10013, "Unknown User")
	errMissingAccess  = refuse(403, 50001, "Missing Access")
	errMissingRights  = refuse(403, 50013, "Missing Permissions")
)

// json is the refusal as an answer.
func (r *refusal) json() map[string]any {
	answer := map[string]any{"message": r.message}
	if r.status != 429 || r.code != 0 {
		answer["code"] = r.code
	}
	maps.Copy(answer, r.more)
	return answer
}

// A route answers one kind of call. handle is called with s.mu held; an answer
// of nil is 204 No Content.
type route struct {
	open   bool // needs no token
	handle func(s *Server, r *request) (any, *refusal)
}

// routes are the API, as far as the server knows it.
func routes() map[string]route {
	return map[string]route{
		"GET /gateway":                 {open: true, handle: (*Server).getGateway},
		"GET /gateway/bot":             {handle: (*Server).getGatewayBot},
		"GET /users/@me":               {handle: (*Server).getMe},
		"GET /users/@me/guilds":        {handle: (*Server).getMyGuilds},
		"POST /users/@me/channels":     {handle: (*Server).openDM},
		"GET /users/{user}":            {handle: (*Server).getUser},
		"GET /applications/@me":        {handle: (*Server).getApplication},
		"GET /oauth2/applications/@me": {handle: (*Server).getApplication},

		"GET /guilds/{guild}":                {handle: (*Server).getGuild},
		"GET /guilds/{guild}/channels":       {handle: (*Server).getGuildChannels},
		"GET /guilds/{guild}/roles":          {handle: (*Server).getRoles},
		"GET /guilds/{guild}/members/{user}": {handle: (*Server).getMember},
		"GET /guilds/{guild}/threads/active": {handle: (*Server).getActiveThreads},

		"GET /channels/{channel}":                             {handle: (*Server).getChannel},
		"POST /channels/{channel}/typing":                     {handle: (*Server).startTyping},
		"GET /channels/{channel}/messages":                    {handle: (*Server).getMessages},
		"POST /channels/{channel}/messages":                   {handle: (*Server).createMessage},
		"GET /channels/{channel}/messages/{message}":          {handle: (*Server).getMessage},
		"PATCH /channels/{channel}/messages/{message}":        {handle: (*Server).editMessage},
		"DELETE /channels/{channel}/messages/{message}":       {handle: (*Server).deleteMessage},
		"POST /channels/{channel}/messages/{message}/threads": {handle: (*Server).createThread},

		"GET /applications/{application}/commands":                             {handle: (*Server).getCommands},
		"PUT /applications/{application}/commands":                             {handle: (*Server).putCommands},
		"POST /applications/{application}/commands":                            {handle: (*Server).postCommand},
		"DELETE /applications/{application}/commands/{command}":                {handle: (*Server).deleteCommand},
		"GET /applications/{application}/guilds/{guild}/commands":              {handle: (*Server).getCommands},
		"PUT /applications/{application}/guilds/{guild}/commands":              {handle: (*Server).putCommands},
		"POST /applications/{application}/guilds/{guild}/commands":             {handle: (*Server).postCommand},
		"DELETE /applications/{application}/guilds/{guild}/commands/{command}": {handle: (*Server).deleteCommand},

		"POST /interactions/{interaction}/{token}/callback":         {open: true, handle: (*Server).callback},
		"POST /webhooks/{application}/{token}":                      {open: true, handle: (*Server).followUp},
		"GET /webhooks/{application}/{token}/messages/@original":    {open: true, handle: (*Server).getResponse},
		"PATCH /webhooks/{application}/{token}/messages/@original":  {open: true, handle: (*Server).editResponse},
		"DELETE /webhooks/{application}/{token}/messages/@original": {open: true, handle: (*Server).deleteResponse},
		"GET /webhooks/{application}/{token}/messages/{message}":    {open: true, handle: (*Server).getResponse},
		"PATCH /webhooks/{application}/{token}/messages/{message}":  {open: true, handle: (*Server).editResponse},
		"DELETE /webhooks/{application}/{token}/messages/{message}": {open: true, handle: (*Server).deleteResponse},
	}
}

var nameInPath = regexp.MustCompile(`\{(\w+)\}`)

// mux is all that the server serves.
func (s *Server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, answers := range routes() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /api/{version}"+path, func(w http.ResponseWriter, req *http.Request) {
			s.serve(w, req, pattern, answers)
		})
	}
	mux.HandleFunc("/api/{version}/", func(w http.ResponseWriter, req *http.Request) {
		s.serve(w, req, "", route{open: true, handle: func(*Server, *request) (any, *refusal) { return nil, errNotFound }})
	})
	mux.HandleFunc("/gateway/{$}", s.serveGateway)
	mux.HandleFunc("/gateway", s.serveGateway)
	return mux
}

// maxBody is far more than any call of a bot without files has.
const maxBody = 1 << 20

// serve records a call, lets it fail if it is to, and otherwise answers it.
func (s *Server) serve(w http.ResponseWriter, req *http.Request, pattern string, answers route) {
	r := &request{names: map[string]string{}}
	r.Route, r.Method, r.Query, r.At = pattern, req.Method, req.URL.Query(), s.Clock.Now()
	r.Path = strings.TrimPrefix(req.URL.Path, "/api/"+req.PathValue("version"))
	r.Header = http.Header{}
	for _, name := range []string{"Content-Type", "User-Agent"} {
		if value := req.Header.Get(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	for _, m := range nameInPath.FindAllStringSubmatch(pattern, -1) {
		r.names[m[1]] = req.PathValue(m[1])
	}
	bad := r.read(req)

	f := s.faultOf(r.Call)
	if f.Delay > 0 && !f.Taken {
		if err := s.Clock.Sleep(req.Context(), f.Delay); err != nil {
			return // the caller has gone before the server took it
		}
	}
	fails := f.Reset || f.Status != 0
	var (
		header = map[string]string{}
		answer any
		why    *refusal
	)
	s.mu.Lock()
	if !fails || f.Taken {
		answer, why = s.answer(r, req, bad, answers, header)
		r.Taken = why == nil
	}
	switch {
	case f.Reset:
		r.Status = 0
	case f.Status != 0:
		header, answer = map[string]string{}, nil
		why = refuse(f.Status, f.Code, strconv.Itoa(f.Status)+": "+http.StatusText(f.Status))
		if f.Status == 429 {
			header["X-RateLimit-Scope"] = map[bool]string{true: "global", false: "shared"}[f.Global]
			if f.Global {
				header["X-RateLimit-Global"] = "true"
			}
			why = s.tooMany(time.Duration(f.RetryAfter*float64(time.Second)), f.Global, header)
		}
		r.Status, r.Code = why.status, why.code
	case why != nil:
		r.Status, r.Code = why.status, why.code
	case answer == nil:
		r.Status = http.StatusNoContent
	case r.made:
		r.Status = http.StatusCreated
	default:
		r.Status = http.StatusOK
	}
	if header["X-RateLimit-Scope"] != "shared" {
		s.countInvalid(r)
	}
	body := s.encode(answer, why)
	s.calls = append(s.calls, r.Call)
	s.write(r, body)
	s.notify()
	s.mu.Unlock()

	if f.Delay > 0 && f.Taken {
		if err := s.Clock.Sleep(req.Context(), f.Delay); err != nil {
			return // the caller has gone, and does not know that it was taken
		}
	}
	if r.Status == 0 {
		reset(w)
		return
	}
	for name, value := range header {
		w.Header()[name] = []string{value} // as Discord spells them
	}
	w.Header().Set("Date", s.Clock.Now().UTC().Format(http.TimeFormat))
	if body != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write(body) // a caller that has gone has said so itself
}

// encode is the body of an answer, nil for none. A failure of the server's own
// has none that a client could read.
func (s *Server) encode(answer any, why *refusal) []byte {
	switch {
	case why != nil && why.status >= 500:
		return []byte("<html><body>" + why.message + "</body></html>")
	case why != nil:
		answer = why.json()
	case answer == nil:
		return nil
	}
	body, err := json.Marshal(answer)
	if err != nil {
		s.t.Errorf("discordserver: an answer that is no JSON: %v", err)
	}
	return body
}

// recorded is a line of Options.Record.
type recorded struct {
	Method string          `json:"method"`
	Path   string          `json:"path"` // below the API's version
	Query  string          `json:"query"`
	Header http.Header     `json:"header"`
	Body   json.RawMessage `json:"body"` // null without
	Status int             `json:"status"`
	Taken  bool            `json:"taken"`
	Reply  json.RawMessage `json:"reply"` // null without, and where it is none that a client can read
}

// write records a call; s.mu is held.
func (s *Server) write(r *request, reply []byte) {
	if s.record == nil {
		return
	}
	line := recorded{
		Method: r.Method, Path: r.Path, Query: r.Query.Encode(), Header: r.Header, Body: r.Body, Status: r.Status, Taken: r.Taken,
	}
	if json.Valid(reply) {
		line.Reply = reply
	}
	text, err := json.Marshal(line)
	if err == nil {
		_, err = s.record.Write(append(text, '\n'))
	}
	if err != nil && !s.ended {
		s.t.Errorf("discordserver: recording a call: %v", err)
	}
}

// countInvalid counts what Discord counts as invalid; too many lead to a ban.
func (s *Server) countInvalid(r *request) {
	if r.Status != 401 && r.Status != 403 && r.Status != 429 {
		return
	}
	now := s.Clock.Now()
	s.invalid = slices.DeleteFunc(append(s.invalid, now), func(at time.Time) bool { return now.Sub(at) > 10*time.Minute })
	s.banned = s.banned || len(s.invalid) > s.limits.Invalid
}

// Invalid counts the answers of 401, 403 and 429 in the last ten minutes.
func (s *Server) Invalid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.invalid)
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

// read reads the body of a call.
func (r *request) read(req *http.Request) *refusal {
	body, err := io.ReadAll(io.LimitReader(req.Body, maxBody))
	if err != nil {
		return errNoJSON
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if kind != "application/json" {
		return refuse(400, 50035, `Expected "Content-Type" header to be one of {'application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'}.`)
	}
	if !json.Valid(body) {
		return errNoJSON
	}
	r.Body = body
	if body[0] == '[' {
		err = json.Unmarshal(body, &r.list)
	} else {
		err = json.Unmarshal(body, &r.fields)
	}
	if err != nil {
		return errNoJSON
	}
	return nil
}

var snowflakeForm = regexp.MustCompile(`^[0-9]{1,19}$`)

// answer authenticates, limits and carries out a call; s.mu is held.
func (s *Server) answer(r *request, req *http.Request, bad *refusal, answers route, header map[string]string) (any, *refusal) {
	if s.banned {
		return nil, errBanned
	}
	if version := req.PathValue("version"); version != "v9" && version != "v10" {
		return nil, refuse(400, 50041, "Invalid API version provided")
	}
	if !strings.HasPrefix(req.Header.Get("User-Agent"), "DiscordBot (") {
		return nil, errBadUserAgent
	}
	r.bot = req.Header.Get("Authorization") == "Bot "+s.Token && !s.revoked
	if !answers.open && !r.bot {
		return nil, errUnauthorized
	}
	if why := s.limit(r, header); why != nil {
		return nil, why
	}
	if bad != nil {
		return nil, bad
	}
	f := form{}
	for name, id := range r.names {
		if name != "token" && !snowflakeForm.MatchString(id) {
			f.at(name+"_id", "NUMBER_TYPE_COERCE", fmt.Sprintf("Value %q is not snowflake.", id))
		}
	}
	if why := f.refusal(); why != nil {
		return nil, why
	}
	if r.path("application") != "" && r.path("application") != s.App {
		if answers.open {
			return nil, refuse(404, 10015, "Unknown Webhook")
		}
		return nil, refuse(403, 20012, "You are not authorized to perform this action on this application")
	}
	return answers.handle(s, r)
}

// hash is a short name for what is long.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// number is n as headers write it.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// form collects what is wrong in a body, by field.
type form struct {
	errors map[string]any
}

// at notes an error of the field at path, such as embeds.0.title.
func (f *form) at(path, code, message string) {
	if f.errors == nil {
		f.errors = map[string]any{}
	}
	node := f.errors
	for name := range strings.SplitSeq(path, ".") {
		next, ok := node[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			node[name] = next
		}
		node = next
	}
	list, _ := node["_errors"].([]any)
	node["_errors"] = append(list, map[string]any{"code": code, "message": message})
}

// refusal is what was noted, nil if nothing was.
func (f *form) refusal() *refusal {
	if f.errors == nil {
		return nil
	}
	return &refusal{status: 400, code: 50035, message: "Invalid Form Body", more: map[string]any{"errors": f.errors}}
}
