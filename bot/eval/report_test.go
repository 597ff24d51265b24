package eval

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/google/go-cmp/cmp/cmpopts"
	"summitbot/bot/answer"
)

func TestAUROC(t *testing.T) {
	for _, c := range []struct {
		name                 string
		positives, negatives []float64
		want                 *float64
	}{
		{"apart", []float64{.8, .9}, []float64{.1, .2}, new(1.)},
		{"the wrong way round", []float64{.1}, []float64{.2, .3}, new(0.)},
		{"all the same", []float64{.5, .5}, []float64{.5, .5, .5}, new(.5)},
		{"one tie", []float64{.5, .9}, []float64{.5, .1}, new(3.5 / 4)},
		{"no negatives", []float64{.5}, nil, nil},
		{"no positives", nil, []float64{.5}, nil},
	} {
		if diff := cmp.Diff(c.want, auroc(c.positives, c.negatives)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAUROCCountsPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	draw := func() []float64 {
		out := make([]float64, 1+random.IntN(30))
		for i := range out {
			out[i] = float64(random.IntN(10)) / 10
		}
		return out
	}
	for range 200 {
		positives, negatives := draw(), draw()
		want := 0.0
		for _, p := range positives {
			for _, n := range negatives {
				switch {
				case p > n:
					want++
				case p == n:
					want += .5
				}
			}
		}
		want /= float64(len(positives) * len(negatives))
		if got := auroc(positives, negatives); !cmp.Equal(*got, want, cmpopts.EquateApprox(0, 1e-12)) {
			t.Fatalf("auroc(%v, %v) = %v, want %v", positives, negatives, *got, want)
		}
	}
}

func TestRefusedAt5(t *testing.T) {
	// twenty returns 20 positives: low, then .51, .52 and so on.
	twenty := func(low ...float64) []float64 {
		for i := len(low); i < 20; i++ {
			low = append(low, .5+float64(i)/100)
		}
		return low
	}
	for _, c := range []struct {
		name                 string
		positives, negatives []float64
		want                 *float64
	}{
		{"fewer than twenty: none may be refused", []float64{.3, .8, .9}, []float64{.1, .3, .4}, new(1. / 3)},
		{"of twenty one may be refused", twenty(.1), []float64{.1, .4, .5, .51, .9}, new(3. / 5)},
		{"two share the least: neither may be refused", twenty(.1, .1), []float64{.05, .1, .4}, new(1. / 3)},
		{"a tie with the threshold is not refused", twenty(.1, .2), []float64{.2, .19}, new(1. / 2)},
		{"no negatives", []float64{.5}, nil, nil},
		{"no positives", nil, []float64{.5}, nil},
	} {
		if diff := cmp.Diff(c.want, refusedAt5(c.positives, c.negatives)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for _, c := range []struct {
		values []float64
		p      int
		want   *float64
	}{
		{nil, 50, nil},
		{[]float64{7}, 50, new(7.)},
		{[]float64{7}, 99, new(7.)},
		{[]float64{3, 1, 2}, 50, new(2.)},
		{[]float64{4, 1, 2, 3}, 50, new(2.)},
		{hundred, 50, new(50.)},
		{hundred, 99, new(99.)},
	} {
		if diff := cmp.Diff(c.want, percentile(c.values, c.p)); diff != "" {
			t.Errorf("percentile %d of %v (-want +got):\n%s", c.p, c.values, diff)
		}
	}
}

func TestMeanReciprocal(t *testing.T) {
	if got := meanReciprocal([]int{1, 0, 4, 2}); *got != (1+0+.25+.5)/4 {
		t.Errorf("mean reciprocal rank = %v", *got)
	}
}

func TestReportWritesZeroesAndLeavesOutWhatHasNoGround(t *testing.T) {
	for _, c := range []struct {
		name    string
		results []Result
		skipped Skipped
		want    string
	}{
		{"nothing asked", nil, Skipped{LLM: 2}, `{"passed":0,"total":0,"skipped_llm":2}`},
		{
			"a question whose paragraph is not found",
			[]Result{{Expected: Present, question: Question{Paragraphs: at("boats#1")}}},
			Skipped{},
			`{"hit_at_1":0,"hit_at_5":0,"mrr_at_10":0,"citation_recall":0,"false_refusal_rate":0,"passed":0,"total":1,"p50_ms":0,"p99_ms":0,"skipped_llm":0}`,
		},
		{
			"a refusal alone",
			[]Result{{Expected: Absent, Outcome: "refused", Passed: true, Millis: 1.5}},
			Skipped{},
			`{"refusal_precision":1,"refusal_recall":1,"passed":1,"total":1,"p50_ms":1.5,"p99_ms":1.5,"skipped_llm":0}`,
		},
	} {
		got, err := json.Marshal(newReport(c.results, c.skipped))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, error %v; want %s", c.name, got, err, c.want)
		}
	}
}

func TestFiguresHaveTheKeysOfTheJSON(t *testing.T) {
	full := Report{Skipped: Skipped{Refuse: 1, Name: 1, Article: 1}}
	one := new(1.)
	full.HitAt1, full.HitAt5, full.MRRAt10, full.HitAt1Clean, full.HitAt1Loss = one, one, one, one, one
	full.Containment1, full.Containment2, full.Containment3 = one, one, one
	full.CitationPrecision, full.CitationRecall = one, one
	full.RefusalAUROC, full.RefusedAt5, full.RefusalPrecision, full.RefusalRecall, full.FalseRefusalRate = one, one, one, one, one
	full.P50Millis, full.P99Millis = one, one
	full.Model = &Model{ShownRate: one, FirstClaimP50: one, FirstClaimP99: one, Fallbacks: 2}
	data, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{ // counts that are not gated
		"skipped_llm", "skipped_refuse", "skipped_name", "skipped_article",
		"claims_made", "claims_shown", "claims_repaired", "claims_dropped", "dropped_for", "calls", "prompt_tokens", "completion_tokens",
	} {
		delete(object, key)
	}
	want := make(map[string]float64)
	for key, value := range object {
		want[key] = value.(float64)
	}
	got := make(map[string]float64)
	for _, f := range full.figures() {
		got[f.key] = *f.value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures against the JSON (-want +got):\n%s", diff)
	}
}

func TestAModelIsJudgedByItsClaims(t *testing.T) {
	asked := answer.Account{Calls: 1, PromptTokens: 100, CompletionTokens: 20, FirstClaimMillis: 30}
	good, mixed, failed := asked, asked, asked
	good.Claims, good.Shown = 2, 2
	mixed.Claims, mixed.Shown, mixed.Repaired, mixed.Dropped = 3, 2, 1, []answer.Drop{{Reason: "number"}}
	failed.Claims, failed.Shown, failed.FirstClaimMillis = 3, 1, 0 // two of the model, one of the documents
	failed.Dropped = []answer.Drop{{Reason: "number"}, {Reason: "name"}}
	got := newModel([]Result{{Account: good}, {Account: mixed}, {Account: failed, Fallback: true}, {}})
	want := &Model{
		ClaimsMade: 7, ClaimsShown: 4, ClaimsRepaired: 1, ClaimsDropped: 3, ShownRate: new(4. / 7),
		DroppedFor: map[string]int{"number": 2, "name": 1}, Fallbacks: 1, Calls: 3, PromptTokens: 300, CompletionTokens: 60,
		FirstClaimP50: new(30.), FirstClaimP99: new(30.),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if newModel([]Result{{}}) != nil {
		t.Error("figures of a model that was not asked")
	}
}
