//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package serve

import (
	"errors"
	"os"
	"syscall"
)

// lockFile creates a file if it does not exist, and locks it. It fails with errLocked if another process, or
// another call, has locked it. The lock ends with the process.
func lockFile(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, errors.Join(err, file.Close())
	}
	// To close the file is not enough: a child process that is just being started has it open, too.
	return func() error { return errors.Join(flock(file, syscall.LOCK_UN), file.Close()) }, nil
}

func flock(file *os.File, how int) error {
	return os.NewSyscallError("flock", syscall.Flock(int(file.Fd()), how))
}

// nobodyListens reports whether a connection to a socket failed because no process listens on it.
func nobodyListens(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
