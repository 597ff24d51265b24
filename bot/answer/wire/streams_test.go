package wire_test

import (
	"maps"
	"slices"
	"testing"
	"time"
)

// streams are good replies on bad lines.
func streams() []behaviour {
	two := claims(redLine, rubio)
	return []behaviour{
		{
			name: "characters cut between two tokens", question: "Что сказал Марко Рубио о прекращении огня?",
			odd:    "halves of characters are no UTF-8",
			script: []reply{stream{Content: claims("Госсекретарь Марко Рубио добавил, что временное прекращение огня всё ещё рассматривается. | ‹Marco Rubio added›"), Bytes: 3}},
		},
		{name: "a token a byte", script: []reply{stream{Content: two, Bytes: 1}}},
		{name: "a byte a packet", script: []reply{stream{Content: claims(redLine), Trickle: true}}},
		{name: "300 keep-alive lines", script: []reply{stream{Content: two, Comments: 150}}},
		{name: "the reply in one token", script: []reply{stream{Content: two, Bytes: 1 << 20}}},
		{name: "a slow but steady model", clock: true, script: []reply{stream{Content: two, Slow: time.Second}}},
		{name: "silence from the start", clock: true, script: []reply{silent{}}},
		{name: "only keep-alives", clock: true, script: []reply{stream{Comments: 300, Then: hangs}}},
		{name: "a stall before the first claim is whole", clock: true, script: []reply{stream{Content: two, Cut: "The proposal would not", Then: hangs}}},
		{name: "a stall behind the first claim", clock: true, script: []reply{stream{Content: two, Cut: "Secretary of", Then: hangs}}},
		{name: "an answer that takes longer than anybody waits", clock: true, patience: 20 * time.Second, script: []reply{silent{}}},
		{name: "an answer cut off behind the first claim", clock: true, patience: 10 * time.Second, script: []reply{stream{Content: two, Slow: 500 * time.Millisecond}}},
		{name: "a stall, then a good reply", clock: true, script: []reply{silent{}, says(two)}},
		{name: "a cut before the first token", clock: true, script: []reply{stream{Unended: true, Event: ": ok\n\n"}}},
		{name: "a cut within the first claim", script: []reply{stream{Content: two, Cut: "NATO membership"}}},
		{name: "a cut within the second claim", script: []reply{stream{Content: two, Cut: "temporary ceasefire"}}},
		{name: "a cut in the connection within the second claim", script: []reply{stream{Content: two, Cut: "temporary ceasefire", Then: aborts}}},
		{name: "a reset within the second claim", script: []reply{stream{Content: two, Cut: "temporary ceasefire", Then: resets}}},
		{name: "a cut behind the finish reason", script: []reply{stream{Content: two, Unended: true, NoUsage: true}}},
		{name: "a connection broken behind the finish reason", script: []reply{stream{Content: two, Unended: true, NoUsage: true, Then: aborts}}},
		{name: "silence behind the finish reason", clock: true, script: []reply{stream{Content: two, Unended: true, NoUsage: true, Then: hangs}}},
		{name: "no usage", script: []reply{stream{Content: two, NoUsage: true}}},
		{name: "the limit of tokens within the second claim", script: []reply{stream{Content: two[:len(two)-40], Finish: "length"}}},
		{name: "the limit of tokens before any claim", script: []reply{stream{Content: two[:60], Finish: "length"}}},
		{name: "a content filter", script: []reply{stream{Content: claims(redLine)[:40], Finish: "content_filter"}}},
		{name: "a content filter behind a claim", script: []reply{stream{Content: two[:len(two)-40], Finish: "content_filter"}}},
		{name: "a refusal", script: []reply{stream{Refusal: "I'm sorry, I cannot discuss the evil.example war."}}},
		{name: "a finish reason that nobody knows", script: []reply{stream{Content: two, Finish: "banana"}}, odd: "a finish reason of its own"},
		{name: "tool calls that nobody asked for", script: []reply{stream{Finish: "tool_calls"}}},
		{
			name: "no choices", odd: "events without the fields that they must have",
			clock: true, script: []reply{stream{Unended: true, Event: chunk("[]") + "data: [DONE]\n\n"}},
		},
		{
			name: "an error within the stream", odd: "an error object is no chunk",
			script: []reply{stream{Content: two, Cut: "temporary ceasefire", Event: "data: " + apiError("server_error", "upstream exploded in shard 7", "", "500") + "\n\n"}},
		},
		{
			name: "an error at the start of the stream, then a good reply", odd: "an error object is no chunk", clock: true,
			script: []reply{stream{Event: "data: " + apiError("server_error", "upstream overloaded", "", "") + "\n\n"}, says(two)},
		},
		{
			name: "an event named error", odd: "an error event is no chunk",
			script: []reply{stream{Content: two, Cut: "temporary ceasefire", Event: "event: error\ndata: " + `{"message":"upstream exploded"}` + "\n\n"}},
		},
		{
			name: "events that are no JSON", odd: "they are no JSON",
			script: []reply{stream{Content: two, Cut: "temporary ceasefire", Event: "data: {\"id\":\"chatcmpl\n\n"}},
		},
		{
			name: "a whole completion instead of a stream", clock: true, odd: "a stream was asked for",
			script: []reply{status{Code: 200, Body: `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}`}},
		},
		{
			name: "a page of HTML with status 200", clock: true, odd: "HTML",
			script: []reply{status{Code: 200, Type: "text/html", Body: "<html><body>Log in to the upstream Wi-Fi</body></html>"}},
		},
	}
}

// statuses are responses with an error.
func statuses() []behaviour {
	failed := func(name string, code int, body string) behaviour {
		return behaviour{name: name, clock: true, script: []reply{status{Code: code, Body: body}}}
	}
	html := status{
		Code: 502, Type: "text/html",
		Body: "<html><head><title>502 Bad Gateway</title></head><body><center>openresty</center></body></html>",
	}
	good := says(claims(redLine))
	waits := func(want time.Duration) func(*testing.T, played) {
		return func(t *testing.T, p played) {
			if len(p.first) != 2 {
				t.Fatalf("%d requests, want 2", len(p.first))
			}
			if got := p.first[1].At.Sub(p.first[0].At); got != want {
				t.Errorf("asked again after %v, want %v", got, want)
			}
		}
	}
	limit := apiError("requests", "Rate limit reached; upstream shard 7", "", "rate_limit_exceeded")
	return []behaviour{
		failed("401", 401, apiError("invalid_request_error", "Incorrect API key provided: "+key, "", "invalid_api_key")),
		failed("403", 403, apiError("invalid_request_error", "Country not supported", "", "unsupported_country_region_territory")),
		failed("404", 404, apiError("invalid_request_error", "The model does not exist", "", "model_not_found")),
		{name: "429 with Retry-After", clock: true, script: []reply{status{Code: 429, Body: limit, RetryAfter: "7"}, good}, check: waits(7 * time.Second)},
		{name: "429 without Retry-After", clock: true, script: []reply{status{Code: 429, Body: limit}, good}, check: waits(250 * time.Millisecond)},
		{
			name: "429 with a Retry-After of an hour", clock: true, script: []reply{status{Code: 429, Body: limit, RetryAfter: "3600"}},
			check: func(t *testing.T, p played) {
				if p.elapsed > time.Minute {
					t.Errorf("a person waits %v", p.elapsed)
				}
			},
		},
		failed("429 again and again", 429, limit),
		failed("429 for want of money", 429, apiError("insufficient_quota", "You exceeded your current quota", "", "insufficient_quota")),
		failed("500 again and again", 500, apiError("server_error", "Traceback (most recent call last)", "", "")),
		{name: "500 once", clock: true, script: []reply{status{Code: 500, Body: apiError("server_error", "upstream", "", "")}, good}},
		{name: "502 with HTML", clock: true, odd: "HTML", script: []reply{html}},
		{name: "503 with Retry-After", clock: true, script: []reply{status{Code: 503, Body: apiError("server_error", "loading", "", ""), RetryAfter: "2"}, good}, check: waits(2 * time.Second)},
		failed("a bad request that nobody understands", 400, apiError("invalid_request_error", "Something upstream is wrong with your request", "", "")),
		failed("a prompt that is too long", 400, apiError("invalid_request_error", "This model's maximum context length is 4096 tokens", "messages", "context_length_exceeded")),
		failed("a prompt that was filtered", 400, apiError("invalid_request_error", "The response was filtered", "prompt", "content_filter")),
		{
			name: "a redirection elsewhere", script: []reply{status{Code: 302, Location: "https://evil.example/v1/chat/completions", Body: `{}`}},
			odd: "the API does not redirect",
		},
		{
			name: "a schema refused", clock: true,
			script: []reply{refuses{[]string{"response_format=json_schema"}, "'%s' of type 'json_schema' is not supported with this model", good}},
			check:  requests(2),
		},
		{
			name: "any response format refused", clock: true,
			script: []reply{refuses{[]string{"response_format"}, "Unrecognized request argument: %s", good}},
			check:  requests(3),
		},
		{
			name: "stream options refused", clock: true,
			script: []reply{refuses{[]string{"stream_options"}, "Unrecognized request argument supplied: %s", stream{Content: claims(redLine), NoUsage: true}}},
			check:  requests(2),
		},
		{
			name: "the name of the token limit refused", clock: true,
			script: []reply{refuses{[]string{"max_tokens"}, "Unsupported parameter: '%s' is not supported with this model. Use 'max_completion_tokens' instead.", good}},
			check: func(t *testing.T, p played) {
				requests(2)(t, p)
				if last := p.first[len(p.first)-1]; last.Fields["max_completion_tokens"] == nil {
					t.Errorf("the last request has the fields %v", slices.Sorted(maps.Keys(last.Fields)))
				}
			},
		},
		{
			name: "everything refused, one thing at a time", clock: true,
			script: []reply{refuses{[]string{"stream_options", "response_format", "max_tokens"}, "Unsupported parameter: '%s' is not supported.", stream{Content: claims(redLine), NoUsage: true}}},
			check:  requests(5),
		},
	}
}

// requests checks how many requests the first endpoint got.
func requests(want int) func(*testing.T, played) {
	return func(t *testing.T, p played) {
		t.Helper()
		if len(p.first) != want {
			t.Errorf("%d requests, want %d", len(p.first), want)
		}
	}
}

// endpoints are connections that fail, and a second endpoint that stands in.
func endpoints() []behaviour {
	good := []reply{says(claims(redLine))}
	return []behaviour{
		{name: "a connection reset, then a good reply", script: []reply{reset{}, says(claims(redLine))}, check: requests(2)},
		{name: "the connection reset again and again", script: []reply{reset{}}},
		{name: "a certificate that nobody trusts", tls: true, script: good, check: requests(0)},
		{name: "no TLS where TLS should be", scheme: "https", script: good, check: requests(0)},
		{name: "TLS where none should be", tls: true, scheme: "http", script: good, check: requests(0)},
		{name: "nobody there", down: true, clock: true, script: good},
		{name: "nobody there, a second endpoint answers", down: true, clock: true, script: good, second: good},
		{
			name: "a wrong key, a second endpoint answers", second: good,
			script: []reply{status{Code: 401, Body: apiError("invalid_request_error", "Incorrect API key provided", "", "invalid_api_key")}},
		},
		{
			name: "too many requests, a second endpoint answers", clock: true, second: good,
			script: []reply{status{Code: 429, RetryAfter: "20", Body: apiError("requests", "Rate limit reached", "", "rate_limit_exceeded")}},
			check: func(t *testing.T, p played) {
				if p.elapsed >= 2*time.Second {
					t.Errorf("a person waits %v although another endpoint is free", p.elapsed)
				}
			},
		},
		{
			name: "both endpoints fail", clock: true, down: true, script: good,
			second: []reply{status{Code: 500, Body: apiError("server_error", "upstream", "", "")}},
		},
		{
			name:   "a cut behind the first claim, a second endpoint stays unasked",
			script: []reply{stream{Content: claims(redLine, rubio), Cut: "temporary ceasefire"}}, second: good,
			check: func(t *testing.T, p played) {
				if len(p.second) != 0 {
					t.Error("the second endpoint was asked although a claim was shown")
				}
			},
		},
	}
}
