package index

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"summitbot/knowledge"
	"summitbot/knowledge/analysis"
	"summitbot/knowledge/rank"
)

// BM25 constants of the first stage. b is low because lengths are mixed in real
// collections: 0.75 lets short snippets win and costs 4 to 5 points of hit@1 at
// 20 thousand paragraphs, SQuAD among shorter ones.
const (
	k1 = 1.2
	b  = 0.4
)

// Pool is how many paragraphs the re-ranker gets to see. The right one is among
// the first hundred in 99.5 % of the SQuAD questions.
const Pool = 100

// scratch is what one search needs, kept for the next one.
type scratch struct {
	scores  []float32
	touched []uint32
	heap    []scored
}

type scored struct {
	score float32
	view  *view
	pid   uint32
}

// Candidates returns the first stage's best paragraphs with the statistics of
// the question's words.
func (x *Index) Candidates(ctx context.Context, q knowledge.Query) (rank.Candidates, error) {
	views := x.current.Load().views(q.Collections)
	c := rank.Candidates{}
	langs := map[string]int{}
	words := uint64(0)
	for _, v := range views {
		c.Total += v.paragraphs
		c.Documents += v.documents
		words += v.words
		for lang, n := range v.languages {
			langs[lang] += n
		}
	}
	c.Grams = func(gram string) int {
		n := uint32(0)
		for _, v := range views {
			n += v.grams[gram] - v.deadGrams[gram]
		}
		return int(n)
	}
	if c.Total > 0 {
		c.Length = float64(words) / float64(c.Total)
	}
	order := sortedLanguages(langs)
	c.Languages = order
	c.Known = func(folded string) bool {
		for _, lang := range order {
			form := rank.Form{Stem: analysis.Stem(folded, lang), Lang: lang}
			if slices.ContainsFunc(views, func(v *view) bool { return v.formDF(form) > 0 }) {
				return true
			}
		}
		return false
	}
	c.Question = analysis.ParseQuestion(q.Text, order)
	c.Terms = rank.Terms(&c.Question, q.Context, order)
	for i := range c.Terms {
		if err := ctx.Err(); err != nil {
			return rank.Candidates{}, err
		}
		measure(&c.Terms[i], views, c.Total)
	}

	s := x.pool.Get().(*scratch)
	defer x.pool.Put(s)
	s.heap = s.heap[:0]
	for _, v := range views {
		if err := ctx.Err(); err != nil {
			return rank.Candidates{}, err
		}
		s.search(v, c.Terms, c.Length)
	}
	slices.SortFunc(s.heap, func(a, b scored) int { return before(b, a) })
	c.Paragraphs = candidates(s.heap)
	return c, nil
}

// commonShare is the part of ordinary paragraphs from which on a word is known
// to be spelt as it was meant: "hotel" is not a slip for "hope", even where no
// document has it.
const commonShare = 50.0 / analysis.BackgroundSize

// measure fills in what the documents know of a question's word: its document
// frequency, or if they do not have it, how they spell it.
func measure(t *rank.QueryTerm, views []*view, total int) {
	// Other words for the same thing tell how common a word is only where it does
	// not occur itself.
	others := 0
	for _, v := range views {
		for _, f := range t.Forms {
			if f.Weight < 1 {
				others += v.formDF(f)
			} else {
				t.DF += v.formDF(f)
			}
		}
	}
	if t.DF == 0 {
		t.DF = others
	}
	share, known := analysis.Background(t.Forms[0].Stem, t.Forms[0].Lang)
	isName := t.Word.Capital && !t.Word.Initial
	if t.DF == 0 && !t.Word.Number && (isName || share < commonShare) {
		correct(t, views, isName)
	}
	t.IDF = rank.IDF(t.DF, total, share, known)
}

// formDF returns how many live paragraphs hold a form.
func (v *view) formDF(f rank.Form) int {
	if id, ok := v.terms[term{f.Lang, f.Stem}]; ok {
		return v.dfOf(id)
	}
	return 0
}

// correct looks for words spelt like one that no document has, and takes the
// closest and those one edit further off, at less weight: of two close names the
// other words of the question decide. A name is only taken for a word that is
// written with a capital too. Only unknown words are corrected: doing it to all costs 3 to 16
// points of hit@1 on SQuAD questions without a mistake.
func correct(t *rank.QueryTerm, views []*view, name bool) {
	speller := rank.NewSpeller(t.Word.Folded)
	best := map[term]int{}
	least := rank.MaxEdits(99) + 1
	for _, v := range views {
		for id, mask := range v.letters {
			if !speller.Near(mask) {
				continue
			}
			w := v.lexicon.Word(uint32(id))
			if w.Number || w.Stop || name && !w.Capital {
				continue
			}
			d := speller.Distance(w.Folded, mask)
			if d < 0 || d > least+1 || !v.lives(uint32(id)) {
				continue
			}
			least = min(least, d)
			key := term{w.Lang, w.Stem}
			if old, ok := best[key]; !ok || d < old {
				best[key] = d
			}
		}
	}
	for key, d := range best {
		if d <= least+1 {
			t.Forms = append(t.Forms, rank.Form{Stem: key.stem, Lang: key.lang, Weight: rank.CorrectionWeight(d)})
			t.Corrected = true
			df := 0
			for _, v := range views {
				df += v.formDF(rank.Form{Stem: key.stem, Lang: key.lang})
			}
			t.DF = max(t.DF, df)
		}
	}
	own := 0 // the word's own forms stay in front
	for own < len(t.Forms) && t.Forms[own].Weight == 1 {
		own++
	}
	slices.SortFunc(t.Forms[own:], func(a, b rank.Form) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Lang, b.Lang), strings.Compare(a.Stem, b.Stem))
	})
}

// lives reports whether a live paragraph, its headings or its title has the very
// word: another inflection of it may be all that is left of its term.
func (v *view) lives(word uint32) bool {
	w := v.lexicon.Word(word)
	id, ok := v.terms[term{w.Lang, w.Stem}]
	if !ok || v.dfOf(id) == 0 {
		return false
	}
	if v.deadDF == nil || v.deadDF[id] == 0 {
		return true
	}
	found := false
	v.each(id, func(pid, _ uint32) {
		if found || v.dead.has(v.doc[pid]) {
			return
		}
		words, _ := v.paragraphWords(pid)
		found = slices.Contains(words, word) || slices.Contains(v.docs[v.doc[pid]].title, word) ||
			slices.Contains(v.headings[v.heading[pid]], word)
	})
	return found
}

// search adds a view's best paragraphs to the heap.
func (s *scratch) search(v *view, terms []rank.QueryTerm, length float64) {
	if n := len(v.doc); len(s.scores) < n {
		s.scores = make([]float32, n)
	}
	s.touched = s.touched[:0]
	// norm(pid) = k1·(1-b+b·words/length), the divisor's share of length.
	base, slope := float32(k1*(1-b)), float32(k1*b/max(length, 1))
	for i := range terms {
		t := &terms[i]
		for _, f := range t.Forms {
			id, ok := v.terms[term{f.Lang, f.Stem}]
			if !ok {
				continue
			}
			s.add(v.segment, id, float32(t.IDF*t.Weight*f.Weight), base, slope)
		}
	}
	for _, pid := range s.touched {
		h := scored{s.scores[pid], v, pid}
		s.scores[pid] = 0
		// Most fall short of what was found already; only the others are worth
		// finding out whether they live.
		if len(s.heap) == Pool && h.score < s.heap[0].score || v.dead.has(v.doc[pid]) {
			continue
		}
		if len(s.heap) < Pool {
			s.heap = append(s.heap, h)
			up(s.heap)
		} else if before(s.heap[0], h) < 0 {
			s.heap[0] = h
			down(s.heap)
		}
	}
}

// add adds what term t scores to the paragraphs that hold it. This loop runs for
// hundreds of thousands of postings a question where there are a million
// paragraphs: it makes no call but for the rare long varint.
func (s *scratch) add(seg *segment, t uint32, weight, base, slope float32) {
	list, scores, lengths, touched := seg.list(t), s.scores, seg.length, s.touched
	pid := ^uint32(0) // the first distance is from before the first paragraph
	for i := 0; i < len(list); {
		var v uint32
		v, i = uvarint(list, i)
		pid += v >> 1
		tf := float32(1)
		if v&1 == 0 {
			v, i = uvarint(list, i)
			tf = float32(v) / bodyQuarters
		}
		score := scores[pid]
		if score == 0 {
			touched = append(touched, pid)
		}
		scores[pid] = score + weight*tf*(k1+1)/(tf+base+slope*float32(lengths[pid]))
	}
	s.touched = touched
}

// before orders by score; equals by address, so that the order does not depend
// on how the documents lie in segments.
func before(a, b scored) int {
	if a.score != b.score {
		return cmp.Compare(a.score, b.score)
	}
	x, y := a.view.docs[a.view.doc[a.pid]].id, b.view.docs[b.view.doc[b.pid]].id
	if x != y {
		return strings.Compare(y, x)
	}
	return b.view.number(b.pid) - a.view.number(a.pid)
}

// up and down keep the smallest of a heap first, without an interface's calls.
func up(h []scored) {
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if before(h[parent], h[i]) <= 0 {
			return
		}
		h[parent], h[i] = h[i], h[parent]
		i = parent
	}
}

func down(h []scored) {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && before(h[child+1], h[child]) < 0 {
			child++
		}
		if before(h[i], h[child]) <= 0 {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// candidates hands what was found to the re-ranker: each paragraph with the one
// before it and the one after it in its document.
func candidates(found []scored) []rank.Paragraph {
	type place struct {
		view *view
		pid  uint32
	}
	out := make([]rank.Paragraph, len(found))
	at := make(map[place]int, len(found))
	room := 0
	for i, h := range found {
		at[place{h.view, h.pid}] = i
		room += int(h.view.length[h.pid])
	}
	// Neighbours are often found themselves, and take about as much room.
	a := arena{words: make([]uint32, 0, 2*room), ends: make([]int, 0, 8*len(found))}
	for i, h := range found {
		d := &h.view.docs[h.view.doc[h.pid]]
		out[i] = rank.Paragraph{
			Document: d.id, Revision: d.revision, Number: h.view.number(h.pid), First: float64(h.score),
			Lexicon: h.view.lexicon, Headings: h.view.headings[h.view.heading[h.pid]], Title: d.title,
		}
		out[i].Words, out[i].Sentences = a.paragraph(h.view.segment, h.pid)
	}
	for i, h := range found {
		words := func(pid uint32) []uint32 {
			if k, ok := at[place{h.view, pid}]; ok {
				return out[k].Words
			}
			w, _ := a.paragraph(h.view.segment, pid)
			return w
		}
		d := &h.view.docs[h.view.doc[h.pid]]
		if h.pid > d.first {
			out[i].Previous = words(h.pid - 1)
		}
		if h.pid+1 < d.first+d.n {
			out[i].Next = words(h.pid + 1)
		}
	}
	return out
}

// An arena lets the words of many paragraphs share arrays: to allocate every one
// of them takes longer than to read it.
type arena struct {
	words []uint32
	ends  []int
}

// paragraph returns the words of a paragraph and the ends of its sentences.
func (a *arena) paragraph(s *segment, pid uint32) (words []uint32, ends []int) {
	if n := int(s.length[pid]); cap(a.words)-len(a.words) < n {
		a.words = make([]uint32, 0, max(n, cap(a.words)/2)) // what is handed out already stays where it is
	}
	w, e := len(a.words), len(a.ends)
	a.words, a.ends = s.appendWords(a.words, a.ends, pid)
	return slices.Clip(a.words[w:]), slices.Clip(a.ends[e:])
}
