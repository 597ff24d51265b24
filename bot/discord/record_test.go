package discord_test

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var callsTo = flag.String("calls", "", "write every call of the bot and its reply to this file, for discordserver/spec to validate")

// recordTo is what Options.Record gets; nil unless the flag is set.
var recordTo io.Writer

// TestMain opens the file for the calls: the flag's, or one in the folder that
// SUMMITBOT_CALLS names, so that one run of all tests can record.
func TestMain(m *testing.M) {
	flag.Parse()
	if dir := os.Getenv("SUMMITBOT_CALLS"); dir != "" && *callsTo == "" {
		*callsTo = filepath.Join(dir, "bot-calls")
	}
	if *callsTo != "" {
		f, err := os.OpenFile(*callsTo, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		recordTo = f
	}
	m.Run()
}
