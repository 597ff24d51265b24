//go:build !linux

package source

import (
	"io/fs"
	"time"
)

// changeTime is not known here.
func changeTime(fs.FileInfo) time.Time { return time.Time{} }

// isRemote is not known here.
func isRemote(string) bool { return false }
