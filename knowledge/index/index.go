// Package index finds candidate paragraphs: BM25F over immutable segments in
// memory.
//
// Invariants. A segment never changes once it is built; a write builds a small
// new segment, marks what it replaces as dead and swaps one pointer, so that a
// search sees all of an Apply or nothing of it and never waits. Segments hold
// documents of one collection each: a query over some collections looks at
// nothing else, its word statistics included, as if the rest did not exist.
// What is found, and every statistic of it, is that of an index built afresh
// from the live documents; merging changes memory and speed only.
package index

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"summitbot/knowledge"
	"summitbot/knowledge/rank"
)

// Index is knowledge.Index in memory. Make one with New.
type Index struct {
	current atomic.Pointer[snapshot]

	mu      sync.Mutex       // held by writers and by the end of a merge
	where   map[string]place // of each live document
	merging bool
	merges  sync.WaitGroup
	closed  bool
	pool    sync.Pool // of *scratch
}

var _ knowledge.Index = (*Index)(nil)

// A place is where a live document stands.
type place struct {
	collection string
	segment    *segment
	doc        uint32
}

// A snapshot is one state of the whole index.
type snapshot struct {
	collections map[string][]*view // views by collection, the oldest first
}

// A view is a segment with what has died in it since it was built.
type view struct {
	*segment
	dead       bits            // by document
	deadDF     []uint32        // paragraphs lost by each term; nil if none
	deadGrams  rank.GramCounts // n-grams lost; nil if none
	paragraphs int             // live ones
	words      uint64          // of the live ones
	documents  int
	languages  map[string]int // paragraphs by language, of the live ones
}

type bits []uint64

func (b bits) has(i uint32) bool {
	return int(i>>6) < len(b) && b[i>>6]&(1<<(i&63)) != 0
}

func (b bits) set(i uint32) { b[i>>6] |= 1 << (i & 63) }

// New returns an empty index. Close it to end its merges.
func New() *Index {
	x := &Index{where: map[string]place{}}
	x.current.Store(&snapshot{collections: map[string][]*view{}})
	x.pool.New = func() any { return &scratch{} }
	return x
}

// Close waits for a merge under way; later writes are still taken, but no
// longer merged.
func (x *Index) Close() {
	x.mu.Lock()
	x.closed = true
	x.mu.Unlock()
	x.merges.Wait()
}

// Apply replaces the documents of put and removes the deleted ids; an id in
// both is there afterwards. A sequence that ends in an error, or that has an id
// twice, changes nothing.
func (x *Index) Apply(ctx context.Context, put iter.Seq2[knowledge.IndexDocument, error], deleted []string) error {
	builders := map[string]*builder{}
	for d, err := range put {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b := builders[d.Document.Collection]
		if b == nil {
			b = newBuilder()
			builders[d.Document.Collection] = b
		}
		b.add(d)
	}
	fresh := map[string]*view{}
	var ids []string
	for collection, b := range builders {
		v := newView(b.finish())
		fresh[collection] = v
		for _, d := range v.docs {
			ids = append(ids, d.id)
		}
	}
	slices.Sort(ids)
	for i := 1; i < len(ids); i++ {
		if ids[i] == ids[i-1] { // of two, only one could ever be buried
			return fmt.Errorf("index: document %q stands twice in one write", ids[i])
		}
	}

	x.mu.Lock()
	defer x.mu.Unlock()
	next := x.current.Load().clone()
	x.bury(next, slices.Concat(deleted, ids))
	for c, v := range fresh {
		next.collections[c] = append(next.collections[c], v)
		for i, d := range v.docs {
			x.where[d.id] = place{c, v.segment, uint32(i)}
		}
	}
	x.current.Store(next.tidied())
	x.merge()
	return nil
}

// bury marks documents as dead in next. An id that is not there is passed over.
func (x *Index) bury(next *snapshot, ids []string) {
	dead := map[*segment][]uint32{}
	for _, id := range ids {
		if p, ok := x.where[id]; ok {
			delete(x.where, id)
			dead[p.segment] = append(dead[p.segment], p.doc)
		}
	}
	if len(dead) == 0 {
		return
	}
	for _, views := range next.collections {
		for i, v := range views {
			if docs := dead[v.segment]; len(docs) > 0 {
				views[i] = v.without(docs)
			}
		}
	}
}

// clone returns a snapshot whose lists of views may be changed.
func (s *snapshot) clone() *snapshot {
	c := &snapshot{collections: make(map[string][]*view, len(s.collections)+1)}
	for name, views := range s.collections {
		c.collections[name] = slices.Clone(views)
	}
	return c
}

// tidied drops views without a live document, and returns s.
func (s *snapshot) tidied() *snapshot {
	for name, views := range s.collections {
		views = slices.DeleteFunc(views, func(v *view) bool { return v.documents == 0 })
		if len(views) == 0 {
			delete(s.collections, name)
			continue
		}
		s.collections[name] = views
	}
	return s
}

func newView(s *segment) *view {
	v := &view{segment: s, paragraphs: len(s.doc), words: s.words, documents: len(s.docs), languages: map[string]int{}}
	for _, d := range s.docs {
		if d.n > 0 {
			v.languages[d.lang] += int(d.n)
		}
	}
	return v
}

// without returns the view with more dead documents.
func (v *view) without(docs []uint32) *view {
	next := *v
	next.dead = make(bits, (len(v.docs)+63)/64)
	copy(next.dead, v.dead)
	next.deadDF = make([]uint32, len(v.df))
	copy(next.deadDF, v.deadDF)
	next.languages = maps.Clone(v.languages)
	next.deadGrams = rank.GramCounts{}
	maps.Copy(next.deadGrams, v.deadGrams)
	lost := map[uint32]uint32{} // occurrences of each word
	for _, doc := range docs {
		d := v.docs[doc]
		next.dead.set(doc)
		next.documents--
		next.paragraphs -= int(d.n)
		if next.languages[d.lang] -= int(d.n); next.languages[d.lang] == 0 {
			delete(next.languages, d.lang)
		}
		for pid := d.first; pid < d.first+d.n; pid++ {
			next.words -= uint64(v.length[pid])
			v.eachTerm(pid, func(t uint32) { next.deadDF[t]++ })
			words, _ := v.paragraphWords(pid)
			for _, w := range words {
				lost[w]++
			}
		}
	}
	for id, n := range lost {
		if w := v.lexicon.Word(id); !w.Stop && !w.Number {
			next.deadGrams.Add(w.Folded, n)
		}
	}
	return &next
}

// dfOf returns how many live paragraphs hold term t.
func (v *view) dfOf(t uint32) int {
	n := int(v.df[t])
	if v.deadDF != nil {
		n -= int(v.deadDF[t])
	}
	return n
}

// views returns those of the collections named, or all. The order does not
// depend on a map's.
func (s *snapshot) views(collections []string) []*view {
	var out []*view
	if len(collections) == 0 {
		names := make([]string, 0, len(s.collections))
		for c := range s.collections {
			names = append(names, c)
		}
		slices.Sort(names)
		for _, c := range names {
			out = append(out, s.collections[c]...)
		}
		return out
	}
	named := slices.Clone(collections)
	slices.Sort(named)
	for _, c := range slices.Compact(named) {
		out = append(out, s.collections[c]...)
	}
	return out
}
