package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand replaces each ${NAME} in s by the variable's value and each $${ by a
// plain ${. What a variable holds is not expanded again. problems names each
// reference that cannot be replaced.
func expand(s string, lookupEnv func(string) (string, bool)) (out string, problems []string) {
	var b strings.Builder
	var missing []string // named once each
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String(), problems
		}
		if i > 0 && s[i-1] == '$' {
			b.WriteString(s[:i-1] + "${")
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		name, rest, closed := strings.Cut(s[i+2:], "}")
		if !closed {
			return b.String(), append(problems, "a ${ is not closed; write ${NAME}, or $${ for a plain ${")
		}
		if !variableName.MatchString(name) {
			problems = append(problems, fmt.Sprintf("%q does not name a variable; write ${NAME}, or $${ for a plain ${", "${"+shorten(name)+"}"))
		} else if value, set := lookupEnv(name); set {
			b.WriteString(value)
		} else if !slices.Contains(missing, name) {
			missing = append(missing, name)
			problems = append(problems, fmt.Sprintf("the environment variable %s is not set", name))
		}
		s = rest
	}
}

// refers reports whether s has a reference that expand replaces.
func refers(s string) bool {
	return strings.Contains(strings.ReplaceAll(s, "$${", ""), "${")
}

// escape returns s such that expand gives s again.
func escape(s string) string { return strings.ReplaceAll(s, "${", "$${") }
