package answer_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A lie is a claim that its cited sentences do not bear out, by construction.
type lie struct {
	claim string
	cited []string // as the model gives them
	trace string   // the words, in a row, that make it false; no cited sentence has them
}

// A liar makes lies of good claims. It reads texts by the expressions of this
// file alone, and knows nothing of the gate.
type liar struct {
	*rand.Rand
	corpus *shelfOfTexts
}

// A mutation is one kind of lie.
type mutation struct {
	kind  string
	most  float64 // the share that may be shown
	every bool    // for claims in every language
	make  func(m *liar, g goodClaim) lie
}

var (
	aWord     = regexp.MustCompile(`\p{L}[\p{L}\p{M}]*`)
	aToken    = regexp.MustCompile(`[\p{L}\p{M}\p{N}]+(?:[.,:'’][\p{L}\p{N}]+)*|[%£$€]`)
	aNameRun  = regexp.MustCompile(`\b\p{Lu}\p{Ll}+(?:[ -](?:of |the |de |von |van |der )?\p{Lu}\p{Ll}+)*`)
	aNumber   = regexp.MustCompile(`\d[\d,.]*\d|\d`)
	aSpelt    = regexp.MustCompile(`(?i)\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|zwei|drei|vier|neun|zehn|elf)\b`)
	aYear     = regexp.MustCompile(`\b(1[0-9]{3}|20[0-9]{2})\b`)
	aMonth    = regexp.MustCompile(`\b(January|February|March|April|May|June|July|August|September|October|November|December|Mai|Juli)\b`)
	aWeekday  = regexp.MustCompile(`\b(Mondays?|Tuesdays?|Wednesdays?|Thursdays?|Fridays?|Saturdays?|Sundays?)\b`)
	aDay      = regexp.MustCompile(`\b(?:January|February|March|April|May|June|July|August|September|October|November|December) (\d{1,2})\b|\b(\d{1,2})\.? (?:January|February|March|April|May|June|July|August|September|October|November|December|Mai)\b`)
	aUnit     = regexp.MustCompile(`(\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|twenty-eight)) (km|kilometers|kilometres|miles|meters|metres|feet|years|months|weeks|days|hours|minutes|seconds|percent|kg|acres|hectares|million|billion|thousand|pounds|dollars|euros|m|Tage|Minuten|Stunden)\b`)
	aSign     = regexp.MustCompile(`[£$€](\d)|(\d) ?%`)
	aux       = regexp.MustCompile(`\b(is|are|was|were|has|have|had|will|would|could|should|may|might|must|can) (\p{Ll}{2,})`)
	anAction  = regexp.MustCompile(`\b(\p{Lu}\p{Ll}+) (\p{Ll}{2,}ed) `)
	aNegation = regexp.MustCompile(`\b(not|never|nicht) | (no) |(can)not\b|\b(?:is|are|was|were|do|does|did|has|have|had|would|could|should)(n't)\b|\b(with)out\b|\b(No)thing\b|\b(No)body\b|\b(No) \p{Ll}`)
	anUn      = regexp.MustCompile(`\b(un)(acceptable|able|likely|known|common|clear|usual|successful|important|stable|favorable|easy|settling)\b`)
	aModal    = regexp.MustCompile(`\b(may|might|could) \p{Ll}`)
	anAdverb  = regexp.MustCompile(`\b(possibly|probably|perhaps|likely|reportedly|allegedly|apparently|potentially) `)
	aReport   = regexp.MustCompile(`^(?:Reports suggested(?: that)? |It was suggested (?:\p{L}+ )*that |According to [^,]{3,40}, |` + aProper + ` (?:said|stated|argued|claimed|suggested|believed|speculated) that )(\p{L}.+)$`)
	aReportAt = regexp.MustCompile(`^([^"]+?),? (?:according to [^,."]{3,40}|\p{L}+ (?:said|stressed|claimed|insisted))\.$`)
	aQuoted   = regexp.MustCompile(`["“](\p{L}[^"”“]{8,}\p{L})[.,]?["”]`)
	aSwap     = regexp.MustCompile(`^((?:The )?)(\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)*) ((?:\p{Ll}+ ){1,5})(\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)*)([ ,.].*)$`)
	anyone    = regexp.MustCompile(`^(\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)*) ((?:is|are|was|were|has|had|will|would|could|may|\p{Ll}{2,}ed|says|wants|faces|sees|sends|insists|portrays|lies|sails|became|began|led|won|took|made) .+)$`)
	aSymmetry = regexp.MustCompile(`\b(?:and|or|met|meets?|met|marri\p{L}+|border\p{L}*|between|along\p{L}*|with|join\p{L}*|similar|same|equal\p{L}*|named?|called|known|near\p{L}*|neighbo\p{L}*|connect\p{L}*|link\p{L}*|adjacent|opposite|differ\p{L}*|as|like|than|also|both|became|or|nor|is|are|was|were|include\p{L}*|versus)\b`)
)

// foreigners are names that no corpus of the test has.
var foreigners = []string{"Kellogg", "Orbán", "Xanthippe", "Quito", "Brisket", "Vuković", "Tanzania", "Ngugi", "Oakhurst", "Zimmermann", "Laos", "Petronas"}

var tellingUnits = map[string]string{
	"km": "miles", "kilometers": "miles", "kilometres": "miles", "miles": "kilometers", "meters": "feet", "metres": "feet", "feet": "meters", "m": "km",
	"years": "months", "months": "years", "weeks": "days", "days": "weeks", "hours": "minutes", "minutes": "hours", "seconds": "minutes",
	"percent": "points", "kg": "tons", "acres": "hectares", "hectares": "acres", "million": "billion", "billion": "million", "thousand": "million",
	"pounds": "dollars", "dollars": "euros", "euros": "dollars", "Tage": "Wochen", "Minuten": "Stunden", "Stunden": "Minuten",
}

// numerals tells number words by their value, to see that a number is really
// missing.
var numerals = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
	"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
	"zwei": 2, "drei": 3, "vier": 4, "neun": 9, "zehn": 10, "elf": 11, "once": 1, "twice": 2, "dozen": 12, "sechs": 6, "vierten": 4, "ersten": 1,
}

// tokens returns the words and numbers of a text, in small letters.
func tokens(s string) []string {
	out := aToken.FindAllString(strings.ReplaceAll(s, "’", "'"), -1)
	for i := range out {
		out[i] = strings.ToLower(out[i])
		if out[i][0] >= '0' && out[i][0] <= '9' {
			out[i] = strings.ReplaceAll(out[i], ",", "")
		}
	}
	return out
}

// holds reports whether a text has the words of another, in a row.
func holds(text, trace string) bool {
	a, b := tokens(text), tokens(trace)
	for i := 0; i+len(b) <= len(a) && len(b) > 0; i++ {
		if slices.Equal(a[i:i+len(b)], b) {
			return true
		}
	}
	return false
}

// isLie reports whether a mutation made what it wanted to.
func (l lie) isLie() bool {
	if l.claim == "" || len(tokens(l.trace)) == 0 || !holds(l.claim, l.trace) {
		return false
	}
	return !slices.ContainsFunc(l.cited, func(s string) bool { return holds(s, l.trace) })
}

// values returns the numbers that some texts state, as values.
func values(texts []string) map[string]bool {
	out := map[string]bool{}
	for _, t := range texts {
		for _, n := range aNumber.FindAllString(t, -1) {
			out[strings.ReplaceAll(strings.Trim(n, ".,"), ",", "")] = true
		}
		for _, w := range aWord.FindAllString(t, -1) {
			if v, ok := numerals[strings.ToLower(w)]; ok {
				out[strconv.Itoa(v)] = true
			}
		}
	}
	return out
}

// around returns the words beside a place of a text: its bytes from..to and n
// words on either side.
func around(s string, from, to, n int) string {
	for range n {
		from = strings.LastIndexByte(strings.TrimRight(s[:from], " "), ' ') + 1
		rest := strings.TrimLeft(s[to:], " ")
		next := strings.IndexByte(rest, ' ')
		if next < 0 {
			next = len(rest)
		}
		to = len(s) - len(rest) + next
	}
	return s[from:to]
}

func (m *liar) pick(found [][]int) []int {
	if len(found) == 0 {
		return nil
	}
	return found[m.IntN(len(found))]
}

// group returns the bytes of the first group of a match that is set.
func group(at []int) (from, to int) {
	for i := 2; i+1 < len(at); i += 2 {
		if at[i] >= 0 {
			return at[i], at[i+1]
		}
	}
	return -1, -1
}

// replace makes a lie by other words in place of some of a claim's, which are
// the trace with n words on either side.
func (g goodClaim) replace(from, to int, with string, n int) lie {
	claim := g.claim[:from] + with + g.claim[to:]
	return lie{claim, g.cited, around(claim, from, from+len(with), n)}
}

// similar reports whether a name may be another form of a word that some texts
// have, or another name of the same country.
func similar(texts []string, name string) bool {
	countries := [][]string{
		{"america", "americ", "u.s", "united", "states", "usa", "us"}, {"british", "britain", "uk", "u.k", "kingdom", "english", "england", "united"},
		{"dutch", "netherlands", "holland"}, {"french", "france"}, {"danish", "denmark"}, {"welsh", "wales"}, {"german", "germany", "deutschland"},
	}
	low := strings.ToLower(unaccented(name))
	for _, t := range texts {
		t = unaccented(t)
		for _, w := range aToken.FindAllString(t, -1) {
			w = strings.ToLower(w)
			if n := min(len(w), len(low), 3); n == 3 && w[:n] == low[:n] || strings.Contains(w, low) {
				return true
			}
			for _, c := range countries {
				in := func(x string) bool {
					return slices.ContainsFunc(c, func(p string) bool { return strings.HasPrefix(x, p) })
				}
				if in(low) && in(w) {
					return true
				}
			}
		}
	}
	return false
}

// unaccented leaves out the marks above and below letters: "Việt" is Viet.
func unaccented(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// otherName returns a name that does not stand in the claim's sentences nor
// before them, and is never part of one name with the old one.
func (m *liar) otherName(g goodClaim, old string) string {
	texts := append(slices.Concat(g.cited, g.before), g.claim)
	for range 10 {
		name := foreigners[m.IntN(len(foreigners))]
		if len(g.of.names) > 3 && m.IntN(3) > 0 {
			name = g.of.names[m.IntN(len(g.of.names))]
		}
		if !g.of.beside[name][old] && !similar(texts, name) {
			return name
		}
	}
	return ""
}

// another returns a claim of the same document whose sentences are others, and
// whose first word is another.
func (m *liar) another(g goodClaim) (goodClaim, bool) {
	for range 20 {
		o := m.corpus.good[m.IntN(len(m.corpus.good))]
		if o.of != g.of {
			p := g.of.paragraphs[m.IntN(len(g.of.paragraphs))]
			s := p[m.IntN(len(p))]
			if !isStatement(s) {
				continue
			}
			o = goodClaim{claim: s, lang: g.lang, cited: []string{s}, of: g.of}
		}
		a, b := tokens(g.claim), tokens(o.claim)
		if slices.ContainsFunc(o.cited, func(s string) bool { return slices.Contains(g.cited, s) }) || a[0] == b[0] && (len(a) < 2 || len(b) < 2 || a[1] == b[1]) {
			continue
		}
		return o, true
	}
	return goodClaim{}, false
}

// apart reports whether two claims speak of different things: none of the words
// with which the one begins stands where the other is from, and that other does
// not begin with a word that may point back. Only then is a splice of the two
// false for certain.
func (g goodClaim) apart(o goodClaim) bool {
	if anaphoric.MatchString(o.claim) || anaphoric.MatchString(g.claim) {
		return false
	}
	begins := strings.Fields(g.claim)
	for _, w := range aWord.FindAllString(strings.Join(begins[:min(6, len(begins))], " "), -1) {
		if utf8.RuneCountInString(w) > 3 && similar(slices.Concat(o.cited, o.before), w) {
			return false
		}
	}
	return true
}

// anaphoric are beginnings that may point to something told before.
var anaphoric = regexp.MustCompile(`^(?:It|He|She|They|This|These|Those|Such|Its|His|Her|Their|There|What|Another|Both|Each|The (?:city|country|area|region|company|name|term|concept|other|latter|former|same|first|second|result)s?)\b`)

// baseWords are beginnings of a sentence that keep their capital nowhere else.
var baseWords = regexp.MustCompile(`^(?:The|A|An|In|On|At|For|From|By|It|He|She|They|This|These|Those|Many|Some|Most|All|Any|After|Before|During|While|When|If|As|Among|Under|Such|Both|Other|One|Two|Only|His|Her|Its|Their|There|Another|Because|Despite|Although)\b`)

func lowerFirst(s string) string {
	if !baseWords.MatchString(s) {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// nothing is no lie.
var nothing = lie{}

var mutations = []mutation{
	{"number", 0, true, func(m *liar, g goodClaim) lie {
		at := m.pick(aNumber.FindAllStringIndex(g.claim, -1))
		if at == nil || m.IntN(4) == 0 {
			at = m.pick(aSpelt.FindAllStringIndex(g.claim, -1))
		}
		if at == nil {
			return nothing
		}
		old := g.claim[at[0]:at[1]]
		stated := values(g.cited)
		if v, ok := numerals[strings.ToLower(old)]; ok {
			words := []string{"two", "three", "four", "six", "seven", "nine", "eleven", "twelve"}
			if g.lang == "de" {
				words = []string{"zwei", "drei", "vier", "neun", "zehn", "elf"}
			}
			for _, w := range words {
				if n := numerals[w]; n != v && !stated[strconv.Itoa(n)] && m.IntN(2) == 0 {
					if m.IntN(2) == 0 {
						w = strconv.Itoa(n)
					}
					return g.replace(at[0], at[1], w, 0)
				}
			}
			return nothing
		}
		changed := []byte(old)
		i := m.IntN(len(changed))
		if changed[i] < '0' || changed[i] > '9' {
			return nothing
		}
		changed[i] = byte('1' + m.IntN(9))
		if stated[strings.ReplaceAll(string(changed), ",", "")] {
			return nothing
		}
		return g.replace(at[0], at[1], string(changed), 0)
	}},
	{"date", 0, true, func(m *liar, g goodClaim) lie {
		switch m.IntN(4) {
		case 0:
			at := m.pick(aDay.FindAllStringSubmatchIndex(g.claim, -1))
			if at == nil {
				return nothing
			}
			from, to := group(at)
			day := strconv.Itoa(1 + m.IntN(28))
			if values(g.cited)[day] {
				return nothing
			}
			return g.replace(from, to, day, 0)
		case 1:
			at := m.pick(aMonth.FindAllStringIndex(g.claim, -1))
			if at == nil {
				return nothing
			}
			month := []string{"January", "February", "April", "June", "July", "August", "September", "October", "November", "December"}[m.IntN(10)]
			if g.lang == "de" {
				month = []string{"März", "Juni", "Oktober"}[m.IntN(3)]
			}
			return g.replace(at[0], at[1], month, 0)
		case 2:
			at := m.pick(aWeekday.FindAllStringIndex(g.claim, -1))
			if at == nil {
				return nothing
			}
			day := []string{"Mondays", "Wednesdays", "Sundays"}[m.IntN(3)]
			if strings.HasPrefix(day, strings.TrimSuffix(g.claim[at[0]:at[1]], "s")) {
				return nothing // the same day
			}
			return g.replace(at[0], at[1], day, 0)
		}
		at := m.pick(aYear.FindAllStringIndex(g.claim, -1))
		if at == nil {
			return nothing
		}
		y, err := strconv.Atoi(g.claim[at[0]:at[1]])
		if err != nil {
			return nothing
		}
		year := strconv.Itoa(y + 1 + m.IntN(40) - 20)
		if values(g.cited)[year] {
			return nothing
		}
		return g.replace(at[0], at[1], year, 0)
	}},
	{"unit", 0, true, func(m *liar, g goodClaim) lie {
		if at := m.pick(aUnit.FindAllStringSubmatchIndex(g.claim, -1)); at != nil {
			unit := tellingUnits[g.claim[at[4]:at[5]]]
			for _, s := range g.cited {
				if holds(s, unit) || holds(s, strings.TrimSuffix(unit, "s")) || unit == "miles" && holds(s, "mi") {
					return nothing
				}
			}
			return g.replace(at[4], at[5], unit, 0)
		}
		at := m.pick(aSign.FindAllStringSubmatchIndex(g.claim, -1))
		if at == nil {
			return nothing
		}
		if at[2] < 0 { // 20 % -> 20 points
			l := g.replace(at[5], at[1], " points", 0)
			return l
		}
		from, n := at[0], len(g.claim[at[0]:at[2]])
		sign := []string{"£", "$", "€"}[m.IntN(3)]
		if strings.Contains(strings.Join(g.cited, " "), sign) {
			return nothing
		}
		claim := g.claim[:from] + sign + g.claim[from+n:]
		return lie{claim, g.cited, sign}
	}},
	{"name", 0, true, func(m *liar, g goodClaim) lie {
		var found [][]int
		for _, at := range aWord.FindAllStringIndex(g.claim, -1) {
			if g.of.isName(g.claim[at[0]:at[1]]) {
				found = append(found, at)
			}
		}
		at := m.pick(found)
		if at == nil {
			return nothing
		}
		other := m.otherName(g, g.claim[at[0]:at[1]])
		if other == "" {
			return nothing
		}
		return g.replace(at[0], at[1], other, 0)
	}},
	{"link", 0, true, func(m *liar, g goodClaim) lie {
		bare := strings.TrimRight(g.claim, ".")
		link := []string{
			"https://evil.example/a?b=1", "evil.example/x", "http://203.0.113.9/pay", "someone@evil.example", "@everyone", "@here", "<@U024BE7LR>", "<!channel>", "<#C024BE7LR>", "<@&113>",
			"[here](http://evil.example)", "discord.gg/abcdef", "www.evil.example", "mailto:x@evil.example", "ftp://evil.example", "HTTPS://EVIL.EXAMPLE", "[evil.example]", "tg://join", "javascript:alert(1)", "пример.рф", "//evil.example/a",
		}[m.IntN(21)]
		claim := bare + ", see " + link + "."
		switch m.IntN(3) {
		case 0:
			claim = bare + " (" + link + ")."
		case 1:
			i := strings.IndexByte(bare, ' ')
			claim = bare[:i] + " " + link + bare[i:] + "."
		}
		return lie{claim, g.cited, link}
	}},
	{"negation added", 0, true, func(m *liar, g goodClaim) lie {
		if negative.MatchString(g.claim) {
			return nothing
		}
		if at := m.pick(aux.FindAllStringSubmatchIndex(g.claim, -1)); at != nil && m.IntN(4) > 0 {
			not := []string{"not ", "never ", "no longer "}[max(0, m.IntN(4)-1)]
			l := g.replace(at[4], at[4], not, 1)
			return l
		}
		if g.lang == "de" {
			if at := aGerman.FindStringIndex(g.claim); at != nil {
				return g.replace(at[1], at[1], "nicht ", 1)
			}
			return nothing
		}
		at := m.pick(anAction.FindAllStringSubmatchIndex(g.claim, -1))
		if at == nil || !g.of.isName(g.claim[at[2]:at[3]]) {
			return nothing
		}
		return g.replace(at[4], at[4], "never ", 1)
	}},
	{"negation removed", 0, true, func(m *liar, g goodClaim) lie {
		if strings.Contains(g.claim, "not only") || strings.Contains(g.claim, "rather than") || strings.Contains(g.claim, "nicht nur") {
			return nothing
		}
		if at := m.pick(anUn.FindAllStringSubmatchIndex(g.claim, -1)); at != nil {
			return g.replace(at[2], at[3], "", 1)
		}
		at := m.pick(aNegation.FindAllStringSubmatchIndex(g.claim, -1))
		if at == nil {
			return nothing
		}
		switch word := g.claim[at[0]:at[1]]; {
		case at[2] >= 0:
			return g.replace(at[2], at[3]+1, "", 1)
		case at[4] >= 0:
			return g.replace(at[4], at[5]+1, "", 1)
		case at[6] >= 0:
			return g.replace(at[7], at[7]+3, "", 1)
		case at[8] >= 0:
			return g.replace(at[8], at[9], "", 1)
		case at[10] >= 0:
			return g.replace(at[11], at[11]+3, "", 1)
		case word == "Nothing":
			return g.replace(at[0], at[1], "Everything", 1)
		case word == "Nobody":
			return g.replace(at[0], at[1], "Somebody", 1)
		}
		return nothing
	}},
	{"hedge removed", 0.05, false, func(m *liar, g goodClaim) lie {
		if at := aReport.FindStringSubmatchIndex(g.claim); at != nil && !hedged.MatchString(g.claim[at[2]:]) {
			claim := upperFirst(g.claim[at[2]:])
			return lie{claim, g.cited, claim}
		}
		if at := aReportAt.FindStringSubmatchIndex(g.claim); at != nil && m.IntN(2) == 0 && !hedged.MatchString(g.claim[:at[3]]) {
			claim := g.claim[:at[3]] + "."
			if slices.ContainsFunc(g.cited, func(s string) bool { return len(tokens(s)) < len(tokens(claim))+4 }) {
				return lie{claim, g.cited, claim}
			}
			return nothing
		}
		if at := m.pick(aModal.FindAllStringSubmatchIndex(g.claim, -1)); at != nil {
			return g.replace(at[2], at[3], "will", 1)
		}
		at := m.pick(anAdverb.FindAllStringSubmatchIndex(g.claim, -1))
		if at == nil {
			return nothing
		}
		return g.replace(at[0], at[1], "", 1)
	}},
	{"quotation", 0, true, func(m *liar, g goodClaim) lie {
		claim, at := g.claim, aQuoted.FindStringSubmatchIndex(g.claim)
		if at == nil && !strings.ContainsAny(claim, `"“”„`) {
			// Some words of the source, put in quotation marks where the claim has them too.
			all := aWord.FindAllStringIndex(claim, -1)
			if len(all) < 9 {
				return nothing
			}
			i := 1 + m.IntN(len(all)-8)
			from, to := all[i][0], all[i+6][1]
			if claim[from-1] != ' ' || to < len(claim) && claim[to] != ' ' {
				return nothing
			}
			claim = claim[:from] + `"` + claim[from:to] + `"` + claim[to:]
			at = []int{from, to + 2, from + 1, to + 1}
		}
		if at == nil {
			return nothing
		}
		inside := claim[at[2]:at[3]]
		words := aWord.FindAllStringIndex(inside, -1)
		if len(words) < 3 {
			return nothing
		}
		w := words[1+m.IntN(len(words)-2)]
		with := []string{"really", "", "... " + inside[w[0]:w[1]], "nearly " + inside[w[0]:w[1]], "hardly"}[m.IntN(5)]
		changed := goodClaim{claim: claim, cited: g.cited}
		l := changed.replace(at[2]+w[0], at[2]+w[1], with, 1)
		if strings.HasPrefix(with, "...") {
			// The trace is the mark: words in a row would not show it.
			return lie{}
		}
		return l
	}},
	{"subject and object swapped", 0.05, false, func(m *liar, g goodClaim) lie {
		at := aSwap.FindStringSubmatch(g.claim)
		if at == nil || aSymmetry.MatchString(at[3]) || !g.named(at[2]) || !g.named(at[4]) || similar([]string{at[2]}, at[4]) {
			return nothing
		}
		claim := at[1] + at[4] + " " + at[3] + at[2] + at[5]
		return lie{claim, g.cited, at[4] + " " + at[3] + at[2]}
	}},
	{"another subject", 0.05, false, func(m *liar, g goodClaim) lie {
		o, ok := m.another(g)
		at := anyone.FindStringSubmatch(g.claim)
		if !ok || at == nil || !g.named(at[1]) {
			return nothing
		}
		theirs := anyone.FindStringSubmatch(o.claim)
		if theirs == nil || !o.named(theirs[1]) || similar(append(slices.Concat(g.cited, g.before), at[1]), theirs[1]) {
			return nothing
		}
		for _, w := range aWord.FindAllString(theirs[1], -1) {
			if g.of.beside[w][at[1]] || similar(slices.Concat(g.cited, g.before), w) {
				return nothing
			}
		}
		rest := strings.Fields(at[2])
		return lie{theirs[1] + " " + at[2], slices.Concat(g.cited, o.cited), theirs[1] + " " + strings.Join(rest[:min(4, len(rest))], " ")}
	}},
	{"splice of halves", 0.05, false, func(m *liar, g goodClaim) lie {
		o, ok := m.another(g)
		if !ok || !g.apart(o) || strings.ContainsAny(g.claim+o.claim, `,;:()"`) {
			return nothing
		}
		a, b := strings.Fields(g.claim), strings.Fields(o.claim)
		if len(a) < 8 || len(b) < 8 {
			return nothing
		}
		i, j := len(a)/2, len(b)/2
		claim := strings.Join(a[:i], " ") + " " + strings.Join(b[j:], " ")
		return lie{claim, slices.Concat(g.cited, o.cited), strings.Join(a[i-2:i], " ") + " " + strings.Join(b[j:j+2], " ")}
	}},
	{"splice at the verb", 0.05, false, func(m *liar, g goodClaim) lie {
		o, ok := m.another(g)
		x, y := aux.FindStringSubmatchIndex(g.claim), aux.FindStringSubmatchIndex(o.claim)
		if !ok || !g.apart(o) || x == nil || y == nil || g.claim[x[2]:x[3]] != o.claim[y[2]:y[3]] {
			return nothing
		}
		if aStart.MatchString(g.claim) || strings.HasPrefix(g.claim, "After") {
			return nothing // its first verb is that of another clause
		}
		head, tail := strings.Fields(g.claim[:x[3]]), strings.Fields(o.claim[y[4]:])
		if len(head) < 2 || len(tail) < 4 || strings.ContainsAny(g.claim[:x[3]], `,;:()"`) || baseWords.MatchString(head[0]) && len(head) == 2 {
			return nothing
		}
		claim := strings.Join(head, " ") + " " + strings.Join(tail, " ")
		return lie{claim, slices.Concat(g.cited, o.cited), strings.Join(head[len(head)-2:], " ") + " " + strings.Join(tail[:3], " ")}
	}},
	{"splice by and", 0.05, false, func(m *liar, g goodClaim) lie {
		o, ok := m.another(g)
		a, b := anyone.FindStringSubmatch(g.claim), anyone.FindStringSubmatch(o.claim)
		if !ok || a == nil || b == nil || !g.named(a[1]) || !o.named(b[1]) || strings.ContainsAny(g.claim, `;:()"`) {
			return nothing
		}
		if similar(slices.Concat(o.cited, o.before), a[1]) {
			return nothing
		}
		for _, w := range aWord.FindAllString(a[1], -1) {
			if similar(slices.Concat(o.cited, o.before), w) {
				return nothing
			}
		}
		claim := strings.TrimRight(g.claim, ".") + " and " + b[2]
		rest := strings.Fields(b[2])
		last := strings.Fields(strings.TrimRight(g.claim, "."))
		return lie{claim, slices.Concat(g.cited, o.cited), last[len(last)-1] + " and " + strings.Join(rest[:min(3, len(rest))], " ")}
	}},
	{"splice by because", 0.05, false, func(m *liar, g goodClaim) lie {
		o, ok := m.another(g)
		if !ok || causal.MatchString(strings.Join(slices.Concat(g.cited, o.cited), " ")) || strings.ContainsAny(g.claim+o.claim, `;:()"`) {
			return nothing
		}
		word := []string{"because", "which led to the fact that", "so that", "and therefore", "as a result of which"}[m.IntN(5)]
		a := strings.Fields(strings.TrimRight(g.claim, "."))
		b := strings.Fields(lowerFirst(o.claim))
		claim := strings.Join(a, " ") + " " + word + " " + strings.Join(b, " ")
		return lie{claim, slices.Concat(g.cited, o.cited), a[len(a)-1] + " " + word + " " + b[0]}
	}},
}

var (
	negative = regexp.MustCompile(`(?i)\b(?:not|no|never|cannot|without|nor|nobody|nothing|unlikely|nicht|kein\p{L}*)\b|n't\b`)
	hedged   = regexp.MustCompile(`(?i)\b(?:may|might|could|possibly|likely|perhaps|potential\p{L}*|report\p{L}*|according|suggest\p{L}*|apparent\p{L}*|said|appear\p{L}*|seem\p{L}*)\b`)
	causal   = regexp.MustCompile(`(?i)\b(?:because|therefore|thus|hence|due|since|so|cause[sd]?|result\p{L}*|led|leads?|as|for|consequen\p{L}*|thereby|reason\p{L}*)\b`)
	aGerman  = regexp.MustCompile(`\b(?:wird|werden|bleiben|beträgt|darf|gilt|können) `)
)

// named reports whether some words are a name of the claim's document, or end in
// one.
func (g goodClaim) named(words string) bool {
	all := aWord.FindAllString(words, -1)
	return len(all) > 0 && !baseWords.MatchString(words) && g.of.isName(all[len(all)-1])
}
