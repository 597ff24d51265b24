package slackserver

import (
	"fmt"
	"slices"
	"strings"
)

// User is a member of the workspace.
type User struct {
	ID       string
	Name     string
	RealName string
	Locale   string // such as de-DE; Slack always has one
	Bot      bool
	Deleted  bool
}

// Channel is a conversation. Kind says what it is.
type Channel struct {
	ID       string
	Name     string
	Kind     Kind
	Members  []string // user ids, the bot's among them where it was invited
	Archived bool
}

// Kind of a conversation, as events name it in channel_type.
type Kind string

// The kinds of conversation.
const (
	Public  Kind = "channel"
	Private Kind = "group"
	Direct  Kind = "im"
	Group   Kind = "mpim" // a direct message of several people
)

// scopePrefix is how scopes call the kind.
func (k Kind) scopePrefix() string {
	switch k {
	case Private:
		return "groups"
	case Direct:
		return "im"
	case Group:
		return "mpim"
	}
	return "channels"
}

// event is the name of the subscription for messages in such a channel.
func (k Kind) event() string { return "message." + k.scopePrefix() }

// User returns the id of the person called name, who joins the workspace by it.
func (s *Server) User(name string) string {
	return s.AddUser(User{Name: name, RealName: strings.ToUpper(name[:1]) + name[1:], Locale: "en-US"})
}

// AddUser adds a person, unless one of that name is there, and returns the id.
func (s *Server) AddUser(u User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.users {
		if other.Name == u.Name {
			return other.ID
		}
	}
	if u.ID == "" {
		u.ID = s.id("U")
	}
	s.users[u.ID] = &u
	return u.ID
}

// AddGroup adds a user group and returns its id.
func (s *Server) AddGroup(members ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.id("S")
	s.groups[id] = slices.Clone(members)
	return id
}

// AddChannel adds a conversation with the bot and members in it, and returns
// its id. Say and Slash let the speaker join.
func (s *Server) AddChannel(name string, kind Kind, members ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	prefix := map[Kind]string{Public: "C", Private: "G", Direct: "D", Group: "G"}[kind]
	c := &Channel{ID: s.id(prefix), Name: name, Kind: kind, Members: []string{s.Bot}}
	for _, m := range members {
		c.join(m)
	}
	s.channels[c.ID] = c
	return c.ID
}

// DM returns the id of the direct conversation of user with the bot.
func (s *Server) DM(user string) string {
	s.mu.Lock()
	id := s.dm(user)
	s.mu.Unlock()
	if id != "" {
		return id
	}
	return s.AddChannel("", Direct, user)
}

// dm finds a direct conversation; s.mu is held.
func (s *Server) dm(user string) string {
	for _, c := range s.channels {
		if c.Kind == Direct && slices.Contains(c.Members, user) {
			return c.ID
		}
	}
	return ""
}

// Kick removes user from channel; the bot is a user too.
func (s *Server) Kick(channel, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	c.Members = slices.DeleteFunc(c.Members, func(m string) bool { return m == user })
}

// Invite adds user to channel; the bot is a user too.
func (s *Server) Invite(channel, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(channel).join(user)
}

// Archive closes channel for new messages.
func (s *Server) Archive(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(channel).Archived = true
}

// Mention is how a text addresses the bot.
func (s *Server) Mention() string { return "<@" + s.Bot + ">" }

func (c *Channel) join(user string) {
	if !slices.Contains(c.Members, user) {
		c.Members = append(c.Members, user)
	}
}

func (c *Channel) has(user string) bool { return slices.Contains(c.Members, user) }

// json is the channel as conversations.info gives it.
func (c *Channel) json() map[string]any {
	return map[string]any{
		"id": c.ID, "name": c.Name, "is_archived": c.Archived,
		"is_channel": c.Kind == Public, "is_group": c.Kind == Private, "is_im": c.Kind == Direct, "is_mpim": c.Kind == Group,
		"is_private": c.Kind != Public, "is_member": true, "num_members": len(c.Members),
	}
}

// json is the user as users.info gives it.
func (u *User) json(team string) map[string]any {
	return map[string]any{
		"id": u.ID, "team_id": team, "name": u.Name, "real_name": u.RealName, "locale": u.Locale,
		"is_bot": u.Bot, "deleted": u.Deleted, "tz": "Europe/Berlin",
		"profile": map[string]any{"real_name": u.RealName, "display_name": u.Name, "team": team},
	}
}

// who names a user in an error of a test.
func (s *Server) who(id string) string {
	if u := s.users[id]; u != nil {
		return fmt.Sprintf("%s (%s)", u.Name, id)
	}
	return id
}
