package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v3"
)

// fill sets every secret in v and every other text to something, and returns
// how many secrets there are.
func fill(v reflect.Value, secret string) int {
	switch {
	case v.Type() == reflect.TypeFor[Secret]():
		v.Set(reflect.ValueOf(NewSecret(secret)))
		return 1
	case v.Kind() == reflect.Struct:
		n := 0
		for i := range v.NumField() {
			n += fill(v.Field(i), secret)
		}
		return n
	case v.Kind() == reflect.Map:
		v.Set(reflect.ValueOf(map[string]Secret{"X-Key": NewSecret(secret)}))
		return 1
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		return fill(v.Index(0), secret)
	case v.Kind() == reflect.String:
		v.SetString("x")
	}
	return 0
}

type element struct{ S Secret }

func TestSecretsAreNeverPrinted(t *testing.T) {
	const secret = "xoxb-4711-do-not-tell"
	var c Config
	if n := fill(reflect.ValueOf(&c).Elem(), secret); n != 9 {
		t.Fatalf("filled %d secrets, want 9: does the schema have a new one?", n)
	}
	s := NewSecret(secret)
	hidden := struct{ s, unset Secret }{s: s}

	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%10s", "%T %p"} {
		for name, v := range map[string]any{"config": c, "pointer": &c, "secret": s, "hidden field": hidden, "hidden pointer": &hidden, "list": []Secret{s}} {
			out[verb+" of "+name] = fmt.Sprintf(verb, v)
		}
	}
	out["concatenated"] = fmt.Sprint("token ", s, s)
	out["error"] = fmt.Errorf("refused: %v", s).Error()
	encode := func(name string, b []byte, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		out[name] = string(b)
	}
	b, err := json.Marshal(c)
	encode("json", b, err)
	b, err = json.Marshal(map[string]any{"s": s, "p": &s})
	encode("json map", b, err)
	b, err = xml.Marshal(element{s})
	encode("xml", b, err)
	b, err = yaml.Marshal(c)
	encode("yaml", b, err)
	var buf bytes.Buffer
	err = c.Print(&buf)
	encode("print", buf.Bytes(), err)
	buf.Reset()
	err = template.Must(template.New("").Parse("{{.}} {{printf `%q` .}}")).Execute(&buf, s)
	encode("template", buf.Bytes(), err)
	for name, h := range map[string]slog.Handler{
		"slog text": slog.NewTextHandler(&buf, nil), "slog json": slog.NewJSONHandler(&buf, nil),
	} {
		buf.Reset()
		slog.New(h).Info("start", "config", c, "secret", s, "pointer", &s, "hidden", hidden, "group", slog.GroupValue(slog.Any("s", s)))
		out[name] = buf.String()
	}
	for name, text := range out {
		for _, part := range []string{secret, "4711", fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
			if strings.Contains(text, part) {
				t.Errorf("%s shows %q: %s", name, part, text)
			}
		}
	}
	for _, name := range []string{"%v of config", "%v of secret", "json", "yaml", "print", "slog text", "slog json"} {
		if !strings.Contains(out[name], redacted) {
			t.Errorf("%s does not say that something is redacted: %s", name, out[name])
		}
	}
	if got := s.Reveal(); got != secret {
		t.Errorf("Reveal() = %q, want %q", got, secret)
	}
}

func TestAnUnsetSecretPrintsNothing(t *testing.T) {
	for _, s := range []Secret{{}, NewSecret("")} {
		if got, want := fmt.Sprintf("%v|%s|%q|%#v", s, s, s, s), `||""|""`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if !s.IsZero() || s.Reveal() != "" {
			t.Errorf("%v is not unset", s)
		}
	}
}
