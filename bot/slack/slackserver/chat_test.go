package slackserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"summitbot/bot/slack/slackserver"
)

// world is a workspace with one person and one channel that the bot is in.
type world struct {
	*slackserver.Server
	api   *slack.Client
	anna  string
	board string // a private channel without the bot
	lobby string
}

// start starts a workspace without rate limits, whose clock moves by Advance.
func start(t *testing.T) *world {
	t.Helper()
	return startWith(t, slackserver.Options{NoRates: true, Stopped: true})
}

func startWith(t *testing.T, o slackserver.Options) *world {
	t.Helper()
	s := slackserver.Start(t, o)
	w := &world{Server: s, api: client(s)}
	w.anna = s.User("anna")
	w.lobby = s.AddChannel("lobby", slackserver.Public, w.anna)
	w.board = s.AddChannel("board", slackserver.Private, w.anna)
	s.Kick(w.board, s.Bot)
	return w
}

func client(s *slackserver.Server) *slack.Client {
	return slack.New(s.BotToken, slack.OptionAppLevelToken(s.AppToken), slack.OptionAPIURL(s.APIURL()))
}

// wantError fails unless err is Slack's error code; "" wants none.
func wantError(t *testing.T, err error, code string) {
	t.Helper()
	got := ""
	if refusal, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		got = refusal.Err
	} else if err != nil {
		got = err.Error()
	}
	if got != code {
		t.Errorf("error: got %q, want %q", got, code)
	}
}

func text(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }

func section(s string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, s, false, false), nil, nil)
}

func button(action, label, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, slack.NewTextBlockObject(slack.PlainTextType, label, false, false))
}

func repeat[T any](n int, v T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}

func TestAuthTestNamesTheBotAndItsScopes(t *testing.T) {
	w := start(t)
	got, err := w.api.AuthTestContext(t.Context())
	wantError(t, err, "")
	if got.UserID != w.Bot || got.BotID != w.BotID || got.TeamID != w.Team {
		t.Errorf("got %+v", got)
	}
	if scopes := got.Header.Get("X-Oauth-Scopes"); !strings.Contains(scopes, "chat:write") {
		t.Errorf("scopes in the header: %q", scopes)
	}
}

func TestTokensAreChecked(t *testing.T) {
	w := start(t)
	post := func(token string) error {
		_, _, err := slack.New(token, slack.OptionAPIURL(w.APIURL())).PostMessageContext(t.Context(), w.lobby, text("hello"))
		return err
	}
	wantError(t, post(""), "not_authed")
	wantError(t, post("xoxb-wrong"), "invalid_auth")
	wantError(t, post(w.AppToken), "not_allowed_token_type")
	_, _, err := slack.New(w.BotToken, slack.OptionAppLevelToken(w.BotToken), slack.OptionAPIURL(w.APIURL())).StartSocketModeContext(t.Context())
	wantError(t, err, "not_allowed_token_type")
	w.RevokeToken(w.BotToken, "token_revoked")
	wantError(t, post(w.BotToken), "token_revoked")
	w.RevokeToken(w.BotToken, "")
	wantError(t, post(w.BotToken), "")
}

func TestJSONCarriesNoToken(t *testing.T) {
	w := start(t)
	body := `{"token":"` + w.BotToken + `","channel":"` + w.lobby + `","text":"hello"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.APIURL()+"chat.postMessage", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if answer["error"] != "not_authed" {
		t.Errorf("got %v", answer)
	}
}

func TestMissingScopeSaysWhichAndWhatThereIs(t *testing.T) {
	w := start(t)
	w.SetScopes("users:read", "commands")
	_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text("hello"))
	refusal, ok := errors.AsType[slack.SlackErrorResponse](err)
	if !ok || refusal.Err != "missing_scope" || refusal.Needed != "chat:write" || refusal.Provided != "users:read,commands" {
		t.Errorf("got %#v", err)
	}
	_, _, _, err = w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: w.lobby, Timestamp: "1"})
	if refusal, _ := errors.AsType[slack.SlackErrorResponse](err); refusal.Needed != "channels:history" {
		t.Errorf("got %#v", err)
	}
}

func TestUnknownMethodIsRefused(t *testing.T) {
	w := start(t)
	wantError(t, w.api.AddReactionContext(t.Context(), "eyes", slack.ItemRef{}), "unknown_method")
}

func TestPostMessageRefusesWhatSlackRefuses(t *testing.T) {
	w := start(t)
	outside := w.AddChannel("outside", slackserver.Public)
	w.Kick(outside, w.Bot)
	attic := w.AddChannel("attic", slackserver.Public)
	w.Archive(attic)
	root := w.Say(w.anna, w.lobby, "a question", "")
	_, reply, err := w.api.PostMessageContext(t.Context(), w.lobby, text("an answer"), slack.MsgOptionTS(root))
	wantError(t, err, "")

	long := slack.MsgOptionMarkdownText(strings.Repeat("x", 12_001))
	for name, c := range map[string]struct {
		channel string
		options []slack.MsgOption
		want    string
	}{
		"unknown channel":           {"C404", []slack.MsgOption{text("x")}, "channel_not_found"},
		"private channel, not in":   {w.board, []slack.MsgOption{text("x")}, "channel_not_found"},
		"public channel, not in":    {outside, []slack.MsgOption{text("x")}, "not_in_channel"},
		"archived":                  {attic, []slack.MsgOption{text("x")}, "is_archived"},
		"nothing to say":            {w.lobby, nil, "no_text"},
		"only empty blocks":         {w.lobby, []slack.MsgOption{slack.MsgOptionBlocks()}, "no_text"},
		"thread that is no time":    {w.lobby, []slack.MsgOption{text("x"), slack.MsgOptionTS("yesterday")}, "invalid_thread_ts"},
		"thread that is not there":  {w.lobby, []slack.MsgOption{text("x"), slack.MsgOptionTS("1700000000.000001")}, "thread_not_found"},
		"thread of a reply":         {w.lobby, []slack.MsgOption{text("x"), slack.MsgOptionTS(reply)}, "cannot_reply_to_message"},
		"markdown and text":         {w.lobby, []slack.MsgOption{text("x"), slack.MsgOptionMarkdownText("y")}, "markdown_text_conflict"},
		"markdown and blocks":       {w.lobby, []slack.MsgOption{slack.MsgOptionBlocks(section("x")), slack.MsgOptionMarkdownText("y")}, "markdown_text_conflict"},
		"long markdown":             {w.lobby, []slack.MsgOption{long}, "msg_too_long"},
		"51 blocks":                 {w.lobby, []slack.MsgOption{slack.MsgOptionBlocks(repeat[slack.Block](51, slack.NewDividerBlock())...)}, "invalid_blocks"},
		"blocks with too much text": {w.lobby, []slack.MsgOption{slack.MsgOptionBlocks(repeat(5, section(strings.Repeat("x", 2_900)))...)}, "msg_blocks_too_long"},
		"metadata without a type":   {w.lobby, []slack.MsgOption{text("x"), slack.MsgOptionMetadata(slack.SlackMetadata{EventPayload: map[string]any{}})}, "invalid_metadata_schema"},
		"metadata without payload":  {w.lobby, []slack.MsgOption{text("x"), slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer"})}, "invalid_metadata_schema"},
		"too much metadata": {w.lobby, []slack.MsgOption{text("x"), slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType: "answer", EventPayload: map[string]any{"key": strings.Repeat("x", 20_000)},
		})}, "metadata_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := w.api.PostMessageContext(t.Context(), c.channel, c.options...)
			wantError(t, err, c.want)
		})
	}
}

func TestBlocksAreHeldAgainstTheirLimits(t *testing.T) {
	w := start(t)
	plain := func(n int) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, strings.Repeat("x", n), false, false)
	}
	feedback := func(n int) *slack.FeedbackButton { return slack.NewFeedbackButton(plain(4), strings.Repeat("x", n)) }
	labelled := button("a", "go", "")
	labelled.AccessibilityLabel = strings.Repeat("x", 76)
	for name, c := range map[string]struct {
		fits, breaks slack.Block
	}{
		"section text":  {section(strings.Repeat("x", 3_000)), section(strings.Repeat("x", 3_001))},
		"header":        {slack.NewHeaderBlock(plain(150)), slack.NewHeaderBlock(plain(151))},
		"empty text":    {section("x"), section("")},
		"markdown":      {slack.NewMarkdownBlock("", strings.Repeat("x", 12_000)), slack.NewMarkdownBlock("", strings.Repeat("x", 12_001))},
		"button text":   {slack.NewActionBlock("", button("a", strings.Repeat("x", 75), "")), slack.NewActionBlock("", button("a", strings.Repeat("x", 76), ""))},
		"button value":  {slack.NewActionBlock("", button("a", "x", strings.Repeat("x", 2_000))), slack.NewActionBlock("", button("a", "x", strings.Repeat("x", 2_001)))},
		"button label":  {slack.NewActionBlock("", button("a", "x", "")), slack.NewActionBlock("", labelled)},
		"action id":     {slack.NewActionBlock("", button(strings.Repeat("x", 255), "x", "")), slack.NewActionBlock("", button(strings.Repeat("x", 256), "x", ""))},
		"same action":   {slack.NewActionBlock("", button("a", "x", ""), button("b", "x", "")), slack.NewActionBlock("", button("a", "x", ""), button("a", "x", ""))},
		"context":       {slack.NewContextBlock("", repeat[slack.MixedElement](10, plain(3))...), slack.NewContextBlock("", repeat[slack.MixedElement](11, plain(3))...)},
		"feedback":      {slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement("f", feedback(2_000), feedback(1))), slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement("f", feedback(2_001), feedback(1)))},
		"wrong place":   {slack.NewDividerBlock(), slack.NewActionBlock("", slack.NewFeedbackButtonsBlockElement("f", feedback(1), feedback(1)))},
		"stream only":   {slack.NewDividerBlock(), slack.NewAlertBlock(plain(3))},
		"section empty": {slack.NewDividerBlock(), slack.NewSectionBlock(nil, nil, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text("x"), slack.MsgOptionBlocks(c.fits))
			wantError(t, err, "")
			_, _, err = w.api.PostMessageContext(t.Context(), w.lobby, text("x"), slack.MsgOptionBlocks(c.breaks))
			wantError(t, err, "invalid_blocks")
			refusal, _ := errors.AsType[slack.SlackErrorResponse](err)
			if len(refusal.ResponseMetadata.Messages) == 0 || !strings.Contains(refusal.ResponseMetadata.Messages[0], "json-pointer:/blocks") {
				t.Errorf("details: got %q", refusal.ResponseMetadata.Messages)
			}
		})
	}
	t.Run("markdown of all blocks counts together", func(t *testing.T) {
		half := slack.NewMarkdownBlock("", strings.Repeat("x", 6_001))
		_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text("x"), slack.MsgOptionBlocks(half, half))
		wantError(t, err, "invalid_blocks")
	})
}

func TestPostedMessagesStandWithAllTheyWereSentWith(t *testing.T) {
	w := start(t)
	root := w.Say(w.anna, w.lobby, "a question", "")
	_, ts, err := w.api.PostMessageContext(t.Context(), w.lobby, text("an answer"), slack.MsgOptionTS(root),
		slack.MsgOptionBlocks(section("an *answer*")), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"key": "k"}}))
	wantError(t, err, "")
	got := w.Answers(w.lobby, root)
	if len(got) != 1 {
		t.Fatalf("got %d answers", len(got))
	}
	m := got[0]
	if m.TS != ts || m.Text != "an answer" || m.BlockTexts() != "an *answer*" || m.UnfurlLinks != "false" || m.UnfurlMedia != "false" {
		t.Errorf("got %+v", m)
	}

	t.Run("and can be read back with their metadata", func(t *testing.T) {
		list, _, _, err := w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{
			ChannelID: w.lobby, Timestamp: root, IncludeAllMetadata: true,
		})
		wantError(t, err, "")
		if len(list) != 2 || list[0].Timestamp != root || list[1].Timestamp != ts || list[1].Metadata.EventPayload["key"] != "k" || list[1].BotID != w.BotID {
			t.Errorf("got %+v", list)
		}
		list, _, _, err = w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: w.lobby, Timestamp: root})
		wantError(t, err, "")
		if list[1].Metadata.EventType != "" {
			t.Errorf("metadata without being asked for: %+v", list[1].Metadata)
		}
	})
	t.Run("and link to their thread", func(t *testing.T) {
		link, err := w.api.GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: w.lobby, Ts: ts})
		wantError(t, err, "")
		if !strings.HasSuffix(link, "?thread_ts="+root+"&cid="+w.lobby) {
			t.Errorf("got %s", link)
		}
	})
	t.Run("history has the root only", func(t *testing.T) {
		got, err := w.api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: w.lobby})
		wantError(t, err, "")
		if len(got.Messages) != 1 || got.Messages[0].ReplyCount != 1 {
			t.Errorf("got %+v", got.Messages)
		}
	})
}

func TestRepliesComeInPages(t *testing.T) {
	w := start(t)
	root := w.Say(w.anna, w.lobby, "root", "")
	for range 4 {
		w.Say(w.anna, w.lobby, "reply", root)
	}
	var seen []int
	cursor := ""
	for {
		list, more, next, err := w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{
			ChannelID: w.lobby, Timestamp: root, Limit: 2, Cursor: cursor,
		})
		wantError(t, err, "")
		seen = append(seen, len(list))
		if !more {
			break
		}
		cursor = next
	}
	if diff := cmp.Diff([]int{2, 2, 1}, seen); diff != "" {
		t.Error(diff)
	}
	_, _, _, err := w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: w.lobby, Timestamp: "1700000000.000001"})
	wantError(t, err, "thread_not_found")
	_, err = w.api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: w.board})
	wantError(t, err, "channel_not_found")
}

func TestLongTextIsCut(t *testing.T) {
	w := start(t)
	_, ts, err := w.api.PostMessageContext(t.Context(), w.lobby, text(strings.Repeat("ü", 40_001)))
	wantError(t, err, "")
	if m, _ := w.Message(w.lobby, ts); len([]rune(m.Text)) != 40_000 {
		t.Errorf("got %d characters", len([]rune(m.Text)))
	}
}

func TestUpdateKeepsWhatItIsNotGiven(t *testing.T) {
	w := start(t)
	_, ts, err := w.api.PostMessageContext(t.Context(), w.lobby, text("first"), slack.MsgOptionBlocks(section("first")))
	wantError(t, err, "")
	_, _, _, err = w.api.UpdateMessageContext(t.Context(), w.lobby, ts, text("second"))
	wantError(t, err, "")
	if m, _ := w.Message(w.lobby, ts); m.Text != "second" || m.BlockTexts() != "first" || m.Edits != 1 {
		t.Errorf("after a new text: %+v", m)
	}
	_, _, _, err = w.api.UpdateMessageContext(t.Context(), w.lobby, ts, text("third"), slack.MsgOptionBlocks())
	wantError(t, err, "")
	if m, _ := w.Message(w.lobby, ts); m.Blocks != nil {
		t.Errorf("after an empty list of blocks: %s", m.Blocks)
	}
}

func TestUpdateAndDeleteAreForOwnMessages(t *testing.T) {
	w := start(t)
	theirs := w.Say(w.anna, w.lobby, "mine", "")
	_, own, err := w.api.PostMessageContext(t.Context(), w.lobby, text("x"))
	wantError(t, err, "")
	ephemeral, err := w.api.PostEphemeralContext(t.Context(), w.lobby, w.anna, text("psst"))
	wantError(t, err, "")
	update := func(ts, body string) error {
		_, _, _, err := w.api.UpdateMessageContext(t.Context(), w.lobby, ts, text(body))
		return err
	}
	remove := func(ts string) error {
		_, _, err := w.api.DeleteMessageContext(t.Context(), w.lobby, ts)
		return err
	}
	wantError(t, update(theirs, "x"), "cant_update_message")
	wantError(t, update("1700000000.000001", "x"), "message_not_found")
	wantError(t, update(ephemeral, "x"), "message_not_found")
	wantError(t, update(own, strings.Repeat("x", 4_001)), "msg_too_long")
	wantError(t, update(own, strings.Repeat("x", 4_000)), "")
	wantError(t, remove(theirs), "cant_delete_message")
	wantError(t, remove(own), "")
	wantError(t, remove(own), "message_not_found")
	wantError(t, update(own, "x"), "message_not_found")
	_, err = w.api.GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: w.lobby, Ts: own})
	wantError(t, err, "message_not_found")
}

func TestEphemeralMessagesNeedTheirReader(t *testing.T) {
	w := start(t)
	stranger := w.User("stranger")
	_, err := w.api.PostEphemeralContext(t.Context(), w.lobby, stranger, text("psst"))
	wantError(t, err, "user_not_in_channel")
	root := w.Say(w.anna, w.lobby, "root", "")
	quiet, err := w.api.PostEphemeralContext(t.Context(), w.lobby, w.anna, text("psst"), slack.MsgOptionTS(root))
	wantError(t, err, "")
	if m, _ := w.Message(w.lobby, quiet); m.Only != w.anna || !m.Hidden {
		t.Errorf("in a thread without replies: %+v", m)
	}
	w.Say(w.anna, w.lobby, "reply", root)
	shown, err := w.api.PostEphemeralContext(t.Context(), w.lobby, w.anna, text("psst"), slack.MsgOptionTS(root))
	wantError(t, err, "")
	if m, _ := w.Message(w.lobby, shown); m.Hidden {
		t.Errorf("in a thread with replies: %+v", m)
	}
}

func TestPeopleAndGroupsAreLookedUp(t *testing.T) {
	w := startWith(t, slackserver.Options{Scopes: append(slackserver.DefaultScopes(), "usergroups:read", "channels:read"), NoRates: true})
	u, err := w.api.GetUserInfoContext(t.Context(), w.anna)
	wantError(t, err, "")
	if u.Name != "anna" || u.Locale != "en-US" {
		t.Errorf("got %+v", u)
	}
	_, err = w.api.GetUserInfoContext(t.Context(), "U404")
	wantError(t, err, "user_not_found")

	group := w.AddGroup(w.anna)
	members, err := w.api.GetUserGroupMembersContext(t.Context(), group)
	wantError(t, err, "")
	if diff := cmp.Diff([]string{w.anna}, members); diff != "" {
		t.Error(diff)
	}
	_, err = w.api.GetUserGroupMembersContext(t.Context(), "S404")
	wantError(t, err, "no_such_subteam")

	info, err := w.api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: w.lobby})
	wantError(t, err, "")
	if info.Name != "lobby" || !info.IsMember {
		t.Errorf("got %+v", info)
	}
	in, _, err := w.api.GetUsersInConversationContext(t.Context(), &slack.GetUsersInConversationParameters{ChannelID: w.lobby})
	wantError(t, err, "")
	if diff := cmp.Diff([]string{w.Bot, w.anna}, in); diff != "" {
		t.Error(diff)
	}
	_, err = w.api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: w.board})
	if err == nil {
		t.Error("a private channel without the bot is visible")
	}
}

func TestRatesAreLimitedByMethodAndChannel(t *testing.T) {
	w := startWith(t, slackserver.Options{Stopped: true})
	other := w.AddChannel("other", slackserver.Public)
	post := func(channel string) error {
		_, _, err := w.api.PostMessageContext(t.Context(), channel, text("x"))
		return err
	}
	wantError(t, post(w.lobby), "")
	limited, ok := errors.AsType[*slack.RateLimitedError](post(w.lobby))
	if !ok || limited.RetryAfter != time.Second {
		t.Fatalf("second message within a second: got %v", limited)
	}
	wantError(t, post(other), "")
	w.Clock.Advance(limited.RetryAfter)
	wantError(t, post(w.lobby), "")
	if got := len(w.Answers(w.lobby, "")); got != 2 {
		t.Errorf("got %d messages, want 2", got)
	}

	root := w.Say(w.anna, w.lobby, "root", "")
	begin := func() error {
		_, _, err := w.api.StartStreamContext(t.Context(), w.lobby, slack.MsgOptionTS(root),
			slack.MsgOptionRecipientUserID(w.anna), slack.MsgOptionRecipientTeamID(w.Team))
		return err
	}
	for range 20 {
		wantError(t, begin(), "")
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](begin()); !ok || limited.RetryAfter != time.Minute {
		t.Errorf("21st stream in a minute: got %v", limited)
	}
}

func TestCallsFailAsTheyAreToldTo(t *testing.T) {
	post := func(t *testing.T, w *world) error {
		_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text("x"))
		return err
	}
	for name, c := range map[string]struct {
		fault slackserver.Fault
		want  func(error) bool
		taken int
	}{
		"429": {slackserver.Fault{Status: 429, RetryAfter: 7}, func(err error) bool {
			limited, ok := errors.AsType[*slack.RateLimitedError](err)
			return ok && limited.RetryAfter == 7*time.Second
		}, 0},
		"429 without a time": {slackserver.Fault{Status: 429}, func(err error) bool {
			status, ok := errors.AsType[slack.StatusCodeError](err)
			return ok && status.Code == 429
		}, 0},
		"503": {slackserver.Fault{Status: 503}, func(err error) bool {
			status, ok := errors.AsType[slack.StatusCodeError](err)
			return ok && status.Code == 503
		}, 0},
		"503 after taking it": {slackserver.Fault{Status: 503, Taken: true}, func(err error) bool { return err != nil }, 1},
		"reset":               {slackserver.Fault{Reset: true}, func(err error) bool { return err != nil }, 0},
		"reset after taking":  {slackserver.Fault{Reset: true, Taken: true}, func(err error) bool { return err != nil }, 1},
		"an error of Slack's": {slackserver.Fault{Error: "fatal_error"}, func(err error) bool {
			refusal, _ := errors.AsType[slack.SlackErrorResponse](err)
			return refusal.Err == "fatal_error"
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.Fail("chat.postMessage", 1, c.fault)
			if err := post(t, w); !c.want(err) {
				t.Errorf("got %v", err)
			}
			if got := len(w.Messages(w.lobby)); got != c.taken {
				t.Errorf("%d messages stand, want %d", got, c.taken)
			}
			if got := w.Calls("chat.postMessage"); len(got) != 1 || got[0].Taken != (c.taken == 1) {
				t.Errorf("recorded: %v", got)
			}
			wantError(t, post(t, w), "")
		})
	}
}

func TestFaultIsAskedForEachCall(t *testing.T) {
	w := start(t)
	w.Fault(func(c slackserver.Call) slackserver.Fault {
		if c.Params.Get("text") == "doomed" {
			return slackserver.Fault{Reset: true}
		}
		return slackserver.Fault{}
	})
	_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text("doomed"))
	if err == nil {
		t.Error("the doomed call came through")
	}
	_, _, err = w.api.PostMessageContext(t.Context(), w.lobby, text("fine"))
	wantError(t, err, "")
	w.Heal()
	_, _, err = w.api.PostMessageContext(t.Context(), w.lobby, text("doomed"))
	wantError(t, err, "")
}

func TestSlowCallsWaitByTheServersClock(t *testing.T) {
	w := start(t)
	w.Fail("chat.postMessage", 1, slackserver.Fault{Delay: time.Hour})
	done := make(chan error, 1)
	go func() {
		_, _, err := w.api.PostMessageContext(t.Context(), w.lobby, text("x"))
		done <- err
	}()
	for {
		select {
		case err := <-done:
			wantError(t, err, "")
			return
		default:
			w.Clock.Advance(time.Hour) // again until the call has begun to wait
		}
	}
}

func TestSlowAnswerComesAfterTheCallWasTaken(t *testing.T) {
	w := start(t)
	w.Fail("chat.postMessage", 1, slackserver.Fault{Delay: time.Hour, Taken: true})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, _, err := w.api.PostMessageContext(ctx, w.lobby, text("x"))
		done <- err
	}()
	w.AwaitMessage(w.lobby, "the message stands", func(m slackserver.Message) bool { return m.Text == "x" })
	cancel() // the caller's patience has ended
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestEveryMessageHasItsOwnTime(t *testing.T) {
	w := start(t)
	seen := map[string]bool{}
	for range 100 {
		ts := w.Say(w.anna, w.lobby, "x", "")
		if seen[ts] {
			t.Fatalf("%s twice", ts)
		}
		seen[ts] = true
	}
}
