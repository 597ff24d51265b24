// Command gen makes ../background-en.tsv from a table of document frequencies
// (first line "# N=<paragraphs>", then word, tab, count): words are folded and
// stemmed by package analysis, and the counts of one stem added up. A paragraph
// with two forms of a stem is counted twice, which hardly moves an idf.
//
//	go run ./knowledge/analysis/gen df-en.tsv >knowledge/analysis/background-en.tsv
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"

	"summitbot/knowledge/analysis"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gen df-en.tsv")
	}
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(data)) {
		word, count, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(count)
		if err != nil {
			log.Fatal(err)
		}
		counts[analysis.Stem(analysis.Fold(word), "en")] += n
	}
	stems := make([]string, 0, len(counts))
	for s := range counts {
		stems = append(stems, s)
	}
	slices.Sort(stems)
	w := bufio.NewWriter(os.Stdout)
	for _, s := range stems {
		fmt.Fprintf(w, "%s\t%d\n", s, counts[s])
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}
