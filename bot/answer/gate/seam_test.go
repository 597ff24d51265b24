package gate

import "testing"

func TestASeamInTheMiddleOfAPhraseIsASplice(t *testing.T) {
	mayor := "The mayor sees herself as a builder who can finish what others began."
	valley := "The new dam has changed the quiet landscape of the valley."
	fees := "Anyone whose boat is longer than ten metres must pay the harbour fee."
	tickets := "Tickets that come back a day before departure are refunded in full."
	most := "Most of it is often paid in cash."
	reason := "The main reason for the delay is the growing number of small boats."
	judgeRows(t, "en", []row{
		{"The mayor sees herself as a builder who quiet landscape of the valley.", cite(mayor, valley), []Kind{Splice}},
		{"The new dam has changed the quiet builder who can finish what others began.", cite(mayor, valley), []Kind{Splice}},
		{"Anyone whose boat is longer than before departure are refunded in full.", cite(fees, tickets), []Kind{Splice}},
		{"The mayor sees herself as a builder who can finish what others began, and the new dam has changed the quiet landscape of the valley.", cite(mayor, valley), nil},
		{"Most of it is the growing number of small boats.", cite(most, reason), []Kind{Splice}},
		{"Most of it is often paid in cash.", cite(most, reason), nil},
	})
}

func TestWordsOfTwoSentencesMayMeet(t *testing.T) {
	together := func(texts ...string) []Sentence {
		out := cite(texts...)
		for i := range out {
			out[i].Paragraph = "1"
		}
		return out
	}
	judgeRows(t, "en", []row{
		// where a pronoun of the one stands for the subject of the other
		{"The old ferry Gannet was sold to a company abroad.", together("The old ferry Gannet touched a rock.", "She was sold to a company abroad."), nil},
		{"Skerry is the largest town of the islands.", together("Skerry lies on the sound.", "It is the largest town of the islands."), nil},
		// where the one tells when and where
		{"The council met the captains of the fleet in the old customs house on Friday.", together("The council met the captains of the fleet.", "They talked in the old customs house on Friday."), nil},
		// where words between them were left out
		{"The keeper lit the lamp at dusk and slept.", cite("The keeper lit the lamp, which he had cleaned, at dusk and slept.", "The keeper was tired."), nil},
	})
}

func TestTheSecondPredicateHasTheSubjectOfItsSource(t *testing.T) {
	judgeRows(t, "en", []row{
		{"Brannock has declared that the pier stays and is sailing to Skerry as well.", cite("Brannock has declared that the pier stays.", "The crew of the Gannet is sailing to Skerry as well."), []Kind{Splice}},
		{"Brannock has declared that the pier stays and is sailing to Skerry.", cite("Brannock has declared that the pier stays and is sailing to Skerry."), nil},
	})
}
