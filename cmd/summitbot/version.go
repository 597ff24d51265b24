package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is the version that a build without a clone is told by the linker
// (-X main.release=v1.2.3), as the one of the image; "" is none.
var release string

// buildView is what is known of this program's build.
type buildView struct {
	Version  string `json:"version"`            // of the module, "(devel)" if it was built from a working tree
	Commit   string `json:"commit,omitempty"`   // that it was built from
	Time     string `json:"time,omitempty"`     // of that commit, RFC 3339
	Modified bool   `json:"modified,omitempty"` // the tree had changes on top of it
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Say which version this is",
		Example: "  summitbot version --json",
		GroupID: groupRun,
		Args:    arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			b := readBuild()
			if asJSON {
				return p.printJSON(b)
			}
			_, err := fmt.Fprintln(p.stdout, b)
			return err
		},
	}
	jsonFlag(cmd, &asJSON, "print it as one JSON object")
	return cmd
}

// readBuild returns what the linker wrote into the program.
func readBuild() buildView {
	b := buildView{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	if release != "" {
		b.Version = release
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String returns the build on one line.
func (b buildView) String() string {
	s := "summitbot " + b.Version
	if b.Commit != "" {
		s += fmt.Sprintf(" (%.12s", b.Commit)
		if b.Modified {
			s += ", modified"
		}
		s += ")"
	}
	return s + ", " + b.Go + " " + b.Platform
}
