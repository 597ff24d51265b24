package wire_test

import (
	"net/http"
	"testing"

	"summitbot/bot/answer"
)

// Whatever a model writes: the answer keeps its promises, and the program stands.
func FuzzWhateverAModelWrites(f *testing.F) {
	for _, b := range behaviours() {
		for _, r := range b.script {
			if s, ok := r.(stream); ok && len(s.Content) < 1000 {
				f.Add(s.Content)
			}
		}
	}
	base := article(f).open(f)
	model := &replaceable{}
	engine := engineOver(f, base, model, 1)
	f.Fuzz(func(t *testing.T, text string) {
		model.reply = says(text)
		keepsPromises(t, base, watch(t.Context(), t, engine, answer.Question{Text: membership}, false))
	})
}

// replaceable answers with the reply of the moment. Questions are asked one after
// the other, so nothing else holds it.
type replaceable struct{ reply reply }

func (e *replaceable) serve(w http.ResponseWriter, r *http.Request, p prompt) { e.reply.serve(w, r, p) }
