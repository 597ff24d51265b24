package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"

	"summitbot/bot"
	"summitbot/bot/requestid"
)

// A fault is what is said to whoever asked for something that cannot be.
type fault struct {
	status  int
	kind    string // for programs
	message string // for people: what happened, and what to do
}

// Error implements error.
func (f fault) Error() string { return f.message }

// The faults that several requests have.
var (
	notFound = fault{http.StatusNotFound, "not_found", "There is nothing here, or not any more."}
	// What is logged is not told: it may be about documents.
	brokenHere = fault{http.StatusInternalServerError, string(bot.Broken), "Sorry, something broke here and was noted. Try again in a moment."}
)

// policy allows what the pages are made of, and nothing else: a text that became a
// script by a fault of ours would not run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded puts in front of the pages what every request has to pass.
func (w *Web) guarded(inner http.Handler, open bool) http.Handler {
	// Another site's page could ask in the name of whoever has the token, or is on
	// this machine.
	crossing := http.NewCrossOriginProtection()
	if w.public != nil {
		_ = crossing.AddTrustedOrigin(w.public.Scheme + "://" + w.public.Host) // a proxy may change the host; the address is a checked one
	}
	crossing.SetDenyHandler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.fail(rw, r, fault{http.StatusForbidden, "cross_origin", "This came from another site's page. Open the ask page and ask there."})
	}))
	guarded := crossing.Handler(inner)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // an answer's address is a secret
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store")
		r = r.WithContext(requestid.Start(r.Context()))
		defer w.caught(rw, r)
		if !open && !w.ours(r.Host) {
			w.fail(rw, r, fault{http.StatusMisdirectedRequest, "host", "These pages are served on this machine only, under localhost or web.public_url."})
			return
		}
		if !w.knows(r) {
			h.Set("WWW-Authenticate", `Basic realm="summitbot", charset="UTF-8"`)
			w.fail(rw, r, fault{http.StatusUnauthorized, "token", "The token is needed: as the password, under any name, or as a Bearer token."})
			return
		}
		r.Body = http.MaxBytesReader(rw, r.Body, bodyBytes)
		guarded.ServeHTTP(rw, r)
	})
}

// ours reports whether a request that can only come from this machine names it.
// Another name that leads here is how another site's page would get at what is
// served here.
func (w *Web) ours(host string) bool {
	if w.public != nil && strings.EqualFold(host, w.public.Host) {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	ip := net.ParseIP(name)
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

// knows reports whether a request has the token, if one is needed.
func (w *Web) knows(r *http.Request) bool {
	if w.token == "" {
		return true
	}
	_, given, ok := r.BasicAuth()
	if bearer, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); is {
		given, ok = bearer, true
	}
	want, got := sha256.Sum256([]byte(w.token)), sha256.Sum256([]byte(given)) // of equal length, whatever came
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1 && ok
}

// caught ends a request whose handler panicked, and says so to both sides.
func (w *Web) caught(rw http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint,err113 // a panic's value, by its identity
		panic(p)
	}
	w.log.ErrorContext(r.Context(), "web: panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
	w.fail(rw, r, brokenHere)
}

// fail answers a request with what went wrong with it.
func (w *Web) fail(rw http.ResponseWriter, r *http.Request, f fault) {
	if forPrograms(r) {
		w.writeJSON(rw, r, f.status, errorReply{errorView{Kind: f.kind, Message: f.message}})
		return
	}
	w.page(rw, r, f.status, "fault", faultView{head: w.head(headline(f.status)), Message: f.message})
}

// headline says in a few words what happened.
func headline(status int) string {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusMisdirectedRequest:
		return "Not here"
	case http.StatusUnauthorized, http.StatusForbidden:
		return "Not for everybody"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "Not now"
	case http.StatusInternalServerError:
		return "Something broke"
	}
	return "Not like this"
}

// failed is fail for an error of any kind.
func (w *Web) failed(rw http.ResponseWriter, r *http.Request, err error) {
	f, ok := asFault(err)
	if !ok {
		if r.Context().Err() != nil {
			return // nobody listens any more
		}
		w.log.ErrorContext(r.Context(), "web: request", "path", r.URL.Path, "error", err)
		f = brokenHere
	}
	w.fail(rw, r, f)
}

// forPrograms reports whether a request is the API's.
func forPrograms(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// alive extends the time that a client has for the next piece.
func (w *Web) alive(ctx context.Context, rw http.ResponseWriter) {
	control := http.NewResponseController(rw)
	if err := control.SetWriteDeadline(w.deadline()); err != nil {
		w.log.DebugContext(ctx, "web: no deadline", "error", fmt.Errorf("write: %w", err))
	}
}
