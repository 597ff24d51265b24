package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"summitbot/knowledge"
)

// What can be wrong with a database besides knowledge.ErrCorrupt. In each case
// all that was stored before is kept.
var (
	// ErrFull says that there is no space left to write to.
	ErrFull = errors.New("the disk is full")
	// ErrReadOnly says that the file or its folder may not be written.
	ErrReadOnly = errors.New("the database cannot be written")
	// ErrLocked says that another process holds the file, and did not let go
	// of it for some seconds.
	ErrLocked = errors.New("another process is using the database")
	// ErrUnavailable says that the file cannot be opened, read or made.
	ErrUnavailable = errors.New("the database cannot be opened")
	// ErrNewer says that a newer version of the program made the database.
	ErrNewer = errors.New("the database is of a newer version")
	// ErrForeign says that the file is a database of another program.
	ErrForeign = errors.New("the database is not a knowledge base")
)

// errUnreadable says that SQLite read something that we did not write.
var errUnreadable = errors.New("not what was stored")

// explain is the one place where errors of SQLite and of the file system turn
// into errors by meaning, which say what happened, what was kept and what to
// do. Errors that are none of these, such as a context's, stay as they are.
func explain(path string, err error) error {
	advice, kind := diagnose(err)
	switch {
	case kind == nil:
		return err
	case errors.Is(err, kind):
		return fmt.Errorf("%s: %w: %s", path, err, advice)
	}
	return fmt.Errorf("%s: %w: %w: %s", path, kind, err, advice)
}

// diagnose returns the sentinel that err amounts to, or nil, and what to do
// about it.
func diagnose(err error) (advice string, kind error) {
	const kept = "what was stored is kept, nothing was changed"
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "", nil // even where SQLite calls it an interrupt
	case errors.Is(err, errUnreadable), is(err, codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB,
		codes.SQLITE_IOERR_SHORT_READ, codes.SQLITE_IOERR_DATA, codes.SQLITE_IOERR_CORRUPTFS):
		return "the file is left as it is: restore a copy, or move it away and ingest again", knowledge.ErrCorrupt
	case errors.Is(err, ErrNewer):
		return "nothing was changed: update the program, or choose another folder", ErrNewer
	case errors.Is(err, ErrForeign):
		return "nothing was changed: choose another file", ErrForeign
	case errors.Is(err, syscall.ENOSPC), is(err, codes.SQLITE_FULL):
		return kept + ": free some space and try again", ErrFull
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), is(err, codes.SQLITE_READONLY, codes.SQLITE_PERM):
		return kept + ": make the file and its folder writable, or choose another folder", ErrReadOnly
	case is(err, codes.SQLITE_BUSY, codes.SQLITE_LOCKED):
		return kept + ": try again when the other process has ended", ErrLocked
	case isFileError(err), is(err, codes.SQLITE_CANTOPEN, codes.SQLITE_IOERR):
		return kept + ": check the path and the disk, and that files can be made beside it", ErrUnavailable
	}
	return "", nil
}

// is reports whether err is an error of SQLite with one of the result codes. A
// primary code, which has eight bits, stands for all of its extended ones.
func is(err error, want ...int) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	for _, code := range want {
		if e.Code() == code || e.Code()&0xff == code {
			return true
		}
	}
	return false
}

// isFileError reports whether err comes from the file system.
func isFileError(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok
}

// isSchemaError reports whether a statement does not fit the tables.
func isSchemaError(err error) bool { return is(err, codes.SQLITE_ERROR) }
