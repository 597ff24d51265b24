package source

import (
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// identify gives each file its id: its name without the ending. Files that
// would share an id get a longer one, step by step, until they differ; the
// others keep theirs.
func identify(files []file) []string {
	ids := make([]string, len(files))
	step := make([]int, len(files))
	for i, f := range files {
		ids[i] = idSteps[0](f)
	}
	for changed := true; changed; {
		changed = false
		for _, same := range shared(ids) {
			for _, i := range same {
				if step[i]+1 < len(idSteps) {
					step[i]++
					ids[i] = idSteps[step[i]](files[i])
					changed = true
				}
			}
		}
	}
	return number(ids)
}

// idSteps are the forms of an id, from the shortest to the one that no other
// file has.
var idSteps = []func(file) string{
	func(f file) string { return cleanID(withoutEnding(path.Base(f.relative))) },
	func(f file) string { return cleanID(withoutEnding(f.relative)) },
	func(f file) string { return cleanID(f.relative) },
	func(f file) string { return cleanID(filepath.ToSlash(f.path)) },
	func(f file) string { return cleanID(filepath.ToSlash(f.real)) },
}

// shared returns the positions of ids that are not unique, those of each id
// together and in order.
func shared(ids []string) [][]int {
	first := map[string]int{} // where an id's positions stand in groups
	var groups [][]int
	for i, id := range ids {
		at, ok := first[id]
		if !ok {
			at = len(groups)
			first[id] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	several := groups[:0]
	for _, g := range groups {
		if len(g) > 1 {
			several = append(several, g)
		}
	}
	return several
}

// number tells apart what cleanID made equal, such as "a b" and "a-b".
func number(ids []string) []string {
	taken := map[string]bool{}
	for _, id := range ids {
		taken[id] = true
	}
	for _, same := range shared(ids) {
		n := 2
		for _, i := range same[1:] {
			for taken[ids[i]+"-"+strconv.Itoa(n)] {
				n++
			}
			ids[i] += "-" + strconv.Itoa(n)
			taken[ids[i]] = true
		}
	}
	return ids
}

// withoutEnding cuts the ending from a file name. "release-1.2" has none, and
// neither has ".profile".
func withoutEnding(name string) string {
	ending := path.Ext(name)
	if len(ending) < 2 || !unicode.IsLetter(rune(ending[1])) || ending == path.Base(name) {
		return name
	}
	return strings.TrimSuffix(name, ending)
}

// cleanID makes an id of a name. "#" parts an id from a paragraph's number, so
// no id has one; white space becomes "-", and what cannot be seen goes.
func cleanID(name string) string {
	var b strings.Builder
	space := false
	for _, r := range strings.TrimLeft(name, "./") {
		switch {
		case unicode.IsSpace(r):
			space = true
		case r == '#' || r == utf8.RuneError || !unicode.IsGraphic(r):
		default:
			if space && b.Len() > 0 {
				b.WriteByte('-')
			}
			space = false
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return "document"
	}
	return b.String()
}
