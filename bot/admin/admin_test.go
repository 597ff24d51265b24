package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"summitbot/bot"
	"summitbot/bot/admin"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
	"summitbot/bot/llm"
	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/source"
	"summitbot/knowledge/sqlite"
)

// A front is a front end of any health.
type front struct {
	name   string
	health bot.Health
}

func (f *front) Name() string       { return f.name }
func (f *front) Health() bot.Health { return f.health }

// A station is an Admin that serves, over documents that a bot answers from.
type station struct {
	t       *testing.T
	base    *knowledge.Base
	bot     *bot.Bot
	journal *journal.Journal
	fronts  []*front
	url     string
}

// A breakable base is one whose searches or reads can be broken.
type breakable struct {
	*knowledge.Base
	search  func(knowledge.Result) (knowledge.Result, error)
	passage error
}

func (b *breakable) Search(ctx context.Context, q knowledge.Query) (knowledge.Result, error) {
	r, err := b.Base.Search(ctx, q)
	if err == nil && b.search != nil {
		return b.search(r)
	}
	return r, err
}

func (b *breakable) Passage(ctx context.Context, at knowledge.Address, digest string, around int) (knowledge.Document, []knowledge.Paragraph, error) {
	if b.passage != nil {
		return knowledge.Document{}, nil, b.passage
	}
	return b.Base.Passage(ctx, at, digest, around)
}

// open serves what a test changes of the usual: two front ends, of which both are
// connected, and the article.
func open(t *testing.T, change func(*admin.Options, *breakable)) *station {
	t.Helper()
	store, err := sqlite.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	finder := index.New()
	t.Cleanup(func() { finder.Close(); store.Close() })
	base, err := knowledge.Open(t.Context(), store, finder)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := base.Ingest(t.Context(), knowledge.Input(source.Embedded())); err != nil {
		t.Fatal(err)
	}
	s := &station{t: t, base: base, fronts: []*front{
		{"slack", bot.Health{State: bot.Connected, Since: time.Now(), LastEvent: time.Unix(1_700_000_000, 0), Reconnects: 3}},
		{"web", bot.Health{State: bot.Connected, Since: time.Now()}},
	}}
	if s.journal, err = journal.New(t.Context(), store.DB(), time.Now); err != nil {
		t.Fatal(err)
	}
	documents := &breakable{Base: base}
	listening := make(chan string, 1)
	o := admin.Options{
		Listen: "127.0.0.1:0", Fronts: []admin.Front{s.fronts[0], s.fronts[1]}, Documents: documents,
		Metrics: admin.NewMetrics(time.Now), Version: "v1.2.3", Now: time.Now,
		Listening: func(address string) { listening <- address },
	}
	if change != nil {
		change(&o, documents)
	}
	s.bot = bot.New(bot.Options{
		Answerer: answer.NewExtractive(base, time.Now), Journal: s.journal, Now: time.Now, Observer: o.Metrics,
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- admin.New(o).Run(ctx) }()
	select {
	case address := <-listening:
		s.url = "http://" + address
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
	return s
}

func (s *station) get(path string) (int, http.Header, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

func (s *station) ready(path string) (int, admin.Readiness) {
	s.t.Helper()
	status, _, body := s.get(path)
	var r admin.Readiness
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		s.t.Fatalf("%v in %s", err, body)
	}
	return status, r
}

// metrics reads what Prometheus would.
func (s *station) metrics() map[string]*dto.MetricFamily {
	s.t.Helper()
	status, _, body := s.get("/metrics")
	if status != http.StatusOK {
		s.t.Fatalf("status %d: %s", status, body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return families
}

// value returns the value of a metric with all of some labels, NaN if it is not there.
func value(families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	for _, m := range families[name].GetMetric() {
		var got []string
		for _, l := range m.GetLabel() {
			got = append(got, l.GetName()+"="+l.GetValue())
		}
		if cmp.Equal(labels, got) || len(labels) == 0 && len(got) == 0 {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
		}
	}
	return math.NaN()
}

// mute is a Responder that shows nothing.
type mute struct{}

func (mute) Working(context.Context) error               { return nil }
func (mute) Claim(context.Context, answer.Claim) error   { return nil }
func (mute) Answer(context.Context, answer.Answer) error { return nil }
func (mute) Failure(context.Context, bot.Failure) error  { return nil }

func (s *station) ask(key, surface, text string) {
	s.t.Helper()
	err := s.bot.HandleMessage(s.t.Context(), bot.Message{Key: key, Surface: surface, Text: text}, mute{})
	if err != nil && !errors.Is(err, bot.ErrSeen) {
		s.t.Fatal(err)
	}
}

const question = "Would the proposal give Ukraine NATO membership?"

func TestHealthzSaysThatTheProcessLives(t *testing.T) {
	s := open(t, func(_ *admin.Options, b *breakable) { b.passage = errors.New("broken") })
	status, header, body := s.get("/healthz")
	if status != http.StatusOK || body != "ok\n" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %q %v", status, body, header)
	}
	for _, path := range []string{"/", "/debug/pprof/", "/healthz/x"} {
		if status, _, _ := s.get(path); status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func TestReadyzTellsOfFrontEndsDocumentsAndTheCanary(t *testing.T) {
	s := open(t, nil)
	s.ask("k", "web", question)
	status, r := s.ready("/readyz")
	if status != http.StatusOK || r.Status != admin.Ready || len(r.Reasons) > 0 {
		t.Errorf("got %d, %s: %q", status, r.Status, r.Reasons)
	}
	if r.Documents != 1 || r.Paragraphs != 18 || !r.Canary.OK || r.Canary.At.IsZero() || r.Version != "v1.2.3" {
		t.Errorf("got %+v", r)
	}
	slack, web := r.Fronts[0], r.Fronts[1]
	if slack.Name != "slack" || !slack.Connected || slack.LastEvent == nil || slack.LastAnswer != nil || slack.Reconnects != 3 {
		t.Errorf("slack: %+v", slack)
	}
	if web.LastEvent != nil || web.LastAnswer == nil || time.Since(*web.LastAnswer) > time.Minute {
		t.Errorf("web: %+v", web)
	}
}

func TestReadyzSaysWhatIsNotAsItShouldBe(t *testing.T) {
	down := func(s *station, names ...string) {
		for _, f := range s.fronts {
			for _, name := range names {
				if name == "-"+f.name {
					f.health.Detail = "a request with a wrong signature"
				}
				if f.name == name {
					f.health = bot.Health{State: bot.Down, Detail: "the token is not taken"}
				}
			}
		}
	}
	for _, tt := range []struct {
		name           string
		change         func(*admin.Options, *breakable)
		down           []string
		status, strict int
		want           admin.Status
		reason         string
	}{
		{"a front end is down", nil, []string{"slack"}, 200, 503, admin.Degraded, "slack: down: the token is not taken"},
		{"all are", nil, []string{"slack", "web"}, 503, 503, admin.Unready, "no front end can be asked"},
		{"a front end is connected and something is wrong", nil, []string{"-slack"}, 200, 503, admin.Degraded, "slack: connected: a request with a wrong signature"},
		{
			"the index has lost its sentences",
			func(_ *admin.Options, b *breakable) {
				b.search = func(r knowledge.Result) (knowledge.Result, error) { r.Hits = nil; return r, nil }
			},
			nil, 503, 503, admin.Unready, `canary: a sentence of document "alaska-summit", asked back: it was not found`,
		},
		{
			"the index has another text than the store",
			func(_ *admin.Options, b *breakable) {
				b.search = func(r knowledge.Result) (knowledge.Result, error) {
					for i := range r.Hits {
						p := &r.Hits[i].Paragraph
						p.Text = strings.ToUpper(p.Text)
					}
					return r, nil
				}
			},
			nil, 503, 503, admin.Unready, "does not stand there",
		},
		{
			"the store cannot be read", func(_ *admin.Options, b *breakable) { b.passage = errors.New("disk I/O error") },
			nil, 503, 503, admin.Unready, `canary: read document "alaska-summit": disk I/O error`,
		},
		{
			"searching fails", func(_ *admin.Options, b *breakable) {
				b.search = func(knowledge.Result) (knowledge.Result, error) { return knowledge.Result{}, errors.New("no index") }
			},
			nil, 503, 503, admin.Unready, "no index",
		},
		{
			"a source cannot be read", func(o *admin.Options, _ *breakable) {
				o.Problems = func() []error { return []error{errors.New("news.pdf: no text in it")} }
			},
			nil, 200, 503, admin.Degraded, "sources: news.pdf: no text in it",
		},
		{
			"a model is left alone", func(o *admin.Options, _ *breakable) {
				o.Models = func() (llm.State, bool) {
					return llm.State{Endpoints: []llm.EndpointState{{Name: "default", Breaker: "open"}, {Name: "other", Breaker: "closed"}}}, true
				}
			},
			nil, 200, 503, admin.Degraded, `model endpoint "default" is left alone after failures`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, tt.change)
			down(s, tt.down...)
			status, r := s.ready("/readyz")
			strict, _ := s.ready("/readyz?strict=1")
			if status != tt.status || strict != tt.strict || r.Status != tt.want || !strings.Contains(strings.Join(r.Reasons, "; "), tt.reason) {
				t.Errorf("got %d (strict %d), %s: %q; want %d (%d), %s: %q", status, strict, r.Status, r.Reasons, tt.status, tt.strict, tt.want, tt.reason)
			}
		})
	}
}

func TestReadyzWithoutDocumentsIsUnready(t *testing.T) {
	s := open(t, nil)
	if err := s.base.Delete(t.Context(), "alaska-summit"); err != nil {
		t.Fatal(err)
	}
	if status, r := s.ready("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(strings.Join(r.Reasons, "; "), "there are no documents") {
		t.Errorf("got %d, %q", status, r.Reasons)
	}
}

// TestTheCanaryIsNoQuestion looks at what a visit leaves behind.
func TestTheCanaryIsNoQuestion(t *testing.T) {
	s := open(t, nil)
	s.ready("/readyz")
	if total := s.metrics()["summitbot_questions_total"]; total != nil {
		t.Errorf("counted: %v", total)
	}
	left, err := s.journal.Unfinished(t.Context(), "")
	if err != nil || len(left) > 0 {
		t.Errorf("journaled: %v, %v", left, err)
	}
	if got := value(s.metrics(), "summitbot_canary_success"); got != 1 {
		t.Errorf("canary_success is %v", got)
	}
}

// TestTheCanaryFindsItsSentenceInDocumentsOfAllKinds has what the first document may
// be, each for itself.
func TestTheCanaryFindsItsSentenceInDocumentsOfAllKinds(t *testing.T) {
	for name, text := range map[string]string{
		"one word":       "Yes.",
		"a list":         "# Shopping\n\n- Milk\n- Bread\n- Milk\n",
		"numbers":        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
		"German":         "Die Sitzung wurde am 3. Mai eröffnet. Der Vorstand beschloss den Haushalt für das kommende Jahr.\n",
		"Japanese":       "会議は五月三日に開かれた。予算案は全会一致で可決された。\n",
		"the same twice": "The board met.\n\nThe board met.\n\nThe board met.\n",
		"a long one":     strings.Repeat("And the report went on and on about the budget of the year ", 30) + ".\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			if err := s.base.Delete(t.Context(), "alaska-summit"); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.base.Ingest(t.Context(), knowledge.Input{ID: "x", Path: "x.md", Data: []byte(text)}); err != nil {
				t.Fatal(err)
			}
			if _, r := s.ready("/readyz"); !r.Canary.OK {
				t.Errorf("canary: %s", r.Canary.Error)
			}
		})
	}
}

func TestMetricsCountQuestions(t *testing.T) {
	s := open(t, nil)
	s.ask("1", "web", question)
	s.ask("1", "web", question)
	s.ask("2", "web", "Which hotel in Anchorage did they sleep in?")
	s.ask("3", "slack", "")
	families := s.metrics()
	for _, tt := range []struct {
		name   string
		labels []string
		want   float64
	}{
		{"summitbot_questions_total", []string{"outcome=answered", "surface=web"}, 1},
		{"summitbot_questions_total", []string{"outcome=refused", "surface=web"}, 1},
		{"summitbot_questions_total", []string{"outcome=repeated", "surface=web"}, 1},
		{"summitbot_questions_total", []string{"outcome=failed:empty", "surface=slack"}, 1},
		{"summitbot_questions_under_way", nil, 0},
		{"summitbot_documents", nil, 1},
		{"summitbot_paragraphs", nil, 18},
		{"summitbot_ready", nil, 1},
		{"summitbot_canary_success", nil, 1},
		{"summitbot_reconnects_total", []string{"front=slack"}, 3},
		{"summitbot_front_connected", []string{"front=web"}, 1},
		{"summitbot_front_last_event_timestamp_seconds", []string{"front=slack"}, 1_700_000_000},
		{"summitbot_claims_dropped_total", []string{"reason=any"}, math.NaN()},
	} {
		if got := value(families, tt.name, tt.labels...); got != tt.want && !(math.IsNaN(got) && math.IsNaN(tt.want)) {
			t.Errorf("%s%v is %v, want %v", tt.name, tt.labels, got, tt.want)
		}
	}
	if got := value(families, "summitbot_claims_total", "fate=shown"); !(got >= 1) {
		t.Errorf("claims shown: %v", got)
	}
	for name, want := range map[string]uint64{"summitbot_answer_seconds": 2, "summitbot_first_claim_seconds": 1} {
		h := families[name].GetMetric()[0].GetHistogram()
		if h.GetSampleCount() != want || h.GetSampleSum() <= 0 || h.GetSampleSum() > 60 {
			t.Errorf("%s: %v", name, h)
		}
	}
	for _, name := range []string{"go_goroutines", "process_resident_memory_bytes", "summitbot_build_info"} {
		if families[name] == nil {
			t.Errorf("%s is not there", name)
		}
	}
}

// TestHistogramsPutTimesWhereTheyBelong tells the observer of answers that took known
// times.
func TestHistogramsPutTimesWhereTheyBelong(t *testing.T) {
	var metrics *admin.Metrics
	s := open(t, func(o *admin.Options, _ *breakable) { metrics = o.Metrics })
	for _, took := range []time.Duration{2 * time.Millisecond, 40 * time.Millisecond, 3 * time.Second, 3 * time.Minute} {
		metrics.Asked("slack")
		metrics.Claimed("slack", took/2)
		metrics.Ended(bot.Ended{Surface: "slack", Outcome: bot.OutcomeAnswered, Total: took, Account: answer.Account{
			Claims: 4, Shown: 2, Repaired: 1, Dropped: []answer.Drop{{Text: "secret text", Reason: "numbers"}, {Reason: "judge"}},
			PromptTokens: 100, CompletionTokens: 10,
		}})
	}
	metrics.Asked("slack")
	metrics.Ended(bot.Ended{Surface: "slack", Outcome: "failed:late", Total: time.Hour})
	families := s.metrics()
	got := map[float64]uint64{}
	for _, b := range families["summitbot_answer_seconds"].GetMetric()[0].GetHistogram().GetBucket() {
		got[b.GetUpperBound()] = b.GetCumulativeCount()
	}
	for bound, want := range map[float64]uint64{.001: 0, .0025: 1, .025: 1, .05: 2, 2: 2, 4: 3, 120: 3, math.Inf(1): 4} {
		if got[bound] != want {
			t.Errorf("at most %v s: %d, want %d", bound, got[bound], want)
		}
	}
	for _, tt := range []struct {
		name   string
		labels []string
		want   float64
	}{
		{"summitbot_claims_total", []string{"fate=shown"}, 4},
		{"summitbot_claims_total", []string{"fate=repaired"}, 4},
		{"summitbot_claims_total", []string{"fate=dropped"}, 8},
		{"summitbot_claims_dropped_total", []string{"reason=judge"}, 4},
		{"summitbot_answer_tokens_total", []string{"kind=prompt", "surface=slack"}, 400},
		{"summitbot_questions_total", []string{"outcome=failed:late", "surface=slack"}, 1},
	} {
		if got := value(families, tt.name, tt.labels...); got != tt.want {
			t.Errorf("%s%v is %v, want %v", tt.name, tt.labels, got, tt.want)
		}
	}
	if _, _, body := s.get("/metrics"); strings.Contains(body, "secret") {
		t.Error("a claim's text is in the metrics")
	}
}

func TestMetricsTellOfModels(t *testing.T) {
	s := open(t, func(o *admin.Options, _ *breakable) {
		o.Models = func() (llm.State, bool) {
			return llm.State{UnderWay: 2, Waiting: 5, Endpoints: []llm.EndpointState{{
				Name: "default", Breaker: "half-open", Retries: 7, PromptTokens: 900, CompletionTokens: 90,
				Requests: map[llm.Result]int64{llm.ResultDone: 4, llm.ResultLimited: 6},
			}}}, true
		}
	})
	families := s.metrics()
	for _, tt := range []struct {
		name   string
		labels []string
		want   float64
	}{
		{"summitbot_model_under_way", nil, 2},
		{"summitbot_queue", nil, 5},
		{"summitbot_breaker_state", []string{"endpoint=default"}, 1},
		{"summitbot_model_retries_total", []string{"endpoint=default"}, 7},
		{"summitbot_model_requests_total", []string{"endpoint=default", "result=limited"}, 6},
		{"summitbot_model_tokens_total", []string{"endpoint=default", "kind=completion"}, 90},
	} {
		if got := value(families, tt.name, tt.labels...); got != tt.want {
			t.Errorf("%s%v is %v, want %v", tt.name, tt.labels, got, tt.want)
		}
	}
}

// TestManyVisitsAtOnce asks and looks at the same time, for the race detector.
func TestManyVisitsAtOnce(t *testing.T) {
	s := open(t, nil)
	done := make(chan struct{})
	for i := range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for j := range 10 {
				key := fmt.Sprint(i, " ", j)
				err := s.bot.HandleMessage(t.Context(), bot.Message{Key: key, Surface: "web", Text: question}, mute{})
				if err != nil {
					t.Error(err)
				}
			}
		}()
		go func() {
			defer func() { done <- struct{}{} }()
			for _, path := range []string{"/readyz", "/metrics", "/healthz"} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := new(http.Client).Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close()
			}
		}()
	}
	for range 8 {
		<-done
	}
	if got := value(s.metrics(), "summitbot_questions_total", "outcome=answered", "surface=web"); got != 40 {
		t.Errorf("%v questions were counted, want 40", got)
	}
}

func TestAnAddressWithoutAHostIsForThisMachineOnly(t *testing.T) {
	s := open(t, func(o *admin.Options, _ *breakable) { o.Listen = ":0" })
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Errorf("it listens at %s", s.url)
	}
}

func TestRunSaysThatAnAddressIsTaken(t *testing.T) {
	s := open(t, nil)
	a := admin.New(admin.Options{
		Listen: strings.TrimPrefix(s.url, "http://"), Documents: s.base, Metrics: admin.NewMetrics(time.Now), Now: time.Now,
	})
	if err := a.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}
