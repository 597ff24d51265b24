package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"summitbot/bot/answer"
	"summitbot/bot/terminal"
)

func newAsk(p *program) *cobra.Command {
	var o struct {
		collections []string
		json, trace bool
	}
	cmd := &cobra.Command{
		Use:   "ask QUESTION",
		Short: "Answer a question, with the paragraphs it is answered from",
		Long: `Answers with one to three sentences of the documents, each with its paragraph,
or says that the documents do not say (exit code 3).

The question is read from standard input if it is "-" or missing.`,
		Example: `  summitbot ask "What is Putin's red line?"
  summitbot ask --json "Who is Steve Witkoff?" | jq -r '.claims[].citations[].address'
  echo "Who leads NATO?" | summitbot ask --collection news`,
		GroupID: groupAsk,
		RunE: interruptible(func(ctx context.Context, args []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			question, err := p.text(args, "question", settings.Limits.QuestionLength)
			if err != nil {
				return err
			}
			return p.use(ctx, settings, asking, func(lib *library) error {
				if err := lib.know(ctx, o.collections); err != nil {
					return err
				}
				var stream *terminal.Stream
				if !o.json {
					stream = p.stream()
				}
				a, err := lib.ask(ctx, p.message(question, o.collections, o.trace), stream)
				if err != nil {
					return err
				}
				switch {
				case o.json:
					err = p.printJSON(a)
				case o.trace:
					err = p.renderer().Trace(a)
				}
				if err != nil {
					return err
				}
				return endingOf(a)
			})
		}),
	}
	collectionFlag(cmd, &o.collections)
	jsonFlag(cmd, &o.json, "print the answer as one JSON object")
	cmd.Flags().BoolVar(&o.trace, "trace", false, "show the prompts, what the model wrote, every check and the times")
	return cmd
}

// stream returns what shows an answer on standard output as it comes.
func (p *program) stream() *terminal.Stream { return terminal.NewStream(p.renderer(), p.status()) }

// status returns where to tell that work is under way: standard error if somebody
// watches it, else nil.
func (p *program) status() io.Writer {
	if isTerminal(p.stderr) && isTerminal(p.stdout) {
		return p.stderr
	}
	return nil
}

// endingOf returns the exit code that an answer asks for; it was printed.
func endingOf(a answer.Answer) error {
	switch a.Outcome {
	case answer.Refused:
		return ending{code: exitRefused}
	case answer.Failed:
		return ending{code: exitError}
	}
	return nil
}

// text returns what a person asks or searches for: the arguments as one text,
// or standard input. It is not empty and has no more characters than limit.
func (p *program) text(args []string, what string, limit int) (string, error) {
	text := strings.Join(args, " ")
	switch {
	case len(args) == 0 && isTerminal(p.stdin):
		return "", usage("what is the %s? Write it behind the command, or pipe it in", what)
	case len(args) == 0, text == "-":
		// One byte more than the longest text can have tells that it is too long.
		data, err := io.ReadAll(io.LimitReader(p.stdin, int64(limit)*utf8.UTFMax+1))
		if err != nil {
			return "", fmt.Errorf("read the %s: %w", what, err)
		}
		text = string(data)
	}
	text, err := checkLength(text, limit)
	if err != nil {
		return "", usage("the %s %w", what, err)
	}
	return text, nil
}

// checkLength returns text without the white space around it, as UTF-8, or says
// what is wrong with it.
func checkLength(text string, limit int) (string, error) {
	text = strings.TrimSpace(strings.ToValidUTF8(text, string(utf8.RuneError)))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", errors.New("is empty")
	case n > limit:
		return "", fmt.Errorf("is longer than %d characters, the limit set by limits.question_length", limit)
	}
	return text, nil
}

func newChat(p *program) *cobra.Command {
	var collections []string
	cmd := &cobra.Command{
		Use:   "chat",
		Short: "Talk with the documents in the terminal",
		Long: `Holds a conversation: a question may lean on the ones before it. /help tells
the commands, Ctrl-C stops an answer, Ctrl-D ends. What you typed is kept in
the data folder, if there is one.

Without a terminal, each line of standard input is a question.`,
		Example: `  summitbot chat
  printf 'Who is going to Washington from Germany?\nAnd from Italy?\n' | summitbot chat`,
		GroupID: groupAsk,
		Args:    arguments(0, 0, ""),
		// Ctrl-C ends an answer, not the conversation.
		RunE: func(cmd *cobra.Command, _ []string) error { return p.chat(cmd.Context(), collections) },
	}
	collectionFlag(cmd, &collections)
	return cmd
}

func (p *program) chat(ctx context.Context, collections []string) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	return p.use(ctx, settings, asking, func(lib *library) (err error) {
		if err := lib.know(ctx, collections); err != nil {
			return err
		}
		lines := terminal.OpenLines(p.stdin, p.stdout, lib.history())
		defer func() { err = errors.Join(err, lines.Close()) }()
		chat := &terminal.Chat{
			Handler:     lib.hall,
			Library:     lib.base,
			Lines:       lines,
			Renderer:    p.renderer(),
			Status:      p.status(),
			Collections: collections,
		}
		if lines.Interactive() {
			chat.Interruptible = untilInterrupt
		}
		return chat.Run(ctx)
	})
}
