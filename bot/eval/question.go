package eval

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"summitbot/knowledge"
)

// A Question is one question with the judgement of a person who knows the
// documents.
type Question struct {
	ID         string              // unique in its file; its line if the file gives none
	Text       string              // as a person would ask it
	Paragraphs []knowledge.Address // any one of them is a right citation; Document is "" where only a number was given
	Answer     [][]string          // each must occur in the answer shown, in one of its alternatives; parts of words count
	Answers    []string            // any one of them must occur in the answer shown, as whole words
	Refuse     bool                // the documents do not say
	OrRefuse   bool                // a refusal is right too
	History    []string            // earlier questions of the same conversation, oldest first
	Needs      string              // NeedsLLM, or "" if any answerer is expected to answer
	Near       []knowledge.Address // paragraphs that come near a question that has no answer
	// Collections are searched; empty means every one.
	Collections []string

	File string // where the question stands
	Line int    // from 1
}

// NeedsLLM as Question.Needs says that only an answerer with a model is
// expected to answer.
const NeedsLLM = "llm"

// Place returns where the question stands, as "file:line".
func (q Question) Place() string { return place(q.File, q.Line) }

func place(file string, line int) string { return file + ":" + strconv.Itoa(line) }

// ReadFile reads the questions of the file called name; see Read.
func ReadFile(name string) ([]Question, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("questions: %w", err)
	}
	defer f.Close()
	return Read(name, f)
}

// Read reads questions from r: YAML (a list), JSON (an array) or JSON Lines.
// The ending of name tells which; for another ending, the content does. Every
// bad entry is reported at once, each as "name:line: what is wrong".
func Read(name string, r io.Reader) ([]Question, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("questions %s: %w", name, err)
	}
	entries, faults := decode(name, data)
	if len(entries) == 0 && len(faults) == 0 {
		return nil, fmt.Errorf("%s: no questions in it", name)
	}
	questions := make([]Question, 0, len(entries))
	lines := make(map[string]int, len(entries))
	for _, entry := range entries {
		q, wrong := newQuestion(entry)
		if first, ok := lines[q.ID]; ok {
			wrong = append(wrong, fault{entry.line, fmt.Sprintf("id %q was given in line %d already", q.ID, first)})
		} else {
			lines[q.ID] = entry.line
		}
		q.File = name
		questions = append(questions, q)
		faults = append(faults, wrong...)
	}
	if len(faults) > 0 {
		slices.SortStableFunc(faults, func(a, b fault) int { return a.line - b.line })
		errs := make([]error, len(faults))
		for i, f := range faults {
			errs[i] = fmt.Errorf("%s: %s", place(name, f.line), f.what)
		}
		return nil, errors.Join(errs...)
	}
	return questions, nil
}

// A fault is something wrong in a question file.
type fault struct {
	line int
	what string
}

// newQuestion reads one entry of a question file.
func newQuestion(entry value) (Question, []fault) {
	q := Question{ID: "line " + strconv.Itoa(entry.line), Line: entry.line}
	if entry.kind != object {
		return q, []fault{{entry.line, fmt.Sprintf("%s where a question with its keys should stand", entry.kind)}}
	}
	var faults []fault
	complain := func(line int, format string, args ...any) {
		faults = append(faults, fault{line, fmt.Sprintf(format, args...)})
	}
	// The readers of one value each; a null counts as a key that is not there.
	text := func(key string, v value) string {
		if !v.scalar() {
			complain(v.line, "%s: %s where a text should stand", key, v.kind)
			return ""
		}
		s := strings.TrimSpace(v.text)
		if s == "" {
			complain(v.line, "%s: empty", key)
		}
		return s
	}
	texts := func(key string, v value) []string {
		var out []string
		for _, item := range v.list() {
			out = append(out, text(key, item))
		}
		return out
	}
	flag := func(key string, v value) bool {
		if v.kind != boolean {
			complain(v.line, "%s: %s where true or false should stand", key, v.kind)
		}
		return v.text == "true"
	}
	addresses := func(key string, v value) []knowledge.Address {
		var out []knowledge.Address
		for _, item := range v.list() {
			a, err := parseAddress(item)
			if err != nil {
				complain(item.line, "%s: %v", key, err)
				continue
			}
			out = append(out, a)
		}
		return out
	}

	seen := make(map[string]bool)
	for _, f := range entry.fields {
		key, v := f.key, f.value
		if seen[key] {
			complain(f.line, "%s: given twice", key)
			continue
		}
		seen[key] = true
		if !slices.Contains(keys(), key) {
			complain(f.line, "unknown key %q; the keys are %s", key, strings.Join(keys(), ", "))
			continue
		}
		if v.kind == null {
			continue
		}
		switch key {
		case "id":
			q.ID = text(key, v)
		case "question":
			q.Text = text(key, v)
		case "paragraphs":
			q.Paragraphs = addresses(key, v)
		case "answer":
			for i, s := range texts(key, v) {
				alternatives := strings.Split(s, "|")
				for j, a := range alternatives {
					if alternatives[j] = strings.TrimSpace(a); alternatives[j] == "" && s != "" {
						complain(v.list()[i].line, "answer: an empty alternative in %q would always occur", s)
					}
				}
				q.Answer = append(q.Answer, alternatives)
			}
		case "answers":
			q.Answers = texts(key, v)
		case "refuse":
			q.Refuse = flag(key, v)
		case "or_refuse":
			q.OrRefuse = flag(key, v)
		case "history":
			q.History = texts(key, v)
		case "needs":
			if q.Needs = text(key, v); q.Needs != NeedsLLM && q.Needs != "" {
				complain(v.line, "needs: %q; the only need is %q", q.Needs, NeedsLLM)
			}
		case "near":
			q.Near = addresses(key, v)
		case "collections":
			q.Collections = texts(key, v)
		}
	}

	judged := len(q.Paragraphs)+len(q.Answer)+len(q.Answers) > 0
	switch {
	case len(faults) > 0: // what follows may only be their consequence
	case q.Text == "":
		complain(entry.line, "question: missing")
	case q.Refuse && judged:
		complain(entry.line, "refuse: a question that the documents do not answer has no paragraphs, answer or answers")
	case q.Refuse && q.OrRefuse:
		complain(entry.line, "refuse and or_refuse exclude each other")
	case !q.Refuse && !judged:
		complain(entry.line, "nothing to judge by: give paragraphs, answer, answers or refuse")
	}
	return q, faults
}

// keys lists what a question may hold.
func keys() []string {
	return []string{
		"id", "question", "paragraphs", "answer", "answers", "refuse",
		"or_refuse", "history", "needs", "near", "collections",
	}
}

// parseAddress reads "doc#7", or 7 for paragraph 7 of the only document.
func parseAddress(v value) (knowledge.Address, error) {
	if !v.scalar() {
		return knowledge.Address{}, fmt.Errorf("%s where a paragraph should stand", v.kind)
	}
	n, err := strconv.Atoi(v.text)
	switch {
	case err == nil && n < 1:
		return knowledge.Address{}, fmt.Errorf("paragraph %d: paragraphs are numbered from 1", n)
	case err == nil:
		return knowledge.Address{Paragraph: n}, nil
	}
	return knowledge.ParseAddress(v.text)
}
