package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	// liner edits lines: it is kept (released in October 2026), measures wide
	// characters, and asks the terminal nothing, where reeflective/readline
	// waits for the cursor's position and x/term cannot tell Ctrl-C from Ctrl-D.
	"github.com/peterh/liner"
	"golang.org/x/term"
)

// ErrInterrupted says that Ctrl-C cleared the line.
var ErrInterrupted = errors.New("interrupted")

// maxLine bounds a line that does not come from a keyboard, in bytes.
const maxLine = 4 << 20

// Lines are what somebody says, line by line.
type Lines interface {
	// Next returns the next line without its end. It returns io.EOF after the
	// last one, ErrInterrupted if Ctrl-C cleared the line, and ctx's error as
	// soon as ctx is done; after that error only Close may be called.
	Next(ctx context.Context) (string, error)
	// Interactive reports whether a person types the lines, who then wants a prompt.
	Interactive() bool
	// Close gives the terminal back as it was.
	Close() error
}

// OpenLines returns the lines of in: with a prompt, editing and history if in
// and out are this process's terminal, else as they are. The history is kept
// in historyFile, "" meaning only until Close.
func OpenLines(in io.Reader, out io.Writer, historyFile string) Lines {
	if in == io.Reader(os.Stdin) && out == io.Writer(os.Stdout) && isTerminal(os.Stdin) && isTerminal(os.Stdout) {
		return newEditor(historyFile)
	}
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxLine)
	return &plainLines{scanner}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// plainLines reads from a pipe or a file.
type plainLines struct{ scanner *bufio.Scanner }

func (*plainLines) Interactive() bool { return false }

func (*plainLines) Close() error { return nil }

func (l *plainLines) Next(ctx context.Context) (string, error) {
	return await(ctx, func() (string, error) {
		switch {
		case l.scanner.Scan():
			return l.scanner.Text(), nil
		case errors.Is(l.scanner.Err(), bufio.ErrTooLong):
			return "", fmt.Errorf("a line is longer than %d MB", maxLine>>20)
		case l.scanner.Err() != nil:
			return "", l.scanner.Err()
		}
		return "", io.EOF
	})
}

// await returns what read returns, or ctx's error if that comes first. The
// read then goes on until the input ends or the process does: no system lets
// go of a terminal's read from outside.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		line, err := read()
		done <- result{line, err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// prompt stands before what is typed.
const prompt = "> "

// editor reads from the terminal.
type editor struct {
	liner   *liner.State
	history string // file, "" is none
	err     error  // why the history could not be read; it is then left alone
}

func newEditor(historyFile string) *editor {
	e := &editor{liner: liner.NewLiner(), history: historyFile}
	e.liner.SetCtrlCAborts(true)
	e.liner.SetMultiLineMode(true) // a long question stays readable
	e.liner.SetBeep(false)
	e.liner.SetCompleter(completeCommand)
	if historyFile != "" {
		e.err = e.readHistory()
	}
	return e
}

func (*editor) Interactive() bool { return true }

func (e *editor) Next(ctx context.Context) (string, error) {
	// liner shows the prompt a moment before Ctrl-C is a key to it. Until then it
	// is a signal, for which there is nothing to stop and no line to clear.
	early := make(chan os.Signal, 1)
	signal.Notify(early, os.Interrupt)
	defer signal.Stop(early)
	line, err := await(ctx, func() (string, error) { return e.liner.Prompt(prompt) })
	if errors.Is(err, liner.ErrPromptAborted) {
		return "", ErrInterrupted
	}
	if err == nil && strings.TrimSpace(line) != "" {
		e.liner.AppendHistory(line)
	}
	return line, err
}

// Close also keeps the history.
func (e *editor) Close() error {
	err := e.err
	if err == nil && e.history != "" {
		err = e.writeHistory()
	}
	return errors.Join(err, e.liner.Close())
}

func (e *editor) readHistory() error {
	f, err := os.Open(e.history)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	defer f.Close()
	if _, err := e.liner.ReadHistory(f); err != nil {
		return fmt.Errorf("read the history %s: %w", e.history, err)
	}
	return nil
}

// writeHistory replaces the history file. What somebody asked is nobody else's
// business, so only the owner may read it.
func (e *editor) writeHistory() (err error) {
	dir := filepath.Dir(e.history)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	f, err := os.CreateTemp(dir, ".history-*") // mode 0600
	if err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep the history: %w", errors.Join(err, os.Remove(f.Name())))
		}
	}()
	_, err = e.liner.WriteHistory(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), e.history)
}

// completeCommand completes a command of the conversation at the tabulator key.
func completeCommand(line string) []string {
	if !strings.HasPrefix(line, "/") {
		return nil
	}
	return slices.DeleteFunc([]string{"/help", "/new", "/quit", "/show ", "/sources"}, func(name string) bool {
		return !strings.HasPrefix(name, line)
	})
}
