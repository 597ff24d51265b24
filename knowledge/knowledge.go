// Package knowledge keeps a set of documents as a grounded knowledge base:
// documents cut into numbered paragraphs and sentences, a store that is the
// truth about them, an index derived from the store, and one search over both.
//
// Invariants. A paragraph's address is its document and its number, counted
// from 1 in reading order, headings not counted. The text of a revision never
// changes: a span of bytes that was cited once slices the same words for ever.
// Every write to the store has a number from a strictly increasing sequence,
// and the index follows that sequence.
package knowledge

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"summitbot/knowledge/rank"
)

// Sentinels by meaning; drivers wrap them with what was asked for.
var (
	// ErrNotFound says that a document, revision or paragraph does not exist.
	ErrNotFound = errors.New("not found")
	// ErrCorrupt says that the stored data cannot be read as what was written.
	ErrCorrupt = errors.New("the database is damaged")
	// ErrEmpty says that a document has no paragraph to cite.
	ErrEmpty = errors.New("no text in it")
)

// A Document is the identity and the metadata of one text; its paragraphs are
// kept by revision.
type Document struct {
	ID         string   // unique in the base, e.g. "alaska-summit"
	Title      string   // what people see; never empty once stored
	Collection string   // "" is the default collection
	URL        string   // where the original stands, "" if nowhere
	Path       string   // where it was read from, "" if embedded
	Language   string   // ISO 639-1 of the text, "" if not detected
	Revision   Revision // the current one
	Paragraphs int      // how many the current revision has
}

// A Revision is one state of a document's text.
type Revision struct {
	Digest string    // hex SHA-256 over the numbered paragraphs, their headings and sentences
	Time   time.Time // when it was first stored, UTC
}

// Kind says what a paragraph was in its source.
type Kind string

// The kinds of paragraph. A list, a block quote and a table are one paragraph each.
const (
	Prose Kind = "prose"
	List  Kind = "list"
	Quote Kind = "quote"
	Table Kind = "table"
	Code  Kind = "code"
)

// A Paragraph is the unit that is found, cited and linked.
type Paragraph struct {
	Number    int      // from 1, in reading order
	Kind      Kind     //
	Headings  []string // the headings above it, outermost first; may be empty
	Text      string   // UTF-8, markup stripped
	Sentences []Span   // in order, not overlapping, each non-empty after trimming
}

// Heading returns the innermost heading, or "".
func (p Paragraph) Heading() string {
	if len(p.Headings) == 0 {
		return ""
	}
	return p.Headings[len(p.Headings)-1]
}

// A Span is a half-open range of UTF-8 bytes into a paragraph's text.
type Span struct{ Start, End int }

// An Address names one paragraph of a document.
type Address struct {
	Document  string
	Paragraph int
}

// String returns the address as it is written, e.g. "alaska-summit#8".
func (a Address) String() string { return a.Document + "#" + strconv.Itoa(a.Paragraph) }

// ParseAddress reads what String writes.
func ParseAddress(s string) (Address, error) {
	i := strings.LastIndexByte(s, '#')
	if i <= 0 {
		return Address{}, fmt.Errorf("address %q: want DOCUMENT#NUMBER, such as alaska-summit#8", s)
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil || n < 1 {
		return Address{}, fmt.Errorf("address %q: the paragraph is a number from 1", s)
	}
	return Address{Document: s[:i], Paragraph: n}, nil
}

// A Change is one write as the index sees it. Only the newest change of each
// document is kept.
type Change struct {
	Seq      int64  // strictly increasing over all writes
	Document string // its id
	Deleted  bool
}

// A Store keeps documents, their revisions and the change sequence. It is safe
// for concurrent use. Writes are atomic: a reader sees a document before or
// after, never between.
type Store interface {
	// Put adds or replaces doc with these paragraphs in one transaction.
	// doc.Revision is computed by the caller with Digest; its Time is used
	// only if the revision is new. Equal content and metadata is a no-op:
	// changed is false and the sequence does not move. Content that an
	// earlier revision already had makes that revision the current one again.
	Put(ctx context.Context, doc Document, paragraphs []Paragraph) (seq int64, changed bool, err error)
	// Delete removes the document from the current set; its revisions stay,
	// so that old citations open. Deleting what is not there is ErrNotFound.
	Delete(ctx context.Context, id string) (seq int64, err error)
	// Documents lists the current documents by id.
	Documents(ctx context.Context) ([]Document, error)
	// Document returns one current document, or ErrNotFound.
	Document(ctx context.Context, id string) (Document, error)
	// Revisions lists a document's revisions, newest first, deleted documents included.
	Revisions(ctx context.Context, id string) ([]Revision, error)
	// Paragraphs returns paragraphs from..to (inclusive, from 1; to 0 means the
	// last) of a revision; digest "" means the current one. ErrNotFound if the
	// document or the revision is unknown.
	Paragraphs(ctx context.Context, id, digest string, from, to int) ([]Paragraph, error)
	// Changes returns up to limit changes with Seq > after, in order.
	Changes(ctx context.Context, after int64, limit int) ([]Change, error)
	Close() error
}

// IndexDocument is what an index needs to know of one document.
type IndexDocument struct {
	Document   Document
	Paragraphs []Paragraph
}

// An Index finds candidate paragraphs. It is derived from a Store and may be
// thrown away at any time. It is safe for concurrent use, and a search sees
// all of an Apply or nothing of it.
type Index interface {
	// Apply replaces the given documents, drawn one by one so that they need not
	// all be in memory, and removes the deleted ids. An id stands in put once.
	// If put ends in an error nothing changes.
	Apply(ctx context.Context, put iter.Seq2[IndexDocument, error], deleted []string) error
	// Candidates returns the best paragraphs of the query's collections.
	Candidates(ctx context.Context, q Query) (rank.Candidates, error)
}

// A Query is one question to the base.
type Query struct {
	Text        string
	Context     []string // earlier questions of the conversation, oldest first; used only for what Text lacks
	Collections []string // empty means every collection
	Limit       int      // how many hits; 0 means 10
	Explain     bool     // fill Hit.Explanation
}

// A Hit is one paragraph found, best first.
type Hit struct {
	Document    Document
	Paragraph   Paragraph
	Score       float64   // comparable within one Result only
	Sentences   []float64 // score of each of Paragraph.Sentences, as an answer to the query
	Explanation []rank.Term
}

// Address returns the hit's address.
func (h Hit) Address() Address {
	return Address{Document: h.Document.ID, Paragraph: h.Paragraph.Number}
}

// Sentence returns the text of sentence i of the paragraph.
func (h Hit) Sentence(i int) string {
	s := h.Paragraph.Sentences[i]
	return h.Paragraph.Text[s.Start:s.End]
}

// A Result is what a search found and how far it can be trusted.
type Result struct {
	Hits       []Hit
	Candidates int      // paragraphs that were ranked
	Confidence float64  // 0..1 that the documents answer the question; see rank.Confidence
	Unknown    []string // the question's words and names that occur in no document searched, as written
	Language   string   // of the query, ISO 639-1: detected, or the documents' commonest
	Languages  []string // of the documents searched, the commonest first
	// Known reports whether a folded word occurs, in any inflection, in the
	// documents searched. It is never nil.
	Known func(folded string) bool
}
