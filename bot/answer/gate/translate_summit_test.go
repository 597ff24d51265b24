package gate

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"summitbot/knowledge/paragraph"
)

// A translatedClaim is what a model may say in another language of a sentence of
// the article, which begins as source does. They were written before the check
// had seen any of them.
type translatedClaim struct {
	source string
	in     map[string]string
}

var translatedClaims = []translatedClaim{
	{"The recent summit in Alaska", map[string]string{
		"de": "Der Gipfel in Alaska zwischen US-Präsident Donald Trump und dem russischen Präsidenten Wladimir Putin hat in Kyjiw und in ganz Europa Besorgnis ausgelöst.",
		"fr": "Le sommet en Alaska entre le président américain Donald Trump et le président russe Vladimir Poutine a suscité l'inquiétude à Kiev et dans toute l'Europe.",
		"ru": "Саммит на Аляске между президентом США Дональдом Трампом и президентом России Владимиром Путиным вызвал тревогу в Киеве и по всей Европе.",
		"uk": "Саміт на Алясці між президентом США Дональдом Трампом і президентом Росії Володимиром Путіним викликав тривогу в Києві та в усій Європі.",
		"it": "Il vertice in Alaska tra il presidente americano Donald Trump e il presidente russo Vladimir Putin ha suscitato allarme a Kiev e in tutta Europa.",
		"fi": "Yhdysvaltain presidentin Donald Trumpin ja Venäjän presidentin Vladimir Putinin huippukokous Alaskassa herätti huolta Kiovassa ja kaikkialla Euroopassa.",
	}},
	{"Reports suggested Trump", map[string]string{
		"de": "Berichten zufolge könnte Trump darüber gesprochen haben, dass die Ukraine Teile des Donbass abtritt; seine Regierung hat das nicht offiziell bestätigt.",
		"fr": "Selon certaines informations, Trump aurait évoqué la cession par l'Ukraine de parties du Donbass, mais son administration ne l'a pas officiellement confirmé.",
		"ru": "По некоторым сообщениям, Трамп мог обсуждать уступку Украиной части Донбасса, хотя его администрация официально этого не подтвердила.",
		"uk": "За деякими повідомленнями, Трамп міг обговорювати поступку Україною частини Донбасу, хоча його адміністрація офіційно цього не підтвердила.",
		"it": "Secondo alcune notizie Trump avrebbe discusso la cessione di parti del Donbass da parte dell'Ucraina, ma la sua amministrazione non lo ha confermato ufficialmente.",
		"fi": "Tietojen mukaan Trump olisi keskustellut siitä, että Ukraina luopuisi osista Donbasia, mutta hänen hallintonsa ei ole virallisesti vahvistanut tätä.",
	}},
	{"Such a possibility alarmed", map[string]string{
		"de": "Diese Möglichkeit beunruhigte Kiew, das stets erklärt hat, dass kein ukrainisches Gebiet abgetreten werden kann.",
		"fr": "Cette éventualité a alarmé Kyiv, qui a toujours déclaré qu'aucun territoire ukrainien ne pouvait être cédé.",
		"ru": "Такая возможность встревожила Киев, который неизменно заявлял, что никакая украинская территория не может быть уступлена.",
		"uk": "Така можливість стривожила Київ, який постійно заявляв, що жодна українська територія не може бути віддана.",
		"it": "Questa possibilità ha allarmato Kiev, che ha sempre dichiarato che nessun territorio ucraino può essere ceduto.",
		"fi": "Tällainen mahdollisuus huolestutti Kiovaa, joka on johdonmukaisesti ilmoittanut, ettei Ukrainan alueita voida luovuttaa.",
	}},
	{"While Putin left", map[string]string{
		"de": "Putin verließ den Gipfel gestärkt, während Selenskyj und seine Verbündeten sich eilig auf eine mögliche Wende vorbereiten mussten.",
		"fr": "Poutine est sorti renforcé du sommet, tandis que Zelensky et ses alliés ont dû se préparer à la hâte à un tournant.",
		"ru": "Путин покинул саммит окрепшим, тогда как Зеленскому и его союзникам пришлось спешно готовиться к возможному повороту.",
		"uk": "Путін залишив саміт зміцнілим, тоді як Зеленському та його союзникам довелося поспіхом готуватися до можливого повороту.",
		"it": "Putin ha lasciato il vertice rafforzato, mentre Zelensky e i suoi alleati hanno dovuto prepararsi in fretta a una svolta.",
		"fi": "Putin lähti huippukokouksesta vahvistuneena, kun taas Zelenskyi ja hänen liittolaisensa joutuivat valmistautumaan kiireesti.",
	}},
	{"In response to these developments", map[string]string{
		"de": "Mehrere europäische Staats- und Regierungschefs kündigten an, gemeinsam mit dem ukrainischen Präsidenten Wolodymyr Selenskyj nach Washington zu reisen.",
		"fr": "Plusieurs dirigeants européens ont annoncé qu'ils se rendraient à Washington avec le président ukrainien Volodymyr Zelensky.",
		"ru": "Несколько европейских лидеров объявили, что поедут в Вашингтон вместе с президентом Украины Владимиром Зеленским.",
		"uk": "Кілька європейських лідерів оголосили, що поїдуть до Вашингтона разом із президентом України Володимиром Зеленським.",
		"it": "Diversi leader europei hanno annunciato che si recheranno a Washington con il presidente ucraino Volodymyr Zelensky.",
		"fi": "Useat Euroopan johtajat ilmoittivat matkustavansa Washingtoniin Ukrainan presidentin Volodymyr Zelenskyin kanssa.",
	}},
	{"Among those heading", map[string]string{
		"de": "Nach Washington reisen NATO-Generalsekretär Mark Rutte, Kommissionspräsidentin Ursula von der Leyen, der britische Premierminister Keir Starmer, Bundeskanzler Friedrich Merz, der finnische Präsident Alexander Stubb, der französische Präsident Emmanuel Macron und die italienische Ministerpräsidentin Giorgia Meloni.",
		"fr": "Parmi ceux qui se rendent à Washington figurent le secrétaire général de l'OTAN Mark Rutte, le Premier ministre britannique Keir Starmer, le chancelier allemand Friedrich Merz et le président français Emmanuel Macron.",
		"ru": "В Вашингтон направляются генсек НАТО Марк Рютте, Урсула фон дер Ляйен, премьер-министр Великобритании Кир Стармер, канцлер Германии Фридрих Мерц, президент Финляндии Александр Стубб, президент Франции Эммануэль Макрон и премьер Италии Джорджа Мелони.",
		"uk": "До Вашингтона прямують генсек НАТО Марк Рютте, Урсула фон дер Ляєн, прем'єр-міністр Британії Кір Стармер, канцлер Німеччини Фрідріх Мерц, президент Фінляндії Александр Стубб, президент Франції Еммануель Макрон і прем'єрка Італії Джорджа Мелоні.",
		"it": "Tra chi si reca a Washington ci sono il segretario generale della NATO Mark Rutte, il cancelliere tedesco Friedrich Merz, il presidente finlandese Alexander Stubb e la premier italiana Giorgia Meloni.",
		"fi": "Washingtoniin matkustavat muun muassa Naton pääsihteeri Mark Rutte, Britannian pääministeri Keir Starmer, Saksan liittokansleri Friedrich Merz, Suomen presidentti Alexander Stubb, Ranskan presidentti Emmanuel Macron ja Italian pääministeri Giorgia Meloni.",
	}},
	{"Officials in Berlin and Paris", map[string]string{
		"de": "Vertreter in Berlin und Paris bestätigten, dass in Washington nicht nur über einen Waffenstillstand, sondern auch über Sicherheitsgarantien gesprochen wird.",
		"fr": "Des responsables à Berlin et à Paris ont confirmé que l'ordre du jour à Washington comprendra non seulement un cessez-le-feu, mais aussi des garanties de sécurité.",
		"ru": "Чиновники в Берлине и Париже подтвердили, что в Вашингтоне обсудят не только прекращение огня, но и гарантии безопасности для Украины.",
		"uk": "Посадовці в Берліні та Парижі підтвердили, що у Вашингтоні обговорять не лише припинення вогню, а й гарантії безпеки для України.",
		"it": "Funzionari a Berlino e Parigi hanno confermato che a Washington si parlerà non solo di cessate il fuoco ma anche di garanzie di sicurezza.",
		"fi": "Virkamiehet Berliinissä ja Pariisissa vahvistivat, että Washingtonissa ei puhuta vain tulitauosta vaan myös turvatakuista.",
	}},
	{"One of the most significant elements", map[string]string{
		"de": "Russland könnte bereit sein, den Vereinigten Staaten und europäischen Verbündeten zu erlauben, der Ukraine Sicherheitsgarantien nach dem Muster von Artikel 5 der NATO zu geben.",
		"fr": "La Russie pourrait accepter que les États-Unis et leurs alliés européens accordent à l'Ukraine des garanties semblables à l'article 5 de l'OTAN.",
		"ru": "Россия, возможно, готова позволить США и европейским союзникам предоставить Украине гарантии безопасности, подобные статье 5 НАТО.",
		"uk": "Росія, можливо, готова дозволити США та європейським союзникам надати Україні гарантії безпеки, подібні до статті 5 НАТО.",
		"it": "La Russia potrebbe consentire agli Stati Uniti e agli alleati europei di offrire all'Ucraina garanzie simili all'articolo 5 della NATO.",
		"fi": "Venäjä saattaa sallia, että Yhdysvallat ja eurooppalaiset liittolaiset antavat Ukrainalle Naton viidettä artiklaa muistuttavia turvatakuita.",
	}},
	{"Special U.S. envoy Steve Witkoff", map[string]string{
		"de": "Der US-Sondergesandte Steve Witkoff sagte, Moskau habe einer Formulierung grundsätzlich zugestimmt, mit der es auf weitere Gebietsgewinne verzichtet.",
		"fr": "L'émissaire américain Steve Witkoff a déclaré que Moscou avait accepté en principe de ne pas chercher d'autres conquêtes territoriales.",
		"ru": "Спецпосланник США Стив Уиткофф сказал, что Москва в принципе согласилась закрепить обязательство не стремиться к новым территориям.",
		"uk": "Спецпосланець США Стів Віткофф сказав, що Москва в принципі погодилася закріпити зобов'язання не прагнути нових територій.",
		"it": "L'inviato americano Steve Witkoff ha detto che Mosca ha accettato in linea di principio di non cercare altre espansioni territoriali.",
		"fi": "Yhdysvaltain erityislähettiläs Steve Witkoff sanoi, että Moskova on periaatteessa sitoutunut siihen, ettei se tavoittele uusia alueita.",
	}},
	{"The proposal would not grant", map[string]string{
		"de": "Der Vorschlag würde der Ukraine keine NATO-Mitgliedschaft gewähren, die für Putin eine rote Linie bleibt.",
		"fr": "La proposition n'accorderait pas à l'Ukraine l'adhésion à l'OTAN, qui reste une ligne rouge pour Poutine.",
		"ru": "Предложение не даст Украине членства в НАТО, которое остаётся красной линией для Путина.",
		"uk": "Пропозиція не надасть Україні членства в НАТО, яке залишається червоною лінією для Путіна.",
		"it": "La proposta non concederebbe all'Ucraina l'adesione alla NATO, che resta una linea rossa per Putin.",
		"fi": "Ehdotus ei antaisi Ukrainalle Naton jäsenyyttä, joka on Putinille edelleen punainen viiva.",
	}},
	{"Secretary of State Marco Rubio", map[string]string{
		"de": "Außenminister Marco Rubio fügte hinzu, dass eine vorübergehende Waffenruhe weiter geprüft werde.",
		"fr": "Le secrétaire d'État Marco Rubio a ajouté qu'un cessez-le-feu temporaire était toujours à l'étude.",
		"ru": "Госсекретарь Марко Рубио добавил, что временное прекращение огня по-прежнему рассматривается.",
		"uk": "Держсекретар Марко Рубіо додав, що тимчасове припинення вогню все ще розглядається.",
		"it": "Il segretario di Stato Marco Rubio ha aggiunto che una tregua temporanea è ancora allo studio.",
		"fi": "Ulkoministeri Marco Rubio lisäsi, että väliaikaista tulitaukoa harkitaan edelleen.",
	}},
	{"The war has demonstrated", map[string]string{
		"de": "Der Krieg hat gezeigt, dass Russland bereit ist, Abkommen zu brechen, und dass die Sicherheit der Ukraine nicht allein auf Vertrauen beruhen kann.",
		"fr": "La guerre a montré que la Russie est prête à violer des accords et que la sécurité de l'Ukraine ne peut pas reposer uniquement sur la confiance.",
		"ru": "Война показала, что Россия готова нарушать прежние соглашения и что безопасность Украины не может зависеть только от доверия.",
		"uk": "Війна показала, що Росія готова порушувати попередні угоди і що безпека України не може залежати лише від довіри.",
	}},
	{"Zelenskyy reiterated that", map[string]string{
		"de": "Selenskyj bekräftigte, dass ein Waffenstillstand vor Verhandlungen über eine dauerhafte Lösung unerlässlich bleibt.",
		"fr": "Zelensky a répété qu'un cessez-le-feu reste essentiel avant des négociations sur un règlement permanent.",
		"ru": "Зеленский повторил, что прекращение огня остаётся необходимым до переговоров о постоянном урегулировании.",
		"uk": "Зеленський повторив, що припинення вогню залишається необхідним до переговорів про постійне врегулювання.",
	}},
	{"Many Ukrainians saw", map[string]string{
		"de": "Viele Ukrainer sahen im herzlichen Empfang für Putin ein Zeichen, dass die USA seine Rolle trotz der russischen Angriffe normalisieren.",
		"fr": "Beaucoup d'Ukrainiens ont vu dans l'accueil chaleureux réservé à Poutine le signe que les États-Unis normalisaient son rôle malgré les attaques de la Russie.",
		"ru": "Многие украинцы увидели в тёплом приёме Путина знак того, что США нормализуют его роль, несмотря на атаки России.",
		"uk": "Багато українців побачили в теплому прийомі Путіна знак того, що США нормалізують його роль попри атаки Росії.",
	}},
	{"In Kyiv and other cities", map[string]string{
		"de": "In Kyjiw und anderen Städten, die weiter beschossen werden, äußerten Bewohner ihren Zorn.",
		"fr": "À Kyiv et dans d'autres villes encore bombardées, des habitants ont exprimé leur colère.",
		"ru": "В Киеве и других городах, которые всё ещё обстреливают, жители выражали гнев.",
		"uk": "У Києві та інших містах, які досі обстрілюють, мешканці висловлювали гнів.",
	}},
	{"Trump has long portrayed", map[string]string{
		"de": "Trump stellt sich seit Langem als Dealmaker dar, doch seine Bereitschaft, sich auf Putins Bedingungen einzulassen, hat die Unterstützer der Ukraine verunsichert.",
		"fr": "Trump se présente depuis longtemps comme un négociateur, mais sa volonté d'accepter les conditions de Poutine a inquiété les soutiens de l'Ukraine.",
		"ru": "Трамп давно изображает себя мастером сделок, но его готовность принять условия Путина встревожила сторонников Украины.",
		"uk": "Трамп давно зображує себе майстром угод, але його готовність прийняти умови Путіна стривожила прихильників України.",
	}},
	{"European leaders worry that", map[string]string{
		"de": "Europäische Politiker befürchten, dass Washington dem schnellen Ende des Konflikts Vorrang gibt, auch wenn Kyjiw dann unter Druck gerät.",
		"fr": "Les dirigeants européens craignent que Washington donne la priorité à une fin rapide du conflit, même si Kyiv subit des pressions.",
		"ru": "Европейские лидеры опасаются, что Вашингтон поставит на первое место быстрое завершение конфликта, даже если на Киев будет оказано давление.",
		"uk": "Європейські лідери побоюються, що Вашингтон поставить на перше місце швидке завершення конфлікту, навіть якщо на Київ чинитимуть тиск.",
	}},
	{"According to U.S. officials", map[string]string{
		"de": "Laut US-Beamten ging es in den Gesprächen mit europäischen Partnern um einen NATO-ähnlichen Schutz für die Ukraine ohne tatsächliche Mitgliedschaft.",
		"fr": "Selon des responsables américains, les discussions avec les partenaires européens portaient sur une protection de l'Ukraine semblable à celle de l'OTAN, sans adhésion.",
		"ru": "По словам американских чиновников, с европейскими партнёрами обсуждалась защита Украины по образцу НАТО без фактического членства.",
		"uk": "За словами американських посадовців, з європейськими партнерами обговорювали захист України на зразок НАТО без фактичного членства.",
	}},
	{"The coalition of leaders", map[string]string{
		"de": "Die Koalition wird Trump wahrscheinlich drängen, die Position der USA zu klären und die Souveränität der Ukraine zu bekräftigen.",
		"fr": "La coalition poussera probablement Trump à clarifier la position des États-Unis et à réaffirmer la souveraineté de l'Ukraine.",
		"ru": "Коалиция, вероятно, будет убеждать Трампа прояснить позицию США и подтвердить суверенитет Украины.",
		"uk": "Коаліція, ймовірно, переконуватиме Трампа прояснити позицію США та підтвердити суверенітет України.",
	}},
	{"His government stressed", map[string]string{
		"de": "Die Regierung betonte, dass Zugeständnisse bei der Souveränität nach der Verfassung der Ukraine nicht hinnehmbar sind.",
		"fr": "Son gouvernement a souligné que des concessions sur la souveraineté sont inacceptables selon la Constitution de l'Ukraine.",
		"ru": "Правительство подчеркнуло, что уступки по суверенитету неприемлемы согласно конституции Украины.",
		"uk": "Уряд наголосив, що поступки щодо суверенітету неприйнятні згідно з конституцією України.",
	}},
	{"Europe’s decision to rally", map[string]string{
		"de": "Europas Entscheidung, sich in Washington hinter Selenskyj zu stellen, zeigt, dass es um mehr als die Grenzen der Ukraine geht.",
		"fr": "La décision de l'Europe de se rallier à Zelensky à Washington montre que les enjeux dépassent les frontières de l'Ukraine.",
		"ru": "Решение Европы сплотиться вокруг Зеленского в Вашингтоне показывает, что ставки выходят за границы Украины.",
		"uk": "Рішення Європи згуртуватися навколо Зеленського у Вашингтоні показує, що ставки виходять за кордони України.",
	}},
}

// impostors are names of the claims, or their beginnings, with those of others.
var impostors = map[string][][2]string{
	"de": {{"Putin", "Scholz"}, {"Trump", "Biden"}, {"Selenskyj", "Lukaschenko"}, {"Merz", "Scholz"}, {"Macron", "Hollande"}, {"Rubio", "Blinken"}, {"Witkoff", "Kellogg"}, {"Rutte", "Stoltenberg"}, {"Stubb", "Niinistö"}, {"Washington", "Peking"}, {"Ukraine", "Moldau"}, {"Russland", "China"}, {"Moskau", "Minsk"}, {"Kyjiw", "Warschau"}, {"Alaska", "Florida"}, {"NATO", "OSZE"}, {"Donbass", "Kaukasus"}, {"Berlin", "Madrid"}},
	"fr": {{"Poutine", "Scholz"}, {"Trump", "Biden"}, {"Zelensky", "Loukachenko"}, {"Merz", "Scholz"}, {"Macron", "Hollande"}, {"Rubio", "Blinken"}, {"Witkoff", "Kellogg"}, {"Rutte", "Stoltenberg"}, {"Washington", "Pékin"}, {"Ukraine", "Moldavie"}, {"Russie", "Chine"}, {"Moscou", "Minsk"}, {"Kyiv", "Varsovie"}, {"Alaska", "Floride"}, {"OTAN", "OSCE"}, {"Donbass", "Caucase"}, {"Berlin", "Madrid"}},
	"ru": {{`Путин\pL*`, "Шольц"}, {`Трамп\pL*`, "Байден"}, {`Зеленск\pL*`, "Лукашенко"}, {`Мерц\pL*`, "Шольц"}, {`Макрон\pL*`, "Олланд"}, {`Рубио`, "Блинкен"}, {`Уиткофф`, "Келлог"}, {`Рютте`, "Столтенберг"}, {`Вашингтон\pL*`, "Пекине"}, {`Украин\pL*`, "Молдавии"}, {`Росси\pL*`, "Китай"}, {`Москв\pL*`, "Минск"}, {`Киев\pL*`, "Варшаве"}, {`Аляск\pL*`, "Флориде"}, {"НАТО", "ОБСЕ"}, {`Донбасс\pL*`, "Кавказа"}, {`Берлин\pL*`, "Мадриде"}},
	"uk": {{`Путін\pL*`, "Шольц"}, {`Трамп\pL*`, "Байден"}, {`Зеленськ\pL*`, "Лукашенко"}, {`Мерц\pL*`, "Шольц"}, {`Макрон\pL*`, "Олланд"}, {`Рубіо`, "Блінкен"}, {`Віткофф`, "Келлог"}, {`Рютте`, "Столтенберг"}, {`Вашингтон\pL*`, "Пекіні"}, {`Україн\pL*`, "Молдови"}, {`Росі\pL*`, "Китай"}, {`Москв\pL*`, "Мінськ"}, {`Киє?в\pL*`, "Варшаві"}, {`Аляс\pL*`, "Флориді"}, {"НАТО", "ОБСЄ"}, {`Донбас\pL*`, "Кавказу"}, {`Берлін\pL*`, "Мадриді"}},
	"it": {{"Putin", "Scholz"}, {"Trump", "Biden"}, {"Zelensky", "Lukashenko"}, {"Merz", "Scholz"}, {"Rubio", "Blinken"}, {"Witkoff", "Kellogg"}, {"Washington", "Pechino"}, {"Ucraina", "Moldavia"}, {"Russia", "Cina"}, {"Mosca", "Minsk"}, {"Kiev", "Varsavia"}, {"Alaska", "Florida"}, {"NATO", "OSCE"}, {"Berlino", "Madrid"}},
	"fi": {{`Putin\pL*`, "Scholz"}, {`Trump\pL*`, "Biden"}, {`Zelensky\pL*`, "Lukašenka"}, {"Merz", "Scholz"}, {"Rubio", "Blinken"}, {"Witkoff", "Kellogg"}, {`Washington\pL*`, "Pekingissä"}, {`Ukraina\pL*`, "Moldova"}, {`Venäjä\pL*`, "Kiina"}, {"Moskova", "Minsk"}, {`Kiova\pL*`, "Varsovassa"}, {`Alaska\pL*`, "Floridassa"}, {`Nato\pL*`, "ETYJ"}, {`Berliini\pL*`, "Madridissa"}},
}

// flips add a negation or take one away.
var flips = map[string][][2]string{
	"de": {{` nicht (allein |offiziell |hinnehmbar)`, " $1"}, {` kein(e|) `, " ein$1 "}, {` ohne `, " mit "}, {` (hat|könnte|sagte|ging|bekräftigte|reisen|sahen|wird|betonte|zeigt|bleibt|verließ|kündigten) `, " $1 nicht "}},
	"fr": {{` n(?:e |')(\pL+) pas `, " $1 "}, {` (a|ont|est|pourrait|portaient|craignent|montre) `, " n'$1 pas "}, {` sans `, " avec "}},
	"ru": {{`никакая (.*) не может `, "$1 может "}, {` не (даст|может|подтвердила|стремиться) `, " $1 "}, {` без `, " с "}, {` (вызвал|мог|встревожила|покинул|объявили|направляются|подтвердили|готова|сказал|добавил|показала|повторил|увидели|выражали|опасаются|обсуждалась|будет|подчеркнуло|показывает) `, " не $1 "}},
	"uk": {{`жодна (.*) не може `, "$1 може "}, {` не (надасть|може|підтвердила|прагнути) `, " $1 "}, {` без `, " з "}, {` (викликав|міг|стривожила|залишив|оголосили|прямують|підтвердили|готова|сказав|додав|показала|повторив|побачили|висловлювали|побоюються|обговорювали|наголосив|показує) `, " не $1 "}},
	"it": {{` non (lo ha|concederebbe|cercare) `, " $1 "}, {` (ha|hanno|potrebbe|ci sono) `, " non $1 "}},
	"fi": {{` ei (ole |antaisi )`, " $1"}, {` (herätti|lähti|ilmoittivat|matkustavat|saattaa|sanoi|lisäsi) `, " ei $1 "}},
}

// articleSentences returns the sentences of the article.
func articleSentences(t testing.TB) []string {
	t.Helper()
	var data []byte
	err := filepath.WalkDir(filepath.Join("..", "..", "..", "knowledge", "source"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "alaska-summit.txt" {
			return err
		}
		data, err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if data == nil {
		t.Fatal("the article is not in knowledge/source")
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		for _, s := range paragraph.Sentences(line) {
			out = append(out, line[s.Start:s.End])
		}
	}
	return out
}

func TestTranslatedClaimsOfTheArticle(t *testing.T) {
	sentences := articleSentences(t)
	words := map[string]bool{}
	for _, s := range sentences {
		for _, w := range read(s, "en").words {
			words[w.folded] = true
		}
	}
	o := Options{Known: func(w string) bool { return words[w] }}
	flipped, unnoticed := 0, 0
	for _, lang := range []string{"de", "fr", "ru", "uk", "it", "fi"} {
		t.Run(lang, func(t *testing.T) {
			good, passed := 0, 0
			lies, through := map[string]int{}, map[string]int{}
			lie := func(kind, claim string, cited []Sentence) {
				lies[kind]++
				if CheckTranslated(claim, lang, cited, o).OK {
					through[kind]++
					t.Logf("%s passes: %s", kind, claim)
				}
			}
			for _, row := range translatedClaims {
				claim := row.in[lang]
				if claim == "" {
					continue
				}
				i := slices.IndexFunc(sentences, func(s string) bool { return strings.HasPrefix(s, row.source) })
				if i < 0 {
					t.Fatalf("no sentence begins %q", row.source)
				}
				cited := []Sentence{{Text: sentences[i], Lang: "en"}}
				good++
				if v := CheckTranslated(claim, lang, cited, o); v.OK {
					passed++
				} else {
					t.Logf("fails: %s\n  %v", claim, v.Failures)
				}
				for _, swap := range impostors[lang] {
					at := regexp.MustCompile(swap[0]).FindStringIndex(claim)
					if at == nil {
						continue
					}
					if swapped := claim[:at[0]] + swap[1] + claim[at[1]:]; !strings.Contains(claim, swap[1]) {
						lie("name", swapped, cited)
					}
				}
				for _, flip := range flips[lang] {
					pattern := regexp.MustCompile(flip[0])
					if at := pattern.FindStringSubmatchIndex(claim); at != nil {
						lie("negation", claim[:at[0]]+string(pattern.ExpandString(nil, flip[1], claim, at))+claim[at[1]:], cited)
						break
					}
				}
			}
			t.Logf("%d of %d pass; lies made %v, passed %v", passed, good, lies, through)
			if least := 0.9; float64(passed) < least*float64(good) {
				t.Errorf("%d of %d good claims pass", passed, good)
			}
			if through["name"] > 0 {
				t.Errorf("%d of %d claims with another name pass", through["name"], lies["name"])
			}
			flipped += lies["negation"]
			unnoticed += through["negation"]
		})
	}
	t.Logf("%d of %d claims with another negation pass", unnoticed, flipped)
	if float64(unnoticed) > 0.05*float64(flipped) {
		t.Errorf("%d of %d claims with another negation pass", unnoticed, flipped)
	}
}
