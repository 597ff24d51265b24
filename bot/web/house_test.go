package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
	"summitbot/bot/web"
	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/source"
	"summitbot/knowledge/sqlite"
)

// asked is a question that the article answers, and refused is one that it does not.
const (
	asked   = "Would the proposal give Ukraine NATO membership?"
	refused = "Which hotel in Anchorage did the delegations use during the summit?"
)

// A house is the front end with all that is behind it: a database, the article that
// the program ships, its index, the answerer without a model, the bot.
type house struct {
	*httptest.Server
	t       testing.TB
	path    string // of the database
	base    *knowledge.Base
	journal *journal.Journal
	bot     *bot.Bot
	web     *web.Web
	model   *model
}

// A plan is what is different about a house.
type plan struct {
	options func(*web.Options)
	limits  bot.Limits
	log     *slog.Logger
}

// newHouse opens a house.
func newHouse(tb testing.TB, plans ...func(*plan)) *house {
	tb.Helper()
	var p plan
	for _, change := range plans {
		change(&p)
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	path := filepath.Join(tb.TempDir(), "test.db")
	return open(tb, path, p)
}

// again opens another start of the program over the same database.
func (h *house) again() *house { return open(h.t, h.path, plan{log: slog.New(slog.DiscardHandler)}) }

// open opens a house over the database at path.
func open(tb testing.TB, path string, p plan) *house {
	tb.Helper()
	store, err := sqlite.Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	finder := index.New()
	tb.Cleanup(func() { finder.Close() })
	base, err := knowledge.Open(tb.Context(), store, finder)
	if err != nil {
		tb.Fatal(err)
	}
	if _, _, err := base.Ingest(tb.Context(), knowledge.Input(source.Embedded())); err != nil {
		tb.Fatal(err)
	}
	record, err := journal.New(tb.Context(), store.DB(), time.Now)
	if err != nil {
		tb.Fatal(err)
	}
	h := &house{t: tb, path: path, base: base, journal: record}
	h.model = &model{Extractive: answer.NewExtractive(base, time.Now), held: make(chan string, 10), release: make(chan struct{}), gone: make(chan string, 10)}
	h.bot = bot.New(bot.Options{Answerer: h.model, Journal: record, Limits: p.limits, Now: time.Now, Log: p.log})
	o := web.Options{Listen: "127.0.0.1:0", Handler: h.bot, Library: base, Record: record, Now: time.Now, Log: p.log}
	if p.options != nil {
		p.options(&o)
	}
	if h.web, err = web.New(o); err != nil {
		tb.Fatal(err)
	}
	h.Server = httptest.NewServer(h.web.Handler())
	tb.Cleanup(h.Close)
	h.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if *calls != "" {
		h.Client().Transport = recorder{h.Client().Transport, tb}
	}
	return h
}

// with changes the front end's options.
func with(change func(*web.Options)) func(*plan) { return func(p *plan) { p.options = change } }

// limited sets the bot's limits.
func limited(l bot.Limits) func(*plan) { return func(p *plan) { p.limits = l } }

// A model answers from the documents. What says "hold" is held before its first
// claim, until it is released or nobody wants it any more; what says "crash" breaks.
type model struct {
	*answer.Extractive
	held, gone chan string
	release    chan struct{}

	mu    sync.Mutex
	count int
}

// Answer implements bot.Answerer.
func (m *model) Answer(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
	m.mu.Lock()
	m.count++
	m.mu.Unlock()
	switch {
	case strings.Contains(q.Text, "crash"):
		return answer.Answer{}, fmt.Errorf("broken on purpose")
	case strings.Contains(q.Text, "hold"):
		m.held <- q.Text
		select {
		case <-m.release:
		case <-ctx.Done():
			m.gone <- q.Text
			return answer.Answer{}, ctx.Err()
		}
	}
	return m.Extractive.Answer(ctx, q, each)
}

// times is how often the model was asked.
func (m *model) times() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count
}

// A reply is what a request was answered.
type reply struct {
	*http.Response
	body string
}

// send sends a request. header has names and values in turn.
func (h *house) send(method, path, body string, header ...string) reply {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Add(header[i], header[i+1])
		}
	}
	return h.do(r)
}

func (h *house) do(r *http.Request) reply {
	h.t.Helper()
	response, err := h.Client().Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return reply{response, string(got)}
}

// get asks for a page.
func (h *house) get(path string, header ...string) reply {
	h.t.Helper()
	return h.send(http.MethodGet, path, "", header...)
}

// form sends a form.
func (h *house) form(path string, fields url.Values, header ...string) reply {
	h.t.Helper()
	return h.send(http.MethodPost, path, fields.Encode(), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
}

// api sends JSON.
func (h *house) api(path string, body any, header ...string) reply {
	h.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.send(http.MethodPost, path, string(encoded), append(header, "Content-Type", "application/json")...)
}

// answered is the reply of POST /api/ask.
type answered struct {
	Conversation string        `json:"conversation"`
	Answer       answer.Answer `json:"answer"`
}

// ask asks through the API.
func (h *house) ask(text string) answered {
	h.t.Helper()
	got := h.api("/api/ask", map[string]any{"question": text})
	got.want(h.t, http.StatusOK)
	var a answered
	got.decode(h.t, &a)
	return a
}

func (r reply) decode(tb testing.TB, into any) {
	tb.Helper()
	if err := json.Unmarshal([]byte(r.body), into); err != nil {
		tb.Fatalf("%v in %s", err, r.body)
	}
}

// want holds that a reply has a status, and that its text has all of parts.
func (r reply) want(tb testing.TB, status int, parts ...string) {
	tb.Helper()
	if r.StatusCode != status {
		tb.Fatalf("%s %s: status %d, want %d: %s", r.Request.Method, r.Request.URL, r.StatusCode, status, r.body)
	}
	for _, part := range parts {
		if !strings.Contains(r.body, part) {
			tb.Errorf("%s %s: no %q in %s", r.Request.Method, r.Request.URL, part, r.body)
		}
	}
}

// without holds that a reply's text has none of parts.
func (r reply) without(tb testing.TB, parts ...string) {
	tb.Helper()
	for _, part := range parts {
		if strings.Contains(r.body, part) {
			tb.Errorf("%s %s: %q is in %s", r.Request.Method, r.Request.URL, part, r.body)
		}
	}
}

// kind returns what an error of the API is called.
func (r reply) kind(tb testing.TB) string {
	tb.Helper()
	var e struct {
		Error struct{ Kind, Message string }
	}
	r.decode(tb, &e)
	if e.Error.Message == "" {
		tb.Errorf("an error without words: %s", r.body)
	}
	return e.Error.Kind
}

// put takes a text into the base.
func (h *house) put(id, collection, text string) knowledge.Document {
	h.t.Helper()
	d, _, err := h.base.Ingest(h.t.Context(), knowledge.Input{ID: id, Path: id + ".txt", Collection: collection, Data: []byte(text)})
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}
