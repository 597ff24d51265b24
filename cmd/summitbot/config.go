package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"summitbot/config"
)

func newConfig(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Check the configuration, or write a first one",
		GroupID: groupRun,
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigCheck(p), newConfigInit(p))
	return cmd
}

// checkView is what "config check" found.
type checkView struct {
	File     string        `json:"file"` // "" if there is none
	Valid    bool          `json:"valid"`
	Errors   []problemView `json:"errors"`
	Warnings []problemView `json:"warnings"`
}

type problemView struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path"` // of the key, such as sources[0].path
	Message string `json:"message"`
}

func newConfigCheck(p *program) *cobra.Command {
	var o struct{ print, json bool }
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and say everything that is wrong with it",
		Long: `Checks the file that the other commands would use: --config, else summitbot.yaml
in this folder, else summitbot/summitbot.yaml in your configuration folder.

Every mistake is told at once, with file, line and key (exit code 2).`,
		Example: `  summitbot config check
  summitbot config check --config /etc/summitbot.yaml --print`,
		Args: arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			path, found, err := config.Find(p.configFile, ".", p.lookupEnv)
			if err != nil {
				return usage("%w", err)
			}
			settings, warnings := config.Default(), []config.Warning(nil)
			if found {
				settings, warnings, err = config.Load(path, p.lookupEnv)
			}
			mistakes, misconfigured := errors.AsType[config.Errors](err)
			switch {
			case o.json && (err == nil || misconfigured):
				err = errors.Join(p.printJSON(checkView{
					File: path, Valid: err == nil,
					Errors:   each(mistakes, func(e config.Error) problemView { return problemView(e) }),
					Warnings: each(warnings, func(w config.Warning) problemView { return problemView(w) }),
				}))
				if misconfigured && err == nil {
					err = ending{code: exitUsage}
				}
				return err
			case err != nil:
				for _, w := range warnings {
					p.warn("%s", w)
				}
				return err
			}
			for _, w := range warnings {
				p.warn("%s", w)
			}
			if o.print {
				return settings.Print(p.stdout)
			}
			if !found {
				path = "no configuration file; the defaults are used"
			} else {
				path += ": no mistakes"
			}
			_, err = fmt.Fprintln(p.stdout, path)
			return err
		},
	}
	cmd.Flags().BoolVar(&o.print, "print", false, "print the whole configuration, defaults filled in and secrets left out")
	jsonFlag(cmd, &o.json, "print what was found as one JSON object")
	return cmd
}

func newConfigInit(p *program) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented summitbot.yaml to start from",
		Long: `Writes a configuration that says what can be set, and changes nothing yet. FILE
is summitbot.yaml in this folder if it is not given; "-" is standard output.`,
		Example: `  summitbot config init
  summitbot config init ~/.config/summitbot/summitbot.yaml`,
		Args: arguments(0, 1, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			path := "summitbot.yaml"
			if len(args) > 0 {
				path = args[0]
			}
			if path == "-" {
				_, err := p.stdout.Write(config.Init())
				return err
			}
			if err := writeConfig(path, force); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.stdout, "wrote %s\n", path)
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that is there")
	return cmd
}

// writeConfig writes a first configuration to path. Nobody else may read it,
// for tokens may be written into it later.
func writeConfig(path string, force bool) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write a configuration: %w", err)
	}
	f, err := os.OpenFile(path, how, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and was left as it is; --force replaces it", path)
	}
	if err != nil {
		return fmt.Errorf("write a configuration: %w", err)
	}
	_, err = f.Write(config.Init())
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write a configuration: %w", err)
	}
	return nil
}
