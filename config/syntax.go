package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	// The classic parser, kept up by the YAML organisation: a strict reading of
	// YAML, bounded depth, and a node tree in which aliases are not copied out.
	"go.yaml.in/yaml/v3"
)

// A syntaxError is the first place at which the text stops being YAML.
type syntaxError struct {
	line, column int
	message      string
}

// readYAML returns the root node of the one document in data, or nil if there
// is none.
func readYAML(data []byte) (*yaml.Node, *syntaxError) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := checkText(data); err != nil {
		return nil, err
	}
	lines := &lineReader{rest: data}
	dec := yaml.NewDecoder(lines)
	var first, second yaml.Node
	switch err := dec.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, explain(err, lines.count, data)
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
		return first.Content[0], nil
	case err != nil:
		return nil, explain(err, lines.count, data)
	}
	return nil, &syntaxError{second.Line, second.Column, `a second document begins here; leave out the "---" and write one`}
}

// checkText finds what no editor shows before the parser stumbles over it.
func checkText(data []byte) *syntaxError {
	if len(data) > maxBytes {
		return &syntaxError{1, 1, "larger than 1 MiB; this is not a configuration"}
	}
	line, column := 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			return &syntaxError{line, column, fmt.Sprintf("byte 0x%02x is not UTF-8 text; save the file as UTF-8", data[0])}
		case r < ' ' && r != '\t' && r != '\n' && r != '\r':
			return &syntaxError{line, column, fmt.Sprintf("control character %U; this is not a text file", r)}
		case r == '\n':
			line, column = line+1, 0
		}
		column++
		data = data[size:]
	}
	return nil
}

// A lineReader hands out one line with each Read and counts them. The parser
// reads no further than it must, so when it fails, the count is the line that
// it failed on. Its own messages name the line where the surrounding block
// began, one line less, or none.
type lineReader struct {
	rest  []byte
	count int
	open  bool // the last Read ended inside a line
}

func (r *lineReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	end := bytes.IndexByte(r.rest, '\n') + 1
	if end == 0 {
		end = len(r.rest)
	}
	n := copy(p, r.rest[:end])
	if !r.open {
		r.count++
	}
	r.open = n < end
	r.rest = r.rest[n:]
	return n, nil
}

var (
	reportedLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)
	noSpace      = regexp.MustCompile(`^\s*(?:- +)?[A-Za-z_]+:[^\s/]`) // key:value, but not https://
	tabIndent    = regexp.MustCompile(`^ *\t`)
)

// explain turns the parser's error at line into words for whoever wrote data.
func explain(err error, line int, data []byte) *syntaxError {
	lines := strings.Split(string(data), "\n")
	at := func(n int) string { // line n, or "" outside
		if n < 1 || n > len(lines) {
			return ""
		}
		return lines[n-1]
	}
	place := func(n int, message string) *syntaxError {
		indent := len(at(n)) - len(strings.TrimLeft(at(n), " \t"))
		return &syntaxError{max(n, 1), indent + 1, message}
	}
	found := reportedLine.FindStringSubmatch(err.Error())
	if found == nil {
		return place(line, "not YAML: "+err.Error())
	}
	message := err.Error()[len(found[0]):]
	is := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(message, p) {
				return true
			}
		}
		return false
	}
	if is("cannot start any token", "tab character", "expected key", "indicator") {
		for _, n := range []int{line, line - 1} {
			if tabIndent.MatchString(at(n)) {
				return place(n, "a tab is used to indent; use spaces")
			}
		}
	}
	switch {
	case is("mapping values are not allowed", "could not find expected ':'"):
		// Both notice the mistake one line late now and then.
		if n, err := strconv.Atoi(found[1]); err == nil && n == line-1 {
			line = n
		}
		for _, n := range []int{line, line - 1} {
			if noSpace.MatchString(at(n)) {
				return place(n, `write a space after the colon: "key: value"`)
			}
		}
		if is("could not find") {
			return place(line, `this is not a setting; write "key: value"`)
		}
		return place(line, `a second ": " or a wrong indentation; put quotes around a value that holds ": "`)
	case is("expected key", "expected '-' indicator", "expected <document start>", "block sequence entries are not allowed"):
		return place(line, "this does not fit the lines above; settings of one section are indented by the same number of spaces, and nothing follows a closing quote")
	case is("expected ',' or"):
		return place(line, "a [ or { above is not closed")
	case is("expected node content"):
		return place(line, "a value is missing here, or a ] or } is too many")
	case is("alphabetic or numeric"):
		return place(line, "put quotes around a value that begins with * or &")
	case is("cannot start any token"):
		return place(line, "put quotes around a value that begins with @, ` or %")
	case is("escape"), is("hexdecimal"):
		return place(line, `inside double quotes \ begins an escape; use single quotes`)
	case is("unexpected end of stream"):
		return place(openQuote(lines), "a quote is opened here and never closed")
	case is("unknown anchor"):
		return place(line, "put quotes around a value that begins with *; nothing before it is named so by &")
	case is("max depth"):
		return place(line, "nested too deep; this is not a configuration")
	}
	return place(line, "not YAML: "+message)
}

// openQuote returns the line with the quote that is open at the end: the last
// of the shortest beginning that ends inside a quote as the whole does.
func openQuote(lines []string) int {
	return 1 + sort.Search(len(lines)-1, func(i int) bool {
		var n yaml.Node
		err := yaml.Unmarshal([]byte(strings.Join(lines[:i+1], "\n")), &n)
		return err != nil && strings.Contains(err.Error(), "unexpected end of stream")
	})
}
