package discordserver

import (
	"math"
	"strings"
	"time"
)

// Limits are the times and counts that Discord grants. A zero value stands for
// Discord's own figure. All times are by the server's clock, but for Heartbeat.
type Limits struct {
	Callback  time.Duration   // for the first answer to an interaction: 3 s
	Token     time.Duration   // life of an interaction's token: 15 min
	Session   time.Duration   // for resuming a session that lost its socket; not documented, 3 min here
	Replay    int             // events that are kept for a resume; not documented, 1,000 here
	Nonce     time.Duration   // for which enforce_nonce finds the first message: "the past few minutes", 2 min here
	Identify  time.Duration   // between two IDENTIFYs: 5 s (max_concurrency is 1)
	Starts    int             // of sessions, in 24 h: 1,000; above it the token is reset
	Goodbye   time.Duration   // from op 7 to the end of the socket; not documented, 10 s here
	Heartbeat time.Duration   // between two heartbeats, by the MACHINE's clock, as clients count it: 41.25 s
	Invalid   int             // answers of 401, 403 and 429 in 10 min before a ban: 10,000
	Global    int             // calls a second, those of interactions and webhooks not counted: 50
	Rates     map[string]Rate // by route, such as "POST /channels/{channel}/messages"; others have defaultRates
}

// A Rate is how many calls of a route may be made in a time, for each channel,
// guild or token of an interaction.
type Rate struct {
	Calls int
	Per   time.Duration
}

// withDefaults fills in Discord's figures.
func (l Limits) withDefaults() Limits {
	for to, otherwise := range map[*time.Duration]time.Duration{
		&l.Callback:  3 * time.Second,
		&l.Token:     15 * time.Minute,
		&l.Session:   3 * time.Minute,
		&l.Nonce:     2 * time.Minute,
		&l.Identify:  5 * time.Second,
		&l.Goodbye:   10 * time.Second,
		&l.Heartbeat: 41_250 * time.Millisecond,
	} {
		if *to == 0 {
			*to = otherwise
		}
	}
	for to, otherwise := range map[*int]int{&l.Replay: 1000, &l.Starts: 1000, &l.Invalid: 10_000, &l.Global: 50} {
		if *to == 0 {
			*to = otherwise
		}
	}
	return l
}

// Sizes, in UTF-16 units unless stated. That is the stricter reading of
// "characters", which the documentation does not explain.
const (
	maxContent       = 2_000
	maxEmbeds        = 10
	maxEmbedTitle    = 256
	maxEmbedText     = 4_096
	maxEmbedFields   = 25
	maxFieldName     = 256
	maxFieldValue    = 1_024
	maxFooter        = 2_048
	maxEmbedAuthor   = 256
	maxEmbedsInAll   = 6_000 // of titles, descriptions, fields, footers and authors
	maxURL           = 2_048
	maxRows          = 5
	maxButtons       = 5  // in a row
	maxComponentsV2  = 40 // in a message, all depths
	maxTextV2        = 4_000
	maxCustomID      = 100
	maxLabel         = 80
	maxButtonURL     = 512
	maxOptions       = 25 // of a select menu, and of a command
	maxOptionText    = 100
	maxPlaceholder   = 150
	maxModalTitle    = 45
	maxInputLabel    = 45
	maxInputHolder   = 100
	maxInputValue    = 4_000
	maxThreadName    = 100
	maxNonce         = 25
	maxChoices       = 25
	maxChoiceName    = 100
	maxCommandName   = 32
	maxDescription   = 100
	maxCommandInAll  = 8_000 // names, descriptions and values of one command
	maxStringOption  = 6_000
	maxSlash         = 100 // commands
	maxMenus         = 15  // commands of users, and of messages
	maxPayload       = 4_096
	maxSends         = 120 // of a socket in sendsWindow
	sendsWindow      = time.Minute
	compressFrom     = 2_048 // bytes of a frame, for those who asked for compression
	largeGuilds      = 2_500 // guilds a shard may have
	maxMessagesAtime = 100   // of GET messages
)

// defaultRates are observed figures: Discord says to read them off the headers.
var defaultRates = map[string]Rate{
	"POST /channels/{channel}/messages":                       {5, 5 * time.Second},
	"PATCH /channels/{channel}/messages/{message}":            {5, 5 * time.Second},
	"DELETE /channels/{channel}/messages/{message}":           {5, time.Second},
	"POST /channels/{channel}/typing":                         {5, 5 * time.Second},
	"POST /channels/{channel}/messages/{message}/threads":     {10, 10 * time.Second},
	"PUT /applications/{application}/commands":                {10, 10 * time.Second},
	"PUT /applications/{application}/guilds/{guild}/commands": {10, 10 * time.Second},
}

// Rates of what is not listed.
var (
	otherRate   = Rate{50, time.Second}
	webhookRate = Rate{5, 2 * time.Second} // of all calls with one interaction's token together
)

// A window counts calls from its first one on.
type window struct {
	began time.Time
	calls int
}

// rateOf says in which bucket a call counts, and what that takes.
func (s *Server) rateOf(r *request) (bucket string, rate Rate) {
	rate, listed := s.limits.Rates[r.Route]
	if !listed {
		rate, listed = defaultRates[r.Route]
	}
	major := r.path("channel") + r.path("guild") + r.path("token")
	if strings.Contains(r.Route, "/webhooks/") {
		if !listed {
			rate = webhookRate
		}
		return "webhook " + major, rate
	}
	if !listed {
		rate = otherRate
	}
	return r.Route + " " + major, rate
}

// limit counts a call and puts what a client should know into header. It
// returns a refusal if the call is one too many; s.mu is held.
func (s *Server) limit(r *request, header map[string]string) *refusal {
	ofInteraction := strings.Contains(r.Route, "/webhooks/") || strings.Contains(r.Route, "/interactions/")
	if s.unlimited || strings.HasSuffix(r.Route, "/callback") {
		return nil
	}
	if !ofInteraction {
		if _, wait := s.count("global", Rate{s.limits.Global, time.Second}); wait > 0 {
			header["X-RateLimit-Global"] = "true"
			header["X-RateLimit-Scope"] = "global"
			return s.tooMany(wait, true, header)
		}
	}
	bucket, rate := s.rateOf(r)
	left, wait := s.count(bucket, rate)
	w := s.windows[bucket]
	reset := w.began.Add(rate.Per)
	header["X-RateLimit-Limit"] = number(float64(rate.Calls))
	header["X-RateLimit-Remaining"] = number(float64(left))
	header["X-RateLimit-Reset"] = number(math.Round(float64(reset.UnixMilli())) / 1000)
	header["X-RateLimit-Reset-After"] = number(s.told(reset.Sub(s.Clock.Now())))
	header["X-RateLimit-Bucket"] = hash(bucketName(bucket))
	if wait > 0 {
		header["X-RateLimit-Scope"] = "user"
		return s.tooMany(wait, false, header)
	}
	return nil
}

// bucketName is a bucket without what it is for each channel.
func bucketName(bucket string) string {
	if i := strings.LastIndexByte(bucket, ' '); i > 0 {
		return bucket[:i]
	}
	return bucket
}

// count adds a call to the window called name. It says how many are left, and
// how long the caller must wait if this one was too many.
func (s *Server) count(name string, rate Rate) (left int, wait time.Duration) {
	now := s.Clock.Now()
	w := s.windows[name]
	if w == nil || now.Sub(w.began) >= rate.Per {
		w = &window{began: now}
		s.windows[name] = w
	}
	if w.calls >= rate.Calls {
		return 0, rate.Per - now.Sub(w.began)
	}
	w.calls++
	return rate.Calls - w.calls, 0
}

// told is a wait in seconds, as the client counts them.
func (s *Server) told(d time.Duration) float64 {
	if s.realWaits && s.speed > 0 {
		d = time.Duration(float64(d) / s.speed)
	}
	// Rounded up: a client that waits so long must not come too early.
	return math.Ceil(d.Seconds()*1000) / 1000
}

// tooMany is the answer to a call that came too soon.
func (s *Server) tooMany(wait time.Duration, global bool, header map[string]string) *refusal {
	seconds := s.told(wait)
	header["Retry-After"] = number(math.Ceil(seconds))
	return &refusal{status: 429, message: "You are being rate limited.", more: map[string]any{
		"retry_after": seconds, "global": global,
	}}
}
