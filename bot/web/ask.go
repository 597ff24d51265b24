package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/phrase"
)

// aliveEvery is how often a stream shows that it lives while nothing is told:
// proxies give up after a minute, many after half of one.
const aliveEvery = 15 * time.Second

// A question is what somebody asks.
type question struct {
	Question     string   `json:"question"`
	Conversation string   `json:"conversation"`
	Collections  []string `json:"collections"`
	Language     string   `json:"language"`
	Key          string   `json:"key"`
}

var (
	// Names that others make up are long enough not to meet each other's.
	named    = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)
	language = regexp.MustCompile(`^[a-z]{2}$`)
)

// message makes of a question what the bot is asked.
func (w *Web) message(r *http.Request, q question) (bot.Message, error) {
	switch {
	case q.Conversation == "":
		q.Conversation = rand.Text()
	case !named.MatchString(q.Conversation):
		return bot.Message{}, fault{http.StatusBadRequest, "conversation", "A conversation's name has 16 to 64 letters, digits, - or _."}
	}
	switch {
	case q.Key == "":
		q.Key = rand.Text()
	case !named.MatchString(q.Key):
		return bot.Message{}, fault{http.StatusBadRequest, "key", "A key has 16 to 64 letters, digits, - or _."}
	}
	if q.Language != "" && !language.MatchString(q.Language) {
		return bot.Message{}, fault{http.StatusBadRequest, "language", "A language is two small letters, such as en."}
	}
	collections, err := w.choose(r.Context(), q.Collections)
	if err != nil {
		return bot.Message{}, err
	}
	return bot.Message{
		Key: surface + ":" + q.Key, Surface: surface, Conversation: q.Conversation, User: w.alias(w.person(r)),
		Text: cleaned(q.Question), Collections: collections, Language: q.Language, Received: w.now(),
	}, nil
}

// cleaned returns a text as the bot has it, and keeps it.
func cleaned(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD"))
}

// put puts a message to the bot, and returns it as it was put the first time: one
// that was sent before is given the answer that it had, or has soon.
func (w *Web) put(ctx context.Context, m bot.Message, t *told) (bot.Message, error) {
	w.happened(false)
	err := w.once(ctx, m.Key, func() error { return w.handler.HandleMessage(ctx, m, t) })
	switch {
	case err == nil:
		w.happened(true)
	case errors.Is(err, bot.ErrSeen):
		return w.again(ctx, m, t)
	case errors.Is(err, bot.ErrCut):
		err = fault{http.StatusServiceUnavailable, string(bot.Restarting), "The program is restarting. Ask again in a moment."}
	}
	return m, err
}

// errWaited is what once returns to who waited.
var errWaited = fmt.Errorf("%w: just now", bot.ErrSeen)

// once does something about a question. If something is being done about it already,
// it waits for the end of that instead: the error is errWaited then.
func (w *Web) once(ctx context.Context, key string, do func() error) error {
	w.mu.Lock()
	ended, under := w.asked[key]
	if !under {
		ended = make(chan struct{})
		w.asked[key] = ended
	}
	w.mu.Unlock()
	if under {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return errWaited
		}
	}
	defer func() {
		w.mu.Lock()
		delete(w.asked, key)
		w.mu.Unlock()
		close(ended)
	}()
	return do()
}

// again tells the answer to a question that was sent before.
func (w *Web) again(ctx context.Context, m bot.Message, t *told) (bot.Message, error) {
	seen := fault{http.StatusConflict, "seen", "This key was used before: for another question, or for one that has no answer. Ask with another key."}
	before, err := w.record.Question(ctx, m.Key)
	if errors.Is(err, bot.ErrUnknown) {
		return m, seen
	}
	if err != nil {
		return m, err
	}
	if before.Text != m.Text || !slices.Equal(set(before.Collections), set(m.Collections)) {
		return m, seen
	}
	a, err := w.record.AnswerTo(ctx, m.Key)
	if errors.Is(err, bot.ErrUnknown) {
		return m, seen
	}
	if err != nil {
		return m, err
	}
	return before, t.Answer(ctx, a)
}

// set sorts names, of which each counts once.
func set(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// told keeps what was told of one message.
type told struct {
	claims  []answer.Claim
	answer  *answer.Answer
	failure *bot.Failure
	claim   func(answer.Claim, []answer.Source) error // shows one; nil shows none
}

var _ bot.Responder = (*told)(nil)

// Working implements bot.Responder.
func (*told) Working(context.Context) error { return nil }

// Claim implements bot.Responder.
func (t *told) Claim(_ context.Context, c answer.Claim) error {
	t.claims = append(t.claims, c)
	if t.claim == nil {
		return nil
	}
	return t.claim(c, answer.Sources(answer.Answer{Claims: t.claims}))
}

// Answer implements bot.Responder.
func (t *told) Answer(_ context.Context, a answer.Answer) error {
	t.answer = &a
	return nil
}

// Failure implements bot.Responder.
func (t *told) Failure(_ context.Context, f bot.Failure) error {
	t.failure = &f
	return nil
}

// statusOf says what a failure is in HTTP.
func statusOf(f bot.Failure) int {
	switch f.Kind {
	case bot.Empty, bot.TooLong:
		return http.StatusBadRequest
	case bot.UserRate, bot.ChannelRate, bot.Budget, bot.UserBudget:
		return http.StatusTooManyRequests
	case bot.Busy, bot.Restarting, bot.Interrupted:
		return http.StatusServiceUnavailable
	case bot.Late:
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// comeBack says when to try again.
func comeBack(rw http.ResponseWriter, f bot.Failure) {
	if f.After > 0 {
		rw.Header().Set("Retry-After", strconv.Itoa(seconds(f.After)))
	}
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// unhurried gives a request the time that an answer takes: it was read, so that its
// client has nothing more to send, and nothing is written for a while.
func (w *Web) unhurried(ctx context.Context, rw http.ResponseWriter) {
	if err := http.NewResponseController(rw).SetReadDeadline(time.Time{}); err != nil {
		w.log.DebugContext(ctx, "web: no deadline", "error", err)
	}
}

// askPage answers a question of the ask page: as events for the page's script, or
// by the address of the answer's page.
func (w *Web) askPage(rw http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		w.failed(rw, r, unreadable(err))
		return
	}
	q := question{
		Question: r.PostForm.Get("question"), Conversation: r.PostForm.Get("conversation"), Key: r.PostForm.Get("key"), Collections: r.PostForm["collection"],
	}
	m, err := w.message(r, q)
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	if wantsEvents(r) {
		w.pageEvents(rw, r, m)
		return
	}
	w.unhurried(r.Context(), rw)
	t := &told{}
	if m, err = w.put(r.Context(), m, t); err != nil {
		w.failed(rw, r, err)
		return
	}
	if f := t.failure; f != nil {
		comeBack(rw, *f)
		w.page(rw, r, statusOf(*f), "fault", faultView{head: w.head(headline(statusOf(*f))), Message: f.Text, Question: m.Text})
		return
	}
	http.Redirect(rw, r, "/a/"+url.PathEscape(t.answer.ID), http.StatusSeeOther)
}

// pageEvents tells the page's script: the HTML of each claim, and of the answer.
func (w *Web) pageEvents(rw http.ResponseWriter, r *http.Request, m bot.Message) {
	s := w.stream(r.Context(), rw)
	defer s.end()
	say := phrase.For(answer.LanguageOf(m.Text))
	_ = s.send("working", map[string]string{"text": say.Text(phrase.Reading)})
	t := &told{claim: func(c answer.Claim, sources []answer.Source) error {
		html, err := w.show.render("claim", claimOf(c, sources, say))
		if err != nil {
			return err
		}
		return s.send("claim", map[string]string{"html": html})
	}}
	m, err := w.put(r.Context(), m, t)
	switch {
	case err != nil:
		f, ok := asFault(err)
		if !ok {
			if r.Context().Err() != nil {
				return
			}
			w.log.ErrorContext(r.Context(), "web: question", "key", m.Key, "error", err)
			f = brokenHere
		}
		_ = s.send("failure", map[string]string{"text": f.message})
	case t.failure != nil:
		_ = s.send("failure", map[string]string{"text": t.failure.Text})
	default:
		html, err := w.show.render("answer", w.answerOf(*t.answer, m.Conversation))
		if err != nil {
			w.log.ErrorContext(r.Context(), "web: show an answer", "answer", t.answer.ID, "error", err)
			_ = s.send("failure", map[string]string{"text": brokenHere.message})
			return
		}
		_ = s.send("answer", map[string]string{"html": html, "conversation": m.Conversation, "link": "/a/" + url.PathEscape(t.answer.ID)})
	}
}

// wantsEvents reports whether a client reads an event stream.
func wantsEvents(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// unreadable says what is wrong with a body.
func unreadable(err error) error {
	if errors.As(err, new(*http.MaxBytesError)) {
		return fault{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("This is more than %d kB, which no question is.", bodyBytes>>10)}
	}
	return fault{http.StatusBadRequest, "unreadable", "What was sent cannot be read."}
}

// A stream is a reply of server-sent events.
type stream struct {
	w   *Web
	ctx context.Context //nolint:containedctx // of the one request that it is the reply to
	rw  http.ResponseWriter

	mu      sync.Mutex
	beating sync.WaitGroup
	over    chan struct{}
	err     error
}

// stream begins a reply of events.
func (w *Web) stream(ctx context.Context, rw http.ResponseWriter) *stream {
	w.unhurried(ctx, rw)
	rw.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	rw.Header().Set("X-Accel-Buffering", "no") // nginx keeps back what it proxies
	s := &stream{w: w, ctx: ctx, rw: rw, over: make(chan struct{})}
	s.beating.Go(func() {
		ticker := time.NewTicker(aliveEvery)
		defer ticker.Stop()
		for {
			select {
			case <-s.over:
				return
			case <-ticker.C:
				_ = s.write([]byte(": still here\n\n")) // kept, and told with the next event
			}
		}
	})
	return s
}

// end ends the keeping alive.
func (s *stream) end() {
	close(s.over)
	s.beating.Wait()
}

// send sends one event. After an error there is nobody to send to.
func (s *stream) send(event string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", event, body) // JSON has no line break
	return s.write(b.Bytes())
}

func (s *stream) write(piece []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.w.alive(s.ctx, s.rw)
	if _, s.err = s.rw.Write(piece); s.err == nil {
		s.err = http.NewResponseController(s.rw).Flush()
	}
	return s.err
}
