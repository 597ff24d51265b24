package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// migrations holds the numbered changes of the schema, from 0001 without a gap
// (a test holds that), so that the n-th file by name is number n.
//
//go:embed migrations/*.sql
var migrations embed.FS

// A migration is one change of the schema.
type migration struct {
	name   string // of its file, e.g. "0001_documents.sql"
	script string
}

// readMigrations returns the migrations of fsys in order.
func readMigrations(fsys fs.FS) ([]migration, error) {
	files, err := fs.Glob(fsys, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	list := make([]migration, len(files))
	for i, file := range files {
		script, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		list[i] = migration{name: path.Base(file), script: string(script)}
	}
	return list, nil
}

// migrate applies those of list that db lacks, each in a transaction of its
// own. When two processes open one new file, the second waits for the first
// and finds nothing left to do.
func migrate(ctx context.Context, db *sql.DB, list []migration) error {
	version, err := schemaVersion(ctx, db, len(list))
	for err == nil && version < len(list) {
		version, err = migrateNext(ctx, db, list)
	}
	return err
}

// migrateNext applies the first of list that db lacks, if any, and returns the
// version reached.
func migrateNext(ctx context.Context, db *sql.DB, list []migration) (version int, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // after Commit it does nothing
	version, err = schemaVersion(ctx, tx, len(list))
	if err != nil || version == len(list) {
		return version, err
	}
	next := list[version]
	if version == 0 {
		const create = `CREATE TABLE knowledge_migrations (
			version INTEGER PRIMARY KEY,
			name    TEXT NOT NULL, -- of the file
			time    TEXT NOT NULL  -- when applied, RFC 3339, UTC
		) STRICT`
		if _, err := tx.ExecContext(ctx, create); err != nil {
			return 0, fmt.Errorf("migration %s: %w", next.name, err)
		}
	}
	if _, err := tx.ExecContext(ctx, next.script); err != nil {
		return 0, fmt.Errorf("migration %s: %w", next.name, err)
	}
	version++
	const record = `INSERT INTO knowledge_migrations (version, name, time) VALUES (?, ?, ?)`
	if _, err := tx.ExecContext(ctx, record, version, next.name, time.Now().UTC().Format(time.RFC3339)); err != nil {
		return 0, fmt.Errorf("migration %s: %w", next.name, err)
	}
	return version, tx.Commit()
}

// schemaVersion returns how many migrations were applied, 0 for a database with
// nothing in it. It is ErrForeign if others made the database, and ErrNewer if
// it has more than the known ones.
func schemaVersion(ctx context.Context, db querier, known int) (version int, err error) {
	var objects, ours int
	const schema = `SELECT count(*), count(*) FILTER (WHERE name = 'knowledge_migrations') FROM sqlite_schema`
	if err := db.QueryRowContext(ctx, schema).Scan(&objects, &ours); err != nil {
		return 0, err
	}
	switch {
	case objects == 0:
		return 0, nil
	case ours == 0:
		return 0, ErrForeign
	}
	var applied, first int
	const versions = `SELECT count(*), coalesce(min(version), 0), coalesce(max(version), 0) FROM knowledge_migrations`
	if err := db.QueryRowContext(ctx, versions).Scan(&applied, &first, &version); err != nil {
		return 0, err
	}
	switch {
	case first != 1 || applied != version:
		return 0, fmt.Errorf("%w: schema versions %d to %d in %d rows", errUnreadable, first, version, applied)
	case version > known:
		return 0, fmt.Errorf("%w: its schema is number %d, this version knows %d", ErrNewer, version, known)
	}
	return version, nil
}

// A querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
