package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/phrase"
)

const (
	// Claims that come within a second go out together: appendStream may be
	// called a hundred times a minute, by all answers of a workspace.
	streamPause = time.Second
	// Slack advises to update a message no more than once in three seconds.
	editPause = 3 * time.Second
	// streamMost is how long a stream is kept open: streams were seen to die five
	// minutes after their start.
	streamMost = 4 * time.Minute
	// streamBytes bounds the text of one stream, of 12,000 characters that one
	// message may have. What is longer is told in parts when the answer is there.
	streamBytes = 10_000
	// telling is how long what has to be told at an end may take, limits of Slack
	// and repetitions included.
	telling = 3 * time.Minute
)

// A mode is how claims are shown before the answer is there.
type mode int

const (
	streams mode = iota
	edits        // a message that grows by chat.update
	silent       // not at all: the answer brings them
)

// A threaded shows one question's answer in its thread: the status at once, the
// claims as they come, and then the answer in their place. It is a
// bot.Responder. Its calls to Slack are made by its worker, so that a slow Slack
// holds up no model.
type threaded struct {
	s      *Slack
	at     place
	key    string
	asked  asked
	dm     bool
	cancel context.CancelCauseFunc // ends the question

	hook  hook        // of a command that was answered in the channel, none of others
	since time.Time   // the question came then
	over  func() bool // nobody wants the answer any more

	stopWork context.CancelFunc // ends the worker; nil before it began
	worked   chan struct{}      // closed when it ended

	mu     sync.Mutex
	claims []answer.Claim
	wake   chan struct{} // one place: there are new claims

	// The rest belongs to the worker, and behind it to who ends the answer.
	mode    mode
	parts   []string // the messages that stand there already, by part
	open    bool     // parts[0] is a stream that was not stopped
	torn    bool     // nobody knows what stands in parts[0]
	sent    int      // claims that stand in parts[0]
	bytes   int      // of markdown in the stream
	began   time.Time
	notice  bool // a status was set that has to be taken away
	adopted bool // the thread was read for what stands there
	gone    bool // the question does not stand there any more

	ended  bool // by an earlier start, and not noted as told
	ticket *ticket
}

// asked is the question that is answered.
type asked struct {
	text, user, team, language string
	collections                []string
}

var _ bot.Responder = (*threaded)(nil)

func (s *Slack) newThreaded(at place, key string, q asked, dm bool, cancel context.CancelCauseFunc) *threaded {
	return &threaded{
		s: s, at: at, key: key, asked: q, dm: dm, cancel: cancel, wake: make(chan struct{}, 1), worked: make(chan struct{}),
	}
}

// Working implements bot.Responder. It says so by whatever the workspace has for
// it: the state of an agent's session, the status of a thread, or a message.
func (t *threaded) Working(ctx context.Context) error {
	t.ticket.pass()
	if t.gone {
		t.cancel(errDeleted) // nobody waits for it, which the bot is to note
		return nil
	}
	if t.at.thread == "" {
		return nil // the acknowledgement said so
	}
	err := t.status(ctx)
	if err != nil {
		// The message that says so is the one that the answer is put into.
		t.mode = edits
		if len(t.parts) == 0 {
			var ts string
			if ts, err = t.s.send.post(ctx, t.at, mark{t.key, 1}, t.s.show.working(t.asked)); err == nil {
				t.parts = []string{ts}
			}
		}
	}
	if len(t.parts) > 0 {
		t.mode = edits // an earlier answer, or what is left of it, is replaced
	}
	t.work(ctx)
	return err
}

// status sets a status. The error says that there is none to set.
func (t *threaded) status(ctx context.Context) error {
	if t.dm && t.s.agent.Load() {
		err := t.s.send.session(ctx, t.at, slack.AgentSessionStatusProcessing)
		if err == nil {
			t.notice = true
			return nil
		}
		if !unavailable(err) {
			return err
		}
		t.s.agent.Store(false)
		t.s.log.InfoContext(ctx, "slack: the app has no agent view", "error", err)
	}
	if !t.s.statuses.Load() {
		return errNoStatus
	}
	err := t.s.send.threadStatus(ctx, t.at, t.s.show.status(t.asked))
	switch {
	case err == nil:
		t.notice = true
	case unavailable(err):
		t.s.statuses.Store(false)
		t.s.log.InfoContext(ctx, "slack: no status in threads", "error", err)
	}
	return err
}

var errNoStatus = errors.New("threads have no status here")

// unavailable reports whether an app cannot call a method at all.
func unavailable(err error) bool {
	switch errorOf(err) {
	case "not_authorized", "unknown_method", "missing_scope", "method_deprecated", "not_allowed_token_type", "feature_not_enabled", "access_denied":
		return true
	}
	status, is := errors.AsType[slack.StatusCodeError](err)
	return is && status.Code == 404
}

// session sets the state of an agent's session.
func (s *sender) session(ctx context.Context, at place, status string) error {
	return s.repeat(ctx, "agents.sessions.setStatus", at.channel, func() error {
		_, err := s.api.SetAgentSessionStatusContext(firm(ctx), slack.AgentSessionSetStatusParameters{
			Status: status, ChannelID: at.channel, ThreadTS: at.thread,
		})
		return err
	})
}

// threadStatus sets the status of a thread; "" takes it away.
func (s *sender) threadStatus(ctx context.Context, at place, text string) error {
	return s.repeat(ctx, "assistant.threads.setStatus", at.channel, func() error {
		return s.api.SetAssistantThreadsStatusContext(firm(ctx), slack.AssistantThreadsSetStatusParameters{
			ChannelID: at.channel, ThreadTS: at.thread, Status: text,
		})
	})
}

// settled takes the status away. Posting does not do that for a session.
func (t *threaded) settled(ctx context.Context) {
	if !t.notice {
		return
	}
	t.notice = false
	var err error
	if t.dm && t.s.agent.Load() {
		err = t.s.send.session(ctx, t.at, slack.AgentSessionStatusActive)
	} else {
		err = t.s.send.threadStatus(ctx, t.at, "")
	}
	if err != nil {
		t.s.log.WarnContext(ctx, "slack: take the status away", "key", t.key, "error", err)
	}
}

// Claim implements bot.Responder. It never waits.
func (t *threaded) Claim(_ context.Context, c answer.Claim) error {
	if t.at.thread == "" {
		return nil
	}
	t.mu.Lock()
	t.claims = append(t.claims, c)
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
	return nil
}

// told returns the claims told so far.
func (t *threaded) told() []answer.Claim {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.claims)
}

// work starts the worker, which ends by rest.
func (t *threaded) work(ctx context.Context) {
	ctx, t.stopWork = context.WithCancel(ctx)
	go func() {
		defer close(t.worked)
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.wake:
			}
			pause := streamPause
			if t.mode == edits {
				pause = editPause
			}
			t.flush(ctx)
			if t.s.send.wait(ctx, pause) != nil {
				return
			}
		}
	}()
}

// rest ends the worker and waits for it, and for the call that it may be in.
func (t *threaded) rest() {
	if t.stopWork == nil {
		return
	}
	t.stopWork()
	<-t.worked
	t.stopWork = nil
}

// flush shows the claims that came since the last one.
func (t *threaded) flush(ctx context.Context) {
	claims := t.told()
	if len(claims) == t.sent || t.mode == silent {
		return
	}
	var err error
	switch {
	case t.mode == edits && (len(t.parts) == 0 || t.s.send.spare("chat.update")):
		err = t.grow(ctx, claims)
	case t.mode == edits:
		// Too much goes on: the answer brings the claims.
	case t.open && t.s.send.spare("chat.appendStream"):
		err = t.append(ctx, claims)
	case t.open:
	case !t.s.send.spare("chat.startStream") || !t.s.send.spare("chat.stopStream"):
		t.mode = silent
	default:
		err = t.start(ctx, claims)
	}
	if err != nil {
		t.s.log.WarnContext(ctx, "slack: show claims", "key", t.key, "error", err)
	}
}

// start begins the stream with the first claims.
func (t *threaded) start(ctx context.Context, claims []answer.Claim) error {
	text := t.s.show.claims(t.asked, claims, 0)
	if len(text) > streamBytes {
		t.mode = silent
		return nil
	}
	ts, err := t.s.send.exactly(ctx, "chat.startStream", t.at, message{text: text}, func(m message) (string, error) {
		_, ts, err := t.s.send.api.StartStreamContext(firm(ctx), t.at.channel, slack.MsgOptionTS(t.at.thread), slack.MsgOptionMarkdownText(m.text),
			slack.MsgOptionRecipientUserID(t.asked.user), slack.MsgOptionRecipientTeamID(t.asked.team), mark{t.key, 1}.option())
		return ts, err
	}, t.mayBeOurs)
	switch {
	case err == nil:
		t.parts, t.open, t.sent, t.bytes, t.began = []string{ts}, true, len(claims), len(text), t.s.now()
		t.s.began(ts)
		return nil
	case errors.Is(err, errUncertain), ctx.Err() != nil:
		// The answer looks for it before it is posted.
		t.mode, t.adopted = silent, false
		return err
	}
	t.mode = edits
	return errors.Join(err, t.grow(ctx, claims))
}

// began notes a stream of this start, and forgets those of a day ago: by then
// nobody looks for them.
func (s *Slack) began(ts string) {
	now := s.now()
	s.streams.Range(func(old, at any) bool {
		if now.Sub(at.(time.Time)) > threadAge {
			s.streams.Delete(old)
		}
		return true
	})
	s.streams.Store(ts, now)
}

// mayBeOurs reports whether a message of the bot's in the thread is the one of
// this question. A stream bears no mark before it is stopped: it is ours if it
// is no other question's that is known.
func (t *threaded) mayBeOurs(m slack.Message) bool {
	if k, marked := markOf(m); marked {
		return k == mark{t.key, 1}
	}
	_, known := t.s.streams.Load(m.Timestamp)
	return !known && m.Timestamp > questionStamp(t.key)
}

// append adds claims to the stream.
func (t *threaded) append(ctx context.Context, claims []answer.Claim) error {
	text := t.s.show.claims(t.asked, claims, t.sent)
	if t.bytes+len(text) > streamBytes || t.s.now().Sub(t.began) > streamMost {
		t.mode = silent
		return nil
	}
	err := t.s.send.once(ctx, "chat.appendStream", t.at.channel, func() error {
		_, _, err := t.s.send.api.AppendStreamContext(firm(ctx), t.at.channel, t.parts[0], slack.MsgOptionMarkdownText(text))
		return err
	})
	switch {
	case err == nil:
		t.sent, t.bytes = len(claims), t.bytes+len(text)
	case errorOf(err) == "stopped_by_user":
		t.open, t.mode = false, silent
		t.cancel(errStopped)
	case errorOf(err) == "message_not_in_streaming_state":
		t.open, t.torn, t.mode = false, true, edits
	default:
		// It may stand there, and a second time would be a claim told twice.
		t.torn, t.mode = true, silent
	}
	return err
}

// grow shows the claims in a message that is updated.
func (t *threaded) grow(ctx context.Context, claims []answer.Claim) error {
	m, fits := t.s.show.growing(t.asked, claims)
	if !fits {
		t.mode = silent
		return nil
	}
	var err error
	if len(t.parts) > 0 {
		err = t.s.send.edit(ctx, t.at.channel, t.parts[0], mark{t.key, 1}, m)
	} else {
		var ts string
		if ts, err = t.s.send.post(ctx, t.at, mark{t.key, 1}, m); err == nil {
			t.parts = []string{ts}
		}
	}
	if err != nil {
		t.mode, t.adopted = silent, false
		return err
	}
	t.sent = len(claims)
	return nil
}

// Answer implements bot.Responder.
func (t *threaded) Answer(ctx context.Context, a answer.Answer) error {
	ctx, stop := t.last(ctx)
	defer stop()
	if t.over() {
		return nil
	}
	if t.ended {
		// The channel may have been bound to other collections since.
		if may, err := t.s.mayShow(ctx, t.at.channel, a); err != nil || !may {
			return untold(errors.Join(err, t.replace(ctx, []message{t.s.show.note(t.asked.speaks(), phrase.NotForYou)})))
		}
	}
	parts := t.s.show.answer(t.asked, t.key, a)
	if t.at.thread == "" {
		parts = t.s.show.published(t.asked, t.key, a)
	}
	if len(parts) == 1 && t.complete(ctx, a) {
		t.settled(ctx)
		return nil
	}
	err := t.replace(ctx, parts)
	if errors.Is(err, errUncertain) && t.lost(ctx) == nil {
		t.settled(ctx)
		return err // that was told at least
	}
	t.settled(ctx)
	return untold(err)
}

// Failure implements bot.Responder.
func (t *threaded) Failure(ctx context.Context, f bot.Failure) error {
	ctx, stop := t.last(ctx)
	defer stop()
	if t.over() {
		return nil
	}
	err := t.replace(ctx, t.s.show.failed(t.asked, t.key, f, t.told()))
	t.settled(ctx)
	return untold(err)
}

// last begins the end of an answer: from here on nobody else sends.
func (t *threaded) last(ctx context.Context) (context.Context, context.CancelFunc) {
	t.rest()
	return context.WithTimeout(ctx, telling)
}

// complete ends a stream in which everything stands as it should, by what belongs
// under it. It reports whether that is all.
func (t *threaded) complete(ctx context.Context, a answer.Answer) bool {
	if !t.open || t.torn || t.mode != streams || !t.inOrder(a.Claims) || t.s.now().Sub(t.began) > streamMost {
		return false
	}
	if t.sent < len(a.Claims) {
		t.mu.Lock()
		t.claims = a.Claims
		t.mu.Unlock()
		if err := t.append(ctx, a.Claims); err != nil || t.sent < len(a.Claims) {
			return false
		}
	}
	under := t.s.show.closing(a)
	err := t.stop(ctx, slack.MsgOptionBlocks(under.blocks...))
	if err != nil {
		t.s.log.WarnContext(ctx, "slack: end the stream", "key", t.key, "error", err)
		return false
	}
	return true
}

// inOrder reports whether what stands in the stream is the beginning of claims.
func (t *threaded) inOrder(claims []answer.Claim) bool {
	told := t.told()
	if t.sent > len(claims) || t.sent > len(told) {
		return false
	}
	for i := range t.sent {
		if told[i].Text != claims[i].Text {
			return false
		}
	}
	return true
}

// stop stops the stream. That it was stopped before is an error, for nobody knows
// how then.
func (t *threaded) stop(ctx context.Context, more ...slack.MsgOption) error {
	t.open = false
	more = append(more, mark{t.key, 1}.option())
	return t.s.send.repeat(ctx, "chat.stopStream", t.at.channel, func() error {
		_, _, err := t.s.send.api.StopStreamContext(firm(ctx), t.at.channel, t.parts[0], more...)
		return err
	})
}

// close stops the stream, so that its message can be changed.
func (t *threaded) close(ctx context.Context) {
	err := t.stop(ctx)
	if e := errorOf(err); err != nil && e != "message_not_in_streaming_state" && e != "stopped_by_user" {
		t.s.log.WarnContext(ctx, "slack: stop the stream", "key", t.key, "error", err)
	}
}

// replace puts parts in the place of all that stands there of this question.
func (t *threaded) replace(ctx context.Context, parts []message) error {
	if len(t.parts) == 0 && t.mode == silent && !t.adopted {
		if err := t.adopt(ctx); err != nil {
			return fmt.Errorf("%w: %w", errUncertain, err)
		}
	}
	if t.open {
		t.close(ctx)
	}
	var errs []error
	var stand []string
	for i, m := range parts {
		ts, err := t.part(ctx, i, m)
		if ts != "" {
			stand = append(stand, ts)
		}
		errs = append(errs, err)
	}
	for _, ts := range t.parts[min(len(parts), len(t.parts)):] {
		errs = append(errs, t.s.send.remove(ctx, t.at.channel, ts))
	}
	t.parts = stand
	return errors.Join(errs...)
}

// part puts a part in the place of the one that stands there, or posts it.
func (t *threaded) part(ctx context.Context, i int, m message) (ts string, err error) {
	k := mark{t.key, i + 1}
	if i < len(t.parts) {
		err := t.s.send.edit(ctx, t.at.channel, t.parts[i], k, m)
		if errorOf(err) == "streaming_state_conflict" && i == 0 {
			t.close(ctx)
			err = t.s.send.edit(ctx, t.at.channel, t.parts[i], k, m)
		}
		if !gone(err) {
			return t.parts[i], err
		}
	}
	return t.post(ctx, k, m)
}

// post posts a part. What a command asked in a channel that the bot is not in goes
// there by its response_url, and what that does not take to the asker.
func (t *threaded) post(ctx context.Context, k mark, m message) (ts string, err error) {
	ts, err = t.s.send.post(ctx, t.at, k, m)
	if outside := errorOf(err); t.hook.url == "" || outside != "not_in_channel" && outside != "channel_not_found" {
		return ts, err
	}
	if t.hook.open(k.part == lostPart) {
		return "", t.s.send.respond(ctx, &t.hook, answering{public: true}, m)
	}
	_, err = t.s.send.post(ctx, place{channel: t.asked.user}, k, m)
	return "", err
}

// gone reports whether a message cannot be changed any more, so that another one
// has to take its place.
func gone(err error) bool {
	switch errorOf(err) {
	case "message_not_found", "cant_update_message", "edit_window_closed", "message_not_owned_by_app":
		return true
	}
	return false
}

// adopt finds what stands in the thread already: of an earlier start of the
// program, of an answer that is to be redone, or of a call that may have failed.
func (t *threaded) adopt(ctx context.Context) error {
	found := map[int]string{}
	question := questionStamp(t.key)
	// What a command asked stands nowhere.
	stands := t.at.thread == "" || strings.HasPrefix(question, slashMark)
	err := t.s.send.read(ctx, t.at, t.since, func(m slack.Message) bool {
		stands = stands || m.Timestamp == question && m.SubType != tombstone
		if !t.s.send.own(m) {
			return true
		}
		k, marked := markOf(m)
		switch {
		case marked && baseKey(k.key) == baseKey(t.key):
			found[max(k.part, 1)] = m.Timestamp
		case !marked && found[1] == "" && t.mayBeOurs(m):
			found[1], t.open, t.torn = m.Timestamp, true, true
		}
		return true
	})
	if errorOf(err) == "thread_not_found" {
		err, stands = nil, false
	}
	if err != nil {
		return err
	}
	t.adopted, t.parts, t.gone = true, nil, !stands
	for i := 1; found[i] != ""; i++ {
		t.parts = append(t.parts, found[i])
	}
	return nil
}

// tombstone is what Slack leaves of a deleted message that has replies.
const tombstone = "tombstone"

// lost says, once, that an answer may not have arrived.
func (t *threaded) lost(ctx context.Context) error {
	_, err := t.post(ctx, mark{t.key, lostPart}, t.s.show.lost(t.asked, t.key))
	return err
}

// lostPart marks the message of lost, which is no part of the answer.
const lostPart = 99

// stopped ends an answer that its asker stopped: what stands there is right, and
// is said to be all.
func (t *threaded) stopped(ctx context.Context) error {
	ctx, stop := t.last(ctx)
	defer stop()
	var err error
	if len(t.parts) > 0 {
		err = t.replace(ctx, t.s.show.stopped(t.asked, t.told()[:t.sent]))
	}
	t.settled(ctx)
	return err
}

// withdrawn ends an answer whose question was deleted: half an answer to nothing
// is taken away.
func (t *threaded) withdrawn(ctx context.Context) error {
	ctx, stop := t.last(ctx)
	defer stop()
	if t.open {
		_ = t.stop(ctx) // it is deleted next
	}
	var errs []error
	for _, ts := range t.parts {
		errs = append(errs, t.s.send.remove(ctx, t.at.channel, ts))
	}
	t.settled(ctx)
	return errors.Join(errs...)
}

// handOver returns the messages that stand there, for the answer that replaces
// this one.
func (t *threaded) handOver(ctx context.Context) []string {
	t.rest()
	if t.open {
		t.close(ctx)
	}
	return t.parts
}

// questionStamp returns the timestamp of a key's question, "" if it has none.
func questionStamp(key string) string {
	parts := strings.Split(key, ":")
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}
