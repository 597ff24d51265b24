package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// failure asks and returns the one failure that is told.
func (h hall) failure(t *testing.T, m bot.Message) bot.Failure {
	t.Helper()
	s := &screen{}
	if err := h.HandleMessage(t.Context(), m, s); err != nil {
		t.Errorf("%s: %v", m.Key, err)
	}
	if len(s.failures) != 1 {
		t.Fatalf("%s: told %q, want one failure", m.Key, s.lines())
	}
	return s.failures[0]
}

// by returns a question by somebody in some channel.
func by(key, user, channel string) bot.Message {
	m := message(key)
	m.User, m.Channel = user, channel
	return m
}

func answered(key string) []string { return []string{"working", "claim " + key, "answer " + key} }

func TestWhoAsksTooMuchIsToldWhenToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{PerUserMinute: 4}, 0)
		for i := range 4 {
			key := fmt.Sprint(i)
			if diff := cmp.Diff(answered(key), h.ask(t, by(key, "ada", "room"))); diff != "" {
				t.Fatalf("-want +got:\n%s", diff)
			}
		}
		want := bot.Failure{
			Kind: bot.UserRate, Text: "You have asked 4 questions in the last minute. Ask again in 15 seconds.", Retry: true, After: 15 * time.Second,
		}
		if diff := cmp.Diff(want, h.failure(t, by("5", "ada", "elsewhere"))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if got := h.journal.states()["5"]; got != "failed" {
			t.Errorf("it is %q in the journal, want failed", got)
		}
		// Others, and nobody in particular, are not held up.
		h.ask(t, by("6", "bob", "room"))
		for i := range 10 {
			key := fmt.Sprint("nobody", i)
			if diff := cmp.Diff(answered(key), h.ask(t, by(key, "", ""))); diff != "" {
				t.Fatalf("-want +got:\n%s", diff)
			}
		}
		// The same name on another surface is somebody else.
		other := by("7", "ada", "room")
		other.Surface = "other"
		if diff := cmp.Diff(answered("7"), h.ask(t, other)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		// What was refused is not counted, so the time told is the right one.
		<-after(want.After)
		if diff := cmp.Diff(answered("8"), h.ask(t, by("8", "ada", "room"))); diff != "" {
			t.Errorf("at the time told: -want +got:\n%s", diff)
		}
	})
}

func TestFailuresAreToldInTheAskersLanguage(t *testing.T) {
	for _, tt := range []struct{ text, language, want string }{
		{"Was ist die rote Linie und wer hat sie gezogen?", "", "Die Frage ist zu lang"},
		{"Red line?", "uk", "Запитання"},
		{"What is the red line and who has drawn it?", "", "The question has 42 characters"},
	} {
		h := open(oracle(repeats), bot.Limits{QuestionLength: 5}, 0)
		m := message("1")
		m.Text, m.Language = tt.text, tt.language
		if got := h.failure(t, m); !strings.HasPrefix(got.Text, tt.want) || got.Kind != bot.TooLong {
			t.Errorf("%q: got %+v, want a text that begins with %q", tt.text, got, tt.want)
		}
	}
}

func TestAChannelIsLimitedWithoutCostToThePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(oracle(repeats), bot.Limits{PerUserMinute: 2, PerChannelMinute: 1}, 0)
		h.ask(t, by("1", "ada", "room"))
		want := bot.Failure{
			Kind: bot.ChannelRate, Text: "This channel has asked 1 question in the last minute. Ask again in 60 seconds.", Retry: true, After: time.Minute,
		}
		for i := range 5 {
			if diff := cmp.Diff(want, h.failure(t, by(fmt.Sprint("again", i), "bob", "room"))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		}
		for _, key := range []string{"2", "3"} {
			if diff := cmp.Diff(answered(key), h.ask(t, by(key, "bob", "room"+key))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		}
	})
}

// spends answers as repeats does, and spends tokens.
func spends(tokens int) oracle {
	return func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
		a, err := repeats(ctx, q, each)
		a.Account.PromptTokens, a.Account.CompletionTokens = tokens-tokens/10, tokens/10
		return a, err
	}
}

func TestSpentTokensComeBackWithTheDayInUTC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is 2000-01-01 00:00 UTC
		h := open(spends(60), bot.Limits{TokensDay: 300, TokensUserDay: 100}, 0)
		<-after(20*time.Hour + 30*time.Minute)
		h.ask(t, by("1", "ada", ""))
		h.ask(t, by("2", "ada", "")) // 60 of 100 were spent
		want := bot.Failure{
			Kind: bot.UserBudget, Text: "What you may spend on answers today is spent. Ask again in 4 hours.", Retry: true,
			After: 3*time.Hour + 30*time.Minute,
		}
		if diff := cmp.Diff(want, h.failure(t, by("3", "ada", ""))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		for _, key := range []string{"4", "5", "6"} { // nobody in particular has no budget of their own
			h.ask(t, by(key, "", ""))
		}
		// The budget is the journal's, so a new start changes nothing.
		h = hall{bot.New(bot.Options{Answerer: spends(60), Journal: h.journal, Limits: bot.Limits{TokensDay: 300}, Now: time.Now}), h.journal}
		want = bot.Failure{
			Kind: bot.Budget, Text: "What may be spent on answers today is spent. Ask again in 4 hours.", Retry: true,
			After: 3*time.Hour + 30*time.Minute,
		}
		if diff := cmp.Diff(want, h.failure(t, by("7", "bob", ""))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		<-after(want.After)
		if diff := cmp.Diff(answered("8"), h.ask(t, by("8", "ada", ""))); diff != "" {
			t.Errorf("on the next day: -want +got:\n%s", diff)
		}
	})
}

func TestWhenAllPlacesAreTakenOneIsToldToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		h := open(waits(release), bot.Limits{UnderWay: 3}, 0)
		var group sync.WaitGroup
		for _, m := range []bot.Message{message("1"), message("2"), by("3", "bob", "")} { // the second waits for the first
			group.Go(func() { h.ask(t, m) })
		}
		synctest.Wait()
		want := bot.Failure{
			Kind: bot.Busy, Text: "Too many questions are being answered. Ask again in 10 seconds.", Retry: true, After: 10 * time.Second,
		}
		if diff := cmp.Diff(want, h.failure(t, message("4"))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		close(release)
		group.Wait()
		if diff := cmp.Diff(answered("5"), h.ask(t, message("5"))); diff != "" {
			t.Errorf("afterwards: -want +got:\n%s", diff)
		}
	})
}

func TestWithoutLimitsNobodyIsHeldUp(t *testing.T) {
	h := open(spends(1_000_000), bot.Limits{}, 0)
	var group sync.WaitGroup
	for i := range 500 {
		m := message(fmt.Sprint(i))
		m.Conversation = fmt.Sprint(i % 50)
		group.Go(func() {
			if told := h.ask(t, m); !slices.Equal(told, answered(m.Key)) {
				t.Errorf("%s: told %q", m.Key, told)
			}
		})
	}
	group.Wait()
}

func TestLimitsChangeWhileQuestionsAreUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish, waits := make(chan struct{}), make(chan struct{})
		waiting := func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
			if q.Text == "slow" {
				close(waits)
				<-finish
			}
			return repeats(ctx, q, each)
		}
		h := open(oracle(waiting), bot.Limits{PerUserMinute: 1}, 0)
		slow := by("slow", "ada", "")
		slow.Text = "slow"
		done := make(chan []string)
		go func() { done <- h.ask(t, slow) }()
		<-waits
		if got := h.failure(t, by("2", "ada", "")).Kind; got != bot.UserRate {
			t.Errorf("got %q, want %q", got, bot.UserRate)
		}
		h.Limit(bot.Limits{PerUserMinute: 2, UnderWay: 1}, time.Second)
		if got := h.failure(t, by("3", "ada", "")).Kind; got != bot.Busy {
			t.Errorf("got %q, want %q: one is under way", got, bot.Busy)
		}
		<-after(time.Minute) // the time for an answer is that of when it began
		close(finish)
		if got := <-done; len(got) != 3 {
			t.Errorf("got %q, want an answer", got)
		}
		h.Limit(bot.Limits{}, 0)
		for i := range 5 {
			h.ask(t, by(fmt.Sprint("many", i), "ada", ""))
		}
	})
}
