package slackserver_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"summitbot/bot/slack/slackserver"
)

// webhook posts to a response URL, and returns the status of a refusal.
func webhook(t *testing.T, address string, m slack.WebhookMessage) int {
	t.Helper()
	err := slack.PostWebhookContext(t.Context(), address, &m)
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return status.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	return 200
}

func TestCommandCarriesWhereToAnswer(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	act := w.Slash(w.anna, w.board, "/summit", "how much leave?") // a channel without the bot
	got, ok := a.next(t, socketmode.EventTypeSlashCommand).Data.(slack.SlashCommand)
	if !ok || got.Command != "/summit" || got.Text != "how much leave?" || got.UserID != w.anna || got.ChannelID != w.board ||
		got.ResponseURL != act.ResponseURL || got.TriggerID != act.Trigger || got.TeamID != w.Team {
		t.Errorf("got %+v", got)
	}
	if status := webhook(t, act.ResponseURL, slack.WebhookMessage{Text: "28 days"}); status != 200 {
		t.Fatalf("status %d", status)
	}
	if m := w.Messages(w.board); len(m) != 1 || m[0].Only != w.anna || m[0].Text != "28 days" {
		t.Errorf("got %+v", m)
	}
}

func TestAcknowledgementMayAnswerACommand(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	w.Slash(w.anna, w.lobby, "/summit", "help")
	e := a.next(t, socketmode.EventTypeSlashCommand)
	a.ack(t, e, map[string]any{"text": "One moment."})
	m := w.AwaitMessage(w.lobby, "the answer stands", func(m slackserver.Message) bool { return m.By == "ack" })
	if m.Text != "One moment." || m.Only != w.anna {
		t.Errorf("got %+v", m)
	}
}

func TestResponseURLIsUsedUpByFivePosts(t *testing.T) {
	w := start(t)
	act := w.Slash(w.anna, w.lobby, "/summit", "x")
	if status := webhook(t, act.ResponseURL, slack.WebhookMessage{}); status != 400 {
		t.Errorf("a post without text: status %d", status)
	}
	for i := range 5 {
		if status := webhook(t, act.ResponseURL, slack.WebhookMessage{Text: "x"}); status != 200 {
			t.Fatalf("post %d: status %d", i+1, status)
		}
	}
	if status := webhook(t, act.ResponseURL, slack.WebhookMessage{Text: "x"}); status != 404 {
		t.Errorf("sixth post: status %d", status)
	}
	calls := w.Calls("response_url")
	if last := calls[len(calls)-1]; last.Error != "used_url" {
		t.Errorf("got %v", last)
	}
}

func TestResponseURLEndsAfterHalfAnHour(t *testing.T) {
	w := start(t)
	act := w.Slash(w.anna, w.lobby, "/summit", "x")
	w.Clock.Advance(30*time.Minute - time.Second)
	if status := webhook(t, act.ResponseURL, slack.WebhookMessage{Text: "x"}); status != 200 {
		t.Errorf("within: status %d", status)
	}
	w.Clock.Advance(time.Second)
	if status := webhook(t, act.ResponseURL, slack.WebhookMessage{Text: "x"}); status != 404 {
		t.Errorf("after: status %d", status)
	}
	if status := webhook(t, w.APIURL()+"../commands/nothing", slack.WebhookMessage{Text: "x"}); status != 404 {
		t.Errorf("one that never was: status %d", status)
	}
}

func TestResponseURLAnswersWhereItIsTold(t *testing.T) {
	w := start(t)
	root := w.Say(w.anna, w.lobby, "root", "")
	act := w.Slash(w.anna, w.lobby, "/summit", "x")
	post := func(m slack.WebhookMessage, want int) {
		t.Helper()
		if got := webhook(t, act.ResponseURL, m); got != want {
			t.Errorf("%+v: status %d, want %d", m, got, want)
		}
	}
	last := func() slackserver.Message { list := w.Messages(w.lobby); return list[len(list)-1] }

	post(slack.WebhookMessage{Text: "private", ThreadTimestamp: root}, 200)
	if m := last(); m.Only != w.anna || m.ThreadTS != "" {
		t.Errorf("without in_channel the thread is ignored: %+v", m)
	}
	post(slack.WebhookMessage{Text: "better", ReplaceOriginal: true}, 200)
	if m := last(); m.Text != "better" || m.Only != w.anna || m.Edits != 1 {
		t.Errorf("replaced: %+v", m)
	}
	post(slack.WebhookMessage{Text: "public", ResponseType: slack.ResponseTypeInChannel, ThreadTimestamp: root}, 200)
	if m := last(); m.Only != "" || m.ThreadTS != root {
		t.Errorf("in the channel: %+v", m)
	}
	post(slack.WebhookMessage{DeleteOriginal: true}, 200)
	for _, m := range w.Messages(w.lobby) {
		if m.Text == "better" {
			t.Errorf("not deleted: %+v", m)
		}
	}
	post(slack.WebhookMessage{Text: "x", ResponseType: "everywhere"}, 400)
	post(slack.WebhookMessage{Text: "x", Blocks: &slack.Blocks{BlockSet: repeat[slack.Block](51, slack.NewDividerBlock())}}, 400)
}

func TestResponseURLTakesWhatTheLibrarysOtherSenderSends(t *testing.T) {
	w := start(t)
	act := w.Slash(w.anna, w.lobby, "/summit", "x")
	_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text("hello"), slack.MsgOptionBlocks(section("hello")),
		slack.MsgOptionResponseURL(act.ResponseURL, slack.ResponseTypeEphemeral))
	wantError(t, err, "")
	if m := w.Messages(w.lobby); len(m) != 1 || m[0].Text != "hello" || m[0].BlockTexts() != "hello" {
		t.Errorf("got %+v", m)
	}
}

// answered posts a message with buttons.
func answered(t *testing.T, w *world) string {
	t.Helper()
	word := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	_, ts, err := w.api.PostMessageContext(t.Context(), w.lobby, text("28 days"), slack.MsgOptionBlocks(
		section("28 days"),
		slack.NewActionBlock("", button("sources", "Sources", "a1")),
		slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement("feedback",
			slack.NewFeedbackButton(word("Good"), "good"), slack.NewFeedbackButton(word("Bad"), "bad"))),
	))
	wantError(t, err, "")
	return ts
}

func TestClickCarriesItsButton(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	ts := answered(t, w)
	act := w.Click(w.anna, w.lobby, ts, "sources", "")
	got, ok := a.next(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
	if !ok || len(got.ActionCallback.BlockActions) != 1 {
		t.Fatalf("got %+v", got)
	}
	action := got.ActionCallback.BlockActions[0]
	if action.ActionID != "sources" || action.Value != "a1" || got.Container.MessageTs != ts || got.Channel.ID != w.lobby ||
		got.TriggerID != act.Trigger || got.ResponseURL != act.ResponseURL || got.User.ID != w.anna || got.Container.IsEphemeral {
		t.Errorf("got %+v, action %+v", got, action)
	}
	w.Click(w.anna, w.lobby, ts, "feedback", "bad")
	got, _ = a.next(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
	if action := got.ActionCallback.BlockActions[0]; action.Value != "bad" || action.ActionID != "feedback" {
		t.Errorf("got %+v", action)
	}
	if status := webhook(t, act.ResponseURL, slack.WebhookMessage{Text: "replaced", ReplaceOriginal: true}); status != 200 {
		t.Errorf("status %d", status)
	}
	if m, _ := w.Message(w.lobby, ts); m.Text != "replaced" || m.Blocks != nil {
		t.Errorf("got %+v", m)
	}
}

func TestShortcutCarriesTheMessage(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	ts := w.Say(w.anna, w.lobby, "leave is 28 days", "")
	act := w.Shortcut(w.anna, w.lobby, ts, "check")
	got, _ := a.next(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
	if got.Type != slack.InteractionTypeMessageAction || got.CallbackID != "check" || got.Message.Text != "leave is 28 days" ||
		got.MessageTs != ts || got.ResponseURL != act.ResponseURL {
		t.Errorf("got %+v", got)
	}
}

// modal is a view with one input.
func modal(title string) slack.ModalViewRequest {
	word := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: word(title), Submit: word("Send"), CallbackID: "why", PrivateMetadata: "a1",
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			section("Why?"),
			slack.NewActionBlock("more", button("more", "More", "m1")),
			slack.NewInputBlock("text", word("In your words"), nil, slack.NewPlainTextInputBlockElement(nil, "words")),
		}},
	}
}

func TestTriggerOpensOneViewWithinThreeSeconds(t *testing.T) {
	w := start(t)
	open := func(trigger string) error {
		_, err := w.api.OpenViewContext(t.Context(), trigger, modal("What was wrong?"))
		return err
	}
	act := w.Slash(w.anna, w.lobby, "/summit", "x")
	wantError(t, open("invented"), "invalid_trigger_id")
	wantError(t, open(act.Trigger), "")
	wantError(t, open(act.Trigger), "exchanged_trigger_id")
	late := w.Slash(w.anna, w.lobby, "/summit", "x")
	w.Clock.Advance(3*time.Second + time.Millisecond)
	wantError(t, open(late.Trigger), "expired_trigger_id")
	if got := w.Views(w.anna); len(got) != 1 || got[0].Title != "What was wrong?" || got[0].PrivateMetadata != "a1" {
		t.Errorf("got %+v", got)
	}
}

func TestViewsRefuseWhatSlackRefuses(t *testing.T) {
	w := start(t)
	for name, c := range map[string]struct {
		change func(*slack.ModalViewRequest)
		want   string
	}{
		"long title":             {func(v *slack.ModalViewRequest) { v.Title.Text = strings.Repeat("x", 25) }, "invalid_arguments"},
		"no title":               {func(v *slack.ModalViewRequest) { v.Title = nil }, "invalid_arguments"},
		"long metadata":          {func(v *slack.ModalViewRequest) { v.PrivateMetadata = strings.Repeat("x", 3_001) }, "invalid_arguments"},
		"no submit":              {func(v *slack.ModalViewRequest) { v.Submit = nil }, "invalid_arguments"},
		"101 blocks":             {func(v *slack.ModalViewRequest) { v.Blocks.BlockSet = repeat[slack.Block](101, slack.NewDividerBlock()) }, "invalid_arguments"},
		"markdown":               {func(v *slack.ModalViewRequest) { v.Blocks.BlockSet[0] = slack.NewMarkdownBlock("", "x") }, "invalid_arguments"},
		"no modal":               {func(v *slack.ModalViewRequest) { v.Type = slack.VTHomeTab }, "invalid_arguments"},
		"more than 250 kB":       {func(v *slack.ModalViewRequest) { v.Blocks.BlockSet = repeat(90, section(strings.Repeat("x", 2_900))) }, "view_too_large"},
		"100 blocks":             {func(v *slack.ModalViewRequest) { v.Blocks.BlockSet = repeat[slack.Block](100, slack.NewDividerBlock()) }, ""},
		"3,000 of metadata":      {func(v *slack.ModalViewRequest) { v.PrivateMetadata = strings.Repeat("x", 3_000) }, ""},
		"a title of 24, just so": {func(v *slack.ModalViewRequest) { v.Title.Text = strings.Repeat("x", 24) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			view := modal("What was wrong?")
			c.change(&view)
			_, err := w.api.OpenViewContext(t.Context(), w.Slash(w.anna, w.lobby, "/summit", "x").Trigger, view)
			wantError(t, err, c.want)
		})
	}
}

func TestViewIsUpdatedPushedAndSubmitted(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	opened, err := w.api.OpenViewContext(t.Context(), w.Slash(w.anna, w.lobby, "/summit", "x").Trigger, modal("First"))
	wantError(t, err, "")
	_, err = w.api.UpdateViewContext(t.Context(), modal("Second"), "", "stale", opened.ID)
	wantError(t, err, "hash_conflict")
	_, err = w.api.UpdateViewContext(t.Context(), modal("Second"), "", opened.Hash, opened.ID)
	wantError(t, err, "")
	_, err = w.api.UpdateViewContext(t.Context(), modal("Second"), "", "", "V404")
	wantError(t, err, "not_found")
	if got := w.Views(w.anna); len(got) != 1 || got[0].Title != "Second" || got[0].Updates != 1 {
		t.Errorf("got %+v", got)
	}

	push := func(view string) (string, error) {
		act := w.ClickView(view, "more", "")
		got, _ := a.next(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
		if got.View.ID != view || got.ActionCallback.BlockActions[0].Value != "m1" {
			t.Errorf("got %+v", got)
		}
		pushed, err := w.api.PushViewContext(t.Context(), act.Trigger, modal("Above"))
		if err != nil {
			return "", err
		}
		return pushed.ID, nil
	}
	second, err := push(opened.ID)
	wantError(t, err, "")
	third, err := push(second)
	wantError(t, err, "")
	_, err = push(third)
	wantError(t, err, "push_limit_reached")
	_, err = w.api.PushViewContext(t.Context(), w.Slash(w.anna, w.lobby, "/summit", "x").Trigger, modal("Above"))
	wantError(t, err, "not_found")

	submit := func(view string, answer any) slack.InteractionCallback {
		act := w.Submit(view, map[string]map[string]any{"text": {"words": map[string]any{"type": "plain_text_input", "value": "wrong year"}}})
		e := a.next(t, socketmode.EventTypeInteractive)
		got, _ := e.Data.(slack.InteractionCallback)
		a.ack(t, e, answer)
		w.AwaitAcked(act.Envelope)
		return got
	}
	got := submit(third, slack.NewErrorsViewSubmissionResponse(map[string]string{"text": "too short"}))
	if got.Type != slack.InteractionTypeViewSubmission || got.View.State.Values["text"]["words"].Value != "wrong year" || got.View.PrivateMetadata != "a1" {
		t.Errorf("got %+v", got)
	}
	if v := w.AwaitView(w.anna, "the error is shown", func(v slackserver.View) bool { return len(v.Errors) == 1 }); v.ID != third {
		t.Errorf("got %+v", v)
	}
	submit(third, nil)
	if got := w.Views(w.anna); len(got) != 2 {
		t.Errorf("after a submission %d views are open, want 2", len(got))
	}
	next := modal("Thanks")
	submit(second, slack.NewUpdateViewSubmissionResponse(&next))
	w.AwaitView(w.anna, "the view says thanks", func(v slackserver.View) bool { return v.ID == second && v.Title == "Thanks" })
	submit(second, slack.NewClearViewSubmissionResponse())
	if got := w.Views(w.anna); len(got) != 0 {
		t.Errorf("after clear %d views are open", len(got))
	}
}

func TestClosingAViewIsToldIfAskedFor(t *testing.T) {
	w := start(t)
	a := connect(t, w)
	view := modal("First")
	view.NotifyOnClose = true
	opened, err := w.api.OpenViewContext(t.Context(), w.Slash(w.anna, w.lobby, "/summit", "x").Trigger, view)
	wantError(t, err, "")
	w.CloseView(opened.ID)
	if got, _ := a.next(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback); got.Type != slack.InteractionTypeViewClosed {
		t.Errorf("got %+v", got)
	}
}

func TestExternalIDsAreUnique(t *testing.T) {
	w := start(t)
	view := modal("First")
	view.ExternalID = "one"
	_, err := w.api.OpenViewContext(t.Context(), w.Slash(w.anna, w.lobby, "/summit", "x").Trigger, view)
	wantError(t, err, "")
	_, err = w.api.OpenViewContext(t.Context(), w.Slash(w.anna, w.lobby, "/summit", "x").Trigger, view)
	wantError(t, err, "duplicate_external_id")
	_, err = w.api.UpdateViewContext(t.Context(), view, "one", "", "")
	wantError(t, err, "")
}
