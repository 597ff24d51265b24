package discord

import "strings"

// What buttons, menus and dialogs are known by when they come back.
const (
	actionSources = "sources" // id: an answer's
	actionShare   = "share"   // id: an answer's
	actionGood    = "good"    // id: an answer's
	actionBad     = "bad"     // id: an answer's
	actionRetry   = "retry"   // id: the key of the question
	actionReason  = "reason"  // the menu of reasons; id: an answer's; the reason is the choice
	actionWords   = "words"   // the dialog; id: an answer's, and a reason
)

// The reasons why an answer was bad, as they go into bot.Feedback.
const (
	reasonParagraph = "wrong_paragraph"
	reasonMisread   = "misread"
	reasonMissing   = "missing_source"
	reasonOther     = "other"
)

// isReason reports whether s is one of the reasons.
func isReason(s string) bool {
	switch s {
	case reasonParagraph, reasonMisread, reasonMissing, reasonOther:
		return true
	}
	return false
}

// A press is what a component says to the program: the rest is in the journal,
// by the id.
type press struct {
	action, id string
	reason     string // of actionWords
}

// customID returns p as a custom_id, or "" if p is none or too long.
func (p press) customID() string {
	s := p.action + ":" + p.id
	if p.action == actionWords {
		s = p.action + ":" + p.reason + ":" + p.id
	}
	if back, ok := parsePress(s); !ok || back != p {
		return ""
	}
	return s
}

// parsePress reads what customID writes.
func parsePress(s string) (p press, ok bool) {
	if length(s) > maxCustomID {
		return press{}, false
	}
	p.action, p.id, _ = strings.Cut(s, ":")
	switch p.action {
	case actionSources, actionShare, actionGood, actionBad, actionRetry, actionReason:
	case actionWords:
		p.reason, p.id, _ = strings.Cut(p.id, ":")
		if !isReason(p.reason) {
			return press{}, false
		}
	default:
		return press{}, false
	}
	if p.id == "" {
		return press{}, false
	}
	return p, true
}
