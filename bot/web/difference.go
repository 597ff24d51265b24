package web

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"summitbot/knowledge"
)

const (
	// mostCells bounds a table of the longest common subsequence: two texts of some
	// 1,000 words and signs, in four megabytes for a moment. What is longer and
	// differs is shown one after the other.
	mostCells = 1 << 20
	// mostWork bounds the cells of all tables of two revisions: some twenty such texts,
	// or all paragraphs of an ordinary chapter. It takes a tenth of a second.
	mostWork = 20 * mostCells
	// mostPairs bounds how many paragraphs are compared with how many others: five
	// pages that were written anew. What is more is compared in order.
	mostPairs = 1600
	// alike is which share of their words two paragraphs have in common if one is
	// taken for the other, rewritten. Below it, a difference by words cannot be read.
	alike = 0.4
)

// A part is a piece of a text that was changed.
type part struct {
	Text string
	Old  bool // it is not there any more
	New  bool // it was not there before
}

// A change is what became of a paragraph, or that one came. What has only another
// number is none.
type change struct {
	Old   int // its number in the earlier revision; 0 if it came
	New   int // in the later one; 0 if it went
	Parts []part
}

// changesOf returns what is different between two revisions, in reading order. The
// paragraphs that no change names are the same in both, and in the same order.
func changesOf(before, after []knowledge.Paragraph) []change {
	var out []change
	work := mostWork
	i, j := 0, 0
	for _, a := range append(anchors(before, after), [2]int{len(before), len(after)}) {
		out = append(out, rewritten(before[i:a[0]], after[j:a[1]], &work)...)
		i, j = a[0]+1, a[1]+1
	}
	return out
}

// anchors returns which paragraphs of both lists are the same, in order: those at
// both ends, and between them the longest row of texts that stand once in each.
func anchors(before, after []knowledge.Paragraph) [][2]int {
	var head, tail [][2]int
	i, m, n := 0, len(before), len(after)
	for i < m && i < n && before[i].Text == after[i].Text {
		head = append(head, [2]int{i, i})
		i++
	}
	for m > i && n > i && before[m-1].Text == after[n-1].Text {
		m, n = m-1, n-1
		tail = append(tail, [2]int{m, n})
	}
	slices.Reverse(tail)
	return slices.Concat(head, unique(before[:m], after[:n], i), tail)
}

// unique returns the longest row of pairs, from the paragraphs at index from on,
// whose texts stand once in each list.
func unique(before, after []knowledge.Paragraph, from int) [][2]int {
	once := func(list []knowledge.Paragraph) map[string]int {
		at := map[string]int{}
		for k := from; k < len(list); k++ {
			if _, twice := at[list[k].Text]; twice {
				at[list[k].Text] = -1
			} else {
				at[list[k].Text] = k
			}
		}
		return at
	}
	olds, news := once(before), once(after)
	var pairs [][2]int
	for k := from; k < len(before); k++ {
		text := before[k].Text
		if to, ok := news[text]; ok && to >= 0 && olds[text] == k {
			pairs = append(pairs, [2]int{k, to})
		}
	}
	return rising(pairs)
}

// rising returns the longest subsequence of pairs, which are ordered by their first
// numbers, whose second numbers rise too.
func rising(pairs [][2]int) [][2]int {
	var ends []int // ends[l] is the pair with the smallest second number that ends a row of l+1
	before := make([]int, len(pairs))
	for k, p := range pairs {
		l, _ := slices.BinarySearchFunc(ends, p[1], func(e, target int) int { return cmp.Compare(pairs[e][1], target) })
		before[k] = -1
		if l > 0 {
			before[k] = ends[l-1]
		}
		if l == len(ends) {
			ends = append(ends, k)
		} else {
			ends[l] = k
		}
	}
	var out [][2]int
	if len(ends) > 0 {
		for k := ends[len(ends)-1]; k >= 0; k = before[k] {
			out = append(out, pairs[k])
		}
	}
	slices.Reverse(out)
	return out
}

// rewritten returns the changes between two rows of paragraphs: those that are alike
// are taken for each other, in order. It takes its work from what there is left.
func rewritten(before, after []knowledge.Paragraph, work *int) []change {
	var out []change
	i, j := 0, 0
	for _, pair := range append(paired(before, after), [2]int{len(before), len(after)}) {
		for ; i < pair[0]; i++ {
			out = append(out, change{Old: before[i].Number, Parts: []part{{Text: before[i].Text, Old: true}}})
		}
		for ; j < pair[1]; j++ {
			out = append(out, change{New: after[j].Number, Parts: []part{{Text: after[j].Text, New: true}}})
		}
		if i == len(before) || j == len(after) {
			continue
		}
		if before[i].Text != after[j].Text {
			out = append(out, change{before[i].Number, after[j].Number, difference(before[i].Text, after[j].Text, work)})
		}
		i, j = i+1, j+1
	}
	return out
}

// paired returns which paragraphs of two rows are taken for each other, so that the
// pairs are as alike as they can be, in order.
func paired(before, after []knowledge.Paragraph) [][2]int {
	m, n := len(before), len(after)
	if m == 0 || n == 0 {
		return nil
	}
	olds, news := bags(before), bags(after)
	var pairs [][2]int
	if m*n > mostPairs {
		for k := range min(m, n) {
			if likeness(olds[k], news[k]) >= alike {
				pairs = append(pairs, [2]int{k, k})
			}
		}
		return pairs
	}
	// best[i][j] is how alike before[i:] and after[j:] can be made.
	best := make([][]float64, m+1)
	for i := range best {
		best[i] = make([]float64, n+1)
	}
	for i := m - 1; i >= 0; i-- {
		for j := n - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if like := likeness(olds[i], news[j]); like >= alike {
				best[i][j] = max(best[i][j], best[i+1][j+1]+like)
			}
		}
	}
	for i, j := 0, 0; i < m && j < n; {
		switch best[i][j] {
		case best[i+1][j]:
			i++
		case best[i][j+1]:
			j++
		default:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		}
	}
	return pairs
}

// bags counts the words of each paragraph.
func bags(paragraphs []knowledge.Paragraph) []map[string]int {
	out := make([]map[string]int, len(paragraphs))
	for i, p := range paragraphs {
		out[i] = map[string]int{}
		for w := range strings.FieldsSeq(p.Text) {
			out[i][w]++
		}
	}
	return out
}

// likeness returns the share of words that two bags have in common, 0 to 1.
func likeness(a, b map[string]int) float64 {
	common, all := 0, 0
	for w, n := range a {
		common += min(n, b[w])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 1 // both have no word
	}
	return 2 * float64(common) / float64(all)
}

// difference returns what became of a text, word by word: the longest common
// subsequence of words stays (a textbook's table of lengths; beginnings and ends
// that are equal are set aside before). The parts that are not new make up before,
// those that are not old make up after.
func difference(before, after string, work *int) []part {
	a, b := wordsOf(before), wordsOf(after)
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	var d parts
	d.add(part{}, a[:start]...)
	d.middle(a[start:len(a)-end], b[start:len(b)-end], work)
	d.add(part{}, a[len(a)-end:]...)
	return d
}

// parts are joined where they are of one kind.
type parts []part

func (d *parts) add(kind part, words ...string) {
	if len(words) == 0 {
		return
	}
	kind.Text = strings.Join(words, "")
	if n := len(*d); n > 0 && (*d)[n-1].Old == kind.Old && (*d)[n-1].New == kind.New {
		(*d)[n-1].Text += kind.Text
		return
	}
	*d = append(*d, kind)
}

// middle adds the difference of two lists of words of which neither the first nor
// the last are equal.
func (d *parts) middle(a, b []string, work *int) {
	cells := (len(a) + 1) * (len(b) + 1)
	if cells > min(mostCells, *work) {
		d.add(part{Old: true}, a...)
		d.add(part{New: true}, b...)
		return
	}
	*work -= cells
	width := len(b) + 1
	common := make([]int32, cells) // of a[i:] and b[j:]
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i*width+j] = common[(i+1)*width+j+1] + 1
			} else {
				common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			d.add(part{}, a[i])
			i, j = i+1, j+1
		case common[(i+1)*width+j] >= common[i*width+j+1]:
			d.add(part{Old: true}, a[i])
			i++
		default:
			d.add(part{New: true}, b[j])
			j++
		}
	}
	d.add(part{Old: true}, a[i:]...)
	d.add(part{New: true}, b[j:]...)
}

// wordsOf cuts a text into words, signs and what is between them, so that joined
// they are the text again. A comma that came makes no new word of the one before.
func wordsOf(text string) []string {
	const space, word, sign = 1, 2, 3
	kind := func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return space
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == '\'' || r == '’':
			return word
		}
		return sign
	}
	var out []string
	start, last := 0, 0
	for i, r := range text {
		if k := kind(r); i > 0 && (k != last || k == sign) {
			out = append(out, text[start:i])
			start = i
		}
		last = kind(r)
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}
