package rank

import "summitbot/knowledge/analysis"

// GramCounts tells how often an n-gram occurs in the words of some texts, so
// that a common ending ("ation") counts for less than the beginning of a name.
type GramCounts map[string]uint32

// Add counts the n-grams of a folded word that occurs n times.
func (g GramCounts) Add(folded string, n uint32) {
	var buffer [32]string
	for _, gram := range analysis.Grams(folded, buffer[:0]) {
		g[gram] += n
	}
}

// gramIDF returns the weight of an n-gram.
func (c *Candidates) gramIDF(gram string) float64 {
	n := 0
	if c.Grams != nil {
		n = c.Grams(gram)
	}
	return IDF(min(n, c.Total), c.Total, 0, false)
}

// A gramIndex finds the n-grams of a question in words of the documents.
type gramIndex struct {
	ids    map[string]int16
	filter filter        // of ids
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
				x.filter.add(analysis.HashOf(g))
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
	var buffer [64]string
	var list []int16
	for _, gram := range analysis.Grams(w.Folded, buffer[:0]) {
		if id, ok := x.ids[gram]; ok {
			list = append(list, id)
		}
	}
	if list == nil {
		return best
	}
	var shared [maxTerms]float32
	for _, id := range list {
		for _, s := range x.terms[id] {
			shared[s.term] += s.share
			if shared[s.term] > best.soft {
				best.term, best.soft = s.term, min(shared[s.term], 1)
			}
		}
	}
	best.grams = int32(len(x.lists))
	x.lists = append(x.lists, list)
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

// A filter tells most strings that are not in a set from those that are, by one
// bit: a Bloom filter with one hash. 4,096 bits are enough for the hundred
// n-grams of a long question.
type filter [1 << analysis.HashBits / 64]uint64

func (f *filter) add(h analysis.Hash) { f[h>>6] |= 1 << (h & 63) }

func (f *filter) has(h analysis.Hash) bool {
	return f[h>>6&analysis.Hash(len(f)-1)]&(1<<(h&63)) != 0
}

func (f *filter) hasAny(hashes []analysis.Hash) bool {
	for _, h := range hashes {
		if f.has(h) {
			return true
		}
	}
	return false
}
