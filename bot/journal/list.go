package journal

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// A Filter says which of the messages that ended are listed. The zero Filter is
// all of them.
type Filter struct {
	Answer     string    // only the message of this answer, "" is any
	Since      time.Time // begun then or later
	Unanswered bool      // only what was refused, or has no answer for another reason
	Negative   bool      // only what somebody found bad
	Limit      int       // how many at most, the newest; 0 is no limit
}

// An Entry is one message that ended, and what became of it.
type Entry struct {
	bot.Message
	Begun    time.Time
	Answer   string         // id, "" if there is no answer
	Outcome  answer.Outcome // Failed if there is no answer
	Reason   string         // why there is no answer
	Feedback []bot.Feedback // the oldest first
}

// Entries returns the messages that ended and that f lets through, the newest
// first. What was forgotten is not among them.
func (j *Journal) Entries(ctx context.Context, f Filter) ([]Entry, error) {
	const ended = `
		SELECT key, surface, conversation, channel, author, m.text, collections, language, trace, received,
			begun, m.answer, coalesce(a.outcome, 'failed'), reason
		FROM messages m LEFT JOIN answers a ON a.id = m.answer
		WHERE m.state IN ('finished', 'failed') AND begun >= $1
			AND ($2 = '' OR m.answer = $2)
			AND ($3 = 0 OR m.state = 'failed' OR a.outcome <> 'answered')
			AND ($4 = 0 OR EXISTS (SELECT 1 FROM feedback f WHERE f.answer = m.answer AND f.verdict = 'bad'))
		ORDER BY begun DESC, key DESC LIMIT $5`
	limit := f.Limit
	if limit <= 0 {
		limit = math.MaxInt64
	}
	list, err := collect(ctx, j.db, scanEntry, ended, writeTime(f.Since), f.Answer, flag(f.Unanswered), flag(f.Negative), limit)
	if err != nil {
		return nil, fmt.Errorf("journal: what was asked: %w", err)
	}
	for i := range list {
		if list[i].Answer == "" {
			continue
		}
		if list[i].Feedback, err = j.Feedback(ctx, list[i].Answer); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func scanEntry(rows *sql.Rows) (e Entry, err error) {
	var begun string
	if e.Message, err = scanMessage(rows.Scan, &begun, &e.Answer, &e.Outcome, &e.Reason); err != nil {
		return Entry{}, err
	}
	e.Begun, err = readTime(begun)
	return e, err
}

// flag writes a truth as both databases have it.
func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}
