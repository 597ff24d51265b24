package gate

import (
	"strconv"
	"strings"

	"summitbot/knowledge/analysis"
)

// A date is a day or a month as a text states it; what it does not state is 0.
type date struct {
	year, month, day int
	start, end       int // words
}

// readDates finds the dates of the text: 3 May 2024, May 3rd, 2024, 17-19
// October, 2024-05-03, 3.5.2024, 5/3/2024 (both ways round).
func (t *text) readDates() {
	for i := 0; i < len(t.words); {
		ds := t.monthAt(i)
		if ds == nil {
			ds = t.numericAt(i)
		}
		t.dates = append(t.dates, ds...)
		if ds == nil {
			i++
		} else {
			i = ds[len(ds)-1].end
		}
	}
}

// monthAt reads the dates around a month's name at word i.
func (t *text) monthAt(i int) []date {
	w := &t.words[i]
	month := t.language.months[w.folded]
	if month == 0 || w.link || t.lang == "en" && !w.capital {
		return nil
	}
	d := date{month: month, start: i, end: i + 1}
	var days []int
	// Days before: 3 May, 3rd of May, 17-19 October.
	j := i - 1
	if j >= 0 && t.language.words["filler"][t.words[j].folded] {
		j--
	}
	if day := t.dayAt(j); day > 0 && j >= t.dated() && (!t.words[i].hard || t.language.comma && t.gap(i) == ". ") { // "3. Mai"
		days = append(days, day)
		d.start = j
		if k, other := t.other(j-1, -1); other > 0 && k >= t.dated() {
			days = append(days, other)
			d.start = k
		}
	}
	// Days after: May 3, May 3-5.
	if len(days) == 0 && i+1 < len(t.words) && !t.words[i+1].hard {
		if day := t.dayAt(i + 1); day > 0 {
			days = append(days, day)
			d.end = i + 2
			if k, other := t.other(i+2, 1); other > 0 && t.yearAt(k) == 0 {
				days = append(days, other)
				d.end = k + 1
			}
		}
	}
	if len(days) == 0 && t.lang == "en" && t.yearAt(i+1) == 0 && t.otherwise(i) {
		return nil
	}
	if year := t.yearAt(d.end); year > 0 {
		d.year = year
		d.end++
	}
	if len(days) == 0 {
		return []date{d}
	}
	var out []date
	for _, day := range days {
		d.day = day
		out = append(out, d)
	}
	return out
}

// otherwise reports whether what reads like an English month at word i is more
// likely a name or a verb without a number beside it: "May we", "Theresa May",
// "March on", "Jan Smith".
func (t *text) otherwise(i int) bool {
	w := &t.words[i]
	return letters(w.folded) <= 4 && w.folded != "june" && w.folded != "july" && (w.initial || w.folded != "may" || !t.words[i-1].stop) ||
		w.folded == "march" && w.initial
}

// dated returns the word behind the last date.
func (t *text) dated() int {
	if len(t.dates) == 0 {
		return 0
	}
	return t.dates[len(t.dates)-1].end
}

// other looks for a second day of a range or a pair at word i, in a direction.
func (t *text) other(i, step int) (int, int) {
	if i < 0 || i >= len(t.words) {
		return 0, 0
	}
	gap := t.gap(max(i, i-step)) // between the two days
	switch t.words[i].folded {
	case "to", "and", "bis", "und":
		return i + step, t.dayAt(i + step)
	}
	if g := strings.TrimSpace(gap); g == "-" || g == "–" || g == "/" {
		return i, t.dayAt(i)
	}
	return 0, 0
}

// dayAt returns the day of a month at word i, or 0.
func (t *text) dayAt(i int) int {
	if i < 0 || i >= len(t.words) || t.words[i].link {
		return 0
	}
	if v := t.language.values["ordinal"][t.words[i].folded]; v > 0 && v <= 31 {
		return int(v)
	}
	s := analysis.Fold(t.words[i].surface) // cuts "rd"
	if len(s) > 2 {
		return 0
	}
	day, err := strconv.Atoi(s)
	if err != nil || day < 1 || day > 31 {
		return 0
	}
	return day
}

// yearAt returns the year at word i, or 0.
func (t *text) yearAt(i int) int {
	if i < 0 || i >= len(t.words) || len(t.words[i].surface) != 4 || t.words[i].hard {
		return 0
	}
	year, err := strconv.Atoi(t.words[i].surface)
	if err != nil || year < 1000 || year > 2999 {
		return 0
	}
	return year
}

// numericAt reads a date in figures at word i.
func (t *text) numericAt(i int) []date {
	w := &t.words[i]
	if !w.number || w.link {
		return nil
	}
	if parts := strings.Split(w.surface, "."); len(parts) == 3 && len(parts[2]) == 4 {
		return numeric(parts[2], parts[1], parts[0], i, i+1, false)
	}
	if i+2 >= len(t.words) {
		return nil
	}
	a, b, c := w.surface, t.words[i+1].surface, t.words[i+2].surface
	switch gap := t.gap(i+1) + t.gap(i+2); {
	case gap == "--" && len(a) == 4:
		if len(c) > 2 && (c[2] == 'T' || c[2] == 't') {
			c = c[:2] // the hour follows
		}
		return numeric(a, b, c, i, i+3, false)
	case gap == "//" && len(c) == 4:
		return numeric(c, a, b, i, i+3, true)
	}
	return nil
}

func numeric(year, month, day string, start, end int, either bool) []date {
	y, err1 := strconv.Atoi(year)
	m, err2 := strconv.Atoi(month)
	d, err3 := strconv.Atoi(day)
	if err1 != nil || err2 != nil || err3 != nil || y < 1000 || y > 2999 || m < 1 || d < 1 || m > 31 || d > 31 || m > 12 && !either {
		return nil
	}
	var out []date
	if m <= 12 {
		out = append(out, date{y, m, d, start, end})
	}
	if either && d <= 12 && d != m {
		out = append(out, date{y, d, m, start, end})
	}
	return out
}

// inDate reports whether word i is part of a date.
func (t *text) inDate(i int) bool {
	for _, d := range t.dates {
		if d.start <= i && i < d.end {
			return true
		}
	}
	return false
}

// checkDates fails a date of the claim that no cited sentence states. The day
// must stand with its month; the year may stand elsewhere, since texts give it
// once.
func checkDates(c *text, e *evidence, _ Options) []Failure {
	var out []Failure
	for i, d := range c.dates {
		if i > 0 && c.dates[i-1].start == d.start && c.dates[i-1].month != d.month {
			continue // the other reading of 5/3/2024
		}
		if !e.all.hasDate(d) && !(i+1 < len(c.dates) && c.dates[i+1].start == d.start && c.dates[i+1].month != d.month && e.all.hasDate(c.dates[i+1])) {
			out = append(out, Failure{Date, c.phrase(d.start, d.end)})
		}
	}
	return out
}

func (v *vocabulary) hasDate(d date) bool {
	for _, s := range v.dates {
		if s.month != d.month || d.day != 0 && s.day != d.day {
			continue
		}
		if d.year == 0 || s.year == d.year {
			return true
		}
		if _, ok := v.numbers[strconv.Itoa(d.year)]; s.year == 0 && ok {
			return true
		}
	}
	return false
}
