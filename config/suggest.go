package config

import "strings"

// closest returns the known key that was probably meant by key, or "".
func closest(key string, known []string) string {
	// A key that is longer than any known one by far is not a slip of the
	// finger, and the distance is quadratic.
	if len(key) > 40 {
		return ""
	}
	key = plain(key)
	best, least := "", max(1, len(key)/3)+1
	for _, k := range known {
		if d := distance(key, plain(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// plain folds what people write differently without meaning another key:
// dataDir, data-dir and DATA_DIR.
func plain(key string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(key))
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that make b of a (optimal string alignment), in bytes.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
