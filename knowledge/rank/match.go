package rank

import "summitbot/knowledge/analysis"

// A match is how a word of the documents stands for one of the question.
type match struct {
	term   int16   // position in Candidates.Terms, or -1
	traits traits  // of the word itself
	weight float32 // 1 the same, less for a correction, 0 if only n-grams are shared
	soft   float32 // 0..1 by shared n-grams, for a word that is not the same
	grams  int32   // position in gramIndex.lists
}

// A hit is a word of a paragraph that is one of the question's.
type hit struct {
	at   int // position in the paragraph
	term int
}

// Traits are what a word is to a question, whatever it stands for: what sentence
// asks about every word of a hundred paragraphs, worked out once a word.
type traits uint8

const (
	isContent    traits = 1 << iota // no function word
	isNumeral                       // content, and a number
	isCapital                       // content, and capitalised
	isAsked                         // what the question asks for, unless it opens a sentence
	isAskedFirst                    // the same where it does
)

// traitTable gives the traits of every word of which the documents' own are
// known, for one kind of question.
func traitTable(asked analysis.AnswerType) (table [analysis.TraitSets]traits) {
	for i := range table {
		is := func(some analysis.Traits) bool { return analysis.Traits(i)&some != 0 }
		content := is(analysis.Content)
		set := func(is bool, trait traits) {
			if is {
				table[i] |= trait
			}
		}
		set(content, isContent)
		set(content && is(analysis.Number), isNumeral)
		set(content && is(analysis.Capital), isCapital)
		switch asked {
		case analysis.DateAnswer:
			set(is(analysis.Date), isAsked|isAskedFirst)
		case analysis.NumberAnswer:
			set(is(analysis.Number|analysis.NumberWord), isAsked|isAskedFirst)
		case analysis.PersonAnswer, analysis.PlaceAnswer:
			// Any word that opens a sentence has a capital.
			set(content && is(analysis.Capital), isAsked)
		}
	}
	return table
}

// is reports whether a word has one of some traits.
func (t traits) is(some traits) bool { return t&some != 0 }

// matcher finds matches, remembering them by word.
type matcher struct {
	c      *Candidates
	values []float64
	forms  map[string]map[string]formMatch // by language and stem
	stems  filter                          // of forms
	grams  gramIndex
	traits [analysis.TraitSets]traits
	tables map[*analysis.Lexicon]*table
	at     [][]int // positions of each term in the question
	words  []int16 // term of each word of the question, or -1

	// of the paragraph under way
	tf      []float64
	sent    []float64
	before  []float64
	soft    []float64
	matches []match
	hits    []hit
	phrase  []float64
	last    []int
	held    []uint64 // terms in each sentence, as a set
}

type formMatch struct {
	term   int16
	weight float32
}

func newMatcher(c *Candidates) *matcher {
	n := len(c.Terms)
	m := &matcher{
		c: c, values: make([]float64, n), forms: map[string]map[string]formMatch{}, grams: newGramIndex(c), traits: traitTable(c.Question.Type),
		tables: map[*analysis.Lexicon]*table{}, at: make([][]int, n),
		tf: make([]float64, n), sent: make([]float64, n), before: make([]float64, n),
		soft: make([]float64, n), last: make([]int, n),
	}
	for i := range c.Terms {
		t := &c.Terms[i]
		m.values[i] = t.value()
		for _, f := range t.Forms {
			m.stems.add(analysis.HashOf(f.Stem))
			byStem := m.forms[f.Lang]
			if byStem == nil {
				byStem = map[string]formMatch{}
				m.forms[f.Lang] = byStem
			}
			if old, ok := byStem[f.Stem]; !ok || old.weight < float32(f.Weight) {
				byStem[f.Stem] = formMatch{int16(i), float32(f.Weight)}
			}
		}
	}
	m.words = make([]int16, len(c.Question.Words))
	m.phrase = make([]float64, len(m.words))
	for k, w := range c.Question.Words {
		m.words[k] = -1
		if w.Stop {
			continue
		}
		stem := analysis.Stem(w.Folded, c.Question.Lang)
		for i := range c.Terms {
			if c.Terms[i].Word.Folded == w.Folded || c.Terms[i].Forms[0].Stem == stem {
				m.words[k] = int16(i)
				m.at[i] = append(m.at[i], k)
				break
			}
		}
	}
	return m
}

// match works out how word id of a lexicon stands for a word of the question,
// and puts it into the table. Most words are none of the question's and share no
// n-gram with one, which their sketch tells without a look at the word.
func (m *matcher) match(t *table, l *analysis.Lexicon, id uint32) {
	s := l.Sketch(id)
	got := match{term: -1}
	if s.Traits&analysis.Content != 0 {
		if s.Traits&analysis.Number == 0 && m.grams.filter.hasAny(l.GramHashes(s)) {
			got = m.grams.match(l.Word(id))
		}
		if f, ok := m.form(l, id, s); ok {
			got.term, got.weight, got.soft = f.term, f.weight, 0
		}
	}
	got.traits = m.traits[s.Traits]
	t.put(id, got)
}

// form finds the question's word that word id, of sketch s, is a form of.
func (m *matcher) form(l *analysis.Lexicon, id uint32, s analysis.Sketch) (f formMatch, ok bool) {
	if s.Traits&analysis.Content != 0 && m.stems.has(s.Stem) {
		w := l.Word(id)
		f, ok = m.forms[w.Lang][w.Stem]
	}
	return f, ok
}
