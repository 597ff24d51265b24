package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"summitbot/bot/admin"
	"summitbot/bot/discord/discordserver"
	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
)

// Secrets that the configuration of a leak has, beside the platforms' tokens.
const (
	leakKey    = "sk-live-7Yq2mV0xN4tB8cKd"
	leakHeader = "Basic cGVyc29uOmhlYWRlci1zZWNyZXQ"
	leakToken  = "pages-token-5f3a9c71d2"
)

// A leak is the whole program over servers of all platforms, with everything that it
// writes, and a model that repeats to everybody what it is sent.
type leak struct {
	t       *testing.T
	dir     string
	slack   *slackserver.Server
	discord *discordserver.Server
	web     string
	admin   string
	events  string // where Slack sends its requests to; "" is where it gives out sockets

	written   buffer
	questions []string // each with words of its own
	secrets   []string
}

// asks returns the text of a question that no other has the words of.
func (l *leak) asks(text string) string {
	l.questions = append(l.questions, text)
	return text
}

// newLeak writes the configuration, of Slack by sockets or by HTTP.
func newLeak(t *testing.T, format, more string, overHTTP bool) *leak {
	t.Helper()
	l := &leak{t: t, dir: t.TempDir(), web: freeAddress(t), admin: freeAddress(t)}
	l.slack = startSlack(t, slack.Features{FollowThreads: true})
	reached := "app_token: " + l.slack.AppToken
	if overHTTP {
		l.events = freeAddress(t)
		reached = "signing_secret: " + l.slack.SigningSecret + ", listen: '" + l.events + "'"
	}
	l.discord = discordserver.Start(t, discordserver.Options{})
	repeating := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		prompt, _ := io.ReadAll(r.Body)
		said, err := json.Marshal("you sent " + r.Header.Get("Authorization") + " " + r.Header.Get("X-Gateway") + ": " + string(prompt[max(0, len(prompt)-700):]))
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error": {"message": `+string(said)+`, "code": `+string(said)+`}}`)
	}))
	t.Cleanup(repeating.Close)
	l.secrets = []string{leakKey, leakHeader, leakToken, l.slack.BotToken, l.slack.AppToken, l.slack.SigningSecret, l.discord.Token}
	text := `data_dir: data
log: {level: debug, format: ` + format + more + `}
llm: {base_url: '` + repeating.URL + `', model: m, api_key: ` + leakKey + `, headers: {X-Gateway: ` + leakHeader + `}}
slack: {bot_token: ` + l.slack.BotToken + `, ` + reached + `, api_url: '` + l.slack.APIURL() + `'}
discord: {token: ` + l.discord.Token + `, api_url: '` + l.discord.URL() + `'}
web: {listen: '` + l.web + `', token: ` + leakToken + `}
admin: {listen: '` + l.admin + `'}
`
	if err := os.WriteFile(l.config(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *leak) config() string { return filepath.Join(l.dir, "summitbot.yaml") }

// run runs a command of the program to its end.
func (l *leak) run(ctx context.Context, stdout io.Writer, args ...string) int {
	nothing := func(string) (string, bool) { return "", false }
	return run(ctx, append(args, "--config", l.config()), strings.NewReader(""), stdout, &l.written, nothing)
}

// serve runs the program while a test does something.
func (l *leak) serve(do func()) {
	l.t.Helper()
	ctx, cancel := context.WithCancel(l.t.Context())
	defer cancel()
	code := make(chan int)
	go func() { code <- l.run(ctx, &l.written, "serve") }()
	if l.events == "" {
		l.slack.AwaitSockets(1)
	}
	l.discord.AwaitReady(1)
	l.slack.Await("the health check", func() bool { return l.run(ctx, io.Discard, "health") == exitOK })
	if l.events != "" {
		if err := l.slack.SetRequestURL("http://" + l.events + "/slack"); err != nil {
			l.t.Fatal(err)
		}
	}
	do()
	cancel()
	if got := <-code; got != exitOK {
		l.t.Errorf("exit code %d; it said\n%s", got, l.written.String())
	}
}

// request asks the pages.
func (l *leak) request(method, path, kind, body string) string {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), method, "http://"+l.web+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Bearer "+leakToken)
	resp, err := new(http.Client).Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	told, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		l.t.Errorf("%s %s: status %d, %v: %s", method, path, resp.StatusCode, err, told)
	}
	return string(told)
}

// askAll asks in all ways of all surfaces, also where something breaks on the way.
func (l *leak) askAll() {
	l.t.Helper()
	answered := func(text string) bool { return strings.Contains(text, "red line") }

	ann := l.slack.User("ann")
	room := l.slack.AddChannel("room", slackserver.Public, ann, l.slack.Bot)
	l.slack.Fail("chat.postMessage", 1, slackserver.Fault{Status: 500})
	ts := l.slack.Say(ann, room, l.slack.Mention()+l.asks(" What is Putin's red line, dear colleagues from Quimperlé?"), "")
	l.slack.AwaitMessage(room, "the answer in its thread", func(m slackserver.Message) bool {
		return m.FromBot && m.ThreadTS == ts && answered(m.Text+m.Markdown+m.BlockTexts())
	})
	for i, f := range []slackserver.Fault{{Reset: true}, {Status: 429, RetryAfter: 1}} {
		before := len(l.slack.Calls("response_url"))
		l.slack.Fail("response_url", 1, f)
		text := []string{"Is NATO membership Putin's red line, asks Oberstdorf secretly?", "Name Putin's red line to Ulcinj, will you?"}[i]
		act := l.slack.Slash(ann, room, "/summit", l.asks(text))
		l.secrets = append(l.secrets, act.ResponseURL)
		l.slack.AwaitCalls("response_url", before+2)
	}

	ben := l.discord.User("ben")
	hall := l.discord.AddChannel(l.discord.Guild, "hall")
	l.discord.Fail("POST /channels/{channel}/messages", 1, discordserver.Fault{Status: 502})
	id := l.discord.Say(ben, hall, l.discord.Mention()+l.asks(" Which red line does Putin have, wonders Kirkenes aloud?"))
	l.discord.AwaitMessage(hall, "the answer", func(m discordserver.Message) bool { return m.ReplyTo == id && answered(m.Text()) })
	l.discord.Fail("POST /interactions/{interaction}/{token}/callback", 1, discordserver.Fault{Reset: true})
	l.discord.AwaitCommand("", "summit")
	interaction := l.discord.Slash(ben, hall, "summit", map[string]any{
		"question": l.asks("Tell Zwettl what Putin's red line in NATO is?"), "private": true,
	})
	l.discord.AwaitInteraction(interaction, "an answer", func(i discordserver.Interaction) bool { return i.Type > 0 })
	l.secrets = append(l.secrets, l.discord.Interaction(interaction).Token)

	body, err := json.Marshal(map[string]string{"question": l.asks("How red is Putin's line, says Hammerfest today?"), "key": "leak-1-0123456789"})
	if err != nil {
		l.t.Fatal(err)
	}
	if told := l.request(http.MethodPost, "/api/ask", "application/json", string(body)); !answered(told) {
		l.t.Errorf("the pages' API: %s", told)
	}
	form := url.Values{"question": {l.asks("Does a red line of Putin's matter in Reykholt tonight?")}}
	l.request(http.MethodPost, "/", "application/x-www-form-urlencoded", form.Encode())
	l.request(http.MethodGet, "/?"+url.Values{"question": {l.asks("Who walks the red line to Ystad tomorrow?")}}.Encode(), "", "")
}

// folded is a text as a grep should see it: in small letters, without what encodings put
// between and before them.
func folded(text string) string {
	return strings.ToLower(regexp.MustCompile(`[^\pL\pN]+|\\u[0-9a-f]{4}|\\[a-z]|%[0-9A-F]{2}`).ReplaceAllString(text, " "))
}

// tells reports whether any three words of a question, one after the other, are in a
// text that was folded, or its name, which nothing else has.
func tells(text, question string) bool {
	words := strings.Fields(folded(question))
	for i := 0; i+3 <= len(words); i++ {
		if strings.Contains(text, strings.Join(words[i:i+3], " ")) {
			return true
		}
	}
	for _, name := range []string{"quimperl", "oberstdorf", "ulcinj", "kirkenes", "zwettl", "hammerfest", "reykholt", "ystad"} {
		if strings.Contains(folded(question), name) && strings.Contains(text, name) {
			return true
		}
	}
	return false
}

// TestNothingThatIsWrittenTellsASecretOrAQuestion has the whole program log all that it
// can, with everything configured and much going wrong, and looks for secrets and
// questions in it, and in what the admin's listener tells.
func TestNothingThatIsWrittenTellsASecretOrAQuestion(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			l := newLeak(t, format, "", format == "json")
			l.serve(func() {
				l.askAll()
				for _, path := range []string{admin.Readyz, admin.Metricz} {
					l.look("http://" + l.admin + path)
				}
			})
			l.run(t.Context(), &l.written, "config", "show")
			text := l.written.String()
			for _, secret := range l.secrets {
				// Also a part gives it away, unless it is what all of them begin with.
				if part := secret[len(secret)/2:]; strings.Contains(text, secret) || strings.Contains(text, part) {
					t.Errorf("secret %q is in\n%s", secret, around(text, part))
				}
			}
			for _, q := range l.questions {
				if tells(folded(text), q) {
					t.Errorf("question %q is in\n%s", q, text)
				}
			}
			l.hasIDs(text)
		})
	}
}

// TestQuestionsAreLoggedIfThatIsAsked shows that the test above can fail.
func TestQuestionsAreLoggedIfThatIsAsked(t *testing.T) {
	l := newLeak(t, "text", ", questions: true", false)
	l.serve(l.askAll)
	text := folded(l.written.String())
	for _, q := range l.questions[:7] { // the last is not asked, only written into the form
		if !tells(text, q) {
			t.Errorf("question %q is not in the log, though log.questions is set", q)
		}
	}
}

// look has what an address tells among what is written.
func (l *leak) look(address string) {
	l.t.Helper()
	ctx, stop := context.WithTimeout(l.t.Context(), 10*time.Second)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	var told bytes.Buffer
	if _, err := told.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		l.t.Errorf("%s: status %d, %v: %s", address, resp.StatusCode, err, told.String())
	}
	_, _ = l.written.Write(told.Bytes()) // a buffer takes everything
}

// hasIDs sees that what the model's client logs has the id of the question that it was
// asked for.
func (l *leak) hasIDs(text string) {
	l.t.Helper()
	ids := map[string]int{}
	failures := 0
	for line := range strings.Lines(text) {
		id := regexp.MustCompile(`"?request"?[=:]"?(q-\w+)`).FindStringSubmatch(line)
		if strings.Contains(line, "model request failed") {
			failures++
			if id == nil {
				l.t.Errorf("no id in %s", line)
			}
		}
		if id != nil {
			ids[id[1]]++
		}
	}
	if failures < 6 || len(ids) < 6 {
		l.t.Errorf("%d requests failed, for %d ids; want 6 of each at least", failures, len(ids))
	}
	for id, lines := range ids {
		if lines < 2 {
			l.t.Logf("%s is in one line", id)
		}
	}
}

// around returns the line of a text that has a part.
func around(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}
