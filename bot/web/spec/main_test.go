package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// description is an API in small, in the manner of the one beside it.
const description = `
openapi: 3.1.0
info: {title: small, version: "1"}
servers: [{url: /}]
paths:
  /api/ask:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [question], additionalProperties: false, properties: {question: {type: string}}}
      responses:
        '200':
          description: ok
          content:
            application/json: {schema: {$ref: '#/components/schemas/Reply'}}
            text/event-stream: {schema: {type: string}}
        '400':
          description: wrong
          content:
            application/json: {schema: {$ref: '#/components/schemas/Error'}}
  /api/answers/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: ok
          content:
            application/json: {schema: {$ref: '#/components/schemas/Reply'}}
components:
  schemas:
    Reply: {type: object, required: [answer], additionalProperties: false, properties: {answer: {type: string}}}
    Error: {type: object, required: [error], additionalProperties: false, properties: {error: {type: string}}}
`

const (
	ask    = `{"method":"POST","target":"/api/ask","header":{"Content-Type":["application/json"]},"body":"{\"question\":\"x\"}","status":200,"type":"application/json","reply":"{\"answer\":\"y\"}"}`
	answer = `{"method":"GET","target":"/api/answers/a%2Fb","header":{},"body":"","status":200,"type":"application/json","reply":"{\"answer\":\"y\"}"}`
	wrongs = `{"method":"POST","target":"/api/ask","header":{"Content-Type":["application/json"]},"body":"{","status":400,"type":"application/json","reply":"{\"error\":\"y\"}"}`
	both   = ask + "\n" + answer
)

func TestOnlyWhatFollowsTheDescriptionPasses(t *testing.T) {
	with := func(line, old, now string) string { return both + "\n" + strings.Replace(line, old, now, 1) }
	for _, tt := range []struct {
		name, lines string
		wrong       string // part of the error; "" means that it passes
	}{
		{"good ones", both, ""},
		{"a stream", with(ask, `"application/json","reply":"{\"answer\":\"y\"}"`, `"text/event-stream; charset=utf-8","reply":"event: x\n\n"`), ""},
		{"a request that was refused", both + "\n" + wrongs, ""},
		{"a page, which is none of the API", with(answer, "/api/answers/a%2Fb", "/a/x"), ""},
		{"what is not there", with(answer, `/api/answers/a%2Fb","header":{},"body":"","status":200`, `/api/nothing","header":{},"body":"","status":404`), ""},
		{"a method that is not", with(answer, `"GET","target":"/api/answers/a%2Fb","header":{},"body":"","status":200`, `"PUT","target":"/api/answers/a","header":{},"body":"","status":405`), ""},
		{"no JSON", "nonsense", "line 1"},
		{"an operation that nobody called", ask, "no call of GET /api/answers/{id}"},
		{"no call", "", "no call of POST /api/ask"},
		{"a field that there is not", with(ask, `question`, `questions`), "questions"},
		{"a reply without a field", with(ask, `answer`, `answers`), "answer"},
		{"a reply of another kind", with(ask, `"{\"answer\":\"y\"}"`, `"{\"answer\":7}"`), "answer"},
		{"an error in other words", with(wrongs, `\"error\"`, `\"fault\"`), "error"},
		{"a status that is not described", with(ask, `"status":200`, `"status":418`), "418"},
		{"a type that is not described", with(ask, `"type":"application/json"`, `"type":"text/html"`), "text/html"},
		{"a parameter that is not described", with(answer, "a%2Fb", "a?x=y"), "query"},
		{"an address that is not described", with(answer, "/api/answers/a%2Fb", "/api/nothing"), "no operation"},
		{"a method that is not described", with(answer, `"GET"`, `"DELETE"`), "not described"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			api, calls := filepath.Join(dir, "api.yaml"), filepath.Join(dir, "calls.jsonl")
			for name, text := range map[string]string{api: description, calls: tt.lines} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := run([]string{api, calls}, t.Output())
			if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
				t.Errorf("error %v, want %q", err, tt.wrong)
			}
		})
	}
}

func TestADescriptionThatIsNoneIsSaidSo(t *testing.T) {
	for _, text := range []string{"", "nonsense", "openapi: 3.1.0\ninfo: {title: x}\npaths: {}\n"} {
		if _, err := newChecker([]byte(text)); err == nil {
			t.Errorf("%q is taken for a description", text)
		}
	}
}
