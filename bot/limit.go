package bot

import "time"

// bounds are what a Bot keeps to.
type bounds struct {
	Limits
	timeout time.Duration
}

// Limit changes what people may ask for, and how long a whole answer may take, for
// the questions that come from now on. Where a rate changes, it is counted anew.
func (b *Bot) Limit(l Limits, timeout time.Duration) {
	b.limited.Store(&bounds{l, timeout})
	b.users.limit(l.PerUserMinute)
	b.channels.limit(l.PerChannelMinute)
}

func (b *Bot) bounds() *bounds { return b.limited.Load() }
