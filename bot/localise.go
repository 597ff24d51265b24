package bot

import (
	"context"
	"time"

	"summitbot/bot/answer"
	"summitbot/bot/phrase"
)

// A localised Responder tells failures in the asker's language.
type localised struct {
	Responder
	say   phrase.Catalogue
	limit int // of a question, in characters
	now   func() time.Time
}

// localise returns r for the asker of m.
func (b *Bot) localise(m Message, r Responder) Responder {
	language := m.Language
	if language == "" {
		language = answer.LanguageOf(m.Text)
	}
	say := phrase.For(language)
	if say.Lang() == "en" {
		return r // the failures are told in English anyway, and more closely
	}
	return localised{r, say, b.bounds().QuestionLength, b.now}
}

// Failure implements Responder.
func (l localised) Failure(ctx context.Context, f Failure) error {
	switch f.Kind {
	case Empty:
		f.Text = l.say.Text(phrase.Empty)
	case TooLong:
		f.Text = l.say.TooLong(l.limit)
	case UserRate, ChannelRate:
		f.Text = l.say.RateLimited(f.After)
	case Budget, UserBudget:
		f.Text = l.say.BudgetSpent(l.now().Add(f.After))
	case Busy:
		f.Text = l.say.Text(phrase.Busy)
	case Restarting, Interrupted:
		f.Text = l.say.Text(phrase.Restarting)
	default:
		f.Text = l.say.Text(phrase.Broken)
	}
	return l.Responder.Failure(ctx, f)
}
