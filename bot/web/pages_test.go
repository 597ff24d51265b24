package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot"
	"summitbot/bot/answer"
)

// hrefs returns the addresses that a page links to, as a browser reads them.
func hrefs(page string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(?:href|action)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		out = append(out, strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(m[1]))
	}
	return out
}

func TestEveryLinkOfEveryPageLeadsSomewhere(t *testing.T) {
	h := newHouse(t)
	h.put("notes/2026 – a\"b<c>?d#e%2Fé", "", "Heading\nThe quokkas of Rottnest Island sleep at noon.\n")
	seen := map[string]bool{}
	next := []string{"/", "/a/" + h.ask(asked).Answer.ID, "/a/" + h.ask(refused).Answer.ID, "/a/" + h.ask("When do the quokkas of Rottnest Island sleep?").Answer.ID}
	for len(next) > 0 {
		path, _, _ := strings.Cut(next[0], "#")
		next = next[1:]
		if seen[path] || path == "" {
			continue
		}
		seen[path] = true
		got := h.get(path)
		if strings.HasSuffix(path, "/feedback") {
			continue // a form's
		}
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
		if !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, link := range hrefs(got.body) {
			u, err := url.Parse(link)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if u.Host != "" {
				t.Errorf("%s: links to %s", path, link)
				continue
			}
			base, _ := url.Parse(h.URL + path)
			to := base.ResolveReference(u)
			next = append(next, to.RequestURI())
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d pages: %v", len(seen), seen)
	}
}

func TestTheSourcePageHasEveryParagraphWithItsAnchor(t *testing.T) {
	h := newHouse(t)
	got := h.get("/d/alaska-summit")
	got.want(t, http.StatusOK, `id="p1"`, `id="p8"`, `id="p18"`, "Security Guarantees at the Center of Talks")
	got.without(t, `id="p19"`, "<mark")
	if cache := got.Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control %q", cache)
	}
}

func TestAnAnswersLinkMarksTheCitedSentence(t *testing.T) {
	h := newHouse(t)
	a := h.ask(asked).Answer
	page := h.get("/a/" + a.ID)
	page.want(t, http.StatusOK, a.Claims[0].Text, "noindex")
	link := ""
	for _, l := range hrefs(page.body) {
		if strings.HasPrefix(l, "/d/alaska-summit?") && strings.HasSuffix(l, "#p8") {
			link = l
		}
	}
	if link == "" {
		t.Fatalf("no link to the cited paragraph in %s", page.body)
	}
	got := h.get(link)
	got.want(t, http.StatusOK)
	m := regexp.MustCompile(`(?s)<mark[^>]*>(.*?)</mark>`).FindStringSubmatch(got.body)
	if m == nil || strings.Join(strings.Fields(m[1]), " ") != strings.NewReplacer("'", "&#39;", `"`, "&#34;").Replace(a.Claims[0].Citations[0].Quote) {
		t.Errorf("marked %q, cited %q", m, a.Claims[0].Citations[0].Quote)
	}
}

func TestAnOlderRevisionOpensWithWhatHasChanged(t *testing.T) {
	h := newHouse(t)
	h.put("rules", "", "Opening hours\nThe quokka enclosure opens at nine in the morning on weekdays.\nIt closes at five.\nThe shop sells postcards of all kinds to visitors.\n")
	a := h.ask("When does the quokka enclosure open?").Answer
	if len(a.Claims) == 0 {
		t.Fatal("not answered")
	}
	cited := a.Claims[0].Citations[0]
	h.get("/a/"+a.ID).without(t, "<del", "changed since")
	h.put("rules", "", "Opening hours\nDogs stay outside.\nThe quokka enclosure opens at ten in the morning on weekdays.\nIt closes at five.\n")

	got := h.get("/d/rules?rev=" + cited.Revision)
	got.want(t, http.StatusOK, "opens at ", "<del>nine", "<ins>ten", "changed since", "postcards", "Dogs stay outside")
	h.get("/d/rules").without(t, "<del", "<ins", "nine in the morning", "changed since")
	page := h.get("/a/" + a.ID)
	page.want(t, http.StatusOK, "nine in the morning", "hanged since")

	// It opens even if the document is gone.
	if err := h.base.Delete(t.Context(), "rules"); err != nil {
		t.Fatal(err)
	}
	h.get("/d/rules").want(t, http.StatusNotFound)
	h.get("/d/rules?rev="+cited.Revision).want(t, http.StatusOK, "nine in the morning")
	h.get("/a/"+a.ID).want(t, http.StatusOK, "nine in the morning")
}

func TestALongDocumentComesInParts(t *testing.T) {
	h := newHouse(t)
	var b strings.Builder
	for i := range 2500 {
		b.WriteString("Paragraph number " + strings.Repeat("x", i%7) + " says nothing.\n\n")
	}
	h.put("long", "", b.String())
	first := h.get("/d/long")
	first.want(t, http.StatusOK, `id="p1"`, `id="p1000"`)
	first.without(t, `id="p1001"`)
	seen, pages := 0, 0
	for link := "/d/long"; link != ""; pages++ {
		got := h.get(link)
		got.want(t, http.StatusOK)
		seen += strings.Count(got.body, ` id="p`)
		link = ""
		for _, l := range hrefs(got.body) {
			if strings.Contains(l, "from=") && len(l) > 0 && !strings.Contains(got.body, `id="p2500"`) {
				link = l // the last one leads on
			}
		}
		if pages > 5 {
			t.Fatal("no end")
		}
	}
	if seen != 2500 || pages != 3 {
		t.Errorf("%d paragraphs on %d pages", seen, pages)
	}
}

func TestAnAnswerIsCopiedAsMarkdown(t *testing.T) {
	h := newHouse(t)
	a := h.ask(asked).Answer
	for _, got := range []reply{h.get("/a/" + a.ID + "?format=markdown"), h.get("/api/answers/"+a.ID, "Accept", "text/markdown")} {
		got.want(t, http.StatusOK, a.Claims[0].Text, "[1]", "¶8", a.Claims[0].Citations[0].Quote, "/d/alaska-summit?", "#p8")
		if kind := got.Header.Get("Content-Type"); kind != "text/markdown; charset=utf-8" {
			t.Errorf("Content-Type %q", kind)
		}
	}
}

func TestPeopleSayWhatTheyThinkOfAnAnswer(t *testing.T) {
	h := newHouse(t)
	a := h.ask(asked).Answer
	got := h.form("/a/"+a.ID+"/feedback", url.Values{"verdict": {"bad"}, "reason": {"misread"}, "text": {"Not what it says."}})
	got.want(t, http.StatusSeeOther)
	if to := got.Header.Get("Location"); !strings.HasPrefix(to, "/a/"+a.ID) {
		t.Errorf("leads to %q", to)
	}
	h.follow(got).want(t, http.StatusOK)
	list, err := h.journal.Feedback(t.Context(), a.ID)
	if err != nil || len(list) != 1 || list[0].Verdict != bot.Bad || list[0].Reason != "misread" || list[0].Text != "Not what it says." || list[0].Surface != "web" {
		t.Fatalf("%+v, %v", list, err)
	}
	h.api("/api/answers/"+a.ID+"/feedback", map[string]string{"verdict": "good"}).want(t, http.StatusNoContent)
	if list, err = h.journal.Feedback(t.Context(), a.ID); err != nil || len(list) != 1 || list[0].Verdict != bot.Good {
		t.Errorf("%+v, %v", list, err)
	}
	for _, body := range []map[string]string{{"verdict": "perhaps"}, {}, {"verdict": "bad", "reason": "because"}, {"verdict": "bad", "text": strings.Repeat("x", 3000)}} {
		if got := h.api("/api/answers/"+a.ID+"/feedback", body); got.StatusCode != http.StatusBadRequest {
			t.Errorf("%v: status %d", body, got.StatusCode)
		}
	}
	h.api("/api/answers/a-nothing/feedback", map[string]string{"verdict": "good"}).want(t, http.StatusNotFound)
}

func TestTheAPIListsAndReadsDocuments(t *testing.T) {
	h := newHouse(t)
	h.put("notes/a b", "notes", "Heading\nThe quokkas of Rottnest Island sleep at noon.\n")
	var list struct {
		Documents []struct {
			ID, Title, Collection, URL string
			Paragraphs                 int
			Time                       time.Time
		}
	}
	got := h.get("/api/documents")
	got.want(t, http.StatusOK)
	got.decode(t, &list)
	if len(list.Documents) != 2 || list.Documents[0].ID != "alaska-summit" || list.Documents[0].Paragraphs != 18 || list.Documents[1].Collection != "notes" || list.Documents[1].Time.IsZero() {
		t.Errorf("%+v", list)
	}
	got = h.get("/api/documents/notes%2Fa%20b")
	got.want(t, http.StatusOK, "sleep at noon")
}

func TestTheAPIShowsAnAnswerAsItWas(t *testing.T) {
	h := newHouse(t)
	a := h.ask(asked).Answer
	got := h.get("/api/answers/" + a.ID)
	got.want(t, http.StatusOK)
	var again answered
	got.decode(t, &again)
	if diff := cmp.Diff(a, again.Answer); diff != "" || again.Conversation != "" {
		t.Errorf("conversation %q, %s", again.Conversation, diff)
	}
}

func TestAssetsAreKeptByBrowsersAsLongAsTheyAreTheSame(t *testing.T) {
	h := newHouse(t)
	page := h.get("/")
	found := 0
	for _, m := range regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(page.body, -1) {
		got := h.get(m[1])
		got.want(t, http.StatusOK)
		if cache := got.Header.Get("Cache-Control"); !strings.Contains(m[1], "?v=") || !strings.Contains(cache, "immutable") {
			t.Errorf("%s: Cache-Control %q", m[1], cache)
		}
		if other := h.get(strings.SplitAfter(m[1], "?")[0] + "v=other"); strings.Contains(other.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s of another version is kept", m[1])
		}
		found++
	}
	if found < 2 {
		t.Errorf("only %d assets", found)
	}
	for path, kind := range map[string]string{"/assets/style.css": "text/css", "/assets/app.js": "text/javascript", "/assets/icon.svg": "image/svg+xml", "/favicon.ico": "image/svg+xml"} {
		got := h.get(path)
		got.want(t, http.StatusOK)
		if !strings.HasPrefix(got.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: Content-Type %q", path, got.Header.Get("Content-Type"))
		}
	}
}

func TestNoPageLoadsAnythingFromElsewhere(t *testing.T) {
	h := newHouse(t)
	a := h.ask(asked).Answer
	for _, path := range []string{"/", "/d/alaska-summit", "/a/" + a.ID, "/nowhere"} {
		body := h.get(path).body
		for _, bad := range []string{"http://", "https://", "//cdn", "<style", " style=", " onclick=", " onload=", "javascript:"} {
			if strings.Contains(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
		if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(body) {
			t.Errorf("%s has a script in it", path)
		}
	}
}

func TestAPrivateAnswerOpensByItsLinkAndIsListedNowhere(t *testing.T) {
	h := newHouse(t)
	a, err := answer.NewExtractive(h.base, time.Now).Answer(t.Context(), answer.Question{Text: asked}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := bot.Message{Key: "slack:private", Surface: "slack", Conversation: "T1:D1:17", User: "U1", Text: asked, Received: now()}
	if _, err := h.journal.Begin(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := h.journal.Finish(t.Context(), m.Key, "", nil, a); err != nil {
		t.Fatal(err)
	}
	page := h.get("/a/" + a.ID)
	page.want(t, http.StatusOK, a.Claims[0].Text)
	page.without(t, "T1:D1:17", "U1")
	for _, path := range []string{"/", "/d/alaska-summit", "/api/documents"} {
		h.get(path).without(t, a.ID)
	}
}

func TestALongListOfDocumentsComesInParts(t *testing.T) {
	h := newHouse(t)
	for i := range 502 {
		h.put(fmt.Sprintf("note-%03d", i), "", "A note about nothing in particular.\n")
	}
	first := h.get("/documents")
	first.want(t, http.StatusOK, "alaska-summit", "note-498", "/documents?from=500")
	first.without(t, "note-499")
	h.get("/documents?from=500").want(t, http.StatusOK, "note-499", "note-501", "/documents?from=0")
	for _, from := range []string{"503", "-1", "x", "99999999999999999999"} {
		h.get("/documents?from="+from).want(t, http.StatusNotFound)
	}
	h.get("/").want(t, http.StatusOK, "note-001", "503")
}
