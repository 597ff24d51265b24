package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// report writes Markdown: what was measured, then the tables.
func report(w io.Writer, all []figures, c *corpus) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s. %d documents with %d paragraphs; above that, noise made of the %d documents that no question is about.\n",
		time.Now().Format(time.DateOnly), len(c.documents), c.paragraphs, len(c.documents)-len(c.asked))

	table(out, "paragraphs", "engine", "paragraphs/s", "query p50 ms", "p99 ms", "CPU ms/query", "hit@1", "hit@5",
		"resident MB", "build peak MB", "resident after the questions MB", "files MB")
	for _, m := range all {
		for i, s := range m.Searches {
			build := []string{"", "", "", "", ""}
			if i == 0 {
				build = []string{perSecond(m.Paragraphs, m.Build), megabytes(m.Resident), megabytes(m.Peak), megabytes(m.After), megabytes(m.Disk)}
			}
			row(out, thousands(m.Paragraphs), s.Name, build[0], milliseconds(s.P50), milliseconds(s.P99), milliseconds(s.CPU),
				percent(s.Hit1), percent(s.Hit5), build[1], build[2], build[3], build[4])
		}
	}

	table(out, "paragraphs", "adding 30 paragraphs p50 ms", "p99 ms", "queries meanwhile p50 ms", "p99 ms")
	for _, m := range all {
		if a := m.Adding; a != nil {
			row(out, thousands(m.Paragraphs), milliseconds(a.P50), milliseconds(a.P99), milliseconds(a.SearchP50), milliseconds(a.SearchP99))
		}
	}

	table(out, "paragraphs", "rebuild from the store s", "of which reading s", "resident MB", "peak MB", "filling the store, paragraphs/s", "store MB")
	for _, m := range all {
		if r := m.Rebuild; r != nil {
			row(out, thousands(m.Paragraphs), seconds(r.Open), seconds(r.Read), megabytes(r.Resident), megabytes(r.Peak),
				perSecond(m.Paragraphs, r.Fill), megabytes(r.Disk))
		}
	}
	return out.Flush()
}

// table starts a table: all columns but words are right-aligned.
func table(w io.Writer, columns ...string) {
	fmt.Fprintln(w)
	row(w, columns...)
	rule := make([]string, len(columns))
	for i, c := range columns {
		rule[i] = "---:"
		if c == "engine" {
			rule[i] = "---"
		}
	}
	row(w, rule...)
}

func row(w io.Writer, cells ...string) {
	fmt.Fprintln(w, "| "+strings.Join(cells, " | ")+" |")
}

// thousands groups the digits of n by threes.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func perSecond(n int, took time.Duration) string {
	return thousands(int(float64(n) / took.Seconds()))
}

func milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 10 {
		return fmt.Sprintf("%.2f", ms)
	}
	return fmt.Sprintf("%.1f", ms)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

func megabytes(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", float64(n)/1e6)
}

func percent(share float64) string { return fmt.Sprintf("%.1f", 100*share) }
