package check_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/answer/gate"
	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/sqlite"
)

// documents returns a base in memory over files.
func documents(t testing.TB, files ...string) *knowledge.Base {
	t.Helper()
	store, err := sqlite.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	x := index.New()
	base, err := knowledge.Open(t.Context(), store, x)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		id := strings.TrimSuffix(filepath.Base(f), filepath.Ext(f))
		if _, _, err := base.Ingest(t.Context(), knowledge.Input{ID: id, Path: f, Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	return base
}

// ownDocuments returns the article and the handbook of the repository.
func ownDocuments(t testing.TB) *knowledge.Base {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "eval", "testdata", "handbook", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no handbook: %v", err)
	}
	return documents(t, append(files, filepath.Join("..", "..", "..", "knowledge", "source", "alaska-summit.txt"))...)
}

func report(t testing.TB, base answer.Retriever, text string) check.Report {
	t.Helper()
	r, err := check.New(base).Check(t.Context(), text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The sentences of testdata were written before the thresholds were
// chosen, and those with an even number were tuned on. Before one of the others
// was looked at, 92 %, 90 % and 98 % of them were told right; what was wrong
// with those was then mended too, so that the figures of today flatter. Of 30 of
// each kind written afterwards, in freer words, 67 %, 83 % and 100 % were.
func TestCheckTellsParaphrasesFromLiesAndForeignSentences(t *testing.T) {
	base := ownDocuments(t)
	for _, tt := range []struct {
		file  string
		want  check.Status
		least float64
	}{
		{"supported", check.Supported, 0.90},
		{"contradicted", check.Contradicted, 0.90},
		{"foreign", check.NotFound, 0.95},
	} {
		t.Run(tt.file, func(t *testing.T) {
			f, err := os.Open(filepath.Join("testdata", tt.file+".jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			n, right, placed := 0, 0, 0
			for lines := bufio.NewScanner(f); lines.Scan(); n++ {
				var c struct{ Text, Paragraph string }
				if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
					t.Fatal(err)
				}
				s := report(t, base, c.Text).Sentences
				if len(s) != 1 || s[0].Status != tt.want {
					t.Logf("%q: %+v", c.Text, s)
					continue
				}
				right++
				if c.Paragraph != "" && s[0].Citations[0].Address == c.Paragraph {
					placed++
				}
			}
			rate := float64(right) / float64(n)
			t.Logf("%d of %d sentences are %s, %d by the paragraph that they were made from", right, n, tt.want, placed)
			if n != 100 || rate < tt.least {
				t.Errorf("%.3f of %d, want at least %.2f of 100", rate, n, tt.least)
			}
			if tt.want != check.NotFound && placed < right*9/10 {
				t.Errorf("%d of %d by their own paragraph, want nine of ten", placed, right)
			}
		})
	}
}

func TestConflictsSayWhatTheDocumentsSayInstead(t *testing.T) {
	base := ownDocuments(t)
	for _, tt := range []struct {
		name, text string
		want       []check.Conflict
	}{
		{"number", "The alarm is nine short blasts followed by one long blast.", []check.Conflict{{Kind: gate.Number, Claim: "nine", Source: "seven"}}},
		{"number in figures", "MV Kittiwake, built in 2009, carries 72 cars and 340 passengers.", []check.Conflict{{Kind: gate.Number, Claim: "72", Source: "62"}}},
		{"price", "The Islander Card costs £25 a year.", []check.Conflict{{Kind: gate.Number, Claim: "£25", Source: "£15"}}},
		{"date", "The timetable is valid until 30 October 2027.", []check.Conflict{{Kind: gate.Date, Claim: "30 October 2027", Source: "31 October 2027"}}},
		{"name", "German Chancellor Olaf Scholz is heading to Washington.", []check.Conflict{{Kind: gate.Name, Claim: "Olaf Scholz", Source: "Friedrich Merz"}}},
		{"unit", "A delay of more than 90 seconds entitles you to half the fare.", []check.Conflict{{Kind: gate.Unit, Claim: "90 seconds", Source: "90 minutes"}}},
		{"negation dropped", "The proposal would grant Ukraine NATO membership.", []check.Conflict{{Kind: check.Negated, Source: "not grant Ukraine NATO membership"}}},
		{"negation added", "The Alaska summit has not shifted the diplomatic landscape of the Ukraine war.", []check.Conflict{{Kind: check.Negated, Claim: "not shifted the diplomatic landscape"}}},
		{"name at the beginning", "Putin signaled a shift in American strategy.", []check.Conflict{{Kind: gate.Name, Claim: "Putin", Source: "Trump"}}},
		{"number beside another", "The Kittiwake carries 150 passengers.", []check.Conflict{{Kind: gate.Number, Claim: "150", Source: "340"}}},
		{"who says it", "Moscow said Steve Witkoff had agreed in principle to language that would codify a pledge.", []check.Conflict{{Kind: check.Teller, Source: "Steve Witkoff"}}},
		{"quotation", `Conversations included discussions of "NATO-style" protection for Ukraine without actual membership.`, []check.Conflict{{Kind: check.Misquote, Claim: "NATO-style"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := report(t, base, tt.text).Sentences[0]
			if s.Status != check.Contradicted || len(s.Citations) == 0 {
				t.Errorf("status %s with %d citations, want contradicted", s.Status, len(s.Citations))
			}
			if diff := cmp.Diff(tt.want, s.Conflicts); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsOnlySupposedIsNotFoundAndSaysSo(t *testing.T) {
	s := report(t, ownDocuments(t), "Trump entertained discussions about Ukraine surrendering parts of the Donbas region.").Sentences[0]
	if s.Status != check.NotFound || len(s.Citations) > 0 || len(s.Conflicts) != 1 || s.Conflicts[0].Kind != check.Supposed {
		t.Errorf("got %+v, want it not found because it is only supposed", s)
	}
}

func TestCitationsStandWhereTheySay(t *testing.T) {
	base := ownDocuments(t)
	text := "His government stressed that concessions on sovereignty are unacceptable under Ukraine's constitution. " +
		"Zelenskyy's government stressed that concessions on territorial integrity are unacceptable under Ukraine's constitution."
	for _, s := range report(t, base, text).Sentences {
		if s.Status != check.Supported || len(s.Citations) != 1 {
			t.Fatalf("%q: %+v", s.Text, s)
		}
		c := s.Citations[0]
		a, err := knowledge.ParseAddress(c.Address)
		if err != nil {
			t.Fatal(err)
		}
		_, p, err := base.Passage(t.Context(), a, c.Revision, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := p[0].Text[c.Start:c.End]; got != c.Quote {
			t.Errorf("%s has %q at %d:%d, want %q", c.Address, got, c.Start, c.End, c.Quote)
		}
	}
}

func TestATextIsCutIntoItsSentences(t *testing.T) {
	const text = `# Notes

Dear colleagues,

The meetings in Washington
will be critical. Will they? And so on.

Open points
- Nothing sails at wind force 9 and above.
1. Children under five travel
   free of charge.

Many thanks!
`
	type sentence struct {
		Text   string
		Status check.Status
		Reason string
	}
	want := []sentence{
		{"# Notes", check.Unchecked, check.IsHeading},
		{"Dear colleagues,", check.Unchecked, check.IsGreeting},
		{"The meetings in Washington\nwill be critical.", check.Supported, ""},
		{"Will they?", check.Unchecked, check.IsQuestion},
		{"And so on.", check.Unchecked, check.IsEmpty},
		{"Open points", check.Unchecked, check.IsHeading},
		{"- Nothing sails at wind force 9 and above.", check.Supported, ""},
		{"1. Children under five travel\n   free of charge.", check.Supported, ""},
		{"Many thanks!", check.Unchecked, check.IsGreeting},
	}
	var got []sentence
	report := report(t, ownDocuments(t), text)
	for _, s := range report.Sentences {
		got = append(got, sentence{s.Text, s.Status, s.Reason})
		if text[s.Start:s.End] != s.Text {
			t.Errorf("%d:%d is %q, want %q", s.Start, s.End, text[s.Start:s.End], s.Text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(check.Summary{Supported: 3, Unchecked: 6}, report.Summary); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestWhatHasNoLettersStatesNothing(t *testing.T) {
	for _, text := range []string{"1.", "12)", "---", "42 %", "2026.", "👍"} {
		s := report(t, ownDocuments(t), text+"\nNothing sails at wind force 9 and above.").Sentences
		if len(s) != 2 || s[0].Reason != check.IsEmpty || s[1].Status != check.Supported {
			t.Errorf("%q: %+v", text, s)
		}
	}
}

func TestAStatementNeedsNoFullStop(t *testing.T) {
	for _, text := range []string{"Nothing sails at wind force 9 and above", "nothing sails at wind force 9 and above"} {
		if s := report(t, ownDocuments(t), text).Sentences; len(s) != 1 || s[0].Status != check.Supported {
			t.Errorf("%q: %+v", text, s)
		}
	}
}

func TestListsInAReportAreNeverNull(t *testing.T) {
	for _, text := range []string{"", "Who?", "Water boils in the mountains.", "The upcoming meetings in Washington will be critical."} {
		data, err := json.Marshal(report(t, ownDocuments(t), text))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "null") {
			t.Errorf("%q: %s", text, data)
		}
	}
}

// broken is a Retriever that fails.
type broken struct{ err error }

func (b broken) Search(context.Context, knowledge.Query) (knowledge.Result, error) {
	return knowledge.Result{}, b.err
}

// counter counts the searches of a retriever.
type counter struct {
	answer.Retriever
	searches int
}

func (c *counter) Search(ctx context.Context, q knowledge.Query) (knowledge.Result, error) {
	c.searches++
	return c.Retriever.Search(ctx, q)
}

func TestARepeatedSentenceIsLookedUpOnce(t *testing.T) {
	c := &counter{Retriever: ownDocuments(t)}
	report := report(t, c, strings.Repeat("The upcoming meetings in Washington will be critical. ", 1000))
	if c.searches != 1 || report.Summary.Supported != 1000 {
		t.Errorf("%d searches, %+v; want one search for a thousand sentences", c.searches, report.Summary)
	}
}

func TestATextThatIsTooLongIsRefused(t *testing.T) {
	_, err := check.New(broken{}).Check(t.Context(), strings.Repeat("a", check.MaxBytes+1), nil)
	if !errors.Is(err, check.ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
}

func TestASentenceOfAMegabyteIsNotFound(t *testing.T) {
	report := report(t, ownDocuments(t), strings.Repeat("ferries ", check.MaxBytes/8))
	if len(report.Sentences) != 1 || report.Sentences[0].Status != check.NotFound {
		t.Errorf("%d sentences, %+v", len(report.Sentences), report.Summary)
	}
}

func TestASearchThatBreaksEndsTheCheck(t *testing.T) {
	fault := errors.New("disk on fire")
	_, err := check.New(broken{fault}).Check(t.Context(), "The war goes on.", nil)
	if !errors.Is(err, fault) {
		t.Errorf("got %v, want %v", err, fault)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("# A\n\nThe alarm is nine short blasts. Who? \"No\", he said")
	f.Add("- \xff\n1. $5 %\nДа 3.5м\n")
	base := ownDocuments(f)
	f.Fuzz(func(t *testing.T, text string) {
		report, err := check.New(base).Check(t.Context(), text, nil)
		if errors.Is(err, check.ErrTooLong) || t.Context().Err() != nil {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, s := range report.Sentences {
			if s.Start < at || s.End <= s.Start || text[s.Start:s.End] != s.Text {
				t.Fatalf("%q at %d:%d after %d", s.Text, s.Start, s.End, at)
			}
			if gap := text[at:s.Start]; strings.TrimSpace(gap) != "" {
				t.Errorf("%q is in no sentence", gap)
			}
			at = s.End
			if cited := s.Status == check.Supported || s.Status == check.Contradicted; cited != (len(s.Citations) > 0) {
				t.Errorf("%s with %d citations", s.Status, len(s.Citations))
			}
			if s.Status == check.Contradicted && len(s.Conflicts) == 0 || s.Status == check.Supported && len(s.Conflicts) > 0 {
				t.Errorf("%s with %d conflicts", s.Status, len(s.Conflicts))
			}
			if s.Confidence < 0 || s.Confidence > 1 || !(s.Confidence == s.Confidence) {
				t.Errorf("confidence %v", s.Confidence)
			}
			for _, c := range s.Conflicts {
				if !utf8.ValidString(c.Claim) || !utf8.ValidString(c.Source) || c.Claim+c.Source == "" {
					t.Errorf("conflict %+v", c)
				}
			}
		}
		if strings.TrimSpace(text[at:]) != "" {
			t.Errorf("%q is in no sentence", text[at:])
		}
		n := report.Summary
		if n.Supported+n.Contradicted+n.NotFound+n.Unchecked != len(report.Sentences) {
			t.Errorf("%+v of %d sentences", n, len(report.Sentences))
		}
	})
}
