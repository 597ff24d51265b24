package paragraph

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// shared returns a path in the folder of corpora that may stand beside the
// repository. Without it the test is skipped: everything else here runs on
// texts of our own.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "data"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no corpora beside the repository: %v", err)
	}
	return filepath.Join(append([]string{root}, elem...)...)
}

// A judged text is a run of sentences as annotators separated them.
type judged struct {
	text string
	ends map[int]bool // offsets after each sentence but the last
}

// annotated joins the annotated sentences of cited web pages where both
// neighbours look like sentences: begun with a capital and closed by a stop.
func annotated(t testing.TB) []judged {
	t.Helper()
	f, err := os.Open(shared(t, "support", "claims.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var (
		texts []judged
		seen  = map[string]bool{}
		lines = bufio.NewScanner(f)
	)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var claim struct{ Evidence []string }
		if err := json.Unmarshal(lines.Bytes(), &claim); err != nil {
			t.Fatal(err)
		}
		var run []string
		flush := func() {
			if j := join(run); len(run) > 1 && !seen[j.text] {
				seen[j.text] = true
				texts = append(texts, j)
			}
			run = nil
		}
		for _, s := range claim.Evidence {
			s = strings.TrimSpace(s)
			if !looksLikeSentence(s) {
				flush()
				continue
			}
			run = append(run, s)
		}
		flush()
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

func join(run []string) judged {
	j := judged{text: strings.Join(run, " "), ends: map[int]bool{}}
	at := 0
	for _, s := range run[:max(len(run)-1, 0)] {
		at += len(s)
		j.ends[at] = true
		at++
	}
	return j
}

func looksLikeSentence(s string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s, isOpener))
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s, isCloser))
	return (unicode.IsUpper(first) || unicode.IsDigit(first)) && isStop(last) &&
		len(strings.Fields(s)) > 2 && !strings.Contains(s, "\n")
}

// agreement returns precision and recall of the ends that split finds.
func agreement(texts []judged, split func(string) []Span) (precision, recall float64) {
	var found, right, want int
	for _, j := range texts {
		want += len(j.ends)
		spans := split(j.text)
		for _, s := range spans[:max(len(spans)-1, 0)] {
			found++
			if j.ends[s.End] {
				right++
			}
		}
	}
	return float64(right) / float64(found), float64(right) / float64(want)
}

// unicodeOnly is the segmenter without our rules.
func unicodeOnly(text string) []Span {
	var spans []Span
	for it := sentences.FromString(text); it.Next(); {
		spans = appendTrimmed(spans, text, Span{it.Start(), it.End()})
	}
	return spans
}

// The figures of the package comment. The annotators' own slips (a paragraph
// run together with its byline, a schedule) are most of what is left.
func TestSentencesAgainstAnnotators(t *testing.T) {
	texts := annotated(t)
	plainPrecision, plainRecall := agreement(texts, unicodeOnly)
	precision, recall := agreement(texts, Sentences)
	t.Logf("%d texts; Unicode rules alone: precision %.3f, recall %.3f; with ours: %.3f, %.3f",
		len(texts), plainPrecision, plainRecall, precision, recall)
	if precision < 0.990 || recall < 0.995 {
		t.Errorf("precision %.4f, recall %.4f; want at least 0.990 and 0.995", precision, recall)
	}
}

// No answer to a question should reach over the end of a sentence. Those that
// do here are two whole sentences long, but for one name ("Zhongtong. Ariq").
func TestSentencesKeepAnswersWhole(t *testing.T) {
	for _, tt := range []struct {
		corpus string
		most   int
	}{
		{"squad2", 7}, {"xquad-en", 1}, {"xquad-de", 3}, {"xquad-ru", 1},
	} {
		t.Run(tt.corpus, func(t *testing.T) {
			answers := answersOf(t, tt.corpus)
			cut, plain := countCut(answers, Sentences), countCut(answers, unicodeOnly)
			t.Logf("%d answers, %d cut, by the Unicode rules alone %d", len(answers), cut, plain)
			if cut > tt.most {
				t.Errorf("%d answers cut, want at most %d", cut, tt.most)
			}
		})
	}
}

// An answer is a string that stands in a paragraph.
type answer struct{ paragraph, text string }

func answersOf(t testing.TB, corpus string) []answer {
	t.Helper()
	questions, err := os.ReadFile(shared(t, corpus, "questions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	articles := map[string][]string{}
	for line := range strings.Lines(string(questions)) {
		var q struct{ Paragraphs, Answers []string }
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			t.Fatal(err)
		}
		for _, address := range q.Paragraphs {
			id, number, _ := strings.Cut(address, "#")
			if articles[id] == nil {
				articles[id] = article(t, corpus, id)
			}
			n, err := strconv.Atoi(number)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range q.Answers {
				if p := articles[id][n]; strings.Contains(p, a) {
					answers = append(answers, answer{p, a})
				}
			}
		}
	}
	return answers
}

// article returns the title of an article and, from 1, its paragraphs.
func article(t testing.TB, corpus, id string) []string {
	t.Helper()
	data, err := os.ReadFile(shared(t, corpus, "corpus", id+".md"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n\n")
}

func countCut(answers []answer, split func(string) []Span) int {
	n := 0
	for _, a := range answers {
		whole := slices.ContainsFunc(split(a.paragraph), func(s Span) bool {
			return strings.Contains(a.paragraph[s.Start:s.End], a.text)
		})
		if !whole {
			n++
		}
	}
	return n
}
