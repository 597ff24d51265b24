// Package source finds and reads the documents that a knowledge base is made
// of: the article that is embedded in the program, files, folders and globs.
//
// Invariants. The same specs over the same files give the same documents, with
// the same ids, in the same order. A file is read once, however many specs
// name it. A problem with one file or folder never hides another document:
// all problems are returned, joined, beside what could be read; one with a
// file or folder is a Problem. Nothing is
// written.
package source

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// MaxSize is the size in bytes above which a file is refused. Books stay far
// below it; what is larger is most likely not meant to be read.
const MaxSize = 64 << 20

// Sentinels by meaning; they are wrapped with the path.
var (
	// ErrNoMatch says that a folder or a glob has no file to read.
	ErrNoMatch = errors.New("no document in it")
	// ErrTooLarge says that a file is larger than MaxSize.
	ErrTooLarge = fmt.Errorf("larger than the %d MB that are read", MaxSize>>20)
	// ErrGone says that a file that a Reader met is no longer in its folder.
	ErrGone = errors.New("it was here, and was removed")
	// ErrOther says that a folder in which a Reader met documents is another one
	// now, with none: that is how a folder looks that is not mounted.
	ErrOther = errors.New("another folder than before, with no document in it; is it not mounted?")
)

// A Problem is why something could not be read.
type Problem struct {
	Path string // of the file, or of the folder below which something may be
	Err  error
	glob string // that named the folder; "" for none
}

// Error implements error.
func (p *Problem) Error() string {
	if p.glob != "" {
		return fmt.Sprintf("glob %q: folder %q: %v", p.glob, p.Path, p.Err)
	}
	return fmt.Sprintf("read %q: %v", p.Path, p.Err)
}

// Unwrap returns Err.
func (p *Problem) Unwrap() error { return p.Err }

// A Document is one text as it was found, not yet extracted.
type Document struct {
	ID         string // unique among the documents of one call
	Path       string // where it was read from; "" if embedded
	Title      string // as the spec gives it; "" means the text's own
	Collection string // "" is the default collection
	URL        string // where the original stands; "" if nowhere
	Data       []byte
}

// A Spec names documents, as the configuration and the command line do.
type Spec struct {
	// Path is a file, a folder, or a glob with *, **, ?, [a-z] and {a,b}. A
	// folder means all files below it whose ending extract knows; so does a
	// glob whose last element has no ending. Hidden files and folders are
	// left out unless Path names them.
	Path string
	// Collection is given to every document.
	Collection string
	// Title is used only if Path names one document.
	Title string
	// URL is that of the one document, or of the folder that holds the many.
	URL string
}

//go:embed alaska-summit.txt
var article []byte

// Embedded returns the article that serves where no document was given.
func Embedded() Document {
	return Document{ID: "alaska-summit", Data: bytes.Clone(article)}
}

// Read returns all documents that specs name. The error joins every problem;
// the documents that could be read are returned beside it.
func Read(ctx context.Context, specs []Spec) ([]Document, error) {
	var documents []Document
	err := Walk(ctx, specs, func(d Document) error {
		documents = append(documents, d)
		return nil
	})
	return documents, err
}

// Walk is Read one document at a time, so that only one is in memory. It goes
// on after a problem; an error of fn or the end of ctx ends it.
func Walk(ctx context.Context, specs []Spec, fn func(Document) error) error {
	return new(Reader).Walk(ctx, specs, func(d Document, _ bool) error { return fn(d) })
}

// readFile reads a file up to MaxSize, also if it grows meanwhile.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, cause(err)
	}
	if info.Size() > MaxSize {
		return nil, ErrTooLarge
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, cause(err)
	}
	if len(data) > MaxSize {
		return nil, ErrTooLarge
	}
	return data, nil
}

// cause takes the path out of an error, since every error here is wrapped with
// the path as it was given.
func cause(err error) error {
	if failed, ok := errors.AsType[*os.PathError](err); ok {
		return failed.Err
	}
	return err
}

func (f file) title() string {
	if f.alone {
		return f.spec.Title
	}
	return ""
}

func (f file) url() string {
	if f.alone || f.spec.URL == "" {
		return f.spec.URL
	}
	relative := url.URL{Path: f.relative}
	return strings.TrimRight(f.spec.URL, "/") + "/" + strings.TrimPrefix(relative.EscapedPath(), "./")
}
