package knowledge

import (
	"context"
	"errors"
)

// Input is one text to take in, as it was read.
type Input struct {
	ID         string // document id
	Path       string // name or path; its ending tells the format
	Title      string // "" means the document's own title, else the id
	Collection string
	URL        string
	Data       []byte
}

// Base is the knowledge base: a store, the index derived from it, and search.
type Base struct {
	store Store
	index Index
}

// Open returns a base over store and builds index from what store holds.
func Open(ctx context.Context, store Store, index Index) (*Base, error) {
	return &Base{store: store, index: index}, nil
}

// Ingest extracts, cuts, stores and indexes one text. Equal content is a
// no-op: changed is false.
func (b *Base) Ingest(ctx context.Context, in Input) (doc Document, changed bool, err error) {
	return Document{}, false, errors.New("not written yet")
}

// Delete removes a document; its revisions stay readable.
func (b *Base) Delete(ctx context.Context, id string) error { return errors.New("not written yet") }

// Documents lists the current documents by id.
func (b *Base) Documents(ctx context.Context) ([]Document, error) { return b.store.Documents(ctx) }

// Search finds the paragraphs that answer q best.
func (b *Base) Search(ctx context.Context, q Query) (Result, error) {
	return Result{}, errors.New("not written yet")
}

// Passage returns the paragraph at addr with up to around neighbours on either
// side, from the revision digest ("" means the current one).
func (b *Base) Passage(ctx context.Context, addr Address, digest string, around int) (Document, []Paragraph, error) {
	return Document{}, nil, errors.New("not written yet")
}

// Close closes the store.
func (b *Base) Close() error { return b.store.Close() }
