package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
)

func TestAnAnswerIsNotedBeforeItIsToldAsFinished(t *testing.T) {
	h := open(oracle(repeats), bot.Limits{}, 0)
	s := &screen{finished: func() string { return h.journal.states()["k"] }}
	if err := h.HandleMessage(t.Context(), message("k"), s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"working", "claim k", "answer k (finished)"}, s.lines()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheAnswererGetsTheWholeQuestion(t *testing.T) {
	var got answer.Question
	h := open(oracle(func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
		got = q
		return repeats(ctx, q, each)
	}), bot.Limits{}, 0)
	h.journal.history = []answer.Turn{{Question: "before?", Answer: "Before."}}
	m := message("k")
	m.Text, m.Collections, m.Language, m.Trace = "  who\x00 is \xff he? \n", []string{"news"}, "fi", true
	h.ask(t, m)
	want := answer.Question{
		Text: "who\uFFFD is \uFFFD he?", History: h.journal.history, Collections: []string{"news"}, Language: "fi", Asker: "test:ada", Trace: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("question (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(h.journal.history, h.journal.find("k").history); diff != "" {
		t.Errorf("history kept (-want +got):\n%s", diff)
	}
}

func TestHistoryIsRecentAndShortAndOnlyOfAConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{}, 0)
		alone := message("1")
		alone.Conversation = ""
		h.ask(t, alone)
		h.ask(t, message("2"))
		want := []historyCall{{"c", time.Hour, 6}}
		if diff := cmp.Diff(want, h.journal.asked, cmp.AllowUnexported(historyCall{})); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestWhatIsNoQuestionIsToldSoAndNotNoted(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       bot.Failure
	}{
		{"nothing", "", bot.Failure{Kind: bot.Empty, Text: "There is no question in this message."}},
		{"white space", " \n\u00a0\t", bot.Failure{Kind: bot.Empty, Text: "There is no question in this message."}},
		{"one character too long", "ääääää", bot.Failure{
			Kind: bot.TooLong, Text: "The question has 6 characters; 5 is the most that can be answered. Ask it shorter.",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(oracle(repeats), bot.Limits{QuestionLength: 5}, 0)
			m, s := message("k"), &screen{}
			m.Text = tt.text
			if err := h.HandleMessage(t.Context(), m, s); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]bot.Failure{tt.want}, s.failures); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(h.journal.states()) > 0 {
				t.Error("it was noted")
			}
		})
	}
	h := open(oracle(repeats), bot.Limits{QuestionLength: 5}, 0)
	m := message("k")
	m.Text = " äääää "
	if diff := cmp.Diff([]string{"working", "claim äääää", "answer äääää"}, h.ask(t, m)); diff != "" {
		t.Errorf("as long as may be: -want +got:\n%s", diff)
	}
}

func TestAMessageWithoutAKeyIsRefused(t *testing.T) {
	s := &screen{}
	if err := open(oracle(repeats), bot.Limits{}, 0).HandleMessage(t.Context(), bot.Message{Text: "x"}, s); err == nil {
		t.Error("got no error")
	}
	if len(s.lines()) > 0 {
		t.Errorf("told %q", s.lines())
	}
}

func TestAMessageDeliveredManyTimesIsAnsweredOnce(t *testing.T) {
	h := open(takes(time.Millisecond), bot.Limits{PerUserMinute: 1}, 0)
	var group sync.WaitGroup
	var mu sync.Mutex
	told, seen := []string(nil), 0
	for range 200 {
		group.Go(func() {
			s := &screen{}
			err := h.HandleMessage(t.Context(), message("k"), s)
			mu.Lock()
			defer mu.Unlock()
			told = append(told, s.lines()...)
			switch {
			case errors.Is(err, bot.ErrSeen):
				seen++
			case err != nil:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff([]string{"working", "claim k", "answer k"}, told); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if seen != 199 {
		t.Errorf("%d were seen, want 199", seen)
	}
}

// TestQuestionsOfAConversationAreAnsweredInOrder holds one question of a
// conversation back, asks more, and one in another conversation.
func TestQuestionsOfAConversationAreAnsweredInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		release := make(chan struct{})
		h := open(oracle(func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
			if q.Text == "c0" {
				<-release
			}
			order = append(order, q.Text) // the bubble runs one after the other here
			return repeats(ctx, q, each)
		}), bot.Limits{}, 0)
		var group sync.WaitGroup
		hand := func(key, conversation string) {
			m := message(key)
			m.Conversation = conversation
			group.Go(func() {
				if err := h.HandleMessage(t.Context(), m, &screen{}); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		for i := range 5 {
			hand(fmt.Sprint("c", i), "c")
		}
		hand("other", "d")
		hand("alone", "")
		if diff := cmp.Diff([]string{"other", "alone"}, order); diff != "" {
			t.Errorf("before the first (-want +got):\n%s", diff)
		}
		close(release)
		group.Wait()
		if diff := cmp.Diff([]string{"other", "alone", "c0", "c1", "c2", "c3", "c4"}, order); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestWhoGoesAwayWhileWaitingHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		h := open(waits(release), bot.Limits{}, 0)
		var group sync.WaitGroup
		screens := map[string]*screen{}
		leaving, leave := context.WithCancel(t.Context())
		var left error
		for _, key := range []string{"first", "leaves", "last"} {
			ctx, s := t.Context(), &screen{}
			if key == "leaves" {
				ctx = leaving
			}
			screens[key] = s
			group.Go(func() {
				if err := h.HandleMessage(ctx, message(key), s); key == "leaves" {
					left = err
				} else if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		leave()
		synctest.Wait()
		close(release)
		group.Wait()
		if !errors.Is(left, context.Canceled) {
			t.Errorf("who left got %v, want context.Canceled", left)
		}
		got := map[string][]string{}
		for key, s := range screens {
			got[key] = s.lines()
		}
		want := map[string][]string{
			"first":  {"working", "claim first", "answer first"},
			"leaves": {"working"},
			"last":   {"working", "claim last", "answer last"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"first": "finished", "leaves": "failed", "last": "finished"}, h.journal.states()); diff != "" {
			t.Errorf("journal (-want +got):\n%s", diff)
		}
	})
}

func TestAFailedAnswerIsToldAndNoted(t *testing.T) {
	sorry := bot.Failure{Kind: bot.Broken, Text: "Sorry, something broke here and was noted. Ask again in a moment.", Retry: true}
	for _, tt := range []struct {
		name   string
		answer oracle
		want   bot.Failure
		reason string
	}{
		{"an error", func(context.Context, answer.Question, func(answer.Claim)) (answer.Answer, error) {
			return answer.Answer{Account: answer.Account{PromptTokens: 5, CompletionTokens: 2}}, errors.New("no such table")
		}, sorry, "no such table"},
		{"a panic", func(context.Context, answer.Question, func(answer.Claim)) (answer.Answer, error) {
			panic("index out of range")
		}, sorry, "panic: index out of range"},
		{"a full queue", func(context.Context, answer.Question, func(answer.Claim)) (answer.Answer, error) {
			return answer.Answer{}, fmt.Errorf("ask the model: %w", answer.ErrBusy)
		}, bot.Failure{
			Kind: bot.Busy, Text: "Too many questions are waiting for the model. Ask again in 10 seconds.", Retry: true, After: 10 * time.Second,
		}, answer.ErrBusy.Error()},
		{"no answer in time", takes(time.Hour), bot.Failure{
			Kind: bot.Late, Text: "There was no answer within 90 seconds. Ask again in a moment.", Retry: true,
		}, "no answer in time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder
				j := newMemory(time.Now)
				b := bot.New(bot.Options{
					Answerer: tt.answer, Journal: j, Timeout: 90 * time.Second, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
				})
				s := &screen{}
				err := b.HandleMessage(t.Context(), message("k"), s)
				if err == nil || !strings.Contains(err.Error(), tt.reason) {
					t.Errorf("got error %v, want %q in it", err, tt.reason)
				}
				if diff := cmp.Diff([]bot.Failure{tt.want}, s.failures); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if diff := cmp.Diff(map[string]string{"k": "failed"}, j.states()); diff != "" {
					t.Errorf("journal (-want +got):\n%s", diff)
				}
				if !strings.Contains(j.reason("k"), tt.reason) {
					t.Errorf("noted %q, want %q in it", j.reason("k"), tt.reason)
				}
				if _, own, _ := j.Spent(t.Context(), time.Now(), "test:ada"); tt.name == "an error" && own != 7 {
					t.Errorf("spent %d, want 7", own)
				}
				if tt.name == "a panic" && !strings.Contains(log.String(), "fakes_test.go") && !strings.Contains(log.String(), "bot_test.go") {
					t.Errorf("no stack in the log: %s", log.String())
				}
				// The conversation and the process live.
				if err := b.HandleMessage(t.Context(), message("next"), s); errors.Is(err, bot.ErrSeen) {
					t.Errorf("the next question was not taken: %v", err)
				}
			})
		})
	}
}

func TestAnOutcomeThatFailedIsAnAnswer(t *testing.T) {
	h := open(oracle(func(context.Context, answer.Question, func(answer.Claim)) (answer.Answer, error) {
		return answer.Answer{ID: "a-1", Outcome: answer.Failed, Error: "the model cannot be reached"}, nil
	}), bot.Limits{}, 0)
	if diff := cmp.Diff([]string{"working", "answer"}, h.ask(t, message("k"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := h.journal.find("k").answer.ID; got != "a-1" {
		t.Errorf("kept answer %q", got)
	}
}

func TestABrokenJournalIsToldAndReported(t *testing.T) {
	for _, tt := range []struct {
		method string
		want   []string
	}{
		{"begin", []string{"failure broken"}},
		{"spent", []string{"failure broken"}},
		{"history", []string{"working", "failure broken"}},
		{"finish", []string{"working", "claim k", "failure broken"}},
	} {
		t.Run(tt.method, func(t *testing.T) {
			h := open(oracle(repeats), bot.Limits{TokensDay: 1}, 0)
			h.journal.broken[tt.method] = errDisk
			s := &screen{}
			if err := h.HandleMessage(t.Context(), message("k"), s); !errors.Is(err, errDisk) {
				t.Errorf("got error %v, want that of the disk", err)
			}
			if diff := cmp.Diff(tt.want, s.lines()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if state := h.journal.states()["k"]; tt.method != "begin" && state != "failed" {
				t.Errorf("it is %q in the journal, want failed", state)
			}
		})
	}
	t.Run("fail", func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{PerUserMinute: 1}, 0)
		h.ask(t, message("1"))
		h.journal.broken["fail"] = errDisk
		s := &screen{}
		if err := h.HandleMessage(t.Context(), message("2"), s); !errors.Is(err, errDisk) {
			t.Errorf("got error %v, want that of the disk", err)
		}
		if diff := cmp.Diff([]string{"failure user_rate"}, s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestADeadSurfaceDoesNotStopTheAnswer(t *testing.T) {
	twice := oracle(func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
		each(answer.Claim{Text: "first"})
		return repeats(ctx, q, each)
	})
	for _, tt := range []struct {
		refuse string
		err    bool
		want   []string
	}{
		{"working", false, []string{"working", "claim first", "claim k", "answer k"}},
		{"claim", false, []string{"working", "claim first", "answer k"}},
		{"answer", true, []string{"working", "claim first", "claim k", "answer k"}},
	} {
		t.Run(tt.refuse, func(t *testing.T) {
			h := open(twice, bot.Limits{}, 0)
			s := &screen{refuse: tt.refuse}
			if err := h.HandleMessage(t.Context(), message("k"), s); (err != nil) != tt.err {
				t.Errorf("got error %v", err)
			}
			if diff := cmp.Diff(tt.want, s.lines()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got := h.journal.states()["k"]; got != "finished" {
				t.Errorf("it is %q in the journal, want finished", got)
			}
		})
	}
}

func TestASurfaceThatPanicsHurtsOnlyItsOwnMessage(t *testing.T) {
	for _, method := range []string{"working", "claim", "answer", "failure"} {
		t.Run(method, func(t *testing.T) {
			h := open(oracle(repeats), bot.Limits{UnderWay: 1, QuestionLength: 10}, 0)
			m := message("k")
			if method == "failure" {
				m.Text = "far too long a question"
			}
			s := &screen{before: func(called string) {
				if called == method {
					panic("nil map")
				}
			}}
			if err := h.HandleMessage(t.Context(), m, s); err == nil || !strings.Contains(err.Error(), "nil map") {
				t.Errorf("got error %v, want the panic", err)
			}
			if diff := cmp.Diff([]string{"working", "claim next", "answer next"}, h.ask(t, message("next"))); diff != "" {
				t.Errorf("the next question: -want +got:\n%s", diff)
			}
		})
	}
}

func TestTheAskerCanStopAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(takes(time.Hour), bot.Limits{}, time.Minute)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		s := &screen{}
		if err := h.HandleMessage(ctx, message("k"), s); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		if diff := cmp.Diff([]string{"working"}, s.lines()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if got := h.journal.states()["k"]; got != "failed" {
			t.Errorf("it is %q in the journal, want failed", got)
		}
	})
}
