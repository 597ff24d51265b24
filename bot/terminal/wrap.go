package terminal

import (
	"strings"

	// displaywidth is the measure of columns: grapheme clusters and the
	// current Unicode tables, without a table of its own to keep.
	"github.com/clipperhouse/displaywidth"
	// uniseg is the one released library that knows where Unicode allows a
	// line to break (UAX #14), which scripts without spaces need.
	"github.com/rivo/uniseg"
)

// A span is a half-open range of bytes of a text.
type span struct{ Start, End int }

// intersect returns what both spans hold; Start >= End if nothing.
func (s span) intersect(t span) span {
	return span{max(s.Start, t.Start), min(s.End, t.End)}
}

// columns returns how many columns text takes in a terminal.
func columns(text string) int { return displaywidth.String(text) }

// wrap cuts neutralised text into lines of at most width columns, at the
// places where Unicode allows it, never inside one of the keep spans. What is
// wider than a line and not kept is cut between grapheme clusters. Spaces at a
// break belong to no line. Text without a character is one empty line.
func wrap(text string, width int, keep []span) []span {
	var lines []span
	line, used := span{}, 0 // the open line, and its columns with trailing spaces
	flush := func(next int) {
		line.End = line.Start + len(strings.TrimRight(text[line.Start:line.End], " "))
		lines = append(lines, line)
		line, used = span{next, next}, 0
	}
	for _, seg := range segments(text, keep) {
		words := strings.TrimRight(text[seg.Start:seg.End], " \n")
		end, need := seg.Start+len(words), columns(words)
		if used > 0 && used+need > width {
			flush(seg.Start)
		}
		if need > width {
			for at := seg.Start; at < end; {
				size, w := unit(text[:end], at, keep)
				if used > 0 && used+w > width {
					flush(at)
				}
				at, used = at+size, used+w
				if line.End = at; line.Start == at-size && text[line.Start:at] == " " {
					line, used = span{at, at}, 0 // a cut before a space eats it
				}
			}
		} else {
			line.End, used = max(end, line.Start), used+need
		}
		if strings.HasSuffix(text[seg.Start:seg.End], "\n") {
			flush(seg.End)
		} else {
			used += seg.End - end // the spaces, if a word follows
		}
	}
	if line.Start < len(text) || len(lines) == 0 {
		flush(len(text))
	}
	return lines
}

// segments cuts text after every place where a line may or must end, but
// inside none of the keep spans.
func segments(text string, keep []span) []span {
	var segs []span
	start, at := 0, 0
	// Line by line: uniseg overlooks the break after a line feed where a hyphen
	// and a digit follow.
	for line := range strings.Lines(text) {
		state := -1
		for rest := line; rest != ""; {
			var seg string
			seg, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
			at += len(seg)
			// An address is not kept whole across a line feed that must break.
			if inside(at, keep) && !strings.HasSuffix(seg, "\n") {
				continue
			}
			segs = append(segs, span{start, at})
			start = at
		}
	}
	return segs
}

// inside reports whether a span of keep would be cut at the byte at.
func inside(at int, keep []span) bool {
	for _, k := range keep {
		if k.Start < at && at < k.End {
			return true
		}
	}
	return false
}

// unit returns the bytes and columns of what starts at the byte at and is not
// cut: a keep span, or else a grapheme cluster.
func unit(text string, at int, keep []span) (size, width int) {
	for _, k := range keep {
		if k.Start == at && k.End > at {
			size = min(k.End, len(text)) - at
			return size, columns(text[at : at+size])
		}
	}
	clusters := displaywidth.StringGraphemes(text[at:])
	clusters.Next()
	return len(clusters.Value()), clusters.Width()
}

// fit returns s in at most width columns, cut with an ellipsis if it is
// longer, and filled with spaces on the right. It is for tables, never for
// quotes.
func fit(s string, width int) string {
	if columns(s) > width {
		s = displaywidth.TruncateString(s, width, "…")
	}
	return s + strings.Repeat(" ", max(width-columns(s), 0))
}
