package discord

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/answer/check"
	"summitbot/bot/phrase"
	"summitbot/knowledge"
)

const (
	// neighbours is how many paragraphs are shown on either side of one.
	neighbours = 1
	// headingsIn is in how many paragraphs of a document headings are looked for.
	headingsIn = 60
	// choicesMost is how many choices Discord shows.
	choicesMost = 25
)

// interact carries out what somebody did with the bot. Discord waits three seconds
// for a first answer, so that comes first.
func (d *Discord) interact(ctx context.Context, i interaction) {
	if p := i.Place; p != nil && p.Kind != nil && p.ID == i.Channel && i.Guild != "" {
		p.room.Kind = *p.Kind
		d.rooms.meet(i.Guild, p.room) // so that nothing has to be asked before it is answered
	}
	at, err := d.rooms.spot(ctx, i.Guild, i.Channel)
	if err != nil {
		d.log.ErrorContext(ctx, "discord: an interaction in an unknown channel", "channel", i.Channel, "error", err)
		d.apologise(ctx, i)
		return
	}
	user, roles := i.by()
	c := d.settings(at)
	q := inquiry{
		key: keyOf(i.Guild, i.Channel, slashMark+i.ID), spot: at, private: true, roles: roles, from: &i, received: d.now(),
		asked: asked{user: user, language: c.Language, collections: c.Collections},
	}
	if i.Kind != kindAutocomplete { // what is typed is asked again with each letter
		if e := d.table.find(q.key); e != nil {
			return // Discord delivers again after a broken line
		}
	}
	may := d.mayAsk(at, roles)
	switch {
	case i.Kind == kindAutocomplete:
		d.suggest(ctx, q, may)
	case !may:
		q.asked.language = languageOf(i.Locale)
		if _, fresh := d.table.take(q); fresh {
			d.tellOne(ctx, i, d.show.notAllowed(q.asked))
		}
	case i.Kind == kindCommand && i.Data.Kind == commandMessage:
		d.check(ctx, q)
	case i.Kind == kindCommand:
		d.commanded(ctx, q)
	case i.Kind == kindComponent:
		d.pressed(ctx, q)
	case i.Kind == kindModal:
		d.wrote(ctx, q)
	}
}

// tellOne tells something to who did something, and nobody else.
func (d *Discord) tellOne(ctx context.Context, i interaction, m message) {
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	m.ephemeral = true
	err := d.send.respond(ctx, i, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseChannelMessageWithSource, Data: m.response()})
	if codeOf(err) == codeAcknowledged {
		_, err = d.send.editOriginal(ctx, i, m)
	}
	if err != nil {
		d.log.WarnContext(ctx, "discord: tell", "interaction", i.ID, "error", err)
	}
}

// deferred says that an answer will come. It reports whether Discord may have
// taken that: what came too late, people were told has failed.
func (d *Discord) deferred(ctx context.Context, i interaction, kind discordgo.InteractionResponseType, private bool) bool {
	r := &discordgo.InteractionResponse{Type: kind}
	if private && kind == discordgo.InteractionResponseDeferredChannelMessageWithSource {
		r.Data = &discordgo.InteractionResponseData{Flags: discordgo.MessageFlagsEphemeral, AllowedMentions: noMentions()}
	}
	err := d.send.respond(ctx, i, r)
	switch {
	case err == nil:
		return true
	case uncertain(err):
		d.log.WarnContext(ctx, "discord: an interaction may not have been answered", "interaction", i.ID, "error", err)
		return true
	}
	d.log.ErrorContext(ctx, "discord: an interaction was not answered in time", "interaction", i.ID, "error", err)
	return false
}

// whisper shows messages to who did something, whose interaction was deferred.
func (d *Discord) whisper(ctx context.Context, q inquiry, list []message) {
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	if len(list) == 0 {
		list = []message{d.show.note(q.asked.language, phrase.Broken)}
	}
	q.private = true
	d.keepPages(q, list)
	if err := (&interactionCanvas{d: d, q: q, i: *q.from}).finish(ctx, whispered(list)); err != nil {
		d.log.WarnContext(ctx, "discord: tell", "key", q.key, "error", err)
	}
}

// commanded carries out a slash command.
func (d *Discord) commanded(ctx context.Context, q inquiry) {
	i := *q.from
	switch i.Data.Name {
	case d.command:
		q.private = !q.spot.direct() && (i.flag(optionPrivate) || d.settings(q.spot).private())
		q.conversation = i.Channel + "/" + q.asked.user
		if q.private {
			q.conversation += privateMark
		}
		q.asked.text = d.questionOf(written{Content: i.text(optionQuestion)})
		if asksHelp(q.asked.text) {
			d.lookedUp(ctx, q)
			return
		}
		e, fresh := d.table.take(q)
		if fresh && d.deferred(ctx, i, discordgo.InteractionResponseDeferredChannelMessageWithSource, q.private) {
			d.run(ctx, e, q, nil)
		}
	case commandSources, commandShow:
		d.lookedUp(ctx, q)
	}
}

// lookedUp carries out a command that asks nothing, for who gave it.
func (d *Discord) lookedUp(ctx context.Context, q inquiry) {
	if _, fresh := d.table.take(q); !fresh || !d.deferred(ctx, *q.from, discordgo.InteractionResponseDeferredChannelMessageWithSource, true) {
		return
	}
	list, err := d.lookUp(ctx, q)
	if err != nil {
		d.log.ErrorContext(ctx, "discord: command", "command", q.from.Data.Name, "error", err)
		list = nil
	}
	d.whisper(ctx, q, list)
}

// lookUp returns what a command that asks nothing shows.
func (d *Discord) lookUp(ctx context.Context, q inquiry) ([]message, error) {
	switch q.from.Data.Name {
	case d.command:
		m, err := d.helpFor(ctx, q)
		return []message{m}, err
	case commandShow:
		return d.passage(ctx, q, strings.TrimSpace(q.from.text(optionParagraph)))
	}
	docs, err := d.documents(ctx, q.spot)
	if err != nil {
		return nil, err
	}
	return d.show.documents(q.asked.language, docs), nil
}

// passage shows a paragraph by its address, or by its number where there is one
// document. What may not be seen here is not there.
func (d *Discord) passage(ctx context.Context, q inquiry, argument string) ([]message, error) {
	docs, err := d.documents(ctx, q.spot)
	if err != nil {
		return nil, err
	}
	missing := []message{d.show.noParagraph(q.asked.language, argument)}
	addr, err := knowledge.ParseAddress(argument)
	if n, notNumber := strconv.Atoi(strings.Trim(argument, "[]¶#")); notNumber == nil && len(docs) == 1 {
		addr, err = knowledge.Address{Document: docs[0].ID, Paragraph: n}, nil
	}
	if err != nil {
		return missing, nil
	}
	for _, doc := range docs {
		if doc.ID != addr.Document {
			continue
		}
		doc, paragraphs, err := d.library.Passage(ctx, addr, "", neighbours)
		if errors.Is(err, knowledge.ErrNotFound) {
			return missing, nil
		}
		return d.show.passage(q.asked.language, doc, "", paragraphs, addr.Paragraph, nil), err
	}
	return missing, nil
}

// suggest offers paragraphs while somebody types: documents and headings that have
// what was typed in their names, or numbers that begin so.
func (d *Discord) suggest(ctx context.Context, q inquiry, may bool) {
	var list []suggestion
	if may {
		var err error
		if list, err = d.suggestions(ctx, q); err != nil {
			d.log.WarnContext(ctx, "discord: suggest", "error", err)
		}
	}
	err := d.send.respond(ctx, *q.from, &discordgo.InteractionResponse{
		Type: discordgo.InteractionApplicationCommandAutocompleteResult,
		Data: &discordgo.InteractionResponseData{Choices: choices(list)},
	})
	if err != nil {
		d.log.InfoContext(ctx, "discord: suggest", "error", err) // the next letter asks again
	}
}

func (d *Discord) suggestions(ctx context.Context, q inquiry) ([]suggestion, error) {
	typed := strings.ToLower(strings.TrimSpace(q.from.text(optionParagraph)))
	docs, err := d.documents(ctx, q.spot)
	if err != nil {
		return nil, err
	}
	var out []suggestion
	for _, doc := range docs {
		if doc.Paragraphs == 0 {
			continue
		}
		first := knowledge.Address{Document: doc.ID, Paragraph: 1}
		_, paragraphs, err := d.library.Passage(ctx, first, "", min(doc.Paragraphs, headingsIn))
		if errors.Is(err, knowledge.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		heading := ""
		for _, p := range paragraphs {
			addr := knowledge.Address{Document: doc.ID, Paragraph: p.Number}.String()
			fresh := p.Heading() != heading || p.Number == 1
			heading = p.Heading()
			name := doc.Title
			if heading != "" && heading != doc.Title {
				name += " › " + heading
			}
			name += fmt.Sprintf(" ¶%d", p.Number)
			hit := strings.Contains(strings.ToLower(name), typed) && fresh || typed != "" && strings.HasPrefix(strings.ToLower(addr), typed) ||
				typed != "" && strings.HasPrefix(strconv.Itoa(p.Number), typed)
			if hit {
				if out = append(out, suggestion{name: name, address: addr}); len(out) == choicesMost {
					return out, nil
				}
			}
		}
	}
	return out, nil
}

// pressed carries out a button or a choice from a menu, once for each press.
func (d *Discord) pressed(ctx context.Context, q inquiry) {
	p, ok := parsePress(q.from.Data.CustomID)
	if !ok {
		d.tellOne(ctx, *q.from, d.show.note(q.asked.language, phrase.AnswerGone))
		return
	}
	if p.action == actionRetry {
		d.retry(ctx, q, p.id)
		return
	}
	if _, fresh := d.table.take(q); !fresh {
		return
	}
	var err error
	switch p.action {
	case actionSources:
		err = d.openSources(ctx, q, p.id)
	case actionShare:
		err = d.share(ctx, q, p.id)
	case actionGood, actionBad:
		err = d.rate(ctx, q, p)
	case actionReason:
		err = d.reason(ctx, q, p.id)
	case actionTurn:
		err = d.turn(ctx, q, p)
	}
	if err != nil {
		d.log.ErrorContext(ctx, "discord: button", "action", p.action, "id", p.id, "error", err)
	}
}

// answered returns an answer by its id, or what to say instead if it is gone, or
// not for this channel.
func (d *Discord) answered(ctx context.Context, q inquiry, id string, refusal phrase.Key) (a answer.Answer, instead *message, err error) {
	a, err = d.record.Answer(ctx, id)
	if err != nil {
		m := d.show.note(q.asked.language, phrase.AnswerGone)
		return a, &m, err
	}
	may, err := d.mayShow(ctx, q.spot, a)
	if err != nil || !may {
		m := d.show.note(a.Language, refusal)
		return a, &m, err
	}
	return a, nil, nil
}

// openSources shows the cited paragraphs in context.
func (d *Discord) openSources(ctx context.Context, q inquiry, id string) error {
	if !d.deferred(ctx, *q.from, discordgo.InteractionResponseDeferredChannelMessageWithSource, true) {
		return nil
	}
	a, instead, err := d.answered(ctx, q, id, phrase.NotForYou)
	if instead != nil {
		d.whisper(ctx, q, []message{*instead})
		return err
	}
	var list []opened
	for _, source := range answer.Sources(a) {
		o := opened{source: source, document: knowledge.Document{Title: source.Citations[0].Title, URL: source.Citations[0].URL}}
		if addr, err := knowledge.ParseAddress(source.Address); err == nil {
			doc, paragraphs, err := d.library.Passage(ctx, addr, source.Revision, neighbours)
			if err == nil {
				o.document, o.paragraphs = doc, paragraphs
			} else if !errors.Is(err, knowledge.ErrNotFound) {
				d.log.ErrorContext(ctx, "discord: show a source", "address", source.Address, "error", err)
			}
		}
		list = append(list, o)
	}
	d.whisper(ctx, q, d.show.sources(a.Language, a, list))
	return nil
}

// share shows a private answer in the channel where it was asked for, once for each
// person, however often they press, and over restarts: what stands there of it is
// looked for before anything is sent.
func (d *Discord) share(ctx context.Context, q inquiry, id string) error {
	a, instead, err := d.answered(ctx, q, id, phrase.NotShareable)
	if instead != nil {
		d.tellOne(ctx, *q.from, *instead)
		return err
	}
	again := q
	again.key = keyOf(q.spot.guild, q.spot.channel, "share-"+id+"-"+q.asked.user)
	_, fresh := d.table.take(again)
	// The message with the button stays as it is, so that this shows nothing.
	if !d.deferred(ctx, *q.from, discordgo.InteractionResponseDeferredMessageUpdate, false) || !fresh {
		if fresh {
			d.table.drop(again.key)
		}
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, telling)
	defer stop()
	if err := d.pass(ctx, q, a); err != nil {
		d.table.drop(again.key) // another press tries again
		sorry := whispered([]message{d.show.note(a.Language, phrase.Broken)})[0]
		if _, other := d.send.follow(ctx, *q.from, sorry); other != nil {
			d.log.WarnContext(ctx, "discord: tell", "interaction", q.from.ID, "error", other)
		}
		return err
	}
	return nil
}

// pass posts what is missing of an answer that is shared.
func (d *Discord) pass(ctx context.Context, q inquiry, a answer.Answer) error {
	since := q.received
	if q.from.Message != nil { // the private answer is older than what is shared of it
		since = timeOf(q.from.Message.ID)
	}
	stands := map[string]bool{} // by its words
	whole := false
	err := d.send.read(ctx, q.spot.channel, idAt(since), func(m written) bool {
		if d.send.own(m) {
			stands[m.Content] = true
			// The last part bears the buttons, and nothing else here bears this answer's.
			whole = whole || strings.Contains(string(m.Components), press{action: actionSources, id: a.ID}.customID())
		}
		return !whole
	})
	switch {
	case whole:
		return nil
	case uncertain(err) && !errors.Is(err, errMany), early(err):
		return err
	case err != nil: // it may not be read, or is far too long: then only this start knows what it shared
		d.log.WarnContext(ctx, "discord: whether an answer was shared before", "answer", a.ID, "error", err)
	}
	q.private = false
	c := &interactionCanvas{d: d, q: q, i: *q.from}
	for _, m := range d.show.shared(q.asked.user, a) {
		if stands[m.text()] {
			continue
		}
		if err := c.follow(ctx, len(c.follows), m); err != nil {
			return err
		}
	}
	return nil
}

// rating takes a place in the line of what one person says of an answer. Each verdict
// replaces the one before, and people may be quicker than the disk: the place is to
// be taken before Discord is answered, which lets them say more.
func (d *Discord) rating(answer, user string) *ticket {
	return d.door.queue("rating-" + answer + "-" + user)
}

// rate keeps a verdict, and asks what was wrong if it is a bad one.
func (d *Discord) rate(ctx context.Context, q inquiry, p press) error {
	v, say := bot.Good, d.show.note(q.asked.language, phrase.Thanks)
	if p.action == actionBad {
		v, say = bot.Bad, d.show.reasons(q.asked.language, p.id)
	}
	turn := d.rating(p.id, q.asked.user)
	defer turn.pass()
	d.tellOne(ctx, *q.from, say) // Discord does not wait for a disk
	turn.enter()
	return d.record.Rate(ctx, d.verdictOf(p.id, q.asked.user, v, "", ""))
}

// reason keeps why an answer was bad, and asks for the person's own words.
func (d *Discord) reason(ctx context.Context, q inquiry, id string) error {
	if len(q.from.Data.Values) != 1 || !isReason(q.from.Data.Values[0]) {
		return fmt.Errorf("reasons %q", q.from.Data.Values)
	}
	why := q.from.Data.Values[0]
	turn := d.rating(id, q.asked.user)
	defer turn.pass()
	err := d.send.respond(ctx, *q.from, d.show.words(q.asked.language, id, why))
	turn.enter()
	return errors.Join(err, d.record.Rate(ctx, d.verdictOf(id, q.asked.user, bot.Bad, why, "")))
}

// wrote keeps what somebody wrote of an answer, and thanks for it.
func (d *Discord) wrote(ctx context.Context, q inquiry) {
	p, ok := parsePress(q.from.Data.CustomID)
	if _, fresh := d.table.take(q); !fresh || !ok || p.action != actionWords {
		return
	}
	turn := d.rating(p.id, q.asked.user)
	defer turn.pass()
	d.tellOne(ctx, *q.from, d.show.note(q.asked.language, phrase.Thanks))
	turn.enter()
	if err := d.record.Rate(ctx, d.verdictOf(p.id, q.asked.user, bot.Bad, p.detail, typed(q.from.Data.Components))); err != nil {
		d.log.ErrorContext(ctx, "discord: feedback", "answer", p.id, "error", err)
	}
}

// retry asks a question again: a new question, with a key that the press gives it,
// answered in the place of the failure.
func (d *Discord) retry(ctx context.Context, q inquiry, key string) {
	i := *q.from
	e := d.recall(ctx, baseKey(key))
	if e == nil {
		d.tellOne(ctx, i, d.show.note(q.asked.language, phrase.AnswerGone))
		return
	}
	e.mu.Lock()
	again, stood := e.q, e.canvas
	e.mu.Unlock()
	again.key = baseKey(again.key) + againMark + i.ID
	again.asked.user, again.received = q.asked.user, d.now()
	again.asked.collections = d.settings(again.spot).Collections
	again.resumed, again.ended, again.adopts = false, false, false
	old := d.placeOf(&again, *q.from, stood)
	row, fresh := d.table.take(again)
	if !fresh || !d.deferred(ctx, i, discordgo.InteractionResponseDeferredMessageUpdate, false) {
		return
	}
	e.turn.Lock() // one at a time in one place
	defer e.turn.Unlock()
	d.run(ctx, row, again, old)
}

// placeOf says where a question is answered that is asked again: where stood, its
// answer of before, stands with all of its parts. That is known by the token of
// the command, or can be read where all can see it. Of what one person saw nothing
// is known later but the message with the button.
func (d *Discord) placeOf(again *inquiry, pressed interaction, stood canvas) canvas {
	if c, ok := stood.(*interactionCanvas); ok && c.alive() {
		return c
	}
	again.from, again.adopts = nil, true
	if again.private {
		again.from, again.adopts = &pressed, false
	}
	return nil
}

// check checks a message against the documents, for whoever asked.
func (d *Discord) check(ctx context.Context, q inquiry) {
	i := *q.from
	if _, fresh := d.table.take(q); !fresh || !d.deferred(ctx, i, discordgo.InteractionResponseDeferredChannelMessageWithSource, true) {
		return
	}
	q.asked.text = d.questionOf(i.Data.Resolved.Messages[i.Data.Target])
	language := q.asked.speaks()
	report, err := d.checker.Check(ctx, q.asked.text, q.asked.collections)
	switch {
	case errors.Is(err, check.ErrTooLong):
		d.whisper(ctx, q, []message{d.show.note(language, phrase.Broken)})
	case err != nil:
		d.log.ErrorContext(ctx, "discord: check a message", "error", err)
		d.whisper(ctx, q, []message{d.show.note(language, phrase.Broken)})
	default:
		d.whisper(ctx, q, d.show.checked(language, report))
	}
}
