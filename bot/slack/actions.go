package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

const (
	// neighbours is how many paragraphs are shown on either side of one.
	neighbours = 1
	// examplesMost is how many example questions are offered.
	examplesMost = 3
)

// argumentOf takes apart what stands behind the command: name is "help",
// "sources" or "show" with its argument, "empty" for nothing, and "" for a
// question.
func argumentOf(text string) (name, argument string) {
	text = strings.TrimSpace(text)
	word, rest, _ := strings.Cut(text, " ")
	switch rest = strings.TrimSpace(rest); strings.ToLower(word) {
	case "":
		return "empty", ""
	case "help", "sources":
		if rest == "" {
			return strings.ToLower(word), ""
		}
	case "show":
		// "show me who ..." is a question.
		if rest != "" && !strings.Contains(rest, " ") && strings.ContainsAny(rest, "0123456789") {
			return "show", rest
		}
	}
	return "", text
}

// commanded carries out a slash command.
func (s *Slack) commanded(ctx context.Context, c slack.SlashCommand) {
	settings := s.settings(c.ChannelID)
	q := inquiry{
		key: keyOf(s.send.self.team, c.ChannelID, slashMark+c.TriggerID), at: place{channel: c.ChannelID},
		conversation: c.ChannelID + ":" + c.UserID, direct: isDirect(c.ChannelID), url: c.ResponseURL, received: s.now(),
		asked: asked{
			text: questionOf(c.Text, s.send.self.user), user: c.UserID, team: s.send.self.team,
			language: settings.Language, collections: settings.Collections,
		},
	}
	q.private = !settings.Public || q.direct
	name, argument := argumentOf(q.asked.text)
	if name == "" {
		s.ask(ctx, q)
		return
	}
	if _, fresh := s.table.take(q); !fresh {
		return
	}
	if !s.mayAsk(ctx, c.ChannelID, c.UserID) {
		s.turnAway(ctx, q)
		return
	}
	list, err := s.lookUp(ctx, q, name, argument)
	if err != nil {
		s.log.ErrorContext(ctx, "slack: command", "command", name, "error", err)
		list = []message{s.show.note(settings.Language, phrase.Broken)}
	}
	s.whisper(ctx, q, list)
}

// whisper tells somebody something and nobody else.
func (s *Slack) whisper(ctx context.Context, q inquiry, list []message) {
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	w := &whispered{s: s, at: q.at, key: q.key, asked: q.asked, hook: hook{url: q.url}}
	if err := w.tell(ctx, list); err != nil {
		s.log.WarnContext(ctx, "slack: tell", "key", q.key, "error", err)
	}
}

// lookUp returns what a command that asks nothing shows.
func (s *Slack) lookUp(ctx context.Context, q inquiry, name, argument string) ([]message, error) {
	language := q.asked.language
	switch name {
	case "help":
		return []message{s.show.help(language)}, nil
	case "sources":
		docs, err := s.documents(ctx, q.at.channel)
		return s.show.documents(language, docs), err
	case "show":
		return s.passage(ctx, q, argument)
	}
	examples, err := s.examples(ctx, q.at.channel)
	return []message{s.show.empty(language, examples)}, err
}

// passage shows a paragraph by its address, or by its number where there is one
// document. What may not be seen here is not there.
func (s *Slack) passage(ctx context.Context, q inquiry, argument string) ([]message, error) {
	language := q.asked.language
	docs, err := s.documents(ctx, q.at.channel)
	if err != nil {
		return nil, err
	}
	missing := []message{s.show.noParagraph(language, argument)}
	addr, err := knowledge.ParseAddress(argument)
	if n, notNumber := strconv.Atoi(strings.Trim(argument, "[]¶#")); notNumber == nil && len(docs) == 1 {
		addr, err = knowledge.Address{Document: docs[0].ID, Paragraph: n}, nil
	}
	if err != nil {
		return missing, nil
	}
	for _, d := range docs {
		if d.ID != addr.Document {
			continue
		}
		doc, paragraphs, err := s.library.Passage(ctx, addr, "", neighbours)
		if errors.Is(err, knowledge.ErrNotFound) {
			return missing, nil
		}
		return s.show.passage(language, doc, "", paragraphs, addr.Paragraph, nil), err
	}
	return missing, nil
}

// examples returns example questions: the headings of the documents that may be
// seen in a channel, the first of each document first.
func (s *Slack) examples(ctx context.Context, channel string) ([]string, error) {
	docs, err := s.documents(ctx, channel)
	if err != nil {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	for _, d := range docs {
		if d.Paragraphs == 0 {
			continue
		}
		_, paragraphs, err := s.library.Passage(ctx, knowledge.Address{Document: d.ID, Paragraph: 1}, "", min(d.Paragraphs, headingsIn))
		if errors.Is(err, knowledge.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, p := range paragraphs {
			// The outermost heading is as a rule the document's title.
			h := line(p.Heading())
			if h == "" || h == line(d.Title) || seen[h] {
				continue
			}
			seen[h] = true
			if out = append(out, h+"?"); len(out) == examplesMost {
				return out, nil
			}
		}
	}
	return out, nil
}

// headingsIn is in how many paragraphs of a document headings are looked for.
const headingsIn = 60

// interaction takes what somebody clicked or sent off.
func (s *Slack) interaction(ctx context.Context, i slack.InteractionCallback) {
	switch i.Type {
	case slack.InteractionTypeMessageAction:
		if i.CallbackID == checkShortcut {
			s.check(ctx, i)
		}
	case slack.InteractionTypeViewSubmission:
		if i.View.CallbackID == callFeedback {
			s.reason(ctx, i)
		}
	case slack.InteractionTypeBlockActions:
		for _, a := range i.ActionCallback.BlockActions {
			s.click(ctx, i, *a)
		}
	}
}

// channelOf returns where an interaction happened.
func channelOf(i slack.InteractionCallback) string {
	if i.Channel.ID != "" {
		return i.Channel.ID
	}
	return i.Container.ChannelID
}

// clicked makes an inquiry of an interaction, for telling what comes of it.
func (s *Slack) clicked(i slack.InteractionCallback, click string) inquiry {
	channel := channelOf(i)
	c := s.settings(channel)
	q := inquiry{
		key: keyOf(s.send.self.team, channel, i.Container.MessageTs) + ":" + click, at: place{channel, i.Container.ThreadTs},
		direct: isDirect(channel), private: true, url: i.ResponseURL, received: s.now(),
		asked: asked{user: i.User.ID, team: s.send.self.team, language: c.Language, collections: c.Collections},
	}
	if i.Message.ThreadTimestamp != "" {
		q.at.thread = i.Message.ThreadTimestamp
	}
	return q
}

// click carries out a button, once for each click.
func (s *Slack) click(ctx context.Context, i slack.InteractionCallback, a slack.BlockAction) {
	q := s.clicked(i, a.ActionID+":"+a.ActionTs+":"+i.TriggerID)
	if _, fresh := s.table.take(q); !fresh {
		return
	}
	if !s.mayAsk(ctx, q.at.channel, i.User.ID) {
		s.turnAway(ctx, q)
		return
	}
	var err error
	switch a.ActionID {
	case actionSources:
		err = s.openSources(ctx, i, q, a.Value)
	case actionShare:
		err = s.share(ctx, i, q, a.Value)
	case actionFeedback, actionGood, actionBad:
		err = s.rate(ctx, i, q, a.Value)
	case actionRetry:
		err = s.retry(ctx, i, q, a.Value)
	}
	if err != nil {
		s.log.ErrorContext(ctx, "slack: button", "action", a.ActionID, "value", a.Value, "error", err)
	}
}

// answered returns an answer by its id. If it is gone, or not for this channel,
// that is told, and ok is false.
func (s *Slack) answered(ctx context.Context, q inquiry, id string, refusal phrase.Key) (a answer.Answer, ok bool, err error) {
	a, err = s.record.Answer(ctx, id)
	if err != nil {
		s.whisper(ctx, q, []message{s.show.note(q.asked.language, phrase.AnswerGone)})
		return a, false, err
	}
	may, err := s.mayShow(ctx, q.at.channel, a)
	if err != nil || !may {
		s.whisper(ctx, q, []message{s.show.note(a.Language, refusal)})
		return a, false, err
	}
	return a, true, nil
}

// openSources opens the dialog with the cited paragraphs.
func (s *Slack) openSources(ctx context.Context, i slack.InteractionCallback, q inquiry, id string) error {
	a, ok, err := s.answered(ctx, q, id, phrase.NotForYou)
	if !ok {
		return err
	}
	var list []opened
	for _, source := range answer.Sources(a) {
		o := opened{source: source, document: knowledge.Document{Title: source.Citations[0].Title, URL: source.Citations[0].URL}}
		if addr, err := knowledge.ParseAddress(source.Address); err == nil {
			doc, paragraphs, err := s.library.Passage(ctx, addr, source.Revision, neighbours)
			if err == nil {
				o.document, o.paragraphs = doc, paragraphs
			} else if !errors.Is(err, knowledge.ErrNotFound) {
				s.log.ErrorContext(ctx, "slack: show a source", "address", source.Address, "error", err)
			}
		}
		list = append(list, o)
	}
	return s.openView(ctx, i.TriggerID, s.show.sources(a.Language, a, list))
}

// openView opens a dialog. A trigger lives for three seconds and opens one, so
// that trying again is no use.
func (s *Slack) openView(ctx context.Context, trigger string, v slack.ModalViewRequest) error {
	err := s.send.once(ctx, "views.open", "", func() error {
		_, err := s.send.api.OpenViewContext(ctx, trigger, v)
		return err
	})
	if err != nil {
		return fmt.Errorf("views.open: %w", err)
	}
	return nil
}

// share posts a private answer in the channel where it was asked for.
func (s *Slack) share(ctx context.Context, i slack.InteractionCallback, q inquiry, id string) error {
	a, ok, err := s.answered(ctx, q, id, phrase.NotShareable)
	if !ok {
		return err
	}
	// An answer is shared once by one person, however often they click.
	q.key = keyOf(s.send.self.team, q.at.channel, "share-"+id+"-"+i.User.ID)
	if _, fresh := s.table.take(q); !fresh {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	t := s.newThreaded(place{channel: q.at.channel}, q.key, q.asked, q.direct, func(error) {})
	// It may have been shared by an earlier start: then it stands in the channel.
	t.hook.url, t.since, t.mode = q.url, a.Created, silent
	if err := t.replace(ctx, s.show.shared(i.User.ID, a)); err != nil {
		s.table.drop(q.key) // another click tries again; what stands there is found
		return err
	}
	return nil
}

// rate keeps a verdict, and asks what was wrong if it is a bad one.
func (s *Slack) rate(ctx context.Context, i slack.InteractionCallback, q inquiry, value string) error {
	v, id, ok := feedbackOf(value)
	if !ok {
		return fmt.Errorf("feedback %q", value)
	}
	defer s.ratingBy(i.User.ID, id)()
	var err error
	if v == bot.Bad { // the dialog comes first: its trigger does not wait for a disk
		var ref []byte
		if ref, err = json.Marshal(rating{id, q.at.channel, i.ResponseURL}); err == nil {
			err = s.openView(ctx, i.TriggerID, s.show.feedback(q.asked.language, string(ref)))
		}
	}
	return errors.Join(err, s.record.Rate(ctx, s.verdictOf(id, i.User.ID, v, "", "")))
}

// ratingBy keeps what one person says of one answer in order: what a dialog sends
// off replaces the verdict that opened it. The function ends it.
func (s *Slack) ratingBy(user, id string) (done func()) {
	e, _ := s.table.take(inquiry{key: keyOf(s.send.self.team, "rating-"+user, id)})
	e.turn.Lock()
	return e.turn.Unlock
}

// A rating goes with the dialog that asks what was wrong, and comes back.
type rating struct {
	Answer  string `json:"answer"`
	Channel string `json:"channel"`
	URL     string `json:"url"` // response_url of the click
}

// reason keeps what was wrong with an answer, and thanks for it.
func (s *Slack) reason(ctx context.Context, i slack.InteractionCallback) {
	var r rating
	if err := json.Unmarshal([]byte(i.View.PrivateMetadata), &r); err != nil {
		s.log.ErrorContext(ctx, "slack: feedback", "error", err)
		return
	}
	why, text := "", ""
	if i.View.State != nil {
		why = i.View.State.Values[blockReason][blockReason].SelectedOption.Value
		text = i.View.State.Values[blockText][blockText].Value
	}
	defer s.ratingBy(i.User.ID, r.Answer)()
	if err := s.record.Rate(ctx, s.verdictOf(r.Answer, i.User.ID, bot.Bad, why, text)); err != nil {
		s.log.ErrorContext(ctx, "slack: feedback", "answer", r.Answer, "error", err)
		return
	}
	q := inquiry{
		key: keyOf(s.send.self.team, r.Channel, "thanks-"+i.View.ID), at: place{channel: r.Channel}, url: r.URL,
		asked: asked{user: i.User.ID, language: s.settings(r.Channel).Language},
	}
	if _, fresh := s.table.take(q); fresh {
		s.whisper(ctx, q, []message{s.show.note(q.asked.language, phrase.Thanks)})
	}
}

// retry asks a question again. Its words are remembered for a while, and stand in
// the message that asked it as long as that does.
func (s *Slack) retry(ctx context.Context, i slack.InteractionCallback, q inquiry, key string) error {
	click := i.Container.MessageTs + "-" + i.TriggerID
	base := baseKey(key)
	parts := strings.Split(key, ":")
	if len(parts) < 4 || parts[2] != q.at.channel {
		s.whisper(ctx, q, []message{s.show.note(q.asked.language, phrase.AnswerGone)})
		return nil
	}
	e := s.table.find(base)
	if e == nil && strings.HasPrefix(parts[3], slashMark) {
		e = s.recall(ctx, base) // its words stand nowhere else
	}
	if e != nil {
		e.mu.Lock()
		again := e.q.again(i.User.ID, click)
		e.mu.Unlock()
		again.received, again.url = s.now(), i.ResponseURL
		s.ask(ctx, again)
		return nil
	}
	if strings.HasPrefix(parts[3], slashMark) {
		s.whisper(ctx, q, []message{s.show.note(q.asked.language, phrase.AnswerGone)})
		return nil
	}
	var text string
	at := place{parts[2], parts[3]}
	if q.at.thread != "" {
		at.thread = q.at.thread
	}
	err := s.send.read(ctx, at, s.now(), func(m slack.Message) bool {
		if m.Timestamp != parts[3] {
			return true
		}
		text = m.Text
		return false
	})
	if err != nil || text == "" {
		s.whisper(ctx, q, []message{s.show.note(q.asked.language, phrase.AnswerGone)})
		return err
	}
	again := s.inquire(post{channel: parts[2], thread: at.thread, ts: parts[3], user: i.User.ID, text: text, direct: q.direct}).again(i.User.ID, click)
	s.ask(ctx, again)
	return nil
}

// check checks a message against the documents, for whoever asked.
func (s *Slack) check(ctx context.Context, i slack.InteractionCallback) {
	q := s.clicked(i, "check:"+i.TriggerID)
	q.at.channel = channelOf(i)
	if _, fresh := s.table.take(q); !fresh {
		return
	}
	if !s.mayAsk(ctx, q.at.channel, i.User.ID) {
		s.turnAway(ctx, q)
		return
	}
	q.asked.text = questionOf(i.Message.Text, s.send.self.user)
	language := q.asked.speaks()
	report, err := s.checker.Check(ctx, q.asked.text, q.asked.collections)
	switch {
	case errors.Is(err, check.ErrTooLong):
		s.whisper(ctx, q, []message{s.show.checkTooLong(language)})
	case err != nil:
		s.log.ErrorContext(ctx, "slack: check a message", "error", err)
		s.whisper(ctx, q, []message{s.show.note(language, phrase.Broken)})
	default:
		s.whisper(ctx, q, s.show.checked(language, report))
	}
}
