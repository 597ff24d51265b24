package answer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"summitbot/knowledge/analysis"
)

// saying is what two ways of writing one statement have in common.
func saying(text string) string {
	return strings.Join(strings.FieldsFunc(analysis.Fold(strings.ToLower(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

// tidy makes a claim's text fit to be shown: one line, no markup, no yes or no
// before the statement. References that stand in it are returned apart.
func tidy(text string) (clean string, refs []string) {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff', r == '\u200b':
			return -1
		}
		return r
	}, text)
	for _, at := range marker.FindAllString(text, -1) {
		ref := strings.Trim(at, " []【】()")
		if at = strings.TrimSpace(at); at[0] == '(' && !strings.Contains(ref, ".") {
			continue // a year, or a number of something
		}
		ref, _, _ = strings.Cut(ref, "†")
		refs = append(refs, ref)
		text = strings.Replace(text, at, "", 1)
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "**", ""), "__", "")
	text = bullet.ReplaceAllString(strings.Join(strings.Fields(text), " "), "")
	text = strings.NewReplacer(" .", ".", " ,", ",").Replace(text)
	for {
		cut := opening.FindStringIndex(text)
		if cut == nil || cut[1] < len(text) && unicode.IsDigit(rune(text[cut[1]])) { // "No. 5"
			break
		}
		text = capitalise(text[cut[1]:])
	}
	if bare.MatchString(text) {
		return "", refs
	}
	return strings.TrimSpace(text), refs
}

// What models put before a statement although they were asked not to.
var (
	answers = `(?:yes|no|ja|nein|oui|non|sì|si|да|нет|kyllä|ei|так|ні)`
	opening = regexp.MustCompile(`(?i)^(?:` + answers + `\s*[,.;:!—–-]+\s+|(?:according to|based on) the (?:provided )?(?:documents?|articles?|sources?|texts?|passages?),\s*|(?:the )?answer\s*:\s*)`)
	bare    = regexp.MustCompile(`(?i)^` + answers + `\s*[.!]*$`)
)

func capitalise(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
