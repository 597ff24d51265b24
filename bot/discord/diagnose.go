package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"
)

// A right is a permission that the bot needs, and for what.
type right struct {
	bit       int64
	name, why string // the name as Discord's settings have it
}

// rights are all that the bot asks for.
var rights = []right{
	{discordgo.PermissionViewChannel, "View Channels", "to see questions"},
	{discordgo.PermissionSendMessages, "Send Messages", "to answer"},
	{discordgo.PermissionSendMessagesInThreads, "Send Messages in Threads", "to answer in threads"},
	{discordgo.PermissionCreatePublicThreads, "Create Public Threads", "to begin a thread at a question"},
	{discordgo.PermissionEmbedLinks, "Embed Links", "to show the cited paragraphs"},
	{discordgo.PermissionReadMessageHistory, "Read Message History", "to reply, and to see whether an answer arrived"},
}

// Invite returns the link that takes an application's bot into a guild, with the
// permissions that it needs and no other.
func Invite(api, application string) string {
	var all int64
	for _, r := range rights {
		all |= r.bit
	}
	q := url.Values{"client_id": {application}, "scope": {"bot applications.commands"}, "permissions": {strconv.FormatInt(all, 10)}}
	return strings.TrimRight(cmp.Or(api, discordURL), "/") + "/oauth2/authorize?" + q.Encode()
}

// Access is what Discord and the configuration have to agree on.
type Access struct {
	Token          string
	APIURL         string // "" is Discord's own
	HTTP           *http.Client
	Guild          string   // where the commands are registered; "" is everywhere
	Command        string   // "" is DefaultCommand
	MessageContent bool     // the intent is asked for
	Guilds         []string // ids of those that have settings
	Channels       []string // likewise
	Roles          []string // ids of the roles that may ask somewhere
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
	Subject string `json:"subject"` // such as "token"
	Status  Status `json:"status"`
	Text    string `json:"text"`          // what was found
	Fix     string `json:"fix,omitempty"` // what to do, and where to click
}

// Where to click, in the developer portal.
const (
	atPortal  = "Open the application at discord.com/developers/applications"
	atToken   = atPortal + ", Bot, Reset Token, and copy the new one into discord.token."
	atContent = atPortal + ", Bot, Privileged Gateway Intents, and switch on Message Content Intent; or write message_content: false below discord."
	atNetwork = "See whether this machine may reach that address: proxy, firewall, discord.api_url."
)

// A diagnosis is one Diagnose on its way.
type diagnosis struct {
	send        *sender
	access      Access
	application struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Flags int64  `json:"flags"`
	}
	guilds map[string]string // names of those that the bot is in, by id
	roles  map[string]bool   // of all these guilds
	found  []Finding
}

// ApplicationID asks Discord which application a token belongs to.
func ApplicationID(ctx context.Context, a Access) (string, error) {
	d := newDiagnosis(a)
	if err := d.once(ctx, "/applications/@me", &d.application); err != nil {
		return "", fmt.Errorf("which application the token belongs to: %w", err)
	}
	return d.application.ID, nil
}

func newDiagnosis(a Access) *diagnosis {
	o := Options{Token: a.Token, APIURL: a.APIURL, HTTP: a.HTTP, Now: time.Now, Wait: sleep, Log: slog.New(slog.DiscardHandler)}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: callTimeout}
	}
	return &diagnosis{send: newSender(o), access: a, guilds: map[string]string{}, roles: map[string]bool{}}
}

// Diagnose asks Discord whether the token is good, whether the intents are switched
// on, what the bot may do in the channels that have settings, and whether its
// commands are registered. It posts nothing and begins no session.
func Diagnose(ctx context.Context, a Access) []Finding {
	d := newDiagnosis(a)
	if !d.token(ctx) {
		return d.found
	}
	d.intents()
	d.membership(ctx)
	for _, id := range a.Channels {
		d.channel(ctx, id)
	}
	for _, id := range a.Roles {
		if len(d.roles) > 0 && !d.roles[id] {
			d.add("role "+id, Missing, "there is no such role where the bot is", "Correct the id, or take it out of the settings.")
		}
	}
	d.commands(ctx)
	return d.found
}

// once reads one thing, and does not insist.
func (d *diagnosis) once(ctx context.Context, path string, out any) error {
	return d.send.once(ctx, call{method: http.MethodGet, path: path, route: path}, out)
}

func (d *diagnosis) add(subject string, status Status, text, fix string) {
	d.found = append(d.found, Finding{subject, status, text, fix})
}

func (d *diagnosis) good(subject, format string, args ...any) {
	d.add(subject, Good, fmt.Sprintf(format, args...), "")
}

// refused adds what err says in words.
func (d *diagnosis) refused(subject string, err error, fix string) {
	switch status := statusOf(err); {
	case errors.Is(err, errShut), status == http.StatusUnauthorized:
		d.add(subject, Missing, "Discord does not take the token", atToken)
	case status >= http.StatusInternalServerError:
		d.add(subject, Unknown, fmt.Sprintf("Discord has a fault of its own (HTTP %d)", status), "Look at discordstatus.com and try again.")
	case status == http.StatusTooManyRequests:
		d.add(subject, Unknown, "Discord was asked too often", "Try again later.")
	case status != 0:
		d.add(subject, Missing, fmt.Sprintf("Discord answers: %v", err), fix)
	default:
		d.add(subject, Unknown, fmt.Sprintf("Discord cannot be reached: %v", err), atNetwork)
	}
}

// token looks at the token and reports whether Discord takes it.
func (d *diagnosis) token(ctx context.Context) bool {
	const subject = "token"
	if d.access.Token == "" {
		d.add(subject, Missing, "discord.token is not set", atToken)
		return false
	}
	var me person
	if err := d.once(ctx, "/users/@me", &me); err != nil {
		d.refused(subject, err, atToken)
		return false
	}
	d.send.self.user = me.ID
	if !me.Bot {
		d.add(subject, Missing, fmt.Sprintf("it belongs to %s, who is a person and no bot", me.Name), atToken)
		return false
	}
	if err := d.once(ctx, "/applications/@me", &d.application); err != nil {
		d.refused(subject, err, "")
		return false
	}
	d.good(subject, "the bot %s of the application %s (%s)", me.Name, d.application.Name, d.application.ID)
	return true
}

// Bits of an application's flags: the intent is switched on, for more than a
// hundred guilds or for fewer.
const flagContent, flagContentLimited = 1 << 18, 1 << 19

// intents looks at the intents that have to be switched on.
func (d *diagnosis) intents() {
	const subject = "message content intent"
	on := d.application.Flags&(flagContent|flagContentLimited) != 0
	switch {
	case d.access.MessageContent && !on:
		d.add(subject, Missing, "discord.message_content is true, and the intent is not switched on: Discord would refuse the bot (code 4014)", atContent)
	case d.access.MessageContent:
		d.good(subject, "switched on: threads are followed without mentions")
	case on:
		d.good(subject, "switched on, and not used; message_content: true lets the bot follow its threads")
	default:
		d.good(subject, "not used: mentions, replies that ping and direct messages are answered")
	}
}

// membership looks at the guilds that the bot is in.
func (d *diagnosis) membership(ctx context.Context) {
	const subject = "servers"
	var list []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := d.once(ctx, "/users/@me/guilds", &list); err != nil {
		d.refused(subject, err, "")
		return
	}
	if len(list) == 0 {
		d.add(subject, Missing, "the bot is in no server", "Open the link that \"summitbot discord invite\" prints.")
		return
	}
	var names []string
	for _, g := range list {
		d.guilds[g.ID] = g.Name
		names = append(names, g.Name)
	}
	d.good(subject, "the bot is in %s", strings.Join(names, ", "))
	for _, id := range append(d.access.Guilds, d.access.Guild) {
		if id != "" && d.guilds[id] == "" {
			d.add("server "+id, Missing, "the bot is not in it", "Correct the id, or open the link that \"summitbot discord invite\" prints.")
		}
	}
}

// channel looks at what the bot may do in one channel.
func (d *diagnosis) channel(ctx context.Context, id string) {
	subject := "channel " + id
	var c struct {
		Name       string `json:"name"`
		Guild      string `json:"guild_id"`
		Overwrites []struct {
			ID    string `json:"id"`
			Kind  int    `json:"type"` // 0 of a role, 1 of a member
			Allow int64  `json:"allow,string"`
			Deny  int64  `json:"deny,string"`
		} `json:"permission_overwrites"`
	}
	err := d.once(ctx, "/channels/"+id, &c)
	switch {
	case codeOf(err) == codeMissingAccess:
		d.add(subject, Missing, "the bot may not see it", "In the channel's settings, Permissions, let the bot or its role View Channel.")
		return
	case codeOf(err) == codeUnknownChannel:
		d.add(subject, Missing, "there is no such channel", "Correct the id: switch on Settings > Advanced > Developer Mode in Discord, and Copy Channel ID from the channel's menu.")
		return
	case err != nil:
		d.refused(subject, err, "")
		return
	}
	may, err := d.base(ctx, c.Guild)
	if err != nil {
		d.refused(subject, err, "")
		return
	}
	if may.all&discordgo.PermissionAdministrator == 0 {
		var allow, deny int64
		for _, o := range c.Overwrites { // everyone first, then roles together, then the member
			if o.ID == c.Guild {
				may.all = may.all&^o.Deny | o.Allow
			} else if o.Kind == 0 && may.roles[o.ID] {
				allow, deny = allow|o.Allow, deny|o.Deny
			}
		}
		may.all = may.all&^deny | allow
		for _, o := range c.Overwrites {
			if o.Kind == 1 && o.ID == d.send.self.user {
				may.all = may.all&^o.Deny | o.Allow
			}
		}
		var lacking []string
		for _, r := range rights {
			if may.all&r.bit == 0 {
				lacking = append(lacking, fmt.Sprintf("%s (%s)", r.name, r.why))
			}
		}
		if len(lacking) > 0 {
			d.add(subject, Missing, fmt.Sprintf("in #%s the bot lacks %s", c.Name, strings.Join(lacking, "; ")), "In the channel's settings, Permissions, allow these for the bot's role.")
			return
		}
	}
	d.good(subject, "the bot may do all that it needs in #%s", c.Name)
}

// A leave is what the bot may do in a guild, and its roles there.
type leave struct {
	all   int64
	roles map[string]bool
}

// base returns what the bot's roles in a guild allow.
func (d *diagnosis) base(ctx context.Context, guild string) (leave, error) {
	l := leave{roles: map[string]bool{}}
	var m member
	if err := d.once(ctx, "/guilds/"+guild+"/members/"+d.send.self.user, &m); err != nil {
		return l, err
	}
	for _, id := range m.Roles {
		l.roles[id] = true
	}
	var roles []struct {
		ID          string `json:"id"`
		Permissions int64  `json:"permissions,string"`
	}
	if err := d.once(ctx, "/guilds/"+guild+"/roles", &roles); err != nil {
		return l, err
	}
	for _, r := range roles {
		d.roles[r.ID] = true
		if r.ID == guild || l.roles[r.ID] {
			l.all |= r.Permissions
		}
	}
	return l, nil
}

// commands looks whether the commands are registered.
func (d *diagnosis) commands(ctx context.Context) {
	const subject = "commands"
	var have []command
	if err := d.once(ctx, commandsPath(d.application.ID, d.access.Guild), &have); err != nil {
		d.refused(subject, err, "Open the link that \"summitbot discord invite\" prints once more: the scope applications.commands is missing.")
		return
	}
	missing, _ := missingCommands(commands(cmp.Or(d.access.Command, DefaultCommand)), have)
	if len(missing) > 0 {
		d.add(subject, Unknown, "not registered as they should be: "+strings.Join(missing, ", "), "\"summitbot serve\" registers them when it starts.")
		return
	}
	d.good(subject, "all are registered")
}
