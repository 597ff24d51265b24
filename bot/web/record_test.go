package web_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var calls = flag.String("calls", "", "append every call and its reply to this file, for spec to validate")

// TestMain takes the file from a folder that the environment names, where all tests
// run in one go and only some packages know the flag.
func TestMain(m *testing.M) {
	flag.Parse()
	if dir := os.Getenv("SUMMITBOT_CALLS"); dir != "" && *calls == "" {
		*calls = filepath.Join(dir, "web-calls")
	}
	m.Run()
}

// A recorder writes down each call that goes through it.
type recorder struct {
	http.RoundTripper
	tb testing.TB
}

var recording sync.Mutex // of the file

// RoundTrip implements http.RoundTripper.
func (c recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	response, err := c.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(got))
	line, err := json.Marshal(map[string]any{
		"method": r.Method, "target": r.URL.RequestURI(), "header": r.Header, "body": string(sent),
		"status": response.StatusCode, "type": response.Header.Get("Content-Type"), "reply": string(got),
	})
	if err != nil {
		return nil, err
	}
	recording.Lock()
	defer recording.Unlock()
	f, err := os.OpenFile(*calls, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(append(line, '\n'))
		f.Close()
	}
	if err != nil {
		c.tb.Error(err)
	}
	return response, nil
}
