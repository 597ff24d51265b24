package discord

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"

	"summitbot/bot/phrase"
)

const (
	// roomContent is what of a content can be filled: the rest is for the line that
	// says that the message goes on.
	roomContent = maxContent - 150
	// roomFooter leaves so much of a footer that an embed of full length is within
	// what all of a message's embeds may have.
	roomFooter = 500
)

// A part is what has to stand in one message, if one holds it.
type part struct {
	rows   []row
	embeds []*discordgo.MessageEmbed
}

func partOf(rows ...row) part { return part{rows: rows} }

// and returns p with q behind it.
func (p part) and(q part) part {
	return part{
		append(p.rows[:len(p.rows):len(p.rows)], q.rows...),
		append(p.embeds[:len(p.embeds):len(p.embeds)], q.embeds...),
	}
}

func (p part) empty() bool { return len(p.embeds) == 0 && textOf(p.rows) == "" }

// fits reports whether one message holds p.
func (p part) fits() bool {
	total := 0
	for _, e := range p.embeds {
		total += sizeOf(e)
	}
	return len(p.embeds) <= maxEmbeds && total <= maxEmbedText && length(textOf(p.rows)) <= roomContent
}

// sizeOf returns what counts of an embed, in characters.
func sizeOf(e *discordgo.MessageEmbed) int {
	n := length(e.Title) + length(e.Description)
	if e.Footer != nil {
		n += length(e.Footer.Text)
	}
	return n
}

// pages puts parts into as few messages as hold them in order. A part is parted
// only if it is too long for a message of its own, and a row likewise.
func pages(parts []part) []part {
	var out []part
	var page part
	add := func(p part) {
		whole := page.and(p)
		if !whole.fits() && !page.empty() {
			out, whole = append(out, page), p
		}
		page = whole
	}
	for _, p := range parts {
		if p.empty() {
			continue
		}
		if p.fits() {
			add(p)
			continue
		}
		for _, r := range p.rows {
			for _, r := range pieceOut(r, roomContent) {
				add(partOf(r))
			}
		}
		for _, e := range p.embeds {
			add(part{embeds: []*discordgo.MessageEmbed{e}})
		}
	}
	if !page.empty() {
		out = append(out, page)
	}
	return out
}

// pieceOut cuts a row into such as have at most room characters, between words if
// there are any, and never in a link. room is 300 or more.
func pieceOut(r row, room int) []row {
	if length(r.markdown()) <= room {
		return []row{r}
	}
	var out []row
	now := row{form: r.form, apart: r.apart}
	end := func() {
		if !now.empty() {
			out = append(out, now)
		}
		now = row{form: r.form}
	}
	fits := func(p piece) bool { return length(now.with(p).markdown()) <= room }
	for _, p := range r.pieces {
		if fits(p) {
			now = now.with(p)
			continue
		}
		if p.link != "" || p.user != "" {
			if end(); fits(p) {
				now = now.with(p)
				continue
			}
			p.link, p.user = "", "" // it is longer than a message
		}
		for p.text != "" {
			head := p
			head.text = headWhile(p.text, room, func(s string) bool { return fits(piece{text: s, look: p.look}) })
			if head.text == "" {
				end()
				continue
			}
			now = now.with(head)
			if p.text = p.text[len(head.text):]; p.text != "" {
				end()
			}
		}
	}
	end()
	return out
}

// headWhile returns the longest beginning of s, as far as whole words go, for
// which ok holds. What holds for a text has to hold for its beginnings, and for
// none of more than most characters.
func headWhile(s string, most int, ok func(string) bool) string {
	n := length(s)
	if n <= most && ok(s) {
		return s
	}
	low, high := 0, min(n, most+1) // low holds, high does not
	for high-low > 1 {
		if mid := (low + high) / 2; ok(firstOf(s, mid)) {
			low = mid
		} else {
			high = mid
		}
	}
	return headOf(s, low)
}

// firstOf returns the beginning of s that has at most n characters.
func firstOf(s string, n int) string {
	for i, r := range s {
		if n -= utf16.RuneLen(r); n < 0 {
			return s[:i]
		}
	}
	return s
}

// headOf returns the beginning of s, at most n characters, up to the end of a
// word if one ends in its second half, and else not before a sign that belongs to
// the one before it.
func headOf(s string, n int) string {
	head := firstOf(s, max(0, n))
	if len(head) == len(s) || head == "" {
		return head
	}
	if i := strings.LastIndexFunc(head, unicode.IsSpace); i >= 0 && length(head[:i]) >= n/2 {
		_, size := utf8.DecodeRuneInString(head[i:])
		return head[:i+size]
	}
	for end := len(head); end > 0; {
		last, size := utf8.DecodeLastRuneInString(head[:end])
		if !joins(first(s[end:])) && last != '\u200d' {
			return head[:end]
		}
		end -= size
	}
	return head
}

// joins reports whether r belongs to the character before it.
func joins(r rune) bool {
	return r == '\u200d' || unicode.In(r, unicode.M) || r >= 0x1f3fb && r <= 0x1f3ff // skin tones
}

// cut returns s as it is, or its beginning with an ellipsis: at most n characters.
func cut(s string, n int) string {
	if length(s) <= n {
		return s
	}
	return strings.TrimRight(headOf(s, n-1), " ") + "…"
}

// cutEscaped is cut for text that is escaped: the result has at most n characters.
func cutEscaped(s string, n int) string {
	if t := escape(s); length(t) <= n {
		return t
	}
	head := headWhile(s, n, func(s string) bool { return length(escape(s)) < n })
	return escape(strings.TrimRight(head, " ")) + "…"
}

// sheets returns rows as descriptions of embeds, as few as hold them.
func sheets(rows []row) []*discordgo.MessageEmbed {
	var out []*discordgo.MessageEmbed
	var now []row
	end := func() {
		if text := textOf(now); text != "" {
			out = append(out, &discordgo.MessageEmbed{Description: text})
		}
		now = nil
	}
	for _, r := range rows {
		for _, r := range pieceOut(r, maxDescription) {
			if whole := append(now[:len(now):len(now)], r); length(textOf(whole)) <= maxDescription {
				now = whole
				continue
			}
			end()
			now = []row{r}
		}
	}
	end()
	return out
}

// messagesOf returns parts as messages of which each but the last ends in a word
// that there is more; the last has the buttons.
func messagesOf(parts []part, say phrase.Catalogue, more string, buttons ...discordgo.MessageComponent) []message {
	list := pages(parts)
	var out []message
	for i, p := range list {
		m := message{content: textOf(p.rows), embeds: linkedOnce(p.embeds), say: say}
		if i < len(list)-1 {
			m.foot = textOf([]row{smallRow(more)})
		} else {
			m.components = buttons
		}
		out = append(out, m)
	}
	return out
}

// pageOf returns one of a list of messages, counted from 0, as that one of the pages
// of one message: what one person sees alone is shown so, for nobody could find out
// whether a second message arrived. Each page has the buttons of the last, and above
// them those that turn the pages. id names what is turned; see pagesID.
func pageOf(list []message, n int, id string) message {
	last := len(list) - 1
	n = max(0, min(n, last))
	m := list[n]
	if last == 0 {
		return m
	}
	m.foot = textOf([]row{smallRow(m.say.Page(n+1, last+1))})
	var turning []discordgo.MessageComponent
	if n > 0 {
		turning = button(turning, turn(id, n-1), m.say.Text(phrase.PreviousButton))
	}
	if n < last {
		turning = button(turning, turn(id, n+1), m.say.Text(phrase.NextButton))
	}
	m.components = append(inRow(turning), list[last].components...)
	return m
}

// linkedOnce returns embeds of which no two link the same page. Discord's clients
// take such together for one embed with several pictures.
func linkedOnce(embeds []*discordgo.MessageEmbed) []*discordgo.MessageEmbed {
	seen := map[string]bool{"": true}
	out := make([]*discordgo.MessageEmbed, len(embeds))
	for i, e := range embeds {
		own := *e
		if seen[own.URL] {
			own.URL = ""
		}
		seen[own.URL], out[i] = true, &own
	}
	return out
}

// messageOf returns rows, which fit, as one message.
func messageOf(rows []row, buttons ...discordgo.MessageComponent) message {
	return message{content: textOf(rows), components: buttons}
}
