// Summitbot keeps documents as a grounded knowledge base and answers questions
// about them, each answer tied to the paragraph that it came from.
//
// This package reads the command line and the configuration, puts the parts
// together and turns what happened into an exit code. It is the only one that
// knows the process: its streams, environment, signals and flags. Data goes to
// standard output, everything said about it to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // an image without files, and Windows, have no time zones; half a megabyte

	"summitbot/bot/terminal"
	"summitbot/config"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv))
}

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, lookupEnv func(string) (string, bool)) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, lookupEnv: lookupEnv, now: time.Now}
	return p.run(ctx, args)
}

func (p *program) run(ctx context.Context, args []string) int {
	ctx, stop := untilSignal(ctx, syscall.SIGTERM)
	defer stop()
	root := newRoot(p)
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	err := root.ExecuteContext(ctx)
	code := codeOf(err)
	if text := message(err, code); text != "" {
		fmt.Fprintln(p.stderr, terminal.Neutralise(text))
	}
	return code
}

// untilSignal returns a context that ends at the first of the signals. From
// then on they do again what they always do, so that a second one kills.
func untilSignal(ctx context.Context, signals ...os.Signal) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, signals...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// The exit codes, as exitCodes tells them.
const (
	exitOK           = 0
	exitError        = 1
	exitUsage        = 2
	exitRefused      = 3
	exitGate         = 4
	exitContradicted = 5
	exitInterrupted  = 130 // what shells report of a program that Ctrl-C ended
)

// exitCodes is the text of "summitbot help exit-codes".
const exitCodes = `  0    answered, or done
  1    something went wrong; the message says what, and what to do
  2    a wrong command, flag, argument or configuration; nothing was done
  3    refused: the documents do not say; check: not all that the text says
  4    eval: a figure misses a bound given with --min or --max
  5    check: the documents contradict a sentence
  130  interrupted`

// An ending ends the program with a code of its own.
type ending struct {
	code int
	err  error // nil says nothing more: all was printed
}

func (e ending) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e ending) Unwrap() error { return e.err }

// usage returns an error in how the program was called.
func usage(format string, args ...any) error {
	return ending{exitUsage, fmt.Errorf(format, args...)}
}

// codeOf is the one place where errors turn into exit codes.
func codeOf(err error) int {
	exit, ends := errors.AsType[ending](err)
	_, misconfigured := errors.AsType[config.Errors](err)
	switch {
	case err == nil:
		return exitOK
	case ends:
		return exit.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case misconfigured:
		return exitUsage
	}
	return exitError
}

// message returns what is said of err on standard error.
func message(err error, code int) string {
	if exit, ok := errors.AsType[ending](err); ok && exit.err == nil || err == nil {
		return ""
	}
	if mistakes, ok := errors.AsType[config.Errors](err); ok {
		// Each line begins with file and line number, where editors look for them.
		return fmt.Sprintf("%v\nsummitbot: the configuration cannot be used: %s", mistakes, count(len(mistakes), "mistake"))
	}
	if code == exitInterrupted {
		return "summitbot: interrupted"
	}
	return "summitbot: " + err.Error()
}

// count returns "1 mistake" or "2 mistakes".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
