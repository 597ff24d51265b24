package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"summitbot/knowledge"
	"summitbot/knowledge/analysis"
	"summitbot/knowledge/paragraph"
)

// A corpus is a set of real documents with questions about some of them.
type corpus struct {
	documents  []knowledge.IndexDocument
	paragraphs int
	questions  []question // answerable ones, each text once
	asked      map[string]bool
}

// A question is one line of questions.jsonl.
type question struct {
	Text       string   `json:"question"`
	Paragraphs []string `json:"paragraphs"` // addresses that answer it
	Refuse     bool     `json:"refuse"`     // nothing answers it
}

// load reads corpus/*.md and questions.jsonl below dir.
func load(dir string) (*corpus, error) {
	files, err := filepath.Glob(filepath.Join(dir, "corpus", "*.md"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no document at %s", filepath.Join(dir, "corpus", "*.md"))
	}
	c := &corpus{asked: map[string]bool{}}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		d := document(strings.TrimSuffix(filepath.Base(f), ".md"), string(data))
		c.documents = append(c.documents, d)
		c.paragraphs += len(d.Paragraphs)
	}
	if err := c.loadQuestions(filepath.Join(dir, "questions.jsonl")); err != nil {
		return nil, err
	}
	return c, nil
}

// document reads the corpora's form: a title after "# ", then paragraphs with
// blank lines between them.
func document(id, text string) knowledge.IndexDocument {
	d := knowledge.IndexDocument{Document: knowledge.Document{ID: id, Title: id}}
	for block := range strings.SplitSeq(text, "\n\n") {
		block = strings.TrimSpace(block)
		if title, ok := strings.CutPrefix(block, "# "); ok {
			d.Document.Title = title
		} else if block != "" {
			p := knowledge.Paragraph{Number: len(d.Paragraphs) + 1, Kind: knowledge.Prose, Text: block}
			for _, s := range paragraph.Sentences(block) {
				p.Sentences = append(p.Sentences, knowledge.Span(s))
			}
			d.Paragraphs = append(d.Paragraphs, p)
		}
	}
	d.Document.Language, _ = analysis.Detect(text)
	return d
}

func (c *corpus) loadQuestions(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	seen := map[string]bool{}
	for n := 1; lines.Scan(); n++ {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if q.Refuse || seen[q.Text] {
			continue
		}
		seen[q.Text] = true
		c.questions = append(c.questions, q)
		for _, address := range q.Paragraphs {
			a, err := knowledge.ParseAddress(address)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", path, n, err)
			}
			c.asked[a.Document] = true
		}
	}
	return lines.Err()
}

// sample returns n questions, or all, spread evenly over all.
func (c *corpus) sample(n int) []question {
	if n >= len(c.questions) {
		return c.questions
	}
	out := make([]question, n)
	for i := range out {
		out[i] = c.questions[i*len(c.questions)/n]
	}
	return out
}

const (
	noiseDocument = 30 // paragraphs of one document of noise
	// One word in replaced is exchanged for another word of the corpus.
	replaced = 16
	// One of those in coined is a word that stands nowhere else, made of the
	// halves of two words: texts do not stop having new words, and a lexicon of
	// 19 thousand for a million paragraphs would flatter every engine.
	coined = 16
)

// documentsUpTo yields the real documents, then noise until there are total
// paragraphs. The same corpus gives the same noise every time.
func (c *corpus) documentsUpTo(total int) iter.Seq2[knowledge.IndexDocument, error] {
	return func(yield func(knowledge.IndexDocument, error) bool) {
		for _, d := range c.documents {
			if !yield(d, nil) {
				return
			}
		}
		n := newNoise(c)
		if c.paragraphs < total && len(n.sentences) == 0 {
			yield(knowledge.IndexDocument{}, errors.New("every document is asked about: nothing to make noise of"))
			return
		}
		for at := c.paragraphs; at < total; at += noiseDocument {
			if !yield(n.document(min(noiseDocument, total-at)), nil) {
				return
			}
		}
	}
}

// noise makes paragraphs of sentences that answer nothing.
type noise struct {
	random    *rand.Rand
	sentences [][]string // words of each sentence of a document that is not asked about
	words     []string   // running words of the whole corpus
	made      int        // documents
}

func newNoise(c *corpus) *noise {
	n := &noise{random: rand.New(rand.NewPCG(1, 2))}
	var tokens []analysis.Token
	for _, d := range c.documents {
		for _, p := range d.Paragraphs {
			tokens = analysis.Tokens(p.Text, tokens[:0])
			for _, t := range tokens {
				n.words = append(n.words, p.Text[t.Start:t.End])
			}
			if c.asked[d.Document.ID] {
				continue
			}
			for _, s := range p.Sentences {
				n.sentences = append(n.sentences, strings.Fields(p.Text[s.Start:s.End]))
			}
		}
	}
	return n
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// document returns the next document of noise.
func (n *noise) document(paragraphs int) knowledge.IndexDocument {
	n.made++
	title := n.word() + " " + n.word()
	d := knowledge.IndexDocument{Document: knowledge.Document{ID: fmt.Sprintf("noise-%06d", n.made), Title: title, Language: "en"}}
	for i := range paragraphs {
		p := knowledge.Paragraph{Number: i + 1, Kind: knowledge.Prose}
		var text strings.Builder
		for range 3 + n.random.IntN(4) {
			if text.Len() > 0 {
				text.WriteByte(' ')
			}
			start := text.Len()
			for k, word := range pick(n.random, n.sentences) {
				if k > 0 {
					text.WriteByte(' ')
				}
				if n.random.IntN(replaced) == 0 {
					word = exchange(word, n.word())
				}
				text.WriteString(word)
			}
			p.Sentences = append(p.Sentences, knowledge.Span{Start: start, End: text.Len()})
		}
		p.Text = text.String()
		d.Paragraphs = append(d.Paragraphs, p)
	}
	return d
}

// word returns a word as often as the corpus has it, or a coined one.
func (n *noise) word() string {
	w := pick(n.random, n.words)
	if n.random.IntN(coined) > 0 {
		return w
	}
	head, tail := []rune(w), []rune(pick(n.random, n.words))
	return string(head[:(len(head)+1)/2]) + string(tail[len(tail)/2:])
}

// exchange puts by in the place of a word, keeping the punctuation around it.
func exchange(word, by string) string {
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	start := strings.IndexFunc(word, letter)
	if start < 0 {
		return word
	}
	end := start + len(strings.TrimRightFunc(word[start:], func(r rune) bool { return !letter(r) }))
	return word[:start] + by + word[end:]
}
