package journal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// quiet is a Responder that counts how a message ended.
type quiet struct{ answers, failures int }

func (*quiet) Working(context.Context) error             { return nil }
func (*quiet) Claim(context.Context, answer.Claim) error { return nil }
func (q *quiet) Answer(context.Context, answer.Answer) error {
	q.answers++
	return nil
}

func (q *quiet) Failure(context.Context, bot.Failure) error {
	q.failures++
	return nil
}

// echo answers a question with itself; one that says "wait" waits for ctx.
type echo struct{ waiting chan struct{} }

func (e echo) Answer(ctx context.Context, q answer.Question, _ func(answer.Claim)) (answer.Answer, error) {
	if strings.HasPrefix(q.Text, "wait") {
		close(e.waiting)
		<-ctx.Done()
		return answer.Answer{}, ctx.Err()
	}
	a := reply("a-" + q.Text)
	a.Claims = []answer.Claim{{Text: "To " + q.Text}}
	return a, nil
}

// TestManyConversationsOverOneFile asks in several conversations at once, each
// question delivered twice.
func TestManyConversationsOverOneFile(t *testing.T) {
	const conversations, each = 20, 8
	j := start(t, database(t, file(t)).DB(), time.Now)
	b := bot.New(bot.Options{Answerer: echo{}, Journal: j, Limits: bot.Limits{TokensDay: 1 << 30}, Now: time.Now})
	name := func(c, i int) string { return fmt.Sprintf("%d.%d", c, i) }
	var group sync.WaitGroup
	for c := range conversations {
		group.Go(func() {
			for i := range each {
				m := message(name(c, i))
				m.Text, m.Conversation, m.User = name(c, i), fmt.Sprint(c), fmt.Sprint("U", c)
				var pair sync.WaitGroup
				var told [2]quiet
				for k := range told {
					pair.Go(func() {
						if err := b.HandleMessage(t.Context(), m, &told[k]); err != nil && !errors.Is(err, bot.ErrSeen) {
							t.Error(err)
						}
					})
				}
				pair.Wait()
				if told[0].answers+told[1].answers != 1 || told[0].failures+told[1].failures != 0 {
					t.Errorf("%s: told %v", m.Key, told)
				}
			}
		})
	}
	group.Wait()
	for c := range conversations {
		_, history, err := j.Message(t.Context(), "a-"+name(c, each-1))
		if err != nil {
			t.Error(err)
		}
		var want []answer.Turn
		for i := 1; i < each-1; i++ { // the last six before it
			want = append(want, answer.Turn{Question: name(c, i), Answer: "To " + name(c, i)})
		}
		if diff := cmp.Diff(want, history); diff != "" {
			t.Errorf("conversation %d (-want +got):\n%s", c, diff)
		}
		if _, own, err := j.Spent(t.Context(), time.Now(), fmt.Sprint("slack:U", c)); own != each*750 || err != nil {
			t.Errorf("conversation %d: spent %d, %v; want %d", c, own, err, each*750)
		}
	}
}

func TestWhatWasCutIsAnsweredAfterTheRestart(t *testing.T) {
	path, ctx := file(t), t.Context()
	store := database(t, path)
	waiting := make(chan struct{})
	b := bot.New(bot.Options{Answerer: echo{waiting}, Journal: start(t, store.DB(), time.Now), Now: time.Now})
	m := message("k")
	m.Text, m.Received = "wait", time.Now()
	ended := make(chan error, 1)
	go func() { ended <- b.HandleMessage(ctx, m, &quiet{}) }()
	<-waiting
	now, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.Drain(now); !errors.Is(err, bot.ErrCut) {
		t.Errorf("drained with %v, want ErrCut", err)
	}
	if err := <-ended; !errors.Is(err, bot.ErrCut) {
		t.Errorf("ended with %v, want ErrCut", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	b = bot.New(bot.Options{Answerer: echo{}, Journal: start(t, database(t, path).DB(), time.Now), Now: time.Now})
	list, err := b.Unfinished(ctx, "slack")
	if err != nil || len(list) != 1 {
		t.Fatalf("got %v, error %v; want one message", list, err)
	}
	list[0].Text = "answer me" // so that this start answers at once
	var told quiet
	if err := b.Resume(ctx, list[0].Message, &told); err != nil || told.answers != 1 {
		t.Errorf("error %v, told %v", err, told)
	}
	if list, err := b.Unfinished(ctx, "slack"); len(list) > 0 || err != nil {
		t.Errorf("got %v, error %v; want nothing", list, err)
	}
}
