package slack

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestCallsGoNoFasterThanSlackTakesThem(t *testing.T) {
	for _, tt := range []struct {
		method, other string // other is a second channel
		calls         int    // that may go at once
		pause         time.Duration
		apart         bool // each channel has its own
	}{
		{"chat.postMessage", "C2", 1, time.Second, true},
		{"chat.startStream", "C2", 20, time.Minute, false},
		{"chat.update", "C2", 50, time.Minute, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDoors(time.Now, sleep)
			call := func(channel string) time.Duration {
				began := time.Now()
				err := d.through(t.Context(), tt.method, channel, func() error { return nil }, limited)
				if err != nil {
					t.Fatal(err)
				}
				return time.Since(began)
			}
			for range tt.calls {
				if waited := call("C1"); waited > 0 {
					t.Errorf("%s: waited %v too early", tt.method, waited)
				}
			}
			if waited := call(tt.other); (waited == 0) != tt.apart {
				t.Errorf("%s: another channel waited %v", tt.method, waited)
			}
			if tt.apart {
				if waited := call("C1"); waited < tt.pause {
					t.Errorf("%s: waited %v", tt.method, waited)
				}
			}
		})
	}
}

func TestAfterARefusalOneCallGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const method, after = "assistant.threads.setStatus", 10 * time.Second
		d := newDoors(time.Now, sleep)
		refusal := errors.New("too early")
		refused := func(err error) (time.Duration, bool) { return after, errors.Is(err, refusal) }
		began := time.Now()
		if err := d.through(t.Context(), method, "C1", func() error { return refusal }, refused); !errors.Is(err, refusal) {
			t.Fatal(err)
		}
		calls := make(chan time.Duration, 10)
		first := make(chan struct{})
		for range 10 {
			go func() {
				_ = d.through(t.Context(), method, "C1", func() error {
					calls <- time.Since(began)
					<-first
					return nil
				}, refused)
			}()
		}
		if at := <-calls; at < after {
			t.Errorf("the first call came after %v", at)
		}
		synctest.Wait()
		if n := len(calls); n > 0 {
			t.Errorf("%d more calls while the first is out", n)
		}
		if d.spare(method, "C1") {
			t.Error("while it is out there is nothing to spare")
		}
		close(first)
		for range 9 {
			<-calls
		}
	})
}

func TestAWaitAtADoorEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoors(time.Now, sleep)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		call := func() error { return d.through(ctx, posting, "C1", func() error { return nil }, limited) }
		if err := call(); err != nil {
			t.Fatal(err)
		}
		if err := call(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAQuarterIsKeptForWhatHasToBeSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoors(time.Now, sleep)
		n := 0
		for d.spare("chat.startStream", "") {
			n++
			_ = d.through(t.Context(), "chat.startStream", "C1", func() error { return nil }, limited)
		}
		if n != 15 {
			t.Errorf("%d streams of 20", n)
		}
	})
}
