// Package phrase has the program's own sentences, in the languages that they are
// written in and in English for all others: what is said around an answer, and
// instead of one. What documents and people say is never in here.
//
// Invariants. Pure: a language and values in, a sentence out. Every language has
// every sentence, with the same places to fill in. Little is bent by number or
// case: where a language would have to, the sentence is put so that it need not.
package phrase

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display" // CLDR's names of languages, in each other
)

// words/XX.txt holds the sentences of one language, "key: text" a line.
//
//go:embed words/*.txt
var files embed.FS

// fallback is the language of those who have no table.
const fallback = "en"

// A Key names a sentence that needs nothing filled in; see Catalogue.Text. The
// others have methods.
type Key string

// The sentences, by what they are said for.
const (
	NotSaid Key = "not_said" // the documents do not answer the question
	Nearest Key = "nearest"  // stands before the paragraphs that come near a refused question

	Translated    Key = "translated"     // marks a claim in another language than its evidence
	FromDocuments Key = "from_documents" // in the account: no model was asked
	FromModel     Key = "from_model"     // in the account: a model put the claims into words

	// Why the answer is from the documents alone though there is a model.
	ModelUnreachable Key = "model_unreachable"
	ModelRejected    Key = "model_rejected"  // it refused the request itself, as with a wrong key or model name
	ModelBusy        Key = "model_busy"      // its queue is full
	ModelCut         Key = "model_cut"       // its answer broke off, or was no answer, before a claim passed
	ModelDeclined    Key = "model_declined"  // it, or its endpoint's filter, would not answer
	ModelMalformed   Key = "model_malformed" // what came was no completion
	ModelSilent      Key = "model_silent"    // its answer had no statement
	ModelTooSmall    Key = "model_too_small" // no paragraph fits into its context
	NothingVerified  Key = "nothing_verified"

	ModelIncomplete Key = "model_incomplete" // its answer broke off behind claims that are shown

	// Why there is no answer.
	Empty      Key = "empty"      // no question
	Busy       Key = "busy"       // too many questions wait
	Restarting Key = "restarting" // the program stops and comes back
	Broken     Key = "broken"     // something that the asker cannot help
	UnderWay   Key = "under_way"  // the same question is being answered
	Stopped    Key = "stopped"    // as the asker wished

	Thanks Key = "thanks" // for feedback

	nearMiss       Key = "near_miss"
	nearMisses     Key = "near_misses"
	notInThem      Key = "not_in_them"
	notInDocuments Key = "not_in_documents"
	computed       Key = "computed"
	documentsIn    Key = "documents_in"
	checked        Key = "checked"
	checkedOne     Key = "checked_one"
	tooLong        Key = "too_long"
	rateLimit      Key = "rate_limit"
	budget         Key = "budget"
)

// places are the sentences with what each has to be filled in.
var places = map[Key][]string{
	NotSaid: nil, Nearest: nil, Translated: nil, FromDocuments: nil, FromModel: nil,
	ModelUnreachable: nil, ModelRejected: nil, ModelBusy: nil, ModelCut: nil, ModelDeclined: nil,
	ModelMalformed: nil, ModelSilent: nil, ModelTooSmall: nil, NothingVerified: nil, ModelIncomplete: nil,
	Empty: nil, Busy: nil, Restarting: nil, Broken: nil, UnderWay: nil, Stopped: nil, Thanks: nil,
	nearMiss: nil, nearMisses: nil, notInThem: {"words"}, notInDocuments: {"words"}, computed: {"how"},
	documentsIn: {"language"}, checked: {"shown", "made"}, checkedOne: {"shown", "made"}, tooLong: {"limit"}, rateLimit: {"seconds"}, budget: {"time"},
	Reading: nil, Continued: nil, NoCause: nil,
	SourcesButton: nil, SourcesLabel: nil, ShareButton: nil, ShareLabel: nil, RetryButton: nil, RetryLabel: nil,
	GoodButton: nil, GoodLabel: nil, BadButton: nil, BadLabel: nil, SendButton: nil, CloseButton: nil, CancelButton: nil, PreviousButton: nil, NextButton: nil,
	SourcesTitle: nil, ChangedSince: nil, ParagraphGone: nil, Shortened: nil, NoRoom: nil, SourcesLeftOut: nil,
	FeedbackTitle: nil, ReasonParagraph: nil, ReasonMisread: nil, ReasonMissing: nil, ReasonOther: nil, OwnWords: nil,
	HelpIntro: nil, HelpAsk: nil, HelpSources: nil, HelpShow: nil, HelpHelp: nil, HelpQuestion: nil, HelpElsewhere: nil, Examples: nil,
	Documents: nil, NoDocuments: nil, AnswerGone: nil, NotForYou: nil, NotShareable: nil, Untold: nil,
	Supported: nil, Contradicted: nil, NotFound: nil, Unchecked: nil,
	IsQuestion: nil, IsHeading: nil, IsGreeting: nil, StatesNothing: nil, NothingToCheck: nil,
	page: {"number", "count"}, checkTooLong: {"limit"}, searchedFor: {"question"}, paragraphs: {"count"}, noParagraph: {"address"}, onlySupposed: {"source"}, notTheirWords: {"claim"},
	theyDeny: {"source"}, theyDoNotDeny: {"claim"}, otherDoer: {"source"}, otherTeller: {"source"}, notTold: {"claim"}, toldOtherwise: {"source", "claim"},
}

// A Catalogue has the sentences of one language. The zero Catalogue is English.
type Catalogue struct {
	lang  string
	texts map[Key]string
}

var catalogues = sync.OnceValue(func() map[string]Catalogue {
	entries, err := files.ReadDir("words")
	if err != nil {
		panic(err) // embedded at build time
	}
	out := map[string]Catalogue{}
	for _, e := range entries {
		data, err := files.ReadFile(path.Join("words", e.Name()))
		if err != nil {
			panic(err) // embedded at build time
		}
		lang := strings.TrimSuffix(e.Name(), ".txt")
		texts, err := parse(string(data))
		if err != nil {
			panic(fmt.Sprintf("%s: %v", e.Name(), err)) // a test reads every file
		}
		out[lang] = Catalogue{lang, texts}
	}
	return out
})

// parse reads one table. It fails on a line without a key, one that is there
// twice, and one that no sentence of the program has.
func parse(table string) (map[Key]string, error) {
	out := map[Key]string{}
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, text, ok := strings.Cut(line, ": ")
		k := Key(name)
		_, known := places[k]
		_, twice := out[k]
		switch {
		case !ok || text == "":
			return nil, fmt.Errorf("no key or no text: %q", line)
		case !known:
			return nil, fmt.Errorf("unknown key %q", name)
		case twice:
			return nil, fmt.Errorf("key %q twice", name)
		}
		out[k] = text
	}
	return out, nil
}

// For returns the sentences in a language, an ISO 639-1 code, perhaps with a
// region behind it as in "de-AT"; in English if there is no table for it.
func For(lang string) Catalogue {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if c, ok := catalogues()[base]; ok {
		return c
	}
	return catalogues()[fallback]
}

// Languages returns the codes of the languages that have a table, sorted.
func Languages() []string {
	var out []string
	for lang := range catalogues() {
		out = append(out, lang)
	}
	slices.Sort(out)
	return out
}

// Lang returns the language of the catalogue, an ISO 639-1 code.
func (c Catalogue) Lang() string {
	if c.lang == "" {
		return fallback
	}
	return c.lang
}

// say fills the places of a sentence with values, in the order of places. One
// pass does it, so that braces in a value stay what they are.
func (c Catalogue) say(k Key, values ...string) string {
	texts := c.texts
	if texts == nil {
		texts = catalogues()[fallback].texts
	}
	var pairs []string
	for i, v := range values {
		pairs = append(pairs, "{"+places[k][i]+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(texts[k])
}

// Text returns a sentence that needs nothing filled in.
func (c Catalogue) Text(k Key) string { return c.say(k) }

// NotInThem names, after NotSaid, words of the question that no document has.
// words is a list ready to be shown, in quotation marks.
func (c Catalogue) NotInThem(words string) string { return c.say(notInThem, words) }

// NotInDocuments is NotInThem beside an answer.
func (c Catalogue) NotInDocuments(words string) string { return c.say(notInDocuments, words) }

// NearMiss says of n paragraphs that they do not answer the question.
func (c Catalogue) NearMiss(n int) string {
	if n == 1 {
		return c.say(nearMiss)
	}
	return c.say(nearMisses)
}

// Computed stands behind a claim with a number that was computed; how is the
// computation, as gate.Derive has it.
func (c Catalogue) Computed(how string) string { return c.say(computed, how) }

// DocumentsIn names the language of the documents, an ISO 639-1 code, where it is
// not that of the question. A code without a name stands for itself.
func (c Catalogue) DocumentsIn(lang string) string { return c.say(documentsIn, c.nameOf(lang)) }

// nameOf returns a language's name in the language of the catalogue.
func (c Catalogue) nameOf(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return lang
	}
	if name := display.Languages(language.Make(c.Lang())).Name(tag); name != "" {
		return name
	}
	return lang
}

// Checked tells how many of the claims that were made passed and are shown.
func (c Catalogue) Checked(shown, made int) string {
	k := checked
	if made == 1 {
		k = checkedOne
	}
	return c.say(k, strconv.Itoa(shown), strconv.Itoa(made))
}

// TooLong says that a question has more than limit characters.
func (c Catalogue) TooLong(limit int) string { return c.say(tooLong, strconv.Itoa(limit)) }

// RateLimited says when to ask again, in whole seconds and never too early.
func (c Catalogue) RateLimited(wait time.Duration) string {
	seconds := max(1, int64((wait+time.Second-1)/time.Second))
	return c.say(rateLimit, strconv.FormatInt(seconds, 10))
}

// BudgetSpent says when the day's budget is renewed.
func (c Catalogue) BudgetSpent(until time.Time) string {
	return c.say(budget, until.UTC().Format("15:04"))
}
