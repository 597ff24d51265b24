package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// widestWrap is the widest line, in columns, of text that was wrapped by
	// hand or by an editor. A longer line is a paragraph of its own.
	widestWrap = 120
	// narrowestWrap is the narrowest: nobody wraps at less, so shorter lines
	// without blank lines between them are items or verses, one a line.
	narrowestWrap = 40
	// linesPerBreak is how many lines a blank line must come with on average
	// for a text to count as one that separates paragraphs by line breaks only.
	linesPerBreak = 20
	// headingWidth and headingWords are the most columns and words of a heading.
	headingWidth = 80
	headingWords = 14
	// headingRun is how many headings may follow one another (a title, a
	// chapter, a section). A longer run is a list of short lines.
	headingRun = 3
)

// readPlain reads text without markup. What is a paragraph, a list or a
// heading is told by blank lines, by how full the lines are, and by what a
// line begins and ends with.
func readPlain(text string) Text {
	groups := groupLines(text)
	lines := 0
	for _, g := range groups {
		lines += len(g)
	}
	dense := (len(groups)-1)*linesPerBreak <= lines
	var pieces []piece
	for _, g := range groups {
		pieces = append(pieces, cutGroup(g, dense)...)
	}
	pieces = joinLists(pieces)
	markHeadings(pieces)
	return assemble(pieces)
}

// A line is one line of a plain text, trimmed.
type line struct {
	text      string
	width     int  // columns; the characters of East Asian scripts take two
	indented  bool //
	underline int  // heading level if a row of "=" or "-" stands below it
}

// groupLines returns the runs of lines between blank lines and ruled lines.
func groupLines(text string) [][]line {
	var groups [][]line
	var group []line
	flush := func() {
		if len(group) > 0 {
			groups = append(groups, group)
		}
		group = nil
	}
	for raw := range strings.Lines(text) {
		trimmed := strings.TrimSpace(raw)
		switch {
		case trimmed == "":
			flush()
		case isRule(trimmed):
			if n := len(group); n > 0 && (trimmed[0] == '=' || trimmed[0] == '-') && isShort(group[n-1]) {
				group[n-1].underline = 1
				if trimmed[0] == '-' {
					group[n-1].underline = 2
				}
				continue
			}
			flush()
		default:
			first, _ := utf8.DecodeRuneInString(raw)
			group = append(group, line{text: oneLine(trimmed), width: width(trimmed), indented: unicode.IsSpace(first)})
		}
	}
	flush()
	return groups
}

// isRule tells whether a line is a row of one mark, drawn to divide the text.
func isRule(s string) bool {
	return len(s) >= 3 && strings.IndexByte("=-*_~#", s[0]) >= 0 && strings.Trim(s, s[:1]) == ""
}

// oneLine makes one space of every run of spaces and tabs.
func oneLine(s string) string {
	if !strings.Contains(s, "  ") && !strings.ContainsAny(s, "\t\n") {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }), " ")
}

func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if isEastAsian(r) {
			n++
		}
	}
	return n
}

// isEastAsian tells whether r belongs to a script written without spaces.
func isEastAsian(r rune) bool {
	return r >= 0x2e80 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
		0x3000 <= r && r <= 0x303f || 0xff00 <= r && r <= 0xff60)
}

// A piece is a block in the making.
type piece struct {
	kind    string
	items   [][]string // the lines of each item; prose is one item
	ordered bool       // list with numbers
	level   int        // of a heading
	drawn   bool       // the heading is underlined
}

// first returns the first line.
func (p *piece) first() string { return p.items[0][0] }

// add begins an item, and extend adds a line to the last one.
func (p *piece) add(line string) { p.items = append(p.items, []string{line}) }
func (p *piece) extend(line string) {
	p.items[len(p.items)-1] = append(p.items[len(p.items)-1], line)
}

// cutGroup cuts the lines between two blank lines into pieces.
func cutGroup(group []line, dense bool) []piece {
	full := fullLines(group)
	wrapped := isWrapped(group, full, dense)
	var pieces []piece
	last := func() *piece { return &pieces[len(pieces)-1] }
	for i, l := range group {
		item, ordered, isItem := listItem(l.text)
		quoted, isQuote := strings.CutPrefix(l.text, ">")
		goesOn := i > 0 && group[i-1].underline == 0 && l.underline == 0
		switch {
		case isQuote:
			if i == 0 || last().kind != Quote {
				pieces = append(pieces, piece{kind: Quote})
			}
			last().add(strings.TrimSpace(quoted))
		case isItem:
			if i == 0 || last().kind != List || last().ordered != ordered {
				pieces = append(pieces, piece{kind: List, ordered: ordered})
			}
			last().add(item)
		case goesOn && last().kind == List && (l.indented || wrapped && full[i-1]):
			last().extend(l.text)
		case goesOn && last().kind == Prose && wrapped && !(i == 1 && opensWithHeading(group, full)):
			last().extend(l.text)
		default:
			pieces = append(pieces, piece{
				kind: Prose, items: [][]string{{l.text}}, level: l.underline, drawn: l.underline > 0,
			})
		}
	}
	return pieces
}

// fullLines tells for each line but the last whether the first word of the
// next line would have made it too long. Where it would not, the line was
// ended on purpose. A quarter of the width is allowed for wrapping by hand.
func fullLines(group []line) []bool {
	widest := 0
	for _, l := range group {
		widest = max(widest, l.width)
	}
	full := make([]bool, len(group))
	for i := range len(group) - 1 {
		next, _, _ := strings.Cut(group[i+1].text, " ")
		full[i] = 4*(group[i].width+1+width(next)) > 3*widest
	}
	return full
}

// isWrapped tells whether the lines of a group make one paragraph. Between
// blank lines they do unless a line is too long; without blank lines only if
// nearly all lines are full.
func isWrapped(group []line, full []bool, dense bool) bool {
	widest, fullCount := 0, 0
	for i, l := range group {
		widest = max(widest, l.width)
		if full[i] {
			fullCount++
		}
	}
	if widest > widestWrap {
		return false
	}
	return !dense || widest >= narrowestWrap && 5*fullCount >= 4*(len(group)-1)
}

// opensWithHeading tells whether the first line of a wrapped group stands
// above its paragraph as a heading, without a blank line between them.
func opensWithHeading(group []line, full []bool) bool {
	return !full[0] && headingShaped(group[0].text) && startsLikeSentence(group[1].text) &&
		(len(group) > 2 || group[1].width > 2*group[0].width)
}

// needsSpace tells whether a space takes the place of the line break between a
// and b: not after a hyphen, nor between characters of a script without spaces.
func needsSpace(a, b string) bool {
	last, size := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	before, _ := utf8.DecodeLastRuneInString(a[:len(a)-size])
	if isEastAsian(last) && isEastAsian(first) {
		return false
	}
	return last != '-' || !unicode.IsLetter(before) || !unicode.IsLower(first)
}

// joinItems writes each item on a line.
func joinItems(items [][]string) string {
	var b strings.Builder
	for i, lines := range items {
		if i > 0 {
			b.WriteByte('\n')
		}
		for j, l := range lines {
			if j > 0 && needsSpace(lines[j-1], l) {
				b.WriteByte(' ')
			}
			b.WriteString(l)
		}
	}
	return b.String()
}

// listItem tells whether a line is an item of a list. A bullet is cut off, a
// number is kept, since it is a part of what people refer to.
func listItem(text string) (item string, ordered, ok bool) {
	marker, rest, found := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	if !found || rest == "" {
		return "", false, false
	}
	switch marker {
	case "-", "*", "+", "•", "‣", "▪", "◦", "·", "●", "○", "■", "–":
		return rest, false, true
	}
	number := strings.TrimPrefix(marker, "(")
	if trimmed := strings.TrimRight(number, ".)"); len(trimmed) == len(number)-1 && len(trimmed) > 0 {
		digits := strings.Trim(trimmed, "0123456789") == "" && len(trimmed) <= 3
		letter := len(trimmed) == 1 && 'a' <= trimmed[0] && trimmed[0] <= 'z' && strings.HasSuffix(number, ")")
		if digits || letter {
			return text, true, true
		}
	}
	return "", false, false
}

// joinLists makes one list of lists with only blank lines between them. A
// number with nothing before or after it in its list is no list, but perhaps
// a heading: "2. Methods".
func joinLists(pieces []piece) []piece {
	joined := pieces[:0]
	for _, p := range pieces {
		if n := len(joined); n > 0 && p.kind == List && joined[n-1].kind == List && joined[n-1].ordered == p.ordered {
			joined[n-1].items = append(joined[n-1].items, p.items...)
			continue
		}
		joined = append(joined, p)
	}
	for i := range joined {
		if p := &joined[i]; p.kind == List && p.ordered && len(p.items) == 1 {
			p.kind = Prose
		}
	}
	return joined
}

// markHeadings finds the headings: short lines without closing punctuation
// that a paragraph follows.
func markHeadings(pieces []piece) {
	for i := 0; i < len(pieces); {
		end := i
		for end < len(pieces) && mayBeHeading(pieces[end]) {
			end++
		}
		if end == i {
			i++
			continue
		}
		if end < len(pieces) {
			for j := i; j < end; j++ {
				if pieces[j].drawn || end-i <= headingRun {
					pieces[j].kind = Heading
				}
			}
		}
		i = end
	}
	setLevels(pieces)
}

func mayBeHeading(p piece) bool {
	return p.kind == Prose && (p.drawn || len(p.items[0]) == 1 && headingShaped(p.first()))
}

// setLevels gives the headings their levels: underlined ones have theirs,
// numbered ones count their numbers, capitals are above the rest.
func setLevels(pieces []piece) {
	above := 0 // the deepest level of the headings that stand out, the title not counted
	for i := range pieces {
		p := &pieces[i]
		if p.kind != Heading || p.drawn {
			if p.drawn && i > 0 {
				above = max(above, p.level)
			}
			continue
		}
		switch depth := numbering(p.first()); {
		case depth > 0:
			p.level = min(depth, 6)
		case isCapitals(p.first()):
			p.level = 1
			if i > 0 {
				above = max(above, 1)
			}
		}
	}
	for i := range pieces {
		if p := &pieces[i]; p.kind == Heading && p.level == 0 {
			p.level = above + 1
		}
	}
}

// assemble makes blocks of the pieces. A heading at the very top is the title,
// unless it is numbered.
func assemble(pieces []piece) Text {
	var t Text
	for i, p := range pieces {
		switch {
		case i == 0 && p.kind == Heading && numbering(p.first()) == 0:
			t.Title = p.first()
		case p.kind == Heading:
			t.Blocks = append(t.Blocks, Block{Heading, p.level, p.first()})
		default:
			t.Blocks = append(t.Blocks, Block{Kind: p.kind, Text: joinItems(p.items)})
		}
	}
	return t
}

func isShort(l line) bool { return l.width <= headingWidth }

// headingShaped tells whether a line looks like a heading by itself.
func headingShaped(text string) bool {
	if len(text) > headingWidth*utf8.UTFMax || width(text) > headingWidth || strings.Count(text, " ") >= headingWords {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(text, isClosing))
	if last == '.' || last == ':' || last == ';' || last == ',' || last == '…' || last == '、' || last == '，' ||
		unicode.Is(unicode.Sentence_Terminal, last) {
		return false
	}
	return startsLikeSentence(text) && strings.ContainsFunc(text, unicode.IsLetter) &&
		!strings.Contains(text, "://") && !strings.Contains(text, " | ")
}

// startsLikeSentence tells whether text begins with a capital, a number, or a
// letter of a script that has no capitals.
func startsLikeSentence(text string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(text, func(r rune) bool {
		return unicode.IsPunct(r) || unicode.IsSymbol(r)
	}))
	return unicode.IsDigit(first) || unicode.IsLetter(first) && !unicode.IsLower(first)
}

func isClosing(r rune) bool {
	return r == '"' || r == '\'' || unicode.In(r, unicode.Pe, unicode.Pf, unicode.Pi)
}

// numbering returns how many numbers a heading such as "2.1 Scope" begins
// with, or 0. A year is not such a number.
func numbering(text string) int {
	number, rest, _ := strings.Cut(text, " ")
	number = strings.TrimRight(number, ".)")
	if !startsLikeSentence(rest) || !strings.ContainsFunc(rest, unicode.IsLetter) {
		return 0
	}
	depth := 0
	for part := range strings.SplitSeq(number, ".") {
		if part == "" || len(part) > 3 || strings.Trim(part, "0123456789") != "" {
			return 0
		}
		depth++
	}
	return depth
}

// isCapitals tells whether all letters of text are capitals.
func isCapitals(text string) bool {
	return strings.ToUpper(text) == text && strings.ToLower(text) != text
}
