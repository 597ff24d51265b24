package discord

import (
	"fmt"
	"time"

	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/answer/gate"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

const (
	redLine = "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin, " +
		"but it could provide legally binding assurances that Western powers would defend Ukraine if Russia were to attack again after a peace settlement."
	vital     = "For Kyiv, such commitments are vital."
	civilians = "Among civilians, the optics of the Alaska summit caused additional frustration."
	talks     = "Security Guarantees at the Center of Talks"
	digest    = "e956df6e3743ede6a41aff4fd9f56ebd"
)

func citation() answer.Citation {
	return answer.Citation{Address: "alaska-summit#8", Revision: digest, Quote: redLine, Heading: talks, Title: "alaska-summit", End: len(redLine)}
}

func modelAnswer() answer.Answer {
	cited := func() []answer.Citation { return []answer.Citation{citation()} }
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Answered, Method: answer.LLM, Language: "en",
		Claims: []answer.Claim{
			{Text: "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin.", Check: answer.Full, Citations: cited()},
			{Text: "The proposal could provide legally binding assurances that Western powers would defend Ukraine if Russia attacked again after a peace settlement.", Check: answer.Full, Citations: cited()},
		},
		Account: answer.Account{Claims: 2, Shown: 2, Model: "small_model", Millis: 1380},
	}
}

func offlineAnswer() answer.Answer {
	second := answer.Citation{Address: "alaska-summit#9", Revision: digest, Quote: vital, Heading: talks, Title: "After Alaska", End: len(vital)}
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Answered, Method: answer.Offline, Language: "en",
		Claims: []answer.Claim{
			{Text: redLine, Check: answer.Full, Citations: []answer.Citation{citation()}},
			{Text: vital, Check: answer.Full, Citations: []answer.Citation{second}},
		},
		Account: answer.Account{Claims: 2, Shown: 2, Millis: 3.4},
	}
}

func fallbackAnswer() answer.Answer {
	a := offlineAnswer()
	a.Fallback = true
	a.Error = phrase.For("en").Text(phrase.ModelUnreachable)
	a.UnknownWords = []string{"Anchorage"}
	a.Account.Searched = "What is Putin's red line?"
	a.Account.Millis = 30250
	return a
}

func checkedAnswer() answer.Answer {
	a := modelAnswer()
	a.Claims[0].Check, a.Claims[1].Check = answer.Derived, answer.Translated
	a.Claims[0].Computed = "2 + 5"
	a.Note = phrase.For("en").DocumentsIn("de")
	a.Account.Claims = 5
	return a
}

// hostileAnswer tries everything that a document or a model could try.
func hostileAnswer() answer.Answer {
	c := citation()
	c.Quote = "> @everyone <@1> <https://evil.example> **b** _i_ ~~s~~ ||x|| `c` :tada: discord.gg/x https://evil.example & \u202egnp.exe"
	c.Heading, c.Title, c.URL = "# @here", "[t](https://evil.example) @everyone", "https://example.org/a(b)>c"
	return answer.Answer{ID: "a-1", Outcome: answer.Answered, Method: answer.LLM, Language: "en", Note: "<@&1> -# small", Error: "*error*",
		UnknownWords: []string{"<#2>", "`x`"}, Account: answer.Account{Searched: "<t:1:R> :x:", Model: "*m*", Claims: 1, Shown: 1},
		Claims: []answer.Claim{{Text: "![i](https://evil.example) </a:1> @here <#3> **b** <mailto:a@b.example> www.evil.example", Citations: []answer.Citation{c}}}}
}

func longAnswer(n int) answer.Answer {
	a := modelAnswer()
	a.Claims = nil
	for i := range n {
		text := fmt.Sprintf("Claim number %d says something of its own at some length, so that it takes room, and it ends here.", i)
		quoted := fmt.Sprintf("Sentence %d of the document says it in other words, at greater length, so that both of them together fill up a message before long.", i)
		a.Claims = append(a.Claims, answer.Claim{Text: text, Check: answer.Full, Citations: []answer.Citation{
			{Address: fmt.Sprintf("alaska-summit#%d", i/2+1), Revision: digest, Quote: quoted, Heading: talks, Title: "After Alaska", Start: 10 * i, End: 10*i + 9}}})
	}
	return a
}

func refused() answer.Answer {
	return answer.Answer{
		ID: "a-7f3kq2m9xw4d", Outcome: answer.Refused, Method: answer.Offline, Language: "en",
		UnknownWords: []string{"Anchorage", "hotel"},
		Nearest: []answer.Nearest{
			{Address: "alaska-summit#11", Title: "After Alaska", Heading: "Unease", Text: civilians},
			{Address: "alaska-summit#9", Text: vital},
			{Address: "alaska-summit#8", Text: redLine},
			{Address: "alaska-summit#1", Text: "Never shown: the fourth."},
		},
		Account: answer.Account{Millis: 0.4},
	}
}

func summit() knowledge.Document {
	return knowledge.Document{ID: "alaska-summit", Title: "After Alaska", URL: "https://example.org/alaska", Paragraphs: 18,
		Revision: knowledge.Revision{Digest: digest, Time: time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC)}}
}

func passage() []knowledge.Paragraph {
	return []knowledge.Paragraph{
		{Number: 7, Headings: []string{"Europe", "In Washington"}, Text: "For Europe, the stakes are clear."},
		{Number: 8, Headings: []string{"Europe", talks}, Text: redLine + " Secretary of State Marco Rubio added\nthat a temporary ceasefire is still under consideration."},
		{Number: 9, Headings: []string{"Europe", talks}, Text: vital},
		{Number: 10, Headings: []string{"Unease"}, Text: "Despite these talks, the summit left Ukraine uneasy."},
	}
}

func openedSources(change func(*opened)) []opened {
	var out []opened
	for i, s := range answer.Sources(offlineAnswer()) {
		o := opened{s, summit(), passage()[i : i+3]}
		if change != nil {
			change(&o)
		}
		out = append(out, o)
	}
	return out
}

func documents() []knowledge.Document {
	return []knowledge.Document{
		summit(),
		{ID: "handbook", Title: "手册 @everyone", Collection: "hr", Paragraphs: 1204},
		{ID: "untitled"},
	}
}

func report() check.Report {
	c := citation()
	conflict := func(k gate.Kind, claim, source string) []check.Conflict {
		return []check.Conflict{{Kind: k, Claim: claim, Source: source}}
	}
	nearest := &answer.Nearest{Address: "alaska-summit#11", Title: "After Alaska", Text: civilians}
	list := []check.Sentence{
		{Text: "NATO membership is a red line.", Status: check.Supported, Citations: []answer.Citation{c}},
		{Text: "It would grant membership in 2024.", Status: check.Contradicted, Citations: []answer.Citation{c},
			Conflicts: append(conflict(gate.Number, "2024", "2025"), conflict(check.Negated, "", "not")...)},
		{Text: "@everyone The hotel was *full*.", Status: check.NotFound, Nearest: nearest},
		{Text: "The hotel is nice.", Status: check.NotFound, Conflicts: conflict(check.Supposed, "", "may")},
		{Text: "How are you?", Status: check.Unchecked, Reason: check.IsQuestion},
		{Text: "Summary", Status: check.Unchecked, Reason: check.IsHeading},
		{Text: "Hello,", Status: check.Unchecked, Reason: check.IsGreeting},
		{Text: "1.", Status: check.Unchecked, Reason: check.IsEmpty},
	}
	for _, k := range []check.Conflict{{Kind: check.Misquote, Claim: "never"}, {Kind: check.Negated, Claim: "not"}, {Kind: check.Doer, Source: "Putin"},
		{Kind: check.Teller, Source: "Rubio"}, {Kind: gate.Name, Claim: "Berlin"}} {
		list = append(list, check.Sentence{Text: "Another sentence.", Status: check.Contradicted, Citations: []answer.Citation{c}, Conflicts: []check.Conflict{k}})
	}
	return check.Report{Sentences: list, Summary: check.Summary{Supported: 1, Contradicted: 6, NotFound: 2, Unchecked: 4}}
}

// openedOf returns one source whose paragraph says text, and one that is gone.
func openedOf(text, heading, title string) []opened {
	text = neutral(text)
	c := answer.Citation{Address: "alaska-summit#8", Revision: digest, Quote: text, Heading: heading, Title: title, Start: len(text) / 3, End: len(text)}
	p := knowledge.Paragraph{Number: 8, Kind: knowledge.List, Text: text}
	return []opened{
		{answer.Source{Address: c.Address, Revision: digest, Citations: []answer.Citation{c}}, summit(), []knowledge.Paragraph{p}},
		{answer.Source{Address: c.Address, Citations: []answer.Citation{c}}, summit(), nil},
	}
}
