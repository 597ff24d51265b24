// Command spec validates exchanges of the tests beside it against the published
// OpenAPI description of the API: every request, and every reply that is to follow
// the API. It ends with status 1 if one does not.
//
//	spec OPENAPI.yaml EXCHANGES.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "spec:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: spec OPENAPI.yaml EXCHANGES.jsonl")
	}
	description, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	v, err := newValidator(description)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	f, err := os.Open(args[1])
	if err != nil {
		return err
	}
	defer f.Close()
	if err := v.all(f); err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	fmt.Fprintf(out, "%d requests, %d events of %d streams and %d errors are as the API describes them; %d replies are odd on purpose\n",
		v.requests, v.events, v.streams, v.failures, v.odd)
	return nil
}

// An exchange is one line, as the tests write it.
type exchange struct {
	Behaviour string          `json:"behaviour"`
	Method    string          `json:"method"`
	Path      string          `json:"path"`
	Request   json.RawMessage `json:"request"`
	Status    int             `json:"status"`
	Type      string          `json:"type"`
	Body      string          `json:"body"`
	Odd       string          `json:"odd"`
}

// A validator knows the schemas of chat completions and counts what it saw.
type validator struct {
	request, event, failure *jsonschema.Schema

	requests, streams, events, failures, odd int
}

// Where the schemas stand in the description.
const (
	requestAt = "#/components/schemas/CreateChatCompletionRequest"
	eventAt   = "#/components/schemas/CreateChatCompletionStreamResponse"
	failureAt = "#/components/schemas/ErrorResponse"
)

func newValidator(description []byte) (*validator, error) {
	var document any
	if err := yaml.Unmarshal(description, &document); err != nil {
		return nil, err
	}
	document = nullable(document)
	strict(document)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	const at = "openapi.json"
	if err := c.AddResource(at, document); err != nil {
		return nil, err
	}
	v := &validator{}
	for _, s := range []struct {
		to *(*jsonschema.Schema)
		at string
	}{{&v.request, requestAt}, {&v.event, eventAt}, {&v.failure, failureAt}} {
		schema, err := c.Compile(at + s.at)
		if err != nil {
			return nil, err
		}
		*s.to = schema
	}
	return v, nil
}

// nullable writes OpenAPI 3.0's "nullable", which the description still has
// although it calls itself 3.1, the way that JSON Schema says it.
func nullable(node any) any {
	switch n := node.(type) {
	case map[string]any:
		for key, value := range n {
			n[key] = nullable(value)
		}
		if n["nullable"] != true {
			return n
		}
		delete(n, "nullable")
		return map[string]any{"anyOf": []any{n, map[string]any{"type": "null"}}}
	case []any:
		for i, value := range n {
			n[i] = nullable(value)
		}
	}
	return node
}

// strict forbids fields of a request that the description does not have: a
// misspelt one would be ignored by some servers and refused by others.
func strict(document any) {
	node := document
	for name := range strings.SplitSeq(strings.TrimPrefix(requestAt, "#/"), "/") {
		object, ok := node.(map[string]any)
		if !ok {
			return // compiling says what is missing
		}
		node = object[name]
	}
	if request, ok := node.(map[string]any); ok {
		request["unevaluatedProperties"] = false
	}
}

// all validates every line. No line at all is an error, and so is a kind of message
// that never came: a check that saw nothing says nothing.
func (v *validator) all(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	var wrong []error
	for n := 1; lines.Scan(); n++ {
		var x exchange
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := v.one(x); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", x.Behaviour, err))
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if v.requests == 0 || v.events == 0 || v.failures == 0 {
		wrong = append(wrong, fmt.Errorf("%d requests, %d events and %d errors seen", v.requests, v.events, v.failures))
	}
	return errors.Join(wrong...)
}

func (v *validator) one(x exchange) error {
	if x.Method != "POST" || !strings.HasSuffix(x.Path, "/chat/completions") {
		return fmt.Errorf("no such operation: %s %s", x.Method, x.Path)
	}
	v.requests++
	if err := validate(v.request, string(x.Request)); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	switch {
	case x.Odd != "":
		v.odd++
	case x.Status == 200 && strings.HasPrefix(x.Type, "text/event-stream"):
		v.streams++
		return v.stream(x.Body)
	case x.Status >= 400:
		v.failures++
		if err := validate(v.failure, x.Body); err != nil {
			return fmt.Errorf("reply with status %d: %w", x.Status, err)
		}
	case x.Status == 200 && x.Body == "": // the connection ended before any reply
	default:
		return fmt.Errorf("a reply with status %d of type %q, not said to be odd", x.Status, x.Type)
	}
	return nil
}

// stream validates each event of a stream. One that was cut may end in the middle of
// a line, but not of one that the test wrote whole.
func (v *validator) stream(body string) error {
	for line := range strings.SplitSeq(body, "\n") {
		switch data, isData := strings.CutPrefix(line, "data: "); {
		case line == "", strings.HasPrefix(line, ":"), data == "[DONE]":
		case !isData:
			return fmt.Errorf("a line of no event: %q", line)
		default:
			v.events++
			if err := validate(v.event, data); err != nil {
				return fmt.Errorf("event %s: %w", data, err)
			}
		}
	}
	return nil
}

func validate(s *jsonschema.Schema, text string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(value)
}
