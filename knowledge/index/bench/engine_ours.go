package main

import (
	"context"
	"iter"

	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/rank"
)

// ours is the project's index with the re-ranker above it.
type ours struct{ index *index.Index }

func openOurs(context.Context, string) (engine, error) { return &ours{index.New()}, nil }

func (e *ours) build(ctx context.Context, documents iter.Seq2[knowledge.IndexDocument, error]) error {
	return e.index.Apply(ctx, documents, nil)
}

func (e *ours) searches() []search {
	return []search{
		{"summitbot, first stage", e.first},
		{"summitbot, whole pipeline", e.whole},
	}
}

// first finds candidates and leaves them in the order of the first stage.
func (e *ours) first(ctx context.Context, question string, found []string) ([]string, error) {
	c, err := e.index.Candidates(ctx, knowledge.Query{Text: question})
	if err != nil {
		return nil, err
	}
	for i := range c.Paragraphs[:min(judged, len(c.Paragraphs))] {
		found = append(found, address(&c.Paragraphs[i]))
	}
	return found, nil
}

// whole finds candidates, re-ranks all of them and scores their sentences.
func (e *ours) whole(ctx context.Context, question string, found []string) ([]string, error) {
	c, err := e.index.Candidates(ctx, knowledge.Query{Text: question})
	if err != nil {
		return nil, err
	}
	ranked := rank.Rank(&c)
	for _, r := range ranked[:min(judged, len(ranked))] {
		found = append(found, address(&c.Paragraphs[r.Candidate]))
	}
	return found, nil
}

func address(p *rank.Paragraph) string {
	return knowledge.Address{Document: p.Document, Paragraph: p.Number}.String()
}

func (e *ours) close() error {
	e.index.Close()
	return nil
}
