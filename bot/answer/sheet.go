package answer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"summitbot/knowledge"
)

// Documents is what the engine reads; *knowledge.Base is one.
type Documents interface {
	Retriever
	Passage(ctx context.Context, addr knowledge.Address, digest string, around int) (knowledge.Document, []knowledge.Paragraph, error)
	Whole(ctx context.Context, collections []string, limit int) ([]knowledge.IndexDocument, bool, error)
}

// A sheet is the paragraphs that a model is shown, numbered from 1.
type sheet struct {
	pages []page
	text  string // as the model sees it
	whole bool   // it holds all that was searched
}

// A page is one paragraph of a sheet.
type page struct {
	document  knowledge.Document
	paragraph knowledge.Paragraph
}

// A place is one sentence of a sheet, both counted from 0.
type place struct{ page, sentence int }

func (s *sheet) has(p place) bool {
	return p.page >= 0 && p.page < len(s.pages) && p.sentence >= 0 && p.sentence < len(s.pages[p.page].paragraph.Sentences)
}

// sentence returns the text of a sentence, as stored.
func (s *sheet) sentence(p place) string {
	paragraph := &s.pages[p.page].paragraph
	span := paragraph.Sentences[p.sentence]
	return paragraph.Text[span.Start:span.End]
}

// language is that of the document which a sentence is from.
func (s *sheet) language(p place) string { return s.pages[p.page].document.Language }

// sentences lists every sentence of the sheet.
func (s *sheet) sentences() []place {
	var out []place
	for i := range s.pages {
		for j := range s.pages[i].paragraph.Sentences {
			out = append(out, place{i, j})
		}
	}
	return out
}

// How a sheet is filled.
const (
	// ranked is how many hits are asked for. Six thousand tokens hold some forty
	// paragraphs of news, and the right one is among the best ten in 98 % of the
	// SQuAD questions.
	ranked = 40
	// beside is to how many of the best hits the paragraphs before and after are
	// added: "he" is there, and so is what a paragraph goes on with.
	beside = 6
	// bytesPerToken is what a token has at least in the languages that take most
	// of them, less a margin; only to see early what cannot fit.
	bytesPerToken = 5
	// perSentence is what a sentence's number and its place in the sheet take, in
	// tokens: "[12.3] " has seven with every tokenizer that was tried.
	perSentence = 7
)

// makeSheet chooses what the model sees: all that was searched, in reading order,
// if it fits into budget tokens, so that no search can miss anything; else the
// best hits with their neighbours, as many as fit.
func makeSheet(ctx context.Context, docs Documents, collections []string, r knowledge.Result, budget int, estimate func(string) int) (*sheet, error) {
	whole, ok, err := docs.Whole(ctx, collections, budget*bytesPerToken)
	if err != nil {
		return nil, err
	}
	if ok {
		s := &sheet{whole: true}
		for _, d := range whole {
			for _, p := range d.Paragraphs {
				s.pages = append(s.pages, page{d.Document, p})
			}
		}
		s.text = s.render()
		if estimate(s.text) <= budget {
			return s, nil
		}
	}
	return bestPages(ctx, docs, r, budget, estimate)
}

// bestPages fills a sheet with hits and their neighbours.
func bestPages(ctx context.Context, docs Documents, r knowledge.Result, budget int, estimate func(string) int) (*sheet, error) {
	taken := map[knowledge.Address]bool{}
	order := map[string]int{} // of documents, by their best hit
	var pages []page
	used := 0
	add := func(d knowledge.Document, p knowledge.Paragraph) bool {
		addr := knowledge.Address{Document: d.ID, Paragraph: p.Number}
		if taken[addr] {
			return true
		}
		cost := estimate(escape(p.Text)) + perSentence*len(p.Sentences)
		if _, met := order[d.ID]; !met {
			cost += estimate(d.Title) + 2*perSentence
		}
		for _, h := range p.Headings {
			cost += estimate(h)
		}
		if used+cost > budget {
			return false
		}
		used += cost
		taken[addr] = true
		if _, met := order[d.ID]; !met {
			order[d.ID] = len(order)
		}
		pages = append(pages, page{d, p})
		return true
	}
	for i, h := range r.Hits {
		if !add(h.Document, h.Paragraph) {
			continue // a shorter one may still fit
		}
		if i >= beside {
			continue
		}
		_, around, err := docs.Passage(ctx, h.Address(), h.Document.Revision.Digest, 1)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", h.Address(), err)
		}
		for _, p := range around {
			add(h.Document, p)
		}
	}
	slices.SortFunc(pages, func(a, b page) int {
		return cmp.Or(cmp.Compare(order[a.document.ID], order[b.document.ID]), cmp.Compare(a.paragraph.Number, b.paragraph.Number))
	})
	s := &sheet{pages: pages}
	s.text = s.render()
	return s, nil
}

// render writes a sheet as the model sees it.
func (s *sheet) render() string {
	var b strings.Builder
	for i := range s.pages {
		d, p := &s.pages[i].document, &s.pages[i].paragraph
		first := i == 0 || s.pages[i-1].document.ID != d.ID
		if first {
			if i > 0 {
				b.WriteString("</document>\n")
			}
			fmt.Fprintf(&b, "<document title=\"%s\">\n", strings.ReplaceAll(escape(d.Title), `"`, "&quot;"))
		} else if p.Number != s.pages[i-1].paragraph.Number+1 {
			b.WriteString("...\n")
		}
		for j, h := range p.Headings {
			if first || j >= len(s.pages[i-1].paragraph.Headings) || s.pages[i-1].paragraph.Headings[j] != h {
				fmt.Fprintf(&b, "%s %s\n", strings.Repeat("#", min(j+1, 6)), escape(h))
			}
		}
		for j := range p.Sentences {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString("[" + number(place{i, j}) + "] ")
			b.WriteString(escape(s.sentence(place{i, j})))
		}
		b.WriteByte('\n')
	}
	if len(s.pages) > 0 {
		b.WriteString("</document>\n")
	}
	return b.String()
}

// number is how a sentence is numbered for the model.
func number(p place) string {
	return strconv.Itoa(p.page+1) + "." + strconv.Itoa(p.sentence+1)
}

// escape makes one line of a text that cannot close or open a delimiter. What is
// shown to people comes from the store, so nothing is lost by it.
func escape(text string) string {
	return escapes.Replace(strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085'
	}), " "))
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// locate reads references as models write them: "7.2", "[7.2]", "¶7", "7.2-7.4",
// "7.2, 8.1". A reference to a whole paragraph stands for all its sentences.
// bad holds those that are not in the sheet.
func (s *sheet) locate(refs []string) (found []place, bad []string) {
	seen := map[place]bool{}
	add := func(p place) {
		if !seen[p] {
			seen[p] = true
			found = append(found, p)
		}
	}
	for _, ref := range refs {
		for _, part := range strings.FieldsFunc(ref, func(r rune) bool { return strings.ContainsRune(",; []【】()¶\"", r) }) {
			from, to, isRange := strings.Cut(strings.NewReplacer("–", "-", "—", "-").Replace(part), "-")
			first, firstWhole, ok := parsePlace(from)
			last, lastWhole := first, firstWhole
			if ok && isRange {
				if !strings.Contains(to, ".") && !firstWhole {
					to = strconv.Itoa(first.page+1) + "." + to // 7.2-4
				}
				last, lastWhole, ok = parsePlace(to)
			}
			if ok && firstWhole {
				first.sentence = 0
			}
			if ok && lastWhole && last.page >= 0 && last.page < len(s.pages) {
				last.sentence = len(s.pages[last.page].paragraph.Sentences) - 1
			}
			if !ok || !s.has(first) || !s.has(last) {
				bad = append(bad, part)
				continue
			}
			for p := first; p.page < last.page || p.page == last.page && p.sentence <= last.sentence; {
				add(p)
				if p.sentence++; !s.has(p) {
					p = place{p.page + 1, 0}
				}
			}
		}
	}
	slices.SortFunc(found, byPlace)
	return found, bad
}

func byPlace(a, b place) int {
	return cmp.Or(cmp.Compare(a.page, b.page), cmp.Compare(a.sentence, b.sentence))
}

// parsePlace reads "7.2" or "7", then whole.
func parsePlace(s string) (p place, whole, ok bool) {
	first, second, dotted := strings.Cut(s, ".")
	n, err := strconv.Atoi(first)
	if err != nil {
		return place{}, false, false
	}
	if !dotted {
		return place{page: n - 1}, true, true
	}
	m, err := strconv.Atoi(second)
	return place{n - 1, m - 1}, false, err == nil
}

// cite makes citations of sentences: one for each run of neighbours in a
// paragraph, in reading order.
func (s *sheet) cite(at []place) []Citation {
	var out []Citation
	for i := 0; i < len(at); {
		j := i + 1
		for j < len(at) && at[j].page == at[i].page && at[j].sentence == at[j-1].sentence+1 {
			j++
		}
		p := &s.pages[at[i].page]
		start := p.paragraph.Sentences[at[i].sentence].Start
		end := p.paragraph.Sentences[at[j-1].sentence].End
		out = append(out, Citation{
			Address:  knowledge.Address{Document: p.document.ID, Paragraph: p.paragraph.Number}.String(),
			Revision: p.document.Revision.Digest, Quote: p.paragraph.Text[start:end],
			Heading: p.paragraph.Heading(), Title: p.document.Title, URL: p.document.URL,
			Collection: p.document.Collection, Start: start, End: end,
		})
		i = j
	}
	return out
}
