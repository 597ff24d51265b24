package llm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot/answer"
)

// A server speaks the wire protocol over connections in memory, so that it lives
// within a bubble of testing/synctest, on its clock. Each request is checked for
// shape and answered by the next step of the script; the last step goes on.
type server struct {
	t      *testing.T
	script []step

	mu       sync.Mutex
	requests []request
}

// A step answers one request.
type step func(w http.ResponseWriter, r *http.Request)

// A request is what arrived.
type request struct {
	At     time.Time
	URL    string
	Header http.Header
	Body   map[string]any
}

// fields are the names in the body.
func (r request) fields() []string { return slices.Sorted(maps.Keys(r.Body)) }

// network connects clients to servers by host name.
type network struct {
	mu        sync.Mutex
	listeners map[string]chan net.Conn
}

func (n *network) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	accept := n.listeners[host]
	n.mu.Unlock()
	if accept == nil {
		return nil, &net.OpError{Op: "dial", Err: fmt.Errorf("connection refused by %s", host)}
	}
	client, srv := net.Pipe()
	select {
	case accept <- srv:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// listener is one server's end of the network.
type listener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *listener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }

// serve starts a server of the given host.
func (n *network) serve(t *testing.T, host string, script ...step) *server {
	t.Helper()
	s := &server{t: t, script: script}
	l := &listener{conns: make(chan net.Conn), done: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners == nil {
		n.listeners = make(map[string]chan net.Conn)
	}
	n.listeners[host] = l.conns
	h := &http.Server{Handler: s, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.Serve(l)
	}()
	t.Cleanup(func() {
		_ = h.Close()
		<-done
	})
	return s
}

// client returns an HTTP client of the network.
func (n *network) client(t *testing.T) *http.Client {
	t.Helper()
	tr := &http.Transport{DialContext: n.DialContext}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read request: %v", err)
	}
	got := request{At: time.Now(), URL: r.URL.String(), Header: r.Header.Clone()}
	if err := json.Unmarshal(body, &got.Body); err != nil {
		s.t.Errorf("the request is no JSON: %v\n%s", err, body)
	}
	checkShape(s.t, r, body)
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, got)
	s.mu.Unlock()
	s.script[min(n, len(s.script)-1)](w, r)
}

func (s *server) got() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// checkShape checks a request against what is used of the published API, strictly:
// any other field is an error.
func checkShape(t *testing.T, r *http.Request, body []byte) {
	t.Helper()
	var req struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Stream        bool `json:"stream"`
		StreamOptions *struct {
			IncludeUsage bool `json:"include_usage"`
		} `json:"stream_options"`
		ResponseFormat *struct {
			Type       string `json:"type"`
			JSONSchema *struct {
				Name   string         `json:"name"`
				Strict bool           `json:"strict"`
				Schema map[string]any `json:"schema"`
			} `json:"json_schema"`
		} `json:"response_format"`
		MaxTokens           *int     `json:"max_tokens"`
		MaxCompletionTokens *int     `json:"max_completion_tokens"`
		Temperature         *float64 `json:"temperature"`
		ReasoningEffort     *string  `json:"reasoning_effort"`
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&req); err != nil {
		t.Errorf("the request does not have the API's shape: %v\n%s", err, body)
		return
	}
	for _, c := range []struct {
		ok   bool
		what string
	}{
		{r.Method == http.MethodPost, "method"},
		{strings.HasSuffix(r.URL.Path, "/chat/completions"), "path"},
		{r.Header.Get("Content-Type") == "application/json", "content type"},
		{r.Header.Get("Accept") == "text/event-stream", "accept"},
		{req.Model != "", "model"},
		{req.Stream, "stream"},
		{len(req.Messages) > 0 && req.Messages[len(req.Messages)-1].Role == "user", "messages"},
		{req.ResponseFormat == nil || slices.Contains([]string{"json_schema", "json_object"}, req.ResponseFormat.Type), "format"},
		{req.ResponseFormat == nil || (req.ResponseFormat.Type == "json_schema") == (req.ResponseFormat.JSONSchema != nil), "schema"},
		{req.MaxTokens == nil || req.MaxCompletionTokens == nil, "one limit of tokens"},
		{req.MaxTokens == nil || *req.MaxTokens > 0, "limit of tokens"},
		{req.Temperature == nil || *req.Temperature >= 0 && *req.Temperature <= 2, "temperature"},
	} {
		if !c.ok {
			t.Errorf("the request's %s is wrong: %s %s\n%s", c.what, r.Method, r.URL, body)
		}
	}
}

// say makes the event of one token.
func say(content string) string {
	return event(map[string]any{"delta": map[string]any{"content": content}, "index": 0, "finish_reason": nil})
}

// finish makes the event of the end.
func finish(reason string) string {
	return event(map[string]any{"delta": map[string]any{}, "index": 0, "finish_reason": reason})
}

func event(choices ...any) string {
	if choices == nil {
		choices = []any{}
	}
	b, err := json.Marshal(map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m-2025", "choices": choices,
	})
	if err != nil {
		panic(err)
	}
	return "data: " + string(b) + "\n\n"
}

const (
	done  = "data: [DONE]\n\n"
	usage = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m-2025","choices":[],` +
		`"usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}}` + "\n\n"
)

// good is a whole completion of "Hello, world".
func good() string { return say("Hello, ") + say("world") + finish("stop") + usage + done }

// stream answers with a stream of events, each written at once.
func stream(parts ...string) step {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, p := range parts {
			_, _ = io.WriteString(w, p)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// slowly is stream with a pause before each part but the first.
func slowly(pause time.Duration, parts ...string) step {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i, p := range parts {
			if i > 0 && !wait(r.Context(), pause) {
				return
			}
			_, _ = io.WriteString(w, p)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// stall answers like stream and then falls silent.
func stall(parts ...string) step {
	return func(w http.ResponseWriter, r *http.Request) {
		stream(parts...)(w, r)
		<-r.Context().Done()
	}
}

// reset writes the parts and breaks the connection.
func reset(parts ...string) step {
	return func(w http.ResponseWriter, r *http.Request) {
		stream(parts...)(w, r)
		panic(http.ErrAbortHandler)
	}
}

// silent never answers.
func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// status answers with an error; headers come in pairs.
func status(code int, body string, headers ...string) step {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// apiError is an error in OpenAI's form.
func apiError(message, param string) string {
	return `{"error":{"message":` + strconv.Quote(message) + `,"type":"invalid_request_error","param":` + strconv.Quote(param) + `,"code":null}}`
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

const key = "sk-proj-0123456789abcdef"

// options are those of a client with an endpoint per host, called like it.
func options(client *http.Client, hosts ...string) Options {
	o := Options{HTTPClient: client, Jitter: func() float64 { return 0 }}
	for _, h := range hosts {
		o.Endpoints = append(o.Endpoints, Endpoint{Name: h, BaseURL: "http://" + h + "/v1", APIKey: key, Model: "m"})
	}
	return o
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask runs one request and returns the pieces too.
func ask(ctx context.Context, c *Client, r answer.Request) (pieces []string, got answer.Completion, err error) {
	if r.User == "" {
		r.User = "Who?"
	}
	got, err = c.Generate(ctx, r, func(p string) error {
		pieces = append(pieces, p)
		return nil
	})
	return pieces, got, err
}
