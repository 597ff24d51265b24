package slackserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"summitbot/bot/slack/slackserver"
)

// stream starts a stream in a new thread and returns the thread and its time.
func stream(t *testing.T, w *world, options ...slack.MsgOption) (thread, ts string) {
	t.Helper()
	thread = w.Say(w.anna, w.lobby, "a question", "")
	options = append(options, slack.MsgOptionTS(thread), slack.MsgOptionRecipientUserID(w.anna), slack.MsgOptionRecipientTeamID(w.Team))
	_, ts, err := w.api.StartStreamContext(t.Context(), w.lobby, options...)
	wantError(t, err, "")
	return thread, ts
}

func appendText(t *testing.T, w *world, ts, body string) error {
	t.Helper()
	_, _, err := w.api.AppendStreamContext(t.Context(), w.lobby, ts, slack.MsgOptionMarkdownText(body))
	return err
}

func TestStreamGrowsAndStops(t *testing.T) {
	w := start(t)
	thread, ts := stream(t, w, slack.MsgOptionMarkdownText("One. "))
	wantError(t, appendText(t, w, ts, "Two. "), "")
	if got := w.Thread(w.lobby, thread).Session; got != "processing" {
		t.Errorf("session while streaming: %q", got)
	}
	_, _, err := w.api.StopStreamContext(t.Context(), w.lobby, ts, slack.MsgOptionMarkdownText("Three."),
		slack.MsgOptionBlocks(section("Sources")), slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"key": "k"}}))
	wantError(t, err, "")
	m, _ := w.Message(w.lobby, ts)
	if m.Markdown != "One. Two. Three." || m.BlockTexts() != "Sources" || m.Stream != slackserver.Stopped || !strings.Contains(string(m.Metadata), `"k"`) {
		t.Errorf("got %+v", m)
	}
	if got := w.Thread(w.lobby, thread).Sessions; !cmp.Equal(got, []string{"processing", "active"}) {
		t.Errorf("sessions: %q", got)
	}
	wantError(t, appendText(t, w, ts, "Four."), "message_not_in_streaming_state")
	_, _, err = w.api.StopStreamContext(t.Context(), w.lobby, ts)
	wantError(t, err, "message_not_in_streaming_state")
	_, _, _, err = w.api.UpdateMessageContext(t.Context(), w.lobby, ts, text("all new"))
	wantError(t, err, "")
}

func TestStreamRefusesWhatSlackRefuses(t *testing.T) {
	w := start(t)
	thread := w.Say(w.anna, w.lobby, "a question", "")
	user, team, in := slack.MsgOptionRecipientUserID(w.anna), slack.MsgOptionRecipientTeamID(w.Team), slack.MsgOptionTS(thread)
	long := slack.MsgOptionMarkdownText(strings.Repeat("x", 12_001))
	for name, c := range map[string]struct {
		channel string
		options []slack.MsgOption
		want    string
	}{
		"no recipient":         {w.lobby, []slack.MsgOption{in, team}, "missing_recipient_user_id"},
		"no recipient's team":  {w.lobby, []slack.MsgOption{in, user}, "missing_recipient_team_id"},
		"nobody's id":          {w.lobby, []slack.MsgOption{in, team, slack.MsgOptionRecipientUserID("U404")}, "user_not_found"},
		"no thread in a DM":    {w.DM(w.anna), []slack.MsgOption{user, team}, "invalid_thread_ts"},
		"unknown channel":      {"C404", []slack.MsgOption{in, user, team}, "channel_not_found"},
		"long text":            {w.lobby, []slack.MsgOption{in, user, team, long}, "msg_too_long"},
		"chunks and text":      {w.lobby, []slack.MsgOption{in, user, team, slack.MsgOptionMarkdownText("x"), slack.MsgOptionChunks(slack.NewMarkdownTextChunk("y"))}, "markdown_text_conflict"},
		"a task without title": {w.lobby, []slack.MsgOption{in, user, team, slack.MsgOptionChunks(slack.NewTaskUpdateChunk("1", ""))}, "invalid_chunks"},
		"a plan without title": {w.lobby, []slack.MsgOption{in, user, team, slack.MsgOptionChunks(slack.NewPlanUpdateChunk(""))}, "invalid_chunks"},
		"51 blocks":            {w.lobby, []slack.MsgOption{in, user, team, slack.MsgOptionChunks(slack.NewBlocksChunk(repeat[slack.Block](51, slack.NewDividerBlock())...))}, "invalid_blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := w.api.StartStreamContext(t.Context(), c.channel, c.options...)
			wantError(t, err, c.want)
		})
	}
	t.Run("appending", func(t *testing.T) {
		_, ts := stream(t, w)
		wantError(t, appendText(t, w, ts, ""), "no_text")
		wantError(t, appendText(t, w, ts, strings.Repeat("x", 12_001)), "msg_too_long")
		wantError(t, appendText(t, w, "1700000000.000001", "x"), "message_not_found")
		wantError(t, appendText(t, w, thread, "x"), "message_not_owned_by_app")
	})
	t.Run("stopping", func(t *testing.T) {
		_, ts := stream(t, w)
		_, _, err := w.api.StopStreamContext(t.Context(), w.lobby, ts, slack.MsgOptionBlocks(repeat[slack.Block](51, slack.NewDividerBlock())...))
		wantError(t, err, "invalid_blocks")
		_, _, err = w.api.StopStreamContext(t.Context(), w.lobby, ts)
		wantError(t, err, "")
	})
}

func TestStreamTakesChunks(t *testing.T) {
	w := start(t)
	_, ts := stream(t, w)
	_, _, err := w.api.AppendStreamContext(t.Context(), w.lobby, ts, slack.MsgOptionChunks(
		slack.NewMarkdownTextChunk("One. "), slack.NewTaskUpdateChunk("1", "Searching"), slack.NewPlanUpdateChunk("Plan"),
		slack.NewBlocksChunk(slack.NewAlertBlock(slack.NewTextBlockObject(slack.PlainTextType, "careful", false, false)))))
	wantError(t, err, "")
	if m, _ := w.Message(w.lobby, ts); m.Markdown != "One. " || len(m.Chunks) != 4 {
		t.Errorf("got %+v", m)
	}
}

func TestStreamCannotBeUpdatedWhileItRuns(t *testing.T) {
	w := start(t)
	_, ts := stream(t, w)
	_, _, _, err := w.api.UpdateMessageContext(t.Context(), w.lobby, ts, text("x"))
	wantError(t, err, "streaming_state_conflict")
}

func TestStreamExpires(t *testing.T) {
	w := start(t)
	_, ts := stream(t, w)
	w.Clock.Advance(305 * time.Second)
	wantError(t, appendText(t, w, ts, "x"), "")
	w.Clock.Advance(time.Second)
	w.AwaitMessage(w.lobby, "the stream is given up", func(m slackserver.Message) bool { return m.Stream == slackserver.Expired })
	wantError(t, appendText(t, w, ts, "y"), "message_not_in_streaming_state")
	_, _, _, err := w.api.UpdateMessageContext(t.Context(), w.lobby, ts, text("the rest"))
	wantError(t, err, "")
}

func TestStopButtonHaltsTheStream(t *testing.T) {
	w := start(t)
	thread, ts := stream(t, w, slack.MsgOptionMarkdownText("One."))
	w.Stop(w.anna, w.lobby, thread)
	wantError(t, appendText(t, w, ts, "Two."), "stopped_by_user")
	_, _, err := w.api.StopStreamContext(t.Context(), w.lobby, ts)
	wantError(t, err, "stopped_by_user")
	if got := w.Envelopes("agent_session_stopped"); len(got) != 1 || !strings.Contains(string(got[0].Payload), ts) {
		t.Errorf("told the app: %+v", got)
	}
}

func TestThreadStatusIsSeenUntilItClears(t *testing.T) {
	w := start(t)
	thread := w.Say(w.anna, w.lobby, "a question", "")
	set := func(status string, loading ...string) error {
		return w.api.SetAssistantThreadsStatusContext(t.Context(), slack.AssistantThreadsSetStatusParameters{
			ChannelID: w.lobby, ThreadTS: thread, Status: status, LoadingMessages: loading,
		})
	}
	status := func() string { return w.Thread(w.lobby, thread).Status }
	wantError(t, set("is reading"), "")
	if status() != "is reading" {
		t.Errorf("got %q", status())
	}
	w.Clock.Advance(2 * time.Minute)
	if status() != "" {
		t.Errorf("after two minutes: %q", status())
	}
	wantError(t, set("is reading"), "")
	_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text("x"), slack.MsgOptionTS(thread))
	wantError(t, err, "")
	if status() != "" {
		t.Errorf("after a reply: %q", status())
	}
	wantError(t, set("is reading", repeat(11, "wait")...), "invalid_arguments")
	wantError(t, set("is reading", "first, second"), "")
	if got := w.Thread(w.lobby, thread).Loading; len(got) != 2 {
		t.Errorf("a comma does not part a loading message: %q", got)
	}
	err = w.api.SetAssistantThreadsStatusContext(t.Context(), slack.AssistantThreadsSetStatusParameters{ChannelID: w.lobby, Status: "x"})
	wantError(t, err, "invalid_arguments")
	err = w.api.SetAssistantThreadsStatusContext(t.Context(), slack.AssistantThreadsSetStatusParameters{ChannelID: w.lobby, ThreadTS: "1700000000.000001", Status: "x"})
	wantError(t, err, "invalid_thread_ts")
	wantError(t, w.api.SetAssistantThreadsTitleContext(t.Context(), slack.AssistantThreadsSetTitleParameters{ChannelID: w.lobby, ThreadTS: thread, Title: "Tea"}), "")
	if got := w.Thread(w.lobby, thread).Title; got != "Tea" {
		t.Errorf("title: %q", got)
	}
}

func TestAgentSessionsAreForAgents(t *testing.T) {
	for _, agent := range []bool{true, false} {
		w := startWith(t, slackserver.Options{NoAgent: !agent, NoRates: true})
		dm := w.DM(w.anna)
		thread := w.Say(w.anna, dm, "a question", "")
		set := func(status string) error {
			_, err := w.api.SetAgentSessionStatusContext(t.Context(), slack.AgentSessionSetStatusParameters{ChannelID: dm, ThreadTS: thread, Status: status})
			return err
		}
		if !agent {
			wantError(t, set("processing"), "not_authorized")
			continue
		}
		wantError(t, set("processing"), "")
		_, _, err := w.api.PostMessageContext(t.Context(), dm, text("x"), slack.MsgOptionTS(thread))
		wantError(t, err, "")
		if got := w.Thread(dm, thread).Session; got != "processing" {
			t.Errorf("a message must not end the session's work: %q", got)
		}
		wantError(t, set("thinking"), "invalid_arguments")
	}
}

func TestSuggestedPrompts(t *testing.T) {
	w := start(t)
	dm := w.DM(w.anna)
	thread := w.Say(w.anna, dm, "hello", "")
	set := func(api *slack.Client, thread string, n int) error {
		params := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: dm, ThreadTS: thread}
		for range n {
			params.AddPrompt("Leave", "How much leave have I got?")
		}
		return api.SetAssistantThreadsSuggestedPromptsContext(t.Context(), params)
	}
	wantError(t, set(w.api, thread, 3), "")
	if got := w.SuggestedPrompts(w.anna).Prompts; len(got) != 0 {
		t.Errorf("an agent's prompts with a thread have no effect, but got %v", got)
	}
	wantError(t, set(w.api, "", 4), "")
	if got := w.SuggestedPrompts(w.anna).Prompts; len(got) != 4 {
		t.Errorf("got %v", got)
	}
	wantError(t, set(w.api, "", 5), "invalid_arguments")
	wantError(t, set(w.api, "", 0), "invalid_arguments")
}
