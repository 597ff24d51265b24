package answer

import (
	"context"
	"errors"
	"time"

	"summitbot/knowledge"
)

// Extractive answers with source sentences, verbatim.
type Extractive struct {
	retriever Retriever
	now       func() time.Time
}

// NewExtractive returns an answerer over r. now is the clock.
func NewExtractive(r Retriever, now func() time.Time) *Extractive { return &Extractive{r, now} }

// Answer answers q, or refuses. An error means that searching broke.
func (e *Extractive) Answer(ctx context.Context, q Question) (Answer, error) {
	return Answer{}, errors.New("not written yet")
}

// A Pick is one sentence of a result, chosen as an answer.
type Pick struct {
	Hit, Sentence int // positions in Result.Hits and in Hit.Sentences
	Score         float64
}

// PickSentences returns the n sentences of r that answer its query best, best
// first, whether or not r is good enough to be answered from.
func PickSentences(r knowledge.Result, n int) []Pick { return nil }
