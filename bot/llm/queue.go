package llm

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"summitbot/bot/answer"
)

// A queue gives out a number of places. Who finds none waits; the next place goes
// to the askers in turn, and among one asker's requests to the oldest: a
// hundred questions of one person delay another's single one by one place.
type queue struct {
	mu      sync.Mutex
	places  int // in all
	free    int // places; 0 while anyone waits
	room    int // for further waiters
	waiting map[string][]*waiter
	turns   []string // the askers in waiting, the next one first
}

type waiter struct {
	ready chan struct{} // closed when the place is given
}

func newQueue(places, room int) *queue {
	return &queue{places: places, free: places, room: room, waiting: make(map[string][]*waiter)}
}

// size tells how many have a place, and how many wait.
func (q *queue) size() (inside, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, w := range q.waiting {
		waiting += len(w)
	}
	return q.places - q.free, waiting
}

// acquire waits for a place and returns what gives it back, to be called once.
// The error is answer.ErrBusy: nobody got to the model.
func (q *queue) acquire(ctx context.Context, asker string) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", answer.ErrUnavailable, err)
	}
	w, err := q.enter(asker)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return q.release, nil
	}
	select {
	case <-w.ready:
		return q.release, nil
	case <-ctx.Done():
		if !q.leave(asker, w) { // the place came at the same moment
			q.release()
		}
		return nil, fmt.Errorf("%w: %w", answer.ErrBusy, ctx.Err())
	}
}

// enter takes a free place (nil), or a place in the queue.
func (q *queue) enter(asker string) (*waiter, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.free > 0 {
		q.free--
		return nil, nil
	}
	if q.room == 0 {
		return nil, answer.ErrBusy
	}
	q.room--
	w := &waiter{ready: make(chan struct{})}
	if len(q.waiting[asker]) == 0 {
		q.turns = append(q.turns, asker)
	}
	q.waiting[asker] = append(q.waiting[asker], w)
	return w, nil
}

// release gives a place to whose turn it is.
func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.turns) == 0 {
		q.free++
		return
	}
	asker := q.turns[0]
	q.turns = q.turns[1:]
	w := q.waiting[asker][0]
	q.remove(asker, 0)
	if len(q.waiting[asker]) > 0 {
		q.turns = append(q.turns, asker)
	}
	close(w.ready)
}

// leave takes w out of the queue; false if it has its place already.
func (q *queue) leave(asker string, w *waiter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting[asker], w)
	if i < 0 {
		return false
	}
	q.remove(asker, i)
	if len(q.waiting[asker]) == 0 {
		turn := slices.Index(q.turns, asker)
		q.turns = slices.Delete(q.turns, turn, turn+1)
	}
	return true
}

// remove takes the i-th request of asker out, and forgets one that has no more.
func (q *queue) remove(asker string, i int) {
	q.room++
	if rest := slices.Delete(q.waiting[asker], i, i+1); len(rest) > 0 {
		q.waiting[asker] = rest
	} else {
		delete(q.waiting, asker)
	}
}
