package discordserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"summitbot/bot/discord/discordserver"

	"github.com/google/go-cmp/cmp"
)

// names are the commands of a guild.
func names(s *discordserver.Server, guild string) []string {
	var list []string
	for _, c := range s.Commands(guild) {
		list = append(list, c.Name)
	}
	return list
}

func TestCommandsAreReplacedAllAtOnce(t *testing.T) {
	for _, guild := range []string{"", "guild"} {
		t.Run(guild, func(t *testing.T) {
			s := recorded(t, discordserver.Options{})
			path := "/applications/" + s.App
			if guild != "" {
				guild = s.Guild
				path += "/guilds/" + guild
			}
			path += "/commands"
			register(t, s, guild)
			first := s.Commands(guild)
			register(t, s, guild)
			again := s.Commands(guild)
			if first[0].ID != again[0].ID {
				t.Error("a command that stays has another id")
			}
			if diff := cmp.Diff([]string{"summit", "show", "Check"}, names(s, guild)); diff != "" {
				t.Error(diff)
			}
			call(t, s, "PUT", path, `[{"name":"other","description":"d"}]`)
			call(t, s, "POST", path, `{"name":"more","description":"d"}`)
			call(t, s, "POST", path, `{"name":"more","description":"e"}`)
			if diff := cmp.Diff([]string{"other", "more"}, names(s, guild)); diff != "" {
				t.Error(diff)
			}
			if r := call(t, s, "DELETE", path+"/"+s.Commands(guild)[0].ID, ""); r.status != 204 {
				t.Errorf("got %d %s", r.status, r.body)
			}
			if r := call(t, s, "DELETE", path+"/1", ""); r.code() != 10063 {
				t.Errorf("got %d %s", r.status, r.body)
			}
			if r := call(t, s, "GET", path, ""); !strings.Contains(r.body, `"description":"e"`) || strings.Contains(r.body, "other") {
				t.Errorf("got %s", r.body)
			}
		})
	}
}

func TestCommandsAreGivenBackWithTheirDefaults(t *testing.T) {
	s := start(t)
	body := `[{"name":"summit","description":"d","dm_permission":null,"options":[
		{"type":3,"name":"q","description":"d","required":false,"choices":[],"options":null,"autocomplete":false}]},
		{"name":"bare","description":"d","options":[]}]`
	call(t, s, "PUT", "/applications/"+s.App+"/commands", body)
	var got []map[string]any
	if err := json.Unmarshal([]byte(call(t, s, "GET", "/applications/"+s.App+"/commands", "").body), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{map[string]any{"type": 3.0, "name": "q", "description": "d"}}, got[0]["options"]); diff != "" {
		t.Error(diff)
	}
	if _, has := got[1]["options"]; has || got[0]["type"] != 1.0 || got[0]["dm_permission"] != true || got[0]["version"] == nil {
		t.Errorf("got %v", got)
	}
}

func TestACommandIsHeldToItsLimits(t *testing.T) {
	s := start(t)
	slash := func(fields string) string { return `[{"name":"summit","description":"d",` + fields + `}]` }
	option := func(fields string) string {
		return slash(`"options":[{"type":3,"name":"q","description":"d",` + fields + `}]`)
	}
	manyOf := func(n int, text string) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(text, i))
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	for _, tt := range []struct{ name, body, at string }{
		{"a name of other letters", `[{"name":"спросить","description":"d"}]`, ""},
		{"capitals", `[{"name":"Summit","description":"d"}]`, "0.name"},
		{"a space", `[{"name":"my summit","description":"d"}]`, "0.name"},
		{"a name of 33", `[{"name":` + long(33) + `,"description":"d"}]`, "0.name"},
		{"no name", `[{"description":"d"}]`, "0.name"},
		{"no description", `[{"name":"summit"}]`, "0.description"},
		{"a description of 101", `[{"name":"summit","description":` + long(101) + `}]`, "0.description"},
		{"a type that there is not", `[{"name":"summit","type":9}]`, "0.type"},
		{"a message command", `[{"name":"Check this","type":3}]`, ""},
		{"a message command with a description", `[{"name":"Check","type":3,"description":"d"}]`, "0.description"},
		{"a message command with options", `[{"name":"Check","type":3,"options":[{"type":3,"name":"q","description":"d"}]}]`, "0.options"},
		{"a message command with a long name", `[{"name":` + long(33) + `,"type":3}]`, "0.name"},
		{"a name twice", manyOf(2, `{"name":"summit","description":"d%d"}`), "1.name"},
		{"100 commands", manyOf(100, `{"name":"c%d","description":"d"}`), ""},
		{"25 options", slash(`"options":` + manyOf(25, `{"type":3,"name":"o%d","description":"d"}`)), ""},
		{"26 options", slash(`"options":` + manyOf(26, `{"type":3,"name":"o%d","description":"d"}`)), "0.options"},
		{"8,001 characters", slash(`"options":` + manyOf(25, `{"type":3,"name":"o%d","description":"d","choices":`+many(25, `{"name":"12345678","value":"12345678"}`)+`}`)), "0"},
		{"an option of capitals", slash(`"options":[{"type":3,"name":"Q","description":"d"}]`), "0.options.0.name"},
		{"an option without a description", slash(`"options":[{"type":3,"name":"q"}]`), "0.options.0.description"},
		{"an option of no type", slash(`"options":[{"name":"q","description":"d"}]`), "0.options.0.type"},
		{"an option twice", slash(`"options":` + many(2, `{"type":3,"name":"q","description":"d"}`)), "0.options.1.name"},
		{"required after optional", slash(`"options":[{"type":3,"name":"a","description":"d"},{"type":3,"name":"b","description":"d","required":true}]`), "0.options.1"},
		{"25 choices", option(`"choices":` + many(25, `{"name":"n","value":"v"}`)), ""},
		{"26 choices", option(`"choices":` + many(26, `{"name":"n","value":"v"}`)), "0.options.0.choices"},
		{"a long choice", option(`"choices":[{"name":` + long(101) + `,"value":"v"}]`), "0.options.0.choices.0.name"},
		{"a long value", option(`"choices":[{"name":"n","value":` + long(101) + `}]`), "0.options.0.choices.0.value"},
		{"choices and autocompletion", option(`"autocomplete":true,"choices":[{"name":"n","value":"v"}]`), "0.options.0.autocomplete"},
		{"a boolean with autocompletion", slash(`"options":[{"type":5,"name":"q","description":"d","autocomplete":true}]`), "0.options.0.autocomplete"},
		{"too long a limit", option(`"max_length":6001`), "0.options.0.max_length"},
		{"too high a lower limit", option(`"min_length":6001`), "0.options.0.min_length"},
		{"no command", `[7]`, "0"},
		{"no list", `{"name":"summit","description":"d"}`, "_"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := call(t, s, "PUT", "/applications/"+s.App+"/commands", tt.body)
			if tt.at == "" && r.status != 200 || tt.at != "" && (r.code() != 50035 || r.at(tt.at) == "") {
				t.Errorf("got %d %s, want an error at %q", r.status, r.body, tt.at)
			}
		})
	}
	for _, body := range []string{manyOf(101, `{"name":"c%d","description":"d"}`), manyOf(16, `{"name":"c%d","type":3}`), manyOf(16, `{"name":"c%d","type":2}`)} {
		if r := call(t, s, "PUT", "/applications/"+s.App+"/commands", body); r.code() != 30032 {
			t.Errorf("got %d %.200s, want 30032", r.status, r.body)
		}
	}
	if r := call(t, s, "POST", "/applications/"+s.App+"/commands", `{"name":"Summit","description":"d"}`); r.at("_.name") == "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

func TestCommandsOfOthersAreRefused(t *testing.T) {
	s := start(t)
	for path, code := range map[string]int{
		"/applications/" + s.Bot + "/commands":                            20012, // the bot's id is not the application's
		"/applications/" + s.App + "/guilds/1/commands":                   50001,
		"/applications/" + s.App + "/guilds/" + s.Bot + "1" + "/commands": 50035, // too long for an id
	} {
		if r := call(t, s, "PUT", path, commands); r.code() != code {
			t.Errorf("%s: got %d %s, want %d", path, r.status, r.body, code)
		}
	}
}

func TestAGuildsCommandComesBeforeAGlobalOneAndNotInDirectMessages(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	register(t, s, s.Guild)
	w := dial(t, s)
	w.identify(s, ordinary)
	for _, tt := range []struct{ channel, guild string }{{channel, s.Guild}, {s.DM(ann), ""}} {
		s.Slash(ann, tt.channel, "summit", map[string]any{"question": "?"})
		data, _ := w.until("INTERACTION_CREATE").Data["data"].(map[string]any)
		want := s.Commands(tt.guild)[0].ID
		if data["id"] != want {
			t.Errorf("got command %v, want %s", data["id"], want)
		}
	}
}

func TestACommandIsFoundWhereItsContextsSay(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, ordinary)
	call(t, s, "PUT", "/applications/"+s.App+"/commands", `[{"name":"here","description":"d","contexts":[0]},{"name":"there","description":"d","contexts":[1]}]`)
	s.Slash(ann, channel, "here", nil)
	s.Slash(ann, s.DM(ann), "there", nil)
	for _, want := range []string{"here", "there"} {
		data, _ := w.until("INTERACTION_CREATE").Data["data"].(map[string]any)
		if data["name"] != want {
			t.Errorf("got %v, want %s", data["name"], want)
		}
	}
}

// Drives that no person could do fail the test.
func TestWhatPeopleCannotDoFailsTheTest(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(s *discordserver.Server, ann, channel string)
		want string
	}{
		{"a command of guilds only in a direct conversation", func(s *discordserver.Server, ann, _ string) {
			call(t, s, "PUT", "/applications/"+s.App+"/commands", `[{"name":"here","description":"d","contexts":[0]}]`)
			s.Slash(ann, s.DM(ann), "here", nil)
		}, "no command"},
		{"a locked thread", func(s *discordserver.Server, ann, c string) {
			thread := s.StartThread(ann, c, s.Say(ann, c, "hello"), "thread")
			s.LockThread(thread)
			s.Say(ann, thread, "hello")
		}, "is locked"},
		{"a choice that there is not", func(s *discordserver.Server, ann, c string) {
			own := call(t, s, "POST", "/channels/"+c+"/messages", `{"content":"x","components":`+row(`{"type":3,"custom_id":"m","options":`+options(1)+`}`)+`}`).get("id")
			s.Select(ann, c, own, "m", "9")
		}, "offers"},
		{"somebody else's ephemeral button", func(s *discordserver.Server, ann, c string) {
			id := s.Slash(ann, c, "summit", map[string]any{"question": "?"})
			callback(t, s, id, `{"type":4,"data":{"content":"x","flags":64,"components":[`+buttons(0, 1)+`]}}`)
			s.Click(s.User("bob"), c, s.Interaction(id).Original, "b0-0")
		}, "nothing to press"},
		{"an empty input of a modal", func(s *discordserver.Server, ann, c string) {
			s.Submit(opened(t, s, ann, c), nil)
		}, "does not take"},
		{"an input that the modal does not have", func(s *discordserver.Server, ann, c string) {
			s.Submit(opened(t, s, ann, c), map[string]string{"i": "x", "j": "y"})
		}, "has no input"},
		{"an unknown command", func(s *discordserver.Server, ann, c string) { s.Slash(ann, c, "nonsense", nil) }, "no command"},
		{"a guild's command in a direct conversation", func(s *discordserver.Server, ann, _ string) {
			s.Slash(ann, s.DM(ann), "summit", map[string]any{"question": "?"})
		}, "no command"},
		{"a missing option", func(s *discordserver.Server, ann, c string) { s.Slash(ann, c, "summit", nil) }, "needs option"},
		{"an unknown option", func(s *discordserver.Server, ann, c string) {
			s.Slash(ann, c, "summit", map[string]any{"question": "?", "x": 1})
		}, "has no option"},
		{"an option of another type", func(s *discordserver.Server, ann, c string) {
			s.Slash(ann, c, "summit", map[string]any{"question": "?", "private": "yes"})
		}, "takes no"},
		{"no autocompletion", func(s *discordserver.Server, ann, c string) { s.Autocomplete(ann, c, "summit", "question", nil) }, "no autocompletion"},
		{"a button that is not there", func(s *discordserver.Server, ann, c string) {
			s.Click(ann, c, s.Say(ann, c, "hello"), "b")
		}, "nothing to press"},
		{"a modal that did not open", func(s *discordserver.Server, _, _ string) { s.Submit("1", nil) }, "opened no modal"},
		{"an unknown user", func(s *discordserver.Server, _, c string) { s.Say("1", c, "hello") }, "no user"},
		{"an unknown channel", func(s *discordserver.Server, ann, _ string) { s.Say(ann, "1", "hello") }, "no channel"},
		{"an unknown message", func(s *discordserver.Server, _, c string) { s.Delete(c, "1") }, "no message"},
		{"an unknown guild", func(s *discordserver.Server, _, _ string) { s.AddChannel("1", "x") }, "no guild"},
		{"an unknown route", func(s *discordserver.Server, _, _ string) { s.Fail("POST /nonsense", 1, discordserver.Fault{}) }, "no route"},
		{"an unknown interaction", func(s *discordserver.Server, _, _ string) { s.Interaction("1") }, "no interaction"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake := &failing{T: t}
			s := discordserver.Start(fake, discordserver.Options{NoRates: true})
			channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
			register(t, s, s.Guild)
			func() {
				defer func() {
					if recover() == nil {
						t.Error("it did not fail the test")
					}
				}()
				tt.do(s, ann, channel)
			}()
			if !strings.Contains(fake.said, tt.want) {
				t.Errorf("it said %q, want %q in it", fake.said, tt.want)
			}
		})
	}
}

// opened is an interaction that opened a modal with one input, i.
func opened(t *testing.T, s *discordserver.Server, user, channel string) string {
	t.Helper()
	id := s.Slash(user, channel, "summit", map[string]any{"question": "?"})
	callback(t, s, id, `{"type":9,"data":`+modal(`"custom_id":"i","style":1,"label":"l"`)+`}`)
	return id
}

// failing is a test that says why it failed, by a panic.
type failing struct {
	*testing.T

	said string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	panic(f.said)
}
