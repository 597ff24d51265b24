package slack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"summitbot/bot"
	"summitbot/bot/requestid"
)

const (
	// A key is remembered for as long as Slack was seen to deliver again, and for
	// as long as a response_url lives. The journal remembers it for ever, but only
	// of what it took as a question.
	keyAge = 30 * time.Minute
	// editable is how long after a question was asked its answer follows edits.
	editable = 2 * time.Minute
	// An answer that could not be told is told again after this long, which doubles
	// each time, until there was no trouble for a while.
	retellPause     = time.Minute
	retellMostPause = time.Hour
)

// Why a question's context ends.
var (
	errStopped = errors.New("stopped by the asker")
	errDeleted = errors.New("the question was deleted")
	errEdited  = errors.New("the question was edited")
)

// keyOf names a question for ever: the message that asks it. Events that Slack
// delivers twice, and the two of a mention, tell of one message.
func keyOf(team, channel, ts string) string {
	return strings.Join([]string{surface, team, channel, ts}, ":")
}

// What stands in a key behind its message.
const (
	editMark  = ":edit:"
	againMark = ":again:"
	slashMark = "slash-" // in place of a timestamp
)

// baseKey returns the key of the question that an edit redoes.
func baseKey(key string) string {
	base, _, _ := strings.Cut(key, editMark)
	return base
}

// A table has the questions of the last while, by key.
type table struct {
	now    func() time.Time
	mu     sync.Mutex
	rows   map[string]*entry
	pruned time.Time
}

// An entry is one question, as it was asked and as it was edited since.
type entry struct {
	q    inquiry // as asked last
	came time.Time

	turn sync.Mutex // held by the run that answers it

	mu     sync.Mutex
	cancel context.CancelCauseFunc // of the run under way; nil if there is none
	over   error                   // why no further run may begin, or nil
	edits  string                  // the newest edit
	asked  bool                    // a run took the text: a later edit needs one of its own
	r      *threaded               // of the last run, if it was in a thread
}

func newTable(now func() time.Time) *table { return &table{now: now, rows: map[string]*entry{}} }

// take notes a question. fresh is false if it was noted before.
func (t *table) take(q inquiry) (e *entry, fresh bool) { return t.takeAs(q.key, q) }

// takeAs notes a question under another key than its own.
func (t *table) takeAs(key string, q inquiry) (e *entry, fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if now.Sub(t.pruned) > time.Minute {
		t.pruned = now
		for key, e := range t.rows {
			if now.Sub(e.came) > keyAge {
				delete(t.rows, key)
			}
		}
	}
	if e, ok := t.rows[key]; ok {
		return e, false
	}
	e = &entry{q: q, came: now}
	t.rows[key] = e
	return e, true
}

// drop forgets a key: what it was for may be tried again.
func (t *table) drop(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rows, key)
}

// find returns the entry of a key, or nil.
func (t *table) find(key string) *entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rows[key]
}

// all returns the entries that is chooses.
func (t *table) all(is func(inquiry) bool) []*entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*entry
	for _, e := range t.rows {
		e.mu.Lock()
		chosen := is(e.q)
		e.mu.Unlock()
		if chosen {
			out = append(out, e)
		}
	}
	return out
}

// end cancels the run under way. final says that none may follow.
func (e *entry) end(cause error, final bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if final {
		e.over = cause
	}
	if e.cancel != nil {
		e.cancel(cause)
	}
}

// begin notes the run under way; it is false if none may begin.
func (e *entry) begin(cancel context.CancelCauseFunc) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel = cancel
	return e.over == nil
}

// take notes that the text is asked, and returns it as it was edited until now.
func (e *entry) take() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = true
	return e.q.asked.text
}

// An inquiry is one question with all that answering it in Slack takes.
type inquiry struct {
	key          string
	at           place
	conversation string
	asked        asked
	direct       bool // in the person's own messages
	private      bool // for the asker only
	url          string
	received     time.Time
	resumed      bool // taken over, from an earlier start or from an end that could not be told
	ended        bool // it was answered then, and may have been told
	adopts       bool // something of it stands there that this start knows nothing of
	ticket       *ticket
}

// conversationOf names a thread as a conversation.
func conversationOf(at place) string { return at.channel + ":" + at.thread }

func (s *Slack) message(q inquiry) bot.Message {
	return bot.Message{
		Key: q.key, Surface: surface, Conversation: q.conversation, Channel: q.at.channel, User: q.asked.user,
		Text: q.asked.text, Collections: q.asked.collections, Language: q.asked.language, Received: q.received,
	}
}

// inquire makes an inquiry of a post.
func (s *Slack) inquire(p post) inquiry {
	c := s.settings(p.channel)
	at := p.at()
	return inquiry{
		key: keyOf(s.send.self.team, p.channel, p.ts), at: at, conversation: conversationOf(at), direct: p.direct, received: s.now(),
		asked: asked{text: questionOf(p.text, s.send.self.user), user: p.user, team: s.send.self.team, language: c.Language, collections: c.Collections},
	}
}

// ask answers a question, unless it was asked before.
func (s *Slack) ask(ctx context.Context, q inquiry) {
	ctx = requestid.Start(ctx)
	e, fresh := s.table.take(q)
	if !fresh {
		return
	}
	if !s.mayAsk(ctx, q.at.channel, q.asked.user) {
		s.turnAway(ctx, q)
		return
	}
	if q.at.thread != "" && !q.direct {
		s.threads.joined(q.at, q.asked.user)
	}
	s.run(ctx, e, q, nil)
}

// turnAway tells somebody, and nobody else, that they may not ask here.
func (s *Slack) turnAway(ctx context.Context, q inquiry) {
	w := &whispered{s: s, at: q.at, key: q.key, asked: q.asked, hook: hook{url: q.url}}
	if err := w.tell(ctx, []message{s.show.notAllowed(q.asked)}); err != nil {
		s.log.WarnContext(ctx, "slack: turn away", "key", q.key, "error", err)
	}
}

// run answers a question once, in place of what an earlier run said.
func (s *Slack) run(ctx context.Context, e *entry, q inquiry, old []string) {
	ctx, cancel := context.WithCancelCause(requestid.Start(ctx))
	defer cancel(nil)
	e.turn.Lock()
	defer e.turn.Unlock()
	if !e.begin(cancel) {
		return
	}
	defer e.begin(nil)
	if q.key == e.q.key {
		q.asked.text = e.take()
	}

	if q.private {
		s.finish(ctx, q, s.handle(ctx, q, &whispered{s: s, at: q.at, key: q.key, asked: q.asked, hook: hook{url: q.url}, again: q.ended}))
		return
	}
	t := s.newThreaded(q.at, q.key, q.asked, q.direct, cancel)
	t.hook.url, t.since, t.parts = q.url, q.received, old
	t.adopted, t.ended, t.ticket = !q.resumed && !q.adopts, q.ended, q.ticket
	t.over = func() bool {
		cause := context.Cause(ctx)
		return t.gone || errors.Is(cause, errDeleted) || errors.Is(cause, errEdited)
	}
	if len(old) > 0 {
		t.mode = edits
	}
	if q.at.thread == "" {
		t.mode = silent
	}
	if !t.adopted {
		if err := t.adopt(ctx); err != nil {
			t.mode = silent // the answer tries again, and says so if it must
			s.log.WarnContext(ctx, "slack: what stands in the thread", "key", q.key, "error", err)
		}
	}
	e.mu.Lock()
	e.r = t
	e.mu.Unlock()
	err := s.handle(ctx, q, t)
	defer t.rest()
	if t.gone {
		e.end(errDeleted, true)
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), telling)
	defer stop()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errStopped):
		err = t.stopped(last)
	case errors.Is(cause, errDeleted):
		err = t.withdrawn(last)
	case errors.Is(cause, errEdited):
		return // the next run takes over what stands there
	case errors.Is(err, bot.ErrSeen), errors.Is(err, bot.ErrCut):
		t.rest()
		if errors.Is(err, bot.ErrCut) {
			t.settled(last)
		}
	}
	s.finish(ctx, q, err)
}

// handle puts a question to the bot.
func (s *Slack) handle(ctx context.Context, q inquiry, r bot.Responder) error {
	if q.resumed {
		return s.handler.Resume(ctx, s.message(q), r)
	}
	return s.handler.HandleMessage(ctx, s.message(q), r)
}

// finish notes what went wrong with a question.
func (s *Slack) finish(ctx context.Context, q inquiry, err error) {
	switch {
	case err == nil, errors.Is(err, bot.ErrSeen):
	case errors.Is(err, bot.ErrCut):
		s.log.InfoContext(ctx, "slack: answer cut short", "key", q.key)
	case errors.Is(err, bot.ErrUntold):
		s.log.ErrorContext(ctx, "slack: an answer could not be told, and will be told later", "key", q.key, "error", err)
		select {
		case s.untold <- struct{}{}:
		default:
		}
	default:
		s.log.ErrorContext(ctx, "slack: question", "key", q.key, "error", err)
	}
}

// retell tells what could not be told, until ctx ends.
func (s *Slack) retell(ctx context.Context) {
	pause, last := retellPause, s.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.untold:
		}
		if s.wait(ctx, pause) != nil {
			return
		}
		if s.now().Sub(last) > 2*retellMostPause {
			pause = retellPause // that was another trouble
		}
		last = s.now()
		s.resume(ctx)
		pause = min(2*pause, retellMostPause)
	}
}

// untold makes an error of one that is worth trying again later: unless Slack has
// said that it will not have it.
func untold(err error) error {
	if err == nil || !uncertain(err) && !early(err) {
		return err
	}
	return fmt.Errorf("%w: %w", bot.ErrUntold, err)
}

// redo answers an edited question in the place of its answer.
func (s *Slack) redo(ctx context.Context, channel, ts, edit, text string) {
	at, err := timeOf(ts)
	if err != nil || s.now().Sub(at) > editable {
		return
	}
	e := s.recall(ctx, keyOf(s.send.self.team, channel, ts))
	if e == nil || !s.mayAsk(ctx, channel, e.q.asked.user) {
		return
	}
	e.mu.Lock()
	text = questionOf(text, s.send.self.user)
	if e.over != nil || e.edits >= edit || e.q.asked.text == text {
		e.mu.Unlock()
		return
	}
	e.edits = edit
	e.q.asked.text = text
	q, asked := e.q, e.asked
	e.mu.Unlock()
	if !asked {
		return // the run that is about to begin asks the new text, under the message's own key
	}

	q.key += editMark + edit
	q.received = s.now()
	e.end(errEdited, false)
	e.turn.Lock() // until the run before has ended
	var old []string
	if e.r != nil {
		old = e.r.handOver(ctx)
	}
	e.turn.Unlock()
	e.mu.Lock()
	newest := e.edits == edit
	e.mu.Unlock()
	if newest {
		q.ticket = nil // it keeps the place that the question had
		s.run(ctx, e, q, old)
	}
}

// recall returns the entry of a key, as the journal has it if an earlier start
// answered it; nil if nobody knows of it.
func (s *Slack) recall(ctx context.Context, key string) *entry {
	if e := s.table.find(key); e != nil {
		return e
	}
	m, err := s.record.Question(ctx, key)
	if err != nil {
		if !errors.Is(err, bot.ErrUnknown) {
			s.log.ErrorContext(ctx, "slack: look a question up", "key", key, "error", err)
		}
		return nil
	}
	q, ok := s.reopen(m)
	if !ok {
		return nil
	}
	q.adopts = true
	e, fresh := s.table.take(q)
	if fresh {
		e.take() // an earlier start asked it
	}
	return e
}

// withdraw ends the answer to a question that was deleted.
func (s *Slack) withdraw(channel, ts string) {
	if e := s.table.find(keyOf(s.send.self.team, channel, ts)); e != nil {
		e.end(errDeleted, true)
	}
}

// halt stops the answers that are under way in a thread.
func (s *Slack) halt(at place) {
	for _, e := range s.table.all(func(q inquiry) bool { return q.at == at && !q.private }) {
		e.end(errStopped, false)
	}
}

// timeOf reads a timestamp of Slack's, to the second.
func timeOf(ts string) (time.Time, error) {
	seconds, _, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	return time.Unix(n, 0), err
}

// resume takes up what an earlier start left unfinished, and what could not be
// told.
func (s *Slack) resume(ctx context.Context) {
	list, err := s.handler.Unfinished(ctx, surface)
	if err != nil {
		if ctx.Err() == nil {
			s.log.ErrorContext(ctx, "slack: unfinished questions", "error", err)
		}
		return
	}
	// A question and its edits are of one place, and go one after the other.
	var order []string
	by := map[string][]inquiry{}
	for _, u := range list {
		q, ok := s.reopen(u.Message)
		if !ok {
			s.log.ErrorContext(ctx, "slack: an unfinished question has a key of another kind", "key", u.Key)
			continue
		}
		q.resumed, q.ended = true, u.Ended
		base := baseKey(q.key)
		if by[base] == nil {
			order = append(order, base)
		}
		by[base] = append(by[base], q)
	}
	for _, base := range order {
		s.do(ctx, "resume", func(ctx context.Context) {
			for _, q := range by[base] {
				e, _ := s.table.takeAs(base, q)
				s.run(ctx, e, q, nil)
			}
		})
	}
}

// reopen makes an inquiry of a message of the journal's. Its response_url is lost:
// it is told by other ways. What may be searched is what may be searched now.
func (s *Slack) reopen(m bot.Message) (inquiry, bool) {
	parts := strings.Split(m.Key, ":")
	if len(parts) < 4 {
		return inquiry{}, false
	}
	channel, ts := parts[2], parts[3]
	q := inquiry{
		key: m.Key, at: place{channel: channel}, conversation: m.Conversation, direct: isDirect(channel), received: m.Received,
		asked: asked{text: m.Text, user: m.User, team: s.send.self.team, language: m.Language, collections: s.settings(channel).Collections},
	}
	if strings.HasPrefix(ts, slashMark) {
		q.private = !s.settings(channel).Public || q.direct
		return q, true
	}
	if _, thread, ok := strings.Cut(m.Conversation, ":"); ok {
		q.at.thread = thread
	}
	return q, q.at.thread != ""
}

// isDirect reports whether a channel is a person's own with the bot.
func isDirect(channel string) bool { return strings.HasPrefix(channel, "D") }
