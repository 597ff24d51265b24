package gate

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"summitbot/knowledge/paragraph"
)

// A parallel paragraph is one in two languages.
type parallel struct{ claims, sources []string }

// parallels returns the paragraphs of two corpora that are translations of each
// other, as sentences.
func parallels(t testing.TB, of, in string) []parallel {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data")
	files, err := filepath.Glob(filepath.Join(dir, "xquad-"+of, "corpus", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no corpora in a folder shared beside the repository")
	}
	var out []parallel
	for _, f := range files {
		a := blocksOf(t, f)
		b := blocksOf(t, filepath.Join(dir, "xquad-"+in, "corpus", filepath.Base(f)))
		if len(a) != len(b) {
			t.Fatalf("%s: %d paragraphs in %s, %d in %s", filepath.Base(f), len(a), of, len(b), in)
		}
		for i := range a {
			out = append(out, parallel{a[i], b[i]})
		}
	}
	return out
}

// blocksOf returns the paragraphs of a file as sentences.
func blocksOf(t testing.TB, file string) [][]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for block := range strings.SplitSeq(string(data), "\n\n") {
		if block = strings.TrimSpace(block); block == "" || block[0] == '#' {
			continue
		}
		var sentences []string
		for _, s := range paragraph.Sentences(block) {
			sentences = append(sentences, block[s.Start:s.End])
		}
		out = append(out, sentences)
	}
	return out
}

// A distortion makes a lie of a translated sentence, or returns "" where it
// cannot. It knows nothing of the gate.
type distortion struct {
	name    string
	most    float64 // the share of the lies that may pass
	distort func(m *distorter, s, source string) string
}

type distorter struct {
	*rand.Rand
	lang  string
	names []string        // of all paragraphs
	lower map[string]bool // words that some paragraph writes in lower case: no names
}

// isName reports whether a word is a name for sure: in German, and in languages
// of one alphabet, only what both languages write alike.
func (m *distorter) isName(w, source string) bool {
	return !m.lower[strings.ToLower(w)] && (m.lang == "ru" || strings.Contains(source, w))
}

var (
	anyNumber = regexp.MustCompile(`\d+(?:[.,  ]\d{3})*`)
	innerName = regexp.MustCompile(`\pL,? (\p{Lu}\p{Ll}{3,})`)
	afterVerb = map[string]*regexp.Regexp{
		"de": regexp.MustCompile(` (ist|war|sind|waren|wird|wurde|wurden|hat|hatte|kann|können) `),
		"ru": regexp.MustCompile(` (был|была|было|были|является|являются|может|могут|стал|стала|имеет|имел) `),
		"en": regexp.MustCompile(` (is|are|was|were|has|had|can|will|would|may) `),
	}
	aDenial = map[string]*regexp.Regexp{
		"de": regexp.MustCompile(` (nicht|nie|keine|kein|ohne) `),
		"ru": regexp.MustCompile(` (не|без|ни) `),
		"en": regexp.MustCompile(` (not|never|no|without) `),
	}
)

var distortions = []distortion{
	{"number", 0.005, func(m *distorter, s, source string) string {
		all := anyNumber.FindAllStringIndex(s, -1)
		if len(all) == 0 {
			return ""
		}
		at := all[m.IntN(len(all))]
		i := at[1] - 1
		changed := s[:i] + string('1'+byte((int(s[i]-'0')+m.IntN(8))%9)) + s[i+1:]
		if changed[at[0]:at[1]] == s[at[0]:at[1]] || strings.Contains(source, changed[at[0]:at[1]]) {
			return ""
		}
		return changed
	}},
	{"name", 0.15, func(m *distorter, s, source string) string {
		var candidates [][]int
		for _, at := range innerName.FindAllStringSubmatchIndex(s, -1) {
			if m.isName(s[at[2]:at[3]], source) {
				candidates = append(candidates, at)
			}
		}
		if len(candidates) == 0 || len(m.names) == 0 {
			return ""
		}
		at := candidates[m.IntN(len(candidates))]
		other := m.names[m.IntN(len(m.names))]
		if strings.Contains(s, other) || strings.Contains(source, other) {
			return ""
		}
		return s[:at[2]] + other + s[at[3]:]
	}},
	{"negation added", 0.05, func(m *distorter, s, _ string) string {
		at := afterVerb[m.lang].FindStringSubmatchIndex(s)
		switch {
		case at == nil || aDenial[m.lang].MatchString(s):
			return ""
		case m.lang == "ru":
			return s[:at[2]] + "не " + s[at[2]:]
		case m.lang == "de":
			return s[:at[3]] + " nicht" + s[at[3]:]
		}
		return s[:at[3]] + " not" + s[at[3]:]
	}},
	{"negation removed", 0.1, func(m *distorter, s, _ string) string {
		all := aDenial[m.lang].FindAllStringIndex(s, -1)
		if len(all) != 1 {
			return ""
		}
		return s[:all[0][0]] + " " + s[all[0][1]:]
	}},
}

// pairs are the languages that are measured: claims in the first, evidence in
// the second. The rates are those reached, less a few points, and
// in-sample, since the tables were tuned on what failed here; what fails are mostly names that
// are translated word by word (Hundred Years' War), and German nouns.
var pairs = []struct {
	claims, sources string
	whole           bool    // the evidence is the whole paragraph, else the sentence
	good            float64 // the least share of translations that pass
	names           float64 // the most of claims with another name that do
}{
	{"de", "en", false, 0.78, 0.17},
	{"ru", "en", false, 0.76, 0.06},
	{"en", "de", false, 0.84, 0.20},
	{"en", "ru", false, 0.70, 0.40}, // 30 names only: those that Russian leaves in Latin letters
	{"ru", "de", false, 0.68, 0.08},
	{"de", "en", true, 0.72, 0.26},
	{"ru", "en", true, 0.78, 0.13},
}

func TestTranslationsOfTheCorpora(t *testing.T) {
	made, through := map[string]int{}, map[string]int{}
	for _, pair := range pairs {
		name := pair.claims + " of " + pair.sources
		if pair.whole {
			name += " paragraphs"
		}
		t.Run(name, func(t *testing.T) {
			paragraphs := parallels(t, pair.claims, pair.sources)
			if pair.whole {
				paragraphs = paragraphs[:len(paragraphs)/3] // it takes a second a hundred
			}
			m := newDistorter(pair.claims, paragraphs)
			good, passed, bare := 0, 0, 0
			lies, passing := map[string]int{}, map[string]int{}
			each(paragraphs, pair.whole, func(s string, evidence []string) {
				var cited []Sentence
				for _, e := range evidence {
					cited = append(cited, Sentence{Text: e, Lang: pair.sources})
				}
				v := CheckTranslated(s, pair.claims, cited, Options{})
				if slices.ContainsFunc(v.Failures, func(f Failure) bool { return f.Check == Coverage }) {
					bare++
					return
				}
				good++
				if !v.OK {
					return
				}
				passed++
				for _, d := range distortions {
					if lie := d.distort(m, s, strings.Join(evidence, " ")); lie != "" {
						lies[d.name]++
						if CheckTranslated(lie, pair.claims, cited, Options{}).OK {
							passing[d.name]++
						}
					}
				}
			})
			rate := float64(passed) / float64(good)
			t.Logf("%d sentences with a name or number in common, %.1f %% pass; %d have none", good, 100*rate, bare)
			if rate < pair.good {
				t.Errorf("%.3f of the translations pass, want %.3f", rate, pair.good)
			}
			for _, d := range distortions {
				t.Logf("%s: %d of %d pass", d.name, passing[d.name], lies[d.name])
				made[d.name] += lies[d.name]
				through[d.name] += passing[d.name]
			}
			if n := float64(passing["name"]); n > pair.names*float64(lies["name"]) {
				t.Errorf("%d of %d claims with another name pass", passing["name"], lies["name"])
			}
		})
	}
	for _, d := range distortions {
		if float64(through[d.name]) > d.most*float64(made[d.name]) {
			t.Errorf("%s: %d of %d pass, want %.1f %%", d.name, through[d.name], made[d.name], 100*d.most)
		}
	}
}

func newDistorter(lang string, paragraphs []parallel) *distorter {
	m := &distorter{Rand: rand.New(rand.NewPCG(1, 2)), lang: lang, lower: map[string]bool{}}
	for _, p := range paragraphs {
		for _, w := range aWord.FindAllString(strings.Join(append(slices.Clone(p.claims), p.sources...), " "), -1) {
			if w == strings.ToLower(w) {
				m.lower[w] = true
			}
		}
	}
	for _, p := range paragraphs {
		for _, s := range p.claims {
			for _, at := range innerName.FindAllStringSubmatchIndex(s, -1) {
				if w := s[at[2]:at[3]]; m.isName(w, strings.Join(p.sources, " ")) {
					m.names = append(m.names, w)
				}
			}
		}
	}
	return m
}

// each calls f with every translated sentence and what it was translated from:
// the paragraph, or the sentence where both paragraphs have as many. Sentences
// with quotations are left out: a quotation stays in its own language.
func each(paragraphs []parallel, whole bool, f func(s string, evidence []string)) {
	for _, p := range paragraphs {
		for i, s := range p.claims {
			switch {
			case len(quotations(typography.Replace(s))) > 0:
			case whole:
				f(s, p.sources)
			case len(p.claims) == len(p.sources):
				f(s, p.sources[i:i+1])
			}
		}
	}
}

func BenchmarkCheckTranslated(b *testing.B) {
	paragraphs := parallels(b, "de", "en")
	var cited []Sentence
	for _, s := range paragraphs[0].sources {
		cited = append(cited, Sentence{Text: s, Lang: "en"})
	}
	for b.Loop() {
		CheckTranslated(paragraphs[0].claims[0], "de", cited, Options{})
	}
}

func FuzzCheckTranslated(f *testing.F) {
	f.Add("Selenskyj reist am 3. Mai 1990 nach Washington.", "de", "Zelenskyy will not travel to Washington on 3 May 1990.", "en")
	f.Add("Президент США, «XVIII век»", "ru", "The 18th century", "en")
	f.Add("quatre-vingt-dix-sept pays", "fr", "97 states", "en")
	f.Fuzz(func(t *testing.T, claim, lang, source, of string) {
		cited := []Sentence{{Text: source, Lang: of}}
		v := CheckTranslated(claim, lang, cited, Options{})
		if v.OK != (len(v.Failures) == 0) || v.Support < 0 || v.Support > 1 {
			t.Errorf("CheckTranslated(%q, %q, %q) = %+v", claim, lang, source, v)
		}
		if how, ok := Derive(claim, lang, cited, []Failure{{Number, "x"}}); ok != (how != "") {
			t.Errorf("Derive(%q, %q, %q) = %q, %v", claim, lang, source, how, ok)
		}
	})
}
