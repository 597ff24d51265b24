package index

import (
	"fmt"
	"testing"

	"summitbot/knowledge"
)

// write puts one document of one paragraph.
func write(t *testing.T, x *Index, id, collection, text string, deleted ...string) {
	t.Helper()
	d := knowledge.IndexDocument{
		Document:   knowledge.Document{ID: id, Collection: collection, Language: "en"},
		Paragraphs: []knowledge.Paragraph{{Number: 1, Text: text, Sentences: []knowledge.Span{{Start: 0, End: len(text)}}}},
	}
	if err := x.Apply(t.Context(), func(yield func(knowledge.IndexDocument, error) bool) { yield(d, nil) }, deleted); err != nil {
		t.Fatal(err)
	}
}

func TestManySmallWritesAreMerged(t *testing.T) {
	x := New()
	for i := range 200 {
		write(t, x, fmt.Sprint(i), []string{"", "news"}[i%2], "talks")
	}
	x.merges.Wait() // all that is due follows from one merge to the next
	for name, views := range x.current.Load().collections {
		if got := len(views); got >= fanIn {
			t.Errorf("collection %q: got %d segments, want fewer than %d", name, got, fanIn)
		}
	}
	if name, due := x.current.Load().due(); len(due) != 0 {
		t.Errorf("collection %q: %d segments are still to be merged", name, len(due))
	}
	x.Close()
}

func TestReplacedTextIsForgotten(t *testing.T) {
	x := New()
	for i := range 100 {
		write(t, x, "a", "", fmt.Sprintf("talks x%dx", i))
	}
	x.Close()
	views := x.current.Load().collections[""]
	total := 0
	for _, v := range views {
		total += len(v.doc)
	}
	if len(views) != 1 || total != 1 {
		t.Errorf("got %d paragraphs in %d segments, want one in one", total, len(views))
	}
	if len(x.where) != 1 {
		t.Errorf("got %d documents, want 1", len(x.where))
	}
}

// TestWhatDiesDuringAMergeStaysDead replays the end of a merge by hand, with
// writes between its two halves.
func TestWhatDiesDuringAMergeStaysDead(t *testing.T) {
	x := New()
	x.closed = true // merges are made here
	for _, id := range []string{"kept", "deleted", "replaced", "moved", "reborn"} {
		write(t, x, id, "", "old "+id)
	}
	old := x.current.Load().collections[""]
	merged := mergeViews(old)
	write(t, x, "replaced", "", "new replaced", "deleted", "reborn")
	write(t, x, "moved", "news", "new moved")
	write(t, x, "reborn", "", "new reborn")
	x.mu.Lock()
	x.replace("", old, merged)
	x.mu.Unlock()

	for _, tt := range []struct{ id, collection, text string }{
		{"kept", "", "old"}, {"replaced", "", "new"}, {"moved", "news", "new"}, {"reborn", "", "new"},
	} {
		p, ok := x.where[tt.id]
		if !ok || p.collection != tt.collection || p.segment.docs[p.doc].id != tt.id {
			t.Errorf("%s: stands at %+v, want collection %q", tt.id, p, tt.collection)
		}
		c, err := x.Candidates(t.Context(), knowledge.Query{Text: tt.text + " " + tt.id})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, got := range c.Paragraphs {
			if got.Document == tt.id {
				n++
				if first := got.Lexicon.Word(got.Words[0]).Surface; first != tt.text {
					t.Errorf("%s: got the %s text, want the %s one", tt.id, first, tt.text)
				}
			}
		}
		if n != 1 || c.Total != 4 {
			t.Errorf("%s: found %d times among %d paragraphs, want once among 4", tt.id, n, c.Total)
		}
	}
	if _, ok := x.where["deleted"]; ok {
		t.Error("a deleted document is back")
	}
	// What survived the merge can still be buried.
	write(t, x, "kept", "", "newest kept", "replaced", "moved", "reborn")
	c, err := x.Candidates(t.Context(), knowledge.Query{Text: "old new newest"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Paragraphs) != 1 || c.Total != 1 || c.Documents != 1 {
		t.Errorf("got %d of %d paragraphs, %d documents; want 1", len(c.Paragraphs), c.Total, c.Documents)
	}
}

func TestPostingsAndTextsAreReadAsTheyWereWritten(t *testing.T) {
	var list []byte
	type posting struct{ pid, quarters uint32 }
	want := []posting{{0, 4}, {1, 2}, {200, 4}, {70000, 300}, {70001, 6}}
	last := uint32(0)
	for _, p := range want {
		list = appendPosting(list, p.pid+1-last, p.quarters)
		last = p.pid + 1
	}
	s := &segment{postings: list, postAt: []uint64{0, uint64(len(list))}}
	i := 0
	s.each(0, func(pid, quarters uint32) {
		if i >= len(want) || want[i] != (posting{pid, quarters}) {
			t.Errorf("posting %d: got %d, %d", i, pid, quarters)
		}
		i++
	})
	if i != len(want) {
		t.Errorf("got %d postings, want %d", i, len(want))
	}

	words, ends := []uint32{0, 126, 127, 128, 1 << 20}, []int{0, 2, 2, 5}
	forward := appendForward(nil, words, ends)
	s = &segment{forward: forward, forwardAt: []uint64{0, uint64(len(forward))}, length: []uint32{5}}
	gotWords, gotEnds := s.paragraphWords(0)
	if fmt.Sprint(gotWords, gotEnds) != fmt.Sprint(words, ends) {
		t.Errorf("got %v %v, want %v %v", gotWords, gotEnds, words, ends)
	}
}

func TestSizeClassesGrowByTheFanIn(t *testing.T) {
	for _, tt := range []struct{ paragraphs, want int }{{0, 0}, {1, 0}, {1000, 0}, {1001, 1}, {6000, 1}, {6001, 2}, {36001, 3}} {
		if got := sizeClass(tt.paragraphs); got != tt.want {
			t.Errorf("%d paragraphs: got class %d, want %d", tt.paragraphs, got, tt.want)
		}
	}
}
