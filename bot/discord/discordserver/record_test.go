package discordserver_test

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"summitbot/bot/discord/discordserver"
)

var callsTo = flag.String("calls", "", "write every call of the library and its reply to this file, for ./spec to validate")

// recordTo is what Options.Record gets; nil unless the flag is set.
var recordTo io.Writer

// TestMain opens the file for the calls: the flag's, or one in the folder that
// SUMMITBOT_CALLS names, so that one run of all tests can record.
func TestMain(m *testing.M) {
	flag.Parse()
	if dir := os.Getenv("SUMMITBOT_CALLS"); dir != "" && *callsTo == "" {
		*callsTo = filepath.Join(dir, "server-calls")
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

// recorded is start with the calls recorded, where the flag asks for that.
func recorded(t *testing.T, o discordserver.Options) *discordserver.Server {
	t.Helper()
	o.NoRates, o.Record = true, recordTo
	return discordserver.Start(t, o)
}
