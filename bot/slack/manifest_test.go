package slack

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"go.yaml.in/yaml/v3"
)

// readManifest reads what Manifest wrote, by the schema of the client.
func readManifest(t *testing.T, f Features) slack.Manifest {
	t.Helper()
	text := Manifest(f)
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	var m slack.Manifest
	if err := dec.Decode(&m); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return m
}

func TestTheManifestIsOneOfSlacks(t *testing.T) {
	m := readManifest(t, Features{Command: "/docs"})
	want := slack.Features{
		AppHome: slack.AppHome{MessagesTabEnabled: true},
		BotUser: slack.BotUser{DisplayName: "summitbot", AlwaysOnline: true},
		AgentView: &slack.AgentView{
			AgentDescription: "Answers questions from our documents, with the paragraphs they came from",
		},
		SlashCommands: []slack.ManifestSlashCommand{{
			Command: "/docs", Description: "Ask the documents", UsageHint: "[question | help | sources | show NUMBER]",
		}},
		Shortcuts: []slack.Shortcut{{
			Name: "Check against the documents", Type: slack.MessageShortcut, CallbackID: checkShortcut,
			Description: "Which sentences of a message the documents support",
		}},
	}
	if diff := cmp.Diff(want, m.Features); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s := m.Settings
	if !s.SocketModeEnabled || s.TokenRotationEnabled || s.Interactivity == nil || !s.Interactivity.IsEnabled {
		t.Errorf("got settings %+v", s)
	}
	if m.Display.Name == "" || len(m.Display.Name) > 35 || len(m.Display.Description) > 140 {
		t.Errorf("got display information %+v", m.Display)
	}
}

func TestTheManifestAsksForWhatTheFeaturesNeed(t *testing.T) {
	least, most := readManifest(t, Features{}), readManifest(t, Features{FollowThreads: true, UserGroups: true})
	if got := least.Features.SlashCommands[0].Command; got != DefaultCommand {
		t.Errorf("command: got %q, want %q", got, DefaultCommand)
	}
	for _, tt := range []struct {
		what        string
		least, most []string
		more        []string
	}{
		{"scopes", least.OAuthConfig.Scopes.Bot, most.OAuthConfig.Scopes.Bot, []string{"usergroups:read"}},
		{
			"events", least.Settings.EventSubscriptions.BotEvents, most.Settings.EventSubscriptions.BotEvents,
			[]string{"message.channels", "message.groups", "message.mpim"},
		},
	} {
		if diff := cmp.Diff(append(slices.Clone(tt.least), tt.more...), tt.most); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.what, diff)
		}
	}
	// Slack refuses a subscription whose scope is not asked for.
	for event, scope := range map[string]string{
		"app_mention": "app_mentions:read", "message.im": "im:history", "message.channels": "channels:history",
		"message.groups": "groups:history", "message.mpim": "mpim:history",
	} {
		if !slices.Contains(most.Settings.EventSubscriptions.BotEvents, event) || !slices.Contains(most.OAuthConfig.Scopes.Bot, scope) {
			t.Errorf("no %s or no %s", event, scope)
		}
	}
}

func TestEveryEventIsOneThatTheClientDecodes(t *testing.T) {
	for _, e := range (Features{FollowThreads: true}).events() {
		kind, _, _ := strings.Cut(e.name, ".") // message.im arrives as message
		if _, known := slackevents.EventsAPIInnerEventMapping[slackevents.EventsAPIType(kind)]; !known {
			t.Errorf("%s is not decoded", e.name)
		}
	}
}

func TestTheManifestForHTTPHasTheAddressThreeTimesAndNoSocket(t *testing.T) {
	const address = "https://bot.example.org/a%20b/slack?x=#y"
	m := readManifest(t, Features{RequestURL: address})
	got := []string{m.Features.SlashCommands[0].Url, m.Settings.EventSubscriptions.RequestUrl, m.Settings.Interactivity.RequestUrl}
	if diff := cmp.Diff([]string{address, address, address}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if m.Settings.SocketModeEnabled || !m.Settings.Interactivity.IsEnabled {
		t.Errorf("got settings %+v", m.Settings)
	}
	m.Features.SlashCommands[0].Url, m.Settings.EventSubscriptions.RequestUrl, m.Settings.Interactivity.RequestUrl = "", "", ""
	m.Settings.SocketModeEnabled = true
	if diff := cmp.Diff(readManifest(t, Features{}), m); diff != "" {
		t.Errorf("all else is as with a socket: -want +got:\n%s", diff)
	}
}
