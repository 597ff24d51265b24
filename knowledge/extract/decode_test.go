package extract_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"summitbot/knowledge/extract"
)

const (
	russian = "Недавняя встреча в верхах на Аляске вызвала тревогу в Киеве и во всей Европе. Вместо перемирия, на которое многие надеялись, она не принесла ничего."
	german  = "Die jüngste Begegnung in Alaska löste Beunruhigung in ganz Europa aus. Für die Ukraine überwiegt die Enttäuschung über das Ausbleiben der Waffenruhe."
	french  = "L'été dernier, nous étions à la plage près de Besançon, où le garçon mangeait déjà des crêpes. Le président a été reçu à l'Élysée."
	greek   = "Η πρόσφατη σύνοδος κορυφής στην Αλάσκα προκάλεσε ανησυχία στο Κίεβο και σε ολόκληρη την Ευρώπη. Αντί για εκεχειρία, δεν έφερε τίποτα."
	chinese = "今天下雨，明天会是晴天，我们去公园。最近在阿拉斯加举行的峰会引起了整个欧洲的警惕。"
)

func TestReadDetectsTheCharset(t *testing.T) {
	for _, tt := range []struct{ charset, text string }{
		{"windows-1251", russian}, {"koi8-r", russian}, {"iso-8859-5", russian}, {"ibm866", russian},
		{"windows-1252", german}, {"iso-8859-15", german}, {"windows-1252", french},
		{"windows-1253", greek}, {"gbk", chinese}, {"big5", "今天下雨，明天會是晴天，我們去公園。"},
	} {
		t.Run(tt.charset, func(t *testing.T) {
			charset, err := htmlindex.Get(tt.charset)
			if err != nil {
				t.Fatal(err)
			}
			data, err := charset.NewEncoder().String(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			checkProse(t, []byte(data), tt.text)
		})
	}
}

func TestReadDecodesUnicode(t *testing.T) {
	big := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	little := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	for name, encode := range map[string]func(string) (string, error){
		"UTF-8 with a mark":       func(s string) (string, error) { return "\ufeff" + s, nil },
		"UTF-16 of little endian": little.NewEncoder().String,
		"UTF-16 of big endian":    big.NewEncoder().String,
	} {
		t.Run(name, func(t *testing.T) {
			data, err := encode(russian)
			if err != nil {
				t.Fatal(err)
			}
			checkProse(t, []byte(data), russian)
		})
	}
}

func TestReadKeepsUTF8WithABrokenByte(t *testing.T) {
	checkProse(t, []byte(russian+"\xd0"), russian+"\ufffd")
}

func checkProse(t *testing.T, data []byte, want string) {
	t.Helper()
	got, err := extract.Read("a.txt", data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, extract.Text{Blocks: []extract.Block{prose(want)}}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestReadRefusesWhatIsNotText(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		want       error
		says       string
	}{
		{"a.txt", "abc\x00def", extract.ErrFormat, "offset 3"},
		{"a.md", "%PDF-1.7", extract.ErrFormat, "PDF"},
		{"a", "PK\x03\x04", extract.ErrFormat, "ZIP"},
		{"a.html", "<p>x", extract.ErrFormat, "HTML"},
		{"a", "<!DOCTYPE html><p>x", extract.ErrFormat, "HTML"},
		{"a.txt", "\x01\x02\x03\x04abc", extract.ErrFormat, "control characters"},
		{"a.txt", "\x80\x81\xfe\xff", extract.ErrEncoding, "UTF-8"},
	} {
		_, err := extract.Read(tt.name, []byte(tt.data))
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("Read(%q, %q) = %v, want %v that says %q", tt.name, tt.data, err, tt.want, tt.says)
		}
	}
}

func TestReadTellsTheFormatByContentWhereTheNameSaysNothing(t *testing.T) {
	for _, tt := range []struct{ name, data, title string }{
		{"README", "# *Title*\n\nText.\n", "Title"},
		{"notes.log", "*Title*\n\nText.\n", "*Title*"},
		{"x.MD", "# *Title*\n\nText.\n", "Title"},
		{"x.txt", "The *Title*\n\nText.\n", "The *Title*"},
	} {
		got, err := extract.Read(tt.name, []byte(tt.data))
		if err != nil || got.Title != tt.title {
			t.Errorf("Read(%q, %q) has title %q, error %v; want %q", tt.name, tt.data, got.Title, err, tt.title)
		}
	}
}

func TestKnownGoesByTheEnding(t *testing.T) {
	for name, want := range map[string]bool{"a.md": true, "b/c.TXT": true, "a.markdown": true, "a.text": true, "README": false, "a.pdf": false, ".md/x": false} {
		if got := extract.Known(name); got != want {
			t.Errorf("Known(%q) = %v, want %v", name, got, want)
		}
	}
}

// The work must grow with the length of the file, not with its square, which
// takes the worst of these to the limit and far beyond.
func TestReadOfHostileFilesTakesLinearTime(t *testing.T) {
	const (
		n     = 1 << 17
		limit = 5 * time.Second
	)
	for _, piece := range []string{
		"[a](b", "![a](", "> ", "- 1. ", "1) ", "[", "*a ", "_a_ ", "`a``", "<a ", "<!-- ", "&", "\\", "[a]: b\n", "- a\n", "a\n", "a\r\r", "| a ", "-", "- ",
		"\xff", "  \n", "# a\n", "1. a\n", "* a\n  ", "$", "~~a ", "[^1]", "<div>\n\n", ") ", "(a",
	} {
		for _, name := range []string{"a.md", "a.txt"} {
			data := []byte(strings.Repeat(piece, n/len(piece)))
			start := time.Now()
			if _, err := extract.Read(name, data); err != nil && !errors.Is(err, extract.ErrEncoding) {
				t.Errorf("%s of %q: %v", name, piece, err)
			}
			if took := time.Since(start); took > limit {
				t.Errorf("%s of %d bytes of %q took %v", name, n, piece, took)
			}
		}
	}
}

func TestReadKeepsTheWordsOfHostileMarkup(t *testing.T) {
	for source, want := range map[string]string{
		strings.Repeat("[word](", 1000) + strings.Repeat("x", 5000) + ")": strings.Repeat("[word](", 1000) + strings.Repeat("x", 5000) + ")",
		strings.Repeat("> ", 40) + "word":                                 "> > > > > > > > word",
		"[^1]: A note that nothing refers to.":                            "A note that nothing refers to.",
	} {
		got, err := extract.Read("a.md", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Blocks) != 1 || got.Blocks[0].Text != want {
			t.Errorf("Read(%.40q...) = %.300v", source, got.Blocks)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"# T\n\nText.\n", "a\n\n- b\n- c\n", "---\ntitle: x\n---\ny", "\xff\xfea\x00", "| a |\n|--|\n| b |\n", "<p>x</p>", "\xcf\xf0\xe8\xe2\xe5\xf2"} {
		f.Add("a.md", []byte(s))
		f.Add("a.txt", []byte(s))
		f.Add("a", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		got, err := extract.Read(name, data)
		if err != nil {
			if !errors.Is(err, extract.ErrFormat) && !errors.Is(err, extract.ErrEncoding) {
				t.Errorf("error %v is of no kind", err)
			}
			return
		}
		for _, b := range append(got.Blocks, extract.Block{Kind: extract.Heading, Level: 1, Text: got.Title}) {
			if !utf8.ValidString(b.Text) || strings.ContainsAny(b.Text, "\x00\r\x7f\ufeff") {
				t.Errorf("text %q", b.Text)
			}
			if oneLine := b.Kind == extract.Heading || b.Kind == extract.Prose; oneLine && strings.Contains(b.Text, "\n") {
				t.Errorf("%s has lines: %q", b.Kind, b.Text)
			}
			if (b.Kind == extract.Heading) != (b.Level >= 1 && b.Level <= 6) {
				t.Errorf("%s has level %d", b.Kind, b.Level)
			}
		}
	})
}

// article is 300 kB of text with a heading for every tenth paragraph.
func article() string {
	var b strings.Builder
	for i := range 500 {
		if i%10 == 0 {
			b.WriteString("## Security Guarantees\n\n")
		}
		b.WriteString(strings.Repeat("The *recent* summit between [the two](http://example.com) raised alarm across Europe. ", 7) + "\n\n")
	}
	return b.String()
}

func BenchmarkRead(b *testing.B) {
	data := []byte(article())
	for _, name := range []string{"a.md", "a.txt"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := extract.Read(name, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
