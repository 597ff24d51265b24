package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"summitbot/config"
	"summitbot/knowledge"
	"summitbot/knowledge/source"
)

// fill brings the library up to date with the configured sources. A document
// whose file is gone from them is removed; one that was added with "ingest"
// never is. Where there is neither a source nor a document, the article that
// comes with the program is taken in.
//
// What cannot be read is a warning, and then nothing is removed: a folder that
// is not mounted is no reason to forget what was in it.
func (p *program) fill(ctx context.Context, l *library) error {
	docs, err := l.base.Documents(ctx)
	if err != nil {
		return err
	}
	if len(l.settings.Sources) == 0 {
		if len(docs) > 0 {
			return nil
		}
		_, _, err := l.base.Ingest(ctx, knowledge.Input(source.Embedded()))
		return err
	}

	in := newIntake(docs, followed)
	bar := p.progress(-1, "reading")
	err = in.run(ctx, l.base, each(l.settings.Sources, func(s config.Source) source.Spec { return source.Spec(s) }), func() { bar.Add(1) })
	bar.Finish()
	if err != nil {
		return err
	}
	for _, problem := range in.problems {
		p.warn("%v", problem)
	}
	if err := in.forget(ctx, l.base, docs); err != nil {
		return err
	}
	p.log().Debug("sources read", "documents", len(in.done), "changed", in.changed(), "problems", len(in.problems))
	if len(in.done) > 0 || len(docs) > 0 {
		return nil
	}
	return errors.New("none of the sources in the configuration could be read, so there is nothing to answer from")
}

// followed marks the path of a document that follows a source of the
// configuration, and is removed with its file. Documents without the mark were
// added by hand.
const followed = "source:"

// originOf returns where a document was read from, and whether it follows a
// source of the configuration.
func originOf(d knowledge.Document) (path string, follows bool) {
	return strings.CutPrefix(d.Path, followed)
}

// An intake reads files into a base and remembers what became of each.
//
// A file keeps the id that it has in the base. A new one gets its name, or with
// folders in front if another file has that name. If the file that a name
// belongs to is gone, the new one is that file, moved.
type intake struct {
	mark   string            // put before paths: followed, or "" for what is added by hand
	byPath map[string]string // absolute path -> id, of what the base holds
	byID   map[string]string // and the reverse
	marked map[string]bool   // ids of the documents that follow a source

	done     []doneView
	problems []error
}

// doneView is what became of one document.
type doneView struct {
	ID         string `json:"id"`
	Action     string `json:"action"` // added, replaced or unchanged
	Path       string `json:"path"`
	Paragraphs int    `json:"paragraphs"`
	Revision   string `json:"revision"`
}

// The actions of a doneView.
const (
	added     = "added"
	replaced  = "replaced"
	unchanged = "unchanged"
)

func newIntake(docs []knowledge.Document, mark string) *intake {
	in := &intake{mark: mark, byPath: map[string]string{}, byID: map[string]string{}, marked: map[string]bool{}}
	for _, d := range docs {
		path, follows := originOf(d)
		in.byID[d.ID] = path
		in.marked[d.ID] = follows
		if path != "" {
			in.byPath[path] = d.ID
		}
	}
	return in
}

// run takes in what specs name. step is called after each document. Problems
// with single documents are collected; an error is one of the base, or ctx's.
func (in *intake) run(ctx context.Context, base *knowledge.Base, specs []source.Spec, step func()) error {
	stopped := errors.New("stopped")
	known := map[string]bool{}
	for id := range in.byID {
		known[id] = true
	}
	err := base.IngestAll(ctx, func(yield func(knowledge.Input) bool) {
		err := source.Walk(ctx, specs, func(d source.Document) error {
			input := knowledge.Input(d)
			in.place(&input)
			if !yield(input) {
				return stopped
			}
			return nil
		})
		for _, problem := range parts(err) {
			if !errors.Is(problem, stopped) && ctx.Err() == nil {
				in.problems = append(in.problems, problem)
			}
		}
	}, func(got knowledge.Ingested) {
		step()
		if got.Err != nil {
			in.problems = append(in.problems, got.Err)
			return
		}
		path, _ := originOf(got.Document)
		action := unchanged
		switch {
		case got.Changed && known[got.Document.ID]:
			action = replaced
		case got.Changed:
			action = added
		}
		in.done = append(in.done, doneView{got.Document.ID, action, path, got.Document.Paragraphs, got.Document.Revision.Digest})
	})
	return err
}

// place gives input its id and its path as they are kept.
func (in *intake) place(input *knowledge.Input) {
	path := input.Path
	if absolute, err := filepath.Abs(path); err == nil { // else the working directory is gone
		path = absolute
	}
	id, known := in.byPath[path]
	if !known {
		id = in.freeID(input.ID, path)
		delete(in.byPath, in.byID[id])
		in.byPath[path], in.byID[id] = id, path
	}
	mark := in.mark
	if known && !in.marked[id] {
		mark = "" // what was added by hand stays so
	}
	input.ID, input.Path = id, mark+path
}

// freeID returns id, or with folders of path in front, such as no other file has.
func (in *intake) freeID(id, path string) string {
	folders := strings.FieldsFunc(filepath.ToSlash(filepath.Dir(path)), func(r rune) bool { return r == '/' })
	for in.taken(id) {
		front := ""
		if n := len(folders); n > 0 {
			front, folders = folders[n-1], folders[:n-1]
		}
		// An id is written in addresses, before a "#" and without white space.
		front = strings.Join(strings.Fields(strings.ReplaceAll(front, "#", "")), "-")
		id = cmp.Or(front, "other") + "/" + id
	}
	return id
}

// taken reports whether id belongs to a file that is still there, or to none.
func (in *intake) taken(id string) bool {
	holder, held := in.byID[id]
	if !held || holder == "" {
		return held
	}
	_, err := os.Stat(holder)
	return !errors.Is(err, os.ErrNotExist)
}

// forget removes the documents that follow a source and were not met in it.
func (in *intake) forget(ctx context.Context, base *knowledge.Base, docs []knowledge.Document) error {
	unread := slices.ContainsFunc(in.problems, func(err error) bool { return !errors.Is(err, source.ErrNoMatch) })
	if unread {
		return nil
	}
	met := map[string]bool{}
	for _, t := range in.done {
		met[t.ID] = true
	}
	for _, d := range docs {
		if _, follows := originOf(d); !follows || met[d.ID] {
			continue
		}
		if err := base.Delete(ctx, d.ID); err != nil {
			return err
		}
	}
	return nil
}

// changed returns how many documents were added or replaced.
func (in *intake) changed() int {
	n := 0
	for _, t := range in.done {
		if t.Action != unchanged {
			n++
		}
	}
	return n
}

// parts returns the errors that err joins, itself if it joins none. An error
// that merely wraps several has words of its own, and stays whole.
func parts(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // only errors.Join's own is meant
	if !ok || err.Error() != strings.Join(each(joined.Unwrap(), error.Error), "\n") {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, parts(e)...)
	}
	return all
}

// summary says how many of each action there are, such as "2 added, 1 unchanged".
func (in *intake) summary() string {
	counts := map[string]int{}
	for _, t := range in.done {
		counts[t.Action]++
	}
	var said []string
	for _, action := range []string{added, replaced, unchanged} {
		if n := counts[action]; n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, action))
		}
	}
	if len(said) == 0 {
		return "nothing was added"
	}
	return strings.Join(said, ", ")
}
