package terminal

import (
	"cmp"
	"slices"
	"strings"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// A Source is one paragraph of one revision that an answer cites.
type Source struct {
	Address, Revision string
	Citations         []answer.Citation // by their place in the paragraph; never empty
}

// Sources returns what a cites, in order of first use: the source at index 0
// is shown as [1].
func Sources(a answer.Answer) []Source {
	var sources []Source
	for _, claim := range a.Claims {
		for _, c := range claim.Citations {
			i := slices.IndexFunc(sources, func(s Source) bool { return s.holds(c) })
			if i < 0 {
				i = len(sources)
				sources = append(sources, Source{Address: c.Address, Revision: c.Revision})
			}
			sources[i].Citations = append(sources[i].Citations, c)
		}
	}
	for _, s := range sources {
		slices.SortStableFunc(s.Citations, func(a, b answer.Citation) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
		})
	}
	return sources
}

// Spans returns the cited spans of the paragraph, in order, overlaps merged.
func (s Source) Spans() []knowledge.Span {
	var spans []knowledge.Span
	for _, c := range s.Citations {
		if n := len(spans); n > 0 && c.Start <= spans[n-1].End {
			spans[n-1].End = max(spans[n-1].End, c.End)
			continue
		}
		spans = append(spans, knowledge.Span{Start: c.Start, End: c.End})
	}
	return spans
}

// holds reports whether c cites this source.
func (s Source) holds(c answer.Citation) bool {
	return s.Address == c.Address && s.Revision == c.Revision
}

// cites reports whether a citation of the claim is in this source.
func (s Source) cites(c answer.Claim) bool { return slices.ContainsFunc(c.Citations, s.holds) }

// quotes returns the source's quotes in the order of the text, each as one
// line; a quote inside another one is left out.
func (s Source) quotes() []string {
	var quotes []string
	for _, c := range s.Citations {
		quote := flow(c.Quote)
		if quote == "" || slices.ContainsFunc(quotes, func(q string) bool { return strings.Contains(q, quote) }) {
			continue
		}
		quotes = append(quotes, quote)
	}
	return quotes
}
