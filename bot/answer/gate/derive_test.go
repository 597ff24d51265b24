package gate

import (
	"math/rand/v2"
	"strings"
	"testing"
)

const travellers = "Among those heading to Washington are NATO Secretary-General Mark Rutte, European Commission President Ursula von der Leyen, British Prime Minister Keir Starmer, German Chancellor Friedrich Merz, Finnish President Alexander Stubb, French President Emmanuel Macron, and Italian Prime Minister Giorgia Meloni."

func TestNumbersAreDerivedFromTheCitedSentences(t *testing.T) {
	seven := "Mark Rutte, Ursula von der Leyen, Keir Starmer, Friedrich Merz, Alexander Stubb, Emmanuel Macron, Giorgia Meloni"
	for _, tt := range []struct {
		name, claim, lang string
		cited             []Sentence
		want              string // "" if it cannot be derived
	}{
		{"names of one sentence", "Seven leaders travel to Washington.", "en", cite(travellers), seven},
		{"with words between number and noun", "Seven key European leaders are going to Washington.", "en", cite(travellers), seven},
		{"of another language", "Sieben Politiker reisen nach Washington.", "de", []Sentence{{Text: travellers, Lang: "en"}}, seven},
		{"one too many", "Eight leaders travel to Washington.", "en", cite(travellers), ""},
		{"one too few", "Six leaders travel to Washington.", "en", cite(travellers), ""},
		{"nothing counted", "The number of those who travel to Washington is 7.", "en", cite(travellers), ""},
		{"a unit is no noun", "Leaders travel to Washington for 7 days.", "en", cite(travellers), ""},
		{"phrases", "The agenda has three issues.", "en", cite("The agenda includes security guarantees, territorial sovereignty, and economic assistance."), "security guarantees, territorial sovereignty, economic assistance"},
		{"no comma before and", "The plan names four countries.", "en", cite("The plan was signed by Peru, Chile, Brazil and Bolivia."), "Peru, Chile, Brazil, Bolivia"},
		{"a pair is no list", "The two countries signed.", "en", cite("The plan was signed by Peru and Chile."), ""},
		{"clauses are no list", "Three things happened.", "en", cite("He was tired, she was not, and they were gone."), ""},
		{"the source counts otherwise", "Four countries signed the plan.", "en", cite("The three countries, with the states of Peru, Chile, Brazil and Bolivia, signed."), ""},
		{"items of a list", "There are three goals.", "en", cite("- Peace.", "- Trade.", "- Justice."), "Peace, Trade, Justice"},
		{"sum", "Together the two yards built 42 ships.", "en", cite("The first yard built 12 ships.", "The second yard built 30 ships."), "12 + 30"},
		{"sum of three", "In total 60 ships were built.", "en", cite("The yards built 10, 20 and 30 ships that year."), "10 + 20 + 30"},
		{"sum without a cue", "The yards built 42 ships.", "en", cite("The first yard built 12 ships.", "The second yard built 30 ships."), ""},
		{"sum of different units", "Together that makes 42 km.", "en", cite("The road has 12 km.", "The wall has 30 m."), ""},
		{"years between", "The union ended 33 years before the war of 2024.", "en", cite("The union ended in 1991 and the war came in 2024."), "2024 - 1991"},
		{"years without a cue", "The union had 33 years.", "en", cite("The union ended in 1991 and the war came in 2024."), ""},
		{"difference", "The first yard built 18 fewer ships.", "en", cite("The first yard built 12 ships.", "The second yard built 30 ships."), "30 - 12"},
		{"difference of a unit", "The rate rose by 7 percent.", "en", cite("The rate was 5 percent in May and 12 percent in June."), "12 - 5"},
		{"German sum", "Insgesamt wurden 42 Schiffe gebaut.", "de", []Sentence{{Text: "Die erste Werft baute 12 Schiffe, die zweite 30 Schiffe.", Lang: "de"}}, "12 + 30"},
		{"French sum", "Au total, 42 navires ont été construits.", "fr", []Sentence{{Text: "Un chantier a fait 12 navires, l'autre 30 navires.", Lang: "fr"}}, "12 + 30"},
		{"Italian sum", "In totale furono costruite 42 navi.", "it", []Sentence{{Text: "Un cantiere fece 12 navi, l'altro 30 navi.", Lang: "it"}}, "12 + 30"},
		{"Russian sum", "Всего построено 42 корабля.", "ru", []Sentence{{Text: "Одна верфь построила 12 кораблей, другая 30 кораблей.", Lang: "ru"}}, "12 + 30"},
		{"Ukrainian sum", "Разом збудовано 42 кораблі.", "uk", []Sentence{{Text: "Одна верф збудувала 12 кораблів, друга 30 кораблів.", Lang: "uk"}}, "12 + 30"},
		{"Finnish sum", "Yhteensä rakennettiin 42 laivaa.", "fi", []Sentence{{Text: "Yksi telakka teki 12 laivaa, toinen 30 laivaa.", Lang: "fi"}}, "12 + 30"},
		{"the same sentence with another number", "The first yard built 18 more ships than the 30 ships of the other.", "en", cite("The first yard built 12 more ships than the 30 ships of the other."), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			failures := []Failure{{Number, "as the gate says"}}
			how, ok := Derive(tt.claim, tt.lang, tt.cited, failures)
			if how != tt.want || ok != (tt.want != "") {
				t.Errorf("Derive(%q) = %q, %v, want %q", tt.claim, how, ok, tt.want)
			}
		})
	}
}

func TestDeriveIsForNumbersOnly(t *testing.T) {
	for _, failures := range [][]Failure{nil, {{Name, "Scholz"}}, {{Number, "seven"}, {Name, "Scholz"}}} {
		if how, ok := Derive("Seven leaders travel to Washington.", "en", cite(travellers), failures); ok {
			t.Errorf("Derive with %v = %q", failures, how)
		}
	}
}

// A sentence with another number is a lie; nothing may be found by chance that
// makes it true.
func TestChangedNumbersAreNotDerived(t *testing.T) {
	sentences := sentencesOf(t, "squad2")
	r := rand.New(rand.NewPCG(3, 4))
	m := &mutator{Rand: r, sentences: sentences}
	tried, derived := 0, 0
	for tried < 2000 {
		i := r.IntN(len(sentences))
		lie := mutations[0].mutate(m, sentences[i])
		if lie == "" {
			continue
		}
		// Its neighbours are cited too, as a repaired citation has them; the words
		// of sums and differences stand in many of them.
		cited := cite(sentences[i], sentences[(i+1)%len(sentences)], sentences[max(0, i-1)])
		v := Check(lie, "en", cited, Options{})
		tried++
		if how, ok := Derive(lie, "en", cited, v.Failures); ok {
			derived++
			t.Logf("%s\n  %s", lie, how)
		}
	}
	t.Logf("%d of %d changed numbers derived", derived, tried)
	if derived > 0 {
		t.Errorf("%d of %d changed numbers were derived", derived, tried)
	}
}

// The same with words left out, so that the sentence is not simply repeated.
func TestChangedNumbersOfShortenedSentencesAreHardlyDerived(t *testing.T) {
	sentences := sentencesOf(t, "squad2")
	r := rand.New(rand.NewPCG(5, 6))
	m := &mutator{Rand: r, sentences: sentences}
	tried, derived := 0, 0
	for tried < 2000 {
		i := r.IntN(len(sentences))
		words := strings.Fields(sentences[i])
		if len(words) < 16 {
			continue
		}
		half := strings.Join(words[:len(words)/2], " ")
		if r.IntN(2) == 0 {
			half = strings.Join(words[len(words)/2:], " ")
		}
		lie := mutations[0].mutate(m, half)
		if lie == "" {
			continue
		}
		v := Check(lie, "en", cite(sentences[i]), Options{})
		tried++
		if how, ok := Derive(lie, "en", cite(sentences[i]), v.Failures); ok {
			derived++
			t.Logf("%s\n  %s", lie, how)
		}
	}
	t.Logf("%d of %d changed numbers of half sentences derived", derived, tried)
	if derived > tried/200 {
		t.Errorf("%d of %d changed numbers were derived", derived, tried)
	}
}
