package discordserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"summitbot/bot/discord/discordserver"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

func TestTheGatewayClosesWithACodeThatSaysWhy(t *testing.T) {
	const query = "?v=9&encoding=json"
	token := "MTAw.test.token"
	for _, tt := range []struct {
		name  string
		query string
		o     discordserver.Options
		first []string // begins the session, before what is sent
		send  []string
		code  int
	}{
		{name: "another version", query: "?v=6&encoding=json", code: 4012},
		{name: "no version", query: "", code: 4012},
		{name: "another encoding", query: "?v=9&encoding=etf", code: 4002},
		{name: "no JSON", query: query, send: []string{"{"}, code: 4002},
		{name: "no opcode", query: query, send: []string{`{"d":1}`}, code: 4002},
		{name: "more than 4,096 bytes", query: query, send: []string{`{"op":1,"d":1,"x":"` + strings.Repeat("x", 4096) + `"}`}, code: 4002},
		{name: "an unknown opcode", query: query, send: []string{`{"op":77,"d":1}`}, code: 4001},
		{name: "a presence before the session", query: query, send: []string{`{"op":3,"d":{}}`}, code: 4003},
		{name: "a wrong token", query: query, send: []string{identify("nonsense", ordinary, "")}, code: 4004},
		{name: "a wrong token in a resume", query: query, send: []string{resume("nonsense", "x", 1)}, code: 4004},
		{name: "a resume that cannot be read", query: query, send: []string{`{"op":6,"d":7}`}, code: 4002},
		{name: "no intents", query: query, send: []string{`{"op":2,"d":{"token":"` + token + `","properties":{}}}`}, code: 4002},
		{name: "no properties", query: query, send: []string{`{"op":2,"d":{"token":"` + token + `","intents":1}}`}, code: 4002},
		{name: "a second identify", query: query, send: []string{identify(token, ordinary, ""), identify(token, ordinary, "")}, code: 4005},
		{name: "a resume in a session", query: query, send: []string{identify(token, ordinary, ""), resume(token, "x", 1)}, code: 4005},
		{name: "an intent that there is not", query: query, send: []string{identify(token, 1<<30, "")}, code: 4013},
		{name: "a privileged intent that is off", query: query, send: []string{identify(token, ordinary|discordserver.MessageContent, "")}, code: 4014},
		{
			name: "another privileged intent than is on", query: query, o: discordserver.Options{Privileged: discordserver.MessageContent},
			send: []string{identify(token, ordinary|discordserver.GuildMembers, "")}, code: 4014,
		},
		{name: "a shard that there is not", query: query, send: []string{identify(token, ordinary, `,"shard":[2,2]`)}, code: 4010},
		{name: "half a shard", query: query, send: []string{identify(token, ordinary, `,"shard":[2]`)}, code: 4002},
		{name: "too few shards", query: query, o: discordserver.Options{Shards: 2}, send: []string{identify(token, ordinary, "")}, code: 4011},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.NoRates = true
			s := discordserver.Start(t, tt.o)
			w := dialTo(t, s, tt.query)
			for _, text := range tt.send {
				w.send(text)
			}
			if got := w.closed(); got != tt.code {
				t.Errorf("closed with %d, want %d", got, tt.code)
			}
			if s.Sockets() != 0 {
				t.Error("the session still has its socket")
			}
		})
	}
}

func TestIdentifyIsAnsweredByReadyAndTheGuilds(t *testing.T) {
	s := start(t)
	channel := s.AddChannel(s.Guild, "general")
	w := dial(t, s)
	w.send(identify(s.Token, ordinary, ""))
	ready := w.read()
	if ready.Type != "READY" || ready.Seq != 1 || ready.Data["session_id"] == "" {
		t.Fatalf("got %s %d: %s", ready.Type, ready.Seq, ready.Raw)
	}
	application, _ := ready.Data["application"].(map[string]any)
	if application["id"] != s.App || s.App == s.Bot {
		t.Errorf("the application is %v, want %s, which is not the bot's user id", application["id"], s.App)
	}
	guild := w.read()
	if guild.Type != "GUILD_CREATE" || guild.Seq != 2 || guild.Data["id"] != s.Guild || !strings.Contains(string(guild.Raw), channel) {
		t.Errorf("got %s %d: %s", guild.Type, guild.Seq, guild.Raw)
	}
	want := []discordserver.Identify{{Intents: ordinary}}
	got := s.Identifies()
	got[0].At = time.Time{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryHeartbeatIsAnswered(t *testing.T) {
	s := start(t)
	w := dial(t, s)
	w.send(`{"op":1,"d":null}`) // also before the session
	if e := w.read(); e.Op != 11 {
		t.Errorf("got op %d, want 11", e.Op)
	}
	w.identify(s, ordinary)
	s.RequestHeartbeat()
	if e := w.read(); e.Op != 1 {
		t.Errorf("got op %d, want the request for a heartbeat", e.Op)
	}
}

func TestASocketWithoutHeartbeatsIsClosedAndItsSessionEnds(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Limits: discordserver.Limits{Heartbeat: 50 * time.Millisecond}})
	w := dial(t, s)
	session := w.identify(s, ordinary)
	if got := w.closed(); got != 4009 {
		t.Errorf("closed with %d, want 4009", got)
	}
	again := dial(t, s)
	again.send(resume(s.Token, session, 1))
	if e := again.read(); e.Op != 9 || string(e.Raw) != "false" {
		t.Errorf("got op %d %s, want an invalid session", e.Op, e.Raw)
	}
}

func TestADeafSocketNeitherHearsNorSpeaks(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	session := w.identify(s, ordinary)
	s.Deaf()
	w.send(`{"op":1,"d":2}`)
	missed := s.Say(ann, channel, "hello")
	if s.Sockets() != 1 {
		t.Error("a deaf socket still looks open")
	}
	again := dial(t, s)
	again.send(resume(s.Token, session, 2))
	if e := again.read(); e.Type != "MESSAGE_CREATE" || e.Data["id"] != missed {
		t.Errorf("got %s %s, want what the deaf socket missed", e.Type, e.Raw)
	}
	if got := w.closed(); got != 0 {
		t.Errorf("the deaf socket was closed with %d; it must be cut, without an answer to its heartbeat", got)
	}
}

func TestASocketWithoutAnswersToHeartbeatsStillBringsEvents(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, ordinary)
	s.NoAcks()
	w.send(`{"op":1,"d":2}`)
	id := s.Say(ann, channel, "hello")
	s.Unfurl(channel, id)
	for _, want := range []string{"MESSAGE_CREATE", "MESSAGE_UPDATE"} {
		if e := w.read(); e.Type != want || e.Data["edited_timestamp"] != nil {
			t.Errorf("got op %d %s %s, want %s", e.Op, e.Type, e.Raw, want)
		}
	}
}

func TestAGatewayThatIsNotThere(t *testing.T) {
	s := start(t)
	s.Handshake(1, discordserver.Mishap{At: discordserver.AtDial})
	_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL(), "http")+"/gateway", nil)
	if err == nil || resp == nil || resp.StatusCode != 503 {
		t.Fatalf("got %v, %v, want the handshake refused", err, resp)
	}
	resp.Body.Close()
	dial(t, s).identify(s, ordinary)
}

func TestASessionIsKeptForAWhile(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Stopped: true})
	dial(t, s).identify(s, ordinary)
	s.DropGateway()
	if s.Sessions() != 1 || s.Sockets() != 0 {
		t.Errorf("%d sessions with %d sockets, want 1 and 0", s.Sessions(), s.Sockets())
	}
	s.Clock.Advance(4 * time.Minute)
	if s.Sessions() != 0 {
		t.Errorf("%d sessions are left", s.Sessions())
	}
}

func TestAResumeReplaysWhatWasMissed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		broken func(s *discordserver.Server, w *wire)
	}{
		{"cut", func(s *discordserver.Server, _ *wire) { s.DropGateway() }},
		{"asked to reconnect", func(s *discordserver.Server, w *wire) {
			s.Reconnect()
			if e := w.read(); e.Op != 7 {
				t.Errorf("got op %d, want 7", e.Op)
			}
		}},
		{"invalid but resumable", func(s *discordserver.Server, w *wire) {
			s.Invalidate(true)
			if e := w.read(); e.Op != 9 || string(e.Raw) != "true" {
				t.Errorf("got op %d %s, want 9 true", e.Op, e.Raw)
			}
		}},
		{"closed with 4000", func(s *discordserver.Server, w *wire) {
			s.CloseWith(4000)
			if got := w.closed(); got != 4000 {
				t.Errorf("closed with %d", got)
			}
		}},
		{"closed by the client with 4000", func(s *discordserver.Server, w *wire) {
			w.close(4000)
			s.Await("the socket is gone", func() bool { return s.Connections() == 0 })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t)
			channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
			w := dial(t, s)
			session := w.identify(s, ordinary)
			seen := s.Say(ann, channel, "one")
			if e := w.read(); e.Data["id"] != seen || e.Seq != 3 {
				t.Fatalf("got %s %d", e.Type, e.Seq)
			}
			tt.broken(s, w)
			missed := []string{s.Say(ann, channel, "two"), s.Say(ann, channel, "three")}
			again := dial(t, s)
			again.send(resume(s.Token, session, 3))
			for n, id := range missed {
				if e := again.read(); e.Data["id"] != id || e.Seq != int64(4+n) {
					t.Errorf("got %s %d %s, want message %s", e.Type, e.Seq, e.Raw, id)
				}
			}
			if e := again.read(); e.Type != "RESUMED" || e.Seq != 6 {
				t.Errorf("got %s %d, want RESUMED 6", e.Type, e.Seq)
			}
		})
	}
}

func TestASessionThatCannotBeResumedIsSaidToBeInvalid(t *testing.T) {
	for _, tt := range []struct {
		name   string
		limits discordserver.Limits
		broken func(s *discordserver.Server, w *wire)
		seq    int64
		code   int // that the socket is closed with; 0 is op 9
	}{
		{name: "ended", broken: func(s *discordserver.Server, _ *wire) { s.Invalidate(false) }, seq: 2},
		{name: "forgotten", broken: func(s *discordserver.Server, _ *wire) { s.ForgetSessions() }, seq: 2},
		{name: "closed by the client with 1000", broken: func(s *discordserver.Server, w *wire) { w.close(1000) }, seq: 2},
		{name: "closed by the client with 1001", broken: func(s *discordserver.Server, w *wire) { w.close(1001) }, seq: 2},
		{name: "timed out", broken: func(s *discordserver.Server, _ *wire) { s.CloseWith(4009) }, seq: 2},
		{name: "too old", broken: func(s *discordserver.Server, _ *wire) {
			s.DropGateway()
			s.Clock.Advance(4 * time.Minute)
		}, seq: 2},
		{name: "too much missed", limits: discordserver.Limits{Replay: 2}, broken: func(s *discordserver.Server, _ *wire) {
			s.DropGateway()
			for range 3 {
				s.Say(s.User("ann"), s.DM(s.User("ann")), "word")
			}
		}, seq: 2},
		{name: "ahead of the server", broken: func(s *discordserver.Server, _ *wire) { s.DropGateway() }, seq: 9, code: 4007},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := discordserver.Start(t, discordserver.Options{NoRates: true, Limits: tt.limits})
			w := dial(t, s)
			session := w.identify(s, ordinary)
			tt.broken(s, w)
			if strings.Contains(tt.name, "client") {
				s.Await("the socket is gone", func() bool { return s.Connections() == 0 })
			}
			again := dial(t, s)
			again.send(resume(s.Token, session, tt.seq))
			if tt.code != 0 {
				if got := again.closed(); got != tt.code {
					t.Errorf("closed with %d, want %d", got, tt.code)
				}
				return
			}
			if e := again.read(); e.Op != 9 || string(e.Raw) != "false" {
				t.Errorf("got op %d %s, want 9 false", e.Op, e.Raw)
			}
			again.identify(s, ordinary) // on the same socket, as the library does
		})
	}
}

func TestAHandshakeGoesWrongAtEveryMoment(t *testing.T) {
	none := func(*testing.T, *wire) {}
	op := func(want int, data string) func(*testing.T, *wire) {
		return func(t *testing.T, w *wire) {
			t.Helper()
			if e := w.read(); e.Op != want || string(e.Raw) != data {
				t.Errorf("got op %d %s, want %d %s", e.Op, e.Raw, want, data)
			}
		}
	}
	code := func(want int) func(*testing.T, *wire) {
		return func(t *testing.T, w *wire) {
			t.Helper()
			if got := w.closed(); got != want {
				t.Errorf("closed with %d, want %d", got, want)
			}
		}
	}
	for n, tt := range []struct {
		m    discordserver.Mishap
		then func(*testing.T, *wire)
	}{
		{discordserver.Mishap{At: discordserver.AtHello, Op: 7}, op(7, "null")},
		{discordserver.Mishap{At: discordserver.AtHello, Drop: true}, code(0)},
		{discordserver.Mishap{At: discordserver.AtHello, Close: 4000}, code(4000)},
		{discordserver.Mishap{At: discordserver.AtHello, Silent: true}, none},
		{discordserver.Mishap{At: discordserver.AtReady, Op: 7}, op(7, "null")},
		{discordserver.Mishap{At: discordserver.AtReady, Op: 9}, op(9, "false")},
		{discordserver.Mishap{At: discordserver.AtReady, Op: 9, Resumable: true}, op(9, "true")},
		{discordserver.Mishap{At: discordserver.AtReady, Op: 11}, op(11, "null")},
		{discordserver.Mishap{At: discordserver.AtReady, Close: 4004}, code(4004)},
		{discordserver.Mishap{At: discordserver.AtReady, Drop: true}, code(0)},
		{discordserver.Mishap{At: discordserver.AfterReady, Op: 7}, op(7, "null")},
		{discordserver.Mishap{At: discordserver.AfterReady, Op: 9}, op(9, "false")},
		{discordserver.Mishap{At: discordserver.AfterReady, Drop: true}, code(0)},
	} {
		t.Run(fmt.Sprintf("%d: %+v", n, tt.m), func(t *testing.T) {
			s := start(t)
			s.Handshake(1, tt.m)
			w := dialTo(t, s, "?v=9&encoding=json")
			if tt.m.At != discordserver.AtHello {
				if e := w.read(); e.Op != 10 {
					t.Fatalf("got op %d, want the hello", e.Op)
				}
				w.send(identify(s.Token, ordinary, ""))
			}
			if tt.m.At == discordserver.AfterReady && !tt.m.Drop { // READY may go down with the socket
				if e := w.read(); e.Type != "READY" {
					t.Fatalf("got %s, want READY", e.Type)
				}
			}
			tt.then(t, w)
			s.Await("the mishap has happened", func() bool { return s.Connections() == 1 || tt.m.Drop || tt.m.Close != 0 })
			// The next one goes well.
			dial(t, s).identify(s, ordinary)
		})
	}
}

func TestAResumeGoesWrongToo(t *testing.T) {
	s := start(t)
	w := dial(t, s)
	session := w.identify(s, ordinary)
	s.DropGateway()
	s.Handshake(1, discordserver.Mishap{At: discordserver.AtReady, Op: 7})
	s.Handshake(1, discordserver.Mishap{At: discordserver.AfterReady, Op: 7})
	for range 2 { // in place of RESUMED, and right after it
		w := dial(t, s)
		w.send(resume(s.Token, session, 2))
		e := w.read()
		if e.Type == "RESUMED" {
			e = w.read()
		}
		if e.Op != 7 {
			t.Errorf("got op %d %s, want 7", e.Op, e.Type)
		}
	}
	w = dial(t, s)
	w.send(resume(s.Token, session, 2))
	w.until("RESUMED")
}

func TestASocketWithHeartbeatsStaysOpen(t *testing.T) {
	const interval = 40 * time.Millisecond
	// The clock runs fast, so that the heartbeats are not too many a minute.
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Speed: 100_000, Limits: discordserver.Limits{Heartbeat: interval}})
	w := dial(t, s)
	for began := time.Now(); time.Since(began) < 4*interval; {
		w.send(`{"op":1,"d":null}`)
		if e := w.read(); e.Op != 11 {
			t.Fatalf("got op %d, want 11", e.Op)
		}
	}
}

func TestAHealedHandshakeGoesWell(t *testing.T) {
	s := start(t)
	s.Handshake(-1, discordserver.Mishap{At: discordserver.AtReady, Drop: true})
	s.HealHandshake()
	dial(t, s).identify(s, ordinary)
}

func TestAClientThatDoesNotGoAfterAReconnectIsCut(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Stopped: true})
	w := dial(t, s)
	w.identify(s, ordinary)
	s.Reconnect()
	if e := w.read(); e.Op != 7 {
		t.Fatalf("got op %d, want 7", e.Op)
	}
	s.Clock.Advance(11 * time.Second)
	if got := w.closed(); got != 0 {
		t.Errorf("closed with %d, want it cut", got)
	}
}

func TestMoreThan120SendsAMinuteCloseTheSocket(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Stopped: true})
	w := dial(t, s)
	for range 119 {
		w.send(`{"op":1,"d":0}`)
		w.read()
	}
	s.Clock.Advance(time.Minute) // begins anew
	for range 120 {
		w.send(`{"op":1,"d":0}`)
		w.read()
	}
	w.send(`{"op":1,"d":0}`)
	if got := w.closed(); got != 4008 {
		t.Errorf("closed with %d, want 4008", got)
	}
}

func TestASecondIdentifyWithinFiveSecondsIsInvalid(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{Stopped: true})
	dial(t, s).identify(s, ordinary)
	w := dial(t, s)
	w.send(identify(s.Token, ordinary, ""))
	s.Await("it was identified", func() bool { return len(s.Identifies()) == 2 })
	s.Clock.Advance(time.Second)
	if e := w.read(); e.Op != 9 || string(e.Raw) != "false" {
		t.Errorf("got op %d %s, want 9 false", e.Op, e.Raw)
	}
	s.Clock.Advance(5 * time.Second)
	w.identify(s, ordinary)
}

func TestTooManySessionsADayResetTheToken(t *testing.T) {
	s := discordserver.Start(t, discordserver.Options{NoRates: true, Limits: discordserver.Limits{Starts: 2}})
	dial(t, s).identify(s, ordinary)
	dial(t, s).identify(s, ordinary)
	r := call(t, s, "GET", "/gateway/bot", "")
	limit, _ := r.json["session_start_limit"].(map[string]any)
	if limit["remaining"] != 0.0 || limit["total"] != 2.0 || limit["max_concurrency"] != 1.0 {
		t.Errorf("got %s", r.body)
	}
	w := dial(t, s)
	w.send(identify(s.Token, ordinary, ""))
	if got := w.closed(); got != 4004 {
		t.Errorf("closed with %d, want 4004", got)
	}
	if r := call(t, s, "GET", "/users/@me", ""); r.status != 401 {
		t.Errorf("got %d, want the token to be worth nothing", r.status)
	}
}

func TestOnlyWhatTheIntentsAskForComes(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, discordserver.DirectMessages)
	s.Say(ann, channel, "in the guild")
	s.AddRole(s.Guild, "role")
	direct := s.Say(ann, s.DM(ann), "to the bot")
	if e := w.read(); e.Data["id"] != direct || e.Data["guild_id"] != nil {
		t.Errorf("got %s %s, want the direct message alone", e.Type, e.Raw)
	}
}

func TestContentIsKeptFromThoseWithoutTheIntent(t *testing.T) {
	for _, tt := range []struct {
		name    string
		intents discordserver.Intents
		say     func(s *discordserver.Server, ann, channel string)
		want    string
	}{
		{"in a channel", ordinary, func(s *discordserver.Server, ann, c string) { s.Say(ann, c, "hello") }, ""},
		{"a mention of somebody else", ordinary, func(s *discordserver.Server, ann, c string) { s.Say(ann, c, "<@"+ann+"> hello") }, ""},
		{"a mention", ordinary, func(s *discordserver.Server, ann, c string) { s.Say(ann, c, s.Mention()+" hello") }, "hello"},
		{"a direct message", ordinary, func(s *discordserver.Server, ann, _ string) { s.Say(ann, s.DM(ann), "hello") }, "hello"},
		{"with the intent", ordinary | discordserver.MessageContent, func(s *discordserver.Server, ann, c string) { s.Say(ann, c, "hello") }, "hello"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := discordserver.Start(t, discordserver.Options{NoRates: true, Privileged: discordserver.MessageContent})
			w := dial(t, s)
			channel := s.AddChannel(s.Guild, "general")
			w.identify(s, tt.intents)
			tt.say(s, s.User("ann"), channel)
			got, _ := w.until("MESSAGE_CREATE").Data["content"].(string)
			if got != tt.want && !strings.HasSuffix(got, " "+tt.want) {
				t.Errorf("content is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAReplyMentionsTheBotWhenItPings(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, ordinary)
	own := call(t, s, "POST", "/channels/"+channel+"/messages", `{"content":"answer"}`).get("id")
	w.until("MESSAGE_CREATE")
	for _, ping := range []bool{true, false} {
		s.Reply(ann, channel, own, "and then?", ping)
		e := w.until("MESSAGE_CREATE")
		content, _ := e.Data["content"].(string)
		if (content != "") != ping {
			t.Errorf("ping %v: content is %q", ping, content)
		}
		original, _ := e.Data["referenced_message"].(map[string]any)
		if original["id"] != own || original["content"] != "answer" {
			t.Errorf("it answers %v, want the bot's own message with its content", original)
		}
	}
}

func TestABotThatDoesNotSeeAChannelHearsNothingOfIt(t *testing.T) {
	s := start(t)
	hidden, open, ann := s.AddChannel(s.Guild, "hidden"), s.AddChannel(s.Guild, "open"), s.User("ann")
	s.Overwrite(hidden, 0, discordserver.ViewChannel)
	w := dial(t, s)
	w.identify(s, ordinary)
	s.Say(ann, hidden, "a secret")
	want := s.Say(ann, open, "hello")
	if e := w.until("MESSAGE_CREATE"); e.Data["id"] != want {
		t.Errorf("got %s", e.Raw)
	}
}

func TestEditsDeletionsAndRepeatsAreTold(t *testing.T) {
	s := start(t)
	channel, ann := s.AddChannel(s.Guild, "general"), s.User("ann")
	w := dial(t, s)
	w.identify(s, ordinary)
	id := s.Say(ann, channel, s.Mention()+" one")
	s.Redeliver(channel, id)
	s.Edit(channel, id, s.Mention()+" two")
	s.Delete(channel, id)
	s.Deliver("EVENT_OF_NEXT_YEAR", map[string]any{"x": 1})
	for _, want := range []string{"MESSAGE_CREATE", "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"} {
		if e := w.read(); e.Type != want || e.Data["id"] != id {
			t.Errorf("got %s %s, want %s", e.Type, e.Raw, want)
		}
	}
	if e := w.read(); e.Type != "EVENT_OF_NEXT_YEAR" {
		t.Errorf("got %s", e.Type)
	}
}

func TestLargeFramesAreCompressedForThoseWhoAsk(t *testing.T) {
	s := start(t)
	w := dial(t, s)
	w.send(identify(s.Token, ordinary, `,"compress":true`))
	w.read() // READY is short
	kind, _, err := w.conn.ReadMessage()
	if err != nil || kind != 2 {
		t.Errorf("GUILD_CREATE came as a frame of kind %d (%v), want a binary one", kind, err)
	}
}

func TestAGuildThatTheBotLeavesIsTold(t *testing.T) {
	s := start(t)
	w := dial(t, s)
	w.identify(s, ordinary)
	s.LeaveGuild(s.Guild)
	if e := w.read(); e.Type != "GUILD_DELETE" || e.Data["id"] != s.Guild {
		t.Errorf("got %s %s", e.Type, e.Raw)
	}
	if r := call(t, s, "GET", "/guilds/"+s.Guild, ""); r.code() != 50001 {
		t.Errorf("got %d %s, want 50001", r.status, r.body)
	}
	other := s.AddGuild("Other")
	if e := w.read(); e.Type != "GUILD_CREATE" || e.Data["id"] != other {
		t.Errorf("got %s %s", e.Type, e.Raw)
	}
}

func TestAShardHearsOfItsOwnGuildsOnly(t *testing.T) {
	s := start(t)
	ann := s.User("ann")
	of := map[string]int{}
	var guilds []string
	for range 6 {
		g := s.AddGuild("Guild")
		guilds = append(guilds, g)
		s.Clock.Advance(time.Millisecond) // ids differ in more than their last bits
	}
	first, second := dial(t, s), dial(t, s)
	first.send(identify(s.Token, ordinary, `,"shard":[0,2]`))
	second.send(identify(s.Token, ordinary, `,"shard":[1,2]`))
	for n, w := range []*wire{first, second} {
		listed, _ := w.until("READY").Data["guilds"].([]any)
		for _, g := range listed {
			id, _ := g.(map[string]any)["id"].(string)
			of[id] += n + 1
		}
	}
	for _, g := range guilds {
		if of[g] != 1 && of[g] != 2 {
			t.Errorf("guild %s is on shards %d", g, of[g])
		}
	}
	direct := s.Say(ann, s.DM(ann), "hello")
	if e := first.until("MESSAGE_CREATE"); e.Data["id"] != direct {
		t.Errorf("shard 0 got %s", e.Raw)
	}
}
