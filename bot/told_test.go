package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// A deaf Responder fails as a surface does that nobody can reach.
type deaf struct{ screen }

func (d *deaf) Answer(ctx context.Context, a answer.Answer) error {
	return fmt.Errorf("%w: %w", bot.ErrUntold, errors.Join(d.screen.Answer(ctx, a), errors.New("nobody is there")))
}

func (d *deaf) Failure(ctx context.Context, f bot.Failure) error {
	return fmt.Errorf("%w: %w", bot.ErrUntold, errors.Join(d.screen.Failure(ctx, f), errors.New("nobody is there")))
}

// waiting returns the one message that is unfinished.
func waiting(t *testing.T, h hall) bot.Unfinished {
	t.Helper()
	list, err := h.Unfinished(t.Context(), "")
	if err != nil || len(list) != 1 {
		t.Fatalf("got %v, %v; want one message", list, err)
	}
	return list[0]
}

func TestAnAnswerThatNobodyToldIsToldAtTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{}, 0)
		h.journal.broken["told"] = errDisk // the program dies before it can note it
		if diff := cmp.Diff(answered("k"), h.ask(t, message("k"))); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
		delete(h.journal.broken, "told")

		asked := 0
		h = h.reopen(oracle(func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
			asked++
			return repeats(ctx, q, each)
		}))
		u := waiting(t, h)
		if !u.Ended {
			t.Error("it has not ended")
		}
		s := &screen{}
		if err := h.Resume(t.Context(), u.Message, s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"answer k"}, s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if asked > 0 {
			t.Error("it was answered anew")
		}
		if err := h.Resume(t.Context(), u.Message, s); !errors.Is(err, bot.ErrSeen) {
			t.Errorf("told twice: got %v, want ErrSeen", err)
		}
	})
}

func TestWhatCouldNotBeToldIsToldLaterByTheSameStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{}, 0)
		for range 3 {
			var err error
			if list, _ := h.Unfinished(t.Context(), ""); len(list) == 0 {
				err = h.HandleMessage(t.Context(), message("k"), &deaf{})
			} else {
				err = h.Resume(t.Context(), list[0].Message, &deaf{})
			}
			if !errors.Is(err, bot.ErrUntold) {
				t.Fatalf("got %v, want ErrUntold", err)
			}
			<-after(time.Hour) // longer than an unanswered question would wait
		}
		s := &screen{}
		if err := h.Resume(t.Context(), waiting(t, h).Message, s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"answer k"}, s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if list, _ := h.Unfinished(t.Context(), ""); len(list) > 0 {
			t.Errorf("still unfinished: %v", list)
		}
	})
}

func TestAnAnswerOfTheDayBeforeIsToBeAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{}, 0)
		if err := h.HandleMessage(t.Context(), message("k"), &deaf{}); !errors.Is(err, bot.ErrUntold) {
			t.Fatalf("got %v, want ErrUntold", err)
		}
		<-after(25 * time.Hour)
		s := &screen{}
		if err := h.Resume(t.Context(), waiting(t, h).Message, s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"failure interrupted"}, s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestNobodyIsToldOfAQuestionThatWasTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(takes(time.Hour), bot.Limits{}, 0)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- h.HandleMessage(ctx, message("k"), &screen{}) }()
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that it was taken back", err)
		}
		h = h.reopen(oracle(repeats))
		if list, _ := h.Unfinished(t.Context(), ""); len(list) > 0 {
			t.Errorf("unfinished: %v", list)
		}
	})
}

func TestAFailureThatNobodyToldIsToldAtTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(func(context.Context, answer.Question, func(answer.Claim)) (answer.Answer, error) {
			return answer.Answer{}, errors.New("broken")
		}), bot.Limits{}, 0)
		if err := h.HandleMessage(t.Context(), message("k"), &deaf{}); !errors.Is(err, bot.ErrUntold) {
			t.Fatalf("got %v, want ErrUntold", err)
		}
		h = h.reopen(oracle(repeats))
		s := &screen{}
		if err := h.Resume(t.Context(), waiting(t, h).Message, s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"failure interrupted"}, s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestAQuestionThatIsTakenBackAtOnceIsNotedAllTheSame(t *testing.T) {
	h := open(oracle(repeats), bot.Limits{}, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.HandleMessage(ctx, message("k"), &screen{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was taken back", err)
	}
	s := &screen{}
	if err := h.HandleMessage(t.Context(), message("k"), s); !errors.Is(err, bot.ErrSeen) || len(s.lines()) > 0 {
		t.Errorf("delivered again: got %v, told %q", err, s.lines())
	}
}

func TestWhatWasAnsweredIsNotToldToBeAskedAgainWhileTheProgramEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{}, 0)
		if err := h.HandleMessage(t.Context(), message("k"), &deaf{}); !errors.Is(err, bot.ErrUntold) {
			t.Fatalf("got %v, want ErrUntold", err)
		}
		u := waiting(t, h)
		if _, err := h.drain(t, time.Second); err != nil {
			t.Fatal(err)
		}
		s := &screen{}
		if err := h.Resume(t.Context(), u.Message, s); !errors.Is(err, bot.ErrCut) || len(s.lines()) > 0 {
			t.Errorf("got %v, told %q; want ErrCut and nothing told", err, s.lines())
		}
		waiting(t, h) // for the next start
	})
}

func TestAnAnswerIsToldThoughItsQuestionWouldBeTooLongNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{}, 0)
		m := message("k")
		m.Text = "What was that?"
		if err := h.HandleMessage(t.Context(), m, &deaf{}); !errors.Is(err, bot.ErrUntold) {
			t.Fatalf("got %v, want ErrUntold", err)
		}
		u := waiting(t, h)
		strict := bot.New(bot.Options{Answerer: oracle(repeats), Journal: h.journal, Now: time.Now, Limits: bot.Limits{QuestionLength: 1}})
		s := &screen{}
		if err := strict.Resume(t.Context(), u.Message, s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"answer What was that?"}, s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if list, _ := h.Unfinished(t.Context(), ""); len(list) > 0 {
			t.Errorf("still unfinished: %v", list)
		}
	})
}
