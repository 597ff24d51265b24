package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheGateSeparatesSupportedClaims(t *testing.T) {
	claims, err := load(filepath.Join("..", "..", "..", "..", "..", "shared", "data", "support", "claims.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no labelled claims in a folder shared beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	r := evaluate(claims)
	r.print(t.Output())
	for _, floor := range []struct {
		what      string
		got, want float64
	}{
		{"AUROC of supported against not", r.unsupported.value, 0.90},
		{"AUROC of supported against partly or not", r.partial.value, 0.72},
		{"AUROC of the shipped weights, supported against not", r.shipped[0], 0.90},
		{"AUROC of the shipped weights, supported against partly or not", r.shipped[1], 0.72},
		{"share of unsupported claims with a wrong token", r.hard[unfounded], 0.70},
		{"share of supported claims without a wrong token", 1 - r.hard[supported], 0.88},
	} {
		if floor.got < floor.want {
			t.Errorf("%s: got %.3f, want at least %.3f", floor.what, floor.got, floor.want)
		}
	}
}

func TestAreaIsTheChanceOfAHigherScore(t *testing.T) {
	for _, c := range []struct {
		name      string
		good, bad []float64
		want      float64
	}{
		{"apart", []float64{3, 4}, []float64{1, 2}, 1},
		{"the wrong way round", []float64{1, 2}, []float64{3, 4}, 0},
		{"ties count half", []float64{1, 1}, []float64{1, 1}, 0.5},
		{"mixed", []float64{1, 3}, []float64{2, 0}, 0.75},
	} {
		if got := area(c.good, c.bad); got != c.want {
			t.Errorf("%s: area = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestEveryFoldHasItsShareOfEveryLabel(t *testing.T) {
	var claims []*claim
	for range 10 {
		claims = append(claims, &claim{Label: supported}, &claim{Label: unfounded})
	}
	for i, fold := range deal(claims) {
		counts := map[label]int{}
		for _, c := range fold {
			counts[c.Label]++
		}
		if diff := cmp.Diff(map[label]int{supported: 2, unfounded: 2}, counts); diff != "" {
			t.Errorf("fold %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestTrainingFindsTheFeatureThatTells(t *testing.T) {
	var claims []*claim
	for i := range 40 {
		c := &claim{Label: unfounded}
		c.features[0] = 1
		c.features[2] = float64(i % 3) // noise
		if i%2 == 0 {
			c.Label = supported
			c.features[1] = 1
		}
		claims = append(claims, c)
	}
	w := train(claims)
	none, told := claims[1].features, claims[0].features
	if got := []bool{dot(w, told) > 0, dot(w, none) < 0}; !cmp.Equal(got, []bool{true, true}) {
		t.Errorf("weights %v tell claims apart: %v", w, got)
	}
}
