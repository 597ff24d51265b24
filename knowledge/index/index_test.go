package index_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/knowledge"
	"summitbot/knowledge/analysis"
	"summitbot/knowledge/index"
	"summitbot/knowledge/rank"
)

// document makes one whose paragraphs each end their sentences at "|".
func document(id, collection, lang, title string, paragraphs ...string) knowledge.IndexDocument {
	d := knowledge.IndexDocument{Document: knowledge.Document{
		ID: id, Collection: collection, Language: lang, Title: title, Paragraphs: len(paragraphs),
		Revision: knowledge.Revision{Digest: fmt.Sprintf("%q", paragraphs)},
	}}
	for i, text := range paragraphs {
		p := knowledge.Paragraph{Number: i + 1, Text: text}
		start := 0
		for s := range strings.SplitSeq(text, "|") {
			p.Sentences = append(p.Sentences, knowledge.Span{Start: start, End: start + len(s)})
			start += len(s) + 1
		}
		d.Paragraphs = append(d.Paragraphs, p)
	}
	return d
}

func put(docs ...knowledge.IndexDocument) iter.Seq2[knowledge.IndexDocument, error] {
	return func(yield func(knowledge.IndexDocument, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func apply(tb testing.TB, x *index.Index, docs []knowledge.IndexDocument, deleted ...string) {
	tb.Helper()
	if err := x.Apply(tb.Context(), put(docs...), deleted); err != nil {
		tb.Fatal(err)
	}
}

func candidates(tb testing.TB, x *index.Index, q knowledge.Query) rank.Candidates {
	tb.Helper()
	c, err := x.Candidates(tb.Context(), q)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// found is what a search gives, in a form that can be compared: words instead
// of their numbers, the counts of the question's n-grams, and what the re-ranker
// makes of it all.
type found struct {
	Question   analysis.Question
	Terms      []rank.QueryTerm
	Total      int
	Length     float64
	Documents  int
	Paragraphs []foundParagraph
	Grams      map[string]int
	Scores     map[string]float64
	Confidence float64
}

type foundParagraph struct {
	Address, Revision                      string
	First                                  float64
	Words, Previous, Next, Headings, Title string
	Sentences                              []int
}

func plain(c rank.Candidates) found {
	f := found{Question: c.Question, Terms: c.Terms, Total: c.Total, Length: c.Length, Documents: c.Documents}
	f.Grams, f.Scores = map[string]int{}, map[string]float64{}
	for _, w := range c.Question.Words {
		for _, g := range analysis.Grams(w.Folded, nil) {
			f.Grams[g] = c.Grams(g)
		}
	}
	ranked := rank.Rank(&c)
	f.Confidence = rank.Confidence(&c, ranked)
	for _, r := range ranked {
		p := c.Paragraphs[r.Candidate]
		f.Scores[knowledge.Address{Document: p.Document, Paragraph: p.Number}.String()] = r.Score
	}
	for _, p := range c.Paragraphs {
		text := func(words []uint32) string {
			var b strings.Builder
			for _, w := range words {
				b.WriteString(p.Lexicon.Word(w).Surface + " ")
			}
			return b.String()
		}
		f.Paragraphs = append(f.Paragraphs, foundParagraph{
			Address: knowledge.Address{Document: p.Document, Paragraph: p.Number}.String(), Revision: p.Revision, First: p.First,
			Words: text(p.Words), Previous: text(p.Previous), Next: text(p.Next), Headings: text(p.Headings), Title: text(p.Title),
			Sentences: p.Sentences,
		})
	}
	return f
}

// equate lets figures differ by rounding.
var equate = gocmp.Options{cmpopts.EquateApprox(1e-5, 1e-9), cmpopts.EquateEmpty()}

// same compares what two searches found; the order may differ between equals.
func same(want, got found) string {
	sorted := func(f found) found {
		f.Paragraphs = slices.Clone(f.Paragraphs)
		slices.SortFunc(f.Paragraphs, func(a, b foundParagraph) int { return cmp.Compare(a.Address, b.Address) })
		return f
	}
	for i := 1; i < len(got.Paragraphs); i++ {
		if before, now := got.Paragraphs[i-1].First, got.Paragraphs[i].First; now > before+1e-5*math.Abs(before) {
			return fmt.Sprintf("%s (%g) stands before %s (%g)", got.Paragraphs[i-1].Address, before, got.Paragraphs[i].Address, now)
		}
	}
	return gocmp.Diff(sorted(want), sorted(got), equate)
}

// vocabulary holds inflections, names that differ by an edit, numbers, stop
// words, acronyms and scripts without spaces, by language.
var vocabulary = map[string][]string{
	"en": strings.Fields("talk talks talking talked summit summits the of it IT US Witkoff Witkov Putin 2025 1,000 1000 ceasefire cease fires running runs runner travelled traveling German Germany"),
	"de": strings.Fields("Haus Häuser Gespräch Gespräche der und nicht Straße Strasse Kanzler Kanzlers Bundeskanzler 2025 Witkoff"),
	"uk": strings.Fields("переговори переговорів мир миру і не Зеленський Зеленського Київ Києва 2025"),
	"zh": {"習近平在北京", "會談", "東京タワー", "和平", "2025", "Putin"},
	"fi": strings.Fields("talo talossa ja ei neuvottelut neuvotteluissa Helsinki Helsingissä"),
	"":   strings.Fields("zorp zorps 7 Putin"),
}

var collections = []string{"", "news", "law"}

// A world is a random sequence of writes, and what ought to be there.
type world struct {
	*rand.Rand
	live map[string]knowledge.IndexDocument
}

func (w *world) pick(from []string) string { return from[w.IntN(len(from))] }

func (w *world) text(lang string) string {
	var out []string
	for range w.IntN(12) {
		out = append(out, w.pick(vocabulary[lang])+w.pick([]string{"", "", "", "|", ","}))
	}
	return strings.Join(out, " ")
}

func (w *world) document() knowledge.IndexDocument {
	langs := slices.Sorted(maps.Keys(vocabulary))
	lang := w.pick(langs)
	paragraphs := make([]string, w.IntN(5)) // none at times
	for i := range paragraphs {
		paragraphs[i] = w.text(lang)
	}
	d := document(fmt.Sprintf("d%d", w.IntN(25)), w.pick(collections), lang, w.pick(vocabulary[lang]), paragraphs...)
	for i := range d.Paragraphs {
		if w.IntN(3) > 0 {
			d.Paragraphs[i].Headings = []string{w.pick(vocabulary[lang]), w.pick([]string{"Talks", "Runs", ""})}
		}
	}
	return d
}

// step returns a random write and takes it over into live.
func (w *world) step() (docs []knowledge.IndexDocument, deleted []string) {
	ids := map[string]bool{}
	for range w.IntN(4) {
		if d := w.document(); !ids[d.Document.ID] {
			ids[d.Document.ID] = true
			docs = append(docs, d)
			w.live[d.Document.ID] = d
		}
	}
	for range w.IntN(3) {
		if id := fmt.Sprintf("d%d", w.IntN(30)); !ids[id] { // some were never there
			deleted = append(deleted, id)
			delete(w.live, id)
		}
	}
	return docs, deleted
}

// fresh returns an index built at once from the live documents.
func (w *world) fresh(t *testing.T) *index.Index {
	t.Helper()
	x := index.New()
	var docs []knowledge.IndexDocument
	for _, id := range slices.Sorted(maps.Keys(w.live)) {
		docs = append(docs, w.live[id])
	}
	apply(t, x, docs)
	return x
}

func (w *world) query() knowledge.Query {
	langs := slices.Sorted(maps.Keys(vocabulary))
	var words []string
	for range 1 + w.IntN(4) {
		word := w.pick(vocabulary[w.pick(langs)])
		if r := []rune(word); len(r) > 3 && w.IntN(3) == 0 { // misspelt
			i := w.IntN(len(r))
			word = string(slices.Delete(r, i, i+1))
		}
		words = append(words, word)
	}
	q := knowledge.Query{Text: strings.Join(words, " ")}
	if w.IntN(2) == 0 {
		for range 1 + w.IntN(3) {
			q.Collections = append(q.Collections, w.pick(append(collections, "unknown")))
		}
	}
	if w.IntN(4) == 0 {
		q.Context = []string{w.text("en")}
	}
	return q
}

func TestResultsAreThoseOfAFreshBuild(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := &world{rand.New(rand.NewPCG(seed, 1)), map[string]knowledge.IndexDocument{}}
			x := index.New()
			for step := range 30 {
				docs, deleted := w.step()
				apply(t, x, docs, deleted...)
				fresh := w.fresh(t)
				for range 8 {
					q := w.query()
					want, got := plain(candidates(t, fresh, q)), plain(candidates(t, x, q))
					if diff := same(want, got); diff != "" {
						t.Fatalf("step %d, %+v (-fresh +got):\n%s", step, q, diff)
					}
				}
				fresh.Close()
			}
			x.Close() // waits for the merges
			fresh := w.fresh(t)
			defer fresh.Close()
			for range 50 {
				q := w.query()
				if diff := same(plain(candidates(t, fresh, q)), plain(candidates(t, x, q))); diff != "" {
					t.Fatalf("once merged, %+v (-fresh +got):\n%s", q, diff)
				}
			}
		})
	}
}

// TestASearchSeesAllOfAWriteOrNothing lets searches race with writes that
// replace two documents at once by a version whose paragraphs all carry its word.
func TestASearchSeesAllOfAWriteOrNothing(t *testing.T) {
	x := index.New()
	defer x.Close()
	const paragraphs, versions = 3, 150
	version := func(n int) []knowledge.IndexDocument {
		texts := slices.Repeat([]string{fmt.Sprintf("constant | v%d", n)}, paragraphs)
		// b moves to and fro between two collections.
		return []knowledge.IndexDocument{document("a", "", "en", "A", texts...), document("b", []string{"", "news"}[n%2], "en", "B", texts...)}
	}
	apply(t, x, version(0))
	done := make(chan struct{})
	var searchers sync.WaitGroup
	for range 3 {
		searchers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				c, err := x.Candidates(t.Context(), knowledge.Query{Text: "constant", Collections: []string{"", "news"}})
				if err != nil {
					t.Error(err)
					return
				}
				seen := map[string]bool{}
				for _, p := range c.Paragraphs {
					seen[p.Lexicon.Word(p.Words[1]).Surface] = true
				}
				if len(seen) != 1 || len(c.Paragraphs) != 2*paragraphs || c.Total != 2*paragraphs || c.Documents != 2 || c.Terms[0].DF != 2*paragraphs {
					t.Errorf("got versions %v in %d paragraphs of %d, %d documents, DF %d", seen, len(c.Paragraphs), c.Total, c.Documents, c.Terms[0].DF)
					return
				}
			}
		})
	}
	for n := range versions {
		apply(t, x, version(n+1), fmt.Sprint("unknown", n))
		// Others come and go, so that there is something to merge.
		apply(t, x, []knowledge.IndexDocument{document(fmt.Sprint("other", n), "law", "en", "", "constant")}, fmt.Sprint("other", n-5))
	}
	close(done)
	searchers.Wait()
}

func TestWritersAndMergesAtOnceAgreeInTheEnd(t *testing.T) {
	x := index.New()
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := range 60 {
				id := fmt.Sprintf("%d-%d", w, n%7)
				if err := x.Apply(t.Context(), put(document(id, collections[n%3], "en", "T", fmt.Sprintf("word x%d", n), "word again")), []string{fmt.Sprintf("%d-%d", w, (n+3)%7)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	x.Close()
	live := &world{live: map[string]knowledge.IndexDocument{}}
	for w := range 4 {
		for n := range 60 {
			id := fmt.Sprintf("%d-%d", w, n%7)
			delete(live.live, fmt.Sprintf("%d-%d", w, (n+3)%7))
			live.live[id] = document(id, collections[n%3], "en", "T", fmt.Sprintf("word x%d", n), "word again")
		}
	}
	fresh := live.fresh(t)
	defer fresh.Close()
	for _, q := range []knowledge.Query{{Text: "word"}, {Text: "x59 x58 x57"}, {Text: "word", Collections: []string{"law"}}, {Text: "again x3"}} {
		if diff := same(plain(candidates(t, fresh, q)), plain(candidates(t, x, q))); diff != "" {
			t.Errorf("%+v (-fresh +got):\n%s", q, diff)
		}
	}
}

// addresses lists what a query finds, best first.
func addresses(tb testing.TB, x *index.Index, q knowledge.Query) string {
	tb.Helper()
	var out []string
	for _, p := range candidates(tb, x, q).Paragraphs {
		out = append(out, knowledge.Address{Document: p.Document, Paragraph: p.Number}.String())
	}
	return strings.Join(out, " ")
}

func TestAWriteThatEndsInAnErrorChangesNothing(t *testing.T) {
	broken := errors.New("disk gone")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context //nolint:containedctx // one case of the table
		put  iter.Seq2[knowledge.IndexDocument, error]
		want error
	}{
		{"an error behind documents", t.Context(), func(yield func(knowledge.IndexDocument, error) bool) {
			_ = yield(document("a", "", "en", "", "talks replaced"), nil) && yield(document("c", "", "en", "", "talks new"), nil) &&
				yield(knowledge.IndexDocument{}, broken)
		}, broken},
		{"an error at once", t.Context(), func(yield func(knowledge.IndexDocument, error) bool) { yield(knowledge.IndexDocument{}, broken) }, broken},
		{"a cancelled context", cancelled, put(document("a", "", "en", "", "talks replaced")), context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := index.New()
			defer x.Close()
			apply(t, x, []knowledge.IndexDocument{document("a", "", "en", "", "talks fail"), document("b", "", "en", "", "talks go on here")})
			if err := x.Apply(tt.ctx, tt.put, []string{"b"}); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if got, want := addresses(t, x, knowledge.Query{Text: "talks"}), "a#1 b#1"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestADocumentStandsOnceInAWrite(t *testing.T) {
	for _, collection := range []string{"", "other"} {
		x := index.New()
		defer x.Close()
		apply(t, x, []knowledge.IndexDocument{document("a", "", "en", "", "talks")})
		err := x.Apply(t.Context(), put(document("a", "", "en", "", "first talks"), document("b", "", "en", "", "talks"), document("a", collection, "en", "", "second talks")), nil)
		if err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("got %v, want an error that names the document", err)
		}
		if got, want := addresses(t, x, knowledge.Query{Text: "talks"}), "a#1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSearchOfACancelledContextEnds(t *testing.T) {
	x := index.New()
	defer x.Close()
	apply(t, x, []knowledge.IndexDocument{document("a", "", "en", "", "talks")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Candidates(ctx, knowledge.Query{Text: "talks"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestAnEmptyIndexFindsNothing(t *testing.T) {
	x := index.New()
	defer x.Close()
	for name, write := range map[string]func(){
		"new":                func() {},
		"an empty write":     func() { apply(t, x, nil) },
		"unknown deleted":    func() { apply(t, x, nil, "a", "a", "") },
		"an empty document":  func() { apply(t, x, []knowledge.IndexDocument{document("a", "", "", "Title")}) },
		"empty paragraphs":   func() { apply(t, x, []knowledge.IndexDocument{document("a", "", "", "", "", " ")}) },
		"deleted once there": func() { apply(t, x, nil, "a") },
	} {
		t.Run(name, func(t *testing.T) {
			write()
			if got := addresses(t, x, knowledge.Query{Text: "title talks"}); got != "" {
				t.Errorf("got %s, want nothing", got)
			}
		})
	}
}

func TestCollectionsAreSearchedAsIfTheRestDidNotExist(t *testing.T) {
	x := index.New()
	defer x.Close()
	apply(t, x, []knowledge.IndexDocument{
		document("a", "", "en", "", "talks fail"), document("b", "news", "en", "", "talks go on", "more"), document("c", "law", "de", "", "talks"),
	})
	for _, tt := range []struct {
		name        string
		collections []string
		want        string
		total       int
	}{
		{"all", nil, "a#1 b#1 c#1", 4},
		{"the default one", []string{""}, "a#1", 1},
		{"one", []string{"news"}, "b#1", 2},
		{"two, one of them twice", []string{"news", "", "news"}, "a#1 b#1", 3},
		{"an unknown one", []string{"x"}, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := knowledge.Query{Text: "talks", Collections: tt.collections}
			got := strings.Fields(addresses(t, x, q))
			slices.Sort(got)
			if diff := gocmp.Diff(strings.Fields(tt.want), got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if c := candidates(t, x, q); c.Total != tt.total {
				t.Errorf("got %d paragraphs in all, want %d", c.Total, tt.total)
			}
		})
	}
}

func TestADocumentThatMovesLeavesItsCollection(t *testing.T) {
	x := index.New()
	defer x.Close()
	for i := range 20 {
		apply(t, x, []knowledge.IndexDocument{document("a", collections[i%3], "en", "", "talks")})
		for j, c := range collections {
			want := ""
			if i%3 == j {
				want = "a#1"
			}
			if got := addresses(t, x, knowledge.Query{Text: "talks", Collections: []string{c}}); got != want {
				t.Errorf("write %d, collection %q: got %q, want %q", i, c, got, want)
			}
		}
	}
	apply(t, x, nil, "a")
	if got := addresses(t, x, knowledge.Query{Text: "talks"}); got != "" {
		t.Errorf("deleted, got %s", got)
	}
}

func TestWordsOfDeletedTextDoNotCorrectASpelling(t *testing.T) {
	x := index.New()
	defer x.Close()
	apply(t, x, []knowledge.IndexDocument{
		document("a", "", "en", "", "Witkoff travelled.", "Witkov talks"), document("b", "", "en", "", "running late"),
		document("c", "", "en", "", "he runs", "Witkofs word"),
	})
	apply(t, x, nil, "c")
	// "runs" is gone; its stem lives on in "running", which "rnus" is not close to.
	c := candidates(t, x, knowledge.Query{Text: "rnus"})
	if got := c.Terms[0]; got.Corrected || got.DF != 0 {
		t.Errorf("corrected by a word that nobody has: %+v", got)
	}
}

func TestMisspeltNamesAreCorrected(t *testing.T) {
	x := index.New()
	defer x.Close()
	apply(t, x, []knowledge.IndexDocument{document("a", "", "en", "", "Steve Witkoff came", "Zelenskyy left", "others stayed")})
	for _, tt := range []struct{ word, want string }{
		{"Witkof", "a#1"}, {"witkof", "a#1"}, {"Zelensky", "a#2"}, {"Zelenski", "a#2"}, {"Xi", ""}, {"Macron", ""}, {"1234", ""},
	} {
		if got := addresses(t, x, knowledge.Query{Text: "about " + tt.word}); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestCandidatesAreThePoolAtMost(t *testing.T) {
	x := index.New()
	defer x.Close()
	var texts []string
	for i := range 3 * index.Pool {
		texts = append(texts, "talks"+strings.Repeat(" word", i%50))
	}
	apply(t, x, []knowledge.IndexDocument{document("a", "", "en", "", texts...)})
	c := candidates(t, x, knowledge.Query{Text: "talks"})
	if got, want := len(c.Paragraphs), index.Pool; got != want {
		t.Fatalf("got %d candidates, want %d", got, want)
	}
	// The shortest are best, equals in the order of their address.
	if p := c.Paragraphs[0]; len(p.Words) != 1 || p.Number != 1 {
		t.Errorf("got paragraph %d of %d words first, want the first of one word", p.Number, len(p.Words))
	}
	if got, want := c.Terms[0].DF, len(texts); got != want {
		t.Errorf("got DF %d, want %d", got, want)
	}
}

func TestNeighboursStayWithinTheDocument(t *testing.T) {
	x := index.New()
	defer x.Close()
	apply(t, x, []knowledge.IndexDocument{document("a", "", "en", "", "alpha"), document("b", "", "en", "", "beta", "talks", "gamma"), document("c", "", "en", "", "delta")})
	got := plain(candidates(t, x, knowledge.Query{Text: "talks"})).Paragraphs[0]
	if got.Previous != "beta " || got.Next != "gamma " {
		t.Errorf("got %q before and %q behind", got.Previous, got.Next)
	}
	got = plain(candidates(t, x, knowledge.Query{Text: "beta"})).Paragraphs[0]
	if got.Previous != "" || got.Next != "talks " {
		t.Errorf("got %q before and %q behind", got.Previous, got.Next)
	}
}

func TestWritesAreTakenWhenClosed(t *testing.T) {
	x := index.New()
	x.Close()
	for i := range 20 {
		apply(t, x, []knowledge.IndexDocument{document(fmt.Sprint(i), "", "en", "", "talks")})
	}
	if got, want := candidates(t, x, knowledge.Query{Text: "talks"}).Total, 20; got != want {
		t.Errorf("got %d paragraphs, want %d", got, want)
	}
	x.Close()
}

// corpus makes n documents of 20 paragraphs each out of a Zipf-like vocabulary.
func corpus(n int) []knowledge.IndexDocument {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 4, 20000)
	var docs []knowledge.IndexDocument
	for i := range n {
		texts := make([]string, 20)
		for j := range texts {
			var b strings.Builder
			for range 60 {
				fmt.Fprintf(&b, "w%dx ", zipf.Uint64())
			}
			texts[j] = b.String()
		}
		docs = append(docs, document(fmt.Sprint(i), "", "en", "Title", texts...))
	}
	return docs
}

func BenchmarkApply(b *testing.B) {
	docs := corpus(50)
	b.ReportAllocs()
	for b.Loop() {
		x := index.New()
		apply(b, x, docs)
		x.Close()
	}
	b.ReportMetric(float64(b.N*50*20)/b.Elapsed().Seconds(), "paragraphs/s")
}

func BenchmarkReplaceOneDocument(b *testing.B) {
	x := index.New()
	defer x.Close()
	docs := corpus(100)
	apply(b, x, docs)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		apply(b, x, docs[i%100:i%100+1])
	}
}

func BenchmarkCandidates(b *testing.B) {
	x := index.New()
	defer x.Close()
	apply(b, x, corpus(100))
	b.ReportAllocs()
	for b.Loop() {
		candidates(b, x, knowledge.Query{Text: "w5x w200x w3000x unknownword"})
	}
}
