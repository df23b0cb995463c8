//go:build unix

package serve

import "syscall"

// ownerOnly sets the permissions of a socket before it has a name. On Linux, the file gets them.
func ownerOnly(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) }
