package answer

import (
	"cmp"
	"embed"
	"encoding/json"
	"strings"
	"text/template"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// prompts holds what models are told: the rules in the system message, documents,
// conversation and question in the user's, delimited and escaped, so that none of
// them can end its part.
//
//go:embed prompts/*.tmpl
var promptFiles embed.FS

var prompts = template.Must(template.New("").Funcs(template.FuncMap{}).ParseFS(promptFiles, "prompts/*.tmpl"))

// MaxClaims is how many claims a model is asked for at most, and how many are
// looked at: three to five fit a phone, and a summary may need a few more.
const MaxClaims = 8

// fill executes a prompt's template.
func fill(name string, data any) string {
	var b strings.Builder
	if err := prompts.ExecuteTemplate(&b, name+".tmpl", data); err != nil {
		panic(err) // templates and data are ours, and tests execute each
	}
	return b.String()
}

// languageName is a language's name in English, for the prompt; "" if unknown.
func languageName(code string) string {
	tag, err := language.Parse(code)
	if err != nil || code == "" {
		return ""
	}
	return display.English.Languages().Name(tag)
}

// escapedTurns are turns as they may stand in a prompt.
func escapedTurns(turns []Turn) []Turn {
	var out []Turn
	for _, t := range turns {
		out = append(out, Turn{Question: escape(t.Question), Answer: escape(t.Answer)})
	}
	return out
}

// answerPrompt asks for claims in a language, "" meaning that of the question.
// abroad says that the documents are in another one, which models tend to slip
// into; again, that a first reply could not be used.
func answerPrompt(s *sheet, question string, history []Turn, lang string, abroad, again bool) (system, user string) {
	foreign := ""
	if abroad {
		foreign = cmp.Or(languageName(lang), "the language of the question")
	}
	return fill("answer", struct {
			Language  string
			MaxClaims int
		}{languageName(lang), MaxClaims}),
		fill("question", struct {
			Documents, Question, Foreign string
			History                      []Turn
			Again                        bool
		}{s.text, escape(question), foreign, escapedTurns(history), again})
}

// rewritePrompt asks for a question that stands alone, and for search terms in the
// languages of the documents.
func rewritePrompt(question string, history []Turn, languages []string) (system, user string) {
	var names []string
	for _, l := range languages {
		if name := languageName(l); name != "" {
			names = append(names, name)
		}
	}
	return fill("rewrite", struct{ Languages string }{strings.Join(names, " or ")}),
		fill("conversation", struct {
			Question string
			History  []Turn
		}{escape(question), escapedTurns(history)})
}

// judgePrompt asks whether the citations of claims support them.
func judgePrompt(claims []Claim) (system, user string) {
	type item struct{ Statement, Evidence string }
	var items []item
	for _, c := range claims {
		var quotes []string
		for _, q := range c.Citations {
			quotes = append(quotes, escape(q.Quote))
		}
		items = append(items, item{escape(c.Text), strings.Join(quotes, " ")})
	}
	return fill("judge", nil), fill("statements", items)
}

// The JSON that is wanted. Strict schemas must require every field.
var (
	claimsSchema = Schema{Name: "claims", Schema: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["answerable","claims"],"properties":{` +
		`"answerable":{"type":"boolean"},` +
		`"claims":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["text","sources"],"properties":{` +
		`"text":{"type":"string"},"sources":{"type":"array","items":{"type":"string"}}}}}}}`)}
	rewriteSchema = Schema{Name: "question", Schema: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["question","terms"],"properties":{` +
		`"question":{"type":"string"},"terms":{"type":"array","items":{"type":"string"}}}}`)}
	judgeSchema = Schema{Name: "verdicts", Schema: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["verdicts"],"properties":{` +
		`"verdicts":{"type":"array","items":{"type":"string","enum":["supports","partial","unrelated","contradicts"]}}}}`)}
)
