package slack_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"summitbot/bot"
	"summitbot/bot/slack"
	"summitbot/bot/slack/slackserver"
)

// overHTTP is the test below which a house has Slack come by HTTP.
const overHTTP = "TestOverHTTPAllIsAsOverASocket/"

// TestOverHTTPAllIsAsOverASocket runs again what is tested over a socket, but for the
// order of what is posted at the same moment: requests overtake each other.
func TestOverHTTPAllIsAsOverASocket(t *testing.T) {
	for _, tt := range []struct {
		name string
		test func(*testing.T)
	}{
		{"mention", TestAMentionIsAnsweredOnceInAThreadUnderIt},
		{"streams", TestClaimsAreStreamedAsTheyCome},
		{"status in a direct message", TestAStatusIsSetAtOnceAndTakenAway},
		{"thread after a restart", TestAThreadIsFollowedWithoutMentionsEvenAfterARestart},
		{"private command", TestTheCommandIsAnsweredPrivatelyAndCanBeShared},
		{"public command", TestTheCommandCanBeAnsweredInTheChannel},
		{"words of the command", TestWordsOfTheCommand},
		{"long answer to a command", TestTheAnswerToACommandIsToldWholeHoweverLongItIs},
		{"sources", TestSourcesOpenInADialog},
		{"feedback", TestFeedbackIsKept},
		{"feedback to a private answer", TestFeedbackToAPrivateAnswerIsKept},
		{"shortcut", TestAMessageIsCheckedForWhoeverAsks},
		{"try again", TestAFailureCanBeTriedAgain},
		{"edit", TestAnEditedQuestionIsAnsweredInPlace},
		{"deletion", TestToADeletedQuestionNothingMoreIsSaid},
		{"stop", TestTheStopButtonStops},
		{"who may ask", TestWhoMayAsk},
		{"suggestions", TestQuestionsAreSuggested},
		{"unknown event", TestWhatNobodyKnowsIsAcknowledged},
		{"delivered again", TestAQuestionThatIsDeliveredAgainIsAnsweredOnce},
		{"question left by a start", TestAQuestionThatAStartLeftIsAnsweredByTheNext},
		{"command left by a start", TestACommandThatAStartLeftIsAnsweredByTheNext},
		{"revoked meanwhile", TestABotTokenThatIsRevokedMeanwhileIsToldInHealth},
	} {
		t.Run(tt.name, tt.test)
	}
}

// newHTTPHouse is a house that Slack reaches by HTTP.
func newHTTPHouse(t *testing.T, o slackserver.Options) *house {
	t.Helper()
	h := newHouse(t, o)
	h.byHTTP = true
	return h
}

// TestOverHTTPEveryQuestionHasOneAnswer asks thirty questions in three ways, while
// one delivery in three is lost on its way there or back, or comes twice, and
// one call in five fails. In the middle the program is started anew.
func TestOverHTTPEveryQuestionHasOneAnswer(t *testing.T) {
	const questions = 30
	h := newHTTPHouse(t, slackserver.Options{NoRates: true, Limits: slackserver.Limits{Ack: 30 * time.Second}}) // half a second of the machine's
	h.channels[h.room] = slack.Channel{Public: true}
	var mu sync.Mutex
	lost, calls := map[slackserver.Miscarriage]int{}, 0
	next := 0
	h.Miscarry(func(e slackserver.Envelope) slackserver.Miscarriage {
		mu.Lock()
		defer mu.Unlock()
		if next++; next%3 != 0 || e.Type != "events_api" || e.Tries > 2 { // what is not repeated, people see to
			return slackserver.Arrives
		}
		fate := slackserver.Miscarriage(next/3%3) + 1
		lost[fate]++
		return fate
	})
	h.Fault(func(c slackserver.Call) slackserver.Fault {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls%5 != 0 || c.Method == "auth.test" {
			return slackserver.Fault{}
		}
		return []slackserver.Fault{{Status: 503}, {Reset: true, Taken: true}, {Error: "internal_error"}, {Reset: true}}[calls/5%4]
	})
	h.start()
	type asked struct{ channel, text string }
	var list []asked
	for i := range questions {
		text := fmt.Sprintf("who is number %d?", i)
		switch i % 3 {
		case 0:
			list = append(list, asked{h.room, text})
			h.Say(h.ann, h.room, h.Mention()+" "+text, "")
		case 1:
			person := h.User(fmt.Sprintf("person-%d", i))
			list = append(list, asked{h.DM(person), text})
			h.Say(person, h.DM(person), text, "")
		case 2:
			h.Slash(h.ben, h.room, "/summit", text)
			list = append(list, asked{h.room, text})
		}
		if i == questions/2 || i == questions-1 {
			for _, q := range list { // a command that comes while the program ends is to be sent again
				h.finished(q.channel, q.text)
			}
		}
		if i == questions/2 {
			h.stop()
			h.start()
		}
	}
	h.Await("every event is acknowledged", func() bool {
		for _, e := range h.Envelopes("") {
			if !e.Acked {
				return false
			}
		}
		return true
	})
	h.Heal()
	h.stop()
	for _, q := range list {
		if n := len(h.answersTo(q.channel, q.text)); n != 1 {
			t.Errorf("%q: %d answers", q.text, n)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	t.Logf("lost on the way there %d, back %d, twice %d; %d calls", lost[slackserver.NotSent], lost[slackserver.ReplyLost], lost[slackserver.Twice], calls)
	if len(lost) != 3 {
		t.Errorf("not everything went wrong: %v", lost)
	}
}

// signed sends a request as Slack does, and returns its status.
func (h *house) signed(address, contentType, body string) (int, error) {
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header = h.Sign([]byte(body))
	req.Header.Set("Content-Type", contentType)
	resp, err := new(http.Client).Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, errors.Join(err, resp.Body.Close())
}

func TestACommandIsToldAtOnceThatWorkIsUnderWay(t *testing.T) {
	h := newHTTPHouse(t, slackserver.Options{Speed: clickSpeed}).start()
	act := h.Slash(h.ann, h.room, "/summit", "hold the door?")
	<-h.answers.holding
	if e := h.AwaitAcked(act.Envelope); !strings.Contains(string(e.AckPayload), "ephemeral") {
		t.Errorf("the acknowledgement says %s", e.AckPayload)
	}
	h.AwaitMessage(h.room, "the notice", func(m slackserver.Message) bool { return m.By == "ack" && m.Only == h.ann })
	close(h.answers.release)
	h.finished(h.room, "hold the door?")
}

func TestAnAddressWithAnotherSecretIsNotTaken(t *testing.T) {
	h := newHTTPHouse(t, slackserver.Options{}).start()
	h.SigningSecret = "another"
	if err := h.SetRequestURL("http://" + h.listen + "/slack"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("got %v", err)
	}
	h.logged("level=WARN", "requests are refused", "slack.signing_secret")
}

func TestAtTheEndNoRequestIsTakenAndThoseUnderWayAreAnswered(t *testing.T) {
	h := newHTTPHouse(t, slackserver.Options{}).start()
	h.Miscarry(func(slackserver.Envelope) slackserver.Miscarriage { return slackserver.NotSent })
	ts := h.Say(h.ann, h.room, h.Mention()+" who left?", "")
	address := h.front.Address()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := fmt.Sprintf(`{"type":"event_callback","event_id":"EvLast","event":{"type":"app_mention","user":%q,"channel":%q,"ts":%q,"text":"<@%s> who left?"}}`, h.ann, h.room, ts, h.Bot)
	fmt.Fprintf(conn, "POST /slack HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n", len(body))
	if err := h.Sign([]byte(body)).Write(conn); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "\r\n")
	const goOn = "HTTP/1.1 100 Continue\r\n\r\n" // the body is being read
	if _, err := io.ReadFull(conn, make([]byte, len(goOn))); err != nil {
		t.Fatal(err)
	}
	h.leave()
	h.state(slack.Stopped)
	fmt.Fprint(conn, body)
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		t.Errorf("got %q, %v", answer, err)
	}
	h.finished(h.room, "who left?")
	h.leave = nil
	if err := <-h.left; err != nil {
		t.Errorf("Run: %v", err)
	}
	if _, err := h.signed("http://"+address, "application/json", body); err == nil {
		t.Error("a request is taken after the end")
	}
}

func TestWithoutAnAddressOrASecretTheFrontEndDoesNotStart(t *testing.T) {
	h := newHouse(t, slackserver.Options{})
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, tt := range []struct {
		name, secret, listen, want string
		state                      slack.State
	}{
		{"address in use", h.SigningSecret, taken.Addr().String(), "in use", bot.Down},
		{"no secret", "", "127.0.0.1:0", "signing secret", bot.Down},
	} {
		t.Run(tt.name, func(t *testing.T) {
			front := slack.New(slack.Options{
				BotToken: h.BotToken, SigningSecret: tt.secret, Listen: tt.listen, APIURL: h.APIURL(), Handler: nobody{}, Library: library{}, Checker: checker{},
				Now: h.Clock.Now, Wait: h.Clock.Sleep,
			})
			err := front.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || front.Health().State != tt.state {
				t.Errorf("got %v, health %+v", err, front.Health())
			}
		})
	}
}

func TestOverHTTPARevokedTokenEndsTheFrontEnd(t *testing.T) {
	h := newHouse(t, slackserver.Options{})
	h.RevokeToken(h.BotToken, "token_revoked")
	front := slack.New(slack.Options{
		BotToken: h.BotToken, SigningSecret: h.SigningSecret, Listen: "127.0.0.1:0", APIURL: h.APIURL(), Handler: nobody{}, Library: library{},
		Checker: checker{}, Now: h.Clock.Now, Wait: h.Clock.Sleep,
	})
	err := front.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "token_revoked") || front.Health().State != slack.Revoked {
		t.Errorf("got %v, health %+v", err, front.Health())
	}
}
