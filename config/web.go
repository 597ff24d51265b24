package config

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// checkWeb finds what is wrong with the pages' section, but for the token, which
// may be in a file.
func (d *decoder) checkWeb() {
	w := &d.config.Web
	w.Listen = cmp.Or(w.Listen, Default().Web.Listen)
	if strings.ContainsAny(w.PublicURL, "?#") {
		d.fail("web.public_url", "leave out what follows the path, from the ? or # on")
	}
	if u, err := url.Parse(w.PublicURL); err == nil && strings.Trim(u.Path, "/") != "" && w.On() {
		d.warn("web.public_url", "the pages link to each other from the root of their host; behind a proxy that serves them below %s these links lead elsewhere", u.Path)
	}
	for i, c := range w.Collections {
		if c == "" {
			d.missing(fmt.Sprintf("web.collections[%d]", i), "write the name of a collection, or leave the line out")
		}
	}
}

// checkWebToken finds whether the pages would be open to other machines without
// anybody's saying so.
func (d *decoder) checkWebToken() {
	const listen, token = "web.listen", "web.token"
	w := d.config.Web
	guarded := !w.Token.IsZero() || w.TokenFile != "" || d.failed[token] || d.failed[token+"_file"]
	if w.On() && !d.failed[listen] && !guarded && !w.Public && !loopback(w.Listen) {
		d.fail(listen, "other machines reach this address: write web.token, which they have to know, or web.public: true")
	}
}

// loopback reports whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkLog finds what is wrong with the log's section.
func (d *decoder) checkLog() {
	l := &d.config.Log
	usual := Default().Log // for what is written and empty
	l.Level, l.Format = cmp.Or(l.Level, usual.Level), cmp.Or(l.Format, usual.Format)
	if levels := []string{"debug", "info", "warn", "error"}; !d.failed["log.level"] && !slices.Contains(levels, l.Level) {
		d.fail("log.level", "write one of %s, not %q", strings.Join(levels, ", "), shorten(l.Level))
	}
	if !d.failed["log.format"] && l.Format != FormatText && l.Format != FormatJSON {
		d.fail("log.format", "write %s or %s, not %q", FormatText, FormatJSON, shorten(l.Format))
	}
}
