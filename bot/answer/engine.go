package answer

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"summitbot/bot/phrase"
	"summitbot/knowledge"
	"summitbot/knowledge/analysis"
)

// DefaultContextTokens is how many tokens of documents a model is shown. Small
// local models have 8,192 in all, and the rules and the reply need a quarter.
const DefaultContextTokens = 6000

// Options say how an Engine answers.
type Options struct {
	Generator     Generator             // nil answers from the documents alone
	Estimate      func(text string) int // how many tokens a text has at most; nil takes a cautious guess
	ContextTokens int                   // of documents in a prompt; 0 means DefaultContextTokens
	Judge         bool                  // a second call judges what passed the gate; claims then come all at once
	Now           func() time.Time      // nil means time.Now
	Log           *slog.Logger          // nil means none
}

// An Engine answers questions through a model and lets nothing through that the
// gate does not. Without a model, or when it cannot be reached, the answer is that of
// Extractive. It is safe for concurrent use.
type Engine struct {
	docs    Documents
	offline *Extractive
	o       Options
}

// NewEngine returns an engine over docs.
func NewEngine(docs Documents, o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ContextTokens == 0 {
		o.ContextTokens = DefaultContextTokens
	}
	if o.Estimate == nil {
		// No tokenizer takes more than a token a byte; prose takes a third of that.
		o.Estimate = func(text string) int { return (len(text) + 1) / 2 }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{docs: docs, offline: NewExtractive(docs, o.Now), o: o}
}

// Answer answers q, or refuses. It calls each, which may be nil, with every claim
// as soon as it is verified; what was handed on is part of the answer returned. An
// error means that the documents could not be read, or that ctx was cancelled;
// trouble with the model is none, it is told in the answer.
func (e *Engine) Answer(ctx context.Context, q Question, each func(Claim)) (Answer, error) {
	if e.o.Generator == nil {
		return e.offline.Answer(ctx, q, each)
	}
	if each == nil {
		each = func(Claim) {}
	}
	r := &run{Engine: e, q: q, each: each, started: e.o.Now()}
	if err := r.find(ctx); err != nil {
		return Answer{}, err
	}
	r.a = Answer{
		Version: Version, ID: newID(), Question: q.Text, Language: r.language, Created: r.started.UTC(), Method: LLM,
		Claims: []Claim{}, Nearest: []Nearest{}, UnknownWords: append([]string{}, r.result.Unknown...),
		Confidence: r.result.Confidence, Account: r.account,
	}
	r.a.Account.Candidates, r.a.Account.Sent = r.result.Candidates, len(r.sheet.pages)
	var failure error
	if len(r.sheet.pages) > 0 {
		failure = r.generate(ctx)
	}
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return Answer{}, err
	}
	r.conclude(failure)
	r.a.Account.Millis = r.millis()
	r.a.Trace = r.trace
	return r.a, nil
}

// A run is one question on its way.
type run struct {
	*Engine
	q       Question
	each    func(Claim)
	started time.Time

	language string // of the answer
	abroad   bool   // no document is in it
	question string // that stands alone
	history  []Turn // that the question still leans on
	result   knowledge.Result
	sheet    *sheet
	verifier *verifier

	a        Answer
	account  Account // before a
	trace    *Trace
	held     []Claim // passed the gate, not yet judged
	declined bool    // the model said that the documents do not answer
	finish   Finish  // of the last completion that was to bring claims
}

func (r *run) millis() float64 {
	return float64(r.o.Now().Sub(r.started).Microseconds()) / 1000
}

// find searches, and fills the sheet. A question that leans on a conversation is
// first made to stand alone, and one in another language than the documents
// gets search terms in theirs, unless they are shown as a whole anyway.
func (r *run) find(ctx context.Context) (err error) {
	if r.q.Trace {
		r.trace = &Trace{Calls: []Call{}, Checks: []ClaimCheck{}}
	}
	r.question, r.history = r.q.Text, r.q.History
	if err = r.search(ctx, r.q.Text, asked(r.q.History)); err != nil {
		return err
	}
	r.language = r.q.Language
	detected := questionLanguage(r.q.Text, r.result)
	if r.language == "" {
		r.language = detected
	}
	r.abroad = isAbroad(r.language, r.result.Languages)
	abroad := isAbroad(detected, r.result.Languages)
	if len(r.sheet.pages) > 0 && (len(r.q.History) > 0 || abroad && !r.sheet.whole) {
		if question, terms, ok := r.rewrite(ctx); ok {
			r.question, r.history = question, nil
			searched := question
			if abroad && len(terms) > 0 {
				searched = strings.Join(terms, " ")
			}
			if searched != r.q.Text {
				r.account.Searched = searched
			}
			if err = r.search(ctx, searched, nil); err != nil {
				return err
			}
		}
	}
	if abroad && r.account.Searched == "" {
		r.result.Unknown = nil // its words are in another language, so they say nothing
	}
	r.verifier = newVerifier(r.sheet, r.language, r.result.Known)
	return nil
}

// search looks for text and fills the sheet.
func (r *run) search(ctx context.Context, text string, before []string) (err error) {
	r.result, err = r.docs.Search(ctx, knowledge.Query{Text: text, Context: before, Collections: r.q.Collections, Limit: ranked})
	if err != nil {
		return err
	}
	if r.sheet != nil && r.sheet.whole {
		return nil
	}
	r.sheet, err = makeSheet(ctx, r.docs, r.q.Collections, r.result, r.o.ContextTokens, r.o.Estimate)
	return err
}

// call asks for one completion and counts it.
func (r *run) call(ctx context.Context, purpose, system, user string, schema Schema, each func(string) error) error {
	started := r.o.Now()
	var output strings.Builder
	c, err := r.o.Generator.Generate(ctx, Request{System: system, User: user, Schema: schema, Asker: r.q.Asker},
		func(piece string) error {
			if r.trace != nil {
				output.WriteString(piece)
			}
			return each(piece)
		})
	a := &r.a.Account
	if r.a.ID == "" {
		a = &r.account
	}
	a.Calls++
	a.Attempts += c.Attempts
	a.PromptTokens += c.PromptTokens
	a.CompletionTokens += c.CompletionTokens
	if c.Endpoint != "" {
		a.Endpoint, a.Model = c.Endpoint, c.Model
	}
	a.Finish = c.Finish
	if err != nil {
		r.o.Log.WarnContext(ctx, "model", "purpose", purpose, "endpoint", c.Endpoint, "finish", c.Finish, "error", err)
	}
	if r.trace != nil {
		call := Call{
			Purpose: purpose, System: system, User: user, Output: output.String(),
			Millis: float64(r.o.Now().Sub(started).Microseconds()) / 1000,
		}
		if err != nil {
			call.Error = err.Error()
		}
		r.trace.Calls = append(r.trace.Calls, call)
	}
	return err
}

// object asks for one JSON object and reads it into v.
func (r *run) object(ctx context.Context, purpose, system, user string, schema Schema, v any) bool {
	var b strings.Builder
	err := r.call(ctx, purpose, system, user, schema, func(piece string) error {
		if b.Len()+len(piece) > longestReply {
			return errBabble
		}
		b.WriteString(piece)
		return nil
	})
	if err != nil {
		return false
	}
	// From the first brace to the last: fences and thoughts stand around it.
	text := b.String()
	if _, after, found := strings.Cut(text, "</think>"); found {
		text = after
	}
	from, to := strings.IndexByte(text, '{'), strings.LastIndexByte(text, '}')
	return from >= 0 && to > from && json.Unmarshal([]byte(text[from:to+1]), v) == nil
}

// longestQuestion bounds a rewritten question, in characters.
const longestQuestion = 1000

// rewrite makes a question that stands alone, and search terms. It is not ok if
// the model fails; the search then carries over what the question lacks.
func (r *run) rewrite(ctx context.Context) (question string, terms []string, ok bool) {
	system, user := rewritePrompt(r.q.Text, r.q.History, r.result.Languages)
	var reply struct {
		Question string   `json:"question"`
		Terms    []string `json:"terms"`
	}
	if !r.object(ctx, "rewrite", system, user, rewriteSchema, &reply) {
		return "", nil, false
	}
	question = strings.Join(strings.Fields(reply.Question), " ")
	if question == "" || utf8.RuneCountInString(question) > longestQuestion {
		return "", nil, false
	}
	return question, reply.Terms[:min(len(reply.Terms), 12)], true
}

// generate asks the model, once more if nothing of its first reply survives. The
// error is the generator's.
func (r *run) generate(ctx context.Context) error {
	for _, again := range []bool{false, true} {
		system, user := answerPrompt(r.sheet, r.question, r.history, r.languageAsked(), r.abroad, again)
		purpose := "answer"
		if again {
			purpose = "retry"
		}
		var d *decoder
		d = newDecoder(func(claim draft) {
			if d.answerable != nil && !*d.answerable {
				r.drop(claim, dropped(claim.text, dropDeclined, ""))
				return
			}
			r.take(claim)
		})
		err := r.call(ctx, purpose, system, user, claimsSchema, d.write)
		r.finish = r.a.Account.Finish
		if closing := d.close(err == nil); err == nil {
			err = closing
		}
		if errors.Is(err, errBabble) {
			r.o.Log.WarnContext(ctx, "model", "purpose", purpose, "error", err)
			err = nil // what it said before was read
		}
		r.judge(ctx)
		r.declined = d.answerable != nil && !*d.answerable
		if err != nil || r.declined || len(r.a.Claims) > 0 || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// languageAsked is the language to name in the prompt: none if the question's
// words leave it open, which the model will know better.
func (r *run) languageAsked() string {
	if r.q.Language != "" {
		return r.q.Language
	}
	if _, sure := analysis.Detect(r.q.Text); sure || r.abroad {
		return r.language
	}
	return ""
}

// take lets one claim through the gate, and on to whoever waits for it.
func (r *run) take(d draft) {
	started := r.o.Now()
	var ruled ruling
	if len(r.a.Claims)+len(r.held) >= MaxClaims {
		ruled = dropped(d.text, dropTooMany, "")
	} else {
		ruled = r.verifier.verify(d)
	}
	r.check(d, ruled, started)
	if ruled.drop != nil {
		r.drop(d, ruled)
		return
	}
	r.a.Account.Claims++
	if ruled.repaired != "" {
		r.a.Account.Repaired++
	}
	if r.o.Judge {
		r.held = append(r.held, ruled.claim)
		return
	}
	r.show(ruled.claim)
}

func (r *run) check(d draft, ruled ruling, started time.Time) {
	if r.trace == nil {
		return
	}
	verdict := "shown"
	switch {
	case ruled.drop != nil:
		verdict = strings.TrimSpace("dropped: " + ruled.drop.Reason + " " + ruled.drop.Detail)
	case ruled.repaired != "":
		verdict = "repaired: " + ruled.repaired
	case ruled.claim.Check == Derived:
		verdict = "computed: " + ruled.claim.Computed
	}
	r.trace.Checks = append(r.trace.Checks, ClaimCheck{
		Claim: d.text, Refs: append([]string{}, d.refs...), Verdict: verdict,
		Micros: float64(r.o.Now().Sub(started).Nanoseconds()) / 1000,
	})
}

func (r *run) drop(_ draft, ruled ruling) {
	r.a.Account.Claims++
	r.a.Account.Dropped = append(r.a.Account.Dropped, *ruled.drop)
}

// show hands a claim on. From here it is never taken back.
func (r *run) show(c Claim) {
	if len(r.a.Claims) == 0 {
		r.a.Account.FirstClaimMillis = r.millis()
	}
	r.a.Claims = append(r.a.Claims, c)
	r.a.Account.Shown++
	r.each(c)
}

// judge has the held claims judged by the model, and shows those that it finds
// supported. A verdict that is missing or cannot be read is none.
func (r *run) judge(ctx context.Context) {
	if len(r.held) == 0 {
		return
	}
	held := r.held
	r.held = nil
	system, user := judgePrompt(held)
	var reply struct {
		Verdicts []string `json:"verdicts"`
	}
	ok := r.object(ctx, "judge", system, user, judgeSchema, &reply)
	for i, c := range held {
		verdict := "none"
		if ok && i < len(reply.Verdicts) {
			verdict = reply.Verdicts[i]
		}
		if verdict != "supports" {
			r.a.Account.Dropped = append(r.a.Account.Dropped, Drop{Text: c.Text, Reason: dropJudge, Detail: verdict})
			continue
		}
		c.Judged = true
		r.show(c)
	}
}

// conclude says how the question ended.
func (r *run) conclude(failure error) {
	a := &r.a
	say := phrase.For(a.Language)
	switch {
	case len(a.Claims) > 0:
		a.Outcome = Answered
		a.UnknownWords = named(r.question, r.result.Language, a.UnknownWords)
		if failure != nil {
			a.Error = say.Text(phrase.ModelIncomplete)
		}
	case failure != nil:
		r.fallBack(say.Text(reasonFor(failure, r.finish)))
	case r.declined || len(r.result.Hits) == 0 && len(r.sheet.pages) == 0:
		a.Outcome = Refused
		a.Nearest = nearest(r.result)
	case len(r.sheet.pages) == 0:
		r.fallBack(say.Text(phrase.ModelTooSmall))
	case a.Account.Claims == 0:
		r.fallBack(say.Text(phrase.ModelSilent))
	default:
		r.fallBack(say.Text(phrase.NothingVerified))
	}
}

// fallBack answers from the documents alone, and says why.
func (r *run) fallBack(why string) {
	a := &r.a
	account := a.Account
	offline := r.offline.from(r.q, r.result, r.language)
	offline.ID, offline.Created = a.ID, a.Created
	offline.Fallback, offline.Error = true, why
	account.Claims += len(offline.Claims)
	offline.Account = account
	claims := offline.Claims
	offline.Claims = []Claim{}
	r.a = offline
	for _, c := range claims {
		r.show(c)
	}
}

// named keeps the words of a question that name somebody or something, or are
// numbers: what an answer has to say that the documents lack, even if it answers.
// A verb that they do not use is no matter then.
func named(question, lang string, words []string) []string {
	out := []string{}
	for _, w := range words {
		first, _, _ := strings.Cut(w, " ")
		folded := analysis.Fold(first)
		share, known := analysis.Background(analysis.Stem(folded, lang), lang)
		const rare = 1.0 / 4000 // as in gate, of words at the beginning of a sentence
		initial := strings.HasPrefix(strings.TrimLeftFunc(question, func(r rune) bool { return !unicode.IsLetter(r) }), first)
		switch {
		case analysis.IsNumber(first), known && share == 0 && utf8.RuneCountInString(folded) > 2, analysis.IsCapitalised(first) && (!initial || known && share < rare):
			out = append(out, w)
		}
	}
	return out
}

// reasonFor says why no model answered; finish is how its completion ended.
func reasonFor(failure error, finish Finish) phrase.Key {
	switch {
	case errors.Is(failure, ErrBusy):
		return phrase.ModelBusy
	case errors.Is(failure, ErrRejected):
		return phrase.ModelRejected
	case finish == FinishRefused, finish == FinishFiltered:
		return phrase.ModelDeclined
	case errors.Is(failure, ErrIncomplete):
		return phrase.ModelCut
	case errors.Is(failure, ErrMalformed):
		return phrase.ModelMalformed
	}
	return phrase.ModelUnreachable
}

// LanguageOf tells the language of a text as its words say it surely, else "".
func LanguageOf(text string) string {
	if language, sure := analysis.Detect(text); sure {
		return language
	}
	return ""
}

// questionLanguage tells the language of a question: that which its words say
// surely, else the likeliest if its script is none of the documents', else the
// one that it was searched in.
func questionLanguage(text string, r knowledge.Result) string {
	language, sure := analysis.Detect(text)
	if !sure {
		language, sure = analysis.DetectOther(text, r.Languages)
	}
	if sure {
		return language
	}
	if own := scriptOf(text); language != "" && own != nil && len(r.Languages) > 0 {
		foreign := !slices.ContainsFunc(r.Languages, func(l string) bool { return (own == unicode.Cyrillic) == cyrillic[l] })
		if foreign {
			return language
		}
	}
	return r.Language
}

// cyrillic are the languages with a list of function words that are written so.
var cyrillic = map[string]bool{"ru": true, "uk": true, "bg": true, "sr": true, "be": true, "mk": true}

// scriptOf is the script of most letters, of Cyrillic and Latin; nil for others.
func scriptOf(text string) *unicode.RangeTable {
	count := map[*unicode.RangeTable]int{}
	letters := 0
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		for _, script := range []*unicode.RangeTable{unicode.Cyrillic, unicode.Latin} {
			if unicode.Is(script, r) {
				count[script]++
			}
		}
	}
	for script, n := range count {
		if n*2 > letters {
			return script
		}
	}
	return nil
}

// isAbroad reports whether a question's language is none of the documents'.
func isAbroad(language string, documents []string) bool {
	return language != "" && len(documents) > 0 && !slices.Contains(documents, language)
}
