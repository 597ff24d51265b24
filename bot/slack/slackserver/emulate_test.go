package slackserver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"summitbot/bot/slack/slackserver"
)

// emulate is the name of the environment variable that holds the base URL of
// the Slack of github.com/vercel-labs/emulate; .ci/run starts one. Others have
// written it: where it knows a call, our server has to answer the same.
const emulate = "SUMMITBOT_EMULATE"

// emulateToken is the one that emulate knows without being configured.
const emulateToken = "test_token_admin"

// bearer adds the header that emulate wants: it does not read the token of a
// form, where Slack's own server does.
type bearer struct{ client *http.Client }

func (b bearer) Do(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+emulateToken)
	return b.client.Do(req)
}

// visit calls the Web API in a channel and for a user that are there, and
// returns what came of each call.
func visit(ctx context.Context, api *slack.Client, channel, user string) []string {
	var told []string
	tell := func(what string, err error, more ...string) {
		outcome := "ok"
		if refusal, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
			outcome = refusal.Err
		} else if err != nil {
			outcome = err.Error()
		}
		told = append(told, strings.Join(append([]string{what + ": " + outcome}, more...), ", "))
	}
	const nowhere, never = "C999999999", "1700000000.000001"
	var in, root, reply, whisper string
	// own are the texts of those messages of a list that this visit posted;
	// emulate keeps what earlier ones did.
	own := func(list []slack.Message) string {
		var texts []string
		for _, m := range list {
			if slices.Contains([]string{root, reply, whisper}, m.Timestamp) {
				texts = append(texts, m.Text)
			}
		}
		return strings.Join(texts, "|")
	}

	who, err := api.AuthTestContext(ctx)
	tell("auth.test", err, fmt.Sprint(who != nil && who.UserID != "" && who.TeamID != ""))

	in, root, err = api.PostMessageContext(ctx, channel, text("first root"), slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"key": "k"}}))
	tell("post", err, fmt.Sprint(in == channel, root != ""))
	_, reply, err = api.PostMessageContext(ctx, channel, text("first reply"), slack.MsgOptionTS(root), slack.MsgOptionBlocks(section("first *reply*")))
	tell("reply", err, fmt.Sprint(reply > root))
	_, _, err = api.PostMessageContext(ctx, nowhere, text("lost"))
	tell("post nowhere", err)
	_, _, err = api.PostMessageContext(ctx, channel)
	tell("post nothing", err)

	list, more, _, err := api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: channel, Timestamp: root, Limit: 100})
	tell("replies", err, own(list), fmt.Sprint(more))
	_, _, _, err = api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: channel, Timestamp: never})
	tell("replies to nothing", err)
	history, err := api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: channel, Limit: 100})
	tell("history", err, own(history.Messages))
	_, err = api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: nowhere})
	tell("history of nowhere", err)

	_, ts, body, err := api.UpdateMessageContext(ctx, channel, reply, text("second reply"))
	tell("update", err, fmt.Sprint(ts == reply), body)
	list, _, _, err = api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: channel, Timestamp: root, Limit: 100})
	tell("replies after the update", err, own(list))
	_, _, _, err = api.UpdateMessageContext(ctx, channel, never, text("x"))
	tell("update nothing", err)

	link, err := api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: root})
	u, _ := url.Parse(link)
	tell("permalink", err, fmt.Sprint(strings.HasSuffix(u.Path, "/archives/"+channel+"/p"+strings.ReplaceAll(root, ".", ""))))
	_, err = api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: never})
	tell("permalink of nothing", err)

	whisper, err = api.PostEphemeralContext(ctx, channel, user, text("psst"))
	tell("ephemeral", err, fmt.Sprint(whisper != ""))
	history, err = api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: channel, Limit: 100})
	tell("history after it", err, own(history.Messages))

	_, _, err = api.DeleteMessageContext(ctx, channel, reply)
	tell("delete", err)
	_, _, err = api.DeleteMessageContext(ctx, channel, reply)
	tell("delete again", err)
	_, _, _, err = api.UpdateMessageContext(ctx, channel, reply, text("third"))
	tell("update what was deleted", err)

	info, err := api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	tell("conversation", err, fmt.Sprint(info != nil && info.ID == channel && info.IsMember && !info.IsArchived))
	_, err = api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: nowhere})
	tell("conversation that is not there", err)
	members, _, err := api.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: channel, Limit: 100})
	tell("members", err, fmt.Sprint(slices.Contains(members, user)))
	person, err := api.GetUserInfoContext(ctx, user)
	tell("user", err, fmt.Sprint(person != nil && person.ID == user && !person.IsBot))
	_, err = api.GetUserInfoContext(ctx, "U999999999")
	tell("user that is not there", err)

	_, err = api.OpenViewContext(ctx, "1.2.invented", modal("What was wrong?"))
	tell("view by an invented trigger", err)
	return told
}

// disagreed are the calls that emulate answers otherwise than Slack documents,
// with what it says and what our server does.
var disagreed = map[string]string{
	// The method's page lists thread_not_found.
	"replies to nothing: ok": "replies to nothing: thread_not_found",
}

func TestTheServerAnswersAsEmulateDoes(t *testing.T) {
	base := os.Getenv(emulate)
	if base == "" {
		t.Skipf("no emulate: %s is not set (.ci/run starts one where there is Node)", emulate)
	}
	theirs := slack.New(emulateToken, slack.OptionAPIURL(strings.TrimSuffix(base, "/")+"/api/"), slack.OptionHTTPClient(bearer{&http.Client{}}))
	channels, _, err := theirs.GetConversationsContext(t.Context(), &slack.GetConversationsParameters{})
	if err != nil || len(channels) == 0 {
		t.Fatalf("emulate's channels: %v, %v", channels, err)
	}
	me, err := theirs.AuthTestContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := visit(t.Context(), theirs, channels[0].ID, me.UserID)

	for i, told := range want {
		if ours := disagreed[told]; ours != "" {
			want[i] = ours
		}
	}

	w := startWith(t, slackserver.Options{NoRates: true, Scopes: append(slackserver.DefaultScopes(), "channels:read")})
	got := visit(t.Context(), w.api, w.lobby, w.anna)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("emulate (-) and our server (+) differ:\n%s", diff)
	}
}
