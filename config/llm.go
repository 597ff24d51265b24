package config

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// checkLLM finds what the section of the models lacks, if it is written, and
// fills in its defaults.
func (d *decoder) checkLLM() {
	const section = "llm"
	if !d.written(section) {
		return
	}
	l := &d.config.LLM
	l.AnswerTimeout = cmp.Or(l.AnswerTimeout, defaultAnswerTimeout)
	l.ContextTokens = cmp.Or(l.ContextTokens, defaultContextTokens)
	l.Name = cmp.Or(l.Name, defaultName)
	names := map[string]string{} // of those before: where they stand
	d.checkEndpoint(section, &l.Endpoint, names)
	for i := range l.Fallbacks {
		l.Fallbacks[i].Name = cmp.Or(l.Fallbacks[i].Name, "fallback-"+strconv.Itoa(i+1))
		d.checkEndpoint(fmt.Sprintf("%s.fallbacks[%d]", section, i), &l.Fallbacks[i], names)
	}
}

// written reports whether any key of the section at path is.
func (d *decoder) written(path string) bool {
	for at := range d.at {
		if strings.HasPrefix(at, path+".") {
			return true
		}
	}
	return false
}

// checkEndpoint finds what the endpoint at path lacks, and remembers its name.
func (d *decoder) checkEndpoint(path string, e *Endpoint, names map[string]string) {
	if d.failed[path] {
		return
	}
	if e.BaseURL == "" {
		d.missing(path+".base_url", "write the address of an OpenAI-compatible API, such as http://localhost:11434/v1")
	} else if wrong := wrongBase(e.BaseURL); wrong != "" {
		d.fail(path+".base_url", "%s", wrong)
	}
	if e.Model == "" {
		d.missing(path+".model", "write the name of a model that the endpoint has")
	}
	if e.APIVersion != "" && !e.Azure {
		d.fail(path+".api_version", "only Azure has versions; write azure: true too, or leave it out")
	}
	if other, taken := names[e.Name]; taken {
		d.fail(path+".name", "%s is called %q too; give each its own name", other, shorten(e.Name))
		return
	}
	names[e.Name] = path
}

// missing notes that a setting is not there, unless it is known to be wrong.
func (d *decoder) missing(path, instead string) {
	if !d.failed[path] {
		d.fail(path, "missing; %s", instead)
	}
}

// wrongBase says what an API's address, which is one, has too much.
func wrongBase(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "not an address"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "leave out what follows the path, from the ? or # on"
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/chat/completions"):
		return "leave out /chat/completions; it is added"
	}
	return ""
}
