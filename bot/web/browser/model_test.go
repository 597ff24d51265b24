package browser

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The statements that the model of this test makes, and the sentences that it cites.
var statements = []struct{ text, from string }{
	{"The proposal would not grant Ukraine NATO membership, which remains a red line for Putin.", "The proposal would not grant Ukraine NATO membership"},
	{"For Kyiv, such commitments are vital.", "For Kyiv, such commitments are vital"},
}

// slowModel is an endpoint whose model stops after its first statement until it is
// let go on.
func slowModel(t *testing.T) (address string, goOn chan<- struct{}) {
	t.Helper()
	gate := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var request struct {
			Messages []struct{ Content string }
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &request)
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		var prompt strings.Builder
		for _, m := range request.Messages {
			prompt.WriteString(m.Content + "\n")
		}
		rw.Header().Set("Content-Type", "text/event-stream")
		say := func(text string) {
			chunk, _ := json.Marshal(map[string]any{"id": "c", "object": "chat.completion.chunk", "model": "slow", "choices": []any{map[string]any{"index": 0, "delta": map[string]string{"content": text}}}})
			fmt.Fprintf(rw, "data: %s\n\n", chunk)
			_ = http.NewResponseController(rw).Flush()
		}
		say(`{"answerable": true, "claims": [`)
		for i, s := range statements {
			// The number that stands before the sentence in the prompt.
			number := regexp.MustCompile(`\[(\d+\.\d+)\] ` + regexp.QuoteMeta(s.from)).FindStringSubmatch(prompt.String())
			if number == nil {
				http.Error(rw, "the prompt does not have: "+s.from, http.StatusBadRequest)
				return
			}
			if i > 0 {
				select {
				case <-gate:
				case <-r.Context().Done():
					return
				}
				say(", ")
			}
			claim, _ := json.Marshal(map[string]any{"text": s.text, "sources": []string{number[1]}})
			say(string(claim))
		}
		say(`]}`)
		fmt.Fprint(rw, `data: {"id":"c","object":"chat.completion.chunk","model":"slow","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(server.Close)
	return server.URL, gate
}

func TestAClaimIsSeenBeforeTheModelHasFinished(t *testing.T) {
	address, goOn := slowModel(t)
	p := serve(t, "llm:\n  base_url: "+address+"/v1\n  model: slow\n").open(t, "/")
	p.do(chromedp.Focus(chromedp.CSS("#question")))
	p.press(told + " Are such commitments vital?")
	p.press(kb.Enter)
	p.wait(`document.querySelectorAll('.claim').length === 1`)
	p.is(`!document.querySelector('.account')`) // the model is not done
	p.is(`document.querySelector('#ask button').disabled`)
	p.click(".claim .marker") // and its source opens already
	p.wait(opened)
	p.do(chromedp.Focus(chromedp.CSS("#question")))
	p.press(next)
	p.press(kb.Enter) // too early; it is kept
	p.is(`document.querySelectorAll('.answer').length === 1 && document.querySelector('#question').value === ` + quoted(next))
	close(goOn)
	p.wait(`document.querySelector('.answer .account')`)
	p.is(`document.querySelectorAll('.claim').length === 2 && document.querySelectorAll('.sources li').length === 2`)
	p.is(`!document.querySelector('#ask button').disabled`)
	p.press(kb.Escape)
	p.wait(`document.querySelector('#beside').hidden`)
	p.is(`document.activeElement.id === 'question'`) // who is elsewhere by then stays there
	if account := p.text(".account"); !strings.Contains(account, "slow") {
		t.Errorf("the account does not name the model: %s", account)
	}
}
