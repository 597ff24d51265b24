package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"summitbot/bot/discord/discordserver"
	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
)

const (
	// soakName names how many questions the soak asks; the usual number is what a
	// change can wait for.
	soakName  = "SUMMITBOT_SOAK"
	usualSoak = 600
	// soakSpeed is how much faster than the machine's the clocks of the platforms and of
	// the program run: their limits of a minute pass in six seconds. Slack's three
	// seconds are then 300 ms, which a busy machine still keeps.
	soakSpeed = 10
	// soakPending is how many questions each front end has under way: more would only
	// wait for the limits.
	soakPending = 8
	// soakCrowd is how many questions are asked in one channel before another one is made.
	soakCrowd = 40
	// Growth that is allowed between a quarter of the questions and all of them: for what
	// is remembered of a thread for a day (whom the bot spoke with), and of a question
	// for as long as it may be delivered again; both by the program's clock.
	soakHeap, soakHeapThread, soakHeapLate = 3 << 20, 256, 1200 // bytes; the latter two for each question
	soakLate                               = 30 * time.Minute
	soakGoroutines                         = 6
	soakFiles                              = 4

	clockName = "SUMMITBOT_TEST_CLOCK"
)

// more are the programs that only this system has.
var more = map[string]func(){"summitbot-measured": func() { os.Exit(measured()) }}

// measured is the program with the clock that the environment names. At SIGUSR1 it
// writes to standard output what it takes.
func measured() int {
	p := &program{stdin: os.Stdin, stdout: os.Stderr, stderr: os.Stderr, lookupEnv: os.LookupEnv, now: time.Now}
	if zero, speed, ok := strings.Cut(os.Getenv(clockName), " "); ok {
		p.now, p.wait = fastClock(zero, speed)
	}
	ask := make(chan os.Signal, 1)
	signal.Notify(ask, syscall.SIGUSR1)
	go func() {
		for range ask {
			_ = json.NewEncoder(os.Stdout).Encode(measure()) // the test sees that nothing came
		}
	}()
	return p.run(context.Background(), os.Args[1:])
}

// fastClock returns a clock that stood at zero (Unix nanoseconds) at the same moment
// as the machine's, and is faster.
func fastClock(zero, speed string) (func() time.Time, func(context.Context, time.Duration) error) {
	began, _ := strconv.ParseInt(zero, 10, 64)
	factor, _ := strconv.ParseFloat(speed, 64)
	start := time.Unix(0, began)
	now := func() time.Time { return start.Add(time.Duration(float64(time.Since(start)) * factor)) }
	wait := func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(time.Duration(float64(d) / factor))
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		}
	}
	return now, wait
}

// A taken is what the program takes of the machine.
type taken struct{ Heap, Goroutines, Files, Resident int }

func measure() taken {
	runtime.GC()
	debug.FreeOSMemory() // collects once more: what a finalizer let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, _ := os.ReadDir("/proc/self/fd")
	return taken{Heap: int(m.HeapAlloc), Goroutines: runtime.NumGoroutine(), Files: len(files), Resident: resident(os.Getpid())}
}

// resident returns the bytes of a process that are in memory.
func resident(pid int) int {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize()
}

// A soak is the program with everything on, and people who ask.
type soak struct {
	*testing.T
	slack   *slackserver.Server
	discord *discordserver.Server
	address string // of the pages
	dir     string
	stderr  buffer
	program *exec.Cmd
	reports *bufio.Scanner

	inSlack, inDiscord, onWeb atomic.Int64
	again                     atomic.Int64 // commands that a platform gave up, and that were sent once more
}

func TestASoakLeavesNothingBehind(t *testing.T) {
	questions, long := usualSoak, false
	if text := os.Getenv(soakName); text != "" {
		questions, long = number(t, text), true
	} else if underRace() {
		questions /= 4 // which takes as long
	}
	s := newSoak(t)
	s.rain(0, questions/4)
	quarter := s.take()
	began := time.Now()
	s.rain(questions/4, questions)
	took := time.Since(began)
	asked := questions - questions/4
	late := min(1, soakLate.Seconds()/(took.Seconds()*soakSpeed)) // the share of them that is
	end := s.rest(quarter, soakHeap+soakHeapThread*asked+int(soakHeapLate*late*float64(asked)))
	t.Logf("%d questions (slack %d, discord %d, web %d; %d commands sent again), %.0f a second; after a quarter %+v, at the end %+v",
		questions, s.inSlack.Load(), s.inDiscord.Load(), s.onWeb.Load(), s.again.Load(), float64(asked)/took.Seconds(), quarter, end)
	if long {
		questions += s.afterwards(questions, quarter)
	}
	s.stop()
	s.journaled(questions)
}

// afterwards waits until the questions are forgotten that may be delivered again, asks
// a few more, at which the program tidies up, and wants it to take no more than
// after the first quarter, which it remembered then. It returns how many it asked.
func (s *soak) afterwards(asked int, quarter taken) (more int) {
	s.Helper()
	<-time.After(soakLate / soakSpeed * 11 / 10)
	more = 3 * soakPending
	s.rain(asked, asked+more)
	s.Logf("when all is forgotten that may be delivered again: %+v", s.rest(quarter, 0))
	return more
}

// underRace reports whether the race detector watches.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	zero := time.Now()
	s := &soak{
		T:       t,
		slack:   slackserver.Start(t, slackserver.Options{Speed: soakSpeed, Start: zero}),
		discord: discordserver.Start(t, discordserver.Options{Speed: soakSpeed, Start: zero}),
		address: freeAddress(t), dir: t.TempDir(),
	}
	file := filepath.Join(s.dir, "summitbot.yaml")
	text := "data_dir: data\nslack: {bot_token: '${BOT}', app_token: '${APP}', api_url: '" + s.slack.APIURL() + "'}\n" +
		"discord: {token: '${TOKEN}', api_url: '" + s.discord.URL() + "'}\nweb: {listen: '" + s.address + "'}\n" +
		"limits: {per_user_minute: 100000, per_channel_minute: 100000}\n"
	write(t, file, []byte(text), 0o600)
	s.start(file, fmt.Sprintf("%s=%d %d", clockName, zero.UnixNano(), soakSpeed),
		"BOT="+s.slack.BotToken, "APP="+s.slack.AppToken, "TOKEN="+s.discord.Token)
	return s
}

// start starts the program and waits until all its front ends are there.
func (s *soak) start(file string, env ...string) {
	s.Helper()
	s.program = exec.CommandContext(s.Context(), "summitbot-measured", "serve", "--config", file)
	s.program.Env = append(os.Environ(), env...)
	s.program.Stderr = &s.stderr
	out, err := s.program.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	s.reports = bufio.NewScanner(out)
	if err := s.program.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		if s.Failed() {
			s.Logf("the program said:\n%s", s.stderr.String())
		}
	})
	s.slack.AwaitSockets(1)
	s.discord.AwaitReady(1)
	s.discord.AwaitCommand("", "summit")
}

// stop ends the program as an operator does.
func (s *soak) stop() {
	s.Helper()
	if err := s.program.Process.Signal(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	for s.reports.Scan() { // until it closes its output, as Wait wants
	}
	if err := s.program.Wait(); err != nil {
		s.Errorf("the program ended with %v", err)
	}
}

// take returns what the program takes now.
func (s *soak) take() (now taken) {
	s.Helper()
	if err := s.program.Process.Signal(syscall.SIGUSR1); err != nil {
		s.Fatal(err)
	}
	if !s.reports.Scan() {
		s.Fatalf("the program told nothing: %v", s.reports.Err())
	}
	if err := json.Unmarshal(s.reports.Bytes(), &now); err != nil {
		s.Fatal(err)
	}
	return now
}

// rest waits until the program takes no more than it did before, and a little: idle
// connections and what was told last go within a minute and a half.
func (s *soak) rest(before taken, heap int) (now taken) {
	s.Helper()
	limit, tick := time.NewTimer(100*time.Second), time.NewTicker(time.Second)
	defer limit.Stop()
	defer tick.Stop()
	for {
		now = s.take()
		if now.Heap <= before.Heap+heap && now.Goroutines <= before.Goroutines+soakGoroutines && now.Files <= before.Files+soakFiles {
			return now
		}
		select {
		case <-tick.C:
		case <-limit.C:
			s.Errorf("it takes %+v, and took %+v", now, before)
			return now
		}
	}
}

// rain asks questions from to to, from all sides at once.
func (s *soak) rain(from, to int) {
	s.Helper()
	var next atomic.Int64
	next.Store(int64(from))
	var people sync.WaitGroup
	for surface, counted := range map[string]*atomic.Int64{"slack": &s.inSlack, "discord": &s.inDiscord, "web": &s.onWeb} {
		for n := range soakPending {
			people.Go(func() {
				ask := s.person(surface, fmt.Sprintf("%s-%d-%d", surface, n, from))
				for i := int(next.Add(1)) - 1; i < to && !s.Failed(); i = int(next.Add(1)) - 1 {
					counted.Add(1)
					ask(i)
				}
			})
		}
	}
	people.Wait()
	if s.Failed() {
		s.FailNow()
	}
}

// person returns what one person does to ask question i on a surface. One asks
// after the other, so that what is only for them can be told apart.
func (s *soak) person(surface, name string) func(i int) {
	switch surface {
	case "slack":
		return (&slackPerson{soak: s, name: name, user: s.slack.User(name)}).ask
	case "discord":
		return (&discordPerson{soak: s, name: name, user: s.discord.User(name)}).ask
	}
	return s.askWeb
}

// question returns what question i asks: of every four one is refused.
func (s *soak) question(i int) string {
	return []string{
		"What is a red line for Putin?", "Who is going to Washington from Germany?",
		"What would security guarantees look like?", "Which hotel did the delegation book?",
	}[i%4]
}

// A slackPerson asks in Slack in one way after the other.
type slackPerson struct {
	*soak
	name, user, room string
	asked            int
}

func (p *slackPerson) ask(i int) {
	w := p.slack
	if p.asked%soakCrowd == 0 {
		p.room = w.AddChannel(fmt.Sprintf("%s-room-%d", p.name, i), slackserver.Public, p.user, w.Bot)
	}
	p.asked++
	switch p.asked % 3 {
	case 0:
		p.thread(p.room, w.Say(p.user, p.room, w.Mention()+" "+p.question(i), ""))
	case 1:
		p.thread(w.DM(p.user), w.Say(p.user, w.DM(p.user), p.question(i), ""))
	case 2:
		p.command(fmt.Sprintf("%s (%d)", p.question(i), i))
	}
}

// thread waits for the one answer in a thread.
func (p *slackPerson) thread(room, ts string) {
	p.slack.Await("an answer in the thread", func() bool { return len(finished(p.slack.Answers(room, ts))) > 0 })
	if got := finished(p.slack.Answers(room, ts)); len(got) != 1 {
		p.Errorf("slack: %d answers to %s in %s", len(got), ts, room)
	}
}

// finished returns the messages of the program with buttons below them: it tells
// nothing more there.
func finished(list []slackserver.Message) []slackserver.Message {
	return slices.DeleteFunc(list, func(m slackserver.Message) bool {
		return !m.FromBot || m.Deleted || !strings.Contains(string(m.Blocks), `actions"`)
	})
}

// command asks by the command, and again if Slack tells that nobody took it. The
// answer repeats the question, for only then people know what it is about.
func (p *slackPerson) command(question string) {
	answers := func() int {
		return len(slices.DeleteFunc(finished(p.slack.Messages(p.room)), func(m slackserver.Message) bool {
			return m.Only != p.user || !strings.Contains(m.Text, question)
		}))
	}
	sent := 0
	for lost := true; lost && answers() == 0; sent++ {
		act := p.slack.Slash(p.user, p.room, slack.DefaultCommand, question)
		p.slack.Await("an answer to the command", func() bool {
			lost = p.gaveUp(act.Envelope)
			return lost || answers() > 0
		})
	}
	p.again.Add(int64(sent - 1))
	// One that Slack gave up and the program had taken nevertheless may have its answer, too.
	if got := answers(); got < 1 || got > sent {
		p.Errorf("slack: %d answers to a command that was sent %d times", got, sent)
	}
}

// gaveUp reports whether Slack told the person of a command that nobody took it.
func (p *slackPerson) gaveUp(envelope string) bool {
	list := p.slack.Envelopes("")
	for _, e := range slices.Backward(list) {
		if e.ID == envelope {
			return e.Lost || e.Tries == 0
		}
	}
	return false
}

// A discordPerson asks in Discord in one way after the other.
type discordPerson struct {
	*soak
	name, user, room string
	asked, commanded int // commanded are the answers to commands in the room
}

func (p *discordPerson) ask(i int) {
	d := p.discord
	if p.asked%soakCrowd == 0 {
		p.room, p.commanded = d.AddChannel(d.Guild, fmt.Sprintf("%s-room-%d", p.name, i)), 0
	}
	p.asked++
	switch p.asked % 3 {
	case 0:
		p.reply(p.room, d.Say(p.user, p.room, d.Mention()+" "+p.question(i)))
	case 1:
		p.reply(d.DM(p.user), d.Say(p.user, d.DM(p.user), p.question(i)))
	case 2:
		p.command(p.question(i), p.asked%2 == 0)
	}
}

// reply waits for the one answer to a message.
func (p *discordPerson) reply(room, id string) {
	answers := func() int {
		return len(slices.DeleteFunc(whole(p.discord.Answers(room)), func(m discordserver.Message) bool { return m.ReplyTo != id }))
	}
	p.discord.Await("an answer to the message", func() bool { return answers() > 0 })
	if got := answers(); got != 1 {
		p.Errorf("discord: %d answers to %s in %s", got, id, room)
	}
}

// command asks by the command, and again if Discord tells that nobody answered it.
func (p *discordPerson) command(question string, private bool) {
	answers := func() int {
		return len(slices.DeleteFunc(whole(p.discord.Answers(p.room)), func(m discordserver.Message) bool { return m.ReplyTo != "" }))
	}
	sent := 0
	for failed := true; failed && answers() == p.commanded; sent++ {
		id := p.discord.Slash(p.user, p.room, "summit", map[string]any{"question": question, "private": private})
		p.discord.Await("an answer to the command", func() bool {
			failed = p.discord.Interaction(id).Failed
			return failed || answers() > p.commanded
		})
	}
	p.again.Add(int64(sent - 1))
	if got := answers() - p.commanded; got != 1 {
		p.Errorf("discord: %d answers to a command that was sent %d times", got, sent)
	}
	p.commanded = answers()
}

// whole returns the messages of the program that are finished: with buttons.
func whole(list []discordserver.Message) []discordserver.Message {
	return slices.DeleteFunc(list, func(m discordserver.Message) bool {
		return m.Deleted || m.Loading || len(m.Buttons()) == 0
	})
}

// askWeb asks by HTTP.
func (s *soak) askWeb(i int) {
	body, _ := json.Marshal(map[string]string{"question": s.question(i)})
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "http://"+s.address+"/api/ask", bytes.NewReader(body))
	if err != nil {
		s.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.Error(err)
		return
	}
	defer resp.Body.Close()
	var reply struct{ Answer struct{ ID, Outcome string } }
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil || resp.StatusCode != http.StatusOK || reply.Answer.ID == "" {
		s.Errorf("web: status %d, error %v", resp.StatusCode, err)
	}
}

// journaled looks at what the program kept: each question was begun, answered and
// told once.
func (s *soak) journaled(questions int) {
	s.Helper()
	out, err := exec.CommandContext(s.Context(), "summitbot", "answers", "--json", "--limit", "0", "--data-dir", filepath.Join(s.dir, "data")).Output()
	if err != nil {
		s.Fatal(err)
	}
	var list []askedView
	if err := json.Unmarshal(out, &list); err != nil {
		s.Fatal(err)
	}
	by := map[string]int{}
	for _, e := range list {
		if e.Answer == "" {
			s.Errorf("no answer to %q on %s: %s", e.Question, e.Surface, e.Reason)
		}
		by[e.Surface]++
	}
	for surface, want := range map[string]int64{"slack": s.inSlack.Load(), "discord": s.inDiscord.Load(), "web": s.onWeb.Load()} {
		most := want
		if surface == "slack" {
			most += s.again.Load() // Slack gave them up, and the program had taken them nevertheless
		}
		if got := int64(by[surface]); got < want || got > most {
			s.Errorf("%s: %d questions are in the journal, of %d that were asked", surface, got, want)
		}
	}
	if asked := int(s.inSlack.Load() + s.inDiscord.Load() + s.onWeb.Load()); asked != questions {
		s.Errorf("%d were asked, want %d", asked, questions)
	}
}

const (
	// idleName names for how long the program is watched while nobody asks.
	idleName  = "SUMMITBOT_IDLE"
	usualIdle = 5 * time.Second
	// What it may take then.
	idleResident = 45 << 20 // bytes
	idleShare    = 0.005    // of one core
	// settling is how long it has first to finish what it does at its start.
	settling = 3 * time.Second
)

// TestIdleTheProgramTakesLittle watches the program as people run it, by the
// machine's clock.
func TestIdleTheProgramTakesLittle(t *testing.T) {
	watch := usualIdle
	if text := os.Getenv(idleName); text != "" {
		var err error
		if watch, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	w, d := slackserver.Start(t, slackserver.Options{}), discordserver.Start(t, discordserver.Options{})
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	write(t, file, []byte("data_dir: data\nslack: {bot_token: "+w.BotToken+", app_token: "+w.AppToken+", api_url: '"+w.APIURL()+"'}\n"+
		"discord: {token: "+d.Token+", api_url: '"+d.URL()+"'}\nweb: {listen: '"+freeAddress(t)+"'}\n"), 0o600)
	program := exec.CommandContext(t.Context(), builtProgram(t), "serve", "--config", file)
	var stderr buffer
	program.Stderr = &stderr
	began := time.Now()
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	w.AwaitSockets(1)
	d.AwaitReady(1)
	t.Logf("both chat front ends are connected %s after the start", time.Since(began).Round(time.Millisecond))
	<-time.After(settling)
	before := spent(t, program.Process.Pid)
	<-time.After(watch)
	share := (spent(t, program.Process.Pid) - before).Seconds() / watch.Seconds()
	memory := resident(program.Process.Pid)
	t.Logf("idle for %s: %.1f MB resident, %.2f %% of one core", watch, float64(memory)/(1<<20), share*100)
	if memory == 0 || memory > idleResident {
		t.Errorf("%d bytes are resident, more than %d", memory, idleResident)
	}
	if share > idleShare {
		t.Errorf("it took %.2f %% of one core, more than %.2f %%", share*100, idleShare*100)
	}
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("%v; it said\n%s", err, stderr.String())
	}
}

// spent returns the time that a process has had of the processors.
func spent(t *testing.T, pid int) (sum time.Duration) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("no process %d: %v", pid, err)
	}
	for _, file := range threads {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		first, _, _ := strings.Cut(string(data), " ")
		nanoseconds, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(nanoseconds)
	}
	return sum
}
