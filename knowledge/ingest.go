package knowledge

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"time"

	"summitbot/knowledge/analysis"
	"summitbot/knowledge/extract"
	"summitbot/knowledge/paragraph"
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

// Ingested says what became of one Input.
type Ingested struct {
	Document Document
	Changed  bool  // false if the store had just this
	Err      error // why the text could not be taken in; Document then has its ID only
}

// languageSample is how many bytes of a text its language is told by: some 200
// function words. Counting them costs more than all else that is done to a text.
const languageSample = 4_000

// Ingest extracts, cuts, stores and indexes one text. Equal content is a
// no-op: changed is false. ErrEmpty if there is no paragraph in it.
func (b *Base) Ingest(ctx context.Context, in Input) (doc Document, changed bool, err error) {
	r := read(in)
	if r.err != nil {
		return Document{}, false, r.err
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	doc, changed, err = b.put(ctx, r)
	if err != nil || !changed {
		return doc, false, err
	}
	// Once it is written it has to be seen, even by the one who gave up waiting.
	return doc, true, b.follow(context.WithoutCancel(ctx))
}

// IngestAll takes in one text after the other and indexes them together in the
// end, so that a hundred thousand of them are one step of the index. done, if
// not nil, is told what became of each. A text that cannot be taken in is
// passed over; an error of the store ends the work, and what was stored until
// then stays and is indexed.
func (b *Base) IngestAll(ctx context.Context, inputs iter.Seq[Input], done func(Ingested)) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	stored := b.putAll(ctx, inputs, done)
	if ctx.Err() != nil {
		return stored // the next Sync finds the rest
	}
	return errors.Join(stored, b.follow(ctx))
}

// putAll stores each input. b.writing is held.
func (b *Base) putAll(ctx context.Context, inputs iter.Seq[Input], done func(Ingested)) error {
	for r := range readAhead(inputs, runtime.GOMAXPROCS(0)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.err != nil {
			tell(done, Ingested{Document: r.doc, Err: r.err})
			continue
		}
		doc, changed, err := b.put(ctx, r)
		if err != nil {
			return err
		}
		tell(done, Ingested{Document: doc, Changed: changed})
	}
	return ctx.Err()
}

func tell(done func(Ingested), what Ingested) {
	if done != nil {
		done(what)
	}
}

// put stores what was read and returns the document as it is stored. b.writing
// is held.
func (b *Base) put(ctx context.Context, r reading) (doc Document, changed bool, err error) {
	r.doc.Revision.Time = time.Now().UTC()
	if _, changed, err = b.store.Put(ctx, r.doc, r.paragraphs); err != nil {
		return Document{}, false, err
	}
	doc, err = b.store.Document(ctx, r.doc.ID) // an equal text keeps its first time
	return doc, changed, err
}

// A reading is what was read from one Input.
type reading struct {
	doc        Document // all but the time of its revision; its ID only, if err is set
	paragraphs []Paragraph
	err        error
}

// readAhead reads inputs in their order, some ahead of the one that is taken,
// each in a goroutine: reading is pure and takes as long as storing.
func readAhead(inputs iter.Seq[Input], ahead int) iter.Seq[reading] {
	return func(yield func(reading) bool) {
		var queue []chan reading // oldest first
		next := func() reading {
			r := <-queue[0]
			queue = queue[1:]
			return r
		}
		defer func() {
			for len(queue) > 0 {
				next()
			}
		}()
		for in := range inputs {
			result := make(chan reading, 1)
			queue = append(queue, result)
			go func() { result <- read(in) }()
			if len(queue) > ahead && !yield(next()) {
				return
			}
		}
		for len(queue) > 0 {
			if !yield(next()) {
				return
			}
		}
	}
}

// read turns in into a document and its paragraphs. It is pure.
func read(in Input) reading {
	text, err := extract.Read(in.Path, in.Data)
	paragraphs := cut(text.Blocks)
	if err == nil && len(paragraphs) == 0 {
		err = ErrEmpty
	}
	if err != nil {
		return reading{doc: Document{ID: in.ID}, err: fmt.Errorf("ingest %q: %w", in.ID, err)}
	}
	return reading{paragraphs: paragraphs, doc: Document{
		ID:         in.ID,
		Title:      title(in.Title, text.Title, in.ID),
		Collection: in.Collection,
		URL:        in.URL,
		Path:       in.Path,
		Language:   language(paragraphs),
		Revision:   Revision{Digest: Digest(paragraphs)},
		Paragraphs: len(paragraphs),
	}}
}

// cut numbers blocks as paragraphs with sentences.
func cut(blocks []extract.Block) []Paragraph {
	in := make([]paragraph.Block, len(blocks))
	for i, b := range blocks {
		in[i] = paragraph.Block{Kind: b.Kind, Level: b.Level, Text: b.Text}
	}
	split := paragraph.Split(in)
	out := make([]Paragraph, len(split))
	for i, p := range split {
		sentences := make([]Span, len(p.Sentences))
		for j, s := range p.Sentences {
			sentences[j] = Span(s)
		}
		out[i] = Paragraph{Number: p.Number, Kind: Kind(p.Kind), Headings: p.Headings, Text: p.Text, Sentences: sentences}
	}
	return out
}

// title returns the first of titles that is one, on one line.
func title(titles ...string) string {
	for _, t := range titles {
		if t = strings.Join(strings.Fields(t), " "); t != "" {
			return t
		}
	}
	return ""
}

// language returns the likeliest language of the paragraphs, by a sample from
// all over them: a preface may be in another one. A guess from a short text is
// taken too: the words of two sentences are stemmed better by it than by none.
func language(paragraphs []Paragraph) string {
	total := 0
	for _, p := range paragraphs {
		total += len(p.Text)
	}
	var sample strings.Builder
	for i := 0; i < len(paragraphs); i += 1 + total/languageSample {
		sample.WriteString(paragraphs[i].Text)
		sample.WriteByte('\n')
	}
	lang, _ := analysis.Detect(sample.String()) // which looks at no more than it needs
	return lang
}
