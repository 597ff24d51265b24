package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cpuTime returns the processor time that this process has used on all cores.
func cpuTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// residentBytes returns the memory that this process occupies once its garbage
// is collected and given back.
func residentBytes() (int64, error) {
	debug.FreeOSMemory()
	return status("VmRSS")
}

// peakBytes returns the most memory that this process has occupied so far.
func peakBytes() (int64, error) { return status("VmHWM") }

// status reads one line of /proc/self/status, such as "VmRSS:  1234 kB".
func status(name string) (int64, error) {
	const path = "/proc/self/status"
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("%s has no %s", path, name)
}
