package slack

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A workspace is a server that answers as Slack would, each method by its reply.
type workspace struct {
	scopes  string // of the bot token; "" says nothing
	replies map[string]string
	status  map[string]int // HTTP status of a method, 200 if it is not there
}

// goodWorkspace is one in which nothing is missing.
func goodWorkspace() *workspace {
	var scopes []string
	for _, s := range (Features{UserGroups: true}).scopes() {
		scopes = append(scopes, s.name)
	}
	return &workspace{
		scopes: strings.Join(scopes, ","),
		replies: map[string]string{
			"auth.test":              `{"ok":true,"team":"Acme","team_id":"T1","user":"summitbot","user_id":"U1","bot_id":"B1"}`,
			"apps.connections.open":  `{"ok":true,"url":"wss://example.org/link"}`,
			"conversations.info C1":  `{"ok":true,"channel":{"id":"C1","name":"news","is_member":true}}`,
			"usergroups.users.list ": `{"ok":true,"users":["U2"]}`,
		},
		status: map[string]int{},
	}
}

// ServeHTTP implements http.Handler. A token is looked for where Slack does.
func (w *workspace) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	token, want := r.PostFormValue("token"), "xoxb-1"
	if method == "apps.connections.open" {
		token, want = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "xapp-1"
	}
	if token != want {
		fmt.Fprint(out, `{"ok":false,"error":"not_authed"}`)
		return
	}
	if w.scopes != "" {
		out.Header().Set("X-OAuth-Scopes", w.scopes)
	}
	if status := w.status[method]; status != 0 {
		out.Header().Set("Retry-After", "7")
		out.WriteHeader(status)
		return
	}
	reply, ok := w.replies[method]
	if !ok {
		reply, ok = w.replies[method+" "+r.PostFormValue("channel")]
	}
	if !ok {
		reply = `{"ok":false,"error":"unknown_method"}`
	}
	fmt.Fprint(out, reply)
}

// diagnose runs Diagnose against w.
func diagnose(t *testing.T, w http.Handler, change func(*Access)) []Finding {
	t.Helper()
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	a := Access{
		BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: server.URL + "/api", Client: server.Client(),
		Channels: []string{"C1"}, UserGroups: []string{"S1"}, Features: Features{UserGroups: true},
	}
	if change != nil {
		change(&a)
	}
	return Diagnose(t.Context(), a)
}

func TestNothingIsMissingInAGoodWorkspace(t *testing.T) {
	want := []Finding{
		{Subject: "bot token", Status: Good, Text: "@summitbot in the workspace Acme (T1)"},
		{Subject: "scopes", Status: Good, Text: "all 11 that are needed"},
		{Subject: "channel C1", Status: Good, Text: "the bot is in #news"},
		{Subject: "user group S1", Status: Good, Text: "members: 1"},
		{Subject: "app token", Status: Good, Text: "Slack offers a socket"},
	}
	if diff := cmp.Diff(want, diagnose(t, goodWorkspace(), nil)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatIsMissingIsSaidWithWhereToClick(t *testing.T) {
	fails := func(word string) string { return fmt.Sprintf(`{"ok":false,"error":%q}`, word) }
	reply := func(method, json string) func(*workspace) {
		return func(w *workspace) { w.replies[method] = json }
	}
	status := func(method string, code int) func(*workspace) {
		return func(w *workspace) { w.status[method] = code }
	}
	const info, group, open = "conversations.info C1", "usergroups.users.list ", "apps.connections.open"
	tests := []struct {
		name   string
		change func(*workspace)
		want   Finding
	}{
		{"unknown bot token", reply("auth.test", fails("invalid_auth")), Finding{"bot token", Missing, "Slack does not know this token", atBotToken}},
		{"revoked bot token", reply("auth.test", fails("token_revoked")), Finding{"bot token", Missing, "this token was valid once and was revoked, or the app was removed from the workspace", atInstall}},
		{"removed app", reply("auth.test", fails("account_inactive")), Finding{"bot token", Missing, "this token was valid once and was revoked, or the app was removed from the workspace", atInstall}},
		{"rotated token", reply("auth.test", fails("token_expired")), Finding{"bot token", Missing, "this token has expired: the app has token rotation, which summitbot does not use", "Make a new app from the manifest, which leaves token rotation off."}},
		{"a person's token", reply("auth.test", `{"ok":true,"team":"Acme","team_id":"T1","user":"ada","user_id":"U2"}`), Finding{"bot token", Missing, "it belongs to ada, who is a person and no bot", atBotToken}},
		{"no error and no name", reply("auth.test", `{"ok":false}`), Finding{"bot token", Missing, "no answer that makes sense: the server does not say who the token belongs to", atServer}},
		{"a workspace that is closed", reply("auth.test", fails("team_access_not_granted")), Finding{"bot token", Missing, "the workspace does not let the app in (team_access_not_granted)", atNoManager}},
		{"a word that nobody knows", reply("auth.test", fails("cosmic_rays")), Finding{"bot token", Missing, `Slack answers "cosmic_rays"`, ""}},
		{"too often", status("auth.test", 429), Finding{"bot token", Unknown, "Slack was asked too often, and answers again in 7s", atLater}},
		{"a fault of Slack", status("auth.test", 503), Finding{"bot token", Unknown, "the server has a fault of its own (HTTP 503)", atStatus}},
		{"a fault that Slack names", reply("auth.test", fails("internal_error")), Finding{"bot token", Unknown, "Slack has a fault of its own (internal_error)", atStatus}},
		{"another server", status("auth.test", 404), Finding{"bot token", Missing, "the server does not know what was asked (HTTP 404)", atServer}},
		{"scopes that are missing", func(w *workspace) { w.scopes = strings.ReplaceAll(w.scopes, "groups:history,", "") }, Finding{"scopes", Missing, "groups:history (the same in private channels)", atManifest}},
		{"scopes that are not told", func(w *workspace) { w.scopes = "" }, Finding{"scopes", Unknown, "the server does not say what the token may do", ""}},
		{"not in the channel", reply(info, `{"ok":true,"channel":{"id":"C1","name":"news"}}`), Finding{"channel C1", Missing, "the bot is not in #news, so it does not see mentions there", "Write /invite @summitbot in it."}},
		{"an archived channel", reply(info, `{"ok":true,"channel":{"id":"C1","name":"news","is_archived":true}}`), Finding{"channel C1", Missing, "#news is archived", "Take it out of slack.channels, or unarchive it."}},
		{"no such channel", reply(info, fails("channel_not_found")), Finding{"channel C1", Missing, "there is no such channel here, or it is private and the bot is not in it", "If it is private, write /invite @summitbot in it. Else correct the id: it stands in Slack at the end of the channel's details."}},
		{"a channel without the scope", reply(info, `{"ok":false,"error":"missing_scope","needed":"channels:read","provided":"chat:write"}`), Finding{"channel C1", Unknown, "not looked at: the scope channels:read is missing", atManifest}},
		{"no such group", reply(group, fails("no_such_subteam")), Finding{"user group S1", Missing, "there is no such user group", "Correct its id, which begins with S, or take it out of slack.channels and slack.defaults."}},
		{"nobody in the group", reply(group, `{"ok":true,"users":[]}`), Finding{"user group S1", Missing, "nobody is in it, so nobody may ask", "Add people to the group."}},
		{"unknown app token", reply(open, fails("invalid_auth")), Finding{"app token", Missing, "Slack does not know this token", atAppToken}},
		{"revoked app token", reply(open, fails("token_revoked")), Finding{"app token", Missing, "this token was valid once and was revoked, or the app was removed from the workspace", atAppToken}},
		{"bot token for app token", reply(open, fails("not_allowed_token_type")), Finding{"app token", Missing, "this is a token of another kind; the bot token begins with xoxb-, the app token with xapp-", atAppToken}},
		{"app token without its scope", reply(open, `{"ok":false,"error":"missing_scope","needed":"connections:write","provided":""}`), Finding{"app token", Missing, "the app token lacks the scope connections:write", atAppToken}},
		{"a word about the socket that nobody knows", reply(open, fails("socket_off")), Finding{"app token", Missing, `Slack answers "socket_off"`, atSocket}},
		{"no address for the socket", reply(open, `{"ok":true}`), Finding{"app token", Missing, "no answer that makes sense: the server gives no address to connect to", atServer}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := goodWorkspace()
			tt.change(w)
			found := diagnose(t, w, nil)
			var got []Finding
			for _, f := range found {
				if f.Status != Good {
					got = append(got, f)
				}
			}
			if diff := cmp.Diff([]Finding{tt.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWithoutTokensBothAreMissing(t *testing.T) {
	want := []Finding{
		{"bot token", Missing, "slack.bot_token is not set", atBotToken},
		{"app token", Missing, "slack.app_token is not set", atAppToken},
	}
	got := diagnose(t, goodWorkspace(), func(a *Access) { a.BotToken, a.AppToken = "", "" })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTokensAreTakenEachForItsOwn(t *testing.T) {
	got := diagnose(t, goodWorkspace(), func(a *Access) { a.BotToken, a.AppToken = "xoxb-2", "xapp-2" })
	want := []Finding{
		{"bot token", Missing, "Slack does not know this token", atBotToken},
		{"app token", Missing, "Slack does not know this token", atAppToken},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestANetworkThatIsClosedIsNoFaultOfTheTokens(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"reset": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"silent": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // before that a server does not notice who hung up
			<-r.Context().Done()
		},
	} {
		for _, f := range diagnose(t, handler, func(a *Access) { a.Client.Timeout = 50 * time.Millisecond }) {
			if f.Status != Missing || f.Fix != atNetwork || !strings.HasPrefix(f.Text, "Slack cannot be reached: ") {
				t.Errorf("%s: got %+v", name, f)
			}
			if strings.Contains(f.Text, "xoxb") || strings.Contains(f.Text, "xapp") {
				t.Errorf("%s: a token is shown: %s", name, f.Text)
			}
		}
	}
	// HTML where JSON should be.
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Log in</html>") })
	for _, f := range diagnose(t, page, nil) {
		if f.Status != Missing || f.Fix != atServer {
			t.Errorf("got %+v", f)
		}
	}
}

func TestADiagnosisEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, f := range Diagnose(ctx, Access{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: "http://127.0.0.1:1/", Client: &http.Client{}}) {
		if f.Status == Good {
			t.Errorf("got %+v", f)
		}
	}
}

func TestOverHTTPTheAddressIsLookedAtInPlaceOfASocket(t *testing.T) {
	reply := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}
	}
	program := func(secret string) http.Handler {
		log := slog.New(slog.DiscardHandler)
		return newEndpoint(Options{SigningSecret: secret, Now: time.Now, Log: log}, newVitals(time.Now, log), nil)
	}
	for _, tt := range []struct {
		name   string
		at     http.Handler // nil is no address
		status Status
		part   string
		fix    string
	}{
		{"the program", program(secret), Good, "the program answers at http://", ""},
		{"another secret", program("another"), Missing, "does not take a signature", atSecret},
		{"a proxy without the program", reply(502, "Bad Gateway"), Unknown, "(HTTP 502)", atProxy},
		{"another page", reply(200, "<html>Welcome</html>"), Unknown, "something else than the program", atProxy},
		{"nobody", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), Unknown, "nothing answers there", atProxy},
		{"no address", nil, Unknown, "slack.request_url is not set", atAddress},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := diagnose(t, goodWorkspace(), func(a *Access) {
				a.AppToken, a.SigningSecret = "", secret
				if tt.at != nil {
					server := httptest.NewServer(tt.at)
					t.Cleanup(server.Close)
					a.Features.RequestURL = server.URL + "/slack"
				}
			})
			last := found[len(found)-1]
			if len(found) != 5 || last.Subject != "request URL" || last.Status != tt.status || !strings.Contains(last.Text, tt.part) || last.Fix != tt.fix {
				t.Errorf("got %+v", found)
			}
			if strings.Contains(last.Text, secret) {
				t.Errorf("the secret is shown: %s", last.Text)
			}
		})
	}
}
