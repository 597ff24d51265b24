package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// environment returns a lookup in vars, given as NAME=value.
func environment(vars ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, v := range vars {
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
}

func TestEveryMistakeIsToldWithItsLineAndKey(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want string
	}{
		{"all at once", `
data_dri: ./data
sources:
  - pth: docs
  - path: docs
    url: example.org
limits:
  question_length: many
  answers: 3
`, `summitbot.yaml:2: data_dri: unknown key; did you mean "data_dir"?
summitbot.yaml:4: sources[0].pth: unknown key; did you mean "path"?
summitbot.yaml:6: sources[1].url: write a whole address such as https://example.org/docs, not "example.org"
summitbot.yaml:8: limits.question_length: write a whole number, not "many"
summitbot.yaml:9: limits.answers: unknown key; known here: question_length, per_user_minute, per_channel_minute, tokens_day, tokens_user_day, under_way`},
		{"another spelling of a key", "DataDir: x\n", `summitbot.yaml:1: DataDir: unknown key; did you mean "data_dir"?`},
		{"a key like no other", "colour: red\n", `summitbot.yaml:1: colour: unknown key; known here: data_dir, sources, llm, slack, discord, web, admin, log, journal, limits`},
		{"a key that would break the line", "\"a\\nb\": 1\n", `summitbot.yaml:1: "a\nb": unknown key; known here: data_dir, sources, llm, slack, discord, web, admin, log, journal, limits`},
		{"a key twice", "data_dir: a\nlimits: {}\ndata_dir: b\n", `summitbot.yaml:3: data_dir: written a second time; the first is on line 1`},
		{"a key that is a list", "? [a, b]\n: c\n", `summitbot.yaml:1: a key is one word`},
		{"a list for settings", "limits: [1]\n", `summitbot.yaml:1: limits: want settings such as "question_length: ...", not a list`},
		{"text for settings", "limits:\n  question_length:4\n", `summitbot.yaml:1: limits: want settings such as "question_length: ...", not a single value; there is a space after the colon`},
		{"settings for a list", "sources:\n  path: docs\n", `summitbot.yaml:1: sources: want a list (lines that begin with "- "), not settings`},
		{"text for a list", "sources: docs\n", `summitbot.yaml:1: sources: want a list (lines that begin with "- "), not a single value`},
		{"text for a source", "sources:\n  - docs\n", `summitbot.yaml:2: sources[0]: want settings such as "path: ...", not a single value`},
		{"no path", "sources:\n  - title: x\n", `summitbot.yaml:2: sources[0].path: missing; write a file, a folder or a glob`},
		{"nothing for a source", "sources:\n  - path: x\n  -\n", `summitbot.yaml:3: sources[1].path: missing; write a file, a folder or a glob`},
		{"an empty path", "sources:\n  - title: x\n    path: \"\"\n", `summitbot.yaml:3: sources[0].path: missing; write a file, a folder or a glob`},
		{"a web address as path", "sources:\n  - path: https://example.org\n", `summitbot.yaml:2: sources[0].path: this is a web address; write a file, a folder or a glob`},
		{"settings for text", "data_dir: {a: b}\n", `summitbot.yaml:1: data_dir: want one value, not settings`},
		{"two lines of text", "data_dir: \"a\\nb\"\n", `summitbot.yaml:1: data_dir: there is a line break or a control character in it; write it on one line`},
		{"a number out of range", "limits:\n  question_length: 0\n", `summitbot.yaml:2: limits.question_length: write a number from 1 to 100000, not "0"`},
		{"a limit below none", "limits: {per_user_minute: -1, tokens_day: 1e6, under_way: 0}\n", `summitbot.yaml:1: limits.per_user_minute: write a number from 0 to 100000, not "-1"
summitbot.yaml:1: limits.tokens_day: write a whole number, not "1e6"`},
		{"a number too large for a computer", "limits: {question_length: 99999999999999999999}\n", `summitbot.yaml:1: limits.question_length: write a whole number, not "99999999999999999999"`},
		{"a broken number", "limits: {question_length: 1.5}\n", `summitbot.yaml:1: limits.question_length: write a whole number, not "1.5"`},
		{"no truth value", "web:\n  public: yes\n", `summitbot.yaml:2: web.public: write true or false, not "yes"`},
		{"no decimal", "llm: {base_url: http://a/v1, model: m, temperature: .nan}\n", `summitbot.yaml:1: llm.temperature: write a number, not ".nan"`},
		{"too hot", "llm: {base_url: http://a/v1, model: m, temperature: 2.5}\n", `summitbot.yaml:1: llm.temperature: write a number from 0 to 2, not "2.5"`},
		{"no duration", "journal:\n  retention: 90\n", `summitbot.yaml:2: journal.retention: write a duration such as 30s, 5m, 12h or 90d, not "90"`},
		{"a duration out of range", "journal:\n  retention: 1s\n", `summitbot.yaml:2: journal.retention: write a duration from 1h to 3650d, not "1s"`},
		{"no address to listen on", "admin:\n  listen: localhost\n", `summitbot.yaml:2: admin.listen: write HOST:PORT such as 127.0.0.1:8080, not "localhost"`},
		{"no port", "admin:\n  listen: localhost:http\n", `summitbot.yaml:2: admin.listen: write HOST:PORT such as 127.0.0.1:8080, not "localhost:http"`},
		{"a password in an address", "llm:\n  base_url: https://me:sk-1234@example.org/v1\n  model: m\n", `summitbot.yaml:2: llm.base_url: leave user name and password out of the address`},
		{"no header's name", "llm:\n  headers:\n    \"X Y\": a\n  base_url: http://a/v1\n  model: m\n", `summitbot.yaml:3: llm.headers."X Y": not the name of a header; write letters, digits and hyphens`},
		{"headers as a list", "llm:\n  headers: [a]\n  base_url: http://a/v1\n  model: m\n", `summitbot.yaml:2: llm.headers: want lines of "Name: value", not a list`},
		{"a model without its address and name", "llm:\n  temperature: 0\n", `summitbot.yaml:1: llm.base_url: missing; write the address of an OpenAI-compatible API, such as http://localhost:11434/v1
summitbot.yaml:1: llm.model: missing; write the name of a model that the endpoint has`},
		{"a model without its name", "llm:\n  base_url: http://a/v1\n  model:\n", `summitbot.yaml:3: llm.model: missing; write the name of a model that the endpoint has`},
		{"a misspelt address", "llm:\n  model: m\n  baseurl: http://a/v1\n", `summitbot.yaml:3: llm.baseurl: unknown key; did you mean "base_url"?`},
		{"an address of one call", "llm: {base_url: http://a/v1/chat/completions/, model: m}\n", `summitbot.yaml:1: llm.base_url: leave out /chat/completions; it is added`},
		{"an address with a query", "llm: {base_url: 'http://a/v1?key=k', model: m}\n", `summitbot.yaml:1: llm.base_url: leave out what follows the path, from the ? or # on`},
		{"a version without Azure", "llm:\n  base_url: http://a\n  model: m\n  api_version: 2024-10-21\n", `summitbot.yaml:4: llm.api_version: only Azure has versions; write azure: true too, or leave it out`},
		{"timeouts and budgets out of range", "llm: {base_url: http://a/v1, model: m, answer_timeout: 2h, context_tokens: 100, concurrency: 0, judge: 1}\n", `summitbot.yaml:1: llm.answer_timeout: write a duration from 1s to 1h, not "2h"
summitbot.yaml:1: llm.context_tokens: write a number from 500 to 1000000, not "100"
summitbot.yaml:1: llm.concurrency: write a number from 1 to 1000, not "0"
summitbot.yaml:1: llm.judge: write true or false, not "1"`},
		{"fallbacks that lack something", `
llm:
  base_url: http://a/v1
  model: m
  fallbacks:
    - base_url: http://b/v1
    - name: default
      model: m
    - c
    - {name: fallback-1, base_url: http://d/v1, model: m, temperature: 3, fallbacks: []}
`, `summitbot.yaml:6: llm.fallbacks[0].model: missing; write the name of a model that the endpoint has
summitbot.yaml:7: llm.fallbacks[1].base_url: missing; write the address of an OpenAI-compatible API, such as http://localhost:11434/v1
summitbot.yaml:7: llm.fallbacks[1].name: llm is called "default" too; give each its own name
summitbot.yaml:9: llm.fallbacks[2]: want settings such as "name: ...", not a single value
summitbot.yaml:10: llm.fallbacks[3].name: llm.fallbacks[0] is called "fallback-1" too; give each its own name
summitbot.yaml:10: llm.fallbacks[3].temperature: write a number from 0 to 2, not "3"
summitbot.yaml:10: llm.fallbacks[3].fallbacks: unknown key; known here: name, base_url, api_key, api_key_file, model, temperature, max_output_tokens, reasoning_effort, headers, azure, api_version`},
		{"a fallback's key and its file", "llm:\n  base_url: http://a/v1\n  model: m\n  fallbacks:\n    - {base_url: http://b/v1, model: m, api_key: \"${TOKEN}\", api_key_file: f}\n", `summitbot.yaml:5: llm.fallbacks[0].api_key_file: llm.fallbacks[0].api_key is given too; keep one of the two`},
		{"a secret that is a list", "discord:\n  token: [a]\n", `summitbot.yaml:2: discord.token: want text, not a list`},
		{"a secret and its file", "discord:\n  token: ${TOKEN}\n  token_file: t\n", `summitbot.yaml:3: discord.token_file: discord.token is given too; keep one of the two`},
		{"a missing variable", "data_dir: ${NOWHERE}/${NEITHER}\n", `summitbot.yaml:1: data_dir: the environment variable NOWHERE is not set
summitbot.yaml:1: data_dir: the environment variable NEITHER is not set`},
		{"a missing variable for a secret", "slack: {app_token: xapp-1,\n  bot_token: \"${NOWHERE}\"}\n", `summitbot.yaml:2: slack.bot_token: the environment variable NOWHERE is not set`},
		{"an open reference", "data_dir: ${HOME\n", `summitbot.yaml:1: data_dir: a ${ is not closed; write ${NAME}, or $${ for a plain ${`},
		{"a shell's reference", "data_dir: ${HOME:-x}\n", `summitbot.yaml:1: data_dir: "${HOME:-x}" does not name a variable; write ${NAME}, or $${ for a plain ${`},
		{"a variable's value is not shown", "limits:\n  question_length: ${TOKEN}\n", `summitbot.yaml:2: limits.question_length: write a whole number, not "${TOKEN}"`},
		{"a variable with two lines", "data_dir: ${LINES}\n", `summitbot.yaml:1: data_dir: there is a line break or a control character in it; write it on one line`},
		{"somebody else's home", "data_dir: ~bob/data\n", `summitbot.yaml:1: data_dir: only ~/ is understood, not another one's home; write the whole path`},
		{"merging", "limits: &l {question_length: 5}\nweb:\n  <<: *l\n", `summitbot.yaml:3: web: merging with << is not supported; write the settings out`},
		{"a tag", "data_dir: !include x\n", `summitbot.yaml:1: data_dir: leave out the tag "!include"`},
		{"an alias within itself", "sources: &s\n  - *s\n", `summitbot.yaml:2: sources[0]: want settings such as "path: ...", not a list`},
		{"two documents", "data_dir: a\n---\ndata_dir: b\n", `summitbot.yaml:2: a second document begins here; leave out the "---" and write one`},
		{"one value", "data_dir = ./data\n", `summitbot.yaml:1: want settings such as "data_dir: ...", not a single value`},
		{"a list", "- a\n", `summitbot.yaml:1: want settings such as "data_dir: ...", not a list`},

		{"a tab", "limits:\n\tquestion_length: 5\n", `summitbot.yaml:2: a tab is used to indent; use spaces`},
		{"a tab after spaces", "data_dir: a\nsources:\n  - path: x\n\t  title: y\n", `summitbot.yaml:4: a tab is used to indent; use spaces`},
		{"no space after a colon", "# Settings\ndata_dir:x\nlimits: {}\n", `summitbot.yaml:2: write a space after the colon: "key: value"`},
		{"no space after a colon, below", "limits:\n  question_length: 5\n  foo:6\n", `summitbot.yaml:3: write a space after the colon: "key: value"`},
		{"a colon in a value", "sources:\n  - path: x\n    title: Bots: a study\n", `summitbot.yaml:3: a second ": " or a wrong indentation; put quotes around a value that holds ": "`},
		{"no colon", "data_dir: x\nhello\nlimits: {}\n", `summitbot.yaml:2: this is not a setting; write "key: value"`},
		{"too far left", "sources:\n  - path: x\n title: y\n", `summitbot.yaml:3: this does not fit the lines above; settings of one section are indented by the same number of spaces, and nothing follows a closing quote`},
		{"text after a quote", "data_dir: \"x\" y\n", `summitbot.yaml:1: this does not fit the lines above; settings of one section are indented by the same number of spaces, and nothing follows a closing quote`},
		{"text after a text", "\"data_dir\"\nlimits: {}\n", `summitbot.yaml:2: this does not fit the lines above; settings of one section are indented by the same number of spaces, and nothing follows a closing quote`},
		{"an open bracket", "sources: [a,\nlimits: {}\n", `summitbot.yaml:2: a [ or { above is not closed`},
		{"a stray bracket", "data_dir: x\nsources: ]\n", `summitbot.yaml:2: a value is missing here, or a ] or } is too many`},
		{"an open quote", "data_dir: x\nsources:\n  - path: \"y\n    title: z\n    url: u\n", `summitbot.yaml:3: a quote is opened here and never closed`},
		{"an unquoted glob", "sources:\n  - path: x\n  - path: *.md\n", `summitbot.yaml:3: put quotes around a value that begins with * or &`},
		{"an alias of nothing", "data_dir: x\nweb: *x\n", `summitbot.yaml:2: put quotes around a value that begins with *; nothing before it is named so by &`},
		{"a reserved sign", "data_dir: @home\n", "summitbot.yaml:1: put quotes around a value that begins with @, ` or %"},
		{"a Windows path in double quotes", "data_dir: \"C:\\Users\\me\"\n", `summitbot.yaml:1: inside double quotes \ begins an escape; use single quotes`},
		{"too deep", strings.Repeat("[", 20_000), `summitbot.yaml:1: nested too deep; this is not a configuration`},
		{"another encoding", "data_dir: x\nweb: {public_url: K\xf6ln}\n", `summitbot.yaml:2: byte 0xf6 is not UTF-8 text; save the file as UTF-8`},
		{"UTF-16", "\xff\xfed\x00a\x00", `summitbot.yaml:1: byte 0xff is not UTF-8 text; save the file as UTF-8`},
		{"binary", "\x7fELF\x02\x01\x01\x00", `summitbot.yaml:1: control character U+0002; this is not a text file`},
		{"a megabyte of text", strings.Repeat("lorem ipsum\n", 100_000), `summitbot.yaml:1: larger than 1 MiB; this is not a configuration`},
		{"just less than a megabyte of text", strings.Repeat("lorem ipsum\n", 80_000), `summitbot.yaml:1: want settings such as "data_dir: ...", not a single value`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Parse("summitbot.yaml", []byte(tt.in), environment("TOKEN=xoxb-1", "LINES=a\nb", "HOME=/home/ada"))
			if err == nil {
				t.Fatal("got no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// limitsWithLength returns the default limits, but for the question's length.
func limitsWithLength(n int) Limits {
	l := Default().Limits
	l.QuestionLength = n
	return l
}

func TestGoodFilesSayWhatTheyMean(t *testing.T) {
	hot := 0.0
	tests := []struct {
		name string
		in   string
		want Config
	}{
		{"empty", "", Default()},
		{"only comments", "# nothing\n\n  # at all", Default()},
		{"only a document's start", "---\n", Default()},
		{"byte order mark", "\ufeffdata_dir: /d\n", Config{DataDir: "/d", Limits: Default().Limits}},
		{"Windows line ends", "data_dir: /d\r\nlimits:\r\n  question_length: 7\r\n", Config{DataDir: "/d", Limits: limitsWithLength(7)}},
		{"keys without a value", "data_dir:\nsources:\nlimits:\n  question_length:\n", Default()},
		{"JSON", `{"data_dir": "/d", "limits": {"question_length": 7}}`, Config{DataDir: "/d", Limits: limitsWithLength(7)}},
		{"relative paths start at the file", "data_dir: ../data\nsources: [{path: docs/}, {path: 'docs/**/*.md'}]\n", Config{
			DataDir: "/etc/data",
			Sources: []Source{{Path: "/etc/bot/docs"}, {Path: "/etc/bot/docs/**/*.md"}},
			Limits:  Default().Limits,
		}},
		{"home", "data_dir: ~/data\nsources: [{path: ~/}]\n", Config{
			DataDir: "/home/ada/data",
			Sources: []Source{{Path: "/home/ada"}},
			Limits:  Default().Limits,
		}},
		{"a number as text", "sources:\n  - path: 2024\n    title: 2025\n", Config{
			Sources: []Source{{Path: "/etc/bot/2024", Title: "2025"}},
			Limits:  Default().Limits,
		}},
		{"variables", "data_dir: ${DIR}/x\nlimits: {question_length: \"${N}\"}\nsources: [{path: a, title: '$${DIR} $5 $$ ${ODD}'}]\n", Config{
			DataDir: "/srv/x",
			Sources: []Source{{Path: "/etc/bot/a", Title: "${DIR} $5 $$ ${DIR}"}},
			Limits:  limitsWithLength(12),
		}},
		{"aliases", "sources:\n  - &a\n    path: a\n    collection: &c c\n  - {path: b, collection: *c}\n  - *a\n", Config{
			Sources: []Source{{Path: "/etc/bot/a", Collection: "c"}, {Path: "/etc/bot/b", Collection: "c"}, {Path: "/etc/bot/a", Collection: "c"}},
			Limits:  Default().Limits,
		}},
		{"a model", "llm: {base_url: 'http://localhost:11434/v1', model: m}\n", Config{
			LLM: LLM{
				Endpoint:      Endpoint{Name: "default", BaseURL: "http://localhost:11434/v1", Model: "m"},
				AnswerTimeout: 2 * time.Minute, ContextTokens: 6000,
			},
			Limits: Default().Limits,
		}},
		{"a model and others", `
llm:
  name: here
  base_url: http://localhost:11434/v1
  api_key: ${KEY}
  model: m
  temperature: 0
  max_output_tokens: 100
  reasoning_effort: low
  request_timeout: 3m
  idle_timeout: 1m
  answer_timeout: 4m
  headers: {X-Key: "${KEY}"}
  concurrency: 8
  context_tokens: 12000
  judge: true
  fallbacks:
    - {base_url: https://a.example.org, model: d, azure: true, api_version: 2024-10-21, headers: {X-Key: "${KEY}"}}
    - {name: last, base_url: https://b.example.org/v1, api_key: "${KEY}", model: n, temperature: 0, max_output_tokens: 5, reasoning_effort: high}
`, Config{
			LLM: LLM{
				Endpoint: Endpoint{
					Name: "here", BaseURL: "http://localhost:11434/v1", APIKey: NewSecret("k"), Model: "m", Temperature: &hot,
					MaxOutputTokens: 100, ReasoningEffort: "low", Headers: map[string]Secret{"X-Key": NewSecret("k")},
				},
				Fallbacks: []Endpoint{
					{
						Name: "fallback-1", BaseURL: "https://a.example.org", Model: "d", Azure: true, APIVersion: "2024-10-21",
						Headers: map[string]Secret{"X-Key": NewSecret("k")},
					},
					{
						Name: "last", BaseURL: "https://b.example.org/v1", APIKey: NewSecret("k"), Model: "n", Temperature: &hot,
						MaxOutputTokens: 5, ReasoningEffort: "high",
					},
				},
				RequestTimeout: 3 * time.Minute, IdleTimeout: time.Minute, AnswerTimeout: 4 * time.Minute,
				Concurrency: 8, ContextTokens: 12000, Judge: true,
			},
			Limits: Default().Limits,
		}},
		{"no model after all", "llm:\n", Default()},
		{"no limits", "limits: {per_user_minute: 0, per_channel_minute: 0, tokens_day: 0, tokens_user_day: 0, under_way: 0}\n", Config{Limits: Limits{QuestionLength: 4000}}},
		{"what is kept", "journal: {retention: 90d}\n", Config{Journal: Journal{Retention: 90 * 24 * time.Hour}, Limits: Default().Limits}},
		{"pages for everybody", `
web: {listen: ":8080", public: true, public_url: https://bot.example.org}
`, Config{
			Web:    Web{Listen: ":8080", Public: true, PublicURL: "https://bot.example.org"},
			Limits: Default().Limits,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if reflect.ValueOf(tt.want.Slack).IsZero() {
				tt.want.Slack = Default().Slack
			}
			if reflect.ValueOf(tt.want.Discord).IsZero() {
				tt.want.Discord = Default().Discord
			}
			if tt.want.Web.Listen == "" {
				tt.want.Web.Listen = Default().Web.Listen
			}
			tt.want.Log = Default().Log
			got, _, err := Parse("/etc/bot/summitbot.yaml", []byte(tt.in),
				environment("HOME=/home/ada", "DIR=/srv", "N=12", "ODD=${DIR}", "KEY= k\n"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWarningsNameWhatHasNoEffectAndWhatIsInTheClear(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want []string
	}{
		{"nothing to warn of", "data_dir: x\nlimits: {question_length: 5}\nsources: [{path: x}]\n", nil},
		{"pages below a path", "web:\n  public_url: https://example.org/bot\n", []string{
			"summitbot.yaml:2: web.public_url: the pages link to each other from the root of their host; behind a proxy that serves them below /bot these links lead elsewhere",
		}},
		{"pages at the root", "web:\n  public_url: https://example.org/\n", nil},
		{"secrets in the clear", "slack:\n  bot_token: xoxb-1\n  app_token: ${APP}\n", []string{
			"summitbot.yaml:2: slack.bot_token: the secret is written in the file; use ${SLACK_BOT_TOKEN} or bot_token_file",
		}},
		{"a fallback's secret in the clear", "llm:\n  base_url: http://a/v1\n  model: m\n  headers: {X-Key: \"${KEY}\"}\n  fallbacks:\n    - base_url: http://b/v1\n      model: m\n      api_key: sk-1\n", []string{
			"summitbot.yaml:8: llm.fallbacks[0].api_key: the secret is written in the file; use ${LLM_FALLBACKS_0_API_KEY} or api_key_file",
		}},
		{"an escape is no variable", "discord:\n  token: $${KEY}\n", []string{
			"summitbot.yaml:2: discord.token: the secret is written in the file; use ${DISCORD_TOKEN} or token_file",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, warnings, err := Parse("summitbot.yaml", []byte(tt.in), environment("KEY=k", "APP=xapp-1"))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range warnings {
				got = append(got, w.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestHomeNeedsAHome(t *testing.T) {
	_, _, err := Parse("summitbot.yaml", []byte("data_dir: ~/data\n"), environment())
	want := "summitbot.yaml:1: data_dir: ~/ needs a home folder, and the environment names none; write the whole path"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestALongReportIsCut(t *testing.T) {
	var in strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&in, "nonsense%d: 1\n", i)
	}
	_, _, err := Parse("summitbot.yaml", []byte(in.String()), environment())
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("got %T, want Errors", err)
	}
	if got, want := len(errs), maxErrors+1; got != want {
		t.Errorf("got %d errors, want %d", got, want)
	}
	if got, want := errs[maxErrors].Error(), "summitbot.yaml:51: and 950 more from here on"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestManyAliasesOfMuchEndInAnError(t *testing.T) {
	in := "sources:\n  - &a {path: x" + strings.Repeat(", k: v", 1000) + "}\n" + strings.Repeat("  - *a\n", 10_000)
	_, _, err := Parse("summitbot.yaml", []byte(in), environment())
	if err == nil || !strings.Contains(err.Error(), "summitbot.yaml:1: more than 100000 values") {
		t.Errorf("got %.200v, want too many values", err)
	}
}

func TestErrorsCanBeTakenApart(t *testing.T) {
	_, _, err := Parse("summitbot.yaml", []byte("a_: 1\nlimits:\n  b_: 2\n"), environment())
	got, ok := errors.AsType[Error](fmt.Errorf("load: %w", err))
	want := Error{
		File: "summitbot.yaml", Line: 1, Column: 1, Path: "a_",
		Message: "unknown key; known here: data_dir, sources, llm, slack, discord, web, admin, log, journal, limits",
	}
	if !ok {
		t.Fatalf("no Error in %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheSuggestedKeyIsTheOneMeant(t *testing.T) {
	known := keysOfAllSections()
	for key, want := range map[string]string{
		"sorces": "sources", "source": "sources", "limit": "limits", "uri": "url", "collecton": "collection",
		"titel": "title", "base-url": "base_url", "apikey": "api_key", "BotToken": "bot_token",
		"x": "", "": "", "frobnicate": "", strings.Repeat("path", 100): "",
	} {
		if got := closest(key, known); got != want {
			t.Errorf("closest(%.20q) = %q, want %q", key, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		example, "", "a: &a [*a]", "!\n- *x", "limits:\n\tq: 1", "---\n---\n", "sources: [{path: \"${HOME}/$${x}\"}]",
		"? {a: b}\n: c", "slack: {bot_token: a, bot_token_file: b}", "journal: {retention: 90d}", "\ufeff#", "%YAML 1.1\n---\na: |\n b\n",
		"llm: {temperature: 1e0, headers: {A: b}, base_url: http://a, model: m, fallbacks: [{base_url: http://b, model: m}]}", "web: {listen: '[::1]:80', public: true}",
		"slack: {bot_token: xoxb-1, app_token_file: f, command: '', defaults: {follow: '', users: [U1]}, channels: [{channel: C1, collections: [a], private: false}]}",
		"data_dir: \"a",
	} {
		f.Add([]byte(seed))
	}
	lookupEnv := environment("HOME=/home/ada")
	f.Fuzz(func(t *testing.T, data []byte) {
		const name = "/etc/summitbot.yaml"
		c, warnings, err := Parse(name, data, lookupEnv)
		for _, w := range warnings {
			if w.File != name || w.Line < 1 || w.Column < 1 || w.Path == "" || strings.Contains(w.String(), "\n") {
				t.Errorf("bad warning %#v", w)
			}
		}
		if err != nil {
			errs, ok := errors.AsType[Errors](err)
			if !ok || len(errs) == 0 {
				t.Fatalf("got %T %v, want Errors", err, err)
			}
			for _, e := range errs {
				if e.File != name || e.Line < 1 || e.Column < 1 || e.Message == "" || strings.Contains(e.Error(), "\n") {
					t.Errorf("bad error %#v", e)
				}
			}
			return
		}
		withoutSecrets := c
		withoutSecrets.LLM.APIKey, withoutSecrets.LLM.Headers = Secret{}, nil
		withoutSecrets.LLM.Fallbacks = slices.Clone(c.LLM.Fallbacks)
		for i := range withoutSecrets.LLM.Fallbacks {
			withoutSecrets.LLM.Fallbacks[i].APIKey, withoutSecrets.LLM.Fallbacks[i].Headers = Secret{}, nil
		}
		withoutSecrets.Slack.BotToken, withoutSecrets.Slack.AppToken = Secret{}, Secret{}
		withoutSecrets.Slack.BotTokenFile, withoutSecrets.Slack.AppTokenFile = "", "" // one alone would not do
		withoutSecrets.Discord.Token, withoutSecrets.Web.Token = Secret{}, Secret{}
		var printed strings.Builder
		if err := withoutSecrets.Print(&printed); err != nil {
			t.Fatal(err)
		}
		again, _, err := Parse(name, []byte(printed.String()), lookupEnv)
		if err != nil {
			t.Fatalf("%v in\n%s", err, printed.String())
		}
		if diff := cmp.Diff(withoutSecrets, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("printed and read again: -want +got:\n%s", diff)
		}
	})
}
