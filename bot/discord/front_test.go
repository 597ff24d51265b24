package discord_test

import (
	"context"
	"encoding/json"
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
	"summitbot/bot/discord"
	"summitbot/bot/discord/discordserver"
	"summitbot/bot/journal"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
	"summitbot/knowledge/sqlite"
)

// speed is how fast the server's clock runs: limits of a minute pass in a few
// seconds.
const speed = 10

// patience is how long an interaction waits: Discord's three seconds. At speed a busy
// machine has not got them, so that they are five times as many in storms and ten
// times elsewhere. That connections are there again in time, pause_test.go tells.
const patience = 3 * time.Second

// answerer is a fake that answers with two claims. A question that says "hold"
// waits for release after the first, one that says "wait" before it. One that says
// "nothing" is refused, one that says "break" fails, one that says "cracks" does so
// after its claims, one that says "long" has more than one message takes, and one
// that says "slowly" gives a claim each half a second.
type answerer struct {
	asked   sync.Map // texts, with how often
	release chan struct{}
	holding chan string // texts that are held
	count   atomic.Int64
	mended  atomic.Bool // what says "break" is answered
	pause   func(context.Context, time.Duration) error
}

func (f *answerer) Answer(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
	n := f.count.Add(1)
	a := answer.Answer{
		Version: answer.Version, ID: fmt.Sprintf("a-%012d", n), Question: q.Text, Language: "en", Outcome: answer.Answered, Method: answer.LLM,
		Created: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), Account: answer.Account{Claims: 2, Shown: 2},
	}
	times, _ := f.asked.LoadOrStore(q.Text, new(atomic.Int64))
	times.(*atomic.Int64).Add(1)
	if strings.Contains(q.Text, "break") && !f.mended.Load() {
		return a, errors.New("broken on purpose")
	}
	cracks := strings.Contains(q.Text, "cracks") && !f.mended.Load()
	if strings.Contains(q.Text, "nothing") {
		a.Outcome = answer.Refused
		return a, nil
	}
	for i := range claimsTo(q.Text) {
		if i == 0 && strings.Contains(q.Text, "wait") && !f.hold(ctx, q.Text) {
			return a, ctx.Err()
		}
		if strings.Contains(q.Text, "slowly") && f.pause(ctx, time.Second/2) != nil {
			return a, ctx.Err()
		}
		c := claim(fmt.Sprintf("Claim %d of %s", i+1, q.Text), i%3+1)
		if strings.Contains(q.Text, "long") {
			c.Text += strings.Repeat(" And so on.", 40)
		}
		if len(q.History) > 0 && strings.Contains(q.Text, "before") {
			c.Text += " Before that: " + q.History[len(q.History)-1].Question
		}
		a.Claims = append(a.Claims, c)
		each(c)
		if cracks && i == claimsTo(q.Text)-1 {
			return a, errors.New("broken on purpose")
		}
		if i == 0 && strings.Contains(q.Text, "hold") && !f.hold(ctx, q.Text) {
			return a, ctx.Err()
		}
	}
	return a, nil
}

// hold holds an answer until release; false says that it was cut short.
func (f *answerer) hold(ctx context.Context, text string) bool {
	f.holding <- text
	select {
	case <-f.release:
		return true
	case <-ctx.Done():
		return false
	}
}

// times tells how often a text was asked.
func (f *answerer) times(text string) int64 {
	n, ok := f.asked.Load(text)
	if !ok {
		return 0
	}
	return n.(*atomic.Int64).Load()
}

func claimsTo(text string) int {
	if strings.Contains(text, "long") || strings.Contains(text, "slowly") {
		return 12
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
type library struct{ panics *atomic.Bool }

func (l library) Documents(context.Context) ([]knowledge.Document, error) {
	if l.panics != nil && l.panics.Load() {
		panic("on purpose")
	}
	return []knowledge.Document{
		{ID: "summit", Title: "The summit", Collection: "public", Paragraphs: 3},
		{ID: "plans", Title: "Plans", Collection: "secret", Paragraphs: 1},
	}, nil
}

func (l library) Passage(ctx context.Context, addr knowledge.Address, _ string, around int) (knowledge.Document, []knowledge.Paragraph, error) {
	docs, _ := l.Documents(ctx)
	for _, d := range docs {
		if d.ID != addr.Document || addr.Paragraph > d.Paragraphs {
			continue
		}
		var list []knowledge.Paragraph
		for n := max(1, addr.Paragraph-around); n <= min(d.Paragraphs, addr.Paragraph+around); n++ {
			list = append(list, knowledge.Paragraph{
				Number: n, Kind: knowledge.Prose, Headings: []string{d.Title, fmt.Sprintf("Talks %d of %s", n, d.ID)}, Text: "A sentence of the document.",
				Sentences: []knowledge.Span{{Start: 0, End: 27}},
			})
		}
		return d, list, nil
	}
	return knowledge.Document{}, nil, knowledge.ErrNotFound
}

// checker finds nothing in the documents.
type checker struct{}

func (checker) Check(_ context.Context, text string, _ []string) (check.Report, error) {
	if strings.Contains(text, "panic") {
		panic("on purpose")
	}
	return check.Report{Sentences: []check.Sentence{{Text: text, End: len(text), Status: check.NotFound}}, Summary: check.Summary{NotFound: 1}}, nil
}

// A house is a front end with all that is behind it, before a Discord.
type house struct {
	*discordserver.Server
	t       *testing.T
	answers *answerer
	journal *journal.Journal
	store   *sqlite.Store
	bot     *bot.Bot
	front   *discord.Discord
	leave   context.CancelFunc
	left    chan error
	options discord.Options
	panics  atomic.Bool   // of the library
	dies    atomic.Bool   // before it can note that an answer was told
	disk    chan struct{} // what holds up verdicts without words until it is closed; nil is nothing
	log     lines

	ann, ben, room string
}

// newHouse starts a Discord with two people and a channel.
func newHouse(t *testing.T, o discordserver.Options) *house {
	t.Helper()
	if o.Speed == 0 && !o.Stopped {
		o.Speed = speed
	}
	if o.Limits.Callback == 0 {
		o.Limits.Callback = 10 * patience
	}
	if o.Record == nil {
		o.Record = recordTo
	}
	h := &house{Server: discordserver.Start(t, o), t: t, answers: &answerer{release: make(chan struct{}), holding: make(chan string, 10)}}
	h.answers.pause = h.Clock.Sleep
	t.Cleanup(h.callsNobody)
	h.options = discord.Options{Channels: map[string]discord.Channel{}, MessageContent: o.Privileged&discordserver.MessageContent != 0}
	h.ann, h.ben = h.User("ann"), h.User("ben")
	h.room = h.AddChannel(h.Guild, "room")
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

// until waits by the server's clock for what no event of the server tells.
func (h *house) until(what string, is func() bool) {
	h.t.Helper()
	for end := h.Clock.Now().Add(10 * time.Minute); !is(); { // a minute of the machine
		if err := h.Clock.Sleep(h.t.Context(), time.Second); err != nil || h.Clock.Now().After(end) {
			h.t.Fatalf("%s: not in time, %v", what, err)
		}
	}
}

// start runs the front end until the test or stop ends it.
func (h *house) start() *house {
	h.t.Helper()
	h.run()
	h.AwaitReady(1)
	h.AwaitCommand(h.options.Guild, "summit")
	return h
}

// run is start that does not wait for a session.
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
	o := h.options
	o.Token, o.APIURL, o.Handler, o.Library, o.Checker, o.Record = h.Token, h.URL(), h.bot, library{&h.panics}, checker{}, slow{j, h.disk}
	o.Now, o.Wait, o.Log = h.Clock.Now, h.Clock.Sleep, log
	h.front = discord.New(o)
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

// A slow record keeps what is wrong with an answer when its disk gets to it.
type slow struct {
	*journal.Journal
	disk chan struct{}
}

func (s slow) Rate(ctx context.Context, f bot.Feedback) error {
	if s.disk != nil && f.Reason != "" && f.Text == "" {
		<-s.disk
	}
	return s.Journal.Rate(ctx, f)
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

// answersTo are the messages of the bot that answer a text, in a channel.
func (h *house) answersTo(channel, text string) []discordserver.Message {
	return slices.DeleteFunc(h.Answers(channel), func(m discordserver.Message) bool {
		return !strings.Contains(m.Text(), "Claim 1 of "+text)
	})
}

// finished waits for the one complete answer to a text.
func (h *house) finished(channel, text string) discordserver.Message {
	h.t.Helper()
	var m discordserver.Message
	h.Await("the answer to "+text, func() bool {
		for _, m = range h.answersTo(channel, text) {
			if strings.Contains(m.Text(), "Claim 2 of "+text) && m.Components != nil {
				return true
			}
		}
		return false
	})
	if list := h.answersTo(channel, text); len(list) != 1 {
		h.t.Errorf("%d messages answer %q", len(list), text)
	}
	return m
}

// press finds a button by what its custom_id begins with.
func press(t *testing.T, m discordserver.Message, action string) string {
	t.Helper()
	for _, b := range m.Buttons() {
		if strings.HasPrefix(b.CustomID, action+":") {
			return b.CustomID
		}
	}
	t.Fatalf("no button %q in %q: %+v", action, m.Text(), m.Buttons())
	return ""
}

// turned returns the button of a message that turns to a later page, or, if back is
// true, to an earlier one; "" if it has none.
func turned(m discordserver.Message, back bool) string {
	label := phrase.For("en").Text(phrase.NextButton)
	if back {
		label = phrase.For("en").Text(phrase.PreviousButton)
	}
	for _, b := range m.Buttons() {
		if strings.HasPrefix(b.CustomID, "turn:") && b.Label == label {
			return b.CustomID
		}
	}
	return ""
}

// pages returns the pages of a message, from the one that it shows on: who may see it
// turns them one by one, and presses again if Discord says that nobody answered.
func (h *house) pages(m discordserver.Message) []discordserver.Message {
	h.t.Helper()
	list := []discordserver.Message{m}
	for next := turned(m, false); next != ""; next = turned(m, false) {
		i := discordserver.Interaction{Failed: true}
		for press := 1; i.Failed; press++ {
			if press > 10 {
				h.t.Fatalf("nobody answers the button %q", next)
			}
			i = h.AwaitInteraction(h.Click(m.Only, m.Channel, m.ID, next), "a page is turned", func(i discordserver.Interaction) bool {
				return i.Type != 0 || i.Failed
			})
		}
		var ok bool
		if m, ok = h.Message(m.Channel, m.ID); !ok || i.Type != discordserver.AnswerUpdate {
			h.t.Fatalf("the button %q was answered by %+v", next, i)
		}
		list = append(list, m)
	}
	return list
}

// callsNobody fails the test if anything that was sent lets its text call people: it
// has to say so, for what says nothing of it calls everybody.
func (h *house) callsNobody() {
	type sent struct {
		Content    string
		Embeds     []json.RawMessage
		Components []json.RawMessage
		Allowed    *struct{ Parse *[]string } `json:"allowed_mentions"`
	}
	for _, c := range h.Calls("") {
		var body struct {
			sent
			Type int
			Data *sent
		}
		if json.Unmarshal(c.Body, &body) != nil {
			continue // the list of commands
		}
		one := body.sent
		if body.Data != nil {
			one = *body.Data
		}
		if body.Type == discordserver.AnswerModal || one.Content == "" && len(one.Embeds) == 0 && len(one.Components) == 0 {
			continue
		}
		if one.Allowed == nil || one.Allowed.Parse == nil || len(*one.Allowed.Parse) > 0 {
			h.t.Errorf("%s lets its text call people", c)
		}
	}
}

// quiet fails the test if anything that was sent calls anybody.
func (h *house) quiet(channels ...string) {
	h.t.Helper()
	for _, c := range channels {
		for _, m := range h.Answers(c) {
			if len(m.Pings) > 0 {
				h.t.Errorf("%q calls %v", m.Text(), m.Pings)
			}
		}
	}
}

func TestAMentionIsAnsweredByAReply(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	id := h.Say(h.ann, h.room, h.Mention()+" who came to Alaska?")
	m := h.finished(h.room, "who came to Alaska?")
	if m.ReplyTo != id {
		t.Errorf("the answer replies to %q, not to %q", m.ReplyTo, id)
	}
	if h.Typing(h.room) == 0 {
		t.Error("nothing said that work was under way")
	}
	h.quiet(h.room)
}

func TestADirectMessageIsAnsweredWithoutAMention(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	dm := h.DM(h.ann)
	h.Say(h.ann, dm, "who came to Alaska?")
	h.finished(dm, "who came to Alaska?")
}

func TestAnAnswerGrowsClaimByClaim(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	id := h.Say(h.ann, h.room, h.Mention()+" hold the door?")
	<-h.answers.holding
	first := h.AwaitMessage(h.room, "the first claim", func(m discordserver.Message) bool {
		return m.ReplyTo == id && strings.Contains(m.Text(), "Claim 1 of hold")
	})
	close(h.answers.release)
	if m := h.finished(h.room, "hold the door?"); m.ID != first.ID {
		t.Errorf("the answer is message %s, its first claim was %s", m.ID, first.ID)
	}
}

func TestASlashCommandIsAnsweredWhereItWasGiven(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	id := h.Slash(h.ann, h.room, "summit", map[string]any{"question": "who came to Alaska?"})
	h.AwaitAnswer(id)
	m := h.finished(h.room, "who came to Alaska?")
	if m.Interaction != id || m.Only != "" {
		t.Errorf("the answer belongs to interaction %q and is for %q", m.Interaction, m.Only)
	}
	h.quiet(h.room)
}

func TestAPrivateCommandIsAnsweredPrivately(t *testing.T) {
	h := newHouse(t, discordserver.Options{}).start()
	h.Slash(h.ann, h.room, "summit", map[string]any{"question": "who came to Alaska?", "private": true})
	if m := h.finished(h.room, "who came to Alaska?"); m.Only != h.ann {
		t.Errorf("the answer is for %q", m.Only)
	}
}
