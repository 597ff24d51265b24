package discordserver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"summitbot/bot/discord/discordserver"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
)

// start is a server without rates, which most tests are not about.
func start(t *testing.T) *discordserver.Server {
	t.Helper()
	return recorded(t, discordserver.Options{})
}

// library is a session of discordgo that speaks to s.
func library(t *testing.T, s *discordserver.Server) *discordgo.Session {
	t.Helper()
	d, err := discordgo.New("Bot " + s.Token)
	if err != nil {
		t.Fatal(err)
	}
	d.Client = &http.Client{Transport: s.Transport()}
	d.ShouldReconnectOnError = false
	d.ShouldRetryOnRateLimit = false
	d.Identify.Intents = discordgo.IntentsGuilds | discordgo.IntentsGuildMessages | discordgo.IntentsDirectMessages
	return d
}

// online is library with the gateway open.
func online(t *testing.T, s *discordserver.Server, d *discordgo.Session) {
	t.Helper()
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	s.AwaitReady(1)
}

// reply is an answer to a call without the library.
type reply struct {
	status int
	header http.Header
	body   string
	json   map[string]any // nil unless the body is an object
}

// code is Discord's code of an error.
func (r reply) code() int {
	n, _ := r.json["code"].(float64)
	return int(n)
}

// at is the first code in the tree of errors at path, such as embeds.0.title;
// path "" is anywhere.
func (r reply) at(path string) string {
	node, _ := r.json["errors"].(map[string]any)
	for name := range strings.SplitSeq(path, ".") {
		node, _ = node[name].(map[string]any)
	}
	list, _ := node["_errors"].([]any)
	if len(list) == 0 {
		return ""
	}
	first, _ := list[0].(map[string]any)
	code, _ := first["code"].(string)
	return code
}

func (r reply) get(name string) string {
	text, _ := r.json[name].(string)
	return text
}

// call calls the API without the library; body "" is none. header are names and
// values; a value of "" takes the header away.
func call(t *testing.T, s *discordserver.Server, method, path, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/api/v9"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot "+s.Token)
	req.Header.Set("User-Agent", "DiscordBot (https://example.com, 1)")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: s.Transport()}
	resp, err := client.Do(req)
	if err != nil {
		return reply{body: err.Error()}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, body: string(text)}
	_ = json.Unmarshal(text, &r.json)
	return r
}

// wire is a gateway connection without the library.
type wire struct {
	t    *testing.T
	conn *websocket.Conn
}

// event is what comes by it.
type event struct {
	Op   int             `json:"op"`
	Seq  int64           `json:"s"`
	Type string          `json:"t"`
	Data map[string]any  `json:"-"`
	Raw  json.RawMessage `json:"d"`
}

// dial opens a connection; the hello is read.
func dial(t *testing.T, s *discordserver.Server) *wire {
	t.Helper()
	w := dialTo(t, s, "?v=9&encoding=json")
	if e := w.read(); e.Op != 10 {
		t.Fatalf("got op %d, want the hello", e.Op)
	}
	return w
}

func dialTo(t *testing.T, s *discordserver.Server, query string) *wire {
	t.Helper()
	address := "ws" + strings.TrimPrefix(s.URL(), "http") + "/gateway/" + query
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	t.Cleanup(func() { conn.Close() })
	return &wire{t, conn}
}

func (w *wire) send(text string) {
	w.t.Helper()
	if err := w.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) read() event {
	w.t.Helper()
	_, text, err := w.conn.ReadMessage()
	if err != nil {
		w.t.Fatal(err)
	}
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		w.t.Fatalf("%v: %s", err, text)
	}
	_ = json.Unmarshal(e.Raw, &e.Data)
	return e
}

// until reads up to an event of a type.
func (w *wire) until(kind string) event {
	w.t.Helper()
	for {
		if e := w.read(); e.Type == kind {
			return e
		}
	}
}

// closed is the code that the server closes the connection with; 0 if it was
// cut. What comes before is passed over.
func (w *wire) closed() int {
	w.t.Helper()
	for {
		_, _, err := w.conn.ReadMessage()
		if err == nil {
			continue
		}
		if c, ok := errors.AsType[*websocket.CloseError](err); ok && c.Code != websocket.CloseAbnormalClosure {
			return c.Code
		}
		return 0
	}
}

// identify begins a session and returns its id. GUILD_CREATE is read too, where
// there is one guild.
func (w *wire) identify(s *discordserver.Server, intents discordserver.Intents) string {
	w.t.Helper()
	w.send(identify(s.Token, intents, ""))
	id, _ := w.until("READY").Data["session_id"].(string)
	if intents&discordserver.Guilds != 0 {
		w.until("GUILD_CREATE")
	}
	return id
}

// identify is the payload that begins a session; more is put into it.
func identify(token string, intents discordserver.Intents, more string) string {
	text, err := json.Marshal(map[string]any{"token": token, "intents": intents, "properties": map[string]string{"os": "linux"}})
	if err != nil {
		return ""
	}
	return `{"op":2,"d":` + strings.TrimSuffix(string(text), "}") + more + `}}`
}

func resume(token, session string, seq int64) string {
	text, err := json.Marshal(map[string]any{"op": 6, "d": map[string]any{"token": token, "session_id": session, "seq": seq}})
	if err != nil {
		return ""
	}
	return string(text)
}

const ordinary = discordserver.Guilds | discordserver.GuildMessages | discordserver.DirectMessages

// close ends the connection with a code.
func (w *wire) close(code int) {
	w.t.Helper()
	if err := w.conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(code, "")); err != nil {
		w.t.Fatal(err)
	}
}
