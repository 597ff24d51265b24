package rank_test

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"summitbot/knowledge/rank"
)

// osa is the textbook's optimal string alignment distance.
func osa(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// want is osa as a Speller gives it.
func want(word, other string) int {
	n := rank.MaxEdits(utf8.RuneCountInString(word))
	if d := osa([]rune(word), []rune(other)); n > 0 && d <= n {
		return d
	}
	return -1
}

func TestMaxEditsGrowsWithTheWord(t *testing.T) {
	for _, tt := range []struct{ letters, want int }{{0, 0}, {1, 0}, {3, 0}, {4, 1}, {5, 2}, {6, 2}, {100, 2}} {
		if got := rank.MaxEdits(tt.letters); got != tt.want {
			t.Errorf("%d letters: got %d, want %d", tt.letters, got, tt.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		word, other string
		want        int
	}{
		{"witkoff", "witkoff", 0}, {"witkof", "witkoff", 1}, {"wiktoff", "witkoff", 1}, {"vitkof", "witkoff", 2}, {"putin", "putni", 1},
		{"zelensky", "zelenskyy", 1}, {"зеленский", "зеленський", 1}, {"macron", "mexico", -1}, {"xi", "xi", -1}, {"war", "ward", -1},
		{"mill", "mile", 1}, {"mill", "mail", -1}, {"", "", -1}, {"", "a", -1},
		{"abcd", "", -1}, {"aaaaa", "aaaaaaa", 2}, {"aaaaa", "aaaaaaaa", -1},
	} {
		if got := rank.NewSpeller(tt.word).Distance(tt.other, rank.Letters(tt.other)); got != tt.want {
			t.Errorf("%q to %q: got %d, want %d", tt.word, tt.other, got, tt.want)
		}
	}
}

func TestDistanceIsOptimalStringAlignment(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	alphabet := []rune("abcдё習")
	word := func() []rune {
		w := make([]rune, r.IntN(10))
		for i := range w {
			w[i] = alphabet[r.IntN(len(alphabet))]
		}
		return w
	}
	for range 300 {
		w := word()
		speller := rank.NewSpeller(string(w)) // used for many words, as in a search
		for range 40 {
			other := word()
			if r.IntN(3) > 0 { // near ones are rare by chance
				other = append([]rune{}, w...)
				for range r.IntN(4) {
					if i := r.IntN(len(other) + 1); i < len(other) && r.IntN(2) == 0 {
						other = append(other[:i], other[i+1:]...)
					} else if i+1 < len(other) {
						other[i], other[i+1] = other[i+1], other[i]
					} else {
						other = append(other, alphabet[r.IntN(len(alphabet))])
					}
				}
			}
			o := string(other)
			if got, want := speller.Distance(o, rank.Letters(o)), want(string(w), o); got != want {
				t.Fatalf("%q to %q: got %d, want %d", string(w), o, got, want)
			}
		}
	}
}

func FuzzDistance(f *testing.F) {
	f.Add("witkoff", "wiktof")
	f.Add("зеленский", "зеленський")
	f.Add("\xff\xfeaaaa", "a\xffaaa")
	f.Fuzz(func(t *testing.T, word, other string) {
		if len(word) > 100 || len(other) > 100 {
			return
		}
		if got, want := rank.NewSpeller(word).Distance(other, rank.Letters(other)), want(word, other); got != want {
			t.Errorf("%q to %q: got %d, want %d", word, other, got, want)
		}
	})
}

func BenchmarkDistance(b *testing.B) {
	speller := rank.NewSpeller("witkof")
	words := []string{"witkoff", "putin", "summit", "negotiations", "wit", "whitworth"}
	letters := make([]uint64, len(words))
	for i, w := range words {
		letters[i] = rank.Letters(w)
	}
	for b.Loop() {
		for i, w := range words {
			speller.Distance(w, letters[i])
		}
	}
}
