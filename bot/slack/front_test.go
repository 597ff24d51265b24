package slack_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/journal"
	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
	"summitbot/knowledge"
	"summitbot/knowledge/sqlite"
)

// speed is how fast the server's clock runs: limits of a minute pass in a second.
// Where people click, triggers of three seconds must live on a busy machine.
const speed, clickSpeed = 60, 5

// answerer is a fake that answers with two claims. A question that says "hold"
// waits for release, one that says "nothing" is refused, one that says "break"
// fails.
type answerer struct {
	asked   sync.Map // texts, with how often
	release chan struct{}
	holding chan string // texts that are held
	count   atomic.Int64
}

func (f *answerer) Answer(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
	n := f.count.Add(1)
	a := answer.Answer{
		Version: answer.Version, ID: fmt.Sprintf("a-%012d", n), Question: q.Text, Language: "en", Outcome: answer.Answered, Method: answer.LLM,
		Created: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), Account: answer.Account{Claims: 2, Shown: 2},
	}
	times, _ := f.asked.LoadOrStore(q.Text, new(atomic.Int64))
	times.(*atomic.Int64).Add(1)
	if strings.Contains(q.Text, "break") {
		return a, errors.New("broken on purpose")
	}
	if strings.Contains(q.Text, "nothing") {
		a.Outcome = answer.Refused
		return a, nil
	}
	for i := range claimsTo(q.Text) {
		c := claim(fmt.Sprintf("Claim %d of %s", i+1, q.Text), i%3+1)
		if strings.Contains(q.Text, "long") {
			c.Text += strings.Repeat(" And so on.", 40)
		}
		if strings.Contains(q.Text, "longest") {
			c.Citations[0].Address = fmt.Sprintf("summit#%d", i+1)
			c.Citations[0].Quote = fmt.Sprintf("Sentence %d of the document.", i+1) + strings.Repeat(" It goes on.", 40)
		}
		a.Claims = append(a.Claims, c)
		each(c)
		if i == 0 && strings.Contains(q.Text, "hold") {
			f.holding <- q.Text
			select {
			case <-f.release:
			case <-ctx.Done():
				return a, ctx.Err()
			}
		}
	}
	return a, nil
}

// claimsTo is how many claims an answer has: two, or more than one message takes.
func claimsTo(text string) int {
	switch {
	case strings.Contains(text, "longest"):
		return 40
	case strings.Contains(text, "long"):
		return 30
	}
	return 2
}

func claim(text string, paragraph int) answer.Claim {
	collection := "public"
	if strings.Contains(text, "secret") {
		collection = "secret"
	}
	return answer.Claim{Text: text, Language: "en", Check: answer.Full, Citations: []answer.Citation{{
		Address: fmt.Sprintf("summit#%d", paragraph), Quote: "A sentence of the document.", Title: "The summit", Heading: "Talks",
		Collection: collection, End: 27,
	}}}
}

// library has one document of three paragraphs, and one that is secret.
type library struct{}

func (library) Documents(context.Context) ([]knowledge.Document, error) {
	return []knowledge.Document{
		{ID: "summit", Title: "The summit", Collection: "public", Paragraphs: 3},
		{ID: "plans", Title: "Plans", Collection: "secret", Paragraphs: 1},
	}, nil
}

func (library) Passage(_ context.Context, addr knowledge.Address, _ string, _ int) (knowledge.Document, []knowledge.Paragraph, error) {
	docs, _ := library{}.Documents(context.Background())
	for _, d := range docs {
		if d.ID == addr.Document && addr.Paragraph <= d.Paragraphs {
			return d, []knowledge.Paragraph{{
				Number: addr.Paragraph, Kind: knowledge.Prose, Headings: []string{d.Title, "Talks of " + d.ID}, Text: "A sentence of the document.",
				Sentences: []knowledge.Span{{Start: 0, End: 27}},
			}}, nil
		}
	}
	return knowledge.Document{}, nil, knowledge.ErrNotFound
}

// checker finds nothing in the documents, and what is endless too long.
type checker struct{}

func (checker) Check(_ context.Context, text string, _ []string) (check.Report, error) {
	if strings.Contains(text, "endless") {
		return check.Report{}, check.ErrTooLong
	}
	return check.Report{Sentences: []check.Sentence{{Text: text, End: len(text), Status: check.NotFound}}, Summary: check.Summary{NotFound: 1}}, nil
}

// A house is a front end with all that is behind it, before a workspace.
type house struct {
	*slackserver.Server
	t        *testing.T
	answers  *answerer
	journal  *journal.Journal
	store    *sqlite.Store
	bot      *bot.Bot
	front    *slack.Slack
	leave    context.CancelFunc
	left     chan error
	channels map[string]slack.Channel
	defaults slack.Channel
	ping     time.Duration // what the machine's clock allows between two
	dies     atomic.Bool   // before it can note that an answer was told
	byHTTP   bool          // Slack comes by HTTP, not by a socket
	listen   string        // then: where, over restarts
	log      lines

	ann, ben, room string
}

// newHouse starts a workspace with two people and a channel that the bot is in.
func newHouse(t *testing.T, o slackserver.Options) *house {
	t.Helper()
	if o.Speed == 0 && !o.Stopped {
		o.Speed = speed
	}
	h := &house{
		Server: slackserver.Start(t, o), t: t, channels: map[string]slack.Channel{}, byHTTP: strings.HasPrefix(t.Name(), overHTTP), listen: "127.0.0.1:0",
		answers: &answerer{release: make(chan struct{}), holding: make(chan string, 10)},
	}
	h.ann, h.ben = h.User("ann"), h.User("ben")
	h.room = h.AddChannel("room", slackserver.Public, h.ann, h.ben, h.Bot)
	store, err := sqlite.Open(t.Context(), t.TempDir()+"/test.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h.store = store
	return h
}

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// has tells how many lines have all of parts.
func (l *lines) has(parts ...string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for line := range strings.Lines(l.text.String()) {
		if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) }) {
			n++
		}
	}
	return n
}

// logged waits for a line with all of parts.
func (h *house) logged(parts ...string) {
	h.t.Helper()
	for h.log.has(parts...) == 0 { // until the test's own time is over
		if err := h.Clock.Sleep(h.t.Context(), time.Second); err != nil {
			h.t.Fatalf("no line in the log with %q: %v", parts, err)
		}
	}
}

// nobody handles no message.
type nobody struct{}

func (nobody) HandleMessage(context.Context, bot.Message, bot.Responder) error { return nil }
func (nobody) Resume(context.Context, bot.Message, bot.Responder) error        { return nil }
func (nobody) Unfinished(context.Context, string) ([]bot.Unfinished, error)    { return nil, nil }

// state waits until the front end says how the connection is.
func (h *house) state(want slack.State) {
	h.t.Helper()
	for h.front.Health().State != want { // until the test's own time is over
		if err := h.Clock.Sleep(h.t.Context(), time.Second); err != nil {
			h.t.Fatal(err)
		}
	}
}

// start runs the front end until the test or stop ends it.
func (h *house) start() *house {
	h.t.Helper()
	h.run()
	if !h.byHTTP {
		h.AwaitSockets(1)
		return h
	}
	h.state(slack.Connected)
	h.listen = h.front.Address()
	if err := h.SetRequestURL("http://" + h.listen + "/slack"); err != nil {
		h.t.Fatal(err)
	}
	return h
}

// run is start that does not wait for a socket.
func (h *house) run() {
	h.t.Helper()
	j, err := journal.New(h.t.Context(), h.store.DB(), h.Clock.Now)
	if err != nil {
		h.t.Fatal(err)
	}
	log := slog.New(slog.NewMultiHandler(
		slog.NewTextHandler(h.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}), slog.NewTextHandler(&h.log, nil),
	))
	h.journal = j
	h.bot = bot.New(bot.Options{Answerer: h.answers, Journal: dying{j, &h.dies}, Now: h.Clock.Now, Log: log, Limits: bot.Limits{QuestionLength: 500}})
	o := slack.Options{
		BotToken: h.BotToken, AppToken: h.AppToken, APIURL: h.APIURL(), Handler: h.bot, Library: library{}, Checker: checker{}, Record: j,
		Channels: h.channels, Defaults: h.defaults, Now: h.Clock.Now, Wait: h.Clock.Sleep, Log: log,
		PingInterval: h.ping,
	}
	if h.byHTTP {
		o.AppToken, o.SigningSecret, o.Listen = "", h.SigningSecret, h.listen
	}
	h.front = slack.New(o)
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.t.Context()))
	h.leave, h.left = cancel, make(chan error, 1)
	go func() { h.left <- h.front.Run(ctx) }()
	h.t.Cleanup(func() { h.stop() })
}

// A dying journal is that of a program that ends before it can note what was told.
type dying struct {
	*journal.Journal
	now *atomic.Bool
}

func (d dying) Told(ctx context.Context, key string) error {
	if d.now.Load() {
		return errors.New("the program is gone")
	}
	return d.Journal.Told(ctx, key)
}

// stop ends the front end and cuts what is under way.
func (h *house) stop() {
	if h.leave == nil {
		return
	}
	h.leave()
	h.leave = nil
	at, cancel := context.WithCancel(context.Background())
	cancel()
	_ = h.bot.Drain(at) // what was cut is what the test is about
	if err := <-h.left; err != nil {
		h.t.Errorf("Run: %v", err)
	}
}

// shown is all that people read of a message.
func shown(m slackserver.Message) string { return m.Text + "\n" + m.Markdown + "\n" + m.BlockTexts() }

// answersTo are the messages of the bot that answer a text, in a channel.
func (h *house) answersTo(channel, text string) []slackserver.Message {
	var out []slackserver.Message
	for _, m := range h.Messages(channel) {
		if m.FromBot && strings.Contains(shown(m), "Claim 1 of "+text) && m.Stream != slackserver.Streaming {
			out = append(out, m)
		}
	}
	return out
}

// finished waits for the one complete answer to a text.
func (h *house) finished(channel, text string) slackserver.Message {
	h.t.Helper()
	var m slackserver.Message
	h.Await("the answer to "+text, func() bool {
		for _, m = range h.answersTo(channel, text) {
			if strings.Contains(shown(m), "Claim 2 of "+text) && m.Blocks != nil {
				return true
			}
		}
		return false
	})
	return m
}

// times tells how often a text was asked.
func (f *answerer) times(text string) int64 {
	n, ok := f.asked.Load(text)
	if !ok {
		return 0
	}
	return n.(*atomic.Int64).Load()
}

func TestAMentionIsAnsweredOnceInAThreadUnderIt(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?", "")
	m := h.finished(h.room, "who came to Alaska?")
	if m.ThreadTS != ts || m.Only != "" {
		t.Errorf("the answer stands in thread %q, not %q, for %q", m.ThreadTS, ts, m.Only)
	}
	h.settle(ts, 2)
	if n := len(h.answersTo(h.room, "who came to Alaska?")); n != 1 {
		t.Errorf("got %d answers", n)
	}
	if n := h.answers.times("who came to Alaska?"); n != 1 {
		t.Errorf("the two events of a mention were asked %d times", n)
	}
	if m.UnfurlLinks == "true" || m.UnfurlMedia == "true" {
		t.Error("links unfold")
	}
}

// settle waits until the envelopes about a message are acknowledged.
func (h *house) settle(ts string, n int) {
	h.t.Helper()
	h.Await("acknowledgements", func() bool {
		list := h.EnvelopesAbout(ts)
		for _, e := range list {
			if !e.Acked {
				return false
			}
		}
		return len(list) >= n
	})
}

func TestClaimsAreStreamedAsTheyCome(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" hold the door?", "")
	<-h.answers.holding
	h.AwaitMessage(h.room, "the first claim in a stream", func(m slackserver.Message) bool {
		return m.Stream == slackserver.Streaming && m.ThreadTS == ts && strings.Contains(m.Markdown, "Claim 1 of hold") && m.Recipient == h.ann
	})
	close(h.answers.release)
	m := h.finished(h.room, "hold the door?")
	if m.Stream == slackserver.Streaming || len(h.answersTo(h.room, "hold the door?")) != 1 {
		t.Errorf("the stream goes on, or there is more than one answer: %+v", m)
	}
	if len(h.Calls("chat.update")) > 0 {
		t.Error("a stream without trouble needs no update")
	}
}

func TestAStatusIsSetAtOnceAndTakenAway(t *testing.T) {
	for _, agent := range []bool{true, false} {
		t.Run(fmt.Sprintf("agent %v", agent), func(t *testing.T) {
			h := newHouse(t, slackserver.Options{NoAgent: !agent}).start()
			dm := h.DM(h.ann)
			h.Say(h.ann, dm, "hold on?", "")
			<-h.answers.holding
			method := "agents.sessions.setStatus"
			if !agent {
				method = "assistant.threads.setStatus"
			}
			h.AwaitCalls(method, 1)
			close(h.answers.release)
			h.finished(dm, "hold on?")
			h.AwaitCalls(method, 2)
		})
	}
}

func TestWithoutStreamsTheAnswerGrowsInAMessage(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.Fail("chat.startStream", -1, slackserver.Fault{Error: "unknown_method"})
	h.Say(h.ann, h.room, h.Mention()+" hold the door?", "")
	<-h.answers.holding
	h.AwaitMessage(h.room, "the first claim in a message", func(m slackserver.Message) bool {
		return m.FromBot && strings.Contains(shown(m), "Claim 1 of hold")
	})
	close(h.answers.release)
	h.finished(h.room, "hold the door?")
	if n := len(h.answersTo(h.room, "hold the door?")); n != 1 {
		t.Errorf("got %d answers", n)
	}
}

func TestWithoutAnyStatusAMessageSaysThatWorkIsUnderWay(t *testing.T) {
	h := newHouse(t, slackserver.Options{NoAgent: true}).start()
	h.Fail("assistant.threads.setStatus", -1, slackserver.Fault{Error: "unknown_method"})
	h.Say(h.ann, h.room, h.Mention()+" hold the door?", "")
	<-h.answers.holding
	h.AwaitMessage(h.room, "a message", func(m slackserver.Message) bool { return m.FromBot })
	close(h.answers.release)
	h.finished(h.room, "hold the door?")
	if n := len(h.botMessages(h.room)); n != 1 {
		t.Errorf("got %d messages of the bot, not one", n)
	}
}

func (h *house) botMessages(channel string) []slackserver.Message {
	var out []slackserver.Message
	for _, m := range h.Messages(channel) {
		if m.FromBot {
			out = append(out, m)
		}
	}
	return out
}

func TestAThreadIsFollowedWithoutMentionsEvenAfterARestart(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?")
	h.Say(h.ann, h.room, "and when?", ts)
	h.finished(h.room, "and when?")
	h.stop()
	h.start()
	h.Say(h.ann, h.room, "and why?", ts)
	h.finished(h.room, "and why?")
}

func TestInAThreadPeopleMayTalkAmongThemselves(t *testing.T) {
	h := newHouse(t, slackserver.Options{})
	quiet := h.AddChannel("quiet", slackserver.Public, h.ann, h.ben, h.Bot)
	h.channels[quiet] = slack.Channel{Follow: slack.FollowMentions}
	h.start()
	ts := h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?")
	other := h.Say(h.ann, quiet, h.Mention()+" who came there?", "")
	h.finished(quiet, "who came there?")
	var said []string
	say := func(user, channel, text, thread string) { said = append(said, h.Say(user, channel, text, thread)) }
	say(h.ann, h.room, "thanks, that helps", ts)
	say(h.ben, h.room, "<@"+h.ann+"> did you know?", ts)
	say(h.ben, h.room, "good to know", ts)
	say(h.ann, h.room, "is that so?", ts) // to Ben
	say(h.ann, quiet, "and when?", other)
	say(h.ann, h.room, "who is up for lunch?", "")
	for _, ts := range said {
		h.settle(ts, 1)
	}
	// A mention goes the same way and comes out behind them.
	h.Say(h.ann, h.room, h.Mention()+" and where?", ts)
	h.finished(h.room, "and where?")
	if n := h.answers.count.Load(); n != 3 {
		t.Errorf("%d questions were answered, not 3", n)
	}
}

func TestTheCommandIsAnsweredPrivatelyAndCanBeShared(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.Slash(h.ann, h.room, "/summit", "who came?")
	m := h.finished(h.room, "who came?")
	if m.Only != h.ann {
		t.Fatalf("the answer is for %q", m.Only)
	}
	h.Await("the acknowledgement said that work is under way", func() bool {
		list := h.Envelopes("slash_commands")
		return len(list) == 1 && list[0].Acked && strings.Contains(string(list[0].AckPayload), "Reading")
	})
	h.Click(h.ann, h.room, m.TS, "share", "")
	h.Click(h.ann, h.room, m.TS, "share", "")
	h.AwaitMessage(h.room, "the shared answer", func(m slackserver.Message) bool {
		return m.FromBot && m.Only == "" && strings.Contains(shown(m), "Claim 2 of who came?")
	})
	h.Await("both clicks are acknowledged", func() bool {
		for _, e := range h.Envelopes("block_actions") {
			if !e.Acked {
				return false
			}
		}
		return true
	})
	public := 0
	for _, m := range h.answersTo(h.room, "who came?") {
		if m.Only == "" {
			public++
		}
	}
	if public != 1 {
		t.Errorf("shared %d times", public)
	}
}

func TestTheCommandCanBeAnsweredInTheChannel(t *testing.T) {
	h := newHouse(t, slackserver.Options{})
	outside := h.AddChannel("outside", slackserver.Public, h.ann)
	h.Kick(outside, h.Bot)
	h.defaults = slack.Channel{Public: true}
	h.start()
	for _, channel := range []string{h.room, outside} {
		h.Slash(h.ann, channel, "/summit", "who came?")
		if m := h.finished(channel, "who came?"); m.Only != "" {
			t.Errorf("%s: the answer is for %q", channel, m.Only)
		}
	}
}

func TestWordsOfTheCommand(t *testing.T) {
	h := newHouse(t, slackserver.Options{})
	h.defaults = slack.Channel{Collections: []string{"public"}}
	h.start()
	for _, tt := range []struct{ text, want, never string }{
		{"help", "show 8", ""},
		{"sources", "The summit", "Plans"},
		{"show 2", "A sentence of the document.", ""},
		{"show summit#1", "A sentence of the document.", ""},
		{"show plans#1", "There is no such paragraph", "A sentence"},
		{"show summit#9", "There is no such paragraph", ""},
		{"", "Talks of summit", "Talks of plans"},
	} {
		before := len(h.Messages(h.room))
		h.Slash(h.ann, h.room, "/summit", tt.text)
		var m slackserver.Message
		h.Await(tt.text, func() bool {
			list := h.Messages(h.room)
			if len(list) > before {
				m = list[len(list)-1]
			}
			return len(list) > before
		})
		if m.Only != h.ann || !strings.Contains(shown(m), tt.want) || tt.never != "" && strings.Contains(shown(m), tt.never) {
			t.Errorf("%q: got %q for %q", tt.text, shown(m), m.Only)
		}
	}
	if n := h.answers.count.Load(); n != 0 {
		t.Errorf("%d questions were asked", n)
	}
}

func TestSourcesOpenInADialog(t *testing.T) {
	h := newHouse(t, slackserver.Options{Speed: clickSpeed}).start()
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	m := h.finished(h.room, "who came?")
	h.Click(h.ben, h.room, m.TS, "sources", "")
	h.AwaitView(h.ben, "the sources", func(v slackserver.View) bool {
		return strings.Contains(string(v.Blocks), "A sentence of the document.")
	})
}

func TestARestrictedAnswerIsNeitherSharedNorOpenedElsewhere(t *testing.T) {
	h := newHouse(t, slackserver.Options{})
	h.channels[h.room] = slack.Channel{}
	h.start()
	h.Slash(h.ann, h.room, "/summit", "what is secret?")
	m := h.finished(h.room, "what is secret?")
	h.stop()
	h.channels[h.room] = slack.Channel{Collections: []string{"public"}} // restricted since
	h.start()
	h.state(slack.Connected) // what is clicked before finds only the socket that goes
	for _, action := range []string{"share", "sources"} {
		before := len(h.Messages(h.room))
		h.Click(h.ann, h.room, m.TS, action, "")
		h.Await("a refusal", func() bool { return len(h.Messages(h.room)) > before })
	}
	for _, m := range h.Messages(h.room) {
		if m.FromBot && m.Only == "" {
			t.Errorf("public: %s", shown(m))
		}
	}
	if len(h.Views(h.ann)) > 0 {
		t.Error("the sources were opened")
	}
}

// rated waits for what people said of an answer.
func (h *house) rated(id string, enough func([]bot.Feedback) bool) []bot.Feedback {
	h.t.Helper()
	for { // until the test's own time is over
		list, err := h.journal.Feedback(h.t.Context(), id)
		if err == nil && enough(list) {
			return list
		}
		if err := h.Clock.Sleep(h.t.Context(), time.Second); err != nil {
			h.t.Fatalf("got %v: %v", list, err)
		}
	}
}

func TestFeedbackIsKept(t *testing.T) {
	h := newHouse(t, slackserver.Options{Speed: clickSpeed}).start()
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	m := h.finished(h.room, "who came?")
	const id = "a-000000000001"
	h.Click(h.ben, h.room, m.TS, "feedback", "good:"+id)
	h.Click(h.ann, h.room, m.TS, "feedback", "bad:"+id)
	v := h.AwaitView(h.ann, "what was wrong", func(v slackserver.View) bool { return !v.Closed })
	h.Submit(v.ID, map[string]map[string]any{
		"reason": {"reason": map[string]any{"type": "radio_buttons", "selected_option": map[string]any{"value": "misread"}}},
		"text":   {"text": map[string]any{"type": "plain_text_input", "value": "It says otherwise."}},
	})
	h.AwaitMessage(h.room, "thanks", func(m slackserver.Message) bool { return m.Only == h.ann && strings.Contains(shown(m), "Thank you") })
	for _, f := range h.rated(id, func(list []bot.Feedback) bool { return len(list) == 2 }) {
		switch {
		case f.User == h.ben && f.Verdict == bot.Good:
		case f.User == h.ann && f.Verdict == bot.Bad && f.Reason == "misread" && f.Text == "It says otherwise.":
		default:
			t.Errorf("got %+v", f)
		}
	}
}

func TestFeedbackToAPrivateAnswerIsKept(t *testing.T) {
	h := newHouse(t, slackserver.Options{Speed: clickSpeed}).start()
	h.Slash(h.ann, h.room, "/summit", "who came?")
	m := h.finished(h.room, "who came?")
	for _, verdict := range []bot.Verdict{bot.Good, bot.Bad} {
		h.Click(h.ann, h.room, m.TS, string(verdict), "")
		h.rated("a-000000000001", func(list []bot.Feedback) bool {
			return len(list) == 1 && list[0].User == h.ann && list[0].Verdict == verdict
		})
	}
	h.AwaitView(h.ann, "what was wrong", func(v slackserver.View) bool { return !v.Closed })
}

func TestAMessageThatIsTooLongToBeCheckedIsToldSo(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, "An endless story.", "")
	h.Shortcut(h.ben, h.room, ts, "check_message")
	h.AwaitMessage(h.room, "the limit", func(m slackserver.Message) bool {
		return m.Only == h.ben && strings.Contains(shown(m), "Longest allowed, in MiB: 1.")
	})
}

func TestAMessageIsCheckedForWhoeverAsks(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, "Nobody came to Alaska.", "")
	h.Shortcut(h.ben, h.room, ts, "check_message")
	h.AwaitMessage(h.room, "the report", func(m slackserver.Message) bool {
		return m.Only == h.ben && strings.Contains(shown(m), "Nobody came to Alaska") && strings.Contains(shown(m), "Not in the documents")
	})
}

func TestAFailureCanBeTriedAgain(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" please break?", "")
	m := h.AwaitMessage(h.room, "the failure", func(m slackserver.Message) bool { return m.FromBot && strings.Contains(shown(m), "something broke") })
	h.Click(h.ben, h.room, m.TS, "retry", "")
	h.Await("a second failure", func() bool {
		n := 0
		for _, m := range h.botMessages(h.room) {
			if m.ThreadTS == ts && strings.Contains(shown(m), "something broke") {
				n++
			}
		}
		return n == 2
	})
}

func TestAnEditedQuestionIsAnsweredInPlace(t *testing.T) {
	t.Run("answered already", func(t *testing.T) {
		h := newHouse(t, slackserver.Options{}).start()
		ts := h.Say(h.ann, h.room, h.Mention()+" who came?", "")
		first := h.finished(h.room, "who came?")
		h.Edit(h.room, ts, h.Mention()+" who left?")
		m := h.finished(h.room, "who left?")
		if m.TS != first.TS || len(h.botMessages(h.room)) != 1 {
			t.Errorf("the new answer does not stand in the place of the old one: %v", h.botMessages(h.room))
		}
	})
	t.Run("being answered", func(t *testing.T) {
		h := newHouse(t, slackserver.Options{}).start()
		ts := h.Say(h.ann, h.room, h.Mention()+" hold on?", "")
		<-h.answers.holding
		h.AwaitMessage(h.room, "a stream", func(m slackserver.Message) bool { return m.Stream == slackserver.Streaming })
		h.Edit(h.room, ts, h.Mention()+" who left?")
		h.finished(h.room, "who left?")
		if n := len(h.botMessages(h.room)); n != 1 {
			t.Errorf("got %d messages", n)
		}
		if len(h.answersTo(h.room, "hold on?")) != 0 {
			t.Error("the old answer stands there still")
		}
	})
	t.Run("too late", func(t *testing.T) {
		h := newHouse(t, slackserver.Options{}).start()
		ts := h.Say(h.ann, h.room, h.Mention()+" who came?", "")
		h.finished(h.room, "who came?")
		h.Clock.Advance(3 * time.Minute)
		h.Edit(h.room, ts, h.Mention()+" who left?")
		h.settle(ts, 3)
		h.Say(h.ann, h.room, h.Mention()+" who stayed?", "")
		h.finished(h.room, "who stayed?")
		if n := h.answers.times("who left?"); n != 0 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestToADeletedQuestionNothingMoreIsSaid(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" hold on?", "")
	<-h.answers.holding
	h.AwaitMessage(h.room, "a stream", func(m slackserver.Message) bool { return m.Stream == slackserver.Streaming })
	h.Delete(h.room, ts)
	h.Await("half an answer is gone", func() bool { return len(h.botMessages(h.room)) == 0 })
}

func TestTheStopButtonStops(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	dm := h.DM(h.ann)
	ts := h.Say(h.ann, dm, "hold on?", "")
	<-h.answers.holding
	h.AwaitMessage(dm, "a stream", func(m slackserver.Message) bool { return m.Stream == slackserver.Streaming })
	h.Stop(h.ann, dm, ts)
	h.AwaitMessage(dm, "what was told, and that it is all", func(m slackserver.Message) bool {
		return strings.Contains(shown(m), "Claim 1 of hold") && strings.Contains(shown(m), "Stopped")
	})
	h.Await("the session is not processing", func() bool { return h.Thread(dm, ts).Status != "processing" })
}

func TestWhoMayAsk(t *testing.T) {
	h := newHouse(t, slackserver.Options{Scopes: append(slackserver.DefaultScopes(), "usergroups:read")})
	group := h.AddGroup(h.ann)
	h.defaults = slack.Channel{UserGroups: []string{group}}
	h.start()
	h.Say(h.ben, h.room, h.Mention()+" who came?", "")
	h.AwaitMessage(h.room, "a refusal", func(m slackserver.Message) bool { return m.Only == h.ben })
	h.Say(h.ann, h.room, h.Mention()+" who left?", "")
	h.finished(h.room, "who left?")
	if n := h.answers.times("who came?"); n != 0 {
		t.Error("Ben was answered")
	}
}

func TestQuestionsAreSuggested(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.OpenHome(h.ann, "messages")
	h.AwaitCalls("assistant.threads.setSuggestedPrompts", 1)
	h.Await("prompts", func() bool { return len(h.SuggestedPrompts(h.ann).Prompts) > 0 })
}

func TestWhatNobodyKnowsIsAcknowledged(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.AwaitAcked(h.UnknownEvent())
}

func TestAQuestionThatIsDeliveredAgainIsAnsweredOnce(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	ts := h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?")
	for _, e := range h.EnvelopesAbout(ts) {
		h.Redeliver(e.ID)
	}
	h.stop()
	h.start()
	for _, e := range h.EnvelopesAbout(ts) {
		h.Redeliver(e.ID)
	}
	h.Say(h.ann, h.room, h.Mention()+" who left?", "")
	h.finished(h.room, "who left?")
	if n := len(h.answersTo(h.room, "who came?")); n != 1 {
		t.Errorf("got %d answers", n)
	}
}

func TestAQuestionThatAStartLeftIsAnsweredByTheNext(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.Say(h.ann, h.room, h.Mention()+" hold on?", "")
	<-h.answers.holding
	h.AwaitMessage(h.room, "a stream", func(m slackserver.Message) bool { return m.Stream == slackserver.Streaming })
	h.stop()
	close(h.answers.release)
	h.start()
	<-h.answers.holding
	h.finished(h.room, "hold on?")
	if n := len(h.botMessages(h.room)); n != 1 {
		t.Errorf("got %d messages, not one", n)
	}
}

func TestHealthTellsHowTheConnectionIs(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.state(slack.Connected)
	h.Refresh()
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.finished(h.room, "who came?")
	h.state(slack.Connected)
	h.Disconnect("link_disabled")
	h.state(slack.LinkDisabled)
	h.EnableLink()
	h.state(slack.Connected)
}

func TestBlocksThatSlackRefusesAreSentAsText(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.Fail("chat.startStream", -1, slackserver.Fault{Error: "unknown_method"})
	h.Fault(func(c slackserver.Call) slackserver.Fault {
		if b := c.Params.Get("blocks"); b != "" && b != "[]" {
			return slackserver.Fault{Error: "invalid_blocks"}
		}
		return slackserver.Fault{}
	})
	h.Say(h.ann, h.room, h.Mention()+" who came?", "")
	h.Slash(h.ann, h.room, "/summit", "who left?")
	for _, text := range []string{"who came?", "who left?"} {
		m := h.AwaitMessage(h.room, "the answer as text", func(m slackserver.Message) bool {
			return m.FromBot && strings.Contains(m.Text, "Claim 2 of "+text) && m.BlockTexts() == ""
		})
		if m.Mrkdwn != "false" {
			t.Errorf("the text of the answer to %q is formatted", text)
		}
	}
	for _, m := range h.Messages(h.room) {
		if m.FromBot && m.BlockTexts() != "" && m.Mrkdwn != "" {
			t.Errorf("blocks came with mrkdwn %q", m.Mrkdwn)
		}
	}
}

func TestAnAnswerThatMayBeLostIsToldAsLost(t *testing.T) {
	h := newHouse(t, slackserver.Options{}).start()
	h.Fail("response_url", 1, slackserver.Fault{Status: 503, Taken: true})
	h.Slash(h.ann, h.room, "/summit", "who came?")
	h.AwaitMessage(h.room, "that it may be lost", func(m slackserver.Message) bool {
		return m.Only == h.ann && strings.Contains(shown(m), "cannot be found out")
	})
	if n := len(h.answersTo(h.room, "who came?")); n != 1 {
		t.Errorf("got %d answers", n)
	}
}
