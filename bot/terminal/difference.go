package terminal

import (
	"fmt"
	"slices"
	"strings"

	"summitbot/bot/answer"
	"summitbot/bot/phrase"
)

// A Difference is one question, answered twice.
type Difference struct {
	Before, After answer.Answer
	Same          bool     // see SameAnswer
	Changed       []string // cited documents whose text is another now
}

// SameAnswer reports whether two answers say the same from the same places.
func SameAnswer(a, b answer.Answer) bool {
	return a.Outcome == b.Outcome && slices.EqualFunc(a.Claims, b.Claims, sameClaim)
}

func sameClaim(a, b answer.Claim) bool {
	return a.Text == b.Text && a.Check == b.Check && slices.EqualFunc(a.Citations, b.Citations, func(a, b answer.Citation) bool {
		return a.Address == b.Address && a.Quote == b.Quote
	})
}

// Difference writes what is different about two answers: claims that are gone
// behind a minus, new ones behind a plus, the rest behind nothing.
func (r *Renderer) Difference(d Difference) error {
	r.block("", "", piece{text: flow(d.Before.Question), style: bold})
	if d.Same {
		r.block("", "", piece{text: fmt.Sprintf("The same answer as %s, from %s.", flow(d.Before.ID), d.Before.Created.Format("2006-01-02 15:04 MST"))})
		r.changed(d.Changed)
		return r.flush("difference")
	}
	if d.Before.Outcome != d.After.Outcome || d.Before.Method != d.After.Method {
		r.block("", "", piece{text: fmt.Sprintf("It was %s; now it is %s.", ending(d.Before), ending(d.After))})
	}
	for _, c := range d.Before.Claims {
		sign := "- "
		if slices.ContainsFunc(d.After.Claims, func(o answer.Claim) bool { return sameClaim(c, o) }) {
			sign = "  "
		}
		r.told(sign, c)
	}
	for _, c := range d.After.Claims {
		if !slices.ContainsFunc(d.Before.Claims, func(o answer.Claim) bool { return sameClaim(c, o) }) {
			r.told("+ ", c)
		}
	}
	r.changed(d.Changed)
	r.account(d.After, phrase.For(d.After.Language))
	return r.flush("difference")
}

// ending says how a question ended, within a sentence.
func ending(a answer.Answer) string {
	switch {
	case a.Outcome == answer.Refused:
		return "refused"
	case a.Outcome == answer.Failed:
		return "a failure"
	case a.Method == answer.LLM:
		return "answered with a model"
	}
	return "answered from the documents alone"
}

// told writes a claim with the addresses of its sources.
func (r *Renderer) told(sign string, c answer.Claim) {
	var places []string
	for _, s := range c.Citations {
		places = append(places, s.Address)
	}
	r.block(sign, "  ", piece{text: flow(c.Text)}, piece{text: " [" + flow(strings.Join(places, ", ")) + "]", style: accent})
}

func (r *Renderer) changed(documents []string) {
	if len(documents) > 0 {
		r.block("", "", piece{text: "Changed since then: " + flow(strings.Join(documents, ", ")) + ".", style: dim})
	}
}
