package discordserver

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// length is how long a text is, in UTF-16 units.
func length(text string) int { return len(utf16.Encode([]rune(text))) }

// under puts the errors of a part below the field name.
func (f *form) under(name string, in form) {
	if in.errors == nil {
		return
	}
	if f.errors == nil {
		f.errors = map[string]any{}
	}
	f.errors[name] = in.errors
}

// required notes that a field is missing.
func (f *form) required(path string) { f.at(path, "BASE_TYPE_REQUIRED", "This field is required") }

// long notes that the text of a field is too short or too long.
func (f *form) long(path, text string, least, most int) {
	switch n := length(text); {
	case n < least && least == most, n > most:
		f.at(path, "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", most))
	case n < least:
		f.at(path, "BASE_TYPE_BAD_LENGTH", fmt.Sprintf("Must be between %d and %d in length.", least, most))
	}
}

// text reads a text from fields, at the name itself.
func (f *form) text(fields map[string]json.RawMessage, name string, least, most int, must bool) string {
	raw, ok := fields[name]
	if !ok || string(raw) == "null" {
		if must {
			f.required(name)
		}
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		f.at(name, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
		return ""
	}
	f.long(name, text, least, most)
	return text
}

func (f *form) integer(fields map[string]json.RawMessage, name string) (int, bool) {
	raw, ok := fields[name]
	if !ok || string(raw) == "null" {
		return 0, false
	}
	var n int
	if json.Unmarshal(raw, &n) != nil {
		f.at(name, "NUMBER_TYPE_COERCE", fmt.Sprintf("Value %q is not int.", raw))
		return 0, false
	}
	return n, true
}

func (f *form) boolean(fields map[string]json.RawMessage, name string) bool {
	raw, ok := fields[name]
	if !ok || string(raw) == "null" {
		return false
	}
	var b bool
	if json.Unmarshal(raw, &b) != nil {
		f.at(name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
	}
	return b
}

func (f *form) snowflake(fields map[string]json.RawMessage, name string, must bool) string {
	raw, ok := fields[name]
	if !ok || string(raw) == "null" {
		if must {
			f.required(name)
		}
		return ""
	}
	var id string
	if json.Unmarshal(raw, &id) != nil {
		id = string(raw)
	}
	if !snowflakeForm.MatchString(id) {
		f.at(name, "NUMBER_TYPE_COERCE", fmt.Sprintf("Value %q is not snowflake.", id))
	}
	return id
}

// nonce reads a nonce: a text of 25 characters at most, or a number.
func (f *form) nonce(fields map[string]json.RawMessage) string {
	raw, ok := fields["nonce"]
	if !ok || string(raw) == "null" {
		return ""
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	return f.text(fields, "nonce", 0, maxNonce, false)
}

// content reads and checks what a message is to say, into m. A field that is
// absent leaves m as it is. Of the flags only those in settable may be set.
func (s *Server) content(f *form, fields map[string]json.RawMessage, m *Message, settable int) {
	if _, ok := fields["content"]; ok {
		m.Content = strings.TrimSpace(f.text(fields, "content", 0, maxContent, false))
	}
	if flags, ok := f.integer(fields, "flags"); ok {
		if flags&^settable != 0 {
			f.at("flags", "MESSAGE_FLAGS_INVALID", "Invalid message flags.")
		}
		kept := m.Flags &^ settable
		if m.Flags&flagComponentsV2 != 0 {
			kept |= flagComponentsV2 // which cannot be taken away
		}
		m.Flags = kept | flags&settable
	}
	if raw, ok := fields["embeds"]; ok {
		m.Embeds = checkEmbeds(f, raw)
	}
	if raw, ok := fields["components"]; ok {
		m.Components = checkComponents(f, raw, m.Flags&flagComponentsV2 != 0)
	}
	if raw, ok := fields["allowed_mentions"]; ok {
		m.AllowedMentions = checkMentions(f, raw)
	}
	if m.Flags&flagComponentsV2 != 0 {
		for _, name := range []string{"content", "embeds"} {
			if raw, ok := fields[name]; ok && !slices.Contains([]string{"null", `""`, "[]"}, string(raw)) {
				f.at(name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The '"+name+"' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")
			}
		}
	}
	if fields["tts"] != nil {
		f.boolean(fields, "tts")
	}
}

// checkMentions checks allowed_mentions; null stands for none.
func checkMentions(f *form, raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	var allowed struct {
		Parse []string `json:"parse"`
		Users []string `json:"users"`
		Roles []string `json:"roles"`
	}
	if json.Unmarshal(raw, &allowed) != nil {
		f.at("allowed_mentions", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
		return nil
	}
	for i, kind := range allowed.Parse {
		if !slices.Contains([]string{"users", "roles", "everyone"}, kind) {
			f.at(fmt.Sprintf("allowed_mentions.parse.%d", i), "BASE_TYPE_CHOICES", "Value must be one of ('users', 'roles', 'everyone').")
		}
	}
	for name, ids := range map[string][]string{"users": allowed.Users, "roles": allowed.Roles} {
		if len(ids) > 100 {
			f.at("allowed_mentions."+name, "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
		}
		if len(ids) > 0 && slices.Contains(allowed.Parse, name) {
			f.at("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:[\""+name+"\"] and "+name+": [ids...] are mutually exclusive.")
		}
	}
	return raw
}

// embed is what is limited of one.
type embed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
	Color       int    `json:"color"`
	Author      *struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	} `json:"author"`
	Footer *struct {
		Text string `json:"text"`
	} `json:"footer"`
	Image     *struct{ URL string } `json:"image"`
	Thumbnail *struct{ URL string } `json:"thumbnail"`
	Fields    []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"fields"`
}

// checkEmbeds checks a list of embeds and returns it, nil if it is empty.
func checkEmbeds(f *form, raw json.RawMessage) json.RawMessage {
	var list []embed
	if json.Unmarshal(raw, &list) != nil {
		f.at("embeds", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
		return nil
	}
	if len(list) > maxEmbeds {
		f.at("embeds", "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", maxEmbeds))
	}
	inAll := 0
	for i, e := range list {
		inAll += checkEmbed(f, "embeds."+strconv.Itoa(i), e)
	}
	if inAll > maxEmbedsInAll {
		f.at("embeds", "MAX_EMBED_SIZE_EXCEEDED", fmt.Sprintf("Embed size exceeds maximum size of %d", maxEmbedsInAll))
	}
	if len(list) == 0 {
		return nil
	}
	return completed(raw)
}

// completed gives every embed what Discord gives those that it keeps.
func completed(raw json.RawMessage) json.RawMessage {
	var list []map[string]any
	if json.Unmarshal(raw, &list) != nil {
		return raw
	}
	for i, e := range list {
		if e == nil {
			continue
		}
		list[i]["type"] = "rich"
		fields, _ := e["fields"].([]any)
		for _, f := range fields {
			if f, ok := f.(map[string]any); ok && f["inline"] == nil {
				f["inline"] = false
			}
		}
	}
	out, err := json.Marshal(list)
	if err != nil {
		return raw
	}
	return out
}

// checkEmbed checks one embed and counts its characters.
func checkEmbed(f *form, at string, e embed) int {
	count := 0
	text := func(name, value string, least, most int) {
		count += length(value)
		f.long(at+"."+name, value, least, most)
	}
	text("title", e.Title, 0, maxEmbedTitle)
	text("description", e.Description, 0, maxEmbedText)
	checkURL(f, at+".url", e.URL, maxURL)
	if e.Author != nil {
		text("author.name", e.Author.Name, 1, maxEmbedAuthor)
		checkURL(f, at+".author.url", e.Author.URL, maxURL)
	}
	if e.Footer != nil {
		text("footer.text", e.Footer.Text, 1, maxFooter)
	}
	for name, image := range map[string]*struct{ URL string }{"image": e.Image, "thumbnail": e.Thumbnail} {
		if image != nil {
			checkURL(f, at+"."+name+".url", image.URL, maxURL)
		}
	}
	if len(e.Fields) > maxEmbedFields {
		f.at(at+".fields", "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", maxEmbedFields))
	}
	for i, field := range e.Fields {
		n := strconv.Itoa(i)
		if field.Name == "" {
			f.required(at + ".fields." + n + ".name")
		}
		if field.Value == "" {
			f.required(at + ".fields." + n + ".value")
		}
		text("fields."+n+".name", field.Name, 0, maxFieldName)
		text("fields."+n+".value", field.Value, 0, maxFieldValue)
	}
	if e.Color < 0 || e.Color > 0xffffff {
		f.at(at+".color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
	}
	if count == 0 && e.Image == nil && e.Thumbnail == nil {
		f.required(at + ".description")
	}
	return count
}

// checkURL checks an address, which may be absent.
func checkURL(f *form, at, text string, most int) {
	if text == "" {
		return
	}
	if length(text) > most {
		f.long(at, text, 0, most)
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "":
		f.at(at, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "discord":
		f.at(at, "URL_TYPE_INVALID_SCHEME", fmt.Sprintf("Scheme %q is not supported. Scheme must be one of ('http', 'https', 'discord').", u.Scheme))
	case u.Host == "":
		f.at(at, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
	}
}

// The types of components that the server knows well.
const (
	componentRow    = 1
	componentButton = 2
	componentSelect = 3
	componentInput  = 4
	componentText   = 10
)

// component is what is limited of one, of any type.
type component struct {
	Type        int               `json:"type"`
	CustomID    string            `json:"custom_id"`
	Style       int               `json:"style"`
	Label       string            `json:"label"`
	URL         string            `json:"url"`
	Disabled    bool              `json:"disabled"`
	Emoji       json.RawMessage   `json:"emoji"`
	Placeholder string            `json:"placeholder"`
	Value       string            `json:"value"`
	Content     string            `json:"content"`
	MinLength   *int              `json:"min_length"`
	MaxLength   *int              `json:"max_length"`
	MinValues   *int              `json:"min_values"`
	MaxValues   *int              `json:"max_values"`
	Required    *bool             `json:"required"`
	Options     []selectOption    `json:"options"`
	Components  []json.RawMessage `json:"components"`
	Accessory   json.RawMessage   `json:"accessory"`
}

type selectOption struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description"`
}

// flat are all components of a list, those that hold others before these.
func flat(raw json.RawMessage) []component {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var all []component
	for _, raw := range list {
		var c component
		if json.Unmarshal(raw, &c) != nil {
			continue
		}
		all = append(all, c)
		if inner, err := json.Marshal(c.Components); err == nil && len(c.Components) > 0 {
			all = append(all, flat(inner)...)
		}
		if len(c.Accessory) > 0 && string(c.Accessory) != "null" {
			all = append(all, flat(json.RawMessage("["+string(c.Accessory)+"]"))...)
		}
	}
	return all
}

// checkComponents checks the components of a message and returns them, nil if
// there are none.
func checkComponents(f *form, raw json.RawMessage, v2 bool) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		f.at("components", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
		return nil
	}
	if len(list) == 0 {
		return nil
	}
	if v2 {
		checkV2(f, raw)
	} else if len(list) > maxRows {
		f.at("components", "BASE_TYPE_BAD_LENGTH", fmt.Sprintf("Must be between 1 and %d in length.", maxRows))
	}
	ids := map[string]bool{}
	for i, raw := range list {
		var c component
		at := "components." + strconv.Itoa(i)
		if json.Unmarshal(raw, &c) != nil {
			f.at(at, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
			continue
		}
		if c.Type != componentRow {
			if !v2 {
				f.at(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1,).")
			}
			continue
		}
		checkRow(f, at, c, ids)
	}
	return numbered(raw)
}

// numbered gives every component an id and the defaults of its kind, as Discord
// does with those that it keeps.
func numbered(raw json.RawMessage) json.RawMessage {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		return raw
	}
	next := 0
	var walk func(node any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, n := range node {
				walk(n)
			}
		case map[string]any:
			next++
			if id, _ := node["id"].(float64); id == 0 {
				node["id"] = next
			}
			if kind, _ := node["type"].(float64); slices.Contains([]float64{componentSelect, 5, 6, 7, 8}, kind) {
				for _, name := range []string{"min_values", "max_values"} {
					if node[name] == nil {
						node[name] = 1
					}
				}
			}
			for _, name := range []string{"components", "accessory"} {
				walk(node[name])
			}
		}
	}
	walk(list)
	out, err := json.Marshal(list)
	if err != nil {
		return raw
	}
	return out
}

// checkV2 checks what messages of the second version are limited in.
func checkV2(f *form, raw json.RawMessage) {
	texts, all := 0, flat(raw)
	for _, c := range all {
		if c.Type == componentText {
			texts += length(c.Content)
		}
		if !slices.Contains([]int{1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17}, c.Type) {
			f.at("components", "UNION_TYPE_CHOICES", fmt.Sprintf("Value of field \"type\" is %d, which messages do not have.", c.Type))
		}
	}
	if len(all) > maxComponentsV2 {
		f.at("components", "BASE_TYPE_BAD_LENGTH", fmt.Sprintf("Must be between 1 and %d in length.", maxComponentsV2))
	}
	if texts > maxTextV2 {
		f.at("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", fmt.Sprintf("Displayable text size exceeds maximum size of %d", maxTextV2))
	}
}

// checkRow checks an action row of a message: buttons, or one menu.
func checkRow(f *form, at string, row component, ids map[string]bool) {
	menus, inner := 0, make([]component, 0, len(row.Components))
	for _, raw := range row.Components {
		var c component
		_ = json.Unmarshal(raw, &c) // its type is then 0, which is refused below
		inner = append(inner, c)
		if c.Type != componentButton {
			menus++
		}
	}
	if n := len(inner); n < 1 || n > maxButtons || menus > 0 && n > 1 {
		f.at(at+".components", "BASE_TYPE_BAD_LENGTH", fmt.Sprintf("Must be between 1 and %d in length.", maxButtons))
	}
	for i, c := range inner {
		at := at + ".components." + strconv.Itoa(i)
		switch c.Type {
		case componentButton:
			checkButton(f, at, c, ids)
		case componentSelect, 5, 6, 7, 8:
			checkSelect(f, at, c, ids)
		default:
			f.at(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (2, 3, 5, 6, 7, 8).")
		}
	}
}

// checkID checks a custom_id, which no other component of the message may have.
func checkID(f *form, at, id string, ids map[string]bool) {
	switch {
	case id == "":
		f.required(at + ".custom_id")
	case ids[id]:
		f.at(at+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
	default:
		f.long(at+".custom_id", id, 1, maxCustomID)
	}
	ids[id] = true
}

// The styles of buttons.
const (
	styleLink    = 5
	stylePremium = 6
)

func checkButton(f *form, at string, c component, ids map[string]bool) {
	switch {
	case c.Style < 1 || c.Style >= stylePremium:
		f.at(at+".style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5).")
	case c.Style == styleLink && c.CustomID != "", c.Style != styleLink && c.URL != "":
		f.at(at, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", "A custom id and url cannot both be specified")
	case c.Style == styleLink && c.URL == "":
		f.required(at + ".url")
	case c.Style == styleLink:
		checkURL(f, at+".url", c.URL, maxButtonURL)
	default:
		checkID(f, at, c.CustomID, ids)
	}
	f.long(at+".label", c.Label, 0, maxLabel)
	if c.Label == "" && (len(c.Emoji) == 0 || string(c.Emoji) == "null") {
		f.required(at + ".label")
	}
}

func checkSelect(f *form, at string, c component, ids map[string]bool) {
	checkID(f, at, c.CustomID, ids)
	f.long(at+".placeholder", c.Placeholder, 0, maxPlaceholder)
	least, most := 1, 1
	if c.MinValues != nil {
		least = *c.MinValues
	}
	if c.MaxValues != nil {
		most = *c.MaxValues
	}
	if least < 0 || most < 1 || most > maxOptions || least > most || c.Type == componentSelect && most > max(1, len(c.Options)) {
		f.at(at+".max_values", "NUMBER_TYPE_MAX", fmt.Sprintf("int value should be between 1 and %d.", maxOptions))
	}
	if c.Type != componentSelect {
		return
	}
	if n := len(c.Options); n < 1 || n > maxOptions {
		f.at(at+".options", "BASE_TYPE_BAD_LENGTH", fmt.Sprintf("Must be between 1 and %d in length.", maxOptions))
	}
	values := map[string]bool{}
	for i, o := range c.Options {
		at := at + ".options." + strconv.Itoa(i)
		f.long(at+".label", o.Label, 1, maxOptionText)
		f.long(at+".value", o.Value, 1, maxOptionText)
		f.long(at+".description", o.Description, 0, maxOptionText)
		if values[o.Value] {
			f.at(at+".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		values[o.Value] = true
	}
}

// checkModal checks the data of a modal: rows of one text input each.
func checkModal(f *form, fields map[string]json.RawMessage) {
	f.text(fields, "custom_id", 1, maxCustomID, true)
	f.text(fields, "title", 1, maxModalTitle, true)
	var rows []component
	if json.Unmarshal(fields["components"], &rows) != nil || len(rows) < 1 || len(rows) > maxRows {
		f.at("components", "BASE_TYPE_BAD_LENGTH", fmt.Sprintf("Must be between 1 and %d in length.", maxRows))
		return
	}
	ids := map[string]bool{}
	for i, row := range rows {
		at := "components." + strconv.Itoa(i)
		if row.Type != componentRow {
			// Labels too are valid, but no library of ours can read what comes back.
			f.at(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1,).")
			continue
		}
		if len(row.Components) != 1 {
			f.at(at+".components", "BASE_TYPE_BAD_LENGTH", "Must be 1 in length.")
			continue
		}
		var c component
		if json.Unmarshal(row.Components[0], &c) != nil || c.Type != componentInput {
			f.at(at+".components.0.type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (4,).")
			continue
		}
		checkInput(f, at+".components.0", c, ids)
	}
}

func checkInput(f *form, at string, c component, ids map[string]bool) {
	checkID(f, at, c.CustomID, ids)
	if c.Label == "" {
		f.required(at + ".label")
	}
	f.long(at+".label", c.Label, 0, maxInputLabel)
	f.long(at+".placeholder", c.Placeholder, 0, maxInputHolder)
	f.long(at+".value", c.Value, 0, maxInputValue)
	if c.Style != 1 && c.Style != 2 {
		f.at(at+".style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
	}
	least, most := 0, maxInputValue
	if c.MinLength != nil {
		least = *c.MinLength
	}
	if c.MaxLength != nil {
		most = *c.MaxLength
	}
	if least < 0 || most < 1 || most > maxInputValue || least > most {
		f.at(at+".max_length", "NUMBER_TYPE_MAX", fmt.Sprintf("int value should be between 1 and %d.", maxInputValue))
	}
}
