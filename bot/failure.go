package bot

import (
	"fmt"
	"time"
)

// A Kind says why a message was not answered, for surfaces that say it in
// words of their own.
type Kind string

// The kinds of failure.
const (
	Empty       Kind = "empty"
	TooLong     Kind = "too_long"
	Restarting  Kind = "restarting"   // the program is about to end
	UserRate    Kind = "user_rate"    // the person asked too much in a minute
	ChannelRate Kind = "channel_rate" // the channel did
	Budget      Kind = "budget"       // today's tokens are spent
	UserBudget  Kind = "user_budget"  // the person's are
	Busy        Kind = "busy"         // too many questions are under way
	Late        Kind = "late"         // there was no answer in time
	Interrupted Kind = "interrupted"  // an earlier start was cut short
	Broken      Kind = "broken"       // a fault of ours
)

// A Failure says that a message was not answered.
type Failure struct {
	Kind  Kind
	Text  string        // one or two short sentences for the asker, in English
	Retry bool          // the same words may be answered later
	After time.Duration // when to come back; 0 is unknown, or at once
}

func empty() Failure { return Failure{Kind: Empty, Text: "There is no question in this message."} }

func tooLong(length, limit int) Failure {
	return Failure{Kind: TooLong, Text: fmt.Sprintf(
		"The question has %d characters; %d is the most that can be answered. Ask it shorter.", length, limit)}
}

// comeBack returns a failure that passes by itself; why is its first sentence.
func comeBack(kind Kind, why string, after time.Duration) Failure {
	return Failure{Kind: kind, Text: fmt.Sprintf("%s Ask again in %s.", why, words(after)), Retry: true, After: after}
}

func restarting() Failure {
	return Failure{Kind: Restarting, Text: "The program is restarting. Ask again in a moment.", Retry: true}
}

func interrupted() Failure {
	return Failure{Kind: Interrupted, Text: "The program was restarted before this was answered. Ask again.", Retry: true}
}

func late(limit time.Duration) Failure {
	return Failure{Kind: Late, Text: fmt.Sprintf("There was no answer within %s. Ask again in a moment.", words(limit)), Retry: true}
}

func broken() Failure {
	return Failure{Kind: Broken, Text: "Sorry, something broke here and was noted. Ask again in a moment.", Retry: true}
}

// words tells a duration as people say it, rounded up so that nobody comes back
// too early: in seconds below two minutes, in minutes below two hours.
func words(d time.Duration) string {
	in := func(unit time.Duration, name string) string { return count(int(max(1, (d+unit-1)/unit)), name) }
	switch {
	case d < 2*time.Minute:
		return in(time.Second, "second")
	case d < 2*time.Hour:
		return in(time.Minute, "minute")
	}
	return in(time.Hour, "hour")
}

// count writes "1 second" and "2 seconds".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
