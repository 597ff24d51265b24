package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// shelf is a Library of the test passage.
type shelf struct{}

func (shelf) Documents(context.Context) ([]knowledge.Document, error) {
	return []knowledge.Document{summit()}, nil
}

func (shelf) Passage(_ context.Context, addr knowledge.Address, digest string, around int) (knowledge.Document, []knowledge.Paragraph, error) {
	if addr.Document != summit().ID || addr.Paragraph != 8 {
		return knowledge.Document{}, nil, fmt.Errorf("%s: %w", addr, knowledge.ErrNotFound)
	}
	return summit(), passage()[1-around : 2+around], nil
}

// asks is a Handler that answers by a function and tells what bot.Bot would.
type asks func(context.Context, bot.Message) (answer.Answer, error)

func (f asks) HandleMessage(ctx context.Context, m bot.Message, r bot.Responder) error {
	a, err := f(ctx, m)
	switch {
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), err)
	case err != nil:
		return errors.Join(err, r.Failure(ctx, bot.Failure{Text: "Something broke. Ask again."}))
	}
	for _, c := range a.Claims {
		if err := r.Claim(ctx, c); err != nil {
			return err
		}
	}
	return r.Answer(ctx, a)
}

// converse holds a conversation over a pipe and returns what was written.
func converse(t *testing.T, ask asks, lines ...string) string {
	t.Helper()
	var out bytes.Buffer
	in := strings.NewReader(strings.Join(lines, "\n"))
	chat := &Chat{Handler: ask, Library: shelf{}, Lines: OpenLines(in, &out, ""), Renderer: NewRenderer(&out, Options{})}
	if err := chat.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func answerOffline(context.Context, bot.Message) (answer.Answer, error) {
	return offlineAnswer(), nil
}

func TestChatOverAPipeAnswersLinesWithoutAPrompt(t *testing.T) {
	got := converse(t, answerOffline,
		"What is Putin's red line?", "", "  ", "/sources", "/show 1", "/show alaska-summit#8", "/new", "/show 1", "/help", "/quit", "never asked")
	golden(t, "chat", got)
}

func TestChatIsOneConversationUntilANewOne(t *testing.T) {
	var got []bot.Message
	ask := func(_ context.Context, m bot.Message) (answer.Answer, error) {
		got = append(got, m)
		if m.Text == "broken?" {
			return answer.Answer{}, errors.New("search: disk on fire")
		}
		return offlineAnswer(), nil
	}
	out := converse(t, ask, "Who goes?", "broken?", "And from Italy?", "/new", "Why?")
	if len(got) != 4 {
		t.Fatalf("got %d messages, want 4", len(got))
	}
	keys := map[string]bool{}
	for i, m := range got {
		keys[m.Key] = true
		if m.Surface != "terminal" || m.Conversation == "" {
			t.Errorf("message %d: %+v", i, m)
		}
		if same := m.Conversation == got[0].Conversation; same != (i < 3) {
			t.Errorf("message %d is of the first conversation: %t", i, same)
		}
	}
	if len(keys) != 4 {
		t.Errorf("keys are not unique: %v", keys)
	}
	if sentence := "Something broke. Ask again."; !strings.Contains(out, sentence) {
		t.Errorf("got %q, want in it %q", out, sentence)
	}
}

func TestChatCommandsThatMissSaySo(t *testing.T) {
	for line, want := range map[string]string{
		"/show":                  "/show needs a source's number or an address: /show 1, /show alaska-summit#8.\n",
		"/show 1":                "There is no paragraph alaska-summit#1. /sources lists the documents.\n", // the shelf holds ¶8 only
		"/show [7]":              "The last answer has no source [7].\n",
		"/show nonsense":         "address \"nonsense\": want DOCUMENT#NUMBER, such as alaska-summit#8\n",
		"/show alaska-summit#99": "There is no paragraph alaska-summit#99. /sources lists the documents.\n",
		"/shwo 1":                "There is no command /shwo. /help lists them.\n",
		"/\x1b[2J":               "There is no command /␛[2J. /help lists them.\n",
	} {
		if diff := cmp.Diff(want, converse(t, answerOffline, line)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
}

func TestChatInterruptStopsOneAnswerOnly(t *testing.T) {
	var out bytes.Buffer
	var interrupt context.CancelFunc
	chat := &Chat{
		Handler: asks(func(ctx context.Context, m bot.Message) (answer.Answer, error) {
			if m.Text == "slow?" {
				interrupt()
				return answer.Answer{}, fmt.Errorf("search: %w", ctx.Err())
			}
			return answer.Answer{Outcome: answer.Refused}, ctx.Err()
		}),
		Library: shelf{}, Lines: OpenLines(strings.NewReader("slow?\nquick?\n"), &out, ""), Renderer: NewRenderer(&out, Options{}),
		Interruptible: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, interrupt = context.WithCancel(ctx)
			return ctx, interrupt
		},
	}
	if err := chat.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "Stopped. The conversation is kept.\n\nThe documents do not say.\n\nfrom the documents, no model\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChatEndsWithItsContextWhileItWaitsForALine(t *testing.T) {
	in, typing := io.Pipe() // nobody ever types
	defer typing.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	chat := &Chat{Handler: asks(answerOffline), Library: shelf{}, Lines: OpenLines(in, &out, ""), Renderer: NewRenderer(&out, Options{})}
	ended := make(chan error)
	go func() { ended <- chat.Run(ctx) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestChatEndsWithItsContextDuringAnAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	chat := &Chat{
		Handler: asks(func(ctx context.Context, _ bot.Message) (answer.Answer, error) {
			cancel()
			return answer.Answer{}, ctx.Err()
		}),
		Library: shelf{}, Lines: OpenLines(strings.NewReader("one?\ntwo?\n"), &out, ""), Renderer: NewRenderer(&out, Options{}),
	}
	if err := chat.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	if out.Len() > 0 {
		t.Errorf("got %q, want nothing", out.String())
	}
}

func TestChatEndsAtALineThatIsTooLong(t *testing.T) {
	var out bytes.Buffer
	chat := &Chat{Handler: asks(answerOffline), Library: shelf{}, Renderer: NewRenderer(&out, Options{}),
		Lines: OpenLines(strings.NewReader(strings.Repeat("x", maxLine+1)), &out, "")}
	err := chat.Run(t.Context())
	if want := "read a question: a line is longer than 4 MB"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestTabulatorCompletesCommands(t *testing.T) {
	for line, want := range map[string][]string{
		"/s":    {"/show ", "/sources"},
		"/q":    {"/quit"},
		"What ": nil,
	} {
		if diff := cmp.Diff(want, completeCommand(line)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
}
