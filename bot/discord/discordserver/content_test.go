package discordserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// many is a list of n times text.
func many(n int, text string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(text+",", n), ",") + "]"
}

// long is a text of n characters, as JSON.
func long(n int) string { return `"` + strings.Repeat("x", n) + `"` }

// buttons is a row of n buttons.
func buttons(row, n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"type":2,"style":1,"label":"b","custom_id":"b%d-%d"}`, row, i))
	}
	return `{"type":1,"components":[` + strings.Join(list, ",") + `]}`
}

// rows are n rows of one button.
func rows(n int) string {
	var list []string
	for i := range n {
		list = append(list, buttons(i, 1))
	}
	return "[" + strings.Join(list, ",") + "]"
}

func row(component string) string { return `[{"type":1,"components":[` + component + `]}]` }

// options are n options of a menu.
func options(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"label":"o","value":"%d"}`, i))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// Both a message of a channel and the answer to an interaction are held to the
// limits, below data in the latter.
func TestAMessageIsHeldToItsLimits(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	for _, tt := range []struct {
		name, fields string
		at           string // path of the error; "" means that it passes
	}{
		{"text", `"content":` + long(2000), ""},
		{"too much text", `"content":` + long(2001), "content"},
		{"too much text in pairs", `"content":"` + strings.Repeat("😀", 1001) + `"`, "content"},
		{"text that is a number", `"content":7`, "content"},
		{"flags", `"content":"x","flags":4`, ""},
		{"flags that cannot be set", `"content":"x","flags":32`, "flags"},
		{"flags that are a text", `"content":"x","flags":"4"`, "flags"},

		{"ten embeds", `"embeds":` + many(10, `{"title":"x"}`), ""},
		{"eleven embeds", `"embeds":` + many(11, `{"title":"x"}`), "embeds"},
		{"embeds that are none", `"embeds":7`, "embeds"},
		{"an empty embed", `"embeds":[{}]`, "embeds.0.description"},
		{"an image alone", `"embeds":[{"image":{"url":"https://example.com/x.png"}}]`, ""},
		{"a long title", `"embeds":[{"title":"x"},{"title":` + long(257) + `}]`, "embeds.1.title"},
		{"a long description", `"embeds":[{"description":` + long(4097) + `}]`, "embeds.0.description"},
		{"a long footer", `"embeds":[{"title":"x","footer":{"text":` + long(2049) + `}}]`, "embeds.0.footer.text"},
		{"an empty footer", `"embeds":[{"title":"x","footer":{"text":""}}]`, "embeds.0.footer.text"},
		{"a long author", `"embeds":[{"author":{"name":` + long(257) + `}}]`, "embeds.0.author.name"},
		{"25 fields", `"embeds":[{"fields":` + many(25, `{"name":"n","value":"v"}`) + `}]`, ""},
		{"26 fields", `"embeds":[{"fields":` + many(26, `{"name":"n","value":"v"}`) + `}]`, "embeds.0.fields"},
		{"a long name", `"embeds":[{"fields":[{"name":` + long(257) + `,"value":"v"}]}]`, "embeds.0.fields.0.name"},
		{"a long value", `"embeds":[{"fields":[{"name":"n","value":` + long(1025) + `}]}]`, "embeds.0.fields.0.value"},
		{"a field without a name", `"embeds":[{"fields":[{"name":"","value":"v"}]}]`, "embeds.0.fields.0.name"},
		{"a field without a value", `"embeds":[{"fields":[{"name":"n"}]}]`, "embeds.0.fields.0.value"},
		{"6,000 in all embeds", `"embeds":` + many(2, `{"description":`+long(3000)+`}`), ""},
		{"6,002 in all embeds", `"embeds":` + many(2, `{"description":`+long(3001)+`}`), "embeds"},
		{"a colour that is none", `"embeds":[{"title":"x","color":16777216}]`, "embeds.0.color"},
		{"a link", `"embeds":[{"title":"x","url":"https://example.com/a?b=c"}]`, ""},
		{"a link of another scheme", `"embeds":[{"title":"x","url":"javascript:alert(1)"}]`, "embeds.0.url"},
		{"a link that is none", `"embeds":[{"title":"x","url":"example"}]`, "embeds.0.url"},
		{"a link without a host", `"embeds":[{"title":"x","url":"https:///x"}]`, "embeds.0.url"},
		{"a long link", `"embeds":[{"title":"x","url":"https://example.com/` + strings.Repeat("x", 2048) + `"}]`, "embeds.0.url"},
		{"an author's link", `"embeds":[{"author":{"name":"x","url":"ftp://example.com"}}]`, "embeds.0.author.url"},
		{"a thumbnail's link", `"embeds":[{"title":"x","thumbnail":{"url":"ftp://example.com"}}]`, "embeds.0.thumbnail.url"},

		{"five rows of buttons", `"content":"x","components":` + rows(5), ""},
		{"six rows", `"content":"x","components":` + rows(6), "components"},
		{"five buttons", `"content":"x","components":[` + buttons(0, 5) + `]`, ""},
		{"six buttons", `"content":"x","components":[` + buttons(0, 6) + `]`, "components.0.components"},
		{"an empty row", `"content":"x","components":[{"type":1,"components":[]}]`, "components.0.components"},
		{"components that are none", `"content":"x","components":7`, "components"},
		{"a component that is none", `"content":"x","components":[7]`, "components.0"},
		{"a button without a row", `"content":"x","components":[{"type":2,"style":1,"label":"b","custom_id":"b"}]`, "components.0.type"},
		{"a text without the flag for it", `"components":[{"type":10,"content":"x"}]`, "components.0.type"},
		{"an input in a message", `"content":"x","components":` + row(`{"type":4,"style":1,"label":"b","custom_id":"b"}`), "components.0.components.0.type"},
		{"an id of 101", `"content":"x","components":` + row(`{"type":2,"style":1,"label":"b","custom_id":`+long(101)+`}`), "components.0.components.0.custom_id"},
		{"no id", `"content":"x","components":` + row(`{"type":2,"style":1,"label":"b"}`), "components.0.components.0.custom_id"},
		{"an id twice", `"content":"x","components":[` + buttons(0, 1) + `,` + buttons(0, 1) + `]`, "components.1.components.0.custom_id"},
		{"a label of 81", `"content":"x","components":` + row(`{"type":2,"style":1,"custom_id":"b","label":`+long(81)+`}`), "components.0.components.0.label"},
		{"no label", `"content":"x","components":` + row(`{"type":2,"style":1,"custom_id":"b"}`), "components.0.components.0.label"},
		{"a style that is none", `"content":"x","components":` + row(`{"type":2,"style":9,"label":"b","custom_id":"b"}`), "components.0.components.0.style"},
		{"a link button", `"content":"x","components":` + row(`{"type":2,"style":5,"label":"b","url":"https://example.com"}`), ""},
		{"a link button with an id", `"content":"x","components":` + row(`{"type":2,"style":5,"label":"b","url":"https://example.com","custom_id":"b"}`), "components.0.components.0"},
		{"a button with a link", `"content":"x","components":` + row(`{"type":2,"style":1,"label":"b","url":"https://example.com","custom_id":"b"}`), "components.0.components.0"},
		{"a link button without a link", `"content":"x","components":` + row(`{"type":2,"style":5,"label":"b"}`), "components.0.components.0.url"},
		{"a long link on a button", `"content":"x","components":` + row(`{"type":2,"style":5,"label":"b","url":"https://example.com/`+strings.Repeat("x", 512)+`"}`), "components.0.components.0.url"},
		{"a menu", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":`+options(25)+`}`), ""},
		{"a menu of 26", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":`+options(26)+`}`), "components.0.components.0.options"},
		{"an empty menu", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":[]}`), "components.0.components.0.options"},
		{"two menus in a row", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":`+options(1)+`},{"type":3,"custom_id":"n","options":`+options(1)+`}`), "components.0.components"},
		{"a long option", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":[{"value":"v","label":`+long(101)+`}]}`), "components.0.components.0.options.0.label"},
		{"a long value of an option", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":[{"label":"l","value":`+long(101)+`}]}`), "components.0.components.0.options.0.value"},
		{"a long description of an option", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":[{"label":"l","value":"v","description":`+long(101)+`}]}`), "components.0.components.0.options.0.description"},
		{"an option twice", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":`+many(2, `{"label":"l","value":"v"}`)+`}`), "components.0.components.0.options.1.value"},
		{"a long placeholder", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":`+options(1)+`,"placeholder":`+long(151)+`}`), "components.0.components.0.placeholder"},
		{"a menu of which nothing need be chosen", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":`+options(2)+`,"min_values":0,"max_values":2}`), ""},
		{"a menu of users", `"content":"x","components":` + row(`{"type":5,"custom_id":"m"}`), ""},
		{"a section with a button", `"flags":32768,"components":[{"type":9,"components":[{"type":10,"content":"x"}],"accessory":{"type":2,"style":1,"label":"b","custom_id":"b"}}]`, ""},
		{"more values than options", `"content":"x","components":` + row(`{"type":3,"custom_id":"m","options":`+options(1)+`,"max_values":2}`), "components.0.components.0.max_values"},

		{"the second version", `"flags":32768,"components":[{"type":10,"content":"x"}]`, ""},
		{"the second version with text", `"flags":32768,"content":"x","components":[{"type":10,"content":"x"}]`, "content"},
		{"the second version with embeds", `"flags":32768,"embeds":[{"title":"x"}],"components":[{"type":10,"content":"x"}]`, "embeds"},
		{"41 components", `"flags":32768,"components":` + many(41, `{"type":14}`), "components"},
		{"41 components in another", `"flags":32768,"components":[{"type":17,"components":` + many(40, `{"type":14}`) + `}]`, "components"},
		{"4,001 characters in all", `"flags":32768,"components":[{"type":10,"content":` + long(4001) + `}]`, "components"},
		{"a type that there is not", `"flags":32768,"components":[{"type":99}]`, "components"},

		{"allowed mentions", `"content":"x","allowed_mentions":{"parse":[]}`, ""},
		{"mentions that there are not", `"content":"x","allowed_mentions":{"parse":["friends"]}`, "allowed_mentions.parse.0"},
		{"mentions that are none", `"content":"x","allowed_mentions":7`, "allowed_mentions"},
		{"all and some users", `"content":"x","allowed_mentions":{"parse":["users"],"users":["1"]}`, "allowed_mentions"},
		{"101 users", `"content":"x","allowed_mentions":{"users":` + many(101, `"1"`) + `}`, "allowed_mentions.users"},
		{"tts that is a text", `"content":"x","tts":"yes"`, "tts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := call(t, s, "POST", "/channels/"+channel+"/messages", "{"+tt.fields+"}")
			id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
			answered := callback(t, s, id, `{"type":4,"data":{`+tt.fields+`}}`)
			if tt.at == "" {
				if r.status != 200 || answered.status != 204 {
					t.Errorf("got %d %s and %d %s, want it to pass", r.status, r.body, answered.status, answered.body)
				}
				return
			}
			if r.status != 400 || r.code() != 50035 || r.at(tt.at) == "" {
				t.Errorf("message: got %d %s, want an error at %s", r.status, r.body, tt.at)
			}
			if answered.status != 400 || answered.code() != 50035 || answered.at("data."+tt.at) == "" {
				t.Errorf("answer: got %d %s, want an error at data.%s", answered.status, answered.body, tt.at)
			}
			if s.Interaction(id).Type != 0 {
				t.Error("a refused answer counts as one")
			}
		})
	}
}

func TestWhatOnlyMessagesOfChannelsHave(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	for body, at := range map[string]string{
		`{"content":"x","nonce":` + long(26) + `}`:        "nonce",
		`{"content":"x","nonce":true}`:                    "nonce",
		`{"content":"x","nonce":"n","enforce_nonce":"y"}`: "enforce_nonce",
		`{"content":"x","flags":64}`:                      "flags", // nobody alone sees a message of a channel
	} {
		if r := call(t, s, "POST", "/channels/"+channel+"/messages", body); r.at(at) == "" {
			t.Errorf("%s: got %d %s", body, r.status, r.body)
		}
	}
	for _, body := range []string{`{}`, `{"content":""}`, `{"content":" \n "}`, `{"content":null,"embeds":[],"components":[]}`} {
		if r := call(t, s, "POST", "/channels/"+channel+"/messages", body); r.code() != 50006 {
			t.Errorf("%s: got %d %s, want 50006", body, r.status, r.body)
		}
	}
}

func TestTheSecondVersionCannotBeTakenBack(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	id := call(t, s, "POST", "/channels/"+channel+"/messages", `{"flags":32768,"components":[{"type":10,"content":"x"}]}`).get("id")
	if r := call(t, s, "PATCH", "/channels/"+channel+"/messages/"+id, `{"flags":0,"content":"x"}`); r.at("content") == "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

// modal is a modal's data with one input that has the fields.
func modal(input string) string {
	return `{"custom_id":"m","title":"t","components":[{"type":1,"components":[{"type":4,` + input + `}]}]}`
}

func TestAModalIsHeldToItsLimits(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	register(t, s, "")
	const input = `{"type":1,"components":[{"type":4,"custom_id":"i%d","style":1,"label":"l"}]}`
	inputs := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(input, i))
		}
		return `{"custom_id":"m","title":"t","components":[` + strings.Join(list, ",") + `]}`
	}
	for _, tt := range []struct{ name, data, at string }{
		{"five inputs", inputs(5), ""},
		{"six inputs", inputs(6), "components"},
		{"none", `{"custom_id":"m","title":"t","components":[]}`, "components"},
		{"no components", `{"custom_id":"m","title":"t"}`, "components"},
		{"no title", `{"custom_id":"m","components":[]}`, "title"},
		{"a long title", `{"custom_id":"m","title":` + long(46) + `,"components":[]}`, "title"},
		{"no id", `{"title":"t","components":[]}`, "custom_id"},
		{"a long id", `{"title":"t","custom_id":` + long(101) + `,"components":[]}`, "custom_id"},
		{"an input without a row", `{"custom_id":"m","title":"t","components":[{"type":4,"custom_id":"i","style":1,"label":"l"}]}`, "components.0.type"},
		{"a button", `{"custom_id":"m","title":"t","components":` + row(`{"type":2,"style":1,"label":"b","custom_id":"b"}`) + `}`, "components.0.components.0.type"},
		{"two inputs in a row", `{"custom_id":"m","title":"t","components":` + row(`{"type":4,"custom_id":"a","style":1,"label":"l"},{"type":4,"custom_id":"b","style":1,"label":"l"}`) + `}`, "components.0.components"},
		{"a label of 46", modal(`"custom_id":"i","style":1,"label":` + long(46)), "components.0.components.0.label"},
		{"no label", modal(`"custom_id":"i","style":1`), "components.0.components.0.label"},
		{"a style that is none", modal(`"custom_id":"i","style":3,"label":"l"`), "components.0.components.0.style"},
		{"a long placeholder", modal(`"custom_id":"i","style":1,"label":"l","placeholder":` + long(101)), "components.0.components.0.placeholder"},
		{"a long value", modal(`"custom_id":"i","style":1,"label":"l","value":` + long(4001)), "components.0.components.0.value"},
		{"too long a limit", modal(`"custom_id":"i","style":1,"label":"l","max_length":4001`), "components.0.components.0.max_length"},
		{"a lower limit above the upper", modal(`"custom_id":"i","style":1,"label":"l","min_length":5,"max_length":4`), "components.0.components.0.max_length"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := s.Slash(ann, channel, "summit", map[string]any{"question": "?"})
			r := callback(t, s, id, `{"type":9,"data":`+tt.data+`}`)
			if tt.at == "" {
				if r.status != 204 || !json.Valid(s.Interaction(id).Modal) {
					t.Errorf("got %d %s, want it to pass", r.status, r.body)
				}
				return
			}
			if r.code() != 50035 || r.at("data."+tt.at) == "" {
				t.Errorf("got %d %s, want an error at data.%s", r.status, r.body, tt.at)
			}
		})
	}
}
