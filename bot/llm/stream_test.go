package llm

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"summitbot/bot/answer"
)

// transport answers each request with the same body.
type transport func() io.Reader

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{}, Body: io.NopCloser(f()), Request: r,
	}, nil
}

// reception is what one request brought.
type reception struct {
	Text       string
	Completion answer.Completion
	Err        string
}

// receive sends one request, without retries, that is answered by body.
func receive(t *testing.T, body io.Reader) reception {
	t.Helper()
	e := newEndpoint(Endpoint{Name: "a", BaseURL: "http://a/v1", Model: "m"}, &http.Client{Transport: transport(func() io.Reader { return body })},
		timeouts{time.Hour, time.Hour, time.Hour}, slog.New(slog.DiscardHandler))
	var text strings.Builder
	s := &sink{each: func(piece string) error {
		if piece == "" || !utf8.ValidString(piece) {
			t.Errorf("piece %q is empty or not valid", piece)
		}
		text.WriteString(piece)
		return nil
	}}
	f := e.attempt(t.Context(), e.accepted(), answer.Request{User: "Who?"}, s)
	got := reception{Text: text.String(), Completion: s.Completion}
	if f != nil {
		got.Err = f.err().Error()
		if kind := meaning(f); kind != 1 {
			t.Errorf("%v has %d meanings, want 1", f, kind)
		}
	}
	if (f == nil) != (s.Finish == answer.FinishStop) {
		t.Errorf("got finish %q with error %v", s.Finish, f)
	}
	return got
}

// meaning counts the errors of package answer that err is.
func meaning(err error) int {
	n := 0
	for _, kind := range []error{answer.ErrUnavailable, answer.ErrRejected, answer.ErrBusy, answer.ErrIncomplete, answer.ErrMalformed} {
		if errors.Is(err, kind) {
			n++
		}
	}
	return n
}

// pieces reads b in random pieces.
type pieces struct {
	b      []byte
	random *rand.Rand
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.b[:min(len(p.b), 1+p.random.IntN(9))])
	p.b = p.b[n:]
	return n, nil
}

// TestPiecesTogetherAreTheContent cuts texts into tokens at any byte, writes the
// tokens in any of JSON's ways, and cuts the stream anywhere.
func TestPiecesTogetherAreTheContent(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	alphabet := []rune("ab \"\\/\n\t\x00{}:é\u2028Жשก한漢\ufeff\uffff😀🏽\U0010ffff\u200d")
	for range 2000 {
		content := make([]rune, random.IntN(30))
		for i := range content {
			content[i] = alphabet[random.IntN(len(alphabet))]
		}
		want := string(content)
		var body strings.Builder
		for _, token := range tokens(want, random) {
			body.WriteString("data: " + `{"choices":[{"index":0,"delta":{"content":"` + token + `"}}]}` + "\n\n")
		}
		body.WriteString(finish("stop") + done)
		got := receive(t, &pieces{[]byte(body.String()), random})
		if got.Text != want || got.Err != "" {
			t.Fatalf("got %q, %s; want %q, from\n%s", got.Text, got.Err, want, body.String())
		}
	}
}

// tokens cuts s into JSON's spelling of pieces: raw bytes cut anywhere, or
// escaped UTF-16 cut between any two units.
func tokens(s string, random *rand.Rand) []string {
	var parts []string
	var b strings.Builder
	cut := func() {
		if random.IntN(3) == 0 {
			parts = append(parts, b.String())
			b.Reset()
		}
	}
	unit := func(u rune) {
		b.WriteString(`\u` + strconv.FormatInt(0x10000+int64(u), 16)[1:])
		cut()
	}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r <= 0xffff && random.IntN(4) == 0:
			unit(r)
		case r > 0xffff && random.IntN(2) == 0:
			unit(0xd800 + (r-0x10000)>>10)
			unit(0xdc00 + (r-0x10000)&0x3ff)
		default:
			for _, c := range []byte(string(r)) {
				b.WriteByte(c)
				cut()
			}
		}
		cut()
	}
	return append(parts, b.String())
}

// FuzzStream sends arbitrary bytes, and the same ones in other pieces: the
// outcome is one of answer's and does not depend on the pieces.
func FuzzStream(f *testing.F) {
	for _, seed := range []string{
		good(), strings.ReplaceAll(good(), "\n", "\r\n"), html, "data: {\"error\":{}}\n\n", "event: error\ndata: x\n\n",
		raw("d\xd0") + raw("\xb0") + raw(`\ud83d`) + raw(`\ude00`) + finish("stop"), ": k\n\ndata: {\ndata: }\n\ndata: [DONE]",
		finish("length"), `{"error":"x"}`, "data: null\n\ndata: [\n\n", "\ufeffdata: {}",
	} {
		f.Add([]byte(seed), uint64(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, seed uint64) {
		whole := receive(t, bytes.NewReader(body))
		cut := receive(t, &pieces{bytes.Clone(body), rand.New(rand.NewPCG(seed, seed))})
		if diff := cmp.Diff(cut, whole); diff != "" {
			t.Errorf("cut (-), whole (+):\n%s", diff)
		}
	})
}

func TestConnectionThatBreaksIsACutStream(t *testing.T) {
	got := receive(t, iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(good()))))
	if want := `endpoint "a": the model's answer is incomplete: the stream was cut`; got.Err != want {
		t.Errorf("got %q, want %q", got.Err, want)
	}
}

func TestEstimatesLearnFromTheUsage(t *testing.T) {
	prompt := strings.Repeat("The delegations met for three hours. ", 100)
	body := say("x") + finish("stop") + `data: {"choices":[],"usage":{"prompt_tokens":800,"completion_tokens":1}}` + "\n\n" + done
	o := options(&http.Client{Transport: transport(func() io.Reader { return strings.NewReader(body) })}, "a")
	c := newClient(t, o)
	before := c.Estimate(prompt)
	for range enough {
		if _, _, err := ask(t.Context(), c, answer.Request{User: prompt}); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.Estimate(prompt); got >= before || got < 800 {
		t.Errorf("got %d, want less than %d and at least 800", got, before)
	}
}
