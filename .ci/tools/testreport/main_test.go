package main

import (
	"strings"
	"testing"
)

func TestReportIsGoodOnlyIfSomethingRanAndNothingFailed(t *testing.T) {
	const (
		pass     = `{"Action":"pass","Package":"p","Test":"TestA"}`
		pkgPass  = `{"Action":"pass","Package":"p"}`
		skip     = `{"Action":"output","Package":"p","Test":"TestB","Output":"no data\n"}` + "\n" + `{"Action":"skip","Package":"p","Test":"TestB"}`
		fail     = `{"Action":"output","Package":"p","Test":"TestC","Output":"boom\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestC"}`
		pkgFail  = `{"Action":"fail","Package":"p"}`
		noTests  = `{"Action":"skip","Package":"q"}`
		broken   = `{"Action":"build-output","ImportPath":"p","Output":"p.go:1: undefined\n"}`
		unended  = `{"Action":"output","Package":"p","Test":"TestD","Output":"panic\n"}`
		toolSays = `go: no such module`
	)
	tests := []struct {
		name    string
		events  []string
		noSkips bool
		good    bool
		shows   string
	}{
		{"all pass", []string{pass, pkgPass}, true, true, "1 tests passed, 0 failed, 0 skipped"},
		{"a failure shows its output", []string{pass, fail, pkgFail}, false, false, "boom"},
		{"a skip is named", []string{pass, skip, pkgPass}, false, true, "no data"},
		{"a forbidden skip", []string{pass, skip, pkgPass}, true, false, "must not be skipped: p TestB"},
		{"a package without tests is no skip", []string{pass, pkgPass, noTests}, true, true, "0 skipped"},
		{"a build that breaks", []string{pass, broken, pkgFail}, false, false, "undefined"},
		{"a test that never ends", []string{pass, unended, pkgFail}, false, false, "panic"},
		{"the go command's own words", []string{toolSays}, false, false, toolSays},
		{"nothing ran", nil, false, false, "0 tests passed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			good, err := report(strings.NewReader(strings.Join(test.events, "\n")), &out, test.noSkips)
			if err != nil {
				t.Fatal(err)
			}
			if good != test.good {
				t.Errorf("good = %v, want %v", good, test.good)
			}
			if !strings.Contains(out.String(), test.shows) {
				t.Errorf("got %q, want it to contain %q", out.String(), test.shows)
			}
		})
	}
}
