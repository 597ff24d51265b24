package main

import (
	"fmt"
	"strings"
	"testing"
)

// description is the part of an API that the validator looks for, in small.
const description = `
openapi: 3.1.0
components:
  schemas:
    Base:
      type: object
      properties:
        temperature: {type: number, nullable: true}
    CreateChatCompletionRequest:
      allOf:
        - $ref: "#/components/schemas/Base"
        - type: object
          required: [model, messages]
          properties:
            model: {type: string}
            messages: {type: array}
    CreateChatCompletionStreamResponse:
      type: object
      required: [choices]
      properties:
        choices:
          type: array
          items:
            type: object
            required: [finish_reason]
            properties:
              finish_reason: {type: string, enum: [stop, length], nullable: true}
    ErrorResponse:
      type: object
      required: [error]
`

const (
	goodRequest = `{"model":"m","messages":[],"temperature":null}`
	goodStream  = `{"behaviour":"b","method":"POST","path":"/v1/chat/completions","request":` + goodRequest +
		`,"status":200,"type":"text/event-stream","body":": hello\n\ndata: {\"choices\":[{\"finish_reason\":null}]}\n\ndata: [DONE]\n\n"}`
	goodError = `{"behaviour":"b","method":"POST","path":"/v1/chat/completions","request":` + goodRequest +
		`,"status":500,"type":"application/json","body":"{\"error\":{}}"}`
)

func TestOnlyWhatFollowsTheDescriptionPasses(t *testing.T) {
	for _, tt := range []struct {
		name, lines string
		wrong       string // part of the error; "" means that it passes
	}{
		{"good ones", goodStream + "\n" + goodError, ""},
		{"an odd reply", goodStream + "\n" + goodError + "\n" + strings.Replace(goodError, `{\"error\":{}}"`, `oops","odd":"HTML"`, 1), ""},
		{"no exchange", "", "0 requests"},
		{"no error among them", goodStream, "0 errors"},
		{"no JSON", "nonsense", "line 1"},
		{"a request without a model", goodStream + "\n" + goodError + "\n" + strings.Replace(goodStream, `"model":"m",`, "", 1), "request"},
		{"a request with a field of its own", goodStream + "\n" + goodError + "\n" + strings.Replace(goodStream, `"model":"m",`, `"model":"m","temprature":1,`, 1), "temprature"},
		{"an unknown finish reason", goodError + "\n" + strings.Replace(goodStream, `\"finish_reason\":null`, `\"finish_reason\":\"banana\"`, 1), "event"},
		{"an event without choices", goodError + "\n" + strings.Replace(goodStream, `choices`, `choixes`, 1), "event"},
		{"a line of no event", goodError + "\n" + strings.Replace(goodStream, `: hello`, `hello`, 1), "a line of no event"},
		{"an error without its object", goodStream + "\n" + strings.Replace(goodError, `\"error\"`, `\"eror\"`, 1), "status 500"},
		{"another operation", goodStream + "\n" + goodError + "\n" + strings.Replace(goodStream, "chat/completions", "completions", 1), "no such operation"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := newValidator([]byte(description))
			if err != nil {
				t.Fatal(err)
			}
			err = v.all(strings.NewReader(tt.lines))
			switch {
			case tt.wrong == "" && err != nil:
				t.Errorf("got %v, want it to pass", err)
			case tt.wrong != "" && (err == nil || !strings.Contains(fmt.Sprint(err), tt.wrong)):
				t.Errorf("got %v, want an error with %q", err, tt.wrong)
			}
		})
	}
}

func TestADescriptionWithoutTheSchemasIsAnError(t *testing.T) {
	for _, text := range []string{"", "{}", "openapi: 3.1.0", "\t- no YAML", strings.Replace(description, "ErrorResponse", "Other", 1)} {
		if _, err := newValidator([]byte(text)); err == nil {
			t.Errorf("%.20q passes", text)
		}
	}
}
