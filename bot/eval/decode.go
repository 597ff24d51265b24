package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	// Not the parser that config uses: that one stumbles over a question mark
	// in a flow list without quotes, as in "history: [Who is going?]", which
	// is good YAML and what people write here.
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A value is one value of a question file, whatever format it came in.
type value struct {
	line   int
	kind   kind
	text   string  // of a scalar, as written
	items  []value // of an array
	fields []field // of an object, in order, duplicates included
}

type field struct {
	line  int
	key   string
	value value
}

// kind is what a value is, in words that an error can use.
type kind string

const (
	null    kind = "nothing"
	boolean kind = "true or false"
	number  kind = "a number"
	str     kind = "a text"
	array   kind = "a list"
	object  kind = "a mapping"
)

func (v value) scalar() bool { return v.kind == boolean || v.kind == number || v.kind == str }

// list returns the items of a list; one value alone stands for a list of it.
func (v value) list() []value {
	if v.kind == array {
		return v.items
	}
	return []value{v}
}

// decode reads the entries of a question file.
func decode(name string, data []byte) ([]value, []fault) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		line := 1
		for text := range bytes.Lines(data) {
			if !utf8.Valid(text) {
				break
			}
			line++
		}
		return nil, []fault{{line, "not UTF-8 text; save the file as UTF-8"}}
	}
	first := bytes.TrimSpace(data)
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case ext == ".yaml" || ext == ".yml":
		return decodeYAML(data)
	case ext == ".jsonl" || ext == ".ndjson" || bytes.HasPrefix(first, []byte("{")):
		return decodeLines(data)
	case ext == ".json" || json.Valid(data):
		return decodeJSON(data)
	}
	return decodeYAML(data)
}

// decodeLines reads one JSON object a line; blank lines are skipped.
func decodeLines(data []byte) (entries []value, faults []fault) {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		v, err := (&jsonReader{data: text, line: line}).whole()
		if err != nil {
			faults = append(faults, fault{line, "JSON: " + err.Error()})
			continue
		}
		entries = append(entries, v)
	}
	return entries, faults
}

// decodeJSON reads a JSON array of objects.
func decodeJSON(data []byte) ([]value, []fault) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	r := &jsonReader{data: data, line: 1}
	v, err := r.whole()
	if err != nil {
		return nil, []fault{{r.line, "JSON: " + err.Error()}}
	}
	return entriesOf(v)
}

// entriesOf returns the items of a whole file's value.
func entriesOf(v value) ([]value, []fault) {
	switch v.kind {
	case array:
		return v.items, nil
	case null:
		return nil, nil
	}
	return nil, []fault{{v.line, fmt.Sprintf("%s where a list of questions should stand", v.kind)}}
}

// maxNesting bounds how deep a value is followed; a question needs three levels.
const maxNesting = 16

var errNested = errors.New("nested too deep for a question")

// A jsonReader reads JSON by tokens, because lines and duplicate keys are lost
// on the way into a struct.
type jsonReader struct {
	data    []byte
	decoder *json.Decoder
	line    int   // of the last token
	at      int64 // offset that line belongs to
}

// whole reads one value and checks that nothing follows.
func (r *jsonReader) whole() (value, error) {
	r.decoder = json.NewDecoder(bytes.NewReader(r.data))
	r.decoder.UseNumber()
	v, err := r.value(0)
	if err != nil {
		return v, r.located(err)
	}
	if rest := bytes.TrimSpace(r.data[r.decoder.InputOffset():]); len(rest) > 0 {
		return v, errors.New("something follows the value")
	}
	return v, nil
}

// located moves the line to where err was found, if err says.
func (r *jsonReader) located(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		r.advance(int64(len(bytes.TrimRight(r.data, " \t\r\n"))))
		return errors.New("it ends in the middle of a value")
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		r.advance(min(max(syntax.Offset-1, r.at), int64(len(r.data))))
	}
	return err
}

func (r *jsonReader) advance(to int64) {
	r.line += bytes.Count(r.data[r.at:to], []byte("\n"))
	r.at = to
}

func (r *jsonReader) token() (json.Token, error) {
	t, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	r.advance(r.decoder.InputOffset())
	return t, nil
}

func (r *jsonReader) value(depth int) (value, error) {
	if depth > maxNesting {
		return value{}, errNested
	}
	t, err := r.token()
	if err != nil {
		return value{}, err
	}
	v := value{line: r.line}
	switch t := t.(type) {
	case nil:
		v.kind = null
	case bool:
		v.kind, v.text = boolean, fmt.Sprint(t)
	case json.Number:
		v.kind, v.text = number, t.String()
	case string:
		v.kind, v.text = str, t
	case json.Delim:
		if t == '[' {
			v.kind = array
			for r.decoder.More() {
				item, err := r.value(depth + 1)
				if err != nil {
					return v, err
				}
				v.items = append(v.items, item)
			}
		} else {
			v.kind = object
			for r.decoder.More() {
				key, err := r.token()
				if err != nil {
					return v, err
				}
				f := field{line: r.line, key: fmt.Sprint(key)}
				if f.value, err = r.value(depth + 1); err != nil {
					return v, err
				}
				v.fields = append(v.fields, f)
			}
		}
		_, err = r.token() // the closing bracket
	}
	return v, err
}

// decodeYAML reads a YAML list; several documents of one file follow each other.
func decodeYAML(data []byte) (entries []value, faults []fault) {
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, what := 1, err.Error()
		if e, ok := errors.AsType[yaml.Error](err); ok {
			what = e.GetMessage()
			if t := e.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
		}
		return nil, []fault{{line, "YAML: " + what}}
	}
	for _, document := range file.Docs {
		if document.Body == nil {
			continue
		}
		e, f := entriesOf(yamlValue(document.Body, 0))
		entries, faults = append(entries, e...), append(faults, f...)
	}
	return entries, faults
}

// yamlValue translates a node. What a question file has no use for, such as an
// anchor, becomes a value of a kind of its own, which no key accepts.
func yamlValue(node ast.Node, depth int) value {
	v := value{line: 1}
	if t := node.GetToken(); t != nil && t.Position != nil {
		v.line = t.Position.Line
	}
	if depth > maxNesting {
		v.kind = kind(errNested.Error())
		return v
	}
	switch n := node.(type) {
	case *ast.NullNode:
		v.kind = null
	case *ast.BoolNode:
		v.kind, v.text = boolean, fmt.Sprint(n.Value)
	case *ast.IntegerNode:
		v.kind, v.text = number, n.Token.Value
	case *ast.FloatNode:
		v.kind, v.text = number, n.Token.Value
	case *ast.InfinityNode, *ast.NanNode:
		v.kind, v.text = str, node.GetToken().Value // ".inf" as an answer is a word like any other
	case *ast.StringNode:
		v.kind, v.text = str, n.Value
	case *ast.LiteralNode:
		v.kind, v.text = str, n.Value.Value
	case *ast.SequenceNode:
		v.kind = array
		for _, item := range n.Values {
			v.items = append(v.items, yamlValue(item, depth+1))
		}
	case *ast.MappingNode:
		return yamlMapping(v.line, n.Values, depth)
	case *ast.MappingValueNode:
		return yamlMapping(v.line, []*ast.MappingValueNode{n}, depth)
	default:
		v.kind = kind("a YAML " + strings.ToLower(node.Type().String()))
	}
	return v
}

func yamlMapping(line int, nodes []*ast.MappingValueNode, depth int) value {
	v := value{line: line, kind: object}
	for i, n := range nodes {
		key := yamlValue(n.Key, depth+1)
		if i == 0 {
			v.line = key.line // the mapping's own token is a colon, which may stand further down
		}
		v.fields = append(v.fields, field{line: key.line, key: key.text, value: yamlValue(n.Value, depth+1)})
	}
	return v
}
