package llm

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"summitbot/bot/answer"
)

func TestQueueServesTheAskersInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, 10)
		release, err := q.acquire(t.Context(), "first")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan string, 10)
		for _, asker := range []string{"ann", "ann", "ann", "ben", "cid", "ben"} {
			go func() {
				release, err := q.acquire(t.Context(), asker)
				if err != nil {
					t.Error(err)
					return
				}
				served <- asker
				release()
			}()
			synctest.Wait() // so that they stand in this order
		}
		release()
		synctest.Wait()
		close(served)
		var got []string
		for s := range served {
			got = append(got, s)
		}
		if want := []string{"ann", "ben", "cid", "ann", "ben", "ann"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestFullQueueIsBusyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, 1)
		release, err := q.acquire(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			release, err := q.acquire(t.Context(), "b")
			if err != nil {
				t.Error(err)
				return
			}
			release()
		}()
		synctest.Wait()
		if _, err := q.acquire(t.Context(), "c"); !errors.Is(err, answer.ErrBusy) {
			t.Errorf("got %v, want %v", err, answer.ErrBusy)
		}
		release()
	})
}

func TestQueueForgetsWhoWaitsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, 1)
		release, err := q.acquire(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = q.acquire(ctx, "b")
		if !errors.Is(err, answer.ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v and %v", err, answer.ErrBusy, context.DeadlineExceeded)
		}
		if len(q.turns) != 0 || len(q.waiting) != 0 || q.room != 1 {
			t.Errorf("left behind: %v %v, room for %d", q.turns, q.waiting, q.room)
		}
		release()
		if q.free != 1 {
			t.Errorf("got %d free places, want 1", q.free)
		}
	})
}

// TestQueueLosesNoPlace lets many come and go, some in the moment of their turn.
func TestQueueLosesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const places, room = 3, 40
		q := newQueue(places, room)
		random := rand.New(rand.NewPCG(1, 2))
		var (
			wg   sync.WaitGroup
			mu   sync.Mutex
			now  int
			most int
		)
		for i := range 500 {
			start := time.Duration(random.IntN(200)) * time.Millisecond
			patience := time.Duration(random.IntN(20)) * time.Millisecond
			work := time.Duration(random.IntN(10)) * time.Millisecond
			wg.Go(func() {
				wait(t.Context(), start)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				release, err := q.acquire(ctx, strconv.Itoa(i%5))
				if err != nil {
					return
				}
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				wait(t.Context(), work)
				mu.Lock()
				now--
				mu.Unlock()
				release()
			})
		}
		wg.Wait()
		if q.free != places || q.room != room || len(q.turns) != 0 || len(q.waiting) != 0 {
			t.Errorf("got %d places, room %d, %v, %v; want %d, %d and nobody", q.free, q.room, q.turns, q.waiting, places, room)
		}
		if most != places {
			t.Errorf("got %d at once, want %d", most, places)
		}
	})
}
