package rank

import (
	"hash/maphash"

	"summitbot/knowledge/analysis"
)

// GramCounts tells how many distinct words of a lexicon hold an n-gram, so that
// a common ending ("ation") counts for less than the beginning of a name. It
// counts into a table of fixed size by hash: two n-grams that share a place are
// both taken for commoner than they are, which only loses a little of a weak
// signal. The zero GramCounts is empty.
type GramCounts struct {
	counts []uint32
	words  int
}

var gramSeed = maphash.MakeSeed()

// NewGramCounts returns counts for about this many distinct words.
func NewGramCounts(words int) GramCounts {
	size := 64
	for size < 4*words {
		size *= 2
	}
	return GramCounts{counts: make([]uint32, size)}
}

// Add counts the n-grams of one more distinct word.
func (g *GramCounts) Add(folded string, occurs uint32) {
	g.words++
	var buffer [32]string
	for _, gram := range analysis.Grams(folded, buffer[:0]) {
		g.counts[g.place(gram)] += occurs
	}
}

func (g *GramCounts) place(gram string) uint64 {
	return maphash.String(gramSeed, gram) & uint64(len(g.counts)-1)
}

// gramIDF returns the weight of an n-gram.
func (c *Candidates) gramIDF(gram string) float64 {
	n := 0
	for i := range c.Grams {
		if len(c.Grams[i].counts) > 0 {
			n += int(c.Grams[i].counts[c.Grams[i].place(gram)])
		}
	}
	return IDF(min(n, c.Total), c.Total, 0, false)
}

// A gramIndex finds the n-grams of a question in words of the documents.
type gramIndex struct {
	ids    map[string]int16
	values []float64     // IDF of each
	terms  [][]gramShare // the question's words that hold it
	lists  [][]int16     // n-grams of the question in words met so far; the first is empty
	tf     []float64     // scratch of bm25
}

// A gramShare is the share of a term's n-grams, by their weight, that one is.
type gramShare struct {
	term  int16
	share float32
}

func newGramIndex(c *Candidates) gramIndex {
	x := gramIndex{ids: map[string]int16{}, lists: make([][]int16, 1)}
	for i := range c.Terms {
		w := c.Terms[i].Word
		if w.Number {
			continue
		}
		grams := analysis.Grams(w.Folded, nil)
		sum := 0.0
		for _, g := range grams {
			id, ok := x.ids[g]
			if !ok {
				id = int16(len(x.values))
				x.ids[g] = id
				x.values = append(x.values, c.gramIDF(g))
				x.terms = append(x.terms, nil)
			}
			sum += x.values[id]
		}
		for _, g := range grams {
			id := x.ids[g]
			x.terms[id] = append(x.terms[id], gramShare{int16(i), float32(x.values[id] / sum)})
		}
	}
	x.tf = make([]float64, len(x.values))
	return x
}

// match finds the term of the question that shares most n-grams with a word.
// The share is taken of the question's word, so that a part of a compound
// counts in full.
func (x *gramIndex) match(w *analysis.Word) match {
	best := match{term: -1}
	if w.Number {
		return best
	}
	var buffer [32]string
	var shared [maxTerms]float32
	var list []int16
	for _, g := range analysis.Grams(w.Folded, buffer[:0]) {
		id, ok := x.ids[g]
		if !ok {
			continue
		}
		list = append(list, id)
		for _, s := range x.terms[id] {
			shared[s.term] += s.share
			if shared[s.term] > best.soft {
				best.term, best.soft = s.term, min(shared[s.term], 1)
			}
		}
	}
	if list != nil {
		best.grams = int32(len(x.lists))
		x.lists = append(x.lists, list)
	}
	return best
}

// bm25 scores the words of a paragraph by n-grams.
func (x *gramIndex) bm25(words []match, divisor float64) float64 {
	clear(x.tf)
	for _, w := range words {
		for _, id := range x.lists[w.grams] {
			x.tf[id]++
		}
	}
	sum := 0.0
	for id, tf := range x.tf {
		if tf > 0 {
			sum += x.values[id] * tf * (bm25K1 + 1) / (tf + divisor)
		}
	}
	return sum
}
