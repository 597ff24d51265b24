package knowledge_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/knowledge"
	"summitbot/knowledge/rank"
	"summitbot/knowledge/sqlite"
)

// A record is an index that remembers what it was told, and can be told to fail.
type record struct {
	mu      sync.Mutex
	applies int
	texts   map[string][]string // paragraphs by document
	fail    error
}

func (r *record) Apply(_ context.Context, put iter.Seq2[knowledge.IndexDocument, error], deleted []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	next := maps.Clone(r.texts)
	if next == nil {
		next = map[string][]string{}
	}
	for d, err := range put {
		if err != nil {
			return err
		}
		next[d.Document.ID] = texts(d.Paragraphs)
	}
	for _, id := range deleted {
		delete(next, id)
	}
	r.texts = next
	r.applies++
	return nil
}

func (r *record) Candidates(context.Context, knowledge.Query) (rank.Candidates, error) {
	return rank.Candidates{}, nil
}

func texts(paragraphs []knowledge.Paragraph) []string {
	var out []string
	for _, p := range paragraphs {
		out = append(out, p.Text)
	}
	return out
}

// open returns a base over a new store in memory.
func open(t *testing.T) (*knowledge.Base, *record, knowledge.Store) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	index := &record{}
	return reopen(t, store, index), index, store
}

func reopen(t *testing.T, store knowledge.Store, index knowledge.Index) *knowledge.Base {
	t.Helper()
	base, err := knowledge.Open(t.Context(), store, index)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func ingest(t *testing.T, base *knowledge.Base, id, text string) knowledge.Document {
	t.Helper()
	doc, _, err := base.Ingest(t.Context(), knowledge.Input{ID: id, Path: id + ".txt", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const article = `# Bridges

## Stone

Stone bridges last. The oldest still carries carts.

## Steel

- Steel bends.
- It rusts.
`

func TestIngestCutsATextIntoWhatIsCited(t *testing.T) {
	base, index, store := open(t)
	doc, changed, err := base.Ingest(t.Context(), knowledge.Input{
		ID: "bridges", Path: "docs/bridges.md", Collection: "works", URL: "https://example.org/b", Data: []byte(article),
	})
	if err != nil || !changed {
		t.Fatalf("changed %t, %v", changed, err)
	}
	if doc.Revision.Time.IsZero() || doc.Revision.Digest == "" {
		t.Errorf("no revision in %+v", doc)
	}
	want := knowledge.Document{
		ID: "bridges", Title: "Bridges", Collection: "works", URL: "https://example.org/b",
		Path: "docs/bridges.md", Language: "en", Paragraphs: 2,
	}
	if diff := cmp.Diff(want, doc, cmpopts.IgnoreFields(knowledge.Document{}, "Revision")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	paragraphs, err := store.Paragraphs(t.Context(), "bridges", "", 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(paragraphs), 2; got != want {
		t.Fatalf("got %d paragraphs, want %d: %+v", got, want, paragraphs)
	}
	equal(t, "kinds", []knowledge.Kind{paragraphs[0].Kind, paragraphs[1].Kind}, []knowledge.Kind{knowledge.Prose, knowledge.List})
	equal(t, "heading", paragraphs[0].Heading(), "Stone")
	var sentences []string
	for _, s := range paragraphs[0].Sentences {
		sentences = append(sentences, paragraphs[0].Text[s.Start:s.End])
	}
	equal(t, "sentences", sentences, []string{"Stone bridges last.", "The oldest still carries carts."})
	equal(t, "indexed", index.texts, map[string][]string{"bridges": texts(paragraphs)})
}

func TestIngestOfTheSameIsANoOp(t *testing.T) {
	base, index, _ := open(t)
	first := ingest(t, base, "a", "One thing.")
	again, changed, err := base.Ingest(t.Context(), knowledge.Input{ID: "a", Path: "a.txt", Data: []byte("One thing.")})
	if err != nil || changed {
		t.Errorf("changed %t, %v", changed, err)
	}
	equal(t, "document", again, first)
	equal(t, "applies", index.applies, 1)
}

func TestTitleIsTheGivenOneElseTheTextsElseTheID(t *testing.T) {
	for _, tt := range []struct{ name, given, text, want string }{
		{"given", " A  given\ntitle ", "# Its own\n\nText.", "A given title"},
		{"its own", "", "# Its own\n\nText.", "Its own"},
		{"none", " ", "Text.", "doc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, _, _ := open(t)
			doc, _, err := base.Ingest(t.Context(), knowledge.Input{ID: "doc", Path: "doc.md", Title: tt.given, Data: []byte(tt.text)})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "title", doc.Title, tt.want)
		})
	}
}

func TestIngestRefusesWhatHoldsNothingToCite(t *testing.T) {
	base, index, _ := open(t)
	for name, data := range map[string]string{"empty": "", "white space": " \n\t\n", "only headings": "# One\n\n## Two\n"} {
		t.Run(name, func(t *testing.T) {
			_, _, err := base.Ingest(t.Context(), knowledge.Input{ID: "x", Path: "x.md", Data: []byte(data)})
			if !errors.Is(err, knowledge.ErrEmpty) {
				t.Errorf("got %v, want ErrEmpty", err)
			}
		})
	}
	if _, _, err := base.Ingest(t.Context(), knowledge.Input{ID: "x", Path: "x.txt", Data: []byte("\x7fELF\x02\x00\x01")}); err == nil {
		t.Error("a program was taken for text")
	}
	equal(t, "applies", index.applies, 0)
}

func TestIngestAllIndexesOnceAndPassesOverBadTexts(t *testing.T) {
	base, index, _ := open(t)
	var told []string
	err := base.IngestAll(t.Context(), slices.Values([]knowledge.Input{
		{ID: "a", Path: "a.txt", Data: []byte("First.")},
		{ID: "empty", Path: "empty.txt"},
		{ID: "b", Path: "b.txt", Data: []byte("Second.")},
		{ID: "a", Path: "a.txt", Data: []byte("First.")},
		{ID: "b", Path: "b.txt", Data: []byte("Second, corrected.")},
	}), func(in knowledge.Ingested) {
		told = append(told, fmt.Sprintf("%s %t %t", in.Document.ID, in.Changed, errors.Is(in.Err, knowledge.ErrEmpty)))
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "told", told, []string{"a true false", "empty false true", "b true false", "a false false", "b true false"})
	equal(t, "applies", index.applies, 1)
	equal(t, "indexed", index.texts, map[string][]string{"a": {"First."}, "b": {"Second, corrected."}})
}

func TestIngestAllStopsWithItsContextAndLosesNothing(t *testing.T) {
	base, index, _ := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := base.IngestAll(ctx, func(yield func(knowledge.Input) bool) {
		for i := 0; yield(knowledge.Input{ID: fmt.Sprint(i), Path: "x.txt", Data: []byte("Text.")}); i++ {
		}
	}, func(in knowledge.Ingested) {
		if in.Document.ID == "1" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if err := base.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "indexed", index.texts, map[string][]string{"0": {"Text."}, "1": {"Text."}})
}

func TestOpenBuildsTheIndexFromTheStore(t *testing.T) {
	base, index, store := open(t)
	for i := range 5 {
		ingest(t, base, fmt.Sprint(i), fmt.Sprintf("Text %d.", i))
	}
	ingest(t, base, "3", "Text three.")
	if err := base.Delete(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	fresh := &record{}
	reopen(t, store, fresh)
	equal(t, "texts", fresh.texts, index.texts)
	equal(t, "applies", fresh.applies, 1)
}

func TestOpenOfAnEmptyStoreTouchesNothing(t *testing.T) {
	_, index, _ := open(t)
	equal(t, "applies", index.applies, 0)
}

func TestSyncFollowsWhatOthersWrote(t *testing.T) {
	mine, _, store := open(t)
	ingest(t, mine, "a", "Old.")
	ingest(t, mine, "b", "Gone soon.")
	index := &record{}
	theirs := reopen(t, store, index)

	ingest(t, mine, "a", "New.")
	ingest(t, mine, "c", "Added.")
	if err := mine.Delete(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	equal(t, "before", index.texts, map[string][]string{"a": {"Old."}, "b": {"Gone soon."}})
	for range 2 { // the second finds nothing to do
		if err := theirs.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		equal(t, "after", index.texts, map[string][]string{"a": {"New."}, "c": {"Added."}})
		equal(t, "applies", index.applies, 2)
	}
}

func TestDeleteIsVisibleAtOnceAndKeepsRevisions(t *testing.T) {
	base, index, _ := open(t)
	doc := ingest(t, base, "a", "One thing.\n\nAnother.")
	if err := base.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	equal(t, "indexed", index.texts, map[string][]string{})
	if err := base.Delete(t.Context(), "a"); !errors.Is(err, knowledge.ErrNotFound) {
		t.Errorf("deleted twice: got %v, want ErrNotFound", err)
	}
	addr := knowledge.Address{Document: "a", Paragraph: 2}
	if _, _, err := base.Passage(t.Context(), addr, "", 0); !errors.Is(err, knowledge.ErrNotFound) {
		t.Errorf("the current revision: got %v, want ErrNotFound", err)
	}
	was, paragraphs, err := base.Passage(t.Context(), addr, doc.Revision.Digest, 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "document", was, knowledge.Document{ID: "a", Title: "a"})
	equal(t, "text", texts(paragraphs), []string{"Another."})
	revisions, err := base.Revisions(t.Context(), "a")
	if err != nil || len(revisions) != 1 {
		t.Errorf("revisions: got %v, %v; want one", revisions, err)
	}
}

func TestPassageHasNeighbours(t *testing.T) {
	base, _, _ := open(t)
	old := ingest(t, base, "a", "1.\n\n2.\n\n3.\n\n4.\n\n5.").Revision.Digest
	now := ingest(t, base, "a", "One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.")
	for _, tt := range []struct {
		name      string
		paragraph int
		digest    string
		around    int
		want      string
	}{
		{"alone", 3, "", 0, "Three."},
		{"one on either side", 3, "", 1, "Two. Three. Four."},
		{"at the beginning", 1, "", 2, "One. Two. Three."},
		{"at the end", 5, "", 2, "Three. Four. Five."},
		{"all", 2, "", 100, "One. Two. Three. Four. Five."},
		{"less than none", 2, "", -3, "Two."},
		{"an earlier revision", 3, old, 1, "2. 3. 4."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, paragraphs, err := base.Passage(t.Context(), knowledge.Address{Document: "a", Paragraph: tt.paragraph}, tt.digest, tt.around)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "document", doc, now)
			equal(t, "texts", strings.Join(texts(paragraphs), " "), tt.want)
		})
	}
}

func TestPassageSaysWhatIsNotThere(t *testing.T) {
	base, _, _ := open(t)
	ingest(t, base, "a", "1.\n\n2.")
	for _, tt := range []struct {
		name    string
		address knowledge.Address
		digest  string
		want    string
	}{
		{"document", knowledge.Address{Document: "b", Paragraph: 1}, "", `"b"`},
		{"revision", knowledge.Address{Document: "a", Paragraph: 1}, "abc", `"a"`},
		{"paragraph", knowledge.Address{Document: "a", Paragraph: 3}, "", "a#3: not found: the last one is 2"},
		{"paragraph 0", knowledge.Address{Document: "a"}, "", "a#0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := base.Passage(t.Context(), tt.address, tt.digest, 1)
			if !errors.Is(err, knowledge.ErrNotFound) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want ErrNotFound with %s", err, tt.want)
			}
		})
	}
}

func TestAnIndexThatFailsCatchesUpLater(t *testing.T) {
	base, index, _ := open(t)
	broken := errors.New("out of memory")
	index.fail = broken
	if _, _, err := base.Ingest(t.Context(), knowledge.Input{ID: "a", Path: "a.txt", Data: []byte("Text.")}); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	index.fail = nil
	ingest(t, base, "b", "More.")
	equal(t, "indexed", index.texts, map[string][]string{"a": {"Text."}, "b": {"More."}})
}

func TestWritersAndReadersAtOnceAgreeInTheEnd(t *testing.T) {
	base, index, store := open(t)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 10 {
				id := fmt.Sprint(i % 5)
				_, _, err := base.Ingest(t.Context(), knowledge.Input{ID: id, Path: "x.txt", Data: fmt.Appendf(nil, "By %d, %d.", w, i)})
				if err == nil && i%3 == 2 {
					err = base.Delete(t.Context(), id)
				}
				if err != nil && !errors.Is(err, knowledge.ErrNotFound) {
					t.Error(err)
				}
				if _, err := base.Documents(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	fresh := &record{}
	reopen(t, store, fresh)
	equal(t, "indexed", index.texts, fresh.texts)
}
