package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"summitbot/bot/answer/check"

	"github.com/spf13/cobra"
)

func newCheck(p *program) *cobra.Command {
	var o struct {
		collections []string
		json        bool
	}
	cmd := &cobra.Command{
		Use:   "check [TEXT|-]",
		Short: "Tell which sentences of a text the documents support",
		Long: `Looks every sentence of a text up in the documents and tells whether they say
so (with the paragraph), say otherwise (by a number, date, name, unit or
negation, and which), or do not say. No model is needed.

Questions, headings and greetings state nothing and are not checked. The exit
code is 5 if a sentence is contradicted, else 3 if one is not in the documents.

The text is read from standard input if it is "-" or missing.`,
		Example: `  summitbot check "The proposal would grant Ukraine NATO membership."
  summitbot check < draft.txt
  summitbot check --json - < draft.txt | jq -r '.sentences[] | select(.status != "supported") | .text'`,
		GroupID: groupAsk,
		RunE: interruptible(func(ctx context.Context, args []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			text, err := p.statement(args)
			if err != nil {
				return err
			}
			return p.use(ctx, settings, searching, func(lib *library) error {
				if err := lib.know(ctx, o.collections); err != nil {
					return err
				}
				report, err := check.New(lib.base).Check(ctx, text, o.collections)
				if errors.Is(err, check.ErrTooLong) {
					return usage("%w; check it in parts", err)
				}
				if err != nil {
					return err
				}
				if o.json {
					err = p.printJSON(report)
				} else {
					err = p.renderer().Check(report)
				}
				if err != nil {
					return err
				}
				return endingOfCheck(report.Summary)
			})
		}),
	}
	collectionFlag(cmd, &o.collections)
	jsonFlag(cmd, &o.json, "print the report as one JSON object")
	return cmd
}

// endingOfCheck returns the exit code of a report; it was printed. The worst
// sentence decides.
func endingOfCheck(s check.Summary) error {
	switch {
	case s.Contradicted > 0:
		return ending{code: exitContradicted}
	case s.NotFound > 0:
		return ending{code: exitRefused}
	}
	return nil
}

// statement returns the text to check: the arguments, or standard input, of
// which no more is read than can be checked.
func (p *program) statement(args []string) (string, error) {
	text := strings.Join(args, " ")
	switch {
	case len(args) == 0 && isTerminal(p.stdin):
		return "", usage("what is the text? Write it behind the command, or pipe it in")
	case len(args) == 0, text == "-":
		data, err := io.ReadAll(io.LimitReader(p.stdin, check.MaxBytes+1))
		if err != nil {
			return "", fmt.Errorf("read the text: %w", err)
		}
		text = string(data)
	}
	if strings.TrimSpace(text) == "" {
		return "", usage("the text is empty")
	}
	return text, nil
}
