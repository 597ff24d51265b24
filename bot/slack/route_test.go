package slack

import (
	"strings"
	"testing"
	"time"
)

func TestWhichPostsAreForTheBot(t *testing.T) {
	const self = "UBOT"
	tests := []struct {
		name   string
		post   post
		follow Follow
		want   route
	}{
		{"a direct message", post{user: "U1", ts: "1.0", text: "who came?", direct: true}, "", question},
		{"a mention", post{user: "U1", ts: "1.0", text: "<@UBOT> who came?"}, "", question},
		{"a mention with a name", post{user: "U1", ts: "1.0", text: "<@UBOT|summit> who came?"}, "", question},
		{"a mention in a thread that is not followed", post{user: "U1", ts: "1.0", thread: "0.5", text: "<@UBOT> who?"}, FollowMentions, question},
		{"a mention beside another", post{user: "U1", ts: "1.0", text: "<@U2> ask <@UBOT> who came"}, "", question},
		{"on in a thread", post{user: "U1", ts: "1.0", thread: "0.5", text: "and when?"}, "", perhaps},
		{"on in a thread that is not followed", post{user: "U1", ts: "1.0", thread: "0.5", text: "and when?"}, FollowMentions, ignore},
		{"to somebody in a thread", post{user: "U1", ts: "1.0", thread: "0.5", text: "<@U2> and when?"}, "", ignore},
		{"to all in a thread", post{user: "U1", ts: "1.0", thread: "0.5", text: "<!here> and when?"}, "", ignore},
		{"in a channel", post{user: "U1", ts: "1.0", text: "who came?"}, "", ignore},
		{"of a bot", post{user: "U1", ts: "1.0", text: "<@UBOT> who came?", bot: true}, "", ignore},
		{"of its own", post{user: self, ts: "1.0", text: "who came?", direct: true}, "", ignore},
		{"of nobody", post{ts: "1.0", text: "<@UBOT> who came?"}, "", ignore},
		{"to one whose id begins the same", post{user: "U1", ts: "1.0", text: "<@UBOTHER> who came?"}, "", ignore},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := routeOf(tt.post, self, tt.follow); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestWhatAsks(t *testing.T) {
	for text, want := range map[string]bool{
		"and when?": true, "when did they meet": true, "and who came": true, "Wer kam denn": true, "А когда": true, "是吗？": true,
		"thanks": false, "I know who came": false, "ok, that helps": false, "": false,
	} {
		if got := asks(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestAQuestionIsReadAsItWasWritten(t *testing.T) {
	for text, want := range map[string]string{
		"<@UBOT> who came?":                             "who came?",
		"<@UBOT|summit>  who came, <@UBOT>":             "who came,",
		"what of <https://example.com/a?b&amp;c|this>":  "what of this",
		"what of <https://example.com>":                 "what of https://example.com",
		"write to <mailto:a@example.com|a@example.com>": "write to a@example.com",
		"is 1 &lt; 2 &amp;&amp; 3 &gt; 2":               "is 1 < 2 && 3 > 2",
		"&amp;lt; is no sign":                           "&lt; is no sign",
		"who is in <#C1|room>":                          "who is in room",
		"open < never closed":                           "open < never closed",
	} {
		if got := questionOf(text, "UBOT"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestWordsBehindTheCommand(t *testing.T) {
	for text, want := range map[string][2]string{
		"": {"empty", ""}, "  ": {"empty", ""}, "help": {"help", ""}, "HELP": {"help", ""}, "sources": {"sources", ""},
		"show 8": {"show", "8"}, "show alaska-summit#8": {"show", "alaska-summit#8"}, "show ¶8": {"show", "¶8"},
		"show me who came in 2025": {"", "show me who came in 2025"}, "help me understand": {"", "help me understand"},
		"who came?": {"", "who came?"}, "show": {"", "show"},
	} {
		name, argument := argumentOf(text)
		if got := [2]string{name, argument}; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestATalkAmongPeopleIsLeftAlone(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	th := newThreads(func() time.Time { return now })
	at := place{"C1", "1.0"}
	th.joined(at, "ann")
	steps := []struct {
		user, text string
		want       bool
	}{
		{"ben", "and when?", true}, // right behind the bot's answer anybody may ask
		{"ben", "thanks", false},
		{"cyd", "you are welcome?", false}, // to Ben
		{"ann", "are you two done?", false},
	}
	for _, s := range steps {
		if got := th.toBot(at, s.user, s.text); got != s.want {
			t.Errorf("%s: %q: got %v, want %v", s.user, s.text, got, s.want)
		}
	}
	th.joined(at, "ann") // a mention
	th.toBot(at, "ann", "thanks")
	if !th.toBot(at, "ann", "and where?") {
		t.Error("whom the bot answered last may go on behind their own words")
	}
}

func TestAThreadIsForgottenAfterADay(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	th := newThreads(func() time.Time { return now })
	th.joined(place{"C1", "1.0"}, "ann")
	now = now.Add(2 * threadAge)
	th.joined(place{"C1", "2.0"}, "ann")
	if th.known(place{"C1", "1.0"}) || !th.known(place{"C1", "2.0"}) {
		t.Error("the wrong thread is known")
	}
}

func TestKeysNameTheirQuestion(t *testing.T) {
	key := keyOf("T1", "C1", "12.5")
	if key != "slack:T1:C1:12.5" {
		t.Errorf("got %q", key)
	}
	q := inquiry{key: key + editMark + "13.0"}
	if again := q.again("U2", "14.0"); again.key != key+againMark+"14.0" || again.asked.user != "U2" {
		t.Errorf("got %+v", again)
	}
	for _, k := range []string{key, key + editMark + "13.0", key + againMark + "14.0"} {
		if questionStamp(k) != "12.5" || !strings.HasPrefix(k, baseKey(k)) {
			t.Errorf("%q: got %q", k, questionStamp(k))
		}
	}
}

func TestATableRemembersForAWhile(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	tab := newTable(func() time.Time { return now })
	if _, fresh := tab.take(inquiry{key: "a"}); !fresh {
		t.Error("not fresh at first")
	}
	now = now.Add(keyAge)
	if _, fresh := tab.take(inquiry{key: "a"}); fresh {
		t.Error("fresh within its age")
	}
	now = now.Add(2 * keyAge)
	if _, fresh := tab.take(inquiry{key: "a"}); !fresh {
		t.Error("remembered for ever")
	}
}

func FuzzQuestionOf(f *testing.F) {
	for _, s := range []string{"<@UBOT> who?", "<<@UBOT>", "<", "<|>", "&amp;lt;", "<@UBOT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := questionOf(text, "UBOT"); len(got) > len(text)+strings.Count(text, "<@UBOT") {
			t.Errorf("%q grew to %q", text, got)
		}
	})
}
