package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCountLooksInsideSentencesOnly(t *testing.T) {
	all, upper := map[string]int{}, map[string]int{}
	count("Paris is big. London likes Paris, a city in May. The city of 5 Paris", all, upper)
	if diff := cmp.Diff(map[string]int{"big": 1, "like": 1, "pari": 2, "citi": 2}, all); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"pari": 2}, upper); diff != "" {
		t.Errorf("with a capital (-want +got):\n%s", diff)
	}
}
