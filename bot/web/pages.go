package web

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/knowledge"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// An asset is a file that pages load.
type asset struct {
	body []byte
	kind string // its media type
	link string // its address, which changes with its content
}

// pages render the templates.
type pages struct {
	templates *template.Template
	assets    map[string]asset // by name
}

// newPages reads the embedded files; a mistake in them is one of the program, which
// no test would let pass.
func newPages() pages {
	p := pages{template.Must(template.ParseFS(templateFiles, "templates/*.html")), map[string]asset{}}
	entries, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		body, err := fs.ReadFile(assetFiles, "assets/"+e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		p.assets[e.Name()] = asset{body, mediaType(e.Name()), "/assets/" + e.Name() + "?v=" + hex.EncodeToString(sum[:6])}
	}
	return p
}

// mediaType is by name, and not by what the machine's tables say: pages are served
// with nosniff, and a style sheet of another type would not be taken.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// render makes the HTML of a template.
func (p pages) render(name string, view any) (string, error) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, view); err != nil {
		return "", fmt.Errorf("page %s: %w", name, err)
	}
	return neutral(b.String()), nil
}

// head makes what every page has.
func (w *Web) head(title string) head {
	return head{Title: titleOf(title), Style: w.show.assets["style.css"].link, App: w.show.assets["app.js"].link, Icon: w.show.assets["icon.svg"].link}
}

// page answers with a page.
func (w *Web) page(rw http.ResponseWriter, r *http.Request, status int, name string, view any) {
	html, err := w.show.render(name, view)
	if err != nil {
		w.log.ErrorContext(r.Context(), "web: render", "page", name, "error", err)
		http.Error(rw, brokenHere.message, http.StatusInternalServerError)
		return
	}
	w.write(rw, r, status, "text/html; charset=utf-8", []byte(html))
}

// write answers with a body, in pieces that a slow client has time for.
func (w *Web) write(rw http.ResponseWriter, r *http.Request, status int, kind string, body []byte) {
	rw.Header().Set("Content-Type", kind)
	rw.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	const piece = 256 << 10
	for len(body) > 0 {
		n := min(len(body), piece)
		w.alive(r.Context(), rw)
		if _, err := rw.Write(body[:n]); err != nil {
			return // it has gone
		}
		body = body[n:]
	}
}

// deadline is when a client has to have taken what is written next. It is the
// machine's clock that connections go by.
func (*Web) deadline() time.Time { return time.Now().Add(writeTime) }

// asFault returns what is to be said of an error, if that is known.
func asFault(err error) (fault, bool) {
	var f fault
	if errors.As(err, &f) {
		return f, true
	}
	if errors.Is(err, errNotThere) {
		return notFound, true
	}
	return fault{}, false
}

// alias stands for somebody's address in limits and in the journal, which is to
// know only that two questions are one person's. It holds for one start.
func (w *Web) alias(address string) string {
	mac := hmac.New(sha256.New, w.secret[:])
	mac.Write([]byte(address))
	return "visitor-" + hex.EncodeToString(mac.Sum(nil)[:6])
}

// routes are the addresses.
func (w *Web) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /{$}":                         w.askForm,
		"POST /{$}":                        w.askPage,
		"GET /documents":                   w.documentsPage,
		"GET /d/{document...}":             w.source,
		"GET /a/{id}":                      w.answerPage,
		"POST /a/{id}/feedback":            w.feedbackPage,
		"GET /assets/{name}":               w.asset,
		"GET /favicon.ico":                 w.icon,
		"GET /robots.txt":                  w.robots,
		"POST /api/ask":                    w.apiAsk,
		"GET /api/documents":               w.apiDocuments,
		"GET /api/documents/{document...}": w.apiDocument,
		"GET /api/answers/{id}":            w.apiAnswer,
		"POST /api/answers/{id}/feedback":  w.apiFeedback,
		"GET /api/openapi.yaml":            w.apiDescription,
	} {
		mux.HandleFunc(pattern, handler)
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(rw, r)
			return
		}
		w.elsewhere(rw, r, mux)
	})
}

// elsewhere answers what no route is for, in our own words.
func (w *Web) elsewhere(rw http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		w.fail(rw, r, notFound)
		return
	}
	rw.Header().Set("Allow", strings.Join(allowed, ", "))
	w.fail(rw, r, fault{http.StatusMethodNotAllowed, "method", "This address is for " + strings.Join(allowed, " or ") + "."})
}

const (
	// examplesMost is how many examples are offered.
	examplesMost = 4
	// headingsIn is in how many paragraphs of a document headings are looked for, and
	// documentsIn in how many documents.
	headingsIn, documentsIn = 60, 40
)

// examples returns what can be asked about: headings of the documents, of which a
// question mark makes questions.
func (w *Web) examples(ctx context.Context, docs []knowledge.Document) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for _, d := range docs[:min(len(docs), documentsIn)] {
		if d.Paragraphs == 0 {
			continue
		}
		_, list, err := w.library.Passage(ctx, knowledge.Address{Document: d.ID, Paragraph: 1}, "", min(d.Paragraphs, headingsIn))
		if errors.Is(err, knowledge.ErrNotFound) {
			continue // it was there a moment ago
		}
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			// The outermost heading is as a rule the document's title.
			h := strings.Join(strings.Fields(p.Heading()), " ")
			if h == "" || h == d.Title || seen[h] {
				continue
			}
			seen[h] = true
			if out = append(out, strings.TrimRight(h, "? ")); len(out) == examplesMost {
				return out, nil
			}
		}
	}
	return out, nil
}

// askForm serves the page to ask on.
func (w *Web) askForm(rw http.ResponseWriter, r *http.Request) {
	docs, err := w.documents(r.Context())
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	v := askView{head: w.head("summitbot")}
	if v.Examples, err = w.examples(r.Context(), docs); err != nil {
		w.failed(rw, r, err)
		return
	}
	v.Documents, v.Paragraphs = namesOf(docs)
	w.page(rw, r, http.StatusOK, "ask", v)
}

// pageDocuments is how many documents one page lists.
const pageDocuments = 500

// documentsPage serves the list of all documents.
func (w *Web) documentsPage(rw http.ResponseWriter, r *http.Request) {
	docs, err := w.documents(r.Context())
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	from := 0
	if text := r.URL.Query().Get("from"); text != "" {
		if from, err = strconv.Atoi(text); err != nil || from < 0 || from >= max(1, len(docs)) {
			w.fail(rw, r, notFound)
			return
		}
	}
	v := askView{head: w.head("Documents")}
	v.Documents, v.Paragraphs = namesOf(docs)
	if from > 0 {
		v.Earlier = fmt.Sprintf("/documents?from=%d", max(0, from-pageDocuments))
	}
	if from+pageDocuments < len(docs) {
		v.Later = fmt.Sprintf("/documents?from=%d", from+pageDocuments)
	}
	v.Documents = v.Documents[from:min(len(docs), from+pageDocuments)]
	w.page(rw, r, http.StatusOK, "documents", v)
}

// answerPage serves an answer as it was given, or as Markdown.
func (w *Web) answerPage(rw http.ResponseWriter, r *http.Request) {
	a, err := w.answered(r.Context(), r.PathValue("id"))
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	if r.URL.Query().Get("format") == "markdown" {
		w.write(rw, r, http.StatusOK, "text/markdown; charset=utf-8", []byte(markdown(a, w.base(r))))
		return
	}
	conversation, err := w.goesOn(r, a.ID)
	if err != nil {
		w.failed(rw, r, err)
		return
	}
	v := w.answerOf(a, conversation)
	v.Rated = r.URL.Query().Has("rated")
	for i, s := range answer.Sources(a) {
		if v.Sources[i].Changed, err = w.since(r.Context(), s.Address, s.Revision, s.Spans()); err != nil {
			w.failed(rw, r, err)
			return
		}
	}
	w.page(rw, r, http.StatusOK, "answerpage", v)
}

// goesOn returns the conversation of an answer for whoever had it here, and for
// nobody else: what they asked before is not for all to whom they give the link.
func (w *Web) goesOn(r *http.Request, id string) (string, error) {
	m, _, err := w.record.Message(r.Context(), id)
	switch {
	case errors.Is(err, bot.ErrUnknown):
		return "", nil
	case err != nil || m.Surface != surface || m.User != w.alias(w.person(r)):
		return "", err
	}
	return m.Conversation, nil
}

// base returns the address that links begin with where they leave the page.
func (w *Web) base(r *http.Request) string {
	if w.public != nil {
		return strings.TrimRight(w.public.String(), "/")
	}
	return (&url.URL{Scheme: "http", Host: r.Host}).String()
}

// The reasons why an answer was bad, as they go into the journal.
var reasons = map[string]bool{"": true, "wrong_paragraph": true, "misread": true, "missing_source": true, "other": true}

// longest is how much somebody may write of an answer, in characters.
const longest = 2000

// verdict keeps what somebody thinks of an answer.
func (w *Web) verdict(r *http.Request, id, verdict, reason, text string) error {
	f := bot.Feedback{Answer: id, Surface: surface, User: w.alias(w.person(r)), Verdict: bot.Verdict(verdict), Reason: reason, Text: strings.ToValidUTF8(text, "\uFFFD"), Time: w.now()}
	if f.Verdict != bot.Good && f.Verdict != bot.Bad {
		return fault{http.StatusBadRequest, "verdict", "A verdict is good or bad."}
	}
	if !reasons[reason] {
		return fault{http.StatusBadRequest, "reason", "A reason is wrong_paragraph, misread, missing_source or other."}
	}
	if len([]rune(f.Text)) > longest {
		return fault{http.StatusBadRequest, "text", fmt.Sprintf("At most %d characters are kept.", longest)}
	}
	if _, err := w.answered(r.Context(), id); err != nil {
		return err
	}
	err := w.record.Rate(r.Context(), f)
	if errors.Is(err, bot.ErrUnknown) {
		return errNotThere
	}
	return err
}

// feedbackPage keeps feedback from a page's form.
func (w *Web) feedbackPage(rw http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		w.failed(rw, r, unreadable(err))
		return
	}
	id := r.PathValue("id")
	if err := w.verdict(r, id, r.PostForm.Get("verdict"), r.PostForm.Get("reason"), r.PostForm.Get("text")); err != nil {
		w.failed(rw, r, err)
		return
	}
	http.Redirect(rw, r, "/a/"+url.PathEscape(id)+"?rated", http.StatusSeeOther)
}

// asset serves a file that pages load. Its address has the digest of its content,
// so that it can be kept for ever.
func (w *Web) asset(rw http.ResponseWriter, r *http.Request) {
	a, ok := w.show.assets[r.PathValue("name")]
	if !ok {
		w.fail(rw, r, notFound)
		return
	}
	if r.URL.RequestURI() == a.link {
		rw.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.write(rw, r, http.StatusOK, a.kind, a.body)
}

// icon serves what browsers ask for without being told of it.
func (w *Web) icon(rw http.ResponseWriter, r *http.Request) {
	a := w.show.assets["icon.svg"]
	w.write(rw, r, http.StatusOK, a.kind, a.body)
}

func (w *Web) robots(rw http.ResponseWriter, r *http.Request) {
	w.write(rw, r, http.StatusOK, "text/plain; charset=utf-8", []byte("User-agent: *\nDisallow: /\n"))
}
