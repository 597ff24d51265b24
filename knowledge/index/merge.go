package index

import "slices"

// Merging keeps the number of segments of a collection small. A merge takes
// neighbours of about one size, so that every paragraph is written again only
// a logarithmic number of times.
const (
	// fanIn segments of one size class are merged into one.
	fanIn = 6
	// A segment of which more than one part in deadShare is dead is rewritten.
	deadShare = 4
)

// merge starts a merge in the background if one is due. x.mu is held.
func (x *Index) merge() {
	if x.merging || x.closed {
		return
	}
	collection, due := x.current.Load().due()
	if len(due) == 0 {
		return
	}
	x.merging = true
	x.merges.Go(func() {
		merged := mergeViews(due)
		x.mu.Lock()
		defer x.mu.Unlock()
		x.merging = false
		x.replace(collection, due, merged)
		x.merge()
	})
}

// due returns the views of one collection that ought to be one.
func (s *snapshot) due() (collection string, views []*view) {
	for name, all := range s.collections {
		classes := map[int][]*view{}
		for _, v := range all {
			if total := len(v.doc); (total-v.paragraphs)*deadShare > total {
				return name, []*view{v}
			}
			c := sizeClass(v.paragraphs)
			classes[c] = append(classes[c], v)
			if len(classes[c]) == fanIn {
				return name, classes[c]
			}
		}
	}
	return "", nil
}

// sizeClass is the logarithm of a size to the base fanIn, all below 1,000
// paragraphs being one: copying those costs less than keeping them apart.
func sizeClass(paragraphs int) int {
	c := 0
	for size := 1000; paragraphs > size; size *= fanIn {
		c++
	}
	return c
}

// mergeViews builds one segment of what is alive in several.
func mergeViews(views []*view) *segment {
	b := newBuilder()
	for _, v := range views {
		words := make([]uint32, v.lexicon.Len()) // number in b of each word, plus one
		move := func(from []uint32) []uint32 {
			to := make([]uint32, len(from))
			for i, w := range from {
				if words[w] == 0 {
					old := v.lexicon.Word(w)
					words[w] = b.seg.lexicon.Add(old.Surface, old.Lang) + 1
				}
				to[i] = words[w] - 1
			}
			return to
		}
		paths := make([]uint32, len(v.headings)) // likewise of each heading path
		for at, d := range v.docs {
			if v.dead.has(uint32(at)) {
				continue
			}
			doc := uint32(len(b.seg.docs))
			moved := document{id: d.id, revision: d.revision, lang: d.lang, title: move(d.title), first: uint32(len(b.seg.doc)), n: d.n}
			for pid := d.first; pid < d.first+d.n; pid++ {
				h := v.heading[pid]
				if h != 0 && paths[h] == 0 {
					b.seg.headings = append(b.seg.headings, move(v.headings[h]))
					paths[h] = uint32(len(b.seg.headings) - 1)
				}
				w, ends := v.paragraphWords(pid)
				b.paragraph(doc, moved.title, paths[h], move(w), ends)
			}
			b.seg.docs = append(b.seg.docs, moved)
		}
	}
	return b.finish()
}

// replace puts a merged segment where its views were, and buries in it what
// died while it was built. x.mu is held.
func (x *Index) replace(collection string, old []*view, merged *segment) {
	var died []uint32
	for i, d := range merged.docs {
		p, ok := x.where[d.id]
		if ok && slices.ContainsFunc(old, func(v *view) bool { return v.segment == p.segment }) {
			x.where[d.id] = place{collection, merged, uint32(i)}
		} else {
			died = append(died, uint32(i))
		}
	}
	v := newView(merged)
	if len(died) > 0 {
		v = v.without(died)
	}
	next := x.current.Load().clone()
	views := slices.DeleteFunc(next.collections[collection], func(v *view) bool {
		return slices.ContainsFunc(old, func(o *view) bool { return o.segment == v.segment })
	})
	next.collections[collection] = append([]*view{v}, views...)
	x.current.Store(next.tidied())
}
