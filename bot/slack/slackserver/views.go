package slackserver

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// View is a modal.
type View struct {
	ID              string
	Hash            string
	User            string // who sees it
	CallbackID      string
	PrivateMetadata string
	ExternalID      string
	Title           string
	Blocks          json.RawMessage
	Errors          map[string]string // by block, of the last submission
	Updates         int
	Closed          bool

	raw  map[string]any // as it was sent
	root string
	prev string
}

// trigger allows one view to be opened.
type trigger struct {
	user string
	made time.Time
	used bool
	view *View // the modal that it came from; nil outside
}

// newTrigger makes a trigger_id; s.mu is held.
func (s *Server) newTrigger(user string, from *View) string {
	id := s.secret("tr.")
	s.triggers[id] = &trigger{user: user, made: s.Clock.Now(), view: from}
	return id
}

// Views returns the modals that user has open, the uppermost last.
func (s *Server) Views(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []View
	for _, v := range s.views {
		if v.User == user && !v.Closed {
			list = append(list, *v)
		}
	}
	return list
}

// AwaitView waits until user has a modal open of which is says yes.
func (s *Server) AwaitView(user, what string, is func(View) bool) View {
	s.t.Helper()
	var found View
	s.Await(what, func() bool {
		for _, v := range s.Views(user) {
			if is(v) {
				found = v
				return true
			}
		}
		return false
	})
	return found
}

// findView returns a view that is open; s.mu is held.
func (s *Server) findView(id, external string) *View {
	for _, v := range s.views {
		if !v.Closed && (id != "" && v.ID == id || external != "" && v.ExternalID == external) {
			return v
		}
	}
	return nil
}

// readView checks what a view is to be, and fills v with it.
func (s *Server) readView(raw string, v *View) *refusal {
	if len(raw) > maxViewBytes {
		return refuse("view_too_large")
	}
	var view map[string]any
	if json.Unmarshal([]byte(raw), &view) != nil || view == nil {
		return refuse("invalid_arguments", "missing required field: view")
	}
	c := &blockCheck{where: inView, ids: map[string]bool{}}
	if view["type"] != "modal" {
		c.failf("/view/type", "unsupported type: %v", view["type"])
	}
	c.textObject("/view/title", view["title"], maxViewTitle, "plain_text")
	for _, name := range []string{"submit", "close"} {
		if view[name] != nil {
			c.textObject("/view/"+name, view[name], maxViewTitle, "plain_text")
		}
	}
	c.optional("/view/private_metadata", view["private_metadata"], maxPrivateMetadata)
	c.optional("/view/callback_id", view["callback_id"], 255)
	c.optional("/view/external_id", view["external_id"], 255)
	list, _ := view["blocks"].([]any)
	blocks, err := json.Marshal(list)
	if err != nil || list == nil {
		c.failf("/view", "missing required field: blocks")
	}
	for _, b := range list {
		if b, ok := b.(map[string]any); ok && b["type"] == "input" && view["submit"] == nil {
			c.failf("/view/submit", "missing required field: a view with inputs has a submit")
			break
		}
	}
	if len(c.faults) > 0 {
		return refuse("invalid_arguments", c.faults...)
	}
	if _, why := checkBlocks(string(blocks), inView); why != nil {
		return refuse("invalid_arguments", why.details...)
	}
	text := func(name string) string { t, _ := view[name].(string); return t }
	if external := text("external_id"); external != "" {
		if other := s.findView("", external); other != nil && other != v && other.ID != v.ID {
			return refuse("duplicate_external_id")
		}
	}
	title, _ := view["title"].(map[string]any)
	v.Title, _ = title["text"].(string)
	v.CallbackID, v.PrivateMetadata, v.ExternalID = text("callback_id"), text("private_metadata"), text("external_id")
	v.Blocks = s.withIDs(string(blocks))
	v.Hash = s.secret("h")
	v.raw = view
	return nil
}

// viewJSON is v as the API and interactions give it.
func (s *Server) viewJSON(v *View) map[string]any {
	j := maps.Clone(v.raw)
	maps.Copy(j, map[string]any{
		"id": v.ID, "team_id": s.Team, "app_id": s.App, "bot_id": s.BotID, "app_installed_team_id": s.Team,
		"hash": v.Hash, "root_view_id": v.root, "previous_view_id": v.prev, "blocks": v.Blocks,
		"state": map[string]any{"values": map[string]any{}},
	})
	return j
}

// exchange uses up a trigger.
func (s *Server) exchange(r *request) (*trigger, *refusal) {
	t := s.triggers[r.get("trigger_id")]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case s.Clock.Now().Sub(t.made) > s.limits.Trigger:
		return nil, refuse("expired_trigger_id")
	}
	return t, nil
}

// openView is views.open.
func (s *Server) openView(r *request) *refusal {
	t, why := s.exchange(r)
	if why != nil {
		return why
	}
	v := &View{User: t.user}
	if why := s.readView(r.get("view"), v); why != nil {
		return why
	}
	t.used = true
	s.addView(v, nil)
	r.reply["view"] = s.viewJSON(v)
	return nil
}

// addView shows v, above another if there is one; s.mu is held.
func (s *Server) addView(v, below *View) {
	v.ID = s.id("V")
	v.root = v.ID
	if below != nil {
		v.root, v.prev = below.root, below.ID
	}
	s.views = append(s.views, v)
}

// pushView is views.push: a modal above the one that the click was in.
func (s *Server) pushView(r *request) *refusal {
	t, why := s.exchange(r)
	if why != nil {
		return why
	}
	if t.view == nil || t.view.Closed {
		return refuse("not_found")
	}
	if s.stack(t.view.root) >= maxViewStack {
		return refuse("push_limit_reached")
	}
	v := &View{User: t.user}
	if why := s.readView(r.get("view"), v); why != nil {
		return why
	}
	t.used = true
	s.addView(v, t.view)
	r.reply["view"] = s.viewJSON(v)
	return nil
}

// stack counts the open views of one stack; s.mu is held.
func (s *Server) stack(root string) int {
	n := 0
	for _, v := range s.views {
		if v.root == root && !v.Closed {
			n++
		}
	}
	return n
}

// updateView is views.update.
func (s *Server) updateView(r *request) *refusal {
	v := s.findView(r.get("view_id"), r.get("external_id"))
	if v == nil {
		return refuse("not_found")
	}
	if hash := r.get("hash"); hash != "" && hash != v.Hash {
		return refuse("hash_conflict")
	}
	changed := *v
	if why := s.readView(r.get("view"), &changed); why != nil {
		return why
	}
	changed.Updates++
	*v = changed
	r.reply["view"] = s.viewJSON(v)
	return nil
}

// submitted carries out what the app answered to a submission of v; s.mu is
// held. No answer closes the view.
func (s *Server) submitted(v *View, payload json.RawMessage) {
	var answer struct {
		Action string            `json:"response_action"`
		View   json.RawMessage   `json:"view"`
		Errors map[string]string `json:"errors"`
	}
	if len(payload) > 0 && json.Unmarshal(payload, &answer) != nil {
		return // people see an error, and the modal stays
	}
	v.Errors = nil
	switch answer.Action {
	case "errors":
		for block := range answer.Errors {
			if !strings.Contains(string(v.Blocks), `"block_id":"`+block+`"`) {
				return // names a block that is not there: Slack shows none of them
			}
		}
		v.Errors = answer.Errors
	case "update":
		changed := *v
		if s.readView(string(answer.View), &changed) == nil {
			changed.Updates++
			*v = changed
		}
	case "push":
		above := &View{User: v.User}
		if s.stack(v.root) < maxViewStack && s.readView(string(answer.View), above) == nil {
			s.addView(above, v)
		}
	case "clear":
		for _, other := range s.views {
			other.Closed = other.Closed || other.root == v.root
		}
	default:
		v.Closed = true
	}
}

// blocksOf are v's blocks as values.
func decodeBlocks(raw json.RawMessage) []map[string]any {
	var blocks []map[string]any
	if json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	return slices.Clip(blocks)
}
