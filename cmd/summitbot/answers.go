package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
	"summitbot/bot/terminal"
	"summitbot/config"
	"summitbot/knowledge/sqlite"
)

// answersListed is how many a list has unless told otherwise: a few screens.
const answersListed = 50

// answersFlags are the flags of "answers".
type answersFlags struct {
	unanswered, negative, json bool
	since                      string
	limit                      int
}

func newAnswers(p *program) *cobra.Command {
	var o answersFlags
	cmd := &cobra.Command{
		Use:   "answers [ID]",
		Short: "List what was asked and answered, or show one answer",
		Long: `Lists the questions of the journal that ended, the newest first, with what people
thought of the answers. --unanswered lists what was refused or failed: what people
ask and the documents do not say. --negative lists what somebody found bad.

With the ID of an answer, shows it whole, as it was.

The journal is kept in data_dir.`,
		Example: `  summitbot answers --unanswered --since 7d
  summitbot answers --negative --json | jq -r '.[].question'
  summitbot answers a-kc3a55qt7ld2`,
		GroupID: groupRun,
		Args:    arguments(0, 1, "at most the ID of an answer"),
		RunE: interruptible(func(ctx context.Context, args []string) error {
			filter, err := p.filter(args, o)
			if err != nil {
				return err
			}
			settings, err := p.settings()
			if err != nil {
				return err
			}
			return p.useJournal(ctx, settings, func(r record) error {
				if filter.Answer != "" {
					return p.answer(ctx, r, filter.Answer, o.json)
				}
				return p.answers(ctx, r, filter, o.json)
			})
		}),
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.unanswered, "unanswered", false, "only what was refused or failed")
	flags.BoolVar(&o.negative, "negative", false, "only what somebody found bad")
	flags.StringVar(&o.since, "since", "", "only what was asked in this `time`, such as 12h or 7d")
	flags.IntVar(&o.limit, "limit", answersListed, "how many at most, the newest; 0 is no limit")
	jsonFlag(cmd, &o.json, "print a JSON array, or with an ID one JSON object")
	return cmd
}

// filter reads what is to be listed.
func (p *program) filter(args []string, o answersFlags) (journal.Filter, error) {
	f := journal.Filter{Unanswered: o.unanswered, Negative: o.negative, Limit: o.limit}
	if len(args) > 0 {
		if o.unanswered || o.negative || o.since != "" {
			return f, usage("one answer is shown as it is: give an ID, or --unanswered, --negative and --since, not both")
		}
		f.Answer = args[0]
		return f, nil
	}
	if o.limit < 0 {
		return f, usage("--limit %d: want 0 or more", o.limit)
	}
	if o.since != "" {
		age, err := age("since", o.since)
		if err != nil {
			return f, err
		}
		f.Since = p.now().Add(-age)
	}
	return f, nil
}

// age reads a flag that says how long ago something was.
func age(flag, text string) (time.Duration, error) {
	d, err := config.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, usage("--%s %s: write a duration such as 30s, 5m, 12h or 90d", flag, text)
	}
	return d, nil
}

// A record is the journal of a data folder, without the documents.
type record struct {
	*journal.Journal
	store  *sqlite.Store
	folder string
}

// useJournal opens the journal of the data folder, does something with it and
// closes it. What is not there is not made.
func (p *program) useJournal(ctx context.Context, settings config.Config, do func(record) error) (err error) {
	if settings.DataDir == "" {
		return usage("the journal is kept only with a data folder: set data_dir in the configuration, or give --data-dir")
	}
	path := filepath.Join(settings.DataDir, databaseName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return usage("there is no journal in %s", settings.DataDir)
	}
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	j, err := journal.New(ctx, store.DB(), p.now)
	if err != nil {
		return err
	}
	return do(record{j, store, settings.DataDir})
}

// askedView is one question of "answers --json".
type askedView struct {
	Answer   string         `json:"answer"` // id, "" if there is none
	Time     time.Time      `json:"time"`   // when it was begun
	Surface  string         `json:"surface"`
	Channel  string         `json:"channel"`
	User     string         `json:"user"`
	Question string         `json:"question"`
	Outcome  answer.Outcome `json:"outcome"`
	Reason   string         `json:"reason,omitempty"` // why there is no answer
	Verdicts []verdictView  `json:"verdicts"`
}

type verdictView struct {
	Verdict bot.Verdict `json:"verdict"`
	Reason  string      `json:"reason"`
	Text    string      `json:"text"`
	Surface string      `json:"surface"`
	User    string      `json:"user"`
	Time    time.Time   `json:"time"`
}

// wholeView is what "answers ID --json" prints.
type wholeView struct {
	askedView
	Whole answer.Answer `json:"whole"`
}

func viewAsked(e journal.Entry) askedView {
	return askedView{
		Answer: e.Answer, Time: e.Begun, Surface: e.Surface, Channel: e.Channel, User: e.User,
		Question: e.Text, Outcome: e.Outcome, Reason: e.Reason,
		Verdicts: each(e.Feedback, func(f bot.Feedback) verdictView {
			return verdictView{f.Verdict, f.Reason, f.Text, f.Surface, f.User, f.Time}
		}),
	}
}

// answers prints what was asked.
func (p *program) answers(ctx context.Context, r record, f journal.Filter, asJSON bool) error {
	list, err := r.Entries(ctx, f)
	if err != nil {
		return err
	}
	if asJSON {
		return p.printJSON(each(list, viewAsked))
	}
	return p.renderer().Asked(each(list, lineOf))
}

// lineOf returns an entry as the terminal shows it.
func lineOf(e journal.Entry) terminal.Asked {
	asker := e.Surface
	if e.User != "" {
		asker += ":" + e.User
	}
	return terminal.Asked{
		ID: e.Answer, Time: e.Begun, Asker: asker, Outcome: string(e.Outcome),
		Question: e.Text, Reason: e.Reason, Feedback: e.Feedback,
	}
}

// answer prints one answer as it was, and what people thought of it.
func (p *program) answer(ctx context.Context, r record, id string, asJSON bool) error {
	list, err := r.Entries(ctx, journal.Filter{Answer: id})
	if err != nil {
		return err
	}
	a, err := r.Answer(ctx, id)
	if errors.Is(err, journal.ErrNotFound) || err == nil && len(list) == 0 {
		return usage("there is no answer %q in the journal of %s", id, r.folder)
	}
	if err != nil {
		return err
	}
	e := list[0]
	if asJSON {
		return p.printJSON(wholeView{viewAsked(e), a})
	}
	show := p.renderer()
	head := lineOf(e)
	head.Question, head.Reason = cmp.Or(head.Question, a.Question), ""
	if err := errors.Join(show.Asked([]terminal.Asked{head}), show.Note("")); err != nil {
		return err
	}
	return show.Answer(a)
}
