package answer_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"summitbot/bot/answer/gate"
	"summitbot/knowledge/analysis"
	"summitbot/knowledge/extract"
	"summitbot/knowledge/paragraph"
	"summitbot/knowledge/source"
)

// A text is one document, cut as the knowledge base cuts it.
type text struct {
	id, lang   string
	paragraphs [][]string // sentences
	names      []string   // words that it writes with a capital inside sentences, and never without
	beside     map[string]map[string]bool
}

// A goodClaim says what its cited sentences say.
type goodClaim struct {
	claim, lang string
	cited       []string
	before      []string // the sentences before those in their paragraph
	kind        string   // "verbatim", or how it was rewritten
	of          *text
}

// A shelfOfTexts is one corpus.
type shelfOfTexts struct {
	name  string
	texts []*text
	known map[string]bool // folded words
	place map[string]place
	good  []goodClaim
}

// A place is where a sentence stands; places are in reading order.
type place struct {
	paragraph string
	order     int
}

// options are what an engine would tell the gate of these documents.
func (s *shelfOfTexts) options() gate.Options {
	return gate.Options{Known: func(w string) bool { return s.known[w] }}
}

// ourCorpus is the article and the handbook, with the claims written by hand
// over both.
func ourCorpus(t *testing.T) *shelfOfTexts {
	t.Helper()
	s := &shelfOfTexts{name: "summit, handbook"}
	s.add(t, "alaska-summit.txt", source.Embedded().Data, "en")
	files, err := filepath.Glob(filepath.Join("..", "eval", "testdata", "handbook", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no handbook: %v", err)
	}
	for _, f := range files {
		lang := "en"
		if filepath.Base(f) == "dienst.md" {
			lang = "de"
		}
		s.addFile(t, f, lang)
	}
	s.finish()
	s.good = append(s.verbatim(), s.written(t)...)
	return s
}

// sharedCorpus is one that lies beside the repository, or nil. Its claims are
// its sentences and what rewrites makes of them.
func sharedCorpus(t *testing.T, name string) *shelfOfTexts {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", name, "corpus", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Logf("no corpus %q in a folder shared beside the repository: its claims are left out", name)
		return nil
	}
	s := &shelfOfTexts{name: name}
	for _, f := range files {
		s.addFile(t, f, "en")
	}
	s.finish()
	s.good = append(s.verbatim(), s.rewritten()...)
	return s
}

func (s *shelfOfTexts) addFile(t *testing.T, path, lang string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.add(t, filepath.Base(path), data, lang)
}

func (s *shelfOfTexts) add(t *testing.T, name string, data []byte, lang string) {
	t.Helper()
	read, err := extract.Read(name, data)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []paragraph.Block
	for _, b := range read.Blocks {
		blocks = append(blocks, paragraph.Block{Kind: b.Kind, Level: b.Level, Text: b.Text})
	}
	d := &text{id: strings.TrimSuffix(name, filepath.Ext(name)), lang: lang}
	for _, p := range paragraph.Split(blocks) {
		var sentences []string
		for _, span := range p.Sentences {
			sentences = append(sentences, p.Text[span.Start:span.End])
		}
		d.paragraphs = append(d.paragraphs, sentences)
	}
	s.texts = append(s.texts, d)
}

// finish counts words and names over all documents.
func (s *shelfOfTexts) finish() {
	s.known, s.place = map[string]bool{}, map[string]place{}
	lower := map[string]bool{}
	for _, d := range s.texts {
		for n, p := range d.paragraphs {
			for _, sentence := range p {
				s.place[sentence] = place{fmt.Sprintf("%s#%d", d.id, n+1), len(s.place)}
				for _, tok := range analysis.Tokens(sentence, nil) {
					s.known[analysis.Fold(sentence[tok.Start:tok.End])] = true
				}
				for _, w := range aWord.FindAllString(sentence, -1) {
					if w == strings.ToLower(w) {
						lower[w] = true
					}
				}
			}
		}
	}
	for _, d := range s.texts {
		d.findNames(lower)
	}
}

// germanNames are the names of the German document, all of whose nouns have
// capitals.
const germanNames = "Aasgaard Brannock Kittiwake Skall Solveig Thormählen Wiebke"

// findNames fills names, and beside: which words stand next to which in one name.
// A name stands alone somewhere: "States" and "Western" are but parts of names.
func (d *text) findNames(lower map[string]bool) {
	d.beside = map[string]map[string]bool{}
	seen := map[string]bool{}
	for _, p := range d.paragraphs {
		for _, sentence := range p {
			for _, at := range aNameRun.FindAllStringIndex(sentence, -1) {
				parts := aWord.FindAllString(sentence[at[0]:at[1]], -1)
				for _, a := range parts {
					for _, b := range parts {
						if d.beside[a] == nil {
							d.beside[a] = map[string]bool{}
						}
						d.beside[a][b] = true
					}
				}
				if at[0] < 2 || !unicode.IsLower(rune(sentence[at[0]-2])) && sentence[at[0]-2] != ',' {
					continue // begins a sentence or a quotation
				}
				for _, w := range parts {
					l := strings.ToLower(w)
					if d.lang == "de" && !strings.Contains(germanNames, w) || !aNameEnd.MatchString(sentence[at[1]:]) || len(parts) > 1 && (w != parts[len(parts)-1] || strings.HasSuffix(sentence[:at[0]], "the ")) {
						continue
					}
					if utf8.RuneCountInString(w) >= 3 && w != strings.ToUpper(w) && !lower[l] && !lower[strings.TrimSuffix(l, "s")] && !aMonth.MatchString(w) && !aWeekday.MatchString(w) && !seen[w] {
						seen[w] = true
						d.names = append(d.names, w)
					}
				}
			}
		}
	}
	slices.Sort(d.names)
}

func (d *text) isName(w string) bool {
	_, found := slices.BinarySearch(d.names, w)
	return found
}

// verbatim returns the sentences as claims. Rows of tables and items of lists
// are no statements.
func (s *shelfOfTexts) verbatim() []goodClaim {
	var out []goodClaim
	for _, d := range s.texts {
		for _, p := range d.paragraphs {
			for i, sentence := range p {
				if isStatement(sentence) {
					out = append(out, goodClaim{sentence, d.lang, []string{sentence}, p[:i], "verbatim", d})
				}
			}
		}
	}
	return out
}

// isStatement reports whether a sentence is one, of a length that people write.
func isStatement(s string) bool {
	n := len(strings.Fields(s))
	first, _ := utf8.DecodeRuneInString(s)
	return n >= 5 && n <= 60 && unicode.IsUpper(first) && strings.HasSuffix(s, ".") && !strings.Contains(s, " | ")
}

// written returns the claims of testdata/claims, written by hand as a model
// phrases answers, before the gate had seen them.
func (s *shelfOfTexts) written(t *testing.T) []goodClaim {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "claims", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no claims: %v", err)
	}
	var out []goodClaim
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var c struct {
				Claim, Lang, Document, Kind string
				Paragraph                   int
				Sentences                   []int
				Lead                        int // a sentence of the paragraph before, which leads to a list
			}
			if err := json.Unmarshal(line, &c); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			i := slices.IndexFunc(s.texts, func(d *text) bool { return d.id == c.Document })
			if i < 0 || c.Paragraph > len(s.texts[i].paragraphs) {
				t.Fatalf("%s: no paragraph %d of %q", f, c.Paragraph, c.Document)
			}
			d := s.texts[i]
			p := d.paragraphs[c.Paragraph-1]
			g := goodClaim{claim: c.Claim, lang: c.Lang, kind: c.Kind, of: d, before: p[:c.Sentences[0]-1]}
			if c.Lead > 0 {
				g.cited = append(g.cited, d.paragraphs[c.Paragraph-2][c.Lead-1])
			}
			for _, n := range c.Sentences {
				g.cited = append(g.cited, p[n-1])
			}
			out = append(out, g)
		}
	}
	return out
}

// rewritten returns what the rewrites below make of the sentences of the corpus.
func (s *shelfOfTexts) rewritten() []goodClaim {
	var out []goodClaim
	for _, d := range s.texts {
		for _, p := range d.paragraphs {
			for i, sentence := range p {
				if !isStatement(sentence) || strings.Count(sentence, `"`)%2 != 0 {
					continue
				}
				for _, r := range rewrites {
					previous := ""
					if i > 0 {
						previous = p[i-1]
					}
					claim, both := r.rewrite(previous, sentence)
					if claim == "" || claim == sentence || !isStatement(claim) {
						continue
					}
					g := goodClaim{claim, d.lang, []string{sentence}, p[:i], r.kind, d}
					if both {
						g.cited, g.before = []string{previous, sentence}, p[:i-1]
					}
					out = append(out, g)
				}
			}
		}
	}
	return out
}

// A rewrite makes another claim of a sentence that says no more than it, or
// returns "". It tells whether the claim needs the sentence before it too.
type rewrite struct {
	kind    string
	rewrite func(previous, s string) (claim string, both bool)
}

const (
	aProper = `[A-Z][\p{Ll}]+(?: (?:of |de |von |van )?[A-Z][\p{Ll}]+)*`
	aPhrase = `(?:[Tt]he|[Aa]n?) [a-z]+(?: [a-z]+){0,2}`
)

var (
	aTail      = regexp.MustCompile(`^([^";:()]+?)(?:, (?:but|whereas|although|though) |; )[^"()]+\.$`)
	aRelative  = regexp.MustCompile(`^([^";:()]+?), (?:who|which) [^";()]+\.$`)
	anAside    = regexp.MustCompile(`^((?:The )?` + aProper + `), (?:who|which) [^,;()"]+, ([^";()]+\.)$`)
	aBracket   = regexp.MustCompile(` \([^()]*\)`)
	aConnector = regexp.MustCompile(`^(?:However|Additionally|Furthermore|Moreover|In addition|For example|Thus|Therefore|Consequently|In fact|Indeed), ([^"]+\.)$`)
	anOpening  = regexp.MustCompile(`^(In|On|During|Since) ([A-Za-z0-9 ]{3,28}), ((?:` + aProper + `|the [a-z]|a [a-z])[^,;:()"]+)\.$`)
	aListing   = regexp.MustCompile(`(such as|including|includes|include|included) ([\pL\- ]{3,28}), ([\pL\- ]{3,28}),? (and|or) ([\pL\- ]{3,28})([.,])`)
	aSubject   = regexp.MustCompile(`^(` + aProper + `) (?:was|is|had|has|\p{Ll}+ed) `)
	aPronoun   = regexp.MustCompile(`^(He|She|It|His|Her|Its) (\p{Ll}.*)$`)
	aPassive   = regexp.MustCompile(`^(` + aPhrase + `|` + aProper + `) (?:was|were) (\p{Ll}+ed) by ((?:the )?` + aProper + `)( in \d{4})?\.$`)
	anActive   = regexp.MustCompile(`^((?:The )?` + aProper + `) (\p{Ll}+ed) (` + aPhrase + `|` + aProper + `)((?:,? (?:in|on|at|during) [^,;:()"]+)?)\.$`)
	aSaying    = regexp.MustCompile(`^(` + aProper + `) (?:said|stated|argued|argues|claimed|claims|reported|noted|suggested|suggests|concluded) that ([^";()]+)\.$`)
	anAccord   = regexp.MustCompile(`^According to ([^,]{3,40}), ([^;()]+)\.$`)
	aStart     = regexp.MustCompile(`^(?:Although|Though|While|If|When|As|Since|Because|Despite|He|She|It|They|This|These|Those|Such|His|Her|Its|Their|Not only|Neither|Either|Both|Whether|There)\b`)
	aNameEnd   = regexp.MustCompile(`^(?:$|[.,;:'’)]|\*| (?:and|or|is|are|was|were|has|had|have|will|would|could|may|to|in|on|at|from|for|by|with|while|as|who|but|after|\p{Ll}+ed) )`)
	aVerb      = regexp.MustCompile(`\b(?:is|are|was|were|has|have|had|can|could|may|will|would|\p{Ll}+ed)\b`)
)

var rewrites = []rewrite{
	{"clause", func(_, s string) (string, bool) { return alone(aTail.FindStringSubmatch(s)), false }},
	{"clause", func(_, s string) (string, bool) { return alone(aRelative.FindStringSubmatch(s)), false }},
	{"clause", func(_, s string) (string, bool) {
		if m := anAside.FindStringSubmatch(s); m != nil {
			return m[1] + " " + m[2], false
		}
		return "", false
	}},
	{"clause", func(_, s string) (string, bool) {
		if strings.Contains(s, `"`) {
			return "", false
		}
		return aBracket.ReplaceAllString(s, ""), false
	}},
	{"clause", func(_, s string) (string, bool) {
		if m := aConnector.FindStringSubmatch(s); m != nil {
			return upperFirst(m[1]), false
		}
		return "", false
	}},
	{"order", func(_, s string) (string, bool) {
		if m := anOpening.FindStringSubmatch(s); m != nil && !strings.Contains(m[2], " the ") {
			return upperFirst(m[3]) + " " + strings.ToLower(m[1]) + " " + m[2] + ".", false
		}
		return "", false
	}},
	{"list", func(_, s string) (string, bool) {
		m := aListing.FindStringSubmatchIndex(s)
		if m == nil || strings.Contains(s, `"`) {
			return "", false
		}
		// The first and the last item of three are left.
		return s[:m[5]] + " " + s[m[8]:], false
	}},
	{"list", func(_, s string) (string, bool) {
		m := aListing.FindStringSubmatchIndex(s)
		if m == nil || strings.Contains(s, `"`) || s[m[12]] != '.' {
			return "", false
		}
		return s[:m[4]] + s[m[10]:], false // the last one only
	}},
	{"pronoun", func(previous, s string) (string, bool) {
		subject, m := aSubject.FindStringSubmatch(previous), aPronoun.FindStringSubmatch(s)
		if subject == nil || m == nil || aStart.MatchString(subject[1]) || len(aNameRun.FindAllString(previous, -1)) > 1 {
			return "", false
		}
		switch m[1] {
		case "He", "She", "It":
			return subject[1] + " " + m[2], true
		}
		return subject[1] + "'s " + m[2], true
	}},
	{"passive", func(_, s string) (string, bool) {
		m := aPassive.FindStringSubmatch(s)
		if m == nil {
			return "", false
		}
		return upperFirst(m[3]) + " " + m[2] + " " + lowerArticle(m[1]) + m[4] + ".", false
	}},
	{"passive", func(_, s string) (string, bool) {
		m := anActive.FindStringSubmatch(s)
		if m == nil || strings.HasSuffix(m[2], "eed") {
			return "", false
		}
		be := " was "
		if strings.HasSuffix(m[3], "s") {
			be = " were "
		}
		return upperFirst(m[3]) + be + m[2] + " by " + lowerArticle(m[1]) + m[4] + ".", false
	}},
	{"speech", func(_, s string) (string, bool) {
		if m := aSaying.FindStringSubmatch(s); m != nil && !baseWords.MatchString(m[1]) && !strings.HasPrefix(m[1], "But ") {
			return "According to " + m[1] + ", " + m[2] + ".", false
		}
		return "", false
	}},
	{"speech", func(_, s string) (string, bool) {
		if m := anAccord.FindStringSubmatch(s); m != nil {
			return upperFirst(m[2]) + ", according to " + m[1] + ".", false
		}
		return "", false
	}},
	{"form", func(_, s string) (string, bool) {
		if strings.Contains(s, `"`) {
			return "", false
		}
		return forms.Replace(aThousand.ReplaceAllString(s, "$1$2")), false
	}},
}

var (
	aThousand = regexp.MustCompile(`\b(\d{1,3}),(\d{3})\b`)
	forms     = strings.NewReplacer(
		" did not ", " didn't ", " does not ", " doesn't ", " do not ", " don't ", " is not ", " isn't ", " was not ", " wasn't ", " could not ", " couldn't ",
		" would not ", " wouldn't ", "% ", " percent ", " percent ", " % ", " kilometers ", " km ", " km ", " kilometres ", " the United States ", " the U.S. ",
		" the U.S. ", " the United States ", " two ", " 2 ", " three ", " 3 ", " four ", " 4 ", " twelve ", " 12 ", "’", "'",
	)
)

// alone returns a clause as a sentence of its own if it can be one.
func alone(m []string) string {
	if m == nil {
		return ""
	}
	clause := m[1]
	if aStart.MatchString(clause) || !aVerb.MatchString(clause) || strings.Contains(clause, "not only") || strings.Contains(clause, "not just") || len(strings.Fields(clause)) < 5 || strings.Contains(clause, " either ") {
		return ""
	}
	return clause + "."
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// lowerArticle writes a leading article small.
func lowerArticle(s string) string {
	for _, article := range []string{"The ", "A ", "An "} {
		if rest, ok := strings.CutPrefix(s, article); ok {
			return strings.ToLower(article) + rest
		}
	}
	return s
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
