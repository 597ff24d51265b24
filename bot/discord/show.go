package discord

import (
	"cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/phrase"
)

// A show makes what people see of a question that is answered.
type show struct{ renderer }

func newShow(public, command string) show { return show{newRenderer(public, command)} }

// asked is the question that is answered.
type asked struct {
	text, user, language string
	collections          []string
}

// speaks returns the language in which a person is spoken to.
func (a asked) speaks() string { return cmp.Or(a.language, answer.LanguageOf(a.text)) }

func (s show) working(q asked) message { return s.renderer.working(q.speaks()) }

func (s show) growing(q asked, claims []answer.Claim) (m message, ok bool) {
	return s.renderer.growing(q.speaks(), claims)
}

// answer shows an answer under its question.
func (s show) answer(_ asked, key string, a answer.Answer) []message {
	return s.renderer.answer(a, frame{key: key})
}

// private shows an answer to its asker alone, who wrote the question into a
// command that nobody sees any more.
func (s show) private(q asked, key string, a answer.Answer) []message {
	return whispered(s.renderer.answer(a, frame{question: q.text, key: key, share: a.Outcome == answer.Answered}))
}

// published shows an answer in a channel, where nobody sees the command.
func (s show) published(q asked, key string, a answer.Answer) []message {
	return s.renderer.answer(a, frame{question: q.text, by: q.user, key: key})
}

// shared shows an answer that somebody passes on.
func (s show) shared(by string, a answer.Answer) []message {
	return s.renderer.answer(a, frame{question: a.Question, by: by})
}

func (s show) failed(q asked, key string, f bot.Failure, told []answer.Claim) []message {
	return s.renderer.failed(q.speaks(), key, f, told)
}

func (s show) lost(q asked, key string) message { return s.renderer.lost(q.speaks(), key) }

func (s show) notAllowed(q asked) message { return s.note(q.speaks(), phrase.NotForYou) }
