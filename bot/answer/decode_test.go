package answer

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// decoded returns what a decoder hands on of a reply that comes in pieces of so
// many characters, and whether the reply said that it is answerable.
func decoded(t testing.TB, reply string, piece int, complete bool) (drafts []string, answerable string) {
	t.Helper()
	d := newDecoder(func(d draft) { drafts = append(drafts, strings.TrimSpace(d.text+" | "+strings.Join(d.refs, " "))) })
	for part := range slices.Chunk([]rune(reply), piece) {
		if err := d.write(string(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.close(complete); err != nil {
		t.Fatal(err)
	}
	switch {
	case d.answerable == nil:
		return drafts, ""
	case *d.answerable:
		return drafts, "yes"
	}
	return drafts, "no"
}

func TestRepliesAreReadInManyForms(t *testing.T) {
	for _, tt := range []struct {
		name, reply string
		want        []string
		answerable  string
	}{
		{"as asked", `{"answerable": true, "claims": [{"text": "One.", "sources": ["7.2", "8.1"]}, {"text": "Two.", "sources": []}]}`,
			[]string{"One. | 7.2 8.1", "Two. |"}, "yes"},
		{"not answerable", `{"answerable":false,"claims":[]}`, nil, "no"},
		{"fenced", "Sure!\n```json\n{\"answerable\": true, \"claims\": [{\"text\": \"One.\", \"sources\": [\"1.1\"]}]}\n```\n",
			[]string{"Sure! |", "One. | 1.1"}, "yes"},
		{"fenced from the start", "```\n{\"claims\": [{\"text\": \"One.\", \"sources\": [\"1.1\"]}]}\n```", []string{"One. | 1.1"}, ""},
		{"numbers as references, 7.10 not 7.1", `{"claims": [{"text": "One.", "sources": [7.10, 8]}]}`, []string{"One. | 7.10 8"}, ""},
		{"one string as reference", `{"claims": [{"text": "One.", "source": "7.2"}]}`, []string{"One. | 7.2"}, ""},
		{"other names", `{"statements": [{"claim": "One.", "evidence": ["7.2"]}]}`, []string{"One. | 7.2"}, ""},
		{"claims as strings", `{"claims": ["One [7.2].", "Two.[8]"]}`, []string{"One. | 7.2", "Two. | 8"}, ""},
		{"one text as the answer", `{"answer": "One [7.2]. Two [8.1]."}`, []string{"One. | 7.2", "Two. | 8.1"}, ""},
		{"a list alone", `[{"text": "One.", "sources": ["1.1"]}]`, []string{"One. | 1.1"}, ""},
		{"wrapped", `{"result": {"answerable": true, "claims": [{"text": "One.", "sources": ["1.1"]}]}}`, []string{"One. | 1.1"}, "yes"},
		{"objects that are no claims", `{"claims": [{"text": "One.", "sources": [{"id": "9.9"}, "1.1"], "meta": {"text": "no"}}], "notes": [{"text": "no"}]}`,
			[]string{"One. | 1.1"}, ""},
		{"escapes and braces in strings", `{"claims": [{"text": "He said \"}]\" and {left} \u00e9.", "sources": ["1.1"]}]}`,
			[]string{`He said "}]" and {left} é. | 1.1`}, ""},
		{"thoughts first", "<think>{\"claims\": [{\"text\": \"no\"}]}</think>\n{\"claims\": [{\"text\": \"One.\", \"sources\": [\"1.1\"]}]}", []string{"One. | 1.1"}, ""},
		{"twice", `{"claims": [{"text": "One.", "sources": ["1.1"]}]}{"claims": [{"text": "One.", "sources": ["1.1"]}]}`,
			[]string{"One. | 1.1", "One. | 1.1"}, ""},
		{"prose with markers before the stop", "One [7.2]. Two [8.1, 8.2].", []string{"One. | 7.2", "Two. | 8.1, 8.2"}, ""},
		{"prose with markers behind the stop", "One. [7.2] Two.【8.1†source】", []string{"One. | 7.2", "Two. | 8.1"}, ""},
		{"a list of points", "- One. [7.2]\n- Two. [¶8]\n", []string{"One. | 7.2", "Two. | ¶8"}, ""},
		{"prose without markers", "One costs 3.5 euros. Two.", []string{"One costs 3.5 euros. |", "Two. |"}, ""},
		{"nothing", "  \n", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, piece := range []int{1, 3, 10_000} {
				got, answerable := decoded(t, tt.reply, piece, true)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("in pieces of %d (-want +got):\n%s", piece, diff)
				}
				if answerable != tt.answerable {
					t.Errorf("in pieces of %d: answerable is %q, want %q", piece, answerable, tt.answerable)
				}
			}
		})
	}
}

func TestWhatWasCutOffIsNotRead(t *testing.T) {
	for reply, want := range map[string][]string{
		`{"claims": [{"text": "One.", "sources": ["1.1"]}, {"text": "Tw`: {"One. | 1.1"},
		`{"claims": [{"text": "One.", "sources": ["1.1"]`:                nil,
		"One [1.1]. Two is not":                                          {"One. | 1.1"},
		"One [1.1]. Two.":                                                {"One. | 1.1"},
		"<think>One [1.1].":                                              nil,
	} {
		if got, _ := decoded(t, reply, 2, false); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", reply, got, want)
		}
	}
}

func TestAReplyWithoutEndIsGivenUp(t *testing.T) {
	for name, piece := range map[string]string{"long": strings.Repeat("word ", 1000), "deep": strings.Repeat("[{\"a\":", 100)} {
		d := newDecoder(func(draft) {})
		err := d.write("{")
		for range 100 {
			if err == nil {
				err = d.write(piece)
			}
		}
		if !errors.Is(err, errBabble) {
			t.Errorf("%s: got %v, want %v", name, err, errBabble)
		}
	}
}

// FuzzDecode holds the decoder to reading the same however a reply is cut, and to
// handing on nothing that is not there.
func FuzzDecode(f *testing.F) {
	f.Add(`{"answerable": true, "claims": [{"text": "One.", "sources": ["7.2"]}]}`, 3)
	f.Add("```json\n{\"claims\": [\"One [7.2].\"]}\n```", 1)
	f.Add("One [7.2]. Two. [8] {\"claims\": [{\"text\":\"Three.\"}]}", 2)
	f.Add("<think>{</think>[{\"text\":1},{\"claim\":\"a\\\"b\"}]", 5)
	f.Fuzz(func(t *testing.T, reply string, piece int) {
		if !utf8.ValidString(reply) || len(reply) > 5000 {
			return
		}
		read := func(piece int) (out []string, err error) {
			d := newDecoder(func(d draft) { out = append(out, d.text) })
			for part := range slices.Chunk([]rune(reply), piece) {
				if err := d.write(string(part)); err != nil {
					return out, err
				}
			}
			return out, d.close(true)
		}
		whole, err := read(max(1, len(reply)))
		inParts, errInParts := read(max(1, min(piece, 64)))
		if (err == nil) != (errInParts == nil) {
			t.Fatalf("errors differ: %v and %v", err, errInParts)
		}
		if json.Valid([]byte(reply)) && !slices.Equal(whole, inParts) {
			t.Errorf("whole %q, in parts %q", whole, inParts)
		}
	})
}
