package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"summitbot/bot/answer"
	"summitbot/knowledge"
	"summitbot/knowledge/sqlite"
)

const (
	// The environment may want the program killed more often, for a night.
	killsName = "SUMMITBOT_KILLS"
	// The documents that are edited all the time, and their paragraphs. Each
	// paragraph says which version it is of, so that a torn document shows.
	victims, verses = 6, 12
	askers          = 3
)

// A victim is the program while it answers and takes in files, in a process that is
// killed, and started again over the same data.
type victim struct {
	t       *testing.T
	dir     string
	address string
	random  *rand.Rand
	version [victims]int // of each file

	mu   sync.Mutex
	told []spoken // by all processes
	seen int      // of these, how many were looked up in the journal
	torn int      // questions that a kill left without a reply
}

// A spoken is an answer that somebody was given.
type spoken struct {
	Key, ID, Question string
	Claims            int
}

// A spell is one life of the program.
type spell struct {
	*victim
	cmd  *exec.Cmd
	left atomic.Int64 // events until it is killed
	kill func()
}

// happened counts something that the program did, or that was done to it; at the
// last event of its life the program is killed.
func (s *spell) happened() {
	if s.left.Add(-1) == 0 {
		s.kill()
	}
}

// start starts the program, to be killed after so many events. lines is told every
// line that it writes, and closed at its end.
func (v *victim) start(ctx context.Context, events int64) (s *spell, lines <-chan string) {
	v.t.Helper()
	self, err := os.Executable()
	v.do(err)
	s = &spell{victim: v, cmd: exec.CommandContext(ctx, self, "serve", "--config", v.at("summitbot.yaml"))}
	s.cmd.Args[0] = "summitbot" // which the test's binary then is
	s.cmd.Env = append(os.Environ(), "HOME="+v.dir, "XDG_CONFIG_HOME=", "GORACE=atexit_sleep_ms=0")
	stderr, err := s.cmd.StderrPipe()
	v.do(err)
	s.left.Store(events)
	s.kill = func() { _ = s.cmd.Process.Kill() } // it may have ended by itself, which Wait tells
	v.do(s.cmd.Start())
	out := make(chan string, 10_000) // so that the program never waits for whoever reads
	go func() {
		defer close(out)
		for in := bufio.NewScanner(stderr); in.Scan(); {
			if line := in.Text(); strings.Contains(line, "DATA RACE") || strings.HasPrefix(line, "panic:") {
				v.t.Errorf("the program wrote %q", line)
			} else {
				out <- line
			}
			s.happened()
		}
	}()
	return s, out
}

func (v *victim) do(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *victim) at(name string) string { return filepath.Join(v.dir, filepath.FromSlash(name)) }

// edit gives a file its next version, by a rename, as editors do: a file that is
// half written is nobody's version.
func (v *victim) edit(file int) error {
	v.version[file]++
	var text strings.Builder
	for n := range verses {
		fmt.Fprintf(&text, "Keeper %d of the lighthouse wrote verse %d in the year %d.\n\n", file, n+1, 1000+v.version[file])
	}
	hidden, name := v.at(fmt.Sprintf("docs/.%d.swp", file)), v.at(fmt.Sprintf("docs/keeper%d.txt", file))
	return errors.Join(os.WriteFile(hidden, []byte(text.String()), 0o600), os.Rename(hidden, name))
}

// question is a request of the pages' API.
func (v *victim) question(ctx context.Context, key string, file int) (spoken, error) {
	said := spoken{Key: key, Question: fmt.Sprintf("What did keeper %d of the lighthouse write?", file)}
	body, err := json.Marshal(map[string]string{"key": key, "question": said.Question})
	if err != nil {
		return said, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+v.address+"/api/ask", bytes.NewReader(body))
	if err != nil {
		return said, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := new(http.Client).Do(request)
	if err != nil {
		return said, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return said, err
	}
	var reply struct {
		Answer struct {
			ID     string
			Claims []any
		}
	}
	if response.StatusCode != http.StatusOK {
		v.t.Errorf("%s: status %d: %s", key, response.StatusCode, data)
		return said, errors.New(response.Status)
	}
	if err := json.Unmarshal(data, &reply); err != nil {
		return said, fmt.Errorf("%w in %q", err, data)
	}
	said.ID, said.Claims = reply.Answer.ID, len(reply.Answer.Claims)
	return said, nil
}

// live edits files and asks until the program is killed.
func (s *spell) live(ctx context.Context, life int, lines <-chan string) {
	ctx, end := context.WithCancel(ctx)
	var work sync.WaitGroup
	for line := range lines {
		if strings.Contains(line, "ready") {
			break
		}
	}
	seed := s.random.Uint64()
	work.Go(func() {
		random := rand.New(rand.NewPCG(seed, 0))
		for ctx.Err() == nil {
			if err := s.edit(random.IntN(victims)); err != nil {
				s.t.Error(err)
				return
			}
			s.happened()
			select { // as fast as the documents can follow
			case <-ctx.Done():
			case line := <-lines:
				for ; line != "" && !strings.Contains(line, "documents changed"); line = <-lines {
				}
			}
		}
	})
	for asker := range askers {
		work.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(asker)+1))
			for n := 0; ctx.Err() == nil; n++ {
				s.happened() // it is asked
				said, err := s.question(ctx, fmt.Sprintf("life-%05d-asker-%d-%05d", life, asker, n), random.IntN(victims))
				s.mu.Lock()
				if err == nil {
					s.told = append(s.told, said)
				} else {
					s.torn++
				}
				s.mu.Unlock()
				if err != nil {
					return // it is dead, or about to be
				}
				s.happened() // it has the answer
			}
		})
	}
	_ = s.cmd.Wait() // killed
	end()
	work.Wait()
}

// inspect looks at what a kill left behind, in the state in which it left it.
func (v *victim) inspect(ctx context.Context, life int) {
	v.t.Helper()
	store, err := sqlite.Open(ctx, v.at("data/"+databaseName))
	if err != nil {
		v.t.Fatalf("life %d: %v", life, err)
	}
	defer store.Close()
	var state string
	if err := store.DB().QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&state); err != nil || state != "ok" {
		v.t.Fatalf("life %d: the database: %s, %v", life, state, err)
	}
	docs, err := store.Documents(ctx)
	v.do(err)
	for _, d := range docs {
		v.whole(ctx, store, d, life)
	}
	for _, said := range v.told[v.seen:] {
		var text string
		row := store.DB().QueryRowContext(ctx, "SELECT answer FROM answers WHERE id = $1", said.ID)
		if err := row.Scan(&text); err != nil {
			v.t.Fatalf("life %d: answer %s to %s was told, and in the journal is %v", life, said.ID, said.Key, err)
		}
		var a answer.Answer
		v.do(json.Unmarshal([]byte(text), &a))
		if a.Question != said.Question || len(a.Claims) != said.Claims {
			v.t.Fatalf("life %d: the journal has %+v, told was %+v", life, a, said)
		}
	}
	v.seen = len(v.told)
}

// whole sees that a document is one of its versions, all of it.
func (v *victim) whole(ctx context.Context, store *sqlite.Store, d knowledge.Document, life int) {
	v.t.Helper()
	paragraphs, err := store.Paragraphs(ctx, d.ID, "", 1, 0)
	v.do(err)
	if knowledge.Digest(paragraphs) != d.Revision.Digest || len(paragraphs) != verses {
		v.t.Fatalf("life %d: %s has %d paragraphs that are not its revision", life, d.ID, len(paragraphs))
	}
	_, year, _ := strings.Cut(paragraphs[0].Text, "year")
	for _, p := range paragraphs {
		if !strings.HasSuffix(p.Text, year) {
			v.t.Fatalf("life %d: %s is of two versions: %q", life, d.ID, p.Text)
		}
	}
}

// freeAddress returns an address at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	v := &victim{t: t, dir: t.TempDir(), address: freeAddress(t), random: rand.New(rand.NewPCG(1, 2))}
	v.do(os.Mkdir(v.at("docs"), 0o700))
	v.do(os.WriteFile(v.at("summitbot.yaml"), []byte(`data_dir: data
sources: [{path: docs}]
web: {listen: "`+v.address+`"}
limits: {per_user_minute: 0, per_channel_minute: 0}
`), 0o600))
	for file := range victims {
		v.do(v.edit(file))
	}
	return v
}

func TestAKillAtAnyInstantLosesNothingAndBreaksNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	kills := usualKills
	if s := os.Getenv(killsName); s != "" { //nolint:forbidigo // how long the test may take is not the program's business
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	v := newVictim(t)
	for life := range kills {
		// A fifth of the kills are while it starts, when it takes in what was edited
		// meanwhile; the lines that it writes until it is ready are eight or so.
		events := 1 + v.random.Int64N(100)
		if life%5 == 0 {
			events = 1 + v.random.Int64N(10)
		}
		s, lines := v.start(t.Context(), events)
		s.live(t.Context(), life, lines)
		for range lines { // until its end
		}
		v.inspect(t.Context(), life)
		for file := range victims { // what the next one has to take in at its start
			if v.random.IntN(3) == 0 {
				v.do(v.edit(file))
			}
		}
	}
	t.Logf("%d kills: %d answers told, %d questions cut off", kills, len(v.told), v.torn)
	if len(v.told) < kills || v.torn < kills/4 {
		t.Errorf("%d answers and %d questions cut off prove little", len(v.told), v.torn)
	}
	v.survives(t.Context())
}

// survives starts the program once more, and sees that what was asked is known, that
// the files are answered from as they are, and that it ends in order.
func (v *victim) survives(ctx context.Context) {
	v.t.Helper()
	s, lines := v.start(ctx, 1<<62)
	for line := range lines {
		if strings.Contains(line, "ready") {
			break
		}
	}
	for _, said := range v.told[max(0, len(v.told)-50):] {
		// Asked again under its key it has the answer that it had.
		file, _ := strconv.Atoi(strings.Fields(said.Question)[3])
		again, err := v.question(ctx, said.Key, file)
		if err != nil || again.ID != said.ID {
			v.t.Errorf("%s was answered by %s, and now by %s, %v", said.Key, said.ID, again.ID, err)
		}
	}
	v.do(s.cmd.Process.Signal(syscall.SIGTERM))
	for range lines {
	}
	if err := s.cmd.Wait(); err != nil {
		v.t.Errorf("it ended with %v", err)
	}

	p := &program{
		stdout: io.Discard, stderr: io.Discard, now: time.Now, configFile: v.at("summitbot.yaml"),
		lookupEnv: func(string) (string, bool) { return "", false },
	}
	settings, err := p.settings()
	v.do(err)
	v.do(p.use(ctx, settings, searching, func(lib *library) error {
		for file, version := range v.version {
			want := fmt.Sprintf("Keeper %d of the lighthouse wrote verse 7 in the year %d.", file, 1000+version)
			r, err := lib.base.Search(ctx, knowledge.Query{Text: want, Limit: verses})
			if err != nil || !slices.ContainsFunc(r.Hits, func(h knowledge.Hit) bool { return h.Paragraph.Text == want }) {
				v.t.Errorf("%q is not found: %v", want, err)
			}
		}
		return nil
	}))
}
