package index

import (
	"encoding/binary"
	"slices"
	"sort"

	"summitbot/knowledge"
	"summitbot/knowledge/analysis"
	"summitbot/knowledge/rank"
)

// A segment is an immutable inverted index of the documents of one collection,
// beside their words in order. Paragraphs are numbered from 0 over the whole
// segment, those of one document side by side.
type segment struct {
	lexicon *analysis.Lexicon
	letters []uint64 // rank.Letters of each word's folded form, by word
	grams   rank.GramCounts
	docs    []document

	doc     []uint32 // document of each paragraph
	length  []uint32 // words of each paragraph
	heading []uint32 // position in headings, by paragraph
	words   uint64   // words of all paragraphs

	headings [][]uint32 // distinct heading paths, as words

	forward   []byte   // words of every paragraph, see appendForward
	forwardAt []uint64 // start of each paragraph in forward, and the end

	terms    map[term]uint32
	df       []uint32 // paragraphs of each term
	postings []byte   // see appendPosting
	postAt   []uint64 // start of each term's postings, and the end
}

// A term is a stem of a language.
type term struct{ lang, stem string }

type document struct {
	id       string
	revision string // digest
	lang     string
	title    []uint32
	first    uint32 // its first paragraph
	n        uint32 // how many it has
}

// Weights of the fields of BM25F, in quarters of an occurrence in the text.
// A title of a half was best of 0.1 to 1 on SQuAD; a heading
// stands nearer to its paragraph, yet says no more about it.
const (
	bodyQuarters    = 4
	titleQuarters   = 2
	headingQuarters = 2
)

// A builder makes one segment, document by document.
type builder struct {
	seg      *segment
	tokens   []analysis.Token
	occurs   []uint32 // occurrences of each word
	termIDs  []uint32 // term of each word, or none
	lists    [][]byte // postings of each term
	last     []uint32 // last paragraph of each term's postings, plus one
	quarters []uint32 // of the current paragraph, by term
	touched  []uint32
	paths    map[string]uint32
}

func newBuilder() *builder {
	return &builder{
		seg: &segment{
			lexicon: &analysis.Lexicon{}, terms: map[term]uint32{},
			headings: [][]uint32{nil}, forwardAt: []uint64{0},
		},
		paths: map[string]uint32{"": 0},
	}
}

// text appends the words of s to dst.
func (b *builder) text(s, lang string, dst []uint32) []uint32 {
	b.tokens = analysis.Tokens(s, b.tokens[:0])
	for _, t := range b.tokens {
		dst = append(dst, b.seg.lexicon.Add(s[t.Start:t.End], lang))
	}
	return dst
}

// none is the term of a function word.
const none = ^uint32(0)

// termOf returns the term of a word, or none.
func (b *builder) termOf(word uint32) uint32 {
	for int(word) >= len(b.termIDs) {
		w := b.seg.lexicon.Word(uint32(len(b.termIDs)))
		id := none
		if !w.Stop {
			key := term{w.Lang, w.Stem}
			var ok bool
			if id, ok = b.seg.terms[key]; !ok {
				id = uint32(len(b.lists))
				b.seg.terms[key] = id
				b.lists = append(b.lists, nil)
				b.last = append(b.last, 0)
				b.quarters = append(b.quarters, 0)
				b.seg.df = append(b.seg.df, 0)
			}
		}
		b.termIDs = append(b.termIDs, id)
	}
	return b.termIDs[word]
}

func (b *builder) count(words []uint32, quarters uint32) {
	for _, w := range words {
		t := b.termOf(w)
		if t == none {
			continue
		}
		if b.quarters[t] == 0 {
			b.touched = append(b.touched, t)
		}
		b.quarters[t] += quarters
	}
}

func (b *builder) add(d knowledge.IndexDocument) {
	s := b.seg
	lang := d.Document.Language
	doc := document{id: d.Document.ID, revision: d.Document.Revision.Digest, lang: lang, first: uint32(len(s.doc)), n: uint32(len(d.Paragraphs))}
	if len(d.Paragraphs) > 0 { // else its words would be known and nowhere
		doc.title = b.text(d.Document.Title, lang, nil)
	}
	var words []uint32
	var ends []int
	for _, p := range d.Paragraphs {
		words, ends = words[:0], ends[:0]
		for _, span := range p.Sentences {
			words = b.text(p.Text[span.Start:span.End], lang, words)
			ends = append(ends, len(words))
		}
		b.paragraph(uint32(len(s.docs)), doc.title, b.path(p.Headings, lang), words, ends)
	}
	s.docs = append(s.docs, doc)
}

func (b *builder) path(headings []string, lang string) uint32 {
	key := lang
	for _, h := range headings {
		key += "\x00" + h
	}
	if len(headings) == 0 {
		return 0
	}
	id, ok := b.paths[key]
	if !ok {
		var words []uint32
		for _, h := range headings {
			words = b.text(h, lang, words)
		}
		id = uint32(len(b.seg.headings))
		b.seg.headings = append(b.seg.headings, words)
		b.paths[key] = id
	}
	return id
}

// paragraph appends one paragraph of document doc.
func (b *builder) paragraph(doc uint32, title []uint32, heading uint32, words []uint32, ends []int) {
	s := b.seg
	pid := uint32(len(s.doc))
	for _, w := range words {
		for int(w) >= len(b.occurs) {
			b.occurs = append(b.occurs, 0)
		}
		b.occurs[w]++
	}
	b.count(words, bodyQuarters)
	b.count(title, titleQuarters)
	b.count(s.headings[heading], headingQuarters)
	for _, t := range b.touched {
		b.lists[t] = appendPosting(b.lists[t], pid+1-b.last[t], b.quarters[t])
		b.last[t] = pid + 1
		s.df[t]++
		b.quarters[t] = 0
	}
	b.touched = b.touched[:0]
	s.doc = append(s.doc, doc)
	s.length = append(s.length, uint32(len(words)))
	s.heading = append(s.heading, heading)
	s.words += uint64(len(words))
	s.forward = appendForward(s.forward, words, ends)
	s.forwardAt = append(s.forwardAt, uint64(len(s.forward)))
}

// finish packs the postings and returns the segment.
func (b *builder) finish() *segment {
	s := b.seg
	total := 0
	for _, l := range b.lists {
		total += len(l)
	}
	s.postings = make([]byte, 0, total)
	s.postAt = make([]uint64, 1, len(b.lists)+1)
	for i, l := range b.lists {
		s.postings = append(s.postings, l...)
		s.postAt = append(s.postAt, uint64(len(s.postings)))
		b.lists[i] = nil
	}
	s.letters = make([]uint64, s.lexicon.Len())
	s.grams = rank.GramCounts{}
	for i := range s.letters {
		w := s.lexicon.Word(uint32(i))
		s.letters[i] = rank.Letters(w.Folded)
		if !w.Stop && !w.Number && i < len(b.occurs) {
			s.grams.Add(w.Folded, b.occurs[i])
		}
	}
	s.lexicon.Freeze()
	return s
}

// appendPosting writes the distance to the paragraph before, times two, plus
// one if the weight is that of one plain occurrence; any other weight follows.
// Nine postings in ten take one or two bytes so.
func appendPosting(dst []byte, delta, quarters uint32) []byte {
	if quarters == bodyQuarters {
		return binary.AppendUvarint(dst, uint64(delta)<<1|1)
	}
	dst = binary.AppendUvarint(dst, uint64(delta)<<1)
	return binary.AppendUvarint(dst, uint64(quarters))
}

// list returns the postings of term t, see appendPosting.
func (s *segment) list(t uint32) []byte { return s.postings[s.postAt[t]:s.postAt[t+1]] }

// each calls fn for every posting of term t, in order of paragraphs.
func (s *segment) each(t uint32, fn func(pid, quarters uint32)) {
	list := s.list(t)
	pid := ^uint32(0) // the first distance is from before the first paragraph
	for i := 0; i < len(list); {
		var v uint32
		v, i = uvarint(list, i)
		pid += v >> 1
		quarters := uint32(bodyQuarters)
		if v&1 == 0 {
			quarters, i = uvarint(list, i)
		}
		fn(pid, quarters)
	}
}

// uvarint reads the varint at list[i] and returns where the next one starts. It
// is small enough to be inlined into the loops that read millions of them.
func uvarint(list []byte, i int) (v uint32, next int) {
	v = uint32(list[i])
	if v < 0x80 {
		return v, i + 1
	}
	return uvarintRest(list, i+1, 7, v&0x7f)
}

// uvarintRest reads the varint whose first bits are v, as many as shift says; the
// others start at list[i].
func uvarintRest(list []byte, i, shift int, v uint32) (uint32, int) {
	for ; ; shift += 7 {
		c := uint32(list[i])
		i++
		v |= c & 0x7f << shift
		if c < 0x80 {
			return v, i
		}
	}
}

// appendForward writes words as varints from 1; a 0 ends each sentence.
func appendForward(dst []byte, words []uint32, ends []int) []byte {
	at := 0
	for _, end := range ends {
		for _, w := range words[at:end] {
			dst = binary.AppendUvarint(dst, uint64(w)+1)
		}
		dst = append(dst, 0)
		at = end
	}
	return dst
}

// paragraphWords returns the words of a paragraph and the ends of its sentences.
func (s *segment) paragraphWords(pid uint32) (words []uint32, ends []int) {
	return s.appendWords(make([]uint32, 0, s.length[pid]), nil, pid)
}

// appendWords appends the words of a paragraph to words, and to ends where its
// sentences end in it.
func (s *segment) appendWords(words []uint32, ends []int, pid uint32) ([]uint32, []int) {
	start, n := len(words), 0
	words = slices.Grow(words, int(s.length[pid]))[:start+int(s.length[pid])]
	list, dst := s.forward[s.forwardAt[pid]:s.forwardAt[pid+1]], words[start:]
	for i := 0; i < len(list); {
		// A question reads thirty thousand of these, most of two bytes.
		v := uint32(list[i])
		i++
		if v == 0 {
			ends = append(ends, n)
			continue
		}
		if v >= 0x80 {
			c := uint32(list[i])
			i++
			v = v&0x7f | c<<7
			if c >= 0x80 {
				v, i = uvarintRest(list, i, 14, v&(1<<14-1))
			}
		}
		dst[n] = v - 1
		n++
	}
	return words, ends
}

func (s *segment) number(pid uint32) int { return int(pid-s.docs[s.doc[pid]].first) + 1 }

// eachTerm calls fn once for every term that has a posting for the paragraph.
func (s *segment) eachTerm(pid uint32, fn func(t uint32)) {
	seen := map[uint32]bool{}
	words, _ := s.paragraphWords(pid)
	for _, list := range [][]uint32{words, s.docs[s.doc[pid]].title, s.headings[s.heading[pid]]} {
		for _, w := range list {
			word := s.lexicon.Word(w)
			if word.Stop {
				continue
			}
			if t := s.terms[term{word.Lang, word.Stem}]; !seen[t] {
				seen[t] = true
				fn(t)
			}
		}
	}
}

func sortedLanguages(counts map[string]int) []string {
	langs := make([]string, 0, len(counts))
	for l := range counts {
		langs = append(langs, l)
	}
	sort.Slice(langs, func(i, j int) bool {
		if counts[langs[i]] != counts[langs[j]] {
			return counts[langs[i]] > counts[langs[j]]
		}
		return langs[i] < langs[j]
	})
	return langs
}
