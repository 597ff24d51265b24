package gate

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkQuotations fails what stands in quotation marks unless it stands in one
// cited sentence, word for word and without a gap. Models splice quotations from
// real words; and no ellipsis is allowed, since "is ... permitted" is found in
// "is not permitted".
func checkQuotations(c *text, e *evidence, _ Options) []Failure {
	var out []Failure
	for _, q := range quotations(c.raw) {
		found := false
		for _, s := range e.sentences[:e.cited] {
			found = found || contains(s.raw, q)
		}
		if !found {
			out = append(out, Failure{Quotation, q})
		}
	}
	return out
}

// quotations returns what stands between quotation marks. A mark that is not
// closed quotes all that follows. Marks of inches and seconds stand behind a
// digit and open nothing.
func quotations(raw string) []string {
	var out []string
	open := -1
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		if open < 0 {
			if i > 0 && '0' <= raw[i-1] && raw[i-1] <= '9' {
				continue
			}
			open = i + 1
			continue
		}
		out = appendQuotation(out, raw[open:i])
		open = -1
	}
	if open >= 0 {
		out = appendQuotation(out, raw[open:])
	}
	return out
}

func appendQuotation(out []string, q string) []string {
	q = strings.TrimFunc(q, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".,;:!?…-–—'", r) })
	if strings.IndexFunc(q, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return out
	}
	return append(out, q)
}

// contains reports whether q stands in s between the borders of words. Spaces
// and capitals count alike: a quotation may begin its sentence, or be a title.
func contains(s, q string) bool {
	s, q = plainly(s), plainly(q)
	for from := 0; from <= len(s)-len(q); {
		i := strings.Index(s[from:], q)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(q):])
		if !isPart(before) && !isPart(after) {
			return true
		}
		from = i + 1
	}
	return false
}

// isPart reports whether r belongs to a word that has borders: scripts without
// spaces have none to keep to.
func isPart(r rune) bool { return isAlphabetic(r) || unicode.IsDigit(r) }

func plainly(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
