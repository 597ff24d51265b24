package wire_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"summitbot/bot/llm"
)

// aimock is the name of the environment variable that holds the base URL of an
// aimock server (github.com/CopilotKit/aimock) that was started with the fixtures
// in testdata/aimock; .ci/run does so. It is an endpoint that others have written:
// what people see must not depend on ours.
const aimock = "SUMMITBOT_AIMOCK"

// playable are the behaviours that aimock can play too.
var playable = []string{
	"good claims", "a good claim in other words", "a negation added", "a person exchanged", "a hedge dropped", "a hedge kept",
	"a speaker exchanged", "words spliced from two sentences", "a quotation altered", "a link made up", "a question in German",
	"a question in Russian", "a number that was counted", "the model finds no answer", "nothing verifiable, then a good reply",
	"nothing verifiable, twice", "a wrong reference", "no reference", "a reference out of range", "references swapped",
	"JSON in a fence", "JSON behind prose", "the JSON twice", "JSON that ends too early", "JSON in wrappers", "JSON with other names",
	"claims as bare strings", "prose with markers", "prose without markers", "thoughts before the JSON", "thoughts in a field of their own",
	"characters cut between two tokens", "a token a byte", "the limit of tokens within the second claim", "a content filter",
	"a cut in the connection within the second claim", "the connection reset again and again",
	"401", "404", "429 with Retry-After", "429 without Retry-After", "429 for want of money", "500 again and again", "500 once",
	"503 with Retry-After", "a prompt that was filtered", "a bad request that nobody understands",
}

func TestPeopleSeeTheSameOverAimock(t *testing.T) {
	base := os.Getenv(aimock)
	if base == "" {
		t.Skipf("no aimock: %s is not set (.ci/run starts one where there is Node)", aimock)
	}
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	for _, b := range mocked(t) {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			b.clock = false // aimock lives on the real one
			o := llm.Options{Jitter: func() float64 { return 0 }, HTTPClient: &http.Client{Transport: &http.Transport{}}}
			e := named("first", base)
			e.Model = b.model()
			e.Headers = map[string]string{"X-Test-Id": run} // aimock counts a sequence by it
			o.Endpoints = append(o.Endpoints, e)
			p := askOver(t, b.library(t).open(t), o, b)
			want, err := os.ReadFile(b.file())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := untimed(b.told(p)), untimed(string(want)); got != want {
				t.Errorf("over aimock a person sees\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// duration is what an account says of its time.
var duration = regexp.MustCompile(` · (?:under 1 ms|\d+ ms|\d+\.\d s)`)

func untimed(text string) string { return duration.ReplaceAllString(text, "") }

// model is the name by which aimock knows the behaviour.
func (b behaviour) model() string {
	return strings.TrimSuffix(filepath.Base(b.file()), ".golden")
}

// mocked returns the playable behaviours.
func mocked(t *testing.T) []behaviour {
	t.Helper()
	var out []behaviour
	for _, b := range behaviours() {
		if slices.Contains(playable, b.name) {
			out = append(out, b)
		}
	}
	if len(out) != len(playable) {
		t.Fatalf("%d of %d playable behaviours found", len(out), len(playable))
	}
	return out
}

// A fixture is one reply as aimock reads it.
type fixture struct {
	Match struct {
		Model    string `json:"model"`
		Sequence *int   `json:"sequenceIndex,omitempty"`
	} `json:"match"`
	Response map[string]any     `json:"response"`
	Tokens   int                `json:"chunkSize,omitempty"`           // in characters
	Truncate int                `json:"truncateAfterChunks,omitempty"` // breaks the connection
	Latency  int                `json:"latency,omitempty"`             // between tokens, in milliseconds
	Chaos    map[string]float64 `json:"chaos,omitempty"`
}

func TestAimockFixturesAreTheBehaviours(t *testing.T) {
	var numbers prompt // those of the article, which is sent as a whole
	for _, b := range behaviours() {
		if b.name == "good claims" {
			numbers = b.play(t).first[0]
		}
	}
	var all []fixture
	for _, b := range mocked(t) {
		for i, r := range b.script {
			f, ok := mock(r, numbers)
			if !ok || b.on != nil || b.second != nil {
				t.Fatalf("%q cannot be played by aimock", b.name)
			}
			f.Match.Model = b.model()
			if i < len(b.script)-1 {
				f.Match.Sequence = &i
			}
			all = append(all, f)
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(map[string]any{"fixtures": all}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Join("testdata", "aimock"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, filepath.Join("testdata", "aimock", "fixtures.json"), out.String())
}

// mock puts a reply into aimock's words; ok is false if it has none for it.
func mock(r reply, numbers prompt) (f fixture, ok bool) {
	switch r := r.(type) {
	case stream:
		if r.Trickle || r.Comments > 0 || r.Slow > 0 || r.NoUsage || r.Unended || r.Refusal != "" || r.Event != "" {
			return f, false
		}
		f.Tokens = r.Bytes
		f.Response = map[string]any{
			"content": r.text(numbers), "finishReason": r.reason(), "model": "scripted-2026",
			"usage": map[string]int{"prompt_tokens": 1200, "completion_tokens": 60},
		}
		if r.Reasoning != "" {
			f.Response["reasoning"] = r.Reasoning
		}
		if r.Cut != "" {
			if r.Then != aborts {
				return f, false
			}
			// aimock is told the whole text, and breaks off at the token of the cut.
			// Breaking off throws away what was not sent yet, hence the latency.
			f.Tokens, f.Truncate, f.Latency = 20, len(r.text(numbers))/20, 2
			r.Cut = ""
			f.Response["content"] = r.text(numbers)
		}
		return f, true
	case status:
		var body struct{ Error map[string]any }
		if json.Unmarshal([]byte(r.Body), &body) != nil || body.Error == nil {
			return f, false
		}
		f.Response = map[string]any{"error": body.Error, "status": r.Code}
		if r.RetryAfter != "" {
			seconds, err := strconv.Atoi(r.RetryAfter)
			f.Response["retryAfter"] = min(seconds, 1) // on the real clock
			return f, err == nil
		}
		return f, true
	case reset:
		f.Response = map[string]any{"content": "never sent"}
		f.Chaos = map[string]float64{"disconnectRate": 1}
		return f, true
	}
	return f, false
}
