package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"summitbot/bot/answer"
)

// AnswerTo returns the answer that the message of a key was given. It is
// ErrNotFound if there is no such message, or if it has no answer: it failed, or is
// still under way.
func (j *Journal) AnswerTo(ctx context.Context, key string) (answer.Answer, error) {
	var id string
	err := j.db.QueryRowContext(ctx, `SELECT answer FROM messages WHERE key = $1`, key).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && id == "" {
		err = ErrNotFound
	}
	if err != nil {
		return answer.Answer{}, fmt.Errorf("journal: answer to message %q: %w", key, err)
	}
	return j.Answer(ctx, id)
}
