package discord

import (
	"regexp"
	"strings"
)

// A mark is what a reader of Discord's Markdown finds beside text.
type mark struct{ kind, what string }

var (
	lineMarks = []struct {
		kind string
		re   *regexp.Regexp
	}{
		{"quote", regexp.MustCompile(`^ *>>>? `)}, {"quote", regexp.MustCompile(`^ *> ?`)}, {"small", regexp.MustCompile(`^ *-# `)},
		{"heading", regexp.MustCompile(`^ *#{1,6} `)}, {"list", regexp.MustCompile(`^ *(?:[*+-]|\d+[.)]) `)}, {"fence", regexp.MustCompile("^ *(?:```|~~~)")},
	}
	escaped  = regexp.MustCompile(`^\\[^0-9A-Za-z\s]`)
	inTokens = []struct {
		kind string
		re   *regexp.Regexp
	}{
		{"mention", regexp.MustCompile(`^<@[!&]?\w+>`)}, {"channel", regexp.MustCompile(`^<#\w*>`)}, {"command", regexp.MustCompile(`^</[^>]*>`)},
		{"time", regexp.MustCompile(`^<t:[^>]*>`)}, {"place", regexp.MustCompile(`^<id:[^>]*>`)}, {"emoji", regexp.MustCompile(`^<a?:\w*:\w*>`)},
		{"emoji", regexp.MustCompile(`^:[^\s:\\]+:`)}, {"everyone", regexp.MustCompile(`^@(?:everyone|here)`)},
		{"address", regexp.MustCompile(`^<?(?i:[a-z][a-z0-9+.-]*)://[^\s<]`)}, {"address", regexp.MustCompile(`^<(?i:mailto|tel|sms):`)}, {"address", regexp.MustCompile(`^<[^\s<>]+@[^\s<>]+>`)},
		{"invitation", regexp.MustCompile(`^(?i:discord\.gg|discord(?:app)?\.com)/`)},
		{"image", regexp.MustCompile(`^!\[`)}, {"code", regexp.MustCompile("^`+")}, {"spoiler", regexp.MustCompile(`^\|\|`)}, {"strike", regexp.MustCompile(`^~~`)},
		{"underline", regexp.MustCompile(`^__?`)},
	}
	masked = regexp.MustCompile(`^\[((?:\\.|[^\]\\])*)\]\(<([^<>\s()]*)>\)`)
)

// read reads s as Discord's clients do, only that it finds marks where they would
// not yet: a sign of format counts alone. It returns the text without what is
// markup, and the marks: bold, italics, links, quotes and small print with their
// text, all else by the sign.
func read(s string) (text string, marks []mark) {
	var lines []string
	for _, l := range strings.Split(s, "\n") {
		kind := ""
		for _, m := range lineMarks {
			if found := m.re.FindString(l); found != "" {
				kind, l = m.kind, l[len(found):]
				break
			}
		}
		plain, in := inline(l)
		if kind != "" {
			marks = append(marks, mark{kind, plain})
		}
		marks = append(marks, in...)
		lines = append(lines, plain)
	}
	return strings.Join(lines, "\n"), marks
}

func inline(s string) (text string, marks []mark) {
	var b strings.Builder
	starts := map[string]int{} // where in b a format began
	for s != "" {
		if escaped.MatchString(s) {
			r := first(s[1:])
			b.WriteRune(r)
			s = s[1+len(string(r)):]
			continue
		}
		if m := masked.FindStringSubmatch(s); m != nil {
			label, in := inline(m[1])
			marks = append(append(marks, mark{"link", m[2]}), in...)
			b.WriteString(label)
			s = s[len(m[0]):]
			continue
		}
		if sign := s[:len(s)-len(strings.TrimLeft(s, "*"))]; sign != "" {
			kind := map[string]string{"**": "bold", "*": "italics"}[sign]
			at, open := starts[sign]
			switch {
			case kind == "":
				marks = append(marks, mark{"stars", sign})
			case open:
				marks = append(marks, mark{kind, b.String()[at:]})
				delete(starts, sign)
			default:
				starts[sign] = b.Len()
			}
			s = s[len(sign):]
			continue
		}
		found := false
		for _, tok := range inTokens {
			if m := tok.re.FindString(s); m != "" {
				marks = append(marks, mark{tok.kind, m})
				b.WriteString(m)
				s, found = s[len(m):], true
				break
			}
		}
		if !found {
			r := first(s)
			b.WriteRune(r)
			s = s[len(string(r)):]
		}
	}
	for sign := range starts {
		marks = append(marks, mark{"open", sign})
	}
	return b.String(), marks
}

// What is found by its spelling, whatever stands around it.
var spelled = regexp.MustCompile(`(?i)@everyone|@here|\w://|discord\.gg|discord(?:app)?\.com|<@|<#|</|<t:\S|<id:\S|<a?:\S`)
