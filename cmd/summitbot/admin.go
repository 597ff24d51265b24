package main

import (
	"summitbot/bot"
	"summitbot/bot/admin"
	"summitbot/bot/llm"
	"summitbot/config"
)

// observer returns what counts questions, nil if nobody asks for the counts.
func (p *program) observer(settings config.Config) bot.Observer {
	if p.logger == nil || settings.Admin.Listen == "" { // or this is no program that serves
		return nil
	}
	p.metrics = admin.NewMetrics(p.now)
	return p.metrics
}

// newAdmin returns what tells how the program fares, nil if that is switched off.
// Front ends without a health are left out.
func newAdmin(p *program, lib *library, fronts []frontend) *admin.Admin {
	if p.metrics == nil {
		return nil
	}
	build := readBuild()
	o := admin.Options{
		Listen: lib.settings.Admin.Listen, Documents: lib.base, Metrics: p.metrics, Models: p.modelState,
		Problems: lib.problems, Version: build.Version, Revision: build.Commit, Now: p.now, Log: p.log(),
		Listening: func(address string) {
			p.say("admin: http://%s (%s, %s, %s)", address, admin.Healthz, admin.Readyz, admin.Metricz)
		},
	}
	for _, f := range fronts {
		if healthy, ok := f.(admin.Front); ok {
			o.Fronts = append(o.Fronts, healthy)
		}
	}
	return admin.New(o)
}

// modelState tells how the models fare, if there are any.
func (p *program) modelState() (llm.State, bool) {
	if p.model == nil {
		return llm.State{}, false
	}
	client := p.model.Load()
	if client == nil {
		return llm.State{}, false
	}
	return client.State(), true
}
