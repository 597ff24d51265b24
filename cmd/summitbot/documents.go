package main

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"summitbot/knowledge"
)

func newSources(p *program) *cobra.Command {
	var o struct {
		collections []string
		json        bool
	}
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "List the documents",
		Example: `  summitbot sources
  summitbot sources --json | jq -r '.[].id'`,
		GroupID: groupKeep,
		Args:    arguments(0, 0, ""),
		RunE: interruptible(func(ctx context.Context, _ []string) error {
			docs, err := p.documents(ctx)
			if err != nil {
				return err
			}
			docs = inCollections(docs, o.collections)
			if o.json {
				return p.printJSON(each(docs, viewDocument))
			}
			return p.renderer().Documents(docs)
		}),
	}
	cmd.Flags().StringSliceVar(&o.collections, "collection", nil, "list only this `collection`; may be repeated")
	jsonFlag(cmd, &o.json, "print a JSON array of documents")
	return cmd
}

// inCollections returns the documents of the collections, all if none is named.
func inCollections(docs []knowledge.Document, collections []string) []knowledge.Document {
	if len(collections) == 0 {
		return docs
	}
	return slices.DeleteFunc(docs, func(d knowledge.Document) bool { return !slices.Contains(collections, d.Collection) })
}

// completeDocuments completes the ids of documents, each followed by after.
func (p *program) completeDocuments(after string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		quiet := *p
		quiet.stderr = io.Discard // a warning would stand in the middle of what is typed
		docs, err := quiet.documents(cmd.Context())
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return each(docs, func(d knowledge.Document) cobra.Completion {
			return cobra.CompletionWithDesc(d.ID+after, d.Title)
		}), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// documents lists what there is.
func (p *program) documents(ctx context.Context) (docs []knowledge.Document, err error) {
	settings, err := p.settings()
	if err != nil {
		return nil, err
	}
	err = p.use(ctx, settings, reading, func(lib *library) error {
		docs, err = lib.base.Documents(ctx)
		return err
	})
	return docs, err
}
