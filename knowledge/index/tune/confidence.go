package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/rank"
)

// A judged question is one asked of a base that answers it, or does not.
type judged struct {
	evidence   rank.Evidence
	answerable bool
	article    string
	set        string
	now        float64
	text       string
}

// tuneConfidence asks every question of bases with and without its article, of
// all articles, of three and of one, and fits a logistic regression.
func tuneConfidence(dirs []string, fit bool) {
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
		ask := func(set string, docs []knowledge.IndexDocument, article string, qs []question, answerable bool, vary func(string) string) {
			x := index.New()
			defer x.Close()
			if err := x.Apply(context.Background(), every(docs), nil); err != nil {
				log.Fatal(err)
			}
			for _, q := range qs {
				text := q.Question
				if vary != nil {
					text = vary(text)
				}
				if text == "" {
					continue
				}
				c, err := x.Candidates(context.Background(), knowledge.Query{Text: text})
				if err != nil {
					log.Fatal(err)
				}
				j := judged{answerable: answerable, article: article, set: set, text: text}
				if r := rank.Rank(&c); len(r) > 0 {
					j.evidence = rank.Collect(&c, r)
					j.now = rank.Confidence(&c, r)
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
			for set, bases := range map[string][2][]knowledge.IndexDocument{
				"all":   {docs, others},
				"three": {append(slices.Clone(few[:2]), own), few},
				"one":   {{own}, few[:1]},
			} {
				ask(name+" "+set, bases[0], a, byArticle[a], true, nil)
				ask(name+" "+set, bases[1], a, byArticle[a], false, nil)
				// As people type: without capitals, with a slip in a name.
				ask(name+" "+set+" lower", bases[0], a, byArticle[a], true, lower)
				ask(name+" "+set+" lower", bases[1], a, byArticle[a], false, lower)
				ask(name+" "+set+" slip", bases[0], a, byArticle[a], true, slip)
				ask(name+" "+set+" slip", bases[1], a, byArticle[a], false, slip)
			}
		}
	}
	report("now", all, func(j judged) float64 { return j.now })
	if !fit {
		return
	}
	folds := map[string]int{}
	for _, j := range all {
		if _, ok := folds[j.article]; !ok {
			folds[j.article] = len(folds) % 2
		}
	}
	networks := [2]*rank.Network{}
	for fold := range networks {
		networks[fold] = train(slices.DeleteFunc(slices.Clone(all), func(j judged) bool { return folds[j.article] == fold }))
	}
	report("held out", all, func(j judged) float64 { return networks[folds[j.article]].Judge(j.evidence) })
	n := train(all)
	report("all", all, func(j judged) float64 { return n.Judge(j.evidence) })
	data, err := json.Marshal(rounded(n))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(networkFile, data, 0o644); err != nil {
		log.Fatal(err)
	}
}

// networkFile is where the fitted network goes, from the repository's root.
const networkFile = "knowledge/rank/confidence.json"

// rounded cuts weights to what matters, so that the file stays readable.
func rounded(n *rank.Network) *rank.Network {
	cut := func(x float64) float64 { return math.Round(x*1e4) / 1e4 }
	for i := range n.Mean {
		n.Mean[i], n.Deviation[i], n.Direct[i] = cut(n.Mean[i]), cut(n.Deviation[i]), cut(n.Direct[i])
	}
	for h := range n.Hidden {
		n.Output[h] = cut(n.Output[h])
		for i := range n.Hidden[h] {
			n.Hidden[h][i] = cut(n.Hidden[h][i])
		}
	}
	return n
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

// Size and weight decay of the network: of 8 to 14 units and decays of 2e-4 to
// 3e-3 none differed by more than 0.002 of AUROC on articles not seen.
const (
	units = 14
	decay = 5e-4
	steps = 500
)

// train fits a network by Adam over all questions at once.
func train(all []judged) *rank.Network {
	n := &rank.Network{}
	size := len(n.Mean)
	for _, j := range all {
		for k, x := range j.evidence {
			n.Mean[k] += x / float64(len(all))
		}
	}
	for _, j := range all {
		for k, x := range j.evidence {
			n.Deviation[k] += (x - n.Mean[k]) * (x - n.Mean[k]) / float64(len(all))
		}
	}
	inputs := make([][]float64, len(all))
	for k := range n.Deviation {
		n.Deviation[k] = math.Sqrt(n.Deviation[k])
	}
	n.Mean[0], n.Deviation[0] = 0, 1 // the bias
	for i, j := range all {
		inputs[i] = make([]float64, size)
		for k, x := range j.evidence {
			inputs[i][k] = x
			if n.Deviation[k] > 0 {
				inputs[i][k] = (x - n.Mean[k]) / n.Deviation[k]
			}
		}
	}
	// All weights in one line: hidden units, outputs, direct.
	direct := units*size + units
	w := make([]float64, direct+size)
	random := rand.New(rand.NewPCG(1, 2))
	for k := range direct {
		w[k] = random.NormFloat64() * 0.2
	}
	grad, m, v := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
	hidden := make([]float64, units)
	for step := 1; step <= steps; step++ {
		clear(grad)
		for i, x := range inputs {
			out := dot(w[direct:], x)
			for h := range hidden {
				hidden[h] = math.Tanh(dot(w[h*size:(h+1)*size], x))
				out += w[units*size+h] * hidden[h]
			}
			d := 1 / (1 + math.Exp(-out))
			if all[i].answerable {
				d--
			}
			for k, value := range x {
				grad[direct+k] += d * value
			}
			for h, value := range hidden {
				grad[units*size+h] += d * value
				back := d * w[units*size+h] * (1 - value*value)
				for k, value := range x {
					grad[h*size+k] += back * value
				}
			}
		}
		rate := 0.02
		if step > steps*2/3 {
			rate = 0.005
		}
		for k := range w {
			g := grad[k]/float64(len(all)) + decay*w[k]
			m[k] = 0.9*m[k] + 0.1*g
			v[k] = 0.999*v[k] + 0.001*g*g
			w[k] -= rate * (m[k] / (1 - math.Pow(0.9, float64(step)))) / (math.Sqrt(v[k]/(1-math.Pow(0.999, float64(step)))) + 1e-9)
		}
	}
	for h := range units {
		n.Hidden = append(n.Hidden, rank.Evidence(w[h*size:(h+1)*size]))
	}
	n.Output = w[units*size : direct]
	n.Direct = rank.Evidence(w[direct:])
	return n
}

// lower and slip return one question in four, changed as people change them
// without meaning to; "" for the others.
func lower(text string) string {
	if chance(text)%4 != 0 {
		return ""
	}
	return strings.ToLower(text)
}

func slip(text string) string {
	if chance(text)%4 != 1 {
		return ""
	}
	words := strings.Fields(text)
	for i, w := range words {
		r := []rune(strings.Trim(w, "?,.'\""))
		if i == 0 || len(r) < 5 || !unicode.IsUpper(r[0]) {
			continue
		}
		at := 1 + int(chance(w)%uint32(len(r)-2))
		changed := slices.Clone(r)
		changed[at], changed[at+1] = changed[at+1], changed[at]
		if at%2 == 0 {
			changed = slices.Delete(slices.Clone(r), at, at+1)
		}
		words[i] = strings.Replace(w, string(r), string(changed), 1)
		return strings.Join(words, " ")
	}
	return ""
}

func chance(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}
