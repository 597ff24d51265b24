package eval

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// direction says which way a figure gets better.
type direction int

const (
	neither direction = iota // a count: it may be gated from both sides
	higher
	lower
)

// unit says how a figure is written for people.
type unit int

const (
	percent unit = iota
	points       // a difference of two shares, in percentage points
	decimal
	milliseconds
	count
)

// A figure is one number of a report under its JSON key.
type figure struct {
	key    string
	label  string
	unit   unit
	better direction
	value  *float64 // nil if absent
}

// figures lists r's figures in the order of its JSON.
func (r Report) figures() []figure {
	whole := func(n int) *float64 { return new(float64(n)) }
	var model Model
	var fallbacks *float64
	if r.Model != nil {
		model, fallbacks = *r.Model, whole(r.Fallbacks)
	}
	return []figure{
		{"hit_at_1", "hit@1", percent, higher, r.HitAt1},
		{"hit_at_5", "hit@5", percent, higher, r.HitAt5},
		{"mrr_at_10", "MRR@10", decimal, higher, r.MRRAt10},
		{"hit_at_1_clean", "hit@1 unmisspelt", percent, higher, r.HitAt1Clean},
		{"hit_at_1_loss", "hit@1 lost by misspelling", points, lower, r.HitAt1Loss},
		{"containment_1", "answer in the best sentence", percent, higher, r.Containment1},
		{"containment_2", "answer in the best two", percent, higher, r.Containment2},
		{"containment_3", "answer in the best three", percent, higher, r.Containment3},
		{"citation_precision", "citation precision", percent, higher, r.CitationPrecision},
		{"citation_recall", "citation recall", percent, higher, r.CitationRecall},
		{"refusal_auroc", "refusal AUROC", decimal, higher, r.RefusalAUROC},
		{"refused_at_5", "refused at 5 % false refusals", percent, higher, r.RefusedAt5},
		{"refusal_precision", "refusal precision", percent, higher, r.RefusalPrecision},
		{"refusal_recall", "refusal recall", percent, higher, r.RefusalRecall},
		{"false_refusal_rate", "false refusals", percent, lower, r.FalseRefusalRate},
		{"passed", "passed", count, higher, whole(r.Passed)},
		{"total", "asked", count, neither, whole(r.Total)},
		{"p50_ms", "latency p50", milliseconds, lower, r.P50Millis},
		{"p99_ms", "latency p99", milliseconds, lower, r.P99Millis},
		{"shown_rate", "claims shown", percent, higher, model.ShownRate},
		{"fallbacks", "answers without the model", count, lower, fallbacks},
		{"first_claim_p50_ms", "first claim p50", milliseconds, lower, model.FirstClaimP50},
		{"first_claim_p99_ms", "first claim p99", milliseconds, lower, model.FirstClaimP99},
	}
}

// A Gate is a bound that a figure has to keep.
type Gate struct {
	Key   string
	Max   bool // Value is the most that is allowed, not the least
	Value float64
}

// String returns the gate as an inequality, e.g. "hit_at_1 >= 0.85".
func (g Gate) String() string {
	sign := ">="
	if g.Max {
		sign = "<="
	}
	return fmt.Sprintf("%s %s %s", g.Key, sign, plain(g.Value))
}

// ParseMin reads "hit_at_1=0.85": the figure may not be less. Only figures
// that get better as they grow have a least value.
func ParseMin(s string) (Gate, error) {
	g, err := parseGate(s, false)
	if err != nil {
		return Gate{}, fmt.Errorf("min %q: %w", s, err)
	}
	return g, nil
}

// ParseMax reads "false_refusal_rate=0.05": the figure may not be more. Only
// figures that get worse as they grow have a greatest value.
func ParseMax(s string) (Gate, error) {
	g, err := parseGate(s, true)
	if err != nil {
		return Gate{}, fmt.Errorf("max %q: %w", s, err)
	}
	return g, nil
}

func parseGate(s string, most bool) (Gate, error) {
	key, number, ok := strings.Cut(s, "=")
	if !ok {
		return Gate{}, errors.New("want FIGURE=NUMBER, such as hit_at_1=0.85")
	}
	key, number = strings.TrimSpace(key), strings.TrimSpace(number)
	all := Report{}.figures()
	i := slices.IndexFunc(all, func(f figure) bool { return f.key == key })
	if i < 0 {
		names := make([]string, len(all))
		for i, f := range all {
			names[i] = f.key
		}
		return Gate{}, fmt.Errorf("there is no figure %q; the figures are %s", key, strings.Join(names, ", "))
	}
	f := all[i]
	switch {
	case f.better == lower && !most:
		return Gate{}, fmt.Errorf("%s is better when lower; use --max", key)
	case f.better == higher && most:
		return Gate{}, fmt.Errorf("%s is better when higher; use --min", key)
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return Gate{}, fmt.Errorf("%q is not a number", number)
	}
	least := 0.0
	if f.unit == points {
		least = -1 // a misspelling can help by chance
	}
	if v < least {
		return Gate{}, fmt.Errorf("%s is never below %s", key, plain(least))
	}
	if v > 1 && (f.unit == percent || f.unit == points || f.unit == decimal) {
		return Gate{}, fmt.Errorf("%s lies between %s and 1: 85 %% is 0.85", key, plain(least))
	}
	return Gate{Key: key, Max: most, Value: v}, nil
}

// Check returns an error that lists every gate which r does not keep. A figure
// that is absent keeps no gate.
func (r Report) Check(gates ...Gate) error {
	values := make(map[string]*float64)
	for _, f := range r.figures() {
		values[f.key] = f.value
	}
	var errs []error
	for _, g := range gates {
		v, ok := values[g.Key]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("gate %s: there is no such figure", g))
		case v == nil:
			errs = append(errs, fmt.Errorf("gate %s: the questions give no ground for this figure", g))
		case g.Max && *v > g.Value, !g.Max && *v < g.Value:
			errs = append(errs, fmt.Errorf("gate %s: it is %s", g, plain(*v)))
		}
	}
	return errors.Join(errs...)
}

// plain writes a number with as many digits as tell it from its neighbours.
func plain(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
