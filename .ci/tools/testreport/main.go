// Command testreport reads the events of `go test -json` on standard input and
// prints what a person needs of them: the output of whatever failed, the tests
// that were skipped, and one line of totals.
//
// It exits with 1 if anything failed, if a test was skipped and -no-skips is
// given, or if nothing was run.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of go test -json; see `go doc test2json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build output
	Test       string // empty for the package itself
	Output     string
	Elapsed    float64 // seconds
}

// unit is what a pass, fail or skip is about.
type unit struct{ pkg, test string }

func main() {
	noSkips := flag.Bool("no-skips", false, "a skipped test is a failure")
	flag.Parse()
	ok, err := report(os.Stdin, os.Stdout, *noSkips)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// report writes the account of the events in r to w, and says whether they are good.
func report(r io.Reader, w io.Writer, noSkips bool) (bool, error) {
	var (
		output                  = map[unit]*strings.Builder{}
		skipped                 []unit
		passed, failed, skips   int
		packages, failedPackage int
	)
	in := bufio.NewReader(r) // not a Scanner: one event may hold a very long line of output
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				// The go command itself complains in plain text.
				fmt.Fprintf(w, "%s", line)
				continue
			}
			u := unit{e.Package, e.Test}
			switch e.Action {
			case "output":
				if output[u] == nil {
					output[u] = new(strings.Builder)
				}
				output[u].WriteString(e.Output)
			case "build-output":
				fmt.Fprint(w, e.Output)
			case "pass", "skip", "fail":
				switch {
				case e.Test == "" && e.Action == "fail":
					failedPackage++
					packages++
				case e.Test == "":
					packages++
				case e.Action == "pass":
					passed++
				case e.Action == "skip":
					skips++
					skipped = append(skipped, u)
				default:
					failed++
				}
				if e.Action == "fail" || e.Action == "skip" && e.Test != "" {
					if text := output[u]; text != nil {
						fmt.Fprintf(w, "# %s %s\n%s", u.pkg, u.test, text)
					}
				}
				delete(output, u)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
	}
	// A test that never ended (a crash, a time limit) has its story still in the map.
	if failedPackage > 0 {
		for u, text := range output {
			fmt.Fprintf(w, "# %s %s (did not end)\n%s", u.pkg, u.test, text)
		}
	}
	fmt.Fprintf(w, "%d packages, %d tests passed, %d failed, %d skipped\n", packages, passed, failed, skips)
	ok := failed == 0 && failedPackage == 0 && passed > 0
	if noSkips && skips > 0 {
		for _, u := range skipped {
			fmt.Fprintf(w, "must not be skipped: %s %s\n", u.pkg, u.test)
		}
		ok = false
	}
	return ok, nil
}
