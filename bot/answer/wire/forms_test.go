package wire_test

import (
	"strings"
	"testing"
)

// forms are replies that say the right thing in another shape than was asked for,
// or in none.
func forms() []behaviour {
	const (
		text  = "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin."
		rubio = "Secretary of State Marco Rubio added that a temporary ceasefire is still under consideration."
	)
	good := claims(redLine)
	wrote := func(name, content string) behaviour {
		return behaviour{name: name, script: []reply{says(content)}}
	}
	return []behaviour{
		wrote("JSON in a fence", "```json\n"+good+"\n```"),
		wrote("JSON in a fence with prose around", "Here is the answer you asked for:\n\n```json\n"+good+"\n```\nI hope this helps!"),
		wrote("JSON behind prose", "Sure! "+good),
		wrote("the JSON twice", good+"\n"+good),
		wrote("JSON that ends too early", strings.TrimSuffix(good, `]}]}`)),
		wrote("JSON that ends too early behind a whole claim", strings.TrimSuffix(claims(redLine, assurances), `putin›"]}]}`)[:len(good)+60]),
		wrote("JSON in wrappers", `{"response":{"result":{"data":`+good+`}}}`),
		wrote("JSON nested without end", strings.Repeat(`{"claims":[`, 500)),
		wrote("JSON with other names", `{"answerable":true,"statements":[{"claim":"`+text+`","citations":["‹red line for Putin›"]}]}`),
		wrote("claims as bare strings", `{"answerable":true,"claims":["`+text+` [‹red line for Putin›]"]}`),
		wrote("the answer as one string", `{"answer":"`+text+` [‹red line for Putin›] `+rubio+` [‹Marco Rubio added›]"}`),
		wrote("references as numbers and in brackets", `{"answerable":true,"claims":[{"text":"`+text+`","sources":[‹red line for Putin›]},{"text":"`+rubio+`","sources":"[‹Marco Rubio added›]"}]}`),
		wrote("a list without the object", `[{"text":"`+text+`","sources":["‹red line for Putin›"]}]`),
		wrote("fields of the wrong kind", `{"answerable":"yes","claims":[{"text":["`+text+`"],"sources":{"a":1}},null,7,{"text":"`+text+`","sources":["‹red line for Putin›"]}]}`),
		wrote("claims before answerable", `{"claims":[{"text":"`+text+`","sources":["‹red line for Putin›"]}],"answerable":true}`),
		wrote("not answerable, told behind the claims", `{"claims":[{"text":"`+text+`","sources":["‹red line for Putin›"]}],"answerable":false}`),
		wrote("JSON with comments and a comma too many", `{"answerable":true, // yes
"claims":[{"text":"`+text+`","sources":["‹red line for Putin›"]},]}`),
		wrote("prose with markers", text+" [‹red line for Putin›] "+rubio+" [‹Marco Rubio added›]"),
		{
			name:   "prose with markers of a browsing model",
			script: []reply{says(text + "【‹red line for Putin›†source】 " + rubio + "【‹Marco Rubio added›†source】")},
			check: func(t *testing.T, p played) {
				if len(p.answer.Claims) != 2 {
					t.Errorf("%d claims, want the two sentences", len(p.answer.Claims))
				}
			},
		},
		wrote("prose with paragraph numbers", text+" [8] "+rubio+" [8]"),
		wrote("prose without markers", text+" "+rubio),
		wrote("a list in Markdown", "**Answer:**\n\n- "+text+" [‹red line for Putin›]\n- **"+rubio+"** [‹Marco Rubio added›]\n"),
		{
			name:   "prose that is wrong",
			script: []reply{says("Ukraine will join NATO in 2027 [‹red line for Putin›]. Putin agreed to it [‹red line for Putin›].")},
			never:  []string{"2027", "Putin agreed"},
		},
		{
			name: "prose that says nothing", script: []reply{says("I would say that it is mostly fine.")},
			never: []string{"mostly fine"},
		},
		wrote("thoughts before the JSON", "<think>The user asks about NATO. Sentence ‹red line for Putin› says {\"claims\": []} no.</think>\n"+good),
		wrote("thoughts that never end", "<think>Let me see. The proposal would grant membership. "+text),
		{
			name: "thoughts in a field of their own", odd: "reasoning_content is a field of other vendors",
			script: []reply{stream{Reasoning: "The proposal would grant Ukraine NATO membership, or would it?", Content: good}},
		},
		wrote("nothing at all", ""),
		wrote("only white space", " \n\n\t "),
		wrote("the schema instead of an object", `{"type":"object","required":["answerable","claims"],"properties":{"claims":{"type":"array"}}}`),
		wrote("the prompt repeated", "The documents stand between <documents> and </documents>. Every sentence has a number in square brackets before it: [7.2] is the second sentence of the seventh paragraph."),
		{
			name: "a reply without end", script: []reply{stream{Content: good + " ", Then: goesOn}},
			check: func(t *testing.T, p played) {
				if len(p.answer.Claims) != 1 {
					t.Errorf("%d claims, want the one that was said again and again", len(p.answer.Claims))
				}
			},
		},
		wrote("HTML and Markdown in a claim", claims("<b>The proposal</b> would not grant Ukraine **NATO membership**, which remains a [red line](https://evil.example) for Putin. | ‹red line for Putin›")),
	}
}
