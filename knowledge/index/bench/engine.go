package main

import (
	"context"
	"io/fs"
	"iter"
	"path/filepath"

	"summitbot/knowledge"
)

// An engine is one way to index paragraphs and find them.
type engine interface {
	// build indexes documents.
	build(ctx context.Context, documents iter.Seq2[knowledge.IndexDocument, error]) error
	// searches lists the ways of searching it that are measured.
	searches() []search
	// close gives back what the engine holds.
	close() error
}

// A search is one way of searching an engine.
type search struct {
	name string
	// run appends the addresses of the best paragraphs to found, best first: as
	// many as are judged, or more.
	run func(ctx context.Context, question string, found []string) ([]string, error)
}

// judged is how many of the paragraphs found are looked at.
const judged = 5

// asked is how many paragraphs an engine is asked for: a page of results.
const asked = 10

// engines by name, in the order of the tables; each gets a folder of its own.
var engines = []struct {
	name string
	open func(ctx context.Context, folder string) (engine, error)
}{
	{"summitbot", openOurs},
	{"bleve", openBleve},
	{"fts5", openFTS5},
}

// diskBytes returns the size of all files below folder.
func diskBytes(folder string) (int64, error) {
	total := int64(0)
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		return nil
	})
	return total, err
}
