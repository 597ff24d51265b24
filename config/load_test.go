package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder returns a new folder with these files, given as name and content; a
// name that ends in a slash is a folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadFindsWhatTheFileNames(t *testing.T) {
	// The folder's name has the signs of a glob in it.
	root := folder(t, map[string]string{
		"[1] {bot}/docs/a.md":       "a",
		"[1] {bot}/docs/deep/b.md":  "b",
		"[1] {bot}/odd [x].md":      "c",
		"[1] {bot}/token":           "xoxb-1\r\n",
		"[1] {bot}/summitbot.yaml":  "data_dir: new\nsources: [{path: docs}, {path: docs/a.md}, {path: 'docs/**/b.*'}, {path: 'odd [x].md'}]\nslack: {bot_token_file: token, app_token: '${APP}'}\n",
		"[1] {bot}/elsewhere/x.txt": "",
	})
	dir := filepath.Join(root, "[1] {bot}")
	got, warnings, err := Load(filepath.Join(dir, "summitbot.yaml"), environment("APP=xapp-1"))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		DataDir: filepath.Join(dir, "new"),
		Sources: []Source{
			{Path: filepath.Join(dir, "docs")},
			{Path: filepath.Join(dir, "docs/a.md")},
			{Path: root + `/\[1\] \{bot\}/docs/**/b.*`},
			{Path: filepath.Join(dir, "odd [x].md")},
		},
		Slack: slackWith(func(s *Slack) {
			s.BotToken, s.BotTokenFile, s.AppToken = NewSecret("xoxb-1"), filepath.Join(dir, "token"), NewSecret("xapp-1")
		}),
		Discord: Default().Discord,
		Web:     Default().Web,
		Log:     Default().Log,
		Limits:  Default().Limits,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(warnings) > 0 {
		t.Errorf("got warnings %v", warnings)
	}
}

func TestLoadTellsOfEveryFileThatIsMissing(t *testing.T) {
	dir := folder(t, map[string]string{
		"data": "", "empty": " \n", "two": "a\nb\n", "big": strings.Repeat("x", maxSecretBytes+1), "docs/a.md": "", "secret/": "",
		"summitbot.yaml": `limits: {question_length: -1}
data_dir: data
sources:
  - path: docs
  - path: dosc
  - path: docs/*.html
  - path: docs/[a.md
  - path: docs/a.md/b
slack:
  bot_token_file: nowhere
  app_token_file: empty
discord:
  token_file: two
llm:
  base_url: http://a/v1
  model: m
  api_key_file: big
  fallbacks: [{base_url: http://b/v1, model: m, api_key_file: nowhere}]
web:
  token_file: secret
`,
	})
	_, _, err := Load(filepath.Join(dir, "summitbot.yaml"), environment())
	if err == nil {
		t.Fatal("got no error")
	}
	want := `summitbot.yaml:1: limits.question_length: write a number from 1 to 100000, not "-1"
summitbot.yaml:2: data_dir: "data" is not a folder
summitbot.yaml:5: sources[1].path: "dosc" does not exist
summitbot.yaml:6: sources[2].path: nothing matches "docs/*.html"
summitbot.yaml:7: sources[3].path: "docs/[a.md" is not a glob; a [ or { is not closed
summitbot.yaml:8: sources[4].path: "docs/a.md/b": not a directory
summitbot.yaml:10: slack.bot_token_file: "nowhere" does not exist
summitbot.yaml:11: slack.app_token_file: "empty" is empty
summitbot.yaml:13: discord.token_file: "two" holds more than one line of text
summitbot.yaml:17: llm.api_key_file: "big" holds more than one line of text
summitbot.yaml:18: llm.fallbacks[0].api_key_file: "nowhere" does not exist
summitbot.yaml:20: web.token_file: "secret" is not a file`
	got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLoadWarnsOfASecretFileThatEveryoneCanRead(t *testing.T) {
	dir := folder(t, map[string]string{"t": "secret", "summitbot.yaml": "discord: {token_file: t}\n"})
	if err := os.Chmod(filepath.Join(dir, "t"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, warnings, err := Load(filepath.Join(dir, "summitbot.yaml"), environment())
	if err != nil {
		t.Fatal(err)
	}
	got := warnings[len(warnings)-1].Message
	want := "everyone on this machine can read " + strconv.Quote(filepath.Join(dir, "t")) + "; chmod 600 it"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoadOfNoFileSaysSo(t *testing.T) {
	dir := t.TempDir()
	_, _, err := Load(filepath.Join(dir, "summitbot.yaml"), environment())
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want one that is fs.ErrNotExist", err)
	}
	if _, _, err := Load(dir, environment()); err == nil {
		t.Error("a folder was loaded")
	}
}

func TestFindGoesFromTheNearestToTheFarthest(t *testing.T) {
	all := map[string]string{
		"work/given.yaml": "", "work/summitbot.yaml": "", "work/summitbot.yml": "",
		"xdg/summitbot/summitbot.yaml": "", "home/.config/summitbot/summitbot.yaml": "",
	}
	tests := []struct {
		name     string
		explicit string
		without  []string
		xdg      string
		want     string // "" if none
	}{
		{"explicit", "given.yaml", nil, "xdg", "work/given.yaml"},
		{"working directory", "", nil, "xdg", "work/summitbot.yaml"},
		{"the other ending", "", []string{"work/summitbot.yaml"}, "xdg", "work/summitbot.yml"},
		{"XDG", "", []string{"work/summitbot.yaml", "work/summitbot.yml"}, "xdg", "xdg/summitbot/summitbot.yaml"},
		{"home", "", []string{"work/summitbot.yaml", "work/summitbot.yml"}, "", "home/.config/summitbot/summitbot.yaml"},
		{"none", "", []string{"work/summitbot.yaml", "work/summitbot.yml", "xdg/summitbot/summitbot.yaml"}, "xdg", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := folder(t, all)
			for _, name := range tt.without {
				if err := os.Remove(filepath.Join(root, name)); err != nil {
					t.Fatal(err)
				}
			}
			env := []string{"HOME=" + filepath.Join(root, "home"), "USERPROFILE=" + filepath.Join(root, "home")}
			if tt.xdg != "" {
				env = append(env, "XDG_CONFIG_HOME="+filepath.Join(root, tt.xdg))
			}
			got, found, err := Find(tt.explicit, filepath.Join(root, "work"), environment(env...))
			if err != nil {
				t.Fatal(err)
			}
			if found != (tt.want != "") {
				t.Errorf("found = %v", found)
			}
			if found {
				got, err = filepath.Rel(root, got)
				if err != nil {
					t.Fatal(err)
				}
			}
			if filepath.ToSlash(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFindMissesOnlyAnExplicitFile(t *testing.T) {
	dir := t.TempDir()
	if _, found, err := Find("", dir, environment("XDG_CONFIG_HOME=relative")); found || err != nil {
		t.Errorf("got %v, %v for no file at all", found, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "summitbot"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, found, err := Find("", dir, environment("XDG_CONFIG_HOME="+dir)); found || err != nil {
		t.Errorf("a file where the folder would be: got found %t, error %v", found, err)
	}
	if _, _, err := Find("my.yaml", dir, environment()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want one that is fs.ErrNotExist", err)
	}
	if _, _, err := Find(dir, dir, environment()); err == nil {
		t.Error("a folder was taken for a file")
	}
}

func TestTheExampleChangesNothing(t *testing.T) {
	dir := folder(t, map[string]string{"summitbot.yaml": string(Init())})
	got, warnings, err := Load(filepath.Join(dir, "summitbot.yaml"), environment())
	if err != nil || len(warnings) > 0 {
		t.Fatalf("got %v, warnings %v", err, warnings)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheExampleWithEverythingSwitchedOnIsGoodAndComplete(t *testing.T) {
	on := regexp.MustCompile(`(?m)^#(\S| {2,}\S)`).ReplaceAllString(string(Init()), "$1")
	dir := folder(t, map[string]string{"summitbot.yaml": on, "docs/": "", "azure.key": "k"})
	_, warnings, err := Load(filepath.Join(dir, "summitbot.yaml"), environment("LLM_API_KEY=k", "LLM_TEAM=t", "SLACK_BOT_TOKEN=xoxb-1", "SLACK_APP_TOKEN=xapp-1", "DISCORD_TOKEN=d", "WEB_TOKEN=w"))
	if err != nil || len(warnings) > 0 {
		t.Fatalf("got %v, warnings %v for\n%s", err, warnings, on)
	}
	for path := range schema(reflect.TypeFor[Config](), "") {
		key := path[strings.LastIndexByte(path, '.')+1:]
		if strings.HasSuffix(key, "_file") && regexp.MustCompile(`(?m)^#.*\b`+key+`\b`).MatchString(on) {
			continue // it is there instead of the secret, so not both are switched on
		}
		if regexp.MustCompile(`(?m)^# \| ` + key + `:`).MatchString(on) {
			continue // it is there in place of another key, so not both are switched on
		}
		if !regexp.MustCompile(`(?m)^[ -]*` + key + `:`).MatchString(on) {
			t.Errorf("%s is not in the example", path)
		}
	}
}

func TestEachEndpointOfTheExampleIsGood(t *testing.T) {
	found := regexp.MustCompile(`(?m)^# \| (llm: .*)$`).FindAllStringSubmatch(string(Init()), -1)
	if got, want := len(found), 6; got != want {
		t.Fatalf("got %d endpoints, want %d", got, want)
	}
	for _, f := range found {
		c, warnings, err := Parse("summitbot.yaml", []byte(f[1]), environment("OPENAI_API_KEY=k", "AZURE_OPENAI_API_KEY=k"))
		if err != nil || len(warnings) > 0 {
			t.Errorf("got %v, warnings %v", err, warnings)
		}
		if len(c.LLM.Endpoints()) != 1 || !c.LLM.Set() {
			t.Errorf("got endpoints %v", c.LLM.Endpoints())
		}
	}
}

// schema returns the fields of t and of its sections by path.
func schema(t reflect.Type, path string) map[string]reflect.StructField {
	all := map[string]reflect.StructField{}
	for i, key := range keys(t) {
		f := fieldsOf(t)[i]
		all[join(path, key)] = f
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[Secret]() {
			for p, f := range schema(inner, join(path, key)) {
				all[p] = f
			}
		}
	}
	return all
}

func keysOfAllSections() []string {
	var all []string
	for path := range schema(reflect.TypeFor[Config](), "") {
		all = append(all, path[strings.LastIndexByte(path, '.')+1:])
	}
	return all
}

func TestTheSchemaIsSound(t *testing.T) {
	fields := schema(reflect.TypeFor[Config](), "")
	for path, f := range fields {
		if !regexp.MustCompile(`^[a-z_.]+$`).MatchString(path) {
			t.Errorf("%s: bad key", path)
		}
		bounds := []string{f.Tag.Get("min"), f.Tag.Get("max")}
		switch f.Type.String() {
		case "int", "*float64":
			for _, b := range bounds {
				if _, err := strconv.ParseFloat(b, 64); err != nil {
					t.Errorf("%s: bound: %v", path, err)
				}
			}
		case "time.Duration":
			for _, b := range bounds {
				if _, err := parseDuration(b); err != nil {
					t.Errorf("%s: bound: %v", path, err)
				}
			}
		case "string":
			if as := f.Tag.Get("as"); as != "" && as != "path" && as != "url" && as != "address" && as != "listener" {
				t.Errorf("%s: stands for %q", path, as)
			}
		}
		if secret, isFile := strings.CutSuffix(path, "_file"); isFile {
			if fields[secret].Type != reflect.TypeFor[Secret]() || f.Tag.Get("as") != "path" {
				t.Errorf("%s: not the file of a secret", path)
			}
		}
	}
}

func TestPrintShowsTheWholeConfigurationButNoSecret(t *testing.T) {
	c := Default()
	c.DataDir = "/srv/data"
	c.Sources = []Source{{Path: "/srv/docs", Title: "yes: ${NO}"}}
	c.LLM = LLM{
		Endpoint:  Endpoint{Name: "a", BaseURL: "http://a/v1", APIKey: NewSecret("sk-1"), Model: "m", Headers: map[string]Secret{"X-Key": NewSecret("k-1")}},
		Fallbacks: []Endpoint{{Name: "b", BaseURL: "http://b/v1", APIKey: NewSecret("sk-2"), Model: "n"}},
	}
	c.Slack.BotToken = NewSecret("xoxb-1")
	c.Slack.Channels = []SlackChannel{{Channel: "C1", SlackRules: SlackRules{Collections: []string{"news"}, Private: new(false)}}}
	var got strings.Builder
	if err := c.Print(&got); err != nil {
		t.Fatal(err)
	}
	want := `data_dir: /srv/data
sources:
  - path: /srv/docs
    title: 'yes: $${NO}'
llm:
  name: a
  base_url: http://a/v1
  api_key: '[redacted]'
  model: m
  headers:
    X-Key: '[redacted]'
  fallbacks:
    - name: b
      base_url: http://b/v1
      api_key: '[redacted]'
      model: "n"
slack:
  bot_token: '[redacted]'
  command: /summit
  defaults:
    private: true
    follow: threads
  channels:
    - channel: C1
      collections:
        - news
      private: false
discord:
  defaults:
    answer: reply
    private: false
web:
  listen: 127.0.0.1:8080
log:
  level: info
  format: text
limits:
  question_length: 4000
  per_user_minute: 20
  per_channel_minute: 60
  tokens_day: 20000000
  tokens_user_day: 2000000
  under_way: 500
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
