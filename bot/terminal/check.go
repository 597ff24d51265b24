package terminal

import (
	"fmt"
	"strings"

	"summitbot/bot/answer/check"
)

// beneath is what stands before the lines under a checked sentence.
const beneath = "  "

// Check writes what the documents have to say about each sentence of a text, and
// how many there are of each kind.
func (r *Renderer) Check(report check.Report) error {
	for i, s := range report.Sentences {
		if i > 0 {
			r.blank()
		}
		r.checked(s)
	}
	if len(report.Sentences) > 0 {
		r.blank()
	}
	r.block("", "", joined(tally(report.Summary), dim)...)
	return r.flush("check")
}

func (r *Renderer) checked(s check.Sentence) {
	if s.Status == check.Unchecked {
		r.block("", "", piece{text: flow(s.Text), style: dim})
		r.block(beneath, beneath, piece{text: "not checked: " + idleness(s.Reason), style: dim})
		return
	}
	r.block("", "", piece{text: flow(s.Text)})
	switch s.Status {
	case check.Supported:
		r.citations("supported", accent, s, false)
	case check.Contradicted:
		r.citations("contradicted", bold, s, true)
	default:
		r.block(beneath, beneath, append([]piece{{text: "not in the documents", style: bold}}, because(s.Conflicts)...)...)
		if n := s.Nearest; n != nil {
			quote := piece{text: `nearest: ` + paragraphSign(n.Address) + ` "` + flow(n.Text) + `"`, style: dim}
			r.block(beneath, beneath, separated(append([]piece{quote}, named(n.Title, n.Address, "")...))...)
		}
	}
}

// citations writes the verdict with its places, and what stands there if quoted
// is set: who is contradicted wants to see by what.
func (r *Renderer) citations(verdict string, look style, s check.Sentence, quoted bool) {
	for i, c := range s.Citations {
		label := []piece{{text: verdict + " " + paragraphSign(c.Address), style: look}}
		if i == 0 {
			label = append(label, because(s.Conflicts)...)
		}
		where := place(c.Address, c.Heading, c.Title, webLink(c.URL))[1:] // the sign stands in the label
		if !quoted {
			r.block(beneath, beneath, append(label, separated(append([]piece{{}}, where...))...)...)
			continue
		}
		r.block(beneath, beneath, label...)
		r.block(beneath, beneath, separated(append([]piece{{text: `"` + flow(c.Quote) + `"`}}, where...))...)
	}
}

// because says in which points a sentence and the documents differ.
func because(conflicts []check.Conflict) []piece {
	if len(conflicts) == 0 {
		return nil
	}
	told := make([]string, len(conflicts))
	for i, c := range conflicts {
		told[i] = difference(c)
	}
	return []piece{{text: ": " + strings.Join(told, "; ")}}
}

func difference(c check.Conflict) string {
	claim, source := flow(c.Claim), flow(c.Source)
	switch {
	case c.Kind == check.Supposed:
		return fmt.Sprintf(`they only suppose it ("%s")`, source)
	case c.Kind == check.Misquote:
		return fmt.Sprintf(`the documents do not have the words "%s"`, claim)
	case c.Kind == check.Negated && source != "":
		return fmt.Sprintf(`the documents deny it ("%s")`, source)
	case c.Kind == check.Negated:
		return fmt.Sprintf(`the documents do not deny it ("%s")`, claim)
	case c.Kind == check.Doer:
		return fmt.Sprintf("in the documents it is %s", source)
	case c.Kind == check.Teller:
		return fmt.Sprintf("in the documents %s says so", source)
	case source == "":
		return fmt.Sprintf("the documents do not say %s", claim)
	}
	return fmt.Sprintf("the documents say %s, not %s", source, claim)
}

// idleness says why a sentence was not checked.
func idleness(reason string) string {
	switch reason {
	case check.IsQuestion:
		return "a question"
	case check.IsHeading:
		return "a heading"
	case check.IsGreeting:
		return "a greeting"
	}
	return "it states nothing"
}

// tally counts the sentences of each status that occurs.
func tally(s check.Summary) []string {
	var out []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{s.Supported, "supported"}, {s.Contradicted, "contradicted"}, {s.NotFound, "not in the documents"}, {s.Unchecked, "not checked"},
	} {
		if c.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if len(out) == 0 {
		return []string{"no sentence to check"}
	}
	return out
}
