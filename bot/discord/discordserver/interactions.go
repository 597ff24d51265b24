package discordserver

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The kinds of interactions.
const (
	KindCommand      = 2
	KindComponent    = 3
	KindAutocomplete = 4
	KindModal        = 5
)

// The answers to an interaction.
const (
	AnswerMessage        = 4
	AnswerDeferred       = 5
	AnswerDeferredUpdate = 6
	AnswerUpdate         = 7
	AnswerChoices        = 8
	AnswerModal          = 9
)

// Where an interaction happens.
const (
	contextGuild = 0
	contextBotDM = 1
)

// Interaction is something that a person did with the application.
type Interaction struct {
	ID      string
	Token   string
	Kind    int
	User    string
	Channel string
	At      time.Time

	Type      int             // of the first answer; 0 while there is none
	Answered  time.Time       // when it came
	Failed    bool            // none came in time: people see that the application did not respond
	Original  string          // id of the message that the answer made or, for types 6 and 7, that it is about
	Followups []string        // ids of the messages that came after it
	Choices   json.RawMessage // of an autocompletion
	Modal     json.RawMessage // data of the modal that opened
}

// interaction is one with what the server needs of it; guarded by Server.mu.
type interaction struct {
	Interaction
	about  *Message     // that a component or a modal belongs to
	opener *interaction // of a modal: what opened it
	slash  bool         // a slash command
}

// Interaction returns an interaction as it stands.
func (s *Server) Interaction(id string) Interaction {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.interactions {
		if i.ID == id {
			found := i.Interaction
			found.Followups = slices.Clone(i.Followups)
			return found
		}
	}
	s.t.Fatalf("discordserver: no interaction %s", id)
	return Interaction{}
}

// AwaitInteraction waits until an interaction is as is says.
func (s *Server) AwaitInteraction(id, what string, is func(Interaction) bool) Interaction {
	s.t.Helper()
	s.Await(what, func() bool { return is(s.Interaction(id)) })
	return s.Interaction(id)
}

// AwaitAnswer waits for the message that an interaction was answered with: one
// that is not loading.
func (s *Server) AwaitAnswer(id string) Message {
	s.t.Helper()
	var found Message
	s.Await("interaction "+id+" is answered by a message", func() bool {
		i := s.Interaction(id)
		m, ok := s.Message(i.Channel, i.Original)
		found = m
		return ok && i.Type != 0 && !m.Loading && !m.Deleted
	})
	return found
}

var (
	errUnknownInteraction = refuse(404, 10062, "Unknown interaction")
	errAcknowledged       = refuse(400, 40060, "Interaction has already been acknowledged.")
	errUnknownWebhook     = refuse(404, 10015, "Unknown Webhook")
	errInvalidWebhook     = refuse(401, 50027, "Invalid Webhook Token")
)

// answersTo are the types that each kind of interaction may be answered with.
// A modal's submission may change the message that its button belongs to.
var answersTo = map[int][]int{
	KindCommand:      {AnswerMessage, AnswerDeferred, AnswerModal},
	KindComponent:    {AnswerMessage, AnswerDeferred, AnswerDeferredUpdate, AnswerUpdate, AnswerModal},
	KindAutocomplete: {AnswerChoices},
	KindModal:        {AnswerMessage, AnswerDeferred, AnswerDeferredUpdate, AnswerUpdate},
}

// callback is the first answer to an interaction.
func (s *Server) callback(r *request) (any, *refusal) {
	var i *interaction
	for _, other := range s.interactions {
		if other.ID == r.path("interaction") && other.Token == r.path("token") {
			i = other
		}
	}
	switch {
	case i == nil, i.Type == 0 && s.Clock.Now().Sub(i.At) > s.limits.Callback:
		return nil, errUnknownInteraction
	case i.Type != 0:
		return nil, errAcknowledged
	}
	f := form{}
	kind, ok := f.integer(r.fields, "type")
	if !ok && f.errors == nil {
		f.required("type")
	}
	if ok && (!slices.Contains(answersTo[i.Kind], kind) || (kind == AnswerUpdate || kind == AnswerDeferredUpdate) && i.about == nil) {
		f.at("type", "BASE_TYPE_CHOICES", fmt.Sprintf("Value must be one of %v.", answersTo[i.Kind]))
	}
	var data map[string]json.RawMessage
	if r.has("data") && json.Unmarshal(r.fields["data"], &data) != nil {
		f.at("data", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
	}
	if why := f.refusal(); why != nil {
		return nil, why
	}
	if why := s.firstAnswer(i, kind, data); why != nil {
		return nil, why
	}
	i.Type, i.Answered = kind, s.Clock.Now()
	if r.Query.Get("with_response") == "true" {
		return s.callbackResponse(i), nil
	}
	return nil, nil
}

// callbackResponse is what with_response asks for; s.mu is held.
func (s *Server) callbackResponse(i *interaction) any {
	about := map[string]any{"id": i.ID, "type": i.Kind}
	answer := map[string]any{"interaction": about}
	if m := s.find(i.Channel, i.Original); m != nil {
		about["response_message_id"], about["response_message_loading"] = m.ID, m.Loading
		about["response_message_ephemeral"] = m.ephemeral()
		if i.Type == AnswerMessage || i.Type == AnswerUpdate {
			answer["resource"] = map[string]any{"type": i.Type, "message": s.messageJSON(m)}
		}
	}
	return answer
}

// firstAnswer carries an answer out; s.mu is held.
func (s *Server) firstAnswer(i *interaction, kind int, data map[string]json.RawMessage) *refusal {
	in := form{}
	refused := func() *refusal {
		f := form{}
		f.under("data", in)
		return f.refusal()
	}
	switch kind {
	case AnswerMessage:
		m := s.ownAnswer(i)
		s.content(&in, data, m, flagSuppressEmbeds|flagEphemeral|flagSilent|flagComponentsV2)
		if why := refused(); why != nil {
			return why
		}
		if m.Content == "" && m.Embeds == nil && m.Components == nil {
			return refuse(400, 50006, "Cannot send an empty message")
		}
		s.postAnswer(i, m)
		i.Original = m.ID
	case AnswerDeferred:
		m := s.ownAnswer(i)
		m.Loading, m.Flags = true, flagLoading
		s.content(&in, data, m, flagEphemeral|flagSilent)
		if why := refused(); why != nil {
			return why
		}
		m.Content, m.Embeds, m.Components = "", nil, nil // a deferred answer says nothing
		m.Flags |= flagLoading
		s.postAnswer(i, m)
		i.Original = m.ID
	case AnswerDeferredUpdate:
		i.Original = i.about.ID
	case AnswerUpdate:
		changed := *i.about
		s.content(&in, data, &changed, flagSuppressEmbeds|flagComponentsV2)
		if why := refused(); why != nil {
			return why
		}
		i.Original = i.about.ID
		s.change(s.channel(i.Channel), i.about, changed)
	case AnswerChoices:
		checkChoices(&in, data)
		if why := refused(); why != nil {
			return why
		}
		i.Choices = data["choices"]
	case AnswerModal:
		checkModal(&in, data)
		if why := refused(); why != nil {
			return why
		}
		modal, err := json.Marshal(data)
		if err != nil {
			return errNoJSON
		}
		i.Modal = modal
	}
	return nil
}

// ownAnswer is a new message of the application in answer to i.
func (s *Server) ownAnswer(i *interaction) *Message {
	m := &Message{Author: s.Bot, FromBot: true, Interaction: i.ID, By: "POST /interactions/{interaction}/{token}/callback"}
	switch {
	case i.slash:
		m.Type = typeCommand
	case i.Kind == KindCommand:
		m.Type = typeContextMenu
	case i.about != nil:
		m.Type, m.ReplyTo, m.noPing = typeReply, i.about.ID, true
	}
	return m
}

// postAnswer puts m where i happened. An ephemeral one is for its user alone.
func (s *Server) postAnswer(i *interaction, m *Message) {
	if m.Flags&flagEphemeral != 0 {
		m.Only = i.User
	}
	c := s.channel(i.Channel)
	m.Pings = slices.DeleteFunc(s.pings(c, m), func(id string) bool { return i.about != nil && id == i.about.Author })
	s.post(c, m)
}

// checkChoices checks the choices of an autocompletion.
func checkChoices(f *form, data map[string]json.RawMessage) {
	var choices []struct {
		Name  string `json:"name"`
		Value any    `json:"value"`
	}
	if json.Unmarshal(data["choices"], &choices) != nil {
		f.required("choices")
		return
	}
	if len(choices) > maxChoices {
		f.at("choices", "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", maxChoices))
	}
	for n, c := range choices {
		at := fmt.Sprintf("choices.%d", n)
		f.long(at+".name", c.Name, 1, maxChoiceName)
		switch value := c.Value.(type) {
		case string:
			f.long(at+".value", value, 1, maxChoiceName)
		case nil:
			f.required(at + ".value")
		}
	}
}

// byToken finds the interaction of a call with its token.
func (s *Server) byToken(r *request) (*interaction, *refusal) {
	for _, i := range s.interactions {
		if i.Token != r.path("token") {
			continue
		}
		switch {
		case s.Clock.Now().Sub(i.At) > s.limits.Token:
			return nil, errInvalidWebhook
		case i.Type == 0, i.Kind == KindAutocomplete:
			return nil, errUnknownWebhook // there is nothing before the first answer
		}
		return i, nil
	}
	return nil, errInvalidWebhook
}

// responseOf finds the message of a call with an interaction's token: its first
// answer, or what followed it.
func (s *Server) responseOf(r *request) (*interaction, *Message, *refusal) {
	i, why := s.byToken(r)
	if why != nil {
		return nil, nil, why
	}
	id := r.path("message")
	if id == "" {
		id = i.Original
	} else if id != i.Original && !slices.Contains(i.Followups, id) {
		return nil, nil, errUnknownMessage
	}
	m := s.find(i.Channel, id)
	if m == nil {
		return nil, nil, errUnknownMessage
	}
	return i, m, nil
}

func (s *Server) getResponse(r *request) (any, *refusal) {
	_, m, why := s.responseOf(r)
	if why != nil {
		return nil, why
	}
	return s.messageJSON(m), nil
}

// editResponse changes an answer. A deferred one says something by it.
func (s *Server) editResponse(r *request) (any, *refusal) {
	i, m, why := s.responseOf(r)
	if why != nil {
		return nil, why
	}
	changed := *m
	f := form{}
	s.content(&f, r.fields, &changed, flagSuppressEmbeds|flagComponentsV2)
	if why := f.refusal(); why != nil {
		return nil, why
	}
	if changed.Content == "" && changed.Embeds == nil && changed.Components == nil {
		return nil, refuse(400, 50006, "Cannot send an empty message")
	}
	if m.Loading {
		changed.By = r.Route
	}
	s.change(s.channel(i.Channel), m, changed)
	return s.messageJSON(m), nil
}

func (s *Server) deleteResponse(r *request) (any, *refusal) {
	_, m, why := s.responseOf(r)
	if why != nil {
		return nil, why
	}
	s.remove(m)
	return nil, nil
}

// followUp is another message in answer to an interaction. The first one after
// a deferred answer becomes that answer, and is as visible as it was to be.
func (s *Server) followUp(r *request) (any, *refusal) {
	i, why := s.byToken(r)
	if why != nil {
		return nil, why
	}
	m := s.ownAnswer(i)
	m.By = r.Route
	if original := s.find(i.Channel, i.Original); original != nil {
		m.Type, m.ReplyTo, m.noPing = typeReply, original.ID, true
	}
	f := form{}
	s.content(&f, r.fields, m, flagSuppressEmbeds|flagEphemeral|flagSilent|flagComponentsV2)
	if why := f.refusal(); why != nil {
		return nil, why
	}
	if m.Content == "" && m.Embeds == nil && m.Components == nil {
		return nil, refuse(400, 50006, "Cannot send an empty message")
	}
	if original := s.find(i.Channel, i.Original); original != nil && original.Loading && i.Type == AnswerDeferred {
		changed := *original
		changed.Content, changed.Embeds, changed.Components, changed.AllowedMentions = m.Content, m.Embeds, m.Components, m.AllowedMentions
		changed.By = r.Route
		s.change(s.channel(i.Channel), original, changed)
		return s.messageJSON(original), nil
	}
	s.postAnswer(i, m)
	i.Followups = append(i.Followups, m.ID)
	return s.messageJSON(m), nil
}
