package source

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	// What the operating system tells of changes to files, on each of them.
	"github.com/fsnotify/fsnotify"
)

const (
	// An editor that saves writes several times, within milliseconds; a copy goes on
	// for longer, but nobody waits for more than a second.
	quiet, mostQuiet = 200 * time.Millisecond, time.Second
	// Where changes are not told, one is seen at the second look after it, when it is
	// known to be over; so half of the two seconds in which it has to be answered.
	pollEvery = 500 * time.Millisecond
	// Where they are told, something may still be missed, such as a folder that is
	// mounted over another.
	sweepEvery = 30 * time.Second
	// Looking may take this share of the time, by the quickest of a few looks.
	lookShare, fewLooks = 20, 3
	// A file that does not stop changing is read as it is after so many looks.
	mostUnsettled = 5
)

// A Watch tells when something changed in what specs name. It sees files and
// folders that come later too, and what symbolic links lead to.
type Watch struct {
	Specs   []Spec
	Poll    bool        // look for changes instead of being told of them
	Problem func(error) // is told why changes are not told, once for each reason; nil is nobody
}

// Run tells changed of changes until ctx ends. It tells of one at the start, for
// what changed before, and does not wait for a channel that is full: give one of
// capacity 1.
func (w Watch) Run(ctx context.Context, changed chan<- struct{}) {
	r := &round{Watch: w, changed: changed, watched: map[string]bool{}, told: map[string]bool{}}
	if !w.Poll {
		notifier, err := fsnotify.NewWatcher()
		if err != nil {
			r.problem(fmt.Errorf("changes are looked for, not told: %w", err))
		} else {
			r.notifier = notifier
			defer func() { _ = notifier.Close() }() // nothing is lost with it
		}
	}
	r.run(ctx)
}

// A round is one Run of a Watch.
type round struct {
	Watch
	changed  chan<- struct{}
	notifier *fsnotify.Watcher // nil if there is none
	watched  map[string]bool   // folders that notifier watches
	told     map[string]bool   // problems
	blind    bool              // not every folder is watched
	scene    scene             // as it was at the last look
	shown    [sha256.Size]byte // what was last told of
	waited   int               // looks since something began to change
	took     []time.Duration   // the last few looks
}

// A scene is what there is to see.
type scene struct {
	folders map[string]bool   // in which any change counts, links resolved
	names   map[string]bool   // other paths that count: where a source may come from
	print   [sha256.Size]byte // of all files
	young   bool              // a file changed just now, so that another change need not show
}

// run looks and tells, until ctx ends.
func (r *round) run(ctx context.Context) {
	var events chan fsnotify.Event
	var failures chan error
	if r.notifier != nil {
		events, failures = r.notifier.Events, r.notifier.Errors
	}
	r.look(ctx)
	r.tell()
	next := time.NewTimer(r.pause())
	defer next.Stop()
	still := time.NewTimer(0) // runs while something changes
	still.Stop()
	var first time.Time // of what is changing
	begin := func() {
		if first.IsZero() {
			first = time.Now()
		}
		still.Reset(min(quiet, mostQuiet-time.Since(first)))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e, open := <-events:
			if !open {
				events = nil
			} else if r.counts(e.Name) {
				begin()
			}
		case err, open := <-failures:
			if !open {
				failures = nil
				continue
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) { // which only says that there was much
				r.problem(fmt.Errorf("changes are looked for, not told: %w", err))
				r.notifier, r.blind, events, failures = nil, true, nil, nil // Run closes it
			}
			begin()
		case <-still.C:
			first = time.Time{}
			r.look(ctx)
			// Most of what happens in a folder may be to files that are no documents.
			if r.scene.print != r.shown || r.scene.young {
				r.tell()
			}
			next.Reset(r.pause())
		case <-next.C:
			r.poll(ctx)
			next.Reset(r.pause())
		}
	}
}

// poll looks, and tells if what is there is not what was last told of, and does not
// change any more.
func (r *round) poll(ctx context.Context) {
	before := r.scene.print
	r.look(ctx)
	if r.scene.print == r.shown {
		r.waited = 0
		return
	}
	r.waited++
	if r.scene.print == before || r.waited >= mostUnsettled || !r.looks() {
		r.tell()
	}
}

// tell says that something changed.
func (r *round) tell() {
	r.shown, r.waited = r.scene.print, 0
	select {
	case r.changed <- struct{}{}:
	default: // they know already
	}
}

// looks reports whether changes are looked for, for want of being told.
func (r *round) looks() bool { return r.notifier == nil || r.blind }

// pause is how long it is until the next look. Looks take their share of the time by
// the quickest of the last few: one may have waited for a busy machine. The first
// follow each other sooner, and so does the one that sees whether a change is over.
func (r *round) pause() time.Duration {
	if len(r.took) == 0 { // the first look was cut off
		return pollEvery
	}
	took := slices.Min(r.took)
	share := lookShare * took
	if len(r.took) < fewLooks || r.waited > 0 {
		share = took
	}
	if !r.looks() {
		return max(sweepEvery, share)
	}
	return min(max(pollEvery, share), sweepEvery)
}

func (r *round) problem(err error) {
	if r.Problem != nil && !r.told[err.Error()] {
		r.told[err.Error()] = true
		r.Problem(err)
	}
}

// counts reports whether a change at path may be one of the sources'. A folder that
// is not known may be one that was renamed, and is told of by its old name.
func (r *round) counts(path string) bool {
	folder := filepath.Dir(path)
	return r.scene.folders[folder] || r.scene.folders[path] || r.scene.names[path] || !r.watched[folder]
}

// look sees what there is, and has it watched. What comes into a folder before it is
// watched is met by whoever reads after the look.
func (r *round) look(ctx context.Context) {
	begun := time.Now()
	s := scene{folders: map[string]bool{}, names: map[string]bool{}}
	print := sha256.New()
	for _, spec := range r.Specs {
		files, folders, err := findSpec(ctx, spec)
		for folder := range folders {
			s.folders[folder] = true
		}
		for _, f := range files {
			s.add(f, print)
		}
		if err != nil {
			fmt.Fprintln(print, err)
		}
		s.approach(spec)
	}
	if ctx.Err() != nil {
		return // half a look
	}
	print.Sum(s.print[:0])
	r.took = append(r.took, time.Since(begun))
	r.took = r.took[max(0, len(r.took)-fewLooks):]
	r.scene = s
	r.watch()
}

// add notes a file. It may be reached through links, so its own folder counts too.
func (s *scene) add(f file, print hash.Hash) {
	if folder := filepath.Dir(f.real); !s.folders[folder] {
		s.names[f.real] = true
	}
	read := reading{info: f.info, changed: changeTime(f.info)}
	s.young = s.young || !read.settled(time.Now())
	fmt.Fprintln(print, f.path, f.real, f.info.Size(), f.info.Mode(), f.info.ModTime().UnixNano(), read.changed.UnixNano())
}

// approach notes where a source itself may come, go or be changed for another: its
// own name, and each link on the way to it.
func (s *scene) approach(spec Spec) {
	path := spec.Path
	if _, err := os.Lstat(path); err != nil && isGlob(path) {
		path, _ = globRoot(path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return // the working directory is gone
	}
	for here := path; ; {
		info, err := os.Lstat(here)
		if here == path || err != nil || info.Mode()&fs.ModeSymlink != 0 {
			s.names[here] = true
			if parent, err := filepath.EvalSymlinks(filepath.Dir(here)); err == nil {
				s.names[filepath.Join(parent, filepath.Base(here))] = true // as it is watched
			}
		}
		up := filepath.Dir(here)
		if up == here {
			return
		}
		here = up
	}
}

// watch has the folders of the scene watched, and those in which names of it are.
func (r *round) watch() {
	if r.notifier == nil {
		return
	}
	want := map[string]bool{}
	for folder := range r.scene.folders {
		want[folder] = true
	}
	for name := range r.scene.names {
		if folder, err := filepath.EvalSymlinks(filepath.Dir(name)); err == nil {
			want[folder] = true
		}
	}
	r.blind = false
	for folder := range want {
		// Again each time: a folder that was removed and made again has the name, but
		// not the watch, of the one before.
		if err := r.notifier.Add(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.blind = true
			r.problem(fmt.Errorf("changes in %q are looked for, not told: %w", folder, cause(err)))
		}
		if isRemote(folder) {
			r.blind = true
			r.problem(fmt.Errorf("changes in %q are looked for, not told: it is on a file system of other machines", folder))
		}
	}
	for folder := range r.watched {
		if !want[folder] {
			_ = r.notifier.Remove(folder) // it may be gone
		}
	}
	r.watched = want
}
