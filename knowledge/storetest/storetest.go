// Package storetest is the conformance suite of knowledge.Store. Every driver
// runs it, with Run from a test and Benchmark from a benchmark.
//
// The suite also fixes what the interface leaves to its implementers:
//
//   - Put that changes nothing returns the number of the document's last
//     change.
//   - Put refuses what it could not give back: a document without id, title or
//     digest; paragraphs that are not numbered 1, 2, 3 and so on; sentences
//     that overlap, are empty or reach beyond the text; text that is not UTF-8;
//     and, as knowledge.ErrEmpty, no paragraphs at all.
//   - Document.Paragraphs is counted, not taken from the caller.
//   - Documents are in the order of the bytes of their ids.
//   - Of two revisions, the newer one is that which became current later. The
//     current revision is therefore the first of Revisions.
//   - A deleted document has no current revision: Paragraphs with digest "" is
//     ErrNotFound. Putting it again is a change, even with equal content.
//   - A range of paragraphs may reach beyond either end; a from below 1 is 1.
//   - Times are kept to the microsecond at least.
//   - Empty lists of headings and sentences may come back as nil.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/knowledge"
)

// Run tests a driver. open returns a new, empty store; Run closes it.
func Run(t *testing.T, open func(t *testing.T) knowledge.Store) {
	run := func(name string, test func(t *testing.T, store knowledge.Store)) {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			defer func() {
				if err := store.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}()
			test(t, store)
		})
	}
	run("EmptyStoreHasNothing", testEmpty)
	run("PutAddsADocument", testPutAdds)
	run("PutOfTheSameIsANoOp", testPutSame)
	run("PutReplacesTheText", testPutReplaces)
	run("PutOfAnEarlierTextMakesItCurrentAgain", testPutReverts)
	run("PutOfNewMetadataAddsNoRevision", testPutMetadata)
	run("PutAfterDeleteBringsTheDocumentBack", testPutAfterDelete)
	run("PutCountsParagraphsItself", testPutCounts)
	run("PutRefusesWhatCannotBeGivenBack", testPutRefuses)
	run("EqualTextsOfTwoDocumentsAreIndependent", testEqualTexts)
	run("DeleteKeepsRevisions", testDelete)
	run("UnknownIsErrNotFound", testNotFound)
	run("DocumentsAreInTheOrderOfTheirIDs", testDocumentsOrder)
	run("ParagraphsReturnsRanges", testRanges)
	run("EverythingComesBackAsItWas", testRoundTrip)
	run("LargeDocumentsComeBackWhole", testLarge)
	run("ChangesAreTheNewestOfEachDocument", testChanges)
	run("ChangesStopAtTheLimit", testChangesLimit)
	run("SequenceIncreasesStrictly", testSequence)
	run("EndedContextIsReported", testContextEnded)
	run("InterruptedPutIsWholeOrNothing", testContextEnds)
	run("ReadersNeverSeeHalfADocument", testReaders)
	run("WritersDoNotDisturbEachOther", testWriters)
}

// noon is when the first revision of a test is stored. It is neither a round
// number nor in UTC, for a driver must keep the one and change the other.
var noon = time.Date(2025, 8, 18, 12, 0, 0, 123456000, time.FixedZone("EDT", -4*60*60))

// text returns one paragraph of prose for each of texts, which is one sentence.
func text(texts ...string) []knowledge.Paragraph {
	paragraphs := make([]knowledge.Paragraph, len(texts))
	for i, s := range texts {
		paragraphs[i] = knowledge.Paragraph{
			Number: i + 1, Kind: knowledge.Prose, Headings: []string{"Part one", "Chapter one"},
			Text: s, Sentences: []knowledge.Span{{Start: 0, End: len(s)}},
		}
	}
	return paragraphs
}

// long returns n paragraphs, each of which says who wrote it and where it is.
func long(writer string, n int) []knowledge.Paragraph {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("Paragraph %d by %s. %s", i+1, writer, strings.Repeat("It goes on like this. ", 10+i%20))
	}
	return text(texts...)
}

// document returns a document with these paragraphs, as Put stores it.
func document(id string, paragraphs []knowledge.Paragraph) knowledge.Document {
	return knowledge.Document{
		ID: id, Title: "Title of " + id, Collection: "notes", URL: "https://example.org/" + id,
		Path: "docs/" + id + ".txt", Language: "en",
		Revision:   knowledge.Revision{Digest: knowledge.Digest(paragraphs), Time: noon.UTC()},
		Paragraphs: len(paragraphs),
	}
}

// equal fails the test if got is not want. Nil and empty lists are equal.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// put stores doc and fails the test unless that is a change.
func put(t *testing.T, store knowledge.Store, doc knowledge.Document, paragraphs []knowledge.Paragraph) (seq int64) {
	t.Helper()
	seq, changed, err := store.Put(t.Context(), doc, paragraphs)
	if err != nil {
		t.Fatal(err)
	}
	if !changed {
		t.Fatalf("put %q: changed is false", doc.ID)
	}
	return seq
}

// remove deletes a document that is there.
func remove(t *testing.T, store knowledge.Store, id string) (seq int64) {
	t.Helper()
	seq, err := store.Delete(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// wantDocument fails the test unless doc is current and its text is paragraphs.
func wantDocument(t *testing.T, store knowledge.Store, doc knowledge.Document, paragraphs []knowledge.Paragraph) {
	t.Helper()
	got, err := store.Document(t.Context(), doc.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "document", got, doc)
	wantParagraphs(t, store, doc.ID, "", paragraphs)
	wantParagraphs(t, store, doc.ID, doc.Revision.Digest, paragraphs)
}

// wantParagraphs fails the test unless a revision has these paragraphs.
func wantParagraphs(t *testing.T, store knowledge.Store, id, digest string, want []knowledge.Paragraph) {
	t.Helper()
	got, err := store.Paragraphs(t.Context(), id, digest, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "paragraphs", got, want)
}

// wantDocuments fails the test unless these documents are the current ones.
func wantDocuments(t *testing.T, store knowledge.Store, want ...knowledge.Document) {
	t.Helper()
	got, err := store.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "documents", got, want)
}

// wantRevisions fails the test unless a document has these revisions.
func wantRevisions(t *testing.T, store knowledge.Store, id string, want ...knowledge.Revision) {
	t.Helper()
	got, err := store.Revisions(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "revisions", got, want)
}

// wantChanges fails the test unless these are all changes.
func wantChanges(t *testing.T, store knowledge.Store, want ...knowledge.Change) {
	t.Helper()
	got, err := store.Changes(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "changes", got, want)
}

// wantNotFound fails the test unless err is knowledge.ErrNotFound.
func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, knowledge.ErrNotFound) {
		t.Errorf("%s: got error %v, want ErrNotFound", what, err)
	}
}

func testEmpty(t *testing.T, store knowledge.Store) {
	wantDocuments(t, store)
	wantChanges(t, store)
}

func testPutAdds(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.", "Two.")
	doc := document("a", paragraphs)
	seq := put(t, store, doc, paragraphs)
	wantDocument(t, store, doc, paragraphs)
	wantDocuments(t, store, doc)
	wantRevisions(t, store, "a", doc.Revision)
	wantChanges(t, store, knowledge.Change{Seq: seq, Document: "a"})
}

func testPutSame(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.", "Two.")
	doc := document("a", paragraphs)
	want := put(t, store, doc, paragraphs)
	put(t, store, document("b", paragraphs), paragraphs)

	again := doc
	again.Revision.Time = noon.Add(time.Hour) // a later reading of the same text
	again.Paragraphs = 7
	got, changed, err := store.Put(t.Context(), again, paragraphs)
	if err != nil {
		t.Fatal(err)
	}
	if changed || got != want {
		t.Errorf("got sequence %d, changed %t, want %d, false", got, changed, want)
	}
	wantDocument(t, store, doc, paragraphs)
	wantRevisions(t, store, "a", doc.Revision)
	changes, err := store.Changes(t.Context(), want, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 1 || changes[0].Document != "b" {
		t.Errorf("got changes %v after the first, want only that of b", changes)
	}
}

func testPutReplaces(t *testing.T, store knowledge.Store) {
	before, after := text("One.", "Two.", "Three."), text("One.", "Zwei.")
	was, is := document("a", before), document("a", after)
	is.Revision.Time = noon.Add(time.Hour).UTC()
	first := put(t, store, was, before)
	second := put(t, store, is, after)
	if second <= first {
		t.Errorf("got sequence %d after %d", second, first)
	}
	wantDocument(t, store, is, after)
	wantDocuments(t, store, is)
	wantParagraphs(t, store, "a", was.Revision.Digest, before)
	wantRevisions(t, store, "a", is.Revision, was.Revision)
	wantChanges(t, store, knowledge.Change{Seq: second, Document: "a"})
}

func testPutReverts(t *testing.T, store knowledge.Store) {
	first, second := text("One."), text("Two.")
	a, b := document("a", first), document("a", second)
	b.Revision.Time = noon.Add(time.Hour).UTC()
	put(t, store, a, first)
	put(t, store, b, second)
	wantRevisions(t, store, "a", b.Revision, a.Revision)

	again := a
	again.Revision.Time = noon.Add(2 * time.Hour) // the revision keeps its first time
	seq := put(t, store, again, first)
	wantDocument(t, store, a, first)
	wantParagraphs(t, store, "a", b.Revision.Digest, second)
	wantRevisions(t, store, "a", a.Revision, b.Revision)
	wantChanges(t, store, knowledge.Change{Seq: seq, Document: "a"})
}

func testPutMetadata(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.", "Two.")
	doc := document("a", paragraphs)
	last := put(t, store, doc, paragraphs)
	for _, edit := range []struct {
		field string
		apply func(d *knowledge.Document)
	}{
		{"title", func(d *knowledge.Document) { d.Title = "Another title" }},
		{"collection", func(d *knowledge.Document) { d.Collection = "" }},
		{"url", func(d *knowledge.Document) { d.URL = "" }},
		{"path", func(d *knowledge.Document) { d.Path = "elsewhere.txt" }},
		{"language", func(d *knowledge.Document) { d.Language = "de" }},
	} {
		edit.apply(&doc)
		again := doc
		again.Revision.Time = noon.Add(time.Hour)
		seq := put(t, store, again, paragraphs)
		if seq <= last {
			t.Errorf("%s: got sequence %d after %d", edit.field, seq, last)
		}
		last = seq
		wantDocument(t, store, doc, paragraphs)
		wantRevisions(t, store, "a", doc.Revision)
		wantChanges(t, store, knowledge.Change{Seq: seq, Document: "a"})
	}
}

func testPutAfterDelete(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.", "Two.")
	doc := document("a", paragraphs)
	put(t, store, doc, paragraphs)
	deleted := remove(t, store, "a")
	seq := put(t, store, doc, paragraphs)
	if seq <= deleted {
		t.Errorf("got sequence %d after %d", seq, deleted)
	}
	wantDocument(t, store, doc, paragraphs)
	wantDocuments(t, store, doc)
	wantRevisions(t, store, "a", doc.Revision)
	wantChanges(t, store, knowledge.Change{Seq: seq, Document: "a"})
}

func testPutCounts(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.", "Two.")
	doc := document("a", paragraphs)
	wrong := doc
	wrong.Paragraphs = 99
	put(t, store, wrong, paragraphs)
	wantDocument(t, store, doc, paragraphs)
}

func testPutRefuses(t *testing.T, store knowledge.Store) {
	span := func(start, end int) knowledge.Span { return knowledge.Span{Start: start, End: end} }
	for _, tt := range []struct {
		name string
		edit func(d *knowledge.Document, p []knowledge.Paragraph) []knowledge.Paragraph
		want error // nil means any
	}{
		{"no id", func(d *knowledge.Document, p []knowledge.Paragraph) []knowledge.Paragraph { d.ID = ""; return p }, nil},
		{"no title", func(d *knowledge.Document, p []knowledge.Paragraph) []knowledge.Paragraph { d.Title = ""; return p }, nil},
		{"no digest", func(d *knowledge.Document, p []knowledge.Paragraph) []knowledge.Paragraph {
			d.Revision.Digest = ""
			return p
		}, nil},
		{"no paragraphs", func(_ *knowledge.Document, p []knowledge.Paragraph) []knowledge.Paragraph { return p[:0] }, knowledge.ErrEmpty},
		{"numbers from 0", edit(func(p []knowledge.Paragraph) { p[0].Number, p[1].Number = 0, 1 }), nil},
		{"a number twice", edit(func(p []knowledge.Paragraph) { p[1].Number = 1 }), nil},
		{"a number left out", edit(func(p []knowledge.Paragraph) { p[1].Number = 3 }), nil},
		{"sentence beyond the text", edit(func(p []knowledge.Paragraph) { p[1].Sentences = []knowledge.Span{span(0, 5)} }), nil},
		{"sentence before the text", edit(func(p []knowledge.Paragraph) { p[1].Sentences = []knowledge.Span{span(-1, 4)} }), nil},
		{"empty sentence", edit(func(p []knowledge.Paragraph) { p[1].Sentences = []knowledge.Span{span(2, 2)} }), nil},
		{"sentence backwards", edit(func(p []knowledge.Paragraph) { p[1].Sentences = []knowledge.Span{span(3, 2)} }), nil},
		{"overlapping sentences", edit(func(p []knowledge.Paragraph) { p[1].Sentences = []knowledge.Span{span(0, 3), span(2, 4)} }), nil},
		{"sentences out of order", edit(func(p []knowledge.Paragraph) { p[1].Sentences = []knowledge.Span{span(2, 4), span(0, 2)} }), nil},
		{"text that is not UTF-8", edit(func(p []knowledge.Paragraph) { p[1].Text = "caf\xe9" }), nil},
		{"heading that is not UTF-8", edit(func(p []knowledge.Paragraph) { p[1].Headings = []string{"caf\xe9"} }), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			paragraphs := text("One.", "Two.")
			doc := document("a", paragraphs)
			paragraphs = tt.edit(&doc, paragraphs)
			_, changed, err := store.Put(t.Context(), doc, paragraphs)
			if err == nil || changed || !errors.Is(err, tt.want) && tt.want != nil {
				t.Errorf("got changed %t, error %v, want false and an error (%v)", changed, err, tt.want)
			}
		})
	}
	wantDocuments(t, store)
	wantChanges(t, store)
}

// edit makes of a change to paragraphs one to a document and its paragraphs.
func edit(change func(p []knowledge.Paragraph)) func(*knowledge.Document, []knowledge.Paragraph) []knowledge.Paragraph {
	return func(_ *knowledge.Document, p []knowledge.Paragraph) []knowledge.Paragraph {
		change(p)
		return p
	}
}

func testEqualTexts(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.", "Two.")
	a, b := document("a", paragraphs), document("b", paragraphs)
	put(t, store, a, paragraphs)
	put(t, store, b, paragraphs)
	remove(t, store, "a")
	wantDocument(t, store, b, paragraphs)
	wantDocuments(t, store, b)
	wantParagraphs(t, store, "a", a.Revision.Digest, paragraphs)
}

func testDelete(t *testing.T, store knowledge.Store) {
	before, after := text("One."), text("Two.")
	was, is := document("a", before), document("a", after)
	put(t, store, was, before)
	put(t, store, is, after)
	other := document("b", after)
	otherSeq := put(t, store, other, after)
	seq := remove(t, store, "a")
	if seq <= otherSeq {
		t.Errorf("got sequence %d after %d", seq, otherSeq)
	}

	wantDocuments(t, store, other)
	_, err := store.Document(t.Context(), "a")
	wantNotFound(t, "document", err)
	_, err = store.Paragraphs(t.Context(), "a", "", 1, 0)
	wantNotFound(t, "current paragraphs", err)
	_, err = store.Delete(t.Context(), "a")
	wantNotFound(t, "second delete", err)
	wantRevisions(t, store, "a", is.Revision, was.Revision)
	wantParagraphs(t, store, "a", was.Revision.Digest, before)
	wantParagraphs(t, store, "a", is.Revision.Digest, after)
	wantChanges(t, store,
		knowledge.Change{Seq: otherSeq, Document: "b"},
		knowledge.Change{Seq: seq, Document: "a", Deleted: true})
}

func testNotFound(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.")
	put(t, store, document("a", paragraphs), paragraphs)
	other := text("Two.")
	put(t, store, document("b", other), other)

	ctx := t.Context()
	_, err := store.Document(ctx, "x")
	wantNotFound(t, "document", err)
	_, err = store.Delete(ctx, "x")
	wantNotFound(t, "delete", err)
	_, err = store.Revisions(ctx, "x")
	wantNotFound(t, "revisions", err)
	_, err = store.Paragraphs(ctx, "x", "", 1, 0)
	wantNotFound(t, "paragraphs of an unknown document", err)
	_, err = store.Paragraphs(ctx, "x", knowledge.Digest(paragraphs), 1, 0)
	wantNotFound(t, "known revision of an unknown document", err)
	_, err = store.Paragraphs(ctx, "a", "no digest", 1, 0)
	wantNotFound(t, "paragraphs of an unknown revision", err)
	_, err = store.Paragraphs(ctx, "a", knowledge.Digest(other), 1, 0)
	wantNotFound(t, "revision of another document", err)
	_, err = store.Paragraphs(ctx, "x", "", 5, 5)
	wantNotFound(t, "range of an unknown document", err)
}

func testDocumentsOrder(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.")
	ids := []string{"A", "Z", "a", "a b", "a%_'\"\\", "a/b", "aa", "b", "z", "é", "я", "中", "\U0001f3d4"}
	var want []knowledge.Document
	for _, id := range ids {
		want = append(want, document(id, paragraphs))
	}
	for i := range want { // stored in another order
		d := want[(i*5+3)%len(want)]
		put(t, store, d, paragraphs)
	}
	wantDocuments(t, store, want...)
	for _, d := range want {
		wantDocument(t, store, d, paragraphs)
	}
}

func testRanges(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.", "Two.", "Three.", "Four.", "Five.")
	doc := document("b", paragraphs)
	neighbour := text("No.", "Nor this.")
	put(t, store, document("a", neighbour), neighbour)
	put(t, store, doc, paragraphs)
	put(t, store, document("c", neighbour), neighbour)
	for _, tt := range []struct{ from, to, first, last int }{
		{1, 0, 1, 5},
		{1, 5, 1, 5},
		{2, 4, 2, 4},
		{3, 3, 3, 3},
		{1, 1, 1, 1},
		{5, 5, 5, 5},
		{4, 0, 4, 5},
		{4, 1000, 4, 5},
		{-3, 2, 1, 2},
		{0, 0, 1, 5},
		{4, 3, 0, 0},
		{6, 0, 0, 0},
		{6, 9, 0, 0},
		{1, -1, 0, 0},
	} {
		for _, digest := range []string{"", doc.Revision.Digest} {
			t.Run(fmt.Sprintf("%d..%d of %.6q", tt.from, tt.to, digest), func(t *testing.T) {
				var want []knowledge.Paragraph
				if tt.first > 0 {
					want = paragraphs[tt.first-1 : tt.last]
				}
				got, err := store.Paragraphs(t.Context(), "b", digest, tt.from, tt.to)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "paragraphs", got, want)
			})
		}
	}
}

func testRoundTrip(t *testing.T, store knowledge.Store) {
	paragraphs := []knowledge.Paragraph{
		{Kind: knowledge.Prose, Text: "No heading, no sentences."},
		{Kind: knowledge.List, Headings: []string{"One"}, Text: "- a\n- b\r\n\tc", Sentences: []knowledge.Span{{Start: 2, End: 3}, {Start: 6, End: 7}, {Start: 7, End: 11}}},
		{Kind: knowledge.Quote, Headings: []string{"One", "", "Three <&> \"quoted\" \\"}, Text: "«Мир» — это ‘peace’. Ґанок? Так!", Sentences: []knowledge.Span{{Start: 0, End: 36}}},
		{Kind: knowledge.Table, Headings: []string{"表", "שלום", "\u2028"}, Text: "العربية | עברית | 日本語 | e\u0301 | \u200b\ufeff"},
		{Kind: knowledge.Code, Headings: []string{"🏔️"}, Text: "SELECT '%s'; -- \\x00 \x01\x7f 👩‍👩‍👧"},
		{Kind: "figure", Text: "A kind that this version does not know."},
		{Kind: knowledge.Prose, Text: strings.Repeat("long ", 100_000), Sentences: []knowledge.Span{{Start: 0, End: 4}, {Start: 400_000, End: 499_999}}},
		{Kind: knowledge.Prose, Text: ""},
	}
	for i := range paragraphs {
		paragraphs[i].Number = i + 1
	}
	doc := document("Überblick: «Мир» 中 🏔️", paragraphs)
	doc.Title, doc.Collection, doc.URL, doc.Path, doc.Language = "Ünï 'ti' \"tle\"", "кол", "https://例え.jp/?a=b&c#d", `C:\Ω\x.md`, "uk"
	put(t, store, doc, paragraphs)
	wantDocument(t, store, doc, paragraphs)

	got, err := store.Paragraphs(t.Context(), doc.ID, "", 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if digest := knowledge.Digest(got); digest != doc.Revision.Digest {
		t.Errorf("got digest %s of what came back, want %s", digest, doc.Revision.Digest)
	}
	if zone := doc.Revision.Time.Location(); zone != time.UTC {
		t.Errorf("got a time in %s, want UTC", zone)
	}
}

func testLarge(t *testing.T, store knowledge.Store) {
	paragraphs := long("one", 10_000)
	doc := document("large", paragraphs)
	put(t, store, doc, paragraphs)
	got, err := store.Paragraphs(t.Context(), "large", "", 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if digest := knowledge.Digest(got); len(got) != len(paragraphs) || digest != doc.Revision.Digest {
		t.Errorf("got %d paragraphs with digest %s, want %d with %s", len(got), digest, len(paragraphs), doc.Revision.Digest)
	}
	middle, err := store.Paragraphs(t.Context(), "large", "", 4_999, 5_001)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "paragraphs", middle, paragraphs[4_998:5_001])
}

func testChanges(t *testing.T, store knowledge.Store) {
	first, second := text("One."), text("Two.")
	put(t, store, document("a", first), first)
	b := put(t, store, document("b", first), first)
	put(t, store, document("c", first), first)
	a := put(t, store, document("a", second), second)
	put(t, store, document("d", first), first)
	c := remove(t, store, "c")
	d := put(t, store, document("d", second), second)
	all := []knowledge.Change{
		{Seq: b, Document: "b"}, {Seq: a, Document: "a"}, {Seq: c, Document: "c", Deleted: true}, {Seq: d, Document: "d"},
	}
	wantChanges(t, store, all...)
	for i, change := range all {
		got, err := store.Changes(t.Context(), change.Seq, 10)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprintf("changes after %d", change.Seq), got, all[i+1:])
	}
}

func testChangesLimit(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.")
	var want []knowledge.Change
	for i := range 7 {
		id := fmt.Sprintf("d%d", i)
		want = append(want, knowledge.Change{Seq: put(t, store, document(id, paragraphs), paragraphs), Document: id})
	}
	for limit := 1; limit <= 8; limit++ {
		var got []knowledge.Change
		after := int64(0)
		for {
			page, err := store.Changes(t.Context(), after, limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) > limit {
				t.Fatalf("got %d changes, want at most %d", len(page), limit)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = page[len(page)-1].Seq
		}
		equal(t, fmt.Sprintf("changes in pages of %d", limit), got, want)
	}
	none, err := store.Changes(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "changes with limit 0", none, nil)
}

// testSequence deletes the newest change again and again, which is where a
// sequence taken from what is stored would give a number twice.
func testSequence(t *testing.T, store knowledge.Store) {
	versions := [][]knowledge.Paragraph{text("One."), text("Two.")}
	last := int64(0)
	step := func(what string, seq int64) {
		if seq <= last {
			t.Errorf("%s: got sequence %d after %d", what, seq, last)
		}
		last = seq
	}
	for i := range 20 {
		id := fmt.Sprintf("d%d", i%3)
		step("put", put(t, store, document(id, versions[0]), versions[0]))
		step("replace", put(t, store, document(id, versions[1]), versions[1]))
		step("delete", remove(t, store, id))
	}
}

func testContextEnded(t *testing.T, store knowledge.Store) {
	paragraphs := text("One.")
	doc := document("a", paragraphs)
	seq := put(t, store, doc, paragraphs)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := map[string]func() error{
		"Put": func() error {
			other := text("Two.")
			_, _, err := store.Put(ctx, document("a", other), other)
			return err
		},
		"Delete":     func() error { _, err := store.Delete(ctx, "a"); return err },
		"Documents":  func() error { _, err := store.Documents(ctx); return err },
		"Document":   func() error { _, err := store.Document(ctx, "a"); return err },
		"Revisions":  func() error { _, err := store.Revisions(ctx, "a"); return err },
		"Paragraphs": func() error { _, err := store.Paragraphs(ctx, "a", "", 1, 0); return err },
		"Changes":    func() error { _, err := store.Changes(ctx, 0, 10); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v, want context.Canceled", name, err)
		}
	}
	wantDocument(t, store, doc, paragraphs)
	wantRevisions(t, store, "a", doc.Revision)
	wantChanges(t, store, knowledge.Change{Seq: seq, Document: "a"})
}

// testContextEnds lets the context end at many moments of a Put.
func testContextEnds(t *testing.T, store knowledge.Store) {
	before := text("One.")
	was := document("a", before)
	put(t, store, was, before)
	after := long("a", 2000)
	is := document("a", after)
	interrupted := 0
	for limit := 50 * time.Microsecond; limit < time.Minute; limit = limit * 3 / 2 {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		_, _, err := store.Put(ctx, is, after)
		cancel()
		if err == nil {
			break
		}
		interrupted++
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got error %v, want context.DeadlineExceeded", err)
		}
		got, err := store.Document(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if got.Revision.Digest == is.Revision.Digest {
			break // it had just been made durable when the context ended
		}
		wantDocument(t, store, was, before)
		wantRevisions(t, store, "a", was.Revision)
	}
	if interrupted == 0 {
		t.Error("no Put was interrupted")
	}
	wantDocument(t, store, is, after)
}

// testReaders replaces a document while others read it. Every text that they
// see names one writer throughout, and is as long as the document says.
func testReaders(t *testing.T, store knowledge.Store) {
	versions := [][]knowledge.Paragraph{long("one", 150), long("two", 100)}
	ctx, cancel := context.WithCancel(t.Context())
	put(t, store, document("a", versions[0]), versions[0])

	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				doc, err := store.Document(t.Context(), "a")
				if err != nil {
					t.Error(err)
					return
				}
				paragraphs, err := store.Paragraphs(t.Context(), "a", doc.Revision.Digest, 1, 0)
				if err != nil {
					t.Error(err)
					return
				}
				if got := knowledge.Digest(paragraphs); got != doc.Revision.Digest || len(paragraphs) != doc.Paragraphs {
					t.Errorf("got %d paragraphs with digest %s of a document with %d and %s",
						len(paragraphs), got, doc.Paragraphs, doc.Revision.Digest)
					return
				}
				current, err := store.Paragraphs(t.Context(), "a", "", 1, 0)
				if err != nil {
					t.Error(err)
					return
				}
				if n := len(current); n != len(versions[0]) && n != len(versions[1]) {
					t.Errorf("got %d paragraphs, want %d or %d", n, len(versions[0]), len(versions[1]))
					return
				}
			}
		})
	}
	for i := range 60 {
		version := versions[(i+1)%2]
		version[0].Text = fmt.Sprintf("Edition %d.", i) // each a revision of its own
		version[0].Sentences = nil
		put(t, store, document("a", version), version)
	}
}

// testWriters lets several writers each replace a document of their own, one
// that they share, and delete the latter now and then.
func testWriters(t *testing.T, store knowledge.Store) {
	const writers, rounds = 4, 15
	var mu sync.Mutex
	given := make(map[int64]bool)
	record := func(seq int64) {
		mu.Lock()
		defer mu.Unlock()
		if given[seq] {
			t.Errorf("sequence %d was given twice", seq)
		}
		given[seq] = true
	}
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			last := int64(0)
			for i := range rounds {
				writer := fmt.Sprintf("w%d", w)
				paragraphs := long(fmt.Sprintf("%s in round %d", writer, i), 20)
				for _, id := range []string{writer, "shared"} {
					seq, changed, err := store.Put(t.Context(), document(id, paragraphs), paragraphs)
					if err != nil || !changed || seq <= last {
						t.Errorf("put: got %d after %d, changed %t, error %v", seq, last, changed, err)
						return
					}
					record(seq)
					last = seq
				}
				if i%5 != w {
					continue
				}
				seq, err := store.Delete(t.Context(), "shared")
				if errors.Is(err, knowledge.ErrNotFound) {
					continue // another writer was faster
				}
				if err != nil {
					t.Error(err)
					return
				}
				record(seq)
				last = seq
			}
		})
	}
	group.Wait()
	for w := range writers {
		id := fmt.Sprintf("w%d", w)
		paragraphs := long(fmt.Sprintf("%s in round %d", id, rounds-1), 20)
		wantDocument(t, store, document(id, paragraphs), paragraphs)
		revisions, err := store.Revisions(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(revisions); got != rounds {
			t.Errorf("%s: got %d revisions, want %d", id, got, rounds)
		}
	}
	revisions, err := store.Revisions(t.Context(), "shared")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(revisions), writers*rounds; got != want {
		t.Errorf("got %d revisions of the shared document, want %d", got, want)
	}
}
