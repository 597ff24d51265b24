// Command measure tells how well the gate separates supported claims from
// others, on claims that people labelled, and fits the weights of its support
// score: a logistic regression, five folds by claim. What it prints of the score
// is always of claims that the weights have not seen.
//
//	go run ./bot/answer/gate/measure [-fit] [-show KIND] CLAIMS
//
// CLAIMS is a file of claims in JSON lines: claim, evidence (sentences) and label
// (supported, partially_supported, not_supported). -fit prints weights over all
// claims, for support.go. -show lists the supported claims that failed a check.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"summitbot/bot/answer/gate"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("measure: ")
	fit := flag.Bool("fit", false, "print weights fitted over all claims")
	show := flag.String("show", "", "list the supported claims that failed this check")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("want the file of claims")
	}
	claims, err := load(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	r := evaluate(claims)
	r.print(os.Stdout)
	if *show != "" {
		list(os.Stdout, claims, gate.Kind(*show))
	}
	if *fit {
		fmt.Println("weights over all claims:")
		for _, w := range train(claims) {
			fmt.Printf("\t%.3f,\n", w)
		}
	}
}

// A label is what annotators thought of a claim.
type label string

const (
	supported label = "supported"
	partly    label = "partially_supported"
	unfounded label = "not_supported"
)

// A claim is one of the file, with what the gate makes of it.
type claim struct {
	Claim    string   `json:"claim"`
	Label    label    `json:"label"`
	Evidence []string `json:"evidence"`

	features [gate.FeatureCount]float64
	verdict  gate.Verdict
	took     time.Duration
	score    float64 // by weights fitted on other claims
}

func load(path string) ([]*claim, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []*claim
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		c := new(claim)
		if err := json.Unmarshal(lines.Bytes(), c); err != nil {
			return nil, fmt.Errorf("%s: claim %d: %w", path, len(out)+1, err)
		}
		var cited []gate.Sentence
		for _, s := range c.Evidence {
			cited = append(cited, gate.Sentence{Text: s, Lang: "en"})
		}
		started := time.Now()
		c.verdict = gate.Check(c.Claim, "en", cited, gate.Options{})
		c.took = time.Since(started)
		c.features = gate.Features(c.Claim, "en", cited, gate.Options{})
		out = append(out, c)
	}
	return out, lines.Err()
}

// folds is how many parts the claims are dealt into.
const folds = 5

// deal puts claims into folds in their order, label by label, so that each fold
// has its share of every label.
func deal(claims []*claim) [folds][]*claim {
	var out [folds][]*claim
	seen := map[label]int{}
	for _, c := range claims {
		out[seen[c.Label]%folds] = append(out[seen[c.Label]%folds], c)
		seen[c.Label]++
	}
	return out
}

// A report is what evaluate found.
type report struct {
	counts          map[label]int
	unsupported     auroc // supported against not supported
	partial         auroc // supported against partly or not supported
	shipped         [2]float64
	hard            map[label]float64 // share of claims with a wrong number, date, unit, link or name
	checks          map[gate.Kind]map[label]float64
	median, slowest time.Duration
}

// evaluate scores every claim by weights fitted on the other folds.
func evaluate(claims []*claim) report {
	dealt := deal(claims)
	for i := range dealt {
		var rest []*claim
		for j := range dealt {
			if j != i {
				rest = append(rest, dealt[j]...)
			}
		}
		w := train(rest)
		for _, c := range dealt[i] {
			c.score = dot(w, c.features)
		}
	}
	r := report{counts: map[label]int{}, hard: map[label]float64{}, checks: map[gate.Kind]map[label]float64{}}
	for _, c := range claims {
		r.counts[c.Label]++
	}
	var times []time.Duration
	for _, c := range claims {
		one := 1 / float64(r.counts[c.Label])
		if c.verdict.Hard() {
			r.hard[c.Label] += one
		}
		seen := map[gate.Kind]bool{}
		for _, f := range c.verdict.Failures {
			if seen[f.Check] {
				continue
			}
			seen[f.Check] = true
			if r.checks[f.Check] == nil {
				r.checks[f.Check] = map[label]float64{}
			}
			r.checks[f.Check][c.Label] += one
		}
		times = append(times, c.took)
	}
	slices.Sort(times)
	r.median, r.slowest = times[len(times)/2], times[len(times)-1]
	score := func(c *claim) float64 { return c.score }
	shipped := func(c *claim) float64 { return c.verdict.Support }
	r.unsupported, r.partial = measured(claims, score, unfounded), measured(claims, score, partly, unfounded)
	r.shipped = [2]float64{
		area(split(claims, shipped, unfounded)), area(split(claims, shipped, partly, unfounded)),
	}
	return r
}

func (r report) print(w io.Writer) {
	fmt.Fprintf(w, "claims: %d supported, %d partly, %d not\n", r.counts[supported], r.counts[partly], r.counts[unfounded])
	fmt.Fprintf(w, "AUROC, five folds: supported against not %s, against partly or not %s\n", r.unsupported, r.partial)
	fmt.Fprintf(w, "AUROC, weights as shipped (seen): %.3f and %.3f\n", r.shipped[0], r.shipped[1])
	fmt.Fprintf(w, "a check of all sentences: median %v, slowest %v\n", r.median.Round(time.Microsecond), r.slowest.Round(time.Microsecond))
	fmt.Fprintf(w, "%-10s %10s %8s %8s\n", "failing", "supported", "partly", "not")
	row := func(name string, by map[label]float64) {
		fmt.Fprintf(w, "%-10s %9.1f%% %7.1f%% %7.1f%%\n", name, 100*by[supported], 100*by[partly], 100*by[unfounded])
	}
	row("hard", r.hard)
	var kinds []gate.Kind
	for k := range r.checks {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		row(string(k), r.checks[k])
	}
}

// list shows the supported claims that failed a check.
func list(w io.Writer, claims []*claim, kind gate.Kind) {
	for _, c := range claims {
		for _, f := range c.verdict.Failures {
			if f.Check == kind && c.Label == supported {
				fmt.Fprintf(w, "%s: %q in %q\n", f.Check, f.Detail, c.Claim)
			}
		}
	}
}

// An auroc is an area under the curve with its interval of 95 %.
type auroc struct{ value, low, high float64 }

func (a auroc) String() string { return fmt.Sprintf("%.3f (%.3f to %.3f)", a.value, a.low, a.high) }

// samples is how many times the claims are drawn anew for an interval.
const samples = 1000

// measured returns the area between the supported claims and those of other
// labels, with a bootstrap interval over claims.
func measured(claims []*claim, score func(*claim) float64, others ...label) auroc {
	good, bad := split(claims, score, others...)
	random := rand.New(rand.NewPCG(1, 2))
	var areas []float64
	for range samples {
		areas = append(areas, area(redraw(good, random), redraw(bad, random)))
	}
	slices.Sort(areas)
	return auroc{area(good, bad), areas[samples*25/1000], areas[samples*975/1000]}
}

func split(claims []*claim, score func(*claim) float64, others ...label) (good, bad []float64) {
	for _, c := range claims {
		switch {
		case c.Label == supported:
			good = append(good, score(c))
		case slices.Contains(others, c.Label):
			bad = append(bad, score(c))
		}
	}
	return good, bad
}

func redraw(x []float64, random *rand.Rand) []float64 {
	out := make([]float64, len(x))
	for i := range out {
		out[i] = x[random.IntN(len(x))]
	}
	return out
}

// area returns the probability that a good score is above a bad one, ties half.
func area(good, bad []float64) float64 {
	bad = slices.Clone(bad)
	slices.Sort(bad)
	sum := 0.0
	for _, g := range good {
		below, _ := slices.BinarySearch(bad, g)
		above, _ := slices.BinarySearchFunc(bad, g, func(x, g float64) int {
			if x <= g {
				return -1
			}
			return 1
		})
		sum += float64(below) + float64(above-below)/2
	}
	return sum / float64(len(good)*len(bad))
}

// Constants of the regression.
const (
	rounds  = 3000
	rate    = 0.3
	decay   = 0.01 // of the weights, but for the first: there are few claims
	partial = 0.3  // a partly supported claim counts as this much supported
)

// train fits a logistic regression by gradient descent. Features are scaled to
// one standard deviation meanwhile, so that decay treats them alike.
func train(claims []*claim) [gate.FeatureCount]float64 {
	mean, scale := moments(claims)
	var w [gate.FeatureCount]float64
	for range rounds {
		var slope [gate.FeatureCount]float64
		total := 0.0
		for _, c := range claims {
			target := 0.0
			switch c.Label {
			case supported:
				target = 1
			case partly:
				target = partial
			}
			z := 0.0
			for i, x := range c.features {
				z += w[i] * (x - mean[i]) / scale[i]
			}
			miss := 1/(1+math.Exp(-z)) - target
			total++
			for i, x := range c.features {
				slope[i] += miss * (x - mean[i]) / scale[i]
			}
		}
		for i := range w {
			if i > 0 {
				slope[i] += decay * w[i] * total
			}
			w[i] -= rate * slope[i] / total
		}
	}
	for i := 1; i < len(w); i++ {
		w[i] /= scale[i]
		w[0] -= w[i] * mean[i]
	}
	return w
}

// moments returns the mean and standard deviation of each feature; the first,
// which is always 1, stays as it is.
func moments(claims []*claim) (mean, scale [gate.FeatureCount]float64) {
	n := float64(len(claims))
	for _, c := range claims {
		for i, x := range c.features {
			mean[i] += x / n
		}
	}
	for _, c := range claims {
		for i, x := range c.features {
			scale[i] += (x - mean[i]) * (x - mean[i]) / n
		}
	}
	for i := range scale {
		scale[i] = cmp.Or(math.Sqrt(scale[i]), 1)
	}
	mean[0], scale[0] = 0, 1
	return mean, scale
}

func dot(w, x [gate.FeatureCount]float64) float64 {
	sum := 0.0
	for i := range w {
		sum += w[i] * x[i]
	}
	return sum
}
