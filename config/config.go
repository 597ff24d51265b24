// Package config reads summitbot.yaml: its schema, defaults, references to
// environment variables, secrets from files, validation, and printing without
// secrets.
//
// Invariants. A configuration is valid or it is not returned: whoever holds a
// Config from Load need not check it again. Every mistake is reported at once,
// each with its file, its line, its key and what to write instead. Nothing is
// ignored in silence: an unknown key is an error. A secret leaves a Config only
// through Secret.Reveal.
//
// The struct tags of Config are the schema. yaml names the key; as says what a
// text stands for (path, url, address, or listener: an address or off); min and max bound a number or a
// duration. A Secret named k with a sibling k_file may be given as a file.
package config

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// maxBytes bounds the file: what is larger was not written as a configuration.
const maxBytes = 1 << 20

// Config is everything that summitbot.yaml can say. Paths are absolute or
// relative to the working directory, no longer to the file.
type Config struct {
	DataDir string   `yaml:"data_dir,omitempty" as:"path"` // where the database is kept; "" keeps everything in memory
	Sources []Source `yaml:"sources,omitempty"`            // none means the embedded document
	LLM     LLM      `yaml:"llm,omitempty"`
	Slack   Slack    `yaml:"slack,omitempty"`
	Discord Discord  `yaml:"discord,omitempty"`
	Web     Web      `yaml:"web,omitempty"`
	Admin   Admin    `yaml:"admin,omitempty"`
	Log     Log      `yaml:"log,omitempty"`
	Journal Journal  `yaml:"journal,omitempty"`
	Limits  Limits   `yaml:"limits,omitempty"`
}

// A Source says where documents come from.
type Source struct {
	Path       string `yaml:"path" as:"path"`       // a file, a folder or a glob (with ** for any folders)
	Collection string `yaml:"collection,omitempty"` // "" is the default collection
	Title      string `yaml:"title,omitempty"`      // "" means the document's own
	URL        string `yaml:"url,omitempty" as:"url"`
}

// LLM says how to reach language models; the zero value is none. Where the
// section is written, base_url and model are there, in each fallback too.
type LLM struct {
	Endpoint       `yaml:",inline"`
	Fallbacks      []Endpoint    `yaml:"fallbacks,omitempty"`                         // asked in order when the ones before fail
	RequestTimeout time.Duration `yaml:"request_timeout,omitempty" min:"1s" max:"1h"` // of one request; 0 means the client's default
	IdleTimeout    time.Duration `yaml:"idle_timeout,omitempty" min:"1s" max:"1h"`    // between two tokens; 0 means the client's default
	AnswerTimeout  time.Duration `yaml:"answer_timeout,omitempty" min:"1s" max:"1h"`  // of a whole answer
	Concurrency    int           `yaml:"concurrency,omitempty" min:"1" max:"1000"`    // requests at once; 0 means the client's default
	ContextTokens  int           `yaml:"context_tokens,omitempty" min:"500" max:"1000000"`
	Judge          bool          `yaml:"judge,omitempty"` // a second request judges the claims that passed
}

// What the fields of a written LLM section are if they are not.
const (
	// A local model may need a minute to load; nobody waits longer than two.
	defaultAnswerTimeout = 2 * time.Minute
	// Fits a model of 8,192 tokens, with rules, question and answer.
	defaultContextTokens = 6000
	defaultName          = "default" // of the first endpoint; the others are numbered
)

// Set reports whether there is a model to ask.
func (l LLM) Set() bool { return l.BaseURL != "" }

// Endpoints returns the endpoints in the order in which they are asked.
func (l LLM) Endpoints() []Endpoint { return append([]Endpoint{l.Endpoint}, l.Fallbacks...) }

// An Endpoint is one model at one address.
type Endpoint struct {
	Name            string            `yaml:"name,omitempty"`              // in answers and logs; no two have the same
	BaseURL         string            `yaml:"base_url,omitempty" as:"url"` // of an OpenAI-compatible API, e.g. http://localhost:11434/v1
	APIKey          Secret            `yaml:"api_key,omitempty"`           // unset for endpoints that need none
	APIKeyFile      string            `yaml:"api_key_file,omitempty" as:"path"`
	Model           string            `yaml:"model,omitempty"`                       // of Azure the deployment
	Temperature     *float64          `yaml:"temperature,omitempty" min:"0" max:"2"` // nil leaves it to the endpoint
	MaxOutputTokens int               `yaml:"max_output_tokens,omitempty" min:"1" max:"1000000"`
	ReasoningEffort string            `yaml:"reasoning_effort,omitempty"`
	Headers         map[string]Secret `yaml:"headers,omitempty"` // sent with each request; they often carry keys
	Azure           bool              `yaml:"azure,omitempty"`   // Azure's addresses and key header
	APIVersion      string            `yaml:"api_version,omitempty"`
}

// Web says where the pages are served and who may open them.
type Web struct {
	Listen      string   `yaml:"listen,omitempty" as:"listener"` // Off serves no pages
	PublicURL   string   `yaml:"public_url,omitempty" as:"url"`  // how people reach it; "" means no links
	Public      bool     `yaml:"public,omitempty"`               // serve without a token to other machines
	Token       Secret   `yaml:"token,omitempty"`
	TokenFile   string   `yaml:"token_file,omitempty" as:"path"`
	Collections []string `yaml:"collections,omitempty"` // that pages show and search; none means all
}

// Off is in place of an address where nothing is served.
const Off = "off"

// On reports whether pages are served.
func (w Web) On() bool { return w.Listen != Off }

// Admin says where health and metrics are served.
type Admin struct {
	Listen string `yaml:"listen,omitempty" as:"address"` // "" is nowhere
}

// Log says what "serve" writes to standard error.
type Log struct {
	Level     string `yaml:"level,omitempty"`     // the least that is written: debug, info, warn or error
	Format    string `yaml:"format,omitempty"`    // FormatText or FormatJSON
	Questions bool   `yaml:"questions,omitempty"` // the texts of questions may be in it
}

// The formats of the log.
const (
	FormatText = "text"
	FormatJSON = "json"
)

// Journal says what is kept of answers.
type Journal struct {
	Retention time.Duration `yaml:"retention,omitempty" min:"1h" max:"3650d"` // 0 is for ever
}

// Limits bounds what people may ask for. 0 is no limit, but for QuestionLength.
type Limits struct {
	// QuestionLength is the longest question that is accepted, in characters
	// (Unicode code points).
	QuestionLength   int `yaml:"question_length" min:"1" max:"100000"`
	PerUserMinute    int `yaml:"per_user_minute" min:"0" max:"100000"`    // questions
	PerChannelMinute int `yaml:"per_channel_minute" min:"0" max:"100000"` // questions
	// Tokens of prompts and completions on one day in UTC.
	TokensDay     int `yaml:"tokens_day" min:"0" max:"2000000000"`
	TokensUserDay int `yaml:"tokens_user_day" min:"0" max:"2000000000"`
	UnderWay      int `yaml:"under_way" min:"0" max:"100000"` // questions
}

// Default returns the configuration of an empty file. Its limits are far above
// what people do, and below what a script that runs away does.
func Default() Config {
	return Config{
		Slack: Slack{
			Command: "/summit",
			// A question from a command stays between the asker and the bot until it
			// is shared; in a thread that it joined, the bot is part of the talk.
			Defaults: SlackRules{Private: new(true), Follow: FollowThreads},
		},
		// In Discord the asker says whether a command's answer is private.
		Discord: Discord{Defaults: DiscordRules{Answer: AnswerReply, Private: new(false)}},
		// Nobody else's machine reaches it, and most have this port free.
		Web: Web{Listen: "127.0.0.1:8080"},
		Log: Log{Level: "info", Format: FormatText},
		Limits: Limits{
			QuestionLength:   4000,       // what one Slack message holds
			PerUserMinute:    20,         // one every three seconds; nobody reads as fast
			PerChannelMinute: 60,         // three people at their limit
			TokensDay:        20_000_000, // some 2,800 questions of 6,000 tokens with 1,000 of answer
			TokensUserDay:    2_000_000,  // a tenth of that
			UnderWay:         500,        // at four at once, whoever comes later waits for minutes
		},
	}
}

// Load reads, expands and checks the file at path. lookupEnv has the meaning of
// os.LookupEnv. Mistakes in the file are Errors; warnings are returned with or
// without an error.
func Load(path string, lookupEnv func(string) (string, bool)) (Config, []Warning, error) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Config{}, nil, fmt.Errorf("configuration %q: %w", path, err)
	}
	data, err := readBounded(path, maxBytes)
	if err != nil {
		return Config{}, nil, fmt.Errorf("configuration: %w", err)
	}
	d := newDecoder(path, dir, lookupEnv)
	d.parse(data)
	d.checkFiles()
	d.checkSlackTokens()
	d.checkWebToken()
	return d.result()
}

// Parse is Load for the contents of a file called name, without a look at the
// disk: paths are made relative to name's folder, but need not exist, and
// secrets given as files stay unset.
func Parse(name string, data []byte, lookupEnv func(string) (string, bool)) (Config, []Warning, error) {
	d := newDecoder(name, filepath.Dir(name), lookupEnv)
	d.parse(data)
	d.checkSlackTokens()
	d.checkWebToken()
	return d.result()
}

// readBounded returns the contents of the file at path, at most limit+1 bytes
// of it, so that an endless device cannot fill the memory.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, io.LimitReader(f, limit+1))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return b.Bytes(), err
}
