package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"summitbot/bot/answer"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

// head is what every page has.
type head struct {
	Title string
	Style string // address of the style sheet
	App   string // address of the script
	Icon  string
}

// faultView is a page that says what went wrong.
type faultView struct {
	head
	Message  string
	Question string // to be asked again; "" if there is none
}

// askView is the page to ask on.
type askView struct {
	head
	Examples   []string
	Documents  []documentView
	Paragraphs int
	Earlier    string // address of the list's page before, "" if there is none
	Later      string
}

// documentView is one line of the list of documents.
type documentView struct {
	Name       string
	ID         string
	Collection string
	Paragraphs int
	Link       string
}

// answerView is an answer: on its own page, and below the question that was asked.
type answerView struct {
	head
	ID           string
	Link         string // of its own page
	Question     string
	Language     string // of the program's own sentences
	Created      time.Time
	Claims       []claimView
	Sources      []sourceView
	Refusal      string // instead of claims: the documents do not say
	Failure      string // instead of claims: what went wrong
	Unknown      string // the question's words that no document has
	NearestTitle string
	Nearest      []nearestView
	NearMiss     string
	Notes        []string // what else people should know
	Account      string   // how it was made, in one line
	Checks       accountView
	Conversation string // to ask on in; "" is a new one
	Rated        bool   // feedback was just given
	Markdown     string // address of the answer as Markdown
}

// claimView is one claim with the numbers of its sources.
type claimView struct {
	Text     string
	Language string
	Note     string // that it is translated, or how a number was computed
	Numbers  []markerView
}

// markerView is the number of a source, linked to its place.
type markerView struct {
	Number int
	Link   string
	Label  string // for those who cannot see where it leads
}

// sourceView is one paragraph that is cited.
type sourceView struct {
	Number   int
	Sign     string // such as "¶8"
	Heading  string
	Title    string
	Address  string
	Link     string // to the paragraph as it was cited
	Original string // where the document itself stands, "" if nowhere
	Quotes   []string
	Changed  bool // since it was cited
}

// nearestView is a paragraph that comes near a refused question.
type nearestView struct {
	Sign, Heading, Address, Text, Link string
}

// accountView tells what was done for an answer.
type accountView struct {
	Lines []string
	Drops []dropView
}

// dropView is why claims were not shown, and how many. What they said is not shown
// here either: it did not pass.
type dropView struct {
	Count  int
	Reason string
}

// titleLetters is how many letters of a document's title a page's title has.
const titleLetters = 80

// answerOf makes the view of an answer.
func (w *Web) answerOf(a answer.Answer, conversation string) answerView {
	say := phrase.For(a.Language)
	v := answerView{
		head: w.head(a.Question), ID: a.ID, Link: "/a/" + url.PathEscape(a.ID), Question: a.Question, Language: say.Lang(), Created: a.Created,
		Conversation: conversation, Account: account(a, say), Checks: checks(a), Markdown: "/a/" + url.PathEscape(a.ID) + "?format=markdown",
	}
	sources := answer.Sources(a)
	said := map[string]bool{} // what stands there already, word for word, is not said twice
	for _, c := range a.Claims {
		said[running(c.Text)] = true
	}
	for i, s := range sources {
		source := sourceOf(i+1, s)
		source.Quotes = slices.DeleteFunc(source.Quotes, func(q string) bool { return said[running(q)] })
		v.Sources = append(v.Sources, source)
	}
	switch a.Outcome {
	case answer.Answered:
		for _, c := range a.Claims {
			v.Claims = append(v.Claims, claimOf(c, sources, say))
		}
		if len(a.UnknownWords) > 0 {
			v.Unknown = say.NotInDocuments(quotedList(a.UnknownWords))
		}
	case answer.Refused:
		v.Refusal = say.Text(phrase.NotSaid)
		if len(a.UnknownWords) > 0 {
			v.Unknown = say.NotInThem(quotedList(a.UnknownWords))
		}
		nearest := a.Nearest[:min(len(a.Nearest), maxNearest)]
		for _, n := range nearest {
			v.Nearest = append(v.Nearest, nearestView{Sign: sign(n.Address), Heading: n.Heading, Address: n.Address, Text: n.Text, Link: pageOf(n.Address, "", nil)})
		}
		if len(nearest) > 0 {
			v.NearestTitle, v.NearMiss = say.Text(phrase.Nearest), say.NearMiss(len(nearest))
		}
	default:
		v.Failure = cmp.Or(a.Error, say.Text(phrase.NoCause))
	}
	if a.Outcome != answer.Failed && a.Error != "" {
		v.Notes = append(v.Notes, a.Error)
	}
	if a.Note != "" {
		v.Notes = append(v.Notes, a.Note)
	}
	return v
}

// maxNearest is how many near misses a refusal shows: more would read as an answer.
const maxNearest = 3

func quotedList(words []string) string { return `"` + strings.Join(words, `", "`) + `"` }

// claimOf makes the view of a claim. sources are those of the answer so far.
func claimOf(c answer.Claim, sources []answer.Source, say phrase.Catalogue) claimView {
	v := claimView{Text: c.Text, Language: c.Language}
	switch c.Check {
	case answer.Translated:
		v.Note = say.Text(phrase.Translated)
	case answer.Derived:
		v.Note = say.Computed(c.Computed)
	}
	for i, s := range sources {
		if s.Cites(c) {
			view := sourceOf(i+1, s)
			v.Numbers = append(v.Numbers, markerView{Number: i + 1, Link: view.Link, Label: fmt.Sprintf("Source %d: %s of %s", i+1, view.Sign, view.Title)})
		}
	}
	return v
}

// sourceOf makes the view of the source that is shown with a number.
func sourceOf(number int, s answer.Source) sourceView {
	first := s.Citations[0]
	v := sourceView{
		Number: number, Sign: sign(s.Address), Heading: first.Heading, Title: cmp.Or(first.Title, first.Document()), Address: s.Address,
		Link: pageOf(s.Address, s.Revision, s.Spans()), Quotes: s.Quotes(func(q string) string { return q }),
	}
	if u, err := url.Parse(first.URL); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		v.Original = first.URL
	}
	return v
}

// sign returns "¶8" for the address "alaska-summit#8".
func sign(address string) string {
	a, err := knowledge.ParseAddress(address)
	if err != nil {
		return "¶?" // the address itself is shown beside it
	}
	return fmt.Sprintf("¶%d", a.Paragraph)
}

// digestLetters is how much of a revision's digest a link has: 48 bits, in a handful
// of revisions.
const digestLetters = 12

// pageOf returns the address of a paragraph's page, with spans of it marked.
func pageOf(address, revision string, spans []knowledge.Span) string {
	a, err := knowledge.ParseAddress(address)
	if err != nil || a.Document == "." || a.Document == ".." { // these two are the folder itself, however they are escaped
		return ""
	}
	query := url.Values{}
	if revision != "" {
		query.Set("rev", revision[:min(len(revision), digestLetters)])
	}
	marks := make([]string, len(spans))
	for i, s := range spans {
		marks[i] = fmt.Sprintf("%d-%d", s.Start, s.End)
	}
	if len(marks) > 0 {
		query.Set("mark", fmt.Sprintf("%d:%s", a.Paragraph, strings.Join(marks, ",")))
	}
	return (&url.URL{Path: "/d/" + a.Document, RawPath: "/d/" + url.PathEscape(a.Document), RawQuery: query.Encode(), Fragment: fmt.Sprintf("p%d", a.Paragraph)}).String()
}

// account says in one line how an answer was made.
func account(a answer.Answer, say phrase.Catalogue) string {
	var parts []string
	switch {
	case a.Outcome == answer.Failed:
	case a.Method == answer.LLM:
		if a.Outcome == answer.Answered {
			parts = append(parts, say.Checked(a.Account.Shown, a.Account.Claims))
		}
		parts = append(parts, cmp.Or(a.Account.Model, say.Text(phrase.FromModel)))
	default:
		parts = append(parts, say.Text(phrase.FromDocuments))
	}
	return strings.Join(append(parts, took(a.Account.Millis)), " · ")
}

// took tells a duration in milliseconds, in two figures at most.
func took(millis float64) string {
	switch {
	case millis < 1:
		return "under 1 ms"
	case millis < 1000:
		return fmt.Sprintf("%.0f ms", millis)
	}
	return fmt.Sprintf("%.1f s", millis/1000)
}

// checks tells the account of an answer in full.
func checks(a answer.Answer) accountView {
	n := a.Account
	v := accountView{Lines: []string{fmt.Sprintf("%s ranked.", count(n.Candidates, "paragraph"))}}
	say := func(format string, args ...any) { v.Lines = append(v.Lines, fmt.Sprintf(format, args...)) }
	if n.Searched != "" {
		say("Searched as %q.", n.Searched)
	}
	if n.Sent > 0 {
		say("%s shown to the model %s.", count(n.Sent, "paragraph"), cmp.Or(n.Model, n.Endpoint))
	}
	if n.Claims > 0 {
		say("%s made, %d shown, %d of these with another citation than the model's or as the source's own sentence, %d dropped.",
			count(n.Claims, "claim"), n.Shown, n.Repaired, len(n.Dropped))
	}
	if a.Method == answer.Offline {
		say("No model put this into words: each sentence is the document's own.")
	}
	if n.Calls > 0 {
		say("%s of the model, %s, %d tokens read and %d written.", count(n.Calls, "completion"), count(n.Attempts, "request"), n.PromptTokens, n.CompletionTokens)
	}
	say("Confidence that the documents answer this: %.0f %%.", 100*a.Confidence)
	for _, d := range n.Dropped {
		why := cmp.Or(reasonsToDrop[d.Reason], d.Reason)
		if i := slices.IndexFunc(v.Drops, func(v dropView) bool { return v.Reason == why }); i >= 0 {
			v.Drops[i].Count++
			continue
		}
		v.Drops = append(v.Drops, dropView{1, why})
	}
	return v
}

// reasonsToDrop say in words what a Drop's reason is.
var reasonsToDrop = map[string]string{
	"number":     "a number that the sources do not have",
	"date":       "a date that the sources do not have",
	"unit":       "a number with another unit than in the sources",
	"link":       "an address that the sources do not have",
	"name":       "a name that the sources do not have",
	"quotation":  "words in quotation marks that are not in the sources",
	"negation":   "one of the two denies what the other states",
	"hedge":      "stated as a fact what the sources only report or suppose",
	"subject":    "somebody else does it in the sources",
	"speaker":    "somebody else says it in the sources",
	"splice":     "put together from parts of several sentences",
	"coverage":   "too few of its words are in the sources",
	"duplicate":  "said already",
	"judge":      "a second look did not find it supported",
	"references": "no source, or one that was not shown to the model",
}

// count writes "1 claim" and "2 claims".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// running returns a text as one line.
func running(text string) string { return strings.Join(strings.Fields(text), " ") }

// titleOf shortens a text to what a page's title may have.
func titleOf(text string) string {
	text = running(text)
	if r := []rune(text); len(r) > titleLetters {
		return string(r[:titleLetters]) + "..."
	}
	return text
}

// namesOf lists documents for the ask page.
func namesOf(docs []knowledge.Document) (views []documentView, paragraphs int) {
	for _, d := range docs {
		views = append(views, documentView{Name: cmp.Or(d.Title, d.ID), ID: d.ID, Collection: d.Collection, Paragraphs: d.Paragraphs, Link: documentLink(d.ID)})
		paragraphs += d.Paragraphs
	}
	slices.SortStableFunc(views, func(a, b documentView) int { return strings.Compare(a.Collection, b.Collection) })
	return views, paragraphs
}

// documentLink returns the address of a document's page.
func documentLink(id string) string {
	if id == "." || id == ".." {
		return ""
	}
	return "/d/" + url.PathEscape(id)
}
