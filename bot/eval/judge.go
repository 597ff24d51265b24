package eval

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// judge compares what an asking brought with what its question expects.
func judge(a asking, found knowledge.Result, given answer.Answer) Result {
	q := a.question
	picks := answer.PickSentences(found, picksRanked)
	r := Result{
		ID: q.ID, Question: q.Text, Expected: a.expected,
		Outcome: given.Outcome, Confidence: given.Confidence,
		Claims: []Claim{}, Unknown: append([]string{}, given.UnknownWords...), Hits: []string{}, Picks: []Claim{}, // [] in JSON, not null
		Method: given.Method, Fallback: given.Fallback, Error: given.Error, Account: given.Account,
		question: q,
	}
	for _, h := range found.Hits[:min(len(found.Hits), hitsRanked)] {
		r.Hits = append(r.Hits, h.Address().String())
	}
	for _, p := range picks {
		h := found.Hits[p.Hit]
		r.Picks = append(r.Picks, Claim{Text: sentence(h, p.Sentence), Addresses: []string{h.Address().String()}})
	}
	cited := make(map[string]bool)
	for _, c := range given.Claims {
		claim := Claim{Text: c.Text, Addresses: []string{}}
		for _, citation := range c.Citations {
			cited[citation.Address] = true
			if !slices.Contains(claim.Addresses, citation.Address) {
				claim.Addresses = append(claim.Addresses, citation.Address)
			}
		}
		r.Claims = append(r.Claims, claim)
	}
	r.citations = len(cited)
	if a.expected != Absent {
		for _, p := range q.Paragraphs {
			if cited[p.String()] {
				r.right++
				delete(cited, p.String()) // so that a paragraph judged twice counts once
			}
		}
		r.Rank = rankOf(found.Hits, q.Paragraphs)
		r.Contained = containedIn(q, found.Hits, picks)
	}
	r.Why = r.fault()
	r.Passed = r.Why == ""
	return r
}

// refused reports whether the answer was a clean refusal. One that makes a
// claim all the same is none.
func (r Result) refused() bool { return r.Outcome == answer.Refused && len(r.Claims) == 0 }

// fault says why r does not pass, or "".
func (r Result) fault() string {
	switch {
	case r.Expected == Absent && r.refused(), r.Expected == Either && r.refused():
		return ""
	case r.Outcome == answer.Refused && len(r.Claims) > 0:
		return "refused, and made a claim"
	case r.Expected == Absent:
		return fmt.Sprintf("%s, where the documents do not say", r.Outcome)
	case r.Outcome != answer.Answered:
		return string(r.Outcome)
	case len(r.Claims) == 0:
		return "answered without a claim"
	case len(r.question.Paragraphs) > 0 && r.right == 0:
		return "cites none of the right paragraphs"
	}
	var shown strings.Builder
	for _, c := range r.Claims {
		shown.WriteString(c.Text)
		shown.WriteByte('\n')
	}
	if missing := r.question.lacks(normalise(shown.String())); missing != "" {
		return "the claims shown lack " + missing
	}
	return ""
}

// judgesText reports whether q says what an answer's text must hold.
func (q Question) judgesText() bool { return len(q.Answer)+len(q.Answers) > 0 }

// lacks names what a normalised text must hold for q and does not, or "".
func (q Question) lacks(text string) string {
	for _, alternatives := range q.Answer {
		if !slices.ContainsFunc(alternatives, func(s string) bool { return strings.Contains(text, normalise(s)) }) {
			return fmt.Sprintf("%q", strings.Join(alternatives, "|"))
		}
	}
	if len(q.Answers) > 0 && !slices.ContainsFunc(q.Answers, func(s string) bool { return containsWords(text, normalise(s)) }) {
		return fmt.Sprintf("every one of %q", q.Answers)
	}
	return ""
}

// containedIn returns how many of the picked sentences it takes, from the
// best, to hold what q's answer must hold; 0 means that all of them do not.
func containedIn(q Question, hits []knowledge.Hit, picks []answer.Pick) int {
	if !q.judgesText() {
		return 0
	}
	for k := 1; k <= len(picks); k++ {
		if q.lacks(normalise(passage(hits, picks[:k]))) == "" {
			return k
		}
	}
	return 0
}

// passage returns the picked sentences in the order of the documents, those
// that follow each other on one line: an answer may reach from one into the next.
func passage(hits []knowledge.Hit, picks []answer.Pick) string {
	picks = slices.Clone(picks)
	slices.SortFunc(picks, func(a, b answer.Pick) int {
		if a.Hit != b.Hit {
			return a.Hit - b.Hit
		}
		return a.Sentence - b.Sentence
	})
	var b strings.Builder
	for i, p := range picks {
		if i > 0 {
			if last := picks[i-1]; last.Hit == p.Hit && last.Sentence+1 == p.Sentence {
				b.WriteByte(' ')
			} else {
				b.WriteString(" ¶ ") // no answer string reaches over it
			}
		}
		b.WriteString(sentence(hits[p.Hit], p.Sentence))
	}
	return b.String()
}

func sentence(h knowledge.Hit, i int) string {
	s := h.Paragraph.Sentences[i]
	return h.Paragraph.Text[s.Start:s.End]
}

// normalise folds what two writings of one text may differ in: case, white
// space, typographic quotes and dashes, and characters that nobody sees.
func normalise(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if unicode.Is(unicode.Cf, r) {
			continue // soft hyphens, zero-width spaces and joiners, marks of direction
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		switch r {
		case '‘', '’', '‚', '‛', '′', '`', '´', 'ʼ':
			r = '\''
		case '“', '”', '„', '‟', '″', '«', '»':
			r = '"'
		case '‐', '‑', '‒', '–', '—', '―', '−':
			r = '-'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// containsWords reports whether text holds phrase with no letter or digit of
// text adjoining a letter or digit of phrase, so that "3" is not in "1932".
func containsWords(text, phrase string) bool {
	if phrase == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], phrase)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(phrase)
		if !joined(text, start) && !joined(text, end) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = start + size
	}
}

// joined reports whether a word runs on over the boundary at byte i of text.
func joined(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return wordRune(before) && wordRune(after)
}

// wordRune reports whether r is part of words that white space sets apart, as
// it does not in Chinese, Japanese or Thai.
func wordRune(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
