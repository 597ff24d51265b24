package discord

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"
)

// The checker must see what it is for.
func TestTheCheckerFindsWhatIsOverALimit(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	embed := func(e discordgo.MessageEmbed) message { return message{embeds: []*discordgo.MessageEmbed{&e}} }
	buttons := func(n, length int) []discordgo.MessageComponent {
		var list []discordgo.MessageComponent
		for i := range n {
			list = append(list, discordgo.Button{Label: long(length), CustomID: strings.Repeat("y", i+1)})
		}
		return inRow(list)
	}
	menu := func(s discordgo.SelectMenu) message {
		return message{content: "x", components: inRow([]discordgo.MessageComponent{s})}
	}
	for name, m := range map[string]message{
		"nothing":         {},
		"content":         {content: long(maxContent + 1)},
		"in UTF-16":       {content: strings.Repeat("👍", maxContent/2+1)},
		"not UTF-8":       {content: "\xff"},
		"embeds":          {embeds: slices.Repeat([]*discordgo.MessageEmbed{{Title: "x"}}, maxEmbeds+1)},
		"all embeds":      {embeds: slices.Repeat([]*discordgo.MessageEmbed{{Description: long(3001)}}, 2)},
		"empty embed":     embed(discordgo.MessageEmbed{}),
		"title":           embed(discordgo.MessageEmbed{Title: long(maxTitle + 1)}),
		"description":     embed(discordgo.MessageEmbed{Description: long(maxDescription + 1)}),
		"footer":          embed(discordgo.MessageEmbed{Title: "x", Footer: &discordgo.MessageEmbedFooter{Text: long(maxFooter + 1)}}),
		"empty footer":    embed(discordgo.MessageEmbed{Title: "x", Footer: &discordgo.MessageEmbedFooter{}}),
		"link":            embed(discordgo.MessageEmbed{Title: "x", URL: "javascript:alert(1)"}),
		"fields":          embed(discordgo.MessageEmbed{Title: "x", Fields: []*discordgo.MessageEmbedField{{Name: "x", Value: "x"}}}),
		"rows":            {content: "x", components: slices.Repeat(buttons(1, 1), maxRows+1)},
		"twice":           {content: "x", components: slices.Repeat(buttons(1, 1), 2)},
		"no row":          {content: "x", components: []discordgo.MessageComponent{discordgo.Button{Label: "x", CustomID: "x"}}},
		"buttons":         {content: "x", components: buttons(maxInRow+1, 1)},
		"label":           {content: "x", components: buttons(1, maxLabel+1)},
		"no label":        {content: "x", components: buttons(1, 0)},
		"custom_id":       {content: "x", components: inRow([]discordgo.MessageComponent{discordgo.Button{Label: "x", CustomID: long(101)}})},
		"menu of nothing": menu(discordgo.SelectMenu{CustomID: "x"}),
		"options":         menu(discordgo.SelectMenu{CustomID: "x", Options: slices.Repeat([]discordgo.SelectMenuOption{{Label: "x", Value: "x"}}, 26)}),
		"option":          menu(discordgo.SelectMenu{CustomID: "x", Options: []discordgo.SelectMenuOption{{Label: long(101), Value: "x"}}}),
		"unknown":         {content: "x", components: inRow([]discordgo.MessageComponent{discordgo.TextDisplay{Content: "x"}})},
	} {
		if withinLimits(m) == nil {
			t.Errorf("%s: nothing found", name)
		}
	}
	for name, change := range map[string]func(*discordgo.InteractionResponseData){
		"title":     func(d *discordgo.InteractionResponseData) { d.Title = long(46) },
		"custom_id": func(d *discordgo.InteractionResponseData) { d.CustomID = "" },
		"inputs":    func(d *discordgo.InteractionResponseData) { d.Components = nil },
		"label": func(d *discordgo.InteractionResponseData) {
			d.Components = inRow([]discordgo.MessageComponent{discordgo.TextInput{CustomID: "x", Label: long(46)}})
		},
	} {
		r := newShow("", "").words("en", "a-1", reasonOther)
		if err := responseWithinLimits(r); err != nil {
			t.Fatal(err)
		}
		if change(r.Data); responseWithinLimits(r) == nil {
			t.Errorf("dialog, %s: nothing found", name)
		}
	}
	for name, list := range map[string][]*discordgo.ApplicationCommandOptionChoice{
		"choices": slices.Repeat([]*discordgo.ApplicationCommandOptionChoice{{Name: "x", Value: "x"}}, 26),
		"name":    {{Name: long(101), Value: "x"}},
		"value":   {{Name: "x", Value: 1}},
	} {
		r := &discordgo.InteractionResponse{Type: discordgo.InteractionApplicationCommandAutocompleteResult, Data: &discordgo.InteractionResponseData{Choices: list}}
		if responseWithinLimits(r) == nil {
			t.Errorf("choices, %s: nothing found", name)
		}
	}
}

func TestWhatComponentsSayIsUnderstood(t *testing.T) {
	for _, p := range []press{
		{actionSources, "a-1", ""}, {actionShare, "a-1", ""}, {actionGood, "a-1", ""}, {actionBad, "a-1", ""}, {actionReason, "a-1", ""},
		{actionRetry, questionKey, ""}, {actionWords, "a-1:2", reasonMissing},
		{actionTurn, "/1:again:2", "12"},
	} {
		if got, ok := parsePress(p.customID()); !ok || got != p {
			t.Errorf("%v came back as %v, %v, from %q", p, got, ok, p.customID())
		}
	}
	for _, p := range []press{{}, {actionShare, "", ""}, {"best", "a-1", ""}, {actionShare, "a-1", reasonOther}, {actionWords, "a-1", "why not"},
		{actionTurn, "/1", "-1"}, {actionTurn, "/1", "01"}, {actionTurn, "", "1"}, {actionTurn, "/1", ""},
		{actionRetry, strings.Repeat("k", 100), ""}} {
		if id := p.customID(); id != "" {
			t.Errorf("%v is said as %q", p, id)
		}
	}
}

func FuzzParsePress(f *testing.F) {
	for _, s := range []string{"", "sources:a-1", "retry:" + questionKey, "words:misread:a-1", "words:x:y", "words:other:", "good:", ":::", "turn:3:/1", "turn:+3:/1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := parsePress(s); ok && p.customID() != s {
			t.Errorf("%q is %v, which is said as %q", s, p, p.customID())
		}
	})
}

// However a row is cut, nothing is lost but spaces, and each piece can stand alone.
func FuzzPieceOutKeepsEverything(f *testing.F) {
	for i, s := range attacks {
		f.Add(s, attacks[(i+5)%len(attacks)], uint8(i))
	}
	f.Fuzz(func(t *testing.T, a, b string, n uint8) {
		// Long ones come by n.
		a, b = a[:min(len(a), 150)], b[:min(len(b), 150)]
		a, b = neutral(a), line(b)
		a = strings.Repeat(a+" ", 1+int(n%32))
		const link = "https://docs.example.org/x"
		r := rowOf(piece{text: a}, piece{text: b, link: link}, piece{text: a, look: strong}, piece{text: b, look: slanted}, piece{user: "U1"})
		var got strings.Builder
		for _, p := range pieceOut(r, 300) {
			text := p.markdown()
			if length(text) > 300 {
				t.Errorf("%d characters: %q", length(text), text)
			}
			if foreign := live(text, map[string]bool{link: true}); len(foreign) > 0 {
				t.Errorf("%v in %q", foreign, text)
			}
			said, _ := read(text)
			got.WriteString(said)
		}
		bare := func(s string) string {
			return strings.Join(strings.Fields(strings.ReplaceAll(s, joiner, "")), "")
		}
		if want := bare(a + b + a + b + "<@U1>"); bare(got.String()) != want {
			t.Errorf("%q became %q", want, bare(got.String()))
		}
	})
}

func TestTheWordsOfTheDialogAreRead(t *testing.T) {
	var i discordgo.InteractionCreate
	body := `{"id":"1","type":5,"data":{"custom_id":"words:other:a-1","components":[{"type":1,"components":[{"type":4,"custom_id":"text","value":"too short"}]}]}}`
	if err := json.Unmarshal([]byte(body), &i); err != nil {
		t.Fatal(err)
	}
	if got := wordsOf(i.ModalSubmitData()); got != "too short" {
		t.Errorf("read %q", got)
	}
	if got := wordsOf(discordgo.ModalSubmitInteractionData{}); got != "" {
		t.Errorf("read %q of nothing", got)
	}
}
