package discord

import (
	"errors"
	"testing"
	"time"
)

// An end is how a connection ended.
type end struct {
	taken bool
	err   error
}

func TestPausesBetweenConnections(t *testing.T) {
	broke := errors.New("it broke")
	for _, tt := range []struct {
		name        string
		session     string
		before      int // short-lived connections before
		ends        []end
		least, most time.Duration // of all pauses together
	}{
		{"one that broke is opened again at once", "s", 0, []end{{true, broke}}, 0, 0},
		{"five that broke leave an interaction its time", "s", 0, []end{{true, broke}, {true, broke}, {true, broke}, {true, broke}, {true, broke}}, 1500 * time.Millisecond, 2500 * time.Millisecond},
		{"five in a storm, too", "s", 100, []end{{true, broke}, {false, errAsked}, {false, errAsked}, {true, broke}, {false, broke}}, 0, 2500 * time.Millisecond},
		{"a dead Discord is not beset", "s", 0, []end{{false, broke}, {false, broke}, {false, broke}, {false, broke}, {false, broke}, {false, broke}, {false, broke}, {false, broke}}, 15 * time.Second, time.Minute},
		{"what Discord does not know waits a little", "s", 0, []end{{true, errInvalid}}, time.Second, 5 * time.Second},
		// A thousand sessions in a day cost the token.
		{"a session that never begins", "", 100, []end{{false, errInvalid}, {false, errInvalid}, {false, broke}}, 6 * time.Minute, 7 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := &gateway{now: func() time.Time { return time.Unix(0, 0) }, session: tt.session, short: tt.before}
			var sum time.Duration
			for _, e := range tt.ends {
				sum += g.pause(g.now(), e.taken, e.err)
			}
			if sum < tt.least || sum > tt.most {
				t.Errorf("%v, want %v to %v", sum, tt.least, tt.most)
			}
		})
	}
}
