package analysis

import "strings"

// A Lexicon numbers the distinct words of many texts, so that a text can be
// kept as numbers and a word's term is worked out once. A word is its surface
// under a language. The zero Lexicon is empty and ready; adding is not safe
// for concurrent use, reading a lexicon that no longer grows is.
type Lexicon struct {
	ids   map[lexiconKey]uint32
	words []Word
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

// Len returns how many words there are; their numbers run from 0.
func (l *Lexicon) Len() int { return len(l.words) }

// Word returns word number id. It must not be changed.
func (l *Lexicon) Word(id uint32) *Word { return &l.words[id] }

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
	l.words = append(l.words, Word{
		Surface: surface, Folded: folded, Stem: Stem(folded, lang), Lang: lang,
		Stop: IsStop(folded, lang), Number: IsNumber(surface), Capital: IsCapitalised(surface),
	})
	l.ids[lexiconKey{lang, surface}] = id
	return id
}

// Freeze drops what only Add needs, about half of the lexicon's memory.
func (l *Lexicon) Freeze() { l.ids = nil }
