package web_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"summitbot/bot/web"
)

// hardened is what every reply has, whatever was asked for.
var hardened = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"X-Robots-Tag":                 "noindex",
}

// checkHardened holds that a reply has what every one has.
func checkHardened(tb testing.TB, what string, got http.Header) {
	tb.Helper()
	for name, want := range hardened {
		if got.Get(name) != want {
			tb.Errorf("%s: %s is %q, want %q", what, name, got.Get(name), want)
		}
	}
	policy := got.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			tb.Errorf("%s: the policy %q has no %q", what, policy, part)
		}
	}
	for _, part := range []string{"unsafe", "*", "http:"} {
		if strings.Contains(policy, part) {
			tb.Errorf("%s: the policy %q has %q", what, policy, part)
		}
	}
	if got.Get("Permissions-Policy") == "" {
		tb.Errorf("%s: no Permissions-Policy", what)
	}
	if cookies := got.Values("Set-Cookie"); len(cookies) > 0 {
		tb.Errorf("%s: sets cookies %q", what, cookies)
	}
}

func TestEveryReplyIsHardened(t *testing.T) {
	h := newHouse(t)
	id := h.ask(asked).Answer.ID
	for _, path := range []string{
		"/", "/d/alaska-summit", "/a/" + id, "/robots.txt", "/assets/style.css", "/favicon.ico", "/nowhere", "/d/nothing", "/a/a-nothing",
		"/api/documents", "/api/nowhere", "/api/openapi.yaml", "/%2e%2e/etc/passwd", "/assets/%2e%2e/web.go", "/assets/../web.go",
	} {
		checkHardened(t, path, h.get(path).Header)
	}
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"} {
		got := h.send(method, "/", "")
		checkHardened(t, method, got.Header)
		if got.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s /: status %d, want 405", method, got.StatusCode)
		}
	}
}

func TestOnlyThisMachinesNamesAreServed(t *testing.T) {
	h := newHouse(t, with(func(o *web.Options) { o.PublicURL = "https://summit.example.org" }))
	port := h.URL[strings.LastIndexByte(h.URL, ':'):]
	for host, want := range map[string]int{
		"localhost": 200, "localhost" + port: 200, "LOCALHOST" + port: 200, "127.0.0.1" + port: 200, "[::1]" + port: 200, "[::1]": 200,
		"summit.example.org": 200, "Summit.Example.Org": 200,
		"evil.example" + port: 421, "127.0.0.1.evil.example" + port: 421, "localhost.evil.example": 421, "10.0.0.1": 421, "[fe80::1]": 421, "summit.example.org.evil.example": 421,
	} {
		if got := h.get("/", "Host", host); got.StatusCode != want {
			t.Errorf("%s: status %d, want %d", host, got.StatusCode, want)
		}
	}
}

func TestAListenerForOthersNeedsATokenOrToBePublic(t *testing.T) {
	for _, tt := range []struct {
		listen, token string
		public, good  bool
	}{
		{"127.0.0.1:8080", "", false, true}, {"[::1]:8080", "", false, true}, {"localhost:8080", "", false, true}, {"127.9.9.9:1", "", false, true},
		{"0.0.0.0:8080", "", false, false}, {":8080", "", false, false}, {"[::]:8080", "", false, false}, {"192.168.1.7:80", "", false, false},
		{"example.org:80", "", false, false}, {"nonsense", "", false, false},
		{"0.0.0.0:8080", "secret", false, true}, {":8080", "", true, true},
	} {
		_, err := web.New(web.Options{Listen: tt.listen, Token: tt.token, Public: tt.public, Now: now})
		if (err == nil) != tt.good {
			t.Errorf("%+v: error %v", tt, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "token") || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%+v: it does not say what to do: %v", tt, err)
		}
	}
}

func TestWithATokenNothingIsServedWithoutIt(t *testing.T) {
	const token = "correct horse battery"
	h := newHouse(t, with(func(o *web.Options) { o.Listen, o.Token = "0.0.0.0:0", token }))
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	for _, path := range []string{"/", "/d/alaska-summit", "/api/documents", "/api/openapi.yaml", "/nowhere"} {
		for _, header := range []string{"", basic("anybody", ""), basic(token, ""), basic("anybody", token+"x"), "Bearer", "Bearer ", "Bearer x", "Basic %%%", "Digest " + token} {
			got := h.get(path, "Authorization", header)
			got.want(t, http.StatusUnauthorized, "oken")
			if !strings.HasPrefix(got.Header.Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("%s: it does not say how: %q", path, got.Header.Get("WWW-Authenticate"))
			}
			checkHardened(t, path, got.Header)
		}
	}
	for _, header := range []string{basic("anybody", token), basic("", token), "Bearer " + token} {
		h.get("/", "Authorization", header).want(t, http.StatusOK)
		h.api("/api/ask", map[string]any{"question": asked}, "Authorization", header).want(t, http.StatusOK, "NATO")
	}
	// The name of the host is of no use to others' pages where a token is needed.
	h.get("/", "Authorization", "Bearer "+token, "Host", "summit.example.org").want(t, http.StatusOK)
}

func TestAnotherSitesPageCannotAsk(t *testing.T) {
	h := newHouse(t)
	fields := url.Values{"question": {asked}}
	for name, header := range map[string][]string{
		"told by the browser": {"Sec-Fetch-Site", "cross-site"},
		"a sister site":       {"Sec-Fetch-Site", "same-site"},
		"an older browser":    {"Origin", "https://evil.example"},
		"a page in a sandbox": {"Origin", "null"},
	} {
		for _, got := range []reply{
			h.form("/", fields, header...),
			h.send(http.MethodPost, "/api/ask", `{"question":"x"}`, append(header, "Content-Type", "text/plain")...),
			h.api("/api/answers/a-abcdefghjkmn/feedback", map[string]string{"verdict": "good"}, header...),
		} {
			if got.StatusCode != http.StatusForbidden {
				t.Errorf("%s, %s: status %d, want 403", name, got.Request.URL, got.StatusCode)
			}
			checkHardened(t, name, got.Header)
		}
	}
	if n := h.model.times(); n != 0 {
		t.Errorf("the model was asked %d times", n)
	}
	h.get("/", "Sec-Fetch-Site", "cross-site").want(t, http.StatusOK) // a link to the page is no harm
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	h := newHouse(t)
	long := strings.Repeat("why ", 1<<19)
	h.form("/", url.Values{"question": {long}}).want(t, http.StatusRequestEntityTooLarge)
	got := h.api("/api/ask", map[string]string{"question": long})
	got.want(t, http.StatusRequestEntityTooLarge)
	if kind := got.kind(t); kind != "too_large" {
		t.Errorf("kind %q", kind)
	}
}

func TestWhatIsNotThereIsSaidInWords(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/nowhere", "/d/", "/d/nothing", "/d/alaska-summit/more", "/a/", "/a/a-nothing", "/assets/nothing.css", "/d/alaska-summit?rev=0000000000"} {
		got := h.get(path)
		got.want(t, http.StatusNotFound, "<html", "</html>")
	}
	for _, path := range []string{"/api/nowhere", "/api/answers/a-nothing", "/api/documents/nothing"} {
		got := h.get(path)
		got.want(t, http.StatusNotFound)
		if kind := got.kind(t); kind != "not_found" {
			t.Errorf("%s: kind %q", path, kind)
		}
	}
	got := h.get("/api/ask")
	got.want(t, http.StatusMethodNotAllowed)
	if allow := got.Header.Get("Allow"); allow != "POST" || got.kind(t) == "" {
		t.Errorf("GET /api/ask: Allow %q, %s", allow, got.body)
	}
	h.get("/robots.txt").want(t, http.StatusOK, "User-agent: *\nDisallow: /\n")
}

// person is how the limits know who asks.
func TestWhoAsksIsTheAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		public string
		header []string
		same   bool // as the next request, without the header
	}{
		"a header that anybody can write":  {"", []string{"X-Forwarded-For", "192.0.2.1"}, true},
		"what a proxy on this machine saw": {"https://summit.example.org", []string{"X-Forwarded-For", "192.0.2.1"}, false},
		"what is no address":               {"https://summit.example.org", []string{"X-Forwarded-For", "somebody"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, with(func(o *web.Options) { o.PublicURL = tt.public }))
			h.api("/api/ask", map[string]string{"question": asked, "key": "key-one-0123456789"}, tt.header...).want(t, http.StatusOK)
			h.api("/api/ask", map[string]string{"question": asked, "key": "key-two-0123456789"}).want(t, http.StatusOK)
			var users []string
			for _, key := range []string{"web:key-one-0123456789", "web:key-two-0123456789"} {
				m, err := h.journal.Question(t.Context(), key)
				if err != nil {
					t.Fatal(err)
				}
				users = append(users, m.User)
			}
			if (users[0] == users[1]) != tt.same {
				t.Errorf("users %q", users)
			}
			if strings.Contains(fmt.Sprint(users), "192.0.2.1") {
				t.Errorf("the journal has the address of a person: %q", users)
			}
		})
	}
}
