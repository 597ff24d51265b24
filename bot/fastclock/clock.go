// Package fastclock is the time of the servers that stand in for a platform in tests:
// it runs faster than the machine's clock, or stands still until it is moved on. What
// such a server limits by time, and what a client waits for, goes by one Clock.
package fastclock

import (
	"context"
	"sync"
	"time"
)

// A Clock is the time of a server. It runs Speed times as fast as the
// machine's, and Advance moves it on at once. Everything the server limits by
// time asks this clock, and so should a client that waits for a Retry-After.
type Clock struct {
	speed float64   // 0: the clock moves by Advance only
	real  time.Time // when the clock was started, by the machine
	start time.Time // what it showed then

	mu     sync.Mutex
	jumped time.Duration // the sum of all Advance
	halted bool          // no timer runs any more
	timers map[*timer]struct{}
}

// A timer runs its function once, when the clock reaches at.
type timer struct {
	at   time.Time
	run  func()
	wake *time.Timer // nil while the clock stands still
}

// New starts a clock at start. speed 0 is one that moves by Advance only.
func New(start time.Time, speed float64) *Clock {
	return &Clock{speed: speed, real: time.Now(), start: start, timers: map[*timer]struct{}{}}
}

// Now is the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	passed := time.Duration(float64(time.Since(c.real)) * c.speed)
	return c.start.Add(passed + c.jumped)
}

// Advance moves the clock on by d and runs what is due by then.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	c.jumped += d
	now := c.now()
	var due []*timer
	for t := range c.timers {
		if !t.at.After(now) {
			due = append(due, t)
			continue
		}
		c.arm(t, now)
	}
	for _, t := range due {
		c.drop(t)
	}
	c.mu.Unlock()
	for _, t := range due {
		t.run()
	}
}

// AfterFunc runs f in its own goroutine once d has passed; at once if d is not
// above 0, even where the clock stands still. stop prevents a run that has not
// begun.
func (c *Clock) AfterFunc(d time.Duration, f func()) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d <= 0 && !c.halted {
		go f()
		return func() {}
	}
	now := c.now()
	t := &timer{at: now.Add(d), run: func() { go f() }}
	if c.halted {
		return func() {}
	}
	c.timers[t] = struct{}{}
	c.arm(t, now)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.drop(t)
	}
}

// Sleep waits until d has passed by this clock, or ctx has ended.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	done := make(chan struct{})
	stop := c.AfterFunc(d, func() { close(done) })
	defer stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// arm sets the machine's timer for t; c.mu is held.
func (c *Clock) arm(t *timer, now time.Time) {
	if c.speed <= 0 {
		return
	}
	if t.wake != nil {
		t.wake.Stop()
	}
	wait := time.Duration(float64(t.at.Sub(now)) / c.speed)
	t.wake = time.AfterFunc(wait, func() { c.expire(t) })
}

// expire runs t unless it was stopped or has run.
func (c *Clock) expire(t *timer) {
	c.mu.Lock()
	_, waiting := c.timers[t]
	c.drop(t)
	c.mu.Unlock()
	if waiting {
		t.run()
	}
}

// drop forgets t; c.mu is held.
func (c *Clock) drop(t *timer) {
	delete(c.timers, t)
	if t.wake != nil {
		t.wake.Stop()
	}
}

// Halt forgets every timer and takes no more.
func (c *Clock) Halt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halted = true
	for t := range c.timers {
		c.drop(t)
	}
}
