package slack

import (
	"log/slog"
	"sync"
	"time"

	"summitbot/bot"
)

// A State says how the connection to Slack is.
type State = bot.State

// The states.
const (
	Starting           = bot.Starting
	Connected          = bot.Connected
	Reconnecting       = bot.Reconnecting // as Slack asks for every few hours, or after a broken line
	Storm        State = "storm"          // sockets break as soon as they are open
	LinkDisabled State = "link_disabled"
	MissingScope State = "missing_scope"
	Revoked      State = "revoked"     // the token, or the app
	Unreachable  State = "unreachable" // nobody answers, or something that is not Slack
	Deaf         State = "deaf"        // a socket is open and nothing comes
	Stopped            = bot.Stopped
)

// Health is the state of the connection.
type Health = bot.Health

// The vitals are what is known of the connection to Slack, whichever way it is
// reached.
type vitals struct {
	now func() time.Time
	log *slog.Logger

	mu          sync.Mutex
	health      Health
	token       Health // what is wrong with the bot's token, of the method tokenMethod; no State if nothing is
	tokenMethod string
}

func newVitals(now func() time.Time, log *slog.Logger) *vitals {
	v := &vitals{now: now, log: log}
	v.set(Starting, "")
	return v
}

// Health returns the state of the connection. Questions may come in while the
// bot's own token is not taken any more: then that is what is wrong.
func (v *vitals) Health() Health {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.health.State == Connected && v.token.State != "" {
		h := v.health
		h.State, h.Detail, h.Since = v.token.State, v.token.Detail, v.token.Since
		return h
	}
	return v.health
}

// essential are the methods that an app cannot do without.
var essential = map[string]bool{posting: true, "chat.update": true, "conversations.replies": true, "conversations.history": true}

// called notes what a call with the bot's token says of it.
func (v *vitals) called(method string, err error) {
	state := stateOf(err)
	switch {
	case err == nil:
		state = ""
	case state != Revoked && (state != MissingScope || !essential[method]):
		return // no word of the token, or of what an app may do without
	}
	v.mu.Lock()
	before := v.token.State
	if before != state && (state != "" || method == v.tokenMethod || before == Revoked) {
		v.token, v.tokenMethod = Health{State: state, Since: v.now()}, method
		if err != nil {
			v.token.Detail = method + ": " + err.Error()
		}
	} else {
		state = before
	}
	v.mu.Unlock()
	switch {
	case state == before:
	case state == Revoked:
		v.log.Error("slack: the bot's token is not taken any more: install the app again at api.slack.com/apps, OAuth & Permissions", "method", method, "error", err)
	case state == MissingScope:
		v.log.Error("slack: the app lacks a scope; \"summitbot slack check\" says which", "method", method, "error", err)
	default:
		v.log.Info("slack: the bot's token is taken again", "method", method)
	}
}

func (v *vitals) set(state State, detail string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.health.State != state {
		v.health.Since = v.now()
	}
	v.health.State, v.health.Detail = state, detail
}

// seen notes that something came of people.
func (v *vitals) seen() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.health.LastEvent = v.now()
}

// stateOf says what an error of Slack's means.
func stateOf(err error) State {
	switch errorOf(err) {
	case "missing_scope", "not_allowed_token_type", "no_permission":
		return MissingScope
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "app_uninstalled":
		return Revoked
	case "link_disabled", "socket_mode_disabled":
		return LinkDisabled
	}
	return Unreachable
}
