package web

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/knowledge"
)

//go:embed openapi.yaml
var description []byte

// errorReply is what the API says of what cannot be.
type errorReply struct {
	Error errorView `json:"error"`
}

// errorView is in it.
type errorView struct {
	Kind    string `json:"kind"`                  // for programs
	Message string `json:"message"`               // for people
	Retry   bool   `json:"retry,omitempty"`       // the same words may be asked again later
	After   int    `json:"retry_after,omitempty"` // in how many seconds; 0 is unknown, or at once
}

// failureOf makes the API's view of a failure.
func failureOf(f bot.Failure) errorReply {
	return errorReply{errorView{string(f.Kind), f.Text, f.Retry, seconds(f.After)}}
}

// answerReply is an answer with what belongs to it.
type answerReply struct {
	Conversation string        `json:"conversation,omitempty"` // to ask on in
	Answer       answer.Answer `json:"answer"`
	Sources      []sourceReply `json:"sources"` // the first is [1]
	Link         string        `json:"link"`    // of the answer's page
}

// sourceReply is one paragraph of one revision that is cited.
type sourceReply struct {
	Address  string   `json:"address"`
	Revision string   `json:"revision"`
	Quotes   []string `json:"quotes"`
	Link     string   `json:"link"` // of its page, the quotes marked
}

// claimEvent is a claim that passed.
type claimEvent struct {
	Claim   answer.Claim `json:"claim"`
	Sources []int        `json:"sources"` // the numbers of what it cites
}

// documentReply is a document.
type documentReply struct {
	ID         string    `json:"id"`
	Title      string    `json:"title"`
	Collection string    `json:"collection"`
	URL        string    `json:"url"`
	Language   string    `json:"language"`
	Revision   string    `json:"revision"`
	Time       time.Time `json:"time"` // of the revision
	Paragraphs int       `json:"paragraphs"`
	Link       string    `json:"link"`
}

// writeJSON answers with an object.
func (w *Web) writeJSON(rw http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		w.log.ErrorContext(r.Context(), "web: encode", "path", r.URL.Path, "error", err)
		status, body = http.StatusInternalServerError, []byte(`{"error":{"kind":"broken","message":"Sorry, something broke here and was noted."}}`)
	}
	w.write(rw, r, status, "application/json; charset=utf-8", append(body, '\n'))
}

// readJSON reads the object that a request sends.
func readJSON(r *http.Request, into any) error {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind = strings.TrimSpace(kind); kind != "" && kind != "application/json" {
		return fault{http.StatusUnsupportedMediaType, "media_type", "Send application/json."}
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.Join(err, errMore)
	}
	if errors.As(err, new(*http.MaxBytesError)) {
		return unreadable(err)
	}
	return fault{http.StatusBadRequest, "unreadable", "What was sent is not the JSON that is wanted; /api/openapi.yaml describes it."}
}

var errMore = errors.New("more than one value")

// replyOf makes the API's view of an answer.
func replyOf(a answer.Answer, conversation string) answerReply {
	// What is empty is a list all the same, for programs that count.
	if a.Claims == nil {
		a.Claims = []answer.Claim{}
	}
	if a.Nearest == nil {
		a.Nearest = []answer.Nearest{}
	}
	if a.UnknownWords == nil {
		a.UnknownWords = []string{}
	}
	a.Trace = nil // the prompt is not for those who ask
	reply := answerReply{Conversation: conversation, Answer: a, Sources: []sourceReply{}, Link: "/a/" + a.ID}
	for i, s := range answer.Sources(a) {
		v := sourceOf(i+1, s)
		reply.Sources = append(reply.Sources, sourceReply{s.Address, s.Revision, v.Quotes, v.Link})
	}
	return reply
}

// apiAsk answers a question, whole or as it comes.
func (w *Web) apiAsk(rw http.ResponseWriter, r *http.Request) {
	var q question
	if err := readJSON(r, &q); err != nil {
		w.failed(rw, r, err)
		return
	}
	m, err := w.message(r, q)
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	if wantsEvents(r) {
		w.apiEvents(rw, r, m)
		return
	}
	w.unhurried(r.Context(), rw)
	t := &told{}
	if m, err = w.put(r.Context(), m, t); err != nil {
		w.failed(rw, r, err)
		return
	}
	if f := t.failure; f != nil {
		comeBack(rw, *f)
		w.writeJSON(rw, r, statusOf(*f), failureOf(*f))
		return
	}
	w.writeJSON(rw, r, http.StatusOK, replyOf(*t.answer, m.Conversation))
}

// apiEvents tells a program: that work is under way, each claim, and the answer or
// the failure.
func (w *Web) apiEvents(rw http.ResponseWriter, r *http.Request, m bot.Message) {
	s := w.stream(r.Context(), rw)
	defer s.end()
	// What cannot be sent any more is told by the request's context.
	_ = s.send("working", map[string]string{"conversation": m.Conversation})
	t := &told{claim: func(c answer.Claim, sources []answer.Source) error {
		e := claimEvent{Claim: c, Sources: []int{}}
		for i, source := range sources {
			if source.Cites(c) {
				e.Sources = append(e.Sources, i+1)
			}
		}
		return s.send("claim", e)
	}}
	m, err := w.put(r.Context(), m, t)
	switch {
	case err != nil:
		f, ok := asFault(err)
		if !ok {
			if r.Context().Err() != nil {
				return
			}
			w.log.ErrorContext(r.Context(), "web: question", "key", m.Key, "error", err)
			f = brokenHere
		}
		_ = s.send("failure", errorReply{errorView{Kind: f.kind, Message: f.message}})
	case t.failure != nil:
		_ = s.send("failure", failureOf(*t.failure))
	default:
		_ = s.send("answer", replyOf(*t.answer, m.Conversation))
	}
}

func documentOf(d knowledge.Document) documentReply {
	return documentReply{d.ID, d.Title, d.Collection, d.URL, d.Language, d.Revision.Digest, d.Revision.Time, d.Paragraphs, documentLink(d.ID)}
}

// apiDocuments lists the documents.
func (w *Web) apiDocuments(rw http.ResponseWriter, r *http.Request) {
	docs, err := w.documents(r.Context())
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	list := []documentReply{}
	for _, d := range docs {
		list = append(list, documentOf(d))
	}
	w.writeJSON(rw, r, http.StatusOK, map[string]any{"documents": list})
}

// textReply is a document in one revision, or a part of it.
type textReply struct {
	Document   documentReply    `json:"document"` // as it is now
	Revision   string           `json:"revision"`
	Current    bool             `json:"current"`
	Paragraphs []paragraphReply `json:"paragraphs"`
	Next       int              `json:"next"` // the paragraph to go on from; 0 at the end
}

// paragraphReply is one paragraph of it.
type paragraphReply struct {
	Number    int         `json:"number"`
	Kind      string      `json:"kind"`
	Headings  []string    `json:"headings"`
	Text      string      `json:"text"`
	Sentences []spanReply `json:"sentences"`
}

// spanReply is a span of UTF-8 bytes.
type spanReply struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// apiDocument tells of one document, and its text.
func (w *Web) apiDocument(rw http.ResponseWriter, r *http.Request) {
	want, err := readingOf(r)
	var reply textReply
	if err == nil {
		reply, err = w.readText(r.Context(), want)
	}
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	w.writeJSON(rw, r, http.StatusOK, reply)
}

func (w *Web) readText(ctx context.Context, want reading) (textReply, error) {
	t, err := w.find(ctx, want)
	if err != nil {
		return textReply{}, err
	}
	from := max(1, want.from)
	list, err := w.window(ctx, t, from, from+pageParagraphs)
	if err != nil {
		return textReply{}, err
	}
	reply := textReply{Document: documentOf(t.document), Revision: t.revision.Digest, Current: t.current, Paragraphs: []paragraphReply{}}
	if len(list) > pageParagraphs {
		list, reply.Next = list[:pageParagraphs], from+pageParagraphs
	}
	for _, p := range list {
		view := paragraphReply{Number: p.Number, Kind: string(p.Kind), Headings: append([]string{}, p.Headings...), Text: p.Text, Sentences: []spanReply{}}
		for _, s := range p.Sentences {
			view.Sentences = append(view.Sentences, spanReply(s))
		}
		reply.Paragraphs = append(reply.Paragraphs, view)
	}
	return reply, nil
}

// apiAnswer returns an answer as it was given.
func (w *Web) apiAnswer(rw http.ResponseWriter, r *http.Request) {
	a, err := w.answered(r.Context(), r.PathValue("id"))
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "text/markdown") {
		w.write(rw, r, http.StatusOK, "text/markdown; charset=utf-8", []byte(markdown(a, w.base(r))))
		return
	}
	if len(w.collections) > 0 { // what was dropped may say what is in other collections
		for i := range a.Account.Dropped {
			a.Account.Dropped[i].Text, a.Account.Dropped[i].Detail = "", ""
		}
	}
	w.writeJSON(rw, r, http.StatusOK, replyOf(a, ""))
}

// apiFeedback keeps what somebody thinks of an answer.
func (w *Web) apiFeedback(rw http.ResponseWriter, r *http.Request) {
	var f struct {
		Verdict string `json:"verdict"`
		Reason  string `json:"reason"`
		Text    string `json:"text"`
	}
	if err := readJSON(r, &f); err != nil {
		w.failed(rw, r, err)
		return
	}
	if err := w.verdict(r, r.PathValue("id"), f.Verdict, f.Reason, f.Text); err != nil {
		w.failed(rw, r, err)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

// apiDescription serves the description of this API.
func (w *Web) apiDescription(rw http.ResponseWriter, r *http.Request) {
	w.write(rw, r, http.StatusOK, "application/yaml", description)
}
