// Command bench measures the index and the ranking of the knowledge base beside
// Bleve and SQLite FTS5: how fast each takes in and finds paragraphs, how much
// memory it needs, and how often it is right.
//
// It is a module of its own, so that what it compares with is no dependency of
// the project. Every engine and size is measured in a process of its own, one
// after the other: this program, started again with --part. README.md says how
// the paragraphs are made, and has the figures.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags. A process that measures gets them from the one that
// started it.
type options struct {
	data       string
	sizes      []int
	questions  int
	only       []string
	tmp        string
	cpuProfile string

	part   string // what this process measures, "" for the one that starts them
	size   int
	folder string // that this part may fill
}

// The parts that measure no engine: a store is filled, and a base opened over it.
const (
	partFill = "fill"
	partOpen = "open"
)

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	var sizes, only string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.data, "data", "", "`folder` with corpus/*.md and questions.jsonl")
	f.StringVar(&sizes, "sizes", "1200,20000,1000000", "`numbers` of paragraphs; one smaller than the corpus means the corpus")
	f.IntVar(&o.questions, "questions", 1000, "how many questions to ask")
	f.StringVar(&only, "only", "", "only these `parts`: summitbot, bleve, fts5, rebuild (default all)")
	f.StringVar(&o.tmp, "tmp", os.TempDir(), "`folder` for the files of Bleve and SQLite")
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "write a processor profile of our pipeline's questions to `file`, with the size appended")
	f.StringVar(&o.part, "part", "", "for the program itself: measure only this")
	f.StringVar(&o.folder, "folder", "", "for the program itself: where to write")
	if err := f.Parse(args); err != nil {
		return options{}, err
	}
	if f.NArg() > 0 {
		return options{}, fmt.Errorf("unknown argument %q", f.Arg(0))
	}
	if o.data == "" {
		return options{}, errors.New("--data is missing: a folder with corpus/*.md and questions.jsonl")
	}
	if o.questions < 1 {
		return options{}, errors.New("--questions: at least one")
	}
	for s := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 {
			return options{}, fmt.Errorf("--sizes: %q is no number of paragraphs", s)
		}
		o.sizes = append(o.sizes, n)
	}
	o.size = o.sizes[0]
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	c, err := load(o.data)
	if err != nil {
		return err
	}
	if o.part != "" {
		return runPart(ctx, o, c, stdout)
	}
	all, err := o.measureAll(ctx, stderr, c)
	return errors.Join(err, report(stdout, all, c)) // what was measured is shown, whatever came then
}

// measureAll measures every part at every size, until one fails.
func (o options) measureAll(ctx context.Context, stderr io.Writer, c *corpus) (all []figures, err error) {
	for _, size := range o.sizes {
		o.size = max(size, c.paragraphs)
		for _, e := range engines {
			if !o.wants(e.name) {
				continue
			}
			f, err := o.inNewFolder(ctx, stderr, e.name)
			if err != nil {
				return all, err
			}
			all = append(all, f)
		}
		if o.wants("rebuild") {
			f, err := o.rebuild(ctx, stderr)
			if err != nil {
				return all, err
			}
			all = append(all, f)
		}
	}
	return all, nil
}

func (o options) wants(part string) bool {
	if len(o.only) == 0 {
		return true
	}
	return slices.Contains(o.only, part)
}

// rebuild fills a store in one process and opens a base over it in another.
func (o options) rebuild(ctx context.Context, stderr io.Writer) (opened figures, err error) {
	folder, err := os.MkdirTemp(o.tmp, "bench-store-")
	if err != nil {
		return figures{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	filled, err := o.inOwnProcess(ctx, stderr, partFill, folder)
	if err != nil {
		return figures{}, err
	}
	opened, err = o.inOwnProcess(ctx, stderr, partOpen, folder)
	if err != nil {
		return figures{}, err
	}
	opened.Rebuild.Fill = filled.Rebuild.Fill
	return opened, nil
}

// inNewFolder measures one part in a folder that is removed afterwards.
func (o options) inNewFolder(ctx context.Context, stderr io.Writer, part string) (f figures, err error) {
	folder, err := os.MkdirTemp(o.tmp, "bench-"+part+"-")
	if err != nil {
		return figures{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	return o.inOwnProcess(ctx, stderr, part, folder)
}

// inOwnProcess measures one part in a new process, which keeps its figures of
// memory clean.
func (o options) inOwnProcess(ctx context.Context, stderr io.Writer, part, folder string) (figures, error) {
	fail := func(err error) (figures, error) {
		return figures{}, fmt.Errorf("%s at %d paragraphs: %w", part, o.size, err)
	}
	program, err := os.Executable()
	if err != nil {
		return fail(err)
	}
	args := []string{
		"--part", part, "--folder", folder, "--data", o.data,
		"--sizes", strconv.Itoa(o.size), "--questions", strconv.Itoa(o.questions),
	}
	if o.cpuProfile != "" && part == "summitbot" {
		args = append(args, "--cpuprofile", fmt.Sprintf("%s.%d", o.cpuProfile, o.size))
	}
	fmt.Fprintf(stderr, "%s  %s, %d paragraphs\n", time.Now().Format(time.TimeOnly), part, o.size)
	var out bytes.Buffer
	child := exec.CommandContext(ctx, program, args...)
	child.Stdout, child.Stderr = &out, stderr
	if err := child.Run(); err != nil {
		return fail(err)
	}
	var f figures
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		return fail(err)
	}
	return f, nil
}

// runPart measures what this process was started for and prints the figures as
// JSON.
func runPart(ctx context.Context, o options, c *corpus, stdout io.Writer) error {
	f, err := measurePart(ctx, o, c)
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(f)
}

func measurePart(ctx context.Context, o options, c *corpus) (figures, error) {
	store := filepath.Join(o.folder, "knowledge.db")
	switch o.part {
	case partFill:
		took, err := measureFill(ctx, store, o, c)
		return figures{Paragraphs: o.size, Rebuild: &rebuildFigures{Fill: took}}, err
	case partOpen:
		r, err := measureOpen(ctx, store)
		if err == nil {
			r.Disk, err = diskBytes(o.folder)
		}
		return figures{Paragraphs: o.size, Rebuild: &r}, err
	}
	for _, known := range engines {
		if known.name != o.part {
			continue
		}
		e, err := known.open(ctx, o.folder)
		if err != nil {
			return figures{}, err
		}
		f, err := measureEngine(ctx, e, o, c)
		return f, errors.Join(err, e.close())
	}
	return figures{}, fmt.Errorf("unknown part %q", o.part)
}
