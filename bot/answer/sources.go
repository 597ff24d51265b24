package answer

import (
	"cmp"
	"slices"
	"strings"

	"summitbot/knowledge"
)

// A Source is one paragraph of one revision that an answer cites.
type Source struct {
	Address, Revision string
	Citations         []Citation // by their place in the paragraph; never empty
}

// Sources returns what a cites, in order of first use: the source at index 0 is
// shown as [1], on every surface. Claims that come later change no number.
func Sources(a Answer) []Source {
	var sources []Source
	for _, claim := range a.Claims {
		for _, c := range claim.Citations {
			i := slices.IndexFunc(sources, func(s Source) bool { return s.Holds(c) })
			if i < 0 {
				i = len(sources)
				sources = append(sources, Source{Address: c.Address, Revision: c.Revision})
			}
			sources[i].Citations = append(sources[i].Citations, c)
		}
	}
	for _, s := range sources {
		slices.SortStableFunc(s.Citations, func(a, b Citation) int {
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

// Holds reports whether c cites this source.
func (s Source) Holds(c Citation) bool { return s.Address == c.Address && s.Revision == c.Revision }

// Cites reports whether a citation of the claim is in this source.
func (s Source) Cites(c Claim) bool { return slices.ContainsFunc(c.Citations, s.Holds) }

// Quotes returns the source's quotes in the order of the text, each as show
// puts it; a quote inside another one is left out.
func (s Source) Quotes(show func(string) string) []string {
	var quotes []string
	for _, c := range s.Citations {
		quote := show(c.Quote)
		if quote == "" || slices.ContainsFunc(quotes, func(q string) bool { return strings.Contains(q, quote) }) {
			continue
		}
		quotes = append(quotes, quote)
	}
	return quotes
}
