package main

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/mapping"
	bleveSearch "github.com/blevesearch/bleve/v2/search"
	bleveIndex "github.com/blevesearch/bleve_index_api"

	"summitbot/knowledge"
)

// bleveEngine is Bleve with its default index, scorch in a folder: title and
// text in one field, English analysis, BM25 with k1 = 0.9 and b = 0.4, which
// found more than its own 1.2 and 0.75 at every size (RETRIEVAL, sections 1, 2).
type bleveEngine struct {
	path  string
	index bleve.Index
}

// bleveBatch is how many paragraphs go into one batch.
const bleveBatch = 1000

func openBleve(_ context.Context, folder string) (engine, error) {
	bleveSearch.BM25_k1, bleveSearch.BM25_b = 0.9, 0.4 // variables of the package: there is no other way
	e := &bleveEngine{path: filepath.Join(folder, "index.bleve")}
	var err error
	e.index, err = bleve.New(e.path, bleveMapping())
	return e, err
}

func bleveMapping() mapping.IndexMapping {
	text := bleve.NewTextFieldMapping()
	text.Analyzer = en.AnalyzerName
	text.Store = false
	text.IncludeTermVectors = false
	text.DocValues = false
	text.IncludeInAll = false
	doc := bleve.NewDocumentStaticMapping()
	doc.AddFieldMappingsAt("text", text)
	m := bleve.NewIndexMapping()
	m.DefaultMapping = doc
	m.ScoringModel = bleveIndex.BM25Scoring
	return m
}

func (e *bleveEngine) build(ctx context.Context, documents iter.Seq2[knowledge.IndexDocument, error]) error {
	batch := e.index.NewBatch()
	for d, err := range documents {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, p := range d.Paragraphs {
			id := knowledge.Address{Document: d.Document.ID, Paragraph: p.Number}.String()
			if err := batch.Index(id, map[string]any{"text": d.Document.Title + "\n" + p.Text}); err != nil {
				return err
			}
			if batch.Size() < bleveBatch {
				continue
			}
			if err := e.index.Batch(batch); err != nil {
				return err
			}
			batch = e.index.NewBatch()
		}
	}
	if err := e.index.Batch(batch); err != nil {
		return err
	}
	// A batch returns before it is on disk; closing waits for that.
	if err := e.index.Close(); err != nil {
		return err
	}
	var err error
	e.index, err = bleve.Open(e.path)
	return err
}

func (e *bleveEngine) searches() []search {
	return []search{{"Bleve, BM25", e.match}}
}

func (e *bleveEngine) match(ctx context.Context, question string, found []string) ([]string, error) {
	query := bleve.NewMatchQuery(question)
	query.SetField("text")
	result, err := e.index.SearchInContext(ctx, bleve.NewSearchRequestOptions(query, asked, 0, false))
	if err != nil {
		return nil, fmt.Errorf("bleve: %w", err)
	}
	for _, hit := range result.Hits {
		found = append(found, hit.ID)
	}
	return found, nil
}

func (e *bleveEngine) close() error { return e.index.Close() }
