package rank

import (
	"slices"

	"summitbot/knowledge/analysis"
)

// sameWeight is what another word for the same thing counts for: "German" for
// "Germany".
const sameWeight = 0.5

// carriedWeight is what a word taken over from an earlier question counts for.
const carriedWeight = 0.5

// Terms returns the content words of a question, each once, with their forms in
// the languages of the documents. What the question lacks is taken over from
// the earlier questions of its conversation (context, oldest first): words, and
// what kind of thing was asked for, which is noted in q.
func Terms(q *analysis.Question, context, langs []string) []QueryTerm {
	var out []QueryTerm
	seen := map[string]bool{}
	add := func(w analysis.QuestionWord, lang string, weight float64) {
		stem := analysis.Stem(w.Folded, lang)
		if w.Stop || seen[stem] || len(out) == maxTerms {
			return
		}
		seen[stem] = true
		t := QueryTerm{Word: w, Weight: weight, Forms: []Form{{Stem: stem, Lang: lang, Weight: 1}}}
		for _, l := range langs {
			if l != lang {
				t.Forms = append(t.Forms, Form{Stem: analysis.Stem(w.Folded, l), Lang: l, Weight: 1})
			}
		}
		for _, same := range analysis.Same(w.Folded, lang) {
			f := Form{Stem: analysis.Stem(same, lang), Lang: lang, Weight: sameWeight}
			if !slices.ContainsFunc(t.Forms, func(o Form) bool { return o.Stem == f.Stem && o.Lang == f.Lang }) {
				t.Forms = append(t.Forms, f)
			}
		}
		out = append(out, t)
	}
	for _, w := range q.Words {
		add(w, q.Lang, 1)
	}
	for i := len(context) - 1; i >= 0 && lacks(len(out)); i-- {
		before := analysis.ParseQuestion(context[i], langs)
		if q.Type == analysis.AnyAnswer {
			q.Type = before.Type
		}
		for _, w := range before.Words {
			w.Carried = true
			add(w, before.Lang, carriedWeight)
		}
	}
	return out
}

// maxTerms bounds the work that one question can ask for. A question of a
// thousand words is somebody's document; its first words tell what it is about.
const maxTerms = 48

// lacks reports whether a question with this many content words needs an
// earlier one to be understood.
func lacks(terms int) bool { return terms < 3 }
