package slack

import (
	"context"
	"errors"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// A whispered shows an answer to one person only, when it is there: what Slack
// has for that can be sent five times at most, and not be changed.
type whispered struct {
	s     *Slack
	at    place
	key   string
	asked asked
	hook  hook // none if it is not known any more
	again bool // the answer may have been shown by somebody who could not note it
}

var _ bot.Responder = (*whispered)(nil)

// Working implements bot.Responder: the acknowledgement said so.
func (w *whispered) Working(context.Context) error { return nil }

// Claim implements bot.Responder.
func (w *whispered) Claim(context.Context, answer.Claim) error { return nil }

// Answer implements bot.Responder. If nobody knows whether it arrived, it is told
// as failed.
func (w *whispered) Answer(ctx context.Context, a answer.Answer) error {
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	if w.again {
		return untold(w.lost(ctx))
	}
	err := w.tell(ctx, w.s.show.private(w.asked, w.key, a))
	if errors.Is(err, errUncertain) && w.lost(ctx) == nil {
		return err // that was told at least
	}
	return untold(err)
}

// lost says that an answer may not have arrived. If nobody knows whether that has
// arrived, it is said again: twice is better than not at all.
func (w *whispered) lost(ctx context.Context) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := w.say(ctx, lostPart, w.s.show.lost(w.asked, w.key))
		if !errors.Is(err, errUncertain) || attempt == attempts {
			return err
		}
		w.hook.url = "" // it has few uses, and there are other ways
		if err := w.s.wait(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
}

// Failure implements bot.Responder.
func (w *whispered) Failure(ctx context.Context, f bot.Failure) error {
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	return untold(w.tell(ctx, w.s.show.failed(w.asked, w.key, f, nil)))
}

// tell sends messages one after the other, until one does not arrive. There may be
// more than a response_url takes: the rest goes the other ways.
func (w *whispered) tell(ctx context.Context, list []message) error {
	for i, m := range list {
		if err := w.say(ctx, i+1, m); err != nil {
			return err
		}
	}
	return nil
}

// say sends the message that is this part of all, from 1, by the first way that is
// open.
func (w *whispered) say(ctx context.Context, part int, m message) error {
	if w.hook.open(part == lostPart) {
		err := w.s.send.respond(ctx, &w.hook, answering{}, m)
		if err == nil || errors.Is(err, errUncertain) {
			return err
		}
		w.s.log.WarnContext(ctx, "slack: response_url", "key", w.key, "error", err)
	}
	err := w.s.send.whisper(ctx, w.at, w.asked.user, m)
	if err == nil || errors.Is(err, errUncertain) {
		return err
	}
	// The bot is not in the channel: the person's own messages are always open.
	_, direct := w.s.send.post(ctx, place{channel: w.asked.user}, mark{w.key, part}, m)
	if direct != nil {
		return errors.Join(err, direct)
	}
	return nil
}
