package eval

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// damerau is the unrestricted Damerau-Levenshtein distance by its recursive
// definition over all ways to end an edit script: written apart from distance,
// and slower.
func damerau(a, b []rune) int {
	type pair struct{ i, j int }
	known := make(map[pair]int)
	var d func(i, j int) int
	d = func(i, j int) int {
		if i == 0 || j == 0 {
			return i + j
		}
		if v, ok := known[pair{i, j}]; ok {
			return v
		}
		best := min(d(i-1, j), d(i, j-1)) + 1
		if a[i-1] == b[j-1] {
			best = min(best, d(i-1, j-1))
		}
		best = min(best, d(i-1, j-1)+1)
		// The last exchange takes a[k] past a[i-1], with everything between
		// them deleted from a and inserted into b.
		for k := 1; k < i; k++ {
			for l := 1; l < j; l++ {
				if a[k-1] == b[j-1] && a[i-1] == b[l-1] {
					best = min(best, d(k-1, l-1)+(i-k-1)+1+(j-l-1))
				}
			}
		}
		known[pair{i, j}] = best
		return best
	}
	return d(len(a), len(b))
}

func TestMisspellMakesExactlySoManyEdits(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, word := range []string{"Zelenskyy", "Aaaaa", "UNESCO", "McDonald", "Київська", "Ἀθῆναι", "Ջավախք", "Llewellyn", "Ünlüer"} {
		for _, n := range []int{1, 2} {
			for range 200 {
				got := misspell(word, n, random)
				if d := damerau([]rune(strings.ToLower(word)), []rune(strings.ToLower(got))); d != n {
					t.Fatalf("misspell(%q, %d) = %q, at distance %d", word, n, got, d)
				}
				if first := []rune(got)[0]; first != unicode.ToUpper(first) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsLetter(r) }) {
					t.Fatalf("misspell(%q, %d) = %q, which is not a capitalised word", word, n, got)
				}
			}
		}
	}
}

func TestMisspellMakesEveryKindOfEdit(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	kinds := make(map[string]int)
	for range 400 {
		switch got := misspell("Brandy", 1, random); {
		case len(got) < 6:
			kinds["deletion"]++
		case len(got) > 6:
			kinds["insertion"]++
		case strings.Trim(strings.ToLower(got), "brandy") == "" && got != "Brandy" && sameLetters(got, "brandy"):
			kinds["exchange"]++
		default:
			kinds["substitution"]++
		}
	}
	for _, kind := range []string{"deletion", "insertion", "exchange", "substitution"} {
		if kinds[kind] < 50 {
			t.Errorf("%d of 400 are a %s; want about a quarter of them: %v", kinds[kind], kind, kinds)
		}
	}
}

func sameLetters(a, b string) bool {
	count := make(map[rune]int)
	for _, r := range strings.ToLower(a) {
		count[r]++
	}
	for _, r := range strings.ToLower(b) {
		count[r]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestMisspellIsDecidedByItsSeed(t *testing.T) {
	draw := func(seed uint64) (out []string) {
		random := rand.New(rand.NewPCG(seed, 0))
		for range 10 {
			out = append(out, misspell("Witkoff", 2, random))
		}
		return out
	}
	if diff := cmp.Diff(draw(1), draw(1)); diff != "" {
		t.Errorf("the same seed misspelt otherwise:\n%s", diff)
	}
	if cmp.Equal(draw(1), draw(2)) {
		t.Error("two seeds misspelt alike")
	}
}

func TestDistanceAgreesWithItsDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	word := func() []rune {
		out := make([]rune, random.IntN(6))
		for i := range out {
			out[i] = 'a' + random.Int32N(3)
		}
		return out
	}
	for range 2000 {
		a, b := word(), word()
		got, unrestricted := distance(a, b), damerau(a, b)
		// Optimal string alignment may not edit what it exchanged, so it can
		// be larger, but never for the distances that are used here.
		if got < unrestricted || unrestricted < 2 && got != unrestricted || got != distance(b, a) {
			t.Fatalf("distance(%q, %q) = %d; unrestricted %d", string(a), string(b), got, unrestricted)
		}
	}
}

func TestNamesAreCapitalisedWordsInsideTheQuestion(t *testing.T) {
	questions := []Question{{Text: "and which one?"}}
	for _, c := range []struct{ text, want string }{
		{"Which hotel in Anchorage?", "Anchorage"},
		{"Which hotel?", ""},                 // the file has "which"
		{"Anchorage has what?", "Anchorage"}, // the only one
		{"What did Xi say to Putin's men?", "Putin"},
		{"What is it?", ""},
		{"(\"Zelenskyy\")", "Zelenskyy"},
		{"Who is Gen. Li?", ""},
		{"Хто їде до Вашингтона?", "Вашингтона"},
		{"1066 and Hastings", "Hastings"},
		{"", ""},
	} {
		got := ""
		if name, ok := newNameFinder(questions).draw(c.text, rand.New(rand.NewPCG(1, 1))); ok {
			got = c.text[name.Start:name.End]
		}
		if got != c.want {
			t.Errorf("name in %q = %q, want %q", c.text, got, c.want)
		}
	}
}
