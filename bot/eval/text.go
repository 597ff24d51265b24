package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteText writes the figures as a table for people. Absent figures are left out.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d passed\n", r.Passed, r.Total)
	for _, s := range []struct {
		count int
		what  string
	}{
		{r.Skipped.LLM, "need a model"},
		{r.Skipped.Refuse, "without an answer anyway"},
		{r.Skipped.Name, "without a name to misspell"},
		{r.Skipped.Article, "without an article to leave out or keep"},
	} {
		if s.count > 0 {
			fmt.Fprintf(&b, "%d not asked: %s\n", s.count, s.what)
		}
	}
	b.WriteByte('\n')
	for _, f := range r.figures() {
		if f.value != nil && f.unit != count {
			fmt.Fprintf(&b, "%-30s %10s\n", f.label, f.format())
		}
	}
	if m := r.Model; m != nil {
		fmt.Fprintf(&b, "\n%d claims made, %d shown (%d repaired), %d dropped", m.ClaimsMade, m.ClaimsShown, m.ClaimsRepaired, m.ClaimsDropped)
		for i, reason := range slices.Sorted(maps.Keys(m.DroppedFor)) {
			sign := ", "
			if i == 0 {
				sign = ": "
			}
			fmt.Fprintf(&b, "%s%s %d", sign, reason, m.DroppedFor[reason])
		}
		fmt.Fprintf(&b, "\n%d calls, %d tokens in, %d out; %d answers without the model\n", m.Calls, m.PromptTokens, m.CompletionTokens, m.Fallbacks)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// format writes a figure's value with its unit.
func (f figure) format() string {
	v := *f.value
	switch f.unit {
	case percent:
		return fmt.Sprintf("%.1f %%", 100*v)
	case points:
		return fmt.Sprintf("%.1f points", 100*v)
	case decimal:
		return fmt.Sprintf("%.3f", v)
	case milliseconds:
		return fmt.Sprintf("%.1f ms", v)
	}
	return plain(v)
}

// WriteFailures writes up to limit results that did not pass, each with the
// reason, and how many more there are; limit 0 means all of them.
func WriteFailures(w io.Writer, results []Result, limit int) error {
	var b strings.Builder
	failed := 0
	for _, r := range results {
		if r.Passed {
			continue
		}
		if failed++; limit > 0 && failed > limit {
			continue
		}
		asked := r.Question
		if r.Asked != "" {
			asked = r.Asked
		}
		fmt.Fprintf(&b, "%s  %s\n", r.ID, asked)
		if r.Base != everything {
			fmt.Fprintf(&b, "    asked of the base %s\n", r.Base)
		}
		fmt.Fprintf(&b, "    %s\n", r.Why)
		for _, c := range r.Claims {
			fmt.Fprintf(&b, "    %s: %s\n", strings.Join(c.Addresses, ", "), c.Text)
		}
		for _, d := range r.Account.Dropped {
			fmt.Fprintf(&b, "    dropped (%s): %s\n", strings.TrimSpace(d.Reason+" "+d.Detail), d.Text)
		}
		if r.Error != "" {
			fmt.Fprintf(&b, "    %s\n", r.Error)
		}
	}
	if limit > 0 && failed > limit {
		fmt.Fprintf(&b, "and %d more\n", failed-limit)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteResults writes one JSON object a line for each result.
func WriteResults(w io.Writer, results []Result) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, r := range results {
		if err := encoder.Encode(r); err != nil {
			return fmt.Errorf("write result of question %q: %w", r.ID, err)
		}
	}
	return nil
}
