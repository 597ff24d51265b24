package answer

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"unicode"

	"summitbot/knowledge/paragraph"
)

// A draft is a claim as the model wrote it, not yet checked.
type draft struct {
	text string
	refs []string // as written: "7.2", "7", "7.2-7.4"
}

const (
	// deepest is how far objects and lists may be nested. What is asked for has
	// three levels, and models wrap it in one or two.
	deepest = 16
	// longestReply bounds what a model may write, in bytes: ten times the longest
	// useful reply.
	longestReply = 128 << 10
	// mostDrafts bounds how many claims are read: eight are asked for, and who
	// writes eight times as many has lost the thread.
	mostDrafts = 64
)

// errBabble says that a model does not stop.
var errBabble = errors.New("the model's reply is too long or nested too deeply")

// A decoder reads claims from a reply as it arrives: from JSON in the form that
// was asked for, or nearly so, in a fence or not, or else from prose with
// markers such as [7.2], as models write that ignore the form. It hands each
// claim on as soon as it is complete. What cannot be read is passed over.
type decoder struct {
	each       func(draft)
	told       int // drafts handed on
	buffer     []byte
	read       int // bytes of buffer that were scanned
	form       form
	answerable *bool
	scan       scanner
	prose      []byte // not handed on yet
}

// form is what a reply turned out to be.
type form int

const (
	unknownForm form = iota
	thinking         // within <think>...</think>
	jsonForm
	proseForm
)

func newDecoder(each func(draft)) *decoder {
	d := &decoder{}
	d.each = func(claim draft) {
		if d.told++; d.told <= mostDrafts {
			each(claim)
		}
	}
	return d
}

// write takes the next piece of the reply.
func (d *decoder) write(piece string) error {
	if len(d.buffer)+len(piece) > longestReply {
		return errBabble
	}
	d.buffer = append(d.buffer, piece...)
	if err := d.advance(false); err != nil || d.told <= mostDrafts {
		return err
	}
	return errBabble
}

// close takes the end of the reply. Of one that was cut, a last sentence of prose
// is not trusted: it may have gone on.
func (d *decoder) close(complete bool) error {
	if err := d.advance(complete); err != nil {
		return err
	}
	if d.form == proseForm && complete {
		d.tellProse(true)
	}
	return nil
}

// advance reads on as far as it goes.
func (d *decoder) advance(end bool) error {
	for {
		switch d.form {
		case unknownForm:
			if !d.recognise(end) {
				return nil
			}
		case thinking:
			_, rest, found := bytes.Cut(d.buffer[d.read:], []byte("</think>"))
			if !found {
				return nil
			}
			d.read, d.form = len(d.buffer)-len(rest), unknownForm
		case jsonForm:
			return d.readJSON()
		case proseForm:
			rest := d.buffer[d.read:]
			if at := objectStart.FindIndex(rest); at != nil {
				d.prose = append(d.prose, rest[:at[0]]...)
				d.tellProse(true)
				d.prose, d.read, d.form = nil, d.read+at[0], jsonForm
				continue
			}
			// What may be the beginning of an object, or its fence, waits.
			hold := len(rest)
			for _, mark := range []string{"{", "`"} {
				for i := max(0, len(rest)-longestStart); !end && i < hold; i++ {
					if rest[i] == mark[0] {
						hold = i
					}
				}
			}
			d.prose = append(d.prose, rest[:hold]...)
			d.read += hold
			d.tellProse(false)
			return nil
		}
	}
}

// objectStart is where the object that was asked for begins behind prose.
var objectStart = regexp.MustCompile("(?:```(?:json)?\\s*)?\\{\\s*\"(?:answerable|claims|answer)\"\\s*:")

// longestStart is how long the beginning of an object may be to be recognised, in
// bytes.
const longestStart = 40

// recognise tells by the first characters what a reply is; false if there are too
// few.
func (d *decoder) recognise(end bool) bool {
	rest := bytes.TrimLeftFunc(d.buffer[d.read:], func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	d.read = len(d.buffer) - len(rest)
	if len(rest) == 0 {
		return false
	}
	for _, p := range []struct {
		prefix string
		form   form
	}{{"<think>", thinking}, {"```", jsonForm}, {"{", jsonForm}, {"[{", jsonForm}, {"[\n", jsonForm}, {"[ ", jsonForm}} {
		if bytes.HasPrefix(rest, []byte(p.prefix)) {
			d.form = p.form
			return true
		}
		if !end && bytes.HasPrefix([]byte(p.prefix), rest) {
			return false
		}
	}
	d.form = proseForm
	return true
}

// A scanner follows the structure of JSON byte by byte.
type scanner struct {
	stack    []container
	inString bool
	escaped  bool
	start    int    // of the string that is open
	last     []byte // the last string read, with its quotes
}

type container struct {
	array bool
	start int
	key   string // under which it stands, "" in an array
	next  string // the key that a value now would stand under
	value bool   // a value is due, not a key
}

// readJSON scans what is new. Objects of a list of claims are handed on when
// they end; so is "answerable" when it is known.
func (d *decoder) readJSON() error {
	s := &d.scan
	for ; d.read < len(d.buffer); d.read++ {
		c := d.buffer[d.read]
		if s.inString {
			switch {
			case s.escaped:
				s.escaped = false
			case c == '\\':
				s.escaped = true
			case c == '"':
				s.inString = false
				s.last = d.buffer[s.start : d.read+1]
				d.readString()
			}
			continue
		}
		switch c {
		case '"':
			s.inString, s.start = true, d.read
		case ':':
			if n := len(s.stack); n > 0 && !s.stack[n-1].array {
				s.stack[n-1].next, s.stack[n-1].value = unquote(s.last), true
			}
		case ',':
			if n := len(s.stack); n > 0 {
				s.stack[n-1].value = false
			}
		case '{', '[':
			if len(s.stack) == deepest {
				return errBabble
			}
			key := ""
			if n := len(s.stack); n > 0 && !s.stack[n-1].array {
				key = s.stack[n-1].next
			}
			s.stack = append(s.stack, container{array: c == '[', start: d.read, key: key})
		case '}', ']':
			d.end(c == ']')
		case 't', 'f':
			if n := len(s.stack); n > 0 && s.stack[n-1].next == "answerable" && d.answerable == nil {
				yes := c == 't'
				d.answerable = &yes
			}
		}
	}
	return nil
}

// readString hands on a string that stands where a claim or the whole answer was
// to stand; its references are then in the text.
func (d *decoder) readString() {
	s := &d.scan
	n := len(s.stack)
	if n == 0 {
		return
	}
	c := s.stack[n-1]
	if c.array && listKeys[c.key] || n == 1 && c.value && (c.next == "answer" || c.next == "response") {
		inner := decoder{each: d.each, prose: []byte(unquote(s.last))}
		inner.tellProse(true)
	}
}

// end closes a container. A bracket of the wrong kind closes nothing.
func (d *decoder) end(array bool) {
	s := &d.scan
	n := len(s.stack)
	if n == 0 || s.stack[n-1].array != array {
		return
	}
	c := s.stack[n-1]
	s.stack = s.stack[:n-1]
	if array {
		return
	}
	if n == 1 {
		return
	}
	if parent := s.stack[n-2]; parent.array && (parent.key == "" && n == 2 || listKeys[parent.key]) {
		if claim, ok := readClaim(d.buffer[c.start : d.read+1]); ok {
			d.each(claim)
		}
	}
}

// The names that models give to the parts of a reply.
var (
	listKeys = map[string]bool{"claims": true, "statements": true, "answer": true, "answers": true, "sentences": true}
	textKeys = []string{"text", "claim", "statement", "sentence", "answer"}
	refKeys  = []string{"sources", "source", "citations", "cites", "references", "refs", "evidence", "support"}
)

func unquote(quoted []byte) string {
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return ""
	}
	return s
}

// readClaim reads one object of the list.
func readClaim(object []byte) (draft, bool) {
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber() // 7.10 is not 7.1
	var fields map[string]any
	if dec.Decode(&fields) != nil {
		return draft{}, false
	}
	var out draft
	for _, key := range textKeys {
		if s, ok := fields[key].(string); ok && strings.TrimSpace(s) != "" {
			out.text = s
			break
		}
	}
	for _, key := range refKeys {
		out.refs = append(out.refs, flatten(fields[key])...)
	}
	return out, out.text != ""
}

// flatten returns the strings and numbers of a value; objects are passed over.
func flatten(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case json.Number:
		return []string{v.String()}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return nil
}

// marker is a reference in prose: [7.2], 【7.2†source】, [7.2, 8], (¶7).
var marker = regexp.MustCompile(`\s*[\[【(](?:¶\s*)?\d+(?:\.\d+)?(?:\s*[-–,;]\s*(?:¶\s*)?\d+(?:\.\d+)?)*(?:†[^\]】]*)?[\])】]`)

// tightMarker is a marker right behind a full stop, where no sentence would end.
var tightMarker = regexp.MustCompile(`([.!?…])([\[【](?:¶\s*)?\d)`)

// tellProse hands on the sentences of prose that have ended: all but the last,
// which may go on or have its markers behind it, or all of them.
func (d *decoder) tellProse(all bool) {
	text := tightMarker.ReplaceAllString(string(d.prose), "$1 $2")
	var drafts []draft
	for _, s := range paragraph.Sentences(text) {
		words := text[s.Start:s.End]
		var refs []string
		lead := 0 // markers before any word belong to the sentence before
		for _, at := range marker.FindAllStringIndex(words, -1) {
			ref := strings.Trim(words[at[0]:at[1]], " \t\n[]【】()")
			ref, _, _ = strings.Cut(ref, "†")
			if strings.TrimSpace(words[lead:at[0]]) == "" && len(drafts) > 0 {
				drafts[len(drafts)-1].refs = append(drafts[len(drafts)-1].refs, ref)
				lead = at[1]
				continue
			}
			refs = append(refs, ref)
		}
		rest := strings.TrimSpace(bullet.ReplaceAllString(marker.ReplaceAllString(words[lead:], ""), ""))
		if rest == "" && lead > 0 {
			continue
		}
		drafts = append(drafts, draft{text: rest, refs: refs})
		if all || strings.IndexFunc(rest, unicode.IsLetter) < 0 || strings.IndexAny(rest, "[【(") == 0 {
			continue // perhaps half a marker of the sentence before
		}
		// Hand on what is before this one; keep this one for more.
		for _, before := range drafts[:len(drafts)-1] {
			if before.text != "" {
				d.each(before)
			}
		}
		drafts = drafts[len(drafts)-1:]
		d.prose = append([]byte(nil), text[s.Start+lead:]...)
	}
	if !all {
		return
	}
	for _, b := range drafts {
		if b.text != "" {
			d.each(b)
		}
	}
	d.prose = nil
}

// bullet is what stands before an item of a list.
var bullet = regexp.MustCompile(`^\s*(?:[-*•]|\d{1,2}[.)])\s+`)
