package answer_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"strings"
	"testing"

	"summitbot/bot/answer"
)

// A recording is replies of a capable model to our prompts, by what was asked. They
// were written before anyone knew what the gate makes of them: those of
// testdata/replies/tuned.jsonl were then looked at while prompts and gate changed,
// those of frozen.jsonl were recorded once and never tuned on.
type recording struct {
	replies map[string]string // by schema and question
	order   []string          // questions that were answered
}

func readRecording(t *testing.T, name string) *recording {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := &recording{replies: map[string]string{}}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var reply struct{ Schema, Question, Reply string }
		if err := json.Unmarshal(lines.Bytes(), &reply); err != nil {
			t.Fatal(err)
		}
		r.replies[reply.Schema+" "+reply.Question] = reply.Reply
		if reply.Schema == "claims" {
			r.order = append(r.order, reply.Question)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *recording) Generate(_ context.Context, q answer.Request, each func(string) error) (answer.Completion, error) {
	c := answer.Completion{Endpoint: "recorded", Model: "recorded", Attempts: 1}
	_, after, _ := strings.Cut(q.User, "<question>")
	question, _, _ := strings.Cut(after, "</question>")
	reply, ok := r.replies[q.Schema.Name+" "+html.UnescapeString(question)]
	if !ok {
		return c, fmt.Errorf("%w: no reply is recorded for %q", answer.ErrRejected, question)
	}
	if err := each(reply); err != nil {
		return c, err
	}
	c.Finish = answer.FinishStop
	return c, nil
}

// TestRecordedClaimsAreShown holds the gate to letting good claims through: every
// claim of the recordings was read against the article, and all are right.
func TestRecordedClaimsAreShown(t *testing.T) {
	for _, tt := range []struct {
		file  string
		least float64 // share of the claims that are shown
	}{{"tuned", 0.96}, {"frozen", 0.97}} {
		t.Run(tt.file, func(t *testing.T) {
			r := readRecording(t, "testdata/replies/"+tt.file+".jsonl")
			engine := answer.NewEngine(openBase(t, nil), answer.Options{Generator: r})
			made, shown, repaired := 0, 0, 0
			for _, q := range r.order {
				a, err := engine.Answer(t.Context(), answer.Question{Text: q, Trace: true}, nil)
				if err != nil {
					t.Fatal(err)
				}
				if a.Fallback {
					t.Logf("%s: %s", q, a.Error)
				}
				for _, c := range a.Trace.Checks {
					made++
					switch {
					case strings.HasPrefix(c.Verdict, "dropped"):
						t.Logf("%s\n%s\n%s", q, c.Claim, c.Verdict)
						continue
					case strings.HasPrefix(c.Verdict, "repaired"):
						repaired++
						t.Logf("%s\n%s\n%s", q, c.Claim, c.Verdict)
					}
					shown++
				}
			}
			share := float64(shown) / float64(made)
			t.Logf("%d questions, %d claims, %d shown (%.1f %%), %d of them repaired", len(r.order), made, shown, 100*share, repaired)
			if share < tt.least {
				t.Errorf("%.1f %% of the claims are shown, want %.0f %%", 100*share, 100*tt.least)
			}
		})
	}
}
