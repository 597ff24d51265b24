package slack

import (
	"context"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// event takes what Slack sent, which is acknowledged. It does not wait: what takes
// time is done beside.
func (s *Slack) event(ctx context.Context, data any) {
	switch data := data.(type) {
	case slackevents.EventsAPIEvent:
		s.inner(ctx, data.InnerEvent.Data)
	case slack.SlashCommand:
		s.do(ctx, "command", func(ctx context.Context) { s.commanded(ctx, data) })
	case slack.InteractionCallback:
		s.do(ctx, "interaction", func(ctx context.Context) { s.interaction(ctx, data) })
	}
}

// inner takes an event of the workspace.
func (s *Slack) inner(ctx context.Context, event any) {
	switch e := event.(type) {
	case *slackevents.AppMentionEvent:
		if e.Edited != nil {
			return // the edit of a message is an event of its own
		}
		s.posted(ctx, post{
			channel: e.Channel, thread: e.ThreadTimeStamp, ts: e.TimeStamp, user: e.User, text: e.Text, bot: e.BotID != "",
		})
	case *slackevents.MessageEvent:
		s.said(ctx, e)
	case *slackevents.AppHomeOpenedEvent:
		if e.Tab == "messages" {
			s.do(ctx, "suggest", func(ctx context.Context) { s.suggest(ctx, e.Channel, "") })
		}
	case *slackevents.AssistantThreadStartedEvent: // apps of before the agent view
		t := e.AssistantThread
		s.do(ctx, "suggest", func(ctx context.Context) { s.suggest(ctx, t.ChannelID, t.ThreadTimeStamp) })
	case *slackevents.AgentSessionStoppedEvent:
		s.halt(place{e.Channel, e.ThreadTimestamp})
	}
}

// said takes a message event: a post, or what became of one.
func (s *Slack) said(ctx context.Context, e *slackevents.MessageEvent) {
	switch e.SubType {
	case "message_changed":
		m := e.Message
		if m == nil || m.BotID != "" || m.User == s.send.self.user || m.Edited == nil {
			return
		}
		edit, channel := m.Edited.Timestamp, e.Channel
		s.do(ctx, "edit", func(ctx context.Context) { s.redo(ctx, channel, m.Timestamp, edit, m.Text) })
	case "message_deleted":
		s.withdraw(e.Channel, e.DeletedTimeStamp)
	case "", "file_share", "thread_broadcast", "me_message":
		s.posted(ctx, post{
			channel: e.Channel, thread: e.ThreadTimeStamp, ts: e.TimeStamp, user: e.User, text: e.Text,
			direct: e.IsIM() || isDirect(e.Channel), bot: e.BotID != "",
		})
	}
}

// posted takes a post, if it is for the bot.
func (s *Slack) posted(ctx context.Context, p post) {
	switch routeOf(p, s.send.self.user, s.settings(p.channel).Follow) {
	case question:
		s.inOrder(ctx, "question", s.inquire(p), s.ask)
	case perhaps:
		q := s.inquire(p)
		switch {
		case !s.threads.known(q.at):
			s.inOrder(ctx, "thread", q, s.overheard)
		case s.threads.toBot(q.at, q.asked.user, q.asked.text): // in the order of the events: it is about who spoke last
			s.inOrder(ctx, "thread", q, s.ask)
		}
	}
}

// inOrder takes a question after those of its conversation that came before it.
func (s *Slack) inOrder(ctx context.Context, what string, q inquiry, take func(context.Context, inquiry)) {
	q.ticket = s.door.queue(q.conversation)
	s.do(ctx, what, func(ctx context.Context) {
		defer q.ticket.pass()
		q.ticket.enter()
		take(ctx, q)
	})
}

// overheard takes a post that mentions nobody, in a thread that this start does
// not know: it may be for the bot if an earlier start has answered there.
func (s *Slack) overheard(ctx context.Context, q inquiry) {
	in, err := s.inThread(ctx, q)
	if err != nil {
		s.log.ErrorContext(ctx, "slack: whether the bot is in a thread", "key", q.key, "error", err)
	}
	if !in {
		return
	}
	s.threads.joined(q.at, "")
	if s.threads.toBot(q.at, q.asked.user, q.asked.text) {
		s.ask(ctx, q)
	}
}

// inThread reports whether an earlier start answered in a thread.
func (s *Slack) inThread(ctx context.Context, q inquiry) (bool, error) {
	turns, err := s.record.History(ctx, s.message(q), time.Time{}, 1)
	return len(turns) > 0, err
}

// receipt is what an acknowledgement says beside that it came: to a command that
// asks, that work is under way. Nobody sees silence, and it costs no use of the
// response_url.
func receipt(data any) any {
	c, ok := data.(slack.SlashCommand)
	if !ok {
		return nil
	}
	if name, _ := argumentOf(c.Text); name != "" {
		return nil
	}
	return map[string]string{
		"response_type": slack.ResponseTypeEphemeral, "text": renderer{}.status(answer.LanguageOf(c.Text)),
	}
}

// suggest offers questions in the person's own messages with the bot.
func (s *Slack) suggest(ctx context.Context, channel, thread string) {
	examples, err := s.examples(ctx, channel)
	if err != nil || len(examples) == 0 {
		s.log.WarnContext(ctx, "slack: suggest questions", "error", err, "found", len(examples))
		return
	}
	p := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: channel, ThreadTS: thread}
	for _, e := range examples {
		p.AddPrompt(headOf(e, maxButton), e)
	}
	err = s.send.repeat(ctx, "assistant.threads.setSuggestedPrompts", channel, func() error {
		return s.send.api.SetAssistantThreadsSuggestedPromptsContext(ctx, p)
	})
	if err != nil {
		s.log.WarnContext(ctx, "slack: suggest questions", "error", err)
	}
}

// again asks a question of before once more: a new question, with a key that the
// click gives it.
func (q inquiry) again(user, click string) inquiry {
	q.key = baseKey(q.key) + againMark + click
	q.asked.user = user
	q.resumed, q.ended, q.adopts, q.ticket = false, false, false, nil
	return q
}

// verdictOf makes feedback of what somebody clicked or wrote.
func (s *Slack) verdictOf(answer, user string, v bot.Verdict, reason, text string) bot.Feedback {
	return bot.Feedback{Answer: answer, Surface: surface, User: user, Verdict: v, Reason: reason, Text: text, Time: s.now()}
}
