package main

import (
	"context"

	"github.com/spf13/cobra"

	"summitbot/knowledge"
)

func newSearch(p *program) *cobra.Command {
	var o struct {
		collections   []string
		limit         int
		explain, json bool
	}
	cmd := &cobra.Command{
		Use:   "search QUERY",
		Short: "List the paragraphs that fit best, with their scores",
		Long: `Lists paragraphs, the best first, each with its best sentence. Unlike "ask" it
decides nothing: what it finds may not answer. The confidence at the end says
how far the documents seem to answer the query at all.

The query is read from standard input if it is "-" or missing.`,
		Example: `  summitbot search "security guarantees"
  summitbot search --explain --limit 3 "Who leads NATO?"`,
		GroupID: groupAsk,
		RunE: interruptible(func(ctx context.Context, args []string) error {
			if o.limit < 1 {
				return usage("--limit %d: want 1 or more", o.limit)
			}
			settings, err := p.settings()
			if err != nil {
				return err
			}
			text, err := p.text(args, "query", settings.Limits.QuestionLength)
			if err != nil {
				return err
			}
			return p.use(ctx, settings, searching, func(lib *library) error {
				if err := lib.know(ctx, o.collections); err != nil {
					return err
				}
				found, err := lib.base.Search(ctx, knowledge.Query{
					Text: text, Collections: o.collections, Limit: o.limit, Explain: o.explain,
				})
				if err != nil {
					return err
				}
				if o.json {
					return p.printJSON(viewResult(text, found))
				}
				return p.renderer().Hits(found, o.explain)
			})
		}),
	}
	collectionFlag(cmd, &o.collections)
	cmd.Flags().IntVar(&o.limit, "limit", 10, "how many paragraphs at most")
	cmd.Flags().BoolVar(&o.explain, "explain", false, "show what each score is made of")
	jsonFlag(cmd, &o.json, "print what was found as one JSON object")
	return cmd
}
