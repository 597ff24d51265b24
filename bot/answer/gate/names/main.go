// Command names makes the table of names that the background frequencies take
// for ordinary words: stems that are common there and that the texts given
// nearly always write with a capital, wherever in a sentence they stand.
//
//	go run ./bot/answer/gate/names FILE... >bot/answer/gate/tables/names-en.txt
//
// It keeps no text, only which of the background's own stems are names.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"summitbot/knowledge/analysis"
)

const (
	common  = 1.0 / 4000 // rarer words are names by themselves; see package gate
	seen    = 4          // occurrences inside sentences on which the judgement rests
	capital = 0.93       // the share of them that a name has with a capital
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("names: ")
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(files []string) error {
	all, upper := map[string]int{}, map[string]int{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		count(string(data), all, upper)
	}
	names := slices.DeleteFunc(slices.Collect(maps.Keys(all)), func(stem string) bool {
		share, _ := analysis.Background(stem, "en")
		return share < common || all[stem] < seen || float64(upper[stem]) < capital*float64(all[stem])
	})
	slices.SortFunc(names, cmp.Compare[string])
	out := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(out, "# Names among the common stems of analysis.Background; made by the command names.")
	for line := range slices.Chunk(names, 16) {
		fmt.Fprintln(out, strings.Join(line, " "))
	}
	return out.Flush()
}

// count counts the words of a text that stand inside its sentences, and those
// with a capital.
func count(text string, all, upper map[string]int) {
	end := 0
	for _, t := range analysis.Tokens(text, nil) {
		word, gap := text[t.Start:t.End], text[min(end, t.Start):t.Start] // pairs of characters overlap
		end = t.End
		folded := analysis.Fold(word)
		if strings.Trim(gap, " ,-") != "" || gap == "" || analysis.IsNumber(word) || analysis.IsStop(folded, "en") || analysis.IsDateWord(folded, "en") {
			continue
		}
		stem := analysis.Stem(folded, "en")
		all[stem]++
		if analysis.IsCapitalised(word) {
			upper[stem]++
		}
	}
}
