package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"summitbot/bot/journal"
	"summitbot/bot/terminal"
)

// forgetFlags are the flags of "forget".
type forgetFlags struct {
	user, olderThan string
	yes, json       bool
}

func newForget(p *program) *cobra.Command {
	var o forgetFlags
	cmd := &cobra.Command{
		Use:   "forget --user SURFACE:ID | --older-than TIME",
		Short: "Remove a person's questions from the journal, or what is old",
		Long: `Removes what a person asked and was answered, what they thought of answers, and
what answers to others in the same conversations leant on of it. SURFACE:ID is as
"summitbot answers" lists it, such as slack:U024BE7LH. Of each question its key
stays, so that an event that the platform delivers once more is not answered
again, and the sums of tokens stay, in nobody's name. Both go by age.

With --older-than, removes what is older, of everybody or of that person;
journal.retention does it daily. Nothing of it can be brought back. The messages
in Slack and Discord, and backups, are not touched. The program may be running:
a question of the person that is under way then ends without an answer, and what
is in its memory in case of an edit is gone after half an hour.`,
		Example: `  summitbot forget --user slack:U024BE7LH
  summitbot forget --older-than 90d --yes`,
		GroupID: groupRun,
		Args:    arguments(0, 0, ""),
		RunE: interruptible(func(ctx context.Context, _ []string) error {
			what, err := p.forgettable(o)
			if err != nil {
				return err
			}
			settings, err := p.settings()
			if err != nil {
				return err
			}
			return p.useJournal(ctx, settings, func(r record) error {
				view, err := p.forget(ctx, r, what, o.yes)
				if err == nil && o.json {
					return p.printJSON(view)
				}
				if err == nil {
					_, err = fmt.Fprintf(p.stdout, "forgot %s\n", view)
				}
				return err
			})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.user, "user", "", "`whom` to forget, as SURFACE:ID")
	flags.StringVar(&o.olderThan, "older-than", "", "forget what is older than this `time`, such as 90d")
	flags.BoolVar(&o.yes, "yes", false, "do not ask whether it is meant")
	jsonFlag(cmd, &o.json, "print what was removed as one JSON object")
	return cmd
}

// A forgetting is what is to be forgotten.
type forgetting struct {
	surface, user string // of one person; "" is everybody
	before        time.Time
}

// forgettable reads what is to be forgotten.
func (p *program) forgettable(o forgetFlags) (forgetting, error) {
	// Of a person, today is forgotten too, whose tokens have only a day.
	f := forgetting{before: p.now().AddDate(0, 0, 1)}
	if o.user == "" && o.olderThan == "" {
		return f, usage("forget whom, or what? Give --user SURFACE:ID or --older-than TIME")
	}
	if o.user != "" {
		var found bool
		if f.surface, f.user, found = strings.Cut(o.user, ":"); !found || f.surface == "" || f.user == "" {
			return f, usage(`--user %s: want SURFACE:ID as "summitbot answers" lists it, such as slack:U024BE7LH`, o.user)
		}
	}
	if o.olderThan != "" {
		d, err := age("older-than", o.olderThan)
		if err != nil {
			return f, err
		}
		f.before = p.now().Add(-d)
	}
	return f, nil
}

// forgottenView is what was forgotten, or would be.
type forgottenView struct {
	Questions int `json:"questions"`
	Answers   int `json:"answers"`  // with --older-than alone they are not counted
	Verdicts  int `json:"verdicts"` // likewise
	Turns     int `json:"turns"`    // likewise
	Tokens    int `json:"tokens"`   // likewise
}

// String returns what there is of it, in words.
func (v forgottenView) String() string {
	parts := []string{count(v.Questions, "question")}
	for _, part := range []struct {
		n    int
		noun string
	}{{v.Answers, "answer"}, {v.Verdicts, "verdict"}, {v.Turns, "turn"}, {v.Tokens, "token"}} {
		if part.n > 0 {
			parts = append(parts, count(part.n, part.noun))
		}
	}
	return strings.Join(parts, ", ")
}

func (v forgottenView) empty() bool { return v == forgottenView{} }

// forget removes what is to be forgotten, after a person who sits at a terminal
// said that it is meant.
func (p *program) forget(ctx context.Context, r record, f forgetting, meant bool) (forgottenView, error) {
	there, err := r.there(ctx, f)
	if err != nil || there.empty() {
		return there, err
	}
	if !meant {
		if err := p.confirm(ctx, fmt.Sprintf("Forget %s? It cannot be brought back.", there)); err != nil {
			return forgottenView{}, err
		}
	}
	// What is removed is overwritten, and not only marked as free.
	if _, err := r.store.DB().ExecContext(ctx, `PRAGMA secure_delete = on`); err != nil {
		return forgottenView{}, err
	}
	done, err := r.remove(ctx, f)
	if err != nil {
		return forgottenView{}, err
	}
	// The log holds the old pages until they are in the file. While somebody else reads,
	// the log stays as it is; it is then overwritten as the program goes on.
	if _, err := r.store.DB().ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		p.log().Debug("empty the log", "error", err)
	}
	return done, nil
}

// there returns what remove would remove.
func (r record) there(ctx context.Context, f forgetting) (forgottenView, error) {
	if f.user == "" {
		n, err := r.Before(ctx, f.before)
		return forgottenView{Questions: n}, err
	}
	t, err := r.Trail(ctx, f.surface, f.user, f.before)
	return viewTrail(t), err
}

func (r record) remove(ctx context.Context, f forgetting) (forgottenView, error) {
	if f.user == "" {
		n, err := r.Forget(ctx, f.before)
		return forgottenView{Questions: n}, err
	}
	t, err := r.ForgetPerson(ctx, f.surface, f.user, f.before)
	return viewTrail(t), err
}

func viewTrail(t journal.Trail) forgottenView { return forgottenView(t) }

// confirm returns nil if a person at the terminal says yes.
func (p *program) confirm(ctx context.Context, question string) error {
	if !isTerminal(p.stdin) {
		return usage("%s Give --yes if it is meant: nobody can be asked here", question)
	}
	fmt.Fprintf(p.stderr, "%s [y/N] ", terminal.Neutralise(question))
	line, err := firstLine(ctx, bufio.NewReader(p.stdin))
	if err != nil {
		return err
	}
	if !saysYes(line) {
		return ending{exitError, errors.New("nothing was forgotten")}
	}
	return nil
}

// firstLine reads a line until ctx ends; the read goes on until the program ends.
func firstLine(ctx context.Context, in *bufio.Reader) (string, error) {
	lines := make(chan string, 1)
	go func() {
		line, _ := in.ReadString('\n') // its end is a no
		lines <- line
	}()
	select {
	case line := <-lines:
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// saysYes reports whether somebody agrees.
func saysYes(line string) bool {
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}
