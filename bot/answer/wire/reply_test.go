package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Replies are written down with places in their text: ‹red line› stands for the
// number of the sentence of the prompt that has these words, as a model would read
// it there.
var placePattern = regexp.MustCompile(`‹([^›]*)›`)

// resolve puts sentence numbers for the places in a text.
func (p prompt) resolve(text string) string {
	return placePattern.ReplaceAllStringFunc(text, func(place string) string {
		return p.number(strings.Trim(place, "‹›"))
	})
}

var sentenceNumber = regexp.MustCompile(`\[(\d+\.\d+)\] `)

// number is that of the sentence with the words.
func (p prompt) number(words string) string {
	at := strings.Index(p.User, words)
	if at < 0 {
		return "no sentence of the prompt has " + words
	}
	found := sentenceNumber.FindAllStringSubmatch(p.User[:at], -1)
	if len(found) == 0 {
		return "no number before " + words
	}
	return found[len(found)-1][1]
}

// claims writes the JSON that is asked for; each line is "statement | places".
func claims(lines ...string) string { return object(true, lines...) }

func object(answerable bool, lines ...string) string {
	type item struct {
		Text    string   `json:"text"`
		Sources []string `json:"sources"`
	}
	items := []item{}
	for _, line := range lines {
		text, places, _ := strings.Cut(line, " | ")
		c := item{Text: text, Sources: []string{}}
		for place := range strings.SplitSeq(places, " & ") {
			if place != "" {
				c.Sources = append(c.Sources, place)
			}
		}
		items = append(items, c)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"answerable": answerable, "claims": items}); err != nil {
		panic(err) // strings always encode
	}
	return strings.TrimSpace(b.String())
}

// What follows the text of a stream.
type ending int

const (
	closes ending = iota // the body ends
	hangs                // nothing comes any more
	aborts               // the connection is closed in the middle of the body
	resets               // TCP's reset
	goesOn               // the text is repeated for ever
)

// A stream is one completion, token by token. The zero value beside Content ends
// well: finish reason, usage, [DONE].
type stream struct {
	Content   string
	Bytes     int           // of a token; 0 means whole words
	Slow      time.Duration // before each token
	Comments  int           // keep-alive lines before the first token and in the middle
	Trickle   bool          // each byte of the wire is sent alone
	Cut       string        // Content ends behind these words; no finish reason follows
	Finish    string        // "" means stop
	Unended   bool          // without [DONE]
	NoUsage   bool
	Reasoning string // tokens of reasoning_content before the text
	Refusal   string // tokens of refusal instead of text
	Event     string // a line of the wire that follows the text; no finish reason follows
	Then      ending
}

func (s stream) serve(w http.ResponseWriter, r *http.Request, p prompt) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	send := func(text string) {
		size := len(text)
		if s.Trickle {
			size = 1
		}
		for len(text) > 0 {
			_, _ = io.WriteString(w, text[:min(size, len(text))]) // a client that is gone is no fault
			_ = http.NewResponseController(w).Flush()
			text = text[min(size, len(text)):]
		}
	}
	tokens := s.tokens(p)
	for i, t := range tokens {
		if i == 0 || i == len(tokens)/2 {
			send(strings.Repeat(": keep-alive\n\n", s.Comments))
		}
		if s.Slow > 0 && !pause(r, s.Slow) {
			return
		}
		send(t)
	}
	for s.Then == goesOn && r.Context().Err() == nil {
		for _, t := range tokens {
			send(t)
		}
	}
	if s.ended() {
		send(finish(s.reason()))
		if !s.NoUsage {
			send(chunk(`[]`, `,"usage":{"prompt_tokens":1200,"completion_tokens":60,"total_tokens":1260}`))
		}
		if !s.Unended {
			send("data: [DONE]\n\n")
		}
	}
	if s.Event != "" {
		send(s.Event)
	}
	switch s.Then {
	case hangs:
		<-r.Context().Done()
	case aborts:
		panic(http.ErrAbortHandler)
	case resets:
		reset{}.serve(w, r, p)
	}
}

// ended reports whether the model gets to its end.
func (s stream) ended() bool {
	return s.Cut == "" && s.Event == "" && (s.Then == closes || s.Unended)
}

func (s stream) reason() string {
	if s.Finish == "" {
		return "stop"
	}
	return s.Finish
}

// text is what the model writes.
func (s stream) text(p prompt) string {
	text := p.resolve(s.Content)
	if s.Cut != "" {
		before, _, found := strings.Cut(text, s.Cut)
		if !found {
			return "the text to cut at is not there"
		}
		text = before + s.Cut
	}
	return text
}

// tokens are the events of the text.
func (s stream) tokens(p prompt) []string {
	var out []string
	for _, t := range pieces(s.Reasoning, 0) {
		out = append(out, delta("reasoning_content", t))
	}
	for _, t := range pieces(s.Refusal, 0) {
		out = append(out, delta("refusal", t))
	}
	for i, t := range pieces(s.text(p), s.Bytes) {
		e := delta("content", t)
		if i == 0 {
			e = chunk(`[{"index":0,"delta":{"role":"assistant","content":` + quote(t) + `},"finish_reason":null}]`)
		}
		out = append(out, e)
	}
	return out
}

// pieces cuts text into words with what follows them, or into pieces of so many
// bytes.
func pieces(text string, size int) []string {
	var out []string
	for len(text) > 0 {
		n := size
		if n == 0 {
			n = 1
			for n < len(text) && (text[n-1] != ' ' || text[n] == ' ') {
				n++
			}
		}
		n = min(n, len(text))
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

func delta(field, text string) string {
	return chunk(fmt.Sprintf(`[{"index":0,"delta":{%q:%s},"finish_reason":null}]`, field, quote(text)))
}

func finish(reason string) string {
	return chunk(`[{"index":0,"delta":{},"finish_reason":"` + reason + `"}]`)
}

func chunk(choices string, more ...string) string {
	return `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"scripted-2026","choices":` +
		choices + strings.Join(more, "") + "}\n\n"
}

// quote writes bytes as a JSON string. What is no UTF-8 stays as it is: an endpoint
// that cuts a character between two tokens sends just that.
func quote(text string) string {
	if utf8.ValidString(text) {
		b, err := json.Marshal(text)
		if err != nil {
			panic(err) // a string always encodes
		}
		return string(b)
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// says is a completion that ends well.
func says(content string) stream { return stream{Content: content} }

// A status is a response that is no stream.
type status struct {
	Code       int
	Body       string
	Type       string // of the content; "" means JSON
	RetryAfter string
	Location   string
}

func (s status) serve(w http.ResponseWriter, _ *http.Request, _ prompt) {
	for name, value := range map[string]string{"Content-Type": s.Type, "Retry-After": s.RetryAfter, "Location": s.Location} {
		if value != "" {
			w.Header().Set(name, value)
		}
	}
	if s.Type == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(s.Code)
	_, _ = io.WriteString(w, s.Body)
}

// apiError is an error in the API's form.
func apiError(kind, message, param, code string) string {
	field := func(s string) string {
		if s == "" {
			return "null"
		}
		return quote(s)
	}
	return fmt.Sprintf(`{"error":{"message":%s,"type":%s,"param":%s,"code":%s}}`, quote(message), quote(kind), field(param), field(code))
}

// refuses answers with an error to a request with one of the fields, else as then
// does. A field is "stream_options", or "response_format=json_schema".
type refuses struct {
	fields  []string
	message string
	then    reply
}

func (f refuses) serve(w http.ResponseWriter, r *http.Request, p prompt) {
	for _, field := range f.fields {
		name, kind, _ := strings.Cut(field, "=")
		value, sent := p.Fields[name]
		if m, ok := value.(map[string]any); ok && kind != "" {
			sent = m["type"] == kind
		}
		if sent {
			status{Code: 400, Body: apiError("invalid_request_error", fmt.Sprintf(f.message, name), name, "")}.serve(w, r, p)
			return
		}
	}
	f.then.serve(w, r, p)
}

// reset breaks the connection the hard way.
type reset struct{}

func (reset) serve(w http.ResponseWriter, _ *http.Request, _ prompt) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // closing then sends RST
	}
	_ = conn.Close()
}

// silent never answers.
type silent struct{}

func (silent) serve(_ http.ResponseWriter, r *http.Request, _ prompt) { <-r.Context().Done() }

// pause waits unless the client goes away.
func pause(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
