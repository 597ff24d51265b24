package llm

import (
	"strings"
	"testing"
	"testing/quick"
)

// texts hold one text a line of what was measured, with the most and the fewest
// tokens that o200k, cl100k, Llama 2, Llama 3 and Mistral make of it.
var texts = []struct {
	name         string
	text         string
	most, fewest int
}{
	{"English", "The two delegations met for almost three hours at the base, yet neither side announced a ceasefire or a date for further talks.", 29, 26},
	{"names", "Mr. Sergey Lavrov, Yuri Ushakov and Kirill Dmitriev flew to Anchorage; Volodymyr Zelenskyy phoned Keir Starmer, Friedrich Merz, Giorgia Meloni.", 50, 42},
	{"capitals", "THE SUMMIT ENDED WITHOUT ANY AGREEMENT ON A CEASEFIRE, BUT NATO ALLIES WELCOMED THE TALKS.", 39, 28},
	{"digits", "On 15 August 2025, 1,234,567 people (12.5 %) paid $3.99; call 555-0199 or 98765432109876.", 63, 40},
	{"JSON", `{"answerable":true,"claims":[{"text":"It rains.","refs":["7.2","8.1"]},{"text":"No.","refs":[]}]}`, 43, 32},
	{"German", "Die Außenminister überlegten, ob eine rechtsverbindliche Sicherheitsgarantie für die Ukraine größere Zugeständnisse nötig machen würde.", 42, 28},
	{"French", "Les négociateurs ont évoqué à plusieurs reprises la sécurité européenne, sans dévoiler le moindre accord définitif.", 35, 23},
	{"Polish", "Źródła zbliżone do delegacji twierdzą, że żadne porozumienie dotyczące zawieszenia broni nie zostało jeszcze osiągnięte.", 50, 37},
	{"Vietnamese", "Các nhà lãnh đạo đã thảo luận về những bảo đảm an ninh nhưng chưa đạt được thỏa thuận ngừng bắn nào.", 75, 24},
	{"Finnish", "Neuvottelijoiden mukaan turvallisuustakuista keskusteltiin perusteellisesti, mutta lopullista ratkaisua ei julkistettu.", 49, 32},
	{"Russian", "Переговоры продолжались почти три часа, однако стороны не объявили ни о прекращении огня, ни о дате следующей встречи.", 58, 30},
	{"Ukrainian", "Учасники перемовин обговорили гарантії безпеки, проте жодної угоди про припинення вогню досягнуто не було.", 59, 31},
	{"Greek", "Οι διαπραγματεύσεις διήρκεσαν σχεδόν τρεις ώρες, αλλά δεν ανακοινώθηκε καμία συμφωνία εκεχειρίας.", 98, 37},
	{"Arabic", "استمرت المحادثات قرابة ثلاث ساعات ولم يعلن أي من الطرفين عن وقف لإطلاق النار.", 72, 22},
	{"Hebrew", "השיחות נמשכו כמעט שלוש שעות, אך אף צד לא הכריז על הפסקת אש.", 60, 22},
	{"Chinese", "双方会谈持续了将近三个小时，但没有宣布停火，也没有确定下一次会晤的日期。", 49, 25},
	{"Japanese", "会談は約三時間続いたが、停戦や次回の会合の日程は発表されなかった。", 42, 26},
	{"Korean", "회담은 거의 세 시간 동안 이어졌지만 양측은 휴전이나 다음 회담 날짜를 발표하지 않았다.", 78, 25},
	{"Hindi", "वार्ता लगभग तीन घंटे चली, लेकिन किसी भी पक्ष ने युद्धविराम की घोषणा नहीं की।", 82, 21},
	{"Thai", "การเจรจาดำเนินไปเกือบสามชั่วโมงแต่ไม่มีฝ่ายใดประกาศหยุดยิง", 63, 25},
	{"Georgian", "მოლაპარაკება თითქმის სამ საათს გაგრძელდა, მაგრამ შეთანხმება არ გამოცხადებულა.", 144, 20},
	{"emoji", "😀🎉🇺🇸👩‍👩‍👧‍👦🤝🏽✅", 45, 23},
	{"signs", "--- *** ... ??? !!! «» „“ ¶7 [1] § † … — – • ≥ ≠", 27, 22},
	{"a digest", "a3f9c27be01d44aa8f7c6b5d9e0f1a2b3c4d5e6f7Zx9QpLm0vTnKwYr", 54, 48},
}

func TestFirstEstimateIsAboveEveryMeasuredTokenizer(t *testing.T) {
	for _, tt := range texts {
		if got := NewEstimator().Estimate(tt.text); got < tt.most {
			t.Errorf("%s: got %d, but it takes up to %d", tt.name, got, tt.most)
		}
	}
}

// TestCalibratedEstimateStaysAbove calibrates with one tokenizer after the other,
// as if a text were the prompt, and estimates the same one.
func TestCalibratedEstimateStaysAbove(t *testing.T) {
	const times = 50 // to make a prompt of a sentence
	for _, tt := range texts {
		for _, tokens := range []int{tt.fewest, tt.most} {
			e := NewEstimator()
			prompt := strings.Repeat(tt.text+" ", times)
			before := e.Estimate(prompt)
			for range enough + 1 {
				e.Observe(prompt, tokens*times)
				if got := e.Estimate(prompt); got < tokens*times {
					t.Errorf("%s: got %d, but it takes %d", tt.name, got, tokens*times)
				}
			}
			if got := e.Estimate(prompt); float64(got) > float64(before)*margin+1 {
				t.Errorf("%s: got %d, far more than the %d before", tt.name, got, before)
			}
		}
	}
}

func TestCalibrationTightensTheEstimate(t *testing.T) {
	e := NewEstimator()
	english := texts[0]
	prompt := strings.Repeat(english.text+" ", 50)
	for range enough - 1 {
		e.Observe(prompt, english.most*50)
	}
	if got, want := e.Estimate(prompt), NewEstimator().Estimate(prompt); got != want {
		t.Errorf("after few reports: got %d, want %d as before", got, want)
	}
	e.Observe(prompt, english.most*50)
	if got, limit := e.Estimate(prompt), english.most*50*12/10; got > limit {
		t.Errorf("after enough reports: got %d, want at most %d", got, limit)
	}
	if got, want := e.Estimate(texts[10].text), NewEstimator().Estimate(texts[10].text)/2; got < want {
		t.Errorf("Russian: got %d, want English to say nothing of it", got)
	}
}

func TestUnderestimateIsMendedAtOnce(t *testing.T) {
	e := NewEstimator()
	prompt := strings.Repeat("lorem ipsum и кириллица ", 100)
	tokens := e.Estimate(prompt) * 5 / 4
	e.Observe(prompt, tokens)
	if got := e.Estimate(prompt); got < tokens {
		t.Errorf("got %d, but %d were reported", got, tokens)
	}
}

func TestAbsurdReportsAreBounded(t *testing.T) {
	e := NewEstimator()
	prompt := strings.Repeat("lorem ipsum ", 500)
	e.Observe(prompt, 1<<40)
	if got := e.Estimate(prompt); got > len(prompt) {
		t.Errorf("got %d, more than the %d bytes", got, len(prompt))
	}
	e = NewEstimator()
	for range remembered {
		e.Observe(prompt, 1)
		e.Observe("short", 10_000)
	}
	if got, want := e.Estimate(prompt), NewEstimator().Estimate(prompt)/4; got < want {
		t.Errorf("got %d, want at least %d", got, want)
	}
}

func TestEstimateGrowsWithTheTextAndStaysWithinItsBytes(t *testing.T) {
	e := NewEstimator()
	property := func(a, b string) bool {
		both := e.Estimate(a + " " + b)
		return e.Estimate(a) <= len(a) && both >= e.Estimate(b) && both <= len(a)+1+len(b)
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}
