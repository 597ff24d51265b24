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
// What cannot be read is a warning, and then what it may hold is not removed: a
// folder that is not mounted is no reason to forget what was in it.
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

	bar := p.progress(-1, "reading")
	in, err := l.refill(ctx, l.settings.Sources, func() { bar.Add(1) })
	bar.Finish()
	if err != nil {
		return err
	}
	for _, problem := range in.problems {
		p.warn("%v", problem)
	}
	p.log().Debug("sources read", "documents", len(in.done), "changed", in.changed(), "problems", len(in.problems))
	if len(in.done) > 0 || len(docs) > 0 {
		return nil
	}
	return errors.New("none of the sources in the configuration could be read, so there is nothing to answer from")
}

// refill takes in what changed in the sources since it last did, and removes what
// is gone from them. The error is one of the base, or ctx's.
func (l *library) refill(ctx context.Context, sources []config.Source, step func()) (*intake, error) {
	docs, err := l.base.Documents(ctx)
	if err != nil {
		return nil, err
	}
	in := newIntake(docs, followed)
	in.reader = l.reader
	specs := each(sources, func(s config.Source) source.Spec { return source.Spec(s) })
	if err := in.run(ctx, l.base, specs, step); err != nil {
		return nil, err
	}
	if err := in.forget(ctx, l.base, docs); err != nil {
		return nil, err
	}
	l.unread.Store(&in.problems)
	return in, nil
}

// problems returns what could not be read of the sources when they were last read.
func (l *library) problems() []error {
	if all := l.unread.Load(); all != nil {
		return *all
	}
	return nil
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
	held   map[string]knowledge.Document
	reader *source.Reader // that read what the base holds

	done     []doneView
	removed  []string        // ids
	unfit    map[string]bool // ids of documents whose files are there, but cannot be taken in
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
	in := &intake{
		mark: mark, byPath: map[string]string{}, byID: map[string]string{}, marked: map[string]bool{},
		held: map[string]knowledge.Document{}, reader: new(source.Reader), unfit: map[string]bool{},
	}
	for _, d := range docs {
		path, follows := originOf(d)
		in.held[d.ID] = d
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
	in.reader.Forget(func(path string) bool { return in.byPath[absolute(path)] != "" })
	err := base.IngestAll(ctx, func(yield func(knowledge.Input) bool) {
		err := in.reader.Walk(ctx, specs, func(d source.Document, fresh bool) error {
			if !fresh {
				in.keep(in.held[in.byPath[absolute(d.Path)]])
				step()
				return nil
			}
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
		in.took(got)
	})
	// What was read is not in the base if it is not fit, or if the work broke off.
	in.reader.Forget(func(path string) bool { return err == nil && !in.unfit[in.byPath[absolute(path)]] })
	return err
}

// keep notes that a document is as it was.
func (in *intake) keep(d knowledge.Document) {
	path, _ := originOf(d)
	in.done = append(in.done, doneView{d.ID, unchanged, path, d.Paragraphs, d.Revision.Digest})
}

// took notes what became of a document that was read.
func (in *intake) took(got knowledge.Ingested) {
	if got.Err != nil {
		in.problems = append(in.problems, &misfit{got.Err})
		in.unfit[got.Document.ID] = true
		return
	}
	_, known := in.held[got.Document.ID]
	path, _ := originOf(got.Document)
	action := unchanged
	switch {
	case got.Changed && known:
		action = replaced
	case got.Changed:
		action = added
	}
	in.done = append(in.done, doneView{got.Document.ID, action, path, got.Document.Paragraphs, got.Document.Revision.Digest})
}

func absolute(path string) string {
	if absolute, err := filepath.Abs(path); err == nil { // else the working directory is gone
		return absolute
	}
	return path
}

// place gives input its id and its path as they are kept.
func (in *intake) place(input *knowledge.Input) {
	path := absolute(input.Path)
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
	met := map[string]bool{}
	for _, t := range in.done {
		met[t.ID] = true
	}
	for _, d := range docs {
		path, follows := originOf(d)
		if !follows || met[d.ID] || in.unfit[d.ID] || in.unread(path) {
			continue
		}
		if err := base.Delete(ctx, d.ID); err != nil && !errors.Is(err, knowledge.ErrNotFound) { // somebody else's removal is as good
			return err
		}
		in.removed = append(in.removed, d.ID)
	}
	return nil
}

// unread reports whether path may be there and could not be looked at.
func (in *intake) unread(path string) bool {
	return slices.ContainsFunc(in.problems, func(err error) bool {
		p, located := errors.AsType[*source.Problem](err)
		switch {
		case errors.Is(err, source.ErrNoMatch), errors.Is(err, source.ErrGone):
			return false
		case !located:
			// A document that is not fit is told of by its id; anything else may be anywhere.
			_, misfit := errors.AsType[*misfit](err)
			return !misfit
		}
		at := absolute(p.Path)
		return path == at || strings.HasPrefix(path, strings.TrimSuffix(at, string(filepath.Separator))+string(filepath.Separator))
	})
}

// A misfit is why a file's document could not be taken in.
type misfit struct{ error }

func (m *misfit) Unwrap() error { return m.error }

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
