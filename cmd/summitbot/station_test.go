package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"summitbot/bot"
)

// A patientSurface is a surface with a health, which changes after a while.
type patientSurface struct {
	surface
	connects time.Duration // how long that takes
	begun    time.Time
}

func (s *patientSurface) Health() bot.Health {
	if time.Since(s.begun) < s.connects {
		return bot.Health{State: bot.Starting}
	}
	return bot.Health{State: bot.Connected}
}

func quietStation(first frontend, listens bool) *station {
	return newStation(first, listens, slog.New(slog.DiscardHandler))
}

// stay returns a front end that stays for so long after it was told to go, and then
// notes when it went.
func stay(name string, after time.Duration, left *time.Duration) surface {
	begun := time.Now()
	return surface{name, func(ctx context.Context) error {
		<-ctx.Done()
		<-time.After(after)
		*left = time.Since(begun)
		return nil
	}}
}

func TestAFrontEndMakesRoomWhenTheNextIsConnected(t *testing.T) {
	for _, tt := range []struct {
		name     string
		connects time.Duration
		listens  bool
		leaves   time.Duration // the first, which needs three seconds to end what it took
	}{
		{"at once", 0, false, 3 * time.Second},
		{"after a second", time.Second, false, 4 * time.Second},
		{"not at all", time.Hour, false, leaveFor + 3*time.Second},
		{"at an address that only one can have", time.Second, true, 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				var left, secondBegan time.Duration
				begun := time.Now()
				s := quietStation(stay("slack", 3*time.Second, &left), tt.listens)
				done := make(chan error, 1)
				go func() { done <- s.Run(ctx) }()
				synctest.Wait()
				next := &patientSurface{surface: surface{"slack", func(ctx context.Context) error {
					secondBegan = time.Since(begun)
					<-ctx.Done()
					return nil
				}}, connects: tt.connects, begun: begun}
				if err := s.replace(ctx, next); err != nil {
					t.Fatal(err)
				}
				if got, want := time.Since(begun), tt.leaves-3*time.Second; got != want { // the three it takes no more
					t.Errorf("in place after %s, want %s", got, want)
				}
				<-time.After(20 * time.Second)
				synctest.Wait()
				if left != tt.leaves {
					t.Errorf("the first left after %s, want %s", left, tt.leaves)
				}
				if want := map[bool]time.Duration{true: tt.leaves}[tt.listens]; secondBegan != want {
					t.Errorf("the second began after %s, want %s", secondBegan, want)
				}
				if got, want := s.Health(), next.Health(); got != want {
					t.Errorf("health: got %v, want the second's, %v", got, want)
				}
				cancel()
				if err := <-done; err != nil {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestAStationEndsWithItsFrontEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		revoked := errors.New("token_revoked")
		s := quietStation(surface{"slack", func(context.Context) error { return revoked }}, false)
		if err := s.Run(t.Context()); !errors.Is(err, revoked) {
			t.Errorf("got %v", err)
		}
		if err := s.replace(t.Context(), obedient("slack")); !errors.Is(err, errEnded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAStationWaitsForAllItsFrontEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var first, second time.Duration
		s := quietStation(stay("discord", 9*time.Second, &first), false)
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		if err := s.replace(ctx, stay("discord", time.Second, &second)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel()
		if err := <-done; err != nil || first != 9*time.Second || second != time.Second {
			t.Errorf("got %v, after %s and %s", err, first, second)
		}
	})
}
