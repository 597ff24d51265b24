package extract

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	// YAML as the configuration reads it.
	"github.com/goccy/go-yaml"
	// The CommonMark parser of most Go programs that read Markdown.
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// readMarkdown reads CommonMark with tables, footnotes and definition lists.
// The title is that of the front matter, else the first heading of level 1,
// which is then no heading of the text any more.
func readMarkdown(source string) Text {
	title, body, _ := frontMatter(source)
	m := markdown{source: []byte(tame(body)), title: title}
	p := goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.DefinitionList),
		goldmark.WithParserOptions(
			parser.WithAttribute(),
			// Footnotes without the extension's last step, which throws away
			// the notes that nothing refers to.
			parser.WithBlockParsers(util.Prioritized(extension.NewFootnoteBlockParser(), 999)),
			parser.WithInlineParsers(util.Prioritized(extension.NewFootnoteParser(), 101)),
		),
	).Parser()
	m.readChildren(p.Parse(text.NewReader(m.source)))
	return Text{Title: m.title, Blocks: m.blocks}
}

// markdown is one reading of a parsed source.
type markdown struct {
	source []byte
	title  string
	blocks []Block
}

// readChildren makes a block of each child of the document.
func (m *markdown) readChildren(document ast.Node) {
	for n := document.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			m.addHeading(n)
		case *ast.List, *tables.DefinitionList:
			m.add(List, m.lines(n))
		case *ast.Blockquote:
			m.add(Quote, m.lines(n))
		case *tables.Table:
			m.add(Table, m.lines(n))
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			m.add(Code, m.lines(n))
		case *tables.FootnoteList:
			for note := n.FirstChild(); note != nil; note = note.NextSibling() {
				m.add(Prose, []string{strings.Join(m.lines(note), " ")})
			}
		default:
			m.add(Prose, m.lines(n))
		}
	}
}

func (m *markdown) addHeading(h *ast.Heading) {
	heading := m.inline(h)
	if h.Level == 1 && (m.title == "" || m.title == heading) {
		m.title = heading
		return
	}
	if heading != "" {
		m.blocks = append(m.blocks, Block{Heading, h.Level, heading})
	}
}

func (m *markdown) add(kind string, lines []string) {
	if joined := strings.Trim(strings.Join(lines, "\n"), "\n"); strings.TrimSpace(joined) != "" {
		m.blocks = append(m.blocks, Block{Kind: kind, Text: joined})
	}
}

// lines returns the text of the block n: one line for each paragraph, row or
// line of code in it, however deep.
func (m *markdown) lines(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock, *ast.Heading, *tables.DefinitionTerm:
		return nonEmpty(m.inline(n))
	case *ast.HTMLBlock:
		raw := string(n.Lines().Value(m.source))
		if n.HasClosure() {
			raw += string(n.ClosureLine.Value(m.source))
		}
		return nonEmpty(htmlText(raw))
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return strings.Split(strings.TrimRight(string(n.Lines().Value(m.source)), "\n"), "\n")
	case *tables.TableRow, *tables.TableHeader:
		return nonEmpty(m.row(n))
	}
	var lines []string
	position := 0
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		of := m.lines(child)
		if list, ok := n.(*ast.List); ok && len(of) > 0 {
			of[0] = number(list, position) + of[0]
		}
		lines = append(lines, of...)
		position++
	}
	return lines
}

func nonEmpty(line string) []string {
	if line == "" {
		return nil
	}
	return []string{line}
}

// row puts the cells of a row side by side.
func (m *markdown) row(row ast.Node) string {
	var cells []string
	for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
		cells = append(cells, m.inline(cell))
	}
	return strings.TrimSpace(strings.Join(cells, " | "))
}

// number returns what stands before an item of a list. People refer to a step
// by its number, so that is text; a bullet is not.
func number(list *ast.List, position int) string {
	if !list.IsOrdered() {
		return ""
	}
	return strconv.Itoa(list.Start+position) + string(list.Marker) + " "
}

// inline returns the text in n on one line.
func (m *markdown) inline(n ast.Node) string {
	var b strings.Builder
	m.writeInline(&b, n)
	return strings.TrimSpace(oneLine(clean(b.String())))
}

func (m *markdown) writeInline(b *strings.Builder, parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			value := string(n.Value(m.source))
			if _, raw := parent.(*ast.CodeSpan); !raw && !n.IsRaw() {
				value = unescape(value)
			}
			b.WriteString(value)
			if (n.SoftLineBreak() || n.HardLineBreak()) && m.breakIsSpace(value, n.NextSibling()) {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(m.source))
		case *ast.RawHTML:
			b.WriteString(inlineHTML(string(n.Segments.Value(m.source))))
		case *tables.FootnoteLink:
		default:
			m.writeInline(b, n)
		}
	}
}

// breakIsSpace tells whether the line break after value stands for a space. It
// does not in scripts that are written without any.
func (m *markdown) breakIsSpace(value string, next ast.Node) bool {
	following, ok := next.(*ast.Text)
	if !ok {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(value)
	first, _ := utf8.DecodeRune(following.Value(m.source))
	return !isEastAsian(last) || !isEastAsian(first)
}

// reference returns the character reference that s begins with, or "".
func reference(s string) string {
	end := strings.IndexByte(s, ';')
	if end < 0 || strings.ContainsFunc(s[1:end], func(r rune) bool {
		return r != '#' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}) {
		return ""
	}
	return s[:end+1]
}

// longestReference is the length of the longest name that HTML gives a character.
const longestReference = len("&CounterClockwiseContourIntegral;")

// unescape resolves backslash escapes and character references in one pass:
// an escaped "&" begins no reference.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && isASCIIPunct(s[i+1]):
			i++
		case s[i] == '&':
			if reference := reference(s[i:min(len(s), i+longestReference)]); reference != "" {
				b.WriteString(html.UnescapeString(reference))
				i += len(reference) - 1
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isASCIIPunct(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// longestFrontMatter bounds what is searched for the end of the front matter.
const longestFrontMatter = 64 << 10

// frontMatter returns the title that the front matter of source gives, if any,
// and what follows the front matter; ok is false if there is none.
func frontMatter(source string) (title, body string, ok bool) {
	fence, rest, _ := strings.Cut(source, "\n")
	fence = strings.TrimRight(fence, " \t")
	if fence != "---" && fence != "+++" {
		return "", source, false
	}
	end, after := -1, 0
	for at := 0; at < min(len(rest), longestFrontMatter) && end < 0; {
		line, _, _ := strings.Cut(rest[at:], "\n")
		after = min(len(rest), at+len(line)+1)
		if trimmed := strings.TrimRight(line, " \t"); trimmed == fence || fence == "---" && trimmed == "..." {
			end = at
		}
		at = after
	}
	if end < 0 {
		return "", source, false
	}
	title, ok = matterTitle(fence, rest[:end])
	if !ok {
		return "", source, false
	}
	return title, rest[after:], true
}

// matterTitle reads the title from front matter; ok is false if matter is not
// a list of keys, and so is a part of the text between two rules. Only the
// title is parsed: the rest of the matter, anchors and all, is not our business.
func matterTitle(fence, matter string) (title string, ok bool) {
	separator := ":"
	if fence == "+++" {
		separator = "="
	}
	for line := range strings.Lines(matter) {
		line = strings.TrimRight(line, " \t\n")
		if line == "" || strings.IndexByte(" \t#-[]", line[0]) >= 0 {
			continue
		}
		key, value, found := strings.Cut(line, separator)
		if key = strings.TrimSpace(key); !found || key == "" || strings.ContainsAny(key, " \t") {
			return "", false
		}
		if ok = true; key == "title" {
			title = scalar(value)
		}
	}
	return title, ok
}

// scalar returns the string that a YAML scalar stands for. The strings of TOML
// are strings of YAML as well.
func scalar(source string) string {
	var value string
	if err := yaml.Unmarshal([]byte(source), &value); err != nil {
		return ""
	}
	return strings.TrimSpace(oneLine(clean(value)))
}

const (
	// deepestNesting is how many quotes and lists may begin on one line.
	deepestNesting = 32
	// longestTarget is how far behind "](" the end of the link is looked for.
	longestTarget = 4 << 10
	// openLinks is how many links without an end a file may have.
	openLinks = 64
	// definitionRun is how many link definitions are parsed as one paragraph.
	definitionRun = 64
)

// tame takes the meaning from markup on which the parser needs time that grows
// with the square of the text: 200 kB of "[a](" or "> > >" take 10 seconds.
// Nearly every source is returned as it is.
func tame(source string) string {
	var (
		b           strings.Builder
		kept        int // up to where source is written
		at          int
		definitions int // lines in a row that define links
		open        = hasOpenLinks(source)
	)
	insert := func(mark string, at int) {
		b.WriteString(source[kept:at])
		b.WriteString(mark)
		kept = at
	}
	for line := range strings.Lines(source) {
		if line[0] != '[' || !strings.Contains(line, "]:") {
			definitions = 0
		} else if definitions++; definitions%definitionRun == 0 {
			insert("\n", at)
		}
		if nested := nesting(line); nested >= 0 {
			insert(`\`, at+nested)
		}
		for i := 0; open; {
			link := strings.Index(line[i:], "](")
			if link < 0 {
				break
			}
			i += link + 1
			insert(`\`, at+i)
		}
		at += len(line)
	}
	if kept == 0 {
		return source
	}
	b.WriteString(source[kept:])
	return b.String()
}

// hasOpenLinks tells whether many links are begun before the one before them
// is ended. The parser reads on from each of them to the same far end.
func hasOpenLinks(source string) bool {
	if strings.Count(source, "](") <= openLinks {
		return false
	}
	open, nextLink, nextEnd := 0, len(source), len(source)
	for i := len(source) - 2; i >= 0; i-- {
		switch {
		case source[i] == ')':
			nextEnd = i
		case source[i] == ']' && source[i+1] == '(':
			if nextLink < nextEnd && nextEnd-i > longestTarget {
				open++
			}
			nextLink = i
		}
	}
	return open > openLinks
}

// nesting returns where on a line the nesting gets too deep, or -1. A row of
// dashes or stars is a rule, not a nest of lists.
func nesting(line string) int {
	depth := 0
	for i, c := range []byte(line) {
		switch {
		case strings.IndexByte(">-+*.)", c) >= 0:
			if depth++; depth <= deepestNesting {
				continue
			}
			if strings.Trim(line, "-*_ \t\n") == "" {
				return -1
			}
			return i
		case c != ' ' && c != '\t' && (c < '0' || c > '9'):
			return -1
		}
	}
	return -1
}
