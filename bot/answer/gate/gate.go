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

import (
	"slices"
	"strings"
)

// A Sentence is one cited sentence.
type Sentence struct {
	Text string
	Lang string // ISO 639-1; "" is taken for the claim's language
	// Paragraph is any key of the paragraph that it stands in. The pronouns of a
	// sentence point to those cited before it from the same paragraph; all
	// sentences with no key count as one paragraph.
	Paragraph string
	// Before is the key of the paragraph before its own, which may lead to it: "Not
	// allowed on board are:".
	Before string
}

// Kind names a check; a Failure tells which one a claim did not pass.
type Kind string

// The checks, each with its reason, and the share of the supported and of the
// unsupported claims that it stops by all sentences of their source, as the
// command measure tells. Of good claims by one or two sentences, written by hand
// or rewritten by program, all together stop 0.8 %, and of the lies that the test
// of bot/answer makes of them none of number, date, unit, link, name, quotation
// or negation passes; what passes of the others stands beside them.
const (
	Number    Kind = "number"    // a number that no cited sentence has (1.7 %, 33 %)
	Date      Kind = "date"      // a day or month that none has (1.7 %, 12 %)
	Unit      Kind = "unit"      // a number that stands there with another unit (0.9 %, 2 %)
	Link      Kind = "link"      // a URL, e-mail address or mention that none has (0 %, 0 %)
	Name      Kind = "name"      // a name that none has (7 %, 63 %)
	Quotation Kind = "quotation" // words in quotation marks that stand in none like this (8 %, 16 %)
	Negation  Kind = "negation"  // a predicate that one side negates (5 %, 5 %)
	Hedge     Kind = "hedge"     // a statement that the source only reports or supposes (6 %, 5 %; lies that pass: 4 %)
	Subject   Kind = "subject"   // another one does it in the source (8 %, 0 %; 3 %)
	Speaker   Kind = "speaker"   // another one says it in the source (1.7 %, 0 %)
	Splice    Kind = "splice"    // a clause whose words are taken from several sentences (3.5 %, 12 %; 1 to 4 %, by how it is made)
	Coverage  Kind = "coverage"  // too few of its words are in the source (0.9 %, 35 %)
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
	return CheckParsed(claim, lang, parse(lang, cited), o)
}

func judged(claim, lang string, cited []*Parsed, o Options) ([FeatureCount]float64, []Failure) {
	c := read(claim, lang)
	e := parsedEvidence(lang, cited)
	e.joinLists(cited)
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
	checkNegation, checkHedges, checkSubjects, checkSpeakers, checkSplices, checkSeams, checkCoverage,
}

// evidence is the cited sentences, taken apart.
type evidence struct {
	lang       string
	sentences  []*text    // those cited, and behind them those that lead to a list, joined to its items
	paragraphs []string   // of each
	before     []string   // the paragraph before that
	sets       []words    // the words of each
	cited      int        // how many of them are as they were cited
	all        vocabulary // of all sentences
}

func newEvidence(lang string, cited []Sentence) *evidence {
	return parsedEvidence(lang, parse(lang, cited))
}

func parsedEvidence(lang string, cited []*Parsed) *evidence {
	e := &evidence{lang: lang, all: newVocabulary()}
	for _, p := range cited {
		t := p.marked()
		e.sentences = append(e.sentences, t)
		e.paragraphs = append(e.paragraphs, p.sentence.Paragraph)
		e.before = append(e.before, p.sentence.Before)
		e.sets = append(e.sets, p.set)
		e.all.add(t)
	}
	e.cited = len(e.sentences)
	return e
}

// joinLists adds "The following are banned: fireworks" for a sentence that leads
// to a list, or is the head of a table, and each cited sentence behind it: neither says by itself what the
// two say together.
func (e *evidence) joinLists(cited []*Parsed) {
	for i := range e.cited {
		lead, ok := strings.CutSuffix(strings.TrimSpace(cited[i].sentence.Text), ":")
		if head := cited[i].sentence.Text; !ok && strings.Contains(head, " | ") && (i == 0 || !strings.Contains(cited[i-1].sentence.Text, " | ")) {
			lead, ok = head+" |", true // the head of a table
		}
		if !ok {
			continue
		}
		for j := i + 1; j < min(e.cited, i+1+mostItems); j++ {
			if !follows(cited[j].sentence, cited[i].sentence) {
				continue
			}
			t := read(lead+" "+cited[j].sentence.Text, e.sentences[i].lang)
			e.sentences = append(e.sentences, t)
			e.paragraphs = append(e.paragraphs, cited[j].sentence.Paragraph)
			e.before = append(e.before, cited[j].sentence.Before)
			e.sets = append(e.sets, wordSet(t))
		}
	}
}

// follows reports whether a sentence stands where another one may lead to it: in
// the same paragraph, or the next one.
func follows(s, lead Sentence) bool {
	return s.Paragraph == lead.Paragraph || s.Before == lead.Paragraph
}

// mostItems is how many cited sentences may be the items of one list.
const mostItems = 20
