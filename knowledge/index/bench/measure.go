package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/sqlite"
)

// figures are what one process measured.
type figures struct {
	Paragraphs int
	Build      time.Duration // making the documents left out
	Resident   int64         // bytes after building, garbage collected
	Peak       int64         // bytes, the most until then
	Disk       int64         // bytes of the files, 0 if there are none
	After      int64         // bytes resident after the questions, likewise
	Searches   []searchFigures
	Adding     *addingFigures  `json:",omitempty"`
	Rebuild    *rebuildFigures `json:",omitempty"`
}

// searchFigures are what one way of searching gave.
type searchFigures struct {
	Name      string
	Questions int
	P50, P99  time.Duration
	CPU       time.Duration // of a question, on all cores, the collector's included
	Hit1      float64       // share of the questions whose first paragraph is right
	Hit5      float64       // share with a right one among five
}

// addingFigures are what adding documents to a built index costs.
type addingFigures struct {
	Documents            int
	P50, P99             time.Duration // until a document is found
	Searches             int           // meanwhile
	SearchP50, SearchP99 time.Duration
}

// rebuildFigures are what building an index from a stored base costs.
type rebuildFigures struct {
	Fill     time.Duration // writing the documents to the store
	Read     time.Duration // reading them once, without an index
	Open     time.Duration // reading and indexing them
	Disk     int64
	Resident int64
	Peak     int64
}

// percentile returns the p-th percentile of times, by the nearest rank.
func percentile(times []time.Duration, p int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[(len(sorted)*p+99)/100-1]
}

// A stopwatch sums up the time that a sequence takes to make its documents, so
// that it can be left out.
type stopwatch struct{ total time.Duration }

func (w *stopwatch) inside(documents iter.Seq2[knowledge.IndexDocument, error]) iter.Seq2[knowledge.IndexDocument, error] {
	return func(yield func(knowledge.IndexDocument, error) bool) {
		start := time.Now()
		for d, err := range documents {
			w.total += time.Since(start)
			if !yield(d, err) {
				return
			}
			start = time.Now()
		}
		w.total += time.Since(start)
	}
}

// warmUp is how many questions are asked before any is measured.
const warmUp = 100

// measureEngine builds an engine and asks it the questions.
func measureEngine(ctx context.Context, e engine, o options, c *corpus) (figures, error) {
	f := figures{Paragraphs: o.size}
	// What follows the last document, such as packing an index, counts too.
	var making stopwatch
	start := time.Now()
	if err := e.build(ctx, making.inside(c.documentsUpTo(o.size))); err != nil {
		return figures{}, fmt.Errorf("build: %w", err)
	}
	f.Build = time.Since(start) - making.total
	var err error
	if f.Peak, err = peakBytes(); err != nil {
		return figures{}, err
	}
	if f.Resident, err = residentBytes(); err != nil {
		return figures{}, err
	}
	if f.Disk, err = diskBytes(o.folder); err != nil {
		return figures{}, err
	}
	questions := c.sample(o.questions)
	for _, s := range e.searches() {
		measured, err := measureSearch(ctx, s, questions, o.cpuProfile)
		if err != nil {
			return figures{}, fmt.Errorf("%s: %w", s.name, err)
		}
		f.Searches = append(f.Searches, measured)
	}
	if f.After, err = residentBytes(); err != nil {
		return figures{}, err
	}
	if own, ok := e.(*ours); ok {
		f.Adding, err = measureAdding(ctx, own, newNoise(c), questions)
	}
	return f, err
}

// measureSearch asks one question after the other. profile, if not empty, is
// the file that gets the processor profile of the last way of searching.
func measureSearch(ctx context.Context, s search, questions []question, profile string) (searchFigures, error) {
	found := make([]string, 0, asked)
	for _, q := range questions[:min(warmUp, len(questions))] {
		if _, err := s.run(ctx, q.Text, found[:0]); err != nil {
			return searchFigures{}, fmt.Errorf("%q: %w", q.Text, err)
		}
	}
	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return searchFigures{}, err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return searchFigures{}, err
		}
		defer pprof.StopCPUProfile()
	}
	before, err := cpuTime()
	if err != nil {
		return searchFigures{}, err
	}
	times := make([]time.Duration, len(questions))
	first, five := 0, 0
	for i, q := range questions {
		start := time.Now()
		found, err = s.run(ctx, q.Text, found[:0])
		times[i] = time.Since(start)
		if err != nil {
			return searchFigures{}, fmt.Errorf("%q: %w", q.Text, err)
		}
		at := slices.IndexFunc(found, func(address string) bool { return slices.Contains(q.Paragraphs, address) })
		if at == 0 {
			first++
		}
		if at >= 0 && at < judged {
			five++
		}
	}
	after, err := cpuTime()
	n := len(questions)
	return searchFigures{
		Name: s.name, Questions: n, P50: percentile(times, 50), P99: percentile(times, 99),
		CPU: (after - before) / time.Duration(n), Hit1: float64(first) / float64(n), Hit5: float64(five) / float64(n),
	}, err
}

// additions is how many documents are added to a built index, one by one. They
// are enough for merges to happen meanwhile.
const additions = 100

// measureAdding adds documents while questions are asked without a pause.
func measureAdding(ctx context.Context, e *ours, n *noise, questions []question) (*addingFigures, error) {
	stop := make(chan struct{})
	var searches []time.Duration
	var failed error
	var searcher sync.WaitGroup
	searcher.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			start := time.Now()
			if _, failed = e.whole(ctx, questions[i%len(questions)].Text, nil); failed != nil {
				return
			}
			searches = append(searches, time.Since(start))
		}
	})
	times := make([]time.Duration, additions)
	var err error
	for i := range times {
		d := n.document(noiseDocument)
		d.Document.ID = fmt.Sprintf("added-%03d", i)
		start := time.Now()
		if err = e.index.Apply(ctx, one(d), nil); err != nil {
			break
		}
		times[i] = time.Since(start)
	}
	close(stop)
	searcher.Wait()
	if err != nil {
		return nil, fmt.Errorf("add a document: %w", err)
	}
	if failed != nil {
		return nil, fmt.Errorf("search while adding: %w", failed)
	}
	return &addingFigures{
		Documents: additions, P50: percentile(times, 50), P99: percentile(times, 99),
		Searches: len(searches), SearchP50: percentile(searches, 50), SearchP99: percentile(searches, 99),
	}, nil
}

func one(d knowledge.IndexDocument) iter.Seq2[knowledge.IndexDocument, error] {
	return func(yield func(knowledge.IndexDocument, error) bool) { yield(d, nil) }
}

// measureFill writes the documents to a store at path.
func measureFill(ctx context.Context, path string, o options, c *corpus) (fill time.Duration, err error) {
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return 0, err
	}
	var making stopwatch
	start := time.Now()
	for d, err := range making.inside(c.documentsUpTo(o.size)) {
		if err == nil {
			d.Document.Revision = knowledge.Revision{Digest: knowledge.Digest(d.Paragraphs), Time: start.UTC()}
			_, _, err = store.Put(ctx, d.Document, d.Paragraphs)
		}
		if err != nil {
			return 0, errors.Join(fmt.Errorf("fill the store: %w", err), store.Close())
		}
	}
	err = store.Close()
	return time.Since(start) - making.total, err
}

// measureOpen opens a base over the store at path, as every start does.
func measureOpen(ctx context.Context, path string) (r rebuildFigures, err error) {
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return rebuildFigures{}, err
	}
	x := index.New()
	start := time.Now()
	base, err := knowledge.Open(ctx, store, x)
	if err != nil {
		return rebuildFigures{}, errors.Join(err, store.Close())
	}
	r.Open = time.Since(start)
	defer func() {
		x.Close()
		err = errors.Join(err, base.Close())
	}()
	if r.Peak, err = peakBytes(); err != nil {
		return rebuildFigures{}, err
	}
	if r.Resident, err = residentBytes(); err != nil {
		return rebuildFigures{}, err
	}
	start = time.Now()
	documents, err := store.Documents(ctx)
	if err != nil {
		return rebuildFigures{}, err
	}
	for _, d := range documents {
		if _, err := store.Paragraphs(ctx, d.ID, d.Revision.Digest, 1, 0); err != nil {
			return rebuildFigures{}, err
		}
	}
	r.Read = time.Since(start)
	return r, nil
}
