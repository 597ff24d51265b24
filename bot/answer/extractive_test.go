package answer_test

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// shelf is a Retriever that finds the same for every question.
type shelf struct {
	result knowledge.Result
	err    error
	asked  knowledge.Query
}

func (s *shelf) Search(_ context.Context, q knowledge.Query) (knowledge.Result, error) {
	s.asked = q
	return s.result, s.err
}

// hit makes a hit of sentences, joined by a space, with their scores.
func hit(document string, number int, sentences []string, scores ...float64) knowledge.Hit {
	h := knowledge.Hit{
		Document: knowledge.Document{
			ID: document, Title: "The " + document, Collection: "news", URL: "https://example.org/" + document,
			Revision: knowledge.Revision{Digest: "digest of " + document},
		},
		Paragraph: knowledge.Paragraph{Number: number, Headings: []string{"Outer", "Inner"}},
		Sentences: scores,
	}
	for i, s := range sentences {
		if i > 0 {
			h.Paragraph.Text += " "
		}
		start := len(h.Paragraph.Text)
		h.Paragraph.Text += s
		h.Paragraph.Sentences = append(h.Paragraph.Sentences, knowledge.Span{Start: start, End: len(h.Paragraph.Text)})
	}
	return h
}

func ask(t *testing.T, s *shelf) answer.Answer {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("east", 3600))
	a, err := answer.NewExtractive(s, func() time.Time { return now }).Answer(t.Context(), answer.Question{
		Text: "Who?", History: answer.Questions("Before?"), Collections: []string{"news"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func texts(a answer.Answer) []string {
	var out []string
	for _, c := range a.Claims {
		out = append(out, c.Text)
	}
	return out
}

func TestAClaimIsItsSourceSentenceWithItsPlace(t *testing.T) {
	s := &shelf{result: knowledge.Result{
		Confidence: 0.9, Candidates: 7,
		Hits: []knowledge.Hit{hit("letter", 3, []string{"Ä first one.", "The answer."}, -9, 2)},
	}}
	got := ask(t, s)
	want := []answer.Claim{{Text: "The answer.", Check: answer.Full, Citations: []answer.Citation{{
		Address: "letter#3", Revision: "digest of letter", Quote: "The answer.", Heading: "Inner", Title: "The letter",
		URL: "https://example.org/letter", Collection: "news", Start: 14, End: 25,
	}}}}
	if diff := cmp.Diff(want, got.Claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if got.Outcome != answer.Answered || got.Method != answer.Offline || got.Account.Candidates != 7 || got.Account.Shown != 1 {
		t.Errorf("got %+v", got)
	}
	if got.Created.Location() != time.UTC {
		t.Errorf("created in %v, want UTC", got.Created.Location())
	}
	wantQuery := knowledge.Query{Text: "Who?", Context: []string{"Before?"}, Collections: []string{"news"}, Limit: 5}
	if diff := cmp.Diff(wantQuery, s.asked); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func TestARefusalCitesNothingAndShowsNearMisses(t *testing.T) {
	hits := []knowledge.Hit{
		hit("a", 1, []string{"Worse.", "Better."}, 1, 2), hit("b", 2, []string{"Second."}, 1),
		hit("c", 3, []string{"Third."}, 1), hit("d", 4, []string{"Fourth."}, 1),
	}
	got := ask(t, &shelf{result: knowledge.Result{Confidence: 0.49, Hits: hits, Unknown: []string{"Xi Jinping"}}})
	if got.Outcome != answer.Refused || len(got.Claims) != 0 {
		t.Errorf("outcome %s with %d claims, want a refusal with none", got.Outcome, len(got.Claims))
	}
	want := []answer.Nearest{
		{Address: "a#1", Heading: "Inner", Title: "The a", Text: "Better."},
		{Address: "b#2", Heading: "Inner", Title: "The b", Text: "Second."},
		{Address: "c#3", Heading: "Inner", Title: "The c", Text: "Third."},
	}
	if diff := cmp.Diff(want, got.Nearest); diff != "" {
		t.Errorf("nearest (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Xi Jinping"}, got.UnknownWords); diff != "" {
		t.Errorf("unknown words (-want +got):\n%s", diff)
	}
}

func TestNothingFoundIsARefusalWithEmptyLists(t *testing.T) {
	got := ask(t, &shelf{result: knowledge.Result{Confidence: 1}})
	if got.Outcome != answer.Refused || got.Claims == nil || got.Nearest == nil || got.UnknownWords == nil {
		t.Errorf("got %+v, want a refusal whose lists are empty, not absent", got)
	}
}

func TestSentencesShown(t *testing.T) {
	for _, tt := range []struct {
		name string
		hits []knowledge.Hit
		want []string
	}{
		{"three at most, the best paragraph first", []knowledge.Hit{
			hit("a", 1, []string{"A one."}, 5), hit("b", 1, []string{"B one.", "B two."}, 4.9, 4.8), hit("c", 1, []string{"C one."}, 4.7),
		}, []string{"A one.", "B one.", "B two."}},
		{"one paragraph is told in reading order", []knowledge.Hit{
			hit("a", 1, []string{"He began.", "His government went on."}, 4, 5),
		}, []string{"He began.", "His government went on."}},
		{"another paragraph may fall less far behind", []knowledge.Hit{
			hit("a", 1, []string{"Best.", "Beside it."}, 5, 2), hit("b", 1, []string{"Elsewhere."}, 2),
		}, []string{"Best.", "Beside it."}},
		{"what falls far behind is left out", []knowledge.Hit{
			hit("a", 1, []string{"Best.", "Far behind."}, 5, 1),
		}, []string{"Best."}},
		{"the same sentence in two documents is told once", []knowledge.Hit{
			hit("a", 1, []string{"Same."}, 5), hit("b", 1, []string{"Same."}, 5),
		}, []string{"Same."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, &shelf{result: knowledge.Result{Confidence: 0.9, Hits: tt.hits}})
			if diff := cmp.Diff(tt.want, texts(got)); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPickSentencesAnswersWithoutAskingForConfidence(t *testing.T) {
	r := knowledge.Result{Hits: []knowledge.Hit{hit("a", 1, []string{"One.", "Two."}, 1, 3), hit("b", 1, []string{"Three."}, 2)}}
	want := []answer.Pick{{Hit: 0, Sentence: 1, Score: 3}, {Hit: 1, Sentence: 0, Score: 2}}
	if diff := cmp.Diff(want, answer.PickSentences(r, 2)); diff != "" {
		t.Errorf("picks (-want +got):\n%s", diff)
	}
	if got := answer.PickSentences(r, 9); len(got) != 3 {
		t.Errorf("got %d picks, want all 3", len(got))
	}
}

func TestIDsAreLongAndDiffer(t *testing.T) {
	form := regexp.MustCompile(`^a-[a-z2-7]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		id := ask(t, &shelf{}).ID
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("got id %q, want 60 new bits in base 32", id)
		}
		seen[id] = true
	}
}

func TestASearchThatBreaksIsAnError(t *testing.T) {
	broken := errors.New("disk on fire")
	_, err := answer.NewExtractive(&shelf{err: broken}, time.Now).Answer(t.Context(), answer.Question{Text: "Who?"}, nil)
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
