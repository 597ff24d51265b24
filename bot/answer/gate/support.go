package gate

import "math"

// The evidence that the support of a claim is judged by. Shares are of the
// weight of the claim's words.
const (
	fBias     = iota
	fCovered  // share of the content words that stand in the cited sentences
	fSentence // share in the best of them
	fPair     // share in the best two neighbours
	fBigrams  // share of the pairs of neighbouring words that stand there as neighbours
	fNumbers  // share of the numbers and dates that are missing
	fNames    // share of the names that are missing
	fHard     // 1 if any number, date, unit, link or name failed
	fPolarity // 1 if negation or hedges differ
	fRarest   // 1 if the weightiest word is missing
	fWording  // share of the words in lower case
	fLength   // logarithm of the number of content words
	// FeatureCount is how many there are.
	FeatureCount
)

// Features returns what the support of a claim is judged by, so that measure
// can fit the weights; the first is always 1.
func Features(claim, lang string, cited []Sentence, o Options) [FeatureCount]float64 {
	f, _ := judged(claim, lang, parse(lang, cited), o)
	return f
}

// features judges a claim by its evidence.
func features(c *text, e *evidence, failures []Failure) [FeatureCount]float64 {
	var f [FeatureCount]float64
	f[fBias] = 1
	f[fCovered] = coverage(c, e)
	f[fSentence], f[fPair] = windows(c, e)
	f[fBigrams] = bigramShare(c, e)
	if s := e.all.share(c, 0, len(c.words), (*word).lower); s >= 0 {
		f[fWording] = s
	} else {
		f[fWording] = f[fCovered]
	}
	failed := map[Kind]float64{}
	for _, x := range failures {
		failed[x.Check]++
	}
	if n := len(c.quantities) + len(c.dates); n > 0 {
		f[fNumbers] = min(1, (failed[Number]+failed[Date]+failed[Unit])/float64(n))
	}
	names, rarest, heaviest, words := 0.0, -1, 0.0, 0.0
	for i := range c.words {
		w := &c.words[i]
		if w.weight == 0 {
			continue
		}
		words++
		if w.capital {
			names++
		}
		if w.weight > heaviest {
			heaviest, rarest = w.weight, i
		}
	}
	if names > 0 {
		f[fNames] = min(1, failed[Name]/names)
	}
	if failed[Number]+failed[Date]+failed[Unit]+failed[Link]+failed[Name] > 0 {
		f[fHard] = 1
	}
	if failed[Negation]+failed[Hedge] > 0 {
		f[fPolarity] = 1
	}
	if rarest >= 0 && e.all.strength(&c.words[rarest], c.lang) < 1 {
		f[fRarest] = 1
	}
	f[fLength] = math.Log1p(words)
	return f
}

// windows returns the share of the claim's weight in the best cited sentence,
// and in the best two that follow each other.
func windows(c *text, e *evidence) (one, two float64) {
	total := 0.0
	for i := range c.words {
		total += c.words[i].weight
	}
	if total == 0 {
		s := coverage(c, e)
		return s, s
	}
	before := make([]bool, len(c.words))
	here := make([]bool, len(c.words))
	for _, v := range e.sets[:e.cited] {
		a, b := 0.0, 0.0
		for i := range c.words {
			w := &c.words[i]
			here[i] = w.weight > 0 && v.holds(w, c.lang)
			if here[i] {
				a += w.weight
			}
			if here[i] || before[i] {
				b += w.weight
			}
		}
		one, two = max(one, a/total), max(two, b/total)
		before, here = here, before
	}
	return one, two
}

// bigramShare returns the share of the claim's pairs of neighbours that are
// neighbours in the evidence.
func bigramShare(c *text, e *evidence) float64 {
	pairs := c.bigrams()
	if len(pairs) == 0 {
		return coverage(c, e)
	}
	n := 0
	for _, p := range pairs {
		if e.all.pairs[p] {
			n++
		}
	}
	return float64(n) / float64(len(pairs))
}

// weights are those of a logistic regression over the features, fitted by
// measure.
var weights = [FeatureCount]float64{
	fBias:     -1.234,
	fCovered:  0.125,
	fSentence: 0.225,
	fPair:     2.109,
	fBigrams:  1.100,
	fNumbers:  -0.649,
	fNames:    -0.178,
	fHard:     -0.950,
	fPolarity: 0.371,
	fRarest:   -0.075,
	fWording:  -0.005,
	fLength:   0.071,
}

// support returns the probability of the features.
func support(f [FeatureCount]float64) float64 {
	z := 0.0
	for i, x := range f {
		z += weights[i] * x
	}
	return 1 / (1 + math.Exp(-z))
}
