package slack

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// groupAge is how long the members of a user group are believed. Who is taken out
// of a group may ask for that long; asking Slack each time would spend its limit.
const groupAge = 5 * time.Minute

// groups know who is in which user group.
type groups struct {
	send *sender
	now  func() time.Time

	mu    sync.Mutex
	known map[string]members
}

type members struct {
	users []string
	read  time.Time
}

func newGroups(send *sender, now func() time.Time) *groups {
	return &groups{send: send, now: now, known: map[string]members{}}
}

// has reports whether a user is in a group.
func (g *groups) has(ctx context.Context, group, user string) (bool, error) {
	g.mu.Lock()
	m, ok := g.known[group]
	g.mu.Unlock()
	if !ok || g.now().Sub(m.read) > groupAge {
		var users []string
		err := g.send.repeat(ctx, "usergroups.users.list", group, func() (err error) {
			users, err = g.send.api.GetUserGroupMembersContext(ctx, group)
			return err
		})
		if err != nil {
			return false, fmt.Errorf("members of user group %q: %w", group, err)
		}
		m = members{users, g.now()}
		g.mu.Lock()
		g.known[group] = m
		g.mu.Unlock()
	}
	return slices.Contains(m.users, user), nil
}

// mayAsk reports whether a user may use the bot in a channel. Nobody may whose
// groups cannot be read.
func (s *Slack) mayAsk(ctx context.Context, channel, user string) bool {
	c := s.settings(channel)
	if len(c.Users) == 0 && len(c.UserGroups) == 0 || slices.Contains(c.Users, user) {
		return true
	}
	for _, group := range c.UserGroups {
		in, err := s.groups.has(ctx, group, user)
		if err != nil {
			s.log.ErrorContext(ctx, "slack: who may ask", "channel", channel, "error", err)
		}
		if in {
			return true
		}
	}
	return false
}

// open reports whether a collection may be seen where those of c may.
func (c Channel) open(collection string) bool {
	return len(c.Collections) == 0 || slices.Contains(c.Collections, collection)
}

// mayShow reports whether all that an answer shows of documents may be seen in a
// channel: what it cites, and the near misses of a refusal. A document that is
// gone counts by what the citation says of it; a near miss of one does not count.
func (s *Slack) mayShow(ctx context.Context, channel string, a answer.Answer) (bool, error) {
	c := s.settings(channel)
	if len(c.Collections) == 0 {
		return true, nil
	}
	for _, claim := range a.Claims {
		for _, cited := range claim.Citations {
			if !c.open(cited.Collection) {
				return false, nil
			}
		}
	}
	if len(a.Claims) == 0 && len(a.Nearest) == 0 {
		return true, nil
	}
	docs, err := s.library.Documents(ctx)
	if err != nil {
		return false, err
	}
	// A document may have moved to another collection since.
	shut := func(address string) bool {
		addr, err := knowledge.ParseAddress(address)
		return err == nil && slices.ContainsFunc(docs, func(d knowledge.Document) bool { return d.ID == addr.Document && !c.open(d.Collection) })
	}
	for _, claim := range a.Claims {
		for _, cited := range claim.Citations {
			if shut(cited.Address) {
				return false, nil
			}
		}
	}
	return !slices.ContainsFunc(a.Nearest, func(n answer.Nearest) bool { return shut(n.Address) }), nil
}

// documents returns those that may be seen in a channel.
func (s *Slack) documents(ctx context.Context, channel string) ([]knowledge.Document, error) {
	docs, err := s.library.Documents(ctx)
	if err != nil {
		return nil, err
	}
	c := s.settings(channel)
	return slices.DeleteFunc(slices.Clone(docs), func(d knowledge.Document) bool { return !c.open(d.Collection) }), nil
}
