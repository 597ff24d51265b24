package slack

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"summitbot/bot/answer"
)

// attacks are texts that would do something if they were not escaped.
var attacks = []string{
	"<!channel> <!here|x> <!everyone>", "<@U012AB3CD>", "<#C1|general>", "<!subteam^S1>", "<!date^1^{date}|x>",
	"<https://evil.example|your bank>", "https://evil.example/a?b=c", "www.evil.example", "evil.example", "a@b.example", "mailto:a@b.example", "tel:112",
	"[click](https://evil.example)", "![x](https://evil.example/x.png)", "[x][y]", "[x]: https://evil.example", "<https://evil.example>",
	"*b* _i_ ~s~ `c`", "**b** __b__ ***x***", "~~s~~", "```\ncode\n```", "a*b*c", "(*b*)", "\u200b*b*", "猫*b*猫",
	"> quoted", ">>> all of it", "&gt; quoted", "x\n> quoted", "x\r> quoted", "x\u2028> quoted", "# heading", "- list", "+ list", "1. list", "1) list", "---", "===", "| a | b |",
	":tada:", ":a:b:c:", "10:30:45", ":+1::skin-tone-2:", "@channel", "@here", "#general", "&lt;!channel&gt;", "&amp;lt;!channel>", "\\*b\\*",
	"\u202egnp.exe", "\u2066x\u2069", "a\x00b\x1b[31m", "\xff\xfe*b*", "e" + strings.Repeat("\u0301", 40), "\U000e0041\U000e0042", "<\u200b!channel>", "<b>x</b>", "&#42;b&#42;",
	"Snake_case and 3 * 4 are plain.", "In 2024, 3.5 % of them said: “no”.", "e.g. this", "",
}

// What Slack reads in mrkdwn, put wider than Slack does.
var liveMrkdwn = map[string]*regexp.Regexp{
	"a sign of control":     regexp.MustCompile(`[<>]|&(?:[^agl]|$)|&a(?:[^m]|$)|&[gl](?:[^t]|$)`),
	"a format":              regexp.MustCompile(`(^|[^A-Za-z0-9])[*_~][^\s]`),
	"code":                  regexp.MustCompile("`"),
	"a quote":               regexp.MustCompile(`(?m)^\s*&gt;`),
	"an emoji":              regexp.MustCompile(`:[^\s:\x{2060}]+:`),
	"an address":            regexp.MustCompile(`(?i)://|\b(mailto|tel|sms|slack):`),
	"a domain":              regexp.MustCompile(`\pL\.[\pL\pN]|\pN\.\pL`),
	"a mention":             regexp.MustCompile(`[@＠][\pL\pN]|(^|[^\pL\pN])#[\pL\pN]`),
	"an entity of a tag":    regexp.MustCompile(`&lt;[!@#/\pL]`),
	"a hidden or odd sign":  regexp.MustCompile(`[\x{202a}-\x{202e}\x{2066}-\x{206f}\x{fff9}-\x{fffb}\x{e0000}-\x{e007f}\x{200b}\x{ad}\x{feff}]`),
	"a control character":   regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x{9f}\x{2028}\x{2029}]`),
	"a tower of signs":      regexp.MustCompile(`[\pM]{41}`),
	"a format around words": regexp.MustCompile(`(?m)(^|[\s(\[])[*_~]\S.*\S[*_~]`),
}

// plainly undoes the escaping of mrkdwn, as far as it can be undone.
func plainly(s string) string {
	s = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
	return same(s)
}

// same takes away what tells a sign from its look-alike.
func same(s string) string {
	s = strings.ReplaceAll(s, joiner, "")
	for from, to := range lookalikes {
		s = strings.ReplaceAll(s, string(from), string(to))
	}
	return strings.NewReplacer("\\", "＼", "|", "∣").Replace(s)
}

func FuzzMrkdwnHasNothingLive(f *testing.F) {
	for _, s := range attacks {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := mrkdwn(s)
		for what, re := range liveMrkdwn {
			if m := re.FindString(got); m != "" {
				t.Errorf("mrkdwn(%q) = %q has %s: %q", s, got, what, m)
			}
		}
		if want := same(neutral(s)); plainly(got) != want {
			t.Errorf("mrkdwn(%q) = %q says %q, want %q", s, got, plainly(got), want)
		}
	})
}

// Another implementation of Markdown, with all that it can be switched to find,
// has to find one paragraph of text.
func FuzzMarkdownHasNothingLive(f *testing.F) {
	for _, s := range attacks {
		f.Add(s)
	}
	md := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList)).Parser()
	f.Fuzz(func(t *testing.T, s string) {
		got := markdown(s)
		if strings.ContainsAny(got, "<>\n\\`*_~|") || !utf8.ValidString(got) {
			t.Errorf("markdown(%q) = %q has a sign that may be live", s, got)
		}
		for _, what := range []string{"an emoji", "an address", "a domain", "a mention", "an entity of a tag", "a hidden or odd sign", "a control character"} {
			if m := liveMrkdwn[what].FindString(got); m != "" {
				t.Errorf("markdown(%q) = %q has %s: %q", s, got, what, m)
			}
		}
		if want := same(line(s)); plainly(got) != want {
			t.Errorf("markdown(%q) = %q says %q, want %q", s, got, plainly(got), want)
		}
		_ = ast.Walk(md.Parse(text.NewReader([]byte("Before.\n\n"+got+" [1][2]\n\nBehind."))), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			switch n.Kind() {
			case ast.KindDocument, ast.KindParagraph, ast.KindText:
			default:
				if entering {
					t.Errorf("markdown(%q) = %q has a %s", s, got, n.Kind())
				}
			}
			return ast.WalkContinue, nil
		})
	})
}

var ownMarks = regexp.MustCompile(`<(https://docs\.example\.org/[^|<>]*)\|([^<>]*)>|<@U1>`)

// Whatever is said, the messages are within the limits, and the only links and
// mentions are the program's.
func FuzzWhatIsSaidStaysWhatIsSaid(f *testing.F) {
	for i, s := range attacks {
		f.Add(s, attacks[(i+7)%len(attacks)], attacks[(i+13)%len(attacks)], uint8(i))
	}
	r := newRenderer("https://docs.example.org/bot", "/summit")
	f.Fuzz(func(t *testing.T, a, b, c string, n uint8) {
		said := strings.Repeat(a, 1+int(n)) // long ones too
		cited := []answer.Citation{{Address: "alaska-summit#8", Quote: said, Heading: b, Title: c, URL: a}, {Address: b, Quote: c}}
		whole := answer.Answer{ID: "a-1", Outcome: answer.Answered, Method: answer.LLM, Note: b, Error: c, UnknownWords: []string{a, b},
			Account: answer.Account{Searched: c, Model: a},
			Claims:  []answer.Claim{{Text: said, Citations: cited}, {Text: b, Check: answer.Translated, Citations: cited[:1]}, {Text: c, Check: answer.Derived, Computed: a, Citations: cited[1:]}}}
		list := r.answer(whole, frame{question: b, by: "U1"})
		whole.Outcome, whole.Nearest = answer.Refused, []answer.Nearest{{Address: a, Heading: b, Title: c, Text: said}}
		list = append(list, r.answer(whole, frame{})...)
		list = append(list, r.empty("en", []string{a, b, c}), r.noParagraph("en", said))
		own := map[string]bool{"https://docs.example.org/bot/d/alaska-summit#p8": true, "https://docs.example.org/bot/a/a-1": true, r.page(b): true}
		for _, m := range list {
			if err := withinLimits(m); err != nil {
				t.Errorf("%v", err)
			}
			rest := ownMarks.ReplaceAllStringFunc(m.text, func(mark string) string { return "" })
			if i := strings.IndexByte(rest, '<'); i >= 0 {
				t.Errorf("the text has a live sign: %q", rest[i:min(len(rest), i+80)])
			}
			for _, l := range linksOf(m.blocks) {
				if !own[l] {
					t.Errorf("a link to %q", l)
				}
			}
			for _, block := range m.blocks {
				if c, ok := block.(*slack.ContextBlock); ok {
					for _, e := range c.ContextElements.Elements {
						if e := e.(*slack.TextBlockObject); e.Type == slack.MarkdownType && strings.Count(e.Text, "<") != 1 {
							t.Errorf("small print with %q", e.Text)
						}
					}
				}
			}
		}
	})
}

func TestOrdinaryTextStaysAsItIs(t *testing.T) {
	for _, s := range []string{
		"The proposal would not grant membership, which remains a red line.", "snake_case and 3 * 4", "It rose by 3.5 % (1,204 in all).",
		"At 10:30 they met: all of them.", "alaska-summit#8", "[1] ¶8 · Heading", "Он сказал «нет».", "吾輩は猫である。", "שלום עולם", "Cafe\u0301 👩‍👩‍👧", "¶8",
	} {
		if got := mrkdwn(s); got != s {
			t.Errorf("mrkdwn(%q) = %q", s, got)
		}
	}
}

func TestLinksAreWrittenOutWhereTextIsAllThereIs(t *testing.T) {
	for text, want := range map[string]string{
		linked("https://docs.example.org/d/a#p8", "After *Alaska*") + " · a#8": "After ∗Alaska∗ (https://docs.example.org/d/a#p8) · a#8",
		linked("https://docs.example.org/?a&b", "<x|y>"):                       "‹x∣y› (https://docs.example.org/?a&amp;b)",
		mrkdwn("<https://evil.example|x> & y"):                                 mrkdwn("<https://evil.example|x> & y"),
		"<@U1>: what?":                                                         "<@U1>: what?",
	} {
		if got := bare(text); got != want {
			t.Errorf("bare(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.org/a?b=c#d":        "https://example.org/a?b=c#d",
		"https://example.org/ü":              "https://example.org/%C3%BC",
		"javascript:alert(1)":                "",
		"https://bank.example@evil.example/": "",
		"/relative":                          "",
		"":                                   "",
		"https://a.example/" + strings.Repeat("x", maxURL): "",
	} {
		if got := webLink(raw); got != want {
			t.Errorf("webLink(%.40q) = %q, want %q", raw, got, want)
		}
	}
}
