package bot

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"summitbot/bot/answer"
	"summitbot/bot/requestid"
)

// An Observer is told how questions fare, for those who run the program. It is
// told no text. Its methods return at once; they are safe for concurrent use.
type Observer interface {
	// Asked says that a message came from a surface. Ended follows, once.
	Asked(surface string)
	// Claimed says when the first claim of a question was shown, from its coming on.
	Claimed(surface string, after time.Duration)
	Ended(e Ended)
}

// Ended is how a message ended, and what for.
type Ended struct {
	Surface string
	Outcome Outcome
	Total   time.Duration // from the message's coming on
	Account answer.Account
}

// An Outcome says how a message ended: one of those below, or "failed:" and the Kind of
// its Failure.
type Outcome string

// The outcomes, besides failures.
const (
	OutcomeAnswered  Outcome = "answered"
	OutcomeOffline   Outcome = "offline" // answered without the model that is configured
	OutcomeRefused   Outcome = "refused"
	OutcomeRepeated  Outcome = "repeated"  // handled before
	OutcomeCut       Outcome = "cut"       // by Drain; the next start answers it
	OutcomeAbandoned Outcome = "abandoned" // nobody wanted the answer any more
)

// failed is the outcome of a failure.
func failed(k Kind) Outcome { return "failed:" + Outcome(k) }

// observed handles a message under a name in the log, and tells how it went.
func (b *Bot) observed(ctx context.Context, m Message, r Responder, resumed bool) error {
	ctx = requestid.Start(ctx)
	w := &witness{Responder: r, bot: b, started: b.now(), ended: Ended{Surface: m.Surface}}
	if b.observer != nil {
		b.observer.Asked(m.Surface)
	}
	err := b.handle(ctx, m, w, resumed)
	w.conclude(err)
	if b.observer != nil {
		b.observer.Ended(w.ended)
	}
	b.note(ctx, m, w.ended)
	return err
}

// note writes one line for each question that ended. An answer's id is not in it,
// which opens the answer: the key leads to it for those who have the journal.
func (b *Bot) note(ctx context.Context, m Message, e Ended) {
	if e.Outcome == OutcomeRepeated { // platforms deliver twice, and people need not know
		return
	}
	attrs := []slog.Attr{
		slog.String("key", m.Key), slog.String("outcome", string(e.Outcome)), slog.Duration("took", e.Total.Round(time.Millisecond)),
	}
	if b.logQuestions {
		attrs = append(attrs, slog.String("text", m.Text))
	}
	b.log.LogAttrs(ctx, slog.LevelInfo, "question", attrs...)
}

// A witness is a Responder that remembers how a message ended.
type witness struct {
	Responder
	bot     *Bot
	started time.Time
	claimed bool
	ended   Ended
}

// Claim implements Responder.
func (w *witness) Claim(ctx context.Context, c answer.Claim) error {
	err := w.Responder.Claim(ctx, c)
	w.claim()
	return err
}

// claim notes when the first claim was shown.
func (w *witness) claim() {
	if !w.claimed && w.bot.observer != nil {
		w.bot.observer.Claimed(w.ended.Surface, w.took())
	}
	w.claimed = true
}

// Answer implements Responder.
func (w *witness) Answer(ctx context.Context, a answer.Answer) error {
	e := &w.ended
	e.Account = a.Account
	switch {
	case a.Outcome == answer.Failed:
		e.Outcome = failed(Broken)
	case a.Outcome == answer.Refused:
		e.Outcome = OutcomeRefused
	case a.Fallback:
		e.Outcome = OutcomeOffline
	default:
		e.Outcome = OutcomeAnswered
	}
	err := w.Responder.Answer(ctx, a)
	if len(a.Claims) > 0 { // of an answer that was made by an earlier start
		w.claim()
	}
	return err
}

// Failure implements Responder.
func (w *witness) Failure(ctx context.Context, f Failure) error {
	w.ended.Outcome = failed(f.Kind)
	return w.Responder.Failure(ctx, f)
}

func (w *witness) took() time.Duration { return w.bot.now().Sub(w.started) }

// conclude says how the message ended if its Responder was told nothing; err is what
// the handler returned.
func (w *witness) conclude(err error) {
	e := &w.ended
	e.Total = w.took()
	switch {
	case e.Outcome != "":
	case errors.Is(err, ErrSeen):
		e.Outcome = OutcomeRepeated
	case errors.Is(err, ErrCut):
		e.Outcome = OutcomeCut
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Outcome = OutcomeAbandoned
	default:
		e.Outcome = failed(Broken)
	}
}
