package main_test

import (
	"errors"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "summitbot"

// A room is what one package may import directly. The standard library is
// always allowed; its tests may import what they need.
type room struct {
	project   []string // packages of this module, without the module's name
	libraries []string // path prefixes of other modules
}

// anything opens a room to every package or library.
const anything = "..."

// rooms is the direction of the whole program: cmd -> front ends -> bot ->
// answer -> knowledge, and llm -> answer. A package that is not here has no
// place yet: give it one, and say in review why it needs what it imports.
var rooms = map[string]room{
	"cmd/summitbot": {project: []string{anything}, libraries: []string{anything}},

	// Only parsers: whoever needs a value gets it from cmd.
	"config": {libraries: []string{"go.yaml.in/yaml", "github.com/bmatcuk/doublestar"}},

	// Pure: text in, values out. No package here knows of a store or a bot.
	"knowledge/extract": {libraries: []string{
		"github.com/yuin/goldmark", "golang.org/x/net/html", "golang.org/x/text", "github.com/wlynxg/chardet", "github.com/goccy/go-yaml",
	}},
	"knowledge/paragraph":    {libraries: []string{"github.com/clipperhouse/uax29"}},
	"knowledge/analysis":     {libraries: []string{"github.com/blevesearch/snowballstem", "golang.org/x/text"}},
	"knowledge/analysis/gen": {project: []string{"knowledge/analysis"}},
	"knowledge/rank":         {project: []string{"knowledge/analysis"}},

	"knowledge": {project: []string{
		"knowledge/extract", "knowledge/paragraph", "knowledge/analysis", "knowledge/rank",
	}},

	// Around knowledge: what it is fed from and what it is kept in.
	"knowledge/source": {project: []string{"knowledge/extract"}, libraries: []string{"github.com/bmatcuk/doublestar", "github.com/fsnotify/fsnotify"}},
	"knowledge/index":  {project: []string{"knowledge", "knowledge/analysis", "knowledge/rank"}},
	// A developer's program that fits the weights of rank; nothing imports it.
	"knowledge/index/tune": {project: []string{
		"knowledge", "knowledge/analysis", "knowledge/index", "knowledge/paragraph", "knowledge/rank",
	}},
	"knowledge/storetest": {project: []string{"knowledge"}, libraries: []string{"github.com/google/go-cmp"}},
	"knowledge/sqlite":    {project: []string{"knowledge"}, libraries: []string{"modernc.org/sqlite"}},
	"knowledge/postgres":  {project: []string{"knowledge"}, libraries: []string{"github.com/jackc/pgx"}},
	"knowledge/weaviate":  {project: []string{"knowledge", "knowledge/analysis", "knowledge/rank"}, libraries: []string{"github.com/weaviate"}},

	"bot/answer": {
		project:   []string{"bot/answer/gate", "bot/phrase", "knowledge", "knowledge/analysis", "knowledge/paragraph", "knowledge/rank"},
		libraries: []string{"golang.org/x/text"},
	},
	"bot/answer/check": {project: []string{
		"bot/answer", "bot/answer/gate", "knowledge", "knowledge/analysis", "knowledge/paragraph",
	}},
	// Pure: a claim and sentences in, a verdict out.
	"bot/answer/gate": {project: []string{"knowledge/analysis"}, libraries: []string{"golang.org/x/text"}},
	// Pure: the program's own sentences, by language.
	"bot/phrase": {libraries: []string{"golang.org/x/text"}},
	// Developers' programs: what the gate is worth, and one of its tables.
	"bot/answer/gate/measure": {project: []string{"bot/answer/gate"}},
	"bot/answer/gate/names":   {project: []string{"knowledge/analysis"}},
	// The name that a question has in the log; it travels in the context.
	"bot/requestid": {},
	"bot":           {project: []string{"bot/answer", "bot/phrase", "bot/requestid"}, libraries: []string{"golang.org/x/time/rate"}},
	"bot/llm": {project: []string{"bot/answer", "bot/requestid", "knowledge"}, libraries: []string{
		"github.com/sashabaranov/go-openai", "github.com/sony/gobreaker", "golang.org/x/net/http/httpguts",
	}},
	// The database handle comes from cmd, so no driver stands here.
	"bot/journal": {project: []string{"bot", "bot/answer"}},
	"bot/eval": {
		project:   []string{"bot/answer", "knowledge", "knowledge/analysis", "knowledge/rank"},
		libraries: []string{"github.com/goccy/go-yaml"},
	},

	// Front ends render what they are given; they never meet each other, the
	// model or a driver.
	"bot/slack": {
		project:   []string{"bot", "bot/answer", "bot/answer/check", "bot/phrase", "bot/requestid", "knowledge"},
		libraries: []string{"github.com/slack-go/slack"},
	},
	// The time of the two servers for tests.
	"bot/fastclock": {},
	// A workspace for tests, over the wire.
	"bot/slack/slackserver": {project: []string{"bot/fastclock"}, libraries: []string{"github.com/gorilla/websocket"}},
	"bot/discord":           {project: []string{"bot", "bot/answer", "bot/answer/check", "bot/phrase", "bot/requestid", "knowledge"}, libraries: []string{"github.com/bwmarrin/discordgo"}},
	// A Discord for tests, over the wire.
	"bot/discord/discordserver": {project: []string{"bot/fastclock"}, libraries: []string{"github.com/gorilla/websocket"}},
	"bot/web":                   {project: []string{"bot", "bot/answer", "bot/phrase", "bot/requestid", "knowledge"}},
	// For whoever runs the program: no question's text goes there.
	"bot/admin": {
		project:   []string{"bot", "bot/answer", "bot/llm", "knowledge"},
		libraries: []string{"github.com/prometheus/client_golang"},
	},
	"bot/terminal": {project: []string{"bot", "bot/answer", "bot/answer/check", "bot/phrase", "knowledge"}, libraries: []string{
		"github.com/clipperhouse/displaywidth", "github.com/peterh/liner", "github.com/rivo/uniseg", "golang.org/x/term",
	}},
}

// allows says whether r may import the package at importPath.
func (r room) allows(importPath string) bool {
	if pkg, ours := strings.CutPrefix(importPath, module+"/"); ours {
		return slices.Contains(r.project, anything) || slices.Contains(r.project, pkg)
	}
	if first, _, _ := strings.Cut(importPath, "/"); !strings.Contains(first, ".") {
		return true // the standard library has no dot in its first element
	}
	return slices.ContainsFunc(r.libraries, func(prefix string) bool {
		return prefix == anything || importPath == prefix || strings.HasPrefix(importPath, prefix+"/")
	})
}

func TestPackagesImportOnlyWhatTheirRoomAllows(t *testing.T) {
	found := directImports(t, filepath.Join("..", ".."))
	if len(found) < 3 {
		t.Fatalf("found %d packages; is the module's root still two folders up?", len(found))
	}
	for pkg, imports := range found {
		r, ok := rooms[pkg]
		if !ok {
			t.Errorf("%s is in no room: add it to the table", pkg)
			continue
		}
		for _, imported := range imports {
			if !r.allows(imported) {
				t.Errorf("%s imports %s, which its room does not allow", pkg, imported)
			}
		}
	}
}

func TestRoomAllowsOnlyWhatItLists(t *testing.T) {
	r := room{project: []string{"knowledge"}, libraries: []string{"modernc.org/sqlite"}}
	for importPath, want := range map[string]bool{
		"fmt":                          true,
		"database/sql":                 true,
		"summitbot/knowledge":          true,
		"summitbot/knowledge/rank":     false,
		"summitbot/bot":                false,
		"modernc.org/sqlite":           true,
		"modernc.org/sqlite/lib":       true,
		"modernc.org/sqlitex":          false,
		"github.com/stretchr/testify":  false,
		"golang.org/x/text/unicode/nf": false,
	} {
		if got := r.allows(importPath); got != want {
			t.Errorf("allows(%q) = %v, want %v", importPath, got, want)
		}
	}
}

func TestRoomsHaveNoCycle(t *testing.T) {
	const (
		open = iota + 1
		done
	)
	state := map[string]int{}
	var visit func(pkg string, way []string)
	visit = func(pkg string, way []string) {
		way = append(way, pkg)
		switch state[pkg] {
		case done:
			return
		case open:
			t.Errorf("the table allows a cycle: %s", strings.Join(way, " -> "))
			return
		}
		state[pkg] = open
		for _, next := range rooms[pkg].project {
			if next != anything {
				visit(next, way)
			}
		}
		state[pkg] = done
	}
	for pkg := range rooms {
		visit(pkg, nil)
	}
}

// directImports returns what each package of the module at root imports, tests
// apart, by its path below root. Modules nested in this one are left alone.
func directImports(t *testing.T, root string) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		name := entry.Name()
		nested := dir != root && exists(filepath.Join(dir, "go.mod"))
		if dir != root && (nested || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		pkg, err := build.ImportDir(dir, 0)
		if _, none := errors.AsType[*build.NoGoError](err); none {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		if len(pkg.GoFiles) > 0 {
			imports[path.Clean(filepath.ToSlash(rel))] = pkg.Imports
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
