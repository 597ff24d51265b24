package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
	"summitbot/config"
)

// patience is how long something may take on a machine that has much else to do; one
// that is idle needs a tenth.
const patience = 20 * time.Second

// A tape keeps what is written to it, and lets others wait for it.
type tape struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{} // closed when more is there
	read  int           // how much was waited for
}

func (l *tape) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
	return l.text.Write(p)
}

// find returns the line with all of words after what was found before, or what to
// wait for.
func (l *tape) find(words []string) (line string, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rest := l.text.String()[l.read:]
	for at := 0; ; {
		n := strings.IndexByte(rest[at:], '\n')
		if n < 0 {
			break
		}
		line = rest[at : at+n]
		at += n + 1
		if hasAll(line, words) {
			l.read += at
			return line, nil
		}
	}
	if l.grown == nil {
		l.grown = make(chan struct{})
	}
	return "", l.grown
}

func hasAll(line string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(line, w) {
			return false
		}
	}
	return true
}

// rewind has everything awaited anew.
func (l *tape) rewind() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = 0
}

// await waits for a line with all of words, after what was awaited before.
func (l *tape) await(t *testing.T, words ...string) string {
	t.Helper()
	late := time.After(patience)
	for {
		line, more := l.find(words)
		if more == nil {
			return line
		}
		select {
		case <-more:
		case <-late:
			l.mu.Lock()
			defer l.mu.Unlock()
			t.Fatalf("no line with %q in\n%s", words, l.text.String())
		}
	}
}

// A household is a keeper at work, in a folder of its own.
type household struct {
	*shelf
	tape   *tape
	hangup chan os.Signal
}

// newHousehold has a keeper keep the configuration that text is.
func newHousehold(t *testing.T, text string) *household {
	t.Helper()
	h := &household{shelf: &shelf{t: t, dir: t.TempDir()}, tape: &tape{}, hangup: make(chan os.Signal, 1)}
	h.write("docs/bread.txt", "The bakery buys its flour in Oberau.")
	h.write("summitbot.yaml", text)
	p := &program{
		stdout: h.tape, stderr: h.tape, now: time.Now, configFile: h.at("summitbot.yaml"),
		lookupEnv: func(string) (string, bool) { return "", false },
	}
	settings, err := p.settings()
	h.do(err)
	p.serving = true
	p.openLog(settings.Log)
	h.lib, err = p.openLibrary(t.Context(), settings, asking)
	h.do(err)
	house, err := p.newHouse(t.Context(), h.lib, h.hangup)
	h.do(err)
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { house.chore(ctx) })
	t.Cleanup(func() { cancel(); work.Wait(); h.do(h.lib.close()) })
	return h
}

// ask returns the first claim of an answer.
func (h *household) ask(question string) string {
	h.t.Helper()
	p := &program{now: time.Now}
	a, err := h.lib.ask(h.t.Context(), p.message(question, nil, false), nil)
	h.do(err)
	if len(a.Claims) == 0 {
		return ""
	}
	return a.Claims[0].Text
}

const plain = `data_dir: data
web: {listen: off}
sources:
  - path: docs
`

func TestDocumentsFollowTheirFiles(t *testing.T) {
	h := newHousehold(t, plain)
	const question = "Where does the bakery buy its flour?"
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"edited", func() { h.write("docs/bread.txt", "The bakery buys its flour in Unterau.") }, "The bakery buys its flour in Unterau."},
		{"saved by renaming", func() {
			h.write("docs/.bread.txt.swp", "The bakery buys its flour in Mittelau.")
			h.do(os.Rename(h.at("docs/.bread.txt.swp"), h.at("docs/bread.txt")))
		}, "The bakery buys its flour in Mittelau."},
		{"removed", func() { h.do(os.Remove(h.at("docs/bread.txt"))) }, ""},
		{"added, in a new folder", func() { h.write("docs/new/deep/flour.txt", "The bakery buys its flour in Neuau.") }, "The bakery buys its flour in Neuau."},
	} {
		begun := time.Now()
		step.do()
		h.tape.await(t, "documents changed")
		t.Logf("%s: %s", step.name, time.Since(begun).Round(time.Millisecond))
		if got := h.ask(question); got != step.want {
			t.Errorf("%s: got %q, want %q", step.name, got, step.want)
		}
	}
}

func TestWhatAnotherProgramIngestsIsAnsweredFrom(t *testing.T) {
	h := newHousehold(t, plain)
	h.write("extra.txt", "The lighthouse keeper lives in Seeau.")
	var out strings.Builder
	args := []string{"ingest", "--config", h.at("summitbot.yaml"), h.at("extra.txt")}
	if code := run(t.Context(), args, strings.NewReader(""), &out, &out, func(string) (string, bool) { return "", false }); code != exitOK {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
	late := time.After(patience)
	for h.ask("Where does the lighthouse keeper live?") == "" {
		select {
		case <-time.After(syncEvery / 10):
		case <-late:
			t.Fatal("it is not answered from")
		}
	}
}

func TestAConfigurationIsTakenOverWholeOrNotAtAll(t *testing.T) {
	h := newHousehold(t, plain)
	h.write("more/tea.txt", "The tea comes from Assam.")

	h.write("summitbot.yaml", plain+"limits:\n  question_length: 12\n")
	h.tape.await(t, "configuration in force", "limits")
	_, err := h.lib.ask(t.Context(), (&program{now: time.Now}).message("Where does the bakery buy its flour?", nil, false), nil)
	if err == nil || !strings.Contains(err.Error(), "12") {
		t.Errorf("a long question: got %v", err)
	}

	h.write("summitbot.yaml", plain+"limits:\n  question_length: -1\n  per_user_minute: 7\nnonsense: 1\n")
	h.tape.await(t, "stays in force", "limits.question_length")
	h.tape.await(t, "stays in force", "nonsense")
	if _, err = h.lib.ask(t.Context(), (&program{now: time.Now}).message("Where does the bakery buy its flour?", nil, false), nil); err == nil {
		t.Error("the limit before is not in force any more")
	}

	h.write("summitbot.yaml", plain+"  - path: more\nlog:\n  level: debug\n")
	h.tape.await(t, "configuration in force", "limits, log, sources")
	h.tape.await(t, "documents changed", "taken_in=1")
	if got, want := h.ask("Where does the tea come from?"), "The tea comes from Assam."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	h.write("summitbot.yaml", "data_dir: elsewhere\nsources:\n  - path: more\n")
	h.tape.await(t, "needs a restart", "data_dir, web")
	h.tape.await(t, "configuration in force", "log, sources")
	h.tape.await(t, "documents changed", "removed=1")

	h.do(os.Rename(h.at("summitbot.yaml"), h.at("x.yaml")))
	h.tape.await(t, "stays in force")
	h.do(os.Rename(h.at("x.yaml"), h.at("summitbot.yaml")))
	h.hangup <- os.Interrupt // any will do: serve says which
	h.tape.await(t, "nothing that is in force changed")
}

func TestWhatNeedsARestartStaysAsItWas(t *testing.T) {
	secret := func(s string) config.Secret { return config.NewSecret(s) }
	with := func(change func(*config.Config)) config.Config {
		c := config.Default()
		c.DataDir, c.Sources = "data", []config.Source{{Path: "docs"}}
		c.Slack.BotToken, c.Slack.AppToken = secret("xoxb-1"), secret("xapp-1")
		c.Discord.Token = secret("t")
		change(&c)
		return c
	}
	old := with(func(*config.Config) {})
	for _, tt := range []struct {
		name   string
		change func(*config.Config)
		live   bool // it is taken over
		fixed  []string
	}{
		{"nothing", func(*config.Config) {}, true, nil},
		{"data folder", func(c *config.Config) { c.DataDir = "x" }, false, []string{"data_dir"}},
		{"addresses", func(c *config.Config) { c.Web.Listen, c.Admin.Listen = "off", "127.0.0.1:1" }, false, []string{"web", "admin"}},
		{"a token", func(c *config.Config) { c.Slack.BotToken = secret("xoxb-2") }, false, []string{"slack's tokens and addresses"}},
		{"slack goes", func(c *config.Config) { c.Slack.BotToken = config.Secret{} }, false, []string{"slack's tokens and addresses"}},
		{"discord goes", func(c *config.Config) { c.Discord = config.Discord{} }, false, []string{"discord's token and addresses"}},
		{"format", func(c *config.Config) { c.Log.Format = config.FormatJSON }, false, []string{"log.format"}},
		{"all sources go", func(c *config.Config) { c.Sources = nil }, false, []string{"sources, which come or go altogether"}},
		{"sources", func(c *config.Config) { c.Sources = []config.Source{{Path: "x"}} }, true, nil},
		{"rules", func(c *config.Config) {
			c.Slack.Command, c.Slack.Channels = "/x", []config.SlackChannel{{Channel: "C1"}}
			c.Discord.MessageContent, c.Discord.Guilds = true, []config.DiscordGuild{{Guild: "1"}}
		}, true, nil},
		{"the rest", func(c *config.Config) {
			c.Log.Level, c.Limits.UnderWay, c.Journal.Retention, c.LLM.Model = "warn", 1, time.Hour, "m"
		}, true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			next := with(tt.change)
			want := old
			if tt.live {
				want = next
			}
			got, fixed := reconcile(old, next)
			if diff := cmp.Diff(tt.fixed, fixed); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			var gotText, wantText strings.Builder
			if err := got.Print(&gotText); err != nil {
				t.Fatal(err)
			}
			if err := want.Print(&wantText); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantText.String(), gotText.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestALogInJSONHasWhatIsSaid(t *testing.T) {
	var out strings.Builder
	p := &program{stderr: &out, serving: true}
	p.openLog(config.Log{Level: "warn", Format: config.FormatJSON})
	p.say("ready")
	p.warn("odd")
	p.setLevel(config.Log{Level: "info"})
	p.say("stopped")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"level":"WARN","msg":"odd"`) || !strings.Contains(lines[1], `"msg":"stopped"`) {
		t.Errorf("got %q", lines)
	}
}

func TestAModelComesAndGoesWhileQuestionsAreAsked(t *testing.T) {
	h := newHousehold(t, plain)
	h.ask("Where does the bakery buy its flour?")
	h.write("summitbot.yaml", plain+"llm: {base_url: '"+startModel(t)+"', model: scripted-1}\n")
	h.tape.await(t, "configuration in force", "changed=llm")
	asked := func() string {
		h.t.Helper()
		a, err := h.lib.ask(t.Context(), (&program{now: time.Now}).message("Where does the bakery buy its flour?", nil, false), nil)
		h.do(err)
		return a.Account.Model
	}
	if got := asked(); got != "scripted-1" {
		t.Errorf("asked %q, want the model", got)
	}
	h.write("summitbot.yaml", plain)
	h.tape.await(t, "configuration in force", "changed=llm")
	if got := asked(); got != "" {
		t.Errorf("asked %q, want none", got)
	}
}

func TestRulesOfSlackChangeWhileItRuns(t *testing.T) {
	w := startSlack(t, slack.Features{FollowThreads: true})
	ann := w.User("ann")
	room := w.AddChannel("room", slackserver.Public, ann, w.Bot)
	settings := func(rules string) string {
		return "web: {listen: off}\nslack: {bot_token: " + w.BotToken + ", app_token: " + w.AppToken + ", api_url: '" + w.APIURL() + "', defaults: {" + rules + "}}\n"
	}
	s := serve(t, settings("users: [U0NOBODY]"))
	w.AwaitSockets(1)
	refused := w.Say(ann, room, w.Mention()+" What is Putin's red line?", "")
	w.AwaitCalls("chat.postEphemeral", 1)
	if err := os.WriteFile(s.file, []byte(settings("users: ["+ann+"]")), 0o600); err != nil {
		t.Fatal(err)
	}
	s.tape.await(t, "configuration in force", "changed=slack")
	w.Await("the first socket's end", func() bool { return w.Sockets() == 1 })
	answered := w.Say(ann, room, w.Mention()+" What is Putin's red line?", "")
	got := w.AwaitMessage(room, "an answer", func(m slackserver.Message) bool {
		return m.FromBot && strings.Contains(m.Text+m.Markdown+m.BlockTexts(), "NATO membership")
	})
	if got.ThreadTS != answered {
		t.Errorf("answered in %s, want %s (refused was %s)", got.ThreadTS, answered, refused)
	}
	s.stop()
}
