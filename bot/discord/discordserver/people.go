package discordserver

import (
	"slices"
	"strconv"
)

// Permission is a set of rights, as Discord's bits.
type Permission uint64

// The rights that the server asks for.
const (
	Administrator         Permission = 1 << 3
	ViewChannel           Permission = 1 << 10
	SendMessages          Permission = 1 << 11
	ManageMessages        Permission = 1 << 13
	EmbedLinks            Permission = 1 << 14
	ReadMessageHistory    Permission = 1 << 16
	MentionEveryone       Permission = 1 << 17
	CreatePublicThreads   Permission = 1 << 35
	SendMessagesInThreads Permission = 1 << 38

	// NoPermissions is the set of none, where 0 stands for DefaultPermissions.
	NoPermissions Permission = 1 << 63
)

// everyPermission is what an administrator has.
const everyPermission = ^NoPermissions

// DefaultPermissions are those of an invitation that asks for no more than an
// answering bot needs.
func DefaultPermissions() Permission {
	return ViewChannel | SendMessages | SendMessagesInThreads | CreatePublicThreads | EmbedLinks | ReadMessageHistory
}

// User is a person, or the bot.
type User struct {
	ID      string
	Name    string
	Locale  string
	Bot     bool
	blocked bool // direct messages of the bot are refused
}

// Channel is a channel of a guild, a thread in one, or a direct conversation.
type Channel struct {
	ID       string
	Guild    string // "" for a direct conversation
	Name     string
	Parent   string // channel of a thread
	With     string // the person of a direct conversation
	Owner    string // who began a thread
	Archived bool
	Locked   bool
	allow    Permission
	deny     Permission
	typing   int
	lastID   string
}

// guild is a guild with the bot in it, unless it has left.
type guild struct {
	id, name string
	left     bool
	granted  Permission // of the bot's role
	botRole  string
	roles    []role
	members  map[string][]string // role ids by user
}

type role struct{ id, name string }

// The types of channels.
const (
	typeText   = 0
	typeDM     = 1
	typeThread = 11
)

// User returns the id of the person called name, who is there from then on.
func (s *Server) User(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if u.Name == name {
			return u.ID
		}
	}
	u := &User{ID: s.snowflake(), Name: name, Locale: "en-US"}
	s.users[u.ID] = u
	return u.ID
}

// AddBot adds a bot of somebody else's and returns its id.
func (s *Server) AddBot(name string) string {
	id := s.User(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user(id).Bot = true
	return id
}

// BotRole is the id of the role that the bot's invitation made in a guild. It
// is called as the bot is, and people mention it by mistake.
func (s *Server) BotRole(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.guild(id).botRole
}

// SetLocale sets the language of a person's client, such as de.
func (s *Server) SetLocale(user, locale string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user(user).Locale = locale
}

// BlockDM makes user accept no direct message of the bot.
func (s *Server) BlockDM(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user(user).blocked = true
}

// AddGuild adds a guild with the bot in it, and returns its id.
func (s *Server) AddGuild(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &guild{id: s.snowflake(), name: name, granted: s.granted, members: map[string][]string{}}
	g.botRole = s.snowflake()
	g.members[s.Bot] = []string{g.botRole}
	s.guilds = append(s.guilds, g)
	s.emit("GUILD_CREATE", g.id, Guilds, s.guildJSON(g))
	s.notify()
	return g.id
}

// LeaveGuild takes the bot out of a guild.
func (s *Server) LeaveGuild(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guild(id)
	s.emit("GUILD_DELETE", id, Guilds, map[string]any{"id": id})
	g.left = true
	s.notify()
}

// SetPermissions replaces what the bot may do in a guild.
func (s *Server) SetPermissions(id string, p Permission) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guild(id)
	g.granted = p
	s.emit("GUILD_ROLE_UPDATE", id, Guilds, map[string]any{"guild_id": id, "role": g.roleJSON(role{g.botRole, "Summit"})})
}

// Overwrite sets what the bot may and may not do in a channel, whatever it may
// in the guild.
func (s *Server) Overwrite(channel string, allow, deny Permission) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	c.allow, c.deny = allow, deny
	s.emit("CHANNEL_UPDATE", c.Guild, Guilds, s.channelJSON(c))
}

// AddRole adds a role to a guild and returns its id.
func (s *Server) AddRole(id, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guild(id)
	r := role{s.snowflake(), name}
	g.roles = append(g.roles, r)
	s.emit("GUILD_ROLE_CREATE", id, Guilds, map[string]any{"guild_id": id, "role": g.roleJSON(r)})
	return r.id
}

// Give replaces the roles of user in a guild.
func (s *Server) Give(id, user string, roles ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guild(id).members[s.user(user).ID] = slices.Clone(roles)
}

// AddChannel adds a text channel to a guild and returns its id.
func (s *Server) AddChannel(id, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guild(id)
	c := &Channel{ID: s.snowflake(), Guild: id, Name: name}
	s.channels[c.ID] = c
	s.emit("CHANNEL_CREATE", id, Guilds, s.channelJSON(c))
	return c.ID
}

// RemoveChannel deletes a channel or thread with all that is in it.
func (s *Server) RemoveChannel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(id)
	delete(s.channels, id)
	s.messages = slices.DeleteFunc(s.messages, func(m *Message) bool { return m.Channel == id })
	kind := "CHANNEL_DELETE"
	if c.Parent != "" {
		kind = "THREAD_DELETE"
	}
	s.emit(kind, c.Guild, Guilds, s.channelJSON(c))
	s.notify()
}

// DM returns the id of the direct conversation of user with the bot.
func (s *Server) DM(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dm(s.user(user).ID).ID
}

// dm finds a direct conversation, or begins it; s.mu is held.
func (s *Server) dm(user string) *Channel {
	for _, c := range s.channels {
		if c.With == user {
			return c
		}
	}
	c := &Channel{ID: s.snowflake(), With: user}
	s.channels[c.ID] = c
	return c
}

// LockThread closes a thread for new messages.
func (s *Server) LockThread(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(id)
	c.Archived, c.Locked = true, true
	s.emit("THREAD_UPDATE", c.Guild, Guilds, s.channelJSON(c))
}

// ArchiveThread puts a thread away, as its time does; a message brings it back.
func (s *Server) ArchiveThread(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(id)
	c.Archived = true
	s.emit("THREAD_UPDATE", c.Guild, Guilds, s.channelJSON(c))
}

// Threads returns the ids of the threads of a channel, in order.
func (s *Server) Threads(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, c := range s.channels {
		if c.Parent == channel {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// Thread returns a channel, and whether there is one of that id.
func (s *Server) Thread(id string) (Channel, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[id]; c != nil {
		return *c, true
	}
	return Channel{}, false
}

// Typing counts how often the bot showed in channel that it is typing.
func (s *Server) Typing(channel string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.channel(channel).typing
}

// Mention is how a text addresses the bot.
func (s *Server) Mention() string { return "<@" + s.Bot + ">" }

// user finds a person or fails the test; s.mu is held.
func (s *Server) user(id string) *User {
	s.t.Helper()
	u := s.users[id]
	if u == nil {
		s.t.Fatalf("discordserver: no user %s", id)
	}
	return u
}

// guild finds a guild or fails the test; s.mu is held.
func (s *Server) guild(id string) *guild {
	s.t.Helper()
	g := s.findGuild(id)
	if g == nil {
		s.t.Fatalf("discordserver: no guild %s with the bot in it", id)
	}
	return g
}

// findGuild finds a guild that the bot is in; s.mu is held.
func (s *Server) findGuild(id string) *guild {
	for _, g := range s.guilds {
		if g.id == id && !g.left {
			return g
		}
	}
	return nil
}

// channel finds a channel or fails the test; s.mu is held.
func (s *Server) channel(id string) *Channel {
	s.t.Helper()
	c := s.channels[id]
	if c == nil {
		s.t.Fatalf("discordserver: no channel %s", id)
	}
	return c
}

// may says whether the bot has all of p in c; s.mu is held.
func (s *Server) may(c *Channel, p Permission) bool { return s.rights(c)&p == p }

// rights are what the bot may do in c. A thread has those of its channel.
func (s *Server) rights(c *Channel) Permission {
	if c.Guild == "" {
		return everyPermission
	}
	if parent := s.channels[c.Parent]; parent != nil {
		c = parent
	}
	g := s.findGuild(c.Guild)
	if g == nil {
		return 0
	}
	p := g.granted &^ NoPermissions
	if p&Administrator != 0 {
		return everyPermission
	}
	p = p&^c.deny | c.allow
	if p&ViewChannel == 0 {
		return 0 // who does not see a channel can do nothing in it
	}
	return p
}

func (p Permission) String() string { return strconv.FormatUint(uint64(p&^NoPermissions), 10) }

// seen finds a channel that the bot sees; s.mu is held.
func (s *Server) seen(id string) (*Channel, *refusal) {
	c := s.channels[id]
	switch {
	case c == nil:
		return nil, errUnknownChannel
	case !s.may(c, ViewChannel):
		return nil, errMissingAccess
	}
	return c, nil
}

// userJSON is a user as the API gives it; s.mu is held.
func (s *Server) userJSON(id string) map[string]any {
	u := s.users[id]
	if u == nil {
		u = &User{ID: id, Name: "Deleted User"}
	}
	j := map[string]any{
		"id": u.ID, "username": u.Name, "discriminator": "0", "global_name": u.Name, "avatar": nil,
		"public_flags": 0, "flags": 0, "primary_guild": nil,
	}
	if u.Bot {
		j["bot"], j["global_name"] = true, nil
	}
	return j
}

// memberJSON is the part of a member that comes beside the user; s.mu is held.
func (s *Server) memberJSON(g *guild, user string) map[string]any {
	roles := g.members[user]
	if roles == nil {
		roles = []string{}
	}
	return map[string]any{
		"avatar": nil, "banner": nil, "communication_disabled_until": nil, "flags": 0, "joined_at": stamp(timeOf(g.id)),
		"nick": nil, "pending": false, "premium_since": nil, "roles": roles, "mute": false, "deaf": false,
	}
}

// memberWithUser is a member as GET gives it; s.mu is held.
func (s *Server) memberWithUser(g *guild, user string) map[string]any {
	j := s.memberJSON(g, user)
	j["user"] = s.userJSON(user)
	return j
}

func (g *guild) roleJSON(r role) map[string]any {
	p := Permission(0)
	if r.id == g.botRole {
		p = g.granted
	}
	return map[string]any{
		"id": r.id, "name": r.name, "description": nil, "permissions": p.String(), "position": 1, "color": 0, "hoist": false, "managed": r.id == g.botRole,
		"mentionable": false, "icon": nil, "unicode_emoji": nil, "flags": 0,
		"colors": map[string]any{"primary_color": 0, "secondary_color": nil, "tertiary_color": nil},
	}
}

func (g *guild) rolesJSON() []any {
	list := []any{g.roleJSON(role{g.id, "@everyone"}), g.roleJSON(role{g.botRole, "Summit"})}
	for _, r := range g.roles {
		list = append(list, g.roleJSON(r))
	}
	return list
}

// channelJSON is a channel as the API gives it; s.mu is held.
func (s *Server) channelJSON(c *Channel) map[string]any {
	j := map[string]any{"id": c.ID, "flags": 0, "last_message_id": nil}
	if c.lastID != "" {
		j["last_message_id"] = c.lastID
	}
	switch {
	case c.With != "":
		j["type"] = typeDM
		j["recipients"] = []any{s.userJSON(c.With)}
		return j
	case c.Parent != "":
		count := s.countIn(c.ID)
		j["type"] = typeThread
		j["parent_id"], j["owner_id"] = c.Parent, c.Owner
		j["thread_metadata"] = map[string]any{
			"archived": c.Archived, "locked": c.Locked, "auto_archive_duration": 1440,
			"archive_timestamp": stamp(timeOf(c.ID)), "create_timestamp": stamp(timeOf(c.ID)),
		}
		j["message_count"], j["member_count"], j["total_message_sent"] = count, 1, count
	default:
		j["type"] = typeText
		j["position"], j["parent_id"], j["topic"], j["nsfw"] = 0, nil, nil, false
		overwrites := []any{}
		if c.allow != 0 || c.deny != 0 {
			overwrites = append(overwrites, map[string]any{"id": s.Bot, "type": 1, "allow": c.allow.String(), "deny": c.deny.String()})
		}
		j["permission_overwrites"] = overwrites
	}
	j["guild_id"], j["name"], j["rate_limit_per_user"] = c.Guild, c.Name, 0
	return j
}

// guildJSON is a guild as GUILD_CREATE has it; s.mu is held.
func (s *Server) guildJSON(g *guild) map[string]any {
	j := s.guildOnly(g)
	channels, threads := []any{}, []any{}
	for _, c := range s.ordered() {
		switch {
		case c.Guild != g.id:
		case c.Parent == "":
			channels = append(channels, s.channelJSON(c))
		case !c.Archived && s.may(c, ViewChannel):
			threads = append(threads, s.channelJSON(c))
		}
	}
	j["channels"], j["threads"] = channels, threads
	j["members"] = []any{s.memberWithUser(g, s.Bot)}
	j["member_count"], j["joined_at"] = len(s.users), stamp(timeOf(g.id))
	j["large"], j["unavailable"] = false, false
	j["presences"], j["voice_states"], j["stage_instances"], j["guild_scheduled_events"] = []any{}, []any{}, []any{}, []any{}
	return j
}

// guildOnly is a guild as GET has it; s.mu is held.
func (s *Server) guildOnly(g *guild) map[string]any {
	return map[string]any{
		"id": g.id, "name": g.name, "owner_id": s.App, "roles": g.rolesJSON(), "emojis": []any{}, "stickers": []any{},
		"features": []any{}, "icon": nil, "splash": nil, "discovery_splash": nil, "banner": nil, "description": nil, "home_header": nil,
		"afk_channel_id": nil, "afk_timeout": 300, "system_channel_id": nil, "system_channel_flags": 0, "application_id": nil,
		"widget_channel_id": nil, "widget_enabled": false, "verification_level": 0, "default_message_notifications": 0,
		"mfa_level": 0, "explicit_content_filter": 0, "max_members": 500000, "max_presences": nil, "max_video_channel_users": 25,
		"max_stage_video_channel_users": 50, "vanity_url_code": nil, "premium_tier": 0, "premium_subscription_count": 0,
		"preferred_locale": "en-US", "rules_channel_id": nil, "safety_alerts_channel_id": nil, "public_updates_channel_id": nil,
		"premium_progress_bar_enabled": false, "nsfw": false, "nsfw_level": 0, "region": "deprecated", "incidents_data": nil,
	}
}

// ordered are all channels in order of their ids; s.mu is held.
func (s *Server) ordered() []*Channel {
	var list []*Channel
	for _, c := range s.channels {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *Channel) int { return timeAndOrder(a.ID, b.ID) })
	return list
}

// timeAndOrder compares two ids by their age.
func timeAndOrder(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *Server) getMe(*request) (any, *refusal) {
	j := s.userJSON(s.Bot)
	j["mfa_enabled"], j["locale"], j["verified"], j["email"] = false, "en-US", true, nil
	j["banner"], j["accent_color"] = nil, nil
	return j, nil
}

func (s *Server) getUser(r *request) (any, *refusal) {
	if s.users[r.path("user")] == nil {
		return nil, errUnknownUser
	}
	return s.userJSON(r.path("user")), nil
}

func (s *Server) getMyGuilds(*request) (any, *refusal) {
	list := []any{}
	for _, g := range s.guilds {
		if !g.left {
			list = append(list, map[string]any{
				"id": g.id, "name": g.name, "icon": nil, "banner": nil, "owner": false, "permissions": g.granted.String(), "features": []any{},
			})
		}
	}
	return list, nil
}

// The flags of an application whose privileged intents are switched on. Up to
// the threshold of a review they are the "limited" ones.
const (
	flagPresences      = 1 << 13
	flagGuildMembers   = 1 << 15
	flagMessageContent = 1 << 19
)

func (s *Server) getApplication(*request) (any, *refusal) {
	flags := 0
	for intent, flag := range map[Intents]int{Presences: flagPresences, GuildMembers: flagGuildMembers, MessageContent: flagMessageContent} {
		if s.privileged&intent != 0 {
			flags |= flag
		}
	}
	return map[string]any{
		"id": s.App, "name": "Summit", "icon": nil, "description": "", "summary": "", "type": nil, "flags": flags,
		"bot_public": true, "bot_require_code_grant": false, "verify_key": hash("verify"), "hook": true, "is_monetized": false,
		"is_verified": false, "is_discoverable": false, "approximate_guild_count": len(s.guilds),
		"bot": s.userJSON(s.Bot), "owner": s.userJSON(s.Bot), "team": nil, "redirect_uris": []any{}, "flags_new": strconv.Itoa(flags),
		"interactions_endpoint_url": nil, "role_connections_verification_url": nil, "explicit_content_filter": 0, "eligible_oauth2_scopes": []any{},
		"approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
		"integration_types_config": map[string]any{"0": map[string]any{}},
	}, nil
}

// openDM is POST /users/@me/channels.
func (s *Server) openDM(r *request) (any, *refusal) {
	f := form{}
	user := f.snowflake(r.fields, "recipient_id", true)
	if why := f.refusal(); why != nil {
		return nil, why
	}
	switch {
	case s.users[user] == nil:
		return nil, errUnknownUser
	case s.users[user].Bot:
		return nil, errCannotDM
	}
	return s.channelJSON(s.dm(user)), nil
}

var errCannotDM = refuse(403, 50007, "Cannot send messages to this user")

// guildOf finds the guild of a call.
func (s *Server) guildOf(r *request) (*guild, *refusal) {
	id := r.path("guild")
	if g := s.findGuild(id); g != nil {
		return g, nil
	}
	for _, g := range s.guilds {
		if g.id == id {
			return nil, errMissingAccess // it has left
		}
	}
	return nil, errUnknownGuild
}

func (s *Server) getGuild(r *request) (any, *refusal) {
	g, why := s.guildOf(r)
	if why != nil {
		return nil, why
	}
	return s.guildOnly(g), nil
}

// getGuildChannels lists the channels, also those that the bot does not see.
func (s *Server) getGuildChannels(r *request) (any, *refusal) {
	g, why := s.guildOf(r)
	if why != nil {
		return nil, why
	}
	list := []any{}
	for _, c := range s.ordered() {
		if c.Guild == g.id && c.Parent == "" {
			list = append(list, s.channelJSON(c))
		}
	}
	return list, nil
}

func (s *Server) getRoles(r *request) (any, *refusal) {
	g, why := s.guildOf(r)
	if why != nil {
		return nil, why
	}
	return g.rolesJSON(), nil
}

func (s *Server) getMember(r *request) (any, *refusal) {
	g, why := s.guildOf(r)
	if why != nil {
		return nil, why
	}
	user := r.path("user")
	if s.users[user] == nil {
		return nil, errUnknownUser
	}
	if _, in := g.members[user]; !in {
		return nil, errUnknownMember
	}
	return s.memberWithUser(g, user), nil
}

func (s *Server) getActiveThreads(r *request) (any, *refusal) {
	g, why := s.guildOf(r)
	if why != nil {
		return nil, why
	}
	list := []any{}
	for _, c := range s.ordered() {
		if c.Guild == g.id && c.Parent != "" && !c.Archived && s.may(c, ViewChannel) {
			list = append(list, s.channelJSON(c))
		}
	}
	return map[string]any{"threads": list, "members": []any{}, "has_more": false}, nil
}

func (s *Server) getChannel(r *request) (any, *refusal) {
	c, why := s.seen(r.path("channel"))
	if why != nil {
		return nil, why
	}
	return s.channelJSON(c), nil
}

func (s *Server) startTyping(r *request) (any, *refusal) {
	c, why := s.writable(r.path("channel"))
	if why != nil {
		return nil, why
	}
	c.typing++
	return nil, nil
}

// writable finds a channel that the bot may write in; s.mu is held.
func (s *Server) writable(id string) (*Channel, *refusal) {
	c, why := s.seen(id)
	if why != nil {
		return nil, why
	}
	right := SendMessages
	if c.Parent != "" {
		right = SendMessagesInThreads
	}
	switch {
	case !s.may(c, right):
		return nil, errMissingRights
	case c.With != "" && s.users[c.With].blocked:
		return nil, errCannotDM
	case c.Locked:
		return nil, refuse(400, 50083, "Thread is archived")
	}
	return c, nil
}

// memberSince lets a person be a member of the guild that c is in; s.mu is held.
func (s *Server) memberSince(c *Channel, user string) {
	if g := s.findGuild(c.Guild); g != nil && g.members[user] == nil {
		g.members[user] = []string{}
	}
}
