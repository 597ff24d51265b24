package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"summitbot/bot/journal"
	"summitbot/bot/slack"
	"summitbot/config"
)

// A surface is a front end whose Run is a function.
type surface struct {
	name string
	run  func(context.Context) error
}

func (s surface) Name() string                  { return s.name }
func (s surface) Run(ctx context.Context) error { return s.run(ctx) }

// obedient returns a front end that runs until it is told to end.
func obedient(name string) surface {
	return surface{name, func(ctx context.Context) error { <-ctx.Done(); return nil }}
}

// drained is a hall whose Drain is a function.
type drained func(context.Context) error

func (d drained) Drain(ctx context.Context) error { return d(ctx) }

// A notebook keeps what is said.
type notebook struct {
	mu    sync.Mutex
	lines []string
}

func (n *notebook) say(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notebook) said(line string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.lines, line)
}

// newHouse returns a house with nothing under way.
func newHouse(n *notebook, fronts ...frontend) *house {
	return &house{fronts: fronts, hall: drained(func(context.Context) error { return nil }), say: n.say, log: slog.New(slog.DiscardHandler)}
}

func TestServeEndsInOrderWhenItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		idle := make(chan struct{}) // closed when no question is under way
		front := surface{"slack", func(ctx context.Context) error { <-ctx.Done(); <-idle; return nil }}
		var n notebook
		h := newHouse(&n, front)
		h.hall = drained(func(limited context.Context) error {
			if err := limited.Err(); err != nil {
				t.Errorf("the drain begins with %v", err)
			}
			<-time.After(3 * time.Second) // an answer under way, by the clock of the bubble
			close(idle)
			return limited.Err()
		})
		done := make(chan error)
		go func() { done <- h.run(ctx, t.Context()) }()
		synctest.Wait()
		if !n.said("ready; Ctrl-C ends") {
			t.Errorf("said %q", n.lines)
		}
		start := time.Now()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("got %v", err)
		}
		if got, want := time.Since(start), 3*time.Second; got != want {
			t.Errorf("took %s, want %s", got, want)
		}
		if want := "stopped"; n.lines[len(n.lines)-1] != want {
			t.Errorf("said %q, want %q last", n.lines, want)
		}
	})
}

func TestADrainHasADeadlineAndASecondSignalCutsItShort(t *testing.T) {
	for _, tt := range []struct {
		name   string
		second time.Duration // after the first; 0 is none
		want   time.Duration
	}{
		{"one signal", 0, drainFor},
		{"two signals", time.Second, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				atOnce, second := context.WithCancel(t.Context())
				ctx, first := context.WithCancel(atOnce)
				defer second()
				cut := errors.New("drain: 1 question: the answer was cut short")
				var n notebook
				h := newHouse(&n, obedient("slack"))
				h.hall = drained(func(limited context.Context) error { <-limited.Done(); return cut })
				start := time.Now()
				first()
				if tt.second > 0 {
					time.AfterFunc(tt.second, second)
				}
				// The next start answers what was cut: the program did what it was told.
				if err := h.run(ctx, atOnce); err != nil {
					t.Errorf("got %v", err)
				}
				if got := time.Since(start); got != tt.want {
					t.Errorf("took %s, want %s", got, tt.want)
				}
				if !n.said(cut.Error()) {
					t.Errorf("said %q", n.lines)
				}
			})
		})
	}
}

func TestASignalThatEndsBothContextsStillDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, sigterm := context.WithCancel(t.Context())
		sigterm()
		var n notebook
		h := newHouse(&n, obedient("slack"))
		h.hall = drained(func(limited context.Context) error { return limited.Err() })
		if err := h.run(ctx, ctx); err != nil || !n.said("stopped") {
			t.Errorf("got %v, said %q", err, n.lines)
		}
	})
}

func TestAFrontEndThatFailsLeavesTheOthersAlone(t *testing.T) {
	for name, fails := range map[string]func(context.Context) error{
		"invalid_auth":       func(context.Context) error { return errors.New("invalid_auth") },
		"panic: nil map":     func(context.Context) error { panic("nil map") },
		"it ended by itself": func(context.Context) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				var n notebook
				h := newHouse(&n, obedient("web"), surface{"slack", fails}, obedient("discord"))
				done := make(chan error, 1)
				go func() { done <- h.run(ctx, t.Context()) }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("ended with %v", err)
				default:
				}
				if !n.said("slack: "+name) || !n.said("going on with web, discord") {
					t.Errorf("said %q", n.lines)
				}
				cancel()
				if err := <-done; err != nil {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestWithoutAFrontEndLeftServeEndsWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := func(context.Context) error { return errors.New("token_revoked") }
		drains := 0
		var n notebook
		h := newHouse(&n, surface{"slack", fails}, surface{"web", fails})
		h.hall = drained(func(context.Context) error { drains++; return nil })
		if err := h.run(t.Context(), t.Context()); !errors.Is(err, errNoneLeft) || codeOf(err) != exitError {
			t.Errorf("got %v", err)
		}
		if drains != 1 || !n.said("web: token_revoked") {
			t.Errorf("got %d drains, said %q", drains, n.lines)
		}
	})
}

func TestAFrontEndThatDoesNotEndIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		stuck := make(chan struct{})
		defer close(stuck)
		var n notebook
		h := newHouse(&n, obedient("web"), surface{"slack", func(context.Context) error { <-stuck; return nil }})
		start := time.Now()
		err := h.run(ctx, t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), "slack did not end within 5s") {
			t.Errorf("got %v", err)
		}
		if got := time.Since(start); got != leaveFor {
			t.Errorf("took %s, want %s", got, leaveFor)
		}
	})
}

func TestChoresEndWithTheFrontEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var n notebook
		h := newHouse(&n, obedient("slack"))
		ended := false
		h.chore = func(ctx context.Context) { <-ctx.Done(); ended = true }
		time.AfterFunc(time.Hour, cancel)
		if err := h.run(ctx, t.Context()); err != nil {
			t.Fatal(err)
		}
		if !ended {
			t.Error("it goes on")
		}
	})
}

func TestWhatIsOlderThanItsRetentionIsForgotten(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	p := &program{stderr: io.Discard, stdout: io.Discard, now: func() time.Time { return now }}
	settings := config.Default()
	settings.DataDir = t.TempDir()
	err := p.use(t.Context(), settings, asking, func(lib *library) error {
		ask := func() string {
			a, err := lib.ask(t.Context(), p.message("What is Putin's red line?", nil, false), nil)
			if err != nil {
				t.Fatal(err)
			}
			return a.ID
		}
		old := ask()
		now = now.Add(2 * time.Hour)
		young := ask()
		lib.forget(t.Context(), time.Hour, slog.New(slog.DiscardHandler))
		if _, err := lib.journal.Answer(t.Context(), old); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("the old answer: got %v", err)
		}
		if _, err := lib.journal.Answer(t.Context(), young); err != nil {
			t.Errorf("the young answer: got %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestServeWithoutAFrontEndSaysWhatToWrite(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("summitbot.yaml", []byte("web:\n  listen: off\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	nothing := func(string) (string, bool) { return "", false }
	if got := run(t.Context(), []string{"serve"}, strings.NewReader(""), &stdout, &stderr, nothing); got != exitUsage {
		t.Errorf("exit code: got %d, want %d", got, exitUsage)
	}
	for _, want := range []string{"bot_token: ${SLACK_BOT_TOKEN}", "summitbot slack manifest"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q is not in %q", want, stderr.String())
		}
	}
}

// A served is the program, at work.
type served struct {
	t    *testing.T
	file string // its configuration
	tape *tape
	code chan int
	end  context.CancelFunc
}

// serve runs "summitbot serve" with the configuration that text is.
func serve(t *testing.T, text string) *served {
	t.Helper()
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &served{t: t, file: file, tape: &tape{}, code: make(chan int, 1), end: cancel}
	nothing := func(string) (string, bool) { return "", false }
	go func() {
		s.code <- run(ctx, []string{"serve", "--config", file}, strings.NewReader(""), s.tape, s.tape, nothing)
	}()
	return s
}

// stop ends the program and wants it to have ended in order.
func (s *served) stop() {
	s.t.Helper()
	s.end()
	if got := <-s.code; got != exitOK {
		s.t.Errorf("exit code: got %d, want %d; it said\n%s", got, exitOK, s.tape.text.String())
	}
}

func TestServeWithoutSettingsServesTheArticleAndSaysWhatIsOff(t *testing.T) {
	s := serve(t, "web: {listen: '127.0.0.1:0'}\n")
	s.tape.await(t, "documents: 1 document, 18 paragraphs")
	s.tape.await(t, "model: none", "llm.base_url")
	s.tape.await(t, "links: none", "web.public_url")
	s.tape.await(t, "slack: off", "slack.bot_token")
	s.tape.await(t, "discord: off", "discord.token")
	s.tape.await(t, "off (admin.listen")
	_, address, _ := strings.Cut(s.tape.await(t, "web: http://"), "web: ")
	s.tape.await(t, "ready")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/d/alaska-summit", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := new(http.Client).Do(request) // no retry: what is ready can be asked
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "red line") {
		t.Errorf("status %d, %v: %s", response.StatusCode, err, body)
	}
	s.stop()
}

func TestAnAddressThatIsTakenStopsNobodyElse(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	w := startSlack(t, slack.Features{FollowThreads: true})
	s := serve(t, "web: {listen: '"+taken.Addr().String()+"'}\nadmin: {listen: '"+taken.Addr().String()+"'}\n"+
		"slack: {bot_token: "+w.BotToken+", app_token: "+w.AppToken+", api_url: '"+w.APIURL()+"'}\n")
	s.tape.await(t, "web: ", "address already in use", "web.listen")
	s.tape.await(t, "going on with slack")
	s.tape.await(t, "slack: connected")
	s.tape.rewind() // it is told beside the others, sooner or later
	s.tape.await(t, "admin: ", "address already in use")
	s.stop()
}

// BenchmarkStartToReady measures from the start of the process until it says that it
// is ready, and has its address open, with the article and nothing configured.
func BenchmarkStartToReady(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	file := filepath.Join(dir, "summitbot.yaml")
	if err := os.WriteFile(file, []byte("web: {listen: '127.0.0.1:0'}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), self, "serve", "--config", file)
		cmd.Args[0], cmd.Dir = "summitbot", dir
		stderr, err := cmd.StderrPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for lines := bufio.NewScanner(stderr); lines.Scan() && !strings.Contains(lines.Text(), "ready"); {
		}
		b.StopTimer()
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
		b.StartTimer()
	}
}
