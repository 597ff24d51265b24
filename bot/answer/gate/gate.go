// Package gate checks a claim against the sentences that it cites, without a
// model: numbers, dates, units, links and names, quotations, negation and
// hedges, who does and who says what, and how much of the wording is there.
//
// Invariants. Everything here is pure: the same claim, sentences and options
// give the same verdict. Claim and sentences are read by the same rules, and a
// check looks for a sentence that agrees, never for one that does not; so a
// claim that repeats a cited sentence word for word passes every check. The
// gate is a filter, not a proof: what passes need not follow from its evidence.
package gate

import "slices"

// A Sentence is one cited sentence.
type Sentence struct {
	Text string
	Lang string // ISO 639-1; "" is taken for the claim's language
}

// Kind names a check; a Failure tells which one a claim did not pass.
type Kind string

// The checks, each with its reason. The figures that they reach are printed by
// the command measure.
const (
	Number    Kind = "number"    // a number that no cited sentence has
	Date      Kind = "date"      // a day or month that none has
	Unit      Kind = "unit"      // a number that stands there with another unit
	Link      Kind = "link"      // a URL, e-mail address or mention that none has
	Name      Kind = "name"      // a name that none has
	Quotation Kind = "quotation" // words in quotation marks that stand in none like this
	Negation  Kind = "negation"  // a predicate that one side negates
	Hedge     Kind = "hedge"     // a statement that the source only reports or supposes
	Subject   Kind = "subject"   // another one does it in the source
	Speaker   Kind = "speaker"   // another one says it in the source
	Splice    Kind = "splice"    // a clause whose words are taken from several sentences
	Coverage  Kind = "coverage"  // too few of its words are in the source
)

// hard are the checks of tokens that a reader would take on trust.
var hard = []Kind{Number, Date, Unit, Link, Name}

// A Failure is one reason why a claim must not be shown.
type Failure struct {
	Check  Kind
	Detail string // the words of the claim, or of the source, that it is about
}

// A Verdict is what the gate thinks of a claim.
type Verdict struct {
	OK       bool      // no check failed
	Failures []Failure // in the order of the checks above
	Support  float64   // 0..1, how likely the sentences support the claim; comparable between claims of one language
}

// Hard reports whether a number, date, unit, link or name failed.
func (v Verdict) Hard() bool {
	return slices.ContainsFunc(v.Failures, func(f Failure) bool { return slices.Contains(hard, f.Check) })
}

// Options is what the gate may know of the documents beyond what is cited. The
// zero Options is ready: the gate then knows only the cited sentences.
type Options struct {
	// Known reports whether a folded word occurs in any document. It tells a
	// misspelt name from another one, and a German name from a noun. Optional.
	Known func(folded string) bool
	// Name reports whether a folded word is a name in any document. It is
	// asked where capitals do not tell. Optional.
	Name func(folded string) bool
}

// Check judges a claim, written in lang, by the sentences that it cites.
func Check(claim, lang string, cited []Sentence, o Options) Verdict {
	f, failures := judged(claim, lang, cited, o)
	return Verdict{OK: len(failures) == 0, Failures: failures, Support: support(f)}
}

func judged(claim, lang string, cited []Sentence, o Options) ([FeatureCount]float64, []Failure) {
	c := read(claim, lang)
	e := newEvidence(lang, cited)
	if len(c.words) > longestClaim {
		failures := tooLong(c, e)
		return features(c, e, failures), failures
	}
	markProper(append([]*text{c}, e.sentences...), o)
	var failures []Failure
	for _, check := range checks {
		failures = append(failures, check(c, e, o)...)
	}
	return features(c, e, failures), failures
}

// longestClaim is how many words a claim may have to be judged. Nobody reads a
// longer one as one statement, and the time of some checks grows by its square.
const longestClaim = 200

// tooLong fails a claim of too many words unless it is a cited sentence.
func tooLong(c *text, e *evidence) []Failure {
	if slices.ContainsFunc(e.sentences, func(s *text) bool { return s.raw == c.raw }) {
		return nil
	}
	return []Failure{{Coverage, "too long to be checked"}}
}

// checks are run in this order. Each is a pure function of a claim and its
// evidence, and returns what is wrong.
var checks = []func(*text, *evidence, Options) []Failure{
	checkNumbers, checkDates, checkLinks, checkNames, checkQuotations,
	checkNegation, checkHedges, checkSubjects, checkSpeakers, checkSplices, checkCoverage,
}

// evidence is the cited sentences, taken apart.
type evidence struct {
	lang      string
	sentences []*text
	all       vocabulary // of all sentences
}

func newEvidence(lang string, cited []Sentence) *evidence {
	e := &evidence{lang: lang, all: newVocabulary()}
	for _, s := range cited {
		if s.Lang == "" {
			s.Lang = lang
		}
		t := read(s.Text, s.Lang)
		e.sentences = append(e.sentences, t)
		e.all.add(t)
	}
	return e
}
