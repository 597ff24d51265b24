package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"summitbot/knowledge"
	"summitbot/knowledge/analysis"
)

// fts5 is SQLite's full-text search in a file that holds the texts too, as is
// its default.
type fts5 struct {
	db *sql.DB
	// languages of the questions, for the words that carry nothing.
	languages []string
}

// ftsBatch is how many paragraphs, at least, go into one transaction.
const ftsBatch = 1000

func openFTS5(ctx context.Context, folder string) (engine, error) {
	dsn := url.URL{Scheme: "file", Opaque: filepath.Join(folder, "fts5.db")}
	// A cache of 256 MB: the default of 2 MB is a thousandth of the file that a
	// million paragraphs make, which no one who cares for speed would keep.
	dsn.RawQuery = url.Values{"_pragma": {"journal_mode(wal)", "synchronous(normal)", "cache_size(-262144)"}}.Encode()
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	const schema = `CREATE VIRTUAL TABLE paragraphs USING fts5(title, body, address UNINDEXED, tokenize = 'porter unicode61')`
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("fts5: %w", err), db.Close())
	}
	return &fts5{db: db, languages: []string{"en"}}, nil
}

func (e *fts5) build(ctx context.Context, documents iter.Seq2[knowledge.IndexDocument, error]) error {
	var batch []knowledge.IndexDocument
	size := 0
	for d, err := range documents {
		if err != nil {
			return err
		}
		batch = append(batch, d)
		if size += len(d.Paragraphs); size < ftsBatch {
			continue
		}
		if err := e.insert(ctx, batch); err != nil {
			return err
		}
		batch, size = batch[:0], 0
	}
	return e.insert(ctx, batch)
}

// insert writes documents in one transaction.
func (e *fts5) insert(ctx context.Context, documents []knowledge.IndexDocument) error {
	tx, err := e.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("fts5: %w", err)
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(ctx, `INSERT INTO paragraphs (title, body, address) VALUES (?, ?, ?)`)
	if err != nil {
		return fmt.Errorf("fts5: %w", err)
	}
	defer insert.Close()
	for _, d := range documents {
		for _, p := range d.Paragraphs {
			at := knowledge.Address{Document: d.Document.ID, Paragraph: p.Number}
			if _, err := insert.ExecContext(ctx, d.Document.Title, p.Text, at.String()); err != nil {
				return fmt.Errorf("fts5: %s: %w", at, err)
			}
		}
	}
	return tx.Commit()
}

func (e *fts5) searches() []search {
	return []search{{"SQLite FTS5, bm25", e.match}}
}

// match asks for any of the question's content words. "rank" is bm25() with a
// weight of 1 for title and body, and lets FTS5 sort as it likes best.
func (e *fts5) match(ctx context.Context, question string, found []string) ([]string, error) {
	const query = `SELECT address FROM paragraphs WHERE paragraphs MATCH ? ORDER BY rank LIMIT ?`
	rows, err := e.db.QueryContext(ctx, query, e.expression(question), asked)
	if err != nil {
		return nil, fmt.Errorf("fts5: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var at string
		if err := rows.Scan(&at); err != nil {
			return nil, fmt.Errorf("fts5: %w", err)
		}
		found = append(found, at)
	}
	return found, rows.Err()
}

// expression quotes each content word as a string of FTS5's query language, so
// that nothing in a question is taken for an operator. Without a content word
// all words count.
func (e *fts5) expression(question string) string {
	q := analysis.ParseQuestion(question, e.languages)
	var content, all []string
	for _, w := range q.Words {
		quoted := `"` + strings.ReplaceAll(w.Surface, `"`, `""`) + `"`
		all = append(all, quoted)
		if !w.Stop {
			content = append(content, quoted)
		}
	}
	if len(content) == 0 {
		content = all
	}
	return strings.Join(content, " OR ")
}

func (e *fts5) close() error { return e.db.Close() }
