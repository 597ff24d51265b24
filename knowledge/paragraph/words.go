package paragraph

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A class says what a full stop after an abbreviation can mean.
type class int

const (
	unknown  class = iota
	precedes       // something always follows, so it never ends a sentence: "e.g.", "z.B."
	title          // a name follows: "Dr.", "Gen.", but also a name itself: "Hun Sen."
	counts         // abbreviates before a number only: "No. 5", and "he said no."
	either         // may end a sentence; the next word tells: "U.S.", "Inc."
	clock          // "a.m.": ends a sentence unless a day or a zone follows
	ends           // an abbreviation that closes an enumeration or a date: "и т.д."
)

// The tables below are matched as written, without the last full stop; a
// sentence may begin with a capital where the table has a small letter. Words
// that are also ordinary words of another language are left out.
var (
	abbreviationLists = map[class]string{
		title: `
			Mr Mrs Ms Messrs Mx Dr Drs Prof Profs Gen Lt Col Maj Capt Cmdr Adm Sgt Cpl Pvt Brig
			Sen Sens Rep Reps Gov Govs Amb Rev Hon Pres Supt Insp Fr Msgr Atty Dist Ald Intl Hist
			Hr Hrn Dipl Frl Hl MM Mme Mmes Mlle Mgr Pr Sig Sigg Dott Avv
			Sra Srta Dra Ud Uds им`,
		precedes: `
			vs viz ed eds trans cf approx e.g i.e eg ie incl esp resp
			hl bspw bzw vgl sog evtl ggf ggfs inkl exkl zzgl zzt geb gest gegr
			insb bes urspr engl franz lat griech dt österr schweiz amerik z.B d.h u.a z.T s.o s.u i.d.R m.E u.U
			v.a i.e.S
			p.ex c.-à-d env
			p.es
			p.ej
			ул просп пл пер кв рис табл см ср напр т.е т.н т.к т.ч акад проф доц ген полк св англ нем
			лат греч рус укр ім вул див тобто
			esim ks nk ns prof tri
			dhr mevr bijv d.w.z o.a
			np tzw t.ex bl.a dvs kl`,
		counts: `
			no nos nr nrs fig figs eq eqs sec ch chap vol vols p pp pg art arts para op ser ext tel tab
			Bd Abs Kap Abb Ziff
			jan feb mar apr jun jul aug sep sept oct nov dec okt dez
			núm pág pag стр т № ст п гл`,
		either: `
			Inc Ltd Co Corp Jr Sr Esq Bros Plc LLC al St Mt Ft Ave Blvd Hwy Rd Dept Univ Assn ca circa c
			U.S U.S.A U.K U.N E.U D.C B.C A.D Ph.D M.D B.A M.A
			usw u.ä o.ä u.v.m etc.pp Str Jh Jhd Jhdt v.Chr n.Chr Chr Mio Mrd Tsd Min Std
			Ala Ariz Ark Calif Colo Conn Fla Ga Ill Ind Kan Mass Mich Minn Mo Mont Neb Nev Okla Ore Pa Tenn Va Wash Wis
			EE.UU
			г гг в вв млн млрд тыс руб коп р
			Bn Bns r ex`,
		clock: `a.m p.m A.M P.M`,
		ends:  `т.д т.п н.э др пр та.ін jne etc ecc enz itd usf`,
	}
	abbreviations = classes(abbreviationLists)

	// starters are the function words that begin a sentence when they carry a
	// capital: after "U.S." they tell a new sentence from a name.
	starters = set(`
		The A An This That These Those There Here It Its He His She Her They Their Theirs We Our You Your I My
		In On At By For From With Without Within During Before After Since Until Under Over Through Throughout
		About Above Across Against Along Among Around Behind Below Beside Besides Between Beyond Despite Down
		Into Like Near Of Off Onto Out Outside Per To Toward Towards Up Upon
		And But Or Nor So Yet If When While Where Whereas Whether Because Although Though Unless Once As Than
		What Who Whom Whose Which Why How
		Is Are Was Were Be Been Has Have Had Do Does Did Can Could Will Would Shall Should May Might Must
		Not No None Nothing Nobody Both Each Either Every Everyone Few Many Most Much Neither One Some Several
		Such All Any Another Other Others
		However Moreover Furthermore Therefore Thus Hence Then Also Today Now Later Meanwhile Instead Still
		Indeed Perhaps Finally First Second Third Next Only Even Just According Additionally Nevertheless

		Der Die Das Den Dem Des Ein Eine Einer Eines Einem Einen Dies Diese Dieser Dieses Diesen Diesem
		Er Sie Es Wir Ihr Ihre Ihren Ihrem Sein Seine Seinen Ich Man Im Am Zum Zur Vom Beim Auf Aus Bei Mit
		Nach Seit Zu Von Durch Für Gegen Ohne Um An Hinter Neben Über Unter Vor Zwischen Während Wegen Trotz
		Und Oder Aber Denn Sondern Doch Wenn Als Weil Obwohl Da Damit Dass Ob Nachdem Bevor Sobald Solange
		Wer Was Wo Wann Warum Wie Welche Welcher Nicht Kein Keine Auch Nur Noch Schon Heute Dann Danach Daher
		Jedoch Dennoch Außerdem Zudem Viele Einige Alle Jeder Jede Jedes Beide Ist Sind War Waren Hat Haben

		Un Une Cette Ces Ce Cet Cela Ils Elle Elles Nous Vous On Dans Sur Avec Sans Pour Par Selon
		Après Avant Depuis Pendant Mais Et Ou Donc Car Si Quand Lorsque Comme Son Sa Ses Leur Leurs Il Au Aux
		Puis Ainsi Cependant Toutefois En

		Una Uno Los Las Este Esta Estos Estas Ese Esa Eso Esto Ella Ellos Ellas Con Sin Según Después Antes
		Desde Durante Pero Y O Cuando Como Su Sus Por Para También Entre Hasta

		Gli I Questo Questa Questi Queste Quello Quella Nel Nella Nei Nelle Dal Dalla Sul Sulla Con Dopo Prima
		E Quando Mentre Anche Per Tra Fra Alla

		Um Uma Os As Esse Essa Isto Isso Ele Eles Elas Com Sem Depois Mas No Na Nos Nas Em

		Het Een Deze Dit Zij Ze Hij Wij Maar En Toen Met Voor Bij Door Na Ook

		В Во На С Со К Ко У О Об От До По За Из Под Над При Про Без Для Через После Перед Между Среди Около
		Он Она Оно Они Его Её Ее Их Мы Вы Я Это Этот Эта Эти Этого Тот Та Те То Так Там Тогда Здесь Тут
		И А Но Или Однако Если Когда Как Что Чтобы Хотя Поскольку Пока Где Кто Который Которая Не Нет Все Всё
		Также Кроме Затем Позже Сегодня Только Уже Ещё Еще Вместе Благодаря Согласно Несмотря

		У Від З Із Зі До Після Під Над Він Вона Воно Вони Його Її Їх Це Цей Ця Ці Той Тоді Але Та Якщо Коли
		Як Що Щоб Де Хто Не Також Проте Через Для Про

		W Na Do Od Po Przed Za Ze Z On Ona Ono Oni Jego Jej Ich To Ten Ta Te Ale Lub Jeśli Kiedy Gdy Jak Nie

		Se Hän He Ne Tämä Nämä Ja Mutta Kun Jos Myös Ei Vuonna Vuoden
		Han Hon Den Det De Och Men När Om Ett I På Efter Under Av Som`)

	// clockWords follow an hour within the sentence.
	clockWords = set(`
		Monday Tuesday Wednesday Thursday Friday Saturday Sunday
		ET EST EDT CT CST CDT MT MST MDT PT PST PDT GMT UTC BST CET CEST Eastern Central Mountain Pacific Greenwich`)

	// particles begin sentences in some languages and family names in others.
	particles = set(`La Le Les Lo L El De Du Da Di Del Della Dei Van Von`)

	// exclaimedNames are names that carry their own exclamation mark.
	exclaimedNames = set(`Yahoo Jeopardy Oklahoma Wham Kahoot Chips Oliver Moulin Mia Ho Panic Airplane Jeb Joomla`)

	// ordinalNouns follow an ordinal number written with a full stop.
	ordinalNouns = set(`
		Januar Jänner Februar März April Mai Juni Juli August September Oktober November Dezember
		Jan Feb Febr Mär Apr Aug Sept Sep Okt Nov Dez
		Jahrhundert Jahrhunderts Jahrhunderten Jahrhunderte Jahrtausend Jahrtausends Jh Jhd Jhdt
		Auflage Ausgabe Band Kapitel Klasse Platz Rang Runde Stock Stunde Tag Woche Monat Jahr Lebensjahr
		Geburtstag Todestag Jahrestag Mal Male Staffel Folge Spieltag Sitzung Weltkrieg Weltkriegs Weltkrieges
		Kongress Bundesstaat Verfassungszusatz Zusatzartikel Armee Division Infanterie Regiment
		Grad Satz Sinfonie Symphonie Etage Liga Bezirk Arrondissement Präsident`)

	// ordinalArticles stand before such an ordinal.
	ordinalArticles = set(`
		am vom zum beim im ab bis seit der des dem den das zur Am Vom Zum Beim Im Ab Bis Seit Der Des Dem Den Das Zur`)
)

func classes(lists map[class]string) map[string]class {
	table := make(map[string]class)
	for c, list := range lists {
		for w := range strings.FieldsSeq(list) {
			table[w] = c
		}
	}
	return table
}

func set(list string) map[string]bool {
	table := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		table[w] = true
	}
	return table
}

// classOf looks w up as it is written, then as a sentence's first word. A single
// capital is an initial and stays one.
func classOf(w string) class {
	if c, ok := abbreviations[w]; ok {
		return c
	}
	first, size := utf8.DecodeRuneInString(w)
	if size == len(w) || !unicode.IsUpper(first) {
		return unknown
	}
	return abbreviations[string(unicode.ToLower(first))+w[size:]]
}
