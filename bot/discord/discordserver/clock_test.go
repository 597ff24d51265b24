package discordserver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"summitbot/bot/discord/discordserver"
)

func TestClockRunsAtItsSpeed(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{Speed: 1_000})
	began, real := s.Clock.Now(), time.Now()
	if err := s.Clock.Sleep(t.Context(), 20*time.Second); err != nil {
		t.Fatal(err)
	}
	if got := s.Clock.Now().Sub(began); got < 20*time.Second {
		t.Errorf("%v passed, want 20s", got)
	}
	if got := time.Since(real); got < 20*time.Millisecond {
		t.Errorf("it took %v, want 20ms at least", got)
	}
}

func TestStoppedClockMovesByAdvanceOnly(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := discordserver.Start(t, discordserver.Options{Stopped: true, Start: at})
	if got := s.Clock.Now(); !got.Equal(at) {
		t.Errorf("got %v", got)
	}
	ran := make(chan struct{})
	s.Clock.AfterFunc(time.Minute, func() { close(ran) })
	stopped := s.Clock.AfterFunc(time.Minute, func() { t.Error("a stopped timer ran") })
	stopped()
	s.Clock.Advance(59 * time.Second)
	select {
	case <-ran:
		t.Error("too early")
	default:
	}
	s.Clock.Advance(time.Second)
	<-ran
	if got := s.Clock.Now().Sub(at); got != time.Minute {
		t.Errorf("%v passed", got)
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{Stopped: true})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Clock.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
