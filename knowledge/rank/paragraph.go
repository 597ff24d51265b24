package rank

import (
	"math"

	"summitbot/knowledge/analysis"
)

// paragraph computes the features of p.
func (m *matcher) paragraph(p *Paragraph, out *Ranked) {
	t := m.table(p.Lexicon)
	m.matches = m.matches[:0]
	known := t.known()
	for _, id := range p.Words {
		if t.stamps[id] != known {
			m.match(t, p.Lexicon, id)
		}
		m.matches = append(m.matches, t.matches[id])
	}
	f := &out.Features
	clear(m.tf)
	clear(m.soft)
	clear(m.before)
	clear(m.phrase)
	m.held = m.held[:0]
	start := 0
	best := 0
	for i, end := range p.Sentences {
		s := &out.Sentences[i]
		m.sentence(p, start, end, s)
		if s[sCovered] > out.Sentences[best][sCovered] {
			best = i
		}
		f[fSentence] = max(f[fSentence], s[sCovered]+s[sSoft]/2)
		both := 0.0
		set := uint64(0)
		for k, v := range m.sent {
			both += m.values[k] * max(v, m.before[k])
			if v > 0 {
				set |= 1 << k
			}
		}
		m.held = append(m.held, set)
		f[fWindow] = max(f[fWindow], both)
		m.sent, m.before = m.before, m.sent
		start = end
	}
	m.context(out.Sentences, m.held)
	if len(out.Sentences) > 0 {
		f[fType] = out.Sentences[best][sType]
	}
	m.occurrences(t, p.Lexicon, p.Title, titleWeight, &f[fTitle])
	m.occurrences(t, p.Lexicon, p.Headings, headingWeight, &f[fHeading])
	var ignored float64
	m.occurrences(t, p.Lexicon, p.Previous, neighbourWeight, &ignored)
	m.occurrences(t, p.Lexicon, p.Next, neighbourWeight, &ignored)

	divisor := bm25K1 * (1 - bm25B + bm25B*float64(len(p.Words))/max(m.c.Length, 1))
	clear(m.sent) // now: whether each term stands in the paragraph
	for _, got := range m.matches {
		if got.term >= 0 {
			m.sent[got.term] = max(m.sent[got.term], float64(got.weight))
		}
	}
	rarest := 0.0
	for k, v := range m.values {
		tf := m.tf[k]
		f[fBM25] += v * tf * (bm25K1 + 1) / (tf + divisor)
		f[fCovered] += v * m.sent[k]
		if v > rarest {
			rarest = v
			f[fRarest] = v * m.sent[k]
		}
		if m.sent[k] == 0 {
			f[fSoft] += v * m.soft[k]
		}
		w := m.c.Terms[k].Word
		if w.Number {
			f[fNumbers] += v * m.sent[k]
		} else if w.Capital && !w.Initial {
			f[fNames] += v * m.sent[k]
		}
	}
	f[fNear] = m.near()
	f[fGrams] = m.grams.bm25(m.matches, divisor)
	for _, v := range m.phrase {
		f[fPhrase] += v
	}
	f[fLength] = math.Log(float64(len(p.Words) + 1))
}

// occurrences counts words of another field towards a paragraph, and adds the
// weight of each of the question's words that stands there to covered.
func (m *matcher) occurrences(t *table, l *analysis.Lexicon, words []uint32, weight float64, covered *float64) {
	clear(m.last)
	formless, known := t.formless(), t.known()
	for _, id := range words {
		switch t.stamps[id] {
		case formless:
			continue
		case known:
		default:
			if _, ok := m.form(l, id, l.Sketch(id)); !ok {
				t.stamps[id] = formless
				continue
			}
			m.match(t, l, id)
		}
		got := &t.matches[id]
		if got.weight == 0 {
			continue
		}
		m.tf[got.term] += weight * float64(got.weight)
		if m.last[got.term] == 0 {
			m.last[got.term] = 1
			*covered += m.values[got.term] * float64(got.weight)
		}
	}
}

// near adds up, for neighbours among the question's content words, how close
// they come to each other: the mean of their weights over the distance.
func (m *matcher) near() float64 {
	n := len(m.values)
	if n < 2 {
		return 0
	}
	sum := 0.0
	m.hits = m.hits[:0]
	for i, got := range m.matches {
		if got.weight > 0 {
			m.hits = append(m.hits, hit{i, int(got.term)})
		}
	}
	for k := 0; k+1 < n; k++ {
		a, b := -1, -1
		closest := nearWindow + 1
		for _, h := range m.hits {
			switch h.term {
			case k:
				a = h.at
			case k + 1:
				b = h.at
			default:
				continue
			}
			if a >= 0 && b >= 0 {
				closest = min(closest, max(a-b, b-a))
			}
		}
		if closest <= nearWindow {
			sum += (m.values[k] + m.values[k+1]) / 2 / float64(closest)
		}
	}
	return sum
}
