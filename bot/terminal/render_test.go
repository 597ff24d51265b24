package terminal

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/answer"
	"summitbot/knowledge"
	"summitbot/knowledge/rank"
)

var update = flag.Bool("update", false, "write the golden files anew")

// rendering is one thing to show, in every variant.
type rendering struct {
	name   string
	render func(*Renderer) error
}

var variants = []struct {
	name string
	opts Options
}{
	{"40", Options{Width: 40}},
	{"80", Options{Width: 80}},
	{"color", Options{Width: 80, Color: true, Hyperlinks: true}},
}

func renderings() []rendering {
	show := func(a answer.Answer) func(*Renderer) error {
		return func(r *Renderer) error { return r.Answer(a) }
	}
	doc := summit()
	return []rendering{
		{"answer-llm", show(modelAnswer())},
		{"answer-offline", show(offlineAnswer())},
		{"answer-fallback", show(fallbackAnswer())},
		{"answer-checks", show(checkedAnswer())},
		{"answer-titled", show(titledAnswer())},
		{"refusal", show(refusal())},
		{"refusal-bare", show(answer.Answer{Outcome: answer.Refused, Method: answer.LLM})},
		{"failure", show(answer.Answer{Outcome: answer.Failed, ID: "a-7f3kq2m9xw4d",
			Error: "The model did not answer within 30 s. Nothing was lost; ask again, or set llm to nothing to answer without it."})},
		{"failure-bare", show(answer.Answer{Outcome: answer.Failed})},
		{"hits", func(r *Renderer) error { return r.Hits(found(), false) }},
		{"hits-explained", func(r *Renderer) error { return r.Hits(found(), true) }},
		{"hits-none", func(r *Renderer) error { return r.Hits(knowledge.Result{Unknown: []string{"Anchorage"}}, true) }},
		{"passage", func(r *Renderer) error {
			return r.Passage(doc, "", passage(), 8, []knowledge.Span{{Start: 0, End: len(redLine)}})
		}},
		{"passage-older", func(r *Renderer) error {
			return r.Passage(doc, "1111111111111111", passage()[1:2], 8, nil)
		}},
		{"passage-list", func(r *Renderer) error {
			list := knowledge.Paragraph{Number: 3, Kind: knowledge.List, Text: "- 北京 is wide\n- Привет\n  - nested"}
			return r.Passage(knowledge.Document{ID: "lists"}, "", []knowledge.Paragraph{list}, 3, []knowledge.Span{{Start: 2, End: 8}})
		}},
		{"documents", func(r *Renderer) error { return r.Documents(documents()) }},
		{"documents-one", func(r *Renderer) error { return r.Documents(documents()[:1]) }},
		{"documents-none", func(r *Renderer) error { return r.Documents(nil) }},
		{"answer-scripts", show(scripts())},
	}
}

func TestRenderingsLookAsAgreed(t *testing.T) {
	for _, c := range renderings() {
		for _, v := range variants {
			t.Run(c.name+"/"+v.name, func(t *testing.T) {
				golden(t, c.name+"."+v.name, rendered(t, v.opts, c.render))
			})
		}
	}
}

func TestLinesStayWithinTheWidthAndEndInNoSpace(t *testing.T) {
	for _, c := range renderings() {
		for width := minWidth; width <= maxWidth+12; width++ {
			out := rendered(t, Options{Width: width}, c.render)
			for line := range strings.Lines(out) {
				line = strings.TrimSuffix(line, "\n")
				if strings.HasSuffix(line, " ") {
					t.Errorf("%s at %d: %q ends in a space", c.name, width, line)
				}
				// What may not be cut is at most an address in brackets.
				if got := columns(line); got > max(min(width, maxWidth), 40) {
					t.Errorf("%s at %d: %q is %d columns wide", c.name, width, line, got)
				}
			}
		}
	}
}

func TestColorsChangeNoWordAndNoLine(t *testing.T) {
	marks := strings.NewReplacer("»", "", "«", "")
	for _, c := range renderings() {
		plain := rendered(t, Options{Width: 80}, c.render)
		colored := rendered(t, Options{Width: 80, Color: true, Hyperlinks: true}, c.render)
		if strings.Contains(plain, "\x1b") {
			t.Errorf("%s: an escape sequence without colours", c.name)
		}
		want, got := strings.Fields(marks.Replace(plain)), strings.Fields(ownSequences.ReplaceAllString(colored, ""))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: words differ (-plain +colored):\n%s", c.name, diff)
		}
		for line := range strings.Lines(colored) {
			if opened := strings.LastIndex(line, "\x1b["); opened >= 0 && !strings.HasPrefix(line[opened:], "\x1b[0m") {
				t.Errorf("%s: %q leaves a style open", c.name, line)
			}
		}
	}
}

// ownSequences are the only escape sequences that may be written.
var ownSequences = regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b\\]8;;[!-~]*\x1b\\\\")

func TestHostileTextReachesTheTerminalAsTextOnly(t *testing.T) {
	const evil = "a\x1b[2Jb\x1b]0;title\x07c\u202ed\u2066e\x9bf\u009b31mg\rh\x08\x7f\U000e0041\xff"
	cite := answer.Citation{Address: evil + "#1", Quote: evil + "quote", Heading: evil, Title: evil, URL: "https://example.org/\x1b]8;;", Collection: evil}
	hostile := answer.Answer{ID: evil, Error: evil, Question: evil, Fallback: true, UnknownWords: []string{evil},
		Claims:  []answer.Claim{{Text: evil, Citations: []answer.Citation{cite}}},
		Nearest: []answer.Nearest{{Address: evil + "#2", Text: evil}},
		Account: answer.Account{Searched: evil}}
	p := knowledge.Paragraph{Number: 1, Headings: []string{evil}, Text: evil, Sentences: []knowledge.Span{{Start: 0, End: len(evil)}}}
	doc := knowledge.Document{ID: evil, Title: evil, Collection: evil, URL: "javascript:alert(1)", Revision: knowledge.Revision{Digest: evil}}
	hit := knowledge.Hit{Document: doc, Paragraph: p, Sentences: []float64{1}, Explanation: []rank.Term{{Name: evil}}}

	render := func(r *Renderer) error {
		var errs []error
		for _, outcome := range []answer.Outcome{answer.Answered, answer.Refused, answer.Failed} {
			hostile.Outcome = outcome
			errs = append(errs, r.Answer(hostile))
		}
		return errors.Join(append(errs,
			r.Hits(knowledge.Result{Hits: []knowledge.Hit{hit}, Unknown: []string{evil}}, true),
			r.Passage(doc, evil, []knowledge.Paragraph{p}, 1, []knowledge.Span{{Start: 1, End: 4}, {Start: -7, End: 99}, {Start: 9, End: 2}}),
			r.Documents([]knowledge.Document{doc}),
			r.Note(evil))...)
	}
	for _, v := range variants {
		out := ownSequences.ReplaceAllString(rendered(t, v.opts, render), "")
		for _, bad := range []string{"\x1b", "\x07", "\u202e", "\u2066", "\u009b", "\r", "\x08", "\x7f", "\U000e0041", "javascript"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s: %q was written", v.name, bad)
			}
		}
		if !utf8.ValidString(out) {
			t.Errorf("%s: bytes that are no UTF-8 were written", v.name)
		}
	}
}

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.org/a?b=c#d": "https://example.org/a?b=c#d",
		"https://example.org/ü":       "https://example.org/%C3%BC",
		"http://example.org/a b":      "http://example.org/a%20b",
		"javascript:alert(1)":         "",
		"file:///etc/passwd":          "",
		"https://ex\x1b\\ample.org/":  "",
		"https://example.org/\x07":    "",
		"/relative":                   "",
		"":                            "",
	} {
		if got := webLink(raw); got != want {
			t.Errorf("webLink(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestMarkersNameTheSourcesOfAClaim(t *testing.T) {
	cite := func(address string) answer.Citation { return answer.Citation{Address: address, Revision: "r"} }
	a := answer.Answer{Claims: []answer.Claim{
		{Citations: []answer.Citation{cite("b#2")}},
		{Citations: []answer.Citation{cite("a#1"), cite("b#2")}},
	}}
	if got, want := markers(a.Claims[1], answer.Sources(a)), " [1][2]"; got != want {
		t.Errorf("markers = %q, want %q", got, want)
	}
}

func TestWriteErrorsAreReturned(t *testing.T) {
	broken := errors.New("pipe closed")
	for _, c := range renderings() {
		if err := c.render(NewRenderer(failingWriter{broken}, Options{})); !errors.Is(err, broken) {
			t.Errorf("%s: got error %v, want %v", c.name, err, broken)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func rendered(t *testing.T, opts Options, render func(*Renderer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := render(NewRenderer(&out, opts)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
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
	cited := []answer.Citation{citation()}
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Answered, Method: answer.LLM,
		Claims: []answer.Claim{
			{Text: "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin.", Check: answer.Full, Citations: cited},
			{Text: "The proposal could provide legally binding assurances that Western powers would defend Ukraine if Russia attacked again after a peace settlement.", Check: answer.Full, Citations: cited},
		},
		Account: answer.Account{Claims: 2, Shown: 2, Millis: 1380},
	}
}

func offlineAnswer() answer.Answer {
	second := answer.Citation{Address: "alaska-summit#9", Revision: digest, Quote: vital, Heading: talks, Title: "alaska-summit", End: len(vital)}
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Answered, Method: answer.Offline,
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
	a.Error = "The model did not answer within 30 s, so these are the documents' own sentences."
	a.Account.Searched = "What is Putin's red line?"
	a.Account.Millis = 30250
	return a
}

func checkedAnswer() answer.Answer {
	a := modelAnswer()
	a.Claims[0].Check, a.Claims[1].Check = answer.Derived, answer.Translated
	a.Claims[0].Computed = "2 + 5"
	a.Account.Claims = 5
	return a
}

// titledAnswer has titles that say more than the ids, links, and no headings.
func titledAnswer() answer.Answer {
	one := citation()
	one.Title, one.URL, one.Heading = "After Alaska: what was said, and what was not", "https://example.org/alaska", ""
	two := answer.Citation{Address: "handbook-of-everything-2026#114", Quote: "Guarantees\nare  promises.", Title: "Handbook", Heading: "Terms"}
	return answer.Answer{ID: "a-1", Outcome: answer.Answered, Method: answer.LLM, Claims: []answer.Claim{
		{Text: "Guarantees are promises, and one of them is open.", Citations: []answer.Citation{two, one}},
	}}
}

func refusal() answer.Answer {
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Refused, Method: answer.Offline,
		UnknownWords: []string{"Anchorage", "hotel"},
		Nearest: []answer.Nearest{
			{Address: "alaska-summit#11", Text: civilians},
			{Address: "alaska-summit#9", Text: vital},
			{Address: "alaska-summit#8", Text: redLine},
			{Address: "alaska-summit#1", Text: "Never shown: the fourth."},
		},
		Account: answer.Account{Millis: 0.4},
	}
}

// scripts holds wide characters, right-to-left text, a very long word,
// combining marks and emoji.
func scripts() answer.Answer {
	cite := func(n int, heading, quote string) []answer.Citation {
		return []answer.Citation{{Address: fmt.Sprintf("文書#%d", n), Heading: heading, Title: "文書の題名", Quote: quote}}
	}
	return answer.Answer{ID: "a-1", Outcome: answer.Answered, Method: answer.LLM, Claims: []answer.Claim{
		{Text: "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で泣いていた事だけは記憶している。", Citations: cite(1, "第一章", "吾輩は猫である。名前はまだ無い。")},
		{Text: "השועל החום המהיר קופץ מעל הכלב העצלן, ואז הוא חוזר הביתה לישון עד הבוקר.", Citations: cite(2, "פרק שני", "השועל קופץ.")},
		{Text: "Donau" + strings.Repeat("dampfschifffahrts", 9) + "kapitän", Citations: cite(3, "", "Ein langes Wort.")},
		{Text: "Cafe\u0301 👩‍👩‍👧‍👦 🇺🇦 na\u0308ive \u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 …", Citations: cite(4, "", "")},
		{Text: "", Citations: cite(5, "", "")},
	}}
}

func summit() knowledge.Document {
	return knowledge.Document{ID: "alaska-summit", Title: "alaska-summit", URL: "https://example.org/alaska", Paragraphs: 18,
		Revision: knowledge.Revision{Digest: digest, Time: time.Date(2026, 11, 24, 23, 30, 0, 0, time.FixedZone("", -3600))}}
}

func passage() []knowledge.Paragraph {
	return []knowledge.Paragraph{
		{Number: 7, Headings: []string{"Europe", "In Washington"}, Text: "For Europe, the stakes are clear."},
		{Number: 8, Headings: []string{"Europe", talks}, Text: redLine + " Secretary of State Marco Rubio added\nthat a temporary ceasefire is still under consideration."},
		{Number: 9, Headings: []string{"Europe", talks}, Text: vital},
		{Number: 10, Headings: []string{"Unease"}, Text: "Despite these talks, the summit left Ukraine uneasy."},
	}
}

func found() knowledge.Result {
	return knowledge.Result{
		Confidence: 0.874, Unknown: []string{"Anchorage"},
		Hits: []knowledge.Hit{
			{Document: summit(), Paragraph: knowledge.Paragraph{Number: 8, Headings: []string{talks}, Text: "First. " + redLine,
				Sentences: []knowledge.Span{{Start: 0, End: 6}, {Start: 7, End: 7 + len(redLine)}}}, Score: 17.31, Sentences: []float64{0.1, 2},
				Explanation: []rank.Term{{Name: "bm25f", Value: 12.4}, {Name: "best sentence", Value: 5.11}, {Name: "length", Value: -0.2}}},
			{Document: knowledge.Document{ID: "b", Title: "A title"}, Paragraph: knowledge.Paragraph{Number: 12, Text: vital}, Score: 3},
		},
	}
}

func documents() []knowledge.Document {
	return []knowledge.Document{
		summit(),
		{ID: "handbook", Title: "手册：a handbook with quite a long title that says everything there is to say", Collection: "hr", Paragraphs: 1204,
			Revision: knowledge.Revision{Digest: "abc", Time: time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)}},
		{ID: "untitled"},
	}
}
