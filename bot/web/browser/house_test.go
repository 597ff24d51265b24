package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for what must happen: a browser that starts on a
// busy machine takes seconds.
const patience = 30 * time.Second

var (
	binary  string          // the program, built for this run
	chrome  context.Context // the browser that all tests share, a tab for each
	noChrom string          // why there is none
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

// run builds the program, starts the browser, and ends both.
func run(m *testing.M) int {
	path := chromium()
	if path == "" {
		noChrom = "no Chromium; SUMMITBOT_CHROMIUM names one"
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "summitbot-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "summitbot")
	build := exec.Command("go", "build", "-o", binary, "./cmd/summitbot")
	build.Dir = filepath.Join("..", "..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("headless", "new"),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-first-run", true),
		// Whatever the browser itself would ask of the world has nobody to ask.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.CombinedOutput(new(bytes.Buffer)),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	defer stopAllocator()
	var stop context.CancelFunc
	chrome, stop = chromedp.NewContext(allocator)
	defer stop()
	if _, err := chromedp.Run(chrome, chromedp.Navigate("about:blank")); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
		return 1
	}
	return m.Run()
}

// chromium returns the path of the browser, "" if there is none.
func chromium() string {
	for _, name := range []string{os.Getenv("SUMMITBOT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
}

// A house is the program while it serves.
type house struct {
	origin string
	log    *logged
	folder string // of its documents, "" if it has the ones it came with
}

// A logged is what a program says, for a test that fails.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// serve starts the program with the documents that it comes with; config is added to
// its configuration.
func serve(t *testing.T, config string) *house {
	t.Helper()
	if noChrom != "" {
		t.Skip(noChrom)
	}
	address := free(t)
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	write(t, file, "web:\n  listen: "+address+"\n"+config)
	h := &house{origin: "http://" + address, log: &logged{}}
	cmd := exec.Command(binary, "serve", "--config", file)
	cmd.Stdout, cmd.Stderr = h.log, h.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		if err := <-ended; err != nil && !t.Failed() {
			t.Errorf("the program ended with %v:\n%s", err, h.log)
		}
		if t.Failed() {
			t.Logf("the program said:\n%s", h.log)
		}
	})
	until(t, "the program serves", func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the program ended: %v\n%s", err, h.log)
		default:
		}
		reply, err := http.Get(h.origin + "/robots.txt")
		if err != nil {
			return false
		}
		return reply.Body.Close() == nil && reply.StatusCode == http.StatusOK
	})
	return h
}

// serveFiles starts the program with documents of the test's own, by name.
func serveFiles(t *testing.T, files map[string]string) *house {
	t.Helper()
	folder, data := t.TempDir(), t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(folder, name), text)
	}
	h := serve(t, fmt.Sprintf("data_dir: %s\nsources:\n  - path: %s\n", data, folder))
	h.folder = folder
	return h
}

// revision returns the current revision of a document.
func (h *house) revision(t *testing.T, document string) string {
	t.Helper()
	reply, err := http.Get(h.origin + "/api/documents")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var list struct {
		Documents []struct{ ID, Revision string }
	}
	if err := json.NewDecoder(reply.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	for _, d := range list.Documents {
		if d.ID == document {
			return d.Revision
		}
	}
	return ""
}

// until waits for a condition outside the browser.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("not within %v: %s", patience, what)
		case <-tick.C:
		}
	}
}

// free returns an address of this machine that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// quoted writes a text as a literal of JavaScript.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return strings.ReplaceAll(string(b), "\u2028", `\u2028`)
}
