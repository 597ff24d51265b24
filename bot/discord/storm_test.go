package discord_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"summitbot/bot/discord"
	"summitbot/bot/discord/discordserver"
)

const (
	failing = 0.25 // of all calls
	// pending is how many questions may be unanswered at a time: what a machine that
	// is busy with other things can do within an interaction's three seconds.
	pending = 16
)

// An asked is a question of the storm and what is expected of its answer.
type asked struct {
	texts       []string // as it was asked, and as it was edited
	channel     string
	user        string
	message     string // that asks; "" if a command does
	interaction string
	only        bool   // the answer is for the user alone
	deleted     bool   // the question was
	again       *asked // the command once more, which the person sends when Discord says that nobody answered
}

// A storm is a house in it.
type storm struct {
	*house
	seed                                 uint64
	rooms                                []string
	threaded                             string
	asked                                []*asked
	number                               map[int]*asked // by the number in the question
	mu                                   sync.Mutex
	turns                                map[string]int // calls of a route about one question
	happened                             map[string]int // faults, by kind
	breaks, again, edits, deletions, op7 int
	repeated                             int               // commands that were sent once more
	read                                 map[string]string // all pages of a message, by its id
}

// TestEveryQuestionHasOneAnswerThroughAStorm asks in every way that there is, with
// Discord's own limits, while connections break, Discord asks for new ones at the
// worst moments, events come twice, and one call in four fails: by a limit, a
// reset or a fault of the server, half of them after the server did what it was
// asked. In the middle the program is started anew. What fails is decided by the
// seed, the question and how often a route was called about it; what the network
// and the scheduler make of it is not.
func TestEveryQuestionHasOneAnswerThroughAStorm(t *testing.T) {
	for _, tt := range []struct {
		seed      uint64
		questions int
	}{{1, 210}, {2, 42}, {3, 42}, {4, 42}} {
		t.Run(fmt.Sprintf("seed %d", tt.seed), func(t *testing.T) {
			newStorm(t, tt.seed).blow(tt.questions)
		})
	}
}

func newStorm(t *testing.T, seed uint64) *storm {
	s := &storm{
		house: newHouse(t, discordserver.Options{
			Speed: speed, Privileged: discordserver.MessageContent, Limits: discordserver.Limits{Callback: 5 * patience},
		}),
		seed: seed, number: map[int]*asked{}, turns: map[string]int{}, happened: map[string]int{}, read: map[string]string{},
	}
	for i := range 6 {
		s.rooms = append(s.rooms, s.AddChannel(s.Guild, fmt.Sprintf("room-%d", i)))
	}
	s.threaded = s.AddChannel(s.Guild, "threaded")
	s.options.Channels[s.threaded] = discord.Channel{Answer: discord.Thread}
	s.start()
	s.Fault(s.fate)
	return s
}

var numbered = regexp.MustCompile(`number (\d+)\.`)

// fate decides whether a call fails, and how. What is told in time or not at all,
// the first answers to interactions, fails less often.
func (s *storm) fate(c discordserver.Call) discordserver.Fault {
	about := c.Route + " " + c.Path
	if m := numbered.FindString(string(c.Body)); m != "" {
		about = c.Route + " " + m
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turns[about]++
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s %d", about, s.turns[about])
	dice := rand.New(rand.NewPCG(s.seed, hash.Sum64()))
	if dice.Float64() > failing {
		return discordserver.Fault{}
	}
	var f discordserver.Fault
	kind := ""
	switch dice.IntN(4) {
	case 0:
		s.happened["limit"]++
		return discordserver.Fault{Status: 429, RetryAfter: 0.4}
	case 1:
		kind, f = "reset", discordserver.Fault{Reset: true}
	case 2:
		kind, f = "unavailable", discordserver.Fault{Status: 503}
	case 3:
		kind, f = "fault", discordserver.Fault{Status: 500}
	}
	f.Taken = dice.IntN(2) == 0
	s.happened[fmt.Sprintf("%s, taken %v", kind, f.Taken)]++
	return f
}

// blow runs the storm and looks at what it left.
func (s *storm) blow(questions int) {
	dice := rand.New(rand.NewPCG(s.seed, 0))
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("faults: %v; health %+v; sockets %d, sessions %d", s.happened, s.front.Health(), s.Sockets(), s.Sessions())
			for _, q := range s.all() {
				if r := s.result(q); !s.right(q, r) {
					s.explain(q, r)
				}
			}
		}
	})
	for i := range questions {
		if i >= pending {
			s.settled(s.asked[i-pending])
		}
		if i == questions/2 {
			s.restart(questions)
		}
		q := s.ask(i)
		s.asked = append(s.asked, q)
		s.number[i] = q
		switch dice.IntN(24) {
		case 0, 1:
			s.breaks++
			s.DropGateway()
		case 2:
			s.breaks++
			s.Reconnect()
		case 3:
			s.op7++
			s.Handshake(1, discordserver.Mishap{At: discordserver.AtReady, Op: 7})
			s.DropGateway()
		case 4:
			s.op7++
			s.Handshake(1, discordserver.Mishap{At: discordserver.AtHello, Op: 7})
			s.Reconnect()
		case 5:
			s.op7++
			s.Handshake(1, discordserver.Mishap{At: discordserver.AfterReady, Op: 7})
			s.DropGateway()
		case 6:
			s.breaks++
			s.CloseWith(4000)
		case 7, 8, 9:
			if q.message != "" && !q.deleted {
				s.again++
				s.Redeliver(q.channel, q.message)
			}
		}
	}
	for _, q := range s.asked {
		s.settled(q)
	}
	s.Heal()
	s.stop()
	s.verify()
}

// ways is how many kinds of questions ask knows.
const ways = 14

// ask asks question i. Each has an asker of its own, so that what is private can
// be told apart.
func (s *storm) ask(i int) *asked {
	user := s.User(fmt.Sprintf("person-%d", i))
	text := fmt.Sprintf("what is number %d.?", i)
	room := s.rooms[i%len(s.rooms)]
	q := &asked{texts: []string{text}, user: user}
	say := func(channel, said string) *asked {
		q.channel, q.message = channel, s.Say(user, channel, said)
		return q
	}
	command := func(channel string, private bool) *asked {
		q.channel, q.only = channel, private
		s.command(q)
		return q
	}
	switch i % ways {
	case 0, 6:
		return say(room, s.Mention()+" "+text)
	case 1:
		return say(s.threaded, s.Mention()+" "+text)
	case 2:
		return say(s.DM(user), text)
	case 3:
		return command(room, true)
	case 4:
		return command(room, false)
	case 5:
		say(room, s.Mention()+" "+text)
		q.texts = append(q.texts, fmt.Sprintf("what is the new number %d.?", i))
		s.Edit(room, q.message, s.Mention()+" "+q.texts[1])
		s.edits++
		return q
	case 7: // in the thread of one of before, without a mention
		first := s.number[i-6]
		s.settled(first)
		q.user, user = first.user, first.user
		return say(first.message, text)
	case 8:
		say(room, s.Mention()+" "+text)
		q.deleted = true
		s.Delete(room, q.message)
		s.deletions++
		return q
	case 9:
		q.texts[0] = fmt.Sprintf("what is the long number %d.?", i)
		return say(room, s.Mention()+" "+q.texts[0])
	case 10: // a reply to an answer of before, which pings the bot
		first := s.number[i-10]
		s.settled(first)
		q.channel = first.channel
		q.message = s.Reply(user, first.channel, s.result(first).parts[0], text, true)
		return q
	case 11:
		q.texts[0] = fmt.Sprintf("what is the long number %d.?", i)
		return command(room, false)
	case 12:
		q.texts[0] = fmt.Sprintf("what is the long number %d.?", i)
		return command(room, true)
	}
	return command(s.DM(user), false)
}

// command asks q by the command.
func (s *storm) command(q *asked) {
	q.interaction = s.Slash(q.user, q.channel, "summit", map[string]any{"question": q.texts[0], "private": q.only})
}

// refused reports whether Discord told the asker of a command that nobody answered
// it, and the program knows nothing of it, or nothing yet.
func (s *storm) refused(q *asked) bool {
	return q.interaction != "" && s.Interaction(q.interaction).Failed && s.answers.times(q.texts[0]) == 0
}

// all returns every question, and what was asked in place of one.
func (s *storm) all() []*asked {
	var list []*asked
	for _, q := range s.asked {
		for ; q != nil; q = q.again {
			list = append(list, q)
		}
	}
	return list
}

// explain tells what is known of a question that has not what it should.
func (s *storm) explain(q *asked, r result) {
	s.t.Logf("%q in %s: %+v; asked %d times", q.texts, q.channel, r, s.answers.times(q.texts[0]))
	if q.interaction != "" {
		s.t.Logf("  %+v", s.Interaction(q.interaction))
	}
	number := numbered.FindString(q.texts[0])
	for _, c := range s.Calls("") {
		if strings.Contains(string(c.Body), number) || q.interaction != "" && strings.Contains(c.Path, s.Interaction(q.interaction).Token) {
			s.t.Logf("  %s %s -> %d, taken %v", c.At.Format("15:04:05.000"), c.Route, c.Status, c.Taken)
		}
	}
}

// restart ends the program while questions of seven kinds are being answered, and
// starts it anew. first is the number of the first of these questions.
func (s *storm) restart(first int) {
	for _, q := range s.asked {
		s.settled(q) // one that comes in while the program ends is told to come again
	}
	for i := range 7 {
		user := s.User(fmt.Sprintf("patient-%d", i))
		q := &asked{texts: []string{fmt.Sprintf("hold on to number %d.?", first+i)}, user: user}
		switch i {
		case 0:
			q.channel = s.rooms[0]
			q.message = s.Say(user, q.channel, s.Mention()+" "+q.texts[0])
		case 1:
			q.channel = s.DM(user)
			q.message = s.Say(user, q.channel, q.texts[0])
		case 2:
			q.channel = s.threaded
			q.message = s.Say(user, q.channel, s.Mention()+" "+q.texts[0])
		case 3: // nothing of it is told before the end
			q.channel, q.texts[0] = s.rooms[1], strings.Replace(q.texts[0], "hold on to", "wait for", 1)
			s.command(q)
		case 4:
			q.channel, q.texts[0] = s.rooms[2], strings.Replace(q.texts[0], "number", "the long number", 1)
			s.command(q)
		case 5:
			q.channel, q.only, q.texts[0] = s.rooms[3], true, strings.Replace(q.texts[0], "hold on to", "wait for", 1)
			s.command(q)
		case 6:
			q.channel, q.only, q.texts[0] = s.rooms[4], true, strings.Replace(q.texts[0], "number", "the long number", 1)
			s.command(q)
		}
		s.asked = append(s.asked, q)
		for held := false; !held; {
			s.Await("a question is held, or nobody took it", func() bool { return s.answers.times(q.texts[0]) > 0 || s.refused(q) })
			if held = !s.refused(q); !held {
				s.repeated++
				s.command(q)
			}
		}
		<-s.answers.holding
	}
	s.stop()
	close(s.answers.release)
	// What is said before a start's first session in direct messages, or where the bot
	// has not spoken, nobody can find.
	s.HealHandshake()
	s.run()
	s.until("a session", func() bool { return s.front.Health().State == discord.Connected })
}

// A result is what stands there of the answer to a question.
type result struct {
	claims map[string][]int        // their numbers, by the question's text, as people read them
	parts  []string                // the messages
	going  bool                    // no buttons yet
	unread []discordserver.Message // those of whose pages one was seen
	lost   int                     // messages that say that the answer may not have arrived
}

var claimed = regexp.MustCompile(`Claim (\d+) of ([^?]*\?)`)

// result looks for what was told to q.
func (s *storm) result(q *asked) result {
	r := result{claims: map[string][]int{}, going: true}
	list := s.Answers(q.channel)
	if q.channel == s.threaded {
		list = append(list, s.Answers(q.message)...)
	}
	if q.only {
		list = append(list, s.Answers(s.DM(q.user))...)
	}
	for _, m := range list {
		if q.only && m.Channel == q.channel && m.Only != q.user {
			continue
		}
		mine := false
		content, read := s.read[m.ID]
		if !read {
			content = m.Content
		}
		for _, c := range claimed.FindAllStringSubmatch(strings.ReplaceAll(content, `\`, ""), -1) {
			if n, err := strconv.Atoi(c[1]); err == nil && slices.Contains(q.texts, c[2]) {
				r.claims[c[2]] = append(r.claims[c[2]], n)
				mine = true
			}
		}
		if strings.Contains(m.Text(), "cannot be found out") && (q.only && m.Only == q.user) {
			r.lost++
			mine = true
		}
		if mine {
			r.parts = append(r.parts, m.ID)
			r.going = r.going && len(m.Buttons()) == 0
			if !read && turned(m, false) != "" {
				r.unread = append(r.unread, m)
			}
		}
	}
	return r
}

// whole reports whether exactly the answer to one of q's texts stands there.
func (r result) whole() bool {
	if len(r.claims) != 1 || r.going {
		return false
	}
	for text, numbers := range r.claims {
		if len(numbers) != claimsTo(text) {
			return false
		}
		for i, n := range numbers {
			if n != i+1 {
				return false
			}
		}
	}
	return true
}

// right reports whether what stands there is as it has to be when all is over.
func (s *storm) right(q *asked, r result) bool {
	switch {
	case r.lost > 0:
		return false
	case r.whole():
		return true
	case len(r.claims) > 0:
		return false
	}
	// It never came to the program, and Discord told the person so.
	return q.deleted || q.again != nil && s.answers.times(q.texts[0]) == 0
}

// settled waits until there is nothing more to come for q. A deleted question has
// nothing to wait for. A command that nobody answered in time is sent once more.
func (s *storm) settled(q *asked) {
	s.t.Helper()
	if q.deleted {
		return
	}
	if q.again == nil {
		refused := false
		var r result
		s.Await("the answer to "+q.texts[0], func() bool {
			refused, r = s.refused(q), s.result(q)
			return refused || s.right(q, r) || len(r.unread) > 0
		})
		if len(r.unread) > 0 {
			s.readOn(r.unread)
			s.settled(q)
			return
		}
		if !refused {
			return
		}
		// Not in the same words: of this one, too, an answer may still come, if the
		// program had it when its time was over.
		s.repeated++
		// They do it from another account, so that what is private can be told apart.
		q.again = &asked{texts: []string{strings.Replace(q.texts[0], "number", "repeated number", 1)}, channel: q.channel, user: s.User("again-" + q.user), only: q.only}
		if q.channel == s.DM(q.user) {
			q.again.channel = s.DM(q.again.user)
		}
		s.command(q.again)
	}
	s.settled(q.again)
}

// readOn has the person turn the pages of messages, and remembers what stands there.
func (s *storm) readOn(list []discordserver.Message) {
	s.t.Helper()
	for _, m := range list {
		var text []string
		for _, page := range s.pages(m) {
			text = append(text, page.Content)
		}
		s.read[m.ID] = strings.Join(text, "\n")
	}
}

// verify holds what stands in all channels against what was asked.
func (s *storm) verify() {
	told := map[string]bool{}
	for _, q := range s.all() {
		r := s.result(q)
		if !s.right(q, r) {
			s.t.Errorf("%q: claims %v, lost %d, going %v", q.texts, r.claims, r.lost, r.going)
		}
		for _, id := range r.parts {
			told[id] = true
		}
	}
	seen := map[string]bool{}
	for _, q := range s.all() {
		for _, channel := range []string{q.channel, q.message, s.DM(q.user)} {
			if seen[channel] || channel == "" {
				continue
			}
			seen[channel] = true
			for _, m := range s.Answers(channel) {
				if len(m.Pings) > 0 {
					s.t.Errorf("%q calls %v", m.Text(), m.Pings)
				}
				if !told[m.ID] {
					s.t.Errorf("a message that answers nothing: %q, %+v", m.Text(), m)
				}
			}
		}
	}
	for _, kind := range []string{
		"limit", "reset, taken true", "reset, taken false", "unavailable, taken true", "unavailable, taken false", "fault, taken true", "fault, taken false",
	} {
		if s.happened[kind] == 0 {
			s.t.Errorf("no call failed by %s", kind)
		}
	}
	if len(s.asked) > 100 && (s.breaks == 0 || s.op7 == 0 || s.again == 0) || s.edits == 0 || s.deletions == 0 {
		s.t.Errorf("%d breaks, %d of op 7, %d redeliveries, %d edits, %d deletions", s.breaks, s.op7, s.again, s.edits, s.deletions)
	}
	calls, refused := 0, 0
	for _, c := range s.Calls("") {
		calls++
		if c.Status == 429 {
			refused++
		}
	}
	s.t.Logf("%d calls, %v; %d refused by a rate or by fate; %d sessions, %d resumes; %d commands sent again",
		calls, s.happened, refused, len(s.Identifies()), s.Resumes(), s.repeated)
	// A command is late if the line broke just then, and is asked one at a time.
	if s.repeated > s.breaks+s.op7 {
		s.t.Errorf("%d commands had to be sent again, and the line broke %d times", s.repeated, s.breaks+s.op7)
	}
}
