package slack_test

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

	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
)

const (
	failing = 0.25 // of all calls
	// pending is how many questions may be unanswered at a time: what a machine
	// that is busy with other things can do before Slack gives an event up.
	pending = 24
	// mostTold is how often it may be told that an answer may not have arrived: of
	// that message, too, nobody knows whether it arrived, and it is told again.
	mostTold = 3
)

// An inquiry is a question of the storm and what is expected of its answer.
type inquiry struct {
	texts    []string // as it was asked, and as it was edited
	channel  string
	thread   string // where the answer stands; "" outside of threads
	user     string
	only     bool     // the answer is for the user alone
	blind    bool     // nobody can find out whether the answer arrived
	deleted  bool     // the question was
	envelope string   // of a command, which Slack does not deliver again
	trigger  string   // of a command, which is in its key
	again    *inquiry // the command once more, which the person sends when Slack says that nobody took it
}

// A storm is a house in it.
type storm struct {
	*house
	seed                           uint64
	rooms, closed                  []string // closed are private ones, with the bot in them
	outside, open, openOutside     string   // outside are without the bot, in open ones commands are answered for all
	asked                          []*inquiry
	mu                             sync.Mutex
	turns                          map[string]int // calls of a method about one question
	happened                       map[string]int // faults, by kind
	drops, again, edits, deletions int
	repeated                       int // commands that nobody took, and that were sent once more
}

// TestEveryQuestionHasOneAnswerThroughAStorm asks in every way that there is, with
// Slack's own limits, while sockets break, events come twice, and one call in
// four fails: by a limit, a reset or a fault of the server, half of them after
// the server did what it was asked. In the middle the program is started anew.
// What fails is decided by the seed, the question and how often a method was
// called about it; what the network and the scheduler make of it is not.
func TestEveryQuestionHasOneAnswerThroughAStorm(t *testing.T) {
	for _, tt := range []struct {
		seed      uint64
		questions int
	}{{1, 200}, {2, 36}, {3, 36}, {4, 36}} {
		t.Run(fmt.Sprintf("seed %d", tt.seed), func(t *testing.T) {
			newStorm(t, tt.seed).blow(tt.questions)
		})
	}
}

func newStorm(t *testing.T, seed uint64) *storm {
	s := &storm{house: newHouse(t, slackserver.Options{Speed: speed}), seed: seed, turns: map[string]int{}, happened: map[string]int{}}
	for i := range 4 {
		s.rooms = append(s.rooms, s.AddChannel(fmt.Sprintf("room-%d", i), slackserver.Public, s.ann, s.ben, s.Bot))
		s.closed = append(s.closed, s.AddChannel(fmt.Sprintf("closed-%d", i), slackserver.Private, s.ann, s.ben, s.Bot))
	}
	s.outside = s.AddChannel("outside", slackserver.Public, s.ann)
	s.open = s.AddChannel("open", slackserver.Public, s.ann, s.Bot)
	s.openOutside = s.AddChannel("open-outside", slackserver.Public, s.ann)
	s.Kick(s.outside, s.Bot)
	s.Kick(s.openOutside, s.Bot)
	s.channels[s.open], s.channels[s.openOutside] = slack.Channel{Public: true}, slack.Channel{Public: true}
	s.Fault(s.fate)
	s.start()
	return s
}

var numbered = regexp.MustCompile(`number (\d+)\.`)

// about names what a call is about, the same in every run.
func (s *storm) about(c slackserver.Call) string {
	for _, name := range []string{"text", "blocks", "markdown_text"} {
		if m := numbered.FindString(c.Params.Get(name)); m != "" {
			return m
		}
	}
	channel := c.Params.Get("channel") + c.Params.Get("channel_id")
	for _, name := range []string{"thread_ts", "ts"} {
		m, ok := s.Message(channel, c.Params.Get(name))
		if ok && m.ThreadTS != "" {
			m, ok = s.Message(channel, m.ThreadTS)
		}
		if ok {
			return numbered.FindString(m.Text)
		}
	}
	return ""
}

// fate decides whether a call fails, and how.
func (s *storm) fate(c slackserver.Call) slackserver.Fault {
	about := c.Method + " " + s.about(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turns[about]++
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s %d", about, s.turns[about])
	dice := rand.New(rand.NewPCG(s.seed, hash.Sum64()))
	if dice.Float64() > failing {
		return slackserver.Fault{}
	}
	var f slackserver.Fault
	kind := ""
	switch dice.IntN(4) {
	case 0:
		s.happened["limit"]++
		if c.Method == "apps.connections.open" {
			return slackserver.Fault{Status: 429} // the library would wait by the machine's clock
		}
		return slackserver.Fault{Status: 429, RetryAfter: 1}
	case 1:
		kind, f = "reset", slackserver.Fault{Reset: true}
	case 2:
		kind, f = "unavailable", slackserver.Fault{Status: 503}
	case 3:
		kind, f = "fault", slackserver.Fault{Error: "internal_error"}
	}
	f.Taken = dice.IntN(2) == 0
	s.happened[fmt.Sprintf("%s, taken %v", kind, f.Taken)]++
	return f
}

// blow runs the storm and looks at what it left.
func (s *storm) blow(questions int) {
	dice := rand.New(rand.NewPCG(s.seed, 0))
	s.t.Cleanup(func() {
		if !s.t.Failed() {
			return
		}
		s.t.Logf("faults: %v", s.happened)
		for _, q := range s.all() {
			if r := s.result(q); !q.deleted && !s.right(q, r) {
				s.explain(q, r)
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
		trouble := dice.IntN(40)
		if trouble < 4 {
			s.drops++
			s.cut(q, trouble)
		}
		if q.thread != "" && trouble >= 32 {
			for _, e := range s.EnvelopesAbout(q.thread) {
				s.again++
				s.Redeliver(e.ID)
			}
		}
	}
	for _, q := range s.asked {
		s.settled(q)
	}
	s.Heal()
	for _, e := range s.Envelopes("") {
		if e.Type == "events_api" {
			s.Await("every event is acknowledged or given up", func() bool { now := s.envelope(e.ID); return now.Acked || now.Lost })
		}
	}
	s.stop()
	s.verify()
}

// cut breaks the socket behind q. Of a command Slack says at once that nobody took
// it, so it is taken first.
func (s *storm) cut(q *inquiry, how int) {
	if q.envelope != "" {
		s.Await("a command is taken or given up", func() bool { e := s.envelope(q.envelope); return e.Acked || e.Lost })
	}
	before := s.Opened()
	switch how {
	case 0:
		s.Refresh()
	case 1:
		s.Disconnect("refresh_requested")
	default:
		s.DropSocket()
	}
	s.Await("the next socket", func() bool { return s.Opened() > before && s.Sockets() == 1 })
}

// explain tells what is known of a question that has not what it should.
func (s *storm) explain(q *inquiry, r result) {
	s.t.Logf("%q in %s, thread %q: claims %v, lost %d, open %v; asked %d times", q.texts, q.channel, q.thread, r.claims, r.lost, r.going, s.answers.times(q.texts[0]))
	for _, e := range s.Envelopes("") {
		if e.ID == q.envelope || q.thread != "" && e.About == q.thread {
			s.t.Logf("  %s: tries %d, acknowledged %v, late %v, given up %v", e.Inner, e.Tries, e.Acked, e.Late, e.Lost)
		}
	}
	number := numbered.FindString(q.texts[0])
	for _, c := range s.Calls("") {
		if s.about(c) == number {
			s.t.Logf("  %s %s -> %d %s, taken %v", c.At.Format("15:04:05.000"), c.Method, c.Status, c.Error, c.Taken)
		}
	}
}

func (s *storm) envelope(id string) slackserver.Envelope {
	for _, e := range s.Envelopes("") {
		if e.ID == id {
			return e
		}
	}
	s.t.Fatalf("no envelope %s", id)
	return slackserver.Envelope{}
}

// ways is how many kinds of questions ask knows.
const ways = 12

// ask asks question i. Each has an asker of its own, so that what is private can
// be told apart.
func (s *storm) ask(i int) *inquiry {
	user := s.User(fmt.Sprintf("person-%d", i))
	text := fmt.Sprintf("what is number %d.?", i)
	room, closed := s.rooms[i/ways%len(s.rooms)], s.closed[i/ways%len(s.closed)]
	q := &inquiry{texts: []string{text}, user: user}
	say := func(channel, said, thread string) *inquiry {
		ts := s.Say(q.user, channel, said, thread)
		if q.channel, q.thread = channel, thread; thread == "" {
			q.thread = ts
		}
		return q
	}
	command := func(channel string, only, blind bool) *inquiry {
		q.channel, q.only, q.blind = channel, only, blind
		s.command(q)
		return q
	}
	follow := func(first *inquiry) *inquiry {
		s.settled(first)
		q.user = first.user
		return say(first.channel, text, first.thread)
	}
	switch i % ways {
	case 0:
		return say(room, s.Mention()+" "+text, "")
	case 1:
		return say(closed, s.Mention()+" "+text, "")
	case 2:
		return say(s.DM(user), text, "")
	case 3:
		return command(room, true, true)
	case 4:
		return command(s.outside, true, true)
	case 5:
		return command(s.open, false, false)
	case 6:
		return command(s.openOutside, false, true)
	case 7:
		return follow(s.asked[i-7])
	case 8:
		say(room, s.Mention()+" "+text, "")
		q.texts = append(q.texts, fmt.Sprintf("what is the new number %d.?", i))
		s.Edit(room, q.thread, s.Mention()+" "+q.texts[1])
		s.edits++
		return q
	case 9:
		say(closed, s.Mention()+" "+text, "")
		q.deleted = true
		s.Delete(closed, q.thread)
		s.deletions++
		return q
	case 10:
		q.texts[0] = fmt.Sprintf("what is the long number %d.?", i)
		return say(room, s.Mention()+" "+q.texts[0], "")
	}
	return follow(s.asked[i-9])
}

// command asks q by the command, until there is a socket that takes it: people
// see an error otherwise, and try again.
func (s *storm) command(q *inquiry) {
	for sent := false; !sent; sent = s.envelope(q.envelope).Tries > 0 {
		s.AwaitSockets(1)
		act := s.Slash(q.user, q.channel, "/summit", q.texts[0])
		q.envelope, q.trigger = act.Envelope, act.Trigger
	}
}

// taken waits until the program has a command, which is sent until it does.
func (s *storm) taken(q *inquiry) {
	s.t.Helper()
	for {
		refused := false
		s.Await("a command is taken", func() bool {
			refused = s.refused(q)
			return refused || s.envelope(q.envelope).Acked
		})
		if !refused {
			return
		}
		s.repeated++
		s.command(q)
	}
}

// restart ends the program while questions of four kinds are being answered, and
// starts it anew. first is the number of the first of these questions.
func (s *storm) restart(first int) {
	for _, q := range s.asked {
		s.settled(q) // one that comes in while the program ends is told to come again
	}
	for i := range 4 {
		user := s.User(fmt.Sprintf("patient-%d", i))
		q := &inquiry{texts: []string{fmt.Sprintf("hold on to number %d.?", first+i)}, user: user}
		switch i {
		case 0:
			q.channel = s.rooms[0]
			q.thread = s.Say(user, q.channel, s.Mention()+" "+q.texts[0], "")
		case 1:
			q.channel = s.DM(user)
			q.thread = s.Say(user, q.channel, q.texts[0], "")
		case 2:
			q.channel, q.only, q.blind = s.rooms[1], true, true
			s.command(q)
		case 3:
			q.channel = s.open
			s.command(q)
		}
		s.asked = append(s.asked, q)
		if q.envelope != "" {
			s.taken(q)
		}
		<-s.answers.holding
	}
	s.stop()
	s.AwaitSockets(0)
	close(s.answers.release)
	s.start()
}

// A result is what stands there of the answer to a question.
type result struct {
	claims map[string][]int // their numbers, by the question's text, as people read them
	lost   int              // messages that say that the answer may not have arrived
	going  bool             // a stream is open
	parts  []string         // the timestamps of all these messages
}

// body is what people read of a message: its blocks, or what was streamed and the
// blocks below it, or its text.
func body(m slackserver.Message) string {
	text := m.Markdown + "\n" + m.BlockTexts()
	if strings.TrimSpace(text) == "" {
		text = m.Text
	}
	return strings.ReplaceAll(text, `\`, "")
}

var claimed = regexp.MustCompile(`Claim (\d+) of ([^?]*\?)`)

// result looks for what was told to q.
func (s *storm) result(q *inquiry) result {
	r := result{claims: map[string][]int{}}
	list := s.Messages(q.channel)
	if q.only && !strings.HasPrefix(q.channel, "D") {
		list = append(list, s.Messages(s.DM(q.user))...) // what cannot be shown in the channel
	}
	for _, m := range list {
		if !m.FromBot || m.By == "ack" || m.Channel == q.channel && (m.ThreadTS != q.thread || q.only && m.Only != q.user) {
			continue
		}
		text := body(m)
		mine := false
		for _, c := range claimed.FindAllStringSubmatch(text, -1) {
			if n, err := strconv.Atoi(c[1]); err == nil && slices.Contains(q.texts, c[2]) {
				r.claims[c[2]] = append(r.claims[c[2]], n)
				mine = true
			}
		}
		if strings.Contains(text, "cannot be found out") && strings.Contains(string(m.Blocks), q.trigger) {
			r.lost++
			mine = true
		}
		if mine {
			r.parts = append(r.parts, m.Channel+" "+m.TS)
			r.going = r.going || m.Stream == slackserver.Streaming
		}
	}
	return r
}

// whole reports whether exactly the answer to one of q's texts stands there.
func (r result) whole(q *inquiry) bool {
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
func (s *storm) right(q *inquiry, r result) bool {
	none := len(r.claims) == 0
	switch {
	case r.whole(q):
		return r.lost == 0 || q.blind && r.lost <= mostTold
	case !none || r.going:
		return false
	case q.deleted:
		return r.lost == 0
	case q.again != nil && s.answers.times(q.texts[0]) == 0:
		return r.lost == 0 // it never came to the program, and Slack told the person so
	}
	return q.blind && r.lost >= 1 && r.lost <= mostTold
}

// settled waits until there is nothing more to come for q. A deleted question has
// nothing to wait for. A command that nobody took is sent once more.
func (s *storm) settled(q *inquiry) {
	s.t.Helper()
	if q.deleted {
		return
	}
	if q.again == nil {
		refused := false
		s.Await("the answer to "+q.texts[0], func() bool {
			refused = s.refused(q)
			return refused || s.right(q, s.result(q))
		})
		if !refused {
			return
		}
		// Not in the same words: of this one, too, an answer may still come, if the
		// program had it already when the socket went.
		s.repeated++
		q.again = &inquiry{texts: []string{strings.Replace(q.texts[0], "number", "repeated number", 1)}, channel: q.channel, user: q.user, only: q.only, blind: q.blind}
		s.command(q.again)
	}
	s.settled(q.again)
}

// refused reports whether Slack told the asker of a command that nobody took it,
// as it does when the socket that the command was put on has ended. The program
// knows nothing of it then, or nothing yet.
func (s *storm) refused(q *inquiry) bool {
	if q.envelope == "" || s.answers.times(q.texts[0]) > 0 {
		return false
	}
	e := s.envelope(q.envelope)
	return e.Lost && e.Left && !e.Acked
}

// all returns every question, and what was asked in place of one.
func (s *storm) all() []*inquiry {
	var list []*inquiry
	for _, q := range s.asked {
		for ; q != nil; q = q.again {
			list = append(list, q)
		}
	}
	return list
}

// verify holds what stands in all channels against what was asked.
func (s *storm) verify() {
	told := map[string]bool{}
	unknown := 0
	for _, q := range s.all() {
		r := s.result(q)
		if !s.right(q, r) {
			s.t.Errorf("%q: claims %v, lost %d, open %v", q.texts, r.claims, r.lost, r.going)
		}
		for _, p := range r.parts {
			told[p] = true
		}
		unknown += r.lost
	}
	seen := map[string]bool{}
	for _, q := range s.asked {
		for _, channel := range []string{q.channel, s.DM(q.user)} {
			if seen[channel] {
				continue
			}
			seen[channel] = true
			for _, m := range s.Messages(channel) {
				if m.FromBot && m.By != "ack" && !told[m.Channel+" "+m.TS] {
					s.t.Errorf("%s: a message that answers nothing: %q", channel, body(m))
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
	if s.drops == 0 || s.again == 0 || s.edits == 0 || s.deletions == 0 {
		s.t.Errorf("%d drops, %d redeliveries, %d edits, %d deletions", s.drops, s.again, s.edits, s.deletions)
	}
	calls, refused, row := s.refusals()
	s.t.Logf("%d calls, %v; %d refused by a rate, %d in a row; %d told as lost, %d commands sent again", calls, s.happened, refused, row, unknown, s.repeated)
	// A command is lost with the socket that it is under way on, and that breaks when
	// it is made to: one at a time is asked.
	if s.repeated > s.drops {
		s.t.Errorf("%d commands had to be sent again, and %d times the socket was broken", s.repeated, s.drops)
	}
	if refused > calls/10 || row > 3 {
		s.t.Errorf("of %d calls %d were refused by a rate, up to %d in a row", calls, refused, row)
	}
}

// refusals counts what the server's own rates refused, and the most in a row of
// what it counts together.
func (s *storm) refusals() (calls, refused, most int) {
	row := map[string]int{}
	for _, c := range s.Calls("") {
		calls++
		counted := c.Method
		if c.Method == "chat.postMessage" {
			counted += " " + c.Params.Get("channel")
		}
		if c.Error != "ratelimited" {
			row[counted] = 0
			continue
		}
		refused++
		row[counted]++
		most = max(most, row[counted])
	}
	return calls, refused, most
}
