package terminal

import (
	"fmt"
	"strings"

	"summitbot/bot/answer"
)

// Trace writes how an answer came about: each call of the model with its prompt
// and its raw reply, what became of each claim, and the account.
func (r *Renderer) Trace(a answer.Answer) error {
	r.blank()
	if a.Trace == nil {
		r.block("", "", piece{text: "No model was asked, so there is nothing to trace. \"summitbot search --explain\" shows how the paragraphs were ranked."})
		return r.flush("trace")
	}
	for i, c := range a.Trace.Calls {
		r.title(fmt.Sprintf("call %d: %s, %s", i+1, c.Purpose, duration(c.Millis)))
		for _, part := range []struct{ name, text string }{{"system", c.System}, {"user", c.User}, {"reply", c.Output}, {"error", c.Error}} {
			if part.text == "" {
				continue
			}
			r.block("", "", piece{text: part.name, style: bold})
			r.verbatim(part.text)
		}
	}
	r.title("claims")
	for _, c := range a.Trace.Checks {
		r.block("- ", "  ", piece{text: flow(c.Claim)}, piece{text: " [" + flow(strings.Join(c.Refs, ", ")) + "]", style: accent})
		r.block("  ", "  ", piece{text: fmt.Sprintf("%s, %.1f ms", flow(c.Verdict), c.Micros/1000), style: dim})
	}
	acc := a.Account
	r.title("account")
	r.block("", "", piece{text: fmt.Sprintf(
		"%s made, %d shown, %d repaired, %d dropped; %d paragraphs of %d candidates sent; %s in, %s out, %s, %s; first claim after %s, all after %s; endpoint %q, model %q, finish %q",
		count(acc.Claims, "claim"), acc.Shown, acc.Repaired, len(acc.Dropped), acc.Sent, acc.Candidates,
		count(acc.PromptTokens, "token"), count(acc.CompletionTokens, "token"), count(acc.Calls, "call"), count(acc.Attempts, "request"),
		duration(acc.FirstClaimMillis), duration(acc.Millis), acc.Endpoint, acc.Model, acc.Finish)})
	return r.flush("trace")
}

func (r *Renderer) title(text string) {
	r.block("", "", piece{text: "--- " + text, style: bold})
}

// verbatim writes a text line by line, behind a margin.
func (r *Renderer) verbatim(text string) {
	for line := range strings.Lines(text) {
		r.block("  | ", "  | ", piece{text: Neutralise(strings.TrimRight(line, "\r\n"))})
	}
}
