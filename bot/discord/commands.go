package discord

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// The commands beside the one that asks, and their options.
const (
	commandSources  = "sources"
	commandShow     = "show"
	commandCheck    = "Check against the documents"
	optionQuestion  = "question"
	optionPrivate   = "private"
	optionParagraph = "paragraph"
)

// Kinds of options, as Discord numbers them.
const (
	optionString  = 3
	optionBoolean = 5
)

// A command is what is registered, with what is compared to see whether it is.
type command struct {
	Kind        int             `json:"type"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Options     []commandOption `json:"options,omitempty"`
}

type commandOption struct {
	Kind         int    `json:"type"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	Required     bool   `json:"required,omitempty"`
	Autocomplete bool   `json:"autocomplete,omitempty"`
	Longest      int    `json:"max_length,omitempty"`
}

// maxQuestion is what Discord takes in an option.
const maxQuestion = 6000

// commands are those of the bot.
func commands(ask string) []command {
	return []command{
		{Kind: commandSlash, Name: ask, Description: "Ask the documents", Options: []commandOption{
			{Kind: optionString, Name: optionQuestion, Description: "What you want to know", Required: true, Longest: maxQuestion},
			{Kind: optionBoolean, Name: optionPrivate, Description: "Show the answer to you alone"},
		}},
		{Kind: commandSlash, Name: commandSources, Description: "List the documents that answers come from"},
		{Kind: commandSlash, Name: commandShow, Description: "Show a paragraph of a document", Options: []commandOption{
			{Kind: optionString, Name: optionParagraph, Description: "A heading, a number, or an address such as summit#3", Required: true, Autocomplete: true},
		}},
		{Kind: commandMessage, Name: commandCheck},
	}
}

// commandsPath is where the commands are: of one guild, where they are there at
// once, or everywhere.
func commandsPath(application, guild string) string {
	if guild != "" {
		return "/applications/" + application + "/guilds/" + guild + "/commands"
	}
	return "/applications/" + application + "/commands"
}

// missingCommands returns those that are not registered as they should be, and
// reports whether others are that should not.
func missingCommands(want, have []command) (missing []string, more bool) {
	for _, c := range want {
		if !slices.ContainsFunc(have, func(other command) bool { return reflect.DeepEqual(c, other) }) {
			missing = append(missing, c.Name)
		}
	}
	return missing, len(have) > len(want)
}

// register registers the commands if they are not as they should be: the number
// of changes in a day is limited.
func (d *Discord) register(ctx context.Context) {
	path := commandsPath(d.send.self.application, d.guild)
	var have []command
	err := d.send.get(ctx, path, path, &have)
	if err == nil {
		want := commands(d.command)
		missing, more := missingCommands(want, have)
		if len(missing) == 0 && !more {
			d.registered.Store(true)
			return
		}
		d.log.InfoContext(ctx, "discord: register commands", "guild", d.guild, "changed", strings.Join(missing, ", "))
		err = d.send.repeat(firm(ctx), call{method: http.MethodPut, path: path, route: path, body: want}, nil)
	}
	if err != nil {
		d.log.ErrorContext(ctx, "discord: the commands are not registered; tried again with the next session", "error", fmt.Errorf("commands: %w", err))
		return
	}
	d.registered.Store(true)
}
