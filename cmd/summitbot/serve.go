package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"summitbot/bot/discord"
	"summitbot/bot/web"
	"summitbot/config"
)

const (
	// drainFor is how long answers under way have when the program is told to end:
	// most take less than ten seconds, and Kubernetes kills after thirty.
	drainFor = 20 * time.Second
	// leaveFor is how long front ends then have to tell what was answered and to hang
	// up. Where a platform makes them wait for longer, the journal has it.
	leaveFor = 5 * time.Second
	// forgetEvery is how often the journal drops what is older than its retention,
	// which nobody sets by the hour.
	forgetEvery = 24 * time.Hour
)

// A frontend takes questions from one surface.
type frontend interface {
	Name() string // as in the configuration
	// Run takes questions until ctx ends. Then it takes no more, and returns when
	// those that it took have ended, which Drain sees to: their contexts must not
	// end with ctx. Before that it returns only an error that it cannot mend.
	Run(ctx context.Context) error
}

// A drainer ends what is under way; *bot.Bot is one.
type drainer interface {
	Drain(ctx context.Context) error
}

func newServe(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Answer in the browser, in Slack and in Discord, as long as the program runs",
		Long: `Opens the documents and answers wherever the configuration says: on pages, at
http://127.0.0.1:8080 unless web.listen says otherwise; in Slack, if it has the two
tokens of an app ("summitbot slack manifest" prints what to make the app from,
"summitbot slack check" says what is missing); and in Discord, if it has the token
of a bot ("summitbot discord invite" prints the link that takes it into a server,
"summitbot discord check" says what is missing).

Sources are watched: a file that is edited, added or removed counts within two
seconds. So is the configuration, which SIGHUP has read again too: sources, llm,
limits, the rules of channels, log.level and journal.retention change while the
program runs; what needs a restart is named in the log. A configuration with a
mistake in it changes nothing.

Ctrl-C or SIGTERM ends the program: it takes no more questions, and answers those
under way for up to 20 seconds. What is not answered by then is answered at the next
start, if there is a data_dir. A second signal ends it at once.

Where one front end fails, the others go on; when none is left the exit code is 1.`,
		Example: `  summitbot serve
  summitbot serve --config /etc/summitbot.yaml --data-dir /var/lib/summitbot`,
		GroupID: groupRun,
		Args:    arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilInterrupt(cmd.Context())
			defer stop()
			hangup := make(chan os.Signal, 1) // a second one while the first is worked on says nothing new
			signal.Notify(hangup, syscall.SIGHUP)
			defer signal.Stop(hangup)
			return p.serve(ctx, cmd.Context(), hangup)
		},
	}
}

// serve serves until ctx ends. If atOnce ends too, it ends at once: that is SIGTERM
// after Ctrl-C; a second signal of the same kind kills. hangup has the configuration
// read again.
func (p *program) serve(ctx, atOnce context.Context, hangup <-chan os.Signal) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	if !settings.Web.On() && !settings.Slack.Set() && !settings.Discord.Set() {
		return usage("%s", nothingToServe)
	}
	p.serving = true
	p.openLog(settings.Log)
	return p.use(ctx, settings, asking, func(lib *library) error {
		if err := p.tellWhatIsOn(ctx, lib); err != nil {
			return err
		}
		h, err := p.newHouse(ctx, lib, hangup)
		if err != nil {
			return err
		}
		return p.watched(ctx, lib, h, func() error { return h.run(ctx, atOnce) })
	})
}

// watched runs a house while whoever wants to can ask how it fares: from before the
// first front end is there until after the last has gone.
func (p *program) watched(ctx context.Context, lib *library, h *house, run func() error) error {
	a := newAdmin(p, lib, h.fronts)
	if a == nil {
		return run()
	}
	apart, end := context.WithCancel(context.WithoutCancel(ctx))
	var beside sync.WaitGroup
	defer beside.Wait()
	defer end()
	beside.Go(func() {
		if err := a.Run(apart); err != nil && apart.Err() == nil {
			p.say("admin: %v", err) // nobody who asks questions needs it
		}
	})
	return run()
}

// newHouse returns the front ends that are on, and what keeps them up to date.
func (p *program) newHouse(ctx context.Context, lib *library, hangup <-chan os.Signal) (*house, error) {
	settings := lib.settings
	k := &keeper{p: p, lib: lib, log: p.log(), settings: settings, hangup: hangup}
	var err error
	if k.file, _, err = config.Find(p.configFile, ".", p.lookupEnv); err != nil {
		return nil, err
	}
	h := &house{hall: lib.hall, say: p.say, log: p.log(), chore: k.run}
	if settings.Web.On() {
		front, err := p.openPages(ctx, lib)
		if err != nil {
			return nil, err
		}
		h.fronts = append(h.fronts, front)
	}
	if settings.Slack.Set() {
		k.slack = newStation(newSlackFront(p, lib), settings.Slack.HTTP(), p.log())
		h.fronts = append(h.fronts, k.slack)
	}
	if settings.Discord.Set() {
		k.discord = newStation(newDiscordFront(p, lib), false, p.log())
		h.fronts = append(h.fronts, k.discord)
	}
	return h, nil
}

// pages are the front end for browsers at an address that is open already.
type pages struct {
	*web.Web
	listener net.Listener
}

// Run implements frontend.
func (p pages) Run(ctx context.Context) error { return p.Serve(ctx, p.listener) }

// openPages returns the front end for browsers. Its address is open when the program
// says that it is ready; one that cannot be opened is told by Run, as with any front
// end that cannot start.
func (p *program) openPages(ctx context.Context, lib *library) (frontend, error) {
	front, err := newWebFront(p, lib)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", lib.settings.Web.Listen)
	if err != nil {
		return front, nil //nolint:nilerr // Run tries again, and tells why it fails
	}
	p.say("web: http://%s", listener.Addr())
	return pages{front, listener}, nil
}

const nothingToServe = `there is nothing to serve: web.listen is off, and no other front end is configured. For
Slack, write into summitbot.yaml

  slack:
    bot_token: ${SLACK_BOT_TOKEN}
    app_token: ${SLACK_APP_TOKEN}

and get the two tokens of an app that is made from what "summitbot slack manifest"
prints; "Slack in five minutes" in the README goes through it. For Discord, write

  discord:
    token: ${DISCORD_TOKEN}

with the token of a bot; "Discord in five minutes" goes through that`

// tellWhatIsOn says what is switched on, what is off and how to switch it on,
// and what will not work as it is configured.
func (p *program) tellWhatIsOn(ctx context.Context, lib *library) error {
	docs, err := lib.base.Documents(ctx)
	if err != nil {
		return err
	}
	paragraphs := 0
	for _, d := range docs {
		paragraphs += d.Paragraphs
	}
	s := lib.settings
	p.say("documents: %s, %s", count(len(docs), "document"), count(paragraphs, "paragraph"))
	if s.LLM.Set() {
		p.say("model: %s", modelNames(s.LLM))
	} else {
		p.say("model: none; answers are sentences of the documents (llm.base_url and llm.model switch one on)")
	}
	if s.DataDir == "" {
		p.warn("data_dir is not set: what is asked and answered is forgotten when the program ends, and what is delivered again after a restart is answered again")
	}
	if s.Web.PublicURL != "" {
		p.say("links: below %s", s.Web.PublicURL)
	} else {
		p.say("links: none (web.public_url switches them on)")
	}
	p.tellFrontEnds(s)
	// A collection may get its first document later, so this is no error.
	for _, c := range collectionsNamed(s) {
		if err := lib.know(ctx, c.names); err != nil {
			p.warn("%s: %v", c.where, err)
		}
	}
	return nil
}

// tellFrontEnds says which front ends are on, and how to switch on the others.
func (p *program) tellFrontEnds(s config.Config) {
	if !s.Web.On() {
		p.say("web: off (web.listen switches it on)")
	}
	if s.Slack.Set() {
		p.say("slack: %s, %s with settings of their own", s.Slack.Command, count(len(s.Slack.Channels), "channel"))
	} else {
		p.say("slack: off (slack.bot_token and slack.app_token switch it on; begin with \"summitbot slack manifest\")")
	}
	if s.Discord.Set() {
		p.say("discord: /%s, %s and %s with settings of their own", discord.DefaultCommand, count(len(s.Discord.Guilds), "server"), count(len(s.Discord.Channels), "channel"))
	} else {
		p.say("discord: off (discord.token switches it on; \"Discord in five minutes\" in the README tells where it is)")
	}
	if s.Admin.Listen == "" {
		p.say("health and figures: off (admin.listen switches them on)")
	}
}

// A naming is where in the configuration collections are named.
type naming struct {
	where string
	names []string
}

// collectionsNamed returns what the sections of the front ends that are on name.
func collectionsNamed(s config.Config) []naming {
	var out []naming
	if s.Web.On() {
		out = append(out, naming{"web", s.Web.Collections})
	}
	if s.Slack.Set() {
		out = append(out, naming{"slack.defaults", s.Slack.Defaults.Collections})
		for i, c := range s.Slack.Channels {
			out = append(out, naming{fmt.Sprintf("slack.channels[%d]", i), c.Collections})
		}
	}
	if s.Discord.Set() {
		out = append(out, naming{"discord.defaults", s.Discord.Defaults.Collections})
		for i, g := range s.Discord.Guilds {
			out = append(out, naming{fmt.Sprintf("discord.guilds[%d]", i), g.Collections})
		}
		for i, c := range s.Discord.Channels {
			out = append(out, naming{fmt.Sprintf("discord.channels[%d]", i), c.Collections})
		}
	}
	return out
}

func modelNames(l config.LLM) string {
	return strings.Join(each(l.Endpoints(), func(e config.Endpoint) string { return e.Model }), ", then ")
}

// forget drops from the journal what is older than keep.
func (l *library) forget(ctx context.Context, keep time.Duration, log *slog.Logger) {
	n, err := l.journal.Forget(ctx, l.now().Add(-keep))
	switch {
	case err != nil && ctx.Err() == nil:
		log.ErrorContext(ctx, "forget what is old", "error", err) // tomorrow is another day
	case n > 0:
		log.InfoContext(ctx, "forgot what is old", "questions", n)
	}
}

// A house runs front ends over one hall.
type house struct {
	fronts []frontend
	hall   drainer
	say    func(format string, args ...any)
	log    *slog.Logger
	chore  func(context.Context) // beside the front ends; nil is none
}

// errNoneLeft ends the program when every front end has.
var errNoneLeft = errors.New("no front end is left")

// A departure is a front end that has ended, and why.
type departure struct {
	name string
	err  error
}

// run runs the front ends until ctx ends, and then ends them in order: no new
// questions, answers to those under way, and then all hang up. The end of
// atOnce cuts this short. The error says that no front end is left, or which did not end.
func (h *house) run(ctx, atOnce context.Context) error {
	inside, leave := context.WithCancel(ctx)
	var chores sync.WaitGroup
	defer chores.Wait()
	defer leave()
	if h.chore != nil {
		chores.Go(func() { h.chore(inside) })
	}

	departures := make(chan departure, len(h.fronts)) // so that nobody waits to tell
	var running []string
	for _, f := range h.fronts {
		running = append(running, f.Name())
		go func() { departures <- departure{f.Name(), safely(inside, f, h.log)} }()
	}
	h.say("ready; Ctrl-C ends")
	for len(running) > 0 {
		select {
		case d := <-departures:
			running = without(running, d.name)
			if ctx.Err() != nil {
				continue
			}
			if d.err == nil {
				d.err = errors.New("it ended by itself")
			}
			h.say("%s: %v", d.name, d.err)
			if len(running) > 0 {
				h.say("going on with %s", strings.Join(running, ", "))
			}
		case <-ctx.Done():
			return h.end(ctx, atOnce, running, departures)
		}
	}
	if ctx.Err() != nil {
		return h.end(ctx, atOnce, nil, departures)
	}
	return errors.Join(errNoneLeft, h.drain(ctx, atOnce))
}

// safely runs a front end; a panic in it is its end, and not that of the others.
func safely(ctx context.Context, f frontend, log *slog.Logger) (err error) {
	defer func() {
		if r := recover(); r != nil {
			log.ErrorContext(ctx, "panic", "front_end", f.Name(), "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f.Run(ctx)
}

// end ends what is still running after ctx has ended.
func (h *house) end(ctx, atOnce context.Context, running []string, departures <-chan departure) error {
	h.say("stopping: no new questions; those under way have %s", drainFor)
	if err := h.drain(ctx, atOnce); err != nil {
		// No fault of the program: the next start answers them.
		h.say("%v", err)
	}
	patience := time.NewTimer(leaveFor)
	defer patience.Stop()
	now := atOnce.Done()
	if atOnce.Err() != nil { // it was atOnce that ended ctx, or the drain; they may still hang up
		now = nil
	}
	for len(running) > 0 {
		select {
		case <-now:
			return fmt.Errorf("ended at once, and not %s; what was answered and could not be told is told at the next start, if there is a data_dir", strings.Join(running, " and "))
		case d := <-departures:
			running = without(running, d.name)
			if d.err != nil && !errors.Is(d.err, context.Canceled) {
				h.say("%s: %v", d.name, d.err)
			}
		case <-patience.C:
			return fmt.Errorf("%s did not end within %s; what was answered and could not be told is told at the next start, if there is a data_dir", strings.Join(running, " and "), leaveFor)
		}
	}
	h.say("stopped")
	return nil
}

// drain waits for what is under way, no longer than drainFor or until atOnce ends.
func (h *house) drain(ctx, atOnce context.Context) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	if atOnce.Err() == nil { // else it was atOnce that ended ctx
		defer context.AfterFunc(atOnce, cancel)()
	}
	return h.hall.Drain(limited)
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}
