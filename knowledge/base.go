package knowledge

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
)

// Base is the knowledge base: a store, the index derived from it, and search.
// It is safe for concurrent use: writes come one after the other, and neither
// reads nor searches wait for them.
//
// What is written goes to the store alone. The index learns of it from the
// store's change sequence, whoever wrote: a process that ends between the two,
// or another process over the same store, leaves nothing to repair.
type Base struct {
	store Store
	index Index

	writing sync.Mutex // held by writers and by Sync
	indexed int64      // number of the last change that index has; guarded by writing
}

// changesAtOnce is how many changes are asked of the store at a time.
const changesAtOnce = 4096

// Open returns a base over store and builds index from what store holds.
func Open(ctx context.Context, store Store, index Index) (*Base, error) {
	b := &Base{store: store, index: index}
	if err := b.Sync(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// Sync makes visible what others wrote to the store since the last write or
// Sync of this base.
func (b *Base) Sync(ctx context.Context) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	return b.follow(ctx)
}

// follow applies the changes that the index does not have yet, in one Apply,
// for each Apply makes a segment. b.writing is held.
func (b *Base) follow(ctx context.Context) error {
	put, deleted, last, err := b.pending(ctx)
	if err == nil && last > b.indexed {
		err = b.index.Apply(ctx, b.current(ctx, put), deleted)
	}
	if err != nil {
		return fmt.Errorf("build the index: %w", err)
	}
	b.indexed = last
	return nil
}

// pending lists the documents that were put or deleted since the index was
// last brought up to date, and the number of the last change. A document that
// another process changes meanwhile is met twice; its newest state counts.
func (b *Base) pending(ctx context.Context) (put, deleted []string, last int64, err error) {
	last = b.indexed
	gone := map[string]bool{}
	for {
		changes, err := b.store.Changes(ctx, last, changesAtOnce)
		if err != nil {
			return nil, nil, 0, err
		}
		for _, c := range changes {
			gone[c.Document] = c.Deleted
			last = c.Seq
		}
		if len(changes) < changesAtOnce {
			break
		}
	}
	for id, deletes := range gone {
		if deletes {
			deleted = append(deleted, id)
		} else {
			put = append(put, id)
		}
	}
	slices.Sort(put) // the order of an index is that of its documents, not of a map
	slices.Sort(deleted)
	return put, deleted, last, nil
}

// current streams documents from the store as they are now. One that was
// deleted since it was listed is left out: the change that says so comes next.
func (b *Base) current(ctx context.Context, ids []string) iter.Seq2[IndexDocument, error] {
	return func(yield func(IndexDocument, error) bool) {
		for _, id := range ids {
			doc, err := b.store.Document(ctx, id)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			var paragraphs []Paragraph
			if err == nil {
				paragraphs, err = b.store.Paragraphs(ctx, id, doc.Revision.Digest, 1, 0)
			}
			if !yield(IndexDocument{Document: doc, Paragraphs: paragraphs}, err) || err != nil {
				return
			}
		}
	}
}

// Delete removes a document; its revisions stay readable.
func (b *Base) Delete(ctx context.Context, id string) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	if _, err := b.store.Delete(ctx, id); err != nil {
		return err
	}
	// Once it is written it has to be seen, even by the one who gave up waiting.
	return b.follow(context.WithoutCancel(ctx))
}

// Documents lists the current documents by id.
func (b *Base) Documents(ctx context.Context) ([]Document, error) { return b.store.Documents(ctx) }

// Revisions lists a document's revisions, newest first, deleted documents included.
func (b *Base) Revisions(ctx context.Context, id string) ([]Revision, error) {
	return b.store.Revisions(ctx, id)
}

// Passage returns the paragraph at addr with up to around neighbours on either
// side, from the revision digest ("" means the current one). The document is
// returned as it is now; one that was deleted still opens by a revision, and
// then only its ID is known. ErrNotFound if there is no such document, revision
// or paragraph.
func (b *Base) Passage(ctx context.Context, addr Address, digest string, around int) (Document, []Paragraph, error) {
	doc, err := b.store.Document(ctx, addr.Document)
	switch {
	case errors.Is(err, ErrNotFound) && digest != "":
		doc = Document{ID: addr.Document, Title: addr.Document}
	case err != nil:
		return Document{}, nil, err
	case digest == "":
		digest = doc.Revision.Digest // one revision, even if it is replaced meanwhile
	}
	around = max(around, 0)
	paragraphs, err := b.store.Paragraphs(ctx, addr.Document, digest, max(addr.Paragraph-around, 1), addr.Paragraph+around)
	if err != nil {
		return Document{}, nil, err
	}
	if !slices.ContainsFunc(paragraphs, func(p Paragraph) bool { return p.Number == addr.Paragraph }) {
		err := fmt.Errorf("paragraph %s: %w", addr, ErrNotFound)
		if digest == doc.Revision.Digest {
			err = fmt.Errorf("%w: the last one is %d", err, doc.Paragraphs)
		}
		return Document{}, nil, err
	}
	return doc, paragraphs, nil
}

// Close closes the store.
func (b *Base) Close() error { return b.store.Close() }
