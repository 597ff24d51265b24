package analysis

import "strings"

// AnswerType is what kind of thing a question asks for.
type AnswerType uint8

// The answer types.
const (
	AnyAnswer    AnswerType = iota
	DateAnswer              // when, which year
	NumberAnswer            // how many, how much
	PersonAnswer            // who, whom
	PlaceAnswer             // where, which country
)

// A Question is a question's text, taken apart.
type Question struct {
	Text  string
	Lang  string // detected, or the languages' first
	Words []QuestionWord
	Type  AnswerType
}

// A QuestionWord is one word of a question.
type QuestionWord struct {
	Surface string
	Folded  string
	Stop    bool // a function word or one that only asks
	Number  bool
	Capital bool // capitalised where capitals mean something
	Initial bool // first word of the question
	Carried bool // taken over from an earlier question
}

// ParseQuestion takes a question apart. langs are the languages of the
// documents, the commonest first; a question too short to tell its language is
// read in the first of them.
func ParseQuestion(text string, langs []string) Question {
	lang, sure := Detect(text)
	if !sure && len(langs) > 0 {
		// Among the documents' languages, the one with most function words here.
		lang = bestOf(text, langs)
	}
	q := Question{Text: text, Lang: lang}
	tokens := Tokens(text, nil)
	shouting := strings.ToUpper(text) == text
	for i, t := range tokens {
		s := text[t.Start:t.End]
		f := Fold(s)
		if shouting {
			f = Fold(strings.ToLower(s))
		}
		q.Words = append(q.Words, QuestionWord{
			Surface: s, Folded: f, Stop: IsStop(f, lang), Number: IsNumber(s),
			Capital: IsCapitalised(s) && !shouting, Initial: i == 0,
		})
	}
	q.Type = answerType(q.Words, lang)
	return q
}

func bestOf(text string, langs []string) string {
	best, most := langs[0], -1
	tokens := Tokens(text, nil)
	for _, l := range langs {
		n := 0
		for _, t := range tokens {
			if IsStop(strings.ToLower(text[t.Start:t.End]), l) {
				n++
			}
		}
		if n > most {
			best, most = l, n
		}
	}
	return best
}

// askFor maps the words that open a question to what it asks for, by language.
// A two-word key looks at the next word too.
var askFor = map[string]map[string]AnswerType{
	"en": {
		"when": DateAnswer, "what year": DateAnswer, "which year": DateAnswer, "what date": DateAnswer, "what day": DateAnswer,
		"what month": DateAnswer, "what century": DateAnswer, "which century": DateAnswer, "what time": NumberAnswer, "what decade": DateAnswer, "which decade": DateAnswer,
		"how many": NumberAnswer, "how much": NumberAnswer, "how long": NumberAnswer, "how far": NumberAnswer, "how old": NumberAnswer, "how large": NumberAnswer,
		"how big": NumberAnswer, "how tall": NumberAnswer, "how high": NumberAnswer, "how often": NumberAnswer, "what percentage": NumberAnswer, "what percent": NumberAnswer,
		"what number": NumberAnswer, "how deep": NumberAnswer, "how fast": NumberAnswer, "how wide": NumberAnswer,
		"who": PersonAnswer, "whom": PersonAnswer, "whose": PersonAnswer,
		"where": PlaceAnswer, "what country": PlaceAnswer, "which country": PlaceAnswer, "what city": PlaceAnswer, "which city": PlaceAnswer,
	},
	"de": {
		"wann": DateAnswer, "welchem jahr": DateAnswer, "welches jahr": DateAnswer, "wie viele": NumberAnswer, "wie viel": NumberAnswer, "wieviele": NumberAnswer,
		"wie lange": NumberAnswer, "wie hoch": NumberAnswer, "wie groß": NumberAnswer, "wie gross": NumberAnswer, "wie alt": NumberAnswer, "wie weit": NumberAnswer,
		"wer": PersonAnswer, "wem": PersonAnswer, "wen": PersonAnswer, "wessen": PersonAnswer, "wo": PlaceAnswer, "woher": PlaceAnswer, "wohin": PlaceAnswer,
	},
	"fr": {"quand": DateAnswer, "quelle année": DateAnswer, "combien": NumberAnswer, "qui": PersonAnswer, "où": PlaceAnswer},
	"it": {"quando": DateAnswer, "quanto": NumberAnswer, "quanti": NumberAnswer, "quante": NumberAnswer, "chi": PersonAnswer, "dove": PlaceAnswer},
	"es": {"cuándo": DateAnswer, "cuántos": NumberAnswer, "cuántas": NumberAnswer, "cuánto": NumberAnswer, "quién": PersonAnswer, "quiénes": PersonAnswer, "dónde": PlaceAnswer},
	"ru": {
		"когда": DateAnswer, "каком году": DateAnswer, "сколько": NumberAnswer, "кто": PersonAnswer, "кого": PersonAnswer, "кому": PersonAnswer, "кем": PersonAnswer,
		"где": PlaceAnswer, "куда": PlaceAnswer, "откуда": PlaceAnswer,
	},
	"uk": {"коли": DateAnswer, "якому році": DateAnswer, "скільки": NumberAnswer, "хто": PersonAnswer, "кого": PersonAnswer, "кому": PersonAnswer, "де": PlaceAnswer, "куди": PlaceAnswer},
	"fi": {
		"milloin": DateAnswer, "minä vuonna": DateAnswer, "kuinka monta": NumberAnswer, "montako": NumberAnswer, "paljonko": NumberAnswer, "kuinka paljon": NumberAnswer,
		"kuka": PersonAnswer, "ketkä": PersonAnswer, "kenen": PersonAnswer, "missä": PlaceAnswer, "mistä": PlaceAnswer, "mihin": PlaceAnswer,
	},
}

// nouns maps what may follow "which" or "what" to what it asks for, by language
// and stem.
var nouns = stemSets(map[string]map[AnswerType]string{
	"en": {
		DateAnswer:   "year date day month century decade era season",
		NumberAnswer: "number percentage percent amount age population proportion fraction price cost speed size length height width distance temperature rate share total time",
		PersonAnswer: "person people man woman leader president king queen minister chancellor emperor empress prince princess duke general commander admiral politician senator governor mayor official envoy diplomat author writer poet artist painter composer singer musician actor actress director player athlete coach scientist physicist chemist mathematician philosopher economist engineer inventor architect explorer historian professor pope bishop saint founder owner chairman secretary ruler monarch dynasty tribe family character",
		PlaceAnswer:  "country nation city town village state province region county district area place location continent island river lake sea ocean mountain valley capital street building university school college museum stadium airport",
	},
	"de": {
		DateAnswer:   "jahr datum tag monat jahrhundert jahrzehnt",
		NumberAnswer: "anzahl zahl prozentsatz anteil alter preis",
		PersonAnswer: "person mensch mann frau könig königin kaiser präsident kanzler minister spieler autor schriftsteller wissenschaftler philosoph politiker",
		PlaceAnswer:  "land stadt region fluss staat ort provinz kontinent insel gebiet",
	},
	"ru": {
		DateAnswer:   "год век месяц день дата",
		NumberAnswer: "число процент количество",
		PersonAnswer: "человек король император президент министр игрок учёный философ политик",
		PlaceAnswer:  "страна город регион река государство место провинция остров",
	},
})

func stemSets(lists map[string]map[AnswerType]string) map[string]map[string]AnswerType {
	out := make(map[string]map[string]AnswerType, len(lists))
	for lang, byType := range lists {
		set := map[string]AnswerType{}
		for t, list := range byType {
			for _, w := range strings.Fields(list) {
				set[Stem(Fold(w), lang)] = t
			}
		}
		out[lang] = set
	}
	return out
}

// nounReach is how many words after "which" its noun may stand: "which former
// German chancellor".
const nounReach = 4

// answerType looks for the first asking word of a question. "When" with another
// asking word behind it only sets the scene: "When it rains, what ...".
func answerType(words []QuestionWord, lang string) AnswerType {
	table := askFor[lang]
	scene := AnyAnswer
	for i, w := range words {
		lower := strings.ToLower(w.Surface)
		if i+1 < len(words) {
			if t, ok := table[lower+" "+strings.ToLower(words[i+1].Surface)]; ok {
				return t
			}
		}
		t, asks := table[lower]
		if asks && t == DateAnswer && scene == AnyAnswer {
			scene = t
			continue
		}
		if asks && t != DateAnswer {
			if scene == AnyAnswer {
				return t
			}
			continue // "When and where", "When did the man who": the first counts
		}
		if !IsAsking(lower, lang) || asks {
			continue
		}
		for _, noun := range words[i+1 : min(i+1+nounReach, len(words))] {
			if t, ok := nouns[lang][Stem(noun.Folded, lang)]; ok {
				return t
			}
			if IsAsking(noun.Folded, lang) {
				break
			}
		}
		return AnyAnswer
	}
	return scene
}

// IsNumberWord reports whether a folded word names a number ("seven").
func IsNumberWord(folded, lang string) bool { return numberWords[lang][folded] }

// IsDateWord reports whether a folded word names a month, a day or a century.
func IsDateWord(folded, lang string) bool { return dateWords[lang][folded] }

var numberWords = wordSets(map[string]string{
	"en": "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions trillion dozen dozens half third quarter percent",
	"de": "null zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn zwanzig dreissig vierzig fünfzig hundert tausend million millionen milliarde milliarden dutzend prozent hälfte drittel viertel",
	"fr": "zéro deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante cent cents mille million millions milliard milliards",
	"it": "due tre quattro cinque sei sette otto nove dieci undici dodici venti trenta quaranta cinquanta cento mille mila milione milioni miliardo miliardi",
	"es": "dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta cincuenta cien ciento mil millón millones",
	"ru": "два две три четыре пять шесть семь восемь девять десять одиннадцать двенадцать двадцать тридцать сорок пятьдесят сто двести тысяча тысячи тысяч миллион миллиона миллионов миллиард миллиарда миллиардов процент процента процентов половина треть",
	"uk": "два дві три чотири шість сім вісім десять одинадцять дванадцять двадцять тридцять сорок сто тисяча тисячі тисяч мільйон мільйони мільйонів мільярд мільярди мільярдів відсоток відсотків половина",
	"fi": "kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen sata tuhat tuhatta miljoona miljoonaa miljardi miljardia prosentti prosenttia",
})

var dateWords = wordSets(map[string]string{
	"en": "january february march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday century centuries today yesterday tomorrow",
	"de": "januar februar märz april mai juni juli august september oktober november dezember montag dienstag mittwoch donnerstag freitag samstag sonntag jahrhundert jahrhunderts",
	"fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi dimanche siècle",
	"it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre secolo",
	"es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre siglo",
	"ru": "январь января январе февраль февраля феврале март марта марте апрель апреля апреле май мая мае июнь июня июне июль июля июле август августа августе сентябрь сентября сентябре октябрь октября октябре ноябрь ноября ноябре декабрь декабря декабре век века веке веков год года году",
	"uk": "січень січня січні лютий лютого березень березня березні квітень квітня травень травня червень червня липень липня серпень серпня вересень вересня жовтень жовтня листопад листопада грудень грудня століття рік року році",
	"fi": "tammikuu tammikuussa helmikuu helmikuussa maaliskuu maaliskuussa huhtikuu huhtikuussa toukokuu toukokuussa kesäkuu kesäkuussa heinäkuu heinäkuussa elokuu elokuussa syyskuu syyskuussa lokakuu lokakuussa marraskuu marraskuussa joulukuu joulukuussa vuonna luvulla",
})

func wordSets(lists map[string]string) map[string]map[string]bool {
	out := make(map[string]map[string]bool, len(lists))
	for lang, list := range lists {
		set := map[string]bool{}
		for _, w := range strings.Fields(list) {
			set[w] = true
		}
		out[lang] = set
	}
	return out
}
