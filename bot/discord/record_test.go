package discord_test

import (
	"flag"
	"io"
	"os"
	"testing"
)

var callsTo = flag.String("calls", "", "write every call of the bot and its reply to this file, for discordserver/spec to validate")

// recordTo is what Options.Record gets; nil unless the flag is set.
var recordTo io.Writer

// TestMain opens the file for the calls.
func TestMain(m *testing.M) {
	flag.Parse()
	if *callsTo != "" {
		f, err := os.OpenFile(*callsTo, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		recordTo = f
	}
	m.Run()
}
