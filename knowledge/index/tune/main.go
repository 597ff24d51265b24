// Command tune measures the ranking on judged questions and fits the weights of
// package rank: a softmax over the candidates of each question, by gradient
// descent, two folds by article. It prints what the fitted weights give on the
// fold they have not seen.
//
//	go run ./knowledge/index/tune [-fit] DIR...
//
// DIR holds corpus/*.md and questions.jsonl.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"iter"
	"log"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"summitbot/knowledge"
	"summitbot/knowledge/analysis"
	"summitbot/knowledge/index"
	"summitbot/knowledge/paragraph"
	"summitbot/knowledge/rank"
)

type question struct {
	ID         string   `json:"id"`
	Question   string   `json:"question"`
	Paragraphs []string `json:"paragraphs"`
	Answers    []string `json:"answers"`
	Refuse     bool     `json:"refuse"`
}

func load(dir string, skip func(string) bool) []knowledge.IndexDocument {
	files, err := filepath.Glob(filepath.Join(dir, "corpus", "*.md"))
	if err != nil {
		log.Fatal(err)
	}
	var docs []knowledge.IndexDocument
	for _, f := range files {
		id := strings.TrimSuffix(filepath.Base(f), ".md")
		if skip != nil && skip(id) {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			log.Fatal(err)
		}
		d := knowledge.IndexDocument{Document: knowledge.Document{ID: id}}
		for _, block := range strings.Split(string(data), "\n\n") {
			block = strings.TrimSpace(block)
			if t, ok := strings.CutPrefix(block, "# "); ok && d.Document.Title == "" {
				d.Document.Title = t
				continue
			}
			if block == "" {
				continue
			}
			p := knowledge.Paragraph{Number: len(d.Paragraphs) + 1, Text: block}
			for _, s := range paragraph.Sentences(block) {
				p.Sentences = append(p.Sentences, knowledge.Span(s))
			}
			d.Paragraphs = append(d.Paragraphs, p)
		}
		d.Document.Language, _ = analysis.Detect(string(data))
		docs = append(docs, d)
	}
	return docs
}

func questions(dir string) []question {
	f, err := os.Open(filepath.Join(dir, "questions.jsonl"))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	var out []question
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var q question
		if err := json.Unmarshal(s.Bytes(), &q); err != nil {
			log.Fatal(err)
		}
		if !q.Refuse {
			out = append(out, q)
		}
	}
	return out
}

func every(docs []knowledge.IndexDocument) iter.Seq2[knowledge.IndexDocument, error] {
	return func(yield func(knowledge.IndexDocument, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// An item is one question with the features of its candidates.
type item struct {
	q        question
	gold     []bool
	features [][]float64
	order    []rank.Ranked
	article  string
	cands    rank.Candidates
	corpus   string
	docs     map[string]knowledge.IndexDocument
}

func main() {
	fit := flag.Bool("fit", false, "fit weights")
	sentences := flag.Bool("sentences", false, "measure the choice of sentences instead")
	confidence := flag.Bool("confidence", false, "measure and fit the confidence instead")
	deep := flag.Int("deep", 1, "with -v, questions whose paragraph is not among the first N")
	verbose := flag.Bool("v", false, "print questions missed")
	flag.Parse()
	var pool []item
	for _, dir := range flag.Args() {
		docs := load(dir, nil)
		x := index.New()
		start := time.Now()
		if err := x.Apply(context.Background(), every(docs), nil); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d documents, built in %v\n", dir, len(docs), time.Since(start))
		var items []item
		byID := map[string]knowledge.IndexDocument{}
		for _, d := range docs {
			byID[d.Document.ID] = d
		}
		start = time.Now()
		for _, q := range questions(dir) {
			c, err := x.Candidates(context.Background(), knowledge.Query{Text: q.Question})
			if err != nil {
				log.Fatal(err)
			}
			it := item{corpus: dir, docs: byID, q: q, order: rank.Rank(&c), cands: c}
			it.article, _, _ = strings.Cut(q.Paragraphs[0], "#")
			for _, r := range it.order {
				p := c.Paragraphs[r.Candidate]
				addr := knowledge.Address{Document: p.Document, Paragraph: p.Number}.String()
				gold := false
				for _, g := range q.Paragraphs {
					gold = gold || g == addr
				}
				it.gold = append(it.gold, gold)
				it.features = append(it.features, r.Features[:])
			}
			items = append(items, it)
		}
		took := time.Since(start)
		first := 0
		for _, it := range items {
			for i, p := range it.cands.Paragraphs {
				addr := knowledge.Address{Document: p.Document, Paragraph: p.Number}.String()
				if i == 0 && addr == it.q.Paragraphs[0] {
					first++
				}
			}
		}
		h1, h5, h100, mrr := hits(items)
		fmt.Printf("  first stage %.1f  hit@1 %.1f  hit@5 %.1f  hit@100 %.1f  MRR %.3f  %v a question\n", pct(first, len(items)), h1, h5, h100, mrr, took/time.Duration(len(items)))
		if *verbose {
			for _, it := range items {
				at := slices.Index(it.gold, true)
				if at < 0 || at >= *deep {
					p := it.cands.Paragraphs[it.order[0].Candidate]
					fmt.Printf("    %s | %v at %d | %s#%d\n", it.q.Question, it.q.Paragraphs, at+1, p.Document, p.Number)
				}
			}
		}
		pool = append(pool, items...)
	}
	if *fit && !*sentences && !*confidence {
		folds(pool)
	}
	if *sentences {
		tuneSentences(pool, *fit)
	}
	if *confidence {
		tuneConfidence(flag.Args(), *fit)
	}
}

func pct(a, b int) float64 { return 100 * float64(a) / float64(b) }

func hits(items []item) (h1, h5, h100, mrr float64) {
	for _, it := range items {
		for i, g := range it.gold {
			if !g {
				continue
			}
			if i < 1 {
				h1++
			}
			if i < 5 {
				h5++
			}
			h100++
			mrr += 1 / float64(i+1)
			break
		}
	}
	n := float64(len(items))
	return 100 * h1 / n, 100 * h5 / n, 100 * h100 / n, mrr / n
}

// folds fits on one half of the articles and measures on the other, both ways,
// then fits on all.
func folds(items []item) {
	articles := map[string]int{}
	for _, it := range items {
		if _, ok := articles[it.article]; !ok {
			articles[it.article] = len(articles)
		}
	}
	var r1, r5, n float64
	for fold := range 2 {
		var train, test []item
		for _, it := range items {
			if articles[it.article]%2 == fold {
				train = append(train, it)
			} else {
				test = append(test, it)
			}
		}
		w := softmax(train)
		a, b, _, _ := score(test, w)
		byCorpus := map[string][]item{}
		for _, it := range test {
			byCorpus[it.corpus] = append(byCorpus[it.corpus], it)
		}
		for c, its := range byCorpus {
			a, b, _, _ := score(its, w)
			fmt.Printf("    fold %d %s: %.2f %.2f\n", fold, filepath.Base(c), a, b)
		}
		r1 += a * float64(len(test))
		r5 += b * float64(len(test))
		n += float64(len(test))
	}
	fmt.Printf("  held out: hit@1 %.2f  hit@5 %.2f\n", r1/n, r5/n)
	w := softmax(items)
	a, b, _, _ := score(items, w)
	fmt.Printf("  all: hit@1 %.2f  hit@5 %.2f\n", a, b)
	byCorpus := map[string][]item{}
	for _, it := range items {
		byCorpus[it.corpus] = append(byCorpus[it.corpus], it)
	}
	for c, its := range byCorpus {
		a, b, _, _ := score(its, w)
		fmt.Printf("    %s: %.2f %.2f\n", filepath.Base(c), a, b)
	}
	for i, v := range w {
		fmt.Printf("    %d %.3f\n", i, v)
	}
}

func score(items []item, w []float64) (h1, h5, h100, mrr float64) {
	out := make([]item, len(items))
	for i, it := range items {
		s := make([]float64, len(it.features))
		for j, f := range it.features {
			s[j] = dot(f, w)
		}
		// Only the rank of the best right one counts.
		best := math.Inf(-1)
		for j, g := range it.gold {
			if g && s[j] > best {
				best = s[j]
			}
		}
		rankOf := 0
		for _, v := range s {
			if v > best {
				rankOf++
			}
		}
		if !math.IsInf(best, -1) {
			out[i].gold = make([]bool, rankOf+1)
			out[i].gold[rankOf] = true
		}
	}
	return hits(out)
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// softmax fits weights by Adam over the log-likelihood of the right candidate.
func softmax(items []item) []float64 {
	n := len(items[0].features[0])
	w := make([]float64, n)
	m, v := make([]float64, n), make([]float64, n)
	const rate, b1, b2 = 0.01, 0.9, 0.999
	for step := 1; step <= 300; step++ {
		grad := make([]float64, n)
		for _, it := range items {
			best := math.Inf(-1)
			s := make([]float64, len(it.features))
			for j, f := range it.features {
				s[j] = dot(f, w)
				best = max(best, s[j])
			}
			sum := 0.0
			for j := range s {
				s[j] = math.Exp(s[j] - best)
				sum += s[j]
			}
			right := 0.0 // the share of the right candidates; any of them will do
			for j, g := range it.gold {
				if g {
					right += s[j]
				}
			}
			if right == 0 {
				continue
			}
			for j, f := range it.features {
				p := s[j] / sum
				if it.gold[j] {
					p -= s[j] / right
				}
				if p > -1e-6 && p < 1e-6 {
					continue
				}
				for k := range f {
					grad[k] += p * f[k]
				}
			}
		}
		for k := range w {
			g := grad[k]/float64(len(items)) + 1e-4*w[k]
			m[k] = b1*m[k] + (1-b1)*g
			v[k] = b2*v[k] + (1-b2)*g*g
			w[k] -= rate * (m[k] / (1 - math.Pow(b1, float64(step)))) / (math.Sqrt(v[k]/(1-math.Pow(b2, float64(step)))) + 1e-9)
		}
	}
	return w
}

// tuneSentences measures in how many questions an answer stands in the first
// one, two and three sentences, and fits the sentence weights.
func tuneSentences(items []item, fit bool) {
	var sets []item // gold and features of the sentences of the first five paragraphs
	var scores [][]float64
	for _, it := range items {
		set := item{q: it.q, cands: it.cands, corpus: it.corpus, article: it.article}
		var sc []float64
		for _, r := range it.order[:min(5, len(it.order))] {
			p := it.cands.Paragraphs[r.Candidate]
			text := it.docs[p.Document].Paragraphs[p.Number-1]
			for j, f := range r.Sentences {
				span := text.Sentences[j]
				set.gold = append(set.gold, holds(text.Text[span.Start:span.End], it.q.Answers))
				set.features = append(set.features, f[:])
				sc = append(sc, r.Scores[j])
			}
		}
		sets = append(sets, set)
		scores = append(scores, sc)
	}
	report := func(name string, score func(i int) []float64, sets []item) {
		by := map[string][4]float64{}
		for i, it := range sets {
			s := score(i)
			order := descending(s)
			n := by[it.corpus]
			n[0]++
			found := false
			for k := range 3 {
				if k < len(order) && it.gold[order[k]] {
					found = true
				}
				if found {
					n[k+1]++
				}
			}
			by[it.corpus] = n
		}
		for c, n := range by {
			fmt.Printf("  %s %s: %.1f %.1f %.1f\n", name, filepath.Base(c), 100*n[1]/n[0], 100*n[2]/n[0], 100*n[3]/n[0])
		}
	}
	report("now", func(i int) []float64 { return scores[i] }, sets)
	typeReport(sets, scores)
	marginReport(sets, scores)
	if !fit {
		return
	}
	linear := func(sets []item, w []float64) func(int) []float64 {
		return func(i int) []float64 {
			var out []float64
			for _, f := range sets[i].features {
				out = append(out, dot(f, w))
			}
			return out
		}
	}
	articles := map[string]int{}
	for _, it := range sets {
		if _, ok := articles[it.article]; !ok {
			articles[it.article] = len(articles)
		}
	}
	for fold := range 2 {
		var train, test []item
		for _, it := range sets {
			if articles[it.article]%2 == fold {
				train = append(train, it)
			} else {
				test = append(test, it)
			}
		}
		report(fmt.Sprintf("fold %d", fold), linear(test, softmax(train)), test)
	}
	w := softmax(sets)
	report("all", linear(sets, w), sets)
	for i, v := range w {
		fmt.Printf("    %d %.3f\n", i, v)
	}
}

// descending returns the positions of scores, the highest first.
func descending(scores []float64) []int {
	order := make([]int, len(scores))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order
}

// holds reports whether one of the answers stands in text as whole words.
func holds(text string, answers []string) bool {
	text = strings.ToLower(text)
	for _, a := range answers {
		a = strings.ToLower(a)
		for at := 0; ; {
			i := strings.Index(text[at:], a)
			if i < 0 {
				break
			}
			i += at
			if !wordAt(text, i-1) && !wordAt(text, i+len(a)) {
				return true
			}
			at = i + 1
		}
	}
	return false
}

func wordAt(s string, i int) bool {
	return i >= 0 && i < len(s) && (s[i] >= 0x80 || s[i] >= 'a' && s[i] <= 'z' || s[i] >= '0' && s[i] <= '9')
}

// typeFeature is the sentence feature that tells whether it has what was asked for.
const typeFeature = 4

// typeReport tells, for each kind of thing asked for, how often the first three
// sentences hold the answer when one of them has such a thing, and when none has.
func typeReport(sets []item, scores [][]float64) {
	type key struct {
		kind analysis.AnswerType
		has  bool
	}
	counts, right := map[key]int{}, map[key]int{}
	for i, it := range sets {
		order := descending(scores[i])
		k := key{kind: it.cands.Question.Type}
		found := false
		for _, o := range order[:min(3, len(order))] {
			k.has = k.has || it.features[o][typeFeature] > 0
			found = found || it.gold[o]
		}
		anywhere := false
		for _, f := range it.features {
			anywhere = anywhere || f[typeFeature] > 0
		}
		if !anywhere && k.kind != 0 {
			fmt.Println("    nowhere:", k.kind, it.q.Question, it.q.Answers[0])
		}
		counts[k]++
		if found {
			right[k]++
		}
	}
	for kind := range analysis.PlaceAnswer + 1 {
		for _, has := range []bool{true, false} {
			k := key{kind, has}
			fmt.Printf("  type %d present %v: %d questions, %.1f %% answered\n", kind, has, counts[k], pct(right[k], max(1, counts[k])))
		}
	}
}

// marginReport tells what it costs and brings to show up to three sentences
// whose scores lie within a margin of the best one's.
func marginReport(sets []item, scores [][]float64) {
	for _, margin := range []float64{0, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 100} {
		shown, right := 0, 0
		for i, it := range sets {
			order := descending(scores[i])
			found := false
			for _, o := range order[:min(3, len(order))] {
				if scores[i][o] >= scores[i][order[0]]-margin {
					shown++
					found = found || it.gold[o]
				}
			}
			if found {
				right++
			}
		}
		fmt.Printf("  margin %.1f: %.2f sentences, %.1f %% answered\n", margin, float64(shown)/float64(len(sets)), pct(right, len(sets)))
	}
}
