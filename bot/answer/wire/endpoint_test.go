// Package wire drives the whole way of a question over the wire: the real engine
// and the real model client ask a scripted endpoint over HTTP/1.1, and what a
// person sees in the end is compared with a golden file. It holds only tests.
package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An endpoint plays a script: each request is answered by the next reply; the last
// one goes on.
type endpoint struct {
	t      *testing.T
	script []reply
	odd    string // see behaviour

	mu      sync.Mutex
	prompts []prompt
}

// A reply answers one request.
type reply interface {
	serve(w http.ResponseWriter, r *http.Request, p prompt)
}

// A prompt is what arrived.
type prompt struct {
	System, User string
	Fields       map[string]any // the whole body
	Header       http.Header
	At           time.Time
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		e.t.Errorf("read request: %v", err)
		return
	}
	var read struct {
		Messages []struct{ Role, Content string }
	}
	p := prompt{Header: r.Header.Clone(), At: time.Now()}
	if err := json.Unmarshal(body, &p.Fields); err != nil {
		e.t.Errorf("the request is no JSON: %v\n%s", err, body)
	}
	if err := json.Unmarshal(body, &read); err != nil {
		e.t.Errorf("the request has other messages: %v\n%s", err, body)
	}
	for _, m := range read.Messages {
		switch m.Role {
		case "system":
			p.System = m.Content
		case "user":
			p.User = m.Content
		}
	}
	e.mu.Lock()
	n := len(e.prompts)
	e.prompts = append(e.prompts, p)
	e.mu.Unlock()
	tee := &recorder{ResponseWriter: w, status: http.StatusOK}
	defer func() { e.record(r, body, tee) }() // also of a reply that breaks the connection
	e.script[min(n, len(e.script)-1)].serve(tee, r, p)
}

func (e *endpoint) got() []prompt {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.prompts)
}

// A recorder keeps what is written through it.
type recorder struct {
	http.ResponseWriter
	status int
	body   strings.Builder
}

func (r *recorder) WriteHeader(code int) { r.status = code; r.ResponseWriter.WriteHeader(code) }
func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// listen starts the endpoint on the loopback interface and returns its address.
func (e *endpoint) listen() string {
	s := httptest.NewUnstartedServer(e)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	s.Start()
	e.t.Cleanup(func() {
		s.CloseClientConnections() // a reply that hangs ends with its connection
		s.Close()
	})
	return s.URL
}

// listenTLS is listen with a certificate that nobody trusts.
func (e *endpoint) listenTLS() string {
	s := httptest.NewUnstartedServer(e)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	s.StartTLS()
	e.t.Cleanup(s.Close)
	return s.URL
}

// A network connects clients to endpoints by host name through pipes in memory, so
// that both live within one bubble of testing/synctest, on its clock.
type network struct {
	mu    sync.Mutex
	hosts map[string]*pipes
}

// DialContext is http.Transport's.
func (n *network) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	p := n.hosts[host]
	n.mu.Unlock()
	if p == nil {
		return nil, &net.OpError{Op: "dial", Err: fmt.Errorf("connection refused by %s", host)}
	}
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// listen starts an endpoint under a host name of the network.
func (n *network) listen(e *endpoint, host string) string {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	n.hosts[host] = p
	n.mu.Unlock()
	s := &http.Server{Handler: e, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(p) // always ends in an error: that it was closed
	}()
	e.t.Cleanup(func() {
		_ = s.Close()
		<-ended
		synctest.Wait()
	})
	return "http://" + host
}

// pipes is a net.Listener of connections in memory.
type pipes struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
