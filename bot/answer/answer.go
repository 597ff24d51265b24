// Package answer turns a question into an Answer: sentences of the documents,
// each tied to the paragraph that it came from.
//
// Invariants. Quotes, titles, numbers and links are copied from the store,
// never made. A refusal carries no citation. A claim without a citation does
// not exist.
package answer

import (
	"context"
	"time"

	"summitbot/knowledge"
)

// Version is the version of the Answer object as JSON; it changes when a
// field's meaning changes or a field goes.
const Version = 1

// Outcome says how a question ended.
type Outcome string

// The outcomes of a question.
const (
	Answered Outcome = "answered"
	Refused  Outcome = "refused" // the documents do not say
	Failed   Outcome = "failed"  // something broke; Error says what
)

// Method says who put the claims into words.
type Method string

// The methods of answering.
const (
	LLM     Method = "llm"
	Offline Method = "offline" // source sentences, verbatim
)

// Check says how a claim was checked against its citations.
type Check string

// The checks that a shown claim has passed.
const (
	Full       Check = "full"       // every check
	Derived    Check = "derived"    // a number was computed from the cited sentences
	Translated Check = "translated" // names and numbers only: the wording is in another language
)

// An Answer is the one object that every surface shows and the journal keeps.
type Answer struct {
	Version      int       `json:"version"`
	ID           string    `json:"id"` // "a-" and 12 random characters of base 32: 60 bits
	Question     string    `json:"question"`
	Created      time.Time `json:"created"` // UTC
	Outcome      Outcome   `json:"outcome"`
	Method       Method    `json:"method"`
	Fallback     bool      `json:"fallback"`        // the offline answerer stood in for a model; Error says why
	Error        string    `json:"error,omitempty"` // in words that a person can act on
	Claims       []Claim   `json:"claims"`
	Nearest      []Nearest `json:"nearest"`       // near misses, only on a refusal
	UnknownWords []string  `json:"unknown_words"` // the question's words that occur in no document
	Confidence   float64   `json:"confidence"`    // 0..1 that the documents answer the question
	Account      Account   `json:"account"`
}

// A Claim is one statement, with the evidence that it passed on.
type Claim struct {
	Text      string     `json:"text"`
	Check     Check      `json:"check"`
	Citations []Citation `json:"citations"` // never empty
}

// A Citation is one span of one paragraph of one revision.
type Citation struct {
	Address    string `json:"address"`  // e.g. "alaska-summit#8"
	Revision   string `json:"revision"` // digest of the document's revision
	Quote      string `json:"quote"`    // whole sentences, verbatim
	Heading    string `json:"heading"`  // innermost, "" if none
	Title      string `json:"title"`    // of the document
	URL        string `json:"url,omitempty"`
	Collection string `json:"collection,omitempty"`
	Start      int    `json:"start"` // UTF-8 bytes into the paragraph's stored text
	End        int    `json:"end"`
}

// Nearest is a paragraph that comes near a refused question. It answers nothing.
type Nearest struct {
	Address string `json:"address"`
	Heading string `json:"heading"`
	Title   string `json:"title"`
	Text    string `json:"text"` // its best sentence, verbatim
}

// Account tells what was done for an answer.
type Account struct {
	Searched   string  `json:"searched,omitempty"` // the question as searched, if a follow-up changed it
	Candidates int     `json:"candidates"`         // paragraphs ranked
	Claims     int     `json:"claims"`             // made
	Shown      int     `json:"shown"`
	Millis     float64 `json:"millis"` // question to finished answer
}

// A Question is what an answerer is asked.
type Question struct {
	Text        string
	History     []string // earlier questions of the conversation, oldest first
	Collections []string // empty means every collection
}

// A Retriever finds paragraphs; *knowledge.Base is one.
type Retriever interface {
	Search(ctx context.Context, q knowledge.Query) (knowledge.Result, error)
}
