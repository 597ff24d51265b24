package slack

import (
	"strings"
	"sync"
	"time"
	"unicode"
)

// A post is a message of a person, or what may be one, as an event tells it.
type post struct {
	channel, thread, ts string // thread is "" outside of one
	user, text          string
	direct              bool // in the person's own messages with the bot
	bot                 bool // not written by a person
}

// at returns where a post is answered.
func (p post) at() place {
	if p.thread != "" {
		return place{p.channel, p.thread}
	}
	return place{p.channel, p.ts}
}

// A route says what becomes of a post.
type route int

const (
	ignore   route = iota // not for the bot
	question              // for the bot
	perhaps               // for the bot if it has joined the thread, and if they talk to it
)

// routeOf decides by the post alone. Whom a message mentions it is meant for: the
// bot is not to answer what people ask each other.
func routeOf(p post, self string, follow Follow) route {
	switch {
	case p.bot || p.user == "" || p.user == self || p.ts == "":
		return ignore
	case p.direct:
		return question
	case mentions(p.text, self):
		return question
	case p.thread == "" || follow == FollowMentions || mentionsAnybody(p.text):
		return ignore
	}
	return perhaps
}

// mentions reports whether text mentions a user.
func mentions(text, user string) bool {
	return strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|")
}

// mentionsAnybody reports whether text mentions people: one, a group, or all.
func mentionsAnybody(text string) bool {
	return strings.Contains(text, "<@") || strings.Contains(text, "<!")
}

// asks reports whether a text asks something. In a thread that the bot has
// joined people also thank, agree and digress, and an answer to that is noise.
func asks(text string) bool {
	if strings.ContainsAny(text, "?？؟") {
		return true
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' })
	for i, w := range words {
		if i == 2 { // "and what", "und wer"
			return false
		}
		if questionWords[w] {
			return true
		}
	}
	return false
}

// questionWords begin a question that has no question mark, in the languages that
// the program speaks.
var questionWords = setOf(`
	who whom whose what when where why which how
	wer wen wem wessen was wann wo wohin woher warum weshalb wieso welche welcher welches wie wieviel
	qui que quoi quand où pourquoi quel quelle quels quelles comment combien
	chi che cosa quando dove perché quale quali come quanto quanti
	kuka mikä mitä milloin missä miksi kuinka miten
	кто что когда где куда почему зачем какой какая какие как сколько
	хто що коли де куди чому навіщо який яка які як скільки`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// questionOf takes the bot's mention, and what Slack escapes, out of what a person
// wrote.
func questionOf(text, self string) string {
	for {
		start := strings.Index(text, "<@"+self)
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '>')
		if end < 0 {
			break
		}
		text = text[:start] + " " + text[start+end+1:]
	}
	text = labels(text)
	return strings.TrimSpace(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text))
}

// labels puts in the place of Slack's angle brackets what people see there.
func labels(text string) string {
	var b strings.Builder
	for {
		start := strings.IndexByte(text, '<')
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '>')
		if end < 0 {
			break
		}
		inside := text[start+1 : start+end]
		target, label, labelled := strings.Cut(inside, "|")
		switch {
		case labelled && label != "":
			b.WriteString(text[:start] + label)
		case strings.HasPrefix(target, "mailto:"):
			b.WriteString(text[:start] + strings.TrimPrefix(target, "mailto:"))
		default:
			b.WriteString(text[:start] + strings.TrimLeft(target, "!"))
		}
		text = text[start+end+1:]
	}
	b.WriteString(text)
	return b.String()
}

// threadAge is how long a thread is remembered in which nothing is said.
const threadAge = 24 * time.Hour

// threads remember who spoke last in the threads that the bot has joined.
type threads struct {
	now    func() time.Time
	mu     sync.Mutex
	last   map[place]speaker
	pruned time.Time
}

// A speaker is who spoke last in a thread; asker is whom the bot answered last.
type speaker struct {
	human, asker string // human is "" if it was the bot
	at           time.Time
}

func newThreads(now func() time.Time) *threads {
	return &threads{now: now, last: map[place]speaker{}}
}

// joined notes that the bot is asked by user in a thread.
func (t *threads) joined(at place, user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if now.Sub(t.pruned) > time.Hour {
		t.pruned = now
		for at, s := range t.last {
			if now.Sub(s.at) > threadAge {
				delete(t.last, at)
			}
		}
	}
	t.last[at] = speaker{asker: user, at: now}
}

// known reports whether the bot is known to be in a thread.
func (t *threads) known(at place) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.last[at]
	return ok
}

// toBot reports whether a post in a joined thread that mentions nobody is for the
// bot: if it asks, and if the bot's answer, or the same person's words to the
// bot, stand right above. Behind another person's words it is an answer to
// those: people talk among themselves.
func (t *threads) toBot(at place, user, text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.last[at]
	if asks(text) && (s.human == "" || s.human == user && s.asker == user) {
		return true
	}
	s.human, s.at = user, t.now()
	t.last[at] = s
	return false
}
