//go:build unix && !aix

package serve

import (
	"os"

	"golang.org/x/sys/unix"
)

// takeStdout returns standard output and makes its descriptor another one of standard error.
// So nothing that is printed gets into the protocol, neither by package os nor by C code, by a
// child process, or through a file that was opened for the descriptor before.
func takeStdout() (*os.File, error) {
	const lowest = 3 // free descriptor to use
	own, err := unix.FcntlInt(uintptr(unix.Stdout), unix.F_DUPFD_CLOEXEC, lowest)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	if err := unix.Dup2(unix.Stderr, unix.Stdout); err != nil {
		return nil, os.NewSyscallError("dup2", err)
	}
	return os.NewFile(uintptr(own), "standard output"), nil
}

// ownerOnly sets the permissions of a socket before it has a name. On Linux, the file gets them.
func ownerOnly(fd uintptr) { _ = unix.Fchmod(int(fd), 0o600) }
