package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"summitbot/bot/terminal"
	"summitbot/knowledge"
	"summitbot/knowledge/source"
	"summitbot/knowledge/sqlite"
)

// listed is how many documents are named after an ingest: more is not read.
const listed = 20

// ingestView is what became of an ingest.
type ingestView struct {
	Documents []doneView `json:"documents"`
	Problems  []string   `json:"problems"`
}

func newIngest(p *program) *cobra.Command {
	var spec source.Spec
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ingest PATH...",
		Short: "Add documents, or replace them by a newer text",
		Long: `Takes in files (plain text and Markdown), all below a folder, or those that a
glob names, and keeps them in the data folder, which data_dir in the
configuration or --data-dir names. A document that is there already is replaced
if its text has changed; answers that cite the old text still open it.

Documents are named after their files. They stay until they are removed with
"summitbot remove". Documents that the configuration names as sources need no
ingest: they are read, and follow their files, whenever the program starts.

What cannot be read is named and passed over (exit code 1).`,
		Example: `  summitbot ingest --data-dir ~/summitbot handbook.md
  summitbot ingest --collection law --url https://example.org/law 'law/**/*.md'`,
		GroupID: groupKeep,
		Args:    arguments(1, -1, "a file, a folder or a glob"),
		RunE: interruptible(func(ctx context.Context, args []string) error {
			if spec.Title != "" && len(args) > 1 {
				return usage("--title is for one document; there are %d paths", len(args))
			}
			var specs []source.Spec
			for _, path := range args {
				specs = append(specs, source.Spec{Path: path, Collection: spec.Collection, Title: spec.Title, URL: spec.URL})
			}
			return p.ingest(ctx, specs, asJSON)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&spec.Collection, "collection", "", "the `collection` to put them in")
	flags.StringVar(&spec.Title, "title", "", "what people see as the document's name (default its own title)")
	flags.StringVar(&spec.URL, "url", "", "where the original stands; of several documents, their folder")
	jsonFlag(cmd, &asJSON, "print what became of each as one JSON object")
	return cmd
}

func (p *program) ingest(ctx context.Context, specs []source.Spec, asJSON bool) (err error) {
	lib, err := p.openDatabase(ctx, "ingest")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lib.close()) }()
	docs, err := lib.base.Documents(ctx)
	if err != nil {
		return err
	}
	in := newIntake(docs, "")
	bar := p.progress(-1, "ingest")
	err = in.run(ctx, lib.base, specs, func() { bar.Add(1) })
	bar.Finish()
	for _, problem := range in.problems {
		p.warn("%v", problem)
	}
	if err != nil {
		return err
	}
	if err := p.printIntake(in, asJSON); err != nil {
		return err
	}
	if n := len(in.problems); n > 0 {
		if len(in.done) == 0 {
			return fmt.Errorf("ingest: %s", count(n, "problem"))
		}
		return fmt.Errorf("ingest: %s; the rest was taken in", count(n, "problem"))
	}
	return nil
}

// printIntake says what became of each document.
func (p *program) printIntake(in *intake, asJSON bool) error {
	if asJSON {
		return p.printJSON(ingestView{
			Documents: append([]doneView{}, in.done...),
			Problems:  each(in.problems, error.Error),
		})
	}
	said := 0
	for _, t := range in.done {
		if t.Action == unchanged {
			continue
		}
		if said++; said > listed {
			fmt.Fprintf(p.stdout, "and %d more\n", in.changed()-listed)
			break
		}
		fmt.Fprintf(p.stdout, "%-9s %s, %s\n", t.Action, terminal.Neutralise(t.ID), count(t.Paragraphs, "paragraph"))
	}
	_, err := fmt.Fprintln(p.stdout, in.summary())
	return err
}

// openDatabase opens the database of the data folder for a command that writes
// to it.
func (p *program) openDatabase(ctx context.Context, command string) (*library, error) {
	settings, err := p.settings()
	if err != nil {
		return nil, err
	}
	if settings.DataDir == "" {
		return nil, usage("%s needs a folder to keep documents in: set data_dir in the configuration, or give --data-dir", command)
	}
	store, err := sqlite.Open(ctx, filepath.Join(settings.DataDir, databaseName))
	if err != nil {
		return nil, err
	}
	return p.newLibrary(ctx, settings, store, false, reading)
}

func newRemove(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove ID...",
		Short: "Remove documents that were ingested",
		Long: `Removes documents from the data folder, by their full ids. Answers given before
still open the text that they cite: revisions are kept.

A document of a configured source goes with its file, or with the source.`,
		Example: `  summitbot remove handbook
  summitbot sources --collection old --json | jq -r '.[].id' | xargs summitbot remove`,
		GroupID:           groupKeep,
		Args:              arguments(1, -1, `the id of a document; "summitbot sources" lists them`),
		ValidArgsFunction: p.completeDocuments(""),
		RunE: interruptible(func(ctx context.Context, ids []string) (err error) {
			lib, err := p.openDatabase(ctx, "remove")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, lib.close()) }()
			if err := lib.removable(ctx, ids); err != nil {
				return err
			}
			for _, id := range ids {
				if err := lib.base.Delete(ctx, id); err != nil {
					return err
				}
				fmt.Fprintf(p.stdout, "removed   %s\n", terminal.Neutralise(id))
			}
			return nil
		}),
	}
	return cmd
}

// removable says what is wrong with removing ids, before any of them is.
func (l *library) removable(ctx context.Context, ids []string) error {
	docs, err := l.base.Documents(ctx)
	if err != nil {
		return err
	}
	byID := map[string]knowledge.Document{}
	for _, d := range docs {
		byID[d.ID] = d
	}
	var errs []error
	for _, id := range ids {
		d, ok := byID[id]
		path, follows := originOf(d)
		switch near, err := closestID(docs, id); {
		case ok && follows && len(l.settings.Sources) > 0:
			errs = append(errs, fmt.Errorf("%s follows a source of the configuration: remove %s, or the source", id, path))
		case ok:
		case err == nil && near != "":
			errs = append(errs, fmt.Errorf("there is no document %q; did you mean %s?", id, near))
		default:
			errs = append(errs, fmt.Errorf("there is no document %q", id))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("nothing was removed: %w", err)
	}
	return nil
}
