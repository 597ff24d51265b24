package phrase

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

var aPlace = regexp.MustCompile(`\{([a-z]+)\}`)

func TestEveryLanguageHasEverySentenceWithItsPlaces(t *testing.T) {
	if diff := cmp.Diff([]string{"de", "en", "fi", "fr", "it", "ru", "uk"}, Languages()); diff != "" {
		t.Fatalf("Languages() (-want +got):\n%s", diff)
	}
	for _, lang := range Languages() {
		c := For(lang)
		for k, want := range places {
			text, ok := c.texts[k]
			if !ok {
				t.Errorf("%s has no %q", lang, k)
				continue
			}
			var got []string
			for _, m := range aPlace.FindAllStringSubmatch(text, -1) {
				got = append(got, m[1])
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(want))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %q has other places (-want +got):\n%s", lang, k, diff)
			}
			if strings.ContainsAny(aPlace.ReplaceAllString(text, ""), "{}") {
				t.Errorf("%s: %q has a stray brace", lang, text)
			}
		}
	}
}

// A line copied from another table would be in its language.
func TestSentencesAreOfTheirLanguage(t *testing.T) {
	seen := map[string]string{}
	for _, lang := range Languages() {
		cyrillic := lang == "ru" || lang == "uk"
		for k, text := range For(lang).texts {
			for _, r := range aPlace.ReplaceAllString(strings.ReplaceAll(text, "UTC", ""), "") {
				if unicode.IsLetter(r) && unicode.Is(unicode.Cyrillic, r) != cyrillic {
					t.Errorf("%s: %q has %q of another alphabet", lang, text, r)
					break
				}
			}
			if other, ok := seen[text]; ok {
				t.Errorf("%s and %s have the same text for %q: %q", lang, other, k, text)
			}
			seen[text] = lang
		}
	}
}

func TestSentencesAreFilledIn(t *testing.T) {
	en, de, ru := For("en"), For("de"), For("ru")
	midnight := time.Date(2026, 3, 2, 1, 0, 0, 0, time.FixedZone("CET", 3600))
	for _, tt := range []struct{ got, want string }{
		{en.Text(NotSaid), "The documents do not say."},
		{en.NotInThem(`"hotel", "Anchorage"`), `Not in them: "hotel", "Anchorage".`},
		{en.NotInDocuments(`"{words}"`), `Not in the documents: "{words}".`},
		{en.NearMiss(1), "A near miss: it does not answer the question."},
		{en.NearMiss(2), "Near misses: none of them answers the question."},
		{en.Computed("2024 - 1991"), "(computed: 2024 - 1991)"},
		{en.Checked(2, 3), "2 of 3 claims checked"},
		{en.TooLong(2000), "The question is too long. Longest allowed, in characters: 2000."},
		{en.RateLimited(1200 * time.Millisecond), "Too many questions in a short time. Please try again in 2 s."},
		{en.RateLimited(0), "Too many questions in a short time. Please try again in 1 s."},
		{en.BudgetSpent(midnight), "Today’s budget for questions to the model is used up. It is renewed at 00:00 UTC."},
		{en.DocumentsIn("de"), "The documents are in German."},
		{de.DocumentsIn("en"), "Sprache der Dokumente: Englisch."},
		{ru.DocumentsIn("en"), "Язык документов: английский."},
		{For("fi").DocumentsIn("en"), "Asiakirjojen kieli: englanti."},
		{For("uk").DocumentsIn("en"), "Мова документів: англійська."},
		{en.DocumentsIn("no language"), "The documents are in no language."},
		{de.Checked(1, 1), "1 von 1 Aussage geprüft"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestLanguagesWithoutATableAreTakenForEnglish(t *testing.T) {
	for lang, want := range map[string]string{"": "en", "xx": "en", "zh": "en", "DE": "de", "de-AT": "de", "uk": "uk"} {
		if got := For(lang).Lang(); got != want {
			t.Errorf("For(%q) is %s, want %s", lang, got, want)
		}
	}
	var zero Catalogue
	if got, want := zero.Text(Stopped), For("en").Text(Stopped); got != want || zero.Lang() != "en" {
		t.Errorf("the zero Catalogue says %q, want %q", got, want)
	}
}

func TestTablesWithMistakesAreRefused(t *testing.T) {
	for name, table := range map[string]string{
		"no key": "not_said The documents.", "no text": "not_said: ", "unknown": "nonsense: x", "twice": "stopped: a\nstopped: b",
	} {
		if got, err := parse(table); err == nil {
			t.Errorf("%s: parsed as %v", name, got)
		}
	}
}
