package slack

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
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/answer/gate"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A kind is one kind of message, as its golden file has it.
type kind struct {
	name string
	show func(renderer) []message
}

func one(show func(renderer) message) func(renderer) []message {
	return func(r renderer) []message { return []message{show(r)} }
}

func kinds() []kind {
	answered := func(a answer.Answer, f frame) func(renderer) []message {
		return func(r renderer) []message { return r.answer(a, f) }
	}
	private := frame{question: "What is Putin's *red line*? <!channel>", private: true}
	return []kind{
		{"answer-llm", answered(modelAnswer(), frame{})},
		{"answer-offline", answered(offlineAnswer(), frame{})},
		{"answer-fallback", answered(fallbackAnswer(), frame{})},
		{"answer-checks", answered(checkedAnswer(), frame{})},
		{"answer-private", answered(modelAnswer(), private)},
		{"answer-shared", answered(modelAnswer(), frame{question: private.question, by: "U1"})},
		{"answer-hostile", answered(hostileAnswer(), frame{})},
		{"answer-long", answered(longAnswer(9), private)},
		{"refusal", answered(refused(), frame{})},
		{"refusal-private", answered(refused(), private)},
		{"refusal-bare", answered(answer.Answer{Outcome: answer.Refused, Method: answer.LLM, Language: "de"}, frame{})},
		{"answer-failed", answered(answer.Answer{Outcome: answer.Failed, ID: "a-7f3kq2m9xw4d", Error: "The model did not answer within 30 s."}, frame{key: "slack:T1:C1:1.2"})},
		{"answer-failed-bare", answered(answer.Answer{Outcome: answer.Failed, Language: "fi"}, frame{})},
		{"closing", one(func(r renderer) message { return r.closing(fallbackAnswer()) })},
		{"growing", one(func(r renderer) message {
			m, _ := r.growing("en", modelAnswer().Claims)
			return m
		})},
		{"working", one(func(r renderer) message { return r.working("ru") })},
		{"stopped", func(r renderer) []message { return r.stopped("en", modelAnswer().Claims[:1]) }},
		{"stopped-bare", func(r renderer) []message { return r.stopped("fr", nil) }},
		{"failed", func(r renderer) []message {
			return r.failed("en", "slack:T1:C1:1.2", bot.Failure{Kind: bot.Broken, Text: "Sorry, something broke here and was noted. Ask again in a moment.", Retry: true}, nil)
		}},
		{"failed-after-claims", func(r renderer) []message {
			return r.failed("it", "slack:T1:C1:1.2", bot.Failure{Kind: bot.Late, Text: phrase.For("it").Text(phrase.Broken), Retry: true}, modelAnswer().Claims[:1])
		}},
		{"over-limit", func(r renderer) []message {
			return r.failed("en", "k", bot.Failure{Kind: bot.TooLong, Text: "The question has 4000 characters; 2000 is the most that can be answered. Ask it shorter."}, nil)
		}},
		{"lost", one(func(r renderer) message { return r.lost("en", "slack:T1:C1:1.2") })},
		{"thanks", one(func(r renderer) message { return r.note("uk", phrase.Thanks) })},
		{"help", one(func(r renderer) message { return r.help("en") })},
		{"help-de", one(func(r renderer) message { return r.help("de") })},
		{"empty", one(func(r renderer) message {
			return r.empty("en", []string{"What about Security Guarantees?", "What about <@U1> & *Unease*?", "What about :eyes:?"})
		})},
		{"documents", func(r renderer) []message { return r.documents("en", documents()) }},
		{"documents-none", func(r renderer) []message { return r.documents("en", nil) }},
		{"passage", func(r renderer) []message {
			return r.passage("en", summit(), "", passage(), 8, []knowledge.Span{{Start: 0, End: len(redLine)}})
		}},
		{"passage-older", func(r renderer) []message { return r.passage("en", summit(), "1111", passage()[1:2], 8, nil) }},
		{"passage-list", func(r renderer) []message {
			list := knowledge.Paragraph{Number: 3, Kind: knowledge.List, Text: "- 北京 is wide\n- Привет\n> nested"}
			return r.passage("en", knowledge.Document{ID: "lists"}, "", []knowledge.Paragraph{list}, 3, nil)
		}},
		{"no-paragraph", one(func(r renderer) message { return r.noParagraph("en", "<!here>#8") })},
		{"check", func(r renderer) []message { return r.checked("en", report()) }},
		{"check-de", func(r renderer) []message { return r.checked("de", report()) }},
		{"check-none", func(r renderer) []message { return r.checked("en", check.Report{}) }},
	}
}

// A dialog is one kind of modal.
type dialog struct {
	name string
	show func(renderer) slack.ModalViewRequest
}

func dialogs() []dialog {
	return []dialog{
		{"modal-sources", func(r renderer) slack.ModalViewRequest { return r.sources("en", offlineAnswer(), openedSources(nil)) }},
		{"modal-sources-changed", func(r renderer) slack.ModalViewRequest {
			return r.sources("en", offlineAnswer(), openedSources(func(o *opened) { o.document.Revision.Digest = "newer" }))
		}},
		{"modal-sources-gone", func(r renderer) slack.ModalViewRequest {
			return r.sources("en", offlineAnswer(), openedSources(func(o *opened) { o.paragraphs = nil }))
		}},
		{"modal-sources-long", func(r renderer) slack.ModalViewRequest {
			return r.sources("en", offlineAnswer(), openedSources(func(o *opened) {
				for i, p := range o.paragraphs {
					o.paragraphs[i].Text = p.Text + strings.Repeat(" And so it went on, for a long while.", 120)
				}
			}))
		}},
		{"modal-feedback", func(r renderer) slack.ModalViewRequest { return r.feedback("en", `{"answer":"a-7f3kq2m9xw4d"}`) }},
		{"modal-feedback-ru", func(r renderer) slack.ModalViewRequest { return r.feedback("ru", "") }},
	}
}

func renderers() map[string]renderer {
	return map[string]renderer{"": newRenderer("", "/summit"), ".public": newRenderer("https://docs.example.org/bot/", "/summit")}
}

func TestMessagesLookAsAgreed(t *testing.T) {
	for _, k := range kinds() {
		for suffix, r := range renderers() {
			t.Run(k.name+suffix, func(t *testing.T) {
				list := k.show(r)
				if len(list) == 0 {
					t.Fatal("nothing is shown")
				}
				var blocks, text bytes.Buffer
				for i, m := range list {
					if err := withinLimits(m); err != nil {
						t.Errorf("message %d: %v", i+1, err)
					}
					blocks.Write(indented(t, m.blocks))
					fmt.Fprintf(&text, "%s\n---\n", m.text)
				}
				golden(t, k.name+suffix+".json", blocks.Bytes())
				golden(t, k.name+suffix+".txt", text.Bytes())
			})
		}
	}
}

func TestDialogsLookAsAgreed(t *testing.T) {
	for _, d := range dialogs() {
		t.Run(d.name, func(t *testing.T) {
			v := d.show(newRenderer("https://docs.example.org", "/summit"))
			if err := viewWithinLimits(v); err != nil {
				t.Error(err)
			}
			golden(t, d.name+".json", indented(t, v))
		})
	}
}

func TestStreamsLookAsAgreed(t *testing.T) {
	r := newRenderer("https://docs.example.org", "/summit")
	for name, a := range map[string]answer.Answer{
		"streamed": modelAnswer(), "streamed-offline": offlineAnswer(), "streamed-checks": checkedAnswer(), "streamed-hostile": hostileAnswer(),
	} {
		golden(t, name+".md", []byte(r.streamed(a.Claims, 0)))
	}
}

func TestNoGoldenFileIsLeftOver(t *testing.T) {
	known := map[string]bool{}
	for _, k := range kinds() {
		for suffix := range renderers() {
			known[k.name+suffix+".json"], known[k.name+suffix+".txt"] = true, true
		}
	}
	for _, d := range dialogs() {
		known[d.name+".json"] = true
	}
	files, err := os.ReadDir(filepath.Join("testdata", "render"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] && !strings.HasSuffix(f.Name(), ".md") {
			t.Errorf("%s belongs to no kind of message", f.Name())
		}
	}
}

// Every language's words have to fit onto buttons and into titles.
func TestEveryLanguageIsWithinTheLimits(t *testing.T) {
	r := newRenderer("https://docs.example.org", "/summit")
	for _, lang := range phrase.Languages() {
		a := modelAnswer()
		a.Language = lang
		list := r.answer(a, frame{private: true})
		long := longAnswer(20)
		long.Language = lang
		list = append(list, r.answer(long, frame{private: true})...)
		list = append(list, r.help(lang), r.lost(lang, "k"), r.working(lang), r.note(lang, phrase.NotShareable), r.note(lang, phrase.NotForYou))
		list = append(list, r.failed(lang, "k", bot.Failure{Retry: true}, nil)...)
		list = append(list, r.checked(lang, report())...)
		for i, m := range list {
			if err := withinLimits(m); err != nil {
				t.Errorf("%s, message %d: %v", lang, i, err)
			}
		}
		for _, v := range []slack.ModalViewRequest{r.feedback(lang, ""), r.sources(lang, a, nil)} {
			if err := viewWithinLimits(v); err != nil {
				t.Errorf("%s, dialog %s: %v", lang, v.CallbackID, err)
			}
		}
	}
}

func TestALongAnswerIsPartedBetweenClaims(t *testing.T) {
	a := longAnswer(40)
	list := newRenderer("", "/summit").answer(a, frame{question: "What?", private: true})
	if len(list) < 3 {
		t.Fatalf("%d messages, want several", len(list))
	}
	sources := answer.Sources(a)
	next := 0
	for i, m := range list {
		if err := withinLimits(m); err != nil {
			t.Errorf("message %d: %v", i+1, err)
		}
		said := wordsOf(m.blocks)
		var cited []string
		for next < len(a.Claims) && strings.Contains(said, a.Claims[next].Text) {
			for n, s := range sources {
				if s.Cites(a.Claims[next]) {
					cited = append(cited, fmt.Sprintf("[%d] %s", n+1, paragraphSign(s.Address)))
				}
			}
			next++
		}
		for _, c := range cited {
			if !strings.Contains(said, c) {
				t.Errorf("message %d lacks its source %s", i+1, c)
			}
		}
		last := i == len(list)-1
		if got := len(actionIDs(m.blocks)) > 0; got != last {
			t.Errorf("message %d of %d has buttons: %v", i+1, len(list), got)
		}
		if got := strings.Contains(m.text, phrase.For("en").Text(phrase.Continued)); got == last {
			t.Errorf("message %d of %d says that it goes on: %v", i+1, len(list), got)
		}
	}
	if next != len(a.Claims) {
		t.Errorf("%d claims whole and in order, want %d", next, len(a.Claims))
	}
}

func TestAClaimThatNoMessageHoldsIsShownInFull(t *testing.T) {
	for name, word := range map[string]string{"words": "word ", "escaped": "<&>& ", "one word": "猫", "marks": "*_*_"} {
		a := modelAnswer()
		a.Claims[0].Text = strings.TrimSpace(strings.Repeat(word, 9000/len(word)))
		a.Claims[1].Text = strings.Repeat("x", 3300) // a message holds it, a block does not
		a.Claims[0].Citations[0].Quote = strings.TrimSpace(strings.Repeat(word, 12000/len(word)))
		list := newRenderer("", "").answer(a, frame{})
		var all strings.Builder
		for i, m := range list {
			if err := withinLimits(m); err != nil {
				t.Errorf("%s: message %d: %v", name, i+1, err)
			}
			all.WriteString(wordsOf(m.blocks))
		}
		letters := func(s string) int { return strings.Count(s, string([]rune(word)[0])) }
		if got, want := letters(all.String()), letters(a.Claims[0].Text)+letters(a.Claims[0].Citations[0].Quote); got < want {
			t.Errorf("%s: %d of %d shown", name, got, want)
		}
	}
}

func TestLongListsArePaged(t *testing.T) {
	r := newRenderer("", "/summit")
	var docs []knowledge.Document
	var sentences []check.Sentence
	var paragraphs []knowledge.Paragraph
	for i := range 300 {
		docs = append(docs, knowledge.Document{ID: fmt.Sprintf("d%d", i), Title: strings.Repeat("A title. ", i%60), Paragraphs: i})
		sentences = append(sentences, report().Sentences[i%len(report().Sentences)])
		paragraphs = append(paragraphs, knowledge.Paragraph{Number: i + 1, Headings: []string{fmt.Sprint("Part ", i/10)}, Text: strings.Repeat("Text & more. ", i)})
	}
	for name, list := range map[string][]message{
		"documents": r.documents("en", docs),
		"check":     r.checked("en", check.Report{Sentences: sentences, Summary: check.Summary{Supported: 300}}),
		"passage":   r.passage("en", docs[1], "", paragraphs, 7, nil),
	} {
		for i, m := range list {
			if err := withinLimits(m); err != nil {
				t.Errorf("%s, message %d: %v", name, i+1, err)
			}
		}
	}
}

func TestTheDialogHoldsAsManySourcesAsFit(t *testing.T) {
	a := longAnswer(400)
	var list []opened
	for _, s := range answer.Sources(a) {
		addr, err := knowledge.ParseAddress(s.Address)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, opened{s, summit(), []knowledge.Paragraph{{Number: addr.Paragraph, Text: strings.Repeat("<Ж>&", 4000)}}})
	}
	v := newRenderer("", "").sources("en", a, list)
	if err := viewWithinLimits(v); err != nil {
		t.Error(err)
	}
	if got := wordsOf(v.Blocks.BlockSet); !strings.Contains(got, phrase.For("en").Text(phrase.SourcesLeftOut)) {
		t.Error("nobody is told that sources are left out")
	}
}

func TestTheCitedSentenceIsNeverShortened(t *testing.T) {
	quotation := "The one sentence that matters stands in the middle of a paragraph without end."
	filler := strings.Repeat("Something else is said here. ", 300)
	p := knowledge.Paragraph{Number: 8, Text: filler + quotation + " " + filler}
	s := answer.Source{Address: "alaska-summit#8", Citations: []answer.Citation{
		{Address: "alaska-summit#8", Quote: quotation, Start: len(filler), End: len(filler) + len(quotation)}}}
	v := newRenderer("", "").sources("en", answer.Answer{ID: "a-1"}, []opened{{s, summit(), []knowledge.Paragraph{p}}})
	if err := viewWithinLimits(v); err != nil {
		t.Error(err)
	}
	if got := inBold(v.Blocks.BlockSet); !slices.Contains(got, quotation) {
		t.Errorf("in bold are %q", got)
	}
	if got := wordsOf(v.Blocks.BlockSet); !strings.Contains(got, phrase.For("en").Text(phrase.Shortened)) || len(got) > maxSection+500 {
		t.Errorf("%d bytes, not shortened or not said so", len(got))
	}
}

func TestLinksNeedAPublicAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		public string
		url    string
		want   []string
	}{
		"none": {"", "", nil},
		"own":  {"", "https://example.org/alaska", nil},
		"public": {"https://b.example/x/", "https://example.org/alaska",
			[]string{"https://b.example/x/d/alaska-summit#p8", "https://b.example/x/a/a-7f3kq2m9xw4d"}},
		"no address": {"b.example", "", nil},
	} {
		a := modelAnswer()
		for i := range a.Claims {
			a.Claims[i].Citations = []answer.Citation{citation()}
			a.Claims[i].Citations[0].URL = tt.url
		}
		got := newRenderer(tt.public, "").answer(a, frame{})[0]
		links := linksOf(got.blocks)
		slices.Sort(links)
		slices.Sort(tt.want)
		if diff := cmp.Diff(tt.want, slices.Compact(links)); diff != "" {
			t.Errorf("%s: links (-want +got):\n%s", name, diff)
		}
	}
}

func TestPagesAreNamedByWhateverIDADocumentHas(t *testing.T) {
	r := newRenderer("https://b.example/x", "")
	for id, want := range map[string]string{
		"alaska-summit": "alaska-summit", "hr/leave": "hr%2Fleave", "a/../b": "a%2F..%2Fb", "two words": "two%20words", "手册": "%E6%89%8B%E5%86%8C",
		"a#b": "a%23b", "a?b=c": "a%3Fb=c", "100%": "100%25", "%2e%2e": "%252e%252e", "|<>": "%7C%3C%3E", "...": "...", ".": "", "..": "",
	} {
		page, list := "", ""
		if want != "" {
			list = "https://b.example/x/d/" + want
			page = list + "#p7"
		}
		if got := r.page(knowledge.Address{Document: id, Paragraph: 7}.String()); got != page {
			t.Errorf("the paragraph of %q is at %q, want %q", id, got, page)
		}
		if got := r.below("/d/", id); got != list {
			t.Errorf("%q is at %q, want %q", id, got, list)
		}
	}
}

func TestStreamedClaimsHaveTheNumbersOfTheWholeAnswer(t *testing.T) {
	claims := offlineAnswer().Claims
	r := newRenderer("", "")
	whole, rest := r.streamed(claims, 0), r.streamed(claims, 1)
	if !strings.HasSuffix(whole, rest) || !strings.HasSuffix(strings.TrimSpace(rest), "[2]") {
		t.Errorf("the whole is %q, the rest %q", whole, rest)
	}
	checked := checkedAnswer().Claims
	if got := r.streamed(checked, 1); !strings.Contains(got, "\n\n> ") || !strings.Contains(got, "wording not checked") {
		t.Errorf("a translated claim lacks its original or its caveat: %q", got)
	}
}

func TestWhatTheButtonsSayIsUnderstood(t *testing.T) {
	for _, v := range []bot.Verdict{bot.Good, bot.Bad} {
		if got, id, ok := feedbackOf(feedbackValue(v, "a-1:2")); got != v || id != "a-1:2" || !ok {
			t.Errorf("%s came back as %s of %q, %v", v, got, id, ok)
		}
	}
	for _, bad := range []string{"", "good", "good:", "best:a-1"} {
		if _, _, ok := feedbackOf(bad); ok {
			t.Errorf("%q is understood", bad)
		}
	}
}

// The checker must see what it is for.
func TestTheCheckerFindsWhatIsOverALimit(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	text := func(n int) slack.Block {
		return slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement(long(n), nil)))
	}
	fb := slack.NewFeedbackButtonsBlockElement("f", slack.NewFeedbackButton(plainText("a"), "v"), slack.NewFeedbackButton(plainText("b"), "v"))
	for name, m := range map[string]message{
		"no text":        {"", []slack.Block{text(1)}},
		"text":           {long(maxText + 1), nil},
		"rich text":      {"x", []slack.Block{text(maxSection + 1)}},
		"all blocks":     {"x", slices.Repeat([]slack.Block{text(2900)}, 4)},
		"blocks":         {"x", slices.Repeat([]slack.Block{text(1)}, maxBlocks+1)},
		"empty element":  {"x", []slack.Block{text(0)}},
		"no elements":    {"x", []slack.Block{slack.NewRichTextBlock("", slack.NewRichTextSection())}},
		"header":         {"x", []slack.Block{slack.NewHeaderBlock(plainText(long(151)))}},
		"emoji":          {"x", []slack.Block{slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, "x", true, false))}},
		"button":         {"x", []slack.Block{slack.NewActionBlock("", button("a", "v", phrase.For("en"), phrase.Untold, phrase.GoodLabel))}},
		"button value":   {"x", []slack.Block{slack.NewActionBlock("", button("a", long(2001), phrase.For("en"), phrase.GoodButton, phrase.GoodLabel))}},
		"no label":       {"x", []slack.Block{slack.NewContextActionsBlock("", fb)}},
		"context":        {"x", []slack.Block{slack.NewContextBlock("", slices.Repeat([]slack.MixedElement{plainText("x")}, 11)...)}},
		"unknown block":  {"x", []slack.Block{slack.NewMarkdownBlock("", "x")}},
		"unknown mixed":  {"x", []slack.Block{slack.NewContextBlock("", slack.NewImageBlockElement("u", "a"))}},
		"unknown button": {"x", []slack.Block{slack.NewActionBlock("", slack.NewDatePickerBlockElement("d"))}},
	} {
		if withinLimits(m) == nil {
			t.Errorf("%s: nothing found", name)
		}
	}
	for name, change := range map[string]func(*slack.ModalViewRequest){
		"title":    func(v *slack.ModalViewRequest) { v.Title = plainText(long(25)) },
		"close":    func(v *slack.ModalViewRequest) { v.Close = nil },
		"metadata": func(v *slack.ModalViewRequest) { v.PrivateMetadata = long(3001) },
		"blocks":   func(v *slack.ModalViewRequest) { v.Blocks.BlockSet = slices.Repeat([]slack.Block{text(1)}, 101) },
		"bytes":    func(v *slack.ModalViewRequest) { v.Blocks.BlockSet = slices.Repeat([]slack.Block{text(2999)}, 90) },
	} {
		v := newRenderer("", "").feedback("en", "")
		if err := viewWithinLimits(v); err != nil {
			t.Fatal(err)
		}
		if change(&v); viewWithinLimits(v) == nil {
			t.Errorf("dialog, %s: nothing found", name)
		}
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
	path := filepath.Join("testdata", "render", name)
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

// walk calls each for every text of blocks; style and link are nil and "" if it
// has none.
func walk(blocks []slack.Block, each func(text, link string, style *slack.RichTextSectionTextStyle)) {
	for _, b := range blocks {
		switch b := b.(type) {
		case *slack.RichTextBlock:
			for _, e := range b.Elements {
				var parts []slack.RichTextSectionElement
				switch e := e.(type) {
				case *slack.RichTextSection:
					parts = e.Elements
				case *slack.RichTextQuote:
					parts = e.Elements
				}
				for _, p := range parts {
					switch p := p.(type) {
					case *slack.RichTextSectionTextElement:
						each(p.Text, "", p.Style)
					case *slack.RichTextSectionLinkElement:
						each(p.Text, p.URL, p.Style)
					}
				}
				each("\n", "", nil)
			}
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				t := e.(*slack.TextBlockObject)
				link := ""
				if t.Type == slack.MarkdownType {
					link, _, _ = strings.Cut(strings.Trim(t.Text, "<>"), "|")
				}
				each(t.Text, link, nil)
			}
			each("\n", "", nil)
		}
	}
}

func wordsOf(blocks []slack.Block) string {
	var b strings.Builder
	walk(blocks, func(text, _ string, _ *slack.RichTextSectionTextStyle) { b.WriteString(text) })
	return b.String()
}

func linksOf(blocks []slack.Block) (links []string) {
	walk(blocks, func(_, link string, _ *slack.RichTextSectionTextStyle) {
		if link != "" {
			links = append(links, link)
		}
	})
	return links
}

// inBold returns what is in bold.
func inBold(blocks []slack.Block) (texts []string) {
	walk(blocks, func(text, _ string, style *slack.RichTextSectionTextStyle) {
		if style != nil && style.Bold {
			texts = append(texts, text)
		}
	})
	return texts
}

func actionIDs(blocks []slack.Block) (ids []string) {
	for _, b := range blocks {
		switch b := b.(type) {
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				if e, ok := e.(*slack.ButtonBlockElement); ok {
					ids = append(ids, e.ActionID)
				}
			}
		case *slack.ContextActionsBlock:
			ids = append(ids, actionFeedback)
		}
	}
	return ids
}

const (
	redLine = "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin, " +
		"but it could provide legally binding assurances that Western powers would defend Ukraine if Russia were to attack again after a peace settlement."
	vital     = "For Kyiv, such commitments are vital."
	civilians = "Among civilians, the optics of the Alaska summit caused additional frustration."
	talks     = "Security Guarantees at the Center of Talks"
	digest    = "e956df6e3743ede6a41aff4fd9f56ebd"
)

func citation() answer.Citation {
	return answer.Citation{Address: "alaska-summit#8", Revision: digest, Quote: redLine, Heading: talks, Title: "alaska-summit", End: len(redLine)}
}

func modelAnswer() answer.Answer {
	cited := func() []answer.Citation { return []answer.Citation{citation()} }
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Answered, Method: answer.LLM, Language: "en",
		Claims: []answer.Claim{
			{Text: "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin.", Check: answer.Full, Citations: cited()},
			{Text: "The proposal could provide legally binding assurances that Western powers would defend Ukraine if Russia attacked again after a peace settlement.", Check: answer.Full, Citations: cited()},
		},
		Account: answer.Account{Claims: 2, Shown: 2, Model: "small_model", Millis: 1380},
	}
}

func offlineAnswer() answer.Answer {
	second := answer.Citation{Address: "alaska-summit#9", Revision: digest, Quote: vital, Heading: talks, Title: "After Alaska", End: len(vital)}
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Answered, Method: answer.Offline, Language: "en",
		Claims: []answer.Claim{
			{Text: redLine, Check: answer.Full, Citations: []answer.Citation{citation()}},
			{Text: vital, Check: answer.Full, Citations: []answer.Citation{second}},
		},
		Account: answer.Account{Claims: 2, Shown: 2, Millis: 3.4},
	}
}

func fallbackAnswer() answer.Answer {
	a := offlineAnswer()
	a.Fallback = true
	a.Error = phrase.For("en").Text(phrase.ModelUnreachable)
	a.UnknownWords = []string{"Anchorage"}
	a.Account.Searched = "What is Putin's red line?"
	a.Account.Millis = 30250
	return a
}

func checkedAnswer() answer.Answer {
	a := modelAnswer()
	a.Claims[0].Check, a.Claims[1].Check = answer.Derived, answer.Translated
	a.Claims[0].Computed = "2 + 5"
	a.Note = phrase.For("en").DocumentsIn("de")
	a.Account.Claims = 5
	return a
}

// hostileAnswer tries everything that a document or a model could try.
func hostileAnswer() answer.Answer {
	c := citation()
	c.Quote = "> <!channel> <@U1|you> <https://evil.example|click> *b* _i_ ~s~ `c` :tada: https://evil.example & \u202egnp.exe"
	c.Heading, c.Title, c.URL = "# <!here>", "[t](https://evil.example) <!everyone>", "https://example.org/a|b>c"
	return answer.Answer{ID: "a-1", Outcome: answer.Answered, Method: answer.LLM, Language: "en", Note: "<!subteam^S1>", Error: "*error*",
		UnknownWords: []string{"<@U2>", "`x`"}, Account: answer.Account{Searched: "<!date^1^{date}|x> :x:", Model: "*m*", Claims: 1, Shown: 1},
		Claims: []answer.Claim{{Text: "![i](https://evil.example) <!channel> @here #general **b** mailto:a@b.example www.evil.example", Citations: []answer.Citation{c}}}}
}

func longAnswer(n int) answer.Answer {
	a := modelAnswer()
	a.Claims = nil
	for i := range n {
		text := fmt.Sprintf("Claim number %d says something of its own at some length, so that it takes room, and it ends here.", i)
		quoted := fmt.Sprintf("Sentence %d of the document says it in other words, at greater length, so that both of them together fill up a message before long.", i)
		a.Claims = append(a.Claims, answer.Claim{Text: text, Check: answer.Full, Citations: []answer.Citation{
			{Address: fmt.Sprintf("alaska-summit#%d", i/2+1), Revision: digest, Quote: quoted, Heading: talks, Title: "After Alaska", Start: 10 * i, End: 10*i + 9}}})
	}
	return a
}

func refused() answer.Answer {
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Refused, Method: answer.Offline, Language: "en",
		UnknownWords: []string{"Anchorage", "hotel"},
		Nearest: []answer.Nearest{
			{Address: "alaska-summit#11", Title: "After Alaska", Heading: "Unease", Text: civilians},
			{Address: "alaska-summit#9", Text: vital},
			{Address: "alaska-summit#8", Text: redLine},
			{Address: "alaska-summit#1", Text: "Never shown: the fourth."},
		},
		Account: answer.Account{Millis: 0.4},
	}
}

func summit() knowledge.Document {
	return knowledge.Document{ID: "alaska-summit", Title: "After Alaska", URL: "https://example.org/alaska", Paragraphs: 18,
		Revision: knowledge.Revision{Digest: digest, Time: time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC)}}
}

func passage() []knowledge.Paragraph {
	return []knowledge.Paragraph{
		{Number: 7, Headings: []string{"Europe", "In Washington"}, Text: "For Europe, the stakes are clear."},
		{Number: 8, Headings: []string{"Europe", talks}, Text: redLine + " Secretary of State Marco Rubio added\nthat a temporary ceasefire is still under consideration."},
		{Number: 9, Headings: []string{"Europe", talks}, Text: vital},
		{Number: 10, Headings: []string{"Unease"}, Text: "Despite these talks, the summit left Ukraine uneasy."},
	}
}

func openedSources(change func(*opened)) []opened {
	var out []opened
	for i, s := range answer.Sources(offlineAnswer()) {
		o := opened{s, summit(), passage()[i : i+3]}
		if change != nil {
			change(&o)
		}
		out = append(out, o)
	}
	return out
}

func documents() []knowledge.Document {
	return []knowledge.Document{
		summit(),
		{ID: "handbook", Title: "手册 <!channel>", Collection: "hr", Paragraphs: 1204},
		{ID: "untitled"},
	}
}

func report() check.Report {
	c := citation()
	conflict := func(k gate.Kind, claim, source string) []check.Conflict {
		return []check.Conflict{{Kind: k, Claim: claim, Source: source}}
	}
	nearest := &answer.Nearest{Address: "alaska-summit#11", Title: "After Alaska", Text: civilians}
	list := []check.Sentence{
		{Text: "NATO membership is a red line.", Status: check.Supported, Citations: []answer.Citation{c}},
		{Text: "It would grant membership in 2024.", Status: check.Contradicted, Citations: []answer.Citation{c},
			Conflicts: append(conflict(gate.Number, "2024", "2025"), conflict(check.Negated, "", "not")...)},
		{Text: "<!channel> The hotel was *full*.", Status: check.NotFound, Nearest: nearest},
		{Text: "The hotel is nice.", Status: check.NotFound, Conflicts: conflict(check.Supposed, "", "may")},
		{Text: "How are you?", Status: check.Unchecked, Reason: check.IsQuestion},
		{Text: "Summary", Status: check.Unchecked, Reason: check.IsHeading},
		{Text: "Hello,", Status: check.Unchecked, Reason: check.IsGreeting},
		{Text: "1.", Status: check.Unchecked, Reason: check.IsEmpty},
	}
	for _, k := range []check.Conflict{{Kind: check.Misquote, Claim: "never"}, {Kind: check.Negated, Claim: "not"}, {Kind: check.Doer, Source: "Putin"},
		{Kind: check.Teller, Source: "Rubio"}, {Kind: gate.Name, Claim: "Berlin"}} {
		list = append(list, check.Sentence{Text: "Another sentence.", Status: check.Contradicted, Citations: []answer.Citation{c}, Conflicts: []check.Conflict{k}})
	}
	return check.Report{Sentences: list, Summary: check.Summary{Supported: 1, Contradicted: 6, NotFound: 2, Unchecked: 4}}
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
