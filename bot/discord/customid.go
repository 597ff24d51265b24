package discord

import (
	"strconv"
	"strings"
)

// What buttons, menus and dialogs are known by when they come back.
const (
	actionSources = "sources" // id: an answer's
	actionShare   = "share"   // id: an answer's
	actionGood    = "good"    // id: an answer's
	actionBad     = "bad"     // id: an answer's
	actionRetry   = "retry"   // id: the key of the question
	actionReason  = "reason"  // the menu of reasons; id: an answer's; the reason is the choice
	actionWords   = "words"   // the dialog; id: an answer's, and a reason
	actionTurn    = "turn"    // id: what a question's key ends in, and a page of its answer
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
	detail     string // of actionWords the reason, of actionTurn the page, counted from 0
}

// detailed says which actions have a detail, and what is one.
var detailed = map[string]func(string) bool{actionWords: isReason, actionTurn: isNumber}

// isNumber reports whether s is a number from 0 on, written as numbers are.
func isNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && strconv.Itoa(n) == s
}

// turn says to show page n, counted from 0.
func turn(id string, n int) press { return press{actionTurn, id, strconv.Itoa(n)} }

// page returns the page that a turn says to show.
func (p press) page() int {
	n, _ := strconv.Atoi(p.detail) // parsePress has seen that it is one
	return n
}

// customID returns p as a custom_id, or "" if p is none or too long.
func (p press) customID() string {
	s := p.action + ":" + p.id
	if detailed[p.action] != nil {
		s = p.action + ":" + p.detail + ":" + p.id
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
	case actionWords, actionTurn:
		p.detail, p.id, _ = strings.Cut(p.id, ":")
		if !detailed[p.action](p.detail) {
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
