//go:build !race

package answer_test

// outputs is how many outputs are made.
const outputs = 10_000
