package knowledge_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/sqlite"
)

// openSearch returns a base over a store and an index, both in memory.
func openSearch(t *testing.T) *knowledge.Base {
	t.Helper()
	store, err := sqlite.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	x := index.New()
	base, err := knowledge.Open(t.Context(), store, x)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		if err := base.Close(); err != nil {
			t.Error(err)
		}
	})
	return base
}

func ingestInto(t *testing.T, base *knowledge.Base, collection, id, text string) {
	t.Helper()
	if _, _, err := base.Ingest(t.Context(), knowledge.Input{ID: id, Path: id + ".txt", Collection: collection, Data: []byte(text)}); err != nil {
		t.Fatal(err)
	}
}

func search(t *testing.T, base *knowledge.Base, q knowledge.Query) knowledge.Result {
	t.Helper()
	r, err := base.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// hits lists the addresses of what was found, best first.
func hits(r knowledge.Result) []string {
	var out []string
	for _, h := range r.Hits {
		out = append(out, h.Address().String())
	}
	return out
}

const (
	stone = "The stone bridge at Harwick was built in 1841 by Ada Lorne. It carries carts and walkers.\n\nFerries still cross where no bridge stands."
	steel = "The steel bridge at Dunmoor opened in 1903. Nine workers died while it was built.\n\nIts engineer was Tom Vance."
)

func TestSearchFindsTheParagraphThatAnswers(t *testing.T) {
	base := openSearch(t)
	ingestInto(t, base, "", "stone", stone)
	ingestInto(t, base, "", "steel", steel)
	for _, tt := range []struct {
		text, want, sentence string
	}{
		{"When was the stone bridge at Harwick built?", "stone#1", "The stone bridge at Harwick was built in 1841 by Ada Lorne."},
		{"How many workers died?", "steel#1", "Nine workers died while it was built."},
		{"Who was the engineer?", "steel#2", "Its engineer was Tom Vance."},
		{"Harwik?", "stone#1", "The stone bridge at Harwick was built in 1841 by Ada Lorne."},
	} {
		t.Run(tt.text, func(t *testing.T) {
			r := search(t, base, knowledge.Query{Text: tt.text})
			if len(r.Hits) == 0 || r.Hits[0].Address().String() != tt.want {
				t.Fatalf("got %v, want %s first", hits(r), tt.want)
			}
			h := r.Hits[0]
			best := slices.Index(h.Sentences, slices.Max(h.Sentences))
			span := h.Paragraph.Sentences[best]
			equal(t, "best sentence", h.Paragraph.Text[span.Start:span.End], tt.sentence)
			doc, paragraphs, err := base.Passage(t.Context(), h.Address(), h.Document.Revision.Digest, 0)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "document", h.Document, doc)
			equal(t, "paragraph", h.Paragraph, paragraphs[0])
			if r.Confidence <= 0 || r.Confidence > 1 || r.Candidates < len(r.Hits) {
				t.Errorf("got confidence %g of %d candidates", r.Confidence, r.Candidates)
			}
		})
	}
}

func TestSearchOrdersItsHits(t *testing.T) {
	base := openSearch(t)
	ingestInto(t, base, "", "stone", stone)
	ingestInto(t, base, "", "steel", steel)
	r := search(t, base, knowledge.Query{Text: "bridge built"})
	if len(r.Hits) < 2 || !slices.IsSortedFunc(r.Hits, func(a, b knowledge.Hit) int { return int(math.Copysign(1, b.Score-a.Score)) }) {
		t.Errorf("got %v, not by score", hits(r))
	}
}

func TestSearchKeepsToItsLimit(t *testing.T) {
	base := openSearch(t)
	ingestInto(t, base, "", "a", strings.Repeat("The bridge stands.\n\n", 30))
	for _, tt := range []struct{ limit, want int }{{0, 10}, {-1, 10}, {1, 1}, {25, 25}, {1000, 30}} {
		r := search(t, base, knowledge.Query{Text: "bridge", Limit: tt.limit})
		if len(r.Hits) != tt.want || r.Candidates != 30 {
			t.Errorf("limit %d: got %d hits of %d candidates, want %d of 30", tt.limit, len(r.Hits), r.Candidates, tt.want)
		}
	}
}

func TestSearchKeepsToItsCollections(t *testing.T) {
	base := openSearch(t)
	ingestInto(t, base, "", "a", "The bridge stands.")
	ingestInto(t, base, "works", "b", "The bridge was built.")
	ingestInto(t, base, "news", "c", "The bridge fell.")
	for _, tt := range []struct {
		name        string
		collections []string
		want        []string
	}{
		{"all", nil, []string{"a#1", "b#1", "c#1"}},
		{"the default one", []string{""}, []string{"a#1"}},
		{"two", []string{"news", "works"}, []string{"b#1", "c#1"}},
		{"an unknown one", []string{"law"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := hits(search(t, base, knowledge.Query{Text: "bridge", Collections: tt.collections}))
			slices.Sort(got)
			equal(t, "hits", got, tt.want)
		})
	}
	ingestInto(t, base, "news", "a", "The bridge stands.") // moves
	equal(t, "left", hits(search(t, base, knowledge.Query{Text: "bridge", Collections: []string{""}})), []string{})
	if got := search(t, base, knowledge.Query{Text: "fell", Collections: []string{"works"}}).Unknown; !slices.Equal(got, []string{"fell"}) {
		t.Errorf("got %q, want the word unknown where it is not searched", got)
	}
}

func TestSearchExplainsItsScoresWhenAsked(t *testing.T) {
	base := openSearch(t)
	ingestInto(t, base, "", "stone", stone)
	for _, h := range search(t, base, knowledge.Query{Text: "stone bridge", Explain: true}).Hits {
		sum := 0.0
		for _, term := range h.Explanation {
			sum += term.Value
		}
		if len(h.Explanation) == 0 || math.Abs(sum-h.Score) > 1e-9 {
			t.Errorf("%s: the addends %+v make %g, the score is %g", h.Address(), h.Explanation, sum, h.Score)
		}
	}
	for _, h := range search(t, base, knowledge.Query{Text: "stone bridge"}).Hits {
		if h.Explanation != nil {
			t.Errorf("%s: explained without being asked", h.Address())
		}
	}
}

func TestWhatIsWrittenIsFoundAtOnce(t *testing.T) {
	base := openSearch(t)
	for i := range 20 {
		ingestInto(t, base, "", "a", fmt.Sprintf("The bridge v%d stands.", i))
		ingestInto(t, base, "", "b", "Another bridge.")
		r := search(t, base, knowledge.Query{Text: fmt.Sprintf("v%d", i)})
		equal(t, "added", hits(r), []string{"a#1"})
		if err := base.Delete(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		r = search(t, base, knowledge.Query{Text: "bridge"})
		equal(t, "deleted", hits(r), []string{"a#1"})
	}
}

func TestSearchNamesWhatNoDocumentHas(t *testing.T) {
	base := openSearch(t)
	ingestInto(t, base, "", "stone", stone)
	r := search(t, base, knowledge.Query{Text: "Did Xi Jinping cross the bridge?"})
	equal(t, "unknown", r.Unknown, []string{"Xi Jinping"})
	sure := search(t, base, knowledge.Query{Text: "When was the stone bridge at Harwick built?"})
	if r.Confidence >= sure.Confidence {
		t.Errorf("as sure (%.2f) as of a question that is answered (%.2f)", r.Confidence, sure.Confidence)
	}
}

func TestSearchOfNothing(t *testing.T) {
	base := openSearch(t)
	for _, filled := range []bool{false, true} {
		if filled {
			ingestInto(t, base, "", "stone", stone)
		}
		for _, text := range []string{"", "?!", "the of and", "\xff", "zzzzqq"} {
			r := search(t, base, knowledge.Query{Text: text})
			if len(r.Hits) != 0 || r.Confidence != 0 || r.Candidates != 0 {
				t.Errorf("%q: got %+v", text, r)
			}
		}
	}
}

func TestAFollowUpTakesOverWhatItLacks(t *testing.T) {
	base := openSearch(t)
	ingestInto(t, base, "", "stone", stone)
	ingestInto(t, base, "", "steel", steel)
	r := search(t, base, knowledge.Query{Text: "And at Dunmoor?", Context: []string{"When was the stone bridge at Harwick built?"}})
	if len(r.Hits) == 0 || r.Hits[0].Address().String() != "steel#1" {
		t.Errorf("got %v, want steel#1 first", hits(r))
	}
}

// TestSearchesThatRaceWithWritesStayWhole replaces a document by longer and
// shorter versions while it is searched, and deletes another.
func TestSearchesThatRaceWithWritesStayWhole(t *testing.T) {
	base := openSearch(t)
	version := func(n int) string {
		return fmt.Sprintf("The bridge v%d stands.%s\n\nThe other bridge v%d.", n, strings.Repeat(" It holds.", n%4), n)
	}
	ingestInto(t, base, "", "a", version(0))
	done := make(chan struct{})
	var searchers sync.WaitGroup
	for range 2 {
		searchers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r, err := base.Search(t.Context(), knowledge.Query{Text: "bridge"})
				if err != nil {
					t.Error(err)
					return
				}
				versions := map[string]bool{}
				for _, h := range r.Hits {
					if got, want := len(h.Sentences), len(h.Paragraph.Sentences); got != want {
						t.Errorf("%s: got %d scores of %d sentences", h.Address(), got, want)
					}
					if h.Document.ID == "a" {
						versions[h.Document.Revision.Digest] = true
					}
				}
				if len(versions) != 1 {
					t.Errorf("got %d versions at once", len(versions))
				}
			}
		})
	}
	for n := range 40 {
		ingestInto(t, base, "", "a", version(n+1))
		ingestInto(t, base, "", "b", "A bridge that is torn down.")
		if err := base.Delete(t.Context(), "b"); err != nil {
			t.Error(err)
		}
	}
	close(done)
	searchers.Wait()
}

func TestSearchAfterTheStoreIsClosedIsAnError(t *testing.T) {
	store, err := sqlite.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	x := index.New()
	defer x.Close()
	base, err := knowledge.Open(t.Context(), store, x)
	if err != nil {
		t.Fatal(err)
	}
	ingestInto(t, base, "", "stone", stone)
	if err := base.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = base.Search(t.Context(), knowledge.Query{Text: "bridge"})
	if err == nil || errors.Is(err, knowledge.ErrNotFound) || !strings.HasPrefix(err.Error(), "search: ") {
		t.Errorf("got %v, want an error of the search", err)
	}
}
