package bot

import (
	"context"
	"time"

	"summitbot/bot/answer"
)

// A Message is one question, from whatever surface it came.
type Message struct {
	// Key names the question for ever, as in "slack:T1:C1:1712.0001": an event
	// that a platform delivers twice has one key. Whoever asks again, by a button
	// or in new words, asks a new question, with a key of its own. Required.
	Key     string
	Surface string // "terminal", "slack" and so on; it holds no colon
	// Conversation is the thread, channel or session on the surface. Its questions
	// are answered in order and may lean on each other; "" is none.
	Conversation string
	Channel      string   // for limits; "" is none in particular
	User         string   // for limits and turns; "" is nobody in particular
	Text         string   //
	Collections  []string // a set; empty means every collection
	Language     string   // to answer in, ISO 639-1; "" means the question's
	Trace        bool     // ask for Answer.Trace
	Received     time.Time
	// Token is what it takes to answer where it was asked, if the surface has such a
	// thing; "" is none. It is a secret, and kept until the message was told.
	Token string
}

// asker names who asks, over all surfaces; "" is nobody in particular.
func (m Message) asker() string { return m.scoped(m.User) }

func (m Message) channel() string { return m.scoped(m.Channel) }

func (m Message) conversation() string { return m.scoped(m.Conversation) }

// scoped makes a name of the surface one of the whole program.
func (m Message) scoped(name string) string {
	if name == "" {
		return ""
	}
	return m.Surface + ":" + name
}

// A Responder shows what becomes of one message, on the surface that it came
// from. Like an http.ResponseWriter it belongs to one message: its methods are
// called by one goroutine, in this order, and never after the Handler returned.
// Either Answer or Failure ends it, unless the Handler's error says that
// nothing was told.
type Responder interface {
	// Working says that the question was taken. It may have to wait for earlier
	// ones of its conversation.
	Working(ctx context.Context) error
	// Claim shows one checked claim, which is never taken back.
	Claim(ctx context.Context, c answer.Claim) error
	// Answer shows the finished answer: answered, refused or failed. Its claims
	// include those told before.
	Answer(ctx context.Context, a answer.Answer) error
	// Failure says why there is no answer.
	Failure(ctx context.Context, f Failure) error
}

// A Handler answers messages; *Bot is one.
type Handler interface {
	// HandleMessage returns when all was told. The end of ctx means that nobody
	// wants the answer any more: a program that ends calls Drain instead, so ctx
	// must not end with the program's signal.
	//
	// The error is for whoever runs the program: people were told already. It is
	// ErrSeen if the message is one that was handled before, and ErrCut if Drain
	// cut it short; nothing was told then.
	HandleMessage(ctx context.Context, m Message, r Responder) error
}

// An Answerer answers questions; *answer.Extractive is one. It is safe for
// concurrent use, ends soon after ctx does, and calls each on the goroutine
// that called it, for every claim as soon as it has passed its checks. Beside
// an error the Answer may tell, in its Account, what was spent.
type Answerer interface {
	Answer(ctx context.Context, q answer.Question, each func(answer.Claim)) (answer.Answer, error)
}

// A Journal remembers, over restarts, what was asked, answered and spent. It is
// safe for concurrent use.
type Journal interface {
	// Begin notes m as begun. fresh is false if a message of this key was begun
	// before, ever; of many callers at once one gets true.
	Begin(ctx context.Context, m Message) (fresh bool, err error)
	// Resume takes over a message that is told by nobody: one that an earlier start
	// left so, or that Untold gave back.
	Resume(ctx context.Context, key string) (Resumed, error)
	// Told notes that a message that ended was told so, or that nobody wants to
	// hear it any more.
	Told(ctx context.Context, key string) error
	// Untold gives back a message that ended and could not be told so.
	Untold(ctx context.Context, key string) error
	// Finish notes how a message that was begun was answered, the turns that the
	// answer leant on, and the tokens of its account as spent by asker.
	Finish(ctx context.Context, key, asker string, history []answer.Turn, a answer.Answer) error
	// Fail notes that a message that was begun has no answer, and why.
	Fail(ctx context.Context, key, asker, reason string, tokens int) error
	// History returns the newest turns of m's conversation over the same
	// collections, oldest first: at most most, none that ended before since, and
	// none that failed.
	History(ctx context.Context, m Message, since time.Time, most int) ([]answer.Turn, error)
	// Spent returns the tokens spent on the UTC day of day: by all, and by asker.
	Spent(ctx context.Context, day time.Time, asker string) (total, own int, err error)
	// Unfinished returns the messages of a surface ("" is any) that nobody tells of:
	// what earlier starts did not end or did not tell, and what Untold gave back, in
	// the order of their beginning.
	Unfinished(ctx context.Context, surface string) ([]Unfinished, error)
}

// An Unfinished is a message whose asker may still be waiting.
type Unfinished struct {
	Message
	Ended bool // it has its answer, or its failure, and that may or may not have been told
}

// A Resumed is a message that was taken over.
type Resumed struct {
	Times  int            // how often that was done, this time included; 0 means that there is nothing to take over (any more)
	Ended  bool           // it has its answer, or has none
	Answer *answer.Answer // nil if it did not end, or failed
}

// A Verdict is what somebody thinks of an answer.
type Verdict string

// The verdicts.
const (
	Good Verdict = "good"
	Bad  Verdict = "bad"
)

// Feedback is one person's verdict on an answer. A later one replaces it.
type Feedback struct {
	Answer        string // its id
	Surface, User string
	Verdict       Verdict
	Reason        string // one of the surface's choices, "" if none was made
	Text          string // in the person's own words, "" if none
	Time          time.Time
}
