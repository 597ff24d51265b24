package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// healthEvery is how often a new front end is asked whether it is connected.
const healthEvery = 50 * time.Millisecond

// A changeable answers with the engine that it has when a question comes, so that
// another model can take the place of one without anybody's noticing.
type changeable struct{ engine atomic.Pointer[answer.Engine] }

func newChangeable(e *answer.Engine) *changeable {
	c := new(changeable)
	c.engine.Store(e)
	return c
}

// Answer implements bot.Answerer.
func (c *changeable) Answer(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
	return c.engine.Load().Answer(ctx, q, each)
}

// change has e answer from now on.
func (c *changeable) change(e *answer.Engine) { c.engine.Store(e) }

// A patient is a front end whose health can be asked.
type patient interface{ Health() bot.Health }

// A station is a front end that another, with other rules, can take the place of
// while the program runs.
type station struct {
	log     *slog.Logger
	listens bool // at an address, which two front ends cannot share
	next    chan successor
	done    chan struct{} // closed when Run ends

	mu  sync.Mutex
	now frontend
}

// A successor is a front end on its way to a station.
type successor struct {
	frontend
	inPlace chan struct{} // closed when the one before takes no more questions
}

func newStation(first frontend, listens bool, log *slog.Logger) *station {
	return &station{log: log, listens: listens, next: make(chan successor), done: make(chan struct{}), now: first}
}

// Name implements frontend.
func (s *station) Name() string { return s.front().Name() }

// Health returns that of the front end that takes questions now.
func (s *station) Health() bot.Health {
	if p, ok := s.front().(patient); ok {
		return p.Health()
	}
	return bot.Health{}
}

func (s *station) front() frontend {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// errEnded says that a station has no front end any more.
var errEnded = errors.New("it has ended")

// replace gives the place to next, and returns when the one before takes no more
// questions. The error is errEnded, or ctx's.
func (s *station) replace(ctx context.Context, next frontend) error {
	to := successor{next, make(chan struct{})}
	select {
	case s.next <- to:
	case <-s.done:
		return errEnded
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-to.inPlace:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run implements frontend. A front end that is replaced still ends what it took.
func (s *station) Run(ctx context.Context) error {
	defer close(s.done)
	var leaving sync.WaitGroup
	defer leaving.Wait()
	for {
		front := s.front()
		inside, leave := context.WithCancel(ctx)
		left := make(chan error, 1)
		go func() { left <- safely(inside, front, s.log) }()
		select {
		case err := <-left:
			leave()
			return err
		case next := <-s.next:
			retire := func() {
				leave()
				close(next.inPlace)
				if err := <-left; err != nil {
					s.log.WarnContext(ctx, "a front end that was replaced", "front_end", front.Name(), "error", err)
				}
			}
			if s.listens {
				retire()
			} else {
				leaving.Go(func() { s.overlap(inside, next.frontend); retire() })
			}
			s.mu.Lock()
			s.now = next.frontend
			s.mu.Unlock()
		}
	}
}

// overlap waits until next is connected, so that nothing is missed in between. What
// comes to both is answered once: the journal sees to that.
func (s *station) overlap(ctx context.Context, next frontend) {
	p, ok := next.(patient)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, leaveFor)
	defer cancel()
	ticker := time.NewTicker(healthEvery)
	defer ticker.Stop()
	for p.Health().State != bot.Connected {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
