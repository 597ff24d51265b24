package rank

import (
	"math/bits"
	"unicode/utf8"
)

// MaxEdits returns by how many edits a word of this many letters may differ
// from what was meant: short words have too many neighbours.
func MaxEdits(letters int) int {
	switch {
	case letters < 4:
		return 0
	case letters < 5:
		return 1
	default:
		return 2
	}
}

// A Speller measures how far words are from one word that no document has.
type Speller struct {
	word []rune
	mask uint64
	max  int
	rows [3][]int
}

// NewSpeller returns a speller for a folded word.
func NewSpeller(word string) *Speller {
	r := []rune(word)
	s := &Speller{word: r, mask: Letters(word), max: MaxEdits(len(r))}
	for i := range s.rows {
		s.rows[i] = make([]int, len(r)+1)
	}
	return s
}

// Letters returns a set of the letters of a word as bits, for Speller.Near.
func Letters(word string) uint64 {
	var m uint64
	for _, r := range word {
		m |= 1 << (uint32(r) % 64)
	}
	return m
}

// Near reports whether a word of these letters can be within MaxEdits: one edit
// changes at most two bits of the set. It tells most words off by their letters
// alone.
func (s *Speller) Near(letters uint64) bool {
	return s.max > 0 && bits.OnesCount64(letters^s.mask) <= 2*s.max
}

// Distance returns the number of insertions, deletions, substitutions and swaps
// of neighbours (optimal string alignment) between the speller's word and w,
// or -1 if there are more than MaxEdits. letters is Letters(w), which spares
// most words the computation.
func (s *Speller) Distance(w string, letters uint64) int {
	if !s.Near(letters) {
		return -1
	}
	n := utf8.RuneCountInString(w)
	if n < len(s.word)-s.max || n > len(s.word)+s.max {
		return -1
	}
	before, last, row := s.rows[0], s.rows[1], s.rows[2]
	for j := range last {
		last[j] = j
	}
	i, prev := 0, rune(-1)
	for _, r := range w {
		i++
		row[0] = i
		best := i
		for j := 1; j <= len(s.word); j++ {
			cost := 1
			if s.word[j-1] == r {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s.word[j-2] == r && s.word[j-1] == prev {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if best > s.max {
			return -1
		}
		prev = r
		before, last, row = last, row, before
	}
	if d := last[len(s.word)]; d <= s.max {
		return d
	}
	return -1
}
