package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxErrors bounds a report: a file with more mistakes is not a configuration,
// and nobody reads further.
const maxErrors = 50

// An Error is one mistake in the file.
type Error struct {
	File    string // as it was named to Load
	Line    int    // from 1
	Column  int    // from 1, where the setting begins
	Path    string // of the key, e.g. "sources[0].path"; "" for the file as a whole
	Message string // what is wrong and what to write
}

// Error returns "file:line: key.path: message".
func (e Error) Error() string { return line(e.File, e.Line, e.Path, e.Message) }

// Errors are all mistakes of a file in the order of their lines, never empty.
type Errors []Error

// Error returns one line for each mistake.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns each mistake, for errors.Is and errors.As.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// A Warning is something in a valid file that is probably not meant so. Its
// fields are those of Error.
type Warning struct {
	File         string
	Line, Column int
	Path         string
	Message      string
}

// String returns "file:line: key.path: message".
func (w Warning) String() string { return line(w.File, w.Line, w.Path, w.Message) }

func line(file string, line int, path, message string) string {
	if path != "" {
		message = path + ": " + message
	}
	return fmt.Sprintf("%s:%d: %s", file, line, message)
}

// report sorts errs by place and cuts what is beyond maxErrors.
func report(errs Errors) error {
	if len(errs) == 0 {
		return nil
	}
	slices.SortStableFunc(errs, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if more := len(errs) - maxErrors; more > 0 {
		rest := errs[maxErrors]
		rest.Path, rest.Message = "", fmt.Sprintf("and %d more from here on", more)
		errs = append(errs[:maxErrors:maxErrors], rest)
	}
	return errs
}
