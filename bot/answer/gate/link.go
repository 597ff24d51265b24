package gate

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// linkSpans returns the URLs, host names, e-mail addresses and mentions of a
// text, by bytes. It would rather take too much for a link than too little: what
// looks like one becomes one in a chat.
func linkSpans(s string) [][2]int {
	var out [][2]int
	for i := 0; i < len(s); {
		if c := s[i]; isLinkEdge(rune(c)) && c < utf8.RuneSelf {
			i++
			continue
		}
		end := i
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if unicode.IsSpace(r) || isLinkEdge(r) {
				break
			}
			end += n
		}
		if end == i { // a space or an edge beyond ASCII
			_, n := utf8.DecodeRuneInString(s[i:])
			i += n
			continue
		}
		piece := strings.TrimRight(s[i:end], ".,;:!?'…")
		if isLink(piece) || i > 0 && s[i-1] == '<' && isCommand(piece) {
			out = append(out, [2]int{i, i + len(piece)})
		}
		i = end
	}
	return out
}

// isLinkEdge reports whether a link cannot go on through r.
func isLinkEdge(r rune) bool {
	switch r {
	case ' ', '\n', '\t', '\r', '<', '>', '(', ')', '[', ']', '{', '}', '"', '|', '\\':
		return true
	}
	return false
}

// isCommand reports whether s, after a "<", mentions somebody or something in a
// chat: "<!channel>", "<#C123>", "<:emoji:1>", "<t:1618953630>", "</ask:1>".
func isCommand(s string) bool {
	return len(s) > 1 && (strings.ContainsRune("@!#:/", rune(s[0])) || strings.HasPrefix(s, "t:") || strings.HasPrefix(s, "a:"))
}

func isLink(s string) bool {
	s = strings.TrimLeft(s, "/") // "//example.org"
	switch {
	case len(s) < 2:
		return false
	case strings.Contains(s, "://") || hasScheme(s):
		return true
	case s[0] == '@':
		return true
	}
	if at := strings.IndexByte(s, '@'); at > 0 && at+1 < len(s) {
		return true
	}
	host, _, _ := strings.Cut(s, "/")
	host, _, _ = strings.Cut(host, ":")
	return isHost(strings.Trim(host, "'-–—"))
}

// hasScheme reports whether s begins with the scheme of a link that needs no
// slashes.
func hasScheme(s string) bool {
	scheme, rest, ok := strings.Cut(strings.ToLower(s), ":")
	if !ok || rest == "" {
		return false
	}
	switch scheme {
	case "mailto", "tel", "sms", "javascript", "vbscript", "data", "file", "slack", "discord", "tg", "skype", "callto", "magnet", "whatsapp", "facetime":
		return true
	}
	return false
}

// isHost reports whether s is labels with full stops between them, the last of
// letters only and at least two, as in "example.org". "U.S." and "3.5" are not.
func isHost(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i < 2 || letters(s[i+1:]) < 2 {
		return false
	}
	for _, r := range s[i+1:] {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	empty := true
	for _, r := range s[:i] {
		switch {
		case r == '.':
			if empty {
				return false
			}
			empty = true
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			empty = false
		default:
			return false
		}
	}
	return !empty
}

// linkKey is what two ways of writing one link have in common: the scheme of
// the web and a final slash may be left out, and hosts know no capitals.
func linkKey(s string) string {
	for _, scheme := range []string{"https://", "http://"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s = s[len(scheme):]
		}
	}
	host, rest, slash := strings.Cut(strings.TrimSuffix(s, "/"), "/")
	host = strings.TrimPrefix(strings.ToLower(host), "www.")
	if !slash {
		return host
	}
	return host + "/" + rest
}

// checkLinks fails every link of the claim that no cited sentence has. An
// invented link is worse than none: people follow it.
func checkLinks(c *text, e *evidence, _ Options) []Failure {
	var out []Failure
	for _, l := range c.links {
		if !e.all.links[l] {
			out = append(out, Failure{Link, l})
		}
	}
	return out
}
