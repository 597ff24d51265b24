package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The image is put together here as its last stage says, in an empty folder that
// then is the root of the program: there may be no engine where tests run.

// imageLimit is how large the image may get, in bytes.
const imageLimit = 40 << 20

// An image is what the last stage of the Dockerfile makes.
type image struct {
	root       string
	env        []string
	uid, gid   int
	entrypoint []string
	cmd        []string
	health     []string
	volume     string
}

// An instruction is one of the Dockerfile, its lines joined.
type instruction struct {
	name, args string
	text       string // of its here-document
}

// readDockerfile returns the instructions of the last stage.
func readDockerfile(t *testing.T, path string) (stage []instruction) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for strings.HasSuffix(line, `\`) {
			i++
			line = strings.TrimSpace(strings.TrimSuffix(line, `\`)) + " " + strings.TrimSpace(lines[i])
		}
		name, args, _ := strings.Cut(line, " ")
		in := instruction{name: name, args: strings.TrimSpace(args)}
		if rest, found := strings.CutPrefix(in.args, "<<"); found {
			end, to, _ := strings.Cut(rest, " ")
			for i++; lines[i] != end; i++ {
				in.text += lines[i] + "\n"
			}
			in.args = to
		}
		if name == "FROM" {
			stage = nil
		}
		stage = append(stage, in)
	}
	return stage
}

// buildImage puts the image together, with one certificate more: that of the
// tests' server.
func buildImage(t *testing.T, certificate []byte) *image {
	t.Helper()
	m := &image{root: t.TempDir()}
	for _, in := range readDockerfile(t, filepath.Join("..", "..", "Dockerfile")) {
		switch in.name {
		case "FROM":
			if in.args != "scratch" {
				t.Fatalf("the last stage begins with %s: this test has only an empty folder", in.args)
			}
		case "ENV":
			m.env = append(m.env, strings.Fields(in.args)...)
		case "USER":
			uid, gid, _ := strings.Cut(in.args, ":")
			m.uid, m.gid = number(t, uid), number(t, gid)
		case "VOLUME":
			m.volume = in.args
		case "ENTRYPOINT":
			m.entrypoint = form(t, in.args)
		case "CMD":
			m.cmd = form(t, in.args)
		case "HEALTHCHECK":
			m.health = form(t, in.args[strings.Index(in.args, "CMD ")+len("CMD "):])
		case "COPY":
			m.copy(t, in, certificate)
		case "ARG", "LABEL", "EXPOSE":
		default:
			t.Fatalf("this test does not know what %s does to the image", in.name)
		}
	}
	m.seal(t)
	return m
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// form reads the words of an instruction in the form of a JSON array.
func form(t *testing.T, args string) (words []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(args), &words); err != nil {
		t.Fatalf("%s: %v", args, err)
	}
	return words
}

// copy does one COPY.
func (m *image) copy(t *testing.T, in instruction, certificate []byte) {
	t.Helper()
	words := slices.DeleteFunc(strings.Fields(in.args), func(w string) bool { return strings.HasPrefix(w, "--from=") })
	owner := ""
	if rest, found := strings.CutPrefix(words[0], "--chown="); found {
		owner, words = rest, words[1:]
	}
	to := filepath.Join(m.root, words[len(words)-1])
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	from := words[0]
	switch {
	case in.text != "":
		write(t, to, []byte(in.text), 0o644)
	case from == "/out/summitbot":
		data, err := os.ReadFile(builtProgram(t))
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, data, 0o755)
	case from == "/out/data":
		if err := os.Mkdir(to, 0o755); err != nil {
			t.Fatal(err)
		}
	case from == "/etc/ssl/certs/ca-certificates.crt":
		data, err := os.ReadFile(from)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		write(t, to, append(data, certificate...), 0o644)
	default:
		t.Fatalf("COPY %s: this test does not know where that comes from", in.args)
	}
	if owner != "" && os.Getuid() == 0 {
		uid, gid, _ := strings.Cut(owner, ":")
		if err := os.Chown(to, number(t, uid), number(t, gid)); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path string, data []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
}

// builtProgram returns the path of the program: what .ci/run built as the Dockerfile
// does, or one that is built here.
func builtProgram(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("SUMMITBOT_BINARY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "summitbot")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // the race detector's is not static
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// seal takes the right to write from all but the volume, as a read-only root does.
func (m *image) seal(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(m.root, func(path string, e os.DirEntry, err error) error {
		if err != nil || path == filepath.Join(m.root, m.volume) {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		return os.Chmod(path, info.Mode().Perm()&^0o222)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // so that the folder can be removed
		_ = filepath.WalkDir(m.root, func(path string, e os.DirEntry, err error) error {
			if err == nil && e.IsDir() {
				err = os.Chmod(path, 0o755)
			}
			return err
		})
	})
}

// command returns the program in the image, as its user, with no right beyond that.
func (m *image) command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Path, cmd.Err = args[0], nil // it is looked for in the image, and not here
	cmd.Dir = "/"
	cmd.Env = append(slices.Clone(m.env), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     m.root,
		Credential: &syscall.Credential{Uid: uint32(m.uid), Gid: uint32(m.gid), NoSetGroups: os.Getuid() != 0},
		Pdeathsig:  syscall.SIGKILL,
	}
	if os.Getuid() != 0 {
		// Root of a namespace of its own may change the root folder too.
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: m.uid, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: m.gid, HostID: os.Getgid(), Size: 1}}
	}
	return cmd
}

// run runs the program to its end.
func (m *image) run(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := m.command(t.Context(), env, append(slices.Clone(m.entrypoint), args...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if _, ended := errors.AsType[*exec.ExitError](err); !ended {
			// Whoever only tries the program need not be root; a build has to see it run.
			if errors.Is(err, os.ErrPermission) && os.Getenv("CI") == "" {
				t.Skipf("needs root or user namespaces, which this machine does not give: %v", err)
			}
			t.Fatalf("run in a root folder of its own, for which this needs root or user namespaces: %v", err)
		}
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// size returns how large the image's files are.
func (m *image) size(t *testing.T) (bytes int64) {
	t.Helper()
	err := filepath.WalkDir(m.root, func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			var info os.FileInfo
			if info, err = e.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// secretly starts a server over TLS that is no model, and returns its certificate and
// how often it was asked.
func secretly(t *testing.T) (server *httptest.Server, certificate []byte, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		http.Error(w, "no model here", http.StatusNotFound)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail, as one has to
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), asked
}

func TestTheProgramRunsWithOnlyWhatTheImageHas(t *testing.T) {
	server, certificate, asked := secretly(t)
	m := buildImage(t, certificate)
	m.run(t, nil, "version") // which is skipped where nothing can be run so
	if got := m.size(t); got > imageLimit {
		t.Errorf("the image has %.1f MB, more than %d", float64(got)/(1<<20), imageLimit>>20)
	} else {
		t.Logf("the image has %.1f MB", float64(got)/(1<<20))
	}

	t.Run("it answers, and keeps the answer in the volume", func(t *testing.T) {
		stdout, stderr, code := m.run(t, nil, "ask", "--json", "What is a red line for Putin?")
		if code != exitOK || !strings.Contains(stdout, "NATO membership") || stderr != "" {
			t.Errorf("exit code %d: %s%s", code, stdout, stderr)
		}
		stdout, stderr, code = m.run(t, nil, "answers")
		if code != exitOK || !strings.Contains(stdout, "red line for Putin?") {
			t.Errorf("exit code %d: %s%s", code, stdout, stderr)
		}
		if _, err := os.Stat(filepath.Join(m.root, m.volume, databaseName)); err != nil {
			t.Error(err)
		}
	})
	t.Run("it can write nowhere else", func(t *testing.T) {
		_, stderr, code := m.run(t, nil, "ask", "--data-dir", "/elsewhere", "Who?")
		if code != exitError || !strings.Contains(stderr, "/elsewhere") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	})
	t.Run("it speaks TLS by the image's certificates", func(t *testing.T) {
		settings := `llm: {base_url: "` + server.URL + `/v1", model: m}`
		file := filepath.Join(m.root, m.volume, "tls.yaml")
		write(t, file, []byte(settings), 0o644)
		_, stderr, _ := m.run(t, nil, "ask", "--config", "/data/tls.yaml", "--json", "What is a red line for Putin?")
		if asked.Load() == 0 {
			t.Errorf("the server was not asked: %s", stderr)
		}
		// That the server is trusted by nothing but these shows without them.
		before := asked.Load()
		m.run(t, []string{"SSL_CERT_FILE=/etc/passwd", "SSL_CERT_DIR=/data"}, "ask", "--config", "/data/tls.yaml", "--json", "What is a red line for Putin?")
		if asked.Load() != before {
			t.Error("the server was asked without its certificate")
		}
	})
	t.Run("it knows time zones", func(t *testing.T) {
		_, stderr, _ := m.run(t, []string{"TZ=Asia/Kathmandu"}, "-v", "sources")
		if !regexp.MustCompile(`time=\S+\+05:45 `).MatchString(stderr) {
			t.Errorf("not the time of Nepal: %s", stderr)
		}
	})
	t.Run("it serves, and knows that it does", func(t *testing.T) { m.serves(t) })
}

// serves runs the image's own command, but with pages on a port that is free here.
func (m *image) serves(t *testing.T) {
	t.Helper()
	address := freeAddress(t)
	settings := "data_dir: " + m.volume + "\nweb: {listen: '" + address + "'}\n"
	write(t, filepath.Join(m.root, m.volume, "serve.yaml"), []byte(settings), 0o644)
	words := append(slices.Clone(m.entrypoint), append(slices.Clone(m.cmd), "--config", "/data/serve.yaml")...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	serve := m.command(ctx, nil, words...)
	var stderr buffer
	serve.Stderr = &stderr
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	page := ask(t, address, &stderr)
	if !strings.Contains(page, "NATO membership") {
		t.Errorf("got %s; it said\n%s", page, stderr.String())
	}
	health := append(slices.Clone(m.health), "--config", "/data/serve.yaml")
	if _, said, code := m.run(t, nil, health[1:]...); code != exitOK {
		t.Errorf("health: exit code %d: %s", code, said)
	}
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("%v; it said\n%s", err, stderr.String())
	}
	if _, _, code := m.run(t, nil, health[1:]...); code == exitOK {
		t.Error("the health of a program that has ended is good")
	}
}

// ask asks over HTTP as soon as somebody answers there.
func ask(t *testing.T, address string, stderr *buffer) (reply string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(30 * time.Second); ; {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/api/ask", strings.NewReader(`{"question": "What is a red line for Putin?"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err == nil {
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return string(body)
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("nobody answers: %v; it said\n%s", err, stderr.String())
		}
	}
}
