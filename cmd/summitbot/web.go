package main

import (
	"strings"

	"summitbot/bot/web"
)

// newWebFront returns the front end for browsers over the library.
func newWebFront(p *program, lib *library) (*web.Web, error) {
	s := lib.settings.Web
	return web.New(web.Options{
		Listen: s.Listen, PublicURL: strings.TrimRight(s.PublicURL, "/"), Public: s.Public, Token: s.Token.Reveal(), Collections: s.Collections,
		Handler: lib.hall, Library: lib.base, Record: lib.journal, Now: p.now, Log: p.log(),
	})
}
