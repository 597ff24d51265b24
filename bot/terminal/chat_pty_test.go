//go:build unix

package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty" // the one maintained way to a pseudo-terminal in Go
	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// historyEnv names the history file to a copy of the test program, and thereby
// makes it a conversation: line editing only works on a process's own terminal.
const historyEnv = "TERMINAL_TEST_HISTORY"

func TestMain(m *testing.M) {
	if history, ok := os.LookupEnv(historyEnv); ok {
		os.Exit(talkOnTerminal(history))
	}
	os.Exit(m.Run())
}

// talkOnTerminal answers each question with itself and its history; "wait"
// waits to be stopped.
func talkOnTerminal(history string) int {
	lines := OpenLines(os.Stdin, os.Stdout, history)
	chat := &Chat{
		Handler: asks(func(ctx context.Context, q bot.Message) (answer.Answer, error) {
			if q.Text == "wait" {
				fmt.Println("waiting")
				<-ctx.Done()
				return answer.Answer{}, ctx.Err()
			}
			return answer.Answer{Outcome: answer.Failed, Error: fmt.Sprintf("asked %q", q.Text)}, nil
		}),
		Library:  shelf{},
		Lines:    lines,
		Renderer: NewRenderer(os.Stdout, Detect(os.Stdout, os.LookupEnv)),
		Interruptible: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return signal.NotifyContext(ctx, os.Interrupt)
		},
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := errors.Join(chat.Run(ctx), lines.Close()); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

const (
	ctrlA, ctrlC, ctrlD, ctrlE = "\x01", "\x03", "\x04", "\x05"
	up, left                   = "\x1b[A", "\x1b[D"
)

// dialogue is a conversation on a pseudo-terminal.
type dialogue struct {
	t      *testing.T
	file   *os.File
	output chan []byte
	seen   bytes.Buffer // since the last expect
	cmd    *exec.Cmd
}

func startDialogue(t *testing.T, history string, env ...string) *dialogue {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), append([]string{historyEnv + "=" + history, "TERM=xterm", "NO_COLOR=1"}, env...)...)
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 60})
	if err != nil {
		t.Fatal(err)
	}
	s := &dialogue{t: t, file: file, output: make(chan []byte), cmd: cmd}
	t.Cleanup(func() { _ = file.Close() })
	go func() {
		defer close(s.output)
		for {
			buf := make([]byte, 4096)
			n, err := file.Read(buf)
			if n > 0 {
				s.output <- buf[:n]
			}
			if err != nil { // EIO when the program is gone
				return
			}
		}
	}()
	return s
}

func (s *dialogue) send(keys string) {
	s.t.Helper()
	if _, err := s.file.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// expect reads on until want was written.
func (s *dialogue) expect(want string) {
	s.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		if _, after, found := strings.Cut(s.seen.String(), want); found {
			s.seen.Reset()
			s.seen.WriteString(after)
			return
		}
		select {
		case part, ok := <-s.output:
			if !ok {
				s.t.Fatalf("ended; got %q, want %q", s.seen.String(), want)
			}
			s.seen.Write(part)
		case <-deadline:
			s.t.Fatalf("got %q, want %q", s.seen.String(), want)
		}
	}
}

// end waits until the program is gone and returns its exit code.
func (s *dialogue) end() int {
	s.t.Helper()
	for part := range s.output {
		s.seen.Write(part)
	}
	if err := s.cmd.Wait(); err != nil && s.cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode()
}

func TestChatOnATerminalEditsLinesAndKeepsHistory(t *testing.T) {
	history := filepath.Join(t.TempDir(), "summitbot", "history")
	s := startDialogue(t, history)
	s.expect("/help tells more")
	s.expect(prompt)
	s.send("second" + ctrlA + "first " + ctrlE + "!\r")
	s.expect(`asked "first second!"`)
	s.expect(prompt)
	s.send("never asked")
	s.expect("never asked") // only then is Ctrl-C a key
	s.send(ctrlC)
	s.expect("^C")
	s.expect(prompt)
	s.send("北京X" + left + "\x7f" + "的\r") // wide characters, erased as one
	s.expect(`asked "北的X"`)
	s.expect(prompt)
	s.send(up + up + " again\r")
	s.expect(`asked "first second! again"`)
	s.expect(prompt)
	s.send("/sources\r")
	s.expect("alaska-summit")
	s.expect(prompt)
	s.send(ctrlD)
	if code := s.end(); code != 0 {
		t.Fatalf("exit code %d: %s", code, s.seen.String())
	}

	got, err := os.ReadFile(history)
	if err != nil {
		t.Fatal(err)
	}
	want := "first second!\n北的X\nfirst second! again\n/sources\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(history); err != nil || info.Mode().Perm() != fs.FileMode(0o600) {
		t.Errorf("history: %v, error %v, want mode 0600", info.Mode(), err)
	}

	s = startDialogue(t, history)
	s.expect(prompt)
	s.send(up + up + "\r")
	s.expect(`asked "first second! again"`)
	s.expect(prompt)
	s.send("/quit\r")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d: %s", code, s.seen.String())
	}
}

func TestChatOnATerminalCtrlCStopsTheAnswerOnly(t *testing.T) {
	s := startDialogue(t, "")
	s.expect(prompt)
	s.send("wait\r")
	s.expect("waiting")
	s.send(ctrlC)
	s.expect("Stopped. The conversation is kept.")
	s.expect(prompt)
	s.send("next\r")
	s.expect(`asked "next"`)
	s.expect(prompt)
	s.send(ctrlD)
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d: %s", code, s.seen.String())
	}
}

func TestChatOnATerminalOutlivesAnInterruptAtThePrompt(t *testing.T) {
	s := startDialogue(t, "")
	s.expect(prompt)
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	s.send("still there\r")
	s.expect(`asked "still there"`)
	s.expect(prompt)
	s.send(ctrlD)
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d: %s", code, s.seen.String())
	}
}

func TestChatOnATerminalEndsAtSIGTERM(t *testing.T) {
	s := startDialogue(t, "")
	s.expect(prompt)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.expect("error: context canceled")
	if code := s.end(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
}

func TestADamagedHistoryIsReportedAndLeftAlone(t *testing.T) {
	history := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(history, []byte("\xff\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startDialogue(t, history)
	s.expect(prompt)
	s.send("one\r")
	s.expect(`asked "one"`)
	s.expect(prompt)
	s.send(ctrlD)
	s.expect("read the history " + history[:10])
	if code := s.end(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if got, err := os.ReadFile(history); err != nil || string(got) != "\xff\n" {
		t.Errorf("history is %q, error %v", got, err)
	}
}

func TestADumbTerminalGetsAPromptAndNoSequences(t *testing.T) {
	s := startDialogue(t, "", "TERM=dumb")
	s.expect(prompt)
	s.send("plain\n")
	s.expect(`asked "plain"`)
	s.expect(prompt)
	s.send("/quit\n")
	s.end()
	if strings.Contains(s.seen.String(), "\x1b") {
		t.Errorf("got %q", s.seen.String())
	}
}

func TestATerminalIsDetectedWithItsWidthAndColors(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 24, Cols: 73}); err != nil {
		t.Fatal(err)
	}
	got := Detect(slave, lookup(map[string]string{"TERM": "foot"}))
	if diff := cmp.Diff(Options{Width: 73, Color: true, Hyperlinks: true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
