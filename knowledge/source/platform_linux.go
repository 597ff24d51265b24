package source

import (
	"io/fs"
	"slices"
	"syscall"
	"time"
)

// changeTime returns when a file's content, name, owner or rights last changed,
// which a program that sets the time of a file back cannot set.
func changeTime(info fs.FileInfo) time.Time {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(s.Ctim.Unix())
	}
	return time.Time{}
}

// remote are the file systems whose changes may be made where this kernel does not
// see them; from statfs(2) and the kernel's magic.h.
var remote = []int64{
	0x6969,     // NFS
	0x517b,     // SMB
	0xfe534d42, // SMB 2 and 3
	0xff534d42, // CIFS
	0x65735546, // FUSE, which sshfs and most others are
	0x01021997, // 9P, of virtual machines
	0x786f4256, // VirtualBox's shared folders
	0x5346414f, // OpenAFS
	0x6b414653, // AFS
	0x00c36400, // Ceph
	0x73757245, // Coda
}

// isRemote reports whether a folder lies on such a file system.
func isRemote(folder string) bool {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return false
	}
	// Its type differs by architecture; where it is 32 bits it may be negative.
	return slices.Contains(remote, int64(s.Type)&0xffffffff) //nolint:unconvert // not int64 everywhere
}
