package eval

import (
	"testing"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

func TestFaultJudgesOutcomeThenCitationThenWords(t *testing.T) {
	claims := []Claim{{Text: "The “Heron” sails at\u00a08.", Addresses: []string{"boats#1"}}}
	for _, c := range []struct {
		name string
		r    Result
		want string
	}{
		{"right", Result{Expected: Present, Outcome: answer.Answered, Claims: claims, right: 1}, ""},
		{"wrong paragraph", Result{Expected: Present, Outcome: answer.Answered, Claims: claims}, "cites none of the right paragraphs"},
		{"refused", Result{Expected: Present, Outcome: answer.Refused}, "refused"},
		{"failed", Result{Expected: Present, Outcome: answer.Failed}, "failed"},
		{"no claim", Result{Expected: Present, Outcome: answer.Answered}, "answered without a claim"},
		{"absent, refused", Result{Expected: Absent, Outcome: answer.Refused}, ""},
		{"absent, answered", Result{Expected: Absent, Outcome: answer.Answered, Claims: claims}, "answered, where the documents do not say"},
		{"absent, failed", Result{Expected: Absent, Outcome: answer.Failed}, "failed, where the documents do not say"},
		{"absent, refused with a claim", Result{Expected: Absent, Outcome: answer.Refused, Claims: claims}, "refused, and made a claim"},
		{"either, refused", Result{Expected: Either, Outcome: answer.Refused}, ""},
		{"either, right", Result{Expected: Either, Outcome: answer.Answered, Claims: claims, right: 1}, ""},
		{"either, wrong paragraph", Result{Expected: Either, Outcome: answer.Answered, Claims: claims}, "cites none of the right paragraphs"},
	} {
		c.r.question = Question{Paragraphs: []knowledge.Address{{Document: "boats", Paragraph: 1}}, Answer: [][]string{{`"HERON"`}, {"sail at 9", "sails  at 8"}}}
		if got := c.r.fault(); got != c.want {
			t.Errorf("%s: fault = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLacksWantsAllOfAnswerAndOneOfAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Question
		text string
		want string
	}{
		{"all", Question{Answer: [][]string{{"rutte"}, {"Merz"}}}, "Rutte and Merz", ""},
		{"one missing", Question{Answer: [][]string{{"Rutte"}, {"Merz", "Scholz"}}}, "Rutte", `"Merz|Scholz"`},
		{"part of a word", Question{Answer: [][]string{{"Макрон"}}}, "з Макроном", ""},
		{"any", Question{Answers: []string{"France", "Spain"}}, "in Spain.", ""},
		{"none", Question{Answers: []string{"France"}}, "in Spain.", `every one of ["France"]`},
		{"whole words only", Question{Answers: []string{"3"}}, "in 1932, 13 of 3,5", ""},
		{"not inside a number", Question{Answers: []string{"3"}}, "in 1932", `every one of ["3"]`},
		{"apostrophe, dash, soft hyphen", Question{Answers: []string{"l'eau - claire"}}, "l’eau – cla\u00adire", ""},
		{"signs need no boundary", Question{Answers: []string{"$5"}}, "US$5 each", ""},
		{"second occurrence", Question{Answers: []string{"art"}}, "party art", ""},
		{"no spaces in the script", Question{Answers: []string{"東京"}}, "首都は東京です", ""},
		{"nothing judged", Question{}, "", ""},
	} {
		if got := c.q.lacks(normalise(c.text)); got != c.want {
			t.Errorf("%s: lacks = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestContainedInCountsTheSentencesItTakes(t *testing.T) {
	hit := func(sentences ...string) knowledge.Hit {
		var h knowledge.Hit
		for _, s := range sentences {
			start := len(h.Paragraph.Text)
			h.Paragraph.Text += s
			h.Paragraph.Sentences = append(h.Paragraph.Sentences, knowledge.Span{Start: start, End: len(h.Paragraph.Text)})
			h.Paragraph.Text += " "
		}
		return h
	}
	hits := []knowledge.Hit{hit("It left Ormsey.", "Gen.", "Petrel came in 1932."), hit("Nobody came.")}
	picks := func(pairs ...[2]int) (out []answer.Pick) {
		for _, p := range pairs {
			out = append(out, answer.Pick{Hit: p[0], Sentence: p[1]})
		}
		return out
	}
	for _, c := range []struct {
		name    string
		answers []string
		picks   []answer.Pick
		want    int
	}{
		{"first", []string{"Ormsey"}, picks([2]int{0, 0}, [2]int{1, 0}), 1},
		{"third", []string{"1932"}, picks([2]int{0, 0}, [2]int{1, 0}, [2]int{0, 2}), 3},
		{"never", []string{"1933"}, picks([2]int{0, 0}, [2]int{1, 0}, [2]int{0, 2}), 0},
		{"over a boundary, in either order", []string{"Gen. Petrel"}, picks([2]int{0, 2}, [2]int{0, 1}), 2},
		{"not over a gap", []string{"Ormsey. Petrel"}, picks([2]int{0, 0}, [2]int{0, 2}), 0},
		{"not from paragraph to paragraph", []string{"1932. Nobody"}, picks([2]int{0, 2}, [2]int{1, 0}), 0},
		{"nothing judged", nil, picks([2]int{0, 0}), 0},
		{"nothing picked", []string{"Ormsey"}, nil, 0},
	} {
		if got := containedIn(Question{Answers: c.answers}, hits, c.picks); got != c.want {
			t.Errorf("%s: contained in %d sentences, want %d", c.name, got, c.want)
		}
	}
}

func TestJudgeCountsEachCitedParagraphOnce(t *testing.T) {
	citations := []answer.Citation{{Address: "boats#1"}, {Address: "boats#1"}, {Address: "boats#2"}}
	given := answer.Answer{Outcome: answer.Answered, Claims: []answer.Claim{
		{Text: "One.", Citations: citations}, {Text: "Two.", Citations: citations[:1]},
	}}
	q := Question{Paragraphs: at("boats#1", "boats#3", "boats#1")}
	got := judge(asking{question: q, expected: Present}, knowledge.Result{}, given)
	if got.citations != 2 || got.right != 1 {
		t.Errorf("%d paragraphs cited, %d right; want 2 and 1", got.citations, got.right)
	}
}
