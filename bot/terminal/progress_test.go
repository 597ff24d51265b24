package terminal

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clock is a clock that the test turns on.
type clock struct{ time time.Time }

func (c *clock) now() time.Time          { return c.time }
func (c *clock) advance(d time.Duration) { c.time = c.time.Add(d) }

func TestProgressAppearsOnlyWhenWorkTakesLong(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(0, 0)}
	p := NewProgress(&out, true, 4, "ingest", c.now)
	c.advance(299 * time.Millisecond)
	p.Add(1)
	if out.Len() > 0 {
		t.Fatalf("after 299 ms: got %q, want nothing", out.String())
	}
	c.advance(time.Millisecond)
	p.Add(1)
	c.advance(50 * time.Millisecond)
	p.Add(1) // sooner than the eye sees
	p.Finish()
	p.Finish()
	p.Add(1)
	line := "ingest [============>           ]  50% 2/4, 1 s left"
	want := []string{"", line, strings.Repeat(" ", len(line)), ""}
	if diff := cmp.Diff(want, strings.Split(out.String(), "\r")); diff != "" {
		t.Errorf("drawings (-want +got):\n%s", diff)
	}
}

func TestProgressIsSilentOutsideATerminal(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(0, 0)}
	p := NewProgress(&out, false, 2, "ingest", c.now)
	c.advance(time.Hour)
	p.Add(1)
	p.Finish()
	if out.Len() > 0 {
		t.Errorf("got %q, want nothing", out.String())
	}
}

func TestAShorterDrawingCoversTheOneBefore(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(0, 0)}
	p := NewProgress(&out, true, 1000, "x", c.now)
	c.advance(time.Second)
	p.Add(1)
	c.advance(time.Second)
	p.Add(999)
	drawings := strings.Split(out.String(), "\r")
	if len(drawings) != 3 || len(drawings[1]) != len(drawings[2]) {
		t.Errorf("drawings %q differ in length", drawings)
	}
}

func TestProgressLineTellsWhatIsLeft(t *testing.T) {
	for _, c := range []struct {
		done, total int64
		elapsed     time.Duration
		want        string
	}{
		{0, 100, time.Second, "eval [>                       ]   0% 0/100"},
		{25, 100, 30 * time.Second, "eval [======>                 ]  25% 25/100, 1 min 30 s left"},
		{100, 100, time.Second, "eval [========================] 100% 100/100"},
		{120, 100, time.Second, "eval [========================] 100% 100/100"},
		{1234, -1, 61 * time.Second, "eval 1234, 1 min 1 s"},
		{1, 0, time.Second, "eval 1, 1 s"},
	} {
		if got := progressLine("eval", c.done, c.total, c.elapsed); got != c.want {
			t.Errorf("%d of %d: got %q, want %q", c.done, c.total, got, c.want)
		}
	}
}
