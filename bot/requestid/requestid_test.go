package requestid_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"summitbot/bot/requestid"
)

func TestStartKeepsTheIDThatIsThere(t *testing.T) {
	if id := requestid.Of(t.Context()); id != "" {
		t.Fatalf("a context without an id has %q", id)
	}
	first := requestid.Start(t.Context())
	if id := requestid.Of(first); id == "" || requestid.Of(requestid.Start(first)) != id {
		t.Errorf("got %q, and then %q", id, requestid.Of(requestid.Start(first)))
	}
	if requestid.Of(first) == requestid.Of(requestid.Start(t.Context())) {
		t.Error("two questions have one id")
	}
}

func TestHandlerWritesTheIDIntoEveryRecord(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(requestid.Handler(slog.NewTextHandler(&out, nil))).With("endpoint", "e")
	ctx := requestid.Start(t.Context())
	log.InfoContext(ctx, "one")
	log.WithGroup("g").InfoContext(ctx, "two", "a", 1)
	log.InfoContext(t.Context(), "three")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	id := requestid.Of(ctx)
	for i, want := range []string{"endpoint=e request=" + id, "g.request=" + id, "msg=three endpoint=e"} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %q lacks %q", lines[i], want)
		}
	}
	if strings.Contains(lines[2], "request=") {
		t.Errorf("a line of no question has an id: %q", lines[2])
	}
}
