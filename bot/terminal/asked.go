package terminal

import (
	"time"

	"summitbot/bot"
)

// An Asked is one line of the list of what was asked.
type Asked struct {
	ID       string // of the answer, "" if there is none
	Time     time.Time
	Asker    string // surface and user
	Outcome  string // in one word
	Question string
	Reason   string // why there is no answer
	Feedback []bot.Feedback
}

// Asked writes what was asked, one below the other: the answer's id, when (UTC), by
// whom and how it ended, the question, and what people thought of the answer. Ids
// are never cut, so that they can be copied.
func (r *Renderer) Asked(list []Asked) error {
	if len(list) == 0 {
		r.block("", "", piece{text: "Nothing."})
	}
	for i, a := range list {
		if i > 0 {
			r.blank()
		}
		r.asked(a)
	}
	return r.flush("what was asked")
}

func (r *Renderer) asked(a Asked) {
	head := joined([]string{a.Time.UTC().Format("2006-01-02 15:04"), flow(a.Asker), flow(a.Outcome)}, dim)
	if a.ID != "" {
		head = append([]piece{{text: flow(a.ID), style: bold, whole: true}, {text: "  "}}, head...)
	}
	r.block("", "", head...)
	const indent = "    "
	r.block(indent, indent, piece{text: flow(a.Question)})
	if reason := flow(a.Reason); reason != "" {
		r.block(indent, indent, piece{text: reason, style: dim})
	}
	r.verdicts(indent, a.Feedback)
}

// verdicts writes what people thought of an answer.
func (r *Renderer) verdicts(indent string, list []bot.Feedback) {
	for _, f := range list {
		text := string(f.Verdict)
		if f.Reason != "" {
			text += ", " + flow(f.Reason)
		}
		if f.Text != "" {
			text += `: "` + flow(f.Text) + `"`
		}
		who := f.Surface
		if f.User != "" {
			who += ":" + f.User
		}
		r.block(indent, indent, piece{text: text}, piece{text: " (" + flow(who) + ")", style: dim})
	}
}
