package commit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// What package syscall does not name.
const (
	fileFlagDeleteOnClose = 0x04000000
	errorSharingViolation = syscall.Errno(32)
)

// tryLock locks a folder, and reports whether another process holds it. The lock is nil if
// the folder cannot be locked. It ends with the process or when it is closed. Folders have
// no locks here, so it is a file in the folder for temporary files, which nobody else can
// open meanwhile.
func tryLock(dir string) (lock *os.File, held bool) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	sum := sha256.Sum256([]byte(strings.ToLower(dir)))
	path := filepath.Join(os.TempDir(), fmt.Sprintf("difygen-%x.lock", sum[:16]))
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, false
	}
	const nobody = 0
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, nobody, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL|fileFlagDeleteOnClose, 0)
	if err != nil {
		return nil, errors.Is(err, errorSharingViolation)
	}
	return os.NewFile(uintptr(h), path), false
}
