package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"summitbot/knowledge"
)

// statements are prepared once, on the pool that runs them. Closing the pool
// closes them.
type statements struct {
	// on the reading pool
	documents, document, revisions, revision, current, paragraphs, changes *sql.Stmt
	// on the writing pool
	stored, addDocument, setDocument, hide             *sql.Stmt
	known, addRevision, promote, addParagraph, nextSeq *sql.Stmt
}

// selectDocument is a document with its current revision. The join keeps a
// document whose revision is lost, so that the loss is noticed.
const selectDocument = `
	SELECT d.id, d.title, d.collection, d.url, d.path, d.language, r.digest, r.time, r.paragraphs
	FROM documents d LEFT JOIN revisions r ON r.key = d.revision
	WHERE d.revision IS NOT NULL`

// prepare prepares every statement. One that does not fit the schema means that
// the schema is not the one that its version promises.
func (s *Store) prepare(ctx context.Context) error {
	for _, p := range []struct {
		statement **sql.Stmt
		db        *sql.DB
		query     string
	}{
		{&s.documents, s.read, selectDocument + ` ORDER BY d.id`},
		{&s.document, s.read, selectDocument + ` AND d.id = ?`},
		{&s.revisions, s.read, `
			SELECT r.digest, r.time FROM revisions r JOIN documents d ON d.key = r.document
			WHERE d.id = ? ORDER BY r.current_at DESC`},
		{&s.current, s.read, `
			SELECT r.key, r.paragraphs FROM revisions r JOIN documents d ON d.revision = r.key WHERE d.id = ?`},
		{&s.revision, s.read, `
			SELECT r.key, r.paragraphs FROM revisions r JOIN documents d ON d.key = r.document
			WHERE d.id = ? AND r.digest = ?`},
		{&s.paragraphs, s.read, `
			SELECT key, kind, headings, text, sentences, checksum FROM paragraphs
			WHERE key BETWEEN ? AND ? ORDER BY key`},
		{&s.changes, s.read, `
			SELECT c.seq, d.id, d.revision IS NULL FROM changes c LEFT JOIN documents d ON d.key = c.document
			WHERE c.seq > ? ORDER BY c.seq LIMIT ?`},

		{&s.stored, s.write, `
			SELECT d.key, coalesce(d.revision, 0), coalesce(r.digest, ''), c.seq,
				d.title, d.collection, d.url, d.path, d.language
			FROM documents d JOIN changes c ON c.document = d.key LEFT JOIN revisions r ON r.key = d.revision
			WHERE d.id = ?`},
		{&s.addDocument, s.write, `INSERT INTO documents (id) VALUES (?)`},
		{&s.setDocument, s.write, `
			UPDATE documents SET revision = ?, title = ?, collection = ?, url = ?, path = ?, language = ?
			WHERE key = ?`},
		{&s.hide, s.write, `UPDATE documents SET revision = NULL WHERE key = ?`},
		{&s.known, s.write, `SELECT key FROM revisions WHERE document = ? AND digest = ?`},
		{&s.addRevision, s.write, `
			INSERT INTO revisions (document, digest, time, paragraphs, current_at) VALUES (?, ?, ?, ?, ?)`},
		{&s.promote, s.write, `UPDATE revisions SET current_at = ? WHERE key = ?`},
		{&s.addParagraph, s.write, `
			INSERT INTO paragraphs (key, kind, headings, text, sentences, checksum) VALUES (?, ?, ?, ?, ?, ?)`},
		// The document's last change goes, and the new one takes its place at the end.
		{&s.nextSeq, s.write, `INSERT OR REPLACE INTO changes (document) VALUES (?)`},
	} {
		statement, err := p.db.PrepareContext(ctx, p.query)
		if err != nil {
			if isSchemaError(err) {
				err = fmt.Errorf("%w: %w", errUnreadable, err)
			}
			return err
		}
		*p.statement = statement
	}
	return nil
}

// transact runs do in one transaction, which holds the lock for writing from
// its start.
func (s *Store) transact(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if err = do(tx); err == nil {
		err = tx.Commit()
	}
	if ended := ctx.Err(); ended != nil && err != nil {
		// The transaction was rolled back in the background, and err is what
		// the first statement to notice says of it, unless it has a cause of
		// its own.
		if _, kind := diagnose(err); kind == nil {
			return ended
		}
	}
	return err
}

// metadata is what a document has besides its text.
type metadata struct{ title, collection, url, path, language string }

func metadataOf(d knowledge.Document) metadata {
	return metadata{d.Title, d.Collection, d.URL, d.Path, d.Language}
}

// state is what is stored of a document; the zero state is nothing.
type state struct {
	key      int64
	revision int64 // the current one, 0 once deleted
	digest   string
	seq      int64 // of its last change
	metadata
}

// state returns what tx sees of the document with this id.
func (s *Store) state(ctx context.Context, tx *sql.Tx, id string) (state, error) {
	is, _, err := queryRow(ctx, tx.StmtContext(ctx, s.stored), scanState, id)
	return is, err
}

// Put implements knowledge.Store. When nothing changes, seq is the number of
// the document's last change.
func (s *Store) Put(ctx context.Context, doc knowledge.Document, paragraphs []knowledge.Paragraph) (seq int64, changed bool, err error) {
	if err := check(doc, paragraphs); err != nil {
		return 0, false, fmt.Errorf("store %q: %w", doc.ID, err)
	}
	err = s.transact(ctx, func(tx *sql.Tx) error {
		was, err := s.state(ctx, tx, doc.ID)
		if err != nil {
			return err
		}
		if was.revision != 0 && was.digest == doc.Revision.Digest && was.metadata == metadataOf(doc) {
			seq, changed = was.seq, false
			return nil
		}
		changed = true
		seq, err = s.put(ctx, tx, was, doc, paragraphs)
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("store %q: %w", doc.ID, s.explain(err))
	}
	return seq, changed, nil
}

// put makes doc the state of its document and returns the number of the change.
func (s *Store) put(ctx context.Context, tx *sql.Tx, was state, doc knowledge.Document, paragraphs []knowledge.Paragraph) (seq int64, err error) {
	key := was.key
	if key == 0 {
		if key, err = insert(ctx, tx, s.addDocument, doc.ID); err != nil {
			return 0, err
		}
	}
	if seq, err = insert(ctx, tx, s.nextSeq, key); err != nil {
		return 0, err
	}
	revision := was.revision
	if revision == 0 || was.digest != doc.Revision.Digest {
		if revision, err = s.putRevision(ctx, tx, key, seq, doc.Revision, paragraphs); err != nil {
			return 0, err
		}
	}
	m := metadataOf(doc)
	_, err = tx.StmtContext(ctx, s.setDocument).ExecContext(ctx, revision, m.title, m.collection, m.url, m.path, m.language, key)
	return seq, err
}

// putRevision makes r the newest revision of the document with this key: one
// that it had before, or a new one with these paragraphs.
func (s *Store) putRevision(ctx context.Context, tx *sql.Tx, document, seq int64, r knowledge.Revision, paragraphs []knowledge.Paragraph) (key int64, err error) {
	key, known, err := queryRow(ctx, tx.StmtContext(ctx, s.known), scanKey, document, r.Digest)
	if err != nil {
		return 0, err
	}
	if known {
		_, err = tx.StmtContext(ctx, s.promote).ExecContext(ctx, seq, key)
		return key, err
	}
	key, err = insert(ctx, tx, s.addRevision, document, r.Digest, r.Time.UTC().Format(time.RFC3339Nano), len(paragraphs), seq)
	if err != nil {
		return 0, err
	}
	return key, s.addParagraphs(ctx, tx, key, paragraphs)
}

// addParagraphs stores the paragraphs of a new revision. It looks at ctx itself,
// between rows: watching it while each is inserted costs as much as inserting.
func (s *Store) addParagraphs(ctx context.Context, tx *sql.Tx, revision int64, paragraphs []knowledge.Paragraph) error {
	add := tx.StmtContext(ctx, s.addParagraph)
	defer add.Close()
	unwatched := context.WithoutCancel(ctx)
	var c codec
	for _, p := range paragraphs {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := c.encode(revision, p)
		if err != nil {
			return fmt.Errorf("paragraph %d: %w", p.Number, err)
		}
		if _, err := add.ExecContext(unwatched, r.key, r.kind, r.headings, r.text, r.sentences, r.checksum); err != nil {
			return fmt.Errorf("paragraph %d: %w", p.Number, err)
		}
	}
	return nil
}

// insert runs a statement that inserts one row and returns the row's key.
func insert(ctx context.Context, tx *sql.Tx, statement *sql.Stmt, args ...any) (key int64, err error) {
	result, err := tx.StmtContext(ctx, statement).ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// Delete implements knowledge.Store.
func (s *Store) Delete(ctx context.Context, id string) (seq int64, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) error {
		was, err := s.state(ctx, tx, id)
		if err != nil {
			return err
		}
		if was.revision == 0 {
			return knowledge.ErrNotFound
		}
		if _, err := tx.StmtContext(ctx, s.hide).ExecContext(ctx, was.key); err != nil {
			return err
		}
		seq, err = insert(ctx, tx, s.nextSeq, was.key)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete %q: %w", id, s.explain(err))
	}
	return seq, nil
}

// Documents implements knowledge.Store. Ids are in the order of their bytes.
func (s *Store) Documents(ctx context.Context) ([]knowledge.Document, error) {
	list, err := query(ctx, s.documents, scanDocument)
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", s.explain(err))
	}
	return list, nil
}

// Document implements knowledge.Store.
func (s *Store) Document(ctx context.Context, id string) (knowledge.Document, error) {
	doc, found, err := queryRow(ctx, s.document, scanDocument, id)
	if err == nil && !found {
		err = knowledge.ErrNotFound
	}
	if err != nil {
		return knowledge.Document{}, fmt.Errorf("document %q: %w", id, s.explain(err))
	}
	return doc, nil
}

// Revisions implements knowledge.Store. The newest is the one that became
// current last, so that of a document that is not deleted the first one is the
// current one, even if its text was first stored long ago.
func (s *Store) Revisions(ctx context.Context, id string) ([]knowledge.Revision, error) {
	list, err := query(ctx, s.revisions, scanRevision, id)
	if err == nil && len(list) == 0 {
		err = knowledge.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("revisions of %q: %w", id, s.explain(err))
	}
	return list, nil
}

// Paragraphs implements knowledge.Store. A range may reach beyond either end;
// what there is of it is returned.
func (s *Store) Paragraphs(ctx context.Context, id, digest string, from, to int) ([]knowledge.Paragraph, error) {
	list, err := s.readParagraphs(ctx, id, digest, from, to)
	if err != nil {
		return nil, fmt.Errorf("paragraphs of %q: %w", id, s.explain(err))
	}
	return list, nil
}

// readParagraphs looks the revision up and scans its rows. That these are two
// statements does no harm, for a revision never changes once it is there.
func (s *Store) readParagraphs(ctx context.Context, id, digest string, from, to int) ([]knowledge.Paragraph, error) {
	find, args := s.current, []any{id}
	if digest != "" {
		find, args = s.revision, []any{id, digest}
	}
	revision, found, err := queryRow(ctx, find, scanStoredRevision, args...)
	if err == nil && !found {
		err = knowledge.ErrNotFound
	}
	if err != nil {
		return nil, err
	}

	from = max(from, 1)
	if to == 0 || to > revision.paragraphs {
		to = revision.paragraphs
	}
	if from > to {
		return nil, nil
	}
	var c codec
	number := from
	list, err := query(ctx, s.paragraphs, func(rows *sql.Rows) (knowledge.Paragraph, error) {
		var r row
		if err := rows.Scan(&r.key, &r.kind, &r.headings, &r.text, &r.sentences, &r.checksum); err != nil {
			return knowledge.Paragraph{}, err
		}
		p, err := c.decode(revision.key, number, r)
		if err != nil {
			return knowledge.Paragraph{}, fmt.Errorf("paragraph %d: %w", number, err)
		}
		number++
		return p, nil
	}, rowKey(revision.key, from), rowKey(revision.key, to))
	if err == nil && number <= to {
		err = fmt.Errorf("%w: paragraph %d: its row is missing", errUnreadable, number)
	}
	return list, err
}

// Changes implements knowledge.Store.
func (s *Store) Changes(ctx context.Context, after int64, limit int) ([]knowledge.Change, error) {
	list, err := query(ctx, s.changes, scanChange, after, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("changes after %d: %w", after, s.explain(err))
	}
	return list, nil
}

// explain is the function explain for errors of this store.
func (s *Store) explain(err error) error { return explain(s.path, err) }

// query runs a statement and reads each row with scan. A row that cannot be
// read as what it should be was not written by us.
func query[T any](ctx context.Context, statement *sql.Stmt, scan func(*sql.Rows) (T, error), args ...any) ([]T, error) {
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		item, err := scan(rows)
		if ended := ctx.Err(); ended != nil {
			return nil, ended // rows may have been closed while they were scanned
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUnreadable, err)
		}
		list = append(list, item)
	}
	return list, rows.Err()
}

// queryRow is query for a statement that finds one row or none.
func queryRow[T any](ctx context.Context, statement *sql.Stmt, scan func(*sql.Rows) (T, error), args ...any) (item T, found bool, err error) {
	list, err := query(ctx, statement, scan, args...)
	if err != nil || len(list) == 0 {
		return item, false, err
	}
	return list[0], true, nil
}

func scanKey(rows *sql.Rows) (key int64, err error) {
	err = rows.Scan(&key)
	return key, err
}

func scanState(rows *sql.Rows) (is state, err error) {
	err = rows.Scan(&is.key, &is.revision, &is.digest, &is.seq,
		&is.title, &is.collection, &is.url, &is.path, &is.language)
	return is, err
}

// storedRevision is what reading a revision's paragraphs takes.
type storedRevision struct {
	key        int64
	paragraphs int // how many
}

func scanStoredRevision(rows *sql.Rows) (r storedRevision, err error) {
	err = rows.Scan(&r.key, &r.paragraphs)
	return r, err
}

func scanDocument(rows *sql.Rows) (d knowledge.Document, err error) {
	var stored string
	err = rows.Scan(&d.ID, &d.Title, &d.Collection, &d.URL, &d.Path, &d.Language,
		&d.Revision.Digest, &stored, &d.Paragraphs)
	if err == nil {
		d.Revision.Time, err = time.Parse(time.RFC3339Nano, stored)
	}
	return d, err
}

func scanRevision(rows *sql.Rows) (r knowledge.Revision, err error) {
	var stored string
	if err = rows.Scan(&r.Digest, &stored); err == nil {
		r.Time, err = time.Parse(time.RFC3339Nano, stored)
	}
	return r, err
}

func scanChange(rows *sql.Rows) (c knowledge.Change, err error) {
	err = rows.Scan(&c.Seq, &c.Document, &c.Deleted)
	return c, err
}
