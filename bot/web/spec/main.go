// Command spec validates calls of the API that the tests recorded against the
// API's description: every reply, errors included, and every request that was not
// refused as one that is wrong. A status that the description does not have for an
// operation is an error, and so is a call that no operation is for, unless it was
// answered with 404 or 405. It ends with status 1 if one does not fit, or if an
// operation was never called.
//
//	spec OPENAPI.yaml CALLS.jsonl
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	wrong "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/paths"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "spec:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: spec OPENAPI.yaml CALLS.jsonl")
	}
	description, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	c, err := newChecker(description)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	f, err := os.Open(args[1])
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.all(f); err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	fmt.Fprintf(out, "%d requests and %d replies of %d operations are as the API is described\n", c.requests, c.replies, len(c.operations))
	return nil
}

// A call is one line, as the tests write it.
type call struct {
	Method string      `json:"method"`
	Target string      `json:"target"` // path and query, as sent
	Header http.Header `json:"header"`
	Body   string      `json:"body"`
	Status int         `json:"status"`
	Type   string      `json:"type"` // the reply's Content-Type
	Reply  string      `json:"reply"`
}

// A checker knows the description and counts what it saw.
type checker struct {
	model *v3.Document
	api   validator.Validator

	requests, replies int
	operations        map[string]int // calls of each, 0 of those that were never called
}

// server is where the description says that the API is: beside the description.
const server = "http://127.0.0.1:8080"

func newChecker(description []byte) (*checker, error) {
	document, err := libopenapi.NewDocument(description)
	if err != nil {
		return nil, err
	}
	model, err := document.BuildV3Model()
	if err != nil {
		return nil, err
	}
	// Whether a token is needed is configured, and tested where it is.
	api, errs := validator.NewValidator(document, config.WithoutSecurityValidation(), config.WithStrictMode())
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if good, errs := api.ValidateDocument(); !good {
		return nil, fmt.Errorf("it is no description: %s", strings.Join(inWords("", errs), "; "))
	}
	c := &checker{model: &model.Model, api: api, operations: map[string]int{}}
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			c.operations[strings.ToUpper(method)+" "+path] = 0
		}
	}
	return c, nil
}

// all validates every line.
func (c *checker) all(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	bad := map[string]int{} // by what is wrong, as the same is wrong many times
	for n := 1; lines.Scan(); n++ {
		var x call
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if !strings.HasPrefix(x.Target, "/api/") {
			continue
		}
		for _, what := range c.one(x) {
			bad[what]++
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	for operation, n := range c.operations {
		if n == 0 {
			bad["no call of "+operation]++
		}
	}
	var list []error
	for _, what := range slices.Sorted(maps.Keys(bad)) {
		list = append(list, fmt.Errorf("%d times: %s", bad[what], what))
	}
	return errors.Join(list...)
}

// one validates a call and says in words what is wrong.
func (c *checker) one(x call) []string {
	request, err := http.NewRequestWithContext(context.Background(), x.Method, server+x.Target, strings.NewReader(x.Body))
	if err != nil {
		return []string{err.Error()}
	}
	for _, name := range []string{"Content-Type", "Accept"} {
		if values := x.Header.Values(name); len(values) > 0 {
			request.Header[name] = values
		}
	}
	item, _, path := paths.FindPath(request, c.model, nil)
	if item == nil {
		if x.Status == http.StatusNotFound || x.Status == http.StatusMethodNotAllowed {
			return nil
		}
		return []string{fmt.Sprintf("%s %s: no operation is for it, and its status was %d", x.Method, x.Target, x.Status)}
	}
	operation := x.Method + " " + path
	if _, described := c.operations[operation]; !described && x.Status == http.StatusMethodNotAllowed {
		return nil
	} else if !described {
		return []string{fmt.Sprintf("%s: not described, and its status was %d", operation, x.Status)}
	}
	c.operations[operation]++
	var said []string
	if x.Status < 400 {
		c.requests++
		_, errs := c.api.ValidateHttpRequestSync(request)
		said = inWords("request of "+operation, errs)
	}
	c.replies++
	reply := &http.Response{StatusCode: x.Status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(x.Reply)), Request: request}
	if x.Type != "" {
		reply.Header.Set("Content-Type", x.Type)
	}
	_, errs := c.api.ValidateHttpResponse(request, reply)
	return append(said, inWords(fmt.Sprintf("reply %d of %s", x.Status, operation), errs)...)
}

// inWords are the errors of one request or reply.
func inWords(of string, errs []*wrong.ValidationError) []string {
	var said []string
	for _, e := range errs {
		text := fmt.Sprintf("%s: %s: %s", of, e.Message, e.Reason)
		for _, s := range e.SchemaValidationErrors {
			text += fmt.Sprintf("\n\t%s: %s", s.FieldPath, s.Reason)
		}
		said = append(said, text)
	}
	return said
}
