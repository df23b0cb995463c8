//go:build (!unix || aix) && !windows

package serve

import "os"

// takeStdout returns standard output and makes os.Stdout standard error.
func takeStdout() (*os.File, error) {
	own := os.Stdout
	os.Stdout = os.Stderr
	return own, nil
}

// ownerOnly does nothing: sockets have the permissions of their folder.
func ownerOnly(uintptr) {}
