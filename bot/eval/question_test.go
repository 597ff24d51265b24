package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/knowledge"
)

func TestReadTakesTheSameQuestionsFromEveryFormat(t *testing.T) {
	want := []Question{{
		ID: "a", Text: "Who sails?", Line: 1,
		Paragraphs:  []knowledge.Address{{Paragraph: 5}, {Document: "fares", Paragraph: 2}},
		Answer:      [][]string{{"the master"}, {"north", "south"}},
		History:     []string{"Who stays?"},
		Collections: []string{"ships"},
	}, {
		ID: "b", Text: "Where to?", Line: 2, Refuse: true,
		Near: []knowledge.Address{{Document: "fares", Paragraph: 1}},
	}, {
		ID: "line 3", Text: "When?", Line: 3, Answers: []string{"1932", "a|b"}, OrRefuse: true, Needs: NeedsLLM,
		Paragraphs: []knowledge.Address{{Paragraph: 7}},
	}}
	yaml := `- {id: a, question: Who sails?, paragraphs: [5, "fares#2"], answer: [the master, north | south], history: [Who stays?], collections: ships}
- {id: b, question: "Where to?", refuse: true, near: fares#1}
- {question: 'When?', answers: [1932, a|b], or_refuse: true, needs: llm, paragraphs: 7}
`
	lines := `{"id": "a", "question": "Who sails?", "paragraphs": [5, "fares#2"], "answer": ["the master", "north | south"], "history": ["Who stays?"], "collections": "ships"}
{"id": "b", "question": "Where to?", "paragraphs": [], "answers": [], "refuse": true, "near": "fares#1"}
{"question": "When?", "answers": [1932, "a|b"], "or_refuse": true, "needs": "llm", "paragraphs": 7, "history": null}
`
	array := "[" + strings.ReplaceAll(strings.TrimSpace(lines), "}\n", "},\n") + "]\n"
	for _, c := range []struct{ name, data string }{
		{"q.yaml", yaml},
		{"q.jsonl", lines},
		{"q.json", array},
		{"questions", yaml},
		{"questions", lines},
		{"questions", array},
		{"byte order mark", "\ufeff" + lines},
		{"windows.jsonl", strings.ReplaceAll(lines, "\n", "\r\n")},
		{"array.yaml", array},
	} {
		got, err := Read(c.name, strings.NewReader(c.data))
		if err != nil {
			t.Errorf("Read(%s): %v", c.name, err)
			continue
		}
		opts := cmp.Options{cmpopts.IgnoreFields(Question{}, "File"), cmpopts.EquateEmpty()}
		if diff := cmp.Diff(want, got, opts); diff != "" {
			t.Errorf("Read(%s) (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestReadReportsEveryFaultWithItsLine(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       []string
	}{{
		name: "q.yaml",
		data: `- id: a
  question: One?
  refuse: true
- id: a
  question: [Two?]
  colour: red
  refuse: perhaps
  paragraphs: [0, x, [1]]
- 7
- {id: c, question: Three?, id: d, refuse: true}
- id: e
  question: &anchor Five?
  refuse: true
- id: f
  question: Six?
- id: g
  question: Seven?
  refuse: true
  paragraphs: 3
- id: h
  question: "  "
  answer: a||b
  needs: luck
- {id: i, question: Nine?, refuse: true, or_refuse: true}
- {id: j, refuse: true}
`,
		want: []string{
			`q.yaml:4: id "a" was given in line 1 already`,
			`q.yaml:5: question: a list where a text should stand`,
			`q.yaml:6: unknown key "colour"; the keys are id, question, paragraphs, answer, answers, refuse, or_refuse, history, needs, near, collections`,
			`q.yaml:7: refuse: a text where true or false should stand`,
			`q.yaml:8: paragraphs: paragraph 0: paragraphs are numbered from 1`,
			`q.yaml:8: paragraphs: address "x": want DOCUMENT#NUMBER, such as alaska-summit#8`,
			`q.yaml:8: paragraphs: a list where a paragraph should stand`,
			`q.yaml:9: a number where a question with its keys should stand`,
			`q.yaml:10: id: given twice`,
			`q.yaml:12: question: a YAML anchor where a text should stand`,
			`q.yaml:14: nothing to judge by: give paragraphs, answer, answers or refuse`,
			`q.yaml:16: refuse: a question that the documents do not answer has no paragraphs, answer or answers`,
			`q.yaml:21: question: empty`,
			`q.yaml:22: answer: an empty alternative in "a||b" would always occur`,
			`q.yaml:23: needs: "luck"; the only need is "llm"`,
			`q.yaml:24: refuse and or_refuse exclude each other`,
			`q.yaml:25: question: missing`,
		},
	}, {
		name: "q.jsonl",
		data: `{"question": "One?",

{"question": "Two?", "refuse": true}
{"question": "Three?", "refuse": 1, "refuse": true}
{"question": "Four?", "refuse": true} {}
[]
`,
		want: []string{
			`q.jsonl:1: JSON: it ends in the middle of a value`,
			`q.jsonl:4: refuse: a number where true or false should stand`,
			`q.jsonl:4: refuse: given twice`,
			`q.jsonl:5: JSON: something follows the value`,
			`q.jsonl:6: a list where a question with its keys should stand`,
		},
	}, {
		name: "q.json",
		data: "[\n {\"question\": \"One?\",\n  \"colour\": [2]},\n\n {\"question\":\n \"Two?\"}\n]",
		want: []string{
			`q.json:3: unknown key "colour"`,
			`q.json:5: nothing to judge by`,
		},
	}, {
		name: "q.json",
		data: "[\n {\"question\": \"One?\"},\n {]",
		want: []string{`q.json:3: JSON: invalid character ']'`},
	}, {
		name: "mapping.yaml",
		data: "\nquestions: []\n",
		want: []string{`mapping.yaml:2: a mapping where a list of questions should stand`},
	}, {
		name: "broken.yaml",
		data: "- id: a\n  question: \"never closed\n",
		want: []string{`broken.yaml:2: YAML: `},
	}, {
		name: "deep.yaml",
		data: "- question: " + strings.Repeat("[", 40) + strings.Repeat("]", 40),
		want: []string{"deep.yaml:1: question: a list where a text should stand"},
	}, {
		name: "latin1.yaml",
		data: "- question: Wo?\n  answer: [M\xfcnchen]\n",
		want: []string{"latin1.yaml:2: not UTF-8 text; save the file as UTF-8"},
	}, {
		name: "empty.jsonl",
		data: "\n \n",
		want: []string{"empty.jsonl: no questions in it"},
	}, {
		name: "empty.yaml",
		data: "# none yet\n",
		want: []string{"empty.yaml: no questions in it"},
	}} {
		questions, err := Read(c.name, strings.NewReader(c.data))
		if err == nil {
			t.Errorf("Read(%s) = %d questions; want an error", c.name, len(questions))
			continue
		}
		got := strings.Split(err.Error(), "\n")
		for i := range got {
			if i < len(c.want) && strings.HasPrefix(got[i], c.want[i]) {
				got[i] = c.want[i] // the rest is the parser's wording, or the list of keys
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Read(%s) faults (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestReadFileNamesTheFileThatIsNotThere(t *testing.T) {
	name := filepath.Join(t.TempDir(), "none.yaml")
	if _, err := ReadFile(name); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("ReadFile(%s) error = %v; want one that names the file", name, err)
	}
}

func TestReadFileReadsTheQuestionsOfThisRepository(t *testing.T) {
	names, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("testdata/*.yaml: %d files, error %v", len(names), err)
	}
	for _, name := range names {
		questions, err := ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		if len(questions) < 40 {
			t.Errorf("%s has %d questions; want 40 or more", name, len(questions))
		}
	}
}

// FuzzRead: whatever a file holds, it is read or refused with places in it,
// and what is read can be judged by.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"q.yaml", "q.json", "q.jsonl", "q"} {
		f.Add(name, []byte("- {question: a?, answer: [x|y], paragraphs: [1, d#2]}\n- question: |\n    b?\n  refuse: true\n"))
		f.Add(name, []byte(`[{"question": "a?", "answers": ["x"], "paragraphs": 1}]`))
		f.Add(name, []byte(`{"question": "a?", "refuse": true, "near": "d#1"}`))
		f.Add(name, []byte("- &a [*a]\n- <<: x\n? [k]\n: v\n--- !!str 3\n..."))
	}
	if data, err := os.ReadFile("testdata/summit.yaml"); err == nil {
		f.Add("summit.yaml", data[:min(len(data), 2000)])
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		questions, err := Read(name, strings.NewReader(string(data)))
		if err != nil {
			if !strings.HasPrefix(err.Error(), name+":") {
				t.Errorf("error %q does not say where", err)
			}
			return
		}
		ids := make(map[string]bool)
		for _, q := range questions {
			if q.Text == "" || q.Line < 1 || ids[q.ID] {
				t.Errorf("read a question without text or line, or with an id given before: %+v", q)
			}
			ids[q.ID] = true
			if q.Refuse == (q.judgesText() || len(q.Paragraphs) > 0) {
				t.Errorf("read a question that cannot be judged: %+v", q)
			}
		}
	})
}
