package rank

import (
	"math"
	"sync"

	"summitbot/knowledge/analysis"
)

// A table remembers the match of every word of a lexicon that a question has
// met. Entries are stamped instead of cleared: a lexicon may have half a
// million words of which one question meets two thousand.
type table struct {
	stamp   uint32
	stamps  []uint32 // by word: formless, known or out of date
	matches []match  // of the known
}

// formless stamps a word that is known to be none of the question's, but not
// yet whether it shares n-grams with one. It has no match.
func (t *table) formless() uint32 { return 2 * t.stamp }

// known stamps a word that has its match.
func (t *table) known() uint32 { return 2*t.stamp + 1 }

var tables = sync.Pool{New: func() any { return &table{} }}

func (m *matcher) table(l *analysis.Lexicon) *table {
	t := m.tables[l]
	if t == nil {
		t = tables.Get().(*table)
		if n := l.Len(); len(t.stamps) < n {
			t.stamps = make([]uint32, n)
			t.matches = make([]match, n)
			t.stamp = 0
		}
		t.stamp++
		if t.stamp > math.MaxUint32/2 { // after two billion questions
			clear(t.stamps)
			t.stamp = 1
		}
		m.tables[l] = t
	}
	return t
}

func (m *matcher) release() {
	for _, t := range m.tables {
		tables.Put(t)
	}
}

func (t *table) put(id uint32, m match) {
	t.stamps[id] = t.known()
	t.matches[id] = m
}
