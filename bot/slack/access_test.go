package slack

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// listed are user groups whose members are told by hand.
type listed struct {
	users []string
	err   error
	takes time.Duration
	calls int
}

func (l *listed) groups() *groups {
	g := newGroups(nil, time.Now)
	g.list = func(ctx context.Context, _ string) ([]string, error) {
		l.calls++
		if err := sleep(ctx, l.takes); err != nil {
			return nil, err
		}
		return l.users, l.err
	}
	return g
}

func TestMembersAreReadAgainBeforeSomebodyIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listed{users: []string{"ann"}}
		g := l.groups()
		ask := func(user string, want bool, calls int) {
			t.Helper()
			if got, err := g.has(t.Context(), "S1", user); got != want || err != nil || l.calls != calls {
				t.Errorf("%s is in the group: %v (%v), Slack was asked %d times; want %v, %d times", user, got, err, l.calls, want, calls)
			}
		}
		ask("ann", true, 1)
		ask("ben", false, 1) // it was said just now
		l.users = []string{"ann", "ben"}
		if err := sleep(t.Context(), refusalAge+time.Second); err != nil {
			t.Fatal(err)
		}
		ask("ann", true, 1)
		ask("ben", true, 2) // was put into it meanwhile
		l.users = []string{"ben"}
		ask("cat", false, 2)
		if err := sleep(t.Context(), groupAge); err != nil {
			t.Fatal(err)
		}
		ask("ann", true, 2) // is believed that long
		if err := sleep(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		ask("ann", false, 3)
	})
}

func TestSlackIsAskedOnceForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, broken := range map[string]error{"answers": nil, "fails": errors.New("away")} {
			l := &listed{users: []string{"ann"}, err: broken, takes: time.Second}
			g := l.groups()
			left := make(chan error, 5)
			for range cap(left) {
				go func() {
					in, err := g.has(t.Context(), "S1", "ann")
					if in != (broken == nil) {
						t.Errorf("Slack %s: in the group: %v", name, in)
					}
					left <- err
				}()
			}
			for range cap(left) {
				if err := <-left; !errors.Is(err, broken) {
					t.Errorf("Slack %s: %v", name, err)
				}
			}
			if l.calls != 1 {
				t.Errorf("Slack %s: asked %d times", name, l.calls)
			}
		}
	})
}

func TestWhoGivesUpTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listed{users: []string{"ann"}, takes: time.Second}
		g := l.groups()
		ctx, stop := context.WithCancel(t.Context())
		first := make(chan error)
		go func() {
			_, err := g.has(ctx, "S1", "ann")
			first <- err
		}()
		synctest.Wait()
		second := make(chan bool)
		go func() {
			in, _ := g.has(t.Context(), "S1", "ann")
			second <- in
		}()
		synctest.Wait()
		stop()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		if !<-second || l.calls != 2 {
			t.Errorf("who waited is not in the group; Slack was asked %d times", l.calls)
		}
	})
}
