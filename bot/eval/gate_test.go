package eval

import (
	"strings"
	"testing"
)

func TestParseGates(t *testing.T) {
	for _, c := range []struct {
		parse func(string) (Gate, error)
		text  string
		want  Gate
		fault string // part of the error
	}{
		{ParseMin, "hit_at_1=0.85", Gate{Key: "hit_at_1", Value: .85}, ""},
		{ParseMin, " passed = 12 ", Gate{Key: "passed", Value: 12}, ""},
		{ParseMin, "total=6078", Gate{Key: "total", Value: 6078}, ""},
		{ParseMax, "total=6078", Gate{Key: "total", Max: true, Value: 6078}, ""},
		{ParseMax, "p99_ms=5", Gate{Key: "p99_ms", Max: true, Value: 5}, ""},
		{ParseMax, "hit_at_1_loss=-0.01", Gate{Key: "hit_at_1_loss", Max: true, Value: -.01}, ""},
		{ParseMin, "hit_at_1", Gate{}, "want FIGURE=NUMBER"},
		{ParseMin, "hit@1=0.85", Gate{}, `there is no figure "hit@1"; the figures are hit_at_1, hit_at_5,`},
		{ParseMin, "hit_at_1=85", Gate{}, "85 % is 0.85"},
		{ParseMin, "hit_at_1=-1", Gate{}, "never below 0"},
		{ParseMin, "hit_at_1=NaN", Gate{}, "is not a number"},
		{ParseMin, "hit_at_1=", Gate{}, `"" is not a number`},
		{ParseMin, "p99_ms=5", Gate{}, "better when lower; use --max"},
		{ParseMin, "false_refusal_rate=0.05", Gate{}, "better when lower; use --max"},
		{ParseMax, "hit_at_1=0.85", Gate{}, "better when higher; use --min"},
	} {
		got, err := c.parse(c.text)
		switch {
		case c.fault == "" && (err != nil || got != c.want):
			t.Errorf("%q: %+v, error %v; want %+v", c.text, got, err, c.want)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("%q: error %v; want one with %q", c.text, err, c.fault)
		}
	}
}

func TestCheckListsEveryGateThatFails(t *testing.T) {
	report := Report{HitAt1: new(.85), HitAt5: new(.9), FalseRefusalRate: new(.06), Passed: 3, Total: 4}
	kept := []Gate{
		{Key: "hit_at_1", Value: .85}, {Key: "passed", Value: 3},
		{Key: "false_refusal_rate", Max: true, Value: .06}, {Key: "total", Max: true, Value: 4},
	}
	if err := report.Check(kept...); err != nil {
		t.Errorf("gates that are kept: %v", err)
	}
	err := report.Check(append(kept,
		Gate{Key: "hit_at_5", Value: .95},
		Gate{Key: "false_refusal_rate", Max: true, Value: .05},
		Gate{Key: "refusal_auroc", Value: .98},
		Gate{Key: "luck", Value: 1},
	)...)
	want := `gate hit_at_5 >= 0.95: it is 0.9
gate false_refusal_rate <= 0.05: it is 0.06
gate refusal_auroc >= 0.98: the questions give no ground for this figure
gate luck >= 1: there is no such figure`
	if err == nil || err.Error() != want {
		t.Errorf("error:\n%v\nwant:\n%s", err, want)
	}
}
