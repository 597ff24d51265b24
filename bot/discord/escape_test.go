package discord

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"summitbot/bot/answer"
)

// loud are texts that do something if they are not escaped.
var loud = []string{
	"@everyone", "@here now", "@\u200beveryone", "<@123456789012345678>", "<@!1>", "<@&1>", "<#1>", "</summit:1>", "</a b c:1>", "<t:1618953630:R>", "<id:customize>",
	"<:tada:1>", "<a:tada:1>", ":tada:", ":+1::skin-tone-2:", "a:b:c:",
	"[click](<https://evil.example>)", "![x](https://evil.example/x.png)", "https://evil.example/a?b=c_d_e", "HTTP://EVIL.EXAMPLE",
	"<https://evil.example>", "discord.gg/abc", "https://discord.gg/abc", "discord.com/invite/abc", "discord://-/channels/1", "steam://run/1", "<mailto:a@b.example>", "<tel:112>", "<a@b.example>",
	"*i*", "**b**", "***x***", "_i_", "__u__", "~~s~~", "||secret||", "`c`", "``c``", "```\ncode\n```", "~~~\ncode", "a*b*c", "a_b_c", "\\\\*b*",
	"> quoted", ">>> all of it", "x\n> quoted", "x\r> quoted", "x\u2028> quoted", "  > quoted", "# heading", "## h", "-# small", "- list", "* list", "+ list", "1. list", "12. list", "  3. list", "1) list",
	"<\u200b@1>", "<\u2060@1>", "snake_case and 3 * 4 are plain.",
}

// attacks are loud and odd texts.
var attacks = append(slices.Clip(loud),
	"[click](https://evil.example)", "[a\\](b)", "\\*b\\*", "\\", "x\\", "---", "===", "10:30:45", "www.evil.example", "a@b.example",
	"\u202egnp.exe", "\u2066x\u2069", "a\x00b\x1b[31m", "\xff\xfe*b*", "e"+strings.Repeat("\u0301", 40), "\U000e0041\U000e0042",
	"In 2024, 3.5 % of them said: “no”.", "¯\\_(ツ)_/¯", "👩‍👩‍👧 👍🏽", "")

func FuzzEscapedTextIsOnlyText(f *testing.F) {
	for _, s := range attacks {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := neutral(s)
		got := escape(want)
		if !utf8.ValidString(got) {
			t.Errorf("escape(%q) = %q is not UTF-8", s, got)
		}
		if m := spelled.FindString(got); m != "" {
			t.Errorf("escape(%q) = %q has %q", s, got, m)
		}
		text, marks := read(got)
		if len(marks) > 0 {
			t.Errorf("escape(%q) = %q has %v", s, got, marks)
		}
		if text = strings.ReplaceAll(text, joiner, ""); text != want {
			t.Errorf("escape(%q) = %q says %q, want %q", s, got, text, want)
		}
	})
}

// The reader must see what it is for.
func TestTheReaderFindsWhatIsLive(t *testing.T) {
	for _, s := range loud {
		if _, marks := read(neutral(s)); len(marks) == 0 {
			t.Errorf("nothing is found in %q", s)
		}
	}
}

func TestOrdinaryTextNeedsFewEscapes(t *testing.T) {
	for _, s := range []string{
		"The proposal would not grant membership, which remains a red line.", "It rose by 3.5 % (1,204 in all).",
		"At noon they met: all of them.", "alaska-summit#8", "Он сказал «нет».", "吾輩は猫である。", "שלום עולם", "Cafe\u0301 👩‍👩‍👧", "¶8 · x > y",
	} {
		if got := escape(s); got != s {
			t.Errorf("escape(%q) = %q", s, got)
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

var ours = regexp.MustCompile(`\(<https://docs\.example\.org/[^<>\s()]*>\)|<@U1>`)

// live returns what lives in Markdown of a message and is not the program's.
func live(s string, own map[string]bool) (foreign []mark) {
	_, marks := read(s)
	for _, m := range marks {
		switch m.kind {
		case "bold", "italics", "quote", "small":
		case "link":
			if !own[m.what] {
				foreign = append(foreign, m)
			}
		case "mention":
			if m.what != "<@U1>" {
				foreign = append(foreign, m)
			}
		default:
			foreign = append(foreign, m)
		}
	}
	rest := ours.ReplaceAllString(s, "")
	for link := range own {
		rest = strings.ReplaceAll(rest, "(<"+link+">)", "")
	}
	if m := spelled.FindString(rest); m != "" {
		foreign = append(foreign, mark{"spelled", m})
	}
	return foreign
}

// Whatever is said, the messages are within the limits, and the only links,
// mentions and formats are the program's.
func FuzzWhatIsSaidStaysWhatIsSaid(f *testing.F) {
	for i, s := range attacks {
		f.Add(s, attacks[(i+7)%len(attacks)], attacks[(i+13)%len(attacks)], uint8(i))
	}
	r := newRenderer("https://docs.example.org/bot", "/summit")
	f.Fuzz(func(t *testing.T, a, b, c string, n uint8) {
		// Long ones come by n.
		a, b, c = a[:min(len(a), 150)], b[:min(len(b), 150)], c[:min(len(c), 150)]
		said := strings.Repeat(a, 1+int(n%32))
		cited := []answer.Citation{{Address: "alaska-summit#8", Quote: said, Heading: b, Title: c, URL: a}, {Address: b, Quote: c}}
		whole := answer.Answer{ID: "a-1", Outcome: answer.Answered, Method: answer.LLM, Note: b, Error: c, UnknownWords: []string{a, b},
			Account: answer.Account{Searched: c, Model: a},
			Claims:  []answer.Claim{{Text: said, Citations: cited}, {Text: b, Check: answer.Translated, Citations: cited[:1]}, {Text: c, Check: answer.Derived, Computed: a, Citations: cited[1:]}}}
		list := r.answer(whole, frame{question: b, by: "U1"})
		whole.Outcome, whole.Nearest = answer.Refused, []answer.Nearest{{Address: a, Heading: b, Title: c, Text: said}}
		list = append(list, r.answer(whole, frame{})...)
		list = append(list, r.help("en", []string{a, b, c}), r.noParagraph("en", said))
		list = append(list, r.sources("en", whole, openedOf(said, b, c))...)
		own := map[string]bool{
			"https://docs.example.org/bot/d/alaska-summit#p8": true, "https://docs.example.org/bot/a/a-1": true,
			r.page(b): true, inBrackets.Replace(r.page(b)): true,
		}
		delete(own, "")
		for _, m := range list {
			if err := withinLimits(m); err != nil {
				t.Errorf("%v", err)
			}
			texts := []string{m.content}
			for _, e := range m.embeds {
				texts = append(texts, e.Title, e.Description)
				if e.URL != "" && !own[e.URL] {
					t.Errorf("an embed links %q", e.URL)
				}
			}
			for _, s := range texts {
				if foreign := live(s, own); len(foreign) > 0 {
					t.Errorf("%v in %q", foreign, s)
				}
			}
		}
		for _, name := range []string{threadName(a), threadName(said)} {
			if name == "" || length(name) > maxThreadName {
				t.Errorf("a thread is called %q", name)
			}
		}
		for _, c := range choices([]suggestion{{a, b}, {said, a}, {b, c}}) {
			if c.Name == "" || length(c.Name) > maxChoice {
				t.Errorf("a choice is called %q", c.Name)
			}
		}
	})
}
