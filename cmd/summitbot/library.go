package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"summitbot/bot"
	"summitbot/bot/answer"
	"summitbot/bot/journal"
	"summitbot/config"
	"summitbot/knowledge"
	"summitbot/knowledge/index"
	"summitbot/knowledge/rank"
	"summitbot/knowledge/source"
	"summitbot/knowledge/sqlite"
)

// databaseName is the file in the data folder that everything is kept in.
const databaseName = "summitbot.db"

// A library is the documents that one command works on.
type library struct {
	settings   config.Config
	base       *knowledge.Base
	store      knowledge.Store
	inMemory   bool         // store is
	index      *index.Index // nil if nothing is searched
	engine     *answer.Engine
	answers    *changeable                          // what the hall asks: engine, until another takes its place
	engineOver func(*knowledge.Base) *answer.Engine // of the same model
	hall       *bot.Bot                             // nil unless people ask
	journal    *journal.Journal                     // likewise
	record     io.Closer                            // the journal's database if it is not store's, else nil
	stderr     io.Writer
	now        func() time.Time
	reader     *source.Reader           // of the sources
	unread     *atomic.Pointer[[]error] // see problems
}

// A need is what a command does with the library. Building the index is most of
// the work at the start, so that only those who search have one.
type need int

const (
	searching need = iota
	reading
	asking // searching, and what is asked is journaled
)

// use opens the library, does something with it and closes it.
func (p *program) use(ctx context.Context, settings config.Config, n need, do func(*library) error) (err error) {
	lib, err := p.openLibrary(ctx, settings, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lib.close()) }()
	return do(lib)
}

// openLibrary opens what there is to read or to search: the database in the
// data folder, brought up to date with the configured sources; without a data
// folder these sources in memory; without either, the article that comes with
// the program.
func (p *program) openLibrary(ctx context.Context, settings config.Config, n need) (*library, error) {
	store, inMemory, err := p.openStore(ctx, settings)
	if err != nil {
		return nil, err
	}
	lib, err := p.newLibrary(ctx, settings, store, inMemory, n)
	if err != nil {
		return nil, err
	}
	if err := p.fill(ctx, lib); err != nil {
		return nil, errors.Join(err, lib.close())
	}
	return lib, nil
}

// openStore opens the database, or one in memory if there is no use for a file:
// an empty one is not made only to be read.
func (p *program) openStore(ctx context.Context, settings config.Config) (store *sqlite.Store, inMemory bool, err error) {
	path := filepath.Join(settings.DataDir, databaseName)
	if settings.DataDir != "" {
		if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) || len(settings.Sources) > 0 {
			store, err := sqlite.Open(ctx, path)
			if err != nil || len(settings.Sources) > 0 {
				return store, false, err
			}
			docs, err := store.Documents(ctx)
			if err == nil && len(docs) > 0 {
				return store, false, nil
			}
			// Nothing was ingested yet: the built-in article is not mixed with what will be.
			if err := errors.Join(err, store.Close()); err != nil {
				return nil, false, err
			}
		}
	}
	store, err = sqlite.Open(ctx, "")
	return store, true, err
}

// newLibrary puts a library together over store and closes store if it fails.
func (p *program) newLibrary(ctx context.Context, settings config.Config, store knowledge.Store, inMemory bool, n need) (*library, error) {
	lib := &library{
		settings: settings, store: store, inMemory: inMemory, stderr: p.stderr, now: p.now,
		reader: new(source.Reader), unread: new(atomic.Pointer[[]error]),
	}
	var follower knowledge.Index = unindexed{}
	if n != reading {
		lib.index = index.New()
		follower = lib.index
	}
	start := p.now()
	var err error
	if lib.base, err = knowledge.Open(ctx, store, follower); err != nil {
		return nil, errors.Join(err, lib.close())
	}
	if lib.engineOver, err = p.newEngines(settings.LLM); err != nil {
		return nil, errors.Join(err, lib.close())
	}
	lib.engine = lib.engineOver(lib.base)
	lib.answers = newChangeable(lib.engine)
	if n == asking {
		if err := p.openHall(ctx, lib); err != nil {
			return nil, errors.Join(err, lib.close())
		}
	}
	p.log().Debug("opened", "data_dir", settings.DataDir, "indexed", n != reading, "took", p.now().Sub(start))
	return lib, nil
}

func (l *library) close() error {
	if l.index != nil {
		l.index.Close()
	}
	var err error
	if l.record != nil {
		err = l.record.Close()
	}
	return errors.Join(err, l.store.Close())
}

// know says which of the collections that a person named has no document: a
// typing error should not look as if the documents did not say.
func (l *library) know(ctx context.Context, collections []string) error {
	if len(collections) == 0 {
		return nil
	}
	docs, err := l.base.Documents(ctx)
	if err != nil {
		return err
	}
	var there []string
	for _, d := range docs {
		if d.Collection != "" {
			there = append(there, d.Collection)
		}
	}
	slices.Sort(there)
	there = slices.Compact(there)
	for _, c := range collections {
		switch {
		case slices.Contains(there, c):
		case len(there) == 0:
			return usage("there is no collection %q; no document is in a collection", c)
		default:
			return usage("there is no collection %q; there is %s", c, strings.Join(there, ", "))
		}
	}
	return nil
}

// history returns the file that chat keeps what was typed in, "" for none.
func (l *library) history() string {
	if l.settings.DataDir == "" {
		return ""
	}
	return filepath.Join(l.settings.DataDir, "chat-history")
}

// unindexed stands in for an index where nothing is searched.
type unindexed struct{}

// Apply implements knowledge.Index. It does not draw the documents, so that
// they are not even read.
func (unindexed) Apply(context.Context, iter.Seq2[knowledge.IndexDocument, error], []string) error {
	return nil
}

// Candidates implements knowledge.Index.
func (unindexed) Candidates(context.Context, knowledge.Query) (rank.Candidates, error) {
	return rank.Candidates{}, errors.New("nothing is indexed here")
}
