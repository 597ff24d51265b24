package slackserver_test

import (
	"encoding/json"
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"summitbot/bot/slack/slackserver"
)

// app is a client of Socket Mode that reports what it got.
type app struct {
	*socketmode.Client
	events chan socketmode.Event
}

// connect starts a client and waits until its socket is open.
func connect(t *testing.T, w *world) *app {
	t.Helper()
	before := w.Sockets()
	quiet := log.New(io.Discard, "", 0)
	a := &app{Client: socketmode.New(w.api, socketmode.OptionLog(quiet)), events: make(chan socketmode.Event, 1_000)}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = a.RunContext(t.Context()) // ends with the test
	}()
	go func() {
		for {
			select {
			case e := <-a.Events:
				a.events <- e
			case <-stopped:
				return
			}
		}
	}()
	t.Cleanup(func() { <-stopped })
	w.AwaitSockets(before + 1)
	return a
}

// next waits for an event of kind.
func (a *app) next(t *testing.T, kind socketmode.EventType) socketmode.Event {
	t.Helper()
	for {
		select {
		case e := <-a.events:
			if e.Type == kind {
				return e
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no %s", kind)
		}
	}
}

// inner is what an Events API event is about.
func inner[T any](t *testing.T, e socketmode.Event) T {
	t.Helper()
	outer, ok := e.Data.(slackevents.EventsAPIEvent)
	if !ok {
		t.Fatalf("got %T", e.Data)
	}
	event, ok := outer.InnerEvent.Data.(T)
	if !ok {
		t.Fatalf("got %T", outer.InnerEvent.Data)
	}
	return event
}

func (a *app) ack(t *testing.T, e socketmode.Event, payload ...any) {
	t.Helper()
	if err := a.Ack(*e.Request, payload...); err != nil {
		t.Fatal(err)
	}
}

func TestSocketSaysHello(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	if e := a.next(t, socketmode.EventTypeHello); e.Request.ConnectionInfo.AppID != w.App || e.Request.NumConnections != 1 {
		t.Errorf("got %+v", e.Request)
	}
}

func TestMentionInAChannelComesTwice(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	ts := w.Say(w.anna, w.lobby, w.Mention()+" how much leave?", "")
	first, second := a.next(t, socketmode.EventTypeEventsAPI), a.next(t, socketmode.EventTypeEventsAPI)
	message, mention := inner[*slackevents.MessageEvent](t, first), inner[*slackevents.AppMentionEvent](t, second)
	if message.TimeStamp != ts || mention.TimeStamp != ts || message.ChannelType != "channel" || message.User != w.anna {
		t.Errorf("got %+v and %+v", message, mention)
	}
	id := func(e socketmode.Event) string {
		return e.Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent).EventID
	}
	if id(first) == id(second) || id(first) == "" {
		t.Errorf("event ids %q and %q", id(first), id(second))
	}
	a.ack(t, first)
	a.ack(t, second)
	for _, e := range w.EnvelopesAbout(ts) {
		w.AwaitAcked(e.ID)
	}
}

func TestEventsGoWhereTheAppMayListen(t *testing.T) {
	w := startWith(t, slackserver.Options{
		Stopped: true, NoRates: true,
		Events: []string{"app_mention", "message.im", "message.groups"},
		Scopes: []string{"app_mentions:read", "im:history", "chat:write"},
	})
	kinds := func(channel, text string) []string {
		var got []string
		for _, e := range w.EnvelopesAbout(w.Say(w.anna, channel, text, "")) {
			got = append(got, e.Inner)
		}
		return got
	}
	private := w.AddChannel("private", slackserver.Private)
	for name, c := range map[string]struct {
		channel string
		want    []string
	}{
		"direct message: no mention": {w.DM(w.anna), []string{"message"}},
		"not subscribed":             {w.lobby, []string{"app_mention"}},
		"subscribed, no scope":       {private, []string{"app_mention"}},
		"not in the channel":         {w.board, nil},
	} {
		if diff := cmp.Diff(c.want, kinds(c.channel, w.Mention()+" hello")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestEditsAndDeletionsAreTold(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	ts := w.Say(w.anna, w.lobby, "how much leave?", "")
	a.next(t, socketmode.EventTypeEventsAPI)
	w.Edit(w.lobby, ts, w.Mention()+" how much leave?")
	changed := inner[*slackevents.MessageEvent](t, a.next(t, socketmode.EventTypeEventsAPI))
	if changed.SubType != "message_changed" || changed.Message.Timestamp != ts || changed.PreviousMessage.Text != "how much leave?" {
		t.Errorf("got %+v", changed)
	}
	if mention := inner[*slackevents.AppMentionEvent](t, a.next(t, socketmode.EventTypeEventsAPI)); mention.TimeStamp != ts || mention.Edited == nil {
		t.Errorf("got %+v", mention)
	}
	w.Delete(w.lobby, ts)
	deleted := inner[*slackevents.MessageEvent](t, a.next(t, socketmode.EventTypeEventsAPI))
	if deleted.SubType != "message_deleted" || deleted.DeletedTimeStamp != ts {
		t.Errorf("got %+v", deleted)
	}
}

func TestTheBotsOwnMessagesComeBack(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	_, ts, err := w.api.PostMessageContext(t.Context(), w.lobby, text("I am here"))
	wantError(t, err, "")
	if m := inner[*slackevents.MessageEvent](t, a.next(t, socketmode.EventTypeEventsAPI)); m.TimeStamp != ts || m.BotID != w.BotID || m.User != w.Bot {
		t.Errorf("got %+v", m)
	}
}

func TestWhatIsNotAcknowledgedComesAgain(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	ts := w.Say(w.anna, w.lobby, "hello", "")
	first := a.next(t, socketmode.EventTypeEventsAPI)
	w.Clock.Advance(3 * time.Second) // the time for an acknowledgement
	again := a.awaitRetry(t, w, 0)
	if again.Request.EnvelopeID != first.Request.EnvelopeID || again.Request.RetryAttempt != 1 || again.Request.RetryReason != "timeout" {
		t.Errorf("got %+v", again.Request)
	}
	a.ack(t, again)
	e := w.AwaitAcked(again.Request.EnvelopeID)
	if e.Tries != 2 || e.About != ts || e.Lost {
		t.Errorf("got %+v", e)
	}
	w.Clock.Advance(time.Hour)
	if e := w.AwaitAcked(e.ID); e.Tries != 2 {
		t.Errorf("after the acknowledgement it came again: %+v", e)
	}
}

// awaitRetry waits for the next delivery of an event, which the clock brings
// after step; timers run beside the test, so it may take more than one.
func (a *app) awaitRetry(t *testing.T, w *world, step time.Duration) socketmode.Event {
	t.Helper()
	for {
		select {
		case e := <-a.events:
			if e.Type == socketmode.EventTypeEventsAPI {
				return e
			}
		case <-t.Context().Done():
			t.Fatal("no delivery")
		default:
			w.Clock.Advance(step)
		}
	}
}

func TestEventIsGivenUpAfterFourTries(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	w.Say(w.anna, w.lobby, "hello", "")
	var attempts []int
	for range 4 {
		attempts = append(attempts, a.awaitRetry(t, w, time.Minute).Request.RetryAttempt)
	}
	if diff := cmp.Diff([]int{0, 1, 2, 3}, attempts); diff != "" {
		t.Error(diff)
	}
	w.Clock.Advance(time.Minute)
	w.Await("the event is given up", func() bool { return w.Envelopes("message")[0].Lost })
}

func TestEventWaitsForASocket(t *testing.T) {
	w := startWith(t, slackserver.Options{NoRates: true, Speed: 1_000})
	ts := w.Say(w.anna, w.lobby, "hello", "")
	a := connect(t, w)
	e := a.next(t, socketmode.EventTypeEventsAPI)
	if m := inner[*slackevents.MessageEvent](t, e); m.TimeStamp != ts || e.Request.RetryAttempt == 0 {
		t.Errorf("got %+v, retry %d", m, e.Request.RetryAttempt)
	}
}

func TestCommandIsNotRepeated(t *testing.T) {
	w := start(t)
	connect(t, w)
	act := w.Slash(w.anna, w.lobby, "/summit", "help")
	w.Clock.Advance(3 * time.Second)
	w.Await("the command is given up", func() bool { return w.Envelopes("slash_commands")[0].Lost })
	if e := w.Envelopes("slash_commands")[0]; e.Tries != 1 || e.ID != act.Envelope {
		t.Errorf("got %+v", e)
	}
}

func TestRedeliverRepeatsWhatWasAcknowledged(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	w.Say(w.anna, w.lobby, "hello", "")
	first := a.next(t, socketmode.EventTypeEventsAPI)
	a.ack(t, first)
	w.AwaitAcked(first.Request.EnvelopeID)
	w.Redeliver(first.Request.EnvelopeID)
	if again := a.next(t, socketmode.EventTypeEventsAPI); again.Request.EnvelopeID != first.Request.EnvelopeID || again.Request.RetryAttempt != 1 {
		t.Errorf("got %+v", again.Request)
	}
}

func TestUnknownEventReachesTheAppAsABadMessage(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	id := w.UnknownEvent()
	bad, ok := a.next(t, socketmode.EventTypeErrorBadMessage).Data.(*socketmode.ErrorBadMessage)
	if !ok || !strings.Contains(string(bad.Message), id) {
		t.Fatalf("got %+v", bad)
	}
	if err := a.AckCtx(t.Context(), id, nil); err != nil {
		t.Fatal(err)
	}
	w.AwaitAcked(id)
}

func TestBigAcknowledgementIsIgnored(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	act := w.Slash(w.anna, w.lobby, "/summit", "help")
	a.next(t, socketmode.EventTypeSlashCommand)
	// The library refuses to send one, so it goes round the library's check.
	ticket, address, err := w.api.StartSocketModeContext(t.Context())
	if err != nil || ticket == nil {
		t.Fatal(err)
	}
	conn := dial(t, address)
	big, err := json.Marshal(map[string]any{"envelope_id": act.Envelope, "payload": map[string]any{"text": strings.Repeat("x", 20*1024)}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, conn, big)
	// The next frame of the same socket is taken, so the big one was seen.
	other := w.Slash(w.anna, w.lobby, "/summit", "sources")
	write(t, conn, []byte(`{"envelope_id":"`+other.Envelope+`"}`))
	w.AwaitAcked(other.Envelope)
	if e := w.Envelopes("slash_commands")[0]; e.Acked {
		t.Errorf("got %+v", e)
	}
}

func TestTicketOpensOneSocket(t *testing.T) {
	w := start(t)
	_, address, err := w.api.StartSocketModeContext(t.Context())
	wantError(t, err, "")
	dial(t, address)
	if status := refusedDial(t, address); status != 403 {
		t.Errorf("second use: status %d", status)
	}
}

func TestEleventhSocketIsTooMany(t *testing.T) {
	w := start(t)
	for range 10 {
		_, address, err := w.api.StartSocketModeContext(t.Context())
		wantError(t, err, "")
		dial(t, address)
	}
	w.AwaitSockets(10)
	_, address, err := w.api.StartSocketModeContext(t.Context())
	wantError(t, err, "")
	if got := string(read(t, dial(t, address))); !strings.Contains(got, `"too_many_websockets"`) {
		t.Errorf("got %s", got)
	}
}

func TestSocketsShareTheEvents(t *testing.T) {
	w := start(t)
	one, two := connect(t, w), connect(t, w)
	w.Say(w.anna, w.lobby, "first", "")
	w.Say(w.anna, w.lobby, "second", "")
	a := inner[*slackevents.MessageEvent](t, one.next(t, socketmode.EventTypeEventsAPI))
	b := inner[*slackevents.MessageEvent](t, two.next(t, socketmode.EventTypeEventsAPI))
	if a.Text == b.Text {
		t.Errorf("both got %q", a.Text)
	}
}

func TestClientComesBackAfterTheSocketEnds(t *testing.T) {
	for name, end := range map[string]func(*world){
		"refresh":     func(w *world) { w.Refresh() }, // the warning alone makes this client go
		"disconnect":  func(w *world) { w.Disconnect("refresh_requested") },
		"drop":        func(w *world) { w.DropSocket() },
		"too many":    func(w *world) { w.Disconnect("too_many_websockets") },
		"dropped url": func(w *world) { w.Fail("apps.connections.open", 1, slackserver.Fault{Status: 500}); w.DropSocket() },
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			a := connect(t, w)
			a.next(t, socketmode.EventTypeHello)
			end(w)
			a.next(t, socketmode.EventTypeHello)
			w.AwaitSockets(1)
			ts := w.Say(w.anna, w.lobby, "still there?", "")
			if m := inner[*slackevents.MessageEvent](t, a.awaitRetry(t, w, time.Minute)); m.TimeStamp != ts {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestDisabledLinkRefusesEverySocket(t *testing.T) {
	w := start(t)
	connect(t, w)
	w.Disconnect("link_disabled")
	w.AwaitCalls("apps.connections.open", 4) // the library comes again and again
	if got := w.Sockets(); got != 0 {
		t.Errorf("%d sockets are open", got)
	}
	w.EnableLink()
	w.AwaitSockets(1)
}

func TestDeafSocketIsFoundByItsMissingPings(t *testing.T) {
	// The server's PINGs come every 10 s of its clock, here every 10 ms; the
	// client gives up after 200 ms of the machine's time without one, or 400 ms.
	// The event is tried again until then.
	w := startWith(t, slackserver.Options{
		NoRates: true, Speed: 1_000, Limits: slackserver.Limits{Redeliver: repeat(1_000, time.Minute)},
	})
	quiet := log.New(io.Discard, "", 0)
	a := &app{Client: socketmode.New(w.api, socketmode.OptionLog(quiet), socketmode.OptionPingInterval(200*time.Millisecond))}
	a.events = a.Events
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = a.RunContext(t.Context()) // ends with the test
	}()
	t.Cleanup(func() { <-stopped })
	w.AwaitSockets(1)
	a.next(t, socketmode.EventTypeHello)
	w.Deaf()
	ts := w.Say(w.anna, w.lobby, "anybody?", "")
	e := a.next(t, socketmode.EventTypeEventsAPI)
	if m := inner[*slackevents.MessageEvent](t, e); m.TimeStamp != ts || e.Request.RetryAttempt == 0 {
		t.Errorf("got %+v, retry %d", m, e.Request.RetryAttempt)
	}
	if got := len(w.Calls("apps.connections.open")); got < 2 {
		t.Errorf("%d sockets were asked for", got)
	}
}

func TestRevokedAppTokenOpensNothing(t *testing.T) {
	w := start(t)
	w.RevokeToken(w.AppToken, "token_revoked")
	_, _, err := w.api.StartSocketModeContext(t.Context())
	wantError(t, err, "token_revoked")
	w = startWith(t, slackserver.Options{AppScopes: []string{"authorizations:read"}})
	_, _, err = w.api.StartSocketModeContext(t.Context())
	wantError(t, err, "missing_scope")
}

func TestOpeningTheAppsTabIsTold(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	w.OpenHome(w.anna, "messages")
	opened := inner[*slackevents.AppHomeOpenedEvent](t, a.next(t, socketmode.EventTypeEventsAPI))
	if opened.Tab != "messages" || opened.User != w.anna || opened.Channel != w.DM(w.anna) {
		t.Errorf("got %+v", opened)
	}
	w.Deliver(map[string]any{"type": "app_context_changed", "user": w.anna, "channel": w.DM(w.anna), "context": map[string]any{}})
	if changed := inner[*slackevents.AppContextChangedEvent](t, a.next(t, socketmode.EventTypeEventsAPI)); changed.User != w.anna {
		t.Errorf("got %+v", changed)
	}
}

func TestStopIsTold(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	thread := w.Say(w.anna, w.DM(w.anna), "a question", "")
	a.next(t, socketmode.EventTypeEventsAPI)
	w.Stop(w.anna, w.DM(w.anna), thread)
	if e := inner[*slackevents.AgentSessionStoppedEvent](t, a.next(t, socketmode.EventTypeEventsAPI)); e.ThreadTimestamp != thread || e.User != w.anna {
		t.Errorf("got %+v", e)
	}
}

var _ slackserver.TB = (*testing.B)(nil)
