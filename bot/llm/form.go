package llm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"summitbot/bot/answer"
)

// A part of a request is what an endpoint may refuse.
type part int

// The parts of a request that can go without, or in another form.
const (
	nothing part = iota
	responseFormat
	streamOptions
	maxTokens
	temperature
	reasoningEffort
)

func (p part) String() string {
	return [...]string{"nothing", "response_format", "stream_options", "max_tokens", "temperature", "reasoning_effort"}[p]
}

// A format is how the wanted JSON is asked for; each needs less of the endpoint.
type format int

// The rungs of the ladder.
const (
	strictSchema format = iota // the endpoint follows the schema
	anyObject                  // the endpoint sees to JSON, the prompt to the schema
	promptOnly                 // the prompt alone
)

func (f format) String() string {
	return [...]string{"strict JSON schema", "JSON object", "prompt only"}[f]
}

// The two names of one limit: the old one, which every server but those of
// OpenAI's reasoning models knows, and theirs. A server that does not know a
// name may ignore it, so the old one is tried first.
const (
	oldTokenLimit = "max_tokens"
	newTokenLimit = "max_completion_tokens"
)

// A form is how a request is put to one endpoint.
type form struct {
	format      format
	usage       bool   // ask for the usage of tokens
	tokenLimit  string // the name of the limit
	temperature bool   // send it
	effort      bool   // send it
}

// without is the form for an endpoint that refused p; ok is false if the form
// has no p that could change.
func (f form) without(p part) (next form, ok bool) {
	next = f
	switch p {
	case responseFormat:
		if f.format < promptOnly {
			next.format++
		}
	case streamOptions:
		next.usage = false
	case maxTokens:
		next.tokenLimit = newTokenLimit
	case temperature:
		next.temperature = false
	case reasoningEffort:
		next.effort = false
	}
	return next, next != f
}

// of adapts the form to a request that has no schema.
func (f form) of(r answer.Request) form {
	if r.Schema.Name == "" {
		f.format = promptOnly
	}
	return f
}

// partNames tell what an error speaks about, each with the words that servers
// use for it.
var partNames = []struct {
	part  part
	names []string
}{
	{streamOptions, []string{"stream_options", "include_usage"}},
	{responseFormat, []string{
		"response_format", "response format", "json_schema", "json schema", "json_object", "structured output", "guided_json",
		"grammar", "schema",
	}},
	{maxTokens, []string{oldTokenLimit, newTokenLimit}},
	{reasoningEffort, []string{"reasoning_effort", "reasoning effort", "reasoning"}},
	{temperature, []string{"temperature"}},
}

// denials are the words for a field that is not taken, rather than one whose
// value is wrong.
var denials = []string{"unsupported", "not supported", "not support", "unrecognized", "unknown", "not permitted", "not allowed", "unexpected"}

// refused tells which part of the request a bad request's error is about.
func (p problem) refused() part {
	if found := mentioned(p.Param); found != nothing && found != maxTokens {
		return found
	}
	message := strings.ToLower(p.Message)
	found := mentioned(message)
	if mentioned(p.Param) == maxTokens {
		found = maxTokens
	}
	// Too large a limit is no reason to call it by another name, which the server
	// might ignore.
	said := message + " " + strings.ToLower(p.Code)
	if found == maxTokens && !slices.ContainsFunc(denials, func(d string) bool {
		return strings.Contains(strings.ReplaceAll(said, "_", " "), d)
	}) {
		return nothing
	}
	return found
}

// mentioned finds the first part that s names.
func mentioned(s string) part {
	for _, p := range partNames {
		if slices.ContainsFunc(p.names, func(name string) bool { return strings.Contains(s, name) }) {
			return p.part
		}
	}
	return nothing
}

// request puts r to the endpoint in the form f. The fields beside it are those
// that go-openai would not send as they are: it drops a temperature of 0, and
// refuses some by the model's name.
func (e Endpoint) request(f form, r answer.Request) (openai.ChatCompletionRequest, map[string]any) {
	req := openai.ChatCompletionRequest{Model: e.Model, Stream: true}
	system := r.System
	if r.Schema.Name != "" {
		switch f.format {
		case strictSchema:
			req.ResponseFormat = &openai.ChatCompletionResponseFormat{
				Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
				JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{
					Name: r.Schema.Name, Schema: r.Schema.Schema, Strict: true,
				},
			}
		case anyObject:
			req.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
		}
		if f.format != strictSchema {
			system = withSchema(system, r.Schema.Schema)
		}
	}
	if system != "" {
		req.Messages = append(req.Messages, openai.ChatCompletionMessage{Role: openai.ChatMessageRoleSystem, Content: system})
	}
	req.Messages = append(req.Messages, openai.ChatCompletionMessage{Role: openai.ChatMessageRoleUser, Content: r.User})
	if f.usage {
		req.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
	beside := make(map[string]any)
	if n := e.limit(r); n > 0 {
		beside[f.tokenLimit] = n
	}
	if f.temperature {
		beside["temperature"] = *e.Temperature
	}
	if f.effort {
		beside["reasoning_effort"] = e.ReasoningEffort
	}
	return req, beside
}

// limit is the most tokens that a completion may have; 0 leaves it to the
// endpoint.
func (e Endpoint) limit(r answer.Request) int {
	if r.MaxTokens > 0 {
		return r.MaxTokens
	}
	return e.MaxTokens
}

// withSchema asks for the JSON in words.
func withSchema(system string, schema json.RawMessage) string {
	rule := fmt.Sprintf("Reply with one JSON object and nothing else. It must be valid against this JSON schema:\n%s", schema)
	if system == "" {
		return rule
	}
	return system + "\n\n" + rule
}
