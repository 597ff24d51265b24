package analysis_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/knowledge/analysis"
)

// words returns the surface words of text.
func words(text string) []string {
	var out []string
	for _, t := range analysis.Tokens(text, nil) {
		out = append(out, text[t.Start:t.End])
	}
	return out
}

func TestTokens(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"only punctuation", " \t\n.,;:!?—…'\"()[]", nil},
		{"words and punctuation", "Talks failed, again!", []string{"Talks", "failed", "again"}},
		{"an acronym within a sentence", "U.S. troops", []string{"U.S", "troops"}},
		{"an acronym at the end", "in the U.S.", []string{"in", "the", "U.S"}},
		{"an acronym without its last stop", "in the U.S", []string{"in", "the", "U.S"}},
		{"three letters without the last stop", "the U.S.A and U.S.A. too", []string{"the", "U.S.A", "and", "U.S.A", "too"}},
		{"an acronym in another script", "в С.Ш.А. сегодня", []string{"в", "С.Ш.А", "сегодня"}},
		{"initials before a name without a space", "J.R.R.Tolkien", []string{"J.R.R", "Tolkien"}},
		{"an abbreviation in lower case", "10 a.m. today", []string{"10", "a", "m", "today"}},
		{"a sentence that starts without a space", "Ann.B says", []string{"Ann", "B", "says"}},
		{"decimals", "3.5 and 1,000.25", []string{"3.5", "and", "1,000.25"}},
		{"thousands", "1,000,000", []string{"1,000,000"}},
		{"a number at the end of a sentence", "in 2025. 7, 8", []string{"in", "2025", "7", "8"}},
		{"a list of digits without spaces", "1,2,3", []string{"1,2,3"}},
		{"ordinals and decades", "the 10th of the 1990s", []string{"the", "10th", "of", "the", "1990s"}},
		{"apostrophes", "Putin's don’t O'Brien", []string{"Putin", "s", "don", "t", "O", "Brien"}},
		{"hyphens", "well-known F-16s and COVID–19", []string{"well", "known", "F", "16s", "and", "COVID", "19"}},
		{"underscores and slashes", "read_file/write", []string{"read", "file", "write"}},
		{"Chinese in pairs", "習近平", []string{"習近", "近平"}},
		{"one Chinese character", "我", []string{"我"}},
		{"Chinese beside Latin", "在NATO峰会", []string{"在", "NATO", "峰会"}},
		{"Japanese of three scripts", "東京タワーで", []string{"東京", "京タ", "タワ", "ワー", "ーで"}},
		{"halfwidth Kana with its long mark", "ｻｰﾊﾞ", []string{"ｻｰ", "ｰﾊ", "ﾊﾞ"}},
		{"decomposed Kana", "かき\u3099", []string{"かき\u3099"}},
		{"Thai", "ไทยดี", []string{"ไท", "ทย", "ยดี"}},
		{"Korean has spaces", "한국 사람", []string{"한국", "사람"}},
		{"composed and decomposed", "Zürich Zu\u0308rich", []string{"Zürich", "Zu\u0308rich"}},
		{"Devanagari with vowel signs", "हिन्दी भाषा", []string{"हिन्दी", "भाषा"}},
		{"emoji", "good 👍🏽 and ❤\ufe0f bad", []string{"good", "and", "bad"}},
		{"a mark without a letter", "\u0301 \u0301a", []string{"a"}},
		{"Hebrew", "שלום, עולם", []string{"שלום", "עולם"}},
		{"Arabic with its digits", "عام ٢٠٢٥م", []string{"عام", "٢٠٢٥م"}},
		{"right to left beside left to right", "הנשיא Trump אמר", []string{"הנשיא", "Trump", "אמר"}},
		{"invalid bytes between words", "a\xff\xfeb\xc3", []string{"a", "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, words(tt.text), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestTokensAppends(t *testing.T) {
	got := analysis.Tokens("b", []analysis.Token{{Start: 7, End: 9}})
	want := []analysis.Token{{Start: 7, End: 9}, {Start: 0, End: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ name, word, want string }{
		{"nothing", "", ""},
		{"lower case stays", "peace", "peace"},
		{"capitals go", "Peace", "peace"},
		{"an acronym", "NATO", "nato"},
		{"an acronym with stops", "N.A.T.O", "nato"},
		{"an acronym that would be a pronoun", "US", "US"},
		{"the same with stops", "U.S", "US"},
		{"one that would be a question", "WHO", "WHO"},
		{"one that would be a verb", "AM", "AM"},
		{"a pronoun that opens a sentence", "It", "it"},
		{"a pronoun", "us", "us"},
		{"a long word in capitals", "THERE", "there"},
		{"a letter", "I", "i"},
		{"an ordinal", "10th", "10"},
		{"ordinals of each ending", "1st", "1"},
		{"second", "22nd", "22"},
		{"third", "3RD", "3"},
		{"a decade", "1990s", "1990"},
		{"another ending", "16mm", "16mm"},
		{"thousands", "1,000", "1000"},
		{"millions with a decimal", "1,234,567.5", "1234567.5"},
		{"no thousands", "1,2,3", "1,2,3"},
		{"a decimal comma", "3,5", "3,5"},
		{"four digits behind a comma", "1,0000", "1,0000"},
		{"a decimal", "3.5", "3.5"},
		{"a decimal with a unit of another script", "3.5м", "3.5м"},
		{"yo", "Ёлка", "елка"},
		{"sharp s", "Straße", "strasse"},
		{"sharp s in capitals", "STRAẞE", "strasse"},
		{"accents stay for the stemmer", "Café", "café"},
		{"decomposed is composed", "Cafe\u0301", "café"},
		{"letters without a decomposition", "Łódź", "lódź"},
		{"ligatures", "ﬁn", "fin"},
		{"Danish", "Ærø", "aero"},
		{"dotless i", "kadın", "kadin"},
		{"capital I with a dot", "İzmir", "izmir"},
		{"full width", "Ｎ３", "n3"},
		{"Cyrillic acronym with stops", "С.Ш.А", "сша"},
		{"invalid bytes", "\xff", "\uFFFD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := analysis.Fold(tt.word); got != tt.want {
				t.Errorf("Fold(%q): got %q, want %q", tt.word, got, tt.want)
			}
		})
	}
}

func TestAcronymsAreNotStopWords(t *testing.T) {
	for _, tt := range []struct {
		word string
		want bool
	}{{"US", false}, {"us", true}, {"U.S", false}, {"WHO", false}, {"Who", true}, {"IT", false}, {"it", true}, {"Us", true}} {
		if got := analysis.IsStop(analysis.Fold(tt.word), "en"); got != tt.want {
			t.Errorf("%s is a stop word: got %t, want %t", tt.word, got, tt.want)
		}
	}
}

func TestIsNumberAndIsCapitalised(t *testing.T) {
	for _, tt := range []struct {
		word            string
		number, capital bool
	}{
		{"", false, false}, {"7", true, false}, {"3.5", true, false}, {"1990s", true, false}, {"٢٠٢٥", true, false},
		{"seven", false, false}, {"Seven", false, true}, {"Ёлка", false, true}, {"ǅ", false, true}, {"習", false, false},
		{"F16", false, true}, {"\xff", false, false},
	} {
		if got := analysis.IsNumber(tt.word); got != tt.number {
			t.Errorf("IsNumber(%q): got %t, want %t", tt.word, got, tt.number)
		}
		if got := analysis.IsCapitalised(tt.word); got != tt.capital {
			t.Errorf("IsCapitalised(%q): got %t, want %t", tt.word, got, tt.capital)
		}
	}
}

// seeds are texts that have broken tokenizers before.
var seeds = []string{
	"", "U.S. troops in the U.S.A", "3.5, 1,000.25 and 1,2,3.", "Putin's “red line” — F-16s", "習近平在北京。東京タワー", "ไทยแลนด์",
	"שלום עולם ١٢٣", "Zu\u0308rich \u0301x", "👍🏽 ❤\ufe0f 1\ufe0f\u20e3", "a\xff\xfeb\xc3", "A.B.C.D.", "\u3099か\u3099", "10th 1990s", "ﬁﬂ Ⅷ ² ½",
	"Ёё ß ẞ İı", "\x00\x01", "e\u0301\u0327\u0301", "нам'ять п'ять",
}

func FuzzTokens(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := analysis.Token{}
		for i, tok := range analysis.Tokens(text, nil) {
			if tok.Start < 0 || tok.Start >= tok.End || tok.End > len(text) {
				t.Fatalf("token %d %+v is outside %q", i, tok, text)
			}
			if i > 0 && (tok.Start <= last.Start || tok.End <= last.End) {
				t.Fatalf("token %d %+v comes after %+v in %q", i, tok, last, text)
			}
			s := text[tok.Start:tok.End]
			if !utf8.ValidString(s) {
				t.Fatalf("token %d %q of %q is not on the boundary of characters", i, s, text)
			}
			if r, _ := utf8.DecodeRuneInString(s); !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				t.Fatalf("token %d %q of %q starts with neither a letter nor a digit", i, s, text)
			}
			last = tok
		}
	})
}

func FuzzFoldStem(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
		for _, w := range words(s) {
			f.Add(w)
		}
	}
	langs := append(languages(f), "", "xx")
	f.Fuzz(func(t *testing.T, word string) {
		folded := analysis.Fold(word)
		if again := analysis.Fold(word); again != folded {
			t.Fatalf("Fold(%q): got %q, then %q", word, folded, again)
		}
		if !utf8.ValidString(folded) && utf8.ValidString(word) {
			t.Fatalf("Fold(%q) = %q is not UTF-8", word, folded)
		}
		if isPlain(word) {
			if twice := analysis.Fold(folded); twice != folded {
				t.Fatalf("Fold(%q) = %q, folded again %q", word, folded, twice)
			}
		}
		for _, lang := range langs {
			for _, w := range []string{folded, word} {
				stem := analysis.Stem(w, lang)
				if again := analysis.Stem(w, lang); again != stem {
					t.Fatalf("Stem(%q, %s): got %q, then %q", w, lang, stem, again)
				}
				if stem == "" && w != "" && utf8.ValidString(w) && len(words(w)) > 0 {
					t.Fatalf("Stem(%q, %s) is empty", w, lang)
				}
			}
		}
		analysis.Grams(word, nil)
	})
}

// isPlain reports whether a word is written with ASCII letters and digits alone,
// the words for which folding twice is folding once.
func isPlain(word string) bool {
	return word != "" && strings.IndexFunc(word, func(r rune) bool {
		return r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) < 0
}

func BenchmarkTokens(b *testing.B) {
	for name, text := range texts() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var dst []analysis.Token
			for b.Loop() {
				dst = analysis.Tokens(text, dst[:0])
			}
		})
	}
}

func BenchmarkFoldStem(b *testing.B) {
	for name, text := range texts() {
		all := words(text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, w := range all {
					analysis.Stem(analysis.Fold(w), name)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/word")
		})
	}
}

// texts are some kilobytes of three languages.
func texts() map[string]string {
	out := map[string]string{}
	for _, lang := range []string{"en", "ru", "de"} {
		out[lang] = strings.Repeat(sentences[lang]+" ", 40)
	}
	return out
}

func TestWordsOfAMegabyteTakeNoTime(t *testing.T) {
	for name, word := range map[string]string{
		"one letter": strings.Repeat("a", 1<<20), "y after vowels": strings.Repeat("ya", 1<<19), "an acronym": strings.Repeat("A.", 1<<19),
		"digits": strings.Repeat("1,", 1<<19), "accents": strings.Repeat("é", 1<<19), "marks": "a" + strings.Repeat("\u0301", 1<<19),
		"Han": strings.Repeat("漢", 1<<18), "double consonants": strings.Repeat("kk", 1<<19), "Cyrillic": strings.Repeat("ё", 1<<19),
	} {
		t.Run(name, func(t *testing.T) {
			// Quadratic time is hours here: the test's own deadline would end it.
			folded := analysis.Fold(word)
			for _, lang := range append(languages(t), "xx") {
				analysis.Stem(folded, lang)
			}
			if got, most := len(analysis.Grams(folded, nil)), 256; got > most {
				t.Errorf("got %d n-grams, want %d at most", got, most)
			}
			if got := words(word); len(got) == 0 {
				t.Error("got no word")
			}
			analysis.Detect(word)
		})
	}
}

func TestGrams(t *testing.T) {
	for _, tt := range []struct {
		name, word string
		want       []string
	}{
		{"nothing", "", []string{""}},
		{"shorter than one", "war", []string{"war"}},
		{"just one", "peace", []string{"peace"}},
		{"one more", "summit", []string{"summi", "ummit"}},
		{"characters, not bytes", "Україна", []string{"Украї", "країн", "раїна"}},
		{"a compound", "bundeskanzler", []string{"bunde", "undes", "ndesk", "deska", "eskan", "skanz", "kanzl", "anzle", "nzler"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, analysis.Grams(tt.word, nil)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.word, diff)
			}
		})
	}
}

func TestGramsOfAWordOfManyLetters(t *testing.T) {
	for _, n := range []int{63, 64, 65, 200} {
		word := strings.Repeat("я", n)
		if got, want := len(analysis.Grams(word, nil)), n-analysis.GramSize+1; got != want {
			t.Errorf("%d letters: got %d n-grams, want %d", n, got, want)
		}
	}
}

func TestLexiconNumbersEachWordOnce(t *testing.T) {
	var l analysis.Lexicon
	var got []uint32
	for _, w := range []struct{ surface, lang string }{
		{"Talks", "en"}, {"talks", "en"}, {"Talks", "en"}, {"Talks", "de"}, {"the", "en"}, {"1990s", "en"}, {"US", "en"},
	} {
		got = append(got, l.Add(w.surface, w.lang))
	}
	if diff := cmp.Diff([]uint32{0, 1, 0, 2, 3, 4, 5}, got); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	l.Freeze()
	want := []analysis.Word{
		{Surface: "Talks", Folded: "talks", Stem: "talk", Lang: "en", Capital: true},
		{Surface: "talks", Folded: "talks", Stem: "talk", Lang: "en"},
		{Surface: "Talks", Folded: "talks", Stem: "talk", Lang: "de", Capital: true},
		{Surface: "the", Folded: "the", Stem: "the", Lang: "en", Stop: true},
		{Surface: "1990s", Folded: "1990", Stem: "1990", Lang: "en", Number: true},
		{Surface: "US", Folded: "US", Stem: "US", Lang: "en", Capital: true},
	}
	var all []analysis.Word
	for id := range uint32(l.Len()) {
		all = append(all, *l.Word(id))
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

func TestSameNamesTheSameThing(t *testing.T) {
	for _, tt := range []struct {
		word, lang string
		has        string // "" if nothing is known
	}{{"germany", "en", "german"}, {"german", "en", "germany"}, {"seven", "en", "7"}, {"7", "en", "seven"}, {"germany", "de", ""}, {"summit", "en", ""}} {
		got := analysis.Same(tt.word, tt.lang)
		if tt.has == "" && got != nil || tt.has != "" && (!slices.Contains(got, tt.has) || !slices.Contains(got, tt.word)) {
			t.Errorf("Same(%s, %s): got %q, want %q in it", tt.word, tt.lang, got, tt.has)
		}
	}
}
