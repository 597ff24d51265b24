package slackserver

import (
	"math"
	"time"
)

// Limits are the times and counts that Slack grants. A zero value stands for
// Slack's own figure. All times are by the server's clock.
type Limits struct {
	Ack              time.Duration   // for acknowledging an envelope: 3 s
	Trigger          time.Duration   // life of a trigger_id: 3 s
	ResponseURL      time.Duration   // life of a response_url: 30 min
	ResponseURLPosts int             // posts to one response_url: 5
	Ping             time.Duration   // between two PINGs; clients drop a socket after 30 s without
	Warning          time.Duration   // from the warning to the end of a refreshed socket: 10 s
	Stream           time.Duration   // life of a stream: 306 s were observed, nothing is documented
	Status           time.Duration   // after which a status of an assistant's thread clears itself: 2 min
	Session          time.Duration   // after which a session is no longer processing by itself: 1 h
	Sockets          int             // open at the same time: 10
	Redeliver        []time.Duration // waits before each further try of an event: at once, 1 min, 5 min
}

// withDefaults fills in Slack's figures.
func (l Limits) withDefaults() Limits {
	orDuration := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	orDuration(&l.Ack, 3*time.Second)
	orDuration(&l.Trigger, 3*time.Second)
	orDuration(&l.ResponseURL, 30*time.Minute)
	orDuration(&l.Ping, 10*time.Second)
	orDuration(&l.Warning, 10*time.Second)
	orDuration(&l.Stream, 306*time.Second)
	orDuration(&l.Status, 2*time.Minute)
	orDuration(&l.Session, time.Hour)
	if l.ResponseURLPosts == 0 {
		l.ResponseURLPosts = 5
	}
	if l.Sockets == 0 {
		l.Sockets = 10
	}
	if l.Redeliver == nil {
		// Socket Mode's schedule is not documented; this is the Events API's.
		l.Redeliver = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	return l
}

// Sizes, in characters unless stated; docs.slack.dev on the methods and blocks.
const (
	maxUpdateText      = 4_000
	maxPostText        = 40_000 // cut, not refused
	maxMarkdown        = 12_000 // one call's markdown_text, or all markdown blocks of a message
	maxBlockText       = 13_200 // all text of a message's blocks; observed, not documented
	maxMessageBlocks   = 50
	maxViewBlocks      = 100
	maxViewBytes       = 250_000
	maxViewTitle       = 24
	maxPrivateMetadata = 3_000
	maxMetadataBytes   = 16_000 // above this, metadata_too_large
	maxAckBytes        = 20 * 1024
	maxViewStack       = 3
	maxPrompts         = 4
	maxLoadingMessages = 10
	maxSessionTitle    = 200
)

// Rates of the tiers: calls a minute of one method in one workspace. Slack
// says "at least"; the server refuses the next one.
const (
	tier2 = 20
	tier3 = 50
	tier4 = 100
	// Messages of all channels of a workspace. Slack says "several hundred".
	maxPosts = 300
)

var tierOf = map[string]int{
	"apps.connections.open":                 tier3,
	"chat.update":                           tier3,
	"chat.delete":                           tier3,
	"chat.postEphemeral":                    tier4,
	"chat.startStream":                      tier2,
	"chat.appendStream":                     tier4,
	"chat.stopStream":                       tier2,
	"conversations.info":                    tier3,
	"conversations.history":                 tier3,
	"conversations.replies":                 tier3,
	"conversations.members":                 tier4,
	"users.info":                            tier4,
	"usergroups.users.list":                 tier2,
	"assistant.threads.setTitle":            tier4,
	"assistant.threads.setSuggestedPrompts": tier4,
	"views.open":                            tier4,
	"views.update":                          tier4,
	"views.push":                            tier4,
}

// A window counts calls from its first one on.
type window struct {
	began time.Time
	calls int
}

// overRate counts one call and says after how many seconds it may be tried
// again; 0 if it may pass. s.mu is held.
func (s *Server) overRate(method, channel string) int {
	if s.unlimited {
		return 0
	}
	if method == "chat.postMessage" {
		if wait := s.count(method+" "+channel, s.postBurst, time.Duration(s.postBurst)*time.Second); wait > 0 {
			return wait
		}
		return s.count(method, maxPosts, time.Minute)
	}
	if most := tierOf[method]; most > 0 {
		return s.count(method, most, time.Minute)
	}
	return 0
}

// count adds a call to the window called name, which takes most calls.
func (s *Server) count(name string, most int, length time.Duration) int {
	now := s.Clock.Now()
	w := s.windows[name]
	if w == nil || now.Sub(w.began) >= length {
		s.windows[name] = &window{began: now, calls: 1}
		return 0
	}
	if w.calls < most {
		w.calls++
		return 0
	}
	return max(1, int(math.Ceil((length - now.Sub(w.began)).Seconds())))
}
