package discord

import (
	"regexp"
	"testing"
)

func TestTheProgramCallsItselfAsDiscordDemands(t *testing.T) {
	form := regexp.MustCompile(`^DiscordBot \(https?://[^ ,()]+, [^ ,()]+\)( |$)`)
	for _, in := range [][2]string{{"", ""}, {"", "v1.2.3"}, {"https://ask.example.org", "v1.2.3"}, {"https://ask.example.org", ""}, {"https://ask.example.org", "(devel)"}} {
		if got := agentOf(in[0], in[1]); !form.MatchString(got) {
			t.Errorf("%q is not of the form", got)
		}
	}
	if got := agentOf("https://ask.example.org", "v1.2.3"); got != "DiscordBot (https://ask.example.org, v1.2.3) summitbot" {
		t.Errorf("got %q", got)
	}
}
