package bot_test

import (
	"bytes"
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
	"summitbot/bot/requestid"
)

// A diary is an Observer that keeps what it was told, as one line each.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *diary) Asked(surface string) { d.note("asked %s", surface) }

func (d *diary) Claimed(surface string, after time.Duration) {
	d.note("claimed %s %s", surface, after)
}

func (d *diary) Ended(e bot.Ended) {
	d.note("ended %s %s %s %d", e.Surface, e.Outcome, e.Total, e.Account.PromptTokens)
}

// ends answers as it is told to, a second later.
func ends(a answer.Answer, err error) oracle {
	return func(ctx context.Context, _ answer.Question, each func(answer.Claim)) (answer.Answer, error) {
		select {
		case <-after(time.Second):
		case <-ctx.Done():
			return answer.Answer{}, ctx.Err()
		}
		for _, c := range a.Claims {
			each(c)
		}
		return a, err
	}
}

func TestAnObserverIsToldOnceHowEachQuestionEnds(t *testing.T) {
	claims := []answer.Claim{{Text: "One."}, {Text: "Two."}}
	answered := answer.Answer{ID: "a-1", Outcome: answer.Answered, Claims: claims, Account: answer.Account{PromptTokens: 7}}
	offline := answered
	offline.Fallback = true
	for _, tt := range []struct {
		name   string
		oracle oracle
		text   string
		ctx    func(context.Context) (context.Context, context.CancelFunc)
		want   []string
	}{
		{"answered", ends(answered, nil), "k", nil, []string{"asked test", "claimed test 1s", "ended test answered 1s 7"}},
		{"answered without its model", ends(offline, nil), "k", nil, []string{"asked test", "claimed test 1s", "ended test offline 1s 7"}},
		{"refused", ends(answer.Answer{ID: "a-1", Outcome: answer.Refused, Fallback: true}, nil), "k", nil, []string{"asked test", "ended test refused 1s 0"}},
		{"broken", ends(answer.Answer{}, errDisk), "k", nil, []string{"asked test", "ended test failed:broken 1s 0"}},
		{"busy", ends(answer.Answer{}, answer.ErrBusy), "k", nil, []string{"asked test", "ended test failed:busy 1s 0"}},
		{"empty", ends(answered, nil), " ", nil, []string{"asked test", "ended test failed:empty 0s 0"}},
		{"too long", ends(answered, nil), strings.Repeat("x", 30), nil, []string{"asked test", "ended test failed:too_long 0s 0"}},
		{
			"late", takes(time.Hour), "k", nil, []string{"asked test", "ended test failed:late 1m0s 0"},
		},
		{
			"abandoned", takes(time.Hour), "k",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 3*time.Second)
			},
			[]string{"asked test", "ended test abandoned 3s 0"},
		},
		{
			"a panic", func(context.Context, answer.Question, func(answer.Claim)) (answer.Answer, error) { panic("!") }, "k", nil,
			[]string{"asked test", "ended test failed:broken 0s 0"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d diary
				b := bot.New(bot.Options{
					Answerer: tt.oracle, Journal: newMemory(time.Now), Now: time.Now, Observer: &d,
					Limits: bot.Limits{QuestionLength: 20}, Timeout: time.Minute,
				})
				ctx := t.Context()
				if tt.ctx != nil {
					var stop context.CancelFunc
					ctx, stop = tt.ctx(ctx)
					defer stop()
				}
				m := message("k")
				m.Text = tt.text
				_ = b.HandleMessage(ctx, m, &screen{}) // others look at the error
				if diff := cmp.Diff(tt.want, d.lines); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestAnObserverTellsRepetitionsAndCutQuestionsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		b := bot.New(bot.Options{Answerer: takes(time.Hour), Journal: newMemory(time.Now), Now: time.Now, Observer: &d})
		done := make(chan error)
		go func() { done <- b.HandleMessage(t.Context(), message("k"), &screen{}) }()
		synctest.Wait()
		if err := b.HandleMessage(t.Context(), message("k"), &screen{}); !errors.Is(err, bot.ErrSeen) {
			t.Errorf("got %v", err)
		}
		limited, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := b.Drain(limited); !errors.Is(err, bot.ErrCut) {
			t.Errorf("drain: %v", err)
		}
		if err := <-done; !errors.Is(err, bot.ErrCut) {
			t.Errorf("the question: %v", err)
		}
		_ = b.HandleMessage(t.Context(), message("late"), &screen{})
		want := []string{
			"asked test", "asked test", "ended test repeated 0s 0", "ended test cut 1s 0",
			"asked test", "ended test failed:restarting 0s 0",
		}
		if diff := cmp.Diff(want, d.lines); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestTheLogHasOneNameForAQuestionAndNotItsText looks for the id in every line of a
// question, also in those of the answerer and the surface.
func TestTheLogHasOneNameForAQuestionAndNotItsText(t *testing.T) {
	for _, shown := range []bool{false, true} {
		var out bytes.Buffer
		log := slog.New(requestid.Handler(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
		b := bot.New(bot.Options{
			Journal: newMemory(time.Now), Now: time.Now, Log: log, LogQuestions: shown,
			Answerer: oracle(func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
				log.WarnContext(ctx, "model")
				a, err := repeats(ctx, q, each)
				a.ID = "a-1"
				return a, err
			}),
		})
		m := message("k")
		m.Text = "will my neighbour be sacked?"
		ctx := requestid.Start(t.Context())
		if err := b.HandleMessage(ctx, m, &screen{refuse: "claim"}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 3 {
			t.Errorf("got %d lines: %s", len(lines), out.String())
		}
		for _, line := range lines {
			if !strings.Contains(line, "request="+requestid.Of(ctx)) {
				t.Errorf("a line without the id: %s", line)
			}
		}
		if got := strings.Contains(strings.Join(lines, ""), "neighbour"); got != shown {
			t.Errorf("log.questions %v, and the text is there: %v\n%s", shown, got, out.String())
		}
	}
}

func TestEachQuestionHasAnIDOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	b := bot.New(bot.Options{
		Journal: newMemory(time.Now), Now: time.Now,
		Answerer: oracle(func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
			seen[requestid.Of(ctx)] = true
			return repeats(ctx, q, each)
		}),
	})
	for i := range 20 {
		if err := b.HandleMessage(t.Context(), message(fmt.Sprint(i)), &screen{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 20 || seen[""] {
		t.Errorf("got %d ids: %v", len(seen), seen)
	}
}
