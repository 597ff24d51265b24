package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
	"summitbot/config"
)

// startSlack starts a workspace whose app was made from the manifest: what the
// manifest does not ask for is not there.
func startSlack(t *testing.T, f slack.Features) *slackserver.Server {
	t.Helper()
	var manifest struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `yaml:"oauth_config"`
		Settings struct {
			Events struct {
				Bot []string `yaml:"bot_events"`
			} `yaml:"event_subscriptions"`
		}
	}
	if err := yaml.Unmarshal([]byte(slack.Manifest(f)), &manifest); err != nil {
		t.Fatal(err)
	}
	return slackserver.Start(t, slackserver.Options{Scopes: manifest.OAuth.Scopes.Bot, Events: manifest.Settings.Events.Bot})
}

// A buffer may be written and read at the same time.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestServeAnswersInAWorkspaceMadeFromTheManifest(t *testing.T) {
	w := startSlack(t, slack.Features{FollowThreads: true})
	ann := w.User("ann")
	room := w.AddChannel("room", slackserver.Public, ann, w.Bot)
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	text := "data_dir: data\nweb: {listen: off}\nslack: {bot_token: '${BOT}', app_token: '${APP}', api_url: '" + w.APIURL() + "', channels: [{channel: C0, collections: [hr]}]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"BOT": w.BotToken, "APP": w.AppToken}[name]
		return value, ok
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr buffer
	code := make(chan int)
	go func() {
		code <- run(ctx, []string{"serve", "--config", file}, strings.NewReader(""), &stdout, &stderr, lookup)
	}()
	w.AwaitSockets(1)
	ts := w.Say(ann, room, w.Mention()+" What is Putin's red line?", "")
	w.AwaitMessage(room, "the answer in its thread", func(m slackserver.Message) bool {
		return m.FromBot && m.ThreadTS == ts && strings.Contains(m.Text+m.Markdown+m.BlockTexts(), "NATO membership")
	})
	cancel()
	if got := <-code; got != exitOK {
		t.Errorf("exit code: got %d, want %d; it said\n%s", got, exitOK, stderr.String())
	}
	for _, want := range []string{
		"documents: 1 document, 18 paragraphs",
		"slack: /summit, 1 channel with", `slack.channels[0]: there is no collection "hr"`, "ready", "stopped",
	} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q is not in\n%s", want, stderr.String())
		}
	}
	for _, token := range []string{w.BotToken, w.AppToken} {
		if strings.Contains(stdout.String()+stderr.String(), token) {
			t.Errorf("a token is shown in\n%s", stderr.String())
		}
	}
}

// listening finds in a log where the front end for Slack listens.
var listening = regexp.MustCompile(`slack: listening.* address=(\S+)`)

func TestServeAnswersOverHTTP(t *testing.T) {
	w := startSlack(t, slack.Features{FollowThreads: true, RequestURL: "https://bot.example.org/slack"})
	ann := w.User("ann")
	room := w.AddChannel("room", slackserver.Public, ann, w.Bot)
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	text := "data_dir: data\nweb: {listen: off}\nslack: {bot_token: '${BOT}', signing_secret: '${SIGN}', listen: '127.0.0.1:0', api_url: '" + w.APIURL() + "'}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"BOT": w.BotToken, "SIGN": w.SigningSecret}[name]
		return value, ok
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr buffer
	code := make(chan int)
	go func() {
		code <- run(ctx, []string{"serve", "--config", file}, strings.NewReader(""), &stdout, &stderr, lookup)
	}()
	var at []string
	for at = listening.FindStringSubmatch(stderr.String()); at == nil; at = listening.FindStringSubmatch(stderr.String()) {
		if err := w.Clock.Sleep(t.Context(), 10*time.Millisecond); err != nil {
			t.Fatalf("it does not listen: %v\n%s", err, stderr.String())
		}
	}
	if err := w.SetRequestURL("http://" + at[1] + "/slack"); err != nil {
		t.Fatal(err)
	}
	ts := w.Say(ann, room, w.Mention()+" What is Putin's red line?", "")
	w.AwaitMessage(room, "the answer in its thread", func(m slackserver.Message) bool {
		return m.FromBot && m.ThreadTS == ts && strings.Contains(m.Text+m.Markdown+m.BlockTexts(), "NATO membership")
	})
	cancel()
	if got := <-code; got != exitOK {
		t.Errorf("exit code: got %d, want %d; it said\n%s", got, exitOK, stderr.String())
	}
	if strings.Contains(stdout.String()+stderr.String(), w.SigningSecret) {
		t.Errorf("the signing secret is shown in\n%s", stderr.String())
	}
}

func TestServeEndsWhenSlackWillNotHaveIt(t *testing.T) {
	w := startSlack(t, slack.Features{FollowThreads: true})
	w.RevokeToken(w.BotToken, "token_revoked")
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	text := "web: {listen: off}\nslack: {bot_token: " + w.BotToken + ", app_token: " + w.AppToken + ", api_url: '" + w.APIURL() + "'}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	nothing := func(string) (string, bool) { return "", false }
	var stdout, stderr buffer
	if got := run(t.Context(), []string{"serve", "--config", file}, strings.NewReader(""), &stdout, &stderr, nothing); got != exitError {
		t.Errorf("exit code: got %d, want %d", got, exitError)
	}
	if !strings.Contains(stderr.String(), "token_revoked") || !strings.Contains(stderr.String(), "no front end is left") {
		t.Errorf("got %s", stderr.String())
	}
}

func TestTheFrontEndIsToldWhatTheConfigurationSays(t *testing.T) {
	s := config.Default().Slack
	s.Defaults.Follow = config.FollowMentions
	s.Defaults.Users = []string{"U1"}
	s.Channels = []config.SlackChannel{
		{Channel: "C1"},
		{Channel: "C2", SlackRules: config.SlackRules{Collections: []string{"news"}, Private: new(false), UserGroups: []string{"S2"}, Language: "de"}},
		{Channel: "C3", SlackRules: config.SlackRules{Follow: config.FollowThreads, UserGroups: []string{"S2", "S1"}}},
	}
	want := []slack.Channel{
		{Follow: slack.FollowMentions, Users: []string{"U1"}},
		{Collections: []string{"news"}, Public: true, Follow: slack.FollowMentions, UserGroups: []string{"S2"}, Language: "de"},
		{Follow: slack.FollowThreads, UserGroups: []string{"S2", "S1"}},
	}
	var got []slack.Channel
	for _, c := range s.Channels {
		got = append(got, slackChannel(s.Rules(c)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules: -want +got:\n%s", diff)
	}
	features := slack.Features{Command: "/summit", FollowThreads: true, UserGroups: true}
	if diff := cmp.Diff(features, slackFeatures(s)); diff != "" {
		t.Errorf("features: -want +got:\n%s", diff)
	}
	access := slackAccess(s)
	if diff := cmp.Diff([][]string{{"C1", "C2", "C3"}, {"S1", "S2"}}, [][]string{access.Channels, access.UserGroups}); diff != "" {
		t.Errorf("access: -want +got:\n%s", diff)
	}
}

func TestTheReadmeHasTheManifest(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := indent(slack.Manifest(slackFeatures(config.Default().Slack)))
	if !strings.Contains(string(readme), want) {
		t.Errorf("the README has another manifest than\n%s", want)
	}
}

// indent makes text a code block.
func indent(text string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	return "    " + strings.Join(lines, "    ") + "\n"
}
