package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	// Globs with ** for any depth of folders, which path/filepath lacks.
	"github.com/bmatcuk/doublestar/v4"
)

// maxSecretBytes is more than any token or key has.
const maxSecretBytes = 64 << 10

// checkFiles looks at every file and folder that the configuration names, and
// reads the secrets that are kept in files.
func (d *decoder) checkFiles() {
	if dir := d.config.DataDir; dir != "" {
		switch info, err := os.Stat(dir); {
		case errors.Is(err, fs.ErrNotExist): // it is made when it is needed
		case err != nil:
			d.fail("data_dir", "%s", reason(err))
		case !info.IsDir():
			d.fail("data_dir", "%q is not a folder", dir)
		}
	}
	for i := range d.config.Sources {
		source, path := &d.config.Sources[i], fmt.Sprintf("sources[%d].path", i)
		if source.Path == "" {
			continue
		}
		found, err := d.findSource(source.Path)
		if err != nil {
			d.fail(path, "%s", reason(err))
			continue
		}
		source.Path = found
	}
	for _, f := range d.files {
		secret, err := readSecret(f.name)
		if err != nil {
			d.fail(f.path, "%s", reason(err))
			continue
		}
		*f.into = secret
		// Windows keeps no such bits; Go makes them up.
		if info, err := os.Stat(f.name); err == nil && info.Mode().Perm()&0o004 != 0 && runtime.GOOS != "windows" {
			d.warn(f.path, "everyone on this machine can read %q; chmod 600 it", f.name)
		}
	}
}

// findSource returns path if something that can be read is there, or path as a
// glob if it matches.
func (d *decoder) findSource(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.IsDir() && !info.Mode().IsRegular():
		return "", fmt.Errorf("%q is neither a file nor a folder", path)
	case err == nil:
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		return path, f.Close()
	case !strings.ContainsAny(path, "*?[{"):
		return "", err
	}
	pattern := d.asGlob(path)
	if !doublestar.ValidatePathPattern(pattern) {
		return "", fmt.Errorf("%q is not a glob; a [ or { is not closed", path)
	}
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	// One match is enough; a folder tree may be large.
	err = doublestar.GlobWalk(os.DirFS(base), rest, func(string, fs.DirEntry) error { return fs.SkipAll })
	if !errors.Is(err, fs.SkipAll) {
		return "", fmt.Errorf("nothing matches %q", path)
	}
	return pattern, nil
}

// asGlob returns path with the signs of a glob escaped in the file's own
// folder, which is not part of what was written.
func (d *decoder) asGlob(path string) string {
	rest, below := strings.CutPrefix(path, d.dir+string(filepath.Separator))
	if !below || runtime.GOOS == "windows" { // where \ cannot escape
		return path
	}
	return globEscaper.Replace(d.dir) + string(filepath.Separator) + rest
}

var globEscaper = strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`)

// readSecret returns the one line that the file called name holds.
func readSecret(name string) (Secret, error) {
	info, err := os.Stat(name)
	if err != nil {
		return Secret{}, err
	}
	if !info.Mode().IsRegular() {
		return Secret{}, fmt.Errorf("%q is not a file", name)
	}
	data, err := readBounded(name, maxSecretBytes)
	if err != nil {
		return Secret{}, err
	}
	text := strings.TrimSpace(string(data))
	switch {
	case text == "":
		return Secret{}, fmt.Errorf("%q is empty", name)
	case len(data) > maxSecretBytes || !oneLine(text):
		return Secret{}, fmt.Errorf("%q holds more than one line of text", name)
	}
	return NewSecret(text), nil
}

// reason returns err in words, with the file quoted as everywhere else.
func reason(err error) string {
	var at *fs.PathError
	switch {
	case !errors.As(err, &at):
		return err.Error()
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("%q does not exist", at.Path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("%q may not be read", at.Path)
	}
	return fmt.Sprintf("%q: %v", at.Path, at.Err)
}
