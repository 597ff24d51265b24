package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"summitbot/bot/answer"
)

// Forget removes what was begun before a time, which is to be long ago:
// messages, their answers with citations and feedback, and what was spent on
// earlier days. It returns how many messages that was. A key that is forgotten
// is fresh again.
func (j *Journal) Forget(ctx context.Context, before time.Time) (messages int, err error) {
	err = j.transact(ctx, func(tx *sql.Tx) error {
		const old = `(SELECT answer FROM messages WHERE begun < $1 AND answer <> '')`
		if _, err := deleteAnswers(ctx, tx, old, writeTime(before)); err != nil {
			return err
		}
		n, err := changed(ctx, tx, `DELETE FROM messages WHERE begun < $1`, writeTime(before))
		if err != nil {
			return err
		}
		messages = int(n)
		_, err = tx.ExecContext(ctx, `DELETE FROM spent WHERE day < $1`, before.UTC().Format(day))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("journal: forget: %w", err)
	}
	return messages, nil
}

// Before returns how many messages Forget would remove.
func (j *Journal) Before(ctx context.Context, before time.Time) (messages int, err error) {
	row := j.db.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE begun < $1`, writeTime(before))
	if err := row.Scan(&messages); err != nil {
		return 0, fmt.Errorf("journal: what is old: %w", err)
	}
	return messages, nil
}

// deleteAnswers removes the answers whose ids a query in parentheses finds, with
// all that belongs to them.
func deleteAnswers(ctx context.Context, tx *sql.Tx, ids string, args ...any) (answers int, err error) {
	for _, statement := range []string{
		`DELETE FROM citations WHERE answer IN ` + ids,
		`DELETE FROM feedback WHERE answer IN ` + ids,
	} {
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return 0, err
		}
	}
	n, err := changed(ctx, tx, `DELETE FROM answers WHERE id IN `+ids, args...)
	return int(n), err
}

// A Trail is what the journal has of a person.
type Trail struct {
	Questions int
	Answers   int // to these questions
	Verdicts  int // that the person gave, on whosever answers
	Turns     int // that answers to other people leant on
	Tokens    int // spent in the person's name
}

// Trail returns what ForgetPerson would remove.
func (j *Journal) Trail(ctx context.Context, surface, user string, before time.Time) (t Trail, err error) {
	rehearsed := errors.New("rehearsed") // so that the transaction is rolled back
	err = j.transact(ctx, func(tx *sql.Tx) error {
		if t, err = j.forgetPerson(ctx, tx, surface, user, before); err != nil {
			return err
		}
		return rehearsed
	})
	if !errors.Is(err, rehearsed) {
		return Trail{}, fmt.Errorf("journal: what there is of %s:%s: %w", surface, user, err)
	}
	return t, nil
}

// ForgetPerson removes what a person of a surface asked, was answered and thought
// of answers before a time, and what answers to others in the same conversations
// leant on of it. Of each question a tombstone stays: its key, so that an event that
// is delivered once more is not answered again, its surface and its times. Tokens
// stay in the sums of their days, as nobody's. A question that is under way ends
// in a failure.
func (j *Journal) ForgetPerson(ctx context.Context, surface, user string, before time.Time) (t Trail, err error) {
	err = j.transact(ctx, func(tx *sql.Tx) error {
		t, err = j.forgetPerson(ctx, tx, surface, user, before)
		return err
	})
	if err != nil {
		return Trail{}, fmt.Errorf("journal: forget %s:%s: %w", surface, user, err)
	}
	return t, nil
}

func (j *Journal) forgetPerson(ctx context.Context, tx *sql.Tx, surface, user string, before time.Time) (t Trail, err error) {
	if user == "" {
		return Trail{}, errors.New("nobody in particular cannot be forgotten")
	}
	limit := writeTime(before)
	if t.Turns, err = forgetTurns(ctx, tx, surface, user, limit); err != nil {
		return Trail{}, err
	}
	// Verdicts on the person's own answers go with these: they are counted before.
	said, err := changed(ctx, tx, `DELETE FROM feedback WHERE surface = $1 AND author = $2 AND time < $3`, surface, user, limit)
	if err != nil {
		return Trail{}, err
	}
	const own = `(SELECT answer FROM messages WHERE surface = $1 AND author = $2 AND begun < $3 AND answer <> '')`
	if t.Answers, err = deleteAnswers(ctx, tx, own, surface, user, limit); err != nil {
		return Trail{}, err
	}
	const bury = `
		UPDATE messages SET conversation = '', channel = '', author = '', text = '', collections = '[]', language = '', trace = 0,
			run = '', token = '', state = 'forgotten', told = 1, reason = '', history = '[]', answer = ''
		WHERE surface = $1 AND author = $2 AND begun < $3`
	asked, err := changed(ctx, tx, bury, surface, user, limit)
	if err != nil {
		return Trail{}, err
	}
	t.Questions, t.Verdicts = int(asked), int(said)
	t.Tokens, err = disown(ctx, tx, surface+":"+user, before.UTC().Format(day))
	return t, err
}

// disown makes the tokens that asker spent before a day nobody's, and returns how
// many they were.
func disown(ctx context.Context, tx *sql.Tx, asker, before string) (tokens int, err error) {
	const sum = `SELECT CAST(coalesce(sum(tokens), 0) AS BIGINT) FROM spent WHERE asker = $1 AND day < $2`
	if err := tx.QueryRowContext(ctx, sum, asker, before).Scan(&tokens); err != nil {
		return 0, err
	}
	const move = `
		INSERT INTO spent (day, asker, tokens) SELECT day, '', tokens FROM spent WHERE asker = $1 AND day < $2
		ON CONFLICT (day, asker) DO UPDATE SET tokens = spent.tokens + excluded.tokens`
	if _, err := tx.ExecContext(ctx, move, asker, before); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM spent WHERE asker = $1 AND day < $2`, asker, before)
	return tokens, err
}

// A leaning is another person's message whose answer leant on earlier turns of its
// conversation.
type leaning struct{ key, conversation, answer, history string }

// forgetTurns removes the person's turns from what answers to others leant on, and
// with them the prompts and rewritten questions of these answers, for the same
// words stand in them. It returns how many turns that was.
func forgetTurns(ctx context.Context, tx *sql.Tx, surface, user, before string) (turns int, err error) {
	said, err := wordsOf(ctx, tx, surface, user, before)
	if err != nil || len(said) == 0 {
		return 0, err
	}
	const others = `
		SELECT key, conversation, answer, history FROM messages
		WHERE surface = $1 AND author <> $2 AND history <> '[]' AND conversation IN
			(SELECT conversation FROM messages WHERE surface = $1 AND author = $2 AND begun < $3 AND conversation <> '')`
	list, err := collect(ctx, tx, func(rows *sql.Rows) (l leaning, err error) {
		return l, rows.Scan(&l.key, &l.conversation, &l.answer, &l.history)
	}, others, surface, user, before)
	if err != nil {
		return 0, err
	}
	for _, l := range list {
		n, err := l.forget(ctx, tx, said)
		if err != nil {
			return 0, err
		}
		turns += n
	}
	return turns, nil
}

// A saying is what somebody asked in a conversation.
type saying struct{ conversation, text string }

func wordsOf(ctx context.Context, tx *sql.Tx, surface, user, before string) (map[saying]bool, error) {
	const asked = `SELECT conversation, text FROM messages WHERE surface = $1 AND author = $2 AND begun < $3 AND conversation <> ''`
	list, err := collect(ctx, tx, func(rows *sql.Rows) (s saying, err error) {
		return s, rows.Scan(&s.conversation, &s.text)
	}, asked, surface, user, before)
	said := map[saying]bool{}
	for _, s := range list {
		said[s] = true
	}
	return said, err
}

// forget removes what was said from the turns of one message.
func (l leaning) forget(ctx context.Context, tx *sql.Tx, said map[saying]bool) (turns int, err error) {
	var history []answer.Turn
	if err := decode(l.history, &history); err != nil {
		return 0, fmt.Errorf("message %q: %w", l.key, err)
	}
	left := slices.DeleteFunc(slices.Clone(history), func(t answer.Turn) bool { return said[saying{l.conversation, t.Question}] })
	if len(left) == len(history) {
		return 0, nil
	}
	text := "[]"
	if len(left) > 0 {
		out, _ := json.Marshal(left) // never fails for texts
		text = string(out)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE messages SET history = $1 WHERE key = $2`, text, l.key); err != nil {
		return 0, err
	}
	return len(history) - len(left), forgetPrompts(ctx, tx, l.answer)
}

// forgetPrompts removes from an answer ("" is none) what shows the turns that it
// leant on. The rest stays, of whatever version it is.
func forgetPrompts(ctx context.Context, tx *sql.Tx, id string) error {
	if id == "" {
		return nil
	}
	var whole string
	if err := tx.QueryRowContext(ctx, `SELECT answer FROM answers WHERE id = $1`, id).Scan(&whole); err != nil {
		return err
	}
	var a, account map[string]json.RawMessage
	if err := decode(whole, &a); err != nil {
		return fmt.Errorf("answer %q: %w", id, err)
	}
	delete(a, "trace")
	if raw := a["account"]; raw != nil {
		if err := decode(string(raw), &account); err != nil {
			return fmt.Errorf("answer %q: %w", id, err)
		}
		delete(account, "searched")
		a["account"], _ = json.Marshal(account) // never fails: it was read from JSON
	}
	out, _ := json.Marshal(a)
	_, err := tx.ExecContext(ctx, `UPDATE answers SET answer = $1 WHERE id = $2`, string(out), id)
	return err
}
