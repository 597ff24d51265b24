package slackserver

import (
	"encoding/json"
	"testing"
)

// FuzzBlocks: whatever comes in is either refused with a code, or a list of
// blocks that still passes, and keeps its length, once it has been given ids.
func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{
		`[]`, `{`, `null`, `[null]`, `[{"type":"divider"}]`,
		`[{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"button","action_id":"a","text":{"type":"plain_text","text":"go"}}}]`,
		`[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"go"}},null]}]`,
		`[{"type":"context_actions","elements":[{"type":"feedback_buttons","positive_button":{},"negative_button":7}]}]`,
		`[{"type":"table","rows":[[{"type":"raw_text","text":"x"}],7]}]`,
		`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}]`,
		`[{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"radio_buttons","options":[{}]}}]`,
	} {
		f.Add(seed, uint8(0))
	}
	f.Fuzz(func(t *testing.T, raw string, where uint8) {
		on := surface(where % 3)
		n, why := checkBlocks(raw, on)
		if why != nil {
			if why.code == "" {
				t.Fatal("refused without a code")
			}
			return
		}
		s := &Server{made: map[string]int{}}
		with := s.withIDs(raw)
		again, why := checkBlocks(string(with), on)
		if why != nil || again != n {
			t.Fatalf("%s passes, but %s does not: %v", raw, with, why)
		}
		var blocks []map[string]any
		if err := json.Unmarshal(with, &blocks); err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			if id, _ := b["block_id"].(string); id == "" {
				t.Fatalf("no id: %s", with)
			}
		}
	})
}
