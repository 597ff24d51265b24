package discord

import "sync"

// A doorkeeper takes what happens in one place, a channel as a rule, in the order in
// which it came: two messages may come within a millisecond, or a message and its
// edit, and each is taken by a goroutine of its own.
type doorkeeper struct {
	mu   sync.Mutex
	last map[string]*ticket // by place: the last one in the line
}

// A ticket is a place in a line. The nil ticket is none.
type ticket struct {
	before  <-chan struct{} // closed when those before have passed; nil if there are none
	passed  chan struct{}
	through func()
}

func newDoorkeeper() *doorkeeper { return &doorkeeper{last: map[string]*ticket{}} }

// queue takes a place. It is to be called where events come in order; enter is for
// the goroutine that then takes the event.
func (d *doorkeeper) queue(place string) *ticket {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &ticket{passed: make(chan struct{})}
	t.through = sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.last[place] == t {
			delete(d.last, place)
		}
		close(t.passed)
	})
	if before := d.last[place]; before != nil {
		t.before = before.passed
	}
	d.last[place] = t
	return t
}

// enter waits until those before have passed.
func (t *ticket) enter() {
	if t != nil && t.before != nil {
		<-t.before
	}
}

// pass lets the next one in: this one has its place in the hall, or wants none. It
// may be called more than once.
func (t *ticket) pass() {
	if t != nil {
		t.through()
	}
}
