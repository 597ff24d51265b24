package sqlite

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"unicode/utf8"

	"summitbot/knowledge"
)

// numberBits is how much of a paragraph's key is its number.
const numberBits = 32

// rowKey returns the key of one paragraph of a revision.
func rowKey(revision int64, number int) int64 { return revision<<numberBits | int64(number) }

// check returns an error if doc with these paragraphs cannot be stored so that
// reading gives back the same.
func check(doc knowledge.Document, paragraphs []knowledge.Paragraph) error {
	switch {
	case doc.ID == "":
		return errors.New("the document has no id")
	case doc.Title == "":
		return errors.New("the document has no title")
	case doc.Revision.Digest == "":
		return errors.New("the revision has no digest")
	case len(paragraphs) == 0:
		return knowledge.ErrEmpty
	case int64(len(paragraphs)) >= 1<<numberBits:
		return fmt.Errorf("%d paragraphs are too many", len(paragraphs))
	}
	for i, p := range paragraphs {
		if p.Number != i+1 {
			return fmt.Errorf("paragraph %d has number %d", i+1, p.Number)
		}
		if err := checkParagraph(p); err != nil {
			return fmt.Errorf("paragraph %d: %w", p.Number, err)
		}
	}
	return nil
}

func checkParagraph(p knowledge.Paragraph) error {
	if !utf8.ValidString(p.Text) {
		return errors.New("the text is not UTF-8")
	}
	for _, heading := range p.Headings {
		if !utf8.ValidString(heading) {
			return fmt.Errorf("the heading %q is not UTF-8", heading)
		}
	}
	end := 0
	for i, s := range p.Sentences {
		if s.Start < end || s.End <= s.Start || s.End > len(p.Text) {
			return fmt.Errorf("sentence %d is %d..%d, after byte %d of %d", i+1, s.Start, s.End, end, len(p.Text))
		}
		end = s.End
	}
	return nil
}

// A row is a paragraph as its table holds it.
type row struct {
	key       int64
	kind      string
	headings  string // JSON array
	text      string
	sentences []byte // see appendSpans
	checksum  int64
}

// A codec turns paragraphs into rows and back, one after the other. What it
// keeps in between is for speed alone.
type codec struct {
	buffer   []byte
	json     string   // the headings of the row decoded last
	headings []string // the same, decoded
}

// encode returns the row of p in a revision.
func (c *codec) encode(revision int64, p knowledge.Paragraph) (row, error) {
	headings := p.Headings
	if headings == nil {
		headings = []string{}
	}
	encoded, err := json.Marshal(headings)
	if err != nil {
		return row{}, err
	}
	r := row{
		key:       rowKey(revision, p.Number),
		kind:      string(p.Kind),
		headings:  string(encoded),
		text:      p.Text,
		sentences: appendSpans(nil, p.Sentences),
	}
	r.checksum = c.sum(r)
	return r, nil
}

// decode returns the paragraph of r, which must be the given one. Paragraphs
// decoded in a row that stand under the same headings share one slice of them.
func (c *codec) decode(revision int64, number int, r row) (knowledge.Paragraph, error) {
	if r.key != rowKey(revision, number) {
		return knowledge.Paragraph{}, fmt.Errorf("%w: its row is missing", errUnreadable)
	}
	if r.checksum != c.sum(r) {
		return knowledge.Paragraph{}, fmt.Errorf("%w: its checksum differs", errUnreadable)
	}
	if r.headings != c.json {
		var headings []string
		if err := json.Unmarshal([]byte(r.headings), &headings); err != nil {
			return knowledge.Paragraph{}, fmt.Errorf("%w: headings: %w", errUnreadable, err)
		}
		c.json, c.headings = r.headings, slices.Clip(headings)
	}
	sentences, err := readSpans(r.sentences, len(r.text))
	if err != nil {
		return knowledge.Paragraph{}, err
	}
	return knowledge.Paragraph{
		Number:    number,
		Kind:      kind(r.kind),
		Headings:  c.headings,
		Text:      r.text,
		Sentences: sentences,
	}, nil
}

// sum returns the checksum of r's other fields. It is there to find what a disk
// or a stray write changed, not what somebody forged.
func (c *codec) sum(r row) int64 {
	b := binary.AppendVarint(c.buffer[:0], r.key)
	for _, field := range []string{r.kind, r.headings, r.text} {
		b = binary.AppendUvarint(b, uint64(len(field)))
		b = append(b, field...)
	}
	b = append(b, r.sentences...)
	c.buffer = b
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// kind returns k as a constant if it is one, so that a million paragraphs do
// not hold a million strings.
func kind(k string) knowledge.Kind {
	switch k {
	case string(knowledge.Prose):
		return knowledge.Prose
	case string(knowledge.List):
		return knowledge.List
	case string(knowledge.Quote):
		return knowledge.Quote
	case string(knowledge.Table):
		return knowledge.Table
	case string(knowledge.Code):
		return knowledge.Code
	}
	return knowledge.Kind(k)
}

// appendSpans appends to b how many spans there are, and for each the gap
// between it and the one before, and its length, all as unsigned varints: two
// bytes for most sentences. The spans are in order and do not overlap.
func appendSpans(b []byte, spans []knowledge.Span) []byte {
	b = binary.AppendUvarint(b, uint64(len(spans)))
	end := 0
	for _, s := range spans {
		b = binary.AppendUvarint(b, uint64(s.Start-end))
		b = binary.AppendUvarint(b, uint64(s.End-s.Start))
		end = s.End
	}
	return b
}

// readSpans reads what appendSpans wrote about a text of size bytes.
func readSpans(b []byte, size int) ([]knowledge.Span, error) {
	next := func(limit int) (int, bool) {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > uint64(limit) {
			return 0, false
		}
		b = b[n:]
		return int(v), true
	}
	bad := fmt.Errorf("%w: sentences", errUnreadable)
	count, ok := next(len(b) / 2) // a span takes two bytes at least
	if !ok {
		return nil, bad
	}
	if count == 0 {
		if len(b) > 0 {
			return nil, bad
		}
		return nil, nil
	}
	spans := make([]knowledge.Span, count)
	end := 0
	for i := range spans {
		gap, ok := next(size - end)
		if !ok {
			return nil, bad
		}
		start := end + gap
		length, ok := next(size - start)
		if !ok || length == 0 {
			return nil, bad
		}
		end = start + length
		spans[i] = knowledge.Span{Start: start, End: end}
	}
	if len(b) > 0 {
		return nil, bad
	}
	return spans, nil
}
