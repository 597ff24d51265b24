package llm

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"summitbot/bot/answer"
)

// A chunk is one event of a streamed completion, as far as it is read. It has
// its own type, beside go-openai's, because that one has no room for an error
// and turns a character that was cut between two chunks into two errors.
type chunk struct {
	Error   json.RawMessage `json:"error"`
	Model   string          `json:"model"`
	Choices []choice        `json:"choices"`
	Usage   json.RawMessage `json:"usage"`
}

type choice struct {
	Index int `json:"index"`
	Delta struct {
		Content          text `json:"content"`
		Refusal          text `json:"refusal"`
		ReasoningContent text `json:"reasoning_content"`
		Reasoning        text `json:"reasoning"` // the same, by Ollama and newer vLLM
	} `json:"delta"`
	FinishReason string `json:"finish_reason"`
}

// failed reports whether the chunk tells of an error.
func (c chunk) failed() bool { return len(c.Error) > 0 && string(c.Error) != "null" }

// first is the one choice that was asked for.
func (c chunk) first() (choice, bool) {
	for _, ch := range c.Choices {
		if ch.Index == 0 {
			return ch, true
		}
	}
	return choice{}, false
}

// speaks reports whether the choice holds a token.
func (c choice) speaks() bool {
	d := c.Delta
	return len(d.Content)+len(d.Refusal)+len(d.ReasoningContent)+len(d.Reasoning) > 0
}

// tokens reads the usage; ok is false if there is none.
func (c chunk) tokens() (prompt, completion int, ok bool) {
	var u struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
	}
	if len(c.Usage) == 0 || string(c.Usage) == "null" || json.Unmarshal(c.Usage, &u) != nil {
		return 0, 0, false
	}
	return max(0, u.Prompt), max(0, u.Completion), true
}

// finishOf tells what a finish reason means; the error is nil only if the model
// was done.
func finishOf(reason string, refused bool) (answer.Finish, error) {
	switch reason {
	case "stop":
		if refused {
			return answer.FinishRefused, answer.ErrIncomplete
		}
		return answer.FinishStop, nil
	case "length":
		return answer.FinishLength, answer.ErrIncomplete
	case "content_filter":
		return answer.FinishFiltered, answer.ErrIncomplete
	case "refusal":
		return answer.FinishRefused, answer.ErrIncomplete
	}
	// Tool calls, which nobody asked for, or a word that we do not know and that
	// may mean anything.
	return answer.FinishCut, answer.ErrMalformed
}

// text is a JSON string's bytes, unlike a Go string's not mended: endpoints cut
// characters between two tokens, either as bytes of UTF-8 or as halves of an
// UTF-16 pair. A half is kept in the three bytes that UTF-8 would have for it.
type text []byte

// UnmarshalJSON implements json.Unmarshaler; null is empty.
func (t *text) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		*t = nil
		return nil
	}
	if len(raw) < 2 || raw[0] != '"' {
		return errors.New("not a string")
	}
	raw = raw[1 : len(raw)-1]
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		if raw[0] != '\\' {
			out = append(out, raw[0])
			raw = raw[1:]
			continue
		}
		if raw[1] != 'u' {
			out = append(out, unescaped(raw[1]))
			raw = raw[2:]
			continue
		}
		// The decoder has checked that four hexadecimal digits follow.
		unit, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
		if err != nil {
			return err
		}
		out = appendUnit(out, rune(unit))
		raw = raw[6:]
	}
	*t = out
	return nil
}

// unescaped is what stands for \c in JSON.
func unescaped(c byte) byte {
	if i := strings.IndexByte("bfnrt", c); i >= 0 {
		return "\b\f\n\r\t"[i]
	}
	return c // quote, slash, backslash
}

// appendUnit appends a code unit of UTF-16, half a pair in three bytes.
func appendUnit(b []byte, unit rune) []byte {
	if unit < surrogates || unit > lastSurrogate {
		return utf8.AppendRune(b, unit)
	}
	return append(b, 0xE0|byte(unit>>12), 0x80|byte(unit>>6)&0xBF, 0x80|byte(unit)&0xBF) //nolint:gosec // the lowest bits are meant
}

// The halves of UTF-16 pairs: high ones, then low ones.
const (
	surrogates    = 0xD800
	lowSurrogates = 0xDC00
	lastSurrogate = 0xDFFF
)

// half reads half a pair from three bytes; ok is false for anything else.
func half(b []byte) (unit rune, ok bool) {
	if len(b) < 3 || b[0] != 0xED || b[1] < 0xA0 || b[1] > 0xBF || b[2]&0xC0 != 0x80 {
		return 0, false
	}
	return 0xD000 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F), true
}

// A joiner makes valid UTF-8 of texts that were cut anywhere. What can still
// become a character is held back; what cannot becomes U+FFFD.
type joiner struct{ held []byte }

// push adds t and returns what is whole.
func (j *joiner) push(t text) string {
	b := append(j.held, t...)
	var out strings.Builder
	for len(b) > 0 {
		r, n, whole := nextRune(b)
		if !whole {
			break
		}
		out.WriteRune(r)
		b = b[n:]
	}
	j.held = append([]byte(nil), b...)
	return out.String()
}

// rest returns what was held back at the end of all texts.
func (j *joiner) rest() string {
	b := j.held
	j.held = nil
	return strings.ToValidUTF8(string(b), string(utf8.RuneError))
}

// nextRune reads the first character of b and its length in bytes; whole is false
// if more bytes may still complete it.
func nextRune(b []byte) (r rune, n int, whole bool) {
	if b[0] == 0xED && len(b) == 2 && b[1] >= 0xA0 && b[1] <= 0xBF {
		return 0, 0, false
	}
	high, ok := half(b)
	if !ok {
		if !utf8.FullRune(b) {
			return 0, 0, false
		}
		r, n = utf8.DecodeRune(b)
		return r, n, true
	}
	if high >= lowSurrogates {
		return utf8.RuneError, 3, true
	}
	rest := b[3:]
	if low, ok := half(rest); ok && low >= lowSurrogates {
		return 0x10000 + (high-surrogates)<<10 + (low - lowSurrogates), 6, true
	}
	// A low half is ED, B0 to BF, and one byte more.
	mayBecomeLow := len(rest) == 0 || rest[0] == 0xED && (len(rest) == 1 || len(rest) == 2 && rest[1] >= 0xB0 && rest[1] <= 0xBF)
	if mayBecomeLow {
		return 0, 0, false
	}
	return utf8.RuneError, 3, true
}
