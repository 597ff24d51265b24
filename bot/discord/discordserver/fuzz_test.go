package discordserver_test

import (
	"encoding/json"
	"testing"

	"summitbot/bot/discord/discordserver"
)

// Whatever a client sends, the server answers in JSON that has a code, or takes
// it; it never fails by itself.
func FuzzAMessagesBody(f *testing.F) {
	for _, seed := range []string{
		`{"content":"x","nonce":"n","enforce_nonce":true}`, `{"embeds":[{"title":"x","fields":[{"name":"n","value":"v"}]}]}`,
		`{"content":"x","components":` + rows(2) + `}`, `{"components":[{"type":17,"components":[{"type":10,"content":"x"}]}],"flags":32768}`,
		`{"content":"x","message_reference":{"message_id":"1"},"allowed_mentions":{"parse":["users"],"users":["1"]}}`, `[]`, `{"content":7}`, ``, `{"embeds":[null],"components":[null]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := discordserver.Start(t, discordserver.Options{NoRates: true})
		channel := s.AddChannel(s.Guild, "general")
		r := call(t, s, "POST", "/channels/"+channel+"/messages", body)
		switch {
		case r.status == 200 && r.get("id") != "" && len(s.Messages(channel)) == 1:
		case r.status == 400 && r.code() != 0 && len(s.Messages(channel)) == 0:
		default:
			t.Errorf("got %d %s", r.status, r.body)
		}
	})
}

// Whatever a client sends by the gateway, the socket answers or is closed with
// one of Discord's codes.
func FuzzAPayload(f *testing.F) {
	for _, seed := range []string{`{"op":1,"d":null}`, `{"op":2,"d":{}}`, identify("x", 1, ""), resume("x", "y", 1), `{}`, `[]`, `null`, `{"op":-1}`, `{"op":3,"d":{}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := start(t)
		w := dial(t, s)
		w.send(text)
		w.send(`{"op":77}`) // closes what the first has not
		if code := w.closed(); code < 4000 || code > 4014 {
			t.Errorf("closed with %d", code)
		}
	})
}

// decode reads a frame of the gateway.
func decode(t *testing.T, text []byte) event {
	t.Helper()
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	_ = json.Unmarshal(e.Raw, &e.Data)
	return e
}
