package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// A memory is a Journal that keeps everything in memory. It holds what a
// Journal has to hold; that a database does so too is bot/journal's to test.
type memory struct {
	now func() time.Time

	mu       sync.Mutex
	messages []*entry
	spent    map[string]int // by day and asker
	broken   map[string]error
	history  []answer.Turn // that History returns, if there is any
	asked    []historyCall
}

type entry struct {
	bot.Message
	state   string // begun, finished or failed
	earlier bool   // begun by an earlier start, or given back
	told    bool
	resumed int
	reason  string
	history []answer.Turn
	answer  answer.Answer
}

type historyCall struct {
	conversation string
	age          time.Duration
	most         int
}

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, spent: map[string]int{}, broken: map[string]error{}}
}

var errDisk = errors.New("the disk is full")

func (j *memory) find(key string) *entry {
	for _, e := range j.messages {
		if e.Key == key {
			return e
		}
	}
	return nil
}

func (j *memory) Begin(ctx context.Context, m bot.Message) (bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := errors.Join(ctx.Err(), j.broken["begin"]); err != nil {
		return false, err
	}
	if j.find(m.Key) != nil {
		return false, nil
	}
	j.messages = append(j.messages, &entry{Message: m, state: "begun"})
	return true, nil
}

func (j *memory) Resume(_ context.Context, key string) (bot.Resumed, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := j.find(key)
	if e == nil || e.told || !e.earlier {
		return bot.Resumed{}, nil
	}
	e.earlier = false
	e.resumed++
	r := bot.Resumed{Times: e.resumed, Ended: e.state != "begun"}
	if e.state == "finished" {
		r.Answer = &e.answer
	}
	return r, nil
}

func (j *memory) Told(ctx context.Context, key string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := errors.Join(ctx.Err(), j.broken["told"]); err != nil {
		return err
	}
	if e := j.find(key); e != nil && e.state != "begun" {
		e.told = true
	}
	return nil
}

func (j *memory) Untold(ctx context.Context, key string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e := j.find(key); e != nil && e.state != "begun" && !e.told {
		e.earlier = true
	}
	return ctx.Err()
}

func (j *memory) end(ctx context.Context, key, method string) (*entry, error) {
	if err := errors.Join(ctx.Err(), j.broken[method]); err != nil {
		return nil, err
	}
	e := j.find(key)
	if e == nil || e.state != "begun" {
		return nil, fmt.Errorf("%s of a message that is not begun", method)
	}
	return e, nil
}

func (j *memory) Finish(ctx context.Context, key, asker string, history []answer.Turn, a answer.Answer) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, err := j.end(ctx, key, "finish")
	if err != nil {
		return err
	}
	e.state, e.history, e.answer = "finished", history, a
	j.spent[j.now().UTC().Format(time.DateOnly)+" "+asker] += a.Account.PromptTokens + a.Account.CompletionTokens
	return nil
}

func (j *memory) Fail(ctx context.Context, key, asker, reason string, tokens int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, err := j.end(ctx, key, "fail")
	if err != nil {
		return err
	}
	e.state, e.reason = "failed", reason
	j.spent[j.now().UTC().Format(time.DateOnly)+" "+asker] += tokens
	return nil
}

func (j *memory) History(_ context.Context, m bot.Message, since time.Time, most int) ([]answer.Turn, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked = append(j.asked, historyCall{m.Conversation, j.now().Sub(since), most})
	return j.history, j.broken["history"]
}

func (j *memory) Spent(_ context.Context, day time.Time, asker string) (total, own int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for name, tokens := range j.spent {
		if date, who, _ := strings.Cut(name, " "); date == day.UTC().Format(time.DateOnly) {
			total += tokens
			if who == asker {
				own += tokens
			}
		}
	}
	return total, own, j.broken["spent"]
}

func (j *memory) Unfinished(_ context.Context, surface string) ([]bot.Unfinished, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []bot.Unfinished
	for _, e := range j.messages {
		if !e.told && e.earlier && (surface == "" || surface == e.Surface) {
			out = append(out, bot.Unfinished{Message: e.Message, Ended: e.state != "begun"})
		}
	}
	return out, nil
}

// restart makes all that was begun the work of an earlier start.
func (j *memory) restart() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.messages {
		e.earlier = true
	}
}

// states returns the state of each message by key.
func (j *memory) states() map[string]string {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := map[string]string{}
	for _, e := range j.messages {
		out[e.Key] = e.state
	}
	return out
}

func (j *memory) reason(key string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.find(key).reason
}

// A screen is a Responder that keeps what it was told, as one line each.
type screen struct {
	mu       sync.Mutex
	told     []string
	failures []bot.Failure
	refuse   string        // the method that returns an error
	before   func(string)  // called before a line is kept
	finished func() string // tells the journal's state when Answer is called
}

func (s *screen) tell(method, line string) error {
	if s.before != nil {
		s.before(method)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, strings.TrimSpace(method+" "+line))
	if s.refuse == method {
		return errors.New("the line is dead")
	}
	return nil
}

func (s *screen) Working(context.Context) error { return s.tell("working", "") }

func (s *screen) Claim(_ context.Context, c answer.Claim) error { return s.tell("claim", c.Text) }

func (s *screen) Answer(ctx context.Context, a answer.Answer) error {
	line := a.Text()
	if s.finished != nil {
		line += " (" + s.finished() + ")"
	}
	return errors.Join(s.tell("answer", line), ctx.Err())
}

func (s *screen) Failure(ctx context.Context, f bot.Failure) error {
	s.mu.Lock()
	s.failures = append(s.failures, f)
	s.mu.Unlock()
	return errors.Join(s.tell("failure", string(f.Kind)), ctx.Err())
}

// lines returns what was told.
func (s *screen) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.told)
}

// An oracle is an Answerer made of a function.
type oracle func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error)

func (o oracle) Answer(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
	return o(ctx, q, each)
}

// repeats answers a question with itself, in one claim.
func repeats(_ context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
	c := answer.Claim{Text: q.Text}
	each(c)
	return answer.Answer{ID: "a-" + q.Text, Question: q.Text, Outcome: answer.Answered, Claims: []answer.Claim{c}}, nil
}

// waits answers as repeats does, when release was closed, and stops with ctx.
func waits(release <-chan struct{}) oracle {
	return func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
		select {
		case <-release:
			return repeats(ctx, q, each)
		case <-ctx.Done():
			return answer.Answer{}, ctx.Err()
		}
	}
}

// takes answers as repeats does, after d.
func takes(d time.Duration) oracle {
	return func(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error) {
		return waits(after(d))(ctx, q, each)
	}
}

// after is closed after d.
func after(d time.Duration) <-chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(d, func() { close(c) })
	return c
}

var _ bot.Answerer = (*answer.Extractive)(nil)

// A hall is a Bot with its journal.
type hall struct {
	*bot.Bot
	journal *memory
}

// open returns a Bot that asks a, on the clock of package time.
func open(a bot.Answerer, limits bot.Limits, timeout time.Duration) hall {
	j := newMemory(time.Now)
	return hall{bot.New(bot.Options{Answerer: a, Journal: j, Limits: limits, Timeout: timeout, Now: time.Now}), j}
}

// reopen returns the Bot of the next start over the same journal.
func (h hall) reopen(a bot.Answerer) hall {
	h.journal.restart()
	return hall{bot.New(bot.Options{Answerer: a, Journal: h.journal, Now: time.Now}), h.journal}
}

// ask hands a message over and returns what was told.
func (h hall) ask(t *testing.T, m bot.Message) []string {
	t.Helper()
	s := &screen{}
	if err := h.HandleMessage(t.Context(), m, s); err != nil {
		t.Errorf("%s: %v", m.Key, err)
	}
	return s.lines()
}

// message returns a question on a surface called "test".
func message(key string) bot.Message {
	return bot.Message{Key: key, Surface: "test", Conversation: "c", Channel: "room", User: "ada", Text: key}
}
