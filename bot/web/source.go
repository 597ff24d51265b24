package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"summitbot/knowledge"
)

const (
	// pageParagraphs is how many paragraphs one page has at most: a book's chapter
	// opens at once, and a book is turned over.
	pageParagraphs = 1000
	// lead is how many paragraphs stand before the one that a page is opened at.
	lead = 20
	// revisionLetters is how many characters of a revision's digest are the fewest.
	revisionLetters = 8
	// mostMarks bounds the spans that a page marks.
	mostMarks = 64
	// around is how many neighbours a passage has on either side.
	around = 1
)

// documentPage is the page of a document.
type documentPage struct {
	head
	ID         string
	Name       string
	Collection string
	Original   string // where the document itself stands
	Link       string // to the page as it is now
	Revision   string // of the text shown, shortened
	Time       time.Time
	Older      bool // the text is not the current one
	Gone       bool // the document is not there any more
	Touched    bool // a marked paragraph is changed since
	Paragraphs []paragraphView
	Earlier    string // address of the page before, "" if there is none
	Later      string
}

// paragraphView is one paragraph of it.
type paragraphView struct {
	Number   int
	Kind     string
	Headings []headingView // above it, and not above the one before
	Pieces   []piece
	Cited    bool
	Link     string // to it
	Changed  bool   // since this revision
	Removed  bool   // likewise
	Added    bool   // it came since: there is only Now, and Parts
	Now      int    // its number now, if it is another; else 0
	Parts    []part // what is changed
}

// headingView is a heading with its level, from 2.
type headingView struct {
	Level int
	Text  string
}

// A piece is a part of a paragraph, cited or not.
type piece struct {
	Text string
	Mark bool
}

// A reading is what a request wants to see of a document.
type reading struct {
	document string
	revision string // the beginning of a digest; "" is the current one
	marks    map[int][]knowledge.Span
	first    int // the first marked paragraph, or the one asked for; 0 is none
	from     int // where the page begins; 0 is up to the rest
}

// readingOf reads a request.
func readingOf(r *http.Request) (reading, error) {
	want := reading{document: r.PathValue("document"), marks: map[int][]knowledge.Span{}}
	query := r.URL.Query()
	want.revision = query.Get("rev")
	if want.revision != "" && (len(want.revision) < revisionLetters || strings.Trim(want.revision, "0123456789abcdef") != "") {
		return want, fault{http.StatusBadRequest, "revision", "This is no revision: rev has at least eight of the characters 0-9 and a-f."}
	}
	var err error
	for _, name := range []string{"p", "from"} {
		n := 0
		if text := query.Get(name); text != "" {
			if n, err = strconv.Atoi(text); err != nil || n < 1 {
				return want, fault{http.StatusBadRequest, name, name + " is the number of a paragraph, from 1."}
			}
		}
		if name == "p" {
			want.first = n
		} else {
			want.from = n
		}
	}
	marks := 0
	for _, text := range query["mark"] {
		number, spans, ok := markOf(text)
		if marks += len(spans); !ok || marks > mostMarks {
			return want, fault{http.StatusBadRequest, "mark", "mark is a paragraph and the cited bytes in it, such as 7:0-120,180-240."}
		}
		want.marks[number] = append(want.marks[number], spans...)
		if want.first == 0 {
			want.first = number
		}
	}
	return want, nil
}

// markOf reads "7:0-120,180-240".
func markOf(text string) (number int, spans []knowledge.Span, ok bool) {
	left, right, ok := strings.Cut(text, ":")
	number, err := strconv.Atoi(left)
	if !ok || err != nil || number < 1 {
		return 0, nil, false
	}
	for _, span := range strings.Split(right, ",") {
		a, b, ok := strings.Cut(span, "-")
		start, err1 := strconv.Atoi(a)
		end, err2 := strconv.Atoi(b)
		if !ok || err1 != nil || err2 != nil || start < 0 || end <= start {
			return 0, nil, false
		}
		spans = append(spans, knowledge.Span{Start: start, End: end})
	}
	return number, spans, true
}

// A text is a document in one revision.
type text struct {
	document knowledge.Document // as it is now; of one that is gone only the id
	gone     bool
	revision knowledge.Revision
	current  bool
}

// find finds the document and the revision that are wanted, if pages may show them.
func (w *Web) find(ctx context.Context, want reading) (text, error) {
	doc, err := w.current(ctx, want.document)
	var t text
	switch {
	case err == nil && w.may(doc.Collection):
		t = text{document: doc, revision: doc.Revision, current: true}
	case errors.Is(err, knowledge.ErrNotFound) && len(w.collections) == 0 && want.revision != "":
		// Of which collection it was, nobody knows any more.
		t = text{document: knowledge.Document{ID: want.document, Title: want.document}, gone: true}
	case err == nil || errors.Is(err, knowledge.ErrNotFound):
		return text{}, notFound
	default:
		return text{}, err
	}
	if want.revision == "" || t.current && strings.HasPrefix(t.revision.Digest, want.revision) {
		return t, nil
	}
	all, err := w.library.Revisions(ctx, want.document)
	if errors.Is(err, knowledge.ErrNotFound) {
		return text{}, notFound
	}
	if err != nil {
		return text{}, err
	}
	j := slices.IndexFunc(all, func(r knowledge.Revision) bool { return strings.HasPrefix(r.Digest, want.revision) })
	if j < 0 {
		return text{}, notFound
	}
	t.revision, t.current = all[j], false
	return t, nil
}

// current returns a document as it is now. Every document has a first paragraph.
func (w *Web) current(ctx context.Context, id string) (knowledge.Document, error) {
	doc, _, err := w.library.Passage(ctx, knowledge.Address{Document: id, Paragraph: 1}, "", 0)
	return doc, err
}

// window returns the paragraphs of a text from one on, and the first of them that
// are not shown on either side.
func (w *Web) window(ctx context.Context, t text, from, to int) ([]knowledge.Paragraph, error) {
	middle := max(1, from)
	_, list, err := w.library.Passage(ctx, knowledge.Address{Document: t.document.ID, Paragraph: middle}, t.revision.Digest, to-middle)
	if errors.Is(err, knowledge.ErrNotFound) {
		return nil, notFound
	}
	return slices.DeleteFunc(slices.Clone(list), func(p knowledge.Paragraph) bool { return p.Number < from }), err
}

// source serves the page of a document, or the passage around one paragraph of it.
func (w *Web) source(rw http.ResponseWriter, r *http.Request) {
	want, err := readingOf(r)
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	name := "document"
	if r.URL.Query().Get("part") == "passage" {
		if name = "passage"; want.first == 0 {
			w.fail(rw, r, fault{http.StatusBadRequest, "p", "p is the number of a paragraph, from 1."})
			return
		}
	}
	page, err := w.read(r.Context(), want, name == "passage")
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	w.page(rw, r, http.StatusOK, name, page)
}

// read makes the page of a document, or only what is around its first mark.
func (w *Web) read(ctx context.Context, want reading, passage bool) (documentPage, error) {
	t, err := w.find(ctx, want)
	if err != nil {
		return documentPage{}, err
	}
	from := want.from
	if from == 0 {
		// What is asked for may be anywhere on a page; a fragment is known to the
		// browser only.
		if from = 1; want.first > pageParagraphs-lead {
			from = want.first - lead
		}
	}
	to := from + pageParagraphs // one more than is shown
	if passage {
		from, to = max(1, want.first-around), want.first+around
	}
	list, err := w.window(ctx, t, from, to)
	if err != nil {
		return documentPage{}, err
	}
	d := t.document
	page := documentPage{
		head: w.head(cmp.Or(d.Title, d.ID)), ID: d.ID, Name: cmp.Or(d.Title, d.ID), Collection: d.Collection, Link: documentLink(d.ID),
		Revision: shortened(t.revision.Digest), Time: t.revision.Time, Older: !t.current, Gone: t.gone,
	}
	if u, err := url.Parse(d.URL); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		page.Original = d.URL
	}
	if !passage {
		if from > 1 {
			page.Earlier = fmt.Sprintf("%s&from=%d", page.query(want), max(1, from-pageParagraphs))
		}
		if len(list) > pageParagraphs {
			list = list[:pageParagraphs]
			page.Later = fmt.Sprintf("%s&from=%d", page.query(want), from+pageParagraphs)
		}
	}
	page.Paragraphs = paragraphsOf(list, want.marks, page.query(want))
	if page.Older && !page.Gone && len(list) > 0 {
		edges := [2]bool{!passage && from == 1, !passage && page.Later == ""}
		if err := w.compare(ctx, &page, t, list, edges); err != nil {
			return documentPage{}, err
		}
	}
	return page, nil
}

func shortened(digest string) string { return digest[:min(len(digest), digestLetters)] }

// query returns the address of a page of this text, with a query that more can be
// added to.
func (p documentPage) query(want reading) string {
	query := url.Values{"rev": {p.Revision}}
	for number, spans := range want.marks {
		var marks []string
		for _, s := range spans {
			marks = append(marks, fmt.Sprintf("%d-%d", s.Start, s.End))
		}
		query.Add("mark", fmt.Sprintf("%d:%s", number, strings.Join(marks, ",")))
	}
	slices.Sort(query["mark"])
	return documentLink(p.ID) + "?" + query.Encode()
}

// paragraphsOf makes views of paragraphs, with spans of them marked.
func paragraphsOf(list []knowledge.Paragraph, marks map[int][]knowledge.Span, page string) []paragraphView {
	var views []paragraphView
	var above []string
	for _, p := range list {
		spans := marks[p.Number]
		v := paragraphView{
			Number: p.Number, Kind: string(p.Kind), Pieces: pieces(p.Text, spans), Cited: len(spans) > 0,
			Link: fmt.Sprintf("%s#p%d", page, p.Number),
		}
		for i, h := range p.Headings {
			if i >= len(above) || above[i] != h || len(v.Headings) > 0 {
				v.Headings = append(v.Headings, headingView{min(i+2, 6), h})
			}
		}
		above = p.Headings
		views = append(views, v)
	}
	return views
}

// pieces cuts a text where marks begin and end. Spans that do not fit it, because
// somebody wrote the address by hand, are cut down to what does.
func pieces(text string, spans []knowledge.Span) []piece {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b knowledge.Span) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	var out []piece
	at := 0
	add := func(to int, mark bool) {
		if to > at {
			out = append(out, piece{text[at:to], mark})
			at = to
		}
	}
	for _, s := range spans {
		start, end := boundary(text, s.Start), boundary(text, s.End)
		add(max(at, start), false)
		add(max(at, end), true)
	}
	add(len(text), false)
	return out
}

// boundary returns the beginning of the character that byte i is in.
func boundary(text string, i int) int {
	if i >= len(text) {
		return len(text)
	}
	for i > 0 && text[i]&0xC0 == 0x80 {
		i--
	}
	return i
}

// strayed is how many paragraphs before and behind a page are looked at for what
// became of its own.
const strayed = 200

// compare says of each paragraph of an earlier revision what became of it, and puts
// between them those that came. edges says whether list begins and ends as the
// document does: what came beyond is not known to belong to it else.
func (w *Web) compare(ctx context.Context, page *documentPage, t text, list []knowledge.Paragraph, edges [2]bool) error {
	now, total := text{document: t.document, revision: t.document.Revision}, t.document.Paragraphs
	from := max(1, min(list[0].Number, total)-strayed) // it may be shorter now
	to := list[len(list)-1].Number + strayed
	if edges[1] {
		to = max(to, min(total, to+pageParagraphs))
	}
	after, err := w.window(ctx, now, from, to)
	if err != nil {
		return err
	}
	page.Paragraphs = became(page.Paragraphs, list, after, edges)
	for _, v := range page.Paragraphs {
		page.Touched = page.Touched || v.Cited && (v.Changed || v.Removed)
	}
	return nil
}

// became returns views of the paragraphs before with what became of each, and of
// those among after that came.
func became(views []paragraphView, before, after []knowledge.Paragraph, edges [2]bool) []paragraphView {
	fate, came := map[int]change{}, map[int]change{} // by the old number, and by the new one
	byText := map[string]int{}                       // new numbers of those that came
	for _, c := range changesOf(before, after) {
		if c.Old > 0 {
			fate[c.Old] = c
			continue
		}
		came[c.New] = c
		byText[c.Parts[0].Text] = c.New
	}
	moved := map[int]bool{} // new numbers of what went here and came there
	var out []paragraphView
	j := 0
	arrive := func(show bool) {
		for ; j < len(after) && came[after[j].Number].New > 0; j++ {
			if n := after[j].Number; show && !moved[n] {
				out = append(out, paragraphView{Added: true, Kind: string(after[j].Kind), Now: n, Parts: came[n].Parts})
			}
		}
	}
	for _, p := range before {
		if c, is := fate[p.Number]; is && c.New == 0 && byText[p.Text] > 0 {
			moved[byText[p.Text]] = true
		}
	}
	met := false // something that stands in both
	for i, v := range views {
		c, is := fate[before[i].Number]
		if is && c.New == 0 {
			v.Now = byText[before[i].Text]
			v.Removed = v.Now == 0
			out = append(out, v)
			continue
		}
		arrive(met || edges[0])
		met = true
		v.Changed, v.Parts = is, c.Parts
		if j < len(after) { // it always is: what is in both is in after
			if n := after[j].Number; n != v.Number {
				v.Now = n
			}
			j++
		}
		out = append(out, v)
	}
	arrive(edges[1])
	return out
}

// since reports whether the words that a citation quotes are not there any more, in
// any paragraph of the current revision near the cited one.
func (w *Web) since(ctx context.Context, address, revision string, spans []knowledge.Span) (bool, error) {
	a, err := knowledge.ParseAddress(address)
	if err != nil {
		return false, nil //nolint:nilerr // what was stored under an odd address cannot have changed
	}
	page, err := w.read(ctx, reading{document: a.Document, revision: shortened(revision), marks: map[int][]knowledge.Span{a.Paragraph: spans}, first: a.Paragraph}, true)
	if errors.As(err, new(fault)) {
		return true, nil
	}
	return page.Touched || page.Gone, err
}
