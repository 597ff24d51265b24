// Package check tells of any text, sentence by sentence, what the documents have to
// say about it: that they support it, that they contradict it and by what, or
// that they do not say. No model is asked.
//
// Invariants. What is cited is copied from the store. Contradicted is only a
// sentence that speaks of the same as one source sentence and has something
// else in a place of it; what merely adds something is not found.
package check

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"summitbot/bot/answer"
	"summitbot/bot/answer/gate"
	"summitbot/knowledge"
	"summitbot/knowledge/paragraph"
)

// MaxBytes is how many bytes of text are checked at once: a long book. At a few
// milliseconds a sentence that is half a minute of work.
const MaxBytes = 1 << 20

// ErrTooLong says that a text is longer than MaxBytes.
var ErrTooLong = errors.New("the text is longer than 1 MiB, the most that is checked at once")

// Status says what the documents have to say about a sentence.
type Status string

// The statuses of a sentence.
const (
	Supported    Status = "supported"    // they say the same
	Contradicted Status = "contradicted" // they speak of the same and say otherwise
	NotFound     Status = "not_found"    // they do not say so
	Unchecked    Status = "unchecked"    // it states nothing that could be looked up; Reason says why
)

// The reasons why a sentence is not checked.
const (
	IsQuestion = "question"
	IsHeading  = "heading"
	IsGreeting = "greeting"
	IsEmpty    = "no content" // function words, numbers of a list, signs
)

// A Report tells sentence by sentence what the documents have to say about a
// text. The sentences are in order and together hold all of it but white space.
type Report struct {
	Version   int        `json:"version"` // see Version
	Sentences []Sentence `json:"sentences"`
	Summary   Summary    `json:"summary"`
}

// A Summary counts sentences by status.
type Summary struct {
	Supported    int `json:"supported"`
	Contradicted int `json:"contradicted"`
	NotFound     int `json:"not_found"`
	Unchecked    int `json:"unchecked"`
}

// A Sentence is one sentence of the text with what was found.
type Sentence struct {
	Text       string            `json:"text"`  // as it stands, white space around it cut
	Start      int               `json:"start"` // UTF-8 bytes into the text
	End        int               `json:"end"`
	Status     Status            `json:"status"`
	Reason     string            `json:"reason,omitempty"`  // why it was not checked
	Citations  []answer.Citation `json:"citations"`         // what supports or contradicts it, verbatim; empty otherwise
	Conflicts  []Conflict        `json:"conflicts"`         // empty unless contradicted, or found only as something supposed
	Nearest    *answer.Nearest   `json:"nearest,omitempty"` // if it was not found: what comes near, if anything does
	Confidence float64           `json:"confidence"`        // 0..1 that the status is right, to order sentences by; 0 if unchecked
}

// The conflicts that are not told by what the one side says and what the other.
const (
	Negated  = gate.Negation  // one side denies what the other states
	Supposed = gate.Hedge     // the documents suppose or report what the sentence states
	Doer     = gate.Subject   // another one does it in the documents
	Teller   = gate.Speaker   // another one says it in the documents
	Misquote = gate.Quotation // the documents do not have the words in quotation marks
)

// A Conflict is one point in which a sentence and the documents differ.
type Conflict struct {
	Kind gate.Kind `json:"kind"` // number, date, unit, name, link, quotation, negation, hedge, subject or speaker
	// Claim is what the sentence says, Source what the documents say instead. Of
	// a negation or a hedge only the side that has it is filled, of a subject or a
	// speaker only who does or says it in the documents.
	Claim  string `json:"claim"`
	Source string `json:"source"`
}

// A Checker tells which sentences of a text the documents support. It needs no
// model and keeps no state; it is safe for concurrent use if its retriever is.
type Checker struct{ retriever answer.Retriever }

// New returns a checker over r.
func New(r answer.Retriever) *Checker { return &Checker{r} }

// Check looks every sentence of text up in the collections, all of them if none
// is named. Bytes that are no UTF-8 are read as U+FFFD, one for each, but
// offsets stay those of text. The error is ErrTooLong, or says that searching
// broke.
func (c *Checker) Check(ctx context.Context, text string, collections []string) (Report, error) {
	if len(text) > MaxBytes {
		return Report{}, ErrTooLong
	}
	report := Report{Version: answer.Version, Sentences: []Sentence{}}
	seen := map[string]Sentence{} // a sentence that is repeated is looked up once
	for _, s := range statements(text) {
		sentence := Sentence{Text: text[s.Start:s.End], Status: Unchecked, Reason: s.reason, Citations: []answer.Citation{}, Conflicts: []Conflict{}}
		if s.reason == "" {
			known, ok := seen[sentence.Text]
			if !ok {
				var err error
				if known, err = c.look(ctx, strings.ToValidUTF8(sentence.Text, string(utf8.RuneError)), collections); err != nil {
					return Report{}, err
				}
				seen[sentence.Text] = known
			}
			known.Text = sentence.Text
			sentence = known
		}
		sentence.Start, sentence.End = s.Start, s.End
		report.Sentences = append(report.Sentences, sentence)
		report.Summary.add(sentence.Status)
	}
	return report, nil
}

func (s *Summary) add(status Status) {
	switch status {
	case Supported:
		s.Supported++
	case Contradicted:
		s.Contradicted++
	case NotFound:
		s.NotFound++
	case Unchecked:
		s.Unchecked++
	}
}

// searched is how many paragraphs a sentence is looked for in. The right one is
// among the best five in 96.5 % of the SQuAD questions, which have fewer words.
const searched = 5

// longestLookup is how many bytes of a sentence are searched for. It is more
// than the gate reads as one statement, so that a longer one is found only if
// it stands in the documents as it is.
const longestLookup = 4000

// look judges one sentence.
func (c *Checker) look(ctx context.Context, text string, collections []string) (Sentence, error) {
	query := text
	if len(query) > longestLookup {
		query = strings.ToValidUTF8(query[:longestLookup], "")
	}
	found, err := c.retriever.Search(ctx, knowledge.Query{Text: query, Collections: collections, Limit: searched})
	if err != nil {
		return Sentence{}, err
	}
	out := newJudgement(unmarked(text), found).decide()
	out.Text = text
	if out.Citations == nil {
		out.Citations = []answer.Citation{}
	}
	if out.Conflicts == nil {
		out.Conflicts = []Conflict{}
	}
	return out, nil
}

// A statement is one sentence of a text by its bytes, and why it is not to be
// checked, if it is not.
type statement struct {
	paragraph.Span
	reason string
}

// statements cuts a text into sentences. Line breaks of text that was wrapped
// are no ends of sentences, all others are.
func statements(text string) []statement {
	flowing := unwrap(text)
	spans := paragraph.Sentences(flowing)
	out := make([]statement, 0, len(spans))
	for i, s := range spans {
		own := text[s.Start:s.End]
		out = append(out, statement{s, idle(own, standsAlone(flowing, s) && i+1 < len(spans))})
	}
	return out
}
