package knowledge

import (
	"context"
	"errors"
	"fmt"

	"summitbot/knowledge/rank"
)

// defaultLimit is how many hits a query gets that does not say.
const defaultLimit = 10

// Search finds the paragraphs that answer q best.
func (b *Base) Search(ctx context.Context, q Query) (Result, error) {
	found, err := b.index.Candidates(ctx, q)
	if err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	ranked := rank.Rank(&found)
	r := Result{
		Confidence: rank.Confidence(&found, ranked), Unknown: rank.Unknown(&found), Candidates: len(ranked),
		Language: found.Question.Lang, Languages: found.Languages, Known: found.Known,
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	documents := map[string]Document{}
	for _, hit := range ranked {
		if len(r.Hits) == limit {
			break
		}
		p := found.Paragraphs[hit.Candidate]
		doc, ok := documents[p.Document]
		if !ok {
			doc, err = b.store.Document(ctx, p.Document)
			if errors.Is(err, ErrNotFound) {
				continue // deleted since the index was asked
			} else if err != nil {
				return Result{}, fmt.Errorf("search: %w", err)
			}
			documents[p.Document] = doc
		}
		// The revision that the index ranked, which may just have been replaced:
		// scores by sentence must meet the sentences that they were given to.
		text, err := b.store.Paragraphs(ctx, p.Document, p.Revision, p.Number, p.Number)
		if err != nil {
			return Result{}, fmt.Errorf("search: %s#%d: %w", p.Document, p.Number, err)
		}
		doc.Revision.Digest = p.Revision
		h := Hit{Document: doc, Paragraph: text[0], Score: hit.Score, Sentences: hit.Scores}
		if q.Explain {
			h.Explanation = hit.Explain()
		}
		r.Hits = append(r.Hits, h)
	}
	return r, nil
}
