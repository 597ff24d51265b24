//go:build race

package answer_test

// outputs is how many outputs are made: the race detector makes each some ten
// times as slow, and finds nothing in the last that it does not in the first.
const outputs = 1_000
