package answer

import (
	"context"
	"encoding/json"
	"errors"
)

// A Generator streams completions of a language model. It is safe for
// concurrent use.
type Generator interface {
	// Generate asks for one completion and calls each with its text, piece by
	// piece, as it arrives: pieces are valid UTF-8, never empty, and in order. An
	// error of each ends the completion and is returned as it is. A nil error
	// means that the model itself ended the completion (Completion.Finish is
	// FinishStop); anything else is one of the errors below, wrapped, and the
	// Completion then tells what is known of it. Text that was handed on stays
	// handed on: a request is never started again after its first piece.
	Generate(ctx context.Context, r Request, each func(piece string) error) (Completion, error)
}

// A Request is one prompt.
type Request struct {
	System    string
	User      string
	Schema    Schema // the JSON that is wanted; an empty Name asks for free text
	MaxTokens int    // of the completion; 0 means the endpoint's configuration
	Asker     string // whose turn it takes in the queue
}

// A Schema is a JSON schema that a completion is to follow.
type Schema struct {
	Name   string
	Schema json.RawMessage
}

// Finish says how a completion ended.
type Finish string

// The ends of a completion.
const (
	FinishStop     Finish = "stop"     // the model was done
	FinishLength   Finish = "length"   // cut at the limit of tokens
	FinishFiltered Finish = "filtered" // the endpoint's content filter
	FinishRefused  Finish = "refused"  // the model declined
	FinishCut      Finish = "cut"      // the stream ended without a finish reason
)

// A Completion tells how a request went.
type Completion struct {
	Endpoint         string // the name of the endpoint that answered
	Model            string // as the endpoint reports it, else as configured
	Finish           Finish
	PromptTokens     int // as the endpoint reports them; 0 if it does not
	CompletionTokens int
	Attempts         int // requests sent, over all endpoints
}

// What may go wrong with a completion, by meaning.
var (
	ErrUnavailable = errors.New("the model cannot be reached")                  // no endpoint answered in time
	ErrRejected    = errors.New("the model's endpoint rejected the request")    // key, model name, request
	ErrBusy        = errors.New("too many questions are waiting for the model") // the queue is full
	ErrIncomplete  = errors.New("the model's answer is incomplete")             // see Completion.Finish
	ErrMalformed   = errors.New("the model's endpoint sent something unreadable")
)
