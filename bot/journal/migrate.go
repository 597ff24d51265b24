package journal

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
	name   string // of its file, e.g. "0001_journal.sql"
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

// migrate applies those of list that db lacks, in one transaction: a journal is
// brought up to date as a whole, or left as it is. Which were applied is kept
// in a table of the journal's own, since others keep theirs in the database.
func migrate(ctx context.Context, db *sql.DB, list []migration) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	const create = `CREATE TABLE IF NOT EXISTS journal_migrations (
		version BIGINT PRIMARY KEY,
		name    TEXT NOT NULL, -- of the file
		time    TEXT NOT NULL  -- when applied, RFC 3339, UTC
	)`
	if _, err := tx.ExecContext(ctx, create); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, tx, len(list))
	if err != nil {
		return err
	}
	for i := version; i < len(list); i++ {
		if err := apply(ctx, tx, i+1, list[i]); err != nil {
			return fmt.Errorf("migration %s: %w", list[i].name, err)
		}
	}
	return tx.Commit()
}

func apply(ctx context.Context, tx *sql.Tx, version int, m migration) error {
	if _, err := tx.ExecContext(ctx, m.script); err != nil {
		return err
	}
	const record = `INSERT INTO journal_migrations (version, name, time) VALUES ($1, $2, $3)`
	_, err := tx.ExecContext(ctx, record, version, m.name, time.Now().UTC().Format(time.RFC3339))
	return err
}

// schemaVersion returns how many migrations were applied. It is ErrNewer if
// there are more than the known ones.
func schemaVersion(ctx context.Context, tx *sql.Tx, known int) (version int, err error) {
	var applied, first int
	const versions = `SELECT count(*), coalesce(min(version), 0), coalesce(max(version), 0) FROM journal_migrations`
	if err := tx.QueryRowContext(ctx, versions).Scan(&applied, &first, &version); err != nil {
		return 0, err
	}
	switch {
	case version > known:
		return 0, fmt.Errorf("%w: its schema is number %d, this version knows %d; update the program", ErrNewer, version, known)
	case applied != version || applied > 0 && first != 1:
		return 0, fmt.Errorf("%w: schema versions %d to %d in %d rows", ErrCorrupt, first, version, applied)
	}
	return version, nil
}
