package llm

import (
	"errors"
	"maps"
	"net/http"
	"sync"

	"summitbot/bot/answer"
)

// State is how the models fare, since the Client was made.
type State struct {
	UnderWay  int // completions that have a place
	Waiting   int // that wait for one
	Endpoints []EndpointState
}

// EndpointState is how one endpoint fares.
type EndpointState struct {
	Name             string
	Breaker          string           // closed (asked as usual), half-open (tried again) or open (left alone after failures)
	Requests         map[Result]int64 // sent to it
	Retries          int64            // of those, sent again after a pause
	PromptTokens     int64            // as the endpoint reports them
	CompletionTokens int64
}

// A Result is how a request ended.
type Result string

// The results.
const (
	ResultDone        Result = "done"
	ResultIncomplete  Result = "incomplete"  // begun and not finished
	ResultRejected    Result = "rejected"    // key, model name, request
	ResultLimited     Result = "limited"     // asked to come back later
	ResultUnavailable Result = "unavailable" // no answer in time, or a fault of the endpoint
	ResultMalformed   Result = "malformed"
	ResultCancelled   Result = "cancelled" // nobody wanted it any more
)

// State tells how the models fare. It is safe for concurrent use.
func (c *Client) State() State {
	s := State{}
	s.UnderWay, s.Waiting = c.queue.size()
	for _, e := range c.endpoints {
		s.Endpoints = append(s.Endpoints, e.counts.state(e.name, e.breaker.State().String()))
	}
	return s
}

// counts is what an endpoint counts.
type counts struct {
	mu                 sync.Mutex
	requests           map[Result]int64
	retries            int64
	prompt, completion int64
}

// request counts a request that ended in f, nil if it brought a completion.
func (c *counts) request(f *failure, got answer.Completion) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests == nil {
		c.requests = map[Result]int64{}
	}
	c.requests[resultOf(f)]++
	c.prompt += int64(got.PromptTokens)
	c.completion += int64(got.CompletionTokens)
}

// retry counts a request that is sent again.
func (c *counts) retry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retries++
}

func (c *counts) state(name, breaker string) EndpointState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return EndpointState{
		Name: name, Breaker: breaker, Requests: maps.Clone(c.requests), Retries: c.retries,
		PromptTokens: c.prompt, CompletionTokens: c.completion,
	}
}

// resultOf names what f says.
func resultOf(f *failure) Result {
	switch {
	case f == nil:
		return ResultDone
	case f.cause != nil:
		return ResultCancelled
	case f.status == http.StatusTooManyRequests:
		return ResultLimited
	case errors.Is(f.kind, answer.ErrIncomplete):
		return ResultIncomplete
	case errors.Is(f.kind, answer.ErrRejected):
		return ResultRejected
	case errors.Is(f.kind, answer.ErrMalformed):
		return ResultMalformed
	}
	return ResultUnavailable
}
