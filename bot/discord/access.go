package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// A spot is where something happens.
type spot struct {
	guild   string // "" in a person's own messages with the bot
	channel string // the thread, if it is one
	parent  string // of a thread: its channel
	owner   string // of a thread: who began it
}

func (s spot) direct() bool { return s.guild == "" }
func (s spot) thread() bool { return s.parent != "" }

// main returns the channel whose settings count.
func (s spot) main() string {
	if s.parent != "" {
		return s.parent
	}
	return s.channel
}

// rooms know which channels there are, and which are threads of which.
type rooms struct {
	send *sender
	mu   sync.Mutex
	all  map[string]room
	due  map[string]chan struct{} // guilds that Discord has yet to tell of; closed when it has
}

func newRooms(send *sender) *rooms {
	return &rooms{send: send, all: map[string]room{}, due: map[string]chan struct{}{}}
}

// expect returns a channel that is closed when Discord tells of a guild.
func (r *rooms) expect(guild string) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.due[guild] == nil {
		r.due[guild] = make(chan struct{})
	}
	return r.due[guild]
}

// load asks for a guild's channels and threads.
func (r *rooms) load(ctx context.Context, guild string) error {
	path := "/guilds/" + guild
	var channels []room
	if err := r.send.get(ctx, path+"/channels", path+"/channels", &channels); err != nil {
		return err
	}
	var active struct {
		Threads []room `json:"threads"`
	}
	if err := r.send.get(ctx, path+"/threads/active", path+"/threads/active", &active); err != nil {
		return err
	}
	for _, one := range append(channels, active.Threads...) {
		one.Guild = guild
		r.note(one)
	}
	return nil
}

// note keeps what Discord tells of a channel or a thread.
func (r *rooms) note(list ...room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range list {
		if one.ID == "" {
			continue
		}
		one.Last = later(one.Last, r.all[one.ID].Last)
		r.all[one.ID] = one
	}
}

// meet keeps what an interaction tells of its channel, unless it is known. Of a
// thread whose channel is not told, nobody knows what may be seen there.
func (r *rooms) meet(guild string, one room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.all[one.ID]; !known && (!one.thread() || one.Parent != "") {
		one.Guild = guild
		r.all[one.ID] = one
	}
}

func later(a, b string) string {
	if before(a, b) {
		return b
	}
	return a
}

// written notes the newest message of a channel.
func (r *rooms) written(channel, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one, ok := r.all[channel]; ok {
		one.Last = later(one.Last, id)
		r.all[channel] = one
	}
}

func (r *rooms) drop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, id)
}

func (r *rooms) list() []room {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []room
	for _, one := range r.all {
		out = append(out, one)
	}
	return out
}

// name returns the name of a channel, "" if it is not known.
func (r *rooms) name(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[id].Name
}

// spot says where a channel is. Discord is asked about one that is not known: by
// a thread's channel goes what may be seen in it.
func (r *rooms) spot(ctx context.Context, guild, channel string) (spot, error) {
	if guild == "" {
		r.note(room{ID: channel, Kind: kindDirect})
		return spot{channel: channel}, nil
	}
	r.mu.Lock()
	one, ok := r.all[channel]
	r.mu.Unlock()
	if !ok {
		if err := r.send.get(ctx, "/channels/"+channel, channelRoute(channel, ""), &one); err != nil {
			return spot{}, fmt.Errorf("what channel %s is: %w", channel, err)
		}
		if one.Guild == "" {
			one.Guild = guild
		}
		r.note(one)
	}
	if one.Guild == "" {
		one.Guild = guild
	}
	s := spot{guild: one.Guild, channel: channel}
	if one.thread() {
		s.parent, s.owner = one.Parent, one.Owner
	}
	return s, nil
}

// event keeps what an event tells of channels. It reports whether it was one.
func (r *rooms) event(kind string, data json.RawMessage) bool {
	switch kind {
	case "GUILD_CREATE", "THREAD_LIST_SYNC":
		var g struct {
			ID       string `json:"id"`
			Guild    string `json:"guild_id"`
			Channels []room `json:"-"`
			Threads  []room `json:"threads"`
		}
		if json.Unmarshal(data, &g) != nil {
			return true
		}
		guild := g.Guild
		if kind == "GUILD_CREATE" {
			guild = g.ID
			var more struct {
				Channels []room `json:"channels"`
			}
			if json.Unmarshal(data, &more) == nil {
				g.Channels = more.Channels
			}
		}
		for _, one := range append(g.Channels, g.Threads...) {
			one.Guild = guild
			r.note(one)
		}
		r.mu.Lock()
		if due := r.due[guild]; due != nil && kind == "GUILD_CREATE" {
			close(due)
			delete(r.due, guild)
		}
		r.mu.Unlock()
	case "CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE":
		var one room
		if json.Unmarshal(data, &one) == nil {
			r.note(one)
		}
	case "CHANNEL_DELETE", "THREAD_DELETE":
		var one room
		if json.Unmarshal(data, &one) == nil {
			r.drop(one.ID)
		}
	default:
		return false
	}
	return true
}

// settings are those of a spot: of its thread or channel, and for what that leaves
// out of its guild, and then the defaults.
func (d *Discord) settings(at spot) Channel {
	if at.direct() {
		return d.defaults
	}
	return d.channels[at.channel].over(d.channels[at.parent]).over(d.guilds[at.guild]).over(d.defaults)
}

// over returns c with what it leaves out as it is usually.
func (c Channel) over(usual Channel) Channel {
	if len(c.Collections) == 0 {
		c.Collections = usual.Collections
	}
	if len(c.Roles) == 0 {
		c.Roles = usual.Roles
	}
	c.Answer = cmp.Or(c.Answer, usual.Answer)
	c.Private = cmp.Or(c.Private, usual.Private)
	c.Language = cmp.Or(c.Language, usual.Language)
	return c
}

// private reports whether commands are answered for their asker only.
func (c Channel) private() bool { return c.Private != nil && *c.Private }

// mayAsk reports whether somebody with these roles may use the bot at a spot. The
// role that everybody has bears the guild's id.
func (d *Discord) mayAsk(at spot, roles []string) bool {
	c := d.settings(at)
	return len(c.Roles) == 0 || slices.ContainsFunc(c.Roles, func(role string) bool {
		return slices.Contains(roles, role) || !at.direct() && role == at.guild
	})
}

// rolesOf asks Discord for somebody's roles, where an event does not tell them.
// Nobody has any whose roles cannot be read.
func (d *Discord) rolesOf(ctx context.Context, at spot, user string) []string {
	if at.direct() || len(d.settings(at).Roles) == 0 {
		return nil
	}
	var m member
	path := "/guilds/" + at.guild + "/members/"
	if err := d.send.get(ctx, path+user, path, &m); err != nil {
		d.log.ErrorContext(ctx, "discord: who may ask", "channel", at.channel, "error", err)
		return nil
	}
	return m.Roles
}

// open reports whether a collection may be seen where those of c may.
func (c Channel) open(collection string) bool {
	return len(c.Collections) == 0 || slices.Contains(c.Collections, collection)
}

// mayShow reports whether all that an answer shows of documents may be seen at a
// spot: what it cites, and the near misses of a refusal. A document that is gone
// counts by what the citation says of it; a near miss of one does not count.
func (d *Discord) mayShow(ctx context.Context, at spot, a answer.Answer) (bool, error) {
	c := d.settings(at)
	if len(c.Collections) == 0 {
		return true, nil
	}
	docs, err := d.library.Documents(ctx)
	if err != nil {
		return false, err
	}
	// A document may have moved to another collection since.
	shut := func(address string) bool {
		addr, err := knowledge.ParseAddress(address)
		return err == nil && slices.ContainsFunc(docs, func(doc knowledge.Document) bool { return doc.ID == addr.Document && !c.open(doc.Collection) })
	}
	for _, claim := range a.Claims {
		for _, cited := range claim.Citations {
			if !c.open(cited.Collection) || shut(cited.Address) {
				return false, nil
			}
		}
	}
	return !slices.ContainsFunc(a.Nearest, func(n answer.Nearest) bool { return shut(n.Address) }), nil
}

// documents returns those that may be seen at a spot.
func (d *Discord) documents(ctx context.Context, at spot) ([]knowledge.Document, error) {
	docs, err := d.library.Documents(ctx)
	if err != nil {
		return nil, err
	}
	c := d.settings(at)
	return slices.DeleteFunc(slices.Clone(docs), func(doc knowledge.Document) bool { return !c.open(doc.Collection) }), nil
}
