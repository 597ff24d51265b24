package discord

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

var update = flag.Bool("update", false, "write the golden files anew")

const questionKey = "discord:900000000000000001:900000000000000002:900000000000000003"

// A kind is one kind of message, as its golden file has it.
type kind struct {
	name string
	show func(show) []message
}

func one(of func(show) message) func(show) []message {
	return func(s show) []message { return []message{of(s)} }
}

func kinds() []kind {
	q := asked{text: "What is Putin's **red line**? @everyone", user: "U1"}
	answered := func(a answer.Answer) func(show) []message {
		return func(s show) []message { return s.answer(q, questionKey, a) }
	}
	return []kind{
		{"answer-llm", answered(modelAnswer())},
		{"answer-offline", answered(offlineAnswer())},
		{"answer-fallback", answered(fallbackAnswer())},
		{"answer-checks", answered(checkedAnswer())},
		{"answer-private", func(s show) []message { return s.private(q, questionKey, modelAnswer()) }},
		{"answer-published", func(s show) []message { return s.published(q, questionKey, modelAnswer()) }},
		{"answer-shared", func(s show) []message {
			a := modelAnswer()
			a.Question = q.text
			return s.shared("U1", a)
		}},
		{"answer-hostile", answered(hostileAnswer())},
		{"answer-long", answered(longAnswer(30))},
		{"answer-long-private", func(s show) []message {
			list := s.private(q, questionKey, longAnswer(30))
			return []message{pageOf(list, 0, pagesID(questionKey)), pageOf(list, 1, pagesID(questionKey)), pageOf(list, len(list)-1, pagesID(questionKey))}
		}},
		{"refusal", answered(refused())},
		{"refusal-bare", answered(answer.Answer{Outcome: answer.Refused, Method: answer.LLM, Language: "de"})},
		{"answer-failed", answered(answer.Answer{Outcome: answer.Failed, ID: "a-7f3kq2m9xw4d", Error: "The model did not answer within 30 s."})},
		{"growing", one(func(s show) message {
			m, _ := s.growing(q, modelAnswer().Claims)
			return m
		})},
		{"working", one(func(s show) message { return s.working(asked{language: "ru"}) })},
		{"failed", func(s show) []message {
			return s.failed(q, questionKey, bot.Failure{Kind: bot.Broken, Text: "Sorry, something broke here and was noted. Ask again in a moment.", Retry: true}, nil)
		}},
		{"failed-after-claims", func(s show) []message {
			return s.failed(asked{language: "it"}, questionKey, bot.Failure{Kind: bot.Late, Text: phrase.For("it").Text(phrase.Broken), Retry: true}, modelAnswer().Claims[:1])
		}},
		{"over-limit", func(s show) []message {
			return s.failed(q, questionKey, bot.Failure{Kind: bot.TooLong, Text: phrase.For("en").TooLong(2000)}, nil)
		}},
		{"lost", one(func(s show) message { return s.lost(q, questionKey) })},
		{"not-allowed", one(func(s show) message { return s.notAllowed(q) })},
		{"thanks", one(func(s show) message { return s.note("uk", phrase.Thanks) })},
		{"help", one(func(s show) message {
			return s.help("en", []string{"What about Security Guarantees?", "What about <@1> & *Unease*?", "What about :eyes:?", "Never shown: the fourth?"})
		})},
		{"help-de", one(func(s show) message { return s.help("de", nil) })},
		{"documents", func(s show) []message { return s.documents("en", documents()) }},
		{"documents-none", func(s show) []message { return s.documents("en", nil) }},
		{"passage", func(s show) []message {
			return s.passage("en", summit(), "", passage(), 8, []knowledge.Span{{Start: 0, End: len(redLine)}})
		}},
		{"passage-older", func(s show) []message { return s.passage("en", summit(), "1111", passage()[1:2], 8, nil) }},
		{"passage-list", func(s show) []message {
			list := knowledge.Paragraph{Number: 3, Kind: knowledge.List, Text: "- 北京 is wide\n- Привет\n> nested\n1. first"}
			return s.passage("en", knowledge.Document{ID: "lists"}, "", []knowledge.Paragraph{list}, 3, nil)
		}},
		{"no-paragraph", one(func(s show) message { return s.noParagraph("en", "@here#8") })},
		{"sources", func(s show) []message { return s.sources("en", offlineAnswer(), openedSources(nil)) }},
		{"sources-changed", func(s show) []message {
			return s.sources("en", offlineAnswer(), openedSources(func(o *opened) { o.document.Revision.Digest = "newer" }))
		}},
		{"sources-gone", func(s show) []message {
			return s.sources("en", offlineAnswer(), openedSources(func(o *opened) { o.paragraphs = nil }))
		}},
		{"sources-long", func(s show) []message {
			return s.sources("en", offlineAnswer(), openedSources(func(o *opened) {
				for i, p := range o.paragraphs {
					o.paragraphs[i].Text = p.Text + strings.Repeat(" And so it went on, for a long while.", 120)
				}
			}))
		}},
		{"sources-none", func(s show) []message { return s.sources("en", offlineAnswer(), nil) }},
		{"reasons", one(func(s show) message { return s.reasons("en", "a-7f3kq2m9xw4d") })},
		{"reasons-ru", one(func(s show) message { return s.reasons("ru", "a-7f3kq2m9xw4d") })},
		{"check", func(s show) []message { return s.checked("en", report()) }},
		{"check-de", func(s show) []message { return s.checked("de", report()) }},
		{"check-none", func(s show) []message { return s.checked("en", check.Report{}) }},
	}
}

func shows() map[string]show {
	return map[string]show{"": newShow("", "/summit"), ".public": newShow("https://docs.example.org/bot/", "/summit")}
}

func TestMessagesLookAsAgreed(t *testing.T) {
	known := map[string]bool{"words.json": true, "choices.json": true}
	for _, k := range kinds() {
		for suffix, s := range shows() {
			known[k.name+suffix+".json"] = true
			t.Run(k.name+suffix, func(t *testing.T) {
				list := k.show(s)
				if len(list) == 0 {
					t.Fatal("nothing is shown")
				}
				var sent bytes.Buffer
				for i, m := range list {
					if err := withinLimits(m); err != nil {
						t.Errorf("message %d: %v", i+1, err)
					}
					sent.Write(indented(t, m.response()))
				}
				golden(t, k.name+suffix+".json", sent.Bytes())
			})
		}
	}
	files, err := os.ReadDir(filepath.Join("testdata", "render"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[strings.TrimSuffix(f.Name(), ".golden")] {
			t.Errorf("%s belongs to no kind of message", f.Name())
		}
	}
}

func TestOtherResponsesLookAsAgreed(t *testing.T) {
	for name, r := range map[string]*discordgo.InteractionResponse{
		"words.json": newShow("", "/summit").words("en", "a-7f3kq2m9xw4d", reasonMisread),
		"choices.json": {Type: discordgo.InteractionApplicationCommandAutocompleteResult, Data: &discordgo.InteractionResponseData{
			Choices: choices([]suggestion{{"¶8 " + talks + " **x**", "alaska-summit#8"}, {strings.Repeat("A long heading. ", 20), "alaska-summit#9"}, {"again", "alaska-summit#8"}, {"", "x#1"}}),
		}},
	} {
		if err := responseWithinLimits(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		golden(t, name, indented(t, r))
	}
}

// Every call lets nothing mention anybody, and takes away what stood there.
func TestNothingThatIsSentMentionsAnybody(t *testing.T) {
	for _, m := range []message{{content: "x"}, {content: "@everyone", ephemeral: true}} {
		for name, v := range map[string]any{
			"send": m.send(), "edit": m.edit("1", "2"), "webhook edit": m.webhookEdit(), "followup": m.followup(), "response": m.response(),
			"dialog": newShow("", "").words("en", "a-1", reasonOther).Data,
		} {
			var got struct {
				Mentions   *struct{ Parse *[]string } `json:"allowed_mentions"`
				Components *[]any                     `json:"components"`
				Embeds     *[]any                     `json:"embeds"`
				Flags      int                        `json:"flags"`
			}
			if err := json.Unmarshal(indented(t, v), &got); err != nil {
				t.Fatal(err)
			}
			if got.Mentions == nil || got.Mentions.Parse == nil || len(*got.Mentions.Parse) > 0 {
				t.Errorf("%s: allowed_mentions is %+v", name, got.Mentions)
			}
			if got.Components == nil || got.Embeds == nil && name != "followup" { // a followup is new: nothing stood there
				t.Errorf("%s: components %v, embeds %v", name, got.Components, got.Embeds)
			}
			if got.Flags&int(discordgo.MessageFlagsSuppressEmbeds) != 0 {
				t.Errorf("%s hides its own embeds", name)
			}
			if told := name == "followup" || name == "response"; m.ephemeral && told && got.Flags != int(discordgo.MessageFlagsEphemeral) {
				t.Errorf("%s is seen by everybody", name)
			}
		}
	}
}

// Every language's words have to fit onto buttons and into titles.
func TestEveryLanguageIsWithinTheLimits(t *testing.T) {
	s := newShow("https://docs.example.org", "/summit")
	for _, lang := range phrase.Languages() {
		q := asked{text: "?", language: lang}
		a, long := modelAnswer(), longAnswer(40)
		a.Language, long.Language = lang, lang
		list := append(s.private(q, questionKey, a), s.private(q, questionKey, long)...)
		list = append(list, s.help(lang, []string{"a", "b", "c"}), s.lost(q, questionKey), s.working(q), s.note(lang, phrase.NotShareable), s.notAllowed(q), s.reasons(lang, "a-1"))
		list = append(list, s.failed(q, questionKey, bot.Failure{Retry: true}, nil)...)
		list = append(list, s.checked(lang, report())...)
		for i, m := range list {
			if err := withinLimits(m); err != nil {
				t.Errorf("%s, message %d: %v", lang, i, err)
			}
		}
		for _, k := range []phrase.Key{phrase.FeedbackTitle, phrase.OwnWords} {
			if text := phrase.For(lang).Text(k); length(text) > maxModalTitle {
				t.Errorf("%s: %q is cut in the dialog", lang, text)
			}
		}
		if err := responseWithinLimits(s.words(lang, "a-1", reasonParagraph)); err != nil {
			t.Errorf("%s, dialog: %v", lang, err)
		}
	}
}

func TestALongAnswerIsPartedBetweenClaims(t *testing.T) {
	a := longAnswer(80)
	list := newShow("", "/summit").private(asked{text: "What?"}, questionKey, a)
	if len(list) < 3 {
		t.Fatalf("%d messages, want several", len(list))
	}
	sources := answer.Sources(a)
	next := 0
	for i, m := range list {
		if err := withinLimits(m); err != nil {
			t.Errorf("message %d: %v", i+1, err)
		}
		var titles []string
		for _, e := range m.embeds {
			text, _ := read(e.Title)
			titles = append(titles, text)
		}
		said, _ := read(m.content)
		for next < len(a.Claims) && strings.Contains(said, a.Claims[next].Text) {
			for n, s := range sources {
				title := fmt.Sprintf("[%d] %s · %s", n+1, paragraphSign(s.Address), talks)
				if s.Cites(a.Claims[next]) && !slices.Contains(titles, title) {
					t.Errorf("message %d lacks its source %s: %q", i+1, title, titles)
				}
			}
			next++
		}
		last := i == len(list)-1
		if got := len(m.components) > 0; got != last {
			t.Errorf("message %d of %d has buttons: %v", i+1, len(list), got)
		}
		if got := strings.Contains(m.foot, phrase.For("en").Text(phrase.Continued)); got == last {
			t.Errorf("message %d of %d says that it goes on: %v", i+1, len(list), got)
		}
		if !m.ephemeral {
			t.Errorf("message %d of a private answer is seen by everybody", i+1)
		}
	}
	if next != len(a.Claims) {
		t.Errorf("%d claims whole and in order, want %d", next, len(a.Claims))
	}
}

func TestAClaimThatNoMessageHoldsIsShownInFull(t *testing.T) {
	for name, word := range map[string]string{"words": "word ", "escaped": "<&>& ", "one word": "猫", "marks": "*_*_", "emoji": "👩‍👩‍👧"} {
		a := modelAnswer()
		a.Claims[0].Text = strings.TrimSpace(strings.Repeat(word, 9000/len(word)))
		a.Claims[0].Citations[0].Quote = strings.TrimSpace(strings.Repeat(word, 12000/len(word)+1))
		var all strings.Builder
		for i, m := range newShow("", "").answer(asked{}, "", a) {
			if err := withinLimits(m); err != nil {
				t.Errorf("%s: message %d: %v", name, i+1, err)
			}
			text, _ := read(m.content)
			all.WriteString(text)
			for _, e := range m.embeds {
				text, _ := read(e.Description)
				all.WriteString(text)
			}
		}
		letters := func(s string) int { return strings.Count(s, string([]rune(word)[0])) }
		if got, want := letters(all.String()), letters(a.Claims[0].Text)+letters(a.Claims[0].Citations[0].Quote); got < want {
			t.Errorf("%s: %d of %d shown", name, got, want)
		}
		if name == "emoji" && strings.Contains(all.String(), "👩\u200d\n") {
			t.Error("an emoji is cut")
		}
	}
}

func TestLongListsArePaged(t *testing.T) {
	s := newShow("https://docs.example.org", "/summit")
	var docs []knowledge.Document
	var sentences []check.Sentence
	var paragraphs []knowledge.Paragraph
	for i := range 300 {
		docs = append(docs, knowledge.Document{ID: fmt.Sprintf("d%d", i), Title: strings.Repeat("A title. ", i%60), Paragraphs: i})
		sentences = append(sentences, report().Sentences[i%len(report().Sentences)])
		paragraphs = append(paragraphs, knowledge.Paragraph{Number: i + 1, Headings: []string{fmt.Sprint("Part ", i/10)}, Text: strings.Repeat("Text & more. ", i)})
	}
	for name, list := range map[string][]message{
		"documents": s.documents("en", docs),
		"check":     s.checked("en", check.Report{Sentences: sentences, Summary: check.Summary{Supported: 300}}),
		"passage":   s.passage("en", docs[1], "", paragraphs, 7, nil),
	} {
		if len(list) < 2 {
			t.Errorf("%s: %d messages", name, len(list))
		}
		for i, m := range list {
			if err := withinLimits(m); err != nil {
				t.Errorf("%s, message %d: %v", name, i+1, err)
			}
		}
	}
}

func TestPagesAreWithinTheLimitsAndEachTurnsToItsNeighbours(t *testing.T) {
	var list []opened
	for range 12 {
		list = append(list, openedOf(strings.Repeat("<Ж>& ", 1000), talks, "After Alaska")...)
	}
	s := newShow("", "")
	for name, list := range map[string][]message{
		"an answer": s.private(asked{text: "Why?"}, questionKey, longAnswer(60)),
		"sources":   s.sources("de", modelAnswer(), list),
		"a failure": s.failed(asked{}, questionKey, bot.Failure{Text: "Late.", Retry: true}, longAnswer(60).Claims),
	} {
		if len(list) < 3 {
			t.Fatalf("%s: %d pages", name, len(list))
		}
		id := pagesID(questionKey + ":again:900000000000000004")
		for i := range list {
			m := pageOf(list, i, id)
			if err := withinLimits(m); err != nil {
				t.Errorf("%s, page %d: %v", name, i+1, err)
			}
			if want := m.say.Page(i+1, len(list)); !strings.HasSuffix(m.text(), want) {
				t.Errorf("%s, page %d ends in %q, not %q", name, i+1, m.foot, want)
			}
			var turns []int
			for _, b := range buttonsOf(m.components) {
				if p, _ := parsePress(b); p.action == actionTurn && p.id == id {
					turns = append(turns, p.page())
				}
			}
			want := slices.DeleteFunc([]int{i - 1, i + 1}, func(n int) bool { return n < 0 || n == len(list) })
			if !slices.Equal(turns, want) {
				t.Errorf("%s, page %d turns to %v, not to %v", name, i+1, turns, want)
			}
			if rest := buttonsOf(list[len(list)-1].components); !slices.Equal(buttonsOf(m.components)[len(turns):], rest) {
				t.Errorf("%s, page %d has not the buttons %v", name, i+1, rest)
			}
		}
		for n, same := range map[int]int{-1: 0, len(list): len(list) - 1} { // it has become shorter since
			if got, want := pageOf(list, n, id), pageOf(list, same, id); got.text() != want.text() {
				t.Errorf("%s: page %d is not page %d", name, n+1, same+1)
			}
		}
	}
	alone := s.private(asked{text: "Why?"}, questionKey, modelAnswer())
	if m := pageOf(alone, 0, "1"); m.foot != "" || len(m.components) != 1 {
		t.Errorf("what is one page is turned: %q", m.foot)
	}
}

// buttonsOf are the custom_ids of buttons, in order.
func buttonsOf(rows []discordgo.MessageComponent) []string {
	var out []string
	for _, r := range rows {
		for _, c := range r.(discordgo.ActionsRow).Components {
			out = append(out, c.(discordgo.Button).CustomID)
		}
	}
	return out
}

func TestTheCitedSentenceStandsInBoldInFull(t *testing.T) {
	quotation := "The one sentence that matters stands in the middle of a paragraph without end."
	filler := strings.Repeat("Something else is said here. ", 150)
	p := knowledge.Paragraph{Number: 8, Text: filler + quotation + " " + filler}
	s := answer.Source{Address: "alaska-summit#8", Citations: []answer.Citation{
		{Address: "alaska-summit#8", Quote: quotation, Start: len(filler), End: len(filler) + len(quotation)}}}
	var bold []string
	all := 0
	for _, m := range newShow("", "").sources("en", answer.Answer{ID: "a-1"}, []opened{{s, summit(), []knowledge.Paragraph{p}}}) {
		for _, e := range m.embeds {
			text, marks := read(e.Description)
			all += strings.Count(text, "Something")
			for _, m := range marks {
				if m.kind == "bold" {
					bold = append(bold, m.what)
				}
			}
		}
	}
	if !slices.Contains(bold, quotation) || all != 300 {
		t.Errorf("in bold are %q; %d sentences of 300 beside it", bold, all)
	}
}

func TestLinksNeedAPublicAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		public, url string
		want        []string
	}{
		"none":         {"", "", nil},
		"own":          {"", "https://example.org/alaska", nil},
		"not followed": {"", "javascript:alert(1)", nil},
		"credentials":  {"", "https://bank.example@evil.example/", nil},
		"public": {"https://b.example/x/", "https://example.org/alaska",
			[]string{"https://b.example/x/a/a-7f3kq2m9xw4d", "https://b.example/x/d/alaska-summit#p8"}},
		"no address": {"b.example", "", nil},
	} {
		a := modelAnswer()
		for i := range a.Claims {
			a.Claims[i].Citations[0].URL = tt.url
		}
		var links []string
		for _, m := range newShow(tt.public, "").answer(asked{}, "", a) {
			_, marks := read(m.content)
			for _, m := range marks {
				if m.kind == "link" {
					links = append(links, m.what)
				}
			}
			for _, e := range m.embeds {
				if e.URL != "" {
					links = append(links, e.URL)
				}
			}
		}
		slices.Sort(links)
		if diff := cmp.Diff(tt.want, slices.Compact(links)); diff != "" {
			t.Errorf("%s: links (-want +got):\n%s", name, diff)
		}
	}
}

func TestNoTwoEmbedsOfAMessageLinkTheSamePage(t *testing.T) {
	a := longAnswer(1)
	a.Claims[0].Citations[0].Quote = strings.Repeat("And so on. ", 480) // more than one embed holds
	for _, m := range newShow("https://docs.example.org", "").answer(asked{}, "", a) {
		seen := map[string]bool{}
		for _, e := range m.embeds {
			if e.URL != "" && seen[e.URL] {
				t.Errorf("two embeds link %s", e.URL)
			}
			seen[e.URL] = true
		}
	}
}

func TestAnAnswerThatGrewTooLongIsNotShownGrowing(t *testing.T) {
	if _, ok := newShow("", "").growing(asked{}, longAnswer(40).Claims); ok {
		t.Error("40 claims are said to fit")
	}
}

func indented(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "render", name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestALateParagraphIsNamedToTheServerToo(t *testing.T) {
	r := renderer{public: "https://b.example"}
	for address, want := range map[string]string{
		"a#900": "https://b.example/d/a#p900",
		"a#901": "https://b.example/d/a?p=901#p901",
	} {
		if got := r.page(address); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
