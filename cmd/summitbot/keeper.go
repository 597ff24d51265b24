package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"summitbot/config"
	"summitbot/knowledge/source"
)

// syncEvery is how often the index looks whether another program, such as "summitbot
// ingest", wrote to the same database: within the two seconds in which a change of a
// file is answered from. It takes one small query.
const syncEvery = time.Second

// retryAfter is how long it is until the sources are read again where the database
// failed: a disk that is full, or a lock that somebody holds.
const retryAfter = 10 * time.Second

// A keeper keeps what a running program knows up to date: its documents when files
// change, its settings when the configuration does, its journal as time goes by.
// All of it is done on one goroutine, one after the other.
type keeper struct {
	p        *program
	lib      *library
	log      *slog.Logger
	settings config.Config // in force
	file     string        // of the configuration; "" if there is none
	hangup   <-chan os.Signal
	slack    *station // nil if it is off
	discord  *station // likewise

	changed chan struct{} // something in the sources
	watches sync.WaitGroup
	unwatch context.CancelFunc
	told    map[string]bool // problems with the sources at the last look
}

// run keeps things up to date until ctx ends.
func (k *keeper) run(ctx context.Context) {
	edited := make(chan struct{}, 1)
	if k.file != "" {
		k.watches.Go(func() { k.watch([]config.Source{{Path: k.file}}).Run(ctx, edited) })
	}
	k.changed = make(chan struct{}, 1)
	k.watchSources(ctx)
	defer k.watches.Wait()
	defer func() { k.unwatch() }()

	daily, often := time.NewTicker(forgetEvery), time.NewTicker(syncEvery)
	defer daily.Stop()
	defer often.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.changed:
			k.refill(ctx)
		case <-edited:
			k.reload(ctx, slog.LevelDebug) // at the start too, for what was changed meanwhile
		case <-k.hangup:
			k.reload(ctx, slog.LevelInfo)
		case <-daily.C:
			k.forget(ctx)
		case <-often.C:
			k.sync(ctx)
		}
	}
}

// watch returns a Watch of sources.
func (k *keeper) watch(sources []config.Source) source.Watch {
	return source.Watch{
		Specs:   each(sources, func(s config.Source) source.Spec { return source.Spec(s) }),
		Problem: func(err error) { k.log.Warn("watch", "error", err) },
	}
}

// watchSources has the sources in force watched, and no others.
func (k *keeper) watchSources(ctx context.Context) {
	if k.unwatch != nil {
		k.unwatch()
	}
	ctx, k.unwatch = context.WithCancel(ctx)
	if w := k.watch(k.settings.Sources); len(w.Specs) > 0 {
		k.watches.Go(func() { w.Run(ctx, k.changed) })
	}
}

// refill takes in what changed in the sources.
func (k *keeper) refill(ctx context.Context) {
	begun := time.Now()
	in, err := k.lib.refill(ctx, k.settings.Sources, func() {})
	if err != nil {
		if ctx.Err() == nil {
			k.log.ErrorContext(ctx, "read the sources", "error", err)
			time.AfterFunc(retryAfter, k.again)
		}
		return
	}
	told := map[string]bool{}
	for _, problem := range in.problems {
		if text := problem.Error(); !k.told[text] {
			k.log.WarnContext(ctx, "read the sources", "error", problem)
		}
		told[problem.Error()] = true
	}
	k.told = told
	if n := in.changed(); n > 0 || len(in.removed) > 0 {
		k.log.InfoContext(ctx, "documents changed", "taken_in", n, "removed", len(in.removed), "documents", len(in.done), "took", time.Since(begun))
	}
}

// again has the sources read as if something had changed.
func (k *keeper) again() {
	select {
	case k.changed <- struct{}{}:
	default: // that is coming anyway
	}
}

// sync takes over what another program wrote to the database.
func (k *keeper) sync(ctx context.Context) {
	if k.lib.inMemory {
		return
	}
	if err := k.lib.base.Sync(ctx); err != nil && ctx.Err() == nil {
		k.log.ErrorContext(ctx, "follow the database", "error", err)
	}
}

// forget drops from the journal what is older than its retention.
func (k *keeper) forget(ctx context.Context) {
	if keep := k.settings.Journal.Retention; keep > 0 {
		k.lib.forget(ctx, keep, k.log)
	}
}

// reload takes over the configuration as it is written now: all of it, but for what
// needs a restart, or, where there is a mistake in it, nothing. That nothing changed
// is told at a level of its own: who asked wants to hear it.
func (k *keeper) reload(ctx context.Context, idle slog.Level) {
	next, warnings, err := k.read()
	if err != nil {
		mistakes, ok := errors.AsType[config.Errors](err)
		if !ok {
			k.log.ErrorContext(ctx, "the configuration cannot be used; the one before stays in force", "error", err)
			return
		}
		for _, m := range mistakes {
			k.log.ErrorContext(ctx, "the configuration cannot be used; the one before stays in force", "error", m)
		}
		return
	}
	next, fixed := reconcile(k.settings, next)
	if len(fixed) > 0 || !reflect.DeepEqual(next, k.settings) { // else they were told
		for _, w := range warnings {
			k.log.WarnContext(ctx, "configuration", "warning", w)
		}
	}
	if len(fixed) > 0 {
		k.log.WarnContext(ctx, "changed in the configuration, but needs a restart", "what", strings.Join(fixed, ", "))
	}
	if reflect.DeepEqual(next, k.settings) {
		k.log.Log(ctx, idle, "configuration read; nothing that is in force changed")
		return
	}
	changed, err := k.enforce(ctx, next)
	if err != nil {
		if ctx.Err() == nil {
			k.log.ErrorContext(ctx, "the configuration cannot be used; the one before stays in force", "error", err)
		}
		return
	}
	k.log.InfoContext(ctx, "configuration in force", "changed", strings.Join(changed, ", "))
}

// read returns the configuration as it is written now. A file that was there and is
// not is no wish to go back to the defaults.
func (k *keeper) read() (config.Config, []config.Warning, error) {
	path, found, err := config.Find(k.p.configFile, ".", k.p.lookupEnv)
	if err == nil && !found && k.file != "" {
		return config.Config{}, nil, errors.New("the file is gone: " + k.file)
	}
	if err == nil && path != k.file && k.file != "" {
		return config.Config{}, nil, errors.New("another file would be read, which needs a restart: " + path)
	}
	if err != nil {
		return config.Config{}, nil, err
	}
	return k.p.readSettings()
}

// enforce puts next in force and returns the sections in which it differs. What can
// fail comes first, so that all is in force or nothing.
func (k *keeper) enforce(ctx context.Context, next config.Config) (changed []string, err error) {
	old := k.settings
	differ := func(name string, before, after any) bool {
		if reflect.DeepEqual(before, after) {
			return false
		}
		changed = append(changed, name)
		return true
	}
	// The library as front ends see it, so that none of them sees the settings change.
	lib := *k.lib
	lib.settings = next
	if differ("llm", old.LLM, next.LLM) {
		if lib.engineOver, err = k.p.newEngines(next.LLM); err != nil {
			return nil, err
		}
		lib.engine = lib.engineOver(lib.base)
		k.lib.answers.change(lib.engine)
	}
	k.settings, k.lib = next, &lib
	if differ("limits", old.Limits, next.Limits) || !reflect.DeepEqual(old.LLM, next.LLM) { // with the longest time for an answer
		k.lib.hall.Limit(hallLimits(next.Limits), next.LLM.AnswerTimeout)
	}
	if differ("log", old.Log, next.Log) {
		k.p.setLevel(next.Log)
	}
	if differ("journal", old.Journal, next.Journal) {
		k.forget(ctx)
	}
	if differ("sources", old.Sources, next.Sources) {
		k.watchSources(ctx) // which tells of a change at once
	}
	if differ("slack", old.Slack, next.Slack) {
		k.replace(ctx, k.slack, newSlackFront(k.p, k.lib))
	}
	if differ("discord", old.Discord, next.Discord) {
		k.replace(ctx, k.discord, newDiscordFront(k.p, k.lib))
	}
	return changed, nil
}

// replace has a front end with the settings in force take the place of the one at s.
func (k *keeper) replace(ctx context.Context, s *station, next frontend) {
	if err := s.replace(ctx, next); errors.Is(err, errEnded) {
		k.log.WarnContext(ctx, "a front end that has ended needs a restart", "front_end", next.Name())
	}
}

// reconcile returns next with what cannot change while the program runs as it is in
// old, and says what that is.
func reconcile(old, next config.Config) (_ config.Config, fixed []string) {
	keep := func(name string, before, after any) {
		if !reflect.DeepEqual(before, after) {
			fixed = append(fixed, name)
		}
	}
	keep("data_dir", old.DataDir, next.DataDir)
	keep("web", old.Web, next.Web)
	keep("admin", old.Admin, next.Admin)
	next.DataDir, next.Web, next.Admin = old.DataDir, old.Web, old.Admin

	keep("log.format", old.Log.Format, next.Log.Format)
	keep("log.questions", old.Log.Questions, next.Log.Questions)
	next.Log.Format, next.Log.Questions = old.Log.Format, old.Log.Questions

	// Without sources other documents are served, from another place.
	if (len(old.Sources) == 0) != (len(next.Sources) == 0) {
		fixed = append(fixed, "sources, which come or go altogether")
		next.Sources = old.Sources
	}
	// A front end keeps its tokens, addresses and servers; what it does with them may change.
	slack := old.Slack
	if old.Slack.Set() && next.Slack.Set() {
		slack.Command, slack.Defaults, slack.Channels = next.Slack.Command, next.Slack.Defaults, next.Slack.Channels
	}
	keep("slack's tokens and addresses", slack, next.Slack)
	next.Slack = slack
	discord := old.Discord
	if old.Discord.Set() && next.Discord.Set() {
		discord.Guild, discord.MessageContent = next.Discord.Guild, next.Discord.MessageContent
		discord.Defaults, discord.Guilds, discord.Channels = next.Discord.Defaults, next.Discord.Guilds, next.Discord.Channels
	}
	keep("discord's token and addresses", discord, next.Discord)
	next.Discord = discord
	return next, fixed
}
