//go:build !linux

package main

// more are the programs of the tests that only this system has.
var more map[string]func()
