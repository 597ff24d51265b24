package journal_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
)

func TestEntriesAreWhatEndedTheNewestFirst(t *testing.T) {
	j, c := open(t)
	ctx := t.Context()
	for i, outcome := range []answer.Outcome{answer.Answered, answer.Refused, answer.Failed, answer.Answered} {
		c.at(noon.Add(time.Duration(i) * time.Hour))
		a := reply(fmt.Sprint("a-", i))
		a.Outcome = outcome
		finish(t, j, message(fmt.Sprint(i)), nil, a)
	}
	c.at(noon.Add(4 * time.Hour))
	begin(t, j, message("4"))
	fail(t, j, "4", "", 0)
	begin(t, j, message("under way"))
	good := bot.Feedback{Answer: "a-3", Surface: "slack", User: "U1", Verdict: bot.Good, Time: noon}
	bad := bot.Feedback{Answer: "a-3", Surface: "slack", User: "U2", Verdict: bot.Bad, Reason: "wrong", Text: "It's ¶9.", Time: noon.Add(time.Second)}
	for _, f := range []bot.Feedback{good, bad, {Answer: "a-0", Surface: "web", Verdict: bot.Good, Time: noon}} {
		if err := j.Rate(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		filter journal.Filter
		want   string
	}{
		"all":                {journal.Filter{}, "4 3 2 1 0"},
		"the newest":         {journal.Filter{Limit: 2}, "4 3"},
		"since":              {journal.Filter{Since: noon.Add(2 * time.Hour)}, "4 3 2"},
		"unanswered":         {journal.Filter{Unanswered: true}, "4 2 1"},
		"negative":           {journal.Filter{Negative: true}, "3"},
		"of an answer":       {journal.Filter{Answer: "a-1"}, "1"},
		"both":               {journal.Filter{Unanswered: true, Negative: true}, ""},
		"unanswered, newest": {journal.Filter{Unanswered: true, Limit: 1}, "4"},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := j.Entries(ctx, tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, e := range list {
				keys = append(keys, e.Key)
			}
			if got := strings.Join(keys, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}

	list, err := j.Entries(ctx, journal.Filter{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := []journal.Entry{
		{Message: message("4"), Begun: noon.Add(4 * time.Hour), Outcome: answer.Failed, Reason: "it broke"},
		{Message: message("3"), Begun: noon.Add(3 * time.Hour), Answer: "a-3", Outcome: answer.Answered, Feedback: []bot.Feedback{good, bad}},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
