package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	// Globs with "**", which the standard library does not have.
	"github.com/bmatcuk/doublestar/v4"

	"summitbot/knowledge/extract"
)

// A file is one file that a spec names.
type file struct {
	path     string // as it is opened
	real     string // absolute, symbolic links resolved
	relative string // to the spec's folder, with slashes
	spec     Spec
	alone    bool        // the only one of its spec
	info     fs.FileInfo // links followed, when it was found
}

// find lists the files that specs name: by spec, then by name. A file that
// several specs name belongs to the first. judge, if not nil, has the last word on
// what was found of a spec.
func find(ctx context.Context, specs []Spec, judge func(Spec, []file, error) error) ([]file, error) {
	var (
		files    []file
		problems []error
		seen     = map[string]bool{}
	)
	for _, spec := range specs {
		found, _, err := findSpec(ctx, spec)
		if judge != nil {
			err = judge(spec, found, err)
		}
		if err != nil {
			problems = append(problems, err)
		}
		for _, f := range found {
			f.alone = len(found) == 1
			if !seen[f.real] {
				seen[f.real] = true
				files = append(files, f)
			}
		}
	}
	return files, errors.Join(problems...)
}

// findSpec lists the files that one spec names, and the folders, links resolved,
// that it looked into for that.
func findSpec(ctx context.Context, spec Spec) (files []file, folders map[string]bool, err error) {
	info, err := os.Stat(spec.Path)
	switch {
	case spec.Path == "":
		return nil, nil, errors.New("a source without a path")
	case err == nil && info.IsDir():
		w := walker{spec: spec, root: spec.Path, accepts: extract.Known}
		return w.run(ctx)
	case err == nil && !info.Mode().IsRegular():
		return nil, nil, &Problem{Path: spec.Path, Err: errors.New("neither a file nor a folder")}
	case err == nil:
		real, err := realPath(spec.Path)
		if err != nil {
			return nil, nil, &Problem{Path: spec.Path, Err: cause(err)}
		}
		return []file{{path: spec.Path, real: real, relative: filepath.Base(spec.Path), spec: spec, info: info}}, nil, nil
	case errors.Is(err, fs.ErrNotExist) && isGlob(spec.Path):
		return findGlob(ctx, spec)
	}
	return nil, nil, &Problem{Path: spec.Path, Err: cause(err)}
}

func isGlob(path string) bool { return strings.ContainsAny(path, "*?[{") }

// globRoot returns the folder before the first wildcard, and the rest.
func globRoot(path string) (root, pattern string) {
	root, pattern = doublestar.SplitPattern(filepath.ToSlash(path))
	return filepath.FromSlash(root), pattern
}

// findGlob walks the folder before the first wildcard, no deeper than the
// pattern reaches, and matches what it finds. The library's own walk would
// either stop at the first unreadable folder or pass it over in silence.
func findGlob(ctx context.Context, spec Spec) ([]file, map[string]bool, error) {
	if !doublestar.ValidatePattern(filepath.ToSlash(spec.Path)) {
		return nil, nil, fmt.Errorf("glob %q: %w", spec.Path, doublestar.ErrBadPattern)
	}
	root, pattern := globRoot(spec.Path)
	if _, err := os.Stat(root); err != nil {
		return nil, nil, &Problem{Path: root, Err: cause(err), glob: spec.Path}
	}
	last := pattern[strings.LastIndexByte(pattern, '/')+1:]
	w := walker{
		spec: spec, root: root,
		hidden: strings.HasPrefix(pattern, ".") || strings.Contains(pattern, "/."),
		accepts: func(relative string) bool {
			return doublestar.MatchUnvalidated(pattern, relative) && (strings.Contains(last, ".") || extract.Known(relative))
		},
	}
	if !strings.Contains(pattern, "**") {
		w.depth = strings.Count(pattern, "/") + 1
	}
	return w.run(ctx)
}

// A walker lists the files below one folder.
type walker struct {
	spec     Spec
	root     string
	depth    int  // how many levels to go down; 0 means all
	hidden   bool // whether names that begin with "." count
	accepts  func(relative string) bool
	entered  map[string]bool // real paths of the folders gone into: a link may lead back up
	files    []file
	problems []error
}

func (w *walker) run(ctx context.Context) ([]file, map[string]bool, error) {
	w.entered = map[string]bool{}
	w.walk(ctx, ".", 1)
	if len(w.files) == 0 && len(w.problems) == 0 {
		return nil, w.entered, fmt.Errorf("%q: %w", w.spec.Path, ErrNoMatch)
	}
	return w.files, w.entered, errors.Join(w.problems...)
}

func (w *walker) walk(ctx context.Context, folder string, depth int) {
	if ctx.Err() != nil {
		return // Walk reports it
	}
	opened := filepath.Join(w.root, filepath.FromSlash(folder))
	real, err := realPath(opened)
	if err != nil {
		w.fail(opened, err)
		return
	}
	if w.entered[real] {
		return
	}
	w.entered[real] = true
	entries, err := os.ReadDir(opened) // what could be listed comes with the error
	if err != nil {
		w.fail(opened, err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") && !w.hidden {
			continue
		}
		w.visit(ctx, path.Join(folder, entry.Name()), depth)
	}
}

func (w *walker) visit(ctx context.Context, relative string, depth int) {
	opened := filepath.Join(w.root, filepath.FromSlash(relative))
	info, err := os.Stat(opened) // follows links
	switch {
	case err != nil:
		if w.accepts(relative) {
			w.fail(opened, err)
		}
	case info.IsDir():
		if w.depth == 0 || depth < w.depth {
			w.walk(ctx, relative, depth+1)
		}
	case info.Mode().IsRegular() && w.accepts(relative):
		real, err := realPath(opened)
		if err != nil {
			w.fail(opened, err)
			return
		}
		w.files = append(w.files, file{path: opened, real: real, relative: relative, spec: w.spec, info: info})
	}
}

func (w *walker) fail(opened string, err error) {
	w.problems = append(w.problems, &Problem{Path: opened, Err: cause(err)})
}

func realPath(p string) (string, error) {
	absolute, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}
