package discord

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"summitbot/bot"
	"summitbot/bot/requestid"
)

const (
	// A key is remembered for longer than Discord goes on with a session, in which
	// it delivers again. The journal remembers it for ever, but only of what it took
	// as a question.
	keyAge = 30 * time.Minute
	// editable is how long after a question was asked its answer follows edits.
	editable = 2 * time.Minute
	// An answer that could not be told is told again after this long, which doubles
	// each time that it fails.
	retellPause     = time.Minute
	retellMostPause = time.Hour
)

// Why a question's context ends.
var (
	errDeleted = errors.New("the question was deleted")
	errEdited  = errors.New("the question was edited")
)

// keyOf names a question for ever: the message or the interaction that asks it.
func keyOf(guild, channel, id string) string {
	return strings.Join([]string{surface, cmp.Or(guild, directMark), channel, id}, ":")
}

// What stands in a key. A button that asks again has room for a hundred
// characters, so these are short.
const (
	directMark = "@me" // in place of a guild
	slashMark  = "/"   // before the id of an interaction
	editMark   = ":edit:"
	againMark  = ":again:"
	awayMark   = "away-" // in place of a message's id: who may not ask was told so
)

// commandOf returns the interaction that asks a question of that key, "" if a
// message asks it.
func commandOf(key string) string {
	parts := strings.Split(key, ":")
	if len(parts) < 4 || !strings.HasPrefix(parts[3], slashMark) {
		return ""
	}
	return strings.TrimPrefix(parts[3], slashMark)
}

// baseKey returns the key of the question as it was asked first.
func baseKey(key string) string {
	base, _, _ := strings.Cut(key, editMark)
	base, _, _ = strings.Cut(base, againMark)
	return base
}

// A table has the questions of the last while, by key.
type table struct {
	now    func() time.Time
	mu     sync.Mutex
	rows   map[string]*entry
	pruned time.Time
}

// An entry is one question, as it was asked and as it was edited since.
type entry struct {
	q    inquiry // as asked last
	came time.Time

	turn sync.Mutex // held by the run that answers it

	mu     sync.Mutex
	cancel context.CancelCauseFunc // of the run under way; nil if there is none
	over   error                   // why no further run may begin, or nil
	edits  string                  // the newest edit
	canvas canvas                  // of the last run
	pages  *paging                 // of what one person was shown; nil if that is one page, or an answer
}

func newTable(now func() time.Time) *table { return &table{now: now, rows: map[string]*entry{}} }

// take notes a question. fresh is false if it was noted before.
func (t *table) take(q inquiry) (e *entry, fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if now.Sub(t.pruned) > time.Minute {
		t.pruned = now
		for key, e := range t.rows {
			if now.Sub(e.came) > keyAge {
				delete(t.rows, key)
			}
		}
	}
	key, _, _ := strings.Cut(q.key, editMark) // an edit is of the same question
	if e, ok := t.rows[key]; ok {
		return e, false
	}
	e = &entry{q: q, came: now}
	t.rows[key] = e
	return e, true
}

// drop forgets a key, so that it can be taken once more.
func (t *table) drop(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rows, key)
}

// find returns the entry of a key, or nil.
func (t *table) find(key string) *entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rows[key]
}

// end cancels the run under way. final says that none may follow.
func (e *entry) end(cause error, final bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if final {
		e.over = cause
	}
	if e.cancel != nil {
		e.cancel(cause)
	}
}

// begin notes the run under way; it is false if none may begin.
func (e *entry) begin(cancel context.CancelCauseFunc) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel = cancel
	return e.over == nil
}

// An inquiry is one question with all that answering it in Discord takes.
type inquiry struct {
	key          string
	spot         spot
	message      string // that asks; "" if a command does
	conversation string
	asked        asked
	thread       bool // the answer stands in the thread that begins at message
	private      bool // for the asker only
	roles        []string
	from         *interaction // that asks; nil if a message does, or if its token is not known any more
	received     time.Time
	ticket       *ticket
	quiet        bool // who may not ask here is not told so
	resumed      bool // taken over, from an earlier start or from an end that could not be told
	ended        bool // it was answered then, and may have been told
	adopts       bool // something of it stands there that this start knows nothing of
}

// message makes of an inquiry what the bot is asked.
func (d *Discord) message(q inquiry) bot.Message {
	return bot.Message{
		Key: q.key, Surface: surface, Conversation: q.conversation, Channel: q.spot.main(), User: q.asked.user,
		Text: q.asked.text, Collections: q.asked.collections, Language: q.asked.language, Received: q.received, Token: tokenOf(q),
	}
}

// inquire makes an inquiry of a message.
func (d *Discord) inquire(ctx context.Context, m written, at spot) inquiry {
	c := d.settings(at)
	q := inquiry{
		key: keyOf(at.guild, at.channel, m.ID), spot: at, message: m.ID, received: d.now(),
		asked: asked{text: d.questionOf(m), user: m.Author.ID, language: c.Language, collections: c.Collections},
	}
	if m.Member != nil {
		q.roles = m.Member.Roles
	}
	switch {
	case at.direct(), at.thread():
		q.conversation = at.channel
	case c.Answer == Thread:
		q.thread, q.conversation = true, m.ID // the thread will have the message's id
	default:
		q.conversation = cmp.Or(d.goesOn(ctx, m, at), at.channel+"/"+m.ID)
	}
	return q
}

// goesOn returns the conversation of the answer that a message replies to, "" if
// it replies to none of the bot's.
func (d *Discord) goesOn(ctx context.Context, m written, at spot) string {
	if m.Answered == nil || !d.send.own(*m.Answered) {
		return ""
	}
	id := m.Answered.answers()
	if asked := m.Answered.interaction(); asked != "" {
		id = slashMark + asked
	}
	key := keyOf(at.guild, at.channel, id)
	if e := d.table.find(key); e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.q.conversation
	}
	before, err := d.record.Question(ctx, key)
	if err != nil {
		return ""
	}
	return before.Conversation
}

// ask answers a question, unless it was asked before.
func (d *Discord) ask(ctx context.Context, q inquiry) {
	ctx = requestid.Start(ctx)
	e, fresh := d.table.take(q)
	if !fresh {
		return
	}
	if !d.mayAsk(q.spot, q.roles) {
		q.ticket.pass()
		d.turnAway(ctx, q)
		return
	}
	if q.spot.thread() {
		d.threads.joined(q.spot.channel, q.asked.user)
	}
	if asksHelp(q.asked.text) {
		q.ticket.pass()
		d.help(ctx, e, q)
		return
	}
	d.run(ctx, e, q, nil)
}

// turnAway tells somebody that they may not ask here, by a direct message: it is
// nobody else's business. Who asks again and again is told once in a while.
func (d *Discord) turnAway(ctx context.Context, q inquiry) {
	if q.quiet {
		return
	}
	once := inquiry{key: keyOf(q.spot.guild, q.spot.channel, awayMark+q.asked.user)}
	if _, fresh := d.table.take(once); !fresh {
		return
	}
	m := d.show.notAllowed(q.asked)
	if !q.spot.direct() {
		m.content = "<#" + q.spot.channel + ">: " + m.content // where that is
		q.private, q.message, q.thread = true, "", false
	}
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	if err := d.newCanvas(q).finish(ctx, []message{m}); err != nil {
		d.log.InfoContext(ctx, "discord: turn away", "key", q.key, "error", err) // who takes no direct messages is not told
	}
}

// help answers what asks nothing by what can be asked for.
func (d *Discord) help(ctx context.Context, e *entry, q inquiry) {
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	e.turn.Lock()
	defer e.turn.Unlock()
	q.thread = false // it is not worth a thread
	c := d.newCanvas(q)
	e.mu.Lock()
	e.canvas = c // an edit may make a question of it
	e.mu.Unlock()
	m, err := d.helpFor(ctx, q)
	if err == nil {
		err = c.finish(ctx, []message{m})
	}
	if err != nil {
		d.log.ErrorContext(ctx, "discord: help", "key", q.key, "error", err)
	}
}

// run answers a question once, in place of what an earlier run said.
func (d *Discord) run(ctx context.Context, e *entry, q inquiry, old canvas) {
	ctx, cancel := context.WithCancelCause(requestid.Start(ctx))
	defer cancel(nil)
	e.turn.Lock()
	defer e.turn.Unlock()
	if !e.begin(cancel) {
		return
	}
	defer e.begin(nil)

	c := d.takeOver(old, q)
	t := d.newTeller(q, c)
	t.over = func() bool {
		cause := context.Cause(ctx)
		return errors.Is(cause, errDeleted) || errors.Is(cause, errEdited)
	}
	e.mu.Lock()
	e.canvas = c
	e.mu.Unlock()
	if q.resumed || q.adopts {
		switch err := c.adopt(ctx); {
		case errors.Is(err, errGone):
			e.end(errDeleted, true)
		case err != nil:
			t.silent = true // the answer tries again, and says so if it must
			d.log.WarnContext(ctx, "discord: what stands there of an answer", "key", q.key, "error", err)
		}
	}
	err := d.handle(ctx, q, t)
	t.rest()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errDeleted):
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), telling)
		defer stop()
		err = c.erase(last)
	case errors.Is(cause, errEdited):
		return // the next run takes over what stands there
	}
	d.finish(ctx, q, err)
}

// handle puts a question to the bot.
func (d *Discord) handle(ctx context.Context, q inquiry, r bot.Responder) error {
	if q.resumed {
		return d.handler.Resume(ctx, d.message(q), r)
	}
	return d.handler.HandleMessage(ctx, d.message(q), r)
}

// finish notes what went wrong with a question.
func (d *Discord) finish(ctx context.Context, q inquiry, err error) {
	switch {
	case err == nil, errors.Is(err, bot.ErrSeen):
	case errors.Is(err, bot.ErrCut):
		d.log.InfoContext(ctx, "discord: answer cut short", "key", q.key)
	case errors.Is(err, bot.ErrUntold):
		d.log.ErrorContext(ctx, "discord: an answer could not be told, and will be told later", "key", q.key, "error", err)
		select {
		case d.untold <- struct{}{}:
		default:
		}
	default:
		d.log.ErrorContext(ctx, "discord: question", "key", q.key, "error", err)
	}
}

// redo answers an edited question in the place of its answer.
func (d *Discord) redo(ctx context.Context, turn *ticket, key, edit, text string) {
	e := d.recall(ctx, key)
	if e == nil || !d.mayStill(ctx, e) {
		return
	}
	e.mu.Lock()
	if e.over != nil || e.edits >= edit || e.q.asked.text == text || e.q.message == "" {
		e.mu.Unlock()
		return
	}
	e.edits = edit
	e.q.asked.text = text
	q := e.q
	e.mu.Unlock()
	turn.pass() // the run before may take long

	q.ticket = nil
	q.key += editMark + edit
	q.received = d.now()
	e.end(errEdited, false)
	e.turn.Lock() // until the run before has ended
	old := e.canvas
	e.turn.Unlock()
	e.mu.Lock()
	newest := e.edits == edit
	e.mu.Unlock()
	if newest {
		d.run(ctx, e, q, old)
	}
}

// mayStill reports whether who asked a question may ask it in other words.
func (d *Discord) mayStill(ctx context.Context, e *entry) bool {
	e.mu.Lock()
	q := e.q
	e.mu.Unlock()
	if q.roles == nil { // an earlier start knew them
		q.roles = d.rolesOf(ctx, q.spot, q.asked.user)
	}
	return d.mayAsk(q.spot, q.roles)
}

// recall returns the entry of a key, as the journal has it if an earlier start
// answered it; nil if nobody knows of it.
func (d *Discord) recall(ctx context.Context, key string) *entry {
	if e := d.table.find(key); e != nil {
		return e
	}
	m, err := d.record.Question(ctx, key)
	if err != nil {
		return nil // as a rule it was no question
	}
	q, err := d.reopen(ctx, m)
	if err != nil {
		d.log.WarnContext(ctx, "discord: a question of an earlier start", "key", key, "error", err)
		return nil
	}
	q.adopts = true
	e, _ := d.table.take(q)
	return e
}

// withdraw ends the answer to a question that was deleted.
func (d *Discord) withdraw(guild, channel, id string) {
	if e := d.table.find(keyOf(guild, channel, id)); e != nil {
		e.end(errDeleted, true)
	}
}

// resume takes up what an earlier start left unfinished, and what could not be
// told.
func (d *Discord) resume(ctx context.Context) {
	select {
	case <-d.begun:
	default:
		return // who the bot is, nobody knows yet; then it is resumed anyway
	}
	list, err := d.handler.Unfinished(ctx, surface)
	if err != nil {
		if ctx.Err() == nil {
			d.log.ErrorContext(ctx, "discord: unfinished questions", "error", err)
		}
		return
	}
	for _, u := range list {
		turn := d.door.queue(u.Conversation) // they come in the order in which they were asked
		d.do(ctx, "resume", func(ctx context.Context) {
			defer turn.pass()
			turn.enter()
			q, err := d.reopen(ctx, u.Message)
			if err != nil {
				d.log.ErrorContext(ctx, "discord: an unfinished question", "key", u.Key, "error", err)
				return
			}
			q.resumed, q.ended, q.ticket = true, u.Ended, turn
			e, fresh := d.table.take(q)
			var old canvas
			if !fresh { // this start knows what it told, and the token may live still
				e.mu.Lock()
				q.from, old = e.q.from, e.canvas
				e.mu.Unlock()
			}
			d.run(ctx, e, q, old)
		}, nil)
	}
}

var errOtherKey = errors.New("its key is of another kind")

// tokenOf writes down what it takes to answer an interaction after a restart: its id
// and its token. What all can see is found and changed without.
func tokenOf(q inquiry) string {
	if !q.private || q.from == nil {
		return ""
	}
	return q.from.ID + ":" + q.from.Token
}

// interactionOf reads what tokenOf writes; nil if it is of no use any more.
func (d *Discord) interactionOf(m bot.Message) *interaction {
	id, token, ok := strings.Cut(m.Token, ":")
	if !ok || d.now().Sub(timeOf(id)) >= tokenLife {
		return nil
	}
	return &interaction{ID: id, Token: token, Application: d.send.self.application}
}

// reopen makes an inquiry of a message of the journal's. If the token of its
// interaction is of no use any more, it is told by other ways.
func (d *Discord) reopen(ctx context.Context, m bot.Message) (inquiry, error) {
	parts := strings.Split(m.Key, ":")
	if len(parts) < 4 {
		return inquiry{}, errOtherKey
	}
	guild, channel, id := parts[1], parts[2], parts[3]
	if guild == directMark {
		guild = ""
	}
	at, err := d.rooms.spot(ctx, guild, channel)
	if err != nil {
		return inquiry{}, err
	}
	q := inquiry{
		key: m.Key, spot: at, conversation: m.Conversation, received: m.Received,
		asked: asked{text: m.Text, user: m.User, language: m.Language, collections: d.settings(at).Collections}, // what may be searched now
	}
	if strings.HasPrefix(id, slashMark) {
		q.private, q.from = strings.HasSuffix(m.Conversation, privateMark), d.interactionOf(m)
		return q, nil
	}
	q.message = id
	q.thread = m.Conversation == id
	return q, nil
}

// privateMark ends the conversation of what was asked privately, so that it stays
// private over restarts, and nobody's public answers lean on it.
const privateMark = "/private"
