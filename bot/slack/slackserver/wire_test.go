package slackserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"summitbot/bot/slack/slackserver"
)

// raw posts body as it is and returns the status and Slack's error code.
func raw(t *testing.T, address, kind, token, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if string(text) == "ok" {
		return resp.StatusCode, ""
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("answer %q: %v", text, err)
	}
	if answer.OK != (answer.Error == "") {
		t.Errorf("ok and error disagree: %s", text)
	}
	return resp.StatusCode, answer.Error
}

const (
	asForm = "application/x-www-form-urlencoded"
	asJSON = "application/json; charset=utf-8"
)

func TestMalformedCallsAreRefused(t *testing.T) {
	w := start(t)
	form := func(pairs ...string) string {
		v := url.Values{"token": {w.BotToken}, "channel": {w.lobby}}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v.Encode()
	}
	for name, c := range map[string]struct {
		method, kind, body, want string
	}{
		"broken JSON":          {"chat.postMessage", asJSON, `{"channel":`, "invalid_json"},
		"broken form":          {"chat.postMessage", asForm, "text=%zz", "invalid_form_data"},
		"XML":                  {"chat.postMessage", "application/xml", "<text/>", "invalid_post_type"},
		"JSON with the header": {"chat.postMessage", asJSON, `{"channel":"` + w.lobby + `","text":"x","blocks":[{"type":"divider"}]}`, ""},
		"blocks that are none": {"chat.postMessage", asForm, form("text", "x", "blocks", "{"), "invalid_blocks_format"},
		"metadata, not JSON":   {"chat.postMessage", asForm, form("text", "x", "metadata", "{"), "invalid_metadata_format"},
		"limit 0":              {"conversations.history", asForm, form("limit", "0"), "invalid_limit"},
		"limit 1001":           {"conversations.history", asForm, form("limit", "1001"), "invalid_limit"},
		"cursor":               {"conversations.history", asForm, form("cursor", "first"), "invalid_cursor"},
		"view, not JSON":       {"views.open", asForm, form("trigger_id", w.Slash(w.anna, w.lobby, "/summit", "x").Trigger, "view", "{"), "invalid_arguments"},
		"prompts, not JSON":    {"assistant.threads.setSuggestedPrompts", asForm, form("channel_id", w.DM(w.anna), "prompts", "{"), "invalid_arguments"},
		"chunks, not JSON":     {"chat.startStream", asForm, form("recipient_user_id", w.anna, "recipient_team_id", w.Team, "chunks", "{"), "invalid_chunks"},
		"chunks of no kind":    {"chat.startStream", asForm, form("recipient_user_id", w.anna, "recipient_team_id", w.Team, "chunks", `[{"type":"song"}]`), "invalid_chunks"},
	} {
		t.Run(name, func(t *testing.T) {
			if status, code := raw(t, w.APIURL()+c.method, c.kind, w.BotToken, c.body); status != 200 || code != c.want {
				t.Errorf("got %d %q, want 200 %q", status, code, c.want)
			}
		})
	}
	address := w.Slash(w.anna, w.lobby, "/summit", "x").ResponseURL
	for name, c := range map[string]struct {
		address, kind, body string
		status              int
		want                string
	}{
		"no such URL":      {address + "0", asJSON, `{"text":"x"}`, 404, "expired_url"},
		"unknown audience": {address, asJSON, `{"text":"x","response_type":"everybody"}`, 400, "invalid_response_type"},
		"broken payload":   {address, asForm, "payload=%7B", 400, "invalid_payload"},
		"payload":          {address, asForm, "payload=" + url.QueryEscape(`{"text":"x"}`), 200, ""},
	} {
		t.Run("response URL, "+name, func(t *testing.T) {
			if status, code := raw(t, c.address, c.kind, "", c.body); status != c.status || code != c.want {
				t.Errorf("got %d %q, want %d %q", status, code, c.status, c.want)
			}
		})
	}
}

func TestRateLimitIsSaidTwice(t *testing.T) {
	w := startWith(t, slackserver.Options{Stopped: true})
	body := url.Values{"token": {w.BotToken}, "channel": {w.lobby}, "text": {"x"}}.Encode()
	raw(t, w.APIURL()+"chat.postMessage", asForm, "", body)
	if status, code := raw(t, w.APIURL()+"chat.postMessage", asForm, "", body); status != 429 || code != "ratelimited" {
		t.Errorf("got %d %q", status, code)
	}
}

// blocksOf are blocks as JSON: %s stands for text of n characters.
func blocksOf(format string, n int) string {
	return "[" + fmt.Sprintf(format, strings.Repeat("x", n)) + "]"
}

func TestOtherBlocksAreHeldAgainstTheirLimits(t *testing.T) {
	w := start(t)
	post := func(blocks string) string {
		_, code := raw(t, w.APIURL()+"chat.postMessage", asForm, "",
			url.Values{"token": {w.BotToken}, "channel": {w.lobby}, "text": {"x"}, "blocks": {blocks}}.Encode())
		return code
	}
	cells := func(rows, columns int) string {
		row := "[" + strings.TrimSuffix(strings.Repeat(`{"type":"raw_text","text":"x"},`, columns), ",") + "]"
		return `[{"type":"table","rows":[` + strings.TrimSuffix(strings.Repeat(row+",", rows), ",") + `]}]`
	}
	options := func(n int) string {
		one := `{"text":{"type":"plain_text","text":"x"},"value":"v"},`
		return `[{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"radio_buttons","action_id":"a","options":[` +
			strings.TrimSuffix(strings.Repeat(one, n), ",") + `]}}]`
	}
	fields := func(n int) string {
		return `[{"type":"section","fields":[` + strings.TrimSuffix(strings.Repeat(`{"type":"mrkdwn","text":"x"},`, n), ",") + `]}]`
	}
	const (
		rich  = `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"%s"}]}]}`
		table = `{"type":"table","rows":[[{"type":"raw_text","text":"%s"}]]}`
		image = `{"type":"image","image_url":"https://example.com/a.png","alt_text":"%s"}`
		id    = `{"type":"divider","block_id":"%s"}`
	)
	for name, c := range map[string]struct{ fits, breaks, want string }{
		"rows":             {cells(100, 2), cells(101, 2), "invalid_blocks"},
		"columns":          {cells(2, 20), cells(2, 21), "invalid_blocks"},
		"cells":            {blocksOf(table, 10_000), blocksOf(table, 10_001), "invalid_blocks"},
		"one table":        {blocksOf(table, 1), "[" + fmt.Sprintf(table, "x") + "," + fmt.Sprintf(table, "y") + "]", "invalid_blocks"},
		"options":          {options(10), options(11), "invalid_blocks"},
		"fields":           {fields(10), fields(11), "invalid_blocks"},
		"rich text":        {blocksOf(rich, 13_200), blocksOf(rich, 13_201), "msg_blocks_too_long"},
		"alternative text": {blocksOf(image, 2_000), blocksOf(image, 2_001), "invalid_blocks"},
		"block id":         {blocksOf(id, 255), blocksOf(id, 256), "invalid_blocks"},
		"same block id":    {blocksOf(id, 3), "[" + fmt.Sprintf(id, "x") + "," + fmt.Sprintf(id, "x") + "]", "invalid_blocks"},
		"unknown block":    {blocksOf(id, 1), `[{"type":"poem"}]`, "invalid_blocks"},
		"unknown rich":     {blocksOf(rich, 1), `[{"type":"rich_text","elements":[{"type":"poem"}]}]`, "invalid_blocks"},
		"unknown icon":     {blocksOf(id, 1), `[{"type":"context_actions","elements":[{"type":"icon_button","icon":"star","action_id":"a","text":{"type":"plain_text","text":"x"}}]}]`, "invalid_blocks"},
		"one button only":  {blocksOf(id, 1), `[{"type":"context_actions","elements":[{"type":"feedback_buttons","action_id":"a"}]}]`, "invalid_blocks"},
		"button's style":   {blocksOf(id, 1), `[{"type":"actions","elements":[{"type":"button","action_id":"a","style":"loud","text":{"type":"plain_text","text":"x"}}]}]`, "invalid_blocks"},
		"button's text":    {blocksOf(id, 1), `[{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"mrkdwn","text":"x"}}]}]`, "invalid_blocks"},
		"accessory":        {blocksOf(id, 1), `[{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"plain_text_input"}}]`, "invalid_blocks"},
		"no elements":      {blocksOf(id, 1), `[{"type":"actions","elements":[]}]`, "invalid_blocks"},
		"no rich elements": {blocksOf(id, 1), `[{"type":"rich_text"}]`, "invalid_blocks"},
		"no image":         {blocksOf(id, 1), `[{"type":"context","elements":[{"type":"image","alt_text":"x"}]}]`, "invalid_blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := post(c.fits); got != "" {
				t.Errorf("what fits: %q", got)
			}
			if got := post(c.breaks); got != c.want {
				t.Errorf("what breaks: got %q, want %q", got, c.want)
			}
		})
	}
}

func TestDeletedRootLeavesATombstone(t *testing.T) {
	w := start(t)
	root := w.Say(w.anna, w.lobby, "root", "")
	w.Say(w.anna, w.lobby, "reply", root)
	w.Delete(w.lobby, root)
	list, _, _, err := w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: w.lobby, Timestamp: root})
	wantError(t, err, "")
	if len(list) != 2 || list[0].SubType != "tombstone" {
		t.Errorf("got %+v", list)
	}
	_, _, err = w.api.PostMessageContext(t.Context(), w.lobby, text("x"), slack.MsgOptionTS(root))
	wantError(t, err, "")
	alone := w.Say(w.anna, w.lobby, "alone", "")
	w.Delete(w.lobby, alone)
	_, _, err = w.api.PostMessageContext(t.Context(), w.lobby, text("x"), slack.MsgOptionTS(alone))
	wantError(t, err, "thread_not_found")
}

func TestUsersIDStandsForTheDirectConversation(t *testing.T) {
	w := start(t)
	in, _, err := w.api.PostMessageContext(t.Context(), w.anna, text("x"))
	wantError(t, err, "")
	if in != w.DM(w.anna) {
		t.Errorf("posted in %s, want %s", in, w.DM(w.anna))
	}
}

func TestInvitedBotMayPost(t *testing.T) {
	w := start(t)
	w.Invite(w.board, w.Bot)
	_, ts, err := w.api.PostMessageContext(t.Context(), w.board, text("hello"), slack.MsgOptionBlocks(section("hello")))
	wantError(t, err, "")
	if m, _ := w.Message(w.board, ts); m.Letters() != 10 {
		t.Errorf("%d characters, want 10", m.Letters())
	}
}

func TestSessionIsRenamed(t *testing.T) {
	w := start(t)
	thread := w.Say(w.anna, w.DM(w.anna), "a question", "")
	rename := func(title string) error {
		_, err := w.api.RenameAgentSessionContext(t.Context(), slack.AgentSessionRenameParameters{ChannelID: w.DM(w.anna), ThreadTS: thread, Title: title})
		return err
	}
	wantError(t, rename("Leave"), "")
	wantError(t, rename(strings.Repeat("x", 201)), "invalid_arguments")
	if got := w.Thread(w.DM(w.anna), thread).Title; got != "Leave" {
		t.Errorf("got %q", got)
	}
}

// doomed is a test that fails, and says of what.
type doomed struct {
	*testing.T
	ctx context.Context //nolint:containedctx // a testing.TB has one
	why string
}

func (d *doomed) Context() context.Context { return d.ctx }

func (d *doomed) Fatalf(format string, args ...any) {
	d.why = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// fails returns what a test says that fails in f.
func fails(t *testing.T, f func(*slackserver.Server, context.CancelFunc)) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := &doomed{T: t, ctx: ctx}
	s := slackserver.Start(d, slackserver.Options{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(s, cancel)
		t.Error("the test did not fail")
	}()
	<-done
	s.Calls("") // the server still answers
	return d.why
}

func TestWaitingInVainSaysWhatTheServerWasSent(t *testing.T) {
	got := fails(t, func(s *slackserver.Server, cancel context.CancelFunc) {
		_, err := client(s).AuthTestContext(t.Context())
		wantError(t, err, "")
		_, _, err = client(s).PostMessageContext(t.Context(), "C404", text(strings.Repeat("word ", 40)))
		wantError(t, err, "channel_not_found")
		cancel()
		s.AwaitSockets(7)
	})
	for _, want := range []string{"the sockets are open", "auth.test", "chat.postMessage", "channel_not_found", "word word", "…"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestActsOnWhatIsNotThereFailTheTest(t *testing.T) {
	for name, f := range map[string]func(*slackserver.Server){
		"no channel": func(s *slackserver.Server) { s.Say(s.User("anna"), "C404", "x", "") },
		"no thread": func(s *slackserver.Server) {
			s.Say(s.User("anna"), s.AddChannel("lobby", slackserver.Public), "x", "1700000000.000001")
		},
		"no message": func(s *slackserver.Server) {
			s.Edit(s.AddChannel("lobby", slackserver.Public), "1700000000.000001", "x")
		},
		"no button": func(s *slackserver.Server) {
			lobby := s.AddChannel("lobby", slackserver.Public)
			s.Click(s.User("anna"), lobby, s.Say(s.User("anna"), lobby, "x", ""), "sources", "")
		},
		"no view": func(s *slackserver.Server) { s.Submit("V404", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			if got := fails(t, func(s *slackserver.Server, _ context.CancelFunc) { f(s) }); !strings.HasPrefix(got, "slackserver: ") {
				t.Errorf("got %q", got)
			}
		})
	}
}
