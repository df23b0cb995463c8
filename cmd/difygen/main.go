// Command difygen reads the provider YAML of a Dify plugin and writes typed Go
// for its credentials. Run "difygen -h" for its flags; the package comment of
// github.com/difygen/difygen is the manual.
package main

import (
	"io"
	"os"
)

// Exit codes.
const (
	exitDone  = 0
	exitWrong = 1 // the YAML is wrong, or -check found a difference
	exitUsage = 2 // usage, or reading and writing files
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run runs the command and returns its exit code.
func run(args []string, stdout, stderr io.Writer) int {
	std := streams{stdout: stdout, stderr: stderr, terminal: isTerminal(stderr)}
	if len(args) > 0 {
		if sub, ok := find(args[0]); ok {
			return sub.run(args[1:], std)
		}
	}
	return subcommands()[0].run(args, std)
}
