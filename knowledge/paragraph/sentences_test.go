package paragraph

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func texts(text string, spans []Span) []string {
	var out []string
	for _, s := range spans {
		out = append(out, text[s.Start:s.End])
	}
	return out
}

// cut writes the sentences of a case with "|" between them.
func cut(marked string) (text string, want []string) {
	want = strings.Split(marked, "|")
	return strings.Join(want, " "), want
}

func checkCuts(t *testing.T, cases []string) {
	t.Helper()
	for _, marked := range cases {
		text, want := cut(marked)
		if diff := cmp.Diff(texts(text, Sentences(text)), want); diff != "" {
			t.Errorf("Sentences(%q) (-got +want):\n%s", text, diff)
		}
	}
}

func TestSentencesEndAtStops(t *testing.T) {
	checkCuts(t, []string{
		`He left.|She stayed.`,
		`Why?|Because!|Really?!|Yes.`,
		`"He left."|She stayed.`,
		`He said: “I left.”|She stayed.`,
		`„Ich gehe.“|Sie blieb.`,
		`«Он ушёл.»|Она осталась.`,
		`(He left.)|She stayed.`,
		`He left.|"She stayed."`,
		`He left.|(She stayed.)`,
		`It fell in 1973.|The price rose.`,
		`It grew by 58% in 2003.|59% of it was new.`,
		`It sold well.|iPhone sales rose.`,
		`He waited...|Then he left.`,
		`He waited…|Then he left.`,
		`It was proven.[12]|The rest followed.`,
		`He called it R&B.|Carey went on.`,
		`He could not and wouldn't.|Thanks to her he did.`,
		`It costs $5.|None is left.`,
		`Germany lost World War I.|Austria fell apart.`,
		`He shook hands with Hun Sen.|In June he left.`,
		`We met at 5 p.m.|Police came later.`,
		`Er kam 1973.|Dann ging er.`,
		`Das ist es.|Autos, Busse usw.|Der Rest fehlt.`,
		`Il est parti.|Elle est restée.`,
		`¿Quién es?|¡Nadie!|Bueno.`,
		`Были яблоки, груши и т.д.|Они сгнили.`,
		`Это случилось в 1998 г.|Он уехал.`,
	})
}

func TestSentencesDoNotEndAtAbbreviations(t *testing.T) {
	checkCuts(t, []string{
		`The U.S. President met Gen. Smith and Dr. Jones in St. Louis.`,
		`No. 5 vs. No. 6, cf. Fig. 3, e.g. Paris, i.e. France, approx. 5 km.`,
		`On Jan. 5 he met Sen. Warren of Apple Inc. Cupertino at 5 p.m. Monday.`,
		`J. R. R. Tolkien and J.R.R. Martin and Franklin D. Roosevelt wrote.`,
		`The Rev. Al Sharpton and Mr. A. Smith spoke.`,
		`In Pierce v. Society of Sisters, 268 U.S. 510, he lost.`,
		`Das gilt z.B. Montags, z. B. Dienstags, d.h. Immer, bzw. Nie, Nr. 5, vgl. Abs. 3.`,
		`M. Dupont, Mme. Curie, p. ex. Paris.`,
		`Г. Иванов, т.е. Он, ул. Ленина, им. Пушкина, А. С. Пушкин, рис. 3.`,
		`Sgt. Pepper and Hwy. Sixty.`,
	})
}

func TestSentencesEndAtAbbreviationsBeforeAFunctionWord(t *testing.T) {
	checkCuts(t, []string{
		`He lives in the U.S.|The president does too.`,
		`He works for Apple Inc.|He likes it.`,
		`He chose plan B.|The others did not.`,
		`He said no.|Then he left.`,
		`He met Sammy Davis Jr.|They sang.`,
	})
}

func TestSentencesDoNotEndInsideNumbers(t *testing.T) {
	checkCuts(t, []string{
		`It rose by 3.5 per cent to 1.000.000 in version 2.10.3 at example.com today.`,
		`Am 3. Oktober 1990 und im 20. Jahrhundert, im 16. und 17. Jahrhundert.`,
		`Ludwig der XIV. Kurfürst.`,
		`1700-luvulla 3. lokakuuta.`,
		`3. Open the valve.`,
	})
}

func TestSentencesGoOnInSmallLetters(t *testing.T) {
	checkCuts(t, []string{
		`"Really?" he asked.`,
		`"Go!" she cried, and left.`,
		`He waited... and left.`,
		`Yahoo! is a company, and Yahoo! Inc was one.`,
		`She starred in “Fear Her!” (2006) and others.`,
		`He left (why?) the room.`,
	})
}

func TestSentencesEndInScriptsWithoutSpaces(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"今日は雨です。明日は晴れ！本当？", []string{"今日は雨です。", "明日は晴れ！", "本当？"}},
		{"彼は「行く。」と言った。彼女は残った。", []string{"彼は「行く。」と言った。", "彼女は残った。"}},
		{"هل هذا صحيح؟ نعم. انتهى.", []string{"هل هذا صحيح؟", "نعم.", "انتهى."}},
		{"یہ سچ ہے۔ وہ گیا۔", []string{"یہ سچ ہے۔", "وہ گیا۔"}},
		{"यह सच है। वह गया।", []string{"यह सच है।", "वह गया।"}},
		{"שלום. מה שלומך?", []string{"שלום.", "מה שלומך?"}},
	} {
		if diff := cmp.Diff(texts(tt.text, Sentences(tt.text)), tt.want); diff != "" {
			t.Errorf("Sentences(%q) (-got +want):\n%s", tt.text, diff)
		}
	}
}

func TestSentencesEndAtLineBreaks(t *testing.T) {
	text := "first item\n\n  second item. With more \nthird\n"
	want := []string{"first item", "second item.", "With more", "third"}
	if diff := cmp.Diff(texts(text, Sentences(text)), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	for _, blank := range []string{"", " ", "\n", " \n\t\n"} {
		if got := Sentences(blank); len(got) != 0 {
			t.Errorf("Sentences(%q) = %v, want none", blank, got)
		}
	}
}

func TestLongSentencesAreCutAtSemicolonsOnly(t *testing.T) {
	clause := strings.Repeat("word ", 150) + "end"
	text := strings.Join([]string{clause, clause, clause, clause}, "; ")
	two := clause + "; " + clause
	if diff := cmp.Diff(texts(text, Sentences(text)), []string{clause + ";", clause + ";", clause + ";", clause}); diff != "" {
		t.Errorf("two clauses are longer than %d bytes (-got +want):\n%s", longSentence, diff)
	}
	if got := len(Sentences(two[:longSentence])); got != 1 {
		t.Errorf("a sentence of %d bytes has %d parts, want 1", longSentence, got)
	}
	whole := strings.Repeat("word, ", 1000)
	if got := len(Sentences(whole)); got != 1 {
		t.Errorf("a sentence without semicolons has %d parts, want 1", got)
	}
}

func TestAbbreviationsStandInOneClass(t *testing.T) {
	seen := map[string]class{}
	for c, list := range abbreviationLists {
		for w := range strings.FieldsSeq(list) {
			if other, ok := seen[w]; ok {
				t.Errorf("%q is in class %d and in class %d", w, other, c)
			}
			seen[w] = c
		}
	}
}

// checkSpans is what holds for every text.
func checkSpans(t *testing.T, text string, spans []Span) {
	t.Helper()
	at := 0
	for i, s := range spans {
		if s.Start < at || s.End <= s.Start || s.End > len(text) {
			t.Fatalf("span %d of %q is %v after %d", i, text, s, at)
		}
		if skipped := text[at:s.Start]; strings.TrimSpace(skipped) != "" {
			t.Fatalf("%q is in no sentence of %q", skipped, text)
		}
		sentence := text[s.Start:s.End]
		if strings.TrimSpace(sentence) != sentence {
			t.Fatalf("sentence %q is not trimmed", sentence)
		}
		if utf8.ValidString(text) && !utf8.ValidString(sentence) {
			t.Fatalf("sentence %q cuts a character", sentence)
		}
		if strings.Contains(sentence, "\n") {
			t.Fatalf("sentence %q spans lines", sentence)
		}
		at = s.End
	}
	if rest := text[at:]; strings.TrimSpace(rest) != "" {
		t.Fatalf("%q is in no sentence of %q", rest, text)
	}
}

func FuzzSentences(f *testing.F) {
	for _, s := range []string{
		"", "He left. She stayed.", "U.S. President. The end.[1] Next", "今日は。「雨。」と", "a.)))) \n\n.", "\xff. A\x80b",
		strings.Repeat(".)", 200), "… 5 … A", strings.Repeat("a; ", 900),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spans := Sentences(text)
		checkSpans(t, text, spans)
		checkSpans(t, text, lines(text))
	})
}

// The work must grow with the length of the text, not with its square, which
// takes the worst of these far beyond the limit.
func TestSentencesOfHostileTextsTakeLinearTime(t *testing.T) {
	const (
		n     = 1 << 17
		limit = 10 * time.Second
	)
	for _, piece := range []string{
		" ", ")", ".", ". ", ".)", ".) ", ". )", "a.", "A. ", "[1]", "; ", "…", "\u0301", ". \u0301", "\u00a0", "\u201d",
		"\n", "é", ". 1", "?!", "。", "\xff",
	} {
		text := "A." + strings.Repeat(piece, n/len(piece)) + "B"
		start := time.Now()
		spans := Sentences(text)
		if took := time.Since(start); took > limit {
			t.Errorf("%d bytes of %q took %v", n, piece, took)
		}
		checkSpans(t, text, spans)
	}
}

func TestSentencesOfASentenceAreThatSentence(t *testing.T) {
	once, again := 0, 0
	for _, marked := range []string{
		"The U.S. President met Dr. Jones.|He left at 5 p.m.|Then \"Why?\" he asked.|3. Oktober.|J. R. R. Tolkien wrote.",
	} {
		text, _ := cut(marked)
		for _, s := range texts(text, Sentences(text)) {
			once++
			again += len(Sentences(s))
		}
	}
	if once != again {
		t.Errorf("%d sentences are %d when cut again", once, again)
	}
}

func english() string {
	return strings.Repeat("The recent summit between U.S. President Smith and Dr. Jones raised alarm across Europe. "+
		"Instead of securing the ceasefire that many had hoped would come out of it, both sides left without results; "+
		"\"We made progress,\" he said. What remains is a list of 35 questions, and nobody knows who is to answer them. ", 3000)
}

func BenchmarkSentences(b *testing.B) {
	for _, bb := range []struct{ name, text string }{
		{"english", english()},
		{"russian", strings.Repeat("Недавняя встреча в верхах вызвала тревогу в Европе. Она прошла в 2025 г. на Аляске, т.е. далеко. ", 3000)},
		{"closers", strings.Repeat(".)", 300_000)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				Sentences(bb.text)
			}
		})
	}
}
