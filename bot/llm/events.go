package llm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// largestEvent is how many bytes one event may have; a token takes some hundred.
const largestEvent = 1 << 20

// What is wrong with a stream of events.
var (
	errEventTooLarge = errors.New("event too large")
	errNoEvents      = errors.New("not a stream of events")
)

// events reads server-sent events and writes each event's data as one line, in
// the one form that go-openai's own reader does not trip over: that one gives up
// after a number of keep-alive lines, takes a cut connection for the end, and
// reads errors only in one spelling.
//
// Comments and keep-alives vanish. Endpoints that leave out the empty line
// between events are understood. An event named error, and a body that is one
// JSON error object, become {"error": ...}. The end without [DONE] is
// io.ErrUnexpectedEOF.
type events struct {
	body    io.ReadCloser
	in      *bufio.Reader
	line    []byte   // being read
	afterCR bool     // the last line ended in CR; a LF belongs to it
	name    []byte   // of the event being read
	data    [][]byte // its lines
	any     bool     // an event was read
	stray   []byte   // lines that no stream of events has, before the first one
	out     []byte   // to be read
	err     error    // after out
}

func newEvents(body io.ReadCloser) *events {
	return &events{body: body, in: bufio.NewReader(body)}
}

// Read implements io.Reader.
func (e *events) Read(p []byte) (int, error) {
	for len(e.out) == 0 {
		if e.err != nil {
			return 0, e.err
		}
		err := e.readLine()
		switch {
		case err == nil:
			e.take(e.line)
		case errors.Is(err, io.EOF):
			e.end()
		default:
			e.err = err
		}
	}
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}

// Close closes the body.
func (e *events) Close() error { return e.body.Close() }

// readLine reads up to LF, CR or CRLF. It does not wait for the byte after a CR.
func (e *events) readLine() error {
	e.line = e.line[:0]
	for {
		b, err := e.in.ReadByte()
		if err != nil {
			return err
		}
		if b == '\n' && e.afterCR {
			e.afterCR = false
			continue
		}
		e.afterCR = b == '\r'
		if b == '\n' || b == '\r' {
			return nil
		}
		if len(e.line) == largestEvent {
			return errEventTooLarge
		}
		e.line = append(e.line, b)
	}
}

// take reads one line.
func (e *events) take(line []byte) {
	if !e.any && len(e.data) == 0 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	if len(line) == 0 {
		e.dispatch()
		return
	}
	field, value, colon := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(field) {
	case "data":
		e.addData(value)
	case "event":
		e.name = bytes.Clone(value)
	case "", "id", "retry":
		if !colon {
			e.addStray(line)
		}
	default:
		e.addStray(line)
	}
}

// addData adds a line of data, and dispatches it at once if it is whole.
func (e *events) addData(value []byte) {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return // a keep-alive
	}
	if len(e.data) == 0 && (string(value) == "[DONE]" || json.Valid(value)) {
		e.emit(value)
		return
	}
	size := len(value)
	for _, d := range e.data {
		size += len(d) + 1
	}
	if size > largestEvent || len(e.data) == 1000 {
		e.err = errEventTooLarge
		return
	}
	e.data = append(e.data, bytes.Clone(value))
}

// dispatch ends an event of several lines.
func (e *events) dispatch() {
	if len(e.data) > 0 {
		// Outside strings JSON does not mind a space, and within them a line end is
		// no JSON in the first place.
		e.emit(bytes.Join(e.data, []byte(" ")))
	}
	e.data, e.name = nil, nil
}

// emit hands an event on.
func (e *events) emit(data []byte) {
	e.any, e.stray = true, nil
	if string(e.name) == "error" {
		data = asError(data)
	}
	e.out = append(e.out[:0], "data: "...)
	if data[0] == '{' {
		e.out = append(e.out, "{ "...) // keeps go-openai from reading {"error": itself
		data = data[1:]
	}
	e.out = append(append(e.out, data...), '\n')
}

// asError gives the data of an event named error the form of an error object.
func asError(data []byte) []byte {
	var o struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(data, &o) == nil && len(o.Error) > 0 && string(o.Error) != "null" {
		return data
	}
	if !json.Valid(data) || string(data) == "null" {
		quoted, err := json.Marshal(string(data))
		if err != nil {
			quoted = []byte(`""`)
		}
		data = quoted
	}
	return slices.Concat([]byte(`{"error":`), data, []byte("}"))
}

// addStray keeps a line that belongs to no stream of events, to find out what
// came instead.
func (e *events) addStray(line []byte) {
	if !e.any && len(e.stray) < largestProblem {
		e.stray = append(append(e.stray, line...), '\n')
	}
}

// end is the end of the body.
func (e *events) end() {
	e.err = io.ErrUnexpectedEOF
	if len(e.line) > 0 {
		e.take(e.line) // without a line end
	}
	if len(e.out) > 0 {
		return
	}
	// Half an event says nothing; one that lacks but the empty line after it does.
	if joined := bytes.Join(e.data, []byte(" ")); len(joined) > 0 && json.Valid(joined) {
		e.emit(joined)
		return
	}
	if e.any || len(e.data) > 0 || len(e.stray) == 0 {
		return
	}
	var o struct {
		Error json.RawMessage `json:"error"`
	}
	body := bytes.TrimSpace(e.stray)
	if json.Unmarshal(body, &o) == nil && len(o.Error) > 0 && string(o.Error) != "null" {
		e.emit(bytes.ReplaceAll(body, []byte("\n"), []byte(" ")))
		return
	}
	e.err = errNoEvents
}
