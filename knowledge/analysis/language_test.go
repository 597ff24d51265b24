package analysis_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"summitbot/knowledge/analysis"
)

// languages lists those with function words.
func languages(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob("words/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no lists of words: %v", err)
	}
	var out []string
	for _, f := range files {
		out = append(out, strings.TrimSuffix(filepath.Base(f), ".txt"))
	}
	return out
}

// sentences of ordinary text, one or two by language.
var sentences = map[string]string{
	"da": "Mødet blev holdt i en lille by ved havet, og alle deltagerne var enige om, at de ikke ville vente til næste år.",
	"de": "Die Verhandlungen wurden nach drei Tagen beendet, aber niemand konnte sagen, ob sie zu einem Ergebnis geführt haben.",
	"en": "The talks ended after three days, but nobody could say whether they had led to a result that was worth the journey.",
	"es": "Las conversaciones terminaron después de tres días, pero nadie pudo decir si habían llevado a un resultado para el país.",
	"fi": "Neuvottelut päättyivät kolmen päivän jälkeen, mutta kukaan ei osannut sanoa, oliko niistä ollut mitään hyötyä, ja se oli myös syy, jonka vuoksi hän ei tullut.",
	"fr": "Les négociations ont pris fin après trois jours, mais personne ne pouvait dire si elles avaient mené à un résultat pour le pays.",
	"hu": "A tárgyalások három nap után értek véget, de senki sem tudta, hogy ez volt-e az a megoldás, amit az egyik fél is akart.",
	"it": "I colloqui sono finiti dopo tre giorni, ma nessuno poteva dire se avessero portato a un risultato che fosse utile per il paese.",
	"nl": "De gesprekken werden na drie dagen beëindigd, maar niemand kon zeggen of ze tot een resultaat hadden geleid dat voor het land goed was.",
	"no": "Samtalene ble avsluttet etter tre dager, men ingen kunne si noe om hva de hadde ført til, og hvorfor de ikke fortsatte.",
	"pl": "Rozmowy zakończyły się po trzech dniach, ale nikt nie wiedział, czy to było dobre dla kraju i co będzie dalej z tymi, którzy się nie zgodzili.",
	"pt": "As conversas terminaram depois de três dias, mas ninguém sabia dizer se elas tinham levado a um resultado que fosse bom para o país.",
	"ro": "Discuțiile s-au încheiat după trei zile, dar nimeni nu a putut spune dacă acestea au dus la un rezultat care să fie bun pentru țară.",
	"ru": "Переговоры закончились через три дня, но никто не мог сказать, был ли у них результат, который нужен всем.",
	"sv": "Samtalen avslutades efter tre dagar, men ingen kunde säga om de hade lett till något som var bra för landet, och varför det inte blev mer.",
	"tr": "Görüşmeler üç gün sonra bitti, ama bu sonucun ülke için iyi olup olmadığını kimse bilmiyordu ve daha sonra da bir şey olmadı.",
	"uk": "Переговори закінчилися через три дні, але ніхто не міг сказати, чи був у них результат, який потрібен усім.",
}

func TestDetectTellsEveryListedLanguage(t *testing.T) {
	for _, lang := range languages(t) {
		text, ok := sentences[lang]
		if !ok {
			t.Errorf("no sentence of %s", lang)
			continue
		}
		if got, _ := analysis.Detect(text); got != lang {
			t.Errorf("got %s, want %s of %q", got, lang, text)
		}
		long := strings.Repeat(text+" ", 2000)
		if got, _ := analysis.Detect(long); got != lang {
			t.Errorf("got %s, want %s of a long text", got, lang)
		}
	}
}

func TestDetectIsSureOfRunningText(t *testing.T) {
	for _, lang := range []string{"de", "en", "es", "fi", "fr", "hu", "it", "pl", "pt", "ro", "ru", "tr", "uk"} {
		if got, sure := analysis.Detect(sentences[lang]); got != lang || !sure {
			t.Errorf("got %s, sure %t of %q", got, sure, sentences[lang])
		}
	}
}

func TestDetectIsNotSureOfLittle(t *testing.T) {
	for _, text := range []string{
		"", " ", "Putin", "What?", "Witkoff envoy Moscow", "習近平在北京", "2025", "in Berlin", "a de", "\xff\xff", "Wer?", "Що?",
	} {
		if got, sure := analysis.Detect(text); sure {
			t.Errorf("%q: sure of %s", text, got)
		}
	}
}

func TestDetectSaysNothingWithoutFunctionWords(t *testing.T) {
	for _, text := range []string{"", "Witkoff Zelenskyy 2025", "習近平", "👍", "\xff"} {
		if got, sure := analysis.Detect(text); got != "" || sure {
			t.Errorf("%q: got %q, %t; want nothing", text, got, sure)
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	for _, s := range sentences {
		f.Add(s)
	}
	known := map[string]bool{"": true}
	for _, l := range languages(f) {
		known[l] = true
	}
	f.Fuzz(func(t *testing.T, text string) {
		lang, sure := analysis.Detect(text)
		if !known[lang] || sure && lang == "" {
			t.Errorf("%q: got %q, %t", text, lang, sure)
		}
		if again, againSure := analysis.Detect(text); again != lang || againSure != sure {
			t.Errorf("%q: got %q, %t, then %q, %t", text, lang, sure, again, againSure)
		}
		q := analysis.ParseQuestion(text, []string{"en", "uk"})
		if got, want := len(q.Words), len(words(text)); got != want {
			t.Errorf("%q: got %d words in the question, want %d", text, got, want)
		}
	})
}

func TestStopWordsAreFoundAsTheyAreFolded(t *testing.T) {
	for _, lang := range languages(t) {
		data, err := os.ReadFile(filepath.Join("words", lang+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			rest, asks := strings.CutPrefix(line, "?")
			for _, w := range strings.Fields(rest) {
				if !analysis.IsStop(analysis.Fold(w), lang) {
					t.Errorf("%s: %s is no stop word once folded", lang, w)
				}
				if asks && !analysis.IsAsking(analysis.Fold(w), lang) {
					t.Errorf("%s: %s does not ask once folded", lang, w)
				}
			}
		}
	}
}

func TestIsStop(t *testing.T) {
	for _, tt := range []struct {
		word, lang string
		stop, asks bool
	}{
		{"the", "en", true, false}, {"who", "en", true, true}, {"summit", "en", false, false}, {"the", "de", false, false},
		{"nicht", "de", true, false}, {"wie", "de", true, true}, {"où", "fr", true, true}, {"кто", "ru", true, true},
		{"ее", "ru", true, false}, {"хто", "uk", true, true}, {"kuka", "fi", true, true},
		{"the", "", false, false}, {"the", "xx", false, false},
	} {
		if got := analysis.IsStop(tt.word, tt.lang); got != tt.stop {
			t.Errorf("IsStop(%s, %s): got %t, want %t", tt.word, tt.lang, got, tt.stop)
		}
		if got := analysis.IsAsking(tt.word, tt.lang); got != tt.asks {
			t.Errorf("IsAsking(%s, %s): got %t, want %t", tt.word, tt.lang, got, tt.asks)
		}
	}
}

func TestInflectionsOfAWordHaveOneStem(t *testing.T) {
	for _, tt := range []struct{ lang, forms string }{
		{"en", "negotiation negotiations"},
		{"en", "negotiate negotiated negotiating"},
		{"en", "travelled traveled travelling"},
		{"de", "Haus Hauses Häuser Häusern"},
		{"de", "Gespräch Gespräche Gesprächen"},
		{"de", "Straße Straßen strasse"},
		{"fr", "négociation négociations"},
		{"fr", "française françaises"},
		{"it", "presidente presidenti"},
		{"es", "conversación conversaciones"},
		{"pt", "negociação negociações"},
		{"ru", "переговоры переговоров переговорам"},
		{"ru", "ёлка елки ёлкой"},
		{"uk", "переговори переговорів переговорах"},
		{"fi", "talo talossa talosta"},
		{"sv", "häst hästar hästarna"},
		{"da", "hest heste hestene"},
		{"no", "hest hester hestene"},
		{"nl", "gesprek gesprekken"},
		{"hu", "ház házak házban"},
		{"ro", "frumos frumosul"},
		{"tr", "kitap kitaplar kitabı"},
		{"pl", "rozmowy rozmowach rozmowami"},
	} {
		forms := strings.Fields(tt.forms)
		want := analysis.Stem(analysis.Fold(forms[0]), tt.lang)
		for _, w := range forms[1:] {
			if got := analysis.Stem(analysis.Fold(w), tt.lang); got != want {
				t.Errorf("%s: %s has the stem %q, %s %q", tt.lang, w, got, forms[0], want)
			}
		}
	}
}

func TestStem(t *testing.T) {
	for _, tt := range []struct{ name, folded, lang, want string }{
		{"nothing", "", "en", ""},
		{"numbers stay", "1990", "en", "1990"},
		{"acronyms stay", "US", "en", "US"},
		{"short words stay", "is", "en", "is"},
		{"accents go", "café", "en", "cafe"},
		{"umlauts go after stemming", "häuser", "de", "haus"},
		{"a language without a stemmer keeps the beginning", "переговорів", "uk", "перег"},
		{"short words too", "мир", "uk", "мир"},
		{"letters of their own stay", "їжа", "uk", "їжа"},
		{"pairs of characters stay", "近平", "zh", "近平"},
		{"an unknown language", "negotiations", "", "negot"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := analysis.Stem(tt.folded, tt.lang); got != tt.want {
				t.Errorf("Stem(%s, %s): got %q, want %q", tt.folded, tt.lang, got, tt.want)
			}
		})
	}
}

func TestDetectOtherTellsAQuestionOfAnotherLanguage(t *testing.T) {
	for _, tt := range []struct {
		text, lang string
		langs      []string
		sure       bool
	}{
		{"Würde der Vorschlag der Ukraine die Mitgliedschaft in der NATO geben?", "de", []string{"en"}, true},
		{"Würde der Vorschlag der Ukraine die Mitgliedschaft in der NATO geben?", "de", []string{"en", "nl"}, false}, // the words are Dutch, too
		{"Would the proposal give Ukraine NATO membership?", "en", []string{"en"}, false},
		{"NATO?", "", []string{"en"}, false},
	} {
		if lang, sure := analysis.DetectOther(tt.text, tt.langs); sure != tt.sure || sure && lang != tt.lang {
			t.Errorf("%q, not of %v: got %q, %t; want %q, %t", tt.text, tt.langs, lang, sure, tt.lang, tt.sure)
		}
	}
}
