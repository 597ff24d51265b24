package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/answer"
)

var schema = answer.Schema{Name: "answer", Schema: json.RawMessage(`{"type":"object","properties":{"a":{"type":"string"}}}`)}

func pointer[T any](v T) *T { return &v }

// TestRefusedPartsAreLeftOutFromThenOn asks twice: the first request finds out,
// the second one knows.
func TestRefusedPartsAreLeftOutFromThenOn(t *testing.T) {
	const all = "max_tokens messages model reasoning_effort response_format stream stream_options temperature"
	for _, tt := range []struct {
		name    string
		refusal []step
		fields  string // of the last request
		format  string // of the last request
		learnt  int    // lines in the log
	}{
		{"nothing refused", nil, all, "json_schema", 0},
		{"no JSON schema", []step{status(400, apiError("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", "response_format"))},
			all, "json_object", 1},
		{"no JSON schema, by message alone", []step{status(422, `{"detail":[{"loc":["body","response_format","type"],"msg":"Input should be 'text' or 'json_object'"}]}`)},
			all, "json_object", 1},
		{"no format at all", []step{
			status(400, `{"error":"json_schema is unavailable"}`), status(400, `{"error":{"message":"'response_format.type' must be 'text'"}}`),
		}, strings.Replace(all, "response_format ", "", 1), "", 2},
		{"no stream_options", []step{status(400, apiError("Unrecognized request argument supplied: stream_options", ""))},
			strings.Replace(all, "stream_options ", "", 1), "json_schema", 1},
		{"another name for the limit", []step{status(400, apiError("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "max_tokens"))},
			strings.Replace(all, "max_tokens", "max_completion_tokens", 1), "json_schema", 1},
		{"no temperature", []step{status(400, apiError("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"))},
			strings.Replace(all, " temperature", "", 1), "json_schema", 1},
		{"no reasoning effort", []step{status(400, apiError("Unrecognized request argument supplied: reasoning_effort", ""))},
			strings.Replace(all, "reasoning_effort ", "", 1), "json_schema", 1},
		{"everything", []step{
			status(400, apiError("temperature", "temperature")), status(400, apiError("unsupported max_tokens", "max_tokens")),
			status(400, apiError("response_format", "")), status(400, apiError("response_format", "")),
			status(400, apiError("stream_options", "")), status(400, apiError("reasoning_effort", "")),
		}, "max_completion_tokens messages model stream", "", 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				s := n.serve(t, "a", append(tt.refusal, stream(good()))...)
				var log bytes.Buffer
				o := options(n.client(t), "a")
				o.Log = slog.New(slog.NewTextHandler(&log, nil))
				e := &o.Endpoints[0]
				// Names and values that go-openai would refuse or drop by itself.
				e.Model, e.Temperature, e.ReasoningEffort, e.MaxTokens = "o3-mini", pointer(0.0), "low", 100
				c := newClient(t, o)
				for i, attempts := range []int{len(tt.refusal) + 1, 1} {
					pieces, got, err := ask(t.Context(), c, answer.Request{System: "Be brief.", Schema: schema})
					if err != nil || got.Attempts != attempts || strings.Join(pieces, "") != "Hello, world" {
						t.Errorf("request %d: got %q after %d attempts, %v; want it after %d", i, pieces, got.Attempts, err, attempts)
					}
				}
				last := s.got()[len(s.got())-1]
				if diff := cmp.Diff(strings.Join(last.fields(), " "), tt.fields); diff != "" {
					t.Errorf("fields: got (-), want (+):\n%s", diff)
				}
				format := ""
				if f, ok := last.Body["response_format"].(map[string]any); ok {
					format, _ = f["type"].(string)
				}
				if format != tt.format {
					t.Errorf("got format %q, want %q", format, tt.format)
				}
				system := last.Body["messages"].([]any)[0].(map[string]any)["content"].(string)
				if inPrompt := strings.Contains(system, string(schema.Schema)); inPrompt != (tt.format != "json_schema") {
					t.Errorf("schema in the prompt: %v, with format %q", inPrompt, tt.format)
				}
				if got := strings.Count(log.String(), "refuses a part"); got != tt.learnt {
					t.Errorf("logged %d times, want %d:\n%s", got, tt.learnt, log.String())
				}
			})
		})
	}
}

func TestLadderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		s := n.serve(t, "a", status(400, apiError("response_format", "response_format")))
		_, _, err := ask(t.Context(), newClient(t, options(n.client(t), "a")), answer.Request{Schema: schema})
		if !errors.Is(err, answer.ErrRejected) || len(s.got()) != 3 {
			t.Errorf("got %v after %d requests, want %v after 3", err, len(s.got()), answer.ErrRejected)
		}
	})
}

func TestRequestsSayWhatIsConfigured(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*Endpoint)
		request answer.Request
		url     string
		header  map[string]string
		body    map[string]any
	}{
		{"the least", func(e *Endpoint) { e.APIKey = "" }, answer.Request{User: "Who?"}, "/v1/chat/completions", map[string]string{"Authorization": ""},
			map[string]any{"messages": []any{map[string]any{"role": "user", "content": "Who?"}}}},
		{"key and headers", func(e *Endpoint) { e.Headers = map[string]string{"X-Title": "summit"} }, answer.Request{},
			"/v1/chat/completions", map[string]string{"Authorization": "Bearer " + key, "X-Title": "summit"}, nil},
		{"the request's limit before the endpoint's", func(e *Endpoint) { e.MaxTokens = 100 }, answer.Request{MaxTokens: 7}, "/v1/chat/completions", nil,
			map[string]any{"max_tokens": 7.0}},
		{"temperature 0", func(e *Endpoint) { e.Temperature = pointer(0.0) }, answer.Request{}, "/v1/chat/completions", nil,
			map[string]any{"temperature": 0.0}},
		{"temperature", func(e *Endpoint) { e.Temperature = pointer(0.2) }, answer.Request{}, "/v1/chat/completions", nil,
			map[string]any{"temperature": 0.2}},
		{"a slash too many", func(e *Endpoint) { e.BaseURL += "/" }, answer.Request{}, "/v1/chat/completions", nil, nil},
		{"a schema", func(*Endpoint) {}, answer.Request{Schema: schema}, "/v1/chat/completions", nil,
			map[string]any{"response_format": map[string]any{"type": "json_schema", "json_schema": map[string]any{
				"name": "answer", "strict": true,
				"schema": map[string]any{"type": "object", "properties": map[string]any{"a": map[string]any{"type": "string"}}},
			}}}},
		{"Azure", func(e *Endpoint) { e.Azure, e.BaseURL, e.Model = true, "http://a", "my.gpt-4:o" }, answer.Request{},
			"/openai/deployments/my.gpt-4:o/chat/completions?api-version=2024-10-21", map[string]string{"Api-Key": key, "Authorization": ""}, nil},
		{"Azure of another date", func(e *Endpoint) { e.Azure, e.BaseURL, e.APIVersion = true, "http://a", "2025-01-01" }, answer.Request{},
			"/openai/deployments/m/chat/completions?api-version=2025-01-01", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				s := n.serve(t, "a", stream(good()))
				o := options(n.client(t), "a")
				tt.change(&o.Endpoints[0])
				if _, _, err := ask(t.Context(), newClient(t, o), tt.request); err != nil {
					t.Fatal(err)
				}
				got := s.got()[0]
				if got.URL != tt.url {
					t.Errorf("got address %s, want %s", got.URL, tt.url)
				}
				for name, want := range tt.header {
					if v := got.Header.Get(name); v != want {
						t.Errorf("header %s: got %q, want %q", name, v, want)
					}
				}
				for name, want := range tt.body {
					if diff := cmp.Diff(got.Body[name], want); diff != "" {
						t.Errorf("%s: got (-), want (+):\n%s", name, diff)
					}
				}
			})
		})
	}
}

func TestRefusalsAreToldFromOtherBadRequests(t *testing.T) {
	for _, tt := range []struct {
		body string
		want part
	}{
		{apiError("'max_tokens' or 'max_completion_tokens' is too large: 9000. This model's maximum context length is 8192 tokens.", "max_tokens"), nothing},
		{apiError("max_tokens must be at least 1", ""), nothing},
		{`{"error":{"message":"no","param":"max_tokens","code":"unsupported_parameter"}}`, maxTokens},
		{apiError("no", "stream_options.include_usage"), streamOptions},
		{apiError("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", "messages"), responseFormat},
		{apiError("Failed to parse grammar", ""), responseFormat},
		{apiError("This model's maximum context length is 8192 tokens.", "messages"), nothing},
		{`{"detail":"temperature is fixed"}`, temperature},
		{"temperature", temperature},
		{"", nothing},
		{html, nothing},
	} {
		if got := readProblem([]byte(tt.body)).refused(); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.body, got, tt.want)
		}
	}
}

func TestForeignWordsAreRedacted(t *testing.T) {
	e := &endpoint{Endpoint: Endpoint{APIKey: key, Headers: map[string]string{"X-Token": "tok-abcdefghijkl", "X-Pin": "0815"}}}
	for _, tt := range []struct{ text, want string }{
		{"model not found", "model not found"},
		{"Incorrect API key provided: " + key[:8] + "****", "Incorrect API key provided: ***"},
		{"it ends in " + key[len(key)-4:], "it ends in ***"},
		{`{"token":"tok-abcdefghijkl"} pin=0815 pin=08`, "*** *** pin=08"},
		{"two\nlines \x1b[31m", "two lines [31m"},
		{strings.Repeat("x", 400), strings.Repeat("x", 300)},
	} {
		if got := e.redact(tt.text); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}
