package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// kinds returns the checks that failed, each once, in their order.
func kinds(v Verdict) []Kind {
	var out []Kind
	for _, f := range v.Failures {
		if len(out) == 0 || out[len(out)-1] != f.Check {
			out = append(out, f.Check)
		}
	}
	return out
}

func cite(sentences ...string) []Sentence {
	var out []Sentence
	for _, s := range sentences {
		out = append(out, Sentence{Text: s})
	}
	return out
}

// A row is a claim, what it cites, and the checks that it fails.
type row struct {
	claim string
	cited []Sentence
	want  []Kind
}

func judgeRows(t *testing.T, lang string, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.claim, func(t *testing.T) {
			v := Check(r.claim, lang, r.cited, Options{})
			if diff := cmp.Diff(r.want, kinds(v)); diff != "" {
				t.Errorf("Check(%q) (-want +got):\n%s%v", r.claim, diff, v.Failures)
			}
			if v.OK != (len(r.want) == 0) {
				t.Errorf("OK = %v with %d failures", v.OK, len(v.Failures))
			}
		})
	}
}

func TestNumbersMustBeCited(t *testing.T) {
	judgeRows(t, "en", []row{
		{"The dam cost 1000 crowns to build.", cite("To build the dam cost 1,000 crowns."), nil},
		{"The dam cost one thousand crowns to build.", cite("To build the dam cost 1,000 crowns."), nil},
		{"The dam cost a thousand crowns to build.", cite("To build the dam cost 1000 crowns."), nil},
		{"The dam holds 1.5 million bricks.", cite("The dam holds 1,500,000 bricks."), nil},
		{"The dam holds 2.5 million bricks.", cite("The dam holds 1,500,000 bricks."), []Kind{Number}},
		{"Twenty-five workers built the dam.", cite("The dam was built by 25 workers."), nil},
		{"Two hundred and fifty workers built the dam.", cite("The dam was built by 250 workers."), nil},
		{"26 workers built the dam.", cite("The dam was built by 25 workers."), []Kind{Number}},
		{"The dam is the third of its kind.", cite("The dam is the 3rd of its kind."), nil},
		{"The dam is the fourth of its kind.", cite("The dam is the third of its kind."), []Kind{Number}},
		{"The rate rose to 5 percent.", cite("The rate rose to 5%."), nil},
		{"The rate rose to five per cent.", cite("The rate rose to 5 %."), nil},
		{"The rate rose to 5 dollars.", cite("The rate rose to 5 %."), []Kind{Unit}},
		{"The road is 12 km long.", cite("The road is 12 kilometres long."), nil},
		{"The road is 12 miles long.", cite("The road is 12 km long."), []Kind{Unit}},
		{"The road is at least 5 km long.", cite("The road is between 5 and 10 km long."), nil},
		{"The bridge cost $5 million.", cite("The bridge cost five million dollars."), nil},
		{"The bridge cost €5 million.", cite("The bridge cost five million dollars."), []Kind{Unit}},
		{"It was built in the 1990s.", cite("It was built in 1990."), []Kind{Number}},
		{"The 787 flew and 10BASE4 ran.", cite("The 787 flew and 10BASE5 ran."), []Kind{Number}},
		{"One of the bridges fell.", cite("A bridge among the bridges fell."), nil},
		{"In eight hours it killed 8 people.", cite("In eight hours it killed 7 people."), []Kind{Number}},
		{"The law has 9 parts.", cite("The law, as No. 7 of its year, has nine parts."), nil},
	})
	judgeRows(t, "de", []row{
		{"Die Brücke kostete 1.500 Mark.", cite("Die Brücke kostete 1500 Mark."), nil},
		{"Die Brücke ist 3,5 km lang.", cite("Die Brücke ist 3,5 Kilometer lang."), nil},
		{"Die Brücke hat zwölf Bögen.", cite("Die Brücke hat 12 Bögen."), nil},
		{"Die Brücke hat 13 Bögen.", cite("Die Brücke hat zwölf Bögen."), []Kind{Number}},
	})
	judgeRows(t, "ru", []row{
		{"Мост стоил 10 000 рублей.", cite("Мост стоил 10000 рублей."), nil},
		{"Мост имеет пять арок.", cite("Мост имеет 5 арок."), nil},
		{"Мост имеет 6 арок.", cite("Мост имеет 5 арок."), []Kind{Number}},
	})
}

func TestDatesMustBeCited(t *testing.T) {
	source := cite("The treaty was signed on 3 May 2024 in the palace.")
	judgeRows(t, "en", []row{
		{"The treaty was signed on May 3, 2024.", source, nil},
		{"The treaty was signed on May 3rd.", source, nil},
		{"The treaty was signed on the 3rd of May 2024.", source, nil},
		{"The treaty was signed on 2024-05-03.", source, nil},
		{"The treaty was signed on 5/3/2024.", source, nil},
		{"The treaty was signed in May 2024.", source, nil},
		{"The treaty was signed in 2024.", source, nil},
		{"The treaty was signed on 4 May 2024.", source, []Kind{Date}},
		{"The treaty was signed on 3 June 2024.", source, []Kind{Date}},
		{"The treaty was signed on 3 May 2023.", source, []Kind{Date}},
		{"The treaty was signed on 2024-05-04.", source, []Kind{Date}},
		{"The fair ran from 17 October.", cite("The fair ran on 17-19 October 2016."), nil},
		{"The fair ended on October 19, 2016.", cite("The fair ran until it ended: 17–19 October 2016."), nil},
		{"The fair ended on Tuesday.", cite("The fair ended on Monday."), []Kind{Name}},
		{"They may sign the treaty in May.", cite("They may sign the treaty in May."), nil},
	})
	judgeRows(t, "de", []row{
		{"Der Vertrag wurde am 3. Mai 2024 unterzeichnet.", cite("Der Vertrag wurde am 3.5.2024 unterzeichnet."), nil},
		{"Der Vertrag wurde am 4. Mai 2024 unterzeichnet.", cite("Der Vertrag wurde am 3.5.2024 unterzeichnet."), []Kind{Date}},
	})
}

func TestLinksMustBeCited(t *testing.T) {
	judgeRows(t, "en", []row{
		{"The report is at example.org/a.", cite("The report is at https://www.example.org/a/."), nil},
		{"The report is at example.org/b.", cite("The report is at https://www.example.org/a."), []Kind{Link}},
		{"The report is at [the site](https://evil.example).", cite("The report is at the site."), []Kind{Link}},
		{"Write to press@example.org.", cite("Write to press@example.org!"), nil},
		{"Write to pres@example.org.", cite("Write to press@example.org!"), []Kind{Link}},
		{"The report is for @everyone.", cite("The report is for everyone."), []Kind{Link}},
		{"The report cost 3.5 million in the U.S. last year.", cite("Last year, the report cost 3.5 million in the U.S."), nil},
	})
}

func TestNamesMustBeCited(t *testing.T) {
	judgeRows(t, "en", []row{
		{"The American envoy met the minister.", cite("The U.S. envoy met the minister."), nil},
		{"The envoy of the United States met the minister.", cite("The US envoy met the minister."), nil},
		{"The American envoy met the minister.", cite("The envoy of the United States met the minister."), nil},
		{"The envoy spoke for the EU.", cite("The envoy spoke for the European Union."), nil},
		{"The envoy spoke for the UN.", cite("The envoy spoke for the European Union."), []Kind{Name}},
		{"The German envoy met the minister.", cite("The envoy of Germany met the minister."), nil},
		{"The French envoy met the minister.", cite("The envoy of Germany met the minister."), []Kind{Name}},
		{"The minister met Zelensky.", cite("The minister met Zelenskyy."), nil},
		{"The minister met Putin.", cite("The minister met Zelenskyy."), []Kind{Name}},
		{"The minister praised Europe's bridges.", cite("The minister praised the bridges of Europe."), nil},
		{"London praised the bridges.", cite("The minister praised the bridges."), []Kind{Name}},
		{"Officials praised the bridges.", cite("The minister praised the bridges."), nil},
		{"The bridge at Odesa fell.", cite("The bridge at Odessa fell."), nil},
		{"President Smith praised the bridges.", cite("Smith praised the bridges."), nil},
	})
	known := map[string]bool{"brücke": true, "karl": true, "der": true, "bau": true, "begann": true, "stadt": true}
	o := Options{Known: func(w string) bool { return known[w] }, Name: func(w string) bool { return w == "karl" }}
	for claim, want := range map[string]bool{
		"Der Bau der Brücke begann.":          true, // a noun that the documents have
		"Karl begann der Bau der Brücke.":     false,
		"Der Bau der Zauberbrücke begann.":    false, // no document has it
		"Der Bau der Stadt an der Brücke":     true,
		"Der Bau der Brücke begann 1901 neu.": false,
	} {
		if v := Check(claim, "de", cite("Der Bau der Brücke begann in der Nähe."), o); v.Hard() == want {
			t.Errorf("Check(%q).Hard() = %v: %v", claim, v.Hard(), v.Failures)
		}
	}
}

func TestOneEditMakesAnUnknownNameASpelling(t *testing.T) {
	cited := cite("The minister met Kowalczykowa.")
	for name, known := range map[string]bool{"Kowalczykova": false, "Kowalczykoba": true} {
		o := Options{Known: func(string) bool { return known }, Name: func(string) bool { return false }}
		v := Check("The minister met "+name+".", "en", cited, o)
		if got, want := v.Hard(), known; got != want {
			t.Errorf("%s, known %v: failed %v, want %v", name, known, got, want)
		}
	}
}

func TestQuotationsStandInOneSentence(t *testing.T) {
	source := cite("He said: “The plan is not permitted, but it is popular.”", "She said: \"We shall see.\"")
	judgeRows(t, "en", []row{
		{`He said "the plan is not permitted."`, source, nil},
		{`He said “it is popular”.`, source, nil},
		{`He said «The plan is not permitted».`, source, nil},
		{`He said "the plan is popular".`, source, []Kind{Quotation}},
		{`He said "the plan is ... permitted".`, source, []Kind{Quotation, Negation}},
		{`He said the plan is "pop".`, cite("He said the plan is popular, with a pop-up."), nil},
		{`He said the plan is "popul".`, cite("He said the plan is popular."), []Kind{Quotation}},
		{`He said "it is popular. We shall see".`, source, []Kind{Quotation}},
		{`The 5" pipe is popular.`, cite(`The 5" pipe is popular.`), nil},
	})
}

const (
	proposal = "The proposal would not grant Ukraine NATO membership, which remains a red line for Putin, but it could provide legally binding assurances that Western powers would defend Ukraine if Russia were to attack again after a peace settlement."
	reports  = "Reports suggested Trump may have entertained discussions about Ukraine potentially surrendering parts of the Donbas region, though his administration has not officially confirmed this."
	declared = "Such a possibility alarmed Kyiv, which has consistently declared that no Ukrainian territory can be ceded as part of a peace arrangement."
	stressed = "His government stressed that concessions on sovereignty and territorial integrity are unacceptable under Ukraine’s constitution."
	witkoff  = "Special U.S. envoy Steve Witkoff said Moscow had agreed in principle to language that would codify a pledge not to seek further territorial expansion once a deal is finalized."
	unease   = "Zelenskyy reiterated that a ceasefire remains essential before negotiations on a permanent settlement can be considered."
	outcome  = "While Putin left the summit strengthened by the optics of standing alongside the U.S. president, Zelenskyy and his allies were left scrambling to prepare for what could be a decisive turn in the conflict’s diplomacy."
)

func TestNegationIsJudgedOnThePredicate(t *testing.T) {
	judgeRows(t, "en", []row{
		{"The proposal would not grant Ukraine NATO membership.", cite(proposal), nil},
		{"The proposal wouldn't grant Ukraine membership in NATO.", cite(proposal), nil},
		{"The proposal would grant Ukraine NATO membership.", cite(proposal), []Kind{Negation}},
		{"NATO membership remains a red line for Putin.", cite(proposal), nil},
		{"NATO membership does not remain a red line for Putin.", cite(proposal), []Kind{Negation}},
		{"The proposal could provide legally binding assurances.", cite(proposal), nil},
		{"The proposal could not provide legally binding assurances.", cite(proposal), []Kind{Negation}},
		{"Kyiv has declared that Ukrainian territory cannot be ceded.", cite(declared), nil},
		{"Kyiv has declared that Ukrainian territory can be ceded.", cite(declared), []Kind{Negation}},
		{"The government said concessions on sovereignty are not acceptable under Ukraine's constitution.", cite(stressed), nil},
		{"The government said concessions on sovereignty are acceptable under Ukraine's constitution.", cite(stressed), []Kind{Negation}},
		{"The government said concessions on sovereignty are unacceptable under Ukraine's constitution.", cite(stressed), nil},
		{"The agenda will not include a ceasefire.", cite("The agenda will include a ceasefire."), []Kind{Negation}},
		{"The agenda will include guarantees.", cite("The agenda will include not only a ceasefire but also guarantees."), nil},
		{"The agenda never included a ceasefire.", cite("The agenda included a ceasefire."), []Kind{Negation}},
		{"The troops left with their weapons.", cite("The troops left without their weapons."), []Kind{Negation}},
		{"Tom won the race.", cite("Tom won the race, but Bob did not win it."), nil},
		{"Bob won the race.", cite("Tom won the cup, but Bob did not win the race."), []Kind{Negation}},
		{"The minister did not resign.", cite("The minister refused to resign."), nil},
		{"The minister resigned.", cite("The minister refused to resign."), []Kind{Negation}},
	})
	judgeRows(t, "de", []row{
		{"Die Brücke wurde nicht gebaut.", cite("Die Brücke wurde gebaut."), []Kind{Negation}},
		{"Die Brücke wurde gebaut.", cite("Die Brücke wurde nicht gebaut."), []Kind{Negation}},
		{"Die Brücke wurde nie gebaut.", cite("Die Brücke wurde nicht gebaut."), nil},
	})
	judgeRows(t, "ru", []row{
		{"Мост не был построен.", cite("Мост был построен."), []Kind{Negation}},
		{"Мост был построен.", cite("Мост не был построен."), []Kind{Negation}},
	})
}

func TestHedgesStay(t *testing.T) {
	judgeRows(t, "en", []row{
		{"Trump entertained discussions about Ukraine surrendering parts of the Donbas region.", cite(reports), []Kind{Hedge}},
		{"Reports suggested that Trump may have discussed Ukraine surrendering parts of the Donbas region.", cite(reports), nil},
		{"According to reports, Trump may have entertained discussions about Ukraine surrendering parts of the Donbas region.", cite(reports), nil},
		{"The proposal provides legally binding assurances.", cite(proposal), []Kind{Hedge}},
		{"The proposal might provide legally binding assurances.", cite(proposal), nil},
		{"The bank will fail.", cite("The bank will likely fail."), []Kind{Hedge}},
		{"The bank will likely fail.", cite("The bank will likely fail."), nil},
		{"The bank may fail.", cite("The bank will fail."), nil},
		{"The bridge is safe.", cite("According to the mayor, the bridge is safe."), []Kind{Hedge}},
		{"The treaty was signed in May.", cite("The treaty was signed in May."), nil},
	})
}

func TestWhoDoesAndWhoSays(t *testing.T) {
	judgeRows(t, "en", []row{
		{"Steve Witkoff said Moscow had agreed in principle to language that would codify a pledge.", cite(witkoff), nil},
		{"Moscow said Steve Witkoff had agreed in principle to language that would codify a pledge.", cite(witkoff), []Kind{Speaker}},
		{"Putin reiterated that a ceasefire remains essential.", cite(unease, outcome), []Kind{Speaker, Splice}},
		{"Zelenskyy reiterated that a ceasefire remains essential.", cite(unease, outcome), nil},
		{"Russia attacked Ukraine.", cite("Russia attacked Ukraine."), nil},
		{"Ukraine attacked Russia.", cite("Russia attacked Ukraine."), []Kind{Subject}},
		{"Ukraine was attacked by Russia.", cite("Russia attacked Ukraine."), nil},
		{"Russia was attacked by Ukraine.", cite("Russia attacked Ukraine."), []Kind{Subject}},
		{"Brown praised the bridge.", cite("Smith praised the bridge while Brown slept."), []Kind{Subject}},
		{"Smith praised the bridge.", cite("Smith praised the bridge while Brown slept."), nil},
		{"Brown said the bridge was safe.", cite("Smith said the bridge was safe, and Brown nodded."), []Kind{Speaker}},
		{"According to Brown, the bridge is safe.", cite("According to Smith, a friend of Brown, the bridge is safe."), []Kind{Speaker}},
		{"Smith said the bridge was safe.", cite("\"The bridge is safe\", said Smith."), nil},
	})
}

func TestClausesAreCoveredByOneSentence(t *testing.T) {
	a := "The engineers painted the long bridge before the winter storm."
	b := "The farmers harvested their golden wheat under a burning sun."
	judgeRows(t, "en", []row{
		{a, cite(a, b), nil},
		{"The engineers painted the long wheat under a burning sun.", cite(a, b), []Kind{Splice}},
		{"The engineers painted the long bridge, and the farmers harvested their wheat.", cite(a, b), nil},
		{"The farmers painted harvested wheat before the winter storm.", cite(a, b), []Kind{Splice}},
	})
}

func TestWordsOfAnotherSentenceNeedAPronounThatPointsThere(t *testing.T) {
	at := func(paragraph string, texts ...string) []Sentence {
		out := cite(texts...)
		for i := range out {
			out[i].Paragraph = paragraph
		}
		return out
	}
	ship, radar := "The Gannet touched a rock off the cape.", "She was out of service for eleven weeks."
	judgeRows(t, "en", []row{
		{"The Gannet was out of service for eleven weeks.", at("1", ship, radar), nil},
		{"The Gannet was out of service for eleven weeks.", append(at("1", ship), at("2", radar)...), []Kind{Splice}},
		{"The ferry Gannet was sold to a company abroad.", at("1", ship, "The tug Osprey was sold to a company abroad."), []Kind{Splice}},
		{"The tug Osprey was sold to a company abroad because the Gannet touched a rock.", at("1", ship, "The tug Osprey was sold to a company abroad."), []Kind{Splice}},
		{"The tug was sold abroad because the dock was too narrow.", at("1", "The tug was sold abroad, since the dock was too narrow."), nil},
		{"Fireworks may not be brought on board.", at("1", "The following may not be brought on board:", "fireworks and flares."), nil},
		{"Fireworks may be brought on board.", at("1", "The following may not be brought on board:", "fireworks and flares."), []Kind{Negation}},
		{"Bicycles are not carried to Skerry.", at("1", "Vehicle | Ness | Skerry", "Bicycle | £2.00 | not carried"), nil},
		{"Bicycles are carried to Skerry.", at("1", "Vehicle | Ness | Skerry", "Bicycle | £2.00 | not carried"), []Kind{Negation}},
	})
}

func TestWordsThatDenyWithoutANot(t *testing.T) {
	judgeRows(t, "en", []row{
		{"Smoking is not allowed on board.", cite("Smoking is forbidden on board."), nil},
		{"Smoking is allowed on board.", cite("Smoking is forbidden on board."), []Kind{Negation}},
		{"The crew did not secure the hatch.", cite("Instead of securing the hatch, the crew went below."), nil},
		{"The crew secured the hatch.", cite("Instead of securing the hatch, the crew went below."), []Kind{Negation}},
		{"The guard keeps the boat from drifting.", cite("The guard prevents the boat from drifting."), nil},
		{"The card does not halve the fare for lorries.", cite("The card halves every fare except that for lorries."), nil},
		{"Cars must not be charged to more than 60 %.", cite("Cars must be charged to no more than 60 %."), nil},
		{"Cars must be charged to more than 60 %.", cite("Cars must be charged to no more than 60 %."), []Kind{Negation}},
		{"It is only one contractor.", cite("It is not only one contractor, but several."), []Kind{Negation}},
		{"The bridge was open.", cite("The bridge was open, but the road was not."), nil},
		{"The bridge is safe.", cite("The mayor said the bridge is safe."), []Kind{Hedge}},
		{"The mayor maintains that the bridge is safe.", cite("The mayor said the bridge is safe."), nil},
		{"The mayor said the bridge will fall.", cite("The mayor said the bridge could fall."), []Kind{Hedge}},
	})
}

func TestUnitsAndLinksInEveryForm(t *testing.T) {
	judgeRows(t, "en", []row{
		{"The rate rose by 5 points.", cite("The rate rose by 5 %."), []Kind{Unit}},
		{"The bid was $1.3bn.", cite("The bid was £1.3bn."), []Kind{Unit}},
		{"The company bid £1.3 billion for the games.", cite("The company bid £1.3bn for the games."), nil},
		{"The bid was $30m.", cite("The bid was £30m."), []Kind{Unit}},
		{"The bid was £30 million.", cite("The bid was £30m."), nil},
		{"The fair ran from March 1 to October 31, 2027.", cite("The fair ran from 1 March 2027 until 31 October 2027."), nil},
		{"The fair is open, see <!channel>.", cite("The fair is open."), []Kind{Link}},
		{"The fair is open, see //evil.example/a.", cite("The fair is open."), []Kind{Link}},
		{"The fair is open, see javascript:alert(1).", cite("The fair is open."), []Kind{Number, Link}},
		{"In 1990 the fair was opened by Smith.", cite("The fair was opened by Smith in 1990."), nil},
	})
}

func TestAClaimOfOtherWordsIsNotCovered(t *testing.T) {
	judgeRows(t, "en", []row{
		{"The orchestra rehearsed a gloomy symphony.", cite("The engineers painted the bridge."), []Kind{Coverage}},
		{"Yes.", cite("The engineers painted the bridge."), []Kind{Coverage}},
		{"", cite("The engineers painted the bridge."), []Kind{Coverage}},
		{"The engineers painted the bridge.", nil, []Kind{Coverage}},
		{"…", cite("…"), nil},
	})
}

func TestSupportOrdersClaims(t *testing.T) {
	cited := cite(proposal)
	last := 1.1
	for _, claim := range []string{
		"The proposal would not grant Ukraine NATO membership.",
		"The proposal would not give Kyiv a seat in NATO.",
		"Poland doubled its budget for tanks in 2019.",
	} {
		got := Check(claim, "en", cited, Options{}).Support
		if got < 0 || got >= last {
			t.Errorf("support of %q = %.3f, want below %.3f", claim, got, last)
		}
		last = got
	}
}

// good are claims as a careful writer makes them of the sentences that they cite.
var good = []row{
	{"The summit in Alaska alarmed Kyiv and Europe.", cite(summit), nil},
	{"The Alaska summit between Trump and Putin has triggered alarm across Europe.", cite(summit), nil},
	{"U.S. President Donald Trump met Russian President Vladimir Putin in Alaska at a recent summit.", cite(summit), nil},
	{"Kyiv has consistently declared that no Ukrainian territory can be ceded as part of a peace arrangement.", cite(declared), nil},
	{"Kyiv has consistently declared that it cannot cede Ukrainian territory in a peace arrangement.", cite(declared), nil},
	{"Reports suggested that Trump may have discussed Ukraine surrendering parts of the Donbas region.", cite(reports), nil},
	{"Trump's administration has not officially confirmed the reports about the Donbas region.", cite(reports), nil},
	{"Concessions on sovereignty and territorial integrity are unacceptable under Ukraine's constitution, Zelenskyy's government stressed.", cite(unease, stressed), nil},
	{"Zelenskyy reiterated that a ceasefire is essential before negotiations on a permanent settlement.", cite(unease), nil},
	{"Zelensky reiterated that a ceasefire remains essential before a permanent settlement can be negotiated.", cite(unease), nil},
	{"Steve Witkoff, the special U.S. envoy, said Moscow had agreed in principle to language that would codify a pledge not to seek further territorial expansion.", cite(witkoff), nil},
	{"Special envoy Steve Witkoff said that Moscow agreed in principle not to seek further territorial expansion once a deal is finalized.", cite(witkoff), nil},
	{"According to U.S. envoy Steve Witkoff, Moscow had agreed in principle to a pledge not to seek further territorial expansion.", cite(witkoff), nil},
	{"The proposal would not grant Ukraine NATO membership, a red line for Putin.", cite(proposal), nil},
	{"NATO membership for Ukraine remains a red line for Putin.", cite(proposal), nil},
	{"Under the proposal, Western powers could give legally binding assurances to defend Ukraine if Russia attacked again.", cite(proposal), nil},
	{"The proposal could provide legally binding assurances that Western powers would defend Ukraine if Russia attacked again after a peace settlement.", cite(proposal), nil},
	{"Putin left the summit strengthened by the optics of standing alongside the U.S. president.", cite(outcome), nil},
	{"Zelenskyy and his allies were left scrambling to prepare for what could be a decisive turn.", cite(outcome), nil},
	{"The leaders heading to Washington include Mark Rutte, Ursula von der Leyen and Keir Starmer.", cite(leaders), nil},
	{"Italian Prime Minister Giorgia Meloni and French President Emmanuel Macron are among those heading to Washington.", cite(leaders), nil},
	{"German Chancellor Friedrich Merz is heading to Washington.", cite(leaders), nil},
	{"Officials in Berlin and Paris confirmed that the agenda will include security guarantees, territorial sovereignty and economic assistance for Ukraine.", cite(agenda), nil},
	{"The agenda in Washington will include questions of a ceasefire.", cite(agenda), nil},
	{"Conversations with European partners included \"NATO-like\" protection for Ukraine without actual membership, according to American officials.", cite(likeNATO), nil},
	{"U.S. officials said conversations with European partners included discussions of “NATO-like” protection for Ukraine.", cite(likeNATO), nil},
	{"Residents of Kyiv expressed anger that a leader accused of war crimes was given the red-carpet treatment.", cite(anger), nil},
	{"Marco Rubio added that a temporary ceasefire is still under consideration.", cite(rubio), nil},
	{"A temporary ceasefire is still under consideration, Rubio said, but it would need to be backed by credible guarantees.", cite(rubio), nil},
	{"European leaders worry that Washington may prioritize ending the conflict quickly.", cite(worry), nil},
}

const (
	summit   = "The recent summit in Alaska between U.S. President Donald Trump and Russian President Vladimir Putin has triggered alarm in Kyiv and across Europe."
	leaders  = "Among those heading to Washington are NATO Secretary-General Mark Rutte, European Commission President Ursula von der Leyen, British Prime Minister Keir Starmer, German Chancellor Friedrich Merz, Finnish President Alexander Stubb, French President Emmanuel Macron, and Italian Prime Minister Giorgia Meloni."
	agenda   = "Officials in Berlin and Paris confirmed that the agenda in Washington will include not only questions of a ceasefire but also the broader issues of security guarantees, territorial sovereignty, and economic assistance for Ukraine."
	likeNATO = "According to U.S. officials, conversations with European partners included discussions of “NATO-like” protection for Ukraine without actual membership, a compromise that could allow both sides to claim victory."
	anger    = "In Kyiv and other cities still under bombardment, residents expressed anger that a leader accused of war crimes was given the red-carpet treatment while Ukraine continues to suffer casualties and destruction."
	rubio    = "Secretary of State Marco Rubio added that a temporary ceasefire is still under consideration, though it would need to be backed by credible guarantees to prevent Russia from using any pause in fighting to regroup."
	worry    = "European leaders worry that Washington may prioritize ending the conflict quickly, even if it means Kyiv faces pressure to accept terms that compromise its sovereignty."
)

func TestGoodClaimsPass(t *testing.T) { judgeRows(t, "en", good) }

func TestNegationsAddedToGoodClaimsAreCaught(t *testing.T) {
	made, caught := 0, 0
	for _, r := range good {
		for _, at := range anAuxiliary.FindAllStringSubmatchIndex(r.claim, -1) {
			if r.claim[at[4]:at[5]] == "not" {
				continue
			}
			made++
			lie := r.claim[:at[4]] + "not " + r.claim[at[4]:]
			if v := Check(lie, "en", r.cited, Options{}); v.OK {
				t.Errorf("shown: %q", lie)
			} else {
				caught++
			}
		}
	}
	t.Logf("%d of %d caught", caught, made)
}

func TestNegationsDroppedFromGoodClaimsAreCaught(t *testing.T) {
	for _, r := range good {
		lie := strings.NewReplacer(" not ", " ", "cannot", "can", " no ", " ", "unacceptable", "acceptable", "without", "with").Replace(r.claim)
		if lie == r.claim {
			continue
		}
		if v := Check(lie, "en", r.cited, Options{}); v.OK {
			t.Errorf("shown: %q", lie)
		}
	}
}

func TestHedgesDroppedFromGoodClaimsAreCaught(t *testing.T) {
	for _, r := range good {
		lie := strings.NewReplacer(" could ", " will ", " may ", " will ", "Reports suggested that ", "").Replace(r.claim)
		if lie == r.claim {
			continue
		}
		if v := Check(lie, "en", r.cited, Options{}); v.OK {
			t.Errorf("shown: %q", lie)
		}
	}
}

func TestNamesChangedInGoodClaimsAreCaught(t *testing.T) {
	for _, r := range good {
		for _, pair := range []string{"Trump Macron", "Putin Merz", "Kyiv Minsk", "Ukraine Poland", "Witkoff Kellogg", "Washington Geneva", "Rubio Vance", "NATO OPEC", "Macron Sunak", "Russia Turkey", "Berlin London", "European African"} {
			from, to, _ := strings.Cut(pair, " ")
			lie := strings.ReplaceAll(r.claim, from, to)
			if lie == r.claim || strings.Contains(r.cited[0].Text, to) {
				continue
			}
			if v := Check(lie, "en", r.cited, Options{}); v.OK {
				t.Errorf("shown: %q", lie)
			}
		}
	}
}

func FuzzASentenceSupportsItself(f *testing.F) {
	for _, s := range []string{
		proposal, reports, declared, stressed, witkoff, unease, outcome, "", "…", "Yes.", "U.S.", "not", "No. 5 is no \"number", "don't't 's",
		"On 3 May 2024 (2024-05-03, 3.5.2024) 5–10 million € went to example.org.", "日本語の文章です。1000円", "Мост не был построен в мае 10 000 лет.", "a\xff\"b", "27T19 1.2.3 1,00,0 ٣٤", "\u0301\"x\"",
	} {
		f.Add(s, proposal, "en")
		f.Add(s, reports, "de")
		f.Add(s, s, "ru")
	}
	f.Fuzz(func(t *testing.T, s, other, lang string) {
		if len(s)+len(other) > 2000 {
			return // the time of a check is tested elsewhere
		}
		if v := Check(s, lang, []Sentence{{Text: other, Lang: lang}, {Text: s, Lang: lang}}, Options{}); !v.OK {
			t.Errorf("%q (%s): %v", s, lang, v.Failures)
		}
		v := Check(s, lang, []Sentence{{Text: other, Lang: "en"}}, Options{
			Known: func(w string) bool { return strings.Contains(other, w) },
			Name:  func(w string) bool { return strings.Contains(s, w) },
		})
		if v.Support < 0 || v.Support > 1 || v.OK != (len(v.Failures) == 0) {
			t.Errorf("%q by %q: %+v", s, other, v)
		}
	})
}

func TestRepetitionDoesNotTakeForEver(t *testing.T) {
	for _, unit := range []string{"a ", "not a; ", "Smith said Brown ", "\"a\" ", "unclear clear ", "5 to 6 million ", "no a, no b and he was not "} {
		claim, source := strings.Repeat(unit, 60), strings.Repeat(unit, 500)+"x"
		started := time.Now()
		Check(claim, "en", cite(source, source), Options{})
		Check(source, "en", cite(source, claim), Options{})
		// Generous: it is a square that is to be noticed, not a slow machine.
		if took := time.Since(started); took > 20*time.Second {
			t.Errorf("%q: took %v", unit, took)
		}
		t.Logf("%q: %v", unit, time.Since(started))
	}
}

func BenchmarkCheck(b *testing.B) {
	cited := cite(proposal, reports, declared)
	for b.Loop() {
		Check("The proposal would not grant Ukraine NATO membership, but it could provide binding assurances.", "en", cited, Options{})
	}
}
