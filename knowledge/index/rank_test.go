package index_test

import (
	"math"
	"strings"
	"testing"

	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/rank"
)

// FuzzRank asks odd questions of a small index of several languages.
func FuzzRank(f *testing.F) {
	x := index.New()
	f.Cleanup(x.Close)
	apply(f, x, []knowledge.IndexDocument{
		document("en", "", "en", "The Alaska summit", "Trump met Putin on August 15, 2025.| They talked for 3 hours.", "A ceasefire was not agreed.| It may come.", "", "|"),
		document("de", "", "de", "Der Gipfel", "Der Kanzler war nicht dabei.|Er sprach mit Witkoff."),
		document("uk", "news", "uk", "Саміт", "Зеленський летить до Вашингтона.", "Переговори тривали 3 години."),
		document("zh", "news", "zh", "峰會", "習近平在北京。|東京タワー"),
		document("none", "", "", "", "\xff\xfe zorp", "7"),
	})
	for _, q := range []string{
		"", "?", "Who met Putin?", "When was the ceasefire agreed?", "Wer sprach mit Witkof?", "Хто летить до Вашингтона?", "習近平", "zorp \xff",
		"US IT WHO", "3 hours 1,000 1990s", strings.Repeat("Putin ", 200), strings.Repeat("x", 3000), "Xi Jinping", "the of and", "\x00", "❤\ufe0f",
	} {
		f.Add(q, "And him?")
		f.Add("And when?", q)
	}
	f.Fuzz(func(t *testing.T, question, before string) {
		q := knowledge.Query{Text: question, Context: []string{before}}
		c := candidates(t, x, q)
		ranked := rank.Rank(&c)
		if got, want := len(ranked), len(c.Paragraphs); got != want {
			t.Fatalf("%q: got %d ranked, want %d", question, got, want)
		}
		seen := map[int]bool{}
		for i, r := range ranked {
			if seen[r.Candidate] {
				t.Errorf("%q: candidate %d stands twice", question, r.Candidate)
			}
			seen[r.Candidate] = true
			if math.IsNaN(r.Score) || math.IsInf(r.Score, 0) || i > 0 && r.Score > ranked[i-1].Score {
				t.Errorf("%q: score %g at %d", question, r.Score, i)
			}
			if got, want := len(r.Scores), len(c.Paragraphs[r.Candidate].Sentences); got != want {
				t.Errorf("%q: got %d scores of %d sentences", question, got, want)
			}
			sum := 0.0
			for _, term := range r.Explain() {
				sum += term.Value
			}
			if math.Abs(sum-r.Score) > 1e-9 {
				t.Errorf("%q: the addends make %g, the score is %g", question, sum, r.Score)
			}
		}
		for _, term := range c.Terms {
			if !(term.IDF > 0) {
				t.Errorf("%q: %q weighs %g", question, term.Word.Surface, term.IDF)
			}
		}
		if p := rank.Confidence(&c, ranked); !(p >= 0 && p <= 1) {
			t.Errorf("%q: confidence %g", question, p)
		}
		for _, w := range rank.Unknown(&c) {
			if w == "" {
				t.Errorf("%q: an empty word is unknown", question)
			}
		}
	})
}
