package gate

import "testing"

func TestANegationBetweenCopiedWordsIsOne(t *testing.T) {
	faults := "Cracks are younger than the stone they cut."
	trick := "A trick that many thieves use to avoid the guard is to hide among the crew."
	judgeRows(t, "en", []row{
		{"Cracks are younger than the stone they cut.", cite(faults), nil},
		{"Cracks are never younger than the stone they cut.", cite(faults), []Kind{Negation}},
		{"Cracks aren't younger than the stone they cut.", cite(faults), []Kind{Negation}},
		{"A trick that many thieves use to avoid the guard is never to hide among the crew.", cite(trick), []Kind{Negation}},
		{"The guard cannot see the crew at night.", cite("At night the guard can see the crew, who hide from nobody."), []Kind{Negation}},
		{"The harbour master said that cars may not park on the pier.", cite("The harbour master said that no cars may park on the pier."), nil},
	})
}

func TestAWordInPlaceOfANameIsNone(t *testing.T) {
	judgeRows(t, "en", []row{
		{"Spelling added to the confusion about the timetable.", cite("In spring Goldenson added to the confusion about the timetable of the ferries."), []Kind{Name}},
		{"Starmer portrays himself as a man who settles quarrels.", cite("Brannock has long portrayed himself as a man who settles quarrels, but the harbour is not so sure."), []Kind{Name}},
		{"The committees sit under the Queen Parliament's rules.", cite("The committees sit under the rules of the Scottish Parliament, as all do."), []Kind{Name}},
		{"Goldenson added to the confusion about the timetable.", cite("In spring Goldenson added to the confusion about the timetable of the ferries."), nil},
		{"Buddhism Bingzhi was married to a fisher woman.", cite("Shi Bingzhi was married to a fisher woman (of another island)."), []Kind{Name}},
		{"Tancred law was written down by two judges.", cite("Norman law was written down by two judges."), []Kind{Name}},
		{"The vote was in favour of a Queen Assembly.", cite("The vote, by 51 to 49, was in favour of a Scottish Assembly."), []Kind{Name}},
		{"The vote of the islands was won by President Merz.", cite("It was Merz who won most islands in the vote."), nil},
		{"Southeast is the largest town of the islands.", cite("Skerry is the largest town of the islands, southeast of Ness."), []Kind{Name}},
	})
}

func TestABracketDoesNotPartAVerbFromItsSubject(t *testing.T) {
	cited := cite("Victoria (abbreviated as Vic) is a state in the south of the island.", "It lies on the Bass Strait.")
	judgeRows(t, "en", []row{
		{"Victoria is a state in the south of the island.", cited, nil},
		{"Strait is a state in the south of the island.", cited, []Kind{Subject, Splice}},
	})
}
