// Package journal remembers what was asked and what was answered, over
// restarts, in a database that its caller opened: each message with its state,
// each answer as it was shown, its citations at their revision, what people
// thought of it, and the tokens of each day.
//
// # In the database
//
// Five tables, made and changed only by the numbered files in migrations, whose
// comments describe them: messages, answers, citations, feedback and spent. A
// sixth, journal_migrations, says which of the files were applied; others may
// keep tables of their own in the same database. The statements are what SQLite
// and PostgreSQL share.
//
// # Invariants
//
//   - A key is begun once, for ever: of many who try at once, one succeeds.
//   - A message ends once, by the start of the program that works on it. One that
//     another start took over cannot be ended by the first any more.
//   - An answer never changes, but for what is forgotten of a person. It stands
//     there with its citations, with its question as ended and with its tokens as
//     spent, or not at all.
//
// Each method is one statement or one transaction. Errors say what was done and
// wrap the driver's.
package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"summitbot/bot"
)

// What may be wrong, beside what the driver says of its database.
var (
	// ErrNotFound says that there is no such answer or message.
	ErrNotFound = bot.ErrUnknown
	// ErrCorrupt says that something cannot be read as what was written.
	ErrCorrupt = errors.New("the journal is damaged")
	// ErrNewer says that a newer version of the program wrote it.
	ErrNewer = errors.New("the journal is of a newer version")
	// ErrNotBegun says that a message is to be ended that this start of the
	// program has not begun, has ended, or has lost to another one.
	ErrNotBegun = errors.New("the message is not under way here")
)

// A Journal is one start's view of the journal. It is safe for concurrent use.
type Journal struct {
	db  *sql.DB
	now func() time.Time
	run string // names this start of the program
}

var _ bot.Journal = (*Journal)(nil)

// New brings the journal in db up to date and starts to use it. Whoever opened
// db closes it, after the last use of the Journal. now is the clock.
func New(ctx context.Context, db *sql.DB, now func() time.Time) (*Journal, error) {
	list, err := readMigrations(migrations)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := migrate(ctx, db, list); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return &Journal{db: db, now: now, run: rand.Text()}, nil
}

// transact runs do in one transaction.
func (j *Journal) transact(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// changed runs a statement and returns how many rows it changed.
func changed(ctx context.Context, db execer, statement string, args ...any) (int64, error) {
	result, err := db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// An execer is a *sql.DB or a *sql.Tx.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// collect scans every row of a query.
func collect[T any](ctx context.Context, db querier, scan func(*sql.Rows) (T, error), query string, args ...any) (list []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// A querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// stamp is how a time is written.
const stamp = "2006-01-02T15:04:05.000000000Z"

// day is how a day is written.
const day = time.DateOnly

func writeTime(t time.Time) string { return t.UTC().Format(stamp) }

func readTime(s string) (time.Time, error) {
	t, err := time.Parse(stamp, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return t, nil
}
