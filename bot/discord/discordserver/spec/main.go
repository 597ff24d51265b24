// Command spec validates calls that the tests recorded against Discord's own
// OpenAPI description of its API: every request, and every reply of the server
// for tests that is no error. It ends with status 1 if one does not fit.
//
// With -taken it leaves out the calls that the server refused: its own tests send
// wrong ones on purpose.
//
//	spec [-taken] OPENAPI.json CALLS.jsonl
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	wrong "github.com/pb33f/libopenapi-validator/errors"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "spec:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	taken := len(args) > 0 && args[0] == "-taken"
	if taken {
		args = args[1:]
	}
	if len(args) != 2 {
		return errors.New("usage: spec [-taken] OPENAPI.json CALLS.jsonl")
	}
	description, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	c, err := newChecker(description)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	c.taken = taken
	f, err := os.Open(args[1])
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.all(f); err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	fmt.Fprintf(out, "%d requests of %d operations and %d replies are as Discord's API describes them\n", c.requests, len(c.operations), c.replies)
	return nil
}

// A call is one line, as the server for tests writes it.
type call struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Query  string          `json:"query"`
	Header http.Header     `json:"header"`
	Body   json.RawMessage `json:"body"`
	Status int             `json:"status"`
	Taken  bool            `json:"taken"`
	Reply  json.RawMessage `json:"reply"`
}

// A checker knows the description and counts what it saw.
type checker struct {
	api   validator.Validator
	taken bool // calls that were refused are left out

	requests, replies int
	operations        map[string]int
	known             map[string][]string // what is wrong, by alike
}

// server is where the description says that the API is. Calls are recorded below
// their version, for the library speaks the one before.
const server = "https://discord.com/api/v10"

func newChecker(description []byte) (*checker, error) {
	document, err := libopenapi.NewDocument(description)
	if err != nil {
		return nil, err
	}
	// Discord's calls with a token in the path need no other, and the recorded ones
	// have lost theirs.
	api, errs := validator.NewValidator(document, config.WithoutSecurityValidation(), config.WithStrictMode())
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &checker{api: api, operations: map[string]int{}, known: map[string][]string{}}, nil
}

// all validates every line. No line at all is an error: a check that saw nothing
// says nothing.
func (c *checker) all(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	bad := map[string]int{} // by what is wrong, as the same is wrong many times
	for n := 1; lines.Scan(); n++ {
		var x call
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if c.taken && !x.Taken {
			continue
		}
		for _, what := range c.one(x) {
			bad[what]++
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if c.requests == 0 {
		return errors.New("no calls")
	}
	var list []error
	for _, what := range slices.Sorted(maps.Keys(bad)) {
		list = append(list, fmt.Errorf("%d times: %s", bad[what], what))
	}
	return errors.Join(list...)
}

// one validates a call and says in words what is wrong. Calls that are alike are
// validated once: a storm of them would take minutes otherwise.
func (c *checker) one(x call) []string {
	c.requests++
	c.operations[x.Method+" "+withoutIDs(x.Path)]++
	replied := x.Taken && x.Status >= 200 && x.Status <= 299
	if replied {
		c.replies++
	}
	key := alike(x, replied)
	said, known := c.known[key]
	if !known {
		said = c.validate(x, replied)
		c.known[key] = said
	}
	return said
}

var (
	quoted  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	varying = regexp.MustCompile(`[0-9a-f]{16,}|[0-9]`)
)

// alike is a call without what no schema looks at: the figures in its texts and
// the digits of ids, tokens and nonces. How many there are is left.
func alike(x call, replied bool) string {
	text, err := json.Marshal([]any{x.Method, withoutIDs(x.Path), x.Query, x.Header, x.Body, replied, x.Status})
	if err != nil {
		return ""
	}
	if replied {
		text = append(text, x.Reply...)
	}
	return string(quoted.ReplaceAllFunc(text, func(s []byte) []byte {
		return varying.ReplaceAllFunc(s, func(run []byte) []byte { return bytes.Repeat([]byte("0"), len(run)) })
	}))
}

// validate validates a call and, if there is one, its reply.
func (c *checker) validate(x call, replied bool) []string {
	req, err := http.NewRequestWithContext(context.Background(), x.Method, server+x.Path+"?"+x.Query, bytes.NewReader(bodyOf(x.Body)))
	if err != nil {
		return []string{err.Error()}
	}
	maps.Copy(req.Header, x.Header)
	_, errs := c.api.ValidateHttpRequestSync(req)
	errs = slices.DeleteFunc(errs, func(e *wrong.ValidationError) bool { return needless(e, x.Body) })
	said := inWords(x, "request", errs)
	if !replied {
		return said
	}
	reply := bodyOf(x.Reply)
	resp := &http.Response{StatusCode: x.Status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(reply)), Request: req}
	if len(reply) > 0 {
		resp.Header.Set("Content-Type", "application/json")
	}
	_, errs = c.api.ValidateHttpResponse(req, resp)
	// Discord's replies may have more than the description says, and so may ours.
	errs = slices.DeleteFunc(errs, func(e *wrong.ValidationError) bool { return e.ValidationType == wrong.StrictValidationType })
	return append(said, inWords(x, "reply", errs)...)
}

// undeclared finds the place of a field in the error that the description does
// not have it.
var (
	undeclared = regexp.MustCompile(`at '\$\.body([^']*)' is not declared`)
	step       = regexp.MustCompile(`\.([^.\[\]]+)|\[(\d+)\]`)
)

// needless says whether e is about a field that the library writes where it does
// not belong: one without a value, or an edit's own ids, which it takes from the
// same struct as the path. Discord ignores them.
func needless(e *wrong.ValidationError, body []byte) bool {
	found := undeclared.FindStringSubmatch(e.Message)
	if e.ValidationType != wrong.StrictValidationType || found == nil {
		return false
	}
	if found[1] == ".ID" || found[1] == ".Channel" {
		return true
	}
	var node any
	if json.Unmarshal(body, &node) != nil {
		return false
	}
	for _, m := range step.FindAllStringSubmatch(found[1], -1) {
		switch n := node.(type) {
		case map[string]any:
			node = n[m[1]]
		case []any:
			i, err := strconv.Atoi(m[2])
			if err != nil || i >= len(n) {
				return false
			}
			node = n[i]
		}
	}
	list, isList := node.([]any)
	return node == nil || node == false || node == "" || isList && len(list) == 0
}

// bodyOf is a body that may be absent.
func bodyOf(raw json.RawMessage) []byte {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// withoutIDs is a path without what is of one call only.
func withoutIDs(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.Trim(part, "0123456789") == "" && part != "" || len(part) > 30 {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, "/")
}

// inWords are the errors of one request or reply.
func inWords(x call, of string, errs []*wrong.ValidationError) []string {
	var said []string
	for _, e := range errs {
		text := fmt.Sprintf("%s of %s %s: %s: %s", of, x.Method, withoutIDs(x.Path), e.Message, e.Reason)
		for _, s := range e.SchemaValidationErrors {
			text += fmt.Sprintf("\n\t%s: %s", s.FieldPath, s.Reason)
		}
		said = append(said, text)
	}
	return said
}
