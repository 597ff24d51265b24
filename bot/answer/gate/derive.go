package gate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Derive reports whether every number that a claim has beyond its evidence can
// be computed from it: the length of a list, the sum of two or of all numbers of
// one unit, or the difference of two. failures are those of the claim's Verdict;
// anything but numbers among them is not for Derive. how tells the computation
// in the source's own words, several apart by "; ".
//
// A sum or a difference needs a word in the claim that says so, a count the noun
// that is counted; and a claim that repeats a sentence word for word with another
// number is no computation but an error.
func Derive(claim, lang string, cited []Sentence, failures []Failure) (how string, ok bool) {
	if len(failures) == 0 || slices.ContainsFunc(failures, func(f Failure) bool { return f.Check != Number }) {
		return "", false
	}
	c, e := readTranslated(claim, lang, cited)
	if len(c.words) > longestClaim || c.repeats(e) {
		return "", false
	}
	var ways []string
	for _, q := range c.quantities {
		if q.weak || q.inherited || c.inDate(q.start) || e.all.numbers[q.value] != nil {
			continue
		}
		way := derive(c, e, q)
		if way == "" {
			return "", false
		}
		ways = append(ways, way)
	}
	return strings.Join(ways, "; "), len(ways) > 0
}

// repeats reports whether the text has the wording of a cited sentence, with no
// word of a computation beside it: then a number that differs was changed.
func (t *text) repeats(e *evidence) bool {
	return slices.ContainsFunc(e.sentences, func(s *text) bool {
		computes := t.hasAny("sum") && !s.hasAny("sum") || t.hasAny("difference") && !s.hasAny("difference")
		return !computes && likeness(t, s, (*word).lower) >= nearlyAll
	})
}

// derive returns how one number of the claim comes about, or "".
func derive(c *text, e *evidence, q quantity) string {
	value, err := strconv.ParseFloat(q.value, 64)
	if err != nil {
		return ""
	}
	if way := count(c, e, q, value); way != "" {
		return way
	}
	if c.computes("sum", q, e) {
		if way := sum(e, q, value); way != "" {
			return way
		}
	}
	if c.computes("difference", q, e) {
		return difference(e, q, value)
	}
	return ""
}

// besideNumber is how many words from a difference the word that makes it one may
// stand: "twelve metres longer". A sum may be told far ahead: "Together the two ...".
const besideNumber = 4

// computes reports whether the claim has the word of a computation for a number,
// and none of the cited sentences has: one that was taken over from there says
// nothing of a computation.
func (t *text) computes(key string, q quantity, e *evidence) bool {
	from, to := 0, len(t.words)
	if key == "difference" {
		from, to = max(0, q.start-besideNumber), min(to, q.end+besideNumber)
	}
	for i := from; i < to; i++ {
		if w := &t.words[i]; t.language.words[key][w.folded] && !e.all.folded[w.folded] {
			return true
		}
	}
	return false
}

// hasAny reports whether a word of a table stands in the text.
func (t *text) hasAny(key string) bool {
	return slices.ContainsFunc(t.words, func(w word) bool { return t.language.words[key][w.folded] })
}

// counted returns the stem of the noun that a number counts: the last of the
// content words that follow it directly, or of the two that do. It is "" where
// none follows, as after a year, and where a unit does.
func (t *text) counted(q quantity) []string {
	var out []string
	if q.unit != "" {
		return nil
	}
	const most = 3 // seven key European leaders
	for i := q.end; i < len(t.words) && len(out) < most; i++ {
		w := &t.words[i]
		if w.hard || w.comma || w.number || w.link || w.weight == 0 {
			break
		}
		out = append(out, w.stem)
	}
	return out
}

// longestList is the most items that are counted: of a longer list some would be
// misread.
const longestList = 30

// count returns the items of the list that has as many as the claim says.
func count(c *text, e *evidence, q quantity, value float64) string {
	nouns := c.counted(q)
	if len(nouns) == 0 || value < 3 || value > longestList {
		return ""
	}
	for _, s := range e.sentences {
		for _, o := range s.quantities {
			if slices.ContainsFunc(s.counted(o), func(stem string) bool { return slices.Contains(nouns, stem) }) {
				return "" // the source says how many there are, and says otherwise
			}
		}
	}
	for _, s := range e.sentences {
		for _, items := range s.lists() {
			if float64(len(items)) == value {
				return strings.Join(items, ", ")
			}
		}
	}
	if items := bullets(e); float64(len(items)) == value {
		return strings.Join(items, ", ")
	}
	return ""
}

var aBullet = regexp.MustCompile(`^\s*(?:[-*•–]|\d{1,2}[.)])\s+(\S.*)$`)

// bullets returns the cited sentences if all of them are items of a list.
func bullets(e *evidence) []string {
	var out []string
	for _, s := range e.sentences {
		m := aBullet.FindStringSubmatch(s.raw)
		if m == nil {
			return nil
		}
		out = append(out, strings.TrimRight(m[1], ".;,"))
	}
	return out
}

// longestItem is how many words an item of a list may have: "European Commission
// President Ursula von der Leyen" has seven.
const longestItem = 8

// lists returns the coordinated lists of the text, each by its items: three or
// more names, or three or more phrases without a verb that can be told, with
// commas and a last "and" between them.
func (t *text) lists() [][]string {
	var out [][]string
	for i := range t.words {
		if !t.language.words["lastjoiner"][t.words[i].folded] || i+1 >= len(t.words) || t.words[i].hard {
			continue
		}
		if items := t.listAround(i); len(items) >= 3 {
			out = append(out, items)
		}
	}
	return out
}

// listAround returns the items of the list whose last joiner is word i, or nil.
func (t *text) listAround(i int) []string {
	var items [][2]int
	end := i
	for {
		start := end - 1
		for start > 0 && !t.words[start].comma && !t.words[start].hard && end-start <= longestItem {
			start--
		}
		if start < 0 || end-start > longestItem+1 {
			return nil
		}
		items = append(items, [2]int{start, end})
		if start == 0 || !t.words[start].comma || t.words[start].hard {
			break
		}
		end = start
		if t.language.words["lastjoiner"][t.words[end-1].folded] {
			return nil // two lists
		}
	}
	if len(items) < 2 {
		return nil
	}
	slices.Reverse(items)
	last := [2]int{i + 1, i + 1}
	for last[1] < len(t.words) && last[1]-last[0] < longestItem && (last[1] == last[0] || !t.words[last[1]].comma && !t.words[last[1]].hard) {
		last[1]++
	}
	items = append(items, last)
	if names := t.itemNames(items); names != nil {
		return names
	}
	return t.itemPhrases(items)
}

// itemNames returns the items as names, if each has one.
func (t *text) itemNames(items [][2]int) []string {
	var out []string
	for n, item := range items {
		from, to := item[0], item[1]
		if n == len(items)-1 { // nothing shows where the last item ends but its name
			first := slices.IndexFunc(t.words[from:to], func(w word) bool { return w.capital })
			if first != 0 && !(first == 1 && t.words[from].weight == 0) {
				return nil
			}
		} else if !t.words[to-1].capital && !t.words[to-1].number {
			return nil // a name with words behind it: a clause
		}
		name := t.personIn(from, to, n == 0)
		if name == "" {
			return nil
		}
		out = append(out, name)
	}
	return out
}

// personIn returns the name in a range of words without the titles before it. Of
// the first item of a list only what is connected to its end belongs to it.
func (t *text) personIn(from, to int, first bool) string {
	end := to
	if first {
		start := to
		for start > from && (t.words[start-1].capital && !(t.words[start-1].initial && t.words[start-1].stop) || t.particle(start-1)) {
			start--
		}
		from = start
	} else {
		for from < to && !t.words[from].capital {
			from++
		}
		end = from
		for end < to && (t.words[end].capital || t.particle(end)) {
			end++
		}
	}
	title := -1
	for i := from; i < end; i++ {
		if t.language.has("title", &t.words[i]) || t.language.words["titled"][t.words[i].folded] {
			title = i
		}
	}
	if title >= 0 && title+1 < end {
		from = title + 1
	}
	for from < end && !t.words[from].capital {
		from++
	}
	for end > from && !t.words[end-1].capital {
		end--
	}
	if from >= end || !slices.ContainsFunc(t.words[from:end], func(w word) bool { return !w.initial || !w.stop }) {
		return ""
	}
	return t.phrase(from, end)
}

// particle reports whether word i is one that stands inside names: "von der".
func (t *text) particle(i int) bool {
	switch t.words[i].folded {
	case "of", "the", "von", "van", "der", "den", "de", "du", "des", "la", "le", "da", "di", "del", "della", "bin", "al", "el", "zu", "zur":
		return i > 0 && i+1 < len(t.words) && !t.words[i].comma && (t.words[i-1].capital || t.words[i+1].capital)
	}
	return false
}

// itemPhrases returns the items as phrases of at most four words without a verb
// that can be told. Nothing shows where the first begins, so it is taken to be no
// longer than those between commas.
func (t *text) itemPhrases(items [][2]int) []string {
	words := 0
	for _, item := range items[1 : len(items)-1] {
		words = max(words, item[1]-item[0])
	}
	words = min(words, 4)
	var out []string
	for n, item := range items {
		from, to := item[0], item[1]
		switch n {
		case 0: // behind the last word that tells nothing
			start := to
			for start > from && to-start < words && t.words[start-1].weight > 0 {
				start--
			}
			from = start
		case len(items) - 1:
			end := from
			for end < to && end-from < words && (t.words[end].weight > 0 || end == from) {
				end++
			}
			to = end
		}
		if to <= from || to-from > words {
			return nil
		}
		for i := from; i < to; i++ {
			w := &t.words[i]
			if t.language.has("auxiliary", w) || t.language.has("negation", w) || t.language.has("introducer", w) || t.language.has("pronoun", w) || w.number {
				return nil
			}
		}
		out = append(out, t.phrase(from, to))
	}
	return out
}

// A stated quantity is one of the evidence, with its value.
type stated struct {
	value float64
	text  string
	year  bool
}

// statedIn returns the quantities of some sentences with a unit, or the years
// for the unit "year"; each value once.
func statedIn(sentences []*text, unit string) []stated {
	var out []stated
	add := func(s stated) {
		if !slices.ContainsFunc(out, func(o stated) bool { return o.value == s.value }) {
			out = append(out, s)
		}
	}
	for _, s := range sentences {
		for _, d := range s.dates {
			if unit == "year" && d.year > 0 {
				add(stated{float64(d.year), strconv.Itoa(d.year), true})
			}
		}
		for _, q := range s.quantities {
			v, err := strconv.ParseFloat(q.value, 64)
			if err != nil || q.weak || q.inherited || s.inDate(q.start) {
				continue
			}
			words := s.phrase(q.start, q.end)
			year := s.translatedUnit(q) == "" && len(words) == 4 && isDigits(words) && v >= 1000 && v < 3000
			switch {
			case year && unit == "year":
				add(stated{v, words, true})
			case !year && q.unit == unit:
				add(stated{v, words, false})
			}
		}
	}
	return out
}

// sum returns two numbers of a unit that make the value, or all of one sentence.
func sum(e *evidence, q quantity, value float64) string {
	all := statedIn(e.sentences, q.unit)
	all = slices.DeleteFunc(all, func(s stated) bool { return s.year })
	for i := range all {
		for j := i + 1; j < len(all); j++ {
			if all[i].value+all[j].value == value {
				return all[i].text + " + " + all[j].text
			}
		}
	}
	for _, s := range e.sentences {
		total := 0.0
		var texts []string
		for _, o := range statedIn([]*text{s}, q.unit) {
			if !o.year {
				total += o.value
				texts = append(texts, o.text)
			}
		}
		if total == value && len(texts) > 2 {
			return strings.Join(texts, " + ")
		}
	}
	return ""
}

// difference returns two numbers of a unit that are that far apart; years for a
// number of years.
func difference(e *evidence, q quantity, value float64) string {
	all := statedIn(e.sentences, q.unit)
	for i := range all {
		for j := range all {
			if all[i].year == all[j].year && value > 0 && all[i].value-all[j].value == value {
				return fmt.Sprintf("%s - %s", all[i].text, all[j].text)
			}
		}
	}
	return ""
}
