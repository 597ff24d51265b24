// Package extract reads the bytes of one file into its title, its headings and
// its blocks of text. It is pure: it opens nothing and knows no paths, only a
// name whose ending tells the format.
//
// Invariants. All text is valid UTF-8 without control characters other than
// line breaks and tabs, and without markup. No word of the source is lost but
// the markup itself, comments, and what a browser would not show. The work
// grows with the size of the file, not with its square, whatever is in it.
package extract

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
)

var (
	// ErrFormat says that the bytes are of no format that is read here.
	ErrFormat = errors.New("unknown format")
	// ErrEncoding says that the bytes are text, but not in which encoding.
	ErrEncoding = errors.New("unknown encoding")
)

// The kinds of block.
const (
	Heading = "heading"
	Prose   = "prose"
	List    = "list"
	Quote   = "quote"
	Table   = "table"
	Code    = "code"
)

// A Block is one piece of a document, in reading order.
type Block struct {
	Kind  string // one of the constants above
	Level int    // of a heading, 1 to 6; 0 otherwise
	Text  string // prose and headings on one line; items, rows and lines of code separated by "\n"
}

// A Text is what was read from a file.
type Text struct {
	Title  string // "" if the file does not have one of its own
	Blocks []Block
}

// A format is one row of the table that Read goes by. A new format is a new
// row; those that are not text get their bytes as they are.
type format struct {
	endings   []string
	looksLike func(head []byte) bool // tells by the first bytes of a file whose ending says nothing
	read      func(data []byte) (Text, error)
}

func formats() []format {
	return []format{
		{[]string{".md", ".markdown"}, looksLikeMarkdown, decoded(readMarkdown)},
		{[]string{".txt", ".text"}, looksLikeText, decoded(readPlain)},
	}
}

// Known tells whether the ending of name names a format that Read reads.
func Known(name string) bool {
	_, ok := formatByEnding(name)
	return ok
}

// Read reads data, the content of the file name. The ending of name tells the
// format; where it says nothing, the content does. ErrFormat or ErrEncoding is
// wrapped with what was seen and what to do. A file without text is no error.
func Read(name string, data []byte) (Text, error) {
	if other := foreign(name, data); other != "" {
		return Text{}, fmt.Errorf("%w: this is %s; save it as plain text or Markdown", ErrFormat, other)
	}
	if f, ok := formatByEnding(name); ok {
		return f.read(data)
	}
	head := data[:min(len(data), sniffLength)]
	for _, f := range formats() {
		if f.looksLike(head) {
			return f.read(data)
		}
	}
	return Text{}, fmt.Errorf("%w: neither the ending of the name nor the content tells it", ErrFormat)
}

func formatByEnding(name string) (format, bool) {
	ending := ending(name)
	for _, f := range formats() {
		for _, e := range f.endings {
			if e == ending {
				return f, true
			}
		}
	}
	return format{}, false
}

func ending(name string) string {
	return strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/")))
}

// decoded makes a reader of bytes from a reader of text.
func decoded(read func(text string) Text) func([]byte) (Text, error) {
	return func(data []byte) (Text, error) {
		text, err := decode(data)
		if err != nil {
			return Text{}, err
		}
		return read(text), nil
	}
}

// sniffLength is how much of a file is looked at to tell its format.
const sniffLength = 4 << 10

// magics are the first bytes of formats that people take for text.
var magics = []struct{ prefix, name string }{
	{"%PDF-", "a PDF"},
	{"PK\x03\x04", "a ZIP archive or an Office document"},
	{"\xd0\xcf\x11\xe0", "an old Office document"},
	{`{\rtf`, "RTF"},
	{"\x1f\x8b", "a gzip archive"},
	{"\x89PNG", "an image"},
	{"\xff\xd8\xff", "an image"},
	{"GIF8", "an image"},
	{"SQLite format 3", "a database"},
	{"\x7fELF", "a program"},
}

// foreignEndings name formats that would pass for text.
var foreignEndings = map[string]string{
	".html": "HTML", ".htm": "HTML", ".xhtml": "HTML", ".xml": "XML", ".rtf": "RTF",
	".pdf": "a PDF", ".doc": "an Office document", ".docx": "an Office document", ".odt": "an Office document",
	".pptx": "an Office document", ".xlsx": "an Office document", ".epub": "an e-book",
}

// foreign names the format of data if it is none that is read here. A file
// that says it is text is believed, unless its first bytes prove otherwise.
func foreign(name string, data []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(data, []byte(m.prefix)) {
			return m.name
		}
	}
	if other := foreignEndings[ending(name)]; other != "" {
		return other
	}
	start := strings.ToLower(string(bytes.TrimLeft(data[:min(len(data), 256)], "\ufeff \t\r\n")))
	if !Known(name) && (strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")) {
		return "HTML"
	}
	return ""
}

// looksLikeText accepts everything: decode finds out what is binary.
func looksLikeText([]byte) bool { return true }

// looksLikeMarkdown looks for front matter, a heading or a fence.
func looksLikeMarkdown(head []byte) bool {
	if _, _, ok := frontMatter(string(head)); ok {
		return true
	}
	for line := range bytes.Lines(head) {
		if bytes.HasPrefix(line, []byte("```")) {
			return true
		}
		marks := len(line) - len(bytes.TrimLeft(line, "#"))
		if 1 <= marks && marks <= 6 && marks < len(line) && line[marks] == ' ' {
			return true
		}
	}
	return false
}
