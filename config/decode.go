package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxValues bounds how many values are looked at, each alias counted as often
// as it is used.
const maxValues = 100_000

// A decoder fills a Config from nodes and collects what is wrong with them.
type decoder struct {
	file, dir string // the file's name for messages; the folder of relative paths
	lookupEnv func(string) (string, bool)

	config   Config
	errs     Errors
	warnings []Warning
	at       map[string]place // key path -> where it is written
	failed   map[string]bool  // key paths that need no further check
	files    []secretFile
	values   int
}

// A place in the file, both from 1.
type place struct{ line, column int }

// A secretFile is a secret that is to be read from a file.
type secretFile struct {
	path string // of the key that names the file
	name string // of the file
	into *Secret
}

func newDecoder(file, dir string, lookupEnv func(string) (string, bool)) *decoder {
	return &decoder{
		file: file, dir: dir, lookupEnv: lookupEnv,
		config: Default(),
		at:     map[string]place{"": {1, 1}},
		failed: map[string]bool{},
	}
}

// parse fills the configuration from the file's contents.
func (d *decoder) parse(data []byte) {
	root, err := readYAML(data)
	if err != nil {
		d.failAt(place{err.line, err.column}, "", err.message)
		return
	}
	if root == nil {
		return
	}
	d.decode(root, "", reflect.ValueOf(&d.config).Elem(), "")
	for i, s := range d.config.Sources {
		d.checkSource(fmt.Sprintf("sources[%d]", i), s)
	}
	d.checkLLM()
	d.checkSlack()
	d.checkDiscord()
	d.checkWeb()
	d.checkLog()
}

// checkSource finds what a source lacks, without a look at the disk.
func (d *decoder) checkSource(path string, s Source) {
	if s.Path == "" && !d.failed[path] && !d.failed[path+".path"] {
		d.fail(path+".path", "missing; write a file, a folder or a glob")
	}
}

// result returns the configuration, if nothing is wrong with it.
func (d *decoder) result() (Config, []Warning, error) {
	slices.SortStableFunc(d.warnings, func(a, b Warning) int { return a.Line - b.Line })
	if err := report(d.errs); err != nil {
		return Config{}, d.warnings, err
	}
	return d.config, d.warnings, nil
}

// fail notes a mistake in the setting at path.
func (d *decoder) fail(path, format string, args ...any) {
	d.failAt(d.place(path), path, fmt.Sprintf(format, args...))
}

func (d *decoder) failAt(p place, path, message string) {
	d.failed[path] = true
	d.errs = append(d.errs, Error{d.file, p.line, p.column, path, message})
}

func (d *decoder) warn(path, format string, args ...any) {
	p := d.place(path)
	d.warnings = append(d.warnings, Warning{d.file, p.line, p.column, path, fmt.Sprintf(format, args...)})
}

// place returns where path is written; if it is not, where the nearest section
// around it is.
func (d *decoder) place(path string) place {
	for {
		if p, ok := d.at[path]; ok {
			return p
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// decode fills v, the setting at path, from n. tag is the schema of v.
func (d *decoder) decode(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if !d.spend() {
		return
	}
	switch {
	case n.Style&yaml.TaggedStyle != 0 && (!strings.HasPrefix(n.Tag, "!!") || n.Tag == "!!binary"):
		d.fail(path, "leave out the tag %q", shorten(n.Tag))
		return
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return // a key without a value is as if it were not there
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case v.Type() == reflect.TypeFor[Secret]():
		if raw, ok := d.scalar(n, path, "text"); ok {
			text, _ := d.text(raw, path)
			v.Set(reflect.ValueOf(NewSecret(text)))
		}
	case v.Kind() == reflect.Struct:
		d.decodeStruct(n, path, v)
	case v.Kind() == reflect.Map:
		d.decodeMap(n, path, v)
	case v.Kind() == reflect.Slice:
		d.decodeList(n, path, v)
	default:
		d.decodeScalar(n, path, v, tag)
	}
}

// spend counts one more value and reports whether it is still within bounds;
// the first one that is not fails the file.
func (d *decoder) spend() bool {
	d.values++
	if d.values == maxValues+1 {
		d.fail("", "more than %d values; this is not a configuration", maxValues)
	}
	return d.values <= maxValues
}

// decodeStruct fills the fields of v from the mapping n.
func (d *decoder) decodeStruct(n *yaml.Node, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	known := keys(v.Type())
	if n.Kind != yaml.MappingNode {
		message := fmt.Sprintf(`want settings such as "%s: ...", not %s`, known[0], kind(n))
		if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, ":") {
			message += "; there is a space after the colon"
		}
		d.fail(path, "%s", message)
		return
	}
	for key, value := range d.entries(n, path) {
		i := slices.Index(known, key)
		if i < 0 {
			d.unknown(path, key, known)
			continue
		}
		field := fields[i]
		d.decode(value, join(path, key), v.FieldByIndex(field.Index), field.Tag)
		if field.Type == reflect.TypeFor[Secret]() {
			d.warnOfLiteral(value, join(path, key), slices.Contains(known, key+"_file"))
		}
	}
	for i, key := range known {
		if secret, ok := v.FieldByIndex(fields[i].Index).Addr().Interface().(*Secret); ok {
			if j := slices.Index(known, key+"_file"); j >= 0 {
				d.secretFile(secret, join(path, key), v.FieldByIndex(fields[j].Index).String())
			}
		}
	}
}

// secretFile notes that the secret at path is in the file called name.
func (d *decoder) secretFile(secret *Secret, path, name string) {
	switch {
	case name == "":
	case !secret.IsZero():
		d.fail(path+"_file", "%s is given too; keep one of the two", path)
	default:
		d.files = append(d.files, secretFile{path + "_file", name, secret})
	}
}

// warnOfLiteral warns of the secret at path if n holds it in the clear.
func (d *decoder) warnOfLiteral(n *yaml.Node, path string, fileKey bool) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" || refers(n.Value) {
		return
	}
	instead := fmt.Sprintf("${%s}", strings.ToUpper(notInNames.ReplaceAllString(path, "_")))
	if fileKey {
		instead += fmt.Sprintf(" or %s_file", path[strings.LastIndexByte(path, '.')+1:])
	}
	d.warn(path, "the secret is written in the file; use %s", instead)
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9]+`)

// unknown notes that the section at path has no such key.
func (d *decoder) unknown(path, key string, known []string) {
	if meant := closest(key, known); meant != "" {
		d.fail(join(path, key), "unknown key; did you mean %q?", meant)
		d.failed[join(path, meant)] = true // so that it is not reported as missing too
		return
	}
	d.fail(join(path, key), "unknown key; known here: %s", strings.Join(known, ", "))
}

// entries yields the keys of mapping n with their values, and notes where each
// stands. A key that is written twice is yielded once.
func (d *decoder) entries(n *yaml.Node, path string) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		seen := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, value := n.Content[i], n.Content[i+1]
			p := place{k.Line, k.Column}
			if !d.spend() {
				return
			}
			switch {
			case k.Kind != yaml.ScalarNode:
				d.failAt(p, path, "a key is one word")
				continue
			case k.Tag == "!!merge":
				d.failAt(p, path, "merging with << is not supported; write the settings out")
				continue
			}
			key := k.Value
			if first, again := seen[key]; again {
				d.failAt(p, join(path, key), fmt.Sprintf("written a second time; the first is on line %d", first))
				continue
			}
			seen[key] = k.Line
			d.at[join(path, key)] = p
			if !yield(key, value) {
				return
			}
		}
	}
}

// decodeMap fills v, a map of header names to secrets, from the mapping n.
func (d *decoder) decodeMap(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.fail(path, `want lines of "Name: value", not %s`, kind(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range d.entries(n, path) {
		if !headerName.MatchString(key) {
			d.fail(join(path, key), "not the name of a header; write letters, digits and hyphens")
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(value, join(path, key), item, "")
		v.SetMapIndex(reflect.ValueOf(key), item)
	}
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// decodeList fills v from the sequence n.
func (d *decoder) decodeList(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.fail(path, `want a list (lines that begin with "- "), not %s`, kind(n))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		itemPath := fmt.Sprintf("%s[%d]", path, i)
		d.at[itemPath] = place{item.Line, item.Column}
		d.decode(item, itemPath, list.Index(i), "")
	}
	v.Set(list)
}

// fieldsOf returns the fields of a section in order, those of an embedded
// section in its place.
func fieldsOf(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Anonymous })
}

// keys returns the keys of a section in the order of its fields.
func keys(t reflect.Type) []string {
	var names []string
	for _, f := range fieldsOf(t) {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		names = append(names, name)
	}
	return names
}

var word = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// join returns the path of key in the section at path. What is not a word is
// quoted, so that a message stays one line.
func join(path, key string) string {
	if !word.MatchString(key) {
		key = strconv.Quote(shorten(key))
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// kind names what n is.
func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "settings"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// shorten cuts s to what fits a message.
func shorten(s string) string {
	const most = 40
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most]) + "…"
}
