package gate

import (
	"cmp"
	"slices"
)

// A Parsed is a sentence that was taken apart once, to be cited in many checks.
// It is never changed and safe for concurrent use.
type Parsed struct {
	sentence Sentence
	text     *text
	set      words
}

// Parse takes a sentence apart; its Lang must be set.
func Parse(s Sentence) *Parsed {
	t := read(s.Text, s.Lang)
	return &Parsed{s, t, wordSet(t)}
}

// CheckParsed is Check for sentences that were parsed: it takes about half the
// time.
func CheckParsed(claim, lang string, cited []*Parsed, o Options) Verdict {
	f, failures := judged(claim, lang, cited, o)
	return Verdict{OK: len(failures) == 0, Failures: failures, Support: support(f)}
}

// Near returns the indices of the n sentences that have most of a claim's words,
// by weight, best first; those that have none are left out. It takes some
// microseconds a sentence, so that only few need be checked.
func Near(claim, lang string, sentences []*Parsed, n int) []int {
	c := read(claim, lang)
	type near struct {
		index  int
		weight float64
	}
	var found []near
	for i, s := range sentences {
		weight := 0.0
		for j := range c.words {
			if w := &c.words[j]; w.weight > 0 && s.set.holds(w, lang) {
				weight += w.weight
			}
		}
		if weight > 0 {
			found = append(found, near{i, weight})
		}
	}
	// Among equals the shorter one says less beside it.
	slices.SortStableFunc(found, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(len(sentences[a.index].text.words), len(sentences[b.index].text.words)))
	})
	var out []int
	for _, f := range found[:min(max(n, 0), len(found))] {
		out = append(out, f.index)
	}
	return out
}

// parse parses what a claim in lang cites.
func parse(lang string, cited []Sentence) []*Parsed {
	var out []*Parsed
	for _, s := range cited {
		if s.Lang == "" {
			s.Lang = lang
		}
		out = append(out, Parse(s))
	}
	return out
}

// marked returns a copy of a text whose words may be marked.
func (p *Parsed) marked() *text {
	t := *p.text
	t.words = slices.Clone(t.words)
	return &t
}
