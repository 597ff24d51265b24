package main

import (
	"sync/atomic"

	"summitbot/bot/answer"
	"summitbot/bot/llm"
	"summitbot/config"
	"summitbot/knowledge"
)

// newEngines returns what makes an engine over a base: one that asks the configured
// model, which all of them share, or one that answers from the documents alone.
func (p *program) newEngines(settings config.LLM) (func(*knowledge.Base) *answer.Engine, error) {
	o := answer.Options{ContextTokens: settings.ContextTokens, Judge: settings.Judge, Now: p.now, Log: p.log()}
	var client *llm.Client
	if settings.Set() {
		var err error
		if client, err = p.newModel(settings); err != nil {
			return nil, err
		}
		o.Generator, o.Estimate = client, client.Estimate
	}
	if p.model == nil { // at the start, when nothing runs beside it
		p.model = new(atomic.Pointer[llm.Client])
	}
	p.model.Store(client)
	return func(base *knowledge.Base) *answer.Engine { return answer.NewEngine(base, o) }, nil
}

// newModel returns the client of the configured endpoints.
func (p *program) newModel(settings config.LLM) (*llm.Client, error) {
	o := llm.Options{
		RequestTimeout: settings.RequestTimeout, IdleTimeout: settings.IdleTimeout, Concurrency: settings.Concurrency, Log: p.log(),
	}
	for _, e := range settings.Endpoints() {
		headers := map[string]string{}
		for name, value := range e.Headers {
			headers[name] = value.Reveal()
		}
		o.Endpoints = append(o.Endpoints, llm.Endpoint{
			Name: e.Name, BaseURL: e.BaseURL, APIKey: e.APIKey.Reveal(), Model: e.Model, Headers: headers,
			Azure: e.Azure, APIVersion: e.APIVersion, Temperature: e.Temperature,
			ReasoningEffort: e.ReasoningEffort, MaxTokens: e.MaxOutputTokens,
		})
	}
	client, err := llm.New(o)
	if err != nil {
		return nil, usage("llm: %w", err)
	}
	return client, nil
}

// needModel says what to configure if there is no model.
func needModel(settings config.Config, what string) error {
	if settings.LLM.Set() {
		return nil
	}
	return usage("%s needs a model: set llm.base_url and llm.model in the configuration (%q writes one with examples)", what, "summitbot config init")
}
