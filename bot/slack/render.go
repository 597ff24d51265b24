package slack

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// A message is what one call shows: blocks, and all that they say as text, for
// notifications, for screen readers, and for where the blocks are refused. Both
// are within Slack's limits.
type message struct {
	text   string // mrkdwn
	blocks []slack.Block
}

// A renderer makes what people see of what was answered. Its methods are pure.
type renderer struct {
	public  string // web.public_url without a slash at its end; "" means no links to pages
	command string // the slash command, as in "/summit"
}

func newRenderer(public, command string) renderer {
	return renderer{strings.TrimRight(webLink(public), "/"), command}
}

// What buttons and dialogs are known by when they come back.
const (
	actionSources  = "sources"  // value: an answer's id
	actionShare    = "share"    // value: an answer's id
	actionRetry    = "retry"    // value: the key of the question
	actionFeedback = "feedback" // value: see feedbackValue
	actionGood     = "good"     // the same; one button alone
	actionBad      = "bad"
	callSources    = "sources"
	callFeedback   = "feedback"
	blockReason    = "reason" // the block and the action in it
	blockText      = "text"
)

// A look is how a piece is shown.
type look int

const (
	ordinary look = iota
	strong
	slanted
)

// A piece is text in one look. What comes from elsewhere passes line or neutral
// before it becomes one.
type piece struct {
	text string
	look look
	link string // "" is none
	user string // a mention of that user, instead of text
}

// A form is what a row is.
type form int

const (
	body  form = iota
	quote      // belongs to the row above
	small
)

// A row is what begins on a line of its own.
type row struct {
	form   form
	pieces []piece
	apart  bool // in the text a blank line stands above
}

func rowOf(pieces ...piece) row { return row{form: body, pieces: pieces} }

// said is a row of the program's own words.
func said(text string) row { return rowOf(piece{text: text}) }

// quoted is a row of words that are not the program's, under the row above.
func quoted(text string) row { return row{form: quote, pieces: []piece{{text: text}}} }

func smallRow(texts ...string) row {
	var pieces []piece
	for _, t := range texts {
		pieces = append(pieces, piece{text: t})
	}
	return row{form: small, pieces: separated(pieces)}
}

// separated puts a middle dot between pieces.
func separated(pieces []piece) []piece {
	var out []piece
	for i, p := range pieces {
		if i > 0 {
			out = append(out, piece{text: " · "})
		}
		out = append(out, p)
	}
	return out
}

// plain returns the row as mrkdwn in which only its own links and mentions live.
func (r row) plain() string {
	var b strings.Builder
	var run strings.Builder // text is escaped in one go: signs at the border of two pieces are neighbours
	flush := func() {
		b.WriteString(padded(run.String(), mrkdwn))
		run.Reset()
	}
	for _, p := range r.pieces {
		switch {
		case p.user != "":
			flush()
			b.WriteString("<@" + p.user + ">")
		case p.link != "" && line(p.text) != "":
			flush()
			b.WriteString(linked(p.link, p.text))
		default:
			run.WriteString(p.text)
		}
	}
	flush()
	return b.String()
}

// padded escapes s and keeps the spaces around it.
func padded(s string, escape func(string) string) string {
	core := strings.Trim(s, " ")
	if core == "" {
		return s
	}
	at := strings.Index(s, core)
	return s[:at] + escape(core) + s[at+len(core):]
}

// elements returns the row as elements of a rich_text block.
func (r row) elements() []slack.RichTextSectionElement {
	var out []slack.RichTextSectionElement
	for _, p := range r.pieces {
		var style *slack.RichTextSectionTextStyle
		switch p.look {
		case strong:
			style = &slack.RichTextSectionTextStyle{Bold: true}
		case slanted:
			style = &slack.RichTextSectionTextStyle{Italic: true}
		}
		switch {
		case p.user != "":
			out = append(out, slack.NewRichTextSectionUserElement(p.user, style))
		case p.text == "":
		case p.link != "":
			out = append(out, slack.NewRichTextSectionLinkElement(p.link, p.text, style))
		default:
			out = append(out, slack.NewRichTextSectionTextElement(p.text, style))
		}
	}
	return out
}

func (r row) runes() int {
	n := 0
	for _, p := range r.pieces {
		n += utf8.RuneCountInString(p.text)
		if p.user != "" {
			n++
		}
	}
	return n
}

// empty reports whether the row shows nothing.
func (r row) empty() bool {
	for _, p := range r.pieces {
		if strings.TrimSpace(p.text) != "" || p.user != "" {
			return false
		}
	}
	return true
}

// context returns a small row as a context block. Only a link needs mrkdwn; all
// else is plain text, in which nothing lives.
func (r row) context() slack.Block {
	var elements []slack.MixedElement
	var run strings.Builder
	flush := func() {
		if t := strings.TrimSpace(run.String()); t != "" && t != "·" {
			elements = append(elements, plainText(t))
		}
		run.Reset()
	}
	for _, p := range r.pieces {
		if p.link == "" {
			run.WriteString(p.text)
			continue
		}
		flush()
		elements = append(elements, slack.NewTextBlockObject(slack.MarkdownType, linked(p.link, p.text), false, true))
	}
	flush()
	if len(elements) == 0 {
		return nil
	}
	return slack.NewContextBlock("", elements...)
}

// plainText returns words of the program as Slack's plain text, emoji codes unread.
func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// blocksOf returns rows as blocks: one each, but for quotes, which stand in the
// block of the row above as long as that has room.
func blocksOf(rows []row) []slack.Block {
	var out []slack.Block
	var last *slack.RichTextBlock
	room := 0
	for _, r := range rows {
		if r.empty() {
			continue
		}
		switch n := r.runes(); {
		case r.form == small:
			last = nil
			if b := r.context(); b != nil {
				out = append(out, b)
			}
		case r.form == quote && last != nil && n <= room:
			last.Elements = append(last.Elements, richQuote(r))
			room -= n
		default:
			var e slack.RichTextElement = slack.NewRichTextSection(r.elements()...)
			if r.form == quote {
				e = richQuote(r)
			}
			last = slack.NewRichTextBlock("", e)
			out = append(out, last)
			room = maxSection - n
		}
	}
	return out
}

func richQuote(r row) *slack.RichTextQuote {
	return &slack.RichTextQuote{Type: slack.RTEQuote, Elements: r.elements()}
}

// textOf returns rows as mrkdwn.
func textOf(rows []row) string {
	var lines []string
	for _, r := range rows {
		if t := strings.TrimRight(r.plain(), " \n"); t != "" {
			if r.form == quote {
				t = `"` + t + `"`
			}
			if r.apart && len(lines) > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, t)
		}
	}
	return strings.Join(lines, "\n")
}

// spare is what a message keeps for what ends it: buttons (two blocks), and the
// line that says that it goes on.
const (
	spareBlocks = 3
	spareText   = 150
)

// fits reports whether rows make one message. The text is never shorter than what
// the blocks say, so that it is what fills up first.
func fits(rows []row) bool {
	total := 0
	for _, r := range rows {
		n := r.runes()
		if total += n; n > longest || total > maxText {
			return false // escaped it is longer still
		}
	}
	return utf8.RuneCountInString(textOf(rows)) <= maxText-spareText && len(blocksOf(rows)) <= maxBlocks-spareBlocks
}

// pages puts groups of rows into as few messages as hold them in order. A group
// is parted only if it is too long for a message of its own, and a row likewise.
func pages(groups [][]row) [][]row {
	var out [][]row
	var page []row
	end := func() {
		if len(page) > 0 {
			out = append(out, page)
		}
		page = nil
	}
	for _, g := range groups {
		if whole := append(page[:len(page):len(page)], g...); fits(whole) {
			page = whole
			continue
		}
		if len(g) > 1 && fits(g) {
			end()
			page = append(page, g...)
			continue
		}
		for _, r := range g {
			for _, r := range pieceOut(r) {
				if whole := append(page[:len(page):len(page)], r); fits(whole) {
					page = whole
					continue
				}
				end()
				page = append(page, r)
			}
		}
	}
	end()
	return out
}

// longest is what a row may have so that one block holds it, in characters.
const longest = maxSection - 200

// pieceOut cuts a row that no message holds, between words if there are any.
func pieceOut(r row) []row {
	if fits([]row{r}) {
		return []row{r}
	}
	var out []row
	now := row{form: r.form, apart: r.apart}
	for _, p := range r.pieces {
		for p.text != "" || p.user != "" {
			part := p
			part.text = headOf(p.text, longest-now.runes())
			for n := utf8.RuneCountInString(part.text); n > 1 && !fits([]row{now.with(part)}); {
				n /= 2
				part.text = headOf(p.text, n)
			}
			if part.text == "" && p.user == "" || len(now.pieces) > 0 && !fits([]row{now.with(part)}) {
				out = append(out, now)
				now = row{form: r.form}
				continue
			}
			now.pieces = append(now.pieces, part)
			p.text, p.user = p.text[len(part.text):], ""
			if p.text != "" {
				out = append(out, now)
				now = row{form: r.form}
			}
		}
	}
	if len(now.pieces) > 0 {
		out = append(out, now)
	}
	return out
}

// with returns r with one piece more.
func (r row) with(p piece) row {
	r.pieces = append(r.pieces[:len(r.pieces):len(r.pieces)], p)
	return r
}

// headOf returns the beginning of s, at most n characters, up to the end of a
// word if one ends in its second half.
func headOf(s string, n int) string {
	if n <= 0 {
		return ""
	}
	end, space, count := len(s), -1, 0
	for i, r := range s {
		if count == n {
			end = i
			break
		}
		if unicode.IsSpace(r) && count >= n/2 {
			space = i + utf8.RuneLen(r)
		}
		count++
	}
	if end < len(s) && space > 0 {
		end = space
	}
	return s[:end]
}

// messageOf returns rows, which fit, with the blocks of their buttons.
func messageOf(rows []row, buttons ...slack.Block) message {
	return message{textOf(rows), append(blocksOf(rows), buttons...)}
}

// messagesOf returns groups as messages of which each but the last ends in a word
// that there is more; the last has the buttons.
func messagesOf(groups [][]row, more string, buttons ...slack.Block) []message {
	list := pages(groups)
	var out []message
	for i, page := range list {
		if i < len(list)-1 {
			out = append(out, messageOf(append(page, smallRow(more))))
			continue
		}
		out = append(out, messageOf(page, buttons...))
	}
	return out
}
