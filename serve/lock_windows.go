package serve

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile creates a file if it does not exist, and locks it. It fails with errLocked if another process, or
// another call, has locked it. The lock ends with the process.
func lockFile(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	const how = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(file.Fd()), how, 0, 1, 0, new(windows.Overlapped)); err != nil {
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			err = errLocked
		}
		return nil, errors.Join(os.NewSyscallError("LockFileEx", err), file.Close())
	}
	return func() error {
		err := windows.UnlockFileEx(windows.Handle(file.Fd()), 0, 1, 0, new(windows.Overlapped))
		return errors.Join(os.NewSyscallError("UnlockFileEx", err), file.Close())
	}, nil
}

// nobodyListens reports whether a connection to a socket failed because no process listens on it.
func nobodyListens(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
