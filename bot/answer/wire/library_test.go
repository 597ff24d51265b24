package wire_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/source"
	"summitbot/knowledge/sqlite"
)

// A library is what questions are asked of.
type library []knowledge.Input

// article is the document that ships.
func article(testing.TB) library { return library{knowledge.Input(source.Embedded())} }

// handbook has numbers, dates and units; three documents in English.
func handbook(t testing.TB) library {
	t.Helper()
	var out library
	for _, name := range []string{"fares.md", "safety.md", "timetable.md"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "eval", "testdata", "handbook", name))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, knowledge.Input{ID: name[:len(name)-len(".md")], Path: name, Data: data})
	}
	return out
}

// document is a library of one Markdown text.
func document(id, text string) func(testing.TB) library {
	return func(testing.TB) library { return library{{ID: id, Path: id + ".md", Data: []byte(text)}} }
}

// open returns a base in memory that holds the library.
func (l library) open(t testing.TB) *knowledge.Base {
	t.Helper()
	store, err := sqlite.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	x := index.New()
	base, err := knowledge.Open(t.Context(), store, x)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		if err := base.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, in := range l {
		if _, _, err := base.Ingest(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	return base
}

// has reports whether a document has the text.
func (l library) has(text string) bool {
	return slices.ContainsFunc(l, func(in knowledge.Input) bool {
		return strings.Contains(in.Title, text) || bytes.Contains(in.Data, []byte(text))
	})
}
