package slackserver

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// surface is where blocks are shown, which decides what they may be.
type surface int

const (
	inMessage surface = iota
	inStream          // by way of chunks, which carry some blocks that messages do not
	inView
)

// checkBlocks holds raw, a list of blocks, against the limits of where. It
// returns the number of blocks and Slack's refusal.
func checkBlocks(raw string, where surface) (int, *refusal) {
	var blocks []map[string]any
	if json.Unmarshal([]byte(raw), &blocks) != nil {
		return 0, refuse("invalid_blocks_format")
	}
	c := &blockCheck{where: where, ids: map[string]bool{}}
	most := maxMessageBlocks
	if where == inView {
		most = maxViewBlocks
	}
	if len(blocks) > most {
		c.failf("/blocks", "no more than %d items allowed", most)
	}
	tables := 0
	for i, b := range blocks {
		if b["type"] == "table" {
			tables++
		}
		c.block(fmt.Sprintf("/blocks/%d", i), b)
	}
	if tables > 1 {
		c.failf("/blocks", "only one table allowed")
	}
	if c.markdown > maxMarkdown {
		c.failf("/blocks", "markdown of all blocks must be less than %d characters", maxMarkdown+1)
	}
	switch {
	case len(c.faults) > 0:
		return len(blocks), refuse("invalid_blocks", c.faults...)
	case c.text > maxBlockText && where != inView:
		return len(blocks), refuse("msg_blocks_too_long")
	}
	return len(blocks), nil
}

// blockCheck gathers what is wrong, with a JSON pointer to where.
type blockCheck struct {
	where    surface
	ids      map[string]bool // block ids so far
	text     int             // characters of all text
	markdown int             // characters of all markdown blocks
	faults   []string
}

func (c *blockCheck) failf(at, format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

// block checks one block.
func (c *blockCheck) block(at string, b map[string]any) {
	if id, ok := b["block_id"].(string); ok && id != "" {
		c.length(at+"/block_id", id, 0, 255)
		if c.ids[id] {
			c.failf(at+"/block_id", "block_id %q already exists", id)
		}
		c.ids[id] = true
	}
	kind, _ := b["type"].(string)
	switch kind {
	case "section":
		c.section(at, b)
	case "header":
		c.textObject(at+"/text", b["text"], 150, "plain_text")
	case "divider":
	case "context":
		c.context(at, b)
	case "actions":
		c.elements(at, b, 25, interactive...)
	case "context_actions":
		if c.where == inView {
			c.failf(at, "unsupported type: %s", kind)
		}
		c.elements(at, b, 5, "feedback_buttons", "icon_button")
	case "markdown":
		c.markdownBlock(at, b)
	case "rich_text":
		c.richText(at, b)
	case "image":
		c.image(at, b)
	case "input":
		c.input(at, b)
	case "table":
		c.table(at, b)
	case "plan", "task_card":
		title, _ := b["title"].(string)
		c.length(at+"/title", title, 1, 255)
	case "alert", "card", "carousel":
		// Only chunks of a stream carry these.
		if c.where != inStream {
			c.failf(at, "unsupported type: %s", kind)
		}
	default:
		c.failf(at+"/type", "unsupported type: %s", kind)
	}
}

// interactive are the elements that sections and actions take.
var interactive = []string{
	"button", "static_select", "multi_static_select", "users_select", "multi_users_select", "conversations_select",
	"channels_select", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker", "image",
}

// inputs are the elements that an input block takes.
var inputs = []string{
	"plain_text_input", "static_select", "multi_static_select", "users_select", "multi_users_select",
	"conversations_select", "channels_select", "checkboxes", "radio_buttons", "datepicker", "timepicker",
	"email_text_input", "url_text_input", "number_input", "rich_text_input",
}

func (c *blockCheck) section(at string, b map[string]any) {
	fields, _ := b["fields"].([]any)
	if b["text"] == nil && len(fields) == 0 {
		c.failf(at, "must define either `text` or `fields`")
	}
	if b["text"] != nil {
		c.textObject(at+"/text", b["text"], 3_000, "")
	}
	if len(fields) > 10 {
		c.failf(at+"/fields", "no more than 10 items allowed")
	}
	for i, f := range fields {
		c.textObject(fmt.Sprintf("%s/fields/%d", at, i), f, 2_000, "")
	}
	if b["accessory"] != nil {
		c.element(at+"/accessory", b["accessory"], interactive)
	}
}

func (c *blockCheck) context(at string, b map[string]any) {
	list, _ := b["elements"].([]any)
	if len(list) < 1 || len(list) > 10 {
		c.failf(at+"/elements", "1 to 10 items allowed, not %d", len(list))
	}
	for i, raw := range list {
		at := fmt.Sprintf("%s/elements/%d", at, i)
		if e, ok := raw.(map[string]any); ok && e["type"] == "image" {
			c.image(at, e)
			continue
		}
		c.textObject(at, raw, 3_000, "")
	}
}

func (c *blockCheck) elements(at string, b map[string]any, most int, kinds ...string) {
	list, _ := b["elements"].([]any)
	if len(list) < 1 || len(list) > most {
		c.failf(at+"/elements", "1 to %d items allowed, not %d", most, len(list))
	}
	actions := map[string]bool{}
	for i, e := range list {
		at := fmt.Sprintf("%s/elements/%d", at, i)
		id := c.element(at, e, kinds)
		if id != "" && actions[id] {
			c.failf(at+"/action_id", "action_id %q already exists", id)
		}
		actions[id] = true
	}
}

// element checks an interactive element, which has to be one of kinds, and
// returns its action id.
func (c *blockCheck) element(at string, raw any, kinds []string) string {
	e, _ := raw.(map[string]any)
	kind, _ := e["type"].(string)
	found := false
	for _, k := range kinds {
		found = found || k == kind
	}
	if !found {
		c.failf(at+"/type", "unsupported type: %s", kind)
		return ""
	}
	id, _ := e["action_id"].(string)
	c.length(at+"/action_id", id, 0, 255)
	switch kind {
	case "image":
		c.image(at, e)
	case "button":
		c.button(at, e)
	case "feedback_buttons":
		for _, side := range []string{"positive_button", "negative_button"} {
			button, ok := e[side].(map[string]any)
			if !ok {
				c.failf(at, "missing required field: %s", side)
				continue
			}
			c.button(at+"/"+side, button)
		}
	case "icon_button":
		if e["icon"] != "trash" {
			c.failf(at+"/icon", "unsupported icon: %v", e["icon"])
		}
		c.textObject(at+"/text", e["text"], 75, "plain_text")
		c.optional(at+"/value", e["value"], 2_000)
	case "plain_text_input":
		c.optional(at+"/initial_value", e["initial_value"], 3_000)
	}
	if options, ok := e["options"].([]any); ok {
		c.options(at+"/options", kind, options)
	}
	if p := e["placeholder"]; p != nil {
		c.textObject(at+"/placeholder", p, 150, "plain_text")
	}
	return id
}

func (c *blockCheck) options(at, kind string, options []any) {
	most := map[string]int{"checkboxes": 10, "radio_buttons": 10, "overflow": 5}[kind]
	if most == 0 {
		most = 100
	}
	if len(options) < 1 || len(options) > most {
		c.failf(at, "1 to %d items allowed, not %d", most, len(options))
	}
	for i, raw := range options {
		at := fmt.Sprintf("%s/%d", at, i)
		o, _ := raw.(map[string]any)
		c.textObject(at+"/text", o["text"], 75, "")
		value, _ := o["value"].(string)
		c.length(at+"/value", value, 1, 150)
	}
}

func (c *blockCheck) button(at string, b map[string]any) {
	c.textObject(at+"/text", b["text"], 75, "plain_text")
	c.optional(at+"/value", b["value"], 2_000)
	c.optional(at+"/url", b["url"], 3_000)
	c.optional(at+"/accessibility_label", b["accessibility_label"], 75)
	switch b["style"] {
	case nil, "", "primary", "danger":
	default:
		c.failf(at+"/style", "unsupported style: %v", b["style"])
	}
}

func (c *blockCheck) markdownBlock(at string, b map[string]any) {
	if c.where == inView {
		c.failf(at+"/type", "unsupported type: markdown")
	}
	text, _ := b["text"].(string)
	if text == "" {
		c.failf(at+"/text", "must be more than 0 characters")
	}
	n := utf8.RuneCountInString(text)
	c.markdown += n
	c.text += n
}

// richText checks the elements' kinds and counts their text.
func (c *blockCheck) richText(at string, b map[string]any) {
	list, ok := b["elements"].([]any)
	if !ok {
		c.failf(at, "missing required field: elements")
	}
	for i, raw := range list {
		e, _ := raw.(map[string]any)
		switch e["type"] {
		case "rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted":
		default:
			c.failf(fmt.Sprintf("%s/elements/%d/type", at, i), "unsupported type: %v", e["type"])
		}
		c.countText(e["elements"])
	}
}

// countText adds the length of every text below v.
func (c *blockCheck) countText(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			c.countText(e)
		}
	case map[string]any:
		if text, ok := v["text"].(string); ok {
			c.text += utf8.RuneCountInString(text)
		}
		c.countText(v["elements"])
	}
}

func (c *blockCheck) image(at string, b map[string]any) {
	url, _ := b["image_url"].(string)
	if url == "" && b["slack_file"] == nil {
		c.failf(at, "missing required field: image_url")
	}
	alt, _ := b["alt_text"].(string)
	c.length(at+"/alt_text", alt, 1, 2_000)
}

func (c *blockCheck) input(at string, b map[string]any) {
	c.textObject(at+"/label", b["label"], 2_000, "plain_text")
	if b["hint"] != nil {
		c.textObject(at+"/hint", b["hint"], 2_000, "plain_text")
	}
	c.element(at+"/element", b["element"], inputs)
}

// table checks rows, columns and the characters of all cells.
func (c *blockCheck) table(at string, b map[string]any) {
	if c.where == inView {
		c.failf(at+"/type", "unsupported type: table")
	}
	rows, _ := b["rows"].([]any)
	if len(rows) < 1 || len(rows) > 100 {
		c.failf(at+"/rows", "1 to 100 items allowed, not %d", len(rows))
	}
	before := c.text
	for i, raw := range rows {
		cells, _ := raw.([]any)
		if len(cells) > 20 {
			c.failf(fmt.Sprintf("%s/rows/%d", at, i), "no more than 20 items allowed")
		}
		c.countText(cells)
	}
	if c.text-before > 10_000 {
		c.failf(at+"/rows", "must be less than 10001 characters")
	}
}

// textObject checks a text object of at most most characters; kind "" allows
// either.
func (c *blockCheck) textObject(at string, raw any, most int, kind string) {
	o, ok := raw.(map[string]any)
	if !ok {
		c.failf(at, "missing required field")
		return
	}
	switch got := o["type"]; {
	case kind != "" && got != kind, got != "plain_text" && got != "mrkdwn":
		c.failf(at+"/type", "unsupported type: %v", got)
	}
	text, _ := o["text"].(string)
	c.length(at+"/text", text, 1, most)
	c.text += utf8.RuneCountInString(text)
}

func (c *blockCheck) optional(at string, raw any, most int) {
	if text, ok := raw.(string); ok {
		c.length(at, text, 0, most)
	}
}

func (c *blockCheck) length(at, text string, least, most int) {
	switch n := utf8.RuneCountInString(text); {
	case n < least:
		c.failf(at, "must be more than %d characters", least-1)
	case n > most:
		c.failf(at, "must be less than %d characters", most+1)
	}
}
