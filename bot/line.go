package bot

import (
	"context"
	"slices"
	"sync"
)

// lines are the questions of each conversation in the order of their coming.
type lines struct {
	mu   sync.Mutex
	head map[string][]*turn // the first of each has its turn; no empty ones
}

// A turn is the place of one question in its conversation.
type turn struct {
	lines        *lines
	conversation string        // "" waits for nobody
	came         chan struct{} // closed when all before it have left
}

func newLines() *lines { return &lines{head: map[string][]*turn{}} }

// join takes the last place of a conversation. Its turn must leave.
func (l *lines) join(conversation string) *turn {
	t := &turn{lines: l, conversation: conversation, came: make(chan struct{})}
	if conversation == "" {
		close(t.came)
		return t
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head[conversation] = append(l.head[conversation], t)
	if l.head[conversation][0] == t {
		close(t.came)
	}
	return t
}

// wait returns when the turn came, or with ctx's error.
func (t *turn) wait(ctx context.Context) error {
	select {
	case <-t.came:
		return ctx.Err() // both may be so, and nobody waits any more then
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave makes room for the next. Who leaves before their turn holds up nobody.
func (t *turn) leave() {
	if t.conversation == "" {
		return
	}
	l := t.lines
	l.mu.Lock()
	defer l.mu.Unlock()
	line := l.head[t.conversation]
	first := line[0] == t
	line = slices.DeleteFunc(line, func(other *turn) bool { return other == t })
	switch {
	case len(line) == 0:
		delete(l.head, t.conversation)
		return
	case first:
		close(line[0].came)
	}
	l.head[t.conversation] = line
}
