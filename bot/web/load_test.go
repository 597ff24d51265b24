package web_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// clients is how many ask at the same time.
const clients = 50

// BenchmarkAskOverHTTP asks from 50 clients, answered without a model and written
// into the journal.
func BenchmarkAskOverHTTP(b *testing.B) {
	h := newHouse(b)
	h.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = clients
	questions := []string{asked, "Who met whom in Alaska?", "What did Zelensky say about land?", refused}
	work := make(chan string, clients)
	took := make([][]time.Duration, clients)
	var asking sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	begun := time.Now()
	for i := range clients {
		asking.Go(func() {
			for q := range work {
				start := time.Now()
				r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, h.URL+"/api/ask", strings.NewReader(`{"question":"`+q+`"}`))
				if err != nil {
					b.Error(err)
					return
				}
				r.Header.Set("Content-Type", "application/json")
				response, err := h.Client().Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK {
					b.Errorf("status %d, %v", response.StatusCode, err)
				}
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	for i := range b.N {
		work <- questions[i%len(questions)]
	}
	close(work)
	asking.Wait()
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	if len(all) == 0 {
		return
	}
	b.ReportMetric(float64(len(all))/time.Since(begun).Seconds(), "questions/s")
	b.ReportMetric(float64(all[len(all)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(all[min(len(all)-1, len(all)*99/100)])/1e6, "p99-ms")
}
