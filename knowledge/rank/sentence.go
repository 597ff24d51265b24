package rank

import (
	"math"
	"math/bits"
)

// SentenceFeatures are what a sentence's score as an answer is made of.
type SentenceFeatures [sentenceFeatureCount]float64

// The features of a sentence.
const (
	sCovered   = iota // words of the question in it, in IDF
	sShare            // likewise as a share of the question's whole weight
	sBefore           // words of the question that are missing here and stand in the sentence before
	sAfter            // likewise after
	sType             // 1 if it has what the question asks for
	sTypes            // logarithm of the number of such things
	sTypeNear         // closeness of that to the question's words, 0..1
	sNovel            // content words that the question does not have, as a share
	sNames            // names of the question in it
	sNewNames         // logarithm of the number of names and numbers that the question does not have
	sSoft             // words of the question that are missing here, by n-grams
	sFirst            // 1 for the first of a paragraph
	sLength           // logarithm of the number of words
	sParagraph        // its paragraph's score below the best paragraph's
	sTop              // 1 in the best paragraph
	sentenceFeatureCount
)

// sentence computes the features of the words from start to end, and leaves in
// m.sent which words of the question are there. It adds to the paragraph's
// counts.
func (m *matcher) sentence(p *Paragraph, start, end int, s *SentenceFeatures) {
	clear(m.sent)
	var soft [maxTerms]float32
	novel, names, types := 0, 0, 0
	typed, matched := -1, -1
	closest := math.MaxInt
	for i := start; i < end; i++ {
		got := m.matches[i]
		switch {
		case got.weight > 0:
			k := got.term
			m.tf[k] += float64(got.weight)
			m.sent[k] = max(m.sent[k], float64(got.weight))
			matched = i
			m.phraseAt(p, i, end)
		default:
			if got.soft > 0 {
				k := got.term
				m.tf[k] += softWeight * float64(got.soft)
				m.soft[k] = max(m.soft[k], float64(got.soft))
				soft[k] = max(soft[k], got.soft)
			}
			name, answer := isNumeral|isCapital, isAsked
			if i == start {
				name, answer = isNumeral, isAskedFirst
			}
			if got.traits.is(isContent) {
				novel++
			}
			if got.traits.is(name) {
				names++
			}
			if got.traits.is(answer) {
				typed = i
				types++
			}
		}
		if typed >= 0 && matched >= 0 {
			closest = min(closest, max(typed-matched, matched-typed))
		}
	}
	total := 0.0
	for k, v := range m.values {
		total += v
		s[sCovered] += v * m.sent[k]
		if m.sent[k] == 0 {
			s[sSoft] += v * float64(soft[k])
		}
		if w := m.c.Terms[k].Word; w.Capital && !w.Initial {
			s[sNames] += v * m.sent[k]
		}
	}
	if total > 0 {
		s[sShare] = s[sCovered] / total
	}
	s[sTypes] = math.Log(float64(1 + types))
	s[sNewNames] = math.Log(float64(1 + names))
	if typed >= 0 {
		s[sType] = 1
	}
	if closest < math.MaxInt {
		s[sTypeNear] = 1 / float64(max(closest, 1))
	}
	if n := end - start; n > 0 {
		s[sNovel] = float64(novel) / float64(n)
		s[sLength] = math.Log(float64(n))
	}
	if start == 0 {
		s[sFirst] = 1
	}
}

// phraseAt notes if the word at i and the one after it stand side by side in
// the question too.
func (m *matcher) phraseAt(p *Paragraph, i, end int) {
	for _, k := range m.at[m.matches[i].term] {
		v := m.values[m.matches[i].term]
		if k+1 < len(m.words) && i+1 < end && m.sameAt(p, i+1, k+1) {
			if next := m.words[k+1]; next >= 0 {
				v = (v + m.values[next]) / 2
			} else {
				v /= 4
			}
			m.phrase[k] = max(m.phrase[k], v)
		}
	}
}

// sameAt reports whether word i of p is word k of the question.
func (m *matcher) sameAt(p *Paragraph, i, k int) bool {
	if t := m.words[k]; t >= 0 {
		return m.matches[i].term == t && m.matches[i].weight > 0
	}
	return p.Lexicon.Word(p.Words[i]).Folded == m.c.Question.Words[k].Folded
}

// context fills in what the neighbours of each sentence hold of the question's
// words that the sentence itself lacks.
func (m *matcher) context(sentences []SentenceFeatures, held []uint64) {
	for i := range sentences {
		if i > 0 {
			sentences[i][sBefore] = m.weigh(held[i-1] &^ held[i])
		}
		if i+1 < len(held) {
			sentences[i][sAfter] = m.weigh(held[i+1] &^ held[i])
		}
	}
}

// weigh adds up the values of a set of terms.
func (m *matcher) weigh(set uint64) float64 {
	sum := 0.0
	for ; set != 0; set &= set - 1 {
		sum += m.values[bits.TrailingZeros64(set)]
	}
	return sum
}

// sentenceWeights are fitted by knowledge/index/tune -sentences, like weights: a
// sentence is right if it holds an answer, whatever paragraph it stands in.
var sentenceWeights = SentenceFeatures{
	sCovered: .41, sShare: .74, sBefore: .18, sAfter: .08, sType: .98, sTypes: .57, sTypeNear: .54, sNovel: -.87,
	sNames: -.13, sNewNames: -.1, sSoft: .31, sFirst: .19, sLength: -.07, sParagraph: .375, sTop: .6,
}

// scoreSentences gives every sentence its score, once the paragraphs are in order.
func scoreSentences(ranked []Ranked) {
	for i := range ranked {
		r := &ranked[i]
		for j := range r.Sentences {
			s := &r.Sentences[j]
			s[sParagraph] = r.Score - ranked[0].Score
			if i == 0 {
				s[sTop] = 1
			}
			for f, v := range s {
				r.Scores[j] += v * sentenceWeights[f]
			}
		}
	}
}
