package wire_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/answer"
	"summitbot/bot/llm"
	"summitbot/bot/terminal"
	"summitbot/knowledge"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A behaviour is what an endpoint, or two, do with one question.
type behaviour struct {
	name     string // a sentence; the golden file is called like it
	on       func(testing.TB) library
	question string // "" means whether there will be membership of NATO
	history  []answer.Turn
	context  int // tokens of documents; 0 means the engine's own
	judge    bool

	script   []reply
	second   []reply       // of a fallback endpoint; nil means that there is none
	down     bool          // the first endpoint is not there
	tls      bool          // the first endpoint's certificate is nobody's
	scheme   string        // that the client takes for the first endpoint, "" means the endpoint's own
	patience time.Duration // of the whole answer; 0 means that it has no end
	clock    bool          // waits are part of it: it runs on the clock of a bubble, over pipes

	odd   string   // why its replies do not follow the API; "" means that they do
	never []string // what must not reach a person, beside what never may
	check func(t *testing.T, p played)
}

// played is what came of a behaviour.
type played struct {
	answer  answer.Answer
	first   []prompt // that the first endpoint got
	second  []prompt
	seen    string // in the terminal
	handed  []answer.Claim
	elapsed time.Duration
}

const membership = "Would the proposal give Ukraine NATO membership?"

// key is the endpoints' API key; no one may ever see it.
const key = "sk-wire-0123456789abcdef"

// leaks are parts of the machinery that a person never sees: markup of replies and
// prompts, keys, and what endpoints wrote in their errors.
var leaks = []string{
	key, "sk-wire", "evil.example", "<think>", "</think>", "\"claims\"", "\"sources\"", "```", "<document", "</document", "<question", "data: ",
	"openresty", "Traceback", "upstream", "\x1b", "\u202e",
}

// behaviours are all of them, in the order of the groups.
func behaviours() []behaviour {
	var all []behaviour
	for _, group := range [][]behaviour{lies(), references(), forms(), streams(), statuses(), endpoints(), conversations(), injections()} {
		all = append(all, group...)
	}
	return all
}

func TestWhatPeopleSeeOfEachBehaviour(t *testing.T) {
	known := map[string]bool{}
	for _, b := range behaviours() {
		known[b.file()] = true
		t.Run(b.name, func(t *testing.T) {
			if !b.clock {
				t.Parallel()
				p := b.play(t)
				b.judgeOutcome(t, p)
				return
			}
			synctest.Test(t, func(t *testing.T) { b.judgeOutcome(t, b.play(t)) })
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if known[f] {
			continue
		}
		if *update {
			if err := os.Remove(f); err != nil {
				t.Error(err)
			}
			continue
		}
		t.Errorf("%s belongs to no behaviour", f)
	}
}

func TestBehavioursAreAtLeastForty(t *testing.T) {
	names := map[string]bool{}
	for _, b := range behaviours() {
		if names[b.file()] {
			t.Errorf("two behaviours are called %q", b.name)
		}
		names[b.file()] = true
	}
	if len(names) < 40 {
		t.Errorf("%d behaviours, want 40", len(names))
	}
}

// file is the golden file of a behaviour.
func (b behaviour) file() string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, b.name)
	return filepath.Join("testdata", strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' }), "-")+".golden")
}

func (b behaviour) asked() answer.Question {
	q := answer.Question{Text: b.question, History: b.history, Trace: true, Asker: "someone"}
	if q.Text == "" {
		q.Text = membership
	}
	return q
}

func (b behaviour) library(t testing.TB) library {
	if b.on == nil {
		return article(t)
	}
	return b.on(t)
}

// play asks the question of a fresh endpoint.
func (b behaviour) play(t *testing.T) played {
	t.Helper()
	first := &endpoint{t: t, script: b.script, odd: b.odd}
	second := &endpoint{t: t, script: b.second, odd: b.odd}
	o := llm.Options{Jitter: func() float64 { return 0 }}
	if b.clock {
		b.connect(t, &o, first, second)
	} else {
		b.listen(&o, first, second)
	}
	p := askOver(t, b.library(t).open(t), o, b)
	p.first, p.second = first.got(), second.got()
	return p
}

// connect puts the endpoints onto a network in memory.
func (b behaviour) connect(t *testing.T, o *llm.Options, first, second *endpoint) {
	t.Helper()
	n := &network{hosts: map[string]*pipes{}}
	transport := &http.Transport{DialContext: n.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	o.HTTPClient = &http.Client{Transport: transport}
	address := "http://first.test"
	if !b.down {
		address = n.listen(first, "first.test")
	}
	o.Endpoints = append(o.Endpoints, named("first", address))
	if b.second != nil {
		o.Endpoints = append(o.Endpoints, named("second", n.listen(second, "second.test")))
	}
}

// listen puts the endpoints onto the loopback interface.
func (b behaviour) listen(o *llm.Options, first, second *endpoint) {
	address := ""
	if b.tls {
		address = first.listenTLS()
	} else {
		address = first.listen()
	}
	if b.scheme != "" {
		_, host, _ := strings.Cut(address, "://")
		address = b.scheme + "://" + host
	}
	o.Endpoints = append(o.Endpoints, named("first", address))
	if b.second != nil {
		o.Endpoints = append(o.Endpoints, named("second", second.listen()))
	}
}

func named(name, address string) llm.Endpoint {
	return llm.Endpoint{Name: name, BaseURL: address + "/v1", APIKey: key, Model: "scripted", MaxTokens: 4000}
}

// askOver asks the behaviour's question and shows what comes as it comes.
func askOver(t *testing.T, base *knowledge.Base, o llm.Options, b behaviour) played {
	t.Helper()
	client, err := llm.New(o)
	if err != nil {
		t.Fatal(err)
	}
	engine := answer.NewEngine(base, answer.Options{
		Generator: client, Estimate: client.Estimate, ContextTokens: b.context, Judge: b.judge,
	})
	ctx := t.Context()
	if b.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.patience)
		defer cancel()
	}
	p := watch(ctx, t, engine, b.asked(), b.clock)
	keepsPromises(t, base, p)
	b.hides(t, p)
	return p
}

// watch asks, and shows what comes as it comes. Times are told only if the clock is
// a bubble's: others are not the same twice.
func watch(ctx context.Context, t *testing.T, engine *answer.Engine, q answer.Question, timed bool) played {
	t.Helper()
	var p played
	var screen bytes.Buffer
	view := terminal.NewStream(terminal.NewRenderer(&screen, terminal.Options{Width: 80}), nil)
	started := time.Now()
	var err error
	p.answer, err = engine.Answer(ctx, q, func(c answer.Claim) {
		p.handed = append(p.handed, c)
		if err := view.Claim(ctx, c); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatalf("the question ends in an error, which no trouble with a model may: %v", err)
	}
	p.elapsed = time.Since(started)
	p.answer.ID = "a-000000000000"
	if !timed {
		p.answer.Account.Millis = 0
	}
	if err := view.Answer(ctx, p.answer); err != nil {
		t.Error(err)
	}
	p.seen = screen.String()
	return p
}

// keepsPromises checks what holds for every answer, whatever the model wrote.
func keepsPromises(t *testing.T, base *knowledge.Base, p played) {
	t.Helper()
	a := p.answer
	if diff := cmp.Diff(p.handed, a.Claims, cmp.Transformer("none", func(c []answer.Claim) []answer.Claim {
		return append([]answer.Claim{}, c...)
	})); diff != "" {
		t.Errorf("what was handed on is not what is in the answer (-handed +answer):\n%s", diff)
	}
	for _, c := range a.Claims {
		if len(c.Citations) == 0 {
			t.Errorf("a claim without a citation: %q", c.Text)
		}
		for _, s := range c.Citations {
			if stored := stored(t, base, s); s.Quote != stored {
				t.Errorf("the quotation %q stands in the store as %q", s.Quote, stored)
			}
		}
	}
	if a.Outcome == answer.Refused && len(a.Claims) > 0 {
		t.Error("a refusal with claims")
	}
	if got, want := a.Account.Claims, a.Account.Shown+len(a.Account.Dropped); got != want {
		t.Errorf("%d claims made, but %d shown and %d dropped", got, a.Account.Shown, len(a.Account.Dropped))
	}
	var whole bytes.Buffer
	if err := terminal.NewRenderer(&whole, terminal.Options{Width: 80}).Answer(a); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(whole.String(), p.seen); diff != "" {
		t.Errorf("the answer looks different if its claims are shown as they come (-at once +as they come):\n%s", diff)
	}
}

// hides checks that nothing of the machinery reaches a person.
func (b behaviour) hides(t *testing.T, p played) {
	t.Helper()
	documents, shown := b.library(t), oneLine(p.seen)
	for _, text := range append(append([]string{}, leaks...), b.never...) {
		// What a document says may be quoted, whatever it is.
		if strings.Contains(shown, text) && !documents.has(text) {
			t.Errorf("a person sees %q:\n%s", text, p.seen)
		}
	}
}

// stored reads what a citation points to.
func stored(t *testing.T, base *knowledge.Base, s answer.Citation) string {
	t.Helper()
	at, err := knowledge.ParseAddress(s.Address)
	if err != nil {
		t.Fatal(err)
	}
	_, around, err := base.Passage(context.WithoutCancel(t.Context()), at, s.Revision, 0)
	if err != nil || len(around) != 1 || s.Start < 0 || s.End > len(around[0].Text) || s.Start >= s.End {
		t.Fatalf("the citation %+v opens nothing: %v", s, err)
	}
	return around[0].Text[s.Start:s.End]
}

// judgeOutcome compares with the golden file and asks the behaviour's own check.
func (b behaviour) judgeOutcome(t *testing.T, p played) {
	t.Helper()
	golden(t, b.file(), b.told(p))
	if b.check != nil {
		b.check(t, p)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// told is what a person sees, and the account under it.
func (b behaviour) told(p played) string {
	var out strings.Builder
	a := p.answer
	for _, t := range b.history {
		fmt.Fprintf(&out, "> %s\n", t.Question)
	}
	fmt.Fprintf(&out, "> %s\n\n%s\n", oneLine(b.asked().Text), p.seen)
	fmt.Fprintf(&out, "--- account\n%s by %s, fallback %t\n", a.Outcome, a.Method, a.Fallback)
	if a.Error != "" {
		fmt.Fprintf(&out, "error: %s\n", a.Error)
	}
	if a.Note != "" {
		fmt.Fprintf(&out, "note: %s\n", a.Note)
	}
	fmt.Fprintf(&out, "claims: %d made, %d shown, %d repaired, %d dropped\n",
		a.Account.Claims, a.Account.Shown, a.Account.Repaired, len(a.Account.Dropped))
	var checks []string
	for _, c := range a.Trace.Checks {
		checks = append(checks, fmt.Sprintf("%s: %s", clip(c.Verdict), clip(c.Claim)))
	}
	for i, same := 0, 1; i < len(checks); i, same = i+same, 1 {
		for i+same < len(checks) && checks[i+same] == checks[i] {
			same++
		}
		fmt.Fprintf(&out, "  %s\n", checks[i])
		if same > 1 {
			fmt.Fprintf(&out, "    and %d times more\n", same-1)
		}
	}
	for _, d := range a.Account.Dropped {
		if d.Reason == "judge" || d.Reason == "unanswerable" { // after the gate, or before it
			fmt.Fprintf(&out, "  dropped: %s %s: %s\n", d.Reason, d.Detail, clip(d.Text))
		}
	}
	var purposes []string
	for _, c := range a.Trace.Calls {
		purposes = append(purposes, c.Purpose)
	}
	fmt.Fprintf(&out, "model: endpoint %q, finish %q, calls %s, %d requests\n",
		a.Account.Endpoint, a.Account.Finish, strings.Join(purposes, " "), a.Account.Attempts)
	return out.String()
}

// clip keeps the golden files readable when a model babbles.
func clip(text string) string {
	runes := []rune(oneLine(text))
	if len(runes) > 300 {
		return string(runes[:300]) + " ..."
	}
	return string(runes)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
