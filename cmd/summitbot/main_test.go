package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	// Scripts that run the program in processes of its own, as a person does,
	// and that can be read like a manual.
	"github.com/rogpeppe/go-internal/testscript"

	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
	"summitbot/config"
	"summitbot/knowledge"
)

func TestMain(m *testing.M) {
	programs := map[string]func(){
		"summitbot": func() {
			os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv))
		},
	}
	maps.Copy(programs, more)
	testscript.Main(m, programs)
}

func TestScripts(t *testing.T) {
	model := startModel(t)
	workspace := startSlack(t, slack.Features{FollowThreads: true, UserGroups: true})
	news := workspace.AddChannel("news", slackserver.Public, workspace.Bot)
	quiet := workspace.AddChannel("quiet", slackserver.Public, workspace.User("ann"))
	workspace.Kick(quiet, workspace.Bot)
	group := workspace.AddGroup(workspace.User("ann"))
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"field": field,
			"keep":  keep,
		},
		Setup: func(env *testscript.Env) error {
			// No configuration of whoever runs the tests.
			env.Setenv("MODEL_URL", model)
			for name, value := range map[string]string{
				"SLACK_URL": workspace.APIURL(), "SLACK_BOT_TOKEN": workspace.BotToken, "SLACK_APP_TOKEN": workspace.AppToken,
				"NEWS": news, "QUIET": quiet, "GROUP": group,
			} {
				env.Setenv(name, value)
			}
			env.Setenv("HOME", env.WorkDir+"/home")
			env.Setenv("XDG_CONFIG_HOME", "")
			// Under the race detector a program waits for a second when it ends.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			// What a script cannot hold: a file that is not text.
			return os.WriteFile(filepath.Join(env.WorkDir, "noise.bin"), []byte{0x80, 0, 1, 2, 0xff, 0xfe, 3, 0}, 0o600)
		},
	})
}

// exits is the script command "exits CODE PROGRAM [ARG...]": like exec, but the
// program has to end with just this exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	got := 0
	err := ts.Exec(args[1], args[2:]...)
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("exit code: got %d, want %s", got, want)
	}
}

// keep is the script command "keep PATH NAME": the environment variable NAME holds
// from now on what stands at the path, as field finds it.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: keep PATH NAME")
	}
	ts.Setenv(args[1], valueAt(ts, args[0]))
}

// valueAt returns what stands at a path of the JSON that was printed last.
func valueAt(ts *testscript.TestScript, path string) string {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	for step := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[step]
			if !ok {
				ts.Fatalf("no %q in %v", step, at)
			}
			v = next
		case []any:
			if step == "len" {
				v = len(at)
				continue
			}
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(at) {
				ts.Fatalf("no %d in a list of %d", i, len(at))
			}
			v = at[i]
		default:
			ts.Fatalf("no %q in %v", step, v)
		}
	}
	text, isText := v.(string)
	if !isText {
		data, err := json.Marshal(v)
		ts.Check(err)
		return string(data)
	}
	return text
}

// field is the script command "[!] field PATH VALUE": the last standard output
// is one JSON value, and what stands at the path, such as claims.0.text, is
// VALUE. Other things than texts are compared as JSON; "len" is a list's length.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: field PATH VALUE")
	}
	got := valueAt(ts, args[0])
	if (got == args[1]) == neg {
		ts.Fatalf("%s is %s", args[0], got)
	}
}

func TestExitCodeFollowsTheError(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, exitOK},
		{errors.New("x"), exitError},
		{usage("x"), exitUsage},
		{fmt.Errorf("x: %w", usage("y")), exitUsage},
		{fmt.Errorf("load: %w", config.Errors{{}}), exitUsage},
		{ending{code: exitRefused}, exitRefused},
		{fmt.Errorf("x: %w", context.Canceled), exitInterrupted},
	} {
		if got := codeOf(tt.err); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestAnInterruptedCommandSaysSoAndNothingElse(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr strings.Builder
	nothing := func(string) (string, bool) { return "", false }
	if got := run(ctx, []string{"ask", "Who is Putin?"}, strings.NewReader(""), &stdout, &stderr, nothing); got != exitInterrupted {
		t.Errorf("exit code: got %d, want %d", got, exitInterrupted)
	}
	if got, want := stdout.String()+stderr.String(), "summitbot: interrupted\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMarksAreWordsOrBytes(t *testing.T) {
	const text = "Ça va.  It remains a red\nline. A Red line."
	for _, tt := range []struct {
		mark string
		want []string // the words marked; nil is an error
	}{
		{"0:3", []string{"Ça"}},
		{"red line", []string{"red\nline", "Red line"}},
		{"ÇA", []string{"Ça"}},
		{"0:43", []string{text}},
		{"1:3", nil}, // inside a character
		{"3:3", nil},
		{"0:44", nil},
		{"99999999999999999999:1", nil},
		{"blue line", nil},
		{" ", nil},
		{".*", nil},
	} {
		spans, err := findMarks(text, []string{tt.mark})
		var got []string
		for _, s := range spans {
			got = append(got, text[s.Start:s.End])
		}
		if (err != nil) != (tt.want == nil) || !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, %v; want %q", tt.mark, got, err, tt.want)
		}
	}
}

func TestADocumentIsMeantByItsIDItsCaseOrItsBeginning(t *testing.T) {
	var docs []knowledge.Document
	for _, id := range []string{"alaska", "Alaska-summit", "alaska-summit-2", "handbook", "Faq", "faQ"} {
		docs = append(docs, knowledge.Document{ID: id})
	}
	for _, tt := range []struct{ name, want string }{
		{"alaska", "alaska"},
		{"ALASKA", "alaska"},
		{"alaska-summit", "Alaska-summit"},
		{"alaska-summit-", "alaska-summit-2"},
		{"hand", "handbook"},
		{"nothing", ""},
		{"al", "error"},
		{"FAQ", "error"},
	} {
		got, err := closestID(docs, tt.name)
		if err != nil {
			got = "error"
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
