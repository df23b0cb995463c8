//go:build (!unix || aix || solaris) && !windows

package commit

import "os"

// tryLock locks nothing: package syscall has no locks for this system.
func tryLock(string) (lock *os.File, held bool) { return nil, false }
