package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"summitbot/bot/slack"
	"summitbot/config"
)

func TestHealthAsksWhereTheConfigurationSays(t *testing.T) {
	for _, tt := range []struct {
		admin, web string
		live       bool
		want       string
	}{
		{"127.0.0.1:9090", "127.0.0.1:8080", false, "http://127.0.0.1:9090/readyz"},
		{"127.0.0.1:9090", config.Off, true, "http://127.0.0.1:9090/healthz"},
		{"0.0.0.0:9090", config.Off, false, "http://127.0.0.1:9090/readyz"},
		{":9090", config.Off, false, "http://127.0.0.1:9090/readyz"},
		{"[::]:9090", config.Off, false, "http://[::1]:9090/readyz"},
		{"10.0.0.7:9090", config.Off, false, "http://10.0.0.7:9090/readyz"},
		{"", "0.0.0.0:8080", false, "http://127.0.0.1:8080/"},
		{"", config.Off, false, ""},
	} {
		s := config.Default()
		s.Admin.Listen, s.Web.Listen = tt.admin, tt.web
		if got := healthAddress(s, tt.live); got != tt.want {
			t.Errorf("admin %q, web %q, live %v: got %q, want %q", tt.admin, tt.web, tt.live, got, tt.want)
		}
	}
}

func TestHealthSaysWhetherPeopleCanAsk(t *testing.T) {
	for _, tt := range []struct {
		name         string
		status       int
		body         string
		code         int
		told, failed string
	}{
		{"ready", 200, `{"status": "ready", "reasons": []}`, exitOK, "ready\n", ""},
		{"degraded", 200, `{"status": "degraded", "reasons": ["slack: down"]}`, exitOK, "degraded: slack: down\n", ""},
		{"unready", 503, `{"status": "unready", "reasons": ["slack: down", "no front end can be asked"]}`, exitError, "", "unready: slack: down; no front end can be asked"},
		{"pages that want a token", 401, `<html>`, exitOK, "answered with status 401 Unauthorized\n", ""},
		{"pages that are elsewhere", 303, ``, exitOK, "answered with status 303 See Other\n", ""},
		{"something else listens", 404, `not found`, exitError, "", "answered with status 404 Not Found"},
		{"broken pages", 500, `{`, exitError, "", "answered with status 500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			defer server.Close()
			code, told, failed := health(t, "--url", server.URL)
			if code != tt.code || told != tt.told || !strings.Contains(failed, tt.failed) {
				t.Errorf("got %d, %q, %q; want %d, %q, %q", code, told, failed, tt.code, tt.told, tt.failed)
			}
		})
	}
}

func TestHealthFailsWhereNobodyListens(t *testing.T) {
	if code, _, failed := health(t, "--url", "http://"+freeAddress(t)); code != exitError || !strings.Contains(failed, "not there") {
		t.Errorf("got %d, %q", code, failed)
	}
	for _, address := range []string{"ftp://x", "http://", "127.0.0.1:80"} {
		if code, _, failed := health(t, "--url", address); code != exitUsage {
			t.Errorf("%s: got %d, %q", address, code, failed)
		}
	}
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	if err := os.WriteFile(file, []byte("web: {listen: off}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, failed := health(t, "--config", file); code != exitUsage || !strings.Contains(failed, "admin.listen") {
		t.Errorf("got %d, %q", code, failed)
	}
}

// TestHealthNamesTheFrontEndThatCannotStart has Slack refuse the token, while the pages
// are served.
func TestHealthNamesTheFrontEndThatCannotStart(t *testing.T) {
	w := startSlack(t, slack.Features{})
	w.RevokeToken(w.BotToken, "token_revoked")
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	text := "data_dir: data\nslack: {bot_token: " + w.BotToken + ", app_token: " + w.AppToken + ", api_url: '" + w.APIURL() + "'}\n" +
		"web: {listen: '" + freeAddress(t) + "'}\nadmin: {listen: '" + freeAddress(t) + "'}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var written buffer
	code := make(chan int)
	nothing := func(string) (string, bool) { return "", false }
	go func() {
		code <- run(ctx, []string{"serve", "--config", file}, strings.NewReader(""), &written, &written, nothing)
	}()
	w.Await("a health that names Slack", func() bool {
		code, told, _ := health(t, "--config", file)
		return code == exitOK && strings.Contains(told, "degraded: slack: revoked")
	})
	cancel()
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d; it said\n%s", got, written.String())
	}
}

// health runs the command.
func health(t *testing.T, args ...string) (code int, told, failed string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	nothing := func(string) (string, bool) { return "", false }
	code = run(t.Context(), append([]string{"health"}, args...), strings.NewReader(""), &stdout, &stderr, nothing)
	return code, stdout.String(), stderr.String()
}
