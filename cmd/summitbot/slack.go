package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"summitbot/bot/answer/check"
	"summitbot/bot/slack"
	"summitbot/bot/terminal"
	"summitbot/config"
)

// slackPatience is how long one call of "slack check" may take: Slack answers
// within a second, a proxy that must first be woken within ten.
const slackPatience = 15 * time.Second

func newSlack(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "slack",
		Short:   "Make an app for Slack, or check the one that is there",
		GroupID: groupRun,
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSlackManifest(p), newSlackCheck(p))
	return cmd
}

func newSlackManifest(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "manifest",
		Short: "Print the manifest to make a Slack app from",
		Long: `Prints the manifest of an app that has what the configuration needs: the name of
the slash command, the scopes, the events. At https://api.slack.com/apps choose
Create New App > From a manifest and paste it; for an app that is there already,
open App Manifest on its page.

The tokens come after that: the bot's from Install App, the app's from Basic
Information > App-Level Tokens, with the scope connections:write.

With slack.request_url, the address at which Slack gets to slack.listen, it is the
manifest of an app that Slack reaches by HTTP. In place of the app's token comes
the signing secret, from Basic Information > App Credentials.`,
		Example: `  summitbot slack manifest
  summitbot slack manifest | pbcopy`,
		Args: arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			if settings.Slack.HTTP() && settings.Slack.RequestURL == "" {
				return usage("slack.request_url is not set, and the manifest has to say where Slack gets to slack.listen, such as https://bot.example.org/slack")
			}
			_, err = fmt.Fprint(p.stdout, slack.Manifest(slackFeatures(settings.Slack)))
			return err
		},
	}
}

// slackFeatures returns what the section of Slack switches on.
func slackFeatures(s config.Slack) slack.Features {
	f := slack.Features{Command: s.Command, FollowThreads: s.Defaults.Follow == config.FollowThreads, RequestURL: s.RequestURL}
	for _, c := range s.Channels {
		f.FollowThreads = f.FollowThreads || s.Rules(c).Follow == config.FollowThreads
	}
	f.UserGroups = len(slackGroups(s)) > 0
	return f
}

// slackGroups returns the user groups that rules name, each once.
func slackGroups(s config.Slack) []string {
	groups := slices.Clone(s.Defaults.UserGroups)
	for _, c := range s.Channels {
		groups = append(groups, c.UserGroups...)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// slackView is what "slack check" prints as JSON.
type slackView struct {
	Good     bool            `json:"good"` // nothing is missing
	Findings []slack.Finding `json:"findings"`
}

func newSlackCheck(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say what is missing between Slack and the configuration",
		Long: `Asks Slack whether it knows the two tokens, what the app may do, whether it gives
out a socket, and whether the bot is in the channels that have settings. Says of
each thing that is missing where to click (exit code 1). Nothing is posted.

Where Slack comes by HTTP it sends to slack.request_url, in place of looking for a
socket, what Slack does when that address is entered on the app's page, and says
whether the program answers. So start "summitbot serve" first.

It cannot see the events that the app is subscribed to, nor whether the slash
command is there; both come with the manifest. Nor can it see whether Slack gets
to slack.request_url: the app's page says that under Event Subscriptions.`,
		Example: `  summitbot slack check
  summitbot slack check --json | jq -r '.findings[] | select(.status == "missing") | .fix'`,
		Args: arguments(0, 0, ""),
		RunE: interruptible(func(ctx context.Context, _ []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			found := slack.Diagnose(ctx, slackAccess(settings.Slack))
			if err := ctx.Err(); err != nil {
				return err
			}
			view := slackView{Findings: found, Good: !slices.ContainsFunc(found, func(f slack.Finding) bool { return f.Status == slack.Missing })}
			if asJSON {
				err = p.printJSON(view)
			} else {
				err = p.printFindings(found)
			}
			if err == nil && !view.Good {
				err = ending{code: exitError}
			}
			return err
		}),
	}
	jsonFlag(cmd, &asJSON, "print what was found as one JSON object")
	return cmd
}

// slackAccess returns what is checked of the section of Slack.
func slackAccess(s config.Slack) slack.Access {
	a := slack.Access{
		BotToken: s.BotToken.Reveal(), AppToken: s.AppToken.Reveal(), SigningSecret: s.SigningSecret.Reveal(), APIURL: s.APIURL,
		Client: &http.Client{Timeout: slackPatience}, Features: slackFeatures(s), UserGroups: slackGroups(s),
	}
	for _, c := range s.Channels {
		a.Channels = append(a.Channels, c.Channel)
	}
	return a
}

// printFindings writes a line for each finding, and below it what to do.
func (p *program) printFindings(found []slack.Finding) error {
	const column = 8 // the longest status, and a space
	var errs []error
	for _, f := range found {
		_, err := fmt.Fprintf(p.stdout, "%-*s%s: %s\n", column, f.Status, f.Subject, terminal.Neutralise(f.Text))
		errs = append(errs, err)
		if f.Fix != "" {
			_, err = fmt.Fprintf(p.stdout, "%*s%s\n", column, "", terminal.Neutralise(f.Fix))
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// newSlackFront returns the front end for Slack over the library.
func newSlackFront(p *program, lib *library) *slack.Slack {
	s := lib.settings.Slack
	o := slack.Options{
		BotToken: s.BotToken.Reveal(), AppToken: s.AppToken.Reveal(), SigningSecret: s.SigningSecret.Reveal(), Listen: s.Listen,
		APIURL: s.APIURL, Command: s.Command,
		PublicURL: strings.TrimRight(lib.settings.Web.PublicURL, "/"), Channels: map[string]slack.Channel{}, Defaults: slackChannel(s.Defaults),
		Handler: lib.hall, Library: lib.base, Checker: check.New(lib.base), Record: lib.journal, Now: p.now, Wait: p.wait, Log: p.log(),
	}
	for _, c := range s.Channels {
		o.Channels[c.Channel] = slackChannel(s.Rules(c))
	}
	return slack.New(o)
}

// slackChannel returns rules, with no gap in them, as the front end has them.
func slackChannel(r config.SlackRules) slack.Channel {
	return slack.Channel{
		Collections: r.Collections, Public: !*r.Private, Follow: slack.Follow(r.Follow),
		Users: r.Users, UserGroups: r.UserGroups, Language: r.Language,
	}
}
