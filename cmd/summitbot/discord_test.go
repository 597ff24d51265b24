package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"summitbot/bot/discord/discordserver"
	"summitbot/bot/slack"
)

// TestServeAnswersInDiscordThoughSlackWillNotHaveIt starts both front ends, of which
// one ends at once.
func TestServeAnswersInDiscordThoughSlackWillNotHaveIt(t *testing.T) {
	w := startSlack(t, slack.Features{})
	w.RevokeToken(w.BotToken, "token_revoked")
	d := discordserver.Start(t, discordserver.Options{})
	ann := d.User("ann")
	room := d.AddChannel(d.Guild, "room")
	file := filepath.Join(t.TempDir(), "summitbot.yaml")
	text := "data_dir: data\nweb: {listen: off}\nslack: {bot_token: '${BOT}', app_token: '${APP}', api_url: '" + w.APIURL() + "'}\n" +
		"discord: {token: '${TOKEN}', api_url: '" + d.URL() + "', channels: [{channel: '123456789012345678', collections: [hr]}]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"BOT": w.BotToken, "APP": w.AppToken, "TOKEN": d.Token}[name]
		return value, ok
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr buffer
	code := make(chan int)
	go func() {
		code <- run(ctx, []string{"serve", "--config", file}, strings.NewReader(""), &stdout, &stderr, lookup)
	}()
	d.AwaitReady(1)
	id := d.Say(ann, room, d.Mention()+" What is Putin's red line?")
	d.AwaitMessage(room, "the answer", func(m discordserver.Message) bool {
		return m.ReplyTo == id && strings.Contains(m.Text(), "NATO membership")
	})
	cancel()
	if got := <-code; got != exitOK {
		t.Errorf("exit code: got %d, want %d; it said\n%s", got, exitOK, stderr.String())
	}
	for _, want := range []string{
		"discord: /summit, 0 servers and 1 channel with", `discord.channels[0]: there is no collection "hr"`, "going on with discord", "stopped",
	} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q is not in\n%s", want, stderr.String())
		}
	}
	if strings.Contains(stdout.String()+stderr.String(), d.Token) {
		t.Errorf("the token is shown in\n%s", stderr.String())
	}
}

func TestDiscordInviteAndCheck(t *testing.T) {
	d := discordserver.Start(t, discordserver.Options{})
	room := d.AddChannel(d.Guild, "room")
	write := func(more string) string {
		file := filepath.Join(t.TempDir(), "summitbot.yaml")
		if err := os.WriteFile(file, []byte("discord: {token: '${TOKEN}', api_url: '"+d.URL()+"', "+more+"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	lookup := func(name string) (string, bool) { return d.Token, name == "TOKEN" }
	for _, tt := range []struct {
		command, more string
		code          int
		want          string
	}{
		{"invite", "guild: ''", exitOK, "/oauth2/authorize?client_id=" + d.App + "&permissions=309237730304&scope=bot+applications.commands"},
		{"check", "channels: [{channel: '" + room + "'}]", exitOK, "ok      channel " + room + ": the bot may do all that it needs in #room"},
		{"check", "message_content: true", exitError, "missing message content intent: "},
	} {
		var stdout, stderr buffer
		got := run(t.Context(), []string{"discord", tt.command, "--config", write(tt.more)}, strings.NewReader(""), &stdout, &stderr, lookup)
		if got != tt.code || !strings.Contains(stdout.String(), tt.want) {
			t.Errorf("discord %s with %s: exit code %d\n%s%s", tt.command, tt.more, got, stdout.String(), stderr.String())
		}
	}
}
