package analysis

import "strings"

// A Lexicon numbers the distinct words of many texts, so that a text can be
// kept as numbers and a word's term is worked out once. A word is its surface
// under a language. The zero Lexicon is empty and ready; adding is not safe
// for concurrent use, reading a lexicon that no longer grows is.
type Lexicon struct {
	ids      map[lexiconKey]uint32
	words    []Word
	sketches []Sketch
	grams    []Hash // of all words, one after another
}

type lexiconKey struct {
	lang    string
	surface string
}

// A Word is what the lexicon knows of one distinct word.
type Word struct {
	Surface string // as written
	Folded  string // see Fold
	Stem    string // see Stem
	Lang    string
	Stop    bool // a function word of its language
	Number  bool
	Capital bool // starts with a capital letter
}

// A Sketch is what a ranker asks about each of the thousands of words that one
// question makes it look at. It takes eight bytes, where a Word and its strings
// take three places in memory.
type Sketch struct {
	Stem   Hash
	Traits Traits
	grams  uint8  // how many n-grams, of which there are at most maxWord
	at     uint32 // where they begin in Lexicon.grams
}

// Traits are what a word is, whatever a question asks.
type Traits uint8

// The traits of a word. Number, date and capital are told of function words too.
const (
	Content    Traits = 1 << iota // no function word
	Number                        // see IsNumber
	NumberWord                    // see IsNumberWord
	Date                          // a year, a day, a month, a century
	Capital                       // starts with a capital letter
	traitsEnd
)

// TraitSets is how many sets of traits there are.
const TraitSets = int(traitsEnd)

func traitsOf(w *Word) Traits {
	var t Traits
	for _, of := range []struct {
		is    bool
		trait Traits
	}{
		{!w.Stop, Content},
		{w.Number, Number},
		{IsNumberWord(w.Folded, w.Lang), NumberWord},
		{isDate(w), Date},
		{w.Capital, Capital},
	} {
		if of.is {
			t |= of.trait
		}
	}
	return t
}

func isDate(w *Word) bool {
	if w.Number {
		digits := strings.TrimRight(w.Folded, "abcdefghijklmnopqrstuvwxyz")
		if w.Folded != strings.ToLower(w.Surface) && len(digits) < 3 {
			return true // an ordinal, such as a century or a day: "10th"
		}
		return len(digits) == 4 && (digits[0] == '1' || digits[0] == '2')
	}
	return IsDateWord(w.Folded, w.Lang)
}

// A Hash is HashBits bits of a string: enough to tell most words that cannot be
// one of a question's from those that can.
type Hash uint16

// HashBits is the number of bits of a Hash.
const HashBits = 12

// HashOf returns the hash of the last eight bytes of s, by multiplication with
// 2⁶⁴ over the golden ratio.
func HashOf(s string) Hash {
	key := uint64(0)
	for i := max(len(s)-8, 0); i < len(s); i++ {
		key = key<<8 | uint64(s[i])
	}
	return Hash(key * 0x9e3779b97f4a7c15 >> (64 - HashBits))
}

// Len returns how many words there are; their numbers run from 0.
func (l *Lexicon) Len() int { return len(l.words) }

// Word returns word number id. It must not be changed.
func (l *Lexicon) Word(id uint32) *Word { return &l.words[id] }

// Sketch returns the sketch of word number id.
func (l *Lexicon) Sketch(id uint32) Sketch { return l.sketches[id] }

// GramHashes returns the hash of each n-gram of a sketched word; see Grams. It
// must not be changed.
func (l *Lexicon) GramHashes(s Sketch) []Hash { return l.grams[s.at:][:s.grams] }

// Add returns the number of a surface word, giving it one if it is new.
func (l *Lexicon) Add(surface, lang string) uint32 {
	if id, ok := l.ids[lexiconKey{lang, surface}]; ok {
		return id
	}
	if l.ids == nil {
		l.ids = map[lexiconKey]uint32{}
	}
	surface = strings.Clone(surface) // do not keep the whole text alive
	folded := Fold(surface)
	id := uint32(len(l.words))
	w := Word{
		Surface: surface, Folded: folded, Stem: Stem(folded, lang), Lang: lang,
		Stop: IsStop(folded, lang), Number: IsNumber(surface), Capital: IsCapitalised(surface),
	}
	l.words = append(l.words, w)
	sketch := Sketch{Stem: HashOf(w.Stem), Traits: traitsOf(&w), at: uint32(len(l.grams))}
	var buffer [maxWord]string
	for _, gram := range Grams(folded, buffer[:0]) {
		l.grams = append(l.grams, HashOf(gram))
		sketch.grams++
	}
	l.sketches = append(l.sketches, sketch)
	l.ids[lexiconKey{lang, surface}] = id
	return id
}

// Freeze drops what only Add needs, about half of the lexicon's memory.
func (l *Lexicon) Freeze() { l.ids = nil }
