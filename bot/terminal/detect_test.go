package terminal

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func lookup(env map[string]string) func(string) (string, bool) {
	return func(key string) (string, bool) {
		value, ok := env[key]
		return value, ok
	}
}

func TestAFileGetsPlainTextUnlessColorsAreForced(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, c := range []struct {
		name string
		env  map[string]string
		want Options
	}{
		{"a terminal's TERM does not make one", map[string]string{"TERM": "xterm-256color"}, Options{}},
		{"forced", map[string]string{"CLICOLOR_FORCE": "1"}, Options{Color: true}},
		{"forced by 0", map[string]string{"CLICOLOR_FORCE": "0"}, Options{}},
		{"forced and forbidden", map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, Options{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Detect(f, lookup(c.env))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestColorsOnATerminalFollowTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"ordinary", map[string]string{"TERM": "xterm"}, true},
		{"empty NO_COLOR forbids nothing", map[string]string{"TERM": "xterm", "NO_COLOR": ""}, true},
		{"NO_COLOR", map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		{"CLICOLOR=0", map[string]string{"TERM": "xterm", "CLICOLOR": "0"}, false},
		{"dumb", map[string]string{"TERM": "dumb"}, false},
		{"dumb but forced", map[string]string{"TERM": "dumb", "CLICOLOR_FORCE": "1"}, true},
		{"unknown", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := func(key string) string { return c.env[key] }
			if got := wantsColor(true, env); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestLinksOnlyWhereTheTerminalIsKnownToTakeThem(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm-256color"}, false},
		{map[string]string{"VTE_VERSION": "4999"}, false},
		{map[string]string{"VTE_VERSION": "7600"}, true},
		{map[string]string{"TERM_PROGRAM": "WezTerm"}, true},
		{map[string]string{"TERM": "foot"}, true},
	} {
		if got := knowsHyperlinks(func(key string) string { return c.env[key] }); got != c.want {
			t.Errorf("%v: got %v, want %v", c.env, got, c.want)
		}
	}
}
