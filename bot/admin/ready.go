package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"summitbot/bot"
)

// A Status says whether people can ask.
type Status string

// The statuses.
const (
	Ready    Status = "ready"
	Degraded Status = "degraded" // people can ask, and not everything is as it should be
	Unready  Status = "unready"  // nobody gets an answer
)

// Readiness is what Readyz tells, as JSON.
type Readiness struct {
	Status     Status      `json:"status"`
	Reasons    []string    `json:"reasons"` // why it is not Ready, in words
	Version    string      `json:"version"`
	Revision   string      `json:"revision,omitempty"`
	Started    time.Time   `json:"started"`
	Documents  int         `json:"documents"`
	Paragraphs int         `json:"paragraphs"`
	Canary     CanaryView  `json:"canary"`
	Fronts     []FrontView `json:"fronts"`
	Models     []ModelView `json:"models"`
	Queue      int         `json:"queue"` // questions that wait for a model
	UnderWay   int         `json:"questions_under_way"`
	Sources    []string    `json:"sources"` // what could not be read of them
}

// CanaryView is how the newest question whose answer is known was answered.
type CanaryView struct {
	OK     bool      `json:"ok"`
	At     time.Time `json:"at"`
	Millis float64   `json:"ms"`
	Error  string    `json:"error,omitempty"`
}

// FrontView is how one front end is.
type FrontView struct {
	Name       string     `json:"name"`
	Connected  bool       `json:"connected"` // people can ask there
	State      bot.State  `json:"state"`
	Detail     string     `json:"detail,omitempty"`
	Since      time.Time  `json:"since"`
	LastEvent  *time.Time `json:"last_event"`  // null if there was none
	LastAnswer *time.Time `json:"last_answer"` // likewise
	Reconnects int        `json:"reconnects"`
}

// ModelView is how one endpoint is.
type ModelView struct {
	Name    string `json:"name"`
	Breaker string `json:"breaker"`
}

// ready tells whether people can ask: 503 if nobody can. With ?strict=1 it is 503 too
// if something is not as it should be, for those who watch rather than route.
func (a *Admin) ready(w http.ResponseWriter, r *http.Request) {
	view := a.readiness(a.canary.look(r.Context()))
	w.Header().Set("Content-Type", "application/json")
	if view.Status == Unready || view.Status == Degraded && r.URL.Query().Get("strict") != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	_ = enc.Encode(view) // whoever went away needs no answer
}

// readiness puts together what is known.
func (a *Admin) readiness(seen look) Readiness {
	v := Readiness{
		Status: Ready, Reasons: []string{}, Version: a.o.Version, Revision: a.o.Revision, Started: a.started.UTC(),
		Documents: seen.documents, Paragraphs: seen.paragraphs,
		Canary: CanaryView{OK: seen.err == nil, At: seen.at.UTC(), Millis: float64(seen.took.Microseconds()) / 1000},
		Fronts: []FrontView{}, Models: []ModelView{}, Sources: []string{}, UnderWay: a.o.Metrics.UnderWay(),
	}
	worse := func(s Status, why string) {
		if v.Status != Unready {
			v.Status = s
		}
		v.Reasons = append(v.Reasons, why)
	}
	if seen.err != nil {
		v.Canary.Error = seen.err.Error()
		worse(Unready, "canary: "+v.Canary.Error)
	}
	connected := 0
	for _, f := range a.o.Fronts {
		view := a.front(f)
		v.Fronts = append(v.Fronts, view)
		if view.Connected {
			connected++
		}
		if view.Connected && view.Detail == "" {
			continue
		}
		worse(Degraded, fmt.Sprintf("%s: %s", view.Name, why(view)))
	}
	if connected == 0 {
		worse(Unready, "no front end can be asked")
	}
	for _, err := range a.o.Problems() {
		v.Sources = append(v.Sources, err.Error())
		worse(Degraded, "sources: "+err.Error())
	}
	models, _ := a.o.Models()
	v.Queue = models.Waiting
	for _, m := range models.Endpoints {
		v.Models = append(v.Models, ModelView{m.Name, m.Breaker})
		if m.Breaker == breakerOpen {
			worse(Degraded, fmt.Sprintf("model endpoint %q is left alone after failures", m.Name))
		}
	}
	return v
}

// front puts together what is known of one front end.
func (a *Admin) front(f Front) FrontView {
	h := f.Health()
	last := h.LastAnswer
	if t := a.o.Metrics.LastAnswer(f.Name()); t.After(last) {
		last = t
	}
	return FrontView{
		Name: f.Name(), Connected: h.State == bot.Connected, State: h.State, Detail: h.Detail, Since: h.Since.UTC(),
		LastEvent: known(h.LastEvent), LastAnswer: known(last), Reconnects: h.Reconnects,
	}
}

// why says in words what is wrong with a front end.
func why(f FrontView) string {
	if f.Detail == "" {
		return string(f.State)
	}
	return string(f.State) + ": " + f.Detail
}

// known is nil for a time at which nothing was.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}
