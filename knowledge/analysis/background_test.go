package analysis_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"summitbot/knowledge/analysis"
)

func TestBackgroundFindsEveryLine(t *testing.T) {
	data, err := os.ReadFile("background-en.tsv")
	if err != nil {
		t.Fatal(err)
	}
	before := ""
	for line := range strings.Lines(string(data)) {
		stem, count, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.Atoi(count)
		if !ok || err != nil || n < 1 {
			t.Fatalf("line %q: want a stem, a tab and a count", line)
		}
		if stem <= before {
			t.Fatalf("%q stands behind %q", stem, before)
		}
		before = stem
		want := min(1, float64(n)/analysis.BackgroundSize)
		if got, known := analysis.Background(stem, "en"); got != want || !known {
			t.Fatalf("%q: got %g, %t; want %g", stem, got, known, want)
		}
	}
}

func TestBackgroundTellsCommonWordsFromRareOnes(t *testing.T) {
	share := func(word string) float64 {
		s, known := analysis.Background(analysis.Stem(analysis.Fold(word), "en"), "en")
		if !known {
			t.Errorf("%s: no table", word)
		}
		return s
	}
	for _, words := range [][2]string{{"said", "hotel"}, {"war", "armistice"}, {"year", "nuclear"}, {"people", "envoy"}, {"envoy", "Zelenskyyy"}} {
		if common, rare := share(words[0]), share(words[1]); common <= rare {
			t.Errorf("%s has %g, %s %g; want more", words[0], common, words[1], rare)
		}
	}
	for _, word := range []string{"", "\x00", "zzzzzz", "\xff", "qqqqq", "\t", "\n", "0\t"} {
		if got, _ := analysis.Background(word, "en"); got != 0 {
			t.Errorf("%q: got %g, want 0", word, got)
		}
	}
}

func TestBackgroundIsEnglishOnly(t *testing.T) {
	for _, lang := range []string{"", "de", "uk", "EN"} {
		if got, known := analysis.Background("war", lang); got != 0 || known {
			t.Errorf("%q: got %g, %t; want nothing", lang, got, known)
		}
	}
}

func BenchmarkBackground(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		analysis.Background("negoti", "en")
		analysis.Background("zelenskyyy", "en")
	}
}
