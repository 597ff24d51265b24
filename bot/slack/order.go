package slack

import "sync"

// A doorkeeper lets the questions of one conversation into the hall in the order in
// which they came: two posts of one thread may come within a millisecond, and each
// is taken by a goroutine of its own.
type doorkeeper struct {
	mu   sync.Mutex
	last map[string]*ticket // by conversation: the last one in the line
}

// A ticket is a place in the line of a conversation. The nil ticket is none.
type ticket struct {
	conversation string
	keeper       *doorkeeper
	before       <-chan struct{} // closed when those before are inside
	once         sync.Once
	inside       chan struct{}
}

func newDoorkeeper() *doorkeeper { return &doorkeeper{last: map[string]*ticket{}} }

// queue takes a place. It is to be called where events come in order; enter is for
// the goroutine that then takes the question.
func (d *doorkeeper) queue(conversation string) *ticket {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &ticket{conversation: conversation, keeper: d, inside: make(chan struct{})}
	if before := d.last[conversation]; before != nil {
		t.before = before.inside
	}
	d.last[conversation] = t
	return t
}

// enter waits until those before are inside.
func (t *ticket) enter() {
	if t != nil && t.before != nil {
		<-t.before
	}
}

// pass lets the next one in: this one has its place in the hall, or wants none. It
// may be called more than once.
func (t *ticket) pass() {
	if t == nil {
		return
	}
	t.once.Do(func() {
		t.keeper.mu.Lock()
		defer t.keeper.mu.Unlock()
		if t.keeper.last[t.conversation] == t {
			delete(t.keeper.last, t.conversation)
		}
		close(t.inside)
	})
}
