package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"summitbot/bot/answer"
	"summitbot/bot/journal"
	"summitbot/bot/terminal"
)

// replayView is what "replay --json" prints.
type replayView struct {
	Before  answer.Answer `json:"before"`
	After   answer.Answer `json:"after"`
	Same    bool          `json:"same"`    // outcome, claims and citations
	Changed []string      `json:"changed"` // cited documents whose text is another now
}

func newReplay(p *program) *cobra.Command {
	var o struct{ json, trace bool }
	cmd := &cobra.Command{
		Use:   "replay ID",
		Short: "Ask a question of the journal again and show what is different",
		Long: `Asks the question of an earlier answer again, with the turns of the conversation
that it leant on and over the same collections, and shows what is different:
after documents, model, prompt or program changed. Nothing is journaled.

The journal is kept in data_dir. An answer's ID stands in its last line.`,
		Example: `  summitbot replay a-kc3a55qt7ld2
  summitbot replay --trace a-kc3a55qt7ld2`,
		GroupID: groupRun,
		Args:    arguments(1, 1, "the ID of an answer"),
		RunE: interruptible(func(ctx context.Context, args []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			if settings.DataDir == "" {
				return usage("replay needs the journal, which is kept only with a data folder: set data_dir in the configuration, or give --data-dir")
			}
			return p.use(ctx, settings, asking, func(lib *library) error {
				view, err := lib.replay(ctx, args[0], o.trace)
				if err != nil {
					return err
				}
				if o.json {
					return p.printJSON(view)
				}
				err = p.renderer().Difference(terminal.Difference(view))
				if err == nil && o.trace {
					err = p.renderer().Trace(view.After)
				}
				return err
			})
		}),
	}
	jsonFlag(cmd, &o.json, "print both answers as one JSON object")
	cmd.Flags().BoolVar(&o.trace, "trace", false, "show the prompts, what the model wrote, every check and the times")
	return cmd
}

// replay asks the question of an answer again.
func (l *library) replay(ctx context.Context, id string, trace bool) (replayView, error) {
	before, err := l.journal.Answer(ctx, id)
	if err == nil {
		m, history, found := l.journal.Message(ctx, id)
		if err = found; err == nil {
			return l.askAgain(ctx, before, answer.Question{
				Text: m.Text, History: history, Collections: m.Collections, Language: m.Language, Trace: trace,
			})
		}
	}
	if errors.Is(err, journal.ErrNotFound) {
		return replayView{}, usage("there is no answer %q in the journal of %s", id, l.settings.DataDir)
	}
	return replayView{}, err
}

func (l *library) askAgain(ctx context.Context, before answer.Answer, q answer.Question) (replayView, error) {
	after, err := l.engine.Answer(ctx, q, nil)
	if err != nil {
		return replayView{}, err
	}
	view := replayView{Before: before, After: after, Same: terminal.SameAnswer(before, after), Changed: []string{}}
	docs, err := l.base.Documents(ctx)
	if err != nil {
		return replayView{}, err
	}
	revisions := map[string]string{}
	for _, d := range docs {
		revisions[d.ID] = d.Revision.Digest
	}
	seen := map[string]bool{}
	for _, c := range before.Claims {
		for _, citation := range c.Citations {
			document := citation.Document()
			if revisions[document] != citation.Revision && !seen[document] {
				seen[document] = true
				view.Changed = append(view.Changed, document)
			}
		}
	}
	return view, nil
}
