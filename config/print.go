package config

import (
	_ "embed"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

//go:embed example.yaml
var example string

// Init returns a commented summitbot.yaml to start from. It says the same as an
// empty file.
func Init() []byte { return []byte(example) }

// Print writes c as YAML with defaults filled in, variables expanded and
// secrets redacted. Load reads it as c again, but for the secrets.
func (c Config) Print(w io.Writer) error {
	var n yaml.Node
	if err := n.Encode(c); err != nil {
		return fmt.Errorf("print configuration: %w", err)
	}
	escapeAll(&n)
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(&n); err != nil {
		return fmt.Errorf("print configuration: %w", err)
	}
	return enc.Close()
}

// escapeAll makes every text below n mean itself when it is read.
func escapeAll(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		n.Value = escape(n.Value)
	}
	for _, child := range n.Content {
		escapeAll(child)
	}
}
