//go:build race

package main

// usualKills is how often the program is killed where the environment does not say:
// under the race detector, which is there for the program's goroutines and not for
// its files, each life takes some ten times as long.
const usualKills = 20
