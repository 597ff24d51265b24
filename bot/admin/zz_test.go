package admin_test
import ("testing";"fmt";"time";"strings"
"summitbot/knowledge";"iter")
func TestZZ(t *testing.T) {
	s := open(t, nil)
	var seq iter.Seq[knowledge.Input] = func(yield func(knowledge.Input) bool) {
		for i := range 10000 {
			if !yield(knowledge.Input{ID: fmt.Sprintf("d%05d", i), Path: "x.txt", Data: []byte(fmt.Sprintf("Document %d speaks of harbours and the year %d.\n\n", i, i) + strings.Repeat("The harbour master reported a quiet night again and again.\n\n", 5))}) { return }
		}
	}
	if err := s.base.IngestAll(t.Context(), seq, func(knowledge.Ingested) {}); err != nil { t.Fatal(err) }
	start := time.Now()
	_, r := s.ready("/readyz")
	t.Log(time.Since(start), r.Documents, r.Paragraphs, r.Canary)
}
