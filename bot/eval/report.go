package eval

import (
	"math"
	"slices"
)

// A Report is the figures of one run. Shares lie between 0 and 1. A figure is
// nil where the questions give no ground for it.
//
// Positives are the askings that a base should answer, negatives those it
// should refuse: with Options.Missing the questions whose articles are left
// out, otherwise the questions marked refuse. A question marked or_refuse is
// neither.
type Report struct {
	// HitAt1 and HitAt5 are the shares of questions with judged paragraphs
	// that have one among the first hit, the first five; MRRAt10 is the mean
	// of 1/rank of the first one, 0 beyond rank ten.
	HitAt1  *float64 `json:"hit_at_1,omitempty"`
	HitAt5  *float64 `json:"hit_at_5,omitempty"`
	MRRAt10 *float64 `json:"mrr_at_10,omitempty"`

	// HitAt1Clean is HitAt1 of the same questions before one name was
	// misspelt, and HitAt1Loss what the misspelling cost.
	HitAt1Clean *float64 `json:"hit_at_1_clean,omitempty"`
	HitAt1Loss  *float64 `json:"hit_at_1_loss,omitempty"`

	// Containment1, 2 and 3 are the shares of positives with judged answer
	// strings whose strings occur in the first one, two, three sentences that
	// the answerer ranks, whether or not it would then refuse. Strings of
	// Question.Answers must occur as whole words.
	Containment1 *float64 `json:"containment_1,omitempty"`
	Containment2 *float64 `json:"containment_2,omitempty"`
	Containment3 *float64 `json:"containment_3,omitempty"`

	// CitationPrecision is the share of right ones among the paragraphs cited
	// in answers to questions with judged paragraphs, each counted once an
	// answer. CitationRecall is the share of positives with judged paragraphs
	// whose answer cites at least one of them, for any one is a right citation.
	CitationPrecision *float64 `json:"citation_precision,omitempty"`
	CitationRecall    *float64 `json:"citation_recall,omitempty"`

	// RefusalAUROC is the probability that a positive's confidence exceeds a
	// negative's, ties counting half. RefusedAt5 is the share of negatives
	// that would be refused by the highest threshold that refuses no more
	// than 5 % of the positives, where to be refused is to lie strictly below
	// the threshold: ties with it count against us.
	RefusalAUROC *float64 `json:"refusal_auroc,omitempty"`
	RefusedAt5   *float64 `json:"refused_at_5,omitempty"`

	// RefusalPrecision is the share of negatives among the refusals,
	// RefusalRecall the share of refusals among the negatives, and
	// FalseRefusalRate the share of refusals among the positives. They count
	// what really happened, and a refusal that makes a claim is none.
	RefusalPrecision *float64 `json:"refusal_precision,omitempty"`
	RefusalRecall    *float64 `json:"refusal_recall,omitempty"`
	FalseRefusalRate *float64 `json:"false_refusal_rate,omitempty"`

	// Passed of Total askings had the right outcome, at least one right
	// citation and the judged strings in the claims shown.
	Passed int `json:"passed"`
	Total  int `json:"total"`

	// P50Millis and P99Millis are the median and the 99th percentile (nearest
	// rank) of the time from question to finished answer.
	P50Millis *float64 `json:"p50_ms,omitempty"`
	P99Millis *float64 `json:"p99_ms,omitempty"`

	// Model is what a model did, nil if none was asked.
	*Model

	Skipped
}

// Model is the figures of the answers that a model was asked for.
type Model struct {
	ClaimsMade     int `json:"claims_made"`
	ClaimsShown    int `json:"claims_shown"`
	ClaimsRepaired int `json:"claims_repaired"` // of those shown: with another citation than the model's, or as their source sentence
	ClaimsDropped  int `json:"claims_dropped"`
	// ShownRate is the share of the claims made that were shown.
	ShownRate *float64 `json:"shown_rate,omitempty"`
	// DroppedFor counts the drops by reason.
	DroppedFor map[string]int `json:"dropped_for"`
	// Fallbacks counts the answers from the documents alone, because the model
	// failed or nothing that it said could be verified.
	Fallbacks        int      `json:"fallbacks"`
	Calls            int      `json:"calls"`
	PromptTokens     int      `json:"prompt_tokens"`
	CompletionTokens int      `json:"completion_tokens"`
	FirstClaimP50    *float64 `json:"first_claim_p50_ms,omitempty"` // question to first claim shown
	FirstClaimP99    *float64 `json:"first_claim_p99_ms,omitempty"`
}

// newModel adds up what a model did; nil if none was asked.
func newModel(results []Result) *Model {
	m := &Model{DroppedFor: map[string]int{}}
	var first []float64
	for _, r := range results {
		a := r.Account
		if a.Calls == 0 {
			continue
		}
		m.Calls += a.Calls
		m.PromptTokens += a.PromptTokens
		m.CompletionTokens += a.CompletionTokens
		m.ClaimsDropped += len(a.Dropped)
		for _, d := range a.Dropped {
			m.DroppedFor[d.Reason]++
		}
		if r.Fallback {
			m.Fallbacks++
			m.ClaimsMade += len(a.Dropped)
			continue
		}
		m.ClaimsMade += a.Claims
		m.ClaimsShown += a.Shown
		m.ClaimsRepaired += a.Repaired
		if a.FirstClaimMillis > 0 {
			first = append(first, a.FirstClaimMillis)
		}
	}
	if m.Calls == 0 {
		return nil
	}
	m.ShownRate = share(m.ClaimsShown, m.ClaimsMade)
	m.FirstClaimP50, m.FirstClaimP99 = percentile(first, 50), percentile(first, 99)
	return m
}

// Skipped counts the questions that were not asked, by the reason.
type Skipped struct {
	LLM     int `json:"skipped_llm"`               // need a model, and there is none
	Refuse  int `json:"skipped_refuse,omitempty"`  // marked refuse, under Options.Missing
	Name    int `json:"skipped_name,omitempty"`    // no name to misspell
	Article int `json:"skipped_article,omitempty"` // no own article is known, or no other is left
}

// newReport computes every figure from the results.
func newReport(results []Result, skipped Skipped) Report {
	var (
		ranks, cleanRanks, misspeltRanks []int
		contained                        []int
		cited, right                     int
		recallable, recalled             int
		positives, negatives             []float64 // confidences
		refusedPositives, refusedNegs    int
		millis                           []float64
	)
	report := Report{Total: len(results), Skipped: skipped}
	for _, r := range results {
		millis = append(millis, r.Millis)
		if r.Passed {
			report.Passed++
		}
		switch r.Expected {
		case Absent:
			negatives = append(negatives, r.Confidence)
			if r.refused() {
				refusedNegs++
			}
			continue
		case Present:
			positives = append(positives, r.Confidence)
			if r.refused() {
				refusedPositives++
			}
			if r.question.judgesText() {
				contained = append(contained, r.Contained)
			}
		}
		if len(r.question.Paragraphs) == 0 {
			continue
		}
		ranks = append(ranks, r.Rank)
		if r.CleanRank != nil {
			cleanRanks = append(cleanRanks, *r.CleanRank)
			misspeltRanks = append(misspeltRanks, r.Rank)
		}
		cited += r.citations
		right += r.right
		if r.Expected == Present {
			recallable++
			if r.right > 0 {
				recalled++
			}
		}
	}

	report.HitAt1, report.HitAt5 = within(ranks, 1), within(ranks, 5)
	report.MRRAt10 = meanReciprocal(ranks)
	report.HitAt1Clean = within(cleanRanks, 1)
	if misspelt := within(misspeltRanks, 1); misspelt != nil {
		report.HitAt1Loss = new(*report.HitAt1Clean - *misspelt)
	}
	report.Containment1, report.Containment2, report.Containment3 = within(contained, 1), within(contained, 2), within(contained, 3)
	report.CitationPrecision, report.CitationRecall = share(right, cited), share(recalled, recallable)
	report.RefusalAUROC = auroc(positives, negatives)
	report.RefusedAt5 = refusedAt5(positives, negatives)
	if len(negatives) > 0 {
		report.RefusalPrecision = share(refusedNegs, refusedNegs+refusedPositives)
	}
	report.RefusalRecall = share(refusedNegs, len(negatives))
	report.FalseRefusalRate = share(refusedPositives, len(positives))
	report.P50Millis, report.P99Millis = percentile(millis, 50), percentile(millis, 99)
	report.Model = newModel(results)
	return report
}

// share returns part/whole, or nil if there is nothing to share.
func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	return new(float64(part) / float64(whole))
}

// within returns the share of ranks between 1 and k; 0 is not ranked.
func within(ranks []int, k int) *float64 {
	n := 0
	for _, r := range ranks {
		if 1 <= r && r <= k {
			n++
		}
	}
	return share(n, len(ranks))
}

// meanReciprocal returns the mean of 1/rank, a rank of 0 counting nothing.
func meanReciprocal(ranks []int) *float64 {
	if len(ranks) == 0 {
		return nil
	}
	sum := 0.0
	for _, r := range ranks {
		if r > 0 {
			sum += 1 / float64(r)
		}
	}
	return new(sum / float64(len(ranks)))
}

// auroc returns the probability that a random positive exceeds a random
// negative, ties counting half; nil if either is empty.
func auroc(positives, negatives []float64) *float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(negatives))
	wins := 0.0
	for _, p := range positives {
		below, _ := slices.BinarySearch(sorted, p)
		notAbove, _ := slices.BinarySearch(sorted, math.Nextafter(p, math.Inf(1)))
		wins += float64(below) + float64(notAbove-below)/2
	}
	return new(wins / float64(len(positives)) / float64(len(negatives)))
}

// refusedAt5 returns the share of negatives strictly below the highest
// threshold that at most one in twenty positives lies strictly below; nil if
// either is empty.
func refusedAt5(positives, negatives []float64) *float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(positives))
	threshold := sorted[len(sorted)/20]
	refused := 0
	for _, n := range negatives {
		if n < threshold {
			refused++
		}
	}
	return share(refused, len(negatives))
}

// percentile returns the smallest value that p percent of values do not
// exceed (nearest rank), or nil if there is none.
func percentile(values []float64, p int) *float64 {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	return new(sorted[max(0, (len(sorted)*p+99)/100-1)])
}
