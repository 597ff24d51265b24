package journal_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/journal"
)

func TestAMessageLeadsToItsAnswer(t *testing.T) {
	j, _ := open(t)
	want := reply("a-1")
	finish(t, j, message("k1"), nil, want)
	got, err := j.AnswerTo(t.Context(), "k1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	begin(t, j, message("under way"))
	begin(t, j, message("failed"))
	fail(t, j, "failed", "slack:U1", 0)
	for _, key := range []string{"under way", "failed", "never begun"} {
		if _, err := j.AnswerTo(t.Context(), key); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("%s: error %v, want ErrNotFound", key, err)
		}
	}
}
