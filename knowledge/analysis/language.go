package analysis

import (
	"embed"
	"path"
	"strings"
	"unicode"

	// Snowball's own generated code: stable since 2020, no dependency, and the
	// only pure Go port with German, Italian and Finnish (on XQuAD +1 to +11
	// points of hit@1 by language).
	snowball "github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// words/XX.txt holds the function words of one language; a line that starts
// with "?" holds the words that only ask ("which", "according to the article").
//
//go:embed words/*.txt
var wordFiles embed.FS

// list is what is known of a language's function words, folded.
type list struct {
	stop map[string]bool // function words and question words
	ask  map[string]bool // question words alone
}

var lists = readLists()

func readLists() map[string]list {
	out := map[string]list{}
	files, err := wordFiles.ReadDir("words")
	if err != nil {
		panic(err) // embedded at build time
	}
	for _, f := range files {
		data, err := wordFiles.ReadFile(path.Join("words", f.Name()))
		if err != nil {
			panic(err)
		}
		l := list{map[string]bool{}, map[string]bool{}}
		for line := range strings.Lines(string(data)) {
			rest, asks := strings.CutPrefix(line, "?")
			for _, w := range strings.Fields(rest) {
				if w != strings.ToLower(w) {
					panic("words/" + f.Name() + ": " + w + " is not lower case")
				}
				// As written for Detect, and folded (være, był) for IsStop.
				for _, w := range []string{w, foldUnicode(w)} {
					l.stop[w] = true
					if asks {
						l.ask[w] = true
					}
				}
			}
		}
		out[strings.TrimSuffix(f.Name(), ".txt")] = l
	}
	return out
}

var stemmers = map[string]func(*snowball.Env) bool{
	"da": danish.Stem, "nl": dutch.Stem, "en": english.Stem, "fi": finnish.Stem, "fr": french.Stem,
	"de": german.Stem, "hu": hungarian.Stem, "it": italian.Stem, "no": norwegian.Stem, "pt": portuguese.Stem,
	"ro": romanian.Stem, "ru": russian.Stem, "es": spanish.Stem, "sv": swedish.Stem, "tr": turkish.Stem,
}

// IsStop reports whether a folded word is a function word of the language. A
// language without a list has none.
func IsStop(folded, lang string) bool { return lists[lang].stop[folded] }

// IsAsking reports whether a folded word only asks ("which", "wie viele").
func IsAsking(folded, lang string) bool { return lists[lang].ask[folded] }

// Truncated is how many letters a word keeps in a language without a stemmer.
// On Russian, treated as if it had none, cutting after five letters found as
// much as its stemmer (90.7 to 91.1 % hit@1 on XQuAD); what it
// loses the n-grams of the re-ranker make good.
const Truncated = 5

// maxWord is the most bytes of a word that is taken for one of a language.
// Anything longer is a key, a checksum or an attack: the stemmers' generated
// code takes time by the square of a word's length.
const maxWord = 256

// Stem returns the index term of a folded word: its stem without accents, or
// its beginning where the language has no stemmer. A word of more than maxWord
// bytes is its own term.
func Stem(folded, lang string) string {
	if IsNumber(folded) || IsCapitalised(folded) || len(folded) > maxWord {
		return folded
	}
	folded = baseForm(folded, lang)
	stem := stemmers[lang]
	if stem == nil {
		folded = stripMarks(folded)
		n := 0
		for i := range folded {
			if n == Truncated {
				return folded[:i]
			}
			n++
		}
		return folded
	}
	if len(folded) > 2 {
		env := snowball.NewEnv(folded)
		stem(env)
		folded = env.Current()
	}
	if lang == "en" {
		folded = american(folded)
	}
	return stripMarks(folded)
}

// american brings British spellings of a stem to the American one: travell,
// normalis, favour. What else it touches it touches everywhere alike.
func american(stem string) string {
	switch {
	case len(stem) > 4 && strings.HasSuffix(stem, "ll"):
		return stem[:len(stem)-1]
	case len(stem) > 5 && strings.HasSuffix(stem, "is"):
		return stem[:len(stem)-1] + "z"
	case len(stem) > 4 && strings.HasSuffix(stem, "our"):
		return stem[:len(stem)-2] + "r"
	}
	return stem
}

// GramSize is the length, in characters, of the n-grams of Grams. Five was best
// of three to six on German and Russian XQuAD.
const GramSize = 5

// Grams appends the overlapping runs of GramSize characters of a word; a
// shorter word is its own only gram. Of a word of more than maxWord characters
// the rest has none.
func Grams(word string, dst []string) []string {
	var starts [64]int
	at := starts[:0]
	end := len(word)
	for i := range word {
		if len(at) == maxWord {
			end = i
			break
		}
		at = append(at, i)
	}
	at = append(at, end)
	if len(at)-1 <= GramSize {
		return append(dst, word)
	}
	for i := 0; i+GramSize < len(at); i++ {
		dst = append(dst, word[at[i]:at[i+GramSize]])
	}
	return dst
}

// Detect returns the language of a text as an ISO 639-1 code, or "" if the text
// gives too little ground. It counts function words, which make up a third to
// a half of running text in every language with a list, and tells Russian from
// Ukrainian by the letters that only one of them has. sure is false when the
// runner-up is close or the text is short, as with most questions.
func Detect(text string) (lang string, sure bool) {
	counts := functionWords(text)
	lang, best, second := likeliest(counts)
	return lang, best >= 3 && best*3 >= second*4
}

// DetectOther returns the likeliest language of a text if it is surely none of
// langs: its function words are at least three, and twice as many as theirs. Which
// of two close languages it is, of German and Dutch say, it may not tell as surely.
func DetectOther(text string, langs []string) (lang string, sure bool) {
	counts := functionWords(text)
	lang, best, _ := likeliest(counts)
	if lang == "" || best < 3 {
		return lang, false
	}
	for _, l := range langs {
		if best < 2*counts[l] || l == lang {
			return lang, false
		}
	}
	return lang, true
}

// functionWords counts the function words of each language in a text.
func functionWords(text string) map[string]int {
	const enough = 20000 // bytes: the language of a document does not need more
	if len(text) > enough {
		text = text[:enough]
	}
	counts := map[string]int{}
	words, cyrillic, russian, ukrainian := 0, 0, 0, 0
	for _, t := range Tokens(text, nil) {
		words++
		w := strings.ToLower(text[t.Start:t.End])
		for l, list := range lists {
			if list.stop[w] {
				counts[l]++
			}
		}
		for _, r := range w {
			switch {
			case r == 'і' || r == 'ї' || r == 'є' || r == 'ґ':
				ukrainian++
			case r == 'ы' || r == 'э' || r == 'ъ' || r == 'ё':
				russian++
			}
			if unicode.Is(unicode.Cyrillic, r) {
				cyrillic++
				break
			}
		}
	}
	if cyrillic*2 > words {
		counts["ru"] += 2 * russian
		counts["uk"] += 2 * ukrainian
	}
	return counts
}

// likeliest returns the language with most function words, how many it has, and
// how many the next one has; "" if there are none.
func likeliest(counts map[string]int) (lang string, best, second int) {
	for l, n := range counts {
		if n > best || n == best && l < lang {
			best, second, lang = n, best, l
		} else if n > second {
			second = n
		}
	}
	return lang, best, second
}
