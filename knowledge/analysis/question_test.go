package analysis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"summitbot/knowledge/analysis"
)

func TestQuestionsAskForATypeOfAnswer(t *testing.T) {
	const (
		anything = analysis.AnyAnswer
		date     = analysis.DateAnswer
		number   = analysis.NumberAnswer
		person   = analysis.PersonAnswer
		place    = analysis.PlaceAnswer
	)
	for _, tt := range []struct {
		lang string
		text string
		want analysis.AnswerType
	}{
		{"en", "When did the summit begin?", date},
		{"en", "In which year did the war start?", date},
		{"en", "How many troops are there?", number},
		{"en", "For how long did they talk?", number},
		{"en", "Who met Putin?", person},
		{"en", "To whom did he speak?", person},
		{"en", "Where did they meet?", place},
		{"en", "In what country was the summit?", place},
		{"en", "What did they sign?", anything},
		{"en", "Why did the talks fail?", anything},
		{"en", "the red line", anything},
		{"de", "Wann begann der Gipfel in Alaska?", date},
		{"de", "In welchem Jahr begann der Krieg?", date},
		{"de", "Wie viele Soldaten sind in dem Land?", number},
		{"de", "Wer hat mit dem Präsidenten gesprochen?", person},
		{"de", "Wo haben sie sich getroffen?", place},
		{"de", "Was haben sie unterschrieben?", anything},
		{"fr", "Quand est-ce que le sommet a commencé ?", date},
		{"fr", "Combien de soldats sont dans le pays ?", number},
		{"fr", "Qui a parlé avec le président ?", person},
		{"fr", "Où est-ce que les présidents se sont rencontrés ?", place},
		{"fr", "Pourquoi est-ce que la guerre a commencé ?", anything},
		{"it", "Quando è cominciato il vertice?", date},
		{"it", "Quanti soldati sono nel paese?", number},
		{"it", "Chi ha parlato con il presidente?", person},
		{"it", "Dove si sono incontrati i presidenti?", place},
		{"ru", "Когда начались переговоры?", date},
		{"ru", "В каком году началась война?", date},
		{"ru", "Сколько солдат было в стране?", number},
		{"ru", "Кто встретился с президентом?", person},
		{"ru", "Где они встретились?", place},
		{"ru", "Почему это было так?", anything},
		{"uk", "Коли почалися переговори?", date},
		{"uk", "У якому році почалася війна?", date},
		{"uk", "Скільки солдатів було в країні?", number},
		{"uk", "Хто зустрівся з президентом?", person},
		{"uk", "Де вони зустрілися?", place},
		{"fi", "Milloin neuvottelut alkoivat?", date},
		{"fi", "Kuinka monta sotilasta maassa on?", number},
		{"fi", "Kuka tapasi presidentin?", person},
		{"fi", "Missä he tapasivat?", place},
		{"xx", "習近平在北京做什么?", anything},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got := analysis.ParseQuestion(tt.text, []string{tt.lang})
			if got.Lang != tt.lang || got.Type != tt.want {
				t.Errorf("got %s, type %d; want %s, type %d", got.Lang, got.Type, tt.lang, tt.want)
			}
		})
	}
}

func TestParseQuestionTakesWordsApart(t *testing.T) {
	got := analysis.ParseQuestion("Who are the 3 envoys of the U.S. in Kyiv?", []string{"en"})
	want := analysis.Question{
		Text: "Who are the 3 envoys of the U.S. in Kyiv?", Lang: "en", Type: analysis.PersonAnswer,
		Words: []analysis.QuestionWord{
			{Surface: "Who", Folded: "who", Stop: true, Capital: true, Initial: true},
			{Surface: "are", Folded: "are", Stop: true},
			{Surface: "the", Folded: "the", Stop: true},
			{Surface: "3", Folded: "3", Number: true},
			{Surface: "envoys", Folded: "envoys"},
			{Surface: "of", Folded: "of", Stop: true},
			{Surface: "the", Folded: "the", Stop: true},
			{Surface: "U.S", Folded: "US", Capital: true},
			{Surface: "in", Folded: "in", Stop: true},
			{Surface: "Kyiv", Folded: "kyiv", Capital: true},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCapitalsMeanNothingInAQuestionThatShouts(t *testing.T) {
	got := analysis.ParseQuestion("WHO TOLD US THIS?", []string{"en"})
	want := []analysis.QuestionWord{
		{Surface: "WHO", Folded: "who", Stop: true, Initial: true},
		{Surface: "TOLD", Folded: "told"},
		{Surface: "US", Folded: "us", Stop: true},
		{Surface: "THIS", Folded: "this", Stop: true},
	}
	if diff := cmp.Diff(want, got.Words); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestShortQuestionsAreReadInTheDocumentsLanguage(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		langs      []string
		want       string
	}{
		{"no function word: the commonest", "Witkoff Kreml", []string{"de", "en"}, "de"},
		{"one function word decides", "Wer kommt", []string{"en", "de"}, "de"},
		{"running text is what it is", "Why did the president of the country not speak to them about this?", []string{"de"}, "en"},
		{"no documents", "Putin", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := analysis.ParseQuestion(tt.text, tt.langs).Lang; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseQuestionOfNothing(t *testing.T) {
	for _, text := range []string{"", "   ", "?!", "\xff\xfe", "👍"} {
		got := analysis.ParseQuestion(text, []string{"en"})
		want := analysis.Question{Text: text, Lang: "en"}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestNumberAndDateWords(t *testing.T) {
	for _, tt := range []struct {
		word, lang   string
		number, date bool
	}{
		{"seven", "en", true, false}, {"august", "en", false, true}, {"fünf", "de", true, false}, {"märz", "de", false, true},
		{"пять", "ru", true, false}, {"мая", "ru", false, true}, {"summit", "en", false, false}, {"seven", "xx", false, false},
	} {
		if got := analysis.IsNumberWord(tt.word, tt.lang); got != tt.number {
			t.Errorf("IsNumberWord(%s, %s): got %t", tt.word, tt.lang, got)
		}
		if got := analysis.IsDateWord(tt.word, tt.lang); got != tt.date {
			t.Errorf("IsDateWord(%s, %s): got %t", tt.word, tt.lang, got)
		}
	}
}

func BenchmarkParseQuestion(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		analysis.ParseQuestion("Who is going to Washington from Germany, and when did the chancellor say so?", []string{"en", "de"})
	}
}
