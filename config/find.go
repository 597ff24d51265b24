package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Find returns the configuration file to load: the explicit one if not "";
// else summitbot.yaml or summitbot.yml in dir; else summitbot/summitbot.yaml in
// the user's configuration folder ($XDG_CONFIG_HOME, by default ~/.config, then
// the platform's own). A relative explicit path starts at dir. Not to find one
// is an error only for the explicit one.
func Find(explicit, dir string, lookupEnv func(string) (string, bool)) (path string, found bool, err error) {
	if explicit != "" {
		if !filepath.IsAbs(explicit) {
			explicit = filepath.Join(dir, explicit)
		}
		return explicit, true, isFile(explicit)
	}
	for _, path := range candidates(dir, lookupEnv) {
		switch err := isFile(path); {
		case err == nil:
			return path, true, nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
			// It may be the one that is meant: to go on with another would
			// hide that.
			return path, true, err
		}
	}
	return "", false, nil
}

// candidates lists where the file may be, best first.
func candidates(dir string, lookupEnv func(string) (string, bool)) []string {
	paths := []string{filepath.Join(dir, "summitbot.yaml"), filepath.Join(dir, "summitbot.yml")}
	var users []string
	home := homeDir(lookupEnv)
	if xdg, _ := lookupEnv("XDG_CONFIG_HOME"); filepath.IsAbs(xdg) { // the standard says to ignore a relative one
		users = append(users, xdg)
	} else if home != "" {
		users = append(users, filepath.Join(home, ".config"))
	}
	// As os.UserConfigDir, which reads the process's own environment.
	switch runtime.GOOS {
	case "windows":
		if data, _ := lookupEnv("AppData"); data != "" {
			users = append(users, data)
		}
	case "darwin", "ios":
		if home != "" {
			users = append(users, filepath.Join(home, "Library", "Application Support"))
		}
	}
	for _, u := range users {
		paths = append(paths, filepath.Join(u, "summitbot", "summitbot.yaml"))
	}
	return paths
}

// isFile returns nil if there is a file at path.
func isFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("configuration %q is a folder", path)
	}
	return nil
}
