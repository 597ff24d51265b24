package check_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"summitbot/bot/answer/check"
	"summitbot/knowledge"
	"summitbot/knowledge/paragraph"
)

// encyclopaedia returns a base over four of five articles of SQuAD, their
// sentences, and those of the articles left out, in an order of their own.
// Without the corpora beside the repository the test is skipped.
func encyclopaedia(t testing.TB) (base *knowledge.Base, in, out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "data", "squad2", "corpus", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no corpus squad2 in a folder shared beside the repository")
	}
	var kept []string
	for i, f := range files {
		if i%5 == 4 {
			out = append(out, sentencesIn(t, f)...)
			continue
		}
		kept = append(kept, f)
		in = append(in, sentencesIn(t, f)...)
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return documents(t, kept...), in, out
}

func sentencesIn(t testing.TB, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for block := range strings.SplitSeq(string(data), "\n\n") {
		if block = strings.TrimSpace(block); block == "" || block[0] == '#' {
			continue
		}
		for _, s := range paragraph.Sentences(block) {
			out = append(out, block[s.Start:s.End])
		}
	}
	return out
}

var someFigure = regexp.MustCompile(`\b\d{1,4}\b`)

// otherwise changes the first digit of one number of each sentence that has one.
func otherwise(sentences []string, r *rand.Rand, most int) []string {
	var out []string
	for _, s := range sentences {
		found := someFigure.FindAllStringIndex(s, -1)
		if len(found) == 0 || strings.HasSuffix(s, "?") || len(out) == most {
			continue
		}
		at := found[r.IntN(len(found))]
		old := s[at[0]:at[1]]
		if to := fmt.Sprint(r.IntN(9)+1) + old[1:]; to != old {
			out = append(out, s[:at[0]]+to+s[at[1]:])
		}
	}
	return out
}

var (
	someName      = regexp.MustCompile(`[a-z,] ([A-Z][a-z]{3,})\b`)
	someAuxiliary = regexp.MustCompile(`\b(is|are|was|were|has|have|had|will|would|could|can) ([a-z]{3,})`)
	someNegation  = regexp.MustCompile(`\b(not|no|never|without|neither|nor|un[a-z]+|in[a-z]+|n't)\b`)
)

// renamed puts another article's name in the place of one of each sentence.
func renamed(sentences []string, r *rand.Rand, most int) []string {
	var out []string
	for i, s := range sentences {
		found := someName.FindAllStringSubmatchIndex(s, -1)
		others := someName.FindAllStringSubmatch(sentences[(i+1)%len(sentences)], -1)
		if len(found) == 0 || len(others) == 0 || len(out) == most {
			continue
		}
		at, other := found[r.IntN(len(found))], others[r.IntN(len(others))][1]
		if !strings.Contains(s, other[:4]) {
			out = append(out, s[:at[2]]+other+s[at[3]:])
		}
	}
	return out
}

// negated puts a "not" behind the first auxiliary of each sentence that has one
// and no negation.
func negated(sentences []string, most int) []string {
	var out []string
	for _, s := range sentences {
		if at := someAuxiliary.FindStringSubmatchIndex(s); at != nil && !someNegation.MatchString(s) && !strings.HasSuffix(s, "?") && len(out) < most {
			out = append(out, s[:at[4]]+"not "+s[at[4]:])
		}
	}
	return out
}

// Figures of samples of 300: 299 of 299 verbatim, 300 of 300 with another
// number, 297 of 299 with another name, 299 of 300 negated, 299 of 300 of other
// articles.
func TestCheckOfAnEncyclopaedia(t *testing.T) {
	const sample = 150
	base, in, out := encyclopaedia(t)
	for _, tt := range []struct {
		name      string
		sentences []string
		want      check.Status
		least     float64
	}{
		{"verbatim", in[:sample], check.Supported, 0.99},
		{"another number", otherwise(in, rand.New(rand.NewPCG(3, 4)), sample), check.Contradicted, 0.95},
		{"another name", renamed(in, rand.New(rand.NewPCG(5, 6)), sample), check.Contradicted, 0.95},
		{"negated", negated(in, sample), check.Contradicted, 0.95},
		{"of an article left out", out[:sample], check.NotFound, 0.98},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, right := 0, 0
			for _, text := range tt.sentences {
				for _, s := range report(t, base, text).Sentences {
					if s.Status == check.Unchecked {
						continue
					}
					n++
					if s.Status == tt.want {
						right++
					}
				}
			}
			rate := float64(right) / float64(n)
			t.Logf("%d of %d sentences are %s: %.3f", right, n, tt.want, rate)
			if rate < tt.least {
				t.Errorf("%.3f are %s, want at least %.2f", rate, tt.want, tt.least)
			}
		})
	}
}

func BenchmarkCheckASentence(b *testing.B) {
	base, in, out := encyclopaedia(b)
	sentences := append(in[:100:100], out[:100]...)
	c := check.New(base)
	for i := 0; b.Loop(); i++ {
		if _, err := c.Check(b.Context(), sentences[i%len(sentences)], nil); err != nil {
			b.Fatal(err)
		}
	}
}
