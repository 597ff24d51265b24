package eval

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteTextAlignsTheFiguresThatThereAre(t *testing.T) {
	report := Report{
		HitAt1: new(.8612), HitAt5: new(1.), MRRAt10: new(.9049), HitAt1Loss: new(.009),
		RefusedAt5: new(0.), P50Millis: new(.94), P99Millis: new(12.),
		Passed: 27, Total: 28, Skipped: Skipped{LLM: 6},
	}
	want := `27 of 28 passed
6 not asked: need a model

hit@1                              86.1 %
hit@5                             100.0 %
MRR@10                              0.905
hit@1 lost by misspelling      0.9 points
refused at 5 % false refusals       0.0 %
latency p50                        0.9 ms
latency p99                       12.0 ms
`
	var got strings.Builder
	if err := report.WriteText(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func failures() []Result {
	return []Result{
		{ID: "a", Question: "Who?", Base: "all", Passed: true},
		{ID: "b", Question: "Where is Ormsey?", Asked: "Where is Ormsay?", Base: "without places", Why: "answered, where the documents do not say",
			Claims: []Claim{{Text: "It is <here>.", Addresses: []string{"boats#1", "boats#2"}}}},
		{ID: "c", Question: "When?", Base: "all", Why: "refused"},
	}
}

func TestWriteFailuresSaysWhy(t *testing.T) {
	for _, c := range []struct {
		limit int
		want  string
	}{
		{0, `b  Where is Ormsay?
    asked of the base without places
    answered, where the documents do not say
    boats#1, boats#2: It is <here>.
c  When?
    refused
`},
		{1, `b  Where is Ormsay?
    asked of the base without places
    answered, where the documents do not say
    boats#1, boats#2: It is <here>.
and 1 more
`},
	} {
		var got strings.Builder
		if err := WriteFailures(&got, failures(), c.limit); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got.String()); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", c.limit, diff)
		}
	}
}

func TestWriteResultsWritesALineEach(t *testing.T) {
	var b strings.Builder
	if err := WriteResults(&b, failures()[1:2]); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"b","question":"Where is Ormsey?","asked":"Where is Ormsay?","base":"without places","expected":"","outcome":"","passed":false,` +
		`"why":"answered, where the documents do not say","rank":0,"contained":0,"confidence":0,` +
		`"claims":[{"text":"It is <here>.","addresses":["boats#1","boats#2"]}],"unknown_words":null,"hits":null,"picks":null,"ms":0,"method":"","account":{"candidates":0,"claims":0,"shown":0,"millis":0}}` + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}
