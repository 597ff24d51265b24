package bot

import (
	"sync"
	"time"

	// Token buckets with reservations that can be given back, by the Go team.
	"golang.org/x/time/rate"
)

// mostLimiters bounds how many limiters of one generation are kept: 200 bytes
// each, so 20 MB in both. When more people than that ask within a minute, the
// limits get looser, never stricter.
const mostLimiters = 50_000

// rates limit how much each name may ask in a minute. A name may use all of a
// minute's questions at once; they come back evenly.
//
// A limiter that was not used for a minute is full again, and is as good as a
// new one. So there are two generations: names that ask move to the new one,
// and each minute the old one, which nobody moved out of, is dropped.
type rates struct {
	mu       sync.Mutex
	each     int       // a minute; 0 is no limit
	began    time.Time // of the new generation
	new, old map[string]*rate.Limiter
}

func newRates(each int) *rates { return &rates{each: each, new: map[string]*rate.Limiter{}} }

// limit changes how much each name may ask. Everybody begins anew.
func (r *rates) limit(each int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if each != r.each {
		r.each, r.new, r.old = each, map[string]*rate.Limiter{}, nil
	}
}

// A pass is the leave to ask one question, which can be given back.
type pass struct {
	reservation *rate.Reservation // nil if there is no limit
	taken       time.Time
}

// ask takes one question of name's share. If there is none left, wait tells
// when there will be.
func (r *rates) ask(name string, now time.Time) (p pass, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.each == 0 || name == "" {
		return pass{}, 0
	}
	p = pass{r.limiter(name, now).ReserveN(now, 1), now}
	if wait = p.reservation.DelayFrom(now); wait > 0 {
		p.giveBack()
		return pass{}, wait
	}
	return p, 0
}

// giveBack returns the question to the share, as if it were not asked.
func (p pass) giveBack() {
	if p.reservation != nil {
		p.reservation.CancelAt(p.taken)
	}
}

func (r *rates) limiter(name string, now time.Time) *rate.Limiter {
	if now.Sub(r.began) >= time.Minute || len(r.new) >= mostLimiters {
		r.began, r.old, r.new = now, r.new, map[string]*rate.Limiter{}
	}
	l, ok := r.new[name]
	if !ok {
		if l, ok = r.old[name]; !ok {
			l = rate.NewLimiter(rate.Limit(r.each)/60, r.each)
		}
		r.new[name] = l
	}
	return l
}
