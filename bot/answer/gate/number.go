package gate

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"summitbot/knowledge/analysis"
)

// A quantity is a number as a text states it.
type quantity struct {
	value      string // canonical: "1500000", "3.5", "1990s"
	unit       string // canonical name, "" if it has none
	start, end int    // words
	weak       bool   // "one", which is as often a pronoun
	inherited  bool   // its scale or unit stands behind the next number: "5 to 10 km"
}

// A number is the reading of some words.
type number struct {
	value  float64
	text   string // set instead of value: what is no plain number, such as "1990s"
	words  int    // how many were read
	suffix string // letters glued to the digits, as in "5km"
	spelt  bool
	scaled bool // a scale word followed
}

func (n number) key() string {
	if n.text != "" {
		return n.text
	}
	return strconv.FormatFloat(n.value, 'g', 15, 64)
}

// readQuantities finds the numbers of the text: numerals and number words, with
// scale ("1.5 million") and unit.
func (t *text) readQuantities() {
	for i := 0; i < len(t.words); {
		n, ok := t.numberAt(i)
		if !ok {
			i++
			continue
		}
		end := i + n.words
		q := quantity{value: n.key(), start: i, end: end}
		q.weak = n.spelt && n.value == 1
		q.unit, end = t.unitAt(i, end, n.suffix)
		if q.unit != "" {
			q.weak = false
		}
		for j := i; j < i+n.words; j++ {
			t.words[j].number = true
		}
		t.quantities = append(t.quantities, q)
		t.inherit(n, q)
		i = max(end, i+1)
	}
}

// inherit gives the number before the last one its scale and unit too, if they
// stand in a range or a pair: "between 5 and 10 million euros" speaks of five
// million euros as well.
func (t *text) inherit(n number, q quantity) {
	i := len(t.quantities) - 2
	if i < 0 || t.quantities[i].inherited {
		return
	}
	first := t.quantities[i]
	if first.unit != "" && !isCurrency(first.unit) || q.start-first.end > 1 || t.words[q.start].hard {
		return
	}
	if q.start-first.end == 1 {
		if w := t.words[first.end]; !w.stop || w.hard || letters(w.folded) > 3 {
			return // only "to", "and", "or" and their like
		}
	} else if strings.TrimSpace(t.gap(q.start)) == "" {
		return
	}
	unit := first.unit
	if unit == "" {
		unit = q.unit
	}
	twin := first
	twin.inherited, twin.unit = true, unit
	if n.scaled {
		if v, err := strconv.ParseFloat(first.value, 64); err == nil {
			if scale := t.language.values["scale"][t.words[q.end-1].folded]; scale > 0 {
				twin.value = number{value: v * scale}.key()
			}
		}
	}
	t.quantities = append(t.quantities, twin)
}

func isCurrency(unit string) bool {
	switch unit {
	case "dollar", "euro", "pound", "yen", "ruble":
		return true
	}
	return false
}

// numberAt reads the number that begins at word i.
func (t *text) numberAt(i int) (number, bool) {
	w := &t.words[i]
	if w.link {
		return number{}, false
	}
	if analysis.IsNumber(w.surface) {
		return t.numeralAt(i), true
	}
	if strings.IndexFunc(w.surface, unicode.IsDigit) > 0 { // "A380"
		return number{text: w.folded, words: 1}, true
	}
	return t.speltAt(i)
}

// numeralAt reads digits, groups of digits and the scale word behind them.
func (t *text) numeralAt(i int) number {
	surface := t.words[i].surface
	digits := strings.TrimRightFunc(surface, func(r rune) bool { return !unicode.IsDigit(r) })
	if cut := strings.IndexFunc(digits, func(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.M, r) }); cut > 0 {
		digits = digits[:cut] // "27T19"
	}
	n := number{words: 1, suffix: analysis.Fold(surface[len(digits):])}
	for isGroup(digits) && n.suffix == "" && i+n.words < len(t.words) && t.gap(i+n.words) == " " && t.words[i+n.words].surface == t.words[i+n.words].folded &&
		len(t.words[i+n.words].surface) == 3 && isDigits(t.words[i+n.words].surface) && t.language.comma {
		digits += t.words[i+n.words].surface // "10 000"
		n.words++
	}
	v, ok := parseDigits(digits, t.language.comma)
	switch {
	case !ok:
		n.text = digits
	case strings.ContainsFunc(n.suffix, unicode.IsDigit) && !(n.suffix[0] == 't' && len(digits) == 2): // "10BASE5", but "27T19" is of a date
		n.text = analysis.Fold(surface)
	case n.suffix == "s":
		n.text, n.suffix = digits+"s", ""
	case n.suffix == "st" || n.suffix == "nd" || n.suffix == "rd" || n.suffix == "th":
		n.suffix = ""
	}
	n.value = v
	if scale := t.language.values["scale"][n.suffix]; ok && n.text == "" && scale > 0 {
		n.value, n.suffix, n.scaled = v*scale, "", true // "1.3bn"
	} else if ok && n.text == "" && n.suffix == "m" && isCurrency(t.signBefore(i)) {
		n.value, n.suffix, n.scaled = v*1e6, "", true
	}
	if next := i + n.words; ok && n.text == "" && n.suffix == "" && next < len(t.words) && t.near(next) {
		if scale := t.language.values["scale"][t.words[next].folded]; scale > 0 {
			n.value *= scale
			n.words++
			n.scaled = true
		}
	}
	return n
}

// near reports whether only a space or a hyphen stands before word i.
func (t *text) near(i int) bool {
	g := t.gap(i)
	return g == " " || g == "-" || g == ""
}

func isDigits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}

// isGroup reports whether s may be the first groups of a long number.
func isGroup(s string) bool { return isDigits(s) && len(s) <= 12 }

// parseDigits reads digits with separators: "1,000", "3.5", and the other way
// round where comma says so. Three digits behind a single separator are a
// thousand where the language would write one so.
func parseDigits(s string, comma bool) (float64, bool) {
	s = latinDigits(s)
	thousands, point := ",", "."
	if comma {
		thousands, point = ".", ","
	}
	whole, fraction, decimal := strings.Cut(s, point)
	if strings.Contains(fraction, point) || strings.Contains(fraction, thousands) {
		return 0, false // "1.2.3"
	}
	groups := strings.Split(whole, thousands)
	for _, g := range groups[1:] {
		if len(g) != 3 {
			if len(groups) == 2 && !decimal { // the other convention: "3.5" in German
				v, err := strconv.ParseFloat(strings.Join(groups, "."), 64)
				return v, err == nil
			}
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(strings.Join(groups, "")+"."+fraction+"0", 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// latinDigits writes the digits of other scripts as 0 to 9.
func latinDigits(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf || !unicode.IsDigit(r) {
			return r
		}
		// Digits stand in runs of ten that begin at a multiple of ten from their zero.
		zero := r
		for unicode.IsDigit(zero-1) && r-zero < 9 {
			zero--
		}
		return '0' + (r - zero)
	}, s)
}

// speltAt reads number words: "twenty-five", "two hundred and fifty", "a
// million", "third".
func (t *text) speltAt(i int) (number, bool) {
	l := t.language
	total, current := 0.0, 0.0
	read, last := 0, 0.0 // last: what the last unit or ten was, 0 after a scale
	fresh := true        // nothing since the last scale
	scaled := false
	j := i
	if l.words["article"][t.words[i].folded] && i+1 < len(t.words) && t.near(i+1) && l.values["scale"][t.words[i+1].folded] > 0 && t.words[i].folded != "the" {
		current, fresh, read = 1, false, 1
		j++
	}
	for j < len(t.words) && (j == i || t.near(j)) {
		w := t.words[j].folded
		if v, ok := l.values["number"][w]; ok {
			if !fresh && !(last >= 20 && v < 10) && !(last == 0 && (current >= 100 || total > 0)) {
				break
			}
			current += v
			last, fresh = v, false
			j++
			read = j - i
			continue
		}
		if v, ok := l.values["ordinal"][w]; ok && (fresh || last >= 20 && v < 10 || last == 0) {
			return number{value: total + current + v, words: j + 1 - i, spelt: true}, true
		}
		if v, ok := l.values["scale"][w]; ok && (!fresh || v != 1e9 || w != "bn") {
			if fresh {
				if j == i && v < 1000 && v != 100 || v >= 1000 && !l.comma {
					break // "million" by itself counts nothing
				}
				current = 1
			}
			if v >= 1000 {
				total += current * v
				current = 0
			} else {
				current *= v
			}
			last, fresh, scaled = 0, false, true
			j++
			read = j - i
			continue
		}
		if w == "and" && scaled && j+1 < len(t.words) {
			if _, ok := l.values["number"][t.words[j+1].folded]; ok {
				j++
				continue
			}
		}
		break
	}
	if read == 0 {
		return number{}, false
	}
	return number{value: total + current, words: read, spelt: true, scaled: scaled}, true
}

// signBefore returns the unit whose sign stands before word i: "$5".
func (t *text) signBefore(i int) string {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(t.gap(i), " "))
	return units()[string(before)]
}

// unitAt returns the unit of the number in words start..end-1, and the end of
// both.
func (t *text) unitAt(start, end int, suffix string) (string, int) {
	table := units()
	if u := t.signBefore(start); u != "" {
		return u, end
	}
	if suffix != "" {
		return table[suffix], end
	}
	after := t.raw[t.words[end-1].end:]
	if end < len(t.words) {
		after = t.gap(end)
	}
	after = strings.TrimLeft(after, " ")
	if strings.HasPrefix(after, "°") && end < len(t.words) {
		if u := table["°"+t.words[end].folded]; u != "" {
			return u, end + 1
		}
	}
	first, _ := utf8.DecodeRuneInString(after)
	if u := table[string(first)]; u != "" {
		return u, end
	}
	if end >= len(t.words) || !t.near(end) {
		return "", end
	}
	w := t.words[end].folded
	if w == "per" && end+1 < len(t.words) && t.words[end+1].folded == "cent" {
		return "percent", end + 2
	}
	if (w == "square" || w == "cubic") && end+1 < len(t.words) {
		if u := table[t.words[end+1].folded]; u != "" {
			return w + " " + u, end + 2
		}
	}
	if u := table[w]; u != "" {
		return u, end + 1
	}
	return "", end
}

// checkNumbers fails a number of the claim that no cited sentence states, and
// one that stands there with another unit. 1,000 is 1000 and "one thousand";
// days of a month are left to checkDates.
func checkNumbers(c *text, e *evidence, _ Options) []Failure {
	var out []Failure
	for _, q := range c.quantities {
		if q.weak || q.inherited || c.inDate(q.start) {
			continue
		}
		found, ok := e.all.numbers[q.value]
		words := c.phrase(q.start, q.end)
		switch {
		case !ok:
			out = append(out, Failure{Number, words})
		case q.unit == "" && !found[""] && c.counts(q, e):
			out = append(out, Failure{Unit, words + " " + c.words[q.end].surface})
		case q.unit == "" || found[q.unit]:
		case len(found) == 1 && found[""] && e.all.units[q.unit] && slices.ContainsFunc(e.sentences, (*text).isTabular):
			// The source states number and unit apart, as a table does.
		default:
			out = append(out, Failure{Unit, words + " " + q.unit})
		}
	}
	out = append(out, checkClock(c, e)...)
	if len(out) == 0 {
		out = copied(c, e, Number, func(c, s *text) string {
			if disorder(c.values(0), s.values(0)) == "" {
				return excess(c.values(0), s.values(0))
			}
			return disorder(c.values(c.front()), s.values(s.front()))
		})
	}
	return out
}

// isTabular reports whether a text is a row of a table, or a label and its value.
func (t *text) isTabular() bool {
	return strings.Contains(t.raw, " | ") || strings.Contains(t.raw, ": ")
}

// aTwelve is midnight or noon in figures.
var aTwelve = regexp.MustCompile(`(?i)\b(?:0?0[:.]00|24[:.]00|12[:.]00|12 ?[ap]\.?m)\b`)

// checkClock fails a word for a time of day ("midnight") that the evidence has
// neither so nor in figures.
func checkClock(c *text, e *evidence) []Failure {
	var out []Failure
	for i := range c.words {
		w := &c.words[i]
		if !c.language.words["clock"][w.folded] || e.all.folded[w.folded] {
			continue
		}
		inFigures := slices.ContainsFunc(e.sentences, func(s *text) bool { return aTwelve.MatchString(s.raw) })
		if !inFigures {
			out = append(out, Failure{Number, w.surface})
		}
	}
	return out
}

// counts reports whether a number without a unit counts something that the
// evidence does not speak of: "60 points", where it has only "60 %".
func (t *text) counts(q quantity, e *evidence) bool {
	if q.end >= len(t.words) || !t.near(q.end) {
		return false
	}
	w := &t.words[q.end]
	return w.lower() && strings.HasSuffix(w.folded, "s") && e.all.strength(w, e.lang) == 0
}

// values returns the numbers of the text in order, of dates only the years: days
// and months are written in too many ways. Those before word front come last.
func (t *text) values(front int) []string {
	type value struct {
		at   int
		text string
	}
	var found []value
	for _, q := range t.quantities {
		if !q.inherited && !q.weak && !t.inDate(q.start) {
			found = append(found, value{q.start, q.value})
		}
	}
	for i, d := range t.dates {
		if d.year > 0 && (i == 0 || t.dates[i-1].start != d.start) {
			found = append(found, value{d.start, strconv.Itoa(d.year)})
		}
	}
	for i := range found {
		if found[i].at < front {
			found[i].at += len(t.words) // an adverbial counts as if it stood at the end
		}
	}
	slices.SortStableFunc(found, func(a, b value) int { return cmp.Compare(a.at, b.at) })
	var out []string
	for _, v := range found {
		out = append(out, v.text)
	}
	return out
}

// phrase returns words start..end-1 as they are written.
func (t *text) phrase(start, end int) string {
	return t.raw[t.words[start].start:t.words[min(end, len(t.words))-1].end]
}
