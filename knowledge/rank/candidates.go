package rank

import (
	"math"

	"summitbot/knowledge/analysis"
)

// Candidates is what an index hands to the re-ranker: the question with the
// statistics of its words, and the paragraphs that its first stage found.
type Candidates struct {
	Question   analysis.Question
	Terms      []QueryTerm              // the question's content words
	Total      int                      // paragraphs searched
	Length     float64                  // mean number of words of those
	Documents  int                      // documents searched
	Grams      func(gram string) int    // how often an n-gram occurs in what was searched
	Languages  []string                 // of the paragraphs searched, the commonest first
	Known      func(folded string) bool // whether what was searched has a word, in any inflection
	Paragraphs []Paragraph              // first stage's order, best first
}

// A QueryTerm is one content word of the question, once.
type QueryTerm struct {
	Word   analysis.QuestionWord
	DF     int     // paragraphs searched that hold it, in any inflection
	IDF    float64 // see IDF
	Weight float64 // what the term counts for, beside its IDF: 1, less if carried over
	// Forms are the terms of the index that stand for this word: its stem in
	// each language of the documents, and corrections of its spelling.
	Forms     []Form
	Corrected bool // no document has the word, but one close to it
}

// A Form is one index term that stands for a question's word.
type Form struct {
	Stem   string
	Lang   string
	Weight float64 // 1 for the word itself, less for a correction
}

// Unknown reports whether no document has the word or one spelt like it.
func (t *QueryTerm) Unknown() bool { return t.DF == 0 && !t.Corrected }

// A Paragraph is one candidate, as numbers of a lexicon.
type Paragraph struct {
	Document  string
	Revision  string // digest of the revision that Words were taken from
	Number    int
	First     float64 // the first stage's score
	Lexicon   *analysis.Lexicon
	Words     []uint32 // the paragraph's words
	Sentences []int    // end of each sentence, as a position in Words
	Previous  []uint32 // words of the paragraph before it in its document, if any
	Next      []uint32
	Headings  []uint32 // words of the headings above it
	Title     []uint32 // words of its document's title
}

// pseudo is how many paragraphs of ordinary language are mixed into the counts
// of the documents. In one article "war" stands everywhere and "the Donbas"
// once; the background tells that neither "said" nor "held" carries a question.
// Mixing in 1,000 gave +2.5 points of hit@1 on one article of SQuAD and +0.1 on
// 35; 2,000 did not differ from that by more than chance.
const pseudo = 2000

// IDF is the weight of a word that df of total paragraphs hold, by Robertson
// and Sparck Jones as BM25 uses it, with pseudo paragraphs of background, of
// which share hold the word.
func IDF(df, total int, share float64, background bool) float64 {
	n, d := float64(total), float64(df)
	if background {
		n += pseudo
		d += pseudo * share
	}
	return math.Log(1 + (n-d+0.5)/(d+0.5))
}
