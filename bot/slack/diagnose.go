package slack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// Access is what Slack and the configuration have to agree on.
type Access struct {
	BotToken, AppToken string
	SigningSecret      string // with it Slack comes by HTTP, and there is no AppToken
	APIURL             string // "" is Slack's own
	Client             *http.Client
	Features           Features
	Channels           []string // ids of the channels that have settings
	UserGroups         []string // ids of the groups that may ask somewhere
}

// A Status says how a finding turned out.
type Status string

// The statuses. Unknown is what could not be looked at.
const (
	Good    Status = "ok"
	Missing Status = "missing"
	Unknown Status = "unknown"
)

// A Finding is one thing that Diagnose looked at.
type Finding struct {
	Subject string `json:"subject"` // such as "bot token"
	Status  Status `json:"status"`
	Text    string `json:"text"`          // what was found
	Fix     string `json:"fix,omitempty"` // what to do, and where to click
}

// Diagnose asks Slack whether the tokens are good, what the app may do, whether
// a socket is given out and which channels the bot is in. It posts nothing and
// opens no socket: events that came through it would be lost. Where Slack comes by
// HTTP it asks, at the address that Slack has, whether the program is there.
func Diagnose(ctx context.Context, a Access) []Finding {
	options := []slack.Option{slack.OptionAppLevelToken(a.AppToken), slack.OptionHTTPClient(a.Client)}
	if a.APIURL != "" {
		options = append(options, slack.OptionAPIURL(withSlash(a.APIURL)))
	}
	d := diagnosis{api: slack.New(a.BotToken, options...), access: a}
	if d.token(ctx) {
		for _, id := range a.Channels {
			d.channel(ctx, id)
		}
		for _, id := range a.UserGroups {
			d.userGroup(ctx, id)
		}
	}
	if a.SigningSecret != "" {
		d.address(ctx)
	} else {
		d.socket(ctx)
	}
	return d.found
}

// withSlash returns an API's address as the client needs it, which puts the
// method right behind it.
func withSlash(address string) string { return strings.TrimRight(address, "/") + "/" }

// A diagnosis is one Diagnose on its way.
type diagnosis struct {
	api    *slack.Client
	access Access
	bot    string // its name, once it is known
	found  []Finding
}

func (d *diagnosis) good(subject, format string, args ...any) {
	d.found = append(d.found, Finding{Subject: subject, Status: Good, Text: fmt.Sprintf(format, args...)})
}

func (d *diagnosis) add(subject string, status Status, text, fix string) {
	d.found = append(d.found, Finding{subject, status, text, fix})
}

// Where to click, on the pages of the app at api.slack.com/apps.
const (
	atBotToken  = "On the app's page open OAuth & Permissions and copy the Bot User OAuth Token (xoxb-...) into slack.bot_token."
	atInstall   = "On the app's page open Install App, install it into the workspace again, and copy the Bot User OAuth Token (xoxb-...) into slack.bot_token."
	atAppToken  = "On the app's page open Basic Information > App-Level Tokens, generate one with the scope connections:write, and copy it (xapp-...) into slack.app_token."
	atManifest  = `On the app's page open App Manifest, paste what "summitbot slack manifest" prints, save, then open Install App and install the app into the workspace again.`
	atSocket    = "On the app's page open Socket Mode and switch it on."
	atAddress   = `Write into slack.request_url the address at which Slack reaches slack.listen, such as https://bot.example.org/slack, and paste anew what "summitbot slack manifest" prints.`
	atSecret    = "On the app's page open Basic Information > App Credentials and copy the Signing Secret into slack.signing_secret; see whether both machines' clocks are right, and whether the proxy leaves bodies and headers as they are."
	atProxy     = `Start "summitbot serve", see that the proxy at this address passes all on to slack.listen, and try again.`
	atNetwork   = "See whether this machine may reach that address: proxy, firewall, slack.api_url."
	atServer    = "See whether slack.api_url is the address that methods such as auth.test stand below, or leave it out."
	atLater     = "Try again then."
	atStatus    = "Look at slack-status.com and try again."
	atNoManager = "Ask whoever administers the workspace whether the app is allowed in it."
)

const (
	subjectToken  = "bot token"
	subjectScopes = "scopes"
	subjectSocket = "app token"
	subjectURL    = "request URL"
)

// token looks at the bot's token and its scopes and reports whether Slack takes it.
func (d *diagnosis) token(ctx context.Context) bool {
	if d.access.BotToken == "" {
		d.add(subjectToken, Missing, "slack.bot_token is not set", atBotToken)
		return false
	}
	who, err := d.api.AuthTestContext(ctx)
	if err == nil && (who.UserID == "" || who.TeamID == "") {
		err = errors.New("the server does not say who the token belongs to") // A1: not ok, and no error
	}
	switch {
	case err != nil:
		d.refused(subjectToken, err, atBotToken)
		return false
	case who.BotID == "":
		d.add(subjectToken, Missing, fmt.Sprintf("it belongs to %s, who is a person and no bot", who.User), atBotToken)
		return false
	}
	d.bot = who.User
	d.good(subjectToken, "@%s in the workspace %s (%s)", who.User, who.Team, who.TeamID)
	d.scopes(who.Header)
	return true
}

// scopes looks at what the token may do, as every reply of Slack tells it.
func (d *diagnosis) scopes(header http.Header) {
	told := header.Get("X-OAuth-Scopes")
	if told == "" {
		d.add(subjectScopes, Unknown, "the server does not say what the token may do", "")
		return
	}
	given := strings.FieldsFunc(told, func(r rune) bool { return r == ',' || r == ' ' })
	var lacking []string
	for _, s := range d.access.Features.scopes() {
		if !slices.Contains(given, s.name) {
			lacking = append(lacking, fmt.Sprintf("%s (%s)", s.name, s.why))
		}
	}
	if len(lacking) > 0 {
		d.add(subjectScopes, Missing, strings.Join(lacking, "; "), atManifest)
		return
	}
	d.good(subjectScopes, "all %d that are needed", len(d.access.Features.scopes()))
}

// channel looks at one channel that has settings of its own.
func (d *diagnosis) channel(ctx context.Context, id string) {
	subject := "channel " + id
	c, err := d.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	switch {
	case errorOf(err) == "channel_not_found":
		d.add(subject, Missing, "there is no such channel here, or it is private and the bot is not in it",
			fmt.Sprintf("If it is private, write /invite @%s in it. Else correct the id: it stands in Slack at the end of the channel's details.", d.bot))
	case err != nil:
		d.refused(subject, err, "")
	case c.IsArchived:
		d.add(subject, Missing, fmt.Sprintf("#%s is archived", c.Name), "Take it out of slack.channels, or unarchive it.")
	case !c.IsMember:
		d.add(subject, Missing, fmt.Sprintf("the bot is not in #%s, so it does not see mentions there", c.Name),
			fmt.Sprintf("Write /invite @%s in it.", d.bot))
	default:
		d.good(subject, "the bot is in #%s", c.Name)
	}
}

// userGroup looks at one group of people who may ask.
func (d *diagnosis) userGroup(ctx context.Context, id string) {
	subject := "user group " + id
	members, err := d.api.GetUserGroupMembersContext(ctx, id)
	switch {
	case errorOf(err) == "no_such_subteam":
		d.add(subject, Missing, "there is no such user group", "Correct its id, which begins with S, or take it out of slack.channels and slack.defaults.")
	case err != nil:
		d.refused(subject, err, "")
	case len(members) == 0:
		d.add(subject, Missing, "nobody is in it, so nobody may ask", "Add people to the group.")
	default:
		d.good(subject, "members: %d", len(members))
	}
}

// socket looks at the app's token: whether Slack would open a socket for it.
func (d *diagnosis) socket(ctx context.Context) {
	if d.access.AppToken == "" {
		d.add(subjectSocket, Missing, "slack.app_token is not set", atAppToken)
		return
	}
	_, address, err := d.api.StartSocketModeContext(ctx)
	if err == nil && address == "" {
		err = errors.New("the server gives no address to connect to")
	}
	if err != nil {
		d.refused(subjectSocket, err, atAppToken)
		return
	}
	d.good(subjectSocket, "Slack offers a socket")
}

// address looks for the program where Slack sends what people write: it sends there
// what Slack does when the address is entered. Whether Slack itself comes through,
// and has the same secret, nothing here can see.
func (d *diagnosis) address(ctx context.Context) {
	address := d.access.Features.RequestURL
	if address == "" {
		d.add(subjectURL, Unknown, "not looked at: slack.request_url is not set", atAddress)
		return
	}
	status, reply, err := d.challenge(ctx, address)
	switch {
	case err != nil:
		d.add(subjectURL, Unknown, fmt.Sprintf("nothing answers there, as seen from this machine: %v", err), atProxy)
	case status == http.StatusUnauthorized:
		d.add(subjectURL, Missing, "what answers at "+address+" does not take a signature with slack.signing_secret", atSecret)
	case status != http.StatusOK || reply != challenge:
		d.add(subjectURL, Unknown, fmt.Sprintf("something else than the program answers at %s (HTTP %d)", address, status), atProxy)
	default:
		d.good(subjectURL, "the program answers at %s, as seen from this machine; whether Slack gets there too, the app's page says under Event Subscriptions", address)
	}
}

// challenge is what has to come back.
const challenge = "summitbot-slack-check"

// challenge sends the challenge to address and returns what comes back.
func (d *diagnosis) challenge(ctx context.Context, address string) (status int, reply string, err error) {
	body := []byte(`{"type":"url_verification","challenge":"` + challenge + `"}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	signed := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set(headerTime, signed)
	req.Header.Set(headerSignature, scheme+"="+hex.EncodeToString(signature(d.access.SigningSecret, signed, body)))
	req.Header.Set("Content-Type", "application/json")
	client := *d.access.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, int64(len(challenge))+1))
	return resp.StatusCode, string(text), err
}

// refused adds what err says in words. atToken is what to do if the token of
// the call is to blame; "" is one that was found good before.
func (d *diagnosis) refused(subject string, err error, atToken string) {
	missing := func(text, fix string) { d.add(subject, Missing, text, fix) }
	unknown := func(text, fix string) { d.add(subject, Unknown, text, fix) }
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		unknown(fmt.Sprintf("Slack was asked too often, and answers again in %s", limited.RetryAfter), atLater)
		return
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		if status.Code >= http.StatusInternalServerError {
			unknown(fmt.Sprintf("the server has a fault of its own (HTTP %d)", status.Code), atStatus)
			return
		}
		missing(fmt.Sprintf("the server does not know what was asked (HTTP %d)", status.Code), atServer)
		return
	}
	reply, fromSlack := errors.AsType[slack.SlackErrorResponse](err)
	if _, unreached := errors.AsType[*url.Error](err); unreached {
		missing(fmt.Sprintf("Slack cannot be reached: %v", err), atNetwork)
		return
	}
	if !fromSlack {
		missing(fmt.Sprintf("no answer that makes sense: %v", err), atServer)
		return
	}
	app := subject == subjectSocket
	reinstall := atInstall
	if app {
		reinstall = atAppToken
	}
	switch reply.Err {
	case "invalid_auth", "not_authed":
		missing("Slack does not know this token", cmp.Or(atToken, atBotToken))
	case "token_revoked", "account_inactive":
		missing("this token was valid once and was revoked, or the app was removed from the workspace", reinstall)
	case "token_expired":
		missing("this token has expired: the app has token rotation, which summitbot does not use", "Make a new app from the manifest, which leaves token rotation off.")
	case "not_allowed_token_type":
		missing("this is a token of another kind; the bot token begins with xoxb-, the app token with xapp-", cmp.Or(atToken, atBotToken))
	case "missing_scope":
		if app {
			missing("the app token lacks the scope connections:write", atAppToken)
			return
		}
		// A scope that is missing was told with the others already.
		unknown("not looked at: the scope "+cmp.Or(reply.Needed, "for it")+" is missing", atManifest)
	case "team_access_not_granted", "org_login_required", "ekm_access_denied", "access_denied", "no_permission":
		missing(fmt.Sprintf("the workspace does not let the app in (%s)", reply.Err), atNoManager)
	case "ratelimited":
		unknown("Slack was asked too often", atLater)
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		unknown(fmt.Sprintf("Slack has a fault of its own (%s)", reply.Err), atStatus)
	default:
		fix := ""
		if app {
			fix = atSocket
		}
		missing(fmt.Sprintf("Slack answers %q", reply.Err), fix)
	}
}

// errorOf returns Slack's word for what went wrong, "" if it is not from Slack.
func errorOf(err error) string {
	reply, _ := errors.AsType[slack.SlackErrorResponse](err)
	return reply.Err
}
