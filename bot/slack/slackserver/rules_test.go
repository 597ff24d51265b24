package slackserver_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"summitbot/bot/slack/slackserver"
)

func TestAStreamHasRoomForOneMessage(t *testing.T) {
	w := start(t)
	_, ts := stream(t, w, slack.MsgOptionMarkdownText(strings.Repeat("x", 11_000)))
	wantError(t, appendText(t, w, ts, strings.Repeat("x", 1_001)), "msg_too_long")
	_, _, err := w.api.StopStreamContext(t.Context(), w.lobby, ts, slack.MsgOptionMarkdownText(strings.Repeat("x", 1_001)))
	wantError(t, err, "msg_too_long")
	wantError(t, appendText(t, w, ts, strings.Repeat("x", 1_000)), "")
	_, _, err = w.api.StopStreamContext(t.Context(), w.lobby, ts)
	wantError(t, err, "")
}

func TestASessionIsNotProcessingForEver(t *testing.T) {
	w := start(t)
	dm := w.DM(w.anna)
	thread := w.Say(w.anna, dm, "a question", "")
	_, err := w.api.SetAgentSessionStatusContext(t.Context(), slack.AgentSessionSetStatusParameters{ChannelID: dm, ThreadTS: thread, Status: "processing"})
	wantError(t, err, "")
	w.Clock.Advance(time.Hour - time.Second)
	if got := w.Thread(dm, thread).Session; got != "processing" {
		t.Errorf("within the hour: %q", got)
	}
	w.Clock.Advance(time.Second)
	if got := w.Thread(dm, thread).Session; got != "active" {
		t.Errorf("after an hour: %q", got)
	}
}

func TestAWorkspaceTakesSeveralHundredMessagesAMinute(t *testing.T) {
	w := startWith(t, slackserver.Options{Stopped: true, PostBurst: 1_000})
	post := func(i int) error {
		_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text(fmt.Sprint(i)))
		return err
	}
	for i := range 300 {
		wantError(t, post(i), "")
	}
	limited, ok := errors.AsType[*slack.RateLimitedError](post(300))
	if !ok || limited.RetryAfter != time.Minute {
		t.Errorf("got %v", limited)
	}
	w.Clock.Advance(time.Minute)
	wantError(t, post(301), "")
}

func TestAResponseURLNamesAThreadOnlyWithReplaceOriginalFalse(t *testing.T) {
	w := start(t)
	root := w.Say(w.anna, w.lobby, "root", "")
	url := w.Slash(w.anna, w.lobby, "/summit", "x").ResponseURL
	for more, want := range map[string]string{`,"replace_original":false`: root, ``: ""} {
		body := fmt.Sprintf(`{"text":"x","response_type":"in_channel","thread_ts":%q%s}`, root, more)
		if status, code := raw(t, url, asJSON, "", body); status != http.StatusOK || code != "" {
			t.Fatalf("%s: %d %s", body, status, code)
		}
		list := w.Messages(w.lobby)
		if got := list[len(list)-1].ThreadTS; got != want {
			t.Errorf("%s: in thread %q, want %q", body, got, want)
		}
	}
}

func TestMetadataStaysUntilItIsReplaced(t *testing.T) {
	w := start(t)
	meta := func(key string) slack.MsgOption {
		return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"key": key}})
	}
	_, ts, err := w.api.PostMessageContext(t.Context(), w.lobby, text("x"), meta("one"))
	wantError(t, err, "")
	for _, tt := range []struct {
		name, params, want string
	}{
		{"an update without", "text=y", `"one"`},
		{"an update with other", `text=y&metadata={"event_type":"answer","event_payload":{"key":"two"}}`, `"two"`},
		{"an update with empty", `text=y&metadata={}`, ""},
	} {
		body := "channel=" + w.lobby + "&ts=" + ts + "&" + tt.params
		if _, code := raw(t, w.APIURL()+"chat.update", asForm, w.BotToken, body); code != "" {
			t.Fatalf("%s: %s", tt.name, code)
		}
		m, _ := w.Message(w.lobby, ts)
		if got := string(m.Metadata); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
	// An ephemeral message and the start of a stream keep none.
	_, err = w.api.PostEphemeralContext(t.Context(), w.lobby, w.anna, text("whispered"), meta("k"))
	wantError(t, err, "")
	_, streamed := stream(t, w, slack.MsgOptionMarkdownText("streamed"), meta("k"))
	for _, m := range w.Messages(w.lobby) {
		if (m.TS == streamed || m.Text == "whispered") && m.Metadata != nil {
			t.Errorf("%q has metadata %s", m.Text, m.Metadata)
		}
	}
}

func TestWhetherLinksUnfoldIsRecorded(t *testing.T) {
	w := start(t)
	post := func(options ...slack.MsgOption) slackserver.Message {
		_, ts, err := w.api.PostMessageContext(t.Context(), w.lobby, append(options, text("https://example.com"))...)
		wantError(t, err, "")
		m, _ := w.Message(w.lobby, ts)
		return m
	}
	if m := post(); m.UnfurlLinks == "false" || m.UnfurlMedia == "false" {
		t.Errorf("nothing was said: %q, %q", m.UnfurlLinks, m.UnfurlMedia)
	}
	if m := post(slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()); m.UnfurlLinks != "false" || m.UnfurlMedia != "false" {
		t.Errorf("switched off: %q, %q", m.UnfurlLinks, m.UnfurlMedia)
	}
	_, ts := stream(t, w)
	if m, _ := w.Message(w.lobby, ts); m.UnfurlLinks != "false" || m.UnfurlMedia != "false" {
		t.Errorf("a stream never unfolds: %q, %q", m.UnfurlLinks, m.UnfurlMedia)
	}
}

func TestAMutedSocketSaysNoHello(t *testing.T) {
	w := start(t)
	w.Mute(true)
	_, address, err := client(w.Server).StartSocketModeContext(t.Context())
	wantError(t, err, "")
	conn := dial(t, address)
	w.AwaitSockets(1)
	ts := w.Say(w.anna, w.lobby, "x", "")
	if got := string(read(t, conn)); strings.Contains(got, "hello") || !strings.Contains(got, ts) {
		t.Errorf("the first frame is %s", got)
	}
}

func TestEachEditHasATimeOfItsOwn(t *testing.T) {
	w := start(t)
	ts := w.Say(w.anna, w.lobby, "one", "")
	var times []string
	for _, said := range []string{"two", "three"} {
		w.Edit(w.lobby, ts, said)
		r, err := w.api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: w.lobby})
		wantError(t, err, "")
		times = append(times, r.Messages[0].Edited.Timestamp)
	}
	if times[0] <= ts || times[1] <= times[0] {
		t.Errorf("said at %s, edited at %q", ts, times)
	}
}
