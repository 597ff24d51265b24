package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// The states of a message, as they are written into the statements: begun,
// finished (it has an answer), failed (it has none, for a reason) and forgotten (it
// is a tombstone: see ForgetPerson). Whether it was told how it ended is a column of
// its own.

// Begin implements bot.Journal.
func (j *Journal) Begin(ctx context.Context, m bot.Message) (fresh bool, err error) {
	const insert = `
		INSERT INTO messages (key, surface, conversation, channel, author, text, collections, language, trace, received,
			begun, run, token, resumed, state, ended, reason, history, answer)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 'begun', '', '', '[]', '')
		ON CONFLICT (key) DO NOTHING`
	trace := 0
	if m.Trace {
		trace = 1
	}
	n, err := changed(ctx, j.db, insert, m.Key, m.Surface, m.Conversation, m.Channel, m.User, m.Text, writeSet(m.Collections),
		m.Language, trace, writeTime(m.Received), writeTime(j.now()), j.run, m.Token)
	if err != nil {
		return false, fmt.Errorf("journal: begin message %q: %w", m.Key, err)
	}
	return n == 1, nil
}

// Resume implements bot.Journal.
func (j *Journal) Resume(ctx context.Context, key string) (r bot.Resumed, err error) {
	var id string
	err = j.transact(ctx, func(tx *sql.Tx) error {
		const take = `UPDATE messages SET run = $1, resumed = resumed + 1 WHERE key = $2 AND told = 0 AND run <> $1`
		n, err := changed(ctx, tx, take, j.run, key)
		if err != nil || n == 0 {
			return err
		}
		var state string
		row := tx.QueryRowContext(ctx, `SELECT resumed, state, answer FROM messages WHERE key = $1`, key)
		err = row.Scan(&r.Times, &state, &id)
		r.Ended = state != "begun"
		return err
	})
	if err == nil && id != "" {
		var a answer.Answer
		if a, err = j.Answer(ctx, id); err == nil {
			r.Answer = &a
		} else if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNewer) || errors.Is(err, ErrNotFound) {
			err = nil // nobody can tell it any more
		}
	}
	if err != nil {
		return bot.Resumed{}, fmt.Errorf("journal: resume message %q: %w", key, err)
	}
	return r, nil
}

// Told implements bot.Journal.
func (j *Journal) Told(ctx context.Context, key string) error {
	_, err := changed(ctx, j.db, `UPDATE messages SET told = 1, token = '' WHERE key = $1 AND state <> 'begun' AND run = $2`, key, j.run)
	if err != nil {
		return fmt.Errorf("journal: note as told message %q: %w", key, err)
	}
	return nil
}

// Untold implements bot.Journal.
func (j *Journal) Untold(ctx context.Context, key string) error {
	// No start has this name: each may take the message over, this one too.
	_, err := changed(ctx, j.db, `UPDATE messages SET run = '' WHERE key = $1 AND state <> 'begun' AND told = 0 AND run = $2`, key, j.run)
	if err != nil {
		return fmt.Errorf("journal: note as not told message %q: %w", key, err)
	}
	return nil
}

// Finish implements bot.Journal. It is ErrNotBegun if key is not under way here.
func (j *Journal) Finish(ctx context.Context, key, asker string, history []answer.Turn, a answer.Answer) error {
	err := j.transact(ctx, func(tx *sql.Tx) error {
		turns, err := json.Marshal(history)
		if err != nil {
			return err
		}
		const finish = `
			UPDATE messages SET state = 'finished', ended = $1, history = $2, answer = $3
			WHERE key = $4 AND state = 'begun' AND run = $5`
		if err := j.endMessage(ctx, tx, finish, writeTime(j.now()), string(turns), a.ID, key, j.run); err != nil {
			return err
		}
		if err := insertAnswer(ctx, tx, a); err != nil {
			return err
		}
		return j.spend(ctx, tx, asker, a.Account.PromptTokens+a.Account.CompletionTokens)
	})
	if err != nil {
		return fmt.Errorf("journal: finish message %q: %w", key, err)
	}
	return nil
}

// Fail implements bot.Journal. It is ErrNotBegun if key is not under way here.
func (j *Journal) Fail(ctx context.Context, key, asker, reason string, tokens int) error {
	err := j.transact(ctx, func(tx *sql.Tx) error {
		const fail = `
			UPDATE messages SET state = 'failed', ended = $1, reason = $2
			WHERE key = $3 AND state = 'begun' AND run = $4`
		if err := j.endMessage(ctx, tx, fail, writeTime(j.now()), reason, key, j.run); err != nil {
			return err
		}
		return j.spend(ctx, tx, asker, tokens)
	})
	if err != nil {
		return fmt.Errorf("journal: fail message %q: %w", key, err)
	}
	return nil
}

// endMessage runs a statement that ends one message of this start.
func (j *Journal) endMessage(ctx context.Context, tx *sql.Tx, statement string, args ...any) error {
	n, err := changed(ctx, tx, statement, args...)
	if err == nil && n == 0 {
		err = ErrNotBegun
	}
	return err
}

// spend adds to what asker spent today.
func (j *Journal) spend(ctx context.Context, tx *sql.Tx, asker string, tokens int) error {
	if tokens <= 0 {
		return nil
	}
	const add = `
		INSERT INTO spent (day, asker, tokens) VALUES ($1, $2, $3)
		ON CONFLICT (day, asker) DO UPDATE SET tokens = spent.tokens + excluded.tokens`
	_, err := tx.ExecContext(ctx, add, j.now().UTC().Format(day), asker, tokens)
	return err
}

// Spent implements bot.Journal.
func (j *Journal) Spent(ctx context.Context, when time.Time, asker string) (total, own int, err error) {
	const sums = `
		SELECT CAST(coalesce(sum(tokens), 0) AS BIGINT), CAST(coalesce(sum(CASE WHEN asker = $2 THEN tokens END), 0) AS BIGINT)
		FROM spent WHERE day = $1`
	if err := j.db.QueryRowContext(ctx, sums, when.UTC().Format(day), asker).Scan(&total, &own); err != nil {
		return 0, 0, fmt.Errorf("journal: tokens spent: %w", err)
	}
	return total, own, nil
}

// History implements bot.Journal.
func (j *Journal) History(ctx context.Context, m bot.Message, since time.Time, most int) ([]answer.Turn, error) {
	const newest = `
		SELECT m.text, a.text FROM messages m JOIN answers a ON a.id = m.answer
		WHERE m.surface = $1 AND m.conversation = $2 AND m.ended >= $3
			AND m.collections = $4 AND m.state = 'finished' AND a.outcome <> 'failed'
		ORDER BY m.ended DESC, m.begun DESC, m.key DESC LIMIT $5`
	turns, err := collect(ctx, j.db, func(rows *sql.Rows) (t answer.Turn, err error) {
		return t, rows.Scan(&t.Question, &t.Answer)
	}, newest, m.Surface, m.Conversation, writeTime(since), writeSet(m.Collections), most)
	if err != nil {
		return nil, fmt.Errorf("journal: history of conversation %q: %w", m.Conversation, err)
	}
	slices.Reverse(turns)
	return turns, nil
}

// columns are those that scanMessage reads.
const columns = `key, surface, conversation, channel, author, text, collections, language, trace, received`

// Unfinished implements bot.Journal.
func (j *Journal) Unfinished(ctx context.Context, surface string) ([]bot.Unfinished, error) {
	const untold = `
		SELECT ` + columns + `, token, state FROM messages
		WHERE told = 0 AND run <> $1 AND (surface = $2 OR $2 = '') ORDER BY begun, key`
	list, err := collect(ctx, j.db, func(rows *sql.Rows) (u bot.Unfinished, err error) {
		var token, state string
		u.Message, err = scanMessage(rows.Scan, &token, &state)
		u.Token, u.Ended = token, state != "begun"
		return u, err
	}, untold, j.run, surface)
	if err != nil {
		return nil, fmt.Errorf("journal: unfinished messages: %w", err)
	}
	return list, nil
}

// Question returns the message of a key, without its token. It is ErrNotFound if
// there is none, or if it is forgotten.
func (j *Journal) Question(ctx context.Context, key string) (bot.Message, error) {
	m, err := scanMessage(j.db.QueryRowContext(ctx, `SELECT `+columns+` FROM messages WHERE key = $1 AND state <> 'forgotten'`, key).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return bot.Message{}, fmt.Errorf("journal: message %q: %w", key, err)
	}
	return m, nil
}

// Recent returns the keys of the messages of a surface that were begun since, in the
// order of their beginning.
func (j *Journal) Recent(ctx context.Context, surface string, since time.Time) ([]string, error) {
	const begun = `SELECT key FROM messages WHERE surface = $1 AND begun >= $2 ORDER BY begun, key`
	keys, err := collect(ctx, j.db, func(rows *sql.Rows) (key string, err error) { return key, rows.Scan(&key) }, begun, surface, writeTime(since))
	if err != nil {
		return nil, fmt.Errorf("journal: recent messages: %w", err)
	}
	return keys, nil
}

// Message returns the message that an answer was given to, without its token, and the
// turns that the answer leant on. It is ErrNotFound if there is no such answer.
func (j *Journal) Message(ctx context.Context, id string) (bot.Message, []answer.Turn, error) {
	var history string
	row := j.db.QueryRowContext(ctx, `SELECT `+columns+`, history FROM messages WHERE answer = $1 AND answer <> ''`, id)
	m, err := scanMessage(row.Scan, &history)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	var turns []answer.Turn
	if err == nil {
		err = decode(history, &turns)
	}
	if err != nil {
		return bot.Message{}, nil, fmt.Errorf("journal: message of answer %q: %w", id, err)
	}
	return m, turns, nil
}

// scanMessage reads columns, and more behind them.
func scanMessage(scan func(...any) error, more ...any) (m bot.Message, err error) {
	var collections, received string
	var trace int
	if err := scan(append([]any{
		&m.Key, &m.Surface, &m.Conversation, &m.Channel, &m.User, &m.Text, &collections, &m.Language, &trace, &received,
	}, more...)...); err != nil {
		return bot.Message{}, err
	}
	m.Trace = trace == 1
	if m.Received, err = readTime(received); err != nil {
		return bot.Message{}, err
	}
	return m, decode(collections, &m.Collections)
}

// writeSet writes equal sets of names as equal texts.
func writeSet(names []string) string {
	set := slices.Clone(names)
	slices.Sort(set)
	set = slices.Compact(set)
	if len(set) == 0 {
		return "[]"
	}
	out, _ := json.Marshal(set) // never fails for texts
	return string(out)
}

// decode reads JSON that was written here. An empty array leaves a nil slice nil.
func decode(text string, into any) error {
	if text == "[]" || text == "null" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return nil
}
