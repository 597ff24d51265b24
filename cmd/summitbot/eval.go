package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"summitbot/bot/answer"
	"summitbot/bot/eval"
	"summitbot/bot/terminal"
	"summitbot/config"
	"summitbot/knowledge"
	"summitbot/knowledge/index"
)

// evalFlags are the flags of "eval".
type evalFlags struct {
	corpus     string
	missing    bool
	oneArticle bool
	misspell   int
	seed       uint64
	workers    int
	failures   int
	min, max   []string
	out        string
	llm        bool
	json       bool
}

func newEval(p *program) *cobra.Command {
	var o evalFlags
	cmd := &cobra.Command{
		Use:   "eval FILE...",
		Short: "Judge the answers to questions whose answers you know",
		Long: `Asks each question of the files and prints how well it was found, cited and,
where the documents do not say, refused. The documents are those of the
configuration, or of --corpus.

A file is YAML (a list), JSON or JSON Lines. Of each question:

  question      as a person would ask it
  paragraphs    addresses, any of which is a right citation; a number will do
                where there is one document
  answer        texts that must all occur in the answer; "a|b" is either
  answers       texts of which one must occur
  refuse: true  the documents do not say
  or_refuse: true, history, collections, near, needs: llm, id

Without --llm the answers are sentences of the documents. With it the configured
model answers; claims shown, repaired and dropped, tokens and the time to the
first claim are counted too.

With --min and --max it ends with exit code 4 unless the figures keep these
bounds. The figures are named as in --json.`,
		Example: `  summitbot eval questions.yaml
  summitbot eval --corpus docs --min hit_at_1=0.85 --max false_refusal_rate=0.05 questions.jsonl
  summitbot eval --missing --out results.jsonl questions.yaml`,
		GroupID: groupRun,
		Args:    arguments(1, -1, "a file of questions"),
		RunE: interruptible(func(ctx context.Context, args []string) error {
			return p.eval(ctx, args, o)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.corpus, "corpus", "", "ask the documents in this `folder` instead of the configured ones")
	flags.BoolVar(&o.missing, "missing", false, "ask each question also with its own document left out")
	flags.BoolVar(&o.oneArticle, "one-article", false, "ask each question of its own document alone")
	flags.IntVar(&o.misspell, "misspell", 0, "corrupt one name of each question by this many `edits`, 1 or 2")
	flags.Uint64Var(&o.seed, "seed", 1, "what --misspell and --one-article --missing draw by")
	flags.IntVar(&o.workers, "workers", 0, "how many questions are asked at once (default one a processor)")
	flags.IntVar(&o.failures, "failures", 10, "how many failed questions to print; 0 is all")
	flags.StringArrayVar(&o.min, "min", nil, "the least a figure may be, as `FIGURE=NUMBER`; may be repeated")
	flags.StringArrayVar(&o.max, "max", nil, "the most a figure may be, as `FIGURE=NUMBER`; may be repeated")
	flags.BoolVar(&o.llm, "llm", false, "answer through the configured model, and count its claims")
	flags.StringVar(&o.out, "out", "", "write one JSON line a question to this `file`")
	jsonFlag(cmd, &o.json, "print the figures as one JSON object")
	return cmd
}

func (p *program) eval(ctx context.Context, files []string, o evalFlags) error {
	gates, err := o.gates()
	if err != nil {
		return err
	}
	if o.misspell < 0 || o.misspell > 2 {
		return usage("--misspell %d: want 1 or 2", o.misspell)
	}
	questions, err := readQuestions(files)
	if err != nil {
		return err
	}
	settings, err := p.corpus(o)
	if err != nil {
		return err
	}
	return p.use(ctx, settings, reading, func(lib *library) error {
		return p.judge(ctx, lib, questions, gates, o)
	})
}

// corpus returns settings with the documents below the folder of --corpus as the
// only ones, or those of the configuration. Without --llm they have no model.
func (p *program) corpus(o evalFlags) (config.Config, error) {
	settings := config.Default()
	if o.corpus == "" || o.llm {
		var err error
		if settings, err = p.settings(); err != nil {
			return config.Config{}, err
		}
	}
	if o.corpus != "" {
		settings.DataDir, settings.Sources = "", []config.Source{{Path: o.corpus}}
	}
	if o.llm {
		return settings, needModel(settings, "eval --llm")
	}
	settings.LLM = config.LLM{}
	return settings, nil
}

// judge asks the questions and prints what came of them.
func (p *program) judge(ctx context.Context, lib *library, questions []eval.Question, gates []eval.Gate, o evalFlags) error {
	documents, err := lib.base.Documents(ctx)
	if err != nil {
		return err
	}
	bar := &lazyBar{program: p, label: "eval"}
	report, results, err := eval.Run(ctx, eval.Corpus{Documents: documents, Open: lib.openPart}, questions, eval.Options{
		Missing: o.missing, OneArticle: o.oneArticle, Misspell: o.misspell, LLM: o.llm,
		Seed: o.seed, Workers: o.atOnce(lib.settings), Progress: bar.to, Now: p.now,
	})
	bar.finish()
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := writeFile(o.out, func(f *os.File) error { return eval.WriteResults(f, results) }); err != nil {
			return err
		}
	}
	if o.json {
		err = p.printJSON(report)
	} else {
		err = errors.Join(eval.WriteFailures(p.stdout, results, o.failures), report.WriteText(p.stdout))
	}
	if err != nil {
		return err
	}
	if err := report.Check(gates...); err != nil {
		return ending{exitGate, err}
	}
	return nil
}

// atOnce is how many questions are asked at once: as many as the model takes, for
// waiting costs no processor.
func (o evalFlags) atOnce(settings config.Config) int {
	if o.workers == 0 && o.llm {
		return max(4, settings.LLM.Concurrency)
	}
	return o.workers
}

// gates returns the bounds of --min and --max.
func (o evalFlags) gates() ([]eval.Gate, error) {
	var gates []eval.Gate
	var errs []error
	parse := func(flags []string, parse func(string) (eval.Gate, error)) {
		for _, flag := range flags {
			gate, err := parse(flag)
			gates, errs = append(gates, gate), append(errs, err)
		}
	}
	parse(o.min, eval.ParseMin)
	parse(o.max, eval.ParseMax)
	if err := errors.Join(errs...); err != nil {
		return nil, usage("%w", err)
	}
	return gates, nil
}

// readQuestions reads all files, or says what is wrong with each.
func readQuestions(files []string) ([]eval.Question, error) {
	var all []eval.Question
	var errs []error
	for _, name := range files {
		questions, err := eval.ReadFile(name)
		all, errs = append(all, questions...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// writeFile writes a file with write.
func writeFile(name string, write func(*os.File) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("write %q: %w", name, err)
	}
	return nil
}

// openPart opens a base over those of the library's documents that include
// accepts. The store is the library's own: only the index is built anew.
func (l *library) openPart(ctx context.Context, include func(id string) bool) (eval.Asker, error) {
	x := index.New()
	base, err := knowledge.Open(ctx, part{l.store, include}, x)
	if err != nil {
		x.Close()
		return nil, err
	}
	return asker{base, l.engineOver(base), x}, nil
}

// An asker is a base with its answerer.
type asker struct {
	*knowledge.Base
	*answer.Engine
	index *index.Index
}

// Close ends the index. The store goes on: other askers share it.
func (a asker) Close() error {
	a.index.Close()
	return nil
}

// A part is a store that has only some of its documents.
type part struct {
	knowledge.Store
	include func(id string) bool
}

// Documents implements knowledge.Store.
func (s part) Documents(ctx context.Context) ([]knowledge.Document, error) {
	docs, err := s.Store.Documents(ctx)
	var kept []knowledge.Document
	for _, d := range docs {
		if s.include(d.ID) {
			kept = append(kept, d)
		}
	}
	return kept, err
}

// Changes implements knowledge.Store.
func (s part) Changes(ctx context.Context, after int64, limit int) ([]knowledge.Change, error) {
	var kept []knowledge.Change
	for len(kept) < limit {
		changes, err := s.Store.Changes(ctx, after, limit)
		if err != nil {
			return nil, err
		}
		if len(changes) == 0 {
			break
		}
		for _, c := range changes {
			after = c.Seq
			if s.include(c.Document) && len(kept) < limit {
				kept = append(kept, c)
			}
		}
	}
	return kept, nil
}

// A lazyBar is a progress bar whose total is known once the work began.
type lazyBar struct {
	*program
	label string
	bar   *terminal.Progress // nil before the first step
	done  int
}

// to says that done of total steps are done.
func (b *lazyBar) to(done, total int) {
	if b.bar == nil {
		b.bar = b.progress(int64(total), b.label)
	}
	b.bar.Add(int64(done - b.done))
	b.done = done
}

func (b *lazyBar) finish() {
	if b.bar != nil {
		b.bar.Finish()
	}
}
