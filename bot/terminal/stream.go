package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// A Stream shows what becomes of one question as it happens: it is the bot's
// Responder for a terminal. Claims are written as they come, and the answer adds
// what belongs under them.
type Stream struct {
	renderer *Renderer
	status   io.Writer // a terminal that tells what is done meanwhile; nil is none
	before   func()    // called once, before anything is written; may be nil

	waiting bool          // the status stands there
	begun   bool          // something was written
	told    answer.Answer // with the claims written so far
	ended   bool
	result  answer.Answer
	failure *bot.Failure
	err     error // of writing
}

var _ bot.Responder = (*Stream)(nil)

// NewStream returns a stream onto r. status, if not nil, is a terminal on which
// one line tells that work is under way while there is nothing else to show.
func NewStream(r *Renderer, status io.Writer) *Stream { return &Stream{renderer: r, status: status} }

// Working implements bot.Responder.
func (s *Stream) Working(context.Context) error {
	if s.status == nil {
		return nil
	}
	s.waiting = true
	_, err := fmt.Fprint(s.status, "reading ...")
	return err
}

// settle takes the status away.
func (s *Stream) settle() error {
	if !s.waiting {
		return nil
	}
	s.waiting = false
	_, err := fmt.Fprint(s.status, "\r\x1b[K")
	return err
}

// write settles, and writes what render renders.
func (s *Stream) write(what string, render func()) error {
	err := s.settle()
	if !s.begun && s.before != nil {
		s.before()
	}
	s.begun = true
	render()
	err = errors.Join(err, s.renderer.flush(what))
	s.err = errors.Join(s.err, err)
	return err
}

// Claim implements bot.Responder.
func (s *Stream) Claim(_ context.Context, c answer.Claim) error {
	s.told.Claims = append(s.told.Claims, c)
	// The numbers of sources count first uses, so what is yet to come changes none.
	return s.write("claim", func() { s.renderer.claim(c, answer.Sources(s.told)) })
}

// Answer implements bot.Responder.
func (s *Stream) Answer(_ context.Context, a answer.Answer) error {
	s.result, s.ended = a, true
	return s.write("answer", func() { s.renderer.rest(a, len(s.told.Claims)) })
}

// Failure implements bot.Responder.
func (s *Stream) Failure(_ context.Context, f bot.Failure) error {
	s.failure, s.ended = &f, true
	return s.write("failure", func() {
		if len(s.told.Claims) > 0 {
			s.renderer.blank()
		}
		s.renderer.block("", "", piece{text: flow(f.Text)})
	})
}

// Fail ends the stream in a failure that is told elsewhere.
func (s *Stream) Fail(f bot.Failure) {
	s.failure, s.ended = &f, true
	s.err = errors.Join(s.err, s.settle())
}

// Ended returns how the question ended: in an answer, or in a failure. ended is
// false if neither was told.
func (s *Stream) Ended() (a answer.Answer, failure *bot.Failure, ended bool) {
	return s.result, s.failure, s.ended
}

// Err returns what went wrong with writing.
func (s *Stream) Err() error { return s.err }
