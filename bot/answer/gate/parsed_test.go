package gate

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parsed(texts ...string) []*Parsed { return parse("en", cite(texts...)) }

func TestParsedSentencesAreJudgedLikeOthers(t *testing.T) {
	for _, r := range good {
		for _, claim := range []string{r.claim, "He said that " + r.claim, "Not " + r.claim} {
			want := Check(claim, "en", r.cited, Options{})
			if diff := cmp.Diff(want, CheckParsed(claim, "en", parse("en", r.cited), Options{})); diff != "" {
				t.Errorf("CheckParsed(%q) (-Check +CheckParsed):\n%s", claim, diff)
			}
		}
	}
}

func TestAParsedSentenceServesManyChecksAtOnce(t *testing.T) {
	cited := parsed(proposal, reports, declared)
	want := CheckParsed(good[0].claim, "en", cited, Options{})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 20 {
				CheckParsed("Brown said the proposal would not grant Ukraine membership.", "en", cited, Options{})
				if diff := cmp.Diff(want, CheckParsed(good[0].claim, "en", cited, Options{})); diff != "" {
					t.Errorf("another verdict (-want +got):\n%s", diff)
				}
			}
		})
	}
	wait.Wait()
}

func TestNearPutsTheSentenceOfAClaimFirst(t *testing.T) {
	texts := []string{summit, leaders, agenda, likeNATO, anger, rubio, worry, proposal, reports, declared, stressed, witkoff, unease, outcome}
	sentences := parsed(texts...)
	for _, r := range good {
		got := Near(r.claim, "en", sentences, 3)
		if len(got) == 0 || len(got) > 3 {
			t.Fatalf("Near(%q) = %v", r.claim, got)
		}
		found := false
		for _, i := range got {
			found = found || texts[i] == r.cited[len(r.cited)-1].Text
		}
		if !found {
			t.Errorf("Near(%q) = %v: not the sentence that it is from", r.claim, got)
		}
	}
	if got := Near("Xylophones oscillate.", "en", sentences, 3); got != nil {
		t.Errorf("Near(a claim of other words) = %v, want none", got)
	}
}

func BenchmarkCheckParsed(b *testing.B) {
	cited := parsed(proposal, reports, declared)
	for b.Loop() {
		CheckParsed("The proposal would not grant Ukraine NATO membership, but it could provide binding assurances.", "en", cited, Options{})
	}
}

func BenchmarkNearOf200(b *testing.B) {
	var sentences []*Parsed
	for len(sentences) < 200 {
		sentences = append(sentences, parsed(proposal, reports, declared, stressed, witkoff)...)
	}
	for b.Loop() {
		Near("The proposal would not grant Ukraine NATO membership, but it could provide binding assurances.", "en", sentences, 5)
	}
}
