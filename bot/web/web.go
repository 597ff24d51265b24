// Package web is the front end for browsers and programs: a page to ask on, pages
// of the documents and of answers, and an API that speaks JSON. It serves HTML made
// from templates, with no script in it, and nothing that is loaded from elsewhere.
//
// Invariants. A page shows only documents of the collections that the pages are
// for, and an answer only if all that it cites or names is in these; what is
// outside is not there, as far as a page can tell. Text of documents, of models and
// of people reaches a page through html/template alone. Nobody else's machine is
// served without a token, or without the configuration's saying that it may be.
// No cookie is set, so there is nothing that another site could make use of.
//
// # Links
//
// /d/DOCUMENT#p7 is a paragraph as it is now; with ?rev=DIGEST (at least its first
// eight characters) as it was in a revision, and with mark=7:0-120 the cited bytes
// of a paragraph are marked. /a/ID is an answer as it was given.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// surface names this front end in keys and in the journal.
const surface = "web"

const (
	// headerTime bounds the reading of a request's head, and bodyTime of all of it:
	// a question has some thousand bytes, and a telephone in a tunnel is slow.
	headerTime = 10 * time.Second
	bodyTime   = 30 * time.Second
	// idleTime is how long a connection is kept for the next request.
	idleTime = 2 * time.Minute
	// writeTime is how long a client may take to read a piece of what is written.
	writeTime = 30 * time.Second
	// headerBytes bounds the head of a request, and bodyBytes its body: a question of
	// the greatest length that can be configured, in four bytes a character and
	// escaped, is the longest that comes.
	headerBytes = 16 << 10
	bodyBytes   = 1 << 20
	// leaveTime is how long requests that are under way have at the end. Answers were
	// drained before; what is left is a slow reader.
	leaveTime = 5 * time.Second
)

// A Library is what people can look up; *knowledge.Base is one.
type Library interface {
	Documents(ctx context.Context) ([]knowledge.Document, error)
	Passage(ctx context.Context, addr knowledge.Address, digest string, around int) (knowledge.Document, []knowledge.Paragraph, error)
	Revisions(ctx context.Context, id string) ([]knowledge.Revision, error)
}

// A Handler answers messages, over restarts too; *bot.Bot is one.
type Handler interface {
	bot.Handler
	Resume(ctx context.Context, m bot.Message, r bot.Responder) error
	Unfinished(ctx context.Context, surface string) ([]bot.Unfinished, error)
}

// A Record remembers answers; *journal.Journal is one.
type Record interface {
	AnswerTo(ctx context.Context, key string) (answer.Answer, error)
	Question(ctx context.Context, key string) (bot.Message, error)
	Answer(ctx context.Context, id string) (answer.Answer, error)
	Message(ctx context.Context, id string) (bot.Message, []answer.Turn, error)
	Rate(ctx context.Context, f bot.Feedback) error
}

// Options say what a Web is made of. Listen, Handler, Library, Record and Now are
// required.
type Options struct {
	Listen      string   // host and port; port 0 is any that is free
	PublicURL   string   // how people reach it; "" means by Listen only
	Token       string   // what other machines have to know; "" is none
	Public      bool     // other machines need no token
	Collections []string // that are searched and shown; empty means every collection

	Handler Handler
	Library Library
	Record  Record
	Now     func() time.Time
	Log     *slog.Logger // nil means none
}

// A Web is the front end. Run it once.
type Web struct {
	listen      string
	public      *url.URL // nil if there is none
	token       string
	collections []string
	handler     Handler
	library     Library
	record      Record
	now         func() time.Time
	log         *slog.Logger
	entry       http.Handler
	show        pages
	secret      [32]byte // of alias

	mu      sync.Mutex
	address string // of the listener
	health  bot.Health
	asked   map[string]chan struct{} // by key, what is being answered; closed when it ended
}

// New returns the front end. The error says that it would be open to other machines
// without anybody's having said so.
func New(o Options) (*Web, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Token == "" && !o.Public && !loopback(o.Listen) {
		return nil, fmt.Errorf("web: %s can be reached by other machines: it needs a token, or has to be public", o.Listen)
	}
	w := &Web{
		listen: o.Listen, token: o.Token, collections: o.Collections,
		handler: o.Handler, library: o.Library, record: o.Record, now: o.Now, log: o.Log, show: newPages(), asked: map[string]chan struct{}{},
		health: bot.Health{State: bot.Starting, Since: o.Now()},
	}
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err != nil {
			return nil, fmt.Errorf("web: public address: %w", err)
		}
		w.public = u
	}
	_, _ = rand.Read(w.secret[:]) // it never fails (crypto/rand, since Go 1.24)
	w.entry = w.guarded(w.routes(), o.Public || !loopback(o.Listen))
	return w, nil
}

// loopback reports whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Name names the front end.
func (w *Web) Name() string { return surface }

// Handler returns what serves the pages and the API.
func (w *Web) Handler() http.Handler { return w.entry }

// Health tells whether pages are served.
func (w *Web) Health() bot.Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.health
}

// Address returns where the pages are, as host and port; "" before they are
// served.
func (w *Web) Address() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.address
}

func (w *Web) set(state bot.State, detail string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.health.State, w.health.Detail, w.health.Since = state, detail, w.now()
}

// happened notes that somebody asked, or was answered.
func (w *Web) happened(answered bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.health.LastEvent = w.now()
	if answered {
		w.health.LastAnswer = w.now()
	}
}

// Run serves until ctx ends; then it takes no more requests, and returns when those
// under way have ended, which the bot's Drain sees to. The error says that the
// address cannot be listened at.
func (w *Web) Run(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", w.listen)
	if err != nil {
		w.set(bot.Down, err.Error())
		return fmt.Errorf("web: %w; web.listen names another address, or %q for no pages", err, "off")
	}
	return w.Serve(ctx, listener)
}

// Serve is Run for a listener that is open.
func (w *Web) Serve(ctx context.Context, listener net.Listener) error {
	w.mu.Lock()
	w.address = listener.Addr().String()
	w.mu.Unlock()
	w.set(bot.Connected, "")
	server := &http.Server{
		Handler: w.entry, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		ErrorLog:    slog.NewLogLogger(w.log.Handler(), slog.LevelDebug), // clients that hang up, and worse
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	var silent silence
	server.ConnState = silent.changed
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	var resuming sync.WaitGroup
	defer resuming.Wait()
	resuming.Go(func() { w.resume(ctx) })
	select {
	case err := <-ended:
		w.set(bot.Down, err.Error())
		return fmt.Errorf("web: %w", err)
	case <-ctx.Done():
	}
	w.set(bot.Stopped, "")
	_ = listener.Close() // Shutdown closes it too; nobody is to come in meanwhile
	silent.end()
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), leaveTime+drainTime)
	defer stop()
	if err := server.Shutdown(last); err != nil && !errors.Is(err, net.ErrClosed) {
		return errors.Join(fmt.Errorf("web: requests that did not end: %w", err), server.Close())
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("web: %w", err)
	}
	return nil
}

// A silence knows the connections on which nothing came yet: browsers open some for
// later, and Shutdown would wait five seconds for each.
type silence struct {
	mu    sync.Mutex
	conns map[net.Conn]bool
	over  bool
}

func (s *silence) changed(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(s.conns, c)
	case s.over:
		_ = c.Close()
	default:
		if s.conns == nil {
			s.conns = map[net.Conn]bool{}
		}
		s.conns[c] = true
	}
}

// end hangs up.
func (s *silence) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	for c := range s.conns {
		_ = c.Close() // it was heard of by nobody
	}
}

// resume ends what an earlier start left: whoever asked finds the answer by the key
// of the question, if they send it again.
func (w *Web) resume(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	left, err := w.handler.Unfinished(ctx, surface)
	if err != nil {
		w.log.ErrorContext(ctx, "web: questions of an earlier start", "error", err)
		return
	}
	for _, u := range left {
		err := errWaited
		for errors.Is(err, errWaited) { // whoever sent it again meanwhile was not answered
			err = w.once(ctx, u.Key, func() error { return w.handler.Resume(ctx, u.Message, &told{}) })
		}
		switch {
		case errors.Is(err, bot.ErrCut):
			return // the next start has them
		case err != nil && !errors.Is(err, bot.ErrSeen):
			w.log.ErrorContext(ctx, "web: resume", "key", u.Key, "error", err)
		}
	}
}

// drainTime is how long answers under way have when the program ends, and a little
// more; whoever drains them cuts them after that.
const drainTime = 25 * time.Second

// may reports whether a collection is one that the pages are for.
func (w *Web) may(collection string) bool {
	return len(w.collections) == 0 || slices.Contains(w.collections, collection)
}

// documents returns those that pages may show.
func (w *Web) documents(ctx context.Context) ([]knowledge.Document, error) {
	docs, err := w.library.Documents(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(docs), func(d knowledge.Document) bool { return !w.may(d.Collection) }), nil
}

// mayShow reports whether all that an answer shows of documents may be shown: what
// it cites, and the near misses of a refusal. A document that is gone counts by
// what the citation says of it; a near miss of one does not count.
func (w *Web) mayShow(ctx context.Context, a answer.Answer) (bool, error) {
	if len(w.collections) == 0 {
		return true, nil
	}
	var addresses []string
	for _, claim := range a.Claims {
		for _, cited := range claim.Citations {
			if !w.may(cited.Collection) {
				return false, nil
			}
			addresses = append(addresses, cited.Address)
		}
	}
	for _, n := range a.Nearest {
		addresses = append(addresses, n.Address)
	}
	seen := map[string]bool{}
	for _, address := range addresses {
		addr, err := knowledge.ParseAddress(address)
		if err != nil || seen[addr.Document] {
			continue
		}
		seen[addr.Document] = true
		// It may have moved to another collection since.
		doc, err := w.current(ctx, addr.Document)
		switch {
		case errors.Is(err, knowledge.ErrNotFound):
		case err != nil:
			return false, err
		case !w.may(doc.Collection):
			return false, nil
		}
	}
	return true, nil
}

// errNotThere says that what is asked for is not there, or not for these pages.
var errNotThere = errors.New("not there")

// answered returns an answer of the record that may be shown.
func (w *Web) answered(ctx context.Context, id string) (answer.Answer, error) {
	a, err := w.record.Answer(ctx, id)
	if errors.Is(err, bot.ErrUnknown) {
		return answer.Answer{}, errNotThere
	}
	if err != nil {
		return answer.Answer{}, err
	}
	may, err := w.mayShow(ctx, a)
	if err == nil && !may {
		err = errNotThere
	}
	return a, err
}

// choose returns the collections that a question is put to: those that were asked
// for, or all that the pages are for.
func (w *Web) choose(ctx context.Context, asked []string) ([]string, error) {
	if len(asked) == 0 {
		return w.collections, nil
	}
	docs, err := w.documents(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range asked {
		if !slices.ContainsFunc(docs, func(d knowledge.Document) bool { return d.Collection == c && c != "" }) {
			return nil, fault{http.StatusBadRequest, "unknown_collection", fmt.Sprintf("There is no collection %q here.", shorten(c))}
		}
	}
	return asked, nil
}

// shorten keeps what somebody sent fit to be shown back.
func shorten(s string) string {
	const most = 60
	if r := []rune(strings.ToValidUTF8(s, "?")); len(r) > most {
		return string(r[:most]) + "..."
	}
	return strings.ToValidUTF8(s, "?")
}

// person names who asks, for limits: by the address that the request comes from, or
// that a proxy on this machine says it comes from. Of an address of IPv6 it is the
// first half, for the second one anybody chooses for themselves.
func (w *Web) person(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := from.Addr().Unmap().WithZone("")
	if w.public != nil && address.IsLoopback() {
		// The last one is what the proxy has seen; those before it anybody can write.
		forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if last, err := netip.ParseAddr(strings.TrimSpace(forwarded[len(forwarded)-1])); err == nil {
			address = last.Unmap().WithZone("")
		}
	}
	if half, err := address.Prefix(64); err == nil && address.Is6() {
		return half.String()
	}
	return address.String()
}
