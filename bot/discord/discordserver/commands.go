package discordserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// The types of commands and of their options.
const (
	commandSlash   = 1
	commandMessage = 3

	optionString      = 3
	optionInteger     = 4
	optionBoolean     = 5
	optionUser        = 6
	optionChannel     = 7
	optionRole        = 8
	optionNumber      = 10
	highestOptionType = 11
)

// command is one that the application has registered.
type command struct {
	id, guild, version string
	fields             map[string]any // as registered, with defaults
	spec               commandSpec
}

// commandSpec is what is limited of a command.
type commandSpec struct {
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Type        int          `json:"type"`
	Options     []optionSpec `json:"options"`
	Contexts    []int        `json:"contexts"`
	DM          *bool        `json:"dm_permission"`
}

type optionSpec struct {
	Type         int    `json:"type"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	Required     bool   `json:"required"`
	Autocomplete bool   `json:"autocomplete"`
	MinLength    *int   `json:"min_length"`
	MaxLength    *int   `json:"max_length"`
	Choices      []struct {
		Name  string `json:"name"`
		Value any    `json:"value"`
	} `json:"choices"`
}

// Command is one that people find in a guild, or everywhere.
type Command struct {
	ID   string
	Type int // 1 slash, 2 on a user, 3 on a message
	Name string
	JSON json.RawMessage // as GET has it
}

// Commands returns the commands of a guild, or the global ones for "".
func (s *Server) Commands(guild string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Command
	for _, c := range s.commands[guild] {
		text, err := json.Marshal(c.fields)
		if err != nil {
			s.t.Errorf("discordserver: %v", err)
		}
		list = append(list, Command{ID: c.id, Type: c.spec.Type, Name: c.spec.Name, JSON: text})
	}
	return list
}

// AwaitCommand waits until a command is registered in a guild, or globally
// for "".
func (s *Server) AwaitCommand(guild, name string) {
	s.t.Helper()
	s.Await("command "+name+" is registered", func() bool {
		return slices.ContainsFunc(s.Commands(guild), func(c Command) bool { return c.Name == name })
	})
}

// Names of slash commands and their options: letters, figures, - and _ of any
// script, and no upper case where there is a lower one.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// register checks a command; s.mu is held.
func (s *Server) register(f *form, at, guild string, raw json.RawMessage) *command {
	c := &command{guild: guild}
	if json.Unmarshal(raw, &c.fields) != nil || json.Unmarshal(raw, &c.spec) != nil {
		f.at(at, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
		return nil
	}
	spec := &c.spec
	if spec.Type == 0 {
		spec.Type = commandSlash
	}
	switch {
	case spec.Type < commandSlash || spec.Type > commandMessage:
		f.at(at+".type", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
	case spec.Type == commandSlash:
		checkName(f, at+".name", spec.Name)
		f.long(at+".description", spec.Description, 1, maxDescription)
	default:
		f.long(at+".name", spec.Name, 1, maxCommandName)
		if spec.Description != "" {
			f.at(at+".description", "APPLICATION_COMMAND_INVALID_DESCRIPTION", "Context menu commands cannot have description")
		}
		if len(spec.Options) > 0 {
			f.at(at+".options", "APPLICATION_COMMAND_INVALID_OPTIONS", "Context menu commands cannot have options")
		}
	}
	if inAll := checkOptions(f, at, spec.Options) + length(spec.Name) + length(spec.Description); inAll > maxCommandInAll {
		f.at(at, "APPLICATION_COMMAND_TOO_LARGE", fmt.Sprintf("Command exceeds maximum size (%d)", maxCommandInAll))
	}
	return c
}

func checkName(f *form, at, name string) {
	f.long(at, name, 1, maxCommandName)
	lower := strings.ToLower(name) == name || !strings.ContainsFunc(name, unicode.IsUpper)
	if name != "" && length(name) <= maxCommandName && (!commandName.MatchString(name) || !lower) {
		f.at(at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	}
}

// checkOptions checks the options of a command and counts their characters.
func checkOptions(f *form, at string, options []optionSpec) int {
	if len(options) > maxOptions {
		f.at(at+".options", "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", maxOptions))
	}
	count, optional := 0, false
	names := map[string]bool{}
	for n, o := range options {
		at := fmt.Sprintf("%s.options.%d", at, n)
		count += length(o.Name) + length(o.Description)
		checkName(f, at+".name", o.Name)
		f.long(at+".description", o.Description, 1, maxDescription)
		switch {
		case o.Type < 1 || o.Type > highestOptionType:
			f.at(at+".type", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11).")
		case names[o.Name]:
			f.at(at+".name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
		case o.Required && optional:
			f.at(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		case o.Autocomplete && len(o.Choices) > 0, o.Autocomplete && o.Type != optionString && o.Type != optionInteger && o.Type != optionNumber:
			f.at(at+".autocomplete", "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID", "Autocomplete is not available for this option")
		}
		names[o.Name] = true
		optional = optional || !o.Required
		if len(o.Choices) > maxChoices {
			f.at(at+".choices", "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", maxChoices))
		}
		for i, c := range o.Choices {
			f.long(fmt.Sprintf("%s.choices.%d.name", at, i), c.Name, 1, maxChoiceName)
			count += length(c.Name)
			if text, ok := c.Value.(string); ok {
				f.long(fmt.Sprintf("%s.choices.%d.value", at, i), text, 1, maxChoiceName)
				count += length(text)
			}
		}
		if o.MaxLength != nil && (*o.MaxLength < 1 || *o.MaxLength > maxStringOption) {
			f.at(at+".max_length", "NUMBER_TYPE_MAX", fmt.Sprintf("int value should be between 1 and %d.", maxStringOption))
		}
		if o.MinLength != nil && (*o.MinLength < 0 || *o.MinLength > maxStringOption) {
			f.at(at+".min_length", "NUMBER_TYPE_MAX", fmt.Sprintf("int value should be between 0 and %d.", maxStringOption))
		}
	}
	return count
}

// complete fills in what GET has besides; s.mu is held. A command that replaces
// another of its name keeps its id.
func (s *Server) complete(c *command, before []*command) {
	c.id = s.snowflake()
	for _, other := range before {
		if other.spec.Name == c.spec.Name && other.spec.Type == c.spec.Type {
			c.id = other.id
		}
	}
	c.version = s.snowflake()
	given := c.fields
	c.fields = map[string]any{
		"id": c.id, "application_id": s.App, "version": c.version, "default_member_permissions": nil, "type": c.spec.Type,
		"name": c.spec.Name, "name_localizations": nil, "description": c.spec.Description, "description_localizations": nil,
		"dm_permission": true, "contexts": nil, "integration_types": []any{0}, "nsfw": false,
	}
	if c.guild != "" {
		c.fields["guild_id"] = c.guild
	}
	for name, value := range given {
		// null leaves the default, and what Discord does not know is dropped.
		if _, known := c.fields[name]; (known || name == "options") && value != nil && name != "id" && name != "version" && name != "application_id" {
			c.fields[name] = value
		}
	}
	if options, ok := c.fields["options"].([]any); ok {
		if len(options) == 0 {
			delete(c.fields, "options") // Discord gives no empty list back
		}
		for _, o := range options {
			if o, ok := o.(map[string]any); ok {
				tidyOption(o)
			}
		}
	}
}

// tidyOption leaves out of an option what is as if it were not there, as
// Discord does: false and null.
func tidyOption(o map[string]any) {
	maps.DeleteFunc(o, func(_ string, value any) bool {
		list, isList := value.([]any)
		return value == nil || value == false || isList && len(list) == 0
	})
}

// commandsOf says which commands a call is about.
func (s *Server) commandsOf(r *request) (string, *refusal) {
	guild := r.path("guild")
	if guild == "" {
		return "", nil
	}
	_, why := s.guildOf(r)
	if why != nil {
		why = errMissingAccess // also where there is no such guild
	}
	return guild, why
}

func (s *Server) listCommands(guild string) any {
	list := []any{}
	for _, c := range s.commands[guild] {
		list = append(list, c.fields)
	}
	return list
}

func (s *Server) getCommands(r *request) (any, *refusal) {
	guild, why := s.commandsOf(r)
	if why != nil {
		return nil, why
	}
	return s.listCommands(guild), nil
}

// putCommands replaces all commands.
func (s *Server) putCommands(r *request) (any, *refusal) {
	guild, why := s.commandsOf(r)
	if why != nil {
		return nil, why
	}
	f := form{}
	if r.list == nil {
		f.at("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
	}
	var list []*command
	count, seen := map[int]int{}, map[string]bool{}
	for n, raw := range r.list {
		at := fmt.Sprint(n)
		c := s.register(&f, at, guild, raw)
		if c == nil {
			continue
		}
		key := fmt.Sprint(c.spec.Type, c.spec.Name)
		if seen[key] {
			f.at(at+".name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		}
		seen[key] = true
		count[c.spec.Type]++
		list = append(list, c)
	}
	if count[commandSlash] > maxSlash || count[2] > maxMenus || count[commandMessage] > maxMenus {
		return nil, refuse(400, 30032, "Maximum number of application commands reached (100)")
	}
	if why := f.refusal(); why != nil {
		return nil, why
	}
	before := s.commands[guild]
	for _, c := range list {
		s.complete(c, before)
	}
	s.commands[guild] = list
	return s.listCommands(guild), nil
}

// postCommand adds a command, or replaces the one of its name.
func (s *Server) postCommand(r *request) (any, *refusal) {
	guild, why := s.commandsOf(r)
	if why != nil {
		return nil, why
	}
	f := form{}
	c := s.register(&f, "_", guild, r.Body)
	if why := f.refusal(); why != nil {
		return nil, why
	}
	before := s.commands[guild]
	s.complete(c, before)
	kept := slices.DeleteFunc(slices.Clone(before), func(other *command) bool { return other.id == c.id })
	r.made = len(kept) == len(before)
	s.commands[guild] = append(kept, c)
	return c.fields, nil
}

func (s *Server) deleteCommand(r *request) (any, *refusal) {
	guild, why := s.commandsOf(r)
	if why != nil {
		return nil, why
	}
	kept := slices.DeleteFunc(slices.Clone(s.commands[guild]), func(c *command) bool { return c.id == r.path("command") })
	if len(kept) == len(s.commands[guild]) {
		return nil, refuse(404, 10063, "Unknown application command")
	}
	s.commands[guild] = kept
	return nil, nil
}

// commandFor finds the command that a person chooses in c: one of the guild
// comes before a global one, and direct messages have global ones only.
func (s *Server) commandFor(c *Channel, name string, kind int) *command {
	for _, guild := range []string{c.Guild, ""} {
		for _, found := range s.commands[guild] {
			if found.spec.Name != name || found.spec.Type != kind {
				continue
			}
			inDM := found.spec.DM == nil || *found.spec.DM
			if found.spec.Contexts != nil {
				inDM = slices.Contains(found.spec.Contexts, contextBotDM)
			}
			if c.Guild == "" && !inDM || c.Guild != "" && found.spec.Contexts != nil && !slices.Contains(found.spec.Contexts, contextGuild) {
				continue
			}
			return found
		}
	}
	return nil
}
