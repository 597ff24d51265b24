package wire_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"summitbot/bot/answer"
	"summitbot/bot/llm"
	"summitbot/knowledge"
	"summitbot/knowledge/paragraph"
)

// large is how many paragraphs the aims for the overhead speak of.
const large = 20_000

// BenchmarkClaimReachesTheFrontEnd measures from the last byte of a claim, just
// before the endpoint writes it, to the claim handed on: over the wire, decoded,
// verified, and where it cites the wrong sentence cited anew. The aim is a 99th
// percentile under 5 ms.
func BenchmarkClaimReachesTheFrontEnd(b *testing.B) {
	for _, kind := range []struct {
		name  string
		wrong bool // each claim cites another sentence than it repeats
	}{{"cited right", false}, {"cited wrong", true}} {
		b.Run(kind.name, func(b *testing.B) {
			corpus := shuffled(b, large)
			e := &claimByClaim{wrong: kind.wrong, handed: make(chan struct{}, 1)}
			engine := engineOver(b, corpus.library.open(b), e, 4)
			for b.Loop() {
				_, err := engine.Answer(b.Context(), answer.Question{Text: corpus.question()}, func(answer.Claim) {
					e.arrived()
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			report(b, e.took)
			b.ReportMetric(float64(len(e.took))/float64(b.N), "claims/op")
		})
	}
}

// claimByClaim writes claims that repeat sentences of the prompt, each when the one
// before was handed on or given up.
type claimByClaim struct {
	wrong  bool
	handed chan struct{}

	mu   sync.Mutex
	sent time.Time // the last byte of the claim under way
	took []time.Duration
}

func (e *claimByClaim) arrived() {
	e.mu.Lock()
	e.took = append(e.took, time.Since(e.sent))
	e.mu.Unlock()
	e.handed <- struct{}{}
}

var numbered = regexp.MustCompile(`\[(\d+\.\d+)\] ([^\[\n]{40,})`)

func (e *claimByClaim) serve(w http.ResponseWriter, r *http.Request, p prompt) {
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(text string) {
		_, _ = io.WriteString(w, delta("content", text))
		_ = http.NewResponseController(w).Flush()
	}
	send(`{"answerable":true,"claims":[`)
	sentences := numbered.FindAllStringSubmatch(p.User, -1)
	step := max(1, len(sentences)/answer.MaxClaims)
	for n := range min(answer.MaxClaims, len(sentences)) {
		i := n * step
		at := sentences[i][1]
		if e.wrong {
			at = sentences[(i+len(sentences)/2)%len(sentences)][1]
		}
		send(fmt.Sprintf(`{"text":%s,"sources":[%q]`, quote(strings.TrimSpace(sentences[i][2])), at))
		e.mu.Lock()
		e.sent = time.Now()
		e.mu.Unlock()
		send("},")
		select {
		case <-e.handed:
		case <-time.After(100 * time.Millisecond): // the gate dropped it
		case <-r.Context().Done():
			return
		}
	}
	send(`]}`)
	_, _ = io.WriteString(w, finish("stop")+"data: [DONE]\n\n")
}

// BenchmarkRequestIsSent measures from the question to the request at the endpoint:
// searching 20 thousand paragraphs, filling the prompt, the queue, the wire. The
// aim is a 99th percentile under 25 ms.
func BenchmarkRequestIsSent(b *testing.B) {
	corpus := shuffled(b, large)
	e := &stamped{}
	engine := engineOver(b, corpus.library.open(b), e, 4)
	var took []time.Duration
	for b.Loop() {
		asked := time.Now()
		if _, err := engine.Answer(b.Context(), answer.Question{Text: corpus.question()}, nil); err != nil {
			b.Fatal(err)
		}
		if at := e.at.Load(); at != nil && at.After(asked) {
			took = append(took, at.Sub(asked))
		}
	}
	if len(took) == 0 {
		b.Fatal("no request came")
	}
	report(b, took)
}

// stamped notes when the last request came, and answers shortly.
type stamped struct{ at atomic.Pointer[time.Time] }

func (e *stamped) serve(w http.ResponseWriter, r *http.Request, p prompt) {
	e.at.Store(&p.At)
	says(object(false)).serve(w, r, p)
}

// BenchmarkManyQuestionsAtOnce asks 500 questions at once of an endpoint with a
// latency, fifty at a time. The aim is 1.15 times the ideal time, and less than
// 200 MB of memory.
func BenchmarkManyQuestionsAtOnce(b *testing.B) {
	const questions, concurrency = 500, 50
	for _, latency := range []time.Duration{100 * time.Millisecond, time.Second} {
		b.Run(latency.String(), func(b *testing.B) {
			e := &late{latency: latency}
			engine := engineOver(b, article(b).open(b), e, concurrency)
			ideal := latency * questions / concurrency
			var all time.Duration
			for b.Loop() {
				started := time.Now()
				var group sync.WaitGroup
				for i := range questions {
					group.Go(func() {
						a, err := engine.Answer(b.Context(), answer.Question{Text: membership, Asker: fmt.Sprint(i % 100)}, func(answer.Claim) {})
						if err != nil || a.Method != answer.LLM || len(a.Claims) != 2 {
							b.Errorf("got %d claims by %s: %s %v", len(a.Claims), a.Method, a.Error, err)
						}
					})
				}
				group.Wait()
				all += time.Since(started)
			}
			b.ReportMetric(float64(all)/float64(b.N)/float64(ideal), "x-ideal")
			b.ReportMetric(float64(e.most.Load())/1e6, "peak-MB")
		})
	}
}

// late answers after a latency, and notes how much memory the process has then.
type late struct {
	latency time.Duration
	most    atomic.Uint64
}

func (e *late) serve(w http.ResponseWriter, r *http.Request, p prompt) {
	if !pause(r, e.latency) {
		return
	}
	for now := memory(); ; {
		before := e.most.Load()
		if now <= before || e.most.CompareAndSwap(before, now) {
			break
		}
	}
	says(claims(redLine, rubio)).serve(w, r, p)
}

// memory is what the process has of the system, less what it gave back, in bytes.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

// engineOver is an engine with a client of one endpoint that answers by r.
func engineOver(b testing.TB, base *knowledge.Base, r reply, concurrency int) *answer.Engine {
	b.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		at := time.Now()
		var body struct {
			Messages []struct{ Content string }
		}
		if err := json.NewDecoder(req.Body).Decode(&body); err != nil || len(body.Messages) < 2 {
			b.Errorf("request: %v", err)
			return
		}
		r.serve(w, req, prompt{User: body.Messages[1].Content, At: at})
	}))
	b.Cleanup(s.Close)
	client, err := llm.New(llm.Options{Endpoints: []llm.Endpoint{named("first", s.URL)}, Concurrency: concurrency})
	if err != nil {
		b.Fatal(err)
	}
	return answer.NewEngine(base, answer.Options{Generator: client, Estimate: client.Estimate})
}

// report tells the median and the 99th percentile.
func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		b.ReportMetric(took[(len(took)-1)*p/100].Seconds()*1000, fmt.Sprintf("p%d-ms", p))
	}
}

// A corpus is made of the sentences of the article and the handbook.
type corpus struct {
	library   library
	random    *rand.Rand
	sentences []string
	words     []string
}

// One word in replaced is exchanged for another one of the corpus, so that no two
// paragraphs of the many that share a sentence are the same.
const replaced = 16

// shuffled makes a corpus of so many paragraphs, the same one every time.
func shuffled(b *testing.B, paragraphs int) *corpus {
	b.Helper()
	c := &corpus{random: rand.New(rand.NewPCG(1, 2))}
	for _, in := range append(article(b), handbook(b)...) {
		for line := range strings.SplitSeq(string(in.Data), "\n") {
			if strings.ContainsAny(line, "|#>=") || len(line) < 60 {
				continue
			}
			for _, s := range paragraph.Sentences(line) {
				c.sentences = append(c.sentences, strings.TrimSpace(line[s.Start:s.End]))
				c.words = append(c.words, strings.Fields(line[s.Start:s.End])...)
			}
		}
	}
	const perDocument = 40
	for n := 0; n < paragraphs; n += perDocument {
		id := fmt.Sprintf("d%05d", n/perDocument)
		var text strings.Builder
		fmt.Fprintf(&text, "# Document %s\n", id)
		for range perDocument {
			text.WriteString("\n" + c.paragraph() + "\n")
		}
		c.library = append(c.library, knowledge.Input{ID: id, Path: id + ".md", Data: []byte(text.String())})
	}
	return c
}

func (c *corpus) paragraph() string {
	var out []string
	for range 3 + c.random.IntN(4) {
		words := strings.Fields(c.sentences[c.random.IntN(len(c.sentences))])
		for i := range words[:len(words)-1] { // the last one has the full stop
			if c.random.IntN(replaced) == 0 {
				words[i] = c.words[c.random.IntN(len(c.words))]
			}
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, " ")
}

// question asks in the words of a sentence.
func (c *corpus) question() string {
	words := strings.Fields(c.sentences[c.random.IntN(len(c.sentences))])
	at := c.random.IntN(max(1, len(words)-6))
	return "What about " + strings.Trim(strings.Join(words[at:min(at+6, len(words))], " "), ".,;:") + "?"
}
