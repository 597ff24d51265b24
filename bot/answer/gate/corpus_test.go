package gate

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"summitbot/knowledge/analysis"
	"summitbot/knowledge/paragraph"
)

// corpora are the folders of judged documents beside the repository, with the
// language of each.
var corpora = map[string]string{"squad2": "en", "xquad-en": "en", "xquad-de": "de", "xquad-ru": "ru"}

// sentencesOf returns the sentences of a corpus. Without the corpora the test is
// skipped: the tables of the other tests hold texts of our own.
func sentencesOf(t testing.TB, corpus string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "data", corpus, "corpus", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no corpus %q in a folder shared beside the repository", corpus)
	}
	var out []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for block := range strings.SplitSeq(string(data), "\n\n") {
			if block = strings.TrimSpace(block); block == "" || block[0] == '#' {
				continue
			}
			for _, s := range paragraph.Sentences(block) {
				out = append(out, block[s.Start:s.End])
			}
		}
	}
	return out
}

func TestASentenceSupportsItself(t *testing.T) {
	for corpus, lang := range corpora {
		t.Run(corpus, func(t *testing.T) {
			sentences := sentencesOf(t, corpus)
			for i, s := range sentences {
				cited := []Sentence{{Text: sentences[(i+7)%len(sentences)], Lang: lang}, {Text: s, Lang: lang}, {Text: sentences[(i+1)%len(sentences)], Lang: lang}}
				if v := Check(s, lang, cited, vocabularyOf(nil)); !v.OK {
					t.Errorf("%q: %v", s, v.Failures)
				}
			}
		})
	}
}

// vocabularyOf returns options for documents with these words and names; nil
// for documents that have nothing, the strictest.
func vocabularyOf(known map[string]bool) Options {
	return Options{
		Known: func(w string) bool { return known[w] },
		Name:  func(string) bool { return false },
	}
}

// A mutation makes a lie of a sentence, or returns "" where it cannot. It knows
// nothing of the gate.
type mutation struct {
	name   string
	least  float64 // the share that must be caught
	mutate func(m *mutator, s string) string
}

// A mutator has what mutations choose from.
type mutator struct {
	*rand.Rand
	names     []string        // words that no sentence writes in lower case
	isName    map[string]bool //
	sentences []string        // of the corpus
}

var (
	aNumber     = regexp.MustCompile(`\d[\d,.]*\d|\d`)
	aDay        = regexp.MustCompile(`\b(January|February|March|April|June|July|August|September|October|November|December) (\d{1,2})\b|\b(\d{1,2}) (January|February|March|April|June|July|August|September|October|November|December)\b`)
	aMonth      = regexp.MustCompile(`\b(January|February|April|June|July|August|September|October|November|December)\b`)
	aUnit       = regexp.MustCompile(`(\d) (km|kilometers|kilometres|miles|meters|metres|feet|years|months|days|weeks|hours|minutes|percent|kg|acres|hectares)\b`)
	anAuxiliary = regexp.MustCompile(`\b(is|are|was|were|has|have|had|will|would|could|should|may|might|must) (a?[a-z]{3,})`)
	aNegation   = regexp.MustCompile(`\b(not|never) `)
	aContracted = regexp.MustCompile(`\b(is|are|was|were|do|does|did|has|have|had|would|could|should)n't\b`)
	anAffix     = regexp.MustCompile(`\bun(able|likely|known|common|clear|usual|acceptable|successful|important|stable)\b`)
	aHedge      = regexp.MustCompile(`\b(may|might|could) `)
	anAdverb    = regexp.MustCompile(`\b(possibly|probably|perhaps|likely|reportedly|allegedly|apparently|potentially) `)
	aQuotation  = regexp.MustCompile(`[\s(]["“](\pL[^"”“]{15,}\pL)[.,]?["”]`)
	aName       = regexp.MustCompile(`[a-z,] \b(\p{Lu}\p{Ll}{2,})\b`)
	aWord       = regexp.MustCompile(`\pL+`)
)

var mutations = []mutation{
	{"number", 1, func(m *mutator, s string) string {
		at := m.pick(aNumber.FindAllStringIndex(s, -1))
		if at == nil {
			return ""
		}
		var digits []int
		for i := at[0]; i < at[1]; i++ {
			if '0' <= s[i] && s[i] <= '9' {
				digits = append(digits, i)
			}
		}
		i := digits[m.IntN(len(digits))]
		d := byte('1' + (int(s[i]-'0')+m.IntN(8))%9)
		if d == s[i] || i == at[0] && len(digits) > 1 && s[i] == '0' {
			return ""
		}
		out := s[:i] + string(d) + s[i+1:]
		end := at[1]
		if slices.Contains(aNumber.FindAllString(s, -1), out[at[0]:end]) {
			return "" // the sentence has that number too
		}
		return out
	}},
	{"date: day", 1, func(m *mutator, s string) string {
		at := aDay.FindStringSubmatchIndex(s)
		if at == nil {
			return ""
		}
		from, to := at[4], at[5]
		if from < 0 {
			from, to = at[6], at[7]
		}
		day := "7"
		if s[from:to] == "7" {
			day = "8"
		}
		return s[:from] + day + s[to:]
	}},
	{"date: month", 1, func(m *mutator, s string) string {
		at := aMonth.FindStringIndex(s)
		if at == nil {
			return ""
		}
		for _, month := range []string{"October", "February"} {
			if !strings.Contains(s, month) {
				return s[:at[0]] + month + s[at[1]:]
			}
		}
		return ""
	}},
	{"unit", 1, func(m *mutator, s string) string {
		at := aUnit.FindStringSubmatchIndex(s)
		if at == nil {
			return ""
		}
		other := map[string]string{
			"years": "months", "months": "weeks", "days": "weeks", "weeks": "days", "hours": "minutes", "minutes": "hours",
			"percent": "dollars", "kg": "tons", "acres": "hectares", "hectares": "acres", "miles": "kilometers", "feet": "meters",
			"km": "miles", "kilometers": "miles", "kilometres": "miles", "meters": "feet", "metres": "feet",
		}[s[at[4]:at[5]]]
		return s[:at[4]] + other + s[at[5]:]
	}},
	{"name", 1, func(m *mutator, s string) string {
		at := m.name(s)
		other := m.names[m.IntN(len(m.names))]
		if at == nil || similar(s, other) {
			return ""
		}
		return s[:at[0]] + other + s[at[1]:]
	}},
	{"name at the beginning", 1, func(m *mutator, s string) string {
		first, rest, _ := strings.Cut(s, " ")
		other := m.names[m.IntN(len(m.names))]
		if !m.isName[first] || similar(s, other) {
			return ""
		}
		return other + " " + rest
	}},
	{"link", 1, func(m *mutator, s string) string {
		link := []string{"https://evil.example/a?b=1", "evil.example", "someone@evil.example", "@everyone", "<@U123>", "[here](http://evil.example)"}[m.IntN(6)]
		return strings.TrimRight(s, ".") + ", see " + link + "."
	}},
	{"negation added", 1, func(m *mutator, s string) string {
		at := m.pick(anAuxiliary.FindAllStringSubmatchIndex(s, -1))
		if at == nil || strings.HasPrefix(s[at[4]:at[5]], "not") {
			return ""
		}
		return s[:at[4]] + "not " + s[at[4]:]
	}},
	{"negation dropped", 1, func(m *mutator, s string) string {
		at := m.pick(aNegation.FindAllStringIndex(s, -1))
		if at == nil {
			return ""
		}
		return s[:at[0]] + s[at[1]:]
	}},
	{"contraction dropped", 1, func(m *mutator, s string) string {
		at := aContracted.FindStringSubmatchIndex(s)
		if at == nil {
			return ""
		}
		return s[:at[3]] + s[at[1]:]
	}},
	{"affix dropped", 1, func(m *mutator, s string) string {
		at := anAffix.FindStringSubmatchIndex(s)
		if at == nil || strings.Contains(s, " "+s[at[2]:at[3]]) {
			return ""
		}
		return s[:at[0]] + s[at[2]:]
	}},
	{"without", 1, func(m *mutator, s string) string {
		if !strings.Contains(s, " without ") {
			return ""
		}
		return strings.Replace(s, " without ", " with ", 1)
	}},
	{"hedge dropped", 0.95, func(m *mutator, s string) string {
		if at := m.pick(aHedge.FindAllStringIndex(s, -1)); at != nil {
			return s[:at[0]] + "will " + s[at[1]:]
		}
		if at := m.pick(anAdverb.FindAllStringIndex(s, -1)); at != nil {
			return s[:at[0]] + s[at[1]:]
		}
		return ""
	}},
	{"quotation", 0.98, func(m *mutator, s string) string {
		at := aQuotation.FindStringSubmatchIndex(s)
		if at == nil || strings.Count(s[:at[2]], `"`)%2 == 0 && s[at[2]-1] == '"' {
			return "" // a closing mark
		}
		inside := s[at[2]:at[3]]
		w := m.pick(aWord.FindAllStringIndex(inside, -1))
		if w == nil || w[0] == 0 || w[1] == len(inside) {
			return ""
		}
		return s[:at[2]] + inside[:w[0]] + "really" + inside[w[1]:] + s[at[3]:]
	}},
	{"names swapped", 0.9, func(m *mutator, s string) string {
		all := m.allNames(s)
		if len(all) < 2 {
			return ""
		}
		a, b := all[0], all[len(all)-1]
		x, y := s[a[0]:a[1]], s[b[0]:b[1]]
		// "Paris and London" is "London and Paris".
		if x == y || b[0]-a[1] < 12 || strings.Contains(s[a[1]:b[0]], " and ") || strings.Contains(s[a[1]:b[0]], ",") {
			return ""
		}
		return s[:a[0]] + y + s[a[1]:b[0]] + x + s[b[1]:]
	}},
	{"splice", 0.8, func(m *mutator, s string) string {
		other := m.sentences[m.IntN(len(m.sentences))]
		a, b := strings.Fields(s), strings.Fields(other)
		if len(a) < 8 || len(b) < 8 || strings.ContainsAny(s+other, ",;:()") {
			return ""
		}
		return strings.Join(a[:len(a)/2], " ") + " " + strings.Join(b[len(b)/2:], " ") + "\x00" + other
	}},
}

func (m *mutator) pick(found [][]int) []int {
	if len(found) == 0 {
		return nil
	}
	return found[m.IntN(len(found))]
}

// allNames returns the names of a sentence, by bytes.
func (m *mutator) allNames(s string) [][]int {
	var out [][]int
	for _, at := range aName.FindAllStringSubmatchIndex(s, -1) {
		if m.isName[s[at[2]:at[3]]] {
			out = append(out, at[2:4])
		}
	}
	return out
}

func (m *mutator) name(s string) []int { return m.pick(m.allNames(s)) }

// similar reports whether a sentence has a word so close to a name that it may be
// the same name in another form or spelling, or another name of the same country.
func similar(s, name string) bool {
	if strings.HasPrefix(name, "America") && (strings.Contains(s, "United States") || strings.Contains(s, "U.S")) {
		return true
	}
	for _, w := range aWord.FindAllString(s, -1) {
		n := min(len(w), len(name), 4)
		if strings.EqualFold(w[:n], name[:n]) {
			return true
		}
		if slices.Contains(analysis.Same(analysis.Fold(name), "en"), analysis.Fold(w)) {
			return true
		}
	}
	return false
}

// newMutator finds the names of a corpus: words that often stand with a capital
// inside a sentence, and never without.
func newMutator(sentences []string) *mutator {
	m := &mutator{Rand: rand.New(rand.NewPCG(3, 14)), isName: map[string]bool{}, sentences: sentences}
	lower := map[string]bool{}
	count := map[string]int{}
	for _, s := range sentences {
		for _, w := range aWord.FindAllString(s, -1) {
			if r, _ := utf8.DecodeRuneInString(w); unicode.IsLower(r) {
				lower[w] = true
			}
		}
		for _, at := range aName.FindAllStringSubmatch(s, -1) {
			count[at[1]]++
		}
	}
	for w, n := range count {
		l := strings.ToLower(w)
		if n >= 3 && !lower[l] && !lower[strings.TrimSuffix(l, "s")] && !aMonth.MatchString(w) && isASCII(w) {
			m.names = append(m.names, w)
			m.isName[w] = true
		}
	}
	slices.Sort(m.names)
	return m
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func TestLiesMadeOfSentencesAreCaught(t *testing.T) {
	sentences := sentencesOf(t, "squad2")
	m := newMutator(sentences)
	known := map[string]bool{}
	for _, s := range sentences {
		for _, tok := range analysis.Tokens(s, nil) {
			known[analysis.Fold(s[tok.Start:tok.End])] = true
		}
	}
	for _, kind := range mutations {
		made, caught := 0, 0
		var missed []string
		for _, s := range sentences {
			lie := kind.mutate(m, s)
			if lie == "" || lie == s {
				continue
			}
			made++
			lie, second, _ := strings.Cut(lie, "\x00")
			cited := []Sentence{{Text: s, Lang: "en"}}
			if second != "" {
				cited = append(cited, Sentence{Text: second, Lang: "en"})
			}
			if v := Check(lie, "en", cited, vocabularyOf(known)); v.OK {
				missed = append(missed, lie+"\n\t   of "+s)
			} else {
				caught++
			}
		}
		share := float64(caught) / float64(max(made, 1))
		t.Logf("%-20s %5d made, %6.2f %% caught", kind.name, made, 100*share)
		if share < kind.least {
			t.Errorf("%s: %.2f %% caught, want %.0f %%; shown are, among others,\n\t%s", kind.name, 100*share, 100*kind.least, strings.Join(missed[:min(4, len(missed))], "\n\t"))
		}
	}
}
