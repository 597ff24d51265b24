package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"summitbot/knowledge/analysis"
	"summitbot/knowledge/paragraph"
)

const (
	// fullLine is the least number of characters of a line that was wrapped:
	// nobody wraps at less, so a shorter one ends where its writer ended it.
	fullLine = 40
	// headingLine is the most characters that a heading has.
	headingLine = 80
	// longestGreeting is the most words of what is a greeting by its first or last
	// word if it does not end as a statement does: "Dear colleagues,", "Many thanks!"
	longestGreeting = 5
)

// unwrap returns text with the line breaks inside sentences as spaces, so that
// every byte keeps its place.
func unwrap(text string) string {
	if !strings.Contains(text, "\n") {
		return text
	}
	out := []byte(text)
	start := 0
	for start < len(text) {
		n := strings.IndexByte(text[start:], '\n')
		if n < 0 {
			break
		}
		end := start + n
		if wrapped(text[start:end], text[end+1:]) {
			out[end] = ' '
		}
		start = end + 1
	}
	return string(out)
}

// wrapped reports whether a line goes on in what follows: it is full and has no
// mark at its end, or the next begins with a small letter.
func wrapped(line, rest string) bool {
	line = strings.TrimSpace(line)
	next, _, _ := strings.Cut(rest, "\n")
	next = strings.TrimSpace(next)
	if line == "" || next == "" || isItem(next) || strings.HasPrefix(line, "#") || strings.HasPrefix(next, "#") {
		return false
	}
	if first, _ := utf8.DecodeRuneInString(next); unicode.IsLower(first) {
		return true
	}
	return utf8.RuneCountInString(line) >= fullLine && !closed(line)
}

// closed reports whether a line ends as a sentence or an introduction does.
func closed(line string) bool {
	line = strings.TrimRight(line, "\"'”’»)]*_ ")
	last, _ := utf8.DecodeLastRuneInString(line)
	return strings.ContainsRune(".!?…:;。！？", last)
}

// isItem reports whether a line is an item of a list.
func isItem(line string) bool { return unmarked(line) != line }

// unmarked returns a sentence without the mark of a list item, a quotation or a
// heading before it.
func unmarked(s string) string {
	rest := strings.TrimLeft(s, "-*•>#–")
	if rest == s {
		digits := strings.TrimLeft(s, "0123456789")
		if digits == s || len(s)-len(digits) > 3 || digits == "" || digits[0] != '.' && digits[0] != ')' {
			return s
		}
		rest = digits[1:]
	}
	if trimmed := strings.TrimLeft(rest, " \t"); trimmed != rest && trimmed != "" {
		return trimmed
	}
	return s
}

// standsAlone reports whether a sentence is the only one of its line.
func standsAlone(text string, s paragraph.Span) bool {
	before := text[strings.LastIndexByte(text[:s.Start], '\n')+1 : s.Start]
	after, _, _ := strings.Cut(text[s.End:], "\n")
	return strings.TrimSpace(before) == "" && strings.TrimSpace(after) == ""
}

// idle returns why a sentence states nothing, or "". One that has a line for
// itself and more text below may be a heading.
func idle(s string, alone bool) string {
	switch last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, "\"'”’»)]*_ ")); {
	case last == '?' || last == '？' || last == '؟':
		return IsQuestion
	case !strings.ContainsFunc(s, unicode.IsLetter): // the number of a list, a rule, an emoji
		return IsEmpty
	case strings.HasPrefix(s, "#") && unmarked(s) != s:
		return IsHeading
	case alone && !closed(s) && !isItem(s) && utf8.RuneCountInString(s) <= headingLine && !strings.HasSuffix(s, ","):
		return IsHeading
	}
	return hollow(s)
}

// hollow returns IsEmpty for a sentence without a content word, IsGreeting for
// one that greets, thanks or takes leave and does nothing else.
func hollow(s string) string {
	lang, _ := analysis.Detect(s)
	if lang == "" {
		lang = "en"
	}
	content, greeting := 0, false
	text := unmarked(s)
	words := analysis.Tokens(text, nil)
	greets := func(i int) bool { return greetings[analysis.Fold(text[words[i].Start:words[i].End])] }
	if n := len(words); 0 < n && n <= longestGreeting && (greets(0) || greets(n-1)) && !strings.HasSuffix(text, ".") {
		return IsGreeting
	}
	for i, t := range words {
		surface := text[t.Start:t.End]
		folded := analysis.Fold(surface)
		switch {
		case greets(i):
			greeting = true
		case analysis.IsStop(folded, lang) || analysis.IsStop(folded, "en") || utf8.RuneCountInString(surface) < 2 && !analysis.IsNumber(surface):
		case greeting && i > 0 && analysis.IsCapitalised(surface): // "Dear Ms. Okafor"
		default:
			content++
		}
	}
	switch {
	case content > 0:
		return ""
	case greeting:
		return IsGreeting
	}
	return IsEmpty
}

// greetings are folded words by which letters and messages begin and end, in the
// languages that the program speaks.
var greetings = wordsOf(`
hi hello hey dear greetings morning thanks thank regards cheers bye goodbye welcome sincerely
hallo guten liebe lieber grüsse gruss danke dank tschüss moin servus geehrte geehrter herren damen
bonjour bonsoir salut merci cordialement ciao buongiorno buonasera grazie saluti
hola gracias saludos привет здравствуйте спасибо вітаю дякую hei moi kiitos terve`)

func wordsOf(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[analysis.Fold(w)] = true
	}
	return out
}
