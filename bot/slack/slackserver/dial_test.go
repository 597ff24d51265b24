package slackserver_test

import (
	"testing"

	"github.com/gorilla/websocket"
)

// dial opens a socket without the library.
func dial(t *testing.T, address string) *websocket.Conn {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	t.Cleanup(func() { conn.Close() })
	return conn
}

// refusedDial is the status of a handshake that must fail.
func refusedDial(t *testing.T, address string) int {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err == nil {
		conn.Close()
		t.Fatal("the socket opened")
	}
	resp.Body.Close()
	return resp.StatusCode
}

func write(t *testing.T, conn *websocket.Conn, frame []byte) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, frame); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, conn *websocket.Conn) []byte {
	t.Helper()
	_, frame, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	return frame
}
