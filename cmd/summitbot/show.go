package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"summitbot/knowledge"
)

// showFlags are the flags of "show".
type showFlags struct {
	around   int
	revision string
	marks    []string
	json     bool
}

func newShow(p *program) *cobra.Command {
	var o showFlags
	cmd := &cobra.Command{
		Use:   "show ADDRESS",
		Short: "Show a paragraph where it stands",
		Long: `Shows the paragraph at an address, as answers cite it, between its neighbours.
Of the document's name the beginning is enough, and where there is only one
document, so is the number.

An answer's JSON holds the revision that it cites and the start and end of the
cited words: with these, the paragraph is shown as it was, words marked.`,
		Example: `  summitbot show alaska-summit#8
  summitbot show 8 --mark "red line for Putin"
  summitbot show alaska-summit#8 --context 3 --revision 1f0c2a9b --mark 0:74`,
		GroupID:           groupAsk,
		Args:              arguments(1, 1, "an address such as alaska-summit#8"),
		ValidArgsFunction: p.completeDocuments("#"),
		RunE: interruptible(func(ctx context.Context, args []string) error {
			if o.around < 0 {
				return usage("--context %d: want 0 or more", o.around)
			}
			settings, err := p.settings()
			if err != nil {
				return err
			}
			return p.use(ctx, settings, reading, func(lib *library) error {
				return p.show(ctx, lib, args[0], o)
			})
		}),
	}
	cmd.Flags().IntVar(&o.around, "context", 1, "how many neighbours on either side")
	cmd.Flags().StringVar(&o.revision, "revision", "", "the `digest` of the revision to show, or its beginning (default the current one)")
	cmd.Flags().StringArrayVar(&o.marks, "mark", nil, "`words` to mark, or START:END in bytes; may be repeated")
	jsonFlag(cmd, &o.json, "print the passage as one JSON object")
	return cmd
}

// show prints the paragraph that a person means by name.
func (p *program) show(ctx context.Context, lib *library, name string, o showFlags) error {
	addr, err := lib.address(ctx, name)
	if err != nil {
		return err
	}
	digest, err := lib.revision(ctx, addr.Document, o.revision)
	if err != nil {
		return err
	}
	doc, paragraphs, err := lib.base.Passage(ctx, addr, digest, o.around)
	if errors.Is(err, knowledge.ErrNotFound) {
		err = fmt.Errorf("%w; %q lists the documents", err, "summitbot sources")
	}
	if err != nil {
		return err
	}
	digest = cmp.Or(digest, doc.Revision.Digest)
	focus := slices.IndexFunc(paragraphs, func(p knowledge.Paragraph) bool { return p.Number == addr.Paragraph })
	marks, err := findMarks(paragraphs[focus].Text, o.marks)
	if err != nil {
		return fmt.Errorf("%s: %w", addr, err)
	}
	if o.json {
		return p.printJSON(passageView{
			Document: viewDocument(doc), Revision: digest, Current: digest == doc.Revision.Digest,
			Address: addr.String(), Marks: viewSpans(marks),
			Paragraphs: each(paragraphs, func(p knowledge.Paragraph) paragraphView { return viewParagraph(doc.ID, p) }),
		})
	}
	return p.renderer().Passage(doc, digest, paragraphs, addr.Paragraph, marks)
}

// address reads what a person wrote for an address: as knowledge.ParseAddress,
// a bare number where there is one document, or the beginning of a document's
// name in any case.
func (l *library) address(ctx context.Context, s string) (knowledge.Address, error) {
	docs, err := l.base.Documents(ctx)
	if err != nil {
		return knowledge.Address{}, err
	}
	if number, err := strconv.Atoi(strings.TrimLeft(s, "#¶")); err == nil {
		switch {
		case number < 1:
			return knowledge.Address{}, usage("paragraph %d: they are numbered from 1", number)
		case len(docs) != 1:
			return knowledge.Address{}, usage("paragraph %d of which document? There are %d: write DOCUMENT#%d; %q lists them",
				number, len(docs), number, "summitbot sources")
		}
		return knowledge.Address{Document: docs[0].ID, Paragraph: number}, nil
	}
	addr, err := knowledge.ParseAddress(s)
	if err != nil {
		return knowledge.Address{}, usage("%w", err)
	}
	id, err := closestID(docs, addr.Document)
	if err != nil {
		return knowledge.Address{}, err
	}
	if id == "" {
		return addr, nil // it may have been deleted, and open by its revision
	}
	if id != addr.Document {
		fmt.Fprintf(l.stderr, "summitbot: there is no document %q; this is %s\n", addr.Document, id)
	}
	return knowledge.Address{Document: id, Paragraph: addr.Paragraph}, nil
}

// closestID returns the id that name stands for: itself, in another case, or
// the only one that it begins; "" if none. Several that it begins are an error.
func closestID(docs []knowledge.Document, name string) (string, error) {
	var same, longer []string
	for _, d := range docs {
		switch {
		case d.ID == name:
			return d.ID, nil
		case strings.EqualFold(d.ID, name):
			same = append(same, d.ID)
		case len(d.ID) > len(name) && strings.EqualFold(d.ID[:len(name)], name):
			longer = append(longer, d.ID)
		}
	}
	candidates := same
	if len(candidates) == 0 {
		candidates = longer
	}
	const shown = 5
	switch n := len(candidates); {
	case n == 0:
		return "", nil
	case n == 1:
		return candidates[0], nil
	case n > shown:
		candidates = append(candidates[:shown:shown], "...")
	}
	return "", usage("%q may be any of %s", name, strings.Join(candidates, ", "))
}

// revision returns the digest of the document's revision that begins with
// prefix; "" is "", the current one.
func (l *library) revision(ctx context.Context, document, prefix string) (string, error) {
	if prefix == "" {
		return "", nil
	}
	revisions, err := l.base.Revisions(ctx, document)
	if err != nil {
		return "", err
	}
	var found []string
	for _, r := range revisions {
		if strings.HasPrefix(r.Digest, strings.ToLower(prefix)) {
			found = append(found, r.Digest)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("revision %q of %q: %w", prefix, document, knowledge.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return "", usage("%s of %s begin with %q", count(len(found), "revision"), document, prefix)
}

var byteRange = regexp.MustCompile(`^(\d+):(\d+)$`)

// findMarks returns the spans of text that the flags --mark name.
func findMarks(text string, marks []string) ([]knowledge.Span, error) {
	var spans []knowledge.Span
	for _, mark := range marks {
		if m := byteRange.FindStringSubmatch(mark); m != nil {
			start, errStart := strconv.Atoi(m[1])
			end, errEnd := strconv.Atoi(m[2])
			if errStart != nil || errEnd != nil || start >= end || end > len(text) || !boundary(text, start) || !boundary(text, end) {
				return nil, usage("--mark %s: want START:END between 0 and %d, in bytes, at whole characters", mark, len(text))
			}
			spans = append(spans, knowledge.Span{Start: start, End: end})
			continue
		}
		found := occurrences(text, mark)
		if len(found) == 0 {
			return nil, fmt.Errorf("--mark: the paragraph does not contain %q", mark)
		}
		spans = append(spans, found...)
	}
	slices.SortFunc(spans, func(a, b knowledge.Span) int { return cmp.Compare(a.Start, b.Start) })
	return spans, nil
}

// boundary reports whether a character of text begins or ends at byte i.
func boundary(text string, i int) bool { return i == len(text) || utf8.RuneStart(text[i]) }

// occurrences returns where words stand in text, in any case and with any white
// space between them.
func occurrences(text, words string) []knowledge.Span {
	fields := strings.Fields(words)
	if len(fields) == 0 {
		return nil
	}
	for i, f := range fields {
		fields[i] = regexp.QuoteMeta(strings.ToValidUTF8(f, string(utf8.RuneError)))
	}
	pattern := regexp.MustCompile(`(?i)` + strings.Join(fields, `\s+`))
	return each(pattern.FindAllStringIndex(text, -1), func(at []int) knowledge.Span {
		return knowledge.Span{Start: at[0], End: at[1]}
	})
}
