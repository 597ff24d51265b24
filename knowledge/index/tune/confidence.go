package main

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"log"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/rank"
)

// A judged question is one asked of a base that answers it, or does not.
type judged struct {
	evidence   []float64
	answerable bool
	article    string
	set        string
	now        float64
	text       string
}

// tuneConfidence asks every question of bases with and without its article, of
// all articles, of three and of one, and fits a logistic regression.
func tuneConfidence(dirs []string) {
	var all []judged
	for _, dir := range dirs {
		name := filepath.Base(dir)
		qs := questions(dir)
		docs := load(dir, nil)
		at := map[string]int{}
		for i, d := range docs {
			at[d.Document.ID] = i
		}
		byArticle := map[string][]question{}
		for _, q := range qs {
			article, _, _ := strings.Cut(q.Paragraphs[0], "#")
			byArticle[article] = append(byArticle[article], q)
		}
		articles := make([]string, 0, len(byArticle))
		for a := range byArticle {
			articles = append(articles, a)
		}
		slices.Sort(articles)
		ask := func(set string, docs []knowledge.IndexDocument, article string, qs []question, answerable bool) {
			x := index.New()
			defer x.Close()
			if err := x.Apply(context.Background(), every(docs), nil); err != nil {
				log.Fatal(err)
			}
			for _, q := range qs {
				c, err := x.Candidates(context.Background(), knowledge.Query{Text: q.Question})
				if err != nil {
					log.Fatal(err)
				}
				j := judged{answerable: answerable, article: article, set: set, text: q.Question}
				if r := rank.Rank(&c); len(r) > 0 {
					e := rank.Collect(&c, r)
					j.evidence = e[:]
					j.now = rank.Confidence(&c, r)
				} else {
					j.evidence = make([]float64, len(rank.Evidence{}))
				}
				all = append(all, j)
			}
		}
		for _, a := range articles {
			own := docs[at[a]]
			h := fnv.New32a()
			h.Write([]byte(a))
			others := slices.DeleteFunc(slices.Clone(docs), func(d knowledge.IndexDocument) bool { return d.Document.ID == a })
			k := int(h.Sum32() % uint32(len(others)))
			few := []knowledge.IndexDocument{others[k], others[(k+1)%len(others)], others[(k+2)%len(others)]}
			ask(name+" all", docs, a, byArticle[a], true)
			ask(name+" all", others, a, byArticle[a], false)
			ask(name+" three", append(slices.Clone(few[:2]), own), a, byArticle[a], true)
			ask(name+" three", few, a, byArticle[a], false)
			ask(name+" one", []knowledge.IndexDocument{own}, a, byArticle[a], true)
			ask(name+" one", few[:1], a, byArticle[a], false)
		}
	}
	report("now", all, func(j judged) float64 { return j.now })
	folds := map[string]int{}
	for _, j := range all {
		if _, ok := folds[j.article]; !ok {
			folds[j.article] = len(folds) % 4
		}
	}
	held := make(map[*float64]float64)
	for fold := range 4 {
		var train []judged
		for _, j := range all {
			if folds[j.article] != fold {
				train = append(train, j)
			}
		}
		w := logistic(train)
		for _, j := range all {
			if folds[j.article] == fold {
				held[&j.evidence[0]] = dot(j.evidence, w)
			}
		}
	}
	report("held out", all, func(j judged) float64 { return held[&j.evidence[0]] })
	w := logistic(all)
	report("all", all, func(j judged) float64 { return 1 / (1 + math.Exp(-dot(j.evidence, w))) })
	sorted := slices.DeleteFunc(slices.Clone(all), func(j judged) bool { return j.set != "squad2 all" })
	slices.SortFunc(sorted, func(a, b judged) int { return cmp.Compare(dot(a.evidence, w), dot(b.evidence, w)) })
	n := 0
	for _, j := range sorted {
		if j.answerable && n < 150 {
			n++
			if n%3 == 0 {
				fmt.Printf("P %s %.2f %s\n", j.article, dot(j.evidence, w), j.text)
			}
		}
	}
	n = 0
	slices.Reverse(sorted)
	for _, j := range sorted {
		if !j.answerable && n < 300 {
			n++
			if n%5 == 0 {
				fmt.Printf("N %s %.2f %s\n", j.article, dot(j.evidence, w), j.text)
			}
		}
	}
	for i, v := range w {
		fmt.Printf("    %d %.3f\n", i, v)
	}
}

// report prints AUROC, the share of missing ones refused at 5 % false refusals,
// and the threshold for that, by set.
func report(name string, all []judged, score func(judged) float64) {
	sets := map[string][]judged{}
	for _, j := range all {
		sets[j.set] = append(sets[j.set], j)
	}
	names := make([]string, 0, len(sets))
	for s := range sets {
		names = append(names, s)
	}
	slices.Sort(names)
	for _, s := range names {
		var pos, neg []float64
		for _, j := range sets[s] {
			if j.answerable {
				pos = append(pos, score(j))
			} else {
				neg = append(neg, score(j))
			}
		}
		slices.Sort(pos)
		slices.Sort(neg)
		wins := 0.0
		for _, p := range pos {
			lo, _ := slices.BinarySearchFunc(neg, p, cmp.Compare[float64])
			hi, _ := slices.BinarySearchFunc(neg, math.Nextafter(p, math.Inf(1)), cmp.Compare[float64])
			wins += float64(lo) + float64(hi-lo)/2
		}
		threshold := pos[len(pos)/20]
		refused, _ := slices.BinarySearch(neg, threshold)
		falseAtHalf, _ := slices.BinarySearch(pos, 0.5)
		refusedAtHalf, _ := slices.BinarySearch(neg, 0.5)
		fmt.Printf("  %-9s %-16s AUROC %.4f  refused at 5%% %.1f  (threshold %.3f)  at one half: false %.1f refused %.1f\n", name, s,
			wins/float64(len(pos))/float64(len(neg)), pct(refused, len(neg)), threshold, pct(falseAtHalf, len(pos)), pct(refusedAtHalf, len(neg)))
	}
}

func logistic(all []judged) []float64 {
	n := len(all[0].evidence)
	w, m, v := make([]float64, n), make([]float64, n), make([]float64, n)
	const rate, b1, b2 = 0.03, 0.9, 0.999
	for step := 1; step <= 400; step++ {
		grad := make([]float64, n)
		for _, j := range all {
			d := 1 / (1 + math.Exp(-dot(j.evidence, w)))
			if j.answerable {
				d--
			}
			for k, x := range j.evidence {
				grad[k] += d * x
			}
		}
		for k := range w {
			g := grad[k]/float64(len(all)) + 1e-5*w[k]
			m[k] = b1*m[k] + (1-b1)*g
			v[k] = b2*v[k] + (1-b2)*g*g
			w[k] -= rate * (m[k] / (1 - math.Pow(b1, float64(step)))) / (math.Sqrt(v[k]/(1-math.Pow(b2, float64(step)))) + 1e-9)
		}
	}
	return w
}
