// Package requestid gives a question a name of its own for the log, from where it
// comes in to the model's endpoint: it goes along in the context, and Handler
// writes it into every record. Nothing else travels in a context.
//
// Invariants. An id says nothing of the question or of who asked: it is random. It
// opens nothing either, so that a log may be shown around.
package requestid

import (
	"context"
	"crypto/rand"
	"log/slog"
)

const (
	// Key is the attribute's name in the log.
	Key = "request"
	// Header is the name of the id in requests to other services.
	Header = "X-Request-Id"
	// length in characters of five bits: 60 bits do not meet twice in a log.
	length = 12
)

// key is that of the context.
type key struct{}

// Start returns ctx with an id: the one that it has, else a new one.
func Start(ctx context.Context) context.Context {
	if Of(ctx) != "" {
		return ctx
	}
	return context.WithValue(ctx, key{}, "q-"+rand.Text()[:length])
}

// Of returns the id of ctx, "" if it has none.
func Of(ctx context.Context) string {
	id, _ := ctx.Value(key{}).(string)
	return id
}

// Handler returns h, writing the id of a record's context into the record.
func Handler(h slog.Handler) slog.Handler { return handler{h} }

type handler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if id := Of(ctx); id != "" {
		r = r.Clone() // a record that is handed on may be kept by others
		r.AddAttrs(slog.String(Key, id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
