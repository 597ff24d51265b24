package llm

import (
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// An Estimator tells how many tokens a text has at most. It starts from weights
// above what every tokenizer that was measured makes of prose, and is calibrated
// by the usage that the endpoint reports: downwards only after several reports
// and with a margin, upwards at once. It never exceeds the number of bytes,
// which no tokenizer in use does.
//
// Calibration is by script, since a tokenizer that is good at English says
// nothing of Georgian. It is safe for concurrent use.
type Estimator struct {
	mu     sync.Mutex
	ratios [scripts][]float64 // reported to weighed, the latest reports
}

// Constants of the calibration.
const (
	// Fewer weighed tokens tell more of the endpoint's chat template than of the
	// text.
	leastObserved = 200
	// A report counts for a script that makes up this share of the text.
	dominant = 0.9
	// The highest of the last remembered ratios counts, if there are enough, with a
	// margin for texts that are denser than those.
	remembered = 32
	enough     = 8
	margin     = 1.15
	// Endpoints that cut the prompt in silence report too little. In the most common
	// languages no measured tokenizer gets below this share of the weights; in
	// others the estimate stays higher than it could be.
	leastFactor = 0.33
)

// A script is a group of characters that a tokenizer treats alike.
type script int

const (
	latin script = iota
	cyrillic
	greek
	semitic
	indic
	han
	hangul
	foreign // weighed by its bytes, which nothing can exceed
	scripts
)

// weights are tokens per character: the highest of the tokenizers o200k, cl100k,
// Llama 2, Llama 3 and Mistral on prose in 20 languages, and a fifth or more on
// top. Latin letters are weighed by word, see weighWord.
var weights = [scripts]float64{cyrillic: 0.75, greek: 1.25, semitic: 1.25, indic: 1.35, han: 2, hangul: 2}

const (
	letterWeight   = 0.5 // plain words reach 0.43 in capitals
	accentedWeight = 1.5 // Vietnamese takes 1.3 and cuts the words around
)

// ranges assign characters to scripts.
var ranges = []struct {
	script script
	tables []*unicode.RangeTable
}{
	{cyrillic, []*unicode.RangeTable{unicode.Cyrillic}},
	{greek, []*unicode.RangeTable{unicode.Greek}},
	{semitic, []*unicode.RangeTable{unicode.Arabic, unicode.Hebrew}},
	{indic, []*unicode.RangeTable{unicode.Devanagari, unicode.Thai}},
	{han, []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana}},
	{hangul, []*unicode.RangeTable{unicode.Hangul}},
}

// NewEstimator returns one that knows nothing of its endpoint yet.
func NewEstimator() *Estimator { return &Estimator{} }

// Estimate tells how many tokens text has at most. The framing of messages, some
// ten tokens each, is not in it.
func (e *Estimator) Estimate(text string) int {
	w := weigh(text)
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.estimate(w)
}

func (e *Estimator) estimate(w weighed) int {
	sum := 0.0
	for s := range scripts {
		sum += min(w.tokens[s]*e.factor(s), float64(w.bytes[s]))
	}
	return int(math.Ceil(sum))
}

// factor calibrates the weights of a script.
func (e *Estimator) factor(s script) float64 {
	ratios := e.ratios[s]
	if len(ratios) == 0 {
		return 1
	}
	highest := slices.Max(ratios)
	if len(ratios) < enough {
		return max(1, highest)
	}
	return max(leastFactor, highest*margin)
}

// Observe learns from a prompt and the tokens that the endpoint counted in it.
func (e *Estimator) Observe(prompt string, tokens int) {
	w := weigh(prompt)
	total := 0.0
	for _, t := range w.tokens {
		total += t
	}
	if tokens <= 0 || total < leastObserved {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if estimate := e.estimate(w); tokens > estimate {
		// Which script is to blame is unknown, so each is.
		for s := range scripts {
			if w.tokens[s] > 0 {
				e.remember(s, e.factor(s)*float64(tokens)/float64(estimate))
			}
		}
		return
	}
	for s := range scripts {
		if w.tokens[s] >= dominant*total {
			e.remember(s, float64(tokens)/total)
		}
	}
}

func (e *Estimator) remember(s script, ratio float64) {
	if len(e.ratios[s]) == remembered {
		e.ratios[s] = slices.Delete(e.ratios[s], 0, 1)
	}
	e.ratios[s] = append(e.ratios[s], ratio)
}

// weighed is a text's tokens by the weights, and its bytes.
type weighed struct {
	tokens [scripts]float64
	bytes  [scripts]int
}

// weigh weighs words of ASCII as a whole and all else by character: signs are one
// token each, and so is white space, but for the single space before a plain
// letter that every tokenizer makes part of the word.
func weigh(text string) weighed {
	var w weighed
	for i := 0; i < len(text); {
		if n := wordLength(text[i:]); n > 0 {
			w.bytes[latin] += n
			w.tokens[latin] += weighWord(text[i : i+n])
			i += n
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		s, weight := classify(r, size)
		i += size
		if r == ' ' && i < len(text) && isPlainLetter(text[i]) {
			weight = 0
		}
		w.bytes[s] += size
		w.tokens[s] += weight
	}
	return w
}

// wordLength is the length of the ASCII letters and digits that s starts with.
func wordLength(s string) int {
	n := 0
	for n < len(s) && (isPlainLetter(s[n]) || isDigit(s[n])) {
		n++
	}
	return n
}

// weighWord weighs ASCII letters and digits. What holds digits has no syllables
// to make tokens of, and a capital after a small letter starts a new word.
func weighWord(word string) float64 {
	if strings.ContainsFunc(word, func(r rune) bool { return r <= '9' }) {
		return float64(len(word))
	}
	sum, start := 0.0, 0
	for i := 1; i < len(word); i++ {
		if word[i] <= 'Z' && word[i-1] >= 'a' {
			sum += math.Ceil(float64(i-start) * letterWeight)
			start = i
		}
	}
	return sum + math.Ceil(float64(len(word)-start)*letterWeight)
}

func isPlainLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// classify tells a character's script and weight; size is its length in bytes.
func classify(r rune, size int) (script, float64) {
	if r < utf8.RuneSelf {
		return latin, 1
	}
	if unicode.Is(unicode.Latin, r) {
		return latin, accentedWeight
	}
	for _, group := range ranges {
		if unicode.In(r, group.tables...) {
			return group.script, weights[group.script]
		}
	}
	return foreign, float64(size)
}
