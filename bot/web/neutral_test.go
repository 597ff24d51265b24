package web

import (
	"strings"
	"testing"
)

func TestNothingOnAPageReordersOrHidesText(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"plain – «text»\n\tof <b>all</b> kinds", "plain – «text»\n\tof <b>all</b> kinds"},
		{"naïve Ελλάδα עברית 日本語 👩‍👩‍👧", "naïve Ελλάδα עברית 日本語 👩‍👩‍👧"},
		{"not \u202egniht a", "not \ufffdgniht a"},
		{"\u2066x\u2069", "\ufffdx\ufffd"},
		{"bell\a and \x1b[31m red \u0085", "bell\ufffd and \ufffd[31m red \ufffd"},
		{"hidden \U000e0041\U000e0042", "hidden \ufffd\ufffd"},
		{"tower a" + strings.Repeat("\u0301", 100), "tower a" + strings.Repeat("\u0301", maxMarks)},
		{"é" + "e\u0301", "é" + "e\u0301"},
	} {
		if got := neutral(tt.text); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.text, got, tt.want)
		}
	}
}
