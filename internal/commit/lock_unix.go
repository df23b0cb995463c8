//go:build unix && !aix && !solaris

package commit

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks a folder, and reports whether another process holds it. The lock is nil if
// the folder cannot be locked. It ends with the process or when it is closed.
func tryLock(dir string) (lock *os.File, held bool) {
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false // what reads or writes the folder says why
	}
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		return f, false
	}
	_ = f.Close() // nothing was written to it
	return nil, errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR)
}
