package rank

import (
	"sync"

	"summitbot/knowledge/analysis"
)

// A table remembers the match of every word of a lexicon that a question has
// met. Entries are stamped instead of cleared: a lexicon may have half a
// million words of which one question meets two thousand.
type table struct {
	stamp   uint32
	stamps  []uint32
	matches []match
}

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
		if t.stamp == 0 { // after four billion questions
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

func (t *table) get(id uint32) (match, bool) {
	if t.stamps[id] == t.stamp {
		return t.matches[id], true
	}
	return match{}, false
}

func (t *table) put(id uint32, m match) {
	t.stamps[id] = t.stamp
	t.matches[id] = m
}
