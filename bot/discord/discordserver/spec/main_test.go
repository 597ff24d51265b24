package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// description is an API in small, in the manner of Discord's.
const description = `{
	"openapi": "3.1.0",
	"info": {"title": "small", "version": "10"},
	"servers": [{"url": "https://discord.com/api/v10"}],
	"paths": {
		"/channels/{channel_id}/messages": {
			"post": {
				"requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Create"}}}},
				"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}}}
			},
			"get": {
				"parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}],
				"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "array"}}}}}
			},
			"parameters": [{"name": "channel_id", "in": "path", "required": true, "schema": {"type": "string"}}]
		},
		"/channels/{channel_id}/typing": {
			"post": {"responses": {"204": {"description": "ok"}}},
			"parameters": [{"name": "channel_id", "in": "path", "required": true, "schema": {"type": "string"}}]
		}
	},
	"components": {"schemas": {
		"Create": {"type": "object", "properties": {
			"content": {"type": ["string", "null"], "maxLength": 10},
			"embeds": {"type": ["array", "null"], "items": {"type": "object", "properties": {"title": {"type": "string"}}}}
		}},
		"Message": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "content": {"type": "string"}}}
	}}
}`

const (
	header = `"query":"","header":{"Content-Type":["application/json"]}`
	post   = `{"method":"POST","path":"/channels/1/messages",` + header + `,"body":{"content":"x"},"status":200,"taken":true,"reply":{"id":"1"}}`
	typing = `{"method":"POST","path":"/channels/1/typing","query":"","header":{},"body":null,"status":204,"taken":true,"reply":null}`
	list   = `{"method":"GET","path":"/channels/1/messages","query":"limit=5","header":{},"body":null,"status":200,"taken":true,"reply":[]}`
)

func TestOnlyWhatFollowsTheDescriptionPasses(t *testing.T) {
	for _, tt := range []struct {
		name, lines string
		wrong       string // part of the error; "" means that it passes
	}{
		{"good ones", post + "\n" + typing + "\n" + list, ""},
		{"a reply with more than is described", strings.Replace(post, `{"id":"1"}`, `{"id":"1","more":1}`, 1), ""},
		{"an error, which needs no reply", strings.Replace(post, `"status":200,"taken":true,"reply":{"id":"1"}`, `"status":502,"taken":false,"reply":null`, 1), ""},
		{"a field of no value", strings.Replace(post, `"content":"x"`, `"content":"x","tts":false,"poll":null,"stickers":[],"x":""`, 1), ""},
		{"an edit's ids", strings.Replace(post, `"content":"x"`, `"content":"x","ID":"1","Channel":"2"`, 1), ""},
		{"no call", "", "no calls"},
		{"no JSON", "nonsense", "line 1"},
		{"a field that there is not", strings.Replace(post, `"content":"x"`, `"contents":"x"`, 1), "contents"},
		{"one in a list", strings.Replace(post, `"content":"x"`, `"embeds":[{"title":"t"},{"tittle":"t"}]`, 1), "tittle"},
		{"a text that is too long", strings.Replace(post, `"content":"x"`, `"content":"0123456789x"`, 1), "maxLength"},
		{"a number for a text", strings.Replace(post, `"content":"x"`, `"content":7`, 1), "content"},
		{"an error on a wrong request", strings.NewReplacer(`"content":"x"`, `"content":7`, `"status":200,"taken":true`, `"status":400,"taken":false`).Replace(post), "content"},
		{"a parameter out of range", strings.Replace(list, "limit=5", "limit=500", 1), "limit"},
		{"a parameter that there is not", strings.Replace(list, "limit=5", "limits=5", 1), "limits"},
		{"a path that there is not", strings.Replace(post, "/messages", "/massages", 1), "massages"},
		{"a method that there is not", strings.Replace(typing, "POST", "PUT", 1), "PUT"},
		{"a reply without its id", strings.Replace(post, `{"id":"1"}`, `{"content":"x"}`, 1), "id"},
		{"a reply with another status", strings.Replace(post, `"status":200`, `"status":201`, 1), "201"},
		{"a long text after a short one", post + "\n" + strings.Replace(post, `"content":"x"`, `"content":"12345678901"`, 1), "maxLength"},
		{"a number after a text", post + "\n" + strings.Replace(post, `"content":"x"`, `"content":1`, 1), "content"},
		{"the same twice", strings.Repeat(strings.Replace(post, `"content":"x"`, `"content":7`, 1)+"\n", 2), "2 times"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := newChecker([]byte(description))
			if err != nil {
				t.Fatal(err)
			}
			err = c.all(strings.NewReader(tt.lines))
			switch {
			case tt.wrong == "" && err != nil:
				t.Errorf("got %v, want it to pass", err)
			case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
				t.Errorf("got %v, want an error with %q", err, tt.wrong)
			}
		})
	}
}

func TestADescriptionThatIsNoneIsAnError(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", `{"openapi":"3.1.0"`} {
		if _, err := newChecker([]byte(text)); err == nil {
			t.Errorf("%q passes", text)
		}
	}
}

func TestTheProgramNeedsItsFiles(t *testing.T) {
	dir := t.TempDir()
	api, calls := filepath.Join(dir, "api.json"), filepath.Join(dir, "calls.jsonl")
	for name, text := range map[string]string{api: description, calls: post + "\n" + list} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := run([]string{api, calls}, &out); err != nil || !strings.Contains(out.String(), "2 requests of 2 operations and 2 replies") {
		t.Errorf("got %v, %q", err, out.String())
	}
	refused := strings.NewReplacer(`"content":"x"`, `"content":7`, `"status":200,"taken":true`, `"status":400,"taken":false`).Replace(post)
	if err := os.WriteFile(calls, []byte(post+"\n"+refused), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-taken", api, calls}, &out); err != nil || !strings.Contains(out.String(), "1 requests of 1 operations") {
		t.Errorf("without those that were refused: got %v, %q", err, out.String())
	}
	if err := run([]string{api, calls}, &out); err == nil {
		t.Error("a wrong request that was refused passes")
	}
	for _, args := range [][]string{nil, {"-taken"}, {api}, {api, calls + "x"}, {api + "x", calls}} {
		if err := run(args, &out); err == nil {
			t.Errorf("%q passes", args)
		}
	}
}
