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
	"summitbot/bot/discord"
	"summitbot/bot/terminal"
	"summitbot/config"
)

// discordPatience is how long one call of "discord check" may take: Discord
// answers within a second, a proxy that must first be woken within ten.
const discordPatience = 15 * time.Second

func newDiscord(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "discord",
		Short:   "Take the bot into a Discord server, or check what is missing",
		GroupID: groupRun,
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDiscordInvite(p), newDiscordCheck(p))
	return cmd
}

func newDiscordInvite(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "invite",
		Short: "Print the link that takes the bot into a server",
		Long: `Prints the link with which somebody who may manage a server takes the bot into
it, with the six permissions that it needs and no other. Discord is asked which
application discord.token belongs to.`,
		Example: `  summitbot discord invite`,
		Args:    arguments(0, 0, ""),
		RunE: interruptible(func(ctx context.Context, _ []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			if !settings.Discord.Set() {
				return usage("discord.token is not set; the developer portal has it (discord.com/developers/applications), under Bot")
			}
			id, err := discord.ApplicationID(ctx, discordAccess(settings.Discord))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.stdout, discord.Invite(settings.Discord.APIURL, id))
			return err
		}),
	}
}

// discordView is what "discord check" prints as JSON.
type discordView struct {
	Good     bool              `json:"good"` // nothing is missing
	Findings []discord.Finding `json:"findings"`
}

func newDiscordCheck(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say what is missing between Discord and the configuration",
		Long: `Asks Discord whether it takes the token, whether the intents are switched on, in
which servers the bot is, what it may do in the channels that have settings, and
whether its commands are registered. Says of each thing that is missing where to
click (exit code 1). Nothing is posted.`,
		Example: `  summitbot discord check
  summitbot discord check --json | jq -r '.findings[] | select(.status == "missing") | .fix'`,
		Args: arguments(0, 0, ""),
		RunE: interruptible(func(ctx context.Context, _ []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			found := discord.Diagnose(ctx, discordAccess(settings.Discord))
			if err := ctx.Err(); err != nil {
				return err
			}
			view := discordView{Findings: found, Good: !slices.ContainsFunc(found, func(f discord.Finding) bool { return f.Status == discord.Missing })}
			if asJSON {
				err = p.printJSON(view)
			} else {
				err = p.printDiscord(found)
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

// discordAccess returns what is checked of the section of Discord.
func discordAccess(s config.Discord) discord.Access {
	a := discord.Access{
		Token: s.Token.Reveal(), APIURL: s.APIURL, HTTP: &http.Client{Timeout: discordPatience},
		Guild: s.Guild, MessageContent: s.MessageContent, Roles: slices.Clone(s.Defaults.Roles),
	}
	for _, g := range s.Guilds {
		a.Guilds, a.Roles = append(a.Guilds, g.Guild), append(a.Roles, g.Roles...)
	}
	for _, c := range s.Channels {
		a.Channels, a.Roles = append(a.Channels, c.Channel), append(a.Roles, c.Roles...)
	}
	slices.Sort(a.Roles)
	a.Roles = slices.Compact(a.Roles)
	return a
}

// printDiscord writes a line for each finding, and below it what to do.
func (p *program) printDiscord(found []discord.Finding) error {
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

// newDiscordFront returns the front end for Discord over the library.
func newDiscordFront(p *program, lib *library) *discord.Discord {
	s := lib.settings.Discord
	o := discord.Options{
		Token: s.Token.Reveal(), APIURL: s.APIURL, GatewayURL: s.GatewayURL, Guild: s.Guild, MessageContent: s.MessageContent,
		PublicURL: strings.TrimRight(lib.settings.Web.PublicURL, "/"), Version: readBuild().Version, Defaults: discordChannel(s.Defaults),
		Channels: map[string]discord.Channel{}, Guilds: map[string]discord.Channel{},
		Handler: lib.hall, Library: lib.base, Checker: check.New(lib.base), Record: lib.journal, Now: p.now, Wait: p.wait, Log: p.log(),
	}
	for _, g := range s.Guilds {
		o.Guilds[g.Guild] = discordChannel(g.DiscordRules)
	}
	for _, c := range s.Channels {
		o.Channels[c.Channel] = discordChannel(c.DiscordRules)
	}
	return discord.New(o)
}

// discordChannel returns rules as the front end has them, which fills their gaps.
func discordChannel(r config.DiscordRules) discord.Channel {
	return discord.Channel{
		Collections: r.Collections, Answer: discord.Style(r.Answer), Private: r.Private, Roles: r.Roles, Language: r.Language,
	}
}
