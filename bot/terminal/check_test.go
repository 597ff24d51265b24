package terminal

import (
	"strings"
	"testing"

	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
)

// report is one sentence of each status, and of each kind of conflict.
func report() check.Report {
	cite := []answer.Citation{{
		Address: "alaska-summit#8", Heading: "Security Guarantees at the Center of Talks", Title: "alaska-summit",
		Quote: "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin.", End: 89,
	}}
	contradicted := func(text string, c check.Conflict) check.Sentence {
		return check.Sentence{Text: text, Status: check.Contradicted, Citations: cite, Conflicts: []check.Conflict{c}}
	}
	handbook := []answer.Citation{{Address: "safety#3", Title: "Safety on board", URL: "https://example.org/safety", Quote: "The alarm is seven short blasts."}}
	return check.Report{
		Sentences: []check.Sentence{
			{Text: "Dear\ncolleagues,", Status: check.Unchecked, Reason: check.IsGreeting},
			{Text: "# Notes", Status: check.Unchecked, Reason: check.IsHeading},
			{Text: "NATO membership for Ukraine remains a red line for Putin.", Status: check.Supported, Citations: cite},
			{
				Text: "The alarm is nine short blasts.", Status: check.Contradicted, Citations: handbook,
				Conflicts: []check.Conflict{{Kind: "number", Claim: "nine", Source: "seven"}},
			},
			contradicted("The proposal would grant Ukraine NATO membership.", check.Conflict{Kind: check.Negated, Source: "not grant Ukraine NATO membership"}),
			contradicted("NATO membership does not remain a red line.", check.Conflict{Kind: check.Negated, Claim: "not remain a red line"}),
			contradicted(`It is "a red rag".`, check.Conflict{Kind: check.Misquote, Claim: "a red rag"}),
			{
				Text: "Trump entertained discussions.", Status: check.NotFound, Conflicts: []check.Conflict{{Kind: check.Supposed, Source: "may"}},
				Nearest: &answer.Nearest{Address: "alaska-summit#2", Title: "alaska-summit", Text: "Reports suggested Trump may have entertained discussions."},
			},
			{Text: "Water boils at a lower temperature in the mountains than it does by the sea, which every cook knows.", Status: check.NotFound},
			{Text: "Who will travel?", Status: check.Unchecked, Reason: check.IsQuestion},
			{Text: "And so on.", Status: check.Unchecked, Reason: check.IsEmpty},
		},
		Summary: check.Summary{Supported: 1, Contradicted: 4, NotFound: 2, Unchecked: 4},
	}
}

func TestACheckLooksAsAgreed(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			golden(t, "check."+v.name, rendered(t, v.opts, func(r *Renderer) error { return r.Check(report()) }))
		})
	}
}

func TestACheckOfNothingSaysSo(t *testing.T) {
	got := rendered(t, Options{}, func(r *Renderer) error { return r.Check(check.Report{}) })
	if want := "no sentence to check\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHostileTextOfACheckReachesTheTerminalAsTextOnly(t *testing.T) {
	const evil = "a\x1b[2J\x07\u202e\rb"
	cite := []answer.Citation{{Address: evil + "#1", Heading: evil, Title: evil, Quote: evil, URL: "https://example.org/\x1b]8;;"}}
	hostile := check.Report{Sentences: []check.Sentence{
		{Text: evil, Status: check.Supported, Citations: cite},
		{Text: evil, Status: check.Contradicted, Citations: cite, Conflicts: []check.Conflict{
			{Kind: "name", Claim: evil, Source: evil}, {Kind: check.Negated, Source: evil}, {Kind: check.Negated, Claim: evil},
			{Kind: check.Misquote, Claim: evil}, {Kind: "name", Claim: evil},
		}},
		{Text: evil, Status: check.NotFound, Conflicts: []check.Conflict{{Kind: check.Supposed, Source: evil}}, Nearest: &answer.Nearest{Address: evil, Title: evil, Text: evil}},
		{Text: evil, Status: check.Unchecked, Reason: evil},
	}}
	for _, v := range variants {
		out := ownSequences.ReplaceAllString(rendered(t, v.opts, func(r *Renderer) error { return r.Check(hostile) }), "")
		for _, bad := range []string{"\x1b", "\x07", "\u202e", "\r"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s: %q was written", v.name, bad)
			}
		}
	}
}
