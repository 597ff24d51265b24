package gate

import "testing"

func TestAClaimWithAPronounForItsSubjectDoesNotStandAlone(t *testing.T) {
	for _, c := range []struct {
		claim, lang string
		want        bool
	}{
		{"He signaled a shift in strategy.", "en", true},
		{"She chairs the panel.", "en", true},
		{"It costs £15 a year.", "en", true},
		{"They stand on the aft rows.", "en", true},
		{"They said the bridge was safe.", "en", true},
		{"This raised fresh concerns.", "en", true},
		{"These commitments are vital.", "en", true},
		{"Such a possibility alarmed Kyiv.", "en", true},
		{"His government stressed that concessions are unacceptable.", "en", true},
		{"Their presence shows determination.", "en", true},
		{"But he has failed.", "en", true},
		{"In spring, they leave earlier.", "en", true},
		{"Still, it can be used within seven days.", "en", true},
		{"It is a request stop.", "en", true},

		{"Trump said he would not sign.", "en", false},
		{"The panel and its chair answer.", "en", false},
		{"It is forbidden to smoke on board.", "en", false},
		{"It is said that the sea has no timetable.", "en", false},
		{"It seems that nobody was hurt.", "en", false},
		{"There is only a nurse on Ormsey.", "en", false},
		{"Those heading to Washington include Rutte.", "en", false},
		{"Those who come late lose the place.", "en", false},
		{"For Zelenskyy, his goal is clear.", "en", false},
		{"The inquiry did not blame the helmsman.", "en", false},
		{"Nobody was hurt.", "en", false},
		{"", "en", false},

		{"Er ersetzt die Fassung von 2018.", "de", true},
		{"Ihre Anwesenheit zeigt Entschlossenheit.", "de", true},
		{"Es kostet 15 Pfund.", "de", true},
		{"Es ist verboten, an Bord zu rauchen.", "de", false},
		{"Der Dienst beginnt früh.", "de", false},
		{"Il a signalé un changement.", "fr", true},
		{"Sa présence montre la détermination.", "fr", true},
		{"Il est interdit de fumer.", "fr", false},
		{"Il faut que le bateau parte.", "fr", false},
		{"Он заявил о победе.", "ru", true},
		{"Его правительство подчеркнуло это.", "ru", true},
		{"Мост был построен.", "ru", false},
		{"Вона заявила про перемогу.", "uk", true},
		{"Hän sanoi niin.", "fi", true},
		{"Egli ha firmato il trattato.", "it", true},
		{"Ella firmó el tratado.", "es", true},
		{"He signaled.", "xx", false},
	} {
		if got := Pronoun(c.claim, c.lang); got != c.want {
			t.Errorf("Pronoun(%q, %s) = %v, want %v", c.claim, c.lang, got, c.want)
		}
	}
}
