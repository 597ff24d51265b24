package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// settling is how old a change must be before a file counts as read: one that
// follows within a tick of the file system's clock leaves size and time as they
// are. Some file systems count in seconds, FAT in two.
const settling = 2 * time.Second

// A Reader reads documents again and again, and those that did not change only
// once. The zero value has read nothing. One goroutine at a time may use it.
type Reader struct {
	read  map[string]reading // by the path that was opened
	homes map[Spec]home
	now   func() time.Time // nil is the real time
}

// A reading is what a Reader read from a file.
type reading struct {
	document Document // without its data
	info     fs.FileInfo
	changed  time.Time // when the file's record in its folder did; zero where that is not told
}

// A home is the folder in which the documents of a spec were found. Its identity
// tells one that was emptied from one that is not mounted.
type home struct {
	path string
	info fs.FileInfo
	file bool // the spec is a file in it
}

// Walk is the function of that name for what changed. Of a document that did not,
// since its fn last returned nil, fn is given fresh == false and no Data.
func (r *Reader) Walk(ctx context.Context, specs []Spec, fn func(d Document, fresh bool) error) error {
	before := r.read
	r.read = map[string]reading{} // files that are gone are not kept in mind
	files, err := find(ctx, specs, r.judge)
	problems := []error{err}
	ids := identify(files)
	for i, f := range files {
		if ctx.Err() != nil {
			return errors.Join(append(problems, ctx.Err())...)
		}
		d := Document{ID: ids[i], Path: f.path, Collection: f.spec.Collection, Title: f.title(), URL: f.url()}
		now := reading{document: d, info: f.info, changed: changeTime(f.info)}
		fresh := !now.equal(before[f.path])
		if fresh {
			if d.Data, err = readFile(f.path); err != nil {
				problems = append(problems, &Problem{Path: f.path, Err: err})
				continue
			}
		}
		if err := fn(d, fresh); err != nil {
			return errors.Join(append(problems, err)...)
		}
		if !fresh || now.settled(r.time()) {
			r.read[f.path] = now
		}
	}
	return errors.Join(problems...)
}

// Forget makes the next Walk read again whatever keep does not want kept.
func (r *Reader) Forget(keep func(path string) bool) {
	for path := range r.read {
		if !keep(path) {
			delete(r.read, path)
		}
	}
}

// equal reports whether a file is as it was when before was read.
func (r reading) equal(before reading) bool {
	if before.info == nil {
		return false
	}
	d := before.document
	return r.document.ID == d.ID && r.document.Title == d.Title && r.document.Collection == d.Collection && r.document.URL == d.URL &&
		os.SameFile(r.info, before.info) && r.info.Size() == before.info.Size() && r.info.Mode() == before.info.Mode() &&
		r.info.ModTime().Equal(before.info.ModTime()) && r.changed.Equal(before.changed)
}

// settled reports whether a change of a file from now on would show.
func (r reading) settled(now time.Time) bool {
	last := r.info.ModTime()
	if r.changed.After(last) {
		last = r.changed
	}
	return now.Sub(last).Abs() > settling // a clock that is far ahead has ticked on since, too
}

// time returns what time it is.
func (r *Reader) time() time.Time {
	if r.now == nil {
		return time.Now()
	}
	return r.now()
}

// judge has the last word on what was found of a spec in which documents were
// found before: nothing, in the folder that it was, is no problem but a removal; in
// another folder it is a problem.
func (r *Reader) judge(spec Spec, found []file, err error) error {
	if len(found) > 0 {
		r.remember(spec)
		return err
	}
	was, known := r.homes[spec]
	missing := errors.Is(err, fs.ErrNotExist)
	if !known || !errors.Is(err, ErrNoMatch) && !missing {
		return err
	}
	info, failed := os.Stat(was.path)
	same := failed == nil && os.SameFile(was.info, info)
	switch {
	case missing && was.file && same:
		return &Problem{Path: spec.Path, Err: ErrGone}
	case missing || same:
		return err
	}
	return &Problem{Path: was.path, Err: ErrOther}
}

// remember notes the folder of a spec.
func (r *Reader) remember(spec Spec) {
	h := home{path: spec.Path}
	info, err := os.Stat(spec.Path)
	switch {
	case err == nil && !info.IsDir():
		h.path, h.file = filepath.Dir(spec.Path), true
	case errors.Is(err, fs.ErrNotExist):
		h.path, _ = globRoot(spec.Path)
	}
	if h.info, err = os.Stat(h.path); err != nil {
		return // it just went; the one before is as good
	}
	if r.homes == nil {
		r.homes = map[Spec]home{}
	}
	r.homes[spec] = h
}
