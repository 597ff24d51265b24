package bot

import (
	"fmt"
	"testing"
	"time"
)

func TestDurationsAreToldRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1 second", time.Millisecond: "1 second", time.Second: "1 second", 1001 * time.Millisecond: "2 seconds",
		119 * time.Second: "119 seconds", 2 * time.Minute: "2 minutes", 2*time.Minute + 1: "3 minutes",
		119 * time.Minute: "119 minutes", 2 * time.Hour: "2 hours", 23*time.Hour + time.Second: "24 hours",
	} {
		if got := words(d); got != want {
			t.Errorf("words(%v) = %q, want %q", d, got, want)
		}
	}
}

// TestForgottenLimitersWereFull asks in all patterns of a few minutes, and
// compares with limiters that are never forgotten.
func TestForgottenLimitersWereFull(t *testing.T) {
	const each = 3
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for pattern := range 1 << 12 { // a bit for each quarter of a minute: ask twice, or not at all
		r, whole := newRates(each), newRates(each)
		whole.began = begin.Add(24 * time.Hour) // never a new generation
		for i := range 12 {
			now := begin.Add(time.Duration(i) * 15 * time.Second)
			r.ask("other", now) // turns the generations over
			if pattern>>i&1 == 0 {
				continue
			}
			for range 2 {
				_, got := r.ask("ada", now)
				if _, want := whole.ask("ada", now); got != want {
					t.Fatalf("pattern %b, quarter %d: wait %v, want %v", pattern, i, got, want)
				}
			}
		}
	}
}

func TestLimitersAreBounded(t *testing.T) {
	r := newRates(5)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 4 * mostLimiters {
		r.ask(fmt.Sprint(i), now)
	}
	if n := len(r.new) + len(r.old); n > 2*mostLimiters {
		t.Errorf("%d limiters are kept", n)
	}
	for i := range 10 {
		r.ask(fmt.Sprint(i), now.Add(time.Duration(i)*time.Hour))
	}
	if n := len(r.new) + len(r.old); n > 2 {
		t.Errorf("%d limiters are kept hours later", n)
	}
}

func TestEmptyConversationsAreForgotten(t *testing.T) {
	l := newLines()
	for i := range 100 {
		c := fmt.Sprint("c", i%10)
		first, second := l.join(c), l.join(c)
		second.leave()
		first.leave()
	}
	if len(l.head) != 0 {
		t.Errorf("%d conversations are kept", len(l.head))
	}
}
