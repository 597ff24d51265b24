package wire_test

import (
	"testing"

	"summitbot/bot/answer"
)

// Statements over the article that hold, each with the place that says so.
const (
	redLine    = "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin. | ‹red line for Putin›"
	assurances = "The proposal could provide legally binding assurances that Western powers would defend Ukraine if Russia were to attack again after a peace settlement. | ‹red line for Putin›"
	rubio      = "Secretary of State Marco Rubio added that a temporary ceasefire is still under consideration. | ‹Marco Rubio added›"
	zelenskyy  = "Zelenskyy reiterated that a ceasefire remains essential before negotiations on a permanent settlement can be considered. | ‹Zelenskyy reiterated›"
)

// lies are claims that differ from their sources, each in one thing, and the
// honest ones beside them.
func lies() []behaviour {
	over := func(on func(testing.TB) library, name, question string, lines ...string) behaviour {
		return behaviour{name: name, on: on, question: question, script: []reply{says(claims(lines...))}}
	}
	// withheld says which words of a lie must not reach a person.
	withheld := func(lie string, b behaviour) behaviour {
		b.never = []string{lie}
		return b
	}
	return []behaviour{
		over(nil, "good claims", membership, redLine, assurances),
		over(nil, "a good claim in other words", membership, "Ukraine would not be granted NATO membership under the proposal. | ‹red line for Putin›"),
		over(nil, "a good claim of two paragraphs", "Where does a ceasefire stand?", zelenskyy, rubio),
		over(handbook, "good claims with numbers, dates and units", "What happened to the Old Sorrel in 2019?",
			"On 14 November 2019 the Old Sorrel touched a rock off Skall Head. | ‹touched a rock›",
			"The Old Sorrel’s hull was torn over 3.4 m and she was out of service for 11 weeks. | ‹touched a rock› & ‹the hull was torn›"),
		withheld("£25", over(handbook, "a digit changed", "What does the Islander Card cost?", "The Islander Card costs £25 a year. | ‹£15 a year›")),
		withheld("made eleven", over(handbook, "a number word changed", "How many recommendations did the inquiry make?",
			"Its report made eleven recommendations. | ‹nine recommendations›")),
		withheld("December", over(handbook, "a date changed", "When did the Old Sorrel touch a rock?",
			"On 14 December 2019 the Old Sorrel touched a rock off Skall Head. | ‹touched a rock›")),
		withheld("2028", over(handbook, "a year changed", "How long is the timetable valid?",
			"The timetable is valid from 1 March 2027 until 31 October 2028. | ‹valid from›")),
		withheld("19:45", over(handbook, "a time of day changed", "When does the last boat leave Ormsey?",
			"The last boat back from Ormsey leaves at 19:45. | ‹last boat back›")),
		withheld("Harrow", over(handbook, "a name changed", "Who led the inquiry?",
			"The inquiry was led by Sir Anselm Harrow. | ‹Sir Anselm Tarrow›")),
		withheld("Blinken", over(nil, "a person exchanged", "Who added that a ceasefire is under consideration?",
			"Antony Blinken added that a temporary ceasefire is still under consideration. | ‹Marco Rubio added›")),
		withheld(" lb", over(handbook, "a unit changed", "Which gas cylinders are not allowed?",
			"Gas cylinders over 5 lb may not be brought on board. | ‹gas cylinders›")),
		withheld("$410,000", over(handbook, "a currency changed", "What did the Lady Maud sell for?",
			"The Lady Maud was sold to a Greek company for $410,000. | ‹£410,000›")),
		withheld("would grant Ukraine", over(nil, "a negation dropped", membership,
			"The proposal would grant Ukraine NATO membership. | ‹red line for Putin›")),
		withheld("not essential", over(nil, "a negation added", "Is a ceasefire essential?",
			"Zelenskyy reiterated that a ceasefire is not essential before negotiations on a permanent settlement can be considered. | ‹Zelenskyy reiterated›")),
		withheld("are acceptable", over(nil, "a negation by an affix", "Are concessions acceptable?",
			"His government stressed that concessions on sovereignty and territorial integrity are acceptable under Ukraine’s constitution. | ‹His government stressed›")),
		withheld("Trump has entertained", over(nil, "a hedge dropped", "Did Trump discuss the Donbas?",
			"Trump has entertained discussions about Ukraine surrendering parts of the Donbas region. | ‹Reports suggested›")),
		over(nil, "a hedge kept", "Did Trump discuss the Donbas?",
			"Reports suggested that Trump may have entertained discussions about Ukraine potentially surrendering parts of the Donbas region. | ‹Reports suggested›"),
		withheld("Rubio said Moscow", over(nil, "a speaker exchanged", "What did Moscow agree to?",
			"Marco Rubio said Moscow had agreed in principle to language that would codify a pledge not to seek further territorial expansion. | ‹Steve Witkoff said›")),
		withheld("Putin reiterated", over(nil, "a subject exchanged", "Who wants a ceasefire first?",
			"Putin reiterated that a ceasefire remains essential before negotiations on a permanent settlement can be considered. | ‹Zelenskyy reiterated›")),
		withheld("Ukraine would defend Western", over(nil, "subject and object swapped", "Who would defend whom?",
			"The proposal could provide legally binding assurances that Ukraine would defend Western powers if Russia were to attack again after a peace settlement. | ‹red line for Putin›")),
		withheld("surrender parts", over(nil, "words spliced from two sentences", "What will Europe do?",
			"Several key European leaders announced that they would surrender parts of the Donbas region. | ‹several key European leaders› & ‹Reports suggested›")),
		withheld("EU-like", over(nil, "a quotation altered", "What protection was discussed?",
			"According to U.S. officials, conversations with European partners included discussions of “EU-like” protection for Ukraine without actual membership. | ‹conversations with European partners›")),
		over(nil, "a quotation kept", "What protection was discussed?",
			"According to U.S. officials, conversations with European partners included discussions of “NATO-like” protection for Ukraine without actual membership. | ‹conversations with European partners›"),
		over(nil, "a link made up", membership, redLine,
			"Putin explains the red line at https://evil.example/redline. | ‹red line for Putin›"),
		over(nil, "an address and a mention made up", membership, redLine,
			"Questions about the red line go to putin@evil.example. | ‹red line for Putin›",
			"@everyone must know that NATO membership remains a red line for Putin. | ‹red line for Putin›"),
		over(nil, "claims in another language than the question", membership,
			"Der Vorschlag würde der Ukraine keine NATO-Mitgliedschaft gewähren, was für Putin eine rote Linie bleibt. | ‹red line for Putin›"),
		over(nil, "a question in German", "Würde der Vorschlag der Ukraine die Mitgliedschaft in der NATO geben?",
			"Der Vorschlag würde der Ukraine keine NATO-Mitgliedschaft gewähren, was für Putin eine rote Linie bleibt. | ‹red line for Putin›"),
		withheld("eine NATO-Mitgliedschaft", over(nil, "a question in German, the negation lost", "Würde der Vorschlag der Ukraine die Mitgliedschaft in der NATO geben?",
			"Der Vorschlag würde der Ukraine eine NATO-Mitgliedschaft gewähren. | ‹red line for Putin›")),
		over(nil, "a question in Russian", "Что сказал Марко Рубио о прекращении огня?",
			"Госсекретарь Марко Рубио добавил, что временное прекращение огня всё ещё рассматривается. | ‹Marco Rubio added›"),
		withheld("Блинкен", over(nil, "a question in Russian, a name exchanged", "Что сказал Марко Рубио о прекращении огня?",
			"Госсекретарь Энтони Блинкен добавил, что временное прекращение огня всё ещё рассматривается. | ‹Marco Rubio added›")),
		over(nil, "a number that was counted", "How many leaders are heading to Washington?",
			"Seven leaders are heading to Washington. | ‹Among those heading›"),
		withheld("Nine leaders", over(nil, "a number that was miscounted", "How many leaders are heading to Washington?",
			"Nine leaders are heading to Washington. | ‹Among those heading›")),
		withheld("Jinping said", over(nil, "a person of the question whom no document has", "What did Xi Jinping say about a ceasefire?",
			"Xi Jinping said that a temporary ceasefire is still under consideration. | ‹Marco Rubio added›")),
		withheld("Canberra", over(nil, "knowledge of the model's own", "What is the capital of Australia?",
			"The capital of Australia is Canberra. | ‹red line for Putin›")),
		withheld("He said", over(nil, "a pronoun for another claim's subject", "What did Rubio say?", rubio,
			"He said that it would need to be backed by credible guarantees. | ‹Marco Rubio added›")),
		over(nil, "a yes before the statement", "Is a ceasefire under consideration?",
			"Yes, "+lowerFirst(rubio)),
		over(nil, "only a yes", "Is a ceasefire under consideration?", "Yes. | ‹Marco Rubio added›", rubio),
		over(nil, "a heading for a claim", "What comes next?", "Next Steps in Washington | ‹upcoming meetings›"),
		over(nil, "the same claim twice", membership, redLine, redLine),
		over(nil, "as many claims as sentences", "Tell me everything.", everything()...),
		over(nil, "escape sequences and marks of direction in a claim", membership,
			"\x1b[31mThe proposal would not grant \u202eUkraine\u202c NATO membership, which remains a red line for Putin.\x07 | ‹red line for Putin›"),
		{
			name:   "nothing verifiable, then a good reply",
			script: []reply{says(claims("NATO will admit Ukraine in 2027. | ‹red line for Putin›")), says(claims(redLine))},
		},
		over(nil, "nothing verifiable, twice", membership, "NATO will admit Ukraine in 2027. | ‹red line for Putin›"),
		{name: "the model finds no answer", question: "What is the capital of Australia?", script: []reply{says(object(false))}},
		{name: "the model finds no answer and claims it all the same", script: []reply{says(object(false, redLine))}},
		{name: "the model answers with no claims", script: []reply{says(claims())}},
		{
			name: "a judge that supports", judge: true,
			script: []reply{says(claims(redLine, assurances)), says(`{"verdicts": ["supports", "supports"]}`)},
		},
		{
			name: "a judge that contradicts", judge: true,
			script: []reply{says(claims(redLine, assurances)), says(`{"verdicts": ["supports", "contradicts"]}`)},
		},
		{
			name: "a judge who contradicts everything", judge: true,
			script: []reply{says(claims(redLine)), says(`{"verdicts": ["contradicts"]}`)},
		},
		{
			name: "a judge whom nobody can read", judge: true,
			script: []reply{says(claims(redLine)), says("I would say that it is mostly fine.")},
			never:  []string{"mostly fine"},
		},
		{
			name: "a judge with too few verdicts", judge: true,
			script: []reply{says(claims(redLine, assurances)), says(`{"verdicts": ["supports"]}`)},
		},
		{
			name: "a judge who fails", judge: true, clock: true,
			script: []reply{says(claims(redLine)), status{Code: 500, Body: apiError("server_error", "upstream", "", "")}},
		},
	}
}

// everything cites more sentences than an answer has room for.
func everything() []string {
	return []string{
		redLine, assurances, rubio, zelenskyy,
		"The war has demonstrated that Russia is prepared to break previous agreements. | ‹break previous agreements›",
		"The Alaska summit has shifted the diplomatic landscape of the Ukraine war. | ‹shifted the diplomatic landscape›",
		"The upcoming meetings in Washington will be critical. | ‹upcoming meetings›",
		"Trump has long portrayed himself as a dealmaker who can secure results where others have failed. | ‹portrayed himself›",
		"European leaders worry that Washington may prioritize ending the conflict quickly. | ‹European leaders worry›",
		"The absence of clear commitments fuels uncertainty. | ‹absence of clear commitments›",
		"Ukraine now faces the challenge of defending its sovereignty not only on the battlefield but also at the negotiating table. | ‹not only on the battlefield›",
	}
}

func lowerFirst(s string) string { return string(s[0]|0x20) + s[1:] }

// references are good claims whose places are wrong.
func references() []behaviour {
	with := func(name string, lines ...string) behaviour {
		return behaviour{name: name, script: []reply{says(claims(lines...))}}
	}
	const text = "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin."
	return []behaviour{
		with("a wrong reference", text+" | ‹Marco Rubio added›"),
		with("no reference", text),
		with("a reference out of range", text+" | 99.1"),
		with("a reference out of range beside the right one", text+" | 8.77 & ‹red line for Putin›"),
		with("references swapped", text+" | ‹Marco Rubio added›",
			"Secretary of State Marco Rubio added that a temporary ceasefire is still under consideration. | ‹red line for Putin›"),
		with("a whole paragraph cited", text+" | 8"),
		with("half the document cited", text+" | 1-18"),
		with("references that are words", text+" | the eighth paragraph & Security Guarantees"),
		with("huge and negative references", text+" | 99999999999999999999.1 & -8.1 & 0.0"),
	}
}

// conversations are questions that lean on what was said before.
func conversations() []behaviour {
	before := []answer.Turn{{
		Question: "What did Marco Rubio say?",
		Answer:   "Secretary of State Marco Rubio added that a temporary ceasefire is still under consideration.",
	}}
	const followUp = "And what would it need?"
	const needs = "A temporary ceasefire would need to be backed by credible guarantees to prevent Russia from using any pause in fighting to regroup. | ‹Marco Rubio added›"
	return []behaviour{
		{
			name: "a follow-up", history: before, question: followUp,
			script: []reply{says(`{"question": "What would a temporary ceasefire need?", "terms": ["temporary ceasefire", "guarantees"]}`), says(claims(needs))},
		},
		{
			name: "a follow-up whose rewriting is prose", history: before, question: followUp,
			script: []reply{says("The user wants to know what a ceasefire would need."), says(claims(needs))},
		},
		{
			name: "a follow-up whose rewriting is refused", history: before, question: followUp,
			script: []reply{stream{Refusal: "I cannot help with that."}, says(claims(needs))},
		},
		{
			name: "a follow-up whose rewriting fails", history: before, question: followUp, clock: true,
			script: []reply{
				status{Code: 500, Body: `{}`}, status{Code: 500, Body: `{}`}, status{Code: 500, Body: `{}`}, says(claims(needs)),
			},
			odd: "errors without an error object",
		},
		{
			// The budget is too small for the whole article, so that its words are searched.
			name: "a question in German of documents that do not fit", question: "Was sagte Marco Rubio über eine Waffenruhe?", context: 800,
			script: []reply{
				says(`{"question": "Was sagte Marco Rubio über eine Waffenruhe?", "terms": ["Marco Rubio", "temporary ceasefire"]}`),
				says(claims("Marco Rubio fügte hinzu, dass eine vorübergehende Waffenruhe weiter erwogen wird. | ‹Marco Rubio added›")),
			},
		},
	}
}
