package answer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSourcesAreNumberedInOrderOfFirstUse(t *testing.T) {
	cite := func(address string, start, end int) Citation {
		return Citation{Address: address, Revision: "r", Start: start, End: end}
	}
	a := Answer{Claims: []Claim{
		{Citations: []Citation{cite("b#2", 10, 20)}},
		{Citations: []Citation{cite("a#1", 0, 5), cite("b#2", 0, 12)}},
		{Citations: []Citation{cite("b#2", 30, 40)}},
	}}
	var got []string
	for i, s := range Sources(a) {
		if i > 0 && !s.Cites(a.Claims[1]) || s.Cites(a.Claims[2]) != (i == 0) {
			t.Errorf("%s cites the wrong claims", s.Address)
		}
		got = append(got, fmt.Sprint(s.Address, s.Spans()))
	}
	want := []string{"b#2[{0 20} {30 40}]", "a#1[{0 5}]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func TestRevisionsOfOneParagraphAreSourcesOfTheirOwn(t *testing.T) {
	a := Answer{Claims: []Claim{{Citations: []Citation{{Address: "a#1", Revision: "old"}, {Address: "a#1", Revision: "new"}}}}}
	if got := len(Sources(a)); got != 2 {
		t.Errorf("%d sources, want 2", got)
	}
}

func TestAQuoteInsideAnotherIsLeftOut(t *testing.T) {
	s := Source{Citations: []Citation{{Quote: "One  two."}, {Quote: "two."}, {Quote: " "}, {Quote: "Three."}}}
	show := func(q string) string { return strings.Join(strings.Fields(q), " ") }
	if diff := cmp.Diff([]string{"One two.", "Three."}, s.Quotes(show)); diff != "" {
		t.Errorf("quotes (-want +got):\n%s", diff)
	}
}
