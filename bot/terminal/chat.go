package terminal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/knowledge"
)

// A Library is what a conversation can look up; *knowledge.Base is one.
type Library interface {
	Documents(ctx context.Context) ([]knowledge.Document, error)
	Passage(ctx context.Context, addr knowledge.Address, digest string, around int) (knowledge.Document, []knowledge.Paragraph, error)
}

// A Chat is a conversation in a terminal, or over a pipe: a line is a question
// or a command. Handler, Library, Lines and Renderer are required.
type Chat struct {
	Handler     bot.Handler
	Library     Library
	Lines       Lines
	Renderer    *Renderer
	Status      io.Writer // see NewStream
	Collections []string  // what is searched; empty means every collection

	// Interruptible derives the context of one answer, which Ctrl-C is to
	// cancel: signal.NotifyContext with os.Interrupt does. The context given
	// to Run must then not end at Ctrl-C. nil leaves Ctrl-C to that context.
	Interruptible func(context.Context) (context.Context, context.CancelFunc)
}

// around is how many neighbours /show gives a paragraph on either side.
const around = 1

// commands are what a line may be besides a question, as /help tells it.
func commands() [][2]string {
	return [][2]string{
		{"/sources", "the documents"},
		{"/show 1", "source [1] of the last answer, where it stands"},
		{"/show ADDRESS", "a paragraph by its address, as in alaska-summit#8"},
		{"/new", "forget the conversation"},
		{"/quit", "end, as Ctrl-D does"},
	}
}

// Run holds the conversation until its end: the end of the input or /quit
// (nil), ctx's error, or an error of reading or writing. A question that fails
// is answered by saying so, and the conversation goes on. Lines stays open.
func (c *Chat) Run(ctx context.Context) error {
	t := &talk{Chat: c, conversation: rand.Text()}
	if c.Lines.Interactive() {
		if err := t.note("Ask the documents. /help tells more, Ctrl-D ends."); err != nil {
			return err
		}
	}
	for {
		line, err := c.Lines.Next(ctx)
		switch {
		case errors.Is(err, ErrInterrupted):
			continue
		case errors.Is(err, io.EOF):
			if c.Lines.Interactive() { // the shell's prompt goes on a line of its own
				c.Renderer.blank()
			}
			return c.Renderer.flush("end")
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("read a question: %w", err)
		}
		line = strings.TrimSpace(line)
		switch command, argument, _ := strings.Cut(line, " "); {
		case line == "":
			continue
		case command == "/quit" || command == "/exit":
			return nil
		case strings.HasPrefix(line, "/"):
			err = t.command(ctx, command, strings.TrimSpace(argument))
		default:
			err = t.ask(ctx, line)
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// talk is the state of one conversation.
type talk struct {
	*Chat
	conversation string        // names it to the handler, which remembers its turns
	last         answer.Answer // the zero value before the first
	spoken       bool          // something was written
}

// say writes one thing, parted from what stands around it by blank lines.
func (t *talk) say(render func() error) error {
	interactive := t.Lines.Interactive()
	if t.spoken {
		t.Renderer.blank()
	}
	t.spoken = true
	if err := render(); err != nil {
		return err
	}
	if interactive {
		t.Renderer.blank()
	}
	return t.Renderer.flush("blank line")
}

func (t *talk) note(text string) error {
	return t.say(func() error { return t.Renderer.Note(text) })
}

func (t *talk) help() error {
	return t.say(func() error {
		r := t.Renderer
		r.block("", "", piece{text: "Ask what the documents may answer. A question may lean on the ones before it."})
		const width = 16
		for _, c := range commands() {
			r.block(r.paint(fit(c[0], width), bold), strings.Repeat(" ", width), piece{text: c[1]})
		}
		return r.flush("help")
	})
}

func (t *talk) ask(ctx context.Context, question string) error {
	asking, stop := t.interruptible(ctx)
	defer stop()
	stream := NewStream(t.Renderer, t.Status)
	message := bot.Message{
		Key: "terminal:" + rand.Text(), Surface: "terminal", Conversation: t.conversation, Text: question, Collections: t.Collections,
	}
	// What stands above an answer is parted from it, once there is something to say.
	stream.before = func() {
		if t.spoken {
			t.Renderer.blank()
		}
		t.spoken = true
	}
	err := t.Handler.HandleMessage(asking, message, stream)
	a, failure, ended := stream.Ended()
	switch {
	case ctx.Err() != nil:
		return stream.settle() // Run ends
	case !ended && asking.Err() != nil:
		return errors.Join(stream.settle(), t.note("Stopped. The conversation is kept."))
	case !ended:
		return errors.Join(stream.settle(), t.note(fmt.Sprintf("No answer: %v. The conversation is kept; ask again.", err)))
	}
	if failure == nil {
		t.last = a
	}
	if t.Lines.Interactive() {
		t.Renderer.blank()
	}
	return errors.Join(stream.err, t.Renderer.flush("blank line"))
}

func (t *talk) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.Interruptible == nil {
		return context.WithCancel(ctx)
	}
	return t.Interruptible(ctx)
}

func (t *talk) command(ctx context.Context, name, argument string) error {
	switch name {
	case "/help":
		return t.help()
	case "/new":
		t.conversation, t.last = rand.Text(), answer.Answer{}
		return t.note("A new conversation.")
	case "/sources":
		docs, err := t.Library.Documents(ctx)
		if err != nil {
			return t.note(fmt.Sprintf("The documents cannot be listed: %v.", err))
		}
		return t.say(func() error { return t.Renderer.Documents(docs) })
	case "/show":
		return t.show(ctx, argument)
	}
	return t.note(fmt.Sprintf("There is no command %s. /help lists them.", name))
}

func (t *talk) show(ctx context.Context, argument string) error {
	source, problem := t.source(ctx, argument)
	if problem != "" {
		return t.note(problem)
	}
	addr, err := knowledge.ParseAddress(source.Address)
	if err != nil {
		return t.note(err.Error())
	}
	doc, paragraphs, err := t.Library.Passage(ctx, addr, source.Revision, around)
	switch {
	case errors.Is(err, knowledge.ErrNotFound):
		return t.note(fmt.Sprintf("There is no paragraph %s. /sources lists the documents.", addr))
	case err != nil:
		return t.note(fmt.Sprintf("%s cannot be shown: %v.", addr, err))
	}
	return t.say(func() error {
		return t.Renderer.Passage(doc, source.Revision, paragraphs, addr.Paragraph, source.Spans())
	})
}

// source returns the source of the last answer that argument names by number
// or by address, or else the paragraph of that address with nothing cited. A
// number that is no source's is a paragraph's, as is ¶8, where there is one
// document. If argument names nothing, problem says so to the person.
func (t *talk) source(ctx context.Context, argument string) (source answer.Source, problem string) {
	if argument == "" {
		return answer.Source{}, "/show needs a source's number or an address: /show 1, /show alaska-summit#8."
	}
	sources := answer.Sources(t.last)
	bare := strings.Trim(argument, "[]¶#")
	if n, err := strconv.Atoi(bare); err == nil {
		if n >= 1 && n <= len(sources) && !strings.ContainsAny(argument, "¶#") {
			return sources[n-1], ""
		}
		if strings.Contains(argument, "[") {
			return answer.Source{}, fmt.Sprintf("The last answer has no source [%d].", n)
		}
		docs, err := t.Library.Documents(ctx)
		if err != nil {
			return answer.Source{}, fmt.Sprintf("The documents cannot be listed: %v.", err)
		}
		if len(docs) != 1 {
			return answer.Source{}, fmt.Sprintf("The last answer has no source [%d]. A paragraph is shown by its address: /show alaska-summit#8.", n)
		}
		return answer.Source{Address: knowledge.Address{Document: docs[0].ID, Paragraph: n}.String()}, ""
	}
	for _, s := range sources {
		if s.Address == argument {
			return s, ""
		}
	}
	return answer.Source{Address: argument}, ""
}
