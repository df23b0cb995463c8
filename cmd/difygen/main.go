// Command difygen reads the provider YAML of a Dify plugin and writes typed Go
// for its credentials. Run "difygen -h" for its flags; the package comment of
// github.com/difygen/difygen is the manual.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/generate"
	"github.com/difygen/difygen/model"
)

// Exit codes.
const (
	exitDone  = 0
	exitWrong = 1 // the YAML is wrong, or -check found a difference
	exitUsage = 2 // usage, or reading and writing files
)

func main() {
	debug.SetGCPercent(generate.GCPercent)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the command: arguments in, exit code out.
func run(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	c := &command{stdout: stdout, stderr: stderr, terminal: isTerminal(stderr)}
	var sub string
	if len(args) > 0 {
		switch args[0] {
		case "inspect", "package", "version", "help":
			sub, args = args[0], args[1:]
		}
	}
	if err := c.parse(sub, args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stdout, usage)
			return exitDone
		}
		return c.fail(err)
	}
	switch sub {
	case "inspect":
		return c.inspect()
	case "package":
		return c.pack()
	case "version":
		return c.version()
	case "help":
		fmt.Fprint(stdout, usage)
		return exitDone
	}
	return c.generate()
}

// command is one run with its flags.
type command struct {
	stdout, stderr io.Writer

	config              generate.Config
	check, strict       bool
	jsonOutput, verbose bool
	terminal            bool // stderr is one
}

func (c *command) parse(sub string, args []string) error {
	flags := flag.NewFlagSet("difygen", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	dir := flags.String("C", "", "")
	flags.Func("kind", "", func(s string) error {
		c.config.Kind = model.Kind(s)
		return nil
	})
	flags.BoolVar(&c.strict, "strict", false, "")
	flags.BoolVar(&c.jsonOutput, "json", false, "")
	flags.BoolVar(&c.verbose, "v", false, "")
	if sub == "" || sub == "package" {
		flags.StringVar(&c.config.Out, "o", "", "")
	}
	if sub == "" {
		flags.StringVar(&c.config.Package, "package", "", "")
		flags.StringVar(&c.config.Type, "type", "", "")
		flags.BoolVar(&c.check, "check", false, "")
		flags.Func("prefix", "", func(s string) error {
			c.config.Prefix = &s
			return nil
		})
	}
	// Flags may stand behind files, too.
	for len(args) > 0 {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return err
		} else if err != nil {
			return fmt.Errorf("%w (difygen -h lists the flags)", err)
		}
		if args = flags.Args(); len(args) > 0 {
			c.config.Files = append(c.config.Files, args[0])
			args = args[1:]
		}
	}
	if sub == "version" && len(c.config.Files) > 0 {
		return errors.New("version takes no arguments")
	}
	if sub == "package" && len(c.config.Files) > 1 {
		return errors.New("package takes one main package")
	}
	if sub == "inspect" && len(c.config.Files) == 0 {
		return errors.New("inspect needs a provider's YAML file")
	}
	if *dir == "" {
		// A directive in an external test is for the package that it tests.
		c.config.GoPackage = strings.TrimSuffix(os.Getenv("GOPACKAGE"), "_test")
	}
	return c.enter(*dir)
}

// enter makes dir the folder that every other path starts from.
func (c *command) enter(dir string) error {
	if info, err := os.Stat(dir); dir != "" && (err != nil || !info.IsDir()) {
		return fmt.Errorf("-C %s: no such folder", dir)
	}
	var err error
	c.config.Dir, err = filepath.Abs(dir)
	return err
}

func (c *command) generate() int {
	result, err := generate.Run(c.config)
	if err != nil {
		return c.fail(err)
	}
	if c.report(result.Diagnostics, result.Sources) {
		return exitWrong
	}
	for _, note := range result.Notes {
		c.note(note)
	}
	if c.check {
		fmt.Fprint(c.stdout, commit.Diff(result.Changes))
		if len(result.Changes) > 0 {
			return exitWrong
		}
		return exitDone
	}
	if err := commit.Apply(result.Changes); err != nil {
		return c.fail(err)
	}
	for _, change := range result.Changes {
		if line := change.Verb() + " " + change.Name; change.New == nil {
			fmt.Fprintln(c.stderr, line) // a loss is never silent
		} else {
			c.note(line)
		}
	}
	return exitDone
}

func (c *command) inspect() int {
	result, err := generate.Load(c.config)
	if err != nil {
		return c.fail(err)
	}
	wrong := c.report(result.Diagnostics, result.Sources)
	if len(result.Providers) > 0 {
		out, err := model.Inspect(result.Providers)
		if err != nil {
			return c.fail(err)
		}
		if _, err := c.stdout.Write(out); err != nil {
			return c.fail(err)
		}
	}
	if wrong {
		return exitWrong
	}
	return exitDone
}

func (c *command) version() int {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	fmt.Fprintln(c.stdout, "difygen", version)
	return exitDone
}

// fail reports an error that is no diagnostic, a line for each.
func (c *command) fail(err error) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(c.stderr, "difygen:", strings.TrimSuffix(line, "\n"))
	}
	return exitUsage
}

func (c *command) note(line string) {
	if c.verbose {
		fmt.Fprintln(c.stderr, line)
	}
}
