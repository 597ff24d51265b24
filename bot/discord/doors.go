package discord

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// Discord takes 50 calls a second from one bot, over all routes. Some are kept
	// back: the clocks differ.
	globalMost = 45
	globalIn   = time.Second
	// doorAge is how long a route's door is kept after its last call.
	doorAge = time.Hour
)

// doors hold calls back until Discord may be expected to take them: for each
// route by what its last answer said, for all by the limit of the bot.
type doors struct {
	now  func() time.Time
	wait wait

	mu    sync.Mutex
	all   map[string]*door
	sent  []time.Time // of the last second, oldest first
	until time.Time   // Discord said that nothing may come earlier
	swept time.Time
}

// A door is what calls of one route go through.
type door struct {
	known bool          // Discord has said how many it takes
	limit int           // that it takes in one go
	left  int           // of these; those under way are taken off
	reset time.Time     // then it takes limit again
	until time.Time     // Discord said to come no earlier
	alone chan struct{} // closed when the one call that finds out has come back; nil if there is none
	used  time.Time
}

func newDoors(now func() time.Time, wait wait) *doors {
	return &doors{now: now, wait: wait, all: map[string]*door{}}
}

// door finds or makes a door; d.mu is held.
func (d *doors) door(c call) *door {
	now := d.now()
	if now.Sub(d.swept) > doorAge { // an interaction, a channel, is not used for ever
		d.swept = now
		for name, one := range d.all {
			if one.alone == nil && now.Sub(one.used) > doorAge {
				delete(d.all, name)
			}
		}
	}
	name := c.method + " " + c.route
	if d.all[name] == nil {
		d.all[name] = &door{}
	}
	d.all[name].used = now
	return d.all[name]
}

// left is how long a call has to wait; d.mu is held.
func (d *doors) left(one *door, c call, now time.Time) time.Duration {
	wait := max(one.until.Sub(now), d.until.Sub(now))
	if one.known && one.left <= 0 {
		if now.Before(one.reset) {
			wait = max(wait, one.reset.Sub(now))
		} else {
			one.left, one.known = one.limit, one.limit > 0
		}
	}
	if c.open {
		return wait // calls of interactions do not count to the bot's limit
	}
	old := 0
	for old < len(d.sent) && now.Sub(d.sent[old]) >= globalIn {
		old++
	}
	if d.sent = d.sent[old:]; len(d.sent) >= globalMost {
		wait = max(wait, d.sent[0].Add(globalIn).Sub(now))
	}
	return wait
}

// through makes a call when its turn has come.
func (d *doors) through(ctx context.Context, c call, do func() error) error {
	one, found, err := d.enter(ctx, c)
	if err != nil {
		return err
	}
	defer func() { // a call that panics has come back too
		d.mu.Lock()
		defer d.mu.Unlock()
		if found != nil {
			close(found)
			one.alone = nil
		}
	}()
	err = do()
	if after, come := limited(err); come {
		d.mu.Lock()
		until := d.now().Add(after)
		if e := err.(*apiError); e.global { //nolint:errorlint // limited found it
			d.until = until
		} else {
			one.until = until
		}
		one.known = false // the next one goes alone
		d.mu.Unlock()
	}
	return err
}

// enter waits for the turn of a call. If found is not nil, the call finds out
// what the route takes, and others wait for it.
func (d *doors) enter(ctx context.Context, c call) (one *door, found chan struct{}, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		d.mu.Lock()
		one, now := d.door(c), d.now()
		wait, alone := d.left(one, c, now), one.alone
		if wait <= 0 && alone == nil {
			if one.known {
				one.left--
			} else {
				found = make(chan struct{})
				one.alone = found
			}
			if !c.open {
				d.sent = append(d.sent, now)
			}
			d.mu.Unlock()
			return one, found, nil
		}
		d.mu.Unlock()
		if wait <= 0 {
			select {
			case <-alone:
			case <-ctx.Done():
			}
			continue
		}
		if err := d.wait(ctx, wait); err != nil {
			return nil, nil, err
		}
	}
}

// heard reads what an answer says of its route's limit.
func (d *doors) heard(c call, h http.Header) {
	left, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil {
		return
	}
	limit, _ := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	after, err := strconv.ParseFloat(h.Get("X-RateLimit-Reset-After"), 64)
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	one, now := d.door(c), d.now()
	reset := now.Add(time.Duration(after * float64(time.Second)))
	// Answers overtake each other: within one window the lower number is right.
	if !one.known || left < one.left || now.After(one.reset) {
		one.left = left
	}
	one.known, one.limit, one.reset = true, limit, reset
}

// spare reports whether a route has a call left for what may be left out: the
// last one is kept for what has to be said.
func (d *doors) spare(c call) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	one, now := d.door(c), d.now()
	return d.left(one, c, now) <= 0 && one.alone == nil && (!one.known || one.left > 1)
}
