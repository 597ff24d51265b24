package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"summitbot/bot/answer"
	"summitbot/knowledge"
)

const (
	// freshFor is how long a look at the documents is good for: those who ask do so
	// every ten seconds and more, and what broke is known half a minute later.
	freshFor = 30 * time.Second
	// canaryTime bounds a look: a question takes milliseconds, and over ten thousand
	// documents a tenth of a second. Whoever asks after health waits for four seconds.
	canaryTime = 3 * time.Second
	// asked is how many sentences of how many documents are asked back before they are
	// said to be broken: one may be nothing but words that are everywhere.
	asked = 3
	// longestAsked is the longest sentence that is asked back, in characters, if there
	// is a choice; longer ones are tables that were taken for a sentence.
	longestAsked = 300
	// around is how many paragraphs the sentence is chosen from.
	around = 20
)

// Documents are what is answered from; *knowledge.Base is one.
type Documents interface {
	answer.Retriever
	Documents(ctx context.Context) ([]knowledge.Document, error)
	Passage(ctx context.Context, at knowledge.Address, digest string, around int) (knowledge.Document, []knowledge.Paragraph, error)
}

// A look is what was seen of the documents.
type look struct {
	at                    time.Time
	took                  time.Duration
	documents, paragraphs int
	err                   error // why no question would be answered, nil if it would
}

// A canary asks a question whose answer is known: a sentence of the first documents,
// which the offline answerer must find where it stands. It goes through the store, the
// index, the ranking and the answerer, and past the journal.
type canary struct {
	docs    Documents
	offline *answer.Extractive
	now     func() time.Time

	mu   sync.Mutex // held during a look, so that many who ask cause one
	last look
}

func newCanary(docs Documents, now func() time.Time) *canary {
	return &canary{docs: docs, offline: answer.NewExtractive(docs, now), now: now}
}

// look returns what is to be seen, at most freshFor old. It does not end with a
// visitor that goes away: the next one has use for it.
func (c *canary) look(ctx context.Context) look {
	c.mu.Lock()
	defer c.mu.Unlock()
	started := c.now()
	if !c.last.at.IsZero() && started.Sub(c.last.at) < freshFor {
		return c.last
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), canaryTime)
	defer stop()
	seen := look{at: started}
	docs, err := c.docs.Documents(ctx)
	if err != nil {
		seen.err = fmt.Errorf("read the documents: %w", err)
	} else {
		seen.documents = len(docs)
		for _, d := range docs {
			seen.paragraphs += d.Paragraphs
		}
		seen.err = c.sing(ctx, docs)
	}
	seen.took = c.now().Sub(started)
	c.last = seen
	return seen
}

// sing asks for sentences of the first documents until one is found.
func (c *canary) sing(ctx context.Context, docs []knowledge.Document) error {
	docs = slices.DeleteFunc(slices.Clone(docs), func(d knowledge.Document) bool { return d.Paragraphs == 0 })
	if len(docs) == 0 {
		return errors.New("there are no documents")
	}
	var first error
	for _, d := range docs[:min(asked, len(docs))] {
		err := c.singOf(ctx, d.ID)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// singOf asks for sentences of one document until one is found.
func (c *canary) singOf(ctx context.Context, document string) error {
	_, paragraphs, err := c.docs.Passage(ctx, knowledge.Address{Document: document, Paragraph: 1}, "", around)
	if err != nil {
		return fmt.Errorf("read document %q: %w", document, err)
	}
	err = errors.New("it has none")
	for _, sentence := range questions(paragraphs) {
		if err = c.ask(ctx, sentence); err == nil {
			return nil
		}
	}
	return fmt.Errorf("a sentence of document %q, asked back: %w", document, err)
}

// questions returns the sentences that say most, the longest first.
func questions(paragraphs []knowledge.Paragraph) []string {
	var out []string
	for _, p := range paragraphs {
		for _, s := range p.Sentences {
			out = append(out, p.Text[s.Start:s.End])
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		long := func(s string) int {
			if n := utf8.RuneCountInString(s); n <= longestAsked {
				return -n
			}
			return len(s) // after the others, the shortest first
		}
		return cmp.Compare(long(a), long(b))
	})
	return out[:min(asked, len(out))]
}

// ask asks for a sentence. It must be found, if only as a near miss, and whatever is
// quoted must stand where the answer says.
func (c *canary) ask(ctx context.Context, sentence string) error {
	a, err := c.offline.Answer(ctx, answer.Question{Text: sentence}, nil)
	if err != nil {
		return err
	}
	found := slices.ContainsFunc(a.Nearest, func(n answer.Nearest) bool { return n.Text == sentence })
	for _, claim := range a.Claims {
		for _, cited := range claim.Citations {
			if err := c.stands(ctx, cited); err != nil {
				return err
			}
			found = found || cited.Quote == sentence
		}
	}
	if !found {
		return errors.New("it was not found")
	}
	return nil
}

// stands reads a citation in the store.
func (c *canary) stands(ctx context.Context, cited answer.Citation) error {
	at, err := knowledge.ParseAddress(cited.Address)
	if err != nil {
		return err
	}
	_, paragraphs, err := c.docs.Passage(ctx, at, cited.Revision, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", cited.Address, err)
	}
	for _, p := range paragraphs {
		if p.Number == at.Paragraph && cited.End <= len(p.Text) && p.Text[cited.Start:cited.End] == cited.Quote {
			return nil
		}
	}
	return fmt.Errorf("what %s was quoted with does not stand there", cited.Address)
}
