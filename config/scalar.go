package config

import (
	"math"
	"net"
	"net/url"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// decodeScalar fills v, a text, number, truth value or duration, from n.
func (d *decoder) decodeScalar(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) {
	raw, ok := d.scalar(n, path, "one value")
	if !ok {
		return
	}
	text, ok := d.text(raw, path)
	if !ok {
		return
	}
	// Messages show what is written in the file, not what a variable holds:
	// that may be a secret in the wrong place.
	shown := strconv.Quote(shorten(raw))
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		value, err := parseDuration(text)
		lowest, _ := parseDuration(tag.Get("min")) // the tags are tested
		highest, _ := parseDuration(tag.Get("max"))
		switch {
		case err != nil:
			d.fail(path, "write a duration such as 30s, 5m, 12h or 90d, not %s", shown)
		case value < lowest || value > highest:
			d.fail(path, "write a duration from %s to %s, not %s", tag.Get("min"), tag.Get("max"), shown)
		default:
			v.SetInt(int64(value))
		}
	case v.Kind() == reflect.String:
		if text, ok := d.stands(text, shown, path, tag.Get("as")); ok {
			v.SetString(text)
		}
	case v.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			d.fail(path, "write true or false, not %s", shown)
			return
		}
		v.SetBool(text == "true")
	case v.Kind() == reflect.Int:
		value, err := strconv.Atoi(text)
		if err != nil {
			d.fail(path, "write a whole number, not %s", shown)
		} else if d.within(path, float64(value), shown, tag) {
			v.SetInt(int64(value))
		}
	case v.Kind() == reflect.Float64:
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(value) {
			d.fail(path, "write a number, not %s", shown)
		} else if d.within(path, value, shown, tag) {
			v.SetFloat(value)
		}
	}
}

// within reports whether value is between the bounds of its tag.
func (d *decoder) within(path string, value float64, shown string, tag reflect.StructTag) bool {
	lowest, _ := strconv.ParseFloat(tag.Get("min"), 64) // the tags are tested
	highest, _ := strconv.ParseFloat(tag.Get("max"), 64)
	if value < lowest || value > highest {
		d.fail(path, "write a number from %s to %s, not %s", tag.Get("min"), tag.Get("max"), shown)
		return false
	}
	return true
}

// stands checks text as what it stands for and returns it in its final form.
func (d *decoder) stands(text, shown, path, as string) (string, bool) {
	if text == "" {
		return "", true
	}
	switch as {
	case "path":
		return d.resolve(text, path)
	case "url":
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
			d.fail(path, "write a whole address such as https://example.org/docs, not %s", shown)
			return "", false
		case u.User != nil:
			d.fail(path, "leave user name and password out of the address")
			return "", false
		}
	case "address", "listener":
		if as == "listener" && text == Off {
			return text, true
		}
		_, port, err := net.SplitHostPort(text)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			orOff := ""
			if as == "listener" {
				orOff = ", or off"
			}
			d.fail(path, "write HOST:PORT such as 127.0.0.1:8080%s, not %s", orOff, shown)
			return "", false
		}
	}
	return text, true
}

// resolve returns the path name as seen from the working directory: ~/ is the
// home folder, and a relative name starts at the file's folder.
func (d *decoder) resolve(name, path string) (string, bool) {
	switch first, rest, _ := strings.Cut(filepath.ToSlash(name), "/"); {
	case first == "~":
		home := homeDir(d.lookupEnv)
		if home == "" {
			d.fail(path, "~/ needs a home folder, and the environment names none; write the whole path")
			return "", false
		}
		return filepath.Join(home, filepath.FromSlash(rest)), true
	case strings.HasPrefix(first, "~"):
		d.fail(path, "only ~/ is understood, not another one's home; write the whole path")
		return "", false
	case strings.HasSuffix(first, ":") && strings.HasPrefix(rest, "/"):
		d.fail(path, "this is a web address; write a file, a folder or a glob")
		return "", false
	}
	if filepath.IsAbs(name) {
		return filepath.Clean(name), true
	}
	return filepath.Join(d.dir, name), true
}

func homeDir(lookupEnv func(string) (string, bool)) string {
	name := "HOME"
	if runtime.GOOS == "windows" {
		name = "USERPROFILE"
	}
	home, _ := lookupEnv(name)
	return home
}

// scalar returns the text of n as written, if n is a single value.
func (d *decoder) scalar(n *yaml.Node, path, want string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.fail(path, "want %s, not %s", want, kind(n))
		return "", false
	}
	return n.Value, true
}

// text expands raw and trims it. Only what stands on one line is a setting:
// block texts and files end in a line break by nature, but one within is a slip.
func (d *decoder) text(raw, path string) (string, bool) {
	text, problems := expand(raw, d.lookupEnv)
	for _, p := range problems {
		d.fail(path, "%s", p)
	}
	text = strings.TrimSpace(text)
	if !oneLine(text) {
		d.fail(path, "there is a line break or a control character in it; write it on one line")
		return "", false
	}
	return text, len(problems) == 0
}

// oneLine reports whether s has neither line breaks nor control characters nor
// bytes that are not UTF-8.
func oneLine(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar {
			return false
		}
	}
	return true
}

// ParseDuration reads a duration as the file has it.
func ParseDuration(s string) (time.Duration, error) { return parseDuration(s) }

// parseDuration reads what time.ParseDuration reads, and whole days as "90d".
func parseDuration(s string) (time.Duration, error) {
	if number, isDays := strings.CutSuffix(s, "d"); isDays {
		days, err := strconv.ParseUint(number, 10, 16) // so that it cannot overflow
		return time.Duration(days) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}
