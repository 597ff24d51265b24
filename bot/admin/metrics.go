package admin

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"time"

	// The library of those who made the format; everybody's Prometheus reads it.
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"summitbot/bot"
	"summitbot/bot/llm"
)

// namespace is what the names begin with.
const namespace = "summitbot_"

// seconds are the buckets of times to an answer: from documents in memory, a
// millisecond, to a model on a slow machine, two minutes.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 4, 8, 15, 30, 60, 120}

// How an endpoint's breaker is, in llm.EndpointState.
const (
	breakerClosed   = "closed"
	breakerHalfOpen = "half-open"
	breakerOpen     = "open"
)

// breakerStates numbers them for Prometheus; more is worse.
var breakerStates = map[string]float64{breakerClosed: 0, breakerHalfOpen: 1, breakerOpen: 2}

// Metrics counts questions, as the bot's Observer. It is safe for concurrent use.
type Metrics struct {
	now      func() time.Time
	registry *prometheus.Registry

	questions, dropped, claims *prometheus.CounterVec
	first, total               *prometheus.HistogramVec
	tokens                     *prometheus.CounterVec

	mu       sync.Mutex
	underWay int
	answered map[string]time.Time // the newest, by surface
}

var _ bot.Observer = (*Metrics)(nil)

// NewMetrics returns Metrics of nothing yet.
func NewMetrics(now func() time.Time) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: namespace + name, Help: help}, labels)
	}
	histogram := func(name, help string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: namespace + name, Help: help, Buckets: seconds}, []string{"surface"})
	}
	m := &Metrics{
		now: now, registry: prometheus.NewRegistry(), answered: map[string]time.Time{},
		questions: counter("questions_total", "Messages that ended, by surface and how.", "surface", "outcome"),
		claims:    counter("claims_total", "Claims of answers, by their fate: shown, repaired (shown with another citation than the model's) or dropped.", "fate"),
		dropped:   counter("claims_dropped_total", "Claims that were not shown, by the check that they failed.", "reason"),
		first:     histogram("first_claim_seconds", "Time from a question to its first claim."),
		total:     histogram("answer_seconds", "Time from a question to its answer or refusal; failures are not in it."),
		tokens:    counter("answer_tokens_total", "Tokens of finished answers, by surface and kind.", "surface", "kind"),
	}
	under := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: namespace + "questions_under_way", Help: "Messages taken and not ended."},
		func() float64 { return float64(m.UnderWay()) })
	m.registry.MustRegister(m.questions, m.claims, m.dropped, m.first, m.total, m.tokens, under,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Asked implements bot.Observer.
func (m *Metrics) Asked(string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.underWay++
}

// Claimed implements bot.Observer.
func (m *Metrics) Claimed(surface string, after time.Duration) {
	m.first.WithLabelValues(surface).Observe(after.Seconds())
}

// Ended implements bot.Observer.
func (m *Metrics) Ended(e bot.Ended) {
	m.questions.WithLabelValues(e.Surface, string(e.Outcome)).Inc()
	told := e.Outcome == bot.OutcomeAnswered || e.Outcome == bot.OutcomeOffline || e.Outcome == bot.OutcomeRefused
	m.mu.Lock()
	m.underWay--
	if told {
		m.answered[e.Surface] = m.now()
	}
	m.mu.Unlock()
	if !told {
		return
	}
	m.total.WithLabelValues(e.Surface).Observe(e.Total.Seconds())
	a := e.Account
	m.claims.WithLabelValues("shown").Add(float64(max(0, a.Shown-a.Repaired)))
	m.claims.WithLabelValues("repaired").Add(float64(a.Repaired))
	m.claims.WithLabelValues("dropped").Add(float64(len(a.Dropped)))
	for _, d := range a.Dropped {
		m.dropped.WithLabelValues(d.Reason).Inc()
	}
	m.tokens.WithLabelValues(e.Surface, "prompt").Add(float64(a.PromptTokens))
	m.tokens.WithLabelValues(e.Surface, "completion").Add(float64(a.CompletionTokens))
}

// UnderWay tells how many messages are taken and not ended.
func (m *Metrics) UnderWay() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.underWay
}

// LastAnswer tells when a surface was last given an answer, or a refusal.
func (m *Metrics) LastAnswer(surface string) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answered[surface]
}

// metrics returns what serves Metricz: what was counted, and what is to be seen now.
func (a *Admin) metrics() http.Handler {
	state := prometheus.NewRegistry()
	state.MustRegister(stateOf{a})
	// Two visits at once are one too many already.
	return promhttp.HandlerFor(prometheus.Gatherers{a.o.Metrics.registry, state}, promhttp.HandlerOpts{
		MaxRequestsInFlight: 2, Timeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(a.o.Log.Handler(), slog.LevelWarn),
	})
}

// stateOf collects what is not counted but is to be seen.
type stateOf struct{ *Admin }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(namespace+name, help, labels, nil)
}

var (
	descBuild      = describe("build_info", "The program that runs; always 1.", "version", "revision", "goversion")
	descReady      = describe("ready", "Whether people can ask and are answered: 1 or 0.")
	descDocuments  = describe("documents", "Documents that are answered from.")
	descParagraphs = describe("paragraphs", "Their paragraphs.")
	descProblems   = describe("source_problems", "What could not be read of the sources.")
	descCanary     = describe("canary_success", "Whether a question whose answer is known was answered right: 1 or 0.")
	descCanaryTime = describe("canary_seconds", "How long that took.")
	descConnected  = describe("front_connected", "Whether people can ask there: 1 or 0.", "front")
	descReconnects = describe("reconnects_total", "Connections that were opened anew.", "front")
	descEvent      = describe("front_last_event_timestamp_seconds", "When something last came from there; absent if nothing did.", "front")
	descRequests   = describe("model_requests_total", "Requests to the endpoint, by how they ended.", "endpoint", "result")
	descRetries    = describe("model_retries_total", "Requests sent again after a pause.", "endpoint")
	descTokens     = describe("model_tokens_total", "Tokens as the endpoint reports them.", "endpoint", "kind")
	descBreaker    = describe("breaker_state", "Whether the endpoint is asked: 0 as usual, 1 on trial, 2 left alone after failures.", "endpoint")
	descModelWay   = describe("model_under_way", "Completions that have a place.")
	descQueue      = describe("queue", "Completions that wait for a place.")
)

// Describe implements prometheus.Collector. It sends nothing: which of them are there
// depends on the configuration.
func (stateOf) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s stateOf) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	seen := s.canary.look(context.Background())
	ready := s.readiness(seen)
	gauge(descBuild, 1, s.o.Version, s.o.Revision, runtime.Version())
	gauge(descReady, one(ready.Status != Unready))
	gauge(descDocuments, float64(seen.documents))
	gauge(descParagraphs, float64(seen.paragraphs))
	gauge(descProblems, float64(len(ready.Sources)))
	gauge(descCanary, one(seen.err == nil))
	gauge(descCanaryTime, seen.took.Seconds())
	for _, f := range ready.Fronts {
		gauge(descConnected, one(f.Connected), f.Name)
		counter(descReconnects, float64(f.Reconnects), f.Name)
		if f.LastEvent != nil {
			gauge(descEvent, float64(f.LastEvent.UnixMilli())/1000, f.Name)
		}
	}
	models, there := s.o.Models()
	if !there {
		return
	}
	gauge(descModelWay, float64(models.UnderWay))
	gauge(descQueue, float64(models.Waiting))
	for _, e := range models.Endpoints {
		s.endpoint(e, gauge, counter)
	}
}

// A metric hands on one value.
type metric func(d *prometheus.Desc, v float64, labels ...string)

func (stateOf) endpoint(e llm.EndpointState, gauge, counter metric) {
	gauge(descBreaker, breakerStates[e.Breaker], e.Name)
	counter(descRetries, float64(e.Retries), e.Name)
	counter(descTokens, float64(e.PromptTokens), e.Name, "prompt")
	counter(descTokens, float64(e.CompletionTokens), e.Name, "completion")
	for result, n := range e.Requests {
		counter(descRequests, float64(n), e.Name, string(result))
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
