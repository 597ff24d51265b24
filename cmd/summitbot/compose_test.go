package main

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"summitbot/config"
)

// compose is what the tests look at in compose.yaml. Fields that are not here are
// mistakes, so that a misspelt one cannot switch a protection off.
type compose struct {
	Services map[string]struct {
		Build, Image, Restart, User string
		EnvFile                     []any `yaml:"env_file"`
		Configs                     []struct{ Source, Target string }
		Volumes, Ports              []string
		ReadOnly                    bool     `yaml:"read_only"`
		CapDrop                     []string `yaml:"cap_drop"`
		SecurityOpt                 []string `yaml:"security_opt"`
		PidsLimit                   int      `yaml:"pids_limit"`
		MemLimit                    string   `yaml:"mem_limit"`
		StopGracePeriod             string   `yaml:"stop_grace_period"`
		Healthcheck                 struct {
			Test                       []string
			Interval, Timeout, Retries string
			StartPeriod                string `yaml:"start_period"`
		}
		Logging map[string]string
	}
	Configs map[string]struct{ Content string }
	Volumes map[string]any
}

func readCompose(t *testing.T) compose {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	dec := yaml.NewDecoder(file)
	dec.KnownFields(true)
	var c compose
	if err := dec.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestComposeGivesTheProgramNoMoreThanItNeeds(t *testing.T) {
	c := readCompose(t)
	s := c.Services["summitbot"]
	if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || s.User != "65532:65532" {
		t.Errorf("got %+v", s)
	}
	for _, port := range s.Ports {
		if !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("port %s can be reached from other machines", port)
		}
	}
	for _, v := range s.Volumes {
		name, _, _ := strings.Cut(v, ":")
		if _, named := c.Volumes[name]; !named && !strings.HasSuffix(v, ":ro") {
			t.Errorf("volume %s is neither named nor read only", v)
		}
	}
	// What the Dockerfile says of the same things.
	data, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	dockerfile := string(data)
	for _, want := range []string{
		"USER " + s.User, `CMD ["/summitbot", "health"]`, "VOLUME /data",
		"/etc/summitbot/summitbot.yaml", "EXPOSE 8080",
	} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("%q is not in the Dockerfile", want)
		}
	}
	if want := []string{"CMD", "/summitbot", "health"}; !slices.Equal(s.Healthcheck.Test, want) {
		t.Errorf("health is checked by %q", s.Healthcheck.Test)
	}
}

func TestTheSettingsInComposeAreValidWithAllOfThemOn(t *testing.T) {
	c := readCompose(t)
	s := c.Services["summitbot"]
	if len(s.Configs) != 1 || s.Configs[0].Target != "/etc/summitbot/summitbot.yaml" {
		t.Fatalf("got %+v", s.Configs)
	}
	text := c.Configs[s.Configs[0].Source].Content
	if regexp.MustCompile(`(^|[^$])\$\{`).MatchString(text) {
		t.Error("compose puts a variable in itself, so that a secret gets into the container's configuration")
	}
	text = strings.ReplaceAll(text, "$$", "$")
	text = strings.ReplaceAll(text, "path: /docs", "path: "+t.TempDir()) // it is there in the container only
	every := regexp.MustCompile(`(?m)^#( *(?:-|[a-z_]+:))`).ReplaceAllString(text, "$1")
	for name, text := range map[string]string{"as it is": text, "with all on": every} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "summitbot.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			// The kinds of tokens are known by how they begin.
			token := func(name string) (string, bool) {
				kind := map[string]string{"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}[name]
				return cmp.Or(kind, "a-token"), true
			}
			got, warnings, err := config.Load(file, token)
			for _, w := range warnings {
				t.Errorf("warning: %s", w)
			}
			if err != nil {
				t.Error(err)
			}
			if got.DataDir != "/data" || got.Web.Listen != "0.0.0.0:8080" {
				t.Errorf("got %+v", got)
			}
			if on := name == "with all on"; got.Slack.Set() != on || got.Discord.Set() != on || (len(got.Sources) > 0) != on {
				t.Errorf("slack %v, discord %v, sources %v", got.Slack.Set(), got.Discord.Set(), got.Sources)
			}
		})
	}
}
