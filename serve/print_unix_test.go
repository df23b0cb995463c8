//go:build unix

package serve_test

import (
	"os"
	"os/exec"
	"syscall"
)

// printed is what printEverywhere prints, without ends of lines.
var printed = []string{"by syscall", "by a new file", "by an old file", "by a child", "by a child of a file"}

// early is a file that code may have kept from before Main.
var early = os.Stdout

// printEverywhere prints to standard output in ways that do not use what os.Stdout is now.
func printEverywhere() error {
	if _, err := syscall.Write(syscall.Stdout, []byte(printed[0])); err != nil { // as C code does
		return err
	}
	if _, err := os.NewFile(uintptr(syscall.Stdout), "stdout").WriteString(printed[1]); err != nil {
		return err
	}
	if _, err := early.WriteString(printed[2]); err != nil {
		return err
	}
	cmd := exec.Command("printf", printed[3])
	cmd.Stdout = os.Stdout
	if err := cmd.Run(); err != nil {
		return err
	}
	child, err := os.StartProcess("/bin/sh", []string{"sh", "-c", "printf '" + printed[4] + "'"}, &os.ProcAttr{Files: []*os.File{nil, early, nil}})
	if err != nil {
		return err
	}
	_, err = child.Wait()
	return err
}
