package discordserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"summitbot/bot/discord/discordserver"

	"github.com/google/go-cmp/cmp"
)

func TestWhatTheBotMayNotDoIsRefused(t *testing.T) {
	all := discordserver.DefaultPermissions()
	for _, tt := range []struct {
		name   string
		rights discordserver.Permission                      // of the bot
		setup  func(s *discordserver.Server, channel string) // may be nil
		method string
		path   string // {c} is the channel, {m} a message of ann's, {t} a thread, {d} a direct conversation, {own} a message of the bot's
		body   string
		status int
		code   int
	}{
		{name: "a channel that it does not see", rights: all &^ discordserver.ViewChannel, method: "GET", path: "/channels/{c}", status: 403, code: 50001},
		{name: "messages that it does not see", rights: all &^ discordserver.ViewChannel, method: "GET", path: "/channels/{c}/messages", status: 403, code: 50001},
		{name: "a message where it sees nothing", rights: all &^ discordserver.ViewChannel, method: "POST", path: "/channels/{c}/messages", body: `{"content":"x"}`, status: 403, code: 50001},
		{name: "a message where it may not write", rights: all &^ discordserver.SendMessages, method: "POST", path: "/channels/{c}/messages", body: `{"content":"x"}`, status: 403, code: 50013},
		{name: "typing where it may not write", rights: all &^ discordserver.SendMessages, method: "POST", path: "/channels/{c}/typing", status: 403, code: 50013},
		{name: "a message in a thread", rights: all &^ discordserver.SendMessagesInThreads, method: "POST", path: "/channels/{t}/messages", body: `{"content":"x"}`, status: 403, code: 50013},
		{name: "an embed", rights: all &^ discordserver.EmbedLinks, method: "POST", path: "/channels/{c}/messages", body: `{"embeds":[{"title":"x"}]}`, status: 403, code: 50013},
		{name: "a reply without the history", rights: all &^ discordserver.ReadMessageHistory, method: "POST", path: "/channels/{c}/messages", body: `{"content":"x","message_reference":{"message_id":"{m}"}}`, status: 403, code: 160002},
		{name: "a message without the history", rights: all &^ discordserver.ReadMessageHistory, method: "GET", path: "/channels/{c}/messages/{m}", status: 403, code: 50013},
		{name: "a thread", rights: all &^ discordserver.CreatePublicThreads, method: "POST", path: "/channels/{c}/messages/{m}/threads", body: `{"name":"x"}`, status: 403, code: 50013},
		{name: "a channel that denies it", rights: all, setup: func(s *discordserver.Server, c string) { s.Overwrite(c, 0, discordserver.SendMessages) }, method: "POST", path: "/channels/{c}/messages", body: `{"content":"x"}`, status: 403, code: 50013},
		{name: "somebody else's message changed", rights: all, method: "PATCH", path: "/channels/{c}/messages/{m}", body: `{"content":"x"}`, status: 403, code: 50005},
		{name: "somebody else's message deleted", rights: all, method: "DELETE", path: "/channels/{c}/messages/{m}", status: 403, code: 50013},
		{name: "a person who takes no direct messages", rights: all, setup: func(s *discordserver.Server, _ string) { s.BlockDM(s.User("ann")) }, method: "POST", path: "/channels/{d}/messages", body: `{"content":"x"}`, status: 403, code: 50007},
		{name: "a conversation with itself", rights: all, method: "POST", path: "/users/@me/channels", body: `{"recipient_id":"{bot}"}`, status: 403, code: 50007},
		{name: "a conversation with nobody", rights: all, method: "POST", path: "/users/@me/channels", body: `{"recipient_id":"1"}`, status: 404, code: 10013},
		{name: "a conversation without a person", rights: all, method: "POST", path: "/users/@me/channels", body: `{}`, status: 400, code: 50035},
		{name: "a locked thread", rights: all, setup: lock, method: "POST", path: "/channels/{t}/messages", body: `{"content":"x"}`, status: 400, code: 50083},
		{name: "an edit in a locked thread", rights: all, setup: lock, method: "PATCH", path: "/channels/{t}/messages/{own}", body: `{"content":"x"}`, status: 400, code: 50083},
		{name: "a thread in a thread", rights: all, method: "POST", path: "/channels/{t}/messages/{own}/threads", body: `{"name":"x"}`, status: 400, code: 50024},
		{name: "a thread in a direct conversation", rights: all, setup: func(s *discordserver.Server, _ string) { s.Say(s.User("ann"), s.DM(s.User("ann")), "hello") }, method: "POST", path: "/channels/{d}/messages/{dm}/threads", body: `{"name":"x"}`, status: 400, code: 50024},
		{name: "a second thread", rights: all, method: "POST", path: "/channels/{c}/messages/{started}/threads", body: `{"name":"x"}`, status: 400, code: 160004},
		{name: "a channel that there is not", rights: all, method: "GET", path: "/channels/1", status: 404, code: 10003},
		{name: "a message that there is not", rights: all, method: "GET", path: "/channels/{c}/messages/1", status: 404, code: 10008},
		{name: "an edit of a message that there is not", rights: all, method: "PATCH", path: "/channels/{c}/messages/1", body: `{"content":"x"}`, status: 404, code: 10008},
		{name: "a guild that there is not", rights: all, method: "GET", path: "/guilds/1", status: 404, code: 10004},
		{name: "its channels", rights: all, method: "GET", path: "/guilds/1/channels", status: 404, code: 10004},
		{name: "its roles", rights: all, method: "GET", path: "/guilds/1/roles", status: 404, code: 10004},
		{name: "its members", rights: all, method: "GET", path: "/guilds/1/members/{bot}", status: 404, code: 10004},
		{name: "its threads", rights: all, method: "GET", path: "/guilds/1/threads/active", status: 404, code: 10004},
		{name: "its commands", rights: all, method: "GET", path: "/applications/{app}/guilds/1/commands", status: 403, code: 50001},
		{name: "a new command of it", rights: all, method: "POST", path: "/applications/{app}/guilds/1/commands", body: `{"name":"x","description":"d"}`, status: 403, code: 50001},
		{name: "a command of it deleted", rights: all, method: "DELETE", path: "/applications/{app}/guilds/1/commands/1", status: 403, code: 50001},
		{name: "a message in a channel that there is not", rights: all, method: "POST", path: "/channels/1/messages", body: `{"content":"x"}`, status: 404, code: 10003},
		{name: "messages of a channel that there is not", rights: all, method: "GET", path: "/channels/1/messages", status: 404, code: 10003},
		{name: "typing in a channel that there is not", rights: all, method: "POST", path: "/channels/1/typing", status: 404, code: 10003},
		{name: "a thread at a message that there is not", rights: all, method: "POST", path: "/channels/{c}/messages/1/threads", body: `{"name":"x"}`, status: 404, code: 10008},
		{name: "a deletion of a message that there is not", rights: all, method: "DELETE", path: "/channels/{c}/messages/1", status: 404, code: 10008},
		{name: "a conversation with an id that is none", rights: all, method: "POST", path: "/users/@me/channels", body: `{"recipient_id":"ann"}`, status: 400, code: 50035},
		{name: "a user that there is not", rights: all, method: "GET", path: "/users/1", status: 404, code: 10013},
		{name: "a member that is none", rights: all, method: "GET", path: "/guilds/{g}/members/{stranger}", status: 404, code: 10007},
		{name: "a member that is nobody", rights: all, method: "GET", path: "/guilds/{g}/members/1", status: 404, code: 10013},
		{name: "an id that is none", rights: all, method: "GET", path: "/channels/general", status: 400, code: 50035},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t)
			channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
			message := s.Say(ann, channel, "hello")
			started := s.Say(ann, channel, "a thread")
			thread := s.StartThread(ann, channel, started, "thread")
			own := call(t, s, "POST", "/channels/"+thread+"/messages", `{"content":"own"}`).get("id")
			s.SetPermissions(s.Guild, tt.rights)
			if tt.setup != nil {
				tt.setup(s, channel)
			}
			direct := ""
			if list := s.Messages(s.DM(ann)); len(list) > 0 {
				direct = list[0].ID
			}
			fill := strings.NewReplacer("{c}", channel, "{m}", message, "{t}", thread, "{d}", s.DM(ann), "{own}", own, "{g}", s.Guild,
				"{bot}", s.Bot, "{app}", s.App, "{started}", started, "{stranger}", s.User("eve"), "{dm}", direct)
			r := call(t, s, tt.method, fill.Replace(tt.path), fill.Replace(tt.body))
			if r.status != tt.status || r.code() != tt.code {
				t.Errorf("got %d %s, want %d with code %d", r.status, r.body, tt.status, tt.code)
			}
		})
	}
}

func lock(s *discordserver.Server, channel string) { s.LockThread(s.Threads(channel)[0]) }

func TestMessagesAreReadAsTheyStand(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"one","embeds":[{"title":"two","description":"three",
		"author":{"name":"zero"},"fields":[{"name":"four","value":"five"}],"footer":{"text":"six"}}],"components":[`+buttons(0, 1)+`,{"type":1,"components":[
		{"type":3,"custom_id":"m","placeholder":"Why?","options":[{"label":"a","value":"b"}]}]}]}`)
	m := s.AwaitMessage(channel, "the bot's message", func(m discordserver.Message) bool { return m.FromBot })
	if want := "one\nzero\ntwo\nthree\nfour\nfive\nsix"; m.Text() != want || !strings.Contains(m.String(), "one zero") {
		t.Errorf("got %q, want %q", m.Text(), want)
	}
	want := []discordserver.Button{{Kind: 2, CustomID: "b0-0", Label: "b"}, {Kind: 3, CustomID: "m", Label: "Why?", Values: []string{"b"}}}
	if diff := cmp.Diff(want, m.Buttons()); diff != "" {
		t.Error(diff)
	}
	id := s.Say(ann, channel, "hello")
	s.Delete(channel, id)
	if m, ok := s.Message(channel, id); !ok || !m.Deleted {
		t.Errorf("got %v %v, want a deleted message", m, ok)
	}
	if _, ok := s.Message(channel, "1"); ok {
		t.Error("there is a message that nobody wrote")
	}
}

func TestAnAdministratorMayEverything(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	s.SetPermissions(s.Guild, discordserver.Administrator)
	s.Overwrite(channel, 0, discordserver.SendMessages|discordserver.ViewChannel)
	if r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`); r.status != 200 {
		t.Errorf("got %d %s", r.status, r.body)
	}
	s.SetPermissions(s.Guild, discordserver.NoPermissions)
	if r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x"}`); r.code() != 50001 {
		t.Errorf("without any right: got %d %s", r.status, r.body)
	}
}

func TestAModeratorDeletesWhatOthersWrote(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	id := s.Say(ann, channel, "hello")
	s.SetPermissions(s.Guild, discordserver.DefaultPermissions()|discordserver.ManageMessages)
	if r := call(t, s, "DELETE", "/channels/"+channel+"/messages/"+id, ""); r.status != 204 || r.body != "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if len(s.Messages(channel)) != 0 {
		t.Error("it stands")
	}
}

func TestANonceThatIsEnforcedMakesOneMessage(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Stopped: true})
	general, other := s.AddChannel(s.Guild, "general"), s.AddChannel(s.Guild, "other")
	post := func(channel, body string) string {
		t.Helper()
		r := call(t, s, "POST", "/channels/"+channel+"/messages", body)
		if r.status != 200 {
			t.Fatalf("got %d %s", r.status, r.body)
		}
		return r.get("id")
	}
	first := post(general, `{"content":"one","nonce":"n1","enforce_nonce":true}`)
	if again := post(general, `{"content":"two","nonce":"n1","enforce_nonce":true}`); again != first {
		t.Errorf("got %s, want the first message, %s", again, first)
	}
	for _, other := range []string{
		post(general, `{"content":"two","nonce":"n2","enforce_nonce":true}`),
		post(general, `{"content":"two","nonce":"n1"}`), // not enforced
		post(general, `{"content":"two","enforce_nonce":true}`),
		post(other, `{"content":"two","nonce":"n1","enforce_nonce":true}`),
	} {
		if other == first {
			t.Error("another message was taken for the first")
		}
	}
	if m, _ := s.Message(general, first); m.Content != "one" {
		t.Errorf("the first message became %q", m.Content)
	}
	s.Clock.Advance(3 * time.Minute)
	if late := post(general, `{"content":"three","nonce":"n1","enforce_nonce":true}`); late == first {
		t.Error("a nonce is enforced for minutes only")
	}
	// A number is a nonce too.
	number := post(general, `{"content":"x","nonce":17,"enforce_nonce":true}`)
	if again := post(general, `{"content":"x","nonce":17,"enforce_nonce":true}`); again != number {
		t.Error("a nonce that is a number was not enforced")
	}
}

func TestANonceIsGivenBackOnlyByTheCallThatMadeTheMessage(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	made := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"one","nonce":"n1"}`)
	if made.get("nonce") != "n1" {
		t.Errorf("got %s, want the nonce", made.body)
	}
	for _, path := range []string{"/messages", "/messages/" + made.get("id")} {
		if r := call(t, s, "GET", "/channels/"+channel+path, ""); strings.Contains(r.body, "nonce") {
			t.Errorf("GET %s gives the nonce: %s", path, r.body)
		}
	}
}

func TestMessagesAreListedNewestFirst(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	var ids []string
	for n := range 5 {
		ids = append(ids, s.Say(ann, channel, fmt.Sprint(n)))
	}
	s.Delete(channel, ids[3])
	for query, want := range map[string][]int{
		"":                                    {4, 2, 1, 0},
		"?limit=2":                            {4, 2},
		"?after=" + ids[0] + "&limit=2":       {2, 1},
		"?after=" + ids[4]:                    {},
		"?before=" + ids[2] + "&limit=1":      {1},
		"?around=" + ids[1] + "&limit=3":      {2, 1, 0},
		"?around=9000000000000000000&limit=2": {4},
		"?before=" + ids[0]:                   {},
	} {
		r := call(t, s, "GET", "/channels/"+channel+"/messages"+query, "")
		var list []struct{ ID string }
		if err := json.Unmarshal([]byte(r.body), &list); err != nil {
			t.Fatalf("%s: %v: %s", query, err, r.body)
		}
		got := []int{}
		for _, m := range list {
			for n, id := range ids {
				if id == m.ID {
					got = append(got, n)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", query, diff)
		}
	}
	for query, at := range map[string]string{"?limit=0": "limit", "?limit=101": "limit", "?limit=x": "limit", "?after=x": "after", "?after=1&before=2": "_"} {
		if r := call(t, s, "GET", "/channels/"+channel+"/messages"+query, ""); r.code() != 50035 || r.at(at) == "" {
			t.Errorf("%s: got %d %s", query, r.status, r.body)
		}
	}
}

func TestAListWithoutTheHistoryIsEmpty(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	s.Say(s.User("ann"), channel, "hello")
	s.SetPermissions(s.Guild, discordserver.DefaultPermissions()&^discordserver.ReadMessageHistory)
	if r := call(t, s, "GET", "/channels/"+channel+"/messages", ""); r.status != 200 || r.body != "[]" {
		t.Errorf("got %d %s, want an empty list", r.status, r.body)
	}
}

func TestTheAPIKeepsContentFromABotWithoutTheIntentToo(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	said, mention := s.Say(ann, channel, "hello"), s.Say(ann, channel, s.Mention()+" hello")
	get := func(id string) string {
		t.Helper()
		return call(t, s, "GET", "/channels/"+channel+"/messages/"+id, "").get("content")
	}
	if got := get(said); got != "" {
		t.Errorf("without the intent: content is %q", got)
	}
	if got := get(mention); !strings.HasSuffix(got, "hello") {
		t.Errorf("a mention: content is %q", got)
	}
	s.SetPrivileged(discordserver.MessageContent)
	if got := get(said); got != "hello" {
		t.Errorf("with the intent: content is %q", got)
	}
}

func TestAReferenceToWhatIsNotThere(t *testing.T) {
	s := start(t)
	channel, other, ann := s.AddChannel(s.Guild, "general"), s.AddChannel(s.Guild, "other"), s.User("ann")
	there, elsewhere := s.Say(ann, channel, "hello"), s.Say(ann, other, "hello")
	gone := s.Say(ann, channel, "bye")
	s.Delete(channel, gone)
	post := func(reference string) reply {
		t.Helper()
		return call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x","message_reference":`+reference+`}`)
	}
	if r := post(`{"message_id":"` + there + `","channel_id":"` + channel + `"}`); r.status != 200 || !strings.Contains(r.body, `"referenced_message":{`) {
		t.Errorf("what is there: got %d %s", r.status, r.body)
	}
	for name, reference := range map[string]string{
		"deleted":         `{"message_id":"` + gone + `"}`,
		"elsewhere":       `{"message_id":"` + elsewhere + `"}`,
		"another channel": `{"message_id":"` + there + `","channel_id":"` + other + `"}`,
		"on demand":       `{"message_id":"` + gone + `","fail_if_not_exists":true}`,
	} {
		if r := post(reference); r.at("message_reference") != "MESSAGE_REFERENCE_UNKNOWN_MESSAGE" {
			t.Errorf("%s: got %d %s", name, r.status, r.body)
		}
	}
	if r := post(`{"message_id":"` + gone + `","fail_if_not_exists":false}`); r.status != 200 || strings.Contains(r.body, "message_reference") {
		t.Errorf("where it need not be there: got %d %s", r.status, r.body)
	}
	if r := post(`{"channel_id":"` + channel + `"}`); r.at("message_reference.message_id") != "BASE_TYPE_REQUIRED" {
		t.Errorf("without an id: got %d %s", r.status, r.body)
	}
	if r := post(`7`); r.at("message_reference") == "" {
		t.Errorf("no object: got %d %s", r.status, r.body)
	}
}

func TestWhomAMessagePings(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	role := s.AddRole(s.Guild, "staff")
	asked := s.Say(s.User("bob"), channel, "hello")
	s.SetPermissions(s.Guild, discordserver.DefaultPermissions()|discordserver.MentionEveryone)
	everything := fmt.Sprintf(`"content":"<@%s> <@&%s> @everyone"`, ann, role)
	reply := `,"message_reference":{"message_id":"` + asked + `"}`
	bob := s.User("bob")
	for name, tt := range map[string]struct {
		body string
		want []string
	}{
		"without allowed_mentions":    {everything, []string{ann, role, "everyone"}},
		"an empty parse":              {everything + `,"allowed_mentions":{"parse":[]}`, nil},
		"parse that is null":          {everything + `,"allowed_mentions":{"parse":null}`, []string{ann, role, "everyone"}},
		"allowed_mentions is null":    {everything + `,"allowed_mentions":null`, []string{ann, role, "everyone"}},
		"users":                       {everything + `,"allowed_mentions":{"parse":["users"]}`, []string{ann}},
		"one role":                    {everything + `,"allowed_mentions":{"roles":["` + role + `"]}`, []string{role}},
		"a reply":                     {`"content":"x"` + reply, []string{bob}},
		"a reply with an empty parse": {`"content":"x","allowed_mentions":{"parse":[]}` + reply, nil},
		"a reply that is to ping":     {`"content":"x","allowed_mentions":{"parse":[],"replied_user":true}` + reply, []string{bob}},
	} {
		r := call(t, s, "POST", "/channels/"+channel+"/messages", "{"+tt.body+"}")
		m, _ := s.Message(channel, r.get("id"))
		if diff := cmp.Diff(tt.want, m.Pings); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	s.SetPermissions(s.Guild, discordserver.DefaultPermissions())
	r := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"@everyone"}`)
	if m, _ := s.Message(channel, r.get("id")); len(m.Pings) != 0 {
		t.Errorf("without the right to, it pings %v", m.Pings)
	}
}

func TestAnEditLeavesWhatItDoesNotName(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	id := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"one","embeds":[{"title":"source"}]}`).get("id")
	call(t, s, "PATCH", "/channels/"+channel+"/messages/"+id, `{"content":"two"}`)
	m, _ := s.Message(channel, id)
	if m.Text() != "two\nsource" || m.Edits != 1 {
		t.Errorf("got %q after %d edits", m.Text(), m.Edits)
	}
	call(t, s, "PATCH", "/channels/"+channel+"/messages/"+id, `{"embeds":[]}`)
	if m, _ := s.Message(channel, id); m.Text() != "two" {
		t.Errorf("got %q", m.Text())
	}
	if r := call(t, s, "PATCH", "/channels/"+channel+"/messages/"+id, `{"content":""}`); r.code() != 50006 {
		t.Errorf("emptied: got %d %s", r.status, r.body)
	}
}

func TestAThreadBeginsAtItsMessage(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, ordinary)
	id := s.Say(ann, channel, "hello")
	r := call(t, s, "POST", "/channels/"+channel+"/messages/"+id+"/threads", `{"name":"About it","auto_archive_duration":1440}`)
	if r.get("id") != id || r.get("parent_id") != channel || r.json["type"] != 11.0 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	if e := w.until("THREAD_CREATE"); e.Data["id"] != id || e.Data["newly_created"] != true {
		t.Errorf("got %s", e.Raw)
	}
	if e := w.until("MESSAGE_CREATE"); e.Data["type"] != 21.0 || e.Data["channel_id"] != id || e.Data["content"] != "" {
		t.Errorf("got %s, want the thread's first message", e.Raw)
	}
	sent := call(t, s, "POST", "/channels/"+id+"/messages", `{"content":"answer"}`)
	if sent.status != 200 || len(s.Answers(id)) != 1 {
		t.Errorf("got %d %s", sent.status, sent.body)
	}
	if diff := cmp.Diff([]string{id}, s.Threads(channel)); diff != "" {
		t.Error(diff)
	}
	s.ArchiveThread(id)
	if c, _ := s.Thread(id); !c.Archived {
		t.Error("it is not archived")
	}
	s.Say(ann, id, "and then?")
	if c, _ := s.Thread(id); c.Archived {
		t.Error("a message does not bring the thread back")
	}
	if r := call(t, s, "GET", "/guilds/"+s.Guild+"/threads/active", ""); !strings.Contains(r.body, id) {
		t.Errorf("got %s", r.body)
	}
	s.RemoveChannel(id)
	if r := call(t, s, "POST", "/channels/"+id+"/messages", `{"content":"x"}`); r.code() != 10003 {
		t.Errorf("got %d %s, want an unknown channel", r.status, r.body)
	}
}

func TestAThreadWithAWrongForm(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	id := s.Say(s.User("ann"), channel, "hello")
	for body, at := range map[string]string{
		`{}`:          "name",
		`{"name":""}`: "name",
		`{"name":7}`:  "name",
		`{"name":"` + strings.Repeat("x", 101) + `"}`: "name",
		`{"name":"x","auto_archive_duration":61}`:     "auto_archive_duration",
		`{"name":"x","auto_archive_duration":"x"}`:    "auto_archive_duration",
	} {
		if r := call(t, s, "POST", "/channels/"+channel+"/messages/"+id+"/threads", body); r.code() != 50035 || r.at(at) == "" {
			t.Errorf("%.60s: got %d %s", body, r.status, r.body)
		}
	}
}

func TestAWebhookIsToldAsOne(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	w := dial(t, s)
	w.identify(s, ordinary)
	s.Post(discordserver.Post{Author: "77", Channel: channel, Content: s.Mention() + " hello", Webhook: true})
	e := w.until("MESSAGE_CREATE")
	author, _ := e.Data["author"].(map[string]any)
	if e.Data["webhook_id"] != "77" || author["bot"] != true || e.Data["member"] != nil {
		t.Errorf("got %s", e.Raw)
	}
}

func TestWhatIsNoQuestionIsToldAsItIs(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, ordinary)
	s.Post(discordserver.Post{Author: ann, Channel: channel, Type: 7})
	if e := w.until("MESSAGE_CREATE"); e.Data["type"] != 7.0 {
		t.Errorf("got %s", e.Raw)
	}
	s.Say(s.AddBot("other"), channel, s.Mention()+" hello")
	author, _ := w.until("MESSAGE_CREATE").Data["author"].(map[string]any)
	if author["bot"] != true {
		t.Errorf("got %v, want a bot", author)
	}
	role := s.BotRole(s.Guild)
	s.Say(ann, channel, "<@&"+role+"> @here hello")
	e := w.until("MESSAGE_CREATE")
	if diff := cmp.Diff([]any{role}, e.Data["mention_roles"]); diff != "" || e.Data["mention_everyone"] != true || len(e.Data["mentions"].([]any)) != 0 {
		t.Errorf("got %s: %s", e.Raw, diff)
	}
}

func TestWhatTheAPISaysOfPeopleAndPlaces(t *testing.T) {
	s := recorded(t, discordserver.Options{Privileged: discordserver.MessageContent})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	staff := s.AddRole(s.Guild, "staff")
	s.Give(s.Guild, ann, staff)
	for path, want := range map[string]string{
		"/users/@me":                               `"id":"` + s.Bot + `"`,
		"/users/@me/guilds":                        s.Guild,
		"/users/" + ann:                            `"username":"ann"`,
		"/applications/@me":                        `"flags":524288`,
		"/oauth2/applications/@me":                 s.App,
		"/guilds/" + s.Guild:                       `"name":"Summit"`,
		"/guilds/" + s.Guild + "/channels":         channel,
		"/guilds/" + s.Guild + "/roles":            staff,
		"/guilds/" + s.Guild + "/members/" + ann:   staff,
		"/guilds/" + s.Guild + "/members/" + s.Bot: `"bot":true`,
		"/guilds/" + s.Guild + "/threads/active":   `"threads":[]`,
		"/channels/" + channel:                     `"guild_id":"` + s.Guild + `"`,
		"/channels/" + s.DM(ann):                   `"type":1`,
		"/gateway":                                 "ws://",
		"/gateway/bot":                             `"shards":1`,
	} {
		if r := call(t, s, "GET", path, ""); r.status != 200 || !strings.Contains(r.body, want) {
			t.Errorf("%s: got %d %s, want %s in it", path, r.status, r.body, want)
		}
	}
	opened := call(t, s, "POST", "/users/@me/channels", `{"recipient_id":"`+ann+`"}`)
	if opened.get("id") != s.DM(ann) {
		t.Errorf("got %d %s", opened.status, opened.body)
	}
}
