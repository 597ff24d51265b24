package slack

import (
	"context"
	"sync"
	"time"
)

// A rate is how many calls Slack takes in a time at the least. All are counted by
// method and workspace, but what is posted by channel.
type rate struct {
	calls int
	in    time.Duration
}

// Slack's tiers, and the rates of the methods that are called.
var (
	tier2 = rate{20, time.Minute}
	tier3 = rate{50, time.Minute}
	tier4 = rate{100, time.Minute}

	rateOf = map[string]rate{
		posting:                                 {1, time.Second}, // to one channel
		"chat.update":                           tier3,
		"chat.delete":                           tier3,
		"chat.postEphemeral":                    tier4,
		"chat.startStream":                      tier2,
		"chat.appendStream":                     tier4,
		"chat.stopStream":                       tier2,
		"conversations.history":                 tier3,
		"conversations.replies":                 tier3,
		"usergroups.users.list":                 tier2,
		"users.info":                            tier4,
		"assistant.threads.setSuggestedPrompts": tier4,
		"views.open":                            tier4,
	}
)

const (
	posting = "chat.postMessage"
	// A call takes some time to Slack, and not always the same: two may come there
	// closer to each other than they were sent.
	paceMargin = 250 * time.Millisecond
)

// doorOf names what Slack counts together.
func doorOf(method, channel string) string {
	if method == posting || rateOf[method].calls == 0 {
		return method + " " + channel
	}
	return method
}

// doors hold calls back until Slack may be expected to take them.
type doors struct {
	now  func() time.Time
	wait wait

	mu    sync.Mutex
	all   map[string]*door
	swept time.Time
}

// A door is what calls of one kind go through.
type door struct {
	until time.Time     // Slack said to come no earlier
	sent  []time.Time   // the calls that still count, oldest first
	wary  bool          // Slack refused the last one: the next goes alone
	alone chan struct{} // closed when that one has come back; nil if there is none
}

func newDoors(now func() time.Time, wait wait) *doors {
	return &doors{now: now, wait: wait, all: map[string]*door{}}
}

// door finds or makes a door; d.mu is held.
func (d *doors) door(method, channel string) *door {
	now := d.now()
	if now.Sub(d.swept) > time.Hour { // a response_url, a channel, is not used for ever
		d.swept = now
		for name, one := range d.all {
			if one.alone == nil && now.After(one.until) && (len(one.sent) == 0 || now.Sub(one.sent[len(one.sent)-1]) > time.Hour) {
				delete(d.all, name)
			}
		}
	}
	name := doorOf(method, channel)
	if d.all[name] == nil {
		d.all[name] = &door{}
	}
	return d.all[name]
}

// left is how long a call has to wait; d.mu is held.
func (one *door) left(now time.Time, r rate) time.Duration {
	left := one.until.Sub(now)
	if r.calls == 0 {
		return left
	}
	length := r.in + paceMargin
	old := 0
	for old < len(one.sent) && now.Sub(one.sent[old]) >= length {
		old++
	}
	one.sent = one.sent[old:]
	if over := len(one.sent) - r.calls; over >= 0 {
		left = max(left, one.sent[over].Add(length).Sub(now))
	}
	return left
}

// through makes a call when its turn has come. refused says when a call that was
// refused may come again.
func (d *doors) through(ctx context.Context, method, channel string, call func() error, refused func(error) (time.Duration, bool)) error {
	one, err := d.enter(ctx, method, channel)
	if err != nil {
		return err
	}
	var after time.Duration
	come := false
	defer func() { // a call that panics has come back too
		d.mu.Lock()
		defer d.mu.Unlock()
		one.wary = come
		if until := d.now().Add(after); come && until.After(one.until) {
			one.until = until
		}
		if one.alone != nil {
			close(one.alone)
			one.alone = nil
		}
	}()
	err = call()
	after, come = refused(err)
	return err
}

// enter waits for the turn of a call.
func (d *doors) enter(ctx context.Context, method, channel string) (*door, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d.mu.Lock()
		one, now := d.door(method, channel), d.now()
		left, alone := one.left(now, rateOf[method]), one.alone
		if left <= 0 && alone == nil {
			if rateOf[method].calls > 0 {
				one.sent = append(one.sent, now)
			}
			if one.wary {
				one.alone = make(chan struct{})
			}
			d.mu.Unlock()
			return one, nil
		}
		d.mu.Unlock()
		if left <= 0 {
			select {
			case <-alone:
			case <-ctx.Done():
			}
			continue
		}
		if err := d.wait(ctx, left); err != nil {
			return nil, err
		}
	}
}

// spare reports whether a call that may be left out may be made: a quarter of
// what Slack takes is kept for what has to be said.
func (d *doors) spare(method, channel string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	one, r := d.door(method, channel), rateOf[method]
	return one.left(d.now(), r) <= 0 && one.alone == nil && (r.calls == 0 || 4*len(one.sent) < 3*r.calls)
}
