package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequests holds that no request, whatever is in it, is answered with an error
// of ours or without what every reply has.
func FuzzRequests(f *testing.F) {
	h := newHouse(f)
	id := h.ask(asked).Answer.ID
	const form, asJSON = "application/x-www-form-urlencoded", "application/json"
	for _, s := range [][5]string{
		{"GET", "/", "", "", ""}, {"HEAD", "/?q=x", "", "", ""}, {"GET", "/d/alaska-summit?rev=e956df6e&mark=7:0-120#p7", "", "", ""},
		{"GET", "/d/alaska-summit?part=passage&p=8", "", "", ""}, {"GET", "/d/alaska-summit?from=9223372036854775807", "", "", ""},
		{"GET", "/a/" + id, "", "", ""}, {"GET", "/a/" + id + "?format=markdown", "", "", ""}, {"GET", "/api/answers/" + id, "text/markdown", "", ""},
		{"POST", "/a/" + id + "/feedback", "", form, "verdict=bad&reason=misread&text=x"}, {"POST", "/", "", form, "question=Who+met%3F&conversation=&key="},
		{"POST", "/", "", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"question\"\r\n\r\nWho?\r\n--x--"},
		{"POST", "/api/ask", "text/event-stream", asJSON, `{"question":"Who met whom?"}`}, {"POST", "/api/ask", "", asJSON, `{"question":"` + asked + `","key":"abcdefghijklmnop"}`},
		{"POST", "/api/ask", "", asJSON, `{"question":"\u0000\ud800","collections":[""],"language":"zz"}`}, {"POST", "/api/answers/" + id + "/feedback", "", asJSON, `{"verdict":"good"}`},
		{"GET", "/assets/%2e%2e%2fweb.go", "", "", ""}, {"GET", "//evil.example/", "", "", ""}, {"GET", "/api/documents/alaska-summit?rev=x", "", "", ""},
		{"CONNECT", "/", "", "", ""}, {"get", "/\x00%00", "", "", ""}, {"POST", "/d/x", "*/*", "text/plain", "x"},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4])
	}
	f.Fuzz(func(t *testing.T, method, target, accept, contentType, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || method == "" || strings.ContainsAny(method, " \t\r\n") {
			return // no server hands this on
		}
		if strings.Contains(body, "hold") || strings.Contains(body, "crash") || strings.Contains(body, "%") {
			return // what the tests' model holds or breaks on purpose, also if it is escaped
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL, r.RequestURI, r.Host = method, u, target, "localhost"
		r.Header = http.Header{"Accept": {accept}, "Content-Type": {contentType}}
		w := httptest.NewRecorder()
		h.web.Handler().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %q: status %d: %s", method, target, w.Code, w.Body)
		}
		checkHardened(t, target, w.Header())
		if kind := w.Header().Get("Content-Type"); kind == "" && w.Body.Len() > 0 {
			t.Errorf("%s %q: a body without a type", method, target)
		}
	})
}

// FuzzSourcePage holds that the address of a source page, whatever is in it, is
// answered with the document's text or with what is wrong with it, and that no text
// of the address becomes HTML.
func FuzzSourcePage(f *testing.F) {
	h := newHouse(f)
	doc := h.put("rules", "", "Hours\nThe enclosure opens at nine – in the morning.\nIt closes at five.\n")
	h.put("rules", "", "Hours\nThe enclosure opens at ten.\n")
	for _, s := range [][4]string{
		{"rules", "", "", ""}, {"rules", doc.Revision.Digest, "1:0-10", "1"}, {"alaska-summit", "", "8:0-100,50-70", "2"}, {"rules", doc.Revision.Digest[:12], "2:1-3", ""},
		{"rules", "", "1:24-30", ""}, {"alaska-summit", "", "8:9223372036854775806-9223372036854775807", "9223372036854775807"}, {"<script><img src=x", "<script>", "<script>", "<script>"}, {"..", "00000000", "0:0-0", "-1"},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, document, revision, mark, from string) {
		query := url.Values{"rev": {revision}, "mark": {mark}, "from": {from}}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/d/"+url.PathEscape(document)+"?"+query.Encode(), nil)
		w := httptest.NewRecorder()
		h.web.Handler().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		body := strings.ToLower(w.Body.String())
		if strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x") {
			t.Errorf("text became HTML: %s", w.Body)
		}
		checkHardened(t, document, w.Header())
	})
}
