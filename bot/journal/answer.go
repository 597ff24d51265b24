package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// insertAnswer keeps an answer with its citations.
func insertAnswer(ctx context.Context, tx *sql.Tx, a answer.Answer) error {
	if a.ID == "" {
		return errors.New("the answer has no id")
	}
	whole, err := json.Marshal(a)
	if err != nil {
		return err
	}
	const insert = `INSERT INTO answers (id, created, outcome, question, text, answer) VALUES ($1, $2, $3, $4, $5, $6)`
	if _, err := tx.ExecContext(ctx, insert, a.ID, writeTime(a.Created), a.Outcome, a.Question, a.Text(), string(whole)); err != nil {
		return err
	}
	const cite = `
		INSERT INTO citations (answer, claim, number, document, paragraph, revision, start_byte, end_byte)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	for i, claim := range a.Claims {
		for k, c := range claim.Citations {
			document, paragraph, err := parseAddress(c.Address)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, cite, a.ID, i+1, k+1, document, paragraph, c.Revision, c.Start, c.End); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseAddress takes an address such as "alaska-summit#8" apart. A document's
// name may hold a "#" itself.
func parseAddress(address string) (document string, paragraph int, err error) {
	i := strings.LastIndexByte(address, '#')
	if i > 0 {
		paragraph, err = strconv.Atoi(address[i+1:])
	}
	if err != nil || paragraph < 1 {
		return "", 0, fmt.Errorf("citation of %q: not an address", address)
	}
	return address[:i], paragraph, nil
}

// Answer returns an answer as it was kept. It is ErrNotFound if there is none of
// this id.
func (j *Journal) Answer(ctx context.Context, id string) (answer.Answer, error) {
	var whole string
	var a answer.Answer
	err := j.db.QueryRowContext(ctx, `SELECT answer FROM answers WHERE id = $1`, id).Scan(&whole)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		err = ErrNotFound
	case err == nil:
		err = decode(whole, &a)
	}
	switch {
	case err != nil:
	case a.Version > answer.Version:
		err = fmt.Errorf("%w: the answer is of version %d, this one knows %d", ErrNewer, a.Version, answer.Version)
	case a.ID != id:
		err = fmt.Errorf("%w: it is kept as answer %q", ErrCorrupt, a.ID)
	}
	if err != nil {
		return answer.Answer{}, fmt.Errorf("journal: answer %q: %w", id, err)
	}
	return a, nil
}

// Citing returns the ids of the answers that cite a paragraph of a document (0
// is any), in any revision, the newest first.
func (j *Journal) Citing(ctx context.Context, document string, paragraph int) ([]string, error) {
	const citing = `
		SELECT a.id FROM answers a
		WHERE a.id IN (SELECT c.answer FROM citations c WHERE c.document = $1 AND (c.paragraph = $2 OR $2 = 0))
		ORDER BY a.created DESC, a.id`
	ids, err := collect(ctx, j.db, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }, citing, document, paragraph)
	if err != nil {
		return nil, fmt.Errorf("journal: answers that cite %q: %w", document, err)
	}
	return ids, nil
}

// Rate keeps somebody's feedback in place of what they said before of the same
// answer. It is ErrNotFound if there is no such answer.
func (j *Journal) Rate(ctx context.Context, f bot.Feedback) error {
	if f.Verdict != bot.Good && f.Verdict != bot.Bad {
		return fmt.Errorf("journal: feedback on answer %q: %q is no verdict", f.Answer, f.Verdict)
	}
	// One statement sees the answer and keeps the feedback: it may be forgotten
	// between two.
	const upsert = `
		INSERT INTO feedback (answer, surface, author, verdict, reason, text, time)
		SELECT id, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS TEXT)
		FROM answers WHERE id = $1
		ON CONFLICT (answer, surface, author) DO UPDATE SET
			verdict = excluded.verdict, reason = excluded.reason, text = excluded.text, time = excluded.time`
	n, err := changed(ctx, j.db, upsert, f.Answer, f.Surface, f.User, string(f.Verdict), f.Reason, f.Text, writeTime(f.Time))
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("journal: feedback on answer %q: %w", f.Answer, err)
	}
	return nil
}

// Feedback returns what people said of an answer, the oldest first.
func (j *Journal) Feedback(ctx context.Context, id string) ([]bot.Feedback, error) {
	const said = `
		SELECT answer, surface, author, verdict, reason, text, time FROM feedback
		WHERE answer = $1 ORDER BY time, surface, author`
	list, err := collect(ctx, j.db, func(rows *sql.Rows) (f bot.Feedback, err error) {
		var when string
		if err := rows.Scan(&f.Answer, &f.Surface, &f.User, &f.Verdict, &f.Reason, &f.Text, &when); err != nil {
			return bot.Feedback{}, err
		}
		f.Time, err = readTime(when)
		return f, err
	}, said, id)
	if err != nil {
		return nil, fmt.Errorf("journal: feedback on answer %q: %w", id, err)
	}
	return list, nil
}
