package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"summitbot/knowledge"
	"summitbot/knowledge/sqlite"
)

// victim names the environment variable that makes the test binary a process
// which writes to the file named there until it is killed.
const victim = "SUMMITBOT_SQLITE_VICTIM"

// victimParagraphs makes documents so long that SQLite writes parts of them to
// the log long before they are committed.
const victimParagraphs = 8_000

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		fmt.Fprintln(os.Stderr, writeForEver(path, os.Stdout))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver stores one document after the other and tells w about each.
func writeForEver(path string, w io.Writer) error {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	// The log is to grow for ever, so that its size shows what is written.
	if _, err := store.DB().ExecContext(ctx, `PRAGMA wal_autocheckpoint = 0`); err != nil {
		return err
	}
	for i := 1; ; i++ {
		id := fmt.Sprintf("%d-%d", os.Getpid(), i)
		doc, paragraphs := write(id, victimParagraphs)
		fmt.Fprintln(w, "storing", id)
		if _, _, err := store.Put(ctx, doc, paragraphs); err != nil {
			return err
		}
		fmt.Fprintln(w, "stored", id)
	}
}

func TestKilledWriterLeavesWholeDocuments(t *testing.T) {
	path := file(t)
	var stored []string
	lost := 0
	for round := range 3 {
		done, inFlight := killWhileWriting(t, path, round)
		stored = append(stored, done...)

		store := open(t, path)
		var verdict string
		if err := store.DB().QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
			t.Fatalf("integrity check: got %q, error %v", verdict, err)
		}
		if _, err := store.Document(t.Context(), inFlight); errors.Is(err, knowledge.ErrNotFound) {
			lost++
		} else {
			stored = append(stored, inFlight) // it was committed just before
		}
		wantOnly(t, store, stored)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if lost == 0 {
		t.Error("no writer was killed inside a transaction: the test does not do what it is for")
	}
}

// killWhileWriting starts a writer, lets it store some documents, and kills it
// in the middle of the next. It returns the documents stored, and that one.
func killWhileWriting(t *testing.T, path string, documents int) (stored []string, inFlight string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), victim+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		what, id, _ := strings.Cut(lines.Text(), " ")
		if what == "stored" {
			stored = append(stored, id)
			continue
		}
		if inFlight = id; len(stored) < documents {
			continue
		}
		// What is in the log beyond this belongs to a transaction that is not
		// finished.
		for before := size(t, path+"-wal"); size(t, path+"-wal") == before && t.Context().Err() == nil; {
		}
		break
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // it may have come a step further
		if what, id, _ := strings.Cut(lines.Text(), " "); what == "stored" {
			stored = append(stored, id)
		} else {
			inFlight = id
		}
	}
	if _, killed := errors.AsType[*exec.ExitError](cmd.Wait()); !killed {
		t.Error("the writer ended by itself")
	}
	return stored, inFlight
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// wantOnly fails the test unless the store has these documents, whole, and no
// rows that belong to others.
func wantOnly(t *testing.T, store *sqlite.Store, ids []string) {
	t.Helper()
	documents, err := store.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(documents), len(ids); got != want {
		t.Errorf("got %d documents, want %d", got, want)
	}
	for _, id := range ids {
		want, _ := write(id, victimParagraphs)
		got, err := store.Paragraphs(t.Context(), id, "", 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if knowledge.Digest(got) != want.Revision.Digest {
			t.Errorf("%s is not what was written", id)
		}
	}
	var rows int
	if err := store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM paragraphs`).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if want := len(ids) * victimParagraphs; rows != want {
		t.Errorf("got %d rows, want %d", rows, want)
	}
}
