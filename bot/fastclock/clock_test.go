package fastclock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"summitbot/bot/fastclock"
)

func TestClockRunsAtItsSpeed(t *testing.T) {
	clock := fastclock.New(time.Now(), 1_000)
	defer clock.Halt()
	began, real := clock.Now(), time.Now()
	if err := clock.Sleep(t.Context(), 20*time.Second); err != nil {
		t.Fatal(err)
	}
	if got := clock.Now().Sub(began); got < 20*time.Second {
		t.Errorf("%v passed, want 20s", got)
	}
	if got := time.Since(real); got < 20*time.Millisecond {
		t.Errorf("it took %v, want 20ms at least", got)
	}
}

func TestStoppedClockMovesByAdvanceOnly(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	clock := fastclock.New(at, 0)
	defer clock.Halt()
	if got := clock.Now(); !got.Equal(at) {
		t.Errorf("got %v", got)
	}
	ran := make(chan struct{})
	clock.AfterFunc(time.Minute, func() { close(ran) })
	stopped := clock.AfterFunc(time.Minute, func() { t.Error("a stopped timer ran") })
	stopped()
	clock.Advance(59 * time.Second)
	select {
	case <-ran:
		t.Error("too early")
	default:
	}
	clock.Advance(time.Second)
	<-ran
	if got := clock.Now().Sub(at); got != time.Minute {
		t.Errorf("%v passed", got)
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	clock := fastclock.New(time.Now(), 0)
	defer clock.Halt()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := clock.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
