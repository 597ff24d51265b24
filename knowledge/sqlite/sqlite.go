// Package sqlite keeps a knowledge base in one SQLite file, or in memory.
//
// It is the default driver of knowledge.Store: one process, or a few on one
// machine, over one file that can be copied, inspected and backed up with the
// usual tools.
//
// # On disk
//
// Four tables, made and changed only by the numbered files in migrations, whose
// comments describe them: documents (identity, metadata, the current revision),
// revisions (one for each content that a document ever had), paragraphs
// (clustered by revision and number, so that reading a revision is one scan)
// and changes (the newest change of each document). A fifth,
// knowledge_migrations, says which of the files were applied. A component that
// shares the file keeps a migrations table of its own.
//
// # Invariants
//
//   - A write is one transaction. A process that is killed, or a disk that
//     fills, leaves whole documents only.
//   - Documents, revisions and paragraphs are never removed, and a revision's
//     paragraphs never change.
//   - A paragraph is checked when it is read: each row carries a checksum and
//     each revision the count of its rows. Words that are not the ones written
//     are reported as knowledge.ErrCorrupt, never returned.
//   - A file that is damaged, foreign, or of a newer version is not written to.
//
// The whole file is not checked when it is opened: that would read all of it,
// and whoever builds an index from the store reads all of it anyway. Opening
// checks the header, the schema and that the file is as long as it says.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	// SQLite itself, compiled to Go: it builds with CGO_ENABLED=0 for every
	// platform that we ship to.
	"modernc.org/sqlite"

	"summitbot/knowledge"
)

// busyTimeout is how long a statement waits for another process to release the
// file. Our own longest write, a document of 50,000 paragraphs, takes about
// two seconds.
const busyTimeout = 5 * time.Second

// headerSize is the length in bytes of the header of every SQLite file. SQLite
// takes some files that are shorter for new ones, and overwrites them.
const headerSize = 100

// memory is the path of a store without a file.
const memory = ":memory:"

// A Store is a knowledge.Store in SQLite. It is safe for concurrent use.
type Store struct {
	path  string // for messages
	write *sql.DB
	read  *sql.DB // the same pool as write in memory
	statements
}

var _ knowledge.Store = (*Store)(nil)

// Open opens the knowledge base in the file at path and brings its schema up to
// date. A file that does not exist is made, with mode 0600, in a folder that is
// made with mode 0700. An empty path, or ":memory:", is a store without a file,
// which ends with Close.
//
// A file that cannot be used is left as it is, and the error says why: it is
// knowledge.ErrCorrupt, ErrForeign, ErrNewer, ErrFull, ErrReadOnly, ErrLocked
// or ErrUnavailable.
func Open(ctx context.Context, path string) (*Store, error) {
	return open(ctx, path, busyTimeout)
}

func open(ctx context.Context, path string, busy time.Duration) (_ *Store, err error) {
	if path == "" {
		path = memory
	}
	s := &Store{path: path}
	defer func() {
		if err != nil {
			err = fmt.Errorf("open knowledge base: %w", explain(path, err))
			_ = s.Close() // its error would hide the one that matters
		}
	}()
	list, err := readMigrations(migrations)
	if err != nil {
		return nil, err
	}
	if path == memory {
		err = s.openMemory(ctx, list)
	} else {
		err = s.openFile(ctx, path, list, busy)
	}
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// openMemory opens one connection, which is the database, and keeps it for as
// long as the store lives. Readers and writers take turns on it.
func (s *Store) openMemory(ctx context.Context, list []migration) error {
	db, err := pool(memory+"?"+common(busyTimeout).Encode(), 1)
	if err != nil {
		return err
	}
	s.write, s.read = db, db
	return migrate(ctx, db, list)
}

// openFile looks at the file through the reading pool before the writing one
// touches it: switching to WAL alone would change a file that is not ours.
//
// One connection writes, because SQLite has one writer at a time, and a turn is
// better waited for in Go, where it comes at once, than by polling the file.
// Readers have connections of their own, which WAL lets see the last committed
// state while one writes.
func (s *Store) openFile(ctx context.Context, path string, list []migration, busy time.Duration) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := makeFile(abs); err != nil {
		return err
	}

	reading := common(busy)
	reading.Set("_query_only", "on")
	if s.read, err = pool(dsn(abs, reading), max(2, runtime.GOMAXPROCS(0))); err != nil {
		return err
	}
	if _, err := schemaVersion(ctx, s.read, len(list)); err != nil {
		return err
	}

	writing := common(busy)
	writing.Set("_journal_mode", "WAL")
	writing.Set("_synchronous", "NORMAL")
	// A bulk ingest makes the log as long as its largest document; give the
	// space back afterwards.
	writing.Add("_pragma", "journal_size_limit="+strconv.Itoa(64<<20))
	if s.write, err = pool(dsn(abs, writing), 1); err != nil {
		return err
	}
	return migrate(ctx, s.write, list)
}

// common returns the settings of every connection. They stand in the DSN, for a
// PRAGMA that is executed reaches only one connection of a pool.
func common(busy time.Duration) url.Values {
	return url.Values{
		"mode":          {"rw"}, // makeFile makes the file, with the right mode
		"_busy_timeout": {strconv.FormatInt(busy.Milliseconds(), 10)},
		"_foreign_keys": {"on"},
		"_txlock":       {"immediate"}, // a write waits for its turn at the start, where waiting can succeed
		"_defensive":    {"1"},         // no SQL can damage the file on purpose
		"_dqs":          {"0"},         // a misspelt column is an error, not a string
		"_error_rc":     {"1"},         // messages belong to the error that they stand in
	}
}

// dsn returns the data source name of the file at the absolute path abs, which
// may contain any character.
func dsn(abs string, settings url.Values) string {
	p := filepath.ToSlash(abs)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // C:/x becomes file:///C:/x
	}
	return (&url.URL{Scheme: "file", Path: p, RawQuery: settings.Encode()}).String()
}

// pool returns a pool that keeps its connections, for opening one costs more
// than most statements.
func pool(dsn string, size int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// makeFile makes an empty file at path, and its folder, if there is none.
// SQLite gives the files that it puts beside it the same mode.
func makeFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	case info.Size() >= headerSize:
		return nil
	case info.Size() > 0:
		return fmt.Errorf("%w: the file is too short for a database", errUnreadable)
	}
	// SQLite takes an empty file for a new database and throws the log beside
	// it away, but a log holds data only after the file did.
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return fmt.Errorf("%w: the file is empty, the log beside it is not", errUnreadable)
	}
	return nil
}

// DB returns the one connection that writes, for a component that keeps tables
// of its own in the same database, such as the journal. It has to be shared,
// because in memory no other connection sees the database, and in a file a
// second writer would only wait for the first.
//
// A transaction begun on it holds the lock for writing. Rows read from it must
// be closed before the next statement is run outside of their transaction.
// Close of the Store closes it.
func (s *Store) DB() *sql.DB { return s.write }

// Close waits for what is being done and closes the database. With the last
// connection the log is merged into the file.
func (s *Store) Close() error {
	var errs []error
	// The writer last: a connection that may only read cannot merge the log.
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close knowledge base: %w", explain(s.path, err))
	}
	return nil
}
