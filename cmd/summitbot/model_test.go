package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// startModel starts an endpoint for the scripts: it answers each question that it
// knows as a model would, one about NATO with an error, and every other as not
// answerable.
func startModel(t *testing.T) string {
	t.Helper()
	replies := map[string]string{
		"What did Rubio say?": `{"answerable": true, "claims": [` +
			`{"text": "Marco Rubio said that a temporary ceasefire is still under consideration.", "sources": ["8.2"]},` +
			`{"text": "Marco Rubio said that 40 countries agreed.", "sources": ["8.2"]}]}`,
		"What is Putin's red line?": `{"answerable": true, "claims": [` +
			`{"text": "Ukraine's membership in NATO remains a red line for Putin.", "sources": ["8.1"]}]}`,
		"What did Rubio say about a temporary ceasefire?": `{"answerable": true, "claims": [` +
			`{"text": "Rubio said that a temporary ceasefire would need to be backed by credible guarantees.", "sources": ["8.2"]}]}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Messages       []struct{ Content string }
			ResponseFormat struct {
				Schema struct{ Name string } `json:"json_schema"`
			} `json:"response_format"`
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Errorf("read a request: %v", err)
			return
		}
		_, after, _ := strings.Cut(request.Messages[len(request.Messages)-1].Content, "<question>")
		question, _, _ := strings.Cut(after, "</question>")
		question = html.UnescapeString(question)
		reply, ok := replies[question]
		switch {
		case question == "Who is the Secretary-General of NATO?":
			http.Error(w, `{"error": {"message": "out of order"}}`, http.StatusBadRequest)
			return
		case request.ResponseFormat.Schema.Name == "question":
			reply = `{"question": "What did Rubio say about a temporary ceasefire?", "terms": ["Rubio", "ceasefire"]}`
		case !ok:
			reply = `{"answerable": false, "claims": []}`
		}
		w.Header().Set("Content-Type", "text/event-stream")
		event := func(choices, usage string) {
			fmt.Fprintf(w, "data: {\"id\": \"x\", \"object\": \"chat.completion.chunk\", \"created\": 1, \"model\": \"scripted-1\", \"choices\": %s%s}\n\n", choices, usage)
		}
		text, _ := json.Marshal(reply)
		event(fmt.Sprintf(`[{"index": 0, "delta": {"content": %s}, "finish_reason": null}]`, text), "")
		event(`[{"index": 0, "delta": {}, "finish_reason": "stop"}]`, "")
		event(`[]`, `, "usage": {"prompt_tokens": 2000, "completion_tokens": 50, "total_tokens": 2050}`)
		fmt.Fprint(w, "data: [DONE]\n\n")
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}
