package terminal

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestNeutraliseShowsWhatItDisarms(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain text stays", "A red line, 1,000 — “so”.\nNext", "A red line, 1,000 — “so”.\nNext"},
		{"letters of other scripts stay", "Київ 北京 ภาษาไทย e\u0301 👩‍👩‍👧 می\u200cروم", "Київ 北京 ภาษาไทย e\u0301 👩‍👩‍👧 می\u200cروم"},
		{"direction marks of Hebrew stay", "\u05d0\u200f!", "\u05d0\u200f!"},
		{"escape sequences become pictures", "\x1b[2J\x1b]0;x\x07", "␛[2J␛]0;x␇"},
		{"delete and null too", "\x7f\x00", "␡␀"},
		{"eight-bit controls", "\u009b2J\u0085", "\ufffd2J\ufffd"},
		{"bytes that are no UTF-8", "a\x9bb\xc3", "a\ufffdb\ufffd"},
		{"bidirectional overrides", "a\u202eb\u2066c", "a\ufffdb\ufffdc"},
		{"hidden tag letters", "a\U000e0041", "a\ufffd"},
		{"soft hyphens and byte order marks go", "\ufeffin\u00advisible", "invisible"},
		{"line ends", "a\r\nb\rc\u2028d", "a\nb␍c\nd"},
		{"tabulators", "a\tb", "a    b"},
		{"towers of marks are cut", "e" + strings.Repeat("\u0301", 50) + "f", "e" + strings.Repeat("\u0301", maxMarks) + "f"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Neutralise(c.text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzNeutralise(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x1b[31m", "\x9b\u009b\x00\x7f\r\n\t", "\u202e\u2066\u00ad\U000e0041", "e\u0301\u0301", "Київ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Neutralise(text)
		if !utf8.ValidString(got) {
			t.Errorf("%q is no UTF-8", got)
		}
		for _, r := range got {
			if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) && !strings.ContainsRune("\u200e\u200f\u061c", r) {
				t.Errorf("%q holds %U", got, r)
			}
		}
		if again := Neutralise(got); again != got {
			t.Errorf("not idempotent: %q, then %q", got, again)
		}
		if want := letters(text); letters(got) != want {
			t.Errorf("letters of %q are %q, want %q", text, letters(got), want)
		}
	})
}

// letters returns the letters and digits of s.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

func TestWrapBreaksWhereUnicodeAllowsIt(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      int
		keep       []span
		want       []string
	}{
		{"nothing is one empty line", "", 10, nil, []string{""}},
		{"at spaces", "one two three", 8, nil, []string{"one two", "three"}},
		{"exactly full", "one two", 7, nil, []string{"one two"}},
		{"spaces at a break belong to no line", "one     two", 6, nil, []string{"one", "two"}},
		{"after hyphens", "red-carpet treatment", 7, nil, []string{"red-", "carpet", "treatme", "nt"}},
		{"never at a no-break space", "a b\u00a0c", 3, nil, []string{"a", "b\u00a0c"}},
		{"at line feeds", "a\n\nb\n", 10, nil, []string{"a", "", "b"}},
		{"indents after a line feed stay", "a\n  b", 10, nil, []string{"a", "  b"}},
		{"wide characters count double", "北京北京北京", 4, nil, []string{"北京", "北京", "北京"}},
		{"no line begins with a closing sign", "日本語。はい", 6, nil, []string{"日本", "語。は", "い"}},
		{"long words between clusters", "e\u0301e\u0301e\u0301e\u0301", 3, nil, []string{"e\u0301e\u0301e\u0301", "e\u0301"}},
		{"a wide character wider than the line", "北", 1, nil, []string{"北"}},
		{"a kept span moves whole", "see alaska-summit#8", 16, []span{{4, 19}}, []string{"see", "alaska-summit#8"}},
		{"a kept span may be too wide", "see alaska-summit#8", 5, []span{{4, 19}}, []string{"see", "alaska-summit#8"}},
		{"a marker stays with the last word", "no red line. [1]", 12, []span{{12, 16}}, []string{"no red", "line. [1]"}},
		{"unless that word is too long", "abcdefghij [1]", 5, []span{{10, 14}}, []string{"abcde", "fghij", " [1]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, line := range wrap(c.text, c.width, c.keep) {
				got = append(got, c.text[line.Start:line.End])
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("The proposal would not grant NATO membership. [1]", 12)
	f.Add("吾輩は猫である。名前はまだ無い。", 7)
	f.Add("\n-0", 200)
	f.Add("\n\u0610    ", 2)
	f.Add("a \n  b\u00a0 c-d 👩‍👩‍👧 e\u0301", 3)
	f.Fuzz(func(t *testing.T, text string, width int) {
		text, width = Neutralise(text), min(max(width, 2), 200)
		at := 0
		for _, line := range wrap(text, width, nil) {
			if line.Start < at || line.End < line.Start || line.End > len(text) {
				t.Fatalf("line %v after byte %d of %d", line, at, len(text))
			}
			if lost := text[at:line.Start]; strings.Trim(lost, " \n") != "" {
				t.Errorf("%q is on no line", lost)
			}
			words := text[line.Start:line.End]
			if strings.Contains(words, "\n") || strings.HasSuffix(words, " ") {
				t.Errorf("line %q", words)
			}
			if got := columns(words); got > width {
				t.Errorf("%q is %d columns wide, more than %d", words, got, width)
			}
			at = line.End
		}
		if lost := text[at:]; strings.Trim(lost, " \n") != "" {
			t.Errorf("%q is on no line", lost)
		}
	})
}
