//go:build !race

package main

// usualKills is how often the program is killed where the environment does not say.
const usualKills = 200
