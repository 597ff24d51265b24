package discordserver_test

import (
	"fmt"
	"sync"
	"testing"

	"summitbot/bot/discord/discordserver"

	"github.com/gorilla/websocket"
)

// People, calls and sockets that come and go at the same time: every message is
// delivered to a client that resumes, in order and once.
func TestNothingIsLostWhenSocketsComeAndGo(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	w := dial(t, s)
	session := w.identify(s, ordinary)
	const people, each = 4, 25
	var talking sync.WaitGroup
	for p := range people {
		user := s.User(fmt.Sprint("user ", p))
		talking.Go(func() {
			for n := range each {
				s.Say(user, channel, fmt.Sprint("word ", n))
				if n%5 == 0 {
					call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"answer"}`)
				}
				if n%8 == p%2 {
					s.DropGateway()
				}
				if n%9 == 0 {
					s.Reconnect()
				}
			}
		})
	}
	total := people*each + people*each/5
	seen, last := map[any]bool{}, int64(2)
	for len(seen) < total {
		_, text, err := w.conn.ReadMessage()
		if err != nil {
			w.conn.Close()
			w = again(t, s, resume(s.Token, session, last))
			continue
		}
		e := decode(t, text)
		if e.Op == 7 {
			w.conn.Close()
		}
		if e.Op != 0 {
			continue
		}
		if e.Seq != last+1 {
			t.Fatalf("got event %d after %d", e.Seq, last)
		}
		last = e.Seq
		if e.Type == "MESSAGE_CREATE" {
			if seen[e.Data["id"]] {
				t.Errorf("message %v came twice", e.Data["id"])
			}
			seen[e.Data["id"]] = true
		}
	}
	talking.Wait()
	if got := len(s.Messages(channel)); got != total {
		t.Errorf("%d messages stand, want %d", got, total)
	}
}

// again opens a socket and sends text, as often as it takes: a handshake may be
// cut at any moment of the storm.
func again(t *testing.T, s *discordserver.Server, text string) *wire {
	t.Helper()
	for {
		w := dialTo(t, s, "?v=9&encoding=json")
		if _, _, err := w.conn.ReadMessage(); err != nil {
			continue
		}
		if err := w.conn.WriteMessage(websocket.TextMessage, []byte(text)); err == nil {
			return w
		}
	}
}

func TestManySocketsEndWithTheTest(t *testing.T) {
	s := start(t)
	for range 20 {
		dialTo(t, s, "?v=9")
	}
	s.Await("all are open", func() bool { return s.Connections() == 20 })
	s.DropGateway()
	s.Await("none is left", func() bool { return s.Connections() == 0 })
}
