package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

const (
	// attempts is how often one call is tried. With the pauses below that is a
	// minute, which outlasts a reset or a restart on the way.
	attempts = 8
	// firstPause is the pause after the first failure; it doubles each time.
	firstPause = 500 * time.Millisecond
	// unsaidPause is how long to wait after a 429 that does not say. Slack's tiers
	// count by the minute, and 30 s gives half of it back.
	unsaidPause = 30 * time.Second
	// limitedMost is how often in a row a call may be told to come later. Slack
	// says when, so that a call that was told so five times meets a limit that
	// does not end.
	limitedMost = 5
	// metadataType names the metadata of a message that answers a question.
	metadataType = "summitbot_answer"
	// replyPage is how many replies are read at once: the most that one call gives.
	replyPage = 200
)

var (
	// errUncertain says that nobody knows whether Slack took a message, and that
	// it could not be looked up.
	errUncertain = errors.New("slack may or may not have taken the message")
	errNoStamp   = errors.New("slack gave no timestamp and no error")
)

// A wait waits for d, or for the end of ctx, whose error it then returns.
type wait func(ctx context.Context, d time.Duration) error

// sleep is the wait of the real clock.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A sender is the one way to Slack's Web API. It keeps to what Slack says of its
// limits, for each method and channel, tries again what may be tried again, and
// looks up whether a message stands there before it sends it a second time.
type sender struct {
	api  *slack.Client
	http *http.Client // for response_urls
	now  func() time.Time
	wait wait
	log  *slog.Logger
	self self

	doors   *doors
	directs sync.Map // by user, the channel of their direct messages, once something was posted there

	outcome func(method string, err error) // is told how each call ended; nil is nobody
}

// self is who the bot is.
type self struct{ team, user, bot string }

func newSender(api *slack.Client, client *http.Client, now func() time.Time, wait wait, log *slog.Logger) *sender {
	return &sender{api: api, http: client, now: now, wait: wait, log: log, doors: newDoors(now, wait)}
}

// spare reports whether Slack has calls of a method left for what may be left out.
func (s *sender) spare(method string) bool { return s.doors.spare(method, "") }

// limited returns when a call that was told to come later may come.
func limited(err error) (after time.Duration, ok bool) {
	if e, is := errors.AsType[*slack.RateLimitedError](err); is {
		return e.RetryAfter, true
	}
	if e, is := errors.AsType[slack.StatusCodeError](err); is && e.Code == http.StatusTooManyRequests {
		return unsaidPause, true
	}
	if e := errorOf(err); e == "ratelimited" || e == "rate_limited" || e == "message_limit_exceeded" {
		return unsaidPause, true
	}
	return 0, false
}

// early reports whether Slack told a call to come later.
func early(err error) bool {
	_, is := limited(err)
	return is
}

// uncertain reports whether a call may have been carried out though it failed:
// everything that is not Slack's own word.
func uncertain(err error) bool {
	if err == nil {
		return false
	}
	if _, is := errors.AsType[*slack.RateLimitedError](err); is {
		return false
	}
	if e, is := errors.AsType[slack.StatusCodeError](err); is {
		return e.Code >= http.StatusInternalServerError
	}
	switch errorOf(err) {
	case "":
		return true
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return true // Slack says of these that some of the work may have been done
	}
	return false
}

// responding is how the use of a response_url is called, which needs no token.
const responding = "response_url"

// once calls a method, and again only while Slack says that it comes too early.
func (s *sender) once(ctx context.Context, method, channel string, call func() error) error {
	for told := 1; ; told++ {
		err := s.doors.through(ctx, method, channel, call, limited)
		after, come := limited(err)
		if !come {
			if s.outcome != nil && method != responding {
				s.outcome(method, err)
			}
			return err
		}
		where := channel
		if method == responding {
			where = "" // it is the address, which is a secret
		}
		s.log.WarnContext(ctx, "slack: rate limit", "method", method, "channel", where, "after", after)
		if told == limitedMost {
			return err
		}
	}
}

// repeat calls a method that may be carried out twice, until Slack answers.
func (s *sender) repeat(ctx context.Context, method, channel string, call func() error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, method, channel, call)
		if err == nil || !uncertain(err) || attempt == attempts || ctx.Err() != nil {
			return err
		}
		s.log.WarnContext(ctx, "slack: call failed", "method", method, "channel", channel, "attempt", attempt, "error", err)
		if err := s.wait(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
}

// firm is the context of a call that writes. Once it is sent it is not cut: nobody
// would know what it did. The client's timeout bounds it.
func firm(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// A mark is how a message that was sent is known again.
type mark struct {
	key  string // of the question
	part int    // of its answer, from 1
}

func (m mark) option() slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: metadataType, EventPayload: map[string]any{"key": m.key, "part": m.part},
	})
}

// markOf returns the mark of a message, if it has one.
func markOf(m slack.Message) (mark, bool) {
	if m.Metadata.EventType != metadataType {
		return mark{}, false
	}
	key, _ := m.Metadata.EventPayload["key"].(string)
	part, _ := m.Metadata.EventPayload["part"].(float64) // as JSON has numbers
	return mark{key, int(part)}, key != ""
}

// A place is where a message stands, or shall.
type place struct {
	channel string
	thread  string // "" is none
}

// plain is a message that has to do without its blocks: Slack did not like them.
func plain(err error) bool {
	switch errorOf(err) {
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "too_many_blocks", "block_mismatch":
		return true
	}
	return false
}

// options says how a message is sent. Nothing in it unfolds a link, and where the
// text is all that is shown, nothing in it formats.
func (m message) options(more ...slack.MsgOption) []slack.MsgOption {
	out := append([]slack.MsgOption{slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}, more...)
	if len(m.blocks) > 0 {
		return append(out, slack.MsgOptionText(m.text, false), slack.MsgOptionBlocks(m.blocks...))
	}
	return append(out, slack.MsgOptionText(bare(m.text), false), slack.MsgOptionDisableMarkdown())
}

// post posts a message exactly once. When nobody knows whether Slack took it, the
// place is read, and the message is posted again only if it does not stand there.
func (s *sender) post(ctx context.Context, at place, k mark, m message) (ts string, err error) {
	return s.exactly(ctx, "chat.postMessage", at, m, func(m message) (string, error) {
		more := []slack.MsgOption{k.option()}
		if at.thread != "" {
			more = append(more, slack.MsgOptionTS(at.thread))
		}
		channel, ts, err := s.api.PostMessageContext(firm(ctx), at.channel, m.options(more...)...)
		if err == nil && channel != "" && channel != at.channel {
			s.directs.Store(at.channel, channel)
		}
		return ts, err
	}, func(found slack.Message) bool {
		other, ok := markOf(found)
		return ok && other == k
	})
}

// exactly sends by send until it is sent, and looks for what was sent by is.
func (s *sender) exactly(ctx context.Context, method string, at place, m message, send func(message) (string, error), is func(slack.Message) bool) (ts string, err error) {
	pause := firstPause
	since := s.now()
	for attempt := 1; ; attempt++ {
		err = s.once(ctx, method, at.channel, func() error {
			if ts, err = send(m); err == nil && ts == "" {
				err = errNoStamp
			}
			return err
		})
		switch {
		case err == nil:
			return ts, nil
		case plain(err) && len(m.blocks) > 0:
			s.log.WarnContext(ctx, "slack: blocks refused, sent as plain text", "channel", at.channel, "error", err)
			m.blocks = nil
			continue
		case !uncertain(err) || ctx.Err() != nil:
			return "", fmt.Errorf("%s: %w", method, err)
		}
		s.log.WarnContext(ctx, "slack: message may not have arrived", "method", method, "channel", at.channel, "attempt", attempt, "error", err)
		if err := s.wait(ctx, pause); err != nil {
			return "", err
		}
		pause *= 2
		found, read := s.find(ctx, at, since, is)
		switch {
		case read != nil:
			return "", fmt.Errorf("%s: %w: %w: %w", method, errUncertain, err, read)
		case found != "":
			return found, nil
		case attempt == attempts:
			return "", fmt.Errorf("%s: %w", method, err)
		}
	}
}

// skew is how far clocks may differ: a message is looked for from then on.
const skew = 5 * time.Minute

// find returns the timestamp of the message that is, "" if there is none. A
// thread is read whole, a channel from just before since.
func (s *sender) find(ctx context.Context, at place, since time.Time, is func(slack.Message) bool) (ts string, err error) {
	err = s.read(ctx, at, since, func(m slack.Message) bool {
		if !s.own(m) || !is(m) {
			return true
		}
		ts = m.Timestamp
		return false
	})
	return ts, err
}

// own reports whether the bot wrote a message.
func (s *sender) own(m slack.Message) bool {
	return s.self.user != "" && m.User == s.self.user || s.self.bot != "" && m.BotID == s.self.bot
}

// read calls each for the messages of a thread, or for the newest of a channel,
// until it returns false.
func (s *sender) read(ctx context.Context, at place, since time.Time, each func(slack.Message) bool) error {
	if direct, known := s.directs.Load(at.channel); known {
		at.channel = direct.(string) // a user can be posted to, and not read
	}
	cursor := ""
	for {
		var page []slack.Message
		var next string
		read := func() (err error) {
			page, _, next, err = s.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: at.channel, Timestamp: at.thread, Cursor: cursor, Limit: replyPage, IncludeAllMetadata: true,
			})
			return err
		}
		method := "conversations.replies"
		if at.thread == "" {
			method = "conversations.history"
			read = func() error {
				r, err := s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
					ChannelID: at.channel, Cursor: cursor, Limit: replyPage, IncludeAllMetadata: true, Oldest: stamp(since.Add(-skew)),
				})
				if err == nil {
					page, next = r.Messages, r.ResponseMetaData.NextCursor
				}
				return err
			}
		}
		if err := s.repeat(ctx, method, at.channel, read); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		for _, m := range page {
			if !each(m) {
				return nil
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}

// stamp writes a time as Slack does: seconds, and six digits behind the point.
func stamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/int(time.Microsecond))
}

// edit puts m in the place of a message. It may be done twice.
func (s *sender) edit(ctx context.Context, channel, ts string, k mark, m message) error {
	update := func() error {
		options := m.options(k.option())
		if len(m.blocks) == 0 {
			options = append(options, slack.MsgOptionBlocks()) // the old ones would stay
		}
		_, _, _, err := s.api.UpdateMessageContext(firm(ctx), channel, ts, options...)
		return err
	}
	err := s.repeat(ctx, "chat.update", channel, update)
	if plain(err) && len(m.blocks) > 0 {
		s.log.WarnContext(ctx, "slack: blocks refused, sent as plain text", "channel", channel, "error", err)
		m.blocks = nil
		err = s.repeat(ctx, "chat.update", channel, update)
	}
	if err != nil {
		return fmt.Errorf("chat.update: %w", err)
	}
	return nil
}

// remove deletes a message. One that is gone already is no error.
func (s *sender) remove(ctx context.Context, channel, ts string) error {
	err := s.repeat(ctx, "chat.delete", channel, func() error {
		_, _, err := s.api.DeleteMessageContext(firm(ctx), channel, ts)
		return err
	})
	if err != nil && errorOf(err) != "message_not_found" {
		return fmt.Errorf("chat.delete: %w", err)
	}
	return nil
}

// whisper shows a message to one person in a channel. Slack does not say whether
// it arrived, and it cannot be looked up: what is uncertain stays so.
func (s *sender) whisper(ctx context.Context, at place, user string, m message) error {
	for {
		err := s.once(ctx, "chat.postEphemeral", at.channel, func() error {
			var more []slack.MsgOption
			if at.thread != "" {
				more = append(more, slack.MsgOptionTS(at.thread))
			}
			_, err := s.api.PostEphemeralContext(firm(ctx), at.channel, user, m.options(more...)...)
			return err
		})
		switch {
		case err == nil:
			return nil
		case plain(err) && len(m.blocks) > 0:
			m.blocks = nil
		case uncertain(err):
			return fmt.Errorf("chat.postEphemeral: %w: %w", errUncertain, err)
		default:
			return fmt.Errorf("chat.postEphemeral: %w", err)
		}
	}
}

// An answering is how a response_url is used.
type answering struct {
	public  bool // for everybody in the channel
	replace bool // the message that the button is in
	remove  bool // the same
}

// responses is how often a response_url may be used. One is kept back, to tell
// that an answer did not arrive.
const responses = 5

// A hook is a response_url, which may be used five times in half an hour.
type hook struct {
	url  string // "" if there is none
	uses int
}

// open reports whether a message may go by it; last says that none comes after.
func (h *hook) open(last bool) bool {
	return h.url != "" && (h.uses < responses-1 || last && h.uses < responses)
}

// respond uses a response_url. What was sent through it cannot be looked up: what
// is uncertain stays so.
func (s *sender) respond(ctx context.Context, to *hook, how answering, m message) error {
	off := false
	for {
		to.uses++ // whatever comes of it
		out := &hookMessage{WebhookMessage: slack.WebhookMessage{
			Text: m.text, ResponseType: slack.ResponseTypeEphemeral, ReplaceOriginal: how.replace, DeleteOriginal: how.remove,
			UnfurlLinks: &off, UnfurlMedia: &off,
		}}
		if how.public {
			out.ResponseType = slack.ResponseTypeInChannel
		}
		if len(m.blocks) > 0 {
			out.Blocks = &slack.Blocks{BlockSet: m.blocks}
		} else {
			out.Text, out.Mrkdwn = bare(m.text), &off
		}
		err := s.once(ctx, "response_url", to.url, func() error {
			return s.hook(firm(ctx), to.url, out)
		})
		status, answered := errors.AsType[slack.StatusCodeError](err)
		switch {
		case err == nil:
			return nil
		case len(m.blocks) > 0 && (plain(err) || answered && status.Code == http.StatusBadRequest):
			m.blocks = nil // of 400 it does not say why: the text alone may pass
		case uncertain(err):
			return fmt.Errorf("response_url: %w: %w", errUncertain, err)
		default:
			return fmt.Errorf("response_url: %w", err)
		}
	}
}
