package main

import (
	"time"

	"summitbot/knowledge"
)

// What the commands print as JSON. The names and meanings of these fields are a
// contract with scripts, so they are written here once and not taken from the
// types inside. Lists are never null.

// documentView is one document.
type documentView struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	Collection string       `json:"collection"`
	URL        string       `json:"url"`
	Path       string       `json:"path"`   // where it was read from, "" if it is the built-in article
	Source     bool         `json:"source"` // it follows a source of the configuration
	Language   string       `json:"language"`
	Revision   revisionView `json:"revision"`
	Paragraphs int          `json:"paragraphs"`
}

type revisionView struct {
	Digest string    `json:"digest"`
	Time   time.Time `json:"time"`
}

func viewDocument(d knowledge.Document) documentView {
	path, source := originOf(d)
	return documentView{
		ID: d.ID, Title: d.Title, Collection: d.Collection, URL: d.URL, Path: path, Source: source,
		Language: d.Language, Revision: revisionView(d.Revision), Paragraphs: d.Paragraphs,
	}
}

// paragraphView is one paragraph; start and end are UTF-8 bytes into text.
type paragraphView struct {
	Address   string     `json:"address"`
	Number    int        `json:"number"`
	Kind      string     `json:"kind"`
	Headings  []string   `json:"headings"`
	Text      string     `json:"text"`
	Sentences []spanView `json:"sentences"`
}

type spanView struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

func viewParagraph(document string, p knowledge.Paragraph) paragraphView {
	return paragraphView{
		Address: knowledge.Address{Document: document, Paragraph: p.Number}.String(),
		Number:  p.Number, Kind: string(p.Kind), Headings: append([]string{}, p.Headings...),
		Text: p.Text, Sentences: viewSpans(p.Sentences),
	}
}

func viewSpans(spans []knowledge.Span) []spanView {
	return each(spans, func(s knowledge.Span) spanView { return spanView(s) })
}

// each returns what f makes of each of in, never nil.
func each[T, V any](in []T, f func(T) V) []V {
	out := make([]V, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// resultView is what a search found.
type resultView struct {
	Query        string    `json:"query"`
	Hits         []hitView `json:"hits"`
	Confidence   float64   `json:"confidence"`
	UnknownWords []string  `json:"unknown_words"`
}

type hitView struct {
	paragraphView
	Title      string     `json:"title"`
	Collection string     `json:"collection"`
	URL        string     `json:"url"`
	Revision   string     `json:"revision"`
	Score      float64    `json:"score"`
	Scores     []float64  `json:"sentence_scores"` // of each of sentences, as an answer
	Terms      []termView `json:"explanation,omitempty"`
}

type termView struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

func viewResult(query string, r knowledge.Result) resultView {
	return resultView{
		Query: query, Hits: each(r.Hits, viewHit),
		Confidence: r.Confidence, UnknownWords: append([]string{}, r.Unknown...),
	}
}

func viewHit(h knowledge.Hit) hitView {
	view := hitView{
		paragraphView: viewParagraph(h.Document.ID, h.Paragraph),
		Title:         h.Document.Title, Collection: h.Document.Collection, URL: h.Document.URL,
		Revision: h.Document.Revision.Digest, Score: h.Score, Scores: append([]float64{}, h.Sentences...),
	}
	for _, t := range h.Explanation {
		view.Terms = append(view.Terms, termView{t.Name, t.Value})
	}
	return view
}

// passageView is a paragraph with its neighbours.
type passageView struct {
	Document   documentView    `json:"document"`
	Revision   string          `json:"revision"` // of the paragraphs
	Current    bool            `json:"current"`  // whether it is the document's current one
	Address    string          `json:"address"`  // of the paragraph asked for
	Marks      []spanView      `json:"marks"`    // cited words in it
	Paragraphs []paragraphView `json:"paragraphs"`
}
