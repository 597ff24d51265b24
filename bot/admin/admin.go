// Package admin tells whoever runs the program how it fares, over HTTP: /healthz
// (it lives), /readyz (people can ask, and if not, why not) and /metrics, for
// Prometheus.
//
// Invariants. Nothing here tells a question's text, an answer's, or who asked.
// What is asked here changes nothing, and is neither journaled nor counted as a
// question. It costs nothing while nobody looks.
package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"summitbot/bot"
	"summitbot/bot/llm"
)

const (
	// Requests here have no body, and their readers are machines nearby.
	reading = 5 * time.Second
	writing = 30 * time.Second
	keeping = 2 * time.Minute // a connection between two visits of Prometheus
	// closing is how long requests under way have when the program ends.
	closing = 2 * time.Second
)

// Where things are found.
const (
	Healthz = "/healthz"
	Readyz  = "/readyz"
	Metricz = "/metrics"
)

// A Front is a front end that has a health.
type Front interface {
	Name() string // that of its questions' surface
	Health() bot.Health
}

// Options say what is told, and where.
type Options struct {
	Listen    string // an address, without a host of this machine only; port 0 takes a free one
	Fronts    []Front
	Documents Documents
	Metrics   *Metrics                 // the observer of the bot
	Models    func() (llm.State, bool) // false if there is no model
	Problems  func() []error           // of reading the sources; nil is none ever
	Version   string                   // of the program
	Revision  string                   // of its source; "" if it is not known
	Listening func(address string)     // called when it can be asked; nil is not
	Now       func() time.Time
	Log       *slog.Logger // nil means none
}

// An Admin tells how the program fares. It is safe for concurrent use.
type Admin struct {
	o       Options
	started time.Time
	canary  *canary
	handler http.Handler
}

// New returns an Admin. Documents, Metrics and Now are required.
func New(o Options) *Admin {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Models == nil {
		o.Models = func() (llm.State, bool) { return llm.State{}, false }
	}
	if o.Problems == nil {
		o.Problems = func() []error { return nil }
	}
	a := &Admin{o: o, started: o.Now(), canary: newCanary(o.Documents, o.Now)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Healthz, a.live)
	mux.HandleFunc("GET "+Readyz, a.ready)
	mux.Handle("GET "+Metricz, a.metrics())
	a.handler = unread(mux)
	return a
}

// Handler returns what serves the addresses.
func (a *Admin) Handler() http.Handler { return a.handler }

// Run serves until ctx ends. Before that it returns only an error that it cannot
// mend, such as an address that is taken.
func (a *Admin) Run(ctx context.Context) error {
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", onLoopback(a.o.Listen))
	if err != nil {
		return fmt.Errorf("admin: %w", err)
	}
	server := &http.Server{
		Handler: a.handler, ReadHeaderTimeout: reading, ReadTimeout: reading, WriteTimeout: writing, IdleTimeout: keeping,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(a.o.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if a.o.Listening != nil {
		a.o.Listening(listener.Addr().String())
	}
	select {
	case err := <-ended:
		return fmt.Errorf("admin: %w", err)
	case <-ctx.Done():
	}
	patience, stop := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer stop()
	if err := server.Shutdown(patience); err != nil {
		err = errors.Join(err, server.Close())
		a.o.Log.InfoContext(ctx, "admin: cut short", "error", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("admin: %w", err)
	}
	return ctx.Err()
}

// onLoopback returns an address that says nothing of who may come as one for this
// machine only.
func onLoopback(address string) string {
	if host, port, err := net.SplitHostPort(address); err == nil && host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}

// live says that the process lives.
func (a *Admin) live(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintln(w, "ok") // whoever went away needs no answer
}

// unread keeps what is told from caches and from browsers that take it for a page.
func unread(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		h.ServeHTTP(w, r)
	})
}
