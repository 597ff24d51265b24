package knowledge

import (
	"context"
	"errors"
	"slices"
)

// Whole returns the documents of some collections with all their paragraphs, in
// the order of their ids. ok is false, and nothing is returned, if their texts
// have more than limit bytes together. No collections means all.
func (b *Base) Whole(ctx context.Context, collections []string, limit int) (docs []IndexDocument, ok bool, err error) {
	all, err := b.store.Documents(ctx)
	if err != nil {
		return nil, false, err
	}
	all = slices.DeleteFunc(all, func(d Document) bool {
		return len(collections) > 0 && !slices.Contains(collections, d.Collection)
	})
	least := 0 // a paragraph has a byte at least: often enough to see that they are too many
	for _, d := range all {
		least += d.Paragraphs
	}
	if least > limit {
		return nil, false, nil
	}
	size := 0
	for _, d := range all {
		paragraphs, err := b.store.Paragraphs(ctx, d.ID, d.Revision.Digest, 1, 0)
		if errors.Is(err, ErrNotFound) {
			continue // deleted meanwhile
		} else if err != nil {
			return nil, false, err
		}
		for _, p := range paragraphs {
			size += len(p.Text)
		}
		if size > limit {
			return nil, false, nil
		}
		docs = append(docs, IndexDocument{Document: d, Paragraphs: paragraphs})
	}
	return docs, true, nil
}
