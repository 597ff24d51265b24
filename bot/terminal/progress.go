package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	// progressDelay is how long work may take before it shows a bar: what is
	// done sooner needs none.
	progressDelay = 300 * time.Millisecond
	// progressInterval is the least time between two drawings: faster is not seen.
	progressInterval = 100 * time.Millisecond
	// barWidth and maxLabel keep the bar on one line of 80 columns.
	barWidth, maxLabel = 24, 20
)

// Progress shows how far long work has come, on one line that goes away in the
// end. It is safe for concurrent use.
//
// It is drawn here, not by a library: those that are kept go by their own clock
// and start goroutines that nobody waits for.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer // nil is silent
	total int64     // 0 or less is unknown
	label string
	now   func() time.Time

	start time.Time
	next  time.Time // when to draw again
	done  int64
	drawn int // columns on the screen
}

// NewProgress returns a progress of total steps (-1 if nobody knows how many)
// that draws onto w once 300 ms have gone by. It is silent if w is not a
// terminal. now is the clock.
func NewProgress(w io.Writer, isTerminal bool, total int64, label string, now func() time.Time) *Progress {
	start := now()
	p := &Progress{total: total, label: flow(label), now: now, start: start, next: start.Add(progressDelay)}
	if columns(p.label) > maxLabel {
		p.label = fit(p.label, maxLabel)
	}
	if isTerminal {
		p.w = w
	}
	return p
}

// Add says that n more steps are done.
func (p *Progress) Add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	now := p.now()
	if p.w == nil || now.Before(p.next) {
		return
	}
	p.next = now.Add(progressInterval)
	p.draw(progressLine(p.label, p.done, p.total, now.Sub(p.start)))
}

// Finish takes the bar away. It may be called more than once.
func (p *Progress) Finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil && p.drawn > 0 {
		p.draw("")
		_, _ = io.WriteString(p.w, "\r")
	}
	p.w = nil
}

// draw writes line over the one before. A bar that cannot be drawn is no
// reason to stop the work: errors are ignored.
func (p *Progress) draw(line string) {
	width := columns(line)
	_, _ = io.WriteString(p.w, "\r"+line+strings.Repeat(" ", max(p.drawn-width, 0)))
	p.drawn = width
}

// progressLine returns such as "ingest [======>    ]  58% 58/100, 3 s left".
func progressLine(label string, done, total int64, elapsed time.Duration) string {
	if total <= 0 {
		return fmt.Sprintf("%s %d, %s", label, done, seconds(elapsed))
	}
	done = min(max(done, 0), total)
	share := float64(done) / float64(total)
	bar := strings.Repeat("=", int(share*barWidth))
	if len(bar) < barWidth {
		bar += ">"
	}
	line := fmt.Sprintf("%s [%-*s] %3d%% %d/%d", label, barWidth, bar, int(100*share), done, total)
	if done > 0 && done < total {
		left := time.Duration(float64(elapsed) * (1 - share) / share)
		line += ", " + seconds(left) + " left"
	}
	return line
}

// seconds writes d to the second, rounded up: "0 s left" is a lie.
func seconds(d time.Duration) string {
	s := int64((d + time.Second - 1) / time.Second)
	if s < 60 {
		return fmt.Sprintf("%d s", s)
	}
	return fmt.Sprintf("%d min %d s", s/60, s%60)
}
