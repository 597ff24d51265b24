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

const (
	// groupAge is how long the members of a user group are believed. Who is taken
	// out of a group may ask for that long; asking Slack each time would spend its
	// limit.
	groupAge = 5 * time.Minute
	// refusalAge is the same before somebody is turned away: who was just put into a
	// group need not wait for it, and who is in none makes Slack be asked no oftener.
	refusalAge = time.Minute
)

// groups know who is in which user group.
type groups struct {
	list func(ctx context.Context, group string) (users []string, err error) // asks Slack
	now  func() time.Time

	mu      sync.Mutex
	known   map[string]members
	reading map[string]*reading // by group, those that are under way
}

type members struct {
	users []string
	read  time.Time
}

// A reading is one call for the members of a group, for all who wait for it.
type reading struct {
	done  chan struct{} // closed when it has ended
	users []string
	err   error
	cut   bool // who made it gave up, which says nothing
}

func newGroups(send *sender, now func() time.Time) *groups {
	list := func(ctx context.Context, group string) (users []string, err error) {
		err = send.repeat(ctx, "usergroups.users.list", group, func() (err error) {
			users, err = send.api.GetUserGroupMembersContext(ctx, group)
			return err
		})
		return users, err
	}
	return &groups{list: list, now: now, known: map[string]members{}, reading: map[string]*reading{}}
}

// has reports whether a user is in a group.
func (g *groups) has(ctx context.Context, group, user string) (bool, error) {
	for _, age := range []time.Duration{groupAge, refusalAge} {
		users, err := g.members(ctx, group, age)
		if err != nil {
			return false, fmt.Errorf("members of user group %q: %w", group, err)
		}
		if slices.Contains(users, user) {
			return true, nil
		}
	}
	return false, nil
}

// members returns who is in a group, as Slack said it at most age ago. Slack is
// asked once for all who want to know at the same time.
func (g *groups) members(ctx context.Context, group string, age time.Duration) ([]string, error) {
	for {
		g.mu.Lock()
		if m, ok := g.known[group]; ok && g.now().Sub(m.read) <= age {
			g.mu.Unlock()
			return m.users, nil
		}
		r, busy := g.reading[group]
		if !busy {
			r = &reading{done: make(chan struct{})}
			g.reading[group] = r
			g.mu.Unlock()
			g.read(ctx, group, r)
			return r.users, r.err
		}
		g.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-r.done:
			if !r.cut {
				return r.users, r.err
			}
		}
	}
}

// read asks Slack.
func (g *groups) read(ctx context.Context, group string, r *reading) {
	since := g.now()
	r.cut = true // as long as it has not come back
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if !r.cut && r.err == nil {
			g.known[group] = members{r.users, since}
		}
		delete(g.reading, group)
		close(r.done)
	}()
	r.users, r.err = g.list(ctx, group)
	r.cut = r.err != nil && ctx.Err() != nil
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
