// Package answer turns a question into an Answer: sentences of the documents,
// each tied to the paragraph that it came from.
//
// Invariants. Quotes, titles, numbers and links are copied from the store,
// never made. A refusal carries no citation. A claim without a citation does
// not exist.
package answer

import (
	"context"
	"strings"
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
	Language     string    `json:"language"` // ISO 639-1 of the question, "" if unknown; the program's own sentences are told in it
	Created      time.Time `json:"created"`  // UTC
	Outcome      Outcome   `json:"outcome"`
	Method       Method    `json:"method"`
	Fallback     bool      `json:"fallback"`        // the offline answerer stood in for a model; Error says why
	Error        string    `json:"error,omitempty"` // in words that a person can act on
	Note         string    `json:"note,omitempty"`  // what else people should know, such as that the documents are in another language
	Claims       []Claim   `json:"claims"`
	Nearest      []Nearest `json:"nearest"`       // near misses, only on a refusal
	UnknownWords []string  `json:"unknown_words"` // the question's words that occur in no document; of an answered one, its names and numbers
	Confidence   float64   `json:"confidence"`    // 0..1 that the documents answer the question
	Account      Account   `json:"account"`
	Trace        *Trace    `json:"trace,omitempty"` // only if the question asked for it
}

// A Claim is one statement, with the evidence that it passed on.
type Claim struct {
	Text      string     `json:"text"`
	Language  string     `json:"language"` // of the text, ISO 639-1, "" if unknown
	Check     Check      `json:"check"`
	Computed  string     `json:"computed,omitempty"` // how a derived number was computed
	Judged    bool       `json:"judged,omitempty"`   // a second call of the model found it supported
	Citations []Citation `json:"citations"`          // never empty
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

// Document returns the id of the document that is cited.
func (c Citation) Document() string {
	return c.Address[:max(0, strings.LastIndexByte(c.Address, '#'))]
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
	Searched   string `json:"searched,omitempty"` // the question as searched, if a follow-up changed it
	Candidates int    `json:"candidates"`         // paragraphs ranked
	Sent       int    `json:"sent,omitempty"`     // paragraphs that the model saw

	Claims   int    `json:"claims"` // made
	Shown    int    `json:"shown"`
	Repaired int    `json:"repaired,omitempty"` // of those shown: with a citation other than the model's, or as their source sentence
	Dropped  []Drop `json:"dropped,omitempty"`

	Endpoint         string  `json:"endpoint,omitempty"` // the last that answered, or was tried
	Model            string  `json:"model,omitempty"`
	Finish           Finish  `json:"finish,omitempty"`   // how the model's last completion ended
	Calls            int     `json:"calls,omitempty"`    // completions asked for
	Attempts         int     `json:"attempts,omitempty"` // requests sent for them
	PromptTokens     int     `json:"prompt_tokens,omitempty"`
	CompletionTokens int     `json:"completion_tokens,omitempty"`
	FirstClaimMillis float64 `json:"first_claim_ms,omitempty"` // question to first claim shown
	Millis           float64 `json:"millis"`                   // question to finished answer
}

// A Drop is a claim that was not shown.
type Drop struct {
	Text   string `json:"text"`
	Reason string `json:"reason"` // a gate.Kind, or "duplicate", "judge", "references"
	Detail string `json:"detail,omitempty"`
}

// Trace tells how an answer came about, for those who look after the prompts.
type Trace struct {
	Calls  []Call       `json:"calls"`
	Checks []ClaimCheck `json:"checks"`
}

// A Call is one completion.
type Call struct {
	Purpose string  `json:"purpose"` // rewrite, answer, retry or judge
	System  string  `json:"system"`
	User    string  `json:"user"`
	Output  string  `json:"output"` // as the model wrote it
	Error   string  `json:"error,omitempty"`
	Millis  float64 `json:"millis"`
}

// A ClaimCheck is what the gate made of one claim.
type ClaimCheck struct {
	Claim   string   `json:"claim"`
	Refs    []string `json:"refs"`    // as the model gave them
	Verdict string   `json:"verdict"` // shown, repaired or dropped, and why
	Micros  float64  `json:"micros"`
}

// A Question is what an answerer is asked.
type Question struct {
	Text        string
	History     []Turn   // of the conversation, oldest first
	Collections []string // empty means every collection
	Language    string   // to answer in, ISO 639-1; "" means that of the text
	Asker       string   // whose turn the model's queue gives; "" is nobody in particular
	Trace       bool     // fill Answer.Trace
}

// A Turn is an earlier question of a conversation with its answer.
type Turn struct {
	Question string
	Answer   string // the claims shown, "" if it was refused or is not known
}

// Text returns the claims as one text.
func (a Answer) Text() string {
	var texts []string
	for _, c := range a.Claims {
		texts = append(texts, c.Text)
	}
	return strings.Join(texts, " ")
}

// Questions returns turns that are known by their questions only.
func Questions(texts ...string) []Turn {
	var out []Turn
	for _, t := range texts {
		out = append(out, Turn{Question: t})
	}
	return out
}

// asked returns the questions of turns.
func asked(turns []Turn) []string {
	var out []string
	for _, t := range turns {
		out = append(out, t.Question)
	}
	return out
}

// A Retriever finds paragraphs; *knowledge.Base is one.
type Retriever interface {
	Search(ctx context.Context, q knowledge.Query) (knowledge.Result, error)
}
