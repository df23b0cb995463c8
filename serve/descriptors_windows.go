package serve

import (
	"os"

	"golang.org/x/sys/windows"
)

// takeStdout returns standard output and makes the standard output of this process, and of what it
// starts from now on, standard error. A C library that has looked up the handle before keeps it.
func takeStdout() (*os.File, error) {
	var own windows.Handle
	process := windows.CurrentProcess()
	err := windows.DuplicateHandle(process, windows.Handle(os.Stdout.Fd()), process, &own, 0, false, windows.DUPLICATE_SAME_ACCESS)
	if err != nil {
		return nil, os.NewSyscallError("DuplicateHandle", err)
	}
	if err := windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, windows.Handle(os.Stderr.Fd())); err != nil {
		return nil, os.NewSyscallError("SetStdHandle", err)
	}
	os.Stdout = os.Stderr
	return os.NewFile(uintptr(own), "standard output"), nil
}

// ownerOnly does nothing: sockets have the permissions of their folder.
func ownerOnly(uintptr) {}
