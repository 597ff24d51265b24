package discord

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// A route says what becomes of a message.
type route int

const (
	ignore   route = iota // not for the bot
	question              // for the bot
	follows               // for the bot if it is a question in the bot's thread, and if they talk to it
)

// routeOf decides by the message alone. Whom a message mentions it is meant for:
// the bot is not to answer what people ask each other. What calls everybody calls
// nobody in particular.
func routeOf(m written, self string, at spot) route {
	switch {
	case m.Author == nil || m.ID == "": // what could not be read
		return ignore
	case m.Author.Bot || m.Webhook != "" || m.Author.ID == self:
		return ignore
	case m.Kind != kindOrdinary && m.Kind != kindReply:
		return ignore // "ann pinned a message" and its kind
	case at.direct():
		return question
	case slices.ContainsFunc(m.Mentions, func(p person) bool { return p.ID == self }):
		return question
	case m.Content == "":
		return ignore // its words are kept from us: the intent for them is off
	case m.Answered != nil && m.Answered.Author != nil:
		if m.Answered.Author.ID == self {
			return question // an answer to the bot that does not ping
		}
		return ignore
	case !at.thread() || len(m.Mentions) > 0 || len(m.Roles) > 0 || m.Everyone:
		return ignore
	}
	return follows
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

// A marked is what Discord writes into a text in place of what people see:
// mentions of people, roles, channels and commands, emoji, and times.
var marked = regexp.MustCompile(`<(@[!&]?|#|a?:\w+:|/[^:<>]+:|t:)([^<>\s]*)>`)

// questionOf takes the bot's mention out of what a person wrote, and puts what
// people see in the place of other marks.
func (d *Discord) questionOf(m written) string {
	text := marked.ReplaceAllStringFunc(m.Content, func(mark string) string {
		parts := marked.FindStringSubmatch(mark)
		switch kind, id := parts[1], parts[2]; {
		case kind == "@" || kind == "@!":
			if id == d.send.self.user {
				return " "
			}
			for _, p := range m.Mentions {
				if p.ID == id {
					return cmp.Or(p.Global, p.Name)
				}
			}
			return ""
		case kind == "@&":
			return ""
		case kind == "#":
			return "#" + d.rooms.name(id)
		case strings.HasPrefix(kind, "/"):
			return strings.TrimSuffix(kind, ":")
		case kind == "t:":
			return ""
		default:
			return "" // an emoji
		}
	})
	return strings.TrimSpace(text)
}

// threadAge is how long a thread is remembered in which nothing is said.
const threadAge = 24 * time.Hour

// threads remember who spoke last in the bot's threads.
type threads struct {
	now    func() time.Time
	mu     sync.Mutex
	last   map[string]speaker // by the thread's id
	pruned time.Time
}

// A speaker is who spoke last in a thread; asker is whom the bot answered last.
type speaker struct {
	human, asker string // human is "" if it was the bot
	at           time.Time
}

func newThreads(now func() time.Time) *threads {
	return &threads{now: now, last: map[string]speaker{}}
}

// joined notes that the bot is asked by user in a thread.
func (t *threads) joined(thread, user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if now.Sub(t.pruned) > time.Hour {
		t.pruned = now
		for id, s := range t.last {
			if now.Sub(s.at) > threadAge {
				delete(t.last, id)
			}
		}
	}
	t.last[thread] = speaker{asker: user, at: now}
}

// known reports whether the bot is known to be in a thread.
func (t *threads) known(thread string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.last[thread]
	return ok
}

// toBot reports whether a message in the bot's thread that mentions nobody is for
// the bot: if it asks, and if the bot's answer, or the same person's words to the
// bot, stand right above. Behind another person's words it is an answer to those:
// people talk among themselves.
func (t *threads) toBot(thread, user, text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.last[thread]
	if asks(text) && (s.human == "" || s.human == user && s.asker == user) {
		return true
	}
	s.human, s.at = user, t.now()
	t.last[thread] = s
	return false
}
