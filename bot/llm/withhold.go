package llm

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// tellTale is how many letters and digits of a prompt, one after the other, give
	// it away, in bytes of UTF-8. Fewer are single words, which an endpoint's own
	// sentence has too; of scripts without spaces they are four characters.
	tellTale = 12
	// longestMessage is how much of an endpoint's message is looked at, in bytes; 300
	// characters of it are logged.
	longestMessage = 1200
)

// withoutPrompt returns a message of an endpoint without what it repeats of the
// prompt, whose question nobody wants in a log: filters like to name what they found.
// Spaces, punctuation and case make no difference, as quoting changes them.
func withoutPrompt(message, prompt string) string {
	message = message[:min(len(message), longestMessage)]
	sent, _ := letters(prompt)
	said, at := letters(message)
	hidden := make([]bool, len(message)+1)
	found := false
	for i := 0; i+tellTale <= len(said); i++ {
		if !utf8.RuneStart(said[i]) || !strings.Contains(sent, said[i:i+tellTale]) {
			continue
		}
		found = true
		for j := at[i]; j <= at[i+tellTale-1]; j++ {
			hidden[j] = true
		}
	}
	if !found {
		return message
	}
	return masked(message, hidden)
}

// letters returns the letters and digits of s in lower case, and where in s each byte
// of them comes from.
func letters(s string) (string, []int) {
	var out strings.Builder
	var at []int
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) {
			continue
		}
		n, _ := out.WriteRune(unicode.ToLower(r)) // a Builder does not fail
		for range n {
			at = append(at, i)
		}
	}
	return out.String(), at
}

// masked replaces each word that has a hidden byte.
func masked(s string, hidden []bool) string {
	var out []string
	at := 0
	for word := range strings.FieldsSeq(s) {
		from := at + strings.Index(s[at:], word)
		at = from + len(word)
		hide := false
		for i := from; i < at; i++ {
			hide = hide || hidden[i]
		}
		switch {
		case !hide:
			out = append(out, word)
		case len(out) == 0 || out[len(out)-1] != "***":
			out = append(out, "***")
		}
	}
	return strings.Join(out, " ")
}
