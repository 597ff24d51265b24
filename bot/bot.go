// Package bot is the hall that every surface leads into: it decides whether a
// question is answered, once, in order and within limits. Surfaces turn their
// events into a Message and show what becomes of it through a Responder.
//
// Invariants. A message is answered at most once, over restarts too: its key is
// noted before anything is done for it, its answer before it is told, and then that
// it was told; what was not is told later. Every message that is not a repetition ends in an answer, or in a
// Failure that says what to do. Questions of one conversation are answered in
// the order in which they came; other conversations do not wait for them. An
// answer leans only on turns over the same collections as its own.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"summitbot/bot/answer"
)

const (
	// An answer leans on this many turns: what "he" and "there" mean was said in
	// the last few, and each takes room in the prompt from the documents.
	turns = 6
	// Older turns are another talk: a direct message is one conversation for
	// ever, and what was asked before lunch is not what "it" means after.
	turnAge = time.Hour
	// busyPause is when to come back if all places are taken: hosted models
	// answer in two to ten seconds, and then places are free.
	busyPause = 10 * time.Second
	// noting is how long a note in the journal may take once the question's own
	// context ended: twice what a driver waits for the file.
	noting = 10 * time.Second
	// cutting is how long what was cut has to end. It has only to return.
	cutting = 2 * time.Second
	// Who asked longer ago than this has gone on, and is told to ask again.
	resumable = 10 * time.Minute
	// A question that was begun three times and never ended may be what ends the
	// program.
	mostResumed = 2
	// An answer that could not be told is worth telling for a day, unless telling it
	// is what ends the program.
	tellable   = 24 * time.Hour
	mostRetold = 40 // a surface tries about once an hour
)

// What HandleMessage returns when nothing was told.
var (
	// ErrSeen says that the message was handled before, or is being handled.
	ErrSeen = errors.New("the message was handled before")
	// ErrCut says that Drain cut the answer short. The next start finds the
	// message among the unfinished.
	ErrCut = errors.New("the answer was cut short")
	// ErrUntold is what a Responder's error wraps if people were told nothing of an
	// end, or may have been, and if they can be later: Unfinished then has the
	// message again.
	ErrUntold = errors.New("it could not be told")
	// ErrUnknown says that a journal has no such answer or message.
	ErrUnknown = errors.New("not in the journal")
)

var (
	errLate  = errors.New("no answer in time")
	errPanic = errors.New("panic")
)

// Limits bound what people may ask for; 0 is no limit.
type Limits struct {
	QuestionLength   int // characters (Unicode code points)
	PerUserMinute    int // questions
	PerChannelMinute int // questions
	// Tokens of prompts and completions on one UTC day. They are counted when an
	// answer is finished, so what is under way may exceed them.
	TokensDay, TokensUserDay int
	UnderWay                 int // questions taken and not yet answered
}

// Options say what a Bot is made of.
type Options struct {
	Answerer Answerer
	Journal  Journal
	Limits   Limits
	Timeout  time.Duration // for a whole answer, from its turn on; 0 is none
	Now      func() time.Time
	Log      *slog.Logger // nil means none
	Observer Observer     // nil means none
	// LogQuestions has the texts of questions in the log.
	LogQuestions bool
}

// A Bot is the Handler. It is safe for concurrent use.
type Bot struct {
	answerer Answerer
	journal  Journal
	limited  atomic.Pointer[bounds]
	now      func() time.Time
	log      *slog.Logger
	observer Observer

	logQuestions bool

	users, channels *rates
	lines           *lines

	mu       sync.Mutex
	calls    map[*call]bool // under way in HandleMessage
	taken    int            // of those, questions that have a place
	draining bool
	idle     chan struct{} // closed when draining and no call is left
}

// A call is one message in HandleMessage.
type call struct{ cancel context.CancelCauseFunc }

var _ Handler = (*Bot)(nil)

// New returns a Bot. Answerer, Journal and Now are required.
func New(o Options) *Bot {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bot{
		answerer: o.Answerer, journal: o.Journal, now: o.Now, log: o.Log,
		observer: o.Observer, logQuestions: o.LogQuestions,
		users: newRates(o.Limits.PerUserMinute), channels: newRates(o.Limits.PerChannelMinute),
		lines: newLines(), calls: map[*call]bool{}, idle: make(chan struct{}),
	}
	b.Limit(o.Limits, o.Timeout)
	return b
}

// HandleMessage implements Handler.
func (b *Bot) HandleMessage(ctx context.Context, m Message, r Responder) error {
	return b.observed(ctx, m, r, false)
}

// Unfinished returns the messages of a surface ("" is any) whose askers may still be
// waiting, in the order of their beginning: of earlier starts, and what could not be
// told. Each is for Resume.
func (b *Bot) Unfinished(ctx context.Context, surface string) ([]Unfinished, error) {
	return b.journal.Unfinished(ctx, surface)
}

// Resume answers a message of Unfinished, or tells its asker to ask again if
// that was long ago, or if it was tried before. One that has its answer is not
// answered again: r is given that one, and has to see what it told of it before.
// It is HandleMessage otherwise: the error is ErrSeen if somebody else resumed it,
// and ErrCut, with nothing told, if Drain was called before.
func (b *Bot) Resume(ctx context.Context, m Message, r Responder) error {
	return b.observed(ctx, m, r, true)
}

// A question is a message on its way through the Bot.
type question struct {
	Message
	r     Responder
	ended *answer.Answer // what it was answered before, if that was not told
	over  bool           // it ended before, in whatever way
}

// handle takes a message, a new one or one that is resumed.
func (b *Bot) handle(ctx context.Context, m Message, r Responder, resumed bool) (err error) {
	if m.Key == "" {
		return errors.New("the message has no key")
	}
	r = b.localise(m, r)
	ctx, leave, entered := b.enter(ctx)
	if !entered {
		if resumed { // the next start finds it, and it may have its answer
			return ErrCut
		}
		return r.Failure(ctx, restarting())
	}
	defer leave()
	q := question{Message: b.clean(m), r: r}
	// The answerer's panics are caught where it is called, so these are a surface's.
	defer func() {
		if p := recover(); p != nil {
			err = b.caught(ctx, m, p)
		}
	}()

	take := b.resume // what is resumed was fit when it was begun
	if !resumed {
		take = b.begin
		if f := b.unfit(q.Text); f != nil {
			return r.Failure(ctx, *f)
		}
	}
	// The place in the conversation is that of the call, however long notes take.
	turn := b.lines.join(q.conversation())
	defer turn.leave()
	// Noted also if it was taken back just now: it may be delivered again.
	note, stop := noted(ctx)
	f, err := take(note, &q)
	stop()
	switch {
	case errors.Is(err, ErrSeen):
		return err
	case q.over && err == nil:
		return b.retell(ctx, q, f)
	case err != nil && ctx.Err() != nil:
		return b.stopped(ctx, err)
	case err != nil:
		return errors.Join(fmt.Errorf("message %q: %w", m.Key, err), r.Failure(ctx, broken()))
	case f == nil:
		f, err = b.overBudget(ctx, q.Message)
	}
	if err == nil && f == nil {
		var free func()
		if f, free = b.place(); f == nil {
			defer free()
			return b.converse(ctx, q, turn)
		}
	}
	return b.end(ctx, q, err, f, 0)
}

// enter counts the call as under way; entered is false if none is let in any
// more. leave ends it. The returned context ends with the call, or by Drain.
func (b *Bot) enter(ctx context.Context) (_ context.Context, leave func(), entered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.draining {
		return ctx, nil, false
	}
	ctx, cancel := context.WithCancelCause(ctx)
	c := &call{cancel}
	b.calls[c] = true
	return ctx, func() {
		cancel(nil)
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.calls, c)
		if b.draining && len(b.calls) == 0 {
			close(b.idle)
		}
	}, true
}

// clean makes the text one that every database and model can hold.
func (b *Bot) clean(m Message) Message {
	m.Text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(m.Text, "\uFFFD"), "\x00", "\uFFFD"))
	if m.Received.IsZero() {
		m.Received = b.now()
	}
	return m
}

// unfit says why text cannot be a question.
func (b *Bot) unfit(text string) *Failure {
	switch n, limit := utf8.RuneCountInString(text), b.bounds().QuestionLength; {
	case n == 0:
		return new(empty())
	case limit > 0 && n > limit:
		return new(tooLong(n, limit))
	}
	return nil
}

// begin notes a new message and counts it against the rates.
func (b *Bot) begin(ctx context.Context, q *question) (*Failure, error) {
	fresh, err := b.journal.Begin(ctx, q.Message)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, ErrSeen
	}
	return b.tooFast(q.Message), nil
}

// resume takes over an unfinished message. It was counted when it was begun.
func (b *Bot) resume(ctx context.Context, q *question) (*Failure, error) {
	r, err := b.journal.Resume(ctx, q.Key)
	if err != nil {
		return nil, err
	}
	if r.Times == 0 {
		return nil, ErrSeen
	}
	q.ended, q.over = r.Answer, r.Ended
	age, most, times := b.now().Sub(q.Received), resumable, mostResumed
	if r.Ended {
		most, times = tellable, mostRetold
	}
	if r.Times > times || age > most || r.Ended && r.Answer == nil {
		return new(interrupted()), nil
	}
	return nil, nil
}

// retell tells how a message ended that had ended before.
func (b *Bot) retell(ctx context.Context, q question, f *Failure) error {
	ctx = context.WithoutCancel(ctx)
	if f != nil {
		return b.told(ctx, q, q.r.Failure(ctx, *f))
	}
	return b.told(ctx, q, q.r.Answer(ctx, *q.ended))
}

// told notes that a message was told how it ended, or that it was not: err is what
// its Responder said, and is returned. A note that fails is no fault towards people:
// they are told once more at worst.
func (b *Bot) told(ctx context.Context, q question, err error) error {
	note, stop := noted(ctx)
	defer stop()
	write := b.journal.Told
	if errors.Is(err, ErrUntold) {
		write = b.journal.Untold
	}
	if failed := write(note, q.Key); failed != nil {
		b.log.ErrorContext(ctx, "note what was told", "key", q.Key, "error", failed)
	}
	return err
}

// tooFast says when to come back if the asker or the channel asks too much.
func (b *Bot) tooFast(m Message) *Failure {
	now := b.now()
	own, wait := b.users.ask(m.asker(), now)
	if wait > 0 {
		return new(comeBack(UserRate, fmt.Sprintf("You have asked %s in the last minute.", count(b.bounds().PerUserMinute, "question")), wait))
	}
	if _, wait = b.channels.ask(m.channel(), now); wait > 0 {
		own.giveBack()
		return new(comeBack(ChannelRate, fmt.Sprintf("This channel has asked %s in the last minute.", count(b.bounds().PerChannelMinute, "question")), wait))
	}
	return nil
}

// overBudget says when to come back if today's tokens are spent.
func (b *Bot) overBudget(ctx context.Context, m Message) (*Failure, error) {
	if b.bounds().TokensDay == 0 && b.bounds().TokensUserDay == 0 {
		return nil, nil
	}
	now := b.now().UTC()
	total, own, err := b.journal.Spent(ctx, now, m.asker())
	if err != nil {
		return nil, err
	}
	tomorrow := now.Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(now)
	switch {
	case b.bounds().TokensDay > 0 && total >= b.bounds().TokensDay:
		return new(comeBack(Budget, "What may be spent on answers today is spent.", tomorrow)), nil
	case b.bounds().TokensUserDay > 0 && m.User != "" && own >= b.bounds().TokensUserDay:
		return new(comeBack(UserBudget, "What you may spend on answers today is spent.", tomorrow)), nil
	}
	return nil, nil
}

// place takes one of the places for questions under way; free gives it back.
func (b *Bot) place() (_ *Failure, free func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bounds().UnderWay > 0 && b.taken >= b.bounds().UnderWay {
		return new(comeBack(Busy, "Too many questions are being answered.", busyPause)), nil
	}
	b.taken++
	return nil, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.taken--
	}
}

// converse answers a question that was taken, when its turn has come.
func (b *Bot) converse(ctx context.Context, q question, turn *turn) error {
	if err := q.r.Working(ctx); err != nil { // the answer may get through all the same
		b.log.WarnContext(ctx, "tell that work begins", "key", q.Key, "error", err)
	}
	if err := turn.wait(ctx); err != nil {
		return b.end(ctx, q, err, nil, 0)
	}
	var history []answer.Turn
	if q.Conversation != "" {
		var err error
		if history, err = b.journal.History(ctx, q.Message, b.now().Add(-turnAge), turns); err != nil {
			return b.end(ctx, q, err, nil, 0)
		}
	}
	a, err := b.answer(ctx, q, history)
	if err != nil {
		return b.end(ctx, q, err, nil, tokens(a))
	}
	note, stop := noted(ctx)
	defer stop()
	if err := b.journal.Finish(note, q.Key, q.asker(), history, a); err != nil {
		// An answer that nothing can open later, and that might be given a second
		// time, is none.
		return b.end(ctx, q, err, nil, tokens(a))
	}
	// Noted as finished, it is not cut any more.
	if err := b.told(ctx, q, q.r.Answer(context.WithoutCancel(ctx), a)); err != nil {
		return fmt.Errorf("tell the answer: %w", err) // without its id, which opens it
	}
	return nil
}

func tokens(a answer.Answer) int { return a.Account.PromptTokens + a.Account.CompletionTokens }

// answer asks the answerer within the time that there is, and tells its claims.
func (b *Bot) answer(ctx context.Context, q question, history []answer.Turn) (a answer.Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = b.caught(ctx, q.Message, p)
		}
	}()
	limited := ctx
	if b.bounds().timeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeoutCause(ctx, b.bounds().timeout, errLate)
		defer cancel()
	}
	silent := false
	a, err = b.answerer.Answer(limited, answer.Question{
		Text: q.Text, History: history, Collections: q.Collections, Language: q.Language, Asker: q.asker(), Trace: q.Trace,
	}, func(c answer.Claim) {
		if silent {
			return
		}
		// A surface that lost one claim shows all of them with the answer.
		if err := q.r.Claim(ctx, c); err != nil {
			silent = true
			b.log.WarnContext(ctx, "tell a claim", "key", q.Key, "error", err)
		}
	})
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fmt.Errorf("%w: %w", errLate, err)
	}
	return a, err
}

// caught makes an error of a panic, whose stack goes to the log.
func (b *Bot) caught(ctx context.Context, m Message, p any) error {
	b.log.ErrorContext(ctx, "panic", "key", m.Key, "panic", p, "stack", string(debug.Stack()))
	return fmt.Errorf("message %q: %w: %v", m.Key, errPanic, p)
}

// end notes and tells that a question has no answer: because of err, which is
// ours, or else because of f, which is not and is no error.
func (b *Bot) end(ctx context.Context, q question, err error, f *Failure, tokens int) error {
	if err != nil {
		err = fmt.Errorf("message %q: %w", q.Key, err)
		if errors.Is(context.Cause(ctx), ErrCut) {
			return b.stopped(ctx, err) // it stays begun
		}
		f = b.failure(err)
	}
	reason := f.Text
	if err != nil {
		reason = err.Error()
	}
	note, stop := noted(ctx)
	defer stop()
	if failed := b.journal.Fail(note, q.Key, q.asker(), reason, tokens); failed != nil {
		err = errors.Join(err, fmt.Errorf("message %q: %w", q.Key, failed))
	}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrCut) {
		return b.told(ctx, q, b.stopped(ctx, err)) // nobody wants to hear it any more
	}
	// Noted as failed, it is told so even if it was cut just now.
	return errors.Join(err, b.told(ctx, q, q.r.Failure(context.WithoutCancel(ctx), *f)))
}

// failure tells people what err means to them.
func (b *Bot) failure(err error) *Failure {
	switch {
	case errors.Is(err, errLate):
		return new(late(b.bounds().timeout))
	case errors.Is(err, answer.ErrBusy):
		return new(comeBack(Busy, "Too many questions are waiting for the model.", busyPause))
	}
	return new(broken())
}

// stopped is the error of a question whose context ended, and after which
// nothing is told: ErrCut, or what the asker's context says.
func (b *Bot) stopped(ctx context.Context, err error) error {
	return errors.Join(context.Cause(ctx), err)
}

// noted returns a context for a note in the journal, which is made even if the
// question's own context ended.
func noted(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), noting)
}

// Drain takes no new question, and waits for those under way until ctx ends;
// then it cuts them, and its error says how many. When it returned, no call
// uses the journal, unless an answerer did not stop when it was told to.
func (b *Bot) Drain(ctx context.Context) error {
	b.mu.Lock()
	if !b.draining {
		b.draining = true
		if len(b.calls) == 0 {
			close(b.idle)
		}
	}
	b.mu.Unlock()
	select {
	case <-b.idle:
		return nil
	case <-ctx.Done():
	}
	cut := b.cut()
	if cut == 0 {
		return nil
	}
	err := fmt.Errorf("drain: %s: %w", count(cut, "question"), ErrCut)
	patience := time.NewTimer(cutting)
	defer patience.Stop()
	select {
	case <-b.idle:
		return err
	case <-patience.C:
		return fmt.Errorf("%w, and some did not stop", err)
	}
}

// cut cancels what is under way and tells how many that is.
func (b *Bot) cut() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.calls {
		c.cancel(ErrCut)
	}
	return len(b.calls)
}
