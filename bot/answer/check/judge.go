package check

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"summitbot/bot/answer"
	"summitbot/bot/answer/gate"
	"summitbot/knowledge"
)

// Thresholds of the verdict, all shares of the weight of a sentence's words.
// Those of a paraphrase and of a foreign sentence lie far apart, so that none
// moves a verdict on the tuning half of testdata when it moves by 0.03.
const (
	// supportedWording is the least share of the wording, supportedWords of all
	// words, that a source must have to support a sentence.
	supportedWording = 0.52
	supportedWords   = 0.56
	// contradictedWording is the least share of the wording, conflicting words
	// apart, that a source must have to speak of the same matter.
	contradictedWording = 0.72
	contradictedWords   = 0.65
	// contradictedSlack is how much less of the wording will do where names and
	// numbers agree: nearlyWhole of all words is there.
	contradictedSlack = 0.08
	// contradictedWhole is the least share of all words, conflicting ones among
	// them: a claim that is little but a name speaks of that name's own matter.
	contradictedWhole = 0.4
	// severalConflicts is the same for a claim that conflicts in more than one
	// point: two changes at once are rare, two other names in a sentence about
	// something else are not.
	severalConflicts = 0.6
	// leastShared is how many words a sentence must have in common with a source.
	// One word is chance, and two are unless they are nearlyWhole of it.
	leastShared = 2
	nearlyWhole = 0.75
	// tooFar is the share below which no sentence but the best is judged.
	tooFar = 0.35
	// elsewhere is how much less of a claim than another sentence one may have
	// that contradicts it: what the claim is about stands in the other.
	elsewhere = 0.15
	// joins is what a second sentence must add to the share of all words for a
	// statement to be taken for two facts joined.
	joins = 0.1
	// anchors is how many sentences of the documents are judged closely.
	anchors = 4
)

// A judgement is one sentence with what was found for it.
type judgement struct {
	claim   reading
	found   knowledge.Result
	options gate.Options
	names   map[string]bool // see readStatement
}

func newJudgement(claim string, found knowledge.Result) *judgement {
	capitals, small := map[string]bool{}, map[string]bool{}
	readCapitals(claim, capitals, small)
	for i := range found.Hits {
		for s := range found.Hits[i].Paragraph.Sentences {
			readCapitals(found.Hits[i].Sentence(s), capitals, small)
		}
	}
	maps.DeleteFunc(capitals, func(w string, _ bool) bool { return small[w] })
	j := &judgement{found: found, names: capitals}
	j.options = gate.Options{Known: found.Known, Name: func(folded string) bool { return j.names[folded] && found.Language != "de" }}
	j.claim = readStatement(claim, found.Language, j.names)
	j.claim.weigh()
	return j
}

// An anchor is one sentence of the documents that may say what a claim says.
type anchor struct {
	hit, sentence int
	source        reading
	match         match
	near          float64 // how much of the claim it has, to choose by
}

// A window is an anchor with the sentences that are read together with it.
type window struct {
	from, to int // sentences of the paragraph
	context  []gate.Sentence
	all      match
}

// An assessment is what is thought of a claim beside one window.
type assessment struct {
	anchor
	window
	verdict   gate.Verdict
	conflicts []Conflict
	exact     bool    // some conflict stands between the same two words
	addition  bool    // a number or name that takes nothing's place
	wording   float64 // shares, conflicting words apart
	words     float64
	whole     float64    // share of all words, conflicting ones among them
	shared    int        // how many words that tell something the anchor has
	doubt     []Conflict // what is supposed there and stated here
}

// decide returns the verdict: contradicted if one sentence of the documents says
// the same but for what conflicts, supported if one, or two side by side, say
// it all, else not found.
func (j *judgement) decide() Sentence {
	if len(j.claim.words) > longestStatement {
		return j.repeated()
	}
	var support, conflict, doubt *assessment
	candidates := j.anchors()
	for i := range candidates {
		if i > 0 && candidates[i].near < tooFar {
			break
		}
		for _, a := range j.assess(&candidates[i]) {
			switch {
			case len(a.conflicts) > 0 || a.addition:
				if !a.addition && a.speaksOfTheSame() && (conflict == nil || a.closer(conflict)) {
					conflict = &a
				}
			case !a.met() || a.wording < supportedWording || a.words < supportedWords:
			case len(a.doubt) > 0:
				doubt = cmp.Or(doubt, &a)
			case support == nil || a.closer(support):
				support = &a
			}
		}
	}
	if conflict != nil && conflict.near < candidates[0].near-elsewhere {
		conflict = nil // another sentence is about this, and it does not conflict
	}
	switch {
	case support != nil && (conflict == nil || support.outweighs(conflict)):
		return Sentence{Status: Supported, Citations: j.cite(support), Confidence: support.verdict.Support}
	case conflict != nil:
		return Sentence{Status: Contradicted, Citations: j.cite(conflict), Conflicts: conflict.conflicts, Confidence: conflict.wording * conflict.words}
	}
	out := Sentence{Status: NotFound, Confidence: 1}
	if doubt != nil {
		out.Conflicts = doubt.doubt
	}
	if len(candidates) > 0 {
		out.Nearest = j.nearest(&candidates[0])
		out.Confidence = 1 - candidates[0].near
	}
	return out
}

// met reports whether the claim and the anchor have enough in common not to have
// met by chance.
func (a *assessment) met() bool {
	return a.shared > leastShared || a.shared == leastShared && a.words >= nearlyWhole
}

// speaksOfTheSame reports whether a claim that conflicts with an anchor is about
// what that says.
func (a *assessment) speaksOfTheSame() bool {
	least := contradictedWhole
	if len(a.conflicts) > 1 {
		least = severalConflicts
	}
	wording := a.wording
	if a.words >= nearlyWhole {
		wording += contradictedSlack
	}
	return a.shared >= leastShared && wording >= contradictedWording && a.words >= contradictedWords && a.whole >= least
}

// longestStatement is how many words a sentence may have to be judged, as in the
// gate. A longer one is supported only if it stands in the documents as it is.
const longestStatement = 200

// repeated looks for a sentence that is the claim word for word.
func (j *judgement) repeated() Sentence {
	for h := range j.found.Hits {
		for s := range j.found.Hits[h].Paragraph.Sentences {
			if j.found.Hits[h].Sentence(s) == j.claim.text {
				return Sentence{Status: Supported, Citations: []answer.Citation{answer.Cite(j.found.Hits[h], s)}, Confidence: 1}
			}
		}
	}
	return Sentence{Status: NotFound, Confidence: 1}
}

// closer reports whether an assessment has more of the claim than another.
func (a *assessment) closer(b *assessment) bool { return a.wording+a.words > b.wording+b.words+1e-9 }

// outweighs reports whether a support counts for more than a conflict: that of
// another sentence that says all the claim does, but not that of two sentences
// where the conflicting one has all but a little.
func (a *assessment) outweighs(conflict *assessment) bool {
	if a.hit == conflict.hit && a.sentence == conflict.sentence && a.to == a.sentence && conflict.nameOnly() && !conflict.exact {
		return true // it leans on the sentence before it, which has the name
	}
	if a.from == a.to {
		return a.wording+a.words >= conflict.wording+conflict.words-joins || a.hit == conflict.hit && a.sentence == conflict.sentence
	}
	return a.words >= conflict.words+joins
}

func (a *assessment) nameOnly() bool {
	return !slices.ContainsFunc(a.conflicts, func(c Conflict) bool { return c.Kind != gate.Name })
}

// anchors returns the sentences found that have most of the claim, best first.
func (j *judgement) anchors() []anchor {
	var out []anchor
	for h := range j.found.Hits {
		hit := &j.found.Hits[h]
		for s := range hit.Paragraph.Sentences {
			a := anchor{hit: h, sentence: s, source: readStatement(hit.Sentence(s), j.languageOf(hit), j.names)}
			a.match = j.claim.in(&a.source)
			said, weight := j.claim.share(a.match, j.claim.isWording)
			all, _ := j.claim.share(a.match, anyStatementWord)
			a.near = all
			if weight > 0 {
				a.near = (said + all) / 2
			}
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b anchor) int { return cmp.Compare(b.near, a.near) })
	return out[:min(anchors, len(out))]
}

func (r *reading) isWording(i int) bool { return r.words[i].role == wording }

func anyStatementWord(int) bool { return true }

func (j *judgement) languageOf(hit *knowledge.Hit) string {
	return cmp.Or(hit.Document.Language, j.claim.lang)
}

// assess judges the claim by an anchor: alone, with what it leans on, and with
// the sentence behind it, if that adds something.
func (j *judgement) assess(a *anchor) []assessment {
	hit := &j.found.Hits[a.hit]
	windows := []window{{from: a.sentence, to: a.sentence, context: j.above(hit), all: a.match}}
	prose := hit.Paragraph.Kind != knowledge.List && hit.Paragraph.Kind != knowledge.Table
	if prose && a.sentence > 0 {
		for from := a.sentence - 1; from >= max(0, a.sentence-2); from-- {
			windows = append(windows, j.widen(windows[0], hit, from, a.sentence))
		}
	}
	if prose && a.sentence+1 < len(hit.Paragraph.Sentences) {
		windows = append(windows, j.widen(windows[0], hit, a.sentence, a.sentence+1))
	}
	alone := j.judge(a, windows[0])
	out := []assessment{alone}
	if alone.verdict.OK && alone.words == 1 {
		return out
	}
	for _, w := range windows[1:] {
		leaning := w.to == a.sentence && a.source.leans()
		if all, _ := j.claim.share(w.all, anyStatementWord); !leaning && all < alone.whole+joins {
			continue
		}
		wide := j.judge(a, w)
		if w.to == a.sentence {
			// Beside the sentence that names who it is, the gate may compare the claim
			// with that one; what the anchor negates it negates all the same.
			for _, c := range alone.conflicts {
				if c.Kind == gate.Negation && c.Source != "" {
					wide.negates(c)
				}
			}
		}
		out = append(out, wide)
	}
	return out
}

// above returns what stands over a paragraph: its headings, the first row of a
// table, and the line that introduces a list. They name what it speaks of.
func (j *judgement) above(hit *knowledge.Hit) []gate.Sentence {
	var out []gate.Sentence
	for _, h := range hit.Paragraph.Headings {
		out = append(out, gate.Sentence{Text: h, Lang: j.languageOf(hit)})
	}
	if hit.Paragraph.Kind == knowledge.Table {
		return append(out, gate.Sentence{Text: hit.Sentence(0), Lang: j.languageOf(hit)})
	}
	if hit.Paragraph.Kind != knowledge.List {
		return out
	}
	for i := range j.found.Hits {
		o := &j.found.Hits[i]
		if o.Document.ID == hit.Document.ID && o.Paragraph.Number == hit.Paragraph.Number-1 && strings.HasSuffix(o.Paragraph.Text, ":") {
			out = append(out, gate.Sentence{Text: o.Sentence(len(o.Paragraph.Sentences) - 1), Lang: j.languageOf(o)})
		}
	}
	return out
}

// widen returns a window over more sentences of its paragraph.
func (j *judgement) widen(w window, hit *knowledge.Hit, from, to int) window {
	out := window{from: from, to: to, context: w.context, all: w.all}
	for i := from; i <= to; i++ {
		s := readStatement(hit.Sentence(i), j.languageOf(hit), j.names)
		out.all = joinMatches(out.all, j.claim.in(&s))
	}
	return out
}

// judge puts the claim before the gate, with the sentences of a window.
func (j *judgement) judge(a *anchor, w window) assessment {
	hit := &j.found.Hits[a.hit]
	lang := j.languageOf(hit)
	cited := slices.Clone(w.context)
	for i := w.from; i <= w.to; i++ {
		cited = append(cited, gate.Sentence{Text: hit.Sentence(i), Lang: lang})
	}
	for _, c := range w.context {
		s := readStatement(c.Text, c.Lang, j.names)
		w.all = joinMatches(w.all, j.claim.in(&s))
	}
	out := assessment{anchor: *a, window: w, verdict: gate.Check(j.claim.text, j.claim.lang, cited, j.options)}
	conflicting := out.compare(&j.claim)
	apart := func(i int) bool { return !conflicting[i] }
	out.shared = j.claim.shared(a.match, apart)
	var weight float64
	out.whole, _ = j.claim.share(w.all, anyStatementWord)
	out.words, _ = j.claim.share(w.all, apart)
	out.wording, weight = j.claim.share(w.all, func(i int) bool { return apart(i) && j.claim.isWording(i) })
	if weight == 0 {
		out.wording = out.words
	}
	return out
}

// cite returns the sentences of a window as one citation.
func (j *judgement) cite(a *assessment) []answer.Citation {
	hit := j.found.Hits[a.hit]
	c := answer.Cite(hit, a.from)
	c.End = hit.Paragraph.Sentences[a.to].End
	c.Quote = hit.Paragraph.Text[c.Start:c.End]
	return []answer.Citation{c}
}

// nearest returns an anchor as a near miss.
func (j *judgement) nearest(a *anchor) *answer.Nearest {
	if a.near == 0 {
		return nil
	}
	hit := j.found.Hits[a.hit]
	return &answer.Nearest{Address: hit.Address().String(), Heading: hit.Paragraph.Heading(), Title: hit.Document.Title, Text: hit.Sentence(a.sentence)}
}
