package wire_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"sync"
	"testing"
)

var exchangesTo = flag.String("exchanges", "", "write every request and reply to this file, for ./spec to validate")

// An exchange is one request with its reply, as they were on the wire; ./spec reads
// them.
type exchange struct {
	Behaviour string          `json:"behaviour"`
	Method    string          `json:"method"`
	Path      string          `json:"path"`
	Request   json.RawMessage `json:"request"`
	Status    int             `json:"status"`
	Type      string          `json:"type"`
	Body      string          `json:"body"`
	Odd       string          `json:"odd,omitempty"` // why the reply does not follow the API
}

// exchanges are those of this run.
type exchanges struct {
	mu   sync.Mutex
	kept []exchange
}

var seen exchanges

func (e *endpoint) record(r *http.Request, body []byte, w *recorder) {
	if *exchangesTo == "" || !json.Valid(body) {
		return
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	seen.kept = append(seen.kept, exchange{
		Behaviour: e.t.Name(), Method: r.Method, Path: r.URL.Path, Request: body,
		Status: w.status, Type: w.Header().Get("Content-Type"), Body: w.body.String(), Odd: e.odd,
	})
}

// TestMain writes the exchanges when all tests are done.
func TestMain(m *testing.M) {
	flag.Parse()
	m.Run()
	if *exchangesTo != "" {
		if err := seen.write(*exchangesTo); err != nil {
			panic(err)
		}
	}
}

func (x *exchanges) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(f)
	for _, e := range x.kept {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return f.Close()
}
