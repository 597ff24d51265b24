package terminal

import (
	"os"
	"slices"
	"strconv"

	"golang.org/x/term" // the Go project's own: is it a terminal, how wide is it
)

// Detect returns what f can show. Colours are for terminals only; in this
// order, NO_COLOR (any value but the empty one) forbids them, CLICOLOR_FORCE
// (any but "" and "0") wants them even in a pipe, and TERM=dumb, no TERM or
// CLICOLOR=0 forbid them.
func Detect(f *os.File, lookupEnv func(string) (string, bool)) Options {
	env := func(key string) string {
		value, _ := lookupEnv(key)
		return value
	}
	terminal := term.IsTerminal(int(f.Fd()))
	opts := Options{Color: wantsColor(terminal, env)}
	opts.Hyperlinks = opts.Color && terminal && knowsHyperlinks(env)
	if width, _, err := term.GetSize(int(f.Fd())); terminal && err == nil {
		opts.Width = width
	}
	return opts
}

func wantsColor(terminal bool, env func(string) string) bool {
	switch {
	case env("NO_COLOR") != "":
		return false
	case env("CLICOLOR_FORCE") != "" && env("CLICOLOR_FORCE") != "0":
		return true
	}
	return terminal && env("TERM") != "" && env("TERM") != "dumb" && env("CLICOLOR") != "0"
}

// knowsHyperlinks reports whether the terminal is one that is known to take
// OSC 8. A terminal cannot be asked, and some old ones print it as text.
func knowsHyperlinks(env func(string) string) bool {
	if vte, err := strconv.Atoi(env("VTE_VERSION")); err == nil && vte >= 5000 { // 0.50, the first with links
		return true
	}
	return env("WT_SESSION") != "" ||
		slices.Contains([]string{"iTerm.app", "WezTerm", "ghostty", "vscode"}, env("TERM_PROGRAM")) ||
		slices.Contains([]string{"xterm-kitty", "xterm-ghostty", "alacritty", "foot"}, env("TERM"))
}
