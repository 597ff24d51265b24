package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// drain drains within d and returns how long it took and its error.
func (h hall) drain(t *testing.T, d time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	started := time.Now()
	err := h.Drain(ctx)
	return time.Since(started), err
}

func TestDrainWaitsForWhatIsUnderWayAndTakesNothingNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(takes(3*time.Second), bot.Limits{}, 0)
		s := &screen{}
		go func() {
			if err := h.HandleMessage(t.Context(), message("k"), s); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		late := make(chan bot.Failure, 1)
		time.AfterFunc(time.Second, func() { late <- h.failure(t, message("late")) })
		took, err := h.drain(t, 10*time.Second)
		if err != nil || took != 3*time.Second {
			t.Errorf("drained with %v after %v, want no error after 3s", err, took)
		}
		synctest.Wait()
		if diff := cmp.Diff(answered("k"), s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		want := bot.Failure{Kind: bot.Restarting, Text: "The program is restarting. Ask again in a moment.", Retry: true}
		if diff := cmp.Diff(want, <-late); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		// The next start may answer it under the same key.
		if diff := cmp.Diff(map[string]string{"k": "finished"}, h.journal.states()); diff != "" {
			t.Errorf("journal (-want +got):\n%s", diff)
		}
		if took, err := h.drain(t, time.Second); err != nil || took != 0 {
			t.Errorf("drained again with %v after %v", err, took)
		}
	})
}

func TestDrainCutsWhatTakesTooLongAndTheNextStartKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(takes(time.Hour), bot.Limits{}, 0)
		screens := map[string]*screen{"1": {}, "2": {}}
		for _, key := range []string{"1", "2"} { // the second waits for the first
			go func() {
				if err := h.HandleMessage(t.Context(), message(key), screens[key]); !errors.Is(err, bot.ErrCut) {
					t.Errorf("%s: got %v, want ErrCut", key, err)
				}
			}()
			synctest.Wait()
		}
		took, err := h.drain(t, 5*time.Second)
		if !errors.Is(err, bot.ErrCut) || !strings.Contains(err.Error(), "2 questions") {
			t.Errorf("got error %v, want that two were cut", err)
		}
		if took != 5*time.Second {
			t.Errorf("took %v, want 5s", took)
		}
		for key, s := range screens {
			if diff := cmp.Diff([]string{"working"}, s.lines()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", key, diff)
			}
		}

		next := h.reopen(oracle(repeats))
		unfinished, err := next.Unfinished(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		if others, _ := next.Unfinished(t.Context(), "other"); len(others) > 0 {
			t.Errorf("got %v of another surface", others)
		}
		if len(unfinished) != 2 {
			t.Fatalf("got %d unfinished messages, want 2", len(unfinished))
		}
		for _, m := range unfinished {
			s := &screen{}
			if err := next.HandleMessage(t.Context(), m.Message, s); !errors.Is(err, bot.ErrSeen) || len(s.lines()) > 0 {
				t.Errorf("delivered again: got %v, told %q", err, s.lines())
			}
			if err := next.Resume(t.Context(), m.Message, s); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(answered(m.Key), s.lines()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := next.Resume(t.Context(), m.Message, s); !errors.Is(err, bot.ErrSeen) {
				t.Errorf("resumed twice: got %v, want ErrSeen", err)
			}
		}
		if diff := cmp.Diff(map[string]string{"1": "finished", "2": "finished"}, h.journal.states()); diff != "" {
			t.Errorf("journal (-want +got):\n%s", diff)
		}
	})
}

func TestDrainDoesNotWaitForAnAnswererThatDoesNotStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
			<-after(time.Minute)
			return repeats(ctx, q, each)
		}), bot.Limits{}, 0)
		s := &screen{}
		go func() { _ = h.HandleMessage(t.Context(), message("k"), s) }()
		synctest.Wait()
		took, err := h.drain(t, 5*time.Second)
		if !errors.Is(err, bot.ErrCut) || !strings.Contains(err.Error(), "did not stop") {
			t.Errorf("got error %v", err)
		}
		if took != 7*time.Second {
			t.Errorf("took %v, want 7s", took)
		}
		<-after(time.Hour)
		// It came to an end after all, and so it is told.
		if diff := cmp.Diff(answered("k"), s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestWhatIsNotedIsNotCutWhileItIsTold(t *testing.T) {
	breaks := oracle(func(context.Context, answer.Question, func(answer.Claim)) (answer.Answer, error) {
		return answer.Answer{}, errDisk
	})
	for _, tt := range []struct {
		method string
		answer oracle
		want   []string
	}{
		{"answer", repeats, answered("k")},
		{"failure", breaks, []string{"working", "failure broken"}},
	} {
		t.Run(tt.method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(tt.answer, bot.Limits{}, 0)
				s := &screen{before: func(method string) {
					if method == tt.method {
						<-after(6 * time.Second)
					}
				}}
				told := make(chan error, 1)
				go func() { told <- h.HandleMessage(t.Context(), message("k"), s) }()
				synctest.Wait()
				if _, err := h.drain(t, 5*time.Second); !errors.Is(err, bot.ErrCut) {
					t.Errorf("got error %v", err)
				}
				if err := <-told; errors.Is(err, context.Canceled) || errors.Is(err, bot.ErrCut) {
					t.Errorf("got %v", err)
				}
				if diff := cmp.Diff(tt.want, s.lines()); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestWhatWasUnfinishedForLongOrOftenIsToBeAskedAgain(t *testing.T) {
	want := bot.Failure{Kind: bot.Interrupted, Text: "The program was restarted before this was answered. Ask again.", Retry: true}
	resume := func(t *testing.T, h hall) *screen {
		t.Helper()
		unfinished, err := h.Unfinished(t.Context(), "")
		if err != nil || len(unfinished) != 1 {
			t.Fatalf("got %v, %v; want one message", unfinished, err)
		}
		s := &screen{}
		if err := h.Resume(t.Context(), unfinished[0].Message, s); err != nil && !errors.Is(err, bot.ErrCut) {
			t.Error(err)
		}
		return s
	}
	begin := func(t *testing.T) hall {
		t.Helper()
		h := open(takes(time.Hour), bot.Limits{}, 0)
		go func() { _ = h.HandleMessage(t.Context(), message("k"), &screen{}) }()
		synctest.Wait()
		if _, err := h.drain(t, time.Second); err == nil {
			t.Fatal("nothing was cut")
		}
		return h
	}
	t.Run("long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := begin(t)
			<-after(10 * time.Minute)
			h = h.reopen(oracle(repeats))
			if diff := cmp.Diff([]bot.Failure{want}, resume(t, h).failures); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got := h.journal.states()["k"]; got != "failed" {
				t.Errorf("it is %q in the journal, want failed", got)
			}
		})
	})
	t.Run("often", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := begin(t)
			for range 2 { // each start is killed while it answers
				h = h.reopen(takes(time.Hour))
				time.AfterFunc(time.Second, func() { _, _ = h.drain(t, time.Second) })
				if s := resume(t, h); len(s.failures) > 0 {
					t.Fatalf("told %q", s.lines())
				}
			}
			h = h.reopen(oracle(repeats))
			if diff := cmp.Diff([]bot.Failure{want}, resume(t, h).failures); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	})
}
