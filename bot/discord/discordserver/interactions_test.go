package discordserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"summitbot/bot/discord/discordserver"

	"github.com/google/go-cmp/cmp"
)

const commands = `[
	{"name":"summit","description":"Asks the documents","options":[
		{"type":3,"name":"question","description":"What you want to know","required":true},
		{"type":5,"name":"private","description":"Only you see the answer"}]},
	{"name":"show","description":"Shows a paragraph","options":[
		{"type":3,"name":"paragraph","description":"Which one","required":true,"autocomplete":true}]},
	{"name":"Check","type":3}]`

// register registers commands for a guild, or globally for "".
func register(t *testing.T, s *discordserver.Server, guild string) {
	t.Helper()
	path := "/applications/" + s.App
	if guild != "" {
		path += "/guilds/" + guild
	}
	if r := call(t, s, "PUT", path+"/commands", commands); r.status != 200 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	s.AwaitCommand(guild, "summit")
}

// callback answers an interaction for the first time, without a token of the bot.
func callback(t *testing.T, s *discordserver.Server, id, body string) reply {
	t.Helper()
	i := s.Interaction(id)
	return call(t, s, "POST", "/interactions/"+i.ID+"/"+i.Token+"/callback", body, "Authorization", "")
}

// webhook is the path of what follows the first answer.
func webhook(s *discordserver.Server, id string) string {
	return "/webhooks/" + s.App + "/" + s.Interaction(id).Token
}

func TestAnInteractionIsAnsweredOnceAndInTime(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Stopped: true})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	s.Clock.Advance(2 * time.Second)
	if r := callback(t, s, id, `{"type":4,"data":{"content":"answer"}}`); r.status != 204 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	if m := s.AwaitAnswer(id); m.Content != "answer" || m.Type != 20 || m.Only != "" {
		t.Errorf("got %+v", m)
	}
	if r := callback(t, s, id, `{"type":4,"data":{"content":"again"}}`); r.status != 400 || r.code() != 40060 {
		t.Errorf("a second answer: got %d %s, want 40060", r.status, r.body)
	}
	late := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	s.Clock.Advance(3*time.Second + time.Millisecond)
	if r := callback(t, s, late, `{"type":5}`); r.status != 404 || r.code() != 10062 {
		t.Errorf("a late answer: got %d %s, want 10062", r.status, r.body)
	}
	s.AwaitInteraction(late, "people see that it failed", func(i discordserver.Interaction) bool { return i.Failed })
	if s.Interaction(id).Failed {
		t.Error("the answered one failed too")
	}
	for name, path := range map[string]string{
		"another token":       "/interactions/" + s.Interaction(late).ID + "/nonsense/callback",
		"another interaction": "/interactions/1/" + s.Interaction(late).Token + "/callback",
	} {
		if r := call(t, s, "POST", path, `{"type":5}`); r.code() != 10062 {
			t.Errorf("%s: got %d %s, want 10062", name, r.status, r.body)
		}
	}
}

func TestEachKindOfInteractionHasItsAnswers(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	message := s.Say(ann, channel, "hello")
	own := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"x","components":[`+buttons(0, 1)+`]}`).get("id")
	kinds := map[string]func() string{
		"slash":        func() string { return s.Slash(ann, channel, "summit", map[string]any{"question": "?"}) },
		"message":      func() string { return s.MessageCommand(ann, channel, message, "Check") },
		"autocomplete": func() string { return s.Autocomplete(ann, channel, "show", "paragraph", nil) },
		"click":        func() string { return s.Click(ann, channel, own, "b0-0") },
		"modal of a command": func() string {
			opened := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
			callback(t, s, opened, `{"type":9,"data":`+modal(`"custom_id":"i","style":1,"label":"l"`)+`}`)
			return s.Submit(opened, map[string]string{"i": "text"})
		},
		"modal of a click": func() string {
			opened := s.Click(ann, channel, own, "b0-0")
			callback(t, s, opened, `{"type":9,"data":`+modal(`"custom_id":"i","style":1,"label":"l"`)+`}`)
			return s.Submit(opened, map[string]string{"i": "text"})
		},
	}
	bodies := map[int]string{
		1: `{"type":1}`, 4: `{"type":4,"data":{"content":"x"}}`, 5: `{"type":5}`, 6: `{"type":6}`,
		7: `{"type":7,"data":{"content":"y"}}`, 8: `{"type":8,"data":{"choices":[]}}`,
		9: `{"type":9,"data":` + modal(`"custom_id":"i","style":1,"label":"l"`) + `}`, 99: `{"type":99}`,
	}
	for kind, want := range map[string][]int{
		"slash": {4, 5, 9}, "message": {4, 5, 9}, "autocomplete": {8}, "click": {4, 5, 6, 7, 9},
		"modal of a command": {4, 5}, "modal of a click": {4, 5, 6, 7},
	} {
		var got []int
		for _, answer := range []int{1, 4, 5, 6, 7, 8, 9, 99} {
			r := callback(t, s, kinds[kind](), bodies[answer])
			if r.status == 204 {
				got = append(got, answer)
			} else if r.code() != 50035 || r.at("type") == "" {
				t.Errorf("%s answered with %d: got %d %s", kind, answer, r.status, r.body)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	for _, body := range []string{`{}`, `{"type":"4"}`, `{"type":4,"data":7}`} {
		if r := callback(t, s, kinds["slash"](), body); r.code() != 50035 {
			t.Errorf("%s: got %d %s", body, r.status, r.body)
		}
	}
	if r := callback(t, s, kinds["slash"](), `{"type":4}`); r.code() != 50006 {
		t.Errorf("an empty answer: got %d %s", r.status, r.body)
	}
}

func TestADeferredAnswerKeepsItsVisibility(t *testing.T) {
	for _, private := range []bool{true, false} {
		t.Run(fmt.Sprintf("private %v", private), func(t *testing.T) {
			s := recorded(t, discordserver.Options{})
			channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
			register(t, s, "")
			id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
			only, flags := "", 0
			if private {
				only, flags = ann, 64
			}
			callback(t, s, id, fmt.Sprintf(`{"type":5,"data":{"flags":%d}}`, flags))
			m, _ := s.Message(channel, s.Interaction(id).Original)
			if !m.Loading || m.Only != only || m.Content != "" {
				t.Fatalf("got %+v", m)
			}
			if r := call(t, s, "GET", webhook(s, id)+"/messages/@original", ""); r.get("id") != m.ID {
				t.Errorf("got %d %s", r.status, r.body)
			}
			// The first message that follows becomes the answer, whatever flags it has.
			r := call(t, s, "POST", webhook(s, id)+"?wait=true", fmt.Sprintf(`{"content":"answer","flags":%d}`, 64-flags))
			if r.get("id") != m.ID {
				t.Errorf("got %d %s, want the deferred answer", r.status, r.body)
			}
			if m := s.AwaitAnswer(id); m.Content != "answer" || m.Only != only {
				t.Errorf("got %+v", m)
			}
			// Those after it are as they say.
			r = call(t, s, "POST", webhook(s, id), `{"content":"more","flags":64}`)
			if more, _ := s.Message(channel, r.get("id")); more.Only != ann {
				t.Errorf("got %+v, want a message that ann alone sees", more)
			}
			if n := len(s.Interaction(id).Followups); n != 1 {
				t.Errorf("%d messages followed, want 1", n)
			}
		})
	}
}

func TestADeferredAnswerMayNotHaveOtherFlags(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	if r := callback(t, s, id, `{"type":5,"data":{"flags":32768}}`); r.at("data.flags") == "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

func TestWhatFollowsAnAnswerNeedsItsToken(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Stopped: true})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	for name, path := range map[string]string{
		"before the first answer": webhook(s, id),
		"another application":     "/webhooks/" + s.Bot + "/" + s.Interaction(id).Token,
	} {
		if r := call(t, s, "POST", path, `{"content":"x"}`); r.status != 404 || r.code() != 10015 {
			t.Errorf("%s: got %d %s, want 10015", name, r.status, r.body)
		}
	}
	if r := call(t, s, "POST", "/webhooks/"+s.App+"/nonsense", `{"content":"x"}`); r.status != 401 || r.code() != 50027 {
		t.Errorf("another token: got %d %s, want 50027", r.status, r.body)
	}
	callback(t, s, id, `{"type":5}`)
	s.Clock.Advance(14 * time.Minute)
	if r := call(t, s, "PATCH", webhook(s, id)+"/messages/@original", `{"content":"x"}`, "Authorization", ""); r.status != 200 {
		t.Errorf("in time: got %d %s", r.status, r.body)
	}
	s.Clock.Advance(2 * time.Minute)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		body := map[string]string{"PATCH": `{"content":"y"}`}[method]
		if r := call(t, s, method, webhook(s, id)+"/messages/@original", body); r.status != 401 || r.code() != 50027 {
			t.Errorf("%s after 15 minutes: got %d %s, want 50027", method, r.status, r.body)
		}
	}
	if r := call(t, s, "POST", webhook(s, id), `{"content":"x"}`); r.code() != 50027 {
		t.Errorf("a message after 15 minutes: got %d %s, want 50027", r.status, r.body)
	}
}

func TestAnswersAreChangedAndDeleted(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	w := dial(t, s)
	w.identify(s, ordinary)
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	w.until("INTERACTION_CREATE")
	callback(t, s, id, `{"type":4,"data":{"content":"one"}}`)
	if e := w.until("MESSAGE_CREATE"); e.Data["content"] != "one" || e.Data["webhook_id"] != s.App {
		t.Errorf("got %s", e.Raw)
	}
	more := call(t, s, "POST", webhook(s, id), `{"content":"more"}`).get("id")
	for message, text := range map[string]string{"@original": "two", more: "much more"} {
		if r := call(t, s, "PATCH", webhook(s, id)+"/messages/"+message, `{"content":"`+text+`"}`); r.get("content") != text {
			t.Errorf("got %d %s", r.status, r.body)
		}
	}
	for _, body := range []string{`{"content":""}`, `{"content":null}`} {
		if r := call(t, s, "PATCH", webhook(s, id)+"/messages/@original", body); r.code() != 50006 {
			t.Errorf("%s: got %d %s, want 50006", body, r.status, r.body)
		}
	}
	if r := call(t, s, "PATCH", webhook(s, id)+"/messages/@original", `{"content":`+long(2001)+`}`); r.at("content") == "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if r := call(t, s, "POST", webhook(s, id), `{"content":`+long(2001)+`}`); r.at("content") == "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if r := call(t, s, "POST", webhook(s, id), `{}`); r.code() != 50006 {
		t.Errorf("got %d %s", r.status, r.body)
	}
	foreign := s.Say(ann, channel, "mine")
	for _, message := range []string{foreign, "1"} {
		if r := call(t, s, "DELETE", webhook(s, id)+"/messages/"+message, ""); r.code() != 10008 {
			t.Errorf("got %d %s, want an unknown message", r.status, r.body)
		}
	}
	for _, message := range []string{"@original", more} {
		if r := call(t, s, "DELETE", webhook(s, id)+"/messages/"+message, ""); r.status != 204 {
			t.Errorf("got %d %s", r.status, r.body)
		}
		if r := call(t, s, "GET", webhook(s, id)+"/messages/"+message, ""); r.code() != 10008 {
			t.Errorf("got %d %s, want an unknown message", r.status, r.body)
		}
	}
}

func TestAnEphemeralMessageIsInNoChannel(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	w := dial(t, s)
	w.identify(s, ordinary)
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	callback(t, s, id, `{"type":4,"data":{"content":"a secret","flags":64,"components":[`+buttons(0, 1)+`]}}`)
	m := s.AwaitAnswer(id)
	if m.Only != ann || len(s.Alone(ann, channel)) != 1 || len(s.Alone(s.User("bob"), channel)) != 0 {
		t.Errorf("got %+v", m)
	}
	for _, method := range []string{"GET", "DELETE", "PATCH"} {
		body := map[string]string{"PATCH": `{"content":"y"}`}[method]
		if r := call(t, s, method, "/channels/"+channel+"/messages/"+m.ID, body); r.code() != 10008 {
			t.Errorf("%s: got %d %s, want an unknown message", method, r.status, r.body)
		}
	}
	if r := call(t, s, "GET", "/channels/"+channel+"/messages", ""); strings.Contains(r.body, "secret") {
		t.Errorf("it is listed: %s", r.body)
	}
	reference := `{"content":"x","message_reference":{"message_id":"` + m.ID + `"}}`
	if r := call(t, s, "POST", "/channels/"+channel+"/messages", reference); r.at("message_reference") == "" {
		t.Errorf("it is answered: %d %s", r.status, r.body)
	}
	// Its buttons work, and no event told of it.
	s.Click(ann, channel, m.ID, "b0-0")
	s.Say(ann, channel, "later")
	if e := w.until("MESSAGE_CREATE"); e.Data["id"] == m.ID {
		t.Error("an event told of it")
	}
}

func TestAClickChangesItsMessage(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, ordinary)
	own := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"one","components":[`+buttons(0, 1)+`]}`).get("id")
	id := s.Click(ann, channel, own, "b0-0")
	e := w.until("INTERACTION_CREATE")
	data, _ := e.Data["data"].(map[string]any)
	message, _ := e.Data["message"].(map[string]any)
	if data["custom_id"] != "b0-0" || data["component_type"] != 2.0 || message["id"] != own {
		t.Errorf("got %s", e.Raw)
	}
	if r := callback(t, s, id, `{"type":7,"data":{"content":`+long(2001)+`}}`); r.at("data.content") == "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if r := callback(t, s, id, `{"type":7,"data":{"content":"two","components":[]}}`); r.status != 204 {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if m, _ := s.Message(channel, own); m.Content != "two" || len(m.Buttons()) != 0 || s.Interaction(id).Original != own {
		t.Errorf("got %+v", m)
	}
}

func TestADeferredChangeIsMadeLater(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	own := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"one","components":[`+buttons(0, 1)+`]}`).get("id")
	id := s.Click(ann, channel, own, "b0-0")
	callback(t, s, id, `{"type":6}`)
	call(t, s, "PATCH", webhook(s, id)+"/messages/@original", `{"content":"two"}`)
	if m, _ := s.Message(channel, own); m.Content != "two" {
		t.Errorf("got %+v", m)
	}
	// What follows is a message of its own.
	r := call(t, s, "POST", webhook(s, id), `{"content":"three","flags":64}`)
	if m, _ := s.Message(channel, r.get("id")); m.ID == own || m.Only != ann {
		t.Errorf("got %+v", m)
	}
}

func TestAMenuReportsWhatWasChosen(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, ordinary)
	own := call(t, s, "POST", "/channels/"+channel+"/messages",
		`{"content":"x","components":`+row(`{"type":3,"custom_id":"m","options":`+options(3)+`}`)+`}`).get("id")
	s.Select(ann, channel, own, "m", "2")
	data, _ := w.until("INTERACTION_CREATE").Data["data"].(map[string]any)
	if diff := cmp.Diff([]any{"2"}, data["values"]); diff != "" {
		t.Error(diff)
	}
}

func TestAModalIsSubmitted(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	w := dial(t, s)
	w.identify(s, ordinary)
	opened := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	callback(t, s, opened, `{"type":9,"data":`+modal(`"custom_id":"why","style":2,"label":"Why?"`)+`}`)
	id := s.Submit(opened, map[string]string{"why": "too long"})
	w.until("INTERACTION_CREATE")
	e := w.until("INTERACTION_CREATE")
	if e.Data["id"] != id || e.Data["type"] != 5.0 || !strings.Contains(string(e.Raw), `"value":"too long"`) {
		t.Errorf("got %s", e.Raw)
	}
	if r := callback(t, s, id, `{"type":4,"data":{"content":"thanks","flags":64}}`); r.status != 204 {
		t.Errorf("got %d %s", r.status, r.body)
	}
	s.SubmitUnknown(opened)
	if e := w.until("INTERACTION_CREATE"); !strings.Contains(string(e.Raw), `"type":18`) {
		t.Errorf("got %s, want a component that libraries do not know", e.Raw)
	}
}

func TestChoicesAreHeldToTheirLimits(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	for _, tt := range []struct{ name, choices, at string }{
		{"25", many(25, `{"name":"n","value":"v"}`), ""},
		{"26", many(26, `{"name":"n","value":"v"}`), "choices"},
		{"a name of 100", `[{"name":` + long(100) + `,"value":"v"}]`, ""},
		{"a name of 101", `[{"name":` + long(101) + `,"value":"v"}]`, "choices.0.name"},
		{"no name", `[{"value":"v"}]`, "choices.0.name"},
		{"a value of 101", `[{"name":"n","value":` + long(101) + `}]`, "choices.0.value"},
		{"no value", `[{"name":"n"}]`, "choices.0.value"},
		{"none", `7`, "choices"},
	} {
		id := s.Autocomplete(ann, channel, "show", "paragraph", map[string]any{"paragraph": "hei"})
		r := callback(t, s, id, `{"type":8,"data":{"choices":`+tt.choices+`}}`)
		if tt.at == "" && (r.status != 204 || string(s.Interaction(id).Choices) != tt.choices) || tt.at != "" && r.at("data."+tt.at) == "" {
			t.Errorf("%s: got %d %s", tt.name, r.status, r.body)
		}
	}
	id := s.Autocomplete(ann, channel, "show", "paragraph", nil)
	callback(t, s, id, `{"type":8,"data":{"choices":[]}}`)
	if r := call(t, s, "POST", webhook(s, id), `{"content":"x"}`); r.code() != 10015 {
		t.Errorf("a message after an autocompletion: got %d %s", r.status, r.body)
	}
}

func TestAnInteractionComesWithWhatItNeeds(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	s.SetLocale(ann, "de")
	role := s.AddRole(s.Guild, "staff")
	s.Give(s.Guild, ann, role)
	register(t, s, "")
	w := dial(t, s)
	w.identify(s, 0) // no intent is needed
	message := s.Say(s.User("bob"), channel, "The peak is 3,000 m high.")
	s.MessageCommand(ann, channel, message, "Check")
	e := w.until("INTERACTION_CREATE")
	member, _ := e.Data["member"].(map[string]any)
	if e.Data["locale"] != "de" || e.Data["guild_id"] != s.Guild || e.Data["user"] != nil || e.Data["application_id"] != s.App {
		t.Errorf("got %s", e.Raw)
	}
	if diff := cmp.Diff([]any{role}, member["roles"]); diff != "" {
		t.Error(diff)
	}
	data, _ := e.Data["data"].(map[string]any)
	if data["target_id"] != message || !strings.Contains(string(e.Raw), "3,000 m") {
		t.Errorf("got %s, want the message with its content", e.Raw)
	}
	s.Slash(ann, s.DM(ann), "summit", map[string]any{"question": "?"})
	e = w.until("INTERACTION_CREATE")
	user, _ := e.Data["user"].(map[string]any)
	if user["id"] != ann || e.Data["member"] != nil || e.Data["guild_id"] != nil {
		t.Errorf("in a direct conversation: got %s", e.Raw)
	}
	s.Autocomplete(ann, channel, "show", "paragraph", map[string]any{"paragraph": "hei"})
	if e := w.until("INTERACTION_CREATE"); e.Data["type"] != 4.0 || !strings.Contains(string(e.Raw), `"focused":true`) {
		t.Errorf("got %s", e.Raw)
	}
}

func TestACallbackIsAnsweredInFullOnDemand(t *testing.T) {
	s := recorded(t, discordserver.Options{})
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	i := s.Interaction(id)
	r := call(t, s, "POST", "/interactions/"+i.ID+"/"+i.Token+"/callback?with_response=true", `{"type":5,"data":{"flags":64}}`)
	about, _ := r.json["interaction"].(map[string]any)
	if r.status != 200 || about["response_message_id"] != s.Interaction(id).Original || about["response_message_loading"] != true {
		t.Errorf("got %d %s", r.status, r.body)
	}
	i = s.Interaction(s.Slash(ann, channel, "summit", map[string]any{"question": "?"}))
	r = call(t, s, "POST", "/interactions/"+i.ID+"/"+i.Token+"/callback?with_response=true", `{"type":4,"data":{"content":"x"}}`)
	resource, _ := r.json["resource"].(map[string]any)
	if message, _ := resource["message"].(map[string]any); r.status != 200 || message["content"] != "x" {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

func TestAnAnswerPingsNobodyButUsersByItself(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	s.SetPermissions(s.Guild, discordserver.Administrator)
	id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
	callback(t, s, id, `{"type":5}`)
	call(t, s, "PATCH", webhook(s, id)+"/messages/@original", `{"content":"@everyone <@`+ann+`>"}`)
	if diff := cmp.Diff([]string{ann}, s.AwaitAnswer(id).Pings); diff != "" {
		t.Error(diff)
	}
}
