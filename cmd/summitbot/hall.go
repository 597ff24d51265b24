package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"path/filepath"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
	"summitbot/bot/terminal"
	"summitbot/config"
	"summitbot/knowledge/sqlite"
)

// openHall makes the way that a person's question takes: the journal, and the bot
// that keeps the limits. Without a data folder both forget with the program.
func (p *program) openHall(ctx context.Context, lib *library) error {
	db, err := lib.openRecord(ctx)
	if err != nil {
		return err
	}
	if lib.journal, err = journal.New(ctx, db, p.now); err != nil {
		return err
	}
	if keep := lib.settings.Journal.Retention; keep > 0 {
		if _, err := lib.journal.Forget(ctx, p.now().Add(-keep)); err != nil {
			return err
		}
	}
	lib.hall = bot.New(bot.Options{
		Answerer: lib.answers, Journal: lib.journal, Timeout: lib.settings.LLM.AnswerTimeout, Now: p.now, Log: p.log(),
		Observer: p.observer(lib.settings), LogQuestions: lib.settings.Log.Questions,
		Limits: hallLimits(lib.settings.Limits),
	})
	return nil
}

// hallLimits returns limits as the hall has them.
func hallLimits(l config.Limits) bot.Limits {
	return bot.Limits{
		QuestionLength: l.QuestionLength, PerUserMinute: l.PerUserMinute, PerChannelMinute: l.PerChannelMinute,
		TokensDay: l.TokensDay, TokensUserDay: l.TokensUserDay, UnderWay: l.UnderWay,
	}
}

// openRecord returns the database of the journal: the one in the data folder,
// which then is made, or the one in memory that holds the documents.
func (l *library) openRecord(ctx context.Context) (*sql.DB, error) {
	documents := l.store.(*sqlite.Store)
	if l.settings.DataDir == "" || !l.inMemory {
		return documents.DB(), nil
	}
	// The built-in article is kept in memory; what was asked about it is not.
	store, err := sqlite.Open(ctx, filepath.Join(l.settings.DataDir, databaseName))
	if err != nil {
		return nil, err
	}
	l.record = store
	return store.DB(), nil
}

// message makes a question of somebody at the terminal. There nobody is limited
// by name.
func (p *program) message(text string, collections []string, trace bool) bot.Message {
	return bot.Message{
		Key: "terminal:" + rand.Text(), Surface: "terminal", Text: text, Collections: collections, Trace: trace, Received: p.now(),
	}
}

// ask puts a message to the hall and returns the answer. Claims are shown as they
// come if stream is not nil; else nothing is shown.
func (l *library) ask(ctx context.Context, m bot.Message, stream *terminal.Stream) (answer.Answer, error) {
	if stream == nil {
		stream = terminal.NewStream(terminal.NewRenderer(io.Discard, terminal.Options{}), nil)
	}
	err := l.hall.HandleMessage(ctx, m, quiet{stream})
	a, failure, ended := stream.Ended()
	switch {
	case failure != nil && err == nil:
		return answer.Answer{}, errors.New(failure.Text)
	case err != nil || !ended:
		return answer.Answer{}, err
	}
	return a, stream.Err()
}

// quiet leaves the telling of failures to the program, which has standard error
// for it.
type quiet struct{ *terminal.Stream }

// Failure implements bot.Responder.
func (q quiet) Failure(_ context.Context, f bot.Failure) error {
	q.Stream.Fail(f)
	return nil
}
