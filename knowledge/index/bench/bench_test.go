package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/rank"
)

// article is a small corpus: a question is asked about one document, and noise
// is made of the other.
func article(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"corpus/lakes.md": "# Lakes\n\nThe heron waits beside the northern lake. It eats small fish.\n\n" +
			"Eleven rivers feed the southern lake, and none leaves it.\n",
		"corpus/tools.md": "# Tools\n\nA plane takes thin shavings off a board. A rasp takes more.\n\n" +
			"Chisels are kept sharp, for a blunt one slips. Oil keeps rust away.\n",
		"questions.jsonl": `{"question": "How many rivers feed the southern lake?", "paragraphs": ["lakes#2"], "refuse": false}` + "\n" +
			`{"question": "What does the heron eat?", "paragraphs": ["lakes#1"], "refuse": false}` + "\n" +
			`{"question": "Who fishes there?", "paragraphs": [], "refuse": true}` + "\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func loaded(t testing.TB, dir string) *corpus {
	t.Helper()
	c, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryPartMeasuresAndFindsWhatIsAskedFor(t *testing.T) {
	c := loaded(t, article(t))
	folder := t.TempDir()
	for _, part := range []string{"summitbot", "bleve", "fts5", partFill, partOpen} {
		t.Run(part, func(t *testing.T) {
			o := options{part: part, size: 100, questions: 10, folder: t.TempDir()}
			if part == partFill || part == partOpen {
				o.folder = folder // one fills what the other opens
			}
			f, err := measurePart(t.Context(), o, c)
			if err != nil {
				t.Fatal(err)
			}
			if f.Paragraphs != 100 {
				t.Errorf("got %d paragraphs, want 100", f.Paragraphs)
			}
			for _, s := range f.Searches {
				if s.Questions != 2 || s.Hit1 != 1 || s.Hit5 != 1 {
					t.Errorf("%s: got %+v, want both questions found first", s.Name, s)
				}
			}
		})
	}
}

func TestNoiseIsTheSameEveryTimeAndOfNoDocumentAskedAbout(t *testing.T) {
	c := loaded(t, article(t))
	collect := func() (texts []string) {
		n := 0
		for d, err := range c.documentsUpTo(1000) {
			if err != nil {
				t.Fatal(err)
			}
			n += len(d.Paragraphs)
			for _, p := range d.Paragraphs {
				texts = append(texts, p.Text)
				for _, s := range p.Sentences {
					if text := p.Text[s.Start:s.End]; strings.TrimSpace(text) != text || text == "" {
						t.Errorf("%s#%d: sentence %q", d.Document.ID, p.Number, text)
					}
				}
			}
		}
		if n != 1000 {
			t.Errorf("got %d paragraphs, want 1000", n)
		}
		return texts
	}
	first := collect()
	if !slices.Equal(first, collect()) {
		t.Error("the second time it differs")
	}
	for _, text := range first[c.paragraphs:] {
		if strings.Contains(text, "Eleven rivers feed the southern lake") {
			t.Errorf("a sentence that answers a question: %q", text)
		}
	}
}

func TestExchangeKeepsPunctuation(t *testing.T) {
	for _, tt := range []struct{ word, want string }{
		{"lake", "board"}, {"lake,", "board,"}, {"(“lake”).", "(“board”)."}, {"–", "–"}, {"U.S.", "board."},
	} {
		if got := exchange(tt.word, "board"); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestFTS5QueryQuotesWords(t *testing.T) {
	e := &fts5{languages: []string{"en"}}
	for _, tt := range []struct{ question, want string }{
		{"Who built the northern lake?", `"built" OR "northern" OR "lake"`},
		{`NEAR("x" + body:*) -rivers^2`, `"NEAR" OR "x" OR "body" OR "rivers" OR "2"`},
		{"Who is it?", `"Who" OR "is" OR "it"`},
	} {
		if got := e.expression(tt.question); got != tt.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tt.question, got, tt.want)
		}
	}
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	var times []time.Duration
	for i := range 200 {
		times = append(times, time.Duration(200-i))
	}
	for _, tt := range []struct{ p, want int }{{50, 100}, {99, 198}, {100, 200}} {
		if got := percentile(times, tt.p); got != time.Duration(tt.want) {
			t.Errorf("p%d: got %d, want %d", tt.p, got, tt.want)
		}
	}
	if got := percentile(nil, 50); got != 0 {
		t.Errorf("of nothing: got %d, want 0", got)
	}
}

func TestWrongFlagsAreNamed(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "--data"},
		{[]string{"--data", "x", "--sizes", "many"}, `"many"`},
		{[]string{"--data", "x", "--questions", "0"}, "--questions"},
		{[]string{"--data", "x", "rest"}, `"rest"`},
		{[]string{"--data", filepath.Join("no", "such", "folder")}, "no document"},
	} {
		if err := run(t.Context(), tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got error %v, want %s in it", tt.args, err, tt.want)
		}
	}
}

// squad loads the corpus that README.md measures. It is not part of the
// repository, but of a folder beside it.
func squad(b *testing.B) *corpus {
	b.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "squad2")
	if _, err := os.Stat(dir); err != nil {
		b.Skipf("the corpus is not there: %v", err)
	}
	return loaded(b, dir)
}

func built(b *testing.B, c *corpus) *ours {
	b.Helper()
	e := &ours{index.New()}
	if err := e.build(b.Context(), c.documentsUpTo(c.paragraphs)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(e.index.Close)
	return e
}

func BenchmarkCandidates(b *testing.B) {
	c := squad(b)
	e := built(b, c)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		q := knowledge.Query{Text: c.questions[i%len(c.questions)].Text}
		if _, err := e.index.Candidates(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRank(b *testing.B) {
	c := squad(b)
	e := built(b, c)
	var found []rank.Candidates
	for _, q := range c.sample(500) {
		f, err := e.index.Candidates(b.Context(), knowledge.Query{Text: q.Text})
		if err != nil {
			b.Fatal(err)
		}
		found = append(found, f)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		rank.Rank(&found[i%len(found)])
	}
}

func BenchmarkApply(b *testing.B) {
	c := squad(b)
	n := newNoise(c)
	e := built(b, c)
	d := n.document(noiseDocument)
	b.ReportAllocs()
	for b.Loop() {
		if err := e.index.Apply(b.Context(), one(d), nil); err != nil {
			b.Fatal(err)
		}
	}
}
