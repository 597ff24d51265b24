package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	// Commands with flags, help and shell completion: the library that most Go
	// command lines are made with.
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"summitbot/bot/admin"
	"summitbot/bot/llm"
	"summitbot/bot/requestid"
	"summitbot/bot/terminal"
	"summitbot/config"
)

// A program is one run: its streams, its environment, its clock and the flags
// that every command has.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lookupEnv      func(string) (string, bool)
	now            func() time.Time
	wait           func(context.Context, time.Duration) error // by the clock of now, for what platforms limit; nil is the real clock

	configFile string
	dataDir    string
	color      choice
	verbose    bool
	serving    bool

	metrics *admin.Metrics              // nil if nobody asks for them
	model   *atomic.Pointer[llm.Client] // that is asked now; nil where there is none

	logger *slog.Logger   // of a program that serves; else nil
	level  *slog.LevelVar // likewise
	inLog  bool           // what is said goes into the log too, for whoever reads it as JSON
}

// A choice is a flag that takes one of a few words.
type choice struct {
	value string
	of    []string
}

func (c *choice) String() string { return c.value }

func (c *choice) Type() string { return "when" }

func (c *choice) Set(s string) error {
	for _, word := range c.of {
		if s == word {
			c.value = s
			return nil
		}
	}
	return fmt.Errorf("want one of %v", c.of)
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "summitbot",
		Short: "Answers from your documents, with the paragraph they came from",
		Long: `Summitbot answers questions from your documents, word for word, each sentence
with the paragraph it came from. What the documents do not say, it refuses.

Without any settings it answers from one article about the 2025 Alaska summit.
To ask documents of your own, name them in summitbot.yaml ("summitbot config
init" writes one), or add them with "summitbot ingest".

Exit codes:
` + exitCodes,
		Example: `  summitbot ask "What is Putin's red line?"
  summitbot show alaska-summit#8
  summitbot chat`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see %q", err, cmd.CommandPath()+" --help")
	})
	p.color = choice{"auto", []string{"auto", "always", "never"}}
	flags := root.PersistentFlags()
	flags.StringVar(&p.configFile, "config", "", "configuration `file` (default summitbot.yaml here or in your configuration folder)")
	flags.StringVar(&p.dataDir, "data-dir", "", "`folder` of the database, instead of data_dir in the configuration")
	flags.Var(&p.color, "color", "colours: auto, always or never")
	flags.BoolVarP(&p.verbose, "verbose", "v", false, "say on standard error what is done")
	fixed(root, "color", p.color.of...)

	root.AddGroup(
		&cobra.Group{ID: groupAsk, Title: "Asking:"},
		&cobra.Group{ID: groupKeep, Title: "Documents:"},
		&cobra.Group{ID: groupRun, Title: "Settings and checks:"},
	)
	root.AddCommand(
		newAsk(p), newChat(p), newCheck(p), newSearch(p), newShow(p),
		newSources(p), newIngest(p), newRemove(p),
		newServe(p), newHealth(p), newSlack(p), newDiscord(p), newAnswers(p), newForget(p), newEval(p), newReplay(p), newConfig(p), newVersion(p), newExitCodes(),
	)
	root.SetHelpCommand(newHelp())
	root.SetHelpCommandGroupID(groupRun)
	root.SetCompletionCommandGroupID(groupRun)
	return root
}

// The groups that the root's help lists commands in.
const (
	groupAsk  = "ask"
	groupKeep = "keep"
	groupRun  = "run"
)

// knownCommand refuses arguments of a command that only holds other commands.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("there is no command %q", cmd.CommandPath()+" "+args[0])
	if cmd.SuggestionsMinimumDistance <= 0 {
		cmd.SuggestionsMinimumDistance = 2
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usage("%w; did you mean %q?", err, near[0])
	}
	return usage("%w; see %q", err, cmd.CommandPath()+" --help")
}

// arguments returns a check that there are between least and most of them;
// most below 0 is any number. what names them.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usage("%s needs %s; see %q", cmd.CommandPath(), what, cmd.CommandPath()+" --help")
		case most >= 0 && len(args) > most:
			return usage("%s: %q is too much; see %q", cmd.CommandPath(), args[most], cmd.CommandPath()+" --help")
		}
		return nil
	}
}

// fixed completes a flag with words.
func fixed(cmd *cobra.Command, flag string, words ...string) {
	// It fails only for a flag that is not there, or twice.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help for a command",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usage("%w", err)
			}
			if len(rest) > 0 {
				return knownCommand(about, rest)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

func newExitCodes() *cobra.Command {
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: "Exit codes:\n" + exitCodes}
}

// settings returns the configuration, flags applied, and says its warnings.
func (p *program) settings() (config.Config, error) {
	settings, warnings, err := p.readSettings()
	for _, w := range warnings {
		p.warn("%s", w)
	}
	return settings, err
}

// readSettings returns the configuration as it is written now, flags applied, and
// its warnings.
func (p *program) readSettings() (config.Config, []config.Warning, error) {
	path, found, err := config.Find(p.configFile, ".", p.lookupEnv)
	if err != nil {
		return config.Config{}, nil, usage("%w", err)
	}
	settings, warnings := config.Default(), []config.Warning(nil)
	if found {
		if settings, warnings, err = config.Load(path, p.lookupEnv); err != nil {
			return config.Config{}, warnings, err
		}
	}
	if p.dataDir != "" {
		settings.DataDir = p.dataDir
	}
	p.log().Debug("settings", "file", path, "data_dir", settings.DataDir, "sources", len(settings.Sources))
	return settings, warnings, nil
}

// warn says on standard error what is not as it should be.
func (p *program) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if p.inLog {
		p.logger.Warn(text)
		return
	}
	fmt.Fprintln(p.stderr, "summitbot: warning: "+terminal.Neutralise(text))
}

// say says on standard error what the program is doing.
func (p *program) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if p.inLog {
		p.logger.Info(text)
		return
	}
	fmt.Fprintln(p.stderr, "summitbot: "+terminal.Neutralise(text))
}

// log returns where the program says what it does: with -v or when it serves
// standard error, else nowhere.
func (p *program) log() *slog.Logger {
	switch {
	case p.logger != nil:
		return p.logger
	case p.verbose:
		return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

// openLog makes the log of a program that serves.
func (p *program) openLog(settings config.Log) {
	p.level = new(slog.LevelVar)
	p.setLevel(settings)
	o := &slog.HandlerOptions{Level: p.level}
	var h slog.Handler = slog.NewTextHandler(p.stderr, o)
	if settings.Format == config.FormatJSON {
		h = slog.NewJSONHandler(p.stderr, o)
		p.inLog = true
	}
	p.logger = slog.New(requestid.Handler(h))
}

// setLevel has the log leave out what is below the level of settings, unless -v
// wants everything.
func (p *program) setLevel(settings config.Log) {
	level := slog.LevelDebug
	if !p.verbose {
		// It is one that the package knows: config saw to that.
		_ = level.UnmarshalText([]byte(settings.Level))
	}
	p.level.Set(level)
}

// renderer returns what writes to standard output for people.
func (p *program) renderer() *terminal.Renderer {
	var options terminal.Options
	if f, ok := p.stdout.(*os.File); ok {
		options = terminal.Detect(f, p.lookupEnv)
	}
	switch p.color.value {
	case "always":
		options.Color = true
	case "never":
		options.Color, options.Hyperlinks = false, false
	}
	return terminal.NewRenderer(p.stdout, options)
}

// progress returns a progress bar on standard error; total below 0 is unknown.
func (p *program) progress(total int64, label string) *terminal.Progress {
	return terminal.NewProgress(p.stderr, isTerminal(p.stderr), total, label, p.now)
}

// isTerminal reports whether a stream of the program is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
