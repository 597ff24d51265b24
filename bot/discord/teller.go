package discord

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
)

const (
	// growPause is between two edits of an answer that grows: Discord takes five in
	// five seconds of one channel, and several answers may grow in it.
	growPause = 2 * time.Second
	// typingFor is how long Discord shows that somebody is typing, less a margin.
	typingFor = 8 * time.Second
	// telling is how long what has to be told at an end may take, limits of Discord
	// and repetitions included.
	telling = 3 * time.Minute
)

// A teller shows one question's answer on its canvas: that work is under way, the
// claims as they come, and then the answer in their place. Its calls to Discord
// are made by its worker, so that a slow Discord holds up no model.
type teller struct {
	d    *Discord
	q    inquiry
	c    canvas
	over func() bool // nobody wants the answer any more

	stopWork context.CancelFunc // ends the worker; nil before it began
	worked   chan struct{}      // closed when it ended

	mu     sync.Mutex
	claims []answer.Claim
	wake   chan struct{} // one place: there are new claims

	// The rest belongs to the worker, and behind it to who ends the answer.
	silent bool // claims are not shown: the answer brings them
	sent   int  // claims that stand there
}

var _ bot.Responder = (*teller)(nil)

func (d *Discord) newTeller(q inquiry, c canvas) *teller {
	return &teller{d: d, q: q, c: c, over: func() bool { return false }, wake: make(chan struct{}, 1), worked: make(chan struct{})}
}

// Working implements bot.Responder. The first sign is given by the worker at once.
func (t *teller) Working(ctx context.Context) error {
	t.q.ticket.pass()
	t.work(ctx)
	return nil
}

// Claim implements bot.Responder. It never waits.
func (t *teller) Claim(_ context.Context, c answer.Claim) error {
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
func (t *teller) told() []answer.Claim {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.claims)
}

// work starts the worker, which ends by rest. Beside it the sign that work is
// under way is given again and again.
func (t *teller) work(ctx context.Context) {
	ctx, t.stopWork = context.WithCancel(ctx)
	go func() {
		defer close(t.worked)
		defer t.d.caught(ctx, "show claims", nil)
		t.sign(context.WithoutCancel(ctx)) // at once, and before any answer
		signs := make(chan struct{}, 1)
		var beside sync.WaitGroup
		defer beside.Wait()
		beside.Go(func() {
			defer t.d.caught(ctx, "typing", nil)
			for t.d.wait(ctx, typingFor) == nil {
				select {
				case signs <- struct{}{}:
				default:
				}
			}
		})
		for {
			select {
			case <-ctx.Done():
				return
			case <-signs:
				t.sign(ctx)
				continue
			case <-t.wake:
			}
			t.flush(ctx)
			if t.d.wait(ctx, growPause) != nil {
				return
			}
		}
	}()
}

// sign shows that work is under way.
func (t *teller) sign(ctx context.Context) {
	if err := t.c.working(ctx); err != nil && ctx.Err() == nil {
		t.d.log.WarnContext(ctx, "discord: tell that work is under way", "key", t.q.key, "error", err)
	}
}

// rest ends the worker and waits for it, and for the call that it may be in.
func (t *teller) rest() {
	if t.stopWork == nil {
		return
	}
	t.stopWork()
	<-t.worked
	t.stopWork = nil
}

// flush shows the claims that came since the last one.
func (t *teller) flush(ctx context.Context) {
	claims := t.told()
	if t.silent || len(claims) == t.sent || !t.c.spare() {
		return
	}
	m, fits := t.d.show.growing(t.q.asked, claims)
	if !fits {
		t.silent = true
		return
	}
	if err := t.c.grow(ctx, m); err != nil {
		if ctx.Err() == nil {
			t.d.log.WarnContext(ctx, "discord: show claims", "key", t.q.key, "error", err)
		}
		t.silent = true
		return
	}
	t.sent = len(claims)
}

// Answer implements bot.Responder. If nobody can know any more whether it arrived,
// the person is told so.
func (t *teller) Answer(ctx context.Context, a answer.Answer) error {
	ctx, stop := t.last(ctx)
	defer stop()
	if t.over() {
		return nil
	}
	q, key := t.q, baseKey(t.q.key)
	if q.private && t.c.blind() {
		return t.lost(ctx)
	}
	var parts []message
	switch {
	case q.private:
		parts = t.d.show.private(q.asked, key, a)
	case q.message == "" && !q.spot.direct():
		parts = t.d.show.published(q.asked, key, a)
	default:
		parts = t.d.show.answer(q.asked, key, a)
	}
	err := t.c.finish(ctx, parts)
	if q.private && errors.Is(err, errUncertain) && t.c.blind() {
		return t.lost(ctx)
	}
	return untold(err)
}

// lost tells that an answer may have been shown where nobody can look any more.
func (t *teller) lost(ctx context.Context) error {
	t.d.log.WarnContext(ctx, "discord: a private answer may not have arrived", "key", t.q.key)
	return untold(t.c.finish(ctx, []message{t.d.show.lost(t.q.asked, baseKey(t.q.key))}))
}

// Failure implements bot.Responder.
func (t *teller) Failure(ctx context.Context, f bot.Failure) error {
	ctx, stop := t.last(ctx)
	defer stop()
	if t.over() {
		return nil
	}
	parts := t.d.show.failed(t.q.asked, baseKey(t.q.key), f, t.told())
	if t.q.private {
		parts = whispered(parts)
		t.d.keepPages(t.q, parts)
	}
	return untold(t.c.finish(ctx, parts))
}

// last begins the end of an answer: from here on nobody else sends.
func (t *teller) last(ctx context.Context) (context.Context, context.CancelFunc) {
	t.q.ticket.pass()
	t.rest()
	return context.WithTimeout(ctx, telling)
}
