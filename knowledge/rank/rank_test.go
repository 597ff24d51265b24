package rank_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/knowledge/analysis"
	"summitbot/knowledge/rank"
)

// A doc is a document: its title, and paragraphs whose sentences end at "|".
type doc struct {
	title      string
	paragraphs []string
}

// search stands in for an index that finds every paragraph.
func search(question string, context []string, docs ...doc) rank.Candidates {
	const lang = "en"
	lexicon := &analysis.Lexicon{}
	grams := rank.GramCounts{}
	read := func(text string) []uint32 {
		var out []uint32
		for _, t := range analysis.Tokens(text, nil) {
			known := lexicon.Len()
			id := lexicon.Add(text[t.Start:t.End], lang)
			if int(id) == known {
				grams.Add(lexicon.Word(id).Folded, 1)
			}
			out = append(out, id)
		}
		return out
	}
	c := rank.Candidates{Question: analysis.ParseQuestion(question, []string{lang}), Documents: len(docs)}
	words := 0
	for i, d := range docs {
		first := len(c.Paragraphs)
		for n, text := range d.paragraphs {
			p := rank.Paragraph{Document: fmt.Sprintf("d%d", i), Number: n + 1, Lexicon: lexicon, Title: read(d.title)}
			for s := range strings.SplitSeq(text, "|") {
				p.Words = append(p.Words, read(s)...)
				p.Sentences = append(p.Sentences, len(p.Words))
			}
			words += len(p.Words)
			c.Paragraphs = append(c.Paragraphs, p)
		}
		for j := first; j < len(c.Paragraphs); j++ {
			if j > first {
				c.Paragraphs[j].Previous = c.Paragraphs[j-1].Words
			}
			if j+1 < len(c.Paragraphs) {
				c.Paragraphs[j].Next = c.Paragraphs[j+1].Words
			}
		}
	}
	c.Total = len(c.Paragraphs)
	c.Length = float64(words) / float64(max(c.Total, 1))
	c.Grams = func(gram string) int { return int(grams[gram]) }
	c.Terms = rank.Terms(&c.Question, context, []string{lang})
	for i := range c.Terms {
		t := &c.Terms[i]
		for _, p := range c.Paragraphs {
			if slices.ContainsFunc(p.Words, func(id uint32) bool {
				return slices.ContainsFunc(t.Forms, func(f rank.Form) bool { return f.Stem == lexicon.Word(id).Stem })
			}) {
				t.DF++
			}
		}
		share, known := analysis.Background(t.Forms[0].Stem, t.Forms[0].Lang)
		t.IDF = rank.IDF(t.DF, c.Total, share, known)
	}
	return c
}

// bridges is a small collection whose answers are plain to see.
var bridges = []doc{
	{"Bridges of the north", []string{
		"The stone bridge at Harwick was built in 1841 by Ada Lorne.|It carries carts and walkers.|Its arches are of red sandstone.",
		"The steel bridge at Dunmoor opened in 1903.|Nine workers died while it was built.|The engineer was Tom Vance.",
		"Ferries still cross the river where no bridge stands.|They run from May to October.",
	}},
	{"Mills", []string{
		"The mill at Harwick ground corn until the flood.|The miller kept a ferry.",
		"Wind turns the other mills.|None of them is older than the church.",
	}},
	{"Fairs", []string{"A fair is held each summer.|Cattle, cloth and cheese are sold.", "Musicians come from the hills."}},
}

// addressesOf lists candidates as they were ranked.
func addressesOf(c rank.Candidates, ranked []rank.Ranked) []string {
	var out []string
	for _, r := range ranked {
		p := c.Paragraphs[r.Candidate]
		out = append(out, fmt.Sprintf("%s#%d", p.Document, p.Number))
	}
	return out
}

func TestTheParagraphThatAnswersComesFirst(t *testing.T) {
	for _, tt := range []struct{ question, want string }{
		{"When was the stone bridge at Harwick built?", "d0#1"},
		{"Who was the engineer of the steel bridge?", "d0#2"},
		{"How many workers died at Dunmoor?", "d0#2"},
		{"When do the ferries run?", "d0#3"},
		{"Until when did the mill grind corn?", "d1#1"},
		{"What is sold at the fair?", "d2#1"},
	} {
		c := search(tt.question, nil, bridges...)
		if got := addressesOf(c, rank.Rank(&c))[0]; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.question, got, tt.want)
		}
	}
}

func TestTheSentenceThatAnswersScoresBest(t *testing.T) {
	for _, tt := range []struct {
		question string
		want     int // sentence of the best paragraph
	}{
		{"When was the stone bridge at Harwick built?", 0},
		{"What are the arches made of?", 2},
		{"How many workers died at the steel bridge?", 1},
		{"Who was the engineer?", 2},
		{"When did the steel bridge at Dunmoor open?", 0},
		{"In which months do ferries run?", 1},
	} {
		c := search(tt.question, nil, bridges...)
		best := rank.Rank(&c)[0]
		if got := slices.Index(best.Scores, slices.Max(best.Scores)); got != tt.want {
			t.Errorf("%s: got sentence %d of %s, want %d; scores %.2f", tt.question, got, addressesOf(c, []rank.Ranked{best})[0], tt.want, best.Scores)
		}
	}
}

func TestEverySentenceHasAScore(t *testing.T) {
	c := search("Who built the bridge?", nil, append(bridges, doc{"", []string{"", "|", "bridge||"}})...)
	for _, r := range rank.Rank(&c) {
		if got, want := len(r.Scores), len(c.Paragraphs[r.Candidate].Sentences); got != want || len(r.Sentences) != want {
			t.Errorf("got %d scores and %d features, want %d", got, len(r.Sentences), want)
		}
	}
}

func TestTheOrderOfCandidatesDoesNotMatter(t *testing.T) {
	for _, question := range []string{"When was the stone bridge at Harwick built?", "bridge ferry mill", "Who?", "", "Harwik 1841"} {
		c := search(question, nil, bridges...)
		ranked := rank.Rank(&c)
		want := addressesOf(c, ranked)
		confidence := rank.Confidence(&c, ranked)
		if again := rank.Rank(&c); cmp.Diff(ranked, again, cmpopts.IgnoreUnexported(rank.Ranked{})) != "" {
			t.Errorf("%q: ranked twice, the second differs", question)
		}
		r := rand.New(rand.NewPCG(1, 1))
		for range 20 {
			shuffled := c
			shuffled.Paragraphs = slices.Clone(c.Paragraphs)
			r.Shuffle(len(shuffled.Paragraphs), func(i, j int) {
				shuffled.Paragraphs[i], shuffled.Paragraphs[j] = shuffled.Paragraphs[j], shuffled.Paragraphs[i]
			})
			again := rank.Rank(&shuffled)
			if diff := cmp.Diff(want, addressesOf(shuffled, again)); diff != "" {
				t.Fatalf("%q (-want +got):\n%s", question, diff)
			}
			if got := rank.Confidence(&shuffled, again); got != confidence {
				t.Fatalf("%q: confidence %g, want %g", question, got, confidence)
			}
			for i := range again {
				again[i].Candidate = ranked[i].Candidate
			}
			if diff := cmp.Diff(ranked, again, cmpopts.IgnoreUnexported(rank.Ranked{})); diff != "" {
				t.Fatalf("%q: features differ:\n%s", question, diff)
			}
		}
	}
}

func TestAnExplanationAddsUpToTheScore(t *testing.T) {
	for _, question := range []string{"When was the stone bridge at Harwick built?", "ferries", "Who is Xi Jinping?", ""} {
		c := search(question, nil, bridges...)
		for _, r := range rank.Rank(&c) {
			sum := 0.0
			names := map[string]bool{}
			for _, term := range r.Explain() {
				sum += term.Value
				if term.Name == "" || names[term.Name] {
					t.Errorf("%q: the name %q is empty or stands twice", question, term.Name)
				}
				names[term.Name] = true
			}
			if math.Abs(sum-r.Score) > 1e-9 {
				t.Errorf("%q: the addends make %g, the score is %g", question, sum, r.Score)
			}
		}
	}
}

func TestConfidenceIsAProbability(t *testing.T) {
	for _, question := range []string{
		"", "?", "the of", "Who?", "When was the stone bridge at Harwick built?", "Who is Xi Jinping?", "How many hotels are in Anchorage?",
		"bridge", strings.Repeat("bridge ", 100), "習近平在北京", "When did the 3 ferries sink in 1999?",
	} {
		for n := range len(bridges) + 1 {
			c := search(question, nil, bridges[:n]...)
			ranked := rank.Rank(&c)
			got := rank.Confidence(&c, ranked)
			if !(got >= 0 && got <= 1) {
				t.Errorf("%q of %d documents: got %g", question, n, got)
			}
			if (len(ranked) == 0 || len(c.Terms) == 0) && got != 0 {
				t.Errorf("%q of %d documents: got %g without ground", question, n, got)
			}
		}
	}
}

func TestConfidenceTellsAnswersFromNone(t *testing.T) {
	confidence := func(question string) float64 {
		c := search(question, nil, bridges...)
		return rank.Confidence(&c, rank.Rank(&c))
	}
	answered := confidence("When was the stone bridge at Harwick built?")
	for _, question := range []string{"Who is Xi Jinping?", "How many hotels are in Anchorage?", "When did the parliament pass the budget?"} {
		if got := confidence(question); got >= answered {
			t.Errorf("%s: got %.3f, want less than %.3f", question, got, answered)
		}
	}
}

func TestUnknown(t *testing.T) {
	for _, tt := range []struct {
		name, question string
		context        []string
		want           []string
	}{
		{"nothing", "Who built the bridge at Harwick?", nil, nil},
		{"a name of two words is one", "Did Xi Jinping cross the bridge?", nil, []string{"Xi Jinping"}},
		{"two names with a word between", "Did Xi Jinping or Macron cross the bridge?", nil, []string{"Xi Jinping", "Macron"}},
		{"a known word parts them", "Did Macron Harwick Jinping cross?", nil, []string{"Macron", "Jinping"}},
		{"words in lower case stay apart", "Which hotels offer breakfast?", nil, []string{"hotels", "offer", "breakfast"}},
		{"a name behind a word", "Which hotel Macron?", nil, []string{"hotel", "Macron"}},
		{"once each", "Macron met the other Macron", nil, []string{"Macron", "met"}},
		{"a number", "What happened to 4711 bridges?", nil, []string{"happened", "4711"}},
		{"what was carried over is not of this question", "And where?", []string{"Did Macron cross the bridge?"}, nil},
		{"only stop words", "Who is it?", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := search(tt.question, tt.context, bridges...)
			if diff := cmp.Diff(tt.want, rank.Unknown(&c), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.question, diff)
			}
		})
	}
}

func TestCorrectedWordsAreNotUnknown(t *testing.T) {
	c := search("Harwik", nil, bridges...)
	c.Terms[0].Corrected = true
	if got := rank.Unknown(&c); got != nil {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestTerms(t *testing.T) {
	type term struct {
		Folded  string
		Weight  float64
		Carried bool
	}
	for _, tt := range []struct {
		name, question string
		context        []string
		want           []term
		answer         analysis.AnswerType
	}{
		{"content words, each once", "Which bridge and which bridges of the north?", nil, []term{{"bridge", 1, false}, {"north", 1, false}}, analysis.AnyAnswer},
		{"a question that lacks nothing takes nothing over", "Which stone bridges carry carts?", []string{"Who sold cheese?"},
			[]term{{"stone", 1, false}, {"bridges", 1, false}, {"carry", 1, false}, {"carts", 1, false}}, analysis.AnyAnswer},
		{"a follow-up takes over words and type", "And from Italy?", []string{"Who is travelling from Germany to Washington?"},
			[]term{{"italy", 1, false}, {"travelling", .5, true}, {"germany", .5, true}, {"washington", .5, true}}, analysis.PersonAnswer},
		{"its own type counts", "When was that?", []string{"Who built the bridge?"},
			[]term{{"built", .5, true}, {"bridge", .5, true}}, analysis.DateAnswer},
		{"the newest first, until there is enough", "And why?", []string{"Who sold cheese?", "Where do steel bridges rust quickly?"},
			[]term{{"steel", .5, true}, {"bridges", .5, true}, {"rust", .5, true}, {"quickly", .5, true}}, analysis.PlaceAnswer},
		{"nothing", "", nil, nil, analysis.AnyAnswer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := analysis.ParseQuestion(tt.question, []string{"en"})
			var got []term
			for _, x := range rank.Terms(&q, tt.context, []string{"en"}) {
				got = append(got, term{x.Word.Folded, x.Weight, x.Word.Carried})
				if len(x.Forms) == 0 || x.Forms[0].Weight != 1 || x.Forms[0].Lang != q.Lang {
					t.Errorf("%s: its first form is %+v, want the word itself", x.Word.Folded, x.Forms)
				}
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if q.Type != tt.answer {
				t.Errorf("asks for type %d, want %d", q.Type, tt.answer)
			}
		})
	}
}

func TestTermsHaveAFormInEveryLanguage(t *testing.T) {
	langs := []string{"en", "de", "uk"}
	q := analysis.ParseQuestion("negotiations", langs)
	terms := rank.Terms(&q, nil, langs)
	want := []rank.Form{{Stem: "negoti", Lang: "en", Weight: 1}, {Stem: "negotiation", Lang: "de", Weight: 1}, {Stem: "negot", Lang: "uk", Weight: 1}}
	if diff := cmp.Diff(want, terms[0].Forms); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestQuestionsOfAThousandWordsAreRanked(t *testing.T) {
	var long strings.Builder
	r := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		fmt.Fprintf(&long, "w%dx bridge ", r.IntN(500))
	}
	letters := make([]byte, 100_000) // hardly two n-grams alike
	for i := range letters {
		letters[i] = 'a' + byte(r.IntN(26))
	}
	for name, question := range map[string]string{
		"words": long.String(), "one word": string(letters), "one letter": strings.Repeat("a", 100_000),
		"many long words": strings.Repeat(string(letters[:2000])+" ", 3) + strings.Join(slices.Collect(slices.Values(strings.SplitAfter(string(letters), "q"))), " "),
		"Han":             strings.Repeat("習近平在北京會談", 500), "capitals": strings.Repeat("BRIDGE ", 1000), "numbers": strings.Repeat("1 22 333 ", 300),
	} {
		t.Run(name, func(t *testing.T) {
			c := search(question, nil, bridges...)
			if got, most := len(c.Terms), 64; got > most {
				t.Fatalf("got %d terms, want %d at most", got, most)
			}
			ranked := rank.Rank(&c)
			for _, x := range ranked {
				if math.IsNaN(x.Score) || math.IsInf(x.Score, 0) {
					t.Errorf("got the score %g", x.Score)
				}
			}
			if p := rank.Confidence(&c, ranked); !(p >= 0 && p <= 1) {
				t.Errorf("got the confidence %g", p)
			}
			rank.Unknown(&c)
		})
	}
}

func TestIDFFallsWithFrequency(t *testing.T) {
	for _, total := range []int{0, 1, 10, 1204, 1_000_000} {
		for _, background := range []bool{false, true} {
			for _, share := range []float64{0, .001, .5, 1} {
				last := math.Inf(1)
				for df := 0; df <= total; df += 1 + df/2 {
					got := rank.IDF(df, total, share, background)
					if !(got > 0) || got >= last || math.IsInf(got, 0) {
						t.Fatalf("IDF(%d, %d, %g, %t): got %g, behind %g", df, total, share, background, got, last)
					}
					last = got
					if background && share < 1 && rank.IDF(df, total, 1, true) >= got {
						t.Errorf("IDF(%d, %d): a word of every paragraph weighs as much as one of %g", df, total, share)
					}
				}
			}
		}
	}
}

func BenchmarkRank(b *testing.B) {
	docs := slices.Repeat(bridges, 14) // about a hundred paragraphs
	c := search("Who was the engineer of the steel bridge at Dunmoor in 1903?", nil, docs...)
	b.ReportAllocs()
	for b.Loop() {
		ranked := rank.Rank(&c)
		rank.Confidence(&c, ranked)
	}
}
